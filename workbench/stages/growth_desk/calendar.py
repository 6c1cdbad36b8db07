"""The value programme of a year as the team can hold it: which talks there are, who is full, and what falls out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.formatting import capitalised
from workbench.growth.programme import PROGRAMME
from workbench.growth.programme.cadence import ANY, AT_RISK, WATCHED
from workbench.stages import marks
from workbench.stages.figure import Figure, figure_maker
from workbench.stages.growth_desk.evaluation import programme_of
from workbench.stages.view import Made
from workbench.tables import COUNT, TEXT, DataTable, Number, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.stages.growth_desk.decision import GrowthDeskDecision
    from workbench.stages.growth_desk.evaluation import GrowthDeskResult
    from workbench.stages.view import Cells

say = texts(__name__)
draw = figure_maker(__package__)
_ROW, _HEAD, _NARROW = 22, 34, "52px"


def talking_roles(*_: object) -> tuple[str, ...]:
    """Return the roles that hold talks, in the order of the programme."""
    return tuple(dict.fromkeys(each.role for each in PROGRAMME))


# --- What a team sets: people and hours, and how often


def staff_columns(*_: object) -> Sequence[Mapping[str, Any]]:
    """Return how people and hours are entered."""
    narrow = {"minimum": 0, "step": 1, "width": _NARROW}
    people = {"label": say("people"), "maximum": 500, "whole": True, **narrow}
    return [people, {"label": say("hours_each"), "maximum": 60, **narrow}]


def staff_cells(decision: GrowthDeskDecision, _: GrowthDeskResult) -> Cells:
    """Return people and hours by role."""
    return [[float(decision.talk_people.get(each, 0)), decision.talk_hours.get(each, 0.0)] for each in talking_roles()]


def with_talkers(_: GrowthDeskDecision, __: GrowthDeskResult, cells: Cells) -> Mapping[str, object]:
    """Set how many people each role has for talks, and how many hours a week each of them."""
    rows = dict(zip(talking_roles(), cells, strict=True))
    return {
        "talk_people": {role: int(row[0] or 0) for role, row in rows.items()},
        "talk_hours": {role: float(row[1] or 0) for role, row in rows.items()},
    }


def often_rows(*_: object) -> Sequence[str]:
    """Return the kinds of talk."""
    return [each.kind for each in PROGRAMME]


def _groups(result: GrowthDeskResult) -> list[str]:
    segments = result.healths["segment"].dropna().astype(str).value_counts().index
    return [*segments, WATCHED, AT_RISK]


def often_columns(_: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[Mapping[str, Any]]:
    """Return the segments there are, and the healths that ask for more."""
    more = {WATCHED: say("at_least"), AT_RISK: say("at_least")}
    bounds = {"minimum": 0, "maximum": 52, "step": 1, "whole": True, "width": _NARROW}
    return [{"label": each, "unit": more.get(each, say("a_year")), **bounds} for each in _groups(result)]


def often_cells(decision: GrowthDeskDecision, result: GrowthDeskResult) -> Cells:
    """Return how often a year each group has each talk."""
    return [
        [float(each.per_year.get(group, 0 if group in (WATCHED, AT_RISK) else each.per_year.get(ANY, 0)))
         for group in _groups(result)]
        for each in programme_of(decision)
    ]  # fmt: skip


def with_cadence(decision: GrowthDeskDecision, result: GrowthDeskResult, cells: Cells) -> Mapping[str, object]:
    """Set how often each group has each talk; a talk whose row is left alone keeps all it knew."""
    before = often_cells(decision, result)
    changed = {
        each.kind: dict(zip(_groups(result), (int(cell or 0) for cell in row), strict=True))
        for each, row, known in zip(PROGRAMME, cells, before, strict=True)
        if list(row) != list(known)
    }
    return {"cadence": {**decision.cadence, **changed}}


# --- What follows


def left_out_table(result: GrowthDeskResult) -> DataTable:
    """Return what no week had time for, by kind: whose it is, how many talks and accounts, and the hours they lack."""
    found = result.calendar.unplaced
    if not len(found):
        return DataTable.plain(pd.DataFrame())
    largest = set(result.healths["account_id"].head(max(1, len(result.healths) // 10)))
    rows = []
    for (kind, role), each in found.groupby(["kind", "role"], sort=False):
        due = len(each) + int((result.calendar.talks["kind"] == kind).sum())
        rows.append((capitalised(str(kind)), role, len(each), len(each) / due, each["account_id"].nunique(),
                     int(each["account_id"].isin(largest).sum()), float(each["hours"].sum())))  # fmt: skip
    kinds = (TEXT, TEXT, COUNT, Percent(), COUNT, COUNT, Number(0))
    names = ("talk", "role", "talks", "of_those_due", "accounts", "at_largest", "hours_lacking")
    return DataTable.of_rows([(say(name), kind) for name, kind in zip(names, kinds, strict=True)], rows)


def load_figure(result: GrowthDeskResult) -> Figure | None:
    """Return months by people: how much of each one's time for talks is taken."""
    frame = result.calendar.by_month()
    frame = frame[frame["capacity"] > 0].reset_index(drop=True)
    if not len(frame):
        return None
    frame["share"] = frame["hours"] / frame["capacity"]
    frame["told"] = [f"{100 * share:.0f}" for share in frame["share"]]
    frame["when"] = [f"{month:%b}" for month in frame["month"]]
    people = tuple(dict.fromkeys(frame["person"]))
    busiest = frame.sort_values("share", ascending=False, kind="stable").to_dict("records")[0]
    months = list(dict.fromkeys(frame["when"]))
    table = frame.pivot_table(index="person", columns="when", values="share").loc[list(people), months]
    return draw(
        "load",
        marks.cell_chart(
            x=marks.by_name("when", tuple(months), **{**marks.HEADINGS, "orient": "top"}),
            y=marks.by_name("person", people),
            text="told",
            shade=marks.strength("share", 1.0, 0.55),
            strong="datum.share >= 0.9",
            tips=marks.tips(person=say("who"), when=say("month"), hours=(say("hours"), ".0f"),
                            capacity=(say("there_are"), ".0f")),
        ),
        {"cells": frame.drop(columns="month").round({"share": 3})},
        DataTable.of_frame(
            table.reset_index(), [(say("who"), TEXT, "person"), *((each, Percent(), each) for each in table.columns)]
        ),
        height=_HEAD + _ROW * len(people), person=busiest["person"], share=float(busiest["share"]),
        when=busiest["when"],
    )  # fmt: skip


def calendar_files(decision: GrowthDeskDecision, result: GrowthDeskResult) -> Made:
    """Return the year as calendars, one for all and one for each person, and as a list."""
    del decision
    titles = {"": say("everybody"), ".": say("as_list")}
    files = tuple((titles.get(whose, whose), name, content) for whose, name, content in result.calendar.files())
    return Made(say("made", talks=len(result.calendar.talks), people=len(files) - len(titles)), files)
