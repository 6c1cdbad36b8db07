"""The buttons that write the report, and the links to take it along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, checkbox, choice, row, show
from workbench.ui.plain_panel import SectionView
from workbench.ui.scenarios.export import export_report

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.stages.comparison import ScenarioComparison
    from workbench.ui.scenarios.export import ExportedReport
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = (
    "One HTML file with the decision, the money, the risks and every stage. It opens anywhere without a network, "
    "its charts stay live, and it can be mailed or printed."
)
KINDS = {
    ".html": ("HTML report", "text/html"),
    ".pdf": ("PDF", "application/pdf"),
    ".xlsx": ("Excel tables", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
CHOSEN = ""


class ReportView(SectionView):
    """Which design, which files, a button, and links."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        self.scenario = choice("Report on", {"the chosen design": CHOSEN})
        self.pdf = checkbox("Also as PDF")
        self.xlsx = checkbox("Also as Excel tables")
        self.apply = button("Write the report", self.guarded(self.write), primary=True)
        self.links = Block(role="status")
        form = row(self.scenario, self.pdf, self.xlsx, self.apply)
        form.layout.align_items = "flex-end"
        self.section = panel.section("Report", status=self.status, parts=(form, self.links), intro=INTRO)

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show the designs a report can be about."""
        study = self._panel.desk.study
        first = "the chosen design" if study.chosen else f"the first design ({study.designs[0].name})"
        options = {first: CHOSEN, **{each.name: each.id for each in study.designs}}
        kept = self.scenario.value if self.scenario.value in options.values() else CHOSEN
        show(self.scenario, kept, options=options)

    def write(self) -> ExportedReport:
        """Write the report, and show where it lies and how to save a copy elsewhere."""
        panel = self._panel
        self.status.say("Writing the report …")
        self.links.show("")
        with panel.choice_view.waiting("the report is written"):
            exported = export_report(
                panel.desk,
                scenario_id=self.scenario.value or None,
                pdf=self.pdf.value,
                xlsx=self.xlsx.value,
                evidence=panel.evaluations.evidence(panel.desk.base),
            )
        troubles = "".join(html.message(each.message, "warning", each.advice) for each in exported.troubles)
        self.links.show("".join(_link(path) for path in exported.files) + troubles)
        self.status.say(f"The report is written to {exported.files[0]}.", "ok")
        return exported


def _link(path: Path) -> str:
    label, kind = KINDS[path.suffix]
    size = f" ({path.stat().st_size / 1024:,.0f} kB)"
    return f"<p>{html.download(f'Save the {label}{size}', path.name, path.read_bytes(), kind)}</p>"
