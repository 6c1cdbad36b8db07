"""The studies of a workspace, each in a line: what it is called, how far it is, what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import StudyError
from workbench.study import Study
from workbench.ui.find_study import STUDIES, find_study, studies_on

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """A study found in a workspace; `trouble` says why one cannot be read."""

    folder: Path
    title: str = ""
    revision: int = 0
    last_decision: str = ""
    chosen: str = ""
    is_current: bool = False
    trouble: str = ""

    @property
    def name(self) -> str:
        """Return the name of its folder, which opens it."""
        return self.folder.name


def known_studies(workspace: Path | str, environment: Mapping[str, str] | None = None) -> tuple[KnownStudy, ...]:
    """Return the studies in `studies/` of a workspace, by name; the one `open_study()` returns is marked."""
    place = Path(workspace).resolve()
    folders = studies_on(place / STUDIES)
    if not folders:
        return ()
    try:
        current = find_study(start=place, environment=environment).resolve()
    except StudyError:  # the environment names one that is not there
        current = None
    return tuple(_known(folder, is_current=folder.resolve() == current) for folder in folders)


def studies_frame(studies: tuple[KnownStudy, ...]) -> pd.DataFrame:
    """Return the studies as a table for reading."""
    rows = [
        (
            each.name,
            each.trouble or each.title,
            "open" if each.is_current else "",
            each.revision or "",
            each.last_decision or "none on record",
            each.chosen or "none yet",
        )
        for each in studies
    ]
    columns = ["Study", "Title", "Now", "Saved", "Last decision", "Design chosen"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _known(folder: Path, *, is_current: bool) -> KnownStudy:
    try:
        study = Study.load(folder)
    except StudyError as error:
        return KnownStudy(folder, is_current=is_current, trouble=f"Cannot be read. {error}")
    last = study.decisions[-1] if study.decisions else None
    return KnownStudy(
        folder,
        study.title,
        study.revision,
        f"{last.when:%Y-%m-%d}, {last.who}" if last else "",
        study.scenario(study.chosen.scenario_id).name if study.chosen else "",
        is_current,
    )
