"""Read and write files safely: the old one or the new one, whole.

Only ordinary files, and JSON read in one way; and where the files that come with the package lie.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import secrets
import shutil
import socket
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import FileError, WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

# --- Write files so that a reader finds the old one or the new one, whole, whenever the program stops

_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
_TEMPORARY = re.compile(r"\.?writing-(?:([0-9a-f]{8})-(\d+)-[0-9a-f]{8}|.+-(\d+))")  # the second as version 0.1 wrote
_FORGOTTEN = 24 * 3600  # seconds after which a temporary file of another machine counts as left behind
_NOBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_ELSEWHERE = "Free some space, or name a place on another disk."
_ALLOWED = "Name a place you may write to, and close the file where another program has it open."
_REASONS = {
    errno.ENOSPC: ("the disk is full", _ELSEWHERE),
    errno.EDQUOT: ("your share of the disk is used up", _ELSEWHERE),
    errno.EFBIG: ("it would be larger than a file may be here", _ELSEWHERE),
    errno.EROFS: ("the disk can only be read", "Name a place on another disk."),
    errno.ENAMETOOLONG: ("its name is too long", "Name a shorter one."),
    errno.ELOOP: ("its links lead in a circle", "Name the file itself."),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may use a file: its permissions (None: what is usual for a new file), `added` ones, owner and group."""

    mode: int | None = None
    owner: int = -1
    group: int = -1
    added: int = 0


def write_text(path: Path, text: str, *, durable: bool = True, rights: Rights | None = None) -> Path:
    """Replace a file's content by text in UTF-8 at once, and return its path."""
    return write_bytes(path, text.encode(), durable=durable, rights=rights)


def write_bytes(path: Path, content: bytes, *, durable: bool = True, rights: Rights | None = None) -> Path:
    """Replace a file's content at once, and return its path; with `durable` it survives a loss of power from here."""
    with replacing(path, durable=durable, rights=rights) as temporary:
        temporary.write_bytes(content)
    return path


@contextmanager
def replacing(path: Path, *, durable: bool = True, rights: Rights | None = None, hidden: bool = True) -> Iterator[Path]:
    """Give the name of a temporary file to write to, which takes the place of `path` when the block ends well.

    `rights` None keeps those of the file that is there. Raises FileError when it cannot be written.
    """
    target = Path(os.path.realpath(path))
    with told(path):
        _refuse_what_is_no_file(path, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target.parent)
        kept = rights or rights_of(target) or Rights()
        # In the same folder, because only there is the renaming atomic.
        temporary = _temporary(target.parent, hidden=hidden)
        try:
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, (kept.mode or 0o666) & 0o777 | 0o200))
            yield temporary
            give(temporary, kept)
            if durable:
                _sync(temporary)
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if durable:
            _sync_folder(target.parent)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder of files; its copy appears all at once, and one that is there already stays."""
    with told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target.parent)
        temporary = _temporary(target.parent)
        try:
            for file in sorted(source.rglob("*")):
                if file.is_file():
                    copy = temporary / file.relative_to(source)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(file.read_bytes())
                    _sync(copy)
            if not target.exists():
                temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def make_folder(path: Path, rights: Rights | None = None) -> Path:
    """Make a folder where there is none, and return it; a new one gets the `rights`."""
    with told(path):
        is_new = not path.is_dir()
        path.mkdir(parents=True, exist_ok=True)
        if rights is not None and (is_new or rights.added):
            with suppress(PermissionError):
                give(path, rights)
    return path


def ensure_file(path: Path, rights: Rights) -> None:
    """Make an empty file where there is none; a file of one's own gets the `rights` in any case."""
    with told(path):
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights.mode or 0o666))
        with suppress(PermissionError):
            give(path, rights)


def note(path: Path, text: str) -> None:
    """Write a few words into a file that stays the same file, such as a lock; not being able to is no trouble."""
    with suppress(OSError), path.open("r+", encoding="utf-8") as file:
        file.truncate()
        file.write(text)


def rights_of(path: Path) -> Rights | None:
    """Return who may use a file, None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Rights(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)


def give(path: Path, rights: Rights) -> None:
    """Give a file its rights; a group that cannot be given gets no more than everybody has."""
    present = path.stat()
    mode = (stat.S_IMODE(present.st_mode) if rights.mode is None else rights.mode) | rights.added
    if hasattr(os, "chown"):
        if rights.owner not in (-1, present.st_uid):
            with suppress(PermissionError):
                os.chown(path, rights.owner, -1)
        if rights.group not in (-1, present.st_gid):
            try:
                os.chown(path, -1, rights.group)
            except PermissionError:
                mode &= ~0o070 | (mode & 0o007) << 3
    if mode != stat.S_IMODE(path.stat().st_mode):
        path.chmod(mode)


def check_place(path: Path) -> None:
    """Refuse a place nothing can be written to, as far as that is known before; FileError says why."""
    target = Path(os.path.realpath(path))
    with told(path):
        _refuse_what_is_no_file(path, target)
        folder = _nearest(target.parent)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            is_read_only = hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY
            raise OSError(errno.EROFS if is_read_only else errno.EACCES, os.strerror(errno.EACCES))


def remove_leftovers(folder: Path) -> None:
    """Delete what writers that were stopped midway have left behind; those of running programs stay."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            found = _TEMPORARY.fullmatch(entry.name)
            if found and _is_left_behind(entry, found[1] or _HOST, int(found[2] or found[3])):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink(missing_ok=True)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the system says about writing `path` into a FileError: which file, why, and what to do."""
    try:
        yield
    except OSError as error:
        raise trouble(error, path) from error


def trouble(error: OSError, path: Path) -> FileError:
    """Return the error to show for what the system said about writing `path`."""
    folder = _nearest(Path(os.path.realpath(path)).parent)
    reason, advice = _REASONS.get(error.errno or 0, ((error.strerror or str(error)).lower(), _ALLOWED))
    if not folder.is_dir():
        reason, advice = f"{folder} is a file, not a folder", "Name a place in a folder."
    elif error.errno in (errno.EACCES, errno.EPERM):
        reason = f"writing is not allowed in {folder}{belongs_to(folder)}"
    with suppress(OSError):
        if path.is_file():
            reason += "; what was there is as it was"
    return FileError(f"{path} could not be written: {reason}.", advice, error.errno or 0)


def is_about_space(error: OSError) -> bool:
    """Tell whether the system refused for want of space, whatever was written."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def belongs_to(path: Path) -> str:
    """Say whose a file or folder is, "" when it is one's own or nobody can tell."""
    try:
        owner = path.stat().st_uid
        return f", which belongs to {_user_name(path, owner)}" if owner != os.geteuid() else ""
    except (OSError, AttributeError, NotImplementedError):
        return ""


def _user_name(path: Path, number: int) -> str:
    try:
        return path.owner()
    except KeyError:  # as of a container's user, or of one who left
        return f"user {number}"


def _refuse_what_is_no_file(path: Path, target: Path) -> None:
    """Refuse folders, devices, pipes, and files that nobody may write."""
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise FileError(f"{path} is a folder.", f"Name a file in it, such as {path / 'new'}.", errno.EISDIR)
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if not stat.S_ISREG(mode):
        raise FileError(f"{path} is a device or a pipe, not a file.", "Name an ordinary file.", errno.EINVAL)
    if not mode & _NOBODY_WRITES:
        raise FileError(f"{path} is protected against writing.", "Lift that, or name another file.")


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next((each for each in (folder, *folder.parents) if os.path.lexists(each)), folder)


def _temporary(folder: Path, *, hidden: bool = True) -> Path:
    return folder / f"{'.' if hidden else ''}writing-{_HOST}-{os.getpid()}-{secrets.token_hex(4)}"


def _is_left_behind(entry: os.DirEntry[str], host: str, process: int) -> bool:
    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _FORGOTTEN:
        return True
    if host != _HOST or os.name != "posix":  # elsewhere asking for a process could end it
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return False


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and renaming is durable by itself
        return
    with suppress(OSError):  # some file systems cannot; the file itself is safe
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# --- Open what people bring: ordinary files only, and JSON in one way wherever the product reads it

MOST_JSON_BYTES = 64 << 20
_DEEPEST = 64  # levels of lists and objects inside each other; the deepest study has about a dozen
_MOST_DIGITS = 18
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # left by an escape such as \ud83d alone: no file can hold it
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class InputFileError(WorkbenchError):
    """Refuse a file that cannot be read as what it should be; the message names it."""


def other_than_file(path: Path) -> str:
    """Say what a path is when it is no ordinary file, such as a folder, a pipe or a device; "" when it is one."""
    mode = path.stat().st_mode
    return "" if stat.S_ISREG(mode) else next((name for test, name in _KINDS if test(mode)), "no ordinary file")


def read_bytes(path: Path, most: int = MOST_JSON_BYTES) -> bytes:
    """Return the content of an ordinary file of at most so many bytes; InputFileError for any other, OSError as usual.

    A pipe would be waited for without end, and a device may never end.
    """
    kind = other_than_file(path)
    if kind:
        raise InputFileError(f"{path} is {kind}, not a file.", "Name an ordinary file.")
    size = path.stat().st_size
    if size > most:
        raise InputFileError(
            f"{path} has {size:,} bytes, more than the {most:,} that such a file may have.", "Name the right file."
        )
    return path.read_bytes()


def parse_json(content: str | bytes, origin: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a JSON text holds; InputFileError names its origin and what is wrong.

    Beyond what is no JSON it refuses what no reader keeps: a field written twice, numbers that are not finite or have
    more digits than a number holds, half characters, and lists inside lists without end.
    """
    try:
        text = content if isinstance(content, str) else content.decode(json.detect_encoding(content))
        found = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_fields,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
        _check(found)
    except UnicodeDecodeError as error:
        at = f"byte {error.start + 1:,}"
        raise InputFileError(f"{origin} is not JSON: its text is not UTF-8 ({at}).", "Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputFileError(f"{origin} is not JSON: {error.msg} ({where}).", "Correct it there.") from error
    except RecursionError as error:
        raise InputFileError(f"{origin} cannot be used: {_TOO_DEEP}.", "Write it flat.") from error
    except ValueError as error:
        raise InputFileError(f"{origin} cannot be used: {error}.", "Correct it there.") from error
    return found


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a JSON file holds; InputFileError names the file and what is wrong, OSError as usual."""
    return parse_json(read_bytes(path), str(path))


_TOO_DEEP = f"lists and objects stand inside each other more than {_DEEPEST} levels deep"


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"the field {_short(twice)} is written twice in one place")
    return found


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _float(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"the number {_short(text)} is larger than a number can be")
    return found


def _integer(text: str) -> int:
    if len(text.removeprefix("-")) > _MOST_DIGITS:
        raise ValueError(f"the number {_short(text)} has more than {_MOST_DIGITS} digits")
    return int(text)


def _check(document: object) -> None:
    """Refuse what is nested too deep, or holds half characters; level by level, so that depth costs no stack."""
    level: list[object] = [document]
    for _ in range(_DEEPEST + 1):
        inside: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inside += each
                inside += each.values()
            elif isinstance(each, list):
                inside += each
            elif isinstance(each, str) and _HALF_CHARACTER.search(each):
                raise ValueError(f"the text {_short(each)} holds half a character")
        if not inside:
            return
        level = inside
    raise ValueError(_TOO_DEEP)


def _short(text: str) -> str:
    shown = ascii(text) if _HALF_CHARACTER.search(text) else repr(text)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."  # noqa: PLR2004 - enough to find it


# --- Where the files that come with the package lie: the notebooks, the sample company, public prices

PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """Return the folder `notebooks` or `data`: beside the package in a checkout, inside it when installed."""
    for folder in (PACKAGE / "_bundle" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise WorkbenchError(
        f"The folder {name!r} that comes with the workbench is missing.",
        "Install the package again, or run from a full checkout.",
    )
