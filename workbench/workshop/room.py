"""A workshop while it is held: what each page may see, answers committed in groups, and whoever waits told of a change.

Nothing here knows of HTTP. Before the reveal no state of any role holds a value: a participant, the wall and the
facilitator see who has answered and how many, and a participant's own answer stays on their phone.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from workbench.errors import WorkbenchError
from workbench.workshop.ballots import BallotError, Ballots, Poll, SentAnswer
from workbench.workshop.offline import NAMES_NOBODY, as_it_is
from workbench.workshop.outcomes import outcome_of
from workbench.workshop.record import FilledPage, HeldWorkshop, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from workbench.workshop.agenda import Agenda, Exercise
    from workbench.workshop.ballots import Move, Participant, SecretOf
    from workbench.workshop.outcomes import OptionOutcome, RoundOutcome

Viewer: TypeAlias = Literal["participant", "wall", "facilitator"]
GROUP_WAIT = 0.02
"""Seconds for which answers are gathered before one write to disk acknowledges all of them."""
COUNT_WAIT = 0.25
"""Seconds between two reports of how many have answered."""
LONGEST_TIMER = 4 * 3600
STREAMS_EACH = 4


@dataclass(eq=False)
class Listener:
    """A page that waits for changes: what it may see, and whether something happened since it was told."""

    viewer: Viewer
    person: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False


class Room:
    """One workshop in the room.

    Parameters
    ----------
    path
        The file of the ballot.
    agenda
        What is asked; frozen with the ballot.
    key, scenario_id, held_on
        How the study calls the workshop, as its agenda if "", the scenario the questions are about, and the day.
    frozen
        What the questions rest on, such as the scenario's decisions: a ballot begun on another is refused.
    keep
        Takes the workshop after each reveal and at its end, such as to save it in the study.
    is_current
        Tells whether the scenario is still the one that was frozen; when not, nothing is opened any more.
    sent
        Takes what a page is sent, with the keys under which nothing is to be changed, and returns it as it may leave.

    Raises
    ------
    BallotError
        When the file belongs to another agenda or scenario, or is open elsewhere.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.workshop import Agenda, Exercise, Room
    >>> ideas = Exercise(key="ideas", kind="ideas", title="Ideas")
    >>> room = Room(Path(tempfile.mkdtemp()) / "room.sqlite", Agenda(key="first", title="First", exercises=(ideas,)))
    >>> room.state("wall")["step"], room.held.people
    (-1, 0)
    >>> room.close()
    """

    def __init__(
        self,
        path: Path,
        agenda: Agenda,
        *,
        key: str = "",
        scenario_id: str = "",
        held_on: str = "",
        frozen: Mapping[str, object] | None = None,
        keep: Callable[[HeldWorkshop], object] | None = None,
        is_current: Callable[[], bool] | None = None,
        sent: Callable[..., Any] = as_it_is,
    ) -> None:
        self.key = key or agenda.key
        self.agenda, self.scenario_id, self.held_on = agenda, scenario_id, held_on
        self.address = ""
        self.trouble = ""
        self.heard = time.monotonic()  # when somebody in the room last did something
        self._keep, self._is_current, self._sent = keep, is_current, sent
        document = {"agenda": agenda.model_dump(mode="json"), "scenario": scenario_id, "rests_on": dict(frozen or {})}
        polls = [Poll(each.key, each.rounds, each.named) for each in agenda.exercises]
        self.ballots = Ballots(path, document, polls)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ballots")
        self._listeners: dict[Listener, None] = {}  # the oldest first
        self._waiting: list[tuple[SentAnswer, asyncio.Future[bool]]] = []
        self._gathering: asyncio.Task[None] | None = None
        self._counting: asyncio.TimerHandle | None = None
        self._tickets = {each.key: secrets.token_urlsafe(16) for each in agenda.exercises}
        self._answered: set[str] = set()
        self._written: dict[Viewer, bytes] = {}
        self._pictures: dict[tuple[int, int], dict[str, Any]] = {}
        self.people: dict[str, Participant] = {}
        self._hosts: dict[str, SecretOf] = {}
        self._read_all()

    # --- What the room knows

    def _read_all(self) -> None:
        """Read what the pages show; called where nothing is being written."""
        ballots = self.ballots
        self.place = ballots.place
        if not self.place.ended:  # then the file forgets who was there, and open pages still see the end
            self.people = {each.key: each for each in ballots.people()}
        self.code, self.link, self.joining = ballots.code, ballots.link, ballots.joining
        self.count = ballots.count(self.place.step, self.place.round) if self.place.step >= 0 else 0
        self.held = self._held()
        asked = self.agenda.exercises[self.place.step].key if self.place.step >= 0 else ""
        self.exercise = self.held.asked(asked) if asked else None
        for step, exercise in enumerate(self.agenda.exercises):
            for of in range(1, exercise.rounds + 1):
                if ballots.phase(step, of) == "revealed" and (step, of) not in self._pictures:
                    self._pictures[step, of] = self._picture(step, of)
        self._written.clear()

    def _held(self) -> HeldWorkshop:
        votes = [
            Vote(exercise.key, of, each.same, each.role, cast("Any", each.answer), each.alias)
            for step, exercise in enumerate(self.agenda.exercises)
            for of in range(1, exercise.rounds + 1)
            if self.ballots.phase(step, of) == "revealed"
            for each in self.ballots.answers(step, of)
        ]
        return HeldWorkshop(
            key=self.key,
            held_on=self.held_on,
            scenario_id=self.scenario_id,
            agenda=self.agenda,
            votes=tuple(sorted(each.as_text for each in votes)),
        )

    def _picture(self, step: int, of: int) -> dict[str, Any]:
        exercise = self.agenda.exercises[step]
        found = outcome_of(self.held, exercise.key)
        said = next((each for each in found.rounds if each.round == of), None)
        if said is None:
            return {"people": 0, "round": of}
        shown = _picture_of(said) | {"both": found.both, "moved": found.moved}
        given = self.ballots.answers(step, of)
        if exercise.named:
            shown["by"] = sorted([each.alias, text] for each in given for text in _texts(exercise, each.answer))
        return shown

    @property
    def title(self) -> str:
        """Return what the workshop is called on its pages."""
        return str(self._sent(self.agenda.title))

    def state(self, viewer: Viewer) -> dict[str, Any]:
        """Return what a page of this kind may see now.

        Parameters
        ----------
        viewer
            Whose page it is; what belongs to one participant alone is in `own_state`.
        """
        place, exercise = self.place, self.exercise
        state: dict[str, Any] = {
            "title": self.agenda.title,
            "roles": list(self.agenda.roles),
            "revision": place.revision,
            "step": place.step,
            "steps": len(self.agenda.exercises),
            "round": place.round,
            "phase": place.phase,
            "ended": place.ended,
            "until": place.until,
            "people": len(self.people),
            "asked": sum(exercise is None or exercise.takes_part(each.role) for each in self.people.values()),
            "answered": self.count,
        }
        if exercise is not None:
            asked = exercise.for_participants()
            asked["figure"] = f"/figure/{self._tickets[exercise.key]}" if exercise.figure else ""
            state["exercise"] = asked
            state["first"] = self._pictures.get((place.step, 1)) if place.round > 1 else None
            if place.phase == "revealed":
                state |= {"picture": self._pictures.get((place.step, place.round)), "data_say": exercise.data_say}
        if viewer != "participant":
            state |= {"code": self.code, "link": self.link, "address": self.address, "joining": self.joining}
            state["qr"] = join_picture(f"{self.address}/#j={self.link}") if self.link else None
        if viewer == "facilitator":
            state |= self._for_facilitator(exercise)
        return state

    def _for_facilitator(self, exercise: Exercise | None) -> dict[str, Any]:
        here = {each.person for each in self._listeners}
        people = [
            {"key": each.key, "alias": each.alias, "role": each.role, "answered": each.key in self._answered,
             "here": each.key in here, "asked": exercise is None or exercise.takes_part(each.role)}
            for each in sorted(self.people.values(), key=lambda each: each.alias.casefold())
        ]  # fmt: skip
        at = self.place
        following = self.agenda.exercises[at.step + 1].title if at.step + 1 < len(self.agenda.exercises) else ""
        written: list[dict[str, Any]] = []
        if exercise is not None and at.phase == "revealed":
            written = [
                {"id": each.id, "text": " · ".join(texts), "hidden": each.hidden}
                for each in self.ballots.answers(at.step, at.round, hidden=True)
                if (texts := _texts(exercise, each.answer))
            ]
        return {
            "everybody": people,
            "notes": "" if exercise is None else exercise.notes,
            "purpose": "" if exercise is None else exercise.purpose,
            "minutes": 0 if exercise is None else exercise.minutes,
            "time": "" if exercise is None else self.agenda.times[exercise.key],
            "opens_for": _opens_for(exercise),
            "moves": self.ballots.possible(at),
            "following": following,
            "written": sorted(written, key=lambda each: each["text"].casefold()),
            "trouble": self.trouble,
        }

    def state_text(self, viewer: Viewer) -> bytes:
        """Return `state` as JSON, written once for all pages of a kind.

        Parameters
        ----------
        viewer
            Whose page it is.
        """
        if viewer not in self._written:
            document = self._sent(self.state(viewer), as_is=NAMES_NOBODY)
            self._written[viewer] = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
        return self._written[viewer]

    async def own_state(self, secret: str, person: Participant) -> dict[str, Any]:
        """Return what belongs to one participant: name, role, and which version of their answer is kept, not its value.

        Parameters
        ----------
        secret, person
            Of the participant.
        """
        place, version = self.place, 0
        if place.step >= 0:
            version = await self._do(self.ballots.version, secret, place.step, place.round)
        if version and (place.step, place.round) == (self.place.step, self.place.round):
            self._note_answered(person.key)
        takes_part = self.exercise is None or self.exercise.takes_part(person.role)
        return {"alias": person.alias, "role": person.role, "version": version, "takes_part": takes_part}

    def figure(self, ticket: str) -> str:
        """Return the picture that a page was given an address of; "" for any other address.

        Parameters
        ----------
        ticket
            The last part of the address.
        """
        found = next((key for key, each in self._tickets.items() if secrets.compare_digest(each, ticket)), None)
        return "" if found is None else self._sent(self.agenda.exercise(found).figure)

    # --- What people do

    async def role_of(self, secret: str) -> SecretOf | None:
        """Return whether a secret is a wall's or a facilitator's.

        Parameters
        ----------
        secret
            As it was sent.
        """
        if secret not in self._hosts and (found := await self._do(self.ballots.role_of, secret)) is not None:
            self._hosts[secret] = found
        return self._hosts.get(secret)

    def person(self, secret: str) -> Participant | None:
        """Return the participant with a secret.

        Parameters
        ----------
        secret
            As it was sent.
        """
        return self.people.get(self.ballots.key_of(secret))

    async def join(self, code: str, alias: str, role: str) -> str:
        """Let somebody in and return their secret.

        Parameters
        ----------
        code, alias, role
            What they typed and chose.
        """
        if self.agenda.roles and role not in self.agenda.roles:
            raise BallotError("A role is missing.", f"Choose one of: {', '.join(self.agenda.roles)}.", 400)
        try:
            secret = await self._do(self.ballots.join, code, alias, role if self.agenda.roles else "")
        except BallotError:
            if await self._do(lambda: self.ballots.code) != self.code:  # closed after too many wrong ones
                await self._look("wall", "facilitator")
            raise
        person = await self._do(self.ballots.person, secret)
        self.people[person.key], self.heard = person, time.monotonic()
        self._count_soon()
        return secret

    async def answer(self, secret: str, person: Participant, sent: Mapping[str, Any]) -> int:
        """Take an answer; it is on disk when this returns the version that is kept.

        Parameters
        ----------
        secret, person
            Of the participant.
        sent
            `exercise`, `round`, `answer` and `version`.
        """
        exercise, place = self.exercise, self.place
        version, of = sent.get("version"), sent.get("round")
        if exercise is None or place.phase != "open" or (sent.get("exercise"), of) != (exercise.key, place.round):
            raise BallotError("This round is closed.", "What you see next is where the room is.")
        if not exercise.takes_part(person.role):
            raise BallotError("This question goes to other roles.", "Wait for the next one.", 403)
        if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 2**31:
            raise BallotError("The answer has no version.", "Load the page again.", 400)
        checked = exercise.check_answer(sent.get("answer"))
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((SentAnswer(secret, place.step, place.round, checked, version), done))
        if self._gathering is None:
            self._gathering = asyncio.create_task(self._gather())
        await done
        if (place.step, place.round) == (self.place.step, self.place.round):
            self._note_answered(person.key)
        return version

    async def _gather(self) -> None:
        await asyncio.sleep(GROUP_WAIT)
        self._gathering = None
        await self._commit()

    async def _commit(self) -> None:
        """Write all answers that wait in one transaction, and only then acknowledge them."""
        group, self._waiting = self._waiting, []
        if not group:
            return
        try:
            results = await self._do(self._save, [sent for sent, _ in group])
        except Exception as error:  # noqa: BLE001 - whoever waits is told, each of them
            results = (error,) * len(group)
        for (_, done), result in zip(group, results, strict=True):
            if done.cancelled():
                continue
            if isinstance(result, Exception):
                done.set_exception(result)
            else:
                done.set_result(result)

    def _save(self, group: list[SentAnswer]) -> tuple[bool | BallotError, ...]:
        results, self.heard = self.ballots.save(group), time.monotonic()
        self.count = self.ballots.count(self.place.step, self.place.round)
        return results

    async def move(self, name: Move, revision: int, seconds: float = 0) -> None:
        """Take the room further, and tell everybody.

        Parameters
        ----------
        name, revision
            What happens, and the revision of the place it starts from.
        seconds
            Of the timer of a round that is opened; 0 for none.
        """
        if name == "open":
            await self._check_opening()
        await self._commit()  # what came before the move counts before it
        until = time.time() + min(seconds, LONGEST_TIMER) if seconds > 0 else None
        await self._do(self.ballots.move, name, revision, until=until)
        self._answered.clear()
        await self._look("participant", "wall", "facilitator")
        if name in ("reveal", "end"):
            await self._kept()

    async def _check_opening(self) -> None:
        exercise = self.exercise
        if exercise is not None and not exercise.is_ready:
            source = self.agenda.exercise(exercise.options_from).title if exercise.options_from else "its agenda"
            raise BallotError("There is nothing to answer yet.", f"Its options come from: {source}.")
        if self._is_current is not None and not await asyncio.to_thread(self._is_current):
            self.trouble = "The scenario was changed after this ballot was begun."
            raise BallotError(self.trouble, "Reveal what was answered and end it; begin a new one on the new scenario.")

    async def close_when_changed(self) -> None:
        """Close an open round when the scenario it is about is no longer the one that was frozen."""
        if (
            self.place.phase == "open"
            and self._is_current is not None
            and not await asyncio.to_thread(self._is_current)
        ):
            self.trouble = "The scenario was changed after this ballot was begun; the round was closed."
            with suppress(BallotError):
                await self.move("close", self.place.revision)

    async def _kept(self) -> None:
        if self._keep is None:
            return
        try:
            await asyncio.to_thread(self._keep, self.held)
            self.trouble = ""
        except (WorkbenchError, OSError) as error:
            self.trouble = f"The study does not hold the answers yet: {error}"
        self.tell("facilitator")

    async def settle(self, action: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a facilitator asks for beside moving on; return what it gives back.

        Parameters
        ----------
        action
            renew_code, let_nobody_in, let_in, expel, hide, show, timer, paper or add.
        sent
            What it needs: `person`, `answer`, `seconds`, `alias`, `role` or `page`.
        """
        given: dict[str, Any] = {}
        if action in ("renew_code", "let_in", "let_nobody_in"):
            await self._do(self.ballots.renew_code, joining=action != "let_nobody_in")
        elif action == "expel":
            await self._do(self.ballots.expel, str(sent.get("person", "")))
        elif action in ("hide", "show"):
            await self._hide(str(sent.get("answer", "")), hidden=action == "hide")
        elif action == "timer":
            seconds = sent.get("seconds")
            known = isinstance(seconds, (int, float)) and 0 < seconds <= LONGEST_TIMER
            await self._do(self.ballots.set_timer, time.time() + cast("float", seconds) if known else None)
        elif action == "paper":
            given = {"secret": await self.join(self.link, str(sent.get("alias", "")), str(sent.get("role", "")))}
        elif action == "add":
            given = {"added": await self._add(sent.get("page"))}
        else:
            raise BallotError(f"There is nothing called {action!r} to do.", "Load the page again.", 400)
        await self._look("participant", "wall", "facilitator")
        return given

    async def _hide(self, answer: str, *, hidden: bool) -> None:
        exercise = self.exercise
        if exercise is not None:
            users = [step for step, each in enumerate(self.agenda.exercises) if each.options_from == exercise.key]
            for step in users:
                if await self._do(self.ballots.phase, step, 1) != "waiting":
                    raise BallotError("The room has voted on these ideas.", "Hide ideas before that vote is opened.")
        await self._do(self.ballots.hide, answer, hidden=hidden)
        for at in [at for at in self._pictures if at[0] == self.place.step]:
            del self._pictures[at]

    async def _add(self, document: object) -> int:
        """Add a page that somebody filled in without a network; the same page added again counts once."""
        try:
            page = FilledPage.model_validate(document)
        except ValueError as error:
            raise BallotError(
                "This is no filled page of a workshop.", "Add the file that the page saved.", 400
            ) from error
        if page.workshop not in (self.key, self.agenda.key):
            raise BallotError(f"The page belongs to the workshop {page.workshop!r}.", "Add a page of this one.", 400)
        steps = {each.key: step for step, each in enumerate(self.agenda.exercises)}
        answers: dict[int, object] = {}
        for key, rounds in page.answers.items():
            if key not in steps:
                raise BallotError(f"The page answers {key!r}, which is not asked.", "Add a page of this agenda.", 400)
            if "1" in rounds:
                answers[steps[key]] = self.held.asked(key).check_answer(rounds["1"])
        return await self._do(self.ballots.add_offline, page.person, "", page.role, answers)

    # --- Telling whoever waits

    def listen(self, viewer: Viewer, person: str = "") -> Listener:
        """Begin to wait for changes; of more than STREAMS_EACH of one participant the oldest ends.

        Parameters
        ----------
        viewer, person
            Whose page it is.
        """
        listener = Listener(viewer, person)
        others = [each for each in self._listeners if person and each.person == person]
        for each in others[: max(0, len(others) - STREAMS_EACH + 1)]:
            each.gone = True
            each.changed.set()
            self._listeners.pop(each, None)
        self._listeners[listener] = None
        self._count_soon()
        return listener

    def leave(self, listener: Listener) -> None:
        """Wait no longer.

        Parameters
        ----------
        listener
            What `listen` returned.
        """
        self._listeners.pop(listener, None)
        self._count_soon()

    def tell(self, *viewers: Viewer) -> None:
        """Let the pages of these kinds know that something changed.

        Parameters
        ----------
        viewers
            The kinds.
        """
        for each in viewers:
            self._written.pop(each, None)
        for listener in self._listeners:
            if listener.viewer in viewers:
                listener.changed.set()

    def _note_answered(self, person: str) -> None:
        if person not in self._answered:
            self._answered.add(person)
            self._count_soon()

    def _count_soon(self) -> None:
        """Report to wall and facilitator how many there are, a few times a second at most."""
        self._written.clear()
        if self._counting is None:
            self._counting = asyncio.get_running_loop().call_later(COUNT_WAIT, self._report_count)

    def _report_count(self) -> None:
        self._counting = None
        self.tell("wall", "facilitator")

    async def _look(self, *viewers: Viewer) -> None:
        self.heard = time.monotonic()
        await self._do(self._read_all)
        for listener in self._listeners:
            listener.gone = listener.gone or bool(listener.person and listener.person not in self.people)
        self.tell(*viewers)

    async def _do(self, action: Callable[..., Any], *values: Any, **named: Any) -> Any:  # noqa: ANN401 - of any store call
        """Call the store in its own thread, one call after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, lambda: action(*values, **named))

    def end_streams(self) -> None:
        """Let every page that waits go."""
        for listener in self._listeners:
            listener.gone = True
            listener.changed.set()

    def close(self) -> None:
        """End the room; its file can be opened again."""
        self._writer.shutdown()
        self.ballots.close()


@lru_cache(maxsize=8)
def join_picture(address: str) -> dict[str, Any]:
    """Return the picture a phone scans, as the side of a square and the path of its dark fields.

    Parameters
    ----------
    address
        What it leads to.

    Returns
    -------
    dict[str, Any]
        `size` and `path`.

    Examples
    --------
    >>> from workbench.workshop import join_picture
    >>> join_picture("http://192.0.2.7:8765/#j=x")["size"]
    25
    """
    import segno  # noqa: PLC0415 - only a room needs it

    rows = [bytes(row) for row in segno.make(address, error="m", micro=False).matrix]
    fields = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"size": len(rows), "path": "".join(fields)}


# --- What is shown of a revealed round


def _picture_of(said: RoundOutcome) -> dict[str, Any]:
    return {
        "round": said.round,
        "people": said.people,
        "few": said.is_counts_only,
        "agreed": said.agreed,
        "texts": list(said.texts),
        "w": None if said.w is None else [said.w.estimate, said.w.low, said.w.high],
        "alpha": None if said.alpha is None else [said.alpha.estimate, said.alpha.low, said.alpha.high],
        "options": [_option(each) for each in said.options],
    }


def _opens_for(exercise: Exercise | None) -> int:
    """Return for how many minutes a round is opened: the talk takes the rest of the time."""
    return 0 if exercise is None else max(1, round(exercise.minutes / (1 + exercise.rounds)))


def _option(told: OptionOutcome) -> dict[str, Any]:
    return {
        "id": told.option.id,
        "label": told.option.label,
        "answers": told.answers,
        "counts": [[key, many] for key, many in told.counts.items()],
        "value": told.value,
        "low": told.low,
        "high": told.high,
        "agreed": told.agreed,
        "group": told.group,
    }


def _texts(exercise: Exercise, answer: object) -> list[str]:
    """Return what is in somebody's own words in an answer; in an exercise with names, whatever was answered."""
    if exercise.kind == "ideas" and isinstance(answer, list):
        return [str(each) for each in answer]
    if exercise.kind == "name" and isinstance(answer, dict):
        return [str(each) for each in answer.values()]
    if exercise.kind == "confidence" and isinstance(answer, dict):
        parts = (str(answer["fingers"]) if exercise.named else "", answer.get("objection", ""))
        said = " · ".join(each for each in parts if each)
        return [said] if said else []
    if not exercise.named:
        return []
    labels = {each.id: each.label for each in exercise.options} | {each.id: each.label for each in exercise.groups}
    if isinstance(answer, dict):
        named = (f"{labels.get(key, key)}: {_shown(value, labels)}" for key, value in answer.items())
        return ["; ".join(named)]
    return [_shown(answer, labels)]


def _shown(value: Any, labels: Mapping[str, str]) -> str:  # noqa: ANN401 - a normal answer
    if isinstance(value, list):
        return " - ".join(_shown(each, labels) for each in value)
    return labels.get(value, value) if isinstance(value, str) else f"{value:g}"
