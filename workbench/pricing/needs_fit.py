"""Which plans can hold which account: limits and features only, no prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ChargeError
from workbench.pricing.arrays import quantities_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.price_book import PriceBook

_MOST_PLANS = 31  # one bit per plan in a 32-bit pattern


@dataclass(frozen=True)
class NeedsFit:
    """The fit of accounts and plans.

    `pattern` holds one bit per plan (bit 0 is the first plan) for every account. An unknown quantity is no known
    need: it keeps no plan out, and `unknown` counts the accounts this happened to. `unchecked_metrics` are limited
    by some plan but have no quantities at all.
    """

    pattern: NDArray[np.uint32]
    plans: int
    unknown: int
    unchecked_metrics: tuple[str, ...]

    @property
    def accounts(self) -> int:
        """Return the number of accounts."""
        return int(self.pattern.size)

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Return which plan can hold which account: accounts x plans."""
        bits = np.arange(self.plans, dtype=np.uint32)
        return (self.pattern[:, None] >> bits & 1).astype(bool)


def fit_needs(
    price_book: PriceBook,
    quantities: Mapping[str, ArrayLike],
    features: ArrayLike | None = None,
    feature_names: Sequence[str] = (),
) -> NeedsFit:
    """Return which plans' limits and features meet each account's needs.

    `quantities` maps a metric to one number per account; `features` is a yes/no table, accounts x
    `feature_names`, of what each account needs. A limit is inclusive.
    """
    if len(price_book.plans) > _MOST_PLANS:
        raise ChargeError(f"The price book has {len(price_book.plans)} plans.", f"Use at most {_MOST_PLANS}.")
    known = {metric: quantities_array(values, metric).ravel() for metric, values in quantities.items()}
    needed = _needed_features(features, feature_names)
    accounts = _accounts(known, needed)
    limited = {limit.metric for plan in price_book.plans for limit in plan.limits if limit.up_to is not None}
    pattern = np.zeros(accounts, dtype=np.uint32)
    lacking_cache: dict[tuple[int, ...], NDArray[np.bool_]] = {}
    for place, plan in enumerate(price_book.plans):
        misfit = np.zeros(accounts, dtype=bool)
        for limit in plan.limits:
            if limit.up_to is not None and limit.metric in known:
                misfit |= known[limit.metric] > float(limit.up_to)
        absent = tuple(column for column, name in enumerate(feature_names) if name not in set(plan.features))
        if needed is not None and absent:
            if absent not in lacking_cache:
                lacking_cache[absent] = np.asarray(needed[:, list(absent)].any(axis=1))
            misfit |= lacking_cache[absent]
        pattern |= np.where(misfit, np.uint32(0), np.uint32(1 << place))
    unknown = np.zeros(accounts, dtype=bool)
    for metric in limited & set(known):
        unknown |= np.isnan(known[metric])
    return NeedsFit(pattern, len(price_book.plans), int(unknown.sum()), tuple(sorted(limited - set(known))))


def _needed_features(features: ArrayLike | None, names: Sequence[str]) -> NDArray[np.bool_] | None:
    if features is None:
        return None
    needed = np.asarray(features, dtype=bool)
    if needed.ndim != 2 or needed.shape[1] != len(names):  # noqa: PLR2004 - a table
        raise ChargeError(
            f"The feature table has the shape {needed.shape} for {len(names)} feature names.",
            "Give one row per account and one column per feature name.",
        )
    return needed


def _accounts(known: Mapping[str, NDArray[np.float64]], needed: NDArray[np.bool_] | None) -> int:
    sizes = {metric: values.size for metric, values in known.items()}
    if needed is not None:
        sizes["features"] = needed.shape[0]
    if not sizes:
        raise ChargeError("There are no needs to place.", "Give quantities of a metric, or features.")
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ChargeError(f"The needs have different numbers of accounts: {told}.", "Give one value per account.")
    return next(iter(sizes.values()))
