"""A base cut to a day knows nothing that became known later."""

from __future__ import annotations

import datetime as dt
import gc
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.customers import CustomerBase, profile
from workbench.customers.afterwards import everything_on_record, keep_everything
from workbench.customers.intake import RevenueRules
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

DAYS = pd.date_range("2023-11-15", "2025-01-15").tolist()
LENGTHS = {"month": pd.offsets.MonthEnd(0), "week": pd.Timedelta(days=6), "date": pd.Timedelta(0)}


def _tables(seed: int) -> dict[str, pd.DataFrame]:
    """Return a random company of 2024 with every dated table."""
    draw = np.random.default_rng(seed)
    ids = np.array([f"A{n}" for n in range(6)], dtype=object)
    months = pd.date_range("2024-01-01", periods=12, freq="MS").to_numpy()
    grid = pd.MultiIndex.from_product([ids, months], names=["account_id", "month"]).to_frame(index=False)
    days = pd.date_range("2023-12-01", "2024-12-31").to_numpy()
    accounts = pd.DataFrame(
        {
            "account_id": ids,
            "signed_up": pd.Series(draw.choice(days, len(ids))).mask(draw.random(len(ids)) < 0.3),
            "plan": draw.choice(["Team", "Growth"], len(ids)),
            "seats": draw.integers(1, 50, len(ids)),
            "seat_limit": 50,
        }
    )
    quantity = draw.integers(0, 40, len(grid))
    usage = grid.assign(metric="seats", quantity=quantity)[draw.random(len(grid)) < 0.9]
    mrr = grid.assign(amount=quantity * 10.0, plan=draw.choice(["Team", "Growth"], len(grid)))
    events = pd.DataFrame(
        {
            "account_id": draw.choice(ids, 30),
            "date": draw.choice(days, 30),
            "kind": "saved",
            "value": draw.random(30),
        }
    )
    mondays = pd.date_range("2023-12-04", periods=8, freq="49D").to_numpy()
    weeks = pd.DataFrame({"account_id": ids.repeat(8), "week": np.tile(mondays, 6), "feature": "api", "uses": 3})
    requests = events[["account_id", "date"]].assign(feature="sso").drop_duplicates()
    survey = pd.DataFrame({"respondent": ids, "account_id": ids, "cheap": 1, "expensive": 2, "too_expensive": 3})
    return {
        "accounts": accounts,
        "usage": usage,
        "mrr": mrr,
        "outcomes": events,
        "feature_use": weeks,
        "requests": requests,
        "survey_price_sensitivity": survey,
    }


def _spoil_the_future(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Change and drop what is not over by `day`, and change what every account is at the time of the export."""
    spoiled = dict(tables)
    for name, column, value in (
        ("usage", "quantity", 9e9),
        ("mrr", "plan", "Secret"),
        ("outcomes", "value", -1.0),
        ("requests", "feature", "secret"),
        ("feature_use", "uses", 999),
    ):
        frame = tables[name].copy()
        date = next(name for name in LENGTHS if name in frame)
        later = frame[date] + LENGTHS[date] > day
        frame[column] = frame[column].astype(object).mask(later, value).infer_objects()
        dropped = later & (frame["account_id"] == "A0")
        spoiled[name] = frame[~dropped]
    spoiled["accounts"] = tables["accounts"].assign(plan="Secret", seats=999, seat_limit=999)
    return spoiled


def _cut(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> CustomerBase | None:
    """Return the base as of `day`, None when nothing is known on it."""
    try:
        return CustomerBase.from_tables(tables, as_of=day)
    except WorkbenchError as error:
        if not error.message.startswith("Nothing is known"):
            raise
        return None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(DAYS))
def test_nothing_leaks_from_the_future(seed: int, day: pd.Timestamp) -> None:
    """Whatever happens after a day, the base as of that day is the same."""
    tables = _tables(seed)
    before, after = _cut(tables, day), _cut(_spoil_the_future(tables, day), day)
    assert (before is None) == (after is None)
    if before is None or after is None:
        return
    assert before.fingerprint == after.fingerprint
    for name in before.tables:
        pd.testing.assert_frame_equal(before.table(name), after.table(name))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(DAYS[90:]), st.sampled_from(DAYS[90:]))
def test_cutting_twice_is_cutting_at_the_earlier_day(seed: int, first: pd.Timestamp, second: pd.Timestamp) -> None:
    """The order of cuts does not matter, and no cut brings anything back."""
    tables = _tables(seed)
    once = _cut(tables, min(first, second))
    if once is None:
        return
    late = _cut(tables, first)
    assert late is not None
    assert late.up_to(second).fingerprint == once.fingerprint


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(DAYS[90:]))
def test_every_visible_row_is_over_by_the_day(seed: int, day: pd.Timestamp) -> None:
    """No table holds a date after the day, and no row of an account that signed up after it."""
    base = _cut(_tables(seed), day)
    if base is None:
        return
    over = {
        "usage": ("month", pd.offsets.MonthEnd(0)), "mrr": ("month", pd.offsets.MonthEnd(0)),
        "feature_use": ("week", pd.Timedelta(days=6)), "outcomes": ("date", pd.Timedelta(0)),
    }  # fmt: skip
    for name, (column, length) in over.items():
        assert not base.has(name) or (base.table(name)[column] + length <= day).all()  # all of it may be later
    assert not (base.accounts["signed_up"] > day).any()
    known = set(base.accounts["account_id"])
    for name in base.tables:
        assert set(base.table(name)["account_id"].dropna()) <= known


def test_a_month_shows_once_it_is_over(company: Path) -> None:
    """The last day of a month shows it, the day before does not, and 2024-02 means its last day."""
    assert CustomerBase.load(company, as_of="2024-02-28").months[-1] == pd.Timestamp("2024-01-01")
    assert CustomerBase.load(company, as_of=dt.date(2024, 2, 29)).months[-1] == pd.Timestamp("2024-02-01")
    assert CustomerBase.load(company, as_of="2024-02").as_of == dt.date(2024, 2, 29)


def test_the_plan_is_the_one_the_account_had_on_the_day(company: Path) -> None:
    """An account that moved to Team in March was on Starter in February, with the seats it used then."""
    base = CustomerBase.load(company, as_of="2024-02")
    first = base.accounts.set_index("account_id").loc["A1"]
    assert (first["plan"], first["seats"]) == ("Starter", 5.0)
    assert base.accounts["plan"].tolist() == ["Starter", "Growth", "Team"]
    assert profile(base).plan.tolist() == ["Starter", "Growth", "Team"]


def test_accounts_that_signed_up_later_are_gone(company: Path) -> None:
    """An account of February is not there in January."""
    base = CustomerBase.load(company, as_of="2024-01")
    assert base.accounts["account_id"].tolist() == ["A1", "A2"]
    assert len(base) == 2


def test_a_table_of_which_nothing_was_known_yet_is_not_there() -> None:
    """Days recorded later leave no empty table: what is known on the day can be written and read again."""
    used = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "metric": "calls", "quantity": 5})
    days = pd.DataFrame({"account_id": ["A"], "date": "2024-03-02", "metric": "calls", "quantity": 1})
    whole = CustomerBase.from_tables({"accounts": used[["account_id"]][:1], "usage": used, "daily_usage": days})
    base = whole.up_to("2024-01-31")
    assert base.tables == ("accounts", "usage")
    assert CustomerBase.from_tables({name: base.table(name) for name in base.tables}).months.equals(base.months)


def test_a_day_before_everything_is_refused(company: Path) -> None:
    """A base of nothing is not made; the message says when the data starts."""
    with pytest.raises(WorkbenchError, match="2024-01"):
        CustomerBase.load(company, as_of="2020-01-01")
    with pytest.raises(WorkbenchError, match="is no day"):
        CustomerBase.load(company, as_of="whenever")


def test_what_came_later_is_counted_by_the_rules_of_the_base(company: Path) -> None:
    """Read again from its files, revenue follows the rules the base has."""
    rules = RevenueRules(churn="cancellation", reactivation_months=3)
    assert everything_on_record(CustomerBase.load(company, as_of="2024-01", rules=rules)).rules == rules


def test_a_base_that_is_all_there_is_can_be_let_go(company: Path) -> None:
    """Kept as everything on record of itself it stays so, and nothing holds it when nobody needs it."""
    base = CustomerBase.load(company, as_of="2024-01")
    keep_everything(base, base)
    assert everything_on_record(base) is base
    there = ref(base)
    del base
    gc.collect()
    assert there() is None
