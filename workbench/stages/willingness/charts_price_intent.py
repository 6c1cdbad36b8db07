"""The charts of stated intent: who would buy at each price, and what each price would bring."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from workbench.cells import decided
from workbench.formatting import exact_percent, money, percent
from workbench.research.sensitivity_words import price_range
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, layered, money_expression
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_price_parts import notes, price_axis, price_title, share_axis, thinned

if TYPE_CHECKING:
    from workbench.research import PriceSensitivity

_TAIL = 0.04


def intent_figures(result: PriceSensitivity) -> tuple[Figure, ...]:
    """Return the figures of reach and of revenue; none where nobody was asked for their intent."""
    if result.reach_curve is None:
        return ()
    return intent_figure(result, "reach"), intent_figure(result, "revenue")


def intent_figure(result: PriceSensitivity, what: str) -> Figure:
    """Return the share who would buy, or price times share, along the prices named."""
    curve = result.reach_curve
    assert curve is not None  # noqa: S101 - asked for only where people stated their intent
    best = result.intervals[f"{what}_price"]
    top = curve[what].max()
    titles = {"reach": "Who would buy, by stated intent", "revenue": "Revenue per person asked, by stated intent"}
    amount = percent(top) if what == "reach" else money(top, result.currency)
    return Figure(
        key=f"price-{what}",
        title=titles[what],
        description=f"{titles[what]}, from {price_range(curve['price'].min(), curve['price'].max(), result.currency)}; "
        f"highest, {amount}, at {money(best.estimate, result.currency)}.",
        reading=f"Highest at {money(best.estimate, result.currency)}, with {amount} of "
        f"{'the respondents' if what == 'reach' else 'revenue for each person asked'}; the shaded prices are its "
        f"{exact_percent(best.level)} interval, {price_range(best.low, best.high, result.currency)}.",
        build=partial(intent_chart, what, result.currency, price_title(result.per)),
        data={
            "intent": thinned(_without_tail(curve)),
            "best": pd.DataFrame({"low": [best.low], "price": [best.estimate], "high": [best.high]}),
        },
        table=thinned(curve.assign(price=decided(curve["price"])), 40),
        table_caption=f"Reach and revenue by price, {result.asked_intent:,} respondents who stated their intent",
        signature=(what, result.currency, result.per),
        footnotes=(
            "Answers from 5 to 1 stand for a chance of buying of "
            + ", ".join(
                exact_percent(result.settings.intent_scale[step]) for step in sorted(result.settings.intent_scale)[::-1]
            )
            + " (Newton, Miller and Smith 1993); nobody buys at a price too cheap or too expensive for them.",
            *notes(result),
        ),
    )


def intent_chart(what: str, currency: str, price: str) -> alt.LayerChart:
    """Draw reach or revenue by price over the interval of its best price."""
    axis = share_axis() if what == "reach" else alt.Axis(labelExpr=money_expression(currency), tickCount=5)
    title = "Share who would buy" if what == "reach" else f"Revenue per person asked ({currency})"
    x = price_axis(currency, title=price)
    base = alt.Chart(alt.NamedData("best"))
    low = price_axis(currency, "low", title=price)
    area = base.mark_rect(color=PALETTE.ours, opacity=0.18).encode(x=low, x2="high:Q")
    rule = base.mark_rule(color=PALETTE.ours, strokeDash=[4, 3]).encode(x="price:Q")
    line = (
        alt.Chart(alt.NamedData("intent"))
        .mark_line(color=PALETTE.ours)
        .encode(
            x=x,
            y=alt.Y(f"{what}:Q", title=title, axis=axis),
            tooltip=[
                alt.Tooltip("price:Q", title=f"Price ({currency})", format=AXIS_FORMATS["exact"]),
                alt.Tooltip("reach:Q", title="Would buy", format=".0%"),
                alt.Tooltip("revenue:Q", title=f"Revenue per person ({currency})", format=",.2~f"),
            ],
        )
    )
    return layered(area, rule, line)


def _without_tail(curve: pd.DataFrame) -> pd.DataFrame:
    """Leave out the high prices at which next to nobody would buy: they only stretch the axis."""
    some = curve["reach"] > _TAIL * curve["reach"].max()
    return curve[: int(some.to_numpy().nonzero()[0][-1]) + 2]
