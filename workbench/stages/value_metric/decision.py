"""What the team decides about the value metric.

The candidates, the criteria with their scales, weights, scores and price curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench import formatting
from workbench.customers.tables import SEATS
from workbench.formatting import metric_words
from workbench.stages.offers import METRIC_WEIGHTS, ValueMetricDecision, same_metric
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase

say = texts(__name__)

# --- What could be the value metric: the metrics in the data, seats on the accounts, and what the team adds

IDEAS: tuple[str, ...] = (
    "seats", "active users", "API calls", "compute hours", "data processed", "messages sent", "minutes used",
    "contacts stored", "emails sent", "events tracked", "rows synced", "queries executed", "storage consumed",
)  # fmt: skip
"""Value metrics that software companies charge for, to start a discussion with."""


@dataclass(frozen=True, slots=True)
class MetricCandidate:
    """A metric the price could grow with, and where what is known about it comes from."""

    name: str
    source: Literal["usage", "accounts", "team"]

    @property
    def title(self) -> str:
        """Return the name as a reader sees it."""
        return metric_words(self.name)

    @property
    def origin(self) -> str:
        """Say where the evidence comes from."""
        words = {"usage": "monthly usage", "accounts": "seats on the accounts", "team": say("added_by_the_team_no")}
        return words[self.source]


def measured_candidates(base: CustomerBase) -> tuple[MetricCandidate, ...]:
    """Return the candidates the data knows: every metric in usage, and seats where only the accounts know them."""
    found = [MetricCandidate(name, "usage") for name in base.metrics]
    if not any(same_metric(each.name, SEATS) for each in found) and base.accounts["seats"].notna().any():
        found.append(MetricCandidate(SEATS, "accounts"))
    return tuple(found)


def with_added(candidates: tuple[MetricCandidate, ...], added: Iterable[str]) -> tuple[MetricCandidate, ...]:
    """Return the candidates and those the team adds, leaving out names that are already there."""
    result = list(candidates)
    for name in added:
        if name.strip() and not any(same_metric(name, each.name) for each in result):
            result.append(MetricCandidate(name.strip(), "team"))
    return tuple(result)


# --- What the team decides about the value metric: which one, how it was weighed, and the price curve on it

CRITERIA: dict[str, str] = {key: words_at(__package__, "criteria", key, "name") for key in METRIC_WEIGHTS}
SHORT_CRITERIA: dict[str, str] = {key: words_at(__package__, "settings", f"weights_{key}", "label") for key in CRITERIA}
"""The criteria where there is little room, as in a chart."""


# --- From what was measured to a score between 0 and 1: one documented scale per measure


@dataclass(frozen=True, slots=True)
class CandidateMeasure:
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
_HALF_MORE, _CORRELATED = float(np.log(1.5)), (-0.2, 0.5)
_SCALES: tuple[tuple[str, str, tuple[float, float], str], ...] = (
    ("growth", "growth", (0.0, _HALF_MORE), "growth"),
    ("growing", "growth", (0.4, 0.9), "share"),
    ("variation", "predictability", (_HALF_MORE, 0.0), "change"),
    ("forecast_error", "predictability", (0.5, 0.05), "share"),
    ("outcomes_level", "success", _CORRELATED, "correlation"),
    ("outcomes_change", "success", _CORRELATED, "correlation"),
    ("retention_level", "success", _CORRELATED, "correlation"),
    ("retention_change", "success", _CORRELATED, "correlation"),
    ("expansion_level", "success", _CORRELATED, "correlation"),
    ("expansion_change", "success", _CORRELATED, "correlation"),
    ("breadth", "breadth", (0.2, 1.0), "share"),
    ("gini", "spread", (0.95, 0.35), "coefficient"),
    ("top_tenth", "spread", (0.9, 0.2), "share"),
    ("cost", "cost", (0.0, 0.7), "correlation"),
)
MEASURES = tuple(
    CandidateMeasure(key, criterion, words_at(__package__, "measures", key), *ends, kind)
    for key, criterion, ends, kind in _SCALES
)
MEASURED_CRITERIA = tuple(dict.fromkeys(measure.criterion for measure in MEASURES))


Decision = ValueMetricDecision
