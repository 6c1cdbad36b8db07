"""Competitors' offers bound a price only where somebody said that they stand against the tier, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.errors import StudyError
from workbench.rules import RULEBOOK
from workbench.stages.willingness import WillingnessDecision
from workbench.stages.willingness.decision import ComparableOffer, searched_off
from workbench.stages.willingness.price_search import market_corridors
from workbench.study import Waiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.study import Scenario

PRICES = {"Alpha": 14.0, "Beta": 18.0, "Gamma": 25.0, "Note": 1.0, "Viewer": 3.0}


@pytest.fixture(scope="module")
def base(company: Callable[..., CustomerBase]) -> CustomerBase:
    """Return the company with five competitors, two of them a note app and a viewer licence."""
    rows = [(vendor, "Pro", price, "seats", "USD") for vendor, price in PRICES.items()]
    frame = pd.DataFrame(rows, columns=["vendor", "offer", "price", "per", "currency"])
    return company(
        competitor_offers=frame.assign(billing_period="month", seen_on="2024-12-01", source="price page", kind="plan")
    )


def against(tier: str, *vendors: str) -> tuple[ComparableOffer, ...]:
    """Return that these vendors stand against a tier."""
    return tuple(ComparableOffer(vendor=name, offer="Pro", tier=tier, because="the same job") for name in vendors)


def corridors(base: CustomerBase, scenario: Scenario, *said: ComparableOffer) -> dict[str, tuple]:
    """Return the corridors of a scenario in which this was said."""
    asked = scenario.with_decision(WillingnessDecision(comparable=said))
    return market_corridors(base, asked, rulebook=RULEBOOK)


def test_offers_nobody_called_comparable_bound_nothing(base: CustomerBase, scenario: Callable[..., Scenario]) -> None:
    """Five prices on record leave every price open until somebody says what they stand against."""
    assert corridors(base, scenario()) == {}


def test_two_comparable_offers_are_no_market_three_are(base: CustomerBase, scenario: Callable[..., Scenario]) -> None:
    """From three on the tier has their lowest and highest price; a note app beside them moves nothing."""
    assert corridors(base, scenario(), *against("Firm", "Alpha", "Beta")) == {}
    found = corridors(base, scenario(), *against("Firm", "Alpha", "Beta", "Gamma"), *against("Team", "Note"))
    assert set(found) == {"Firm"}
    low, high = found["Firm"]
    assert low == pytest.approx(14)
    assert high == pytest.approx(25)


def test_an_offer_without_a_reason_is_refused() -> None:
    """Who says that an offer is an alternative says because of what."""
    with pytest.raises(StudyError):
        ComparableOffer(vendor="Alpha", offer="Pro", tier="Firm", because="")


def test_the_corridor_does_not_bind_until_the_team_says_so(scenario: Callable[..., Scenario]) -> None:
    """C4 and what the team has set aside are off at first; what it settles counts from then on."""
    waiver = Waiver(id="w1", rule="T4", subject="", reason="Two products", who="Team", when="2024-12-31T00:00:00Z")
    assert searched_off(WillingnessDecision(), ()) == {"C4"}
    assert searched_off(WillingnessDecision(), (waiver,)) == {"C4", "T4"}
    assert searched_off(WillingnessDecision(rules_off=()), (waiver,)) == frozenset()
    assert searched_off(WillingnessDecision(rules_off=("T2",)), ()) == {"T2"}
    assert scenario().decision(WillingnessDecision).kept == 0.95
