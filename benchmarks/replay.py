"""How long five price books take over 100,000 accounts and 24 months, beside SQL by hand and a row-by-row apply.

Both sides place every account, every month, in the cheapest of three plans that holds the highest quantity of the
last three months, bill it exactly, and add up revenue per month and per account. The SQL is DuckDB's, written for
these very charges, on the tables DuckDB likes best; the first comparison starts from monthly usage as it is stored,
the second from one row per account-month, which a replay prepares once.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
import pandas as pd
from measure import Row, compared, faster, median_seconds

from workbench.customers import CustomerBase
from workbench.impact import account_months, compare, replay_many
from workbench.pricing import Band, Charge, Limit, Plan, PriceBook
from workbench.stages.comparison.bills import price_sums
from workbench.stages.impact.evaluation import Trial, what_can_be_tried, with_trial

ACCOUNTS, MONTHS, SCENARIOS = 100_000, 24, 5
SMALL = 1_000
APPLIED = 2_000  # account-months; a row-by-row apply is timed on a part and scaled up
CENT = 0.01
BEYOND_50 = Charge("data", "per_unit", unit_price="1.2", free_units=50)


def book(number: int) -> PriceBook:
    """Return one of five price books: three plans, graduated data, included data, seats."""
    level = 100 + 3 * number
    bands = (
        Band(1_000, level * 4 / 1000),
        Band(10_000, level * 3 / 1000),
        Band(None, level * 2 / 1000),
    )
    return PriceBook(
        f"Book {number}",
        "USD",
        (
            Plan(
                "Start",
                level / 2,
                (Charge("data", "per_unit", unit_price="1.2", free_units=50),),
                (Limit("seats", 10),),
            ),
            Plan("Grow", 2 * level, (Charge("data", "graduated", bands=bands),), (Limit("seats", 100),)),
            Plan("Scale", 8 * level, (Charge("data", "per_unit", unit_price="0.2", free_units=2_000),)),
        ),
    )


def customer_base(accounts: int, months: int = MONTHS) -> CustomerBase:
    """Return a customer base with two metrics; one account in three comes in the course of the months."""
    rng = np.random.default_rng(11)
    names = pd.array([f"A{number:07d}" for number in range(accounts)], dtype="str")
    first = pd.date_range("2023-01-01", periods=months, freq="MS", unit="us")
    size = rng.lognormal(4.5, 1.6, accounts)
    data = np.round(size[:, None] * rng.lognormal(0, 0.3, (accounts, months)), 3)
    seats = np.ceil(size[:, None] ** 0.7 * np.linspace(1, 1.4, months))
    account, month = names.repeat(months), np.tile(first, accounts)
    usage = pd.DataFrame(
        {
            "account_id": pd.concat([pd.Series(account)] * 2, ignore_index=True),
            "month": np.concatenate([month, month]),
            "metric": pd.Series(np.repeat(["data", "seats"], accounts * months), dtype="str"),
            "quantity": np.concatenate([data.ravel(), seats.ravel()]),
        }
    )
    begins = np.where(rng.random(accounts) < 1 / 3, rng.integers(0, months, accounts), 0)
    there = np.arange(months)[None, :] >= begins[:, None]
    usage = usage[np.tile(there.ravel(), 2)].reset_index(drop=True)
    rows = pd.DataFrame({"account_id": names, "segment": pd.array(["all"] * accounts, dtype="str")})
    empty = {"plan": pd.array([None] * accounts, dtype="str"), "unit_cost": np.nan, "signed_up": pd.NaT}
    return CustomerBase(MappingProxyType({"accounts": rows.assign(**empty), "usage": usage}))


def by_hand(data: float, seats: float, level: float) -> float:
    """Bill one account-month the way a spreadsheet author would write it in Python."""
    bills = [8 * level + max(0.0, data - 2_000) * 0.2]
    if seats <= 100:  # noqa: PLR2004 - the limit of the plan
        total, below = 2.0 * level, 0.0
        for upper, price in ((1_000, 4), (10_000, 3), (float("inf"), 2)):
            total += max(0.0, min(data, upper) - below) * price * level / 1000
            below = upper
        bills.append(total)
    if seats <= 10:  # noqa: PLR2004 - the limit of the plan
        bills.append(level / 2 + max(0.0, data - 50) * 1.2)
    return min(bills)


WIDE = """
    select account_id, month, sum(quantity) filter (metric = 'data') as data,
        sum(quantity) filter (metric = 'seats') as seats
    from usage group by all
"""
NEEDS = """
    select *, max(seats) over (
        partition by account_id order by month rows between 2 preceding and current row
    ) as peak from {source}
"""


def bill_sql(number: int) -> str:
    """Return the cheapest plan's bill as SQL, for one of the price books."""
    level = 100 + 3 * number
    grow = (
        f"{2 * level} + least(data, 1000) * {level * 4 / 1000} + greatest(least(data, 10000) - 1000, 0) * "
        f"{level * 3 / 1000} + greatest(data - 10000, 0) * {level * 2 / 1000}"
    )
    start, scale = f"{level / 2} + greatest(data - 50, 0) * 1.2", f"{8 * level} + greatest(data - 2000, 0) * 0.2"
    return (
        f"least({scale}, case when peak <= 100 then {grow} else 1e300 end, "
        f"case when peak <= 10 then {start} else 1e300 end)"
    )


def sums_sql(source: str) -> tuple[str, str, str]:
    """Return the SQL that bills all books once, and the two sums over the bills."""
    bills = ", ".join(f"{bill_sql(number)} as b{number}" for number in range(SCENARIOS))
    sums = ", ".join(f"sum(b{number}) as b{number}" for number in range(SCENARIOS))
    bill = f"create or replace temp table bills as select account_id, month, {bills} from ({source})"  # noqa: S608 - own text
    by_month = f"select month, {sums} from bills group by all order by month"  # noqa: S608 - own text
    return bill, by_month, f"select account_id, {sums} from bills group by all"  # noqa: S608 - own text


def rows() -> list[Row]:
    """Measure, after checking that both sides bill the same."""
    base = customer_base(ACCOUNTS)
    books = {f"Book {number}": book(number) for number in range(SCENARIOS)}
    prepared = account_months(base)
    database = duckdb.connect()
    usage = base.frames["usage"]
    database.register("frame", usage)
    database.execute("create table usage as select * from frame")
    database.execute(f"create table wide as {NEEDS.format(source=f'({WIDE})')}")
    _agree(prepared, books, database)

    def ours(source: object) -> None:
        for done in replay_many(source, books).values():
            done.by_month()
            done.by_account()

    def theirs(source: str) -> None:
        bill, by_month, by_account = sums_sql(source)
        database.execute(bill)
        database.execute(by_month).fetchall()
        database.execute(by_account).df()

    # A base remembers what was worked out of it, so every run takes a copy of which nothing is.
    whole = median_seconds(lambda: ours(replace(base)), repeats=3, warm_up=1)
    billing = median_seconds(lambda: ours(prepared), repeats=5, warm_up=1)
    bills = median_seconds(lambda: replay_many(prepared, books), repeats=5, warm_up=1)
    sql_whole = median_seconds(lambda: theirs(NEEDS.format(source=f"({WIDE})")), repeats=3, warm_up=1)
    sql_billing = median_seconds(lambda: theirs("select * from wide"), repeats=5, warm_up=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "usage.parquet"
        database.execute(f"copy usage to '{path}' (format parquet)")
        reading = median_seconds(lambda: database.execute(f"select * from '{path}'").df(), repeats=3, warm_up=1)  # noqa: S608 - own text
    by_hand_whole, by_hand_billing = ("SQL by hand in DuckDB", sql_whole), ("SQL by hand in DuckDB", sql_billing)
    return [
        compared("100,000 accounts x 24 months x 5 price books, from usage", whole, by_hand_whole, at_most=3),
        compared("the same, from account-months prepared once", billing, by_hand_billing, at_most=3),
        compared("from usage, again", whole, ("reading the usage file alone", reading)),
        faster("the bills alone", bills, ("pandas apply, row by row (scaled up)", _applied(prepared)), at_least=200),
        *_repricing(prepared, books),
    ]


def _repricing(prepared: object, books: dict[str, PriceBook]) -> list[Row]:
    """Measure what a slider costs: a price moved for all of its accounts, in a comparison made once, at both sizes."""
    before, after = list(books)[:2]
    trial = Trial(what=what_can_be_tried(books[after])["Start: base fee"], change=0.2)
    times = {}
    for accounts, source in ((SMALL, account_months(customer_base(SMALL))), (ACCOUNTS, prepared)):
        done = replay_many(source, {name: books[name] for name in (before, after)})
        comparison = compare(done[before], done[after])
        sums = price_sums(comparison)
        times[accounts] = median_seconds(lambda comparison=comparison, sums=sums: with_trial(comparison, sums, trial))
    small = ("1,000 accounts", times[SMALL])
    return [compared("a price moved by a slider, 100,000 accounts x 24 months", times[ACCOUNTS], small)]


def _applied(prepared: object) -> float:
    frame = pd.DataFrame(
        {"data": prepared.quantity("data")[:APPLIED], "seats": prepared.quantity("seats", 3)[:APPLIED]}
    )

    def once() -> None:
        for number in range(SCENARIOS):
            level = 100 + 3 * number
            frame.apply(lambda row, level=level: by_hand(row["data"], row["seats"], level), axis=1)

    return median_seconds(once, repeats=3, warm_up=1) * len(prepared) / APPLIED


def _agree(prepared: object, books: dict[str, PriceBook], database: duckdb.DuckDBPyConnection) -> None:
    bill, by_month, _ = sums_sql("select * from wide")
    database.execute(bill)
    sql = np.array([row[1:] for row in database.execute(by_month).fetchall()])
    ours = np.column_stack([done.by_month()["revenue"] for done in replay_many(prepared, books).values()])
    if np.abs(sql / ours - 1).max() > 1e-9:  # noqa: PLR2004 - what float64 sums keep
        raise ValueError("the two ways of billing disagree, so their times cannot be compared")
    if abs(by_hand(1_234.5, 40, 100) - float(books["Book 0"].plan("Grow").bill({"data": 1_234.5}).total)) > CENT:
        raise ValueError("the row-by-row bill disagrees, so its time cannot be compared")
