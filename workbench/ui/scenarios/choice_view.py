"""Put on record which design the team settles on, with the rules it breaks in plain sight."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.formatting import count
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, row, show, text_area, text_box
from workbench.ui.impact.replays import replays_of
from workbench.ui.plain_panel import SectionView
from workbench.wording import figure_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.stages.comparison import ScenarioColumn, ScenarioComparison
    from workbench.ui.scenarios.panel import ScenariosPanel

INTRO = "The design the report is about. The reason is kept with the name and the time, and can be read years later."


class ChoiceView(SectionView):
    """A design, what stands against it, a reason and a name."""

    def __init__(self, panel: ScenariosPanel) -> None:
        super().__init__()
        self._panel = panel
        desk = panel.desk
        self.present = Block(role="status")
        self.scenario = choice("Design to choose", _names(panel), on_change=self.guarded(lambda _: self._warn()))
        self.warning = Block(role="status")
        self.reason = text_area("Reason for choosing it", placeholder="Why this one, and not another")
        self.who = text_box("Decided by", desk.who)
        self.apply = button("Choose this design", self.guarded(self.choose), primary=True)
        form = row(self.reason, self.who, self.apply)
        form.layout.align_items = "flex-end"
        self.section = panel.section(
            "Choose a design",
            status=self.status,
            parts=(*panel.trouble.parts, self.present, self.scenario, self.warning, form),
            intro=INTRO,
        )

    def refresh(self, _comparison: ScenarioComparison) -> None:
        """Show what is chosen, and what stands against the design in the list."""
        desk, options = self._panel.desk, _names(self._panel)
        kept = self.scenario.value in options.values()
        show(self.scenario, self.scenario.value if kept else next(iter(options.values())), options=options)
        show(self.who, self.who.value or desk.who)
        self.present.show(html.message(self._told()))
        self._warn()

    def choose(self) -> None:
        """Choose the design, for the reason given."""
        reason, who = str(self.reason.value).strip(), str(self.who.value).strip()
        if not reason or not who:
            raise StudyError("A design is chosen with a reason and a name.", "Fill in both.")
        column = self._column()
        revenue = () if column.revenue is None else (figure_sentence(column.revenue),)
        self._panel.desk.choose_scenario(
            self.scenario.value,
            reason,
            who,
            evidence=revenue,
            findings=(*self._against(column), *self._crossed(column)),
        )
        if self._panel.desk.conflict is not None:
            raise StudyError("The choice is not saved yet: the study was changed elsewhere.", "Settle that first.")
        show(self.reason, "")
        self.status.say(f"{column.name} is chosen; your reason is on record.", "ok")

    @contextmanager
    def waiting(self, until: str) -> Iterator[None]:
        """Hold list and button still while something else works, so that nobody reads one design's rules as another's.

        A design chosen meanwhile could not be looked at before that is done.
        """
        held = (self.scenario, self.apply)
        before, shown = [each.disabled for each in held], self.warning.value
        for each in held:
            each.disabled = True
        self.warning.show(html.message(f"You can choose again as soon as {until}.") + shown)
        try:
            yield
        finally:
            for each, was in zip(held, before, strict=True):
                each.disabled = was
            self.warning.show(shown)

    @staticmethod
    def _against(column: ScenarioColumn) -> tuple[str, ...]:
        """Return the rules it does not meet and nobody set aside, a sentence each."""
        return tuple(finding.sentence for finding in column.open_breaches)

    def _crossed(self, column: ScenarioColumn) -> tuple[str, ...]:
        """Return the guardrails it crosses, a sentence each."""
        return replays_of(self._panel.desk).crossed(self._panel.desk, column.scenario)

    def _column(self) -> ScenarioColumn:
        return self._panel.side_by_side.column(self.scenario.value)

    def _told(self) -> str:
        study = self._panel.desk.study
        if study.chosen is None:
            return "No design is chosen yet."
        chosen = study.chosen
        name = study.scenario(chosen.scenario_id).name
        return f"{name} is chosen ({chosen.who}, {chosen.when:%Y-%m-%d %H:%M}). Reason: {chosen.reason}"

    def _warn(self) -> None:
        column = self._column()
        breaches = self._against(column)
        open_stages = [each.stage.title for each in column.outcomes if not column.has_decided(each.stage.key)]
        told = ""
        if breaches:
            said = f"{column.name} does not meet {count('rule', len(breaches))} that nobody has set aside. "
            said += "It can be chosen all the same; say in the reason why that is right."
            told += html.message(said, "warning") + html.lines(breaches)
        crossed = self._crossed(column)
        if crossed:
            said = f"{column.name} crosses {count('guardrail', len(crossed))}. Say in the reason why that is right."
            told += html.message(said, "warning") + html.lines(crossed)
        if open_stages:
            told += html.message(f"{column.name} has not decided: {', '.join(open_stages)}.", "warning")
        kept = f"{column.name} breaks no rule that is still in force, and crosses no guardrail."
        self.warning.show(told or html.message(kept, "ok"))


def _names(panel: ScenariosPanel) -> dict[str, str]:
    return {scenario.name: scenario.id for scenario in panel.desk.study.designs}
