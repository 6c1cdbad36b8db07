"""The chart of price points: how sure they are, as stated and in earnest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from workbench.formatting import exact_percent
from workbench.research.sensitivity_result import POINT_WORDS
from workbench.stages.chart_style import PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_price_parts import (
    interval_text,
    notes,
    points_caption,
    price_axis,
    price_title,
)

if TYPE_CHECKING:
    from workbench.research import PriceSensitivity

STATED, EARNEST = "as stated", "in earnest, by the assumption"
_ROW = 46


def points_figure(result: PriceSensitivity) -> Figure:
    """Return every point with its interval, as stated and in earnest."""
    rows = pd.DataFrame(
        [
            (POINT_WORDS[name], place, kind, each.low, each.estimate, each.high, interval_text(each, result.currency))
            for place, name in enumerate(POINT_WORDS) if name in result.intervals
            for kind, each in ((STATED, result.intervals[name]), (EARNEST, result.in_earnest[name]))
        ],
        columns=["point", "place", "kind", "low", "price", "high", "text"],
    )  # fmt: skip
    level = exact_percent(result.settings.level)
    return Figure(
        key="price-points",
        title="How sure the price points are",
        description="Price points with their intervals, as stated and in earnest: "
        + "; ".join(f"{row.point} {row.kind} {row.text}" for row in rows.itertuples())
        + ".",
        reading=f"Upper bars: the {level} interval of what people say. Lower bars: what that comes to in earnest, "
        "since people say more than they pay.",
        build=partial(points_chart, result.currency, price_title(result.per)),
        data={"points": rows},
        table=result.table,
        table_caption=points_caption(result),
        signature=(result.currency, result.per),
        footnotes=notes(result),
        height=_ROW * rows["point"].nunique() + 60,
    )


def points_chart(currency: str, price: str) -> alt.LayerChart:
    """Draw intervals by point, what is stated above what it comes to in earnest."""
    order = alt.EncodingSortField("place", op="min")
    kinds = [STATED, EARNEST]
    base = alt.Chart(alt.NamedData("points")).encode(
        y=alt.Y("point:N", sort=order, title=None, axis=alt.Axis(labelLimit=220)),
        yOffset=alt.YOffset("kind:N", sort=kinds, scale=alt.Scale(paddingOuter=0.35)),
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[PALETTE.ours, PALETTE.series[1]])),
        tooltip=[
            alt.Tooltip("point:N", title="Point"),
            alt.Tooltip("kind:N", title="Price"),
            alt.Tooltip("text:N", title="Estimate"),
        ],
    )
    low = price_axis(currency, "low", title=price)
    bars = base.mark_bar(height=8, opacity=0.5, cornerRadius=4).encode(x=low, x2="high:Q")
    shape = alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond"]))
    return layered(bars, base.mark_point(filled=True, size=80, opacity=1).encode(x="price:Q", shape=shape))
