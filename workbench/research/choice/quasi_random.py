"""Quasi-random draws: standard normal numbers that fill their space more evenly than chance does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEQUENCES = ("sobol", "halton")


def standard_normal_draws(
    people: int, dimensions: int, draws: int, *, sequence: str = "sobol", seed: int = 1
) -> NDArray[np.float64]:
    """Return people x dimensions x draws standard normal numbers from one scrambled sequence.

    Every respondent gets the next stretch of the sequence (Train 2009, Discrete Choice Methods with Simulation,
    chapter 9). Scrambling is that of Owen; the same seed gives the same numbers.
    """
    from scipy.special import ndtri  # noqa: PLC0415 - loads slowly
    from scipy.stats import qmc  # noqa: PLC0415 - loads slowly

    if sequence not in SEQUENCES:
        raise ResearchError(f"There is no sequence {sequence!r}.", f"Choose one of: {', '.join(SEQUENCES)}.")
    if draws < 1:
        raise ResearchError(f"{draws} draws per respondent are too few.", "Ask for 1 or more; 500 is usual.")
    points = people * draws
    random = np.random.default_rng(seed)
    if sequence == "sobol":
        even = qmc.Sobol(dimensions, scramble=True, rng=random).random_base2(int(np.ceil(np.log2(max(points, 2)))))
    else:
        even = qmc.Halton(dimensions, scramble=True, rng=random).random(points)
    inside = np.clip(even[:points].reshape(people, draws, dimensions), 1e-12, 1 - 1e-12)
    return np.ascontiguousarray(ndtri(inside).transpose(0, 2, 1))
