"""Bring a company's exports in beside a study: the mapping is asked about once, kept, and used again the next month."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import progress
from workbench.customers.intake.bring_in import BroughtIn, Exports, bring_in
from workbench.customers.intake.mapping import MAPPING_FILE, ImportMap
from workbench.errors import StudyError, WorkbenchError
from workbench.files import make_folder, replacing, write_bytes, write_text
from workbench.growth.recurring_revenue import mrr_movements
from workbench.locales import HOUSE_LOCALE
from workbench.outputs import csv_bytes
from workbench.rendering.studies import new_study
from workbench.study.document import Study
from workbench.study.folder import STUDY_FILE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    import pandas as pd

    from workbench.customers.base import CustomerBase

LEFT_OUT_FILE = "left_out.csv"  # beside the study: every row that was left out, and why
IMPORTED = "data"  # the folder beside the study that an import writes its tables to
_MOST_ROWS_OF_TEXT = 50_000  # a larger table is written as Parquet, which is read in a tenth of the time


@dataclass(frozen=True, eq=False)
class ImportedStudy:
    """What an import came to: what was found, the mapping that was kept, and the study, None while there are questions.

    Attributes
    ----------
    found, mapping_file
        What was found, and where the mapping is kept.
    study, base, is_new
        The study on the data, the data, and whether the study was made now.
    """

    found: BroughtIn
    mapping_file: Path
    study: Study | None = None
    base: CustomerBase | None = None
    is_new: bool = False


def import_exports(
    exports: Path | str | Exports,
    folder: Path | str,
    *,
    mapping: ImportMap | None = None,
    accept: bool = False,
    currency: str = "",
    title: str = "",
    locale: str = HOUSE_LOCALE,
    as_of: dt.date | str | None = None,
    rules: Mapping[str, str] | None = None,
    show: Callable[[BroughtIn], None] = lambda _: None,
) -> ImportedStudy:
    """Make a study of exports, or renew the data of the one that is there; the mapping is kept beside it.

    Parameters
    ----------
    exports
        A folder, workbook or file of exports, whatever they are called; or what was read of one.
    folder
        The folder of the study.
    mapping
        How they are read; what is kept beside the study unless given.
    accept
        Take every suggestion of the mapping.
    currency, title, locale, as_of
        Settings of a new study.
    rules
        Rules by which recurring revenue is counted that are to change, as a mapping file writes them.
    show
        Is given what was found, before it is known whether it makes a study.

    Returns
    -------
    ImportedStudy
        With a study when nothing is open; else the mapping file has the questions.

    Raises
    ------
    DataErrors
        With every problem in the exports and in what they make.
    StudyError
        When the study there stands on other data.

    """
    place = Path(folder)
    mapping_file = place / MAPPING_FILE
    study = Study.load(place) if (place / STUDY_FILE).exists() else None
    lie = exports.place if isinstance(exports, Exports) else Path(exports)
    data, source = (place / IMPORTED).resolve(), lie.resolve()
    if source.is_relative_to(data) or data.is_relative_to(source):
        raise StudyError(f"{lie} holds the data of the study.", "Name another folder for the study.")
    if data.is_dir() and any(data.iterdir()) and not mapping_file.exists():
        raise StudyError(f"{place / IMPORTED} holds files no import wrote.", "Name another folder for the study.")
    if study is not None and study.data.located(place).resolve() != data:
        raise StudyError(f"The study in {place} stands on other data.", "Name another folder for the import.")
    step = progress.Steps({"find": 4.0, "check": 1.5, "write": 1.0})
    with step("find"):
        before = ImportMap.load(mapping_file)
        known = before if mapping is None else mapping
        asked = known.rules.with_written(rules or {})
        if isinstance(exports, Exports):
            found = exports.made(known, currency=currency, rules=asked)
        else:
            found = bring_in(exports, known, currency=currency, rules=asked)
    kept = found.mapping.confirmed() if accept else found.mapping
    if kept.tables:
        make_folder(place)
        write_text(mapping_file, kept.with_absent(before).text())
        if len(found.left_out) or (place / LEFT_OUT_FILE).exists():
            write_bytes(place / LEFT_OUT_FILE, csv_bytes(found.left_out))
    show(found)
    if kept.questions and not found.problems:
        return ImportedStudy(found, mapping_file)
    with step("check"):
        base = found.base(currency)
    with step("write"):
        _write_tables(found.tables, place / IMPORTED)
        named = asked.unusual()
        made = study or new_study(
            place, place / IMPORTED, title=title, currency=currency, locale=locale, as_of=as_of, rules=named
        )
        if made.data.rules != named:
            made = made.replaced(data=made.data.replaced(rules=named)).save(place)
    return ImportedStudy(found, mapping_file, made, base, is_new=study is None)


def movements_by_month(found: BroughtIn) -> pd.DataFrame | None:
    """Return what moved recurring revenue month by month, by the rules of the import; None without revenue to move.

    In each row start, new, reactivation, expansion, contraction and churn add up to end.
    """
    mrr = found.tables.get("mrr")
    if mrr is None or not len(mrr) or mrr["month"].isna().any():
        return None
    try:
        moved = mrr_movements(mrr, opening="new", reactivation_window=found.mapping.rules.reactivation_months)
    except WorkbenchError:  # credits beyond what is paid, said elsewhere
        return None
    table = moved.by_month()
    return table[["month", *(name for name in _MOVED if name in table)]]


_MOVED = ("start", "new", "reactivation", "expansion", "contraction", "churn", "end")


def _write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write tables of data, each in place of what an earlier import wrote of it."""
    make_folder(folder)
    for name, frame in tables.items():
        text, packed = folder / f"{name}.csv", folder / f"{name}.parquet"
        if len(frame) <= _MOST_ROWS_OF_TEXT:
            write_bytes(text, csv_bytes(frame))
            packed.unlink(missing_ok=True)
        else:
            _write_parquet(frame, packed)
            text.unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.stem not in tables and path.suffix in (".csv", ".parquet"):
            path.unlink()


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    import duckdb  # noqa: PLC0415 - slow to load, and needed for large tables only

    with replacing(path) as temporary, duckdb.connect(":memory:") as connection:
        connection.from_df(frame).write_parquet(str(temporary))
