"""Worlds with a known truth: ranges that promise 90% hold what happened in 85 to 95 of 100 worlds."""

from __future__ import annotations

import numpy as np
import pytest
from single_customers import Truth, lived, made_up

from workbench.impact.migration import AtRenewal, CappedRise, EveryoneAtOnce, Policy, migrate
from workbench.impact.uncertainty import Behaviour, simulate
from workbench.study import Assumption

pytestmark = pytest.mark.slow

COMPANIES, WORLDS = 40, 25  # a company is simulated once and then lived through in several worlds
END = 1.6448536269514722
CHURN = {"large": (0.05, 0.5), "mid": (0.1, 0.8), "small": (0.2, 1.2)}
OWN = [Assumption(id=f"churn-per-rise:{name}", label=name, low=a, high=b) for name, (a, b) in CHURN.items()]
CASES = [
    pytest.param(EveryoneAtOnce(notice_months=1), 60, 1.0, id="few customers, so luck matters most"),
    pytest.param(AtRenewal(), 400, 1.0, id="renewals over a year"),
    pytest.param(CappedRise(per_year=0.1), 2000, 0.6, id="many customers, so the guesses matter most"),
]


@pytest.mark.parametrize(("policy", "accounts", "spread"), CASES)
def test_ranges_hold_what_they_promise(policy: Policy, accounts: int, spread: float) -> None:
    """Over worlds drawn from the ranges and lived customer by customer, 90% intervals hold in 85% to 95%."""
    behaviour = Behaviour.of(OWN, alike=0.0)
    rng = np.random.default_rng(11)
    held = np.zeros(3)
    for company in range(COMPANIES):
        bills = made_up(accounts, company, spread=spread, rise=0.2)
        path = migrate(bills, policy)
        found = simulate({"new": path}, behaviour, draws=2_000, seed=company)
        total, fan = found.interval("new"), found.fan("new")
        for _ in range(WORLDS):
            real = lived(bills, path.schedule.bills, path.schedule.moved, _truth(behaviour, rng), rng)
            held += [
                total.low <= real.sum() <= total.high,
                *(fan["p5"].iloc[at] <= real[at] <= fan["p95"].iloc[at] for at in (6, 23)),
            ]
    share = held / (COMPANIES * WORLDS)
    assert ((share >= 0.85) & (share <= 0.95)).all(), share


def test_a_world_outside_the_ranges_is_not_held() -> None:
    """The check can fail: where customers leave far more than assumed, hardly any interval holds."""
    narrow = Behaviour.of().with_ranges(churn_per_rise=(0.05, 0.1), usual_churn=(0.02, 0.04))
    wrong = Truth(dict.fromkeys(CHURN, 1.5), 0.15, 0.2, 0.2, 0.2, 0.5)
    rng = np.random.default_rng(3)
    held = 0
    bills = made_up(400, 1, rise=0.2)
    path = migrate(bills, EveryoneAtOnce())
    total = simulate({"new": path}, narrow, draws=1_000).interval("new")
    for _ in range(40):
        real = lived(bills, path.schedule.bills, path.schedule.moved, wrong, rng).sum()
        held += total.low <= real <= total.high
    assert held < 4


def _truth(behaviour: Behaviour, rng: np.random.Generator) -> Truth:
    def draw(kind: str, segment: str = "") -> float:
        each = behaviour.range_for(kind, segment)
        most = {"usual-churn": 0.99, "downgrade-saving": 1.0, "add-on-attach": 1.0}.get(kind, 5.0)
        value = (each.low + each.high) / 2 + rng.standard_normal() * (each.high - each.low) / 2 / END
        return float(np.clip(value, 0, most))

    return Truth(
        churn={segment: draw("churn-per-rise", segment) for segment in CHURN},
        usual=draw("usual-churn"),
        downgrade=draw("downgrade-per-rise"),
        saving=draw("downgrade-saving"),
        usage=draw("usage-per-rise"),
        attach=draw("add-on-attach"),
    )
