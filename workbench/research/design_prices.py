"""Design price questions: which prices to ask, and who is asked which."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import exact
from workbench.pricing.round_numbers import two_digits
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST = 3


@dataclass(frozen=True)
class PriceDesign:
    """Prices to ask, lowest first, in one currency and period."""

    prices: tuple[float, ...]

    def assign(self, respondents: Sequence[str] | int, seed: int = 1) -> pd.DataFrame:
        """Return respondent and price: each is asked one, every price equally often (or once more), by chance.

        Prices are dealt in blocks that hold each of them once, so that groups stay even while answers come in.
        """
        names = [f"R{n}" for n in range(1, respondents + 1)] if isinstance(respondents, int) else list(respondents)
        random = np.random.default_rng(seed)
        blocks = -(-len(names) // len(self.prices))
        dealt = np.concatenate([random.permutation(self.prices) for _ in range(blocks)]) if blocks else np.array([])
        return pd.DataFrame({"respondent": names, "price": dealt[: len(names)]})


def price_ladder(low: float, high: float, steps: int = 7) -> PriceDesign:
    """Return `steps` prices from `low` to `high`, each the same ratio above the last, rounded to two digits.

    Equal ratios, because a respondent feels 10 to 20 as 100 to 200. The ends stay as given. Raises ResearchError when
    there is no room for as many different prices.
    """
    if not 0 < low < high or steps < _FEWEST:
        raise ResearchError(
            f"{steps} prices from {exact(low)} to {exact(high)} make no ladder.",
            "Ask three or more, from above 0 upwards.",
        )
    inner = [float(two_digits(value)) for value in np.geomspace(low, high, steps)[1:-1]]
    return asked_prices((float(low), *inner, float(high)))


def asked_prices(prices: Sequence[float]) -> PriceDesign:
    """Return a design of these prices; ResearchError unless they are three or more, positive and rising."""
    given = tuple(float(price) for price in prices)
    if len(given) < _FEWEST or min(given) <= 0 or any(a >= b for a, b in pairwise(given)):
        raise ResearchError(
            f"The prices {', '.join(exact(price) for price in given)} are no ladder.",
            "Give three or more prices above 0, each higher than the one before.",
        )
    return PriceDesign(given)
