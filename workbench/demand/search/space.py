"""The prices that rules leave open: bounds and ratios, which are differences between logarithms.

"The top tier costs three to five times the entry tier" says how far apart two logarithms lie, so all rules on
bounds, order and ratios form a system of difference constraints. Shortest paths through it say whether any prices
are left, which rules exclude each other if not, and how far each price can move (Cormen et al., Introduction to
Algorithms, "Difference constraints and shortest paths").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SLACK = 1e-9
"""How far a logarithm may pass a rule: prices at a rule's very end come out of floating point."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One rule on one or two prices: price[above] <= factor * price[below]; None stands for the number 1."""

    above: int | None
    below: int | None
    factor: float
    rule: str


@dataclass(frozen=True, eq=False)
class PriceSpace:
    """The searched prices by name, with the limits between them; every price has a limit on either side."""

    names: tuple[str, ...]
    limits: tuple[Limit, ...]

    def __post_init__(self) -> None:
        if clash := self.contradiction():
            raise DemandError(
                f"No prices are left: {_listed(clash)} exclude{'s itself' if len(clash) == 1 else ' each other'}.",
                "Switch one of them off, or widen it.",
            )

    @property
    def size(self) -> int:
        """Return the number of prices."""
        return len(self.names)

    @cached_property
    def _edges(self) -> tuple[Floats, dict[tuple[int, int], str]]:
        """Return the largest direct distance between the logarithms of two prices, and the rule that sets it."""
        direct = np.full((self.size + 1, self.size + 1), np.inf)
        rules: dict[tuple[int, int], str] = {}
        for limit in self.limits:
            start = self.size if limit.below is None else limit.below
            end = self.size if limit.above is None else limit.above
            distance = float(np.log(limit.factor))
            if distance < direct[start, end]:
                direct[start, end] = distance
                rules[start, end] = limit.rule
        return direct, rules

    @cached_property
    def _paths(self) -> tuple[Floats, NDArray[np.intp]]:
        """Return the largest distance that all rules together leave, and the last stop on the way to it."""
        far = self._edges[0].copy()
        nodes = self.size + 1
        via = np.tile(np.arange(nodes), (nodes, 1)).T
        for stop in range(nodes):
            through = far[:, [stop]] + far[[stop], :]
            shorter = through < far - SLACK / 10
            far = np.where(shorter, through, far)
            via = np.where(shorter, via[[stop], :], via)
            if (np.diag(far) < -SLACK).any():
                break
        return far, via

    def contradiction(self) -> tuple[str, ...]:
        """Return the rules that together leave no price; none when prices are left."""
        far, via = self._paths
        caught = np.flatnonzero(np.diag(far) < -SLACK)
        if not caught.size:
            return ()
        _, rules = self._edges
        start = int(caught[0])
        seen, stop = [start], int(via[start, start])
        while stop not in seen:
            seen.append(stop)
            stop = int(via[start, stop])
        ring = [*seen[seen.index(stop) :], stop]
        found = [rules[before, after] for after, before in pairwise(ring) if (before, after) in rules]
        return tuple(dict.fromkeys(found))

    def limits_hold(self, prices: Floats) -> bool:
        """Tell whether prices meet every limit."""
        logs = np.append(np.log(prices), 0.0)
        return bool((logs[None, :] - logs[:, None] <= self._edges[0] + SLACK).all())

    def interval(self, prices: Floats, place: int) -> tuple[float, float]:
        """Return how low and how high one price may go while the others stay."""
        logs = np.append(np.log(prices), 0.0)
        direct = self._edges[0]
        others = np.arange(self.size + 1) != place
        high = (logs + direct[:, place])[others].min()
        low = (logs - direct[place, :])[others].max()
        return float(np.exp(low)), float(np.exp(max(low, high)))

    def span(self, place: int) -> tuple[float, float]:
        """Return the lowest and highest value a price can take at all."""
        far = self._paths[0]
        return float(np.exp(-far[place, self.size])), float(np.exp(far[self.size, place]))

    def spread(self, places: Floats) -> Floats:
        """Return prices (n, size) for points of the unit cube: each price anywhere the ones before it leave open."""
        points = np.atleast_2d(places)
        return self._settle(points, range(self.size), share=True)

    def drag(self, prices: Floats, place: int, value: Floats | float) -> Floats:
        """Return prices with one set to `value`, as far as possible; the others follow as little as they must.

        Several values give one set of prices each, in rows.
        """
        wanted = np.tile(np.asarray(prices, dtype=np.float64), (np.size(value), 1))
        wanted[:, place] = value
        order = [place, *(each for each in range(self.size) if each != place)]
        found = self._settle(np.log(wanted), order, share=False)
        return found[0] if np.ndim(value) == 0 else found

    def nearest(self, prices: Floats) -> Floats:
        """Return prices that meet every limit, close to those given: one set of them, or one a row."""
        found = self._settle(np.log(np.maximum(np.atleast_2d(prices), 1e-300)), range(self.size), share=False)
        return found[0] if np.ndim(prices) == 1 else found

    def _settle(self, wanted: Floats, order: Sequence[int], *, share: bool) -> Floats:
        """Place one price after the other where those before it leave room; the paths make sure there is some."""
        far = self._paths[0]
        logs = np.zeros((len(wanted), self.size + 1))
        placed = [self.size]
        for place in order:
            high = (logs[:, placed] + far[placed, place]).min(axis=1)
            low = np.minimum((logs[:, placed] - far[place, placed]).max(axis=1), high)
            logs[:, place] = low + wanted[:, place] * (high - low) if share else np.clip(wanted[:, place], low, high)
            placed.append(place)
        return np.exp(logs[:, : self.size])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
