"""The form that puts a decision on record: what, why and who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, row, show, text_area, text_box
from workbench.ui.section import Section

if TYPE_CHECKING:
    from workbench.study import DecisionRecord
    from workbench.ui.panel import StagePanel

INTRO = "What is kept: the decision below, the numbers and findings it rests on, your reason and your name."


class RecordForm:
    """Reason and name, a button, and what is on record for this stage."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        self.what = Block()
        self.reason = text_area("Reason", placeholder="Why this, and not something else")
        self.reason.layout.min_width = "340px"
        self.who = text_box("Decided by", panel.desk.who)
        self.apply = button("Record decision", panel.guarded(self.keep), primary=True)
        self.log = Block()
        form = row(self.reason, self.who, self.apply)
        form.layout.align_items = "flex-end"
        self.form = form
        parts = (self.what, form, self.log)
        self.section = Section("Record the decision", parts=parts, intro=INTRO, status=panel.status, finish=panel.flush)

    def refresh(self) -> None:
        """Show what would be recorded, and what is on record."""
        panel = self._panel
        desk = panel.desk
        self.what.show(html.paragraph(panel.stage.module.summarise(panel.decision, panel.result)))
        self.form.layout.display = "none" if desk.is_read_only else "flex"
        show(self.who, self.who.value or desk.who)
        here = (panel.stage.key, desk.scenario_id)
        records = [record for record in desk.study.decisions if (record.stage, record.scenario_id) == here]
        self.log.show(html.details(f"On record ({len(records)})", html.lines(map(_line, reversed(records)))))

    def keep(self) -> None:
        """Put the decision on record."""
        if not self.reason.value.strip() or not self.who.value.strip():
            raise StudyError("A decision is recorded with a reason and a name.", "Fill in both.")
        self._panel.record_decision(self.reason.value, self.who.value)
        show(self.reason, "")
        self._panel.status.say("The decision is on record.", "ok")

    def detach(self) -> None:
        """Do nothing: the form watches nothing itself."""


def _line(record: DecisionRecord) -> str:
    return f"{record.when:%Y-%m-%d %H:%M}, {record.who}: {record.what} Reason: {record.reason}"
