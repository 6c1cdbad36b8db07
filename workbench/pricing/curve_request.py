"""What a price curve is asked for: the quantities it stands on, and a request that can be met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import CurveError
from workbench.formatting import exact

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MOST_MULTIPLE = 10


def known_and_used(quantities: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the known quantities and, of these, the ones above zero."""
    found = np.asarray(quantities, dtype=np.float64).ravel()
    known = found[~np.isnan(found)]
    if (known < 0).any() or np.isinf(known).any():
        raise CurveError("Some quantities are negative or infinite.", "Give what customers used in a month.")
    used = known[known > 0]
    if not used.size:
        raise CurveError("No customer has a quantity above zero.", "Choose a metric that customers use.")
    return known, used


def check_request(ratio: float, revenue: float, base_fee: float, most_bands: int, customers: int) -> None:
    """Raise CurveError for a multiple, target, base fee or number of bands no falling price list can meet."""
    if not 1 < ratio <= MOST_MULTIPLE:
        raise CurveError(
            f"Ten times the usage cannot cost {exact(ratio)} times as much on falling prices.",
            "Choose a multiple above 1 and at most 10.",
        )
    if not 0 < revenue < float("inf"):
        raise CurveError(f"The revenue target is {exact(revenue)}.", "Give a month's revenue above zero.")
    if not 0 <= base_fee < float("inf"):
        raise CurveError(f"The base fee is {exact(base_fee)}.", "Give zero or more.")
    if base_fee * customers >= revenue:
        raise CurveError(
            f"The base fee alone brings in {base_fee * customers:g}, and the target is {exact(revenue)}.",
            "Lower the base fee or raise the revenue target.",
        )
    if most_bands < 1:
        raise CurveError(f"{most_bands} bands are no price list.", "Allow at least one band.")
