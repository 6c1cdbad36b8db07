"""Worth item by item, from the utilities of a choice model: each feature and the allowance has its own amount of money.

An attribute is worth -utility / price coefficient per unit (money per month). Respondents whose price coefficient has
the wrong sign in a draw would pay any price; they take the coefficients of another draw or respondent instead and are
counted.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - read when the dataclass is made
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.allowance import part_served
from workbench.demand.draws import Assumed, stream
from workbench.demand.errors import DemandError
from workbench.demand.worth import BeyondLimit  # noqa: TC001 - as above
from workbench.formatting import percent
from workbench.research.stated_prices import STATED_PRICES, Overstatement
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.customers import Customers
    from workbench.pricing import AddOn, Plan

    Floats = NDArray[np.floating]

_MANY = 0.05


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an attribute says about a plan's limit: `units` turns the limit of `metric` into units of the attribute.

    `most` is the limit that stands for none: the highest the respondents saw.
    """

    metric: str
    units: Callable[[float], float]
    most: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemisedWorth:
    """What features and allowances are worth one by one: `base` (customers x draws) without any of them.

    `items` (features) and `allowance_items` (metrics) hold customers x draws, money per month and unit.
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

    def for_accounts(self, customers: Customers, seed: int = 0) -> ItemisedWorth:
        """Return the worth of the accounts of a base: each has the answers of a respondent of its segment per draw.

        Where respondents have no segments every account takes from all of them, and a caution says so.
        """
        rng = stream(seed, "choice respondents")
        who = np.empty((len(customers), self.draws), dtype=np.intp)
        lacking = []
        for name in customers.segments:
            inside, said = customers.segment == name, np.flatnonzero(self.customers.segment == name)
            if not said.size:
                lacking.append(name)
                said = np.arange(len(self.customers))
            edges = np.cumsum(self.customers.weight[said])
            ranks = rng.random((int(inside.sum()), self.draws)) * edges[-1]
            who[inside] = said[np.searchsorted(edges, ranks, side="right")]
        draw = np.arange(self.draws)
        words = f"Nobody in the choice survey said they belong to {', '.join(lacking)}: these accounts take from all."
        return replace(
            self._each(lambda values: values[who, draw], customers),
            cautions=(*self.cautions, *((Caution(words),) if lacking else ())),
        )

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

    Raises DemandError when the attributes do not fit or nobody minds paying.

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
    over = Assumed("stated prices are times as high as prices in earnest", overstatement.low, overstatement.high)
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
