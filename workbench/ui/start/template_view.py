"""Empty tables to fill in, with a guide to every column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.customers.template import GUIDE, write_template
from workbench.errors import WorkbenchError
from workbench.formatting import count
from workbench.ui.block import Block
from workbench.ui.controls import button, row, text_box
from workbench.ui.html import lines
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.ui.start.panel import StartPanel

INTRO = (
    "One empty CSV file for each table and a guide that says what every column holds. Fill in what you have, delete "
    "the files you have no data for, and check the folder above."
)


class TemplateView(SectionView):
    """A folder and a button."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.folder = text_box("New folder", "data/my-company")
        self.apply = button("Write empty tables", self.guarded(self.write))
        self.written = Block(role="status")
        form = row(self.folder, self.apply, gap="8px")
        form.layout.align_items = "flex-end"
        self.section = panel.section(
            "Start from empty tables", status=self.status, parts=(form, self.written), intro=INTRO
        )

    def write(self) -> tuple[Path, ...]:
        """Write the tables and the guide into the folder named."""
        typed = str(self.folder.value).strip()
        if not typed:
            raise WorkbenchError("The empty tables need a folder.", "Name a new one, such as data/my-company.")
        folder = self._panel.workspace / Path(typed).expanduser()
        files = write_template(folder)
        self.written.show(lines(path.name for path in files))
        self.status.say(f"{count('file', len(files))} written to {folder}. {GUIDE} explains the columns.", "ok")
        return files
