"""What every stage panel shares: it watches the session, works out the result and updates its parts in place."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets

from workbench.cache import RecentOf
from workbench.errors import StudyError
from workbench.rendering import html
from workbench.rendering.controls import button, choice, level_row, row, show, text_area, text_box
from workbench.rendering.figure_view import FigureView
from workbench.rendering.scheduler import MOMENT, Debounce, RefreshTurns
from workbench.rendering.screen.findings import finding_groups, money_touched
from workbench.rendering.screen.page import StepPage
from workbench.rendering.screen.strip import Strip, step_of
from workbench.rendering.section import Conclusion, Section, StatusLines, close_all, guarded, mimebundle
from workbench.rendering.widgets import HtmlBlock
from workbench.rules.rulebook import with_waivers
from workbench.stages.contract import STAGES, evaluated, figures_by_key, gathered, mark, stage
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import opt_in_scenario
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.rendering.session import Session
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding
    from workbench.stages.contract import StageResult
    from workbench.stages.figure import Figure
    from workbench.study.model import DecisionRecord, Scenario, StageDecision

say = texts(__name__)

# --- A starting point counts as a scenario until somebody changes it, on the panels of later steps as well

_SUGGESTED: RecentOf[CustomerBase, tuple[str, str], Any] = RecentOf(12)


def as_it_starts(base: CustomerBase, scenario: Scenario, stage_key: str) -> Scenario:
    """Return what a stage works on: where no plans are decided yet, those that their own panel shows.

    Parameters
    ----------
    base
        The customers.
    scenario
        The scenario in view; it stays as it is where its plans are decided, and where it is today's.
    stage_key
        The stage that asks. What comes before the plans is not about them.
    """
    keys = [each.key for each in STAGES]
    if TierDecision.stage not in keys or scenario.kind == "baseline" or scenario.decided(TierDecision.stage):
        return scenario
    at = keys.index(TierDecision.stage)
    if stage_key in keys[: at + 1]:
        return scenario
    module = STAGES[at].module
    known = (TierDecision.stage, mark(dict(scenario.stages)))
    made = _SUGGESTED.once(base, known, lambda: module.suggest(base, scenario, evidence=gathered(module, base)))
    return scenario.with_decision(made)


# --- The findings of a panel, and the form that sets a rule aside with a reason

FINDINGS_INTRO = say("how_this_design_stands_against")


class FindingsView:
    """Findings, and a rule set aside (or put in force again) by a person with a reason."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        self.list = HtmlBlock(role="status", explains=True)
        self.none = HtmlBlock()
        self.rule = choice("Rule to set aside", {"none": ""})
        self.reason = text_box(say("reason_for_setting_it_aside"), placeholder=say("why_this_rule_does_not"))
        self.who = text_box("Your name", panel.session.who)
        self.apply = button(say("set_aside_with_this_reason"), panel.guarded(self.set_aside))
        self.waived = choice("Rule set aside", {"none": ""})
        self.withdraw = button("Put in force again", panel.guarded(self.put_back))
        self.form = level_row(self.rule, self.reason, self.who, self.apply)
        self.back = level_row(self.waived, self.withdraw)
        parts = (self.list, self.none, self.form, self.back, panel.status.here, panel.notes)
        self.section = Section("Findings", parts=parts, intro=FINDINGS_INTRO, finish=panel.look)

    def refresh(self) -> None:
        """Show the findings of the panel's result."""
        findings = self._panel.all_findings()
        panel = self._panel
        touched = money_touched(panel.session.base, panel.result)
        shown = finding_groups(findings, touched, panel.session.study.currency)
        self.list.show(shown)
        self.none.show("" if shown else html.paragraph(say("no_rule_applies_to_what"), soft=True))
        # A finding on no rule of the book has nothing that could be set aside.
        unmet = {_name(finding): _place(finding) for finding in findings if finding.is_open and finding.rule_id}
        show(self.rule, _kept(self.rule.value, unmet), options=unmet or {"none": ""})
        here = {finding.rule_id for finding in findings}  # rules of other stages are put in force again there
        waivers = [waiver for waiver in self._panel.in_view.waivers if waiver.rule in here]
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
        parts = (self.what, self.form, panel.status.here, self.log)
        self.section = Section("Record the decision", parts=parts, intro=RECORD_INTRO, finish=panel.look)

    def refresh(self) -> None:
        """Show what would be recorded, and what is on record."""
        panel = self._panel
        session = panel.session
        self.what.show(html.paragraph(panel.stage.module.summarise(panel.decision, panel.result)))
        self.form.layout.display = "none" if session.is_read_only else "flex"
        show(self.who, self.who.value or session.who)
        here = (panel.stage.key, panel.in_view.id)
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
    """The strip of the step, and below it what was saved and what stands in the way of saving."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel, self.line = panel, panel.status.here
        session, guarded = panel.session, panel.guarded
        does: dict[str, Callable[..., Any]] = {
            "select": session.select, "undo": session.undo, "redo": session.redo, "start_over": panel.start_over,
        }  # fmt: skip
        step = step_of(getattr(panel.stage, "notebook", ""))
        self.strip = Strip({name: guarded(do) for name, do in does.items()}, step)
        self.state = HtmlBlock(role="status")
        self._trouble = SaveTrouble(session, guarded)
        self.trouble, self.settle = self._trouble.parts
        self.mine, self.theirs = self._trouble.mine, self._trouble.theirs
        self.told = (self.state, self.line, self.trouble, self.settle)
        self.section = Section(
            f"{panel.stage.title}: {panel.stage.question}", parts=(self.strip, *self.told), finish=panel.flush
        )
        self._later = Debounce(self.refresh, quiet=MOMENT, at_most=MOMENT, lock=session.lock)
        session.observe(self._heard, names=_WATCHED_BY_BAR)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        panel, session = self._panel, self._panel.session
        self.strip.show_hand(
            scenario_names(panel),
            panel.in_view.id,
            undo=session.can_undo,
            redo=session.can_redo,
            start_over=not panel.is_read_only and panel.in_view.decided(panel.stage.key),
        )
        if panel.has_result and panel.is_looked_at:
            self.strip.show_numbers(panel.in_view.id, panel.figures_shown, panel.all_findings())
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

    def _standing(self) -> str:
        if self._panel.is_read_only:
            return html.message(BASELINE)
        return html.message(STARTING_POINT) if self._panel.is_suggestion else ""

    def _heard(self, _change: dict[str, Any]) -> None:
        self._later.request()


class ScenarioList:
    """The list that brings a scenario into view, for a section where one wants it at hand."""

    def __init__(self, panel: StagePanel) -> None:
        self._panel = panel
        bring = panel.guarded(panel.session.select)
        self.widget = choice("Scenario", scenario_names(panel), panel.in_view.id, on_change=bring)

    def refresh(self) -> None:
        """Show the scenarios there are, and the one in view."""
        show(self.widget, self._panel.in_view.id, options=scenario_names(self._panel))


def scenario_names(panel: StagePanel) -> dict[str, str]:
    """Return the scenarios a panel can show by name; what holds them against today's is not about today's."""
    study = panel.session.study
    return {each.name: each.id for each in (study.designs if panel.against_today else study.scenarios)}


# --- What every stage panel shares: it watches the session, works out the result and updates its parts in place


class StagePanel:
    """The panel of one stage. A subclass names its stage, builds its controls and parts once, and refreshes them.

    ``stage_key`` names the stage. `build` makes controls and sections (`self.section(...)`); `refresh` shows
    `self.decision` in the controls and `self.result` in the parts; `refresh_tables` shows long parts. Key figures,
    figures made with `figure_view`, findings, the decision record and the scenario bar are kept up to date here.

    What the eye waits for comes first. After a change the charts named in `leading` are drawn at once (all of them
    where none is named), a moment later the other charts, key figures, findings and `refresh`, and when the hand
    rests, words and tables under charts, `refresh_tables`, notes and the record, and last what is `resting`: figures
    that take long, and `refresh_resting`. `flush` does all of it now.

    Sections there always are: `scenarios` (scenario, undo, redo), `findings`, `record`.
    """

    stage_key: ClassVar[str]
    leading: ClassVar[tuple[str, ...]] = ()
    resting: frozenset[str] = frozenset()
    tried: Any = None
    against_today = False

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stage = self.find_stage()
        self.decision: StageDecision = self.stage.module.Decision()
        self.result: StageResult
        self.evidence: Any = None
        self.is_suggestion = False
        self.has_result = False
        self._conclusion = Conclusion(self._concluded)
        self._tried_in = ""
        self._read: object = None
        self._words_due = self._resting_due = False
        self.status = StatusLines()
        self.key_figures = HtmlBlock(explains=True)
        self.key_figures.add_class("wb-key-figures")
        self.notes = HtmlBlock()
        self._evidence_of = ""
        self._views: dict[str, FigureView] = {}
        self._sections: list[Section] = []
        self._controls: list[Any] = []
        self._all: ipywidgets.VBox | None = None
        self._page: StepPage | None = None
        self._figures: Mapping[str, Figure | None] = {}
        self._turns = RefreshTurns(
            self.recompute, self._show_numbers, self._show_words, guard=self._guarded_turn, lock=session.lock
        )
        self._bar = ScenarioBar(self)
        self.status.add()
        self._findings = FindingsView(self)
        self.status.add()
        self._record = RecordForm(self)
        self.status.add()
        self.scenarios = self._bar.section
        self.build()
        self.status.move(self._bar.line)
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

    def refresh_resting(self) -> None:
        """Show what takes long; called last."""

    def find_stage(self) -> Any:  # noqa: ANN401 - a Stage, or something like it in tests
        """Return the stage: key, title, question, and the module with its functions."""
        return stage(self.stage_key)

    @property
    def base(self) -> CustomerBase:
        """Return the customer base."""
        return self.session.base

    @property
    def in_view(self) -> Scenario:
        """Return the scenario in view; what holds one against today's shows the first of them, while today's is."""
        here = self.session.scenario
        return self.session.study.designs[0] if self.against_today and here.kind == "baseline" else here

    @property
    def is_read_only(self) -> bool:
        """Tell whether nothing can be decided, because today's pricing is shown."""
        return self.in_view.kind == "baseline"

    @property
    def scenario(self) -> Scenario:
        """Return the scenario in view with the decision shown, be it saved or a starting point."""
        return self.in_view.with_decision(self.decision) if self.is_suggestion else self.in_view

    @property
    def page(self) -> StepPage:
        """Return the step on one screen: strip, controls left, what they move right, further sections as tabs.

        It is made when it is first asked for.
        """
        if self._page is None:
            self._page = StepPage(
                f"{self.stage.title}: {self.stage.question}",
                strip=self._bar.strip,
                told=self._bar.told,
                sections=(*self._sections, self.findings, self.record),
                main=self.main_section,
                findings=self._findings.list,
                last=self.key_figures,
            )
        return self._page

    @property
    def main_section(self) -> Section:
        """Return the section that shows what the step is about: the one with the key figures, else the first."""
        return next((each for each in self._sections if self.key_figures in each.shown), self._sections[0])

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
        made = Section(title, controls=controls, parts=parts, intro=intro, status=self.status.here, finish=finish)
        self._sections.append(made)
        self.status.add()  # what is made from here on stands in the next section
        self._controls += [each for each in made.controls if isinstance(each, ipywidgets.Widget)]
        return made

    def figure_view(self, key: str, *, table: bool = True) -> FigureView:
        """Return the place where the stage's figure of that key is shown; it is kept up to date."""
        if key not in self._views:
            self._views[key] = FigureView(table=table)
        return self._views[key]

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors beside the control, and the controls put back afterwards."""
        line, run = self.status.here, self._guarded_turn(callback)

        def there(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the callback takes and gives
            self.status.move(line)
            return run(*given, **named)

        return there

    def _guarded_turn(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors where the hand was last: a refresh is no step of the hand."""
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
        self.session.propose(self.in_view.with_decision(self.decision.replaced(**changes)), note)

    def try_out(self, **changes: Any) -> None:  # noqa: ANN401 - fields of what is tried out
        """Show what follows with these fields of what is tried out replaced; nothing is kept."""
        self.status.clear()
        self.tried = self.tried.replaced(**changes)
        self._turns.request()

    def show_again(self) -> None:
        """Show everything again that may have changed with the result unchanged, such as what was looked for."""
        self._words_due = self._resting_due = True
        self._turns.soon.request()

    def start_over(self) -> None:
        """Open the stage again, so that the starting point computed from the data is shown."""
        self.session.propose(self.in_view.without_decision(self.stage.key), f"{self.stage.title}: started over")
        self.offer_undo(say("started_over", title=self.stage.title))

    def offer_undo(self, text: str) -> None:
        """Say what was done where it was done, with a button that takes it back."""
        self.status.say(text, "ok", undo=self.guarded(self.session.undo))

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
        self._bar.strip.recorded(self.session.scenario_id, self.figures_shown)

    def recompute(self) -> None:
        """Work out the result of what the session holds now, and show it."""
        module, session = self.stage.module, self.session
        base, self._read = session.base, self._reads()
        scenario = as_it_starts(base, self.in_view, self.stage.key)
        if self._evidence_of != base.fingerprint:
            self.evidence = gathered(module, base)
            self._evidence_of = base.fingerprint
        is_open = not self.is_read_only and not scenario.decided(module.Decision)
        self.is_suggestion = is_open and hasattr(module, "suggest")
        if self.is_suggestion:
            scenario = scenario.with_decision(module.suggest(base, scenario, evidence=self.evidence))
        self.decision = scenario.decision(module.Decision)
        if self.tried is not None and self._tried_in != scenario.id:
            self.tried, self._tried_in = type(self.tried)(), scenario.id
        tried = {} if self.tried is None else {"tried": self.tried}
        self.result = evaluated(module, base, session.study, scenario, evidence=self.evidence, **tried)
        self.has_result = self._words_due = self._resting_due = True
        places = self.leading or self._views.keys()
        self._figures = figures_by_key(module.figures(self.result)) if places else {}
        for key in places:
            if key not in self.resting:
                self.figure_view(key).show_chart(self._figures.get(key))

    def conclusion(self) -> None:
        """Show the stage in a few lines that follow it: what is decided, key figures, how the findings stand."""
        self.flush()
        self._conclusion.show()

    def _concluded(self) -> str:
        from workbench.stages.contract import conclusion  # noqa: PLC0415 - only at the end of a notebook

        summary = self.stage.module.summarise(self.decision, self.result)
        return conclusion(self.stage.title, self.in_view.name, summary, self.result, self.all_findings())

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections in the order they are read."""
        return (self.scenarios, *self._sections, self.findings, self.record)

    def pause(self) -> None:
        """Work nothing out while nobody looks."""
        self._turns.pause()

    def resume(self) -> None:
        """Catch up, and follow the session again."""
        self._turns.resume()

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._turns.flush()
        self._bar.flush()

    def finish_words(self) -> None:
        """Bring everything up to date but what takes long, which comes when the hand rests."""
        with self.session.lock:
            self._turns.work.flush()
            self._turns.soon.flush()
            self.guarded(self._show_readings)()

    def look(self) -> None:
        """Bring up to date what somebody looks at now."""
        self.flush()

    def close(self) -> None:
        """Stop watching the session and close every widget of the panel."""
        self.session.unobserve(self._session_changed, names=["study", "scenario_id"])
        self._turns.cancel()
        for part in (self._bar, self._findings, self._record):
            part.detach()
        if self._page is not None:
            self._page.close()
        for section in self.sections:
            section.close()
        self.status.close()
        for block in (self.key_figures, self.notes):
            close_all(block)
        for view in self._views.values():
            close_all(view.widget)
        if self._all is not None:
            close_all(self._all)

    def all_findings(self) -> tuple[Finding, ...]:
        """Return every finding, those set aside marked as such."""
        return with_waivers(self.result.findings, self.in_view.waivers) if self.has_result else ()

    @property
    def figures_shown(self) -> tuple[KeyFigure, ...]:
        """Return the figures that stay in view: the key figures of the result."""
        return self.result.key_figures

    @property
    def is_looked_at(self) -> bool:
        """Tell whether somebody has looked at anything that follows from the result."""
        return True

    def _show_numbers(self) -> None:
        if self.is_looked_at:
            self.key_figures.show(html.key_figure_cards(self.result.key_figures))
            self._findings.refresh()
        for key, view in self._views.items():
            if key not in self.resting:
                view.show_chart(self._figures.get(key))
        self.refresh()
        self._bar.refresh()
        for control in self._controls:
            _set_disabled(control, self.is_read_only)

    def _show_words(self) -> None:
        self._conclusion.refresh()
        if not self.is_looked_at:
            return
        self._show_readings()
        if self._resting_due:
            self._resting_due = False
            for key in self.resting & self._views.keys():
                self._views[key].show(self._figures.get(key))
            self.refresh_resting()
            result = self.result
            self.notes.show(
                html.basis(result.basis) + html.caution_messages(result.cautions) + html.missing(result.missing)
            )

    def _show_readings(self) -> None:
        if not self._words_due:
            return
        self._words_due = False
        for key, view in self._views.items():
            if key not in self.resting:
                view.show_words()
        self.refresh_tables()
        self._record.refresh()

    def _put_back(self) -> None:
        if self.has_result:
            self.refresh()
            self.refresh_tables()

    def _reads(self) -> object:
        """Return what the stage reads of study and scenario where it says so: nothing else asks for another result."""
        own = getattr(self.stage.module, "reads", None)
        return None if own is None else (own(self.session.study, self.in_view), self.session.base.fingerprint)

    def _session_changed(self, _change: object) -> None:
        if self.has_result and self._read is not None and self._reads() == self._read:
            self._bar.refresh()
            self._record.refresh()
            self._conclusion.refresh()
        else:
            self._turns.request()

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        self.flush()
        if self._all is None:
            self._all = ipywidgets.VBox(tuple(section.widget for section in self.sections))
        page = html.style_tag() + "".join(section.static_html() for section in self.sections)
        return mimebundle(self._all, f"{self.stage.title}: {self.stage.question}", page)


def _set_disabled(control: Any, disabled: bool) -> None:  # noqa: ANN401 - any control
    for child in getattr(control, "children", ()):
        _set_disabled(child, disabled)
    if control.has_trait("disabled") and control.disabled != disabled:
        control.disabled = disabled


# --- The button that makes a design with usage as an option beside today's plans

KINDS = {say("overage_beyond_what_is_included"): "overage", say("accelerator_a_block_of_units"): "accelerator"}


class OptInMaker:
    """A kind of opt-in, and the button that makes the design and brings it into view; `row` holds both."""

    def __init__(self, session: Session, guarded: Callable[..., Any], tell: Callable[[str], None]) -> None:
        self._session = session
        self._tell = tell
        self.kind = choice("Usage as an option", KINDS, "overage")
        self.kind.layout.width = "300px"
        self.make = button(say("make_it_a_design_beside"), guarded(self.add), tooltip=say("a_new_scenario_today_s"))
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
