"""Which files may be replaced: those the workbench wrote itself. A study and what a result is made from never are."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import FileError
from workbench.files import check_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GENERATOR = "pricing-design-workbench"
PDF_MARK = f"\n% {GENERATOR}\n".encode()  # a comment after the end, which readers pass over
_HEAD, _LONGEST_PROPERTIES = 1 << 18, 1 << 16
_RESULTS_MARK = f'"generator": "{GENERATOR}"'.encode()
_PAGE_MARK = f'<meta name="generator" content="{GENERATOR}">'.encode()
# A spreadsheet that saves the workbook puts its user's name here, so what somebody worked on counts as theirs.
_WORKBOOK_MARK = re.compile(rb"<(\w+:)?lastModifiedBy>" + GENERATOR.encode() + rb"</")
_STUDY = re.compile(r"study\.json|study\.replaced-\d+\.json|\.study\.lock.*", re.IGNORECASE)
KINDS = {".html": "a web page", ".pdf": "a PDF", ".xlsx": "an Excel file", ".csv": "a CSV file", ".json": "a JSON file"}


def check_output(
    path: Path,
    *endings: str,
    inputs: Iterable[Path | None] = (),
    force: bool = False,
    content: bytes | None = None,
) -> None:
    """Refuse to write a file that would replace what must not be lost; FileError says what it is.

    Parameters
    ----------
    path
        The file to write. A symbolic link counts as the file it leads to.
    endings
        How the name may end; any way when none is named.
    inputs
        Files the result is made from, and folders of such files: never replaced, nor joined by what would be read as
        one of them.
    force
        Replace a file that the workbench did not write, unless it is a customer's table.
    content
        What will be written. A file whose lines are all among its lines can be replaced, as an empty one can: nothing
        is lost.

    """
    check_place(path)
    target = Path(os.path.realpath(path))
    if endings and path.suffix.lower() not in endings:
        raise FileError(f"{path.name} is no name of {KINDS[endings[0]]}.", f"End it in {endings[0]}.")
    if _belongs_to_a_study(target):
        raise FileError(f"{path} belongs to a study, which is never replaced.", "Name another file.")
    given = [Path(os.path.realpath(each)) for each in inputs if each is not None]
    if target in given:
        raise FileError(f"{path} is what this is made from, and never replaced.", "Name another file.")
    folders = [each for each in given if each.is_dir()]
    if target.parent in folders and target.suffix.lower() in _readable():
        raise FileError(f"{path} would be read as data, where this is made from.", "Name another folder.")
    if not target.exists() or _keeps_all(target, content or b""):
        return
    ours = _is_ours(target, path.suffix.lower())
    if not ours and any(target.is_relative_to(each) for each in folders):
        raise FileError(f"{path} is among the data this is made from, and never replaced.", "Name another file.")
    if _is_customers(target, ours=ours):
        raise FileError(f"{path} is a table of customers' data, which is never replaced.", "Name another file.")
    if not force and not ours:
        raise FileError(
            f"{path} is there already, and was not written by the workbench.",
            "Name another file, move that one away, or replace it with --force (in a script: force=True).",
        )


def check_outputs(
    outputs: Iterable[tuple[Path | None, tuple[str, ...]]], *, inputs: Iterable[Path | None] = (), force: bool = False
) -> None:
    """Check several files of one result, each with its endings; None stands for one that is not asked for."""
    sources = tuple(inputs)
    places: dict[str, Path] = {}
    for path, endings in outputs:
        if path is None:
            continue
        check_output(path, *endings, inputs=sources, force=force)
        other = places.setdefault(os.path.realpath(path), path)
        if other is not path:
            raise FileError(f"{other} and {path} are one file.", "Name a file for each.")


def check_table(path: Path, content: bytes, *, force: bool = False) -> None:
    """Refuse to write a CSV table over one with rows that are not all in it, even with force, or as `check_output`."""
    check_place(path)
    if path.is_file() and _has_rows(path) and not _keeps_all(path, content):
        raise FileError(f"{path} is a table with rows that the new one lacks.", "Choose an empty folder.")
    check_output(path, ".csv", content=content, force=force)


def _has_rows(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(file.readline()) and any(line.strip() for line in file)


def _readable() -> tuple[str, ...]:
    from workbench.customers.readers import PARQUET, TEXT_FILES, WORKBOOKS  # noqa: PLC0415 - it writes files, too

    return (*TEXT_FILES, *WORKBOOKS, *PARQUET)


def _is_customers(path: Path, *, ours: bool) -> bool:
    from workbench.customers.recognise import holds_customer_table  # noqa: PLC0415 - as above

    return path.suffix.lower() in _readable() and holds_customer_table(path, exactly=ours)


def _belongs_to_a_study(path: Path) -> bool:
    is_revision = path.parent.name == "history" and path.stem.isdecimal()
    return bool(_STUDY.fullmatch(path.name)) or (is_revision and (path.parent.parent / "study.json").exists())


def _keeps_all(path: Path, content: bytes) -> bool:
    if not path.stat().st_size:
        return True
    return bool(content) and set(path.read_bytes().splitlines()) <= set(content.splitlines())


def _is_ours(path: Path, ending: str) -> bool:
    """Tell whether a file carries the mark of the workbench."""
    try:
        return _MARKED.get(ending, lambda _path: False)(path)
    except (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile):
        return False


def _is_marked_page(path: Path) -> bool:
    return _begins_with(path, _PAGE_MARK)


def _is_marked_document(path: Path) -> bool:
    return _begins_with(path, _RESULTS_MARK)


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return mark in file.read(_HEAD)


def _is_marked_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(PDF_MARK)))
        return file.read() == PDF_MARK


def _is_marked_workbook(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        properties = archive.getinfo("docProps/core.xml")
        return properties.file_size < _LONGEST_PROPERTIES and bool(_WORKBOOK_MARK.search(archive.read(properties)))


PAGE = (".html", ".htm")
_MARKED: dict[str, Callable[[Path], bool]] = {
    ".html": _is_marked_page,
    ".htm": _is_marked_page,
    ".pdf": _is_marked_pdf,
    ".xlsx": _is_marked_workbook,
    ".json": _is_marked_document,
}
