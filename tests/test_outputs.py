"""What the workbench did not write is replaced only with `force`; a study and what a result is made from never are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pandas as pd
import pytest

from workbench.errors import FileError
from workbench.outputs import PAGE, PDF_MARK, check_output, check_outputs, save_csv, save_workbook
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

MARK = '<!DOCTYPE html>\n<meta charset="utf-8">\n<meta name="generator" content="pricing-design-workbench">\n'


@pytest.mark.parametrize(
    ("name", "ours", "other"),
    [
        ("a.html", MARK.encode(), b"<p>pricing-design-workbench</p>"),
        ("a.pdf", b"%PDF-1.4\n%%EOF" + PDF_MARK, b"%PDF-1.4\n%%EOF"),
    ],
)
def test_a_file_of_ours_is_known_by_its_mark(tmp_path: Path, name: str, ours: bytes, other: bytes) -> None:
    """A page and a PDF with the mark are replaced; one that only mentions the workbench needs force."""
    path = tmp_path / name
    path.write_bytes(ours)
    check_output(path, path.suffix)
    path.write_bytes(other)
    with pytest.raises(FileError, match="--force"):
        check_output(path, path.suffix)
    check_output(path, path.suffix, force=True)


def test_a_workbook_is_ours_until_somebody_works_in_it(tmp_path: Path) -> None:
    """What a spreadsheet saved again under a person's name is that person's."""
    frame = pd.DataFrame({"a": [1]})
    path = save_workbook({"a": frame}, tmp_path / "a.xlsx")
    save_workbook({"a": frame}, path)
    book = openpyxl.load_workbook(path)
    book.properties.lastModifiedBy = "Ann"
    book.save(path)
    with pytest.raises(FileError, match="not written by the workbench"):
        save_workbook({"a": frame}, path)
    path.write_bytes(b"PK no workbook at all")
    with pytest.raises(FileError, match="--force"):
        save_workbook({"a": frame}, path)
    save_workbook({"a": frame}, path, force=True)


def test_a_table_is_ours_by_its_header(tmp_path: Path) -> None:
    """An earlier list of the same columns is replaced, a table of other columns is not."""
    path = save_csv(pd.DataFrame({"Account": ["a"], "Bill": [1]}), tmp_path / "list.csv")
    save_csv(pd.DataFrame({"Account": ["b"], "Bill": [2]}), path)
    with pytest.raises(FileError, match="--force"):
        save_csv(pd.DataFrame({"Name": ["b"]}), path)


def test_an_empty_file_and_one_that_is_kept_whole_lose_nothing(tmp_path: Path) -> None:
    """A name that `mktemp` made is free, and so is a file whose every line is in the new one."""
    path = tmp_path / "a.html"
    path.touch()
    check_output(path, ".html")
    path.write_bytes(b"a\nb\n")
    check_output(path, content=b"b\na\nc\n")
    with pytest.raises(FileError):
        check_output(path, content=b"b\nc\n")


@pytest.mark.parametrize("name", ["study.json", "Study.json", "history/00000001.json", "study.replaced-1.json",
                                  ".study.lock"])  # fmt: skip
@pytest.mark.parametrize("linked", [False, True])
def test_a_study_is_never_replaced(tmp_path: Path, name: str, linked: bool) -> None:
    """Neither under its name nor through a link, not even with force, nor is a place for one taken."""
    Study.new("mine", "data").save(tmp_path)
    path = tmp_path / name
    if linked:
        path = tmp_path / "page.html"
        path.symlink_to(tmp_path / name)
    with pytest.raises(FileError, match=r"belongs to a study|End it in"):
        check_output(path, force=True)
    with pytest.raises(FileError):
        check_output(path, *PAGE, force=True)


def test_what_a_result_is_made_from_is_never_replaced(tmp_path: Path) -> None:
    """A file given, any file of a folder given, also through a link; a page of ours that lies there is no input."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "customers.xlsx").write_bytes(b"rows")
    (tmp_path / "link.xlsx").symlink_to(data / "customers.xlsx")
    for path in (data / "customers.xlsx", tmp_path / "link.xlsx"):
        for given in (data, data / "customers.xlsx"):
            with pytest.raises(FileError, match="made from"):
                check_output(path, ".xlsx", inputs=(given, None), force=True)
    (data / "report.html").write_text(MARK)
    check_output(data / "report.html", *PAGE, inputs=(data,))
    check_output(data / "new.html", *PAGE, inputs=(data,))


def test_data_is_asked_about_before_who_wrote_it(tmp_path: Path) -> None:
    """A workbook of ours among the data is data, and so would be a new one that is read with it; one below is not."""
    data = tmp_path / "data"
    (data / "out").mkdir(parents=True)
    frame = pd.DataFrame({"account_id": ["a"], "month": ["2024-01"], "metric": ["seats"], "quantity": [1]})
    used = save_workbook({"Sheet1": frame}, data / "usage.xlsx")
    for path in (used, data / "new.xlsx"):
        for force in (False, True):
            with pytest.raises(FileError, match="read as data"):
                check_output(path, ".xlsx", inputs=(data,), force=force)
    with pytest.raises(FileError, match="never replaced"):
        check_output(used, ".xlsx", inputs=(used,), force=True)
    report = save_workbook({"Figures": pd.DataFrame({"Account": ["a"]})}, data / "out" / "report.xlsx")
    check_output(report, ".xlsx", inputs=(data,))


USAGE = pd.DataFrame({"Account": ["a"], "Month": ["2024-01"], "Metric": ["seats"], "Quantity": ["1"]})
OFFERS = pd.DataFrame({"plan": ["Team"], "feature": ["export"]})


@pytest.mark.parametrize(
    ("name", "frame"), [("usage", USAGE), ("export 3", USAGE.assign(note="x")), ("usage", USAGE.assign(note="x")),
                        ("what is in it", OFFERS), ("customers", pd.DataFrame({"account": ["a"], "tier": ["x"]}))],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["csv", "semicolons", "xlsx", "parquet", "tsv"])
def test_a_table_of_customers_is_never_replaced(tmp_path: Path, name: str, frame: pd.DataFrame, kind: str) -> None:
    """Known by its header, whatever wrote it and under whatever name, also through a link and damaged further down."""
    path = tmp_path / f"{name}.{'csv' if kind == 'semicolons' else kind}"
    if kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "parquet":
        path.write_bytes(parquet(frame, tmp_path))
    else:
        separator = {"csv": ",", "semicolons": ";", "tsv": "\t"}[kind]
        path.write_text("\n" + frame.to_csv(index=False, sep=separator) + '"never closed\n')
    (tmp_path / "page.html").symlink_to(path)
    for each in (path, tmp_path / "page.html"):
        with pytest.raises(FileError, match="table of customers' data"):
            check_output(each, force=True)


def parquet(frame: pd.DataFrame, folder: Path) -> bytes:
    """Return a table as Parquet."""
    file = folder / "made"
    duckdb.from_df(frame).write_parquet(str(file))
    return file.read_bytes()


def test_a_table_we_wrote_is_told_from_a_report(tmp_path: Path) -> None:
    """A marked workbook is a customer's only under its table's own names; other tables and empty ones need force."""
    plain = pd.DataFrame({"account_id": ["a"], "month": ["2024-01"], "metric": ["seats"], "quantity": [1]})
    used = save_workbook({"usage": plain}, tmp_path / "book.xlsx")
    with pytest.raises(FileError, match="table of customers' data"):
        save_workbook({"usage": plain}, used, force=True)
    report = save_workbook({"Features": pd.DataFrame({"Feature": ["export"]})}, tmp_path / "report.xlsx")
    save_workbook({"Features": pd.DataFrame({"Feature": ["import"]})}, report)
    for text in ("Account,Bill\na,1\n", "account_id,month,metric,quantity\n"):
        (tmp_path / "list.csv").write_text(text)
        with pytest.raises(FileError, match="--force"):
            save_csv(pd.DataFrame({"Name": ["b"]}), tmp_path / "list.csv")
        save_csv(pd.DataFrame({"Name": ["b"]}), tmp_path / "list.csv", force=True)
    (tmp_path / "usage.csv").write_bytes(save_csv(plain, tmp_path / "x.csv").read_bytes())
    with pytest.raises(FileError, match="table of customers' data"):
        save_csv(plain.assign(quantity=2), tmp_path / "usage.csv", force=True)


def test_names_end_as_what_they_are_and_no_two_are_one_file(tmp_path: Path) -> None:
    """A page into a table's file, and one file named for two results, are refused."""
    with pytest.raises(FileError, match=r"no name of a web page.*End it in \.html"):
        check_output(tmp_path / "accounts.csv", *PAGE)
    (tmp_path / "a.pdf").symlink_to(tmp_path / "a.html")
    with pytest.raises(FileError, match="one file"):
        check_outputs(((tmp_path / "a.html", PAGE), (tmp_path / "a.pdf", (".pdf",)), (None, (".xlsx",))))
