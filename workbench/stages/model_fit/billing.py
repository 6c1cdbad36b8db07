"""Bill the visible history under a price book, month by month, with usage taken as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import recent_peak, recently_used
from workbench.pricing.placement import place

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from workbench.pricing import PriceBook
    from workbench.stages.model_fit.history import History

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BilledHistory:
    """What a price book would have billed: accounts x months, 0 where not a customer, NaN where it has no price.

    `plan_index` is the place of the account's plan in the price book, -1 where no plan holds it or it was no
    customer; `add_on_bills` is the part of `bills` that add-ons bring.
    """

    bills: Floats
    plan_index: NDArray[np.intp]
    add_on_bills: Floats


def bill_history(
    book: PriceBook,
    history: History,
    *,
    metered: Collection[str] = (),
    needs_months: int = 3,
    minimum_uses: int = 3,
) -> BilledHistory:
    """Return what each account would have been billed in every month it was a customer.

    An account sits in the cheapest plan that holds its needs, and pays for an add-on while it uses one of its
    features that its plan lacks. Needs are those of the month and the `needs_months` - 1 before it: the highest
    quantity, and the features used at least `minimum_uses` times. `metered` metrics are billed on the quantity of the
    month itself. Nobody reacts to prices: usage, churn and new customers stay as they were.
    """
    active = history.active
    shape = history.size
    # Plans share metric names with limits, so needs decide the plan and, unless metered, the quantity billed.
    needs = {metric: recent_peak(block, needs_months)[active] for metric, block in history.usage.items()}
    now = {metric: history.usage[metric][active] if metric in metered else needs[metric] for metric in needs}
    plan_features = {name for plan in book.plans for name in plan.features}
    used = _used(history, needs_months, minimum_uses)
    placed = [i for i, name in enumerate(history.feature_names) if name in plan_features]
    wanted = used[:, placed] if used is not None and placed else None
    names = [history.feature_names[i] for i in placed] if wanted is not None else []
    anything = {**needs, "": np.zeros(int(active.sum()))}  # a book without limits still places everybody
    placement = place(book, anything, wanted, names)
    index = placement.plan_index
    total = np.full(len(index), np.nan)
    for position, plan in enumerate(book.plans):
        here = index == position
        if plan.priced and here.any():
            total[here] = plan.bills({metric: values[here] for metric, values in _or_nothing(now, index).items()})
    extra = _add_on_bills(book, history, used, now, index)
    return BilledHistory(
        _matrix(total + extra, active, shape, 0.0), _index(index, active, shape), _matrix(extra, active, shape, 0.0)
    )


def _used(history: History, months: int, minimum_uses: int) -> NDArray[np.bool_] | None:
    if history.feature_uses is None:
        return None
    return recently_used(history.feature_uses, minimum_uses, months)[history.active]


def _or_nothing(quantities: dict[str, Floats], index: NDArray[np.intp]) -> dict[str, Floats]:
    """Give a plan without charges an array to take its length from."""
    return quantities or {"": np.zeros(len(index))}


def _add_on_bills(
    book: PriceBook,
    history: History,
    used: NDArray[np.bool_] | None,
    quantities: dict[str, Floats],
    index: NDArray[np.intp],
) -> Floats:
    total = np.zeros(len(index))
    if used is None:
        return total
    column = {name: position for position, name in enumerate(history.feature_names)}
    for add_on in book.add_ons:
        if not add_on.priced:
            continue
        buys = np.zeros(len(index), dtype=bool)
        for name in add_on.features:
            if name in column:
                included = np.array([*(name in plan.features for plan in book.plans), False])[index]
                buys |= used[:, column[name]] & ~included
        if buys.any():
            total[buys] += add_on.bills({m: values[buys] for m, values in _or_nothing(quantities, index).items()})
    return total


def _matrix(values: Floats, active: NDArray[np.bool_], shape: tuple[int, int], fill: float) -> Floats:
    matrix = np.full(shape, fill)
    matrix[active] = values
    return matrix


def _index(index: NDArray[np.intp], active: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.intp]:
    matrix = np.full(shape, -1, dtype=np.intp)
    matrix[active] = index
    return matrix
