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

from workbench.customers.text_files import read_text_file
from workbench.outputs import as_csv, csv_bytes, save_csv, save_workbook, sheet_name
from workbench.tables import CENTS, DataTable, Money, without_guards

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


@pytest.mark.parametrize("text", ["€6,298", "+24.9%", "1,200 CHF", "0012", "2024-01", "1.1"])
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    """Nothing is guessed from how a text looks: it may be a name."""
    sheet = load_workbook(save_workbook({"a": pd.DataFrame({"x": [text, "unknown", None]})}, tmp_path / "a.xlsx"))["a"]
    assert [(cell.data_type, cell.value) for cell in sheet["A"][1:3]] == [("s", text), ("s", "unknown")]
    assert sheet["A4"].value is None


def test_a_number_looks_as_a_reader_sees_it(tmp_path: Path) -> None:
    """An amount can be summed and looks as on the page; words beside it stay words."""
    table = DataTable.of_rows((("x", Money("EUR", missing="open")),), [(6298.4,), ("free",), (None,)])
    sheet = load_workbook(save_workbook({"a": table}, tmp_path / "a.xlsx"))["a"]
    assert (sheet["A1"].value, sheet["A2"].value, sheet["A3"].value, sheet["A4"].value) == ("X", 6298.4, "free", "open")
    assert sheet["A2"].number_format == '"€"#,##0;-"€"#,##0;"€"#,##0'


def test_money_and_months_are_shown_as_such(tmp_path: Path) -> None:
    """Cents in amounts whose heading names the currency, months without a day, days without an hour, and a filter."""
    months, days = pd.to_datetime(["2024-01-01", "2024-02-01"]), pd.to_datetime(["2024-01-01", "2024-02-09"])
    frame = pd.DataFrame({"Bill (EUR a month)": [1234.5, 2], "Month": months, "Day": days})
    table = DataTable.plain(frame, {"Bill (EUR a month)": CENTS})
    sheet = load_workbook(save_workbook({"a": table}, tmp_path / "a.xlsx"))["a"]
    assert [cell.number_format.split(";")[0] for cell in sheet[2]] == ["#,##0.00", "yyyy-mm", "yyyy-mm-dd"]
    assert sheet.auto_filter.ref == "A1:C3"
