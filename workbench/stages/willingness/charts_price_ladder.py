"""The charts of price ladders and single prices: demand, and revenue and profit, by price."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from workbench.cells import decided
from workbench.formatting import exact_money, exact_percent, percent, priced
from workbench.research.sensitivity_words import price_range
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, layered, money_expression
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_price_parts import price_axis, price_title, share_axis

if TYPE_CHECKING:
    from workbench.research import PriceLadder

_STEPS = 80
REVENUE, PROFIT = "revenue", "profit"


def figures(result: PriceLadder, currency: str) -> tuple[Figure, ...]:
    """Return the figures of a ladder or of single prices: demand, and revenue with profit."""
    shown = result.in_currency(currency)
    return demand_figure(shown), earnings_figure(shown)


def demand_figure(result: PriceLadder) -> Figure:
    """Return the share who would buy at each price, with its interval."""
    said = ", ".join(
        f"{percent(share)} at {exact_money(price, result.currency)}"
        for price, share in zip(result.prices, result.demand, strict=True)
    )
    fitted = _smooth(result)
    return Figure(
        key="ladder-demand",
        title="Who would buy at which price",
        description=f"Share of {result.respondents:,} respondents who would buy: {said}.",
        reading=_demand_reading(result),
        build=partial(demand_chart, result.currency, price_title(result.per), smooth=bool(len(fitted))),
        data={"demand": _demand_rows(result), "fitted": fitted},
        table=result.table.assign(price=decided(result.prices)),
        table_caption=f"Demand by price ({result.currency}), {result.respondents:,} respondents",
        signature=(result.currency, result.per, bool(len(fitted))),
        footnotes=_footnotes(result),
    )


def demand_chart(currency: str, price: str, *, smooth: bool) -> alt.LayerChart:
    """Draw demand at the prices asked with intervals, and the smooth curve where there is one."""
    x = price_axis(currency, title=price)
    base = alt.Chart(alt.NamedData("demand")).encode(x=x)
    y = alt.Y("share:Q", title="Share who would buy", axis=share_axis(), scale=alt.Scale(domain=[0, 1]))
    tips = [
        alt.Tooltip("price:Q", title=f"Price ({currency})", format=AXIS_FORMATS["exact"]),
        alt.Tooltip("share:Q", title="Would buy", format=".0%"),
        alt.Tooltip("interval:N", title="Interval"),
        alt.Tooltip("raw:Q", title="As answered", format=".1%"),
        alt.Tooltip("asked:Q", title="People asked", format=",d"),
    ]
    colour = PALETTE.today if smooth else PALETTE.ours
    bars = base.mark_rule(strokeWidth=7, opacity=0.4, color=colour, strokeCap="round").encode(
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, 1])), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=80, opacity=1, color=colour).encode(y=y, tooltip=tips)
    if not smooth:
        return layered(bars, base.mark_line(color=PALETTE.ours, strokeWidth=1.5).encode(y=y), points)
    curve = alt.Chart(alt.NamedData("fitted")).mark_line(color=PALETTE.ours).encode(x=x, y=y)
    return layered(bars, curve, points)


def earnings_figure(result: PriceLadder) -> Figure:
    """Return revenue, and with a unit cost profit, per person asked at each price."""
    kinds = (REVENUE, PROFIT) if result.unit_cost else (REVENUE,)
    best = pd.DataFrame(
        [(kind, each.low, each.estimate, each.high) for kind in kinds for each in (result.intervals[f"{kind}_price"],)],
        columns=["kind", "low", "price", "high"],
    )
    named = "; ".join(
        f"best for {kind}: {priced(result.intervals[f'{kind}_price'].estimate, result.currency)}" for kind in kinds
    )
    return Figure(
        key="ladder-earnings",
        title="What each price would bring",
        description=f"{' and '.join(kinds).capitalize()} per person asked, by price; {named}.",
        reading=result.reading,
        build=partial(earnings_chart, kinds, result.currency, price_title(result.per)),
        data={"earnings": _earnings_rows(result, kinds), "best": best},
        table=result.table.assign(price=decided(result.prices)),
        table_caption=f"Demand, revenue and profit by price ({result.currency}), {result.respondents:,} respondents",
        signature=(kinds, result.currency, result.per),
        footnotes=_footnotes(result),
    )


def earnings_chart(kinds: tuple[str, ...], currency: str, price: str) -> alt.LayerChart:
    """Draw revenue and profit by price over the intervals of their best prices."""
    colours = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=list(kinds), range=[PALETTE.ours, PALETTE.ok][: len(kinds)]),
        legend=alt.Legend(symbolOpacity=1) if len(kinds) > 1 else None,
    )
    base = alt.Chart(alt.NamedData("best")).encode(color=colours)
    area = base.mark_rect(opacity=0.18).encode(x=price_axis(currency, "low", title=price), x2="high:Q")
    rule = base.mark_rule(strokeDash=[4, 3]).encode(x="price:Q")
    data = alt.Chart(alt.NamedData("earnings")).encode(
        x=price_axis(currency, title=price),
        y=alt.Y(
            "amount:Q",
            title=f"Per person asked ({currency})",
            axis=alt.Axis(labelExpr=money_expression(currency), tickCount=5),
        ),
        color=colours,
        tooltip=[
            alt.Tooltip("kind:N", title="Of each person asked"),
            alt.Tooltip("price:Q", title=f"Price ({currency})", format=AXIS_FORMATS["exact"]),
            alt.Tooltip("amount:Q", title=f"Amount ({currency})", format=",.2~f"),
        ],
    )
    points = data.transform_filter("datum.asked").mark_point(filled=True, size=70, opacity=1)
    shape = alt.Shape(
        "kind:N", title=None, scale=alt.Scale(domain=list(kinds), range=["circle", "diamond"][: len(kinds)])
    )
    return layered(
        area, rule, data.mark_line(strokeWidth=2), points.encode(shape=shape if len(kinds) > 1 else alt.Undefined)
    )


def _demand_reading(result: PriceLadder) -> str:
    """Say how demand falls, in prices and in elasticity."""
    known = np.flatnonzero(~np.isnan(result.elasticity))
    steep = [int(at) for at in known if result.elasticity[at] < -1]
    start = f"{percent(result.demand[0])} would buy at {exact_money(result.prices[0], result.currency)}, "
    start += f"{percent(result.demand[-1])} at {exact_money(result.prices[-1], result.currency)}."
    if not steep:
        return f"{start} Between all prices asked, a rise loses a smaller share of buyers than it adds to the price."
    at = steep[0]
    between = price_range(result.prices[at], result.prices[at + 1], result.currency, exact_money)
    return f"{start} The first rise that loses a larger share of buyers than it adds to the price is {between}."


def _demand_rows(result: PriceLadder) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "price": result.prices,
            "share": result.demand,
            "raw": result.raw_demand,
            "low": [each.low for each in result.demand_intervals],
            "high": [each.high for each in result.demand_intervals],
            "interval": [f"{percent(each.low)} to {percent(each.high)}" for each in result.demand_intervals],
            "asked": result.asked,
        }
    )


def _smooth(result: PriceLadder) -> pd.DataFrame:
    """Return the fitted curve along the prices asked; empty where there is none."""
    if result.logit is None:
        return pd.DataFrame({"price": [], "share": []}, dtype=float)
    prices = np.linspace(result.prices[0], result.prices[-1], _STEPS)
    return pd.DataFrame({"price": prices, "share": result.logit.curve.demand(prices)[0]})


def _earnings_rows(result: PriceLadder, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Return revenue and profit at the prices asked, and along the fitted curve where the best price comes from it."""
    smooth = _smooth(result) if result.logit is not None and result.logit.slope < 0 else None
    prices = result.prices if smooth is None else smooth["price"].to_numpy()
    share = result.demand if smooth is None else smooth["share"].to_numpy()
    costs = {REVENUE: 0.0, PROFIT: result.unit_cost}
    rows = [
        pd.DataFrame({"kind": kind, "price": prices, "amount": (prices - costs[kind]) * share, "asked": smooth is None})
        for kind in kinds
    ]
    return pd.concat(rows, ignore_index=True)


def _footnotes(result: PriceLadder) -> tuple[str, ...]:
    who = "asked along a ladder of prices" if result.is_ladder else "asked one price each"
    level = exact_percent(result.demand_intervals[0].level)
    marks = f"Bars and shaded prices: {level} intervals."
    if result.logit is not None:
        marks += " Line: logit of buying on price."
    return (f"{result.respondents:,} respondents {who}; prices as stated. {marks}", result.overstatement.sentence)
