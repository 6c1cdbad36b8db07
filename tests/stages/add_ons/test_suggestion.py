"""The computed starting point, on companies of different shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.rules import RULEBOOK
from workbench.stages import tiers
from workbench.stages.add_ons import evaluate, gather, suggest
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.offers import TierDecision

pytestmark = pytest.mark.needs_stage("tiers")
OPEN = Scenario(id="design", name="Design", kind="design")


@pytest.mark.parametrize(("accounts", "rare"), [(40, 2), (200, 4), (600, 12)])
@pytest.mark.parametrize("with_tiers", [False, True])
def test_a_suggestion_meets_its_own_rules(
    base_of: Callable[..., CustomerBase], accounts: int, rare: int, with_tiers: bool
) -> None:
    """Up to three add-ons of a real group each, in the price band, in the days of the gate, named by their job."""
    base = base_of(accounts, seed=accounts, rare=rare)
    design = OPEN.with_decision(tiers.suggest(base, OPEN)) if with_tiers else OPEN
    decision = suggest(base, design)
    assert 1 <= len(decision.add_ons) <= 3
    result = evaluate(base, design.with_decision(decision))
    for rule in ("A1", "A2", "A3", "A4"):
        found = [each.status for each in result.findings if each.rule_id == rule]
        assert set(found) <= {"ok", "watch"}, rule
        assert rule == "A3" or set(found) == {"ok"}
    for outcome in result.outcomes:
        assert outcome.choice.tenure_days == 75
        assert outcome.interest.shown.sum() >= 3
        assert outcome.attach_is_from_data or outcome.eligibility.count == 0
        assert 0 <= outcome.choice.attach_low <= outcome.choice.attach_high <= 1
    assert len({choice.id for choice in decision.add_ons}) == len(decision.add_ons)


def test_what_a_tier_contains_is_never_suggested(
    hand_base: CustomerBase, base_of: Callable[..., CustomerBase], three_tiers: Callable[..., TierDecision]
) -> None:
    """A feature inside a tier would be paid for twice, so the starting point never has to warn of itself."""
    base = base_of(400)
    rare = [f"Special {number} export" for number in range(4)]
    some = suggest(base, OPEN.with_decision(three_tiers(Large=tuple(rare[:2]))))
    assert {name for choice in some.add_ons for name in choice.features} == set(rare[2:])
    every = suggest(base, OPEN.with_decision(three_tiers(Large=tuple(rare))))
    assert every.add_ons == ()
    result = evaluate(base, OPEN.with_decision(three_tiers(Large=tuple(rare))).with_decision(every))
    assert not any("also inside" in each.text for each in result.cautions)
    assert suggest(hand_base, OPEN).add_ons[0].features == ("Map",)


def test_without_feature_use_nothing_is_made_up(base_of: Callable[..., CustomerBase]) -> None:
    """No use and no requests: no add-on is suggested, and the evidence says what it would need."""
    base = base_of(leave_out=("feature_use",))
    assert suggest(base, OPEN).add_ons == ()
    assert "feature_use" in {each.table for each in gather(base).missing}
    assert [each.status for each in evaluate(base, OPEN).findings if each.rule_id == "A4"] == ["unknown"]


def test_without_any_price_the_suggestion_says_so(base_of: Callable[..., CustomerBase]) -> None:
    """Without tiers and MRR the price stays at zero and is judged unknown, not invented."""
    base = base_of(leave_out=("mrr",))
    decision = suggest(base, OPEN)
    assert {choice.price for choice in decision.add_ons} == {0}
    result = evaluate(base, OPEN.with_decision(decision))
    assert {each.status for each in result.findings if each.rule_id == "A2"} == {"unknown"}


def test_the_usage_condition_builds_on_what_most_use(base_of: Callable[..., CustomerBase]) -> None:
    """The gate waits for use of a feature more than 30% have, or of a metric; three in four interested meet it."""
    base = base_of(400)
    evidence = gather(base)
    result = evaluate(base, OPEN.with_decision(suggest(base, OPEN, evidence)), evidence=evidence)
    for outcome in result.outcomes:
        metric = outcome.choice.usage_metric
        assert metric in (None, "Boards", "Search", "queries")
        if metric is not None:
            from workbench.stages.add_ons.result import usage_of  # noqa: PLC0415 - where the stage is installed

            use = usage_of(evidence, metric)[outcome.interest.shown]
            assert (use >= outcome.choice.usage_at_least).mean() >= 0.74


def test_a_handful_of_users_is_no_group(base_of: Callable[..., CustomerBase]) -> None:
    """What fewer than 2% of accounts want is not suggested."""
    base = base_of(600, rare=3)
    found = suggest(base, OPEN)
    for choice in found.add_ons:
        result = evaluate(base, OPEN.with_decision(found))
        assert result.outcome(choice.id).interest.shown.sum() >= 12


def test_a_moved_band_moves_the_price(base_of: Callable[..., CustomerBase]) -> None:
    """A rulebook with another band gets a suggestion inside that band."""
    from dataclasses import replace  # noqa: PLC0415 - only here
    from types import MappingProxyType  # noqa: PLC0415 - only here

    from workbench.rules import Rulebook  # noqa: PLC0415 - only here

    rule = RULEBOOK["A2"]
    moved = replace(rule, threshold=rule.threshold.moved(low=0.05, high=0.12))
    rulebook = Rulebook(MappingProxyType({**RULEBOOK.rules, "A2": moved}))
    base = base_of(200)
    result = evaluate(base, OPEN.with_decision(suggest(base, OPEN, rulebook=rulebook)), rulebook=rulebook)
    assert {each.status for each in result.findings if each.rule_id == "A2"} == {"ok"}
