"""A session on what a design does to every customer: prices tried, an account looked at, limits, the way there."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from lab_driver import PATIENCE, open_page
from notebook_view import Listener, section, wait_for_charts, wait_until
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Browser, Locator, Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser
NOTEBOOK = "07_scenarios_and_report.ipynb"
WHO = "Who pays more, who pays less"
BRIDGE, BANDS, MARKS = "Steps from revenue", "Bars that count the accounts", "One mark per account"
STEPS = 10


@pytest.fixture(scope="module")
def own(lab: Lab, make_sample_workspace: Callable[[Path], Workspace]) -> Workspace:
    """Return a workspace of its own, so that what is chosen here is chosen nowhere else."""
    return make_sample_workspace(lab.folder / "impact")


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab, own: Workspace) -> Iterator[Page]:
    """Return a page on which the last notebook has run."""
    with open_page(browser) as opened:
        lab.open(opened, f"{own.folder.name}/{NOTEBOOK}")
        lab.run_all(opened, patience=4 * PATIENCE)
        wait_for_charts(opened)
        yield opened
        lab.shut_kernels_down(opened)


def study(own: Workspace) -> dict:
    """Return the study as it lies on disk."""
    return json.loads((own.sample / "study.json").read_text(encoding="utf-8"))


NET = "Revenue of the new list, each account keeping its discount"


def chart(part: Locator, words: str) -> Locator:
    """Return the chart of a section whose description starts with these words."""
    return part.locator(f'.wb-chart-canvas[aria-label^="{words}"]')


def picture(part: Locator, words: str) -> str:
    """Return the drawing of a chart as text, to see whether it changed."""
    return chart(part, words).locator("svg").inner_html()


def test_a_price_on_the_move_takes_charts_and_guardrails_along(page: Page) -> None:
    """Ten presses on the slider change bridge, distribution, key figure and verdict, and put nothing in the study."""
    heard = Listener(page)
    part = section(page, WHO)
    part.scroll_into_view_if_needed()
    limits = section(page, "Guardrails")
    pictures = picture(part, BRIDGE), picture(part, BANDS)
    figure = part.locator(".wb-figure", has=page.get_by_text(NET, exact=True)).locator(".wb-value").first
    revenue = figure.inner_text()
    slider = part.locator("input.wb-slider").first
    slider.focus()
    for _ in range(STEPS):
        page.keyboard.press("ArrowRight")
    expect(part.get_by_label("Changed by", exact=True).first).to_have_value(str(STEPS))
    expect(figure).not_to_have_text(revenue)
    expect(chart(part, BRIDGE)).to_contain_text("Prices tried out")
    wait_until(page, lambda: picture(part, BRIDGE) != pictures[0], "the bridge did not follow the price")
    wait_until(page, lambda: picture(part, BANDS) != pictures[1], "the distribution did not follow the price")
    expect(limits).to_contain_text("with the price tried out above")
    for _ in range(STEPS):
        page.keyboard.press("ArrowLeft")
    expect(limits).not_to_contain_text("with the price tried out above")
    assert heard.complaints == []


def test_a_clicked_mark_shows_its_account_line_by_line(page: Page) -> None:
    """A click on a mark of the chart names its account below, with its months and every line of its bills."""
    part = section(page, WHO)
    marks = chart(part, MARKS)
    marks.scroll_into_view_if_needed()
    mark = marks.locator("svg .mark-symbol path").nth(5)
    mark.click(force=True)
    table = part.get_by_text(", month by month")
    table.wait_for()
    account = table.inner_text().partition(",")[0]
    chosen = part.get_by_label("Account", exact=True).first
    expect(chosen.locator("option:checked")).to_have_text(account)
    part.get_by_text("Line by line").click()
    expect(part.get_by_role("columnheader", name="Line", exact=True)).to_be_visible()
    expect(part.get_by_text(f"Every line of the bills of {account}")).to_be_visible()


def test_a_design_that_crosses_a_guardrail_is_chosen_only_with_a_reason(page: Page, own: Workspace) -> None:
    """Without a reason the choice is refused in words; with one it is saved beside who decided."""
    guardrails = section(page, "Guardrails")
    least = guardrails.get_by_label("Revenue changes by at least", exact=True)
    least.fill("10")
    least.press("Enter")
    expect(guardrails).to_contain_text("Choosing it takes a reason that answers them.")
    form = section(page, "Choose a scenario")
    form.scroll_into_view_if_needed()
    was = study(own)["chosen"]
    form.get_by_label("Reason for choosing it").fill("")
    form.get_by_label("Decided by").fill("Ada")
    form.get_by_label("Decided by").press("Tab")
    form.get_by_role("button", name="Choose this scenario").click()
    expect(form).to_contain_text("reason")
    assert study(own)["chosen"] == was
    form.get_by_label("Reason for choosing it").fill("The steep rises are small accounts that we call first.")
    form.get_by_label("Reason for choosing it").press("Tab")
    form.get_by_role("button", name="Choose this scenario").click()
    wait_until(page, lambda: (study(own)["chosen"] or {}).get("who") == "Ada", "the choice was never saved")
    assert study(own)["chosen"]["reason"] == "The steep rises are small accounts that we call first."


def test_the_way_is_changed_and_the_list_taken_along(page: Page, own: Workspace) -> None:
    """Another policy moves the paths and is saved with the design; the list to act on arrives as a file of accounts."""
    part = section(page, "The way to the new prices")
    part.scroll_into_view_if_needed()
    before = picture(part, "Lines of monthly revenue")
    part.get_by_label("Policy", exact=True).select_option("phased steps")
    expect(part).to_contain_text("The change comes in steps")
    wait_until(page, lambda: picture(part, "Lines of monthly revenue") != before, "the paths did not follow the policy")
    wait_until(page, lambda: '"phased steps"' in (own.sample / "study.json").read_text(), "the policy was never saved")
    part.get_by_role("button", name="Make the list to act on").click()
    link = part.get_by_role("link", name="Save the list as CSV")
    link.wait_for()
    with page.expect_download() as saved:
        link.click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) > 100
    assert all(row["Account"] and row["Suggested talking point"] for row in rows)
    with page.expect_download() as book:
        part.get_by_role("link", name="Save the list as Excel").click()
    assert book.value.path().read_bytes()[:2] == b"PK"


def test_terms_of_steadier_revenue_move_their_figures(page: Page) -> None:
    """A longer smoothing changes the bars and the table, whose terms say so."""
    part = section(page, "Steadier revenue")
    part.scroll_into_view_if_needed()
    before = picture(part, "Three bars per way")
    box = part.get_by_label("Smoothing: mean of", exact=True)
    box.fill("9")
    box.press("Enter")
    expect(part).to_contain_text("mean of the last 9 months")
    wait_until(page, lambda: picture(part, "Three bars per way") != before, "the bars did not follow the smoothing")
