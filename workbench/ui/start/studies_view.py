"""The studies of the workspace, and which one is open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, row, show
from workbench.ui.find_study import VARIABLE
from workbench.ui.plain_panel import SectionView
from workbench.ui.start.studies import known_studies, studies_frame

if TYPE_CHECKING:
    from workbench.ui.start.panel import StartPanel

INTRO = "The study that is open here is the one every other notebook opens when it runs its first cell."


class StudiesView(SectionView):
    """The studies as a table, a list to choose from, and a button to open one."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.table = Block()
        self.study = choice("Study to open", {"none yet": ""})
        self.study.layout.width = self.study.layout.max_width = "480px"
        self.apply = button("Open", self.guarded(self.open), primary=True)
        self.form = row(self.study, self.apply, gap="8px")
        self.form.layout.align_items = "flex-end"
        self.section = panel.section(
            "Studies in this workspace", status=self.status, parts=(self.table, self.form), intro=INTRO
        )

    def refresh(self) -> None:
        """Show the studies there are now."""
        studies = known_studies(self._panel.workspace)
        told = html.message("There is no study yet. Check your data below and make one.")
        table = html.table(studies_frame(studies), f"Studies in {self._panel.workspace}") if studies else told
        named = os.environ.get(VARIABLE, "").strip()
        noted = html.message(f"{VARIABLE} is set to {named} and comes before what is opened here.") if named else ""
        self.table.show(table + noted)
        options = {_label(each.name, each.title): each.name for each in studies} or {"none yet": ""}
        current = next((each.name for each in studies if each.is_current), next(iter(options.values())))
        show(self.study, current, options=options)
        self.form.layout.display = "flex" if studies else "none"

    def open(self) -> None:
        """Open the study chosen in the list."""
        if not self.study.value:
            raise StudyError("There is no study to open.", "Make one first.")
        self.status.say("Reading the data of the study …")
        desk = self._panel.open(self.study.value)
        self.status.say(f"{desk.study.title} is open, here and in the other notebooks.", "ok")


def _label(name: str, title: str) -> str:
    return f"{name}: {title}" if title and title != name else name
