"""Random numbers by name, and ranges that stay open: every draw takes its own value between a low and a high end."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.formatting import exact

if TYPE_CHECKING:
    from numpy.typing import NDArray


_LARGE = 200_000


@dataclass(frozen=True, slots=True)
class Assumed:
    """Something nobody measured, as a range: `low` to `high`, all values in between equally likely."""

    label: str
    low: float
    high: float
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise DemandError(f"{self.label}: {self.low} to {self.high} is no range.", "Give the lower end first.")

    def values(self, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return one value per draw, spread evenly over the range in random order."""
        found: NDArray[np.float64] = self.low + (self.high - self.low) * (
            (rng.permutation(draws) + rng.random(draws)) / draws
        )
        return found

    @property
    def sentence(self) -> str:
        """Return the assumption in words."""
        size = exact(self.low) if self.low == self.high else f"{exact(self.low)} to {exact(self.high)}"
        return f"Assumed: {self.label}, {size}{' ' + self.unit if self.unit else ''}."


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers that belong to a name, whatever else is drawn."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def precision(size: int) -> type[np.float32 | np.float64]:
    """Return single precision for arrays too large to keep in double."""
    return np.float32 if size > _LARGE else np.float64
