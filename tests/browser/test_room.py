"""A whole workshop in Chromium: three phones, a wall and a facilitator, with all that happens in a room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_view import violations, wait_until
from playwright.sync_api import expect
from room_view import ANSWERS, Screen, Served, agenda, served

from workbench.pages.room import RoomLine
from workbench.workshop import SentAnswer, offline_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from workbench.workshop import Agenda

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"
WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll("button, input[type=text], textarea, label.option, summary")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 40).map((each) => each.outerHTML)"""


class Held:
    """Everybody in the room."""

    def __init__(self, browser: Browser, room: Served, screenshots: Path) -> None:
        self.room, self.screenshots = room, screenshots
        self.phones = [Screen(browser, 320, 640), Screen(browser, 390, 844, "dark"), Screen(browser, 390, 844)]
        self.wall, self.facilitator = Screen(browser, 1280, 800), Screen(browser, 1280, 900)
        self.screens = [*self.phones, self.wall, self.facilitator]

    def press(self, name: str) -> None:
        """Press a button of the facilitator, and wait until the room has moved."""
        before = self.room.room.place.revision
        self.facilitator.page.locator(f"#{name}").click()
        wait_until(self.facilitator.page, lambda: self.room.room.place.revision > before, f"{name} moved nothing")

    def picture(self, name: str) -> None:
        """Hold every kind of page to what it must be, and keep pictures of them."""
        kinds = {"phone_320": self.phones[0], "phone_390_dark": self.phones[1], "wall": self.wall}
        for kind, screen in {**kinds, "facilitator": self.facilitator}.items():
            screen.page.screenshot(path=self.screenshots / f"room_{name}_{kind}.png", full_page=True)
            assert violations(screen.page) == [], (name, kind)
            assert not screen.page.evaluate(WIDER), (name, kind)
            assert screen.page.evaluate(SMALL) == [], (name, kind)


@pytest.fixture
def held(browser: Browser, tmp_path: Path, screenshots: Path) -> Iterator[Held]:
    """Return a room with its wall and facilitator, and three phones that have not joined."""
    with served(tmp_path) as room:
        everybody = Held(browser, room, screenshots)
        everybody.wall.open(room.wall)
        everybody.facilitator.open(room.facilitator)
        try:
            yield everybody
            for screen in everybody.screens:
                assert screen.errors == []
                assert {url for url in screen.asked if not url.startswith(room.url)} == set()
        finally:
            for screen in everybody.screens:
                screen.context.close()


def score(page: Page, rows: int, seats: int) -> None:
    """Score both metrics."""
    for option, value in (("rows-synced", rows), ("seats", seats)):
        page.locator(f"#of-{option} label").nth(value - 1).click()


def fill_ranges(page: Page, **ranges: str) -> None:
    """Type low, likely and high of each."""
    for option, three in ranges.items():
        for at, number in enumerate(three.split()):
            page.fill(f"#of-{option.replace('_', '-')}-{at}", number)


def place_cards(page: Page) -> None:
    """Put each feature into a group."""
    for option, group in (("single-sign-on", "Professional"), ("audit-log", "Add-on")):
        page.locator(f"#of-{option} label:has-text('{group}')").click()


def give_points(page: Page) -> None:
    """Give all three points to the first idea."""
    for _ in range(3):
        page.locator("button[aria-label^='One point more']").first.click()


def rate_risk(page: Page) -> None:
    """Rate likelihood and effect."""
    for group in page.locator("#of-churn .scale").all():
        group.locator("label").nth(2).click()


def say_how_sure(page: Page) -> None:
    """Show four fingers, and object."""
    page.locator("#of-fingers label").nth(3).click()
    page.fill("#objection", SCRIPT)


FILL = {
    "metric": lambda page: score(page, 4, 2),
    "models": lambda page: page.locator("#move-usage--1").click(),
    "features": place_cards,
    "prices": lambda page: fill_ranges(page, team="20 29 49", pro="80 99.5 1,500"),
    "ideas": lambda page: page.fill("#idea-0", f"Security pack {SCRIPT}"),
    "points": give_points,
    "names": lambda page: page.fill("#of-security-pack", "Guard"),
    "risks": rate_risk,
    "finance": lambda page: fill_ranges(page, churn_share="2 4 8,5"),
    "confidence": say_how_sure,
}


def send(page: Page) -> None:
    """Send the answer, and see that it is saved."""
    page.locator("#send").click()
    expect(page.locator("#standing.saved")).to_be_visible()


def test_a_whole_workshop(held: Held) -> None:
    """Every exercise is answered on three phones; the wall shows how many, then the picture; all is sound and quiet."""
    names = ("Kim", SCRIPT[:40], "Lee")
    pages = [held.phones[at].join(held.room, names[at], by_picture=at == 1) for at in range(3)]
    expect(held.wall.page.locator(".numbers strong")).to_have_text("3")
    held.picture("lobby")
    onward = "next"
    for exercise in held.room.room.agenda.exercises:
        key, is_pictured = exercise.key, exercise.key in ("metric", "models", "prices", "points", "confidence", "risks")
        held.press(onward)
        held.press("open")
        for page in pages:
            expect(page.locator("h2")).to_have_text(exercise.title)
            expect(page.locator("#send")).to_be_visible()  # the title stands there before the question is open
            FILL[key](page)
        if is_pictured:
            held.picture(f"{key}_open")
        for page in pages:
            send(page)
        expect(held.wall.page.locator(".numbers strong").first).to_have_text("3 / 3")
        expect(held.facilitator.page.locator("#count")).to_have_text("3 of 3 have answered")
        held.press("close")
        held.press("reveal")
        for screen in held.screens:
            expect(screen.page.locator(".picture")).to_be_visible()
        if is_pictured:
            held.picture(f"{key}_revealed")
        onward = "next"
        if exercise.rounds > 1:
            held.press("next")
            onward = "skip"
    assert held.wall.page.locator("main img, main script").count() == 0, "script in a name or an idea stays text"
    expect(held.wall.page.locator(".texts")).to_contain_text(SCRIPT)
    held.facilitator.page.on("dialog", lambda dialog: dialog.accept())
    held.press("end")
    for screen in held.screens:
        expect(screen.page.locator("h2")).to_have_text("The workshop has ended")
    assert {each.exercise for each in held.room.room.held.all_votes} == {e.key for e in held.room.room.agenda.exercises}


def type_in_a_sheet(held: Held, alias: str, role: str) -> None:
    """Type what stands on paper into a page of its own, as the facilitator does."""
    desk = held.facilitator.page
    desk.fill("#paper-alias", alias)
    desk.locator("#paper-role").select_option(role)
    with held.facilitator.context.expect_page() as opened:
        desk.get_by_role("button", name="Type in a sheet").click()
    sheet = opened.value
    expect(sheet.locator("#whose")).to_have_text(f"{alias} · {role}")
    score(sheet, 1, 2)
    send(sheet)
    sheet.close()


def fill_a_page(held: Held, folder: Path) -> Path:
    """Answer on the page for people elsewhere, which has no network; return the file it saves."""
    place = folder / "page.html"
    place.write_text(offline_page(held.room.room.agenda), encoding="utf-8")
    elsewhere = held.phones[0].context.new_page()
    elsewhere.goto(place.as_uri())
    elsewhere.get_by_label("Your role").select_option("Product")
    asked = held.room.room.agenda.exercises[0].title
    metric = elsewhere.locator("section").filter(has=elsewhere.get_by_role("heading", name=asked, exact=True))
    for group in metric.locator("fieldset").all():
        group.get_by_role("radio", name="3").check()
    with elsewhere.expect_download() as download:
        elsewhere.get_by_role("button", name="Save my answers").click()
    download.value.save_as(folder / "answers.json")
    elsewhere.close()
    return folder / "answers.json"


def answer_on_paper(held: Held, folder: Path) -> None:
    """Add a sheet, and a page from elsewhere; added again by mistake, it counts once."""
    desk = held.facilitator.page
    desk.locator("#paper summary").click()
    type_in_a_sheet(held, "Sheet 1", "Product")
    filled = fill_a_page(held, folder)
    for _ in range(2):
        desk.set_input_files("#filled", filled)
        expect(desk.locator("#said")).to_have_text("Answers added: 1")
        desk.locator("#said").evaluate("(each) => (each.textContent = '')")
    expect(desk.locator("#count")).to_have_text("5 of 5 have answered")


def test_reload_lost_connection_a_late_joiner_and_half_on_paper(held: Held, tmp_path: Path) -> None:
    """What is typed outlives a reload, what is sent without a connection arrives later, who comes late is with them.

    A sheet of paper and a page filled in elsewhere count with the phones, once each, in one result.
    """
    kim = held.phones[0].join(held.room, "Kim")
    lee = held.phones[1].join(held.room, "Lee")
    held.press("next")
    held.press("open")
    expect(kim.locator("#send")).to_be_visible()
    score(kim, 5, 1)
    expect(kim.locator("#standing")).to_have_text("Not sent yet.")
    kim.reload()
    expect(kim.locator("#of-rows-synced input:checked")).to_have_value("5")
    expect(kim.locator("#standing")).to_have_text("Not sent yet.")
    send(kim)
    kim.reload()
    expect(kim.locator("#standing.saved")).to_be_visible()

    score(lee, 2, 3)
    held.phones[1].context.set_offline(True)
    lee.locator("#send").click()
    expect(lee.locator("#standing")).to_contain_text("kept on this phone")
    assert held.room.room.count == 1
    held.phones[1].context.set_offline(False)
    expect(lee.locator("#standing.saved")).to_be_visible()
    expect(lee.locator("#line")).to_have_text("")
    assert held.room.room.count == 2

    late = held.phones[2].join(held.room, "Max", by_picture=True)
    expect(late.locator("h2")).to_have_text("Which value metric do customers want?")
    score(late, 4, 4)
    send(late)
    other = held.phones[2].context.new_page()  # the same phone opens the address twice: the same person
    other.goto(held.room.url)
    expect(other.locator("#whose")).to_have_text("Max · Finance")
    expect(other.locator("#of-seats input:checked")).to_have_value("4")
    other.close()
    assert len(held.room.room.people) == 3

    answer_on_paper(held, tmp_path)
    assert held.wall.page.locator("main > .picture").count() == 0
    for screen in (held.wall, held.facilitator):
        assert "median" not in screen.page.locator("body").inner_text().lower()
    held.press("close")
    held.press("reveal")
    for page in (kim, lee, late, held.wall.page):
        expect(page.locator(".picture")).to_contain_text("Answers: 5")
    held.press("next")
    held.press("open")
    expect(kim.locator("#send")).to_be_visible()
    expect(kim.locator("#of-rows-synced input:checked")).to_have_value("5")
    score(kim, 3, 1)
    send(kim)
    held.press("close")
    held.press("reveal")
    expect(held.wall.page.locator(".picture")).to_contain_text("1 of 1 changed their answer")


def test_a_phone_by_keyboard_alone(held: Held) -> None:
    """Joining, scoring and sending with Tab, arrows, Space and Enter; the focus goes to each new question."""
    phone = held.phones[0].open(held.room.url)
    phone.locator("#code").focus()
    phone.keyboard.type(held.room.room.code)
    phone.keyboard.press("Tab")
    phone.keyboard.type("Kim")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.keyboard.press("Enter")
    expect(phone.locator("h2")).to_have_text("You are in")
    held.press("next")
    held.press("open")
    expect(phone.locator("#send")).to_be_visible()
    assert phone.evaluate("() => document.activeElement.tagName") == "H2"
    for _ in range(2):
        while phone.evaluate("() => document.activeElement.type") != "radio":
            phone.keyboard.press("Tab")
        phone.keyboard.press("Space")
        phone.keyboard.press("ArrowRight")
        phone.keyboard.press("Tab")
    assert phone.evaluate("() => document.activeElement.id") == "send"
    phone.keyboard.press("Enter")
    expect(phone.locator("#standing.saved")).to_be_visible()
    assert phone.locator("input:checked").count() == 2
    held.facilitator.page.locator("#close").focus()
    held.facilitator.page.keyboard.press("Enter")
    expect(held.facilitator.page.locator("#reveal")).to_be_focused()


def test_a_press_counts_though_an_answer_comes_in_before_it_is_let_go(held: Held) -> None:
    """The facilitator's page is drawn anew with every answer, and not while one of its buttons is held down."""
    kim, desk = held.phones[0].join(held.room, "Kim"), held.facilitator.page
    held.press("next")
    held.press("open")
    desk.locator("#close").hover()
    desk.mouse.down()
    expect(kim.locator("#send")).to_be_visible()
    score(kim, 4, 2)
    send(kim)
    expect(held.wall.page.locator(".numbers strong").first).to_have_text("1 / 1")  # by now the desk has heard of it
    desk.mouse.up()
    expect(desk.locator("#reveal")).to_be_visible()
    expect(desk.locator("#count")).to_have_text("1 of 1 have answered")


def test_fifty_reconnects_of_one_phone(held: Held) -> None:
    """Loaded again, without a connection, asleep, opened twice: one person throughout, with the vote it gave."""
    phone, room = held.phones[0], held.room.room
    page = phone.join(held.room, "Kim", by_picture=True)
    held.press("next")
    held.press("open")
    score(page, 4, 2)
    send(page)
    link = f"{held.room.url}/#j={room.link}"
    for number in range(50):
        way = number % 4
        if way == 0:
            page.reload()
        elif way == 1:  # the network changes
            phone.context.set_offline(True)
            phone.context.set_offline(False)
        elif way == 2:  # asleep: the page is let go and comes back
            page.goto("about:blank")
            page.goto(held.room.url)
        else:  # the link of the picture, a second time
            again = phone.context.new_page()
            again.goto(link)
            page.close()
            page = again
        expect(page.locator("#standing.saved")).to_be_visible()
        expect(page.locator("#of-rows-synced input:checked")).to_have_value("4")
    assert [each.alias for each in room.people.values()] == ["Kim"]
    assert room.count == 1
    held.press("close")
    held.press("reveal")
    expect(page.locator(".picture")).to_contain_text("Answers: 1")


ARABIC = "ما هو مقياس القيمة الذي يريده العملاء فعلا؟"
GERMAN = "Nutzungsabhängigkeitsvereinbarungsgrundlagenbewertung der Preisgestaltungsworkshopteilnehmenden"


def spoken(words: str) -> Agenda:
    """Return the agenda with every kind of exercise, in these words."""
    asked = agenda().replaced(title=words)
    for each in asked.exercises:
        options = tuple(one.replaced(label=f"{words} {at}") for at, one in enumerate(each.options))
        groups = tuple(one.replaced(label=f"{words[:30]} {at}") for at, one in enumerate(each.groups))
        said = {"title": words, "question": words, "shown_first": words, "options": options, "groups": groups}
        asked = asked.with_exercise(each.replaced(**said))
    return asked


@pytest.mark.parametrize(("words", "direction"), [(ARABIC, "rtl"), (GERMAN, "ltr")], ids=["rtl", "ltr"])
def test_other_scripts_and_long_words_on_the_smallest_phone(
    browser: Browser, tmp_path: Path, screenshots: Path, words: str, direction: str
) -> None:
    """Right to left and in long words, at 320 px in the dark: nothing is wider than the phone, all can be hit."""
    with served(tmp_path, spoken(words)) as room:
        phone, wall = Screen(browser, 320, 640, "dark"), Screen(browser, 1280, 800)
        page = phone.join(room, words[:40])
        wall.open(room.wall)
        told, ballots = RoomLine(room.facilitator), room.room.ballots
        secrets = [ballots.join(ballots.link, f"{words[:20]} {number}", "Finance") for number in range(6)]
        answers = {**ANSWERS, "ideas": [words], "points": {"idea-1": 3}, "names": {"security-pack": words}}
        answers["confidence"] = {"fingers": 2, "objection": words}
        for step, exercise in enumerate(room.room.agenda.exercises):
            for move in ("next", "open", "close", "reveal"):
                told.ask("/api/move", {"move": move, "revision": room.room.place.revision})
                expect(page.locator("h2")).to_have_text(words)
                if move == "open":
                    ballots.save([SentAnswer(each, step, 1, answers[exercise.key]) for each in secrets])
                if move in ("open", "reveal"):
                    expect(page.locator("#send" if move == "open" else ".picture")).to_be_visible()
                    page.screenshot(path=screenshots / f"room_{direction}_{exercise.key}_{move}.png", full_page=True)
                    assert not page.evaluate(WIDER), (exercise.key, move)
                    assert page.evaluate(SMALL) == [], (exercise.key, move)
                    assert not wall.page.evaluate(WIDER), (exercise.key, move)
            if exercise.rounds > 1:
                told.ask("/api/move", {"move": "next", "revision": room.room.place.revision})
        assert page.evaluate("document.documentElement.dir") == direction
        assert violations(page) == []
        assert phone.errors == wall.errors == []
        phone.context.close()
        wall.context.close()


def test_a_stream_that_does_not_get_through(browser: Browser, held: Held) -> None:
    """Where something on the way keeps streams back, the page looks every two seconds and hears all the same."""
    screen = Screen(browser, 390, 844)
    screen.page.route("**/api/events", lambda _: None)  # neither answered nor refused
    page = screen.join(held.room, "Kim")
    expect(page.locator("h2")).to_have_text("You are in")
    held.press("next")
    held.press("open")
    expect(page.locator("#send")).to_be_visible()
    screen.context.close()
