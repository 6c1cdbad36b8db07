"""Every notebook of the workbench in JupyterLab, opened once for all that is asked of it.

It runs, is read in few screens of a small laptop, has its controls and what they move in one view, and nothing in it is
dead, cut off, too wide, or shut to anybody.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from notebook_view import LAID_OUT, OURS, Listener, at_rest, sections, troubles, violations, wait_for_charts, wait_until

from workbench.files import bundled

if TYPE_CHECKING:
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted(path.name for path in bundled("notebooks").glob("[0-9]*.ipynb"))  # the app has a walk of its own
PATIENCE = 90_000
"""Milliseconds the slowest notebook may take on a busy machine."""
WHOLE_SECTION = {"width": 1280, "height": 2000}
SCREEN = 800  # pixels
MOST_SCREENS = 10
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


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_reads(lab: Lab, workspace: Workspace, page: Page, screenshots: Path, name: str) -> None:
    """Run whole, a notebook shows what it says on 1280 by 800, and axe finds nothing serious, light or dark."""
    heard = Listener(page)
    shutil.copyfile(bundled("notebooks") / name, workspace.folder / name)
    lab.open(page, f"{workspace.folder.name}/{name}")
    lab.run_all(page, patience=PATIENCE)
    parts = put_on_the_page(name)
    assert len(parts) >= 4
    # A cell has run before the page has built the widgets it shows.
    wait_until(page, lambda: len(sections(page)) >= len(parts), f"{name} does not show a section for each of {parts}")
    wait_for_charts(page)
    if not name.startswith("00"):  # where the work starts there is no scenario yet
        assert share_a_screen(page) == []
    assert troubles(page) == []  # beside the list of files, which leaves less room than there is without it
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size(WHOLE_SECTION)
    wait_for_charts(page)
    picture_sections(page, screenshots / "sections", name.partition("_")[0])
    page.add_style_tag(content=LAID_OUT)
    assert [*troubles(page), *violations(page, OURS)] == []
    lab.set_theme(page, "JupyterLab Dark")
    wait_for_charts(page)
    assert [*troubles(page), *violations(page, OURS)] == []
    lab.set_theme(page, "JupyterLab Light")
    assert heard.complaints == []
    lab.shut_kernels_down(page)


def share_a_screen(page: Page) -> list[str]:
    """Scroll through a step and say what is not as on one screen: the strip, a control, and a chart that it moves."""
    screens = page.evaluate(_SCREENS) / SCREEN
    found = [f"{screens:.1f} screens long"] if screens > MOST_SCREENS else []
    page.evaluate(_SCROLL_TO_PAGE)
    found += at_rest(page, lambda: out_of_view(page))
    page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 2400)")
    page.wait_for_timeout(300)
    return found + at_rest(page, lambda: [] if page.evaluate(_IN_VIEW)["strip"] else ["the strip scrolled away"])


def out_of_view(page: Page) -> list[str]:
    """Say which of the strip, a control and a chart is not in the window, and whether the strip has its figures."""
    seen = page.evaluate(_IN_VIEW)
    known = page.locator(".wb-page .wb-figure").count()  # a step nobody has begun may know none
    found = []
    if seen["strips"] != 1 or not min(3, known) <= seen["figures"] <= 6:
        found.append(f"{seen['strips']} strips with {seen['figures']} figures, of {known} that are known")
    has_chart = page.locator(".wb-page .wb-chart-canvas svg").count() > 0
    parts = ("strip", "control", *(["chart"] if has_chart else []))
    return found + [f"the {part} is out of view" for part in parts if not seen[part]]


def put_on_the_page(name: str) -> list[str]:
    """Return what the cells of a notebook put on the page, each a section at least; the last says it in a few lines."""
    cells = json.loads((bundled("notebooks") / name).read_text(encoding="utf-8"))["cells"]
    *parts, told = ["".join(each["source"]).splitlines()[-1] for each in cells if each["cell_type"] == "code"]
    assert told == "panel.conclusion()"
    return parts


def picture_sections(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of every section on the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(sections(page)):
        each.scroll_into_view_if_needed()
        wait_for_charts(page)
        each.screenshot(path=folder / f"{name}_{number}.png")
