"""Coverage says what the data covers and where it has holes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase, Gap
from workbench.results import Basis

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def holed(company: Path) -> CustomerBase:
    """Return a company whose first account has no usage row in February."""
    usage = (company / "usage.csv").read_text().replace("A1,2024-02,seats,5\n", "A1,2024-02,rows,5\n")
    (company / "usage.csv").write_text(usage)
    return CustomerBase.load(company)


def test_coverage_counts_accounts_months_and_shares(holed: CustomerBase) -> None:
    """Shares are of all accounts, one per metric and one for MRR."""
    coverage = holed.coverage()
    assert (coverage.accounts, coverage.months) == (3, 3)
    assert (coverage.first_month, coverage.last_month) == ("2024-01", "2024-03")
    assert coverage.share_per_metric == pytest.approx({"mrr": 1.0, "seats": 1.0, "rows": 1 / 3})


def test_a_month_missing_inside_a_history_is_a_gap_and_one_outside_is_not(holed: CustomerBase) -> None:
    """A late start is no gap; a hole between two months with rows is."""
    assert holed.coverage().gaps == (Gap("A1", "seats", ("2024-02",)),)


def test_a_basis_says_which_part_a_result_stands_on(holed: CustomerBase) -> None:
    """A basis counts the accounts used, out of all, and mentions holes in the metric used."""
    coverage = holed.coverage()
    assert coverage.basis() == Basis(3, 3, "2024-01", "2024-03", "")
    assert coverage.basis(metric="rows").accounts == 1
    assert coverage.basis(["A1", "A2"]).accounts == 2
    assert coverage.basis(2, note="Paying accounts.").note == "Paying accounts."
    assert "1 account has months missing in seats" in coverage.basis(metric="seats").note
    assert coverage.basis(metric="nothing").accounts == 0


def test_coverage_shows_as_tables(holed: CustomerBase) -> None:
    """One row per table, one per metric."""
    frame = holed.coverage().frame().set_index("table")
    assert frame.loc["usage", "rows"] == 8
    assert frame.loc["usage", "accounts"] == 3
    assert frame.loc["accounts", "first"] == "2024-01-05"
    metrics = holed.coverage().metrics_frame().set_index("metric")
    assert metrics.loc["seats", "months missing"] == 1
