"""Scenarios side by side: what each decides, what it earns and which rules it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.report.tables import Table
from workbench.wording import figure_value

if TYPE_CHECKING:
    from workbench.report.content import ReportContent
    from workbench.stages.walk import StageOutcome


def comparison_table(content: ReportContent) -> Table:
    """Return one column for each design scenario: decisions, key figures of every stage, counts of findings."""
    scenarios = [(content.scenario, content.outcomes), *content.others]
    labels = _row_labels([outcomes for _, outcomes in scenarios])
    columns = [_column(outcomes, labels) for _, outcomes in scenarios]
    rows = tuple((label, *(column[label] for column in columns)) for label in labels)
    names = tuple(scenario.name for scenario, _ in scenarios)
    return Table("Scenarios side by side", ("", *names), rows, (False,) * (len(names) + 1))


def _row_labels(all_outcomes: list[tuple[StageOutcome, ...]]) -> list[str]:
    """List the rows in the order of the stages; a figure that only one scenario has gets a row too."""
    labels: dict[str, None] = {}
    for outcomes in all_outcomes:
        for outcome in outcomes:
            labels[outcome.stage.title] = None
            labels.update(dict.fromkeys(_figure_label(outcome, each.label) for each in outcome.result.key_figures))
    labels["Rules: met / watch / not met / unknown"] = None
    return list(labels)


def _figure_label(outcome: StageOutcome, label: str) -> str:
    return f"{outcome.stage.title}: {label}"


def _column(outcomes: tuple[StageOutcome, ...], labels: list[str]) -> dict[str, str]:
    cells = dict.fromkeys(labels, "")
    for outcome in outcomes:
        cells[outcome.stage.title] = outcome.summary
        for figure in outcome.result.key_figures:
            cells[_figure_label(outcome, figure.label)] = figure_value(figure)
    cells["Rules: met / watch / not met / unknown"] = _counts(outcomes)
    return cells


def _counts(outcomes: tuple[StageOutcome, ...]) -> str:
    statuses = [finding.status for outcome in outcomes for finding in outcome.result.findings]
    return " / ".join(str(statuses.count(status)) for status in ("ok", "watch", "breach", "unknown"))
