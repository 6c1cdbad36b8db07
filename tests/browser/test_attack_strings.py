"""Names that attack whatever shows them, on every page the product writes: none runs, and each is shown as text."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

import openpyxl
import pytest
from attack_strings import A_DOZEN, MARK, attack_strings
from hostile_company import as_name, hostile_base, hostile_design, hostile_study, hostile_tables
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from workbench import open_stage
from workbench.customers import CustomerBase
from workbench.pages import scenarios
from workbench.rendering.session import Session
from workbench.report import Brand, gather_content, questionnaire, report_html, write_calculator, write_workbook
from workbench.research.survey_design import METHODS
from workbench.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    from workbench.report import ReportContent

pytestmark = pytest.mark.browser

IN_A_COMPANY = 20
HUGE = ("<b>" * 3000, "&" * 9000, "x" * 20_000, "A\u0301" * 5000, "\U0001f469\u200d" * 3000)
READY = "html[data-ready=yes], html[data-charts=ready]"
# Says whatever ran: a call of the marker, a dialog, or a changed title or address.
_WATCH = f"window.ran = []; window.{MARK} = () => window.ran.push('{MARK}'); for (const name of ['alert', 'confirm', "
_WATCH += "'prompt', 'open', 'print']) window[name] = () => window.ran.push(name);"
_SHOWN = """() => {
  const text = (node) => [...node.childNodes].filter((each) => !["SCRIPT", "STYLE"].includes(each.nodeName))
    .map((each) => each.nodeType === 3 ? each.data : text(each)).join("");
  const values = [...document.querySelectorAll("input, option, textarea")].map((each) => `${each.value} ${each.label}`);
  return [document.title, text(document.body), ...values].join(" ");
}"""
_INTERACT = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll("*")) {
    for (const name of ["mouseover", "mouseenter", "focus"]) each.dispatchEvent(new Event(name, { bubbles: false }));
  }
}"""


class Watched:
    """Opens pages with the network off and keeps what goes wrong on them."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder, self.pages = browser, folder, 0

    def shown(self, html: str, *, ready: bool = True) -> str:
        """Open a page, go over all of it with the mouse, require that nothing ran, and return what it says."""
        self.pages += 1
        file = self.folder / f"page{self.pages}.html"
        file.write_text(html, encoding="utf-8")
        context = self.browser.new_context(offline=True)
        try:
            context.add_init_script(_WATCH)
            page = context.new_page()
            wrong: list[str] = []
            page.on("request", lambda each: None if _is_own(each.url, file) else wrong.append(f"asks for {each.url}"))
            page.on("console", lambda each: wrong.append(each.text) if each.type == "error" else None)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
            page.on("framenavigated", lambda frame: wrong.append(frame.url) if not _is_own(frame.url, file) else None)
            page.goto(file.as_uri())
            if ready:
                with suppress(PlaywrightTimeout):  # what keeps it from being ready is on its console
                    page.locator(READY).wait_for(timeout=60_000)
            page.evaluate(_INTERACT)
            page.wait_for_timeout(100)
            assert page.evaluate("() => window.ran") == []
            assert wrong == []
            assert not ready or page.locator(READY).count() == 1
            return plain(page.evaluate(_SHOWN))
        finally:
            context.close()


def _is_own(url: str, file: Path) -> bool:
    return url.partition("#")[0] == file.as_uri() or url.startswith(("data:", "blob:", "about:"))


def plain(text: str) -> str:
    """Return a text without what pages add for typesetting: joiners, soft blanks, breaks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).replace("\u2060", "")


def require(names: Sequence[str], shown: str, where: str) -> None:
    """Fail with the names that are not shown letter by letter."""
    lacking = [name for name in names if plain(name) not in shown]
    assert lacking == [], f"not shown as text on {where}: {lacking}"


def pages_hold(browser: Browser, folder: Path, names: Sequence[str]) -> int:
    """Write every page of a company and study of these names, open each, and return how many there were."""
    watched = Watched(browser, folder)
    base = hostile_base(folder / "data", names)
    study = hostile_study(base, names)
    content = gather_content(base, study)
    told = [study.title, study.designs[0].name, study.chosen.reason, *(each.reason for each in study.decisions)]
    told += [tier["name"] for tier in study.designs[0].stages["tiers"]["tiers"]]
    features = list(hostile_tables(names)["features"]["feature"])
    require([*told, *features], watched.shown(report_html(content)), "the report")
    brand = Brand(names[0][:60])
    calculator = write_calculator(base, study, folder / "calculator.html", brand=brand, title=names[1], note=names[2])
    require(told[-2:], watched.shown(calculator.read_text(encoding="utf-8")), "the calculator")
    for method in METHODS:
        design = hostile_design(method, names)
        require([design["title"]], watched.shown(questionnaire(method, design)), f"the {method} questionnaire")
    session = Session(folder / "study", study.save(folder / "study"), base=base)
    for opened in [*(open_stage(session, stage.key) for stage in STAGES), scenarios.open_panel(session)]:
        shown = watched.shown(opened._repr_mimebundle_()["text/html"], ready=False)
        require(told[1:2], shown, f"the panel {type(opened).__name__}")
        opened.close()
    require_no_formulas(content, folder / "report.xlsx")
    return watched.pages


def require_no_formulas(content: ReportContent, file: Path) -> None:
    """Fail where a cell of the workbook is a formula, or leads somewhere."""
    book = openpyxl.load_workbook(write_workbook(content, file))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert [cell.value for cell in cells if cell.hyperlink] == []


def test_a_dozen_attacks_are_only_names(browser: Browser, tmp_path: Path) -> None:
    """One of each kind, in every place that holds a name, on every page."""
    assert pages_hold(browser, tmp_path, A_DOZEN) >= 14


def test_the_watch_notices_what_runs(browser: Browser, tmp_path: Path) -> None:
    """A page that does not escape is caught, whichever way the name gets out; so a pass above means something."""
    for name in (f"<img src=data:, onerror={MARK}()>", "<script>alert(1)</script>", f"<p onmouseover={MARK}()>x"):
        with pytest.raises(AssertionError):
            Watched(browser, tmp_path).shown(f"<html><body><b>{name}</b></body></html>", ready=False)


def batches() -> Iterator[tuple[str, ...]]:
    """Yield all attacks in groups that fill a company, their order turned so that all kinds of roles see all kinds."""
    known = attack_strings()
    spread = [known[place * 211 % len(known)] for place in range(len(known))]
    for start in range(0, len(spread), IN_A_COMPANY):
        yield tuple(spread[start : start + IN_A_COMPANY])


@pytest.mark.torture
def test_five_hundred_attacks_are_only_names(
    browser: Browser, tmp_path: Path, reliability: Callable[[str, object], None]
) -> None:
    """Attack strings.

    As accounts, segments, plans, metrics, features, areas, vendors, tiers, titles, reasons, people, and in surveys.
    """
    strings, pages, groups = 0, 0, list(batches())
    assert {name for group in groups for name in group} == set(attack_strings())
    for number, names in enumerate(groups):
        folder = tmp_path / str(number)
        folder.mkdir()
        usable = [name for name in names if as_name(name)]
        pages += pages_hold(browser, folder, usable)
        strings += len(usable)
    assert strings >= 500
    reliability("attack strings placed", strings)
    reliability("pages opened in Chromium", pages)
    reliability("strings that ran, asked for something or opened a dialog", 0)
    reliability("strings not shown as text", 0)


@pytest.mark.torture
@pytest.mark.parametrize("text", HUGE, ids=["tags", "ampersands", "letters", "accents", "joined"])
def test_huge_names_of_accounts_are_only_long(browser: Browser, tmp_path: Path, text: str) -> None:
    """An account whose name has thousands of characters spoils no page."""
    tables = hostile_tables(A_DOZEN)
    tables["accounts"].loc[0, "name"] = text
    base = CustomerBase.from_tables(tables)
    Watched(browser, tmp_path).shown(report_html(gather_content(base, hostile_study(base, A_DOZEN))))
