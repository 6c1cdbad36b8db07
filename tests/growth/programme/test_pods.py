"""Pods cover the most potential there is to cover, and say why an account is in none."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from workbench.growth.programme import Person, ProgrammeError, form_pods
from workbench.growth.programme.pods import EXPERT_BONUS

REGIONS, FIELDS = ("Europe", "Asia"), ("retail", "health")


def accounts_of(potential: list[float], region: list[str], expertise: list[str]) -> pd.DataFrame:
    """Return accounts A, B, C and so on."""
    ids = [chr(ord("A") + at) for at in range(len(potential))]
    return pd.DataFrame({"account_id": ids, "potential": potential, "region": region, "expertise": expertise})


def best_by_trying(team: list[Person], accounts: pd.DataFrame, pods: int) -> float:
    """Return the most potential, bonus included, over every way to place people and accounts."""
    best = -np.inf
    roles = {each.role for each in team}
    for places in product(range(-1, pods), repeat=len(team)):
        inside = [[each for each, at in zip(team, places, strict=True) if at == pod] for pod in range(pods)]
        if any({each.role for each in pod} != roles for pod in inside):
            continue
        room = [min(sum(p.capacity for p in pod if p.role == role) for role in roles) for pod in inside]
        for choice in product(range(-1, pods), repeat=len(accounts)):
            if any(choice.count(pod) > room[pod] for pod in range(pods)):
                continue
            total = 0.0
            for row, pod in zip(accounts.itertuples(), choice, strict=True):
                if pod < 0:
                    continue
                if not any(each.works_in(row.region) for each in inside[pod]):
                    break
                knows = any(row.expertise in each.expertise for each in inside[pod])
                total += row.potential * (1 + EXPERT_BONUS * knows)
            else:
                best = max(best, total)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_no_other_choice_covers_more(seed: int) -> None:
    """Every placement of four people and five accounts, tried one by one, finds nothing better."""
    random = np.random.default_rng(seed)
    team = [
        Person(
            f"{role} {turn}",
            role,
            int(random.integers(1, 3)),
            tuple(random.choice(REGIONS, random.integers(0, 2), replace=False)),
            tuple(random.choice(FIELDS, 1)),
        )
        for role in ("sales", "technical")
        for turn in (1, 2)
    ]
    accounts = accounts_of(
        random.lognormal(3, 1, 5).tolist(), random.choice(REGIONS, 5).tolist(), random.choice(FIELDS, 5).tolist()
    )
    found = form_pods(team, accounts, 2)
    here = found.accounts[found.accounts["pod"] > 0]
    reached = float((here["potential"] * (1 + EXPERT_BONUS * here["expert"])).sum())
    assert found.exact
    assert reached == pytest.approx(best_by_trying(team, accounts, 2))
    assert found.covered + found.uncovered == pytest.approx(float(accounts["potential"].sum()))


def test_a_pod_takes_the_largest_its_scarcest_role_can_look_after() -> None:
    """Without regions and expertise the covered accounts are the largest, as many as the scarcest role has room for."""
    team = [Person("success 1", "customer success", 3), Person("sales 1", "sales", 9)]
    accounts = accounts_of([5.0, 50.0, 20.0, 40.0, 10.0], [""] * 5, [""] * 5)
    found = form_pods(team, accounts)
    assert found.covered == pytest.approx(110)
    assert found.accounts.loc[found.accounts["pod"] == 0, "why"].unique().tolist() == [
        "no capacity left in customer success"
    ]


def test_pods_move_with_the_data_for_the_reason_given() -> None:
    """A person who learns a region takes its account; potential that doubles takes the place of another's."""
    team = [Person("sales 1", "sales", 1, ("Europe",)), Person("sales 2", "sales", 1, ("Europe",))]
    accounts = accounts_of([9.0, 8.0, 7.0], ["Europe", "Asia", "Europe"], [""] * 3)
    before = form_pods(team, accounts).accounts.set_index("account_id")
    assert (before.loc["B", "pod"], before.loc["B", "why"]) == (0, "nobody works in Asia")
    learned = form_pods([team[0], replace(team[1], regions=("Europe", "Asia"))], accounts).accounts
    assert set(learned.loc[learned["pod"] > 0, "account_id"]) == {"A", "B"}
    grown = form_pods(team, accounts.assign(potential=[9.0, 8.0, 99.0]), 1).accounts
    assert grown.loc[grown["pod"] > 0, "account_id"].tolist() == ["C", "A"]
    lone = form_pods(team[:1], accounts.assign(potential=[9.0, 8.0, 99.0])).accounts
    assert lone.loc[lone["pod"] > 0, "account_id"].tolist() == ["C"]


def test_accounts_go_where_their_industry_is_known() -> None:
    """Between two pods with room, an account is in the one that knows its industry."""
    team = [Person("sales 1", "sales", 2, (), ("retail",)), Person("sales 2", "sales", 2, (), ("health",))]
    accounts = accounts_of([4.0, 3.0, 2.0, 1.0], [""] * 4, ["health", "retail", "retail", "health"])
    found = form_pods(team, accounts)
    assert found.accounts["expert"].all()
    assert found.by_pod()["accounts"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("team", "accounts", "pods", "told"),
    [
        ([], accounts_of([1.0], [""], [""]), None, "There is nobody to form pods of"),
        ([Person("a", "sales", 1)] * 2, accounts_of([1.0], [""], [""]), None, "Two people are called a"),
        ([Person("a", "sales", 1)], accounts_of([1.0], [""], [""]), 2, "Choose 1 to 1 pods"),
        ([Person("a", "sales", 1)], accounts_of([-1.0], [""], [""]), None, "The potential of A is -1"),
        ([Person("a", "sales", 1)], accounts_of([], [], []), None, "There are no accounts"),
    ],
)
def test_what_cannot_be_formed_is_told(team: list[Person], accounts: pd.DataFrame, pods: int | None, told: str) -> None:
    """Each impossible team says what is wrong and what to do."""
    with pytest.raises(ProgrammeError, match=told):
        form_pods(team, accounts, pods)
