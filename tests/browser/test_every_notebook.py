"""Every notebook of the workbench in JupyterLab: it runs, nothing is dead, cut off or wider than the window."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from notebook_view import Listener, sections, troubles, wait_for_charts

from workbench.files import bundled

if TYPE_CHECKING:
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted(path.name for path in bundled("notebooks").glob("*.ipynb"))
PATIENCE = 90_000
"""Milliseconds the slowest notebook may take on a busy machine."""
WHOLE_SECTION = {"width": 1280, "height": 2000}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_reads(lab: Lab, workspace: Workspace, page: Page, screenshots: Path, name: str) -> None:
    """Run from top to bottom, a notebook shows what it says, in 1280 pixels, in the light and in the dark theme."""
    heard = Listener(page)
    shutil.copyfile(bundled("notebooks") / name, workspace.folder / name)
    lab.open(page, f"{workspace.folder.name}/{name}")
    lab.run_all(page, patience=PATIENCE)
    wait_for_charts(page)
    assert len(sections(page)) >= 5, f"{name} shows {len(sections(page))} sections"
    assert troubles(page) == []
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size(WHOLE_SECTION)
    wait_for_charts(page)
    picture_sections(page, screenshots / "sections", f"{name.partition('_')[0]}_light")
    lab.set_theme(page, "JupyterLab Dark")
    wait_for_charts(page)
    picture_sections(page, screenshots / "sections", f"{name.partition('_')[0]}_dark")
    lab.set_theme(page, "JupyterLab Light")
    assert heard.complaints == []
    lab.shut_kernels_down(page)


def picture_sections(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of every section on the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(sections(page)):
        each.scroll_into_view_if_needed()
        wait_for_charts(page)
        each.screenshot(path=folder / f"{name}_{number}.png")
