"""Prices nobody was asked about are named at a design's prices, and never found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from workbench.stages.willingness import WillingnessDecision, evaluate
from workbench.stages.willingness.evaluation import asked_bounds, beyond_what_was_asked, held_fixed, why_not_searched

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.willingness import DemandEvidence
    from workbench.study import Scenario

LADDER = WillingnessDecision(source="price ladder", overstated_low=1.0, overstated_high=1.25)


def test_a_price_nobody_was_asked_about_is_named(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """The highest price of the ladder is 40 per seat: 41 is beyond it, 39 is not, and bills were never asked."""
    result = evaluate(asked, scenario(12, 41).with_decision(LADDER), evidence=evidence)
    (caution,) = beyond_what_was_asked(result)
    assert "Firm at $41" in caution.text
    assert "$40" in caution.text
    assert caution in result.cautions
    assert beyond_what_was_asked(result, {"Firm": 39.0}) == ()
    assert beyond_what_was_asked(replace(result, source="what customers pay")) == ()


def test_found_prices_stay_inside_what_was_asked_or_paid(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """At most the dearest price asked, as overstated as it may be, and at least what today's dearest plan costs."""
    result = evaluate(asked, scenario().with_decision(LADDER), evidence=evidence)
    low, high = asked_bounds(result)["Firm"]
    assert (low, high) == pytest.approx((5 / 2.4, 40 / 1.25))
    doubted = evaluate(asked, scenario().with_decision(LADDER.replaced(overstated_high=4.0)), evidence=evidence)
    assert asked_bounds(doubted)["Firm"][1] == 20  # what Large costs a seat today, though 40 / 4 was asked
    assert held_fixed(result) == {}
    assert why_not_searched(result) == ""


def test_without_a_survey_no_prices_are_found(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """Bills show the least customers would pay, never the most."""
    result = evaluate(asked, scenario().with_decision(LADDER.replaced(source="what customers pay")), evidence=evidence)
    assert "Nobody was asked" in why_not_searched(result)
