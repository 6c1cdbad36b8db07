"""Which add-ons each account pays for in a replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from workbench.impact.errors import ReplayError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.account_months import AccountMonths
    from workbench.pricing import PriceBook

AddOnsOwned: TypeAlias = "Literal['by need', 'none'] | Mapping[str, Iterable[str]]"


def add_ons_owned(
    book: PriceBook, rows: AccountMonths, plan_index: NDArray[np.intp], owned: AddOnsOwned
) -> dict[str, NDArray[np.intp]]:
    """Return the rows that pay for each add-on.

    "by need": a row needs a feature of the add-on that its plan lacks. A mapping names each account's add-ons.
    Rows without a plan pay for none.
    """
    if owned == "none" or not book.add_ons:
        return {}
    if isinstance(owned, Mapping):
        return _as_told(book, rows, plan_index, owned)
    if owned != "by need":
        raise ReplayError(f"add_ons {owned!r} is unknown.", 'Write "by need", "none", or a mapping of accounts.')
    if rows.features is None:
        return {}
    column = {name: place for place, name in enumerate(rows.features.names)}
    found = {}
    for add_on in book.add_ons:
        buys = np.zeros((len(book.plans) + 1, len(rows.features.patterns)), dtype=bool)
        for name in add_on.features:
            if name not in column:
                continue
            lacking = np.array([*(name not in plan.features for plan in book.plans), False])
            buys |= lacking[:, None] & rows.features.patterns[None, :, column[name]]
        if buys.any():
            found[add_on.name] = np.flatnonzero(buys[plan_index, rows.features.code])
    return found


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
