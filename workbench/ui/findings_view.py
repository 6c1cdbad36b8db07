"""The findings of a panel, and the form that sets a rule aside with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, row, show, text_box
from workbench.ui.section import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.rules import Finding
    from workbench.ui.panel import StagePanel

INTRO = "How this design stands against the design rules; open findings come first."


class FindingsView:
    """Findings, and a rule set aside (or put in force again) by a person with a reason."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        self.list = Block(role="status")
        self.rule = choice("Rule to set aside", {"none": ""})
        self.reason = text_box("Reason for setting it aside", placeholder="Why this rule does not hold here")
        self.who = text_box("Your name", panel.desk.who)
        self.apply = button("Set aside with this reason", panel.guarded(self.set_aside))
        self.waived = choice("Rule set aside", {"none": ""})
        self.withdraw = button("Put in force again", panel.guarded(self.put_back))
        self.form = row(self.rule, self.reason, self.who, self.apply)
        self.back = row(self.waived, self.withdraw)
        for each in (self.form, self.back):
            each.layout.align_items = "flex-end"
        parts = (self.list, self.form, self.back, panel.notes)
        self.section = Section("Findings", parts=parts, intro=INTRO, status=panel.status, finish=panel.flush)

    def refresh(self) -> None:
        """Show the findings of the panel's result."""
        findings = self._panel.all_findings()
        self.list.show(html.findings(findings) or html.message("No rule applies to what is decided so far."))
        unmet = {_name(finding): _place(finding) for finding in findings if finding.is_open}
        show(self.rule, _kept(self.rule.value, unmet), options=unmet or {"none": ""})
        here = {finding.rule_id for finding in findings}  # rules of other stages are put in force again there
        waivers = [waiver for waiver in self._panel.desk.scenario.waivers if waiver.rule in here]
        names = {waiver.id: f"{waiver.rule} {waiver.subject}".strip() for waiver in waivers}
        waived = {name: waiver_id for waiver_id, name in names.items()}
        show(self.waived, _kept(self.waived.value, waived), options=waived or {"none": ""})
        show(self.who, self.who.value or self._panel.desk.who)
        self.form.layout.display = "flex" if unmet and not self._panel.desk.is_read_only else "none"
        self.back.layout.display = "flex" if waived else "none"

    def set_aside(self) -> None:
        """Set the chosen rule aside with the reason given."""
        if not self.rule.value:
            raise StudyError("There is no open finding to set aside.")
        if not self.reason.value.strip() or not self.who.value.strip():
            raise StudyError("A rule is set aside with a reason and a name.", "Fill in both.")
        rule, subject = self.rule.value
        self._panel.desk.waive(rule, self.reason.value, self.who.value, subject=subject)
        self.reason.value = ""
        self._panel.status.say(f"Rule {rule} is set aside; it stays visible with your reason.", "ok")

    def put_back(self) -> None:
        """Put the chosen rule in force again."""
        if self.waived.value:
            self._panel.desk.unwaive(self.waived.value)

    def detach(self) -> None:
        """Do nothing: the findings watch nothing themselves."""


def _place(finding: Finding) -> tuple[str, str]:
    return (finding.rule_id, finding.subject)


def _name(finding: Finding) -> str:
    about = f" ({finding.subject})" if finding.subject else ""
    return f"{finding.rule_id} {finding.title}{about}"


def _kept(value: object, options: Mapping[str, object]) -> object:
    """Keep the value chosen while it is still there, else the first one."""
    return value if value in options.values() else next(iter(options.values()), "")
