"""The first notebook in JupyterLab: data brought in, mistakes corrected, a study made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from notebook_view import section, troubles
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent.parent / "customers" / "intake"))

from intake_exports import write_exports

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab_driver import Lab
    from playwright.sync_api import Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser
FOLDER = "company"
ACCOUNTS = b"account_id,name,seats\na1,Harbour,4\na2,Ostrava,9\n"
RIGHT = b"account_id,month,amount\na1,2024-01,100\na1,2024-02,120\na2,2024-02,80\n"
WRONG = b"account_id,month,amount\na1,2024-01,100\na1,2024-02,many\na2,2024-02,80\n"


@pytest.fixture(scope="module")
def workspace(lab: Lab, make_sample_workspace: Callable[[Path], Workspace]) -> Path:
    """Return a folder as `make lab` leaves it, served by JupyterLab."""
    return make_sample_workspace(lab.folder / FOLDER).folder


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


def test_raw_exports_are_mapped_confirmed_and_say_something_in_three_clicks(
    lab: Lab, workspace: Path, page: Page, screenshots: Path
) -> None:
    """Four exports as four systems write them: look, correct one column, confirm, read the first finding."""
    write_exports(workspace / "exports" / "acme")
    open_notebook(lab, page, "00_start_here.ipynb")
    ours = section(page, "Bring your exports in")
    ours.get_by_label("Folder, workbook or file").fill("exports/acme")
    ours.get_by_role("button", name="Look at them").click()
    crm = ours.get_by_role("region", name="hubspot-crm-exports-all-companies.csv")
    crm.wait_for()
    ours.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "exports_asked.png")
    # What is not known for certain is asked about, with the evidence; what a known export says is not.
    expect(ours.get_by_text("readme.pdf is not read: a PDF document")).to_be_visible()
    expect(ours.get_by_text("Identifiers differ between the tables")).to_be_visible()
    expect(crm.get_by_role("row", name="Kundengruppe")).to_contain_text("to confirm")
    billing = ours.get_by_role("region", name="export (3).csv")
    expect(billing.get_by_text("to confirm")).to_have_count(0)
    crm.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "exports_columns.png")
    before = ours.get_by_role("button", name="suggestions and make the study").inner_text()
    crm.get_by_label("Kundengruppe (hubspot-crm-exports-all-companies.csv)", exact=True).select_option("region")
    expect(crm.get_by_role("row", name="Kundengruppe")).not_to_contain_text("to confirm")
    expect(ours.get_by_role("button", name="suggestions and make the study")).not_to_have_text(before)
    ours.get_by_role("button", name="suggestions and make the study").click()
    first = ours.locator(".wb-findings > li").first
    ours.get_by_text("What the data says first").wait_for()
    first.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "exports_first_finding.png")
    study = workspace / "studies" / "acme"
    assert 'Kundengruppe = "region"' in (study / "mapping.toml").read_text(encoding="utf-8")
    assert ' ?"' not in (study / "mapping.toml").read_text(encoding="utf-8")
    section(page, "Today, as recorded").get_by_text("Monthly recurring revenue").wait_for()
    assert troubles(page) == []


def test_ten_columns_renamed_reordered_and_translated_are_asked_about_one_by_one(
    lab: Lab, workspace: Path, page: Page, screenshots: Path
) -> None:
    """Nothing of a header nobody knows is taken for granted: each column stands there to be confirmed."""
    header = "Notiz;Stand;Kd-Bezeichnung;Laufzeitbeginn;Netto p.a.;Zahlw.;Ende;Stk;Whg;Kd"
    rows = [f"x;aktiv;Kunde {n};0{n + 1}.01.2024;{n + 1}200,50;jährlich;;1;EUR;K{n}" for n in range(8)]
    (workspace / "vertraege.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    open_notebook(lab, page, "00_start_here.ipynb")
    ours = section(page, "Bring your exports in")
    ours.get_by_label("Folder, workbook or file").fill("vertraege.csv")
    ours.get_by_role("button", name="Look at them").click()
    card = ours.get_by_role("region", name="vertraege.csv")
    card.wait_for()
    expect(card.locator("tbody tr.wb-import-open")).to_have_count(len(header.split(";")))
    ours.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "exports_translated.png")
