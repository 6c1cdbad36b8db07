"""Keep a study in a folder: readable, atomic, locked, with its history, merged when two people save.

The folder holds study.json (the truth), history/ (the latest revisions, the present one included) and a lock file.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import FileError, StudyError
from workbench.files import make_folder, rights_of, write_bytes, write_text
from workbench.input_files import InputFileError, parse_json, read_bytes
from workbench.study.compare import FieldDifference, compare_studies, same_content
from workbench.study.document import Study
from workbench.study.kept import drop_oldest, keep, kept_revisions, revision_file
from workbench.study.lock import PATIENCE, locked
from workbench.study.merge import Accepts, merge
from workbench.study.migrations import migrate
from workbench.study.model import plain_errors
from workbench.study.sharing import HISTORY_FOLDER, STUDY_FILE, study_rights


@dataclass(frozen=True, slots=True)
class Saved:
    """A study as saved; `merged` tells whether changes made elsewhere came in, and `changes` lists those."""

    study: Study
    merged: bool = False
    changes: tuple[FieldDifference, ...] = ()


def load(folder: Path | str) -> Study:
    """Read the study in a folder; StudyError says what is wrong and how to get it back."""
    place = Path(folder)
    path = place / STUDY_FILE
    try:
        content = read_bytes(path)
    except InputFileError as error:
        raise StudyError(error.message, _advice_to_restore(place)) from error
    except FileNotFoundError as error:
        raise StudyError(f"There is no study in {place} (no {STUDY_FILE}).", _advice_to_restore(place)) from error
    except OSError as error:
        raise StudyError(f"{path} cannot be opened: {error.strerror}.", "Check the folder's permissions.") from error
    try:
        return read_study(content, str(path))
    except _DamagedError as error:
        raise StudyError(error.message, _advice_to_restore(place)) from error


def save(
    study: Study,
    folder: Path | str,
    *,
    base: Study | None = None,
    accepts: Accepts | None = None,
    patience: float = PATIENCE,
) -> Saved:
    """Save a study, merging with what was saved in the folder since `base`.

    `base` is the study the caller loaded or last saved; without it the kept revision that the study
    counts from is taken. Raises StudyConflictError when both changed the same field; then nothing is written.
    `accepts(stage, document)` checks a stage decision put together from both sides. While another program saves, it is
    waited for: StudyBusyError after `patience` seconds says which.
    """
    place = make_folder(Path(folder))
    with locked(place, patience=patience):
        if not (place / STUDY_FILE).exists():
            return Saved(_write(study, place, newest=max(study.revision, *kept_revisions(place), 0)))
        present = load(place)
        started_from = base or _base_of(study, present, place)
        if same_content(study, present):
            return Saved(present)
        if same_content(present, started_from):
            return Saved(_write(study, place, newest=present.revision))
        merged = merge(started_from, study, present, accepts=accepts)
        newest = max(present.revision, study.revision)
        written = present if same_content(merged, present) else _write(merged, place, newest=newest)
        return Saved(written, merged=True, changes=compare_studies(started_from, present))


def put_in_place(study: Study, folder: Path | str) -> Study:
    """Save a study in the place of whatever the folder holds, as its latest revision, and return it as saved.

    What was there stays in the history; a study.json that cannot be read is set aside as study.replaced-N.json.
    """
    place = make_folder(Path(folder))
    with locked(place):
        present = 0
        path = place / STUDY_FILE
        if path.exists():
            try:
                present = load(place).revision
            except StudyError:
                _set_aside(path)
        return _write(study, place, newest=max(study.revision, present, *kept_revisions(place)))


def restore(folder: Path | str, revision: int | None = None) -> Study:
    """Bring back a kept revision, the newest readable one unless named, and save it as the latest.

    A study.json that is there is set aside beside it under the name study.replaced-N.json.
    """
    place = Path(folder)
    with locked(place):
        kept = kept_revisions(place)
        wanted = (revision,) if revision is not None else tuple(reversed(kept))
        found = next((study for number in wanted if (study := _kept(place, number)) is not None), None)
        if found is None:
            what = "no readable revision" if revision is None else f"no readable revision {revision}"
            raise StudyError(f"{place / HISTORY_FOLDER} has {what}.", f"Kept: {', '.join(map(str, kept)) or 'none'}.")
        path = place / STUDY_FILE
        if path.exists():
            _set_aside(path)
        return _write(found, place, newest=max(found.revision, *kept))


def read_study(text: str | bytes, origin: str = "The study") -> Study:
    """Read a study from its JSON text in this or an older schema; StudyError names what is wrong."""
    try:
        document = parse_json(text, origin)
    except InputFileError as error:
        raise _DamagedError(f"{error.message} The study is damaged.") from error
    if not isinstance(document, dict):
        raise _DamagedError(f"{origin} is damaged: it holds no study.")
    try:
        current = migrate(document)
    except StudyError as error:
        raise StudyError(f"{origin}: {error.message}", error.advice) from error
    try:
        with plain_errors(f"{origin} is damaged"):
            # Through JSON again, because dates and numbers are written as text there.
            return Study.model_validate_json(json.dumps(current))
    except _DamagedError:
        raise
    except StudyError as error:
        raise _DamagedError(error.message) from error


def study_text(study: Study) -> str:
    """Return the study as it is written: JSON, two spaces, fields in the order of the schema, one per line."""
    return json.dumps(study.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


class _DamagedError(StudyError):
    """Mark a study file whose content cannot be read, so that the way back can be added."""


def _write(study: Study, place: Path, *, newest: int) -> Study:
    saved = study.replaced(revision=newest + 1)
    text = study_text(saved)
    # The history first: stopped in between, the study is the previous one and the next save rewrites the copy.
    keep(place, saved.revision, text)
    try:
        write_text(place / STUDY_FILE, text, rights=study_rights(place))
    except FileError:
        with suppress(OSError):
            revision_file(place, saved.revision).unlink(missing_ok=True)
        raise
    drop_oldest(place)
    return saved


def _base_of(study: Study, present: Study, place: Path) -> Study:
    kept = _kept(place, study.revision)
    if kept is not None:
        return kept
    if study.revision == present.revision:
        return present
    if study.revision == 0:
        raise StudyError(f"{place} already holds the study {present.title!r}.", "Load it, or choose another folder.")
    raise StudyError(
        f"{place} is at revision {present.revision} and no longer keeps revision {study.revision}, "
        "which your study started from.",
        "Pass `base`, the study you started from, or load it again.",
    )


def _kept(place: Path, revision: int) -> Study | None:
    path = revision_file(place, revision)
    try:
        return read_study(read_bytes(path), str(path))
    except (OSError, InputFileError, StudyError):
        return None


def _advice_to_restore(place: Path) -> str:
    newest = next((number for number in reversed(kept_revisions(place)) if _kept(place, number)), None)
    if newest is None:
        return "No kept revision can be read either; look for a copy of the folder."
    kept = f"Revision {newest} is kept in {revision_file(place, newest)}"
    return f"{kept}: bring it back with workbench.study.restore({str(place)!r})."


def _set_aside(path: Path) -> None:
    """Copy study.json to a free name beside it; its own name, link and rights stay for the study that follows."""
    free = next(
        each for number in range(1, 10_000) if not (each := path.with_name(f"study.replaced-{number}.json")).exists()
    )
    write_bytes(free, path.read_bytes(), rights=rights_of(path))
