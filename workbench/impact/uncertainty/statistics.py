"""All a simulation needs to know about the accounts of a scenario: sums per segment, size of rise and month.

A response depends on the rise alone, so accounts of a segment with the same rise can be added up. Each account-month
is split between the two neighbouring rises of a fixed grid so that its rise is kept on average; a response that is
linear between them is then exact, and what is left is below 0.1% of revenue (measured in the tests against a
simulation of every single account). It can be more only where nearly all bills change by one and the same share, in
the draws in which a response reaches its end within the step of that share. Draws are never multiplied by accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.migration.cohorts import cohorts_under, old_and_new_of_payers
from workbench.impact.migration.courses import course
from workbench.impact.migration.policies import OptIn
from workbench.impact.migration.schedules import offers
from workbench.impact.migration.standings import ways
from workbench.impact.uncertainty.behaviour import MOST, USAGE

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact.migration import AccountBills, MigrationPath
    from workbench.impact.migration.cohorts import Cohorts
    from workbench.impact.migration.standings import Standing, Way

    Floats = NDArray[np.float64]

# Fine where most rises are, coarse where few are. Usage alone answers a fall, in a straight line down to the one that
# doubles it; that is never a smaller fall than the strongest answer there can be needs.
_STEP = 1 / 30
RISES = np.concatenate(
    [
        np.linspace(-1, -1 / MOST[USAGE], round((1 - 1 / MOST[USAGE]) / _STEP) + 1),
        np.arange(31) * _STEP,
        1 + np.arange(1, 11) * 0.2,
        3 + np.arange(1, 8) * 1.0,
    ]
)
RISES.setflags(write=False)
SUMS = ("flat", "metered", "add_ons", "unmoved", "squares", "accounts", "cost")


@dataclass(frozen=True, eq=False, repr=False)
class Statistics:
    """A scenario in sums of account-months, segment x rise x month.

    `flat`, `metered` and `add_ons` are the parts of the bills, `unmoved` what of `flat` is billed at today's prices,
    `squares` the squared bills, `accounts` a count and `cost` the cost of serving (None where it is not known for
    every account). `old` and `new` are the bills of a segment under today's prices and under the scenario's. `offered`
    (segment x month) is what revenue changes when everybody takes an offer, of which old bills that end are
    `offered_old`; `take_up` is the low and high share per segment that does.
    `new_bill` is what a new customer pays a month, `new_cost` what serving one costs (NaN where `cost` is None) and
    `new_customers` the range of how many the path lets come in a month. `largest` is the largest account's share of
    revenue.
    """

    name: str
    segments: tuple[str, ...]
    months: pd.DatetimeIndex
    currency: str
    flat: Floats
    metered: Floats
    add_ons: Floats
    unmoved: Floats
    squares: Floats
    accounts: Floats
    cost: Floats | None
    old: Floats
    new: Floats
    offered: Floats
    offered_old: Floats
    take_up: Floats
    new_bill: float
    new_cost: float
    new_customers: tuple[float, float]
    break_even_churn: float
    largest: float
    account_ids: NDArray[np.object_]

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.flat.shape))
        return f"Statistics({self.name!r}, {len(self.account_ids):,} accounts as {shape} sums)"


def summarise(path: MigrationPath, name: str = "", *, today: bool = False) -> Statistics:
    """Return the sums a simulation of a path works on; `today` counts by the old prices."""
    bills, months = path.bills, len(path.table)
    cohorts = cohorts_under(bills, path.policy)
    names = cohorts.segments
    sums = np.zeros((len(SUMS), len(names), len(RISES), months))
    offered, offered_old = np.zeros((2, len(names), months))
    take_up = np.zeros((len(names), 2))
    for part, here in cohorts.parts(path.policy):
        steps = course(part, cohorts.renewal[here], cohorts.term[here], months)
        places = steps.places(months)
        for place in np.unique(places):
            table, inside = _table(bills, cohorts, steps.standings[place]), (places == place).astype(float)
            for segment in np.unique(cohorts.segment[here]):
                which = cohorts.segment[here] == segment
                found = np.tensordot(table[:, here[which]], inside[which], axes=(1, 0))
                sums[:, segment] += found
        if isinstance(part, OptIn):
            old, new, _ = old_and_new_of_payers(bills, cohorts)
            paid, moved, _ = offers(steps, months)
            for segment in np.unique(cohorts.segment[here]):
                which = here[cohorts.segment[here] == segment]
                offered_old[segment] = old[which].sum() * moved
                offered[segment] = new[which].sum() * paid - offered_old[segment]
                take_up[segment] = part.take_up_low, part.take_up_high
    named = dict(zip(SUMS, sums, strict=True))
    comers = path.new_customers
    charged = bills.old if today else bills.new
    return Statistics(
        name=name or path.name,
        segments=names,
        months=bills.months(months),
        currency=bills.currency,
        **{key: named[key] for key in SUMS[:-1]},
        cost=named["cost"] if np.isfinite(bills.unit_cost).all() else None,
        old=_by_segment(bills.old, cohorts),
        new=_by_segment(charged, cohorts),
        offered=offered,
        offered_old=offered_old,
        take_up=take_up,
        new_bill=float(charged.mean()) if comers.bill is None else comers.bill,
        new_cost=float(bills.unit_cost.mean()),
        new_customers=(comers.low, comers.high),
        break_even_churn=path.break_even_churn,
        largest=float(charged.max() / charged.sum()) if charged.any() else 0.0,
        account_ids=bills.account_ids,
    )


def _table(bills: AccountBills, cohorts: Cohorts, standing: Standing) -> Floats:
    """Return sums x cohorts x rises of the accounts that stand at one place of the way; worked out once."""

    def make() -> Floats:
        size = len(cohorts) * len(RISES)
        found = np.zeros((len(SUMS), size))
        for way in ways(standing, bills):
            lower, weight = _places(bills.old, way.bill)
            at = cohorts.of_account * len(RISES) + lower
            for place, values in enumerate(_parts(bills, way)):
                amount = values * way.share
                found[place] += np.bincount(at, amount - amount * weight, size)
                found[place] += np.bincount(at + 1, amount * weight, size + 1)[:size]
        return found.reshape(len(SUMS), len(cohorts), len(RISES))

    return cohorts.once(("table", standing), make)


def _parts(bills: AccountBills, way: Way) -> tuple[Floats, ...]:
    """Return the values of every account that are summed, in the order of `SUMS`."""
    metered, add_ons = bills.metered * way.of_new, bills.add_ons * way.of_new
    cost = np.nan_to_num(bills.unit_cost)
    unmoved = np.where(way.of_new == 0, way.bill, 0.0)
    return (way.bill - metered - add_ons, metered, add_ons, unmoved, way.bill**2, np.ones(len(bills)), cost)


def _by_segment(values: Floats, cohorts: Cohorts) -> Floats:
    return np.bincount(cohorts.segment_of_account, values, len(cohorts.segments)).astype(np.float64, copy=False)


def _places(old: Floats, bill: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the rise of the grid below each bill's rise, and how far it is to the next one (0 to 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where((old == 0) & (bill == 0), 0.0, bill / old - 1)
    rise = np.clip(rise, RISES[0], RISES[-1])
    lower = np.clip(np.searchsorted(RISES, rise, side="right") - 1, 0, len(RISES) - 2)
    return lower, (rise - RISES[lower]) / (RISES[lower + 1] - RISES[lower])
