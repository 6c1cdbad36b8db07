"""Bill the visible history under a price book, month by month, with usage taken as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import recent_peak, recently_used
from workbench.pricing.placement import place

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """What customers needed in each month they were customers: one entry (or row) per account-month.

    `peaks` per metric is the highest quantity of the month and those just before it; `used` marks the features used
    often enough in them (None without feature use).
    """

    peaks: Mapping[str, Floats]
    used: NDArray[np.bool_] | None


def needs_of(history: History, *, months: int = 3, minimum_uses: int = 3) -> Needs:
    """Return the needs of the month and the `months` - 1 before it; a feature counts from `minimum_uses` uses on."""
    peaks = {metric: recent_peak(block, months)[history.active] for metric, block in history.usage.items()}
    if history.feature_uses is None:
        return Needs(peaks, None)
    return Needs(peaks, recently_used(history.feature_uses, minimum_uses, months)[history.active])


def bill_history(
    book: PriceBook, history: History, *, needs: Needs | None = None, metered: Collection[str] = ()
) -> BilledHistory:
    """Return what each account would have been billed in every month it was a customer.

    An account sits in the cheapest plan that holds its needs, and pays for an add-on while it uses one of its
    features that its plan lacks. `needs` (those of three months by default) may be worked out once for several price
    books. Quantities billed are the peaks of the needs, except for `metered` metrics: those are billed on the
    quantity of the month itself. Nobody reacts to prices: usage, churn and new customers stay as they were.
    """
    known = needs or needs_of(history)
    active = history.active
    now = {m: history.usage[m][active] if m in metered else peak for m, peak in known.peaks.items()}
    plan_features = {name for plan in book.plans for name in plan.features}
    placed = [i for i, name in enumerate(history.feature_names) if name in plan_features]
    wanted = known.used[:, placed] if known.used is not None and placed else None
    names = [history.feature_names[i] for i in placed] if wanted is not None else []
    anything = {**known.peaks, "": np.zeros(int(active.sum()))}  # a book without limits still places everybody
    index = place(book, anything, wanted, names).plan_index
    total = np.full(len(index), np.nan)
    for position, plan in enumerate(book.plans):
        here = index == position
        if plan.priced and here.any():
            total[here] = plan.bills({metric: values[here] for metric, values in _or_nothing(now, index).items()})
    extra = _add_on_bills(book, history, known.used, now, index)
    return BilledHistory(_matrix(total + extra, active), _index(index, active), _matrix(extra, active))


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


def _matrix(values: Floats, active: NDArray[np.bool_]) -> Floats:
    matrix = np.zeros(active.shape)
    matrix[active] = values
    return matrix


def _index(index: NDArray[np.intp], active: NDArray[np.bool_]) -> NDArray[np.intp]:
    matrix = np.full(active.shape, -1, dtype=np.intp)
    matrix[active] = index
    return matrix
