"""Charts of a price search: how flat the best is, what each rule costs, other peaks, and how sure the gain is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from workbench.demand.search.words import OBJECTIVES, value_in_words
from workbench.formatting import capitalised, exact_percent, money, percent
from workbench.stages.chart_style import AXIS_FORMATS, PALETTE, money_expression
from workbench.stages.figure import Figure

if TYPE_CHECKING:
    from workbench.demand import PriceSearch

_BINS = 30
_ROW, _HEAD = 34, 60
_FOUND = "found price"


def figures(search: PriceSearch) -> tuple[Figure, ...]:
    """Return the charts of a price search; those that were not asked for are left out."""
    flat = (_flat(search),) if search.flat is not None else ()
    rules = (_rules(search),) if search.rule_costs else ()
    peaks = (_peaks(search),) if len(search.peaks) > 1 else ()
    return (*flat, *rules, *peaks, _gain(search))


def rule_figures(search: PriceSearch) -> tuple[Figure, ...]:
    """Return what each rule costs, without any prices."""
    drawn = (_rules(search),) if search.rule_costs else ()
    return tuple(replace(each, table=search.rule_table.drop(columns=list(search.searched))) for each in drawn)


def _notes(search: PriceSearch) -> tuple[str, ...]:
    return tuple(caution.text for caution in search.cautions)


def _flat(search: PriceSearch) -> Figure:
    assert search.flat is not None  # noqa: S101 - asked for above
    within = percent(1 - search.flat.kept)
    rows = [
        (name, *search.flat.alone[name], *search.flat.together[name], search.prices[name], search.today[name])
        for name in search.searched
    ]
    columns = ["offer", "low", "high", "lowest", "highest", "found", "today"]
    narrow = min(search.searched, key=lambda name: search.flat.alone[name][1] / search.flat.alone[name][0])  # type: ignore[union-attr]
    low, high = search.flat.alone[narrow]
    return Figure(
        key="price-search-flat",
        title="How far prices can move",
        description=(
            "One row per offer on a logarithmic axis of prices: a thick bar for how far its price moves alone, a thin "
            "one for how far it moves together with the others, a dot at the found price and a diamond at "
            f"{search.whose}."
        ),
        reading=(
            f"Anywhere on a thick bar the prices still bring {percent(search.flat.kept)} of the best, if only that "
            f"price moves. {narrow} has the least room: {money(low, search.currency)} to "
            f"{money(high, search.currency)}."
        ),
        build=partial(_flat_chart, search.searched, search.currency, f"{search.whose} price"),
        data={"flat": pd.DataFrame(rows, columns=columns)},
        table=search.price_table,
        table_caption=f"Prices a month, and how far each can move alone within {within} of the best",
        signature=(search.searched, search.currency, search.whose),
        footnotes=(
            "Thick bar: this price alone; thin bar: together with the others.",
            (
                f"The thin bars come from {len(search.flat.designs):,} sets of prices within {within} of the best; "
                "there may be a little more room."
            ),
            *_notes(search),
        ),
        height=_HEAD + _ROW * len(search.searched),
    )


def _flat_chart(offers: tuple[str, ...], currency: str, listed: str) -> Any:  # noqa: ANN401 - altair's kinds
    data = alt.NamedData("flat")
    names = alt.Y("offer:N", title=None, sort=list(offers), axis=alt.Axis(labelLimit=240))
    axis = alt.Axis(labelExpr=money_expression(currency), tickCount=6)
    scale = alt.Scale(type="log", nice=False, padding=12)
    layers = []
    for low, high, size in (("lowest", "highest", 4), ("low", "high", 14)):
        # The outline keeps a price without any room visible.
        bar = alt.Chart(data).mark_bar(
            height=size, opacity=0.55, cornerRadius=2, stroke=PALETTE.ours, strokeWidth=2, strokeOpacity=1
        )
        layers.append(
            bar.encode(y=names, x=alt.X(f"{low}:Q", title="Price a month", axis=axis, scale=scale), x2=f"{high}:Q")
        )
    kinds = [_FOUND, listed]
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[PALETTE.watch, PALETTE.today]))
    shape = alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond"]))
    for kind, field in ((listed, "today"), (_FOUND, "found")):
        point = alt.Chart(data).transform_calculate(kind=f'"{kind}"').mark_point(filled=True, size=90, opacity=1)
        layers.append(
            point.encode(
                y=names,
                x=alt.X(f"{field}:Q", scale=scale),
                color=colour,
                shape=shape,
                tooltip=[
                    alt.Tooltip("offer:N", title="Offer"),
                    alt.Tooltip(f"{field}:Q", title=kind.capitalize(), format=AXIS_FORMATS["exact"]),
                ],
            )
        )
    return alt.layer(*layers)


def _rules(search: PriceSearch) -> Figure:
    rows = pd.DataFrame(
        [(capitalised(cost.name), cost.gain, value_in_words(search, cost.gain)) for cost in search.rule_costs],
        columns=["rule", "gain", "words"],
    )
    single = [cost for cost in search.rule_costs if cost.rule != "all"]
    dearest = max(single or search.rule_costs, key=lambda cost: cost.gain)
    return Figure(
        key="price-search-rules",
        title="What each rule costs",
        description=f"One bar per rule: how much more {OBJECTIVES[search.objective]} the best prices without it bring.",
        reading=(
            f"The dearest rule is {dearest.name}: without it the best prices bring "
            f"{value_in_words(search, dearest.gain)} more, {percent(dearest.gain / abs(search.value), 1)} of the value."
            if search.value
            else "The prices found bring nothing, so no rule can be compared."
        ),
        build=partial(_bars, "rules", "rule", tuple(rows["rule"]), _unit(search), "gain"),
        data={"rules": rows},
        table=search.rule_table,
        table_caption="Prices searched again without each rule",
        signature=(tuple(rows["rule"]), _unit(search)),
        footnotes=("Costs do not add up: rules can stand in for each other.", *_notes(search)),
        height=_HEAD + _ROW * len(rows),
    )


def _peaks(search: PriceSearch) -> Figure:
    names = tuple(f"Peak {place + 1}" for place in range(len(search.peaks)))
    rows = pd.DataFrame(
        [
            (name, peak.value, value_in_words(search, peak.value))
            for name, peak in zip(names, search.peaks, strict=True)
        ],
        columns=["peak", "value", "words"],
    )
    best, second = search.peaks[0], search.peaks[1]
    return Figure(
        key="price-search-peaks",
        title="Other places where prices settle",
        description=f"One bar per local peak, the highest first: the {OBJECTIVES[search.objective]} it brings.",
        reading=(
            f"From {search.starts} starts, {search.agreeing} ended about as high as the best. The next place brings "
            f"{percent(second.value / best.value, 1) if best.value else 'as much'} of the best, with other prices: see "
            "the table."
        ),
        build=partial(_bars, "peaks", "peak", names, _unit(search), "value"),
        data={"peaks": rows},
        table=search.peak_table,
        table_caption="Local peaks: no single price and no pair of prices moved from here brings more",
        signature=(names, _unit(search)),
        footnotes=_notes(search),
        height=_HEAD + _ROW * len(rows),
    )


def _bars(name: str, field: str, order: tuple[str, ...], unit: str, value: str) -> Any:  # noqa: ANN401 - as above
    base = alt.Chart(alt.NamedData(name)).encode(
        y=alt.Y(f"{field}:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=260)),
        x=alt.X(
            f"{value}:Q",
            title="More than with all rules" if value == "gain" else "A month",
            axis=_value_axis(unit, ticks=4),
        ),
    )
    text = base.mark_text(align="left", dx=4).encode(text="words:N")
    # Words beside the longest bar need room, and a scale only reaches as far as its marks.
    room = base.transform_calculate(beyond=f"datum.{value} * 1.5").mark_point(opacity=0).encode(x=alt.X("beyond:Q"))
    return alt.layer(base.mark_bar(height=16), text, room)


def _gain(search: PriceSearch) -> Figure:
    values = search.gain.drawn
    counts, edges = np.histogram(values, bins=_bin_edges(values))
    rows = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": counts / max(values.size, 1)}).assign(
        nothing=0.0
    )
    rows["side"] = np.where((rows["low"] + rows["high"]) / 2 > 0, *_sides(search.whose))
    interval = search.gain.interval
    drawn = "draws of what customers would pay" if search.gain.by == "draws" else "samples of these customers"
    table = pd.DataFrame(
        {
            "": [
                "Gain a month",
                f"{exact_percent(interval.level)} from",
                f"{exact_percent(interval.level)} to",
                "Chance of a gain",
            ],
            "Value": [
                value_in_words(search, interval.estimate),
                value_in_words(search, interval.low),
                value_in_words(search, interval.high),
                percent(search.gain.probability),
            ],
        }
    )
    return Figure(
        key="price-search-gain",
        title=f"Gain over {search.whose} prices",
        description=(
            f"Bars of how often the found prices bring how much more than {search.whose}, in {values.size:,} {drawn}."
        ),
        reading=(
            f"In {percent(search.gain.probability)} of {values.size:,} {drawn} the found prices bring more than "
            f"{search.whose}. The gain is {value_in_words(search, interval.estimate)} a month, "
            f"{value_in_words(search, interval.low)} to {value_in_words(search, interval.high)} "
            f"({exact_percent(interval.level)} interval)."
        ),
        build=partial(_gain_chart, _unit(search), search.whose),
        data={"gain": rows},
        table=table,
        table_caption=f"Gain in {OBJECTIVES[search.objective]}",
        signature=(_unit(search), search.whose),
        footnotes=("Both sets of prices meet the same customers and draws.", *_notes(search)),
    )


def _bin_edges(values: np.ndarray) -> np.ndarray:
    """Return bins of equal width with an edge at zero, so that a bar is a gain or a loss and never both."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    width = (high - low) / _BINS or 1.0
    first, last = int(np.floor(low / width)), int(np.ceil(high / width))
    return np.arange(first, max(last, first + 1) + 1) * width


def _gain_chart(unit: str, whose: str) -> Any:  # noqa: ANN401 - as above
    sides = list(_sides(whose))
    bars = (
        alt.Chart(alt.NamedData("gain"))
        .mark_rect()
        .encode(
            x=alt.X("low:Q", title=f"Gain a month over {whose} prices", axis=_value_axis(unit)),
            x2="high:Q",
            y=alt.Y("share:Q", title="Share of the draws", axis=alt.Axis(format=".0%", tickCount=5)),
            y2="nothing:Q",
            color=alt.Color("side:N", title=None, scale=alt.Scale(domain=sides, range=[PALETTE.ours, PALETTE.breach])),
            tooltip=[
                alt.Tooltip("low:Q", title="From", format=AXIS_FORMATS["number"]),
                alt.Tooltip("high:Q", title="To", format=AXIS_FORMATS["number"]),
                alt.Tooltip("share:Q", title="Share of the draws", format=".1%"),
            ],
        )
    )
    zero = alt.Chart(alt.NamedData("gain")).mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0))
    return alt.layer(bars, zero)


def _sides(whose: str) -> tuple[str, str]:
    return f"brings more than {whose}", f"brings less than {whose}"


def _unit(search: PriceSearch) -> str:
    return "percent" if search.objective == "share" else search.currency


def _value_axis(unit: str, *, ticks: int = 5) -> alt.Axis:
    if unit == "percent":
        return alt.Axis(format=".1%", tickCount=ticks)
    return alt.Axis(labelExpr=money_expression(unit, ",.3~s"), tickCount=ticks, labelOverlap=True)
