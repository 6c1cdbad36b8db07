"""A frame as an HTML table: caption, headers, numbers to the right, unknown said as such."""

from __future__ import annotations

import re
from decimal import Decimal
from html import escape
from numbers import Real
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api import types

from workbench.formatting import UNKNOWN, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_ROWS = 200
_LOOKS_NUMERIC = re.compile(r"^[+\-\u2212]?[$€£¥₹]?[\d.,]+( ?(%|x|[kMB]|[A-Z]{3}))?$")


def table(
    frame: pd.DataFrame | None,
    caption: str = "",
    *,
    formats: Mapping[str, Callable[[Any], str]] | None = None,
    most_rows: int = MOST_ROWS,
    numbers_right: bool = True,
) -> str:
    """Write a frame as a table; the first column names the rows, the index is left out.

    `formats` maps a column to what writes its values; other numbers are written to about three digits. Beyond
    `most_rows` rows the table says how many more there are. `numbers_right` False keeps every column to the left, for
    columns whose numbers have different units.
    """
    if frame is None or frame.columns.empty:
        return ""
    shown = frame.head(most_rows)
    columns = [_texts(shown.iloc[:, at], (formats or {}).get(str(name))) for at, name in enumerate(shown.columns)]
    right = [numbers_right and _is_right(shown.iloc[:, at], texts) for at, texts in enumerate(columns)]
    head = "".join(
        f'<th scope="col"{_right(aligned)}>{escape(str(name))}</th>'
        for name, aligned in zip(shown.columns, right, strict=True)
    )
    body = "".join(_row(texts, right) for texts in zip(*columns, strict=True))
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    more = len(frame) - len(shown)
    rest = f'<p class="wb-note">and {more:,} more rows</p>' if more > 0 else ""
    return (
        f'<div class="wb-scroll" tabindex="0" role="group" aria-label="{escape(caption or "Table")}">'
        f'<table class="wb-table">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}'
    )


def _row(texts: tuple[str, ...], right: list[bool]) -> str:
    name, *values = texts
    cells = "".join(
        f"<td{_right(aligned)}>{escape(text)}</td>" for text, aligned in zip(values, right[1:], strict=True)
    )
    return f'<tr><th scope="row"{_right(right[0])}>{escape(name)}</th>{cells}</tr>'


def _right(aligned: bool) -> str:
    return ' class="wb-right"' if aligned else ""


def _texts(column: pd.Series, write: Callable[[Any], str] | None) -> list[str]:
    if write is not None:
        return [write(value) for value in column]
    if types.is_bool_dtype(column):
        return ["yes" if value else "no" for value in column]
    if types.is_datetime64_any_dtype(column):
        is_monthly = bool((column.dropna().dt.day == 1).all())
        return [UNKNOWN if pd.isna(v) else v.strftime("%Y-%m" if is_monthly else "%Y-%m-%d") for v in column]
    return [_text(value) for value in column]


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    if value is None or value is pd.NA or value is pd.NaT:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Real | Decimal):
        return number(float(value))
    return str(value)


def _is_right(column: pd.Series, texts: list[str]) -> bool:
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return True
    told = [text for text in texts if text and text != UNKNOWN]
    return bool(told) and all(_LOOKS_NUMERIC.match(text) for text in told)
