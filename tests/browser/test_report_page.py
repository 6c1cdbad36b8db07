"""Every page of a report shows what it says: whatever the data lack, a chart is drawn or says why it is not."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import pytest
from small_companies import FEATURES, PLANS, SURVEYS, decided_study, small_company

from workbench.demand import DemandError
from workbench.report import gather_content, report_html
from workbench.report.sections import drawn_in_summary, stage_page
from workbench.stages.figure import only_names
from workbench.stages.willingness import price_search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from workbench.report import ReportContent
    from workbench.stages.contract import StageOutcome
    from workbench.stages.figure import Figure

pytestmark = pytest.mark.browser

PATIENCE = 120_000
TALLEST = 4_000  # pixels of one chart
NAMES_OF_OBJECTS = ("constructor", "toString", "valueOf", "__proto__", "hasOwnProperty", "isPrototypeOf")
CHARTS = """() => [...document.querySelectorAll(".chart")].map((place) => {
    const svg = place.querySelector("svg");
    const seen = (mark) => {
        const box = mark.getBoundingClientRect();
        const style = getComputedStyle(mark);
        return (box.width > 0 || box.height > 0) && style.opacity !== "0" && !mark.matches(".background, .foreground");
    };
    const marks = svg ? [...svg.querySelectorAll("[class*=role-mark] :is(path, text, line, rect)")] : [];
    return { id: place.id, drawn: place.dataset.drawn, words: place.textContent.trim(), seen: marks.filter(seen).length,
        width: Number(svg?.getAttribute("width")), height: Number(svg?.getAttribute("height")) };
})"""


@dataclass(frozen=True)
class Case:
    """A company that lacks something: `hidden` tables, the price search, or plain names."""

    months: int
    accounts: int
    hidden: tuple[str, ...] = ()
    search: bool = False
    misleading: bool = False

    @property
    def renamed(self) -> dict[str, str]:
        """Return the names of features and plans that stand for others."""
        if not self.misleading:
            return {}
        return dict(zip((*FEATURES[:4], *PLANS[:2]), NAMES_OF_OBJECTS, strict=True))


_FEATURE_TABLES = ("feature_use", "features", "requests", "outcomes")
TELLING = (
    Case(9, 30, SURVEYS[2:]),
    Case(1, 1, SURVEYS),
    Case(1, 5, ("usage", *SURVEYS)),
    Case(3, 30, ("mrr", "competitor_offers", *SURVEYS)),
    Case(13, 5, ("plans", "plan_limits", "plan_features", *SURVEYS[:3])),
    Case(14, 5, ("competitor_offers", *SURVEYS), search=True),
    Case(24, 30, SURVEYS[:3], misleading=True),
    Case(42, 1, (*_FEATURE_TABLES, *SURVEYS)),
)


@pytest.mark.parametrize("case", TELLING, ids=lambda case: f"{case.months}-months-{case.accounts}-accounts")
def test_every_chart_is_drawn_or_says_why_not(
    case: Case, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a company lacks, its report has a place for every figure, and a silent console."""
    assert_holds(case, browser, tmp_path, monkeypatch)


@pytest.mark.torture
def test_reports_of_companies_that_lack_something(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reliability: Callable[[str, object], None]
) -> None:
    """Reports of companies that lack something.

    Any two of months, accounts, tables left out, price search and misleading names meet in one report at least.
    """
    cases, drawn = (*TELLING, *all_pairs_of_cases()), [0, 0]
    for case in cases:
        shown = assert_holds(case, browser, tmp_path, monkeypatch)
        drawn[0] += sum(each["drawn"] == "yes" for each in shown)
        drawn[1] += sum(each["drawn"] == "none" for each in shown)
    reliability("reports opened in a browser", len(cases))
    reliability("charts drawn", drawn[0])
    reliability("places that say why there is nothing to draw", drawn[1])
    reliability("blank places, complaints of the browser", 0)


def test_pairs_are_covered_by_few_cases() -> None:
    """Any two values of any two settings are in one case, in a small part of all combinations."""
    settings = {"a": (1, 2, 3), "b": "xy", "c": (True, False), "d": (0, 1, 2)}
    rows = all_pairs(settings)
    for (one, ones), (other, others) in combinations(settings.items(), 2):
        assert {(row[one], row[other]) for row in rows} == set(product(ones, others))
    assert len(rows) <= 12
    assert 27 <= len(all_pairs_of_cases()) <= 50


@pytest.fixture(scope="module")
def written() -> str:
    """Return the report of a small company."""
    base = small_company(14, 5, without=SURVEYS)
    content = gather_content(base, decided_study(base))
    return report_html(content)


def test_one_chart_that_fails_leaves_the_others(written: str, browser: Browser, tmp_path: Path) -> None:
    """A chart that cannot be drawn says so in its place, and logs its own failure alone."""
    place = "figure-model_fit-paths"
    text = re.search(r'id="chart-specs"[^>]*>(.*?)</script>', written, re.DOTALL)[1]
    broken = json.dumps({**json.loads(text), place: {"mark": "line", "encoding": 7, "layer": 7}}).replace(
        "<", "\\u003c"
    )
    with opened(browser, tmp_path, written.replace(text, broken)) as page:
        shown = {each.pop("id"): each for each in page.evaluate(CHARTS)}
        failed = shown.pop(place)
        assert failed["drawn"] == "no"
        assert failed["words"] == "This chart could not be drawn. The table below holds its numbers."
        assert {each["drawn"] for each in shown.values()} <= {"yes", "none"}
        assert len(page.said) == 1
        assert place in page.said[0]


def test_a_mark_tells_its_values_under_the_pointer(written: str, browser: Browser, tmp_path: Path) -> None:
    """The tooltip is text beside the pointer, inside the window, and goes away with it."""
    with opened(browser, tmp_path, written) as page:
        marks = page.locator("#figure-model_fit-changes .mark-rect.role-mark path")
        widths = marks.evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
        mark = marks.nth(widths.index(max(widths)))
        mark.scroll_into_view_if_needed()
        mark.hover(position={"x": 6, "y": 6}, force=True)  # beside the number in the middle of the bar
        tip = page.locator(".tip")
        tip.wait_for()
        assert tip.locator("p").count() == 3
        assert "Model" in tip.inner_text()
        box = tip.bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= page.viewport_size["width"]
        page.mouse.move(0, 0)
        tip.wait_for(state="hidden")
        assert page.said == []


def test_nothing_runs_that_is_not_ours(written: str, browser: Browser, tmp_path: Path) -> None:
    """A script, a handler or a style that got into the page is refused; text made into elements stays text."""
    foreign = """<script>window.ran = "script"</script><img src="x" onerror="window.ran = 'handler'">
        <a id="trap" href="javascript:window.ran='address'">a</a><i id="styled" style="color: rgb(1, 2, 3)">b</i>"""
    # Not in the call itself, in which the browser's driver is allowed to compile text.
    attempts = """() => new Promise((resolve) => setTimeout(() => {
        const tried = {};
        const attempt = (name, act) => { try { act(); } catch (error) { tried[name] = error.name; } };
        const element = document.body.appendChild(document.createElement("div"));
        element.innerHTML = `<img src=x onerror="window.ran = 'inner'"><b>bold</b>`;
        tried.children = element.childElementCount;
        tried.words = element.textContent;
        const script = document.createElement("script");
        attempt("script", () => { script.textContent = "window.ran = 'text'"; document.body.append(script); });
        attempt("eval", () => { (0, eval)("window.ran = 'eval'"); });
        attempt("frame", () => { document.createElement("iframe").srcdoc = "<p>x</p>"; });
        attempt("handler", () => { element.setAttribute("onclick", "window.ran = 'click'"); element.click(); });
        document.getElementById("trap").click();
        resolve(tried);
    }, 0))"""
    with opened(browser, tmp_path, written.replace("<main>", f"<main>{foreign}", 1)) as page:
        tried = page.evaluate(attempts)
        page.wait_for_timeout(200)
        assert page.evaluate("() => window.ran") is None
        assert tried["children"] == 0
        assert "<b>bold</b>" in tried["words"]
        assert "TypeError" in tried["script"]
        assert "Error" in tried["eval"]
        assert page.locator("#styled").evaluate("one => getComputedStyle(one).color") != "rgb(1, 2, 3)"
        assert {each["drawn"] for each in page.evaluate(CHARTS)} <= {"yes", "none"}
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', written)[1]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_the_list_of_names_every_object_has_is_whole(browser: Browser) -> None:
    """What charts keep apart is what this browser's objects have."""
    page = browser.new_page()
    names = page.evaluate("() => Object.getOwnPropertyNames(Object.prototype)")
    page.close()
    assert [name for name in names if only_names(name) == name] == []


def assert_holds(
    case: Case, browser: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Sequence[Mapping[str, Any]]:
    """Write the report of a case, open it, and hold what it shows against the figures it announces."""
    base = small_company(case.months, case.accounts, without=case.hidden, renamed=case.renamed)
    with monkeypatch.context() as patch:
        if not case.search:
            patch.setattr(price_search, "find_prices_quickly", _no_search)
        told = gather_content(base, decided_study(base))
    with opened(browser, folder, report_html(told)) as page:
        shown = page.evaluate(CHARTS)
        assert page.said == [], case
    assert [each["id"] for each in shown] == announced(told), case
    blank = [each for each in shown if not (_is_whole(each) if each["drawn"] == "yes" else _says_why(each))]
    assert blank == [], case
    return shown


def announced(content: ReportContent) -> list[str]:
    """Return the places of the figures of a report, in the order its sections stand in."""
    first = drawn_in_summary(content)
    told = [(each, one) for each in content.outcomes for one in in_order(each, [of for by, of in first if by is each])]
    return [f"figure-{each.stage.key}-{one.key}" for each, one in (*first, *told)]


def in_order(outcome: StageOutcome, in_summary: list[Figure]) -> list[Figure]:
    """Return a stage's figures as they follow each other: those in view, then by section; none is left out or twice."""
    told = stage_page(outcome, in_summary)
    parts = [part for section in told.sections for part in section.all_parts if part.kind == "figures"]
    shown = [*told.pictures, *(figure for part in parts for figure in part.holds)]
    keys = {each.key for each in (*in_summary, *shown)}
    assert len(keys) == len(shown) + len(in_summary)
    assert not outcome.sections or keys == {each.key for each in outcome.figures}
    return shown if outcome.sections else list(outcome.figures)


def all_pairs(settings: Mapping[str, Iterable[Any]]) -> list[dict[str, Any]]:
    """Return few combinations in which any two values of any two settings meet: greedy, the same every time."""
    values = {name: tuple(each) for name, each in settings.items()}
    open_pairs = {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(values, 2)
        for a, b in product(values[one], values[other])
    }
    rows = []
    while open_pairs:
        row = dict(min(open_pairs, key=lambda pair: sorted(map(repr, pair))))
        for name, given in values.items():
            if name not in row:
                news = [sum(frozenset({(name, each), had}) in open_pairs for had in row.items()) for each in given]
                row[name] = given[news.index(max(news))]
        open_pairs -= {frozenset(pair) for pair in combinations(row.items(), 2)}
        rows.append(row)
    return rows


def all_pairs_of_cases() -> list[Case]:
    """Return companies in which any two things they may lack meet."""
    tables = (*_FEATURE_TABLES, "plans", "plan_limits", "plan_features", "competitor_offers", *SURVEYS)
    settings = {
        "months": (1, 3, 6, 9, 12, 13, 14, 24, 42),
        "accounts": (1, 5, 30),
        "monthly": ("", "usage", "mrr"),
        "search": (False, True),
        "misleading": (False, True),
        **dict.fromkeys(tables, (False, True)),
    }
    return [
        Case(
            row["months"],
            row["accounts"],
            tuple(name for name in (*tables, row["monthly"]) if name and row.get(name, True)),
            search=row["search"],
            misleading=row["misleading"],
        )
        for row in all_pairs(settings)
    ]


@contextmanager
def opened(browser: Browser, folder: Path, html: str) -> Iterator[Page]:
    """Open a report from disk with the network off, once it says its charts are ready; `said` is what it logs."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    try:
        page.goto(file.as_uri())
        page.wait_for_function("() => document.documentElement.dataset.charts === 'ready'", timeout=PATIENCE)
        page.evaluate("() => document.querySelectorAll('.fold').forEach((each) => (each.open = true))")
        yield page
    finally:
        context.close()


def _no_search(*_arguments: object, **_settings: object) -> None:
    raise DemandError("Prices were not searched.")


def _is_whole(chart: Mapping[str, Any]) -> bool:
    return chart["seen"] > 0 and 0 < chart["width"] < TALLEST and 0 < chart["height"] < TALLEST


def _says_why(chart: Mapping[str, Any]) -> bool:
    return chart["drawn"] == "none" and chart["words"].endswith(".") and len(chart["words"]) > 20
