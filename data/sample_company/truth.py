"""What is true of the company by construction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import behaviour, drops, expansion
from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population
    from sample_company.simulate import Run

TIMES = 60  # the months after the move are lived through so often to say what a trigger changes
DEFINED = {
    expansion.POWER: {
        "rule": "X2",
        "definition": f"{company.POWER_FEATURE} used at least {company.POWER_USES} times a week in "
        f"{company.POWER_WEEKS} consecutive complete weeks (Monday to Sunday), the last of which ends in a month on a "
        f"data-volume tier; dated by that Sunday; again for the same account after {company.POWER_QUIET_WEEKS} weeks",
        "hazard_factor": company.POWER_FACTOR,
    },
    expansion.REQUEST: {
        "rule": "X5",
        "definition": "a request on record for a feature that only a higher tier includes, made in a month on a "
        "data-volume tier; dated by the day of the request",
        "hazard_factor": company.REQUEST_FACTOR,
    },
}
# Nothing in the simulation reads these: what they seem to announce comes from size and growth, or from chance.
WITHOUT_EFFECT = {
    "support_burst": "at least 4 support tickets in a month, and at least twice the mean of the three months before: "
    "chance, and trouble that size and growth do not share",
    "querying_burst": "at least 3,000 queries in a month, and at least 1.3 times the mean of the six months before: "
    "looks as if it announced expansion, because large and growing accounts have it and expand more often",
    "recorded_return": "the first value review (rule X4) with at least 1.5 times the hours saved of the account's "
    "first one: no talk follows from it, whatever the published claim says",
}


def truth(people: Population, result: Run, requests: pd.DataFrame) -> dict[str, object]:
    """Return what tests and later methods may be judged by."""
    common = np.isnan(company.MINORITY_SHARE)
    return {
        "company": company.COMPANY,
        "seed": company.SEED,
        "first_month": f"{company.MONTHS[0]:%Y-%m}",
        "last_month": f"{company.MONTHS[-1]:%Y-%m}",
        "move": f"{company.MONTHS[company.MOVE]:%Y-%m-%d}",
        "as_of": f"{company.AS_OF:%Y-%m-%d}",
        "case_study": {
            "arpa_growth": company.TARGET_ARPA_GROWTH,
            "use_cases": company.TARGET_USE_CASES,
            "net_retention": company.TARGET_NET_RETENTION,
        },
        "feature_order": company.FEATURE[common][np.argsort(company.DIFFICULTY[common], kind="stable")].tolist(),
        "minority_features": dict(
            zip(company.FEATURE[~common].tolist(), company.MINORITY_SHARE[~common].tolist(), strict=True)
        ),
        "churn_log_hazard_per_value": company.CHURN_PER_VALUE,
        "data_growth_per_value": company.GROWTH_PER_VALUE,
        "accounts_with_more_value_from_less_data": people.account_ids[people.efficient].tolist(),
        "more_value_from_less_data_per_month": {
            "log_data": company.EFFICIENT_DATA,
            "log_queries_beside_data": company.EFFICIENT_QUERIES,
            "log_outcomes_beside_data": company.EFFICIENT_GAIN,
        },
        "new_price_list": {
            "base_fee": company.VOLUME_BASE_FEE,
            "bands": [[None if np.isinf(upper) else upper, unit_price] for upper, unit_price in company.VOLUME_BANDS],
            "tiers_from_committed_gb": dict(
                zip(company.VOLUME_PLANS, company.VOLUME_PLAN_FROM_GB.tolist(), strict=True)
            ),
            "features_of_higher_tiers": {
                str(feature): company.VOLUME_PLANS[tier]
                for feature, tier in zip(company.FEATURE, company.LOWEST_VOLUME_PLAN, strict=True)
                if tier
            },
        },
        "expansion": _expansion(people, result, requests),
        "drops": [
            {
                "account_id": people.account_ids[drop.account],
                "month": f"{company.MONTHS[drop.month]:%Y-%m}",
                "depth": drop.depth,
                "recovered": None if drop.recovers is None else f"{company.MONTHS[drop.recovers]:%Y-%m}",
            }
            for drop in drops.drawn(people)
        ],
    }


def _expansion(people: Population, result: Run, requests: pd.DataFrame) -> dict[str, object]:
    """Return how expansion comes about: the hazard, what multiplies it, and what does not."""
    fired = {expansion.POWER: _power_days(people, result), expansion.REQUEST: _request_days(people, result, requests)}
    changes = _what_triggers_change(result)
    return {
        "monthly_hazard": dict(zip(company.SEGMENTS, company.EXPANSION_HAZARD, strict=True)),
        "log_hazard_per_log_of_volume_over_commitment": company.EXPANSION_PER_PRESSURE,
        "log_of_volume_over_commitment_counts_between": company.PRESSURE_COUNTS,
        "renewal_month_factor": company.RENEWAL_FACTOR,
        "effect_lasts_months_after_the_month_of_the_trigger": company.EFFECT_MONTHS,
        "triggers": {
            name: {**defined, "share_that_expands": changes[name], "fired": fired[name]}
            for name, defined in DEFINED.items()
        },
        "without_effect": WITHOUT_EFFECT,
    }


def _power_days(people: Population, result: Run) -> dict[str, list[str]]:
    """Return the days on which power use came on record, by account."""
    rows, weeks = np.nonzero(result.talks.power_weeks & (behaviour.week_month() >= company.MOVE)[None, :])
    return _by_account(people.account_ids[rows], behaviour.weeks()[weeks] + pd.Timedelta(days=6))


def _request_days(people: Population, result: Run, requests: pd.DataFrame) -> dict[str, list[str]]:
    """Return the days of requests made on a data-volume tier, by account."""
    rows = pd.Index(people.account_ids).get_indexer(requests["account_id"])
    months = company.MONTHS.get_indexer(requests["date"].dt.to_period("M").dt.to_timestamp())
    on_tier = result.moved[rows, months]
    return _by_account(requests["account_id"].to_numpy()[on_tier], pd.DatetimeIndex(requests["date"][on_tier]))


def _by_account(account_ids: np.ndarray, days: pd.DatetimeIndex) -> dict[str, list[str]]:
    """Return each account's days in order, each day once."""
    table = pd.DataFrame({"account_id": account_ids, "day": days.strftime("%Y-%m-%d")}).drop_duplicates()
    return {str(name): sorted(group["day"]) for name, group in table.groupby("account_id")}


def _what_triggers_change(result: Run) -> dict[str, dict[str, dict[str, float]]]:
    """Return the expected share of cases that expands within 1, 2, 3 months, with the trigger's effect and without.

    The same months are lived through again and again with new draws, everything else as it is.
    """
    whole = _shares(result, expansion.FACTORS)
    changes = {}
    for name in expansion.FACTORS:
        without = _shares(result, {**expansion.FACTORS, name: 1.0})[name]
        changes[name] = {
            f"within_{months}_months": {"with": round(whole[name][months - 1], 3), "without": round(share, 3)}
            for months, share in enumerate(without, 1)
        }
    return changes


def _shares(result: Run, factors: dict[str, float]) -> dict[str, list[float]]:
    """Return, by trigger, the share of cases followed by an expansion within 1, 2, 3 months."""
    random = company.random(45)
    met = {name: np.zeros(company.EFFECT_MONTHS) for name in factors}
    cases = dict.fromkeys(factors, 0)
    for _ in range(TIMES):
        lived = expansion.talks(result.needs, random.random(result.amount.shape), factors)
        for name, fired in lived.fired.items():
            rows, months = np.nonzero(fired[:, : -company.EFFECT_MONTHS])
            after = np.stack([lived.expanded[rows, months + ahead] for ahead in range(1, company.EFFECT_MONTHS + 1)])
            met[name] += np.maximum.accumulate(after, axis=0).sum(axis=1)
            cases[name] += len(rows)
    return {name: (met[name] / cases[name]).tolist() for name in factors}
