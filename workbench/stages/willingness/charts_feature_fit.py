"""The map of features: how far having each pleases, and how far missing it annoys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from workbench.formatting import capitalised, count, exact_percent
from workbench.research.kano_table import CATEGORIES, MEANING, WORDS
from workbench.stages.chart_style import PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.willingness.label_places import spread_labels

if TYPE_CHECKING:
    from workbench.research import Kano

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_MAP_HEIGHT = 420
_COLOURS = (
    PALETTE.breach, PALETTE.ours, PALETTE.ok, PALETTE.today, PALETTE.competitor, PALETTE.watch,
)  # fmt: skip


def fit_figure(result: Kano) -> Figure:
    """Return the map of features: how far having each pleases, and how far missing it annoys."""
    rows = _fit_rows(result)
    shown = tuple(name for name in CATEGORIES if WORDS[name] in set(rows["kind"]))
    return Figure(
        key="feature-fit",
        title="What customers expect, want more of, and are delighted by",
        description="A map with a point per feature: further right, missing it annoys more; further up, having it "
        "pleases more. " + "; ".join(f"{row.feature}: {row.kind}" for row in rows.itertuples()) + ".",
        reading=result.reading,
        build=_fit_chart,
        data={"fit": rows, "middle": pd.DataFrame({"half": [0.5]})},
        table=result.table,
        table_caption=f"Shares of the answers per kind, and the two coefficients, "
        f"{count('respondent', result.respondents)}",
        footnotes=(
            "; ".join(f"{capitalised(WORDS[name])}: {MEANING[name]}" for name in shown) + ".",
            f"Lines are {exact_percent(result.features[0].satisfaction.level)} intervals over respondents.",
            *(caution.text for caution in result.cautions),
        ),
        height=_MAP_HEIGHT,
    )


def _fit_rows(result: Kano) -> pd.DataFrame:
    rows = pd.DataFrame(
        [
            {
                "feature": each.feature,
                "kind": WORDS[each.category],
                "said": each.words,
                "missing": -each.dissatisfaction.estimate,
                "missing_low": -each.dissatisfaction.high,
                "missing_high": -each.dissatisfaction.low,
                "having": each.satisfaction.estimate,
                "having_low": each.satisfaction.low,
                "having_high": each.satisfaction.high,
            }
            for each in result.features
        ]
    ).dropna(subset=["missing", "having"])
    lengths = [len(name) for name in rows["feature"]]
    places = spread_labels(rows["missing"].to_numpy(), rows["having"].to_numpy(), lengths)
    return rows.assign(label_x=places.x, label_y=places.y, align=places.align)


def _fit_chart() -> alt.LayerChart:
    words = [WORDS[name] for name in CATEGORIES]
    ends: dict[str, Any] = {"axis": alt.Axis(tickCount=5), "scale": alt.Scale(domain=[0, 1])}
    sides: dict[str, Any] = {
        "x": alt.X("missing:Q", title="How far missing it annoys", **ends),
        "y": alt.Y("having:Q", title="How far having it pleases", **ends),
    }
    base = alt.Chart(alt.NamedData("fit"))
    middle = alt.Chart(alt.NamedData("middle")).mark_rule(strokeDash=[4, 4], color=PALETTE.today, opacity=0.7)
    quiet: dict[str, Any] = {"opacity": 0.35, "strokeWidth": 1.5}
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=words, range=list(_COLOURS)),
        legend=alt.Legend(columns=3, symbolOpacity=1),
    )
    across = base.mark_rule(**quiet).encode(x=alt.X("missing_low:Q"), x2="missing_high:Q", y="having:Q", color=colour)
    up = base.mark_rule(**quiet).encode(x="missing:Q", y=alt.Y("having_low:Q"), y2="having_high:Q", color=colour)
    points = base.mark_point(size=80, filled=True, opacity=1).encode(
        **sides,
        color=colour,
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=words, range=list(SHAPES))),
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"),
            alt.Tooltip("said:N", title="Kind"),
            alt.Tooltip("having:Q", title="Having it pleases", format=".2f"),
            alt.Tooltip("missing:Q", title="Missing it annoys", format=".2f"),
        ],
    )
    labels = base.mark_text(align=alt.expr("datum.align"), fontSize=11).encode(
        x="label_x:Q", y="label_y:Q", text="feature:N"
    )
    return layered(middle.encode(x="half:Q"), middle.encode(y="half:Q"), across, up, points, labels)
