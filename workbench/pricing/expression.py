"""A charge as a narwhals expression, so that pandas, Polars, DuckDB or a warehouse can bill where the data is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import narwhals as nw

from workbench.pricing.pieces import SNAP, Pieces, Step, pieces_of

if TYPE_CHECKING:
    from workbench.pricing.charge import Charge


def expression(charge: Charge, column: str | nw.Expr) -> nw.Expr:
    """Return the amount of a quantity column; what cannot be billed becomes NaN or null."""
    pieces = pieces_of(charge)
    units = (nw.col(column) if isinstance(column, str) else column).cast(nw.Float64)
    used = units
    for step in pieces.steps:
        used = _counted(step, used)
    amount = _amount(pieces, used)
    if pieces.maximum is not None:
        amount = nw.when(amount > pieces.maximum).then(nw.lit(pieces.maximum)).otherwise(amount)
    if pieces.minimum is not None:
        amount = nw.when(amount < pieces.minimum).then(nw.lit(pieces.minimum)).otherwise(amount)
    possible = (units >= 0) & (units <= sys.float_info.max)
    return nw.when(possible).then(amount).otherwise(units * float("nan"))


def _amount(pieces: Pieces, used: nw.Expr) -> nw.Expr:
    """Nest the pieces from the last to the first, so the first bound not exceeded decides."""
    rows = list(zip(pieces.base, pieces.slope, pieces.pivot, strict=True))
    base, slope, pivot = rows[-1]
    amount = (used - pivot) * slope + base
    for bound, (base, slope, pivot) in zip(reversed(pieces.bounds), reversed(rows[:-1]), strict=True):
        amount = nw.when(used <= bound).then((used - pivot) * slope + base).otherwise(amount)
    return amount


def _counted(step: Step, units: nw.Expr) -> nw.Expr:
    """Return the whole units of a step; a quotient within float spacing of a whole number is that number."""
    snapped = units * (1 - SNAP if step.mode == "up" else 1 + SNAP)
    counted = (snapped - step.offset) / step.size
    whole = counted.ceil() if step.mode == "up" else (counted + (0.5 if step.mode == "nearest" else 0.0)).floor()
    return nw.when(whole < 0).then(nw.lit(0.0)).otherwise(whole)
