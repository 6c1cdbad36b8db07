"""Rows of a chart as JSON can carry them: by column, dates as text, unknown numbers as null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from pandas.api import types

_GUIDES = {
    **dict.fromkeys(("x", "y"), "axis"),
    **dict.fromkeys(("color", "fill", "stroke", "size", "shape", "opacity", "strokeDash"), "legend"),
    **dict.fromkeys(("row", "column", "facet"), "header"),
}
# The chart library keeps groups by name in plain objects, where these names are taken: every object has them.
_TAKEN = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
_UNSEEN = "\u2060"  # a word joiner: no width, and no name ends in one


class ChartRows(TypedDict):
    """A data set by column; `dates` names the columns that hold dates as local ISO text."""

    columns: dict[str, list[Any]]
    dates: list[str]


def chart_rows(frame: pd.DataFrame) -> ChartRows:
    """Return a frame's columns as plain lists, in order; the index is left out."""
    series = {only_names(str(name)): column for name, column in frame.items()}
    dates = [name for name, column in series.items() if types.is_datetime64_any_dtype(column)]
    return {"columns": {name: _plain(column) for name, column in series.items()}, "dates": dates}


def records(rows: ChartRows) -> list[dict[str, Any]]:
    """Return the same rows one by one, as Vega-Lite's inline data wants them."""
    columns = rows["columns"]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def only_names(part: Any) -> Any:  # noqa: ANN401 - any part of a specification or a row
    """Return a part of a chart in which a name that every object of a page has is only a name."""
    if isinstance(part, str):
        return part + _UNSEEN if part in _TAKEN else part
    if isinstance(part, dict):
        return {only_names(key): only_names(value) for key, value in part.items()}
    return [only_names(each) for each in part] if isinstance(part, list) else part


def titles_as_text(part: Any) -> Any:  # noqa: ANN401 - any part of a specification
    """Return a part of a chart whose titles may hold backslashes.

    Vega-Lite writes the title of a channel into expressions, for tooltips and descriptions, and escapes quotes alone.
    What is drawn as text, the title of the axis or legend, stays as it is.
    """
    if isinstance(part, list):
        return [titles_as_text(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: titles_as_text(value) for key, value in part.items()}
    for channel, stated in kept.get("encoding", {}).items():
        for each in stated if isinstance(stated, list) else [stated]:
            title, guide = each.get("title"), _GUIDES.get(channel)
            if isinstance(title, str) and "\\" in title:
                if guide and each.get(guide, {}) is not None:
                    each[guide] = {"title": title, **each.get(guide, {})}
                each["title"] = title.replace("\\", "\\\\")
    return kept


def as_typed(name: Any) -> Any:  # noqa: ANN401 - any value of a row
    """Return what a chart tells of its rows as people typed it: the other way round of `only_names`."""
    return name.removesuffix(_UNSEEN) if isinstance(name, str) else name


def _plain(column: pd.Series) -> list[Any]:
    if types.is_datetime64_any_dtype(column):
        # Without a zone a browser reads the text as local time, which keeps the first of a month the first.
        text = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        return [None if pd.isna(value) else value for value in text]
    if types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool).tolist()
    if types.is_numeric_dtype(column):
        return _numbers(column.to_numpy(dtype="float64", na_value=np.nan), whole=types.is_integer_dtype(column))
    return [_plain_value(value) for value in column]


def _numbers(values: np.ndarray, *, whole: bool) -> list[Any]:
    if np.isfinite(values).all():
        return values.astype("int64").tolist() if whole else values.tolist()
    return [float(value) if np.isfinite(value) else None for value in values]


def _plain_value(value: Any) -> Any:  # noqa: ANN401 - whatever a column of objects holds
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | int | str):
        return only_names(value)
    if isinstance(value, float | Decimal):
        return float(value) if np.isfinite(float(value)) else None
    return only_names(str(value))
