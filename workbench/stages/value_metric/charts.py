"""The charts of the stage with their rows.

Ranking, evidence, growth, price curve and the multiple for ten times the use.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from workbench import formatting
from workbench.formatting import NO_CURRENCY, capitalised
from workbench.impact.billing import amount_of
from workbench.stages.figure import PALETTE, Figure, layered, log_axis, log_span, money_expression, priced_expression
from workbench.stages.value_metric.decision import SHORT_CRITERIA
from workbench.stages.value_metric.evidence import GROWTH_CLASSES
from workbench.tables import COUNT, NUMBER, TEXT, DataTable, Money, Number, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stages.value_metric.result import PriceCurve, Ranked, RatioCorridor, ValueMetricResult

say = texts(__name__)

# --- The rows the charts draw, ready and small

_OPEN_END = 1e300  # JSON has no infinity; no bill reaches this far
_ROWS_TO_READ = 9
_SLIDER_STEPS = 400
_COUNTED_WHOLE = 20  # quantities of this size are asked for in whole units


def ranking_rows(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate: score and interval from 0 to 100, and the words beside them."""
    return pd.DataFrame(
        {
            "candidate": [each.candidate.title for each in ranking],
            "place": list(range(len(ranking))),
            "low": [100 * each.score.low for each in ranking],
            "score": [100 * each.score.estimate for each in ranking],
            "high": [100 * each.score.high for each in ranking],
            "state": ["measured" if each.known_weight > 0 else "nothing known" for each in ranking],
            "score_text": [
                f"{100 * each.score.estimate:.0f} ({100 * each.score.low:.0f} to {100 * each.score.high:.0f})"
                for each in ranking
            ],
            "first_text": [f"first in {formatting.percent(each.probability_first)}" for each in ranking],
            "rank_text": [formatting.number(each.expected_rank, 1) for each in ranking],
        }
    )


def criteria_rows(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate and criterion: score from 0 to 100, "?" where unknown."""
    rows = [
        (each.candidate.title, place, SHORT_CRITERIA[key], order, value)
        for place, each in enumerate(ranking)
        for order, (key, value) in enumerate(each.criteria.items())
    ]
    frame = pd.DataFrame(rows, columns=["candidate", "place", "criterion", "order", "value"])
    known = frame["value"].astype(float)
    return pd.DataFrame(
        {
            "candidate": frame["candidate"],
            "place": frame["place"],
            "criterion": frame["criterion"],
            "order": frame["order"],
            "shade": (100 * known).fillna(0.0),
            "text": ["?" if math.isnan(value) else f"{100 * value:.0f}" for value in known],
        }
    )


def growth_rows(growth: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the classes of growth with the place of each metric."""
    return growth.assign(place=growth["metric"].map({name: place for place, name in enumerate(names)}))


def growth_table(growth: pd.DataFrame, names: Sequence[str]) -> DataTable:
    """Return shares of accounts in words: metrics down, classes of growth across."""
    wide = growth.pivot_table(index="metric", columns="growth", values="share", aggfunc="sum")
    shares = [(label, wide[label].reindex(list(names))) for label, _ in GROWTH_CLASSES]
    accounts = [int(growth.loc[growth["metric"] == name, "accounts"].sum()) for name in names]
    return DataTable.of_rows(
        (("Metric", TEXT), *((label.capitalize(), Percent()) for label, _ in shares), ("Accounts", COUNT)),
        zip(names, *(share for _, share in shares), accounts, strict=True),
    )


def curve_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return quantity, bill and ratio along the range."""
    return curve.along.assign(series="these prices")


def span_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return the two ends of the log axes: of quantities, and of the bills on the curve and today."""
    drawn = pd.concat([curve.along, today_rows(curve)])[["quantity", "bill"]]
    positive = drawn.where(drawn > 0)
    return pd.DataFrame({name: log_span(positive[name].min(), positive[name].max()) for name in positive})


def today_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return the median of what accounts pay today along the metric."""
    inside = curve.quantities.today["quantity"].between(curve.quantities.low, curve.quantities.high)
    return curve.quantities.today[inside].assign(series="today (median of accounts)")


def band_rows(curve: PriceCurve) -> pd.DataFrame:
    """Return what the calculator in the chart needs: lower and upper end, price and included units of each band."""
    lower = [0.0, *(float(band.up_to) for band in curve.charge.bands if band.up_to is not None)]
    return pd.DataFrame(
        {
            "lower": lower[: len(curve.charge.bands)],
            "upper": [_OPEN_END if band.up_to is None else float(band.up_to) for band in curve.charge.bands],
            "price": [float(band.unit_price) for band in curve.charge.bands],
            "free": float(curve.charge.free_units),
        }
    )


def ratio_corridor_rows(corridors: Sequence[RatioCorridor]) -> pd.DataFrame:
    """Return the corridors the rules ask for."""
    return pd.DataFrame(
        {
            "corridor": [each.label for each in corridors],
            "low": [each.low for each in corridors],
            "high": [each.high for each in corridors],
        }
    )


def along_table(curve: PriceCurve, title: str, currency: str) -> DataTable:
    """Return a few points along the range: quantity, bill, bill at ten times, ratio."""
    places = np.unique(np.linspace(0, len(curve.along) - 1, _ROWS_TO_READ).round().astype(int))
    return DataTable.of_frame(
        curve.along.iloc[places],
        (
            (f"{capitalised(title)} a month", NUMBER, "quantity"),
            ("Bill a month", Money(currency, "priced"), "bill"),
            ("Bill at ten times", Money(currency, "priced"), "bill_at_multiple"),
            ("Ratio", Number(1, unit="x"), "ratio"),
        ),
    )


def slider_range(curve: PriceCurve) -> tuple[float, float, float, float]:
    """Return smallest and largest quantity of the calculator, its step and where it starts, all round numbers."""
    low, high = curve.quantities.low, curve.quantities.high
    step = 10.0 ** math.floor(math.log10((high - low) / _SLIDER_STEPS))
    if high >= _COUNTED_WHOLE:
        step = max(1.0, step)
    start = max(step, round(curve.quantities.typical / step) * step)
    least = max(step, math.floor(low / step) * step)
    return tuple(float(f"{value:.10g}") for value in (least, math.ceil(high / step) * step, step, start))  # type: ignore[return-value]


# --- The charts of the price curve: the bill along the quantities accounts have, and what ten times the use costs


def curve_figure(result: ValueMetricResult, curve: PriceCurve) -> Figure:
    """Return the bill along the quantities accounts have, with what they pay today."""
    title, currency = _title(result), result.currency
    today = curve.quantities.today
    typical = float(amount_of(curve.charge, str(curve.quantities.typical)))
    reading = say(
        "at_the_typical_a_month", typical=curve.quantities.typical, title=title, typical_2=typical, currency=currency
    )
    if len(today):
        reading += say("where_today_s_points_lie")
    return Figure(
        key="curve",
        title="Monthly bill against quantity",
        description=say("monthly_bill_against_both_axes", title=title),
        reading=reading,
        build=partial(curve_chart, title, currency),
        data={"curve": curve_rows(curve), "today": today_rows(curve), "span": span_rows(curve)},
        table=along_table(curve, title, currency),
        table_caption=say("bill_along_the_quantities_of", title=title),
        signature=(title, currency),
        footnotes=(
            say("from_the_th_to_the", accounts=curve.quantities.accounts),
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
    shares = [
        say("of_accounts_pay", share_between=curve.share_between(c.low, c.high), label=c.label)
        for c in result.corridors
    ]
    return Figure(
        key="multiple",
        title=say("what_ten_times_the_use"),
        description=say("bill_at_ten_times_the", title=title, words=" and ".join(words)),
        reading=say("ten_times_the_typical_use", typical_ratio=curve.typical_ratio, shares=" and ".join(shares)),
        build=partial(multiple_chart, title, currency, limits, words),
        data={
            "multiple": curve_rows(curve),
            "corridors": ratio_corridor_rows(result.corridors),
            "bands": band_rows(curve),
            "span": span_rows(curve),
        },
        table=result.tables.get("bands"),
        table_caption=say("the_bands_what_each_unit", title=title),
        signature=(title, currency, limits, words),
        footnotes=(say("move_the_slider_to_see"), *_not_billed(result)),
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
        title=say("bill_at_ten_times_over"),
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
    instead = "" if known is None else say("on_the_price_list_ten", known=known)
    return (say("nobody_is_billed_by_this", instead=instead),)


def _quantities() -> alt.Axis:
    return log_axis("x", money_expression(NO_CURRENCY, ",.3~s"))


def _title(result: ValueMetricResult) -> str:
    return "units" if result.metric is None else result.metric.title


def _units(title: str) -> str:
    return f"{capitalised(title)} a month"


def _plain(text: str) -> str:
    """Make a name safe inside a Vega expression's quotes."""
    return text.replace("\\", " ").replace("'", "\u2019")


# --- The charts of the stage: order, evidence and growth; those of the price curve stand in `charts_curve`

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
    reading = say("ranks_first_in_of_draws", title=first.candidate.title, probability_first=first.probability_first)
    if len(result.ranked) > 1:
        reading += f" Last: {last.candidate.title}."
    names = tuple(each.candidate.title for each in result.ranked)
    return Figure(
        key="ranking",
        title=say("candidates_in_order_and_how"),
        description=say("scores_from_to_of_candidates", names=len(names), names_2=", ".join(names)),
        reading=reading,
        build=ranking_chart,
        data={"ranking": ranking_rows(result.ranked)},
        table=result.tables["ranking"],
        table_caption=say("candidates_for_the_value_metric"),
        signature=names,
        footnotes=(say("bar_the_middle_of_draws"),),
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
    reading = say("the_fuller_the_colour_the")
    if known and len(names) > 1:
        low = sum(value < 0.25 for value in known.values())  # noqa: PLR2004 - a quarter of the scale
        reading = say(
            "under_on_of_known_criteria", title=last.candidate.title, low=low, known=len(known), reading=reading
        )
    return Figure(
        key="criteria",
        title=say("what_speaks_for_each_candidate"),
        description=say("scores_from_to_of_on", names=", ".join(names)),
        reading=reading,
        build=partial(criteria_chart, len(names)),
        data={"criteria": criteria_rows(result.ranked)},
        table=result.tables["measures"],
        table_caption=say("what_was_measured_value_interval"),
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
        description=say("share_of_accounts_by_how", names=", ".join(names)),
        reading=say("grows_in_most_accounts_of", best=best, growing=growing[best], accounts=accounts),
        build=growth_chart,
        data={"growth": growth_rows(result.growth, names)},
        table=growth_table(result.growth, names),
        table_caption=say("share_of_active_accounts_by"),
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
