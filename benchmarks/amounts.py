"""How fast a charge bills a million quantities, beside a copy of the array, DuckDB and a row-by-row apply."""

from __future__ import annotations

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
from measure import Row, compared, faster, median_seconds

from workbench.pricing import Band, Charge

QUANTITIES = 1_000_000
APPLIED = 20_000  # a row-by-row apply is timed on a part and scaled up

CHARGE = Charge(
    "data_processed",
    "graduated",
    bands=(
        Band(100, "0.50", "10"),
        Band(1_000, "0.40"),
        Band(5_000, "0.32"),
        Band(20_000, "0.25"),
        Band(None, "0.20"),
    ),
    minimum="25",
    maximum="50000",
)


def by_hand(units: float) -> float:
    """Bill one quantity the way a spreadsheet author would write it in Python."""
    total, below = 10.0, 0.0
    for upper, price in ((100, 0.50), (1_000, 0.40), (5_000, 0.32), (20_000, 0.25), (float("inf"), 0.20)):
        total += max(0.0, min(units, upper) - below) * price
        below = upper
    return max(25.0, min(50_000.0, total))


def rows() -> list[Row]:
    """Measure one realistic graduated charge on log-normal quantities."""
    quantities = np.random.default_rng(7).lognormal(6, 1.6, QUANTITIES)
    frame = pd.DataFrame({"units": quantities})
    if not np.allclose(CHARGE.amounts(quantities[:1000]), frame["units"][:1000].map(by_hand)):
        raise ValueError("the two ways of billing disagree, so their times cannot be compared")
    ours = median_seconds(lambda: CHARGE.amounts(quantities))
    copy = median_seconds(quantities.copy)
    database = median_seconds(lambda: _with_duckdb(frame), repeats=5)
    part = frame["units"].iloc[:APPLIED]
    applied = median_seconds(lambda: part.apply(by_hand), repeats=3, warm_up=1) * QUANTITIES / APPLIED
    return [
        compared("`amounts`, a million quantities, five bands", ours, ("copying the array", copy), at_most=25),
        faster("the same", ours, ("the same charge as a DuckDB expression", database)),
        faster("the same", ours, ("pandas apply, row by row (scaled up)", applied), at_least=100),
    ]


def _with_duckdb(frame: pd.DataFrame) -> object:
    relation = nw.from_native(duckdb.from_df(frame))
    return relation.select(CHARGE.expression("units").sum().alias("total")).to_native().fetchall()
