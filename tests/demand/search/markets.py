"""Small markets whose best prices are known or can be counted out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.demand import ChoiceTask
from workbench.pricing import AddOn, Plan, PriceBook

if TYPE_CHECKING:
    from numpy.typing import NDArray


def task_of(worth: Any, add_on_worth: Any = None, **given: Any) -> ChoiceTask:  # noqa: ANN401 - whatever reads as an array
    """Return a task of plans worth `worth` (rows x plans) and add-ons worth `add_on_worth`, everything else plain."""
    plan_worth = np.atleast_2d(np.asarray(worth, dtype=np.float64))
    rows, plans = plan_worth.shape
    extra = np.zeros((rows, 0)) if add_on_worth is None else np.asarray(add_on_worth, dtype=np.float64)
    add_ons = extra.shape[1]
    plain: dict[str, Any] = {
        "plans": tuple(f"Plan {number + 1}" for number in range(plans)),
        "add_ons": tuple(f"Add-on {number + 1}" for number in range(add_ons)),
        "plan_worth": plan_worth,
        "plan_usage": np.zeros((rows, plans)),
        "plan_cost": np.zeros((rows, plans)),
        "fee_units": np.ones((rows, plans)),
        "add_on_worth": extra,
        "add_on_cost": np.zeros((rows, add_ons)),
        "add_on_units": np.ones((rows, add_ons)),
        "add_on_open": np.ones((plans, add_ons), dtype=bool),
        "rival": np.zeros(rows),
        "weight": np.ones(rows),
        "customer": np.arange(rows),
        "draw": np.zeros(rows, dtype=int),
    }
    return ChoiceTask(**(plain | given))


def book_of(task: ChoiceTask, fees: Any = None, add_on_fees: Any = None) -> PriceBook:  # noqa: ANN401 - as above
    """Return a price book for a task; plans at 20, 40, 80 ... and add-ons at 10 unless fees are given."""
    fees = [20 * 2**number for number in range(len(task.plans))] if fees is None else fees
    add_on_fees = [10] * len(task.add_ons) if add_on_fees is None else add_on_fees
    plans = tuple(Plan(name, fee) for name, fee in zip(task.plans, fees, strict=True))
    add_ons = tuple(AddOn(name, fee) for name, fee in zip(task.add_ons, add_on_fees, strict=True))
    return PriceBook("Tried", "USD", plans, add_ons)


def drawn_market(rows: int, plans: int, add_ons: int, seed: int, **given: Any) -> ChoiceTask:  # noqa: ANN401 - as above
    """Return customers who differ in how much they value everything and in what they value each tier for."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(4, 0.7, rows)
    steps = np.cumsum(rng.lognormal(-0.5, 0.8, (rows, plans)), axis=1)
    extra: NDArray[np.float64] = rng.lognormal(2.5, 0.9, (rows, add_ons))
    given = {"rival": np.maximum(rng.normal(size=rows) * 5, 0), "weight": rng.random(rows) * 2} | given
    return task_of(size[:, None] * steps * 0.6, extra, **given)


FREE = frozenset({"T2", "T4", "A2", "C4", "order"})
