"""Worth item by item, from the utilities of a choice model: each feature and the allowance has its own amount of money.

An attribute is worth -utility / price coefficient per unit (money per month). Respondents whose price coefficient has
the wrong sign in a draw would pay any price; they take the coefficients of another draw or respondent instead and are
counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.draws import Assumed, stream
from workbench.demand.errors import DemandError
from workbench.demand.item_worth import Allowance, ItemisedWorth
from workbench.formatting import percent
from workbench.research.stated_prices import STATED_PRICES, Overstatement
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.shared_worth import BeyondLimit

    Floats = NDArray[np.floating]

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


__all__ = ["Allowance", "ItemisedWorth", "from_utilities"]
