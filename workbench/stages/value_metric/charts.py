"""The charts of the stage: order, evidence and growth; those of the price curve stand in `charts_curve`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt

from workbench.formatting import capitalised, percent
from workbench.stages.chart_style import PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.value_metric.chart_data import (
    criteria_rows,
    growth_rows,
    growth_table,
    ranking_rows,
)
from workbench.stages.value_metric.charts_curve import curve_figure, multiple_figure
from workbench.stages.value_metric.distributions import GROWTH_CLASSES

if TYPE_CHECKING:
    from workbench.stages.value_metric.evaluation import ValueMetricResult

_ROW = 34  # pixels a candidate takes in a chart
_CELL = 30
_WRAP = "split(datum.label, ' ')"
_GROWTH_COLOURS = (PALETTE.breach, "#E3A48C", PALETTE.today, "#A9CBEB", "#5F9FDC", PALETTE.ours)


def figures(result: ValueMetricResult) -> tuple[Figure, ...]:
    """Return the stage's figures: ranking, criteria, growth and, with a price curve, curve and multiple."""
    if not result.ranked:
        return ()
    found = [ranking_figure(result), criteria_figure(result)]
    if len(result.growth):
        found.append(growth_figure(result))
    if result.curve is not None:
        found += [curve_figure(result, result.curve), multiple_figure(result, result.curve)]
    return tuple(found)


def ranking_figure(result: ValueMetricResult) -> Figure:
    """Return the order of the candidates with score intervals and how often each ranks first."""
    first, last = result.ranked[0], result.ranked[-1]
    reading = (
        f"{capitalised(first.candidate.title)} ranks first in {percent(first.probability_first)} of draws, in which "
        "weights and evidence vary together."
    )
    if len(result.ranked) > 1:
        reading += f" Last: {last.candidate.title}."
    names = tuple(each.candidate.title for each in result.ranked)
    return Figure(
        key="ranking",
        title="Candidates in order, and how sure that is",
        description=f"Scores from 0 to 100 of {len(names)} candidates with 90% intervals, best first: "
        f"{', '.join(names)}.",
        reading=reading,
        build=ranking_chart,
        data={"ranking": ranking_rows(result.ranked)},
        table=result.tables["ranking"],
        table_caption="Candidates for the value metric, best first",
        signature=names,
        footnotes=(
            "Bar: the middle 90% of draws. What nobody knows about a candidate could be anything, and is drawn so.",
        ),
        height=_ROW * len(names) + 50,
    )


def ranking_chart() -> alt.LayerChart:
    """Draw score intervals by candidate; the share of first places stands at the right."""
    base = alt.Chart(alt.NamedData("ranking")).encode(y=alt.Y("candidate:N", sort=_in_order(), title=None))
    x = alt.X(
        "score:Q",
        title="Score (0 worst, 100 best)",
        scale=alt.Scale(domain=[0, 130]),
        axis=alt.Axis(values=[0, 20, 40, 60, 80, 100], grid=True),
    )
    bars = base.mark_bar(height=9, opacity=0.45, cornerRadius=4, color=PALETTE.ours).encode(
        x=alt.X("low:Q"), x2="high:Q", tooltip=_tips("candidate:N", "score_text:N", "first_text:N", "rank_text:N")
    )
    points = base.mark_point(size=110, filled=True, color=PALETTE.ours, opacity=1).encode(
        x=x, shape=alt.Shape("state:N", legend=None, scale=_states("diamond", "circle"))
    )
    words = base.mark_text(align="left", baseline="middle").encode(x=alt.datum(104), text="first_text:N")
    return layered(bars, points, words)


def criteria_figure(result: ValueMetricResult) -> Figure:
    """Return the score of every candidate on every criterion."""
    names = tuple(each.candidate.title for each in result.ranked)
    last = result.ranked[-1]
    known = {key: value for key, value in last.criteria.items() if value is not None}
    reading = (
        "The fuller the colour, the better. A question mark is not known: it widens the interval of the score, "
        "and is not a zero."
    )
    if known and len(names) > 1:
        low = sum(value < 0.25 for value in known.values())  # noqa: PLR2004 - a quarter of the scale
        reading = f"{capitalised(last.candidate.title)}: under 25 on {low} of {len(known)} known criteria. {reading}"
    return Figure(
        key="criteria",
        title="What speaks for each candidate",
        description=f"Scores from 0 to 100 of {', '.join(names)} on nine criteria.",
        reading=reading,
        build=partial(criteria_chart, len(names)),
        data={"criteria": criteria_rows(result.ranked)},
        table=result.tables["measures"],
        table_caption="What was measured: value (90% interval), accounts, and the scale of the score",
        signature=len(names),
        height=_CELL * 9 + 60,
    )


def criteria_chart(candidates: int) -> alt.LayerChart:
    """Draw a table of scores, candidates across and criteria down."""
    base = alt.Chart(alt.NamedData("criteria")).encode(
        x=alt.X(
            "candidate:N", sort=_in_order(), title=None, axis=_wrapped_axis(candidates), scale=alt.Scale(padding=0.04)
        ),
        y=alt.Y(
            "criterion:N",
            sort=alt.EncodingSortField("order", op="min"),
            title=None,
            axis=alt.Axis(labelLimit=230),
            scale=alt.Scale(padding=0.08),
        ),
    )
    cells = base.mark_rect(color=PALETTE.ours, cornerRadius=3, stroke=PALETTE.today, strokeWidth=0.4).encode(
        opacity=alt.Opacity("shade:Q", legend=None, scale=alt.Scale(domain=[0, 100], range=[0.03, 0.6])),
        tooltip=_tips("candidate:N", "criterion:N", "text:N"),
    )
    return layered(cells, base.mark_text(baseline="middle").encode(text="text:N"))


def growth_figure(result: ValueMetricResult) -> Figure:
    """Return how many accounts grow and shrink on each metric."""
    names = tuple(
        dict.fromkeys(each.candidate.title for each in result.ranked if _has_growth(result, each.candidate.title))
    )
    growing = result.growth[result.growth["order"] >= _FIRST_GROWING].groupby("metric")["share"].sum()
    best = str(growing.idxmax())
    accounts = int(result.growth[result.growth["metric"] == best]["accounts"].sum())
    return Figure(
        key="growth",
        title="Growth inside accounts",
        description=f"Share of accounts by how much each metric grew in a year, for {', '.join(names)}.",
        reading=f"{capitalised(best)} grows in most accounts: {percent(growing[best])} of {accounts:,} active accounts "
        "with nine months of history or more.",
        build=growth_chart,
        data={"growth": growth_rows(result.growth, names)},
        table=growth_table(result.growth, names),
        table_caption="Share of active accounts by growth a year",
        height=_ROW * len(names) + 80,
    )


def growth_chart() -> alt.Chart:
    """Draw one bar of shares per metric, shrinking accounts at the left."""
    classes = [label for label, _ in GROWTH_CLASSES]
    return (
        alt.Chart(alt.NamedData("growth"))
        .mark_bar(height=20)
        .encode(
            y=alt.Y("metric:N", sort=_in_order(), title=None),
            x=alt.X("share:Q", title="Share of accounts", axis=_shares(), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color(
                "growth:N",
                title=None,
                scale=alt.Scale(domain=classes, range=list(_GROWTH_COLOURS)),
                legend=alt.Legend(columns=2, symbolType="square"),
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("metric:N", title="Metric"),
                alt.Tooltip("growth:N", title="In a year"),
                alt.Tooltip("share:Q", title="Share", format=".0%"),
                alt.Tooltip("accounts:Q", title="Accounts", format=",d"),
            ],
        )
    )


def _in_order() -> alt.EncodingSortField:
    # The order is data, so that a chart on screen can be kept when candidates change places.
    return alt.EncodingSortField("place", op="min")


def _shares() -> alt.Axis:
    return alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])


def _wrapped_axis(candidates: int) -> alt.Axis:
    return alt.Axis(
        labelAngle=0,
        labelExpr=_WRAP,
        labelOverlap=False,
        labelFontSize=11,
        labelLimit=alt.ExprRef(f"width / {candidates} - 4"),
        domain=False,
        ticks=False,
        labelPadding=6,
    )


def _states(unknown: str, known: str) -> alt.Scale:
    return alt.Scale(domain=["nothing known", "measured"], range=[unknown, known])


def _tips(*fields: str) -> list[alt.Tooltip]:
    names = {
        "candidate": "Candidate", "score_text": "Score", "first_text": "First place", "rank_text": "Expected rank",
        "criterion": "Criterion", "text": "Score, 0 to 100",
    }  # fmt: skip
    return [alt.Tooltip(field, title=names[field.partition(":")[0]]) for field in fields]


def _has_growth(result: ValueMetricResult, title: str) -> bool:
    return bool((result.growth["metric"] == title).any())


_FIRST_GROWING = next(at for at, (label, _) in enumerate(GROWTH_CLASSES) if label.startswith("grows"))
