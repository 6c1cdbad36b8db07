"""Check a folder or workbook: what was understood, or every problem with its place and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.customers import CustomerBase
from workbench.errors import DataErrors
from workbench.spreadsheet import as_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.errors import Problem

HEADINGS = ("File", "Rows", "First rows", "Column", "Found", "Expected", "What to do")


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What a check found: the customer base, or the problems that keep it from being read."""

    path: Path
    base: CustomerBase | None
    problems: tuple[Problem, ...] = ()


def check_data(path: Path | str) -> DataCheck:
    """Read a folder or workbook and return its customer base, or every problem in it; never raises DataErrors."""
    place = Path(path).expanduser()
    try:
        return DataCheck(place, CustomerBase.load(place))
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


def problems_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """Return one row per cause: file, how many rows, the first of them (as a spreadsheet counts), and what to do."""
    return pd.DataFrame([_cells(problem) for problem in problems], columns=list(HEADINGS), dtype=object)


def problems_csv(problems: Sequence[Problem]) -> str:
    """Return the problems as CSV text to hand to whoever keeps the data; values a spreadsheet would run stay text."""
    table = problems_frame(problems)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + as_csv(table)  # the mark by which Excel knows UTF-8


def _cells(problem: Problem) -> tuple[str, ...]:
    expected = " ".join([problem.expected, *(f"Around it: {each}." for each in problem.neighbours[:1] if each)])
    return (
        problem.file, f"{problem.count:,}", problem.places, problem.column, problem.found, expected, problem.remedy
    )  # fmt: skip
