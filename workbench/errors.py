"""Errors of the pricing domain: each says what is wrong, where, with which value, and what usually helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class WorkbenchError(Exception):
    """Report a problem a user can act on; `advice` says how."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(f"{message} {advice}".strip())
        self.message = message
        self.advice = advice


class ChargeError(WorkbenchError, ValueError):
    """Refuse a charge, plan or price book that cannot be billed."""


class CurveError(WorkbenchError, ValueError):
    """Refuse a price curve that no rate card can follow."""


class StudyError(WorkbenchError):
    """Report a study that cannot be read, written or changed as asked."""


class FileError(WorkbenchError):
    """Report a file that cannot or may not be written; `errno` is what the system said, 0 when it was not asked."""

    def __init__(self, message: str, advice: str = "", errno: int = 0) -> None:
        super().__init__(message, advice)
        self.errno = errno


class MissingLibraryError(WorkbenchError, ImportError):
    """Name an optional program or library that is not installed, and how to get it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the input data, with the place, the value, what was expected and the remedy.

    `row` is the line number a person sees in the file (the header is line 1), or None when the
    problem is not about one row.
    """

    table: str
    file: str
    row: int | None
    column: str
    value: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        where = self.file + (f", row {self.row}" if self.row is not None else "")
        column = f", column {self.column}" if self.column else ""
        found = f": found {self.value!r}," if self.value else ":"
        return f"{where}{column}{found} expected {self.expected}. {self.remedy}"


class DataErrors(WorkbenchError):  # noqa: N818 - it carries many problems, and says so
    """Carry every problem found in the input data; `problems` lists them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        shown = "\n".join(f"- {problem}" for problem in self.problems[:20])
        more = f"\n... and {count - 20} more in .problems" if count > 20 else ""  # noqa: PLR2004 - one screenful
        super().__init__(f"The data has {count} {noun}:\n{shown}{more}")
