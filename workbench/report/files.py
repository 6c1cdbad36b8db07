"""Write a study's report to files: HTML always, PDF and Excel where asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import progress
from workbench.files import write_text
from workbench.outputs import PAGE, check_outputs
from workbench.report.content import ReportContent, expected_seconds, gather_content
from workbench.report.page import chart_library, report_html
from workbench.report.pdf import print_pdf
from workbench.report.results_document import as_json, results_of
from workbench.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from workbench.customers import CustomerBase
    from workbench.study import Study


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """The files a report was written to, what it says, and what it concludes as `results.schema.json` has it."""

    files: tuple[Path, ...]
    content: ReportContent
    results: Mapping[str, Any]


def check_report(
    html: Path | str,
    *,
    pdf: Path | str | None = None,
    xlsx: Path | str | None = None,
    results: Path | str | None = None,
    inputs: Iterable[Path | None] = (),
    force: bool = False,
) -> None:
    """Refuse what `write_report` would refuse to write, before anything is worked out; FileError says what it is."""
    named = ((html, PAGE), (pdf, (".pdf",)), (xlsx, (".xlsx",)), (results, (".json",)))
    check_outputs(((None if name is None else Path(name), kinds) for name, kinds in named), inputs=inputs, force=force)


def write_report(
    base: CustomerBase,
    study: Study,
    html: Path | str,
    *,
    scenario_id: str | None = None,
    pdf: Path | str | None = None,
    xlsx: Path | str | None = None,
    results: Path | str | None = None,
    evidence: Mapping[str, Any] | None = None,
    force: bool = False,
) -> WrittenReport:
    """Write the report of a study and return the files written with their content.

    `scenario_id` None reports on the chosen scenario, or on the first design when none is chosen. `evidence` may
    hold what `stages.walk.gather_evidence` returned, to save the time it takes. `results` is the JSON file of all that
    is concluded. `force` replaces files that are there
    and were not written by the workbench; FileError names them otherwise. A study and its data are never replaced.
    """
    page = Path(html)
    print_to, sheets, document = (None if name is None else Path(name) for name in (pdf, xlsx, results))

    def check() -> None:
        check_report(page, pdf=print_to, xlsx=sheets, results=document, inputs=(base.place,), force=force)

    check()  # before the report is worked out, and again after, because that takes a while
    seconds = expected_seconds(base, study, scenario_id, gathered=evidence is not None)
    drawing = seconds.pop("page")
    step = progress.Steps(
        {
            "content": sum(seconds.values()),
            "page": drawing,
            "pdf": 5.0 if print_to else 0.0,
            "xlsx": 0.3 + 0.1 * drawing if sheets else 0.0,
        },
        seconds=True,
    )
    # The scripts of the charts are bundled beside what is worked out here; the page then finds them ready.
    with ThreadPoolExecutor(1) as beside, step("content"):
        beside.submit(chart_library)
        content = gather_content(base, study, scenario_id, evidence=evidence)
    with step("page", "drawing the charts"):
        concluded = results_of(content)
        text = report_html(content, concluded)
        check()
        files = [write_text(page, text)]
    if document:
        files.append(write_text(document, as_json(concluded)))
    if print_to:
        with step("pdf", "printing"):
            files.append(print_pdf(page, print_to, force=force))
    if sheets:
        with step("xlsx", "writing the workbook"):
            files.append(write_workbook(content, sheets, force=force))
    return WrittenReport(tuple(files), content, concluded)
