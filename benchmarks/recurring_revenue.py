"""Recurring revenue: 100,000 accounts over 36 months, their movements, figures, scorecard, and triggers tested on them.

Movements start from the table account, month, amount. Beside them stands one statement by hand in DuckDB, which does
the same and no more: the five kinds, summed by month. Figures are of all accounts and by segment, plan, industry and
region; their intervals count every account a random number of times, a thousand times over. The back-test is that of
the playbook's five triggers on the same accounts with seats, use of a feature, requests and outcomes: when each fired,
what followed within one, two and three months, and how often it followed accounts alike.
"""

from __future__ import annotations

from functools import partial

import duckdb
import numpy as np
import pandas as pd
from measure import Row, median_seconds, milliseconds

from workbench.customers import CustomerBase
from workbench.growth import mrr_ledger, mrr_movements, revenue_figures, scorecard
from workbench.growth.recurring_revenue import KINDS
from workbench.growth.triggers import PLAYBOOK, Past, back_test_triggers

ACCOUNTS, MONTHS = 100_000, 36
TIMES, SECONDS, WITH_INTERVALS, BACK_TEST = 3.0, 1.0, 10.0, 5.0
USES, REQUESTS, REVIEWED = 3_000_000, 30_000, 50_000
BY_HAND = """
with steps as (
    select month, amount, lag(month) over ledger as earlier, lag(amount) over ledger as before,
           lead(month) over ledger as later, min(month) over () as first, max(month) over () as last
    from mrr window ledger as (partition by account_id order by month)),
moves as (
    select month, case when earlier is null then 'new' when earlier < month - interval 1 month then 'reactivation'
                       when amount > before then 'expansion' when amount < before then 'contraction' end as kind,
           case when earlier = month - interval 1 month then amount - before else amount end as change
    from steps where month > first
    union all
    select month + interval 1 month, 'churn', -amount
    from steps where month < last and (later is null or later > month + interval 1 month))
select month, kind, sum(change) as amount from moves where kind is not null group by all
"""


def rows() -> list[Row]:
    """Return the measurements."""
    mrr, groups = _company()
    connection = duckdb.connect()
    connection.register("table_of_frame", mrr)
    connection.execute("create table mrr as select * from table_of_frame")
    connection.execute("set enable_progress_bar = false")
    by_hand = connection.execute(BY_HAND).fetchdf().pivot_table(index="month", columns="kind", values="amount")
    ours = mrr_movements(mrr).by_month()
    for kind in KINDS:
        np.testing.assert_allclose(ours[kind], by_hand[kind].fillna(0.0), rtol=1e-9, atol=1e-6)
    statement = median_seconds(lambda: connection.execute(BY_HAND).fetchdf(), 5, 1)
    movements = median_seconds(lambda: mrr_movements(mrr).by_month(), 5, 1)
    ledger = mrr_ledger(mrr)
    figures = median_seconds(partial(revenue_figures, ledger, groups=groups, draws=0), 3, 1)
    card = median_seconds(partial(scorecard, ledger, draws=0), 3, 1)
    card_intervals = median_seconds(partial(scorecard, ledger), 3, 1)
    intervals = median_seconds(partial(revenue_figures, ledger, groups=groups), 3, 1)
    together = median_seconds(partial(_all_of_it, mrr, groups), 3, 1)
    past = Past.of(_whole_company(mrr, groups["segment"]))
    found = back_test_triggers(past, PLAYBOOK)
    assert all(each.hits.entries for each in found.records)  # noqa: S101 - each of the five fires
    back_test = median_seconds(partial(back_test_triggers, past, PLAYBOOK), 3, 1)
    return [
        Row(
            f"movements of {ACCOUNTS:,} accounts, {MONTHS} months, from the table", milliseconds(movements),
            f"one statement in DuckDB: {milliseconds(statement)}", f"{movements / statement:.1f}x the time",
            f"at most {TIMES:g}x", movements <= TIMES * statement,
        ),
        Row(
            "figures of all accounts and by four dimensions, from the ledger", milliseconds(figures), "", "",
            f"at most {SECONDS:g} s", figures <= SECONDS,
        ),
        Row(
            "scorecard with its trend, from the ledger", milliseconds(card), "", "", f"at most {SECONDS:g} s",
            card <= SECONDS,
        ),
        Row(
            "scorecard with intervals of 1,000 draws", milliseconds(card_intervals), "", "",
            f"at most {WITH_INTERVALS:g} s", card_intervals <= WITH_INTERVALS,
        ),
        Row(
            "figures by four dimensions with intervals of 1,000 draws", milliseconds(intervals), "", "",
            f"at most {WITH_INTERVALS:g} s", intervals <= WITH_INTERVALS,
        ),
        Row(
            "movements from the table, scorecard and figures, one after the other", milliseconds(together), "", "",
            f"at most {SECONDS:g} s", together <= SECONDS,
        ),
        Row(
            "back-test of five triggers, from the tables in memory", milliseconds(back_test), "", "",
            f"at most {BACK_TEST:g} s", back_test <= BACK_TEST,
        ),
    ]  # fmt: skip


def _all_of_it(mrr: pd.DataFrame, groups: dict[str, np.ndarray]) -> None:
    ledger = mrr_ledger(mrr)
    mrr_movements(ledger).by_month()
    scorecard(ledger, draws=0)
    revenue_figures(ledger, groups=groups, draws=0)


def _whole_company(mrr: pd.DataFrame, segment: np.ndarray) -> CustomerBase:
    """Return the company with two plans, seats near their limits, a feature in use, requests and recorded outcomes."""
    chance = np.random.default_rng(11)
    names = np.array([f"A{number:06}" for number in range(ACCOUNTS)], dtype=object)
    above = mrr["amount"] > 150  # noqa: PLR2004 - half of them pay more
    seats = np.round(mrr["amount"] / 20 * chance.lognormal(0, 0.1, len(mrr)), 1)
    weeks = pd.Timestamp("2023-01-02") + pd.to_timedelta(7 * np.arange(150), unit="D")
    keen = chance.choice(ACCOUNTS, ACCOUNTS // 20, replace=False)  # one in twenty has it in use
    often = pd.DataFrame({"account_id": chance.choice(names[keen], USES), "week": chance.choice(weeks, USES)})
    asked = pd.DataFrame({"account_id": chance.choice(names, REQUESTS), "feature": "API"})
    asked["date"] = pd.Timestamp("2023-02-01") + pd.to_timedelta(chance.integers(0, 1000, REQUESTS), unit="D")
    days = pd.to_datetime(["2023-06-15", "2024-01-15", "2024-09-15", "2025-05-15"])
    reviews = pd.DataFrame({"account_id": np.repeat(names[:REVIEWED], 4), "date": np.tile(days, REVIEWED)})
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": names, "segment": segment}),
            "mrr": mrr.assign(plan=np.where(above, "Pro", "Team")),
            "usage": mrr[["account_id", "month"]].assign(metric="seats", quantity=seats),
            "plan_limits": pd.DataFrame({"plan": ["Team", "Pro"], "metric": "seats", "limit": [8.0, 60.0]}),
            "features": pd.DataFrame({"feature": ["charts", "API"]}),
            "plan_features": pd.DataFrame({"plan": ["Team", "Pro", "Pro"], "feature": ["charts", "charts", "API"]}),
            "feature_use": often.value_counts().rename("uses").reset_index().assign(feature="charts"),
            "requests": asked.drop_duplicates(),
            "outcomes": reviews.assign(kind="hours_saved", value=chance.lognormal(3, 0.4, len(reviews))),
        },
        currency="USD",
    )  # fmt: skip


def _company() -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return revenue of accounts that come, grow, shrink, go and come back, and their groups."""
    chance = np.random.default_rng(7)
    columns = np.arange(MONTHS)
    begun = np.where(chance.random(ACCOUNTS) < 0.5, 0, chance.integers(0, MONTHS, ACCOUNTS))  # noqa: PLR2004 - half
    ends = begun + chance.geometric(0.02, ACCOUNTS)
    steps = chance.random((ACCOUNTS, MONTHS))
    change = np.select([steps < 0.05, steps > 0.97], [1.2, 0.85], 1.0)  # noqa: PLR2004 - one in twenty up, fewer down
    amounts = np.round(chance.lognormal(5, 1, ACCOUNTS)[:, None] * np.cumprod(change, axis=1), 2)
    pays = (columns >= begun[:, None]) & ((columns < ends[:, None]) | (columns >= ends[:, None] + 9))
    who, when = np.nonzero(pays)
    names = np.array([f"A{number:06}" for number in range(ACCOUNTS)], dtype=object)
    months = pd.date_range("2023-01-01", periods=MONTHS, freq="MS")
    mrr = pd.DataFrame({"account_id": names[who], "month": months[when], "amount": amounts[who, when]})
    mrr["account_id"] = mrr["account_id"].astype("str")  # as a customer base keeps it
    sizes = {"segment": 3, "plan": 5, "industry": 12, "region": 4}
    return mrr, {name: chance.integers(0, size, ACCOUNTS).astype(str).astype(object) for name, size in sizes.items()}
