"""Price lists over forecast usage: the same bills as a replay makes, for months that are still to come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.ahead.record import PAID
from workbench.impact.assignment import CheapestThatFits, KeepPlan
from workbench.impact.replay import replay
from workbench.impact.whole_months import WHOLE
from workbench.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast.curves import Bill
    from workbench.impact.account_months import AccountMonths
    from workbench.impact.ahead.record import Record
    from workbench.impact.assignment import Assignment
    from workbench.pricing import PriceBook

    Floats = NDArray[np.float64]

_REMEMBERED = 16  # arrays of one value per bill


@dataclass(frozen=True, slots=True)
class PricesAhead:
    """A price book, and how accounts get into its plans; None: each stays on its plan until it outgrows it."""

    book: PriceBook
    assign: Assignment | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name the metrics that bills or limits depend on."""
        offers = (*self.book.plans, *self.book.add_ons)
        charged = [charge.metric for offer in offers for charge in offer.charges]
        limited = [limit.metric for offer in offers for limit in offer.limits if limit.up_to is not None]
        return tuple(dict.fromkeys((*charged, *limited)))


class ListedBills:
    """List prices of quantities, for accounts as their last month until then left them: plan, features, segment."""

    def __init__(self, record: Record, prices: PricesAhead, months: int) -> None:
        self._record, self._prices = record, prices
        self._last = record.last_rows(months)
        self._metrics = tuple(metric for metric in record.metrics if metric != PAID)
        self._most = self._limits() if prices.assign is None else None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name the metrics that bills or limits depend on."""
        return self._prices.metrics

    @property
    def always(self) -> bool:
        """Tell whether there is a price for any quantity."""
        plans = self._prices.book.plans
        return any(plan.priced and all(limit.up_to is None for limit in plan.limits) for plan in plans)

    def __call__(self, quantities: Floats, places: NDArray[np.int64]) -> Floats:
        """Return the bills; NaN where the list has none."""
        if not len(places):
            return np.zeros(0)
        rows = self._rows(quantities, places)
        if self._most is None:
            assert self._prices.assign is not None  # noqa: S101 - or there would be limits
            return replay(rows, self._prices.book, assign=self._prices.assign).amounts
        amounts = replay(rows, self._prices.book, assign=KeepPlan()).amounts
        outgrown = np.flatnonzero((quantities[: len(self._metrics)] > self._most[:, places]).any(axis=0))
        if not len(outgrown):
            return amounts
        larger = self._rows(quantities[:, outgrown], places[outgrown])
        moved = replay(larger, self._prices.book, assign=CheapestThatFits()).amounts
        amounts = amounts.copy()
        amounts[outgrown] = np.where(np.isnan(moved), amounts[outgrown], moved)
        return amounts

    def now(self) -> Floats:
        """Return every account's list price in its last month."""
        rows = self._record.rows
        used = np.array([rows.quantity(metric)[self._last] for metric in self._metrics])
        return self(used, np.arange(len(self._last)))

    def _limits(self) -> Floats:
        """Return, metrics x accounts, what the account's own plan holds; no limit where it uses more already."""
        rows, plans = self._record.rows, {plan.name: plan for plan in self._prices.book.plans}
        names = rows.plans.names
        most = np.full((len(self._metrics), len(names) + 1), np.inf)
        for code, name in enumerate(names):
            for limit in plans[name].limits if name in plans else ():
                if limit.up_to is not None and limit.metric in self._metrics:
                    most[self._metrics.index(limit.metric), code] = float(limit.up_to)
        most = most[:, rows.plans.code[self._last]]
        for place, metric in enumerate(self._metrics):
            most[place, rows.quantity(metric)[self._last] > most[place]] = np.inf
        return most

    def _rows(self, quantities: Floats, places: NDArray[np.int64]) -> AccountMonths:
        """Return one account-month for each place, with these quantities."""
        rows, last, size = self._record.rows, self._last[places], len(places)
        return replace(  # one row each, in the order of the places: quantities are theirs, and one month long
            rows,
            months=rows.months[-1:],
            window=slice(0, 1),
            account=rows.account[last],
            month=np.zeros(size, dtype=np.int32),
            recorded=None,
            plans=replace(rows.plans, code=rows.plans.code[last]),
            shares=WHOLE,
            features=None if rows.features is None else replace(rows.features, code=rows.features.code[last]),
            cautions=(),
            cube={name: values[:, None] for name, values in zip(self._metrics, quantities, strict=False)},
            _kept=Recent(_REMEMBERED),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PaidBills:
    """What accounts pay under each list, by name; and who keeps what it pays, because a list has no bill for it."""

    bills: Mapping[str, Bill]
    keeps: NDArray[np.bool_]


def paid_bills(record: Record, lists: Mapping[str, PricesAhead], months: int) -> PaidBills:
    """Return the bills of accounts as they stood after so many months; the first list is today's.

    Each account keeps the share of its list price that it pays; who pays more than the list keeps what it pays beyond
    it. One on request, or without a bill in its last month under any of the lists, keeps what it pays under all of
    them, growing as what it paid grew.
    """
    listed = {name: ListedBills(record, prices, months) for name, prices in lists.items()}
    today = next(iter(listed.values()))
    now = np.array([own.now() for own in listed.values()])
    keeps: NDArray[np.bool_] = np.asarray(np.isnan(now).any(axis=0))
    if record.paid is not None:
        keeps |= now[0] <= 0  # who pays for what the list gives away pays for something else
    realisation = record.realisation(months)

    bills = {name: _PaidBill(record, own, today, keeps, realisation) for name, own in listed.items()}
    return PaidBills(bills, keeps)


@dataclass(frozen=True, slots=True, eq=False)
class _PaidBill:
    """What accounts pay under one list: their own part of its price, or what they pay whatever the list."""

    record: Record
    own: ListedBills
    today: ListedBills
    keeps: NDArray[np.bool_]
    realisation: Floats

    def __call__(self, quantities: Floats, places: NDArray[np.int64]) -> Floats:
        amounts = self.own(quantities, places)
        if self.own is not self.today and (lacking := np.flatnonzero(np.isnan(amounts))).size:
            amounts = amounts.copy()  # beyond all plans of the new list: today's price goes on
            amounts[lacking] = self.today(quantities[:, lacking], places[lacking])
        as_paid = quantities[-1] if self.record.paid is not None else np.zeros(len(places))
        return np.where(self.keeps[places], as_paid, np.nan_to_num(self._paid(amounts, quantities, places)))

    def _paid(self, amounts: Floats, quantities: Floats, places: NDArray[np.int64]) -> Floats:
        """Return what is paid of list prices: a discount is a share of any list, what is paid beyond one is not."""
        part = self.realisation[places]
        beyond = np.flatnonzero((part > 1) & ~self.keeps[places])
        if self.own is self.today or not len(beyond):
            return amounts * part
        paid = amounts * np.minimum(part, 1.0)
        paid[beyond] += self.today(quantities[:, beyond], places[beyond]) * (part[beyond] - 1)
        return paid

    def depends(self, metric: int, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        name = self.record.metrics[metric]
        if name == PAID:
            return self.keeps[places]
        today = name in self.today.metrics
        if name in self.own.metrics or (today and not self.own.always):
            return ~self.keeps[places]
        return ~self.keeps[places] & (self.realisation[places] > 1) & today
