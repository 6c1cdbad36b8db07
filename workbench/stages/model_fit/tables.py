"""Model fit as tables: raw for the export, and in words and amounts as they stand under the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import money, number, percent, thousands
from workbench.stages.account_statistics import scalability_reading
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.evidence import SCALES
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.evidence import ModelComparison, ModelFitEvidence, ModelPath, ScoreTable
    from workbench.stages.model_fit.result import ModelFitResult
    from workbench.stages.model_fit.usage import Path, UsageFacts, UsageSpread

say = texts(__name__)

# --- Model fit as tables: what stands under each chart and goes into the export

READINGS = {
    "strong": "strong order",
    "medium": "medium order",
    "weak": "weak order",
    "none": "no common order",
    "unknown": "unknown",
}


def adoption_table(evidence: ModelFitEvidence) -> pd.DataFrame:
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
            READINGS[scalability_reading(item.estimate)],
            "on the common path" if name in on_path else "off the path",
        )
        for i, (name, item) in enumerate(zip(adoption.names, adoption.items, strict=True))
    ]
    return pd.DataFrame(rows, columns=["feature", "share", "h", "low", "high", "reading", "path"])


def pair_table(evidence: ModelFitEvidence) -> pd.DataFrame:
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
            (say("month_to_month_variation_typical", known=len(known)), percent(usage.median_variation)),
            (say("month_to_month_variation_one"), percent(p90)),
            (
                say("accounts_with_a_rise_over", accounts=usage.shock.accounts),
                percent(usage.shock.over_25),
            ),
            (say("accounts_with_a_rise_over_2"), percent(usage.shock.over_50)),
            (say("largest_monthly_rise_one_account"), percent(usage.shock.largest_p95)),
        ]
    return pd.DataFrame(rows, columns=[say("swings_and_so_of_a"), "Value"])


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
            (say("accounts_with_more_value_from", compared=compared), thousands(usage.gap.count)),
            (f"Their share{interval}", percent(None if share is None else share.estimate, 1)),
            (say("their_revenue_a_month_at"), money(usage.gap.revenue, currency)),
        ]
    return pd.DataFrame(rows, columns=[say("concentration_and_value_against_usage"), "Value"])


def _spread_rows(what: str, spread: UsageSpread) -> list[tuple[str, str]]:
    return [
        (say("gini_coefficient_of_of_accounts", what=what, accounts=spread.accounts), number(spread.gini, 2)),
        (say("share_of_with_the_largest", what=what), percent(spread.top_tenth)),
    ]


def disconnect_table(usage: UsageFacts | None) -> pd.DataFrame:
    """Return the accounts whose outcomes rose while their usage fell."""
    accounts: list[str] = [] if usage is None or usage.gap is None else usage.accounts[usage.gap.affected].tolist()
    return pd.DataFrame({"account_id": accounts})


def model_table(comparison: ModelComparison) -> pd.DataFrame:
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


def path_table(comparison: ModelComparison) -> pd.DataFrame:
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


# --- The tables of model fit as people read them: words for columns, numbers with their unit

# Bill changes at the switch, from much less to much more; each reaches up to its second number.
CHANGE_CLASSES = (
    ("over 50% less", -0.5),
    ("20% to 50% less", -0.2),
    ("within 20%", 0.2),
    ("20% to 50% more", 0.5),
    ("50% to 100% more", 1.0),
    ("more than doubled", float("inf")),
)


def amount(value: float | None, unit: str) -> str:
    """Write revenue in the comparison's unit: money, or a plain number for an index."""
    return number(value, 0) if unit == "index" else money(value, unit)


def adoption_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return features with use, H and its interval, and the reading."""
    table = result.tables["adoption"]
    return pd.DataFrame(
        {
            "Feature": table["feature"],
            "Accounts using it": table["share"].map(percent),
            "H": table["h"].map(lambda h: number(h, 2)),
            "90% interval": [
                f"{number(a, 2)} to {number(b, 2)}" for a, b in zip(table["low"], table["high"], strict=True)
            ],
            "Reading": table["reading"],
            "Place": table["path"],
        }
    )


def path_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return revenue per month, one column per model."""
    table = result.tables["paths"]
    if table.empty:
        return table
    wide = table.pivot_table(index="month", columns="model", values="revenue", sort=False)
    wide = wide.apply(lambda column: column.map(lambda value: amount(value, result.comparison.unit)))
    return wide.rename_axis(columns=None).reset_index().rename(columns={"month": "Month"})


def model_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return one row per model with what it shows on the history."""
    table = result.tables["models"]
    rows = [
        {
            "Model": row["model"],
            "Revenue growth a year": percent(row["growth"], 1),
            "Net revenue retention": percent(row["retention"], 1),
            "Revenue around its trend": percent(row["swing"], 1),
            "Monthly bills up over 25%": percent(row["jumps"], 1),
            say("accounts_with_a_bill_up"): percent(row["over_25"]),
            "Up over 50%": percent(row["over_50"]),
            say("largest_rise_account_in_is"): percent(row["largest_rise"]),
            say("bill_against_value_rank_correlation"): _correlation(row),
        }
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(rows)


def change_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return one row per model with the bill change at the switch."""
    rows = [
        {
            "Model": model.title,
            say("in_changes_by_less_than"): percent(model.change_quantile(0.05), signed=True),
            "Typical account": percent(model.change_quantile(0.5), signed=True),
            say("in_changes_by_more_than"): percent(model.change_quantile(0.95), signed=True),
            "Accounts over 20% more": percent(model.share_up),
            "Accounts over 20% less": percent(model.share_down),
        }
        for model in result.comparison.models
    ]
    return pd.DataFrame(rows)


def change_shares(comparison: ModelComparison) -> pd.DataFrame:
    """Return the share of accounts in each class of bill change: model, change, order, share, start, end."""
    rows = []
    for model in comparison.models:
        start = 0.0
        for order, (name, share) in enumerate(zip([name for name, _ in CHANGE_CLASSES], _classes(model), strict=True)):
            rows.append((model.title, name, order, share, start, start + share, start + share / 2))
            start += share
    return pd.DataFrame(rows, columns=["model", "change", "order", "share", "start", "end", "middle"])


def score_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return one row per criterion, one column per model, then weight and scale; totals last."""
    scores = result.scores
    rows = []
    for key, title in CRITERIA.items():
        cells = {MODEL_TITLES[m]: number(scores.cell(m, key).score, 2) for m in scores.models}
        rows.append({"Criterion": title, **cells, "Weight": number(result.decision.weights.get(key, 0.0)),
                     "Scale, 0 to 1": SCALES[key].measure})  # fmt: skip
    totals = {MODEL_TITLES[m]: number(scores.totals[m], 2) for m in scores.models}
    rows.append(
        {"Criterion": "Weighted total", **totals, "Weight": "", "Scale, 0 to 1": say("weighted_mean_of_the_known")}
    )
    first = {MODEL_TITLES[m]: percent(scores.first[m]) for m in scores.models}
    rows.append(
        {
            "Criterion": "Comes first",
            **first,
            "Weight": "",
            "Scale, 0 to 1": say("share_of_draws_accounts_resampled"),
        }
    )
    return pd.DataFrame(rows)


def reason_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return the reason behind every score."""
    table = result.tables["scores"]
    return pd.DataFrame(
        {
            "Model": table["model"],
            "Criterion": table["criterion"],
            "Score": table["score"].map(lambda score: number(score, 2)),
            "Reason": table["reason"],
        }
    )


def _classes(model: ModelPath) -> list[float]:
    known = model.change[pd.notna(model.change)]
    if not len(known):
        return []
    edges = [edge for _, edge in CHANGE_CLASSES]
    below = [float((known <= edge).mean()) for edge in edges]
    return [now - before for now, before in zip(below, [0.0, *below[:-1]], strict=True)]


def _correlation(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["value"]):
        return "unknown"
    return f"{number(row['value'], 2)} ({number(row['value_low'], 2)} to {number(row['value_high'], 2)})"
