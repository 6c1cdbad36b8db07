"""The charts of the four price questions: the curves with their points, and how sure the points are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import altair as alt
import numpy as np
import pandas as pd

from workbench.research.sensitivity_result import POINT_WORDS
from workbench.research.sensitivity_words import price_range
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_price_intent import intent_figures
from workbench.stages.willingness.charts_price_parts import (
    interval_text,
    notes,
    points_caption,
    price_axis,
    price_title,
    share_axis,
    thinned,
)
from workbench.stages.willingness.charts_price_points import points_figure

if TYPE_CHECKING:
    from workbench.research import PriceSensitivity

# The four curves in which every point of the range can be seen as a crossing.
CURVES = {
    "standard": {"too_cheap": "too cheap", "not_cheap": "not cheap", "not_expensive": "not expensive",
                 "too_expensive": "too expensive"},
    "narrower": {"too_cheap": "too cheap", "expensive": "expensive", "cheap": "cheap",
                 "too_expensive": "too expensive"},
}  # fmt: skip
# A curve that passes through each point.
_ON = {
    "standard": {"pmc": "too_cheap", "opp": "too_cheap", "idp": "not_cheap", "pme": "too_expensive"},
    "narrower": {"pmc": "too_cheap", "opp": "too_cheap", "idp": "cheap", "pme": "too_expensive"},
}
_DASHED = [6, 3]
_STYLES: dict[str, tuple[str, list[int]]] = {
    "too cheap": (PALETTE.competitor, _DASHED),
    "not cheap": (PALETTE.ours, [1, 0]),
    "cheap": (PALETTE.ours, [1, 0]),
    "not expensive": (PALETTE.ok, [1, 0]),
    "expensive": (PALETTE.ok, [1, 0]),
    "too expensive": (PALETTE.breach, _DASHED),
}
_TAIL = 0.93  # beyond it a few people stretch the axis
_MARKS: dict[str, tuple[str, Literal["left", "right", "center"], int, int]] = {
    "pmc": ("triangle-right", "right", -9, 0),
    "opp": ("circle", "center", 0, 17),
    "idp": ("diamond", "center", 0, -18),
    "pme": ("triangle-left", "left", 9, 0),
}
"""The mark of each point, and where its price stands beside it."""


def figures(result: PriceSensitivity, currency: str) -> tuple[Figure, ...]:
    """Return the figures of the price questions: curves, points and, where intent was asked, reach and revenue."""
    shown = result.in_currency(currency)
    found = [curves_figure(shown), points_figure(shown)]
    return (*found, *intent_figures(shown))


def curves_figure(result: PriceSensitivity) -> Figure:
    """Return the curves of the price questions with the points where they cross."""
    points = _points_on_curves(result)
    named = ", ".join(f"{row.point} {row.text}" for row in points.itertuples())
    names = tuple(words for column, words in CURVES[result.settings.range_].items() if column in result.curves)
    return Figure(
        key="price-curves",
        title="What people find too cheap, cheap, expensive and too expensive",
        description=f"Share of {result.valid:,} respondents by price for {', '.join(names)}; {named}.",
        reading=result.reading,
        build=partial(curves_chart, names, tuple(result.points), result.currency, price_title(result.per)),
        data={"curves": _curve_rows(result), "points": points, "range": _acceptable(result)},
        table=result.table,
        table_caption=points_caption(result),
        signature=(names, tuple(result.points), result.currency, result.per),
        footnotes=notes(result),
        height=320,
    )


def curves_chart(names: tuple[str, ...], had: tuple[str, ...], currency: str, price: str) -> alt.LayerChart:
    """Draw the curves over the acceptable range, each crossing marked with its price."""
    x = price_axis(currency, title=price)
    domain = list(names)
    colour = alt.Color(
        "curve:N", title=None, scale=alt.Scale(domain=domain, range=[_STYLES[name][0] for name in names])
    )
    dash = alt.StrokeDash(
        "curve:N", title=None, scale=alt.Scale(domain=domain, range=[_STYLES[name][1] for name in names]),
        legend=alt.Legend(symbolType="stroke", symbolSize=300),
    )  # fmt: skip
    area = alt.Chart(alt.NamedData("range")).mark_rect(color=PALETTE.today, opacity=0.13).encode(x=x, x2="high:Q")
    lines = (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(clip=True)
        .encode(
            x=x,
            y=alt.Y("share:Q", title="Share of respondents", axis=share_axis(), scale=alt.Scale(domain=[0, 1])),
            color=colour,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("curve:N", title="Curve"),
                alt.Tooltip("price:Q", title=f"Price ({currency})", format=AXIS_FORMATS["exact"]),
                alt.Tooltip("share:Q", title="Share", format=".0%"),
            ],
        )
    )
    points = [POINT_WORDS[name] for name in had]
    base = alt.Chart(alt.NamedData("points")).encode(x=x, y="share:Q", tooltip=_point_tips())
    stretch = base.mark_rule(strokeWidth=6, opacity=0.55, color=PALETTE.today).encode(x="low:Q", x2="high:Q")
    shapes = alt.Scale(domain=points, range=[_MARKS[name][0] for name in had])
    legend = alt.Legend(
        orient="bottom", columns=2, symbolFillColor=PALETTE.today, symbolStrokeColor=PALETTE.today, labelLimit=260
    )
    marks = base.mark_point(filled=True, size=140, opacity=1, color=PALETTE.today).encode(
        shape=alt.Shape("point:N", title=None, scale=shapes, legend=legend)
    )
    words = [
        base.transform_filter(alt.datum.point == POINT_WORDS[name])
        .mark_text(align=align, dx=dx, dy=dy, fontWeight=600)
        .encode(text="label:N")
        for name in had
        for _, align, dx, dy in (_MARKS[name],)
    ]
    return layered(area, lines, stretch, marks, *words)


def _curve_rows(result: PriceSensitivity) -> pd.DataFrame:
    """Return the shown curves by price, without the tail a few people stretch."""
    curves = result.curves
    inside = thinned(curves[curves["too_expensive"].shift(fill_value=0) <= _TAIL].reset_index(drop=True))
    named = {column: words for column, words in CURVES[result.settings.range_].items() if column in curves}
    tall = inside.melt("price", list(named), var_name="curve", value_name="share")
    return tall.assign(curve=tall["curve"].map(named))


def _points_on_curves(result: PriceSensitivity) -> pd.DataFrame:
    """Return every point where it stands on the curves, with its price in words."""
    rows = []
    for name, point in result.points.items():
        height = np.interp(point.middle, result.curves["price"], result.curves[_ON[result.settings.range_][name]])
        text = interval_text(point.interval, result.currency)
        rows.append(
            (
                POINT_WORDS[name],
                point.first,
                point.middle,
                point.last,
                height,
                text,
                price_range(*point, result.currency),
            )
        )
    return pd.DataFrame(rows, columns=["point", "low", "price", "high", "share", "text", "label"])


def _acceptable(result: PriceSensitivity) -> pd.DataFrame:
    """Return the acceptable range, where both its ends are known."""
    ends = [(result.pmc.middle, result.pme.middle)] if result.pmc and result.pme else []
    return pd.DataFrame(ends, columns=["price", "high"])


def _point_tips() -> list[alt.Tooltip]:
    return [alt.Tooltip("point:N", title="Point"), alt.Tooltip("text:N", title="Price")]
