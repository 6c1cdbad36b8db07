"""Put the parts together: one run of the company under given knobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import behaviour, revenue
from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.behaviour import Knobs
    from sample_company.population import Population

NEXT_STEP = 1.5  # how far ahead on the adoption scale accounts see what they will need


@dataclass(frozen=True, eq=False)
class Run:
    """Everything that happened, accounts x months unless said otherwise."""

    seats: np.ndarray
    gigabytes: np.ndarray
    seat_plan: np.ndarray
    volume_plan: np.ndarray
    moved: np.ndarray  # bool: pays for data volume in that month
    amount: np.ndarray  # what is paid, 0 when away
    soon_wanted: np.ndarray  # bool, accounts x features x months: wanted now or at the next step of adoption
    included: np.ndarray  # bool, the same shape: the plan includes the feature
    allowed: np.ndarray  # bool, the same shape: wanted now and included


def run(people: Population, knobs: Knobs) -> Run:
    """Simulate the company without the weekly detail."""
    level = behaviour.adoption_level(people, knobs)
    wanted = behaviour.wanted_features(people, level)
    seat_count = behaviour.seats(people, knobs)
    gigabytes = behaviour.data_processed(people, knobs)
    seat_plan = revenue.seat_plan(people, seat_count, wanted)
    per_seat = revenue.seat_revenue(people, seat_count, seat_plan)
    moves = revenue.moving_month(people)
    committed = revenue.commitments(people, gigabytes, moves)
    volume_plan = revenue.volume_plan(committed)
    per_volume = revenue.volume_revenue(people, per_seat, committed, moves, knobs.uplift)
    moved = np.arange(len(company.MONTHS))[None, :] >= moves[:, None]
    moved &= np.arange(len(company.MONTHS))[None, :] >= company.MOVE
    amount = np.where(people.paying, np.where(moved, per_volume, per_seat), 0.0)
    in_seat_plan = company.LOWEST_SEAT_PLAN[None, :, None] <= seat_plan[:, None, :]
    in_volume_plan = company.LOWEST_VOLUME_PLAN[None, :, None] <= volume_plan[:, None, :]
    inside = np.where(moved[:, None, :], in_volume_plan, in_seat_plan)
    return Run(
        seats=seat_count,
        gigabytes=gigabytes,
        seat_plan=seat_plan,
        volume_plan=volume_plan,
        moved=moved,
        amount=np.round(amount, 2),
        soon_wanted=behaviour.wanted_features(people, level + NEXT_STEP),
        included=inside,
        allowed=wanted & inside,
    )


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
