"""What in the data deserves a look is found with its row and what stands around it, and refuses nothing."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.tables import NUMERIC, TABLES
from workbench.errors import DataErrors, DataFinding

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = [f"A{n}" for n in range(8)]
MONTHS = pd.date_range("2024-01", periods=9, freq="MS").strftime("%Y-%m")
EVERY = [(account, month) for account in ACCOUNTS for month in MONTHS]


def usual() -> dict[str, pd.DataFrame]:
    """Return every table with an ordinary value in each numeric column, eight rows or more."""
    rng = np.random.default_rng(0)
    found = {}
    for name, table in TABLES.items():
        rows = EVERY if table.history else [(account, MONTHS[0]) for account in ACCOUNTS]
        frame = pd.DataFrame(index=range(len(rows)))
        for column in table.columns:
            if column.name in ("account_id", "into"):
                frame[column.name] = [account for account, _ in rows]
            elif column.kind in {"date", "month", "week"}:
                frame[column.name] = [month + "-01" for _, month in rows]
            elif column.kind in NUMERIC and column.most is None:
                frame[column.name] = rng.integers(5, 50, len(rows)).astype(float)
            elif column.name in table.key and column.name in {"respondent", "plan", "offer", "feature", "alternative"}:
                frame[column.name] = ACCOUNTS * (len(rows) // len(ACCOUNTS)) if not table.history else column.example
            else:
                frame[column.name] = column.example
        found[name] = frame
    found["accounts"]["plan"] = ""
    return found


USUAL = usual()
NUMBERS = [
    (name, column.name)
    for name, table in TABLES.items()
    for column in table.columns
    if column.kind in NUMERIC and column.most is None
]


def of_size(found: tuple[DataFinding, ...]) -> list[DataFinding]:
    """Return the findings on values far beyond the others."""
    return [each for each in found if "times the next" in each.expected]


def test_ordinary_values_are_no_finding() -> None:
    """Nothing is far beyond the others in any numeric column."""
    assert of_size(CustomerBase.from_tables(USUAL).findings) == []


@pytest.mark.parametrize(("table", "column"), NUMBERS, ids=".".join)
def test_a_slip_in_any_numeric_column_is_found_or_refused_with_row_and_neighbours(table: str, column: str) -> None:
    """A value a million times too large is a finding in every table; one that floats do not hold is a problem."""
    tables = {name: USUAL[name].copy() for name in {"accounts", "mrr", "plans", table}}
    tables[table].loc[5, column] *= 1e6
    (found,) = of_size(CustomerBase.from_tables(tables).findings)
    assert (found.table, found.column, found.row, found.count) == (table, column, 7, 1)
    assert found.value == f"{tables[table].loc[5, column]:.0f}"
    around = found.around[0]
    near = [f"{tables[table].loc[at, column]:g}" for at in (3, 4, 6, 7)]
    assert all(value in around for value in near), around
    for beyond in (2e15, 1e300):
        tables[table].loc[5, column] = beyond
        with pytest.raises(DataErrors) as raised:
            CustomerBase.from_tables(tables)
        (problem,) = raised.value.problems
        assert (problem.table, problem.column, problem.row, problem.around) == (table, column, 7, (around,))
        assert "1,000,000,000,000,000" in problem.expected


def monthly(values: dict[str, list[float]]) -> CustomerBase:
    """Return a company whose accounts used these quantities, month after month."""
    rows = [(a, m, "rows", v) for a, each in values.items() for m, v in zip(MONTHS, each, strict=False)]
    usage = pd.DataFrame(rows, columns=["account_id", "month", "metric", "quantity"])
    return CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": list(values)}), "usage": usage})


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ([10] * 8 + [10_010], (10,)),
        ([10] * 8 + [9_990], ()),  # not over 1,000 times the median
        ([10] * 7 + [200, 10_010], ()),  # not over 100 times the next largest
        ([0] * 7 + [10, 20_000], ()),  # one other month tells nothing, and other accounts are larger
        ([10] * 6 + [1e9, 2e9, 10], (8, 9)),  # two slips; the account came back
        ([10] * 7 + [1e6, 2e6], ()),  # growth that stays
        ([10] * 7 + [1e9, 2e9], (9, 10)),  # further than any growth goes
        ([1e-5, 10, 10, 10, 10], ()),
    ],
)
def test_a_month_is_held_against_its_own_account(values: list[float], rows: tuple[int, ...]) -> None:
    """One month far beyond an account's others is found, however large other accounts are."""
    base = monthly({"A": values, "B": [1e9] * 9, "C": [3e9] * 9})
    found = of_size(base.findings)
    assert tuple(row for each in found for row in each.rows) == rows
    assert all("this account" in each.expected for each in found)


def test_without_a_history_a_value_is_held_against_its_column() -> None:
    """With one month only, the other accounts' values of the metric say what is usual."""
    base = monthly({"A": [10], "B": [20], "C": [1e9], "D": [15]})
    (found,) = of_size(base.findings)
    assert (found.row, found.value, "the column" in found.expected) == (4, "1000000000", True)


def test_findings_follow_the_base_and_its_rows(company: Path) -> None:
    """Rows are those of the file, blank lines included; as of an earlier day, later values play no part."""
    rows = [f"A1,2024-{month:02},seats,{4 + month}" for month in range(1, 10)]
    rows[6] = "A1,2024-07,seats,90000000"
    text = "account_id,month,metric,quantity\n" + "\n".join(rows[:3]) + "\n\n\n" + "\n".join(rows[3:]) + "\n"
    (company / "usage.csv").write_text(text, encoding="utf-8")
    (company / "mrr.csv").unlink()
    base = CustomerBase.load(company)
    (found,) = base.findings
    assert (found.file, found.row) == ("usage.csv", 10)
    assert "2024-06: 10" in found.around[0]
    assert "2024-08: 12" in found.around[0]
    assert pickle.loads(pickle.dumps(base)).findings == base.findings  # noqa: S301 - made on the same line
    assert base.up_to("2024-06").findings == ()
    (later,) = base.up_to("2024-07").findings
    assert (later.row, "2024-08" in str(later)) == (10, False)


def test_names_that_no_list_has_are_named_with_the_one_meant(company: Path) -> None:
    """A plan or charged metric that is not listed is said with what follows, whatever its capitals."""
    (company / "plans.csv").write_text(
        "plan,base_fee,metric,unit_price\nTEAM,150,Seats,2\nGrowth,900,,\nStarter,100,rows,1\n", encoding="utf-8"
    )
    (company / "plan_limits.csv").write_text("plan,metric,limit\nTEAM,seets,10\n", encoding="utf-8")
    (company / "competitor_offers.csv").write_text(
        "vendor,offer,price,per,seen_on,source\nN,T,9,SEATS,2024-05-12,x\nN,U,9,account,2024-05-12,x\n"
        "N,V,9,lorries,2024-05-12,x\n",
        encoding="utf-8",
    )
    with pytest.raises(DataErrors) as refused:
        CustomerBase.load(company)
    told = {each.value: str(each) for each in refused.value.problems}
    assert set(told) == {"Seats", "rows"}
    assert "Is it seats? Then write it so, else add" in told["Seats"]
    assert "which no usage counts" in told["rows"]
    list_ = (company / "plans.csv").read_text(encoding="utf-8").replace("Seats,2", "Seats,").replace("rows,1", "rows,")
    (company / "plans.csv").write_text(list_, encoding="utf-8")  # what is not charged cannot be wrong on a bill
    found = {(each.table, each.value): str(each) for each in CustomerBase.load(company).findings}
    assert set(found) == {
        ("accounts", "Team"), ("mrr", "Team"), ("plans", "Seats"), ("plans", "rows"), ("plan_limits", "seets"),
        ("competitor_offers", "SEATS"),
    }  # fmt: skip
    assert "'TEAM'" in found["accounts", "Team"]
    assert "no bill" in found["mrr", "Team"]
    assert "cannot be billed" in found["plans", "rows"]
    assert "'seats'" in found["plan_limits", "seets"]


def test_one_name_in_several_spellings_is_pointed_out(company: Path) -> None:
    """Within one table too, the rarer spellings are held against the usual one; other signs tell names apart."""
    text = (company / "usage.csv").read_text(encoding="utf-8")
    text += "A3,2024-01,Seats,8\nA1,2024-01,API-calls,8\nA2,2024-01,api calls,8\nA1,2024-01,C,1\nA1,2024-01,C++,1\n"
    (company / "usage.csv").write_text(text, encoding="utf-8")
    (company / "features.csv").write_text("feature\nExport\nexport\n", encoding="utf-8")
    found = CustomerBase.load(company).findings
    assert {(each.table, each.value) for each in found} == {
        ("usage", "Seats"), ("usage", "api calls"), ("features", "export"),
    }  # fmt: skip


def test_nothing_is_said_of_a_company_without_a_price_list_or_oddities(company: Path) -> None:
    """Plans are only missing from a list that is there; files of other names are named."""
    assert CustomerBase.load(company).findings == ()
    (company / "notes.md").write_text("x", encoding="utf-8")
    (found,) = CustomerBase.load(company).findings
    assert (found.file, "not read" in found.remedy) == ("notes.md", True)


@pytest.mark.parametrize(("fee", "rows"), [(49.0, ()), (4.9e6, ()), (4.9e9, (3,))])
def test_of_two_prices_one_over_a_million_times_the_other_is_found(fee: float, rows: tuple[int, ...]) -> None:
    """Two prices cannot say which is usual, but no list has prices so far apart."""
    kept = {name: table for name, table in usual().items() if not name.startswith("plan")}
    tables = kept | {"plans": pd.DataFrame({"plan": ["Basic", "Pro"], "base_fee": [10.0, fee]})}
    found = [
        each
        for each in CustomerBase.from_tables(tables).findings
        if (each.table, each.column) == ("plans", "base_fee") and "times" in each.expected
    ]
    assert tuple(row for each in found for row in each.rows) == rows


# --- What one table says against another, or against itself


def told_of(table: str, base: CustomerBase) -> list[DataFinding]:
    """Return the findings about one table."""
    return [each for each in base.findings if each.table == table]


SEATS_USED = {"account_id": ["A", "B", "C", "D"], "month": "2024-06", "metric": "seats"}
FOUR = pd.DataFrame({"account_id": ["A", "B", "C", "D"], "plan": "Team"})


@pytest.mark.parametrize(("beyond", "told"), [(1, 0), (2, 0), (3, 1), (4, 1)])
def test_a_limit_that_most_accounts_are_beyond_contradicts_their_usage(beyond: int, told: int) -> None:
    """Half of them may buy more; more than half say that the limit, or its unit, is another one."""
    used = pd.DataFrame({**SEATS_USED, "quantity": [11.0] * beyond + [10.0] * (4 - beyond)})
    plans = pd.DataFrame({"plan": ["Team"], "base_fee": [10.0]})
    limits = pd.DataFrame({"plan": ["Team"], "metric": ["seats"], "limit": [10.0]})
    base = CustomerBase.from_tables(
        {"accounts": FOUR, "usage": used, "plans": plans, "plan_limits": limits}, currency="USD"
    )
    found = told_of("plan_limits", base)
    assert len(found) == told
    assert all(f"{beyond} of 4 used more in 2024-06" in str(each) for each in found)


def sold(*rows: tuple[str, str, str, str | None]) -> CustomerBase:
    """Return a company that knows what it sold: account, item, first day, and the first day no more."""
    made = pd.DataFrame(rows, columns=["account_id", "item", "start", "end"]).assign(amount=10.0, period="month")
    return CustomerBase.from_tables({"accounts": made[["account_id"]].drop_duplicates(), "subscriptions": made})


def test_rows_of_one_item_at_the_same_time_are_told() -> None:
    """They are added up until the earlier one ends; one after the other, or of two items, they are as should be."""
    after = sold(("A", "Team", "2024-01-01", "2024-06-01"), ("A", "Team", "2024-06-01", None))
    beside = sold(("A", "Team", "2024-01-01", None), ("A", "Audit", "2024-03-01", None))
    assert told_of("subscriptions", after) == told_of("subscriptions", beside) == []
    (found,) = told_of("subscriptions", sold(("A", "Team", "2024-01-01", None), ("A", "Team", "2024-03-01", None)))
    assert (found.row, found.value) == (3, "2024-03-01")
    assert "until then both are added up" in str(found)
    assert "End the earlier row" in found.remedy


def test_a_line_of_a_far_month_is_told_with_what_to_do() -> None:
    """A start years after all others would make months in which nobody else pays."""
    (found,) = told_of("subscriptions", sold(("A", "Team", "2024-01-01", None), ("B", "Team", "2033-01-01", None)))
    assert (found.row, found.value) == (3, "2033-01-01")
    assert "as of which day" in found.remedy
    assert told_of("subscriptions", sold(("A", "Team", "2024-01-01", None), ("B", "Team", "2025-01-01", None))) == []
