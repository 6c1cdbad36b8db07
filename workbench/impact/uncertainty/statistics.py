"""All a simulation needs to know about the accounts of a scenario: sums per segment, size of rise and month.

A response depends on the rise alone, so accounts of a segment with the same rise can be added up. Each account-month
is split between the two neighbouring rises of a fixed grid so that its rise is kept on average; a response that is
linear between them is then exact, and what is left is below 0.1% of revenue (measured in the tests against a
simulation of every single account). Draws are never multiplied by accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.migration.path import parts_of
from workbench.impact.migration.policies import OptIn

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact.migration import AccountBills, MigrationPath

    Floats = NDArray[np.float64]

# Fine where most rises are, coarse where few are; falls only change usage, which is linear in them.
RISES = np.concatenate(
    [[-1.0, -0.5, 0.0], np.arange(1, 21) * 0.05, 1 + np.arange(1, 11) * 0.2, 3 + np.arange(1, 8) * 1.0]
)
RISES.setflags(write=False)
SUMS = ("flat", "metered", "add_ons", "squares", "accounts", "cost")


@dataclass(frozen=True, eq=False, repr=False)
class Statistics:
    """A scenario in sums of account-months, segment x rise x month.

    `flat`, `metered` and `add_ons` are the parts of the bills, `squares` the squared bills, `accounts` a count and
    `cost` the cost of serving (None where it is not known for every account). `offered` (segment x month) is what
    revenue changes when everybody takes an offer, `take_up` the low and high share per segment that does.
    `new_bill` is what a new customer pays a month. `largest` is the largest account's share of revenue.
    """

    name: str
    segments: tuple[str, ...]
    months: pd.DatetimeIndex
    currency: str
    flat: Floats
    metered: Floats
    add_ons: Floats
    squares: Floats
    accounts: Floats
    cost: Floats | None
    offered: Floats
    take_up: Floats
    new_bill: float
    break_even_churn: float
    largest: float
    account_ids: NDArray[np.object_]

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.flat.shape))
        return f"Statistics({self.name!r}, {len(self.account_ids):,} accounts as {shape} sums)"


def summarise(path: MigrationPath, name: str = "", *, today: bool = False) -> Statistics:
    """Return the sums a simulation of a path works on; `today` lets new customers pay the old prices."""
    bills, plan = path.bills, path.schedule
    names = bills.segments
    code = np.searchsorted(np.array(names, dtype=object), bills.segment)
    months = plan.bills.shape[1]
    sums = _sums(bills, plan.bills, plan.moved, code, len(names))
    offered, take_up = np.zeros((len(names), months)), np.zeros((len(names), 2))
    if plan.offered is not None:
        for part, here in parts_of(path.policy, bills):
            if isinstance(part, OptIn):
                for place in np.unique(code[here]):
                    offered[place] = plan.offered[here & (code == place)].sum(axis=0)
                    take_up[place] = part.take_up_low, part.take_up_high
    total = float(bills.new.sum())
    return Statistics(
        name=name or path.name,
        segments=names,
        months=bills.months(months),
        currency=bills.currency,
        **{key: sums[key] for key in SUMS[:-1]},
        cost=sums["cost"] if np.isfinite(bills.unit_cost).all() else None,
        offered=offered,
        take_up=take_up,
        new_bill=float((bills.old if today else bills.new).mean()),
        break_even_churn=path.break_even_churn,
        largest=float(bills.new.max() / total) if total else 0.0,
        account_ids=bills.account_ids,
    )


def _sums(
    bills: AccountBills, billed: Floats, moved: Floats, code: NDArray[np.intp], segments: int
) -> dict[str, Floats]:
    """Add account-months up; only months in which an account's bill changes are looked at, and carried forward."""
    months = billed.shape[1]
    changed = np.ones(billed.shape, dtype=bool)
    changed[:, 1:] = (billed[:, 1:] != billed[:, :-1]) | (moved[:, 1:] != moved[:, :-1])
    account, month = np.nonzero(changed)
    bill = billed[account, month]
    parts = _parts(bills, account, bill, moved[account, month])
    lower, weight = _places(bills.old[account], bill)
    # Where the same account stood before: its amounts leave that place in the month of the change.
    stays = np.flatnonzero(account[1:] == account[:-1])
    enters = np.arange(len(account))
    rows = np.concatenate([enters, stays])
    when = np.concatenate([month, month[stays + 1]])
    sign = np.concatenate([np.ones(len(account)), -np.ones(len(stays))])
    place = (code[account[rows]] * len(RISES) + lower[rows]) * months + when
    shape = (segments, len(RISES), months)
    size = segments * len(RISES) * months
    found = {}
    for name, values in parts.items():
        amount = sign * values[rows]
        above = amount * weight[rows]
        total = np.bincount(place, amount - above, size + months) + np.bincount(place + months, above, size + months)
        summed = total[:size].reshape(shape).cumsum(axis=2)
        # Amounts that left are gone but for rounding; take that away, so that empty cells are empty.
        most = np.abs(summed).max() if size else 0.0
        found[name] = np.where(np.abs(summed) < most * 1e-13, 0.0, summed)
    return found


def _parts(bills: AccountBills, account: NDArray[np.intp], bill: Floats, moved: Floats) -> dict[str, Floats]:
    new = bills.new[account]
    with np.errstate(divide="ignore", invalid="ignore"):
        metered = np.where(new > 0, bills.metered[account] / new, 0.0) * moved * bill
        add_ons = np.where(new > 0, bills.add_ons[account] / new, 0.0) * moved * bill
    return {
        "flat": bill - metered - add_ons,
        "metered": metered,
        "add_ons": add_ons,
        "squares": bill**2,
        "accounts": np.ones(len(bill)),
        "cost": np.nan_to_num(bills.unit_cost[account]),
    }


def _places(old: Floats, bill: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the rise of the grid below each bill's rise, and how far it is to the next one (0 to 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where((old == 0) & (bill == 0), 0.0, bill / old - 1)
    rise = np.clip(rise, RISES[0], RISES[-1])
    lower = np.clip(np.searchsorted(RISES, rise, side="right") - 1, 0, len(RISES) - 2)
    return lower, (rise - RISES[lower]) / (RISES[lower + 1] - RISES[lower])
