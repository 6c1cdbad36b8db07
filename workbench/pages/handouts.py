"""Panels for what is handed to others: the calculator, a page for each customer, and questionnaires with answers."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import DataErrors, StudyError, WorkbenchError, problem_count
from workbench.formatting import count, exact
from workbench.rendering import html
from workbench.rendering.controls import button, checkbox, choice, choices, level_row, row, show, text_area, text_box
from workbench.rendering.section import PlainPanel, PlainSection, Section, StudyPanel
from workbench.rendering.studies import find_workspace
from workbench.rendering.widgets import FileBox, HtmlBlock
from workbench.research.survey_design import METHODS, read_design
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.rendering.session import Session
    from workbench.rendering.widgets import TakenFile
    from workbench.report.offline_page import Brand
    from workbench.research.survey_design import Design

say = texts(__name__)

HANDOUTS, SURVEYS = "handouts", "surveys"
"""The folders of the workspace for pages to hand out, and for questionnaires with the answers that come back."""
_HTML = "text/html"


def _shown(page: Path) -> str:
    """Return a link that saves a page, and the page itself in a frame that can reach nothing of the notebook."""
    content = page.read_bytes()
    link = html.download(say("save_page", kilobytes=len(content) // 1024), page.name, content, _HTML)
    data = base64.b64encode(content).decode()
    frame = (
        f'<iframe class="wb-handout" sandbox="allow-scripts" title="{escape(say("page_as_seen"))}" '
        f'src="data:{_HTML};charset=utf-8;base64,{data}"></iframe>'
    )
    return f"<p>{link}</p>{frame}"


# --- Whose page it is: a name and a colour, the same for every page handed out


class BrandBoxes:
    """The boxes for a company's name and colour."""

    def __init__(self) -> None:
        self.name = text_box("Company on the page", placeholder="Acme")
        self.colour = text_box("Colour", placeholder="#1f5fa8")

    def brand(self) -> Brand | None:
        """Return who hands out a page, None in the usual colours; WorkbenchError for what is no colour."""
        from workbench.report.offline_page import Brand  # noqa: PLC0415 - pages load when they are written

        typed = {"name": str(self.name.value).strip(), "colour": str(self.colour.value).strip()}
        given = {key: value for key, value in typed.items() if value}
        return Brand(**given) if given else None


# --- The calculator


class CalculatorView(PlainSection):
    """Which scenario, whether today's prices stand beside it, a button, and the page itself."""

    def __init__(self, panel: CalculatorPanel) -> None:
        super().__init__()
        self._session = panel.session
        self.scenario = choice("Prices of", {})
        self.with_today = checkbox("Today's prices beside them", value=True)
        self.title = text_box("Heading", placeholder=say("heading_example"))
        self.note = text_box(say("sentence_under_it"), placeholder=say("note_example"))
        self.brand = BrandBoxes()
        self.apply = button("Write the calculator", self.guarded(self.write), primary=True)
        self.page = HtmlBlock(role="status")
        first = level_row(self.scenario, self.with_today, self.apply, gap="8px")
        second = row(self.title, self.note, self.brand.name, self.brand.colour, gap="8px")
        first.layout.margin = second.layout.margin = "0 0 6px"
        self.section = panel.section(
            "Calculator", status=self.status, parts=(first, second, self.page), intro=say("calculator_intro")
        )

    def refresh(self) -> None:
        """Show the scenarios there are; the one in view is offered first."""
        session = self._session
        options = {each.name: each.id for each in session.study.designs}
        kept = self.scenario.value if self.scenario.value in options.values() else session.scenario_id
        show(self.scenario, kept if kept in options.values() else next(iter(options.values())), options=options)

    def write(self) -> Path:
        """Write the page into the workspace and show it."""
        from workbench.report.calculator import write_calculator  # noqa: PLC0415 - pages load when they are written

        session = self._session
        self.status.say(say("writing_page"))
        file = find_workspace(session.folder) / HANDOUTS / f"{session.study.name} {self.scenario.value}.html"
        written = write_calculator(
            session.base,
            session.study,
            file,
            scenario_id=self.scenario.value,
            brand=self.brand.brand(),
            title=str(self.title.value).strip(),
            note=str(self.note.value).strip(),
            with_today=self.with_today.value,
        )
        self.page.show(_shown(written))
        self.status.say(say("page_is_written", path=written.relative_to(find_workspace(session.folder))), "ok")
        return written


class CalculatorPanel(StudyPanel):
    """The page in which a customer sees the bill for any usage. Sections: `calculator`."""

    title = "Calculator"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.calculator_view = CalculatorView(self)
        self.calculator: Section = self.calculator_view.section
        self.follow(self.calculator_view.refresh)


# --- A page for each customer


class CustomerPagesView(PlainSection):
    """Whose prices more usage costs, which customer to look at, and a button that writes the pages of all."""

    def __init__(self, panel: CustomerPagesPanel) -> None:
        super().__init__()
        self._session = panel.session
        self.prices = choice("Prices of", {})
        self.account = choice("Customer", {})
        self.brand = BrandBoxes()
        self.look = button("Show this page", self.guarded(self.preview))
        self.apply = button("Write all pages", self.guarded(self.write), primary=True)
        self.page = HtmlBlock(role="status")
        first = level_row(self.account, self.prices, self.look, self.apply, gap="8px")
        second = row(self.brand.name, self.brand.colour, gap="8px")
        first.layout.margin = second.layout.margin = "0 0 6px"
        self.section = panel.section(
            say("pages_title"), status=self.status, parts=(first, second, self.page), intro=say("pages_intro")
        )

    def refresh(self) -> None:
        """Show the prices there are and the customers of the last month."""
        from workbench.growth.desk.accounts import customers_now  # noqa: PLC0415 - as above
        from workbench.report.content import at_the_desk  # noqa: PLC0415 - as above

        session = self._session
        prices = {say("prices_of_today"): "", **{each.name: each.id for each in session.study.designs}}
        show(self.prices, self.prices.value if self.prices.value in prices.values() else "", options=prices)
        base, _ = at_the_desk(session.base, session.study)
        accounts = base.frames["accounts"][customers_now(base)]
        ids = accounts["account_id"].astype(str)
        names = accounts["name"].fillna("").astype(str)
        options = {f"{name} ({each})" if name else each: each for each, name in zip(ids, names, strict=True)}
        kept = self.account.value if self.account.value in options.values() else next(iter(options.values()), None)
        show(self.account, kept, options=options or {"": None})

    def preview(self) -> Path:
        """Write the page of the customer in view, and show it."""
        page, *_ = self._written((str(self.account.value),))
        self.page.show(_shown(page))
        self.status.say(say("page_is_written", path=page.relative_to(find_workspace(self._session.folder))), "ok")
        return page

    def write(self) -> tuple[Path, ...]:
        """Write the pages of all customers into the workspace."""
        self.status.say(say("writing_page"))
        written = self._written(None)
        place = written[-1].parent.relative_to(find_workspace(self._session.folder))
        self.status.say(say("pages_are_written", pages=len(written) - 1, place=place), "ok")
        return written

    def _written(self, accounts: tuple[str, ...] | None) -> tuple[Path, ...]:
        from workbench.report.desk import write_customer_pages  # noqa: PLC0415 - pages load when they are written

        session = self._session
        place = find_workspace(session.folder) / HANDOUTS / f"{session.study.name} customers"
        scenario = self.prices.value or None
        return write_customer_pages(
            session.base, session.study, place, accounts=accounts, scenario_id=scenario, brand=self.brand.brand()
        )


class CustomerPagesPanel(StudyPanel):
    """A page for each customer, with nothing internal on it. Sections: `pages`."""

    title = "Pages for customers"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.pages_view = CustomerPagesView(self)
        self.pages: Section = self.pages_view.section
        self.follow(self.pages_view.refresh)


def open_customer_pages(session: Session) -> CustomerPagesPanel:
    """Return the panel of pages for customers, on a session."""
    return CustomerPagesPanel(session)


# --- Questionnaires: what is asked, filled from the study, and the page to send


class QuestionsView(PlainSection):
    """The method and what it asks, each in a box filled from the study; `design` is what was written last."""

    def __init__(self, panel: QuestionnairesPanel) -> None:
        super().__init__()
        self._session = panel.session
        self.design: Design | None = None
        self.method = choice("Ask", {say(f"method_{_key(each)}"): each for each in METHODS}, on_change=self._begin)
        self.title = text_box("Heading")
        self.introduction = text_area("Before the first question", rows=2)
        self.offer = text_area("The offer asked about", rows=2)
        self.prices = text_box("Prices, lowest first")
        self.features = choices("Features", [], rows=6)
        self.brand = BrandBoxes()
        self.apply = button("Write the questionnaire", self.guarded(self.write), primary=True)
        self.again = button("Fill from the study", self.guarded(self._fill))
        self.page = HtmlBlock(role="status")
        first = level_row(self.method, self.again, self.apply, gap="8px")
        self.boxes = row(
            self.title, self.introduction, self.offer, self.prices, self.features, self.brand.name, self.brand.colour,
            gap="8px 16px",
        )  # fmt: skip
        first.layout.margin = self.boxes.layout.margin = "0 0 6px"
        self.section = panel.section(
            "Questionnaire", status=self.status, parts=(first, self.boxes, self.page), intro=say("questions_intro")
        )

    def fill(self) -> None:
        """Fill the boxes with what the study knows of the method chosen; boxes the method has no use for go."""
        from workbench.report.questionnaire_page import design_from_study  # noqa: PLC0415 - as above

        session = self._session
        self._known = design_from_study(self.method.value, session.base, session.scenario)
        fields = type(self._known).model_fields
        show(self.title, self._known.title)
        show(self.introduction, self._known.introduction)
        for box, name in ((self.offer, "offer"), (self.prices, "prices"), (self.features, "features")):
            box.layout.display = None if name in fields or (name != "offer" and "attributes" in fields) else "none"
        if "offer" in fields:
            show(self.offer, getattr(self._known, "offer", ""))
        show(self.prices, ", ".join(map(exact, _prices(self._known))))
        names = _feature_names(self._known)
        more = () if session.base.features is None else tuple(map(str, session.base.features["feature"]))
        show(self.features, tuple(names), options=list(dict.fromkeys((*names, *more))))

    def write(self) -> Path:
        """Write the page and its design into the workspace, and show the page."""
        from workbench.report.questionnaire_page import write_questionnaire  # noqa: PLC0415 - as above
        from workbench.research.survey_design import save_design  # noqa: PLC0415 - as above

        method = str(self.method.value)
        design = read_design(method, {**self._known.model_dump(), **self._typed()})
        place = find_workspace(self._session.folder) / SURVEYS
        page = write_questionnaire(method, design, place / f"{method}.html", brand=self.brand.brand())
        save_design(design, place / f"{method}.json", force=True)
        self.design = design
        planned = design.design().reading if hasattr(design, "design") else ""
        self.page.show((html.paragraph(planned) if planned else "") + _shown(page))
        self.status.say(say("questionnaire_is_written", path=page.relative_to(place.parent)), "ok")
        return page

    def _typed(self) -> dict[str, Any]:
        """Return the fields of the design as the boxes have them."""
        known = self._known
        typed: dict[str, Any] = {
            "title": str(self.title.value).strip(), "introduction": str(self.introduction.value).strip()
        }  # fmt: skip
        fields = type(known).model_fields
        prices, features = _numbers(str(self.prices.value)), tuple(self.features.value)
        if "offer" in fields:
            typed["offer"] = str(self.offer.value).strip()
        if "prices" in fields:
            typed["prices"] = prices
        if "features" in fields:
            said = {each.name: each for each in getattr(known, "features", ())}
            typed["features"] = [said.get(name, {"name": name}) for name in features]
        if "attributes" in fields:
            typed["attributes"] = _attributes(known, prices, features)
            asked = {(each["name"], level) for each in map(dict, typed["attributes"]) for level in each["levels"]}
            pairs = getattr(known, "prohibited", ())
            typed["prohibited"] = [pair for pair in pairs if asked.issuperset(pair)]
        return typed

    def _begin(self, _method: object) -> None:
        self.guarded(self._fill)()

    def _fill(self) -> None:
        self.fill()
        self.page.show("")
        self.status.clear()


def _key(method: str) -> str:
    return method.replace("-", "_")


def _numbers(text: str) -> tuple[float, ...]:
    """Read prices as they are typed: apart by commas or spaces, or by semicolons where commas are decimal."""
    apart = text.replace(",", ".").replace(";", " ") if ";" in text else text.replace(",", " ")
    try:
        return tuple(float(each) for each in apart.split())
    except ValueError:
        raise StudyError(f"{text!r} are no prices.", "Write numbers with commas between, such as 19, 29, 49.") from None


def _prices(design: Design) -> Iterable[Any]:
    if hasattr(design, "attributes"):
        return next((each.levels for each in design.attributes if each.name == "price"), ())
    return getattr(design, "prices", ())


def _feature_names(design: Design) -> tuple[str, ...]:
    if hasattr(design, "attributes"):
        return tuple(each.name for each in design.attributes if each.levels == (0, 1))
    return tuple(each.name for each in getattr(design, "features", ()))


def _attributes(design: Any, prices: tuple[float, ...], features: tuple[str, ...]) -> list[Any]:  # noqa: ANN401 - as above
    """Return the attributes of a choice survey with these prices and features; what else it varies stays."""
    known = {each.name: each for each in design.attributes}
    like = next((each for each in design.attributes if each.levels == (0, 1)), None)
    words = like.shown if like is not None else {"0": say("not_included"), "1": say("included")}
    kept = [each for each in design.attributes if each.name != "price" and each.levels != (0, 1)]
    added = [{"name": name, "levels": (0, 1), "label": name, "shown": words} for name in features]
    return [known["price"].replaced(levels=prices), *kept, *added]


# --- The answers that come back


class AnswersView(PlainSection):
    """A folder or files of answers, what they hold, and a button that adds them to the study's data."""

    def __init__(self, panel: QuestionnairesPanel) -> None:
        super().__init__()
        self._session = panel.session
        self._place = find_workspace(panel.session.folder) / SURVEYS / "answers"
        self.files = FileBox(self.guarded(self.take), label="Answer files", accept=".csv")
        self.folder = text_box("or their folder", str(self._place.relative_to(find_workspace(panel.session.folder))))
        self.apply = button("Read the answers", self.guarded(self.read), primary=True)
        self.add = button("Add to the study", self.guarded(self.keep))
        self.add.layout.display = "none"
        self.found = HtmlBlock(role="status")
        form = level_row(self.files, self.folder, self.apply, self.add, gap="8px")
        self.section = panel.section(
            "Answers", status=self.status, parts=(form, self.found), intro=say("answers_intro")
        )

    def take(self, files: tuple[TakenFile, ...]) -> None:
        """Keep files handed over beside the questionnaires, and read all that lie there."""
        from workbench.files import make_folder, write_bytes  # noqa: PLC0415 - as above

        make_folder(self._place)
        for file in files:
            write_bytes(self._place / Path(file.name).name, file.content)
        self.read()

    def read(self) -> Any:  # noqa: ANN401 - what combine_answers gives
        """Read the answers of the folder and say how many people gave them, or what is wrong in which file."""
        from workbench.research.answers import combine_answers  # noqa: PLC0415 - as above

        self.add.layout.display = "none"
        self.found.show("")
        try:
            found = combine_answers(find_workspace(self._session.folder) / str(self.folder.value).strip())
        except DataErrors as error:
            from workbench.customers.base import problems_frame  # noqa: PLC0415 - as above

            self.found.show(html.table(problems_frame(error.problems), say("problems_of_answers")))
            raise WorkbenchError(say("to_correct", problems=problem_count(error.problems)), say("ask_again")) from None
        told = [f"{name}: {count('respondent', people)}" for name, people in found.respondents.items()]
        told += [f"{say('copies')} {name}" for name in found.repeated] + [f"{say('unread')} {n}" for n in found.ignored]
        cautions = "".join(html.message(each.text, "warning") for each in found.cautions)
        self.found.show(html.lines(told) + cautions)
        self.add.layout.display = None
        self.status.say(say("answers_are_read", n=found.files), "ok")
        return found

    def keep(self) -> tuple[Path, ...]:
        """Write the answers into the study's data, and read it again."""
        session = self._session
        data = session.study.data.located(session.folder)
        if not data.is_dir():
            raise StudyError(f"The data of the study is one file, {data.name}.", "Add the tables to it as sheets.")
        written = self.read().save(data)
        session.read_again()
        self.status.say(say("answers_are_added", names=", ".join(each.name for each in written)), "ok")
        return written


class QuestionnairesPanel(PlainPanel):
    """Questionnaires of the study and the answers to them. Sections: `questions`, `answers`."""

    title = "Questionnaires"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.questions_view = QuestionsView(self)
        self.answers_view = AnswersView(self)
        self.questions: Section = self.questions_view.section
        self.answers: Section = self.answers_view.section
        self.questions_view.fill()


def open_calculator(session: Session) -> CalculatorPanel:
    """Return the panel that writes the calculator of a scenario's prices."""
    return CalculatorPanel(session)


def open_questionnaires(session: Session) -> QuestionnairesPanel:
    """Return the panel that writes questionnaires and reads their answers."""
    return QuestionnairesPanel(session)
