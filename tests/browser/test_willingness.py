"""A session on what customers would pay: methods read, a price dragged in its chart, prices found and used."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from lab_driver import PATIENCE, open_page
from notebook_view import Listener, section, troubles, wait_for_charts, wait_until
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lab_driver import Lab
    from playwright.sync_api import Browser, Locator, Page

    from workbench.workspace import Workspace

pytestmark = pytest.mark.browser
NOTEBOOK = "prices.ipynb"
METHODS, WHO, FIND, AGAINST = (
    "What customers would pay, by what they say",
    "Who buys what",
    "Find prices",
    "Against today's tiers",
)
OPENED = """from workbench import open_stage, open_study
from workbench.stages.willingness import price_search
price_search.STARTS = 2
prices = open_stage(open_study(), "willingness")
prices.methods"""
CELLS = (
    OPENED,
    "prices.who_buys",
    "prices.find_prices",
    "prices.comparison",
)
LINE = "A line: share of accounts at prices of"


@pytest.fixture(scope="module")
def own(lab: Lab, make_sample_workspace: Callable[[Path], Workspace]) -> Workspace:
    """Return a workspace of its own, so that prices moved here move nowhere else."""
    return make_sample_workspace(lab.folder / "prices")


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab, own: Workspace) -> Iterator[Page]:
    """Return a page on which the sections are shown, each by a cell of its own."""
    lab.write_notebook(f"{own.folder.name}/{NOTEBOOK}", CELLS)
    with open_page(browser) as opened:
        lab.open(opened, f"{own.folder.name}/{NOTEBOOK}")
        lab.run_all(opened, patience=2 * PATIENCE)
        wait_for_charts(opened)
        yield opened
        lab.shut_kernels_down(opened)


def price_kept(own: Workspace, tier: str) -> float:
    """Return the price of a tier of the first design as it lies on disk."""
    study = json.loads((own.sample / "study.json").read_text(encoding="utf-8"))
    tiers = next(each for each in study["scenarios"] if each["kind"] == "design")["stages"]["tiers"]["tiers"]
    return next(float(each["price"]) for each in tiers if each["name"] == tier)


def wait_for_price(page: Page, own: Workspace, tier: str, price: float) -> None:
    """Wait until a tier has a price on disk; it is written a moment after the page shows it."""
    wait_until(page, lambda: price_kept(own, tier) == price, f"{tier} never cost {price} on disk")


def line_of(part: Locator) -> Locator:
    """Return the chart of the share of accounts against a price."""
    return part.locator(f'.wb-chart-canvas[aria-label^="{LINE}"]')


def settled_price(page: Page, part: Locator) -> float:
    """Return the price in the reading once it is the one the slider shows, and no other follows."""
    said = re.compile(r"At \$([\d.]+) per seat a month Growth is bought by")
    slider = part.get_by_label("Price of Growth a month", exact=True).first
    seen: list[float] = []
    for _ in range(PATIENCE // 100):
        seen.append(float(said.search(part.inner_text()).group(1)))
        if len(seen) > 5 and set(seen[-5:]) == {float(slider.input_value())}:
            return seen[-1]
        page.wait_for_timeout(100)
    pytest.fail(f"reading and slider never agreed: {seen[-5:]}")


def test_every_method_shows_its_charts(page: Page) -> None:
    """Each tab has at least one drawn chart and a sentence, and nothing is cut off or wider than its place."""
    heard = Listener(page)
    part = section(page, METHODS)
    part.scroll_into_view_if_needed()
    expect(part.get_by_role("tab")).to_have_count(6)
    names = part.get_by_role("tab").all_inner_texts()
    for name in names:
        part.get_by_role("tab", name=name, exact=True).click()
        expect(part.locator(".wb-chart-canvas:visible svg").first).to_be_visible()
        wait_for_charts(page)
    assert troubles(page) == []
    assert heard.complaints == []


def test_a_price_line_is_dragged_in_the_chart(page: Page, own: Workspace) -> None:
    """Pressing in the chart and moving takes slider, key figures, reading and the price in the design along."""
    heard = Listener(page)
    part = section(page, WHO)
    chart = line_of(part)
    chart.scroll_into_view_if_needed()
    slider = part.get_by_label("Price of Growth a month", exact=True).first
    figure = (
        part.locator(".wb-figure", has=page.get_by_text("Revenue by what customers would choose", exact=True))
        .locator(".wb-value")
        .first
    )
    revenue, before = figure.inner_text(), price_kept(own, "Growth")
    box = chart.locator("svg").bounding_box()
    across, middle = box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.4
    page.mouse.move(across, middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(across + step * box["width"] * 0.04, middle)
    page.mouse.up()
    expect(figure).not_to_have_text(revenue)
    price = settled_price(page, part)
    assert price > before + 10
    assert float(slider.input_value()) == price
    wait_for_price(page, own, "Growth", price)
    page.mouse.move(across, middle)  # the button is up: the price stays where it was let go
    part.locator("input.wb-slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(part).to_contain_text(f"At ${price + 1:.0f} per seat a month Growth is bought by")
    assert heard.complaints == []


def test_prices_unlikely_to_beat_todays_are_refused_in_a_sentence(page: Page, own: Workspace) -> None:
    """The button searches under the rules that are ticked; what may bring less than today is not offered for use."""
    part = section(page, FIND)
    part.scroll_into_view_if_needed()
    before = {name: price_kept(own, name) for name in ("Essentials", "Scale")}
    part.get_by_role("button", name="Find prices").click()
    expect(part).to_contain_text("under these conditions: the best found bring", timeout=2 * PATIENCE)
    expect(part.get_by_role("button", name="Use these prices")).not_to_be_visible()
    assert {name: price_kept(own, name) for name in before} == before


def test_a_tier_left_out_is_weighed_in_a_sentence(page: Page, own: Workspace) -> None:
    """Trying the design without a tier says what that does to revenue, and leaves the design as it is."""
    part = section(page, AGAINST)
    part.scroll_into_view_if_needed()
    before = price_kept(own, "Growth")
    part.get_by_label("Try leaving out", exact=True).select_option("Growth")
    expect(part).to_contain_text(re.compile(r"Without Growth: Revenue (changes|rises|falls|stays)"))
    assert price_kept(own, "Growth") == before
