"""The report tells what was set so from what was met, and shows the sources' claims beside own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from markupsafe import escape

from workbench.report import write_workbook
from workbench.rules import BENCHMARKS

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent

pytestmark = pytest.mark.slow


def test_what_was_set_so_stands_apart_from_what_was_met(content: ReportContent, page: str, tmp_path: Path) -> None:
    """Every finding met by construction says so on the page and in the workbook, and is not among those met."""
    made_so = [each for _, each in content.findings if each.is_set_so]
    assert made_so
    assert page.count("Set so</span>") == len(made_so)
    assert "which is no evidence" in page
    book = pd.read_excel(write_workbook(content, tmp_path / "study.xlsx"), sheet_name=None)
    verdicts = next(sheet["Verdict"] for sheet in book.values() if "Verdict" in sheet)
    assert (verdicts == "Set so").sum() == len(made_so)


def test_every_claim_stands_beside_the_companys_own_figure(page: str) -> None:
    """All claims of the sources are on the page as claims that nobody here has checked."""
    assert "claims of theirs, which nobody here has checked" in page
    for each in BENCHMARKS:
        assert str(escape(each.claim)) in page
