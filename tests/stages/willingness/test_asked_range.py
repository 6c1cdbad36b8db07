"""Prices found above every price of the survey carry a caution that names them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.sample import sample_base, sample_study
from workbench.stages.willingness import evaluate, find_prices
from workbench.stages.willingness.asked_range import beyond_what_was_asked
from workbench.stages.willingness.decision import WillingnessDecision

if TYPE_CHECKING:
    from pathlib import Path


def test_a_price_nobody_was_asked_about_is_named(tmp_path: Path) -> None:
    """The highest price of the ladder is 199 per seat: 205 is beyond it, 150 is not, and bills were never asked."""
    base = sample_base()
    scenario = sample_study(base, tmp_path).designs[0]
    asked = evaluate(base, scenario.with_decision(WillingnessDecision(source="price ladder", rules_off=("T2",))))
    found = find_prices(asked, starts=1, rule_costs=False, flat=None)
    high, low = (replace(found, prices={**found.prices, "Scale": price}) for price in (205.0, 150.0))
    (caution,) = beyond_what_was_asked(asked, high)
    assert "Scale at $205" in caution.text
    assert "$199" in caution.text
    assert not any("Scale" in each.text for each in beyond_what_was_asked(asked, low))
    assert beyond_what_was_asked(replace(asked, source="what customers pay"), high) == ()
