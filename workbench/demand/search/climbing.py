"""Climb to the highest prices from many starts: exact steps, moves of several prices at once, and smooth ascent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.demand.search.certainty import FEWEST_DRAWS
from workbench.demand.search.constraints import Objective, PriceSpace, SearchRules, highest_payable
from workbench.demand.search.objective import Peak, Scorer, Sloped, Slopes, Tally, distinct_peaks, line
from workbench.stats import even_points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from workbench.demand.choice_task import ChoiceTask

    Floats = NDArray[np.float64]

# --- Ascent under the logit rule, where the objective is smooth: analytic gradient, rules as constraints

_STEPS = 200
_PRECISION, _ROUGH = 1e-14, 1e-9
"""Steps that gain less than this part of the most there could be are the last; rough where exact steps follow."""


def ascend(scorer: Scorer, start: Floats, precision: float = _PRECISION) -> Peak:
    """Return the peak that ascent from a start reaches, with T2 as a constraint where it is in force."""
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import

    known = _Known(scorer)
    found = minimize(
        known.loss,
        np.log(start),
        jac=known.loss_slope,
        method="SLSQP",
        bounds=[np.log(scorer.rules.space.span(place)) for place in range(scorer.rules.space.size)],
        constraints=[*_ratios(scorer), *known.middle(), *known.kept()],
        options={"maxiter": _STEPS, "ftol": precision},
    )
    prices = scorer.rules.space.nearest(np.exp(np.clip(found.x, -600, 600)))
    score = scorer.score(prices)
    before = scorer.score(start)
    return Peak(prices, score) if score >= before else Peak(np.array(start), before)


class _Known:
    """Keep the last prices looked at, so that value and gradient cost one look together."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer, self.looks = scorer, scorer.smooth_looks
        self.at = b""
        self.last: Slopes | None = None

    def look(self, logs: Floats) -> Slopes:
        asked = logs.tobytes()
        if self.last is None or asked != self.at:
            self.at, self.last = asked, self.looks.at(np.exp(logs))
        return self.last

    def loss(self, logs: Floats) -> float:
        return -self.look(logs).objective.value / self.scorer.most

    def loss_slope(self, logs: Floats) -> Floats:
        return -self.look(logs).objective.slope * np.exp(logs) / self.scorer.most

    def middle(self) -> list[dict[str, Any]]:
        """Return T2 as two constraints on accounts: linear in them, so that no share of nothing arises."""
        band = self.scorer.rules.band
        ends = [] if band is None else [(band.low, 1.0), (band.high, -1.0)]
        return [self._at_least(methodcaller("beyond", end), side) for end, side in ends if end is not None]

    def kept(self) -> list[dict[str, Any]]:
        """Return the least share of paying accounts to keep as a constraint on accounts."""
        least, task = self.scorer.rules.kept, self.scorer.task
        if least is None or not task.paying:
            return []
        share = least * task.paying / max(task.accounts, 1e-300)
        return [self._at_least(attrgetter("kept"), 1.0, share)]

    def _at_least(self, asked: Callable[[Slopes], Sloped], side: float, least: float = 0.0) -> dict[str, Any]:
        return {
            "type": "ineq",
            "fun": lambda logs: side * asked(self.look(logs)).value - least,
            "jac": lambda logs: side * asked(self.look(logs)).slope * np.exp(logs),
        }


def _ratios(scorer: Scorer) -> list[dict[str, Any]]:
    """Return the rules between two prices as one linear constraint on logarithms."""
    space = scorer.rules.space
    pairs = [each for each in space.limits if each.above is not None and each.below is not None]
    if not pairs:
        return []
    matrix = np.zeros((len(pairs), space.size))
    for row, limit in enumerate(pairs):
        matrix[row, limit.below], matrix[row, limit.above] = 1.0, -1.0
    room = np.log([limit.factor for limit in pairs])
    return [{"type": "ineq", "fun": lambda logs: matrix @ logs + room, "jac": lambda _: matrix}]


# --- Climb to a peak: exact steps along single prices

_SWEEPS = _ROUNDS = 40
_ENOUGH = 1e-7  # the gain, as a share of the score, below which a sweep is the last one
_FACTORS = (0.97, 1.03, 0.9, 1.1, 0.75, 1.33)
_PAIRED = _FACTORS[:4]
_NARROW = 1e-9
# How hard prices are shaken in turn, as standard deviations of their logarithms.
_SHAKES = (0.12, 0.4, 0.05)


def climb(scorer: Scorer, start: Floats, *, moves: bool) -> Peak:
    """Return the peak reached from a start; `moves` moves several prices where one alone is stuck."""
    peak = _steps(scorer, scorer.rules.space.nearest(start))
    for _ in range(_ROUNDS if moves else 0):
        higher = next((each for each in _moved(scorer, peak) if each.score > _above(peak.score)), None)
        if higher is None:
            break
        stepped = _steps(scorer, higher.prices)
        # Along one line a price can look better than all rules together leave it; nothing that was gained is given up.
        peak = max(higher, stepped, key=lambda each: each.score)
    return peak


def kicked(scorer: Scorer, peak: Peak, rng: np.random.Generator, kicks: int) -> Peak:
    """Return the highest of the peaks reached from prices shaken a little, one after the other."""
    space = scorer.rules.space
    for number in range(kicks):
        shaken = rng.random(space.size) < max(0.5, 2 / space.size)
        start = peak.prices * np.exp(np.where(shaken, rng.normal(0, _SHAKES[number % len(_SHAKES)], space.size), 0.0))
        found = climb(scorer, start, moves=False)
        if found.score > _above(peak.score):
            peak = climb(scorer, found.prices, moves=True)
    return peak


def _steps(scorer: Scorer, prices: Floats) -> Peak:
    return ascend(scorer, prices) if scorer.task.rule == "logit" else _sweeps(scorer, prices)


def _sweeps(scorer: Scorer, start: Floats) -> Peak:
    """Set one price after the other to its best, until a whole sweep gains nothing, or each is at its best."""
    space, prices = scorer.rules.space, np.array(start, dtype=np.float64)
    score = scorer.score(prices)
    at_best = 0  # prices looked along since one changed, the one that did included
    for _ in range(_SWEEPS):
        before = score
        for place in range(space.size):
            low, high = space.interval(prices, place)
            at_best += 1
            if high > low * (1 + _NARROW):
                price, reached = line(scorer, prices, place, low, high).best()
                if reached > _above(score):
                    prices[place], score, at_best = price, reached, 1
            if at_best >= space.size:
                break
        if at_best >= space.size or score <= before + _ENOUGH * abs(before):
            break
    return Peak(prices, scorer.score(prices))


def _moved(scorer: Scorer, peak: Peak) -> Iterator[Peak]:
    """Try moves of several prices, the most promising first; those that lie near each other are scored together."""
    for moved in _candidates(scorer.rules.space, peak.prices):
        yield from (Peak(prices, float(score)) for prices, score in zip(moved, scorer.scores(moved), strict=True))


def _candidates(space: PriceSpace, prices: Floats) -> Iterator[Floats]:
    """List prices with several moved: one with all that must follow, all, all from one on, and every pair."""
    size = space.size
    from_here = np.arange(size) >= np.arange(size - 1)[:, None]
    for factor in _FACTORS:
        dragged = np.array([space.drag(prices, place, prices[place] * factor) for place in range(size)])
        dragged = dragged[(np.abs(dragged / prices - 1) > _NARROW).any(axis=1)]
        yield np.concatenate([dragged, space.nearest(prices * np.where(from_here, factor, 1.0))])
    first, second = np.triu_indices(size, 1)
    either = np.arange(len(first))
    for factor in _PAIRED:
        pairs = np.ones((len(first), 2, size))
        pairs[either, :, first] = factor
        pairs[either, 0, second], pairs[either, 1, second] = factor, 1 / factor
        if len(first):
            yield space.nearest((prices * pairs).reshape(-1, size))


def _above(score: float) -> float:
    return score + _ENOUGH * abs(score)


# --- The dearest prices that nearly as many customers accept

GIVEN_UP = 0.001
"""The part of the best share that may be given up for dearer prices."""
_DOUBLINGS = 60
_HALVINGS = 24


def dearest(scorer: Scorer, peak: Peak) -> Peak:
    """Return the prices raised together, as far as the rules allow and all but GIVEN_UP of the share is kept."""
    enough = peak.score - GIVEN_UP * abs(peak.score)

    def raised(factor: float) -> Peak:
        prices = scorer.rules.space.nearest(peak.prices * factor)
        return Peak(prices, scorer.score(prices))

    kept, factor = peak, 1.0
    for _ in range(_DOUBLINGS):
        higher = raised(2 * factor)
        if higher.score < enough or not (higher.prices > kept.prices).any():
            break
        kept, factor = higher, 2 * factor
    width = 0.5
    for _ in range(_HALVINGS):
        higher = raised(factor * 2**width)
        if higher.score >= enough:
            kept, factor = higher, factor * 2**width
        width /= 2
    return kept


# --- Look for the highest prices from many starts: on a sample of customers first, then on all of them

PART, WHOLE, ALL = 2_000, 10_000, 60_000
"""Rows the starts are tried on, rows prices are polished on, and the most rows for a last climb on all of them."""
_TASTES = (0.2, 0.05, 0.015)
"""Spreads of taste of the smoothed objectives, as shares of what a typical customer could pay at most."""
_MET = 0.001
"""Logarithms of prices that differ by less have run together."""
_FEW = 200
_MOST_SEARCHED = 2 * ALL
_AGREE = 0.005
"""Starts whose ends lie within this share of the best one's score agree with it."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look: starts on a sample, how many of their ends are polished, and shakes of the best prices."""

    starts: int = 24
    finalists: int = 5
    kicks: int = 12


AGAIN = Effort(starts=4, finalists=2, kicks=3)
"""The effort of looking again under other conditions, from prices that are good already."""


@dataclass(frozen=True, eq=False)
class Found:
    """The peaks found, the highest first; how many starts there were, and how many ended as high as the best.

    `scorer` is the one the peaks were measured with: on all rows, or on a sample of WHOLE of more than ALL.
    """

    peaks: tuple[Peak, ...]
    starts: int
    agreeing: int
    scorer: Scorer
    tally: Tally

    @property
    def best(self) -> Peak:
        """Return the highest peak."""
        return self.peaks[0]


def explore(
    task: ChoiceTask,
    rules: SearchRules,
    objective: Objective,
    *,
    seed: int,
    effort: Effort,
    warm: Sequence[Floats] = (),
) -> Found:
    """Return the peaks found from points spread over what the rules leave open, and from `warm` prices."""
    rng, tally = np.random.default_rng(seed), Tally()
    part, whole = sampled(task, PART, rng), sampled(task, WHOLE, rng)
    rough = Scorer(part, rules, objective, tally, is_part=part.rows < whole.rows)
    fine = Scorer(whole, rules, objective, tally, is_part=False)
    ends = _rough_climbs(rough, _starts(task, rules, effort.starts * _more(task, 4, 1), rng))
    best = max(each.score for each in ends)
    agreeing = sum(each.score >= best - _AGREE * abs(best) for each in ends)
    finalists = distinct_peaks(ends, effort.finalists)
    peaks = [climb(fine, peak.prices, moves=False) for peak in finalists]
    peaks += [climb(fine, prices, moves=False) for prices in warm]
    highest = max(peaks, key=lambda each: each.score)
    highest = climb(fine, highest.prices, moves=True)
    if task.rule == "surplus":
        smoothed = ascend(_softened(fine, _TASTES[-1]), highest.prices, _ROUGH).prices
        highest = max(highest, climb(fine, smoothed, moves=True), key=lambda each: each.score)
        highest = kicked(fine, highest, rng, effort.kicks * _more(task, 12, 6))
    if whole.rows < task.rows <= ALL:
        fine = Scorer(task, rules, objective, tally, is_part=False)
        # Prices at the edge of T2 on a sample can lie beyond it on all rows; single steps back would lose too much.
        highest = climb(fine, highest.prices, moves=rules.band is not None or rules.kept is not None)
        peaks = [Peak(each.prices, fine.score(each.prices)) for each in peaks]
    if objective == "share":
        highest = dearest(fine, highest)
        peaks = [each for each in peaks if each.score < highest.score]  # the others are the same, only cheaper
    return Found(distinct_peaks([highest, *peaks], effort.finalists), len(ends), agreeing, fine, tally)


def sampled(task: ChoiceTask, most: int, rng: np.random.Generator) -> ChoiceTask:
    """Return the task on at most so many rows drawn at random, their weights scaled up to stand for all accounts."""
    if task.rows <= most:
        return task
    rows = np.sort(rng.choice(task.rows, most, replace=False))
    weight = task.weight[rows]
    total = float(weight.sum())
    return task.at_rows(rows, weight * (task.accounts / total if total else 1.0))


def searched_draws(task: ChoiceTask, rng: np.random.Generator) -> ChoiceTask:
    """Return every other draw, to search on: what prices bring is then told by the draws they were not fitted to.

    The best of many prices looks better than it is on the draws that chose it (Smith & Winkler 2006). A task of few
    draws is searched on as it is.
    """
    if task.draws < FEWEST_DRAWS:
        return task
    rows = np.flatnonzero(np.asarray(task.draw) % 2 == 0)
    if rows.size > _MOST_SEARCHED:
        rows = np.sort(rng.choice(rows, _MOST_SEARCHED, replace=False))
    weight = task.weight[rows]
    return task.at_rows(rows, weight * (task.accounts / float(weight.sum())))


def told_draws(task: ChoiceTask) -> NDArray[np.intp]:
    """Return the draws that tell what prices bring: those that are not searched on, all where there are few."""
    return np.arange(task.draws) if task.draws < FEWEST_DRAWS else np.arange(1, task.draws, 2)


def _more(task: ChoiceTask, few: int, some: int) -> int:
    """Return how many times as much to try: few customers make a rugged objective that is cheap to ask."""
    return few if task.rows <= _FEW else some if task.rows <= PART else 1


def _rough_climbs(scorer: Scorer, starts: Sequence[Floats]) -> list[Peak]:
    """Climb from every start; each third one climbs with less smoothing or none, so that not all walk one path.

    Smoothing leaves few places to end in: starts that have run together go on as one.
    """
    at = [scorer.rules.space.nearest(start) for start in starts]
    for stage, taste in enumerate(_TASTES if scorer.task.rule == "surplus" else ()):
        soft = _softened(scorer, taste)
        reached: list[tuple[Floats, Floats]] = []
        for number in (number for number in range(len(at)) if number % 3 <= stage):
            end = next((end for start, end in reached if _meet(start, at[number])), None)
            if end is None:
                end = ascend(soft, at[number], _ROUGH).prices
                reached.append((at[number], end))
            at[number] = end
    return [climb(scorer, prices, moves=False) for prices in at]


def _meet(one: Floats, other: Floats) -> bool:
    return bool(np.abs(np.log(one / other)).max() < _MET)


def _softened(scorer: Scorer, taste: float) -> Scorer:
    soft = replace(scorer.task, rule="logit", scale=taste * _typical(scorer.task))
    return Scorer(soft, scorer.rules, scorer.objective, scorer.tally, is_part=scorer.is_part)


def _typical(task: ChoiceTask) -> float:
    """Return what a typical customer could pay for the best offer in a month."""
    worth = np.concatenate([task.plan_worth - task.plan_usage, task.add_on_worth], axis=1)
    best = worth.max(axis=1, initial=-np.inf)
    some = best[np.isfinite(best) & (best > 0)]
    return float(np.median(some)) if some.size else 1.0


def _starts(task: ChoiceTask, rules: SearchRules, starts: int, rng: np.random.Generator) -> list[Floats]:
    """Return quasi-random starts: half at quantiles of what customers could pay, half anywhere the rules leave open."""
    space = rules.space
    found = []
    for number, point in enumerate(even_points(space.size, starts, rng)):
        if number % 4 == 3:  # noqa: PLR2004 - one in four
            found.append(space.spread(point)[0])
            continue
        wanted = np.array([_quantile(task, rules, place, share) for place, share in enumerate(point)])
        found.append(space.nearest(wanted))
    return found


def _quantile(task: ChoiceTask, rules: SearchRules, place: int, share: float) -> float:
    plans = rules.plan_at.size
    if place < plans:
        payable = highest_payable(task, int(rules.plan_at[place]), None)
    else:
        payable = highest_payable(task, None, int(rules.add_on_at[place - plans]))
    return float(np.quantile(payable, share, overwrite_input=True)) if payable.size else rules.space.span(place)[0]
