"""What happens once customers react: ranges of revenue, what drives them, what would be worth knowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import percent
from workbench.stages.impact_view.charts_later import range_figures
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.figure_view import FigureView
from workbench.ui.plain_panel import SectionView
from workbench.wording import quantity

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult
    from workbench.stages.impact_view.future import Ranges
    from workbench.ui.impact.panel import ImpactPanel

INTRO = (
    "What customers do is not known, so it is drawn from ranges, many times over. A range of the study under "
    "Assumptions is used where it has the id of a guess below; elsewhere the range is wide on purpose."
)
WORTH_SAYING = 1.0  # of the currency: less than that is rounding


class UncertaintyView(SectionView):
    """The fan, the tornado, the chances, and the guesses with their ranges."""

    def __init__(self, panel: ImpactPanel) -> None:
        super().__init__()
        self.told = Block(role="status")
        self.charts = {key: FigureView() for key in ("fan", "tornado")}
        self.tables = Block()
        self.section = panel.section(
            "Once customers react",
            status=self.status,
            parts=(self.told, tuple(self.charts.values()), self.tables),
            intro=INTRO,
        )

    def refresh(self, result: ImpactResult) -> None:
        """Show the ranges of the policy decided on."""
        drawn = {figure.key: figure for figure in range_figures(result)}
        for key, view in self.charts.items():
            view.show(drawn.get(key))
        if result.ranges is None:
            self.told.show(html.message(result.why_not or "There is nobody to bring over.", "warning"))
            self.tables.show("")
            return
        self.told.show(html.paragraph(knowing_sentence(result.ranges)))
        chances = html.table(chances_table(result.ranges), "Chance of crossing a guardrail once customers react")
        guesses = html.details("The guesses, their ranges and their ids", html.table(guesses_table(result.ranges)))
        self.tables.show(chances + guesses)


def knowing_sentence(ranges: Ranges) -> str:
    """Say what to find out first, where an answer could change the choice."""
    if ranges.knowing.perfect < WORTH_SAYING:
        return f"Whatever customers do within these ranges, {ranges.knowing.best} bring more revenue on average."
    return ranges.knowing.sentence()


def chances_table(ranges: Ranges) -> pd.DataFrame:
    """Return the chance of crossing each limit on revenue."""
    found = ranges.chances
    names = [f"{title} {subject}".strip() for title, subject in zip(found["guardrail"], found["subject"], strict=True)]
    return pd.DataFrame(
        {
            "Guardrail": names,
            "Limit": [percent(each, 1, signed=True) for each in found["limit"]],
            "Chance of crossing it": [percent(each) for each in found["chance"]],
        },
        dtype=object,
    )


def guesses_table(ranges: Ranges) -> pd.DataFrame:
    """Return the ranges drawn from, with the ids by which a study replaces them."""
    segments = ranges.simulation.statistics[ranges.name].segments
    rows = [
        (each.label, quantity(each.low), quantity(each.high), each.unit, each.source or "a wide guess", each.id)
        for each in ranges.simulation.behaviour.in_use(segments)
    ]
    return pd.DataFrame(rows, columns=["Guess", "Low", "High", "Unit", "Source", "Id"], dtype=object)
