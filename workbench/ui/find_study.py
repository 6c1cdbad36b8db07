"""Find the study a notebook works on, and say which one that is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.files import write_text
from workbench.input_files import InputFileError, read_bytes
from workbench.study.sharing import STUDY_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

STUDIES = "studies"
CURRENT = ".current"
VARIABLE = "WORKBENCH_STUDY"


def find_study(
    path: Path | str | None = None, start: Path | None = None, environment: Mapping[str, str] | None = None
) -> Path:
    """Return the folder of a study.

    `path` is a study's folder or its name under `studies/`. Without it: the one the environment variable
    WORKBENCH_STUDY names, else the one opened last (`make_current`), else the one saved last. Looks in `start` (the
    working directory unless named) and in the folders above it. StudyError lists the studies there are.
    """
    here = (start or Path.cwd()).resolve()
    named = (os.environ if environment is None else environment).get(VARIABLE, "").strip() if path is None else ""
    if path is not None or named:
        return _named(here, path or named, f" (named by {VARIABLE})" if named else "")
    shelves = _shelves(here)
    known = studies_on(shelves[0]) if shelves else ()
    if not known:
        raise StudyError(
            f"There is no study in {here / STUDIES}.", "Open 00_start_here and make one, or name its folder."
        )
    current = _current(shelves[0])
    return current if current in known else max(known, key=lambda folder: (folder / STUDY_FILE).stat().st_mtime_ns)


def find_workspace(start: Path | str | None = None) -> Path:
    """Return the folder that holds `studies/`: `start` (the working directory unless named) or the nearest above it.

    Where there is none yet, it is `start` itself.
    """
    here = Path(start or Path.cwd()).resolve()
    shelves = _shelves(here)
    return shelves[0].parent if shelves else here


def studies_on(shelf: Path) -> tuple[Path, ...]:
    """Return the folders of the studies that lie in a folder such as `studies/`, by name."""
    return tuple(file.parent for file in sorted(shelf.glob(f"*/{STUDY_FILE}")))


def make_current(folder: Path | str) -> None:
    """Make the study in a folder the one that `open_study()` opens; StudyError when there is none.

    A study that does not lie in a `studies` folder is opened by naming it, so nothing is kept for it.
    """
    place = Path(folder).resolve()
    if not (place / STUDY_FILE).is_file():
        raise StudyError(f"There is no study in {place} (no {STUDY_FILE}).")
    if place.parent.name == STUDIES:
        write_text(place.parent / CURRENT, place.name + "\n")


def _named(here: Path, path: Path | str, origin: str) -> Path:
    shelves = _shelves(here)
    for folder in (here / path, *(shelf / path for shelf in shelves)):
        if (folder / STUDY_FILE).is_file():
            return folder
    names = ", ".join(folder.name for shelf in shelves for folder in studies_on(shelf)) or "none"
    raise StudyError(f"There is no study {str(path)!r}{origin} in {here}.", f"Studies found: {names}.")


def _shelves(here: Path) -> list[Path]:
    return [folder / STUDIES for folder in (here, *here.parents) if (folder / STUDIES).is_dir()]


def _current(shelf: Path) -> Path | None:
    try:
        name = read_bytes(shelf / CURRENT).decode().strip()
    except (OSError, InputFileError, UnicodeDecodeError):
        return None
    return shelf / name if name else None
