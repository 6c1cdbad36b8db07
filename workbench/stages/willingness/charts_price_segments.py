"""The chart of price points segment by segment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from workbench.research.sensitivity_result import POINT_WORDS
from workbench.stages.chart_style import PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_price_parts import interval_text, price_axis, price_title

if TYPE_CHECKING:
    from workbench.research import SegmentPrices

_ROW = 92
_SHOWN = ("pmc", "opp", "idp", "pme")
_COLOURS = (PALETTE.competitor, PALETTE.ours, PALETTE.ok, PALETTE.breach)


def segment_figures(result: SegmentPrices, currency: str) -> tuple[Figure, ...]:
    """Return the price points of the segments side by side, each with its interval."""
    rows = pd.DataFrame(
        [
            (segment, POINT_WORDS[name], each.low, each.estimate, each.high, interval_text(each, currency))
            for segment, one in result.results.items()
            for name, each in one.intervals.items() if name in _SHOWN
        ],
        columns=["segment", "point", "low", "price", "high", "text"],
    )  # fmt: skip
    first = next(iter(result.results.values()))
    people = {name: one.valid for name, one in result.results.items()}
    return (
        Figure(
            key="price-segments",
            title="Price points by segment",
            description="; ".join(f"{row.segment}, {row.point}: {row.text}" for row in rows.itertuples()) + ".",
            reading=result.in_currency(currency).reading,
            build=partial(segments_chart, tuple(people), currency, price_title(first.per)),
            data={"segments": rows},
            table=result.difference_table,
            table_caption=f"Differences between segments ({currency}), with their intervals",
            signature=(tuple(people), currency, first.per),
            footnotes=(
                "Respondents: " + ", ".join(f"{name} {count:,}" for name, count in people.items()) + ".",
                f"Prices as stated. {first.overstatement.sentence}",
            ),
            height=_ROW * len(people) + 60,
        ),
    )


def segments_chart(segments: tuple[str, ...], currency: str, price: str) -> alt.LayerChart:
    """Draw the intervals of the points by segment."""
    points = [POINT_WORDS[name] for name in _SHOWN]
    base = alt.Chart(alt.NamedData("segments")).encode(
        y=alt.Y("segment:N", sort=list(segments), title=None),
        yOffset=alt.YOffset("point:N", sort=points, scale=alt.Scale(paddingOuter=0.3)),
        color=alt.Color(
            "point:N", title=None, scale=alt.Scale(domain=points, range=list(_COLOURS)),
            legend=alt.Legend(columns=2, labelLimit=260),
        ),
        tooltip=[
            alt.Tooltip("segment:N", title="Segment"),
            alt.Tooltip("point:N", title="Point"),
            alt.Tooltip("text:N", title="Price"),
        ],
    )  # fmt: skip
    low = price_axis(currency, "low", title=price)
    bars = base.mark_bar(height=7, opacity=0.5, cornerRadius=4).encode(x=low, x2="high:Q")
    shape = alt.Shape(
        "point:N",
        title=None,
        scale=alt.Scale(domain=points, range=["triangle-right", "circle", "diamond", "triangle-left"]),
    )
    return layered(bars, base.mark_point(filled=True, size=80, opacity=1).encode(x="price:Q", shape=shape))
