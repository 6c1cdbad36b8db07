"""The panel that opens a workshop says where its pages are, and what is wrong when it cannot."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from workbench.errors import StudyError
from workbench.pages.room import RoomPanel, open_room_panel
from workbench.report.room import in_lab

sys.path.insert(0, str(Path(__file__).parents[1] / "workshop"))

from room_agenda import ANSWERS
from room_client import Served, served

from workbench.workshop import SentAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

SAVED: list[str] = []
IS_SAVED: list[asyncio.Event] = []


def note_saved() -> None:
    """Note that the session was saved."""
    SAVED.append("saved")
    for each in IS_SAVED:
        each.set()


SESSION: Any = SimpleNamespace(folder="studies/mine", scenario_id="design-a", save=note_saved)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Return a room that is served, and found where the panel opens one."""
    with served(tmp_path) as room:
        told = {"facilitator": room.facilitator, "wall": room.wall, "participants": f"{room.url}/"}
        monkeypatch.setattr(in_lab, "room_in_lab", lambda *_, **__: told)
        SAVED.clear()
        yield room


def opened() -> RoomPanel:
    """Return a panel whose room is open."""
    panel = open_room_panel(SESSION)
    panel.room_view.open.click()
    return panel


def pressable(panel: RoomPanel) -> set[str]:
    """Return the controls that can be pressed."""
    return {name for name, each in panel.room_view.desk.moves.items() if not each.disabled}


def answer(room: Served, secret: str) -> None:
    """Answer the first exercise."""
    held = room.room
    held.ballots.save([SentAnswer(secret, held.place.step, held.place.round, ANSWERS[held.exercise.key])])


def test_the_addresses_are_links_and_stopping_takes_them_away(room: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three links without their secrets in sight, for the scenario in view and this machine alone."""
    asked: list[tuple] = []
    told = {each: f"{room.url}/{each}#s=SECRET" for each in ("wall", "participants")} | {
        "facilitator": room.facilitator
    }
    monkeypatch.setattr(in_lab, "room_in_lab", lambda *given, **named: asked.append((given, named)) or told)
    view = open_room_panel(SESSION).room_view
    assert view.desk.widget.layout.display == "none"
    view.open.click()
    assert asked[0] == (("studies/mine",), {"share": "127.0.0.1", "scenario_id": "design-a"})
    assert view.pages.value.count("<a href=") == 3
    assert f">{room.url}/wall</a>" in view.pages.value
    view.stop.click()
    assert view.pages.value == ""
    assert view.desk.widget.layout.display == "none"


def test_what_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without JupyterLab the panel says what to do."""

    def none(*_: object, **__: object) -> None:
        raise StudyError("No JupyterLab serves it.", "Start it.")

    monkeypatch.setattr(in_lab, "room_in_lab", none)
    view = open_room_panel(SESSION).room_view
    view.open.click()
    assert "No JupyterLab serves it. Start it." in view.status.value


def test_a_room_is_led_from_the_panel(room: Served) -> None:
    """On, open, close, reveal, back and end do what the page does; what leads nowhere cannot be pressed."""
    panel, held = opened(), room.room
    desk, secrets = panel.room_view.desk, [held.ballots.join(held.link, name, "Sales") for name in ("Kim", "Lee")]
    assert pressable(panel) == {"next"}
    desk.moves["next"].click()
    assert pressable(panel) == {"next", "open", "back"}
    desk.moves["open"].click()
    assert (held.place.phase, pressable(panel)) == ("open", {"close"})
    assert 60 < held.place.until - time.time() < 600
    answer(room, secrets[0])
    desk.moves["close"].click()
    assert "1 of 2 have answered" in desk.place.value
    assert f"In the agenda from {held.agenda.times['metric']}, 10 minutes." in desk.place.value
    assert pressable(panel) == {"next", "open", "reveal", "back"}
    assert SAVED == []
    desk.moves["reveal"].click()
    assert (held.place.phase, SAVED) == ("revealed", ["saved"])
    desk.moves["next"].click()
    assert (held.place.step, held.place.round) == (0, 2)
    desk.moves["back"].click()
    assert (held.place.step, held.place.round) == (0, 1)
    desk.end.click()
    assert not held.place.ended, "ending asks whether one is sure"
    assert "Tick the box" in panel.room_view.status.value
    desk.sure.value = True
    desk.end.click()
    assert held.place.ended
    assert pressable(panel) == set()
    assert "ended" in desk.place.value


def test_before_the_reveal_the_panel_holds_no_value(room: Served) -> None:
    """What the panel was told, and what it shows, is who has answered."""
    panel, held = opened(), room.room
    desk, secret = panel.room_view.desk, held.ballots.join(held.link, "Kim", "Sales")
    for name in (*["next"] * 5, "open"):
        desk.moves[name].click()
    held.ballots.save([SentAnswer(secret, 4, 1, ["An idea like no other"])])
    desk.moves["close"].click()
    assert "An idea like no other" not in str(desk.state) + desk.place.value + str(desk.written.options)
    desk.moves["reveal"].click()
    desk.written.value = next(value for label, value in desk.written.options if label.startswith("An idea"))
    desk.hide.click()
    assert [each["hidden"] for each in desk.state["written"]] == [True]
    assert [label for label, _ in desk.written.options][1] == "(hidden) An idea like no other"
    desk.hide.click()
    assert [each["hidden"] for each in desk.state["written"]] == [False]


def test_two_facilitators_do_not_undo_each_other(room: Served) -> None:
    """A command from a place that is no longer so is refused in a sentence, and the new place is shown."""
    one, other = opened(), opened()
    for name in ("next", "open"):
        one.room_view.desk.moves[name].click()
    other.room_view.desk.moves["next"].click()  # still shows the welcome page
    assert (room.room.place.step, room.room.place.phase) == (0, "open")
    assert "Somebody else moved the room on meanwhile" in other.room_view.status.value
    assert pressable(other) == {"close"}
    other.room_view.desk.moves["close"].click()
    one.room_view.desk.moves["close"].click()
    assert room.room.place.phase == "closed"
    assert "Somebody else" in one.room_view.status.value


def test_the_panel_follows_what_somebody_else_does(room: Served) -> None:
    """Within a second it shows where the room is, and takes in what was revealed; closed, it asks no more."""

    async def test() -> None:
        IS_SAVED[:] = [asyncio.Event()]
        panel = opened()
        desk, line = panel.room_view.desk, panel.room_view.desk.line
        for name in ("next", "open", "close", "reveal"):
            await asyncio.to_thread(line.ask, "/api/move", {"move": name, "revision": room.room.place.revision})
        await asyncio.wait_for(IS_SAVED[0].wait(), 10)
        assert (desk.state["phase"], SAVED) == ("revealed", ["saved"])
        panel.close()
        assert desk._look is None

    asyncio.run(test())


def test_a_room_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command to a stopped room says that it does not answer, and what to do."""
    with served(tmp_path) as room:
        told = {"facilitator": room.facilitator, "wall": room.wall, "participants": f"{room.url}/"}
        monkeypatch.setattr(in_lab, "room_in_lab", lambda *_, **__: told)
        panel = opened()
    panel.room_view.desk.moves["next"].click()
    assert "The room does not answer" in panel.room_view.status.value
    assert "Open it again" in panel.room_view.status.value
