"""The same data reads the same, whatever delimiter, encoding, number style, date style or kind of file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.text_files import decode
from workbench.errors import DataErrors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _same(left: CustomerBase, right: CustomerBase) -> None:
    assert left.tables == right.tables
    for name in left.tables:
        pd.testing.assert_frame_equal(left.table(name), right.table(name))
    assert left.fingerprint == right.fingerprint


def _rewrite(company: Path, change: Callable[[str], bytes]) -> None:
    """Replace the bytes of every file by what `change` makes of its text."""
    for path in company.iterdir():
        path.write_bytes(change(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_reads_the_same(company: Path, delimiter: str) -> None:
    """Comma, semicolon, tab and bar are found out."""
    plain = CustomerBase.load(company)
    _rewrite(company, lambda text: text.replace(",", delimiter).encode())
    _same(plain, CustomerBase.load(company))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_usual_encoding_reads_the_same(company: Path, encoding: str) -> None:
    """Letters beyond ASCII survive, with and without a byte order mark."""
    plain = CustomerBase.load(company)
    _rewrite(company, lambda text: text.encode(encoding))
    _same(plain, CustomerBase.load(company))
    assert "Füller" in CustomerBase.load(company).accounts["name"].tolist()


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_any_line_ending_reads_the_same(company: Path, ending: str) -> None:
    """Files from Windows and old Mac programs read as others do."""
    plain = CustomerBase.load(company)
    _rewrite(company, lambda text: text.replace("\n", ending).encode())
    _same(plain, CustomerBase.load(company))


def test_a_decimal_comma_reads_as_one(company: Path) -> None:
    """1.234,5 is one thousand two hundred thirty-four and a half, and 1.300 beside it thirteen hundred."""
    text = "account_id;month;metric;quantity\nA1;2024-01;rows;1.234,5\nA2;2024-01;rows;1.300\nA3;2024-02;rows;0,125\n"
    (company / "usage.csv").write_text(text)
    assert CustomerBase.load(company).usage["quantity"].tolist() == [1234.5, 1300.0, 0.125]


def test_thousands_separators_read_where_they_are_certain(company: Path) -> None:
    """1,234 is a thousand where another number of the file shows what the comma means."""
    text = 'account_id,month,metric,quantity\nA1,2024-01,rows,"1,234"\nA2,2024-01,rows,"1,000.5"\nA3,2024-02,rows,7\n'
    (company / "usage.csv").write_text(text)
    assert CustomerBase.load(company).usage["quantity"].tolist() == [1234.0, 1000.5, 7.0]


@pytest.mark.parametrize(
    "days",
    [
        ("2024-03-31", "2024-04-02"),
        ("31/03/2024", "02/04/2024"),
        ("03/31/2024", "04/02/2024"),
        ("31.03.2024", "02.04.2024"),
        ("2024-03-31T08:15:00Z", "2024-04-02 23:59"),
        ("31 March 2024", "2 Apr 2024"),
        ("20240331", "2024/4/2"),
    ],
)
def test_dates_read_in_every_style_that_is_certain(company: Path, days: tuple[str, str]) -> None:
    """One day beyond the twelfth settles which number is the day for the whole column."""
    rows = "\n".join(f"A1,{day},export" for day in days)
    (company / "requests.csv").write_text(f"account_id,date,feature\n{rows}\n")
    read = CustomerBase.load(company).requests["date"]
    assert read.tolist() == [pd.Timestamp("2024-03-31"), pd.Timestamp("2024-04-02")]


def test_months_written_as_their_first_day_settle_the_style(company: Path) -> None:
    """01/02/2024 and 01/03/2024 in a month column are February and March."""
    rows = "A1,01/02/2024,seats,1\nA1,01/03/2024,seats,2\n"
    (company / "usage.csv").write_text(f"account_id,month,metric,quantity\n{rows}")
    assert CustomerBase.load(company).usage["month"].dt.month.tolist() == [2, 3]


def test_any_day_of_a_week_counts_as_its_monday(company: Path) -> None:
    """Weeks are kept by their Monday."""
    text = "account_id,week,feature,uses\nA1,2024-03-04,export,1\nA1,2024-03-17,export,2\n"
    (company / "feature_use.csv").write_text(text)
    weeks = CustomerBase.load(company).feature_use["week"]
    assert weeks.tolist() == [pd.Timestamp("2024-03-04"), pd.Timestamp("2024-03-11")]


def test_na_is_a_region_and_a_blank_is_unknown(company: Path) -> None:
    """Texts are kept as they are; only a blank cell is missing."""
    (company / "accounts.csv").write_text("account_id,region,seats\nA1,NA,\nA2, ,n/a\nA3,None,3\n")
    accounts = CustomerBase.load(company).accounts
    assert accounts["region"].isna().tolist() == [False, True, False]
    assert accounts["region"].dropna().tolist() == ["NA", "None"]
    assert accounts["seats"].isna().tolist() == [True, True, False]


def test_line_numbers_count_blank_lines_and_broken_cells(company: Path) -> None:
    """A problem names the line a text editor shows, after blank lines and line breaks inside quotes."""
    text = 'account_id,name,seats\n\n"A1","two\nlines",5\n\nA2,x,many\nA3,y,2\n'
    (company / "accounts.csv").write_text(text)
    with pytest.raises(DataErrors) as raised:
        CustomerBase.load(company)
    assert [problem.row for problem in raised.value.problems] == [6]


def test_the_separator_line_excel_writes_is_understood(company: Path) -> None:
    """A first line sep=; is not the header, and still counts as a line."""
    text = "sep=;\naccount_id;seats\nA1;x\nA2;2\nA3;3\n"
    (company / "accounts.csv").write_text(text)
    with pytest.raises(DataErrors) as raised:
        CustomerBase.load(company)
    assert [(problem.row, problem.value) for problem in raised.value.problems] == [(3, "x")]


def test_file_names_are_read_as_people_write_them(company: Path) -> None:
    """Capitals, spaces and usual names do not matter; files that are no table are listed."""
    (company / "usage.csv").rename(company / "Monthly Usage.CSV")
    (company / "accounts.csv").rename(company / "ACCOUNTS.txt")
    (company / "notes.docx").write_text("not a table")
    base = CustomerBase.load(company)
    assert base.tables == ("accounts", "usage", "mrr")
    assert base.ignored_files == ("notes.docx",)


def test_columns_nothing_reads_are_listed(company: Path) -> None:
    """A column more is no problem, and is not hidden either."""
    (company / "accounts.csv").write_text("Account ID,shoe size\nA1,44\nA2,41\nA3,40\n")
    base = CustomerBase.load(company)
    assert base.ignored_columns == {"accounts": ("shoe size",)}
    assert "shoe size" in base.coverage().frame()["ignored columns"].iloc[0]


def test_a_workbook_reads_as_its_sheets_would_as_files(company: Path, tmp_path: Path) -> None:
    """Excel sheets with typed cells give the same base, and other sheets are listed."""
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    plain = CustomerBase.load(company)
    for name in plain.tables:
        sheet = book.create_sheet(name.upper())
        frame = plain.table(name)
        frame = frame[[column for column in frame if frame[column].notna().any()]].astype(object)
        sheet.append(list(frame.columns))
        sheet.append([])
        for row in frame.itertuples(index=False):
            sheet.append([None if pd.isna(cell) else cell for cell in row])
    book.save(tmp_path / "book.xlsx")
    read = CustomerBase.load(tmp_path / "book.xlsx")
    _same(plain, read)
    assert read.ignored_files == ("book.xlsx, sheet Read me",)


def test_a_problem_in_a_workbook_names_sheet_and_row(tmp_path: Path) -> None:
    """Rows of a sheet are counted as Excel counts them."""
    book = openpyxl.Workbook()
    book.active.title = "accounts"
    for row in (["account_id", "seats"], [], [1001, 3], [1002, "#N/A"]):
        book.active.append(row)
    usage = book.create_sheet("usage")
    usage.append(["account_id", "month", "metric", "quantity"])
    usage.append([1001.0, pd.Timestamp("2024-03-31"), "seats", 3])
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(DataErrors) as raised:
        CustomerBase.load(tmp_path / "book.xlsx")
    places = [(problem.file, problem.row, problem.column) for problem in raised.value.problems]
    assert places == [("book.xlsx, sheet accounts", 4, "seats")]


def test_parquet_reads_as_csv_would(company: Path) -> None:
    """Typed Parquet files give the same base as text files."""
    plain = CustomerBase.load(company)
    for name in plain.tables:
        frame = plain.table(name)  # noqa: F841 - DuckDB reads it by its name
        duckdb.sql("SELECT * FROM frame").write_parquet(str(company / f"{name}.parquet"))
        (company / f"{name}.csv").unlink()
    _same(plain, CustomerBase.load(company))


def test_a_choice_survey_keeps_its_attributes(company: Path) -> None:
    """Columns beyond the documented ones are the alternatives' attributes, read as numbers where they are."""
    rows = "R1,1,1,1,49,yes,2\nR1,1,2,0,29,no,1\n"
    (company / "survey_choice.csv").write_text(f"respondent,task,alternative,chosen,price,sso,seats\n{rows}")
    choice = CustomerBase.load(company).survey_choice
    assert choice["sso"].tolist() == ["yes", "no"]
    assert choice["seats"].tolist() == [2.0, 1.0]


def test_a_price_ladder_may_stop_at_the_first_no(company: Path) -> None:
    """Prices not asked any more are blank, which is no problem."""
    (company / "survey_price_ladder.csv").write_text("respondent,price,accepted\nR1,10,yes\nR1,20,0\nR1,30,\n")
    accepted = CustomerBase.load(company).survey_price_ladder["accepted"]
    assert accepted.fillna(-1).tolist() == [1.0, 0.0, -1.0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Jan-24", "Feb-24"), ("45292", "45323"), ("202401", "202402"), ("01/2024", "02/2024"), ("1/1/24", "2/1/24"),
        ("Januar 2024", "Februar 2024"), ("janv. 2024", "f\u00e9vr. 2024"), ("ene 24", "feb 24"),
        ("Jan '24", "Feb '24"),
    ],
)  # fmt: skip
def test_months_read_as_spreadsheets_and_finance_tools_write_them(company: Path, first: str, second: str) -> None:
    """A month column has one meaning, however it is written."""
    (company / "usage.csv").unlink()
    rows = f"A1,{first},100\nA2,{first},900\nA1,{second},100\nA2,{second},900\nA3,{second},150\n"
    (company / "mrr.csv").write_text(f"account_id,month,amount\n{rows}", encoding="utf-8")
    assert [f"{month:%Y-%m}" for month in CustomerBase.load(company).months] == ["2024-01", "2024-02"]


@pytest.mark.parametrize(
    ("text", "day"),
    [("15-Jan-24", "2024-01-15"), ("15.01.24", "2024-01-15"), ("1/15/24", "2024-01-15"), ("45306", "2024-01-15")],
)
def test_days_read_as_spreadsheets_write_them(company: Path, text: str, day: str) -> None:
    """A year of two digits, and a day as a spreadsheet counts it."""
    accounts = (company / "accounts.csv").read_text(encoding="utf-8")
    (company / "accounts.csv").write_text(accounts.replace("2024-01-05", text), encoding="utf-8")
    assert f"{CustomerBase.load(company).accounts['signed_up'][0]:%Y-%m-%d}" == day


@pytest.mark.parametrize("text", ["Jan 24", "24-01-05"])
def test_a_day_that_can_be_two_is_refused(company: Path, text: str) -> None:
    """Where days are written, a month with a number may be either, and so may two digits in front."""
    accounts = (company / "accounts.csv").read_text(encoding="utf-8")
    (company / "accounts.csv").write_text(accounts.replace("2024-01-05", text), encoding="utf-8")
    with pytest.raises(DataErrors, match="signed_up"):
        CustomerBase.load(company)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", "név;ország\nŐri Gyümölcs Kft.;Magyarország\nFűtőmű Zrt.;x\n"),
        ("cp1250", "name\nSzőlő\nAcme Ltd\n"), ("cp1250", "nume\nSocietatea Iaşi\nBraşov\n"),
        ("cp1254", "ad;şehir\nİstanbul Yazılım A.Ş.;İstanbul\nGüneş Çiçek;Muğla\n"),
        ("cp932", "会社名,金額\n株式会社山田商事,100\nカブシキガイシャ,200\nさくら商店,400\n"),
        ("cp932", "name\nカブ\nﾔﾏﾀﾞ商事\n"), ("cp932", "account_id,name\nA1,株式会社A\nA2,Acme Ltd\n"),
        ("cp1252", "nimi;linn\nVõru Õpik OÜ;Võru\nPõlva Mõis;Pärnu\n"), ("cp1252", "nome\nOpções e Soluções\nCAMÕES\n"),
        ("cp1252", "nom\nSociété Goûter\nBrûlerie Flûte\nSûreté\nCoûteux\n"), ("cp1252", "Þórður hf;Reykjavík\n"),
        ("cp1252", "name\nWe’re “Best” — a company’s…\n"), ("cp1252", "nombre\nPeña y Muñoz\n1º Piso;Nº 3\n"),
        ("cp866", "имя\nООО РОМАШКА;МОСКВА\n"), ("cp1251", "имя\nООО РОМАШКА\nРога и копыта\n"),
        ("cp949", "이름\n삼성전자\n주식회사 한국\n"), ("gbk", "名称\n北京科技有限公司\n"), ("cp1250", "name\nErős\n"),
    ],
)  # fmt: skip
def test_nothing_is_misread_in_silence(encoding: str, text: str) -> None:
    """Letters that two encodings share are told apart by the words they make; where nothing tells, none is taken."""
    refused = encoding in ("cp949", "gbk") or "Erős" in text
    assert decode(text.encode(encoding)) == (None if refused else text)
