"""Revenue of the months ahead under today's list and new ones: same usage, same customers, same draws.

Nobody reacts to prices here. What customers do about a move is assumed, and laid over this in `uncertainty`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.forecast import BackTest, Parts, Reach, back_test, billed_totals, narrowed, reach_of, simulate_parts
from workbench.forecast.backtest import HELD_BACK
from workbench.forecast.reach import FAR_AHEAD, LEAST_MONTHS
from workbench.impact.ahead.lists import PricesAhead, paid_bills
from workbench.impact.ahead.record import record_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.forecast.curves import Bill
    from workbench.impact.account_months import AccountMonths
    from workbench.impact.ahead.record import Record

    Floats = NDArray[np.float64]

HORIZON = FAR_AHEAD
DRAWS = 2_000
PAST = 12  # months shown before those ahead


@dataclass(frozen=True, slots=True)
class BackTestPoint:
    """One month that is over: what a forecast from before said, 90% from low to high, and what it was."""

    month: str
    revenue: float
    low: float
    high: float
    was: float


@dataclass(frozen=True, eq=False, repr=False)
class RevenueAhead:
    """Revenue of the coming months under each list, draw by draw; `parts` None where nothing can be said, see `reach`.

    `months` begin after the last complete one. The groups of `parts` are `segments`, and last the accounts that keep
    what they pay under every list. The first of `names` is today's list. Ranges are as wide as the back-test asks for.
    `past` has month and revenue of the last months: what was paid, or today's list where no revenue is on record.
    """

    names: tuple[str, ...]
    months: pd.DatetimeIndex
    reach: Reach
    past: pd.DataFrame
    segments: tuple[str, ...] = ()
    parts: Parts | None = None
    tested: BackTest | None = None
    back_test: tuple[BackTestPoint, ...] = ()

    def __repr__(self) -> str:
        what = "unknown" if self.parts is None else f"{len(self.parts.joined):,} draws"
        return f"RevenueAhead({', '.join(self.names)}; {what})"

    @property
    def last_month(self) -> float:
        """Return the revenue of the last month."""
        return float(self.past["revenue"].iloc[-1])

    def table(self, name: str) -> pd.DataFrame:
        """Return month, low, revenue (median) and high of one list, for the months a range may be given for."""
        shown = self.reach.ranges if self.parts is not None else 0
        low, middle, high = self.parts.totals.ranges(name)[:, :shown] if self.parts is not None else np.zeros((3, 0))
        return pd.DataFrame({"month": self.months[:shown], "low": low, "revenue": middle, "high": high})

    def chance(self, name: str) -> Floats:
        """Return, per month, the share of draws in which a list brings more than today's; as far as a sign may go."""
        if self.parts is None:
            return np.zeros(0)
        return self.parts.totals.chance(name, self.names[0])[: self.reach.sign]


def revenue_ahead(
    base: CustomerBase,
    rows: AccountMonths,
    lists: Mapping[str, PricesAhead],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> RevenueAhead:
    """Forecast usage, leavers and new customers, and bill them under every list.

    Parameters
    ----------
    rows
        All account-months of the base, prepared with `account_months`.
    lists
        Price lists by name; the first is today's.
    draws, seed
        How many draws; the same for all lists.

    Each account keeps its own discount under all lists. New customers of a new list are taken to be those of today's.
    """
    today = next(iter(lists.values()))
    metrics = [metric for prices in lists.values() for metric in prices.metrics]
    record = record_of(base, rows, today.book, metrics)
    history = record.history
    now = paid_bills(record, lists, history.months)
    past = _past(record, now.bills)
    months = pd.date_range(rows.shown_months[-1] + pd.DateOffset(months=1), periods=HORIZON, freq="MS")
    reach = _reach(record, metrics)
    names, segments = tuple(lists), tuple(map(str, rows.segment_codes[1]))
    if not reach.ranges:
        return RevenueAhead(names, months, reach, past)
    group = np.where(now.keeps, len(segments), history.segment)
    groups = len(segments) + 1
    parts = simulate_parts(history, now.bills, HORIZON, group=group, groups=groups, draws=draws, seed=seed)
    tested = _tested(record, lists, now.bills, seed) if reach.tested else None
    if tested is not None:
        parts = parts.widened(tested.widening)
    reach = narrowed(reach, parts, _last_bills(record, now.bills))
    points = () if tested is None else _back_test_rows(tested, rows.shown_months)
    return RevenueAhead(names, months, reach, past, segments, parts, tested, points)


def _reach(record: Record, metrics: list[str]) -> Reach:
    """Return how far ahead the record reaches; not at all where a metric of the lists is too young itself."""
    reach = reach_of(record.history)
    if reach.ranges and (jumped := record.jump(metrics)):
        metric, month = jumped
        text = f"{metric} of all accounts jumped in {month:%B %Y}; what was counted must have changed"
        return Reach(0, 0, tested=False, reason=text)
    metric, months = record.youngest(metrics)
    if reach.ranges and months < LEAST_MONTHS:
        text = f"{metric} has been on record for {months} months; a forecast needs {LEAST_MONTHS}"
        return Reach(0, 0, tested=False, reason=text)
    return reach


def _last_bills(record: Record, now: Mapping[str, Bill]) -> Floats:
    history = record.history
    here = np.flatnonzero(history.active[:, -1])
    return next(iter(now.values()))(np.nan_to_num(history.quantity[:, here, -1]), here)


def _past(record: Record, now: Mapping[str, Bill]) -> pd.DataFrame:
    count = min(PAST, record.history.months)
    paid = record.paid
    revenue = billed_totals(record.history, now, count)[0] if paid is None else np.nansum(paid[:, -count:], axis=0)
    return pd.DataFrame({"month": record.rows.shown_months[-count:], "revenue": revenue})


def _tested(record: Record, lists: Mapping[str, PricesAhead], now: Mapping[str, Bill], seed: int) -> BackTest | None:
    """Hold the forecast of a year ago against what came: under today's list what was paid, where that is on record."""
    origin = record.history.months - HELD_BACK
    then = paid_bills(record, lists, origin).bills
    came = {} if record.paid is None else {next(iter(lists)): np.nansum(record.paid[:, origin:], axis=0)}
    return back_test(record.history, now, then=then, came=came, seed=seed)


def _back_test_rows(tested: BackTest, months: pd.DatetimeIndex) -> tuple[BackTestPoint, ...]:
    low, middle, high = tested.ranges[0]
    past = months[-len(middle) :].strftime("%Y-%m")
    return tuple(
        BackTestPoint(str(month), *map(float, each))
        for month, *each in zip(past, middle, low, high, tested.truth[0], strict=True)
    )
