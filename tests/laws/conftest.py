"""A small study full of prices that rounding would change: 149.99, 0.0125, 1.005 and 99.95%."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.pricing import Band, Charge
from workbench.stages.anchoring.decision import AnchoringDecision, UsageProfile
from workbench.stages.contract import gather_evidence, record_all, with_starting_points
from workbench.stages.migration import MigrationDecision
from workbench.stages.offers import (
    AddOnChoice,
    AddOnDecision,
    ServicesChoice,
    Tier,
    TierDecision,
    UsageCharge,
    ValueMetricDecision,
)
from workbench.study import Assumption, Study

# What reads pages lies beside the laws, and the companies they are held on beside the tests that judge methods on them.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "worlds")]

PLAN, UNIT, ADD_ON, SHARE = Decimal("149.99"), Decimal("0.0125"), Decimal("1.005"), 0.9995
WHEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
MONTHS = pd.date_range("2025-05-01", periods=6, freq="MS")
ACCOUNTS = [f"A{place:02}" for place in range(8)]


def tables() -> dict[str, pd.DataFrame]:
    """Return a customer base on a list with these prices, a competitor with the same, and a survey of them."""
    random = np.random.default_rng(3)
    calls = {name: 400.0 + 100 * place for place, name in enumerate(ACCOUNTS)}
    usage, mrr = [], []
    for name in ACCOUNTS:
        for month in MONTHS:
            used = float(np.round(calls[name] * random.uniform(0.9, 1.2)))
            usage += [(name, month, "calls", used), (name, month, "seats", 5.0)]
            mrr.append((name, month, round(149.99 + 0.0125 * used, 2), "Basic", "USD"))
    return {
        "accounts": pd.DataFrame({"account_id": ACCOUNTS, "segment": ["small", "large"] * 4, "plan": "Basic"}),
        "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
        "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount", "plan", "currency"]),
        "plans": pd.DataFrame(
            {"plan": ["Basic"] * 2, "base_fee": [149.99] * 2, "metric": ["calls", "seats"], "unit_price": [0.0125, 0],
             "included_units": [0.0, 0.0], "billing_period": "month", "currency": "USD"}
        ),
        "features": pd.DataFrame({"feature": ["Maps", "Audit"], "area": "Core", "must_have": [True, False]}),
        "competitor_offers": pd.DataFrame(
            [
                ("Rival", "Plus", "plan", 149.99, "account", None, None),
                ("Rival", "Plus", "plan", 0.0125, "calls", None, None),
                ("Other", "Mini", "plan", 149.5, "account", "calls", 9999.5),
            ],
            columns=["vendor", "offer", "kind", "price", "per", "limit_metric", "limit"],
        ).assign(billing_period="month", currency="USD", seen_on="2025-10-20", source="https://rival.example/prices"),
        "survey_price_ladder": pd.DataFrame(
            [
                (f"P{person}", "small", price, int(price <= most))
                for person, most in enumerate([99.99, 149.5, 149.99, 149.99, 199.9, 0.0] * 20)
                for price in (99.99, 149.5, 149.99, 199.9)
            ],
            columns=["respondent", "segment", "price", "accepted"],
        ),
    }  # fmt: skip


@pytest.fixture(scope="session")
def exact_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study whose every decision holds such a number."""
    folder = tmp_path_factory.mktemp("exact")
    data = folder / "data"
    data.mkdir(parents=True)
    for name, frame in tables().items():
        frame.to_csv(data / f"{name}.csv", index=False)
    base = CustomerBase.load(data)
    study = Study.new("exact", "../data", scenario_name="Design A")
    first = study.designs[0]
    for decision in (_metric(), _tiers(), _add_ons(), _anchoring(), MigrationDecision(
        policy="capped rise", cap_per_year=SHARE, incentive=SHARE
    )):  # fmt: skip
        first = first.with_decision(decision)
    evidence = gather_evidence(base)
    study = study.with_scenario(with_starting_points(base, first, evidence=evidence))
    study = study.with_assumption(
        Assumption(id="uptime", label="Uptime promised", low=0.0125, high=SHARE, unit="percent", source="Contract")
    ).with_assumption(Assumption(id="price", label="Price of a call", low=0.0125, high=1.005, unit="USD"))
    study = study.with_threshold("T2", "Promised", "Ada", WHEN, high=SHARE)
    study = study.with_guardrails(steep_rise=SHARE, most_p95_rise=SHARE)
    study = record_all(base, study, first.id, who="Ada", when=WHEN, evidence=evidence)
    study = study.duplicate_scenario(first.id, "Design B")
    second = study.scenario("design-b")
    tiers = second.decision(TierDecision)
    dearer = tiers.with_tier(tiers.tiers[0].replaced(price=Decimal("149.5"), overage={"calls": Decimal("0.0149")}))
    study = study.with_scenario(second.with_decision(dearer))
    study = study.choose(first.id, "It sells", "Ada", WHEN)
    study.save(folder / "study")
    return folder / "study"


def _metric() -> ValueMetricDecision:
    return ValueMetricDecision(metric="calls", charge=Charge(
        "calls", "graduated", bands=[Band(1000, UNIT), Band(None, Decimal("0.0099"))]
    ))  # fmt: skip


def _tiers() -> TierDecision:
    return TierDecision(
        tiers=(
            Tier(id="t1", name="Start", price=PLAN, limits={"calls": Decimal("1000.5")}, overage={"calls": UNIT},
                 features=("Maps",)),
            Tier(id="t2", name="Grow", price=Decimal("299.99"), limits={"calls": Decimal(2500)}, features=("Maps",)),
            Tier(id="t3", name="Scale", price=Decimal("499.99"), features=("Maps",)),
        ),
        sold_separately=("Audit",),
    )  # fmt: skip


def _add_ons() -> AddOnDecision:
    return AddOnDecision(
        add_ons=(
            AddOnChoice(id="a1", name="Audit pack", price=ADD_ON, features=("Audit",), attach_low=0.0125,
                        attach_high=SHARE, usage_metric="calls", usage_at_least=0.0125),
            AddOnChoice(id="a2", name="More calls", price=Decimal(0), usage_charge=UsageCharge(
                metric="calls", unit_price=UNIT, free_units=Decimal("99.95"), most_per_month=PLAN)),
        ),
        services=ServicesChoice(delivery_cost=PLAN, margin=SHARE),
    )  # fmt: skip


def _anchoring() -> AnchoringDecision:
    return AnchoringDecision(
        profiles=(UsageProfile(id="p", name="Small", quantities={"calls": 1, "seats": 1}),),
        value_profile="p",
        reference=("Other", "Mini"),
    )
