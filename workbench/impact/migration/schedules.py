"""What a policy bills every account month by month, while nobody reacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.migration.cohorts import cohorts_under
from workbench.impact.migration.courses import Course, course
from workbench.impact.migration.policies import BySegment, OptIn
from workbench.impact.migration.standings import Offered, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.policies import OnePolicy, Policy

    Floats = NDArray[np.float64]


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


_NAMES = ("bills", "moved", "arrived", "offered", "offered_moved", "offered_arrived")


def schedule(policy: Policy, bills: AccountBills, months: int) -> Schedule:
    """Return what every account pays month by month under a policy."""
    if not isinstance(policy, BySegment):
        return _schedule(policy, bills, months)
    found = {name: np.zeros((len(bills), months)) for name in _NAMES}
    chooses = False
    for single, here in parts_of(policy, bills):
        part = _schedule(single, bills.only(here), months)
        chooses |= part.offered is not None
        for name in _NAMES:
            if (values := getattr(part, name)) is not None:
                found[name][here] = values
    return Schedule(**found) if chooses else Schedule(found["bills"], found["moved"], found["arrived"])


def parts_of(policy: Policy, bills: AccountBills) -> Iterator[tuple[OnePolicy, NDArray[np.bool_]]]:
    """Go through the single policies of a policy that somebody follows, each with the accounts it holds for."""
    if not isinstance(policy, BySegment):
        yield policy, np.ones(len(bills), dtype=bool)
        return
    cohorts = cohorts_under(bills, policy)
    for place, segment in enumerate(cohorts.segments):
        for number, single in enumerate(policy.of(segment)):
            here = (cohorts.segment_of_account == place) & (cohorts.part_of_account == number)
            if here.any():
                yield single, here


def offers(steps: Course, months: int) -> tuple[Floats, Floats, Floats]:
    """Return month by month, where an offer runs: the share of new bills paid, and the shares moved and arrived."""
    first = Course(steps.first[:1], steps.delays, steps.standings)
    at = [steps.standings[place] for place in first.places(months)[0]]
    rows = [(each.new_paid, each.moved, each.arrived) if isinstance(each, Offered) else (0.0,) * 3 for each in at]
    paid, moved, arrived = np.array(rows, dtype=float).T
    return paid, moved, arrived


def _schedule(policy: OnePolicy, bills: AccountBills, months: int) -> Schedule:
    steps = course(policy, bills.renewal, bills.term, months)
    places = steps.places(months)
    paid = [_paid(each, bills) for each in steps.standings]
    certain = [np.take_along_axis(np.column_stack(columns), places, axis=1) for columns in zip(*paid, strict=True)]
    if not isinstance(policy, OptIn):
        return Schedule(*certain)
    new_paid, moved, arrived = offers(steps, months)
    pays_more = (bills.new > bills.old)[:, None]
    change = bills.new[:, None] * new_paid - bills.old[:, None] * moved
    return Schedule(*certain, *(np.where(pays_more, each, 0.0) for each in (change, moved, arrived)))


def _paid(standing: Standing, bills: AccountBills) -> tuple[Floats, Floats, Floats]:
    found = standing.paid(bills)
    return found.bill, found.moved, found.arrived
