"""Build the declared schema of each customer table, and list every way a table departs from it."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
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

    try:
        with _spark_stays_quiet():
            schema(name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return [_departure(name, error, frame) for error in errors.schema_errors]
    return []


def _departure(name: str, error: pandera.errors.SchemaError, frame: pd.DataFrame) -> tuple[str, str, np.ndarray]:
    """Reduce one pandera error to its kind, column and rows."""
    reason = error.reason_code.name
    column = str(error.schema.name)
    if reason == "DUPLICATES":
        key = list(TABLES[name].key)
        return "duplicate", ", ".join(key), np.flatnonzero(frame.duplicated(key).to_numpy())
    if reason == "SERIES_CONTAINS_NULLS":
        return "blank", column, np.flatnonzero(frame[column].isna().to_numpy())
    if reason == "DATAFRAME_CHECK" and "index" in error.failure_cases:
        return "limit", column, error.failure_cases["index"].to_numpy(dtype=np.int64, na_value=-1)
    return "type", column, np.arange(0)
