"""The folder of a study: who may use its files, the lock while one program saves, the revisions kept."""

from __future__ import annotations

import errno
import getpass
import os
import socket
import stat
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.errors import FileError, StudyError
from workbench.files import Rights, belongs_to, ensure_file, give, make_folder, note, rights_of, trouble, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filelock import BaseFileLock

# --- Who may use the files of a study: those who may use study.json, and whoever may write in its folder

STUDY_FILE = "study.json"
HISTORY_FOLDER = "history"
_GROUP = stat.S_IRGRP | stat.S_IWGRP
_GROUP_AND_OTHERS = (3, 0)  # how far their permissions stand from the right


def study_rights(place: Path) -> Rights | None:
    """Return the rights of every file of a study: those of study.json, open to the group that shares its folder.

    None where there is no study yet and nobody shares the folder: what is usual for a new file.
    """
    present = rights_of(place / STUDY_FILE)
    if present is not None:
        return present
    folder = _shared(place)
    return None if folder is None else Rights(group=folder.group, added=_GROUP)


def folder_rights(place: Path) -> Rights | None:
    """Return the rights of a folder inside a study's; None where nobody shares it."""
    folder = _shared(place)
    return None if folder is None else Rights(group=folder.group, added=_GROUP | stat.S_IXGRP | stat.S_ISGID)


def lock_rights(place: Path) -> Rights:
    """Return the rights of a study's lock: whoever may read the study and write in its folder may hold it."""
    folder, study = rights_of(place), rights_of(place / STUDY_FILE)
    readable = 0o666 if study is None or study.mode is None else study.mode
    mode = stat.S_IRUSR | stat.S_IWUSR
    if folder is None or folder.mode is None:
        return Rights(mode)
    for shift in _GROUP_AND_OTHERS:
        if readable >> shift & stat.S_IROTH:
            mode |= (stat.S_IROTH | folder.mode >> shift & stat.S_IWOTH) << shift
    return Rights(mode, group=folder.group)


@contextmanager
def told_how_to_share(place: Path) -> Iterator[None]:
    """Add to a refusal of the system what lets several people save in one folder."""
    try:
        yield
    except FileError as error:
        if error.errno not in (errno.EACCES, errno.EPERM):
            raise
        folders = [each for each in (place, place / HISTORY_FOLDER) if each.is_dir()]
        sticky = any(((rights_of(each) or Rights()).mode or 0) & stat.S_ISVTX for each in folders)
        why = "In a folder with the sticky bit people replace only files of their own. " if sticky else ""
        raise StudyError(
            error.message,
            f"{why}So that a group can share the study, its owner runs once: chgrp -R GROUP {place} && "
            f"chmod -R g+rwX {place} && chmod g+s{',-t' if sticky else ''} {' '.join(map(str, folders))}",
        ) from error


def _shared(place: Path) -> Rights | None:
    """Return the rights of a folder that is meant to be shared by a group, None of any other."""
    folder = rights_of(place)
    if folder is None or folder.mode is None:
        return None
    is_shared = folder.mode & stat.S_IWGRP and folder.mode & stat.S_ISGID
    return folder if is_shared else None


# --- The lock of a study's folder: one program saves at a time, and whoever waits is told for whom

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


# --- The revisions kept in a study's history folder

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
