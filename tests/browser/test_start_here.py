"""The first notebook in JupyterLab: data brought in, mistakes corrected, a study made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from notebook_view import section
from playwright.sync_api import expect

from workbench.workspace import make_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
FOLDER = "company"
ACCOUNTS = b"account_id,name,seats\na1,Harbour,4\na2,Ostrava,9\n"
RIGHT = b"account_id,month,amount\na1,2024-01,100\na1,2024-02,120\na2,2024-02,80\n"
WRONG = b"account_id,month,amount\na1,2024-01,100\na1,2024-02,many\na2,2024-02,80\n"


@pytest.fixture(scope="module")
def workspace(lab: Lab) -> Path:
    """Return a folder as `make lab` leaves it, served by JupyterLab."""
    return make_workspace(lab.folder / FOLDER).folder


def open_notebook(lab: Lab, page: Page, name: str) -> None:
    """Open a notebook of the workspace and run it."""
    lab.open(page, f"{FOLDER}/{name}")
    lab.run_all(page)


def csv(name: str, content: bytes) -> dict[str, object]:
    """Return a file as the browser hands it over."""
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def test_a_mistake_is_shown_corrected_and_a_study_made(
    lab: Lab, workspace: Path, page: Page, screenshots: Path
) -> None:
    """Files handed over with a mistake show it in a table; corrected ones become a study, which is then open."""
    open_notebook(lab, page, "00_start_here.ipynb")
    page.screenshot(path=screenshots / "start_top.png")
    data = section(page, "Check your own data")
    data.get_by_label("Name for files handed over").fill("Harbour Inc")
    data.get_by_label("Name for files handed over").press("Tab")
    chooser = data.get_by_label("Files from your computer")
    chooser.set_input_files([csv("accounts.csv", ACCOUNTS), csv("mrr.csv", WRONG)])
    problem = data.get_by_role("row", name="mrr.csv")
    problem.wait_for()
    expect(problem).to_contain_text("many")
    data.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "start_problems.png")
    with page.expect_download() as saved:
        data.get_by_role("link", name="Save the list as CSV").click()
    assert saved.value.suggested_filename == "problems.csv"
    chooser.set_input_files([csv("mrr.csv", RIGHT)])
    data.get_by_text("2 accounts, 2 months").wait_for()
    data.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "start_understood.png")
    form = section(page, "Make a study of it")
    form.get_by_label("Currency of the amounts").fill("EUR")
    form.get_by_label("Title", exact=True).fill("New prices")
    form.get_by_label("Title", exact=True).press("Tab")
    form.get_by_role("button", name="Make study").click()
    section(page, "Today, as recorded").get_by_text("€200").wait_for()
    made = json.loads((workspace / "studies" / "harbour-inc" / "study.json").read_text(encoding="utf-8"))
    assert (made["title"], made["currency"]) == ("New prices", "EUR")
    section(page, "Make a study of it").scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "start_made.png")
