"""Whether the chains of a sampler agree, and how much their samples amount to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count, number
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_R_HAT = 1.01
FEWEST_PER_CHAIN = 100
_HALF = 2


@dataclass(frozen=True, eq=False)
class Convergence:
    """How far the chains agree, parameter by parameter.

    `table` has parameter, r_hat (1 when chains agree) and effective (independent samples they amount to).
    `divergences` counts steps of the sampler that went astray.
    """

    table: pd.DataFrame
    divergences: int
    chains: int
    samples: int

    @property
    def worst_r_hat(self) -> float:
        """Return the largest R-hat."""
        return float(self.table["r_hat"].max())

    @property
    def fewest_effective(self) -> float:
        """Return the smallest effective number of samples."""
        return float(self.table["effective"].min())

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return warnings by the limits of Vehtari et al. (2021, Bayesian Analysis 16, 667-718)."""
        found = []
        if not self.worst_r_hat <= MOST_R_HAT:
            found.append(
                Caution(
                    f"The chains do not agree: R-hat is {number(self.worst_r_hat, 3)}, and at most {MOST_R_HAT:g} is "
                    "wanted. Take more warm-up steps and samples, or let fewer attributes differ."
                )
            )
        if not self.fewest_effective >= FEWEST_PER_CHAIN * self.chains:
            found.append(
                Caution(
                    f"The samples amount to {number(self.fewest_effective, 0)} independent ones, and at least "
                    f"{FEWEST_PER_CHAIN * self.chains} are wanted. Take more samples."
                )
            )
        if self.divergences:
            found.append(
                Caution(
                    f"The sampler went astray {count('time', self.divergences)}; parts of what is possible may be "
                    "missing. Take more warm-up steps, or let fewer attributes differ."
                )
            )
        return tuple(found)


def convergence(parts: dict[str, NDArray[np.float64]], divergences: int) -> Convergence:
    """Return the convergence of named parameters, each chains x samples."""
    rows = [(name, split_r_hat(each), effective_samples(each)) for name, each in parts.items()]
    chains, samples = next(iter(parts.values())).shape
    return Convergence(pd.DataFrame(rows, columns=["parameter", "r_hat", "effective"]), divergences, chains, samples)


def split_r_hat(chains: NDArray[np.float64]) -> float:
    """Return R-hat of chains x samples, every chain cut into two halves (Gelman et al. 2013, section 11.4)."""
    between, within, length = _variances(_halves(chains))
    return float(np.sqrt(((length - 1) / length * within + between) / within)) if within > 0 else float("nan")


def effective_samples(chains: NDArray[np.float64]) -> float:
    """Return how many independent samples chains x samples amount to (Geyer 1992; Vehtari et al. 2021)."""
    halves = _halves(chains)
    between, within, length = _variances(halves)
    if not within > 0:
        return float("nan")
    total = (length - 1) / length * within + between
    centred = halves - halves.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * length, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length].mean(axis=0) / length
    correlation = 1 - (within - covariance) / total
    correlation[0] = 1.0
    pairs = correlation[: length - length % _HALF].reshape(-1, _HALF).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    kept = np.minimum.accumulate(pairs[: negative[0]] if len(negative) else pairs)
    steps = max(2 * float(kept.sum()) - 1, 1 / np.log10(halves.size))
    return float(halves.size / steps)


def _halves(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    half = chains.shape[1] // _HALF
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _variances(halves: NDArray[np.float64]) -> tuple[float, float, int]:
    """Return the variance of the averages of the halves, the average variance inside them, and their length."""
    return float(halves.mean(axis=1).var(ddof=1)), float(halves.var(axis=1, ddof=1).mean()), halves.shape[1]
