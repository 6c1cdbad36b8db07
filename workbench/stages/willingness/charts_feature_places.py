"""The suggested place of every feature, beside how many accounts use it today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from workbench.research.feature_rules import PLACES
from workbench.stages.chart_style import PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_feature_fit import SHAPES

if TYPE_CHECKING:
    from workbench.research import FeatureValues

PER_FEATURE, ROOM = 22, 60
_GOOD_BETTER_BEST = (
    "Must-haves go into every tier, what is needed more with size scales by tier, and what a minority values highly "
    "fences the top tier or sells as an add-on."
)
_PLACE_COLOURS = (PALETTE.ours, PALETTE.ok, PALETTE.watch, PALETTE.competitor, "#3D9AA8", PALETTE.today)


def places_figure(values: FeatureValues) -> Figure:
    """Return the suggested place of every feature, beside how many accounts use it today."""
    rows = pd.DataFrame(
        [
            {
                "feature": each.feature,
                "place": each.place,
                "because": each.because,
                "against": each.against,
                "adoption": None if each.evidence.adoption is None else each.evidence.adoption.estimate,
                "low": None if each.evidence.adoption is None else each.evidence.adoption.low,
                "high": None if each.evidence.adoption is None else each.evidence.adoption.high,
            }
            for each in values.features
        ]
    ).astype({"adoption": float, "low": float, "high": float})
    return Figure(
        key="feature-places",
        title="Where each feature suggests to go",
        description="One row per feature, by suggested place, with the share of active accounts that use it today: "
        + "; ".join(f"{place}: {len(values.at(place))}" for place in PLACES if values.at(place))
        + ".",
        reading=values.reading,
        build=_places_chart,
        data={"places": rows},
        table=values.table,
        table_caption="Feature values: use today beside what customers say; blank where nobody knows",
        footnotes=(
            _GOOD_BETTER_BEST,
            "A suggestion, not a decision: what speaks against it stands in the table.",
            *(caution.text for caution in values.cautions),
        ),
        height=PER_FEATURE * max(len(rows), 1) + ROOM,
    )


def _places_chart() -> alt.LayerChart:
    colour = alt.Color(
        "place:N", title=None, scale=alt.Scale(domain=list(PLACES), range=list(_PLACE_COLOURS)),
        legend=alt.Legend(columns=2, symbolOpacity=1),
    )  # fmt: skip
    base = alt.Chart(alt.NamedData("places")).encode(
        y=alt.Y("feature:N", sort=None, title=None, axis=alt.Axis(labelLimit=240)),
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"),
            alt.Tooltip("place:N", title="Suggested place"),
            alt.Tooltip("because:N", title="Because"),
            alt.Tooltip("against:N", title="Against it"),
            alt.Tooltip("adoption:Q", title="Accounts using it", format=".0%"),
        ],
    )
    title = "Active accounts that use it today"
    x = alt.X("adoption:Q", title=title, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    ranges = base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low:Q", title=title), x2="high:Q", color=colour)
    shape = alt.Shape("place:N", title=None, scale=alt.Scale(domain=list(PLACES), range=list(SHAPES)))
    points = base.mark_point(size=80, filled=True, opacity=1).encode(x=x, color=colour, shape=shape)
    unknown = (
        base.transform_filter("!isValid(datum.adoption)")
        .mark_text(align="left", dx=4)
        .encode(x=alt.datum(0), text=alt.value("use unknown"))
    )
    return layered(ranges, points, unknown)
