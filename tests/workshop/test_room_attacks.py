"""Who attacks a room gets nowhere: not to an answer, not to another's vote, not to the study or JupyterLab."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from room_agenda import ANSWERS
from room_client import Caller, Held, held, in_turns, next_event, run, statuses

from workbench.workshop import server
from workbench.workshop.ballots import MOST_ATTEMPTS, MOST_PEOPLE

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.workshop import RoomServer

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ELSEWHERE = (
    "/api", "/api/contents", "/api/kernels", "/lab", "/lab/tree/study.json", "/files/study.json", "/tree", "/login",
    "/static/style.css", "/study.json", "/workshops/room.sqlite", "/../study.json", "/%2e%2e/study.json", "/wall/",
    "//etc/passwd", "/figure/..%2f..%2fstudy.json", "/.git/config", "/metrics", "/terminals/1",
)  # fmt: skip


def test_two_hundred_requests_for_anything_else_reach_nothing(tmp_path: Path) -> None:
    """Paths of JupyterLab, of files and of odd spellings are not there, with every method and every secret."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            for caller in (kim, room.wall, room.facilitator):
                headers = {"Authorization": f"Bearer {caller.secret}", "Cookie": f"token={caller.secret}"}
                for method in ("GET", "POST", "PUT", "DELETE"):
                    for path in ELSEWHERE:
                        told = await room.client.request(method, path, headers=headers)
                        assert told.status_code in (403, 404, 405), (method, path)
                        assert b"schema_version" not in told.content
                        assert "Server" not in told.headers

    run(test())


RAW_PATHS = (
    "/../study.json", "/../../study/study.json", "/..%2f..%2fstudy.json", "/%2e%2e/%2e%2e/study.json",
    "/%252e%252e/study",
    "/..%5c..%5cstudy.json", "/....//study.json", "/wall/../../study.json", "/figure/../../workshops/room.sqlite",
    "/figure/%00aaaaaaaaaaaaaaaaaaaaa", "/figure/../study/workshop.sqlite", "/api/../api/contents",
    "/%61pi/contents/study",
    "/api/settle/../contents", "/api/settle/%2e%2e", "/api/kernels/1/channels", "/terminals/websocket/1",
    "/lab/api/settings",
    "/files/study/study.json", "/files/%2e%2e/%2e%2e/etc/passwd", "/nbconvert/html/08_workshop.ipynb", "/api/terminals",
    "/workbench/room", "/hub/api", "/static/../../study.json", "http://127.0.0.1:8888/api/contents",
    "//127.0.0.1:8888/api",
    "*", "/\\..\\study.json", "/;/study.json", "/api/events/../../study.json", "/?token=x&path=../study.json#/lab",
)  # fmt: skip
RAW_HEADS = (
    "",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13\r\n",
    "X-Forwarded-Host: 127.0.0.1:8888\r\nX-Original-URL: /api/contents\r\n", "Origin: http://evil.example\r\n",
)  # fmt: skip
ODD_REQUESTS = (
    b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"GET /wall HTTP/1.1\r\nHost: room.evil.example:80\r\n\r\n",
    b"GET /api/state HTTP/1.1\r\n\r\n", b"CONNECT 127.0.0.1:8888 HTTP/1.1\r\nHost: 127.0.0.1:8888\r\n\r\n",
    b"TRACE /api/state HTTP/1.1\r\nHost: HERE\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: HERE\r\n\r\n",
    b"PROPFIND / HTTP/1.1\r\nHost: HERE\r\n\r\n", b"GET\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    b"GET / HTTP/1.1\r\nHost: HERE\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: HERE\r\n\r\n",
    b"POST /api/join HTTP/1.1\r\nHost: HERE\r\nContent-Length: -1\r\n\r\n{}",
    b"POST /api/join HTTP/1.1\r\nHost: HERE\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    b"POST /api/join HTTP/1.1\r\nHost: HERE\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    b"POST /api/answer HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
)  # fmt: skip


async def answered(room: RoomServer, request: bytes) -> bytes:
    """Send bytes as they stand; return the line the server answers with, "" where it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", room.port)
    writer.write(request)
    writer.write_eof()
    try:
        return (await asyncio.wait_for(reader.read(), 15)).partition(b"\r\n")[0]
    except ConnectionError:
        return b""
    finally:
        writer.close()


def test_requests_as_no_browser_sends_them_reach_nothing(tmp_path: Path) -> None:
    """Climbing, encoded, foreign, upgraded and broken ones, written to the wire by hand: none of them succeeds."""

    async def test() -> None:
        async with held(tmp_path) as room:
            here = f"127.0.0.1:{room.server.port}".encode()
            sent = [
                f"GET {path} HTTP/1.1\r\nHost: {here.decode()}\r\n{head}Connection: close\r\n\r\n".encode()
                for path in RAW_PATHS
                for head in RAW_HEADS
            ]
            sent += [each.replace(b"HERE", here) for each in ODD_REQUESTS]
            told = await in_turns(answered(room.server, each) for each in sent)
            # An address with a query of its own is the page it always was, which holds nothing.
            got = {request.split(b"\r\n")[0]: line for request, line in zip(sent, told, strict=True) if b" 2" in line}
            assert set(got) <= {b"GET /?token=x&path=../study.json#/lab HTTP/1.1"}
            assert len(sent) + len(ELSEWHERE) * 12 > 350
            assert (await (await room.seat("Kim")).ask("/api/state")).status_code == 200, "the room goes on"

    run(test())


def test_fifty_reconnects_of_one_phone_are_one_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sleeps, loads again, changes its network and opens the link twice: one person, who sees that it voted."""
    monkeypatch.setattr(server, "IN_SECONDS", 0)  # what takes an hour in a room is done here in a second

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            headers = {"Authorization": f"Bearer {kim.secret}"}
            await room.go("next", "open")
            for number in range(50):
                way = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{2 + number % 9}", verify=False)
                async with httpx.AsyncClient(base_url=room.server.url, transport=way, timeout=30) as network:
                    phone = Caller(network, kim.secret)
                    assert (await network.get("/api/join")).status_code == 200, "the link is opened again"
                    assert (await phone.state())["me"]["version"] == number
                    async with network.stream("GET", "/api/events", headers=headers) as stream:
                        told = await next_event(stream)  # and breaks off, as when the phone sleeps
                    assert told["me"] == {"alias": "Kim", "role": "Sales", "version": number, "takes_part": True}
                    value = {"rows-synced": 1 + number % 5, "seats": 2}
                    assert (await phone.answer("metric", value, version=number + 1)).status_code == 200
            assert (len(room.room.people), room.room.count) == (1, 1)
            assert room.room.ballots.people()[0].alias == "Kim"
            await room.go("close", "reveal")
            (given,) = room.room.ballots.answers(0, 1)
            assert given.answer == {"rows-synced": 5, "seats": 2}

    run(test())


def test_a_secret_does_what_its_role_does_and_no_more(tmp_path: Path) -> None:
    """A participant moves nothing, the wall answers nothing, a facilitator's secret is no vote, a code is no secret."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            await room.go("next", "open")
            move = {"move": "close", "revision": room.room.place.revision}
            answer = {"exercise": "metric", "round": 1, "answer": ANSWERS["metric"], "version": 1}
            strangers = [Caller(room.client, each) for each in ("nobody", room.room.code, room.room.link, "x" * 3_000)]
            refused = [(403, each, "/api/move", move) for each in (kim, room.wall)]
            refused += [(403, each, "/api/settle/renew_code", {}) for each in (kim, room.wall)]
            refused += [(403, each, "/api/answer", answer) for each in (room.wall, room.facilitator)]
            refused += [(401, each, path, move) for each in strangers for path in ("/api/move", "/api/answer")]
            for status, caller, path, body in refused:
                assert (await caller.ask(path, body)).status_code == status, (path, caller.secret)
            for each in strangers:
                assert (await each.ask("/api/state")).status_code == 401
                assert (await each.ask("/api/events")).status_code == 401
            assert room.room.count == 0
            assert room.room.place.phase == "open"

    run(test())


def test_a_request_sent_again_changes_nothing(tmp_path: Path) -> None:
    """A replayed answer neither counts twice nor undoes a later one, and after the round it is refused."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            await room.go("next", "open")
            await kim.answer("metric", {"rows-synced": 1, "seats": 1}, version=1)
            await kim.answer("metric", {"rows-synced": 5, "seats": 5}, version=2)
            for _ in range(5):
                assert (await kim.answer("metric", {"rows-synced": 1, "seats": 1}, version=1)).status_code == 200
            await room.go("close", "open", "close")
            assert (await kim.answer("metric", {"rows-synced": 1, "seats": 1}, version=3)).status_code == 409
            await room.go("reveal")
            assert (await kim.answer("metric", {"rows-synced": 1, "seats": 1}, version=4)).status_code == 409
            (given,) = room.room.ballots.answers(0, 1)
            assert given.answer == {"rows-synced": 5, "seats": 5}

    run(test())


def test_script_in_words_stays_words(tmp_path: Path) -> None:
    """An alias, an idea and an objection in HTML go through as text; no response lets a script from elsewhere run."""

    async def test() -> None:
        async with held(tmp_path) as room:
            eve = await room.seat(SCRIPT[:40])
            await room.go(*["next"] * 5, "open")
            assert (await eve.answer("ideas", [SCRIPT])).status_code == 200
            await room.go("close", "reveal")
            told = await room.wall.ask("/api/state")
            assert told.headers["Content-Type"].startswith("application/json")
            assert told.headers["X-Content-Type-Options"] == "nosniff"
            assert told.json()["room"]["picture"]["texts"] == [SCRIPT]
            for path in ("/", "/wall", "/facilitator", "/nowhere"):
                page = await room.client.get(path)
                policy = page.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert SCRIPT.encode() not in page.content
                bare = page.content.replace(b"http://www.w3.org/2000/svg", b"").replace(b'"http://"', b"")
                assert b"http:" not in bare
                assert b"https:" not in bare
                assert page.headers["Referrer-Policy"] == "no-referrer"

    run(test())


MALFORMED = (
    b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{'a': 1}", b'{"move": NaN}', b'{"a": 1, "a": 2}',
    b"[" * 5_000, b'{"a":' * 3_000, b'{"version": 1e999}', b'{"alias": "\\ud800"}', b"version=1&answer=2",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/api/join", "/api/answer", "/api/move", "/api/settle/hide"])
def test_malformed_and_oversize_bodies_are_refused(tmp_path: Path, path: str) -> None:
    """Each with a 4xx and a sentence; a body beyond the limit is not read; the room goes on."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            await room.go("next", "open")
            caller = kim if path.endswith("answer") else room.facilitator
            for body in MALFORMED:
                told = await caller.ask(path, content=body, headers={"Content-Type": "application/json"})
                assert 400 <= told.status_code < 500, body[:40]
                assert told.json()["error"], body[:40]
            told = await caller.ask(path, content=b"{}", headers={"Content-Type": "text/plain"})
            assert told.status_code == 415, "what a form of another page can send"
            await refused_for_size(room, path)
            assert (await kim.answer("metric", ANSWERS["metric"])).status_code == 200

    run(test())


async def refused_for_size(room: Held, path: str) -> None:
    """Send a large body; it is refused before it is read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", room.server.port)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{room.server.port}\r\nContent-Length: 50000000\r\n\r\n"
    writer.write(head.encode())
    first = await asyncio.wait_for(reader.read(64), 10)
    assert first == b"" or b" 4" in first
    writer.close()


def test_odd_answers_are_refused_in_a_sentence(tmp_path: Path) -> None:
    """Ten kinds of exercise, each sent thirty odd answers: a 4xx each, or one that the exercise can count."""

    async def test() -> None:
        chance = Random(3)
        odd: list[Any] = [None, True, -1, 0, 99, 1.5, 10**17, "", "x" * 400, [], {}, [[]], {"a": {"b": 1}}, ["a"] * 9]
        async with held(tmp_path) as room:
            people = [await room.seat(f"P{number}", "Finance") for number in range(60)]
            for exercise in room.room.agenda.exercises:
                await room.go("next", "open")
                key, good = exercise.key, ANSWERS[exercise.key]
                for number in range(30):
                    kim = people[number % len(people)]
                    sent: Any = chance.choice(odd)
                    if isinstance(good, dict) and number % 2:
                        sent = {**good, chance.choice([*good, "none"]): chance.choice(odd)}
                    told = await kim.answer(key, sent)
                    assert told.status_code in (200, 400), (key, sent)
                    assert told.status_code == 200 or told.json()["error"], (key, sent)
                for at, version in enumerate(("1", True, 0, 2**40, None)):
                    body = {"exercise": key, "round": 1, "answer": good, "version": version}
                    assert (await people[at].ask("/api/answer", body)).status_code == 400
                assert (await people[-1].answer(key, good)).status_code == 200
                await room.go("close", "reveal")
                if exercise.rounds > 1:
                    await room.go("next")

    run(test())


def test_a_thousand_joins_fill_the_room_and_no_more(tmp_path: Path) -> None:
    """With the right code the room fills up to its limit; with wrong ones the code closes; both are said and mended."""

    async def test() -> None:
        async with held(tmp_path) as room:

            async def join(code: str, many: int) -> list[int]:
                return await statuses(room.server, "/api/join", {"code": code, "alias": "G", "role": "Sales"}, many)

            wrong = await join("AAAAAA", MOST_ATTEMPTS + 20)
            assert wrong == [403] * MOST_ATTEMPTS + [429] * 20
            assert (await room.wall.state())["room"]["code"] == ""
            told = await asyncio.gather(*(join(room.room.link, 250) for _ in range(4)))
            joined = sum(each.count(200) for each in told)
            assert (joined, sum(each.count(403) for each in told)) == (MOST_PEOPLE, 1_000 - MOST_PEOPLE)
            old = room.room.link
            assert (await room.facilitator.ask("/api/settle/renew_code", {})).status_code == 200
            assert await join(old, 1) == [403]
            state = (await room.facilitator.state())["room"]
            assert len(state["code"]) == 6
            out = state["everybody"][0]["key"]
            await room.facilitator.ask("/api/settle/expel", {"person": out})
            assert len(room.room.people) == MOST_PEOPLE - 1

    run(test())


def test_nobody_else_speaks_for_a_page(tmp_path: Path) -> None:
    """A foreign page cannot send to the room, and a foreign name that leads here is not answered."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
                for path in ("/", "/api/state", "/api/join"):
                    assert (await kim.ask(path, {}, headers=headers)).status_code == 403, (path, headers)
            for path in ("/api/state?secret=", "/api/events?token="):
                assert (await room.client.get(path + kim.secret)).status_code == 401, "a secret in an address is none"

    run(test())


def test_too_much_of_one_phone_is_slowed_down(tmp_path: Path) -> None:
    """One participant sends only so much; the others are served as before."""

    async def test() -> None:
        async with held(tmp_path) as room:
            eve, kim = await room.seat("Eve"), await room.seat("Kim")
            told = [(await eve.ask("/api/state")).status_code for _ in range(60)]
            assert 429 in told
            assert (await kim.ask("/api/state")).status_code == 200

    run(test())


def test_what_the_file_tells_of_who_said_what(tmp_path: Path) -> None:
    """After the end no name, secret or order is in the study's folder, and the answers are."""

    async def test() -> None:
        async with held(tmp_path) as room:
            people = [await room.seat(f"Alias-{number}") for number in range(5)]
            await room.go(*["next"] * 5, "open")
            for number, each in enumerate(people):
                await each.answer("ideas", [f"Idea of number {number}"])
            await room.go("close", "reveal", "end")
        held_bytes = b"".join(each.read_bytes() for each in (tmp_path / "study" / "workshops").iterdir())
        assert b"Alias-" not in held_bytes
        assert b"Idea of number 3" in held_bytes
        assert not any(each.secret.encode() in held_bytes for each in people)
        assert json.dumps("Alias-0").encode() not in held_bytes

    run(test())
