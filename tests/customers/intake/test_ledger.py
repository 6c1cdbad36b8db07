"""Recurring revenue from subscriptions, invoices and movements: published cases, one company three ways, and laws."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase
from workbench.customers.intake import (
    RevenueRules,
    compare_sources,
    convert,
    lines_of_invoices,
    lines_of_subscriptions,
    months_of,
    movable,
    revenue_of_movements,
)
from workbench.errors import StudyError, WorkbenchError
from workbench.growth import mrr_movements, revenue_figures
from workbench.study import Study
from workbench.workspace import load_base

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[4] / "shared" / "oracles"))


@pytest.fixture(scope="module")
def published() -> dict[str, dict[str, Any]]:
    """Return the ledgers that public tools print the movements of."""
    path = ORACLES / "mrr_movements.json"
    if not path.exists():
        pytest.skip(f"the published ledgers are not at {path}; set WORKBENCH_ORACLES to their folder")
    return {each["id"]: each for each in json.loads(path.read_text())["cases"]}


def sold(*rows: tuple[Any, ...], account: str = "A") -> pd.DataFrame:
    """Return subscriptions of an account: start, end, amount, and period and quantity when they are not month and 1."""
    names = ["start", "end", "amount", "period", "quantity"]
    frame = pd.DataFrame([dict(zip(names, (*row, *("month", 1.0)[len(row) - 3 :]), strict=True)) for row in rows])
    return frame.assign(account_id=account, item=[f"item {n}" for n in range(len(rows))], currency="USD")


def moved(mrr: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Return the movements of an mrr table, whose first month begins with nothing."""
    table = mrr_movements(mrr, opening="new").table()
    return [(f"{month:%Y-%m}", kind, round(amount, 2)) for _, month, kind, amount in table.to_numpy().tolist()]


@pytest.mark.parametrize("customer", ["1", "5", "10"])
def test_published_periods_give_their_published_movements(published: dict[str, Any], customer: str) -> None:
    """A period that ends on the first of a month is no part of that month (dbt-labs/mrr-playbook)."""
    case = published[f"mrr_playbook_customer_{customer}"]
    rows = [(each["start"], each["end"], each["mrr"]) for each in case["ledger"]]
    mrr = lines_of_subscriptions(sold(*rows)).monthly_revenue(last=case["movements"][-1]["month"])
    last = pd.Timestamp(case["movements"][-1]["month"])
    if mrr["month"].max() < last:  # silence in the last month: nothing is paid
        mrr = pd.concat([mrr, mrr[:1].assign(month=last, amount=0.0)])
    assert moved(mrr) == [(each["month"], each["kind"], each["amount"]) for each in case["movements"]]


def test_published_amounts_per_month(published: dict[str, Any]) -> None:
    """Yearly, quarterly and weekly amounts, a mix of plans, and quantities (Stripe, ChartMogul)."""
    assert published["annual_1200"]["events"][0]["mrr"] == _monthly((1200, "year")) == 100
    assert published["quarterly_90"]["events"][0]["mrr"] == _monthly((90, "3 months")) == 30
    mix = sum(_monthly((100, "month")) for _ in range(100)) + sum(_monthly((600, "year")) for _ in range(50))
    assert published["plan_mix"]["events"][0]["mrr"] == mix
    assert round(_monthly((10, "week")), 4) == published["weeks_to_months"]["expected"]["52/12"]
    changed = published["quantity_4_to_6_annual"]["events"]
    assert round(_monthly((500, "year", 4.0)), 2) == changed[0]["amount"]
    assert round(_monthly((500, "year", 2.0)) / 2 * 2, 2) == changed[1]["amount"]


def _monthly(row: tuple[Any, ...]) -> float:
    return float(lines_of_subscriptions(sold(("2025-01-01", None, *row))).frame["monthly"][0])


def test_more_of_it_billed_pro_rata_is_the_expansion_it_is(published: dict[str, Any]) -> None:
    """Two more of a yearly plan from the middle of the year on, charged for the rest of it."""
    rest = (pd.Timestamp("2026-01-01") - pd.Timestamp("2025-05-13")).days
    lines = pd.DataFrame(
        {
            "account_id": "A", "item": "Gold", "from": ["2025-01-01", "2025-05-13"], "to": ["2026-01-01"] * 2,
            "amount": [2000.0, 1000 * rest / 365], "kind": "recurring", "currency": "USD",
        }
    )  # fmt: skip
    found = moved(lines_of_invoices(lines).monthly_revenue(last="2025-06"))
    wanted = [each["amount"] for each in published["quantity_4_to_6_annual"]["events"]]
    assert found == [("2025-01", "new", wanted[0]), ("2025-05", "expansion", wanted[1])]


def test_the_life_of_a_customer(published: dict[str, Any]) -> None:
    """An additional subscription is expansion, losing one of two contraction; churn is at the end of the paid year."""
    rows = sold(
        ("2023-01-10", "2024-01-10", 500, "year", 4.0), ("2023-01-14", "2023-03-20", 30, "month", 2.0),
        ("2024-06-01", None, 50, "month", 3.0),
    )  # fmt: skip
    found = moved(lines_of_subscriptions(rows).monthly_revenue(last="2024-07"))
    # In one month, the first two are one movement: a month counts what is in force at its end.
    events = published["life_cycle_four_plans"]["events"]
    assert found[0] == ("2023-01", "new", round(events[0]["amount"] + events[1]["amount"], 2))
    assert [each[1:] for each in found[1:]] == [(each["kind"], each["amount"]) for each in events[2:]]


def test_when_churn_is_dated_is_a_rule_with_a_name(published: dict[str, Any]) -> None:
    """A year cancelled early ends with the year, or on the day of the cancellation."""
    case = published["annual_contract_cancelled_early"]
    row = case["ledger"][0]
    frame = sold((row["start"], row["end"], row["paid"], "year")).assign(canceled_on=row["cancelled_on"])
    for words, churn in (("end of paid period", "end of paid period"), ("cancellation", "cancellation")):
        mrr = lines_of_subscriptions(frame, RevenueRules(churn=churn)).monthly_revenue(last="2026-02")
        gone = mrr["month"].max() + pd.DateOffset(months=1)
        key = next(name for name in case["expected"] if words in name)
        assert (f"{gone:%Y-%m}", -mrr["amount"].iloc[-1]) == (
            case["expected"][key]["month"], case["expected"][key]["amount"],
        )  # fmt: skip


def test_a_contract_of_whole_months_may_name_its_last_day_or_the_day_after_it() -> None:
    """Until 30 June and until 1 July are one thing, for a subscription as for a line of an invoice."""
    for end in ("2024-06-30", "2024-07-01"):
        mrr = lines_of_subscriptions(sold(("2024-01-01", end, 50))).monthly_revenue(last="2024-08")
        assert [f"{month:%Y-%m}" for month in mrr["month"]][-1] == "2024-06"
    begun_later = lines_of_subscriptions(sold(("2024-01-10", "2024-06-30", 50))).monthly_revenue(last="2024-08")
    assert f"{begun_later['month'].max():%Y-%m}" == "2024-05"


def test_a_part_of_a_month_has_its_last_day_too_where_whole_ones_name_theirs() -> None:
    """A credit for the rest of a year, 315 days with both ends, in invoices that run from the 1st to the 31st."""
    lines = {"from": ["2024-01-01", "2024-02-10", "2024-04-01"], "amount": [49.0, 120000.0, -20000.0]}
    frame = pd.DataFrame({**lines, "account_id": ["A", "B", "B"], "kind": ["recurring", "recurring", "credit"]})
    named = lines_of_invoices(frame.assign(to=["2024-01-31", "2025-02-09", "2025-02-09"]))
    after = lines_of_invoices(frame.assign(to=["2024-02-01", "2025-02-10", "2025-02-10"]))
    for found in (named, after):
        assert found.frame["monthly"].round(2).tolist() == [49.0, 10000.0, -1931.22]
        assert found.frame["end"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-01", "2025-02-10", "2025-02-10"]


def test_who_comes_and_goes_within_a_month_is_in_none(published: dict[str, Any]) -> None:
    """The month counts what is in force on its last day."""
    row = published["same_month_new_and_churn"]["ledger"][0]
    assert lines_of_subscriptions(sold((row["start"], row["end"], row["mrr"]))).monthly_revenue().empty


def test_up_and_down_in_one_month_is_what_is_left(published: dict[str, Any]) -> None:
    """50, then 80, then 60 within a month is 10 more."""
    case = published["up_and_down_in_one_month"]
    starts = [each["from"] for each in case["ledger"]]
    rows = [(a, b, each["mrr"]) for a, b, each in zip(starts, [*starts[1:], None], case["ledger"], strict=True)]
    found = moved(lines_of_subscriptions(sold(*rows)).monthly_revenue())
    assert found[1:] == [("2025-03", "expansion", case["expected"]["month-end snapshots"]["expansion"])]


def test_usage_counts_or_not_by_name(published: dict[str, Any]) -> None:
    """Usage is outside unless the rules say otherwise."""
    case = published["usage_on_top"]
    rows = [
        {"account_id": "A", "from": f"{each['month']}-01", "to": pd.Timestamp(each["month"]) + pd.DateOffset(months=1),
         "amount": float(each[part]), "kind": kind, "item": kind}
        for each in case["ledger"] for part, kind in (("base", "recurring"), ("usage", "usage"))
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    for inside in (False, True):
        mrr = lines_of_invoices(frame, RevenueRules(usage=inside)).monthly_revenue()
        wanted = next(each for name, each in case["expected"].items() if ("inside" in name) == inside)
        assert mrr["amount"].tolist() == wanted["mrr"]
        assert [[kind, amount] for _, kind, amount in moved(mrr)] == wanted["movements"]


def test_rates_move_no_revenue(published: dict[str, Any]) -> None:
    """One rate converts every month, so a rate that changes is no expansion."""
    ledger = published["currency"]["ledger"]
    lines = lines_of_subscriptions(sold(("2025-05-01", None, 100.0)).assign(currency="EUR"))
    rates = pd.DataFrame([("EUR", pd.Timestamp(each["month"]), each["usd_per_eur"]) for each in ledger],
                         columns=["currency", "from", "rate"])  # fmt: skip
    mrr = convert(lines.monthly_revenue(last="2025-06"), "amount", rates, "USD", pd.Timestamp("2025-06-30"))
    assert mrr["amount"].tolist() == pytest.approx([120.0, 120.0])
    with pytest.raises(WorkbenchError, match="no rate to USD up to 2025-04-30"):
        convert(mrr.assign(currency="EUR"), "amount", rates, "USD", pd.Timestamp("2025-04-30"))


@pytest.mark.parametrize(
    ("text", "months"),
    [("month", 1), ("Monthly", 1), ("monatlich", 1), ("mensuel", 1), ("12 months", 12), ("P1M", 1), ("quarterly", 3),
     ("vierteljährlich", 3), ("halbjährlich", 6), ("semi-annual", 6), ("annually", 12), ("jährlich", 12), ("1 an", 12),
     ("every 2 years", 24), ("P3Y", 36), ("two years", 24), ("semestral", 6), ("trimestriel", 3), ("anual", 12),
     ("73 days", 2.4), ("73 Tage", 2.4), ("73 días", 2.4), ("73 dagar", 2.4), ("2 anos", 24), ("3 roky", 36),
     ("YILLIK", 12)],
)  # fmt: skip
def test_periods_read_as_people_write_them(text: str, months: float) -> None:
    """In several languages, with numbers in front."""
    assert months_of(text) == months


def one_company(seed: int, most_days_off: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return one synthetic company as subscriptions, as invoices, and as movements; renewals are some days off."""
    chance = np.random.default_rng(seed)
    subscriptions, invoices = [], []
    for number in range(40):
        begin = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(chance.integers(0, 365)))
        for item in range(int(chance.integers(1, 3))):
            length, times = int(chance.choice([1, 3, 12, 24])), int(chance.integers(1, 4))
            price = float(chance.integers(5, 400)) * length
            row = {"account_id": f"C{number}", "item": f"P{item}", "currency": "EUR", "amount": price}
            end = begin + pd.DateOffset(months=length * times)
            subscriptions.append({**row, "start": begin, "end": end, "period": f"{length} months"})
            for turn in range(times):
                off = round(chance.uniform(-1, 1) * most_days_off) if turn else 0
                since = begin + pd.DateOffset(months=length * turn) + pd.Timedelta(days=off)
                until = begin + pd.DateOffset(months=length * (turn + 1)) + pd.Timedelta(days=off)
                last_day = until - pd.Timedelta(days=int(chance.integers(0, 2)))  # some name the day after
                invoices.append({**row, "from": since, "to": last_day, "kind": "recurring"})
            invoices.append({**row, "from": begin, "to": begin, "amount": 99.0, "kind": "one-off"})
    table = lines_of_subscriptions(pd.DataFrame(subscriptions)).monthly_revenue(last="2028-12")
    wide = table.pivot_table(index="account_id", columns="month", values="amount", aggfunc="sum").fillna(0.0)
    change = wide.diff(axis=1).fillna(wide).reset_index().melt("account_id", value_name="change")
    movements = change.merge(wide.reset_index().melt("account_id", value_name="amount"), on=["account_id", "month"])
    movements["date"] = movements["month"] + pd.Timedelta(days=3)
    return pd.DataFrame(subscriptions), pd.DataFrame(invoices), movements[movements["change"].abs() > 0.004]


@pytest.mark.parametrize("seed", range(4))
def test_one_company_three_ways_agrees_to_the_cent_or_says_why(seed: int) -> None:
    """Invoices and movements give what the contracts give; where renewals are billed days off, each line says why."""
    subscriptions, invoices, movements = one_company(seed, most_days_off=0)
    contracts = lines_of_subscriptions(subscriptions)
    by_contract = contracts.monthly_revenue(last="2025-12")
    by_movement, wrong = revenue_of_movements(movements, last="2025-12")
    assert wrong.empty
    assert compare_sources(by_contract, by_movement).empty
    assert compare_sources(by_contract, lines_of_invoices(invoices).monthly_revenue(last="2025-12")).empty
    late = lines_of_invoices(one_company(seed, most_days_off=9)[1])
    off = compare_sources(by_contract, late.monthly_revenue(last="2025-12"), (contracts, late))
    assert 0 < len(off) < 0.05 * len(by_contract)
    assert off["why"].str.match(r"P\d, first: [\d.,]+.*; second: [\d.,]+").all()


def test_a_movement_that_does_not_add_up_is_named() -> None:
    """100 and 20 more are not 130."""
    rows = {
        "account_id": ["A", "A"],
        "date": ["2024-01-05", "2024-02-05"],
        "change": [100.0, 20.0],
        "amount": [100.0, 130.0],
    }
    mrr, wrong = revenue_of_movements(pd.DataFrame(rows))
    assert wrong[["before", "change", "amount"]].to_numpy().tolist() == [[100.0, 20.0, 130.0]]
    assert mrr["amount"].tolist() == [100.0, 130.0]


def test_credit_notes_late_and_early_renewals_and_one_off_lines() -> None:
    """A gap of days is no churn, an overlap counts nothing twice, a credit takes off what it is for."""
    lines = pd.DataFrame(
        [
            ("A", "2024-01-01", "2024-02-01", 100.0, "recurring"),
            ("A", "2024-02-10", "2024-03-10", 100.0, "recurring"),
            ("A", "2024-03-05", "2024-04-05", 100.0, "recurring"),
            ("A", "2024-04-01", "2024-05-01", -30.0, "credit"),
            ("A", "2024-04-05", "2024-05-05", 100.0, "recurring"), ("A", "2024-02-01", None, 500.0, "one-off"),
        ],
        columns=["account_id", "from", "to", "amount", "kind"],
    ).assign(item="Pro", currency="EUR")  # fmt: skip
    found = lines_of_invoices(lines)
    assert found.monthly_revenue(last="2024-04")["amount"].tolist() == [100.0, 100.0, 100.0, 70.0]
    assert found.left_out[["amount", "why"]].to_numpy().tolist() == [[500.0, "it is paid once"]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("item", ["Pro", None])
def test_lines_of_one_item_that_run_side_by_side_all_count(seed: int, item: str | None) -> None:
    """Two of one item, or of none, billed in the middle of each other's months, are no renewals of each other."""
    subscriptions, invoices, _ = one_company(seed, most_days_off=0)
    by_contract = lines_of_subscriptions(subscriptions).monthly_revenue("2023-02", "2028-12")
    mine = invoices[invoices["kind"] == "recurring"].assign(item=item)
    off = compare_sources(by_contract, lines_of_invoices(mine).monthly_revenue("2023-02", "2028-12"))
    assert len(off) <= 0.002 * len(by_contract)  # one that ends a few days before another begins is taken for renewed
    days = pd.Series(pd.date_range("2024-01-01", periods=12, freq="MS"))
    parts = [
        pd.DataFrame({"from": days + pd.Timedelta(days=at), "to": days + pd.DateOffset(months=1, days=at - 1)})
        for at in (0, 9, 19)
    ]
    lines = pd.concat(parts).assign(account_id="A", amount=100.0, item=item)
    assert lines_of_invoices(lines).monthly_revenue(last="2024-12")["amount"].tolist() == [300.0] * 12


def test_movements_in_two_currencies_are_two_accounts_of_money() -> None:
    """What is paid in dollars is not what was paid in euros and a change."""
    rows = [("A", "2024-01-05", 50.0, 50.0, "EUR"), ("A", "2024-01-09", 80.0, 80.0, "USD"),
            ("A", "2024-02-05", -50.0, 0.0, "EUR")]  # fmt: skip
    moved = pd.DataFrame(rows, columns=["account_id", "date", "change", "amount", "currency"])
    for frame in (moved, moved.drop(columns="amount")):
        mrr, wrong = revenue_of_movements(frame, last="2024-02")
        assert wrong.empty
        assert sorted(zip(mrr["month"].dt.month, mrr["currency"], mrr["amount"], strict=True)) == [
            (1, "EUR", 50.0), (1, "USD", 80.0), (2, "USD", 80.0),
        ]  # fmt: skip


def test_contracts_say_who_can_be_moved_when() -> None:
    """By the end of the term or of a fixed price, whichever is later; several contracts by the last of them."""
    frame = pd.DataFrame(
        {
            "account_id": ["A", "A", "B", "C", "D"],
            "end": [None, None, None, None, "2024-06-01"],
            "renews_on": ["2025-03-01", "2025-09-01", "2025-02-01", None, "2024-06-01"],
            "price_fixed_until": [None, None, "2026-01-01", None, None],
            "notice_days": [30.0, 90.0, 0.0, 0.0, 0.0], "price_cap": [None, 5.0, None, None, None],
        }
    )  # fmt: skip
    found = movable(frame, pd.Timestamp("2025-01-15")).set_index("account_id")
    assert found["from"].astype(str).to_dict() == {"A": "2025-09-01", "B": "2026-01-01", "C": "2025-01-15"}
    assert (str(found.loc["A", "told_by"])[:10], found.loc["A", "cap"]) == ("2025-06-03", 5.0)
    assert found.loc["B", "why"] == "its price is fixed until then"


_DAYS = st.dates(min_value=pd.Timestamp("2023-01-01").date(), max_value=pd.Timestamp("2024-12-31").date())
_ROWS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["EUR", "USD"]), _DAYS, st.one_of(st.none(), _DAYS),
              st.integers(0, 500), st.sampled_from(["month", "quarter", "year", "2 years", "week"])),
    min_size=1, max_size=12,
)  # fmt: skip


def days_after(times: list[tuple[date, date | None]]) -> list[pd.Timestamp | None]:
    """Return the first day after each time: an end that closes whole months is that day or the one before it."""

    def is_whole(start: date, end: pd.Timestamp) -> bool:
        return any(pd.Timestamp(start) + pd.DateOffset(months=months) == end for months in range(1, 25))

    ends = [(start, pd.Timestamp(end)) for start, end in times if end is not None]
    named = sum(is_whole(start, end + pd.Timedelta(days=1)) for start, end in ends)
    shift = int(named > sum(is_whole(start, end) for start, end in ends))
    found = []
    for start, named_end in times:
        end = None if named_end is None else pd.Timestamp(named_end)
        is_last = end is not None and is_whole(start, end + pd.Timedelta(days=1))
        days = int(is_last) if end is None or is_last or is_whole(start, end) else shift
        found.append(None if end is None else end + pd.Timedelta(days=days))
    return found


@example(rows=[("A", "EUR", date(2023, 1, 1), date(2023, 4, 30), 1, "month")])
@settings(max_examples=60, deadline=None)
@given(_ROWS)
def test_movements_make_the_end_of_the_start_in_every_month_currency_and_segment(rows: list[tuple[Any, ...]]) -> None:
    """Start + new + reactivation + expansion + contraction + churn = end; lines counted one by one make the same."""
    frame = pd.DataFrame(rows, columns=["account_id", "currency", "start", "end", "amount", "period"])
    mrr = lines_of_subscriptions(frame.assign(amount=frame["amount"].astype(float))).monthly_revenue(
        "2023-01", "2025-02"
    )
    segment = mrr["account_id"].map({"A": "small", "B": "small", "C": "large"})
    for _, part in mrr.groupby([mrr["currency"], segment]):
        moves = mrr_movements(part, opening="new").by_month()
        parts = moves[["start", "new", "reactivation", "expansion", "contraction", "churn"]].sum(axis=1)
        assert np.allclose(parts, moves["end"])
        assert (moves["start"].iloc[1:].to_numpy() == moves["end"].iloc[:-1].to_numpy()).all()
    after = days_after([(start, end) for _, _, start, end, _, _ in rows])
    for (month, currency), part in mrr.groupby(["month", "currency"]):
        eve = month + pd.offsets.MonthEnd(0)
        by_hand = sum(
            amount / months_of(period)
            for (_, money, start, _, amount, period), end in zip(rows, after, strict=True)
            if money == currency and pd.Timestamp(start) <= eve and (end is None or end > eve)
        )
        assert part["amount"].sum() == pytest.approx(by_hand, abs=0.02)


def test_a_customer_base_of_subscriptions_alone_knows_what_is_paid_and_who_can_be_moved() -> None:
    """Where there is no mrr table, revenue is what the ledger says; on an earlier day nobody knows what ended later."""
    rows = sold(("2024-01-10", "2024-03-05", 50.0), ("2024-01-01", None, 1200.0, "year"), ("2024-05-01", None, 5.0))
    rows = rows.assign(account_id=["A", "B", "C"], renews_on=[None, "2025-01-01", None])
    tables = {"accounts": pd.DataFrame({"account_id": ["A", "B", "C"]}), "subscriptions": rows}
    base = CustomerBase.from_tables(tables)
    assert base.mrr.groupby("account_id")["amount"].agg(["size", "max"]).to_numpy().tolist() == [
        [2, 50],
        [5, 100],
        [1, 5],
    ]
    assert base.currency == "USD"
    assert movable(base.subscriptions, pd.Timestamp("2024-05-20"))["account_id"].tolist() == ["B", "C"]
    earlier = base.up_to("2024-02-29")
    assert earlier.subscriptions["end"].isna().all()
    assert sorted(movable(earlier.subscriptions, pd.Timestamp("2024-02-29"))["account_id"]) == ["A", "B"]


def test_rules_hold_for_data_that_needs_no_import(tmp_path: Path) -> None:
    """When churn is dated, how long a month is, and who is new again, by the rules of a study kept with it."""
    rows = sold(("2024-01-10", "2025-01-10", 1200.0, "year"), ("2024-05-01", None, 52.0, "week"), account="A")
    rows = rows.assign(account_id=["A", "B"], canceled_on=["2024-06-20", None])
    tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "subscriptions": rows}
    usual = CustomerBase.from_tables(tables).mrr
    assert usual.groupby("account_id")["amount"].max().round(2).to_dict() == {"A": 100, "B": 225.33}
    rules = {"churn": "cancellation", "weeks": "4", "reactivation_months": "3"}
    base = CustomerBase.from_tables(tables, rules=RevenueRules().with_written(rules))
    assert base.mrr.groupby("account_id")["amount"].agg(["size", "max"]).to_numpy().tolist() == [[5, 100], [1, 208]]
    assert base.up_to("2024-05-31").subscriptions["canceled_on"].isna().all()
    for name, frame in tables.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    given = [part for name, value in rules.items() for part in ("--rule", f"{name}={value}")]
    place = tmp_path / "study"
    made = CliRunner().invoke(app, ["new", str(place), "--data", str(tmp_path), *given])
    assert made.exit_code == 0, made.output
    study = Study.load(place)
    loaded = load_base(study, place)
    assert (study.data.rules, loaded.rules) == (rules, base.rules)
    assert loaded.mrr["amount"].tolist() == base.mrr["amount"].tolist()
    assert loaded.fingerprint != load_base(study.replaced(data=study.data.replaced(rules={})), place).fingerprint
    with pytest.raises(StudyError, match="weeks is '5'"):
        Study.new("s", tmp_path, rules={"weeks": "5"})


def test_who_comes_back_after_the_time_the_rules_name_is_new_in_the_figures() -> None:
    """A customer base says how long; figures and scorecard follow it."""
    paid = [("A", month, 100) for month in range(1, 14)] + [("B", month, 50) for month in (1, 2, 13)]
    months = pd.date_range("2024-01-01", periods=13, freq="MS")
    rows = [(who, months[month - 1], amount) for who, month, amount in paid]
    mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).assign(currency="USD")
    tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "mrr": mrr}
    for window, back in ((None, 50), (3, 0)):
        base = CustomerBase.from_tables(tables, rules=RevenueRules(reactivation_months=window))
        sums = revenue_figures(base, months=6, draws=0).sums
        assert (float(sums["reactivation"].sum()), float(sums["new"].sum())) == (back, 50 - back)


def test_lines_of_invoices_alone_are_enough_as_well() -> None:
    """Single services have no month, and stay visible on every day."""
    lines = {"account_id": ["A", "A"], "from": ["2024-01-01", None], "to": ["2024-03-01", None], "amount": [200.0, 9.0]}
    frame = pd.DataFrame({**lines, "kind": ["recurring", "one-off"]})
    base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "invoice_lines": frame})
    assert base.mrr["amount"].tolist() == [100.0]
    assert len(base.up_to("2024-02-01").invoice_lines) == 2


# --- The rules have names, and stay with the study


def test_rules_are_written_and_read_again_and_what_they_cannot_be_is_refused() -> None:
    """Each rule as text, as a mapping file and a command have it."""
    rules = RevenueRules().with_written({
        "usage": "counted", "churn": "cancellation", "renewal_days": "45", "reactivation_months": "6", "weeks": "4",
        "within_month": "in its month",
    })  # fmt: skip
    assert RevenueRules().with_written(rules.written()) == rules
    assert RevenueRules().with_written({"reactivation_months": "always"}) == RevenueRules()
    for wrong in ({"churn": "soon"}, {"weeks": "5"}, {"renewal_days": "-1"}, {"no rule": "1"}):
        with pytest.raises(WorkbenchError, match=next(iter(wrong))):
            RevenueRules().with_written(wrong)


def test_weeks_are_months_by_the_rule() -> None:
    """10 a week is 43.33 a month of 52/12 weeks, 40 of 4."""
    weekly = sold(("2024-01-01", None, 10, "week"))
    found = [lines_of_subscriptions(weekly, RevenueRules(weeks=weeks)).frame["monthly"][0] for weeks in ("52/12", "4")]
    assert found == [pytest.approx(10 * 52 / 12), 40]


def test_who_comes_and_goes_within_a_month_counts_by_the_rule() -> None:
    """In no month, or in its month; what was exchanged for something else never counts twice."""
    rows = [
        sold(("2024-01-01", None, 9), account="other"),
        sold(("2024-02-03", "2024-02-20", 50), account="short"),
        sold(("2024-02-03", "2024-02-20", 50), ("2024-02-20", None, 80), account="changed"),
        sold(("2024-02-03", "2024-02-08", 50), ("2024-02-10", "2024-02-18", 70), account="twice"),
    ]
    frame = pd.concat(rows, ignore_index=True)
    usual = lines_of_subscriptions(frame).monthly_revenue(last="2024-03")
    counted = lines_of_subscriptions(frame, RevenueRules(within_month="in its month")).monthly_revenue(last="2024-03")
    assert set(usual["account_id"]) == {"other", "changed"}
    paid = counted.groupby(["account_id", counted["month"].dt.strftime("%m")])["amount"].sum().to_dict()
    assert paid == {
        ("changed", "02"): 80, ("changed", "03"): 80, ("other", "01"): 9, ("other", "02"): 9, ("other", "03"): 9,
        ("short", "02"): 50, ("twice", "02"): 70,
    }  # fmt: skip
    assert abs(mrr_movements(counted).table()["amount"].sum() - (9 + 80 - 9)) < 1e-9
