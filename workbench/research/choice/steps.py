"""What is compared when the worth of an attribute is said: having it, another level, or all that was shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import exact
from workbench.research.choice.coding import NONE
from workbench.results import Interval
from workbench.wording import attribute_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.research.choice.data import ChoiceData
    from workbench.research.choice.willingness import WillingnessToPay


@dataclass(frozen=True)
class Step:
    """A change of one column that means something: in words, and in how many of its units."""

    name: str
    words: str
    units: float


def steps(data: ChoiceData, price: str | None) -> tuple[Step, ...]:
    """Return the step of every column but the price and the choice of none.

    Quantities step from the least to the most that was shown, so that one unit of a large number and having a feature
    can stand side by side.
    """
    names = data.coding.names
    values = data.chosen[:, None, :] + data.gaps
    if data.offered is not None:
        values = np.where(data.offered[:, :, None], values, np.nan)
    shown = np.concatenate([data.chosen[:, None, :], values], axis=1).reshape(-1, len(names))
    if NONE in names:
        shown = shown[shown[:, names.index(NONE)] != 1]
    found = []
    for at, column in enumerate(data.coding.columns):
        if column.name in {price, NONE}:
            continue
        words = attribute_words(column.attribute)
        low, high = float(np.nanmin(shown[:, at])), float(np.nanmax(shown[:, at]))
        if column.level is not None:
            words, units = f"{words}: {column.level} instead of {data.coding.bases[column.attribute]}", 1.0
        elif (low, high) == (0.0, 1.0):
            units = 1.0
        else:
            words, units = f"{words} from {exact(low)} to {exact(high)}", high - low
        found.append(Step(column.name, words, units))
    return tuple(found)


def worth_of(all_steps: tuple[Step, ...], worth: WillingnessToPay) -> Mapping[str, Interval]:
    """Return what each step is worth, by its words; the largest first, those the choices do not settle last."""
    found = {step.words: _times(worth[step.name], step.units) for step in all_steps}
    return dict(sorted(found.items(), key=lambda each: (not np.isfinite(each[1].low), -abs(each[1].estimate))))


def _times(interval: Interval, units: float) -> Interval:
    return Interval(interval.low * units, interval.estimate * units, interval.high * units, interval.level)
