"""Find prices for a design under its rules and the market's corridors, and put them into the design."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from workbench import progress
from workbench.cache import meanwhile
from workbench.demand.customers import DemandError
from workbench.demand.model import PER_ACCOUNT, fee_of
from workbench.demand.search.climbing import sampled
from workbench.demand.search.constraints import PriceConstraints
from workbench.demand.search.find import best_prices, search_prices
from workbench.demand.search.result import value_in_words, with_prices
from workbench.errors import WorkbenchError
from workbench.formatting import money, number, one_unit, percent, priced
from workbench.results import Caution
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.contract import STAGES, decision_class, result_of
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.price_book import price_book
from workbench.stages.willingness.decision import CORRIDOR, WillingnessDecision, searched_off
from workbench.stages.willingness.evaluation import (
    FEW_FREE,
    LEAST_KEPT,
    Ends,
    Known,
    asked_bounds,
    effect_on_today,
    held_fixed,
    standing_of,
    why_not_searched,
)
from workbench.tables import COUNT, NUMBER, TEXT, DataTable, Money, Own, Percent, Reworded, TableColumn, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from workbench.customers.base import CustomerBase
    from workbench.demand.changes import Effect
    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.search.find import BestPrices
    from workbench.demand.search.result import PriceSearch, RuleCost
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Interval
    from workbench.rules.rulebook import Rulebook
    from workbench.stages.willingness.evaluation import DesignDemand, WillingnessResult
    from workbench.study.model import Scenario

say = texts(__name__)

# --- Find prices for a design under its rules, and put them into the design

_OF_THE_ROOM = (0.5, 0.2)
"""Parts of the accounts that may be lost that a search uses in turn, when the low end of those kept is too low."""


def find_prices(
    result: WillingnessResult,
    *,
    rulebook: Rulebook = RULEBOOK,
    market: Mapping[str, Ends] | None = None,
    fixed: Mapping[str, float] | None = None,
    seed: int = 0,
    starts: int = 24,
    rule_costs: bool = True,
    flat: float | None = 0.01,
) -> PriceSearch:
    """Return the best prices of a design's tiers and add-ons under the rules its decision keeps.

    `market` holds the corridor of prices per tier or add-on that competitors leave, `fixed` prices that stay; so do
    prices for a unit nobody was asked about, and none is found beyond what was asked or paid. Takes a few seconds.
    Raises DemandError when answers say nothing, nobody was asked, or the rules exclude each other.
    """
    if result.design is None or (why := why_not_searched(result)):
        raise DemandError(result.why_not or why, "Prices are found once somebody can be asked.")
    decision = result.decision
    constraints = PriceConstraints(
        market=dict(market or {}),
        asked=asked_bounds(result),
        fixed={**held_fixed(result), **(fixed or {})},
        ending=decision.ending,
        kept=decision.kept or None,
        off=searched_off(decision, result.scenario.waivers),
        rulebook=rulebook,
    )

    task, book = result.design.task, result.design.book
    search = partial(best_prices, task, book, decision.objective, seed=seed, starts=starts)
    first = search(constraints)
    found, words = first, tuple[Caution, ...]()
    if constraints.kept is not None and _keeps_too_few(first):
        found, words = _keeping_more(first, constraints, search)
    finished = found.finished(rule_costs=rule_costs, flat=flat)
    return replace(finished, cautions=(*words, *finished.cautions))


def _keeping_more(
    first: BestPrices, constraints: PriceConstraints, search: Callable[..., BestPrices]
) -> tuple[BestPrices, tuple[Caution, ...]]:
    """Return prices that keep more accounts on average, so that enough stay at the low end too; the first if none do.

    The team asks for a share kept; whether that share holds is uncertain, and the most profitable prices use up all
    the room there is. What was found before is climbed from.
    """
    asked = constraints.kept or 0.0
    found = first
    for part in _OF_THE_ROOM:
        least = 1 - (1 - asked) * part
        try:
            found = search(replace(constraints, kept=least), near=found)
        except DemandError:
            return first, ()
        if not _keeps_too_few(found):
            words = say("prices_that_keep_of_paying", asked=asked, least=round(least, 4))
            return found, (Caution(words, "note"),)
    return first, ()


def _keeps_too_few(found: BestPrices) -> bool:
    return bool(np.quantile(found.outcome.kept_by_draw, 0.05) <= LEAST_KEPT)


class Weighed(NamedTuple):
    """What prices bring: as a share of the best found, in the unit of the objective, and what they keep.

    `kept` is the share of accounts paying today that would still pay.
    """

    share: float
    value: float
    kept: float


def weighed(result: WillingnessResult, search: PriceSearch, prices: Mapping[str, float]) -> Weighed:
    """Return what other prices bring and keep beside the best found.

    `prices` are by the names of tiers and add-ons; those not named stay as found.
    """
    from workbench.demand.search.climbing import told_draws  # noqa: PLC0415 - loaded with the first search
    from workbench.demand.search.objective import objective_value  # noqa: PLC0415 - as above

    if result.design is None:
        return Weighed(1.0, search.value, float(search.outcome.kept_by_draw.mean()))
    task, wanted = result.design.task, {**search.prices, **prices}
    fees, add_on_fees = ([wanted.get(name, np.nan) for name in names] for names in (task.plans, task.add_ons))
    outcome = task.outcome(fees, add_on_fees).of_draws(told_draws(task))
    value = objective_value(outcome, search.objective)
    return Weighed(value / search.value if search.value else 1.0, value, float(outcome.kept_by_draw.mean()))


def weighed_in_words(result: WillingnessResult, search: PriceSearch, prices: Mapping[str, float]) -> str:
    """Say what other prices bring and keep beside the best found."""
    found = weighed(result, search, prices)
    value = value_in_words(search, found.value)
    return say("these_prices_bring_of_the", value_in_words=value, share=found.share, kept=found.kept)


def found_table(result: WillingnessResult) -> DataTable | None:
    """Return the prices found beside the scenario's own, with what each is per; None where none are recommended."""
    search, design = recommended(result), result.design
    if search is None or design is None:
        return None
    per = {each.name: fee_of(each).per for each in design.book.plans}
    per |= {each.name: fee_of(each).per for each in design.book.add_ons}
    units = {name: priced_per(unit) for name, unit in per.items() if name in search.prices}
    table = search.price_table
    frame = table.frame.assign(per=[units.get(name, "") for name in table["Offer"]])
    offer, *others = table.columns
    return DataTable(frame, (offer, TableColumn("Price per", TEXT, (len(table.columns),)), *others))


def with_found_prices(scenario: Scenario, prices: Mapping[str, float]) -> Scenario:
    """Return the scenario with prices by the names of tiers and add-ons; others, and free or unpriced ones, stay."""
    tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    priced = tuple(
        tier.replaced(price=_exact(prices[tier.name])) if tier.name in prices and tier.price else tier
        for tier in tiers.tiers
    )
    choices = tuple(
        each.replaced(price=_exact(prices[each.name])) if each.name in prices and each.price else each
        for each in add_ons.add_ons
    )
    changed = scenario.with_decision(tiers.replaced(tiers=priced)) if priced else scenario
    return changed.with_decision(add_ons.replaced(add_ons=choices)) if choices else changed


def _exact(price: float) -> Decimal:
    """Return a price as a person writes it: to a cent, or to a millionth where a unit costs less than one."""
    return Decimal(f"{round(price, 2 if price >= 1 else 6):.12g}")


# --- Find prices while somebody waits, or a report is made: in a few seconds

STARTS = 8
STARTS_OF_SAMPLE = 2
ROWS = 4_000
OF_A_SCENARIO = "this scenario's"
_BREAKS_RULES = say("the_design_s_own_prices")


def find_prices_quickly(
    result: WillingnessResult,
    *,
    rulebook: Rulebook = RULEBOOK,
    market: Mapping[str, Ends] | None = None,
    seed: int = 0,
    starts: int | None = None,
) -> PriceSearch:
    """Return the best prices of a design, from fewer starts; what rules cost is counted on a sample, and says so.

    Prices, what they bring and their gain stand on all customers and draws. The cost of a rule is a share of the value
    on a random sample of ROWS customers and draws, times the value on all. Raises DemandError as `find_prices` does.
    """
    design = result.design
    is_small = design is None or design.task.rows <= ROWS
    steps = progress.Steps({"search": 3.0, "rules": 1.0})
    with steps("search", say("searching_for_prices")):
        found = find_prices(
            result, rulebook=rulebook, market=market, seed=seed, starts=starts or STARTS, rule_costs=is_small
        )
    said = [Caution(say("prices_were_searched_from_starts", starts=found.starts), "note")]
    if found.value < found.today_value:
        said.append(Caution(_BREAKS_RULES))
    costs = found.rule_costs
    if design is not None and not is_small:
        with steps("rules", say("asking_what_each_rule_costs")):
            small = sampled(design.task, ROWS, np.random.default_rng(seed))
            costs, words = _costs_on(small, design.book, found, seed=seed)
        said.append(Caution(words, "note"))
    return replace(found, whose=OF_A_SCENARIO, rule_costs=costs, cautions=(*found.cautions, *said))


def _costs_on(
    sample: ChoiceTask, book: PriceBook, found: PriceSearch, *, seed: int
) -> tuple[tuple[RuleCost, ...], str]:
    """Return what rules cost on a sample, scaled to the value on all, and the sentence that says so."""
    rows = say("of_rows_customers_and_draws", rows=ROWS, of_rows=found.of_rows)
    try:
        again = search_prices(
            sample, book, found.objective, found.constraints, seed=seed, starts=STARTS_OF_SAMPLE, flat=None
        )
    except DemandError as error:
        return (), say("what_each_rule_costs_was_2", rows=rows, error=error)
    times = found.value / again.value if again.value else 1.0
    costs = tuple(
        replace(cost, gain=cost.gain * times, value=found.value + cost.gain * times) for cost in again.rule_costs
    )
    return costs, say("what_each_rule_costs_was", rows=rows)


# --- The search made for a result: begun by a person or for a page, and kept as long as it would come out the same

_KEPT_SEARCHES = 4
# What prices found change from today's list stands in several places; for one design it is weighed once.
_against_today: WeakKeyDictionary[DesignDemand, tuple[PriceSearch, Effect | None]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Searched:
    """What a search found, None and why where it found nothing, what is concluded of it, and the market's corridors.

    Prices that move afterwards change none of it, so it is worked out once.
    """

    search: PriceSearch | None
    conclusion: FoundConclusion
    why_not: str = ""
    market: Mapping[str, Ends] = field(default_factory=dict)


def search_made(result: WillingnessResult) -> Searched | None:
    """Return the search that was made or begun for a result, None before any.

    Prices are only what it is compared with.
    """
    (asked, task), evidence = _asked(result), result.evidence
    for kept in (evidence.searches, evidence.begun):
        made = next((made for (known, on), made in kept if on is task and known == asked), None)
        if made is not None:
            return made() if callable(made) else made
    return None


def search_for(result: WillingnessResult) -> Searched:
    """Return the search for a result, made now where it was not made before."""
    found = search_made(result)
    if found is None:
        found = _searched(result)
        searches = result.evidence.searches
        searches[:] = [(_asked(result), found), *searches][:_KEPT_SEARCHES]
    return found


def begin_search(result: WillingnessResult) -> None:
    """Begin the search for a result, made beside what comes next where that can be, else when somebody reads it."""
    result.evidence.begun[:] = [(_asked(result), meanwhile(lambda: _searched(result)))]


def _asked(result: WillingnessResult) -> tuple[tuple[object, ...], object]:
    task = None if result.design is None else result.design.task
    return (result.decision, result.scenario.waivers, result.rulebook), task


def _searched(result: WillingnessResult) -> Searched:
    found, why, market = None, why_not_searched(result), dict[str, Ends]()
    if result.design is not None:
        market = market_corridors(result.answers.base, result.scenario, rulebook=result.rulebook)
    if not why:
        try:
            found = find_prices_quickly(result, rulebook=result.rulebook, market=market, seed=result.evidence.seed)
        except WorkbenchError as error:
            why = str(error)
    return Searched(found, found_conclusion(result, found, why), why, market)


def concluded(result: WillingnessResult) -> DemandConclusion:
    """Return what is concluded from a result and the search for it, made now where it was not made before."""
    found = search_for(result)
    return conclude(result, found.search, found.why_not)


def recommended(result: WillingnessResult) -> PriceSearch | None:
    """Return the search whose prices are recommended, None before any and where none are."""
    made = search_made(result)
    return None if made is None or made.conclusion.status == NOT_KNOWN else made.search


def found_against_today(result: WillingnessResult) -> Effect | None:
    """Return what the recommended prices change from today's list, None where none are or there is no list."""
    search, design = recommended(result), result.design
    if search is None or design is None:
        return None
    known = _against_today.get(design)
    if known is None or known[0] is not search:
        effect = effect_on_today(design.sourced, with_prices(design.book, search), result.evidence.today)
        known = _against_today[design] = (search, effect)
    return known[1]


# --- The prices competitors leave each tier, from offers that somebody says stand against it

MARKET = "the market"
FEWEST = 3
"""Comparable offers below which there is no corridor: two prices are no market (ours)."""


ANCHORING = "anchoring"


def market_corridors(base: CustomerBase, scenario: Scenario, *, rulebook: Rulebook) -> dict[str, Ends]:
    """Return lowest and highest market price per tier and add-on, in the unit of its own price.

    A tier has a corridor when the team has said of three offers or more that they stand against it, and why; other
    offers never bound a price. Offers compared by the bill of a profile, not by their price, have none here, nor have
    those for which the team has set rule C4 aside. Empty without competitors' offers, and without the stage
    that compares them.
    """
    if not base.has("competitor_offers") or all(each.key != ANCHORING for each in STAGES):
        return {}
    book = price_book(base, scenario)
    named: dict[str, set[tuple[str, str]]] = {}
    for each in scenario.decision(WillingnessDecision).comparable:
        named.setdefault(each.tier, set()).add((each.vendor, each.offer))
    aside = {waiver.subject for waiver in scenario.waivers if waiver.rule == CORRIDOR}
    tiers = {plan.name for plan in (*book.plans, *book.add_ons)} - aside
    found: dict[str, Ends] = {}
    for tier in tiers & named.keys():
        if len(named[tier]) >= FEWEST and (ends := _corridor(base, scenario, tier, named[tier], rulebook)) is not None:
            found[tier] = ends
    return found


def _corridor(
    base: CustomerBase, scenario: Scenario, tier: str, comparable: Iterable[tuple[str, str]], rulebook: Rulebook
) -> Ends | None:
    """Return the corridor of one tier with every offer set aside that does not stand against it."""
    offers = base.frames["competitor_offers"]
    all_offers = dict.fromkeys(zip(offers["vendor"].astype(str), offers["offer"].astype(str), strict=True))
    kept = set(comparable)
    anchoring = scenario.decision(decision_class(ANCHORING))
    others = tuple(key for key in all_offers if key not in kept)
    asked = scenario.with_decision(anchoring.replaced(set_aside=others, vendors=()))
    try:
        corridors = getattr(result_of(ANCHORING, base, asked, rulebook=rulebook), "corridors", ())
    except WorkbenchError:
        return None
    for corridor in corridors:
        market = [bound for bound in corridor.bounds if bound.label.startswith(MARKET)]
        if corridor.offer != tier or corridor.in_bills or not market:
            continue
        low = max((bound.low for bound in market if bound.low is not None), default=None)
        high = min((bound.high for bound in market if bound.high is not None), default=None)
        if low is None or high is None or low <= high:
            return low, high
    return None


# --- What is concluded about demand, in one frozen object for people and machines

KNOWN: Known = "known"
NOT_KNOWN: Known = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundConclusion:
    """Prices that are recommended, by offer and in its own unit, with what they bring and keep; or why none are."""

    status: Known
    reason: str = ""
    prices: Mapping[str, float] = field(default_factory=dict)
    revenue: Interval | None = None
    accounts_kept: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandConclusion:
    """What a design brings and which share of paying accounts it keeps, and the prices found; ranges hold 90%.

    `revenue` is a month's, in the study's currency; `accounts_kept` a share, 0 to 1, of the accounts that pay today.
    Both are None where answers cannot be believed; a range that leaves everything open is there with the status
    "unknown". `method` says where willingness comes from.
    """

    status: Known
    reason: str
    method: str
    revenue: Interval | None
    accounts_kept: Interval | None
    found: FoundConclusion


def conclude(result: WillingnessResult, search: PriceSearch | None, why_no_prices: str = "") -> DemandConclusion:
    """Return what is concluded from a result and the prices found for it (None: none, because of `why_no_prices`)."""
    if result.design is None:
        nothing = FoundConclusion(status=NOT_KNOWN, reason=result.why_not)
        return DemandConclusion(
            status=NOT_KNOWN, reason=result.why_not, method="", revenue=None, accounts_kept=None, found=nothing
        )
    standing = standing_of(result.design.sourced, result.design.outcome, result.currency)
    return DemandConclusion(
        status=standing.status,
        reason=standing.reason,
        method=result.design.sourced.demand.worth.source,
        revenue=standing.revenue,
        accounts_kept=standing.accounts_kept,
        found=found_conclusion(result, search, why_no_prices),
    )


def found_conclusion(result: WillingnessResult, search: PriceSearch | None, why_no_prices: str = "") -> FoundConclusion:
    """Return the prices found where they are likely to beat today's, else the condition that binds, in a sentence.

    They are recommended when the low end of their revenue is not below what the same accounts pay today, and the low
    end of accounts kept is above nine in ten; both on draws the search has not seen.
    """
    why = why_not_searched(result)
    if why or search is None or result.design is None:
        return FoundConclusion(status=NOT_KNOWN, reason=why or why_no_prices or "No prices were searched.")
    currency = result.currency
    standing = standing_of(result.design.sourced, search.outcome, currency)
    revenue, kept = standing.revenue, standing.accounts_kept
    paid = paid_today(result)
    reason = standing.reason
    if not reason and (revenue is None or kept is None or paid is None):
        reason = say("what_these_accounts_pay_today")
    elif not reason and revenue is not None and paid is not None and revenue.low < paid:
        reason = say("no_prices_are_likely_to", low=revenue.low, currency=currency, paid=paid)
    elif not reason and kept is not None and kept.low <= LEAST_KEPT:
        reason = say("the_best_prices_found_may", low=kept.low, least_kept=LEAST_KEPT)
    if reason:
        return FoundConclusion(status=NOT_KNOWN, reason=reason)
    prices = {name: search.prices[name] for name in search.searched}
    return FoundConclusion(status=KNOWN, prices=prices, revenue=revenue, accounts_kept=kept)


def found_in_words(found: FoundConclusion, search: PriceSearch) -> str:
    """Return what recommended prices bring and keep, with ranges; why none are recommended otherwise."""
    if found.revenue is None or found.accounts_kept is None:
        return say("no_prices_are_recommended", reason=found.reason)
    prices = ", ".join(f"{name} {priced(price, search.currency)}" for name, price in found.prices.items())
    low, middle, high = (
        money(each, search.currency) for each in (found.revenue.low, found.revenue.estimate, found.revenue.high)
    )
    kept = found.accounts_kept
    return say(
        "prices_found_bring_a_month",
        prices=prices,
        middle=middle,
        low=low,
        high=high,
        estimate=kept.estimate,
        low_2=kept.low,
        high_2=kept.high,
    )


def summarise(decision: WillingnessDecision, result: WillingnessResult) -> str:
    """Return what the scenario brings and keeps, and the prices found or why there are none, where they were sought."""
    del decision
    if result.design is None:
        return result.why_not
    made = search_made(result)
    demand = conclude(result, *((None, "") if made is None else (made.search, made.why_not)))
    said = say("by_source", source=source_in_words(result), said=demand_in_words(demand, result))
    if made is None:
        return said
    found = demand.found
    if found.revenue is None or found.accounts_kept is None:
        return say("no_prices_beside", said=said, reason=found.reason)
    return say(
        "prices_found_under_the_rules",
        said=said,
        prices=", ".join(f"{name} {priced(price, result.currency)}" for name, price in found.prices.items()),
        per_=_per(result.design.book),
        money_=_in_money(found.revenue, result.currency),
        share=_share(found.accounts_kept),
    )


def demand_in_words(demand: DemandConclusion, result: WillingnessResult) -> str:
    """Return revenue and accounts kept and lost with their ranges, or why they are unknown, as part of a sentence."""
    if demand.revenue is None or demand.accounts_kept is None:
        return say("it_is_unknown_what_this", reason=demand.reason)
    if demand.status == "unknown":
        low, high = (money(each, result.currency) for each in (demand.revenue.low, demand.revenue.high))
        kept = f"{percent(demand.accounts_kept.low)} to {percent(demand.accounts_kept.high)}"
        return say("it_is_not_known_what", low=low, high=high, kept=kept, reason=demand.reason)
    said = say(
        "this_design_brings_a_month",
        money_=_in_money(demand.revenue, result.currency),
        share=_share(demand.accounts_kept),
    )
    rows = result.kept
    if not rows:
        return said
    lost = [f"{row.segment} {_accounts(row.lost)} of {number(row.paying, 0)}" for row in rows[1:] if row.paying]
    words = say("it_loses_of_paying_accounts", accounts=_accounts(rows[0].lost), paying=rows[0].paying)
    said += f"{words}{': ' + ', '.join(lost) if lost else ''}."
    if rows[0].free >= FEW_FREE * (rows[0].free + rows[0].paying):
        said += say(
            "of_that_pay_nothing_today",
            free=rows[0].free,
            accounts=_accounts(rows[0].gained),
            accounts_2=_accounts(rows[0].free_kept),
        )
    return said


def source_in_words(result: WillingnessResult) -> str:
    """Return where willingness comes from, as the middle of a sentence."""
    return say(f"from_{result.source.replace(' ', '_')}") if result.source else ""


def _in_money(value: Interval, currency: str) -> str:
    low, middle, high = (money(each, currency) for each in (value.low, value.estimate, value.high))
    return f"{middle} ({low} to {high})"


def _share(value: Interval) -> str:
    return f"{percent(value.estimate)} ({percent(value.low)} to {percent(value.high)})"


def _accounts(value: Interval) -> str:
    return f"{number(value.estimate, 0)} ({number(value.low, 0)} to {number(value.high, 0)})"


def _per(book: PriceBook) -> str:
    """Return what every price is for, "" where they differ: the table of prices then says it."""
    fees = (*map(fee_of, book.plans), *map(fee_of, book.add_ons))
    units = {fee.per for fee in fees if fee.amount >= 0}  # on request: no amount
    return say("per_and_month", unit=priced_per(units.pop())) if len(units) == 1 else ""


def priced_per(unit: str) -> str:
    """Write what one price buys: an account, or one unit of a metric."""
    return unit if unit == PER_ACCOUNT else one_unit(unit)


def paid_today(result: WillingnessResult) -> float | None:
    """Return what the accounts a design is put before pay a month today, None where it is not recorded."""
    if result.design is None:
        return None
    customers = result.design.sourced.demand.customers
    if customers.paid is None or not np.nan_to_num(customers.paid).any():
        return None
    asked = np.unique(np.asarray(result.design.task.customer))
    return float((np.nan_to_num(customers.paid) * customers.weight)[asked].sum())


# --- Attach rates of add-ons from demand, beside what a team expects, and taken over as that


def attach_table(found: pd.DataFrame, decision: AddOnDecision, currency: str) -> DataTable:
    """Return a row per add-on for people: price, share that would take it, share expected, accounts and revenue."""
    expected = {each.name: each for each in decision.add_ons}
    columns = (
        ("Add-on", TEXT),
        ("Price", NUMBER),
        ("Would take it", estimate_of(Percent(1))),
        ("Expected", Reworded(lambda ends: say("to_of_those_eligible", attach_low=ends[0], attach_high=ends[1]))),
        ("Accounts", COUNT),
        ("Revenue a month", Money(currency)),
    )
    rows = []
    for each in found.to_dict("records"):
        choice = expected.get(str(each["add_on"]))
        rows.append(
            (
                each["add_on"],
                None
                if choice is None
                else Own(choice.price, Money(currency, "exact", per=f"per {one_unit(choice.price_per)}")),
                tuple(each[name] for name in ("rate", "rate_low", "rate_high")),
                None if choice is None else (choice.attach_low, choice.attach_high),
                each["buyers"],
                each["revenue"],
            )
        )
    return DataTable.of_rows(columns, rows)


def with_attach_rates(scenario: Scenario, found: pd.DataFrame) -> Scenario:
    """Return the scenario whose add-ons are expected to be taken as demand says, within its 90% range.

    The rates are of all buyers of a tier; the add-on stage counts those eligible, a part of them.
    """
    rates = {
        str(each["add_on"]): (float(each["rate_low"]), float(each["rate_high"])) for each in found.to_dict("records")
    }
    decision = scenario.decision(AddOnDecision)
    changed = tuple(
        each.replaced(attach_low=round(rates[each.name][0], 4), attach_high=round(rates[each.name][1], 4))
        if each.name in rates
        else each
        for each in decision.add_ons
    )
    return scenario.with_decision(decision.replaced(add_ons=changed))
