"""What is concluded about demand, in one frozen object for people and machines: known, or unknown with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import money, percent, priced
from workbench.stages.willingness.asked_range import why_not_searched
from workbench.stages.willingness.standing import LEAST_KEPT, Known, standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.demand.search import PriceSearch
    from workbench.results import Interval
    from workbench.stages.willingness.outcome import WillingnessResult

KNOWN: Known = "known"
UNKNOWN: Known = "unknown"


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
        nothing = FoundConclusion(status=UNKNOWN, reason=result.why_not)
        return DemandConclusion(
            status=UNKNOWN, reason=result.why_not, method="", revenue=None, accounts_kept=None, found=nothing
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
        return FoundConclusion(status=UNKNOWN, reason=why or why_no_prices or "No prices were searched.")
    currency = result.currency
    standing = standing_of(result.design.sourced, search.outcome, currency)
    revenue, kept = standing.revenue, standing.accounts_kept
    paid = paid_today(result)
    reason = standing.reason
    if not reason and (revenue is None or kept is None or paid is None):
        reason = "What these accounts pay today is not recorded, so no prices can be held against it."
    elif not reason and revenue is not None and paid is not None and revenue.low < paid:
        reason = (
            f"No prices are likely to beat today's under these conditions: the best found bring "
            f"{money(revenue.low, currency)} a month at the low end, and the same accounts pay {money(paid, currency)} "
            "today."
        )
    elif not reason and kept is not None and kept.low <= LEAST_KEPT:
        reason = (
            f"The best prices found may keep as few as {percent(kept.low)} of the accounts that pay today; "
            f"{percent(LEAST_KEPT)} at the low end are asked for."
        )
    if reason:
        return FoundConclusion(status=UNKNOWN, reason=reason)
    prices = {name: search.prices[name] for name in search.searched}
    return FoundConclusion(status=KNOWN, prices=prices, revenue=revenue, accounts_kept=kept)


def found_in_words(found: FoundConclusion, search: PriceSearch) -> str:
    """Return what recommended prices bring and keep, with ranges; why none are recommended otherwise."""
    if found.revenue is None or found.accounts_kept is None:
        return f"No prices are recommended. {found.reason}"
    prices = ", ".join(f"{name} {priced(price, search.currency)}" for name, price in found.prices.items())
    low, middle, high = (
        money(each, search.currency) for each in (found.revenue.low, found.revenue.estimate, found.revenue.high)
    )
    kept = found.accounts_kept
    return (
        f"Prices found ({prices}) bring {middle} a month ({low} to {high}) and keep {percent(kept.estimate)} "
        f"({percent(kept.low)} to {percent(kept.high)}) of the accounts that pay today."
    )


def paid_today(result: WillingnessResult) -> float | None:
    """Return what the accounts a design is put before pay a month today, None where it is not recorded."""
    if result.design is None:
        return None
    customers = result.design.sourced.demand.customers
    if customers.paid is None or not np.nan_to_num(customers.paid).any():
        return None
    asked = np.unique(np.asarray(result.design.task.customer))
    return float((np.nan_to_num(customers.paid) * customers.weight)[asked].sum())


__all__ = ["DemandConclusion", "FoundConclusion", "conclude", "found_conclusion", "found_in_words"]
