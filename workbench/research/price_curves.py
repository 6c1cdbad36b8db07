"""The four price questions: answers, cumulative curves, their crossings, and the reach by stated intent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from workbench.customers.tables import PRICE_SENSITIVITY
from workbench.research.answers import Answers, ResearchError, about_one_unit, given_values, read_answers
from workbench.research.sampling import LEVEL, SAMPLES, resampled_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.stats import Flags, Floats, Ints

    Intent = bool | pd.DataFrame | Sequence[str] | Sequence[ArrayLike] | None

# --- The answers to the four price questions: who gave them in a possible order, and who is left out and why

QUESTIONS = ("too_cheap", "cheap", "expensive", "too_expensive")
WORDS = {name: name.replace("_", " ") for name in QUESTIONS}
INTENTS = ("intent_cheap", "intent_expensive")


@dataclass(frozen=True, eq=False)
class PriceAnswers:
    """The respondents who count: their prices by question, weights and, where they were asked, their intent.

    `stated` lacks too_cheap where nobody was asked. `intent` is respondents x 2 (at cheap, at expensive; NaN where
    not answered), None where nobody was asked. `left_out` has one row per respondent who does not count: row,
    respondent, why and the prices. `in_order` marks those of the respondents who count whose prices rise strictly.
    `per` says what a price buys.
    """

    stated: dict[str, Floats]
    weights: Floats
    intent: Floats | None
    segment: NDArray[np.object_]
    total: int
    left_out: pd.DataFrame
    in_order: Flags
    per: str = ""

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self.weights)

    def of(self, segment: str) -> PriceAnswers:
        """Return the answers of one segment alone."""
        inside = self.segment == segment
        left_out = self.left_out[self.left_out["segment"] == segment].reset_index(drop=True)
        stated = {name: prices[inside] for name, prices in self.stated.items()}
        return replace(
            self,
            stated=stated,
            weights=self.weights[inside],
            intent=None if self.intent is None else self.intent[inside],
            segment=self.segment[inside],
            total=int(inside.sum()) + len(left_out),
            left_out=left_out,
            in_order=self.in_order[inside],
        )


def read_prices(
    frame: pd.DataFrame, weights: str | ArrayLike | None, intent: Intent, *, keep_invalid: bool = False
) -> PriceAnswers:
    """Read and sort out a frame in the layout of survey_price_sensitivity; its respondents may be nameless.

    Raises
    ------
    DataErrors
        With every answer that cannot be read.
    ResearchError
        When nobody's prices are in a possible order, or intent was asked for and is not there.

    """
    given = _with_intent(frame, intent)
    answers = read_answers(PRICE_SENSITIVITY, given, [about_one_unit], weights=weights, number_respondents=True)
    asked = tuple(name for name in QUESTIONS if answers.has(name))
    prices = np.column_stack([answers.numbers(name) for name in asked])
    why = _why_not(prices, asked)
    in_order = why == ""
    complete = ~np.isnan(prices).any(axis=1) & (answers.weights > 0)
    counts = complete if keep_invalid else complete & in_order
    why[in_order & ~counts] = "has a weight of 0"
    if not in_order.any() or not counts.any():
        raise ResearchError(
            f"None of the {len(answers):,} respondents gave prices that rise from {_listed(asked)}.",
            "Check that the columns are not mixed up.",
        )
    segment = answers.texts("segment")
    chosen = _intents(answers, intent)
    stated = {name: prices[counts, place] for place, name in enumerate(asked)}
    return PriceAnswers(
        stated,
        answers.weights[counts],
        None if chosen is None else chosen[counts],
        segment[counts],
        len(answers),
        _left_out(answers, ~counts, why, segment),
        in_order[counts],
        answers.per,
    )


def _why_not(prices: Floats, asked: tuple[str, ...]) -> NDArray[np.object_]:
    """Say for each respondent why the prices cannot count, "" where they can."""
    why = np.full(len(prices), "", dtype=object)
    for place in range(len(asked) - 1, 0, -1):
        low, high = WORDS[asked[place - 1]], WORDS[asked[place]]
        why[prices[:, place - 1] >= prices[:, place]] = f"{low} is not below {high}"
    for place, name in enumerate(asked):
        why[np.isnan(prices[:, place])] = f"{WORDS[name]} has no price"
    return why


def _listed(asked: tuple[str, ...]) -> str:
    return " to ".join(WORDS[name] for name in asked)


def _left_out(answers: Answers, out: Flags, why: NDArray[np.object_], segment: NDArray[np.object_]) -> pd.DataFrame:
    """List the respondents who do not count."""
    prices = {name: answers.numbers(name)[out] for name in QUESTIONS}
    about = {"row": answers.rows[out], "respondent": answers.texts("respondent")[out], "segment": segment[out]}
    return pd.DataFrame({**about, "why": why[out], **prices})


def _with_intent(frame: pd.DataFrame, intent: Intent) -> pd.DataFrame:
    """Put the intents given into their documented columns, so that they are checked like any other."""
    if intent is None or isinstance(intent, bool) or not isinstance(frame, pd.DataFrame):
        return frame
    columns = [intent[name] for name in intent.columns] if isinstance(intent, pd.DataFrame) else list(intent)
    if len(columns) != len(INTENTS):
        raise ResearchError(
            f"Intent was given as {len(columns)} columns.",
            "Give two: the intent to buy at the cheap price and at the expensive price.",
        )
    found = {name: given_values(frame, column, "intents") for name, column in zip(INTENTS, columns, strict=True)}
    return frame.drop(columns=[name for name in INTENTS if name in frame]).assign(**found)


def _intents(answers: Answers, intent: Intent) -> Floats | None:
    """Return the intents of everybody, None where nobody was asked or they are not wanted."""
    if intent is False:
        return None
    if not all(answers.has(name) for name in INTENTS):
        if intent is None:
            return None
        raise ResearchError(
            "The answers have no intent to buy at the cheap and at the expensive price.",
            "Add the columns intent_cheap and intent_expensive with answers from 1 to 5, or leave intent out.",
        )
    return np.column_stack([answers.numbers(name) for name in INTENTS])


# --- Where the cumulative curves of stated prices cross, for many weightings of the same respondents at once

Convention = Literal["linear", "r-1.3.0", "r-1.3.3"]
_TOUCHES = 1e-9
"""Curves closer than this touch: sums of weights are not exact."""


@dataclass(frozen=True, eq=False)
class _Question:
    """One question: how many answers lie at or below each price of the grid, and their weight (answers + 1 x samples).

    `lowest` is the grid place of the lowest price somebody with weight named, per sample.
    """

    up_to: Ints
    weight: Floats
    own_places: Ints

    @cached_property
    def lowest(self) -> Ints:
        return self.own_places[np.argmax(self.weight[1:] > 0, axis=0)]


class Curves:
    """For each question, the share of people who named at most each price; samples side by side.

    `stated` are the prices of the respondents by question, `weights` are samples x respondents. The grid `prices`
    holds all prices anybody named; in each sample only those that somebody with weight named are corners. Nothing of
    the size prices x samples is made: shares are looked up where a search asks for them.
    """

    def __init__(self, stated: Mapping[str, Floats], weights: Floats) -> None:
        self.prices = np.unique(np.concatenate(list(stated.values())))
        self.samples = np.arange(len(weights))
        total = np.maximum(weights.sum(axis=1), np.finfo(float).tiny)
        share = np.ascontiguousarray((weights / total[:, None]).T)
        self._questions = {name: self._question(values, share) for name, values in stated.items()}

    def _question(self, stated: Floats, share: Floats) -> _Question:
        order = np.argsort(stated, kind="stable")
        weight = np.empty((len(stated) + 1, share.shape[1]))
        weight[0] = 0
        np.cumsum(share[order], axis=0, out=weight[1:])
        rising = stated[order]
        up_to = np.searchsorted(rising, self.prices, side="right")
        return _Question(np.append(0, up_to), weight, np.searchsorted(self.prices, rising))

    def reached(self, name: str, place: Ints) -> Floats:
        """Return the share that named at most the price at a grid place, per sample (place -1: nobody)."""
        question = self._questions[name]
        return question.weight[question.up_to[place + 1], self.samples]

    def shares(self, name: str, places: Ints) -> Floats:
        """Return the share that named at most the price at each of several grid places, in the first sample."""
        question = self._questions[name]
        return question.weight[question.up_to[places + 1], 0]

    def crossing(self, left: str, right: str, convention: Convention) -> Floats:
        """Return the first and last price at which the curves cross (samples x 2).

        Every point of van Westendorp is where one falling curve (1 - reached) meets one rising curve (reached), so
        it is where the two shares reached add up to 1. They never fall, so the prices where they do are one stretch.
        """
        reached = self._from_nothing if convention == "r-1.3.3" else self.reached

        def both(place: Ints) -> Floats:
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

    def _from_nothing(self, name: str, place: Ints) -> Floats:
        """Return the share reached with nobody reached at the lowest price yet, as version 1.3.3 draws it."""
        return np.where(place <= self._questions[name].lowest, 0, self.reached(name, place))

    def _first(self, both: Callable[[Ints], Floats], above: float | Floats) -> Ints:
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

    def _named(self, place: Ints) -> Flags:
        """Tell whether somebody with weight named the price at a place, per sample."""
        here = [self.reached(name, place) > self.reached(name, place - 1) for name in self._questions]
        return np.any(here, axis=0)

    def _next_named(self, place: Ints) -> Ints:
        """Return the first named place from a place on; the last place where there is none."""
        place = np.minimum(place, len(self.prices) - 1)
        while (step := ~self._named(place) & (place < len(self.prices) - 1)).any():
            place = place + step
        return place

    def _last_named_before(self, place: Ints) -> Ints:
        """Return the last named place before a place; the first place where there is none."""
        place = np.maximum(place - 1, 0)
        while (step := ~self._named(place) & (place > 0)).any():
            place = place - step
        return place


# --- From stated intent to the share who would buy at each price (Newton, Miller and Smith 1993)

INTENT_SCALE: Mapping[int, float] = {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0}
"""The chance of buying that stands for each answer; 5 is "certain"."""


def chance_of(answers: Floats, scale: Mapping[int, float]) -> Floats:
    """Return the chance of buying for each answer on the scale, NaN where unknown or not on it."""
    chances = np.full(answers.shape, np.nan)
    for answer, chance in scale.items():
        chances[answers == answer] = chance
    return chances


@dataclass(frozen=True, eq=False)
class IntentReach:
    """The share of people who would buy at each price (prices x samples), and the best prices per sample."""

    prices: Floats
    share: Floats

    @property
    def best_for_reach(self) -> Floats:
        """Return the price at which most would buy, per sample: a corner, for the share is straight between them."""
        return self.prices[np.argmax(self.share, axis=0)]

    @property
    def best_for_revenue(self) -> Floats:
        """Return the price named by somebody at which price times share is highest, per sample."""
        return self.prices[np.argmax(self.prices[:, None] * self.share, axis=0)]


def intent_reach(
    prices: Floats, corners: Floats, chances: Floats, weights: Floats, *, along: Floats | None = None
) -> IntentReach:
    """Return the weighted mean of the respondents' chances at each price, for every weighting.

    Parameters
    ----------
    prices
        The grid: every corner must be on it.
    corners, chances
        Respondents x corners: each respondent's prices in strictly rising order and the chance of buying there. The
        chance is straight between corners and stays as it is outside them (0 where the outer chances are 0).
    weights
        Samples x respondents.
    along
        What "straight" is measured along, one number per price of the grid; the price itself where not given.

    """
    import scipy.sparse as sp  # noqa: PLC0415 - slow to load, and needed only where people were asked for their intent

    measure = prices if along is None else along
    place = np.searchsorted(prices, corners)
    slope = np.diff(chances, axis=1) / np.diff(measure[place], axis=1)
    nothing = np.zeros((len(corners), 1))
    bend = np.diff(np.hstack([nothing, slope, nothing]), axis=1)
    people = np.broadcast_to(np.arange(len(corners))[:, None], place.shape)
    bends = sp.csr_matrix((bend.ravel(), (place.ravel(), people.ravel())), shape=(len(prices), len(corners)))
    part = (weights / weights.sum(axis=1, keepdims=True)).T
    slopes = np.cumsum(bends @ part, axis=0)
    steps = slopes[:-1] * np.diff(measure)[:, None]
    start = chances[:, 0] @ part
    share = np.vstack([start, start + np.cumsum(steps, axis=0)])
    return IntentReach(prices, np.clip(share, 0, 1))


# --- The price points of van Westendorp and the best prices by intent

RangeKind = Literal["standard", "narrower"]
Touching = Literal["range", "min", "max", "mean", "median"]
Pair = tuple[str, str]
_STANDARD: dict[str, Pair] = {
    "pmc": ("not_cheap", "too_cheap"),
    "pme": ("too_expensive", "not_expensive"),
    "idp": ("expensive", "cheap"),
    "opp": ("too_expensive", "too_cheap"),
}
POINTS: dict[str, dict[str, Pair]] = {
    "standard": _STANDARD,
    "narrower": _STANDARD | {"pmc": ("expensive", "too_cheap"), "pme": ("too_expensive", "cheap")},
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
    draws: dict[str, Floats]
    reach: IntentReach | None
    reach_draws: IntentReach | None


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
        prices, on_grid = grid_curves(answers.stated, answers.weights, settings.convention, settings.grid_step)
        met = {
            name: crossing(prices, on_grid[rising], on_grid[falling], settings.convention)
            for name, (rising, falling) in pairs.items()
        }
    return {name: _read(prices, settings) for name, prices in met.items() if len(prices)}


def _read(prices: Floats, settings: Settings) -> tuple[float, float]:
    """Return the ends of the stretch where two curves meet, or the one price asked for."""
    first, last = float(prices.min()), float(prices.max())
    if settings.touching == "range":
        return first, last
    if settings.touching == "median" and settings.convention == "r-1.3.3":
        return first, first  # version 1.3.3 falls back to the first price
    ways = {"min": first, "max": last, "mean": float(np.mean(prices)), "median": float(np.median(prices))}
    one = ways[settings.touching or "min"]
    return one, one


def _by_intent(answers: PriceAnswers, settings: Settings, resampled: Floats) -> tuple[IntentReach, IntentReach] | None:
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
    found = intent_reach(prices, corners, heights, answers.weights[None, asked], along=along)
    return _on_grid(found, settings.grid_step), intent_reach(prices, corners, heights, weights[known], along=along)


def _on_grid(found: IntentReach, grid_step: float | None) -> IntentReach:
    """Return the reach on a grid of even steps, where one was asked for."""
    if grid_step is None:
        return found
    grid = _even_steps(found.prices, grid_step)
    return IntentReach(grid, np.interp(grid, found.prices, found.share[:, 0])[:, None])


def _even_steps(prices: Floats, step: float) -> Floats:
    return prices[0] + np.arange(int(np.floor((prices[-1] - prices[0]) / step + 1e-10)) + 1) * step


# --- The points as two versions of the R package pricesensitivitymeter give them

FALLING = ("too_cheap", "cheap")
"""The questions whose curves fall: a price is too cheap, or cheap, for ever fewer people as it rises."""


def grid_curves(
    stated: Mapping[str, Floats], weights: Floats, convention: Convention, grid_step: float | None = None
) -> tuple[Floats, dict[str, Floats]]:
    """Return the grid of prices and the curve of each question on it, falling for too_cheap and cheap.

    Besides the four curves there are not_cheap and not_expensive.
    """
    prices = np.unique(np.concatenate(list(stated.values())))
    curves = {name: _reached(prices, values, weights, convention) for name, values in stated.items()}
    curves = {name: 1 - values if name in FALLING else values for name, values in curves.items()}
    if grid_step is not None:
        grid = _even_steps(prices, grid_step)
        curves = {name: _between(grid, prices, values) for name, values in curves.items()}
        prices = grid
    opposite = {f"not_{name}": 1 - curves[name] for name in ("cheap", "expensive")}
    return prices, curves | opposite


def crossing(prices: Floats, rising: Floats, falling: Floats, convention: Convention) -> Floats:
    """Return the prices at which a rising curve has met a falling one: several where they touch, none at times."""
    if convention == "r-1.3.0":
        met = np.flatnonzero(rising >= falling)
        if not len(met):
            return np.empty(0)
        return prices[(rising == rising[met[0]]) & (falling == falling[met[0]])]
    apart = rising - falling
    turns = np.flatnonzero(np.diff(np.sign(apart)) != 0)
    slope = apart[turns + 1] - apart[turns]
    return prices[turns] - apart[turns] * (prices[turns + 1] - prices[turns]) / slope


def _reached(prices: Floats, stated: Floats, weights: Floats, convention: Convention) -> Floats:
    """Return the share of people who named at most each price of the grid."""
    at = np.bincount(np.searchsorted(prices, stated), weights=weights, minlength=len(prices))
    reached = np.cumsum(at) / weights.sum()
    if convention == "r-1.3.3":
        reached[prices >= stated.max()] = 1
        reached[prices <= stated.min()] = 0
    return reached


def _between(grid: Floats, prices: Floats, values: Floats) -> Floats:
    """Interpolate in the order of operations of R's `approx`."""
    right = np.clip(np.searchsorted(prices, grid, side="left"), 1, len(prices) - 1)
    left = right - 1
    inside = values[left] + (values[right] - values[left]) * ((grid - prices[left]) / (prices[right] - prices[left]))
    exact = np.searchsorted(prices, grid)
    hit = prices[np.minimum(exact, len(prices) - 1)] == grid
    return np.where(hit, values[np.minimum(exact, len(prices) - 1)], inside)
