"""What leaves the room: how far scenarios have come, slides, letters, the record of decisions, remarks on sections."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import StudyError
from workbench.formatting import count
from workbench.outputs import csv_bytes
from workbench.rendering import html
from workbench.rendering.controls import button, choice, level_row, row, show, text_area, text_box
from workbench.rendering.parts import LongWork
from workbench.rendering.section import PlainSection, Section, StudyPanel
from workbench.rendering.studies import find_workspace
from workbench.rendering.widgets import HtmlBlock
from workbench.report.approval import record_table, state_in_words, states_of, taken_further
from workbench.report.letters import SAMPLE
from workbench.report.privacy import alias_key
from workbench.report.sections import section_names
from workbench.study.states import trail_of, with_comment, without_comment
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.rendering.session import Session
    from workbench.report.letters import Letters

say = texts(__name__)

SLIDES, LETTERS = "slides", "letters"
"""The folders of the workspace for what is written here."""
_PRESENTATION = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_NAMES = {"as usual for each": "", "by an alias each": "alias", "as they are": "full", "not at all": "none"}


def _typed(box: Any) -> str:  # noqa: ANN401 - a text box
    return str(box.value).strip()


# --- How far each scenario has come


class StateView(PlainSection):
    """The state of every scenario, and a form to take one further, with who says so and why."""

    def __init__(self, panel: LeavingPanel) -> None:
        super().__init__()
        self._session = panel.session
        self.shown = HtmlBlock(role="status")
        self.scenario = choice("Scenario", {})
        self.to = choice(
            "Is now", {"proposed": "proposed", "approved": "approved", "launched": "launched", "a draft": "draft"}
        )
        self.who = text_box("By", panel.session.who)
        self.reason = text_area("Why", rows=2)
        self.apply = button("Put on record", self.guarded(self.put), primary=True)
        form = level_row(self.scenario, self.to, self.reason, self.who, self.apply, gap="8px")
        self.section = panel.section(
            say("states"), status=self.status, parts=(self.shown, form), intro=say("states_intro")
        )

    def refresh(self) -> None:
        """Show what every scenario is; one that a change opened again is pointed at."""
        session = self._session
        options = {each.name: each.id for each in session.study.designs}
        kept = self.scenario.value if self.scenario.value in options.values() else next(iter(options.values()))
        show(self.scenario, kept, options=options)
        show(self.who, self.who.value or session.who)
        told = ""
        for scenario, state in states_of(session.study, session.base):
            kind = "warning" if state.reopened else "ok" if state.status in ("approved", "launched") else ""
            told += html.message(f"{scenario.name}: {state_in_words(state)}.", *([kind] if kind else []))
        self.shown.show(told)

    def put(self) -> None:
        """Put the state on record, on what is seen now."""
        session, who, reason = self._session, _typed(self.who), _typed(self.reason)
        if not who or not reason:
            raise StudyError("A state is set with a name and a reason.", "Fill in both.")
        self.status.say(say("looking"))
        study = taken_further(
            session.base, session.study, self.scenario.value, self.to.value, reason=reason, who=who, when=session.when()
        )
        session.who = who
        session.keep(study, say("state_kept", state=self.to.value))
        show(self.reason, "")
        self.refresh()
        self.status.say(study.decisions[-1].what, "ok")


# --- Slides, letters and the trail


class FilesView(PlainSection):
    """Buttons that write slides, a sample of letters or all of them, and everything on record."""

    def __init__(self, panel: LeavingPanel) -> None:
        super().__init__()
        self._session = panel.session
        self.scenario = choice("Of", {})
        self.names = choice(say("accounts_are_called"), _NAMES, on_change=self.guarded(self._call))
        self.template = text_box("Company template", placeholder="look.pptx")
        self.work = LongWork("Write the slides", self._slides_prepared, self._slides_written, guard=self.guarded)
        self.slides_it = self.work.begin
        self.because = text_box(say("why_to_customers"), placeholder=say("why_example"))
        self.letter = text_box("Letter template", placeholder="letter.html")
        self.samples, self.all = (
            LongWork(label, partial(self._letters_prepared, sample), self._letters_written, guard=self.guarded,
                     told=self.work.told, primary=False)
            for label, sample in (("Sample letters", SAMPLE), ("All letters", None))
        )  # fmt: skip
        self.trail_it = button("Everything on record", self.guarded(self.trail))
        self.links = HtmlBlock(role="status")
        first = level_row(self.scenario, self.names, self.template, self.work.buttons, gap="8px")
        second = level_row(
            self.because, self.letter, row(self.samples.buttons, self.all.buttons, self.trail_it, gap="6px"), gap="8px"
        )
        first.layout.margin = second.layout.margin = "0 0 6px"
        self.section = panel.section(
            say("files"),
            status=self.status,
            parts=(first, second, self.work.told, self.links),
            intro=say("files_intro"),
        )

    def refresh(self) -> None:
        """Show the scenarios there are, and how accounts are called."""
        study = self._session.study
        show(self.names, study.names)
        options = {"the chosen scenario" if study.chosen else study.designs[0].name: ""}
        options |= {each.name: each.id for each in study.designs if each.name not in options}
        show(self.scenario, self.scenario.value if self.scenario.value in options.values() else "", options=options)

    def _call(self, names: Any) -> None:  # noqa: ANN401 - one of the choices
        """Call accounts so in whatever leaves, on the pages of the notebooks as well."""
        session = self._session
        session.keep(session.study.replaced(names=names), say("called", names=names))
        self.status.say(say("called", names=names), "ok")

    def slides(self) -> Path:
        """Write the slides into the workspace, and a link that saves them elsewhere."""
        written = self._slides_prepared()()
        self._slides_written(written)
        return written

    def _slides_prepared(self) -> Callable[[], Path]:
        """Read the page, and return what writes the slides without it."""
        from workbench.report.slides import write_slides  # noqa: PLC0415 - an optional library draws them

        session = self._session
        self.status.clear()
        file = self._place(SLIDES) / f"{session.study.name}.pptx"
        return partial(
            write_slides,
            session.base,
            session.study,
            file,
            scenario_id=self.scenario.value or None,
            template=self._named(self.template),
            alias_key=alias_key(session.folder),
        )

    def _slides_written(self, written: Path) -> None:
        link = html.download(say("save_slides"), written.name, written.read_bytes(), _PRESENTATION)
        self.links.show(f"<p>{link}</p>")
        self.status.say(say("written", path=written.relative_to(find_workspace(self._session.folder))), "ok")

    def letters(self, *, sample: int | None = None) -> Path:
        """Write letters into the workspace, and show the first."""
        written = self._letters_prepared(sample)()
        self._letters_written(written)
        return written[0]

    def _letters_prepared(self, sample: int | None) -> Callable[[], tuple[Path, Letters]]:
        """Read the page, and return what writes the letters without it."""
        from workbench.report.letters import write_letters  # noqa: PLC0415 - loads when letters are written

        session = self._session
        self.status.clear()
        place = self._place(LETTERS) / f"{session.study.name}{'' if sample is None else ' sample'}"
        write = partial(
            write_letters,
            session.base,
            session.study,
            place,
            scenario_id=self.scenario.value or None,
            template=self._named(self.letter),
            because=_typed(self.because),
            sample=sample,
            alias_key=alias_key(session.folder),
        )
        return lambda: (place, write())

    def _letters_written(self, done: tuple[Path, Letters]) -> None:
        place, written = done
        links = [html.download(path.name, path.name, path.read_bytes(), "text/csv") for path in written.lists]
        links += [
            html.download(
                path.name, path.name, path.read_bytes(), "text/html" if path.suffix == ".html" else "text/plain"
            )
            for path in written.letters[:3]
        ]
        self.links.show("".join(f"<p>{each}</p>" for each in links))
        told = say(
            "letters_written",
            letters=count("letter", written.accounts),
            path=place.relative_to(find_workspace(self._session.folder)),
        )
        self.status.say(told, "ok")

    def trail(self) -> None:
        """Offer everything on record as a table to save."""
        rows = trail_of(self._session.study)
        name = f"{self._session.study.name} record.csv"
        link = html.download(say("save_trail"), name, csv_bytes(record_table(rows)), "text/csv")
        self.links.show(f"<p>{link}</p>")
        self.status.say(say("on_record", n=len(rows)), "ok")

    def _place(self, name: str) -> Path:
        return find_workspace(self._session.folder) / name

    def _named(self, box: Any) -> Path | None:  # noqa: ANN401 - a text box
        typed = _typed(box)
        return find_workspace(self._session.folder) / Path(typed).expanduser() if typed else None


# --- Remarks on sections


class CommentsView(PlainSection):
    """Remarks on sections of the report, and a form to add and remove one."""

    def __init__(self, panel: LeavingPanel) -> None:
        super().__init__()
        self._session = panel.session
        self.shown = HtmlBlock()
        self.about = choice("About", {title: key for key, title in section_names().items()})
        self.text = text_area("Comment", rows=2)
        self.who = text_box("By", panel.session.who)
        self.add_it = button("Add the comment", self.guarded(self.add), primary=True)
        self.which = choice("Kept", {})
        self.remove_it = button("Remove", self.guarded(self.remove))
        form = level_row(self.about, self.text, self.who, self.add_it, gap="8px")
        kept = level_row(self.which, self.remove_it, gap="8px")
        self.section = panel.section(
            "Comments", status=self.status, parts=(self.shown, form, kept), intro=say("comments_intro")
        )

    def refresh(self) -> None:
        """Show the remarks there are."""
        comments, names = self._session.study.comments, section_names()
        rows = [
            (names.get(each.section, each.section), each.text, each.who, f"{each.when:%Y-%m-%d}") for each in comments
        ]
        table = pd.DataFrame(rows, columns=["About", "Comment", "By", "On"], dtype=object)
        self.shown.show(html.table(table, count("comment", len(rows))) if rows else html.message(say("no_comments")))
        options = {f"{each.who}: {each.text[:40]}": each.id for each in comments} or {"none": ""}
        show(self.which, next(iter(options.values())), options=options)
        self.remove_it.disabled = not comments
        show(self.who, self.who.value or self._session.who)

    def add(self) -> None:
        """Keep the remark in the form."""
        session, text, who = self._session, _typed(self.text), _typed(self.who)
        if not text or not who:
            raise StudyError("A comment needs its words and a name.", "Fill in both.")
        session.keep(with_comment(session.study, self.about.value, text, who, session.when()), say("comment_kept"))
        session.who = who
        show(self.text, "")
        self.refresh()
        self.status.say(say("comment_kept"), "ok")

    def remove(self) -> None:
        """Remove the remark chosen."""
        session = self._session
        session.keep(without_comment(session.study, self.which.value), say("comment_removed"))
        self.refresh()
        self.status.say(say("comment_removed"), "ok")


class LeavingPanel(StudyPanel):
    """What leaves the room. Sections: `states`, `files`, `comments`."""

    title = "What leaves the room"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.state_view, self.files_view, self.comments_view = StateView(self), FilesView(self), CommentsView(self)
        self.states: Section = self.state_view.section
        self.files: Section = self.files_view.section
        self.comments: Section = self.comments_view.section
        self.follow(self.state_view.refresh, self.files_view.refresh, self.comments_view.refresh)


def open_panel(session: Session) -> LeavingPanel:
    """Return the panel of what leaves the room, on a session."""
    return LeavingPanel(session)
