"""What the command line prints of a result."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pandas import DataFrame

    from workbench.customers.base import CustomerBase
    from workbench.customers.intake.bring_in import BroughtIn
    from workbench.customers.intake.matching import Answer
    from workbench.errors import DataErrors
    from workbench.impact.bill_replay import Replay
    from workbench.impact.comparison import Comparison
    from workbench.pages.data_import import ImportedStudy
    from workbench.results import Caution
    from workbench.stages.study_replay import EventReplay, ScenarioReplay, StudyReplay

_ATTENTION = {"not_met": "Not met", "watch": "Watch", "set_aside": "Set aside"}
_ACCOUNTS_NAMED = 8  # behind a guardrail that is crossed


def print_events(done: EventReplay, engine: str) -> None:
    """Print how events were counted, and what their replay earns."""
    from workbench.formatting import money  # noqa: PLC0415

    months = done.study.first.rows.shown_months
    counts = done.events.months.counts
    typer.echo("Events")
    for sentence in (*counts.rules.sentences(), *counts.sentences()):
        typer.echo(f"  {sentence}")
    print_cautions(done.events.cautions)
    typer.echo(
        f"Revenue of plans without add-ons, of everybody with a bill, {months[0]:%Y-%m} to {months[-1]:%Y-%m}; "
        f"by {engine} and in memory the same"
    )
    for name, revenue in done.billed.items():
        typer.echo(f"  {name}: {money(revenue, done.study.first.currency)}")
    typer.echo("")


def print_baseline(done: StudyReplay) -> None:
    """Print what a replay stands on, and how well today's prices explain recorded revenue."""
    from workbench.formatting import basis_sentence  # noqa: PLC0415

    basis = done.first.basis
    typer.echo(basis_sentence(basis))
    if done.baseline is None:
        typer.echo("No list of today's prices is on record, so what was paid could not be held against one.")
    else:
        _print_not_billed(done.baseline)
    typer.echo("")
    if done.reconciliation is not None:
        unit = f"{done.first.currency}, {basis.first_month} to {basis.last_month}"
        typer.echo(f"Today's prices against recorded revenue ({unit})")
        amounts = dict.fromkeys(("difference", "recorded", "without_bill"), ",.0f")
        typer.echo(_indented(done.reconciliation.summary(), amounts))
        typer.echo("")


def print_replay(done: ScenarioReplay, name: str, basis: str) -> None:
    """Print a scenario's money on the study's basis, then the months replayed: changes, movers, guardrails."""
    from workbench.formatting import count, figure_sentence, first_of, percent  # noqa: PLC0415
    from workbench.impact.revenue_measures import key_figures  # noqa: PLC0415

    _print_standing(done, name, basis)
    comparison, spread = done.comparison, done.comparison.spread
    months = f"{comparison.basis.first_month} to {comparison.basis.last_month}"
    sold = ", with add-ons for every account that needs one" if any(map(len, done.replay.owned.values())) else ""
    typer.echo(f"{name} against {comparison.before_name}, all months {months} together{sold}")
    for words, sides in _sides(done).items():
        if sides is None:
            continue
        change, people = percent(sides.revenue_change, 1, signed=True), count("account", len(sides.accounts))
        typer.echo(f"  {words}: {change} revenue ({people} with both)")
    points = ", ".join(percent(point, 1, signed=True) for point in (spread.p5, spread.p50, spread.p95))
    if not len(comparison.accounts):
        typer.echo("  No account has a bill on both sides, so nothing can be compared or held against guardrails.")
    held = next(words for words, sides in _sides(done).items() if sides is not None)
    typer.echo(f"  {held}, bill change of accounts (5%, 50%, 95% stay at or below): {points}")
    for _, row in comparison.movers(3).iterrows():
        typer.echo(f"  {row['account_id']}: {percent(row['percent'], signed=True)} ({row['reason']})")
    typer.echo("  Under these prices the months would have shown")
    for figure in key_figures(done.replay):
        typer.echo(f"    {figure_sentence(figure)}")
    _print_not_billed(done.replay)
    typer.echo(f"  Guardrails, {held.lower()}")
    for check in done.guardrails.checks:
        typer.echo(f"    {check.verdict.upper() if check.verdict == 'fail' else check.verdict:<8} {check.sentence}")
        if check.verdict == "fail" and check.accounts:
            typer.echo(f"             accounts: {first_of(check.accounts, _ACCOUNTS_NAMED)}")
    print_cautions(comparison.cautions)
    typer.echo("")


def _print_standing(done: ScenarioReplay, name: str, basis: str) -> None:
    """Print what results and report say of the same design: the same names, numbers, basis and population."""
    from workbench.report.result_figures import amount_in_words, figures_of_standing  # noqa: PLC0415

    typer.echo(f"{name}, a month: accounts placed by need, contracts kept, plans without add-ons")
    for figure in figures_of_standing(done.standing, basis, done.replay.currency, why=done.why_no_standing):
        said = ", ".join(filter(None, (figure.basis, figure.period, figure.population)))
        why = f"; {figure.reason}" if figure.value is None else ""
        typer.echo(f"  {figure.name}: {amount_in_words(figure.value, figure.unit)} ({said}{why})")


def _sides(done: ScenarioReplay) -> dict[str, Comparison | None]:
    """Return the comparisons of a replay by what they hold against what; first what the guardrails hold."""
    before = done.comparison.before
    if before is None:
        return {"The new list as it stands against recorded revenue": done.comparison, "List against list": done.lists}
    if before.realisation is None:
        return {"List against list": done.comparison}
    return {"Paid against paid, each account keeping its discount": done.comparison, "List against list": done.lists}


def _print_not_billed(replay: Replay) -> None:
    from workbench.formatting import count, percent  # noqa: PLC0415

    for reason, months, accounts, share in replay.coverage().query("reason != 'billed'").to_numpy().tolist():
        who = f"{count('account-month', months)} ({percent(share, 1)}) of {count('account', accounts)}"
        typer.echo(f"  Not billed, {reason}: {who}")


def _indented(table: DataFrame, formats: dict[str, str]) -> str:
    written = table.assign(**{name: table[name].map(f"{{:{form}}}".format) for name, form in formats.items()})
    return indent(written.to_string(index=False, float_format="{:.1%}".format, na_rep="unknown"), "  ")


def print_summary(results: Mapping[str, Any]) -> None:
    """Print the first page of a study's results as text, its decisions, and the findings that ask for attention."""
    from workbench.report.result_figures import ResultFigures, amount_in_words  # noqa: PLC0415

    page, figures, currency = results["page"], ResultFigures(results), results["currency"]
    typer.echo(f"{results['scenario']['name']}. {page['verdict']['text']}")
    typer.echo(f"\nMoney a month, {page['basis']}")
    for step in page["bridge"]:
        key, against = step["figure"], step["against"]
        parts = (figures.text(key), figures.range(key), figures.difference(key, against))
        typer.echo(f"  {step['label']}: {'; '.join(filter(None, parts))}")
    typer.echo("\nCustomers")
    for key in (*page["customers"], *page["baseline"]):
        told = "; ".join(filter(None, (figures.text(key), figures.range(key))))
        typer.echo(f"  {figures.row(key)['name']}: {told}")
    typer.echo("\nWhy we believe it (A checked on own history, B with reservations, C stated or assumed, D unknown)")
    for line in page["evidence"]:
        typer.echo(f"  {line['grade']}  {line['about']}: {line['text']}")
    typer.echo("\nRisks, by money a month")
    for risk in page["risks"]:
        typer.echo(f"  {amount_in_words(risk['money'], currency)} {risk['text']} Sign: {risk['trigger']}")
    typer.echo(f"\nTest first\n  {page['test_first']}\n\nDecisions")
    for stage in results["stages"].values():
        typer.echo(f"  {stage['title']}: {stage['summary']}")
    typer.echo("\nFindings that ask for attention")
    _print_findings(results)
    typer.echo("\nCautions")
    warnings = [each for each in results["cautions"] if each["severity"] == "warning"]
    for each in warnings:
        typer.echo(f"  {results['stages'][each['stage']]['title']}: {each['text']}")
    typer.echo("" if warnings else "  none\n")


def _print_findings(results: Mapping[str, Any]) -> None:
    attention = [each for status in _ATTENTION for each in results["findings"] if each["status"] == status]
    for each in attention:
        stage = results["stages"][each["stage"]]["title"]
        typer.echo(f"  {_ATTENTION[each['status']]:<9} {each['rule']:<4} {stage}: {each['evidence']}")
    if not attention:
        typer.echo("  none")


def print_cautions(cautions: Iterable[Caution]) -> None:
    """Print what to know about a result."""
    for caution in cautions:
        typer.echo(f"  Caution: {caution.text}")


def print_files(files: tuple[Path, ...]) -> None:
    """Print the files that were written, with their sizes."""
    for path in files:
        typer.echo(f"Wrote {path} ({path.stat().st_size / 1024:,.0f} KB)")


def print_findings(base: CustomerBase) -> None:
    """Print what in the data deserves a look, one line for each cause."""
    from workbench.customers.base import as_line  # noqa: PLC0415

    if base.findings:
        typer.echo("Worth a look (the data is read as it stands)")
    for finding in base.findings:
        typer.echo(f"  {as_line(finding)}")


def print_found(found: BroughtIn) -> None:
    """Print yours and ours with three values, and what was done."""
    from workbench.customers.intake.shapes import NOT_USED  # noqa: PLC0415

    for table in found.mapping.tables:
        known = f", known as {table.export}" if table.export else ""
        typer.echo(f"{table.file} -> {_answered(table.table)}{known}")
        is_read = table.table.value != NOT_USED or not table.table.sure
        for name, each in table.columns.items() if is_read else ():
            typer.echo(f"  {name} -> {_answered(each, ', '.join(table.samples.get(name, ())))}")
        for name, each in table.options.items():
            typer.echo(f"  {name}: {_answered(each, each.why)}")
    for name, each in found.mapping.settings.items():
        typer.echo(f"{name}: {_answered(each, each.why)}")
    for sentence in found.said:
        typer.echo(f"  {sentence}")
    for name, seems in found.unread:
        typer.echo(f"Not read: {name}, {seems}")
    typer.echo("")


def _answered(answer: Answer, beside: str = "") -> str:
    return f"{answer.value}{'' if answer.sure else ' ?'}" + (f"  ({beside})" if beside else "")


def covered_text(base: CustomerBase) -> str:
    """Return what each table covers as lines; what a table has not stays blank."""
    frame = base.coverage().frame()
    return frame.astype(object).where(frame.notna(), "").to_string(index=False)


def print_import(done: ImportedStudy) -> None:
    """Print what waits for an answer, or the study that was made."""
    from workbench.formatting import count, figure_sentence  # noqa: PLC0415
    from workbench.pages.data_import import LEFT_OUT_FILE  # noqa: PLC0415
    from workbench.stages.study_replay import recorded_figures  # noqa: PLC0415

    if done.study is None:
        asked = len(done.found.mapping.questions)
        typer.echo(
            f"{asked} {'line ends' if asked == 1 else 'lines end'} in ?, which is a suggestion. Look at "
            f"{done.mapping_file}: take the ? away where it is right, write what is right elsewhere, and run this "
            "again; or take all suggestions with --accept."
        )
        return
    made = "Made the study" if done.is_new else "Renewed the data of the study"
    typer.echo(f"{made} {done.study.name!r}. The mapping is kept in {done.mapping_file}.")
    if left := len(done.found.left_out):
        stands = done.mapping_file.with_name(LEFT_OUT_FILE)
        typer.echo(f"{count('row', left)} left out, with the reason: {stands}.")
    if done.base is not None:
        typer.echo(covered_text(done.base))
        typer.echo("\n".join(f"  {figure_sentence(each)}" for each in recorded_figures(done.base)))
        print_findings(done.base)
        if not done.base.currency:
            print_currency(done.study.currency)


def print_currency(code: str) -> None:
    """Print what amounts are in that name no currency themselves."""
    typer.echo(f"Amounts are in {code} where the data names no currency; --currency of a new study says another.")


def print_problems(error: DataErrors) -> None:
    """Print the problems of the data, one line for each cause."""
    from workbench.customers.base import problems_text  # noqa: PLC0415

    typer.echo(problems_text(error.problems))
