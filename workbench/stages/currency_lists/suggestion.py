"""Where to start: with no list but the one there is, for nobody's rates are known until somebody gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.currency_lists.decision import CurrencyListsDecision

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.stages.currency_lists.evidence import PlacesEvidence
    from workbench.study.model import Scenario


def suggest(base: CustomerBase, scenario: Scenario, *, evidence: PlacesEvidence | None = None) -> CurrencyListsDecision:
    """Return what is decided, or one list in the currency of the study."""
    del base, evidence
    return scenario.decision(CurrencyListsDecision)
