"""Write a report's tables as an Excel workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from workbench.wording import figure_change, figure_interval, quantity

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from workbench.report.content import ReportContent

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_SHEET_NAME = 31
WIDEST_COLUMN = 60
FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def write_workbook(content: ReportContent, path: Path) -> Path:
    """Write the tables of a report to an Excel file and return its path.

    One sheet for the key figures, the findings, the decision log and the coverage, and one for the table under each
    chart. Text that a spreadsheet would run as a formula is kept as text.
    """
    book = Workbook()
    book.remove(book.active)
    taken: set[str] = set()
    for name, frame in _frames(content):
        _write_sheet(book.create_sheet(_sheet_name(name, taken)), frame)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def _frames(content: ReportContent) -> list[tuple[str, pd.DataFrame]]:
    figures = [
        (f"{outcome.stage.title} {figure.title}", figure.table)
        for outcome in content.outcomes
        for figure in outcome.stage.module.figures(outcome.result)
        if figure.table is not None
    ]
    return [
        ("Key figures", _key_figures(content)),
        ("Findings", _findings(content)),
        *figures,
        ("Decision log", _decision_log(content)),
        ("Data coverage", content.base.coverage().frame()),
    ]


def _key_figures(content: ReportContent) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Stage": outcome.stage.title,
                "Figure": figure.label,
                "Value": figure.value,
                "Unit": figure.unit,
                "Shown as": quantity(figure.value, figure.unit, figure.digits),
                "Change against today": figure_change(figure),
                "Interval": figure_interval(figure),
                "Period": figure.period,
                "Population": figure.population,
            }
            for outcome in content.outcomes
            for figure in outcome.result.key_figures
        ]
    )


def _findings(content: ReportContent) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Stage": outcome.stage.title,
                "Rule": finding.rule_id,
                "About": finding.title,
                "Subject": finding.subject,
                "Verdict": finding.status_word,
                "Evidence": finding.evidence,
                "What would fix it": finding.remedy,
                "Affected": ", ".join(finding.affected),
                "Set aside because": finding.waiver.reason if finding.waiver else "",
                "Source": finding.source,
            }
            for outcome, finding in content.findings
        ]
    )


def _decision_log(content: ReportContent) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "When": record.when.isoformat(),
                "Stage": record.stage,
                "Scenario": record.scenario_id,
                "What": record.what,
                "Reason": record.reason,
                "Who": record.who,
            }
            for record in content.study.decisions
        ]
    )


def _write_sheet(sheet: Worksheet, frame: pd.DataFrame) -> None:
    for column, name in enumerate(frame.columns, start=1):
        _write_cell(sheet, 1, column, str(name))
        sheet.cell(1, column).font = Font(bold=True)
        longest = max([len(str(name)), *(len(str(value)) for value in frame[name])])
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST_COLUMN, longest + 2)
    for row, values in enumerate(frame.itertuples(index=False, name=None), start=2):
        for column, value in enumerate(values, start=1):
            _write_cell(sheet, row, column, value)
    sheet.freeze_panes = "A2"


def _write_cell(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write one value; text stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = value
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=len(value) > WIDEST_COLUMN, vertical="top")
        if value.startswith(FORMULA_STARTS):
            cell.quotePrefix = True
    elif isinstance(value, tuple | list | frozenset):
        _write_cell(sheet, row, column, ", ".join(map(str, value)))
    elif not pd.isna(value):  # type: ignore[call-overload]
        cell.value = value.item() if hasattr(value, "item") else value


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a sheet name Excel accepts: short, without its forbidden characters, not used before."""
    plain = " ".join(name.translate(FORBIDDEN_IN_SHEET_NAMES).split()).strip("'")[:LONGEST_SHEET_NAME] or "Sheet"
    candidate, counter = plain, 2
    while candidate.casefold() in taken:
        ending = f" {counter}"
        candidate, counter = plain[: LONGEST_SHEET_NAME - len(ending)] + ending, counter + 1
    taken.add(candidate.casefold())
    return candidate
