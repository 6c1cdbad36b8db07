"""Bring exports in on the screen: what each file and column is, what whole tables say, confirmed once and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.customers.base import problems_frame
from workbench.customers.intake import RULE_CHOICES, BroughtIn, Exports, ImportMap
from workbench.customers.intake.mapping import MAPPING_FILE, roles_of
from workbench.customers.intake.matching import CHOICES, OF_ACCOUNT
from workbench.customers.intake.reshape import WHOLE_TERM
from workbench.customers.intake.shapes import NOT_USED, SHAPES
from workbench.customers.intake.whole import KEEP
from workbench.customers.tables import ACCOUNTS
from workbench.errors import DataErrors, StudyError, WorkbenchError, problem_count
from workbench.formatting import first_of
from workbench.pages.data_import import ImportedStudy, import_exports, movements_by_month
from workbench.pages.data_intake import DATA, KINDS, keep_files
from workbench.rendering import html
from workbench.rendering.controls import button, level_row, row, show, text_box
from workbench.rendering.section import PlainSection
from workbench.rendering.studies import STUDIES
from workbench.rendering.widgets import LIMIT, FileBox, HtmlBlock, ImportMapBox, TakenFile
from workbench.rules.rulebook import by_urgency
from workbench.stages import STAGES
from workbench.stages.contract import gathered
from workbench.stages.study_replay import recorded_figures
from workbench.study.folder import STUDY_FILE
from workbench.study.model import slug
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers.intake import Answer, TableMap
    from workbench.rendering.section import PlainPanel
    from workbench.rendering.session import Session

say = texts(__name__)
RULES = "rules"  # the "file" of an answer that is a rule of revenue
_WORDS = (
    "confirm", "confirm_help", "right", "said", "suggested", "kept_as_it_is", "yours", "values", "ours", "why", "is",
    "what_it_is", "findings", "files", "rules",
)  # fmt: skip
_NAMED = 6  # columns that are not used, in a line
_FIRST_FINDINGS, _OF_MONEY = 3, "expansion"


# --- What was found, as plain data for the page


def as_shown(found: BroughtIn) -> dict[str, Any]:
    """Return how exports are read as plain data: findings, files with their columns, and rules."""
    mapping = found.mapping
    telling = [(key, each) for key, each in mapping.settings.items() if not each.sure or len(each.choices) > 1]
    settings = sorted(telling, key=lambda each: each[1].sure)
    tables = sorted(mapping.tables, key=lambda table: not table.open_lines)
    return {
        "findings": [_setting(key, each) for key, each in settings],
        "tables": [_table(each) for each in tables],
        "rules": [
            {"key": key, "value": value, "label": say(f"rule_{key}"), "help": say(f"rule_{key}_help"),
             "choices": [(each, each) for each in RULE_CHOICES[key]]}
            for key, value in mapping.rules.written().items()
        ],
    }  # fmt: skip


def _setting(key: str, answer: Answer) -> dict[str, Any]:
    choices = dict.fromkeys([answer.value, *answer.choices])
    return {
        "key": key, "title": f"{_sentence(key)}.", "evidence": answer.why, "value": answer.value, "sure": answer.sure,
        "choices": [(each, say("keep_it") if each == KEEP else _sentence(each)) for each in choices],
    }  # fmt: skip


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(table: TableMap) -> dict[str, Any]:
    columns = [_column(table, name, each) for name, each in table.columns.items()]
    unused = [each["name"] for each in columns if each["sure"] and not each["used"]]
    used = sum(each["used"] for each in columns)
    waits = sum(not each["sure"] for each in columns)
    return {
        "file": table.file, "read_as": table.table.value, "sure": table.table.sure,
        "note": table.export or table.table.why, "open": len(table.open_lines), "columns": columns,
        "choices": [(NOT_USED, NOT_USED), *((name, f"{name}: {shape.table.holds}") for name, shape in SHAPES.items())],
        "roles": [(role, _role(table.table.value, role)) for role in roles_of(table.table.value)],
        "options": [_option(name, each) for name, each in table.options.items()],
        "summary": say("columns_used", used=used, waits=waits),
        "unused": say("columns_not_used", n=len(unused), names=first_of(unused, _NAMED)),
    }  # fmt: skip


def _column(table: TableMap, name: str, answer: Answer) -> dict[str, Any]:
    is_own = answer.value not in roles_of(table.table.value)
    return {
        "name": name, "values": list(table.samples.get(name, ())), "ours": answer.value, "sure": answer.sure,
        "why": answer.why, "used": answer.value != NOT_USED, "own": answer.value if is_own else "",
    }  # fmt: skip


def _role(table: str, role: str) -> str:
    if role.startswith(OF_ACCOUNT):
        return say("of_account", name=role, meaning=ACCOUNTS.column(role.removeprefix(OF_ACCOUNT)).meaning)
    known = SHAPES[table].columns.get(role) if table in SHAPES else None
    return f"{role}: {known.meaning}" if known and known.meaning else role


def _option(name: str, answer: Answer) -> dict[str, Any]:
    choices = answer.choices or OPTION_CHOICES.get(name, ())
    return {
        "key": name, "label": say(f"option_{name}"), "value": answer.value, "sure": answer.sure, "why": answer.why,
        "choices": [(each, each) for each in choices],
    }  # fmt: skip


OPTION_CHOICES = {**CHOICES, "period": ("month", "quarter", "year", "week", WHOLE_TERM)}


# --- Name a folder or hand files over, correct what is not right, confirm


class ExportsView(PlainSection):
    """A folder or files of exports, how they are read, and a button that makes a study of them.

    `found` is what the exports make by the answers so far, None before any are named.
    """

    def __init__(self, panel: PlainPanel, workspace: Path, opened: Callable[[str], Session]) -> None:
        super().__init__()
        self._workspace, self._opened = workspace, opened
        self._exports: Exports | None = None
        self.found: BroughtIn | None = None
        self.path = text_box(say("folder_of_exports"), placeholder="data/my-exports")
        self.path.layout.width = "330px"
        self.apply = button(say("look_at_them"), self.guarded(self.look), primary=True)
        self.files = FileBox(self.guarded(self.take), label=say("or_files"), accept=",".join(KINDS))
        self.told = HtmlBlock(role="status")
        self.mapping = ImportMapBox(self.guarded(self.answer), words={name: say(name) for name in _WORDS})
        self.name = text_box(say("name_of_the_study"))
        self.currency = text_box(say("currency_where_none_is_named"), placeholder="EUR")
        self.confirm = button("", self.guarded(self.make), primary=True)
        self.form = level_row(self.name, self.currency, self.confirm, gap="8px")
        self.result = HtmlBlock(role="status")
        first = row(level_row(self.path, self.apply, gap="8px"), self.files, gap="8px 24px")
        self.section = panel.section(
            say("title"), intro=say("intro", size=LIMIT >> 20),
            parts=(first, self.told, self.form, self.status, self.result, self.mapping),
        )  # fmt: skip
        self._show()

    @property
    def folder(self) -> Path:
        """Return the folder of the study that is made or renewed."""
        return self._workspace / STUDIES / slug(str(self.name.value) or "my-study")

    def look(self) -> BroughtIn:
        """Read the exports named, and show how they are read."""
        typed = str(self.path.value).strip()
        if not typed:
            raise WorkbenchError(say("nothing_named"), say("name_a_folder"))
        self.status.say(say("reading"))
        self.result.show("")
        place = self._workspace / Path(typed).expanduser()
        self._exports = Exports.read(place)
        if not self.name.value or not (self.folder / STUDY_FILE).exists():
            show(self.name, slug(place.resolve().stem))
        return self._make(ImportMap.load(self.folder / MAPPING_FILE))

    def take(self, files: tuple[TakenFile, ...]) -> None:
        """Keep files handed over under data/, and look at them together with what lies there."""
        typed = str(self.path.value).strip()
        inside = Path(typed).parts[:1] == (DATA,) and len(Path(typed).parts) > 1
        name = Path(typed).name if inside else str(self.name.value) or say("usual_name")
        kept = keep_files(files, self._workspace, name)
        show(self.path, kept[0].parent.relative_to(self._workspace).as_posix())
        self.look()

    def answer(self, file: str, line: str, value: str) -> BroughtIn | None:
        """Take one answer, and show what the exports make with it."""
        if self.found is None:
            return None
        mapping = self.found.mapping
        if file == RULES:
            return self._make(replace(mapping, rules=mapping.rules.with_written({line: value})))
        return self._make(mapping.answered(file, line, value))

    def make(self) -> ImportedStudy:
        """Confirm what is suggested, make the study or renew its data, and open it."""
        if self.found is None or self._exports is None:
            raise StudyError(say("nothing_named"), say("name_a_folder"))
        self.status.say(say("making"))
        try:
            done = import_exports(
                self._exports, self.folder, mapping=self.found.mapping, accept=True, title=str(self.name.value),
                currency=str(self.currency.value).strip(),
            )  # fmt: skip
        except DataErrors as error:
            self.result.show(_problems(error))
            raise WorkbenchError(say("cannot_yet", problems=problem_count(error.problems)), say("see_below")) from None
        session = self._opened(self.folder.name)
        self.found = replace(done.found, mapping=done.found.mapping.confirmed())
        self._show()
        self.result.show(first_findings(session))
        self.status.say(say("made" if done.is_new else "renewed", title=session.study.title, file=MAPPING_FILE), "ok")
        return done

    def _make(self, mapping: ImportMap) -> BroughtIn:
        if self._exports is None:
            raise StudyError(say("nothing_named"), say("name_a_folder"))
        self.found = self._exports.made(mapping, currency=str(self.currency.value).strip())
        self._show()
        asked = len(self.found.mapping.questions)
        self.status.say(say("asked", n=asked) if asked else say("nothing_asked"), "warning" if asked else "ok")
        return self.found

    def _show(self) -> None:
        found = self.found
        self.form.layout.display = "flex" if found and found.mapping.tables else "none"
        if found is None:
            return
        asked = len(found.mapping.questions)
        is_there = (self.folder / STUDY_FILE).exists()
        end = say("renew_the_data") if is_there else say("make_the_study")
        self.confirm.description = say("confirm_and", n=asked, end=end) if asked else _sentence(end)
        knows = any(frame["currency"].notna().any() for frame in found.tables.values() if "currency" in frame)
        self.currency.layout.display = "none" if knows and not self.currency.value else None
        self.told.show(_told(found))
        self.mapping.page = html.table(found.mapping.columns_frame(), say("yours_to_ours"))
        self.mapping.shown = as_shown(found)


def _told(found: BroughtIn) -> str:
    """Write what was made, what was done on the way, and files that hold no table."""
    sizes = [say("rows_of", n=len(frame), table=name) for name, frame in found.tables.items() if len(frame)]
    unread = [say("not_read", file=name, seems=seems) for name, seems in found.unread]
    problems = html.table(problems_frame(found.problems), say("problems_in_the_files")) if found.problems else ""
    inside = html.lines(found.said)
    made = html.paragraph(say("makes", sizes=first_of(sizes, _NAMED))) if sizes else ""
    moved = movements_by_month(found)
    if moved is not None:
        months = moved.assign(month=moved["month"].dt.strftime("%Y-%m")).rename(columns=str.capitalize)
        made += html.details(say("what_moved"), html.table(months.round(2), say("moved_by_rules")))
    said = html.details(say("done_on_the_way", n=len(found.said)), inside) if found.said else ""
    return made + said + "".join(html.message(text) for text in unread) + problems


def _problems(error: DataErrors) -> str:
    return html.table(problems_frame(error.problems), say("problems_of_the_data"))


# --- What the data says first


def first_findings(session: Session) -> str:
    """Write the first findings of a study as HTML: what is paid and how it moved, what the price should grow with."""
    base, scenario = session.base, session.study.scenario(session.scenario_id)
    found = list(base.findings)
    stages = [
        *(each.module for each in STAGES if each.key == _OF_MONEY),
        next(each.module for each in STAGES if each.designs),
    ]
    first: list[Any] = []
    try:
        for stage in stages:  # what is on record before what is computed
            evidence = gathered(stage, base)
            decided = scenario.with_decision(stage.suggest(base, scenario, evidence=evidence))
            result = stage.evaluate(base, decided, evidence=evidence)
            ruled = [each for each in by_urgency(result.findings) if each.status != "unknown" and each.rule_id]
            first += ruled[: _FIRST_FINDINGS - 1 if stage is not stages[-1] else None]
    except WorkbenchError as error:
        return html.message(error.message, "info", error.advice)
    paid = [each for each in recorded_figures(base) if each.value is not None]  # what to show first is what is paid
    told = html.heading_line(say("first_findings"), 4)
    told += html.key_figure_cards([*paid[-_FIRST_FINDINGS:], *result.key_figures[:1]])
    told += html.finding_list(first[:_FIRST_FINDINGS])
    return told + (html.table(problems_frame(found), say("worth_a_look")) if found else "")
