"""What the growth desk shows: the watch, how customers do, what followed alerts, and one account in depth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, metric_words, money, number
from workbench.growth.desk.pace import daily_use
from workbench.growth.watching import KINDS_OF_ALERT
from workbench.stages import marks
from workbench.stages.contract import MadeOnDemand
from workbench.stages.figure import PALETTE, Figure, figure_maker
from workbench.stages.growth_desk import calendar, plan
from workbench.stages.growth_desk.decision import DeskTrial
from workbench.stages.growth_desk.evaluation import REVENUE
from workbench.stages.view import (
    Action,
    Figures,
    Free,
    Grid,
    KeyFigures,
    Notes,
    Said,
    SectionView,
    TableOf,
    Under,
    View,
)
from workbench.tables import by_month_table
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.stages.growth_desk.evaluation import GrowthDeskResult

say = texts(__name__)
draw = figure_maker(__package__)

_MOST_ROWS, _SHOWN = 6, 24
_COLOURS: dict[str, str] = dict(
    zip(KINDS_OF_ALERT, (PALETTE.watch, PALETTE.today, PALETTE.breach, PALETTE.ours), strict=True)
)


def figures(result: GrowthDeskResult) -> MadeOnDemand[Figure | None]:
    """Return the figures of the desk, made when somebody looks."""
    return MadeOnDemand(
        {
            "alerts_by_month": lambda: _opened(result) if result.run is not None else None,
            "load": lambda: calendar.load_figure(result),
        }
    )


def _opened(result: GrowthDeskResult) -> Figure:
    frame = result.alerts_by_month()
    table = by_month_table(frame, "kind", "alerts", KINDS_OF_ALERT)
    return draw(
        "alerts_by_month",
        marks.picture(
            marks.line_marks(),
            x=marks.by_month(),
            y=marks.by_number("alerts", say("alerts_opened")),
            by=marks.line_roles("kind", _COLOURS),
            tips=marks.tips(kind=say("alert"), month=(say("month"), "month"), alerts=say("alerts_opened")),
        ),
        {"alerts": frame},
        table,
    )


def account_figures(result: GrowthDeskResult, account_id: str) -> tuple[Figure, ...]:
    """Return the figures of one account: each metric and revenue with the months ahead, and what it got."""
    row = result.row_of(account_id)
    limits = result.limits
    drawn = [
        _ahead(result, name, row, float(limits[name][row]) if name in limits else float("nan"))
        for name in result.series
    ]
    paced = [_paced(result, name, row, float(limits[name][row])) for name in result.paces]
    return tuple(each for each in (*drawn, *paced, _got(result, row)) if each is not None)


def _ahead(result: GrowthDeskResult, name: str, row: int, limit: float) -> Figure | None:
    months = pd.DatetimeIndex(result.base.months)
    seen, forecast = result.series[name][row], result.outlooks[name].forecast
    known = np.flatnonzero(np.isfinite(seen))
    if not len(known):
        return None
    start = max(int(known[0]), len(months) - _SHOWN)
    past = pd.DataFrame({"month": months[start:], "value": np.nan_to_num(seen[start:])})
    later = pd.date_range(months[-1], periods=forecast.points.shape[1] + 1, freq="MS")[1:]
    ahead = pd.DataFrame(
        {"month": later, "value": forecast.points[row], "low": forecast.low[row], "high": forecast.high[row]}
    )
    first = pd.DataFrame([{"month": months[-1], "value": seen[-1], "low": seen[-1], "high": seen[-1]}])
    joined = pd.concat([first, ahead], ignore_index=True)
    ranged = bool(np.isfinite(ahead["low"]).all())
    held, bound = _bound(limit)
    title = say("pays") if name == REVENUE else capitalised(metric_words(name))
    axis = marks.by_number("value", title, scale=marks.FREE)
    if name == REVENUE:
        axis = marks.by_money("value", title, result.currency, marks.BIG_MONEY, scale=marks.FREE)
    last = ahead.iloc[-1]
    written = partial(money, currency=result.currency) if name == REVENUE else number
    return draw(
        "ahead",
        marks.picture(*_FAN, *held, x=marks.by_month(), y=axis),
        {"ahead": joined, "past": past, "limit": bound},
        ahead.rename(columns={"value": say("forecast"), **{each: say(each) for each in ("month", "low", "high")}}),
        key=f"ahead_{name}", signature=bool(held), name=title, ranged=ranged, at=written(float(last["value"])),
        low=written(float(last["low"])), high=written(float(last["high"])), limit=number(limit) if held else "",
    )  # fmt: skip


def _paced(result: GrowthDeskResult, name: str, row: int, limit: float) -> Figure | None:
    """Draw the running month: what was used so far, and to its end with the range."""
    pace = result.paces[name]
    if not np.isfinite(pace.points[row]):
        return None
    daily = daily_use(result.base, name)
    assert daily is not None  # noqa: S101 - its pace is known
    inside = (daily[1] >= pace.month) & (daily[1] <= pace.day)
    past = pd.DataFrame({"day": daily[1][inside].day, "value": np.nancumsum(daily[0][row, inside])})
    days = range(pace.days_left + 1)
    ends = np.array([[each[row] for each in pace.after(ahead)] for ahead in days])
    later = pd.DataFrame(ends, columns=["low", "value", "high"]).assign(day=[pace.day.day + ahead for ahead in days])
    held, bound = _bound(limit)
    title, whole = capitalised(metric_words(name)), {"domain": [0, pace.month.days_in_month], "nice": False}
    return draw(
        "pace",
        marks.picture(
            *_FAN,
            *held,
            x=marks.by_number("day", say("day_of_month"), scale=whole),
            y=marks.by_number("value", title),
        ),
        {"ahead": later, "past": past, "limit": bound},
        later.rename(columns={"day": "Day", "value": "Forecast", "low": "Low", "high": "High"}),
        key=f"pace_{name}", signature=bool(held), name=title, month=f"{pace.month:%Y-%m}", day=pace.day.day,
        so_far=number(float(pace.so_far[row])), at=number(float(pace.points[row])), low=number(float(pace.low[row])),
        high=number(float(pace.high[row])), limit=number(limit) if held else "",
    )  # fmt: skip


_FAN = (
    marks.areas("low", "high", color=PALETTE.ours), marks.line_marks(color=PALETTE.ours, strokeDash=(6, 4)),
    marks.line_marks(data="past", color=PALETTE.today),
)  # fmt: skip


def _bound(limit: float) -> tuple[tuple[Any, ...], pd.DataFrame]:
    """Return the line of a plan's limit and its place; nothing where there is none."""
    held = (marks.reference("limit", "limit", on="y", color=PALETTE.breach),) if np.isfinite(limit) else ()
    return held, pd.DataFrame({"limit": [limit] if held else []}, dtype=float)


def _got(result: GrowthDeskResult, row: int) -> Figure | None:
    months = pd.DatetimeIndex(result.base.months)
    names = [metric_words(kind) for kind in result.outcomes]
    rows = [
        (month, metric_words(kind), float(value))
        for kind, values in result.outcomes.items()
        for month, value in zip(months[-_SHOWN:], values[row, -_SHOWN:], strict=True)
        if np.isfinite(value)
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["month", "outcome", "value"])
    return draw(
        "got",
        marks.picture(
            marks.line_marks(point=True),
            x=marks.by_month(),
            y=marks.by_number("value", say("recorded"), scale=marks.FREE),
            by=marks.line_roles("outcome", marks.in_series(tuple(names))),
            tips=marks.tips(outcome=say("outcome"), month=(say("month"), "month"), value=say("value")),
        ),
        {"got": frame},
        frame.rename(columns={each: say(each) for each in ("month", "outcome", "value")}),
    )


def _customers(result: GrowthDeskResult) -> Mapping[str, object]:
    return result.customers()


def _in_view(_: object, result: GrowthDeskResult) -> str:
    return result.account


def _no_usage(result: GrowthDeskResult) -> str:
    return result.why_not


VIEW = View(
    tried=DeskTrial,
    options={"tried.account": _customers},
    values={"tried.account": _in_view},
    sections=(
        SectionView(
            key="watch",
            why_not=_no_usage,
            settings=(("history", "false_alarms"),),
            parts=(
                Notes(),
                KeyFigures(),
                Free(
                    "alerts", "workbench.stages.growth_desk.panel:AlertsInHand",
                    pages=(TableOf("alerts", most_rows=_MOST_ROWS),),
                ),
            ),
        ),
        SectionView(
            key="account",
            why_not=_no_usage,
            lazy=True,
            parts=(Free("account", "workbench.stages.growth_desk.panel:AccountInDepth"),),
        ),
        SectionView(
            key="plan",
            why_not=plan.why_no_plan,
            lazy=True,
            settings=(("tried.account",),),
            actions=(
                Action(key="keep_plan", changes=plan.with_plan, shown=plan.is_not_written),
                Action(key="next_copy", changes=plan.with_next_copy, shown=plan.can_be_copied, primary=True),
                Action(key="without_plan", changes=plan.start_over, shown=plan.is_written),
            ),
            parts=(
                Said("plan_state", plan.plan_state, live=True),
                Free("plan_files", "workbench.stages.growth_desk.panel:PlanFiles"),
                Under(
                    key="going",
                    parts=(
                        TableOf("baseline", plan.baseline_table, live=True, stays_open=True), plan.GRIDS["targets"],
                        plan.GRIDS["value"], plan.GRIDS["notes"],
                    ),
                ),
                Under(key="more", parts=(plan.GRIDS["opportunities"], plan.GRIDS["aim"])),
                Under(key="people", parts=(plan.GRIDS["stakeholders"], plan.GRIDS["reviews"])),
                Under(key="at_risk", parts=(plan.GRIDS["risks"],)),
                Under(key="changed", parts=(TableOf("changes", plan.copies_table, live=True, stays_open=True),)),
                TableOf("plans", plan.written_plans_table, folded=True, most_rows=_MOST_ROWS),
            ),
        ),
        SectionView(
            key="programme",
            lazy=True,
            grids=(
                Grid(
                    key="talkers", rows=calendar.talking_roles, columns=calendar.staff_columns,
                    cells=calendar.staff_cells, changes=calendar.with_talkers,
                ),
            ),
            actions=(Action(key="calendar_files", makes=calendar.calendar_files),),
            parts=(
                Said("year", lambda result: result.year_told()), Figures(("load",)),
                TableOf("left_out", calendar.left_out_table, folded=True),
                Grid(
                    key="often", rows=calendar.often_rows, columns=calendar.often_columns, cells=calendar.often_cells,
                    changes=calendar.with_cadence,
                ),
            ),
        ),
        SectionView(
            key="customers", why_not=_no_usage, lazy=True,
            parts=(
                TableOf("kpis", stays_open=True), TableOf("followed", stays_open=True), Figures(("alerts_by_month",)),
                TableOf("pace", folded=True, most_rows=_MOST_ROWS),
                TableOf("inside", folded=True, most_rows=_MOST_ROWS),
                TableOf("apart", folded=True, most_rows=_MOST_ROWS), TableOf("remedies", folded=True),
                Said("inside", lambda result: result.inside_parted()),
            ),
        ),
    ),
)  # fmt: skip
