"""What every stage panel shares: it watches the desk, works out the result and updates its parts in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets

from workbench.rules import RULEBOOK
from workbench.rules.finding import with_waivers
from workbench.stages import stage as stage_of
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.figure_view import FigureView
from workbench.ui.findings_view import FindingsView
from workbench.ui.guard import StatusLine, guarded
from workbench.ui.record_form import RecordForm
from workbench.ui.scenario_bar import ScenarioBar
from workbench.ui.section import Section, close_all, mimebundle
from workbench.ui.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.rules import Finding
    from workbench.stages.figure import Figure
    from workbench.stages.result import StageResult
    from workbench.study import Scenario, StageDecision
    from workbench.ui.desk import Desk


class StagePanel:
    """The panel of one stage. A subclass names its stage, builds its controls and parts once, and refreshes them.

    ``stage_key`` names the stage. `build` makes controls and sections (`self.section(...)`); `refresh` shows
    `self.decision` in the controls and `self.result` in the parts; `refresh_tables` shows long parts. Key figures,
    figures made with `figure_view`, findings, the decision record and the scenario bar are kept up to date here.

    What the eye waits for comes first. After a change the charts named in `leading` are drawn at once (all of them
    where none is named), a moment later the other charts, key figures, findings and `refresh`, and when the hand
    rests, words and tables under charts, `refresh_tables`, notes and the record. `flush` does all of it now.

    Sections there always are: `scenarios` (scenario, undo, redo), `findings`, `record`.
    """

    stage_key: ClassVar[str]
    leading: ClassVar[tuple[str, ...]] = ()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.stage = self.find_stage()
        self.decision: StageDecision = self.stage.module.Decision()
        self.result: StageResult
        self.evidence: Any = None
        self.is_suggestion = False
        self.has_result = False
        self.status = StatusLine()
        self.key_figures = Block()
        self.notes = Block()
        self._evidence_of = ""
        self._views: dict[str, FigureView] = {}
        self._sections: list[Section] = []
        self._controls: list[Any] = []
        self._all: ipywidgets.VBox | None = None
        self._figures: dict[str, Figure] = {}
        self._turns = Turns(self.recompute, self._show_numbers, self._show_words, guard=self.guarded, lock=desk.lock)
        self._bar = ScenarioBar(self)
        self._findings = FindingsView(self)
        self._record = RecordForm(self)
        self.scenarios = self._bar.section
        self.build()
        self.findings = self._findings.section
        self.record = self._record.section
        desk.observe(self._desk_changed, names=["study", "scenario_id"])
        self.guarded(self._turns.begin)()
        self.flush()

    def build(self) -> None:
        """Make the controls and sections; called once."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show `self.decision` in the controls and `self.result` in the parts; called after each change."""
        raise NotImplementedError

    def refresh_tables(self) -> None:
        """Show what may come a moment later, such as long tables; called when no further change has come in."""

    def find_stage(self) -> Any:  # noqa: ANN401 - a Stage, or something like it in tests
        """Return the stage: key, title, question, and the module with its functions."""
        return stage_of(self.stage_key)

    @property
    def base(self) -> CustomerBase:
        """Return the customer base."""
        return self.desk.base

    @property
    def scenario(self) -> Scenario:
        """Return the scenario in view with the decision shown, be it saved or a starting point."""
        return self.desk.scenario.with_decision(self.decision) if self.is_suggestion else self.desk.scenario

    def section(self, title: str, *, controls: Any = (), parts: Any = (), intro: str = "") -> Section:  # noqa: ANN401
        """Return a new section of this panel; its controls are switched off for the baseline."""
        made = Section(title, controls=controls, parts=parts, intro=intro, status=self.status, finish=self.flush)
        self._sections.append(made)
        self._controls += [each for each in made.controls if isinstance(each, ipywidgets.Widget)]
        return made

    def figure_view(self, key: str) -> FigureView:
        """Return the place where the stage's figure of that key is shown; it is kept up to date."""
        if key not in self._views:
            self._views[key] = FigureView()
        return self._views[key]

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors in the status line and the controls put back afterwards."""
        return guarded(callback, self.status, after_error=self._put_back)

    def change(self, note: str, changes: Callable[[Any], dict[str, Any]]) -> Callable[[Any], None]:
        """Return an `on_change` that replaces fields of the decision.

        Example: ``on_change=self.change("Price", lambda value: {"price": value})``.
        """

        def changed(value: Any) -> None:  # noqa: ANN401 - the control's value
            self.revise(note, **changes(value))

        return self.guarded(changed)

    def revise(self, note: str = "", **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        """Propose the decision with these fields replaced; StudyError says what is not possible."""
        self.status.clear()
        self.desk.propose(self.decision.replaced(**changes), note)

    def start_over(self) -> None:
        """Open the stage again, so that the starting point computed from the data is shown."""
        self.desk.propose(self.desk.scenario.without_decision(self.stage.key), f"{self.stage.title}: started over")

    def record_decision(self, reason: str, who: str) -> None:
        """Put the decision shown on record with its evidence, its findings, the reason and who decided."""
        from workbench.stages.walk import evidence_sentences, finding_sentences  # noqa: PLC0415 - only when recording

        if self.is_suggestion:
            self.desk.propose(self.decision, f"{self.stage.title}: starting point taken")
        self.desk.record_decision(
            self.stage.key,
            self.stage.module.summarise(self.decision, self.result),
            reason=reason,
            who=who,
            evidence=evidence_sentences(self.result),
            findings=finding_sentences(self.result),
        )

    def recompute(self) -> None:
        """Work out the result of what the desk holds now, and show it."""
        module, desk = self.stage.module, self.desk
        base, scenario = desk.base, desk.scenario
        if self._evidence_of != base.fingerprint:
            self.evidence = module.gather(base)
            self._evidence_of = base.fingerprint
        self.is_suggestion = not desk.is_read_only and not scenario.decided(module.Decision)
        if self.is_suggestion:
            scenario = scenario.with_decision(module.suggest(base, scenario, evidence=self.evidence))
        self.decision = scenario.decision(module.Decision)
        rulebook = RULEBOOK.for_study(desk.study)
        self.result = module.evaluate(base, scenario, rulebook=rulebook, evidence=self.evidence)
        self.has_result = True
        self._figures = {figure.key: figure for figure in module.figures(self.result)}
        for key in self.leading or self._views:
            self.figure_view(key).show_chart(self._figures.get(key))

    def conclusion(self) -> None:
        """Print the stage in a few lines: what is decided, key figures, how the findings stand."""
        from workbench.stages.conclusion import conclusion  # noqa: PLC0415 - only at the end of a notebook

        self.flush()
        summary = self.stage.module.summarise(self.decision, self.result)
        text = conclusion(self.stage.title, self.desk.scenario.name, summary, self.result, self.all_findings())
        print(text)  # noqa: T201 - what the last cell of a notebook shows

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._turns.flush()
        self._bar.flush()

    def close(self) -> None:
        """Stop watching the desk and close every widget of the panel."""
        self.desk.unobserve(self._desk_changed, names=["study", "scenario_id"])
        self._turns.cancel()
        for part in (self._bar, self._findings, self._record):
            part.detach()
        for section in (self.scenarios, *self._sections, self.findings, self.record):
            section.close()
        for block in (self.status, self.key_figures, self.notes):
            close_all(block)
        for view in self._views.values():
            close_all(view.widget)
        if self._all is not None:
            close_all(self._all)

    def all_findings(self) -> tuple[Finding, ...]:
        """Return every finding, those set aside marked as such."""
        return with_waivers(self.result.findings, self.desk.scenario.waivers) if self.has_result else ()

    def _show_numbers(self) -> None:
        self.key_figures.show(html.key_figures(self.result.key_figures))
        self._findings.refresh()
        for key, view in self._views.items():
            view.show_chart(self._figures.get(key))
        self.refresh()
        self._bar.refresh()
        for control in self._controls:
            _set_disabled(control, self.desk.is_read_only)

    def _show_words(self) -> None:
        result = self.result
        for view in self._views.values():
            view.show_words()
        self.refresh_tables()
        self.notes.show(html.basis(result.basis) + html.cautions(result.cautions) + html.missing(result.missing))
        self._record.refresh()

    def _put_back(self) -> None:
        if self.has_result:
            self.refresh()
            self.refresh_tables()

    def _desk_changed(self, _change: object) -> None:
        self._turns.request()

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        self.flush()
        sections = (self.scenarios, *self._sections, self.findings, self.record)
        if self._all is None:
            self._all = ipywidgets.VBox(tuple(section.widget for section in sections))
        page = html.style_tag() + "".join(section.static_html() for section in sections)
        return mimebundle(self._all, f"{self.stage.title}: {self.stage.question}", page)


def _set_disabled(control: Any, disabled: bool) -> None:  # noqa: ANN401 - any control
    for child in getattr(control, "children", ()):
        _set_disabled(child, disabled)
    if control.has_trait("disabled") and control.disabled != disabled:
        control.disabled = disabled
