"""What the section on willingness to pay and prices found stands on, worked out once for a report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from workbench import progress
from workbench.customers.tables import TABLES
from workbench.demand.fees import PER_ACCOUNT, fee_of
from workbench.demand.search import with_prices
from workbench.errors import WorkbenchError
from workbench.expected import Size, asking
from workbench.formatting import money, number, percent, priced
from workbench.rules import RULEBOOK
from workbench.stages.willingness.against_today import effect_on_today
from workbench.stages.willingness.asked_range import why_not_searched
from workbench.stages.willingness.demand_conclusion import conclude
from workbench.stages.willingness.evaluation import FEW_FREE, evaluate
from workbench.stages.willingness.evidence import gather
from workbench.stages.willingness.market_corridor import market_corridors
from workbench.stages.willingness.quick_finding import find_prices_quickly
from workbench.wording import one_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.demand import Effect
    from workbench.demand.search import PriceSearch
    from workbench.pricing import PriceBook
    from workbench.results import Interval
    from workbench.stages.willingness.demand_conclusion import DemandConclusion
    from workbench.stages.willingness.evidence import DemandEvidence
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.study import Scenario, Study


@dataclass(frozen=True, eq=False)
class WillingnessPart:
    """What customers would pay, who buys what from the design, and the prices found for it.

    `search` is None when no prices could be searched or found, and `why_no_prices` says why. `market` is the corridor
    competitors leave each offer. `found_against_today` holds the found prices against today's list, None without one.
    """

    result: WillingnessResult
    search: PriceSearch | None = None
    why_no_prices: str = ""
    market: Mapping[str, tuple[float | None, float | None]] | None = None
    found_against_today: Effect | None = None

    @cached_property
    def demand(self) -> DemandConclusion:
        """Return what is concluded: what the design brings and keeps, and the prices that are recommended."""
        return conclude(self.result, self.search, self.why_no_prices)

    @property
    def summary(self) -> str:
        """Return what the design brings and keeps, and the prices found or why there are none."""
        result, search = self.result, self.search
        if result.design is None:
            return result.why_not
        said = f"By {source_in_words(result)}, {demand_in_words(self.demand, result)}"
        found = self.demand.found
        if found.status == "unknown" or search is None or found.revenue is None or found.accounts_kept is None:
            return f"{said} No prices are recommended. {found.reason}"
        prices = ", ".join(f"{name} {priced(price, search.currency)}" for name, price in found.prices.items())
        return (
            f"{said} Prices found under the rules ({prices}{_per(result.design.book)}) bring "
            f"{_money(found.revenue, result.currency)} a month and keep {_share(found.accounts_kept)} of the accounts "
            "that pay today."
        )


def demand_in_words(demand: DemandConclusion, result: WillingnessResult) -> str:
    """Return revenue and accounts kept and lost with their ranges, or why they are unknown, as part of a sentence."""
    if demand.revenue is None or demand.accounts_kept is None:
        return f"it is unknown what this design brings. {demand.reason}"
    if demand.status == "unknown":
        low, high = (money(each, result.currency) for each in (demand.revenue.low, demand.revenue.high))
        kept = f"{percent(demand.accounts_kept.low)} to {percent(demand.accounts_kept.high)}"
        return (
            f"it is not known what this design brings: {low} to {high} a month, with {kept} of the accounts that pay "
            f"today. {demand.reason}"
        )
    said = (
        f"this design brings {_money(demand.revenue, result.currency)} a month and keeps "
        f"{_share(demand.accounts_kept)} of the accounts that pay today."
    )
    rows = result.kept
    if not rows:
        return said
    lost = [f"{row.segment} {_accounts(row.lost)} of {number(row.paying, 0)}" for row in rows[1:] if row.paying]
    words = f" It loses {_accounts(rows[0].lost)} of {number(rows[0].paying, 0)} paying accounts"
    said += f"{words}{': ' + ', '.join(lost) if lost else ''}."
    if rows[0].free >= FEW_FREE * (rows[0].free + rows[0].paying):
        said += (
            f" Of {number(rows[0].free, 0)} that pay nothing today {_accounts(rows[0].gained)} would pay and "
            f"{_accounts(rows[0].free_kept)} take an offer at all."
        )
    return said


def _money(value: Interval, currency: str) -> str:
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
    if len(units) != 1:
        return ""
    unit = units.pop()
    return f"; per {unit if unit == PER_ACCOUNT else one_unit(unit)} and month"


def source_in_words(result: WillingnessResult) -> str:
    """Return where willingness comes from, as the middle of a sentence."""
    return {
        "choices": "choices between offers",
        "price ladder": "the price ladder",
        "price sensitivity": "price sensitivity",
        "what customers pay": "what customers pay today",
    }.get(str(result.source), "what is known")


def size_of(base: CustomerBase) -> Size:
    """Return how much there is to ask about, for progress."""
    return Size(len(base), sum(base.has(name) for name in TABLES if name.startswith("survey_")))


def gather_willingness(
    base: CustomerBase, study: Study, scenario: Scenario, *, seed: int = 0, evidence: DemandEvidence | None = None
) -> WillingnessPart:
    """Return willingness to pay for one design, who buys what, and the prices found under the study's own rules."""
    step = progress.Steps(asking(size_of(base), priced=scenario.decided("tiers")), seconds=True)
    with step("answers"):
        shared = evidence or gather(base, seed=seed)
        result = evaluate(base, scenario, evidence=shared)
    if result.design is None:
        return WillingnessPart(result, why_no_prices=result.why_not)
    rulebook = RULEBOOK.for_study(study)
    market = market_corridors(base, scenario, rulebook=rulebook)
    if why := why_not_searched(result):
        return WillingnessPart(result, why_no_prices=why, market=market)
    try:
        with step("search", "searching prices"):
            search = find_prices_quickly(result, rulebook=rulebook, market=market, seed=seed)
    except WorkbenchError as error:
        return WillingnessPart(result, why_no_prices=str(error), market=market)
    book = with_prices(result.design.book, search)
    effect = effect_on_today(result.design.sourced, book, shared.today)
    return WillingnessPart(result, search, market=market, found_against_today=effect)
