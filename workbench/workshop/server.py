"""The HTTP server of a workshop: a port of its own that knows one ballot and nothing else of the machine.

A page sends its secret in a header, never in an address or a cookie, so that no other page can speak for it. Everything
a phone can ask for is a route below; there is no file, no kernel and no study behind any of them.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from workbench.errors import WorkbenchError
from workbench.files import InputFileError, parse_json
from workbench.workshop.agreement import VoteError
from workbench.workshop.ballots import BallotError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.workshop.ballots import Participant
    from workbench.workshop.room import Listener, Room, Viewer

LOOPBACK = "127.0.0.1"
USUAL_PORT = 8790
LONGEST_BODY = 64 << 10
HEARTBEAT = 15
MOST_REQUESTS, IN_SECONDS = 40, 10
"""What one participant may send: so many requests in so many seconds."""
CHECK_EVERY = 5
"""Seconds between two looks at whether the scenario is still the one asked about."""
LONGEST_REST, AFTER_THE_END = 4 * 3600, 900
"""Seconds without an answer or a command after which a room stops by itself, and those after its end."""
_FIGURE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-same-origin"
)
_FIGURE_PAGE = """<!doctype html><html lang="en"><title>Figure</title><meta name="color-scheme" content="light dark">
<style>body { margin: 0; padding: 8px 12px; font: 15px/1.4 system-ui, sans-serif; display: flow-root }
table { border-collapse: collapse; width: 100%%; font-variant-numeric: tabular-nums } caption { text-align: start;
font-weight: 600; padding-bottom: 4px } th, td { text-align: start; padding: 4px 8px 4px 0; border-top: 1px solid #8888;
vertical-align: top; overflow-wrap: anywhere; font-weight: inherit } svg { max-width: 100%%; height: auto }
</style><body>%s</body></html>"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A page of the room as it is sent: its text, and the policy that lets its own style and script through.

    Parameters
    ----------
    html, policy
        The text, and what its Content-Security-Policy allows.

    Examples
    --------
    >>> from workbench.workshop import RoomPage
    >>> RoomPage("<!doctype html>", "default-src 'none'").policy
    "default-src 'none'"
    """

    html: str
    policy: str


class RoomServer:
    """A room on a port.

    Parameters
    ----------
    room
        The workshop.
    pages
        The pages by their path: "" for participants, "wall" and "facilitator".
    address
        Where to listen: this machine alone unless an address of it is named.
    port
        The port; 0 takes a free one, None the usual one where it is free.

    Raises
    ------
    BallotError
        When nothing can listen there.

    Examples
    --------
    >>> import asyncio, tempfile
    >>> from pathlib import Path
    >>> from workbench.workshop import Agenda, Exercise, Room, RoomServer
    >>> agenda = Agenda(key="first", title="First", exercises=(Exercise(key="ideas", kind="ideas", title="Ideas"),))
    >>> async def serve():
    ...     server = RoomServer(Room(Path(tempfile.mkdtemp()) / "room.sqlite", agenda), {})
    ...     told = server.url.startswith("http://127.0.0.1:")
    ...     await server.stop()
    ...     return told
    >>> asyncio.run(serve())
    True
    """

    def __init__(
        self, room: Room, pages: Mapping[str, RoomPage], *, address: str = LOOPBACK, port: int | None = 0
    ) -> None:
        self.room = room
        try:
            sockets = _bound(port, address)
        except (OSError, UnicodeError) as error:
            room.close()
            known = ", ".join(own_addresses())
            message = f"Nothing can listen at {address}, port {port}: {error}."
            raise BallotError(message, f"Name an address of this machine ({known}) or another port.") from error
        self.port = sockets[0].getsockname()[1]
        self.host = f"[{address}]" if ":" in address else address
        self.url = f"http://{self.host}:{self.port}"
        room.address = self.url
        hosts = {f"{self.host}:{self.port}", f"localhost:{self.port}", f"{LOOPBACK}:{self.port}"}
        if address in ("0.0.0.0", "::"):  # noqa: S104 - asked for by name
            hosts |= {f"{each}:{self.port}" for each in own_addresses()}
        shared = {"room": room, "hosts": hosts, "spent": {}, "pages": dict(pages)}
        routes: list[Any] = [
            (r"/(|wall|facilitator)", _Page, shared),
            (r"/figure/([\w-]{22})", _Figure, shared),
            (r"/api/join", _Join, shared),
            (r"/api/state", _State, shared),
            (r"/api/events", _Events, shared),
            (r"/api/answer", _Answer, shared),
            (r"/api/move", _Move, shared),
            (r"/api/settle/(\w{1,20})", _Settle, shared),
        ]
        app = Application(routes, default_handler_class=_Nowhere, default_handler_args=shared, log_function=_silent)
        self._server = HTTPServer(
            app, max_body_size=LONGEST_BODY, max_header_size=8 << 10, body_timeout=10, idle_connection_timeout=60
        )
        self._server.add_sockets(sockets)
        self.stopped, self._is_stopping = asyncio.Event(), False
        self._watch = asyncio.get_running_loop().create_task(self._watching())

    async def _watching(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            await self.room.close_when_changed()
            rest = AFTER_THE_END if self.room.place.ended else LONGEST_REST
            if time.monotonic() - self.room.heard > rest:
                self._over = asyncio.create_task(self.stop())

    async def stop(self) -> None:
        """End the server and close the ballot; once is enough."""
        if self._is_stopping:
            await self.stopped.wait()
            return
        self._is_stopping = True
        self._watch.cancel()
        self._server.stop()
        self.room.end_streams()
        await self._server.close_all_connections()
        self.room.close()
        self.stopped.set()


def _bound(port: int | None, address: str) -> list[socket.socket]:
    if port is None:
        with suppress(OSError):
            return bind_sockets(USUAL_PORT, address)
    return bind_sockets(port or 0, address)


def own_addresses() -> tuple[str, ...]:
    """Return the addresses at which others in the same network may find this machine, this machine alone last.

    Returns
    -------
    tuple[str, ...]
        Addresses; nothing is sent to find them.

    Examples
    --------
    >>> from workbench.workshop import own_addresses
    >>> own_addresses()[-1]
    '127.0.0.1'
    """
    found: dict[str, None] = {}
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address for documentation: only the way to it is looked up
        found[probe.getsockname()[0]] = None
    with suppress(OSError):
        found |= {str(each[4][0]): None for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return (*(each for each in found if not each.startswith("127.")), LOOPBACK)


def _silent(handler: RequestHandler) -> None:
    """Log nothing: a log would say who answered when."""
    del handler


class _Route(RequestHandler):
    """What every route does: own headers, own host only, errors as sentences."""

    SUPPORTED_METHODS = ("GET", "POST")
    viewers: ClassVar[frozenset[str]] = frozenset()

    def initialize(
        self, room: Room, hosts: set[str], spent: dict[str, deque[float]], pages: Mapping[str, RoomPage]
    ) -> None:
        self.room, self.hosts, self.spent, self.pages = room, hosts, spent, pages

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if self.request.host not in self.hosts:  # another name for this machine, as a rebound one of a foreign page
            raise HTTPError(403)
        origin = self.request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self.hosts:
            raise HTTPError(403)

    def check_etag_header(self) -> bool:
        return False

    def compute_etag(self) -> None:
        return None

    def say(self, document: Mapping[str, object]) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(document, ensure_ascii=False, allow_nan=False))

    def sent(self) -> dict[str, Any]:
        """Return what was sent: a JSON object, and nothing a form of another page could send."""
        if not self.request.headers.get("Content-Type", "").startswith("application/json"):
            raise HTTPError(415)
        document = parse_json(self.request.body, "What was sent")
        if not isinstance(document, dict):
            raise BallotError("What was sent is no JSON object.", "Load the page again.", 400)
        return document

    async def who(self) -> tuple[Viewer, str, Participant | None]:
        """Return who asks, by the secret they sent; a stranger or somebody in the wrong place is refused."""
        secret = self.request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        person = self.room.person(secret) if secret else None
        viewer: Viewer | None = "participant" if person is not None else await self.room.role_of(secret)
        if viewer is None:
            raise BallotError("You are not in this room.", "Join it again.", 401)
        if viewer not in self.viewers:
            raise BallotError(f"This is not for a {viewer}.", "Use your own page.", 403)
        if person is not None:
            self.limit(secret)
        return viewer, secret, person

    def limit(self, secret: str) -> None:
        """Refuse more than a person could send."""
        now, recent = time.monotonic(), self.spent.setdefault(secret, deque(maxlen=MOST_REQUESTS))
        if len(recent) == MOST_REQUESTS and now - recent[0] < IN_SECONDS:
            raise BallotError("That was too much at once.", "Wait a few seconds.", 429)
        recent.append(now)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - tornado's
        error = kwargs.get("exc_info", (None, None, None))[1]
        said = {"error": self._reason if status_code < 500 else "The server failed.", "advice": ""}  # noqa: PLR2004
        if isinstance(error, BallotError):
            status_code = error.status
        elif isinstance(error, (VoteError, InputFileError)):
            status_code = 400
        if isinstance(error, WorkbenchError):
            said = {"error": error.message, "advice": error.advice}
        self.set_status(status_code)
        self.say(said)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:  # noqa: ANN401 - tornado's
        if not isinstance(value, (WorkbenchError, HTTPError)):
            super().log_exception(typ, value, tb)


class _Nowhere(_Route):
    def prepare(self) -> None:
        raise HTTPError(404)


class _Page(_Route):
    def get(self, name: str) -> None:
        if name not in self.pages:
            raise HTTPError(404)
        page = self.pages[name]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", f"{page.policy}; frame-ancestors 'none'")
        self.finish(page.html)


class _Figure(_Route):
    """The frozen picture of a stage: a page of its own without scripts, at an address that only the room was given."""

    def get(self, ticket: str) -> None:
        figure = self.room.figure(ticket)
        if not figure:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", _FIGURE_POLICY)
        self.set_header("X-Frame-Options", "SAMEORIGIN")
        self.finish(_FIGURE_PAGE % figure)


class _Join(_Route):
    async def post(self) -> None:
        sent = self.sent()
        told = [str(sent.get(name, ""))[:200] for name in ("code", "alias", "role")]
        self.say({"secret": await self.room.join(*told)})

    def get(self) -> None:
        """Say what a page needs before somebody is in the room: its title and the roles to choose from."""
        named = any(each.named for each in self.room.agenda.exercises)
        self.say({"title": self.room.agenda.title, "roles": list(self.room.agenda.roles), "named": named})


class _State(_Route):
    viewers = frozenset({"participant", "wall", "facilitator"})

    async def get(self) -> None:
        viewer, secret, person = await self.who()
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(await state_line(self.room, viewer, secret, person))


async def state_line(room: Room, viewer: Viewer, secret: str, person: Participant | None) -> bytes:
    """Return the state of a page as one line of JSON, with the time at which it was written.

    Parameters
    ----------
    room, viewer
        The room, and whose page it is.
    secret, person
        Of the participant whose own state is added; None for others.

    Returns
    -------
    bytes
        JSON.

    Examples
    --------
    >>> import asyncio, json, tempfile
    >>> from pathlib import Path
    >>> from workbench.workshop import Agenda, Room, state_line
    >>> room = Room(Path(tempfile.mkdtemp()) / "room.sqlite", Agenda(key="first", title="First"))
    >>> json.loads(asyncio.run(state_line(room, "wall", "", None)))["room"]["title"]
    'First'
    >>> room.close()
    """
    own = None if person is None else await room.own_state(secret, person)
    return b'{"now":%.3f,"me":%s,"room":%s}' % (time.time(), json.dumps(own).encode(), room.state_text(viewer))


class _Events(_State):
    """The same as it changes, as server-sent events: one line of JSON each, and a sign of life in between."""

    async def get(self) -> None:
        viewer, secret, person = await self.who()
        self.set_header("Content-Type", "text/event-stream")
        listener = self.room.listen(viewer, person.key if person else "")
        self._listener: Listener | None = listener
        listener.changed.set()
        is_first = True
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT):
                        await listener.changed.wait()
                if listener.gone:
                    break
                if listener.changed.is_set():
                    listener.changed.clear()
                    self.write(
                        b"data: %s\n\n" % await state_line(self.room, viewer, secret, person if is_first else None)
                    )
                    is_first = False
                else:
                    self.write(b": \n\n")
                await self.flush()
        except StreamClosedError:
            pass
        finally:
            self.room.leave(listener)

    def on_connection_close(self) -> None:
        if (listener := getattr(self, "_listener", None)) is not None:
            listener.gone = True
            listener.changed.set()


class _Answer(_Route):
    viewers = frozenset({"participant"})

    async def post(self) -> None:
        _, secret, person = await self.who()
        if person is not None:
            self.say({"saved": await self.room.answer(secret, person, self.sent())})


class _Move(_Route):
    viewers = frozenset({"facilitator"})

    async def post(self) -> None:
        await self.who()
        sent = self.sent()
        name, revision, seconds = sent.get("move"), sent.get("revision"), sent.get("seconds", 0)
        if name not in ("open", "close", "reveal", "next", "back", "end") or not isinstance(revision, int):
            raise BallotError("A move names what happens and the place it starts from.", "Load the page again.", 400)
        await self.room.move(name, revision, seconds if isinstance(seconds, (int, float)) else 0)
        self.say({"revision": self.room.place.revision})


class _Settle(_Route):
    viewers = frozenset({"facilitator"})

    async def post(self, action: str) -> None:
        await self.who()
        self.say(await self.room.settle(action, self.sent()))
