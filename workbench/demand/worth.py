"""What an offer is worth to each customer: the product, its features and its allowance, per month and draw.

`Worth` is what every source of worth can tell; `split_worth` splits a total willingness to pay into parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.demand.draws import Assumed, stream
from workbench.demand.errors import DemandError
from workbench.demand.shared_worth import BeyondLimit, SharedWorth
from workbench.formatting import percent
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.willingness import Willingness
    from workbench.pricing import AddOn, Plan

    Floats = NDArray[np.floating]

WITHOUT_FEATURES = (0.3, 0.7)
"""The part of the total that is worth something without any of the listed features: nobody measured it."""
UNUSED = 0.25
"""What a feature is worth to a customer who does not use it, beside one who does."""


class Worth(Protocol):
    """What offers are worth to customers; money per month, customers x draws."""

    @property
    def customers(self) -> Customers:
        """Return who is asked."""

    @property
    def draws(self) -> int:
        """Return the number of draws."""

    @property
    def assumed(self) -> tuple[Assumed, ...]:
        """Return the ranges nobody measured."""

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before using it."""

    @property
    def source(self) -> str:
        """Return what it was learned from, in words."""

    @property
    def whole(self) -> Floats:
        """Return what an offer with everything in it is worth."""

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth; minus infinity where it cannot serve."""

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on adds to a plan that lacks it."""

    def scaled(self, factor: Floats) -> Worth:
        """Return the same with all worth times a factor per customer."""

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> Worth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""


def split_worth(
    willingness: Willingness,
    features: Iterable[str] | Mapping[str, float],
    *,
    must_have: Iterable[str] = (),
    without_features: tuple[float, float] = WITHOUT_FEATURES,
    unused: float = UNUSED,
    beyond_limit: BeyondLimit = "cannot serve",
    stated_for: Plan | Mapping[str, Plan] | None = None,
    seed: int = 0,
) -> SharedWorth:
    """Split what each customer would pay into the product, its features and its allowance.

    Parameters
    ----------
    willingness
        What the offer is worth in all, per customer and draw.
    features
        The features that can be in or out; as a mapping, how much each counts (a share of best-worst choices, say).
    must_have
        Features nobody buys without: a plan that lacks one a customer uses cannot serve the customer.
    without_features
        Range of the part of the total that stays when all features go.
    unused
        What a feature counts for a customer who does not use it, beside one who does; a guess. It matters where
        feature use is recorded.
    beyond_limit
        What a plan is worth whose limit is below the need: nothing ("cannot serve"), or its part of the need.
    stated_for
        The plan the willingness was stated for; by customer's plan today where it is what they pay now. The total is
        then what would be paid for everything. None: it was stated for everything.

    Raises DemandError when a weight is below 0 or all are 0.

    """
    counts = dict(features) if isinstance(features, Mapping) else dict.fromkeys(features, 1.0)
    musts = frozenset(must_have)
    names = tuple(name for name in counts if name not in musts)
    weight = np.array([float(counts[name]) for name in names])
    if names and not (np.isfinite(weight).all() and weight.min() >= 0 and weight.sum() > 0):
        raise DemandError("The shares of the features do not add up to more than 0.", "Give each a share of 0 or more.")
    base = Assumed("part of the worth that remains without any listed feature", *without_features)
    idle = Assumed("worth of an unused feature as a part of what it is worth to its users", unused, unused)
    parts = np.ones(willingness.draws) if not names else base.values(willingness.draws, stream(seed, base.label))
    shares, cautions = _customer_shares(willingness.customers, names, weight, unused)
    found = SharedWorth(
        willingness=willingness,
        feature_names=names,
        shares=shares,
        without_features=parts,
        must_have=musts,
        beyond_limit=beyond_limit,
        assumed=(*willingness.assumed, *((base, idle) if names else ())),
        cautions=(*willingness.cautions, *cautions),
    )
    return found if stated_for is None else _for_everything(found, stated_for)


def _customer_shares(
    customers: Customers, names: tuple[str, ...], weight: NDArray[np.float64], unused: float
) -> tuple[Floats, tuple[Caution, ...]]:
    counts = np.tile(weight, (len(customers), 1))
    if names and customers.uses is not None:
        known = {name: number for number, name in enumerate(customers.feature_names)}
        for column, name in enumerate(names):
            if name in known:
                counts[:, column] *= np.where(customers.uses[:, known[name]], 1.0, unused)
    total = counts.sum(axis=1, keepdims=True)
    found = np.divide(counts, total, out=np.tile(weight / weight.sum(), (len(customers), 1)), where=total > 0)
    if names and customers.uses is None:
        text = "Feature use is not recorded: everybody is taken to value the features in the same proportions."
        return found, (Caution(text),)
    return found, ()


def _for_everything(worth: SharedWorth, stated_for: Plan | Mapping[str, Plan]) -> SharedWorth:
    """Return worth whose total is that of an offer with everything, from totals stated for one plan (or for each's)."""
    if not worth.feature_names:
        return worth
    parts = np.ones_like(worth.whole)
    if hasattr(stated_for, "features"):
        parts[:] = worth.parts(stated_for.features)
        return replace(worth, willingness=replace(worth.willingness, total=worth.whole / parts))
    today = worth.customers.plan
    unknown = np.ones(len(worth.customers), dtype=bool)
    for name, plan in stated_for.items():
        inside = np.zeros(0, dtype=np.intp) if today is None else np.flatnonzero(today == name)
        parts[inside] = worth.parts(plan.features)[inside]
        unknown[inside] = False
    cautions = worth.cautions
    if unknown.any():
        text = f"{percent(unknown.mean())} of customers are on no listed plan today: taken to have every feature."
        cautions = (*cautions, Caution(text))
    return replace(worth, willingness=replace(worth.willingness, total=worth.whole / parts), cautions=cautions)


__all__ = ["BeyondLimit", "SharedWorth", "Worth", "split_worth"]
