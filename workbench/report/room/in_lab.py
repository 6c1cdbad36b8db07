"""A workshop in the server that JupyterLab already runs: opened and stopped from a notebook, on a port of its own."""

from __future__ import annotations

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from workbench.errors import StudyError, WorkbenchError

if TYPE_CHECKING:
    from workbench.report.room.opening import OpenedRoom
    from workbench.workshop.room import Room

MODULE = __name__
_PATH = "workbench/room"
_PATIENCE = 120


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": MODULE}]


def _load_jupyter_server_extension(server: Any) -> None:  # noqa: ANN401 - jupyter_server's
    """Add the one route; it needs the token of JupyterLab, as every other of its routes."""
    base = server.web_app.settings["base_url"]
    rooms: dict[str, OpenedRoom] = {}
    shared = {"rooms": rooms, "root": Path(server.root_dir).resolve()}
    server.web_app.add_handlers(".*$", [(url_path_join(base, _PATH), _RoomHandler, shared)])


class _RoomHandler(JupyterHandler):
    """Open the room of a study, or stop it."""

    def initialize(self, rooms: dict[str, OpenedRoom], root: Path) -> None:
        self.rooms, self.root = rooms, root

    @web.authenticated
    async def post(self) -> None:
        """Open a room where none is, and say its addresses; with `stop`, stop it."""
        from workbench.report.room.opening import served_room  # noqa: PLC0415 - only where a room is opened
        from workbench.workshop.server import LOOPBACK  # noqa: PLC0415 - as above: it loads numpy

        asked = json.loads(self.request.body)
        folder = _place(asked["study"])
        if not folder.is_relative_to(self.root):
            raise web.HTTPError(403, "The study lies outside the folder JupyterLab works in.")
        try:
            for gone in [key for key, each in self.rooms.items() if each.server.stopped.is_set()]:  # by themselves
                del self.rooms[gone]
            room = self.rooms.get(str(folder))
            if asked.get("stop"):
                if room is not None:
                    await self.rooms.pop(str(folder)).server.stop()
                self.finish({})
                return
            if room is None:
                share = asked.get("share") or LOOPBACK
                made = await asyncio.to_thread(_made, folder, asked.get("scenario"))
                room = self.rooms.get(str(folder))  # somebody else may have opened it meanwhile
                if room is None:
                    room = self.rooms[str(folder)] = served_room(made, share=share)
                else:
                    made.close()
            self.finish({"facilitator": room.facilitator, "wall": room.wall, "participants": room.participants})
        except WorkbenchError as error:
            self.set_status(409)
            self.finish({"message": error.message, "advice": error.advice})


def _place(name: str) -> Path:
    return Path(name).resolve()


def _made(folder: Path, scenario_id: str | None) -> Room:
    """Return the room of a study's workshop; it takes seconds, in which JupyterLab has to answer."""
    from workbench.report.room.opening import made_room  # noqa: PLC0415 - only where a room is opened
    from workbench.study.document import Study  # noqa: PLC0415 - as above
    from workbench.workspace import load_base  # noqa: PLC0415 - as above

    study = Study.load(folder)
    return made_room(load_base(study, folder), study, folder, scenario_id=scenario_id)


def _refused(message: str) -> StudyError:
    return StudyError(message, "Start it with `workbench lab`, or use the command `workbench workshop`.")


def room_in_lab(folder: Path, *, share: str = "", scenario_id: str | None = None, stop: bool = False) -> dict[str, str]:
    """Open a study's workshop in the JupyterLab that serves its folder, and return the addresses of its pages.

    Parameters
    ----------
    folder
        Of the study.
    share, scenario_id
        The address at which phones find the room, this machine alone if ""; the scenario asked about.
    stop
        Stop the room instead; its answers stay.

    Returns
    -------
    dict[str, str]
        `facilitator`, `wall` and `participants`; nothing once it is stopped.

    Raises
    ------
    StudyError
        When no JupyterLab of this person serves the folder, or the room cannot be opened.
    """
    from jupyter_server.serverapp import list_running_servers  # noqa: PLC0415 - slow to import

    place = Path(folder).resolve()
    around = [each for each in list_running_servers() if place.is_relative_to(Path(each["root_dir"]).resolve())]
    if not around:
        raise _refused(f"No JupyterLab serves {place}.")
    server = max(around, key=lambda each: len(each["root_dir"]))
    body = json.dumps({"study": str(place), "share": share, "scenario": scenario_id, "stop": stop}).encode()
    headers = {"Authorization": f"token {server['token']}", "Content-Type": "application/json"}
    if not server["token"]:  # then JupyterLab asks for a mark that only who runs on this machine can send twice
        mark = secrets.token_hex(16)
        headers |= {"Cookie": f"_xsrf={mark}", "X-XSRFToken": mark}
    request = urllib.request.Request(url_path_join(server["url"], _PATH), body, headers)  # noqa: S310 - JupyterLab's own
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == 409:  # noqa: PLR2004 - the room's own refusal
            told = json.loads(error.read())
            raise StudyError(told["message"], told["advice"]) from error
        raise _refused(f"This JupyterLab cannot open a workshop ({error.code}).") from error
    except OSError as error:
        raise _refused(f"JupyterLab does not answer: {error}.") from error
