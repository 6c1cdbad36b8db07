"""Write the cells of a frame for a reader: numbers readable, unknown said, amounts told from names."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.formatting import NO_CURRENCY, UNKNOWN, capitalised, exact, number, priced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

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


def decided(values: Iterable[float | Decimal | None]) -> NDArray[np.object_]:
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
    return bool(_AMOUNT.match(text)) and not is_name and len(text.split()) <= _MOST_WORDS
