"""Write a report's tables as an Excel workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.cells import heading
from workbench.customers.check import problems_frame
from workbench.report.impact import impact_frames
from workbench.report.willingness_tables import WillingnessView
from workbench.spreadsheet import save_workbook
from workbench.stages.impact_view.charts import figures as impact_figures
from workbench.stages.registry import step_title
from workbench.wording import figure_change, figure_interval, figure_value

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report.content import ReportContent


def write_workbook(content: ReportContent, path: Path, *, force: bool = False) -> Path:
    """Write the tables of a report to an Excel file and return its path.

    One sheet for the key figures, the findings, the decision log and the coverage, and one for the table under each
    chart. Text that a spreadsheet would run as a formula is kept as text.
    """
    sheets = [(name, frame.set_axis(list(map(heading, frame.columns)), axis=1)) for name, frame in _frames(content)]
    return save_workbook(sheets, path, force=force)


def _frames(content: ReportContent) -> list[tuple[str, pd.DataFrame]]:
    figures = [
        (f"{outcome.stage.title} {figure.title}", figure.table)
        for outcome in content.outcomes
        for figure in outcome.stage.module.figures(outcome.result)
        if figure.table is not None
    ]
    impact = [
        *((f"Customers {figure.title}", figure.table) for figure in impact_figures(content.impact)),
        *((f"Customers {name}", frame) for name, frame in impact_frames(content.impact).items()),
    ]
    view = WillingnessView(content.willingness)
    willingness = [
        *((f"Willingness {figure.title}", figure.table) for figure in view.figures if figure.table is not None),
        *((f"Willingness {name}", frame) for name, frame in view.frames.items()),
    ]
    return [
        ("Key figures", _key_figures(content)),
        ("Findings", _findings(content)),
        *figures,
        *willingness,
        *((name, frame) for name, frame in impact if frame is not None),
        ("Decision log", _decision_log(content)),
        ("Data coverage", content.base.coverage().frame()),
        *([("Data worth a look", problems_frame(content.base.findings))] if content.base.findings else []),
    ]


def _key_figures(content: ReportContent) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Stage": title,
                "Figure": figure.label,
                "Value": figure.value * 100 if figure.unit == "percent" and figure.value is not None else figure.value,
                "Unit": figure.unit,
                "Shown as": figure_value(figure),
                "Change against today": figure_change(figure),
                "Interval": figure_interval(figure),
                "Period": figure.period,
                "Population": figure.population,
            }
            for title, figures in (
                *((outcome.stage.title, outcome.result.key_figures) for outcome in content.outcomes),
                ("Willingness to pay", content.willingness.result.key_figures),
            )
            for figure in figures
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
                "Affected": ", ".join(finding.affected),
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
