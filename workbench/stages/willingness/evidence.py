"""The slow part of asking who buys what: what methods say, what offers are worth, demand fitted to today's plans."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workbench.demand.calibration import calibrated
from workbench.demand.errors import DemandError
from workbench.demand.fit import POOR
from workbench.demand.model import Demand
from workbench.demand.rivals import Rival
from workbench.errors import WorkbenchError
from workbench.research.stated_prices import Overstatement
from workbench.results import Caution
from workbench.stages.anchoring.competitor_offer import read_offers
from workbench.stages.price_book import today
from workbench.stages.willingness.answers import ResearchAnswers
from workbench.stages.willingness.sources import DRAWS, usable, worth_of

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.pricing import PriceBook
    from workbench.stages.willingness.decision import Source, WillingnessDecision


_FITTED = Caution(
    "What people say is scaled until it explains the plans customers have today, so how far stated prices overstate "
    "hardly moves who buys what; it moves what the methods themselves say.",
    "note",
)


@dataclass(frozen=True, eq=False)
class FittedDemand:
    """Demand from one source of answers, fitted to today's plans where it can be; `why_not` says why it is not.

    `about` holds what to know about the choice of source and rivals.
    """

    source: Source
    demand: Demand
    why_not: str = ""
    about: tuple[Caution, ...] = ()

    @property
    def is_poor(self) -> bool:
        """Tell whether it does not explain the plans customers have today."""
        fit = self.demand.fit
        return fit is not None and fit.error > POOR

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before anything is read from it."""
        said = (Caution(f"Not fitted to today's plans: {self.why_not}") if self.why_not else _FITTED,)
        return (*self.about, *self.demand.cautions, *said)


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
    draws: int = DRAWS
    _answers: dict[tuple[float, float], ResearchAnswers] = field(default_factory=dict, repr=False)
    _fitted: dict[tuple[object, ...], FittedDemand] = field(default_factory=dict, repr=False)

    def answers(self, decision: WillingnessDecision) -> ResearchAnswers:
        """Return what the methods say, with stated prices read as the decision says."""
        ends = (decision.overstated_low, decision.overstated_high)
        if ends not in self._answers:
            answers = ResearchAnswers(self.base, Overstatement(*ends))
            for known in self._answers.values():  # choices and features do not depend on how far prices overstate
                answers.take_over(known)
            self._answers[ends] = answers
        return self._answers[ends]

    def fitted(self, decision: WillingnessDecision) -> FittedDemand:
        """Return demand as the decision says, fitted to today's plans; DemandError when nothing says anything.

        The best source there is: the first that explains today's plans, of choices, ladder, price sensitivity and
        what customers pay; the first of all where none does. A source whose answers cannot be used is passed over,
        and its caution says why.
        """
        key = self._key(decision.source, decision)
        if key not in self._fitted:
            self._fitted[key] = self._best_of(usable(self.answers(decision), decision.source), decision)
        return self._fitted[key]

    def _best_of(self, sources: tuple[Source, ...], decision: WillingnessDecision) -> FittedDemand:
        tried: list[FittedDemand] = []
        refused: list[Caution] = []
        for source in sources:
            try:
                tried.append(self._fitted_from(source, decision))
            except WorkbenchError as error:
                refused.append(Caution(f"Not from {source}: {error}"))
                continue
            if not tried[-1].is_poor:
                break
        if not tried:
            raise DemandError(" ".join(each.text for each in refused), "Correct the answers, or use another source.")
        best = tried[0] if tried[-1].is_poor else tried[-1]
        return replace(best, about=(*refused, *best.about)) if refused else best

    def _key(self, source: Source, decision: WillingnessDecision) -> tuple[object, ...]:
        lacks = (decision.rivals_lack_low, decision.rivals_lack_high)
        said = (decision.overstated_low, decision.overstated_high)
        return (source, said, decision.rule, decision.rivals, lacks if decision.rivals else None)

    def _fitted_from(self, source: Source, decision: WillingnessDecision) -> FittedDemand:
        key = self._key(source, decision)
        if key not in self._fitted:
            worth = worth_of(self.answers(decision), source, draws=self.draws, seed=self.seed)
            lacks = (decision.rivals_lack_low, decision.rivals_lack_high)
            rivals = tuple(replace(each, lacks=lacks) for each in self.rivals if each.name in decision.rivals)
            demand = Demand(worth=worth, rule=decision.rule, rivals=rivals, seed=self.seed)
            self._fitted[key] = replace(self._calibrated(source, demand), about=self._without_price(decision))
        return self._fitted[key]

    def _without_price(self, decision: WillingnessDecision) -> tuple[Caution, ...]:
        known = {each.name for each in self.rivals}
        return tuple(
            Caution(f"{name} is named as a competitor, but has no price on record in this currency: left out.")
            for name in decision.rivals
            if name not in known
        )

    def _calibrated(self, source: Source, demand: Demand) -> FittedDemand:
        if self.today is None:
            return FittedDemand(source, demand, "there is no list of today's plans (table plans).")
        try:
            return FittedDemand(source, calibrated(demand, self.today, seed=self.seed))
        except DemandError as error:
            return FittedDemand(source, demand, str(error))


def gather(base: CustomerBase, *, seed: int = 0, draws: int = DRAWS) -> DemandEvidence:
    """Gather what says who would buy what; nothing slow is done before it is asked for."""
    offers = read_offers(base.competitor_offers, base.currency or "", base.metrics)
    rivals = tuple(
        Rival(offer.name, offer.plan)
        for offer in offers
        if offer.kind == "plan" and not offer.problem and offer.plan.priced and base.currency in ("", offer.currency)
    )
    return DemandEvidence(base, today(base) if base.has("plans") else None, rivals, seed, draws)
