"""The panel of scenarios and report: everything the team has designed, side by side, and what it settles on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.ui.guard import StatusLine, guarded
from workbench.ui.plain_panel import PlainPanel
from workbench.ui.progress import working
from workbench.ui.save_trouble import SaveTrouble
from workbench.ui.scenarios.assumptions_view import AssumptionsView
from workbench.ui.scenarios.choice_view import ChoiceView
from workbench.ui.scenarios.comparison_view import ComparisonView, RulesView
from workbench.ui.scenarios.differences_view import DifferencesView
from workbench.ui.scenarios.evaluations import Evaluations
from workbench.ui.scenarios.log_view import LogView
from workbench.ui.scenarios.manage_view import ManageView
from workbench.ui.scenarios.report_view import ReportView
from workbench.ui.scenarios.thresholds_view import ThresholdsView
from workbench.ui.scheduler import Coalescer
from workbench.wording import figure_change, figure_value

if TYPE_CHECKING:
    from workbench.stages.comparison import ScenarioColumn, ScenarioComparison
    from workbench.ui.desk import Desk
    from workbench.ui.section import Section


class ScenariosPanel(PlainPanel):
    """Scenarios side by side, and what follows from the comparison.

    Sections: `comparison`, `rules`, `differences`, `scenarios`, `thresholds`, `assumptions`, `choice`, `log`, `report`.
    `side_by_side` is the comparison shown.
    """

    title = "Scenarios and report"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.progress = StatusLine()
        self.trouble = SaveTrouble(desk, lambda callback: guarded(callback, self.progress))
        self.evaluations = Evaluations(self.progress.say)
        self.side_by_side: ScenarioComparison
        self._views = (
            comparison := ComparisonView(self),
            rules := RulesView(self),
            differences := DifferencesView(self),
            manage := ManageView(self),
            thresholds := ThresholdsView(self),
            assumptions := AssumptionsView(self),
            choice := ChoiceView(self),
            log := LogView(self),
            report := ReportView(self),
        )
        self.comparison: Section = comparison.section
        self.rules: Section = rules.section
        self.differences: Section = differences.section
        self.scenarios: Section = manage.section
        self.thresholds: Section = thresholds.section
        self.assumptions: Section = assumptions.section
        self.choice: Section = choice.section
        self.log: Section = log.section
        self.report: Section = report.section
        self.choice_view = choice
        self.report_view = report
        self._work: Coalescer[None] = Coalescer(guarded(lambda _: self.recompute(), self.progress), lock=desk.lock)
        desk.observe(self._desk_changed, names=["study"])
        self.recompute()

    def recompute(self) -> None:
        """Compare what the desk holds now, and show it."""
        self.side_by_side = self.evaluations.comparison(self.desk.base, self.desk.study)
        for view in self._views:
            view.refresh(self.side_by_side)
        self.progress.clear()

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._work.flush()

    def close(self) -> None:
        """Stop watching the desk and close every widget of the panel."""
        self.desk.unobserve(self._desk_changed, names=["study"])
        self._work.cancel()
        self.trouble.detach()
        super().close()

    def conclusion(self) -> None:
        """Print what the comparison says, in the same words for the same study."""
        self.flush()
        study = self.desk.study
        chosen = study.scenario(study.chosen.scenario_id).name if study.chosen else "none yet"
        lines = ["Scenarios and report", f"Chosen: {chosen}"]
        for column in self.side_by_side.columns:
            lines += ["", column.name, f"  {_revenue(column)}", f"  {_standing(column)}"]
        print("\n".join(lines))  # noqa: T201 - this is what the last cell of the notebook shows

    def _desk_changed(self, _change: object) -> None:
        self._work.submit(None)


def open_panel(desk: Desk) -> ScenariosPanel:
    """Return the panel of scenarios and report on a desk; the first comparison is worked out at once."""
    designs = count("design", len(desk.study.designs))
    with working(f"Comparing {designs} on the customers of {desk.study.title} …"):
        return ScenariosPanel(desk)


def _revenue(column: ScenarioColumn) -> str:
    figure = column.revenue
    if figure is None:
        return "Revenue a month: unknown until the tiers are decided"
    change = figure_change(figure)
    return f"{figure.label}: {figure_value(figure)}" + (f" ({change} against today)" if change else "")


def _standing(column: ScenarioColumn) -> str:
    counts = column.counts
    words = {"ok": "met", "set so": "set so", "watch": "watch", "breach": "not met", "unknown": "unknown"}
    told = [f"{counts[verdict]} {word}" for verdict, word in {**words, "set aside": "set aside"}.items()]
    return f"Findings: {', '.join(told)}"
