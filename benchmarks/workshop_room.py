"""A workshop with 200 participants on this machine: server and phones share its cores.

Each phone has a connection of its own and waits on a stream as a page does. "Answers within 5 s": 8 of each phone, at
random moments; an answer is acknowledged when it is on disk. "An empty request" is one for nothing, sent to the same
server in the same way, so the ratio is what signing in, checking, storing and writing to disk cost. Memory is that of
the server, from its start with the room still empty to after the reveal.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np
from measure import Row

from workbench.workshop import Agenda, Exercise, Room, RoomServer

PHONES, ANSWERS_EACH, SECONDS = 200, 8, 5.0
P95, P95_AT_ONCE, LAST_REVEAL, MORE_MEMORY = 0.300, 0.700, 1.0, 30.0
_MEGABYTE = 1 << 20


def rows() -> list[Row]:
    """Return the measurements."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, __file__, folder]
        process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        try:
            told = json.loads(process.stdout.readline()) if process.stdout else {}
            return asyncio.run(_Phones(told, process.pid).measured())
        finally:
            process.kill()
            process.communicate()


class _Phones:
    """Two hundred phones and a facilitator."""

    def __init__(self, told: dict, process: int) -> None:
        self.told, self.process = told, process
        self.secrets: list[str] = []
        self.revision = 0
        self.versions = [0] * PHONES

    async def measured(self) -> list[Row]:
        await self.ask(await self.line(), "GET", "/api/join")
        before = self.memory()
        lines = [await self.line() for _ in range(PHONES)]
        for number, line in enumerate(lines):
            told = await self.ask(line, "POST", "/api/join", {"code": self.told["link"], "alias": f"P{number}"})
            self.secrets.append(told["secret"])
        streams = [asyncio.create_task(self.wait_for_reveal(secret)) for secret in self.secrets]
        await asyncio.sleep(1)
        await self.move("next")
        await self.move("open")
        empty = await self.spread(lines, self.nothing)
        answers = await self.spread(lines, self.answer)
        at_once = await asyncio.gather(*(self.answer(number, line) for number, line in enumerate(lines)))
        await self.move("close")
        began = time.perf_counter()
        await self.move("reveal")
        revealed = [each - began for each in await asyncio.gather(*streams)]
        more = (self.memory() - before) / _MEGABYTE
        kept = (await self.ask(lines[0], "GET", "/api/state", secret=self.secrets[0]))["room"]["picture"]["people"]
        nothing = _p95(empty)
        return [
            _row(f"{PHONES * ANSWERS_EACH:,} answers within {SECONDS:.0f} s, p95", _p95(answers), nothing, P95),
            _row(f"{PHONES} answers in one instant, p95", _p95(at_once), nothing, P95_AT_ONCE),
            _row(f"reveal, on the last of {PHONES} phones", max(revealed), nothing, LAST_REVEAL),
            Row("memory of the server, more than with an empty room", f"{more:.0f} MB", "", "",
                f"under {MORE_MEMORY:.0f} MB", more < MORE_MEMORY),
            Row("answers in the picture", f"{kept}", f"{PHONES}", "", "all", kept == PHONES),
        ]  # fmt: skip

    async def spread(self, lines: list, send: object) -> list[float]:
        """Let every phone send at random moments; return how long each took."""
        chance = Random(1)  # noqa: S311 - no secret

        async def phone(number: int) -> list[float]:
            moments, took = sorted(chance.uniform(0, SECONDS) for _ in range(ANSWERS_EACH)), []
            began = time.perf_counter()
            for moment in moments:
                await asyncio.sleep(max(0, began + moment - time.perf_counter()))
                took.append(await send(number, lines[number]))  # type: ignore[operator]
            return took

        every = await asyncio.gather(*(phone(number) for number in range(PHONES)))
        return [each for took in every for each in took]

    async def answer(self, number: int, line: tuple) -> float:
        self.versions[number] += 1
        answer = {"rows": 1 + number % 5, "seats": 1 + number % 3}
        sent = {"exercise": "metric", "round": 1, "answer": answer, "version": self.versions[number]}
        began = time.perf_counter()
        told = await self.ask(line, "POST", "/api/answer", sent, self.secrets[number])
        assert told["saved"] == self.versions[number], told  # noqa: S101 - else it measures a refusal
        return time.perf_counter() - began

    async def nothing(self, number: int, line: tuple) -> float:
        began = time.perf_counter()
        await self.ask(line, "GET", f"/nowhere/{number}")
        return time.perf_counter() - began

    async def move(self, name: str) -> None:
        sent = {"move": name, "revision": self.revision}
        told = await self.ask(await self.line(), "POST", "/api/move", sent, self.told["facilitator"])
        self.revision = told["revision"]

    async def line(self) -> tuple:
        return await asyncio.open_connection("127.0.0.1", self.told["port"])

    async def ask(self, line: tuple, method: str, path: str, body: object = None, secret: str = "") -> dict:
        reader, writer = line
        content = b"" if body is None else json.dumps(body).encode()
        writer.write(self.head(method, path, secret, len(content)) + content)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return json.loads(await reader.readexactly(length))

    def head(self, method: str, path: str, secret: str, length: int) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.told['port']}", f"Content-Length: {length}"]
        lines += ["Content-Type: application/json", f"Authorization: Bearer {secret}"] if secret or length else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def wait_for_reveal(self, secret: str) -> float:
        """Wait on a stream until the picture is there; return when it was."""
        reader, writer = await self.line()
        writer.write(self.head("GET", "/api/events", secret, 0))
        rest = b""
        while b'"phase": "revealed"' not in rest or b'"picture": {' not in rest:
            new = await reader.read(65_536)
            if not new:
                raise EOFError(rest[-200:])
            rest = (rest + new)[-65_536:]
        return time.perf_counter()

    def memory(self) -> int:
        """Return how much memory the server takes."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) << 10


def _p95(times: list[float]) -> float:
    return float(np.quantile(times, 0.95))


def _row(what: str, took: float, nothing: float, most: float) -> Row:
    target = f"under {most * 1000:.0f} ms"
    against, ratio = f"{nothing * 1000:.0f} ms an empty request, p95", f"{took / nothing:.1f}"
    return Row(what, f"{took * 1000:.0f} ms", against, ratio, target, took < most)


async def _serve(folder: Path) -> None:
    options = ({"id": "rows", "label": "Rows synced"}, {"id": "seats", "label": "Seats"})
    asked = Exercise(key="metric", kind="score", title="Score", options=options)
    room = Room(folder / "study" / "workshops" / "room.sqlite", Agenda(key="first", title="First", exercises=(asked,)))
    server = RoomServer(room, {})
    told = {"port": server.port, "link": room.link, "facilitator": room.ballots.admit("facilitator")}
    print(json.dumps(told), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
