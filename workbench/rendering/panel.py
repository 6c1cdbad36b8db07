"""What every stage panel shares: it watches the session, works out the result and updates its parts in place."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets

from workbench.errors import StudyError
from workbench.rendering import html
from workbench.rendering.controls import button, choice, level_row, row, show, text_area, text_box
from workbench.rendering.figure_view import FigureView
from workbench.rendering.scheduler import MOMENT, Debounce, RefreshTurns
from workbench.rendering.section import PlainPanel, Section, StatusLine, close_all, guarded, mimebundle
from workbench.rendering.widgets import HtmlBlock
from workbench.rules.rulebook import with_waivers
from workbench.stages.contract import evaluated, stage
from workbench.stages.price_book import opt_in_scenario
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.rendering.session import Session
    from workbench.rules.rulebook import Finding
    from workbench.stages.contract import StageResult
    from workbench.stages.figure import Figure
    from workbench.study.model import DecisionRecord, Scenario, StageDecision

say = texts(__name__)

# --- The findings of a panel, and the form that sets a rule aside with a reason

FINDINGS_INTRO = say("how_this_design_stands_against")


class FindingsView:
    """Findings, and a rule set aside (or put in force again) by a person with a reason."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        self.list = HtmlBlock(role="status")
        self.rule = choice("Rule to set aside", {"none": ""})
        self.reason = text_box(say("reason_for_setting_it_aside"), placeholder=say("why_this_rule_does_not"))
        self.who = text_box("Your name", panel.session.who)
        self.apply = button(say("set_aside_with_this_reason"), panel.guarded(self.set_aside))
        self.waived = choice("Rule set aside", {"none": ""})
        self.withdraw = button("Put in force again", panel.guarded(self.put_back))
        self.form = level_row(self.rule, self.reason, self.who, self.apply)
        self.back = level_row(self.waived, self.withdraw)
        parts = (self.list, self.form, self.back, panel.notes)
        self.section = Section("Findings", parts=parts, intro=FINDINGS_INTRO, status=panel.status, finish=panel.look)

    def refresh(self) -> None:
        """Show the findings of the panel's result."""
        findings = self._panel.all_findings()
        self.list.show(html.finding_list(findings) or html.message(say("no_rule_applies_to_what")))
        # A finding on no rule of the book has nothing that could be set aside.
        unmet = {_name(finding): _place(finding) for finding in findings if finding.is_open and finding.rule_id}
        show(self.rule, _kept(self.rule.value, unmet), options=unmet or {"none": ""})
        here = {finding.rule_id for finding in findings}  # rules of other stages are put in force again there
        waivers = [waiver for waiver in self._panel.session.scenario.waivers if waiver.rule in here]
        names = {waiver.id: f"{waiver.rule} {waiver.subject}".strip() for waiver in waivers}
        waived = {name: waiver_id for waiver_id, name in names.items()}
        show(self.waived, _kept(self.waived.value, waived), options=waived or {"none": ""})
        show(self.who, self.who.value or self._panel.session.who)
        self.form.layout.display = "flex" if unmet and not self._panel.session.is_read_only else "none"
        self.back.layout.display = "flex" if waived else "none"

    def set_aside(self) -> None:
        """Set the chosen rule aside with the reason given."""
        if not self.rule.value:
            raise StudyError("There is no open finding to set aside.")
        if not self.reason.value.strip() or not self.who.value.strip():
            raise StudyError("A rule is set aside with a reason and a name.", "Fill in both.")
        rule, subject = self.rule.value
        self._panel.session.waive(rule, self.reason.value, self.who.value, subject=subject)
        self.reason.value = ""
        self._panel.status.say(say("rule_is_set_aside_it", rule=rule), "ok")

    def put_back(self) -> None:
        """Put the chosen rule in force again."""
        if self.waived.value:
            self._panel.session.unwaive(self.waived.value)

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


# --- The form that puts a decision on record: what, why and who

RECORD_INTRO = say("what_is_kept_the_decision")


class RecordForm:
    """Reason and name, a button, and what is on record for this stage."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        self.what = HtmlBlock()
        self.reason = text_area("Reason", placeholder=say("why_this_and_not_something"))
        self.reason.layout.min_width = "340px"
        self.who = text_box("Decided by", panel.session.who)
        self.apply = button("Record decision", panel.guarded(self.keep), primary=True)
        self.log = HtmlBlock()
        self.form = level_row(self.reason, self.who, self.apply)
        parts = (self.what, self.form, self.log)
        self.section = Section(
            "Record the decision", parts=parts, intro=RECORD_INTRO, status=panel.status, finish=panel.look
        )

    def refresh(self) -> None:
        """Show what would be recorded, and what is on record."""
        panel = self._panel
        session = panel.session
        self.what.show(html.paragraph(panel.stage.module.summarise(panel.decision, panel.result)))
        self.form.layout.display = "none" if session.is_read_only else "flex"
        show(self.who, self.who.value or session.who)
        here = (panel.stage.key, session.scenario_id)
        records = [record for record in session.study.decisions if (record.stage, record.scenario_id) == here]
        self.log.show(html.details(f"On record ({len(records)})", html.lines(map(_line, reversed(records)))))

    def keep(self) -> None:
        """Put the decision on record."""
        if not self.reason.value.strip() or not self.who.value.strip():
            raise StudyError("A decision is recorded with a reason and a name.", "Fill in both.")
        self._panel.record_decision(self.reason.value, self.who.value)
        show(self.reason, "")
        self._panel.status.say(say("the_decision_is_on_record"), "ok")

    def detach(self) -> None:
        """Do nothing: the form watches nothing itself."""


def _line(record: DecisionRecord) -> str:
    return say("reason", when=record.when, who=record.who, what=record.what, reason=record.reason)


# --- What keeps a study from being saved, in plain sight, and the buttons that settle a conflict

_WATCHED_FOR_TROUBLE = ["conflict", "save_error"]
TOLD = say("the_same_things_were_changed")


class SaveTrouble:
    """A message while the session cannot save, with two buttons while it holds a conflict; hidden otherwise."""

    def __init__(self, session: Session, guarded: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._session = session
        self.block = HtmlBlock(role="alert")
        self.mine = button("Keep mine", guarded(session.take_mine))
        self.theirs = button("Take theirs", guarded(session.take_theirs))
        self.settle = row(self.mine, self.theirs)
        self.parts = (self.block, self.settle)
        session.observe(self._heard, names=_WATCHED_FOR_TROUBLE)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        self.block.show(self._told())
        self.settle.layout.display = "none" if self._session.conflict is None else "flex"

    def detach(self) -> None:
        """Stop watching the session."""
        self._session.unobserve(self._heard, names=_WATCHED_FOR_TROUBLE)

    def _told(self) -> str:
        if self._session.save_error:
            return html.message(self._session.save_error, "error")
        if self._session.conflict is None:
            return ""
        return html.message(TOLD, "warning") + html.lines(str(each) for each in self._session.conflict.conflicts)

    def _heard(self, _change: dict[str, Any]) -> None:
        self.refresh()


# --- The bar above a panel: which scenario is in view, undo and redo, and a conflict to settle

STARTING_POINT = say("a_starting_point_computed_from")
BASELINE = say("today_s_pricing_is_shown")
_WATCHED_BY_BAR = ["status"]


class ScenarioBar:
    """Scenario in view, undo, redo, start over, and what was saved."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        session, guarded = panel.session, panel.guarded
        self.scenario = choice("Scenario", self._options(), session.scenario_id, on_change=guarded(session.select))
        self.undo = button("Undo", guarded(session.undo), tooltip=say("take_the_last_change_back"))
        self.redo = button("Redo", guarded(session.redo), tooltip="Make the change again")
        self.over = button("Start over", guarded(panel.start_over), tooltip=say("go_back_to_what_the"))
        self.state = HtmlBlock(role="status")
        self._trouble = SaveTrouble(session, guarded)
        self.trouble, self.settle = self._trouble.parts
        self.mine, self.theirs = self._trouble.mine, self._trouble.theirs
        buttons = row(self.undo, self.redo, self.over, gap="6px")
        buttons.layout.align_self = "flex-end"
        self.section = Section(
            f"{panel.stage.title}: {panel.stage.question}",
            controls=(self.scenario, buttons),
            parts=(self.state, self.trouble, self.settle),
            status=panel.status,
            finish=panel.flush,
        )
        self._later = Debounce(self.refresh, quiet=MOMENT, at_most=MOMENT, lock=session.lock)
        session.observe(self._heard, names=_WATCHED_BY_BAR)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        session = self._panel.session
        show(self.scenario, session.scenario_id, options=self._options())
        self.undo.disabled = not session.can_undo
        self.redo.disabled = not session.can_redo
        self.over.disabled = session.is_read_only or not session.scenario.decided(self._panel.stage.key)
        said = f"Study: {session.study.title}. {session.status + '.' if session.status else ''}"
        self.state.show(f'<p class="wb-note">{escape(said.strip())}</p>' + self._standing())

    def flush(self) -> None:
        """Show what is waiting to be shown."""
        self._later.flush()

    def detach(self) -> None:
        """Stop watching the session."""
        self._later.cancel()
        self._panel.session.unobserve(self._heard, names=_WATCHED_BY_BAR)
        self._trouble.detach()

    def _options(self) -> dict[str, str]:
        return {scenario.name: scenario.id for scenario in self._panel.session.study.scenarios}

    def _standing(self) -> str:
        if self._panel.session.is_read_only:
            return html.message(BASELINE)
        return html.message(STARTING_POINT) if self._panel.is_suggestion else ""

    def _heard(self, _change: dict[str, Any]) -> None:
        self._later.request()


# --- What every stage panel shares: it watches the session, works out the result and updates its parts in place


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

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stage = self.find_stage()
        self.decision: StageDecision = self.stage.module.Decision()
        self.result: StageResult
        self.evidence: Any = None
        self.is_suggestion = False
        self.has_result = False
        self.status = StatusLine()
        self.key_figures = HtmlBlock()
        self.notes = HtmlBlock()
        self._evidence_of = ""
        self._views: dict[str, FigureView] = {}
        self._sections: list[Section] = []
        self._controls: list[Any] = []
        self._all: ipywidgets.VBox | None = None
        self._figures: dict[str, Figure] = {}
        self._turns = RefreshTurns(
            self.recompute, self._show_numbers, self._show_words, guard=self.guarded, lock=session.lock
        )
        self._bar = ScenarioBar(self)
        self._findings = FindingsView(self)
        self._record = RecordForm(self)
        self.scenarios = self._bar.section
        self.build()
        self.findings = self._findings.section
        self.record = self._record.section
        session.observe(self._session_changed, names=["study", "scenario_id"])
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
        return stage(self.stage_key)

    @property
    def base(self) -> CustomerBase:
        """Return the customer base."""
        return self.session.base

    @property
    def scenario(self) -> Scenario:
        """Return the scenario in view with the decision shown, be it saved or a starting point."""
        return self.session.scenario.with_decision(self.decision) if self.is_suggestion else self.session.scenario

    def section(
        self,
        title: str,
        *,
        controls: Iterable[Any] = (),
        parts: Iterable[Any] = (),
        intro: str = "",
        finish: Callable[[], None] | None = None,
    ) -> Section:
        """Return a new section of this panel; its controls are switched off for the baseline."""
        finish = finish or self.flush
        made = Section(title, controls=controls, parts=parts, intro=intro, status=self.status, finish=finish)
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
        self.session.propose(self.decision.replaced(**changes), note)

    def show_again(self) -> None:
        """Show everything again that may have changed with the result unchanged, such as what was looked for."""
        self._turns.soon.request()

    def start_over(self) -> None:
        """Open the stage again, so that the starting point computed from the data is shown."""
        self.session.propose(
            self.session.scenario.without_decision(self.stage.key), f"{self.stage.title}: started over"
        )

    def record_decision(self, reason: str, who: str) -> None:
        """Put the decision shown on record with its evidence, its findings, the reason and who decided."""
        from workbench.stages.contract import evidence_sentences, finding_sentences  # noqa: PLC0415 - only when recording

        if self.is_suggestion:
            self.session.propose(self.decision, f"{self.stage.title}: starting point taken")
        self.session.record_decision(
            self.stage.key,
            self.stage.module.summarise(self.decision, self.result),
            reason=reason,
            who=who,
            evidence=evidence_sentences(self.result),
            findings=finding_sentences(self.result),
        )

    def recompute(self) -> None:
        """Work out the result of what the session holds now, and show it."""
        module, session = self.stage.module, self.session
        base, scenario = session.base, session.scenario
        if self._evidence_of != base.fingerprint:
            self.evidence = module.gather(base)
            self._evidence_of = base.fingerprint
        is_open = not session.is_read_only and not scenario.decided(module.Decision)
        self.is_suggestion = is_open and hasattr(module, "suggest")
        if self.is_suggestion:
            scenario = scenario.with_decision(module.suggest(base, scenario, evidence=self.evidence))
        self.decision = scenario.decision(module.Decision)
        self.result = evaluated(module, base, session.study, scenario, evidence=self.evidence)
        self.has_result = True
        places = self.leading or self._views
        self._figures = {figure.key: figure for figure in module.figures(self.result)} if places else {}
        for key in places:
            self.figure_view(key).show_chart(self._figures.get(key))

    def conclusion(self) -> None:
        """Print the stage in a few lines: what is decided, key figures, how the findings stand."""
        from workbench.stages.contract import conclusion  # noqa: PLC0415 - only at the end of a notebook

        self.flush()
        summary = self.stage.module.summarise(self.decision, self.result)
        text = conclusion(self.stage.title, self.session.scenario.name, summary, self.result, self.all_findings())
        print(text)  # noqa: T201 - what the last cell of a notebook shows

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._turns.flush()
        self._bar.flush()

    def look(self) -> None:
        """Bring up to date what somebody looks at now."""
        self.flush()

    def close(self) -> None:
        """Stop watching the session and close every widget of the panel."""
        self.session.unobserve(self._session_changed, names=["study", "scenario_id"])
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
        return with_waivers(self.result.findings, self.session.scenario.waivers) if self.has_result else ()

    @property
    def is_looked_at(self) -> bool:
        """Tell whether somebody has looked at anything that follows from the result."""
        return True

    def _show_numbers(self) -> None:
        if self.is_looked_at:
            self.key_figures.show(html.key_figure_cards(self.result.key_figures))
            self._findings.refresh()
        for key, view in self._views.items():
            view.show_chart(self._figures.get(key))
        self.refresh()
        self._bar.refresh()
        for control in self._controls:
            _set_disabled(control, self.session.is_read_only)

    def _show_words(self) -> None:
        if not self.is_looked_at:
            return
        result = self.result
        for view in self._views.values():
            view.show_words()
        self.refresh_tables()
        self.notes.show(
            html.basis(result.basis) + html.caution_messages(result.cautions) + html.missing(result.missing)
        )
        self._record.refresh()

    def _put_back(self) -> None:
        if self.has_result:
            self.refresh()
            self.refresh_tables()

    def _session_changed(self, _change: object) -> None:
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


# --- A panel of sections about the design in view: it follows the session, what changes most first


class DesignPanel(PlainPanel):
    """A subclass makes its sections and then calls `follow`.

    `recompute` works out the result and draws what the eye waits for, `show_numbers` and `show_words` the rest.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def follow(self, progress: StatusLine) -> None:
        """Work out what the session holds, now and after every change; errors are said in `progress`."""
        self.progress = progress
        self._turns = RefreshTurns(
            self.recompute,
            self.show_numbers,
            self.show_words,
            guard=lambda callback: guarded(callback, progress),
            lock=self.session.lock,
        )
        self.session.observe(self._session_changed, names=["study", "scenario_id"])
        self._turns.begin()

    def recompute(self) -> None:
        """Work out what the session holds now, and draw what the eye waits for."""
        raise NotImplementedError

    def show_numbers(self) -> None:
        """Show what may come a moment after a change."""
        raise NotImplementedError

    def show_words(self) -> None:
        """Show what may wait until the hand rests."""
        raise NotImplementedError

    @property
    def scenario(self) -> Scenario:
        """Return the design in view; the first one while the baseline is."""
        here = self.session.scenario
        return self.session.study.designs[0] if here.kind == "baseline" else here

    def request(self) -> None:
        """Work everything out again as soon as there is time."""
        self._turns.request()

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._turns.flush()

    def close(self) -> None:
        """Stop watching the session and close every widget of the panel."""
        self.session.unobserve(self._session_changed, names=["study", "scenario_id"])
        self._turns.cancel()
        super().close()

    def _session_changed(self, _change: object) -> None:
        self.request()


# --- The button that makes a design with usage as an option beside today's plans

KINDS = {
    say("overage_beyond_what_is_included"): "overage",
    say("accelerator_a_block_of_units"): "accelerator",
}


class OptInMaker:
    """A kind of opt-in, and the button that makes the design and brings it into view; `row` holds both."""

    def __init__(self, session: Session, guarded: Callable[..., Any], tell: Callable[[str], None]) -> None:
        self._session = session
        self._tell = tell
        self.kind = choice("Usage as an option", KINDS, "overage")
        self.kind.layout.width = "300px"
        self.make = button(
            say("make_it_a_design_beside"),
            guarded(self.add),
            tooltip=say("a_new_scenario_today_s"),
        )
        self.row = level_row(self.kind, self.make)

    def add(self) -> None:
        """Make the design from the scenario in view, bring it into view and say what was made."""
        session = self._session
        made = opt_in_scenario(session.base, session.study, session.scenario, kind=self.kind.value)
        session.add_scenario(made)
        self._tell(say("is_made_and_in_view", name=made.name, note=made.note))


class StageOptIn(OptInMaker):
    """The same inside a declared stage's panel."""

    def __init__(self, panel: StagePanel) -> None:
        super().__init__(panel.session, panel.guarded, self._say_made)
        self._panel = panel
        self.widget = self.row

    def _say_made(self, text: str) -> None:
        self._panel.flush()
        self._panel.status.say(text, "ok")
