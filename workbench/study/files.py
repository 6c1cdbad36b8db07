"""Write a file so that a reader finds the old one or the new one, whole, whenever the program stops."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TEMPORARY = ".writing-"


def write_atomically(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file's content at once; with `durable` it survives a loss of power from here on."""
    # The temporary file lies in the same folder, because only there is the renaming atomic.
    temporary = path.with_name(f"{_TEMPORARY}{path.name}-{os.getpid()}")
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    temporary.replace(path)
    if durable:
        _sync_folder(path.parent)


def remove_leftovers(folder: Path) -> None:
    """Delete what writers that were stopped midway have left behind; call it under the folder's lock."""
    for leftover in folder.glob(f"{_TEMPORARY}*"):
        leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and renaming is durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
