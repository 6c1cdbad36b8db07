"""The Excel file holds the report's tables, and none of its text runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from workbench.report import write_workbook
from workbench.tables import heading

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook

    from workbench.report import ReportContent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """Return the workbook read back from disk."""
    path: Path = tmp_path_factory.mktemp("xlsx") / "report.xlsx"
    return openpyxl.load_workbook(write_workbook(content, path))


def test_every_figure_has_a_sheet(book: Workbook, content: ReportContent) -> None:
    """Key figures, findings, log, coverage and one sheet for each chart's table, under names Excel accepts."""
    figures = sum(1 for each in content.outcomes for _ in each.tables)
    assert figures >= sum(len(each.figures) for each in content.outcomes)
    assert len(book.sheetnames) == figures + 5
    assert [row[0].value for row in book["Contents"].iter_rows(min_row=2)] == book.sheetnames[1:]
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_no_cell_holds_a_formula(book: Workbook) -> None:
    """Text that looks like a formula stays text."""
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_findings_and_figures_are_complete(book: Workbook, content: ReportContent) -> None:
    """Every finding and every key figure has its row."""
    assert book["Findings"].max_row == len(content.findings) + 1
    figures = sum(len(each.result.key_figures) for each in content.outcomes)
    assert book["Key figures"].max_row == figures + 1


def test_numbers_stay_numbers(book: Workbook) -> None:
    """A figure can be computed with, not only read."""
    values = [row[2].value for row in book["Key figures"].iter_rows(min_row=2)]
    assert sum(isinstance(value, int | float) for value in values) > 0.8 * len(values)


def test_a_percentage_agrees_with_its_unit(book: Workbook) -> None:
    """91% is the value 91 of the unit percent, not 0.91."""
    shown = [
        (row[2].value, row[4].value) for row in book["Key figures"].iter_rows(min_row=2) if row[3].value == "percent"
    ]
    assert shown
    for value, text in shown:
        if value is not None:
            assert value == pytest.approx(
                float(str(text).rstrip("%").replace("\u2212", "-").replace(",", "")), abs=0.51
            )


def test_headings_are_those_of_the_page(book: Workbook) -> None:
    """Every sheet's first row is written in sentence case, as the page writes it."""
    first = [str(cell.value) for sheet in book.worksheets for cell in sheet[1] if cell.value]
    assert [name for name in first if name != heading(name)] == []
    assert "Accounts using it" in first
