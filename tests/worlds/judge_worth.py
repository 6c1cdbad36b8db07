"""Holds revenue and accounts kept, as worth imputed from answers says, against companies whose customers are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from paying_companies import Company, Offer, other_prices

from workbench.demand.account_facts import AccountFacts, StatedLimits
from workbench.demand.imputed_worth import ImputedWorth, impute_worth

REVENUE_SLACK, KEPT_SLACK = 0.01, 0.01  # of today's revenue, of accounts: a miss by less counts as inside


@dataclass(frozen=True)
class Case:
    """One price list of one company."""

    kind: str
    prices: str
    revenue_inside: bool
    kept_inside: bool
    width: float
    unknown: bool


def judge(company: Company, draws: int = 200) -> list[Case]:
    """Impute worth from the company's answers and hold it against the truth at other prices."""
    has = np.array([[feature in offer.features for feature in range(8)] for offer in company.offers])[company.plan]
    units = company.units if company.per_seat else np.ones(len(company.units))
    asked = company.answers[:, 0].astype(int)
    worth = impute_worth(
        AccountFacts(
            segment=company.segment,
            quantity=company.units,
            units=units,
            bill=company.bills,
            uses=company.uses,
            has=has,
        ),
        StatedLimits(
            account=asked,
            low=company.answers[:, 1] / units[asked],
            high=company.answers[:, 2] / units[asked],
            weight=np.ones(len(asked)),
            together=company.method == "sensitivity",
        ),
        draws=draws,
    )
    today = float(company.bills.sum())
    unknown = bool(worth.why_unknown)
    cases = []
    for name, offers in other_prices(company).items():
        revenue, kept = said(company, worth, offers)
        true_revenue, true_kept = company.truth(offers)
        low, high = np.quantile(revenue, (0.05, 0.95))
        fewest, most = np.quantile(kept, (0.05, 0.95))
        inside = low - REVENUE_SLACK * today <= true_revenue <= high + REVENUE_SLACK * today
        held = fewest - KEPT_SLACK <= true_kept <= most + KEPT_SLACK
        cases.append(Case(company.kind, name, bool(inside), bool(held), float(high - low) / today, unknown))
    return cases


def said(company: Company, worth: ImputedWorth, offers: tuple[Offer, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return revenue and the share of paying accounts kept, per draw: each takes the offer of highest surplus."""
    best, bill = np.zeros_like(worth.log_worth), np.zeros_like(worth.log_worth)
    for offer in offers:
        features = np.isin(np.arange(len(worth.wants)), offer.features)
        amount = offer.bill(company.units)[:, None]
        surplus = np.where((company.units <= offer.limit)[:, None], worth.worth(features) - amount, -np.inf)
        bill, best = np.where(surplus >= best, amount, bill), np.maximum(surplus, best)
    paying = company.bills > 0
    return bill.sum(axis=0), (bill[paying] > 0).mean(axis=0)
