"""A standing test of the forecast on the months that are known, and how far to widen ranges for what it showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.curves import depends_on
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


def billed_totals(history: UsageHistory, lists: Mapping[str, Bill], months: int | None = None) -> NDArray[np.float64]:
    """Bill every month seen, or the last so many: lists x months."""
    active = history.active
    first = 0 if months is None else history.months - months
    totals = np.zeros((len(lists), history.months - first))
    for month in range(first, history.months):
        places = np.flatnonzero(active[:, month])
        quantities = np.nan_to_num(history.quantity[:, places, month])
        totals[:, month - first] = [bill(quantities, places).sum() for bill in lists.values()]
    return totals


def back_test(
    history: UsageHistory,
    lists: Mapping[str, Bill],
    *,
    then: Mapping[str, Bill] | None = None,
    came: Mapping[str, NDArray[np.float64]] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> BackTest | None:
    """Forecast from twelve months before the last and hold it against what came; None under 24 months of history.

    Parameters
    ----------
    lists
        Price lists as they bill now.
    then
        The same lists as they billed accounts then, where that differs (a plan, a discount).
    came
        What really came in these months under a list, where that is known better than by billing usage again.

    """
    if history.months < BACK_TEST_FROM:
        return None
    origin = history.months - HELD_BACK
    known = history.known_by(origin)
    # A list bills an account by its place in the whole history, so places are carried through.
    before = {name: _At(bill, known) for name, bill in (then or lists).items()}
    totals = simulate_totals(history.until(origin), before, HELD_BACK, draws=draws, seed=seed)
    unknown = {name: bill for name, bill in lists.items() if name not in (came or {})}
    billed = dict(zip(unknown, billed_totals(history, unknown, HELD_BACK), strict=True))
    truth = np.array([(billed | dict(came or {}))[name] for name in lists])
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


class _At:
    """A bill of the places that a shorter history has."""

    def __init__(self, bill: Bill, known: NDArray[np.int64]) -> None:
        self._bill, self._known = bill, known

    def __call__(self, quantity: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._bill(quantity, self._known[places])

    def depends(self, metric: int, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        found = np.zeros(len(places), dtype=bool)
        found[depends_on(self._bill, metric, self._known[places])] = True
        return found
