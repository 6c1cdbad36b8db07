"""How tastes differ between respondents: which coefficients are spread, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.research.choice.coding import Coding

Distribution = Literal["normal", "lognormal", "negative lognormal"]
DISTRIBUTIONS: tuple[str, ...] = get_args(Distribution)
SPREAD_OF = "spread of "


@dataclass(frozen=True, eq=False)
class Tastes:
    """Which columns have a coefficient of its own for every respondent, and of which distribution.

    `columns` (Q,) are positions among K columns. `sign` (Q,) is 0 for a normal coefficient; 1 for a lognormal one,
    which is never negative, -1 for its mirror image. Parameters are K places and Q spreads: a normal coefficient is
    place + spread z, a lognormal one sign exp(place + spread z), with z standard normal.
    """

    coding: Coding
    columns: NDArray[np.int64]
    sign: NDArray[np.int64]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters: the columns, then their spreads."""
        return (*self.coding.names, *(SPREAD_OF + self.coding.names[column] for column in self.columns))

    @property
    def signs(self) -> NDArray[np.int64]:
        """Return the sign (K,) of every column's distribution, 0 where it is normal or the same for everybody."""
        signs = np.zeros(len(self.coding.columns), dtype=np.int64)
        signs[self.columns] = self.sign
        return signs

    def distribution(self, column: int) -> str:
        """Return a column's distribution in words."""
        if column not in self.columns:
            return "same for everybody"
        return {0: "normal", 1: "lognormal", -1: "negative lognormal"}[int(self.signs[column])]

    def middle(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coefficients (..., K) of the middle respondent, the median of each distribution."""
        places = parameters[..., : len(self.coding.columns)]
        signs = self.signs
        return np.where(signs == 0, places, signs * np.exp(np.where(signs == 0, 0.0, places)))

    def slope(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the derivative (K,) of the middle respondent's coefficients to their places."""
        return np.where(self.signs == 0, 1.0, self.middle(parameters))

    def own(self, parameters: NDArray[np.float64], standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the spread coefficients (n, Q, R) of respondents from standard normal draws (n, Q, R)."""
        places = parameters[self.columns]
        spreads = parameters[len(self.coding.columns) :]
        taste = standard * spreads[:, None]
        taste += places[:, None]
        for at in np.flatnonzero(self.sign):
            taste[:, at] = self.sign[at] * np.exp(taste[:, at])
        return taste

    def rescaled(self, parameters: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the parameters for columns divided by `scale` (K,)."""
        result = parameters.copy()
        columns = len(scale)
        logs = self.signs != 0
        result[:columns] = np.where(logs, parameters[:columns] + np.log(scale), parameters[:columns] * scale)
        result[columns:] *= np.where(self.sign != 0, 1.0, scale[self.columns])
        return result

    def rescaling(self, scale: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the derivative (P,) of the parameters as given to those of columns divided by `scale`."""
        own = 1 / scale
        places = np.where(self.signs != 0, 1.0, own)
        return np.concatenate([places, np.where(self.sign != 0, 1.0, own[self.columns])])


def tastes_of(coding: Coding, random: Mapping[str, str] | None, price: str | None) -> Tastes:
    """Return the tastes asked for; None spreads everything but the price, as normal coefficients.

    An attribute of words spreads all its levels; one level is named "attribute: level". "lognormal" for the price
    means its mirror image: everybody likes to pay less.
    """
    asked = random if random is not None else dict.fromkeys((a for a in coding.attributes if a != price), "normal")
    spread: dict[int, int] = {}
    for name, distribution in asked.items():
        if distribution not in DISTRIBUTIONS:
            raise ResearchError(
                f"{name} cannot have the distribution {distribution!r}.", f"Choose one of: {', '.join(DISTRIBUTIONS)}."
            )
        places = coding.columns_of(name)
        if not places:
            raise ResearchError(
                f"{name} is to differ between respondents, but is no attribute.",
                f"The attributes are {', '.join(coding.attributes)}.",
            )
        mirrored = distribution == "negative lognormal" or (distribution == "lognormal" and name == price)
        sign = 0 if distribution == "normal" else (-1 if mirrored else 1)
        spread |= dict.fromkeys(places, sign)
    if not spread:
        raise ResearchError("No coefficient is to differ between respondents.", "Name some, or use fit_mnl.")
    columns = np.array(sorted(spread), dtype=np.int64)
    return Tastes(coding, columns, np.array([spread[int(column)] for column in columns], dtype=np.int64))
