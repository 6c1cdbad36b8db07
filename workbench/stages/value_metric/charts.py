"""The charts of the stage with their rows.

Ranking, evidence, growth, price curve and the multiple for ten times the use.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, number, percent
from workbench.impact.billing import amount_of
from workbench.locales import NO_CURRENCY
from workbench.stages import marks
from workbench.stages.figure import PALETTE, Figure, figure_maker, log_span, money_expression, priced_expression
from workbench.stages.value_metric.decision import SHORT_CRITERIA
from workbench.stages.value_metric.evidence import GROWTH_CLASSES
from workbench.tables import COUNT, NUMBER, TEXT, DataTable, Money, Number, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stages.value_metric.result import PriceCurve, Ranked, RatioCorridor, ValueMetricResult

say, draw = texts(__name__), figure_maker(__package__)

# --- The rows the charts draw, ready and small

_OPEN_END = 1e300  # JSON has no infinity; no bill reaches this far
_ROWS_TO_READ = 9
_SLIDER_STEPS = 400
_COUNTED_WHOLE = 20  # quantities of this size are asked for in whole units


def ranking_rows(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate: score and interval from 0 to 100, and the words beside them."""
    rows = []
    for place, each in enumerate(ranking):
        low, score, high = (100 * end for end in (each.score.low, each.score.estimate, each.score.high))
        state = "measured" if each.known_weight > 0 else "nothing known"
        first = f"first in {percent(each.probability_first)}"
        words = (state, f"{score:.0f} ({low:.0f} to {high:.0f})", first, number(each.expected_rank, 1))
        rows.append((each.candidate.title, place, low, score, high, *words))
    names = ["candidate", "place", "low", "score", "high", "state", "score_text", "first_text", "rank_text"]
    return pd.DataFrame(rows, columns=names)


def criteria_rows(ranking: Sequence[Ranked]) -> pd.DataFrame:
    """Return one row per candidate and criterion: score from 0 to 100, "?" where unknown."""
    rows = [
        (each.candidate.title, place, SHORT_CRITERIA[key], order, 100 * (value or 0.0), _score_words(value))
        for place, each in enumerate(ranking)
        for order, (key, value) in enumerate(each.criteria.items())
    ]
    return pd.DataFrame(rows, columns=["candidate", "place", "criterion", "order", "shade", "text"])


def _score_words(score: float | None) -> str:
    return "?" if score is None else f"{100 * score:.0f}"


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
    rows = [(each.label, each.low, each.high) for each in corridors]
    return pd.DataFrame(rows, columns=["corridor", "low", "high"])


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


_SERIES = {"these prices": PALETTE.ours, "today (median of accounts)": PALETTE.today}
_HEADLINE: dict[str, Any] = {
    "gap": 0,
    "align": "left",
    "baseline": "top",
    "fontSize": 13,
    "fontWeight": 600,
    "lineBreak": "\n",
}

# --- The charts of the price curve


def curve_figure(result: ValueMetricResult, curve: PriceCurve) -> Figure:
    """Return the bill along the quantities accounts have, with what they pay today."""
    title, currency = _title(result), result.currency
    return draw(
        "curve",
        marks.picture(
            marks.line_marks(),
            marks.dots(data="today", size=75, shape="diamond").telling(),
            marks.reach("span"),
            x=_quantities(title),
            y=marks.by_money("bill", f"Bill a month ({currency})", currency, ",.2~s", ticks=None, scale=marks.LOG),
            by=marks.roles("series", _SERIES),
            tips=marks.tips(series="Price", quantity=(_units(title), "number"), bill=(f"Bill ({currency})", "whole")),
        ),
        {"curve": curve_rows(curve), "today": today_rows(curve), "span": span_rows(curve)},
        along_table(curve, title, currency),
        metric=title,
        currency=currency,
        curve=curve,
        bill=float(amount_of(curve.charge, str(curve.quantities.typical))),
        not_billed=_not_billed(result),
    )


def multiple_figure(result: ValueMetricResult, curve: PriceCurve) -> Figure:
    """Return what ten times the use costs along the range, with a slider that works out any quantity."""
    title, corridors = _title(result), tuple(each.label for each in result.corridors)
    return draw(
        "multiple",
        _multiple_chart(title, result.currency, slider_range(curve), corridors),
        {
            "multiple": curve_rows(curve),
            "corridors": ratio_corridor_rows(result.corridors),
            "bands": band_rows(curve),
            "span": span_rows(curve),
        },
        result.tables.get("bands"),
        metric=title,
        corridors=corridors,
        shares=[curve.share_between(each.low, each.high) for each in result.corridors],
        typical_ratio=curve.typical_ratio,
        not_billed=_not_billed(result),
    )


def _multiple_chart(
    title: str, currency: str, limits: tuple[float, float, float, float], corridors: tuple[str, ...]
) -> marks.Picture:
    """Return the ratio along the range over its corridors, and a calculator that needs no kernel."""
    low, high, step, start = limits
    asked: dict[str, Any] = {"data": "bands", "color": PALETTE.watch}
    worked_out = _asked(title, currency)
    legend: dict[str, Any] = {"symbolType": "square", "symbolOpacity": 0.5}
    return marks.picture(
        marks.shade("low", "high", "corridors"),
        marks.line_marks(color=PALETTE.ours),
        marks.reference("quantity", on="x", **asked).between(42, "height").working_out(worked_out),
        marks.dots(size=130, **asked).working_out(worked_out),
        marks.words("words", at=marks.pixels(4), across=marks.pixels(8), data="bands", **_HEADLINE).working_out(
            worked_out
        ),
        marks.reach("span", None, on="y"),
        x=_quantities(title),
        # Every layer names the scale: a rectangle alone would ask for a zero that says nothing here.
        y=marks.by_number(
            "ratio",
            say("bill_at_ten_times_over"),
            scale={"domain": [4, 10.5], "zero": False, "nice": False, "clamp": True},
            values=[5, 6, 7, 8, 9],
            labelExpr="datum.label + 'x'",
        ),
        by=marks.roles("corridor", dict(zip(corridors, (PALETTE.ours, PALETTE.ok), strict=False)), **legend),
        tips=marks.tips(quantity=(_units(title), "number"), ratio=("Ratio", ".2f")),
        params=(marks.asked_by_slider(_units(title), low, high, step, start),),
    )


def _asked(title: str, currency: str) -> tuple[dict[str, Any], ...]:
    """Work out the bill of the quantity asked and of ten times as much, from the bands, in the chart itself."""
    bill, ten_times = (
        money_expression(currency, value=priced_expression(f"datum.{name}")) for name in ("bill", "bill_at_ten")
    )
    in_band = "max(0, min(max(0, {} - datum.free), datum.upper) - datum.lower) * datum.price"
    told = (
        f"format({marks.ASKED}, ',.4~g') + ' {_plain(title)}: ' + {bill} + '\\nTen times as much: ' + {ten_times} + "
        "(datum.bill > 0 ? ' (' + format(datum.bill_at_ten / datum.bill, '.1f') + 'x)' : '')"
    )
    sums = [{"op": "sum", "field": each, "as": name} for each, name in (("one", "bill"), ("ten", "bill_at_ten"))]
    return (
        {"calculate": in_band.format(marks.ASKED), "as": "one"},
        {"calculate": in_band.format(f"10 * {marks.ASKED}"), "as": "ten"},
        {"aggregate": sums, "groupby": []},
        {"calculate": marks.ASKED, "as": "quantity"},
        {"calculate": "datum.bill > 0 ? datum.bill_at_ten / datum.bill : null", "as": "ratio"},
        {"calculate": told, "as": "words"},
    )


def _not_billed(result: ValueMetricResult) -> str:
    """Say so where nobody is billed by the curve, because there are tiers."""
    listed = result.list_beside_curve
    return "" if listed is None else say("nobody_is_billed_by_this", known=listed.typical_ratio)


def _quantities(title: str) -> marks.Axis:
    return marks.by_money("quantity", _units(title), NO_CURRENCY, marks.BIG_MONEY, ticks=None, scale=marks.LOG)


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
_GROWTH_COLOURS = (PALETTE.breach, "#E3A48C", PALETTE.today, "#A9CBEB", "#5F9FDC", PALETTE.ours)
_CLASSES = dict(zip([label for label, _ in GROWTH_CLASSES], _GROWTH_COLOURS, strict=True))
_STATES = {
    "field": "state",
    "legend": None,
    "scale": {"domain": ["nothing known", "measured"], "range": ["diamond", "circle"]},
}


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
    names = tuple(each.candidate.title for each in result.ranked)
    return draw(
        "ranking",
        # The order is data, so that a chart on screen can be kept when candidates change places.
        marks.picture(
            marks.range_bars(height=9, color=PALETTE.ours),
            marks.dots(size=110, color=PALETTE.ours).encoding(shape=_STATES),
            marks.words("first_text", at=104, gap=0, align="left"),
            y=marks.by_name("candidate", "place"),
            x=marks.by_number(
                "score",
                "Score (0 worst, 100 best)",
                scale={"domain": [0, 130]},
                values=[0, 20, 40, 60, 80, 100],
                grid=True,
            ),
            tips=marks.tips(
                candidate="Candidate", score_text="Score", first_text="First place", rank_text="Expected rank"
            ),
        ),
        {"ranking": ranking_rows(result.ranked)},
        result.tables["ranking"],
        height=_ROW * len(names) + 50,
        names=names,
        first=result.ranked[0].probability_first,
    )


def criteria_figure(result: ValueMetricResult) -> Figure:
    """Return the score of every candidate on every criterion."""
    names = tuple(each.candidate.title for each in result.ranked)
    room = {"expr": f"width / {len(names)} - 4"}
    return draw(
        "criteria",
        marks.cell_chart(
            x=marks.by_name(
                "candidate", "place", labelLimit=room, labelExpr="split(datum.label, ' ')", **marks.HEADINGS
            ),
            y=marks.by_name("criterion", "order"),
            text="text",
            shade=marks.strength("shade", 100),
            tips=marks.tips(candidate="Candidate", criterion="Criterion", text="Score, 0 to 100"),
        ),
        {"criteria": criteria_rows(result.ranked)},
        result.tables["measures"],
        height=_CELL * 9 + 60,
        names=names,
        known=[value for value in result.ranked[-1].criteria.values() if value is not None],
    )


def growth_figure(result: ValueMetricResult) -> Figure:
    """Return how many accounts grow and shrink on each metric."""
    growth, titles = result.growth, dict.fromkeys(each.candidate.title for each in result.ranked)
    names = tuple(title for title in titles if (growth["metric"] == title).any())
    growing = growth[growth["order"] >= _FIRST_GROWING].groupby("metric")["share"].sum()
    best = str(growing.idxmax())
    return draw(
        "growth",
        marks.stack_chart(
            y=marks.by_name("metric", "place"),
            x=marks.by_share("share", "Share of accounts", values=[0, 0.25, 0.5, 0.75, 1], scale=marks.WHOLE),
            by=marks.roles("growth", _CLASSES, columns=2, symbolType="square"),
            height=20,
            tips=marks.tips(
                metric="Metric", growth="In a year", share=("Share", "percent"), accounts=("Accounts", "whole")
            ),
        ),
        {"growth": growth_rows(growth, names)},
        growth_table(growth, names),
        height=_ROW * len(names) + 80,
        names=names,
        best=best,
        growing=growing[best],
        accounts=int(growth[growth["metric"] == best]["accounts"].sum()),
    )


_FIRST_GROWING = next(at for at, (label, _) in enumerate(GROWTH_CLASSES) if label.startswith("grows"))
