"""The charts of demand: share and revenue against a price, who buys what, the fit to today, what tiers take."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from workbench.demand.changes import ELSEWHERE, cannibalisation
from workbench.demand.fees import PER_ACCOUNT, fee_of, fees_of
from workbench.demand.price_lines import price_line
from workbench.formatting import money, percent
from workbench.stages.chart_style import PALETTE, money_expression
from workbench.stages.figure import Figure
from workbench.stages.willingness import demand_rows as rows
from workbench.wording import one_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from workbench.demand import Demand, Fit, Flows, StepLine
    from workbench.demand.price_lines import SmoothLine
    from workbench.pricing import PriceBook

_BAND = 0.22


def figures(demand: Demand, price_book: PriceBook, currency: str) -> tuple[Figure, ...]:
    """Return the figures of a price book: fit, who buys what, what tiers take, and two lines per priced tier."""
    task, fees = demand.task(price_book), fees_of(price_book)
    found = [] if demand.fit is None else [fit_figure(demand.fit, currency)]
    found.append(buyers_figure(demand, price_book))
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


def line_figures(
    line: StepLine | SmoothLine,
    fee: float,
    currency: str,
    *,
    per: str = PER_ACCOUNT,
    between: Sequence[float] | None = None,
    curve: pd.DataFrame | None = None,
    notes: tuple[str, ...] = (),
) -> tuple[Figure, Figure]:
    """Return share and revenue against the price of one tier, the price marked.

    A new price changes the marked row only: keep `curve` (from `demand_rows.line_rows`) while a price is dragged.
    """
    curve = rows.line_rows(line, rows.stretch(fee, between)) if curve is None else curve
    at = line.at(fee)
    unit = "" if per == PER_ACCOUNT else f" per {one_unit(per)}"
    return (
        _line_figure("share", line.plan, curve, rows.price_row(at), currency, unit, notes),
        _line_figure("revenue", line.plan, curve, rows.price_row(at), currency, unit, notes),
    )


def _line_figure(  # noqa: PLR0917 - the parts of one picture
    what: str,
    plan: str,
    curve: pd.DataFrame,
    at: pd.DataFrame,
    currency: str,
    unit: str,
    notes: tuple[str, ...],
) -> Figure:
    marked = {str(name): float(number) for name, number in at.iloc[0].items()}
    price = f"{money(marked['price'], currency)}{unit}"
    value, low, high = (_write(what, marked[f"{what}{end}"], currency) for end in ("", "_low", "_high"))
    named = "Share of accounts" if what == "share" else "Revenue of all tiers"
    best = float(curve["price"].iloc[int(curve["revenue"].argmax())])
    reading = f"At {price} a month {plan} is bought by {value} of accounts ({low} to {high} in 90% of the draws)."
    if what == "revenue":
        reading = (
            f"At {price} a month all tiers bring {value} a month ({low} to {high} in 90% of the draws); on this line "
            f"most at about {money(best, currency)}."
        )
    return Figure(
        key=f"{what}-line-{plan}",
        title=f"{named} against the price of {plan}",
        description=f"A line: {named.lower()} at prices of {plan}, other prices as they are, with the band that holds "
        "it in 90% of the draws. A dashed line marks the price.",
        reading=reading,
        build=partial(
            _line_chart, what, currency, f"Price of {plan}{unit} and month" if unit else f"Price of {plan} a month"
        ),
        data={"curve": curve, "marked": at},
        table=curve.iloc[:: max(1, len(curve) // 20)].reset_index(drop=True),
        table_caption=f"{plan}: share of accounts, revenue and margin a month by price, with 90% intervals",
        signature=(what, plan, currency, unit),
        footnotes=notes,
        height=230,
    )


def _line_chart(what: str, currency: str, title: str) -> alt.LayerChart:
    x = alt.X(
        "price:Q",
        title=title,
        axis=alt.Axis(labelExpr=money_expression(currency), tickCount=6),
        scale=alt.Scale(zero=False, nice=False),
    )
    axis = alt.Axis(format=".0%", tickCount=5) if what == "share" else _short_money(currency)
    title_y = "Share of accounts" if what == "share" else "Revenue a month"
    y = alt.Y(
        f"{what}:Q",
        title=title_y,
        axis=axis,
        scale=alt.Scale(domainMin=0) if what == "share" else alt.Scale(zero=False),
    )
    curve, marked = alt.Chart(alt.NamedData("curve")), alt.Chart(alt.NamedData("marked"))
    band = curve.mark_area(opacity=_BAND, color=PALETTE.ours).encode(
        x=x, y=alt.Y(f"{what}_low:Q", title=title_y, axis=axis), y2=alt.Y2(f"{what}_high:Q")
    )
    line = curve.mark_line(color=PALETTE.ours).encode(x=x, y=y)
    rule = marked.mark_rule(color=PALETTE.watch, strokeDash=[5, 4]).encode(x=alt.X("price:Q"))
    point = marked.mark_point(color=PALETTE.watch, filled=True, size=80, opacity=1).encode(x=alt.X("price:Q"), y=y)
    return band + line + rule + point


def buyers_figure(demand: Demand, price_book: PriceBook) -> Figure:
    """Return who buys what at these prices, segment by segment, as shares of accounts."""
    data = rows.buyer_rows(demand, price_book)
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
        table_caption="Accounts by segment and choice, the mean over the draws",
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
        table_caption="Buyers of each tier by what they would choose instead",
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
        color=alt.Color(f"{part}:N", title=None, scale=alt.Scale(domain=plans, range=colours))
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
        footnotes=(
            "Fitted: "
            + ", ".join(
                f"worth of {name} times {factor:.2f}" for name, factor in zip(fit.segments, fit.factors, strict=True)
            )
            + (f"; spread of taste {money(fit.scale, currency)} a month." if fit.rule == "logit" else "."),
            *(caution.text for caution in fit.cautions),
        ),
        height=46 * max(2, len(order)) + 40,
    )


def _fit_chart(order: tuple[str, ...]) -> alt.LayerChart:
    who = [rows.TODAY, rows.MODEL]
    base = alt.Chart(alt.NamedData("fit")).encode(
        y=alt.Y("plan:N", sort=list(order), title=None),
        yOffset=alt.YOffset("who:N", sort=who),
        x=alt.X("share:Q", title="Share of accounts", axis=alt.Axis(format=".0%"), scale=alt.Scale(domainMin=0)),
    )
    colour = alt.Color("who:N", title=None, scale=alt.Scale(domain=who, range=[PALETTE.today, PALETTE.ours]))
    labels = base.mark_text(align="left", dx=4).encode(text=alt.Text("share:Q", format=".0%"))
    return base.mark_bar().encode(color=colour) + labels


def _short_money(currency: str) -> alt.Axis:
    return alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=5)


def _write(what: str, value: float, currency: str) -> str:
    if not np.isfinite(value):
        return "unknown"
    return percent(value, 1) if what == "share" else money(value, currency)
