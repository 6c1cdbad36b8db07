"""The workbench as an app in JupyterLab: it opens by itself, leads everybody through every step, and comes back."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import nbformat
import pytest
from app_view import IS_READY, LONG, step_in_view, visit, wait_for_step
from lab_driver import VIEWPORT, open_page
from notebook_view import OURS, Listener, troubles, violations, wait_for_charts, wait_until
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

from workbench.files import bundled
from workbench.pages.app import app_steps
from workbench.stages import STAGES
from workbench.workspace import APP_NOTEBOOK, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

STEPS = [each.key for each in app_steps()]
KERNEL = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"
# A kernel answers in turn: once it has answered this, it has answered all that the page asked of it before.
ANSWERED = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestKernelInfo().then(() => 0)"
COUNTS = """() => window.jupyterapp.shell.currentWidget.model.toJSON().cells
  .filter(cell => cell.cell_type === 'code').map(cell => cell.execution_count)"""
DEAD = ".jp-OutputArea :text('Error displaying widget')"
HAND = ".wb-place:visible .wb-hand :is(.wb-slider, .wb-input):not(:disabled):visible"
# What the strip says and which drawing of each chart is on the page: both change with a control that moves something.
SHOWN = """() => [...document.querySelectorAll('.wb-strip-figures, .wb-shown .wb-chart-canvas')]
  .filter((node) => node.checkVisibility()).map((node) => node.dataset.drawn ?? node.textContent).join('|')"""
RIGHT = ".wb-place:visible .wb-shown"
MOST_TRIED = 6
A_MOVE, MOST_WAITED = 1_000, 5  # milliseconds between two looks at what a control moves, and how often one looks
# Moved by lists to choose from, which a test of their own walks; the workshop changes no figure before its room has.
MOVED_OTHERWISE = {"willingness", "workshop", "expansion"}
SIZES = (VIEWPORT, (1440, 900))
WHERE = "(selector) => document.activeElement.matches(selector)"
MOST_STOPS = 150  # how often Tab is pressed until a control of a step is reached
SCROLLS = "() => document.scrollingElement.scrollHeight > window.innerHeight"


@pytest.fixture(scope="module")
def space(lab: Lab, make_sample_workspace: Callable[[Path], Workspace]) -> Workspace:
    """Return a workspace whose notebooks are trusted, as the command leaves it that starts JupyterLab."""
    made = make_sample_workspace(lab.folder / "app")
    lab.trust(made.folder)
    return made


@pytest.fixture(scope="module")
def app(browser: Browser, lab: Lab, space: Workspace, screenshots: Path) -> Iterator[Page]:
    """Return a page with the app, opened once for all and never told to run."""
    with open_page(browser) as page:
        page.heard = Listener(page)
        visit(lab, page, space, APP_NOTEBOOK)
        yield page
        page.screenshot(path=screenshots / "app_last.png")
        lab.shut_kernels_down(page)


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


def picture(page: Page, folder: Path, name: str) -> None:
    """Keep pictures of the step in view, as a small and as a larger laptop shows it."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wait_for_charts(page)
        page.screenshot(path=folder / f"app_{name}_{width}.png")
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def test_it_opens_by_itself_with_a_figure_and_without_furniture_or_code(app: Page) -> None:
    """No cell was run by hand: the first step shows today's figures, JupyterLab's menus and all code are away."""
    assert step_in_view(app) == STEPS[0]
    expect(app.locator(".wb-step").get_by_text("$1,322,476").first).to_be_visible()
    expect(app.locator("#jp-top-panel")).to_be_hidden()
    expect(app.locator(".jp-SideBar:visible")).to_have_count(0)
    expect(app.locator(".jp-CodeCell .cm-content:visible")).to_have_count(0)
    expect(app.locator(".wb-bar")).to_contain_text("Step 0 of")


def test_next_leads_through_every_step_by_keyboard(app: Page, screenshots: Path) -> None:
    """Every panel is built when its step comes, nothing is dead, too wide or shut to anybody, and the page is still."""
    for key in STEPS[1:]:
        app.keyboard.press("Alt+n")
        wait_for_step(app, key)
        assert troubles(app) == []
        assert not app.evaluate(SCROLLS), f"{key} scrolls the page"
        assert violations(app, OURS) == []
        picture(app, screenshots, f"{key}_light")
    expect(app.locator(".wb-bar")).to_contain_text(f"Step {len(STEPS) - 1} of {len(STEPS) - 1}")
    app.keyboard.press("Alt+b")
    wait_for_step(app, STEPS[-2])
    tiers = app.locator("[data-step=tiers]")
    tiers.focus()
    app.keyboard.press("Enter")
    wait_for_step(app, "tiers")
    assert app.heard.complaints == []


def test_every_step_in_the_dark(app: Page, lab: Lab, screenshots: Path) -> None:
    """Rail, strip, controls, charts and findings have names, roles and contrast as they must here as well."""
    lab.set_theme(app, "JupyterLab Dark")
    found = {}
    for key in STEPS:
        go_to(app, key)
        found[key] = violations(app, OURS)
        picture(app, screenshots, f"{key}_dark")
    lab.set_theme(app, "JupyterLab Light")
    assert {key: each for key, each in found.items() if each} == {}


def moves(page: Page, hand: Locator, before: str) -> bool:
    """Move a control by a step, and tell whether the strip or a chart follows; at its end a slider moves nothing."""
    hand.scroll_into_view_if_needed()
    if hand.get_attribute("type") == "range":
        hand.press("ArrowRight")
    else:
        hand.fill(str(float(hand.input_value().replace(",", "") or 0) + 1))
        hand.press("Enter")
    for _ in range(MOST_WAITED):
        page.evaluate(ANSWERED)  # however long the kernel works, a look counts once it is done
        with suppress(PlaywrightTimeoutError):
            page.wait_for_function(f"(before) => ({SHOWN})() !== before", arg=before, timeout=A_MOVE)
            return True
    return False


@pytest.mark.parametrize("key", [each.key for each in STAGES if each.key not in MOVED_OTHERWISE])
def test_a_control_its_strip_and_what_it_moves_share_the_window(app: Page, key: str) -> None:
    """A step of a control left is seen right or in the strip, all of it in the window at once, and is taken back."""
    app.locator(f"[data-step={key}]").click()
    wait_for_step(app, key)
    before = app.evaluate(SHOWN)
    moved = next((hand for hand in app.locator(HAND).all()[:MOST_TRIED] if moves(app, hand, before)), None)
    assert moved is not None, "no control left moves anything in view"
    seen = [each.bounding_box() for each in (moved, app.locator(".wb-strip:visible"), app.locator(RIGHT).first)]
    assert all(box["y"] >= 0 and box["y"] + min(box["height"], 150) <= VIEWPORT[1] for box in seen)
    app.evaluate(ANSWERED)  # a chart may show the move before the kernel says that it can be undone
    undo = app.locator(".wb-strip:visible .wb-strip-button[aria-disabled=false]", has_text="Undo")
    if undo.count():
        undo.click()


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
    expect(figure).to_have_text(before, use_inner_text=True)
    reach(app, ".wb-step .lm-TabBar-tab")
    here = app.evaluate("() => document.activeElement.textContent")
    app.keyboard.press("ArrowRight")
    app.keyboard.press("Enter")
    shown = app.locator(".wb-step .lm-TabBar-tab.lm-mod-current:visible")
    expect(shown).not_to_have_text(here, timeout=LONG)
    assert box != "77"


def test_code_and_furniture_are_one_key_away(app: Page) -> None:
    """Alt C shows the cells and hides them again, Alt J does so with JupyterLab's menus; the bar's buttons do too."""
    code, menus = app.locator(".jp-CodeCell .cm-content:visible"), app.locator("#jp-top-panel")
    app.keyboard.press("Alt+c")
    expect(code).not_to_have_count(0)
    app.get_by_role("button", name="Hide code").click()
    expect(code).to_have_count(0)
    app.keyboard.press("Alt+j")
    expect(menus).to_be_visible()
    expect(app.locator(".wb-rail")).to_be_visible()
    app.get_by_role("button", name="Hide JupyterLab").click()
    expect(menus).to_be_hidden()


def test_a_page_loaded_again_is_not_run_again(app: Page) -> None:
    """The same kernel, the same counts of cells and the same step as before, and every widget alive."""
    before = app.evaluate(KERNEL), app.evaluate(COUNTS), step_in_view(app)
    app.reload(wait_until="domcontentloaded")
    app.wait_for_function(IS_READY, timeout=LONG)
    wait_for_step(app, before[2])
    assert (app.evaluate(KERNEL), app.evaluate(COUNTS), step_in_view(app)) == before
    assert app.locator(DEAD).count() == 0


def test_a_kernel_that_restarts_brings_the_app_back_where_it_was(app: Page) -> None:
    """After a restart the app opens again by itself, at the step that was in view."""
    before = step_in_view(app)
    app.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    app.locator(".wb-bar-said:not(:empty)").wait_for(timeout=LONG)
    app.wait_for_function(IS_READY, timeout=LONG)
    wait_for_step(app, before)
    assert app.locator(DEAD).count() == 0


def cells_in(file: Path) -> list[dict[str, object]]:
    """Return the cells of a notebook, none while JupyterLab is writing it: it does so in place."""
    try:
        return json.loads(file.read_text())["cells"]
    except json.JSONDecodeError:
        return []


def test_a_notebook_opened_again_without_its_kernel_shows_nothing_dead(
    browser: Browser, lab: Lab, space: Workspace
) -> None:
    """A shipped notebook runs on open and leads back and on; its kernel gone, it opens with no dead widget and runs."""
    name = "04_add_ons.ipynb"
    with open_page(browser) as page:
        visit(lab, page, space, name)
        expect(page.locator(".wb-bar")).to_contain_text("Add-ons")
        expect(page.locator(".wb-bar")).to_contain_text("decided")
        file = space.folder / name
        wait_until(
            page,
            lambda: "widget-view" in json.dumps(cells_in(file)),
            "the notebook was never saved with its widgets",
        )
        lab.shut_kernels_down(page)
        visit(lab, page, space, name)
        assert page.locator(DEAD).count() == 0
        page.locator(".wb-section").first.wait_for()
        page.get_by_role("button", name="Next").click()
        page.wait_for_function(
            "(name) => !window.jupyterapp.shell.currentWidget.context.path.endsWith(name)", arg=name, timeout=LONG
        )
        expect(page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .wb-bar")).to_contain_text("Step 6 of", timeout=LONG)
        lab.shut_kernels_down(page)


def test_what_was_not_made_here_waits_for_a_press_on_start(browser: Browser, lab: Lab, space: Workspace) -> None:
    """A changed copy of a notebook runs nothing when opened; its button runs it."""
    changed = nbformat.read(bundled("notebooks") / APP_NOTEBOOK, as_version=4)
    changed.cells[1].source = "from workbench.pages.app import open_app\napp = open_app()\nprint('mine')"
    nbformat.write(changed, space.folder / "theirs.ipynb")
    shutil.copystat(bundled("notebooks") / APP_NOTEBOOK, space.folder / "theirs.ipynb")
    lab.trust(space.folder)
    with open_page(browser) as page:
        page.goto(f"{lab.url}/lab/workspaces/app/tree/{space.folder.name}/theirs.ipynb?reset")
        start = page.get_by_role("button", name="Start", exact=True)
        start.wait_for(timeout=LONG)
        assert page.evaluate(COUNTS)[0] is None
        start.click()
        page.wait_for_function(IS_READY, timeout=LONG)
        assert page.evaluate(COUNTS)[0] == 1
        lab.shut_kernels_down(page)
