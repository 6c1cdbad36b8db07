"""How good and how sure found prices are: the flat region around them, and the gain over today's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.demand.choice_task import totals_by_group
from workbench.demand.outcome import Groups
from workbench.demand.search.objective import ScoreLine, line
from workbench.results import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.outcome import GroupTotals
    from workbench.demand.search.constraints import Objective
    from workbench.demand.search.objective import Peak, Scorer

    Floats = NDArray[np.float64]

# --- The flat region around the best prices

_REACH = 0.6
"""How far a walk looks along a direction at first, as a logarithm: up to a factor of 1.8."""
_SHRINKS, _WIDER = 9, 4.0
"""How often a step is halved, and how much further the next one is tried."""
_HALVINGS = 14
_WALKS = 100
_SAME = 1e-9
_NEAR = (1.02, 1.1, 1.3)
"""Factors around a peak within which most looks lie, beside how far each price moves alone."""


@dataclass(frozen=True, eq=False)
class FlatRegion:
    """Prices that bring at least `kept` of the best and meet every rule.

    The region can reach a little further than a sample shows.

    Attributes
    ----------
    kept
        Share of the best (0.99: within one percent).
    alone
        Per price, how far it can move while the others stay.
    together
        How far each price moves among `designs`, so that a slider can be bounded.
    designs
        Sets of prices inside the region, one row each; the column "kept" is the share of the best they bring.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, search_prices, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> total = np.repeat([[40.0], [70], [120]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> book, limits = PriceBook("list", "USD", [Plan("Team", 39)]), PriceConstraints(off=frozenset({"T2", "T4"}))
    >>> found = search_prices(Demand(worth=worth), book, constraints=limits, rule_costs=False, flat=0.05)
    >>> low, high = found.flat.together["Team"]
    >>> bool(66 < low < 70), round(high), bool((found.flat.designs["kept"] >= 0.95).all())
    (True, 70, True)
    """

    kept: float
    alone: dict[str, tuple[float, float]]
    together: dict[str, tuple[float, float]]
    designs: pd.DataFrame


def flat_region(scorer: Scorer, peak: Peak, *, within: float, seed: int) -> FlatRegion:
    """Return the region within a share (0.01) of a peak."""
    space = scorer.rules.space
    floor = _floor(scorer.score(peak.prices), within)
    alone = np.array([_alone(scorer, peak, place, floor) for place in range(space.size)])
    low, high = alone.T
    scorer.stay_between((np.minimum(low, peak.prices / by), np.maximum(high, peak.prices * by)) for by in _NEAR)
    walked = _walk(scorer, peak.prices, within, np.random.default_rng(seed))
    ends = [_with(peak.prices, place, end) for place in range(space.size) for end in alone[place]]
    scored = [*walked, *((prices, scorer.score(prices)) for prices in (peak.prices, *ends))]
    inside = [(prices, score) for prices, score in scored if score >= floor]
    table = pd.DataFrame(np.array([prices for prices, _ in inside]), columns=list(space.names))
    table["kept"] = [score / peak.score if peak.score else 1.0 for _, score in inside]
    together = {
        name: (min(float(table[name].min()), low), max(float(table[name].max()), high))
        for name, (low, high) in zip(space.names, alone, strict=True)
    }
    ends_alone = {name: (float(low), float(high)) for name, (low, high) in zip(space.names, alone, strict=True)}
    return FlatRegion(1 - within, ends_alone, together, table)


def _floor(score: float, within: float) -> float:
    return score - within * abs(score)


def _with(prices: Floats, place: int, value: float) -> Floats:
    moved = prices.copy()
    moved[place] = value
    return moved


def _alone(scorer: Scorer, peak: Peak, place: int, floor: float) -> tuple[float, float]:
    """Return how far one price moves either way before the score falls below the floor for the first time."""
    low, high = scorer.rules.space.interval(peak.prices, place)
    own = float(peak.prices[place])
    if scorer.task.rule == "logit":
        return _bisected(scorer, peak, place, low, floor), _bisected(scorer, peak, place, high, floor)
    along = line(scorer, peak.prices, place, low, high)
    return _down(along, own, low, floor), _up(along, own, floor)


def _up(along: ScoreLine, own: float, floor: float) -> float:
    """Go from threshold to threshold while the score just above each holds; between them it rises with the price."""
    reached = own
    dearer = along.prices > own * (1 + _SAME)
    here = np.abs(along.prices - own) <= own * _SAME
    if here.any() and along.above[here].min() < floor:
        return own
    for price, score, above in zip(
        along.prices[dearer][::-1], along.scores[dearer][::-1], along.above[dearer][::-1], strict=True
    ):
        if score < floor:
            break
        reached = float(price)
        if above < floor:
            break
    return reached


def _down(along: ScoreLine, own: float, low: float, floor: float) -> float:
    """Go down while neither the start nor the end of the next stretch falls below the floor."""
    reached = own
    cheaper = along.prices < own * (1 - _SAME)
    for price, score, above in zip(along.prices[cheaper], along.scores[cheaper], along.above[cheaper], strict=True):
        if min(score, above) < floor:
            return reached
        reached = float(price)
    return low


def _bisected(scorer: Scorer, peak: Peak, place: int, outside: float, floor: float) -> float:
    inside = float(peak.prices[place])
    if scorer.score(_with(peak.prices, place, outside)) >= floor:
        return outside
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(inside * outside))
        if scorer.score(_with(peak.prices, place, middle)) >= floor:
            inside = middle
        else:
            outside = middle
    return inside


def _walk(scorer: Scorer, start: Floats, within: float, rng: np.random.Generator) -> list[tuple[Floats, float]]:
    """Return prices met on a walk inside the region, with their scores; steps shrink until they stay inside."""
    space = scorer.rules.space
    floor = _floor(scorer.score(start), within)
    here, met, reach = np.array(start), [], _REACH
    for number in range(_WALKS):
        if number % 20 == 0:
            here = np.array(start)
        direction = rng.normal(size=space.size)
        if number % 3 == 0:
            direction = np.where(np.arange(space.size) == number // 3 % space.size, 1.0, 0.0) * rng.choice([-1, 1])
        direction /= np.linalg.norm(direction)
        reach = min(_REACH, _WIDER * reach)
        for _ in range(_SHRINKS):
            there = space.nearest(here * np.exp(direction * rng.uniform(0, reach)))
            score = scorer.score(there)
            if score >= floor:
                here = there
                met.append((there, score))
                break
            reach *= 0.5
    return met


# --- What found prices gain over today's, and how surely

FEWEST_DRAWS = 20
"""Draws from which on they speak for themselves; with fewer, customers are drawn again with replacement."""
_RESAMPLES = 400
_LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Gain:
    """The gain of found prices over today's per month, in every draw (`drawn`), with its interval.

    Attributes
    ----------
    drawn
        The gain per month in every draw.
    today, found
        The objective at today's and at the found prices.
    by
        What a draw is: one of what customers would pay, or the customers drawn again with replacement.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.demand.search import Gain
    >>> gain = Gain(np.array([5.0, -1, 3, 5]), today=100.0, found=103.0, by="draws")
    >>> gain.probability, gain.relative
    (0.75, 0.03)
    """

    drawn: Floats
    today: float
    found: float
    by: Literal["draws", "customers"]

    @property
    def probability(self) -> float:
        """Return the share of draws in which the found prices bring more; equal draws count half."""
        return float((self.drawn > 0).mean() + (self.drawn == 0).mean() / 2)

    @property
    def interval(self) -> Interval:
        """Return the gain with the range that holds 90% of the draws."""
        tail = (1 - _LEVEL) / 2
        low, high = np.quantile(self.drawn, (tail, 1 - tail))
        middle = self.found - self.today
        return Interval(min(float(low), middle), middle, max(float(high), middle), _LEVEL)

    @property
    def relative(self) -> float:
        """Return the gain as a share of today's value."""
        return (self.found - self.today) / abs(self.today) if self.today else float("nan")


def gain_over(
    task: ChoiceTask,
    found: tuple[Floats, Floats],
    today: tuple[Floats, Floats],
    objective: Objective,
    *,
    seed: int,
    draws: NDArray[np.intp] | None = None,
) -> Gain:
    """Return the gain of fees (plans, add-ons) over today's, on the same customers and draws (`draws`, or all)."""
    by_draw = task.draws >= FEWEST_DRAWS
    if by_draw:
        groups = Groups(task.draw, task.draws)
    else:
        who, customer = np.unique(task.customer, return_inverse=True)  # customers nobody can bill leave holes
        groups = Groups(customer, who.size)
    new, old = (
        _values(totals_by_group(task, *fees, groups, None), objective, task.accounts) for fees in (found, today)
    )
    if by_draw:
        told = np.arange(task.draws) if draws is None else draws
        values = (new - old)[told] * task.draws
        old, new = old[told] * (task.draws / told.size), new[told] * (task.draws / told.size)
    else:
        rng = np.random.default_rng(seed)
        change, even = new - old, np.full(who.size, 1 / who.size)
        values = np.array([rng.multinomial(who.size, even) @ change for _ in range(_RESAMPLES)])
    return Gain(values, float(old.sum()), float(new.sum()), "draws" if by_draw else "customers")


def _values(found: GroupTotals, objective: Objective, accounts: float) -> Floats:
    if objective == "share":
        return found.buyers.sum(axis=1) / max(accounts, 1e-300)
    return found.revenue - found.cost if objective == "margin" else found.revenue
