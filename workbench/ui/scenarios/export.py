"""Write the report of the study on a desk to the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import StudyError, WorkbenchError
from workbench.report import print_pdf, write_report
from workbench.ui.find_study import find_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from workbench.ui.desk import Desk

REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class ExportedReport:
    """The files written, the HTML first, and what could not be written, in a sentence each."""

    files: tuple[Path, ...]
    troubles: tuple[WorkbenchError, ...] = ()


def export_report(
    desk: Desk,
    *,
    scenario_id: str | None = None,
    pdf: bool = False,
    xlsx: bool = False,
    folder: Path | str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> ExportedReport:
    """Save the study and write its report to `reports/` in the workspace, as HTML and as PDF and Excel where asked.

    The HTML is written whatever becomes of the PDF; without a browser that can print, the PDF is left out and said to
    be. `scenario_id` None reports on the chosen design. Raises StudyError while changes cannot be saved.
    """
    desk.save()
    if desk.conflict is not None or desk.save_error:
        raise StudyError(
            "The study has changes that are not saved, so its report would not match it.",
            desk.save_error or "Settle the conflict first: keep yours or take theirs.",
        )
    study = desk.study.replaced(revision=desk.revision)
    place = Path(folder) if folder is not None else find_workspace(desk.folder) / REPORTS
    page = place / f"{study.name}.html"
    written = write_report(
        desk.base,
        study,
        page,
        scenario_id=scenario_id,
        xlsx=page.with_suffix(".xlsx") if xlsx else None,
        evidence=evidence,
    )
    if not pdf:
        return ExportedReport(written.files)
    try:
        return ExportedReport((*written.files, print_pdf(page, page.with_suffix(".pdf"))))
    except WorkbenchError as error:
        return ExportedReport(written.files, (error,))
