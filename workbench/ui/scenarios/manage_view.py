"""Add a design as a copy, rename it, remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.ui.controls import button, choice, row, show, text_box
from workbench.ui.opt_in import OptInMaker
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.stages.comparison import ScenarioComparison
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = (
    "A new design starts as a copy. Open a stage notebook to change it there; every notebook of the study sees it. "
    "What is removed can be brought back with Undo."
)


class ManageView(SectionView):
    """A scenario, a name, and what to do with them."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        desk = panel.desk
        self.scenario = choice("Scenario", _names(panel), desk.scenario_id)
        self.name = text_box("New name", placeholder="Design B: fewer tiers")
        self.copy = button("Duplicate under this name", self.guarded(self.duplicate), primary=True)
        self.rename_it = button("Rename", self.guarded(self.rename))
        self.remove_it = button("Remove", self.guarded(self.remove))
        self.back = button("Undo", self.guarded(self.undo), tooltip="Take the last change back")
        buttons = row(self.copy, self.rename_it, self.remove_it, self.back, gap="6px")
        buttons.layout.align_self = "flex-end"
        self.opt_in = OptInMaker(desk, self.guarded, self._say_made)
        self.section = panel.section(
            "Add, rename and remove designs",
            status=self.status,
            controls=(self.scenario, self.name, buttons, self.opt_in.row),
            intro=INTRO,
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the scenarios there are."""
        options = _names(self._panel)
        kept = self.scenario.value in options.values()
        show(self.scenario, self.scenario.value if kept else self._panel.desk.scenario_id, options=options)
        self.back.disabled = not self._panel.desk.can_undo

    def duplicate(self) -> None:
        """Copy the scenario under the name given."""
        desk, name = self._panel.desk, self._named("copy")
        desk.duplicate_scenario(name, self.scenario.value)
        show(self.name, "")
        self._panel.flush()
        show(self.scenario, desk.scenario_id)
        self.status.say(f"{name} is added. Change it in the stage notebooks.", "ok")

    def rename(self) -> None:
        """Give the scenario the name given."""
        name = self._named("scenario")
        self._panel.desk.rename_scenario(self.scenario.value, name)
        show(self.name, "")
        self.status.say(f"The scenario is now called {name}.", "ok")

    def remove(self) -> None:
        """Remove the scenario."""
        name = self._panel.desk.study.scenario(self.scenario.value).name
        self._panel.desk.remove_scenario(self.scenario.value)
        self.status.say(f"{name} is removed; Undo brings it back.", "ok")

    def undo(self) -> None:
        """Take the last change back."""
        self._panel.desk.undo()
        self.status.say("The last change is taken back.", "ok")

    def _say_made(self, text: str) -> None:
        self._panel.flush()
        show(self.scenario, self._panel.desk.scenario_id)
        self.status.say(text, "ok")

    def _named(self, what: str) -> str:
        name = str(self.name.value).strip()
        if not name:
            raise StudyError(f"The {what} needs a name.", "Type it into New name.")
        return name


def _names(panel: ScenariosPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.desk.study.scenarios}
