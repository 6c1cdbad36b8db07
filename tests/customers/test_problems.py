"""Bad data is refused with every problem named: where it is, what it says, what was expected, what to do."""

from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import DataErrors, WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.errors import Problem

    Loader = Callable[[dict[str, str | bytes | None]], tuple[Problem, ...]]

USAGE_HEADER = "account_id,month,metric,quantity\n"
MRR_HEADER = "account_id,month,amount,plan,currency\n"


def _only(problems: tuple[Problem, ...], **fields: object) -> Problem:
    """Return the one problem with these fields."""
    found = [problem for problem in problems if all(getattr(problem, name) == value for name, value in fields.items())]
    assert len(found) == 1, problems
    return found[0]


def test_a_row_given_twice_is_reported_with_the_row_it_repeats(problems_with: Loader) -> None:
    """The same account, month and metric may occur once; the later row names the earlier one."""
    problems = problems_with(
        {"usage.csv": USAGE_HEADER + "A1,2024-01,seats,4\nA2,2024-01,seats,4\nA1,2024-01-31,seats,5\n"}
    )
    problem = _only(problems, table="usage")
    assert (problem.row, problem.file) == (4, "usage.csv")
    assert "Row 2" in problem.remedy
    assert "A1" in problem.value


def test_an_account_listed_twice_is_reported(problems_with: Loader) -> None:
    """An account identifier names one account."""
    problems = problems_with({"accounts.csv": "account_id\nA1\nA2\nA3\nA1\n"})
    assert [(p.row, p.column, p.value) for p in problems] == [(5, "account_id", "A1")]


def test_a_negative_quantity_is_reported(problems_with: Loader) -> None:
    """Quantities and amounts are zero or more."""
    problems = problems_with({"usage.csv": USAGE_HEADER + "A1,2024-01,seats,4\nA1,2024-02,seats,-4\n"})
    assert [(p.row, p.column, p.value) for p in problems] == [(3, "quantity", "-4")]
    assert "0 or more" in problems[0].expected


@pytest.mark.parametrize(
    ("rows", "wrong", "right"),
    [
        ('A1,2024-01,99.5,,\nA2,2024-01,12.25,,\nA3,2024-02,"1.234,50",,\n', "1.234,50", "write 1234.50"),
        ('A1,2024-01,"99,5",,\nA2,2024-01,"12,25",,\nA3,2024-02,"1,234.50",,\n', "1,234.50", "write 1234,50"),
    ],
)
def test_a_number_with_the_other_decimal_mark_is_written_out(
    problems_with: Loader, rows: str, wrong: str, right: str
) -> None:
    """What to do about 1.234,50 in a file of decimal points is to write 1234.50, and the other way round."""
    problem = _only(problems_with({"mrr.csv": MRR_HEADER + rows}))
    assert (problem.row, problem.value) == (4, wrong)
    assert right in problem.remedy


def test_an_account_nobody_listed_is_reported(problems_with: Loader) -> None:
    """Every account in a history is in the accounts table."""
    problems = problems_with({"mrr.csv": MRR_HEADER + "A1,2024-01,5,,\nA9,2024-01,5,,\n"})
    problem = _only(problems)
    assert (problem.table, problem.row, problem.value) == ("mrr", 3, "A9")
    assert "accounts.csv" in problem.remedy


def test_a_month_missing_for_every_account_is_reported(problems_with: Loader) -> None:
    """A month without a single row, between months that have rows, means a cut export."""
    problems = problems_with({"mrr.csv": MRR_HEADER + "A1,2024-01,5,,\nA2,2024-03,5,,\n"})
    problem = _only(problems)
    assert (problem.row, problem.value, problem.column) == (None, "2024-02", "month")


def test_mixed_currencies_are_reported_row_by_row(problems_with: Loader) -> None:
    """Amounts are in one currency; rows in another than most are listed."""
    rows = "A1,2024-01,5,,USD\nA2,2024-01,5,,EUR\nA3,2024-01,5,,usd\n"
    problem = _only(problems_with({"mrr.csv": MRR_HEADER + rows}))
    assert (problem.row, problem.value) == (3, "EUR")


def test_a_price_list_in_another_currency_than_the_revenue_is_reported(problems_with: Loader) -> None:
    """MRR and the price list are in the same currency."""
    problem = _only(problems_with({"plans.csv": "plan,base_fee,currency\nTeam,10,EUR\n"}))
    assert (problem.table, problem.value) == ("plans", "EUR")


@pytest.mark.parametrize("day", ["2024-02-31", "1023-04-01", "2999-01-01", "31/02/2024", "soon", "99999"])
def test_an_impossible_date_is_reported(problems_with: Loader, day: str) -> None:
    """Days no calendar has, years no company knew, and serial numbers are not dates."""
    problem = _only(problems_with({"requests.csv": f"account_id,date,feature\nA1,{day},export\n"}))
    assert (problem.row, problem.column, problem.value) == (2, "date", day)


def test_a_date_without_a_year_of_four_digits_is_reported(problems_with: Loader) -> None:
    """03/04/24 is not guessed."""
    problem = _only(problems_with({"requests.csv": "account_id,date,feature\nA1,03/04/24,export\n"}))
    assert problem.column == "date"


def test_dates_whose_day_and_month_cannot_be_told_apart_are_one_problem(problems_with: Loader) -> None:
    """A column of 03/04/2024 is refused once, with the way out, instead of guessed."""
    rows = "A1,03/04/2024,export\nA2,05/06/2024,export\n"
    problem = _only(problems_with({"requests.csv": f"account_id,date,feature\n{rows}"}))
    assert (problem.row, problem.count) == (2, 2)
    assert "year-month-day" in problem.remedy


def test_an_unreadable_day_beside_ambiguous_ones_is_a_problem_of_its_own(problems_with: Loader) -> None:
    """One cause in a column does not hide another."""
    rows = "A1,03/04/2024,export\nA2,soon,export\n"
    problems = problems_with({"requests.csv": f"account_id,date,feature\n{rows}"})
    assert [problem.value for problem in problems] == ["03/04/2024", "soon"]


def test_words_where_numbers_belong_are_one_problem(problems_with: Loader) -> None:
    """Cells of a wrong type are counted, with the lines a person sees."""
    rows = "A1,2024-01,seats,many\n\nA2,2024-01,seats,3\nA3,2024-01,seats,n.a.b\n"
    problems = problems_with({"usage.csv": USAGE_HEADER + rows})
    assert [(p.count, p.rows, p.found) for p in problems] == [(2, (2, 5), "many, n.a.b")]


def test_half_a_seat_is_reported_where_only_whole_ones_exist(problems_with: Loader) -> None:
    """Counts are whole numbers."""
    problem = _only(problems_with({"accounts.csv": "account_id,seats\nA1,1.5\nA2,2\nA3,\n"}))
    assert problem.value == "1.5"


def test_a_comma_that_can_mean_two_things_is_reported(problems_with: Loader) -> None:
    """1,234 is not guessed when nothing else in the file settles it."""
    problem = _only(problems_with({"usage.csv": USAGE_HEADER + 'A1,2024-01,rows,"1,234"\n'}))
    assert problem.value == "1,234"
    assert "thousands" in problem.remedy


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_dots_that_can_mean_two_things_are_reported(problems_with: Loader, company: Path, sign: str) -> None:
    """Of 2.980 and 1.310 alone nobody knows whether they are two or two thousand; 4.25 beside them tells."""
    rows = "account_id,month,amount\nA1,2024-01,2.980\nA2,2024-01,1.310\n".replace(",", sign)
    problem = _only(problems_with({"mrr.csv": rows}))
    assert (problem.rows, problem.column, problem.value) == ((2, 3), "amount", "2.980")
    assert "thousands" in problem.remedy
    (company / "mrr.csv").write_text(rows + "A1,2024-02,4.25\n".replace(",", sign))
    assert CustomerBase.load(company).mrr["amount"].tolist() == [2.98, 1.31, 4.25]


def test_a_plan_nobody_lists_is_named_with_the_one_meant(problems_with: Loader) -> None:
    """Whatever its capitals."""
    problem = _only(
        problems_with({"plans.csv": "plan,base_fee\nBasic,5\n", "plan_limits.csv": "plan,metric,limit\nBASIC,rows,5\n"})
    )
    assert "Is it Basic?" in problem.remedy


def test_a_blank_where_a_value_is_needed_is_reported(problems_with: Loader) -> None:
    """Required cells are filled."""
    problem = _only(problems_with({"usage.csv": USAGE_HEADER + "A1,2024-01,seats,\n"}))
    assert (problem.row, problem.column, problem.value) == (2, "quantity", "")
    assert "Fill in" in problem.remedy


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf", b",,,\n"])
def test_an_empty_file_is_reported(problems_with: Loader, content: bytes) -> None:
    """A file without anything in it says nothing, and that is said."""
    problem = _only(problems_with({"usage.csv": content}))
    assert (problem.file, problem.value) == ("usage.csv", "an empty file")


def test_a_file_with_only_a_header_is_reported(problems_with: Loader) -> None:
    """A table needs a row."""
    problem = _only(problems_with({"usage.csv": USAGE_HEADER}))
    assert "at least one row" in problem.expected


def test_a_sheet_of_two_hundred_columns_says_which_are_known_and_which_ignored(problems_with: Loader) -> None:
    """A very wide sheet answers fast, and says what of it was understood."""
    header = ",".join(["account_id", "metric", *(f"field_{n}" for n in range(198))])
    body = "\n".join(",".join(["A1", "seats", *["1"] * 198]) for _ in range(2000))
    began = time.process_time()
    problems = problems_with({"usage.csv": f"{header}\n{body}\n"})
    assert time.process_time() - began < 10
    assert {problem.column for problem in problems} == {"month", "quantity"}
    assert "Known columns found: account_id, metric" in problems[0].remedy
    assert "field_0" in problems[0].remedy
    assert "186 more" in problems[0].remedy


def test_a_sheet_with_one_column_per_month_says_how_to_turn_it(problems_with: Loader) -> None:
    """Months spread over columns are recognised, not reported as a missing month column."""
    months = [f"{year}-{month:02}" for year in range(2010, 2026) for month in range(1, 13)]
    text = ",".join(["account_id", "metric", *months]) + "\n" + ",".join(["A1", "seats", *["1"] * len(months)])
    problem = _only(problems_with({"usage.csv": text}))
    assert "192 month columns from 2010-01 to 2025-12" in problem.value
    assert "Unpivot" in problem.remedy
    assert "melt" in problem.remedy


@pytest.mark.parametrize(
    "content",
    [b"account_id,name\nA1,\x81\xff\n", b"\xff\xfea\x00c", b"a\x00\x00\x00b\x00\x00\x00"],
    ids=["no known encoding", "cut UTF-16", "UTF-32"],
)
def test_a_wrong_encoding_is_reported(problems_with: Loader, content: bytes) -> None:
    """Bytes that are text in no usual encoding are not guessed at."""
    problems = problems_with({"accounts.csv": content})
    assert problems[0].table == "accounts"
    assert "UTF-8" in problems[0].expected + problems[0].remedy


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("usage.csv", USAGE_HEADER)
    return buffer.getvalue()


def _workbook() -> bytes:
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n\x00\x01", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (_zip(), "zip"),
        (_workbook(), "Excel workbook"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"<!DOCTYPE html><html>login</html>", "web page"),
        (b'{"usage": []}', "JSON"),
    ],
)
def test_a_file_of_another_kind_is_named(problems_with: Loader, content: bytes, kind: str) -> None:
    """A picture called usage.csv is called a picture, and nothing else is said about it."""
    problem = _only(problems_with({"usage.csv": content}))
    assert kind in problem.value


@pytest.mark.parametrize("name", ["usage.xlsx", "usage.parquet", "usage.xls"])
def test_a_workbook_or_parquet_file_that_is_none_is_reported(problems_with: Loader, name: str) -> None:
    """Files that cannot be opened as what they are called are problems, not crashes."""
    problem = _only(problems_with({"usage.csv": None, name: b"%PDF-1.7\n"}), file=name)
    assert problem.remedy


def test_a_missing_column_names_the_one_probably_meant(problems_with: Loader) -> None:
    """A header close to the missing one is offered."""
    problem = _only(problems_with({"usage.csv": "account_id,month,metric,quantitty\nA1,2024-01,seats,4\n"}))
    assert problem.column == "quantity"
    assert "Did you mean the column 'quantitty'" in problem.remedy


def test_a_title_above_the_header_is_recognised_as_the_cause(problems_with: Loader) -> None:
    """When no column is known at all, the first line is probably not the header."""
    problems = problems_with({"mrr.csv": "Our export\n\n" + MRR_HEADER + "A1,2024-01,5,,\n"})
    assert {problem.column for problem in problems} == {"account_id", "month", "amount"}
    assert all("delete any title" in problem.remedy for problem in problems)


@pytest.mark.parametrize("header", ["Segment,segment", "segment,segment"])
def test_a_column_given_twice_is_reported(problems_with: Loader, header: str) -> None:
    """Two columns of one meaning are not chosen between."""
    problem = _only(problems_with({"accounts.csv": f"account_id,{header}\nA1,a,b\nA2,a,b\nA3,a,b\n"}))
    assert problem.column == "segment"


def test_missing_tables_are_reported(problems_with: Loader) -> None:
    """Accounts and one of usage or MRR are needed."""
    problems = problems_with({"accounts.csv": None, "usage.csv": None, "mrr.csv": None, "notes.txt": "hello"})
    assert {problem.table for problem in problems} >= {"accounts", "usage"}
    assert any("notes.txt" in problem.value for problem in problems)


def test_a_folder_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    """A path to nowhere is said to lead nowhere, and is the only problem."""
    with pytest.raises(DataErrors) as raised:
        CustomerBase.load(tmp_path / "nowhere")
    problem = _only(raised.value.problems)
    assert "nowhere" in problem.value
    assert "exists" in problem.expected


def test_the_same_table_in_two_files_is_reported(problems_with: Loader) -> None:
    """Two files for one table are not added up in silence."""
    problem = _only(problems_with({"Monthly Usage.csv": USAGE_HEADER + "A1,2024-01,seats,4\n"}))
    assert {problem.file} | set(problem.remedy.split()) >= {"usage.csv"}


def test_a_row_with_too_many_cells_is_reported_with_its_line(problems_with: Loader) -> None:
    """An unquoted delimiter inside a cell shows as one cell too many."""
    problem = _only(problems_with({"accounts.csv": "account_id,name\nA1,x\nA2,Smith, Ltd\nA3,z\n"}))
    assert (problem.row, problem.value) == (3, "3 cells")


def test_an_unknown_plan_in_the_price_list_tables_is_reported(problems_with: Loader) -> None:
    """Limits belong to plans that exist."""
    files = {
        "plans.csv": "plan,base_fee\nTeam,10\n",
        "plan_limits.csv": "plan,metric,limit\nTeem,seats,10\n",
    }
    problem = _only(problems_with(files))
    assert (problem.table, problem.value) == ("plan_limits", "Teem")


def test_an_answer_outside_its_choices_is_reported(problems_with: Loader) -> None:
    """Coded answers come from the documented list."""
    text = "respondent,task,feature,choice\nR1,1,export,best\nR1,1,api,worsst\nR1,1,sso,None\n"
    problem = _only(problems_with({"survey_best_worst.csv": text}))
    assert (problem.row, problem.value) == (3, "worsst")


def test_every_problem_is_reported_at_once(problems_with: Loader) -> None:
    """Problems of several kinds in several tables come in one list."""
    problems = problems_with(
        {
            "accounts.csv": "account_id,signed_up,seats\nA1,2024-02-31,five\nA2,,\nA3,,-1\n",
            "usage.csv": USAGE_HEADER + "A1,2024-01,seats,-1\nA1,2024-01,seats,x\nA7,2024-01,seats,1\n",
            "mrr.csv": b"%PDF",
        }
    )
    assert {(p.table, p.column) for p in problems} == {
        ("accounts", "signed_up"),
        ("accounts", "seats"),
        ("usage", "quantity"),
        ("usage", "account_id, month, metric"),
        ("usage", "account_id"),
        ("mrr", ""),
    }


def test_a_wrong_column_is_one_problem_however_long_and_found_in_seconds() -> None:
    """What a hundred thousand rows have in common is said once with its count; another cause is said beside it."""
    rows = 100_000
    usage = pd.DataFrame(
        {
            "account_id": np.array([f"A{n}" for n in range(rows)], dtype=object),
            "month": "2024-01",
            "metric": "seats",
            "quantity": np.array(["abc", "-1", "abc", ""] * (rows // 4), dtype=object),
        }
    )
    began = time.process_time()
    with pytest.raises(DataErrors) as raised:
        CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A0"]}), "usage": usage})
    assert time.process_time() - began < 10
    counts = {(p.column, p.value): p.count for p in raised.value.problems}
    assert counts == {
        ("quantity", "abc"): rows // 2,
        ("quantity", "-1"): rows // 4,
        ("quantity", ""): rows // 4,
        ("account_id", "A1"): rows - 1,
    }


def test_an_identifier_column_of_dates_or_an_unhashable_cell_is_no_crash() -> None:
    """Whatever a DataFrame holds, the answer is a list of problems."""
    usage = pd.DataFrame({"account_id": [["A0"]], "month": [{}], "metric": [1], "quantity": [object()]})
    with pytest.raises(DataErrors) as raised:
        CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A0"]}), "usage": usage})
    assert {problem.column for problem in raised.value.problems} >= {"month", "quantity"}


def test_tables_that_are_no_frames_are_refused_and_absent_ones_left_out() -> None:
    """None stands for a table the company does not have; a text is an error."""
    accounts = pd.DataFrame({"account_id": ["a"]})
    usage = pd.DataFrame({"account_id": ["a"], "month": ["2024-01"], "metric": ["seats"], "quantity": [1]})
    base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": None, "extra": usage})
    assert (base.tables, base.ignored_files) == (("accounts", "usage"), ("extra",))
    with pytest.raises(WorkbenchError, match="usage is a str"):
        CustomerBase.from_tables({"accounts": accounts, "usage": "usage.csv"})


def test_a_frame_with_two_columns_of_one_name_is_reported() -> None:
    """Columns of one name in a DataFrame are told apart and refused."""
    accounts = pd.DataFrame([["a", "b", 1]], columns=["account_id", "account_id", "seats"])
    usage = pd.DataFrame({"account_id": ["a"], "month": ["2024-01"], "metric": ["seats"], "quantity": [1]})
    with pytest.raises(DataErrors) as raised:
        CustomerBase.from_tables({"accounts": accounts, "usage": usage})
    assert "account_id" in {problem.column for problem in raised.value.problems}


@pytest.mark.parametrize(
    ("written", "is_evening"),
    [
        (("2023-12-31T23:00:00Z", "2024-01-31T23:00:00Z"), True), (("2023-12-31 23:00", "2024-01-31 22:00"), True),
        (("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"), False), (("2023-12-31", "2024-01-31"), False),
        (("2024-01-15T23:00:00Z", "2024-02-15T23:00:00Z"), False),
    ],
)  # fmt: skip
def test_months_of_another_time_zone_are_not_taken_for_those_before(
    problems_with: Loader, written: tuple[str, ...], is_evening: bool
) -> None:
    """Where all begin on the evening before, each would be counted in the month before, and no check would tell."""
    rows = "".join(f"A1,{month},10\n" for month in written)
    problems = problems_with({"accounts.csv": "account_id\nA1\n", "mrr.csv": f"account_id,month,amount\n{rows}"})
    assert [each.column for each in problems if "evening before" in each.expected] == ["month"] * is_evening
