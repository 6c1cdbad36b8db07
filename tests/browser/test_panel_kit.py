"""The panel kit in JupyterLab: what changes on the page when a person changes a control."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab_driver import VIEWPORT, open_page
from notebook_view import wait_until
from playwright.sync_api import expect

from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab_driver import Lab
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

STAGE = Path(__file__).parent.parent / "ui" / "price_stage.py"
ACCOUNTS = "account_id,name,seats\n" + "".join(f"a{n},Account {n},{n * 2}\n" for n in range(1, 16))
MRR = "account_id,month,amount\n" + "".join(
    f"a{n},2024-{month:02}-01,{n * 20}\n" for n in range(1, 16) for month in (1, 2, 3)
)
CELLS = [
    "import price_stage\nfrom workbench import open_study\npanel = price_stage.open_panel(open_study('small'))",
    "panel.scenarios",
    "panel.design",
    "panel.content",
    "panel.findings",
    "panel.record",
    """from ipywidgets import Label
heard = Label('nothing yet')
heard.add_class('heard')
bills = panel.figure_view('bills').chart
bills.observe(lambda change: setattr(heard, 'value', change['new']['account']), 'clicked')
heard""",
]
CHARTS = 2


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> str:
    """Return a notebook that shows the small stage on fifteen accounts."""
    data = lab.folder / "data"
    data.mkdir()
    (data / "accounts.csv").write_text(ACCOUNTS)
    (data / "mrr.csv").write_text(MRR)
    Study.new("small", "../../data", title="Small study").save(lab.folder / "studies" / "small")
    shutil.copy(STAGE, lab.folder / "price_stage.py")
    lab.write_notebook("kit.ipynb", CELLS)
    return "kit.ipynb"


@pytest.fixture(scope="module")
def opened(browser: Browser, lab: Lab, notebook: str) -> Iterator[Page]:
    """Return a page on which the notebook has run and its charts are drawn."""
    with open_page(browser) as page:
        lab.open(page, notebook)
        lab.run_all(page)
        wait_for_charts(page, CHARTS)
        yield page
        lab.shut_kernels_down(page)


@pytest.fixture
def running(opened: Page) -> Page:
    """Return the page in the size it began with, whatever an earlier test left on it."""
    opened.set_viewport_size(dict(zip(("width", "height"), VIEWPORT, strict=True)))
    return opened


def embeds(place: Page | Locator) -> int:
    """Return how often the first chart was built anew."""
    return int(place.locator(".wb-chart-canvas").first.get_attribute("data-embeds"))


def wait_for_charts(page: Page, count: int) -> None:
    """Wait until that many charts are drawn on the page."""
    page.wait_for_function(
        "(count) => document.querySelectorAll('.wb-chart-canvas[data-drawn] svg').length === count", arg=count
    )


def wait_until_saved(page: Page, lab: Lab, price: float) -> None:
    """Wait until the study on disk has that price."""
    folder = lab.folder / "studies" / "small"
    wait_until(
        page,
        lambda: float(Study.load(folder).designs[0].stages["price"]["price"]) == price,
        f"a price of {price} was never saved",
    )


def set_price(place: Page | Locator, price: float) -> None:
    """Type the price of a seat."""
    box = place.get_by_label("Price of a seat", exact=True)
    box.fill(f"{price:g}")
    box.press("Enter")


def figure_value(page: Page, label: str) -> Locator:
    """Return the value of a key figure."""
    return page.locator(".wb-figure", has=page.get_by_text(label, exact=True)).locator(".wb-value")


def test_a_price_typed_changes_figures_and_chart_in_place(running: Page, screenshots: Path) -> None:
    """A number entered by keyboard changes the key figure and the chart, and the chart is not built anew."""
    page = running
    page.screenshot(path=screenshots / "kit_top.png")
    before = figure_value(page, "Revenue").inner_text()
    canvas = page.locator(".wb-chart-canvas").first
    page.evaluate("() => { window.firstPicture = document.querySelector('.wb-chart-canvas svg') }")
    drawn, built = int(canvas.get_attribute("data-drawn")), embeds(page)
    mark = canvas.locator("svg .mark-rule.role-mark line").first
    place = mark.bounding_box()["x"]
    price = page.get_by_label("Price of a seat", exact=True)
    price.fill("70" if float(price.input_value()) < 50 else "15")
    price.press("Enter")
    page.wait_for_function(f"() => Number(document.querySelector('.wb-chart-canvas').dataset.drawn) > {drawn}")
    expect(figure_value(page, "Revenue")).not_to_have_text(before)
    wait_until(page, lambda: abs(mark.bounding_box()["x"] - place) > 100, "the line of the price stays where it was")
    assert page.evaluate("() => window.firstPicture === document.querySelector('.wb-chart-canvas svg')")
    assert embeds(page) == built


def test_a_slider_moves_by_keyboard_and_by_mouse(running: Page) -> None:
    """The slider has a name, moves by arrow keys and by dragging, and takes number box and figures along."""
    page = running
    slider = page.get_by_role("slider", name="Price of a seat, slider")
    box = page.get_by_label("Price of a seat", exact=True)
    box.fill("20")
    box.press("Enter")
    slider.focus()
    before = float(box.input_value())
    slider.press("ArrowRight")
    assert before == 20
    expect(box).to_have_value("20.5")
    figure = figure_value(page, "Revenue").inner_text()
    place = slider.bounding_box()
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + place["width"] * 0.5, middle)
    page.mouse.down()
    for step in range(1, 20):
        page.mouse.move(place["x"] + place["width"] * (0.5 + step / 50), middle)
    page.mouse.up()
    wait_until(page, lambda: float(box.input_value()) > 80, "the number box did not follow the slider")
    page.wait_for_function(
        "(old) => [...document.querySelectorAll('.wb-value')].every(node => node.textContent !== old)", arg=figure
    )


def test_the_chart_library_comes_once_for_a_page(running: Page, screenshots: Path) -> None:
    """Two charts share one library, asked for once."""
    running.set_viewport_size({"width": 1280, "height": 2000})
    running.screenshot(path=screenshots / "kit_whole.png")
    assert running.evaluate("() => globalThis.pricingWorkbench.bundlesFetched") == 1


def test_every_control_has_a_name(running: Page) -> None:
    """No input, button, list or picture on the panel is without an accessible name."""
    nameless = running.evaluate(
        """() => [...document.querySelectorAll('.wb-section :is(input, select, textarea, button)')].filter((node) => {
            const label = node.labels?.length ? node.labels[0].textContent : "";
            return !(node.getAttribute("aria-label") || label.trim() || node.textContent.trim() || node.title);
        }).map((node) => node.outerHTML)"""
    )
    assert nameless == []
    described = running.locator(".wb-chart-canvas").first.get_attribute("aria-label")
    assert described.startswith("Line of revenue along the price")


def test_cells_of_the_matrix_are_pressed_by_keyboard(running: Page) -> None:
    """Arrow keys move between cells, space presses one, and the saved study has it."""
    cell = running.get_by_role("button", name="Dashboards in Team")
    cell.focus()
    cell.press("ArrowDown")
    running.keyboard.press("ArrowRight")
    running.keyboard.press("Space")
    target = running.get_by_role("button", name="Exports in Business")
    running.wait_for_function("node => node.getAttribute('aria-pressed') === 'true'", arg=target.element_handle())


def test_the_dark_theme_reads(lab: Lab, running: Page, screenshots: Path) -> None:
    """Switching to the dark theme redraws chart text and panel text in light ink on a dark ground."""
    built = embeds(running)
    lab.set_theme(running, "JupyterLab Dark")
    running.wait_for_function(
        "(built) => document.querySelector('.wb-chart-canvas').dataset.embeds === String(built + 1)", arg=built
    )
    lightness = """(selector) => {
        const colour = getComputedStyle(document.querySelector(selector));
        const [r, g, b] = (selector.includes('svg') ? colour.fill : colour.color).match(/[\\d.]+/g).map(Number);
        return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
    }"""
    for selector in (".wb-chart-canvas svg .role-axis-title text", ".wb-value", ".wb-findings p", ".wb-input"):
        assert running.evaluate(lightness, selector) > 0.6, selector
    running.screenshot(path=screenshots / "kit_dark.png")
    lab.set_theme(running, "JupyterLab Light")
    wait_until(running, lambda: embeds(running) == built + 2, "the chart was not drawn in light ink again")


def test_a_click_on_a_bar_arrives_in_python(running: Page) -> None:
    """The datum under the pointer is handed to whoever listens in the notebook."""
    running.set_viewport_size({"width": 1280, "height": 3200})
    bars = running.locator(".wb-chart-canvas").nth(1).locator("svg .mark-rect.role-mark path")
    bars.nth(1).click()
    expect(running.locator(".heard")).to_have_text("a2")
    bars.first.click()
    expect(running.locator(".heard")).to_have_text("a1")


def test_a_restarted_kernel_brings_the_charts_back(lab: Lab, running: Page) -> None:
    """After a restart the cells run again, the charts live, and the page uses the library it already has."""
    lab.restart(running)
    lab.run_all(running)
    wait_for_charts(running, CHARTS)
    before = figure_value(running, "Revenue").inner_text()
    drawn = int(running.locator(".wb-chart-canvas").first.get_attribute("data-drawn"))
    set_price(running, 61)
    running.wait_for_function(
        "(drawn) => Number(document.querySelector('.wb-chart-canvas').dataset.drawn) > drawn", arg=drawn
    )
    expect(figure_value(running, "Revenue")).not_to_have_text(before)
    assert running.evaluate("() => globalThis.pricingWorkbench.bundlesFetched") == 1


def test_two_notebooks_share_a_page_and_a_study(lab: Lab, running: Page, screenshots: Path) -> None:
    """Charts of both live on one library; what one saved, the other learns with its own change, and can take."""
    page = running
    here = lab.panel(page)
    built = embeds(here)
    lab.write_notebook("beside.ipynb", CELLS[:3])
    lab.open_beside(page, "beside.ipynb")
    lab.run_all(page)
    beside = lab.panel(page)
    wait_for_charts(page, 2 * CHARTS)
    assert page.evaluate("() => globalThis.pricingWorkbench.bundlesFetched") == 1
    set_price(beside, 33)
    expect(beside.get_by_text("Study: Small study. Price of a seat.")).to_be_visible()
    wait_until_saved(page, lab, 33)
    set_price(here, 44)
    expect(here.get_by_text("The same things were changed here and elsewhere")).to_be_visible()
    page.screenshot(path=screenshots / "kit_two_notebooks.png")
    here.get_by_role("button", name="Take theirs").click()
    expect(here.get_by_label("Price of a seat", exact=True)).to_have_value("33")
    assert embeds(here) == built
