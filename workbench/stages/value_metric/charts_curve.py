"""The charts of the price curve: the bill along the quantities accounts have, and what ten times the use costs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt

from workbench.formatting import NO_CURRENCY, capitalised, percent, priced, ratio
from workbench.impact.billing import amount_of
from workbench.stages.chart_style import PALETTE, layered, log_axis, money_expression, priced_expression
from workbench.stages.figure import Figure
from workbench.stages.value_metric.chart_data import (
    along_table,
    band_rows,
    corridor_rows,
    curve_rows,
    slider_range,
    span_rows,
    today_rows,
)

if TYPE_CHECKING:
    from workbench.stages.value_metric.evaluation import ValueMetricResult
    from workbench.stages.value_metric.price_curve import PriceCurve


def curve_figure(result: ValueMetricResult, curve: PriceCurve) -> Figure:
    """Return the bill along the quantities accounts have, with what they pay today."""
    title, currency = _title(result), result.currency
    today = curve.quantities.today
    typical = float(amount_of(curve.charge, str(curve.quantities.typical)))
    reading = f"At the typical {curve.quantities.typical:,.3g} {title} a month the bill is {priced(typical, currency)}."
    if len(today):
        reading += " Where today's points lie above the line, accounts of that size would pay less than now."
    return Figure(
        key="curve",
        title="Monthly bill against quantity",
        description=f"Monthly bill against {title}, both axes logarithmic, with the median bill today.",
        reading=reading,
        build=partial(curve_chart, title, currency),
        data={"curve": curve_rows(curve), "today": today_rows(curve), "span": span_rows(curve)},
        table=along_table(curve, title, currency),
        table_caption=f"Bill along the quantities of {title} that accounts have",
        signature=(title, currency),
        footnotes=(
            f"From the 5th to the 95th percentile of {curve.quantities.accounts:,} active accounts that use it.",
            *_not_billed(result),
        ),
    )


def curve_chart(title: str, currency: str) -> alt.LayerChart:
    """Draw the bill as a line and today's medians as points, on logarithmic axes."""
    colours = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=["these prices", "today (median of accounts)"], range=[PALETTE.ours, PALETTE.today]),
    )
    x = alt.X("quantity:Q", title=_units(title), scale=alt.Scale(type="log", nice=False), axis=_quantities())
    y = alt.Y(
        "bill:Q",
        title=f"Bill a month ({currency})",
        scale=alt.Scale(type="log", nice=False),
        axis=log_axis("y", money_expression(currency, ",.2~s")),
    )
    tips = [
        alt.Tooltip("series:N", title="Price"),
        alt.Tooltip("quantity:Q", title=_units(title), format=",.4~g"),
        alt.Tooltip("bill:Q", title=f"Bill ({currency})", format=",.0f"),
    ]
    line = alt.Chart(alt.NamedData("curve")).mark_line().encode(x=x, y=y, color=colours, tooltip=tips)
    points = alt.Chart(alt.NamedData("today")).mark_point(shape="diamond", filled=True, size=75)
    room = alt.Chart(alt.NamedData("span")).mark_point(opacity=0).encode(x=x, y=y)
    return layered(line, points.encode(x=x, y=y, color=colours, tooltip=tips), room)


def multiple_figure(result: ValueMetricResult, curve: PriceCurve) -> Figure:
    """Return what ten times the use costs along the range, with a slider that works out any quantity."""
    title, currency = _title(result), result.currency
    limits = slider_range(curve)
    words = tuple(each.label for each in result.corridors)
    shares = [f"{percent(curve.share_between(c.low, c.high))} of accounts pay {c.label}" for c in result.corridors]
    return Figure(
        key="multiple",
        title="What ten times the use costs",
        description=f"Bill at ten times the {title} over the bill, along the quantities accounts have, with the "
        f"corridors {' and '.join(words)}.",
        reading=f"Ten times the typical use costs {ratio(curve.typical_ratio)} as much. For ten times their own use, "
        f"{' and '.join(shares)}.",
        build=partial(multiple_chart, title, currency, limits, words),
        data={
            "multiple": curve_rows(curve),
            "corridors": corridor_rows(result.corridors),
            "bands": band_rows(curve),
            "span": span_rows(curve),
        },
        table=result.tables.get("bands"),
        table_caption=f"The bands: what each unit of {title} costs",
        signature=(title, currency, limits, words),
        footnotes=("Move the slider to see the bill of any quantity, and of ten times as much.", *_not_billed(result)),
    )


def multiple_chart(
    title: str, currency: str, limits: tuple[float, float, float, float], corridor_words: tuple[str, ...]
) -> alt.LayerChart:
    """Draw the ratio along the range over its corridors, and a calculator that needs no kernel."""
    low, high, step, start = limits
    slider = alt.param(
        name="quantity_asked",
        value=start,
        bind=alt.binding_range(min=low, max=high, step=step, name=f"{_units(title)} "),
    )
    x = alt.X("quantity:Q", title=_units(title), scale=alt.Scale(type="log", nice=False), axis=_quantities())
    # Every layer names the scale: a rectangle alone would ask for a zero that says nothing here.
    ratios = alt.Scale(domain=[4, 10.5], zero=False, nice=False, clamp=True)
    y = alt.Y(
        "ratio:Q",
        title="Bill at ten times over the bill",
        scale=ratios,
        axis=alt.Axis(values=[5, 6, 7, 8, 9], labelExpr="datum.label + 'x'"),
    )
    corridors = (
        alt.Chart(alt.NamedData("corridors"))
        .mark_rect(opacity=0.16)
        .encode(
            y=alt.Y("low:Q", scale=ratios, title=None),
            y2="high:Q",
            color=alt.Color(
                "corridor:N",
                title=None,
                scale=alt.Scale(domain=list(corridor_words), range=[PALETTE.ours, PALETTE.ok]),
                legend=alt.Legend(symbolType="square", symbolOpacity=0.5),
            ),
        )
    )
    tips = [
        alt.Tooltip("quantity:Q", title=_units(title), format=",.4~g"),
        alt.Tooltip("ratio:Q", title="Ratio", format=".2f"),
    ]
    line = alt.Chart(alt.NamedData("multiple")).mark_line(color=PALETTE.ours).encode(x=x, y=y, tooltip=tips)
    asked = _asked(title, currency)
    rule = asked.mark_rule(strokeDash=[4, 3], color=PALETTE.watch).encode(
        x="quantity:Q", y=alt.value(42), y2=alt.value("height")
    )
    point = asked.mark_point(size=130, filled=True, color=PALETTE.watch, opacity=1).encode(
        x="quantity:Q", y=alt.Y("ratio:Q", scale=ratios)
    )
    words = asked.mark_text(align="left", baseline="top", fontSize=13, fontWeight=600, lineBreak="\n").encode(
        x=alt.value(8), y=alt.value(4), text="words:N"
    )
    room = alt.Chart(alt.NamedData("span")).mark_point(opacity=0).encode(x=x)
    return layered(corridors, line, rule, point, words, room).add_params(slider)


def _asked(title: str, currency: str) -> alt.Chart:
    """Work out the bill of the quantity asked and of ten times as much, from the bands, in the chart itself."""
    bill, ten_times = (
        money_expression(currency, value=priced_expression(f"datum.{name}")) for name in ("bill", "bill_at_ten")
    )
    in_band = "max(0, min(max(0, {} - datum.free), datum.upper) - datum.lower) * datum.price"
    return (
        alt.Chart(alt.NamedData("bands"))
        .transform_calculate(one=in_band.format("quantity_asked"), ten=in_band.format("10 * quantity_asked"))
        .transform_aggregate(bill="sum(one)", bill_at_ten="sum(ten)")
        .transform_calculate(
            quantity="quantity_asked",
            ratio="datum.bill > 0 ? datum.bill_at_ten / datum.bill : null",
            words=f"format(quantity_asked, ',.4~g') + ' {_plain(title)}: ' + {bill} + "
            f"'\\nTen times as much: ' + {ten_times} + "
            "(datum.bill > 0 ? ' (' + format(datum.bill_at_ten / datum.bill, '.1f') + 'x)' : '')",
        )
    )


def _not_billed(result: ValueMetricResult) -> tuple[str, ...]:
    """Say so where nobody is billed by the curve, because there are tiers."""
    listed, curve = result.price_list, result.curve
    if curve is None or listed is None or listed.is_proposal or listed.is_on_one_charge(curve.charge):
        return ()
    known = listed.typical_ratio
    instead = "" if known is None else f"; on the price list ten times the typical use costs {ratio(known)} as much"
    return (f"Nobody is billed by this curve{instead}.",)


def _quantities() -> alt.Axis:
    return log_axis("x", money_expression(NO_CURRENCY, ",.3~s"))


def _title(result: ValueMetricResult) -> str:
    return "units" if result.metric is None else result.metric.title


def _units(title: str) -> str:
    return f"{capitalised(title)} a month"


def _plain(text: str) -> str:
    """Make a name safe inside a Vega expression's quotes."""
    return text.replace("\\", " ").replace("'", "\u2019")
