"""A policy month by month, as sums over all accounts, from the sums of cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.migration.cohorts import cohorts_under, old_and_new_of_payers, sums_of
from workbench.impact.migration.courses import course
from workbench.impact.migration.policies import OptIn
from workbench.impact.migration.schedules import offers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.growth import BillGrowth
    from workbench.impact.migration.policies import Policy

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What happens each month when everybody in a part takes its offer who may choose and would pay more.

    `change` is what revenue changes, `moved` and `arrived` count accounts, `moved_old` sums the old bills of those
    moved. `low` and `high` are the ends of the share that does.
    """

    change: Floats
    moved: Floats
    arrived: Floats
    moved_old: Floats
    low: float
    high: float

    @property
    def middle(self) -> float:
        """Return the middle of the share that takes it."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True, eq=False)
class MonthSums:
    """What is certain each month: revenue, accounts moved and arrived, the old bills of those moved; and offers."""

    revenue: Floats
    moved: Floats
    arrived: Floats
    moved_old: Floats
    offers: tuple[Offer, ...] = ()


def month_sums(policy: Policy, bills: AccountBills, months: int, growth: BillGrowth | None = None) -> MonthSums:
    """Return a policy's sums over all accounts, month by month; old and new bills grow where a growth is given."""
    cohorts = cohorts_under(bills, policy)
    certain, chosen = np.zeros((4, months)), []
    before, after = (np.ones((len(cohorts), 1)),) * 2 if growth is None else growth.of(cohorts, months)
    for part, here in cohorts.parts(policy):
        steps = course(part, cohorts.renewal[here], cohorts.term[here], months)
        by_place = np.stack([sums_of(bills, cohorts, each)[:, here] for each in steps.standings])
        found = by_place[steps.places(months), :, np.arange(len(here))[:, None]]  # cohorts x months x sums
        if growth is not None:
            unmoved = found[..., 4]
            found[..., 0] = (found[..., 0] - unmoved) * after[here] + unmoved * before[here]
        certain += found[..., :4].sum(axis=0).T
        if isinstance(part, OptIn):
            old, new, accounts = old_and_new_of_payers(bills, cohorts)[:, here, None]
            paid, moved, arrived = offers(steps, months)
            change = (new * after[here]).sum(axis=0) * paid - (old * before[here]).sum(axis=0) * moved
            ends = (part.take_up_low, part.take_up_high)
            count, left = float(accounts.sum()), float(old.sum())
            chosen.append(Offer(change, count * moved, count * arrived, left * moved, *ends))
    revenue, moved, arrived, moved_old = certain
    return MonthSums(revenue, moved, arrived, moved_old, tuple(chosen))
