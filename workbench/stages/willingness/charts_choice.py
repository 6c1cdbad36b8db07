"""The charts of choices between offers: what each attribute is worth, and how far respondents differ about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from workbench.formatting import NO_CURRENCY, count, money, percent
from workbench.research.choice.multinomial import ChoiceModel
from workbench.research.choice.steps import Step, steps, worth_of
from workbench.stages.chart_style import PALETTE, layered, money_expression
from workbench.stages.figure import Figure

if TYPE_CHECKING:
    from workbench.research import HierarchicalModel, MixedModel
    from workbench.results import Interval

    Result = ChoiceModel | MixedModel | HierarchicalModel

_ROW = 34
_BESIDE = 70
_QUANTILES = {"10% of respondents below": 0.1, "25% below": 0.25, "Middle": 0.5, "75% below": 0.75, "90% below": 0.9}
_FIELDS = ("p10", "p25", "p50", "p75", "p90")
_DRAWS = 100
_ZERO = pd.DataFrame({"at": [0.0]})
AS_CHOSEN = "Prices as chosen in the survey; nothing is taken off for saying more than one would pay."


def figures(result: Result, currency: str = NO_CURRENCY) -> tuple[Figure, ...]:
    """Return what each attribute is worth, and for models of single respondents how far they differ about it.

    None where the model has no price, for then nothing can be said in money.
    """
    found = steps(result.data, result.price)
    if result.price is None or not found:
        return ()
    if isinstance(result, ChoiceModel):
        return (_worth(result, found, currency),)
    return (_worth(result, found, currency), _spread(result, found, currency))


def _worth(result: Result, found: tuple[Step, ...], currency: str) -> Figure:
    worth = worth_of(found, result.willingness_to_pay())
    known = {words: each for words, each in worth.items() if np.isfinite(each.low)}
    rows = [(words, each.low, each.estimate, each.high) for words, each in known.items()]
    frame = pd.DataFrame(rows, columns=["attribute", "low", "worth", "high"])
    who = "the average choice" if isinstance(result, ChoiceModel) else "the middle respondent"
    table = pd.DataFrame(
        [(words, *_written(each, currency)) for words, each in worth.items()],
        columns=["Attribute", "Worth", "From", "To"],
    )
    return Figure(
        key="choice-worth",
        title="What each attribute is worth",
        description=f"Points with ranges: willingness to pay for {count('attribute', len(rows))}, the largest first.",
        reading=f"A point is what the attribute adds to the price that {who} would accept, in the period of the prices "
        f"shown; the line is its 90% range. {_first(known, currency)}",
        build=partial(_worth_chart, currency),
        data={"worth": frame, "zero": _ZERO},
        table=table,
        table_caption=f"Willingness to pay, {_asked(result)}",
        signature=("worth", currency, len(rows)),
        footnotes=_notes(result, [words for words in worth if words not in known]),
        height=_BESIDE + _ROW * max(len(rows), 1),
    )


def _spread(result: MixedModel | HierarchicalModel, found: tuple[Step, ...], currency: str) -> Figure:
    own = result.individual(draws=_DRAWS)
    worth = own.willingness().reshape(-1, len(own.columns))
    worth = worth[np.isfinite(worth).all(axis=1)]
    differs = {own.columns[column] for column in result.tastes.columns}
    if own.price in differs:  # then the worth of everything differs
        differs = set(own.columns)
    rows = []
    for step in found:
        if step.name in differs and len(worth):
            values = worth[:, own.columns.index(step.name)] * step.units
            ends = np.quantile(values, list(_QUANTILES.values())).tolist()
            rows.append((step.words, *ends, float((values > 0).mean())))
    frame = pd.DataFrame(rows, columns=["attribute", *_FIELDS, "positive"])
    frame = frame.sort_values("p90", ascending=False, ignore_index=True)
    table = pd.DataFrame({"Attribute": frame["attribute"]})
    for words, name in zip(_QUANTILES, _FIELDS, strict=True):
        table[words] = [money(each, currency) for each in frame[name]]
    table["Worth something to"] = [percent(each) for each in frame["positive"]]
    return Figure(
        key="choice-spread",
        title="How far respondents differ",
        description="Bars of willingness to pay across respondents: a thin line from the 10% to the 90% point, "
        "a thick one over the middle half, a mark at the middle.",
        reading=_divided(frame),
        build=partial(_spread_chart, currency),
        data={"spread": frame, "zero": _ZERO},
        table=table,
        table_caption=f"Willingness to pay across respondents, {_asked(result)}",
        signature=("spread", currency, len(frame)),
        footnotes=_notes(result, []),
        height=_BESIDE + _ROW * max(len(frame), 1),
    )


def _worth_chart(currency: str) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("worth"))
    y = _rows_axis()
    hint = [
        alt.Tooltip("attribute:N", title="Attribute"),
        *(
            alt.Tooltip(f"{name}:Q", title=f"{title} ({currency})", format=",.2~f")
            for name, title in (("worth", "Worth"), ("low", "From"), ("high", "To"))
        ),
    ]
    line = base.mark_rule(color=PALETTE.ours, strokeWidth=3).encode(
        x=_money_axis("low", currency, "Willingness to pay"), x2="high:Q", y=y, tooltip=hint
    )
    point = base.mark_point(color=PALETTE.ours, filled=True, opacity=1, size=90).encode(x="worth:Q", y=y, tooltip=hint)
    return layered(_zero(), line, point)


def _spread_chart(currency: str) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("spread"))
    y = _rows_axis()
    hint = [
        alt.Tooltip("attribute:N", title="Attribute"),
        *(
            alt.Tooltip(f"{name}:Q", title=f"{words} ({currency})", format=",.2~f")
            for words, name in zip(_QUANTILES, _FIELDS, strict=True)
        ),
        alt.Tooltip("positive:Q", title="Worth something to", format=".0%"),
    ]
    title = "Willingness to pay across respondents"
    thin = base.mark_rule(color=PALETTE.ours, strokeWidth=2).encode(
        x=_money_axis("p10", currency, title), x2="p90:Q", y=y, tooltip=hint
    )
    thick = base.mark_bar(color=PALETTE.ours, height=12, cornerRadius=2).encode(
        x="p25:Q", x2="p75:Q", y=y, tooltip=hint
    )
    middle = base.mark_tick(color="white", thickness=3, size=12).encode(x="p50:Q", y=y, tooltip=hint)
    return layered(_zero(), thin, thick, middle)


def _zero() -> alt.Chart:
    return alt.Chart(alt.NamedData("zero")).mark_rule(color=PALETTE.today, strokeDash=[3, 3]).encode(x="at:Q")


def _rows_axis() -> alt.Y:
    return alt.Y("attribute:N", title=None, sort=None, axis=alt.Axis(labelLimit=260))


def _money_axis(field: str, currency: str, title: str) -> alt.X:
    shown = title if currency == NO_CURRENCY else f"{title} ({currency})"
    return alt.X(f"{field}:Q", title=shown, axis=alt.Axis(labelExpr=money_expression(currency), tickCount=5))


def _first(known: dict[str, Interval], currency: str) -> str:
    if not known:
        return "The choices do not settle any of them."
    words, most = next(iter(known.items()))
    ends = f"{money(most.low, currency)} to {money(most.high, currency)}"
    return f"Most counts {words}: {money(most.estimate, currency)} ({ends})."


def _divided(frame: pd.DataFrame) -> str:
    """Say about which attribute respondents are most divided: nearest to half for, half against."""
    if frame.empty:
        return "No attribute differs between respondents in this model."
    row = frame.iloc[int((frame["positive"] - 0.5).abs().to_numpy().argmin())]
    return (
        f"Most divided are respondents about {row['attribute']}: it is worth something to "
        f"{percent(float(row['positive']))} of them. What few value highly belongs in the top tier or an add-on; "
        "what nearly everybody values alike, into every tier."
    )


def _written(interval: Interval, currency: str) -> tuple[str, str, str]:
    if not np.isfinite(interval.low):
        return ("unknown", "unknown", "unknown")
    return money(interval.estimate, currency), money(interval.low, currency), money(interval.high, currency)


def _asked(result: Result) -> str:
    people = len(result.data.people)
    choices = count("choice", len(result.data))
    return f"{count('respondent', people)}, {choices}" if people else choices


def _notes(result: Result, unsettled: list[str]) -> tuple[str, ...]:
    left = (f"Not settled by the choices: {', '.join(unsettled)}.",) if unsettled else ()
    return (f"{_asked(result)}.", AS_CHOSEN, *left, *(each.text for each in result.cautions))
