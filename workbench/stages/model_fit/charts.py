"""The charts of model fit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from workbench.formatting import count, percent
from workbench.stages.account_statistics import WEAK
from workbench.stages.figure import AXIS_FORMATS, PALETTE, Figure, broken_names, money_expression
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES, SHORT_CRITERIA
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.model_fit.result import ModelFitResult

say = texts(__name__)

RECORDED = tables.RECORDED
_TITLES = list(MODEL_TITLES.values())
_COLOURS = dict(zip(_TITLES, PALETTE.series, strict=False)) | {RECORDED: PALETTE.today}
_DASHES = {
    RECORDED: [2, 3],
    "Value metric": [1, 0],
    "Tiered": [6, 3],
    "Core plus add-ons": [1, 0],
    "Usage-based": [6, 3],
    "Hybrid": [1, 0],
}
_SHAPES = dict(
    zip([*_TITLES, RECORDED], ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross"), strict=True)
)
_CHANGE_COLOURS = ["#00795A", "#7CC4AD", "#C9CED3", "#F0B79E", "#D5562B", "#8F2F12"]
TOTAL = "Weighted total"
_RAMP = ["#F2F7FC", "#BAD4EE", "#6FA3DA"]
"""Colours of scores; dark ink reads on all of them, with a contrast of 4.5 to 1 and more."""
_ONE_PERCENT = 0.01


def figures(result: ModelFitResult) -> tuple[Figure, ...]:
    """Return the figures in the order they are read: adoption, paths, retention and swing, bill changes, scores."""
    found = []
    if result.evidence.adoption is not None and len(result.tables["adoption"]):
        found.append(_adoption(result))
    if result.comparison.models:
        found += [_paths(result), _retention(result)]
        if result.comparison.recorded is not None:
            found.append(_changes(result))
        found.append(_scores(result))
    return tuple(found)


def _adoption(result: ModelFitResult) -> Figure:
    table = result.tables["adoption"]
    rows = table.frame.assign(
        label=[
            f"{name} ({percent(share, 0 if share >= _ONE_PERCENT else 1)})"
            for name, share in zip(table["feature"], table["share"], strict=True)
        ],
        shown_low=table["low"].clip(lower=-0.5),
        shown=table["h"].clip(lower=-0.5),
    )
    adoption = result.evidence.adoption
    off = len(result.evidence.off_path)
    apart = say("have_no_place_in_it", off=off) if off else ""
    left = adoption.left_out if adoption is not None else ()
    told = say("left_out_because_nearly_everybody", left=", ".join(left))
    return Figure(
        key="adoption",
        title=say("do_customers_take_up_features"),
        description=say("points_with_intervals_loevinger_s"),
        reading=say("features_on_the_path_share", apart=apart),
        build=partial(_draw_adoption, tuple(rows["label"])),
        data={"adoption": rows, "mark": pd.DataFrame({"weak": [WEAK]})},
        table=table,
        table_caption=say("features_by_use_with_loevinger"),
        signature=tuple(rows["label"]),
        footnotes=(told,) if left else (),
        height=max(140, 19 * len(rows)),
    )


def _draw_adoption(labels: tuple[str, ...]) -> alt.LayerChart:
    data = alt.NamedData("adoption")
    # The title lies above the labels, where names of any length leave it room.
    heading = alt.Axis(
        labelLimit=230, grid=True, titleAngle=0, titleAlign="right", titleAnchor="start", titleX=-6, titleY=-12
    )
    y = alt.Y("label:N", sort=list(labels), title="Feature (accounts using it)", axis=heading)
    place = alt.Scale(domain=["on the common path", "off the path"], range=[PALETTE.ours, PALETTE.breach])
    shape = alt.Scale(domain=["on the common path", "off the path"], range=["circle", "diamond"])
    colour = alt.Color("path:N", scale=place, title=None)
    mark = alt.Chart(alt.NamedData("mark")).mark_rule(strokeDash=[4, 3], color=PALETTE.today).encode(x="weak:Q")
    span = alt.Chart(data).mark_rule().encode(
        y=y, x=alt.X("shown_low:Q", title=say("loevinger_s_h_perfect_order"),
                     axis=alt.Axis(grid=True, format=".1f", tickCount=10)),
        x2="high:Q",
        color=colour,
    )  # fmt: skip
    points = alt.Chart(data).mark_point(filled=True, size=70, opacity=1).encode(
        y=y, x="shown:Q", color=colour, shape=alt.Shape("path:N", scale=shape, title=None),
        tooltip=[alt.Tooltip("feature:N", title="Feature"), alt.Tooltip("share:Q", format=".0%", title="Accounts"),
                 alt.Tooltip("h:Q", format=".2f", title="H"), alt.Tooltip("reading:N", title="Reading")],
    )  # fmt: skip
    return mark + span + points


def people_compared(result: ModelFitResult) -> str:
    """Return how many accounts every model bills."""
    return count("account", int(result.comparison.population.sum()))


def _paths(result: ModelFitResult) -> Figure:
    comparison = result.comparison
    names = tuple(dict.fromkeys(result.tables["paths"]["model"]))
    equal_in = comparison.calibrated_in
    alone = len(set(result.tables["paths"]["month"])) == 1  # one month makes no line
    return Figure(
        key="paths",
        title=say("revenue_each_model_would_have"),
        description=say("lines_revenue_per_month_on", equal_in=equal_in),
        reading=say("all_earn_the_same_in", equal_in=equal_in),
        build=partial(_draw_paths, names, comparison.unit, alone=alone),
        data={"paths": result.tables["paths"].frame},
        table=tables.path_reading(result),
        table_caption=say("revenue_per_month_of_every", people_compared=people_compared(result), equal_in=equal_in),
        signature=(names, comparison.unit, alone),
        footnotes=(say("usage_is_taken_as_it"),),
    )


def _draw_paths(names: tuple[str, ...], unit: str, *, alone: bool) -> alt.Chart:
    axis = alt.Axis(format=AXIS_FORMATS["number"]) if unit == "index" else alt.Axis(
        labelExpr=money_expression(unit, ",.3~s"))  # fmt: skip
    title = "Revenue a month (index)" if unit == "index" else "Revenue a month"
    return (
        alt.Chart(alt.NamedData("paths"))
        .mark_line(point=alone)
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format=AXIS_FORMATS["month"], tickCount=6)),
            y=alt.Y("revenue:Q", title=title, axis=axis, scale=alt.Scale(zero=alone)),
            color=alt.Color("model:N", title=None, sort=list(names), scale=_scale(names), legend=alt.Legend(columns=3)),
            strokeDash=alt.StrokeDash(
                "model:N", title=None, sort=list(names),
                scale=alt.Scale(domain=list(names), range=[_DASHES[name] for name in names]),
            ),
            tooltip=[alt.Tooltip("model:N", title="Model"), alt.Tooltip("month:T", format="%b %Y", title="Month"),
                     alt.Tooltip("revenue:Q", format=",.0f", title=title)],
        )
    )  # fmt: skip


def _retention(result: ModelFitResult) -> Figure:
    rows = result.tables["models"].frame[["model", "retention", "swing", "jumps"]].dropna(subset=["retention", "swing"])
    names = tuple(rows["model"])
    return Figure(
        key="retention",
        title="Retention against steadiness",
        description=say("points_net_revenue_retention_and"),
        reading=say("up_is_better_existing_customers"),
        if_empty=say("no_model_has_a_net"),
        build=partial(_draw_retention, names),
        data={"retention": rows},
        table=result.tables["models"],
        table_caption=say("the_models_on_the_same", people_compared=people_compared(result)),
        signature=names,
        footnotes=(say("churn_is_what_was_on"),),
    )


def _draw_retention(names: tuple[str, ...]) -> alt.Chart:
    shapes = alt.Scale(domain=list(names), range=[_SHAPES[name] for name in names])
    return (
        alt.Chart(alt.NamedData("retention"))
        .mark_point(filled=True, size=130, opacity=1)
        .encode(
            x=alt.X("swing:Q", title=say("monthly_revenue_around_its_trend"), axis=alt.Axis(format=".1%", grid=True),
                    scale=alt.Scale(zero=False, padding=20)),
            y=alt.Y("retention:Q", title="Net revenue retention, 12 months", axis=alt.Axis(format=".0%"),
                    scale=alt.Scale(zero=False, padding=20)),
            color=alt.Color("model:N", title=None, sort=list(names), scale=_scale(names), legend=alt.Legend(columns=3)),
            shape=alt.Shape("model:N", title=None, sort=list(names), scale=shapes),
            tooltip=[alt.Tooltip("model:N", title="Model"), alt.Tooltip("retention:Q", format=".1%", title="Retention"),
                     alt.Tooltip("swing:Q", format=".1%", title="Around its trend"),
                     alt.Tooltip("jumps:Q", format=".1%", title="Monthly bills up over 25%")],
        )
    )  # fmt: skip


def _changes(result: ModelFitResult) -> Figure:
    rows = tables.change_shares(result.comparison)
    rows = rows.assign(label=[percent(share) if share >= 0.06 else "" for share in rows["share"]])  # noqa: PLR2004 - room for a number
    names = tuple(dict.fromkeys(rows["model"]))
    return Figure(
        key="changes",
        title=say("who_would_pay_more_who"),
        description=say("stacked_bars_share_of_accounts"),
        reading=say("each_bar_is_all_accounts"),
        build=partial(_draw_changes, names),
        data={"changes": rows, "change_labels": rows},
        table=tables.change_reading(result),
        table_caption=say("bill_change_against_what_is", calibrated_in=result.comparison.calibrated_in),
        signature=names,
        footnotes=(say("against_the_amount_on_record", calibrated_in=result.comparison.calibrated_in),),
        height=40 * len(names) + 50,
    )


def _draw_changes(names: tuple[str, ...]) -> alt.LayerChart:
    classes = [name for name, _ in tables.CHANGE_CLASSES]
    y = alt.Y("model:N", sort=list(names), title=None)
    bars = alt.Chart(alt.NamedData("changes")).mark_bar(cornerRadius=0).encode(
        y=y, x=alt.X("start:Q", title="Share of accounts", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
        x2="end:Q", color=alt.Color("change:N", sort=classes, title="Bill at the switch",
                        scale=alt.Scale(domain=classes, range=_CHANGE_COLOURS),
                        legend=alt.Legend(columns=3, symbolType="square")),
        tooltip=[alt.Tooltip("model:N", title="Model"), alt.Tooltip("change:N", title="Bill"),
                 alt.Tooltip("share:Q", format=".1%", title="Accounts")],
    )  # fmt: skip
    # The bars keep their colours on dark pages, so their numbers do too.
    ink = alt.condition("datum.order == 0 || datum.order >= 4", alt.value("#FFFFFF"), alt.value("#1F2328"))
    labels = alt.Chart(alt.NamedData("change_labels")).mark_text().encode(y=y, x="middle:Q", text="label:N", color=ink)
    return bars + labels


def _scores(result: ModelFitResult) -> Figure:
    scores = result.scores
    rows = [(MODEL_TITLES[c.model], SHORT_CRITERIA[c.criterion], c.score, c.reason) for c in scores.cells]
    rows += [(MODEL_TITLES[m], TOTAL, scores.totals[m], say("weighted_mean_of_the_known")) for m in scores.models]
    frame = pd.DataFrame(rows, columns=["model", "criterion", "score", "reason"])
    frame = frame.assign(label=[_cell(score) for score in frame["score"]])
    names, is_total = tuple(dict.fromkeys(frame["model"])), frame["criterion"] == TOTAL
    best = "" if scores.best is None else MODEL_TITLES[scores.best]
    first = "" if scores.best is None else percent(scores.first[scores.best])
    sure = say("it_comes_first_in_of", first=first)
    return Figure(
        key="scores",
        title="Score of each model",
        description=say("a_grid_of_scores_from"),
        reading=say("most_often_first_with_these", best=best, sure=sure) if best else say("no_criterion_is_known_for"),
        build=partial(_draw_scores, names),
        data={"scores": frame, "score_labels": frame[~is_total], "totals": frame[is_total]},
        table=tables.score_reading(result),
        table_caption="Scores, weights and scales",
        signature=names,
        footnotes=(say("hover_a_cell_for_its"),),
        height=9 * 34,
    )


def _draw_scores(names: tuple[str, ...]) -> alt.LayerChart:
    order = [*(SHORT_CRITERIA[key] for key in CRITERIA), TOTAL]
    x = alt.X("model:N", sort=list(names), title=None, scale=alt.Scale(padding=0.05), axis=alt.Axis(
        labelAngle=0, labelExpr=broken_names(names, 11), labelOverlap=False, labelLimit=110, ticks=False,
        domain=False))  # fmt: skip
    y = alt.Y("criterion:N", sort=order, title=None, scale=alt.Scale(padding=0.08))
    cells = alt.Chart(alt.NamedData("scores")).mark_rect(cornerRadius=3).encode(
        x=x, y=y,
        color=alt.condition(
            "isValid(datum.score)",
            alt.Color("score:Q", scale=alt.Scale(domain=[0, 0.5, 1], range=_RAMP), legend=None),
            alt.value("#C9CED3"),
        ),
        tooltip=[alt.Tooltip("model:N", title="Model"), alt.Tooltip("criterion:N", title="Criterion"),
                 alt.Tooltip("label:N", title="Score"), alt.Tooltip("reason:N", title="Reason")],
    )  # fmt: skip
    ink = alt.value("#1F2328")  # also on dark pages, where the cells keep their colours
    labels = alt.Chart(alt.NamedData("score_labels")).mark_text().encode(x=x, y=y, text="label:N", color=ink)
    totals = alt.Chart(alt.NamedData("totals")).mark_text(fontWeight="bold", fontSize=14).encode(
        x=x, y=y, text="label:N", color=ink
    )  # fmt: skip
    return cells + labels + totals


def _cell(score: float | None) -> str:
    return "unknown" if score is None or pd.isna(score) else f"{score:.2f}"


def _scale(names: tuple[str, ...]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=[_COLOURS[name] for name in names])
