"""The first panel: open a study, check data and make a study of it, see what today looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.ui.desk import Desk
from workbench.ui.find_study import find_study, find_workspace, make_current
from workbench.ui.plain_panel import PlainPanel
from workbench.ui.progress import working
from workbench.ui.start.data_view import DataView
from workbench.ui.start.new_study_view import NewStudyView
from workbench.ui.start.studies import known_studies
from workbench.ui.start.studies_view import StudiesView
from workbench.ui.start.template_view import TemplateView
from workbench.ui.start.today_view import TodayView
from workbench.wording import figure_sentence

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.ui.section import Section


class StartPanel(PlainPanel):
    """Where the work starts. `desk` holds the study that is open, None while there is none.

    Sections: `studies`, `today`, `data`, `new_study`, `templates`.
    """

    title = "Start here"

    def __init__(self, workspace: Path | str | None = None) -> None:
        super().__init__()
        self.workspace = find_workspace(workspace)
        self.desk: Desk | None = None
        self.studies_view = StudiesView(self)
        self.today_view = TodayView(self)
        self.data_view = DataView(self)
        self.new_study_view = NewStudyView(self)
        self.template_view = TemplateView(self)
        self.studies: Section = self.studies_view.section
        self.today: Section = self.today_view.section
        self.data: Section = self.data_view.section
        self.new_study: Section = self.new_study_view.section
        self.templates: Section = self.template_view.section
        self.studies_view.guarded(self._open_current)()
        self.studies_view.guarded(self.refresh)()

    def open(self, name: str) -> Desk:
        """Open a study by its name: from now on `open_study()` returns it, here and in every other notebook."""
        folder = next((each.folder for each in known_studies(self.workspace) if each.name == name), None)
        if folder is None:
            raise WorkbenchError(f"There is no study {name!r} in {self.workspace}.", "Choose one in the list.")
        desk = Desk(folder)
        make_current(folder)
        self.desk = desk
        self.refresh()
        return desk

    def refresh(self) -> None:
        """Show the studies there are and today's picture of the one that is open."""
        self.studies_view.refresh()
        self.today_view.refresh()

    def conclusion(self) -> None:
        """Print which study is open and what its data says about today, in the same words for the same data."""
        if self.desk is None:
            print("No study is open.")  # noqa: T201 - this is what the last cell of the notebook shows
            return
        told = [f"Open: {self.desk.study.title}", *map(figure_sentence, self.today_view.figures)]
        print("\n".join(told))  # noqa: T201 - as above

    def _open_current(self) -> None:
        if known_studies(self.workspace):
            self.desk = Desk(find_study(start=self.workspace))


def open_panel(workspace: Path | str | None = None) -> StartPanel:
    """Return the start panel of a workspace: the folder with `studies/`, found from the working directory upwards."""
    with working("Reading the data of the study …"):
        return StartPanel(workspace)
