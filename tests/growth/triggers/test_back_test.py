"""Back-tests: hand cases, published arithmetic, worlds whose effect is known, and the truth planted in the sample."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from entered_companies import entered_company
from judge_triggers import past_of

from workbench.customers import CustomerBase
from workbench.growth.triggers import (
    PLAYBOOK,
    AccountPast,
    Past,
    Playbook,
    Trigger,
    TriggerCondition,
    TriggerError,
    back_test_triggers,
    fire,
    hits_of,
    lift_of,
    rate_ratio,
)
from workbench.stats import benjamini_hochberg
from workbench.workspace import sample_base

if TYPE_CHECKING:
    from collections.abc import Callable

TRUTH = Path(__file__).resolve().parents[3] / "data" / "sample_truth.json"
RUNS = int(os.environ.get("WORKBENCH_RUNS", "40"))  # 200 where somebody wants to know it better


@pytest.fixture(scope="module")
def published(oracle: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return the published cases of triggers and alerts."""
    return oracle("alerts_triggers.json")


def test_hits_by_hand(published: dict[str, Any]) -> None:
    """One of three entries, one of three expansions, two months ahead; one after the expansion is no hit."""
    case = published["back_test_small"]
    months = pd.period_range("2025-01", "2025-09", freq="M")
    fired, expanded = np.zeros((2, 5, len(months)), dtype=bool)
    for row, each in enumerate(case["accounts"].values()):
        met = np.isin(months.astype(str), each["triggers"])
        fired[row] = met & ~np.r_[False, met[:-1]]  # an entry opens once per episode
        expanded[row] = np.isin(months.astype(str), each["expansions"])
    assert {name: int(fired[row].sum()) for row, name in enumerate(case["accounts"]) if fired[row].any()} == case[
        "episodes"
    ]
    found = hits_of(fired, expanded, case["window_months"])
    assert f"{found.hits} of {found.entries}" == case["precision"]
    assert case["recall"].startswith(f"{found.caught} of {found.expansions} expansions")
    assert list(found.lead_months) == case["lead_time_months"]
    late = hits_of(fired[:, :5], expanded[:, :5], case["window_months"])  # in May the time of entries is not over
    assert (late.entries, late.open) == (2, 1)


def test_a_ratio_of_shares_divides_by_those_that_did_not_fire(published: dict[str, Any]) -> None:
    """7.2 is printed, 5.67 is right, with its interval."""
    case = published["lift"]
    others = case["eligible"] - case["flagged"]
    found = rate_ratio(case["won_after_flag"], case["flagged"], case["won_without_flag"], others)
    assert found.estimate == pytest.approx(case["correct"]["lift"], abs=1e-4)
    assert (found.low, found.high) == pytest.approx(case["correct"]["lift_95"], abs=1e-3)
    with pytest.raises(TriggerError, match="both sides"):
        rate_ratio(0, 10, 3, 10)


def test_false_discoveries_as_published(published: dict[str, Any]) -> None:
    """Four of fifteen hold, where Bonferroni has three."""
    case = published["false_discovery"]
    p_values = np.array(case["p"])
    assert benjamini_hochberg(p_values, case["q"]).sum() == case["rejected"]
    assert (p_values <= case["q"] / len(p_values)).sum() == case["bonferroni_rejected"]
    assert not benjamini_hochberg(np.array([]), 0.05).any()


@pytest.mark.parametrize("factor", [2.5, 1.0])
def test_ranges_of_the_lift_hold_the_truth(factor: float) -> None:
    """The 90% interval covers the truth; without an effect, evidence is claimed in at most a tenth of the worlds."""
    chance = np.random.default_rng(3)
    held, shown = 0, 0
    for _ in range(RUNS):
        company = entered_company(chance, factor)
        found = lift_of(past_of(company), company.fired, "expansion", month_over=True)
        held += found.lift.low <= company.truth <= found.lift.high
        shown += found.lower > 1
    assert held / RUNS >= (0.85 if RUNS >= 200 else 0.8)
    assert shown == RUNS if factor > 1 else shown <= RUNS / 10


def test_the_lift_of_rare_entries_is_their_effect_and_that_of_frequent_ones_is_less() -> None:
    """Accounts alike that enter in the months after count as they are, so frequent entries hide an effect."""
    lifts = []
    for often in (0.005, 0.12):
        company = entered_company(np.random.default_rng(9), 2.5, accounts=4000, often=often)
        lifts.append(lift_of(past_of(company), company.fired, "expansion", month_over=True).lift.estimate)
        assert lifts[-1] == pytest.approx(company.truth, rel=0.08)
    assert lifts[0] > 1.15 * lifts[1]


def test_comparing_with_all_others_would_find_an_effect_where_there_is_none() -> None:
    """Growing accounts fire and expand more often: the plain ratio is off, the one against those alike is not."""
    company = entered_company(np.random.default_rng(5), 1.0, accounts=2000)
    past, fired = past_of(company), company.fired
    found = lift_of(past, fired, "expansion", month_over=True)
    row, month = np.nonzero(fired[:, :-3])
    others = ~fired[:, :-3] & past.paying[:, :-3]
    ahead = np.stack([past.moved["expansion"][:, k : k + fired.shape[1] - 3] for k in (1, 2, 3)]).any(axis=0)
    plain = rate_ratio(int(ahead[row, month].sum()), len(row), int(ahead[others].sum()), int(others.sum()))
    assert plain.low > 1.1
    assert found.lift.low < 1 < found.lift.high


def test_too_few_cases_are_unknown() -> None:
    """Fewer than twenty entries, entries without accounts alike, and nothing that followed: the reason, no number."""
    company = entered_company(np.random.default_rng(1), 1.0, accounts=60)
    past, fired = past_of(company), company.fired
    few = fired & (np.cumsum(fired.ravel()).reshape(fired.shape) <= 9)
    assert re.fullmatch(r"only \d entries with its time over", lift_of(past, few, "expansion", month_over=True).reason)
    alone = lift_of(past, past.paying, "expansion", month_over=True)
    assert alone.lift is None
    assert alone.reason == "no account is alike"
    nothing = AccountPast(past.account_ids, past.months, past.paying, past.groups, past.traits,
                          {**past.moved, "expansion": np.zeros_like(fired)})  # fmt: skip
    assert "too few to compare" in lift_of(nothing, fired, "expansion", month_over=True).reason


@pytest.fixture(scope="module")
def lived() -> tuple[Past, Playbook, dict[str, Any]]:
    """Return the sample with what came after its move, triggers that matter there and that do not, and the truth."""
    truth = json.loads(TRUTH.read_text())
    base = sample_base(whole_history=True)
    tiers, higher = (
        list(truth["new_price_list"]["tiers_from_committed_gb"]),
        truth["new_price_list"]["features_of_higher_tiers"],
    )
    contents = [
        (tier, feature) for place, tier in enumerate(tiers) for feature in base.features["feature"]
        if place >= tiers.index(higher.get(feature, tiers[0]))
    ]  # fmt: skip

    def bursts(metric: str, least: float, times: float, over: int) -> Trigger:
        level = TriggerCondition(signal="usage", of=metric, at_least=least)
        growth = TriggerCondition(signal="usage_growth", of=metric, over=over, at_least=times)
        return Trigger(name=metric, every="month", when=(level, growth))

    asked = TriggerCondition(signal="weekly_uses", of="Questions in plain words", at_least=3)
    hours = TriggerCondition(signal="outcome_growth", of="hours_saved", at_least=1.5)
    once = {"when": (hours,), "cool_down_days": 9999}
    playbook = Playbook(
        triggers={
            "power_use": PLAYBOOK.triggers["power_use"].model_copy(update={"when": (asked,)}),
            "request": PLAYBOOK.triggers["higher_tier_request"].model_copy(update={"cool_down_days": 0}),
            "support_burst": bursts("support_tickets", 4, 2, 3),
            "querying_burst": bursts("queries_executed", 3000, 1.3, 6),
            "recorded_return": PLAYBOOK.triggers["return_recorded"].model_copy(update=once),
        }
    )
    return Past.of(base, features=pd.DataFrame(contents, columns=["plan", "feature"])), playbook, truth


def test_triggers_fire_on_the_planted_days(lived: tuple[Past, Playbook, dict[str, Any]]) -> None:
    """Requests as planted; power use too, but for accounts that had it before their move."""
    past, playbook, truth = lived
    for key, name, least in (("request", "request_for_a_higher_tier", 0.94), ("power_use", "power_use", 0.97)):
        found = fire(past, playbook.triggers[key]).entries
        found = found[found["day"] >= "2025-01-01"]
        ours = set(zip(found["account_id"], found["day"].dt.strftime("%Y-%m-%d"), strict=True))
        planted = {(who, day) for who, days in truth["expansion"]["triggers"][name]["fired"].items() for day in days}
        assert len(ours & planted) >= least * len(planted)
        assert len(ours - planted) <= 0.06 * len(planted)


def test_the_back_test_finds_what_precedes_expansion_and_not_what_does_not(
    lived: tuple[Past, Playbook, dict[str, Any]],
) -> None:
    """Evidence for the two planted triggers, none for the three that only look like it; the lift of requests holds."""
    past, playbook, truth = lived
    lists = dict.fromkeys(truth["new_price_list"]["tiers_from_committed_gb"], "volume")
    lists |= dict.fromkeys(("Starter", "Team", "Business", "Enterprise"), "seats")
    found = back_test_triggers(past, playbook, price_lists=lists)
    verdicts = {each.key: each.verdict for each in found.records}
    assert verdicts == {
        "power_use": "evidence", "request": "evidence", "support_burst": "no evidence", "querying_burst": "no evidence",
        "recorded_return": "no evidence",
    }  # fmt: skip
    share = truth["expansion"]["triggers"]["request_for_a_higher_tier"]["share_that_expands"]["within_3_months"]
    lift = found["request"].lifts["expansion", 3]
    assert lift.lift.low <= share["with"] / share["without"] <= lift.lift.high
    assert lift.followed == pytest.approx(share["with"], abs=0.06)
    table = found.table()
    assert table["Trigger"].tolist()[-1] == "contact at renewal"
    assert found.at_renewal.entries > 500
    claims = found.claims()
    assert claims["This company"].iloc[0].startswith("1.")  # far from 3.5, as planted: nothing follows from a return
    assert claims["This company"].iloc[1].startswith("not measured")
    assert claims["Reported by the source"].str.contains("0.5 to 1x").sum() == 1
    assert claims["This company"].iloc[2].startswith("not measured")


def test_what_is_not_over_is_counted_apart(sample_company: CustomerBase) -> None:
    """Entries of the last three months are open, and in no share."""
    found = back_test_triggers(
        Past.of(sample_company), Playbook(triggers={"near_limit": PLAYBOOK.triggers["near_limit"]})
    )
    record = found["near_limit"]
    entries = fire(Past.of(sample_company), PLAYBOOK.triggers["near_limit"]).entries
    late = int((entries["day"] > "2024-09-30").sum())
    opened = record.lifts["expansion", 3]
    assert 0 < record.lifts["expansion", 1].open < opened.open <= late
    assert opened.entries + opened.open <= len(entries)  # of accounts that were customers
    assert len(entries) - opened.entries - opened.open <= late


def test_a_base_without_revenue_is_refused() -> None:
    """What followed cannot be known without revenue."""
    used = pd.DataFrame({"account_id": ["A"], "month": ["2024-01"], "metric": "seats", "quantity": [1.0]})
    base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": used})
    with pytest.raises(TriggerError, match="No revenue is on record"):
        back_test_triggers(Past.of(base), PLAYBOOK)
