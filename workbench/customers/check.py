"""Check a folder or workbook without raising, and write its problems as lines for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import problem_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from workbench.errors import Problem

HEADINGS = ("File", "Rows", "First rows", "Column", "Found", "Expected", "What to do")


def check(folder_or_workbook: str | Path, currency: str = "") -> tuple[Problem, ...]:
    """Return every problem in the data; empty when it can be loaded. `currency` is that of `CustomerBase.load`."""
    from workbench.customers.base import read_all  # noqa: PLC0415 - reading loads much more than printing
    from workbench.customers.readers import read_source  # noqa: PLC0415 - as above

    return read_all(read_source(Path(folder_or_workbook)), currency)[1]


def problems_text(problems: Sequence[Problem], limit: int | None = None) -> str:
    """Write each problem as one line; `limit` shows only the first ones and says so."""
    if not problems:
        return "No problems: the data can be loaded."
    rest = len(problems) - limit if limit is not None and len(problems) > limit else 0
    lines = [as_line(problem) for problem in problems[:limit]]
    return "\n".join(
        [*lines, "", f"{problem_count(problems)}." + (f" The last {rest:,} are not shown." if rest else "")]
    )


def problems_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """Return one row per cause: where, how many rows, the first of them (as a spreadsheet counts), and what to do."""
    import pandas as pd  # noqa: PLC0415 - printing needs no frame

    return pd.DataFrame([_cells(problem) for problem in problems], columns=list(HEADINGS), dtype=object)


def _cells(problem: Problem) -> tuple[str, ...]:
    around = "".join(f" {sentence}" for sentence in problem.around)
    expected = f"{problem.expected}.{around}" if around else problem.expected
    return (
        problem.file, f"{problem.count:,}", problem.places, problem.column, problem.found, expected, problem.remedy
    )  # fmt: skip


def as_line(problem: Problem) -> str:
    """Write a problem as one line; control characters of a broken file stay away from the terminal."""
    return "".join(character if character.isprintable() else " " for character in str(problem))
