"""Bill account-months in plans that are known: base fees, charges, add-ons, parts of months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing.adjustments import prorated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths
    from workbench.impact.whole_months import MonthShares
    from workbench.pricing import AddOn, Charge, Plan, PriceBook

    Floats = NDArray[np.float64]
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
        total = np.full(len(found[here]), float(plan.base_fee or 0))
        for charge in plan.charges:
            total += charge.amounts(billed(charge.metric)[here])
        found[here] = total
    return found


def add_add_ons(
    book: PriceBook, owned: Mapping[str, NDArray[np.intp]], billed: Callable[[str], Floats], amounts: Floats
) -> Floats:
    """Return the amounts with the priced add-ons that rows pay for."""
    total = amounts.copy()
    for name, here in owned.items():
        add_on = book.add_on(name)
        if add_on.priced and len(here):
            total[here] += float(add_on.base_fee or 0)
            for charge in add_on.charges:
                total[here] += charge.amounts(billed(charge.metric)[here])
    return total


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
        if offer.base_fee:
            yield ItemAmounts(offer.name, BASE_FEE, here, fees(offer.base_fee, here, rows.shares, len(rows)))
        for charge in offer.charges:
            amounts = charge.amounts(billed(charge.metric)[here])
            yield ItemAmounts(offer.name, charge.metric, here, amounts, charge)


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
