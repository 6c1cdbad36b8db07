"""What a workshop leaves: its agenda as it was asked, and every answer once, by people known by their role."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import JsonValue, StringConstraints

from workbench.errors import WorkbenchError
from workbench.files import parse_json
from workbench.study.model import FrozenModel, Identifier, plain_errors
from workbench.workshop.agenda import Agenda, Day, Exercise
from workbench.workshop.agreement import VoteError
from workbench.workshop.ballots import mark_of, roles_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.study.document import Study

OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer of one person to one exercise in one round.

    Attributes
    ----------
    exercise, round
        What was asked, and in which round.
    person, role
        A random mark of the person, and the role they chose.
    answer
        In its normal form.
    alias
        The name a person gave, kept only where the exercise says that answers are named.

    Examples
    --------
    >>> from workbench.workshop import Vote
    >>> Vote("metric", 1, "k3", "Sales", {"rows": 4}).as_text
    '["metric",1,"k3","Sales",{"rows":4}]'
    """

    exercise: str
    round: int
    person: str
    role: str
    answer: JsonValue
    alias: str = ""

    @property
    def as_text(self) -> str:
        """Return the answer in one line of JSON, as a study keeps it."""
        parts = [self.exercise, self.round, self.person, self.role, self.answer, *([self.alias] if self.alias else [])]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Read what `as_text` wrote.

        Parameters
        ----------
        text
            One line of JSON.

        Raises
        ------
        VoteError
            When it is no answer.
        """
        try:
            parts = json.loads(text)
        except ValueError as error:
            raise VoteError(f"{text[:60]!r} is no answer of a workshop.", "Take it out.") from error
        if not isinstance(parts, list) or len(parts) not in (5, 6) or parts[1] not in (1, 2):
            raise VoteError(f"{text[:60]!r} is no answer of a workshop.", "Take it out.")
        return cls(str(parts[0]), int(parts[1]), str(parts[2]), str(parts[3]), parts[4], *map(str, parts[5:]))


class HeldWorkshop(FrozenModel):
    """A workshop as it was held: what was asked, frozen, and what people answered.

    Parameters
    ----------
    key, held_on
        How the study calls it, and the day, as 2025-01-14.
    scenario_id
        The scenario the questions were about.
    agenda
        As it stood when the ballots were opened.
    votes
        One line of JSON per answer (`Vote.as_text`), in an order that says nothing of when it was given.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import Agenda, Exercise, HeldWorkshop, Vote
    >>> agenda = Agenda(key="first", title="First", exercises=(Exercise(key="ideas", kind="ideas", title="Ideas"),))
    >>> held = HeldWorkshop(key="first", agenda=agenda).with_votes([Vote("ideas", 1, "k3", "Sales", ["Bundle it"])])
    >>> held.people, held.with_votes(held.all_votes) == held
    (1, True)
    """

    key: Identifier
    held_on: Day = ""
    scenario_id: str = ""
    agenda: Agenda
    votes: tuple[str, ...] = ()

    @property
    def all_votes(self) -> tuple[Vote, ...]:
        """Return the answers."""
        return _read(self.votes)

    @property
    def people(self) -> int:
        """Return how many people answered, in the exercise that most people answered: nobody is known from two."""
        return len(self._fullest)

    @property
    def roles(self) -> dict[str, int]:
        """Return how many people of each role answered; those of roles with few stand together."""
        return roles_shown(self._fullest.values())

    @property
    def _fullest(self) -> dict[str, str]:
        people: dict[str, dict[str, str]] = {}
        for each in self.all_votes:
            people.setdefault(each.exercise, {})[each.person] = each.role
        return max(people.values(), key=len, default={})

    def votes_on(self, exercise: str, round_: int | None = None) -> tuple[Vote, ...]:
        """Return the answers to one exercise.

        Parameters
        ----------
        exercise, round_
            Its key, and one of its rounds; None for both.
        """
        return tuple(e for e in self.all_votes if e.exercise == exercise and round_ in (None, e.round))

    def asked(self, key: str) -> Exercise:
        """Return an exercise as it was asked: one that goes on with ideas has those of the room as its options.

        Parameters
        ----------
        key
            Its key.
        """
        exercise = self.agenda.exercise(key)
        if exercise.options or not exercise.options_from:
            return exercise
        written = [idea for each in self.votes_on(exercise.options_from) for idea in _texts(each.answer)]
        return exercise.with_ideas(sorted(written, key=str.casefold))

    def with_votes(self, votes: Iterable[Vote]) -> Self:
        """Return the workshop with more answers; of one person, exercise and round the first stays, so none is double.

        Parameters
        ----------
        votes
            From phones, paper or a page filled in elsewhere.

        Raises
        ------
        VoteError
            For an answer to what the agenda does not ask, or one that cannot be counted.
        """
        known = {(each.exercise, each.round, each.person): each for each in self.all_votes}
        late = {}
        for vote in votes:
            exercise = self.agenda.exercise(vote.exercise)
            if vote.round > exercise.rounds:
                raise VoteError(f"{exercise.title} has no round {vote.round}.", f"It has {exercise.rounds}.")
            place = (vote.exercise, vote.round, vote.person)
            if place not in known:
                late[place] = vote
        open_to = {**known, **late}
        draft = self.replaced(votes=tuple(open_to[place].as_text for place in sorted(open_to)))
        asked = {key: draft.asked(key) for key in {vote.exercise for vote in late.values()}}
        checked = {place: _checked(asked[vote.exercise], vote) for place, vote in late.items()}
        all_known = {**known, **checked}
        return self.replaced(votes=tuple(all_known[place].as_text for place in sorted(all_known)))


@lru_cache(32)
def _read(votes: tuple[str, ...]) -> tuple[Vote, ...]:
    return tuple(Vote.of_text(each) for each in votes)


def _checked(exercise: Exercise, vote: Vote) -> Vote:
    answer = exercise.check_answer(vote.answer)
    return Vote(vote.exercise, vote.round, vote.person, vote.role, answer, vote.alias if exercise.named else "")


def _texts(answer: JsonValue) -> list[str]:
    return [str(each) for each in answer] if isinstance(answer, list) else []


def roles_shown(roles: Iterable[str]) -> dict[str, int]:
    """Count people by role; those of roles with under FEWEST_OF_A_ROLE people stand together, never one role alone.

    Parameters
    ----------
    roles
        The role of each person.

    Returns
    -------
    dict[str, int]
        Roles by size, `OTHERS` last.

    Examples
    --------
    >>> from workbench.workshop import roles_shown
    >>> roles_shown(["Sales"] * 5 + ["Product"] * 3 + ["Finance"])
    {'Sales': 5, 'others': 4}
    """
    every = ["" if role == OTHERS else role for role in roles]
    shown = roles_kept(every)
    hidden = len(every) - sum(shown.values())
    return {**shown, OTHERS: hidden} if hidden else shown


# --- The workshops of a study, and files filled in elsewhere


def held_in(study: Study) -> tuple[HeldWorkshop, ...]:
    """Return the workshops a study keeps, the earliest first.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    tuple[HeldWorkshop, ...]
        None where no workshop was held.

    Raises
    ------
    ImpossibleDocumentError
        When what it keeps is no workshop.

    Examples
    --------
    >>> from workbench.study import Study
    >>> from workbench.workshop import Agenda, HeldWorkshop, held_in, with_held
    >>> held = HeldWorkshop(key="first", agenda=Agenda(key="first", title="First"))
    >>> held_in(with_held(Study.new("acme", "data"), held)) == (held,)
    True
    """
    with plain_errors("A workshop of this study cannot be read"):
        held = [HeldWorkshop.model_validate_json(json.dumps(each)) for each in study.workshops.values()]
    return tuple(sorted(held, key=lambda each: (each.held_on, each.key)))


def with_held(study: Study, held: HeldWorkshop) -> Study:
    """Return the study with a workshop, in the place of the one with its key.

    Parameters
    ----------
    study, held
        The study and the workshop.

    Returns
    -------
    Study
        A study with it.

    Examples
    --------
    >>> from workbench.study import Study
    >>> from workbench.workshop import Agenda, HeldWorkshop, with_held
    >>> held = HeldWorkshop(key="first", agenda=Agenda(key="first", title="First"))
    >>> list(with_held(Study.new("acme", "data"), held).workshops)
    ['first']
    """
    # Pictures stay with the ballot: a study is read and compared line by line.
    agenda = held.agenda.replaced(exercises=tuple(each.replaced(figure="") for each in held.agenda.exercises))
    kept = held.replaced(agenda=agenda).model_dump(mode="json", exclude_defaults=True)
    return study.replaced(workshops={**study.workshops, held.key: kept})


class FilledPage(FrozenModel):
    """What the offline page saves: one person's answers.

    Parameters
    ----------
    workshop, agenda
        The key of the workshop, and a mark of its agenda as it was when the page was made.
    person, role
        A random mark the page drew, and the role the person chose.
    answers
        By exercise, then by round as a text.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import FilledPage
    >>> FilledPage(workshop="first", person="k3", role="Sales", answers={"ideas": {"1": ["Bundle it"]}}).votes[0].round
    1
    """

    workshop: Identifier
    agenda: str = ""
    person: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    role: Annotated[str, StringConstraints(max_length=80)] = ""
    answers: dict[str, dict[Literal["1", "2"], JsonValue]]

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Return the answers as votes."""
        return tuple(
            Vote(exercise, int(round_), mark_of(self.person, exercise), self.role, answer)
            for exercise, rounds in self.answers.items()
            for round_, answer in rounds.items()
        )


def with_filled_pages(held: HeldWorkshop, files: Mapping[str, bytes]) -> HeldWorkshop:
    """Return a workshop with the answers of pages filled in elsewhere; a file added twice counts once.

    Parameters
    ----------
    held
        The workshop.
    files
        Content by file name.

    Returns
    -------
    HeldWorkshop
        With each answer once.

    Raises
    ------
    VoteError
        For a file that is none of this workshop, named.

    Examples
    --------
    >>> from workbench.workshop import Agenda, Exercise, HeldWorkshop, with_filled_pages
    >>> agenda = Agenda(key="first", title="First", exercises=(Exercise(key="ideas", kind="ideas", title="Ideas"),))
    >>> file = b'{"workshop": "first", "person": "k3", "answers": {"ideas": {"1": ["Bundle it"]}}}'
    >>> with_filled_pages(HeldWorkshop(key="first", agenda=agenda), {"a.json": file, "copy.json": file}).people
    1
    """
    for name, content in files.items():
        try:
            with plain_errors(f"{name} is no filled page of a workshop"):
                page = FilledPage.model_validate(parse_json(content, name))
        except WorkbenchError as error:
            raise VoteError(error.message, "Add the file that the page saved.") from error
        if page.workshop != held.key:
            raise VoteError(f"{name} belongs to the workshop {page.workshop!r}.", f"This one is {held.key!r}.")
        held = held.with_votes(page.votes)
    return held
