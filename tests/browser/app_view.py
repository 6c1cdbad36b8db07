"""The app and its notebooks as they open by themselves in JupyterLab: go there, and wait until a step is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab_driver import PATIENCE
from notebook_view import wait_for_charts

if TYPE_CHECKING:
    from lab_driver import Lab
    from playwright.sync_api import Page

    from workbench.workspace import Workspace

LONG = 4 * PATIENCE
IS_READY = """() => { const said = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .wb-bar-said');
  return said && said.textContent === '' && said.previousElementSibling.hidden; }"""


def visit(lab: Lab, page: Page, space: Workspace, name: str) -> None:
    """Open a notebook with nothing else on the page, and wait until whatever it does by itself is done."""
    page.goto(f"{lab.url}/lab/workspaces/app/tree/{space.folder.name}/{name}?reset", wait_until="domcontentloaded")
    page.wait_for_function(IS_READY, timeout=LONG)


def step_in_view(page: Page) -> str:
    """Return the step that the rail marks as the one in view."""
    return page.locator(".wb-rail-step[aria-current]").get_attribute("data-step")


def wait_for_step(page: Page, key: str) -> None:
    """Wait until a step is in view and its panel is built."""
    page.locator(f".wb-rail-step[aria-current][data-step={key}]").wait_for(timeout=PATIENCE)
    page.locator(".wb-app[aria-busy=false]").wait_for(timeout=LONG)
    page.locator(".wb-step :is(.wb-section, .wb-page)").first.wait_for(timeout=LONG)
    wait_for_charts(page)
