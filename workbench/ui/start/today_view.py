"""What the data of the open study says about today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers.check import problems_frame
from workbench.customers.coverage import MRR
from workbench.errors import DataErrors
from workbench.formatting import percent
from workbench.stages.recorded import recorded_figures
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.plain_panel import SectionView
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.results import KeyFigure
    from workbench.ui.start.panel import StartPanel

INTRO = "What every design is held against: the customers and the revenue on record, before anything changes."


class TodayView(SectionView):
    """Key figures on record and the metrics the data covers; `figures` are those shown."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.figures: tuple[KeyFigure, ...] = ()
        self.content = Block()
        self.section = panel.section("Today, as recorded", status=self.status, parts=(self.content,), intro=INTRO)

    def refresh(self) -> None:
        """Show today's picture of the open study."""
        self.figures = ()
        desk = self._panel.desk
        if desk is None:
            self.content.show(html.message("Open or make a study to see what its data says."))
            return
        try:
            base = desk.base
        except DataErrors as error:
            told = f"The data of {desk.study.title} can no longer be read. Correct it, then open the study again."
            table = html.table(problems_frame(error.problems), "Every problem found")
            self.content.show(html.message(told, "error") + table)
            return
        self.figures = recorded_figures(base)
        self.content.show(
            html.paragraph(_standing(base, desk.study.title)) + html.key_figures(self.figures) + _covered(base)
        )


def _standing(base: CustomerBase, title: str) -> str:
    until = f", as known on {base.as_of}" if base.as_of else ""
    return f"{title}{until}. Amounts in {base.currency or 'a currency nobody has named'}."


def _covered(base: CustomerBase) -> str:
    frame = base.coverage().metrics_frame()
    frame = frame.assign(metric=[_spoken(name) for name in frame["metric"]]).rename(columns=str.capitalize)
    caption = "What is measured, and for how many of the accounts"
    return html.table(frame, caption, formats={"Share of accounts": percent})


def _spoken(metric: str) -> str:
    return "MRR" if metric == MRR else metric_words(metric)
