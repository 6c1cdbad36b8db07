"""What happens once customers react: ranges of revenue, what drives them, what would be worth knowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.impact_view.ahead.charts import range_figures
from workbench.stages.impact_view.range_tables import chances_table, guesses_table, knowing_sentence
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.figure_view import FigureView
from workbench.ui.impact.view import ImpactView

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.ui.impact.panel import ImpactPanel

INTRO = (
    "Usage, leavers and new customers are forecast from the record. What customers do about new prices is not known, "
    "so it is drawn from ranges, many times over. Where the study keeps a range about "
    "one of the guesses below (under Assumptions), that one is drawn from; else what own price moves on record say, "
    "and where they say nothing the range is wide on purpose."
)


class UncertaintyView(ImpactView):
    """The fan, the back-test, the tornado, the chances, and the guesses with their ranges."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self.told = Block(role="status")
        self.charts = {key: FigureView() for key in ("fan", "backtest", "tornado")}
        self.tables = Block()
        self.section = panel.section(
            "Once customers react",
            status=self.status,
            parts=(self.told, tuple(self.charts.values()), self.tables),
            intro=INTRO,
            finish=lambda: panel.finish(self),
        )

    def refresh_words(self, result: ImpactResult) -> None:
        """Show the ranges of the policy decided on; thousands of draws wait until the hand rests."""
        drawn = {figure.key: figure for figure in range_figures(result)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        if result.ranges is None:
            self.told.show(html.message(result.forecast_reason or "There is nobody to bring over.", "warning"))
            self.tables.show("")
            return
        self.told.show(html.paragraph(knowing_sentence(result.ranges)))
        chances = html.table(chances_table(result.ranges), "Chance of crossing a guardrail once customers react")
        guesses = html.details("The guesses and their ranges", html.table(guesses_table(result.ranges)))
        self.tables.show(chances + guesses)
