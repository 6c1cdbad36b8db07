"""The core plan prices are held against, and the services calculator."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from workbench.rules import RULEBOOK
from workbench.stages.add_ons.evaluation import services_findings
from workbench.stages.add_ons.suggestion import job_name, job_of, suggested_price
from workbench.stages.offers import ServicesChoice
from workbench.stages.placing import CorePlan, core_plan, services_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.offers import TierDecision

BAND = RULEBOOK.threshold("A2")


def plan(price: float | None, per: str = "account", **typical: float) -> CorePlan:
    """Make a core plan."""
    return CorePlan("Core", price, per, typical)


def test_the_core_plan_is_the_named_tier_else_the_middle_one(
    hand: AddOnEvidence, three_tiers: Callable[..., TierDecision]
) -> None:
    """A tier is named by id or name; without a name the middle one counts, without tiers the median bill."""
    tiers = three_tiers().tiers
    assert core_plan(tiers, None, hand.needs).name == "Mid"
    assert core_plan(tiers, "large", hand.needs).price == 200
    assert core_plan(tiers, "Small", hand.needs).price == 50
    assert core_plan(tiers[:2], None, hand.needs).name == "Small"
    stand_in = core_plan((), None, hand.needs)
    assert (stand_in.price, stand_in.is_stand_in) == (100, True)


def test_prices_change_their_unit_at_the_typical_quantity() -> None:
    """100 an account with a median of 20 seats is 5 a seat, and back; without a known quantity it is unknown."""
    assert plan(100, seats=20).price_in("seats") == 5
    assert plan(5, "seats", seats=20).price_in("account") == 100
    assert plan(5, "seats", seats=20, queries=1000).price_in("queries") == pytest.approx(0.1)
    assert plan(100).price_in("seats") is None
    assert plan(None).price_in("account") is None


def test_the_band_in_money() -> None:
    """20% to 40% of 100 is 20 to 40; of 100 an account with 20 seats, 1 to 2 a seat."""
    assert plan(100).bounds("account", BAND) == pytest.approx((20, 40))
    assert plan(100, seats=20).bounds("seats", BAND) == pytest.approx((1, 2))
    assert plan(None).bounds("account", BAND) is None


@pytest.mark.parametrize("price", [0.02, 0.9, 3, 7, 29, 49, 99, 450, 980, 4_700, 26_000, 150_000])
def test_a_suggested_price_lies_in_the_band(price: float) -> None:
    """Whatever the core plan costs, the suggested price is inside the band and close to 30% of it."""
    found = suggested_price(plan(price), BAND)
    assert BAND.status(float(found) / price) == "ok"
    assert float(found) / price == pytest.approx(0.3, abs=0.06)
    assert len(found.normalize().as_tuple().digits) <= 3


def test_services_by_hand() -> None:
    """Delivery at 1,000 plus 50% is 1,500; beside 8,500 of subscription that is 15% of the first year."""
    found = services_of(ServicesChoice(delivery_cost=Decimal(1000), first_year_revenue=Decimal(8500)), plan(None))
    assert (found.price, found.profit, found.share) == (1500, 500, pytest.approx(0.15))
    assert found.prices(RULEBOOK.threshold("A6")) == pytest.approx((1400, 1600))
    low, high = found.affordable_cost(RULEBOOK.threshold("A6.share"))
    assert low * 1.5 / (low * 1.5 + 8500) == pytest.approx(0.12)
    assert high * 1.5 / (high * 1.5 + 8500) == pytest.approx(0.18)
    assert [each.status for each in services_findings(found, "USD", RULEBOOK)] == ["ok", "ok"]


def test_services_without_a_cost_are_unknown_and_never_free() -> None:
    """Before a delivery cost is entered there is no price, no share, and the findings say unknown."""
    found = services_of(ServicesChoice(), plan(100))
    assert (found.price, found.share, found.first_year) == (None, None, 1200)
    assert [each.status for each in services_findings(found, "USD", RULEBOOK)] == ["unknown", "unknown"]
    assert services_of(None, plan(100)) is None
    assert services_findings(None, "USD", RULEBOOK) == ()


def test_a_mark_up_outside_the_band_is_a_breach() -> None:
    """Cost plus 20% does not carry itself: the finding names the price that would."""
    choice = ServicesChoice(delivery_cost=Decimal(1000), margin=0.2, first_year_revenue=Decimal(8500))
    finding = services_findings(services_of(choice, plan(None)), "USD", RULEBOOK)[0]
    assert finding.status == "breach"
    assert "$1,400" in finding.remedy


@pytest.mark.parametrize(
    ("feature", "job"),
    [
        ("Revenue attribution dashboard", "See revenue attribution at a glance"),
        ("threshold_alerts", "Get threshold alerts as soon as something happens"),
        ("Comments", "Use comments"),
        ("API", "Use API"),
    ],
)
def test_features_become_jobs(feature: str, job: str) -> None:
    """The last word of a feature says which kind of job it does; without a rest to speak of it is simply used."""
    assert job_of(feature) == job


def test_names_come_from_features() -> None:
    """A feature written by a machine becomes words; one that says nothing takes its area along."""
    assert job_name("audit_trail_export") == "Audit trail export"
    assert job_name("Reports", "Attribution") == "Attribution Reports"
