"""What a room answers, kept so that nothing acknowledged is lost and no answer in the file leads to a person.

One SQLite file per workshop. Whoever has answered is known by a secret that only their phone has: the file holds one
hash of it for the person and another one, per exercise, for the answer, so that nobody can go from one to the other.
Two rounds of one exercise share a hash, since the shift between them is counted. An answer has no time; rows lie in the
order of their hashes; what is deleted is overwritten, and the log is emptied whenever a round closes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from filelock import FileLock, Timeout

from workbench.errors import FileError, WorkbenchError
from workbench.files import Rights, ensure_file, make_folder, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Phase: TypeAlias = Literal["waiting", "open", "closed", "revealed"]
Move: TypeAlias = Literal["open", "close", "reveal", "next", "back", "end"]
SecretOf: TypeAlias = Literal["wall", "facilitator"]

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What a typed code is made of: no letter that is taken for a digit."""
CODE_LENGTH = 6
MOST_ATTEMPTS = 100
"""Wrong codes after which the typed code is closed, whoever typed them; one guess in nine million million is right."""
MOST_PEOPLE = 500
LONGEST_ANSWER = 16_000
LONGEST_ALIAS = 40
FEWEST_OF_A_ROLE = 3
"""A role with fewer people is never shown alone."""
_VERSION = "SELECT version FROM answers WHERE voter=? AND step=? AND round=?"
_APPLICATION = 0x70776273  # marks the file as one of ours
_TABLES = """
CREATE TABLE room (agenda TEXT NOT NULL, digest TEXT NOT NULL, step INTEGER NOT NULL, round INTEGER NOT NULL,
  revision INTEGER NOT NULL, until REAL, ended INTEGER NOT NULL, code TEXT NOT NULL, link TEXT NOT NULL,
  attempts INTEGER NOT NULL, joining INTEGER NOT NULL);
CREATE TABLE rounds (step INTEGER, round INTEGER, phase TEXT NOT NULL, PRIMARY KEY (step, round)) WITHOUT ROWID;
CREATE TABLE keys (hash BLOB PRIMARY KEY, role TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE people (person BLOB PRIMARY KEY, alias TEXT NOT NULL, role TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE answers (voter BLOB, step INTEGER, round INTEGER, id TEXT NOT NULL, answer TEXT NOT NULL,
  role TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, hidden INTEGER NOT NULL,
  PRIMARY KEY (voter, step, round)) WITHOUT ROWID;
"""


class BallotError(WorkbenchError):
    """Refuse what a ballot cannot do.

    Parameters
    ----------
    message
        What is wrong.
    advice
        What to do.
    status
        The HTTP status that says the same.

    Examples
    --------
    >>> from workbench.workshop import BallotError
    >>> BallotError("This round is closed.", "Wait for the next.").status
    409
    """

    def __init__(self, message: str, advice: str = "", status: int = 409) -> None:
        super().__init__(message, advice)
        self.status = status


class Poll(NamedTuple):
    """One exercise as the ballot needs it.

    Parameters
    ----------
    key
        Its name in the agenda.
    rounds
        How often the room answers it.
    named
        Whether names stand with answers, which every page says before the first one.

    Examples
    --------
    >>> from workbench.workshop import Poll
    >>> Poll("metric").rounds
    2
    """

    key: str
    rounds: int = 2
    named: bool = False


@dataclass(frozen=True, slots=True)
class RoomPlace:
    """Where the room is: exercise (-1 before the first), round, its phase, and the revision a move must name."""

    step: int
    round: int
    phase: Phase
    revision: int
    until: float | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in the room, by the name they chose and their role."""

    key: str
    alias: str
    role: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer of a revealed round: `same` is equal for both rounds of one person in one exercise and nowhere else.

    `alias` is empty unless the exercise said beforehand that names stand with answers.
    """

    id: str
    same: str
    answer: object
    role: str = ""
    alias: str = ""
    hidden: bool = False


class SentAnswer(NamedTuple):
    """An answer on its way.

    Parameters
    ----------
    secret
        Of the participant.
    step, round
        The exercise, counted from 0, and its round, counted from 1.
    answer
        What JSON can hold.
    version
        How often it was changed, plus one: an answer takes the place of one with a lower version.

    Examples
    --------
    >>> from workbench.workshop import SentAnswer
    >>> SentAnswer("secret of a phone", 0, 1, {"scores": {"seats": 4}}).version
    1
    """

    secret: str
    step: int
    round: int
    answer: object
    version: int = 1


class Ballots:
    """The answers of one workshop in one file.

    Parameters
    ----------
    path
        The SQLite file; made where there is none.
    agenda
        What is asked, as JSON: frozen with the ballot. None takes what the file holds.
    polls
        The exercises in order.

    Raises
    ------
    BallotError
        When another program has the ballot open, or it was begun with another agenda.
    FileError
        When the file cannot be read or written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.workshop import Ballots, Poll, SentAnswer
    >>> ballots = Ballots(Path(tempfile.mkdtemp()) / "room.sqlite", {"title": "Prices"}, [Poll("metric")])
    >>> kim = ballots.join(ballots.code, "Kim", "sales")
    >>> place = ballots.move("next", ballots.place.revision)
    >>> place = ballots.move("open", place.revision)
    >>> ballots.save([SentAnswer(kim, 0, 1, {"scores": {"seats": 4}}, 1)])
    (True,)
    >>> ballots.count(0, 1)
    1
    >>> ballots.close()
    """

    def __init__(self, path: Path, agenda: Mapping[str, object] | None, polls: Sequence[Poll]) -> None:
        self.path = path
        self.polls = tuple(polls)
        self._turn = RLock()
        self._lock = FileLock(f"{path}.lock", thread_local=False)  # opened in one thread, closed in another
        make_folder(path.parent)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            busy = f"The ballot {path} is open in another program."
            raise BallotError(busy, "Go on there, or end that one first.") from error
        try:
            self._connect(agenda)
        except BaseException:
            self._lock.release()
            raise

    def _connect(self, agenda: Mapping[str, object] | None) -> None:
        study = rights_of(self.path.parent.parent / "study.json")
        ensure_file(self.path, Rights(mode=0o600 if study is None else study.mode))
        with self._told():
            self._base = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA secure_delete=ON")
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.execute("PRAGMA journal_size_limit=0")
            if self._base.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
                if self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    raise BallotError(f"{self.path} is no ballot of the workbench.", "Name another file.")
                self._begin(agenda or {})
        held = self._one("SELECT digest FROM room")
        if agenda is not None and held != digest_of(agenda):
            message = f"The ballot {self.path} asks about another agenda or scenario than the study holds now."
            raise BallotError(message, "Go on with the scenario it was frozen with, or begin a new one (--new).")

    def _begin(self, agenda: Mapping[str, object]) -> None:
        with self._change():
            for statement in _TABLES.split(";"):
                self._base.execute(statement)
            text = json.dumps(agenda, ensure_ascii=False)
            new = (text, digest_of(agenda), -1, 1, 0, None, 0, fresh_code(), secrets.token_urlsafe(16), 0, 1)
            self._base.execute("INSERT INTO room VALUES (?,?,?,?,?,?,?,?,?,?,?)", new)
            # Last, and in the same transaction: a file that carries the mark is whole.
            self._base.execute(f"PRAGMA application_id={_APPLICATION}")

    # --- Who may do what

    def admit(self, role: SecretOf) -> str:
        """Return a new secret of a wall or a facilitator; those given before stay good."""
        secret = secrets.token_urlsafe(16)
        with self._change():
            self._base.execute("INSERT INTO keys VALUES (?,?)", (_hash("key", secret), role))
        return secret

    def role_of(self, secret: str) -> SecretOf | None:
        """Return whose secret it is; None for participants and strangers."""
        return self._one("SELECT role FROM keys WHERE hash=?", (_hash("key", secret),), None)

    @property
    def code(self) -> str:
        """Return the code people type; "" once it was closed."""
        code, attempts = self._rows("SELECT code, attempts FROM room")[0]
        return code if attempts < MOST_ATTEMPTS and self.joining else ""

    @property
    def link(self) -> str:
        """Return the secret of the address in the QR picture; "" while nobody may join."""
        return self._one("SELECT link FROM room") if self.joining else ""

    @property
    def joining(self) -> bool:
        """Tell whether people may still join."""
        return bool(self._one("SELECT joining FROM room"))

    def renew_code(self, *, joining: bool = True) -> None:
        """Revoke the typed code and the address in the QR picture; new ones take their place where people may join."""
        with self._change():
            new = (fresh_code(), secrets.token_urlsafe(16), int(joining))
            self._base.execute("UPDATE room SET code=?, link=?, attempts=0, joining=?", new)

    def join(self, code: str, alias: str, role: str = "") -> str:
        """Exchange a code, typed or of the QR picture, for the secret of a new participant.

        Raises
        ------
        BallotError
            For a wrong or revoked code, after too many wrong ones, in a full room, or without a name.
        """
        name, part = " ".join(alias.split())[:LONGEST_ALIAS], " ".join(role.split())[:LONGEST_ALIAS]
        if not self.joining:
            raise BallotError("Nobody can join any more.", "Ask the facilitator.", 403)
        if not hmac.compare_digest(self.link.encode(), code.strip().encode()):
            self._check_typed(code)
        if not name:
            raise BallotError("A name is missing.", "Any name will do; it need not be your own.", 400)
        secret = secrets.token_urlsafe(16)
        with self._change():
            taken = {row[0] for row in self._rows("SELECT alias FROM people")}
            if len(taken) >= MOST_PEOPLE:
                raise BallotError(f"The room is full: {MOST_PEOPLE} people.", "Ask the facilitator.", 403)
            self._base.execute("INSERT INTO people VALUES (?,?,?)", (_hash("person", secret), _free(name, taken), part))
        return secret

    def _check_typed(self, code: str) -> None:
        held, attempts = self._rows("SELECT code, attempts FROM room")[0]
        if attempts >= MOST_ATTEMPTS:
            raise BallotError(
                "The code was closed after too many wrong ones.", "Scan the picture or ask for a new code.", 429
            )
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        if not hmac.compare_digest(held.encode(), typed.encode()):
            with self._change():
                self._base.execute("UPDATE room SET attempts=attempts+1")
            raise BallotError("That is not the code of this room.", "Read it from the wall and type it again.", 403)

    def person(self, secret: str) -> Participant | None:
        """Return the participant with this secret; None for everybody else."""
        found = self._rows("SELECT alias, role FROM people WHERE person=?", (_hash("person", secret),))
        return Participant(self.key_of(secret), *found[0]) if found else None

    @staticmethod
    def key_of(secret: str) -> str:
        """Return the key that a participant with this secret has."""
        return _hash("person", secret).hex()

    def people(self) -> tuple[Participant, ...]:
        """Return everybody who joined, in no order that says when."""
        rows = self._rows("SELECT person, alias, role FROM people ORDER BY person")
        return tuple(Participant(key.hex(), alias, role) for key, alias, role in rows)

    def expel(self, person: str) -> None:
        """Take a participant's secret away; answers already given stay, since nothing says which ones they are."""
        with self._change():
            self._base.execute("DELETE FROM people WHERE lower(hex(person))=?", (person,))

    # --- Where the room is

    @property
    def agenda(self) -> dict[str, object]:
        """Return what is asked, as it was frozen with the ballot."""
        return json.loads(self._one("SELECT agenda FROM room"))

    @property
    def place(self) -> RoomPlace:
        """Return where the room is."""
        step, of, revision, until, ended = self._rows("SELECT step, round, revision, until, ended FROM room")[0]
        return RoomPlace(step, of, self.phase(step, of), revision, until, bool(ended))

    def phase(self, step: int, of: int) -> Phase:
        """Return how far a round of an exercise is."""
        return self._one("SELECT phase FROM rounds WHERE step=? AND round=?", (step, of), "waiting")

    def move(self, name: Move, revision: int, *, until: float | None = None) -> RoomPlace:
        """Take the room further; `revision` is that of the place it starts from.

        Parameters
        ----------
        name
            What happens: the round is opened, closed or revealed, the room goes on or back, the workshop ends.
        revision
            Of the place the move starts from, so that two facilitators do not undo each other.
        until
            When the timer of an opened round ends, in seconds since 1970.

        Raises
        ------
        BallotError
            When the room is elsewhere by now, or the move does not lead on from here.
        """
        with self._change():
            here = self.place
            if here.revision != revision:
                raise BallotError("Somebody else moved the room on meanwhile.", "Look where it is and decide again.")
            there = replace(self._next(here, name), revision=revision + 1, until=until if name == "open" else None)
            self._base.execute("INSERT OR REPLACE INTO rounds VALUES (?,?,?)", (there.step, there.round, there.phase))
            row = (there.step, there.round, there.revision, there.until, int(there.ended))
            self._base.execute("UPDATE room SET step=?, round=?, revision=?, until=?, ended=?", row)
            if name == "reveal":
                self._forget(there.step, there.round)
            if there.ended:
                self._forget_people()
        if name in ("close", "reveal", "end"):
            self.empty_log()
        return there

    def possible(self, here: RoomPlace) -> tuple[Move, ...]:
        """Return the moves that lead on from a place."""
        found: list[Move] = []
        for name in get_args(Move):
            with suppress(BallotError):
                self._next(here, name)
                found.append(name)
        return tuple(found)

    def set_timer(self, until: float | None) -> None:
        """Say when the timer ends, in seconds since 1970; None for no timer."""
        with self._change():
            self._base.execute("UPDATE room SET until=?", (until,))

    def _next(self, here: RoomPlace, name: Move) -> RoomPlace:
        if here.ended:
            raise BallotError("The workshop has ended.", "Begin a new one.")
        if name == "end":
            return replace(here, phase="closed" if here.phase == "open" else here.phase, ended=True)
        if name in ("next", "back"):
            if here.phase == "open":
                raise BallotError("The round is still open.", "Close it first.")
            step, of = self._after(here) if name == "next" else self._before(here)
            return replace(here, step=step, round=of, phase=self.phase(step, of))
        leads: Mapping[str, tuple[set[Phase], Phase]] = {
            "open": ({"waiting", "closed"}, "open"),
            "close": ({"open"}, "closed"),
            "reveal": ({"closed"}, "revealed"),
        }
        if name not in leads or here.step < 0 or here.phase not in leads[name][0]:
            at = f"A round that is {here.phase}" if here.step >= 0 else "The welcome page"
            raise BallotError(f"{at} cannot be taken further by {name!r}.", "Look where the room is and decide again.")
        return replace(here, phase=leads[name][1])

    def _after(self, here: RoomPlace) -> tuple[int, int]:
        if here.step >= 0 and here.phase == "revealed" and here.round < self.polls[here.step].rounds:
            return here.step, here.round + 1
        if here.step + 1 >= len(self.polls):
            raise BallotError("This is the last exercise.", "End the workshop, or go back.")
        return here.step + 1, 1

    def _before(self, here: RoomPlace) -> tuple[int, int]:
        if here.round > 1:
            return here.step, here.round - 1
        if here.step <= 0:
            if here.step < 0:
                raise BallotError("This is the beginning.", "Go on.")
            return -1, 1
        step = here.step - 1
        return step, max((of for of in (1, 2) if self.phase(step, of) != "waiting"), default=1)

    # --- Answers

    def save(self, votes: Sequence[SentAnswer]) -> tuple[bool | BallotError, ...]:
        """Write answers in one transaction, on disk when this returns.

        Parameters
        ----------
        votes
            The answers, each with its participant's secret and a version that grows with every change of it, so that
            a request sent again neither counts twice nor undoes a later one.

        Returns
        -------
        tuple[bool | BallotError, ...]
            For each, True where it is the first one of its participant, False where it took the place of an earlier
            one or is known already, and the reason where it is not taken.

        Raises
        ------
        BallotError
            When the disk is full or fails: none of these answers is written, and every earlier one is there.
        """
        with self._change():
            here = self.place
            return tuple(self._saved(vote, here) for vote in votes)

    def _saved(self, vote: SentAnswer, here: RoomPlace) -> bool | BallotError:
        person = self.person(vote.secret)
        if person is None:
            return BallotError("You are not in this room.", "Join it again.", 401)
        if here.ended or (vote.step, vote.round, "open") != (here.step, here.round, here.phase):
            return BallotError("This round is closed.", "What you see next is where the room is.")
        return self._written(vote, person)

    def _written(self, vote: SentAnswer, person: Participant) -> bool | BallotError:
        text = json.dumps(vote.answer, ensure_ascii=False, allow_nan=False)
        if len(text) > LONGEST_ANSWER:
            return BallotError("The answer is too long.", "Shorten its words.", 413)
        of = (self._voter(vote.secret, vote.step), vote.step, vote.round)
        held = self._one(_VERSION, of, None)
        if held is None:
            alias = person.alias if self.polls[vote.step].named else ""
            row = (*of, secrets.token_hex(8), text, person.role, alias, vote.version, 0)
            self._base.execute("INSERT INTO answers VALUES (?,?,?,?,?,?,?,?,?)", row)
            return True
        if vote.version > held:
            changed = (text, vote.version, *of)
            self._base.execute("UPDATE answers SET answer=?, version=? WHERE voter=? AND step=? AND round=?", changed)
        return False

    def _voter(self, secret: str, step: int) -> bytes:
        return _hash(f"answer {self.polls[step].key}", secret)

    def add_offline(self, secret: str, alias: str, role: str, answers: Mapping[int, object]) -> int:
        """Add what somebody answered on an offline page to the first rounds; the same page added again counts once.

        Returns
        -------
        int
            How many answers were taken: those of rounds that are not revealed.
        """
        with self._change():
            if self.place.ended:
                raise BallotError("The workshop has ended.", "Begin a new one.")
            key, name = _hash("person", secret), " ".join(alias.split())[:LONGEST_ALIAS] or "-"
            taken = {row[0] for row in self._rows("SELECT alias FROM people WHERE person<>?", (key,))}
            self._base.execute(
                "INSERT OR IGNORE INTO people VALUES (?,?,?)", (key, _free(name, taken), role[:LONGEST_ALIAS])
            )
            person, added = self.person(secret), 0
            for step, answer in answers.items():
                if person is not None and 0 <= step < len(self.polls) and self.phase(step, 1) != "revealed":
                    taken_over = self._written(SentAnswer(secret, step, 1, answer, 1), person)
                    added += not isinstance(taken_over, BallotError)
        self.empty_log()
        return added

    def version(self, secret: str, step: int, of: int) -> int:
        """Return the version of a participant's own answer that is kept; 0 where there is none."""
        return self._one(_VERSION, (self._voter(secret, step), step, of), 0)

    def count(self, step: int, of: int) -> int:
        """Return how many have answered."""
        return self._one("SELECT count(*) FROM answers WHERE step=? AND round=?", (step, of))

    def answers(self, step: int, of: int, *, hidden: bool = False) -> tuple[GivenAnswer, ...]:
        """Return the answers of a round that is revealed, in no order that says when or who.

        Raises
        ------
        BallotError
            Before the reveal, for whoever asks.
        """
        if self.phase(step, of) != "revealed":
            raise BallotError("The answers of this round are not revealed.", "Reveal them first.", 403)
        query = "SELECT id, voter, answer, role, alias, hidden FROM answers WHERE step=? AND round=? AND hidden<=?"
        rows = self._rows(f"{query} ORDER BY id", (step, of, int(hidden)))
        shown = roles_kept(row[3] for row in rows)
        return tuple(
            GivenAnswer(key, voter.hex()[:16], json.loads(text), role if role in shown else "", alias, bool(away))
            for key, voter, text, role, alias, away in rows
        )

    def hide(self, answer: str, *, hidden: bool = True) -> None:
        """Take a revealed answer off every page, or show it again."""
        with self._change():
            self._base.execute("UPDATE answers SET hidden=? WHERE id=?", (int(hidden), answer))

    def _forget(self, step: int, of: int) -> None:
        """Forget how often each answer of a round was changed, and roles so few have that they name a person."""
        self._base.execute("UPDATE answers SET version=1 WHERE step=? AND round=?", (step, of))
        held = [row[0] for row in self._rows("SELECT role FROM answers WHERE step=? AND round=?", (step, of))]
        for role in set(held) - set(roles_kept(held)):
            self._base.execute("UPDATE answers SET role='' WHERE step=? AND round=? AND role=?", (step, of, role))

    def _forget_people(self) -> None:
        """Keep of those who were there only how many of each role, where a role has enough of them."""
        for step, of in self._rows("SELECT DISTINCT step, round FROM answers"):
            self._forget(step, of)
        held = [row[0] for row in self._rows("SELECT role FROM people")]
        shown = roles_kept(held)
        self._base.execute("DELETE FROM people")
        self._base.execute("DELETE FROM keys WHERE role='wall'")
        rows = [(secrets.token_bytes(32), "", role if role in shown else "") for role in held]
        self._base.executemany("INSERT INTO people VALUES (?,?,?)", rows)
        self._base.execute("UPDATE room SET joining=0")

    # --- The file

    def empty_log(self) -> None:
        """Bring everything from the log into the file, and cut the log to nothing; on a full disk the next time."""
        with self._turn, suppress(BallotError), self._told():
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; what an ended workshop leaves is written anew, without any trace of an order."""
        with self._turn:
            if self.place.ended:
                with suppress(BallotError), self._told():
                    self._base.execute("VACUUM")
            self.empty_log()
            self._base.close()
        self._lock.release()

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple]:
        with self._turn, self._told():  # one connection: nobody reads what another thread has not finished
            return self._base.execute(query, values).fetchall()

    def _one(self, query: str, values: Sequence[object] = (), default: Any = None) -> Any:  # noqa: ANN401 - of any column
        rows = self._rows(query, values)
        return rows[0][0] if rows else default

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Make one change of what is inside, or none."""
        with self._turn, self._told():
            if self._base.in_transaction:
                yield
                return
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what the database says."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                message = "The disk is full: this was not saved. Everything said to be saved is there."
                raise BallotError(message, "Free some space on the facilitator's computer.", 507) from error
            raise FileError(f"{self.path} could not be used: {error}.", "Look whether the disk can be used.") from error
        except sqlite3.DatabaseError as error:
            raise FileError(f"{self.path} could not be read: {error}.", "Take a copy of it, or begin anew.") from error


def mark_of(secret: str, exercise: str) -> str:
    """Return the mark of a person's answers to one exercise, of which none leads to the person or to another exercise.

    Parameters
    ----------
    secret
        What only their phone, or the page they filled in, knows.
    exercise
        The key of the exercise.

    Returns
    -------
    str
        The same for all rounds.

    Examples
    --------
    >>> from workbench.workshop import mark_of
    >>> mark_of("k3", "metric") == mark_of("k3", "metric"), mark_of("k3", "metric") == mark_of("k3", "ideas")
    (True, False)
    """
    return _hash(f"answer {exercise}", secret).hex()[:16]


def fresh_code() -> str:
    """Return a new code to type."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def digest_of(agenda: Mapping[str, object]) -> str:
    """Return what tells two agendas apart."""
    return hashlib.sha256(json.dumps(agenda, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def roles_kept(roles: Iterable[str]) -> dict[str, int]:
    """Return the roles that may be shown, with how many people have each, the largest first.

    They are those of FEWEST_OF_A_ROLE people or more, if the others are nobody or as many as well.
    """
    sizes = Counter(roles)
    ordered = sorted(sizes.items(), key=lambda each: (-each[1], each[0]))
    shown = {role: size for role, size in ordered if role and size >= FEWEST_OF_A_ROLE}
    # The rest could be worked out from the whole and what is shown.
    while shown and 0 < sizes.total() - sum(shown.values()) < FEWEST_OF_A_ROLE:
        shown.popitem()
    return shown


def _free(name: str, taken: set[str]) -> str:
    """Return a name nobody in the room has."""
    names = (name, *(f"{name} {number}" for number in range(2, MOST_PEOPLE + 2)))
    return next(each for each in names if each not in taken)


def _hash(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"{purpose}\0{secret}".encode()).digest()
