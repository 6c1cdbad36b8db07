"""The revisions kept in a study's history folder."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from workbench.files import give, make_folder, write_text
from workbench.study.sharing import HISTORY_FOLDER, folder_rights, study_rights

if TYPE_CHECKING:
    from pathlib import Path

KEPT_REVISIONS = 50


def revision_file(folder: Path, revision: int) -> Path:
    """Return where a revision is kept; the number is padded so that file lists sort by it."""
    return folder / HISTORY_FOLDER / f"{revision:08d}.json"


def kept_revisions(folder: Path) -> tuple[int, ...]:
    """Return the revisions kept, oldest first."""
    files = (folder / HISTORY_FOLDER).glob("*.json")
    return tuple(sorted(int(file.stem) for file in files if file.stem.isdecimal()))


def keep(folder: Path, revision: int, text: str) -> None:
    """Keep a revision; all of them are for those who may read the study."""
    make_folder(folder / HISTORY_FOLDER, folder_rights(folder))
    rights = study_rights(folder)
    # Not forced to disk: study.json is. A copy torn by a loss of power is passed over when restoring.
    write_text(revision_file(folder, revision), text, durable=False, rights=rights)
    for number in kept_revisions(folder):
        with suppress(OSError):
            if rights is not None:
                give(revision_file(folder, number), rights)


def drop_oldest(folder: Path, *, limit: int = KEPT_REVISIONS) -> None:
    """Drop the oldest revisions beyond the limit."""
    for number in kept_revisions(folder)[:-limit]:
        with suppress(PermissionError):  # of another person, in a folder where only the owner deletes
            revision_file(folder, number).unlink(missing_ok=True)
