"""Bills of monthly usage: every engine bills what a replay in memory bills."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.impact import PlanTable, ReplayError, replay
from workbench.impact.billing import REASONS
from workbench.impact.events import replay_frame
from workbench.impact.events.event_log import fetched
from workbench.pricing import Band, Charge, Plan, PriceBook

if TYPE_CHECKING:
    import ibis

    from workbench.impact.events import Engine

pytestmark = pytest.mark.slow

BOOK = PriceBook(
    "New",
    "USD",
    (
        Plan("Flat", "49.5"),
        Plan(
            "Grow",
            "99",
            (
                Charge("calls", "graduated", bands=(Band(100, "0.3", "5"), Band(1_000, "0.2"), Band(None, "0.1"))),
                Charge("rows", "package", package_size=250, package_price="7", free_units=250),
            ),
        ),
        Plan("Scale", "500", (Charge("rows", "per_unit", unit_price="0.0125", minimum="20", maximum="800"),)),
        Plan("Enterprise", None),
    ),
)


@pytest.fixture(scope="module")
def usage() -> pd.DataFrame:
    """Return monthly usage of sixty accounts, a tenth of the rows missing."""
    rng = np.random.default_rng(5)
    months = pd.date_range("2024-01-01", periods=4, freq="MS", unit="us")
    keys = pd.MultiIndex.from_product(
        [[f"a{place:02d}" for place in range(60)], months, ["calls", "rows"]], names=["account_id", "month", "metric"]
    )
    frame = keys.to_frame(index=False).assign(quantity=np.round(rng.lognormal(5, 2, len(keys)), 3))
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


@pytest.fixture(scope="module")
def plans(usage: pd.DataFrame) -> dict[str, str]:
    """Put each account into one of the plans, one that is not offered among them; one account has none."""
    names = ("Flat", "Grow", "Scale", "Enterprise", "Retired")
    accounts = sorted(usage["account_id"].unique())
    return {account: names[place % len(names)] for place, account in enumerate(accounts)} | {"a01": ""}


def in_memory(usage: pd.DataFrame, plans: dict[str, str]) -> pd.DataFrame:
    """Replay the same in memory."""
    base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": sorted(plans)}), "usage": usage})
    done = replay(base, BOOK, assign=PlanTable({account: plan for account, plan in plans.items() if plan}))
    rows = done.rows
    return pd.DataFrame(
        {
            "account_id": rows.account_ids[rows.account],
            "month": rows.months[rows.month],
            "amount": done.amounts,
            "reason": [REASONS[code] for code in done.reason],
        }
    )


def bills(found: object) -> pd.DataFrame:
    """Fetch the bills of an engine in the order of accounts and months."""
    return fetched(nw.from_native(found).lazy()).sort_values(["account_id", "month"], ignore_index=True)


def test_every_engine_bills_what_a_replay_in_memory_bills(
    engine: Engine, usage: pd.DataFrame, plans: dict[str, str]
) -> None:
    """Amounts agree to 1e-9 and reasons word for word, for known, unknown, retired and on-request plans."""
    table = pd.DataFrame({"account_id": list(plans), "plan": [plan or None for plan in plans.values()]}, dtype="str")
    ours = bills(replay_frame(engine.table(usage), BOOK, engine.table(table)))
    expected = in_memory(usage, plans).sort_values(["account_id", "month"], ignore_index=True)
    assert list(ours["account_id"]) == list(expected["account_id"])
    assert list(ours["reason"]) == list(expected["reason"])
    np.testing.assert_allclose(ours["amount"].astype(float), expected["amount"], rtol=1e-9, equal_nan=True)
    assert ours["amount"].notna().sum() > 100


def test_an_ibis_table_is_billed_like_the_others(
    ibis_backend: ibis.BaseBackend, usage: pd.DataFrame, plans: dict[str, str]
) -> None:
    """A warehouse behind ibis bills the same."""
    assignment = pd.DataFrame(
        {"account_id": list(plans), "plan": [plan or None for plan in plans.values()]}, dtype="str"
    )
    for name, frame in (("usage", usage), ("assignment", assignment)):
        ibis_backend.create_table(name, frame)
    ours = bills(replay_frame(ibis_backend.table("usage"), BOOK, ibis_backend.table("assignment")))
    expected = in_memory(usage, plans).sort_values(["account_id", "month"], ignore_index=True)
    np.testing.assert_allclose(ours["amount"].astype(float), expected["amount"], rtol=1e-9, equal_nan=True)


def test_an_assignment_by_month_names_the_account_months(engine_in_process: Engine) -> None:
    """Accounts without usage are billed in the months named, and a complete metric without a row is zero there."""
    engine = engine_in_process
    usage = pd.DataFrame(
        {"account_id": ["a"], "month": [pd.Timestamp("2024-01-01")], "metric": ["rows"], "quantity": [10_000.0]}
    )
    months = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-02-01"])
    plans = pd.DataFrame({"account_id": ["a", "a", "b"], "month": months, "plan": ["Scale", "Scale", "Grow"]})
    found = bills(replay_frame(engine.table(usage), BOOK, engine.table(plans), complete=["rows"]))
    assert list(found["amount"].astype(float))[:2] == [500 + 125, 500 + 20]
    assert np.isnan(float(found["amount"][2]))
    assert found["reason"][2] == "quantity of a charged metric unknown"


def test_usage_in_several_rows_is_billed_as_their_sum(
    engine: Engine, usage: pd.DataFrame, plans: dict[str, str]
) -> None:
    """A month's usage split in two rows, or with a row that says nothing beside it, bills what it bills in one."""
    table = pd.DataFrame({"account_id": list(plans), "plan": [plan or None for plan in plans.values()]}, dtype="str")
    halves = usage.assign(quantity=usage["quantity"] / 2)
    nothing = usage[:5].assign(quantity=np.nan)
    whole, split = (
        bills(replay_frame(engine.table(frame), BOOK, engine.table(table)))
        for frame in (usage, pd.concat([halves, halves, nothing], ignore_index=True))
    )
    pd.testing.assert_frame_equal(split, whole, rtol=1e-12)


def test_frames_without_the_columns_needed_are_refused(usage: pd.DataFrame) -> None:
    """What is missing is named."""
    plans = pd.DataFrame({"account_id": ["a"], "plan": ["Flat"]})
    with pytest.raises(ReplayError, match="Usage has no column metric"):
        replay_frame(usage.drop(columns="metric"), BOOK, plans)
    with pytest.raises(ReplayError, match="assignment has no column plan"):
        replay_frame(usage, BOOK, plans[["account_id"]])
