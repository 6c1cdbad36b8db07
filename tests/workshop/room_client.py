"""A room for tests: an agenda with every kind of exercise, its server on this machine, and people who speak HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from room_agenda import agenda

from workbench.report.room.room_pages import room_pages
from workbench.workshop import Room, RoomServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
    from pathlib import Path

    from workbench.workshop import Agenda


T = TypeVar("T")


class Caller:
    """Somebody who speaks HTTP with a room."""

    def __init__(self, client: httpx.AsyncClient, secret: str = "") -> None:
        self.client, self.secret = client, secret
        self.version = 0

    async def ask(self, path: str, body: Any = None, **more: Any) -> httpx.Response:  # noqa: ANN401 - any JSON
        """Ask for a path, or send a body to it."""
        headers = {"Authorization": f"Bearer {self.secret}", **more.pop("headers", {})}
        if body is None and not more:
            return await self.client.get(path, headers=headers)
        if "content" not in more:
            more["json"] = body
        return await self.client.post(path, headers=headers, **more)

    async def state(self) -> dict[str, Any]:
        """Return what the page may see."""
        return (await self.ask("/api/state")).json()

    async def answer(self, exercise: str, value: Any, of: int = 1, version: int = 0) -> httpx.Response:  # noqa: ANN401
        """Send an answer."""
        self.version = version or self.version + 1
        sent = {"exercise": exercise, "round": of, "answer": value, "version": self.version}
        return await self.ask("/api/answer", sent)


class Held:
    """A room that runs, with its facilitator and its wall."""

    def __init__(self, server: RoomServer, client: httpx.AsyncClient) -> None:
        self.server, self.room, self.client = server, server.room, client
        self.facilitator = Caller(client, self.room.ballots.admit("facilitator"))
        self.wall = Caller(client, self.room.ballots.admit("wall"))

    async def seat(self, alias: str, role: str = "Sales") -> Caller:
        """Let somebody in."""
        told = await self.client.post("/api/join", json={"code": self.room.link, "alias": alias, "role": role})
        return Caller(self.client, told.json()["secret"])

    async def go(self, *moves: str) -> None:
        """Take the room through moves."""
        for move in moves:
            sent = {"move": move, "revision": self.room.place.revision}
            told = await self.facilitator.ask("/api/move", sent)
            assert told.status_code == 200, told.text


@asynccontextmanager
async def held(folder: Path, **settings: Any) -> AsyncIterator[Held]:  # noqa: ANN401 - of a room
    """Hold a workshop on a free port."""
    asked = settings.pop("agenda", None) or agenda()
    room = Room(folder / "study" / "workshops" / "room.sqlite", asked, held_on="2025-01-14", **settings)
    server = RoomServer(room, room_pages(asked.title))
    async with httpx.AsyncClient(base_url=server.url, timeout=30, limits=httpx.Limits(max_connections=60)) as client:
        try:
            yield Held(server, client)
        finally:
            await server.stop()


class Served:
    """A room that is served: its addresses, and the room itself to look into."""

    def __init__(self, server: RoomServer) -> None:
        self.room = server.room
        self.url = server.url
        hosted, shown = (self.room.ballots.admit(role) for role in ("facilitator", "wall"))
        self.facilitator, self.wall = f"{self.url}/facilitator#s={hosted}", f"{self.url}/wall#s={shown}"


@contextmanager
def served(folder: Path, asked: Agenda | None = None) -> Iterator[Served]:
    """Serve a room until the block ends; its agenda is the one with every kind of exercise where none is named."""
    ready, stop, made = threading.Event(), threading.Event(), []

    async def serve() -> None:
        asks = asked or agenda()
        room = Room(folder / "study" / "workshops" / "room.sqlite", asks, held_on="2025-01-14")
        server = RoomServer(room, room_pages(asks.title))
        made.append(Served(server))
        ready.set()
        await asyncio.to_thread(stop.wait)
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(30)
    try:
        yield made[0]
    finally:
        stop.set()
        thread.join(30)


async def in_turns(doing: Iterable[Awaitable[T]], at_once: int = 8) -> list[T]:
    """Do many things, so many at a time: a client that queues hundreds is slower than the server by far."""
    waiting, done = list(doing), []
    while waiting:
        done += await asyncio.gather(*waiting[:at_once])
        del waiting[:at_once]
    return done


async def statuses(server: RoomServer, path: str, body: Any, many: int) -> list[int]:  # noqa: ANN401 - any JSON
    """Send a body many times over one connection by hand, which costs the client next to nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    content, told = json.dumps(body).encode(), []
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
    for _ in range(many):
        writer.write(request)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        told.append(int(answer.split()[1]))
        length = next(line for line in answer.split("\r\n") if line.lower().startswith("content-length:"))
        await reader.readexactly(int(length.partition(":")[2]))
    writer.close()
    return told


async def next_event(response: httpx.Response) -> dict[str, Any]:
    """Return the next state a stream tells."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            return json.loads(line[6:])
    raise EOFError


def run(doing: Any) -> Any:  # noqa: ANN401 - whatever it gives
    """Run a test that waits for the network."""
    return asyncio.run(doing)
