"""The panel that opens a workshop, and leads it: the same commands as the facilitator's page, sent to the room."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workbench.errors import StudyError, WorkbenchError
from workbench.rendering import html
from workbench.rendering.controls import button, checkbox, choice, column, level_row, show
from workbench.rendering.scheduler import loop_timer
from workbench.rendering.section import PlainPanel, PlainSection
from workbench.rendering.widgets import HtmlBlock
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.rendering.scheduler import Handle
    from workbench.rendering.section import Section
    from workbench.rendering.session import Session

say = texts(__name__)
LOOK_EVERY = 1.0
"""Seconds between two looks at where the room is."""
_PATIENCE = 10
_MOVES = ("next", "open", "close", "reveal", "back")
_LABELS = {"open": "move_open"}
_PHASES = {"open": "opened_phase"}


class RoomLine:
    """A line to a room, with the secret of a facilitator: it asks where the room is, and sends commands.

    Parameters
    ----------
    address
        Of the facilitator's page, with its secret.
    """

    def __init__(self, address: str) -> None:
        found = urlsplit(address)
        self._room, self._secret = f"{found.scheme}://{found.netloc}", found.fragment.removeprefix("s=")

    def ask(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return what the room answers; what it refuses is a StudyError in its words."""
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._room + path, sent, headers)  # noqa: S310 - the room that was opened
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - as above
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            told = json.loads(error.read())
            raise StudyError(told["error"], told["advice"]) from error
        except (OSError, ValueError) as error:
            raise StudyError(say("no_answer", error=error), say("no_answer_advice")) from error


class RoomDesk:
    """The facilitator's controls: on and back, open, close, reveal, end, and hide an answer.

    A command names the place that is shown here: where somebody else has moved the room on meanwhile it is refused,
    and the new place is shown, so that two facilitators do not undo each other.
    """

    def __init__(self, section: PlainSection, session: Session) -> None:
        self._session, self._status, self._guarded = session, section.status, section.guarded
        self.line: RoomLine | None = None
        self.state: dict[str, Any] = {}
        self._look: Handle | None = None
        self._is_new = False
        self.place = HtmlBlock(role="status")
        self.moves = {
            name: button(say(_LABELS.get(name, name)), self._guarded(partial(self.move, name))) for name in _MOVES
        }
        self.sure = checkbox(say("end_sure"))
        self.end = button(say("end"), self._guarded(self._end))
        self.written = choice(say("written"), {say("choose"): ""}, "")
        self.hide = button(say("hide"), self._guarded(self._hide))
        self._hiding = level_row(self.written, self.hide)
        led = level_row(*self.moves.values(), gap="8px")
        self.widget = column(self.place, led, self._hiding, level_row(self.end, self.sure, gap="8px"))
        self._show({})

    def connect(self, address: str) -> None:
        """Lead the room with this facilitator's address, and follow it; "" leaves it."""
        self.leave()
        self.line = RoomLine(address) if address else None
        self._show({} if self.line is None else self.line.ask("/api/state")["room"])
        self._look_later()

    def leave(self) -> None:
        """Follow the room no longer."""
        if self._look is not None:
            self._look.cancel()
        self._look = None

    def move(self, name: str) -> None:
        """Take the room further from the place that is shown."""
        line = self._line()
        seconds = 60 * self.state["opens_for"] if name == "open" else 0
        sent = {"move": name, "revision": self.state["revision"], "seconds": seconds}
        self._send(line, "/api/move", sent)
        if name in ("reveal", "end"):
            self._session.save()  # takes in what the room has put into the study

    def _end(self) -> None:
        if not self.sure.value:
            raise StudyError(say("not_sure"), say("not_sure_advice"))
        show(self.sure, value=False)
        self.move("end")

    def _hide(self) -> None:
        found = next((each for each in self.state.get("written", ()) if each["id"] == self.written.value), None)
        if found is None:
            raise StudyError(say("nothing_chosen"), say("nothing_chosen_advice"))
        self._send(self._line(), f"/api/settle/{'show' if found['hidden'] else 'hide'}", {"answer": found["id"]})

    def _line(self) -> RoomLine:
        if self.line is None:
            raise StudyError(say("not_open"), say("not_open_advice"))
        return self.line

    def _send(self, line: RoomLine, path: str, sent: Mapping[str, object]) -> None:
        self._status.clear()
        try:
            line.ask(path, sent)
        finally:
            self._show(line.ask("/api/state")["room"])

    # --- Following the room without standing in anybody's way

    def _look_later(self) -> None:
        if self.line is not None and not self.state.get("ended"):
            self._look = loop_timer(LOOK_EVERY, self._look_now)

    def _look_now(self) -> None:
        line = self.line
        if line is not None:
            asked = asyncio.get_running_loop().run_in_executor(None, line.ask, "/api/state")
            asked.add_done_callback(partial(self._heard, line))

    def _heard(self, line: RoomLine, told: asyncio.Future[dict[str, Any]]) -> None:
        if line is not self.line or told.cancelled():
            return
        error = told.exception()
        if isinstance(error, WorkbenchError):
            self._status.say(error.message, "error", error.advice)
        elif error is None:
            if self._is_new:  # what somebody else revealed was put into the study meanwhile
                self._session.save()
            before, state = self.state.get("revision"), told.result()["room"]
            self._is_new = state["revision"] != before and (state["ended"] or state["phase"] == "revealed")
            self._show(state)
        self._look_later()

    def _show(self, state: dict[str, Any]) -> None:
        if state and state == self.state:
            return
        self.state = state
        possible = set(state.get("moves", ()))
        for name, each in self.moves.items():
            each.disabled = name not in possible
            each.button_style = "primary" if name == self._onward(state) else ""
        self.end.disabled = "end" not in possible
        self.widget.layout.display = "" if state else "none"
        written = {_labelled(each): each["id"] for each in state.get("written", ())}
        kept = self.written.value if self.written.value in written.values() else ""
        show(self.written, kept, options={say("choose"): "", **written})
        self._hiding.layout.display = "" if written else "none"
        self.place.show("".join(html.paragraph(escape(text)) for text in _where(state)))

    @staticmethod
    def _onward(state: Mapping[str, Any]) -> str:
        """Return the move that leads on from where the room is."""
        phases = {"waiting": "open", "open": "close", "closed": "reveal", "revealed": "next"}
        return "next" if state.get("step", -1) < 0 else phases[state["phase"]]


def _labelled(written: Mapping[str, Any]) -> str:
    text = written["text"][:80]
    return say("hidden", text=text) if written["hidden"] else text


def _where(state: Mapping[str, Any]) -> list[str]:
    """Return where the room is, who is missing and what follows, a sentence each."""
    if not state:
        return []
    if state["ended"]:
        return [say("ended")]
    asked = state.get("exercise")
    if asked is None:
        return [say("welcome", people=state["people"], following=state["following"])]
    phase = say(_PHASES.get(state["phase"], state["phase"]))
    told = {"step": state["step"] + 1, "steps": state["steps"], "round": state["round"], "rounds": asked["rounds"]}
    missing = [each["alias"] for each in state["everybody"] if each["asked"] and not each["answered"]]
    lines = [
        say("place", **told, phase=phase, title=asked["title"]),
        say("answered", answered=state["answered"], asked=state["asked"], missing=missing * (state["phase"] == "open")),
    ]
    if state["time"]:
        lines.append(say("notes", time=state["time"], minutes=state["minutes"], notes=state["notes"]))
    if state["following"]:
        lines.append(say("following", title=state["following"]))
    return [*lines, *filter(None, [state["trouble"]])]


class RoomView(PlainSection):
    """Who can reach the room, a button that opens it, one that stops it, where its pages are, and its controls."""

    def __init__(self, panel: RoomPanel) -> None:
        from workbench.workshop.server import own_addresses  # noqa: PLC0415 - loads the server

        super().__init__()
        self._session = panel.session
        *found, loopback = own_addresses()
        places = {say("here_only"): loopback, **{say("in_the_network", address=each): each for each in found}}
        self.share = choice(say("reached_by"), places, loopback)
        self.open = button(say("open"), self.guarded(self.open_it), primary=True)
        self.stop = button(say("stop"), self.guarded(self.stop_it))
        self.pages = HtmlBlock(role="status")
        self.desk = RoomDesk(self, panel.session)
        controls = level_row(self.share, self.open, self.stop, gap="8px")
        parts = (controls, self.pages, self.desk.widget)
        self.section = panel.section(say("title"), status=self.status, parts=parts, intro=say("intro"))

    def open_it(self) -> None:
        """Open the room in the server of JupyterLab, show where its pages are, and lead it from here."""
        from workbench.report.room.in_lab import room_in_lab  # noqa: PLC0415 - loads JupyterLab's server

        self.status.say(say("opening"))
        session = self._session
        told = room_in_lab(session.folder, share=str(self.share.value), scenario_id=session.scenario_id)
        lines = (
            f'<li>{escape(say(each))}: <a href="{escape(told[each])}" target="_blank" rel="noopener">'
            f"{escape(told[each].partition('#')[0])}</a></li>"
            for each in ("facilitator", "wall", "participants")
        )
        self.pages.show(f"<ul>{''.join(lines)}</ul>")
        self.desk.connect(told["facilitator"])
        self.status.say(say("opened"), "ok")

    def stop_it(self) -> None:
        """Stop the room; what was revealed is in the study."""
        from workbench.report.room.in_lab import room_in_lab  # noqa: PLC0415 - loads JupyterLab's server

        self.desk.connect("")
        room_in_lab(self._session.folder, stop=True)
        self.pages.show("")
        self.status.say(say("stopped"), "ok")


class RoomPanel(PlainPanel):
    """A workshop for phones in the room. Sections: `room`."""

    title = "The room"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.room_view = RoomView(self)
        self.room: Section = self.room_view.section

    def close(self) -> None:
        """Follow the room no longer, and close every widget; the room goes on."""
        self.room_view.desk.leave()
        super().close()


def open_room_panel(session: Session) -> RoomPanel:
    """Return the panel that opens and leads a workshop, on a session."""
    return RoomPanel(session)
