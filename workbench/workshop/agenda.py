"""What a workshop asks, in which order: exercises with what may be answered, written down before anybody answers."""

from __future__ import annotations

import sys
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias, cast

from pydantic import Field, JsonValue, StringConstraints, model_validator

from workbench.study.model import FrozenModel, Identifier, Name, Note, Title
from workbench.workshop.agreement import VoteError

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind: TypeAlias = Literal[
    "score", "rank", "cards", "price_ranges", "ranges", "ideas", "points", "risks", "forecast", "confidence", "name",
]  # fmt: skip
RANGE_KINDS: tuple[Kind, ...] = ("price_ranges", "ranges", "forecast")
"""Exercises answered by three rising numbers: low, likely and high."""
OPEN_KINDS: tuple[Kind, ...] = ("ideas", "confidence")
"""Exercises that need no options: they are answered in words, or as a whole."""
AGREED_AT: dict[Kind, float] = {
    "score": 1.0,
    "rank": 0.7,
    "cards": 0.75,
    "price_ranges": 0.25,
    "ranges": 0.25,
    "forecast": 0.25,
    "risks": 1.0,
    "confidence": 1.0,
}
"""What counts as agreed where an agenda does not say otherwise; what is not here is counted, not judged."""
RULES: dict[Kind, str] = {
    "score": "at most {at:g} between the quartiles",
    "rank": "Kendall's W of at least {at:g}",
    "cards": "at least {at:.0%} put it into the same group",
    "price_ranges": "the quartiles of the likely values lie within {at:.0%} of their median",
    "ranges": "the quartiles of the likely values lie within {at:.0%} of their median",
    "forecast": "the quartiles of the likely values lie within {at:.0%} of their median",
    "risks": "at most {at:g} between the quartiles of likelihood and of effect",
    "confidence": "at most {at:g} between the quartiles",
}
LONGEST_TEXT, MOST_OPTIONS = 300, 60
_Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Day = Annotated[str, StringConstraints(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")]
"""A day as 2025-03-01; "" for none."""
_Range = 3


class Option(FrozenModel):
    """One thing that is scored, ranked, placed or estimated.

    Parameters
    ----------
    id, label
        How an answer names it, and how people read it.
    note
        What helps to judge it, in a line.
    low, high
        Bounds of its own, such as those of a price; None for those of the exercise.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import Option
    >>> Option(id="rows", label="Rows synced").label
    'Rows synced'
    """

    id: Identifier
    label: Title
    note: _Line = ""
    low: float | None = None
    high: float | None = None


class Group(FrozenModel):
    """A group that cards are put into, such as a tier.

    Parameters
    ----------
    id, label
        How an answer names it, and how people read it.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import Group
    >>> Group(id="pro", label="Pro").id
    'pro'
    """

    id: Identifier
    label: Title


class Exercise(FrozenModel):
    """One question to a room: what people see, what they may answer, and when the room counts as agreed.

    Parameters
    ----------
    key, kind, title, question
        How it is called in a ballot, how it is answered, its heading, and what is asked.
    purpose, minutes, notes
        What it is for, how long it takes, and what the facilitator should know; notes are shown to nobody else.
    stage
        The stage that uses the outcome; "" for none.
    options, groups
        What is scored, ranked, placed or estimated; the groups that cards are put into.
    low, high, unit, log
        The ends of the scale or the bounds of a number, its unit (a currency, %, ...), and whether ratios count.
    points, most
        How many points a person may give in all; how many ideas.
    options_from
        The key of an exercise whose ideas become the options of this one.
    rounds
        1, or 2 for answers given again after the talk.
    shown_first, figure, data_say
        What people read before they answer; the picture of its stage as plain HTML, frozen with the ballot; and what
        the data say, which is shown with the answers and not before.
    roles, named
        Who takes part, () for everybody; whether answers are shown with the names people gave themselves.
    agreed_at
        The figure from which the room counts as agreed, fixed before anybody answers; None for the usual one.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import Exercise
    >>> options = ({"id": "rows", "label": "Rows synced"}, {"id": "seats", "label": "Seats"})
    >>> asked = Exercise(key="metric", kind="score", title="Score", question="Wanted?", options=options, low=1, high=5)
    >>> asked.check_answer({"rows": 4.0, "seats": 2})
    {'rows': 4, 'seats': 2}
    >>> asked.check_answer({"rows": 9})
    Traceback (most recent call last):
        ...
    workbench.workshop.agreement.VoteError: Rows synced: 9 is not a whole number from 1 to 5. Give one that is.
    """

    key: Identifier
    kind: Kind
    title: Title
    question: _Line = ""
    purpose: _Line = ""
    minutes: Annotated[int, Field(ge=1, le=240)] = 10
    notes: Note = ""
    stage: str = ""
    options: tuple[Option, ...] = Field(default=(), max_length=MOST_OPTIONS)
    groups: tuple[Group, ...] = ()
    low: float = 1.0
    high: float = 5.0
    unit: Annotated[str, StringConstraints(max_length=40)] = ""
    log: bool = False
    points: Annotated[int, Field(ge=1, le=100)] = 5
    most: Annotated[int, Field(ge=1, le=20)] = 5
    options_from: str = ""
    rounds: Literal[1, 2] = 2
    shown_first: Note = ""
    figure: str = ""
    data_say: Note = ""
    roles: tuple[Name, ...] = ()
    named: bool = False
    agreed_at: Annotated[float, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in ("options", "groups"):
            ids = [each.id for each in getattr(self, name)]
            if repeated := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"two {name} of {self.title!r} share the id {', '.join(repeated)}")
        if not self.low < self.high:
            raise ValueError(f"{self.title!r}: low {self.low:g} must be below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.title!r}: ratios need bounds above 0")
        if self.kind == "cards" and len(self.groups) < 2:  # noqa: PLR2004 - one group is no choice
            raise ValueError(f"{self.title!r}: cards need at least two groups to go into")
        return self

    @property
    def is_ready(self) -> bool:
        """Tell whether there is something to answer: options, or words."""
        return bool(self.options) or self.kind in OPEN_KINDS

    @property
    def agreement_bound(self) -> float | None:
        """Return the figure from which the room counts as agreed; None for what is only counted."""
        return AGREED_AT.get(self.kind) if self.agreed_at is None else self.agreed_at

    @property
    def rule(self) -> str:
        """Say in words when the room counts as agreed; "" for what is only counted."""
        at = self.agreement_bound
        return "" if at is None or self.kind not in RULES else RULES[self.kind].format(at=at)

    def option(self, option_id: str) -> Option:
        """Return one option.

        Parameters
        ----------
        option_id
            Its id.

        Raises
        ------
        VoteError
            When the exercise has none of that id.
        """
        found = next((each for each in self.options if each.id == option_id), None)
        if found is None:
            known = ", ".join(each.id for each in self.options) or "none"
            raise VoteError(f"{self.title} has nothing called {option_id!r}.", f"It has: {known}.")
        return found

    def bounds(self, option_id: str) -> tuple[float, float]:
        """Return the lowest and highest number an option may get.

        Parameters
        ----------
        option_id
            Its id.
        """
        option = self.option(option_id)
        return self.low if option.low is None else option.low, self.high if option.high is None else option.high

    def takes_part(self, role: str) -> bool:
        """Tell whether people of a role answer this exercise.

        Parameters
        ----------
        role
            The role a person chose.
        """
        return not self.roles or role in self.roles

    def with_ideas(self, ideas: Iterable[str]) -> Self:
        """Return the exercise with the ideas of an earlier one as its options, doubles and blanks left out.

        Parameters
        ----------
        ideas
            What people wrote.
        """
        texts = {" ".join(text.split()).casefold(): " ".join(text.split()) for text in ideas if text.strip()}
        options = [Option(id=f"idea-{at}", label=text[:200]) for at, text in enumerate(texts.values(), 1)]
        return self.replaced(options=tuple(options[:MOST_OPTIONS]))

    def for_participants(self) -> dict[str, JsonValue]:
        """Return what a participant's page needs as plain JSON: nothing of what the data say, and no notes."""
        document = self.model_dump(mode="json", exclude={"notes", "data_say"})
        return {**document, "rule": self.rule}

    def check_answer(self, answer: object) -> JsonValue:
        """Return an answer in its normal form.

        Parameters
        ----------
        answer
            Plain JSON. Scores: option to whole number. Ranking: options from first to last, tied ones as a list. Cards:
            option to group. Ranges: option to low, likely and high. Ideas: a list of texts. Points: option to points.
            Risks: option to likelihood and effect, 1 to 5. Confidence: `fingers`, and `objection` where there is one.
            Names: option to name.

        Returns
        -------
        JsonValue
            Whole numbers as int, texts trimmed, options in the exercise's order.

        Raises
        ------
        VoteError
            One sentence that names what is wrong.
        """
        if self.kind == "rank":
            return self._ranking(answer)
        if self.kind == "ideas":
            return self._ideas(answer)
        if self.kind == "confidence":
            return self._confidence(answer)
        if not isinstance(answer, dict) or not answer:
            raise VoteError(f"{self.title}: there is no answer.", "Answer at least one of those listed.")
        for each in answer:
            self.option(str(each))
        given = {option.id: answer[option.id] for option in self.options if option.id in answer}
        checked = {key: self._value(key, value) for key, value in given.items()}
        if self.kind == "points":
            checked = {key: value for key, value in checked.items() if value}
            spent = sum(cast("dict[str, int]", checked).values())
            if not 0 < spent <= self.points:
                raise VoteError(f"{self.title}: {spent} points are given.", f"Give from 1 to {self.points} in all.")
        return cast("JsonValue", checked)

    def _value(self, key: str, value: object) -> JsonValue:
        label = self.option(key).label
        if self.kind == "cards":
            if not isinstance(value, str) or value not in {group.id for group in self.groups}:
                known = ", ".join(group.id for group in self.groups)
                raise VoteError(f"{label}: there is no group {_shown(value)}.", f"There are: {known}.")
            return value
        if self.kind == "name":
            return _text(label, value)
        if self.kind == "points":
            return _whole(label, value, 0, self.points)
        if self.kind == "risks":
            if not isinstance(value, (list, tuple)) or len(value) != 2:  # noqa: PLR2004 - likelihood, effect
                raise VoteError(f"{label}: {_shown(value)} is no likelihood with an effect.", "Give both.")
            return [_whole(label, each, int(self.low), int(self.high)) for each in value]
        if self.kind in RANGE_KINDS:
            return self._range(key, label, value)
        return _whole(label, value, int(self.low), int(self.high))

    def _range(self, key: str, label: str, value: object) -> JsonValue:
        low, high = self.bounds(key)
        if not isinstance(value, (list, tuple)) or len(value) != _Range:
            raise VoteError(f"{label}: {_shown(value)} is no range.", "Give low, likely and high.")
        numbers = [_number(label, each) for each in value]
        if any(one > other for one, other in pairwise(numbers)):
            raise VoteError(f"{label}: {_listed(numbers)} do not rise.", "Give low, likely and high in this order.")
        if numbers[0] < low or numbers[-1] > high:
            raise VoteError(f"{label}: {_listed(numbers)} leave {low:g} to {high:g}.", "Stay within.")
        return cast("JsonValue", numbers)

    def _ranking(self, answer: object) -> JsonValue:
        if not isinstance(answer, (list, tuple)):
            raise VoteError(f"{self.title}: {_shown(answer)} is no ranking.", "List the options from first to last.")
        places = [list(each) if isinstance(each, (list, tuple)) else [each] for each in answer]
        ranked = [each for place in places for each in place]
        for each in ranked:
            self.option(each)
        if twice := next((each for each in ranked if ranked.count(each) > 1), None):
            raise VoteError(f"{self.option(twice).label} is ranked twice.", "Rank it once.")
        if missing := next((each.label for each in self.options if each.id not in ranked), None):
            raise VoteError(f"{missing} is not ranked.", "Rank all of them; tied ones share a place.")
        order = [option.id for option in self.options]
        tied = [sorted(place, key=order.index) for place in places if place]
        return [place[0] if len(place) == 1 else cast("JsonValue", place) for place in tied]

    def _ideas(self, answer: object) -> JsonValue:
        if not isinstance(answer, (list, tuple)):
            raise VoteError(f"{self.title}: {_shown(answer)} is no list of ideas.", "Give a list of texts.")
        ideas = [_text(self.title, each) for each in answer if each != ""]
        if not 0 < len(ideas) <= self.most:
            raise VoteError(f"{self.title}: there are {len(ideas)} ideas.", f"Write from 1 to {self.most}.")
        return cast("JsonValue", ideas)

    def _confidence(self, answer: object) -> JsonValue:
        if not isinstance(answer, dict) or "fingers" not in answer or set(answer) - {"fingers", "objection"}:
            raise VoteError(f"{self.title}: {_shown(answer)} says no number of fingers.", "Give fingers.")
        fingers = _whole(self.title, answer["fingers"], int(self.low), int(self.high))
        objection = answer.get("objection") or ""
        return {"fingers": fingers, "objection": _text(self.title, objection) if objection else ""}


def _finite(value: object) -> int | float | None:
    """Return a number that reckons; None for anything else, also for a whole one beyond what a float holds."""
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return number if number is not None and abs(number) <= sys.float_info.max else None


def _whole(label: str, value: object, low: int, high: int) -> int:
    number = _finite(value)
    if number is None or number != int(number) or not low <= number <= high:
        raise VoteError(f"{label}: {_shown(value)} is not a whole number from {low} to {high}.", "Give one that is.")
    return int(number)


def _number(label: str, value: object) -> int | float:
    number = _finite(value)
    if number is None:
        raise VoteError(f"{label}: {_shown(value)} is not a number.", "Give one.")
    return int(number) if number == int(number) else float(number)


def _text(label: str, value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_TEXT:
        raise VoteError(f"{label}: {_shown(value)} is no text of 1 to {LONGEST_TEXT} characters.", "Write one.")
    return text


def _shown(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}..."  # noqa: PLR2004 - a sentence holds no page


def _listed(numbers: Iterable[float]) -> str:
    return ", ".join(f"{each:g}" for each in numbers)


class ActionItem(FrozenModel):
    """What somebody does after a workshop, by a day.

    Parameters
    ----------
    id
        Unique in the agenda.
    what, who
        What is to be done, and by whom.
    due
        By which day, as 2025-03-01; "" for none yet.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import ActionItem
    >>> ActionItem(id="a", what="Ask three customers.", who="Sales", due="2025-03-01").due
    '2025-03-01'
    """

    id: Identifier
    what: Title
    who: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    due: Day = ""


class Agenda(FrozenModel):
    """What a workshop goes through: exercises in order, and beside them what is parked and who does what.

    Parameters
    ----------
    key, title
        How the study and a ballot call it, and its heading.
    roles
        What participants choose from when they join.
    exercises
        What is asked, in order.
    parked
        What came up and belongs elsewhere.
    actions
        Who does what by when.

    Raises
    ------
    ImpossibleDocumentError
        When a value cannot be.

    Examples
    --------
    >>> from workbench.workshop import Agenda, Exercise
    >>> ideas = Exercise(key="ideas", kind="ideas", title="Ideas", minutes=15)
    >>> agenda = Agenda(key="first", title="First", exercises=(ideas,))
    >>> agenda.minutes, agenda.exercise("ideas").title
    (15, 'Ideas')
    """

    key: Identifier
    title: Title
    roles: tuple[Name, ...] = ()
    exercises: tuple[Exercise, ...] = Field(default=(), max_length=40)
    parked: tuple[_Line, ...] = ()
    actions: tuple[ActionItem, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = [each.key for each in self.exercises]
        if repeated := sorted({one for one in keys if keys.count(one) > 1}):
            raise ValueError(f"two exercises share the key {', '.join(repeated)}; keys are unique")
        for at, each in enumerate(self.exercises):
            if each.options_from and each.options_from not in keys[:at]:
                raise ValueError(f"{each.title!r} takes its options from {each.options_from!r}, which is not before it")
            if unknown := [role for role in each.roles if role not in self.roles]:
                raise ValueError(f"{each.title!r} asks {', '.join(unknown)}, which is no role of the agenda")
        return self

    @property
    def minutes(self) -> int:
        """Return how long all exercises take."""
        return sum(each.minutes for each in self.exercises)

    @property
    def times(self) -> dict[str, str]:
        """Return when each exercise begins and ends on a clock that starts with the workshop."""
        ends = list(accumulate((each.minutes for each in self.exercises), initial=0))
        clock = [f"{at // 60}:{at % 60:02}" for at in ends]
        return {each.key: f"{clock[at]}\N{EN DASH}{clock[at + 1]}" for at, each in enumerate(self.exercises)}

    def exercise(self, key: str) -> Exercise:
        """Return one exercise.

        Parameters
        ----------
        key
            Its key.

        Raises
        ------
        VoteError
            When the agenda has none of that key.
        """
        found = next((each for each in self.exercises if each.key == key), None)
        if found is None:
            known = ", ".join(each.key for each in self.exercises) or "none"
            raise VoteError(f"The agenda has no exercise {key!r}.", f"It has: {known}.")
        return found

    def with_exercise(self, exercise: Exercise) -> Self:
        """Return the agenda with an exercise, in the place of the one with its key or at the end.

        Parameters
        ----------
        exercise
            What to ask.
        """
        if exercise.key not in {each.key for each in self.exercises}:
            return self.replaced(exercises=(*self.exercises, exercise))
        return self.replaced(exercises=tuple(exercise if e.key == exercise.key else e for e in self.exercises))
