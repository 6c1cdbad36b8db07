"""Charts of steadier revenue: what is sure, what swings, who is shocked, and which groups swing together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from workbench.formatting import percent
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, money_expression
from workbench.stages.figure import Figure
from workbench.stages.impact_view.steady.decision import NAMES
from workbench.stages.impact_view.steady.tables import balance_sentence, groups_table, tools_table
from workbench.stages.later import later

if TYPE_CHECKING:
    from workbench.impact import Portfolio
    from workbench.stages.impact_view.steady.outcome import Steady

SURE, SWINGS, SHOCK = "Sure without use", "Swings of revenue", "Accounts with a jump"
NOTHING_BILLED = "Nothing is billed, so there is no revenue to make sure and no bill that could jump."
_MEASURES = {SURE: "floor_share", SWINGS: "volatility", SHOCK: "accounts_over_25"}
_COLOURS = {SURE: PALETTE.ok, SWINGS: PALETTE.watch, SHOCK: PALETTE.breach}
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2], [10, 4])
_VIEW_WIDTH, _ROW_HEIGHT = 165, 28
_STRONG = 0.75  # a correlation from which its cell is dark enough for light text


def steady_figures(found: Steady | None) -> tuple[Figure, ...]:
    """Return the figures of steadier revenue; none where bills are too few."""
    if found is None:
        return ()
    tools = (_measures(found), _months(found)) if len(found.tools) else ()
    return (*tools, *((_together(found.groups, found),) if found.groups is not None else ()))


def _measures(found: Steady) -> Figure:
    names = tuple(found.tools["name"])
    rows = [
        (name, measure, float(value), percent(float(value), 1))
        for measure, column in _MEASURES.items()
        for name, value in zip(names, found.tools[column], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["way", "measure", "value", "told"]).dropna(subset="value", ignore_index=True)
    frame["edge"] = frame.groupby("measure")["value"].transform("max") * 1.5
    return Figure(
        key="steady_tools",
        title="What each way does to revenue and to customers",
        description="Three bars per way: revenue that is sure without use, its swings, and accounts with a jump.",
        reading=later(lambda: _reading(found)),
        if_empty=NOTHING_BILLED,
        build=partial(_measures_chart, names),
        data={"measures": frame},
        table=later(lambda: tools_table(found)),
        table_caption=f"{found.accounts:,} accounts billed in every month, over {found.months} months, at list prices",
        signature=names,
        footnotes=(
            "Sure without use: the share of revenue that would come if nobody used anything in a month.",
            "Swings: standard deviation of monthly revenue around its trend.",
            "A jump: a bill more than 25% above the one of the month before.",
        ),
    )


def _reading(found: Steady) -> str:
    table = found.tools.set_index("name")
    ways = table.drop(index=NAMES[0])
    floors, jumps = ways["floor_share"].dropna(), ways["accounts_over_25"].dropna()
    said = []
    if len(floors):
        sure = str(floors.idxmax())
        change = percent(float(table["change"][sure]), 1, signed=True)
        floor = percent(float(floors[sure]), 1)
        said.append(f"{sure} makes most revenue sure: {floor}, with revenue {change} against as used.")
    if len(jumps):
        calm = str(jumps.idxmin())
        fewest, as_used = (percent(float(table["accounts_over_25"][each]), 1) for each in (calm, NAMES[0]))
        said.append(f"{calm} shocks fewest customers: {fewest} see a jump above 25%, as used {as_used}.")
    return " ".join(said) or NOTHING_BILLED


def _measures_chart(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - altair names too many kinds
    data = alt.NamedData("measures")
    place = alt.Y("way:N", title=None, sort=list(names))
    across = alt.X("value:Q", title=None, axis=alt.Axis(format=AXIS_FORMATS["percent"], tickCount=3, labelOverlap=True))
    colours = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    bars = alt.Chart().mark_bar(height=14, cornerRadius=1)
    bars = bars.encode(y=place, x=across, color=alt.Color("measure:N", legend=None, scale=colours))
    words = alt.Chart().mark_text(align="left", dx=4).encode(y=place, x=across, text=alt.Text("told:N"))
    room = alt.Chart().mark_point(opacity=0).encode(y=place, x=alt.X("edge:Q"))
    layers = alt.layer(room, bars, words, data=data).properties(width=_VIEW_WIDTH, height=_ROW_HEIGHT * len(names))
    column = alt.Column("measure:N", title=None, sort=list(_MEASURES), header=alt.Header(labelOrient="top"))
    return layers.facet(column=column, spacing=22).resolve_scale(x="independent")


def _months(found: Steady) -> Figure:
    names = tuple(found.tools["name"])
    wide = found.by_month.pivot_table(index="month", columns="name", values="revenue", sort=False)[list(names)]
    table = pd.DataFrame(
        {"Month": pd.DatetimeIndex(wide.index).strftime("%Y-%m")}
        | {name: wide[name].round().astype(int) for name in wide}
    )
    return Figure(
        key="steady_months",
        title="Revenue month by month",
        description="Lines of monthly revenue under every way of billing usage.",
        reading="A level line is revenue one can plan with; a lower one is what that costs.",
        build=partial(_months_chart, names, found.currency),
        data={"months": found.by_month},
        table=table.reset_index(drop=True),
        table_caption=f"Revenue in {found.currency} at list prices by way of billing, month by month; "
        f"{found.accounts:,} accounts billed in every month",
        signature=(names, found.currency),
        height=260,
    )


def _months_chart(names: tuple[str, ...], currency: str) -> Any:  # noqa: ANN401 - as above
    colours = alt.Scale(domain=list(names), range=[PALETTE.today, *PALETTE.series[: len(names) - 1]])
    dashes = alt.Scale(domain=list(names), range=list(_DASHES))
    legend = alt.Legend(columns=2, symbolType="stroke", symbolSize=400)
    axis = alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=5)
    return (
        alt.Chart(alt.NamedData("months"))
        .mark_line()
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format=AXIS_FORMATS["month"], tickCount=6)),
            y=alt.Y("revenue:Q", title="Revenue a month", axis=axis, scale=alt.Scale(zero=False)),
            color=alt.Color("name:N", title=None, sort=list(names), scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("name:N", title=None, sort=list(names), scale=dashes, legend=legend),
            tooltip=[
                alt.Tooltip("name:N", title="Way"),
                alt.Tooltip("month:T", title="Month", format=AXIS_FORMATS["month"]),
                alt.Tooltip("revenue:Q", title="Revenue", format=AXIS_FORMATS["whole"]),
            ],
        )
    )


def _together(found: Portfolio, years: Steady) -> Figure:
    names = tuple(str(each) for each in found.correlation.index)
    rows = [
        (one, other, float(value), f"{value:+.2f}".replace("-", "\u2212"), abs(float(value)) > _STRONG)
        for one, line in zip(names, found.correlation.to_numpy(), strict=True)
        for other, value in zip(names, line, strict=True)
    ]
    return Figure(
        key="steady_groups",
        title="Which groups swing together",
        description="A grid of groups by groups; each cell is how far their monthly swings go together, from -1 to 1.",
        reading=balance_sentence(found),
        build=partial(_together_chart, names),
        data={"pairs": pd.DataFrame(rows, columns=["one", "other", "value", "told", "strong"])},
        table=groups_table(found),
        table_caption="Groups of customers: weight, swings around the trend, and seasons; "
        f"{years.accounts:,} accounts billed in every month, over {years.months} months, at list prices",
        signature=names,
        footnotes=("1: both are above their trends in the same months. \u22121: one is up when the other is down.",),
        height=60 + 44 * len(names),
    )


# One word of a group's name a line, so that names stand side by side.
_BY_WORD = "length(datum.value) < 12 ? datum.value : split(datum.value, ' ')"


def _together_chart(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
    base = alt.Chart(alt.NamedData("pairs")).encode(
        x=alt.X(
            "one:N",
            title=None,
            sort=list(names),
            axis=alt.Axis(labelAngle=0, labelLimit=110, labelExpr=_BY_WORD, labelOverlap=False),
        ),
        y=alt.Y("other:N", title=None, sort=list(names)),
    )
    # Opposed groups are good news for revenue, groups that go together are not.
    colours = alt.Scale(domain=[-1, 0, 1], range=[PALETTE.ours, "#E8E8E8", PALETTE.breach])
    cells = base.mark_rect().encode(color=alt.Color("value:Q", title="together", scale=colours, legend=None))
    words = base.mark_text().encode(
        text=alt.Text("told:N"), color=alt.condition("datum.strong", alt.value("#FFFFFF"), alt.value("#222222"))
    )
    return alt.layer(cells, words)
