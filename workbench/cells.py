"""Write the cells of a table for a reader, read numbers back, and guard text that looks like a formula."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.formatting import UNKNOWN, capitalised, exact, number, priced
from workbench.locales import NO_CURRENCY, amount_pattern, conventions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray


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

# --- Write the cells of a frame for a reader: numbers readable, unknown said, amounts told from names

# A sign, a currency's symbol, then digits. Names that begin with a letter, and dates, are read from the left.
_AMOUNT = re.compile(r"[+\-\u2212]?[^\w\s]?\d")
_DATE = re.compile(r"\d{4}-\d{2}")
_RANKED = re.compile(r"\d+\. [^\d]")  # a name with its place: 2. seats
MONEY_HEADING = re.compile(r"\([A-Z]{3}\b")
"""What the heading of a column of amounts has in it: Old bill (EUR a month)."""
_MOST_WORDS = 5  # of an amount with its unit, such as $23 per seat and month; more is a sentence


def heading(name: object) -> str:
    """Return a column's name as the heading of a table: words that begin with a capital, names as they are written."""
    words = str(name).replace("_", " ")
    first = words.split(" ", 1)[0]
    return capitalised(words) if first.islower() else words


def column_texts(column: pd.Series, write: Callable[[Any], str] | None = None) -> list[str]:
    """Return a column's values as text; `write` replaces the usual way. Days are months where all are the first.

    Amounts, told by the currency in the heading, keep their cents.
    """
    if write is not None:
        return [write(value) for value in column]
    if types.is_bool_dtype(column):
        return ["yes" if value else "no" for value in column]
    if types.is_numeric_dtype(column) and MONEY_HEADING.search(str(column.name)):
        return [UNKNOWN if pd.isna(value) else priced(float(value), NO_CURRENCY) for value in column]
    if types.is_datetime64_any_dtype(column):
        is_monthly = bool((column.dropna().dt.day == 1).all())
        return [UNKNOWN if pd.isna(v) else v.strftime("%Y-%m" if is_monthly else "%Y-%m-%d") for v in column]
    return [cell(value) for value in column]


def cell(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    """Return one value as text; what is missing is unknown."""
    if value is None or value is pd.NA or value is pd.NaT:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(cell(each) for each in value)
    if isinstance(value, Decimal):  # somebody decided, published or asked it
        return exact(value)
    if isinstance(value, Real):
        return number(float(value))
    return str(value)


def exact_cells(values: Iterable[float | Decimal | None]) -> NDArray[np.object_]:
    """Return numbers somebody decided, published or asked as a column whose cells keep every digit."""
    exactly = [None if value is None or math.isnan(value) else Decimal(str(value)) for value in values]
    return np.array(exactly, dtype=object)


def reads_to_the_right(column: pd.Series, texts: list[str]) -> bool:
    """Tell whether a column holds numbers, or numbers written with their unit, such as $1,200 or 12%."""
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return True
    told = [text for text in texts if text and text != UNKNOWN]
    return bool(told) and all(_is_amount(text) for text in told)


def _is_amount(text: str) -> bool:
    is_name = bool(_DATE.match(text) or _RANKED.match(text))
    begins = _AMOUNT.match(text) or amount_pattern().match(text)
    return bool(begins) and not is_name and len(text.split()) <= _MOST_WORDS


# --- Numbers written for a reader, such as €1,200 or +12.5%, read back so that a spreadsheet shows them the same

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number and the spreadsheet format in which it looks as it was written; 12% is the number 0.12."""

    value: float
    number_format: str


def written_numbers(cells: Sequence[object]) -> list[WrittenNumber | None]:
    """Return the number that each cell of a column writes with its unit, None for all other cells.

    A column is one of amounts when at least one cell is an amount of money or a percentage, and no other cell has a
    digit: words such as "unknown" may stand between them. Numbers without a unit stay text, for they may be names.
    """
    texts = [cell.strip() if isinstance(cell, str) else None for cell in cells]
    found = [None if text is None else _read(text) for text in texts]
    if any(text and number is None and _DIGIT.search(text) for text, number in zip(texts, found, strict=True)):
        return [None] * len(cells)
    return found


def _read(text: str) -> WrittenNumber | None:
    match = amount_pattern().fullmatch(text)
    if match is None or bool(match["before"]) == bool(match["after"]) == conventions().is_house:
        return None
    before, after, places = match["before"].translate(_NO_MINUS), match["after"], match["places"] or ""
    if not before.strip("\u200e\u200f") and not after:
        return None
    value = float(f"{re.sub('[^0-9]', '', match['digits'])}.{places or 0}")
    positive = f"#,##0{'.' + '0' * len(places) if places else ''}"
    if "%" in before + after:
        positive, value = f"{positive}%", float(f"{value}e-2")
    else:
        positive = "".join((f'"{before}"' if before else "", positive, f'"{after}"' if after else ""))
    if before != match["before"] or match["sign"] in ("-", "\u2212"):
        value = -value
    plus = "+" if match["sign"] == "+" else ""
    return WrittenNumber(value, f"{plus}{positive};-{positive};{positive}")


_NO_MINUS = str.maketrans("", "", "-\u2212")
