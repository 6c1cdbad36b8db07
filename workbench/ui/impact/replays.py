"""Remember what designs were billed as, so that every panel on a desk bills them once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workbench.impact import check_guardrails
from workbench.stages.impact_view.evidence import TodayEvidence, gather_design, gather_today
from workbench.stages.price_book import price_book
from workbench.stages.tiers.decision import TierDecision
from workbench.study import MONTHS_OF_BASIS

if TYPE_CHECKING:
    from workbench.pricing import PriceBook
    from workbench.stages.impact_view.evidence import DesignEvidence
    from workbench.study import Scenario
    from workbench.ui.desk import Desk


class Replays:
    """Today's prices and the designs seen last, replayed over the customer base of one desk."""

    def __init__(self) -> None:
        self._fingerprint = ""
        self._today = TodayEvidence()
        self._designs: dict[str, tuple[tuple[PriceBook, dict[str, int]], DesignEvidence]] = {}

    def design(self, desk: Desk, scenario: Scenario) -> DesignEvidence:
        """Return a design replayed; billed again only when the data or what it offers changed."""
        base, months = desk.base, MONTHS_OF_BASIS[desk.study.basis]
        if (self._fingerprint, self._today.months) != (base.fingerprint, months):
            self._today, self._designs = gather_today(base, months=months), {}
            self._fingerprint = base.fingerprint
        offer = (price_book(base, scenario), scenario.decision(TierDecision).how_needs_are_read)
        known = self._designs.get(scenario.id)
        if known is None or known[0] != offer:
            known = (offer, gather_design(base, self._today, scenario))
            self._designs[scenario.id] = known
        return known[1]

    def crossed(self, desk: Desk, scenario: Scenario) -> tuple[str, ...]:
        """Return the guardrails a design crosses, a sentence each; none where nothing can be compared."""
        comparison = self.design(desk, scenario).comparison
        return () if comparison is None else check_guardrails(comparison, desk.study.guardrails).sentences()


_of_desks: WeakKeyDictionary[Desk, Replays] = WeakKeyDictionary()


def replays_of(desk: Desk) -> Replays:
    """Return the replays all panels on a desk share."""
    return _of_desks.setdefault(desk, Replays())
