"""What the command line prints of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from pandas import DataFrame

    from workbench.errors import DataErrors
    from workbench.report.content import ReportContent
    from workbench.stages.event_replay import EventReplay
    from workbench.stages.study_replay import ScenarioReplay, StudyReplay


def print_events(done: EventReplay, engine: str) -> None:
    """Print how events were counted, and what their replay earns."""
    from workbench.formatting import money  # noqa: PLC0415

    counts = done.events.months.counts
    typer.echo("Events")
    for sentence in (*counts.rules.sentences(), *counts.sentences()):
        typer.echo(f"  {sentence}")
    for caution in done.events.cautions:
        typer.echo(f"  Caution: {caution.text}")
    typer.echo(f"Revenue of plans without add-ons, of everybody with a bill; by {engine} and in memory the same")
    for name, revenue in done.billed.items():
        typer.echo(f"  {name}: {money(revenue, done.study.baseline.currency)}")
    typer.echo("")


def print_baseline(done: StudyReplay) -> None:
    """Print what a replay stands on, and how well today's prices explain recorded revenue."""
    from workbench.wording import basis_sentence  # noqa: PLC0415

    typer.echo(f"{basis_sentence(done.baseline.basis)}\n")
    if done.reconciliation is not None:
        typer.echo("Today's prices against recorded revenue")
        typer.echo(_indented(done.reconciliation.summary(), {"difference": ",.0f", "recorded": ",.0f"}))
        typer.echo("")


def print_replay(done: ScenarioReplay, name: str) -> None:
    """Print one scenario's replay: revenue, spread of bill changes, movers, guardrails."""
    from workbench.formatting import percent  # noqa: PLC0415

    comparison, spread = done.comparison, done.comparison.spread
    typer.echo(f"{name} against {comparison.before_name}: {percent(comparison.revenue_change, 1, signed=True)} revenue")
    points = ", ".join(percent(point, 1, signed=True) for point in (spread.p5, spread.p50, spread.p95))
    typer.echo(f"  bill change of accounts (5%, 50%, 95% stay at or below): {points}")
    for _, row in comparison.movers(3).iterrows():
        typer.echo(f"  {row['account_id']}: {percent(row['percent'], signed=True)} ({row['reason']})")
    typer.echo("  Guardrails")
    for check in done.guardrails.checks:
        typer.echo(f"    {check.verdict.upper() if check.verdict == 'fail' else check.verdict:<8} {check.sentence}")
        if check.verdict == "fail" and check.accounts:
            typer.echo(f"             accounts: {_first_of(check.accounts)}")
    for caution in comparison.cautions:
        typer.echo(f"  Caution: {caution.text}")
    typer.echo("")


def _first_of(names: tuple[str, ...], most: int = 8) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def _indented(table: DataFrame, formats: dict[str, str]) -> str:
    written = table.assign(**{name: table[name].map(f"{{:{form}}}".format) for name, form in formats.items()})
    return "\n".join(f"  {line}" for line in written.to_string(index=False, float_format="{:.1%}".format).splitlines())


def print_summary(content: ReportContent) -> None:
    """Print a study's decisions, the findings that ask for attention, and cautions."""
    typer.echo(f"{content.study.title} ({content.scenario.name})\n")
    typer.echo("Decisions")
    for outcome in content.outcomes:
        typer.echo(f"  {outcome.stage.title}: {outcome.summary}")
    typer.echo(f"\nWillingness to pay and prices found\n  {content.willingness.summary}")
    typer.echo("\nFindings that ask for attention")
    for outcome, finding in content.risks:
        typer.echo(f"  {finding.status_word:<8} {finding.rule_id:<4} {outcome.stage.title}: {finding.evidence}")
    if not content.risks:
        typer.echo("  none")
    typer.echo("\nCautions")
    warnings = [(outcome, each) for outcome, each in content.cautions if each.severity == "warning"]
    for outcome, caution in warnings:
        typer.echo(f"  {outcome.stage.title}: {caution.text}")
    if not warnings:
        typer.echo("  none")
    typer.echo("")


def print_files(files: tuple[Path, ...]) -> None:
    """Print the files that were written, with their sizes."""
    for path in files:
        typer.echo(f"Wrote {path} ({path.stat().st_size / 1024:,.0f} KB)")


def print_problems(error: DataErrors) -> None:
    """Print every problem of the data as a table."""
    from workbench.customers.check import problems_table  # noqa: PLC0415

    typer.echo(problems_table(error.problems))
    count = len(error.problems)
    typer.echo(f"{count} {'problem' if count == 1 else 'problems'} found.")
