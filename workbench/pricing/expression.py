"""A charge as a narwhals expression, so that pandas, Polars, DuckDB or a warehouse can bill where the data is."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from workbench.pricing.pieces import Pieces, Step, pieces_of
from workbench.pricing.schedule import credited

if TYPE_CHECKING:
    import narwhals as nw

    from workbench.pricing.charge_terms import ChargeTerms


def expression(charge: ChargeTerms, column: str | nw.Expr) -> nw.Expr:
    """Return the amount of a quantity column; what cannot be billed becomes NaN or null."""
    import narwhals as nw  # noqa: PLC0415 - loads when used

    units = (nw.col(column) if isinstance(column, str) else column).cast(nw.Float64)
    amount = _from_zero(pieces_of(charge), units)
    possible = (units >= 0) & (units <= sys.float_info.max)
    if charge.below_zero == "zero":
        amount = nw.when(units < 0).then(_from_zero(pieces_of(charge), units * 0.0)).otherwise(amount)
    if charge.below_zero == "credit":
        credit = _from_zero(pieces_of(credited(charge)), units * -1.0) * -1.0
        if charge.minimum is not None:
            least = float(charge.minimum)
            credit = nw.when(credit < least).then(nw.lit(least)).otherwise(credit)
        amount = nw.when(units < 0).then(credit).otherwise(amount)
    if charge.below_zero != "refuse":
        possible = (units >= -sys.float_info.max) & (units <= sys.float_info.max)
    return nw.when(possible).then(amount).otherwise(units * float("nan"))


def _from_zero(pieces: Pieces, units: nw.Expr) -> nw.Expr:
    """Return the amount of quantities of zero or more."""
    import narwhals as nw  # noqa: PLC0415 - loads when used

    used = units
    for step in pieces.steps:
        used = _counted(step, used)
    amount = _amount(pieces, used)
    if pieces.maximum is not None:
        amount = nw.when(amount > pieces.maximum).then(nw.lit(pieces.maximum)).otherwise(amount)
    if pieces.minimum is not None:
        amount = nw.when(amount < pieces.minimum).then(nw.lit(pieces.minimum)).otherwise(amount)
    if pieces.end < math.inf:
        amount = nw.when(used > pieces.end).then(units * float("nan")).otherwise(amount)
    return amount


def _amount(pieces: Pieces, used: nw.Expr) -> nw.Expr:
    """Nest the pieces from the last to the first, so the first bound not exceeded decides."""
    import narwhals as nw  # noqa: PLC0415 - loads when used

    rows = list(zip(pieces.base, pieces.slope, pieces.pivot, strict=True))
    base, slope, pivot = rows[-1]
    amount = (used - pivot) * slope + base
    for bound, (base, slope, pivot) in zip(reversed(pieces.bounds), reversed(rows[:-1]), strict=True):
        amount = nw.when(used <= bound).then((used - pivot) * slope + base).otherwise(amount)
    return amount


def _counted(step: Step, units: nw.Expr) -> nw.Expr:
    """Return the whole units of a step as `Step.count` counts them."""
    import narwhals as nw  # noqa: PLC0415 - loads when used

    whole = (units * (step.under / step.over) - (step.first / step.over - 0.5)).floor()
    edge = (whole * step.over + step.first) / step.under
    if step.up:
        whole = nw.when(units > edge).then(whole + 1).otherwise(whole)
    else:
        whole = nw.when(units < edge).then(whole - 1).otherwise(whole)
    return nw.when(whole < 0).then(nw.lit(0.0)).otherwise(whole)
