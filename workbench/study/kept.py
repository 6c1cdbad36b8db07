"""The revisions kept in a study's history folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.study.files import remove_leftovers, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

HISTORY_FOLDER = "history"
KEPT_REVISIONS = 50


def revision_file(folder: Path, revision: int) -> Path:
    """Return where a revision is kept; the number is padded so that file lists sort by it."""
    return folder / HISTORY_FOLDER / f"{revision:08d}.json"


def kept_revisions(folder: Path) -> tuple[int, ...]:
    """Return the revisions kept, oldest first."""
    files = (folder / HISTORY_FOLDER).glob("*.json")
    return tuple(sorted(int(file.stem) for file in files if file.stem.isdecimal()))


def keep(folder: Path, revision: int, text: str, *, limit: int = KEPT_REVISIONS) -> None:
    """Keep a revision, and drop the oldest ones beyond the limit."""
    history = folder / HISTORY_FOLDER
    history.mkdir(exist_ok=True)
    remove_leftovers(history)
    # Not forced to disk: study.json is. A copy torn by a loss of power is passed over when restoring.
    write_atomically(revision_file(folder, revision), text, durable=False)
    for old in kept_revisions(folder)[:-limit]:
        revision_file(folder, old).unlink(missing_ok=True)
