"""Recurring revenue: 100,000 accounts over 36 months, their movements, figures and scorecard.

Movements start from the table account, month, amount. Beside them stands one statement by hand in DuckDB, which does
the same and no more: the five kinds, summed by month. Figures are of all accounts and by segment, plan, industry and
region; their intervals count every account a random number of times, a thousand times over.
"""

from __future__ import annotations

from functools import partial

import duckdb
import numpy as np
import pandas as pd
from measure import Row, median_seconds, milliseconds

from workbench.growth import mrr_ledger, mrr_movements, revenue_figures, scorecard
from workbench.growth.recurring_revenue import KINDS

ACCOUNTS, MONTHS = 100_000, 36
TIMES, SECONDS, WITH_INTERVALS = 3.0, 1.0, 10.0
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
    ]  # fmt: skip


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
