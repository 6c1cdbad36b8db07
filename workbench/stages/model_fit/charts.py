"""The charts of model fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count, percent
from workbench.stages import marks
from workbench.stages.account_statistics import WEAK
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES, SHORT_CRITERIA
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.model_fit.result import ModelFitResult

say = texts(__name__)

RECORDED = tables.RECORDED
_TITLES = list(MODEL_TITLES.values())
_COLOURS = dict(zip(_TITLES, PALETTE.series, strict=False)) | {RECORDED: PALETTE.today}
_DASHES: dict[str, tuple[int, ...]] = {RECORDED: (2, 3), "Tiered": (6, 3), "Usage-based": (6, 3)}
_SHAPES = dict(zip([*_TITLES, RECORDED], marks.SHAPES, strict=True))
_CHANGE_COLOURS = ("#00795A", "#7CC4AD", "#C9CED3", "#F0B79E", "#D5562B", "#8F2F12")
_PATH_COLOURS = {"on the common path": PALETTE.ours, "off the path": PALETTE.breach}
_CHANGES = dict(zip([name for name, _ in tables.CHANGE_CLASSES], _CHANGE_COLOURS, strict=True))
_AROUND = {**marks.FREE, "padding": 20}
TOTAL = "Weighted total"
_RAMP = {0: "#F2F7FC", 0.5: "#BAD4EE", 1: "#6FA3DA"}
"""Colours of scores; dark ink reads on all of them, with a contrast of 4.5 to 1 and more."""
_UNKNOWN = "#C9CED3"
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
        build=marks.interval_chart(
            line=WEAK,
            low="shown_low",
            # The title lies above the labels, where names of any length leave it room.
            y=marks.by_name(
                "label",
                tuple(rows["label"]),
                "Feature (accounts using it)",
                grid=True,
                titleAngle=0,
                titleAlign="right",
                titleAnchor="start",
                titleX=-6,
                titleY=-12,
            ),
            x=marks.by_number("shown", say("loevinger_s_h_perfect_order"), ".1f", ticks=10, grid=True),
            by=marks.roles("path", _PATH_COLOURS),
            tips=marks.tips(feature="Feature", share=("Accounts", "percent"), h=("H", ".2f"), reading="Reading"),
        ),
        data={"adoption": rows},
        table=table,
        table_caption=say("features_by_use_with_loevinger"),
        footnotes=(told,) if left else (),
        height=max(140, 19 * len(rows)),
    )


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
        build=_draw_paths(names, comparison.unit, alone=alone),
        data={"paths": result.tables["paths"].frame},
        table=tables.path_reading(result),
        table_caption=say("revenue_per_month_of_every", people_compared=people_compared(result), equal_in=equal_in),
        footnotes=(say("usage_is_taken_as_it"),),
    )


def _draw_paths(names: tuple[str, ...], unit: str, *, alone: bool) -> marks.Picture:
    is_index, scale = unit == "index", {"zero": alone}
    title = "Revenue a month (index)" if is_index else "Revenue a month"
    return marks.picture(
        marks.line_marks(point=alone),
        x=marks.by_month(),
        y=marks.by_number("revenue", title, "number", scale=scale)
        if is_index
        else marks.by_money("revenue", title, unit, marks.BIG_MONEY, scale=scale),
        by=marks.line_roles("model", _colours(names), tuple(_DASHES.get(name, marks.SOLID) for name in names)),
        tips=marks.tips(model="Model", month=("Month", "month"), revenue=(title, "whole")),
    )


def _retention(result: ModelFitResult) -> Figure:
    rows = result.tables["models"].frame[["model", "retention", "swing", "jumps"]].dropna(subset=["retention", "swing"])
    names = tuple(rows["model"])
    return Figure(
        key="retention",
        title="Retention against steadiness",
        description=say("points_net_revenue_retention_and"),
        reading=say("up_is_better_existing_customers"),
        if_empty=say("no_model_has_a_net"),
        build=marks.picture(
            marks.dots(size=130),
            x=marks.by_share("swing", say("monthly_revenue_around_its_trend"), ".1%", grid=True, scale=_AROUND),
            y=marks.by_share("retention", "Net revenue retention, 12 months", scale=_AROUND),
            by=marks.roles("model", _colours(names), shapes=tuple(_SHAPES[name] for name in names), columns=3),
            tips=marks.tips(
                model="Model",
                retention=("Retention", ".1%"),
                swing=("Around its trend", ".1%"),
                jumps=("Monthly bills up over 25%", ".1%"),
            ),
        ),
        data={"retention": rows},
        table=result.tables["models"],
        table_caption=say("the_models_on_the_same", people_compared=people_compared(result)),
        footnotes=(say("churn_is_what_was_on"),),
    )


def _changes(result: ModelFitResult) -> Figure:
    rows = tables.change_shares(result.comparison)
    names = tuple(dict.fromkeys(rows["model"]))
    return Figure(
        key="changes",
        title=say("who_would_pay_more_who"),
        description=say("stacked_bars_share_of_accounts"),
        reading=say("each_bar_is_all_accounts"),
        build=marks.stack_chart(
            y=marks.by_name("model", names),
            x=marks.by_share("share", "Share of accounts", scale=marks.WHOLE),
            by=marks.roles("change", _CHANGES, title="Bill at the switch", columns=3, symbolType="square"),
            least=0.06,
            # The bars keep their colours on dark pages, so their numbers do too.
            ink=marks.light_where("datum.order == 0 || datum.order >= 4"),
            tips=marks.tips(model="Model", change="Bill", share=("Accounts", ".1%")),
        ),
        data={"changes": rows},
        table=tables.change_reading(result),
        table_caption=say("bill_change_against_what_is", calibrated_in=result.comparison.calibrated_in),
        footnotes=(say("against_the_amount_on_record", calibrated_in=result.comparison.calibrated_in),),
        height=40 * len(names) + 50,
    )


def _scores(result: ModelFitResult) -> Figure:
    scores = result.scores
    rows = [(MODEL_TITLES[c.model], SHORT_CRITERIA[c.criterion], c.score, c.reason) for c in scores.cells]
    rows += [(MODEL_TITLES[m], TOTAL, scores.totals[m], say("weighted_mean_of_the_known")) for m in scores.models]
    frame = pd.DataFrame(rows, columns=["model", "criterion", "score", "reason"])
    frame = frame.assign(label=[_cell(score) for score in frame["score"]])
    names = tuple(dict.fromkeys(frame["model"]))
    best = "" if scores.best is None else MODEL_TITLES[scores.best]
    first = "" if scores.best is None else percent(scores.first[scores.best])
    sure = say("it_comes_first_in_of", first=first)
    return Figure(
        key="scores",
        title="Score of each model",
        description=say("a_grid_of_scores_from"),
        reading=say("most_often_first_with_these", best=best, sure=sure) if best else say("no_criterion_is_known_for"),
        build=marks.cell_chart(
            x=marks.by_name("model", names, wrap=11, **marks.HEADINGS),
            y=marks.by_name("criterion", (*(SHORT_CRITERIA[key] for key in CRITERIA), TOTAL)),
            text="label",
            shade=marks.fill("score", _RAMP, unknown=_UNKNOWN),
            strong=f"datum.criterion === '{TOTAL}'",
            ink=marks.DARK_INK,
            tips=marks.tips(model="Model", criterion="Criterion", label="Score", reason="Reason"),
        ),
        data={"scores": frame},
        table=tables.score_reading(result),
        table_caption="Scores, weights and scales",
        footnotes=(say("hover_a_cell_for_its"),),
        height=9 * 34,
    )


def _cell(score: float | None) -> str:
    return "unknown" if score is None or pd.isna(score) else f"{score:.2f}"


def _colours(names: tuple[str, ...]) -> dict[str, str]:
    return {name: _COLOURS[name] for name in names}
