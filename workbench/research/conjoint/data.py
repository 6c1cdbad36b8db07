"""The choices of a survey as arrays: attributes as numbers, and what each alternative differs in from the chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import CHOICE
from workbench.errors import DataErrors, Problem
from workbench.research.answers import WEIGHT, ResearchError, filled_weights, given_values, read_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.stats import Flags, Floats, Ints

# --- Turn the attributes of alternatives into numbers: quantities as they are, words as one column per level

TABLE = "choices"
FIRST_ROW = 2
"""The line a person sees for the first row of answers; the header is line 1."""
NONE = "none"
"""The column that is 1 for choosing none of the alternatives shown."""


@dataclass(frozen=True)
class Coded:
    """One column of numbers: an attribute itself, or whether it has a level."""

    name: str
    attribute: str
    level: str | None = None


@dataclass(frozen=True)
class Coding:
    """How attributes become columns of numbers; `bases` names the level every other level is compared with."""

    columns: tuple[Coded, ...]
    bases: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of every column: the attribute, or "attribute: level"."""
        return tuple(column.name for column in self.columns)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the attributes, each once."""
        return tuple(dict.fromkeys(column.attribute for column in self.columns))

    def columns_of(self, attribute: str) -> tuple[int, ...]:
        """Return the positions of the columns of an attribute (also found under the name of one column)."""
        return tuple(i for i, each in enumerate(self.columns) if attribute in {each.attribute, each.name})

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """Return rows x columns of numbers; DataErrors lists every value that is missing, no number or no level."""
        require_columns(frame, self.attributes)
        none = none_rows(frame)
        values = np.empty((len(frame), len(self.columns)))
        problems: list[Problem] = []
        for attribute in self.attributes:
            places = self.columns_of(attribute)
            if attribute in self.bases:
                levels = [str(self.columns[place].level) for place in places]
                values[:, places] = _level_columns(frame[attribute], levels)
                problems += _unknown_levels(frame[attribute], {self.bases[attribute], *levels}, none)
            else:
                numbers = _numbers(frame[attribute])
                nothing = _blank(frame[attribute]) & (none | (attribute == NONE))
                values[:, places[0]] = numbers = np.where(nothing, 0.0, numbers)
                problems += _no_numbers(frame[attribute], numbers)
        if problems:
            raise DataErrors(problems)
        return values


def code_attributes(
    frame: pd.DataFrame, attributes: Sequence[str], bases: Mapping[str, str] | None = None, price: str | None = None
) -> Coding:
    """Return the coding of attributes: numbers stay numbers, words get one column per level but the base level.

    The base level is the one named in `bases`, else the first category, else the first word in order. Attributes may
    be blank where none of the alternatives is offered (column `none` is 1): a blank word is no level, a number 0.
    """
    require_columns(frame, attributes)
    asked = {} if bases is None else {name: str(level) for name, level in bases.items()}
    columns: list[Coded] = []
    found: dict[str, str] = {}
    for attribute in attributes:
        if not is_words(frame[attribute]) or attribute == price:
            columns.append(Coded(attribute, attribute))
            continue
        levels = _levels(frame[attribute])
        base = asked.get(attribute, levels[0] if levels else "")
        if base not in levels:
            raise ResearchError(f"{attribute} has no level {base!r}.", f"Its levels are {', '.join(levels)}.")
        found[attribute] = base
        columns += [Coded(f"{attribute}: {level}", attribute, level) for level in levels if level != base]
    if stray := set(asked) - set(found):
        raise ResearchError(f"A base level is given for {', '.join(sorted(stray))}, which has no levels of words.")
    return Coding(tuple(columns), found)


def require_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise when columns are missing, naming them all."""
    if missing := [name for name in names if name not in frame]:
        known = ", ".join(str(name) for name in frame.columns)
        raise ResearchError(f"The answers have no column {', '.join(missing)}.", f"Their columns are {known}.")


def is_words(column: pd.Series) -> bool:
    """Tell whether a column holds words: text that is not all numbers, or categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return True
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return False
    known = [str(each) for each in column.unique() if not pd.isna(each) and str(each)]
    return bool(pd.to_numeric(pd.Series(known, dtype=object), errors="coerce").isna().any())


def none_rows(frame: pd.DataFrame) -> Flags:
    """Return which rows are the choice of none of the alternatives."""
    if NONE not in frame:
        return np.zeros(len(frame), dtype=bool)
    return _numbers(frame[NONE]) == 1


def row_problem(column: str, position: int, value: object, expected: str, remedy: str) -> Problem:
    """Return a problem of one row; `position` counts the rows from 0."""
    return Problem(TABLE, TABLE, position + FIRST_ROW, column, str(value), expected, remedy)


def _levels(column: pd.Series) -> list[str]:
    used = {str(each) for each in column.unique() if not pd.isna(each) and str(each)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(level) for level in column.cat.categories if str(level) in used]
    return sorted(used)


def _numbers(column: pd.Series) -> Floats:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _blank(column: pd.Series) -> Flags:
    blank = column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        blank |= column.astype(object) == ""
    return blank.to_numpy(dtype=bool)


def _level_columns(column: pd.Series, levels: Sequence[str]) -> Floats:
    codes, words = _coded_words(column)
    return (np.array(words, dtype=object)[:, None] == np.array(levels, dtype=object)).astype(float)[codes]


def _unknown_levels(column: pd.Series, levels: set[str], none: Flags) -> Iterator[Problem]:
    codes, words = _coded_words(column)
    unknown = np.array([word not in levels for word in words], dtype=bool)[codes]
    blank = np.array([word == "" for word in words], dtype=bool)[codes]
    expected = f"one of {', '.join(sorted(levels))}"
    for position in np.flatnonzero(unknown & ~(none & blank)).tolist():
        remedy = "Write the level shown, or fit again with this level in the answers."
        yield row_problem(str(column.name), position, words[codes[position]], expected, remedy)


def _coded_words(column: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Return the number of each row's word, and the words; "" where unknown."""
    codes, found = pd.factorize(column, use_na_sentinel=False)
    return codes, ["" if pd.isna(each) else str(each) for each in found]


def _no_numbers(column: pd.Series, numbers: Floats) -> Iterator[Problem]:
    for position in np.flatnonzero(~np.isfinite(numbers)).tolist():
        remedy = "Fill it in for every alternative; it may be blank where the column none is 1 (none of them)."
        yield row_problem(str(column.name), position, column.iloc[position], "a number", remedy)


# --- The choices of a survey as arrays: what every alternative differs in from the one that was chosen

RESPONDENT, TASK, ALTERNATIVE, CHOSEN, PRICE = "respondent", "task", "alternative", "chosen", "price"
CASE = (RESPONDENT, TASK)
_DESCRIBES = {column.name for column in CHOICE.columns} - {PRICE, NONE}
_NOBODY_CHOSEN = (
    "If they chose none, add a row with none = 1 and chosen = 1 (and to the other cases one with none = 1 and chosen = "
    "0): leaving them out would lose how many buy nothing. Otherwise mark the one that was chosen."
)
_LAYOUT = {RESPONDENT, TASK, ALTERNATIVE, CHOSEN}


@dataclass(frozen=True, eq=False)
class ChoiceData:
    """Choices in cases: C cases of up to J alternatives, described by K columns.

    Cases of one respondent stand together. `gaps` (C, J - 1, K) holds every alternative that was not chosen minus
    the chosen one, zero where a case has fewer alternatives; `offered` (C, J - 1) tells which of them were there,
    None when all were. `weight` (C,) is 1 where nothing else was said. `person` (C,) numbers the respondents (or
    clusters) from 0 in the order of `people`; None when nobody was named. `price` names the column of prices, `case`
    those that say which rows were shown together.
    """

    coding: Coding
    gaps: Floats
    offered: Flags | None
    chosen: Floats
    weight: Floats
    person: Ints | None
    people: tuple[str, ...]
    price: str | None = None
    case: tuple[str, ...] = CASE

    def __len__(self) -> int:
        """Count the cases."""
        return len(self.gaps)

    @property
    def alternatives(self) -> Ints:
        """Return how many alternatives each case offered."""
        cases, others, _ = self.gaps.shape
        return np.full(cases, others + 1) if self.offered is None else self.offered.sum(axis=1) + 1

    @property
    def null_log_likelihood(self) -> float:
        """Return the log-likelihood when every alternative of a case is as likely as the next."""
        return float(-(self.weight * np.log(self.alternatives)).sum())


def read_choices(
    frame: pd.DataFrame,
    *,
    chosen: str = CHOSEN,
    case: str | Sequence[str] = CASE,
    attributes: Sequence[str] | None = None,
    price: str | None = PRICE,
    weights: str | ArrayLike | None = None,
    person: str | ArrayLike | None = None,
    bases: Mapping[str, str] | None = None,
) -> ChoiceData:
    """Read a frame with one row per alternative shown; DataErrors lists every problem in it.

    Parameters are those of `fit_mnl`. Answers in the layout of the survey table of choices are read as that table
    is: headings and numbers as people write them.
    """
    case = (case,) if isinstance(case, str) else tuple(case)
    read = _read(frame, chosen, case)
    names = attribute_names(read, attributes, price, [chosen, *case, *([person] if isinstance(person, str) else [])])
    coding = code_attributes(read, names, bases, price)
    values = coding.matrix(read)
    has_own = _in_layout(frame, chosen, case) and WEIGHT not in names
    own = filled_weights(read) if has_own else np.ones(len(read))
    weight = own if weights is None else given_values(read, weights, "weights")
    who = None if person is None else given_values(read, person, "respondents")
    case_of = case_numbers(read, case)
    picked = _picked(read, chosen)
    problems = [
        *_choice_problems(case_of, picked, [read[key] for key in case], chosen),
        *_weight_problems(case_of, weight),
    ]
    if who is not None:
        problems += _person_problems(case_of, who)
    if problems:
        raise DataErrors(problems)
    return replace(_arranged(coding, values, case_of, picked, weight=weight, who=who), price=price, case=case)


def attribute_names(
    frame: pd.DataFrame, attributes: Sequence[str] | None, price: str | None, keys: Iterable[str]
) -> list[str]:
    """Return the attributes: those given, or every column that is no key and describes no respondent; and the price."""
    if price is not None and price not in frame:
        raise ResearchError(f"There is no column {price!r} with prices.", "Name the column, or give price=None.")
    if attributes is None:
        others = _DESCRIBES | set(keys)
        found = [str(name) for name in frame.columns if name not in others and frame[name].notna().any()]
    else:
        found = list(dict.fromkeys(attributes))
    if price is not None and price not in found:
        found.append(price)
    if not found:
        raise ResearchError("No attribute is given.", "Name the columns that describe the alternatives.")
    return found


def case_numbers(frame: pd.DataFrame, case: Sequence[str]) -> Ints:
    """Return the number of each row's case, in order of first appearance."""
    require_columns(frame, case)
    numbers: Ints = np.zeros(len(frame), dtype=np.int64)
    for key in case:
        codes, known = pd.factorize(frame[key], use_na_sentinel=False)
        numbers = pd.factorize(numbers * len(known) + codes)[0].astype(np.int64, copy=False)
    return numbers


def _read(frame: pd.DataFrame, chosen: str, case: tuple[str, ...]) -> pd.DataFrame:
    if not isinstance(frame, pd.DataFrame):
        raise ResearchError(f"The answers are a {type(frame).__name__}.", "Give a pandas DataFrame.")
    if _in_layout(frame, chosen, case):
        return _with_categories(read_answers(CHOICE, frame).frame, frame)
    require_columns(frame, [chosen, *case])
    if frame.empty:
        raise ResearchError("There are no answers.", "Give at least one choice between alternatives.")
    return frame.reset_index(drop=True)


def _in_layout(frame: pd.DataFrame, chosen: str, case: tuple[str, ...]) -> bool:
    """Tell whether answers come in the layout of the survey table of choices."""
    return set(frame.columns) >= _LAYOUT and chosen == CHOSEN and case == CASE


def _with_categories(read: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns that came as categories their order back: its first level is the base."""
    kinds = {str(name): column.dtype for name, column in frame.items() if isinstance(column.dtype, pd.CategoricalDtype)}
    ordered = {name: read[name].where(read[name] != "").astype(kind) for name, kind in kinds.items() if name in read}
    keys = set(CASE) | _LAYOUT
    return read.assign(**{name: column for name, column in ordered.items() if name not in keys})


def _picked(frame: pd.DataFrame, chosen: str) -> Flags:
    numbers = pd.to_numeric(frame[chosen], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = ~np.isin(numbers, (0.0, 1.0))
    if wrong.any():
        remedy = "Write 1 for the alternative chosen and 0 for the others."
        places = np.flatnonzero(wrong).tolist()
        raise DataErrors(row_problem(chosen, at, frame[chosen].iloc[at], "0 or 1", remedy) for at in places)
    return numbers == 1


def _choice_problems(case_of: Ints, picked: Flags, keys: Sequence[pd.Series], chosen: str) -> Iterator[Problem]:
    choices, first = np.bincount(case_of, weights=picked).astype(int), _firsts(case_of)

    def named(number: int) -> str:
        return ", ".join(str(key.iloc[first[number]]) for key in keys)

    for number in np.flatnonzero(choices != 1).tolist():
        value = f"{choices[number]} chosen in {named(number)}"
        remedy = _NOBODY_CHOSEN if choices[number] == 0 else "Mark the one alternative that was chosen."
        yield row_problem(chosen, int(first[number]), value, "one alternative chosen per case", remedy)
    for number in np.flatnonzero(np.bincount(case_of) == 1).tolist():
        value = f"1 alternative in {named(number)}"
        remedy = "A choice needs two; add the others shown, or leave the case out."
        yield row_problem(chosen, int(first[number]), value, "two alternatives or more per case", remedy)


def _firsts(case_of: Ints) -> NDArray[np.intp]:
    """Return the first row of each case."""
    return np.unique(case_of, return_index=True)[1]


def _weight_problems(case_of: Ints, weight: NDArray) -> Iterator[Problem]:
    numbers = pd.to_numeric(pd.Series(weight), errors="coerce").to_numpy(dtype=float)
    first = numbers[_firsts(case_of)][case_of]
    for at in np.flatnonzero(~(numbers >= 0) | (np.isfinite(first) & (numbers != first))).tolist():
        remedy = "Give every row of a case the same weight."
        yield row_problem("weights", at, weight[at], "one weight of 0 or more per case", remedy)
    if not np.nansum(numbers) > 0:
        yield row_problem("weights", 0, weight[0], "weights that add up to more than 0", "Give somebody a weight.")


def _person_problems(case_of: Ints, who: NDArray) -> Iterator[Problem]:
    codes = pd.factorize(pd.Series(who), use_na_sentinel=True)[0]
    first = codes[_firsts(case_of)][case_of]
    for at in np.flatnonzero((codes < 0) | (codes != first)).tolist():
        remedy = "Write the same respondent in every row of a case."
        yield row_problem("respondent", at, who[at], "one respondent per case", remedy)


def _arranged(
    coding: Coding, values: Floats, case_of: Ints, picked: Flags, *, weight: NDArray, who: NDArray | None
) -> ChoiceData:
    """Put the cases of a respondent together and subtract the alternative chosen in each."""
    chosen_row = np.empty(case_of.max() + 1, dtype=np.int64)
    chosen_row[case_of[picked]] = np.flatnonzero(picked)
    person: Ints | None = None
    people: tuple[str, ...] = ()
    rank = np.arange(len(chosen_row))
    if who is not None:
        codes, found = pd.factorize(pd.Series(who).astype(str))
        people = tuple(found)
        order = np.argsort(codes[chosen_row], kind="stable")
        rank[order] = np.arange(len(order))
        person = codes[chosen_row][order].astype(np.int64)
        chosen_row = chosen_row[order]
    case = rank[case_of]
    rest = np.flatnonzero(~picked)
    rest = rest[np.argsort(case[rest], kind="stable")]
    size = np.bincount(case[rest], minlength=len(chosen_row))
    place = np.arange(len(rest)) - np.repeat(np.cumsum(size) - size, size)
    gaps = np.zeros((len(chosen_row), int(size.max()), values.shape[1]))
    gaps[case[rest], place] = values[rest] - values[chosen_row[case[rest]]]
    offered = None if (size == size.max()).all() else np.arange(size.max()) < size[:, None]
    weights = np.asarray(weight, dtype=float)[chosen_row]
    return ChoiceData(coding, gaps, offered, values[chosen_row], weights, person, people)
