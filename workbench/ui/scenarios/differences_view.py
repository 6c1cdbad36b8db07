"""Two scenarios field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.comparison import differences_frame
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import choice, show
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    import pandas as pd

    from workbench.stages.comparison import ScenarioComparison
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = "Every setting in which two designs differ, so that a difference in money can be traced to what caused it."
MOST_ROWS = 400


class DifferencesView(SectionView):
    """Two lists to choose from and the table between them."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        redraw = self.guarded(lambda _: self._show())
        self.left = choice("Design", _names(panel), on_change=redraw)
        self.right = choice("Compared with", _names(panel), on_change=redraw)
        show(self.right, panel.desk.study.designs[-1].id)
        self.table = Block(role="status")
        self.section = panel.section(
            "What two designs do differently",
            status=self.status,
            controls=(self.left, self.right),
            parts=(self.table,),
            intro=INTRO,
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Keep the two scenarios chosen where they are still there, and compare them."""
        designs = self._panel.desk.study.designs
        ids = [scenario.id for scenario in designs]
        options = _names(self._panel)
        show(self.left, self.left.value if self.left.value in ids else ids[0], options=options)
        right = self.right.value if self.right.value in ids else ids[-1]
        if right == self.left.value:
            right = next((each for each in reversed(ids) if each != self.left.value), right)
        show(self.right, right, options=options)
        self._show()

    def _show(self) -> None:
        study = self._panel.desk.study
        left, right = study.scenario(self.left.value), study.scenario(self.right.value)
        if left.id == right.id:
            self.table.show(html.message("Choose two designs; a design does not differ from itself."))
            return
        frame = differences_frame(left, right, study.currency)
        if not len(frame):
            self.table.show(html.message(f"{left.name} and {right.name} decide the same."))
            return
        self.table.show(html.table(frame, _counted(frame), most_rows=MOST_ROWS, numbers_right=False))


def _counted(frame: pd.DataFrame) -> str:
    return "1 setting differs" if len(frame) == 1 else f"{len(frame):,} settings differ"


def _names(panel: ScenariosPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.desk.study.designs}
