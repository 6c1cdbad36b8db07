"""What a room said: each option with its spread, how far the room agrees, and what moved after the talk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.workshop.agenda import RANGE_KINDS, Exercise, Option
from workbench.workshop.agreement import (
    FEWEST_ANSWERS,
    agreement_of_ratings,
    co_placement,
    interval_of_alpha,
    interval_of_w,
    kendalls_w,
    pooled_ranges,
)
from workbench.workshop.record import OTHERS, roles_shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.results import Floats, Interval
    from workbench.workshop.agreement import Agreement, PooledRange, RankAgreement
    from workbench.workshop.record import HeldWorkshop, Vote


@dataclass(frozen=True, slots=True)
class OptionOutcome:
    """What a room said of one option; below FEWEST_ANSWERS only `answers` and `counts` are there.

    Attributes
    ----------
    option, answers, counts
        Which, how many said something of it, and how often each value was given (middles of ranges, groups of cards).
    value, low, high
        What stands for the room: a median, a mean rank, the sum of points, the likely value; and its quartiles.
    spread, agreed
        How far the room is apart in the figure of the exercise's rule, and whether it is within the rule.
    ratings
        All measures of agreement of ratings.
    pooled
        Ranges pooled in two ways.
    group
        The group most people put a card into, with `value` as its share.

    Examples
    --------
    >>> from workbench.workshop import Option, OptionOutcome
    >>> OptionOutcome(Option(id="a", label="Alpha"), 2, {4: 2}).value is None
    True
    """

    option: Option
    answers: int
    counts: Mapping[Any, int]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    agreed: bool | None = None
    ratings: tuple[Agreement, ...] = ()
    pooled: PooledRange | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """What a room said in one round.

    Attributes
    ----------
    round, people
        Which round, and how many answered.
    options
        Each option, in the order of the exercise.
    ranking, w, alpha
        Kendall's W of rankings with its test; it and Krippendorff's alpha of ratings, ranks, cards and likely values,
        each with its bootstrap interval over people.
    cards, together
        The cards of a sort, and for each pair the share that put both into one group.
    texts
        What was written, in its own words: ideas, names, objections.
    agreed
        Whether the whole exercise is within its rule; None where nothing was ruled, or too few answered.

    Examples
    --------
    >>> from workbench.workshop import RoundOutcome
    >>> RoundOutcome(1, 0).is_counts_only
    True
    """

    round: int
    people: int
    options: tuple[OptionOutcome, ...] = ()
    ranking: RankAgreement | None = None
    w: Interval | None = None
    alpha: Interval | None = None
    cards: tuple[str, ...] = ()
    together: Floats | None = None
    texts: tuple[str, ...] = ()
    agreed: bool | None = None

    @property
    def is_counts_only(self) -> bool:
        """Tell whether too few answered for more than counts."""
        return self.people < FEWEST_ANSWERS

    def of(self, option_id: str) -> OptionOutcome | None:
        """Return what was said of one option.

        Parameters
        ----------
        option_id
            Its id.
        """
        return next((each for each in self.options if each.option.id == option_id), None)


@dataclass(frozen=True, slots=True)
class RoomOutcome:
    """What a room said to an exercise, round by round.

    Attributes
    ----------
    exercise, rounds
        As it was asked, and each round in which somebody answered.
    by_role
        How many people answered, by role; roles with few stand together.
    both, moved
        How many answered in both rounds, and how many of them changed their answer.

    Examples
    --------
    >>> from workbench.workshop import Exercise, RoomOutcome
    >>> RoomOutcome(Exercise(key="ideas", kind="ideas", title="Ideas")).last is None
    True
    """

    exercise: Exercise
    rounds: tuple[RoundOutcome, ...] = ()
    by_role: Mapping[str, int] = field(default_factory=dict)
    both: int = 0
    moved: int = 0

    @property
    def first(self) -> RoundOutcome | None:
        """Return the first round; None where nobody answered."""
        return self.rounds[0] if self.rounds else None

    @property
    def last(self) -> RoundOutcome | None:
        """Return the round that counts; None where nobody answered."""
        return self.rounds[-1] if self.rounds else None

    @property
    def to_discuss(self) -> tuple[OptionOutcome, ...]:
        """Return the options the room is apart on, the widest first."""
        said = () if self.last is None else self.last.options
        apart = [each for each in said if each.spread is not None and each.agreed is False]
        return tuple(sorted(apart, key=lambda each: -(each.spread or 0)))

    def shift(self, option_id: str) -> float | None:
        """Return by how much what stands for the room moved between the rounds; None where there are not two.

        Parameters
        ----------
        option_id
            Of which option.
        """
        if len(self.rounds) < 2:  # noqa: PLR2004 - a shift needs two
            return None
        before, after = (each.of(option_id) for each in self.rounds)
        if before is None or after is None or before.value is None or after.value is None:
            return None
        return after.value - before.value


def outcome_of(held: HeldWorkshop, key: str, *, seed: int = 0) -> RoomOutcome:
    """Return what a room said to an exercise.

    Parameters
    ----------
    held
        The workshop.
    key
        The key of the exercise.
    seed
        Of the bootstrap over people.

    Returns
    -------
    RoomOutcome
        Each round; below FEWEST_ANSWERS only counts.

    Examples
    --------
    >>> from workbench.workshop import Agenda, Exercise, HeldWorkshop, Vote, outcome_of
    >>> options = ({"id": "rows", "label": "Rows synced"}, {"id": "seats", "label": "Seats"})
    >>> asked = Exercise(key="metric", kind="score", title="Score", options=options)
    >>> votes = [Vote("metric", 1, f"p{at}", "Sales", {"rows": 4, "seats": 2 + at % 2}) for at in range(6)]
    >>> held = HeldWorkshop(key="w", agenda=Agenda(key="a", title="A", exercises=(asked,))).with_votes(votes)
    >>> [(each.option.id, each.value) for each in outcome_of(held, "metric").last.options]
    [('rows', 4.0), ('seats', 2.5)]
    """
    exercise, votes = held.asked(key), held.votes_on(key)
    rounds = [[each for each in votes if each.round == number] for number in (1, 2)]
    said = tuple(_round(exercise, at, given, seed) for at, given in enumerate(rounds, 1) if given)
    one, other = ({each.person: each.answer for each in given} for given in rounds)
    both = one.keys() & other.keys()
    people = {each.person: each.role for each in votes}
    moved = sum(one[person] != other[person] for person in both)
    return RoomOutcome(exercise, said, roles_shown(people.values()), len(both), moved)


def outcomes_of(held: HeldWorkshop, *, seed: int = 0) -> tuple[RoomOutcome, ...]:
    """Return what a room said to every exercise somebody answered, in the order of the agenda.

    Parameters
    ----------
    held, seed
        The workshop, and the seed of the bootstrap over people.

    Returns
    -------
    tuple[RoomOutcome, ...]
        Those without answers are left out.

    Examples
    --------
    >>> from workbench.workshop import Agenda, HeldWorkshop, outcomes_of
    >>> outcomes_of(HeldWorkshop(key="w", agenda=Agenda(key="a", title="A")))
    ()
    """
    every = (outcome_of(held, each.key, seed=seed) for each in held.agenda.exercises)
    return tuple(each for each in every if each.rounds)


def _round(exercise: Exercise, number: int, votes: Sequence[Vote], seed: int) -> RoundOutcome:
    answers: list[Any] = [each.answer for each in votes]
    if exercise.kind in ("ideas", "name", "points"):
        told = (_names if exercise.kind == "name" else _points)(exercise, answers)
        written = (idea for each in answers for idea in each) if exercise.kind == "ideas" else ()
        return RoundOutcome(number, len(votes), told, texts=_sorted_texts(written))
    if exercise.kind == "confidence":
        return _confidence(exercise, number, answers, seed)
    if exercise.kind in ("cards", "rank"):
        return (_cards if exercise.kind == "cards" else _ranked)(exercise, number, answers, seed)
    options = tuple(_estimated(exercise, option, answers, seed) for option in exercise.options)
    table = _table(exercise, [{key: _middle(exercise, value) for key, value in each.items()} for each in answers])
    alpha = interval_of_alpha(table, "interval", seed=seed)
    return RoundOutcome(number, len(votes), options, alpha=alpha, agreed=_all_agreed(options))


def _middle(exercise: Exercise, value: Any) -> float:  # noqa: ANN401 - a normal answer
    """Return the number that stands for an answer: a score, the likely value, likelihood times effect."""
    if exercise.kind in RANGE_KINDS:
        return float(np.log(value[1])) if exercise.log else float(value[1])
    return float(value[0] * value[1]) if exercise.kind == "risks" else float(value)


def _table(exercise: Exercise, answers: Sequence[Mapping[str, float]]) -> Floats:
    return np.array([[each.get(option.id, np.nan) for option in exercise.options] for each in answers], dtype=float)


def _all_agreed(options: Iterable[OptionOutcome]) -> bool | None:
    known = [each.agreed for each in options if each.agreed is not None]
    return all(known) if known else None


def _within(exercise: Exercise, spread: float) -> bool | None:
    bound = exercise.agreement_bound
    return None if bound is None else spread <= bound + 1e-9


def _estimated(exercise: Exercise, option: Option, answers: Sequence[Mapping[str, Any]], seed: int) -> OptionOutcome:
    given = [each[option.id] for each in answers if option.id in each]
    if exercise.kind in RANGE_KINDS:
        return _range(exercise, option, given)
    parts = [[each[0] for each in given], [each[1] for each in given]] if exercise.kind == "risks" else [given]
    found = tuple(
        agreement_of_ratings(each, exercise.low, exercise.high, widest_iqr=exercise.agreement_bound or 0, seed=seed)
        for each in parts
    )
    counts = dict(sorted(Counter(map(str, given) if exercise.kind == "risks" else given).items()))
    if len(given) < FEWEST_ANSWERS:
        return OptionOutcome(option, len(given), counts, ratings=found)
    value = float(np.prod([each.median for each in found if each.median is not None]))
    spread = max(each.iqr.estimate for each in found if each.iqr is not None)
    low, high = found[0].quartiles or (None, None) if len(found) == 1 else (None, None)
    return OptionOutcome(option, len(given), counts, value, low, high, spread, _within(exercise, spread), found)


def _range(exercise: Exercise, option: Option, given: Sequence[Sequence[float]]) -> OptionOutcome:
    likely = [float(each[1]) for each in given]
    counts = dict(sorted(Counter(likely).items()))
    pooled = pooled_ranges(np.array(given, dtype=float), log=exercise.log) if given else None
    if pooled is None:
        return OptionOutcome(option, len(given), counts)
    first, median, third = (float(each) for each in np.quantile(likely, [0.25, 0.5, 0.75]))
    apart = third - first
    spread = apart / abs(median) if median else (0.0 if not apart else float("inf"))
    middle = pooled.median_quantiles.estimate
    agreed = _within(exercise, spread)
    return OptionOutcome(option, len(given), counts, middle, first, third, spread, agreed, pooled=pooled)


def _points(exercise: Exercise, answers: Sequence[Mapping[str, int]]) -> tuple[OptionOutcome, ...]:
    found = []
    for option in exercise.options:
        given = [each[option.id] for each in answers if option.id in each]
        value = float(sum(given))
        found.append(OptionOutcome(option, len(given), dict(sorted(Counter(given).items())), value))
    return tuple(sorted(found, key=lambda each: (-(each.value or 0), -each.answers)))


def _names(exercise: Exercise, answers: Sequence[Mapping[str, str]]) -> tuple[OptionOutcome, ...]:
    return tuple(
        OptionOutcome(option, sum(counts.values()), dict(counts.most_common()))
        for option in exercise.options
        for counts in [Counter(each[option.id] for each in answers if option.id in each)]
    )


def _cards(exercise: Exercise, number: int, answers: Sequence[Mapping[str, str]], seed: int) -> RoundOutcome:
    enough, order = len(answers) >= FEWEST_ANSWERS, [group.id for group in exercise.groups]
    options = []
    for option in exercise.options:
        given = Counter(each[option.id] for each in answers if option.id in each)
        counts = {group: given[group] for group in order if given[group]}
        told, total = OptionOutcome(option, sum(counts.values()), counts), sum(counts.values())
        if total >= FEWEST_ANSWERS:
            group = max(counts, key=lambda each: (counts[each], -order.index(each)))
            share, at = counts[group] / total, exercise.agreement_bound
            agreed = None if at is None else share >= at - 1e-9
            told = OptionOutcome(option, total, counts, share, spread=1 - share, agreed=agreed, group=group)
        options.append(told)
    cards, together = co_placement(answers) if enough else ((), None)
    numbers = _table(exercise, [{card: float(order.index(group)) for card, group in e.items()} for e in answers])
    alpha = interval_of_alpha(numbers, "nominal", seed=seed)
    agreed = _all_agreed(options)
    return RoundOutcome(
        number, len(answers), tuple(options), alpha=alpha, cards=cards, together=together, agreed=agreed
    )


def _ranked(exercise: Exercise, number: int, answers: Sequence[Sequence[Any]], seed: int) -> RoundOutcome:
    rows = []
    for answer in answers:
        at, ranks = 1, {}
        for place in answer:
            tied = place if isinstance(place, list) else [place]
            ranks.update(dict.fromkeys(tied, at + (len(tied) - 1) / 2))
            at += len(tied)
        rows.append(ranks)
    table = _table(exercise, rows)
    if len(answers) < FEWEST_ANSWERS:
        every = [dict(sorted(Counter(column.tolist()).items())) for column in table.T]
        few = tuple(OptionOutcome(e, len(answers), c) for e, c in zip(exercise.options, every, strict=True))
        return RoundOutcome(number, len(answers), few)
    ranking, bound = kendalls_w(table), exercise.agreement_bound
    agreed = None if ranking.w is None or bound is None else ranking.w >= bound - 1e-9
    options = []
    for option, column in zip(exercise.options, table.T, strict=True):
        first, third = (float(each) for each in np.quantile(column, [0.25, 0.75]))
        counts = dict(sorted(Counter(column.tolist()).items()))
        middle = float(column.mean())
        options.append(OptionOutcome(option, len(answers), counts, middle, first, third, third - first, agreed))
    w, alpha = interval_of_w(table, seed=seed), interval_of_alpha(table, "ordinal", seed=seed)
    return RoundOutcome(number, len(answers), tuple(options), ranking, w, alpha, agreed=agreed)


def _confidence(exercise: Exercise, number: int, answers: Sequence[Mapping[str, Any]], seed: int) -> RoundOutcome:
    fingers = [each["fingers"] for each in answers]
    asked = exercise.replaced(options=(Option(id="fingers", label=exercise.title),))
    told = _estimated(asked, asked.options[0], [{"fingers": each} for each in fingers], seed)
    texts = _sorted_texts(each["objection"] for each in answers if each["objection"])
    return RoundOutcome(number, len(answers), (told,), texts=texts, agreed=told.agreed)


def _sorted_texts(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts once each, in an order that says nothing of who wrote them or when."""
    return tuple(sorted(dict.fromkeys(texts), key=str.casefold))


# --- A series of workshops: did the ranges hold what came?


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many ranges of a role held what came; a range is meant to hold it nine times in ten.

    Attributes
    ----------
    role, ranges, held
        The role, how many of its ranges could be checked, and how many held the value.

    Examples
    --------
    >>> from workbench.workshop import Calibration
    >>> Calibration("Sales", 10, 6).share
    0.6
    """

    role: str
    ranges: int
    held: int

    @property
    def share(self) -> float | None:
        """Return what share of the ranges held what came."""
        return self.held / self.ranges if self.ranges >= FEWEST_ANSWERS else None


def calibration(series: Iterable[HeldWorkshop], came: Mapping[tuple[str, str, str], float]) -> tuple[Calibration, ...]:
    """Return how a room's ranges compare with what came, per role and never per person.

    Parameters
    ----------
    series
        Workshops.
    came
        What came, by the key of the workshop, the exercise and the option.

    Returns
    -------
    tuple[Calibration, ...]
        By role, those of few people together; the last round of each person counts.

    Examples
    --------
    >>> from workbench.workshop import Agenda, Exercise, HeldWorkshop, Vote, calibration
    >>> asked = Exercise(key="churn", kind="forecast", title="C", options=({"id": "c", "label": "C"},), low=0, high=100)
    >>> votes = [Vote("churn", 1, f"p{at}", "Sales", {"c": [1, 2, 3 + at]}) for at in range(6)]
    >>> held = HeldWorkshop(key="w", agenda=Agenda(key="a", title="A", exercises=(asked,))).with_votes(votes)
    >>> [(each.role, each.share) for each in calibration([held], {("w", "churn", "c"): 3.5})]
    [('Sales', 0.8333333333333334)]
    """
    tally: dict[str, list[bool]] = {}
    for held in series:
        roles = {each.person: each.role for each in held.all_votes}
        shown = roles_shown(roles.values())
        for exercise in held.agenda.exercises:
            if exercise.kind not in RANGE_KINDS:
                continue
            last = {each.person: each for each in sorted(held.votes_on(exercise.key), key=lambda each: each.round)}
            for vote in last.values():
                role = vote.role if vote.role in shown else OTHERS
                ranges: Any = vote.answer
                for option, (low, _, high) in ranges.items():
                    value = came.get((held.key, exercise.key, option))
                    if value is not None:
                        tally.setdefault(role, []).append(low <= value <= high)
    return tuple(Calibration(role, len(checks), sum(checks)) for role, checks in tally.items())
