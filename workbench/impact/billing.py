"""The one place that turns quantities into amounts: base fees, charges, add-ons, parts of months, offers as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from workbench.pricing.charge import Charge
from workbench.pricing.exact_lines import prorated
from workbench.pricing.price_curve import ratio_along
from workbench.pricing.values import ZERO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from decimal import Decimal

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.impact.monthly_accounts import AccountMonths, MonthShares
    from workbench.pricing.placement import Placement, PlacementBook
    from workbench.pricing.price_book import AddOn, Bill, Plan, PriceBook
    from workbench.pricing.values import Number

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.floating]
    Price = float | Floats
    Rows = NDArray[np.intp] | slice

BASE_FEE = "base fee"
EVERY_ROW = slice(None)


@dataclass(frozen=True, slots=True, eq=False)
class ItemAmounts:
    """One item of many bills: the offer, what it is for (the base fee or a metric), and the amount of each row."""

    offer: str
    item: str
    rows: Rows
    amounts: Floats
    charge: Charge | None = None


def amount_of(charges: Charge | Iterable[Charge], quantity: Number) -> Decimal:
    """Return exactly what charges on one metric come to in a month, together, at one quantity."""
    every = (charges,) if isinstance(charges, Charge) else charges
    return sum((charge.amount(quantity) for charge in every), start=ZERO)


def amounts_of(charge: Charge, quantities: ArrayLike) -> Floats:
    """Return what a charge comes to in a month at each quantity; NaN where it is unknown."""
    return charge.amounts(quantities)


def bill_of(offer: Plan | AddOn, quantities: Mapping[str, Number]) -> Bill:
    """Return the exact, itemised bill of an offer for a month at one quantity per metric; ChargeError on request."""
    return offer.bill(quantities)


def offer_bills(offer: Plan | AddOn, quantities: Mapping[str, ArrayLike]) -> Floats:
    """Return the bill of an offer for a month per account; NaN where a quantity is unknown, ChargeError on request."""
    return offer.bills(quantities)


@overload
def bills_at(price: float, units: float, rest: float | None = None) -> float: ...


@overload
def bills_at(price: Price, units: Floats, rest: Floats | float | None = None) -> Floats: ...


@overload
def bills_at(price: Price, units: Numbers, rest: Numbers | float | None = None) -> Numbers: ...


def bills_at(price: Price, units: Numbers | float, rest: Numbers | float | None = None) -> Numbers | float:
    """Return bills that are one price times units, with a rest that this price does not move.

    A search tries thousands of prices of one offer: it has split the offer's bills once, and bills nobody anew.
    """
    moving = price * units
    return moving if rest is None else moving + rest


def bills_along(charge: Charge, quantities: ArrayLike) -> pd.DataFrame:
    """Return the bill of a charge at each quantity and at ten times it: quantity, bill, bill_at_multiple, ratio."""
    return ratio_along(charge, quantities)


def placed_under(prepared: PlacementBook, book: PriceBook) -> Placement:
    """Return in which plan of a book each account's needs put it, and its bill there."""
    return prepared.reprice(book)


def plan_rows(plan_index: NDArray[np.intp], place: int) -> Rows:
    """Return the rows in a plan; all of them as a slice, which needs no copy."""
    here = plan_index == place
    return EVERY_ROW if here.all() else np.flatnonzero(here)


def bill_plans(book: PriceBook, plan_index: NDArray[np.intp], billed: Callable[[str], Floats]) -> Floats:
    """Return the bill of each row's plan, without add-ons and for whole months; NaN where it has no price."""
    found = np.full(len(plan_index), np.nan)
    for place, plan in enumerate(book.plans):
        if not plan.priced:
            continue
        here = plan_rows(plan_index, place)
        found[here] = offer_bills(plan, _quantities(plan, billed, here))
    return found


def add_add_ons(
    book: PriceBook, owned: Mapping[str, NDArray[np.intp]], billed: Callable[[str], Floats], amounts: Floats
) -> Floats:
    """Return the amounts with the priced add-ons that rows pay for."""
    total = amounts.copy()
    for name, here in owned.items():
        add_on = book.add_on(name)
        if add_on.priced and len(here):
            total[here] += offer_bills(add_on, _quantities(add_on, billed, here))
    return total


def _quantities(offer: Plan | AddOn, billed: Callable[[str], Floats], here: Rows) -> dict[str, Floats]:
    return {charge.metric: billed(charge.metric)[here] for charge in offer.charges}


def offers_of_rows(
    book: PriceBook, plan_index: NDArray[np.intp], owned: Mapping[str, NDArray[np.intp]]
) -> Iterator[tuple[Plan | AddOn, Rows]]:
    """Go through the priced offers with the rows that pay for them."""
    for place, plan in enumerate(book.plans):
        if plan.priced:
            yield plan, plan_rows(plan_index, place)
    for name, here in owned.items():
        if book.add_on(name).priced:
            yield book.add_on(name), here


def items(
    book: PriceBook,
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    owned: Mapping[str, NDArray[np.intp]],
    billed: Callable[[str], Floats],
) -> Iterator[ItemAmounts]:
    """Go through every item of every bill; together they sum to the bills."""
    for offer, here in offers_of_rows(book, plan_index, owned):
        yield from items_of_offer(offer, rows, here, billed)


def items_of_offer(
    offer: Plan | AddOn, rows: AccountMonths, here: Rows, billed: Callable[[str], Floats]
) -> Iterator[ItemAmounts]:
    """Go through the items that rows have on their bill for an offer, whether or not they are in it."""
    if offer.base_fee:
        yield ItemAmounts(offer.name, BASE_FEE, here, fees(offer.base_fee, here, rows.shares, len(rows)))
    for charge in offer.charges:
        yield ItemAmounts(offer.name, charge.metric, here, amounts_of(charge, billed(charge.metric)[here]), charge)


def fees(fee: Decimal, here: Rows, shares: MonthShares, size: int) -> Floats:
    """Return the base fee of each row, by the share of the month where only a part is billed."""
    if not shares.parts:
        return np.full(size if isinstance(here, slice) else len(here), float(fee))
    every = np.full(size, float(fee))
    part = np.array([float(prorated(fee, share)) for share in shares.parts])
    every[shares.rows] = part[shares.code]
    return every[here]


def for_parts_of_months(
    book: PriceBook,
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    owned: Mapping[str, NDArray[np.intp]],
    amounts: Floats,
) -> Floats:
    """Return the amounts with base fees of partial months reduced to their share; usage is billed as used."""
    if not rows.shares.parts:
        return amounts
    total = amounts.copy()
    for offer, here in offers_of_rows(book, plan_index, owned):
        if offer.base_fee:
            total[here] += fees(offer.base_fee, here, rows.shares, len(rows)) - float(offer.base_fee)
    return total
