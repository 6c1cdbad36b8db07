"""Cells read as a reader expects: amounts to the right, names and dates to the left, unknown said."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.outputs import as_csv
from workbench.tables import (
    COUNT,
    NUMBER,
    TEXT,
    DataTable,
    Money,
    Own,
    Percent,
    as_table,
    cell,
    estimate_of,
    heading,
    interval_of,
)

if TYPE_CHECKING:
    from workbench.tables import Kind


@pytest.mark.parametrize(
    ("values", "to_the_right"),
    [
        ([1, 2.5], True),
        ([Decimal("1.005"), None], True),
        (["$1,200", "+3.1%"], False),
        (["Q0270", "Q0317"], False),
        (pd.to_datetime(["2024-01-01", "2024-02-01"]), False),
        ([True, False], False),
    ],
)
def test_only_numbers_stand_to_the_right(values: list[object], to_the_right: bool) -> None:
    """What a column holds says where it stands; what its words look like says nothing."""
    (column,) = as_table(pd.DataFrame({"column": values})).columns
    assert column.kind.right == to_the_right


@pytest.mark.parametrize(
    ("kind", "value", "words", "held", "form"),
    [
        (Money("USD"), 1234.4, "$1,234", 1234.4, '"$"#,##0'),
        (Money("USD"), 12.5, "$12.50", 12.5, '"$"#,##0.00'),
        (Money("EUR", signed=True), -6298.2, "\u2212€6,298", -6298.2, '+"€"#,##0;-"€"#,##0'),
        (Money("CHF"), 1200, "1,200 CHF", 1200, '#,##0" CHF"'),
        (Money("USD", "exact"), 0.0125, "$0.0125", 0.0125, '"$"#,##0.0000'),
        (Money("USD", "exact", per="per seat"), Decimal(23), "$23 per seat", Decimal(23), '"$"#,##0" per seat"'),
        (Money("USD", "priced"), 357.0000000000001, "$357", 357.0000000000001, '"$"#,##0'),
        (Money("USD", "priced"), 14.70588235294118, "$14.71", 14.70588235294118, '"$"#,##0.00'),
        (Money("USD", "bill"), 20.334, "$20.33", 20.334, '"$"#,##0.00'),
        (Percent(1, signed=True), 0.2494, "+24.9%", 0.2494, "+#,##0.0%"),
        (Percent(exactly=True), 0.9995, "99.95%", 0.9995, "#,##0.00%"),
        (Percent(of_hundred=True), 12.4, "12%", 0.124, "#,##0%"),
        (Percent(None), 0.0423, "4.23%", 0.0423, "#,##0.00%"),
        (COUNT, 1200.4, "1,200", 1200.4, "#,##0"),
        (COUNT, math.inf, "no limit", "no limit", ""),
        (Percent(signed=True), math.inf, "from nothing", "from nothing", ""),
        (Money("USD", missing="open"), None, "open", "open", ""),
        (NUMBER, math.nan, "unknown", None, ""),
        (TEXT, True, "yes", "yes", ""),
        (NUMBER, "free", "free", "free", ""),
        (interval_of(Percent()), (0.1, 0.2), "10% to 20%", "10% to 20%", ""),
        (estimate_of(Money("USD"), alone=True), (5, 5, 5), "$5", 5, '"$"#,##0'),
        (estimate_of(COUNT), (5, 4, 6), "5 (4 to 6)", "5 (4 to 6)", ""),
        (TEXT, Own(0.5, Percent()), "50%", 0.5, "#,##0%"),
    ],
)
def test_a_cell_is_words_for_a_reader_and_a_number_for_a_spreadsheet(
    kind: Kind, value: object, words: str, held: object, form: str
) -> None:
    """Both come from the value: nothing reads the words back."""
    assert kind.text(value) == words
    assert kind.spreadsheet(value)[0] == held
    assert kind.spreadsheet(value)[1].startswith(form)


def test_a_table_shows_columns_of_its_frame_and_keeps_the_numbers() -> None:
    """One table serves readers and scripts: headings and words for the one, names and numbers for the other."""
    frame = pd.DataFrame({"share": [0.25, None], "low": [0.2, None], "high": [0.3, None], "name": ["a", "b"]})
    shown = (
        ("Name", TEXT, "name"),
        ("Share", Percent(), "share"),
        ("90% interval", interval_of(Percent()), ("low", "high")),
    )
    table = DataTable.of_frame(frame, shown)
    assert table.words().to_dict("list") == {
        "Name": ["a", "b"],
        "Share": ["25%", "unknown"],
        "90% interval": ["20% to 30%", "unknown"],
    }
    assert table["share"].tolist()[0] == 0.25
    assert list(table.without("share").words()) == ["Name", "90% interval"]


def test_files_of_text_hold_plain_numbers() -> None:
    """Units of rows are left out, and the ends of an interval are columns of their own."""
    columns = (("what", TEXT), ("value", TEXT), ("range", interval_of(Percent())))
    table = DataTable.of_rows(columns, [("a", Own(0.5, Percent()), (0.1, 0.2)), ("b", Own(3, COUNT), None)])
    assert table["value"].tolist() == [0.5, 3]
    lines = as_csv(table).splitlines()
    assert lines[0] == '"what","value","range from","range to"'
    assert lines[1] == '"a",0.5,0.1,0.2'


def test_cells_say_what_is_unknown() -> None:
    """Nothing missing is shown as zero or as an empty cell."""
    assert [cell(value) for value in (None, float("nan"), pd.NaT, pd.NA)] == ["unknown"] * 4
    assert [cell(value) for value in (True, 1234.5, ("a", "b"))] == ["yes", "1,235", "a, b"]


def test_months_are_months_and_days_are_days() -> None:
    """A column of first days is read as months; one other day makes all of them days."""
    first = pd.Series(pd.to_datetime(["2024-05-01", "2024-06-01"]))
    assert as_table(first.to_frame()).rows == [("2024-05",), ("2024-06",)]
    assert as_table((first + pd.Timedelta(days=3)).to_frame()).rows == [("2024-05-04",), ("2024-06-04",)]


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
    assert [column.heading for column in as_table(frame).columns] == ["New tier", "Bill change"]
    headings = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page)
    assert headings
    assert [each for each in headings if each != heading(each)] == []
