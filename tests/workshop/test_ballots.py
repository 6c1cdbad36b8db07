"""What a room answers is kept: nothing acknowledged is lost, nothing counts twice, nothing leads to a person."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

from workbench.files import Rights, write_text
from workbench.workshop import BallotError, Ballots, Poll, SentAnswer
from workbench.workshop.ballots import CODE_LETTERS, MOST_ATTEMPTS, MOST_PEOPLE, roles_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

AGENDA = {"title": "From metric to tiers", "scenario": "v1"}
MOST_GROUPS = 12  # of answers, before a program that takes them is killed
POLLS = (Poll("metric"), Poll("names", rounds=1, named=True), Poll("risks", rounds=1))


def opened(folder: Path) -> Ballots:
    """Open the ballot of a study's folder, a new one the first time."""
    return Ballots(folder / "study" / "workshops" / "room.sqlite", AGENDA, POLLS)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Ballots]:
    """Return a ballot whose first round is open."""
    ballots = opened(tmp_path)
    go(ballots, "next", "open")
    yield ballots
    ballots.close()


def go(ballots: Ballots, *moves: str) -> None:
    """Take the room through moves."""
    for move in moves:
        ballots.move(move, ballots.place.revision)


def seat(ballots: Ballots, *names: str, role: str = "sales") -> list[str]:
    """Let people join."""
    return [ballots.join(ballots.code, name, role) for name in names]


def test_an_answer_can_be_changed_until_its_round_closes_and_never_counts_twice(room: Ballots) -> None:
    """The latest version counts; a request sent again, or one that was late, changes nothing."""
    kim, lee = seat(room, "Kim", "Lee")
    assert room.save([SentAnswer(kim, 0, 1, 3, 1), SentAnswer(lee, 0, 1, 5, 1)]) == (True, True)
    assert room.save([SentAnswer(kim, 0, 1, 4, 2), SentAnswer(kim, 0, 1, 3, 1), SentAnswer(lee, 0, 1, 5, 1)]) == (
        False,
        False,
        False,
    )
    assert (room.count(0, 1), room.version(kim, 0, 1)) == (2, 2)
    go(room, "close")
    refused = room.save([SentAnswer(kim, 0, 1, 1, 9)])[0]
    assert isinstance(refused, BallotError)
    go(room, "reveal")
    assert sorted(each.answer for each in room.answers(0, 1)) == [4, 5]


def test_nobody_answers_for_another_or_another_round(room: Ballots) -> None:
    """A stranger's secret, a wall's, a round not open and an exercise not on are refused, one by one."""
    kim = seat(room, "Kim")[0]
    wrong = (
        SentAnswer("x" * 22, 0, 1, 1),
        SentAnswer(room.admit("wall"), 0, 1, 1),
        SentAnswer(kim, 0, 2, 1),
        SentAnswer(kim, 1, 1, 1),
        SentAnswer(kim, 99, 1, 1),
        SentAnswer(kim, 0, 1, "x" * 20_000),
    )
    assert [each.status for each in room.save(wrong)] == [401, 401, 409, 409, 409, 413]
    assert room.count(0, 1) == 0


def test_no_value_is_told_before_the_reveal(room: Ballots) -> None:
    """Open or closed, a round tells how many answered and nothing else; the first stays readable in the second."""
    kim = seat(room, "Kim")[0]
    room.save([SentAnswer(kim, 0, 1, 4)])
    for move in ("close", None):
        with pytest.raises(BallotError, match="not revealed"):
            room.answers(0, 1)
        if move:
            go(room, move)
    go(room, "reveal", "next", "open")
    assert [each.answer for each in room.answers(0, 1)] == [4]
    room.save([SentAnswer(kim, 0, 2, 5)])
    with pytest.raises(BallotError, match="not revealed"):
        room.answers(0, 2)
    go(room, "close", "reveal")
    assert room.answers(0, 1)[0].same == room.answers(0, 2)[0].same, "so that the shift can be counted"


def test_two_facilitators_do_not_undo_each_other(room: Ballots) -> None:
    """A move from a place that the other one has left is refused, and says so."""
    seen = room.place.revision
    room.move("close", seen)
    for move in ("close", "reveal", "next", "end"):
        with pytest.raises(BallotError, match="meanwhile"):
            room.move(move, seen)
    assert room.place.phase == "closed"


@pytest.mark.parametrize(
    ("moves", "wrong", "why"),
    [
        (("close",), "close", "closed cannot"),
        ((), "reveal", "open cannot"),
        ((), "next", "still open"),
        ((), "back", "still open"),
        (("close", "reveal"), "open", "revealed cannot"),
        (("close", "back"), "open", "welcome page cannot"),
        (("close", "back"), "back", "beginning"),
        (("close", "next", "next"), "next", "last exercise"),
        (("end",), "open", "has ended"),
    ],
)
def test_moves_that_do_not_lead_on_are_refused(room: Ballots, moves: tuple[str, ...], wrong: str, why: str) -> None:
    """What is revealed is never opened again, what is open is closed first, and an end is an end."""
    go(room, *moves)
    with pytest.raises(BallotError, match=why):
        go(room, wrong)


def test_the_way_through_two_rounds_and_back(room: Ballots) -> None:
    """Next leads from the first reveal to the second round, then on; back leads to the last round held."""
    places = []
    for move in ("close", "reveal", "next", "open", "close", "reveal", "next", "back", "back"):
        go(room, move)
        places.append((room.place.step, room.place.round, room.place.phase))
    assert places == [
        (0, 1, "closed"), (0, 1, "revealed"), (0, 2, "waiting"), (0, 2, "open"), (0, 2, "closed"), (0, 2, "revealed"),
        (1, 1, "waiting"), (0, 2, "revealed"), (0, 1, "revealed"),
    ]  # fmt: skip


def test_names_stand_with_answers_only_where_that_was_said(room: Ballots) -> None:
    """In the exercise with names each answer has one; in the others none, and no secret is in the file."""
    people = seat(room, "Kim", "Kim")
    assert {each.alias for each in room.people()} == {"Kim", "Kim 2"}
    room.save([SentAnswer(each, 0, 1, "a") for each in people])
    go(room, "close", "reveal", "next", "next", "open")
    room.save([SentAnswer(each, 1, 1, "b") for each in people])
    go(room, "close", "reveal")
    assert {each.alias for each in room.answers(0, 1)} == {""}
    assert {each.alias for each in room.answers(1, 1)} == {"Kim", "Kim 2"}
    held = room.path.read_bytes()
    assert not any(each.encode() in held for each in people)


def test_nothing_in_the_file_says_when_or_what_was_there_before(tmp_path: Path) -> None:
    """After a round closes the log is empty, a changed answer is overwritten, and no row has a number or a time."""
    room = opened(tmp_path)
    go(room, "next", "open")
    (kim,) = seat(room, "Kimberley-Alias")
    room.save([SentAnswer(kim, 0, 1, "FIRST-THOUGHT" * 20, 1)])
    room.save([SentAnswer(kim, 0, 1, "second", 2)])
    go(room, "close")
    log = room.path.with_name(room.path.name + "-wal")
    assert log.stat().st_size == 0
    assert b"FIRST-THOUGHT" not in room.path.read_bytes()
    tables = room._rows("SELECT name, sql FROM sqlite_master WHERE type='table'")
    assert all("WITHOUT ROWID" in sql for name, sql in tables if name != "room")
    assert not any(word in sql.lower() for _, sql in tables for word in ("time", "date", "created", "autoincrement"))
    go(room, "reveal", "end")
    room.close()
    held = room.path.read_bytes()
    assert b"Kimberley" not in held, "who was there is forgotten at the end"
    assert b"second" in held


def test_a_role_of_fewer_than_three_is_never_shown_alone(room: Ballots) -> None:
    """Nor by what is left when the others are taken away; in the file it is gone with the reveal."""
    people = seat(room, "A", "B", "C") + seat(room, "D", role="legal counsel")
    room.save([SentAnswer(each, 0, 1, 3) for each in people])
    go(room, "close", "reveal")
    assert {each.role for each in room.answers(0, 1)} == {""}
    assert room._rows("SELECT role FROM answers WHERE role='legal counsel'") == []
    assert roles_kept(["a"] * 3 + ["b"] * 3) == {"a": 3, "b": 3}
    assert roles_kept(["a"] * 4 + ["b"] * 3 + ["c"]) == {"a": 4}
    assert roles_kept(["", ""]) == {}


def test_an_answer_is_hidden_from_every_page_and_shown_again(room: Ballots) -> None:
    """Hidden, it is left out; the facilitator's list still has it."""
    kim = seat(room, "Kim")[0]
    room.save([SentAnswer(kim, 0, 1, "rude")])
    go(room, "close", "reveal")
    (given,) = room.answers(0, 1)
    room.hide(given.id)
    assert (len(room.answers(0, 1)), len(room.answers(0, 1, hidden=True))) == (0, 1)
    room.hide(given.id, hidden=False)
    assert len(room.answers(0, 1)) == 1


def test_codes_are_limited_in_attempts_and_can_be_revoked(room: Ballots) -> None:
    """So many wrong codes close the typed one, whoever sent them; the picture's goes on until both are renewed."""
    old, link = room.code, room.link
    assert set(old) <= set(CODE_LETTERS)
    assert len(link) == 22, "128 bits"
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(BallotError, match="not the code"):
            room.join("WRONG2", "Eve")
    with pytest.raises(BallotError, match="too many"):
        room.join(old, "Kim")
    assert room.join(link, "Kim")
    room.renew_code()
    for gone in (old, link):
        with pytest.raises(BallotError):
            room.join(gone, "Eve")
    assert room.join(f" {room.code[:3].lower()}-{room.code[3:]} ", "Lee"), "typed as people type"
    room.renew_code(joining=False)
    with pytest.raises(BallotError, match="can join"):
        room.join(room.code, "Eve")
    assert len(room.people()) == 2


def test_a_room_is_full_and_a_secret_is_taken_away(room: Ballots) -> None:
    """A thousand joins fill the room and no more; who is taken out answers no longer."""
    secrets = [room.join(room.link, f"Guest {number}") for number in range(MOST_PEOPLE)]
    for number in range(1_000 - MOST_PEOPLE):
        with pytest.raises(BallotError, match="room is full"):
            room.join(room.link, f"Guest {number}")
    assert len(secrets) == MOST_PEOPLE == len(room.people())
    room.expel(room.person(secrets[0]).key)
    assert isinstance(room.save([SentAnswer(secrets[0], 0, 1, 1)])[0], BallotError)
    with pytest.raises(BallotError, match="name is missing"):
        room.join(room.link, " \n ")


def test_secrets_of_wall_and_facilitator_are_their_own(room: Ballots) -> None:
    """Each is known for what it is, after a restart too, and a participant's or a code is none of them."""
    wall, host = room.admit("wall"), room.admit("facilitator")
    others = [*seat(room, "Kim"), room.code, room.link, "", "x" * 1_000]
    assert [room.role_of(each) for each in (wall, host, *others)] == ["wall", "facilitator", *[None] * 5]


def test_a_ballot_goes_on_where_it_was_and_is_open_once(tmp_path: Path) -> None:
    """Opened again it has place, people and answers; a second program and another scenario are refused."""
    room = opened(tmp_path)
    go(room, "next", "open")
    kim = seat(room, "Kim")[0]
    room.save([SentAnswer(kim, 0, 1, 4)])
    place, code = room.place, room.code
    with pytest.raises(BallotError, match="another program"):
        opened(tmp_path)
    room.close()
    with pytest.raises(BallotError, match="another agenda or scenario"):
        Ballots(room.path, {**AGENDA, "scenario": "v2"}, POLLS)
    again = opened(tmp_path)
    assert (again.place, again.code, again.agenda) == (place, code, AGENDA)
    assert again.save([SentAnswer(kim, 0, 1, 5, 2)]) == (False,)
    again.close()


def test_answers_from_a_page_without_network_count_once(room: Ballots) -> None:
    """Added twice, or by somebody who also answered on a phone with the same secret, they are one person's."""
    room.save([SentAnswer(seat(room, "Kim")[0], 0, 1, 4)])
    for _ in range(2):
        assert room.add_offline("a" * 22, "Kim", "sales", {0: 2, 2: "risk", 7: "none such"}) == 2
    assert (room.count(0, 1), room.count(2, 1)) == (2, 1)
    assert {each.alias for each in room.people()} == {"Kim", "Kim 2"}
    go(room, "close", "reveal")
    assert room.add_offline("b" * 22, "Late", "", {0: 5, 2: "risk"}) == 1, "what is revealed takes no more answers"


def test_the_file_has_the_rights_of_its_study(tmp_path: Path) -> None:
    """A private study's ballots are private; without a study nobody else reads them."""
    write_text(tmp_path / "study" / "study.json", "{}", rights=Rights(mode=0o640))
    for folder, mode in (("study", 0o640), ("other", 0o600)):
        ballots = Ballots(tmp_path / folder / "workshops" / "room.sqlite", AGENDA, POLLS)
        assert ballots.path.stat().st_mode & 0o777 == mode
        ballots.close()


def test_a_file_that_is_no_ballot_is_refused(tmp_path: Path) -> None:
    """With its name and what to do, and left as it was."""
    path = tmp_path / "room.sqlite"
    path.write_text("no database" * 200)
    with pytest.raises(Exception, match=r"room\.sqlite could not be read"):
        Ballots(path, AGENDA, POLLS)
    assert path.read_text() == "no database" * 200


def test_a_full_disk_is_said_and_loses_nothing(room: Ballots) -> None:
    """What was acknowledged is there, what was not is not, and with space again the room goes on."""
    people = seat(room, *(f"P{number}" for number in range(40)))
    room.save([SentAnswer(each, 0, 1, "kept") for each in people[:5]])
    pages = room._rows("PRAGMA page_count")[0][0]
    room._rows(f"PRAGMA max_page_count={pages}")
    with pytest.raises(BallotError, match="disk is full") as full:
        room.save([SentAnswer(each, 0, 1, "x" * 4_000) for each in people])
    assert full.value.status == 507
    assert room.count(0, 1) == 5
    room._rows("PRAGMA max_page_count=100000")
    assert room.save([SentAnswer(people[9], 0, 1, "later")]) == (True,)
    go(room, "close", "reveal")
    assert sorted(each.answer for each in room.answers(0, 1)) == ["kept"] * 5 + ["later"]


def vote_and_kill(place: Path, kills: int) -> tuple[int, int]:
    """Kill a program that takes answers at random moments; return the answers acknowledged and the kills midway.

    Moments are counted in groups of answers that it acknowledged, with a breath of chance after them: a slow machine
    answers as many as a quick one before it is killed.
    """
    chance = random.Random(17)
    room = opened(place)
    go(room, "next", "open")
    people = seat(room, *(f"P{number}" for number in range(30)))
    room.close()
    told: dict[int, int] = {}  # the latest version that each participant was told is saved
    acknowledged = midway = 0

    def take(writing: int, began: int) -> None:
        room, draw, version = opened(place), random.Random(began), began
        while True:
            version += 1
            group = draw.sample(range(len(people)), draw.randint(1, 6))
            room.save([SentAnswer(people[each], 0, 1, {"version": version}, version) for each in group])
            os.write(writing, (" ".join(f"{each}:{version}" for each in group) + "\n").encode())

    for number in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                take(writing, number * 100_000)
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            lines = [pipe.readline() for _ in range(chance.randint(0, MOST_GROUPS))]  # none: killed while it opens
            time.sleep(chance.uniform(0, 0.005))
            os.kill(child, signal.SIGKILL)
            midway += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            lines += pipe.readlines()
        saved = [each.split(":") for line in lines for each in line.split()]
        acknowledged += len(saved)
        told |= {int(person): int(version) for person, version in saved}
        room = opened(place)
        held = {each: room.version(people[each], 0, 1) for each in told}
        assert all(held[each] >= version for each, version in told.items()), "an acknowledged answer was lost"
        assert room.count(0, 1) <= len(people), "an answer counts twice"
        rows = room._rows("SELECT version, answer FROM answers")
        assert all(json.loads(answer)["version"] == version for version, answer in rows), "half an answer"
        room.close()
    return acknowledged, midway


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be killed midway")
def test_every_acknowledged_answer_is_there_after_a_kill(tmp_path: Path) -> None:
    """Twenty kills while answers arrive: none is lost, none is there twice, none is half there."""
    acknowledged, midway = vote_and_kill(tmp_path, 20)
    assert acknowledged > 100
    assert midway == 20


@pytest.mark.torture
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be killed midway")
def test_a_thousand_kills_of_a_ballot(tmp_path: Path, reliability: Callable[[str, object], None]) -> None:
    """Killed while a room answers.

    SIGKILL at a random moment; afterwards every answer that a phone was told is saved is there, once and whole.
    """
    acknowledged, midway = vote_and_kill(tmp_path, 1_000)
    reliability("kills while answers arrive", midway)
    reliability("answers acknowledged", f"{acknowledged:,}")
    reliability("acknowledged answers lost", 0)
    reliability("answers counted twice", 0)
