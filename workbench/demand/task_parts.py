"""Parts of a choice task that need no draws: which add-on goes with which plan, what serving costs, samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count
from workbench.pricing.buyers import plans_that_may_buy
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.pricing import PriceBook


def open_add_ons(price_book: PriceBook) -> NDArray[np.bool_]:
    """Return which add-on (column) may be bought with which plan (row).

    Not where the plan has all its features, nor with other plans when it is named for one.
    """
    return np.array(
        [
            [
                plan.name in plans_that_may_buy(add_on, price_book)
                and (not add_on.features or not set(add_on.features) <= set(plan.features))
                for add_on in price_book.add_ons
            ]
            for plan in price_book.plans
        ],
        dtype=bool,
    ).reshape(len(price_book.plans), len(price_book.add_ons))


def known_costs(customers: Customers) -> NDArray[np.float64]:
    """Return what serving each customer costs: recorded, else the median of its segment, of all, or nothing."""
    if customers.unit_cost is None or np.isnan(customers.unit_cost).all():
        return np.zeros(len(customers))
    cost = customers.unit_cost.copy()
    for code in range(len(customers.segments)):
        inside = customers.segment_codes == code
        known = customers.unit_cost[inside & ~np.isnan(customers.unit_cost)]
        cost[inside & np.isnan(cost)] = np.median(known if known.size else cost[~np.isnan(customers.unit_cost)])
    return cost


def about_cost(customers: Customers) -> tuple[Caution, ...]:
    """Return cautions about costs of serving that are not recorded."""
    unknown = len(customers) if customers.unit_cost is None else int(np.isnan(customers.unit_cost).sum())
    if unknown == len(customers):
        return (Caution("What serving costs is not recorded: margin is shown as if it cost nothing."),)
    if unknown:
        words = "no recorded cost of serving: the median of the segment is taken"
        return (Caution(f"{count('customer', unknown)} with {words}.", "note"),)
    return ()


def customers_in_parts(customers: Customers, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of about `size` customers at random, every segment in its part and with one at least."""
    if size >= len(customers):
        return np.arange(len(customers))
    part = size / len(customers)
    found = []
    for code in range(len(customers.segments)):
        inside = np.flatnonzero(customers.segment_codes == code)
        found.append(rng.permutation(inside)[: max(1, round(part * inside.size))])
    return np.sort(np.concatenate(found))
