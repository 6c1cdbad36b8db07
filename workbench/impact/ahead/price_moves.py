"""Price moves on record: months in which an account came to pay more for what it used before.

A rise is a change of the bill that the account's own quantities do not explain under the list, or of a bill that stood
still, while its plan stays. It counts only where what is paid had stood for three months, so that it is a step and no
wandering. Who stood and was not moved is what a rise is compared with; months of which neither can be said are left
out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import YEAR
from workbench.forecast import AGE_UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.ahead.record import Record

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

REACTION_MONTHS = 6
"""For how many months after a rise who leaves or moves down is counted."""
SAME, LEAST_RISE = 0.01, 0.02
"""What is paid per unit stands when it changes by no more than the one, and has risen from the other on."""
_STOOD = 2  # steps without a change before a rise: three months at one price
_LARGEST = 1.0  # a rise beyond 100% counts as 100%: a few such bills would outweigh all others
_LESS = 0.05  # of the bill: who moves to another plan for less than that saves nothing


@dataclass(frozen=True, eq=False, kw_only=True)
class PastBills:
    """What accounts paid month by month; all arrays are accounts x months, `quantity` has the metrics in front.

    `listed` is the bill of the account's own quantities under one list, NaN where it has none; `plan` -1 where none is
    on record; `age` months since sign-up, NaN unknown; `segment` one number an account.
    """

    paid: Floats
    listed: Floats
    plan: NDArray[np.intp]
    quantity: Floats
    age: Floats
    segment: NDArray[np.intp]

    @classmethod
    def of(cls, record: Record) -> PastBills | None:
        """Return the bills of a record; None without revenue on record."""
        if record.paid is None:
            return None
        rows, history = record.rows, record.history
        plan = np.full((len(rows.account_ids), len(rows.shown_months)), -1, dtype=np.intp)
        plan[rows.account, rows.month - rows.window.start] = rows.plans.code
        months = np.arange(history.months)
        return cls(
            paid=np.nan_to_num(record.paid),
            listed=record.listed,
            plan=plan[record.who],
            quantity=history.quantity[:-1],
            age=np.where(history.age == AGE_UNKNOWN, np.nan, history.age)[:, None] + months,
            segment=np.asarray(history.segment, dtype=np.intp),
        )


@dataclass(frozen=True, eq=False)
class Moves:
    """Accounts x months. `rise` is by how much the price rose in a month (0 where it stood, NaN where nobody knows).

    `exposed` is the rise of the months before, 0 for accounts that stood all the while, NaN where it cannot be said;
    an account is out of the comparison for a year after its rise has been followed. `before` is the last month that
    the rise did not touch: what accounts are held equal in is read there. `lasting` is the share of rises
    that still held two months later, among those that can be followed.
    """

    rise: Floats
    exposed: Floats
    before: NDArray[np.intp]
    lasting: float

    @property
    def moved(self) -> Flags:
        """Return in which months an account's price rose."""
        return np.nan_to_num(self.rise) > 0


def moves_of(past: PastBills) -> Moves:
    """Return the rises on record, and which account-months stand after one."""
    rise = _rises(past)
    exposed = np.full(rise.shape, np.nan)
    accounts, months = rise.shape
    before = np.tile(np.arange(-1, months - 1), (accounts, 1))
    size, since = np.zeros(accounts), np.full(accounts, months + YEAR)
    unclear, stood, last = np.full(accounts, months), *np.zeros((2, accounts), dtype=np.intp)
    for month in range(1, months):
        here = since <= REACTION_MONTHS
        alike = (since > YEAR + REACTION_MONTHS) & (stood >= _STOOD) & (unclear > REACTION_MONTHS)
        exposed[:, month] = np.where(here, size, np.where(alike, 0.0, np.nan))
        before[here, month] = last[here]
        step = rise[:, month]
        raised = step > 0
        last = np.where(raised & ~here, month - 1, last)
        size = np.where(raised, np.where(here, (1 + size) * (1 + step) - 1, step), size)
        since = np.where(raised, 1, since + 1)
        unclear = np.where(np.isnan(step), 1, unclear + 1)
        stood = np.where(step == 0, stood + 1, 0)
    return Moves(rise, np.minimum(exposed, _LARGEST), before, _lasting(past, rise))


def left(past: PastBills) -> Floats:
    """Return 1 in the first month an account pays nothing and never does again, 0 while it pays, NaN elsewhere."""
    pays = past.paid > 0
    later = np.flip(np.maximum.accumulate(np.flip(pays, axis=1), axis=1), axis=1)
    found = np.full(pays.shape, np.nan)
    paid_before = pays[:, :-1]
    found[:, 1:] = np.where(paid_before, np.where(later[:, 1:], 0.0, 1.0), np.nan)
    return found


def moved_down(past: PastBills) -> Floats:
    """Return 1 where an account that stays changed to another plan for less, 0 where it did not, NaN elsewhere."""
    pays = (past.paid > 0) & (past.plan >= 0)
    both = pays[:, 1:] & pays[:, :-1]
    other = past.plan[:, 1:] != past.plan[:, :-1]
    found = np.full(pays.shape, np.nan)
    found[:, 1:] = np.where(both, other & (past.paid[:, 1:] < (1 - _LESS) * past.paid[:, :-1]), np.nan)
    return found


def _rises(past: PastBills) -> Floats:
    by_list, by_bill = _steps(past.paid / np.where(past.listed > 0, past.listed, np.nan)), _steps(past.paid)
    same_plan = np.zeros(past.paid.shape, dtype=bool)
    same_plan[:, 1:] = past.plan[:, 1:] == past.plan[:, :-1]
    stands = [same_plan & (np.abs(each) <= SAME) for each in (by_list, by_bill)]
    step = np.where(_stood(stands[0]), by_list, np.where(_stood(stands[1]), by_bill, np.nan))
    raised = same_plan & (step >= np.log1p(LEAST_RISE))
    return np.where(stands[0] | stands[1], 0.0, np.where(raised, np.expm1(step), np.nan))


def _steps(values: Floats) -> Floats:
    """Return the change of the logarithm from the month before; NaN where either is not above nothing."""
    logs = np.log(np.where(values > 0, values, np.nan))
    return np.diff(logs, axis=1, prepend=np.nan)


def _stood(stands: Flags) -> Flags:
    """Tell in which months the steps before were all without a change."""
    found = np.ones(stands.shape, dtype=bool)
    for back in range(1, _STOOD + 1):
        found[:, :back] = False
        found[:, back:] &= stands[:, :-back]
    return found


def _lasting(past: PastBills, rise: Floats) -> float:
    """Return the share of rises that still hold two months on, among accounts that then pay for the same plan."""
    who, month = np.nonzero(np.nan_to_num(rise) > 0)
    after = month + 2
    inside = after < rise.shape[1]
    who, month, after = who[inside], month[inside], after[inside]
    same = (past.paid[who, after] > 0) & (past.plan[who, after] == past.plan[who, month])
    who, month, after = who[same], month[same], after[same]
    if not len(who):
        return 1.0
    bill = past.paid[who, after] / past.paid[who, month - 1]
    listed = past.listed[who, after] / np.where(past.listed[who, month - 1] > 0, past.listed[who, month - 1], np.nan)
    per_unit = np.where(np.isfinite(bill / listed), bill / listed, bill)
    half = np.log1p(rise[who, month]) / 2
    held = (np.log(np.maximum(bill, 1e-9)) >= half) | (np.log(np.maximum(per_unit, 1e-9)) >= half)
    return float(held.mean())
