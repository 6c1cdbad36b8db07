"""Tables that hold numbers until they are drawn: columns that know how they are written, and guarded text.

A `DataTable` is a frame of values with a kind for each column it shows. The notebook, the report, the workbook and
files of text ask it for the words of a cell or for its number with a format; nothing reads written numbers back.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api import types

from workbench import formatting
from workbench.formatting import UNKNOWN, capitalised, exact
from workbench.locales import NO_CURRENCY, affixes, minor_digits, spoken_locale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


def formula_guarded(value: object) -> object:
    """Return a cell with an apostrophe before what a spreadsheet would take for a formula."""
    return _UNGUARDED.sub("'", value) if isinstance(value, str) else value


def without_guards(text: str) -> str:
    """Return a text as it was before `as_csv` put apostrophes before what looks like a formula."""
    return _GUARDED.sub("", text) if "'" in text else text


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where a cell begins for a program that takes another character for the separator, and what makes it a formula there.
_CELL_START, _FORMULA = r"(?<![^,;\t|\r\n])", rf"(?=[ '\u00a0]*[{re.escape(''.join(FORMULA_STARTS))}])"
_UNGUARDED, _GUARDED = re.compile(_CELL_START + _FORMULA), re.compile(_CELL_START + "'" + _FORMULA)

# --- How the values of a column are written: for a reader, and as the number format of a spreadsheet


def cell(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    """Return one value as text; what is missing is unknown."""
    if value is None or value is pd.NA or value is pd.NaT:
        return UNKNOWN
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(cell(each) for each in value)
    if isinstance(value, Decimal):  # somebody decided, published or asked it
        return exact(value)
    if isinstance(value, Real):
        return formatting.number(float(value))
    return str(value)


@dataclass(frozen=True, slots=True)
class Own:
    """A cell written in its own way, in a column whose rows have different units; the column's kind places it."""

    value: Any
    kind: Kind


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a column are written. Words among them stay words, and `missing` stands for what is unknown."""

    missing: str = field(default=UNKNOWN, kw_only=True)
    right: ClassVar[bool] = False

    def text(self, value: Any) -> str:  # noqa: ANN401 - whatever a column holds
        """Return a value as a reader sees it."""
        if isinstance(value, Own):
            return value.kind.text(value.value)
        if isinstance(value, str):
            return value
        return self.missing if _is_missing(value) else self._written(value)

    def spreadsheet(self, value: Any) -> tuple[Any, str]:  # noqa: ANN401 - as above
        """Return what a cell of a spreadsheet holds, None for nothing, and its number format, "" for the usual one."""
        if isinstance(value, Own):
            return value.kind.spreadsheet(value.value)
        if _is_missing(value):
            return (None if self.missing == UNKNOWN else self.missing or None), ""
        if isinstance(value, str) or (isinstance(value, Real) and math.isinf(value)):
            return self.text(value), ""  # a workbook holds no number without end
        return self._number(value), self._format(value)

    def _written(self, value: Any) -> str:  # noqa: ANN401 - as above
        return cell(value)

    def _number(self, value: Any) -> Any:  # noqa: ANN401 - as above
        return cell(value) if isinstance(value, bool | tuple) else value

    def _format(self, value: Any) -> str:  # noqa: ANN401, ARG002 - as above; the kinds of numbers look at the value
        return ""


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A plain number: to about three digits, to so many, or exactly as somebody typed it; 3.2x with the unit "x".

    `form` is its number format in a spreadsheet, where those of its digits and the usual one will not do.
    """

    digits: int | None = None
    exactly: bool = False
    form: str = ""
    unit: str = ""
    right: ClassVar[bool] = True

    def _written(self, value: Any) -> str:  # noqa: ANN401 - a number
        text = exact(value) if self.exactly or isinstance(value, Decimal) else formatting.number(value, self.digits)
        return f"{text}{self.unit}"

    def _format(self, value: Any) -> str:  # noqa: ANN401, ARG002 - the same for all
        unit = f'"{self.unit}"' if self.unit else ""
        return self.form if self.digits is None else _both_signs(_digits(self.digits) + unit)


@dataclass(frozen=True, slots=True)
class Percent(Kind):
    """A share (0.12), or one `of_hundred` (12), written as a percentage (12%); a signed one is a change.

    Without `digits` it is written to about three of them.
    """

    digits: int | None = 0
    signed: bool = False
    exactly: bool = False
    of_hundred: bool = False
    right: ClassVar[bool] = True

    def _written(self, value: Any) -> str:  # noqa: ANN401 - a number
        if self.exactly:
            return formatting.exact_percent(value, signed=self.signed)
        share = value / 100 if self.of_hundred else value
        if self.digits is None:
            return f"{formatting.number(formatting.hundredfold(share))}%"
        return formatting.percent(share, self.digits, signed=self.signed)

    def _number(self, value: Any) -> Any:  # noqa: ANN401 - a number
        return value / 100 if self.of_hundred else value

    def _format(self, value: Any) -> str:  # noqa: ANN401 - a number
        size = abs(value if self.of_hundred else 100 * value)
        places = _decimals(formatting.hundredfold(value)) if self.exactly else self.digits
        if places is None:
            places = min(4, max(0, 2 - math.floor(math.log10(size)))) if size else 0
        return _both_signs(f"{_digits(places)}%", signed=self.signed)


@dataclass(frozen=True, slots=True)
class Money(Kind):
    """An amount: estimated ("about"), decided or published ("exact"), what such prices come to ("priced"), or a bill.

    Without a currency the amount stands bare, for columns whose heading names it. `per` follows it: "per seat".
    """

    currency: str = NO_CURRENCY
    how: str = "about"
    signed: bool = False
    per: str = ""
    right: ClassVar[bool] = True

    def _written(self, value: Any) -> str:  # noqa: ANN401 - a number
        write = _AMOUNTS[self.how]
        if self.signed:
            return formatting.with_sign(write(abs(value), self.currency), value)
        return f"{write(value, self.currency)} {self.per}".rstrip()

    def _format(self, value: Any) -> str:  # noqa: ANN401 - a number
        usual, ((before, after), _) = minor_digits(self.currency), affixes(spoken_locale(), self.currency)
        size, places = abs(float(value)), 0
        if self.how == "about":
            if size < _WHOLE_FROM and size != round(size):
                places = usual if size >= _FINE else _FINE_PLACES
        else:
            own = _decimals(value if self.how == "exact" else Decimal(f"{size:.12g}"))
            if self.how == "bill" and size >= 1:
                own = min(own, usual)
            elif self.how != "exact" and own > (_FINE_PLACES if size >= 1 else 2 * _FINE_PLACES):
                own = usual if size >= 1 else 3 - math.floor(math.log10(size))
            places = max(usual, own) if own or self.currency == NO_CURRENCY else 0
        form = "".join((f'"{before}"' if before else "", _digits(places), f'"{after}"' if after else ""))
        return _both_signs(f'{form}" {self.per}"' if self.per else form, signed=self.signed)


@dataclass(frozen=True, slots=True)
class When(Kind):
    """A month, or a day."""

    days: bool = False

    def _written(self, value: Any) -> str:  # noqa: ANN401 - a date
        return f"{value:%Y-%m-%d}" if self.days else f"{value:%Y-%m}"

    def _format(self, value: Any) -> str:  # noqa: ANN401, ARG002 - the same for all
        return "yyyy-mm-dd" if self.days else "yyyy-mm"


@dataclass(frozen=True, slots=True)
class Words(Kind):
    """Several values in one cell, such as "low to high": a pattern of their places, and how each is written.

    `alone` writes only the first where the others are equal, as the ends of no range.
    """

    pattern: str
    parts: tuple[Kind, ...]
    alone: bool = False
    right: ClassVar[bool] = True

    def text(self, value: Any) -> str:  # noqa: ANN401 - a sequence of values, or words instead
        """Return the values in their pattern; missing where the first is."""
        if not isinstance(value, tuple):
            return Kind.text(self, value)
        if _is_missing(value[0]):
            return self.missing
        if self._is_alone(value):
            return self.parts[0].text(value[0])
        return self.pattern.format(*(part.text(each) for part, each in zip(self.parts, value, strict=True)))

    def spreadsheet(self, value: Any) -> tuple[Any, str]:  # noqa: ANN401 - as above
        """Return the words: several numbers in a cell are none that can be added."""
        return self.parts[0].spreadsheet(value[0]) if self._is_alone(value) else (self.text(value) or None, "")

    def _is_alone(self, value: Any) -> bool:  # noqa: ANN401 - as above
        return self.alone and isinstance(value, tuple) and len(set(value[1:])) == 1


@dataclass(frozen=True, slots=True)
class Reworded(Kind):
    """Words made shorter, or more readable, for whoever reads the table."""

    write: Callable[[Any], str]

    def text(self, value: Any) -> str:  # noqa: ANN401 - whatever a column holds
        """Return what is said of a value."""
        return self.missing if _is_missing(value) else self.write(value)

    def spreadsheet(self, value: Any) -> tuple[Any, str]:  # noqa: ANN401 - as above
        """Return the same words."""
        return self.text(value) or None, ""


def interval_of(kind: Kind) -> Words:
    """Return the kind of a low and a high end: 2% to 4%."""
    return Words("{} to {}", (kind, kind))


def estimate_of(kind: Kind, *, alone: bool = False, missing: str = UNKNOWN) -> Words:
    """Return the kind of an estimate with its interval: 3% (2% to 4%); `alone` leaves out one without width."""
    return Words("{} ({} to {})", (kind, kind, kind), alone, missing=missing)


TEXT, NUMBER, MONTH, DAY = Kind(), Number(), When(), When(days=True)
POINTS = Number(form="#,##0.0")
"""Percentages in a column whose heading says so: Share (%)."""
COUNT = Number(0)
CENTS = Money(how="priced")
"""Amounts in a column whose heading names the currency: Old bill (EUR a month)."""
_AMOUNTS: dict[str, Callable[..., str]] = {
    "about": formatting.money,
    "exact": formatting.exact_money,
    "priced": formatting.priced,
    "bill": formatting.billed,
}
_WHOLE_FROM, _FINE, _FINE_PLACES = 100, 0.1, 4


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - whatever a column holds
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real | Decimal) and value != value)  # noqa: PLR0124 - the plain test for not-a-number


def _decimals(value: float | Decimal) -> int:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _digits(places: int) -> str:
    return f"#,##0.{'0' * places}" if places else "#,##0"


def _both_signs(positive: str, *, signed: bool = False) -> str:
    return f"{'+' if signed else ''}{positive};-{positive};{positive}"


# --- A table: values in a frame, and the columns that are shown of them

Spec = tuple[Any, ...]
"""A column as it is declared: heading, kind, and the names of the values where they differ from the heading."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column as it is shown: its heading, how it is written, and the places of its values in the frame."""

    heading: str
    kind: Kind
    places: tuple[int, ...]

    def values(self, frame: pd.DataFrame) -> list[Any]:
        """Return the values, several in a tuple where the column shows several."""
        found = [frame.iloc[:, place].tolist() for place in self.places]
        return found[0] if len(found) == 1 else list(zip(*found, strict=True))


@dataclass(frozen=True, eq=False)
class DataTable:
    """Rows of values with the columns a reader sees. `frame` holds the numbers, for charts, tests and files of text."""

    frame: pd.DataFrame
    columns: tuple[TableColumn, ...]
    caption: str = ""

    @classmethod
    def of_rows(cls, columns: Sequence[Spec], rows: Iterable[Sequence[Any]]) -> DataTable:
        """Return a table of rows, each with a value for every column."""
        names = [spec[0] for spec in columns]
        frame = pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object).infer_objects()
        return cls(frame, tuple(TableColumn(heading(each[0]), each[1], (at,)) for at, each in enumerate(columns)))

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, columns: Sequence[Spec]) -> DataTable:
        """Return a table that shows these columns of a frame; a column may show several of the frame's."""
        places = {name: at for at, name in enumerate(frame.columns)}
        found = []
        for name, kind, *of in columns:
            sources = of[0] if of else name
            sources = sources if isinstance(sources, tuple) else (sources,)
            found.append(TableColumn(heading(name), kind, tuple(places[each] for each in sources)))
        return cls(frame, tuple(found))

    @classmethod
    def plain(cls, frame: pd.DataFrame, kinds: Mapping[str, Kind] | None = None) -> DataTable:
        """Return a table of all columns of a frame, written by the type of their values where `kinds` names none."""
        own = kinds or {}
        columns = (
            TableColumn(heading(name), own.get(str(name)) or _kind_of(frame.iloc[:, at]), (at,))
            for at, name in enumerate(frame.columns)
        )
        return cls(frame, tuple(columns))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.frame)

    def __getitem__(self, name: str) -> pd.Series:
        """Return the values of one column of the frame, without their formats."""
        column: pd.Series = self.frame[name].map(_value) if self.frame[name].dtype == object else self.frame[name]
        return column

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """Return the words of the cells, row by row."""
        return list(zip(*self.cells(), strict=True))

    def head(self, most: int) -> DataTable:
        """Return the first rows."""
        return replace(self, frame=self.frame.head(most))

    def showing(self, names: Sequence[str]) -> DataTable:
        """Return the table with the columns that show these of the frame, in this order."""
        shown = {self.frame.columns[each.places[0]]: each for each in self.columns}
        return replace(self, columns=tuple(shown[name] for name in names))

    def without(self, *names: str) -> DataTable:
        """Return the table without the columns that show these of the frame."""
        kept = (each for each in self.columns if self.frame.columns[each.places[0]] not in names)
        return replace(self, columns=tuple(kept))

    def cells(self) -> list[list[str]]:
        """Return the words of every column."""
        return [[column.kind.text(value) for value in column.values(self.frame)] for column in self.columns]

    def words(self) -> pd.DataFrame:
        """Return the table as a reader sees it, every cell as text."""
        texts = self.cells()
        frame = pd.DataFrame({at: pd.Series(each, dtype=object) for at, each in enumerate(texts)})
        return frame.set_axis([column.heading for column in self.columns], axis=1)

    def numbers(self) -> pd.DataFrame:
        """Return the values without their formats, for files of text; an interval is two columns, from and to."""
        found: dict[str, pd.Series] = {}
        for at, name in enumerate(self.frame.columns):
            values = self.frame.iloc[:, at].map(_value)
            size = max((len(value) for value in values if isinstance(value, tuple)), default=0)
            for place, end in enumerate(_ENDS.get(size, ())):
                ends = [value[place] if isinstance(value, tuple) else None for value in values]
                found[f"{name}{end}"] = pd.Series(ends, index=values.index)
            if size not in _ENDS:
                found[str(name)] = values
        return pd.DataFrame(found)


_ENDS = {2: (" from", " to"), 3: ("", " from", " to")}


def _value(cell_: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return cell_.value if isinstance(cell_, Own) else cell_


def as_table(table: pd.DataFrame | DataTable, caption: str = "") -> DataTable:
    """Return a table, with its caption; a plain frame shows all its columns, written by the type of their values."""
    found = table if isinstance(table, DataTable) else DataTable.plain(table)
    return replace(found, caption=caption or found.caption)


def heading(name: object) -> str:
    """Return a column's name as the heading of a table: words that begin with a capital, names as they are written."""
    words = str(name).replace("_", " ")
    first = words.split(" ", 1)[0]
    return capitalised(words) if first.islower() else words


def _kind_of(column: pd.Series) -> Kind:
    """Return how a column is written by the type of its values; days are months where all are the first."""
    if types.is_bool_dtype(column):
        return TEXT
    if types.is_numeric_dtype(column):
        return NUMBER
    if types.is_datetime64_any_dtype(column):
        return MONTH if (column.dropna().dt.day == 1).all() else DAY
    known = [value for value in column if not _is_missing(value)]
    are_numbers = bool(known) and all(isinstance(v, Real | Decimal) and not isinstance(v, bool) for v in known)
    return NUMBER if are_numbers else TEXT


def by_month_table(rows: pd.DataFrame, name: str, amount: str, names: tuple[str, ...]) -> DataTable:
    """Return the amounts of a chart of lines with a row per month and a column per line."""
    wide = rows.pivot_table(index="month", columns=name, values=amount, sort=False).reindex(columns=list(names))
    return DataTable.of_frame(wide.reset_index(), [("Month", MONTH, "month"), *((each, COUNT) for each in names)])
