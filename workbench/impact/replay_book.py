"""Reprice a replay at once: what every bill depends on, summed per account, so that no month is billed again.

A bill is linear in its prices once it is known how many units fall into each band, and how often each fee is due.
Those counts are kept per account and per month. Charges with a cap or a floor are not linear, so their quantities
are kept and billed anew. Accounts stay in the plan they are in: when new prices should move them, replay again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import offers_of_rows
from workbench.impact.errors import ReplayError
from workbench.pricing.band_parts import band_parts
from workbench.pricing.schedule import schedule_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths
    from workbench.impact.billing import Rows
    from workbench.impact.replay import Replay
    from workbench.pricing import AddOn, Charge, Plan, PriceBook

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Repriced:
    """Revenue under other prices: `per_account` (all months together) and `per_month`, in currency."""

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    per_account: Floats
    per_month: Floats

    @property
    def revenue(self) -> float:
        """Return the revenue of all accounts and months."""
        return float(self.per_month.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Clipped:
    """A charge with a cap or a floor: who is billed for which quantity when."""

    place: tuple[int, int]
    account: NDArray[np.int32]
    month: NDArray[np.int32]
    quantity: Floats


@dataclass(frozen=True, eq=False, repr=False)
class ReplayBook:
    """The part of a replay that prices do not change; `reprice` gives revenue per account and month at once.

    `by_account` (accounts x prices) and `by_month` (months x prices) count what each price of the book is multiplied
    with: months of a base fee, units inside a band, times a flat fee was due. Account-months that could not be billed
    count nowhere.
    """

    rows: AccountMonths
    structure: Hashable
    owned_names: tuple[str, ...]
    by_account: Floats = field(repr=False)
    by_month: Floats = field(repr=False)
    clipped: tuple[_Clipped, ...] = field(repr=False)

    def matches(self, price_book: PriceBook) -> bool:
        """Tell whether a price book differs from the replayed one in prices only."""
        return structure_of(price_book) == self.structure

    def reprice(self, price_book: PriceBook) -> Repriced:
        """Return revenue under a price book with the same plans, charges and bands and any prices.

        Every account stays in its plan. Raises ReplayError when more than prices differ.
        """
        if not self.matches(price_book):
            raise ReplayError(
                f"The price book {price_book.name} differs in more than prices from the one replayed.",
                "Replay it: plans, charges, bands, included units or what is on request changed.",
            )
        prices = np.array([price for offer in self._offers(price_book) for price in _prices(offer)])
        per_account, per_month = self.by_account @ prices, self.by_month @ prices
        offers = self._offers(price_book)
        for part in self.clipped:
            offer, charge = part.place
            amounts = offers[offer].charges[charge].amounts(part.quantity)
            per_account += np.bincount(part.account, amounts, len(per_account))
            per_month += np.bincount(part.month, amounts, len(per_month))
        return Repriced(self.rows.account_ids, self.rows.shown_months, per_account, per_month)

    def _offers(self, book: PriceBook) -> list[Plan | AddOn]:
        return [*book.priced_plans, *(book.add_on(name) for name in self.owned_names if book.add_on(name).priced)]


def replay_book(replay: Replay) -> ReplayBook:
    """Return the counts of a replay that prices are multiplied with, for repricing without billing again."""
    rows = replay.rows
    month = rows.month - rows.window.start
    columns: list[tuple[Floats, Floats]] = []
    clipped: list[_Clipped] = []
    for number, (offer, here) in enumerate(offers_of_rows(replay.book, replay.plan_index, replay.owned)):
        inside = _billed(replay, here)
        who, when = rows.account[inside], month[inside]
        columns += [
            (_sums(who, counts, len(rows.account_ids)), _sums(when, counts, len(rows.shown_months)))
            for counts in _counts(replay, offer, inside)
        ]
        for place, charge in enumerate(offer.charges):
            if _is_clipped(charge):
                clipped.append(_Clipped((number, place), who, when, replay.billed(charge.metric)[inside]))
    return ReplayBook(
        rows=rows,
        structure=structure_of(replay.book),
        owned_names=tuple(replay.owned),
        by_account=np.column_stack([column for column, _ in columns]),
        by_month=np.column_stack([column for _, column in columns]),
        clipped=tuple(clipped),
    )


def structure_of(book: PriceBook) -> Hashable:
    """Return everything of a price book but its prices."""
    offers: list[Plan | AddOn] = [*book.plans, *book.add_ons]
    return tuple(
        (offer.name, offer.priced, offer.limits, offer.features, tuple(_shape(charge) for charge in offer.charges))
        for offer in offers
    )


def _shape(charge: Charge) -> Hashable:
    schedule = schedule_of(charge)
    return (
        charge.metric,
        schedule.cumulative,
        schedule.unit_factor,
        schedule.rounding,
        schedule.free_units,
        schedule.package_size,
        schedule.fee_at_zero,
        _is_clipped(charge),
        tuple(segment.upper for segment in schedule.segments),
    )


def _sums(group: NDArray[np.int32], values: Floats, groups: int) -> Floats:
    return np.bincount(group, values, groups).astype(np.float64, copy=False)


def _is_clipped(charge: Charge) -> bool:
    return charge.minimum is not None or charge.maximum is not None


def _billed(replay: Replay, here: Rows) -> NDArray[np.intp]:
    rows = np.arange(len(replay.rows))[here]
    return rows[replay.known[rows]]


def _counts(replay: Replay, offer: Plan | AddOn, inside: NDArray[np.intp]) -> Iterator[Floats]:
    """Go through what each price of an offer is multiplied with, in the order of `_prices`."""
    yield _month_shares(replay, inside)
    for charge in offer.charges:
        if _is_clipped(charge):
            continue
        for band in band_parts(charge, replay.billed(charge.metric)[inside]):
            yield band.units
            yield band.fees


def _month_shares(replay: Replay, inside: NDArray[np.intp]) -> Floats:
    """Return the share of the month each row pays base fees for.

    The fee of a part of a month is rounded to cents on a bill; here it is not, so it may be off by half a cent.
    """
    shares = np.ones(len(replay.rows))
    part = np.array([float(share) for share in replay.rows.shares.parts])
    if part.size:
        shares[replay.rows.shares.rows] = part[replay.rows.shares.code]
    return shares[inside]


def _prices(offer: Plan | AddOn) -> Iterator[float]:
    """Go through the prices of an offer: base fee, then price and flat fee of each band, discount taken off."""
    yield float(offer.base_fee or 0)
    for charge in offer.charges:
        if _is_clipped(charge):
            continue
        schedule = schedule_of(charge)
        for segment in schedule.segments:
            yield float(segment.price * schedule.kept)
            yield float(segment.fee * schedule.kept)
