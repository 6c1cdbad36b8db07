"""Every notebook of the workbench in JupyterLab: it runs, nothing is dead, cut off, too wide, or shut to anybody."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from notebook_view import LAID_OUT, OURS, Listener, sections, troubles, violations, wait_for_charts

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


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_reads(lab: Lab, workspace: Workspace, page: Page, screenshots: Path, name: str) -> None:
    """Run whole, a notebook shows what it says in 1280 pixels, and axe finds nothing serious, light or dark."""
    heard = Listener(page)
    shutil.copyfile(bundled("notebooks") / name, workspace.folder / name)
    lab.open(page, f"{workspace.folder.name}/{name}")
    lab.run_all(page, patience=PATIENCE)
    wait_for_charts(page)
    shown, parts = len(sections(page)), put_on_the_page(name)
    assert shown >= len(parts) >= 4, f"{name} shows {shown} sections for {parts}"
    assert troubles(page) == []
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size(WHOLE_SECTION)
    wait_for_charts(page)
    picture_sections(page, screenshots / "sections", f"{name.partition('_')[0]}_light")
    page.add_style_tag(content=LAID_OUT)
    assert [*troubles(page), *violations(page, OURS)] == []
    lab.set_theme(page, "JupyterLab Dark")
    wait_for_charts(page)
    picture_sections(page, screenshots / "sections", f"{name.partition('_')[0]}_dark")
    assert [*troubles(page), *violations(page, OURS)] == []
    lab.set_theme(page, "JupyterLab Light")
    assert heard.complaints == []
    lab.shut_kernels_down(page)


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
