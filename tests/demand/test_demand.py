"""Demand from worth to outcome: prices per seat, unknown bills, samples, calibration, and what changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from test_worth import customers, willing

from workbench.demand import (
    Demand,
    DemandError,
    Rival,
    anchoring_of,
    attach_rates,
    cannibalisation,
    effect_of,
    fee_of,
    fees_of,
    fit_to_today,
    split_worth,
    with_feature_moved,
    with_fees,
    without_plan,
)
from workbench.demand.changes import kept_by_segment
from workbench.demand.model import with_own_discounts
from workbench.pricing import AddOn, Charge, Plan, PriceBook

PER_SEAT = Plan("Team", 0, (Charge("seats", "per_unit", unit_price=5),))
BOOK = PriceBook(
    "b", "USD",
    (Plan("Starter", 30, features=("a",)),
     Plan("Pro", 80, features=("a", "b", "c")), Plan("Deal", None, features=("a",))),
    (AddOn("B alone", 25, features=("b",)),),
)  # fmt: skip


def many(size: int = 400, draws: int = 5, seed: int = 0, **given: object) -> Demand:
    """Return demand of customers whose worth is spread evenly in logarithms around 100."""
    rng = np.random.default_rng(seed)
    segment = np.where(np.arange(size) % 2, "big", "small").astype(object)
    asked = customers(size, segment=segment, **given)
    total = np.where(segment == "big", 150.0, 70.0)
    totals = total * np.exp(rng.normal(0, 0.5, size))
    worth = split_worth(willing(asked, *totals, draws=draws), {"a": 1.0, "b": 2.0, "c": 1.0})
    return Demand(worth=worth)


def test_the_fee_of_an_offer_is_its_base_fee_or_its_unit_price() -> None:
    """A price per seat is the fee, paid once per seat; a price on request is no number."""
    assert fee_of(PER_SEAT) == fee_of(Plan("Team", 0, (Charge("seats", "per_unit", unit_price=5),)))
    assert (fee_of(PER_SEAT).amount, fee_of(PER_SEAT).per, fee_of(PER_SEAT).charge) == (5.0, "seats", 0)
    assert fee_of(Plan("Flat", 9, PER_SEAT.charges)).per == "account"
    assert fee_of(Plan("Free", 0, (Charge("seats", "per_unit", unit_price=5, free_units=3),))).per == "account"
    assert np.isnan(fee_of(Plan("Deal", None)).amount)


def test_new_fees_go_where_the_old_ones_stood() -> None:
    """Written back, fees are found again; on request stays on request, and bills agree with the choice task."""
    book = PriceBook("b", "USD", (PER_SEAT, *BOOK.plans), BOOK.add_ons)
    changed = with_fees(book, [6.5, 31, 82.25, np.nan], [27])
    fees, add_on_fees = fees_of(changed)
    assert_allclose(fees, [6.5, 31, 82.25, np.nan])
    assert_allclose(add_on_fees, [27])
    assert float(changed.plan("Team").bill({"seats": 4}).total) == 26
    with pytest.raises(DemandError, match="do not fit 4 plans"):
        with_fees(book, [1.0])


def test_bills_of_the_task_are_the_bills_of_the_plan() -> None:
    """Fee times units plus usage is what the plan itself would bill, whatever its charges."""
    demand = many(20)
    plan = Plan("Mixed", 12, (Charge("seats", "per_unit", unit_price=2, free_units=6),))
    book = PriceBook("b", "USD", (PER_SEAT, plan))
    task, (fees, _) = demand.task(book), fees_of(book)
    seats = demand.customers.billed["seats"]
    for place, each in enumerate(book.plans):
        bills = fees[place] * task.fee_units[:, place] + task.plan_usage[:, place]
        assert_allclose(bills.reshape(20, -1)[:, 0], each.bills({"seats": seats}))


def test_a_customer_without_the_charged_quantity_is_left_out_and_counted() -> None:
    """Unknown seats mean an unknown bill: the customer does not choose, and nobody at all is refused."""
    seats = np.array([4.0, np.nan])
    demand = Demand(worth=split_worth(willing(customers(2, billed={"seats": seats}), 90.0, 90.0), []))
    book = PriceBook("b", "USD", (PER_SEAT,))
    assert demand.left_out(book) == 1
    assert demand.outcome(book).accounts == 1
    lost = PriceBook("b", "USD", (Plan("P", 0, (Charge("hosts", "per_unit", unit_price=1),)),))
    with pytest.raises(DemandError, match="No customer's bill is known"):
        demand.task(lost)
    with pytest.raises(DemandError, match="has no plans"):
        demand.task(PriceBook("none", "USD", ()))
    with pytest.raises(DemandError, match="has no plan with a price"):  # and not that all of them bring 0
        demand.task(PriceBook("on request", "USD", (Plan("P", None),)))


def test_add_ons_are_for_those_who_lack_the_feature() -> None:
    """It is closed to the plan that has its feature and to plans it is not named for; attach rates count buyers."""
    task = many().task(BOOK)
    assert task.add_on_open.tolist() == [[True], [False], [True]]
    named = PriceBook("b", "USD", BOOK.plans, (AddOn("B for Starter", 25, features=("b",)), *BOOK.add_ons))
    assert many().task(named).add_on_open.tolist() == [[True, True], [False, False], [False, True]]
    table = attach_rates(many(), BOOK)
    found = many().outcome(BOOK)
    assert_allclose(table["rate"], found.attach_rates, rtol=1e-6)
    assert 0 < table["rate"][0] < found.buyers[0] / found.buyers.sum()
    assert (table["rate_low"] <= table["rate"]).all()


def test_cost_of_serving_is_recorded_or_the_segments_median() -> None:
    """Known costs are taken, unknown ones are the segment's median, and no record at all is said aloud."""
    cost = np.array([5.0, 7.0, np.nan, 11.0])
    demand = many(4, unit_cost=cost)
    assert_allclose(demand.task(BOOK).plan_cost[:: demand.draws, 0], [5, 7, 5, 11])
    assert any("not recorded: margin" in caution.text for caution in many(4).cautions)


def test_a_sample_stands_for_all_accounts() -> None:
    """Fewer customers and draws stand for as many accounts per segment, and shares stay close."""
    demand = many(2000, draws=8)
    small = demand.sampled(500, 4, seed=1)
    assert (len(small.customers), small.draws) == (500, 4)
    assert_allclose(small.customers.segment_accounts(), demand.customers.segment_accounts())
    assert_allclose(small.outcome(BOOK).shares, demand.outcome(BOOK).shares, atol=0.06)
    assert_allclose(demand.sampled(np.arange(10), np.arange(8)).customers.weight, 1.0)


def on_their_plans(size: int = 2000) -> Demand:
    """Return demand of those who buy a plan of the price book, on the plan they choose."""
    plan = np.array([*BOOK.plan_names, ""], dtype=object)[
        many(size, draws=1).task(BOOK).outcome(*fees_of(BOOK), with_choice=True).choice
    ]
    return many(size, draws=1, plan=plan).sampled(np.flatnonzero(plan != ""), np.arange(1))


def test_the_fit_to_today_is_perfect_for_who_chose_by_this_worth_and_bad_for_others() -> None:
    """Customers on the plans the model gives them fit; on a plan nothing explains they do not; nothing is changed."""
    demand = on_their_plans()
    fit = fit_to_today(demand, BOOK)
    assert fit.error == pytest.approx(0, abs=1e-9)
    assert fit.segments == ("big", "small")
    assert_allclose(fit.table["actual_share"].sum(), 2)
    dear = PriceBook("t", "USD", (Plan("Starter", 600, features=("a", "b")), Plan("Pro", 700, features=("a",))))
    assert fit_to_today(demand, dear).error > 0.5
    assert "of accounts on the plan mix" in fit.reading("USD")


def test_without_anybody_on_a_plan_there_is_nothing_to_hold_it_against() -> None:
    """Without anybody's plan there is no target."""
    with pytest.raises(DemandError, match="No customer is on a priced plan"):
        fit_to_today(many(), BOOK)


def test_a_discount_stays_under_other_prices() -> None:
    """Who pays 80 of a list price of 100 pays four fifths of any price, and would buy up to a quarter above worth."""
    here, list_price = Plan("Team", 100), PriceBook("today", "USD", (Plan("Team", 100),))
    asked = customers(3, plan=np.array(["Team"] * 3, dtype=object), paid=np.array([100.0, 80.0, 20.0]))
    found, (note,) = with_own_discounts(asked, list_price)
    assert_allclose(found.realised, [1.0, 0.8, 1.0])  # a fifth of list is another offer, no discount
    assert "1 account of 3 pay 20% less than list" in note.text
    worth = split_worth(willing(found, 110.0, 110.0, 110.0), [])
    outcome = Demand(worth=worth).outcome(PriceBook("new", "USD", (replace(here, base_fee=130),)))
    assert outcome.revenue == pytest.approx(0.8 * 130)
    assert with_own_discounts(customers(3), list_price)[1] == ()


def test_who_pays_and_who_does_not_are_counted_apart() -> None:
    """A payer that moves to a free plan is lost; one who paid nothing and takes a paid plan is gained."""
    book = PriceBook("b", "USD", (Plan("Free", 0), Plan("Pro", 50, features=("a",))))
    asked = customers(4, paid=np.array([50.0, 50.0, 0.0, 0.0]))
    worth = split_worth(willing(asked, 200.0, 20.0, 200.0, 20.0), {"a": 1.0}, without_features=(0.5, 0.5))
    demand = Demand(worth=worth)
    task, fees = demand.task(book), fees_of(book)
    outcome = task.outcome(*fees)
    assert_allclose(outcome.draws.kept, np.tile([1.0, 2.0, 1.0], (3, 1)))
    assert outcome.kept_interval.estimate == pytest.approx(0.5)
    assert outcome.free_kept_interval.estimate == pytest.approx(1.0)
    [row] = kept_by_segment(task, asked, *fees)
    assert (row.paying, row.lost.estimate, row.free, row.gained.estimate) == pytest.approx((2, 1, 2, 1))
    dear = task.outcome([np.nan, 500.0])
    assert dear.kept_interval.high == 0
    logit = Demand(worth=worth, rule="logit", scale=1.0).task(book).outcome(*fees)
    assert_allclose(logit.draws.kept.mean(axis=0), [1.0, 2.0, 1.0], atol=0.1)


@pytest.mark.parametrize("rule", ["surplus", "logit"])
def test_where_buyers_go_without_their_tier(rule: str) -> None:
    """Everybody who loses a tier goes somewhere, and what it brings is the revenue with it less without it."""
    demand = Demand(worth=many().worth, rule=rule)
    task, fees = demand.task(BOOK), fees_of(BOOK)
    flows = cannibalisation(task, *fees)
    assert_allclose(flows.accounts.sum(axis=1), flows.buyers, rtol=1e-6)
    with_all, without = demand.outcome(BOOK), demand.outcome(without_plan(BOOK, "Starter"))
    assert_allclose(flows.gains[0].estimate, with_all.revenue - without.revenue)
    assert_allclose(flows.table.groupby("plan")["accounts"].sum()["Pro"], flows.buyers[1], rtol=1e-6)
    assert "would take another tier" in flows.reading("Pro", "USD")
    assert "Nobody would buy Deal" in flows.reading("Deal", "USD")


def test_the_same_price_book_changes_nothing() -> None:
    """The effect of a price book against itself is zero in every draw; a dearer one shows per plan."""
    same = effect_of(many(), BOOK, BOOK)
    assert (same.revenue.low, same.revenue.high, same.chance_of_more) == (0.0, 0.0, 0.0)
    fewer = effect_of(many(), BOOK, without_plan(BOOK, "Pro"))
    table = fewer.table.set_index("plan")
    assert np.isnan(table.loc["Pro", "after"])
    assert_allclose(table["before"].sum(), 1)
    assert_allclose(table["after"].sum(), 1)
    assert "Revenue changes by" in fewer.reading("USD")


def test_a_feature_moves_up_and_down() -> None:
    """From its lowest plan on a feature is in every plan, in none below; moving it down is worth no less to anybody."""
    up, gone = with_feature_moved(BOOK, "a", "Pro"), with_feature_moved(BOOK, "a", None)
    assert [plan.features for plan in up.plans] == [(), ("a", "b", "c"), ("a",)]
    assert not any("a" in plan.features for plan in gone.plans)
    down = with_feature_moved(BOOK, "b", "Starter")
    assert down.plans[0].features == ("a", "b")
    worth = many().worth
    assert (worth.of(down.plans[0]) >= worth.of(BOOK.plans[0])).all()


def test_anchoring_is_not_estimated_without_data() -> None:
    """No survey, or one that always shows the top offer, gives no number and says why."""
    choices = _choices(effect=0.0, shown=1.0)
    for answer in (anchoring_of(None), anchoring_of(choices, offer="offer", top="top", target="mid")):
        assert answer.effect is None
        assert "No data here support" in answer.reading


def test_anchoring_is_found_where_it_was_varied() -> None:
    """With the top offer shown by chance, the interval holds a shift of 20 points, and none when there is none."""
    found = anchoring_of(_choices(effect=0.2, shown=0.5), offer="offer", top="top", target="mid").effect
    assert found.low < 0.2 < found.high
    assert found.low > 0
    none = anchoring_of(_choices(effect=0.0, shown=0.5), offer="offer", top="top", target="mid").effect
    assert none.low < 0 < none.high
    with pytest.raises(DemandError, match="lack the columns offer"):
        anchoring_of(_choices(0.0, 0.5).drop(columns="offer"), offer="offer", top="top", target="mid")


def _choices(effect: float, shown: float) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    rows = []
    for person in range(300):
        for number in range(3):
            top = rng.random() < shown
            picks_top = top and rng.random() < 0.2
            mid = rng.random() < 0.4 + effect * top
            for offer, chosen in (("low", not mid and not picks_top), ("mid", mid and not picks_top)):
                rows.append((f"R{person}", number, offer, offer, int(chosen)))
            if top:
                rows.append((f"R{person}", number, "top", "top", int(picks_top)))
    return pd.DataFrame(rows, columns=["respondent", "task", "alternative", "offer", "chosen"])


def test_a_named_rival_leaves_todays_plans_and_makes_rises_cost_more() -> None:
    """Customers who chose today's plans still do beside a rival; at dearer prices more of them go than without it."""
    rival = Rival("Northwind Team", Plan("Team", 20), lacks=(0.1, 0.1))
    worth = on_their_plans().worth
    alone, beside = (Demand(worth=worth, rivals=some, chose_from=BOOK) for some in ((), (rival,)))
    assert_allclose(beside.outcome(BOOK).buyers.sum(), alone.outcome(BOOK).buyers.sum(), rtol=0.01)
    dearer = with_fees(BOOK, [45, 110, np.nan])
    assert beside.outcome(dearer).buyers.sum() < alone.outcome(dearer).buyers.sum() * 0.9
