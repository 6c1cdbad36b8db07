"""The commands of the growth desk: what changed in usage this month, and a page for each customer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from workbench.cli import options
from workbench.cli.options import Force  # noqa: TC001 - read when the command is made
from workbench.cli.printing import print_files
from workbench.cli.record_commands import StudyFolder, opened

URGENT = 6
"""The exit code of a run with an urgent alert; documented with the others."""


def watch(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write to.")] = Path("watch"),
    *,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="Watch this metric; several times for several. Those prices charge for if none."),
    ] = None,
    false_alarms: Annotated[
        float | None,
        typer.Option("--false-alarms", min=0, help="How many false alarms a month; what the study decides if none."),
    ] = None,
    control: Annotated[
        Literal["alarms", "discoveries"],
        typer.Option("--control", help="'discoveries' holds the share of false ones among alarms, such as 0.1."),
    ] = "alarms",
    owner: Annotated[list[str] | None, typer.Option("--owner", help="Who looks after an alert, as ALERT=NAME.")] = None,
    snooze: Annotated[
        list[str] | None, typer.Option("--snooze", help="Until when an alert may wait, as ALERT=2025-03-31.")
    ] = None,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Look at the usage of the last month: new alerts, cleared and still open; exit code 6 when one is urgent."""
    from workbench.report.desk import write_watch  # noqa: PLC0415 - each command loads what it needs
    from workbench.text import texts  # noqa: PLC0415

    naming: dict[str, Any] = options.names_in("full", names, study, share=share)
    base, document = opened(study)
    asked: dict[str, Any] = {
        "metrics": metric, "false_alarms": false_alarms, "control": control,
        "owners": options.values_by_name(owner or ()), "snoozed": options.values_by_name(snooze or ()),
    }  # fmt: skip
    done = write_watch(base, document, study, output, force=force, **asked, **naming)
    run, say = done.run, texts("workbench.report.desk.watch_files")
    counts = {"new": len(run.new), "cleared": len(run.cleared), "still_open": len(run.still_open)}
    typer.echo(f"{run.month}: {say('counts', **counts)}.")
    typer.echo(
        say(
            "expected",
            accounts=run.accounts,
            metrics=run.metrics,
            expected=run.expected_in_all,
            sudden=run.expected_false,
        )
    )
    typer.echo(f"{say('urgent', n=len(run.urgent))}.")
    print_files(done.files)
    if run.urgent:
        raise typer.Exit(URGENT)


def pages(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write the pages to.")] = Path("pages"),
    *,
    account: Annotated[
        list[str] | None, typer.Option("--account", help="Only this customer; several times for several.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="The prices of this scenario, not today's list.")
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="Show this kind of outcome; several times for several.")
    ] = None,
    brand: options.BrandName = "",
    colour: options.BrandColour = "",
    logo: options.Logo = None,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write a page for each customer: usage, what it brings, similar organisations, what more would cost."""
    from workbench.formatting import count  # noqa: PLC0415 - each command loads what it needs
    from workbench.report.desk import write_customer_pages  # noqa: PLC0415

    look = options.brand(brand, colour, logo)
    naming: dict[str, Any] = options.names_in("full", names, study, share=share)
    base, document = opened(study)
    asked: dict[str, Any] = {"accounts": account, "scenario_id": scenario, "outcomes": outcome, "brand": look}
    written = write_customer_pages(base, document, output, force=force, **asked, **naming)
    typer.echo(f"Wrote {count('page', len(written) - 1)} to {output}.")
    print_files(written[-1:])


def plan(
    study: StudyFolder,
    account: Annotated[list[str], typer.Argument(help="The customer's account_id; several for several plans.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write the plans to.")] = Path("plans"),
    *,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="The prices of this scenario, not today's list.")
    ] = None,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write the joint plan of an account: a page for us, one to share, its days as a calendar, and what changed."""
    from workbench.report.desk import write_plans  # noqa: PLC0415 - each command loads what it needs

    naming: dict[str, Any] = options.names_in("full", names, study, share=share)
    base, document = opened(study)
    print_files(write_plans(base, document, output, account, scenario_id=scenario, force=force, **naming))


def talks(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write the calendars to.")] = Path(
        "talks"
    ),
    *,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="The team and cadence of this scenario, not of the one reported.")
    ] = None,
    names: options.Names = None,
    share: options.Share = False,
    force: Force = False,
) -> None:
    """Write the year's talks with customers: a calendar for all, one for each person, a list, and who is full."""
    from workbench.report.desk import write_talks  # noqa: PLC0415 - each command loads what it needs

    naming: dict[str, Any] = options.names_in("full", names, study, share=share)
    base, document = opened(study)
    done = write_talks(base, document, output, scenario_id=scenario, force=force, **naming)
    for each in done.told:
        typer.echo(each)
    print_files(done.files)


def playbook(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")] = Path("playbook.html"),
    *,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="The playbook of this scenario, not of the one reported.")
    ] = None,
    brand: options.BrandName = "",
    colour: options.BrandColour = "",
    logo: options.Logo = None,
    force: Force = False,
) -> None:
    """Write the timing playbook to print: a page for each trigger, what to offer and say, and what its past says."""
    from workbench.report.desk import write_playbook  # noqa: PLC0415 - each command loads what it needs

    look = options.brand(brand, colour, logo)
    base, document = opened(study)
    print_files((write_playbook(base, document, output, scenario_id=scenario, brand=look, force=force),))
