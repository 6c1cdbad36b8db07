"""The checker prints every problem, and the template's files load once filled."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase
from workbench.customers.base import check_source, problems_text
from workbench.customers.tables import GUIDE, TABLES, table_name
from workbench.customers.validate import schema
from workbench.errors import Problem, WorkbenchError, grouped
from workbench.workspace import write_template

if TYPE_CHECKING:
    from pathlib import Path


def _fill(folder: Path, names: tuple[str, ...]) -> None:
    """Write the documented example of every column into one row per table; remove the other tables."""
    for name, table in TABLES.items():
        path = folder / f"{name}.csv"
        if name not in names:
            path.unlink()
            continue
        with path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([column.example for column in table.columns])


@pytest.mark.parametrize("names", [("accounts", "usage"), ("accounts", "mrr"), tuple(TABLES)])
def test_a_template_filled_with_one_row_per_table_loads(tmp_path: Path, names: tuple[str, ...]) -> None:
    """The guide's own examples are valid, alone with the required tables and all together."""
    written = write_template(tmp_path / "data")
    assert {path.name for path in written} == {*(f"{name}.csv" for name in TABLES), GUIDE}
    _fill(tmp_path / "data", names)
    base = CustomerBase.load(tmp_path / "data")
    assert base.tables == tuple(name for name in TABLES if name in names)
    assert base.ignored_files == (GUIDE,)


def test_an_unfilled_template_says_that_its_tables_are_empty(tmp_path: Path) -> None:
    """Every file without a row is named."""
    write_template(tmp_path)
    assert {problem.table for problem in check_source(tmp_path)} == set(TABLES)


def test_a_template_never_writes_over_data(tmp_path: Path) -> None:
    """A folder that holds a table already is left as it is."""
    (tmp_path / "usage.csv").write_text("mine")
    with pytest.raises(WorkbenchError, match=r"usage\.csv"):
        write_template(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["usage.csv"]
    assert (tmp_path / "usage.csv").read_text() == "mine"


def test_the_column_guide_names_every_column_with_its_meaning(tmp_path: Path) -> None:
    """Each documented column is one line of the guide."""
    write_template(tmp_path)
    guide = (tmp_path / GUIDE).read_text(encoding="utf-8")
    for name, table in TABLES.items():
        section = guide.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for column in table.columns:
            line = next(line for line in section.splitlines() if line.startswith(f"| {column.name} |"))
            assert column.meaning in line
            assert column.example in line


def test_every_table_has_a_documented_schema() -> None:
    """The declared schema carries the meaning of each column, and which ones are required."""
    for name, table in TABLES.items():
        declared = schema(name)
        assert tuple(declared.columns) == table.column_names
        for column in table.columns:
            assert declared.columns[column.name].description == column.meaning
            assert declared.columns[column.name].required == column.required
        assert set(table.key) <= set(table.column_names)


def test_no_two_tables_share_a_name() -> None:
    """Every name and alias means one table."""
    for name, table in TABLES.items():
        for alias in (name, *table.aliases, name.upper(), name.replace("_", " ")):
            assert table_name(alias) == name


def test_each_problem_is_one_line_in_full() -> None:
    """A cause is one line with its count, first rows and values; a limit says how many causes are left out."""
    remedy = "Write only the number, without words or signs, and leave the cell blank when it is unknown."
    problem = Problem("usage", "usage.csv", 7, "quantity", "many\x1b[31m", "a number, 0 or more", remedy)
    text = problems_text([problem])
    assert text.splitlines()[0].endswith(remedy)
    assert text.splitlines()[-1] == "1 problem."
    assert "\x1b" not in text
    many = replace(problem, count=10_350, rows=(7, 8, 9, 10, 11), values=("a", "b", "c", "d"))
    line = problems_text([many, problem]).splitlines()[0]
    assert "10,350 rows (7, 8, 9, 10, 11, ...)" in line
    assert "'a', 'b', 'c' and others" in line
    assert "2 problems in 10,351 places" in problems_text([many, problem])
    assert "The last 2 are not shown" in problems_text([problem] * 3, limit=1)
    assert "No problems" in problems_text([])


def test_problems_of_one_cause_are_one_problem() -> None:
    """Rows that differ in their value alone are counted together; another remedy is another cause."""
    one = Problem("usage", "usage.csv", 2, "quantity", "a", "a number", "Write it.")
    rows = [replace(one, row=row, rows=(), value=str(row), values=()) for row in range(2, 2002)]
    found = grouped([*rows[:1000], replace(one, remedy="Delete it."), *rows[1000:]])
    assert [problem.count for problem in found] == [2000, 1]
    assert (found[0].row, found[0].value, found[0].rows) == (2, "2", (2, 3, 4, 5, 6))
    assert grouped(found) == found
    assert grouped([*found, one])[0].count == 2001


def test_a_good_folder_has_no_problems(company: Path) -> None:
    """Checking good data finds nothing."""
    assert check_source(company) == ()
