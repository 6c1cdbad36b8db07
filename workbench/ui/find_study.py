"""Find the study a notebook works on."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import StudyError
from workbench.study.store import STUDY_FILE

STUDIES = "studies"


def find_study(path: Path | str | None = None, start: Path | None = None) -> Path:
    """Return the folder of a study.

    `path` is a study's folder or its name under `studies/`; without it, the study saved last. Looks in `start` (the
    working directory unless named) and in the folders above it. StudyError lists the studies there are.
    """
    here = (start or Path.cwd()).resolve()
    shelves = [folder / STUDIES for folder in (here, *here.parents) if (folder / STUDIES).is_dir()]
    if path is None:
        known = _studies(shelves[:1])
        if known:
            return max(known, key=lambda folder: (folder / STUDY_FILE).stat().st_mtime_ns)
        raise StudyError(
            f"There is no study in {here / STUDIES}.", "Open 00_start_here and make one, or name its folder."
        )
    candidates = [here / path, *(shelf / path for shelf in shelves)]
    for folder in candidates:
        if (folder / STUDY_FILE).is_file():
            return folder
    names = ", ".join(folder.name for folder in _studies(shelves)) or "none"
    raise StudyError(f"There is no study {str(path)!r} in {here}.", f"Studies found: {names}.")


def _studies(shelves: list[Path]) -> list[Path]:
    return [file.parent for shelf in shelves for file in sorted(shelf.glob(f"*/{STUDY_FILE}"))]
