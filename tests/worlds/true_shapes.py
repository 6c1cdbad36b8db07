"""What each of five shapes of pricing truly brings a company whose customers' worth is known, all tuned alike.

Every shape gets the same search: a few ways to build it, and for each the same random starts and the same shrinking
steps on its prices. Nothing here knows the workbench.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shaped_companies import FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from shaped_companies import Company

SHAPES = ("value_metric", "tiered", "add_on", "usage_based", "hybrid")
LEAST_PART = 0.2  # of revenue from base and from usage, for a price list to be a hybrid
_STARTS, _ROUNDS = 12, 40


def true_contributions(made: Company, seed: int = 0) -> dict[str, float]:
    """Return the most that each shape can bring a month."""
    return {shape: max(_searched(*way, seed) for way in _WAYS[shape](made)) for shape in SHAPES}


def _searched(brings: Callable[[np.ndarray], float], start: np.ndarray, seed: int) -> float:
    """Return the most found from random starts, by steps on one price at a time that shrink when nothing helps."""
    rng = np.random.default_rng(seed)
    best, kept = -np.inf, start
    for level in np.geomspace(0.1, 6, _STARTS):
        tried = start * level * np.exp(rng.normal(0, 0.2, len(start)))
        found = brings(tried)
        if found > best:
            best, kept = found, tried
    step = 0.7
    for _ in range(_ROUNDS):
        before = best
        for place in range(len(kept)):
            for factor in (np.exp(step), np.exp(-step), 0.0):
                tried = kept.copy()
                tried[place] = kept[place] * factor if kept[place] else start[place] * step
                found = brings(tried)
                if found > best:
                    best, kept = found, tried
        if best <= before:
            step /= 2
            if step < 0.02:
                break
    return best


def _earned(made: Company, left: np.ndarray, bill: np.ndarray) -> float:
    return float((bill - made.cost)[made.accepts(left, bill)].sum())


def _peak(made: Company) -> np.ndarray:
    return made.usage[:, -3:].max(axis=1)


def _value_metric(made: Company) -> list:
    ways = []
    for quantity in (made.counted, _peak(made)):
        scale = quantity / np.median(quantity)
        for power in (0.5, 0.65, 0.8, 0.9, 1.0):
            amount = scale**power

            def brings(prices: np.ndarray, amount: np.ndarray = amount) -> float:
                bill = prices[0] * amount
                return _earned(made, made.whole - bill, bill)

            ways.append((brings, np.array([np.median(made.whole) * 0.6])))
    return ways


def _usage_based(made: Company) -> list:
    ways, typical = [], np.median(made.usage[:, -3:])
    for power in (0.5, 0.65, 0.8, 0.9, 1.0):
        for below in (0.0, 0.1, 0.5):
            free = np.quantile(made.usage[:, -3:], below) if below else 0.0
            amount = (np.maximum(made.usage[:, -3:] - free, 0) / typical) ** power
            amount = amount.mean(axis=1)

            def brings(prices: np.ndarray, amount: np.ndarray = amount) -> float:
                bill = prices[0] * amount
                return _earned(made, made.whole - bill, bill)

            ways.append((brings, np.array([np.median(made.whole) * 0.6])))
    return ways


def _hybrid(made: Company) -> list:
    ways, typical = [], np.median(made.usage[:, -3:])
    for base in (made.counted, np.ones(len(made.seats))):
        for power in (0.8, 0.9, 1.0):
            for below in (0.25, 0.5, 0.75):
                free = np.quantile(made.usage[:, -3:], below)
                usage = ((np.maximum(made.usage[:, -3:] - free, 0) / typical) ** power).mean(axis=1)

                def brings(prices: np.ndarray, base: np.ndarray = base, usage: np.ndarray = usage) -> float:
                    parts = np.array([prices[0] * base, prices[1] * usage])
                    bill = parts.sum(axis=0)
                    yes = made.accepts(made.whole - bill, bill)
                    shares = parts[:, yes].sum(axis=1)
                    if shares.min() < LEAST_PART * shares.sum():
                        return -np.inf
                    return _earned(made, made.whole - bill, bill)

                start = 0.3 * np.median(made.whole) / np.array([np.median(base), max(usage.mean(), 1e-9)])
                ways.append((brings, start))
    return ways


def _tiered(made: Company) -> list:
    ways, order = [], np.argsort(-(made.extra > 0).mean(axis=0), kind="stable")
    for base in (made.counted, np.ones(len(made.seats))):
        for cut in ((2, 5), (3, 6), (5, 7)):
            for marks in (None, (0.3, 0.7), (0.5, 0.9)):
                ends = np.quantile(_peak(made), marks) if marks else (np.inf, np.inf)
                limits = (*ends, np.inf)
                worth = np.array(
                    [
                        np.where(_peak(made) <= limit, made.core + made.extra[:, order[:upto]].sum(axis=1), -np.inf)
                        for limit, upto in zip(limits, (*cut, FEATURES), strict=True)
                    ]
                )

                def brings(prices: np.ndarray, base: np.ndarray = base, worth: np.ndarray = worth) -> float:
                    bills = prices[:, None] * base
                    left = worth - bills
                    best = left.argmax(axis=0)
                    rows = np.arange(len(base))
                    return _earned(made, left[best, rows], bills[best, rows])

                ways.append((brings, np.median(made.whole / base) * np.array([0.4, 0.6, 0.8])))
    return ways


def _add_on(made: Company) -> list:
    ways = []
    for base in (made.counted, np.ones(len(made.seats))):

        def brings(prices: np.ndarray, base: np.ndarray = base) -> float:
            each = prices[1:] * base[:, None]
            takes = (made.extra >= np.maximum(each, 1e-12)) & made.notices
            free = prices[1:] == 0
            gained = np.where(free, made.extra, np.where(takes, made.extra - each, 0.0)).sum(axis=1)
            bill = prices[0] * base + np.where(takes & ~free, each, 0.0).sum(axis=1)
            return _earned(made, made.core + gained - prices[0] * base, bill)

        middle = np.median(made.whole / base)
        ways.append((brings, np.r_[0.3 * middle, np.full(FEATURES, 0.1 * middle)]))
    return ways


_WAYS = {
    "value_metric": _value_metric,
    "tiered": _tiered,
    "add_on": _add_on,
    "usage_based": _usage_based,
    "hybrid": _hybrid,
}
