"""The running month: closed forms, worlds whose months are known, nothing from after a day, triggers on pace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.desk import pace_of, running_month, usage_outlook
from workbench.growth.desk.accounts import outcome_by_month, own_growth
from workbench.growth.desk.pace import paces_by_day, usual_change
from workbench.growth.triggers import Past, Playbook, Trigger, TriggerCondition, TriggerError, fire, fired_steps

KINDS = ("a week like others", "days all alike", "days that stay alike", "counts")
MONTHS = 16


def world(kind: str, seed: int, accounts: int = 150) -> tuple[np.ndarray, pd.DatetimeIndex, np.ndarray]:
    """Return use by day of accounts whose level moves from month to month, the days, and the month of each."""
    chance, first = np.random.default_rng(seed), pd.Timestamp("2023-01-01")
    days = pd.date_range(first, first + pd.DateOffset(months=MONTHS) - pd.Timedelta(days=1))
    at = np.asarray((days.year - 2023) * 12 + days.month - 1)
    level = chance.normal(3, 1, (accounts, 1)) + np.cumsum(chance.normal(0.01, 0.12, (accounts, MONTHS)), axis=1)
    rate = np.exp(level)[:, at]
    if kind != "days all alike":
        week = np.array([1.2, 1.25, 1.2, 1.15, 1.1, 0.55, 0.55])
        rate = rate * (week / week.mean())[days.day_of_week]
    if kind == "counts":
        return chance.poisson(rate * chance.gamma(4, 0.25, rate.shape)).astype(float), days, at
    noise, wide = chance.normal(0, 1, rate.shape), chance.uniform(0.1, 0.5, (accounts, 1))
    if kind == "days that stay alike":
        for day in range(1, len(days)):
            noise[:, day] = 0.6 * noise[:, day - 1] + 0.8 * noise[:, day]
    return rate * np.exp(wide * noise - wide**2 / 2), days, at


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", [3, 10, 17, 25])
def test_ranges_hold_what_the_month_came_to(kind: str, day: int) -> None:
    """Of 90% ranges 85% to 96% hold the month, in four kinds of company, from the third day to the twenty-fifth."""
    held, narrower = [], []
    for seed in range(4):
        daily, days, at = world(kind, seed)
        months = np.stack([daily[:, at == month].sum(axis=1) for month in range(MONTHS)], axis=1)
        end = int(np.flatnonzero(at == MONTHS - 1)[0]) + day
        found = pace_of(
            daily[:, end - 80 : end], days[end - 80 : end], expected=months[:, -2] * 30 / 31,
            unsure=usual_change(months[:, :-1]),
        )  # fmt: skip
        held.append((found.low <= months[:, -1]) & (months[:, -1] <= found.high))
        narrower.append(np.median((found.high - found.low) / found.points))
    assert 0.85 <= np.mean(held) <= 0.96
    assert np.mean(narrower) < {3: 0.75, 10: 0.5, 17: 0.35, 25: 0.2}[day]


def test_days_that_never_differ_go_on() -> None:
    """Five a day is 150 in April; at its end the month is what was used, to the digit; a limit is met on its day."""
    days = pd.date_range("2024-03-01", "2024-04-12")
    found = pace_of(np.full((2, len(days)), 5.0), days)
    assert found.points == pytest.approx([150, 150])
    early, likely, late = found.days_to(np.array([100.0, 1e9]))
    assert (early[0], likely[0], late[0]) == (8, 8, 8)  # 60 are used, and 40 more take eight days
    assert np.isnan(likely[1])
    assert found.days_to(np.array([60.0, 59.0]))[1].tolist() == [0, 0]
    whole = pd.date_range("2024-04-01", "2024-04-30")
    over = pace_of(np.arange(30.0)[None], whole)
    assert (over.low[0], over.points[0], over.high[0]) == (435, 435, 435)


def test_what_was_expected_counts_less_the_more_days_are_over() -> None:
    """Half as much as expected from the first day on: the month moves from 300 to 150, and its range closes."""
    chance, points, wide = np.random.default_rng(1), [], []
    daily = 5 * chance.lognormal(0, 0.2, (1, 30))
    for day in (1, 5, 15, 29):
        found = pace_of(
            daily[:, :day], pd.date_range("2024-04-01", periods=day), expected=np.array([300.0]), unsure=0.2
        )
        points.append(float(found.points[0]))
        wide.append(float(found.high[0] - found.low[0]))
    assert points == sorted(points, reverse=True)
    assert wide == sorted(wide, reverse=True)
    assert points[-1] == pytest.approx(daily.sum(), rel=0.03)


def test_weekends_without_use_are_no_slower_pace() -> None:
    """On a Sunday night as on a Friday the month is what weeks like it come to."""
    days = pd.date_range("2024-01-01", "2024-04-07")  # a Sunday
    daily = np.where(days.day_of_week < 5, 20.0, 0.0)[None].repeat(3, axis=0)
    april = 20.0 * (pd.date_range("2024-04-01", "2024-04-30").day_of_week < 5).sum()
    for last in ("2024-04-05", "2024-04-07"):
        here = days <= last
        assert pace_of(daily[:, here], days[here]).points == pytest.approx([april] * 3, rel=0.03)


def test_under_a_week_of_an_account_nobody_knew_is_unknown() -> None:
    """Nothing expected, and six days: no number; who began in the month is known after a week."""
    days = pd.date_range("2024-04-01", periods=9)
    daily = np.full((2, 9), 4.0)
    daily[0, :4] = np.nan
    found = pace_of(daily, days)
    assert np.isnan(found.points[0])
    assert found.points[1] == pytest.approx(120)


def company(day: str = "2024-06-12") -> CustomerBase:
    """Return accounts with six months of use and days of the last of them; A1 doubles in June, seats stand still."""
    chance = np.random.default_rng(8)
    names, months = [f"A{at}" for at in range(12)], pd.date_range("2023-12-01", periods=6, freq="MS")
    days = pd.date_range("2024-05-01", day)
    keys = {"account_id": np.repeat(names, len(months)), "month": np.tile(months, len(names))}
    each = {"account_id": np.repeat(names, len(days)), "date": np.tile(days, len(names)), "metric": "calls"}
    double = (each["account_id"] == "A1") & (each["date"] >= pd.Timestamp("2024-06-01"))
    used = np.round(10 * chance.lognormal(0, 0.1, len(double))) * np.where(double, 2, 1)
    calls = pd.DataFrame({**keys, "metric": "calls", "quantity": np.round(300 * chance.lognormal(0, 0.05, 72))})
    seats = pd.DataFrame({**keys, "metric": "seats", "quantity": 7.0})
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": names, "plan": "Team"}),
            "usage": pd.concat([calls, seats]),
            "mrr": pd.DataFrame({**keys, "amount": 50.0, "plan": "Team"}),
            "plan_limits": pd.DataFrame({"plan": ["Team"], "metric": ["calls"], "limit": [450.0]}),
            "daily_usage": pd.DataFrame({**each, "quantity": used}),
        },
        currency="USD",
    )  # fmt: skip


def test_the_running_month_of_a_customer_base() -> None:
    """The month after the last complete one, of metrics that add up over days; cut to a day it knows no later one."""
    base = company()
    found = running_month(base, "calls")
    assert found is not None
    assert (found.month, found.day) == (pd.Timestamp("2024-06-01"), pd.Timestamp("2024-06-12"))
    assert found.points[1] == pytest.approx(600, rel=0.15)
    assert found.points[2] == pytest.approx(300, rel=0.1)
    assert running_month(base, "seats") is None
    cut = running_month(base.up_to("2024-06-07"), "calls")
    then = running_month(company("2024-06-07"), "calls")
    assert cut is not None
    assert then is not None
    assert cut.day == pd.Timestamp("2024-06-07")
    whole = base.daily_usage
    before = CustomerBase.from_tables(
        {**{name: base.table(name) for name in base.tables}, "daily_usage": whole[whole["date"] < "2024-06-08"]}
    )
    same = running_month(before, "calls")
    assert same is not None
    assert same.points == pytest.approx(cut.points)
    assert running_month(base.up_to("2024-05-31"), "calls") is None  # nothing of June is known yet


def test_a_trigger_on_pace_fires_before_the_limit_is_reached() -> None:
    """A1 is told while a week is left, on what its days say until then; nobody else is, and no engine pretends to."""
    pace = TriggerCondition(signal="days_to_limit", of="calls", at_most=10)
    trigger = Trigger(name="Soon full", every="day", when=(pace,), cool_down_days=30)
    playbook = Playbook(triggers={"soon": trigger})
    base = company("2024-06-20")
    playbook.check(base)
    opened = fire(Past.of(base, "2024-06-20"), trigger).entries
    assert set(opened["account_id"]) == {"A1"}
    (first,) = opened["day"]
    used = base.daily_usage.query("account_id == 'A1' and date >= '2024-06-01'").set_index("date")["quantity"].cumsum()
    assert used[first] < 450
    reached = used.index[used >= 450]
    assert not len(reached) or 5 <= (reached[0] - first).days <= 12
    early = fire(Past.of(base.up_to(first), first), trigger).entries  # the same with nothing after that day on record
    assert early["day"].tolist() == [first]
    wrong = Playbook(triggers={"soon": trigger.model_copy(update={"when": (pace.model_copy(update={"of": "rows"}),)})})
    with pytest.raises(TriggerError, match="looks at 'rows', and usage knows calls, seats"):
        wrong.check(base)
    with pytest.raises(TriggerError, match="takes a forecast"):
        fired_steps({"accounts": base.accounts}, trigger, "2024-06-20")


def test_each_day_on_record_is_seen_with_nothing_after_it() -> None:
    """What a day says is the same whether or not later days are on record."""
    whole, cut = (dict(paces_by_day(company(day), "calls")) for day in ("2024-06-12", "2024-06-05"))
    first = pd.Timestamp("2024-05-20")
    assert len(whole) == 31 + 12
    base = company()
    then = dict(paces_by_day(base.up_to("2024-06-05"), "calls"))
    assert then[first].points == pytest.approx(whole[first].points)
    assert max(then) == max(cut) == pd.Timestamp("2024-06-05")


def test_counts_that_grow_at_rates_of_their_own_go_on() -> None:
    """A rule goes on with each account's own growth, which errs less than its last month; what stands still stands."""
    chance = np.random.default_rng(3)
    seats = np.round(40 * np.exp(chance.uniform(0, 0.03, (200, 1)) * np.arange(36)))
    found = usage_outlook(seats[:, :30], 6)
    assert found.errors["growth of its own last six months"] < 0.3 * found.errors["the last month"]
    assert np.abs(own_growth(seats[:, :30], 6) / seats[:, 30:] - 1).mean() < 0.03
    still = usage_outlook(np.full((30, 30), 7.0), 6)
    assert still.forecast.points == pytest.approx(np.full((30, 6), 7.0))
    gaps = seats[:3, :30].copy()
    gaps[0, -1], gaps[1, -7], gaps[2, :25] = 0.0, 0.0, np.nan
    assert np.isfinite(own_growth(gaps, 6)[:2]).all()
    assert own_growth(gaps, 6)[1:] == pytest.approx(np.repeat(gaps[1:, -1:], 6, axis=1))


def test_days_outcomes_and_requests_of_accounts_that_merged_are_added_up() -> None:
    """Four and six a day of two accounts that are one are ten; their plan is that of the one that remains."""
    names, months = ["A", "B"], {"2024-02": 145, "2024-03": 155}
    usage = pd.DataFrame([(each, month, "calls", used) for each in names for month, used in months.items()],
                         columns=["account_id", "month", "metric", "quantity"])  # fmt: skip
    days = pd.date_range("2024-04-01", periods=9)
    daily = pd.concat([pd.DataFrame({"account_id": each, "date": days, "metric": "calls", "quantity": used})
                       for each, used in zip(names, (4, 6), strict=True)])  # fmt: skip
    paid = usage.drop(columns=["metric", "quantity"]).assign(amount=9.0)
    got = pd.DataFrame({"account_id": names, "date": "2024-03-05", "kind": "hours", "value": [2.0, 4.0]})
    tables = {
        "accounts": pd.DataFrame({"account_id": names}), "usage": usage, "daily_usage": daily, "outcomes": got,
        "mrr": paid.assign(plan=paid["account_id"].map({"A": "Pro", "B": "Team"})),
        "merges": pd.DataFrame({"account_id": ["B"], "into": ["A"]}),
    }  # fmt: skip
    base = CustomerBase.from_tables(tables, currency="USD")
    pace = running_month(base, "calls")
    assert pace is not None
    assert (pace.so_far[0], round(float(pace.points[0]))) == (90, 300)
    assert np.isnan(pace.points[1])
    assert outcome_by_month(base, "hours")[0].tolist()[1] == 3
    past = Past.of(base)
    plans, named = past.plans()
    assert named[plans[0]].tolist() == ["Pro", "Pro"]
    fired = fire(past, Trigger(name="Got two", every="day", when=(TriggerCondition(signal="outcome", at_least=1),)))
    assert set(fired.entries["account_id"]) == {"A"}
