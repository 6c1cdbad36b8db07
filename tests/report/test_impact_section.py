"""The sections of the report on what a scenario does to every customer, and on the way there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from openpyxl import load_workbook

from workbench.report import report_html, write_workbook
from workbench.results import Missing
from workbench.stages.contract import StageOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent

pytestmark = pytest.mark.slow

HEADING = "What it does to every customer</h2>"


@pytest.fixture(scope="module")
def section(page: str) -> str:
    """Return the HTML of the three sections."""
    starts = [page.index(f'<section aria-labelledby="stage-{key}">') for key in ("impact", "migration", "steady")]
    assert starts == sorted(starts)
    return "".join(page[start : page.index("</section>", start)] for start in starts)


def test_the_section_holds_bills_guardrails_movers_and_paths(section: str, content: ReportContent) -> None:
    """Every guardrail's sentence, every account that moves most and every policy stand in the section."""
    assert HEADING in section
    assert content.asked("impact", "guardrails") is not None
    for check in content.asked("impact", "guardrails").checks:
        assert check.title in section
    for account in content.asked("impact", "movers")["account_id"]:
        assert account in section
    for name in content.asked("migration", "paths"):
        assert name in section
    assert "Once customers react" in section


def test_ways_to_steadier_revenue_stand_in_it(section: str, content: ReportContent) -> None:
    """Every way of billing usage and where renewal dates come from can be read, or it says what would be needed."""
    found = content.asked("steady", "steady")
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
    needed = {
        "why_not": "What customers would pay cannot be said without <usage>.",
        "missing": (Missing("usage", "What every account used."),),
    }
    nothing = {"comparison": None, "bridge": None, "guardrails": None, "reconciliation": None, "key_figures": ()}
    outcomes = []
    for each in content.outcomes:
        if each.stage.key == "impact":
            result = replace(each.result, **nothing, bands=None, movers=pd.DataFrame(), cautions=(), **needed)
            outcomes.append(StageOutcome(each.stage, each.decision, result, "unknown"))
        else:
            outcomes.append(each)
    page = report_html(replace(content, outcomes=tuple(outcomes)))
    assert "cannot be said without &lt;usage&gt;." in page
    assert "No table &ldquo;usage&rdquo;: What every account used." in page
    assert "figure-impact-" not in page


def test_the_workbook_has_its_tables(content: ReportContent, tmp_path: Path) -> None:
    """The movers, the guardrails and the table under each figure are sheets."""
    book = load_workbook(write_workbook(content, tmp_path / "report.xlsx"))
    titles = [row[1].value for row in book["Contents"].iter_rows(min_row=2)]
    sheets = [title for title in titles if title.startswith(("Customers ", "Way there ", "Steadier revenue "))]
    assert any(title.startswith("Customers Accounts that move most") for title in sheets)
    assert any(title.startswith("Customers Limits of this study") for title in sheets)
    assert len(sheets) >= 12
