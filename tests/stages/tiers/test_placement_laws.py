"""Laws of placing accounts in tiers, held against brute force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.customers import CustomerBase
from workbench.results import HALF_A_CENT
from workbench.stages.placing import assign
from workbench.stages.tiers import evaluate, gather
from workbench.stages.tiers.result import recorded_bill_change
from workbench.stages.tiers.tables import unmet_needs

if TYPE_CHECKING:
    from workbench.stages.needs import TierEvidence
    from workbench.stages.offers import TierDecision
    from workbench.stages.tiers.result import TierResult
    from workbench.study import Scenario

LAWS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Prices: TypeAlias = tuple[Decimal, ...]
PRICES = st.tuples(*[st.decimals(1, 999, places=2)] * 3)
UNITS = st.sampled_from(["account", "seats"])


@pytest.fixture(scope="module")
def evidence(base: CustomerBase) -> TierEvidence:
    """Return the needs of the 120 accounts."""
    return gather(base)


@dataclass(frozen=True)
class World:
    """A company, what its accounts need, and three tiers to place them in."""

    base: CustomerBase
    scenario: Scenario
    ladder: TierDecision
    evidence: TierEvidence

    def at(self, prices: Prices, unit: str = "account") -> TierDecision:
        """Return the tiers at other prices."""
        pairs = zip(self.ladder.tiers, prices, strict=True)
        return self.ladder.replaced(tiers=tuple(t.replaced(price=price, price_per=unit) for t, price in pairs))

    def result(self, decision: TierDecision, evidence: TierEvidence | None = None) -> TierResult:
        """Evaluate a decision."""
        return evaluate(self.base, self.scenario.with_decision(decision), evidence=evidence or self.evidence)


@pytest.fixture
def world(base: CustomerBase, scenario: Scenario, ladder: TierDecision, evidence: TierEvidence) -> World:
    """Return the company of 120 accounts with three tiers."""
    return World(base, scenario, ladder, evidence)


def brute_force(decision: TierDecision, evidence: TierEvidence, account: int) -> tuple[int, float]:
    """Return the cheapest tier that lacks nothing an account needs, one tier after the other."""
    best, lowest = -1, float("nan")
    for place, tier in enumerate(decision.tiers):
        if unmet_needs(tier, account, evidence, frozenset(decision.sold_separately)):
            continue
        units = 1.0 if tier.price_per == "account" else evidence.billed[tier.price_per][account]
        bill = float(tier.price or 0) * units
        for metric, price in tier.overage.items():
            bill += float(price) * max(0.0, evidence.billed[metric][account] - float(tier.limits[metric]))
        if best < 0 or bill < lowest - 1e-9:
            best, lowest = place, bill
    return best, lowest


@LAWS
@given(prices=PRICES, unit=UNITS, overage=st.booleans())
def test_cheapest_is_cheapest_against_brute_force(
    world: World,
    prices: Prices,
    unit: str,
    overage: bool,
) -> None:
    """Every account gets the bill of the cheapest tier that lacks nothing it needs, whatever the prices."""
    decision = world.at(prices, unit)
    if overage:
        small = decision.tiers[0].replaced(overage={"seats": Decimal("2.5")})
        decision = decision.with_tier(small)
    result = world.result(decision)
    for account in range(len(world.evidence)):
        place, bill = brute_force(decision, world.evidence, account)
        assert (result.tier_index[account] < 0) == (place < 0)
        if place >= 0:
            assert result.bill[account] == pytest.approx(bill, rel=1e-9)


@LAWS
@given(prices=PRICES)
def test_nobody_is_placed_in_a_tier_that_misses_a_need(world: World, prices: Prices) -> None:
    """Whoever is in a tier finds every feature it uses there, and room for its peak month."""
    result = world.result(world.at(prices))
    for account, place in enumerate(result.tier_index):
        if place >= 0:
            assert unmet_needs(result.decision.tiers[place], account, world.evidence) == ()


@LAWS
@given(prices=PRICES, which=st.integers(0, 2), rise=st.decimals("0.01", 500, places=2))
def test_a_dearer_tier_never_gains_accounts(
    world: World,
    prices: Prices,
    which: int,
    rise: Decimal,
) -> None:
    """Raising one tier's price never raises the number of accounts in it."""
    dearer = tuple(price + (rise if place == which else 0) for place, price in enumerate(prices))
    before = world.result(world.at(prices))
    after = world.result(world.at(dearer))
    assert after.outcomes[which].accounts <= before.outcomes[which].accounts


@LAWS
@given(prices=PRICES, unit=UNITS)
def test_revenue_is_the_sum_of_bills_and_shares_are_whole(world: World, prices: Prices, unit: str) -> None:
    """Tiers' revenues add up to all bills, and the tiers' shares with the unserved add up to one."""
    narrow = world.ladder.with_tier(world.ladder.tiers[2].replaced(limits={"seats": Decimal(60)}))
    result = world.result(replace(world, ladder=narrow).at(prices, unit))
    assert result.revenue == pytest.approx(np.nansum(result.bill))
    unserved = result.unplaced.unserved / len(world.evidence)
    assert unserved > 0
    assert sum(outcome.share for outcome in result.outcomes) + unserved == pytest.approx(1)


def test_placement_does_not_depend_on_the_order_of_accounts(world: World) -> None:
    """Accounts listed the other way round land in the same tiers at the same bills."""
    turned = replace(
        world.evidence,
        account_ids=world.evidence.account_ids[::-1],
        needs={name: values[::-1] for name, values in world.evidence.needs.items()},
        billed={name: values[::-1] for name, values in world.evidence.billed.items()},
        mrr=world.evidence.mrr[::-1],
        used=world.evidence.used[::-1],
        asked=world.evidence.asked[::-1],
        plan=world.evidence.plan[::-1],
    )
    here, there = (world.result(world.ladder, each) for each in (world.evidence, turned))
    assert (here.tier_index == there.tier_index[::-1]).all()
    for mine, theirs in zip(here.key_figures, there.key_figures, strict=True):
        assert mine.value == pytest.approx(theirs.value)
        assert mine.note == theirs.note
    assert here.moves.table().equals(there.moves.table())


def test_a_feature_sold_separately_keeps_nobody_out_of_a_tier(world: World) -> None:
    """A feature in no tier leaves its users unserved, until it is sold separately."""
    without = world.ladder.with_tier(world.ladder.tiers[2].replaced(features=world.ladder.tiers[2].features[:-1]))
    users = int(world.evidence.used[:, world.evidence.feature_names.index("Map layers")].sum())
    assert users > 0
    missing = world.result(without)
    assert missing.unplaced.unserved == users
    assert missing.tables["unserved"]["what is missing"].str.contains("uses Map layers").all()
    separately = without.replaced(sold_separately=("Map layers",))
    assert world.result(separately).unplaced.unserved == 0


def test_limits_look_at_the_peak_month_and_bills_at_the_latest(world: World) -> None:
    """An account that shrank last month still needs room for its peak, and pays for what it has now."""
    months = ["2024-10", "2024-11", "2024-12"]
    usage = pd.DataFrame({"account_id": "a", "month": months, "metric": "seats", "quantity": [12, 12, 6]})
    small = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["a"]}), "usage": usage})
    decision = world.at((Decimal(5), Decimal(7), Decimal(9)), "seats")
    result = evaluate(small, world.scenario.with_decision(decision))
    assert result.outcomes[1].accounts == 1
    assert result.bill[0] == pytest.approx(6 * 7)


def test_a_price_change_keeps_everything_that_prices_do_not_decide(world: World) -> None:
    """The fit of accounts and tiers is worked out once for all prices, and again when a limit changes."""
    prepared = assign(world.evidence, world.ladder, frozenset())
    assert assign(world.evidence, world.at((Decimal(1), Decimal(2), Decimal(3))), frozenset()) is prepared
    wider = world.ladder.with_tier(world.ladder.tiers[0].replaced(limits={"seats": Decimal(9)}))
    assert assign(world.evidence, wider, frozenset()) is not prepared
    assert assign(world.evidence, world.ladder, frozenset({"Alerts"})) is not prepared


def test_distributions_of_very_many_accounts_are_read_from_an_even_part() -> None:
    """Beyond 200,000 accounts counts and sums still use everybody, and quantiles stay within a hundredth."""
    rng = np.random.default_rng(5)
    today = rng.lognormal(5, 1, 400_000)
    new = today * rng.lognormal(0.1, 0.2, today.size)
    change = recorded_bill_change(today, new)
    assert change.more == np.count_nonzero(new - today > HALF_A_CENT)
    assert change.new == pytest.approx(new.sum())
    exact = np.quantile(new / today - 1, (0.05, 0.5, 0.95))
    assert np.abs(np.array(change.relative) - exact).max() < 0.01
