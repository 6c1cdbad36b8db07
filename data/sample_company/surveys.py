"""Surveys about prices, with a known truth, taken before the move; and the competitors' offers of that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import offer_surveys
from sample_company import settings as company
from workbench.market import load_price_points, offers_at

if TYPE_CHECKING:
    from pathlib import Path

    from sample_company.population import Population

COMPETITORS = ("Tableau", "Databox", "Zapier", "Notion")

# What the middle of each segment would pay per seat and month for the offer the price surveys describe (the product
# is sold by seats at the time), and the spread (standard deviation of the logarithm) around it.
ASKED_PER = "seats"
WILLING_TO_PAY = (60.0, 85.0, 120.0)
WILLING_SPREAD = 0.42
SENSITIVITY_FACTORS = {"too_cheap": 0.42, "cheap": 0.70, "expensive": 1.15, "too_expensive": 1.60}
SENSITIVITY_NOISE = 0.12
INVALID_ORDER_SHARE = 0.06
LADDER = (19, 29, 39, 49, 69, 99, 139, 199)


def make_surveys(people: Population) -> tuple[dict[str, pd.DataFrame], dict[str, object]]:
    """Return the five survey tables and the parameters they were drawn from."""
    answers = {
        "survey_price_sensitivity": price_sensitivity(people),
        "survey_price_ladder": price_ladder(people),
        "survey_choice": offer_surveys.choice(ASKED_PER),
        "survey_best_worst": offer_surveys.best_worst(),
        "survey_feature_fit": offer_surveys.feature_fit(),
    }
    known: dict[str, object] = {
        "surveys": {
            "fielded": "2024-10",
            "prices_per": ASKED_PER,
            "willing_to_pay_median": dict(zip(company.SEGMENTS, WILLING_TO_PAY, strict=True)),
            "willing_to_pay_log_spread": WILLING_SPREAD,
            "price_sensitivity_factors": SENSITIVITY_FACTORS,
            "price_sensitivity_invalid_share": INVALID_ORDER_SHARE,
            "price_ladder": LADDER,
            "choice_utility": {
                name: {"mean": mean, "spread": sd} for name, (mean, sd) in offer_surveys.CHOICE_TRUTH.items()
            },
            "choice_units": {
                "price": "per 10 USD per seat and month",
                "data_included_gb": "per doubling from 250 GB",
                "none": "constant of choosing none",
            },
            "best_worst_utility": offer_surveys.BEST_WORST_TRUTH,
            "feature_fit_kind": offer_surveys.FIT_TRUTH,
        }
    }
    return answers, known


def competitor_offers(price_points: Path) -> pd.DataFrame:
    """Return the competitors' offers as last seen before the move."""
    points = load_price_points(price_points)
    found = [offers_at(points, vendor, company.AS_OF).offers for vendor in COMPETITORS]
    return pd.concat([offers.astype({"limit": "Float64"}) for offers in found], ignore_index=True)


def _respondents(
    people: Population, random: np.random.Generator, count: int, prefix: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return who answers, and their segment: half small, three in ten mid, two in ten enterprise.

    The weight makes the segments count as they do among the accounts of the last month before the move.
    One in seven did not say for which account they answered.
    """
    customers = np.flatnonzero(people.paying[:, company.MOVE - 1] & (people.age[:, company.MOVE - 1] >= 3))
    shares = np.array([0.5, 0.3, 0.2])
    segment = np.sort(random.choice(3, count, p=shares))
    account = np.empty(count, dtype=object)
    for number in range(3):
        inside = segment == number
        own = people.account_ids[customers[people.segment[customers] == number]]
        account[inside] = random.choice(own, inside.sum())
    account[random.random(count) < 1 / 7] = ""
    among_customers = np.bincount(people.segment[customers], minlength=3) / len(customers)
    among_answers = np.bincount(segment, minlength=3) / count
    about = pd.DataFrame(
        {
            "respondent": [f"{prefix}{number:03d}" for number in range(1, count + 1)],
            "account_id": account,
            "segment": np.array(company.SEGMENTS)[segment],
            "weight": np.round(among_customers / among_answers, 3)[segment],
        }
    )
    return about, segment


def _willing(random: np.random.Generator, segment: np.ndarray) -> np.ndarray:
    """Return what each respondent would pay per seat and month."""
    return np.array(WILLING_TO_PAY)[segment] * np.exp(random.normal(0, WILLING_SPREAD, len(segment)))


def _as_people_say(amounts: np.ndarray) -> np.ndarray:
    """Round as people do: to 1 under 50, to 5 under 200, to 10 above."""
    step = np.select([amounts < 50, amounts < 200], [1, 5], 10)
    return (np.round(amounts / step) * step).astype(int)


def price_sensitivity(people: Population) -> pd.DataFrame:
    """Return 320 answers to the four price questions, some in an impossible order, some left blank."""
    random = company.random(40)
    table, segment = _respondents(people, random, 320, "PS")
    willing = _willing(random, segment)
    prices = np.stack(
        [
            willing * factor * np.exp(random.normal(0, SENSITIVITY_NOISE, len(willing)))
            for factor in SENSITIVITY_FACTORS.values()
        ],
        axis=1,
    )
    prices = _as_people_say(np.sort(prices, axis=1))
    invalid = random.random(len(prices)) < INVALID_ORDER_SHARE
    prices[invalid, 1], prices[invalid, 2] = prices[invalid, 2], prices[invalid, 1].copy()
    cheap_intent = random.choice([5, 4, 3, 2, 1], len(prices), p=[0.34, 0.38, 0.18, 0.07, 0.03])
    drop = random.choice([0, 1, 2, 3], len(prices), p=[0.12, 0.38, 0.36, 0.14])
    too_cheap = pd.array(prices[:, 0], dtype="Int64")
    too_cheap[random.random(len(prices)) < 0.03] = pd.NA
    return table.assign(
        per=ASKED_PER,
        too_cheap=too_cheap,
        cheap=prices[:, 1],
        expensive=prices[:, 2],
        too_expensive=prices[:, 3],
        intent_cheap=cheap_intent,
        intent_expensive=np.maximum(1, cheap_intent - drop),
    )


def price_ladder(people: Population) -> pd.DataFrame:
    """Return 300 ladders of rising prices that stop at the first No."""
    random = company.random(41)
    table, segment = _respondents(people, random, 300, "PL")
    willing = _willing(random, segment)
    prices = np.array(LADDER)
    accepts = prices[None, :] <= willing[:, None]
    steps = accepts.sum(axis=1)
    answer = np.where(accepts, 1.0, np.nan)
    refused = np.flatnonzero(steps < len(prices))
    answer[refused, steps[refused]] = 0.0
    rows = table.loc[table.index.repeat(len(prices))].reset_index(drop=True)
    return rows.assign(
        per=ASKED_PER, price=np.tile(prices, len(table)), accepted=pd.array(answer.ravel(), dtype="Int64")
    )
