"""Numbers are written the way a strategist reads them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.formatting import (
    UNKNOWN,
    attribute_words,
    basis_sentence,
    capitalised,
    count,
    figure_change,
    figure_sentence,
    figure_value,
    first_of,
    money,
    number,
    one_unit,
    percent,
    quantity,
    ratio,
    short_money,
)
from workbench.results import Basis, Interval, KeyFigure


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "$0"),
        (25, "$25"),
        (12.5, "$12.50"),
        (99.995, "$100.00"),
        (1234.5, "$1,235"),
        (0.00012, "$0.000120"),
        (-3, "\N{MINUS SIGN}$3"),
        (Decimal("8.75"), "$8.75"),
        (None, UNKNOWN),
        (math.nan, UNKNOWN),
    ],
)
def test_amounts_show_cents_only_where_they_matter(value: float | None, written: str) -> None:
    """Cents below a hundred, whole units above, and unknown is said."""
    assert money(value) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("seats", "Seats"),
        ("SSO for all", "SSO for all"),
        ("10 seats", "10 seats"),
        ("toString ranks first", "toString ranks first"),
        ("k8s pods", "k8s pods"),
        ("e-mails", "E-mails"),
    ],
)
def test_a_sentence_begins_with_a_capital(text: str, written: str) -> None:
    """Only the first letter changes, where there is one."""
    assert capitalised(text) == written


def test_other_currencies_keep_their_sign_or_code() -> None:
    """A currency with a symbol puts it in front; any other follows with its code."""
    assert money(5, "EUR") == "€5"
    assert money(5, "SEK") == "5 SEK"
    assert short_money(1_234_567, "SEK") == "1.2M SEK"


@given(st.floats(min_value=-1e12, max_value=1e12, allow_nan=False))
def test_a_written_number_reads_back_close(value: float) -> None:
    """Reading a written number gives the value back within its last shown digit."""
    text = number(value).replace(",", "").replace("\N{MINUS SIGN}", "-")
    assert float(text) == pytest.approx(value, rel=0.01, abs=1e-4)


@given(st.floats(max_value=0, min_value=-1e-9))
def test_nothing_is_ever_written_as_minus_zero(value: float) -> None:
    """What rounds to zero carries no minus sign."""
    assert "\N{MINUS SIGN}" not in money(value)
    assert "\N{MINUS SIGN}" not in percent(value)


def test_shares_ratios_and_counts() -> None:
    """Shares become percentages, ratios multiples, counts agree with their noun."""
    assert percent(0.123) == "12%"
    assert percent(0.05, 1, signed=True) == "+5.0%"
    assert ratio(13.2) == "13.2x"
    assert count("account", 1) == "1 account"
    assert count("account", 2300) == "2,300 accounts"
    assert count("company", 2, "companies") == "2 companies"


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=1, max_value=200))
def test_a_share_is_rounded_half_away_from_zero(part: int, whole: int) -> None:
    """Five of eight are 63%, as on a chart, and a loss reads like the gain of the same size."""
    share = part / whole
    expected = (200 * part + whole) // (2 * whole)  # in whole numbers, where halves are exact
    assert percent(share) == f"{expected:,}%"
    assert percent(-share) == (f"\N{MINUS SIGN}{expected:,}%" if expected else "0%")


@given(st.floats(-0.01, 0.01), st.sampled_from([0, 1]))
def test_a_change_has_a_sign_exactly_where_its_number_is_not_nothing(change: float, digits: int) -> None:
    """A change that reads as 0% has neither plus nor minus."""
    text = percent(change, digits, signed=True)
    is_nothing = set(text) <= set("0.%")
    assert is_nothing or text[0] == ("+" if change > 0 else "\N{MINUS SIGN}")
    assert is_nothing == (abs(change) < 0.5 / 10 ** (2 + digits) - 1e-15)
    assert (figure_change(KeyFigure("Share", 0.6, "percent", change=change))[0] == "0") == (abs(change) < 0.0005)


def test_a_change_of_nothing_in_money_has_no_sign() -> None:
    """An amount that stays is $0 against today."""
    assert figure_change(KeyFigure("Revenue", 12_000, "USD", change=0.0)) == "$0"


def test_key_figures_carry_unit_change_interval_period_and_population() -> None:
    """One sentence says everything a key figure knows."""
    figure = KeyFigure(
        label="Revenue",
        value=12_000,
        unit="USD",
        period="December 2024",
        population="310 active accounts",
        change=-500,
        interval=Interval(11_000, 12_000, 13_000),
    )
    assert figure_value(figure) == "$12,000"
    assert figure_change(figure) == "\N{MINUS SIGN}$500"
    assert figure_sentence(figure) == (
        "Revenue: $12,000 (\N{MINUS SIGN}$500 against today, $11,000 to $13,000 (90% interval), December 2024, "
        "310 active accounts)"
    )


def test_units_decide_how_a_quantity_is_written() -> None:
    """Percent, times, currency and plain nouns each have their form; unknown has one for all."""
    assert quantity(0.62, "percent") == "62%"
    assert quantity(6.5, "times") == "6.5x"
    assert quantity(30, "EUR") == "€30"
    assert quantity(2300, "accounts") == "2,300 accounts"
    assert {quantity(None, unit) for unit in ("percent", "times", "EUR", "accounts")} == {UNKNOWN}
    assert figure_change(KeyFigure("Share", 0.6, "percent", change=0.021)) == "+2.1 points"


def test_a_basis_says_accounts_months_and_note() -> None:
    """A reader sees which part of the customer base a result stands on."""
    basis = Basis(300, 420, "2024-01", "2024-12", "Accounts without usage are left out.")
    assert basis_sentence(basis) == (
        "Stands on 300 of 420 accounts, 2024-01 to 2024-12. Accounts without usage are left out."
    )


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("seats", "seat"),
        ("gigabytes_processed", "gigabyte processed"),
        ("queries_executed", "query executed"),
        ("API calls", "API call"),
        ("storage", "unit of storage"),
        ("data_processed", "unit of data processed"),
        ("business", "unit of business"),
    ],
)
def test_one_unit_of_a_metric_reads_like_a_price_list(metric: str, unit: str) -> None:
    """Prices are said per seat and per gigabyte processed, not per unit of seats."""
    assert one_unit(metric) == unit


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("data_included_gb", "data included (GB)"),
        ("data_included_gb from 250 to 2,000", "data included (GB) from 250 to 2,000"),
        ("insight_agent", "insight agent"),
        ("api_access", "API access"),
        ("SSO login", "SSO login"),
        ("gb", "gb"),
    ],
)
def test_the_attributes_of_a_survey_read_as_words(name: str, words: str) -> None:
    """Names of columns become words, with their unit in brackets; what is written in words stays."""
    assert attribute_words(name) == words


def test_shares_of_something_are_percentages_of_it() -> None:
    """0.6 share of customers per 100% rise is read as 60% of customers per 100% rise."""
    assert quantity(0.6, "share of customers per 100% rise") == "60% of customers per 100% rise"
    assert quantity(0.125, "share of its bill") == "12.5% of its bill"
    assert quantity(8, "customers a month") == "8 customers a month"


def test_a_long_list_of_names_ends_in_how_many_are_left() -> None:
    """Up to the most that fit, every name is written; beyond that the rest is a number."""
    assert not first_of([], 2)
    assert first_of(["A", "B"], 2) == "A, B"
    assert first_of(("A", "B", *"C" * 1_200), 2) == "A, B and 1,200 more"


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=9))
def test_the_order_of_a_sum_changes_no_amount_that_is_read(cents: list[int]) -> None:
    """What two pages add up in another order is one amount: a half that lost its last digit rounds as a half does."""
    amounts = [cent / 100 for cent in cents] + [0.1, 0.2, 0.2]
    exact = sum(map(Decimal, map(str, amounts)))
    assert money(sum(amounts), "USD", 0) == money(sum(reversed(amounts)), "USD", 0) == money(exact, "USD", 0)
    assert money(19_323.499_999_999_996, "USD", 0) == "$19,324"
