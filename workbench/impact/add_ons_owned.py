"""Which add-ons each account pays for in a replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from workbench.impact.errors import ReplayError
from workbench.pricing.buyers import plans_that_may_buy

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths
    from workbench.pricing import AddOn, PriceBook

AddOnsOwned: TypeAlias = "Literal['by need', 'none'] | Mapping[str, Iterable[str]]"


def add_ons_owned(
    book: PriceBook,
    rows: AccountMonths,
    plan_index: NDArray[np.intp],
    owned: AddOnsOwned,
    billed: Callable[[str], NDArray[np.float64]],
) -> dict[str, NDArray[np.intp]]:
    """Return the rows that pay for each add-on.

    "by need": a row needs a feature of the add-on that its plan lacks, or uses more of a metric that the add-on sets
    free than is included. A mapping names each account's add-ons. `billed(metric)` gives the quantities that
    are billed. Rows without a plan pay for none.
    """
    if isinstance(owned, Mapping):
        return _as_told(book, rows, plan_index, owned)
    if owned not in ("by need", "none"):
        raise ReplayError(f"add_ons {owned!r} is unknown.", 'Write "by need", "none", or a mapping of accounts.')
    if owned == "none" or not book.add_ons:
        return {}
    found = {}
    for add_on in book.add_ons:
        need = _for_features(add_on, book, rows, plan_index) | _for_usage(add_on, billed, len(plan_index))
        able = plans_that_may_buy(add_on, book)
        need &= np.array([*(name in able for name in book.plan_names), False])[plan_index]
        if need.any():
            found[add_on.name] = np.flatnonzero(need)
    return found


def _for_features(
    add_on: AddOn, book: PriceBook, rows: AccountMonths, plan_index: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Tell which rows need a feature of the add-on that their plan lacks; none without a record of feature use."""
    known = () if rows.features is None else rows.features.names
    wanted = [name for name in add_on.features if name in known]
    if rows.features is None or not wanted:
        return np.zeros(len(rows), dtype=bool)
    buys = np.zeros((len(book.plans) + 1, len(rows.features.patterns)), dtype=bool)
    for name in wanted:
        lacking = np.array([*(name not in plan.features for plan in book.plans), False])
        buys |= lacking[:, None] & rows.features.patterns[None, :, rows.features.names.index(name)]
    return buys[plan_index, rows.features.code]


def _for_usage(add_on: AddOn, billed: Callable[[str], NDArray[np.float64]], rows: int) -> NDArray[np.bool_]:
    """Tell which rows use more than is included of a metric whose limit the add-on lifts."""
    free = {limit.metric for limit in add_on.limits if limit.up_to is None}
    need = np.zeros(rows, dtype=bool)
    for charge in add_on.charges:
        if charge.metric in free:
            need |= billed(charge.metric) > float(charge.free_units)
    return need


def _as_told(
    book: PriceBook, rows: AccountMonths, plan_index: NDArray[np.intp], owned: Mapping[str, Iterable[str]]
) -> dict[str, NDArray[np.intp]]:
    holders: dict[str, set[str]] = {add_on.name: set() for add_on in book.add_ons}
    for account, names in owned.items():
        for name in names:
            book.add_on(name)  # refuses an unknown one, and lists those there are
            holders[name].add(account)
    found = {}
    for name, accounts in holders.items():
        holds = np.array([account in accounts for account in rows.account_ids], dtype=bool)
        found[name] = np.flatnonzero(holds[rows.account] & (plan_index >= 0))
    return found
