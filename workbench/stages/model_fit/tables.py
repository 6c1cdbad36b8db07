"""Model fit as tables: frames of numbers with the way each column is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import money, number, percent
from workbench.stages.account_statistics import scalability_reading
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.evidence import SCALES
from workbench.tables import (
    COUNT,
    MONTH,
    NUMBER,
    TEXT,
    DataTable,
    Money,
    Number,
    Own,
    Percent,
    estimate_of,
    interval_of,
)
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.evidence import ModelComparison, ModelFitEvidence, ModelPath, ScoreTable
    from workbench.stages.model_fit.result import ModelFitResult
    from workbench.stages.model_fit.usage import Path, UsageFacts, UsageSpread

say = texts(__name__)

# --- Model fit as tables: what stands under each chart and goes into the export

RECORDED = "On record"
READINGS = {
    "strong": "strong order",
    "medium": "medium order",
    "weak": "weak order",
    "none": "no common order",
    "unknown": "unknown",
}
_ADOPTION_FRAME = ["feature", "share", "h", "low", "high", "reading", "path"]
_ADOPTION = (
    ("Feature", TEXT, "feature"),
    ("Accounts using it", Percent(), "share"),
    ("H", Number(2), "h"),
    ("90% interval", interval_of(Number(2)), ("low", "high")),
    ("Reading", TEXT, "reading"),
    ("Place", TEXT, "path"),
)


def adoption_table(evidence: ModelFitEvidence) -> DataTable:
    """Return one row per feature, most used first: who uses it and how well it fits the common order."""
    adoption = evidence.adoption
    if adoption is None:
        return DataTable.of_frame(pd.DataFrame(columns=_ADOPTION_FRAME), _ADOPTION)
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
    return DataTable.of_frame(pd.DataFrame(rows, columns=_ADOPTION_FRAME), _ADOPTION)


def pair_table(evidence: ModelFitEvidence) -> DataTable:
    """Return one row per pair of features with H and its standard error, the least orderly first."""
    adoption = evidence.adoption
    if adoption is None:
        return DataTable.plain(pd.DataFrame(columns=["more_common", "less_common", "h", "standard_error"]))
    upper = np.triu_indices(len(adoption.names), 1)
    table = pd.DataFrame(
        {
            "more_common": [adoption.names[i] for i in upper[0]],
            "less_common": [adoption.names[i] for i in upper[1]],
            "h": adoption.pairs[upper],
            "standard_error": adoption.pair_errors[upper],
        }
    )
    return DataTable.plain(table.sort_values("h", ignore_index=True, kind="stable"))


def swing_table(usage: UsageFacts | None) -> DataTable:
    """Return how the metric swings, and what that would do to a bill per unit."""
    rows: list[tuple[str, float | None]] = []
    if usage is not None:
        known = usage.variation[np.isfinite(usage.variation)]
        p90 = float(np.quantile(known, 0.9)) if len(known) else None
        rows = [
            (say("month_to_month_variation_typical", known=len(known)), usage.median_variation),
            (say("month_to_month_variation_one"), p90),
            (
                say("accounts_with_a_rise_over", accounts=usage.shock.accounts),
                usage.shock.over_25,
            ),
            (say("accounts_with_a_rise_over_2"), usage.shock.over_50),
            (say("largest_monthly_rise_one_account"), usage.shock.largest_p95),
        ]
    return DataTable.of_rows(((say("swings_and_so_of_a"), TEXT), ("Value", Percent())), rows)


def spread_table(usage: UsageFacts | None, currency: str) -> DataTable:
    """Return how concentrated usage and revenue are, and the value-usage disconnect."""
    rows: list[tuple[str, Own]] = []
    if usage is not None:
        rows += _spread_rows("usage", usage.usage_spread)
    if usage is not None and usage.revenue_spread is not None:
        rows += _spread_rows("revenue", usage.revenue_spread)
    if usage is not None and usage.gap is not None:
        share, compared = usage.gap.share, int(usage.gap.compared.sum())
        interval = "" if share is None else f" (90% interval {percent(share.low, 1)} to {percent(share.high, 1)})"
        rows += [
            (say("accounts_with_more_value_from", compared=compared), Own(usage.gap.count, COUNT)),
            (f"Their share{interval}", Own(None if share is None else share.estimate, Percent(1))),
            (say("their_revenue_a_month_at"), Own(usage.gap.revenue, Money(currency))),
        ]
    return DataTable.of_rows(((say("concentration_and_value_against_usage"), TEXT), ("Value", NUMBER)), rows)


def _spread_rows(what: str, spread: UsageSpread) -> list[tuple[str, Own]]:
    return [
        (say("gini_coefficient_of_of_accounts", what=what, accounts=spread.accounts), Own(spread.gini, Number(2))),
        (say("share_of_with_the_largest", what=what), Own(spread.top_tenth, Percent())),
    ]


def disconnect_table(usage: UsageFacts | None) -> DataTable:
    """Return the accounts whose outcomes rose while their usage fell."""
    accounts: list[str] = [] if usage is None or usage.gap is None else usage.accounts[usage.gap.affected].tolist()
    return DataTable.plain(pd.DataFrame({"account_id": accounts}))


def model_table(comparison: ModelComparison) -> DataTable:
    """Return one row per model, after what is on record: retention, swings, jumps, who pays more, link to value."""
    recorded = comparison.recorded
    rows = [] if recorded is None else [{"model": RECORDED, **_measures(recorded)}]
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
    columns = (
        ("Model", TEXT, "model"),
        ("Revenue growth a year", Percent(1), "growth"),
        ("Net revenue retention", Percent(1), "retention"),
        ("Revenue around its trend", Percent(1), "swing"),
        ("Monthly bills up over 25%", Percent(1), "jumps"),
        (say("accounts_with_a_bill_up"), Percent(), "over_25"),
        ("Up over 50%", Percent(), "over_50"),
        (say("largest_rise_account_in_is"), Percent(), "largest_rise"),
        (say("bill_against_value_rank_correlation"), estimate_of(Number(2)), ("value", "value_low", "value_high")),
    )
    return DataTable.of_frame(pd.DataFrame(rows), columns if rows else ())


def path_table(comparison: ModelComparison) -> DataTable:
    """Return revenue per month of what is on record and of each model: month, model, revenue."""
    parts = []
    if comparison.recorded is not None:
        parts.append((RECORDED, comparison.recorded.revenue))
    parts += [(model.title, model.path.revenue) for model in comparison.models]
    frames = [pd.DataFrame({"month": comparison.months, "model": name, "revenue": path}) for name, path in parts]
    empty = pd.DataFrame(columns=["month", "model", "revenue"])
    return DataTable.plain(pd.concat(frames, ignore_index=True) if frames else empty)


def score_frame(scores: ScoreTable, decision: ModelFitDecision) -> DataTable:
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
    frame = pd.DataFrame(rows, columns=["model", "criterion", "score", "measured", "reason", "weight"])
    shown = (("Model", TEXT, "model"), ("Criterion", TEXT, "criterion"), ("Score", Number(2), "score"),
             ("Reason", TEXT, "reason"))  # fmt: skip
    return DataTable.of_frame(frame, shown)


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


# --- What the tables under the charts show of these

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


def path_reading(result: ModelFitResult) -> DataTable:
    """Return revenue per month, one column per model."""
    table, unit = result.tables["paths"], result.comparison.unit
    if not len(table):
        return table
    wide = table.frame.pivot_table(index="month", columns="model", values="revenue", sort=False)
    written = COUNT if unit == "index" else Money(unit)
    columns = [("Month", MONTH, "month"), *((name, written) for name in wide.columns)]
    return DataTable.of_frame(wide.rename_axis(columns=None).reset_index(), columns)


def change_reading(result: ModelFitResult) -> DataTable:
    """Return one row per model with the bill change at the switch."""
    models = result.tables["models"].frame
    change, columns = Percent(signed=True), []
    if len(models):
        models = models[models["model"] != RECORDED]
        columns = [
            ("Model", TEXT, "model"),
            (say("in_changes_by_less_than"), change, "p5"),
            ("Typical account", change, "p50"),
            (say("in_changes_by_more_than"), change, "p95"),
            ("Accounts over 20% more", Percent(), "up"),
            ("Accounts over 20% less", Percent(), "down"),
        ]
    return DataTable.of_frame(models, columns)


def change_shares(comparison: ModelComparison) -> pd.DataFrame:
    """Return the share of accounts in each class of bill change: model, change, order, share, start, end."""
    rows = []
    for model in comparison.models:
        start = 0.0
        for order, (name, share) in enumerate(zip([name for name, _ in CHANGE_CLASSES], _classes(model), strict=True)):
            rows.append((model.title, name, order, share, start, start + share, start + share / 2))
            start += share
    return pd.DataFrame(rows, columns=["model", "change", "order", "share", "start", "end", "middle"])


def score_reading(result: ModelFitResult) -> DataTable:
    """Return one row per criterion, one column per model, then weight and scale; totals last."""
    scores, score = result.scores, Number(2)
    columns = (
        ("Criterion", TEXT),
        *((MODEL_TITLES[each], score) for each in scores.models),
        ("Weight", Number(missing="")),
        ("Scale, 0 to 1", TEXT),
    )
    rows: list[tuple[object, ...]] = [
        (
            title,
            *(scores.cell(each, key).score for each in scores.models),
            result.decision.weights.get(key, 0.0),
            SCALES[key].measure,
        )
        for key, title in CRITERIA.items()
    ]
    totals = [scores.totals[each] for each in scores.models]
    first = [Own(scores.first[each], Percent()) for each in scores.models]
    rows.append(("Weighted total", *totals, None, say("weighted_mean_of_the_known")))
    rows.append(("Comes first", *first, None, say("share_of_draws_accounts_resampled")))
    return DataTable.of_rows(columns, rows)


def _classes(model: ModelPath) -> list[float]:
    known = model.change[pd.notna(model.change)]
    if not len(known):
        return []
    edges = [edge for _, edge in CHANGE_CLASSES]
    below = [float((known <= edge).mean()) for edge in edges]
    return [now - before for now, before in zip(below, [0.0, *below[:-1]], strict=True)]
