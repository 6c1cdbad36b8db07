"""Make a study of a company's own data, after the data has been checked."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.customers import CustomerBase
from workbench.customers.currencies import stated_code
from workbench.errors import StudyError
from workbench.study import LAST_MONTH, RevenueBasis, Study
from workbench.study.sharing import STUDY_FILE
from workbench.study.store import put_in_place
from workbench.ui.find_study import make_current

if TYPE_CHECKING:
    from collections.abc import Callable

FALLBACK_CURRENCY = "USD"


def new_study(
    folder: Path | str,
    data: Path | str,
    *,
    title: str = "",
    as_of: date | str | None = None,
    currency: str = "",
    allow_credits: bool = False,
    basis: RevenueBasis = LAST_MONTH,
    replace: bool = False,
    show: Callable[[CustomerBase], None] = lambda _: None,
) -> Study:
    """Check the data, make a study of it in a folder, and return the study as saved; `open_study()` opens it next.

    `currency` counts only where the data names none, or a sign that several share; US dollars are taken where nobody
    says. `as_of` hides everything later than that day, written 2024-12-31 where it is text. `show` is given the data
    the study stands on. `allow_credits` lets usage be below zero.
    `basis` names the months that revenue figures speak of. `replace` puts the new study in the place of one
    that is there, whose revisions stay in the folder's history. Raises DataErrors with every problem of the data, and
    StudyError when the folder already holds a study and `replace` is not set.
    """
    place = Path(folder)
    if (place / STUDY_FILE).exists() and not replace:
        raise StudyError(f"{place} already holds a study.", "Name another folder, or open the study that is there.")
    day = _day(as_of)
    base = CustomerBase.load(data, as_of=day, currency=currency, allow_credits=allow_credits)
    base = base if base.currency else base.in_currency(FALLBACK_CURRENCY)
    study = Study.new(
        place.resolve().name,
        _path_from(place, Path(data)),
        title=title or place.resolve().name,
        currency=base.currency,
        as_of=day,
        allow_credits=allow_credits,
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
