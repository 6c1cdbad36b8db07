"""The first panel: open a study, check data and make a study of it, see what today looks like."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.customers.base import MRR, CustomerBase, problems_frame
from workbench.customers.tables import GUIDE
from workbench.errors import DataErrors, StudyError, WorkbenchError, problem_count
from workbench.formatting import figure_sentence, metric_words
from workbench.locales import HOUSE_LOCALE
from workbench.pages.data_intake import KINDS, DataCheck, check_data, keep_files, understood_frame
from workbench.pages.exports import ExportsView
from workbench.rendering import html
from workbench.rendering.controls import button, choice, level_row, row, show, text_box
from workbench.rendering.html import lines
from workbench.rendering.section import Conclusion, PlainPanel, PlainSection, Section, working
from workbench.rendering.session import Session
from workbench.rendering.studies import (
    STUDIES,
    VARIABLE,
    find_study,
    find_workspace,
    known_studies,
    make_current,
    new_study,
    studies_frame,
)
from workbench.rendering.widgets import LIMIT, FileBox, HtmlBlock, TakenFile
from workbench.stages.study_replay import recorded_figures
from workbench.study.model import slug
from workbench.tables import DataTable, Percent
from workbench.text import texts
from workbench.workspace import write_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.results import KeyFigure
    from workbench.study.document import Study

say = texts(__name__)

# --- The studies of the workspace, and which one is open

STUDIES_INTRO = say("the_study_that_is_open")


class StudiesView(PlainSection):
    """The studies as a table, a list to choose from, and a button to open one."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.table = HtmlBlock()
        self.study = choice("Study to open", {"none yet": ""})
        self.study.layout.width = self.study.layout.max_width = "480px"
        self.apply = button("Open", self.guarded(self.open), primary=True)
        self.form = level_row(self.study, self.apply, gap="8px")
        self.section = panel.section(
            "Studies in this workspace", status=self.status, parts=(self.table, self.form), intro=STUDIES_INTRO
        )

    def refresh(self) -> None:
        """Show the studies there are now."""
        studies = known_studies(self._panel.workspace)
        told = html.message(say("there_is_no_study_yet"))
        table = html.table(studies_frame(studies), f"Studies in {self._panel.workspace}") if studies else told
        named = os.environ.get(VARIABLE, "").strip()
        noted = html.message(say("is_set_to_and_comes", variable=VARIABLE, named=named)) if named else ""
        self.table.show(table + noted)
        options = {_label(each.name, each.title): each.name for each in studies} or {"none yet": ""}
        current = next((each.name for each in studies if each.is_current), next(iter(options.values())))
        show(self.study, current, options=options)
        self.form.layout.display = "flex" if studies else "none"

    def open(self) -> None:
        """Open the study chosen in the list."""
        if not self.study.value:
            raise StudyError("There is no study to open.", "Make one first.")
        self.status.say(say("reading_the_data_of_the"))
        session = self._panel.open(self.study.value)
        self.status.say(say("is_open_here_and_in", title=session.study.title), "ok")


def _label(name: str, title: str) -> str:
    return f"{name}: {title}" if title and title != name else name


# --- What the data of the open study says about today

TODAY_INTRO = say("what_every_design_is_held")


class TodayView(PlainSection):
    """Key figures on record and the metrics the data covers; `figures` are those shown."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.figures: tuple[KeyFigure, ...] = ()
        self.content = HtmlBlock()
        self.section = panel.section("Today, as recorded", status=self.status, parts=(self.content,), intro=TODAY_INTRO)

    def refresh(self) -> None:
        """Show today's picture of the open study."""
        self.figures = ()
        session = self._panel.session
        if session is None:
            self.content.show(html.message(say("open_or_make_a_study")))
            return
        try:
            base = session.base
        except DataErrors as error:
            told = say("the_data_of_can_no", title=session.study.title)
            table = html.table(problems_frame(error.problems), "Every problem found")
            self.content.show(html.message(told, "error") + table)
            return
        self.figures = recorded_figures(base)
        self.content.show(
            html.paragraph(_standing(base, session.study.title)) + html.key_figure_cards(self.figures) + _covered(base)
        )


def _standing(base: CustomerBase, title: str) -> str:
    until = f", as known on {base.as_of}" if base.as_of else ""
    return say("amounts_in", title=title, until=until, value=base.currency or say("a_currency_nobody_has_named"))


_SHARES = {"Share of accounts": Percent()}


def _covered(base: CustomerBase) -> str:
    frame = base.coverage().metrics_frame()
    frame = frame.assign(metric=[_spoken(name) for name in frame["metric"]]).rename(columns=str.capitalize)
    caption = say("what_is_measured_and_for")
    return html.table(DataTable.plain(frame, _SHARES), caption)


def _spoken(metric: str) -> str:
    return "MRR" if metric == MRR else metric_words(metric)


# --- Bring data and check it: what was understood, or every problem in place

DATA_INTRO = say("name_a_folder_or_an", value=LIMIT >> 20)
PREVIEW_ROWS = 5
WORTH_A_LOOK = say("worth_a_look_the_data")


class DataView(PlainSection):
    """A path, a button that takes files, and what checking them found; `found` is the latest check."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.found: DataCheck | None = None
        self.path = text_box("Folder or workbook", placeholder="data/my-company")
        self.path.layout.width = "330px"
        self.currency = text_box(say("currency_where_there_is_only"), placeholder="USD")
        self.apply = button("Check", self.guarded(self.check), primary=True)
        self.name = text_box(say("name_for_files_handed_over"), placeholder="my company")
        self.files = FileBox(self.guarded(self.take), label="Files from your computer", accept=",".join(KINDS))
        self.result = HtmlBlock(role="status")
        first = level_row(self.path, self.currency, self.apply, gap="8px")
        second = row(self.name, self.files, gap="8px 16px")
        second.layout.margin = "6px 0 4px"
        self.section = panel.section(
            "Check your own data", status=self.status, parts=(first, second, self.result), intro=DATA_INTRO
        )

    def check(self) -> DataCheck:
        """Check the data named, and show what was understood or what is wrong."""
        typed = str(self.path.value).strip()
        if not typed:
            raise WorkbenchError("There is nothing to check yet.", "Name a folder or a workbook, or hand files over.")
        self.status.say("Reading the data …")
        found = check_data(self._panel.workspace / Path(typed).expanduser(), str(self.currency.value))
        self.found = found
        self.result.show(_problems(found) if found.base is None else _understood(found.base))
        if found.base is None:
            self.status.say(say("to_correct_before_this_can", problem_count=problem_count(found.problems)), "warning")
        else:
            self.status.say(say("no_problems_found_you_can"), "ok")
        self._panel.new_study_view.refresh()
        return found

    def take(self, files: tuple[TakenFile, ...]) -> None:
        """Keep files handed over under data/, and check them together with what lies there."""
        kept = keep_files(files, self._panel.workspace, str(self.name.value))
        show(self.path, kept[0].parent.relative_to(self._panel.workspace).as_posix())
        self.check()


def _problems(found: DataCheck) -> str:
    frame = problems_frame(found.problems)
    caption = say("in_correct_the_files_then", problem_count=problem_count(found.problems), name=found.path.name)
    return html.table(frame, caption) + html.csv_link(say("save_the_list_as_csv"), "problems.csv", frame)


def _understood(base: CustomerBase) -> str:
    months = base.months
    told = say(
        "from_to_amounts_in",
        base=len(base),
        months=len(months),
        months_2=months[0],
        months_3=months[-1],
        value=base.currency or say("a_currency_the_data_does_not_name"),
    )
    noted = html.table(problems_frame(base.findings), WORTH_A_LOOK) if base.findings else ""
    metrics = base.coverage().metrics_frame().rename(columns=str.capitalize)
    accounts = base.accounts.dropna(axis="columns", how="all").head(PREVIEW_ROWS)
    return (
        html.message(told, "ok")
        + noted
        + html.table(understood_frame(base), say("what_was_understood_table_by"))
        + html.table(DataTable.plain(metrics, _SHARES), "What is measured")
        + html.details("First accounts as read", html.table(accounts, f"The first {len(accounts)} accounts"))
    )


# --- Make a study of data that has been checked

NEW_STUDY_INTRO = say("a_study_is_the_document")


class NewStudyView(PlainSection):
    """Name, title, day, how numbers are written and, where the data names none, the currency."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.note = HtmlBlock(role="status")
        self.name = text_box("Name", placeholder="spring-redesign")
        self.title = text_box("Title", placeholder="New prices for 2026")
        self.as_of = text_box(say("data_up_to_year_month"), placeholder="2024-12-31")
        self.currency = text_box("Currency of the amounts", placeholder="USD")
        self.locale = text_box(say("how_numbers_are_written"), placeholder=HOUSE_LOCALE)
        self.apply = button("Make study", self.guarded(self.make), primary=True)
        form = level_row(self.name, self.title, self.as_of, self.currency, self.locale, self.apply)
        self.form = form
        self.section = panel.section(
            say("make_a_study_of_it"), status=self.status, parts=(self.note, form), intro=NEW_STUDY_INTRO
        )
        self.refresh()

    def refresh(self) -> None:
        """Show the form once data has passed its check, with a currency where the data names none."""
        view = getattr(self._panel, "data_view", None)
        found = view.found if view else None
        base = found.base if found else None
        self.form.layout.display = "none" if base is None else "flex"
        if base is None or found is None:
            self.note.show(html.message(say("check_your_data_first_the")))
            return
        self.note.show(html.paragraph(say("a_study_of_accounts", name=found.path.name, base=len(base))))
        self.currency.layout.display = None if not base.currency else "none"
        if not self.name.value:
            show(self.name, slug(found.path.stem))

    def make(self) -> Study:
        """Make the study and open it."""
        found = self._panel.data_view.found
        if found is None or found.base is None:
            raise StudyError("A study stands on data without problems.", "Check your data first.")
        name = str(self.name.value).strip()
        if not name:
            raise StudyError("The study needs a name.", "Type one, such as spring-redesign.")
        if not found.base.currency and not str(self.currency.value).strip():
            raise StudyError("The data names no currency.", "Type the three-letter code of its amounts, such as USD.")
        self.status.say("Making the study …")
        try:
            made = new_study(
                self._panel.workspace / STUDIES / slug(name),
                found.path,
                title=str(self.title.value).strip() or name,
                as_of=str(self.as_of.value),
                currency=str(self.currency.value).strip() or found.currency or found.base.currency,
                locale=str(self.locale.value).strip() or HOUSE_LOCALE,
            )
        except DataErrors:
            self._panel.data_view.check()
            raise StudyError("The data has changed since it was checked.", "Its problems are listed above.") from None
        self._panel.open(made.name)
        self.status.say(say("is_made_and_open_go", title=made.title), "ok")
        return made


# --- Empty tables to fill in, with a guide to every column

TEMPLATES_INTRO = say("one_empty_csv_file_for")


class TemplateView(PlainSection):
    """A folder and a button."""

    def __init__(self, panel: StartPanel) -> None:
        super().__init__()
        self._panel = panel
        self.folder = text_box("New folder", "data/my-company")
        self.apply = button("Write empty tables", self.guarded(self.write))
        self.written = HtmlBlock(role="status")
        form = level_row(self.folder, self.apply, gap="8px")
        self.section = panel.section(
            "Start from empty tables", status=self.status, parts=(form, self.written), intro=TEMPLATES_INTRO
        )

    def write(self) -> tuple[Path, ...]:
        """Write the tables and the guide into the folder named."""
        typed = str(self.folder.value).strip()
        if not typed:
            raise WorkbenchError("The empty tables need a folder.", "Name a new one, such as data/my-company.")
        folder = self._panel.workspace / Path(typed).expanduser()
        files = write_template(folder)
        self.written.show(lines(path.name for path in files))
        self.status.say(say("written_to_explains_the_columns", files=len(files), folder=folder, guide=GUIDE), "ok")
        return files


# --- The first panel: open a study, check data and make a study of it, see what today looks like


class StartPanel(PlainPanel):
    """Where the work starts. `session` holds the study that is open, None while there is none; `opened` hears of it.

    Sections: `studies`, `today`, `exports`, `data`, `new_study`, `templates`.
    """

    title = "Start here"

    def __init__(
        self, workspace: Path | str | None = None, *, opened: Callable[[Session], Any] = lambda _: None
    ) -> None:
        super().__init__()
        self.workspace = find_workspace(workspace)
        self.session: Session | None = None
        self._opened = opened
        self._conclusion = Conclusion(self._concluded)
        self.studies_view = StudiesView(self)
        self.today_view = TodayView(self)
        self.exports_view = ExportsView(self, self.workspace, self.open)
        self.data_view = DataView(self)
        self.new_study_view = NewStudyView(self)
        self.template_view = TemplateView(self)
        self.studies: Section = self.studies_view.section
        self.today: Section = self.today_view.section
        self.exports: Section = self.exports_view.section
        self.data: Section = self.data_view.section
        self.new_study: Section = self.new_study_view.section
        self.templates: Section = self.template_view.section
        self.studies_view.guarded(self._open_current)()
        self.studies_view.guarded(self.refresh)()

    def open(self, name: str) -> Session:
        """Open a study by its name: from now on `open_study()` returns it, here and in every other notebook."""
        folder = next((each.folder for each in known_studies(self.workspace) if each.name == name), None)
        if folder is None:
            raise WorkbenchError(f"There is no study {name!r} in {self.workspace}.", "Choose one in the list.")
        session = Session(folder)
        make_current(folder)
        self.session = session
        self._opened(session)
        self.refresh()
        return session

    def refresh(self) -> None:
        """Show the studies there are and today's picture of the one that is open."""
        self.studies_view.refresh()
        self.today_view.refresh()
        self._conclusion.refresh()

    def conclusion(self) -> None:
        """Show which study is open and what its data says about today; it follows what is opened."""
        self._conclusion.show()

    def _concluded(self) -> str:
        if self.session is None:
            return "No study is open."
        return "\n".join([f"Open: {self.session.study.title}", *map(figure_sentence, self.today_view.figures)])

    def _open_current(self) -> None:
        if known_studies(self.workspace):
            self.session = Session(find_study(start=self.workspace))


def open_panel(workspace: Path | str | None = None) -> StartPanel:
    """Return the start panel of a workspace: the folder with `studies/`, found from the working directory upwards."""
    with working(say("reading_the_data_of_the")):
        return StartPanel(workspace)
