"""The commands that work out a study and write its report: `run` decides what is still open, `report` does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from workbench.cache import with_copies
from workbench.cli import options
from workbench.cli.options import Force  # noqa: TC001 - read when the command is made
from workbench.cli.printing import print_files, print_findings, print_summary
from workbench.cli.progress_bar import command_steps
from workbench.errors import StudyError
from workbench.files import bundled
from workbench.locales import settle
from workbench.progress import Size, Steps, deciding, reporting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from workbench.customers.base import CustomerBase
    from workbench.study.document import Study
    from workbench.study.model import RevenueBasis

HtmlFile = Annotated[Path, typer.Option("-o", "--output", help="The HTML file to write.")]
PdfFile = Annotated[Path | None, typer.Option("--pdf", help="Also print to this PDF (needs Chromium or Chrome).")]
XlsxFile = Annotated[Path | None, typer.Option("--xlsx", help="Also write the tables to this Excel file.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Also write everything concluded to this JSON file, for other tools.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", callback=options.day, help="Hide everything later than this day, e.g. 2024-12-31."),
]
DEFAULT_REPORT = Path("report.html")
AudienceName: TypeAlias = Literal["team", "customers"]
WHO = "workbench run"


def report(
    study: Annotated[Path, typer.Argument(help="The folder of a study (it holds study.json).")],
    output: HtmlFile = DEFAULT_REPORT,
    *,
    pdf: PdfFile = None,
    xlsx: XlsxFile = None,
    results: JsonFile = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Report on this scenario, not the chosen one.")
    ] = None,
    as_of: AsOf = None,
    audience: Annotated[
        AudienceName,
        typer.Option("--for", help="Who reads it: the team, or those who speak with customers (no internal figures)."),
    ] = "team",
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write a study's report as one HTML file that opens anywhere."""
    from workbench.study.document import Study  # noqa: PLC0415 - each command loads what it needs

    naming: dict[str, Any] = options.names_in("full", names, study, share=share)
    document = _as_of(Study.load(study), as_of)
    settle(document.locale)
    priced = any(design.decided("tiers") for design in document.designs)

    def seconds(size: Size) -> dict[str, float]:
        return {"report": sum(reporting(size, len(document.designs), priced=priced).values())}

    step = command_steps(document.data.located(study), start=1.7, then=seconds)
    from workbench.report.files import write_report  # noqa: PLC0415
    from workbench.workspace import MOST_AT_HAND, load_base  # noqa: PLC0415

    with step("load"):
        base = load_base(document, study)
    with with_copies(allowed=len(base) <= MOST_AT_HAND), step("report"):
        written = write_report(
            base, document, output, scenario_id=scenario, pdf=pdf, xlsx=xlsx, results=results, audience=audience,
            force=force, **naming,
        )  # fmt: skip
    print_files(written.files)


def slides(
    study: Annotated[Path, typer.Argument(help="The folder of a study (it holds study.json).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The PowerPoint file to write.")] = Path("slides.pptx"),
    *,
    template: Annotated[
        Path | None, typer.Option("--template", help="A presentation whose colours, typefaces and layouts are taken.")
    ] = None,
    scenario: Annotated[str | None, typer.Option("--scenario", help="Show this scenario, not the chosen one.")] = None,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write slides that can be edited; accounts are called by an alias unless --names says otherwise."""
    from workbench.report.content import expected_seconds  # noqa: PLC0415 - each command loads what it needs
    from workbench.report.slides import write_slides  # noqa: PLC0415
    from workbench.study.document import Study  # noqa: PLC0415
    from workbench.workspace import load_base  # noqa: PLC0415

    naming: dict[str, Any] = options.names_in("alias", names, study, share=share)
    document = Study.load(study)
    settle(document.locale)
    step = command_steps(document.data.located(study), start=1.7, then=lambda _: {"slides": 10.0})
    with step("load"):
        base = load_base(document, study)
    step.expect(slides=sum(expected_seconds(base, document, scenario, gathered=False).values()))
    with step("slides"):
        written = write_slides(base, document, output, scenario_id=scenario, template=template, force=force, **naming)
    print_files((written,))


def run(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of data, or of a study; leave out with --sample.")
    ] = None,
    output: HtmlFile = DEFAULT_REPORT,
    *,
    pdf: PdfFile = None,
    xlsx: XlsxFile = None,
    results: JsonFile = None,
    study: Annotated[
        Path | None,
        typer.Option("--study", help="Where to keep the study of a folder of data; beside the report if left out."),
    ] = None,
    as_of: AsOf = None,
    basis: options.Basis = "last-month",
    sample: Annotated[bool, typer.Option("--sample", help="Run on the sample company that comes along.")] = False,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Walk the whole sequence without a screen, write the report and print a summary.

    A folder of data becomes a study first. Stages nobody has decided start from what the data suggests; they are
    recorded in the study as one step, which one undo takes back. A second run decides nothing anew.
    """
    if sample == (folder is not None):
        raise typer.BadParameter("name a folder of data or of a study, or give --sample")
    source = _source(folder, study, output, as_of, options.basis_named(basis))

    def seconds(size: Size) -> dict[str, float]:
        written = reporting(size, source.designs, priced=True) | {"evidence": 0.0}
        parts = deciding(size)
        return {"gather": parts.pop("gather"), "decide": sum(parts.values()), "report": sum(written.values())}

    step = command_steps(source.data, start=1.7, then=seconds)
    from workbench.report.content import size_of  # noqa: PLC0415
    from workbench.report.files import check_report, write_report  # noqa: PLC0415
    from workbench.stages.contract import gather_evidence  # noqa: PLC0415
    from workbench.workspace import MOST_AT_HAND  # noqa: PLC0415

    check_report(output, pdf=pdf, xlsx=xlsx, results=results, inputs=(source.data,), force=force)
    with step("load"):
        base, document = source.load()
    step.expect(**seconds(size_of(base)))
    naming: dict[str, Any] = options.names_in("full", names, source.place, share=share)
    files: dict[str, Any] = {"pdf": pdf, "xlsx": xlsx, "results": results, "force": force}
    with with_copies(allowed=len(base) <= MOST_AT_HAND):
        with step("gather"):
            evidence = gather_evidence(base)  # deciding and reporting read the same
        with step("decide"):
            document = source.decide(base, document, evidence)
        with step("report"):
            written = write_report(base, document, output, evidence=evidence, **files, **naming)
    print_summary(written.results)
    source.say()
    print_files(written.files)


@dataclass(frozen=True)
class _Source:
    """What a run starts from: a study on disk, a folder of data that becomes one at `place`, or the sample."""

    data: Path
    place: Path | None
    opened: Study | None = None
    as_of: str | None = None
    kept: bool = True
    basis: RevenueBasis = "last complete month"

    @property
    def designs(self) -> int:
        """Return how many designs are reported on, as far as known before anything is loaded."""
        return 1 if self.place else 2 if self.opened is None else len(self.opened.designs)

    def load(self) -> tuple[CustomerBase, Study | None]:
        """Return the customers and the study; None where the sample's is still to be made."""
        from workbench.rendering.studies import new_study  # noqa: PLC0415
        from workbench.workspace import load_base, sample_base  # noqa: PLC0415

        if self.place is None:
            base = sample_base()
            return (base if self.as_of is None else base.up_to(self.as_of)), None
        made = self.opened or new_study(self.place, self.data, as_of=self.as_of, basis=self.basis, show=print_findings)
        settle(made.locale)
        return load_base(made, self.place), made

    def decide(self, base: CustomerBase, document: Study | None, evidence: Mapping[str, Any]) -> Study:
        """Return the study with every stage decided; what nobody had decided is on record now, in one saved step."""
        from workbench.workspace import sample_folder, sample_study  # noqa: PLC0415

        if document is None:
            study = sample_study(base, sample_folder(), evidence=evidence)
            return study if self.as_of is None else _as_of(study, self.as_of)
        decided = _decided(base, document, evidence)
        if not self.kept or decided is document or self.place is None:
            return decided
        return decided.save(self.place)

    def say(self) -> None:
        """Say where the study is, or why it was not kept."""
        if self.place is None:
            return
        typer.echo(
            f"The study is in {self.place}."
            if self.kept
            else f"The study in {self.place} speaks of another day, so nothing was recorded in it."
        )


def _source(folder: Path | None, place: Path | None, output: Path, as_of: str | None, basis: RevenueBasis) -> _Source:
    from workbench.study.document import Study  # noqa: PLC0415 - each command loads what it needs
    from workbench.study.folder import STUDY_FILE  # noqa: PLC0415

    if folder is None:
        if place is not None:
            raise typer.BadParameter("--study names where to keep the study of a folder of data; the sample has one")
        return _Source(bundled("data") / "sample", None, as_of=as_of)
    if (folder / STUDY_FILE).exists():
        if place is not None:
            raise typer.BadParameter(f"{folder} is a study already; --study is for a folder of data")
        saved = Study.load(folder)
        opened = _as_of(saved, as_of)
        return _Source(opened.data.located(folder), folder, opened, kept=opened is saved)
    where = place or output.parent / f"{output.stem}-study"
    if not (where / STUDY_FILE).exists():
        return _Source(folder, where, as_of=as_of, basis=basis)
    saved = Study.load(where)
    if saved.data.located(where).resolve() != folder.resolve():
        raise StudyError(
            f"{where} holds a study of other data, {saved.data.located(where)}.", "Name another place with --study."
        )
    opened = _as_of(saved, as_of)
    return _Source(folder, where, opened, kept=opened is saved)


def _as_of(study: Study, day: str | None) -> Study:
    """Return the study as of a day; itself where it speaks of that day already."""
    if day is None or study.data.as_of == date.fromisoformat(day.strip()):
        return study
    return study.replaced(data=study.data.replaced(as_of=date.fromisoformat(day.strip())))


def _decided(base: CustomerBase, study: Study, evidence: Mapping[str, Any]) -> Study:
    """Return the study with every open stage of its first design decided and on record; itself where none is open."""
    from workbench.stages.contract import STAGES, record_all, with_starting_points  # noqa: PLC0415

    design = study.designs[0]
    still_open = [stage.key for stage in STAGES if stage.designs and not design.decided(stage.key)]
    if not still_open:
        return study
    step = Steps(deciding(Size(len(base))) | {"gather": 0.0}, seconds=True)
    with step("suggest"):
        design = with_starting_points(base, design, evidence=evidence)
    now = datetime.now().astimezone()
    with step("record"):
        return record_all(
            base, study.with_scenario(design), design.id, who=WHO, when=now, evidence=evidence, stages=still_open
        )
