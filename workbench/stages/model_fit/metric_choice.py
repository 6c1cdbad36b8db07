"""Which metric the usage-based models charge for, and which one prices go by today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.model_fit.association import rank_correlation, value_received
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Collection

    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.history import History
    from workbench.study import Scenario

SEATS = "seats"
_WINDOW = 3
_WIDE = 0.5  # a price has to reach at least half of the customers


@dataclass(frozen=True, slots=True)
class MetricChoice:
    """The value metric, in words why, the metric of today's prices (None: flat), and what usage is metered by.

    `metric` is None where no usage is recorded at all. The two may be the same: then a core, tiers and a hybrid's base
    are still priced per unit of it, and `usage`, which pay as you go and a hybrid meter, is the best other metric there
    is.
    """

    metric: str | None
    why: str
    size_metric: str | None
    usage: str | None = None

    @property
    def base_unit(self) -> str | None:
        """Return what a hybrid's base is priced per: the metric of today's prices, unless usage is metered by it."""
        return self.size_metric if self.size_metric != self.usage else None


def choose_metrics(history: History, size: str | None, scenario: Scenario | None = None) -> MetricChoice:
    """Return the value metric the scenario decided, or the best usage metric by a stated rule.

    `size` is the metric today's prices go by (see `size_metric`).

    The rule: of the metrics that at least half of the current customers use, other than the one today's prices go by,
    the one that goes most closely with the outcomes customers get; without outcomes, the one most customers use.
    """
    decided = scenario.decision(ValueMetricDecision).metric if scenario is not None else None
    if decided is not None and decided in history.usage:
        why, usage = "decided in the stage value metric", decided
        if decided == size:
            usage = best_metric(history, excluded=size)[0] or decided
        return MetricChoice(decided, why, size, usage)
    metric, why = best_metric(history, excluded=size)
    if decided is not None:
        why = f"the decided metric {decided} has no usage data; {why}"
    return MetricChoice(metric, why, size, metric)


def size_metric(base: CustomerBase, recorded: Collection[str]) -> str | None:
    """Return the metric today's price list charges for, else seats, else None; only `recorded` metrics count."""
    if base.has("plans"):
        for metric in base.plans["metric"].dropna().unique():
            if metric in recorded:
                return str(metric)
    return next((metric for metric in recorded if metric.casefold() == SEATS), None)


def best_metric(history: History, *, excluded: str | None = None) -> tuple[str | None, str]:
    """Return the metric the rule of `choose_metrics` leads to, and why in words."""
    current = history.active[:, -_WINDOW:].any(axis=1)
    value = value_received(history.outcomes)
    rated = []
    for metric, block in history.usage.items():
        recent = block[current, -_WINDOW:]
        used = float((np.nan_to_num(recent) > 0).any(axis=1).mean()) if current.any() else 0.0
        close = np.nan
        if value is not None:
            mean = np.where(current, np.nan_to_num(block[:, -_WINDOW:]).mean(axis=1), np.nan)
            close = rank_correlation(mean, value).estimate
        rated.append((metric, used, close))
    candidates = [each for each in rated if each[0] != excluded] or rated
    if not candidates:
        return None, "no usage is recorded"
    wide = [each for each in candidates if each[1] >= _WIDE] or candidates
    with_value = [each for each in wide if not np.isnan(each[2])]
    if with_value:
        metric, _, close = max(with_value, key=lambda each: (each[2], each[1], each[0]))
        return (
            metric,
            f"goes most closely with outcomes of the metrics most customers use (rank correlation {close:.2f})",
        )
    metric, used, _ = max(wide, key=lambda each: (each[1], each[0]))
    return metric, f"used by most customers ({used:.0%}); without outcomes its link to value is unknown"
