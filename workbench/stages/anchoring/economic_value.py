"""What an offer is worth to a customer: the next best alternative, plus what is better, minus what is worse.

An item is worth so much for each unit of what drives it (a seat, a gigabyte, a report): value grows with the customer.

The textbook sum: a reference of 300, and better by 350, 100 and 200, is worth 950 (Nagle, The Strategy and Tactics of
Pricing). Ranges are carried through by simulation.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import exact, exact_money
from workbench.results import Interval
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.anchoring.decision import Differentiation, UsageProfile

DRAWS = 20_000
LEVEL = 0.9
_REACH = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard deviations from the middle to either end of a 90% range
METHOD = (
    f"Each item varies around the middle of its range, which holds it with 90% probability (normal); items are "
    f"independent; {DRAWS:,} draws."
)


@dataclass(frozen=True, slots=True)
class ValueItem:
    """One thing that sets our offer apart, as its worth a month; negative where the alternative is better.

    `worth` is `each` times `quantity` units of `per`, "account" for what is the same for every customer; `is_counted`
    tells that a team counts those units and no metric does.
    """

    label: str
    worth: Interval
    each: Interval
    quantity: float = 1.0
    per: str = PER_ACCOUNT
    is_counted: bool = False

    def formula(self, currency: str) -> str:
        """Return how the worth comes about: "$12 to $31 per insight generated x 29 = $348 to $899"."""
        each = _ends(self.each, currency)
        if self.per == PER_ACCOUNT:
            return f"{each} per account"
        driver = f"per {self.per}" if self.is_counted else per_words(self.per)
        return f"{each} {driver} x {exact(self.quantity)} = {_ends(self.worth, currency)}"


@dataclass(frozen=True, slots=True)
class EconomicValue:
    """The worth of our offer to one customer a month, as a range, and where our price stands in it.

    `differentiation` is the value beyond the reference price. `over_value` is our price over the value, its range the
    other way round than the value's. `captured` is the share of the differentiation that our price takes, (price -
    reference) / (value - reference): 0 at the price of the alternative, 1 where the customer keeps nothing, below 0
    where we are cheaper than the alternative. `above` is the probability that the price exceeds the value. All are None
    without a price, the shares also where what they are shares of may not be positive. `unmeasured` names items whose
    driver has no quantity at this profile: the value is not known then.
    """

    reference: Interval
    items: tuple[ValueItem, ...]
    total: Interval
    differentiation: Interval
    price: float | None = None
    over_value: Interval | None = None
    captured: Interval | None = None
    above: float | None = None
    unmeasured: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether anything sets the offer apart and all of it could be worked out here."""
        return bool(self.items) and not self.unmeasured

    @property
    def left(self) -> Interval | None:
        """Return what the customer keeps: value minus price."""
        if self.price is None:
            return None
        return Interval(self.total.low - self.price, self.total.estimate - self.price, self.total.high - self.price)


def economic_value(
    reference: Interval,
    differentiation: Sequence[Differentiation],
    price: float | None = None,
    *,
    profile: UsageProfile | None = None,
    seed: int = 0,
) -> EconomicValue:
    """Return the economic value over a reference price to the customer of a profile, with its 90% range by simulation.

    Without a profile every item counts once. An item keeps its draws whatever the other items are, so that adding one
    changes the total by that item alone.
    """
    quantities = {each.id: 1.0 if profile is None else each.quantity(profile) for each in differentiation}
    known = [(each, many) for each in differentiation if (many := quantities[each.id]) is not None]
    metrics = {PER_ACCOUNT, ""} | (set() if profile is None else set(profile.quantities))
    items = tuple(_item(each, many, is_counted=each.per not in metrics) for each, many in known)
    apart = np.zeros(DRAWS)
    for (each, many), item in zip(known, items, strict=True):
        apart = apart + many * _draws(item.each, each.id, seed)
    alternative = _draws(reference, "reference price", seed)
    draws = alternative + apart
    beyond = sum(item.worth.estimate for item in items)
    total = _spread(draws, reference.estimate + beyond)
    extra = _spread(apart, beyond)
    return EconomicValue(
        reference=reference,
        items=items,
        total=total,
        differentiation=extra,
        price=price,
        over_value=None if price is None or total.low <= 0 else _share(price, total),
        captured=None if price is None or extra.low <= 0 else _captured(price, reference, extra, alternative, apart),
        above=None if price is None else float(np.mean(draws < price)),
        unmeasured=tuple(each.label for each in differentiation if quantities[each.id] is None),
    )


def _item(each: Differentiation, quantity: float, *, is_counted: bool) -> ValueItem:
    worth = _range(each.low, each.high)
    times = Interval(quantity * worth.low, quantity * worth.estimate, quantity * worth.high, worth.level)
    return ValueItem(each.label, times, worth, quantity, each.per or PER_ACCOUNT, is_counted)


def _captured(
    price: float, reference: Interval, extra: Interval, alternative: NDArray[np.float64], apart: NDArray[np.float64]
) -> Interval:
    taken = (price - alternative) / np.where(apart > 0, apart, np.nan)
    return _spread(taken[np.isfinite(taken)], (price - reference.estimate) / extra.estimate)


def _spread(draws: NDArray[np.float64], middle: float) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = (float(end) for end in np.quantile(draws, [tail, 1 - tail]))
    return Interval(min(low, middle), middle, max(high, middle), LEVEL)


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


def _ends(worth: Interval, currency: str) -> str:
    low, high = exact_money(worth.low, currency), exact_money(worth.high, currency)
    return low if worth.low == worth.high else f"{low} to {high}"
