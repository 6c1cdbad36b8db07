"""Designs side by side: charts, decisions and key figures, and how they stand against the rules."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from workbench.stages.comparison import FIGURES_CAPTION, figures
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.figure_view import FigureView
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.stages.comparison import ScenarioComparison
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = "Every design on the same customers and the same draws; a change is the difference to what is recorded today."
RULES_INTRO = "The rules on which designs get different verdicts. A stage nobody has decided is not checked."
MOST_ROWS = 400


class ComparisonView(SectionView):
    """Today's figures, revenue and findings as charts, decisions and key figures as tables."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self.today = Block()
        self.charts = {key: FigureView() for key in ("revenue", "findings")}
        self.decisions = Block()
        self.figures = Block()
        for block in (self.decisions, self.figures):
            block.add_class("wb-tall")
        parts = (
            *panel.trouble.parts,
            panel.progress,
            self.today,
            tuple(self.charts.values()),
            self.decisions,
            self.figures,
        )
        self.section = panel.section("Scenarios side by side", status=self.status, parts=parts, intro=INTRO)

    def refresh(self, comparison: ScenarioComparison) -> None:
        """Show a comparison."""
        self.today.show(html.heading("Today, as recorded", 4) + html.key_figures(comparison.today))
        drawn = {figure.key: figure for figure in figures(comparison)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        self.decisions.show(html.heading("Decisions", 4) + html.table(comparison.decisions(), "One row per stage"))
        frame = comparison.figures(measured_over=True)
        table = html.table(frame, FIGURES_CAPTION, most_rows=MOST_ROWS, numbers_right=False)
        self.figures.show(html.heading("Key figures", 4) + table)


class RulesView(SectionView):
    """The rules on which the designs differ, and all of them on demand."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self.table = Block()
        self.section = panel.section("Which rules differ", status=self.status, parts=(self.table,), intro=RULES_INTRO)

    def refresh(self, comparison: ScenarioComparison) -> None:
        """Show a comparison."""
        differing = comparison.rules(differing=True)
        everything = comparison.rules()
        shown = html.table(differing, "Rules with different verdicts")
        if not len(differing):
            shown = html.message(_all_agree(comparison))
        inside = html.table(everything, "Every rule checked", most_rows=len(everything))
        self.table.show(shown + html.details(escape(f"All rules checked ({len(everything)})"), inside))


def _all_agree(comparison: ScenarioComparison) -> str:
    if len(comparison.columns) == 1:
        return "There is one design, so there is nothing to differ from. Duplicate it below and change the copy."
    return "No rule tells these designs apart."
