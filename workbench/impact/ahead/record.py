"""What was used, billed and paid so far, as a forecast takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.windows import RECENT_MONTHS
from workbench.forecast import AGE_UNKNOWN, UsageHistory, jump_of
from workbench.impact.assignment import KeepPlan
from workbench.impact.realised import share_of_list
from workbench.impact.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.impact.account_months import AccountMonths
    from workbench.pricing import PriceBook

    Floats = NDArray[np.float64]

PAID = ""  # the metric of what was paid: no metric of usage has an empty name


@dataclass(frozen=True, eq=False)
class Record:
    """The history of everybody who was ever a customer, and what each paid of its list price.

    `who` are their places in the base; `metrics` name the first axis of the history's quantities, `PAID` the last
    where revenue is on record. `listed` is accounts x months under today's list, NaN where it has no bill.
    """

    rows: AccountMonths
    history: UsageHistory
    metrics: tuple[str, ...]
    who: NDArray[np.intp]
    listed: Floats

    @property
    def paid(self) -> Floats | None:
        """Return what was paid, accounts x months; None without revenue on record."""
        return self.history.quantity[-1] if self.metrics[-1:] == (PAID,) else None

    def last_rows(self, months: int) -> NDArray[np.intp]:
        """Return each account's last account-month within the first so many months (its first one, where later)."""
        rows = self.rows
        found = np.zeros(len(rows.account_ids), dtype=np.intp)
        order = np.arange(len(rows))
        found[rows.account[::-1]] = order[::-1]
        before = order[rows.month < months]
        found[rows.account[before]] = before
        return found[self.who]

    def realisation(self, months: int) -> Floats:
        """Return what each account pays of its list price, by the last months known until then; 1 where unknown.

        A discount belongs to the account: it is kept under any list. Of the last months only, because a forecast goes
        on from what is paid then, and a discount that has ended is not part of it.
        """
        if self.paid is None:
            return np.ones(len(self.who))
        paid, listed = self.paid[:, :months], self.listed[:, :months]
        both = np.isfinite(paid) & np.isfinite(listed)
        return share_of_list(_last_sum(paid, both), _last_sum(listed, both))

    def youngest(self, metrics: Iterable[str]) -> tuple[str, int]:
        """Return which of these metrics has been on record for the fewest months, and for how many."""
        ages = {}
        for metric in metrics:
            if metric in self.metrics:
                seen = ~np.isnan(self.history.quantity[self.metrics.index(metric)]).all(axis=0)
                ages[metric] = self.history.months - int(seen.argmax()) if seen.any() else 0
        return min(ages.items(), key=lambda each: each[1]) if ages else ("", self.history.months)

    def jump(self, metrics: Iterable[str]) -> tuple[str, pd.Timestamp] | None:
        """Return which of these metrics jumped for all accounts at once, and when; None where none did."""
        for metric in dict.fromkeys(metrics):
            if metric in self.metrics:
                place = jump_of(self.history.quantity[self.metrics.index(metric)])
                if place is not None:
                    return metric, self.rows.shown_months[place]
        return None


def record_of(base: CustomerBase, rows: AccountMonths, today: PriceBook, metrics: Sequence[str]) -> Record:
    """Return the record of all account-months; `metrics` are those that any of the lists asks about."""
    shape = (len(rows.account_ids), len(rows.shown_months))
    who = np.flatnonzero(rows.months_of_account)
    column = rows.month - rows.window.start

    def matrix(values: Floats) -> Floats:
        found = np.full(shape, np.nan)
        found[rows.account, column] = values
        return found[who]

    known = [metric for metric in dict.fromkeys(metrics) if metric in rows.metrics]
    if not known and rows.recorded is None:
        known = list(rows.metrics[:1])  # which no list asks about: it says who is a customer
    blocks = [matrix(np.maximum(rows.quantity(metric), 0.0)) for metric in known]
    if rows.recorded is not None:
        known.append(PAID)
        blocks.append(matrix(rows.recorded))
    signed_up = pd.DatetimeIndex(base.accounts["signed_up"])[who] if "signed_up" in base.accounts else None
    first = rows.shown_months[0]
    history = UsageHistory(
        quantity=np.array(blocks),
        age=np.full(len(who), AGE_UNKNOWN) if signed_up is None else _ages(signed_up, first),
        segment=rows.segment_codes[0][who].astype(np.int64),
        first_calendar_month=first.month - 1,
    )
    listed = matrix(replay(rows, today, assign=KeepPlan()).amounts)
    return Record(rows, history, tuple(known), who, listed)


def _ages(signed_up: pd.DatetimeIndex, first: pd.Timestamp) -> NDArray[np.int64]:
    unknown = signed_up.isna()
    months = (first.year - signed_up.year) * 12 + first.month - signed_up.month
    return np.where(unknown, AGE_UNKNOWN, np.nan_to_num(months.to_numpy(dtype=float))).astype(np.int64)


def _last_sum(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return the sum of each row over its last known months."""
    from_end = known[:, ::-1].cumsum(axis=1)[:, ::-1]
    inside = known & (from_end <= RECENT_MONTHS)
    return np.where(inside, values, 0.0).sum(axis=1)
