"""The lock of a study's folder: one program saves at a time, and whoever waits is told for whom."""

from __future__ import annotations

import errno
import getpass
import os
import socket
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.errors import FileError, StudyError
from workbench.files import belongs_to, ensure_file, note, trouble
from workbench.study.sharing import lock_rights, told_how_to_share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

LOCK_FILE = ".study.lock"
# Where the file system has no locks, a file that is there while somebody saves stands for one. It has a name of its
# own, because the other one stays where it is.
MARKER = ".study.lock.held"
PATIENCE = 20.0
"""Seconds to wait for another program, which needs a fraction of one to save."""
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)
_EMPTY_FOR = 5.0  # seconds after which a marker that names nobody belongs to a program stopped while it wrote it


class StudyBusyError(StudyError):
    """Report that another program is saving the study and has not finished."""


@contextmanager
def locked(place: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a study's folder; StudyBusyError says who held it for `patience` seconds."""
    with told_how_to_share(place):
        lock = _acquired(place, patience)
        try:
            yield
        finally:
            lock.release()


def _acquired(place: Path, patience: float) -> BaseFileLock:
    from filelock import FileLock, SoftFileLock, Timeout  # noqa: PLC0415 - only saving needs it

    path, marker = place / LOCK_FILE, place / MARKER
    rights = lock_rights(place)
    ensure_file(path, rights)
    lock: BaseFileLock = FileLock(path, timeout=patience, fallback_to_soft=False)
    try:
        try:
            lock.acquire()
            note(path, f"{os.getpid()}\n{socket.gethostname()}\n{_user()}\n")
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            _remove_if_empty(marker)
            lock = SoftFileLock(marker, timeout=patience, mode=rights.mode or 0o644)
            lock.acquire()
    except Timeout as error:
        raise _busy(place, path if lock.lock_file == str(path) else marker) from error
    except OSError as error:
        raise _refused(error, path) from error
    return lock


def _remove_if_empty(marker: Path) -> None:
    with suppress(OSError):
        found = marker.stat()
        if not found.st_size and time.time() - found.st_mtime > _EMPTY_FOR:
            marker.unlink()


def _busy(place: Path, lock: Path) -> StudyBusyError:
    who, since = _holder(lock)
    message = f"{who} has been saving the study in {place}{since}, and holds its lock {lock}."
    advice = "Close it or try again; your change is still here, not yet saved."
    if lock.name == MARKER:  # what a system's lock never needs: it goes with its program
        advice += f" Where that program no longer runs, delete {lock}."
    return StudyBusyError(message, advice)


def _holder(lock: Path) -> tuple[str, str]:
    """Say which program holds a lock, and since when."""
    try:
        process, host, user = (*lock.read_text(encoding="utf-8").splitlines(), "", "", "")[:3]
        since = f" since {datetime.fromtimestamp(lock.stat().st_mtime).astimezone():%Y-%m-%d %H:%M:%S}"
        if lock.name == MARKER:  # its third line is no name, but whoever made it holds it
            user = lock.owner()
    except (OSError, ValueError, KeyError, NotImplementedError):
        return "Another program", ""
    if not process.isdecimal():
        return "Another program", since
    return f"Process {process}{f' of {user}' if user else ''} on {host}", since


def _refused(error: OSError, path: Path) -> FileError:
    if error.errno != errno.EACCES:
        return trouble(error, path)
    owner = belongs_to(path)
    return FileError(f"{path}{owner and f'{owner},'} may not be written.", "", errno.EACCES)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
