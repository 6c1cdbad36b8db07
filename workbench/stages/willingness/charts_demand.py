"""The charts of demand: who buys what, the fit to today, what tiers take from each other; and the price lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt

from workbench.demand.changes import ELSEWHERE, cannibalisation
from workbench.demand.fees import fee_of, fees_of
from workbench.demand.price_lines import price_line
from workbench.formatting import percent
from workbench.stages.chart_style import PALETTE
from workbench.stages.figure import Figure
from workbench.stages.willingness import demand_rows as rows
from workbench.stages.willingness.charts_price_lines import line_figures

if TYPE_CHECKING:
    from workbench.demand import ChoiceTask, Demand, Fit, Flows
    from workbench.pricing import PriceBook


def figures(demand: Demand, price_book: PriceBook, currency: str) -> tuple[Figure, ...]:
    """Return the figures of a price book: who buys what, what tiers take, and two lines per priced tier."""
    task, fees = demand.task(price_book), fees_of(price_book)
    found = [buyers_figure(demand, price_book, task)]
    if len(price_book.priced_plans) > 1:
        found.append(flows_figure(cannibalisation(task, *fees), currency))
    for place, plan in enumerate(price_book.plans):
        if plan.priced and fees[0][place] > 0:
            ends = rows.stretch(fees[0][place])
            line = price_line(task, plan.name, *fees, between=ends)
            found += line_figures(line, fees[0][place], currency, per=fee_of(plan).per, notes=assumptions(demand))
    return tuple(found)


def assumptions(demand: Demand) -> tuple[str, ...]:
    """Return the footnotes of every chart of demand: where it comes from and what is assumed."""
    return (f"Learned from {demand.worth.source}.", *(each.sentence for each in demand.assumed))


def buyers_figure(demand: Demand, price_book: PriceBook, task: ChoiceTask | None = None) -> Figure:
    """Return who buys what at these prices, segment by segment, as shares of accounts; `task` where there is one."""
    data = rows.buyer_rows(demand, price_book, task)
    everybody = data[data["segment"] == data["segment"].iloc[0]]
    most = everybody.iloc[int(everybody["share"].argmax())]
    elsewhere = float(everybody.loc[everybody["plan"] == ELSEWHERE, "share"].iloc[0])
    names, segments = tuple(dict.fromkeys(data["plan"])), tuple(dict.fromkeys(data["segment"]))
    return Figure(
        key="who-buys-what",
        title="Who buys what",
        description="A bar per segment, cut into the shares of its accounts that would choose each tier, and a "
        "competitor or nothing.",
        reading=f"Most would choose {most['plan']} ({percent(float(most['share']))} of accounts); "
        f"{percent(elsewhere)} would choose a competitor or nothing.",
        build=partial(_stack_chart, "buyers", "segment", "plan", names, segments, "Share of accounts"),
        data={"buyers": data},
        table=data[["segment", "plan", "accounts", "share"]],
        table_caption="What the accounts asked would choose, by segment, the mean over the draws",
        signature=(names, segments),
        footnotes=(*assumptions(demand), "A tier on request has no price, so nobody chooses it here."),
        height=46 * max(2, len(segments)) + 40,
    )


def flows_figure(flows: Flows, currency: str) -> Figure:
    """Return where the buyers of each tier would go if it were not on offer."""
    data = rows.flow_rows(flows)
    plans = tuple(name for name in flows.plans if name in set(data["plan"]))
    names = tuple(name for name in (*flows.plans, ELSEWHERE) if name in set(data["instead"]))
    weakest = min(plans, key=lambda plan: flows.gains[flows.plans.index(plan)].estimate, default="")
    return Figure(
        key="cannibalisation",
        title="Where buyers would go without their tier",
        description="A bar per tier, cut into what its buyers would choose if it were not on offer.",
        reading=flows.reading(weakest, currency) if weakest else "Nobody buys any of the tiers.",
        build=partial(_stack_chart, "flows", "plan", "instead", names, plans, "Share of the tier's buyers"),
        data={"flows": data},
        table=data[["plan", "instead", "accounts", "share"]],
        table_caption="Of the accounts asked, buyers of each tier by what they would choose instead",
        signature=(names, plans),
        footnotes=("No effect of seeing a dear tier beside others is in these numbers: no data support one.",),
        height=46 * max(2, len(plans)) + 40,
    )


def _stack_chart(  # noqa: PLR0917 - as above
    data: str, row: str, part: str, parts: tuple[str, ...], order: tuple[str, ...], title: str
) -> alt.LayerChart:
    palette = [colour for colour in PALETTE.series if colour != PALETTE.today]
    plans = [name for name in parts if name != ELSEWHERE]
    colours = [palette[place % len(palette)] for place in range(len(plans))]
    if ELSEWHERE in parts:
        plans, colours = [*plans, ELSEWHERE], [*colours, PALETTE.today]
    base = alt.Chart(alt.NamedData(data)).encode(
        y=alt.Y(f"{row}:N", sort=list(order), title=None),
        x=alt.X(
            "share:Q",
            stack="zero",
            title=title,
            axis=alt.Axis(format=".0%", tickCount=5),
            scale=alt.Scale(domain=[0, 1]),
        ),
        order=alt.Order("order:Q"),
        tooltip=[alt.Tooltip(f"{row}:N"), alt.Tooltip(f"{part}:N"), alt.Tooltip("share:Q", format=".1%")],
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            f"{part}:N",
            title=None,
            scale=alt.Scale(domain=plans, range=colours),
            legend=alt.Legend(columns=3),
        )
    )
    labels = (
        alt.Chart(alt.NamedData(data))
        .transform_stack(stack="share", groupby=[row], sort=[alt.SortField("order")], as_=["from", "to"])
        .transform_calculate(middle="(datum.from + datum.to) / 2")
        .transform_filter("datum.share >= 0.07")
        .mark_text(color="white", fontWeight=600)
        .encode(
            y=alt.Y(f"{row}:N", sort=list(order)),
            x=alt.X("middle:Q"),
            text=alt.Text("share:Q", format=".0%"),
        )
    )
    return bars + labels


def fit_figure(fit: Fit, currency: str) -> Figure:
    """Return how the model puts today's customers on today's plans, beside where they are."""
    data = rows.fit_rows(fit)
    order = tuple(dict.fromkeys(data["plan"]))
    return Figure(
        key="fit-to-today",
        title="Fit to today's plans",
        description="Two bars per plan of today: the share of accounts that have it, and the share the model gives it.",
        reading=fit.reading(currency),
        build=partial(_fit_chart, order),
        data={"fit": data},
        table=fit.table,
        table_caption="Accounts on today's plans and in the model, by segment",
        signature=order,
        footnotes=("Nothing is fitted to today's plans: who is seen bought something, so it is only a look.",),
        height=46 * max(2, len(order)) + 40,
    )


def _fit_chart(order: tuple[str, ...]) -> alt.LayerChart:
    who, axis = [rows.TODAY, rows.MODEL], alt.Axis(format=".0%", tickCount=6)
    base = alt.Chart(alt.NamedData("fit")).encode(
        y=alt.Y("plan:N", sort=list(order), title=None),
        yOffset=alt.YOffset("who:N", sort=who),
        x=alt.X("share:Q", title="Share of accounts", axis=axis, scale=alt.Scale(domainMin=0)),
    )
    colour = alt.Color("who:N", title=None, scale=alt.Scale(domain=who, range=[PALETTE.today, PALETTE.ours]))
    labels = base.mark_text(align="left", dx=4).encode(text=alt.Text("share:Q", format=".0%"))
    return base.mark_bar().encode(color=colour) + labels
