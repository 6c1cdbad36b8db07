"""The stages on a wall in Chromium, with nothing else in reach: keys, controls, themes, names, one kernel."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from typing import TYPE_CHECKING

import psutil
import pytest
from lab_driver import PATIENCE, open_page, start_wall
from notebook_view import at_rest, violations, wait_until
from playwright.sync_api import expect

from workbench.study import Study
from workbench.workspace import load_base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from workbench.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.needs_stage("tiers"), pytest.mark.needs_stage("value_metric")]
REQUIRED = "WORKBENCH_WALL_REQUIRED"
LONG = 4 * PATIENCE
IS_SETTLED = """() => document.querySelector(".wb-wall-count")?.textContent
  && !document.querySelector(".wb-present .wb-working")
  && [...document.querySelectorAll(".wb-chart-canvas")].every((each) => each.dataset.drawn || !each.offsetParent)"""
# Words on the wall, but for the line of tools, with the pixels they are high.
SMALLEST = """() => {
  const size = (node) => parseFloat(getComputedStyle(node).fontSize)
    * parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--wb-wall-size"));
  const said = [...document.querySelectorAll(".wb-present *")].filter((node) => node.checkVisibility()
    && !node.closest(".wb-wall-tools, .wb-wall-told, .wb-term, svg")
    && [...node.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim()));
  return Math.min(...said.map(size));
}"""
KERNEL = "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"
CUT = """() => [...document.querySelectorAll(".wb-strip-value, .wb-wall-title, .wb-strip-figure dt")]
  .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.textContent)"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, make_sample_workspace: Callable[[Path], Workspace]) -> Path:
    """Return the sample study."""
    return make_sample_workspace(tmp_path_factory.mktemp("wall")).sample


@pytest.fixture(scope="module")
def address(study: Path) -> Iterator[str]:
    """Return the address of the wall of the sample study; skipped without Voila unless it has to be there."""
    if importlib.util.find_spec("voila") is None:
        lacking = "Voila is not installed: `make setup-workshop` installs the locked extra"
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(lacking)
    with start_wall(study) as served:
        yield served


@pytest.fixture(scope="module")
def wall(browser: Browser, address: str) -> Iterator[Page]:
    """Return the page on the wall; a request beyond this machine fails the test that made it."""
    with open_page(browser) as page:
        page.context.route(lambda url: not re.match(r"(http|ws)://127\.0\.0\.1:|blob:|data:", url), lambda r: r.abort())
        page.asked, page.faults = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(address, wait_until="domcontentloaded")
        settled(page)
        yield page
        assert not [url for url in page.asked if not url.startswith(("http://127.0.0.1:", "blob:", "data:"))]
        assert not page.faults


def settled(page: Page) -> None:
    """Wait until the section in view is drawn."""
    page.wait_for_function(IS_SETTLED, timeout=LONG)


def go(page: Page, stage: str) -> None:
    """Choose a stage from the list."""
    page.locator(".wb-wall-stage").click()
    page.locator(".wb-wall-go", has_text=re.compile(f"^{stage}$")).click()
    expect(page.locator(".wb-wall-stage")).to_have_text(stage, timeout=LONG)
    settled(page)


def title(page: Page) -> str:
    """Return the title of the section in view."""
    return page.locator(".wb-wall-title").inner_text()


def press(page: Page, key: str) -> str:
    """Press a key that moves, and return the title it leads to."""
    before = page.locator(".wb-wall-bar").inner_text()
    page.keyboard.press(key)
    page.wait_for_function(
        "(before) => document.querySelector('.wb-wall-bar').innerText !== before", arg=before, timeout=PATIENCE
    )
    settled(page)
    return title(page)


def test_keys_move_by_section_and_jump_to_the_ends(wall: Page) -> None:
    """Arrows and Page keys one section each, Home and End jump; no code, no secret in the address."""
    assert "token" not in wall.url
    assert title(wall) == "What the data tells"
    expect(wall.locator(".wb-wall-count")).to_have_text("1 of 6")
    assert press(wall, "ArrowRight") == "Weights and order"
    assert press(wall, "PageDown") == "Team scores"
    assert press(wall, "PageUp") == "Weights and order"
    assert press(wall, "ArrowLeft") == "What the data tells"
    assert press(wall, "End") == "Decision log"
    assert press(wall, "Home") == "What the data tells"
    assert wall.locator(".jp-InputArea-editor:visible, .cm-editor:visible, pre:visible").count() == 0


def test_under_the_price_the_room_sees_the_change_at_once_and_the_study_keeps_it(wall: Page, study: Path) -> None:
    """An arrow on the slider of a price moves the price and not the room; Escape gives the keys back."""
    go(wall, "Tier design")
    press(wall, "ArrowRight")
    chart = wall.locator(".wb-chart-canvas:visible").first
    drawn = chart.get_attribute("data-drawn")
    slider = wall.locator("input.wb-slider:visible").nth(1)
    price = slider.input_value()
    slider.focus()
    wall.keyboard.press("ArrowRight")
    wall.wait_for_function(
        "([node, before]) => node.dataset.drawn !== before", arg=[chart.element_handle(), drawn], timeout=PATIENCE
    )
    assert title(wall) == "Tiers and prices"
    raised = slider.input_value()
    assert raised != price
    wall.keyboard.press("Escape")
    assert press(wall, "ArrowRight") == "Limits"
    wait_until(wall, lambda: f'"price":"{raised}"' in Study.load(study).model_dump_json(), "the price was never kept")
    assert "zqa" not in Study.load(study).model_dump_json()


def test_light_and_dark_large_type_and_nothing_cut(wall: Page, screenshots: Path) -> None:
    """At both sizes of a wall and in both themes: words a sixtieth of the height, figures whole, axe content."""
    go(wall, "Tier design")
    press(wall, "ArrowRight")
    for width, height in ((1280, 800), (1920, 1080)):
        wall.set_viewport_size({"width": width, "height": height})
        for dark in ("false", "true"):
            if wall.evaluate("document.body.dataset.jpThemeLight") == dark:
                wall.locator(".wb-wall-title").click()
                wall.keyboard.press("d")
            wall.wait_for_timeout(800)
            settled(wall)
            wait_until(wall, lambda: wall.evaluate(SMALLEST) >= height / 60, "words are too small")  # noqa: B023
            assert at_rest(wall, lambda: wall.evaluate(CUT)) == []
            wall.screenshot(path=screenshots / f"wall_{width}_{'dark' if dark == 'true' else 'light'}.png")
            assert violations(wall) == []
    wall.set_viewport_size({"width": 1280, "height": 800})


def test_no_account_is_named_on_the_wall(wall: Page, study: Path) -> None:
    """Where accounts are listed one by one, they stand there by their aliases."""
    assert "Accounts are called by an alias each." in wall.locator(".wb-wall-told").inner_text()
    go(wall, "What it does to every customer")
    found = ""
    for _ in range(5):
        wall.evaluate("document.querySelectorAll('.wb-step details').forEach((each) => { each.open = true; })")
        found += wall.locator(".wb-present").inner_text()
        press(wall, "PageDown")
    assert re.search(r"Account [B-Z2-9]{6}", found)
    assert "zqa" not in found
    ids = load_base(Study.load(study), study).accounts["account_id"].astype(str)
    assert not [each for each in ids if re.search(rf"\b{re.escape(each)}\b", found)]


def test_a_second_screen_and_a_page_loaded_again_are_in_the_same_room(
    browser: Browser, wall: Page, address: str
) -> None:
    """One kernel for whoever looks on: where one goes, the other is; nobody gets in without the secret."""
    go(wall, "Model fit")
    with open_page(browser) as second:
        second.goto(address, wait_until="domcontentloaded")
        settled(second)
        assert second.locator(".wb-wall-stage").inner_text() == "Model fit"
        press(second, "ArrowRight")
        expect(wall.locator(".wb-wall-title")).to_have_text(title(second))
    wall.reload(wait_until="domcontentloaded")
    settled(wall)
    assert wall.locator(".wb-wall-stage").inner_text() == "Model fit"
    kernel = wall.evaluate(KERNEL)
    with open_page(browser) as stranger:
        stranger.goto(address.partition("?")[0], wait_until="domcontentloaded")
        assert stranger.locator(".wb-present").count() == 0
        assert (
            stranger.evaluate(
                "(path) => new Promise((told) => { const socket = new WebSocket(`ws://${location.host}${path}`);"
                " socket.onopen = () => told('open'); socket.onerror = () => told('refused'); })",
                f"/api/kernels/{kernel}/channels",
            )
            == "refused"
        )


def test_a_kernel_that_was_killed_comes_back_with_the_next_visit(wall: Page) -> None:
    """Loaded again, the wall opens on a new kernel, and not on widgets that are gone."""
    kernel = wall.evaluate(KERNEL)
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # one of another test's may have ended by now
            if "ipykernel_launcher" in " ".join(each.cmdline()):
                each.kill()
    wait_until(wall, lambda: kernel not in wall.request.get(wall.url).text(), "the kernel's end was never noticed")
    wall.reload(wait_until="domcontentloaded")
    wall.wait_for_function(IS_SETTLED, timeout=2 * LONG)
    assert title(wall) == "What the data tells"
    assert press(wall, "ArrowRight") == "Weights and order"
    # What the page says of the kernel that was killed, while it is left, is no fault of the page.
    wall.faults[:] = [each for each in wall.faults if each != "Kernel connection disconnected"]
