"""Who may use the files of a study: those who may use study.json, and whoever may write in its folder."""

from __future__ import annotations

import errno
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.errors import FileError, StudyError
from workbench.files import Rights, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
