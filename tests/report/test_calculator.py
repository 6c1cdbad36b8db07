"""The usage calculator as a file: what it holds, what it refuses, and that it is always the same."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.pricing import AddOn, Band, BillingPeriod, Charge, Feature, Limit, Plan, PriceBook
from workbench.report import Brand, calculator_html
from workbench.report.calculator import calculator_data, calculator_script, features_asked, metric_names, periods
from workbench.report.offline_page import logo_data_uri

SCRIPTS = sorted((Path(__file__).parents[2] / "workbench/report/templates/calculator").glob("*.js"))
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TINY = Decimal("0.0000001")
NEW = PriceBook(
    "New",
    "EUR",
    (
        Plan("One", 10, [Charge("rows", "per_unit", unit_price=TINY)], [Limit("seats", 50)], ["A"]),
        Plan(
            "Two", None, [Charge("credits used", "graduated", bands=[Band("0.25", 1), Band(None, 2)])], (), ["A", "B"]
        ),
        Plan("Secret", 1, [Charge("secret metric", "per_unit", unit_price=1)], (), ["Secret feature"], public=False),
    ),
    (AddOn("More", 5, features=["C"]),),
    (Feature("A"), Feature("B", "Area", "Words"), Feature("C"), Feature("Secret feature")),
    (BillingPeriod("year", 12, 10), BillingPeriod("month", 1)),
)
TODAY = PriceBook("Today", "EUR", (Plan("Old", 8, features=["A", "B", "C"]),))


def script_of(html: str) -> str:
    """Return the text of the page's program."""
    return re.findall(r"<script>(.*?)</script>", html, re.DOTALL)[0]


def test_the_same_prices_give_the_same_bytes() -> None:
    """Nothing in the page depends on the moment or the machine."""
    assert calculator_html(TODAY, NEW) == calculator_html(TODAY, PriceBook.from_dict(NEW.to_dict()))


def test_the_page_stays_small_and_names_no_address() -> None:
    """It is below 100 KB and refers to nothing outside itself."""
    html = calculator_html(TODAY, NEW)
    assert len(html.encode()) < 100_000
    assert re.findall(r"(?:src|href)=[\"'](?!#|data:)[^\"']*", html) == []
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {"http://www.w3.org/2000/svg"}


def test_the_policy_lets_through_exactly_the_scripts_and_styles_of_the_page() -> None:
    """The hashes in the content security policy are those of the page's own text, and nothing is let through unseen."""
    html = calculator_html(TODAY, NEW, brand=Brand("B", "#abc"))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    for kind, text in (("script-src", script_of(html)), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_no_decimal_loses_a_digit_on_its_way_into_the_page() -> None:
    """Prices travel as text, in JSON that a script element can hold whatever names it contains."""
    name = "</script><!-- \u2028"
    book = PriceBook(name, "USD", (Plan(name, "0.10000000000000000000000000001"),))
    html = calculator_html(None, book)
    data = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', html, re.DOTALL)[1]
    assert "<" not in data
    assert json.loads(data)["new"]["plans"] == [{"name": name, "base_fee": "0.10000000000000000000000000001"}]


def test_plans_off_the_pricing_page_stay_off_this_one() -> None:
    """Neither a hidden plan nor a metric or feature only it has is named anywhere."""
    html = calculator_html(TODAY, NEW)
    assert "secret" not in html.lower()


def test_add_ons_name_the_plans_they_are_for() -> None:
    """One named for a plan is for that plan alone, one for a hidden plan stays as hidden, any other is for all."""
    beyond = [Charge("calls", "per_unit", unit_price=1)]
    named = (AddOn("Calls overage for One", 0, beyond), AddOn("Secret overage for Secret", 0, beyond), *NEW.add_ons)
    book = replace(NEW, add_ons=named)
    plans = {each["name"]: each["plans"] for each in calculator_data(None, book, {})["new"]["add_ons"]}
    assert plans == {"Calls overage for One": ["One"], "More": ["One", "Two"]}
    assert "secret" not in calculator_html(None, book).lower()


def test_every_metric_charged_or_limited_is_asked_for() -> None:
    """Seats come first, then the rest in the order of the price book."""
    assert metric_names([NEW, TODAY]) == ["seats", "rows", "credits used"]


def test_only_features_that_differ_are_asked_for() -> None:
    """What every plan contains is no need worth asking; what only an add-on brings is."""
    assert [each["name"] for each in features_asked([NEW, TODAY])] == ["B", "C"]


def test_periods_are_those_of_both_books_in_their_terms() -> None:
    """A book sold by the month is paid twelve times a year without a discount; the new one takes its discount off."""
    month, year = periods([NEW, TODAY])
    assert (month["name"], month["months"]) == ("month", 1)
    assert year["new"] == {"months": 12, "discount_percent": "10"}
    assert year["today"] == {"months": 12, "discount_percent": "0"}


def test_a_period_a_book_is_not_sold_by_has_no_terms() -> None:
    """A book sold by the year alone has no monthly price, rather than a made-up one."""
    yearly = PriceBook("Y", "EUR", NEW.plans, billing_periods=(BillingPeriod("year", 12),))
    assert periods([yearly, TODAY])[0]["new"] is None


def test_sliders_reach_beyond_every_number_of_the_price_books() -> None:
    """A slider ends at twice the largest bound or more, and steps finely enough for the smallest."""
    by_name = {each["name"]: each for each in calculator_data(TODAY, NEW, {"rows": 4000})["metrics"]}
    assert Decimal(by_name["seats"]["most"]) >= 100
    assert Decimal(by_name["credits used"]["least"]) <= Decimal("0.25")
    assert by_name["rows"]["start"] == "4000"
    assert Decimal(by_name["rows"]["most"]) >= 40_000


def test_a_currency_without_a_sign_is_written_with_its_code() -> None:
    """Yen have no cents, francs no sign, and amounts without a currency neither sign nor code."""
    yen = calculator_data(None, PriceBook("P", "JPY", TODAY.plans), {})["currency"]
    francs = calculator_data(None, PriceBook("P", "CHF", TODAY.plans), {})["currency"]
    none = calculator_data(None, PriceBook("P", "XXX", TODAY.plans), {})["currency"]
    assert (none["symbol"], none["code"]) == ("", "")
    assert (yen["symbol"], yen["digits"]) == ("\u00a5", 0)
    assert (francs["symbol"], francs["code"], francs["digits"]) == ("", "CHF", 2)


def test_two_currencies_are_refused() -> None:
    """Bills in different currencies are not compared."""
    with pytest.raises(WorkbenchError, match="EUR and USD"):
        calculator_html(PriceBook("T", "USD", TODAY.plans), NEW)


def test_a_book_without_public_plans_is_refused() -> None:
    """There is nothing to calculate, and the error says what to decide first."""
    with pytest.raises(WorkbenchError, match="no public plan"):
        calculator_html(None, PriceBook("Empty", "EUR", ()))


def test_a_logo_travels_inside_the_page(tmp_path: Path) -> None:
    """A picture file becomes a data URI; other files and addresses are refused."""
    picture = tmp_path / "logo.png"
    picture.write_bytes(PIXEL)
    brand = Brand("B", logo=logo_data_uri(picture))
    assert f'src="{brand.logo}"' in calculator_html(None, NEW, brand=brand)
    for logo in ("https://example.com/logo.png", "data:text/html;base64,PGI+", 'data:image/png;base64,x" onload="y'):
        with pytest.raises(WorkbenchError, match="data URI"):
            Brand("B", logo=logo)
    with pytest.raises(WorkbenchError, match="not a picture"):
        logo_data_uri(tmp_path / "logo.txt")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_well_formed_and_small(path: Path) -> None:
    """Each script parses, holds one concept in under 200 lines, and never takes text for markup or program."""
    text = path.read_text()
    assert len(text.splitlines()) < 200
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    assert path.stem in calculator_script() or text in calculator_script()
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node to parse scripts outside a browser")
    done = subprocess.run([node, "--check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
