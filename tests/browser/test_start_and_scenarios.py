"""The first and the last notebook in JupyterLab: data brought in, mistakes corrected, designs compared and chosen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lab_driver import PATIENCE
from notebook_view import section, wait_until
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
    (workspace / "studies" / ".current").write_text("sample\n", encoding="utf-8")


def saved_with(page: Page, study: Path, words: str) -> dict[str, Any]:
    """Return a study as saved once its file holds some words: it is written just after the page shows a change."""
    wait_until(page, lambda: words in study.read_text(encoding="utf-8"), f"{study.name} never held {words}")
    return json.loads(study.read_text(encoding="utf-8"))


def test_a_design_is_copied_chosen_and_reported(lab: Lab, workspace: Path, page: Page, screenshots: Path) -> None:
    """A copy stands beside the first design at once, the choice is saved with its reason, the report is written."""
    (workspace / "studies" / ".current").write_text("sample\n", encoding="utf-8")
    open_notebook(lab, page, "07_scenarios_and_report.ipynb")
    manage = section(page, "Add, rename and remove designs")
    manage.get_by_label("New name").fill("My copy")
    manage.get_by_label("New name").press("Tab")
    manage.get_by_role("button", name="Duplicate under this name").click()
    compared = section(page, "Scenarios side by side")
    compared.get_by_role("columnheader", name="My copy").first.wait_for(state="attached")
    choice = section(page, "Choose a design")
    choice.get_by_label("Reason for choosing it").fill("It charges for what grows.")
    choice.get_by_label("Decided by").fill("Ada")
    choice.get_by_label("Decided by").press("Tab")
    choice.get_by_role("button", name="Choose this design").click()
    choice.get_by_text("Reason: It charges for what grows.").wait_for()
    saved = saved_with(page, workspace / "studies" / "sample" / "study.json", '"who": "Ada"')
    first = next(scenario["id"] for scenario in saved["scenarios"] if scenario["kind"] == "design")
    assert (saved["chosen"]["scenario_id"], saved["chosen"]["who"]) == (first, "Ada")
    report = section(page, "Report")
    report.get_by_role("button", name="Write the report").click()
    link = report.get_by_role("link", name="Save the HTML report")
    link.wait_for(timeout=4 * PATIENCE)  # prices are searched first
    with page.expect_download() as copy:
        link.click()
    written = workspace / "reports" / "sample.html"
    assert copy.value.path().read_bytes() == written.read_bytes()
    page.set_viewport_size({"width": 1280, "height": 4200})
    compared.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "scenarios_whole.png")
