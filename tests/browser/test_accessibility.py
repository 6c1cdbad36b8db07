"""Nobody is left out: axe finds nothing serious on any page, light or dark, and the app is walked by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from app_view import LONG, visit, wait_for_step
from lab_driver import open_page
from notebook_view import OURS, violations, wait_for_charts
from offline_page import opened
from playwright.sync_api import expect

from workbench import Session
from workbench.pages.app import app_steps
from workbench.report import gather_content, questionnaire, report_html, write_calculator
from workbench.report.desk import write_customer_pages, write_plans
from workbench.research import example_design
from workbench.research.survey_design import METHODS
from workbench.workspace import APP_NOTEBOOK, Workspace, make_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SIZES = ((1280, 800), (1440, 900))
WHERE = "(selector) => document.activeElement.matches(selector)"
MOST_STOPS = 150  # how often Tab is pressed until a control of a step is reached


@pytest.fixture(scope="module")
def space(lab: Lab) -> Workspace:
    """Return a workspace whose notebooks run when they are opened."""
    made = make_workspace(lab.folder / "for_all")
    lab.trust(made.folder)
    return made


@pytest.fixture(scope="module")
def app(browser: Browser, lab: Lab, space: Workspace) -> Iterator[Page]:
    """Return a page with the app."""
    with open_page(browser) as page:
        visit(lab, page, space, APP_NOTEBOOK)
        yield page
        lab.shut_kernels_down(page)


@pytest.fixture(scope="module")
def session(space: Workspace) -> Session:
    """Return the sample study."""
    return Session(space.sample)


def go_to(page: Page, key: str) -> None:
    """Bring a step of the app into view."""
    page.locator(f".wb-rail-step[data-step={key}]").click()
    wait_for_step(page, key)


def reach(page: Page, selector: str, *, key: str = "Tab") -> None:
    """Press Tab until what is looked for has the focus; it fails where the keyboard does not get there."""
    for _ in range(MOST_STOPS):
        if page.evaluate(WHERE, selector):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not reach {selector}")


@pytest.mark.parametrize("theme", THEMES)
def test_every_step_of_the_app(app: Page, lab: Lab, screenshots: Path, theme: str) -> None:
    """Rail, strip, controls, charts and findings have names, roles and contrast as they must, whatever the theme."""
    lab.set_theme(app, THEMES[theme])
    found = {}
    for step in app_steps():
        go_to(app, step.key)
        found[step.key] = violations(app, OURS)
        for width, height in SIZES:
            app.set_viewport_size({"width": width, "height": height})
            wait_for_charts(app)
            app.screenshot(path=screenshots / f"app_{step.key}_{theme}_{width}.png")
        app.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    lab.set_theme(app, THEMES["light"])
    assert {key: each for key, each in found.items() if each} == {}


@pytest.mark.parametrize(
    ("step", "tab"), [("willingness", "Questionnaires"), ("anchoring", "Prices you saw"), ("scenarios", "Calculator")]
)
def test_what_only_the_command_line_had(app: Page, step: str, tab: str) -> None:
    """Questionnaires, typed prices and the calculator stand as tabs of their steps, whole and readable by all."""
    go_to(app, step)
    app.locator(".wb-step .lm-TabBar-tab:visible").get_by_text(tab, exact=True).click()
    expect(app.locator(".wb-beside .wb-section").first).to_be_visible(timeout=LONG)
    assert violations(app, OURS) == []
    cut = "(all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)"
    assert app.locator(".wb-step .lm-TabBar-tabLabel:visible").evaluate_all(cut) == []


def test_the_app_by_keyboard_alone(app: Page) -> None:
    """From the rail to a price, its figure, undo and another tab, with nothing but Tab, arrows, Enter and letters."""
    go_to(app, "start")
    app.locator(".wb-rail-step[aria-current]").focus()
    reach(app, "[data-step=tiers]")
    app.keyboard.press("Enter")
    wait_for_step(app, "tiers")
    figure = app.locator(".wb-strip:visible .wb-strip-figure").first
    before = figure.inner_text()
    reach(app, ".wb-step .wb-place:not(.lm-mod-hidden) .wb-input:not(:disabled)")
    box = app.evaluate("() => document.activeElement.value")
    app.keyboard.press("Control+a")
    app.keyboard.type("77")
    app.keyboard.press("Enter")
    expect(figure).not_to_have_text(before, timeout=LONG)
    expect(app.locator(".wb-strip:visible .wb-strip-arrow").first).to_be_visible(timeout=LONG)
    reach(app, ".wb-strip-button[aria-disabled=false]", key="Shift+Tab")
    while app.evaluate("() => document.activeElement.textContent") != "Undo":
        app.keyboard.press("Shift+Tab")
    app.keyboard.press("Enter")
    expect(app.locator(".wb-strip:visible .wb-strip-arrow")).to_have_count(0, timeout=LONG)
    assert figure.inner_text() == before
    reach(app, ".wb-step .lm-TabBar-tab")
    here = app.evaluate("() => document.activeElement.textContent")
    app.keyboard.press("ArrowRight")
    app.keyboard.press("Enter")
    shown = app.locator(".wb-step .lm-TabBar-tab.lm-mod-current:visible")
    expect(shown).not_to_have_text(here, timeout=LONG)
    assert box != "77"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scheme", THEMES)
def test_every_questionnaire(browser: Browser, tmp_path: Path, method: str, scheme: str) -> None:
    """The page a respondent opens, on its first page and with a question."""
    with opened(browser, tmp_path, questionnaire(method, example_design(method)), scheme=scheme) as page:
        assert violations(page) == []
        page.locator("#next").click()
        assert violations(page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_the_calculator(browser: Browser, session: Session, tmp_path: Path, scheme: str) -> None:
    """The page a customer types usage into."""
    file = tmp_path / "calculator.html"
    write_calculator(session.base, session.study, file, scenario_id=session.scenario_id)
    with opened(browser, tmp_path, file.read_text(encoding="utf-8"), scheme=scheme) as page:
        assert violations(page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_the_page_of_a_customer(browser: Browser, session: Session, tmp_path: Path, scheme: str) -> None:
    """The page that shows a customer their own usage, and both faces of the plan made with them."""
    some = [str(session.base.accounts["account_id"].iloc[0])]
    pages = write_customer_pages(session.base, session.study, tmp_path / "pages", accounts=some)
    plans = write_plans(session.base, session.study, tmp_path / "plans", some)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    page = context.new_page()  # these pages run no script that could say that it is ready
    for file in (pages[0], *plans[:2]):
        page.goto(file.as_uri())
        assert violations(page) == [], file.name
    context.close()


@pytest.fixture(scope="module")
def report(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the sample study."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report_html(gather_content(session.base, session.study)), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", THEMES)
def test_the_report(browser: Browser, report: Path, scheme: str) -> None:
    """The whole page with every chart drawn and every fold open, as folds hide things from axe."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.goto(report.as_uri())
    page.wait_for_function("() => document.documentElement.dataset.charts === 'ready'", timeout=LONG)
    assert violations(page) == []
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert violations(page) == []
    context.close()
