"""Alerts from one month to the next: what opens, what holds them open, what clears them, and who looks after them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.desk import AlertLog, WatchRun, watch_accounts
from workbench.growth.recurring_revenue import MovementsError


def base_of(use: dict[str, list[float]], paid: dict[str, float] | None = None, metric: str = "calls") -> CustomerBase:
    """Return accounts with this monthly use, paying this much every month."""
    long = max(map(len, use.values()))
    months = pd.date_range("2022-01-01", periods=long, freq="MS").strftime("%Y-%m")
    rows = [(name, month, metric, each) for name, row in use.items() for month, each in zip(months, row, strict=False)]
    tables = {
        "accounts": pd.DataFrame({"account_id": list(use)}),
        "usage": pd.DataFrame(rows, columns=["account_id", "month", "metric", "quantity"]),
    }
    if paid is not None:
        bills = [(name, month, amount) for name, amount in paid.items() for month in months]
        tables["mrr"] = pd.DataFrame(bills, columns=["account_id", "month", "amount"])
    return CustomerBase.from_tables(tables, currency="USD")


def wandering(seed: int, accounts: int, months: int) -> np.ndarray:
    """Return use that only varies from month to month."""
    return 100 * np.exp(np.random.default_rng(seed).normal(0, 0.05, (accounts, months)))


def month_by_month(base: CustomerBase, days: list[str]) -> list[WatchRun]:
    """Look at the data of one day after the other, each with the log of the one before."""
    runs: list[WatchRun] = []
    for day in days:
        runs.append(watch_accounts(base.up_to(day), runs[-1].log if runs else None))
    return runs


def alerts(run: WatchRun, which: str) -> set[tuple[str, str]]:
    """Return the account and kind of a list of alerts."""
    return {(each.account_id, each.kind) for each in getattr(run, which)}


def test_a_drop_opens_stays_open_and_clears_when_use_comes_back() -> None:
    """Back by less than half of the way it is open still; back by more it is over, and does not open again."""
    use = wandering(1, 40, 24)
    use[0] = 100.0 + np.arange(24) % 2
    use[0, 20:] = [50.0, 55.0, 95.0, 50.0]
    base = base_of({f"A{row:02}": list(map(float, each)) for row, each in enumerate(use)})
    first, second, third, fourth = month_by_month(base, ["2023-09-30", "2023-10-31", "2023-11-30", "2023-12-31"])
    drop = ("A00", "sudden change")
    assert drop in alerts(first, "new")
    assert drop in alerts(second, "still_open")
    assert drop not in alerts(second, "new")
    assert drop in alerts(third, "cleared")
    assert [each.why for each in third.cleared if each.account_id == "A00"] == ["back"]
    assert not [each for each in fourth.log.alerts if each.opened == "2023-09" and each.is_open]


def test_after_six_months_a_changed_level_is_the_usual_one() -> None:
    """What stays where it went is no alert for ever."""
    use = wandering(2, 40, 28)
    use[0] = 100.0 + np.arange(28) % 2
    use[0, 20:] = 60.0 + np.arange(8) % 2
    base = base_of({f"A{row:02}": list(map(float, each)) for row, each in enumerate(use)})
    days = [f"{each:%Y-%m-%d}" for each in pd.date_range("2023-09-30", periods=8, freq="ME")]
    runs = month_by_month(base, days)
    mine = [each for each in runs[-1].log.alerts if each.account_id == "A00" and each.kind == "sudden change"]
    assert [(each.opened, each.cleared, each.why) for each in mine] == [("2023-09", "2024-03", "new level")]


def test_the_same_data_again_changes_nothing() -> None:
    """Log, lists and urgency are the same on a second look, also of one that had found something over."""
    use = wandering(3, 60, 24)
    use[:5, 18:] *= 0.4
    use[5, 22:] = 0.0
    base = base_of({f"A{row:02}": list(map(float, each)) for row, each in enumerate(use)})
    for run in month_by_month(base, ["2023-07-31", "2023-09-30", "2023-12-31"]):
        again = watch_accounts(base.up_to(run.day), run.log)
        assert again.log == run.log
        assert (again.new, again.cleared, again.still_open) == (run.new, run.cleared, run.still_open)
        assert again.urgent == run.urgent


def test_a_silence_ends_with_the_first_use_and_with_the_customer() -> None:
    """Who uses something again is not silent, and who pays nothing more is no customer."""
    use = {"back": [9.0] * 10 + [0.0] * 4 + [9.0], "left": [9.0] * 10 + [0.0] * 5, "stays": [9.0] * 15}
    base = base_of(use, {"back": 10.0, "left": 10.0, "stays": 10.0})
    gone = base.mrr
    gone = gone[(gone["account_id"] != "left") | (gone["month"] < "2023-03-01")]
    base = CustomerBase.from_tables({"accounts": base.accounts, "usage": base.usage, "mrr": gone}, currency="USD")
    before, after = month_by_month(base, ["2023-02-28", "2023-03-31"])
    assert alerts(before, "new") >= {("back", "silence"), ("left", "silence")}
    assert {(each.account_id, each.why) for each in after.cleared if each.kind == "silence"} == {
        ("back", "back"), ("left", "left"),
    }  # fmt: skip
    assert not [each for each in after.log.alerts if each.is_open]


def test_urgent_is_a_large_fall_at_a_large_customer_that_nobody_snoozed() -> None:
    """Who pays least is not urgent; snoozed it is not until the day; the owner stays."""
    use = {name: [9.0] * 10 + [0.0] * 2 for name in ("large", "small")} | {"fine": [9.0] * 12}
    base = base_of(use, {"large": 90.0, "small": 1.0, "fine": 5.0})
    run = watch_accounts(base)
    assert [each.account_id for each in run.urgent] == ["large"]
    assert run.new[0].account_id == "large"
    key = run.urgent[0].id
    quiet = run.with_changes({key: "North team"}, {key: date(2023, 2, 1)})
    assert quiet.urgent == ()
    assert quiet.state(quiet.new[0]) == "new" or quiet.state(quiet.log.alerts[0]) == "snoozed"
    assert run.with_changes({}, {key: date(2022, 12, 31)}).urgent  # the day one stands on
    again = watch_accounts(base, quiet.log)
    assert {each.owner for each in again.log.alerts if each.id == key} == {"North team"}


def test_as_many_false_alarms_come_as_were_said() -> None:
    """Among accounts whose use only varies, the sudden changes opened a month are about those expected."""
    counts, expected, slow, slowly = [], [], [], []
    for seed in range(8):
        use = wandering(seed, 300, 30)
        base = base_of({f"A{row:03}": list(map(float, each)) for row, each in enumerate(use)})
        run = watch_accounts(base, AlertLog(month="2024-06"), false_alarms=6)
        counts.append(sum(each.kind == "sudden change" for each in run.new))
        expected.append(run.expected_false)
        assert run.expected_by_kind["sudden change"] == run.expected_false
        slow.append(sum(each.kind in ("plateau", "decline", "silence") for each in run.new))
        slowly.append(run.expected_in_all - run.expected_false)
    assert expected[0] == pytest.approx(6)
    assert 3 <= np.mean(counts) <= 9
    assert 0.4 * np.mean(slowly) <= np.mean(slow) <= 1.6 * np.mean(slowly)


def test_a_share_of_false_ones_is_no_number_of_them() -> None:
    """Ten false alarms a month are no share of the alarms: what is held must be said."""
    base = base_of({"A": [1.0] * 12})
    with pytest.raises(MovementsError, match="A share of 10 of the alarms is none to hold"):
        watch_accounts(base, control="discoveries")
    assert watch_accounts(base, control="discoveries", false_alarms=0.1).new == ()


def test_what_is_counted_once_has_no_longer_months() -> None:
    """Seats that stand still are no change in February, and a seat taken away is one in its month."""
    use = {f"A{row}": [20.0] * 26 for row in range(30)}
    use["A0"] = [20.0] * 25 + [14.0]
    run = watch_accounts(base_of(use, metric="seats"), AlertLog(month="2024-02"))
    assert alerts(run, "new") == {("A0", "sudden change")}


def test_a_metric_that_nobody_has_any_more_is_left_out_with_a_reason() -> None:
    """Its end is no silence of all customers."""
    base = base_of({"A": [9.0] * 12, "B": [9.0] * 12})
    old = base.usage.assign(metric="reports")
    old["quantity"] = old["quantity"].where(old["month"] < "2022-11-01", 0.0)
    both = CustomerBase.from_tables({"accounts": base.accounts, "usage": pd.concat([base.usage, old])})
    run = watch_accounts(both)
    assert run.metrics == ("calls",)
    assert list(run.left_out) == ["reports"]
    assert run.new == ()


def test_what_cannot_be_watched_is_refused_in_words() -> None:
    """No usage, an unknown metric, an unknown alert, and data older than the log."""
    base = base_of({"A": [9.0] * 12})
    paid = pd.DataFrame({"account_id": ["A"], "month": ["2022-01"], "amount": [5.0]})
    without = CustomerBase.from_tables({"accounts": base.accounts, "mrr": paid}, currency="USD")
    with pytest.raises(MovementsError, match="No usage is on record"):
        watch_accounts(without)
    with pytest.raises(MovementsError, match="No usage of storage"):
        watch_accounts(base, metrics=["storage"])
    with pytest.raises(MovementsError, match="goes up to 2023-05"):
        watch_accounts(base, AlertLog(month="2023-05"))
    with pytest.raises(MovementsError, match="There is no alert 'x'"):
        watch_accounts(base).with_changes({"x": "me"}, {})


def test_who_falls_silent_has_one_alert_which_keeps_its_owner() -> None:
    """The drop before it is over as one, the silence is urgent and belongs to whoever looked after the drop."""
    use = wandering(5, 40, 24)
    use[0, 21:] = [40.0, 0.0, 0.0]
    base = base_of({f"A{row:02}": list(map(float, each)) for row, each in enumerate(use)})
    first = watch_accounts(base.up_to("2023-10-31"))
    [drop] = [each for each in first.new if each.account_id == "A00"]
    run = watch_accounts(base, first.with_changes({drop.id: "North team"}, {}).log)
    mine = [(each.kind, each.why, each.owner) for each in run.log.alerts if each.account_id == "A00"]
    assert mine == [("sudden change", "silent", "North team"), ("silence", "", "North team")]
