"""Build the declared schema of each customer table, and list every way a table departs from it."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import pandera.errors
    import pandera.pandas as pa

    from workbench.customers.columns import Column

_TYPES = {
    "text": "str",
    "currency": "str",
    "number": "float64",
    "whole number": "float64",  # a blank count stays unknown, which integers cannot hold
    "date": "datetime64[us]",
    "month": "datetime64[us]",
    "week": "datetime64[us]",
    "yes or no": "float64",
}


def dtype(column: Column) -> str:
    """Return the pandas type a read column has."""
    return _TYPES[column.kind]


@contextmanager
def _spark_stays_quiet() -> Iterator[None]:
    """Hide what PySpark, where it is installed, says of pandas when pandera looks for it: no Spark is used here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support", category=FutureWarning)
        yield


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """Return the pandera schema of the table `name`, with each column's meaning as its description."""
    with _spark_stays_quiet():
        import pandera.pandas as pa  # noqa: PLC0415 - slow to load, and needed only where data is read

    table = TABLES[name]
    columns = {
        column.name: pa.Column(
            dtype(column),
            checks=_checks(column),
            nullable=not column.required or column.may_be_blank,
            required=column.required,
            description=column.meaning,
            title=column.name,
            metadata={"unit": column.unit, "example": column.example, "kind": column.kind},
        )
        for column in table.columns
    }
    unique = list(table.key) or None
    return pa.DataFrameSchema(
        columns, unique=unique, report_duplicates="exclude_first", name=name, description=table.holds
    )


def _checks(column: Column) -> list[pa.Check]:
    """Return the limits of one column as checks."""
    with _spark_stays_quiet():
        import pandera.pandas as pa  # noqa: PLC0415 - as above

    checks = []
    if column.least is not None:
        checks.append(pa.Check.ge(column.least))
    if column.most is not None:
        checks.append(pa.Check.le(column.most))
    if column.choices:
        checks.append(pa.Check.isin(list(column.choices)))
    return checks


def departures(name: str, frame: pd.DataFrame) -> list[tuple[str, str, np.ndarray]]:
    """List (kind, column, row positions) for everything the schema of `name` refuses in `frame`.

    kind is "blank", "limit", "type" or "duplicate"; a duplicate names the key and every row but the first.
    `frame` must have a RangeIndex.
    """
    with _spark_stays_quiet():
        import pandera.errors  # noqa: PLC0415 - as above

    found = _said_twice(frame, list(TABLES[name].key))
    try:
        with _spark_stays_quiet():
            _without_key(name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        found += [_departure(error, frame) for error in errors.schema_errors]
    return found


@cache
def _without_key(name: str) -> pa.DataFrameSchema:
    """Return the schema without its key, which takes less memory to look through here than there."""
    rest = copy(schema(name))
    rest.unique = None
    return rest


def _said_twice(frame: pd.DataFrame, key: list[str]) -> list[tuple[str, str, np.ndarray]]:
    """Return the rows whose key occurred before, as a departure; keys are numbered, and compared as numbers."""
    if not key or key[0] not in frame:
        return []
    numbers, most = np.zeros(len(frame), dtype=np.int64), 1.0
    for column in key:
        codes, values = frame[column].factorize()
        most *= len(values) + 1
        numbers *= len(values) + 1
        numbers += codes + 1
    if most < np.iinfo(np.int64).max and not (numbers[1:] > numbers[:-1]).all():
        numbers.sort()
    if most < np.iinfo(np.int64).max and (numbers[1:] > numbers[:-1]).all():
        return []
    rows = np.flatnonzero(frame.duplicated(key).to_numpy())
    return [("duplicate", ", ".join(key), rows)] if len(rows) else []


def _departure(error: pandera.errors.SchemaError, frame: pd.DataFrame) -> tuple[str, str, np.ndarray]:
    """Reduce one pandera error to its kind, column and rows."""
    reason = error.reason_code.name
    column = str(error.schema.name)
    if reason == "SERIES_CONTAINS_NULLS":
        return "blank", column, np.flatnonzero(frame[column].isna().to_numpy())
    if reason == "DATAFRAME_CHECK" and "index" in error.failure_cases:
        return "limit", column, error.failure_cases["index"].to_numpy(dtype=np.int64, na_value=-1)
    return "type", column, np.arange(0)
