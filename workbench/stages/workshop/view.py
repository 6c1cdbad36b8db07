"""What the stage workshop shows: the agenda, what the room said beside the data, and what comes of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from workbench.errors import StudyError
from workbench.growth.programme import calendar_text
from workbench.stages.view import (
    Action,
    Figures,
    Free,
    Items,
    KeyFigures,
    Made,
    Message,
    Said,
    SectionView,
    Setting,
    TableOf,
    Under,
    View,
)
from workbench.stages.workshop.agendas import further_steps
from workbench.stages.workshop.decision import AgendaStep, AnsweredObjection, Came, Parked, Task
from workbench.stages.workshop.tables import actions_table, agenda_table, objections_table
from workbench.stages.workshop.takeover import TAKEN_INTO, outcome_words
from workbench.study.model import FrozenModel, fresh_id
from workbench.text import texts
from workbench.workshop.agenda import RANGE_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from workbench.stages.workshop.decision import WorkshopDecision
    from workbench.stages.workshop.result import WorkshopResult

say = texts(__name__)


class Further(FrozenModel):
    """An exercise to add, by its key."""

    exercise: str = ""


class ToObjection(FrozenModel):
    """An objection of the room, and what the team says to it."""

    objection: str = ""
    answer: Annotated[str, Setting(lines=2), Field(max_length=300)] = ""


class WhatCame(FrozenModel):
    """What came of a number the room gave ranges for."""

    asked: str = ""
    value: float | None = None


def summarise(decision: WorkshopDecision, result: WorkshopResult) -> str:
    """Return the workshop in a sentence: who took part, and on how much they agreed.

    Parameters
    ----------
    decision, result
        The decision and what follows from it.
    """
    del decision
    held, judged = result.shown, result.judged
    if held is None:
        return say("planned", title=result.agenda.title, minutes=result.agenda.minutes)
    agreed = sum(bool(each.last and each.last.agreed) for each in judged)
    day, title = held.held_on, held.agenda.title
    return say("held", title=title, day=day, people=held.people, agreed=agreed, of=len(judged))


def filled(decision: WorkshopDecision, result: WorkshopResult) -> Mapping[str, object]:
    """Take the ready-made agenda, filled from the study, to edit it.

    Parameters
    ----------
    decision, result
        The decision and what follows from it.
    """
    del decision
    return {"exercises": tuple(AgendaStep.model_validate(each.model_dump()) for each in result.agenda.exercises)}


def ready_made(decision: WorkshopDecision, result: WorkshopResult) -> Mapping[str, object]:
    """Go back to the ready-made agenda.

    Parameters
    ----------
    decision, result
        The decision and what follows from it.
    """
    del decision, result
    return {"exercises": ()}


def with_further(decision: WorkshopDecision, result: WorkshopResult, form: Further) -> Mapping[str, object]:
    """Add an exercise to the agenda.

    Parameters
    ----------
    decision, result, form
        The decision, what follows from it, and which exercise.
    """
    found = _further_of(result).get(form.exercise)
    if found is None:
        raise StudyError("No exercise is chosen.", "Choose one of the list.")
    return {"exercises": (*(decision.exercises or filled(decision, result)["exercises"]), found)}  # type: ignore[misc]


def _further_of(result: WorkshopResult) -> dict[str, AgendaStep]:
    taken = [each.key for each in result.agenda.exercises]
    return further_steps(result.base, result.study, result.scenario, taken)


def _further(result: WorkshopResult) -> Mapping[str, object]:
    return {say("choose"): "", **{each.title: key for key, each in _further_of(result).items()}}


def _notes(*stages: str, others: bool = False) -> Callable[[WorkshopResult], Iterable[str]]:
    """Return what tells the facilitator time and notes of the exercises of these stages, or of all others."""

    def told(result: WorkshopResult) -> Iterable[str]:
        agenda = result.agenda if result.shown is None else result.shown.agenda
        return [
            say("note", time=agenda.times[each.key], title=each.title, notes=each.notes)
            for each in agenda.exercises
            if (each.stage in stages) != others
        ]

    return told


def _state(result: WorkshopResult) -> Iterable[Message | str]:
    agenda, edited = result.agenda, bool(result.decision.exercises)
    yield say("length", minutes=agenda.minutes, exercises=len(agenda.exercises), edited=edited)
    asked = {each.key for each in agenda.exercises}
    if left_out := [each.title for each in result.decision.exercises if each.key not in asked]:
        yield Message(say("left_out", names=left_out), "warning")


def _to_discuss(result: WorkshopResult) -> Iterable[str | Message]:
    if result.shown is None:
        yield Message(say("nobody_yet"))
        return
    apart = [(each, option) for each in result.outcomes for option in each.to_discuss]
    widest = [
        say("apart", title=e.exercise.title, option=o.option.label, told=outcome_words(e, o)) for e, o in apart[:4]
    ]
    if widest:
        yield say("talk_about", more=max(0, len(apart) - len(widest)))
        yield from widest


def _asked(result: WorkshopResult) -> Iterable[str]:
    if result.shown is not None:
        yield say("took_part", people=result.shown.people, roles=result.shown.roles, day=result.shown.held_on)


def _before(result: WorkshopResult) -> Iterable[Message]:
    return [Message(text, "ok" if done else "warning") for text, done in result.before]


def _after(result: WorkshopResult) -> Iterable[Message]:
    return [Message(text, "ok" if done else "warning") for text, done in result.after] if result.shown else []


def _new_task(decision: WorkshopDecision, result: WorkshopResult) -> Task:
    del result
    name = say("new_task", at=len(decision.actions) + 1)
    return Task(id=fresh_id(name, {each.id for each in decision.actions}), what=name)


def _new_parked(decision: WorkshopDecision, result: WorkshopResult) -> Parked:
    del result
    name = say("new_parked", at=len(decision.parked) + 1)
    return Parked(id=fresh_id(name, {each.id for each in decision.parked}), name=name)


def with_answer(decision: WorkshopDecision, result: WorkshopResult, form: ToObjection) -> Mapping[str, object]:
    """Answer an objection; an empty answer takes it back.

    Parameters
    ----------
    decision, result, form
        The decision, what follows from it, and the answer.
    """
    if form.objection not in {text for text, _ in result.objections}:
        raise StudyError("No objection is chosen.", "Choose one of the list.")
    others = tuple(each for each in decision.answered if each.objection != form.objection)
    if not form.answer.strip():
        return {"answered": others}
    return {"answered": (*others, AnsweredObjection(objection=form.objection, answer=form.answer))}


def _objections(result: WorkshopResult) -> Mapping[str, object]:
    return {say("choose"): "", **{text[:80]: text for text, _ in result.objections}}


def with_came(decision: WorkshopDecision, result: WorkshopResult, form: WhatCame) -> Mapping[str, object]:
    """Note what came of a number the room gave ranges for; without a value it is taken back.

    Parameters
    ----------
    decision, result, form
        The decision, what follows from it, and what came.
    """
    places = _places(result)
    if form.asked not in places:
        raise StudyError("No question is chosen.", "Choose one of the list.")
    workshop, exercise, option = places[form.asked]
    others = tuple(e for e in decision.came if (e.workshop, e.exercise, e.option) != (workshop, exercise, option))
    if form.value is None:
        return {"came": others}
    return {"came": (*others, Came(workshop=workshop, exercise=exercise, option=option, value=form.value))}


def _places(result: WorkshopResult) -> dict[str, tuple[str, str, str]]:
    return {
        "|".join(place): place
        for held in result.held
        for each in held.agenda.exercises
        if each.kind in RANGE_KINDS
        for option in each.options
        for place in [(held.key, each.key, option.id)]
    }


def _ranged(result: WorkshopResult) -> Mapping[str, object]:
    held = {each.key: each for each in result.held}
    words = {
        f"{held[workshop].agenda.exercise(exercise).option(option).label} ({held[workshop].held_on})": key
        for key, (workshop, exercise, option) in _places(result).items()
    }
    return {say("choose"): "", **words}


def calendar(decision: WorkshopDecision, result: WorkshopResult) -> Made:
    """Make a calendar file of what is to be done.

    Parameters
    ----------
    decision, result
        The decision and what follows from it.
    """
    dated = [each for each in decision.actions if each.due]
    if not dated:
        raise StudyError("Nothing to do has a day yet.", "Give one of the tasks a day.")
    days = [(date.fromisoformat(each.due), each.what, each.who) for each in dated]
    text = calendar_text(days, result.agenda.title, written=result.base.months[-1].date())
    return Made(say("calendar", many=len(dated)), ((say("save_calendar"), "workshop.ics", text.encode()),))


EXERCISES = Items(
    key="exercises", part=AgendaStep, noun="exercise", most=30, moves=True,
    settings=(
        ("title", "minutes", "rounds"), ("question",), ("agreed_at", "roles", "named"), ("shown_first", "notes"),
    ),
)  # fmt: skip
TASKS = Items(
    key="actions", part=Task, noun="task", at_once=True, most=40, make=_new_task, settings=(("what", "who", "due"),)
)
PARKED = Items(key="parked", part=Parked, noun="note", at_once=True, most=40, make=_new_parked, settings=(("name",),))


def _shown_when_edited(decision: Any, _: object) -> bool:  # noqa: ANN401 - the decision
    return bool(decision.exercises)


VIEW = View(
    leading=("scores", "prices"),
    sections=(
        SectionView(
            key="agenda",
            settings=(("ready", "called", "roles"),),
            items=(EXERCISES,),
            actions=(
                Action(key="fill", changes=filled, primary=True, shown=lambda decision, _: not decision.exercises),
                Action(key="ready_made", changes=ready_made, shown=_shown_when_edited),
                Action(key="add", changes=with_further, form=Further, options={"exercise": _further}),
            ),
            parts=(
                Said("state", _state),
                TableOf("sheet", lambda result: agenda_table(result.agenda, notes=True), live=True, stays_open=True),
                Said("before", _before, live=True),
                Free("hand_outs", "workbench.stages.workshop.panel:HandOuts", pages=(TableOf("agenda"),)),
            ),
        ),
        SectionView(
            key="results",
            parts=(
                KeyFigures(),
                Said("asked", _asked),
                Figures(("scores", "prices")),
                Figures(("cards", "confidence")),
                Said("to_discuss", _to_discuss),
                TableOf("outcomes", folded=True, most_rows=60),
                TableOf("pooled", folded=True),
                TableOf("agreement", folded=True),
                Figures(("together",)),
                Said("notes", _notes(others=True), folded=True, live=True),
            ),
        ),
        SectionView(
            key="take_over",
            free=(Free("desk", "workbench.stages.workshop.panel:TakeOver"),),
            parts=(
                Free("what_if", "workbench.stages.workshop.panel:WhatIf"),
                Said("notes_taken", _notes(*TAKEN_INTO), folded=True, live=True),
            ),
        ),
        SectionView(
            key="afterwards",
            items=(TASKS, PARKED),
            actions=(
                Action(key="calendar", makes=calendar),
                Action(key="answer", changes=with_answer, form=ToObjection, options={"objection": _objections}),
                Action(key="came", changes=with_came, form=WhatCame, options={"asked": _ranged}),
            ),
            free=(Free("minutes", "workbench.stages.workshop.panel:Minutes"),),
            parts=(
                Said("after", _after),
                Said("notes_left", _notes(*TAKEN_INTO, others=True), folded=True, live=True),
                TableOf("objections", lambda result: objections_table(result) if result.objections else None),
                TableOf("actions", lambda result: actions_table(result.decision) if result.decision.actions else None),
                Said("parked", lambda result: [each.name for each in result.decision.parked], folded=True),
                Under(
                    key="series",
                    parts=(TableOf("calibration"),),
                    why_not=lambda result: "" if result.calibrated else say("nothing_came"),
                ),
            ),
        ),
    ),
)
