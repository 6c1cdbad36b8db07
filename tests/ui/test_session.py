"""The session: proposals, undo, saving, and two sessions on one study."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

import pytest
from price_stage import PriceDecision
from session_clock import WHEN, HandTimer

from workbench.errors import StudyError
from workbench.rendering.session import LONGEST_UNSAVED, SAVE_PAUSE, TRIED_AGAIN, Session, finish_saving, open_study
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.customers import CustomerBase


def price_of(session: Session) -> float:
    """Return the price of the scenario in view."""
    return float(session.scenario.decision(PriceDecision).price)


def test_an_accepted_change_is_saved(session: Session, tmp_path: Path) -> None:
    """What is proposed can be loaded again."""
    session.propose(PriceDecision(price=20))
    assert Study.load(tmp_path).scenario(session.scenario_id).decision(PriceDecision).price == 20


def test_panels_hear_of_a_change_before_it_is_saved(session: Session, tmp_path: Path) -> None:
    """The visible change comes first: observers run while the file still holds the old study."""
    seen = []
    session.observe(lambda _: seen.append(Study.load(tmp_path).revision), names="study")
    before = session.revision
    session.propose(PriceDecision(price=20))
    assert seen == [before]
    assert session.revision == before + 1


def test_undo_and_redo_walk_the_steps(session: Session, tmp_path: Path) -> None:
    """Undo brings the former study back, on disk too; redo the later one."""
    session.propose(PriceDecision(price=20), "a")
    session.propose(PriceDecision(price=30), "b")
    session.undo()
    assert price_of(session) == 20
    assert Study.load(tmp_path).scenario(session.scenario_id).decision(PriceDecision).price == 20
    session.redo()
    assert price_of(session) == 30
    with pytest.raises(StudyError, match="redo"):
        session.redo()


def test_dragging_a_slider_is_one_step_to_undo(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """Quick changes under one note are taken back together; a later one under the same note is its own step."""
    session = Session(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock)
    for price in (11, 12, 13):
        session.propose(PriceDecision(price=price), "Price")
    hand_timer.now += 60
    session.propose(PriceDecision(price=14), "Price")
    session.undo()
    assert price_of(session) == 13
    session.undo()
    assert not session.scenario.decided(PriceDecision)


def test_the_baseline_takes_no_decision(session: Session) -> None:
    """Today's pricing is not redesigned; the error says what to do."""
    session.select("baseline")
    assert session.is_read_only
    with pytest.raises(StudyError, match="Duplicate"):
        session.propose(PriceDecision(price=20))


def test_undoing_a_new_scenario_leaves_it(session: Session) -> None:
    """When the scenario in view goes, another design comes into view."""
    session.duplicate_scenario("Design B")
    assert session.scenario.name == "Design B"
    session.undo()
    assert session.scenario.name == "Design A"


def test_a_decision_is_recorded_with_reason_name_and_time(session: Session) -> None:
    """The log holds who, why and the time of the injected clock; the session remembers who."""
    session.record_decision("price", "Ten a seat.", reason="It covers the cost.", who="Ada")
    record = session.study.decisions[-1]
    assert (record.who, record.reason, record.when) == ("Ada", "It covers the cost.", session.when())
    assert session.who == "Ada"
    with pytest.raises(StudyError):
        session.record_decision("price", "Ten a seat.", reason=" ", who="Ada")


def two_sessions(folder: Path, study: Study, base: CustomerBase) -> tuple[Session, Session]:
    """Return two sessions on one study, as two notebooks would have."""
    saved = study.save(folder)
    return Session(folder, saved, base=base), Session(folder, saved, base=base)


def test_changes_in_different_places_merge(tmp_path: Path, study: Study, base: CustomerBase) -> None:
    """A change made elsewhere comes in with the next own change, and an undo does not take it back."""
    left, right = two_sessions(tmp_path, study, base)
    left.propose(PriceDecision(price=20))
    right.duplicate_scenario("Design B")
    assert price_of_first(right) == 20
    right.undo()
    assert price_of_first(right) == 20
    left.save()
    assert left.study.designs == right.study.designs


def price_of_first(session: Session) -> float:
    """Return the price of the first design."""
    return float(session.study.designs[0].decision(PriceDecision).price)


@pytest.mark.parametrize(("settle", "price"), [("take_mine", 30), ("take_theirs", 20)])
def test_the_same_field_changed_twice_is_a_conflict(
    tmp_path: Path, study: Study, base: CustomerBase, settle: str, price: int
) -> None:
    """Nothing is overwritten in silence; either side can be taken, and that is saved."""
    left, right = two_sessions(tmp_path, study, base)
    left.propose(PriceDecision(price=20))
    right.propose(PriceDecision(price=30))
    assert right.conflict is not None
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == 20
    getattr(right, settle)()
    assert right.conflict is None
    assert price_of(right) == price
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == price


def test_a_save_that_fails_says_so_and_keeps_the_change(session: Session, tmp_path: Path) -> None:
    """An unreadable file is reported; when it is gone, the next save works and the message goes."""
    (tmp_path / "study.json").write_text("{")
    session.propose(PriceDecision(price=20))
    assert session.save_error.startswith("Not saved")
    assert price_of(session) == 20
    (tmp_path / "study.json").unlink()
    session.save()
    assert session.save_error == ""


def test_open_study_finds_the_one_saved_last(tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path it is the study last worked on; with a name, that one; a wrong name lists those there are."""
    for place, name in enumerate(("first", "second")):
        folder = tmp_path / "studies" / name
        study.replaced(title=name).save(folder)
        os.utime(folder / "study.json", (1000 + place, 1000 + place))
    monkeypatch.chdir(tmp_path)
    assert open_study().study.title == "second"
    assert open_study("first").study.title == "first"
    with pytest.raises(StudyError, match="first, second"):
        open_study("third")


def test_what_must_not_be_lost_is_saved_at_once(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """A record, a waiver, a choice and a scenario added, renamed or removed are on disk when the call returns."""
    session = Session(
        tmp_path, study.save(tmp_path), base=base, when=lambda: WHEN, clock=hand_timer.clock, timer=hand_timer.timer
    )
    session.propose(PriceDecision(price=20))
    steps = (
        lambda: session.record_decision("price", "Twenty.", reason="It fits.", who="Ada"),
        lambda: session.waive("T1", "A free plan stands beside it.", "Ada"),
        lambda: session.unwaive(session.scenario.waivers[0].id),
        lambda: session.duplicate_scenario("Design B"),
        lambda: session.rename_scenario(session.scenario_id, "Design C"),
        lambda: session.choose_scenario("design-a", "It earns more.", "Ada"),
        lambda: session.remove_scenario(session.scenario_id),
    )
    for step in steps:
        session.propose(PriceDecision(price=session.revision + 30)) if not session.is_read_only else None
        step()
        assert Study.load(tmp_path).replaced(revision=0) == session.study.replaced(revision=0)
    assert session.study.chosen.when == WHEN
    assert [scenario.name for scenario in session.study.designs] == ["Design A"]


def test_an_ordinary_change_waits_for_the_pause(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """While a slider is dragged the file is not written for every step."""
    session = Session(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    for price in (21, 22, 23):
        session.propose(PriceDecision(price=price), "Price")
    assert not Study.load(tmp_path).designs[0].decided(PriceDecision)
    hand_timer.advance(SAVE_PAUSE)
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == 23


def test_a_slider_that_never_rests_is_saved_now_and_then(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """Whatever the hand does, no change stays unsaved for longer than the limit."""
    session = Session(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    step = SAVE_PAUSE / 2
    for change in range(int(LONGEST_UNSAVED / step) + 2):
        session.propose(PriceDecision(price=change + 1), "Price")
        hand_timer.advance(step)
    assert Study.load(tmp_path).designs[0].decided(PriceDecision)


def test_a_kernel_that_ends_saves_what_still_waits(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """A change made a moment before the kernel is shut down is on disk."""
    session = Session(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    session.propose(PriceDecision(price=21), "Price")
    finish_saving()
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == 21


def test_a_lock_held_elsewhere_does_not_stop_the_notebook(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """A moment later the panel says who saves; the change stays, and is saved once the lock is free."""
    session = Session(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    with (tmp_path / ".study.lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        started = time.monotonic()
        session.keep(PriceDecision(price=20))
        assert time.monotonic() - started < 5
        assert session.save_error.startswith(f"Not saved yet: Process {os.getpid()}")
        assert "tried again every 5 seconds" in session.save_error
    hand_timer.advance(TRIED_AGAIN)
    assert session.save_error == ""
    assert Study.load(tmp_path).scenario(session.scenario_id).decision(PriceDecision).price == 20
