"""What in the data deserves a look and can be right: every detector, and how it writes what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers.cell_text import cause
from workbench.customers.names import names_apart
from workbench.customers.neighbours import neighbours
from workbench.customers.outliers import outliers
from workbench.customers.tables import TABLES
from workbench.customers.template import GUIDE
from workbench.errors import DataFinding, grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workbench.customers.base import CustomerBase
    from workbench.customers.suspect import SomeTables, Suspect

    Detector = Callable[[SomeTables], Iterator[Suspect]]
    """Takes a customer base and yields cells that deserve a look, with the words for it."""


def find(base: CustomerBase) -> tuple[DataFinding, ...]:
    """Return what every detector finds in a base, one finding for each cause, and the files nobody read."""
    found = [finding for detector in DETECTORS for suspect in detector(base) for finding in _told(base, suspect)]
    return (*grouped(found), *_unread_files(base))


def _told(base: CustomerBase, suspect: Suspect) -> list[DataFinding]:
    """Write the cells of one cause, with rows as in their file and what stands around them."""
    frame, lines = base.frames[suspect.table], base.lines(suspect.table).to_numpy()
    cells = frame[suspect.column]
    around = neighbours(TABLES[suspect.table], frame, cells, suspect.rows, lines) if suspect.in_context else ()
    file = base.origins[suspect.table].file if suspect.table in base.origins else suspect.table
    problems = cause(
        (suspect.table, file, suspect.column),
        lines[suspect.rows],
        cells.iloc[suspect.rows],
        expected=suspect.expected,
        remedy=suspect.remedy,
        neighbours=around,
        kind=DataFinding,
    )
    return [each for each in problems if isinstance(each, DataFinding)]


def _unread_files(base: CustomerBase) -> Iterator[DataFinding]:
    """Name the files and sheets whose names mean no table."""
    remedy = "It was not read. Name it after a table when it holds one."
    for name in base.ignored_files:
        if name != GUIDE:
            yield DataFinding("", name, None, "", "", "a file or sheet named after a table", remedy)


DETECTORS: tuple[Detector, ...] = (outliers, names_apart)
