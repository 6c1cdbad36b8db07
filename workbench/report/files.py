"""Write a study's report to files: HTML always, PDF and Excel where asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import progress
from workbench.errors import WorkbenchError
from workbench.report.content import ReportContent, expected_seconds, gather_content
from workbench.report.page import report_html
from workbench.report.pdf import print_pdf
from workbench.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from workbench.customers import CustomerBase
    from workbench.study import Study


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """The files a report was written to, and what it says."""

    files: tuple[Path, ...]
    content: ReportContent


def write_report(
    base: CustomerBase,
    study: Study,
    html: Path | str,
    *,
    scenario_id: str | None = None,
    pdf: Path | str | None = None,
    xlsx: Path | str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> WrittenReport:
    """Write the report of a study and return the files written with their content.

    `scenario_id` None reports on the chosen scenario, or on the first design when none is chosen. `evidence` may
    hold what `stages.walk.gather_evidence` returned, to save the time it takes.
    """
    page = Path(html)
    _check_names(page, pdf, xlsx)
    seconds = expected_seconds(base, study, gathered=evidence is not None)
    drawing = seconds.pop("page")
    step = progress.Steps(
        {
            "content": sum(seconds.values()),
            "page": drawing,
            "pdf": 0.0 if pdf is None else 5.0,
            "xlsx": 0.0 if xlsx is None else 0.5 * drawing,
        }
    )
    with step("content"):
        content = gather_content(base, study, scenario_id, evidence=evidence)
    page.parent.mkdir(parents=True, exist_ok=True)
    with step("page", "drawing the charts"):
        page.write_text(report_html(content), encoding="utf-8", newline="\n")
    files = [page]
    if pdf is not None:
        with step("pdf", "printing"):
            files.append(print_pdf(page, Path(pdf)))
    if xlsx is not None:
        with step("xlsx", "writing the workbook"):
            files.append(write_workbook(content, Path(xlsx)))
    return WrittenReport(tuple(files), content)


def _check_names(html: Path, pdf: Path | str | None, xlsx: Path | str | None) -> None:
    """Refuse names nothing can be written to before the report is worked out."""
    for name, ending in ((html, ".html"), (pdf, ".pdf"), (xlsx, ".xlsx")):
        if name is None:
            continue
        path = Path(name)
        if path.is_dir():
            raise WorkbenchError(f"{path} is a folder.", f"Name a file in it, such as {path / f'report{ending}'}.")
        if ending == ".xlsx" and path.suffix.lower() != ending:  # Excel opens it under no other name
            raise WorkbenchError(f"{path.name} is no name of an Excel file.", f"End it in {ending}.")
