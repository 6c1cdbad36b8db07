"""Place every account in the cheapest plan that meets its needs, and tell who would pay more or less."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ChargeError
from workbench.pricing.vectorised import quantities_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.price_book import PriceBook
    from workbench.results import Floats

# --- Which plans can hold which account: limits and features only, no prices

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


def _accounts(known: Mapping[str, Floats], needed: NDArray[np.bool_] | None) -> int:
    sizes = {metric: values.size for metric, values in known.items()}
    if needed is not None:
        sizes["features"] = needed.shape[0]
    if not sizes:
        raise ChargeError("There are no needs to place.", "Give quantities of a metric, or features.")
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ChargeError(f"The needs have different numbers of accounts: {told}.", "Give one value per account.")
    return next(iter(sizes.values()))


# --- Place every account in the cheapest plan that meets its needs

NO_PLAN = -1  # in place of a plan's place in the price book
_BLOCK = 32_768  # groups; the working arrays of a block stay in the processor's cache
UNKNOWN_COST = 1e300  # ranks a bill nobody can know after every known one


@dataclass(frozen=True)
class Placement:
    """Who lands in which plan, and what it brings in a month.

    Arrays per account are built when asked for: `plan_index` (-1: no plan meets the needs), `bill` (NaN: on request,
    not placed, or a quantity is unknown), `feasible` (accounts x plans). `revenue` sums the known bills.

    Attributes
    ----------
    plan_names
        The plans in their order.
    currency
        What every amount is in; amounts are per month.
    fit
        Which plan's limits and features meet which account's needs.
    group_plan, group_bill, group_sizes, group_of
        Accounts with the same needs are billed once: plan, bill and size of each group, and the group of each account
        (None: every account is its own).
    priced
        Which plans have a price.

    Examples
    --------
    >>> from workbench.pricing import Limit, Plan, PriceBook, place
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20, limits=[Limit("seats", 5)]), Plan("Pro", 90)])
    >>> found = place(book, {"seats": [2, 5, 40]})
    >>> [found.plan_names[plan] for plan in found.plan_index], found.bill.tolist(), found.revenue
    (['Basic', 'Basic', 'Pro'], [20.0, 20.0, 90.0], 130.0)
    """

    plan_names: tuple[str, ...]
    currency: str
    fit: NeedsFit
    group_plan: NDArray[np.intp]
    group_bill: Floats
    group_sizes: Floats
    group_of: NDArray[np.intp] | None
    priced: tuple[bool, ...]

    @cached_property
    def plan_index(self) -> NDArray[np.intp]:
        """Return the plan of each account as its place in `plan_names`, -1 where none meets the needs."""
        return self.group_plan if self.group_of is None else self.group_plan[self.group_of]

    @cached_property
    def bill(self) -> Floats:
        """Return the monthly bill of each account; NaN when on request, not placed or unknown."""
        return self.group_bill if self.group_of is None else self.group_bill[self.group_of]

    @cached_property
    def feasible(self) -> NDArray[np.bool_]:
        """Return which plan can hold which account: accounts x plans."""
        return self.fit.feasible

    @property
    def accounts(self) -> int:
        """Return the number of accounts."""
        return self.fit.accounts

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Return the number of accounts per plan, in the order of `plan_names`."""
        found = np.bincount(self.group_plan + 1, self.group_sizes, len(self.plan_names) + 1)
        return found[1:].astype(np.int64)

    @cached_property
    def revenue_by_plan(self) -> Floats:
        """Return the monthly revenue per plan from known bills; NaN for plans on request."""
        worth = np.nan_to_num(self.group_bill) * self.group_sizes
        found = np.bincount(self.group_plan + 1, worth, len(self.plan_names) + 1)[1:]
        return np.where(self.priced, found, np.nan)

    @cached_property
    def revenue(self) -> float:
        """Return the monthly revenue from all known bills."""
        return float(np.nansum(self.revenue_by_plan))

    @property
    def on_request(self) -> int:
        """Return how many accounts only a plan on request can hold; their revenue is unknown."""
        return int(self.counts[~np.array(self.priced, dtype=bool)].sum())

    @property
    def without_plan(self) -> int:
        """Return how many accounts no plan can hold."""
        return self.accounts - int(self.counts.sum())

    @cached_property
    def unknown_bills(self) -> int:
        """Return how many accounts sit in a priced plan but lack a quantity their bill needs."""
        priced = np.append(np.array(self.priced, dtype=bool), False)[self.group_plan]
        return int(self.group_sizes[priced & np.isnan(self.group_bill)].sum())

    @property
    def shares(self) -> Floats:
        """Return the share of placed accounts per plan; NaN when nobody is placed."""
        placed = self.counts.sum()
        return self.counts / placed if placed else np.full(self.counts.shape, np.nan)


@dataclass(frozen=True)
class PlacementBook:
    """The part of a placement that prices do not change; `reprice` places everybody under new prices.

    Attributes
    ----------
    fit
        Which plan's limits and features meet which account's needs.
    structure
        What a price book must share to be placed with it: plans, limits, features and charged metrics.
    group_of, group_sizes, group_pattern, group_quantities
        Accounts with the same needs, billed once.

    Examples
    --------
    >>> from workbench.pricing import Limit, Plan, PriceBook, prepare
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20, limits=[Limit("seats", 5)]), Plan("Pro", 90)])
    >>> prepared = prepare(book, {"seats": [2, 5, 40]})
    >>> prepared.reprice(book).revenue, prepared.reprice(book.with_plan(Plan("Pro", 99))).revenue
    (130.0, 139.0)
    """

    fit: NeedsFit
    structure: tuple[object, ...]
    group_of: NDArray[np.intp] | None
    group_sizes: Floats
    group_pattern: NDArray[np.uint32]
    group_quantities: Mapping[str, Floats]

    def matches(self, price_book: PriceBook) -> bool:
        """Tell whether a price book differs from the prepared one in prices only."""
        return _structure(price_book) == self.structure

    def reprice(self, price_book: PriceBook) -> Placement:
        """Return the placement under a price book with the same plans, limits, features and charged metrics."""
        if not self.matches(price_book):
            raise ChargeError(
                f"The price book {price_book.name} differs in more than prices from the one prepared.",
                "Prepare the placement again: plans, limits, features or charged metrics changed.",
            )
        plan, bill = cheapest(price_book, self.group_pattern, self.group_quantities)
        priced = tuple(offer.priced for offer in price_book.plans)
        return Placement(
            price_book.plan_names, price_book.currency, self.fit, plan, bill, self.group_sizes, self.group_of, priced
        )


def prepare(
    price_book: PriceBook,
    quantities: Mapping[str, ArrayLike],
    features: ArrayLike | None = None,
    feature_names: Sequence[str] = (),
) -> PlacementBook:
    """Return everything about a placement that depends on needs, limits and features but not on prices.

    Use it where many price lists are tried on the same needs; `place` does both steps at once.

    Parameters
    ----------
    price_book
        Its plans, limits, features and charged metrics are kept, its prices are not.
    quantities
        Metric to one monthly quantity per account; NaN is unknown.
    features
        Yes/no table, accounts x `feature_names`, of what each account needs.
    feature_names
        The columns of `features`.

    Returns
    -------
    PlacementBook
        The prepared placement; `reprice` gives bills.

    Raises
    ------
    ChargeError
        When quantities and features have different numbers of accounts, or there are no needs at all.

    Examples
    --------
    >>> from workbench.pricing import Limit, Plan, PriceBook, prepare
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20, limits=[Limit("seats", 5)]), Plan("Pro", 90)])
    >>> prepared = prepare(book, {"seats": [2, 5, 40]})
    >>> [prepared.reprice(book.with_plan(Plan("Pro", price))).revenue for price in (90, 100, 110)]
    [130.0, 140.0, 150.0]
    """
    fit = fit_needs(price_book, quantities, features, feature_names)
    charged = _charged_metrics(price_book)
    lacking = [metric for metric in charged if metric not in quantities]
    if lacking:
        raise ChargeError(
            f"The price book charges for {', '.join(lacking)}, but there are no quantities of it.",
            f"There are quantities of: {', '.join(quantities) or 'nothing'}.",
        )
    billed = {metric: quantities_array(quantities[metric], metric).ravel() for metric in charged}
    group_of, first = _groups([fit.pattern, *billed.values()])
    if group_of is None:
        return PlacementBook(fit, _structure(price_book), None, np.ones(fit.accounts), fit.pattern, billed)
    return PlacementBook(
        fit,
        _structure(price_book),
        group_of,
        np.bincount(group_of, minlength=first.size).astype(np.float64),
        fit.pattern[first],
        {metric: values[first] for metric, values in billed.items()},
    )


def place(
    price_book: PriceBook,
    quantities: Mapping[str, ArrayLike],
    features: ArrayLike | None = None,
    feature_names: Sequence[str] = (),
) -> Placement:
    """Place every account in the cheapest plan whose limits and features meet its needs.

    A plan on request is never priced: it holds only accounts that no priced plan can hold, the first such plan first.

    Parameters
    ----------
    price_book
        Plans in their order; at equal bills the earlier plan wins. Limits are inclusive.
    quantities
        Metric to one monthly quantity per account; NaN is unknown and keeps no plan out.
    features
        Yes/no table, accounts x `feature_names`, of what each account needs.
    feature_names
        The columns of `features`.

    Returns
    -------
    Placement
        The plan and the monthly bill of every account, in the order given.

    Raises
    ------
    ChargeError
        When quantities and features have different numbers of accounts, or there are no needs at all.

    Examples
    --------
    >>> from workbench.pricing import Limit, Plan, PriceBook, place
    >>> plans = [Plan("Basic", 20, limits=[Limit("seats", 5)]), Plan("Pro", 90, features=["SSO"])]
    >>> found = place(PriceBook("list", "USD", plans), {"seats": [2, 3, 40]}, [[False], [True], [False]], ["SSO"])
    >>> found.plan_index.tolist(), found.revenue
    ([0, 1, 1], 200.0)
    """
    return prepare(price_book, quantities, features, feature_names).reprice(price_book)


def _charged_metrics(price_book: PriceBook) -> tuple[str, ...]:
    # a flat charge costs the same whatever the quantity, yet needs it to be known
    return tuple(sorted({charge.metric for plan in price_book.plans if plan.priced for charge in plan.charges}))


def _structure(price_book: PriceBook) -> tuple[object, ...]:
    plans = tuple((plan.name, plan.priced, plan.limits, plan.features) for plan in price_book.plans)
    return plans, _charged_metrics(price_book)


def _groups(columns: Sequence[NDArray]) -> tuple[NDArray[np.intp] | None, NDArray[np.intp]]:
    """Return the group of each row of equal columns and the first row of each group; None when few are equal."""
    import pandas as pd  # noqa: PLC0415 - its hash table groups a million rows without sorting them

    rows = columns[0].size
    codes = np.zeros(rows, dtype=np.int64)
    for column in columns:
        found, values = pd.factorize(column, use_na_sentinel=False)
        if len(values) * 2 > rows > 0:
            return None, np.arange(rows)
        codes, _ = pd.factorize(codes * len(values) + found)
    groups = int(codes.max(initial=-1)) + 1
    if groups * 2 > rows:
        return None, np.arange(rows)
    first = np.empty(groups, dtype=np.intp)
    first[codes[::-1]] = np.arange(rows)[::-1]
    return codes.astype(np.intp, copy=False), first


def cheapest(
    price_book: PriceBook, pattern: NDArray[np.uint32], quantities: Mapping[str, Floats]
) -> tuple[NDArray[np.intp], Floats]:
    """Return the cheapest feasible plan and its bill per group, block by block to stay in cache."""
    plan_index = np.full(pattern.size, NO_PLAN, dtype=np.intp)
    best = np.full(pattern.size, np.inf)
    for start in range(0, pattern.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        part = {metric: values[block] for metric, values in quantities.items()}
        _place_block(price_book, pattern[block], part, plan_index[block], best[block])
    return plan_index, best


def _place_block(
    price_book: PriceBook,
    pattern: NDArray[np.uint32],
    quantities: Mapping[str, Floats],
    plan_index: NDArray[np.intp],
    best: Floats,
) -> None:
    """Write plan and bill of one block of groups into `plan_index` and `best`."""
    for place_in_book, plan in enumerate(price_book.plans):
        if plan.priced:
            bill = plan.bills(quantities) if plan.charges else np.full(best.shape, float(plan.base_fee or 0))
            unknown = np.isnan(bill)
            if unknown.any():
                bill[unknown] = UNKNOWN_COST
            better = holds(pattern, place_in_book)
            better &= bill < best
            np.copyto(best, bill, where=better)
            np.copyto(plan_index, place_in_book, where=better)
    for place_in_book, plan in enumerate(price_book.plans):
        if not plan.priced:
            plan_index[holds(pattern, place_in_book) & (plan_index == NO_PLAN)] = place_in_book
    np.copyto(best, np.nan, where=best >= UNKNOWN_COST)


def holds(pattern: NDArray[np.uint32], place_in_book: int) -> NDArray[np.bool_]:
    """Tell which accounts a plan can hold, by its place in the price book."""
    return pattern & np.uint32(1 << place_in_book) != 0
