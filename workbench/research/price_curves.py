"""Where the cumulative curves of stated prices cross, for many weightings of the same respondents at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

Convention = Literal["linear", "r-1.3.0", "r-1.3.3"]
_TOUCHES = 1e-9
"""Curves closer than this touch: sums of weights are not exact."""


@dataclass(frozen=True, eq=False)
class _Question:
    """One question: how many answers lie at or below each price of the grid, and their weight (answers + 1 x samples).

    `lowest` is the grid place of the lowest price somebody with weight named, per sample.
    """

    up_to: NDArray[np.int64]
    weight: NDArray[np.float64]
    own_places: NDArray[np.int64]

    @cached_property
    def lowest(self) -> NDArray[np.int64]:
        return self.own_places[np.argmax(self.weight[1:] > 0, axis=0)]


class Curves:
    """For each question, the share of people who named at most each price; samples side by side.

    `stated` are the prices of the respondents by question, `weights` are samples x respondents. The grid `prices`
    holds all prices anybody named; in each sample only those that somebody with weight named are corners. Nothing of
    the size prices x samples is made: shares are looked up where a search asks for them.
    """

    def __init__(self, stated: Mapping[str, NDArray[np.float64]], weights: NDArray[np.float64]) -> None:
        self.prices = np.unique(np.concatenate(list(stated.values())))
        self.samples = np.arange(len(weights))
        total = np.maximum(weights.sum(axis=1), np.finfo(float).tiny)
        share = np.ascontiguousarray((weights / total[:, None]).T)
        self._questions = {name: self._question(values, share) for name, values in stated.items()}

    def _question(self, stated: NDArray[np.float64], share: NDArray[np.float64]) -> _Question:
        order = np.argsort(stated, kind="stable")
        weight = np.empty((len(stated) + 1, share.shape[1]))
        weight[0] = 0
        np.cumsum(share[order], axis=0, out=weight[1:])
        rising = stated[order]
        up_to = np.searchsorted(rising, self.prices, side="right")
        return _Question(np.append(0, up_to), weight, np.searchsorted(self.prices, rising))

    def reached(self, name: str, place: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share that named at most the price at a grid place, per sample (place -1: nobody)."""
        question = self._questions[name]
        return question.weight[question.up_to[place + 1], self.samples]

    def shares(self, name: str, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share that named at most the price at each of several grid places, in the first sample."""
        question = self._questions[name]
        return question.weight[question.up_to[places + 1], 0]

    def crossing(self, left: str, right: str, convention: Convention) -> NDArray[np.float64]:
        """Return the first and last price at which the curves cross (samples x 2).

        Every point of van Westendorp is where one falling curve (1 - reached) meets one rising curve (reached), so
        it is where the two shares reached add up to 1. They never fall, so the prices where they do are one stretch.
        """
        reached = self._from_nothing if convention == "r-1.3.3" else self.reached

        def both(place: NDArray[np.int64]) -> NDArray[np.float64]:
            return reached(left, place) + reached(right, place)

        meets = self._next_named(self._first(both, 1 - _TOUCHES))
        level = both(meets)
        if convention == "r-1.3.0":  # no straight lines between prices: the first price where they have crossed
            end = self._last_named_before(self._first(both, level + _TOUCHES))
            return np.column_stack([self.prices[meets], self.prices[end]])
        end = self._last_named_before(self._first(both, 1 + _TOUCHES))
        before = self._last_named_before(meets)
        under = both(before)
        share = np.where(before < meets, (1 - under) / np.where(level > under, level - under, 1), 1)
        between = self.prices[before] + share * (self.prices[meets] - self.prices[before])
        touches = level <= 1 + _TOUCHES
        return np.column_stack(
            [np.where(touches, self.prices[meets], between), np.where(touches, self.prices[end], between)]
        )

    def _from_nothing(self, name: str, place: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share reached with nobody reached at the lowest price yet, as version 1.3.3 draws it."""
        return np.where(place <= self._questions[name].lowest, 0, self.reached(name, place))

    def _first(
        self, both: Callable[[NDArray[np.int64]], NDArray[np.float64]], above: float | NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return the first place where a rising share passes a level, one past the end where it never does."""
        low = np.zeros(len(self.samples), dtype=np.int64)
        high = np.full(len(self.samples), len(self.prices))
        while (low < high).any():
            middle = (low + high) // 2
            passed = both(np.minimum(middle, len(self.prices) - 1)) > above
            open_ = low < high
            high = np.where(open_ & passed, middle, high)
            low = np.where(open_ & ~passed, middle + 1, low)
        return low

    def _named(self, place: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell whether somebody with weight named the price at a place, per sample."""
        here = [self.reached(name, place) > self.reached(name, place - 1) for name in self._questions]
        return np.any(here, axis=0)

    def _next_named(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first named place from a place on; the last place where there is none."""
        place = np.minimum(place, len(self.prices) - 1)
        while (step := ~self._named(place) & (place < len(self.prices) - 1)).any():
            place = place + step
        return place

    def _last_named_before(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the last named place before a place; the first place where there is none."""
        place = np.maximum(place - 1, 0)
        while (step := ~self._named(place) & (place > 0)).any():
            place = place - step
        return place
