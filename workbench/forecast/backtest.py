"""A standing test of the forecast on the months that are known, and how far to widen ranges for what it showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.totals import DRAWS, simulate_totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast.curves import Bill
    from workbench.forecast.history import UsageHistory

BACK_TEST_FROM = 24  # months of history
HELD_BACK = 12
_JUDGED = (3, 6, 12)
_WIDEST = 2.5


@dataclass(frozen=True, slots=True)
class BackTest:
    """What the forecast from twelve months ago said, beside what came: ranges per list (3 x 12 months), and the truth.

    `widening` is the factor by which ranges are stretched for it, in logarithms; 1 where the ranges held.
    """

    names: tuple[str, ...]
    ranges: NDArray[np.float64]
    truth: NDArray[np.float64]
    widening: float


def billed_totals(history: UsageHistory, lists: Mapping[str, Bill]) -> NDArray[np.float64]:
    """Bill every month seen: lists x months."""
    active = history.active
    totals = np.zeros((len(lists), history.months))
    for month in range(history.months):
        places = np.flatnonzero(active[:, month])
        quantities = np.nan_to_num(history.quantity[:, places, month])
        totals[:, month] = [bill(quantities, places).sum() for bill in lists.values()]
    return totals


def back_test(
    history: UsageHistory, lists: Mapping[str, Bill], *, draws: int = DRAWS, seed: int = 0
) -> BackTest | None:
    """Forecast from twelve months before the last and hold it against what came; None under 24 months of history."""
    if history.months < BACK_TEST_FROM:
        return None
    origin = history.months - HELD_BACK
    known = history.known_by(origin)
    # A list bills an account by its place in the whole history, so places are carried through.
    then = {name: _at(bill, known) for name, bill in lists.items()}
    totals = simulate_totals(history.until(origin), then, HELD_BACK, draws=draws, seed=seed)
    truth = billed_totals(history, lists)[:, origin:]
    factors = []
    for index, name in enumerate(totals.names):
        logs = np.log(np.maximum(totals.of(name), 1e-12))
        months = [month - 1 for month in _JUDGED]
        came = np.log(np.maximum(truth[index, months], 1e-12))
        errors = (came - np.median(logs[:, months], axis=0)) / np.maximum(logs[:, months].std(axis=0), 1e-9)
        factors.append(np.sqrt((len(_JUDGED) + 2 * float(np.mean(errors**2))) / (len(_JUDGED) + 2)))
    widening = float(np.clip(max(factors), 1.0, _WIDEST))
    ranges = np.array([totals.ranges(name) for name in totals.names])
    return BackTest(totals.names, ranges, truth, widening)


def _at(bill: Bill, known: NDArray[np.int64]) -> Bill:
    return lambda quantity, places: bill(quantity, known[places])
