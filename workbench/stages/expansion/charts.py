"""The charts of the stage: metrics against their targets, retention over time, first expansion, triggers, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth.scorecard import NRR_BANDS
from workbench.stages import marks
from workbench.stages.contract import MadeOnDemand
from workbench.stages.expansion.tables import cohort_frame, survival_frame
from workbench.stages.figure import PALETTE, Figure, figure_maker
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.growth.scorecard import ScorecardLine, ScoreReading
    from workbench.stages.expansion.result import ExpansionResult

say, draw = texts(__name__), figure_maker(__package__)
PRINTED, STRICT = "as printed", "strict reading"
_READINGS = {PRINTED: PALETTE.today, STRICT: PALETTE.ours}
_VERDICTS = {"evidence": PALETTE.ok, "no evidence": PALETTE.watch, "unknown": PALETTE.today}
_ROW, _CELL, _NAME = 34, 26, 26
_ORDERS = {"in this order": PALETTE.ours, "largest first": PALETTE.competitor, "by chance": PALETTE.today}
_MOST_TIMES = 8.0  # the target, where axes end


def figures(result: ExpansionResult) -> MadeOnDemand[Figure | None]:
    """Return the figures of the stage, made when somebody looks; none where there is nothing to draw."""
    has_card = lambda: result.known_card is not None  # noqa: E731 - asked late: it takes time to know
    return MadeOnDemand(
        {
            "score": lambda: _score(result) if has_card() else None,
            "trend": lambda: _trend(result) if has_card() else None,
            "first_expansion": lambda: _waiting(result) if has_card() else None,
            "cohorts": lambda: _cohorts(result) if has_card() else None,
            "lifts": lambda: _lifts(result) if result.known_test is not None else None,
            "gain": lambda: _gain(result) if result.calls is not None else None,
            "calibration": lambda: _calibration(result) if result.calls is not None else None,
        }
    )


def _of_target(line: ScorecardLine, value: float) -> float:
    """Return a value over its target; of days the target over the value, so that more is better throughout."""
    if line.band.high is not None:
        return line.band.high / value if value > 0 else _MOST_TIMES
    return value / line.band.low if line.band.low else np.nan


def _score(result: ExpansionResult) -> Figure:
    card = result.known_card
    assert card is not None  # noqa: S101 - drawn where there is one
    rows = []
    for line in card.lines:
        for name, reading in ((PRINTED, line.printed), (STRICT, line.strict)):
            if reading.value is not None:
                rows.append((f"{line.metric.key} {line.metric.name}", name, *_ends(line, reading), reading.verdict))
    names = tuple(f"{line.metric.key} {line.metric.name}" for line in card.lines)
    frame = pd.DataFrame(rows, columns=["metric", "reading", "value", "low", "high", "verdict"])
    drawn = marks.interval_chart(
        x=marks.by_number("value", say("of_target"), "percent", scale={"domainMin": 0}),
        y=marks.by_name("metric", names, wrap=_NAME),
        line=1.0,
        by=marks.roles("reading", _READINGS),
        tips=marks.tips(metric=say("metric"), reading=say("reading"), value=(say("of_target"), ".0%")),
        **marks.offset("yOffset", "reading", (PRINTED, STRICT)),
    )
    met = sum(line.strict.verdict == "ok" for line in card.lines)
    return draw(
        "score", drawn, {"metrics": frame}, result.tables["scorecard"], height=_ROW * len(names) + _ROW,
        met=met, metrics=len(names), period=card.period,
        apart=[line.metric.key for line in card.lines if line.printed.verdict != line.strict.verdict],
    )  # fmt: skip


def _ends(line: ScorecardLine, reading: ScoreReading) -> tuple[float, float, float]:
    assert reading.value is not None  # noqa: S101 - asked for where there is one
    value = _of_target(line, reading.value)
    between = reading.interval
    if between is None or not np.isfinite(between.high):
        return value, value, value
    ends = sorted((_of_target(line, between.low), _of_target(line, between.high)))
    return value, max(0.0, ends[0]), min(_MOST_TIMES, ends[1])


def _trend(result: ExpansionResult) -> Figure:
    card = result.known_card
    assert card is not None  # noqa: S101 - drawn where there is one
    line = card["S5"]
    frame = line.trend.melt("month", ["printed", "strict"], "reading", "value").dropna(subset="value")
    frame["reading"] = frame["reading"].map({"printed": PRINTED, "strict": STRICT})
    bands = pd.DataFrame({"band": [*NRR_BANDS]})
    drawn = marks.picture(
        marks.reference("band", "bands", on="y"),
        marks.line_marks(),
        marks.dots(size=40),
        x=marks.by_month(),
        y=marks.by_share("value", say("net_retention"), scale=marks.FREE),
        by=marks.line_roles("reading", _READINGS),
        tips=marks.tips(month=(say("month"), "month"), reading=say("reading"), value=(say("net_retention"), ".1%")),
    )
    return draw(
        "trend", drawn, {"quarters": frame, "bands": bands}, result.tables["trend"], band=card.band,
        quarters=len(line.trend),
        first=float(line.trend["strict"].iloc[0]), last=float(line.trend["strict"].iloc[-1]),
    )  # fmt: skip


def _waiting(result: ExpansionResult) -> Figure:
    card = result.known_card
    assert card is not None  # noqa: S101 - drawn where there is one
    waited, frame = card.expansion, survival_frame(result).round(4)
    names = tuple(dict.fromkeys(frame["group"]))
    drawn = marks.picture(
        marks.line_marks(interpolate="step-after"),
        x=marks.by_number("months", say("months_since"), "whole", scale=marks.FROM_ZERO),
        y=marks.by_share("share", say("expanded"), scale=marks.WHOLE),
        by=marks.line_roles("group", marks.in_series(names)),
        tips=marks.tips(group=say("group"), months=(say("months_since"), ".1f"), share=(say("expanded"), ".0%")),
    )
    apart = None if waited.difference is None else waited.difference.p_value
    curve, has_expanded = waited.curve, bool((frame["share"] > 0).any())
    return draw(
        "first_expansion", drawn, {"waited": frame if has_expanded else frame.iloc[:0]},
        result.tables["first_expansion"], cases=curve.cases,
        median=curve.median, by=1 - curve.after(90), groups=len(waited.by_group), left_out=waited.left_out,
        p_value=apart,
    )  # fmt: skip


def _cohorts(result: ExpansionResult) -> Figure:
    frame = cohort_frame(result)
    frame["told"] = [f"{share:.0%}" for share in frame["share"]]
    frame["after"] = frame["age"].astype(int).astype(str)
    frame = frame.drop(columns="age").round({"share": 3})
    cohorts = tuple(dict.fromkeys(frame["cohort"]))
    drawn = marks.cell_chart(
        x=marks.by_name(
            "after", tuple(sorted(map(str, frame["after"].unique()), key=int)), say("months_since"), orient="top"
        ),
        y=marks.by_name("cohort", cohorts),
        text="told",
        shade=marks.strength("share", 2.0, 0.4),
        tips=marks.tips(cohort=say("cohort"), after=say("months_since"), share=(say("left"), ".0%")),
    )
    last = frame.loc[frame["after"] != "0"].groupby("cohort")["share"].last()
    return draw(
        "cohorts", drawn, {"cells": frame}, result.tables["cohorts"], height=_CELL * len(cohorts) + _ROW,
        cohorts=len(cohorts), grown=int((last > 1).sum()), old=len(last),
    )  # fmt: skip


def _lifts(result: ExpansionResult) -> Figure:
    test = result.known_test
    assert test is not None  # noqa: S101 - drawn where there is one
    triggers = result.decision.triggers.triggers
    rows = []
    for each in test.records:
        lift = each.lifts["expansion", 3].lift
        if lift is not None:
            name = f"{each.rule} {triggers[each.key].name}".strip()
            rows.append((name, lift.estimate, lift.low, lift.high, each.verdict, each.hits.entries))
    frame = pd.DataFrame(rows, columns=["trigger", "lift", "low", "high", "verdict", "entries"])
    names = tuple(frame["trigger"])
    drawn = marks.interval_chart(
        x=marks.by_number("lift", say("lift"), "ratio", scale=marks.FREE),
        y=marks.by_name("trigger", names, wrap=_NAME),
        line=1.0,
        by=marks.roles("verdict", _VERDICTS),
        tips=marks.tips(trigger=say("trigger"), lift=(say("lift"), ".2f"), entries=(say("fired"), "whole")),
    )
    shown = [name for name, verdict in zip(frame["trigger"], frame["verdict"], strict=True) if verdict == "evidence"]
    unknown = [triggers[each.key].name for each in test.records if each.verdict == "unknown"]
    height = _ROW * max(len(names), 1) + _ROW
    return draw(
        "lifts", drawn, {"triggers": frame}, result.tables["back_test"], height=height, shown=shown, unknown=unknown
    )


def _gain(result: ExpansionResult) -> Figure:
    calls = result.calls
    assert calls is not None  # noqa: S101 - drawn where there is one
    frame = calls.gain.iloc[::2].melt("called", [*_ORDERS], "order", "share").round(4)
    drawn = marks.picture(
        marks.line_marks(),
        x=marks.by_share("called", say("called"), scale=marks.WHOLE),
        y=marks.by_share("share", say("reached"), scale=marks.WHOLE),
        by=marks.line_roles("order", _ORDERS),
        tips=marks.tips(order=say("order"), called=(say("called"), ".0%"), share=(say("reached"), ".0%")),
    )
    at = calls.gain.iloc[int(np.argmin(np.abs(calls.gain["called"].to_numpy() - 0.2)))]
    return draw(
        "gain", drawn, {"orders": frame}, result.tables["gain"], called=float(at["called"]),
        ours=float(at["in this order"]),
        size=float(at["largest first"]),
    )  # fmt: skip


def _calibration(result: ExpansionResult) -> Figure:
    calls = result.calls
    assert calls is not None  # noqa: S101 - drawn where there is one
    frame = calls.calibration
    same = pd.DataFrame({"predicted": [0.0, 1.0], "came": [0.0, 1.0]})
    drawn = marks.picture(
        marks.line_marks("came", data="same", strokeDash=[5, 4], color=PALETTE.today).encoding(
            x={"field": "predicted", "type": "quantitative"}
        ),
        marks.dots(size=60, color=PALETTE.ours),
        x=marks.by_share("predicted", say("predicted"), scale=marks.WHOLE),
        y=marks.by_share("came", say("came"), scale=marks.WHOLE),
        tips=marks.tips(
            predicted=(say("predicted"), ".0%"), came=(say("came"), ".0%"), accounts=(say("accounts"), "whole")
        ),
    )
    off = float((frame["predicted"] - frame["came"]).abs().mean())
    return draw(
        "calibration",
        drawn,
        {"tenths": frame, "same": same},
        result.tables["calibration"],
        off=off,
        accounts=int(frame["accounts"].sum()),
    )
