"""Make a study of data that has been checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import DataErrors, StudyError
from workbench.study import slug
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, row, show, text_box
from workbench.ui.find_study import STUDIES
from workbench.ui.new_study import new_study
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.study import Study
    from workbench.ui.start.panel import StartPanel

INTRO = (
    "A study is the document your team edits: the designs, the reasons, the log. It points at the data and never "
    "changes it. Leave the day empty to use everything, or name one to see the company as it stood then."
)


class NewStudyView(SectionView):
    """Name, title, day and, where the data names none, the currency."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.note = Block(role="status")
        self.name = text_box("Name", placeholder="spring-redesign")
        self.title = text_box("Title", placeholder="New prices for 2026")
        self.as_of = text_box("Data up to (year-month-day)", placeholder="2024-12-31")
        self.currency = text_box("Currency of the amounts", placeholder="USD")
        self.apply = button("Make study", self.guarded(self.make), primary=True)
        form = row(self.name, self.title, self.as_of, self.currency, self.apply)
        form.layout.align_items = "flex-end"
        self.form = form
        self.section = panel.section("Make a study of it", status=self.status, parts=(self.note, form), intro=INTRO)
        self.refresh()

    def refresh(self) -> None:
        """Show the form once data has passed its check, with a currency where the data names none."""
        view = getattr(self._panel, "data_view", None)
        found = view.found if view else None
        base = found.base if found else None
        self.form.layout.display = "none" if base is None else "flex"
        if base is None or found is None:
            self.note.show(html.message("Check your data first; the form appears when it has no problems."))
            return
        self.note.show(html.paragraph(f"A study of {found.path.name}, {len(base):,} accounts."))
        self.currency.layout.display = None if not base.currency else "none"
        if not self.name.value:
            show(self.name, slug(found.path.stem))

    def make(self) -> Study:
        """Make the study and open it."""
        found = self._panel.data_view.found
        if found is None or found.base is None:
            raise StudyError("A study stands on data without problems.", "Check your data first.")
        name = str(self.name.value).strip()
        if not name:
            raise StudyError("The study needs a name.", "Type one, such as spring-redesign.")
        if not found.base.currency and not str(self.currency.value).strip():
            raise StudyError("The data names no currency.", "Type the three-letter code of its amounts, such as USD.")
        self.status.say("Making the study …")
        try:
            made = new_study(
                self._panel.workspace / STUDIES / slug(name),
                found.path,
                title=str(self.title.value).strip() or name,
                as_of=str(self.as_of.value),
                currency=str(self.currency.value).strip() or found.currency or found.base.currency,
            )
        except DataErrors:
            self._panel.data_view.check()
            raise StudyError("The data has changed since it was checked.", "Its problems are listed above.") from None
        self._panel.open(made.name)
        self.status.say(f"{made.title} is made and open. Go on with the notebook 01_value_metric.", "ok")
        return made
