"""Turn the attributes of alternatives into numbers: quantities as they are, words as one column per level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import DataErrors, Problem
from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

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

    def matrix(self, frame: pd.DataFrame) -> NDArray[np.float64]:
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


def none_rows(frame: pd.DataFrame) -> NDArray[np.bool_]:
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


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _blank(column: pd.Series) -> NDArray[np.bool_]:
    return (column.isna() | (column.astype(object) == "")).to_numpy(dtype=bool)


def _level_columns(column: pd.Series, levels: Sequence[str]) -> NDArray[np.float64]:
    codes, words = _coded_words(column)
    return np.array([[word == level for level in levels] for word in words], dtype=float).reshape(-1, len(levels))[
        codes
    ]


def _unknown_levels(column: pd.Series, levels: set[str], none: NDArray[np.bool_]) -> Iterator[Problem]:
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


def _no_numbers(column: pd.Series, numbers: NDArray[np.float64]) -> Iterator[Problem]:
    for position in np.flatnonzero(~np.isfinite(numbers)).tolist():
        remedy = "Fill it in for every alternative; it may be blank where the column none is 1 (none of them)."
        yield row_problem(str(column.name), position, column.iloc[position], "a number", remedy)
