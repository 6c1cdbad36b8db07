"""Keep files handed over in the workspace, and check a folder or workbook."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from workbench.customers.base import CustomerBase
from workbench.customers.readers import PARQUET, TEXT_FILES, WORKBOOKS
from workbench.errors import DataErrors, Problem, WorkbenchError
from workbench.files import write_bytes
from workbench.rendering.widgets import LIMIT, TakenFile
from workbench.study.model import slug
from workbench.workspace import SAMPLE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


# --- Keep files a person handed over in a folder of the workspace

DATA = "data"
REPLACED = "replaced"
KINDS = (*TEXT_FILES, *WORKBOOKS, *PARQUET)
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*]')


def keep_files(files: Iterable[TakenFile], workspace: Path | str, name: str) -> tuple[Path, ...]:
    """Write files to `data/<name>/` of a workspace and return their paths.

    A file of the same name and other content is kept in the folder `replaced` beside it, which no table is read from.
    WorkbenchError refuses an empty name, the sample's folder, files of a kind that no table can be read from, and
    workbooks that unpack to more than a file may have; nothing is written then.
    """
    if not name.strip():
        raise WorkbenchError("The data needs a name.", "Type one, such as your company's.")
    folder = Path(workspace) / DATA / slug(name)
    if folder.name == SAMPLE_NAME:
        raise WorkbenchError("data/sample holds the sample company.", "Choose another name for your data.")
    given = [(_file_name(file.name), file.content) for file in files]
    refused = [file_name for file_name, _ in given if Path(file_name).suffix.lower() not in KINDS]
    if refused:
        raise WorkbenchError(
            f"{', '.join(refused)} cannot be read as a table.", f"Give files that end in {', '.join(KINDS)}."
        )
    for file_name, content in given:
        size = _unpacked(content)
        if size > LIMIT:
            raise WorkbenchError(
                f"{file_name} unpacks to {size >> 20:,} MB, more than the {LIMIT >> 20} MB a file may have.",
                "Put it into a folder on this machine and name the folder instead.",
            )
    for file_name, content in given:
        _keep_earlier(folder / file_name, content)
        write_bytes(folder / file_name, content)
    return tuple(folder / file_name for file_name, _ in given)


def _keep_earlier(path: Path, content: bytes) -> None:
    """Put a copy of a file aside that is about to be replaced by something else."""
    if path.is_file() and (earlier := path.read_bytes()) != content:
        names = (f"{path.stem}-{number}{path.suffix}" for number in range(1, 10_000))
        write_bytes(next(each for name in names if not (each := path.parent / REPLACED / name).exists()), earlier)


def _unpacked(content: bytes) -> int:
    """Return how many bytes a file has once it is unpacked; a damaged one counts as it is, its reader says why."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return len(content)


def _file_name(name: str) -> str:
    """Return the bare name of a file, whichever system's path it came with."""
    return _UNSAFE.sub("_", PurePosixPath(PureWindowsPath(name).name).name).lstrip(".") or "file"


# --- Check a folder or workbook: what was understood, or every problem with its place and remedy


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
