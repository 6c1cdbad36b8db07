"""What an offer is worth to a customer: the next best alternative, plus what is better, minus what is worse.

The textbook sum: a reference of 300, and better by 350, 100 and 200, is worth 950 (Nagle, The Strategy and Tactics of
Pricing). Ranges are carried through by simulation.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.anchoring.decision import Differentiation

DRAWS = 20_000
LEVEL = 0.9
_REACH = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard deviations from the middle to either end of a 90% range
METHOD = (
    f"Each item varies around the middle of its range, which holds it with 90% probability (normal); items are "
    f"independent; {DRAWS:,} draws."
)


@dataclass(frozen=True, slots=True)
class ValueItem:
    """One thing that sets our offer apart, as its worth a month; negative where the alternative is better."""

    label: str
    worth: Interval


@dataclass(frozen=True, slots=True)
class EconomicValue:
    """The worth of our offer to one customer a month, as a range, and where our price stands in it.

    `captured` is our price as a share of the value, its range the other way round than the value's. `above` is the
    probability that the price exceeds the value. Both are None without a price, `captured` also where the value may
    not be positive.
    """

    reference: Interval
    items: tuple[ValueItem, ...]
    total: Interval
    price: float | None = None
    captured: Interval | None = None
    above: float | None = None

    @property
    def left(self) -> Interval | None:
        """Return what the customer keeps: value minus price."""
        if self.price is None:
            return None
        return Interval(self.total.low - self.price, self.total.estimate - self.price, self.total.high - self.price)


def economic_value(
    reference: Interval, differentiation: Sequence[Differentiation], price: float | None = None, *, seed: int = 0
) -> EconomicValue:
    """Return the economic value over a reference price, with its 90% range by simulation.

    An item keeps its draws whatever the other items are, so that adding one changes the total by that item alone.
    """
    items = tuple(ValueItem(each.label, _range(each.low, each.high)) for each in differentiation)
    draws = _draws(reference, "reference price", seed)
    for each, item in zip(differentiation, items, strict=True):
        draws = draws + _draws(item.worth, each.id, seed)
    middle = reference.estimate + sum(item.worth.estimate for item in items)
    tail = (1 - LEVEL) / 2
    low, high = (float(end) for end in np.quantile(draws, [tail, 1 - tail]))
    total = Interval(min(low, middle), middle, max(high, middle), LEVEL)
    return EconomicValue(
        reference=reference,
        items=items,
        total=total,
        price=price,
        captured=None if price is None or total.low <= 0 else _share(price, total),
        above=None if price is None else float(np.mean(draws < price)),
    )


def _range(low: float, high: float) -> Interval:
    first, last = sorted((low, high))
    return Interval(first, (first + last) / 2, last, LEVEL)


def _draws(worth: Interval, name: str, seed: int) -> NDArray[np.float64]:
    if worth.low == worth.high:
        return np.full(DRAWS, worth.estimate)
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    spread = (worth.high - worth.low) / 2 / _REACH
    return (worth.low + worth.high) / 2 + spread * random.standard_normal(DRAWS)


def _share(price: float, total: Interval) -> Interval:
    return Interval(price / total.high, price / total.estimate, price / total.low, total.level)
