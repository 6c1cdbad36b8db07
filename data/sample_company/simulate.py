"""Put the parts together: one run of the company under given knobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import behaviour, expansion, revenue
from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.behaviour import Knobs
    from sample_company.population import Population

NEXT_STEP = 1.5  # how far ahead on the adoption scale accounts see what they will need


@dataclass(frozen=True, eq=False)
class Run:
    """Everything that happened, accounts x months unless said otherwise."""

    knobs: Knobs
    seats: np.ndarray
    gigabytes: np.ndarray
    seat_plan: np.ndarray
    volume_plan: np.ndarray
    moved: np.ndarray  # bool: pays for data volume in that month
    amount: np.ndarray  # what is paid, 0 when away
    allowed: np.ndarray  # bool, accounts x features x months: wanted now and the plan includes it
    needs: expansion.Needs
    talks: expansion.Talks


def run(people: Population, knobs: Knobs) -> Run:
    """Simulate the company without the weekly detail."""
    needs = needs_of(people, knobs)
    count, months = people.age.shape
    talks = expansion.talks(needs, company.random(42).random((count, months)))
    per_seat = revenue.seat_revenue(people, needs.seats, needs.seat_plan)
    volume_plan = revenue.volume_plan(talks.committed)
    per_volume = revenue.volume_revenue(people, per_seat, talks.committed, needs.moves, knobs.uplift)
    moved = needs.moved
    amount = np.where(people.paying, np.where(moved, per_volume, per_seat), 0.0)
    inside = included(needs.seat_plan, volume_plan, moved)
    return Run(
        knobs=knobs,
        seats=needs.seats,
        gigabytes=needs.gigabytes,
        seat_plan=needs.seat_plan,
        volume_plan=volume_plan,
        moved=moved,
        amount=np.round(amount, 2),
        allowed=needs.wanted & inside,
        needs=needs,
        talks=talks,
    )


def needs_of(people: Population, knobs: Knobs, *, planted: bool = True) -> expansion.Needs:
    """Return what accounts use and want, with or without what is planted after the move."""
    level = behaviour.adoption_level(people, knobs)
    wanted = behaviour.wanted_features(people, level)
    seat_count = behaviour.seats(people, knobs)
    return expansion.Needs(
        people=people,
        seats=seat_count,
        gigabytes=behaviour.data_processed(people, knobs, planted=planted),
        moves=revenue.moving_month(people),
        seat_plan=revenue.seat_plan(people, seat_count, wanted),
        soon_wanted=behaviour.wanted_features(people, level + NEXT_STEP),
        wanted=wanted,
    )


def included(seat_plan: np.ndarray, volume_plan: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Return which features the plan of each month includes, accounts x features x months (bool)."""
    by_seats = company.LOWEST_SEAT_PLAN[None, :, None] <= seat_plan[:, None, :]
    by_volume = company.LOWEST_VOLUME_PLAN[None, :, None] <= volume_plan[:, None, :]
    return np.where(moved[:, None, :], by_volume, by_seats)


def mrr_table(people: Population, result: Run) -> pd.DataFrame:
    """Return the mrr table: every month from the first payment on, 0 while an account is away."""
    rows, months = np.nonzero(people.present)
    plan = np.where(
        result.moved[rows, months],
        np.array(company.VOLUME_PLANS)[np.minimum(result.volume_plan[rows, months], 2)],
        np.array(company.SEAT_PLANS)[result.seat_plan[rows, months]],
    )
    return pd.DataFrame(
        {
            "account_id": people.account_ids[rows],
            "month": company.MONTHS[months],
            "amount": result.amount[rows, months],
            "plan": plan,
            "currency": company.CURRENCY,
        }
    )
