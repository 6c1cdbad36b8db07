"""Find the study a notebook works on, list those of a workspace, and make one of a company's own data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.customers.base import CustomerBase
from workbench.customers.intake.ledger import RevenueRules
from workbench.customers.values import stated_code
from workbench.errors import StudyError
from workbench.files import InputFileError, read_bytes, write_text
from workbench.locales import HOUSE_LOCALE
from workbench.study.document import Study, put_in_place
from workbench.study.folder import STUDY_FILE
from workbench.study.model import LAST_MONTH, RevenueBasis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# --- Find the study a notebook works on, and say which one that is

STUDIES = "studies"
CURRENT = ".current"
VARIABLE = "WORKBENCH_STUDY"


def find_study(
    path: Path | str | None = None, start: Path | None = None, environment: Mapping[str, str] | None = None
) -> Path:
    """Return the folder of a study.

    `path` is a study's folder or its name under `studies/`. Without it: the one the environment variable
    WORKBENCH_STUDY names, else the one opened last (`make_current`), else the one saved last. Looks in `start` (the
    working directory unless named) and in the folders above it. StudyError lists the studies there are.
    """
    here = (start or Path.cwd()).resolve()
    named = (os.environ if environment is None else environment).get(VARIABLE, "").strip() if path is None else ""
    if path is not None or named:
        return _named(here, path or named, f" (named by {VARIABLE})" if named else "")
    shelves = _shelves(here)
    known = studies_on(shelves[0]) if shelves else ()
    if not known:
        raise StudyError(
            f"There is no study in {here / STUDIES}.", "Open 00_start_here and make one, or name its folder."
        )
    current = _current(shelves[0])
    return current if current in known else max(known, key=lambda folder: (folder / STUDY_FILE).stat().st_mtime_ns)


def find_workspace(start: Path | str | None = None) -> Path:
    """Return the folder that holds `studies/`: `start` (the working directory unless named) or the nearest above it.

    Where there is none yet, it is `start` itself.
    """
    here = Path(start or Path.cwd()).resolve()
    shelves = _shelves(here)
    return shelves[0].parent if shelves else here


def studies_on(shelf: Path) -> tuple[Path, ...]:
    """Return the folders of the studies that lie in a folder such as `studies/`, by name."""
    return tuple(file.parent for file in sorted(shelf.glob(f"*/{STUDY_FILE}")))


def make_current(folder: Path | str) -> None:
    """Make the study in a folder the one that `open_study()` opens; StudyError when there is none.

    A study that does not lie in a `studies` folder is opened by naming it, so nothing is kept for it.
    """
    place = Path(folder).resolve()
    if not (place / STUDY_FILE).is_file():
        raise StudyError(f"There is no study in {place} (no {STUDY_FILE}).")
    if place.parent.name == STUDIES:
        write_text(place.parent / CURRENT, place.name + "\n")


def _named(here: Path, path: Path | str, origin: str) -> Path:
    shelves = _shelves(here)
    for folder in (here / path, *(shelf / path for shelf in shelves)):
        if (folder / STUDY_FILE).is_file():
            return folder
    names = ", ".join(folder.name for shelf in shelves for folder in studies_on(shelf)) or "none"
    raise StudyError(f"There is no study {str(path)!r}{origin} in {here}.", f"Studies found: {names}.")


def _shelves(here: Path) -> list[Path]:
    return [folder / STUDIES for folder in (here, *here.parents) if (folder / STUDIES).is_dir()]


def _current(shelf: Path) -> Path | None:
    try:
        name = read_bytes(shelf / CURRENT).decode().strip()
    except (OSError, InputFileError, UnicodeDecodeError):
        return None
    return shelf / name if name else None


# --- Make a study of a company's own data, after the data has been checked

FALLBACK_CURRENCY = "USD"


def new_study(
    folder: Path | str,
    data: Path | str,
    *,
    title: str = "",
    as_of: date | str | None = None,
    currency: str = "",
    locale: str = HOUSE_LOCALE,
    allow_credits: bool = False,
    rules: Mapping[str, str] | None = None,
    basis: RevenueBasis = LAST_MONTH,
    replace: bool = False,
    show: Callable[[CustomerBase], None] = lambda _: None,
) -> Study:
    """Check the data, make a study of it in a folder, and return the study as saved; `open_study()` opens it next.

    `currency` counts only where the data names none, or a sign that several share; US dollars are taken where nobody
    says. `as_of` hides everything later than that day, written 2024-12-31 where it is text. `show` is given the data
    the study stands on. `allow_credits` lets usage be below zero.
    `rules` say how recurring revenue is counted, such as {"churn": "cancellation"}.
    `locale` says how numbers and dates are written, such as "de" or "pt_BR".
    `basis` names the months that revenue figures speak of. `replace` puts the new study in the place of one
    that is there, whose revisions stay in the folder's history. Raises DataErrors with every problem of the data, and
    StudyError when the folder already holds a study and `replace` is not set.
    """
    place = Path(folder)
    if (place / STUDY_FILE).exists() and not replace:
        raise StudyError(f"{place} already holds a study.", "Name another folder, or open the study that is there.")
    day = _day(as_of)
    counted = RevenueRules().with_written(rules or {})
    base = CustomerBase.load(data, as_of=day, currency=currency, allow_credits=allow_credits, rules=counted)
    base = base if base.currency else base.in_currency(FALLBACK_CURRENCY)
    study = Study.new(
        place.resolve().name,
        _path_from(place, Path(data)),
        title=title or place.resolve().name,
        currency=base.currency,
        locale=locale,
        as_of=day,
        allow_credits=allow_credits,
        rules=rules,
        basis=basis,
        signs_mean=stated_code(currency),
    )
    saved = put_in_place(study, place) if replace else study.save(place)
    make_current(place)
    show(base)
    return saved


def _day(as_of: date | str | None) -> date | None:
    if as_of is None or isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of.strip()) if as_of.strip() else None
    except ValueError as error:
        raise StudyError(f"{as_of!r} is not a day.", "Write it as year-month-day, such as 2024-12-31.") from error


def _path_from(study_folder: Path, data: Path) -> str:
    """Write the way from the study to its data, so that both can move together; absolute across drives."""
    try:
        return Path(os.path.relpath(data.resolve(), study_folder.resolve())).as_posix()
    except ValueError:
        return str(data.resolve())


# --- The studies of a workspace, each in a line: what it is called, how far it is, what was chosen


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
    columns = ["Study", "Title", "Now", "Saved", "Last decision", "Scenario chosen"]
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
