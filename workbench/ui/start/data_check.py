"""Check a folder or workbook: what was understood, or every problem with its place and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.customers import CustomerBase
from workbench.customers.check import problems_frame
from workbench.errors import DataErrors
from workbench.spreadsheet import as_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from workbench.errors import Problem


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What a check found: the customer base, or the problems that keep it from being read.

    `currency` is the one a sign such as $ was read as.
    """

    path: Path
    base: CustomerBase | None
    problems: tuple[Problem, ...] = ()
    currency: str = ""


def check_data(path: Path | str, currency: str = "") -> DataCheck:
    """Read a folder or workbook and return its customer base, or every problem in it; never raises DataErrors.

    `currency` is what amounts are in where the data names none, or only a sign such as $.
    """
    place = Path(path).expanduser()
    try:
        return DataCheck(place, CustomerBase.load(place, currency=currency), currency=currency.strip())
    except DataErrors as error:
        return DataCheck(place, None, error.problems)


def understood_frame(base: CustomerBase) -> pd.DataFrame:
    """Return one row per table: rows, accounts, first and last date, the columns with values, columns not read."""
    frame = base.coverage().frame()
    filled = [
        ", ".join(str(name) for name in base.frames[table].columns if base.frames[table][name].notna().any())
        for table in frame["table"]
    ]
    named = frame.assign(**{"columns read": filled}).rename(columns={"ignored columns": "columns not read"})
    order = ["table", "rows", "accounts", "first", "last", "columns read", "columns not read"]
    return named[order].rename(columns=str.capitalize)


def problems_csv(problems: Sequence[Problem]) -> str:
    """Return the problems as CSV text to hand to whoever keeps the data; values a spreadsheet would run stay text."""
    table = problems_frame(problems)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + as_csv(table)  # the mark by which Excel knows UTF-8
