"""Published figures on pricing models beside what this company's own history shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import percent, ratio
from workbench.rules import BENCHMARKS

if TYPE_CHECKING:
    from workbench.stages.model_fit.comparison import Comparison

STAGE_RULES = ("MF1", "MF2", "MF3", "MF4", "MF5", "VM3", "T1", "A4")
NOT_MEASURED = "not measured here"


def benchmark_table(comparison: Comparison) -> pd.DataFrame:
    """Return each figure as a claim of its source, with the same measure on this history where there is one."""
    own = {"usage_retention": _retention(comparison), "usage_price_value": _price_value(comparison)}
    rows = [
        (each.about, each.claim, own.get(each.id, NOT_MEASURED), each.source)
        for each in BENCHMARKS
        if each.rule_id in STAGE_RULES
    ]
    return pd.DataFrame(rows, columns=["About", "Reported by the source", "Your history, nobody reacting", "Source"])


def _retention(comparison: Comparison) -> str:
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is None or recorded is None or not recorded.retention or usage.path.retention is None:
        return NOT_MEASURED
    more = usage.path.retention / recorded.retention - 1
    return f"{percent(more, signed=True)} ({percent(usage.path.retention)} against {percent(recorded.retention)})"


def _price_value(comparison: Comparison) -> str:
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is None or recorded is None or not recorded.value.estimate > 0:
        return NOT_MEASURED
    times = usage.path.value.estimate / recorded.value.estimate
    correlations = f"rank correlation {usage.path.value.estimate:.2f} against {recorded.value.estimate:.2f}"
    return f"{ratio(times)} ({correlations})"
