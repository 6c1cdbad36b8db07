"""The currency of amounts: what the data says, else what the study states."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase
from workbench.errors import WorkbenchError
from workbench.study import Study
from workbench.study_data import load_base

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unnamed(company: Path) -> Path:
    """Return the small company with no currency column anywhere."""
    rows = (company / "mrr.csv").read_text(encoding="utf-8").splitlines()
    (company / "mrr.csv").write_text("\n".join(row.rpartition(",")[0] for row in rows) + "\n", encoding="utf-8")
    return company


def test_a_stated_currency_counts_where_the_data_names_none(unnamed: Path) -> None:
    """The base has no currency of its own, and takes the stated one in any spelling."""
    base = CustomerBase.load(unnamed)
    assert base.currency == ""
    assert base.in_currency(" eur ").currency == "EUR"
    assert base.currency == ""


def test_what_the_data_names_wins(company: Path) -> None:
    """A base in dollars stays in dollars, and stays itself."""
    base = CustomerBase.load(company)
    assert base.in_currency("EUR") is base
    assert base.currency == "USD"


def test_the_stated_currency_survives_a_cut_and_a_pickle(unnamed: Path) -> None:
    """What was stated is carried by every view and copy of the base."""
    base = CustomerBase.load(unnamed).in_currency("EUR")
    assert base.up_to("2024-02-29").currency == "EUR"
    assert pickle.loads(pickle.dumps(base)).currency == "EUR"  # noqa: S301 - made on the same line


def test_the_same_amounts_in_another_currency_are_other_data(unnamed: Path) -> None:
    """The fingerprint tells euros from dollars, and stating nothing changes nothing."""
    base = CustomerBase.load(unnamed)
    prints = {base.in_currency(code).fingerprint for code in ("EUR", "USD")}
    assert len(prints) == 2
    assert base.in_currency("").fingerprint == base.fingerprint


@pytest.mark.parametrize("code", ["euro", "E1R", "€"])
def test_what_is_no_currency_code_is_refused(unnamed: Path, code: str) -> None:
    """Three letters are asked for, and the value found is named."""
    with pytest.raises(WorkbenchError, match="three-letter code"):
        CustomerBase.load(unnamed).in_currency(code)


def test_a_study_reads_its_data_in_its_own_currency_and_as_of_its_day(unnamed: Path, tmp_path: Path) -> None:
    """The one way to load a study's data applies path, day and currency together."""
    study = Study.new("euro", unnamed, currency="EUR").replaced(data={"path": str(unnamed), "as_of": "2024-02-29"})
    base = load_base(study, tmp_path)
    assert (base.currency, f"{base.months[-1]:%Y-%m}") == ("EUR", "2024-02")
