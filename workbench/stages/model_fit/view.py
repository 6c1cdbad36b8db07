"""What model fit shows: how customers adopt and use, five models on the same accounts, and the choice among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import percent
from workbench.stages import marks
from workbench.stages.account_statistics import WEAK
from workbench.stages.figure import PALETTE, figure_maker
from workbench.stages.model_fit.decision import CRITERIA, DEFAULT_WEIGHTS, MODEL_TITLES, SHORT_CRITERIA
from workbench.stages.model_fit.evaluation import READINGS, RECORDED
from workbench.stages.model_fit.evidence import SCALES
from workbench.stages.view import Action, Figures, FindingsOf, Free, KeyFigures, Said, SectionView, TableOf, View
from workbench.tables import COUNT, MONTH, TEXT, DataTable, Money, Number, Own, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.stages.figure import Figure
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.evaluation import ModelFitResult
    from workbench.stages.model_fit.evidence import ModelComparison, ModelPath

say, draw = texts(__name__), figure_maker(__package__)

# --- The tables under the charts

# Bill changes at the switch, from much less to much more; each reaches up to its second number.
CHANGE_CLASSES = (
    ("over 50% less", -0.5),
    ("20% to 50% less", -0.2),
    ("within 20%", 0.2),
    ("20% to 50% more", 0.5),
    ("50% to 100% more", 1.0),
    ("more than doubled", float("inf")),
)


def path_reading(result: ModelFitResult) -> DataTable:
    """Return revenue per month, one column per model."""
    table, unit = result.tables["paths"], result.comparison.unit
    if not len(table):
        return table
    wide = table.frame.pivot_table(index="month", columns="model", values="revenue", sort=False)
    written = COUNT if unit == "index" else Money(unit)
    columns = [("Month", MONTH, "month"), *((name, written) for name in wide.columns)]
    return DataTable.of_frame(wide.rename_axis(columns=None).reset_index(), columns)


def change_reading(result: ModelFitResult) -> DataTable:
    """Return one row per model with the bill change at the switch."""
    models = result.tables["models"].frame
    change, columns = Percent(signed=True), []
    if len(models):
        models = models[models["model"] != RECORDED]
        columns = [
            ("Model", TEXT, "model"),
            (say("in_changes_by_less_than"), change, "p5"),
            ("Typical account", change, "p50"),
            (say("in_changes_by_more_than"), change, "p95"),
            ("Accounts over 20% more", Percent(), "up"),
            ("Accounts over 20% less", Percent(), "down"),
        ]
    return DataTable.of_frame(models, columns)


def change_shares(comparison: ModelComparison) -> pd.DataFrame:
    """Return the share of accounts in each class of bill change: model, change, order, share, start, end."""
    rows = []
    for model in comparison.models:
        start = 0.0
        for order, (name, share) in enumerate(zip([name for name, _ in CHANGE_CLASSES], _classes(model), strict=True)):
            rows.append((model.title, name, order, share, start, start + share, start + share / 2))
            start += share
    return pd.DataFrame(rows, columns=["model", "change", "order", "share", "start", "end", "middle"])


def score_reading(result: ModelFitResult) -> DataTable:
    """Return one row per criterion, one column per model, then weight and scale; totals last."""
    scores, score = result.scores, Number(2)
    columns = (
        ("Criterion", TEXT),
        *((MODEL_TITLES[each], score) for each in scores.models),
        ("Weight", Number(missing="")),
        ("Scale, 0 to 1", TEXT),
    )
    rows: list[tuple[object, ...]] = [
        (
            title,
            *(scores.cell(each, key).score for each in scores.models),
            result.decision.weights.get(key, 0.0),
            SCALES[key].measure,
        )
        for key, title in CRITERIA.items()
    ]
    totals = [scores.totals[each] for each in scores.models]
    first = [Own(scores.first[each], Percent()) for each in scores.models]
    rows.append(("Weighted total", *totals, None, say("weighted_mean_of_known")))
    rows.append(("Comes first", *first, None, say("share_of_draws_accounts_resampled")))
    return DataTable.of_rows(columns, rows)


def _classes(model: ModelPath) -> list[float]:
    known = model.change[pd.notna(model.change)]
    if not len(known):
        return []
    edges = [edge for _, edge in CHANGE_CLASSES]
    below = [float((known <= edge).mean()) for edge in edges]
    return [now - before for now, before in zip(below, [0.0, *below[:-1]], strict=True)]


# --- The charts of model fit

_TITLES = list(MODEL_TITLES.values())
_COLOURS = dict(zip(_TITLES, PALETTE.series, strict=False)) | {RECORDED: PALETTE.today}
_DASHES: dict[str, tuple[int, ...]] = {RECORDED: (2, 3), "Tiered": (6, 3), "Usage-based": (6, 3)}
_SHAPES = dict(zip([*_TITLES, RECORDED], marks.SHAPES, strict=True))
_CHANGE_COLOURS = ("#00795A", "#7CC4AD", "#C9CED3", "#F0B79E", "#D5562B", "#8F2F12")
_PATH_COLOURS = {"on the common path": PALETTE.ours, "off the path": PALETTE.breach}
_CHANGES = dict(zip([name for name, _ in CHANGE_CLASSES], _CHANGE_COLOURS, strict=True))
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
    return draw(
        "adoption",
        marks.interval_chart(
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
        {"adoption": rows},
        table,
        height=max(140, 19 * len(rows)),
        off=len(result.evidence.off_path),
        left_out=() if adoption is None else adoption.left_out,
    )


def _paths(result: ModelFitResult) -> Figure:
    comparison = result.comparison
    names = tuple(dict.fromkeys(result.tables["paths"]["model"]))
    alone = len(set(result.tables["paths"]["month"])) == 1  # one month makes no line
    return draw(
        "paths",
        _draw_paths(names, comparison.unit, alone=alone),
        {"paths": result.tables["paths"].frame},
        path_reading(result),
        equal_in=comparison.calibrated_in,
        people=result.accounts,
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
    return draw(
        "retention",
        marks.picture(
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
        {"retention": rows},
        result.tables["models"],
        people=result.accounts,
    )


def _changes(result: ModelFitResult) -> Figure:
    rows = change_shares(result.comparison)
    names = tuple(dict.fromkeys(rows["model"]))
    return draw(
        "changes",
        marks.stack_chart(
            y=marks.by_name("model", names),
            x=marks.by_share("share", "Share of accounts", scale=marks.WHOLE),
            by=marks.roles("change", _CHANGES, title="Bill at the switch", columns=3, symbolType="square"),
            least=0.06,
            # The bars keep their colours on dark pages, so their numbers do too.
            ink=marks.light_where("datum.order == 0 || datum.order >= 4"),
            tips=marks.tips(model="Model", change="Bill", share=("Accounts", ".1%")),
        ),
        {"changes": rows},
        change_reading(result),
        height=40 * len(names) + 50,
        equal_in=result.comparison.calibrated_in,
    )


def _scores(result: ModelFitResult) -> Figure:
    scores = result.scores
    rows = [(MODEL_TITLES[c.model], SHORT_CRITERIA[c.criterion], c.score, c.reason) for c in scores.cells]
    rows += [(MODEL_TITLES[m], TOTAL, scores.totals[m], say("weighted_mean")) for m in scores.models]
    frame = pd.DataFrame(rows, columns=["model", "criterion", "score", "reason"])
    frame = frame.assign(label=[_cell(score) for score in frame["score"]])
    names = tuple(dict.fromkeys(frame["model"]))
    best = scores.best
    return draw(
        "scores",
        marks.cell_chart(
            x=marks.by_name("model", names, wrap=11, **marks.HEADINGS),
            y=marks.by_name("criterion", (*(SHORT_CRITERIA[key] for key in CRITERIA), TOTAL)),
            text="label",
            shade=marks.fill("score", _RAMP, unknown=_UNKNOWN),
            strong=f"datum.criterion === '{TOTAL}'",
            ink=marks.DARK_INK,
            tips=marks.tips(model="Model", criterion="Criterion", label="Score", reason="Reason"),
        ),
        {"scores": frame},
        score_reading(result),
        height=9 * 34,
        best="" if best is None else MODEL_TITLES[best],
        first=None if best is None else scores.first[best],
    )


def _cell(score: float | None) -> str:
    return "unknown" if score is None or pd.isna(score) else f"{score:.2f}"


def _colours(names: tuple[str, ...]) -> dict[str, str]:
    return {name: _COLOURS[name] for name in names}


# --- The sections in the order they are read


def _metric_said(result: ModelFitResult) -> list[str]:
    """Say which metric usage is read by, and why."""
    choice = result.replay.choice
    return [say("metric", metric=choice.metric, why=choice.why)]


def _adoption_said(result: ModelFitResult) -> list[str]:
    """Say what the order of adoption speaks for."""
    adoption, path, off = result.evidence.adoption, result.evidence.path, len(result.evidence.off_path)
    if adoption is None or path is None or adoption.reading == "unknown":
        return [say("adoption_unknown")]
    return [say("adoption", adoption=adoption, path=path, off=off, readings=READINGS)]


def usual_weights(decision: ModelFitDecision, result: ModelFitResult) -> dict[str, object]:
    """Put the usual weights back."""
    del decision, result
    return {"weights": dict(DEFAULT_WEIGHTS)}


def _how_built(result: ModelFitResult) -> list[str]:
    return [f"{model.title}: {' '.join(model.how)}" for model in result.comparison.models]


VIEW = View(
    sections=(
        SectionView(key="needs", parts=(Said("adoption", _adoption_said), Figures(("adoption",)))),
        SectionView(key="usage", parts=(Said("metric", _metric_said), (TableOf("swings"), TableOf("concentration")))),
        SectionView(
            key="models",
            parts=(Figures(("paths", "retention")), Figures(("changes",)), Said("built", _how_built, folded=True)),
        ),
        SectionView(
            key="choose",
            settings=(("model", "usage_component"), tuple(f"weights.{key}" for key in CRITERIA)),
            actions=(Action(key="usual_weights", changes=usual_weights),),
            free=(Free("opt_in", "workbench.rendering.panel:StageOptIn"),),
            parts=(
                FindingsOf(("MF2",)),
                KeyFigures(),
                Figures(("scores",)),
                TableOf("reasons", lambda result: result.tables["scores"], folded=True),
            ),
        ),
        SectionView(key="benchmarks", parts=(TableOf("benchmarks"),)),
    )
)
