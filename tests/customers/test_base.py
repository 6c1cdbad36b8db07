"""A customer base is fixed once made, and says what it is."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.afterwards import everything_on_record
from workbench.customers.intake import RevenueRules

if TYPE_CHECKING:
    from pathlib import Path


def test_a_base_made_of_its_own_tables_is_the_same(company: Path) -> None:
    """Reading and taking out tables lose nothing."""
    base = CustomerBase.load(company)
    again = CustomerBase.from_tables({name: base.table(name) for name in base.tables})
    assert again.fingerprint == base.fingerprint


def test_what_a_reader_does_to_a_table_stays_with_the_reader(company: Path) -> None:
    """Changing a table taken out of a base, or one it was made of, does not change the base."""
    source = {"accounts": pd.DataFrame({"account_id": ["A1"]})}
    source["usage"] = pd.DataFrame({"account_id": ["A1"], "month": ["2024-01"], "metric": ["seats"], "quantity": [1.0]})
    kept = {name: frame.copy() for name, frame in source.items()}
    base = CustomerBase.from_tables(source)
    for name, frame in kept.items():
        pd.testing.assert_frame_equal(source[name], frame)
    before = base.fingerprint
    taken = base.usage
    taken.loc[0, "quantity"] = 99.0
    source["usage"].loc[0, "quantity"] = 77.0
    assert base.usage["quantity"].tolist() == [1.0]
    assert CustomerBase.from_tables({n: base.table(n) for n in base.tables}).fingerprint == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.source = "other"
    with pytest.raises(TypeError):
        base.frames["usage"] = taken
    assert CustomerBase.load(company).fingerprint != before


def test_the_fingerprint_depends_on_the_data_and_not_on_its_order(company: Path) -> None:
    """Rows in another order are the same data; one changed number is not."""
    base = CustomerBase.load(company)
    tables = {name: base.table(name) for name in base.tables}
    turned = {name: frame.iloc[::-1] for name, frame in tables.items()}
    assert CustomerBase.from_tables(turned).fingerprint == base.fingerprint
    tables["usage"].loc[0, "quantity"] += 1
    assert CustomerBase.from_tables(tables).fingerprint != base.fingerprint


def test_a_base_says_what_it_holds(company: Path) -> None:
    """Tables, months, metrics, segments and currency are read off the data."""
    base = CustomerBase.load(company)
    assert (base.metrics, base.segments, base.currency, len(base)) == (("seats",), ("mid", "small"), "USD", 3)
    assert base.months.tolist() == [pd.Timestamp(2024, month, 1) for month in (1, 2, 3)]
    assert base.has("usage")
    assert not base.has("requests")
    assert base.requests is None
    assert "3 accounts, 2024-01 to 2024-03" in repr(base)
    with pytest.raises(KeyError, match="the tables are"):
        base.table("usages")


def test_a_base_can_be_pickled(company: Path) -> None:
    """A base goes to another process and back unchanged."""
    base = CustomerBase.load(company, as_of="2024-02")
    again = pickle.loads(pickle.dumps(base))  # noqa: S301 - our own bytes
    assert (again.fingerprint, again.as_of) == (base.fingerprint, base.as_of)


def test_how_revenue_is_counted_goes_with_a_base(company: Path) -> None:
    """A base keeps its rules in another process, and where all that came after its day is read as well."""
    rules = RevenueRules().with_written({"churn": "cancellation"})
    base = CustomerBase.load(company, as_of="2024-02", rules=rules)
    again = pickle.loads(pickle.dumps(base))  # noqa: S301 - our own bytes
    assert [each.rules for each in (again, everything_on_record(base))] == [rules, rules]
    assert again.fingerprint == base.fingerprint


def test_importing_the_package_loads_no_heavy_library() -> None:
    """Validation, DuckDB and Excel libraries load when data is read."""
    code = (
        "import sys, workbench.customers; "
        "print([m for m in ('pandera', 'duckdb', 'openpyxl', 'scipy', 'altair') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
