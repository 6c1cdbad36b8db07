"""How much accounts use: the quantiles of every metric, for all accounts and per segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LEVELS = {"10%": 0.1, "25%": 0.25, "half": 0.5, "75%": 0.75, "90%": 0.9, "largest": 1.0}
ALL = "all accounts"
CURVE_SHARES = np.linspace(1 / 80, 1, 80)
"""The shares of accounts at which a usage curve is read."""


def usage_levels(quantities: Mapping[str, NDArray[np.float64]], segment: NDArray[np.object_]) -> pd.DataFrame:
    """Return a row per metric and segment: metric, segment, accounts, and the quantity that a share stays within.

    The column "75%" holds the smallest observed quantity within which at least three accounts in four stay.
    Accounts without a known quantity are left out and not counted.
    """
    names = sorted(set(segment))
    groups = [(ALL, slice(None))]
    if len(names) > 1:
        groups += [(str(name), segment == name) for name in names]
    rows = []
    for metric, values in quantities.items():
        for name, inside in groups:
            known = values[inside]
            known = known[~np.isnan(known)]
            if known.size:
                found = np.quantile(known, list(LEVELS.values()), method="inverted_cdf")
                rows.append(
                    {"metric": metric, "segment": name, "accounts": known.size, **dict(zip(LEVELS, found, strict=True))}
                )
    return pd.DataFrame(rows, columns=["metric", "segment", "accounts", *LEVELS])


def usage_curve(quantities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantity within which each of `CURVE_SHARES` of the accounts that use any stay; empty without any."""
    known = quantities[np.isfinite(quantities) & (quantities > 0)]
    return np.quantile(known, CURVE_SHARES, method="inverted_cdf") if known.size else np.array([])
