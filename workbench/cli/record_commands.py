"""The commands for what a study keeps on record: how far its scenarios have come, remarks, and the whole trail."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli import options
from workbench.cli.options import Force  # noqa: TC001 - read when the command is made
from workbench.cli.printing import print_files
from workbench.locales import settle

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.study.document import Study

StudyFolder = Annotated[Path, typer.Argument(help="The folder of a study (it holds study.json).")]
Who = Annotated[str, typer.Option("--by", help="Who says so.")]


def opened(study: Path) -> tuple[CustomerBase, Study]:
    """Return the customers and the study of a folder, in its locale."""
    from workbench.study.document import Study  # noqa: PLC0415 - each command loads what it needs
    from workbench.workspace import load_base  # noqa: PLC0415

    document = Study.load(study)
    settle(document.locale)
    return load_base(document, study), document


def state(
    study: StudyFolder,
    scenario: Annotated[str | None, typer.Option("--scenario", help="Which one; the chosen one if left out.")] = None,
    to: Annotated[
        Literal["draft", "proposed", "approved", "launched"] | None,
        typer.Option("--to", help="What it is from now on; left out, the states are only listed."),
    ] = None,
    by: Who = "",
    because: Annotated[str, typer.Option("--because", help="Why.")] = "",
) -> None:
    """List how far each scenario has come, or take one further on the data, decisions and figures of now."""
    from workbench.report.approval import state_in_words, states_of, taken_further  # noqa: PLC0415
    from workbench.report.content import reported_scenario  # noqa: PLC0415

    base, document = opened(study)
    if to is not None:
        if not by.strip() or not because.strip():
            raise typer.BadParameter("a state is set with a name and a reason: give --by and --because")
        which = reported_scenario(document, scenario).id
        now = datetime.now().astimezone()
        document = taken_further(base, document, which, to, reason=because, who=by, when=now).save(study)
    for each, known in states_of(document, base):
        typer.echo(f"{each.name} ({each.id}): {state_in_words(known)}")


def letters(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write the letters to.")] = Path(
        "letters"
    ),
    *,
    template: Annotated[
        Path | None, typer.Option("--template", help="Your own template, ending in .html or .txt; see --example.")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Write the usual template to --template to begin with, and stop.")
    ] = False,
    because: Annotated[str, typer.Option("--because", help="Why prices change, in words to customers.")] = "",
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Only so many, those with the largest rises, by alias.")
    ] = None,
    scenario: Annotated[str | None, typer.Option("--scenario", help="This scenario, not the chosen one.")] = None,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write a letter to each customer whose bill changes, and lists of accounts by segment as CSV."""
    from workbench.formatting import count  # noqa: PLC0415 - each command loads what it needs
    from workbench.report.letters import example_template, write_letters  # noqa: PLC0415

    if example:
        if template is None:
            raise typer.BadParameter("--example needs a file to write to: give --template letter.html")
        print_files((example_template(template, force=force),))
        return
    naming: dict[str, Any] = options.names_in("full" if sample is None else "alias", names, study, share=share)
    base, document = opened(study)
    said: dict[str, Any] = {"template": template, "because": because, "sample": sample, "force": force}
    written = write_letters(base, document, output, scenario_id=scenario, **said, **naming)
    typer.echo(f"Wrote {count('letter', written.accounts)} to {output}.")
    print_files(written.lists)


def comment(
    study: StudyFolder,
    section: Annotated[
        str, typer.Argument(help="A section of the report: the key of a stage, such as tiers, or summary, impact, log.")
    ],
    text: Annotated[str, typer.Argument(help="The remark.")],
    by: Who,
) -> None:
    """Keep a remark on a section of the report; the report prints it in its appendix."""
    from workbench.report.sections import section_named  # noqa: PLC0415 - each command loads what it needs
    from workbench.study.document import Study  # noqa: PLC0415
    from workbench.study.states import with_comment  # noqa: PLC0415

    document = Study.load(study)
    place = section_named(section)
    with_comment(document, section, text, by, datetime.now().astimezone()).save(study)
    typer.echo(f"Kept with {place}.")


def log(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write, ending in .csv or .json.")],
    *,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write everything on record, in order: decisions, states, choices, waivers, thresholds and comments."""
    from workbench.files import write_text  # noqa: PLC0415
    from workbench.outputs import GENERATOR, check_output, save_csv  # noqa: PLC0415 - each command loads what it needs
    from workbench.report.approval import record_table  # noqa: PLC0415
    from workbench.report.privacy import named  # noqa: PLC0415
    from workbench.study.document import Study  # noqa: PLC0415
    from workbench.study.states import trail_of  # noqa: PLC0415

    naming: dict[str, Any] = options.names_in("full", names, study, share=share)
    document = Study.load(study)
    rows = trail_of(document)
    if naming["names"] != "full":
        base, document = opened(study)
        found = named(base, document, naming["names"], key=naming["alias_key"])
        rows = found.naming.document(trail_of(found.study))
    if output.suffix.lower() == ".json":
        check_output(output, ".json", force=force)
        text = json.dumps({"generator": GENERATOR, "study": document.name, "trail": rows}, indent=1, ensure_ascii=False)
        print_files((write_text(output, text + "\n"),))
        return
    print_files((save_csv(record_table(rows), output, force=force),))
