"""Many answer files, one per respondent, read into one table per method that the customer base loads."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.readers import read_file
from workbench.customers.survey_tables import SURVEY_TABLES
from workbench.customers.validate import read_table
from workbench.errors import DataErrors, FileError, Problem
from workbench.files import write_bytes
from workbench.formatting import count
from workbench.outputs import check_table
from workbench.research.errors import ResearchError
from workbench.results import Caution
from workbench.spreadsheet import csv_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = sorted((table.name for table in SURVEY_TABLES), key=len, reverse=True)


@dataclass(frozen=True, eq=False)
class CombinedAnswers:
    """The answers of all files by survey table; `files` were read, `ignored` are no answer files, `repeated` copies.

    Cautions name tables in which answers to different questionnaires stand together.
    """

    tables: Mapping[str, pd.DataFrame]
    files: int
    ignored: tuple[str, ...]
    repeated: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()
    place: Path | None = None

    @property
    def respondents(self) -> dict[str, int]:
        """Count the respondents of each table."""
        return {name: int(frame["respondent"].nunique()) for name, frame in self.tables.items()}

    def save(self, folder: Path | str, *, force: bool = False) -> tuple[Path, ...]:
        """Write one CSV file per table, named as the customer base expects it; return the files.

        A table that is there already is replaced where the new one has all its rows, another one with rows never, and
        what else is there only with `force`: FileError says so, and nothing is written then. The folder the answers
        come from is refused.
        """
        place = Path(folder)
        if self.place is not None and Path(os.path.realpath(place)).is_relative_to(os.path.realpath(self.place)):
            raise FileError(
                f"{place} is where the answers come from; the tables would be read as answers the next time.",
                "Name another folder.",
            )
        contents = {place / f"{name}.csv": csv_bytes(frame) for name, frame in self.tables.items()}
        for path, content in contents.items():
            check_table(path, content, force=force)
        return tuple(write_bytes(path, content) for path, content in contents.items())


def combine_answers(folder: Path | str) -> CombinedAnswers:
    """Read a folder of answer files (subfolders too) into one table per method.

    A file belongs to a table when its name begins with the table's name, as questionnaires write it and however a
    browser numbers copies. Files with the same content count once. Raises DataErrors with every problem in any file,
    among them a respondent who answered twice with different answers; ResearchError when there is no answer file.
    """
    place = Path(folder)
    if not place.is_dir():
        raise ResearchError(f"There is no folder {place}.", "Name the folder that holds the answer files.")
    paths = sorted(path for path in place.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    known = [(path, table) for path in paths if (table := _table_of(path))]
    ignored = tuple(str(path.relative_to(place)) for path in paths if not _table_of(path))
    if not known:
        raise ResearchError(
            f"{place} holds no answer file.", f"Their names begin with {', '.join(sorted(_NAMES))} and end with .csv."
        )
    problems: list[Problem] = []
    parts: dict[str, list[tuple[str, pd.DataFrame]]] = {}
    seen: set[tuple[str, bytes]] = set()
    repeated = []
    for path, table in known:
        name = str(path.relative_to(place))
        if (content := (table, path.read_bytes())) in seen:
            repeated.append(name)
            continue
        seen.add(content)
        frame, wrong = _read(path, table, name)
        problems += wrong
        if frame is not None:
            parts.setdefault(table, []).append((name, frame))
    for table, frames in parts.items():
        problems += _answered_twice(table, frames)
    if problems:
        raise DataErrors(problems)
    tables = {table: _together([frame for _, frame in frames]) for table, frames in sorted(parts.items())}
    cautions = tuple(caution for table, frame in tables.items() for caution in _mixed_designs(table, frame))
    return CombinedAnswers(tables, len(known), ignored, tuple(repeated), cautions, place)


def _table_of(path: Path) -> str:
    """Return the survey table a file name begins with, "" when none."""
    if path.suffix.lower() != ".csv":
        return ""
    return next((name for name in _NAMES if path.name.lower().startswith(name)), "")


def _read(path: Path, table: str, name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    source = read_file(path, table)
    problems = list(source.problems)
    frame = None
    for raw in source.tables:
        read = read_table(raw)
        problems += read.problems
        frame = read.frame
    named = [
        Problem(each.table, name, each.row, each.column, each.value, each.expected, each.remedy) for each in problems
    ]
    return (None if named else frame), named


def _answered_twice(table: str, frames: list[tuple[str, pd.DataFrame]]) -> Iterator[Problem]:
    """Yield a problem for every respondent who is in several files."""
    first: dict[str, str] = {}
    for name, frame in frames:
        for who in frame["respondent"].dropna().unique():
            if who in first:
                yield Problem(
                    table, name, None, "respondent", str(who), "each respondent in one file",
                    f"{first[who]} holds other answers of {who}: keep one of the two files, or give one another code.",
                )  # fmt: skip
            else:
                first[who] = name


def _mixed_designs(table: str, frame: pd.DataFrame) -> Iterator[Caution]:
    """Yield a caution when answers come from several questionnaires, which a version names before its dash."""
    if "version" not in frame:
        return
    designs = frame["version"].dropna().astype(str).str.extract(r"^(.+)-\d+$")[0]
    people = frame["respondent"].groupby(designs).nunique()
    if len(people) > 1:
        each = ", ".join(f"{name} ({count('respondent', number)})" for name, number in people.items())
        yield Caution(f"{table} holds answers to different questionnaires: {each}. Ask whether they can be compared.")


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables below each other; columns nobody filled in are left out, those of only some are kept blank."""
    names = dict.fromkeys(name for frame in frames for name in frame.columns)
    columns = {}
    for name in names:
        pieces = [frame[name] if name in frame else pd.Series([None] * len(frame), dtype=object) for frame in frames]
        if all(piece.isna().all() for piece in pieces):
            continue
        dtypes = {piece.dtype for piece in pieces if piece.notna().any()}
        known = pd.concat([piece.astype(object) for piece in pieces], ignore_index=True)
        columns[name] = known.astype(dtypes.pop()) if len(dtypes) == 1 else _plain(known)
    return pd.DataFrame(columns)


def _plain(values: pd.Series) -> pd.Series:
    """Return numbers where all known values are numbers, else texts."""
    numbers = pd.to_numeric(values, errors="coerce")
    if not (values.notna() & numbers.isna()).any():
        return numbers
    return values.where(values.notna(), np.nan).map(str, na_action="ignore")
