"""Which feature belongs into which tier: searched exactly where that is possible, else well and with the gap stated.

Tiers are nested: a feature starts in one tier and is in every tier above it. An assignment is the tier each feature
starts in, so F features and T tiers make T ** F of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.search.score import Objective, value_of
from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.task import ChoiceTask

    Floats = NDArray[np.float64]
    Starts = tuple[int, ...]

_ENOUGH = 1e-12


@dataclass(frozen=True, eq=False)
class FeatureTiers:
    """The tier each feature starts in; it is in every tier above as well.

    `value` is the objective it brings, `bound` what no assignment can exceed at these prices; `is_exact` tells that
    every assignment was counted, so that none is better. `looks` counts assignments looked at.
    """

    starts_in: Mapping[str, str]
    tiers: Mapping[str, tuple[str, ...]]
    value: float
    bound: float
    is_exact: bool
    looks: int

    @property
    def gap(self) -> float:
        """Return how far the value may fall short of the best assignment, as a share of the bound; 0 when exact."""
        return 0.0 if self.is_exact or self.bound <= 0 else max(self.bound - self.value, 0.0) / self.bound


def assign_features(
    task: ChoiceTask,
    feature_worth: ArrayLike,
    features: Sequence[str],
    fees: ArrayLike,
    add_on_fees: ArrayLike = (),
    *,
    must_have: Sequence[str] = (),
    fixed: Mapping[str, str] | None = None,
    objective: Objective = "revenue",
    exact_up_to: int = 5_000,
    seed: int = 0,
) -> FeatureTiers:
    """Return the tier each feature should start in to bring most revenue, margin or share at given prices.

    `task` holds what the tiers are worth without these features (its plans from the lowest tier up), `feature_worth`
    (rows x features) what each feature adds per month. Must-haves start in the lowest tier; `fixed` starts a feature
    in the tier named. All assignments are counted where there are at most `exact_up_to`; beyond, features are placed
    one by one and then moved and swapped until nothing gains, from several beginnings.
    """
    search = _Assignments(task, np.asarray(feature_worth, dtype=np.float64), (fees, add_on_fees), objective)
    choices = _choices(task, search.worth, tuple(features), tuple(must_have), fixed or {})
    many = int(np.prod([float(len(each)) for each in choices])) if choices else 1
    is_exact = many <= exact_up_to
    if is_exact:
        best = max(product(*choices), key=search.value)
    else:
        rng = np.random.default_rng(seed)
        begun = [_greedy(search, choices), *(_drawn(choices, rng) for _ in range(4))]
        best = max((_improved(search, choices, start) for start in begun), key=search.value)
    places = dict(zip(features, best, strict=True))
    return FeatureTiers(
        starts_in={name: task.plans[place] for name, place in places.items()},
        tiers={
            plan: tuple(name for name, start in places.items() if start <= number)
            for number, plan in enumerate(task.plans)
        },
        value=search.value(best),
        bound=search.bound,
        is_exact=is_exact,
        looks=len(search.known),
    )


class _Assignments:
    """The value of assignments, each looked at once."""

    def __init__(
        self, task: ChoiceTask, worth: Floats, fees: tuple[ArrayLike, ArrayLike], objective: Objective
    ) -> None:
        self.task, self.worth, self.fees, self.objective = task, worth, fees, objective
        self.known: dict[Starts, float] = {}

    def value(self, starts: Starts) -> float:
        """Return what an assignment brings."""
        if starts not in self.known:
            added = np.zeros((self.task.rows, len(self.task.plans)))
            for place in range(len(self.task.plans)):
                inside = [feature for feature, start in enumerate(starts) if start <= place]
                added[:, place] = self.worth[:, inside].sum(axis=1)
            full = replace(self.task, plan_worth=self.task.plan_worth + added)
            self.known[starts] = value_of(full.outcome(*self.fees, by_draw=False), self.objective)
        return self.known[starts]

    @cached_property
    def bound(self) -> float:
        """Return what no assignment exceeds: each customer sees the offers that suit the seller best.

        Every plan is worth between what it is without the features and with all of them. Of the mixes of plans at
        either end, the best for the seller holds the plans that bring most at their highest and the rest at their
        lowest; each customer takes the best of those (add-ons count as if everybody who may would buy).
        """
        fees, add_on_fees = self.task.read_fees(*self.fees)
        offered = [p for p in range(len(fees)) if np.isfinite(fees[p])]
        lowest = np.column_stack([self._surplus(p, fees[p], add_on_fees) for p in offered])
        highest = lowest + np.maximum(self.worth, 0).sum(axis=1, keepdims=True)
        lowest = lowest + np.minimum(self.worth, 0).sum(axis=1, keepdims=True)
        brings = np.column_stack([self._brings(p, fees[p], add_on_fees) for p in offered])
        rival = np.asarray(self.task.rival, dtype=np.float64)
        if self.task.rule == "surplus":
            reached = np.where(highest >= rival[:, None] - self.task.tolerance, brings, -np.inf).max(axis=1)
            certain = np.where(lowest > rival[:, None] + self.task.tolerance, 1.0, 0.0).max(axis=1) > 0
            best = np.where(certain, reached, np.maximum(reached, 0.0))
        else:
            best = _best_mix(lowest / self.task.scale, highest / self.task.scale, brings, rival / self.task.scale)
        total = float(self.task.weight @ best)
        return total / max(self.task.accounts, 1e-300) if self.objective == "share" else total

    def _surplus(self, plan: int, fee: float, add_on_fees: Floats) -> Floats:
        task = self.task
        surplus = task.plan_worth[:, plan] - task.plan_usage[:, plan] - bills_at(fee, task.fee_units[:, plan])
        surplus = np.asarray(surplus, dtype=np.float64)
        for a in self._open(plan, add_on_fees):
            gain = task.add_on_worth[:, a] - bills_at(add_on_fees[a], task.add_on_units[:, a])
            is_logit = task.rule == "logit"
            surplus = surplus + (task.scale * np.logaddexp(0, gain / task.scale) if is_logit else np.maximum(gain, 0))
        return surplus

    def _brings(self, plan: int, fee: float, add_on_fees: Floats) -> Floats:
        task = self.task
        if self.objective == "share":
            return np.ones(task.rows)
        brings = np.asarray(bills_at(fee, task.fee_units[:, plan], task.plan_usage[:, plan]), dtype=np.float64)
        if self.objective == "margin":
            brings = brings - task.plan_cost[:, plan]
        for a in self._open(plan, add_on_fees):
            extra = bills_at(add_on_fees[a], task.add_on_units[:, a])
            if self.objective == "margin":
                extra = extra - task.add_on_cost[:, a]
            gain = task.add_on_worth[:, a] - bills_at(add_on_fees[a], task.add_on_units[:, a])
            taken = 1 / (1 + np.exp(-gain / task.scale)) if task.rule == "logit" else gain >= -task.tolerance
            brings = brings + taken * extra
        return brings

    def _open(self, plan: int, add_on_fees: Floats) -> list[int]:
        return [int(a) for a in np.flatnonzero(self.task.add_on_open[plan] & np.isfinite(add_on_fees))]


def _best_mix(lowest: Floats, highest: Floats, brings: Floats, rival: Floats) -> Floats:
    """Return the highest mean of what plans bring when the pull of each lies between two ends.

    A threshold in what they bring decides: above it a plan pulls at its highest, below it at its lowest.
    """
    ceiling = np.maximum(highest.max(axis=1), rival)[:, None]
    low, high, none = np.exp(lowest - ceiling), np.exp(highest - ceiling), np.exp(rival[:, None] - ceiling)[:, 0]
    order = np.argsort(-brings, axis=1)
    low, high, brings = (np.take_along_axis(each, order, axis=1) for each in (low, high, brings))
    best = np.full(len(rival), -np.inf)
    for many in range(brings.shape[1] + 1):
        pull = np.concatenate([high[:, :many], low[:, many:]], axis=1)
        best = np.maximum(best, (pull * brings).sum(axis=1) / (pull.sum(axis=1) + none))
    return best


def _greedy(search: _Assignments, choices: list[tuple[int, ...]]) -> Starts:
    """Start with everything as high as allowed, and place feature by feature, the most valued first."""
    starts: Starts = tuple(each[-1] for each in choices)
    for feature in np.argsort(-(search.task.weight @ search.worth)):
        tried: list[Starts] = [(*starts[:feature], place, *starts[feature + 1 :]) for place in choices[feature]]
        starts = max(tried, key=search.value)
    return starts


def _drawn(choices: list[tuple[int, ...]], rng: np.random.Generator) -> Starts:
    return tuple(int(rng.choice(each)) for each in choices)


def _improved(search: _Assignments, choices: list[tuple[int, ...]], starts: Starts) -> Starts:
    """Move single features and swap pairs until nothing gains."""
    while True:
        better = next((each for each in _near(choices, starts) if _gains(search, each, starts)), None)
        if better is None:
            return starts
        starts = better


def _gains(search: _Assignments, tried: Starts, starts: Starts) -> bool:
    value = search.value(starts)
    return search.value(tried) > value + _ENOUGH * abs(value)


def _near(choices: list[tuple[int, ...]], starts: Starts) -> list[Starts]:
    moved = [
        (*starts[:feature], place, *starts[feature + 1 :])
        for feature, open_to in enumerate(choices)
        for place in open_to
        if place != starts[feature]
    ]
    for first in range(len(starts)):
        for second in range(first + 1, len(starts)):
            one, two = starts[first], starts[second]
            if one != two and two in choices[first] and one in choices[second]:
                moved.append((*starts[:first], two, *starts[first + 1 : second], one, *starts[second + 1 :]))
    return moved


def _choices(
    task: ChoiceTask,
    worth: Floats,
    features: tuple[str, ...],
    must_have: tuple[str, ...],
    fixed: Mapping[str, str],
) -> list[tuple[int, ...]]:
    """Return the tiers each feature may start in; DemandError for names and shapes that do not fit."""
    if worth.shape != (task.rows, len(features)):
        raise DemandError(
            f"The worth of features has the shape {worth.shape}, for {task.rows} rows and {len(features)} features.",
            "Give one row per row of the task and one column per feature.",
        )
    for name in (*must_have, *fixed):
        if name not in features:
            raise DemandError(f"There is no feature {name!r}.", f"There are {', '.join(features)}.")
    for name, plan in fixed.items():
        if plan not in task.plans:
            raise DemandError(f"{name} is to start in {plan!r}, which is no tier.", f"Tiers: {', '.join(task.plans)}.")
        if name in must_have and plan != task.plans[0]:
            raise DemandError(
                f"{name} is a must-have, and is to start in {plan}.", f"A must-have starts in {task.plans[0]}."
            )
    everywhere = tuple(range(len(task.plans)))
    return [
        (0,) if name in must_have else (task.plans.index(fixed[name]),) if name in fixed else everywhere
        for name in features
    ]
