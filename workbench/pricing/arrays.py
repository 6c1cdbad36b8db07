"""Bill a million quantities at once: the pieces of a charge over blocks that stay in the processor's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ChargeError
from workbench.pricing.pieces import SNAP, pieces_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.charge import Charge
    from workbench.pricing.pieces import Pieces, Step

    Floats = NDArray[np.float64]

_BLOCK = 16_384  # elements; a handful of float64 buffers this long fit into the second-level cache


def quantities_array(units: ArrayLike, what: str) -> Floats:
    """Return quantities as float64; refuses text, negative and infinite values. Unknown ones stay NaN."""
    try:
        nullable = getattr(units, "to_numpy", None)
        found = nullable(dtype=np.float64, na_value=np.nan) if nullable else units
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise ChargeError(f"The quantities of {what} are not all numbers.", "Give an array of numbers.") from None


def amounts(charge: Charge, units: ArrayLike) -> Floats:
    """Return the amount for every quantity, in the shape given; NaN stays NaN."""
    quantities = quantities_array(units, charge.metric)
    flat = quantities.reshape(-1)
    found = np.empty_like(flat)
    pieces = pieces_of(charge)
    table = tuple(np.array(column) for column in (pieces.bounds, pieces.base, pieces.slope, pieces.pivot))
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        _refuse_impossible(block, charge.metric)
        _bill(pieces, table, block, found[start : start + _BLOCK])
    return found.reshape(quantities.shape)


def _bill(pieces: Pieces, table: tuple[Floats, ...], block: Floats, out: Floats) -> None:
    used = block
    for step in pieces.steps:
        used = _counted(step, used)
    bounds, base, slope, pivot = table
    place = np.searchsorted(bounds, used, side="left")
    np.subtract(used, pivot[place], out=out)
    out *= slope[place]
    out += base[place]
    if pieces.maximum is not None:
        np.minimum(out, pieces.maximum, out=out)
    if pieces.minimum is not None:
        np.maximum(out, pieces.minimum, out=out)


def _counted(step: Step, units: Floats) -> Floats:
    slack = units * (SNAP / step.size)
    counted = np.maximum(units - step.offset, 0.0)
    counted /= step.size
    if step.mode == "up":
        counted -= slack
        return np.ceil(counted, out=counted)
    counted += slack
    if step.mode == "nearest":
        counted += 0.5
    return np.floor(counted, out=counted)


def _refuse_impossible(block: Floats, metric: str) -> None:
    if np.fmin.reduce(block) < 0:
        worst = float(np.nanmin(block))
        raise ChargeError(f"A quantity of {metric} is {worst:g}, which is negative.", "Bill zero or more.")
    if np.fmax.reduce(block) == np.inf:
        raise ChargeError(f"A quantity of {metric} is infinite.", "Give finite quantities, or NaN where unknown.")
