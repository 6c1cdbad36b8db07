"""The account plan as a form: each of its lists is a grid whose columns say which face shows them."""

from __future__ import annotations

import datetime as dt
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import StudyError
from workbench.formatting import capitalised, metric_words
from workbench.growth.programme import AccountPlan, next_copy, plan_changes
from workbench.growth.programme.account_plan import (
    PlanOpportunity,
    PlanReview,
    PlanRisk,
    PlanTarget,
    Stakeholder,
    is_shared,
)
from workbench.stages.growth_desk.decision import MOST_COPIES
from workbench.stages.view import Grid, Message
from workbench.tables import COUNT, DAY, TEXT, DataTable, Money, Number, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.stages.growth_desk.decision import GrowthDeskDecision
    from workbench.stages.growth_desk.evaluation import GrowthDeskResult
    from workbench.study.model import FrozenModel

    Rows = Sequence[Sequence[Any]]

say = texts(__name__)
_AMOUNTS = ("adds", "at_stake")
_MANY = 1000  # from which decimals say nothing
_QUARTER = dt.timedelta(days=91)
_KINDS: dict[object, str] = {str: "text", dt.date: "date", bool: "checkbox"}


# --- Which plan is worked on, and what a change of it replaces


def _written(result: GrowthDeskResult) -> AccountPlan:
    if result.plan is None:
        raise StudyError(say("no_plan"), say("what_a_plan_needs"))
    return result.plan


def with_plan(decision: GrowthDeskDecision, result: GrowthDeskResult, **changes: object) -> Mapping[str, object]:
    """Replace fields of the plan of the account in view, and keep it; the first change keeps what the data filled in.

    Parameters
    ----------
    decision, result
        What the desk decides and shows.
    changes
        Fields of the plan.

    Raises
    ------
    StudyError
        When there is no account in view, or it cannot be billed.
    """
    copies = (*decision.plans.get(result.account, ())[:-1], _written(result).replaced(**changes))
    return {"plans": {**decision.plans, result.account: copies}}


def with_next_copy(decision: GrowthDeskDecision, result: GrowthDeskResult) -> Mapping[str, object]:
    """Add the copy of the next quarter: what people wrote stays, what the data say is new."""
    if not can_be_copied(decision, result) or result.draft is None:
        raise StudyError(say("nothing_new"), say("when_a_copy"))
    copies = (*result.copies, next_copy(_written(result), result.draft))[-MOST_COPIES:]
    return {"plans": {**decision.plans, result.account: copies}}


def start_over(decision: GrowthDeskDecision, result: GrowthDeskResult) -> Mapping[str, object]:
    """Take what was written of the account in view away: its plan is again as the data have it."""
    return {"plans": {key: each for key, each in decision.plans.items() if key != result.account}}


def can_be_copied(_: GrowthDeskDecision, result: GrowthDeskResult) -> bool:
    """Tell whether a plan was written, and data of a later day are there."""
    return bool(result.copies) and result.draft is not None and result.draft.as_of > result.copies[-1].as_of


def is_written(_: GrowthDeskDecision, result: GrowthDeskResult) -> bool:
    """Tell whether somebody wrote into the plan of the account in view."""
    return bool(result.copies)


def is_not_written(_: GrowthDeskDecision, result: GrowthDeskResult) -> bool:
    """Tell whether there is a plan that nobody wrote yet."""
    return not result.copies and result.plan is not None


# --- The lists of a plan as grids


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list of the plan, the class of its entries, and their fields with the width of their boxes."""

    key: str
    part: type[FrozenModel]
    fields: Mapping[str, str]

    def entries(self, result: GrowthDeskResult) -> tuple[Any, ...]:
        """Return what the plan in view lists."""
        return () if result.plan is None else tuple(getattr(result.plan, self.key))

    def rows(self, _: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[str]:
        """Return the numbers of the entries; the last row is for one more."""
        if result.plan is None:
            return ()
        return (*(str(at + 1) for at in range(len(self.entries(result)))), say("one_more"))

    def columns(self, _: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[Mapping[str, Any]]:
        """Return how each field is entered, and that it is for us alone where the list is shared and it is not."""
        shared = is_shared(AccountPlan, self.key)
        columns = []
        for name, width in self.fields.items():
            alone = shared and name != "dropped" and not is_shared(self.part, name)
            unit = [*([result.currency] if name in _AMOUNTS else []), *([say("for_us_alone")] if alone else [])]
            how = _entered(self.part, name)
            columns.append({"label": say(f"{self.key}_{name}"), "width": width, "unit": ", ".join(unit), **how})
        return columns

    def cells(self, _: GrowthDeskDecision, result: GrowthDeskResult) -> Rows:
        """Return what each entry says, and a row to add one in."""
        told = [[_shown(each, name) for name in self.fields] for each in self.entries(result)]
        return [*told, [True if name == "dropped" else None for name in self.fields]]

    def changes(self, decision: GrowthDeskDecision, result: GrowthDeskResult, cells: Rows) -> Mapping[str, object]:
        """Replace the list by what stands in the grid; an entry without its name is taken out."""
        before = self.entries(result)
        read = [self._entry(before[at] if at < len(before) else None, row, result) for at, row in enumerate(cells)]
        return with_plan(decision, result, **{self.key: tuple(each for each in read if each is not None)})

    def _entry(self, known: Any, row: Sequence[Any], result: GrowthDeskResult) -> FrozenModel | None:  # noqa: ANN401 - an entry
        told = {  # what was left alone keeps the digits that are not shown
            name: getattr(known, name) if known is not None and _shown(known, name) == value else _read(name, value)
            for name, value in zip(self.fields, row, strict=True)
        }
        name = next(each for each in ("name", "role", "kind") if each in told)
        if not told[name]:
            if known is not None or not any(value for key, value in told.items() if key != "dropped"):
                return None
            told[name] = say("unnamed")
        fields = self.part.model_fields
        told = {key: fields[key].default if value is None and not fields[key].is_required() else value
                for key, value in told.items()}  # fmt: skip
        for key, days in (("by", 4), ("day", 1)):
            if key in told and not told[key]:
                told[key] = _written(result).as_of + days * _QUARTER
        if known is None:
            return self.part(**told, **({"own": True} if "own" in fields else {}))
        renamed = "own" in fields and told[name] != getattr(known, name)
        return known.replaced(**told, **({"own": True} if renamed else {}))


def _entered(part: type[FrozenModel], name: str) -> Mapping[str, Any]:
    annotation = part.model_fields[name].annotation
    core = next((each for each in typing.get_args(annotation) if each is not types.NoneType), annotation)
    return {"kind": _KINDS[core]} if core in _KINDS else {"optional": True}


def _shown(entry: Any, name: str) -> Any:  # noqa: ANN401 - an entry and a field of any kind
    value = getattr(entry, name)
    if isinstance(value, bool):
        return not value  # a box to keep it
    if isinstance(value, float):
        return round(value, 0 if abs(value) >= _MANY else 2)
    if isinstance(entry, PlanTarget) and name == "name":
        return metric_words(value)
    return value.isoformat() if isinstance(value, dt.date) else value or None


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - a cell of any kind
    return not value if name == "dropped" else value


_LISTS = (
    _Listed("targets", PlanTarget, {"name": "220px", "value": "110px", "by": "130px"}),
    _Listed("opportunities", PlanOpportunity, {"dropped": "", "name": "170px", "why": "300px", "adds": "90px"}),
    _Listed("stakeholders", Stakeholder, {"role": "125px", "team": "110px", "region": "110px", "last_contact": "130px",
                                          "engagement": "190px"}),
    _Listed("reviews", PlanReview, {"day": "130px", "kind": "165px", "role": "150px", "preparation": "220px"}),
    _Listed("risks", PlanRisk, {"name": "150px", "evidence": "200px", "at_stake": "80px", "mitigation": "230px"}),
)  # fmt: skip


def _lines(_: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[str]:
    return () if result.plan is None else (*(str(at + 1) for at in range(len(result.plan.value))), say("one_more"))


def _line_column(*_: object) -> Sequence[Mapping[str, Any]]:
    return [{"label": say("value_line"), "kind": "text", "width": "640px"}]


def _line_cells(_: GrowthDeskDecision, result: GrowthDeskResult) -> Rows:
    return [*([each] for each in (() if result.plan is None else result.plan.value)), [None]]


def with_lines(decision: GrowthDeskDecision, result: GrowthDeskResult, cells: Rows) -> Mapping[str, object]:
    """Replace how the customer gets more of it, a line each; an empty one is taken out."""
    return with_plan(decision, result, value=tuple(str(row[0]) for row in cells if row[0]))


_NOTES = ("note", "internal_note")


def _note_rows(_: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[str]:
    return () if result.plan is None else [say(each) for each in _NOTES]


def _note_column(*_: object) -> Sequence[Mapping[str, Any]]:
    return [{"label": say("note_text"), "kind": "text", "width": "560px"}]


def _note_cells(_: GrowthDeskDecision, result: GrowthDeskResult) -> Rows:
    return [[getattr(result.plan, each, "") or None] for each in _NOTES]


def with_notes(decision: GrowthDeskDecision, result: GrowthDeskResult, cells: Rows) -> Mapping[str, object]:
    """Replace the note to the customer and the one for us alone."""
    return with_plan(decision, result, **{name: row[0] or "" for name, row in zip(_NOTES, cells, strict=True)})


def _aim_rows(_: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[str]:
    return () if result.plan is None else [say("aim")]


def _aim_columns(_: GrowthDeskDecision, result: GrowthDeskResult) -> Sequence[Mapping[str, Any]]:
    return [
        {"label": say("revenue_target"), "unit": say("a_month", currency=result.currency), "minimum": 0.0,
         "optional": True, "width": "120px"},
        {"label": say("likelihood"), "unit": "%", "minimum": 0.0, "maximum": 100.0, "optional": True},
    ]  # fmt: skip


def _aim_cells(_: GrowthDeskDecision, result: GrowthDeskResult) -> Rows:
    plan = result.plan
    if plan is None:
        return [[None, None]]
    share = None if plan.likelihood is None else float(f"{100 * plan.likelihood:.6g}")
    return [[_shown(plan, "revenue_target"), share]]


def with_aim(decision: GrowthDeskDecision, result: GrowthDeskResult, cells: Rows) -> Mapping[str, object]:
    """Replace what revenue is aimed at, and how likely the account expands; other digits stay."""
    aim, share = cells[0]
    changes: dict[str, object] = {"likelihood": None if share is None else share / 100}
    if aim != _aim_cells(decision, result)[0][0]:
        changes["revenue_target"] = aim
    return with_plan(decision, result, **changes)


_MORE = (
    Grid(key="value", rows=_lines, columns=_line_column, cells=_line_cells, changes=with_lines),
    Grid(key="notes", rows=_note_rows, columns=_note_column, cells=_note_cells, changes=with_notes),
    Grid(key="aim", rows=_aim_rows, columns=_aim_columns, cells=_aim_cells, changes=with_aim),
)
GRIDS = {
    each.key: each
    for each in (
        *(Grid(key=one.key, rows=one.rows, columns=one.columns, cells=one.cells, changes=one.changes)
          for one in _LISTS),
        *_MORE,
    )
}  # fmt: skip
"""The grids of the form by the field of the plan they fill in."""


# --- What is said and shown beside them


def why_no_plan(result: GrowthDeskResult) -> str:
    """Say why there is no plan to work on, nothing where there is one."""
    return "" if result.plan is not None else say("no_plan_because")


def plan_state(result: GrowthDeskResult) -> Iterable[str | Message]:
    """Say whether the plan in view was written or filled from the data, and when its next copy can be made."""
    plan = result.plan
    if plan is None:
        return
    yield Message(
        say("state", written=bool(result.copies), copies=len(result.copies), name=plan.name, as_of=plan.as_of,
            new=can_be_copied(result.decision, result)),
        "ok" if result.copies else "info",
    )  # fmt: skip


def baseline_table(result: GrowthDeskResult) -> DataTable:
    """Return where the account in view stands."""
    plan = result.plan
    rows = [] if plan is None else [(metric_words(each.name).capitalize(), each.value, each.change)
                                    for each in plan.baseline]  # fmt: skip
    columns = [(say("measure"), TEXT), (say("now"), Number()), (say("a_year_before"), Percent(signed=True))]
    return DataTable.of_rows(columns, rows)


def copies_table(result: GrowthDeskResult) -> DataTable:
    """Return what differs between the last two copies, and whether the customer sees it."""
    if len(result.copies) < 2:  # noqa: PLR2004 - two copies to compare
        return DataTable.plain(pd.DataFrame())
    before, after = result.copies[-2:]
    shared = {each["field"] for each in plan_changes(before, after, "shared")}
    faces = {True: say("both"), False: say("for_us_alone")}
    rows = [
        (capitalised(each["field"]), each["before"], each["after"], faces[each["field"] in shared])
        for each in plan_changes(before, after)
    ]
    return DataTable.of_rows([(say(each), TEXT) for each in ("what", "was", "is", "face")], rows)


def written_plans_table(result: GrowthDeskResult) -> DataTable:
    """Return the plans that were written: whose, of when, what it aims at, and the next day on which we meet."""
    rows = []
    for account, copies in sorted(result.decision.plans.items()):
        plan = copies[-1]
        kept = sum(not each.dropped for each in plan.opportunities)
        ahead = min((each.day for each in plan.reviews if each.day > plan.as_of), default=None)
        rows.append((account, plan.as_of, len(copies), plan.bill, plan.revenue_target, kept, len(plan.risks), ahead))
    columns = [
        ("Account", TEXT, "account_id"), (say("as_of"), DAY, "as_of"), (say("copies"), COUNT, "copies"),
        (say("pays"), Money(result.currency), "bill"), (say("revenue_target"), Money(result.currency), "aim"),
        (say("opportunities_kept"), COUNT, "kept"), (say("risks"), COUNT, "risks"), (say("next_day"), DAY, "ahead"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[key for *_, key in columns])
    return DataTable.of_frame(frame, columns) if rows else DataTable.plain(pd.DataFrame())
