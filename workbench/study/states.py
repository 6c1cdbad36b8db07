"""How far scenarios have come: draft, proposed, approved, launched, each on what was seen; remarks; the whole trail."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.study.document import CHOICE, Study
from workbench.study.model import Comment, Scenario, StateStep, Status, fresh_id, plain_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

BEFORE: dict[Status, Status] = {"approved": "proposed", "launched": "approved"}
"""What a scenario has to be before it can be this, on the same figures."""
_LENGTH = 12


def sum_of(found: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a short sum of a document: the same for the same content, and else another.

    Parameters
    ----------
    found
        Any JSON value.

    Returns
    -------
    str
        Twelve signs.

    Examples
    --------
    >>> from workbench.study import sum_of
    >>> sum_of({"a": 1, "b": 2}) == sum_of({"b": 2, "a": 1}), sum_of([1]) == sum_of([2])
    (True, False)
    """
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:_LENGTH]


def inputs_seen(study: Study, scenario: Scenario, data: str) -> dict[str, str]:
    """Return a short sum of each input of a scenario's figures.

    Parameters
    ----------
    study, scenario
        Where the decisions and the assumptions stand.
    data
        What tells the customers apart: `CustomerBase.fingerprint`.

    Returns
    -------
    dict[str, str]
        The sums of data, decisions and assumptions.

    Examples
    --------
    >>> from workbench.study import Study, inputs_seen
    >>> study = Study.new("acme", "data")
    >>> list(inputs_seen(study, study.designs[0], "1f"))
    ['data', 'decisions', 'assumptions']
    """
    own = scenario.model_dump(mode="json")
    whole = study.model_dump(mode="json")
    guesses = {key: whole[key] for key in ("assumptions", "thresholds", "guardrails", "basis", "currency")}
    return {"data": sum_of(data), "decisions": sum_of([own["stages"], own["waivers"]]), "assumptions": sum_of(guesses)}


@dataclass(frozen=True, slots=True)
class ScenarioState:
    """How far a scenario has come.

    Attributes
    ----------
    status
        What it is now: a draft again where something changed since.
    step
        The last step taken, None where there was none.
    changed
        The inputs that changed since that step.

    Examples
    --------
    >>> from workbench.study import ScenarioState
    >>> ScenarioState("draft").reopened
    False
    """

    status: Status
    step: StateStep | None = None
    changed: tuple[str, ...] = ()

    @property
    def reopened(self) -> bool:
        """Tell whether it was further, and what that stood on has changed."""
        return bool(self.changed)


def state_of(study: Study, scenario: Scenario, data: str) -> ScenarioState:
    """Return how far a scenario has come, with what changed since: a changed input opens it again.

    Parameters
    ----------
    study, scenario, data
        As for `inputs_seen`.

    Returns
    -------
    ScenarioState
        Its state.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study, inputs_seen, state_of, with_state
    >>> study, day = Study.new("acme", "data"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> seen = inputs_seen(study, study.designs[0], "1f")
    >>> study = with_state(study, "design-a", "proposed", reason="Ready.", who="Ana", when=day, seen=seen)
    >>> state_of(study, study.designs[0], "1f").status, state_of(study, study.designs[0], "2e").changed
    ('proposed', ('data',))
    """
    step = scenario.state
    if step is None:
        return ScenarioState("draft")
    now = inputs_seen(study, scenario, data)
    changed = tuple(name for name, value in now.items() if step.seen.get(name) != value)
    return ScenarioState("draft" if changed else step.status, step, changed)


def with_state(
    study: Study,
    scenario_id: str,
    status: Status,
    *,
    reason: str,
    who: str,
    when: datetime,
    seen: Mapping[str, str],
    evidence: Iterable[str] = (),
) -> Study:
    """Return the study with a scenario in another state, and a line in the decision log that says so and why.

    Parameters
    ----------
    study, scenario_id
        The study, and which scenario.
    status
        "proposed", "approved", "launched", or "draft" to take it back.
    reason, who, when
        Why, by whom, and when.
    seen
        What it is decided on, as `inputs_seen` returns it; sums of figures may be added.
    evidence
        The figures seen, in sentences.

    Returns
    -------
    Study
        The study with the step.

    Raises
    ------
    StudyError
        For today's prices, or a step before the one that comes first on the same figures.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study, with_state
    >>> study, day = Study.new("acme", "data"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> with_state(study, "design-a", "launched", reason="Now.", who="Ana", when=day, seen={})
    Traceback (most recent call last):
        ...
    workbench.errors.StudyError: Design A is a draft on these figures...
    """
    scenario = study.scenario(scenario_id)
    if scenario.kind == "baseline":
        raise StudyError("Today's prices need nobody's approval.", "Name another scenario.")
    earlier = BEFORE.get(status)
    step = scenario.state
    same = step is not None and all(step.seen.get(name) == value for name, value in seen.items())
    if earlier is not None and (step is None or step.status != earlier or not same):
        present = "a draft" if step is None or not same else step.status
        raise StudyError(
            f"{scenario.name} is {present} on these figures, and cannot be {status}.", f"It has to be {earlier} first."
        )
    with plain_errors("This state cannot be kept"):
        new = None if status == "draft" else StateStep(status=status, who=who, when=when, seen=dict(seen))
    sums = ", ".join(f"{name} {value}" for name, value in seen.items())
    return study.with_scenario(scenario.replaced(state=new)).record_decision(
        CHOICE,
        scenario_id,
        what=f"{scenario.name} is {'a draft again' if status == 'draft' else status}.",
        reason=reason,
        who=who,
        when=when,
        evidence=(*evidence, *([f"Seen: {sums}."] if sums else ())),
    )


def with_comment(study: Study, section: str, text: str, who: str, when: datetime) -> Study:
    """Return the study with a remark on a section.

    Parameters
    ----------
    study
        The study.
    section
        The key of a stage, or a section of the report.
    text, who, when
        The remark, by whom, and when.

    Returns
    -------
    Study
        The study with the remark.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study, with_comment
    >>> day = datetime(2025, 3, 1, tzinfo=UTC)
    >>> with_comment(Study.new("acme", "data"), "tiers", "Too many?", "Ana", day).comments[0].text
    'Too many?'
    """
    taken = {each.id for each in study.comments}
    # Two people may remark at once: the text is part of the id, so that neither takes the other's place.
    made = fresh_id(f"{section} {sum_of([text, who, when.isoformat()])}", taken)
    with plain_errors("This comment cannot be kept"):
        comment = Comment(id=made, section=section, text=text, who=who, when=when)
    return study.replaced(comments=(*study.comments, comment))


def without_comment(study: Study, comment_id: str) -> Study:
    """Return the study without a remark; StudyError lists those there are.

    Parameters
    ----------
    study, comment_id
        The study, and which remark.

    Returns
    -------
    Study
        The study without it.

    Raises
    ------
    StudyError
        When there is none of that id.

    Examples
    --------
    >>> from workbench.study import Study, without_comment
    >>> without_comment(Study.new("acme", "data"), "tiers-1")
    Traceback (most recent call last):
        ...
    workbench.errors.StudyError: The study has no comment 'tiers-1'...
    """
    if comment_id not in {each.id for each in study.comments}:
        known = ", ".join(each.id for each in study.comments) or "none"
        raise StudyError(f"The study has no comment {comment_id!r}.", f"It has: {known}.")
    return study.replaced(comments=tuple(each for each in study.comments if each.id != comment_id))


def trail_of(study: Study) -> list[dict[str, Any]]:
    """Return everything on record in the order it happened: decisions, choices, states, waivers, thresholds, remarks.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    list[dict[str, Any]]
        A row each: when, who, kind, scenario, about, what, reason, evidence, findings.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study, trail_of
    >>> study, day = Study.new("acme", "data"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> [row["kind"] for row in trail_of(study.choose("design-a", "It grows with value.", "Ana", day))]
    ['decision']
    """
    names = {each.id: each.name for each in study.scenarios}

    def row(when: datetime, who: str, kind: str, about: str, what: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        known = {"scenario": "", "reason": "", "evidence": [], "findings": []} | more
        head = {"when": when.isoformat(), "who": who, "kind": kind, "scenario": known.pop("scenario"), "about": about}
        return {**head, "what": what, **known}

    rows = [
        row(
            each.when, each.who, "decision", each.stage, each.what,
            scenario=names.get(each.scenario_id, each.scenario_id), reason=each.reason,
            evidence=list(each.evidence), findings=list(each.findings),
        )
        for each in study.decisions
    ]  # fmt: skip
    rows += [
        row(each.when, each.who, "waiver", each.rule, each.subject, scenario=scenario.name, reason=each.reason)
        for scenario in study.scenarios
        for each in scenario.waivers
    ]
    rows += [
        row(each.when, each.who, "threshold", rule, f"{each.low} to {each.high}", reason=each.reason)
        for rule, each in study.thresholds.items()
    ]
    rows += [row(each.when, each.who, "comment", each.section, each.text) for each in study.comments]
    return sorted(rows, key=lambda each: str(each["when"]))
