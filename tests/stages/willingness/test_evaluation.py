"""A design before its customers: figures with unit and range, the comparison with today, and the sample's truth."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.stages.offers import Tier, TierDecision
from workbench.stages.willingness import WillingnessDecision, evaluate, gather
from workbench.stages.willingness.evaluation import BEYOND_TODAY
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.willingness import DemandEvidence
    from workbench.study import Study

LADDER = WillingnessDecision(source="price ladder")


def test_every_figure_has_unit_period_population_and_range(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """The estimate lies in its own range, and shares are shares."""
    result = evaluate(asked, scenario().with_decision(LADDER), evidence=evidence)
    assert len(result.key_figures) == 4
    for figure in result.key_figures:
        assert figure.unit in {"USD", "percent"}
        assert "December 2024" in figure.period
        assert "60 accounts" in figure.population
        assert figure.interval.low <= figure.value <= figure.interval.high
        assert figure.unit != "percent" or 0 <= figure.value <= 1


def test_revenue_without_a_known_cost_is_the_margin_and_said(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """Without unit costs nothing is taken off, and a caution says so."""
    result = evaluate(asked, scenario().with_decision(LADDER), evidence=evidence)
    revenue, margin = result.key_figures[:2]
    assert margin.value == revenue.value
    assert any("cost" in each.text for each in result.cautions)


def test_what_the_numbers_leave_out_is_said(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """New customers are in no figure, and every result says so."""
    result = evaluate(asked, scenario(), evidence=evidence)
    assert BEYOND_TODAY in {each.text for each in result.cautions}


def test_todays_own_offer_changes_nothing(asked: CustomerBase, evidence: DemandEvidence) -> None:
    """A design that repeats today's plans has no effect, in any draw."""
    tiers = (
        Tier(
            id="s",
            name="Small",
            price=Decimal(10),
            price_per="seats",
            limits={"seats": Decimal(12)},
            features=("Core",),
        ),
        Tier(id="l", name="Large", price=Decimal(20), price_per="seats", features=("Core", "Reports", "Audit trail")),
    )
    same = Scenario(id="same", name="Same").with_decision(TierDecision(tiers=tiers)).with_decision(LADDER)
    result = evaluate(asked, same, evidence=evidence)
    change = result.against_today.revenue
    assert (change.low, change.estimate, change.high) == pytest.approx((0, 0, 0), abs=1e-6)


def test_dearer_tiers_keep_fewer_accounts(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """Along rising prices of every tier the share that buys never rises."""
    shares = [
        evaluate(asked, scenario(price, 2 * price).with_decision(LADDER), evidence=evidence).key_figures[2].value
        for price in (8, 12, 18, 30)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_without_todays_plans_there_is_no_comparison(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]
) -> None:
    """The comparison is unknown, not nothing, and there is no look at today's plan shares either."""
    base = company(without=("plans", "plan_limits", "plan_features"))
    result = evaluate(base, scenario(), evidence=gather(base, draws=20))
    assert result.is_ready
    assert result.against_today is None
    assert result.design.sourced.fit is None


def test_a_design_without_tiers_cannot_be_asked_about(asked: CustomerBase, evidence: DemandEvidence) -> None:
    """An empty offer is a sentence, not an error."""
    result = evaluate(asked, Scenario(id="empty", name="Empty"), evidence=evidence)
    assert not result.is_ready
    assert "has no plans" in result.why_not


def test_a_design_that_charges_for_what_nobody_recorded_cannot_be_asked_about(
    asked: CustomerBase, evidence: DemandEvidence
) -> None:
    """The sentence names the metric the bill needs."""
    tiers = (Tier(id="t", name="Robots", price=Decimal(5), price_per="robots", features=("Core",)),)
    result = evaluate(asked, Scenario(id="r", name="R").with_decision(TierDecision(tiers=tiers)), evidence=evidence)
    assert not result.is_ready
    assert "robots" in result.why_not


def test_accounts_without_a_known_bill_are_counted(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]
) -> None:
    """Two accounts without seats cannot be billed per seat: the basis and a caution count them."""
    usage = company().frames["usage"]
    base = company(usage=usage[~usage["account_id"].isin(["a00", "a01"])])
    result = evaluate(base, scenario(), evidence=gather(base, draws=20))
    assert (result.basis.accounts, result.basis.of_accounts) == (58, 60)
    assert any(each.text.startswith("2 accounts left out") for each in result.cautions)


def test_without_add_ons_nothing_is_attached(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """Attach rates have a row per add-on and are unknown without any."""
    assert evaluate(asked, scenario(add_on=None), evidence=evidence).attach is None
    attach = evaluate(asked, scenario(), evidence=evidence).attach
    assert len(attach) == 1


def test_the_samples_surveys_find_the_shares_its_customers_have(
    sample_company: CustomerBase, decided_sample: Study
) -> None:
    """On the sample the chosen source puts nine in ten accounts on the plan they have, though nothing is fitted."""
    result = evaluate(sample_company, decided_sample.designs[0], evidence=gather(sample_company, draws=40))
    fit = result.design.sourced.fit
    assert fit.error < 0.1
    recorded, predicted = fit.revenue
    assert predicted == pytest.approx(recorded, rel=0.05)
    assert np.isfinite(result.against_today.revenue.estimate)
