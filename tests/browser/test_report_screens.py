"""The report of the sample company is read in few screens, and what is folded is a press, a link or a print away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from notebook_view import violations
from test_report_page import CHARTS, PATIENCE

from workbench.report import gather_content, report_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from workbench.customers import CustomerBase
    from workbench.study import Study

pytestmark = pytest.mark.browser

DESKTOP, MOST_SCREENS = (1280, 800), 25
PHONE, MOST_ON_A_PHONE = (390, 844), 40


@pytest.fixture(scope="module")
def written(
    sample_company: CustomerBase,
    gathered_sample: dict[str, Any],
    decided_sample: Study,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return the report of the sample study as a file."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    content = gather_content(sample_company, decided_sample, evidence=gathered_sample)
    file.write_text(report_html(content), encoding="utf-8")
    return file


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def shown(request: pytest.FixtureRequest, browser: Browser, written: Path) -> Iterator[Page]:
    """Return the report in a window, with all of its charts drawn."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    page.goto(written.as_uri())
    page.wait_for_selector("html[data-charts=ready]", state="attached", timeout=PATIENCE)
    yield page
    context.close()


def test_it_is_read_in_few_screens(shown: Page) -> None:
    """The whole of it, with everything folded that is folded when it is opened."""
    height = shown.viewport_size["height"]
    most = MOST_SCREENS if height == DESKTOP[1] else MOST_ON_A_PHONE
    assert shown.evaluate("() => document.documentElement.scrollHeight") <= most * height
    assert shown.evaluate("() => document.documentElement.scrollWidth") <= shown.viewport_size["width"]


def test_what_is_folded_is_drawn_and_opened_by_a_link_and_by_one_press(shown: Page) -> None:
    """A chart in a folded section is whole when that opens; a link to it opens what it is folded in."""
    folded = shown.locator(".fold .chart").first
    place = folded.get_attribute("id")
    assert not folded.is_visible()
    shown.evaluate("id => { location.hash = id; }", place)
    folded.wait_for()
    shown.wait_for_function(
        "id => document.querySelector(`#${id} svg`)?.getBoundingClientRect().width > 200", arg=place
    )
    assert shown.locator(f".fold[open] #{place}").count() == 1
    shown.get_by_role("button", name="Open all").click()
    assert shown.locator("main details:not(.behind):not([open])").count() == 0
    drawn = shown.evaluate(CHARTS)
    assert [each["id"] for each in drawn if each["drawn"] == "yes" and not each["seen"]] == []
    assert {each["drawn"] for each in drawn} <= {"yes", "none"}
    assert shown.evaluate(NARROW, FEWEST_PIXELS) == []


# Charts drawn for less room than they have once their section is open; what was made narrow stays so.
FEWEST_PIXELS = 40
NARROW = """(fewest) => [...document.querySelectorAll(".fold .chart svg")].filter((svg) => {
    const room = svg.closest(".chart").clientWidth, wide = svg.getBoundingClientRect().width;
    const made = JSON.parse(document.getElementById("chart-specs").textContent)[svg.closest(".chart").id].width ?? 0;
    return wide < Math.min(room, made) - fewest;
}).map((svg) => svg.closest(".chart").id)"""


def test_the_contents_stay_in_view_and_say_where_one_is(shown: Page) -> None:
    """Far down the page they stand at its head, with the section in view marked."""
    shown.evaluate("() => document.getElementById('stage-anchoring').scrollIntoView({ behavior: 'instant' })")
    current = shown.locator("nav a[aria-current]")
    current.wait_for()
    shown.wait_for_selector("nav a[aria-current][href='#stage-anchoring']")
    box = current.bounding_box()
    assert 0 <= box["y"] < 60
    assert 0 <= box["x"] < shown.viewport_size["width"]


def test_a_print_shows_what_is_folded(shown: Page) -> None:
    """Everything but the tables behind charts is open on paper, and folded again afterwards."""
    shown.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert shown.locator("main details:not(.behind):not([open])").count() == 0
    shown.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert shown.locator("main .fold:not([open])").count() > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_shut_to_nobody(browser: Browser, written: Path, scheme: str) -> None:
    """Axe finds nothing serious on it, as it opens and with every fold open, as folds hide things from axe."""
    context = browser.new_context(viewport=dict(zip(("width", "height"), DESKTOP, strict=True)), color_scheme=scheme)
    page = context.new_page()
    page.goto(written.as_uri())
    page.wait_for_selector("html[data-charts=ready]", state="attached", timeout=PATIENCE)
    assert violations(page) == []
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert violations(page) == []
    context.close()
