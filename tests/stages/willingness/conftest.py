"""A company of sixty accounts with two plans per seat, and surveys answered by rule, to ask who buys what."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision
from workbench.stages.willingness import DemandEvidence, gather
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

AS_OF = "2024-12-31"
MONTHS = ("2024-10", "2024-11", "2024-12")
FEATURES = ("Core", "Reports", "Audit trail")
ACCOUNTS = 60
IDS = tuple(f"a{number:02}" for number in range(ACCOUNTS))
SEATS = np.arange(ACCOUNTS) % 30 + 1
LADDER = (5, 10, 15, 20, 30, 40)


def company_tables() -> dict[str, pd.DataFrame]:
    """Write sixty accounts with 1 to 30 seats: up to 12 on Small at 10 a seat, more on Large at 20 a seat."""
    small = SEATS <= 12
    plan, price = np.where(small, "Small", "Large"), np.where(small, 10.0, 20.0)
    use = [(one, "Core") for one in IDS] + [(one, "Audit trail") for one in np.array(IDS)[~small]]
    monthly = [(one, month, seats) for one, seats in zip(IDS, SEATS, strict=True) for month in MONTHS]
    paid, on = (dict(zip(IDS, each, strict=True)) for each in (SEATS * price, plan))
    return {
        "accounts": pd.DataFrame({"account_id": IDS, "segment": np.where(small, "small", "large"), "plan": plan}),
        "usage": pd.DataFrame(monthly, columns=["account_id", "month", "quantity"]).assign(metric="seats"),
        "mrr": pd.DataFrame(
            [(one, month, paid[one], on[one], "USD") for one, month, _ in monthly],
            columns=["account_id", "month", "amount", "plan", "currency"],
        ),
        "features": pd.DataFrame({"feature": FEATURES, "must_have": ["yes", "no", "no"]}),
        "feature_use": pd.DataFrame(
            [(one, "2024-12-16", name, 5) for one, name in use], columns=["account_id", "week", "feature", "uses"]
        ),
        "plans": pd.DataFrame(
            {"plan": ["Small", "Large"], "base_fee": 0, "metric": "seats", "unit_price": [10, 20], "currency": "USD"}
        ),
        "plan_limits": pd.DataFrame({"plan": ["Small"], "metric": ["seats"], "limit": [12]}),
        "plan_features": pd.DataFrame(
            [("Small", "Core"), *(("Large", name) for name in FEATURES)], columns=["plan", "feature"]
        ),
    }


def ladder_survey(*, per: str | None = "seats", people: int = 60) -> pd.DataFrame:
    """Write who would buy at which price: half up to 15 or 20, the large ones up to 30."""
    limits = np.where(np.arange(people) % 2, 30, 12 + np.arange(people) % 9)
    rows = [
        (f"L{who:02}", ("small", "large")[who % 2], price, int(price <= limits[who]))
        for who in range(people)
        for price in LADDER
    ]
    frame = pd.DataFrame(rows, columns=["respondent", "segment", "price", "accepted"])
    return frame if per is None else frame.assign(per=per)


def sensitivity_survey(*, per: str | None = "seats", people: int = 60) -> pd.DataFrame:
    """Write answers to the four price questions around 20 a seat."""
    middle = 15.0 + np.arange(people) % 12
    frame = pd.DataFrame(
        {
            "respondent": [f"S{who:02}" for who in range(people)],
            "segment": ["small", "large"] * (people // 2),
            "too_cheap": middle * 0.4,
            "cheap": middle * 0.7,
            "expensive": middle,
            "too_expensive": middle * 1.4,
        }
    )
    return frame if per is None else frame.assign(per=per)


def choice_survey(*, per: str | None = "seats", people: int = 60, tasks: int = 8, seed: int = 3) -> pd.DataFrame:
    """Write choices of people to whom reports are worth 4, the audit trail 2 to 8 and a doubling of data 3 a seat."""
    rng = np.random.default_rng(seed)
    worth_of_audit = rng.normal(5, 1.5, people)
    rows = []
    for who in range(people):
        for task in range(tasks):
            offers = [
                (rng.choice(LADDER), rng.integers(2), rng.integers(2), 100 * 2 ** rng.integers(4), 0) for _ in range(3)
            ]
            offers.append((0, 0, 0, 0, 1))
            value = [
                4 * reports + worth_of_audit[who] * audit + (3 * np.log2(data / 100) if data else 0) - price - 18 * none
                for price, reports, audit, data, none in offers
            ]
            picked = int(np.argmax(np.array(value) / 3 + rng.gumbel(size=4)))
            rows += [
                (f"C{who:02}", str(task + 1), str(place + 1), int(place == picked), *offer)
                for place, offer in enumerate(offers)
            ]
    columns = ["respondent", "task", "alternative", "chosen", "price", "reports", "audit_trail", "storage_gb", "none"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame if per is None else frame.assign(per=per)


def offers_of_rivals() -> pd.DataFrame:
    """Write one dear and one cheap competitor per seat, one on request and one in another currency."""
    rows = [
        ("Dear", "Pro", 90, "seats", "USD"),
        ("Cheap", "Basic", 1, "seats", "USD"),
        ("Quiet", "Call us", None, "account", "USD"),
        ("Far", "Basic", 1, "seats", "EUR"),
    ]
    frame = pd.DataFrame(rows, columns=["vendor", "offer", "price", "per", "currency"])
    return frame.assign(billing_period="month", seen_on="2024-12-01", source="price page", kind="plan")


def make_company(*, without: tuple[str, ...] = (), **more: pd.DataFrame) -> CustomerBase:
    """Make the company without some tables and with others, or with other versions of its own."""
    tables = {name: table for name, table in company_tables().items() if name not in without}
    return CustomerBase.from_tables({**tables, **more}, as_of=AS_OF)


def make_scenario(price: float = 12, top: float = 22, *, add_on: float | None = 30) -> Scenario:
    """Make a design with a free, a seat-priced, a dearer and an on-request tier, and an add-on at a price."""
    tiers = (
        Tier(id="free", name="Free", price=Decimal(0), limits={"seats": Decimal(2)}, features=("Core",)),
        Tier(id="team", name="Team", price=Decimal(str(price)), price_per="seats", features=("Core",)),
        Tier(id="firm", name="Firm", price=Decimal(str(top)), price_per="seats", features=("Core", "Reports")),
        Tier(id="group", name="Group", price=None, features=FEATURES),
    )
    found = Scenario(id="design-a", name="Design A").with_decision(TierDecision(tiers=tiers))
    if add_on is None:
        return found
    choice = AddOnChoice(id="audit", name="Audit pack", features=("Audit trail",), price=Decimal(str(add_on)))
    return found.with_decision(AddOnDecision(add_ons=(choice,)))


@pytest.fixture(scope="session")
def company() -> Callable[..., CustomerBase]:
    """Return a function that makes the company."""
    return make_company


@pytest.fixture(scope="session")
def scenario() -> Callable[..., Scenario]:
    """Return a function that makes designs."""
    return make_scenario


@pytest.fixture(scope="session")
def choices() -> Callable[..., pd.DataFrame]:
    """Return a function that writes choices between offers."""
    return choice_survey


@pytest.fixture(scope="session")
def ladder() -> Callable[..., pd.DataFrame]:
    """Return a function that writes answers along a ladder of prices."""
    return ladder_survey


@pytest.fixture(scope="session")
def sensitivity() -> Callable[..., pd.DataFrame]:
    """Return a function that writes answers to the four price questions."""
    return sensitivity_survey


@pytest.fixture(scope="session")
def rivals() -> pd.DataFrame:
    """Return what competitors charge."""
    return offers_of_rivals()


@pytest.fixture(scope="session")
def asked(company: Callable[..., CustomerBase]) -> CustomerBase:
    """Return the company with all three price surveys."""
    return company(
        survey_choice=choice_survey(),
        survey_price_ladder=ladder_survey(),
        survey_price_sensitivity=sensitivity_survey(),
        competitor_offers=offers_of_rivals(),
    )


@pytest.fixture(scope="session")
def evidence(asked: CustomerBase) -> DemandEvidence:
    """Return what says who would buy what in the company with all surveys."""
    return gather(asked, draws=40)
