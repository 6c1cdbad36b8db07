"""A company whose terms of sale are planted, and one report of it for all stages about them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the company

from sold_company import company

from workbench import Session
from workbench.customers import CustomerBase
from workbench.rendering.section import strict_callbacks
from workbench.report import gather_content, report_html, write_workbook
from workbench.stages.contract import with_starting_points
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of sixty accounts."""
    return company()


@pytest.fixture(scope="session")
def base(tables: dict[str, pd.DataFrame]) -> CustomerBase:
    """Return the company."""
    return CustomerBase.from_tables(tables)


@pytest.fixture(scope="session")
def study(base: CustomerBase) -> Study:
    """Return its study, every stage at its starting point."""
    made = Study.new("terms", "data", currency="USD")
    return made.with_scenario(with_starting_points(base, made.designs[0]))


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory, base: CustomerBase, study: Study) -> tuple[str, list[str]]:
    """Return its report as a page, and the titles of the sheets of its workbook."""
    content = gather_content(base, study)
    book = openpyxl.load_workbook(write_workbook(content, tmp_path_factory.mktemp("terms") / "tables.xlsx"))
    return report_html(content), [str(row[1].value) for row in book["Contents"].iter_rows(min_row=2)]


@pytest.fixture
def session(tmp_path: Path, base: CustomerBase, study: Study) -> Iterator[Session]:
    """Return its study open in a notebook."""
    with strict_callbacks():
        yield Session(tmp_path, study.save(tmp_path), base=base, when=lambda: datetime(2025, 1, 1, tzinfo=UTC))
