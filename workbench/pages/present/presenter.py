"""The stages of a study for a room: one section at a time, each stage built when it is first visited, one kernel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from workbench.errors import WorkbenchError
from workbench.pages.app import START, app_steps, panel_of
from workbench.pages.present.unnamed import UnnamedSession, keep_names_inside
from workbench.rendering import html
from workbench.rendering.html import script, stylesheet
from workbench.rendering.panel import StagePanel
from workbench.rendering.scheduler import loop_timer
from workbench.rendering.screen.page import SectionTabs
from workbench.rendering.section import StatusLine, close_all, guarded
from workbench.rendering.session import Session
from workbench.rendering.studies import find_study
from workbench.rendering.widgets import HtmlBlock
from workbench.study.folder import STUDY_FILE
from workbench.text import texts
from workbench.workspace import LAST_NOTEBOOK

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.pages.app import AppStep, Panel
    from workbench.rendering.screen.page import StepPage
    from workbench.report.privacy import Names

say = texts(__name__)
LOOKS_EVERY = 1.0
"""Seconds between two looks at whether the study was changed elsewhere, as by the facilitator in a notebook."""
_WORDS = ("stages", "back", "next", "of", "larger", "smaller", "keys", "light", "dark")


def presented_steps() -> tuple[AppStep, ...]:
    """Return the steps a room walks through: the notebooks from 01 to the one of scenarios and report.

    Examples
    --------
    >>> from workbench.pages.present.presenter import presented_steps
    >>> [each.key for each in presented_steps()][:2], "workshop" in {each.key for each in presented_steps()}
    (['value_metric', 'model_fit'], False)
    """
    last = LAST_NOTEBOOK.partition("_")[0]
    return tuple(each for each in app_steps() if each.key != START and each.notebook.partition("_")[0] <= last)


class PresenterBar(anywidget.AnyWidget):
    """The line above a section that says where the room is; it hears the keys of the whole page.

    `place` is where the room is: the stage, the section and how many it has; `busy` the stage being built.
    """

    _esm = script("presenter")
    _css = stylesheet("screen", "strip", "presenter")
    stages = traitlets.List(traitlets.Dict()).tag(sync=True)
    place = traitlets.Dict().tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


class _Slide:
    """The place of one stage: its page with the tabs turned from outside, built when the room first comes there."""

    def __init__(self, step: AppStep) -> None:
        self.step = step
        self.widget = ipywidgets.VBox()
        self.widget.add_class("wb-step")
        self.status = StatusLine()
        self.panel: Panel | None = None
        self.tabs: StepPage | SectionTabs | None = None

    def build(self, session: Session) -> None:
        """Open the panel, saying so meanwhile; what keeps it from being built is said in its place."""
        waiting = HtmlBlock(value=html.message(say("working_out", title=self.step.title)), role="status")
        waiting.add_class("wb-working")
        self.widget.children = (waiting,)
        try:
            panel = panel_of(self.step.key, session)
            if isinstance(panel, StagePanel):
                self.tabs, shown = panel.page, panel.page.widget
            else:
                writes = getattr(panel, "report", None)  # files are written at the desk, not on the wall
                self.tabs = SectionTabs({each.title: (each,) for each in panel.sections if each is not writes})
                shown = self.tabs.tabs
            self.tabs.tabs.selected_index = 0
            self.panel = panel
            self.widget.children = (shown,)
        finally:
            if self.panel is None:
                self.widget.children = (self.status,)
            close_all(waiting)

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles of the sections, the stage's own where it could not be built."""
        return (self.step.title,) if self.tabs is None else tuple(self.tabs.tabs.titles)

    def turn(self, to: int) -> None:
        """Bring a section into view."""
        if self.tabs is not None:
            self.tabs.tabs.selected_index = to

    def close(self) -> None:
        """Let go of the panel."""
        if self.panel is not None:
            self.panel.close()
        if isinstance(self.tabs, SectionTabs):
            self.tabs.close()


class Presenter:
    """A study on the wall: one section of one stage at a time, moved by keys, with its controls in use.

    Parameters
    ----------
    session
        The study.

    Attributes
    ----------
    bar
        The line above with the keys; its `place` says where the room is.
    widget
        Everything on the page.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from workbench import CustomerBase, Session, Study
    >>> from workbench.pages.present.presenter import Presenter
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> folder = tempfile.mkdtemp()
    >>> wall = Presenter(Session(folder, Study.new("acme", "data").save(folder), base=base))
    >>> wall.move("next")
    >>> wall.bar.place["stage"], wall.bar.place["section"]
    ('value_metric', 1)
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._slides = {each.key: _Slide(each) for each in presented_steps()}
        self._at = (next(iter(self._slides)), 0)
        told = session.naming.sentence if isinstance(session, UnnamedSession) else ""
        stages = [{"key": each.step.key, "title": each.step.title} for each in self._slides.values()]
        self.bar = PresenterBar(stages=stages, told=told, words={name: say(name) for name in _WORDS})
        self.bar.on_msg(self._heard)
        self.stack = ipywidgets.Stack([each.widget for each in self._slides.values()], selected_index=0)
        self.widget = ipywidgets.VBox((self.bar, self.stack))
        self.widget.add_class("wb-present")
        self._seen = self._written_at()
        self.go(*self._at)
        self._look_later()

    @property
    def panels(self) -> dict[str, Panel]:
        """Return the panels built so far, by stage."""
        return {key: each.panel for key, each in self._slides.items() if each.panel is not None}

    def move(self, way: str) -> None:
        """Go to the next section or back, over the ends of a stage too; or to the first and the last of all."""
        keys, (key, section) = list(self._slides), self._at
        at, last = keys.index(key), len(self._slides[key].titles) - 1
        if way == "first":
            self.go(keys[0], 0)
        elif way == "last":
            self.go(keys[-1], -1)
        elif way == "next" and section < last:
            self.go(key, section + 1)
        elif way == "next" and at + 1 < len(keys):
            self.go(keys[at + 1], 0)
        elif way == "back" and section:
            self.go(key, section - 1)
        elif way == "back" and at:
            self.go(keys[at - 1], -1)

    def go(self, key: str, section: int = 0) -> None:
        """Bring a section of a stage into view, its last one for -1; the stage is built when it is first visited."""
        slide, before = self._slides[key], self._slides[self._at[0]]
        if slide is not before and before.panel is not None:
            before.panel.pause()
        self.bar.busy = slide.step.title if slide.panel is None else ""
        self.stack.selected_index = list(self._slides).index(key)
        shown = partial(slide.build, self.session) if slide.panel is None else slide.panel.resume
        guarded(shown, slide.status)()
        count = len(slide.titles)
        at = min(section, count - 1) if section >= 0 else count - 1
        guarded(slide.turn, slide.status)(at)
        self._at = (key, at)
        self.bar.busy = ""
        self.bar.place = {
            "stage": key, "section": at, "sections": count, "title": slide.titles[at], "stage_title": slide.step.title,
        }  # fmt: skip

    def look(self) -> None:
        """Take in what was saved elsewhere since the last look."""
        written = self._written_at()
        if written != self._seen:
            self._seen = written
            self.session.save()

    def close(self) -> None:
        """Let go of every panel and close every widget."""
        for each in self._slides.values():
            each.close()
        close_all(self.widget)

    def _heard(self, _bar: PresenterBar, message: dict[str, Any], _buffers: object) -> None:
        match message:
            case {"move": str(way)}:
                self.move(way)
            case {"go": str(key), "section": int(section)} if key in self._slides:
                self.go(key, section)

    def _written_at(self) -> int:
        path = self.session.folder / STUDY_FILE
        return path.stat().st_mtime_ns if path.exists() else 0

    def _look_later(self) -> None:
        def again() -> None:
            self.look()
            self._look_later()

        loop_timer(LOOKS_EVERY, again)


def open_presenter(study: Path | str, names: Names = "alias") -> ipywidgets.Widget:
    """Return a study for the wall, as the one cell of the page shows it; no name leaves the kernel unless "full"."""
    from IPython import get_ipython  # noqa: PLC0415 - slow to import, and only a kernel has it loaded

    try:
        folder = find_study(study)
        if names == "full":
            return Presenter(Session(folder)).widget
        session = UnnamedSession(folder, names)
        shell = get_ipython()
        if shell is not None and hasattr(shell, "kernel"):
            keep_names_inside(shell.kernel, session.naming)
        with session.naming.drawing():
            return Presenter(session).widget
    except WorkbenchError as error:
        return HtmlBlock(value=html.message(error.message, "error", error.advice), role="alert")
