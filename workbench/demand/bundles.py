"""Prices of bundles as a mixed-integer program (Hanson & Martin 1990, Optimal Bundle Pricing).

Each customer takes the bundle that leaves most, or nothing; the program chooses the prices and the customers' choices
at once. What a customer pays is price times choice, a product that four inequalities describe exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.inequalities import Inequalities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BundleKind = Literal["component", "pure", "mixed"]
_MOST_CHOICES = 4_000
_MOST_ITEMS = 6


@dataclass(frozen=True, eq=False)
class BundlePrices:
    """The best prices found for bundles of items, per month.

    `bundles` names the items of each bundle; `prices` stand beside them. With `kind` "component" a bundle costs the sum
    of its items. `choice` is the bundle each customer takes as its place in `bundles`, -1 for nothing. `value` is
    revenue less unit cost, `bound` what no prices can exceed, and `gap` how far the value may fall short of it, as a
    share: 0 is proven best.
    """

    kind: BundleKind
    bundles: tuple[tuple[str, ...], ...]
    prices: Floats
    choice: NDArray[np.intp]
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Return how far the value may fall short of the best possible one, as a share."""
        return max(self.bound - self.value, 0.0) / self.bound if self.bound > 0 else 0.0


def bundle_prices(
    worth: ArrayLike,
    items: Sequence[str],
    kind: BundleKind = "mixed",
    *,
    weight: ArrayLike | None = None,
    unit_cost: ArrayLike = 0.0,
    seconds: float = 30.0,
) -> BundlePrices:
    """Return the prices of bundles that bring most from customers who value items by `worth` (customers x items).

    A bundle is worth the sum of its items. "component" prices items one by one, "pure" sells all of them together
    only, "mixed" prices every combination, none dearer than its parts together. `weight` counts the accounts of each
    customer; `unit_cost` is per item. Ties go to the seller. After `seconds` the best prices so far are returned with
    their gap. Raises DemandError for more than 6 items or more than 4,000 customers times bundles: draw a sample.
    """
    valued = np.asarray(worth, dtype=np.float64)
    names = tuple(items)
    _check(valued, names, kind)
    size = np.ones(len(valued)) if weight is None else np.asarray(weight, dtype=np.float64)
    cost = np.broadcast_to(np.asarray(unit_cost, dtype=np.float64), (len(names),))
    held = _offers(len(names), kind)
    found = _solve(valued @ held.T, held @ cost, size, held, kind=kind, seconds=seconds)
    bundles = tuple(tuple(name for name, inside in zip(names, row, strict=True) if inside) for row in held)
    return BundlePrices(kind, bundles, *found)


def _offers(items: int, kind: BundleKind) -> Floats:
    """Return which items each bundle holds (bundles x items), single items first."""
    if kind == "pure":
        return np.ones((1, items))
    rows = [
        [float(item in chosen) for item in range(items)]
        for many in range(1, items + 1)
        for chosen in combinations(range(items), many)
    ]
    return np.array(rows)


def _solve(
    worth: Floats, cost: Floats, size: Floats, held: Floats, *, kind: BundleKind, seconds: float
) -> tuple[Floats, NDArray[np.intp], float, float]:
    """Solve the program: variables are prices, then what each customer pays for each bundle, then the choices."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to import
    from scipy.sparse import coo_array  # noqa: PLC0415 - as above

    customers, bundles = worth.shape
    rows = Inequalities(bundles + 2 * customers * bundles)
    top = np.maximum(worth.max(axis=0), 0.0)

    def pays(customer: int, bundle: int) -> int:
        return bundles + customer * bundles + bundle

    def takes(customer: int, bundle: int) -> int:
        return bundles + customers * bundles + customer * bundles + bundle

    for i in range(customers):
        everything = [(takes(i, b), float(worth[i, b])) for b in range(bundles)]
        everything += [(pays(i, b), -1.0) for b in range(bundles)]
        rows.add(everything, low=0.0)
        rows.add([(takes(i, b), 1.0) for b in range(bundles)], high=1.0)
        for b in range(bundles):
            rows.add([*everything, (b, 1.0)], low=float(worth[i, b]))
            rows.add([(pays(i, b), 1.0), (b, -1.0)], high=0.0)
            rows.add([(pays(i, b), 1.0), (takes(i, b), -max(float(worth[i, b]), 0.0))], high=0.0)
            rows.add([(pays(i, b), 1.0), (b, -1.0), (takes(i, b), -float(top[b]))], low=-float(top[b]))
    for whole, first, second in _parts(held):
        low = 0.0 if kind == "component" else -np.inf
        rows.add([(whole, 1.0), (first, -1.0), (second, -1.0)], low=low, high=0.0)
    matrix = coo_array((rows.values, (rows.row, rows.column)), shape=(len(rows.low), rows.width)).tocsr()
    gain = np.concatenate([np.zeros(bundles), np.repeat(size, bundles), -np.outer(size, cost).ravel()])
    paid = np.where(worth > 0, worth, 0.0).ravel()
    ends = Bounds(np.zeros(rows.width), np.concatenate([_dearest(top, held), paid, np.ones(customers * bundles)]))
    whole_numbers = np.concatenate([np.zeros(bundles + customers * bundles), np.ones(customers * bundles)])
    solved = milp(
        -gain,
        constraints=LinearConstraint(matrix, rows.low, rows.high),
        bounds=ends,
        integrality=whole_numbers,
        options={"time_limit": seconds, "mip_rel_gap": 1e-9},
    )
    if solved.x is None:
        raise DemandError(
            f"No bundle prices were found in {seconds:g} seconds.", "Draw fewer customers, or wait longer."
        )
    chosen = solved.x[bundles + customers * bundles :].reshape(customers, bundles)
    choice = np.where(chosen.max(axis=1) > 0.5, chosen.argmax(axis=1), -1)  # noqa: PLR2004 - whole numbers, nearly
    bound = (
        -float(solved.mip_dual_bound)
        if solved.mip_dual_bound is not None
        else float(size @ paid.reshape(worth.shape).max(axis=1))
    )
    return solved.x[:bundles], choice, float(gain @ solved.x), max(bound, float(gain @ solved.x))


def _parts(held: Floats) -> list[tuple[int, int, int]]:
    """List the ways to make a bundle of two others without an item in common."""
    place = {tuple(row): number for number, row in enumerate(held)}
    return [
        (place[tuple(held[first] + held[second])], first, second)
        for first, second in combinations(range(len(held)), 2)
        if not (held[first] * held[second]).any()
    ]


def _dearest(top: Floats, held: Floats) -> Floats:
    """Return a ceiling for every price: what the items would cost at most, so that the parts can always add up."""
    singles = {int(np.flatnonzero(row)[0]): top[number] for number, row in enumerate(held) if row.sum() == 1}
    sums = np.array([sum(singles.get(int(item), 0.0) for item in np.flatnonzero(row)) for row in held])
    return np.maximum(top, sums)


def _check(worth: Floats, items: tuple[str, ...], kind: str) -> None:
    if kind not in ("component", "pure", "mixed"):
        raise DemandError(f"There is no kind of bundling {kind!r}.", 'Kinds are "component", "pure" and "mixed".')
    if worth.ndim != 2 or worth.shape[1] != len(items) or not len(worth):  # noqa: PLR2004 - customers x items
        raise DemandError(
            f"The worth has the shape {worth.shape} for {len(items)} items.",
            "Give a row per customer, a column per item.",
        )
    if not np.isfinite(worth).all():
        raise DemandError("Some worth is not a number.", "Leave these customers out.")
    if len(items) > _MOST_ITEMS:
        raise DemandError(f"There are {len(items)} items.", f"Bundle at most {_MOST_ITEMS}; drop the ones few value.")
    choices = len(worth) * (1 if kind == "pure" else 2 ** len(items) - 1)
    if choices > _MOST_CHOICES:
        raise DemandError(
            f"{len(worth):,} customers with {choices:,} choices are too many for an exact answer.",
            f"Draw a sample of at most {_MOST_CHOICES // (choices // len(worth)):,} customers.",
        )
