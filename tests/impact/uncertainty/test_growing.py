"""What customers do about prices, laid over a forecast of what they use: by hand, draw by draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.forecast import Parts, Reach
from workbench.impact.migration import (
    AccountBills,
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    NewCustomers,
    NewCustomersOnly,
    OptIn,
    PhasedSteps,
    Policy,
    account_bills,
    growth_of,
    migrate,
)
from workbench.impact.revenue_forecast import RevenueAhead
from workbench.impact.uncertainty import (
    TODAY,
    Behaviour,
    UncertaintyError,
    nobody_reacts,
    simulate,
    tornado,
    value_of_information,
)

NEW = "new"
DRAWS, MONTHS = 400, 24
AT_ONCE = EveryoneAtOnce(notice_months=0)


@pytest.fixture
def bills() -> AccountBills:
    """Return four accounts in two segments; a rise of a fifth for everybody."""
    old = np.array([100.0, 200, 300, 400])
    return account_bills(list("abcd"), ["s", "s", "t", "t"], old, old * 1.2, start="2025-01")


@pytest.fixture
def ahead() -> RevenueAhead:
    """Return a forecast of both lists: two segments, those who keep what they pay, and some who join."""
    rng = np.random.default_rng(8)
    month = np.arange(1, MONTHS + 1)
    common = np.exp(rng.normal(0.01, 0.01, (DRAWS, 1)) * month)
    of_new = np.exp(rng.normal(0.0, 0.01, (DRAWS, 1)) * month)
    now = np.array([300.0, 700, 50])[:, None, None]
    today, new = now * common, now * common * of_new * np.array([1.2, 1.2, 1.0])[:, None, None]
    new[2] = today[2]
    joined = rng.gamma(4, 0.5, (DRAWS, 1)) * month
    parts = Parts(
        names=(TODAY, NEW),
        staying=np.stack([today, new], axis=1),
        joining=np.stack([80 * joined, 90 * joined]),
        kept=np.broadcast_to(0.99**month, (3, DRAWS, MONTHS)),
        joined=joined,
    )
    months = pd.date_range("2025-01-01", periods=MONTHS, freq="MS")
    past = pd.DataFrame({"month": [pd.Timestamp("2024-12-01")], "revenue": [1_050.0]})
    return RevenueAhead((TODAY, NEW), months, Reach(24, 24, tested=False, reason=""), past, ("s", "t"), parts)


def test_if_nobody_reacts_the_simulation_is_the_forecast(bills: AccountBills, ahead: RevenueAhead) -> None:
    """Everybody at once, no reaction: every draw is one of the forecast, and every one of them occurs once."""
    found = simulate({NEW: migrate(bills, AT_ONCE)}, nobody_reacts(), draws=DRAWS, luck=False, ahead=ahead)
    assert ahead.parts is not None
    for name in (TODAY, NEW):
        wanted = ahead.parts.totals.of(name).sum(axis=1)
        assert np.sort(found.total(name)) == pytest.approx(np.sort(wanted))
        assert np.sort(found.unreacted[name].sum(axis=1)) == pytest.approx(np.sort(wanted))
    both = ahead.parts.totals.of(NEW).sum(axis=1) > ahead.parts.totals.of(TODAY).sum(axis=1)
    assert found.chance_of_beating(NEW) == both.mean()
    monthly = ahead.parts.totals.chance(NEW, TODAY)
    assert found.chance_by_month(NEW) == pytest.approx(monthly)
    assert found.chance_by_month(NEW) == pytest.approx(ahead.chance(NEW))
    assert found.outcomes[NEW].kept == pytest.approx(np.full(DRAWS, 0.99**24))


def test_old_bills_grow_as_todays_list_does_until_they_end(bills: AccountBills, ahead: RevenueAhead) -> None:
    """While nobody has moved, only those who join pay the new prices; nobody moves at all under their policy."""
    paths = {NEW: migrate(bills, EveryoneAtOnce(notice_months=6))}
    found = simulate(paths, nobody_reacts(), draws=DRAWS, luck=False, ahead=ahead)
    assert ahead.parts is not None
    joining = ahead.parts.joining[1] - ahead.parts.joining[0]
    difference = found.fan(NEW, TODAY)["mean"].to_numpy()
    assert difference[:6] == pytest.approx(joining.mean(axis=0)[:6])
    assert difference[6] == pytest.approx((ahead.parts.totals.of(NEW) - ahead.parts.totals.of(TODAY)).mean(axis=0)[6])
    never = simulate({NEW: migrate(bills, NewCustomersOnly())}, nobody_reacts(), draws=DRAWS, luck=False, ahead=ahead)
    assert never.fan(NEW, TODAY)["mean"].to_numpy() == pytest.approx(joining.mean(axis=0))


def test_reactions_are_shares_of_what_is_forecast(bills: AccountBills, ahead: RevenueAhead) -> None:
    """A rise of a fifth at a churn of one half per 100% loses a tenth of who moves, of nobody else."""
    assumed = nobody_reacts().with_ranges(churn_per_rise=(0.5, 0.5))
    found = simulate({NEW: migrate(bills, AT_ONCE)}, assumed, draws=DRAWS, luck=False, ahead=ahead)
    assert ahead.parts is not None
    moved, rest = ahead.parts.staying[:2, 1].sum(axis=0), ahead.parts.staying[2, 1] + ahead.parts.joining[1]
    assert np.sort(found.total(NEW)) == pytest.approx(np.sort((0.9 * moved + rest).sum(axis=1)))
    assert found.outcomes[NEW].kept == pytest.approx(np.full(DRAWS, 0.9 * 0.99**24))


def test_who_takes_an_offer_ends_an_old_bill_as_it_grew(ahead: RevenueAhead) -> None:
    """Half of those who would pay more take an offer without incentive: half of old revenue and half of new."""
    old = np.array([100.0, 200, 300, 400])
    bills = account_bills(list("abcd"), ["s", "s", "t", "t"], old, old * 1.2, start="2025-01")
    policy = OptIn(notice_months=0, over_months=1, incentive=0, take_up_low=0.5, take_up_high=0.5)
    found = simulate({NEW: migrate(bills, policy)}, nobody_reacts(), draws=DRAWS, luck=False, ahead=ahead)
    assert ahead.parts is not None
    before, after = ahead.parts.staying.sum(axis=0)
    wanted = (before + after) / 2 + ahead.parts.joining[1]
    assert found.fan(NEW)["mean"].to_numpy() == pytest.approx(wanted.mean(axis=0))


def test_a_stated_number_of_new_customers_says_how_many_come(bills: AccountBills, ahead: RevenueAhead) -> None:
    """What they are like is on record; ten a month are ten a month in every draw."""
    path = migrate(bills, AT_ONCE, new_customers=NewCustomers(low=10, high=10))
    found = simulate({NEW: path}, nobody_reacts(), draws=DRAWS, luck=False, ahead=ahead)
    assert ahead.parts is not None
    stay = ahead.parts.staying.sum(axis=0)[0]
    joining = found.fan(TODAY)["mean"].to_numpy() - stay.mean(axis=0)
    assert joining == pytest.approx(10 * 80 * np.arange(1, MONTHS + 1))


def test_the_forecast_is_a_driver_among_the_others(bills: AccountBills, ahead: RevenueAhead) -> None:
    """Its ends lie where the forecast's own do; leaving for usual reasons is none, for it is in the forecast."""
    found = simulate({NEW: migrate(bills, AT_ONCE)}, Behaviour.of(), draws=DRAWS, luck=False, ahead=ahead)
    table = tornado(found, NEW, draws=DRAWS).set_index("id")
    assert "usual-churn" not in table.index
    row = table.loc["forecast"]
    assert ahead.parts is not None
    today, new = (ahead.parts.totals.of(name).sum(axis=1) for name in (TODAY, NEW))
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(new / today - 1, [0.05, 0.95]))
    assert row["at_low"] < row["base"] < row["at_high"]
    assert row["swing"] > 0.5 * np.ptp(np.quantile(new - today, [0.05, 0.95]))
    assert 0 < row["variance_share"] <= 1
    knowing = value_of_information(found)
    assert "forecast" in set(knowing.table["id"])
    assert knowing.first != row["assumption"]


def test_a_forecast_of_other_lists_or_months_is_refused(bills: AccountBills, ahead: RevenueAhead) -> None:
    """Another list, another beginning, and a forecast that says nothing each name what is wrong."""
    path = migrate(bills, AT_ONCE)
    with pytest.raises(UncertaintyError, match="does not bill other"):
        simulate({"other": path}, ahead=ahead)
    late = account_bills(list("ab"), ["s", "t"], [1, 2], [2, 3], start="2025-03")
    with pytest.raises(UncertaintyError, match="begins in 2025-01 and the scenarios in 2025-03"):
        simulate({NEW: migrate(late, AT_ONCE)}, ahead=ahead)
    unknown = replace(ahead, parts=None, reach=Reach(0, 0, tested=False, reason="4 months of history"))
    with pytest.raises(UncertaintyError, match="4 months of history"):
        simulate({NEW: path}, ahead=unknown)


OFFER = OptIn(notice_months=2, take_up_low=0.4, take_up_high=0.4)
POLICIES = (
    AtRenewal(),
    CappedRise(per_year=0.1),
    PhasedSteps(),
    OFFER,
    BySegment(segments={"s": OFFER}, otherwise=AtRenewal()),
)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
def test_a_path_is_the_mean_of_what_is_drawn_if_nobody_reacts(ahead: RevenueAhead, policy: Policy) -> None:
    """Today's accounts under any policy: the path grows as the draws do on average, and so does what it forgoes."""
    old, new = np.array([100.0, 200, 300, 400]), np.array([150.0, 180, 330, 450])
    bills = account_bills(list("abcd"), ["s", "s", "t", "t"], old, new, start="2025-01", renewal=[3, 7, 1, 10])
    path = migrate(bills, policy, growth=growth_of(ahead, bills, NEW))
    found = simulate({NEW: migrate(bills, policy)}, nobody_reacts(), draws=DRAWS, luck=False, ahead=ahead)
    assert ahead.parts is not None
    others = (ahead.parts.staying[2, 1] + ahead.parts.joining[1]).mean(axis=0)
    assert path.table["today"].to_numpy() + others == pytest.approx(found.fan(NEW)["mean"].to_numpy())
    before = ahead.parts.staying[:2, 0].sum(axis=0).mean(axis=0)
    assert path.table["old_prices"].to_numpy() == pytest.approx(before)
    assert path.table["forgone"].to_numpy() == pytest.approx(path.table["at_once"] - path.table["today"])
    assert path.break_even_churn == migrate(bills, policy).break_even_churn
