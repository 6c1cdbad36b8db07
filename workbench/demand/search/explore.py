"""Look for the highest prices from many starts: on a sample of customers first, then on all of them.

Under the surplus rule each start walks up a smoothed objective first (the same task with a little taste, less of it
each time), which leads round the many small peaks that single customers make; then it climbs the true one exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.search.climb import climb, kicked
from workbench.demand.search.dearest import dearest
from workbench.demand.search.gain import FEWEST_DRAWS
from workbench.demand.search.peaks import Peak, distinct
from workbench.demand.search.reach import reach
from workbench.demand.search.score import Objective, Scorer, Tally
from workbench.demand.search.smooth import ROUGH, ascend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.demand.search.rules import SearchRules
    from workbench.demand.task import ChoiceTask

    Floats = NDArray[np.float64]

PART, WHOLE, ALL = 2_000, 10_000, 60_000
"""Rows the starts are tried on, rows prices are polished on, and the most rows for a last climb on all of them."""
_TASTES = (0.2, 0.05, 0.015)
"""Spreads of taste of the smoothed objectives, as shares of what a typical customer could pay at most."""
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
    ends = [
        _rough_climb(rough, start, number)
        for number, start in enumerate(_starts(task, rules, effort.starts * _more(task), rng))
    ]
    best = max(each.score for each in ends)
    agreeing = sum(each.score >= best - _AGREE * abs(best) for each in ends)
    finalists = distinct(ends, effort.finalists)
    peaks = [climb(fine, peak.prices, moves=False) for peak in finalists]
    peaks += [climb(fine, prices, moves=False) for prices in warm]
    highest = max(peaks, key=lambda each: each.score)
    highest = climb(fine, highest.prices, moves=True)
    if task.rule == "surplus":
        smoothed = ascend(_softened(fine, _TASTES[-1]), highest.prices).prices
        highest = max(highest, climb(fine, smoothed, moves=True), key=lambda each: each.score)
        highest = kicked(fine, highest, rng, effort.kicks)
    if whole.rows < task.rows <= ALL:
        fine = Scorer(task, rules, objective, tally, is_part=False)
        # Prices at the edge of T2 on a sample can lie beyond it on all rows; single steps back would lose too much.
        highest = climb(fine, highest.prices, moves=rules.band is not None or rules.kept is not None)
        peaks = [Peak(each.prices, fine.score(each.prices)) for each in peaks]
    if objective == "share":
        highest = dearest(fine, highest)
        peaks = [each for each in peaks if each.score < highest.score]  # the others are the same, only cheaper
    return Found(distinct([highest, *peaks], effort.finalists), len(ends), agreeing, fine, tally)


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


def _more(task: ChoiceTask) -> int:
    """Return how many times the starts to try: few customers make a rugged objective, and each start is cheap."""
    return 4 if task.rows <= _FEW else 1


def _rough_climb(scorer: Scorer, start: Floats, number: int) -> Peak:
    """Climb from one start; every third one climbs without smoothing, so that they do not all walk one path."""
    prices = scorer.rules.space.nearest(start)
    if scorer.task.rule == "surplus":
        for taste in (_TASTES, _TASTES[1:], ())[number % 3]:
            prices = ascend(_softened(scorer, taste), prices, ROUGH).prices
    return climb(scorer, prices, moves=False)


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
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import

    space = rules.space
    points = qmc.Sobol(space.size, rng=rng).random_base2(max(1, int(np.ceil(np.log2(max(starts, 2))))))[:starts]
    found = []
    for number, point in enumerate(points):
        if number % 4 == 3:  # noqa: PLR2004 - one in four
            found.append(space.spread(point)[0])
            continue
        wanted = np.array([_quantile(task, rules, place, share) for place, share in enumerate(point)])
        found.append(space.nearest(wanted))
    return found


def _quantile(task: ChoiceTask, rules: SearchRules, place: int, share: float) -> float:
    plans = rules.plan_at.size
    if place < plans:
        payable = reach(task, int(rules.plan_at[place]), None)
    else:
        payable = reach(task, None, int(rules.add_on_at[place - plans]))
    return float(np.quantile(payable, share, overwrite_input=True)) if payable.size else rules.space.span(place)[0]
