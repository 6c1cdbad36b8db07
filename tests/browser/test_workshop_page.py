"""A workshop in a browser: the page for people elsewhere on a small phone, and the desk of the facilitator."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from lab_driver import PATIENCE, open_page
from notebook_view import wait_until
from playwright.sync_api import expect
from room_view import Screen

from workbench.stages.workshop import frozen_agenda
from workbench.workshop import HeldWorkshop, offline_page, with_filled_pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Browser, Page

    from workbench.customers import CustomerBase
    from workbench.study import Study
    from workbench.workshop import Agenda
    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser
SMALL = (320, 640)


@pytest.fixture(scope="module")
def agenda(sample_company: CustomerBase, decided_sample: Study) -> Agenda:
    """Return what a room is asked about the sample's first design."""
    return frozen_agenda(sample_company, decided_sample, decided_sample.designs[0])


def exercise(page: Page, title: str) -> object:
    """Return the part of the page that asks one thing."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_the_offline_page_is_answered_on_a_phone_and_its_file_counts_once(
    browser: Browser, agenda: Agenda, tmp_path: Path, screenshots: Path
) -> None:
    """It says what is wrong, keeps what was typed over a reload, needs no network, and its file is one person."""
    place = tmp_path / "page.html"
    place.write_text(offline_page(agenda), encoding="utf-8")
    with open_page(browser, viewport=SMALL) as page:
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(place.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]
        save, told = page.get_by_role("button", name="Save my answers"), page.locator("#told")
        save.click()
        expect(told).to_have_text("Choose your role first.")
        page.get_by_label("Your role").select_option("Sales")
        exercise(page, "Customers want more of it").get_by_role("radio", name="4").first.check()
        prices = exercise(page, "What each offer may cost").get_by_role("spinbutton")
        for at, price in enumerate(("30", "25", "40")):
            prices.nth(at).fill(price)
        save.click()
        expect(told).to_contain_text("Essentials: low, likely and high must rise.")
        prices.nth(0).fill("20")
        sure = exercise(page, "How sure are we")
        sure.get_by_role("radio", name="2").check()
        sure.get_by_label("Objection").fill("<img src=x onerror=alert(1)>")
        page.reload()
        expect(prices.nth(0)).to_have_value("20")
        with page.expect_download() as download:
            save.click()
        content = download.value.path().read_bytes()
        page.screenshot(path=screenshots / "workshop_offline.png")
    assert faults == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob"}
    filled = json.loads(content)
    assert set(filled) == {"workshop", "agenda", "person", "role", "answers"}
    held = with_filled_pages(HeldWorkshop(key=agenda.key, agenda=agenda), {"a.json": content, "again.json": content})
    assert (held.people, len(held.votes)) == (1, 3)


def test_the_facilitator_takes_over_and_tries_from_the_notebook(
    browser: Browser, lab: Lab, screenshots: Path, make_sample_workspace: Callable[[Path], Workspace]
) -> None:
    """An outcome goes into its step with one button and the vote into the log; a proposal is a scenario at once."""
    workspace = make_sample_workspace(lab.folder / "workshop")  # of its own: prices change here

    def saved() -> dict:
        return json.loads((workspace.sample / "study.json").read_text(encoding="utf-8"))

    with open_page(browser) as page:
        lab.open(page, f"{workspace.folder.name}/08_workshop.ipynb")
        lab.run_all(page, patience=4 * PATIENCE)
        desk = lab.panel(page)
        desk.get_by_role("tab", name="Take over, or try").click()
        desk.get_by_label("Outcome").first.select_option(label="What each offer may cost")
        desk.get_by_label("Reason").first.fill("The room knows its customers.")
        desk.get_by_label("Who decides").first.fill("Ana")
        desk.get_by_role("button", name="Take it over").first.click()
        wait_until(page, lambda: saved()["decisions"][-1]["who"] == "Ana", "the outcome was never taken over")
        record = saved()["decisions"][-1]
        assert record["stage"] == "tiers"
        assert any("Objection: " in each for each in record["evidence"])
        desk.get_by_label("What if, called").first.fill("Kim's proposal")
        desk.get_by_label("with a price for").first.select_option(label="Essentials")
        desk.get_by_role("button", name="Try it").first.click()
        wait_until(page, lambda: "Kim's proposal" in {each["name"] for each in saved()["scenarios"]}, "no scenario")
        expect(desk.get_by_text("is a scenario now").first).to_be_visible()
        page.screenshot(path=screenshots / "workshop_desk.png")
        desk.get_by_role("tab", name="Afterwards").click()
        desk.get_by_role("button", name="Make a page of this workshop").first.click()
        link = desk.get_by_role("link", name="Save the page of the workshop").first
        expect(link).to_be_visible()
        content = base64.b64decode(str(link.get_attribute("href")).partition("base64,")[2]).decode()
        assert "Objections in their own words" in content
        assert "Read the metrics aloud" not in content, "what the facilitator should know stands on the page"
        lab.shut_kernels_down(page)


def come_in(phone: Screen, base: str, code: str, alias: str) -> None:
    """Join the room by the typed code."""
    phone.open(base)
    phone.page.fill("#code", code)
    phone.page.fill("#alias", alias)
    phone.page.locator("label:has-text('Sales')").click()
    phone.page.locator("button.main").click()


def answer(phone: Screen) -> None:
    """Score everything with four, and see that it is saved."""
    expect(phone.page.locator("#send")).to_be_visible()
    for scale in phone.page.locator("fieldset[id^='of-']").all():
        scale.locator("label").nth(3).click()
    phone.page.locator("#send").click()
    expect(phone.page.locator("#standing.saved")).to_be_visible()


def test_the_room_is_opened_and_led_from_the_notebook(
    browser: Browser, lab: Lab, screenshots: Path, make_sample_workspace: Callable[[Path], Workspace]
) -> None:
    """Three phones and a wall around the controls of notebook 08; the facilitator's page and they follow each other."""
    workspace = make_sample_workspace(lab.folder / "room")

    def held() -> dict:
        return json.loads((workspace.sample / "study.json").read_text(encoding="utf-8"))["workshops"]

    before = set(held())
    with open_page(browser) as page:
        lab.open(page, f"{workspace.folder.name}/08_workshop.ipynb")
        lab.run_all(page, patience=4 * PATIENCE)
        desk = lab.panel(page)

        def press(name: str) -> None:
            desk.get_by_role("button", name=name, exact=True).last.click()

        press("Open the room")
        links = desk.locator("a[href*='#s=']")
        expect(links).to_have_count(2, timeout=2 * PATIENCE)
        facilitator, wall = (str(each.get_attribute("href")) for each in links.all())
        base = facilitator.partition("/facilitator")[0]
        expect(desk.get_by_text("Welcome page").last).to_be_visible()
        press("Next")
        expect(desk.get_by_text("Question 1 of").last).to_be_visible()
        screens = [Screen(browser, 390, 844) for _ in range(3)]
        shown, other = Screen(browser, 1280, 800), Screen(browser, 1280, 900)
        other.open(facilitator)
        link = str(other.page.evaluate("document.querySelector('.code').textContent"))
        for number, each in enumerate(screens):
            come_in(each, base, link, f"P{number}")
        shown.open(wall)
        press("Open the round")
        for each in screens:
            answer(each)
        expect(desk.get_by_text("3 of 3 have answered").last).to_be_visible()
        page.screenshot(path=screenshots / "workshop_led_from_notebook.png")
        other.page.locator("#close").click()  # somebody else leads on, and the notebook follows
        expect(desk.get_by_text("closed, not revealed").last).to_be_visible()
        assert set(held()) == before
        press("Reveal to everybody")
        expect(shown.page.locator(".picture")).to_contain_text("Answers: 3")
        expect(other.page.locator(".picture")).to_contain_text("Answers: 3")
        wait_until(page, lambda: set(held()) != before, "what was revealed is not in the study")
        (new,) = set(held()) - before
        assert len(held()[new]["votes"]) == 3
        press("End the workshop")
        expect(desk.get_by_text("Ending is not confirmed").last).to_be_visible()
        desk.get_by_label("Nobody answers any more").last.check()
        press("End the workshop")
        expect(screens[0].page.locator("h2")).to_have_text("The workshop has ended")
        expect(desk.get_by_text("The workshop has ended").last).to_be_visible()
        page.screenshot(path=screenshots / "workshop_ended_in_notebook.png")
        press("Stop")
        for each in (*screens, shown, other):
            assert each.errors == []
            each.context.close()
        lab.shut_kernels_down(page)
