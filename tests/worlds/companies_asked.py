"""The tables a company with known worth would hand over, its price lists as designs, and the search for its truth.

What the companies are, `paying_companies` says; here they are put before the workbench as any company is.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
from paying_companies import FEATURES, METHODS, STEPS, Company, Offer

from workbench.customers import CustomerBase
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.willingness import WillingnessDecision
from workbench.study import Scenario

AS_OF = "2024-12-31"
MONTHS = ("2024-10-01", "2024-11-01", "2024-12-01")
NAMES = tuple(f"Feature {number}" for number in range(FEATURES))


def metric_of(company: Company) -> str:
    """Return what the company counts: seats, or calls."""
    return "seats" if company.per_seat else "calls"


def base_of(company: Company, *, surveyed: bool = True) -> CustomerBase:
    """Return the company as a customer base: accounts, usage, bills, feature use, plans, and its survey."""
    metric, ids = metric_of(company), np.array([f"a{number:04}" for number in range(len(company.units))])
    plan = np.array([offer.name for offer in company.offers])[company.plan]
    monthly = pd.DataFrame([(one, month) for one in ids for month in MONTHS], columns=["account_id", "month"])
    times = len(MONTHS)
    tables = {
        "accounts": pd.DataFrame(
            {"account_id": ids, "segment": np.array(["small", "mid", "large"])[company.segment], "plan": plan}
        ),
        "usage": monthly.assign(metric=metric, quantity=np.repeat(company.units, times)),
        "mrr": monthly.assign(amount=np.repeat(company.bills, times), plan=np.repeat(plan, times), currency="USD"),
        "features": pd.DataFrame({"feature": NAMES}),
        "feature_use": pd.DataFrame(
            [(ids[row], "2024-12-16", NAMES[column], 5) for row, column in zip(*np.nonzero(company.uses), strict=True)],
            columns=["account_id", "week", "feature", "uses"],
        ),
        "plans": pd.DataFrame(
            [
                {
                    "plan": offer.name,
                    "base_fee": offer.fee,
                    "metric": metric,
                    "unit_price": offer.per_unit,
                    "currency": "USD",
                }
                for offer in company.offers
            ]
        ),
        "plan_features": pd.DataFrame(
            [(offer.name, NAMES[feature]) for offer in company.offers for feature in offer.features],
            columns=["plan", "feature"],
        ),
    }
    limits = [(offer.name, metric, offer.limit) for offer in company.offers if np.isfinite(offer.limit)]
    if limits:
        tables["plan_limits"] = pd.DataFrame(limits, columns=["plan", "metric", "limit"])
    if surveyed:
        tables |= _survey(company, ids)
    return CustomerBase.from_tables(tables, as_of=AS_OF)


def _survey(company: Company, ids: np.ndarray) -> dict[str, pd.DataFrame]:
    """Return the answers as the survey took them: prices accepted and refused, or two price questions."""
    who = company.answers[:, 0].astype(int)
    units = company.units[who] if company.per_seat else np.ones(len(who))
    low, high = company.answers[:, 1] / units, company.answers[:, 2] / units
    people = [f"r{number:04}" for number in range(len(who))]
    per = "seats" if company.per_seat else "account"
    if company.method == METHODS[0]:
        rows = [
            (person, account, per, step, int(step < above * (1 - 1e-9)))
            for person, account, above in zip(
                people, ids[who], np.where(high > company.ladder[-1], np.inf, high), strict=True
            )
            for step in company.ladder
        ]
        return {
            "survey_price_ladder": pd.DataFrame(rows, columns=["respondent", "account_id", "per", "price", "accepted"])
        }
    cheap = low * 0.6
    table = pd.DataFrame(
        {
            "respondent": people,
            "account_id": ids[who],
            "per": per,
            "cheap": cheap,
            "expensive": low,
            "too_expensive": high,
        }
    )
    return {"survey_price_sensitivity": table.assign(too_cheap=cheap * 0.5)}


def design_of(company: Company, offers: tuple[Offer, ...], **decided: object) -> Scenario:
    """Return a price list as a design, with the decision about willingness to pay."""
    metric = metric_of(company)
    tiers = tuple(
        Tier(
            id=f"t{place}",
            name=offer.name,
            price=Decimal(str(round(offer.per_unit or offer.fee, 4))),
            price_per="seats" if offer.per_unit else "account",
            features=tuple(NAMES[feature] for feature in offer.features),
            limits={metric: Decimal(str(offer.limit))} if np.isfinite(offer.limit) else {},
        )
        for place, offer in enumerate(offers)
    )
    design = Scenario(id="design", name="Design").with_decision(TierDecision(tiers=tiers))
    return design.with_decision(WillingnessDecision(**decided))


def at_prices(offers: tuple[Offer, ...], prices: dict[str, float]) -> tuple[Offer, ...]:
    """Return offers at prices by name, in their own unit; a free one stays free."""
    found = []
    for offer in offers:
        price = prices.get(offer.name, offer.per_unit or offer.fee)
        found.append(
            Offer(offer.name, 0.0, price, offer.features, offer.limit)
            if offer.per_unit
            else Offer(offer.name, price, 0.0, offer.features, offer.limit)
        )
    return tuple(found)


def best_prices(company: Company, offers: tuple[Offer, ...], least_kept: float, most: float) -> float:
    """Return the most that any prices of these offers would truly bring while enough accounts are kept.

    Prices run from half to `most` times each offer's own, on a grid, as high as the search may go.
    """
    priced = [offer for offer in offers if offer.per_unit or offer.fee]
    steps = np.geomspace(0.5, most, 12)
    best = 0.0
    for factors in product(steps, repeat=len(priced)):
        moved = {
            offer.name: (offer.per_unit or offer.fee) * factor for offer, factor in zip(priced, factors, strict=True)
        }
        revenue, kept = company.truth(at_prices(offers, moved))
        if kept >= least_kept:
            best = max(best, revenue)
    return best


__all__ = ["STEPS", "at_prices", "base_of", "best_prices", "design_of"]
