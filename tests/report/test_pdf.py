"""A PDF is printed where a browser is, and its absence is said in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.errors import MissingLibraryError
from workbench.report import files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_report_prints_to_pdf(page: str, tmp_path: Path) -> None:
    """The PDF holds many pages; without a browser on the machine there is nothing to test."""
    if files.find_browser() is None:
        pytest.skip("needs Chromium or Chrome")
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    printed = files.print_pdf(file, tmp_path / "deep" / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page") > 8


def test_without_a_browser_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees a traceback for want of Chromium."""
    monkeypatch.setattr(files.shutil, "which", lambda _name: None)
    with pytest.raises(MissingLibraryError, match="apt install chromium"):
        files.print_pdf(tmp_path / "a.html", tmp_path / "a.pdf")
