"""Make a study of a company's own data, after the data has been checked."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.study import Study
from workbench.study.store import STUDY_FILE

FALLBACK_CURRENCY = "USD"


def new_study(
    folder: Path | str,
    data: Path | str,
    *,
    title: str = "",
    as_of: date | str | None = None,
    currency: str = "",
    replace: bool = False,
) -> Study:
    """Check the data, make a study of it in a folder, and return the study as saved.

    `currency` is needed only where the data names none. Raises DataErrors with every problem of the data, and StudyError when the folder already holds a study.
    """
    place = Path(folder)
    if (place / STUDY_FILE).exists() and not replace:
        raise StudyError(f"{place} already holds a study.", "Name another folder, or open the study that is there.")
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    base = CustomerBase.load(data, as_of=day)
    study = Study.new(
        place.resolve().name,
        _path_from(place, Path(data)),
        title=title or place.resolve().name,
        currency=base.currency or currency or FALLBACK_CURRENCY,
        as_of=day,
    )
    return study.save(place)


def _path_from(study_folder: Path, data: Path) -> str:
    """Write the way from the study to its data, so that both can move together; absolute across drives."""
    try:
        return Path(os.path.relpath(data.resolve(), study_folder.resolve())).as_posix()
    except ValueError:
        return str(data.resolve())
