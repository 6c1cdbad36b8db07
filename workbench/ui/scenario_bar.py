"""The bar above a panel: which scenario is in view, undo and redo, and a conflict to settle."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, row, show
from workbench.ui.save_trouble import SaveTrouble
from workbench.ui.scheduler import MOMENT, Afterwards
from workbench.ui.section import Section

if TYPE_CHECKING:
    from workbench.ui.panel import StagePanel

STARTING_POINT = "A starting point computed from your data is shown. Change something, or record it, to decide."
BASELINE = "Today's pricing is shown; it cannot be changed. Choose a design, or duplicate this one."
_WATCHED = ["status"]


class ScenarioBar:
    """Scenario in view, undo, redo, start over, and what was saved."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        desk, guarded = panel.desk, panel.guarded
        self.scenario = choice("Scenario", self._options(), desk.scenario_id, on_change=guarded(desk.select))
        self.undo = button("Undo", guarded(desk.undo), tooltip="Take the last change back")
        self.redo = button("Redo", guarded(desk.redo), tooltip="Make the change again")
        self.over = button("Start over", guarded(panel.start_over), tooltip="Go back to what the data suggest")
        self.state = Block(role="status")
        self._trouble = SaveTrouble(desk, guarded)
        self.trouble, self.settle = self._trouble.parts
        self.mine, self.theirs = self._trouble.mine, self._trouble.theirs
        buttons = row(self.undo, self.redo, self.over, gap="6px")
        buttons.layout.align_self = "flex-end"
        self.section = Section(
            f"{panel.stage.title}: {panel.stage.question}",
            controls=(self.scenario, buttons),
            parts=(self.state, self.trouble, self.settle),
            status=panel.status,
            finish=panel.flush,
        )
        self._later = Afterwards(self.refresh, quiet=MOMENT, at_most=MOMENT, lock=desk.lock)
        desk.observe(self._heard, names=_WATCHED)
        self.refresh()

    def refresh(self) -> None:
        """Show the desk as it is now."""
        desk = self._panel.desk
        show(self.scenario, desk.scenario_id, options=self._options())
        self.undo.disabled = not desk.can_undo
        self.redo.disabled = not desk.can_redo
        self.over.disabled = desk.is_read_only or self._panel.is_suggestion
        said = f"Study: {desk.study.title}. {desk.status + '.' if desk.status else ''}"
        self.state.show(f'<p class="wb-note">{escape(said.strip())}</p>' + self._standing())

    def flush(self) -> None:
        """Show what is waiting to be shown."""
        self._later.flush()

    def detach(self) -> None:
        """Stop watching the desk."""
        self._later.cancel()
        self._panel.desk.unobserve(self._heard, names=_WATCHED)
        self._trouble.detach()

    def _options(self) -> dict[str, str]:
        return {scenario.name: scenario.id for scenario in self._panel.desk.study.scenarios}

    def _standing(self) -> str:
        if self._panel.desk.is_read_only:
            return html.message(BASELINE)
        return html.message(STARTING_POINT) if self._panel.is_suggestion else ""

    def _heard(self, _change: dict[str, Any]) -> None:
        self._later.request()
