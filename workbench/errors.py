"""Errors of the pricing domain: each says what is wrong, where, with which value, and what usually helps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# How much of a cause that occurs many times is named, and how many causes an exception writes out: one screenful.
ROWS_NAMED, VALUES_SHOWN, LINES_SHOWN = 5, 3, 20
_Any = TypeVar("_Any", bound="Problem")


class WorkbenchError(Exception):
    """Report a problem a user can act on; `advice` says how.

    Parameters
    ----------
    message
        What is wrong, where, and the value.
    advice
        What to do.

    Examples
    --------
    >>> from workbench import Charge, WorkbenchError
    >>> try:
    ...     Charge("seats", "per_unit")
    ... except WorkbenchError as error:
    ...     print(error.message, "-", error.advice)
    the per_unit charge on seats has no unit price. - Give unit_price; the per_unit model needs it.
    """

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


class UnreadableDataError(WorkbenchError):
    """Report data that cannot be read as a whole: a damaged file, a column that is not there."""


class FileError(WorkbenchError):
    """Report a file that cannot or may not be written; `errno` is what the system said, 0 when it was not asked."""

    def __init__(self, message: str, advice: str = "", errno: int = 0) -> None:
        super().__init__(message, advice)
        self.errno = errno


class MissingLibraryError(WorkbenchError, ImportError):
    """Name an optional program or library that is not installed, and how to get it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the input data: the place, the value, what was expected, the remedy.

    A cause that occurs more than once is one problem: `count` says how often, `row` and `value` are those of the first
    place, `rows` the first few places, `values` the first few differing values. `row` is the line number a person sees
    in the file (the header is line 1), or None when the problem is not about rows. `neighbours` says for each of `rows`
    what stands around it, where that helps to judge the value.
    """

    table: str
    file: str
    row: int | None
    column: str
    value: str
    expected: str
    remedy: str
    count: int = 1
    rows: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rows and self.row is not None:
            object.__setattr__(self, "rows", (self.row,))
        if not self.values and self.value:
            object.__setattr__(self, "values", (self.value,))

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        found = f": found {_first([repr(value) for value in self.values])}," if self.values else ":"
        around = "".join(f" {sentence}" for sentence in self.around)
        return f"{self.file}{self._where()}{column}{found} expected {self.expected}.{around} {self.remedy}".rstrip()

    @property
    def found(self) -> str:
        """Write the first differing values as they stand in the file."""
        return _first(self.values)

    @property
    def places(self) -> str:
        """Write the first rows, and that there are more: 2, 3, 4, 5, 6, ..."""
        return ", ".join(map(str, self.rows)) + (", ..." if self.count > len(self.rows) > 0 else "")

    @property
    def around(self) -> tuple[str, ...]:
        """Return a sentence for each of the first rows on what stands around it."""
        names = ["it"] if self.count == 1 else [f"row {row}" for row in self.rows]
        return tuple(f"Around {name}: {each}." for name, each in zip(names, self.neighbours, strict=False) if each)

    def _where(self) -> str:
        if not self.rows:
            return f", {self.count:,} times" if self.count > 1 else ""
        return f", {self.count:,} rows ({self.places})" if self.count > 1 else f", row {self.row}"


def _first(values: Sequence[str]) -> str:
    return ", ".join(values[:VALUES_SHOWN]) + (" and others" if len(values) > VALUES_SHOWN else "")


class DataFinding(Problem):
    """Something in the input data that deserves a look and can be right: the data is read as it stands."""

    __slots__ = ()


class MissingPlace(Problem):
    """A folder or workbook that is not there: no data is wrong, the place is."""

    __slots__ = ()


def grouped(problems: Iterable[_Any]) -> tuple[_Any, ...]:
    """Make one problem of all that have table, file, column, expectation and remedy in common."""
    causes: dict[tuple, _Cause[_Any]] = {}
    for each in problems:
        key = (type(each), each.table, each.file, each.column, each.expected, each.remedy)
        if key not in causes:
            causes[key] = _Cause(each)
        causes[key].add(each)
    return tuple(cause.problem() for cause in causes.values())


@dataclass(slots=True)
class _Cause(Generic[_Any]):
    """A cause while its places are gathered: how many, and the first of them."""

    first: _Any
    count: int = 0
    places: list[tuple[int, str]] = field(default_factory=list)
    values: dict[str, None] = field(default_factory=dict)

    def add(self, problem: _Any) -> None:
        self.count += problem.count
        if len(self.places) < ROWS_NAMED:
            around = problem.neighbours or ("",) * len(problem.rows)
            self.places += list(zip(problem.rows, around, strict=True))[: ROWS_NAMED - len(self.places)]
        if len(self.values) <= VALUES_SHOWN:
            self.values |= dict.fromkeys(problem.values)

    def problem(self) -> _Any:
        """Return the cause as one problem."""
        if self.count == self.first.count:
            return self.first
        around = tuple(text for _, text in self.places)
        return replace(
            self.first,
            count=self.count,
            rows=tuple(row for row, _ in self.places),
            values=tuple(self.values)[: VALUES_SHOWN + 1],
            neighbours=around if any(around) else (),
        )


class DataErrors(WorkbenchError):  # noqa: N818 - it carries many problems, and says so
    """Carry every problem found in the input data.

    Parameters
    ----------
    problems
        All of them, one for each cause.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench import CustomerBase, DataErrors
    >>> paid = pd.DataFrame({"account_id": ["A", "X"], "month": ["2024-01", "soon"], "amount": [50, 90]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid.assign(currency="USD")}
    >>> try:
    ...     CustomerBase.from_tables(tables)
    ... except DataErrors as errors:
    ...     print([(problem.column, problem.found) for problem in errors.problems])
    [('month', 'soon'), ('account_id', 'X')]
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = grouped(problems)
        shown = "\n".join(f"- {problem}" for problem in self.problems[:LINES_SHOWN])
        more = len(self.problems) - LINES_SHOWN
        rest = f"\n... and {more} more in .problems" if more > 0 else ""
        super().__init__(f"The data has {problem_count(self.problems)}:\n{shown}{rest}")


def problem_count(problems: Sequence[Problem]) -> str:
    """Say how many problems there are, and in how many places: 2 problems in 10,350 places."""
    places = sum(problem.count for problem in problems)
    words = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    return words if places == len(problems) else f"{words} in {places:,} places"
