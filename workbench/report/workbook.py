"""Write a report's tables as an Excel workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.cells import heading
from workbench.customers.check import problems_frame
from workbench.report.impact import impact_captions, impact_frames
from workbench.report.result_figure import span
from workbench.report.willingness_tables import WillingnessView
from workbench.spreadsheet import save_workbook, sheet_name
from workbench.stages.impact_view.charts import figures as impact_figures
from workbench.stages.registry import step_title
from workbench.wording import figure_change, figure_interval, figure_value

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report.content import ReportContent


CONTENTS = "Contents"


@dataclass(frozen=True)
class _Sheet:
    """A table with its title and what it holds: of whom and of which months."""

    title: str
    holds: str
    frame: pd.DataFrame


def write_workbook(content: ReportContent, path: Path, *, force: bool = False) -> Path:
    """Write the tables of a report to an Excel file and return its path.

    One sheet for the key figures, the findings, the decision log and the coverage, and one for the table under each
    chart; the first says what each holds. Text that a spreadsheet would run as a formula is kept as text.
    """
    sheets = _sheets(content)
    taken: set[str] = set()
    names = [sheet_name(CONTENTS, taken), *(sheet_name(each.title, taken) for each in sheets)]
    contents = pd.DataFrame(
        [(name, each.title, each.holds) for name, each in zip(names[1:], sheets, strict=True)],
        columns=["Sheet", "Table", "What it holds"],
    )
    frames = [contents, *(each.frame for each in sheets)]
    written = [
        (name, frame.set_axis(list(map(heading, frame.columns)), axis=1))
        for name, frame in zip(names, frames, strict=True)
    ]
    return save_workbook(written, path, force=force)


def _sheets(content: ReportContent) -> list[_Sheet]:
    impact, captions = content.impact, impact_captions(content.impact)
    view = WillingnessView(content.willingness)
    drawn = [
        *((each.stage.title, figure) for each in content.outcomes for figure in each.stage.module.figures(each.result)),
        *(("Willingness", figure) for figure in view.figures),
        *(("Customers", figure) for figure in impact_figures(impact)),
    ]
    stands = content.standing
    basis = content.study.basis if stands is None else f"{content.study.basis} ({span(stands.months)})"
    return [
        _Sheet("Key figures", f"Key figures of each stage; the study's basis: {basis}", _key_figures(content)),
        _Sheet("Findings", "What each rule finds", _findings(content)),
        *(
            _Sheet(f"{part} {figure.title}", figure.table_caption, figure.table)
            for part, figure in drawn
            if figure.table is not None
        ),
        *(_Sheet(f"Willingness {name}", view.captions[name], frame) for name, frame in view.frames.items()),
        *(_Sheet(f"Customers {name}", captions[name], frame) for name, frame in impact_frames(impact).items()),
        _Sheet("Decision log", "What was decided, by whom and why", _decision_log(content)),
        _Sheet("Data coverage", "Months and accounts of each table", content.base.coverage().frame()),
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
                ("Customers", content.impact.key_figures),
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
