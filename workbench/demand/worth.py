"""What an offer is worth to each customer: the product, its features and its allowance, per month and draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from workbench.demand.customers import DemandError, lacks_a_must, part_served
from workbench.demand.willingness import Assumed
from workbench.formatting import percent
from workbench.research.sampling import STATED_PRICES, Overstatement
from workbench.results import Caution
from workbench.stats import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.willingness import Willingness
    from workbench.pricing.price_book import AddOn, Plan

    Floats = NDArray[np.floating]

# --- Worth split from a total: the product itself and each feature's share of the rest

BeyondLimit = Literal["cannot serve", "worth less"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SharedWorth:
    """A total split into parts: the product itself and each feature's share of the rest.

    A plan without a must-have that the customer uses cannot serve. Beyond a limit a plan cannot serve either, or is
    worth less in proportion to the part of the need it allows for.

    Parameters
    ----------
    willingness
        The total, customers x draws.
    feature_names
        The features that share it.
    shares
        Customers x features: how the part that features make up falls on them; sums to 1 per customer.
    without_features
        Draws: the part the product is worth without any of them, between 0 and 1.
    must_have
        Features nobody who uses them buys without.
    beyond_limit
        What a plan is worth whose limit is below the need.
    assumed, cautions
        Ranges nobody measured, what to know before using it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Willingness, respondents_of, split_worth
    >>> from workbench.pricing import Plan
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a"]}))
    >>> willing = Willingness(source="talks", customers=asked, total=np.array([[200.0]]))
    >>> worth = split_worth(willing, {"alerts": 3, "maps": 1}, without_features=(0.4, 0.4))
    >>> [round(float(worth.parts(names)[0, 0]), 2) for names in ([], ["maps"], ["maps", "alerts"])]
    [0.4, 0.55, 1.0]
    """

    willingness: Willingness
    feature_names: tuple[str, ...]
    shares: Floats
    without_features: Floats
    must_have: frozenset[str] = frozenset()
    beyond_limit: BeyondLimit = "cannot serve"
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = field(default=())

    @property
    def customers(self) -> Customers:
        """Return who is asked."""
        return self.willingness.customers

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.willingness.draws

    @property
    def source(self) -> str:
        """Return what it was learned from, in words."""
        return self.willingness.source

    @property
    def whole(self) -> Floats:
        """Return what an offer with everything in it is worth."""
        return self.willingness.total

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth, customers x draws; minus infinity where it cannot serve."""
        served = part_served(self.customers, plan.limits, self.beyond_limit)
        served = np.where(lacks_a_must(self.customers, self.must_have, plan.features), 0.0, served)
        worth = self.whole * self.parts(plan.features)
        worth *= served[:, None].astype(worth.dtype)
        worth[served == 0] = -np.inf
        return worth

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on's features add, customers x draws; its allowance adds nothing that is known."""
        base = np.asarray(self.without_features, dtype=self.whole.dtype)
        return self.whole * ((1 - base) * self._share(add_on.features)[:, None])

    def scaled(self, factor: Floats) -> SharedWorth:
        """Return the same with all worth times a factor per customer."""
        return replace(self, willingness=self.willingness.scaled(factor))

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> SharedWorth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""
        some = replace(
            self.willingness,
            customers=self.customers.take(customers, weight),
            total=self.whole[np.ix_(customers, draws)],
        )
        return replace(
            self, willingness=some, shares=self.shares[customers], without_features=self.without_features[draws]
        )

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.feature_names)}

    def _share(self, features: Iterable[str]) -> Floats:
        places = [self._place[name] for name in dict.fromkeys(features) if name in self._place]
        found: Floats = self.shares[:, places].sum(axis=1).astype(self.whole.dtype)
        return found

    def parts(self, features: Iterable[str]) -> Floats:
        """Return which part of the total an offer with these features is worth, customers x draws or one for all."""
        base = np.asarray(self.without_features, dtype=self.whole.dtype)
        if not self.feature_names:
            return np.ones((1, 1), dtype=self.whole.dtype)
        found: Floats = base + (1 - base) * self._share(features)[:, None]
        return found


# --- Worth item by item: each feature and the allowance has its own amount of money, per customer and draw


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an attribute says about a plan's limit: `units` turns the limit of `metric` into units of the attribute.

    Parameters
    ----------
    metric
        The metric the plan limits.
    units
        Turns the limit into units of the attribute.
    most
        The limit that stands for none: the highest the respondents saw.

    Examples
    --------
    >>> from workbench.demand import Allowance
    >>> rows = Allowance("rows", lambda rows: rows / 1000, most=50_000)
    >>> rows.units(rows.most)
    50.0
    """

    metric: str
    units: Callable[[float], float]
    most: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemisedWorth:
    """What features and allowances are worth one by one.

    Everything is money per month, customers x draws.

    Parameters
    ----------
    customers
        Whose worth it is.
    base
        What an offer is worth without any of them.
    items
        Feature to what having it adds.
    allowances, allowance_items
        What an attribute says about a limit, and what one unit of it adds.
    beyond_limit
        What a plan is worth whose limit is below the need.
    source, assumed, cautions
        What it was learned from, ranges nobody measured, what to know before using it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import ItemisedWorth, respondents_of
    >>> from workbench.pricing import Plan
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> worth = ItemisedWorth(customers=asked, base=np.array([[30.0], [40]]), items={"SSO": np.array([[0.0], [25]])})
    >>> worth.of(Plan("Basic", 20)).tolist(), worth.of(Plan("Pro", 50, features=["SSO"])).tolist()
    ([[30.0], [40.0]], [[30.0], [65.0]])
    """

    customers: Customers
    base: Floats
    items: Mapping[str, Floats]
    allowances: tuple[Allowance, ...] = ()
    allowance_items: tuple[Floats, ...] = ()
    beyond_limit: BeyondLimit = "cannot serve"
    source: str = "choices between offers"
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.base.shape[1]

    @cached_property
    def whole(self) -> Floats:
        """Return what an offer with everything that is worth something is worth."""
        total = self.base + self._allowed({})
        for item in self.items.values():
            total = total + np.maximum(item, 0)
        return total

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth, customers x draws; minus infinity where it cannot serve."""
        limits = {limit.metric: float(limit.up_to) for limit in plan.limits if limit.up_to is not None}
        worth = self.base + self._allowed(limits)
        for name in dict.fromkeys(plan.features):
            if name in self.items:
                worth = worth + self.items[name]
        served = part_served(self.customers, plan.limits, self.beyond_limit)
        worth = worth * served[:, None].astype(worth.dtype)
        worth[served == 0] = -np.inf
        return worth

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on's features add, customers x draws."""
        found = np.zeros_like(self.base)
        for name in dict.fromkeys(add_on.features):
            if name in self.items:
                found = found + self.items[name]
        return found

    def scaled(self, factor: Floats) -> ItemisedWorth:
        """Return the same with all worth times a factor per customer."""
        times = np.asarray(factor, dtype=self.base.dtype)
        column = times[:, None] if times.ndim else times
        return self._each(lambda values: values * column, self.customers)

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> ItemisedWorth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""
        return self._each(lambda values: values[np.ix_(customers, draws)], self.customers.take(customers, weight))

    def _allowed(self, limits: Mapping[str, float]) -> Floats:
        found = np.zeros_like(self.base)
        for allowance, item in zip(self.allowances, self.allowance_items, strict=True):
            most = min(limits.get(allowance.metric, allowance.most), allowance.most)
            found = found + item * allowance.units(most)
        return found

    def _each(self, change: Callable[[Floats], Floats], customers: Customers) -> ItemisedWorth:
        return replace(
            self,
            customers=customers,
            base=change(self.base),
            items={name: change(values) for name, values in self.items.items()},
            allowance_items=tuple(change(values) for values in self.allowance_items),
        )


# --- Worth item by item, from the utilities of a choice model

_MANY = 0.05


def from_utilities(
    utilities: ArrayLike,
    attributes: Sequence[str],
    customers: Customers,
    *,
    price: str,
    features: Mapping[str, str],
    allowances: Mapping[str, Allowance] | None = None,
    none: str | None = None,
    price_unit: float = 1.0,
    overstatement: Overstatement = STATED_PRICES,
    beyond_limit: BeyondLimit = "cannot serve",
    seed: int = 0,
) -> ItemisedWorth:
    """Turn the utilities of a choice model into what features and allowances are worth.

    Parameters
    ----------
    utilities
        Respondents x draws x attributes, such as `ChoiceModel.individual(draws=..., seed=...)` gives.
    attributes
        The names of the last axis; `price` is one of them.
    customers
        The respondents, in the order of the first axis.
    price
        The attribute that is the price.
    features
        Attribute to feature: a utility per 1 of the attribute is what having the feature adds.
    allowances
        Attribute to what it says about a limit.
    none
        The attribute that is the constant of choosing none: its negative is what the bare product is worth.
    price_unit
        The money one unit of the price attribute stands for, per month.
    overstatement
        How far choices in a survey overstate what people pay; all worth is divided by it.
    beyond_limit
        What a plan is worth whose limit is below the need: nothing ("cannot serve"), or its part of the need.
    seed
        Where random numbers start.

    Returns
    -------
    ItemisedWorth
        What each feature and allowance is worth to each respondent in each draw, per month.

    Raises
    ------
    DemandError
        When the attributes do not fit or nobody minds paying.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import from_utilities, respondents_of
    >>> from workbench.pricing import AddOn
    >>> from workbench.research import Overstatement
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> utilities = np.array([[[-0.1, 2.0]], [[-0.2, 1.0]]])
    >>> worth = from_utilities(utilities, ["price", "has SSO"], asked, price="price", features={"has SSO": "SSO"},
    ...     overstatement=Overstatement(1, 1))
    >>> worth.of_add_on(AddOn("SSO", 9, features=["SSO"])).round(2).tolist()
    [[20.0], [5.0]]
    """
    values = np.asarray(utilities, dtype=np.float64)
    named = {name: place for place, name in enumerate(attributes)}
    wanted = [price, *features, *(allowances or {}), *([none] if none else [])]
    unknown = [name for name in wanted if name not in named]
    if values.ndim != 3 or values.shape[2] != len(named) or len(values) != len(customers) or unknown:  # noqa: PLR2004
        raise DemandError(
            f"Utilities of the shape {values.shape} do not fit {len(customers)} respondents and the attributes "
            f"{', '.join(attributes)}{'; unknown: ' + ', '.join(unknown) if unknown else ''}.",
            "Give respondents x draws x attributes, and name attributes that are there.",
        )
    values, wrong = _minding_price(values, named[price], stream(seed, "wrong sign"))
    over = Assumed("stated prices as a multiple of prices in earnest", overstatement.low, overstatement.high)
    factor = over.values(values.shape[1], stream(seed, "overstatement"))
    money = -price_unit / values[:, :, named[price]] / factor

    def worth(attribute: str) -> Floats:
        found: Floats = values[:, :, named[attribute]] * money
        return found

    allowed = allowances or {}
    return ItemisedWorth(
        customers=customers,
        base=-worth(none) if none else np.zeros_like(money),
        items=_by_feature((feature, worth(attribute)) for attribute, feature in features.items()),
        allowances=tuple(allowed.values()),
        allowance_items=tuple(worth(attribute) for attribute in allowed),
        beyond_limit=beyond_limit,
        assumed=(over,),
        cautions=(Caution(overstatement.sentence, "note"), *wrong, *(() if none else (_NO_NONE,))),
    )


_NO_NONE = Caution("The survey had no way to choose none: what the bare product is worth is taken as nothing.")


def _minding_price(
    values: NDArray[np.float64], price: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[Caution, ...]]:
    """Replace the coefficients of respondents who would rather pay more, draw by draw."""
    wrong = ~(values[:, :, price] < 0)
    if not wrong.any():
        return values, ()
    right = np.argwhere(~wrong)
    if not len(right):
        raise DemandError("Nobody minds paying: the price coefficient is not below 0.", "Check the price column.")
    values = values.copy()
    people, draws = np.nonzero(wrong)
    picked = right[rng.integers(len(right), size=people.size)]
    values[people, draws] = values[picked[:, 0], picked[:, 1]]
    text = f"In {percent(wrong.mean(), 1)} of respondents and draws a higher price was liked better; others stand in."
    return values, (Caution(text, "warning" if wrong.mean() > _MANY else "note"),)


def _by_feature(pairs: Iterable[tuple[str, Floats]]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for feature, values in pairs:
        found[feature] = found[feature] + values if feature in found else values
    return found


# --- What an offer is worth to each customer

WITHOUT_FEATURES = (0.3, 0.7)
"""The part of the total that is worth something without any of the listed features: nobody measured it."""
UNUSED = 0.25
"""What a feature is worth to a customer who does not use it, beside one who does."""


class Worth(Protocol):
    """What offers are worth to customers; money per month, customers x draws.

    A `Demand` asks a `SharedWorth`, an `ItemisedWorth`, an `AccountWorth` or one of your own.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, ItemisedWorth, respondents_of
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"]}))
    >>> worth = ItemisedWorth(customers=asked, base=np.array([[30.0], [40]]), items={})
    >>> Demand(worth=worth).outcome(PriceBook("list", "USD", [Plan("Team", 35)])).revenue
    35.0
    """

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
        What a feature counts for a customer who does not use it, beside one who does; a guess. It matters where feature
        use is recorded.
    beyond_limit
        What a plan is worth whose limit is below the need: nothing ("cannot serve"), or its part of the need.
    stated_for
        The plan the willingness was stated for; by customer's plan today where it is what they pay now. The total is
        then what would be paid for everything. None: it was stated for everything.
    seed
        Where random numbers start.

    Returns
    -------
    SharedWorth
        The total of each customer, split.

    Raises
    ------
    DemandError
        When a weight is below 0 or all are 0.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Willingness, respondents_of, split_worth
    >>> from workbench.pricing import Plan
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a"]}))
    >>> willing = Willingness(source="talks", customers=asked, total=np.array([[200.0]]))
    >>> worth = split_worth(willing, {"alerts": 3, "maps": 1}, without_features=(0.4, 0.4))
    >>> [float(worth.of(Plan("some", 1, features=names))[0, 0]) for names in ([], ["alerts"], ["alerts", "maps"])]
    [80.0, 170.0, 200.0]
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
