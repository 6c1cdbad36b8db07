"""What each account would pay in each month of a migration, if nobody reacts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.migration.policies import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    PhasedSteps,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.policies import Policy

    Floats = NDArray[np.float64]

_YEAR = 12


@dataclass(frozen=True, eq=False)
class Schedule:
    """Accounts x months: what is certain to be billed, and what depends on how many take an offer.

    `bills` is the bill of each month. `moved` is the share of the account (0 or 1, between where the month of an
    opt-in is uncertain) that has left the old price, `arrived` the share that pays the full new one. Where an
    account may choose, `offered` is what the bill changes when all such accounts choose to move, and `offered_moved`
    and `offered_arrived` the shares then moved and arrived; they are scaled by the take-up. None when nobody chooses.
    """

    bills: Floats
    moved: Floats
    arrived: Floats
    offered: Floats | None = None
    offered_moved: Floats | None = None
    offered_arrived: Floats | None = None


@singledispatch
def schedule(policy: Policy, bills: AccountBills, months: int) -> Schedule:
    """Return what every account pays month by month under a policy."""
    raise TypeError(
        f"{policy!r} is no migration policy; {len(bills)} accounts and {months} months were to be scheduled."
    )


@schedule.register(NewCustomersOnly)
def _(policy: NewCustomersOnly, bills: AccountBills, months: int) -> Schedule:
    del policy
    return _at(bills, np.full(len(bills), months), months)


@schedule.register(EveryoneAtOnce)
def _(policy: EveryoneAtOnce, bills: AccountBills, months: int) -> Schedule:
    return _at(bills, np.full(len(bills), policy.notice_months), months)


@schedule.register(Grandfather)
def _(policy: Grandfather, bills: AccountBills, months: int) -> Schedule:
    kept = months if policy.months is None else max(policy.months, policy.notice_months)
    return _at(bills, np.full(len(bills), kept), months)


@schedule.register(AtRenewal)
def _(policy: AtRenewal, bills: AccountBills, months: int) -> Schedule:
    return _at(bills, first_renewal(bills, policy.notice_months), months)


@schedule.register(CappedRise)
def _(policy: CappedRise, bills: AccountBills, months: int) -> Schedule:
    notice = policy.notice_months
    first = first_renewal(bills, notice) if policy.at_renewal else np.full(len(bills), notice)
    steps = (np.arange(months) - first[:, None]) // _YEAR + 1  # how many yearly steps have been taken
    reached = bills.old[:, None] * (1 + policy.per_year) ** np.maximum(steps, 0)
    found = np.minimum(reached, np.maximum(bills.new, bills.old)[:, None])
    falls = (bills.new < bills.old)[:, None] & (steps > 0)
    found = np.where(falls, bills.new[:, None], found)
    return _of(bills, found, steps > 0)


@schedule.register(PhasedSteps)
def _(policy: PhasedSteps, bills: AccountBills, months: int) -> Schedule:
    after = np.arange(months) - policy.notice_months
    share = np.zeros(months)
    for step in policy.steps:
        share[after >= step.month] = step.share
    shares = np.broadcast_to(share, (len(bills), months))
    if not policy.falls_too:
        falls = (bills.new < bills.old)[:, None]
        shares = np.where(falls & (shares > 0), 1.0, shares)
    found = bills.old[:, None] * (1 - shares) + bills.new[:, None] * shares
    return _of(bills, found, shares > 0)


@schedule.register(OptIn)
def _(policy: OptIn, bills: AccountBills, months: int) -> Schedule:
    after = np.arange(months) - policy.notice_months
    moved = np.clip((after + 1) / policy.over_months, 0, 1)
    no_longer = np.clip((after + 1 - policy.incentive_months) / policy.over_months, 0, 1)
    # Who moved and still has the incentive pays less; who moved earlier pays in full.
    paid = moved - policy.incentive * (moved - no_longer)
    change = bills.new[:, None] * paid - bills.old[:, None] * moved
    saves = (bills.new <= bills.old)[:, None]
    offered_moved, offered_arrived = np.where(saves, 0.0, moved), np.where(saves, 0.0, no_longer)
    return Schedule(
        bills=bills.old[:, None] + np.where(saves, change, 0.0),
        moved=np.where(saves, moved, 0.0),
        arrived=np.where(saves, no_longer if policy.incentive else moved, 0.0),
        offered=np.where(saves, 0.0, change),
        offered_moved=offered_moved,
        offered_arrived=offered_arrived if policy.incentive else offered_moved,
    )


@schedule.register(BySegment)
def _(policy: BySegment, bills: AccountBills, months: int) -> Schedule:
    shape = (len(bills), months)
    names = ("bills", "moved", "arrived", "offered", "offered_moved", "offered_arrived")
    found = {name: np.zeros(shape) for name in names}
    chooses = False
    for segment in bills.segments:
        here = bills.segment == segment
        part = schedule(policy.of(segment), bills.only(here), months)
        chooses |= part.offered is not None
        for name in names:
            if (values := getattr(part, name)) is not None:
                found[name][here] = values
    return Schedule(**found) if chooses else Schedule(found["bills"], found["moved"], found["arrived"])


def first_renewal(bills: AccountBills, notice: int) -> NDArray[np.intp]:
    """Return the month of each account's first renewal that leaves it the notice."""
    terms = np.maximum(0, -((bills.renewal - notice) // bills.term))  # whole terms to wait, rounded up
    return bills.renewal + terms * bills.term


def _at(bills: AccountBills, month: NDArray[np.integer], months: int) -> Schedule:
    moved = np.arange(months) >= month[:, None]
    return _of(bills, np.where(moved, bills.new[:, None], bills.old[:, None]), moved)


def _of(bills: AccountBills, found: Floats, moved: NDArray[np.bool_]) -> Schedule:
    arrived = moved & np.isclose(found, bills.new[:, None], rtol=1e-12, atol=0)
    return Schedule(found, moved.astype(float), arrived.astype(float))
