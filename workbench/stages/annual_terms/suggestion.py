"""Where to start: the discount the list gives today, or the deepest at which a year brings what twelve months do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench.impact.terms import break_even_discount
from workbench.stages.annual_terms.decision import AnnualTermsDecision
from workbench.stages.annual_terms.evidence import AnnualEvidence, gather

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.results import Interval
    from workbench.study.model import Scenario

FEWEST = 10  # contracts from which a share says something
_STEP = 0.005
_DEEPEST = 0.5


def suggest(base: CustomerBase, scenario: Scenario, *, evidence: AnnualEvidence | None = None) -> AnnualTermsDecision:
    """Return the terms the record speaks for; what it says nothing about stays open."""
    known = gather(base) if evidence is None else evidence
    changes: dict[str, float] = {}
    if known.listed is not None:
        changes["discount"] = round(min(known.listed, _DEEPEST), 4)
    elif known.churn is not None:
        pays = break_even_discount(known.churn.estimate)
        changes["discount"] = round(min(_DEEPEST, math.floor(pays / _STEP + 1e-9) * _STEP), 4)
    if known.take_up is not None and int(known.contracts.known.sum()) >= FEWEST:
        changes |= _ends("take_up", known.take_up)
    if known.renewal is not None and known.ended >= FEWEST:
        changes |= _ends("renewal", known.renewal)
    return scenario.decision(AnnualTermsDecision).replaced(**changes)


def _ends(name: str, found: Interval) -> dict[str, float]:
    return {f"{name}_low": math.floor(found.low * 100) / 100, f"{name}_high": math.ceil(found.high * 100) / 100}
