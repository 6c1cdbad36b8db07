"""The section of the report on what a design does to every customer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from openpyxl import load_workbook

from workbench.report import report_html, write_workbook
from workbench.results import Missing

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent

pytestmark = pytest.mark.slow

HEADING = "What it does to every customer</h2>"


@pytest.fixture(scope="module")
def section(page: str) -> str:
    """Return the section's HTML."""
    start = page.index('<section aria-labelledby="impact">')
    return page[start : page.index("</section>", start)]


def test_the_section_holds_bills_guardrails_movers_and_paths(section: str, content: ReportContent) -> None:
    """Every guardrail's sentence, every account that moves most and every policy stand in the section."""
    assert HEADING in section
    assert content.impact.guardrails is not None
    for check in content.impact.guardrails.checks:
        assert check.title in section
    for account in content.impact.movers["account_id"]:
        assert account in section
    for name in content.impact.paths:
        assert name in section
    assert "Once customers react" in section


def test_ways_to_steadier_revenue_stand_in_it(section: str, content: ReportContent) -> None:
    """Every way of billing usage and where renewal dates come from can be read, or it says what would be needed."""
    found = content.impact.steady
    assert found is not None
    assert "Steadier revenue" in section
    assert "renewals" in section
    for name in [found.why_not] if found.why_not else found.tools["name"]:
        assert name in section


def test_names_of_tiers_are_escaped_in_it(section: str) -> None:
    """A tier named like a script stands in the plan columns as text."""
    assert "<script" not in section
    assert "&lt;script&gt;" in section


def test_without_a_comparison_it_says_what_it_needs(content: ReportContent) -> None:
    """A base without usage gives a sentence and the table that would help, and no figure."""
    bare = replace(
        content.impact,
        comparison=None,
        bridge=None,
        guardrails=None,
        reconciliation=None,
        paths={},
        ranges=None,
        steady=None,
        movers=pd.DataFrame(),
        cautions=(),
        why_not="What customers would pay cannot be said without <usage>.",
        missing=(Missing("usage", "What every account used."),),
    )
    page = report_html(replace(content, impact=bare))
    assert "cannot be said without &lt;usage&gt;." in page
    assert "No table &ldquo;usage&rdquo;: What every account used." in page
    assert "figure-impact-" not in page


def test_the_workbook_has_its_tables(content: ReportContent, tmp_path: Path) -> None:
    """The movers, the guardrails and the table under each figure are sheets."""
    book = load_workbook(write_workbook(content, tmp_path / "report.xlsx"))
    sheets = [name for name in book.sheetnames if name.startswith("Customers")]
    assert "Customers Movers" in sheets
    assert "Customers Guardrails" in {name[:20] for name in sheets}
    assert len(sheets) >= 12
