"""Bill a pricing model over the history, and set its price level so that it earns a given revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.impact import CheapestThatFits, replay
from workbench.stages.model_fit.scaling import factor, scaled_book

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from workbench.impact import AccountMonths
    from workbench.pricing import PriceBook
    from workbench.stages.model_fit.shapes import Shape

    Floats = NDArray[np.float64]

INDEX_PER_ACCOUNT = 100.0  # revenue per account and month where none is on record


def bills_of(book: PriceBook, rows: AccountMonths, *, metered: Collection[str] = ()) -> Floats:
    """Return what a price book would have billed: accounts x months, 0 where not a customer, NaN where it has no price.

    Customers subscribe to the highest quantity of their recent months, except for `metered` metrics: those are billed
    on the quantity of the month itself.
    """
    placed = CheapestThatFits(needs_months=rows.needs_months)
    return replay(rows, book, assign=placed, committed=set(rows.metrics) - set(metered)).bills


def calibrate(
    shape: Shape,
    billed: list[Floats],
    inside: NDArray[np.bool_],
    amounts: Floats,
    window: NDArray[np.bool_],
    *,
    recorded_known: bool,
) -> tuple[tuple[PriceBook, ...], Floats, float] | None:
    """Return price books at the level that earns the target, the bills under them, and the share kept as recorded."""
    total, books = np.zeros(inside.shape), []
    on_request = np.zeros(inside.shape, dtype=bool)
    for part in billed:
        on_request |= np.isnan(part) & inside
    fixed = np.where(on_request, amounts, 0.0)
    target = float((amounts - fixed)[:, window].sum())
    for (book, share), part in zip(shape.parts, billed, strict=True):
        bills = np.where(inside & ~on_request, part, 0.0)
        earned = float(bills[:, window].sum())
        if earned <= 0 or target <= 0:
            return None
        by = factor(share * target / earned)
        books.append(scaled_book(book, by))
        total += bills * float(by)
    kept = float(on_request.sum() / max(1, inside.sum()))
    if kept and not recorded_known:
        fixed = np.where(on_request, INDEX_PER_ACCOUNT, 0.0)
    return tuple(books), total + fixed, kept
