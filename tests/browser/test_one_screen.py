"""Every notebook on a small laptop: few screens, and the strip, the hand's controls and what they move in one view."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from notebook_view import wait_for_charts

from workbench.files import bundled

if TYPE_CHECKING:
    from lab_driver import Lab
    from playwright.sync_api import Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser

PATIENCE = 90_000
SCREEN = 800  # pixels
MOST_SCREENS = 10
# Those about one step of a study; where the work starts there is no scenario yet, and the app is one screen itself.
STEPS = sorted(
    path.name for path in bundled("notebooks").glob("*.ipynb") if path.name[:2].isdigit() and path.name[:2] != "00"
)
_SCREENS = """() => [...document.querySelectorAll(".jp-Notebook .jp-Cell")]
    .reduce((sum, cell) => sum + cell.getBoundingClientRect().height, 0)"""
# What of the page's main section is inside the window: the strip's lower edge, a control, and a chart that is drawn.
_IN_VIEW = """() => {
    const inside = (node) => {
        const box = node.getBoundingClientRect();
        return box.height > 0 && box.top >= 0 && box.top + Math.min(box.height, 150) <= innerHeight;
    };
    const strips = [...document.querySelectorAll(".jp-NotebookPanel .wb-strip")];
    const page = document.querySelector(".wb-page");
    return {
        strips: strips.length,
        strip: strips.every(inside),
        figures: document.querySelectorAll(".wb-strip-figure").length,
        control: [...page.querySelectorAll(".wb-hand :is(input, select, button)")].some(inside),
        chart: [...page.querySelectorAll(".wb-shown .wb-chart-canvas svg")].some(inside),
    };
}"""
_SCROLL_TO_PAGE = """() => {
    const scroller = document.querySelector(".jp-NotebookPanel .jp-WindowedPanel-outer");
    const page = document.querySelector(".wb-page").getBoundingClientRect();
    scroller.scrollBy(0, page.top - document.querySelector(".wb-strip").getBoundingClientRect().bottom);
}"""


@pytest.mark.parametrize("name", STEPS)
def test_control_and_figure_share_a_screen(lab: Lab, workspace: Workspace, page: Page, name: str) -> None:
    """At 1280 by 800 the strip, a control and a chart it moves are in view at once, and the notebook is not long."""
    shutil.copyfile(bundled("notebooks") / name, workspace.folder / name)
    lab.open(page, f"{workspace.folder.name}/{name}")
    lab.run_all(page, patience=PATIENCE)
    wait_for_charts(page)
    assert page.evaluate(_SCREENS) <= MOST_SCREENS * SCREEN
    page.evaluate(_SCROLL_TO_PAGE)
    page.wait_for_timeout(300)
    seen = page.evaluate(_IN_VIEW)
    has_chart = page.locator(".wb-page .wb-chart-canvas svg").count() > 0
    assert seen["strips"] == 1
    assert seen["strip"]
    known = page.locator(".wb-page .wb-figure").count()  # a step nobody has begun may know none
    assert min(3, known) <= seen["figures"] <= 6
    assert seen["control"]
    assert seen["chart"] or not has_chart
    page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 2400)")
    page.wait_for_timeout(300)
    assert page.evaluate(_IN_VIEW)["strip"], "the strip scrolled away"
    lab.shut_kernels_down(page)
