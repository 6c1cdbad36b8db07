"""The app: every step of a study in one place and one kernel, each built when it is first visited."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import anywidget
import ipywidgets
import traitlets

from workbench.errors import WorkbenchError
from workbench.pages.start import StartPanel
from workbench.rendering import html
from workbench.rendering.declared import open_stage
from workbench.rendering.html import script, stylesheet
from workbench.rendering.panel import StagePanel
from workbench.rendering.scheduler import Debounce
from workbench.rendering.screen.page import SectionTabs
from workbench.rendering.section import Conclusion, StatusLine, close_all, guarded, mimebundle
from workbench.rendering.studies import find_study
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.contract import STAGES, step_title
from workbench.study.document import CHOICE, Study
from workbench.text import texts
from workbench.workspace import LAST_NOTEBOOK, START_NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from workbench.rendering.screen.page import StepPage
    from workbench.rendering.section import PlainPanel, Section
    from workbench.rendering.session import Session
    from workbench.rules.rulebook import Finding
    from workbench.study.model import DecisionRecord

say = texts(__name__)

# --- The steps of a study, and how each stands

START = "start"
_MARKS = {"decided": "✓", "next": "●", "attention": "!", "open": "○", "plain": "·"}
_BREACH = "breach"


@dataclass(frozen=True, slots=True)
class AppStep:
    """One step of the app: what it is called, and the notebook of the sequence that shows the same."""

    key: str
    title: str
    notebook: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands: its state (decided, next, attention, open or plain), and why in a word or two."""

    state: str
    note: str = ""

    @property
    def is_decided(self) -> bool:
        """Tell whether there is a decision on record, with or without something to look at again."""
        return self.state in {"decided", "attention"}


def app_steps() -> tuple[AppStep, ...]:
    """Return the steps in the order of their notebooks: the data first, then every stage, the choice after its own."""
    stages = [AppStep(each.key, each.title, f"{each.notebook}.ipynb") for each in STAGES]
    choice = AppStep(CHOICE, step_title(CHOICE), LAST_NOTEBOOK)
    return (AppStep(START, say("start"), START_NOTEBOOK), *sorted((*stages, choice), key=lambda each: each.notebook))


def steps_standing(
    study: Study, scenario_id: str, findings: Mapping[str, Sequence[Finding]] | None = None
) -> dict[str, Standing]:
    """Return how every step of a scenario stands, from the study itself.

    Parameters
    ----------
    study
        The study as it is now.
    scenario_id
        The scenario in view.
    findings
        Findings by stage as they stand now, where they are worked out; those on record are taken for the others.

    Returns
    -------
    dict[str, Standing]
        By the key of the step. The first that waits for a decision is "next".

    Examples
    --------
    >>> from workbench import Study
    >>> from workbench.pages.app import steps_standing
    >>> study = Study.new("acme", "data")
    >>> steps_standing(study, study.designs[0].id)["value_metric"].state
    'next'
    """
    scenario = study.scenario(scenario_id)
    found = {START: Standing("decided")}
    latest: dict[str, DecisionRecord] = {
        each.stage: each for each in study.decisions if each.scenario_id == scenario_id and each.stage != CHOICE
    }
    for each in STAGES:
        if each.key in latest:
            waived = {waiver.rule for waiver in scenario.waivers}
            now = (findings or {}).get(each.key)
            broken = _broken_on_record(latest[each.key], waived) if now is None else _broken_now(now)
            note = say("not_met", n=broken) if broken else ""
            found[each.key] = Standing("attention" if broken else "decided", note)
        elif scenario.decided(each.key):
            found[each.key] = Standing("open", say("not_on_record"))
        else:
            found[each.key] = Standing("open" if each.designs else "plain")
    found[CHOICE] = _choice(study, latest)
    waiting = next((key for key, each in found.items() if each.state == "open"), None)
    if waiting is not None:
        found[waiting] = Standing("next", found[waiting].note or say("next_step"))
    return found


def _choice(study: Study, latest: Mapping[str, DecisionRecord]) -> Standing:
    if study.chosen is None:
        return Standing("open")
    since = [each for each in latest.values() if each.when > study.chosen.when]
    return Standing("attention", say("decided_since")) if since else Standing("decided")


def _broken_on_record(record: DecisionRecord, waived: set[str]) -> int:
    """Count the rules a decision did not meet when it was recorded, those set aside left out."""
    heads = [each.partition(":")[0].split() for each in record.findings]
    return sum(head[-1:] == [_BREACH] and head[0] not in waived for head in heads)


def _broken_now(findings: Sequence[Finding]) -> int:
    return sum(each.status == _BREACH and each.is_open for each in findings)


def decided_of(found: Mapping[str, Standing]) -> str:
    """Say how many of the steps that ask for a decision have one."""
    asked = [each for key, each in found.items() if key != START and each.state != "plain"]
    return say("decided", done=sum(each.is_decided for each in asked), all=len(asked))


def how_far(folder: Path | str | None = None) -> str:
    """Say how far the study in a folder is, the one last worked on where None; nothing where there is none.

    Examples
    --------
    >>> import tempfile
    >>> from workbench import Study
    >>> from workbench.pages.app import how_far
    >>> folder = tempfile.mkdtemp()
    >>> study = Study.new("acme", "data").save(folder)
    >>> how_far(folder).startswith("0 of ")
    True
    """
    try:
        study = Study.load(find_study(folder))
    except WorkbenchError:
        return ""
    chosen = study.chosen.scenario_id if study.chosen else study.designs[0].id
    return decided_of(steps_standing(study, chosen))


# --- The rail


class AppRail(anywidget.AnyWidget):
    """The steps as a list of buttons. `current` is the one wanted, `shown` the one there; `is_new` until a visit."""

    _esm = script("app_rail")
    _css = stylesheet("app_rail")
    title = traitlets.Unicode().tag(sync=True)
    scenario = traitlets.Unicode().tag(sync=True)
    standing = traitlets.Unicode().tag(sync=True)
    steps = traitlets.List(traitlets.Dict()).tag(sync=True)
    current = traitlets.Unicode(START).tag(sync=True)
    shown = traitlets.Unicode(START).tag(sync=True)
    is_new = traitlets.Bool(default_value=True).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


# --- The pages, and the app around them


class Panel(Protocol):
    """What the app asks of the panel of a step."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return its sections in the order they are read."""

    def pause(self) -> None:
        """Work nothing out while nobody looks."""

    def resume(self) -> None:
        """Catch up, and follow again."""

    def close(self) -> None:
        """Let go of everything."""


def _tabs(panel: Panel) -> dict[str, tuple[Section, ...]]:
    """Return the sections of a panel by the tab they stand behind; which study and how it stands share the first."""
    if isinstance(panel, StartPanel):
        together = (panel.studies, panel.today)
        apart = [each for each in panel.sections if each not in together]
        return {say("study"): together, **{each.title: (each,) for each in apart}}
    return {each.title: (each,) for each in panel.sections}


# What stands beside a stage as one more tab: the step, the words of the tab, and where its panel is opened.
_BESIDE = (
    ("willingness", "questionnaires", "workbench.pages.handouts:open_questionnaires"),
    ("anchoring", "typed_prices", "workbench.pages.market_prices:open_panel"),
    (CHOICE, "calculator", "workbench.pages.handouts:open_calculator"),
    ("workshop", "room", "workbench.pages.room:open_room_panel"),
    ("growth_desk", "customer_pages", "workbench.pages.handouts:open_customer_pages"),
)


class _Beside:
    """A panel of no stage behind one more tab of a step, opened with that tab."""

    def __init__(self, words: str, place: str, session: Session) -> None:
        self.title = say(words)
        self._place, self._session = place, session
        self._panel: PlainPanel | None = None

    def open(self) -> tuple[ipywidgets.Widget]:
        """Return its sections one below the other, in one widget."""
        module, _, name = self._place.partition(":")
        self._panel = getattr(importlib.import_module(module), name)(self._session)
        shown = ipywidgets.VBox(tuple(section.widget for section in self._panel.sections))
        shown.add_class("wb-beside")
        return (shown,)

    def close(self) -> None:
        """Let go of the panel, where its tab was opened."""
        if self._panel is not None:
            self._panel.close()


class _Page:
    """The place of one step: empty until it is first visited."""

    def __init__(self, step: AppStep) -> None:
        self.step = step
        self.status = StatusLine()
        self.waiting = HtmlBlock(role="status")
        self.waiting.add_class("wb-working")
        self.widget = ipywidgets.VBox()
        self.widget.add_class("wb-step")
        self.panel: Panel | None = None
        self._tabs: SectionTabs | None = None
        self._beside: tuple[_Beside, ...] = ()

    def fill(self, open_panel: Callable[[], Panel], session: Session | None = None) -> None:
        """Build the panel, saying so meanwhile; what keeps it from being built is said in its place."""
        self.status.clear()
        self.waiting.show(html.message(say("working_out", title=self.step.title)))
        self.widget.children = (self.waiting,)
        try:
            panel = open_panel()
            if isinstance(panel, StagePanel):
                self._put_beside(panel.page, session)
                self.widget.children = (panel.page.widget,)
            else:
                self._tabs = SectionTabs(_tabs(panel))
                self._put_beside(self._tabs, session)
                self.widget.children = (self._tabs.tabs,)
            self.panel = panel
        finally:
            if self.panel is None:
                self.widget.children = (self.status,)

    def _put_beside(self, tabs: StepPage | SectionTabs, session: Session | None) -> None:
        if session is None:
            return
        places = [each[1:] for each in _BESIDE if each[0] == self.step.key]
        self._beside = tuple(_Beside(*each, session) for each in places)
        for each in self._beside:
            tabs.add(each.title, each.open)

    def empty(self) -> None:
        """Let go of the panel, as when another study is opened."""
        for each in self._beside:
            each.close()
        self._beside = ()
        if self.panel is not None:
            self.panel.close()
        if self._tabs is not None:
            self._tabs.close()
        self.panel = self._tabs = None
        self.widget.children = ()


class App:
    """Every step of a study beside a rail that says how each stands. Panels nobody looks at work nothing out.

    Parameters
    ----------
    workspace
        The folder with `studies/`; found from the working directory upwards where None.

    Attributes
    ----------
    session
        The study that is open; None where there is none yet.
    panels
        The panels built so far, by step.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.pages.app import App
    >>> app = App(tempfile.mkdtemp())
    >>> app.current, app.session
    ('start', None)
    """

    def __init__(self, workspace: Path | str | None = None) -> None:
        self.steps = app_steps()
        self.session: Session | None = None
        self._pages = {each.key: _Page(each) for each in self.steps}
        self.rail = AppRail(words={name: say(name) for name in ("steps", "back", "next")})
        self.stack = ipywidgets.Stack([page.widget for page in self._pages.values()], selected_index=0)
        self.widget = ipywidgets.Box((self.rail, self.stack))
        self.widget.add_class("wb-app")
        self._later = Debounce(self.refresh, quiet=0.4, at_most=2.0)
        self._shown = START
        self._conclusion = Conclusion(lambda: "\n".join(self._lines()))
        self._start = StartPanel(workspace, opened=self._opened)
        self._pages[START].fill(lambda: self._start)
        if self._start.session is not None:
            self._opened(self._start.session)
        self.refresh()
        self.rail.observe(lambda change: self.go(change["new"]), names="current")

    @property
    def current(self) -> str:
        """Return the key of the step in view."""
        return self._shown

    @property
    def panels(self) -> dict[str, Panel]:
        """Return the panels built so far, by step."""
        return {key: page.panel for key, page in self._pages.items() if page.panel is not None}

    def go(self, key: str) -> None:
        """Bring a step into view; its panel is built when it is first visited, and catches up later on.

        Raises
        ------
        KeyError
            When there is no such step.
        """
        page, before = self._pages[key], self._pages[self._shown]
        if key != self._shown and before.panel is not None:
            before.panel.pause()
        self._shown = key
        self.rail.is_new = False
        self.rail.current = key
        self.stack.selected_index = list(self._pages).index(key)
        guarded(self._fill if page.panel is None else page.panel.resume, page.status)(
            *((page,) if page.panel is None else ())
        )
        self.rail.shown = key
        self.refresh()

    def refresh(self) -> None:
        """Show on the rail how every step stands now."""
        if self.session is None:
            self.rail.title, self.rail.scenario, self.rail.standing = say("no_study"), "", ""
            self.rail.steps = [
                self._shown_step(each, Standing("open"), is_open=each.key == START) for each in self.steps
            ]
            return
        seen = {key: panel.all_findings() for key, panel in self.panels.items() if isinstance(panel, StagePanel)}
        found = steps_standing(self.session.study, self.session.scenario_id, seen)
        self.rail.title = self.session.study.title
        self.rail.scenario = say("scenario", name=self.session.scenario.name)
        self.rail.standing = decided_of(found)
        self.rail.steps = [self._shown_step(each, found[each.key]) for each in self.steps]
        self._conclusion.refresh()

    def conclusion(self) -> None:
        """Show the study in a few lines that follow it: which steps are decided, and what asks for attention."""
        self.refresh()
        self._conclusion.show()

    def close(self) -> None:
        """Stop watching the study and close every widget."""
        self._forget_study()
        self._pages[START].empty()
        self._later.cancel()
        close_all(self.widget)

    def _fill(self, page: _Page) -> None:
        session = self.session
        if session is None:
            raise WorkbenchError(say("no_study"), say("open_one"))
        page.fill(lambda: panel_of(page.step.key, session), session)

    def _opened(self, session: Session) -> None:
        """Work on another study: the panels of the one before are let go."""
        self._forget_study()
        self.session = session
        session.observe(self._changed, names=["study", "scenario_id"])
        self.refresh()

    def _forget_study(self) -> None:
        if self.session is not None:
            self.session.unobserve(self._changed, names=["study", "scenario_id"])
        for key, page in self._pages.items():
            if key != START:
                page.empty()

    def _changed(self, _change: object) -> None:
        self._later.request()

    def _shown_step(self, step: AppStep, stands: Standing, *, is_open: bool = True) -> dict[str, Any]:
        told = say(f"state_{stands.state}") if is_open else say("open_one")
        return {
            "key": step.key,
            "title": step.title,
            "notebook": step.notebook,
            "state": stands.state,
            "mark": _MARKS[stands.state],
            "note": stands.note,
            "told": told,
            "open": is_open,
        }

    def _lines(self) -> Iterator[str]:
        yield self.rail.title
        if self.session is None:
            return
        yield f"{self.rail.scenario}: {self.rail.standing}"
        yield from (
            f"{step['mark']} {' - '.join(filter(None, (step['title'], step['note'])))}" for step in self.rail.steps
        )

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        self.refresh()
        lines = html.lines(self._lines())
        return mimebundle(self.widget, say("title"), html.style_tag() + html.paragraph(say("needs_a_kernel")) + lines)


def panel_of(key: str, session: Session) -> Panel:
    """Open the panel of a step; what only one step needs is loaded when that is visited."""
    if key == CHOICE:
        from workbench.pages.scenarios import ScenariosPanel  # noqa: PLC0415 - see above

        return ScenariosPanel(session)
    return open_stage(session, key)


def open_app(workspace: Path | str | None = None) -> App:
    """Return the app on a workspace, with the study last worked on there."""
    return App(workspace)
