"""The slow part of asking who buys what: what methods say, what offers are worth, and demand from one of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.demand.account_worth import AccountWorth
from workbench.demand.errors import DemandError
from workbench.demand.fit import fit_to_today
from workbench.demand.imputed_worth import LEAST_ANSWERS, LEAST_EXPLAINED, MOST_BELOW_BILL
from workbench.demand.model import Demand
from workbench.demand.realised import with_own_discounts
from workbench.demand.rivals import Rival
from workbench.errors import WorkbenchError
from workbench.formatting import percent
from workbench.research.stated_prices import Overstatement
from workbench.results import Caution
from workbench.stages.anchoring.competitor_offer import read_offers
from workbench.stages.price_book import today
from workbench.stages.willingness.answers import ResearchAnswers
from workbench.stages.willingness.sources import linked_first, usable, worth_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.demand.fit import Fit
    from workbench.demand.imputed_worth import Unknown
    from workbench.pricing import PriceBook
    from workbench.stages.willingness.decision import Source, WillingnessDecision


WHY_UNKNOWN: Mapping[str, str] = {
    "few answers": f"fewer than {LEAST_ANSWERS} usable answers say too little.",
    "below the own bill": f"more than {percent(MOST_BELOW_BILL)} of respondents state less than their account pays, so "
    "what they state is not what they would pay.",
    "no order": "what respondents state has nothing to do with the size, bill or use of their accounts "
    f"(it explains less than {percent(LEAST_EXPLAINED)} of the differences).",
}


@dataclass(frozen=True, eq=False)
class SourcedDemand:
    """Demand from one source of answers. `today` is today's price list, None where none is recorded.

    `about` holds what to know about the choice of source and rivals.
    """

    source: Source
    demand: Demand
    today: PriceBook | None = None
    about: tuple[Caution, ...] = ()

    @cached_property
    def fit(self) -> Fit | None:
        """Return how it puts customers on today's plans: printed beside the result, and used for nothing."""
        if self.today is None:
            return None
        try:
            return fit_to_today(self.demand, self.today)
        except DemandError:
            return None

    @property
    def why_unknown(self) -> Unknown | None:
        """Return why nothing may be concluded from what people said, None where it may."""
        worth = self.demand.worth
        return worth.imputed.why_unknown if isinstance(worth, AccountWorth) else None

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before anything is read from it."""
        return (*self.about, *self.demand.cautions)


@dataclass(frozen=True, eq=False)
class DemandEvidence:
    """Answers and demand of one customer base; `today` is its price list, None where none is recorded.

    `rivals` are the competitors' offers with a price, which a team can name as another choice.
    Estimates and demand are made when first asked for, and kept.
    """

    base: CustomerBase
    today: PriceBook | None
    rivals: tuple[Rival, ...]
    seed: int = 0
    draws: int | None = None
    _answers: dict[tuple[float, float], ResearchAnswers] = field(default_factory=dict, repr=False)
    _sourced: dict[tuple[object, ...], SourcedDemand] = field(default_factory=dict, repr=False)

    def answers(self, decision: WillingnessDecision) -> ResearchAnswers:
        """Return what the methods say, with stated prices read as the decision says."""
        ends = (decision.overstated_low, decision.overstated_high)
        if ends not in self._answers:
            answers = ResearchAnswers(self.base, Overstatement(*ends))
            for known in self._answers.values():  # choices and features do not depend on how far prices overstate
                answers.take_over(known)
            self._answers[ends] = answers
        return self._answers[ends]

    def sourced(self, decision: WillingnessDecision) -> SourcedDemand:
        """Return demand as the decision says; DemandError when nothing says anything.

        The best source there is: the first whose answers say something, of choices, ladder, price sensitivity and
        what customers pay, those linked to accounts before the others; the first of all where none does. A source
        that is passed over is named in a caution, with the reason.
        """
        key = self._key(decision.source, decision)
        if key not in self._sourced:
            self._sourced[key] = self._best_of(usable(self.answers(decision), decision.source), decision)
        return self._sourced[key]

    def _best_of(self, sources: tuple[Source, ...], decision: WillingnessDecision) -> SourcedDemand:
        tried: list[SourcedDemand] = []
        refused: list[Caution] = []
        for source in linked_first(self.answers(decision), sources):
            try:
                tried.append(self._sourced_from(source, decision))
            except WorkbenchError as error:
                refused.append(Caution(f"Not from {source}: {error}"))
                continue
            if tried[-1].why_unknown is None and source != "what customers pay":
                break
        if not tried:
            raise DemandError(" ".join(each.text for each in refused), "Correct the answers, or use another source.")
        best = next((each for each in tried if each.why_unknown is None), tried[0])
        refused += [
            Caution(f"Not from {each.source}: {WHY_UNKNOWN[each.why_unknown]}")
            for each in tried
            if each is not best and each.why_unknown is not None
        ]
        return replace(best, about=(*refused, *best.about)) if refused else best

    def _key(self, source: Source, decision: WillingnessDecision) -> tuple[object, ...]:
        lacks = (decision.rivals_lack_low, decision.rivals_lack_high)
        said = (decision.overstated_low, decision.overstated_high)
        return (source, said, decision.rule, decision.rivals, lacks if decision.rivals else None)

    def _sourced_from(self, source: Source, decision: WillingnessDecision) -> SourcedDemand:
        key = self._key(source, decision)
        if key not in self._sourced:
            worth = worth_of(self.answers(decision), source, draws=self.draws, seed=self.seed)
            if self.today is not None:
                customers, about = with_own_discounts(worth.customers, self.today)
                worth = replace(worth, customers=customers, cautions=(*worth.cautions, *about))
            lacks = (decision.rivals_lack_low, decision.rivals_lack_high)
            rivals = tuple(replace(each, lacks=lacks) for each in self.rivals if each.name in decision.rivals)
            demand = Demand(worth=worth, rule=decision.rule, rivals=rivals, seed=self.seed, chose_from=self.today)
            self._sourced[key] = SourcedDemand(source, demand, self.today, self._without_price(decision))
        return self._sourced[key]

    def _without_price(self, decision: WillingnessDecision) -> tuple[Caution, ...]:
        known = {each.name for each in self.rivals}
        return tuple(
            Caution(f"{name} is named as a competitor, but has no price on record in this currency: left out.")
            for name in decision.rivals
            if name not in known
        )


def gather(base: CustomerBase, *, seed: int = 0, draws: int | None = None) -> DemandEvidence:
    """Gather what says who would buy what; nothing slow is done before it is asked for."""
    offers = read_offers(base.competitor_offers, base.currency or "", base.metrics)
    rivals = tuple(
        Rival(offer.name, offer.plan)
        for offer in offers
        if offer.kind == "plan" and not offer.problem and offer.plan.priced and base.currency in ("", offer.currency)
    )
    return DemandEvidence(base, today(base) if base.has("plans") else None, rivals, seed, draws)
