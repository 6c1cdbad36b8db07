"""Write a study's report to files: HTML always, PDF and Excel where asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.report.content import ReportContent, gather_content
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
    content = gather_content(base, study, scenario_id, evidence=evidence)
    page = Path(html)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(report_html(content), encoding="utf-8", newline="\n")
    files = [page]
    if pdf is not None:
        files.append(print_pdf(page, Path(pdf)))
    if xlsx is not None:
        files.append(write_workbook(content, Path(xlsx)))
    return WrittenReport(tuple(files), content)
