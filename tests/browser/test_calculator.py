"""The usage calculator as a customer meets it: typing, sliding, choosing, printing, with the network off."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest
from offline_page import CONTRAST, NAMELESS, opened
from playwright.sync_api import expect

from workbench.pricing import AddOn, Band, BillingPeriod, Charge, Feature, Limit, Plan, PriceBook
from workbench.report import Brand, calculator_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=document.title='taken'>"
MONTH, YEAR = BillingPeriod("month", 1), BillingPeriod("year", 12, 15)
DATA = Charge(
    "data_processed",
    "graduated",
    bands=[Band(100, "0.40"), Band(1000, "0.25", 10), Band(None, "0.1")],
    free_units=20,
    maximum=400,
)
NEW = PriceBook(
    "New",
    "USD",
    (
        Plan("Start", 19, [Charge("seats", "per_unit", unit_price=5, free_units=3), DATA], [Limit("seats", 20)], ["A"]),
        Plan("Grow", 49, [Charge("seats", "volume", bands=[Band(10, 12), Band(None, 8)])], features=["A", "B"]),
        Plan("Custom", None, features=["A", "B", "Only here"]),
        Plan("Hidden", 1, public=False),
    ),
    (AddOn("Sign-on pack", 30, features=["Sign-on"]),),
    (Feature("A"), Feature("B", "Area", "What B does"), Feature("Sign-on"), Feature("Only here")),
    (MONTH, YEAR),
)
TODAY = PriceBook(
    "Today",
    "USD",
    (
        Plan("Small", 0, [Charge("seats", "per_unit", unit_price="29.99")], [Limit("seats", 10)], ["A"]),
        Plan("Large", 0, [Charge("seats", "per_unit", unit_price="49.5")], features=["A", "B", "Sign-on"]),
    ),
)
START = {"seats": 8, "data_processed": "85.5"}


@pytest.fixture
def calculator(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Return the calculator of the two price books above."""
    html = calculator_html(TODAY, NEW, brand=Brand("Bright & Co", "#ffd400"), start=START)
    with opened(browser, tmp_path, html) as page:
        yield page


def money(amount: Decimal) -> str:
    """Write an amount the way a bill does."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,.2f}"


def used(seats: str, data: str) -> dict[str, str]:
    """Return quantities per metric."""
    return {"seats": seats, "data_processed": data}


def total(page: Page, plan: str) -> str:
    """Return the total on a plan's card."""
    return page.get_by_role("article", name=plan, exact=True).locator(".total strong").inner_text()


def type_usage(page: Page, seats: str, data: str) -> None:
    """Type quantities into the boxes."""
    page.get_by_role("spinbutton", name="Seats").fill(seats)
    page.get_by_role("spinbutton", name="Data processed").fill(data)


@pytest.mark.parametrize(
    ("seats", "data"), [("0", "0"), ("8", "85.5"), ("11", "120"), ("20", "100000"), ("17", "0.005")]
)
def test_typed_quantities_are_billed_as_plans_bill_them(calculator: Page, seats: str, data: str) -> None:
    """Every card shows the total and the items of `Plan.bill`, rounded to the cent."""
    type_usage(calculator, seats, data)
    for book in (NEW, TODAY):
        for plan in (each for each in book.public_plans if each.priced):
            bill = plan.bill(used(seats, data))
            assert total(calculator, plan.name) == money(bill.total)
            card = calculator.get_by_role("article", name=plan.name, exact=True)
            shown = card.locator("tbody td").all_inner_texts()
            assert [each.replace("\N{MINUS SIGN}", "-").replace("-$", "$-") for each in shown] == [
                money(line.amount) for line in bill.lines
            ]


def test_the_cheapest_plan_that_fits_is_named_and_follows_the_usage(calculator: Page) -> None:
    """Above a plan's limit the answer moves to the next plan, and says why the first does not fit."""
    answer = calculator.locator("#answer")
    assert "Start (the cheapest plan that fits)" in answer.inner_text()
    type_usage(calculator, "21", "0")
    assert "Grow (the cheapest plan that fits)" in answer.inner_text()
    start = calculator.get_by_role("article", name="Start", exact=True).inner_text()
    assert "Does not fit" in start
    assert "Seats: 21 is above the 20 allowed." in start
    new, old = NEW.plan("Grow").bill(used("21", "0")).total, TODAY.plan("Large").bill(used("21", "0")).total
    sums = answer.locator(".sum").all_inner_texts()
    assert sums == [money(new), money(old), "\N{MINUS SIGN}" + money(old - new)]
    assert f"{(old - new) / old * 100:.1f}% less than today" in answer.inner_text()


def test_features_narrow_the_choice_and_add_ons_supply_them(calculator: Page) -> None:
    """A ticked feature rules out plans without it, unless an add-on brings it onto the bill."""
    calculator.get_by_role("checkbox", name="Sign-on").check()
    assert total(calculator, "Start") == money(
        NEW.bill("Start", used(*map(str, START.values())), ["Sign-on pack"]).total
    )
    assert "With Sign-on pack." in calculator.get_by_role("article", name="Start", exact=True).inner_text()
    assert "Does not include Sign-on." in calculator.get_by_role("article", name="Small", exact=True).inner_text()
    calculator.get_by_role("checkbox", name="Only here").check()
    assert "its price is on request" in calculator.locator("#answer").inner_text()
    assert total(calculator, "Custom") == "Price on request"
    assert calculator.get_by_role("checkbox", name="A", exact=True).count() == 0, "every plan contains A"


def test_what_lies_ahead_is_said(calculator: Page) -> None:
    """Included units, the next band with its price, the cap and the room below a limit stand on the card."""
    type_usage(calculator, "8", "105")
    card = calculator.get_by_role("article", name="Start", exact=True)
    assert "Data processed: 15 until the next band at $0.25 plus a fee of $10." in card.inner_text()
    assert "Data processed: 2,165 until the cap of $400 a month, at 2,270." in card.inner_text()
    assert "Seats: 12 left of the 20 allowed." in card.inner_text()
    type_usage(calculator, "2", "5000")
    assert "Seats: 1 left of the 3 included." in card.inner_text()
    assert "Data processed: capped at $400 a month; without the cap it would be $273.00 more." in card.inner_text()


def test_the_billing_period_changes_both_bills(calculator: Page) -> None:
    """A year is twelve months less the discount; today's book, sold by the month, is paid twelve times."""
    calculator.get_by_role("radio", name="Pay by the year").check()
    typed = used(*map(str, START.values()))
    assert total(calculator, "Start") == money(NEW.plan("Start").bill(typed, YEAR).total)
    assert total(calculator, "Small") == money(12 * TODAY.plan("Small").bill(typed).total)
    assert "15% off for this billing period" in calculator.get_by_role("article", name="Start", exact=True).inner_text()


def test_a_plan_can_be_picked_for_either_side(calculator: Page) -> None:
    """The comparison follows the plans picked, and says when one does not fit."""
    calculator.get_by_label("New plan").select_option("Grow")
    calculator.get_by_label("Plan today").select_option("Large")
    typed = used(*map(str, START.values()))
    sums = calculator.locator("#answer .sum").all_inner_texts()
    assert sums[:2] == [money(NEW.plan("Grow").bill(typed).total), money(TODAY.plan("Large").bill(typed).total)]
    calculator.get_by_label("Plan today").select_option("Small")
    type_usage(calculator, "11", "0")
    assert "Small (does not fit these needs)" in calculator.locator("#answer").inner_text()


@pytest.mark.parametrize("typed", ["", "-1", "1e16", "0.0000000000001"])
def test_what_cannot_be_billed_is_unknown_not_zero(calculator: Page, typed: str) -> None:
    """A box without a usable number says so, and bills that need it show no amount."""
    calculator.get_by_role("spinbutton", name="Seats").fill(typed)
    assert calculator.locator("#quantity-0").get_attribute("aria-invalid") == "true"
    assert calculator.locator("#problem-0").inner_text() != ""
    assert total(calculator, "Start") == "Needs seats"
    assert calculator.locator("#answer .sum").first.inner_text() == "unknown"


def test_box_and_slider_move_together(calculator: Page) -> None:
    """The slider sets the box to a round number, the box sets the slider, and both are spoken as quantities."""
    slider = calculator.get_by_role("slider", name="Seats, slider")
    slider.focus()
    calculator.keyboard.press("ArrowRight")
    assert calculator.locator("#quantity-0").input_value() == "9"
    assert slider.get_attribute("aria-valuetext") == "9"
    calculator.keyboard.press("End")
    assert calculator.locator("#quantity-0").input_value() == slider.get_attribute("aria-valuetext").replace(",", "")
    type_usage(calculator, "0", "1")
    assert slider.input_value() == "0"


def test_growth_is_a_picture_a_sentence_and_a_table(calculator: Page) -> None:
    """At each multiple the table holds the cheapest fitting bills, and the slider reads out the same numbers."""
    calculator.locator("summary", has_text="The same as a table").click()
    rows = calculator.locator("#growth-rows tr")
    calculator.wait_for_function("() => document.querySelectorAll('#growth-rows tr').length === 10")
    tripled = {"seats": 24, "data_processed": Decimal("256.5")}
    new, old = NEW.plan("Grow").bill(tripled).total, TODAY.plan("Large").bill(tripled).total
    assert rows.nth(2).locator("td").all_inner_texts()[:2] == [f"{money(new)} (Grow)", f"{money(old)} (Large)"]
    calculator.get_by_role("slider", name=re.compile("Growth")).fill("30")
    reading = calculator.locator("#growth-reading")
    expect(reading).to_contain_text(f"New prices {money(new)} (Grow)")
    expect(reading).to_contain_text(f"Today's prices {money(old)} (Large)")
    expect(calculator.locator("#growth-chart path.line")).to_have_count(2)
    expect(calculator.locator("#growth-chart .dot")).to_have_count(2)
    calculator.get_by_label("New plan").select_option("Start")
    expect(reading).to_contain_text("no longer fits")
    expect(rows.nth(2).locator("td").first).to_have_text("none fits")


def test_everything_works_from_the_keyboard(calculator: Page) -> None:
    """Tab reaches every control in reading order, and keys change it."""
    reached = []
    for _ in range(40):
        calculator.keyboard.press("Tab")
        reached.append(calculator.evaluate("() => document.activeElement.id || document.activeElement.name || ''"))
    wanted = [
        "quantity-0",
        "slider-0",
        "quantity-1",
        "slider-1",
        "period",
        "need",
        "print",
        "plan-new",
        "plan-today",
        "growth",
    ]
    places = [reached.index(each) for each in wanted]
    assert places == sorted(places)
    calculator.locator("#quantity-0").focus()
    calculator.keyboard.press("ControlOrMeta+a")
    calculator.keyboard.type("25")
    assert "Grow" in calculator.locator("#answer").inner_text()
    calculator.get_by_role("checkbox", name="Sign-on").focus()
    calculator.keyboard.press("Space")
    assert "With Sign-on pack." in calculator.get_by_role("article", name="Grow", exact=True).inner_text()


def test_the_answer_is_spoken_once_the_typing_pauses(calculator: Page) -> None:
    """A live region holds the answer as one sentence for screen readers."""
    type_usage(calculator, "25", "0")
    calculator.wait_for_function("() => document.getElementById('spoken').textContent.includes('Grow')")
    assert calculator.locator("#spoken").get_attribute("role") == "status"


def test_every_control_has_a_name(calculator: Page) -> None:
    """No box, list, button or picture is without a name a screen reader can say."""
    assert calculator.evaluate(NAMELESS) == []


def test_a_printed_page_shows_what_was_folded_and_hides_controls(calculator: Page) -> None:
    """On paper the tables are open, sliders and the button are gone, and only needs that are ticked remain."""
    calculator.get_by_role("checkbox", name="Sign-on").check()
    calculator.emulate_media(media="print")
    calculator.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert calculator.locator("#growth-rows").is_visible()
    assert calculator.get_by_text("Add-on: Sign-on pack").is_visible()
    assert not calculator.locator("#print").is_visible()
    assert not calculator.locator("#slider-0").is_visible()
    assert calculator.locator("input[name=need]:visible").count() == 1
    assert calculator.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["#ffd400", "#0a0f3c", "#777777", "#e8f4ff"])
def test_text_reads_in_any_brand_colour(browser: Browser, tmp_path: Path, scheme: str, colour: str) -> None:
    """Every text on the page has a contrast of 4.5 or more, whatever the brand's colour, on light and dark screens."""
    html = calculator_html(TODAY, NEW, brand=Brand("Brand", colour, colour), start={"seats": 12, "data_processed": 5})
    with opened(browser, tmp_path, html, scheme=scheme) as page:
        page.wait_for_function("() => document.querySelector('#growth-chart path')")
        page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert page.evaluate(CONTRAST) == []


def test_a_phone_shows_the_page_without_sideways_scrolling(browser: Browser, tmp_path: Path) -> None:
    """At 390 pixels nothing is wider than the screen, and the bill follows soon after the boxes."""
    with opened(browser, tmp_path, calculator_html(TODAY, NEW, start=START), width=390) as page:
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390
        assert page.locator("#answer").bounding_box()["y"] < 800


def test_names_are_text_whatever_they_hold(browser: Browser, tmp_path: Path) -> None:
    """A price book whose names are markup and script shows them as they are, and none of it runs."""
    book = PriceBook(
        HOSTILE,
        "USD",
        (
            Plan(f"Plan {HOSTILE}", 5, [Charge(f"usage {HOSTILE}", "per_unit", unit_price=1)]),
            Plan("Other", 9, features=[HOSTILE]),
        ),
    )
    html = calculator_html(book, book, brand=Brand(HOSTILE), title=HOSTILE, note=HOSTILE)
    with opened(browser, tmp_path, html) as page:
        assert page.locator("h1").inner_text() == HOSTILE
        assert page.get_by_role("article").first.locator("h3").inner_text() == f"Plan {HOSTILE}"
        assert page.locator("img").count() == 0
        assert page.title() != "taken"


def test_the_browser_enforces_that_nothing_is_loaded_or_compiled(browser: Browser, tmp_path: Path) -> None:
    """Asked from inside, the page can neither reach the network nor run text as a program nor take new scripts."""
    file = tmp_path / "calculator.html"
    file.write_text(calculator_html(TODAY, NEW))
    context = browser.new_context()
    page = context.new_page()
    reached: list[str] = []
    page.route("http://**", lambda route: (reached.append(route.request.url), route.abort()))
    page.goto(file.as_uri())
    attempts = """async () => {
      const seen = [];
      document.addEventListener("securitypolicyviolation", event => seen.push(event.effectiveDirective));
      const fails = async action => { try { await action(); return false; } catch { return true; } };
      // What drives the browser may compile text; the page, on a turn of its own, may not.
      const later = action => new Promise(done => setTimeout(async () => done(await fails(action))));
      const results = [
        await fails(() => fetch("http://example.com/")),
        await later(() => setTimeout.constructor("return 1")()),
        await fails(() => { document.body.innerHTML = "<b>x</b>"; }),
      ];
      const image = new Image(); image.src = "http://example.com/x.png"; document.body.append(image);
      const script = document.createElement("script");
      const refused = await fails(() => { script.textContent = "window.taken = 1"; document.body.append(script); });
      await new Promise(done => setTimeout(done, 50));
      return {results, refused, taken: window.taken === 1, seen};
    }"""
    found = page.evaluate(attempts)
    context.close()
    assert found["results"] == [True, True, True]
    assert found["refused"]
    assert not found["taken"]
    assert {"connect-src", "img-src", "require-trusted-types-for"} <= set(found["seen"])
    assert reached == []


def test_unknown_usage_draws_no_empty_picture_and_claims_no_fit(calculator: Page) -> None:
    """Where nothing can be billed the picture goes, its place says why, and no plan is said to fit."""
    chart = calculator.locator("#growth-chart")
    assert chart.is_visible()
    type_usage(calculator, "", "")
    chart.wait_for(state="hidden")
    reading = calculator.locator("#growth-reading")  # drawn with the next frame, and each box asks for one
    expect(reading).to_contain_text("is shown once seats and data processed are known")
    assert "Fits" not in calculator.get_by_role("article", name="Start", exact=True).inner_text()
    type_usage(calculator, "3", "5")
    chart.wait_for(state="visible")


def test_huge_amounts_keep_to_their_place(calculator: Page) -> None:
    """Amounts of a trillion are written in full on one line, and beside the axis in few letters."""
    type_usage(calculator, "123456789012", "5")
    calculator.wait_for_function("document.querySelector('#growth-chart').textContent.includes('T')")
    labels = calculator.locator("#growth-chart text").all_text_contents()
    assert max(map(len, labels)) <= 8, labels
    for amount in calculator.locator(".sum, .total strong").all():
        lines = amount.evaluate("node => node.getClientRects().length === 1 && node.offsetHeight < 48")
        assert lines, amount.inner_text()


def test_without_scripts_the_price_list_is_still_there(browser: Browser, tmp_path: Path) -> None:
    """With JavaScript off the page says so and holds every price in words."""
    file = tmp_path / "calculator.html"
    file.write_text(calculator_html(TODAY, NEW), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("noscript p").is_visible()
    page.locator("summary", has_text="New prices").click()
    assert page.get_by_text("At most $400 a month").is_visible()
    assert page.get_by_text("Price on request.").is_visible()
    context.close()
