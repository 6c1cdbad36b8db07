"""Replay: totals are sums of lines, arrays equal exact bills, and nothing leaks from the future."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import ChargeError
from workbench.impact import (
    ByRule,
    CheapestThatFits,
    KeepPlan,
    PlanRule,
    PlanTable,
    ReplayError,
    account_months,
    check_guardrails,
    compare,
    key_figures,
    measures,
    replay,
    replay_many,
)
from workbench.pricing import AddOn, Charge, Limit, Plan, PriceBook
from workbench.pricing.charge import prorated

MakeBase = Callable[..., CustomerBase]
ASSIGNMENTS = {
    "cheapest": CheapestThatFits(),
    "fixed": CheapestThatFits(at="2024-09"),
    "kept": KeepPlan(),
    "rule": ByRule((PlanRule("Grow", metric="data", above=100), PlanRule("Start"))),
}
QUOTE = AddOn("Quote", None, features=("audit",))
TWO_PLANS = PriceBook(
    "Two",
    "USD",
    (Plan("Small", 10, (Charge("data", "per_unit", unit_price=2),), (Limit("seats", 5),)), Plan("Large", 100)),
)


@pytest.mark.parametrize("by_day", [False, True])
@pytest.mark.parametrize("assign", ASSIGNMENTS.values(), ids=ASSIGNMENTS.keys())
def test_every_array_bill_equals_the_exact_one(
    varied_base: CustomerBase, rich_book: PriceBook, assign: object, by_day: bool
) -> None:
    """Vectorised and exact itemised bills agree to 1e-9, account-month by account-month, in every assignment."""
    done = replay(varied_base, rich_book, assign=assign, by_day=by_day)
    rows = done.rows
    for row in np.flatnonzero(done.known):
        exact = done.bill(rows.account_ids[rows.account[row]], rows.months[rows.month[row]])
        assert float(exact.total) == pytest.approx(done.amounts[row], rel=1e-9, abs=1e-9)
        assert sum(line.amount for line in exact.lines) == exact.total


@pytest.mark.parametrize("assign", ASSIGNMENTS.values(), ids=ASSIGNMENTS.keys())
def test_revenue_is_the_sum_of_its_items_however_it_is_cut(
    varied_base: CustomerBase, rich_book: PriceBook, assign: object
) -> None:
    """Revenue by month, plan, item, segment and account is the same revenue, and items sum to each bill."""
    done = replay(varied_base, rich_book, assign=assign, by_day=True)
    assert done.revenue > 0
    for table in (done.by_month(), done.by_plan(), done.by_item(), done.by_segment(), done.by_account()):
        assert table["revenue"].sum() == pytest.approx(done.revenue, rel=1e-12)
    total = np.zeros(len(done.rows))
    for item in done.items():
        total[item.rows] += item.amounts
    assert total[done.known] == pytest.approx(done.amounts[done.known], rel=1e-12)


def test_the_same_book_twice_changes_nothing(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """Two replays of one price book show a change of exactly zero for every account."""
    done = replay_many(varied_base, {"a": rich_book, "b": rich_book})
    change = compare(done["a"], done["b"])
    assert (change.accounts["change"] == 0).all()
    assert (change.accounts["percent"] == 0).all()
    assert change.revenue_change == 0
    assert change.movers().empty


def test_a_flat_fee_on_every_plan_raises_every_bill_by_it(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """Adding 7 to every base fee adds 7 to every bill, and moves nobody to another plan."""
    plans = tuple(replace(p, base_fee=p.base_fee + 7) if p.priced else p for p in rich_book.plans)
    done = replay_many(varied_base, {"old": rich_book, "new": replace(rich_book, plans=plans)})
    difference = done["new"].amounts - done["old"].amounts
    assert np.array_equal(done["new"].plan_index, done["old"].plan_index)
    assert difference[done["old"].known] == pytest.approx(7, abs=1e-9)


def test_the_order_of_accounts_does_not_matter(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """Shuffled tables give every account the same bills."""
    shuffled = {
        name: varied_base.table(name).sample(frac=1, random_state=5).reset_index(drop=True)
        for name in varied_base.tables
    }
    one = replay(varied_base, rich_book).by_account().set_index("account_id")
    two = replay(CustomerBase.from_tables(shuffled), rich_book).by_account().set_index("account_id")
    pd.testing.assert_frame_equal(one, two.loc[one.index])


def test_months_add_up(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """Replays of two spans that make up the history bill what the whole one bills."""
    whole = replay(varied_base, rich_book)
    parts = [replay(varied_base, rich_book, months=span) for span in (("2024-01", "2024-07"), ("2024-08", "2025-06"))]
    assert sum(part.revenue for part in parts) == pytest.approx(whole.revenue, rel=1e-12)
    assert sum(len(part.rows) for part in parts) == len(whole.rows)
    last = replay(varied_base, rich_book, months=4).by_month()
    pd.testing.assert_frame_equal(last, whole.by_month().tail(4).reset_index(drop=True))


def test_nothing_leaks_from_the_future(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """A base cut to a day bills its months as the whole base does."""
    for assign in (CheapestThatFits(), KeepPlan()):
        early = replay(varied_base.up_to("2024-09"), rich_book, assign=assign)
        whole = replay(varied_base, rich_book, assign=assign, months=("2024-01", "2024-09"))
        seen = set(early.rows.account_ids)
        table = whole.by_account()
        table = table[table["account_id"].isin(seen)].reset_index(drop=True)
        pd.testing.assert_frame_equal(early.by_account(), table)


def test_two_accounts_by_hand(base_of: MakeBase) -> None:
    """Seats of the last three months decide the plan; data of the month makes the bill."""
    base = base_of({"seats": {"a": [5, 6, 5, 5, 5], "b": [1] * 5}, "data": {"a": [1] * 5, "b": [10, 60, 0, 1, 2]}})
    done = replay(base, TWO_PLANS)
    assert done.bills.tolist() == [[12, 100, 100, 100, 12], [30, 100, 10, 12, 14]]
    assert [TWO_PLANS.plans[i].name for i in done.plan_index] == [
        "Small", "Large", "Large", "Large", "Small", "Small", "Large", "Small", "Small", "Small",
    ]  # fmt: skip
    month = done.by_month()
    assert month["revenue"].tolist() == [42, 200, 110, 112, 26]
    assert month["accounts"].tolist() == [2] * 5
    items = done.by_item().groupby(["offer", "item"])["revenue"].sum().to_dict()
    assert items == {("Small", "base fee"): 60, ("Small", "data"): 30, ("Large", "base fee"): 400}
    assert done.bill("b", "2024-01").total == Decimal(30)


def test_a_plan_fixed_at_a_month_holds_for_the_whole_replay(base_of: MakeBase) -> None:
    """With `at` an account keeps that month's plan; one without the month takes its last before, or first after."""
    data = {"a": [1, 1, 1], "b": [1, None, None], "c": [None, None, 1]}
    base = base_of({"seats": {"a": [5, 9, 1], "b": [9, None, None], "c": [None, None, 2]}, "data": data})
    index = replay(base, TWO_PLANS, assign=CheapestThatFits(at="2024-02", needs_months=1)).plan_index
    assert index.tolist() == [1, 1, 1, 1, 0]


def test_a_committed_metric_is_billed_on_its_recent_peak(base_of: MakeBase) -> None:
    """What customers subscribe to is billed on the highest of three months; the rest on the month itself."""
    base = base_of({"data": {"a": [10, 4, 4, 4, 4]}, "seats": {"a": [1] * 5}})
    assert replay(base, TWO_PLANS).bills.tolist() == [[30, 18, 18, 18, 18]]
    assert replay(base, TWO_PLANS, committed={"data"}).bills.tolist() == [[30, 30, 30, 18, 18]]


def test_features_decide_the_plan_and_add_ons_are_billed_to_who_needs_them(base_of: MakeBase) -> None:
    """A needed feature rules out plans that cannot have it; an add-on is due where the plan lacks its feature."""
    book = PriceBook(
        "Book",
        "USD",
        (Plan("Basic", 10), Plan("Plus", 50, features=("api",))),
        (AddOn("Audit", 5, features=("audit",)), AddOn("Api", 1, features=("api",)), QUOTE),
    )  # fmt: skip
    uses = {"a": {"api": 3, "audit": 3}, "b": {"audit": 3, "api": 1}}
    base = base_of({"seats": {"a": [1, 1], "b": [1, 1], "c": [1, 1]}}, uses=uses)
    done = replay(base, book)
    assert done.bills.tolist() == [[16, 16], [15, 15], [10, 10]]
    assert replay(base, book, add_ons="none").bills.tolist() == [[50, 50], [10, 10], [10, 10]]
    told = replay(base, book, add_ons={"c": ["Audit", "Api"]})
    assert told.bills.tolist() == [[50, 50], [10, 10], [16, 16]]
    assert any("would buy is a guess" in caution.text for caution in done.cautions)
    with pytest.raises(ChargeError, match="Sso"):
        replay(base, book, add_ons={"c": ["Sso"]})


def test_parts_of_months_take_their_share_of_base_fees(base_of: MakeBase) -> None:
    """By day, the month of sign-up and the month of leaving are billed by days, rounded to cents; usage is not."""
    base = base_of(
        {"data": {"a": [1, 1, 1]}, "seats": {"a": [1, 1, 1]}}, signed_up={"a": "2024-01-22"},
    )  # fmt: skip
    whole, by_day = (replay(base, TWO_PLANS, by_day=each, ended=ended) for each, ended in (
        (False, None), (True, {"a": pd.Timestamp("2024-03-16").date()}),
    ))  # fmt: skip
    assert whole.bills.tolist() == [[12, 12, 12]]
    first, last = prorated(10, Fraction(10, 31)), prorated(10, Fraction(15, 31))
    assert by_day.bills.tolist() == [[float(first) + 2, 12, float(last) + 2]]
    assert by_day.bill("a", "2024-01").total == first + 2


def test_a_mapping_puts_accounts_into_plans(base_of: MakeBase) -> None:
    """A table of plans is followed; an account it lacks and a plan the book lacks are reported, not billed."""
    base = base_of({"data": {name: [3.0] for name in "abc"}})
    done = replay(base, TWO_PLANS, assign=PlanTable({"a": "Small", "b": "Gone", "x": "Small"}))
    assert done.bills[0] == 16
    assert done.not_billed()["reason"].tolist() == ["plan not in the price book", "plan not known"]
    assert any("1 account in the table" in caution.text for caution in done.cautions)


def test_rules_are_taken_in_their_order(base_of: MakeBase) -> None:
    """The first rule that matches decides; segment, recorded plan and bounds narrow it; no match is no plan."""
    base = base_of(
        {"data": {name: [q] for name, q in zip("abcd", (5, 10, 11, 5), strict=True)}},
        {name: [1.0] for name in "abcd"},
        plans={"a": ["Old"], "b": ["Old"], "c": ["Old"], "d": ["New"]},
        segment={"a": "small", "b": "small", "c": "small", "d": "large"},
    )
    rules = (PlanRule("Large", metric="data", above=10), PlanRule("Small", segment="small", recorded_plan="Old"))
    done = replay(base, TWO_PLANS, assign=ByRule(rules))
    assert done.plan_index.tolist() == [0, 0, 1, -1]
    assert done.not_billed()["reason"].tolist() == ["no plan fits"]
    by_function = ByRule(lambda rows: np.where(rows.quantity("data") > 10, "Large", "Small"))
    assert replay(base, TWO_PLANS, assign=by_function).plan_index.tolist() == [0, 0, 1, 0]
    with pytest.raises(ChargeError, match=r"Huge.*Small, Large"):
        replay(base, TWO_PLANS, assign=ByRule((PlanRule("Huge"),)))


def test_every_reason_for_no_bill_is_told(base_of: MakeBase) -> None:
    """Unknown plan, plan not offered, on request, no usage, unknown quantity and no fitting plan each have a name."""
    base = base_of(
        {
            "data": {"a": [1.0], "e": [None], "f": [1.0], "g": [1.0]},
            "seats": {"a": [1.0], "b": [1.0], "c": [1.0], "e": [1.0]},
        },
        {name: [9.0] for name in "abcdef"},
        plans={"a": ["Small"], "b": ["Gone"], "c": ["Custom"], "d": ["Small"], "e": ["Small"]},
    )
    book = replace(TWO_PLANS, plans=(*TWO_PLANS.plans, Plan("Custom", None)))
    done = replay(base, book, assign=KeepPlan())
    told = done.not_billed().set_index("account_id")["reason"].to_dict()
    assert told == {
        "b": "plan not in the price book",
        "c": "price on request",
        "d": "no usage on record that month",
        "e": "quantity of a charged metric unknown",
        "f": "plan not known",
    }
    coverage = done.coverage().set_index("reason")
    assert coverage.loc["billed", "account_months"] == 1
    assert coverage["share"].sum() == pytest.approx(1)
    assert any("83.3% of account-months could not be billed" in caution.text for caution in done.cautions)
    tight = PriceBook("Tight", "USD", (Plan("Only", 1, limits=(Limit("data", 0),)),))
    assert "no plan fits" in replay(base, tight).coverage()["reason"].tolist()
    with pytest.raises(ReplayError, match="price on request"):
        done.bill("c", "2024-01")
    assert done.rows.used_unpaid == 1
    assert replay(base, book, population="using").rows.by_account(np.ones(7)).tolist() == [1] * 7


def test_gaps_stay_unknown_unless_asked(base_of: MakeBase) -> None:
    """A month without a quantity is unknown; with gaps="last" it takes the last one, and a caution says how often."""
    base = base_of({"data": {"a": [3, None, 4], "b": [1, 1, 1]}}, {"a": [1, 1, 1], "b": [1, 1, 1]})
    book = PriceBook("Book", "USD", (Plan("Only", 0, (Charge("data", "per_unit", unit_price=2),)),))
    assert np.isnan(replay(base, book).bills).tolist() == [[False, True, False], [False] * 3]
    filled = replay(base, book, gaps="last")
    assert filled.bills.tolist() == [[6, 6, 8], [2, 2, 2]]
    assert any("in 1 account-month (16.7%)" in caution.text for caution in filled.cautions)


def test_a_metric_without_usage_is_unknown_and_said_so(base_of: MakeBase) -> None:
    """Charging for what nobody measured gives no bill and a caution that names the metric."""
    base = base_of({"seats": {"a": [1]}})
    done = replay(base, TWO_PLANS, assign=PlanTable({"a": "Small"}))
    assert not done.known.any()
    assert any("data is charged for" in caution.text for caution in done.cautions)


def test_recorded_plans_fall_back_to_the_account(base_of: MakeBase) -> None:
    """Where revenue names no plan, the account's plan is billed for all months, with a caution."""
    base = base_of({"data": {"a": [1, 2]}}, {"a": [5, 5]}, plan={"a": "Small"})
    done = replay(base, TWO_PLANS, assign=KeepPlan())
    assert done.bills.tolist() == [[12, 14]]
    assert any("names no plan" in caution.text for caution in done.cautions)


def test_what_cannot_be_replayed_is_refused(base_of: MakeBase) -> None:
    """An empty book, another currency, no such account or month, and settings that would do nothing are refused."""
    base = base_of({"data": {"a": [1, 2]}}, {"a": [5, 5]})
    with pytest.raises(ReplayError, match="no plans"):
        replay(base, PriceBook("Empty", "USD", ()))
    with pytest.raises(ReplayError, match=r"EUR.*USD"):
        replay(base, replace(TWO_PLANS, currency="EUR"))
    done = replay(base, TWO_PLANS)
    with pytest.raises(ReplayError, match="no account 'z'"):
        done.bill("z", "2024-01")
    with pytest.raises(ReplayError, match="2024-01 to 2024-02"):
        done.bill("a", "2025-01")
    with pytest.raises(ReplayError, match="months would do nothing"):
        replay(account_months(base), TWO_PLANS, months=1)
    for settings in ({"gaps": "lats"}, {"population": "usng"}):
        with pytest.raises(ReplayError, match=r"Choose one of: (unknown, last|paying, using)"):
            replay(base, TWO_PLANS, **settings)
    with pytest.raises(ReplayError, match="covers 2024-01 to 2024-02"):
        replay(base, TWO_PLANS, months=("2025-01", "2025-02"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"months": ("soon", "2024-02")}, "'soon' is no month"),
        ({"assign": CheapestThatFits(at="later")}, "'later' is no month"),
        ({"assign": "cheapest"}, "'cheapest' does not say who"),
        ({"needs_months": 0}, "needs_months is 0"),
        ({"minimum_uses": 0}, "minimum_uses is 0"),
        ({"committed": ["seat"]}, "subscribe to seat"),
        ({"committed": "seats"}, "committed='seats' is one word"),
        ({"months": 1.5}, "months=1.5 says neither"),
        ({"months": "2024-01"}, "months='2024-01' says neither"),
        ({"months": ("2024-01",)}, "says neither"),
        ({"months": True}, "months=True says neither"),
        ({"months": ("June", "July")}, "'June' is no month"),
        ({"assign": CheapestThatFits}, "does not say who"),
        ({"assign": ByRule("Small")}, "'Small' is no table of rules"),
        ({"add_ons": "by nead"}, "'by nead' is unknown"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(base_of: MakeBase, settings: dict[str, object], said: str) -> None:
    """The value is quoted, instead of being ignored or ending in another library's words."""
    base = base_of({"data": {"a": [1, 2]}, "seats": {"a": [1, 2]}}, {"a": [5, 5]})
    with pytest.raises(ReplayError, match=said):
        replay(base, TWO_PLANS, **settings)
    with pytest.raises(ReplayError, match="'when' is no month"):
        replay(base, TWO_PLANS).bill("a", "when")


def test_what_is_no_base_book_or_replay_is_refused_by_name(base_of: MakeBase) -> None:
    """A path, a study or a mistyped name is told from what is asked for, before anything is worked out."""
    base = base_of({"data": {"a": [1, 2]}}, {"a": [5, 5]})
    with pytest.raises(ReplayError, match="A str is no customer base"):
        replay("my-data", TWO_PLANS)  # type: ignore[arg-type]
    with pytest.raises(ReplayError, match="A CustomerBase is no price book"):
        replay(base, base)  # type: ignore[arg-type]
    with pytest.raises(ReplayError, match="given as a list"):
        replay_many(base, [TWO_PLANS])  # type: ignore[arg-type]
    with pytest.raises(ReplayError, match="given for nwe, but no price book"):
        replay_many(base, {"new": TWO_PLANS}, assign={"nwe": KeepPlan()})
    done = replay(base, TWO_PLANS)
    with pytest.raises(ReplayError, match="A str is no replay"):
        compare("Today", done)  # type: ignore[arg-type]
    found = compare(None, done)
    with pytest.raises(ReplayError, match=r"95 is no share.*0\.95"):
        found.quantile(95)
    with pytest.raises(ReplayError, match="-1 accounts"):
        found.movers(-1)
    with pytest.raises(ReplayError, match="given as a dict"):
        check_guardrails(found, {"most_p95_rise": 0.2})  # type: ignore[arg-type]


def test_a_table_of_plans_that_names_an_unknown_plan_says_so(base_of: MakeBase) -> None:
    """One slip of the pen among many accounts leaves too few without a bill to be noticed otherwise."""
    names = [f"a{place:02}" for place in range(40)]
    base = base_of({"data": {name: [1] for name in names}}, {name: [5] for name in names})
    found = replay(base, TWO_PLANS, assign=PlanTable({**dict.fromkeys(names, "Large"), "a00": "Lagre"}))
    assert [caution.text for caution in found.cautions if "Lagre" in caution.text and caution.severity == "warning"]


def test_one_preparation_serves_all_scenarios(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """replay_many gives what single replays give, over one and the same account-months."""
    many = replay_many(varied_base, {"rich": rich_book, "two": TWO_PLANS}, assign={"two": KeepPlan()}, months=6)
    assert many["rich"].rows is many["two"].rows
    alone = replay(varied_base, rich_book, months=6)
    np.testing.assert_array_equal(many["rich"].amounts, alone.amounts)
    np.testing.assert_array_equal(
        many["two"].amounts, replay(varied_base, TWO_PLANS, assign=KeepPlan(), months=6).amounts
    )


def test_measures_follow_the_growth_definitions(base_of: MakeBase) -> None:
    """A price that doubles with usage shows 200% net retention; a leaver shows in gross retention."""
    months = 13
    base = base_of({"data": {"a": [10.0] * 12 + [20.0], "b": [10.0] * 12 + [None]}})
    book = PriceBook("Book", "USD", (Plan("Only", 0, (Charge("data", "per_unit", unit_price=1),)),))
    found = measures(replay(base, book))
    assert found.growth.net_retention == pytest.approx(1.0)
    assert found.growth.gross_retention == pytest.approx(0.5)
    assert found.growth.arpa_growth == pytest.approx(1.0)
    assert found.shock.over_50 == pytest.approx(0.5)
    assert found.concentration.top_ten == 1
    assert found.growth.months == months - 1
    figures = key_figures(replay(base, book))
    assert figures[0].value == pytest.approx(260)
    assert all(figure.population for figure in figures)


def test_results_cannot_be_written_into(varied_base: CustomerBase, rich_book: PriceBook) -> None:
    """The arrays of a replay are closed for writing, so that results stay what they were."""
    done = replay(varied_base, rich_book)
    for values in (done.amounts, done.plan_index, done.reason):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0


def test_many_random_books_agree_with_billing_one_by_one(varied: MakeBase) -> None:
    """On random histories and prices, each bill is the plan's own bill of that month's quantities."""
    base = varied(15, 8, seed=9)
    for price in ("0.01", "1.37", "12"):
        book = PriceBook(
            "Book", "USD", (Plan("Only", price, (Charge("data", "per_unit", unit_price=price, rounding="up"),)),)
        )
        done = replay(base, book)
        rows = done.rows
        for row in np.flatnonzero(done.known)[::7]:
            exact = book.plan("Only").bill({"data": float(rows.quantity("data")[row])}).total
            assert float(exact) == pytest.approx(done.amounts[row], rel=1e-9)


def test_a_unit_factor_that_only_comes_near_a_fraction_is_pointed_out(varied: MakeBase) -> None:
    """A replay carries the caution that 60 would count as more than one, once, and says nothing of a fraction."""
    base = varied(4, 3, seed=2)
    found = {}
    for factor in ("0.0166667", "1/60"):
        charge = Charge("data", "per_unit", unit_price=1, unit_factor=factor, rounding="up")
        book = PriceBook("Book", "USD", (Plan("A", 1, (charge,)), Plan("B", 2, (charge,))))
        found[factor] = [each.text for each in replay(base, book).cautions if "unit factor" in each.text]
    assert len(found["0.0166667"]) == 1
    assert "write 1/60" in found["0.0166667"][0]
    assert found["1/60"] == []


def test_an_overage_is_billed_to_who_uses_more_than_it_has_free() -> None:
    """By need, an overage is paid in the months beyond its free units, by the plan it is named for."""
    ids, months = ["a", "b"], pd.date_range("2024-01-01", periods=3, freq="MS")
    calls = {"a": (50, 100, 150), "b": (50, 100, 150)}
    usage = [(name, month, "calls", float(calls[name][at])) for name in ids for at, month in enumerate(months)]
    mrr = [
        (name, month, 10.0, plan, "USD") for name, plan in zip(ids, ("Small", "Large"), strict=True) for month in months
    ]
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ids}),
            "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
            "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount", "plan", "currency"]),
        }
    )
    beyond = (Charge("calls", "per_unit", unit_price=1, free_units=100),)
    overage = AddOn("Calls overage for Small", 0, beyond, limits=(Limit("calls", None),))
    service = AddOn("Service per call", 0, (Charge("calls", "per_unit", unit_price=9),))
    book = PriceBook("B", "USD", (Plan("Small", 10), Plan("Large", 20)), (overage, service))
    done = replay(base, book, assign=KeepPlan())
    assert done.bills.tolist() == [[10, 10, 60], [20, 20, 20]]
    assert "or more than they include" in done.cautions[-1].text
