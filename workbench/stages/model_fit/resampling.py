"""Resample accounts once for all models: what rests on them moves with the same resampled accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 1000
_MOST_GROUPS = 600  # beyond this many accounts, random groups of accounts are resampled instead of single ones


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """How often each group of accounts comes in each draw (draws x groups), and each account's group."""

    times: Floats
    group: NDArray[np.intp]

    @classmethod
    def of(cls, accounts: int, seed: int, draws: int = DRAWS) -> Resamples:
        """Resample this many accounts."""
        rng = np.random.default_rng([seed, 2])
        groups = max(1, min(accounts, _MOST_GROUPS))
        group = rng.permutation(accounts) % groups
        return cls(rng.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64), group)

    def counts(self, places: NDArray[np.intp]) -> Floats:
        """Return how often the accounts at these places come, draws x accounts."""
        return self.times[:, self.group[places]]

    def sums(self, places: NDArray[np.intp], values: Floats) -> Floats:
        """Return the sums over resampled accounts: draws, or draws x columns where `values` has columns."""
        grouped = np.zeros((self.times.shape[1], *values.shape[1:]))
        np.add.at(grouped, self.group[places], values)
        found: Floats = self.times @ grouped
        return found
