"""The tables of model fit as people read them: words for columns, numbers with their unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.formatting import capitalised, money, number, percent
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.scoring import SCALES
from workbench.stages.model_fit.tables import READINGS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from workbench.stages.model_fit.comparison import Comparison, ModelPath
    from workbench.stages.model_fit.evaluation import ModelFitResult

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
            "Accounts with a bill up over 25% in some month": percent(row["over_25"]),
            "Up over 50%": percent(row["over_50"]),
            "Largest rise, 1 account in 20 is above": percent(row["largest_rise"]),
            "Bill against value (rank correlation)": _correlation(row),
        }
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(rows)


def change_reading(result: ModelFitResult) -> pd.DataFrame:
    """Return one row per model with the bill change at the switch."""
    rows = [
        {
            "Model": model.title,
            "1 in 20 changes by less than": percent(model.change_quantile(0.05), signed=True),
            "Typical account": percent(model.change_quantile(0.5), signed=True),
            "1 in 20 changes by more than": percent(model.change_quantile(0.95), signed=True),
            "Accounts over 20% more": percent(model.share_up),
            "Accounts over 20% less": percent(model.share_down),
        }
        for model in result.comparison.models
    ]
    return pd.DataFrame(rows)


def change_shares(comparison: Comparison) -> pd.DataFrame:
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
        {"Criterion": "Weighted total", **totals, "Weight": "", "Scale, 0 to 1": "weighted mean of the known criteria"}
    )
    first = {MODEL_TITLES[m]: percent(scores.first[m]) for m in scores.models}
    rows.append(
        {
            "Criterion": "Comes first",
            **first,
            "Weight": "",
            "Scale, 0 to 1": "share of 2,000 draws: accounts resampled, each weight off by up to half",
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


def adoption_sentence(result: ModelFitResult) -> str:
    """Say what the order of adoption speaks for."""
    adoption, path = result.evidence.adoption, result.evidence.path
    if adoption is None or adoption.reading == "unknown":
        return "How customers take up features is unknown: that needs feature use of at least two features that vary."
    h = adoption.h
    first = (
        f"Over all {len(adoption.names)} features that vary, H is {number(h.estimate, 2)} "
        f"({number(h.low, 2)} to {number(h.high, 2)}, 90% interval, {adoption.accounts:,} accounts): "
        f"{READINGS[adoption.reading]}."
    )
    off = result.evidence.off_path
    if not off or path is None or not path.names:
        return first
    return (
        f"{first} Without the {len(off)} off the path, the other {len(path.names)} have H {number(path.h.estimate, 2)} "
        f"({READINGS[path.reading]}): a common core for tiers, and the rest to sell apart."
    )


def metric_sentence(result: ModelFitResult) -> str:
    """Say which metric usage is read by, and why."""
    choice = result.replay.choice
    if choice.metric is None:
        return "No usage is on record."
    why = capitalised(choice.why)
    return f"Metric: {choice.metric.replace('_', ' ')}. {why}."
