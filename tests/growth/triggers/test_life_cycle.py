"""States and entries: the published life cycle, the limit of 80%, weeks in a row, and laws."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.customers import CustomerBase
from workbench.growth.triggers import (
    PLAYBOOK,
    Past,
    Playbook,
    Trigger,
    TriggerCondition,
    TriggerError,
    entries,
    fire,
    playbook_schema,
    spaced_entries,
    states,
)
from workbench.growth.triggers.life_cycle import FIRING

if TYPE_CHECKING:
    from collections.abc import Callable

ONE = pd.DataFrame({"account_id": ["A"]})
STATE_WORDS = ("inactive", "pending", "firing")


@pytest.fixture(scope="module")
def published(oracle: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return the published cases of triggers and alerts."""
    return oracle("alerts_triggers.json")


def months(count: int) -> list[str]:
    """Return months from 2024-01 on."""
    return [f"{month:%Y-%m}" for month in pd.date_range("2024-01-01", periods=count, freq="MS")]


def of_seats(use: list[float], limits: dict[str, float], plans: list[str] | None = None) -> Past:
    """Return the past of an account with a monthly use of seats, on plans with limits."""
    when = months(len(use))
    tables = {
        "accounts": ONE,
        "usage": pd.DataFrame({"account_id": "A", "month": when, "metric": "seats", "quantity": use}),
        "mrr": pd.DataFrame({"account_id": "A", "month": when, "amount": 9.0, "plan": plans or ["Team"] * len(use)}),
        "plan_limits": pd.DataFrame([(plan, "seats", limit) for plan, limit in limits.items()],
                                    columns=["plan", "metric", "limit"]),
    }  # fmt: skip
    return Past.of(CustomerBase.from_tables({name: each for name, each in tables.items() if len(each)}, currency="USD"))


def firing(past: Past, key: str = "near_limit") -> list[bool]:
    """Tell after which steps a trigger of the playbook fires for the one account."""
    found = fire(past, PLAYBOOK.triggers[key])
    return (found.state[0] == FIRING).tolist()


def test_states_are_those_of_prometheus(published: dict[str, Any]) -> None:
    """For, keep firing for, and both."""
    case = published["state_machine"]
    met = np.array([case["condition"]], dtype=bool)
    for each in case["cases"]:
        found = states(met, each["for"], each["keep_firing_for"])[0]
        assert [STATE_WORDS[state] for state in found] == each["states"]


def test_eighty_percent_of_a_limit(published: dict[str, Any]) -> None:
    """80% itself fires, 70% ends it, and there are two entries."""
    case = published["limit_80_percent"]
    past = of_seats([1000 * share for share in case["use_over_limit"]], {"Team": 1000.0})
    assert firing(past) == case["state"]
    trigger = PLAYBOOK.triggers["near_limit"].model_copy(update={"cool_down_days": 0})
    assert len(fire(past, trigger).entries) == case["episodes"]


def test_edges_of_a_limit() -> None:
    """79.99% does not fire; a limit that changes counts as it was; none, one of nothing and no plan are unknown."""
    assert firing(of_seats([7.999, 8.0], {"Team": 10.0})) == [False, True]
    assert firing(of_seats([9.0, 9.0, 9.0], {"Small": 10.0, "Large": 20.0}, ["Small", "Large", "Small"])) == [
        True,
        False,
        True,
    ]
    assert firing(of_seats([9.0, 9.0], {"Other": 10.0})) == [False, False]
    assert firing(of_seats([9.0, 9.0], {"Team": 0.0})) == [False, False]
    assert firing(of_seats([11.0, 10.0, 10.5], {"Team": 10.0}), "team_outgrows") == [True, False, True]


def of_weeks(uses: dict[str, float], day: str = "2025-12-31") -> Past:
    """Return the past of an account with weekly uses of one feature, by Monday."""
    table = pd.DataFrame({"account_id": "A", "week": list(uses), "feature": "charts", "uses": list(uses.values())})
    paid = pd.DataFrame({"account_id": ["A"], "month": ["2024-06"], "amount": [9.0]})
    return Past.of(CustomerBase.from_tables({"accounts": ONE, "feature_use": table, "mrr": paid}, currency="USD"), day)


def entry_days(past: Past, key: str) -> list[str]:
    """Return the days on which entries of a trigger of the playbook open."""
    return fire(past, PLAYBOOK.triggers[key]).entries["day"].dt.strftime("%Y-%m-%d").tolist()


def test_three_times_a_week_in_four_weeks_running(published: dict[str, Any]) -> None:
    """Over the end of the year, at the end of the fourth week, not while it runs; the week with two ends it."""
    case = published["power_use_3_per_week"]
    weeks = {f"{pd.Timestamp.fromisocalendar(int(name[:4]), int(name[6:]), 1):%Y-%m-%d}": float(uses)
             for name, uses in case["use_days_by_iso_week"].items()}  # fmt: skip
    year, week = int(case["fires_at"][:4]), int(case["fires_at"][6:])
    sunday = pd.Timestamp.fromisocalendar(year, week, 7)
    assert entry_days(of_weeks(weeks), "power_use") == [f"{sunday:%Y-%m-%d}"]
    running = of_weeks(weeks, f"{sunday - pd.Timedelta(days=1):%Y-%m-%d}")
    assert entry_days(running, "power_use") == []
    assert entry_days(of_weeks(weeks, f"{sunday:%Y-%m-%d}"), "power_use") == [f"{sunday:%Y-%m-%d}"]
    assert firing(of_weeks(weeks), "power_use")[:5] == [False, False, False, True, False]


def test_a_skipped_week_breaks_the_run() -> None:
    """A week without a row is a week without use."""
    four = {"2025-01-06": 3.0, "2025-01-13": 3.0, "2025-01-20": 3.0, "2025-01-27": 3.0}
    assert entry_days(of_weeks(four), "power_use") == ["2025-02-02"]
    skipped = {day: uses for day, uses in four.items() if day != "2025-01-20"} | {"2025-02-03": 3.0}
    assert entry_days(of_weeks(skipped), "power_use") == []


def test_months_to_a_limit_by_hand(published: dict[str, Any]) -> None:
    """A line through six months reaches 1,000 in five; one that falls never does."""
    case = published["months_to_limit"]
    for edge, wanted in ((case["linear_months_to_limit"], True), (case["linear_months_to_limit"] - 0.01, False)):
        trigger = Trigger(name="pace", every="month", when=(TriggerCondition(signal="months_to_limit", at_most=edge),))
        past = of_seats(case["history"], {"Team": float(case["limit"])})
        assert (fire(past, trigger).state[0, -1] == FIRING) == wanted
        falls = of_seats(case["history"][::-1], {"Team": float(case["limit"])})
        assert fire(falls, trigger).state[0, -1] != FIRING


def test_a_request_for_a_feature_of_a_higher_tier() -> None:
    """What the plan has, what no plan has, and what nobody knows the plan of, fires nothing; twice a day is once."""
    paid = pd.DataFrame({"account_id": "A", "month": months(3), "amount": 9.0, "plan": ["Team", "Team", "Pro"]})
    contents = pd.DataFrame(
        [("Team", "charts"), ("Pro", "charts"), ("Pro", "api"), ("Pro", "sso")], columns=["plan", "feature"]
    )
    asked = pd.DataFrame(
        [("A", "2024-01-10", "api"), ("A", "2024-02-10", "api"), ("A", "2024-02-10", "sso"),
         ("A", "2024-02-20", "charts"), ("A", "2024-02-21", "sky"), ("A", "2024-03-31", "sso")],
        columns=["account_id", "date", "feature"],
    )  # fmt: skip
    tables = {"accounts": ONE, "mrr": paid, "plan_features": contents, "requests": asked}
    past = Past.of(CustomerBase.from_tables(tables, currency="USD"))
    assert entry_days(past, "higher_tier_request") == ["2024-02-10"]


def test_a_recorded_return_against_the_first_of_its_kind() -> None:
    """One and a half times the first of the same kind, whatever other kinds say."""
    rows = [
        ("2024-01-05", "hours", 10.0),
        ("2024-02-05", "hours", 14.9),
        ("2024-03-05", "hours", 15.0),
        ("2024-03-06", "money", 900.0),
    ]
    outcomes = pd.DataFrame(rows, columns=["date", "kind", "value"]).assign(account_id="A")
    paid = pd.DataFrame({"account_id": "A", "month": months(4), "amount": 9.0})
    past = Past.of(CustomerBase.from_tables({"accounts": ONE, "outcomes": outcomes, "mrr": paid}, currency="USD"))
    assert entry_days(past, "return_recorded") == ["2024-03-05"]


def test_nothing_from_after_the_day_is_looked_at() -> None:
    """A base that is not cut, and a column dated after the day, are refused by the type that holds them."""
    past = of_seats([1.0, 2.0, 3.0], {"Team": 10.0})
    whole = past.base.__class__.from_tables({"accounts": ONE, "mrr": past.base.mrr}, currency="USD")
    with pytest.raises(TriggerError, match="is known whole"):
        Past(whole, pd.Timestamp("2024-02-29"), past.limits, past.features)
    scores = pd.DataFrame({"account_id": ["A", "A"], "date": ["2024-03-01", "2024-04-02"], "score": [1, 9]})
    with pytest.raises(TriggerError, match="health has 1 rows dated after 2024-03-31, the first of A on 2024-04-02"):
        past.with_column("health", scores)
    assert "health" in past.with_column("health", scores[:1]).columns


def test_what_fired_by_a_day_does_not_change_afterwards(sample_company: CustomerBase) -> None:
    """Standing on an earlier day, the same entries had opened by then: nothing looks ahead."""
    later = Past.of(sample_company)
    for key, trigger in PLAYBOOK.triggers.items():
        full = fire(later, trigger).entries
        for day in ("2024-03-31", "2024-08-14"):
            then = fire(Past.of(sample_company, day), trigger).entries
            known = full[full["day"] <= day]
            pairs = [set(zip(each["account_id"], each["day"].astype(str), strict=True)) for each in (then, known)]
            assert pairs[0] == pairs[1], (key, day)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.booleans(), min_size=1, max_size=30),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 9),
    st.booleans(),
)
def test_states_and_entries_by_a_loop_by_hand(met: list[bool], hold: int, keep: int, cool: int, again: bool) -> None:
    """Step by step for one account, as one would on paper."""
    found = states(np.array([met]), hold, keep)[0]
    run, since, fires, by_hand = 0, 99, False, []
    for each in met:
        run, since = (run + 1, 0) if each else (0, since + 1)
        fires = (each and run > hold) or (fires and since <= keep)
        by_hand.append(2 if fires else 1 if each else 0)
    assert found.tolist() == by_hand
    days = np.arange(len(met)).astype("datetime64[D]")
    opens = entries(found[None] == FIRING, days, cool, again_while_on=again)[0]
    at = np.flatnonzero(opens)
    assert (np.diff(at) >= cool).all()
    assert (found[at] == FIRING).all()
    if not again and len(at):
        assert all(place == 0 or found[place - 1] != FIRING for place in at)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), max_size=30), st.integers(0, 20))
def test_spaced_events_by_a_loop_by_hand(events: list[tuple[int, int]], cool: int) -> None:
    """The first opens, and each that is far enough from the last that opened."""
    ordered = sorted(set(events))
    account, day = (np.array([each[at] for each in ordered], dtype=np.int64) for at in (0, 1))
    found = spaced_entries(account, day.astype("datetime64[D]"), cool)
    last: dict[int, int] = {}
    for (who, when), opens in zip(ordered, found, strict=True):
        wanted = who not in last or when - last[who] >= max(cool, 1)
        assert opens == wanted
        if wanted:
            last[who] = when


def test_a_playbook_is_data() -> None:
    """It comes back from TOML and JSON as it was; what is wrong in it is said with place and value."""
    assert Playbook.of_toml(PLAYBOOK.toml()) == PLAYBOOK
    assert Playbook.model_validate_json(PLAYBOOK.json_text()) == PLAYBOOK
    for wrong, says in (
        (
            'version = 1\n[triggers.x]\nname = "x"\nevery = "week"\nwhen = [{signal = "usage", at_least = 1}]',
            "every must be 'month'",
        ),
        ('version = 1\n[triggers.x]\nname = "x"\nevery = "month"\nwhen = [{signal = "usage"}]', "exactly one of"),
        ('version = 1\n[triggers.x]\nname = "x"\nevery = "month"\nwhen = []', "triggers.x.when"),
        ("version = 2", "version"),
        ("version = ", "no TOML"),
    ):
        with pytest.raises(TriggerError, match=says):
            Playbook.of_toml(wrong)


def test_an_exported_playbook_keeps_its_schema() -> None:
    """The published schema accepts the export and refuses another signal."""
    jsonschema = pytest.importorskip("jsonschema")
    exported = json.loads(PLAYBOOK.json_text())
    jsonschema.validate(exported, playbook_schema())
    exported["triggers"]["near_limit"]["when"][0]["signal"] = "mood"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(exported, playbook_schema())


def test_a_trigger_on_what_is_not_there_is_refused(sample_company: CustomerBase) -> None:
    """Unknown metrics are named with what there is."""
    PLAYBOOK.check(sample_company)
    odd = Trigger(name="odd", every="month", when=(TriggerCondition(signal="usage", of="smiles", at_least=1),))
    with pytest.raises(TriggerError, match="odd looks at 'smiles', and usage knows gigabytes_processed"):
        Playbook(triggers={"odd": odd}).check(sample_company)
