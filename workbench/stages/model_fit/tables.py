"""Model fit as tables: what stands under each chart and goes into the export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import money, number, percent
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.scalability import reading_of

if TYPE_CHECKING:
    from workbench.stages.model_fit.comparison import Comparison
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.evidence import Evidence
    from workbench.stages.model_fit.path import Path
    from workbench.stages.model_fit.scoring import ScoreTable
    from workbench.stages.model_fit.usage_facts import Spread, UsageFacts

READINGS = {
    "strong": "strong order",
    "medium": "medium order",
    "weak": "weak order",
    "none": "no common order",
    "unknown": "unknown",
}


def adoption_table(evidence: Evidence) -> pd.DataFrame:
    """Return one row per feature, most used first: who uses it and how well it fits the common order."""
    adoption = evidence.adoption
    if adoption is None:
        return pd.DataFrame(columns=["feature", "share", "h", "low", "high", "reading", "path"])
    on_path = set(evidence.path.names) if evidence.path is not None else set()
    rows = [
        (
            name,
            float(adoption.popularity[i]),
            item.estimate,
            item.low,
            item.high,
            READINGS[reading_of(item.estimate)],
            "on the common path" if name in on_path else "off the path",
        )
        for i, (name, item) in enumerate(zip(adoption.names, adoption.items, strict=True))
    ]
    return pd.DataFrame(rows, columns=["feature", "share", "h", "low", "high", "reading", "path"])


def pair_table(evidence: Evidence) -> pd.DataFrame:
    """Return one row per pair of features with H and its standard error, the least orderly first."""
    adoption = evidence.adoption
    if adoption is None:
        return pd.DataFrame(columns=["more_common", "less_common", "h", "standard_error"])
    upper = np.triu_indices(len(adoption.names), 1)
    table = pd.DataFrame(
        {
            "more_common": [adoption.names[i] for i in upper[0]],
            "less_common": [adoption.names[i] for i in upper[1]],
            "h": adoption.pairs[upper],
            "standard_error": adoption.pair_errors[upper],
        }
    )
    return table.sort_values("h", ignore_index=True, kind="stable")


def swing_table(usage: UsageFacts | None) -> pd.DataFrame:
    """Return how the metric swings, and what that would do to a bill per unit, as words and numbers."""
    rows: list[tuple[str, str]] = []
    if usage is not None:
        known = usage.variation[np.isfinite(usage.variation)]
        p90 = float(np.quantile(known, 0.9)) if len(known) else None
        rows = [
            (f"Month-to-month variation, typical account (of {len(known):,})", percent(usage.median_variation)),
            ("Month-to-month variation, one account in ten is above", percent(p90)),
            (
                f"Accounts with a rise over 25% in some month (of {usage.shock.accounts:,})",
                percent(usage.shock.over_25),
            ),
            ("Accounts with a rise over 50% in some month", percent(usage.shock.over_50)),
            ("Largest monthly rise, one account in twenty is above", percent(usage.shock.largest_p95)),
        ]
    return pd.DataFrame(rows, columns=["Swings, and so of a bill per unit", "Value"])


def spread_table(usage: UsageFacts | None, currency: str) -> pd.DataFrame:
    """Return how concentrated usage and revenue are, and the value-usage disconnect, as words and numbers."""
    rows: list[tuple[str, str]] = []
    if usage is not None:
        rows += _spread_rows("usage", usage.usage_spread)
    if usage is not None and usage.revenue_spread is not None:
        rows += _spread_rows("revenue", usage.revenue_spread)
    if usage is not None and usage.gap is not None:
        share, compared = usage.gap.share, int(usage.gap.compared.sum())
        interval = "" if share is None else f" (90% interval {percent(share.low, 1)} to {percent(share.high, 1)})"
        rows += [
            (f"Accounts with more value from less usage (of {compared:,})", f"{usage.gap.count:,}"),
            (f"Their share{interval}", percent(None if share is None else share.estimate, 1)),
            ("Their revenue a month, at risk under a price on usage", money(usage.gap.revenue, currency)),
        ]
    return pd.DataFrame(rows, columns=["Concentration, and value against usage", "Value"])


def _spread_rows(what: str, spread: Spread) -> list[tuple[str, str]]:
    return [
        (f"Gini coefficient of {what} (of {spread.accounts:,} accounts)", number(spread.gini, 2)),
        (f"Share of {what} with the largest tenth of accounts", percent(spread.top_tenth)),
    ]


def disconnect_table(usage: UsageFacts | None) -> pd.DataFrame:
    """Return the accounts whose outcomes rose while their usage fell."""
    accounts: list[str] = [] if usage is None or usage.gap is None else usage.accounts[usage.gap.affected].tolist()
    return pd.DataFrame({"account_id": accounts})


def model_table(comparison: Comparison) -> pd.DataFrame:
    """Return one row per model, after what is on record: retention, swings, jumps, who pays more, link to value."""
    recorded = comparison.recorded
    rows = [] if recorded is None else [{"model": "On record", **_measures(recorded)}]
    rows += [
        {
            "model": model.title,
            **_measures(model.path),
            "calibrated": model.calibrated,
            "p5": model.change_quantile(0.05),
            "p50": model.change_quantile(0.5),
            "p95": model.change_quantile(0.95),
            "up": model.share_up,
            "down": model.share_down,
            "kept": model.kept,
        }
        for model in comparison.models
    ]
    return pd.DataFrame(rows)


def path_table(comparison: Comparison) -> pd.DataFrame:
    """Return revenue per month of what is on record and of each model: month, model, revenue."""
    parts = []
    if comparison.recorded is not None:
        parts.append(("On record", comparison.recorded.revenue))
    parts += [(model.title, model.path.revenue) for model in comparison.models]
    frames = [pd.DataFrame({"month": comparison.months, "model": name, "revenue": path}) for name, path in parts]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["month", "model", "revenue"])


def score_frame(scores: ScoreTable, decision: ModelFitDecision) -> pd.DataFrame:
    """Return one row per model and criterion: score, reason, weight."""
    rows = [
        (
            MODEL_TITLES[c.model],
            CRITERIA[c.criterion],
            c.score,
            c.measured,
            c.reason,
            decision.weights.get(c.criterion, 0.0),
        )
        for c in scores.cells
    ]
    return pd.DataFrame(rows, columns=["model", "criterion", "score", "measured", "reason", "weight"])


def _measures(path: Path) -> dict[str, float | None]:
    return {
        "growth": path.growth,
        "retention": path.retention,
        "swing": path.swing,
        "over_25": path.shock.over_25,
        "over_50": path.shock.over_50,
        "jumps": path.shock.jumps.estimate,
        "largest_rise": path.shock.largest_p95,
        "value": path.value.estimate,
        "value_low": path.value.low,
        "value_high": path.value.high,
    }
