"""Read numbers as people write them: decimal point or comma, thousands separators where they are certain."""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

AMBIGUOUS = (
    "a number whose comma is certain: 1,234 can be one thousand or one point two. "
    "Nothing else in the file settles which"
)
_LARGEST = sys.float_info.max
_SPACES = str.maketrans("", "", "\u00a0\u202f\u2009\u2019' ")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+(\.\d+)?([eE][+-]?\d+)?|[+-]?\.\d+")
_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?|[+-]?\d+(,\d+)?([eE][+-]?\d+)?|[+-]?,\d+")
_UNCERTAIN = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def decimal_mark(texts: Iterable[str], delimiter: str = "") -> str:
    """Decide which decimal mark a file uses: ".", "," or "" when commas occur and nothing settles them.

    A number such as 1,234 settles nothing; 1,5 or 0,125 or 1.234,5 or 1,234.5 does. Files separated by
    semicolons are written where the comma is the decimal mark, so there a lone 1,234 counts as decimal.
    """
    point = comma = uncertain = 0
    for raw in texts:
        text = raw.translate(_SPACES)
        if "," not in text and "." not in text:
            continue
        if _UNCERTAIN.fullmatch(text):
            uncertain += "," in text
            continue
        point += bool(_POINT.fullmatch(text))
        comma += bool(_COMMA.fullmatch(text))
    if point or comma:
        return "," if comma > point else "."
    if not uncertain:
        return "."
    return "," if delimiter == ";" else ""


def read_numbers(values: np.ndarray, mark: str) -> tuple[np.ndarray, np.ndarray]:
    """Read distinct values as float64; the second array marks those that are no number under `mark`.

    What is too large for a float is infinite.
    """
    numbers = np.full(len(values), np.nan)
    bad = np.zeros(len(values), dtype=bool)
    for position, value in enumerate(values):
        number = _read(value, mark)
        if number is None:
            bad[position] = True
        else:
            numbers[position] = number
    return numbers, bad


def in_other_notation(text: str, mark: str) -> str:
    """Return a number that has the other decimal mark than its file, as the file would write it; else nothing."""
    other = {".": ",", ",": "."}.get(mark, "")
    bare = text.strip().translate(_SPACES)
    if not other or not (_COMMA if other == "," else _POINT).fullmatch(bare):
        return ""
    return bare.replace(mark, "").replace(other, mark)


def _read(value: object, mark: str) -> float | None:
    """Read one value; None when it is no number."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (int, float, np.number)):
        number: Any = value
        return math.copysign(math.inf, number) if abs(number) > _LARGEST else float(number)
    text = str(value)
    if mark == "." and _PLAIN.fullmatch(text):
        return float(text)
    text = text.translate(_SPACES)
    if mark == ",":
        return float(text.replace(".", "").replace(",", ".")) if _COMMA.fullmatch(text) else None
    if mark == "." or "," not in text:
        return float(text.replace(",", "")) if _POINT.fullmatch(text) else None
    return None
