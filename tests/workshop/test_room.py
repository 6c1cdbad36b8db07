"""A workshop over HTTP: everybody answers alone, nothing is told before the reveal, and all see the same at once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from room_agenda import ANSWERS, agenda
from room_client import Held, held, next_event, run

from workbench.report.room.room_pages import room_pages
from workbench.workshop import BallotError, Room, RoomServer, outcome_of, server

ALL_AT_ONCE = ("close", "reveal")
SETTLED = [
    f"/api/settle/{action}"
    for action in ("renew_code", "let_nobody_in", "let_in", "expel", "hide", "show", "timer", "paper", "add", "none")
]


async def everybody(room: Held, count: int = 6) -> list[Any]:
    """Let people in, all of them of finance, so that they are asked everything."""
    return [await room.seat(f"P{number}", "Finance") for number in range(count)]


async def walk(room: Held, people: list[Any]) -> dict[str, dict[str, Any]]:
    """Go through the whole agenda in one round each; return what the wall shows of every exercise."""
    shown = {}
    for exercise in room.room.agenda.exercises:
        await room.go("next", "open")
        told = await asyncio.gather(*(each.answer(exercise.key, ANSWERS[exercise.key]) for each in people))
        assert {each.status_code for each in told} == {200}, told[0].text
        await room.go(*ALL_AT_ONCE)
        shown[exercise.key] = (await room.wall.state())["room"]
        if exercise.rounds > 1:
            await room.go("next")
    return shown


def test_a_whole_agenda(tmp_path: Path) -> None:
    """Every kind of exercise is asked, answered and shown, and the workshop is handed on as it was held."""

    async def test() -> None:
        kept = []
        async with held(tmp_path, keep=kept.append) as room:
            shown = await walk(room, await everybody(room))
            await room.go("end")
            scores = {each["label"]: each["value"] for each in shown["metric"]["picture"]["options"]}
            assert scores == {"Rows synced": 5, "Seats": 2}
            assert shown["metric"]["data_say"].startswith("Rows synced go with worth")
            assert shown["models"]["picture"]["w"] == [1, 1, 1]
            assert [each["group"] for each in shown["features"]["picture"]["options"]] == ["pro", "add"]
            assert shown["prices"]["picture"]["options"][1]["value"] == pytest.approx(99.5)
            assert shown["ideas"]["picture"]["texts"] == ["Priority support", "Security pack"]
            assert [each["label"] for each in shown["points"]["exercise"]["options"]] == [
                "Priority support", "Security pack",
            ]  # fmt: skip
            assert shown["names"]["picture"]["by"] == [[f"P{number}", "Guard"] for number in range(6)]
            assert shown["confidence"]["picture"]["texts"] == ["Too fast for small accounts"]
            assert (await room.wall.state())["room"]["ended"]
        last = kept[-1]
        assert {each.exercise for each in last.all_votes} == set(ANSWERS)
        assert outcome_of(last, "metric").last.people == 6
        assert {each.alias for each in last.votes_on("metric")} == {""}

    run(test())


def test_two_rounds_show_the_shift(tmp_path: Path) -> None:
    """The first round stays in sight while the second is answered, and whoever moved is counted, not named."""

    async def test() -> None:
        async with held(tmp_path) as room:
            people = await everybody(room)
            await room.go("next", "open")
            for number, each in enumerate(people):
                await each.answer("metric", {"rows-synced": 1 + number % 5, "seats": 2})
            await room.go("close", "reveal", "next", "open")
            state = (await people[0].state())["room"]
            assert state["first"]["people"] == 6
            assert "picture" not in state
            for each in people[:5]:
                await each.answer("metric", {"rows-synced": 4, "seats": 2}, of=2)
            await room.go("close", "reveal")
            picture = (await people[0].state())["room"]["picture"]
            assert (picture["people"], picture["both"], picture["moved"]) == (5, 5, 4)
            assert picture["options"][0]["agreed"] is True

    run(test())


async def all_that_can_be_read(room: Held, people: list[Any]) -> bytes:
    """Return every byte of every page, route, figure and stream that anybody in the room can open."""
    read = b""
    figures = [f"/figure/{each}" for each in room.room._tickets.values()]
    for caller in (*people, room.wall, room.facilitator):
        for path in ("/", "/wall", "/facilitator", "/api/state", "/api/join", "/api/answer", "/api/move", *figures):
            read += (await caller.ask(path)).content
        read += b"".join([(await caller.ask(path, {})).content for path in SETTLED])
        headers = {"Authorization": f"Bearer {caller.secret}"}
        async with room.client.stream("GET", "/api/events", headers=headers) as stream:
            read += json.dumps(await next_event(stream)).encode()
    return read


def test_before_the_reveal_nothing_holds_a_value(tmp_path: Path) -> None:
    """No byte of an answer is on any route, page or stream of any role while a round is open, or closed."""

    async def test() -> None:
        async with held(tmp_path) as room:
            people = [await room.seat(f"P{number}") for number in range(5)]
            await room.go(*["next"] * 4, "open")
            price = {"team": [23.23, 24.24, 25.25], "pro": [123.123, 124.124, 125.125]}
            for each in people:
                assert (await each.answer("prices", price)).status_code == 200
            marks = [b"23.23", b"24.24", b"25.25", b"123.123", b"124.124", b"125.125", b'"picture": ', b'"data_say": ']
            for move in (None, "close"):
                if move:
                    await room.go(move)
                read = await all_that_can_be_read(room, people[::4])
                assert [each for each in marks if each in read] == []
                assert b'"answered": 5' in read
                assert b"<caption>Metrics</caption>" in read, "figures are among what was read"
            await room.go("reveal")
            assert b"124.124" in await all_that_can_be_read(room, people[:1])
            await room.go("next", "open")
            words = "An idea like no other"
            await people[0].answer("ideas", [words])
            assert words.encode() not in await all_that_can_be_read(room, people)

    run(test())


def test_a_participant_is_told_that_they_answered_and_never_what(tmp_path: Path) -> None:
    """Who comes back learns which version of theirs is kept; the facilitator sees who is missing."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim, _ = await room.seat("Kim"), await room.seat("Lee")
            await room.go("next", "open")
            await kim.answer("metric", ANSWERS["metric"])
            await kim.answer("metric", ANSWERS["metric"])
            assert (await kim.state())["me"] == {"alias": "Kim", "role": "Sales", "version": 2, "takes_part": True}
            people = (await room.facilitator.state())["room"]["everybody"]
            assert {each["alias"]: each["answered"] for each in people} == {"Kim": True, "Lee": False}
            assert "everybody" not in (await room.wall.state())["room"]
            assert "notes" not in (await kim.state())["room"]["exercise"]

    run(test())


def test_streams_tell_of_a_change_at_once(tmp_path: Path) -> None:
    """A phone that waits hears of the opening and of the reveal; with four newer streams its oldest one ends."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim = await room.seat("Kim")
            headers = {"Authorization": f"Bearer {kim.secret}"}
            async with room.client.stream("GET", "/api/events", headers=headers) as stream:
                lines = stream.aiter_lines()

                async def phase() -> str:
                    async for line in lines:
                        if line.startswith("data: "):
                            return json.loads(line[6:])["room"]["phase"]
                    return "gone"

                assert await phase() == "waiting"
                await room.go("next")
                assert await phase() == "waiting"
                began = time.monotonic()
                await room.go("open")
                assert await phase() == "open"
                assert time.monotonic() - began < server.HEARTBEAT / 2, "told at once, and not with the next heartbeat"
                others = [room.room.listen("participant", room.room.person(kim.secret).key) for _ in range(4)]
                assert await phase() == "gone"
                assert len(room.room._listeners) == len(others)

    run(test())


def test_roles_that_are_not_asked_do_not_answer(tmp_path: Path) -> None:
    """A question to finance takes no answer of sales, and does not wait for one."""

    async def test() -> None:
        async with held(tmp_path) as room:
            sales, finance = await room.seat("Kim"), await room.seat("Lee", "Finance")
            for _ in range(9):
                await room.go("next")
            await room.go("open")
            assert (await sales.answer("finance", ANSWERS["finance"])).status_code == 403
            assert (await finance.answer("finance", ANSWERS["finance"])).status_code == 200
            assert (await room.wall.state())["room"]["asked"] == 1

    run(test())


def test_an_idea_is_hidden_until_the_room_votes_on_ideas(tmp_path: Path) -> None:
    """Hidden, it is on no page and not voted on; once the vote is open the ideas stay as they are."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim, lee = await room.seat("Kim"), await room.seat("Lee")
            await room.go(*["next"] * 5, "open")
            await kim.answer("ideas", ["A rude one"])
            await lee.answer("ideas", ["A good one"])
            await room.go("close", "reveal")
            written = {each["text"]: each["id"] for each in (await room.facilitator.state())["room"]["written"]}
            await room.facilitator.ask("/api/settle/hide", {"answer": written["A rude one"]})
            assert (await kim.state())["room"]["picture"]["texts"] == ["A good one"]
            await room.go("next", "open")
            assert [each["label"] for each in (await kim.state())["room"]["exercise"]["options"]] == ["A good one"]
            await room.go("close", "back")
            told = await room.facilitator.ask("/api/settle/hide", {"answer": written["A good one"]})
            assert (told.status_code, told.json()["error"]) == (409, "The room has voted on these ideas.")

    run(test())


def test_a_vote_on_ideas_waits_for_ideas(tmp_path: Path) -> None:
    """Without a revealed idea there is nothing to open, and the facilitator is told what is missing."""

    async def test() -> None:
        async with held(tmp_path) as room:
            await room.go(*["next"] * 6)
            told = await room.facilitator.ask("/api/move", {"move": "open", "revision": room.room.place.revision})
            assert told.status_code == 409
            assert "Ideas for add-ons" in told.json()["advice"]

    run(test())


def test_a_changed_scenario_closes_the_ballot(tmp_path: Path) -> None:
    """An open round is closed, nothing is opened any more, and what was answered can be revealed."""

    async def test() -> None:
        current = [True]
        async with held(tmp_path, is_current=lambda: current[0]) as room:
            kim = await room.seat("Kim")
            await room.go("next", "open")
            await kim.answer("metric", ANSWERS["metric"])
            current[0] = False
            await room.room.close_when_changed()
            assert room.room.place.phase == "closed"
            assert "scenario was changed" in (await room.facilitator.state())["room"]["trouble"]
            told = await room.facilitator.ask("/api/move", {"move": "open", "revision": room.room.place.revision})
            assert told.status_code == 409
            await room.go("reveal")

    run(test())


def test_half_on_paper_and_half_on_phones_is_one_result(tmp_path: Path) -> None:
    """Sheets typed in and pages filled in elsewhere count once each beside the phones."""

    async def test() -> None:
        async with held(tmp_path) as room:
            phones = [await room.seat(f"P{number}") for number in range(3)]
            await room.go("next", "open")
            for each in phones:
                await each.answer("metric", ANSWERS["metric"])
            told = await room.facilitator.ask("/api/settle/paper", {"alias": "Sheet 1", "role": "Product"})
            sheet = type(phones[0])(room.client, told.json()["secret"])
            assert (await sheet.answer("metric", {"rows-synced": 3, "seats": 3})).status_code == 200
            page = {"workshop": "demo", "person": "k3-of-the-page", "role": "Product",
                    "answers": {"metric": {"1": {"rows-synced": 1, "seats": 1}}}}  # fmt: skip
            added = [(await room.facilitator.ask("/api/settle/add", {"page": page})).json() for _ in range(2)]
            assert added == [{"added": 1}, {"added": 1}]
            await room.go("close", "reveal")
            assert (await room.wall.state())["room"]["picture"]["people"] == 5
            for wrong in ({}, {**page, "workshop": "another"}, {**page, "answers": {"none": {"1": 1}}}, "text", None):
                told = await room.facilitator.ask("/api/settle/add", {"page": wrong})
                assert told.status_code == 400, wrong

    run(test())


def test_two_facilitators(tmp_path: Path) -> None:
    """Of two moves from one place one counts; the other is refused with a sentence."""

    async def test() -> None:
        async with held(tmp_path) as room:
            other = type(room.facilitator)(room.client, room.room.ballots.admit("facilitator"))
            sent = {"move": "next", "revision": room.room.place.revision}
            told = await asyncio.gather(room.facilitator.ask("/api/move", sent), other.ask("/api/move", sent))
            assert sorted(each.status_code for each in told) == [200, 409]
            assert room.room.place.step == 0

    run(test())


def test_a_full_disk_is_said_to_the_phone_and_to_the_room(tmp_path: Path) -> None:
    """The phone hears that nothing was saved, everything acknowledged is there, and later the same answer goes in."""

    async def test() -> None:
        async with held(tmp_path) as room:
            kim, lee = await room.seat("Kim"), await room.seat("Lee")
            await room.go("next", "next", "next", "next", "next", "open")
            assert (await kim.answer("ideas", ["kept"])).status_code == 200
            ballots = room.room.ballots
            ballots._rows(f"PRAGMA max_page_count={ballots._rows('PRAGMA page_count')[0][0]}")
            idea = ["x" * 300, "y" * 300, "z" * 300]
            told = [await lee.answer("ideas", idea, version=1 + at) for at in range(6)]
            new = {"code": room.room.link, "alias": "A long name to fill the file with", "role": "Sales"}
            others = [await room.client.post("/api/join", json=new) for _ in range(60)]
            full = [each for each in (*told, *others) if each.status_code == 507]
            assert full
            assert "disk is full" in full[0].json()["error"]
            ballots._rows("PRAGMA max_page_count=100000")
            assert (await lee.answer("ideas", idea, version=9)).status_code == 200
            await room.go("close", "reveal")
            assert {"kept", "x" * 300} <= set((await room.wall.state())["room"]["picture"]["texts"])

    run(test())


def test_a_room_goes_on_after_its_server_is_killed(tmp_path: Path) -> None:
    """SIGKILL while phones answer: what each phone was told is saved is there, and its secret is good."""
    acknowledged, lost = kill_servers(tmp_path, 4)
    assert lost == []
    assert acknowledged > 20


class RoomInProcess:
    """A room whose server is a program of its own, and what phones send to it."""

    def __init__(self, folder: Path) -> None:
        program = [sys.executable, str(Path(__file__).parent / "room_process.py"), str(folder), "0"]
        self.process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        self.told = json.loads(self.process.stdout.readline())
        self.client = httpx.Client(base_url=self.told["url"], timeout=60)

    def post(self, path: str, secret: str, body: dict[str, Any]) -> httpx.Response:
        """Send something with a secret."""
        return self.client.post(path, json=body, headers={"Authorization": f"Bearer {secret}"})

    def opened(self) -> list[str]:
        """Let ten people in and open the first round; return their secrets."""
        joins = [{"code": self.told["link"], "alias": f"P{name}", "role": "Sales"} for name in range(10)]
        secrets = [self.post("/api/join", "nobody", each).json()["secret"] for each in joins]
        for revision, move in enumerate(("next", "open")):
            self.post("/api/move", self.told["facilitator"], {"move": move, "revision": revision})
        return secrets

    def state(self, secret: str) -> dict[str, Any]:
        """Return what a phone sees."""
        return self.client.get("/api/state", headers={"Authorization": f"Bearer {secret}"}).json()

    def is_saved(self, secret: str, version: int) -> bool:
        """Send an answer, and tell whether the phone was told that it is saved."""
        body = {"exercise": "metric", "round": 1, "answer": ANSWERS["metric"], "version": version}
        try:
            return self.post("/api/answer", secret, body).status_code == 200
        except httpx.TransportError:  # killed on the way
            return False

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.communicate(timeout=60)


def kill_servers(folder: Path, kills: int) -> tuple[int, list[str]]:
    """Kill a room's server while ten phones answer; return the answers acknowledged and what was lost of them.

    Answers are counted, not seconds: a slow machine takes as many before it is killed, with others on their way.
    """
    chance, told, secrets, lost = Random(5), {}, [], []
    acknowledged = 0
    for number in range(kills):
        room = RoomInProcess(folder)
        with room.client, ThreadPoolExecutor(4) as phones:
            try:
                secrets = secrets or room.opened()
                for secret in secrets:
                    state = room.state(secret)
                    lost += [secret] * (state["me"]["version"] < told.get(secret, 0))
                    assert state["room"]["phase"] == "open", "the room is where it was"
                    assert state["room"]["answered"] <= len(secrets), "an answer counts twice"
                sent = [(chance.choice(secrets), 1 + number * 10_000 + at) for at in range(24)]
                saved = [phones.submit(room.is_saved, *each) for each in sent]
                wait(saved[: chance.randint(6, 18)])
            finally:
                room.kill()
            kept = [each for each, told_so in zip(sent, saved, strict=True) if told_so.result()]
            acknowledged += len(kept)
            told |= dict(kept)  # of one phone the later version stands behind the earlier
    return acknowledged, lost


@pytest.mark.parametrize(("ends", "rest"), [(False, server.LONGEST_REST), (True, server.AFTER_THE_END)])
def test_a_room_nobody_uses_stops_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: bool, rest: float
) -> None:
    """Hours after the last answer or command, and soon after its end; opened again it goes on where it was."""
    monkeypatch.setattr(server, "CHECK_EVERY", 0.01)

    async def test() -> None:
        async with held(tmp_path) as room:
            heard = [room.room.heard]
            kim = await room.seat("Kim")
            heard.append(room.room.heard)
            await room.go("next", "open")
            heard.append(room.room.heard)
            await kim.answer("metric", ANSWERS["metric"])
            heard.append(room.room.heard)
            assert heard == sorted(set(heard)), "whoever joins, answers or leads on keeps it open"
            await kim.state()
            assert room.room.heard == heard[-1], "a page that is left open does not"
            if ends:
                await room.go("close", "reveal", "end")
            room.room.heard -= rest - 600
            await asyncio.sleep(0.1)
            assert not room.server.stopped.is_set()
            room.room.heard -= 601
            await asyncio.wait_for(room.server.stopped.wait(), 60)
            with pytest.raises(httpx.ConnectError):
                await kim.state()
        again = Room(room.room.ballots.path, room.room.agenda, held_on="2025-01-14")
        assert (again.place.ended, again.place.step) == (ends, 0)
        again.close()

    run(test())


def test_pages_are_small_and_read_in_their_direction() -> None:
    """A phone loads less than 50 kB whatever its line is like; a title from right to left turns the page round."""
    for title, direction in (
        ("From metric to tiers", "ltr"),
        ("\u0645\u0642\u064a\u0627\u0633 2025", "rtl"),
        ("2025: \u05de\u05d3\u05d3", "rtl"),
    ):
        pages = room_pages(title)
        assert len(pages[""].html.encode()) < 50_000
        assert all(f'dir="{direction}"' in each.html for each in pages.values())


def test_addresses(tmp_path: Path) -> None:
    """A room listens on this machine alone unless told otherwise; what is no address of it is refused in a sentence."""

    async def test() -> None:
        async with held(tmp_path) as room:
            assert room.server.url.startswith("http://127.0.0.1:")
        with pytest.raises(BallotError, match=r"Nothing can listen at 192\.0\.2\.1"):
            RoomServer(Room(tmp_path / "other.sqlite", agenda()), {}, address="192.0.2.1")
        Room(tmp_path / "other.sqlite", agenda()).close()  # it was let go

    run(test())
