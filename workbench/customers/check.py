"""Check a folder or workbook without raising, and write its problems as lines for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import problem_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.errors import Problem


def check(folder_or_workbook: str | Path) -> tuple[Problem, ...]:
    """Return every problem in the data; empty when it can be loaded."""
    from workbench.customers.base import read_all  # noqa: PLC0415 - reading loads much more than printing
    from workbench.customers.readers import read_source  # noqa: PLC0415 - as above

    return read_all(read_source(Path(folder_or_workbook)))[1]


def problems_text(problems: Sequence[Problem], limit: int | None = None) -> str:
    """Write each problem as one line; `limit` shows only the first ones and says so."""
    if not problems:
        return "No problems: the data can be loaded."
    rest = len(problems) - limit if limit is not None and len(problems) > limit else 0
    lines = [as_line(problem) for problem in problems[:limit]]
    return "\n".join(
        [*lines, "", f"{problem_count(problems)}." + (f" The last {rest:,} are not shown." if rest else "")]
    )


def as_line(problem: Problem) -> str:
    """Write a problem as one line; control characters of a broken file stay away from the terminal."""
    return "".join(character if character.isprintable() else " " for character in str(problem))
