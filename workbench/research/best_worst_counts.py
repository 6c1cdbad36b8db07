"""Count best and worst: how often each respondent saw, preferred and rejected each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEST, WORST = "best", "worst"


@dataclass(frozen=True, eq=False)
class BestWorstCounts:
    """How often each respondent was shown each feature, and named it best or worst: respondents x features each.

    `weight` says how many people each respondent stands for, `tasks` how many questions each answered.
    """

    respondents: NDArray[np.object_]
    features: tuple[str, ...]
    shown: NDArray[np.float64]
    best: NDArray[np.float64]
    worst: NDArray[np.float64]
    tasks: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def individual(self) -> NDArray[np.float64]:
        """Return each respondent's score per feature: (best - worst) / shown, from -1 to 1; NaN where never shown."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.shown > 0, (self.best - self.worst) / self.shown, np.nan)


def count_best_worst(frame: pd.DataFrame, weight: NDArray[np.float64]) -> BestWorstCounts:
    """Count a checked best-worst table; `weight` has one entry per row, the same for all rows of a respondent."""
    people, respondents = pd.factorize(frame["respondent"].to_numpy(dtype=object), sort=False)
    items, features = pd.factorize(frame["feature"].to_numpy(dtype=object), sort=True)
    shape = (len(respondents), len(features))
    choice = frame["choice"].to_numpy(dtype=object)
    tasks = frame.groupby("respondent", sort=False)["task"].nunique().reindex(respondents)
    own_weight = np.ones(len(respondents))
    own_weight[people] = weight
    return BestWorstCounts(
        respondents=respondents,
        features=tuple(str(name) for name in features),
        shown=_tally(people, items, np.ones(len(frame)), shape),
        best=_tally(people, items, (choice == BEST).astype(float), shape),
        worst=_tally(people, items, (choice == WORST).astype(float), shape),
        tasks=np.asarray(tasks, dtype=np.float64),
        weight=own_weight,
    )


def _tally(
    rows: NDArray[np.intp], columns: NDArray[np.intp], values: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.float64]:
    flat = np.bincount(rows * shape[1] + columns, weights=values, minlength=shape[0] * shape[1])
    return np.asarray(flat, dtype=np.float64).reshape(shape)
