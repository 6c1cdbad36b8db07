"""Write a study's report to files.

HTML always, PDF through the Chromium on the machine and an Excel workbook where asked.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench import progress
from workbench.cache import copies
from workbench.customers.base import problems_frame
from workbench.errors import FileError, MissingLibraryError, WorkbenchError
from workbench.files import replacing, write_text
from workbench.formatting import figure_change, figure_interval, figure_value
from workbench.locales import in_its_locale
from workbench.outputs import PAGE, PDF_MARK, check_output, check_outputs, save_workbook, sheet_name
from workbench.report.content import WILLINGNESS, ReportContent, expected_seconds, gather_content
from workbench.report.page import Audience, report_html
from workbench.report.privacy import as_named, named, names_for
from workbench.report.result_figures import span
from workbench.report.results_document import as_json, begin_results, results_of
from workbench.stages.contract import step_title
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from workbench.customers.base import CustomerBase
    from workbench.report.privacy import Names
    from workbench.study.document import Study
    from workbench.tables import DataTable

say = texts(__name__)

# --- Write a report's tables as an Excel workbook

CONTENTS = "Contents"


@dataclass(frozen=True)
class _Sheet:
    """A table with its title and what it holds: of whom and of which months."""

    title: str
    holds: str
    table: pd.DataFrame | DataTable


@in_its_locale
@as_named
def write_workbook(content: ReportContent, path: Path, *, force: bool = False) -> Path:
    """Write the tables of a report to an Excel file and return its path.

    One sheet for the key figures, the findings, the decision log and the coverage, and one for the table under each
    chart; the first says what each holds. Text that a spreadsheet would run as a formula is kept as text.

    Parameters
    ----------
    content
        What `gather_content` returned.
    path
        Where to write.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    FileError
        For a file that is there and was not written by the workbench, unless `force` is set.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.report import gather_content, write_workbook
    >>> file = write_workbook(gather_content(base, Study.new("acme", "data")), Path(tempfile.mkdtemp()) / "report.xlsx")
    >>> pd.ExcelFile(file).sheet_names[:2]
    ['Contents', 'Key figures']
    """
    sheets = [replace(each, title=content.naming.text(each.title)) for each in _sheets(content)]
    taken: set[str] = set()
    names = [sheet_name(CONTENTS, taken), *(sheet_name(each.title, taken) for each in sheets)]
    contents = pd.DataFrame(
        [(name, each.title, each.holds) for name, each in zip(names[1:], sheets, strict=True)],
        columns=["Sheet", "Table", "What it holds"],
    )
    tables = [contents, *(each.table for each in sheets)]
    return save_workbook(zip(names, map(content.naming.table, tables), strict=True), path, force=force)


def _sheets(content: ReportContent) -> list[_Sheet]:
    stands = content.standing
    basis = content.study.basis if stands is None else f"{content.study.basis} ({span(stands.months)})"
    return [
        _Sheet("Key figures", say("key_figures_of_each_stage", basis=basis), _key_figures(content)),
        _Sheet("Findings", "What each rule finds", _findings(content)),
        *(
            _Sheet(f"{each.stage.short_title} {title}", holds, table)
            for each in content.outcomes
            for title, holds, table in each.tables
        ),
        _Sheet("Decision log", say("what_was_decided_by_whom"), _decision_log(content)),
        _Sheet("Data coverage", say("months_and_accounts_of_each"), content.base.coverage().frame()),
        *(
            [_Sheet("Data worth a look", "Read as it stands", problems_frame(content.base.findings))]
            if content.base.findings
            else []
        ),
    ]


def _key_figures(content: ReportContent) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Stage": outcome.stage.title,
                "Figure": figure.label,
                "Value": figure.value * 100 if figure.unit == "percent" and figure.value is not None else figure.value,
                "Unit": figure.unit,
                "Shown as": figure_value(figure),
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
                "Affected": content.naming.text(", ".join(finding.affected)),
                "Set aside because": finding.waiver.reason if finding.waiver else "",
                "Source": finding.source,
            }
            for outcome, finding in content.findings
        ]
    )


def _decision_log(content: ReportContent) -> pd.DataFrame:
    names = {scenario.id: scenario.name for scenario in content.study.scenarios}
    return pd.DataFrame(
        [
            {
                "When": record.when.isoformat(),
                "Stage": step_title(record.stage),
                "Scenario": names.get(record.scenario_id, f"{record.scenario_id} (removed)"),
                "What": record.what,
                "Reason": record.reason,
                "Who": record.who,
            }
            for record in content.study.decisions
        ]
    )


# --- Print a report to PDF with the Chromium that is on the machine

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
SMALLEST_SPACE = 1 << 20  # bytes; with less a browser that prints nothing has met a full disk
TIME_LIMIT = 120  # seconds; a report prints in a few
SWITCHES = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    # Gives the page's charts time to be drawn before it is printed.
    "--virtual-time-budget=20000",
)


def find_browser() -> str | None:
    """Return the path of a Chromium-like browser, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def print_pdf(html_file: Path, pdf_file: Path, *, force: bool = False) -> Path:
    """Print a report that lies on disk to PDF.

    Parameters
    ----------
    html_file, pdf_file
        What to print, and where.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The PDF's path.

    Raises
    ------
    MissingLibraryError
        Without a browser.
    WorkbenchError
        When it prints nothing.
    FileError
        For a file that is there and was not written by the workbench, unless `force` is set.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.report import print_pdf
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "notes.pdf").write_text("My own notes")
    >>> print_pdf(folder / "report.html", folder / "notes.pdf")
    Traceback (most recent call last):
        ...
    workbench.errors.FileError: ...
    """
    check_output(pdf_file, ".pdf", force=force)
    browser = find_browser()
    if browser is None:
        raise MissingLibraryError(
            "A PDF needs Chromium or Chrome, and none was found.",
            "Install one (for example `apt install chromium`), or open the HTML report and print it there.",
        )
    # A browser that runs confined, as from a snap, sees no hidden files.
    with (
        replacing(pdf_file, hidden=False) as printed,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        command = [
            browser,
            *SWITCHES,
            *_container_switches(),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={printed.resolve()}",
            html_file.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise WorkbenchError(f"{browser} printed no PDF within {TIME_LIMIT} seconds.", "Try again.") from error
        content = printed.read_bytes()
        if done.returncode != 0 or not content.rstrip().endswith(b"%%EOF"):
            if shutil.disk_usage(printed.parent).free < SMALLEST_SPACE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise WorkbenchError(f"{browser} printed no PDF.", f"It said: {done.stderr.strip()[-300:]}")
        printed.write_bytes(content + PDF_MARK)
    return pdf_file


def _container_switches() -> tuple[str, ...]:
    """Chromium refuses its sandbox to the root user, as in containers; the page it opens is our own file."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()


# --- Write a study's report to files: HTML always, PDF and Excel where asked


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


@in_its_locale
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
    names: Names | None = None,
    alias_key: bytes | None = None,
    audience: Audience = "team",
    force: bool = False,
) -> WrittenReport:
    """Write the report of a study.

    A study and its data are never replaced.

    Parameters
    ----------
    base
        The customers.
    study
        The scenarios.
    html, pdf, xlsx, results
        Where to write the page, the PDF, the workbook, and the JSON of all that is concluded; None leaves one out.
    scenario_id
        Which to report on; the chosen one, else the first design, when None.
    evidence
        What `stages.walk.gather_evidence` returned, to save the time it takes.
    names, alias_key
        How accounts are named in every one of the files; as the study says, else as they are, when None.
    audience
        "customers" for those who speak with customers, who are given the page alone: no figure of the company's own.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    WrittenReport
        The files written, with their content.

    Raises
    ------
    FileError
        For files that are there and were not written by the workbench, unless `force` is set.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.report import write_report
    >>> folder = Path(tempfile.mkdtemp())
    >>> written = write_report(base, Study.new("acme", "data"), folder / "report.html", results=folder / "results.json")
    >>> [file.name for file in written.files]
    ['report.html', 'results.json']
    """
    page = Path(html)
    print_to, sheets, document = (None if name is None else Path(name) for name in (pdf, xlsx, results))
    if audience == "customers" and (sheets or document):
        kept = sheets or document
        raise FileError(f"{kept} would hold the company's own figures.", "Write it for the team, or leave it out.")

    def check() -> None:
        check_report(page, pdf=print_to, xlsx=sheets, results=document, inputs=(base.place,), force=force)

    check()  # before the report is worked out, and again after, because that takes a while
    found = named(base, study, names_for(study, names, "full"), key=alias_key)
    known = None if found.naming.hides else evidence  # which was gathered with names
    seconds = expected_seconds(base, study, scenario_id, gathered=known is not None)
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
    with step("content"):
        content = gather_content(found.base, found.study, scenario_id, evidence=known, naming=found.naming)
    with step("page", "drawing the charts"):
        if copies() and audience == "team":
            begin_results(content)
            with found.naming.drawing():  # what the page shows of stages; the search is under way
                _ = [each.sections for each in content.outcomes if each.stage.key != WILLINGNESS]
        concluded = results_of(content)
        text = report_html(content, concluded, audience=audience)
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
