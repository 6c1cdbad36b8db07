"""The course of a policy: from which month on an account stands where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import YEAR
from workbench.impact.migration.policies import (
    AtRenewal,
    CappedRise,
    EveryoneAtOnce,
    Grandfather,
    NewCustomersOnly,
    OptIn,
    PhasedSteps,
)
from workbench.impact.migration.standings import NEW, OLD, Offered, PartOfTheWay, Standing, UnderCap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.migration.policies import OnePolicy

    Months = NDArray[np.intp]

NEVER = 1_000_000  # months; later than any path ends


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Accounts, or groups of them, leave old prices in month `first` (one entry each).

    From then on they stand at `standings[k]` after `delays[k]` months; `standings[0]` are old prices, with no delay.
    """

    first: Months
    delays: tuple[int, ...]
    standings: tuple[Standing, ...]

    def places(self, months: int) -> Months:
        """Return (accounts or groups) x months: the place in `standings` of where each stands."""
        since = np.arange(months) - self.first[:, None]
        return np.searchsorted(np.array(self.delays[1:], dtype=np.intp), since, side="right")


@singledispatch
def course(policy: OnePolicy, renewal: Months, term: Months, months: int) -> Course:
    """Return the course over `months` months of accounts with these next renewals and terms (in months)."""
    raise TypeError(f"{policy!r} is no single migration policy, for {len(renewal)} of {len(term)} in {months} months.")


@course.register(NewCustomersOnly)
def _(policy: NewCustomersOnly, renewal: Months, term: Months, months: int) -> Course:
    del policy, term, months
    return _switch(np.full(len(renewal), NEVER))


@course.register(EveryoneAtOnce)
def _(policy: EveryoneAtOnce, renewal: Months, term: Months, months: int) -> Course:
    del term, months
    return _switch(np.full(len(renewal), policy.notice_months))


@course.register(Grandfather)
def _(policy: Grandfather, renewal: Months, term: Months, months: int) -> Course:
    del term, months
    return _switch(np.full(len(renewal), NEVER if policy.months is None else max(policy.months, policy.notice_months)))


@course.register(AtRenewal)
def _(policy: AtRenewal, renewal: Months, term: Months, months: int) -> Course:
    del months
    return _switch(first_renewal(renewal, term, policy.notice_months))


@course.register(CappedRise)
def _(policy: CappedRise, renewal: Months, term: Months, months: int) -> Course:
    notice = policy.notice_months
    first = first_renewal(renewal, term, notice) if policy.at_renewal else np.full(len(renewal), notice)
    delays = tuple(range(0, max(months, 1), YEAR))
    steps = tuple(UnderCap(policy.per_year, number + 1) for number in range(len(delays)))
    return Course(first, (0, *delays), (OLD, *steps))


@course.register(PhasedSteps)
def _(policy: PhasedSteps, renewal: Months, term: Months, months: int) -> Course:
    del term, months
    bringing = [step for step in policy.steps if step.share]  # a step of nothing changes no bill
    begins = bringing[0].month
    steps = tuple(PartOfTheWay(step.share, policy.falls_too) for step in bringing)
    first = np.full(len(renewal), policy.notice_months + begins)
    return Course(first, (0, *(step.month - begins for step in bringing)), (OLD, *steps))


@course.register(OptIn)
def _(policy: OptIn, renewal: Months, term: Months, months: int) -> Course:
    del term, months
    last = policy.over_months + (policy.incentive_months if policy.incentive else 0)
    delays = tuple(range(last))
    steps = tuple(_taken(policy, delay) for delay in delays)
    return Course(np.full(len(renewal), policy.notice_months), (0, *delays), (OLD, *steps))


def _taken(policy: OptIn, after: int) -> Offered:
    moved = min((after + 1) / policy.over_months, 1.0)
    no_longer = min(max((after + 1 - policy.incentive_months) / policy.over_months, 0.0), 1.0)
    # Who moved and still has the incentive pays less; who moved earlier pays in full.
    paid = moved - policy.incentive * (moved - no_longer)
    return Offered(paid, moved, no_longer if policy.incentive else moved)


def first_renewal(renewal: Months, term: Months, notice: int | Months) -> Months:
    """Return the month of each first renewal that leaves the notice; one for all accounts, or one each."""
    terms = np.maximum(0, -((renewal - notice) // term))  # whole terms to wait, rounded up
    return renewal + terms * term


def _switch(first: Months) -> Course:
    return Course(first, (0, 0), (OLD, NEW))
