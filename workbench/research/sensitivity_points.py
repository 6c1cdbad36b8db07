"""The price points of van Westendorp and the best prices by intent: estimates, and how they move when resampled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from workbench.research import r_conventions
from workbench.research.errors import ResearchError
from workbench.research.price_curves import Convention, Curves
from workbench.research.purchase_intent import INTENT_SCALE, Reach, chance_of, reach
from workbench.research.resampling import LEVEL, SAMPLES, resampled_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.research.sensitivity_answers import PriceAnswers

RangeKind = Literal["standard", "narrower"]
Touching = Literal["range", "min", "max", "mean", "median"]

Pair = tuple[str, str]
POINTS: dict[str, dict[str, Pair]] = {
    "standard": {
        "pmc": ("not_cheap", "too_cheap"),
        "pme": ("too_expensive", "not_expensive"),
        "idp": ("expensive", "cheap"),
        "opp": ("too_expensive", "too_cheap"),
    },
    "narrower": {
        "pmc": ("expensive", "too_cheap"),
        "pme": ("too_expensive", "cheap"),
        "idp": ("expensive", "cheap"),
        "opp": ("too_expensive", "too_cheap"),
    },
}
"""For each point, the rising curve and the falling curve that meet there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the points are read off the curves; see `van_westendorp`."""

    convention: Convention = "linear"
    range_: RangeKind = "standard"
    touching: Touching | None = None
    grid_step: float | None = None
    intent_scale: Mapping[int, float] = field(default_factory=lambda: dict(INTENT_SCALE))
    samples: int = SAMPLES
    seed: int = 0
    level: float = LEVEL

    def __post_init__(self) -> None:
        if self.touching is None:  # the package gives one price, the first
            object.__setattr__(self, "touching", "range" if self.convention == "linear" else "min")
        for name, given, known in (
            ("convention", self.convention, get_args(Convention)),
            ("range", self.range_, get_args(RangeKind)),
            ("way to read touching curves", self.touching, get_args(Touching)),
        ):
            if given not in known:
                raise ResearchError(f"There is no {name} {given!r}.", f"Choose one of {', '.join(known)}.")
        if self.grid_step is not None and (self.convention == "linear" or not self.grid_step > 0):
            raise ResearchError(
                f"A grid of steps of {self.grid_step:g} cannot be laid.",
                "Give a step above 0, and only with the conventions r-1.3.0 and r-1.3.3: linear needs no grid.",
            )

    def pairs(self, asked: Mapping[str, object]) -> dict[str, Pair]:
        """Return the curves of the points that can be had from the questions asked."""
        known = {name.removeprefix("not_") for name in asked}
        return {
            point: pair
            for point, pair in POINTS[self.range_].items()
            if all(name.removeprefix("not_") in known for name in pair)
        }


@dataclass(frozen=True, eq=False)
class Points:
    """Points by name, each (first, last); their resamples (samples x 2); and the reach by intent, if asked."""

    ends: dict[str, tuple[float, float]]
    draws: dict[str, NDArray[np.float64]]
    reach: Reach | None
    reach_draws: Reach | None


def find_points(answers: PriceAnswers, settings: Settings) -> Points:
    """Return every point that can be had, with its resamples."""
    pairs = settings.pairs(answers.stated)
    resampled = resampled_weights(answers.weights, settings.samples, settings.seed)
    moved = Curves(answers.stated, resampled)
    draws = {name: moved.crossing(*_questions(pair), settings.convention) for name, pair in pairs.items()}
    by_intent = _by_intent(answers, settings, resampled)
    return Points(_estimates(answers, settings, pairs), draws, *(by_intent or (None, None)))


def _questions(pair: Pair) -> Pair:
    """Name the two questions whose curves, or one minus them, meet."""
    return pair[0].removeprefix("not_"), pair[1].removeprefix("not_")


def _estimates(answers: PriceAnswers, settings: Settings, pairs: Mapping[str, Pair]) -> dict[str, tuple[float, float]]:
    """Return each point as (first, last)."""
    if settings.convention == "linear":
        curves = Curves(answers.stated, answers.weights[None, :])
        met = {name: curves.crossing(*_questions(pair), "linear")[0] for name, pair in pairs.items()}
    else:
        prices, on_grid = r_conventions.grid_curves(
            answers.stated, answers.weights, settings.convention, settings.grid_step
        )
        met = {
            name: r_conventions.crossing(prices, on_grid[rising], on_grid[falling], settings.convention)
            for name, (rising, falling) in pairs.items()
        }
    return {name: _read(prices, settings) for name, prices in met.items() if len(prices)}


def _read(prices: NDArray[np.float64], settings: Settings) -> tuple[float, float]:
    """Return the ends of the stretch where two curves meet, or the one price asked for."""
    first, last = float(prices.min()), float(prices.max())
    if settings.touching == "range":
        return first, last
    if settings.touching == "median" and settings.convention == "r-1.3.3":
        return first, first  # version 1.3.3 falls back to the first price
    ways = {"min": first, "max": last, "mean": float(np.mean(prices)), "median": float(np.median(prices))}
    one = ways[settings.touching or "min"]
    return one, one


def _by_intent(answers: PriceAnswers, settings: Settings, resampled: NDArray[np.float64]) -> tuple[Reach, Reach] | None:
    """Return the reach by intent and its resamples, None where nobody who counts was asked."""
    if answers.intent is None:
        return None
    chances = chance_of(answers.intent, settings.intent_scale)
    asked = ~np.isnan(chances).any(axis=1) & answers.in_order
    if not asked.any() or not answers.weights[asked].sum() > 0:
        return None
    corners = np.column_stack(list(answers.stated.values()))[asked]
    outer = np.zeros((int(asked.sum()), 1))
    inner = [chances[asked], outer]
    heights = np.hstack([outer, *inner] if "too_cheap" in answers.stated else inner)
    prices = np.unique(corners)
    by_place = settings.convention == "r-1.3.0" and settings.grid_step is None
    along = np.arange(len(prices), dtype=float) if by_place else None
    weights = resampled[:, asked]
    known = weights.sum(axis=1) > 0
    found = reach(prices, corners, heights, answers.weights[None, asked], along=along)
    return _on_grid(found, settings.grid_step), reach(prices, corners, heights, weights[known], along=along)


def _on_grid(found: Reach, grid_step: float | None) -> Reach:
    """Return the reach on a grid of even steps, where one was asked for."""
    if grid_step is None:
        return found
    steps = int(np.floor((found.prices[-1] - found.prices[0]) / grid_step + 1e-10))
    grid = found.prices[0] + np.arange(steps + 1) * grid_step
    return Reach(grid, np.interp(grid, found.prices, found.share[:, 0])[:, None])
