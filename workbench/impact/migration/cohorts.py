"""Accounts that go the same way together: sums per segment and renewal, from which every path is made.

All accounts of a segment with the same renewal and term stand at the same place of a policy in the same month. So
what a place comes to is summed per such cohort once, and kept; another notice, or another policy with the same
places, then needs no account looked at again.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from workbench.impact.migration.policies import BySegment
from workbench.impact.migration.standings import ways
from workbench.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.policies import OnePolicy, Policy
    from workbench.impact.migration.standings import Standing

    Floats = NDArray[np.float64]

Value = TypeVar("Value")
MOST_KEPT = 64  # sums of places on the way, each a few numbers per cohort


@dataclass(frozen=True, eq=False, repr=False)
class Cohorts:
    """The cohorts of some bills: one entry each in `segment` (place in `segments`), `renewal`, `term`, `part`.

    `part` tells apart the accounts of a segment that is split between policies, 0 where it is not. `of_account` is
    the cohort of each account, `segment_of_account` the place of its segment, `part_of_account` its part.
    """

    segments: tuple[str, ...]
    segment: NDArray[np.intp]
    renewal: NDArray[np.intp]
    term: NDArray[np.intp]
    part: NDArray[np.intp]
    of_account: NDArray[np.intp]
    segment_of_account: NDArray[np.intp]
    part_of_account: NDArray[np.intp]
    _kept: Recent[Hashable, Any] = field(default_factory=lambda: Recent(MOST_KEPT))

    def __len__(self) -> int:
        """Count the cohorts."""
        return len(self.segment)

    def total(self, values: Floats) -> Floats:
        """Add up one value per account over each cohort."""
        return np.bincount(self.of_account, values, len(self)).astype(np.float64, copy=False)

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return what is kept under a key; made the first time, forgotten when many others came since."""
        return self._kept.once(key, make)

    def parts(self, policy: Policy) -> Iterator[tuple[OnePolicy, NDArray[np.intp]]]:
        """Go through the single policies of a policy that somebody follows, each with its cohorts."""
        if not isinstance(policy, BySegment):
            yield policy, np.arange(len(self))
            return
        for place, segment in enumerate(self.segments):
            for number, single in enumerate(policy.of(segment)):
                here = np.flatnonzero((self.segment == place) & (self.part == number))
                if len(here):  # a share can be too small for a single account
                    yield single, here


def cohorts_of(bills: AccountBills, cuts: tuple[tuple[float, ...], ...] = ()) -> Cohorts:
    """Return the cohorts of bills; `cuts` says for each segment where, from 0 to 1, its parts end."""
    place, names = pd.factorize(bills.segment, sort=True)
    part = np.zeros(len(bills), dtype=np.intp)
    for number, ends in enumerate(cuts):
        if ends:
            here = np.flatnonzero(place == number)
            part[here] = np.searchsorted(np.array(ends), _lots(bills.account_ids[here]), side="right")
    keys = np.column_stack([place, bills.renewal, bills.term, part])
    sizes = keys.max(axis=0) + 1
    single = np.ravel_multi_index(tuple(keys.T), tuple(sizes.tolist()))
    _, first, of_account = np.unique(single, return_index=True, return_inverse=True)
    segment, renewal, term, piece = keys[first].T
    return Cohorts(tuple(str(each) for each in names), segment, renewal, term, piece, of_account, place, part)


def cohorts_under(bills: AccountBills, policy: Policy) -> Cohorts:
    """Return the cohorts that a policy needs: finer ones where it splits a segment between policies."""
    if not isinstance(policy, BySegment):
        return bills.cohorts
    cuts = tuple(policy.cuts(segment) for segment in bills.segments)
    return bills.cohorts.once(("cut", cuts), lambda: cohorts_of(bills, cuts)) if any(cuts) else bills.cohorts


def _lots(account_ids: NDArray[np.object_]) -> Floats:
    """Return a place from 0 to 1 for each account, evenly spread, in an order that its id alone decides."""
    drawn = np.array([zlib.crc32(str(each).encode()) for each in account_ids])
    places = np.empty(len(drawn))
    places[np.argsort(drawn, kind="stable")] = (np.arange(len(drawn)) + 0.5) / max(1, len(drawn))
    return places


def sums_of(bills: AccountBills, cohorts: Cohorts, standing: Standing) -> Floats:
    """Return five sums per cohort whose accounts stand here: bills, moved, arrived, old bills of those moved, unmoved.

    Unmoved is what of the bills is billed at today's prices.
    """

    def make() -> Floats:
        paid = standing.paid(bills)
        unmoved = np.sum(
            [way.share * np.where(way.of_new == 0, way.bill, 0.0) for way in ways(standing, bills)], axis=0
        )
        parts = (paid.bill, paid.moved, paid.arrived, bills.old * paid.moved, unmoved)
        return np.stack([cohorts.total(each) for each in parts])

    return cohorts.once(("sums", standing), make)


def old_and_new_of_payers(bills: AccountBills, cohorts: Cohorts) -> Floats:
    """Return three sums per cohort of accounts that would pay more: old bills, new bills, how many they are."""

    def make() -> Floats:
        more = (bills.new > bills.old).astype(float)
        return np.stack([cohorts.total(each) for each in (bills.old * more, bills.new * more, more)])

    return cohorts.once("payers", make)
