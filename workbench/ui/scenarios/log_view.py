"""The decision log: what was decided, when, by whom and why."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages.registry import step_title
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.stages.comparison import ScenarioComparison
    from workbench.study import DecisionRecord, Study
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = "The latest first. Each line keeps the evidence and the findings as they stood on that day."


class LogView(SectionView):
    """The log as a table, and the evidence behind each line."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.table = Block()
        self.table.add_class("wb-tall")
        self.section = panel.section("Decision log", status=self.status, parts=(self.table,), intro=INTRO)

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the log of the study."""
        study = self._panel.desk.study
        if not study.decisions:
            self.table.show(
                html.message("No decision is on record yet. Each stage notebook ends with the form for it.")
            )
            return
        table = html.table(log_frame(study), f"{len(study.decisions):,} decisions on record")
        behind = "".join(_behind(study, record) for record in reversed(study.decisions))
        self.table.show(table + html.details("Evidence and findings behind each decision", behind))


def log_frame(study: Study) -> pd.DataFrame:
    """Return the decision log as a table, the latest line first."""
    rows = [
        (
            f"{record.when:%Y-%m-%d %H:%M}",
            step_title(record.stage),
            _scenario(study, record.scenario_id),
            record.what,
            record.reason,
            record.who,
        )
        for record in reversed(study.decisions)
    ]
    return pd.DataFrame(rows, columns=["When", "Stage", "Design", "What was decided", "Reason", "Who"], dtype=object)


def _behind(study: Study, record: DecisionRecord) -> str:
    head = f"{record.when:%Y-%m-%d %H:%M}, {step_title(record.stage)}, "
    head += _scenario(study, record.scenario_id)
    inside = html.lines((*record.evidence, *record.findings)) or html.paragraph("Nothing was kept with it.")
    return f"<p><b>{escape(head)}</b></p>{inside}"


def _scenario(study: Study, scenario_id: str) -> str:
    found = next((each.name for each in study.scenarios if each.id == scenario_id), None)
    return found or f"{scenario_id} (removed)"
