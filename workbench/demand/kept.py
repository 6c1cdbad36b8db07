"""Customers kept, lost and gained at given prices: those who pay today and those who do not, told apart, by segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.outcome import interval
from workbench.formatting import number, percent

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.task import ChoiceTask
    from workbench.results import Interval

EVERYBODY = "all segments"


@dataclass(frozen=True, slots=True)
class Kept:
    """What becomes of the accounts of one segment: ranges hold 90% of the draws, in accounts.

    `lost` of the `paying` would no longer pay; of the `free`, who pay nothing today, `free_kept` would take an offer
    and `gained` would pay.
    """

    segment: str
    paying: float
    lost: Interval
    free: float
    free_kept: Interval
    gained: Interval


def kept_by_segment(
    task: ChoiceTask, customers: Customers, fees: NDArray[np.float64], add_on_fees: NDArray[np.float64]
) -> tuple[Kept, ...]:
    """Return who is kept, lost and gained at these prices; all segments together first."""
    segments = customers.segments
    by_draw = task.totals_by(customers.segment_codes, len(segments), fees, add_on_fees).kept
    place = customers.segment_codes[np.asarray(task.customer)]
    weight = np.asarray(task.weight, dtype=np.float64)
    paying = np.bincount(place, weight * np.asarray(task.pays, dtype=np.float64), len(segments))
    free = np.bincount(place, weight, len(segments)) - paying
    rows = [_kept(EVERYBODY, by_draw.sum(axis=1), float(paying.sum()), float(free.sum()))]
    if len(segments) > 1:
        rows += [
            _kept(name, by_draw[:, code], float(paying[code]), float(free[code])) for code, name in enumerate(segments)
        ]
    return tuple(rows)


def _kept(segment: str, draws: NDArray[np.float64], paying: float, free: float) -> Kept:
    staying, free_kept, gained = draws.T
    return Kept(segment, paying, interval(paying - staying), free, interval(free_kept), interval(gained))


def kept_table(rows: tuple[Kept, ...]) -> pd.DataFrame:
    """Return a row per segment for people: paying accounts, lost of them, and what free accounts would do."""
    import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

    any_free = any(row.free > 0 for row in rows)
    found = []
    for row in rows:
        share = f", {percent(row.lost.estimate / row.paying)}" if row.paying else ""
        line = {
            "Segment": row.segment,
            "Pay today": number(row.paying, 0),
            "Would no longer pay": f"{_ends(row.lost)}{share}",
        }
        if any_free:
            line |= {
                "Pay nothing today": number(row.free, 0),
                "Of these take an offer": _ends(row.free_kept),
                "Of these would pay": _ends(row.gained),
            }
        found.append(line)
    return pd.DataFrame(found)


def _ends(value: Interval) -> str:
    return f"{number(value.estimate, 0)} ({number(value.low, 0)} to {number(value.high, 0)})"


__all__ = ["EVERYBODY", "Kept", "kept_by_segment", "kept_table"]
