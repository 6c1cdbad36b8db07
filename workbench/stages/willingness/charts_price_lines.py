"""Share and revenue against the price of one tier: two charts whose marked price can be dragged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from workbench.demand.fees import PER_ACCOUNT
from workbench.formatting import money, percent, priced
from workbench.stages.chart_style import PALETTE, money_expression
from workbench.stages.figure import Figure
from workbench.stages.willingness import demand_rows as rows
from workbench.wording import one_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from workbench.demand.price_lines import PriceLine

_BAND = 0.22
_LARGE = 100.0
DRAGGED = "dragged"


def line_figures(
    line: PriceLine,
    fee: float,
    currency: str,
    *,
    per: str = PER_ACCOUNT,
    between: Sequence[float] | None = None,
    curve: pd.DataFrame | None = None,
    notes: tuple[str, ...] = (),
    draggable: bool = False,
) -> tuple[Figure, Figure]:
    """Return share and revenue against the price of one tier, the price marked.

    Where it is `draggable`, pressing in the chart and moving tells a selection named DRAGGED the price under the hand.

    A new price changes the marked row only: keep `curve` (from `demand_rows.line_rows`) while a price is dragged.
    """
    if curve is None:
        curve, at = rows.line_and_price(line, rows.stretch(fee, between), fee)
    else:
        at = rows.price_row(line.at(fee))
    unit = "" if per == PER_ACCOUNT else f" per {one_unit(per)}"
    return (
        _line_figure("share", line.plan, curve, at, currency, unit, notes, draggable=draggable),
        _line_figure("revenue", line.plan, curve, at, currency, unit, notes, draggable=draggable),
    )


def _line_figure(  # noqa: PLR0917 - the parts of one picture
    what: str,
    plan: str,
    curve: pd.DataFrame,
    at: pd.DataFrame,
    currency: str,
    unit: str,
    notes: tuple[str, ...],
    *,
    draggable: bool,
) -> Figure:
    marked = {str(name): float(number) for name, number in at.iloc[0].items()}
    price = f"{priced(marked['price'], currency)}{unit}"
    value, low, high = (_write(what, marked[f"{what}{end}"], currency) for end in ("", "_low", "_high"))
    named = "Share of accounts" if what == "share" else "Revenue of all tiers"
    best = float(curve["price"].iloc[int(curve["revenue"].argmax())])
    reading = f"At {price} a month {plan} is bought by {value} of accounts ({low} to {high} in 90% of the draws)."
    if what == "revenue":
        reading = (
            f"At {price} a month all tiers bring {value} a month ({low} to {high} in 90% of the draws); on this line "
            f"most at about {money(_about(best), currency)}."
        )
    return Figure(
        key=f"{what}-line-{plan}",
        title=f"{named} against the price of {plan}",
        description=f"A line: {named.lower()} at prices of {plan}, other prices as they are, with the band that holds "
        "it in 90% of the draws. A dashed line marks the price.",
        reading=reading,
        build=partial(
            _line_chart,
            what,
            currency,
            f"Price of {plan}{unit} and month" if unit else f"Price of {plan} a month",
            draggable=draggable,
        ),
        data={"curve": curve, "marked": at},
        table=curve.iloc[:: max(1, len(curve) // 20)].reset_index(drop=True),
        table_caption=f"{plan}: share of the accounts asked, revenue and margin a month by price, with 90% intervals",
        signature=(what, plan, currency, unit, draggable),
        footnotes=notes,
        height=230,
    )


def _line_chart(what: str, currency: str, title: str, *, draggable: bool = False) -> alt.LayerChart:
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
    if not draggable:
        return band + line + rule + point
    held = alt.selection_point(
        name=DRAGGED,
        encodings=["x"],
        on="pointerdown, [pointerdown, window:pointerup] > pointermove!",
        clear="window:pointerup",
        nearest=True,
        toggle=False,
        empty=False,
    )
    # The line under the hand moves in the page at once; the marked price follows when the numbers are there.
    hand = curve.mark_rule(color=PALETTE.watch, strokeWidth=2, cursor="ew-resize").encode(
        x=x, opacity=alt.condition(held, alt.value(0.6), alt.value(0))
    )
    return band + line + rule + point + hand.add_params(held)


def _short_money(currency: str) -> alt.Axis:
    return alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=5)


def _about(price: float) -> float:
    """Return a price to two or three digits, as far as a grid of prices can tell."""
    return float(f"{price:.2g}") if price < _LARGE else float(f"{price:.3g}")


def _write(what: str, value: float, currency: str) -> str:
    if not np.isfinite(value):
        return "unknown"
    return percent(value, 1) if what == "share" else money(value, currency)
