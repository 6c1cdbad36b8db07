"""Prices found for the sample company, priced per seat, from the demand model itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.demand import PriceConstraints, fee_of, search_prices, with_prices
from workbench.stages.price_book import list_of_today
from workbench.stages.willingness import WillingnessDecision, gather

if TYPE_CHECKING:
    from workbench.customers import CustomerBase

pytestmark = pytest.mark.slow


def test_prices_per_seat_are_found_and_come_back_per_seat(sample_company: CustomerBase) -> None:
    """A demand model goes in, prices per seat come out, and the new price book bills them; what is on request stays."""
    base = sample_company
    book = list_of_today(base)
    demand = gather(base, draws=20).sourced(WillingnessDecision(source="what customers pay")).demand
    constraints = PriceConstraints(off=frozenset({"T2"}), ending="whole")
    found = search_prices(demand, book, constraints=constraints, starts=6, rule_costs=False, flat=None)
    assert found.gain.by == "draws"
    assert found.today == {"Starter": 29, "Team": 49, "Business": 79}
    assert found.value >= found.today_value * 0.995
    changed = with_prices(book, found)
    assert {plan.name: fee_of(plan).amount for plan in changed.plans if plan.priced} == found.prices
    assert all(fee_of(plan).per == "seats" for plan in changed.plans if plan.priced)
    assert not changed.plan("Enterprise").priced
    assert any("Nobody was asked" in caution.text for caution in found.cautions)
