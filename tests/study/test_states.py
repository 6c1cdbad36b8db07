"""A scenario goes from draft to launched on what was seen, and is a draft again when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workbench.errors import StudyError
from workbench.study import (
    Assumption,
    History,
    Study,
    inputs_seen,
    merge,
    save,
    state_of,
    trail_of,
    with_comment,
    with_state,
    without_comment,
)

DAY = datetime(2026, 1, 5, tzinfo=UTC)
DATA = "1f"


def taken(study: Study, status: str, *, who: str = "Ana", data: str = DATA, when: datetime = DAY) -> Study:
    """Return the study with its first design in another state, on what is there now."""
    seen = inputs_seen(study, study.designs[0], data)
    return with_state(study, study.designs[0].id, status, reason="It is ready.", who=who, when=when, seen=seen)


@pytest.fixture
def approved() -> Study:
    """Return a study whose design one person proposed and another approved."""
    return taken(taken(Study.new("acme", "data"), "proposed"), "approved", who="Ben", when=DAY + timedelta(days=1))


def test_a_scenario_goes_one_step_after_the_other(approved: Study) -> None:
    """Proposed, approved by whom and when, launched; nothing can be left out, and each step is in the log."""
    design = approved.designs[0]
    assert (design.state.status, design.state.who) == ("approved", "Ben")
    launched = taken(approved, "launched", when=DAY + timedelta(days=2))
    assert state_of(launched, launched.designs[0], DATA).status == "launched"
    assert [each.what for each in launched.decisions] == [
        "Design A is proposed.",
        "Design A is approved.",
        "Design A is launched.",
    ]
    assert all(each.evidence[-1].startswith("Seen: data ") for each in launched.decisions)
    for status in ("approved", "launched"):
        with pytest.raises(StudyError, match="has to be"):
            taken(Study.new("acme", "data"), status)


def changed_decision(study: Study) -> Study:
    """Return the study with a setting of its design changed."""
    design = study.designs[0]
    return study.with_scenario(design.replaced(stages={"tiers": {"tiers": []}}))


@pytest.mark.parametrize(
    ("change", "data", "what"),
    [
        (lambda study: study, "2e", ("data",)),
        (changed_decision, DATA, ("decisions",)),
        (
            lambda study: study.with_assumption(Assumption(id="churn", label="Lost", low=0.1, high=0.2)),
            DATA,
            ("assumptions",),
        ),
        (lambda study: study.with_guardrails(steep_rise=0.5), DATA, ("assumptions",)),
    ],
)
def test_a_changed_input_opens_it_again(approved: Study, change: object, data: str, what: tuple[str, ...]) -> None:
    """It is a draft, what changed is named, and it cannot be launched before it is proposed and approved anew."""
    study = change(approved)  # type: ignore[operator]
    found = state_of(study, study.designs[0], data)
    assert (found.status, found.changed, found.reopened) == ("draft", what, True)
    with pytest.raises(StudyError, match="a draft on these figures"):
        taken(study, "launched", data=data)
    anew = taken(taken(study, "proposed", data=data), "approved", data=data)
    assert state_of(anew, anew.designs[0], data).status == "approved"


def test_figures_that_moved_without_an_input_need_another_look(approved: Study) -> None:
    """Another version may count differently: then what was approved is not what would be launched."""
    study = Study.new("acme", "data")
    seen = inputs_seen(study, study.designs[0], DATA)
    said = {"reason": "Ready.", "who": "Ana", "when": DAY}
    study = with_state(study, "design-a", "proposed", seen=seen | {"figures": "a"}, **said)
    with pytest.raises(StudyError, match="has to be proposed first"):
        with_state(study, "design-a", "approved", seen=seen | {"figures": "b"}, **said)
    assert with_state(study, "design-a", "draft", seen=seen, **said).designs[0].state is None
    with pytest.raises(StudyError, match="nobody's approval"):
        with_state(approved, "baseline", "proposed", seen=seen, **said)


def test_what_changes_back_is_approved_as_it_was(approved: Study) -> None:
    """Undo takes a step back, and a change taken back leaves the approval standing."""
    steps = History(approved).push(changed_decision(approved))
    assert state_of(steps.present, steps.present.designs[0], DATA).reopened
    back = steps.undo().present
    assert state_of(back, back.designs[0], DATA).status == "approved"


def test_a_copy_is_a_draft(approved: Study) -> None:
    """What was approved is the scenario, not whatever is made of it; another name changes nothing."""
    copy = approved.duplicate_scenario("design-a", "Design B")
    assert copy.scenario("design-b").state is None
    renamed = approved.rename_scenario("design-a", "Bold")
    assert state_of(renamed, renamed.designs[0], DATA).status == "approved"


def test_it_is_kept_with_the_study(approved: Study, tmp_path: object) -> None:
    """States and remarks are saved and loaded, and remarks of two people at once are both kept."""
    start = save(approved, str(tmp_path)).study
    assert Study.load(str(tmp_path)) == start
    mine = with_comment(start, "tiers", "Too many?", "Ana", DAY)
    theirs = with_comment(start, "tiers", "Too few?", "Ben", DAY)
    both = merge(start, mine, theirs)
    assert {each.text for each in both.comments} == {"Too many?", "Too few?"}
    left = without_comment(both, both.comments[0].id)
    assert len(left.comments) == 1
    with pytest.raises(StudyError, match="no comment"):
        without_comment(left, both.comments[0].id)


def test_the_trail_holds_everything_in_order(approved: Study) -> None:
    """Decisions, states, waivers, thresholds and remarks: who, when, what, why."""
    design = approved.designs[0].with_waiver("T4", "One deal needs it.", "Cy", DAY + timedelta(days=3))
    study = approved.with_scenario(design).with_threshold(
        "T4", "Ours lie apart.", "Di", DAY + timedelta(days=4), high=8
    )
    study = with_comment(study, "tiers", "Too many?", "Ed", DAY + timedelta(days=5))
    rows = trail_of(study)
    assert [each["kind"] for each in rows] == ["decision", "decision", "waiver", "threshold", "comment"]
    assert [each["who"] for each in rows] == ["Ana", "Ben", "Cy", "Di", "Ed"]
    assert rows[1]["what"] == "Design A is approved."
    assert rows[2]["reason"] == "One deal needs it."
