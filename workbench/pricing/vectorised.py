"""Bill a million quantities at once: as arrays, band by band, or as an expression where the data is."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ChargeError
from workbench.formatting import exact
from workbench.pricing.charge_terms import (
    ChargeTerms,
    CountStep,
    Pieces,
    Segment,
    counting,
    credited,
    pieces_of,
    schedule_of,
)

if TYPE_CHECKING:
    import narwhals as nw
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# --- Bill a million quantities at once

_BLOCK = 32_768  # elements; the few buffers this long stay in the second-level cache
_INFINITY_BITS = np.float64(np.inf).view(np.uint64)
_MOST_COUNTED = 40  # bounds; above this a binary search is faster than counting


def quantities_array(units: ArrayLike, what: str) -> Floats:
    """Return quantities as float64, unknown ones as NaN; refuses what is not a number."""
    try:
        nullable = getattr(units, "to_numpy", None)
        if nullable is not None and not isinstance(units, np.ndarray):
            return np.asarray(nullable(dtype=np.float64, na_value=np.nan))
        return np.asarray(units, dtype=np.float64)
    except (TypeError, ValueError):
        raise ChargeError(f"The quantities of {what} are not all numbers.", "Give an array of numbers.") from None


def amounts(charge: ChargeTerms, units: ArrayLike) -> Floats:
    """Return the amount for every quantity, in the shape given; NaN stays NaN."""
    quantities = quantities_array(units, charge.metric)
    flat = quantities.reshape(-1)
    below = flat < 0 if charge.below_zero != "refuse" else None
    if below is not None and below.any():
        return _amounts_below_zero(charge, flat, below).reshape(quantities.shape)
    found = np.empty_like(flat)
    evaluate = _Evaluation(pieces_of(charge), min(flat.size, _BLOCK))
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        _refuse_impossible(block, charge.metric)
        evaluate(block, found[start : start + _BLOCK])
    return found.reshape(quantities.shape)


def _amounts_below_zero(charge: ChargeTerms, units: Floats, below: NDArray[np.bool_]) -> Floats:
    found = amounts(charge, np.where(below, 0.0, units))
    if charge.below_zero == "credit":
        found[below] = -amounts(credited(charge), -units[below])
        if charge.minimum is not None:
            np.maximum(found, float(charge.minimum), out=found)
    return found


class _Evaluation:
    """The pieces of one charge with the buffers to evaluate them block by block."""

    def __init__(self, pieces: Pieces, block: int) -> None:
        self._pieces = pieces
        self._bounds = np.array(pieces.bounds)
        self._slope = np.array(pieces.slope)
        base, pivot = np.array(pieces.base), np.array(pieces.pivot)
        # With falling prices every line stays above zero at the common start, and then that one start serves all
        # pieces. Otherwise each piece keeps its own, because large amounts would cancel.
        self._start = pieces.start
        level = base - self._slope * (pivot - self._start)
        self._shared_start = bool((level >= 0).all())
        self._level = level if self._shared_start else base
        self._pivot = pivot
        self._bounded = pieces.minimum is not None or pieces.maximum is not None
        self._least = -np.inf if pieces.minimum is None else pieces.minimum
        self._most = np.inf if pieces.maximum is None else pieces.maximum
        self._looked_up = np.empty(block)
        self._above = np.empty(block, dtype=np.bool_)
        self._count = np.empty(block, dtype=np.uint8)
        self._place = np.empty(block, dtype=np.intp)

    def __call__(self, block: Floats, out: Floats) -> None:
        """Write the amounts of a block into `out`."""
        used = block
        for step in self._pieces.steps:
            used = count_units(step, used)
        if self._bounds.size:
            self._look_up(used, out)
        else:
            self._one_line(used, out)
        if self._pieces.end < np.inf:
            np.copyto(out, np.nan, where=used > self._pieces.end)
        if self._bounded:
            np.clip(out, self._least, self._most, out=out)

    def _one_line(self, used: Floats, out: Floats) -> None:
        np.multiply(used, self._slope[0], out=out)
        if self._level[0]:
            out += self._level[0]

    def _look_up(self, used: Floats, out: Floats) -> None:
        place = self._places(used)
        found = self._looked_up[: used.size]
        if not self._shared_start:
            self._pivot.take(place, out=found, mode="clip")
            np.subtract(used, found, out=out)
            used = out
        elif self._start:
            used = np.subtract(used, self._start, out=out)
        self._slope.take(place, out=found, mode="clip")
        np.multiply(used, found, out=out)
        self._level.take(place, out=found, mode="clip")
        out += found

    def _places(self, used: Floats) -> NDArray[np.intp]:
        """Return the piece of each quantity: how many bounds it exceeds. NaN exceeds none, and stays NaN later."""
        if self._bounds.size > _MOST_COUNTED:
            return np.searchsorted(self._bounds, used, side="left")
        count, above = self._count[: used.size], self._above[: used.size]
        np.greater(used, self._bounds[0], out=count.view(np.bool_))
        for bound in self._bounds[1:]:
            np.greater(used, bound, out=above)
            np.add(count, above.view(np.uint8), out=count)
        place = self._place[: used.size]
        np.copyto(place, count)
        return place


def count_units(step: CountStep, units: Floats) -> Floats:
    """Return the whole units of a step as `Step.count` counts them."""
    whole = units * (step.under / step.over)
    if step.first:
        whole -= step.first / step.over
    np.rint(whole, out=whole)
    edge = whole * step.over
    if step.first:
        edge += step.first
    if step.under != 1:
        edge /= step.under
    if step.up:
        whole += units > edge
    else:
        whole -= units < edge
    return np.maximum(whole, 0.0, out=whole)


def _refuse_impossible(block: Floats, metric: str) -> None:
    # Read as unsigned bits, finite numbers from zero up come before infinity, NaN and everything negative.
    if not block.size or block.view(np.uint64).max() < _INFINITY_BITS:
        return
    least, most = np.fmin.reduce(block), np.fmax.reduce(block)
    if least < 0:
        raise ChargeError(
            f"A quantity of {metric} is {exact(least)}, which is negative.",
            "Bill zero or more, or say with below_zero what becomes of it.",
        )
    if most == np.inf:
        raise ChargeError(f"A quantity of {metric} is infinite.", "Give finite quantities, or NaN where unknown.")


# --- What each band of a charge contributes to many bills: the units inside it and whether its fee is due


@dataclass(frozen=True, slots=True, eq=False)
class BandPart:
    """One band over many quantities: `units` priced at the band's price, `fees` due (0 or 1); NaN where unknown.

    For packages `units` are packages.
    """

    segment: Segment
    units: Floats
    fees: Floats


def band_parts(charge: ChargeTerms, units: ArrayLike) -> tuple[BandPart, ...]:
    """Return the parts of a charge, one per band, in the order of the bands.

    With `kept` the share a discount leaves, the sum over bands of (units x price + fees x flat fee) x kept is the
    charge's amount before cap and floor.
    """
    schedule = schedule_of(charge)
    counted = quantities_array(units, charge.metric)
    if charge.below_zero != "refuse" and (counted < 0).any():
        return _parts_below_zero(charge, counted)
    unknown = np.isnan(counted)
    steps, factor, free = counting(charge)
    for step in steps:
        counted = count_units(step, counted)
    # Bounds are compared as counted quantities, the way bills are, so that a quantity on a bound stays below it.
    zero = free / factor
    parts = []
    if schedule.end is not None:
        unknown = unknown | (counted > float(Fraction(schedule.end) / factor + zero))
    for place, segment in enumerate(schedule.segments):
        lower = float(Fraction(segment.lower) / factor + zero)
        upper = np.inf if segment.upper is None else float(Fraction(segment.upper) / factor + zero)
        entered = counted > lower
        if schedule.cumulative:
            inside = np.clip(counted, lower, upper) - lower
        else:
            entered &= counted <= upper
            inside = np.where(entered, np.maximum(counted - float(zero), 0.0), 0.0)
        due = entered | (counted <= float(zero)) if place == 0 and charge.first_flat_fee_at_zero else entered
        inside, fees = inside * float(factor), due.astype(np.float64)
        parts.append(BandPart(segment, np.where(unknown, np.nan, inside), np.where(unknown, np.nan, fees)))
    return tuple(parts)


def _parts_below_zero(charge: ChargeTerms, units: Floats) -> tuple[BandPart, ...]:
    """Return the parts where some quantities are below zero: nothing, or units taken back without their fees."""
    parts = band_parts(charge, np.maximum(units, 0.0))
    if charge.below_zero == "zero":
        return parts
    taken_back = band_parts(credited(charge), np.maximum(-units, 0.0))
    return tuple(
        BandPart(part.segment, part.units - back.units, np.where(units < 0, 0.0, part.fees))
        for part, back in zip(parts, taken_back, strict=True)
    )


# --- A charge as a narwhals expression, so that pandas, Polars


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


def _counted(step: CountStep, units: nw.Expr) -> nw.Expr:
    """Return the whole units of a step as `Step.count` counts them."""
    import narwhals as nw  # noqa: PLC0415 - loads when used

    whole = (units * (step.under / step.over) - (step.first / step.over - 0.5)).floor()
    edge = (whole * step.over + step.first) / step.under
    if step.up:
        whole = nw.when(units > edge).then(whole + 1).otherwise(whole)
    else:
        whole = nw.when(units < edge).then(whole - 1).otherwise(whole)
    return nw.when(whole < 0).then(nw.lit(0.0)).otherwise(whole)
