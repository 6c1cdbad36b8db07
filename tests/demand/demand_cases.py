"""Choice tasks made up for tests: written out, or random with everything a task can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demand import ChoiceTask

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def task(
    worth: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    add_on_worth: ArrayLike | None = None,
    add_ons: tuple[str, ...] = (),
    **given: object,
) -> ChoiceTask:
    """Build a task with one row per customer; what is not given is nothing or one."""
    worth = np.atleast_2d(np.asarray(worth, dtype=given.pop("dtype", float)))
    rows, plans = worth.shape
    extra = np.zeros((rows, len(add_ons))) if add_on_worth is None else np.asarray(add_on_worth, dtype=float)
    fields = {
        "plans": tuple(f"plan {number}" for number in range(plans)),
        "add_ons": tuple(add_ons),
        "plan_worth": worth,
        "plan_usage": np.zeros_like(worth),
        "plan_cost": np.zeros_like(worth),
        "fee_units": np.ones_like(worth),
        "add_on_worth": extra,
        "add_on_cost": np.zeros_like(extra),
        "add_on_units": np.ones_like(extra),
        "add_on_open": np.ones((plans, len(add_ons)), dtype=bool),
        "rival": np.zeros(rows),
        "weight": np.ones(rows) if weight is None else np.asarray(weight, dtype=float),
        "customer": np.arange(rows),
        "draw": np.zeros(rows, dtype=int),
    }
    return ChoiceTask(**{**fields, **given})


def crowd(seed: int = 0, rows: int = 400, plans: int = 3, add_ons: int = 2, **given: object) -> ChoiceTask:
    """Build a random task in which bills vary, some plans cannot serve and add-ons are open to some plans only."""
    rng = np.random.default_rng(seed)
    worth = rng.lognormal(4, 0.6, rows)[:, None] * np.linspace(0.8, 1.6, plans)
    worth[rng.random(worth.shape) < 0.1] = -np.inf
    return task(
        worth,
        add_ons=tuple("abcdef"[:add_ons]),
        add_on_worth=rng.normal(15, 10, (rows, add_ons)),
        plan_usage=rng.uniform(0, 10, worth.shape),
        plan_cost=rng.uniform(0, 8, worth.shape),
        fee_units=rng.integers(1, 4, (rows, 1)) * np.ones(worth.shape),
        add_on_cost=rng.uniform(0, 3, (rows, add_ons)),
        add_on_units=rng.integers(1, 3, (rows, add_ons)).astype(float),
        add_on_open=rng.random((plans, add_ons)) < 0.7,
        rival=rng.uniform(0, 10, rows),
        weight=rng.uniform(0.5, 2, rows),
        customer=np.arange(rows) // 4,
        draw=np.arange(rows) % 4,
        **given,
    )
