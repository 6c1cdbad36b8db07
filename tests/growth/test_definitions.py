"""Movements of published and documented ledgers, under our definition and under those of five tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.customers import CustomerBase
from workbench.customers.intake import RevenueRules, lines_of_subscriptions
from workbench.errors import DataErrors
from workbench.growth import (
    OURS,
    TOOLS,
    DatedMovements,
    RevenueDefinition,
    definitions_compared,
    movements_of_lines,
    mrr_movements,
    retention,
    with_mergers,
)
from workbench.growth.recurring_revenue import KINDS, MovementsError, revenue_of
from workbench.growth.triggers import Past, account_past

if TYPE_CHECKING:
    from collections.abc import Callable

CHARTMOGUL, STRIPE, MAXIO, PROFITWELL, POSTHOG = TOOLS
BY_DAY = RevenueDefinition("by day", grain="each change")


@pytest.fixture(scope="module")
def published(oracle: Callable[[str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the ledgers that public tools print the movements of."""
    return {each["id"]: each for each in oracle("mrr_movements.json")["cases"]}


def lines(*rows: tuple[Any, ...], account: str = "A", kind: str = "recurring", currency: str = "") -> pd.DataFrame:
    """Return lines of an account: start, end, amount per month."""
    frame = pd.DataFrame(rows, columns=["start", "end", "monthly"])
    return frame.assign(account_id=account, kind=kind, currency=currency)


def sold(*rows: tuple[Any, ...], account: str = "A", rules: RevenueRules = OURS.rules) -> pd.DataFrame:
    """Return the lines of subscriptions: start, end, amount, period, quantity."""
    frame = pd.DataFrame(rows, columns=["start", "end", "amount", "period", "quantity"]).assign(account_id=account)
    return lines_of_subscriptions(frame, rules).frame


def told(found: DatedMovements, form: str = "%Y-%m") -> list[tuple[str, str, float]]:
    """Return day, kind and amount of each movement."""
    table = found.table
    return list(zip(table["day"].dt.strftime(form), table["kind"], table["amount"].round(2), strict=True))


def kinds(found: DatedMovements) -> list[tuple[str, float]]:
    """Return kind and amount of each movement."""
    return [(kind, amount) for _, kind, amount in told(found)]


@pytest.mark.parametrize("customer", ["1", "5", "10"])
def test_published_periods(published: dict[str, Any], customer: str) -> None:
    """Five kinds of movements of three customers, to the cent (dbt-labs/mrr-playbook)."""
    case = published[f"mrr_playbook_customer_{customer}"]
    found = movements_of_lines(lines(*((each["start"], each["end"], each["mrr"]) for each in case["ledger"])))
    assert told(found) == [(each["month"], each["kind"], each["amount"]) for each in case["movements"]]


def test_months_that_begin_too_late_hide_whole_customers(published: dict[str, Any]) -> None:
    """A calendar that begins in 2018 loses the three customers of 2017: three new, three lost, nothing else."""
    case = published["mrr_playbook_totals"]
    whole, cut = case["expected_without_its_2018_start"], case["expected_original_sql"]
    ledgers = [published[f"mrr_playbook_customer_{each}"]["ledger"] for each in (1, 5, 10)]
    known = [lines(*((e["start"], e["end"], e["mrr"]) for e in each), account=str(n)) for n, each in enumerate(ledgers)]
    early = [lines(("2017-03-01", "2017-08-01", 50.0), account=f"early {each}") for each in range(3)]
    full = pd.concat(known + early)
    counts = [
        movements_of_lines(each).table["kind"].value_counts().reindex(KINDS, fill_value=0).to_dict()
        for each in (full, full[full["end"] > "2018-01-01"])
    ]
    assert {kind: counts[0][kind] - counts[1][kind] for kind in KINDS} == {
        kind: whole[kind] - cut[kind] for kind in KINDS
    }


def test_the_life_of_a_customer(published: dict[str, Any]) -> None:
    """Two plans, one cancelled in mid cycle, the other before its year is over, and a return: each movement alone."""
    events = published["life_cycle_four_plans"]["events"]
    plans = published["life_cycle_four_plans"]["plans"]
    found = movements_of_lines(
        sold(
            ("2023-01-10", "2024-01-10", plans["Gold"]["year"], "year", 4.0),
            ("2023-01-14", "2023-03-20", plans["Silver"]["month"], "month", 2.0),
            ("2024-06-01", None, plans["Gold"]["month"], "month", 3.0),
        ),
        BY_DAY,
    )
    assert kinds(found) == [(each["kind"], each["amount"]) for each in events]


def test_more_of_it_is_expansion(published: dict[str, Any]) -> None:
    """From four to six of a yearly plan."""
    found = movements_of_lines(
        sold(("2025-01-01", None, 500.0, "year", 4.0), ("2025-05-13", None, 500.0, "year", 2.0)), BY_DAY
    )
    assert kinds(found) == [(each["kind"], each["amount"]) for each in published["quantity_4_to_6_annual"]["events"]]


def test_amounts_per_month(published: dict[str, Any]) -> None:
    """A quarter, a year, a mix of plans."""
    for case, row in (("quarterly_90", (90.0, "3 months", 1.0)), ("annual_1200", (1200.0, "year", 1.0))):
        found = movements_of_lines(sold(("2025-01-01", None, *row)))
        assert kinds(found) == [("new", published[case]["events"][0]["mrr"])]
    mix = sold(("2025-01-01", None, 100.0, "month", 100.0), ("2025-01-01", None, 600.0, "year", 50.0))
    assert kinds(movements_of_lines(mix)) == [("new", published["plan_mix"]["events"][0]["mrr"])]


def test_a_switch_seen_from_the_plan_that_is_left(published: dict[str, Any]) -> None:
    """The customer pays 20 less; from plan A its 50 are gone."""
    event = published["plan_switch_seen_from_plan_A"]["events"][0]
    switch = lines(("2025-01-01", "2025-04-01", 50.0), ("2025-04-01", None, 30.0)).assign(item=["A", "B"])
    assert kinds(movements_of_lines(switch))[1] == (event["kind"], event["amount"])
    of_plan = movements_of_lines(switch[switch["item"] == "A"])
    assert kinds(of_plan)[1] == ("churn", -event["mrr_leaving_segment_A"])


def test_which_discounts_count(published: dict[str, Any]) -> None:
    """Half off for ever lowers revenue everywhere; for a time only where every discount counts, and its end expands."""
    case = published["coupon_50pct"]
    price = lines(("2025-01-01", None, float(case["ledger"]["list_mrr"])))
    for_ever = pd.concat([price, lines(("2025-01-01", None, -50.0), kind="discount")])
    for_a_time = pd.concat([price, lines(("2025-01-01", "2025-04-01", -50.0), kind="discount")])
    assert kinds(movements_of_lines(for_ever, STRIPE)) == [("new", case["expected"]["coupon for ever"])]
    assert kinds(movements_of_lines(for_a_time, STRIPE)) == [("new", case["expected"]["coupon once or repeating"])]
    assert kinds(movements_of_lines(for_a_time, CHARTMOGUL)) == [("new", 50.0), ("expansion", 50.0)]


def test_who_comes_back(published: dict[str, Any]) -> None:
    """After 45 and after 150 days: reactivated, within a window only, or never."""
    case = published["reactivation_45_and_150_days"]
    days = [each["paid again after days"] for each in case["ledger"][1:]]
    first_end = pd.Timestamp("2025-04-01")
    again = first_end + pd.Timedelta(days=days[0])
    left = again + pd.Timedelta(days=60)
    ledger = lines(
        ("2025-01-01", first_end, 100.0), (again, left, 100.0), (left + pd.Timedelta(days=days[1]), None, 100.0)
    )
    for tool, name in (
        (CHARTMOGUL, "any gap"),
        (STRIPE, "any gap"),
        (OURS, "any gap"),
        (MAXIO, "window"),
        (POSTHOG, "never"),
    ):
        by_day = movements_of_lines(
            ledger, RevenueDefinition(tool.name, grain="each change", reactivation_days=tool.reactivation_days)
        )
        returns = [kind for kind, amount in kinds(by_day) if amount > 0][1:]
        assert returns == next(value for key, value in case["expected"].items() if key.startswith(name))


def test_new_and_lost_in_one_month(published: dict[str, Any]) -> None:
    """In no month at its end, and two movements by the day."""
    case = published["same_month_new_and_churn"]
    row = case["ledger"][0]
    ledger = lines((row["start"], row["end"], float(row["mrr"])))
    for definition, name in ((OURS, "month-end snapshots"), (STRIPE, "event based (Stripe)"), (PROFITWELL, "ignored")):
        wanted = next(value for key, value in case["expected"].items() if key.startswith(name))
        sums = movements_of_lines(ledger, definition).sums("2025-01-31", "2025-12-31")
        assert {kind: sums[kind] for kind in wanted} == wanted


def test_up_and_down_in_one_month(published: dict[str, Any]) -> None:
    """At the end of the month what is left of it, by the day both."""
    case = published["up_and_down_in_one_month"]
    starts = [each["from"] for each in case["ledger"]]
    ledger = lines(*zip(starts, [*starts[1:], None], [float(e["mrr"]) for e in case["ledger"]], strict=True))
    for definition, name in ((OURS, "month-end snapshots"), (STRIPE, "event based")):
        sums = movements_of_lines(ledger, definition).sums("2025-02-28", "2025-03-31")
        assert {kind: sums[kind] for kind in case["expected"][name]} == case["expected"][name]


def test_when_a_cancelled_year_is_lost(published: dict[str, Any]) -> None:
    """At the end of what is paid, or on the day of the cancellation; a renewal at the same price moves nothing."""
    case = published["annual_contract_cancelled_early"]
    row = case["ledger"][0]
    frame = pd.DataFrame([{**row, "account_id": "A", "amount": row["paid"], "period": "year"}])
    frame["canceled_on"] = frame.pop("cancelled_on")
    for name, definition in (("churn at end of paid period", CHARTMOGUL), ("churn at cancellation", STRIPE)):
        found = movements_of_lines(lines_of_subscriptions(frame, definition.rules).frame, definition)
        wanted = case["expected"][name]
        assert told(found)[1:] == [(wanted["month"], "churn", wanted["amount"])]


def test_rates_of_exchange(published: dict[str, Any]) -> None:
    """They move nothing, or a line of their own, and are never expansion."""
    case = published["currency"]
    ledger = lines(("2025-05-01", None, float(case["ledger"][0]["amount_eur"])), currency="EUR")
    rates = pd.DataFrame([("EUR", each["month"], each["usd_per_eur"]) for each in case["ledger"]],
                         columns=["currency", "from", "rate"])  # fmt: skip
    ours = movements_of_lines(ledger, OURS, rates=rates).sums("2025-05-31", "2025-06-30")
    assert ours["expansion"] == case["expected"]["no movement for rates (ChartMogul)"]["expansion"]
    assert ours["currency"] == 0
    stripe = movements_of_lines(ledger, STRIPE, rates=rates).sums("2025-05-31", "2025-06-30")
    wanted = case["expected"]["separate line (Stripe)"]
    assert {kind: round(stripe[kind], 9) for kind in wanted} == wanted
    with pytest.raises(MovementsError, match="EUR, USD"):
        movements_of_lines(pd.concat([ledger, lines(("2025-05-01", None, 1.0), currency="USD")]))


def test_usage_inside_and_outside(published: dict[str, Any]) -> None:
    """Usage on top of a base counts or does not."""
    case = published["usage_on_top"]
    rows = [
        lines(
            (f"{each['month']}-01", pd.Timestamp(each["month"]) + pd.DateOffset(months=1), float(each["usage"])),
            kind="usage",
        )
        for each in case["ledger"]
    ]
    ledger = pd.concat([lines(("2025-01-01", None, float(case["ledger"][0]["base"]))), *rows])
    for definition, name in ((STRIPE, "usage outside"), (PROFITWELL, "usage inside")):
        wanted = next(value for key, value in case["expected"].items() if key.startswith(name))
        found = movements_of_lines(ledger, definition)
        inside = [(kind, amount) for month, kind, amount in told(found) if month <= "2025-03"]
        assert inside == [tuple(each) for each in wanted["movements"]]
        ends = pd.to_datetime(["2025-01-31", "2025-02-28", "2025-03-31"])
        assert [found.paid_on(day).sum() for day in ends] == wanted["mrr"]


def test_retention_of_a_cohort(published: dict[str, Any]) -> None:
    """Every figure of six customers, and the net retention that counts who came back."""
    case = published["retention_of_a_cohort"]
    start, end, wanted = case["ledger"]["start"], case["ledger"]["end"], case["expected"]
    rows = [lines(("2024-01-01", "2025-01-01", float(amount)), account=who) for who, amount in start.items()]
    rows += [
        lines(("2025-01-01", None, float(amount)), account=who.split()[0]) for who, amount in end.items() if amount
    ]
    rows += [lines(("2023-01-01", "2023-06-01", 60.0), account="F")]
    found = movements_of_lines(pd.concat(rows), CHARTMOGUL)
    sums = found.sums("2024-12-31", "2025-12-31")
    assert {kind: sums[kind] for kind in KINDS} == {kind: wanted[kind] for kind in KINDS}
    assert found.net_retention("2024-12-31", "2025-12-31") == pytest.approx(
        wanted["nrr_counting_reactivation_as_saved"]
    )
    ours = movements_of_lines(pd.concat(rows))
    assert ours.net_retention("2024-12-31", "2025-12-31") == pytest.approx(wanted["nrr_cohort"])
    assert (found.paid_on("2024-12-31").sum(), found.paid_on("2025-12-31").sum()) == (wanted["start"], wanted["end"])


def test_a_merger_is_no_churn(published: dict[str, Any]) -> None:
    """Two customers become one: apart, one of two is lost; merged, the one pays less (Displayr/flipRevenueMetrics)."""
    case = published["merger_of_two_customers"]
    one = [(day, pd.Timestamp(day) + pd.DateOffset(years=1), amount / 12) for day, amount in case["ledger"]["A"]]
    other = [
        (
            pd.Timestamp("2010-06-30") + pd.DateOffset(years=n),
            pd.Timestamp("2010-06-30") + pd.DateOffset(years=n + 1),
            10000 / 12,
        )
        for n in range(12)
    ]
    ledger = pd.concat([lines(*one), lines(*other, account="B")])
    merges = pd.DataFrame({"account_id": ["A"], "into": ["B"]})
    for table, name in ((None, "2018 kept apart"), (merges, "2018 with A merged into B")):
        wanted = case["expected"][name]
        found = movements_of_lines(ledger, merges=table)
        before, after = found.paid_on("2017-12-31"), found.paid_on("2018-12-31")
        sums, total = found.sums("2017-12-31", "2018-12-31"), before.sum()
        assert len(before) == wanted["customers_at_risk"]
        assert 1 - before.index.isin(after.index).mean() == wanted["customer_churn"]
        assert -sums["churn"] / total == pytest.approx(wanted["revenue_churn"], abs=1e-8)
        assert -sums["contraction"] / total == pytest.approx(wanted["contraction_rate"], abs=1e-8)
        assert found.net_retention("2017-12-31", "2018-12-31") == pytest.approx(wanted["nrr"])
        for kind in {"churn", "contraction"} & set(wanted):
            assert sums[kind] * 12 == pytest.approx(wanted[kind])


def test_mergers_follow_each_other_and_never_themselves() -> None:
    """A into B into C is A into C; a circle and two heirs are refused."""
    table = pd.DataFrame({"account_id": ["A", "B", "C", "D"]})
    merges = pd.DataFrame({"account_id": ["A", "B"], "into": ["B", "C"]})
    assert with_mergers(table, merges)["account_id"].tolist() == ["C", "C", "C", "D"]
    for into, says in ((["B", "A"], "into itself"), (["B", "C"], "into two")):
        names = ["A", "B"] if says == "into itself" else ["A", "A"]
        with pytest.raises(MovementsError, match=says):
            with_mergers(table, pd.DataFrame({"account_id": names, "into": into}))


def test_weeks_of_a_month(published: dict[str, Any]) -> None:
    """Three factors that tools use."""
    case = published["weeks_to_months"]
    for name in ("52/12", "4.33", "30.44/7"):
        found = sold(
            ("2025-01-01", None, float(case["ledger"]["per_week"]), "week", 1.0),
            rules=RevenueRules(weeks=name),
        )
        assert round(found["monthly"][0], 4) == case["expected"][name]
    assert any("4.33 weeks" in each for each in RevenueRules(weeks="4.33").sentences())


HISTORIES = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.integers(0, 300),
        st.integers(1, 200),
        st.sampled_from([10.0, 25.0, 33.33]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def ledger_of(history: list[tuple[str, int, int, float, bool]]) -> pd.DataFrame:
    """Return lines from account, first day, length, amount, and whether it has an end."""
    day = pd.Timestamp("2024-01-01")
    rows = [
        lines((day + pd.Timedelta(days=at), day + pd.Timedelta(days=at + long) if ends else None, amount), account=who)
        for who, at, long, amount, ends in history
    ]
    return pd.concat(rows, ignore_index=True)


@settings(deadline=None, max_examples=25)
@given(HISTORIES, st.sampled_from([OURS, *TOOLS]))
def test_movements_account_for_every_change(
    history: list[tuple[str, int, int, float, bool]], definition: RevenueDefinition
) -> None:
    """Start and all movements make the end, under each definition and between any two days."""
    found = movements_of_lines(ledger_of(history), definition)
    for start, end in (("2023-12-31", "2026-12-31"), ("2024-03-31", "2024-08-31")):
        change = found.paid_on(end).sum() - found.paid_on(start).sum()
        assert sum(found.sums(start, end).values()) == pytest.approx(change, abs=0.01)


@settings(deadline=None, max_examples=25)
@given(HISTORIES, st.sampled_from([None, 1, 2, 3]))
def test_month_ends_are_those_of_the_matrix(
    history: list[tuple[str, int, int, float, bool]], window: int | None
) -> None:
    """By lines and by revenue per month the same movements are found, whatever the months in which somebody is back."""
    ledger = ledger_of(history)
    rules = RevenueDefinition.of_rules(RevenueRules(reactivation_months=window))
    found = movements_of_lines(ledger, rules).table
    revenue = pd.DataFrame(
        [
            (
                who,
                month,
                ledger[
                    (ledger["account_id"] == who)
                    & (ledger["start"] <= month + pd.offsets.MonthEnd(0))
                    & (ledger["end"].isna() | (ledger["end"] > month + pd.offsets.MonthEnd(0)))
                ]["monthly"].sum(),
            )
            for who in sorted(set(ledger["account_id"]))
            for month in pd.date_range("2023-12-01", "2025-06-01", freq="MS")
        ],
        columns=["account_id", "month", "amount"],
    )
    wanted = mrr_movements(revenue, reactivation_window=window).table()
    wanted = wanted[wanted["amount"].abs() > 0.005]
    assert found["kind"].tolist() == wanted["kind"].tolist()
    np.testing.assert_allclose(found["amount"], wanted["amount"], atol=1e-6)


def test_a_window_of_months_is_as_long_as_the_months_are() -> None:
    """Who is away for July and August is back within two months, though these have 62 days."""
    rules = RevenueDefinition.of_rules(RevenueRules(reactivation_months=2))
    for back, kind in (("2025-09-01", "reactivation"), ("2025-10-01", "new")):
        found = movements_of_lines(lines(("2025-01-01", "2025-07-01", 10.0), (back, None, 10.0)), rules)
        assert kinds(found)[-1] == (kind, 10.0)


def test_one_ledger_has_six_net_retentions() -> None:
    """Usage, a coupon, a return and an early cancellation make the definitions differ, each for its reason."""
    sold_lines = pd.DataFrame(
        [
            ("A", "2024-01-01", "2025-01-01", 1200.0, "recurring"),
            ("A", "2025-01-01", "2026-01-01", 1800.0, "recurring"),
            ("B", "2024-01-01", "2025-03-01", 1400.0, "recurring"),
            ("B", "2025-08-01", "2026-01-01", 500.0, "recurring"),
            ("C", "2024-06-01", "2025-12-01", 1800.0, "recurring"),
            ("C", "2024-12-01", "2025-01-01", 40.0, "usage"),
            ("C", "2025-12-01", "2026-01-01", 100.0, "recurring"),
            ("C", "2025-12-01", "2026-01-01", 90.0, "usage"),
        ],
        columns=["account_id", "from", "to", "amount", "kind"],
    )
    accounts = pd.DataFrame({"account_id": ["A", "B", "C"]})
    base = CustomerBase.from_tables({"accounts": accounts, "invoice_lines": sold_lines}, currency="USD")
    table = definitions_compared(base, "2024-12-31", "2025-12-30")
    net = dict(zip(table["Definition"], table["Net retention"], strict=True))
    assert list(net) == ["This workbench", "ChartMogul", "Stripe", "Maxio", "ProfitWell", "PostHog"]
    assert net["Stripe"] == pytest.approx((300 + 50 - 100) / 300)
    assert net["ChartMogul"] == pytest.approx((300 + 50 - 100 + 100) / 300)
    assert net["ProfitWell"] == pytest.approx((340 + 140 - 140 + 100) / 340)
    assert net["This workbench"] == pytest.approx(350 / 300)
    assert len({round(each, 6) for each in net.values()}) >= 3


def test_a_ledger_of_months_gives_the_retention_of_the_cohort(sample_company: CustomerBase) -> None:
    """On revenue per month, ours is the retention that every other part of the workbench shows."""
    seen = retention(sample_company.mrr)
    table = definitions_compared(sample_company)
    assert table["Net retention"].iloc[0] == pytest.approx(seen.net)
    assert table["Start"].iloc[0] == pytest.approx(seen.start)


def test_every_definition_prints_its_conventions() -> None:
    """Grain, returns, usage, churn, discounts, currency and net retention are said, and what a tool leaves open."""
    for each in (OURS, *TOOLS):
        said = " ".join(each.sentences())
        for word in ("month", "comes back", "usage", "cancelled", "discount", "currencies", "Net retention", "weeks"):
            assert word in said, (each.name, word)
        assert said.count("does not say") == len(each.silent)
        for once in ("A month counts", "currencies", "A customer who comes back"):
            assert said.count(once) <= 1, (each.name, once)


def merging(into: dict[str, str], when: str | None = None) -> CustomerBase:
    """Return four accounts of which some become one with others: what they paid and used goes on under that name."""
    months = pd.date_range("2024-01-01", periods=14, freq="MS")
    paid = {"A": [50.0] * 7 + [0.0] * 7, "B": [100.0] * 7 + [150.0] * 7, "C": [30.0] * 14, "D": [20.0] * 14}
    rows = [(name, month, each) for name, own in paid.items() for month, each in zip(months, own, strict=True)]
    mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).assign(plan="Team")
    mrr = mrr[mrr["amount"] > 0]
    tables = {"accounts": pd.DataFrame({"account_id": [*paid]}), "mrr": mrr}
    tables["usage"] = mrr.rename(columns={"amount": "quantity"}).drop(columns="plan").assign(metric="seats")
    if into:
        tables["merges"] = pd.DataFrame({"account_id": [*into], "into": [*into.values()], "date": when})
    return CustomerBase.from_tables(tables, currency="USD")


def test_a_merger_on_record_is_no_churn_anywhere() -> None:
    """Apart one of four leaves and another grows; as one, neither: in retention, scorecard, tools, usage and alerts."""
    apart, one = merging({}), merging({"A": "B"})
    assert (retention(revenue_of(apart)).logo, retention(revenue_of(one)).logo) == (0.75, 1.0)
    assert retention(revenue_of(one)).gross == 1.0 > retention(revenue_of(apart)).gross
    moved = mrr_movements(revenue_of(one)).table()
    assert moved.empty
    assert set(mrr_movements(revenue_of(apart)).table()["kind"]) == {"churn", "expansion"}
    table = definitions_compared(one)
    assert (table["Churn"] == 0).all()
    assert (definitions_compared(apart)["Churn"] < 0).all()
    assert one.mrr_by_month[1].tolist() == one.usage_by_month["seats"][1].tolist() == [150.0] * 14
    assert np.isnan(one.mrr_by_month[0]).all()
    assert not account_past(Past.of(one)).moved["churn"].any()
    assert account_past(Past.of(apart)).moved["churn"].sum() == 1
    assert one.mrr is not None
    assert len(one.mrr) == len(apart.mrr)  # the table itself stays as it is


def test_a_merger_after_the_day_is_not_known_yet() -> None:
    """A base as of an earlier day holds two accounts, later one; who merges on is part of the last."""
    later = merging({"A": "B"}, "2024-08-01")
    assert retention(revenue_of(later)).accounts == 3
    assert revenue_of(later.up_to("2024-06-30"))["account_id"].nunique() == 4
    assert revenue_of(merging({"A": "B", "B": "C"}))["account_id"].unique().tolist() == ["C", "D"]


@pytest.mark.parametrize(
    ("into", "says"), [({"A": "E"}, "one of the 4 values of account_id"), ({"A": "B", "B": "A"}, "ends in itself")]
)
def test_mergers_that_lead_nowhere_are_refused_with_their_row(into: dict[str, str], says: str) -> None:
    """An account that is not there, and a circle."""
    with pytest.raises(DataErrors, match=says):
        merging(into)
