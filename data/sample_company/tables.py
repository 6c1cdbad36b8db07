"""Turn a run of the company into the tables of a customer base."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import behaviour, expansion, revenue, simulate
from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population
    from sample_company.simulate import Run

OUTCOME_COVERAGE = 0.78  # share of accounts that take part in value reviews
COST_COVERAGE = 0.70  # share of accounts whose cost of serving is known


def behaviour_tables(people: Population, result: Run) -> dict[str, pd.DataFrame]:
    """Return every table that comes from what accounts are and do."""
    uses = behaviour.weekly_uses(people, result.allowed)
    areas = np.stack(
        [behaviour.areas_used(uses[:, :, behaviour.week_month() == m]) for m in range(len(company.MONTHS))], axis=1
    )
    found = behaviour.insights(people, areas, result.gigabytes)
    return {
        "accounts": accounts(people, result),
        "usage": usage(people, result, found),
        "mrr": simulate.mrr_table(people, result),
        "feature_use": feature_use(people, uses),
        "features": features(),
        "outcomes": outcomes(people, found, result),
        "requests": requests(people, result),
        "plans": plans(),
        "plan_limits": plan_limits(),
        "plan_features": plan_features(),
    }


def accounts(people: Population, result: Run) -> pd.DataFrame:
    """Return the accounts as recorded on the last day before the move.

    Accounts that had left carry their last state, accounts that came later the state of their first month.
    """
    random = company.random(30)
    rows = np.arange(len(people.segment))
    first = people.present.argmax(axis=1)
    last = people.present.shape[1] - 1 - people.present[:, ::-1].argmax(axis=1)
    seen = np.clip(company.MOVE - 1, first, last)
    moved = result.moved[rows, seen]
    seat_plan = result.seat_plan[rows, seen]
    seats = result.seats[rows, seen]
    room = np.ceil(seats * random.uniform(1.0, 1.25, len(rows)) / 5) * 5
    limit = np.where(seat_plan == 0, np.minimum(room, company.SEAT_LIMIT[0]), room)
    cost = 4.0 + 1.5 * result.gigabytes[rows, seen] ** 0.86 * np.exp(random.normal(0, 0.25, len(rows)))
    cost = np.where(random.random(len(rows)) < COST_COVERAGE, cost, np.nan)
    region = np.array(company.REGIONS, dtype=object)[people.region]
    region[random.random(len(rows)) < 0.06] = ""
    industry = np.array(company.INDUSTRIES, dtype=object)[people.industry]
    industry[random.random(len(rows)) < 0.03] = ""
    return pd.DataFrame(
        {
            "account_id": people.account_ids,
            "name": people.names,
            "segment": np.array(company.SEGMENTS)[people.segment],
            "industry": industry,
            "region": region,
            "signed_up": people.signed_up,
            "plan": np.where(
                moved,
                np.array(company.VOLUME_PLANS)[np.maximum(result.volume_plan[rows, seen], 0)],
                np.array(company.SEAT_PLANS)[seat_plan],
            ),
            "seats": seats.astype(int),
            "seat_limit": pd.array(np.where(moved, np.nan, np.maximum(limit, seats)), dtype="Int64"),
            "unit_cost": np.round(cost, 2),
        }
    )


def usage(people: Population, result: Run, found: np.ndarray) -> pd.DataFrame:
    """Return monthly usage; insights were not metered before 2023-04. Away months show zero."""
    metrics = {
        "seats": result.seats,
        "gigabytes_processed": np.where(
            result.gigabytes < 10, np.round(result.gigabytes, 1), np.round(result.gigabytes)
        ),
        "queries_executed": behaviour.queries(people, result.seats, result.gigabytes),
        "insights_generated": found,
        "support_tickets": behaviour.tickets(people),
    }
    rows, months = np.nonzero(people.present)
    active = people.paying[rows, months]
    parts = []
    for metric, matrix in metrics.items():
        metered = months >= (3 if metric == "insights_generated" else 0)
        parts.append(
            pd.DataFrame(
                {
                    "account_id": people.account_ids[rows[metered]],
                    "month": company.MONTHS[months[metered]],
                    "metric": metric,
                    "quantity": np.where(active, matrix[rows, months], 0.0)[metered],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def feature_use(people: Population, uses: np.ndarray) -> pd.DataFrame:
    """Return uses per account, week and feature, where there were any."""
    rows, feature, week = np.nonzero(uses)
    return pd.DataFrame(
        {
            "account_id": people.account_ids[rows],
            "week": behaviour.weeks()[week],
            "feature": company.FEATURE[feature],
            "uses": uses[rows, feature, week],
        }
    )


def features() -> pd.DataFrame:
    """Return the feature list with areas."""
    return pd.DataFrame({"feature": company.FEATURE, "area": company.AREA, "must_have": company.MUST_HAVE})


def outcomes(people: Population, found: np.ndarray, result: Run) -> pd.DataFrame:
    """Return what quarterly value reviews recorded, for the accounts that hold them."""
    random = company.random(31)
    reviewed = random.random(len(people.segment)) < OUTCOME_COVERAGE
    held = random.random(people.paying.shape) < 0.9
    quarter_end = company.MONTHS.month.to_numpy() % 3 == 0
    rows, months = np.nonzero(people.paying & reviewed[:, None] & held & quarter_end[None, :])
    day = company.MONTHS[months] + pd.to_timedelta(random.integers(14, 28, len(rows)), unit="D")
    parts = [
        pd.DataFrame({"account_id": people.account_ids[rows], "date": day, "kind": kind, "value": matrix[rows, months]})
        for kind, matrix in behaviour.outcomes(people, found, result.gigabytes).items()
    ]
    return pd.concat(parts, ignore_index=True)


def requests(people: Population, result: Run) -> pd.DataFrame:
    """Return requests for features an account would use now or soon and its plan does not include.

    Days before the move are dealt out in the order in which requests stood before anything was planted.
    """
    table = pd.concat([_earlier_requests(people, result), _later_requests(people, result)])
    order = {name: position for position, name in enumerate(company.FEATURE)}
    return table.sort_values(
        ["account_id", "feature"], key=lambda column: column.map(order) if column.name == "feature" else column
    ).reset_index(drop=True)


def _earlier_requests(people: Population, result: Run) -> pd.DataFrame:
    """Return the requests before the move."""
    needs = simulate.needs_of(people, replace(result.knobs, **company.UNPLANTED), planted=False)
    committed = revenue.commitments_at_once(people, needs.gigabytes, needs.moves)
    inside = simulate.included(needs.seat_plan, revenue.volume_plan(committed), needs.moved)
    missing = needs.soon_wanted & ~inside & people.paying[:, None, :]
    random = company.random(32)
    asked = missing & (random.random(missing.shape) < expansion.REQUESTS_PER_MONTH)
    rows, feature, months = _first_times(asked)
    table = _request_rows(people, rows, feature, months, random)
    signed_up = table["account_id"].map(pd.Series(people.signed_up, index=people.account_ids))
    return table[(table["date"] >= signed_up) & (table["date"] <= company.AS_OF)]


def _later_requests(people: Population, result: Run) -> pd.DataFrame:
    """Return the requests from the move on, none before its account has signed up."""
    asked = result.talks.asked.copy()
    asked[:, :, : company.MOVE] = False
    rows, feature, months = _first_times(asked)
    table = _request_rows(people, rows, feature, months, company.random(43))
    signed_up = table["account_id"].map(pd.Series(people.signed_up, index=people.account_ids))
    return table.assign(date=table["date"].where(table["date"] >= signed_up, signed_up))


def _first_times(asked: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return account, feature and month of the first time each account asked for each feature."""
    rows, feature = np.nonzero(asked.any(axis=2))
    return rows, feature, asked[rows, feature].argmax(axis=1)


def _request_rows(
    people: Population, rows: np.ndarray, feature: np.ndarray, months: np.ndarray, random: np.random.Generator
) -> pd.DataFrame:
    """Return requests on some day of their months."""
    day = company.MONTHS[months] + pd.to_timedelta(random.integers(0, 28, len(rows)), unit="D")
    return pd.DataFrame({"account_id": people.account_ids[rows], "date": day, "feature": company.FEATURE[feature]})


def plans() -> pd.DataFrame:
    """Return the per-seat price list in force on the last day before the move; Enterprise is on request."""
    on_request = np.array(company.SEAT_PLANS) == "Enterprise"
    return pd.DataFrame(
        {
            "plan": company.SEAT_PLANS,
            "base_fee": np.where(on_request, np.nan, 0.0),
            "metric": "seats",
            "unit_price": np.where(on_request, np.nan, company.SEAT_PRICE),
            "included_units": np.where(on_request, np.nan, 0.0),
            "billing_period": "month",
            "currency": company.CURRENCY,
        }
    )


def plan_limits() -> pd.DataFrame:
    """Return the seat limits of the per-seat plans; Enterprise has none."""
    limited = np.isfinite(company.SEAT_LIMIT)
    return pd.DataFrame(
        {
            "plan": np.array(company.SEAT_PLANS)[limited],
            "metric": "seats",
            "limit": company.SEAT_LIMIT[limited],
        }
    )


def plan_features() -> pd.DataFrame:
    """Return which features each per-seat plan includes."""
    included = np.arange(len(company.SEAT_PLANS))[:, None] >= company.LOWEST_SEAT_PLAN[None, :]
    plan, feature = np.nonzero(included)
    return pd.DataFrame({"plan": np.array(company.SEAT_PLANS)[plan], "feature": company.FEATURE[feature]})
