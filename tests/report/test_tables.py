"""Cells read as a reader expects: amounts to the right, names and dates to the left, unknown said."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from workbench.cells import cell, column_texts, heading
from workbench.report.sections import table_of


@pytest.mark.parametrize(
    ("values", "to_the_right"),
    [
        (["$1,200", "+3.1%", "unknown"], True),
        (["\N{MINUS SIGN}$5", "€12", "7 accounts"], True),
        (["1. gigabytes processed", "2. seats"], False),
        ([1, 2.5], True),
        (["Q0270", "Q0317"], False),
        (["2024-01", "2024-02"], False),
        (["small", "mid"], False),
        ([True, False], False),
        (["$23 per seat and month", "$1,200 (+4%)"], True),
        (["20.0% below the list in every month", "15.0% below the list in every month"], False),
    ],
)
def test_only_amounts_stand_to_the_right(values: list[object], to_the_right: bool) -> None:
    """Account numbers and months are names, however many digits they have."""
    assert table_of(pd.DataFrame({"column": values})).numeric == (to_the_right,)


def test_cells_say_what_is_unknown() -> None:
    """Nothing missing is shown as zero or as an empty cell."""
    assert [cell(value) for value in (None, float("nan"), pd.NaT, pd.NA)] == ["unknown"] * 4
    assert [cell(value) for value in (True, 1234.5, ("a", "b"))] == ["yes", "1,235", "a, b"]


def test_months_are_months_and_days_are_days() -> None:
    """A column of first days is read as months; one other day makes all of them days."""
    first = pd.Series(pd.to_datetime(["2024-05-01", "2024-06-01"]))
    assert column_texts(first) == ["2024-05", "2024-06"]
    assert column_texts(first + pd.Timedelta(days=3)) == ["2024-05-04", "2024-06-04"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("accounts using it", "Accounts using it"),
        ("account_id", "Account id"),
        ("H", "H"),
        ("iOS edition", "iOS edition"),
        ("share (%)", "Share (%)"),
        ("Revenue a month", "Revenue a month"),
        ("", ""),
    ],
)
def test_headings_begin_with_a_capital(name: str, said: str) -> None:
    """Words of a heading begin with a capital, and names with capitals of their own stay as they are written."""
    assert heading(name) == said


@pytest.mark.slow
def test_every_table_on_paper_has_headings_in_sentence_case(page: str) -> None:
    """Page and workbook write the same heading for a column, whatever the frame calls it."""
    frame = pd.DataFrame({"new tier": ["A"], "bill_change": [1.0]})
    assert table_of(frame).columns == ("New tier", "Bill change")
    headings = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page)
    assert headings
    assert [each for each in headings if each != heading(each)] == []
