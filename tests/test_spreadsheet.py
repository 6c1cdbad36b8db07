"""Tables leave as text and numbers, never as formulas."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from workbench.cells import without_guards
from workbench.customers.text_files import read_text_file
from workbench.outputs import as_csv, csv_bytes, save_csv, save_workbook, sheet_name

if TYPE_CHECKING:
    from pathlib import Path

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("text", DANGEROUS)
def test_formula_like_text_is_text_in_a_workbook(tmp_path: Path, text: str) -> None:
    """A cell whose text begins like a formula is stored as text, and so is a header."""
    path = save_workbook({"accounts": pd.DataFrame({"=head": [text], "amount": [-2.5]})}, tmp_path / "a" / "list.xlsx")
    sheet = load_workbook(path)["accounts"]
    assert (sheet["A1"].data_type, sheet["A2"].data_type) == ("s", "s")
    assert sheet["A2"].value.strip() == text.strip()
    assert sheet["B2"].value == -2.5


@pytest.mark.parametrize("text", DANGEROUS)
def test_formula_like_text_is_harmless_in_csv(text: str) -> None:
    """Text that begins like a formula gets an apostrophe, numbers keep their sign."""
    rows = list(csv.reader(io.StringIO(as_csv(pd.DataFrame({"=head": [text], "amount": [-2.5]})), newline="")))
    assert rows[0][0] == "'=head"
    assert rows[1] == [f"'{text}", "-2.5"]


# What separates cells somewhere, what begins a formula, and what a guard and its taking away could mistake.
NAMES = st.text(
    st.one_of(
        st.sampled_from(",;\t|=+-@'\" \n\u00a0\uff1d1"),
        st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")),
    ),
    max_size=12,
)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@given(rows=st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=4))
def test_no_cell_is_a_formula_whatever_separates_cells(separator: str, rows: list[tuple[str, ...]]) -> None:
    """Opened where another character separates cells, no text written becomes a cell that begins like a formula."""
    written = as_csv(pd.DataFrame(rows, columns=["=a", "b;@c", "d|-e"], dtype=object))
    for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
        for cell in row:
            assert not cell.strip().startswith(("=", "+", "-", "@", "\uff1d")), cell


@given(text=NAMES)
def test_a_guard_can_be_taken_away(text: str) -> None:
    """Whatever a name holds, apostrophes of its own included, it comes back as it was."""
    written = as_csv(pd.DataFrame({"name": [text]}, dtype=object))
    (_header, row) = csv.reader(io.StringIO(written, newline=""))
    assert without_guards(row[0]) == text


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@given(names=st.lists(NAMES.map(str.strip).filter(bool), min_size=1, max_size=5))
def test_our_own_reader_gives_the_names_back(
    tmp_path_factory: pytest.TempPathFactory, separator: str, names: list[str]
) -> None:
    """A table written here and read again has the names it had, also after a program changed the separator."""
    frame = pd.DataFrame({"respondent": names, "feature": names, "reaction": [1.5] * len(names)}, dtype=object)
    text = csv_bytes(frame).decode("utf-8-sig")
    if separator != ",":
        copied = io.StringIO(newline="")
        rows = csv.reader(io.StringIO(text, newline=""))
        csv.writer(copied, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
        text = copied.getvalue()
    path = tmp_path_factory.getbasetemp() / "survey.csv"
    path.write_text(text, encoding="utf-8-sig", newline="")
    (table,) = read_text_file(path, "survey_feature_fit").tables
    assert table.frame["respondent"].str.strip().tolist() == names
    assert table.frame["feature"].str.strip().tolist() == names


def test_the_table_given_stays_as_it_was(tmp_path: Path) -> None:
    """Writing a table changes nothing in it, and the file opens with the names as they were."""
    frame = pd.DataFrame({"account": ["=x", "Zoë"], "amount": [1.0, None]})
    before = frame.copy()
    path = save_csv(frame, tmp_path / "list.csv")
    pd.testing.assert_frame_equal(frame, before)
    assert pd.read_csv(path, encoding="utf-8-sig")["account"].tolist() == ["'=x", "Zoë"]


def test_control_characters_do_not_stop_a_workbook(tmp_path: Path) -> None:
    """Characters Excel cannot hold are left out instead of failing the file."""
    path = save_workbook({"a": pd.DataFrame({"x": ["a\x00b\x1fc"]})}, tmp_path / "a.xlsx")
    assert load_workbook(path)["a"]["A2"].value == "abc"


def test_sheet_names_are_those_excel_accepts() -> None:
    """Names lose forbidden characters, stay within 31 characters and are never used twice."""
    taken: set[str] = set()
    names = [sheet_name(name, taken) for name in ("a/b:c", "A B C", "x" * 40, "x" * 40, "''")]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("€6,298", 6298, '"€"#,##0'),
        ("\u2212€61,728.50", -61728.5, '-"€"#,##0.00'),
        ("+24.9%", 0.249, "+#,##0.0%"),
        ("7%", 0.07, "#,##0%"),
        ("1,200 CHF", 1200, '#,##0" CHF"'),
    ],
)
def test_an_amount_written_for_a_reader_is_a_number_in_a_workbook(
    tmp_path: Path, text: str, value: float, shown: str
) -> None:
    """It can be summed and looks as before; words beside it stay words."""
    path = save_workbook({"a": pd.DataFrame({"x": [text, "unknown", None]})}, tmp_path / "a.xlsx")
    sheet = load_workbook(path)["a"]
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("n", value)
    assert shown in sheet["A2"].number_format
    assert (sheet["A3"].value, sheet["A4"].value) == ("unknown", None)


@pytest.mark.parametrize(
    "column", [["0012", "7"], ["€5 (7%)", "€6"], ["A1", "10%"], ["2024-01", "2024-02"], ["1.1", "2"]]
)
def test_text_that_may_be_a_name_stays_text(tmp_path: Path, column: list[str]) -> None:
    """Numbers without a unit may be identifiers, and a column with other digits is not one of amounts."""
    sheet = load_workbook(save_workbook({"a": pd.DataFrame({"x": column})}, tmp_path / "a.xlsx"))["a"]
    assert [sheet["A2"].value, sheet["A3"].value] == column


def test_money_and_months_are_shown_as_such(tmp_path: Path) -> None:
    """Cents where the heading names a currency, months without a day, days without an hour, and a filter."""
    months, days = pd.to_datetime(["2024-01-01", "2024-02-01"]), pd.to_datetime(["2024-01-01", "2024-02-09"])
    frame = pd.DataFrame({"Bill (EUR a month)": [1234.5, 2], "Month": months, "Day": days})
    sheet = load_workbook(save_workbook({"a": frame}, tmp_path / "a.xlsx"))["a"]
    assert [cell.number_format for cell in sheet[2]] == ["#,##0.00", "yyyy-mm", "yyyy-mm-dd"]
    assert sheet.auto_filter.ref == "A1:C3"
