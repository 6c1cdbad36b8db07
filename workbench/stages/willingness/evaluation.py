"""Put one design before the customers.

Who buys what, what it brings, how sure that is, and how it compares with today.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import pandas as pd

from workbench.demand.changes import (
    ELSEWHERE,
    anchoring_of,
    attach_rates,
    cannibalisation,
    effect_of,
    kept_by_segment,
    with_feature_moved,
    without_plan,
)
from workbench.demand.customers import DemandError
from workbench.demand.model import PER_ACCOUNT, fee_of, fees_of, with_fees
from workbench.demand.price_lines import LargeLine, price_line
from workbench.demand.search.constraints import typical
from workbench.formatting import money, one_unit, percent, priced
from workbench.results import Basis, Caution
from workbench.rules.rulebook import RULEBOOK, Finding
from workbench.stages.contract import StageResult, key_figure_maker, later, may_come_later, result_of
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import asked_per, price_book
from workbench.stages.study_replay import scenario_standing
from workbench.stages.willingness.decision import WillingnessDecision
from workbench.stages.willingness.evidence import NEEDS, WHY_UNKNOWN, gather
from workbench.stats import interval_of_draws
from workbench.tables import COUNT, TEXT, DataTable, Money, Own, Percent, Reworded, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.demand.changes import AnchoringAnswer, Effect, Flows, Kept
    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.model import Demand, Fit
    from workbench.demand.outcome import AtPrice, Outcome
    from workbench.demand.price_lines import PriceLine, SmoothLine, StepLine
    from workbench.impact.price_realisation import DesignStanding
    from workbench.pricing.price_book import AddOn, Plan, PriceBook
    from workbench.results import Interval, KeyFigure
    from workbench.rules.rulebook import Rulebook
    from workbench.stages.willingness.decision import Source
    from workbench.stages.willingness.evidence import DemandEvidence, ResearchAnswers, SourcedDemand
    from workbench.study.document import Study
    from workbench.study.model import Scenario

say, tell = texts(__name__), key_figure_maker(__package__)

# --- The rows behind the charts of demand: few enough to draw, with the words a reader sees

POINTS = 120
TODAY, MODEL = "today", "model"
LONGEST = (0.25, 2.5)


def stretch(fee: float, between: Sequence[float] | None = None) -> tuple[float, float]:
    """Return from which to which price a line is drawn: a quarter to two and a half times the fee, or as given."""
    return (fee * LONGEST[0], fee * LONGEST[1]) if between is None else (float(between[0]), float(between[1]))


def line_rows(line: PriceLine, ends: tuple[float, float]) -> pd.DataFrame:
    """Return share, revenue and margin with their intervals at evenly spread prices."""
    return line.at(np.linspace(*ends, POINTS)).table()


def line_and_price(line: PriceLine, ends: tuple[float, float], fee: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of a line and that of the marked price, from one look: a large line takes its time for each."""
    table = line.at([*np.linspace(*ends, POINTS), fee]).table()
    return table.iloc[:-1], table.iloc[[-1]].reset_index(drop=True)


def price_row(at: AtPrice) -> pd.DataFrame:
    """Return the one row of the marked price."""
    return at.table().iloc[[0]].reset_index(drop=True)


def buyer_rows(demand: Demand, price_book: PriceBook, task: ChoiceTask | None = None) -> pd.DataFrame:
    """Return who buys what: segment, plan, accounts and share of the segment; all segments together come first.

    `task` is the demand's task for the price book, where there is one already.
    """
    codes, segments = demand.customers.segment_codes, demand.customers.segments
    found = (task or demand.task(price_book)).buyers_by(codes, len(segments), *fees_of(price_book))
    blocks = [("all segments", found.sum(axis=0)), *zip(segments, found, strict=True)]
    names = (*price_book.plan_names, ELSEWHERE)
    rows = [
        (segment, name, order, accounts[order], accounts[order] / accounts.sum() if accounts.sum() else np.nan)
        for segment, accounts in (blocks if len(segments) > 1 else blocks[1:])
        for order, name in enumerate(names)
        if name == ELSEWHERE or fee_of(price_book.plan(name)).amount >= 0  # on request: nobody can choose it
    ]
    return pd.DataFrame(rows, columns=["segment", "plan", "order", "accounts", "share"])


def fit_rows(fit: Fit) -> pd.DataFrame:
    """Return actual and predicted shares of each plan, all segments together; plans nobody has or gets are left out."""
    names = (*fit.plans, ELSEWHERE)
    actual, predicted = fit.actual.sum(axis=0), fit.predicted.sum(axis=0)
    total = actual.sum()
    rows = [
        (name, who, accounts[place], accounts[place] / total)
        for place, name in enumerate(names)
        for who, accounts in ((TODAY, actual), (MODEL, predicted))
        if actual[place] > 0 or predicted[place] > total / 1000
    ]
    return pd.DataFrame(rows, columns=["plan", "who", "accounts", "share"])


def flow_rows(flows: Flows) -> pd.DataFrame:
    """Return where the buyers of each plan would go; plans without buyers are left out."""
    order = {name: place for place, name in enumerate((*flows.plans, ELSEWHERE))}
    offered = {
        *flows.table.loc[flows.table["accounts"] > 0, "instead"],
        *flows.table["plan"][flows.table["share"].notna()],
    }
    table = flows.table[flows.table["share"].notna() & flows.table["instead"].isin(offered)]
    return table.assign(order=table["instead"].map(order)).reset_index(drop=True)


# --- Customers before one design

_KEPT_LINES = 24
_LARGE = 500_000  # rows of a task; a line has seven numbers for each
_LineKey = tuple[str, bytes, bytes, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class DesignDemand:
    """Who would buy what from `book`. `task` holds what its offers are worth, whatever they cost.

    A design that differs in prices alone shares task and lines with it: see `at`.
    """

    sourced: SourcedDemand
    book: PriceBook
    task: ChoiceTask
    _lines: dict[_LineKey, StepLine | SmoothLine] = field(default_factory=dict, repr=False)
    _curves: dict[int, tuple[PriceLine, pd.DataFrame]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, sourced: SourcedDemand, book: PriceBook, *known: DesignDemand) -> DesignDemand:
        """Return customers before a price book; what one of `known` worked out is used where only prices differ."""
        bare = _without_prices(book)
        for each in known:
            if each.sourced is sourced and _without_prices(each.book) == bare:
                return replace(each, book=book)
        return cls(sourced, book, sourced.demand.task(book))

    @property
    def fees(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the prices of plans and of add-ons, NaN on request."""
        return fees_of(self.book)

    @cached_property
    def outcome(self) -> Outcome:
        """Return who buys what at the design's prices."""
        return self.task.outcome(*self.fees)

    @cached_property
    def flows(self) -> Flows:
        """Return where the buyers of each tier would go without it."""
        return cannibalisation(self.task, *self.fees)

    @property
    def priced(self) -> tuple[str, ...]:
        """Return the tiers that have a price to move: neither free nor on request."""
        return tuple(
            name for name, fee in zip(self.task.plans, self.fees[0], strict=True) if np.isfinite(fee) and fee > 0
        )

    def line(self, plan: str, *, keep: bool = True) -> PriceLine:
        """Return everything along the price of one tier, the other prices as they are.

        It is kept for the next price on it, unless `keep` is False and it is large.
        """
        plans, add_ons = self.fees
        place = self.task.plans.index(plan)
        others = np.delete(plans, place).tobytes()
        ends = self._ends(plan, float(plans[place]))
        key = (plan, others, add_ons.tobytes(), ends)
        if key not in self._lines:
            if not keep and self.task.rows > _LARGE:
                return LargeLine(self.task, plan, plans, add_ons, ends)
            if len(self._lines) >= _KEPT_LINES:
                self._lines.clear()
                self._curves.clear()
            self._lines[key] = price_line(self.task, plan, plans, add_ons, between=ends)
        return self._lines[key]

    def curve(self, plan: str) -> pd.DataFrame:
        """Return share, revenue and margin with their intervals along the price of a tier."""
        line = self.line(plan)
        known = self._curves.get(id(line))
        if known is None or known[0] is not line:
            ends = next(key[-1] for key, kept in self._lines.items() if kept is line)
            known = (line, line_rows(line, ends))
            self._curves[id(line)] = known
        return known[1]

    def _ends(self, plan: str, fee: float) -> tuple[float, float]:
        """Return from where to where the line runs: it stays put while the price moves on it."""
        for name, _, _, ends in self._lines:
            if name == plan and ends[0] <= fee <= ends[1]:
                return ends
        return stretch(fee)


def _without_prices(book: PriceBook) -> PriceBook:
    ones = [[1.0 if np.isfinite(fee) and fee > 0 else float(fee) for fee in fees] for fees in fees_of(book)]
    bare = with_fees(book, *ones)
    return replace(bare, name="any", note="")


# --- Whether what demand says of a design may be concluded from: known, or unknown with one sentence why

Known = Literal["known", "unknown"]
LEAST_KEPT = 0.90
"""The low end of accounts kept that prices must reach to be recommended (ours, held against known worlds)."""
NOBODY_ASKED = say("nobody_was_asked_what_they")


@dataclass(frozen=True, slots=True)
class DemandStanding:
    """What a price list brings and keeps, as 90% ranges, and whether that is known; `reason` says why not.

    Where people's answers cannot be believed there is no range at all. Where nobody was asked there is a wide range
    around what is paid, and a range wider than its own middle is shown and called undecided.
    """

    status: Known
    reason: str = ""
    revenue: Interval | None = None
    accounts_kept: Interval | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether it may be concluded from."""
        return self.status == "known"


def standing_of(sourced: SourcedDemand, outcome: Outcome, currency: str) -> DemandStanding:
    """Return what an outcome says, or why it says nothing."""
    if sourced.why_unknown is not None:
        return DemandStanding("unknown", why_not_known(sourced))
    revenue = outcome.revenue_interval
    kept = outcome.kept_interval if outcome.paying else None
    if sourced.source == "what customers pay":
        return DemandStanding("unknown", NOBODY_ASKED, revenue, kept)
    if revenue.high - revenue.low > revenue.estimate:
        words = say("to_a_month", low=revenue.low, currency=currency, high=revenue.high)
        reason = say("undecided_the_range_of_revenue", words=words)
        return DemandStanding("unknown", reason, revenue, kept)
    return DemandStanding("known", "", revenue, kept)


def why_not_known(sourced: SourcedDemand) -> str:
    """Return why the answers of a source say nothing, in a sentence; "" where they do."""
    why = sourced.why_unknown
    return "" if why is None else f"From {sourced.source}: {WHY_UNKNOWN[why]}"


# --- Who would buy what from a design, as panels and reports show it


@dataclass(frozen=True, kw_only=True, eq=False)
class WillingnessResult(StageResult):
    """Willingness to pay on one customer base, and one design before its customers.

    `design` is None when nobody can be asked, and `why_not` then says why. `source` is where willingness comes from.
    `standing` says whether what the design brings is known, `kept` who is kept, lost and gained, by segment.
    `against_today` compares the design with today's price list, None where there is none. `attach` has a row per
    add-on. All of it is worked out when somebody reads it, so that a price on the move needs a look-up alone.
    """

    scenario: Scenario
    decision: WillingnessDecision
    evidence: DemandEvidence
    answers: ResearchAnswers
    currency: str
    rulebook: Rulebook = RULEBOOK
    source: Source | None = may_come_later(None)
    design: DesignDemand | None = may_come_later(None)
    against_today: Effect | None = may_come_later(None)
    attach: pd.DataFrame | None = may_come_later(None)
    standing: DemandStanding | None = may_come_later(None)
    kept: tuple[Kept, ...] = may_come_later(())
    anchoring: AnchoringAnswer | None = may_come_later(None)

    @property
    def is_ready(self) -> bool:
        """Tell whether anybody could be asked."""
        return self.design is not None


# --- What a price list changes for the customers who are on today's, by what they would pay


def effect_on_today(sourced: SourcedDemand, book: PriceBook, today: PriceBook | None) -> Effect | None:
    """Return what changes from today's list, for those who have a plan with a price on it; None for nobody."""
    demand = sourced.demand
    here = demand.customers.plan
    if today is None or here is None:
        return None
    priced = {plan.name for plan in today.priced_plans}
    places = np.flatnonzero([name in priced for name in here])
    if not places.size:
        return None
    try:
        some = demand if places.size == len(here) else demand.sampled(places, np.arange(demand.draws))
        return effect_of(some, today, book)
    except DemandError:
        return None


# --- The prices people were asked about, or pay: beyond them nothing but the shape of the model speaks

Offer = TypeVar("Offer", "Plan", "AddOn")
Value = TypeVar("Value")
_PRICES = {
    "choices": ("price", "price"),
    "price ladder": ("price", "price"),
    "price sensitivity": ("expensive", "too_expensive"),
}
_FEW = 0.05
_BELOW = 2 * 1.2
"""How far below the lowest price asked a found price may lie: half of it, read as usually overstated."""
Ends = tuple[float | None, float | None]


def asked_bounds(result: WillingnessResult) -> dict[str, Ends]:
    """Return how low and how high the price of each offer may be found, for tiers priced in the unit people named.

    At most the highest price of the survey, taken as overstated as it may be, or the highest that a plan of today has
    for that unit. An add-on is a part of what was asked about, whatever it is priced per: at typical quantities it
    costs no more than that.
    """
    asked = _asked(result)
    if asked is None or result.design is None:
        return {}
    low, high, per = asked
    today = result.design.sourced.today
    paid = [] if today is None else [fee_of(plan) for plan in today.priced_plans]
    most = max([high / result.decision.overstated_high, *(fee.amount for fee in paid if fee.per == per)])
    book, task = result.design.book, result.design.task
    found: dict[str, Ends] = {
        plan.name: (min(low / _BELOW, most), most) for plan in _priced(book.plans) if fee_of(plan).per == per
    }
    asked_units = typical(result.design.sourced.demand.customers.quantities((per,))[per]) if per != PER_ACCOUNT else 1.0
    for each in _priced(book.add_ons):
        units = typical(np.asarray(task.add_on_units[:, task.add_ons.index(each.name)]))
        found[each.name] = (None, most * asked_units / units)
    return found


def held_fixed(result: WillingnessResult) -> dict[str, float]:
    """Return the prices a search leaves as they are: of tiers whose unit nobody was asked about."""
    inside = asked_bounds(result)
    plans = () if result.design is None else result.design.book.plans
    return {each.name: fee_of(each).amount for each in _priced(plans) if each.name not in inside}


def why_not_searched(result: WillingnessResult) -> str:
    """Return why no prices can be recommended, whatever a search would find; "" where they can."""
    if result.design is None:
        return result.why_not
    if why := why_not_known(result.design.sourced):
        return why
    asked = _asked(result)
    if asked is None:
        return NOBODY_ASKED
    names = {plan.name for plan in result.design.book.plans}
    if not names & asked_bounds(result).keys():
        unit = PER_ACCOUNT if asked[2] == PER_ACCOUNT else one_unit(asked[2])
        return say("people_were_asked_for_prices", unit=unit)
    return ""


def beyond_what_was_asked(result: WillingnessResult, prices: Mapping[str, float] | None = None) -> tuple[Caution, ...]:
    """Return a caution naming the tiers whose price lies above every price of the survey, none elsewhere.

    `prices` by name stand in for the design's own. Only prices for the same unit are compared; bills people pay today
    are no prices anybody was asked about.
    """
    asked = _asked(result)
    if asked is None or result.design is None:
        return ()
    _, most, per = asked
    given = {} if prices is None else prices
    fees = {plan.name: fee_of(plan) for plan in result.design.book.plans}
    listed = {name: given.get(name, fee.amount) for name, fee in fees.items() if fee.per == per}
    above = [f"{name} at {priced(price, result.currency)}" for name, price in listed.items() if price > most]
    if not above:
        return ()
    return (Caution(say("nobody_was_asked_about_a", above=", ".join(above), most=most, currency=result.currency)),)


def _asked(result: WillingnessResult) -> tuple[float, float, str] | None:
    """Return the lowest and highest price of the survey behind a result, and what one buys; None without a survey."""
    if result.source not in _PRICES:
        return None
    frame = result.answers.base.frames[NEEDS[result.source]]
    lowest, highest = _PRICES[result.source]
    offered = frame[lowest][frame[lowest] > 0].dropna()  # choosing none costs nothing
    if lowest != highest:  # people named these prices themselves, so a few of them are of no weight
        ends = float(offered.quantile(_FEW)), float(frame[highest].dropna().quantile(1 - _FEW))
    else:
        ends = float(offered.min()), float(frame[highest].max())
    return *ends, asked_per(frame)


def _priced(offers: Iterable[Offer]) -> list[Offer]:
    return [each for each in offers if fee_of(each).amount > 0]


# --- Put one design before the customers: who buys what, what it brings, and how that compares with today

FEW_FREE = 0.01
"""Share of accounts that pay nothing today below which no figure is made of them."""
BEYOND_TODAY = say("only_today_s_accounts_are")


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    study: Study | None = None,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: DemandEvidence | None = None,
) -> WillingnessResult:
    """Return who would buy what from a scenario's offer, from the source of answers it has settled on.

    Parameters
    ----------
    base
        The customers.
    scenario
        Whose offer is put before them.
    study
        Whose basis revenue by need stands on; without it nothing is said of the difference to what they would choose.
    rulebook
        The rules a search for prices keeps.
    seed
        Where random numbers start.
    evidence
        What `gather` returned for the base; gathered here without it. What it worked out for a design is used again
        where only prices differ.

    """
    found = (evidence or gather(base)).seeded(seed)
    decision = scenario.decision(WillingnessDecision)
    answers = found.answers(decision)

    @cache
    def asked() -> tuple[DesignDemand | None, str]:
        try:
            return found.design_of(DesignDemand.of, decision, price_book(base, scenario)), ""
        except DemandError as error:
            return None, str(error)

    def ready(make: Callable[[DesignDemand], Value], otherwise: Value) -> Value:
        return later(lambda: otherwise if (design := asked()[0]) is None else make(design))

    def left_out(design: DesignDemand) -> int:
        return design.sourced.demand.left_out(design.book)

    result = WillingnessResult(
        scenario=scenario,
        decision=decision,
        evidence=found,
        answers=answers,
        currency=answers.currency,
        rulebook=rulebook,
        missing=later(lambda: answers.missing),
        design=later(lambda: asked()[0]),
        why_not=later(lambda: asked()[1]),
        source=ready(lambda design: design.sourced.source, None),
        basis=later(lambda: _basis(base, *((design, left_out(design)) if (design := asked()[0]) else (None, 0)))),
        standing=ready(lambda design: standing_of(design.sourced, design.outcome, answers.currency), None),
        key_figures=ready(lambda design: tuple(_key_figures(design, answers.currency, _period(base))), ()),
        findings=later(lambda: _findings(base, study, scenario, result)),
        against_today=ready(lambda design: effect_on_today(design.sourced, design.book, found.today), None),
        attach=ready(
            lambda design: attach_rates(design.sourced.demand, design.book) if design.book.add_ons else None, None
        ),
        anchoring=ready(lambda _: anchoring_of(base.frames.get("survey_choice")), None),
        kept=ready(lambda each: kept_by_segment(each.task, each.sourced.demand.customers, *each.fees), ()),
        cautions=ready(
            lambda each: (*_standing(result, each), *each.sourced.cautions, *_about(left_out(each)), _BEYOND), ()
        ),
    )
    return result


def _findings(
    base: CustomerBase, study: Study | None, scenario: Scenario, result: WillingnessResult
) -> tuple[Finding, ...]:
    """Return by how much what customers would choose differs from where need puts them."""
    if study is None or result.design is None or not scenario.decided(TierDecision):
        return ()
    stands, _ = scenario_standing(base, study, scenario)
    found = placed_and_chosen(result_of("tiers", base, scenario), stands, result)
    return () if found is None else (found,)


def _key_figures(design: DesignDemand, currency: str, period: str) -> Iterator[KeyFigure]:
    """Go through revenue, margin, who of those paying and of those not is kept, and who buys the dearest offer."""
    outcome = design.outcome
    asked, paying = round(outcome.accounts), round(outcome.paying)
    for key, found in (("revenue", outcome.revenue_interval), ("margin", outcome.margin_interval)):
        yield tell(key, found.estimate, interval=found, unit=currency, period=period, accounts=asked)
    kept, free = outcome.kept_interval, outcome.free_kept_interval
    yield tell("kept", kept.estimate, interval=kept, period=period, accounts=paying)
    others = outcome.accounts - outcome.paying
    if free is not None and others >= FEW_FREE * outcome.accounts:
        yield tell("free_kept", free.estimate, interval=free, period=period, accounts=round(others))
    dearest = int(np.nanargmax(outcome.shares)) if np.isfinite(outcome.shares).any() else 0
    share = outcome.share_intervals[dearest]
    yield tell("buyers", share.estimate, interval=share, period=period, accounts=asked, offer=outcome.plans[dearest])


def _period(base: CustomerBase) -> str:
    return say("at_the_usage_of_the", months=base.months[-1])


_BEYOND = Caution(BEYOND_TODAY, "note")


def _standing(result: WillingnessResult, design: DesignDemand) -> tuple[Caution, ...]:
    """Return why nothing may be concluded, and which prices nobody was asked about."""
    standing = standing_of(design.sourced, design.outcome, result.currency)
    said = () if standing.is_known else (Caution(say("unknown_what_this_design_brings", reason=standing.reason)),)
    return (*said, *beyond_what_was_asked(result))


def _about(left_out: int) -> tuple[Caution, ...]:
    if not left_out:
        return ()
    return (Caution(say("left_out_what_the_design", left_out=left_out)),)


def _basis(base: CustomerBase, design: DesignDemand | None, left_out: int) -> Basis:
    asked = 0 if design is None else len(design.sourced.demand.customers) - left_out
    months = base.months[-3:]
    first, last = (f"{month:%Y-%m}" for month in (months[0], months[-1]))
    return Basis(asked, len(base), first, last, say("active_accounts_whose_bill_is"))


# --- Where accounts are placed by need against what they would choose: by how much both differ, and why

TITLE = say("placed_by_need_chosen_by")
OURS = "This workbench"
_ASK = say("ask_more_customers_what_they")
_COUNT_ON = say("count_on_what_customers_would")
_SMALLEST = 0.005  # a share that is written as 0% is no reason


def placed_and_chosen(
    tiers: StageResult | None, stands: DesignStanding | None, asked: WillingnessResult
) -> Finding | None:
    """Return by how much shares per tier and revenue differ, and why; None where one of the two is not there.

    It is met where the revenue of the tiers lies within what customers would choose, 90%.

    Parameters
    ----------
    tiers
        The result of tier design with where need puts active accounts; None where there is no such stage.
    stands
        The design's money on the study's basis, accounts placed by need.
    asked
        The same design before the accounts asked.

    """
    if tiers is None or stands is None or asked.design is None or not np.isfinite(stands.revenue_net):
        return None
    outcome = asked.design.outcome
    placed = {name: share for name, share in tiers.placed.items() if np.isfinite(share)}
    chosen = {name: float(share) for name, share in zip(outcome.plans, outcome.shares, strict=True) if name in placed}
    if not chosen or not np.isfinite(list(chosen.values())).all():
        return None
    name = max(chosen, key=lambda tier: abs(chosen[tier] - placed[tier]))
    by_need = say(
        "placed_by_need_of_are",
        placed=placed[name],
        evidence=tiers.basis.accounts,
        name=name,
        revenue_net=stands.revenue_net,
        currency=stands.currency,
    )
    known = standing_of(asked.design.sourced, outcome, asked.currency)
    revenue = known.revenue
    if not known.is_known or revenue is None:
        evidence = say("what_customers_would_choose_is", by_need=by_need, reason=known.reason)
        return Finding(rule_id="", status="unknown", title=TITLE, evidence=evidence, remedy=_ASK, source=OURS)
    low, middle, high = (money(each, asked.currency) for each in (revenue.low, revenue.estimate, revenue.high))
    within = revenue.low <= stands.revenue_net <= revenue.high
    return Finding(
        rule_id="",
        status="ok" if within else "watch",
        title=TITLE,
        evidence=say(
            "by_what_customers_would_choose",
            by_need=by_need,
            chosen=chosen[name],
            accounts=round(outcome.accounts),
            middle=middle,
            low=low,
            high=high,
            joined=_joined(_reasons(stands, outcome, asked.currency)),
        ),
        remedy="" if within else _COUNT_ON,
        measured=revenue.estimate - stands.revenue_net,
        population=say("that_paid_asked", accounts=stands.accounts, accounts_2=round(outcome.accounts)),
        source=OURS,
    )


def _joined(reasons: Iterator[str]) -> str:
    *several, last = reasons
    return f"{', '.join(several)} and {last}" if several else last


def _reasons(stands: DesignStanding, outcome: Outcome, currency: str) -> Iterator[str]:
    """Say what moves revenue from where need puts accounts to what they would choose, with its size where known."""
    left = outcome.elsewhere / outcome.accounts if outcome.accounts else 0.0
    if left >= _SMALLEST:
        yield f"{percent(left)} would leave"
    add_ons = float(outcome.add_on_revenue.sum())
    if add_ons >= _SMALLEST * outcome.revenue:
        yield say("add_ons_worth_count", add_ons=add_ons, currency=currency)
    contracts = stands.on_contract & np.isfinite(stands.paid)
    if contracts.any():
        paid = float((stands.paid * stands.customer_months)[contracts].sum()) / len(stands.months)
        yield (say("with_contracts_worth_are_put", sum=int(contracts.sum()), paid=paid, currency=currency))
    yield say("who_stays_takes_the_tier")


# --- Today's price list, the design and changes to it before the same customers: one row per offer

NOWHERE = "in no tier"


def side_by_side(result: WillingnessResult, effects: Mapping[str, Effect]) -> DataTable:
    """Return a column per offer, today's list first: revenue, margin, who buys, and the change from today.

    `effects` name offers held against today's list, each for the customers both can bill.
    """
    first = next(iter(effects.values()))
    offers = [_offer(first.before, result.currency, None)]
    offers += [_offer(effect.after, result.currency, effect) for effect in effects.values()]
    columns = (("A month", TEXT), *((name, TEXT) for name in ("Today's price list", *effects)))
    return DataTable.of_rows(columns, ((each, *(offer[each] for offer in offers)) for each in offers[0]))


def changes_table(effect: Effect, found: Effect | None) -> DataTable:
    """Return a row per tier: its share of the accounts asked on today's list, here, and at the prices found."""
    share, frame = Percent(1, missing=""), effect.table
    columns = [("Tier", TEXT, "plan"), ("Today's list", share, "before"), ("This scenario", share, "after")]
    if found is not None:
        other = found.table
        frame = frame.assign(found=frame["plan"].map(dict(zip(other["plan"], other["after"], strict=True))))
        columns.append(("Prices found", share, "found"))
    return DataTable.of_frame(frame, columns)


def tiers_table(result: WillingnessResult) -> DataTable:
    """Return a row per tier of the design: price, accounts, share and revenue with the ends of their ranges."""
    columns = (
        ("Tier", TEXT),
        ("Price", Money(result.currency, "priced", missing="on request")),
        ("Accounts", COUNT),
        ("Share of accounts", estimate_of(Percent())),
        ("Revenue a month", estimate_of(Money(result.currency))),
    )
    if result.design is None:
        return DataTable.of_rows((), ())
    outcome, (fees, _add_on_fees) = result.design.outcome, result.design.fees
    rows = (
        (
            name,
            float(fees[place]) if np.isfinite(fees[place]) else None,
            float(outcome.buyers[place]),
            _ends(outcome.share_intervals[place]),
            _ends(interval_of_draws(outcome.draws.plan_revenue[:, place])),
        )
        for place, name in enumerate(result.design.task.plans)
    )
    return DataTable.of_rows(columns, rows)


def effect_tried(result: WillingnessResult, *, without: str = "", feature: str = "", lowest: str = NOWHERE) -> Effect:
    """Return what changes when a tier is not on offer, and a feature is in the tier `lowest` and those above, or none.

    Parameters
    ----------
    result
        The scenario before its customers.
    without
        The tier left out; "" leaves them all.
    feature, lowest
        The feature moved, and the first tier that is to have it; `NOWHERE` for none.

    Raises
    ------
    DemandError
        When nobody could be asked.
    """
    if result.design is None:
        raise DemandError(result.why_not, "Changes are weighed once somebody can be asked.")
    book = changed = result.design.book
    if feature:
        changed = with_feature_moved(changed, feature, None if lowest == NOWHERE else lowest)
    if without:
        changed = without_plan(changed, without)
    return effect_of(result.design.sourced.demand, book, changed)


def _offer(outcome: Outcome, currency: str, effect: Effect | None) -> dict[str, Own | str]:
    amount, share = estimate_of(Money(currency)), estimate_of(Percent())
    often = Reworded(lambda rises: say("in_of_the_draws", rises=rises))
    return {
        "Revenue a month": Own(_ends(outcome.revenue_interval), amount),
        "Margin a month": Own(_ends(outcome.margin_interval), amount),
        "Paying accounts kept": Own(_ends(outcome.kept_interval), share),
        "Revenue against today": "" if effect is None else Own(_ends(effect.revenue), amount),
        "Brings more than today": "" if effect is None else Own(_rises(effect), often),
    }


def _rises(effect: Effect) -> float:
    return float((effect.after.revenue_by_draw > effect.before.revenue_by_draw).mean())


def _ends(value: Interval) -> tuple[float, float, float]:
    return value.estimate, value.low, value.high
