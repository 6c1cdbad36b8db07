"""What a workshop comes to in rows: tables for readers, and the document that slides and other tools read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.stages.contract import STAGES
from workbench.stages.workshop.agendas import value_words
from workbench.stages.workshop.takeover import outcome_words
from workbench.tables import COUNT, TEXT, DataTable, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.results import Interval
    from workbench.stages.workshop.decision import WorkshopDecision
    from workbench.stages.workshop.result import WorkshopResult
    from workbench.workshop.agenda import Agenda, Exercise
    from workbench.workshop.outcomes import Calibration, OptionOutcome, RoomOutcome, RoundOutcome

say = texts(__name__)


def agenda_table(agenda: Agenda, *, notes: bool = False) -> DataTable:
    """Return the exercises in order: when each begins, how long it takes, what is asked, and what uses it.

    With `notes` it is the sheet of the facilitator, and says of each what to keep in mind as well.
    """
    titles, times, rows = {each.key: each.short_title for each in STAGES}, agenda.times, []
    for each in agenda.exercises:
        who = f" ({', '.join(each.roles)})" if each.roles else ""
        row = (times[each.key], each.title + who, each.question, titles.get(each.stage, ""))
        rows.append((*row[:3], each.notes, row[3]) if notes else row)
    words = ("time", "exercise", "question", *(("notes",) if notes else ()), "used_by")
    return DataTable.of_rows([(say(each), TEXT) for each in words], rows)


def outcomes_table(result: WorkshopResult) -> DataTable:
    """Return every exercise option by option: both rounds, agreement by the rule, and what the data say."""
    columns = [
        (say("exercise"), TEXT), (say("option"), TEXT), (say("first"), TEXT), (say("last"), TEXT),
        (say("agreed"), TEXT), (say("data"), TEXT),
    ]  # fmt: skip
    rows = [row for each in result.outcomes for row in _rows_of(result, each)]
    return DataTable.of_rows(columns, rows)


def _rows_of(result: WorkshopResult, outcome: RoomOutcome) -> Iterable[tuple[str, ...]]:
    last, first, data = outcome.last, outcome.first, result.data.get(outcome.exercise.key, {})
    if last is None or first is None:
        return
    for each in last.options:
        before = first.of(each.option.id) if len(outcome.rounds) > 1 else None
        early = value_words(outcome.exercise, before.value) if before is not None else ""
        if before is not None and before.group:
            early = f"{_group(outcome.exercise, before.group)} ({early})"
        yield (
            outcome.exercise.title,
            each.option.label,
            early,
            outcome_words(outcome, each),
            "" if each.agreed is None else say("is_agreed" if each.agreed else "is_apart"),
            data.get(each.option.id, ""),
        )
    if outcome.exercise.kind == "ideas":
        yield outcome.exercise.title, say("written", many=len(last.texts)), "", "; ".join(last.texts[:5]), "", ""


def _group(exercise: Exercise, key: str) -> str:
    return next((each.label for each in exercise.groups if each.id == key), key)


def pooled_table(result: WorkshopResult) -> DataTable:
    """Return the ranges of the room pooled in two ways, side by side."""
    columns = [
        (say("exercise"), TEXT), (say("option"), TEXT), (say("answers"), COUNT), (say("median_quantiles"), TEXT),
        (say("equal_weights"), TEXT), (say("data"), TEXT),
    ]  # fmt: skip
    rows = [
        (
            outcome.exercise.title,
            each.option.label,
            each.answers,
            _range(outcome.exercise, each.pooled.median_quantiles),
            _range(outcome.exercise, each.pooled.equal_weights),
            result.data.get(outcome.exercise.key, {}).get(each.option.id, ""),
        )
        for outcome in result.outcomes
        if outcome.last is not None
        for each in outcome.last.options
        if each.pooled is not None
    ]
    return DataTable.of_rows(columns, rows)


def _range(exercise: Exercise, ends: Interval) -> str:
    low, middle, high = (value_words(exercise, each) for each in (ends.low, ends.estimate, ends.high))
    return say("range", low=low, middle=middle, high=high)


def agreement_table(result: WorkshopResult) -> DataTable:
    """Return each exercise with its measures of agreement, the rule fixed before, and what was decided of it."""
    columns = [
        (say("exercise"), TEXT), (say("measured"), TEXT), (say("rule"), TEXT), (say("agreed"), TEXT),
        (say("decision"), TEXT),
    ]  # fmt: skip
    rows = []
    for each in result.outcomes:
        if each.last is None:
            continue
        told, agreed = measures_in_words(each.last), each.last.agreed
        word = "" if agreed is None else say("is_agreed" if agreed else "is_apart")
        rows.append((each.exercise.title, told, each.exercise.rule, word, result.decided(each)))
    return DataTable.of_rows(columns, rows)


def measures_in_words(said: RoundOutcome) -> str:
    """Say how many answered and how far they agree, with the 90% range of each measure."""
    return say("measures", people=said.people, w=said.w, alpha=said.alpha)


def objections_table(result: WorkshopResult) -> DataTable:
    """Return objections in their own words, with the answer to each."""
    return DataTable.of_rows([(say("objection"), TEXT), (say("answer"), TEXT)], result.objections)


def actions_table(decision: WorkshopDecision) -> DataTable:
    """Return who does what by when."""
    columns = [(say("what"), TEXT), (say("by_whom"), TEXT), (say("due"), TEXT)]
    return DataTable.of_rows(columns, [(each.what, each.who, each.due) for each in decision.actions])


def calibration_table(found: Sequence[Calibration]) -> DataTable:
    """Return by role how many ranges held what came."""
    columns = [(say("role"), TEXT), (say("ranges"), COUNT), (say("held"), COUNT), (say("share"), Percent())]
    return DataTable.of_rows(columns, [(each.role, each.ranges, each.held, each.share) for each in found])


# --- The same for other tools: keys that stay, numbers in full


def document_of(result: WorkshopResult) -> dict[str, Any] | None:
    """Return the last workshop as plain JSON, people by their role alone; None before one was held."""
    held = result.shown
    if held is None:
        return None
    return {
        "key": held.key,
        "title": held.agenda.title,
        "held_on": held.held_on,
        "scenario": held.scenario_id,
        "people": held.people,
        "roles": [{"role": role, "people": many} for role, many in held.roles.items()],
        "exercises": [_exercise(result, each, each.last) for each in result.outcomes if each.last is not None],
        "objections": [{"objection": text, "answer": answer} for text, answer in result.objections],
        "parked": [each.name for each in result.decision.parked],
        "actions": [{"what": each.what, "who": each.who, "due": each.due} for each in result.decision.actions],
        "calibration": [
            {"role": each.role, "ranges": each.ranges, "held": each.held, "share": each.share}
            for each in result.calibrated
        ],
    }


def _exercise(result: WorkshopResult, outcome: RoomOutcome, last: RoundOutcome) -> dict[str, Any]:
    asked, data = outcome.exercise, result.data.get(outcome.exercise.key, {})
    return {
        "key": asked.key,
        "kind": asked.kind,
        "title": asked.title,
        "stage": asked.stage,
        "unit": asked.unit,
        "rule": asked.rule,
        "rounds": len(outcome.rounds),
        "people": last.people,
        "both_rounds": outcome.both,
        "moved": outcome.moved,
        "agreed": last.agreed,
        "measured": measures_in_words(last),
        "kendalls_w": _ends(last.w),
        "krippendorffs_alpha": _ends(last.alpha),
        "decision": result.decided(outcome),
        "written": list(last.texts) if asked.kind == "ideas" else [],
        "options": [_answered(outcome, each, data.get(each.option.id, "")) for each in last.options],
    }


def _answered(outcome: RoomOutcome, found: OptionOutcome, data: str) -> dict[str, Any]:
    first = outcome.first.of(found.option.id) if outcome.first is not None and len(outcome.rounds) > 1 else None
    pooled = found.pooled
    return {
        "id": found.option.id,
        "label": found.option.label,
        "answers": found.answers,
        "first_value": None if first is None else first.value,
        "value": found.value,
        "lower_quartile": found.low,
        "upper_quartile": found.high,
        "group": found.group,
        "agreed": found.agreed,
        "said": outcome_words(outcome, found),
        "data_say": data,
        "median_quantiles": _ends(None if pooled is None else pooled.median_quantiles),
        "equal_weights": _ends(None if pooled is None else pooled.equal_weights),
    }


def _ends(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {"value": found.estimate, "low": found.low, "high": found.high}
