"""Which features are candidates, who is interested, and who would want several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.rules import RULEBOOK
from workbench.stages.add_ons import gather
from workbench.stages.add_ons.evidence import Interest, attach_range, features_in_adoption_order, interest_in
from workbench.stages.add_ons.result import candidates, overlap
from workbench.stats import wilson

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.offers import AddOnChoice, TierDecision

LINE = RULEBOOK.threshold("A5")


def test_an_interval_that_crosses_the_line_is_too_close_to_call(hand: AddOnEvidence) -> None:
    """Two of ten accounts: the interval reaches from below to above 30%, so the data cannot tell."""
    share = wilson(2, 10)
    assert share.low < 0.3 < share.high
    found = {each.name: each.group for each in candidates(hand, (), (), LINE)}
    assert found == {"Map": "too close to call", "Audit": "too close to call"}


def test_many_accounts_settle_it(base_of: Callable[..., CustomerBase]) -> None:
    """One in ten of 400 accounts is clearly few; what more than half use is no candidate at all."""
    found = {each.name: each.group for each in candidates(gather(base_of(400)), (), (), LINE)}
    assert set(found.values()) == {"clearly few"}
    assert "Search" not in found
    assert len(found) == 4


def test_requests_count_those_that_do_not_have_it(hand: AddOnEvidence) -> None:
    """One account asked for Map without using it; two use it, so three are interested."""
    each = next(each for each in candidates(hand, (), (), LINE) if each.name == "Map")
    assert (each.benefit.users, each.asking, each.interested) == (2, 1, 3)


def test_ideas_of_the_team_stand_beside_the_data(
    hand: AddOnEvidence, add_on: Callable[..., AddOnChoice], three_tiers: Callable[..., TierDecision]
) -> None:
    """An add-on without features the data knows is a candidate of the team; tiers that contain one are named."""
    idea = add_on(id="idea", name="Guided audits", features=())
    found = candidates(hand, three_tiers(Large=("Map",)).tiers, (idea,), LINE)
    assert [each.name for each in found if each.group == "from the team"] == ["Guided audits"]
    assert next(each for each in found if each.name == "Map").in_tiers == ("Large",)


def test_interest_by_hand(hand: AddOnEvidence) -> None:
    """Map: a0 relies on it, a1 used it in one week of four, a2 asked."""
    interest = interest_in(hand, ("Map",))
    assert np.flatnonzero(interest.shown).tolist() == [0, 1, 2]
    assert np.flatnonzero(interest.strong).tolist() == [0, 2]
    found = attach_range(interest, np.ones(10, dtype=bool))
    assert (found.low, found.high) == (wilson(2, 10).low, wilson(3, 10).high)
    assert "2 rely on a feature of it or asked" in found.source
    assert attach_range(interest, np.zeros(10, dtype=bool)) is None
    assert interest_in(hand, ("Something else",)) is None


def test_overlap_by_hand() -> None:
    """Six want one, four the other, three both: three in four of the smaller group, 2.4 by chance."""
    first, second = np.arange(10) < 6, (np.arange(10) >= 3) & (np.arange(10) < 7)
    found = overlap(["One", "Two"], [Interest(first, first), Interest(second, second)])
    (pair,) = found.pairs
    assert (pair.both, pair.share, pair.expected) == (3, 0.75, pytest.approx(2.4))
    assert (found.any_accounts, found.several_accounts) == (7, 3)
    assert not pair.is_bundle, "three accounts are too few to build a bundle for"


def test_a_bundle_needs_half_of_enough_accounts() -> None:
    """The same shares among ten times as many accounts suggest a bundle; no overlap suggests none."""
    first, second = np.arange(100) < 60, (np.arange(100) >= 30) & (np.arange(100) < 70)
    assert overlap(["One", "Two"], [Interest(first, first), Interest(second, second)]).bundles
    apart = ~first
    assert not overlap(["One", "Two"], [Interest(first, first), Interest(apart, apart)]).bundles
    assert overlap(["One"], [None]) is None


def test_the_order_of_adoption_tells_steps_from_needs_apart() -> None:
    """Features taken up one after the other are part of the order; one used at random stands apart from it."""
    rng = np.random.default_rng(1)
    level = rng.random(600)
    used = np.column_stack([level > 0.2, level > 0.5, level > 0.8, rng.random(600) < 0.1, np.arange(600) < 2])
    order = features_in_adoption_order(used, ("one", "two", "three", "apart", "rare"))
    assert order.place("two") == "part of it"
    assert order.place("apart") == "apart from it"
    assert order.place("rare") == "too few users"
