"""How much more a customer pays for ten times the usage, along the whole range of quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import CurveError
from workbench.pricing.charge import Charge

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.offers import Plan

LEAST_RATIO, MOST_RATIO = 5.0, 8.0


def ratio_along(
    offer: Charge | Plan,
    quantities: ArrayLike,
    factor: float = 10,
    *,
    metric: str = "",
    others: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what `factor` times the usage costs, for every quantity given.

    Parameters
    ----------
    offer
        A charge, or a plan whose base fee is then part of the bill.
    quantities
        Quantities of `metric` in a month, any length; kept in their order.
    metric, others
        For a plan that charges for several metrics: the one that grows, and steady quantities of the rest.

    Columns: quantity, bill, bill_at_multiple (at `factor` times the quantity), ratio (NaN where nothing is paid).
    """
    import pandas as pd  # noqa: PLC0415 - loads when used

    if not factor > 0:
        raise CurveError(f"The factor is {factor}.", "Give how many times the usage grows, such as 10.")
    units = np.asarray(quantities, dtype=np.float64).ravel()
    bill = _bills(offer, units, metric, others)
    multiple = _bills(offer, units * factor, metric, others)
    ratio = np.divide(multiple, bill, out=np.full(units.shape, np.nan), where=bill > 0)
    return pd.DataFrame({"quantity": units, "bill": bill, "bill_at_multiple": multiple, "ratio": ratio})


def share_inside(ratios: ArrayLike, low: float = LEAST_RATIO, high: float = MOST_RATIO) -> float:
    """Return the share of known ratios from `low` to `high`, both included; NaN when none is known."""
    known = np.asarray(ratios, dtype=np.float64)
    known = known[~np.isnan(known)]
    slack = 1e-9  # a ratio of exactly 8 must not drop out by a rounding error
    return float(((known >= low - slack) & (known <= high + slack)).mean()) if known.size else float("nan")


def spread(low: float, high: float, points: int = 60) -> NDArray[np.float64]:
    """Return quantities from `low` to `high` in equal proportions."""
    found = np.geomspace(low, high, points)
    found[0], found[-1] = low, high
    return found


def _bills(
    offer: Charge | Plan, units: NDArray[np.float64], metric: str, others: Mapping[str, float] | None
) -> NDArray[np.float64]:
    if isinstance(offer, Charge):
        return offer.amounts(units)
    charged = sorted({charge.metric for charge in offer.charges} - set(others or {}))
    if not metric and len(charged) > 1:
        raise CurveError(
            f"The plan {offer.name} charges for {', '.join(charged)}.",
            "Say which metric grows, and give steady quantities of the others.",
        )
    growing = metric or (charged[0] if charged else "usage")
    steady = {name: np.full(units.shape, float(value)) for name, value in (others or {}).items()}
    return offer.bills({growing: units, **steady})
