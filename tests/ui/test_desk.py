"""The desk: proposals, undo, saving, and two desks on one study."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

import pytest
from desk_clock import WHEN, HandTimer
from price_stage import PriceDecision

from workbench.errors import StudyError
from workbench.rendering.session import LONGEST_UNSAVED, SAVE_PAUSE, TRIED_AGAIN, Desk, finish_saving, open_study
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.customers import CustomerBase


def price_of(desk: Desk) -> float:
    """Return the price of the scenario in view."""
    return float(desk.scenario.decision(PriceDecision).price)


def test_an_accepted_change_is_saved(desk: Desk, tmp_path: Path) -> None:
    """What is proposed can be loaded again."""
    desk.propose(PriceDecision(price=20))
    assert Study.load(tmp_path).scenario(desk.scenario_id).decision(PriceDecision).price == 20


def test_panels_hear_of_a_change_before_it_is_saved(desk: Desk, tmp_path: Path) -> None:
    """The visible change comes first: observers run while the file still holds the old study."""
    seen = []
    desk.observe(lambda _: seen.append(Study.load(tmp_path).revision), names="study")
    before = desk.revision
    desk.propose(PriceDecision(price=20))
    assert seen == [before]
    assert desk.revision == before + 1


def test_undo_and_redo_walk_the_steps(desk: Desk, tmp_path: Path) -> None:
    """Undo brings the former study back, on disk too; redo the later one."""
    desk.propose(PriceDecision(price=20), "a")
    desk.propose(PriceDecision(price=30), "b")
    desk.undo()
    assert price_of(desk) == 20
    assert Study.load(tmp_path).scenario(desk.scenario_id).decision(PriceDecision).price == 20
    desk.redo()
    assert price_of(desk) == 30
    with pytest.raises(StudyError, match="redo"):
        desk.redo()


def test_dragging_a_slider_is_one_step_to_undo(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """Quick changes under one note are taken back together; a later one under the same note is its own step."""
    desk = Desk(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock)
    for price in (11, 12, 13):
        desk.propose(PriceDecision(price=price), "Price")
    hand_timer.now += 60
    desk.propose(PriceDecision(price=14), "Price")
    desk.undo()
    assert price_of(desk) == 13
    desk.undo()
    assert not desk.scenario.decided(PriceDecision)


def test_the_baseline_takes_no_decision(desk: Desk) -> None:
    """Today's pricing is not redesigned; the error says what to do."""
    desk.select("baseline")
    assert desk.is_read_only
    with pytest.raises(StudyError, match="Duplicate"):
        desk.propose(PriceDecision(price=20))


def test_undoing_a_new_scenario_leaves_it(desk: Desk) -> None:
    """When the scenario in view goes, another design comes into view."""
    desk.duplicate_scenario("Design B")
    assert desk.scenario.name == "Design B"
    desk.undo()
    assert desk.scenario.name == "Design A"


def test_a_decision_is_recorded_with_reason_name_and_time(desk: Desk) -> None:
    """The log holds who, why and the time of the injected clock; the desk remembers who."""
    desk.record_decision("price", "Ten a seat.", reason="It covers the cost.", who="Ada")
    record = desk.study.decisions[-1]
    assert (record.who, record.reason, record.when) == ("Ada", "It covers the cost.", desk.when())
    assert desk.who == "Ada"
    with pytest.raises(StudyError):
        desk.record_decision("price", "Ten a seat.", reason=" ", who="Ada")


def two_desks(folder: Path, study: Study, base: CustomerBase) -> tuple[Desk, Desk]:
    """Return two desks on one study, as two notebooks would have."""
    saved = study.save(folder)
    return Desk(folder, saved, base=base), Desk(folder, saved, base=base)


def test_changes_in_different_places_merge(tmp_path: Path, study: Study, base: CustomerBase) -> None:
    """A change made elsewhere comes in with the next own change, and an undo does not take it back."""
    left, right = two_desks(tmp_path, study, base)
    left.propose(PriceDecision(price=20))
    right.duplicate_scenario("Design B")
    assert price_of_first(right) == 20
    right.undo()
    assert price_of_first(right) == 20
    left.save()
    assert left.study.designs == right.study.designs


def price_of_first(desk: Desk) -> float:
    """Return the price of the first design."""
    return float(desk.study.designs[0].decision(PriceDecision).price)


@pytest.mark.parametrize(("settle", "price"), [("take_mine", 30), ("take_theirs", 20)])
def test_the_same_field_changed_twice_is_a_conflict(
    tmp_path: Path, study: Study, base: CustomerBase, settle: str, price: int
) -> None:
    """Nothing is overwritten in silence; either side can be taken, and that is saved."""
    left, right = two_desks(tmp_path, study, base)
    left.propose(PriceDecision(price=20))
    right.propose(PriceDecision(price=30))
    assert right.conflict is not None
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == 20
    getattr(right, settle)()
    assert right.conflict is None
    assert price_of(right) == price
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == price


def test_a_save_that_fails_says_so_and_keeps_the_change(desk: Desk, tmp_path: Path) -> None:
    """An unreadable file is reported; when it is gone, the next save works and the message goes."""
    (tmp_path / "study.json").write_text("{")
    desk.propose(PriceDecision(price=20))
    assert desk.save_error.startswith("Not saved")
    assert price_of(desk) == 20
    (tmp_path / "study.json").unlink()
    desk.save()
    assert desk.save_error == ""


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
    desk = Desk(
        tmp_path, study.save(tmp_path), base=base, when=lambda: WHEN, clock=hand_timer.clock, timer=hand_timer.timer
    )
    desk.propose(PriceDecision(price=20))
    steps = (
        lambda: desk.record_decision("price", "Twenty.", reason="It fits.", who="Ada"),
        lambda: desk.waive("T1", "A free plan stands beside it.", "Ada"),
        lambda: desk.unwaive(desk.scenario.waivers[0].id),
        lambda: desk.duplicate_scenario("Design B"),
        lambda: desk.rename_scenario(desk.scenario_id, "Design C"),
        lambda: desk.choose_scenario("design-a", "It earns more.", "Ada"),
        lambda: desk.remove_scenario(desk.scenario_id),
    )
    for step in steps:
        desk.propose(PriceDecision(price=desk.revision + 30)) if not desk.is_read_only else None
        step()
        assert Study.load(tmp_path).replaced(revision=0) == desk.study.replaced(revision=0)
    assert desk.study.chosen.when == WHEN
    assert [scenario.name for scenario in desk.study.designs] == ["Design A"]


def test_an_ordinary_change_waits_for_the_pause(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """While a slider is dragged the file is not written for every step."""
    desk = Desk(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    for price in (21, 22, 23):
        desk.propose(PriceDecision(price=price), "Price")
    assert not Study.load(tmp_path).designs[0].decided(PriceDecision)
    hand_timer.advance(SAVE_PAUSE)
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == 23


def test_a_slider_that_never_rests_is_saved_now_and_then(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """Whatever the hand does, no change stays unsaved for longer than the limit."""
    desk = Desk(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    step = SAVE_PAUSE / 2
    for change in range(int(LONGEST_UNSAVED / step) + 2):
        desk.propose(PriceDecision(price=change + 1), "Price")
        hand_timer.advance(step)
    assert Study.load(tmp_path).designs[0].decided(PriceDecision)


def test_a_kernel_that_ends_saves_what_still_waits(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """A change made a moment before the kernel is shut down is on disk."""
    desk = Desk(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    desk.propose(PriceDecision(price=21), "Price")
    finish_saving()
    assert Study.load(tmp_path).designs[0].decision(PriceDecision).price == 21


def test_a_lock_held_elsewhere_does_not_stop_the_notebook(
    tmp_path: Path, study: Study, base: CustomerBase, hand_timer: HandTimer
) -> None:
    """A moment later the panel says who saves; the change stays, and is saved once the lock is free."""
    desk = Desk(tmp_path, study.save(tmp_path), base=base, clock=hand_timer.clock, timer=hand_timer.timer)
    with (tmp_path / ".study.lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        started = time.monotonic()
        desk.keep(PriceDecision(price=20))
        assert time.monotonic() - started < 5
        assert desk.save_error.startswith(f"Not saved yet: Process {os.getpid()}")
        assert "tried again every 5 seconds" in desk.save_error
    hand_timer.advance(TRIED_AGAIN)
    assert desk.save_error == ""
    assert Study.load(tmp_path).scenario(desk.scenario_id).decision(PriceDecision).price == 20
