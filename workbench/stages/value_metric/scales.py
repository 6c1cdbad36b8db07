"""From what was measured to a score between 0 and 1: one documented scale per measure.

The scales are absolute: a candidate's score does not depend on which other candidates are on the table. Between
`worst` and `best` the score is linear. The ends are our defaults, chosen so that usual values spread over the scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench import formatting

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured about a candidate: its criterion, words, and the values that score 0 and 1."""

    key: str
    criterion: str
    label: str
    worst: float
    best: float
    kind: str  # how a value is written: growth, share, factor, correlation, coefficient

    def score(self, value: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the score of a value: 0 at `worst`, 1 at `best`; unknown stays unknown."""
        return np.clip((np.asarray(value, dtype=float) - self.worst) / (self.best - self.worst), 0, 1)

    def written(self, value: float | None) -> str:
        """Return a value as a reader sees it."""
        return UNKNOWN if value is None or np.isnan(value) else _WRITERS[self.kind](value)

    def shown(self, value: float) -> float:
        """Return a value in the unit it is shown in: log growth as a share a year."""
        return float(np.expm1(value)) if self.kind in {"growth", "change"} else value

    @property
    def scale_in_words(self) -> str:
        """Return the scale as a reader sees it."""
        return f"{self.written(self.worst)} scores 0, {self.written(self.best)} scores 1"


UNKNOWN = formatting.UNKNOWN
_WRITERS: dict[str, Callable[[float], str]] = {
    "growth": lambda value: f"{formatting.percent(np.expm1(value), signed=True)} a year",
    "change": lambda value: formatting.percent(np.expm1(value)),
    "share": formatting.percent,
    "correlation": lambda value: formatting.number(value, 2),
    "coefficient": lambda value: formatting.number(value, 2),
}

MEASURES: tuple[Measure, ...] = (
    Measure("growth", "growth", "median growth inside accounts", 0.0, float(np.log(1.5)), "growth"),
    Measure("growing", "growth", "share of accounts growing", 0.4, 0.9, "share"),
    Measure("variation", "predictability", "typical change from month to month", float(np.log(1.5)), 0.0, "change"),
    Measure("forecast_error", "predictability", "typical error of a forecast one month ahead", 0.5, 0.05, "share"),
    Measure("outcomes_level", "success", "rank correlation of level with later outcomes", -0.2, 0.5, "correlation"),
    Measure("outcomes_change", "success", "rank correlation of growth with later outcomes", -0.2, 0.5, "correlation"),
    Measure("retention_level", "success", "rank correlation of level with later retention", -0.2, 0.5, "correlation"),
    Measure("retention_change", "success", "rank correlation of growth with later retention", -0.2, 0.5, "correlation"),
    Measure("expansion_level", "success", "rank correlation of level with later expansion", -0.2, 0.5, "correlation"),
    Measure("expansion_change", "success", "rank correlation of growth with later expansion", -0.2, 0.5, "correlation"),
    Measure("breadth", "breadth", "share of active accounts that use it", 0.2, 1.0, "share"),
    Measure("gini", "spread", "concentration (Gini coefficient)", 0.95, 0.35, "coefficient"),
    Measure("top_tenth", "spread", "share held by the top 10% of accounts", 0.9, 0.2, "share"),
    Measure("cost", "cost", "rank correlation with the cost to serve", 0.0, 0.7, "correlation"),
)
MEASURED_CRITERIA = tuple(dict.fromkeys(measure.criterion for measure in MEASURES))
