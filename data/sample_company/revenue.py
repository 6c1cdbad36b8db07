"""What accounts pay: per seat before the move, per committed gigabyte after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population

WANTED_BEYOND_PLAN = 2  # so many wanted features outside the plan are borne before an account upgrades


def seat_plan(people: Population, seat_count: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the per-seat plan, accounts x months: what seats force, or wanted features persuade to.

    Six accounts in ten upgrade for features; the others ask for them and stay. Nobody steps back down.
    """
    by_seats = np.searchsorted(company.SEAT_LIMIT, seat_count)
    common = np.isnan(company.MINORITY_SHARE)
    persuaded = np.zeros_like(by_seats)
    for plan in (1, 2):
        beyond = (wanted & (common & (plan <= company.LOWEST_SEAT_PLAN))[None, :, None]).sum(axis=1)
        persuaded = np.where(beyond > WANTED_BEYOND_PLAN, plan, persuaded)
    willing = company.random(20).random(len(people.segment)) < 0.6
    plan = np.maximum(by_seats, np.where(willing[:, None], persuaded, 0))
    return np.maximum.accumulate(np.where(people.age >= 0, plan, 0), axis=1)


def seat_revenue(people: Population, seat_count: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """Return what the per-seat list, less the account's discount, charges: accounts x months."""
    return seat_count * company.SEAT_PRICE[plan] * (1 - people.discount[:, None])


def moving_month(people: Population) -> np.ndarray:
    """Return when each account moves to data-volume tiers: at its renewal in the half year after the move."""
    renewal = company.MOVE + company.random(21).integers(0, 6, len(people.segment))
    started = company.MOVE - people.age[:, company.MOVE]
    return np.where(started >= company.MOVE, np.minimum(started, len(company.MONTHS) - 1), renewal)


def list_price(gigabytes: np.ndarray) -> np.ndarray:
    """Return the monthly list price of a committed volume under the new tiers."""
    price = np.full(gigabytes.shape, company.VOLUME_BASE_FEE)
    lower = 0.0
    for upper, unit_price in company.VOLUME_BANDS:
        price = price + unit_price * np.clip(gigabytes - lower, 0, upper - lower)
        lower = upper
    return price


def recent_volume(people: Population, gigabytes: np.ndarray) -> np.ndarray:
    """Return the mean of the last three months, of accounts younger than that the month itself."""
    recent = gigabytes.copy()
    recent[:, 2:] = (gigabytes[:, 2:] + gigabytes[:, 1:-1] + gigabytes[:, :-2]) / 3
    return np.where(people.age < 3, gigabytes, recent)


def step_above(volume: np.ndarray) -> np.ndarray:
    """Return the first commitment on sale at or above a volume."""
    step = np.log(company.COMMIT_STEP)
    return np.exp(np.ceil(np.log(np.maximum(volume, 20.0)) / step) * step)


def commitments_at_once(people: Population, gigabytes: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return committed gigabytes if nothing had to be talked about, accounts x months (0 before an account moved).

    A commitment is the first step at or above the mean of the last three months. It rises as soon as that
    mean passes it and is reviewed downwards only once a year.
    """
    committed = np.zeros_like(gigabytes)
    needed = step_above(recent_volume(people, gigabytes))
    for month in range(company.MOVE, gigabytes.shape[1]):
        before = committed[:, month - 1]
        review = (month > moves) & ((month - moves) % 12 == 0)
        held = np.where(review, needed[:, month], np.maximum(before, needed[:, month]))
        committed[:, month] = np.where(month >= moves, np.round(held), 0.0)
    return committed


def volume_plan(committed: np.ndarray) -> np.ndarray:
    """Return the data-volume tier of each commitment, accounts x months."""
    return np.searchsorted(company.VOLUME_PLAN_FROM_GB, committed, side="right") - 1


def volume_revenue(
    people: Population, per_seat: np.ndarray, committed: np.ndarray, moves: np.ndarray, uplift: float
) -> np.ndarray:
    """Return what accounts pay after the move, accounts x months.

    Accounts from before keep a price factor that starts them near their last per-seat invoice (times the
    uplift), between 0.4 and 1.8 of the list; later accounts pay the list price.
    """
    rows = np.arange(len(moves))
    first_list = list_price(committed[rows, moves])
    factor = np.clip(uplift * per_seat[rows, np.minimum(moves, company.MOVE) - 1] / first_list, 0.4, 1.8)
    came_later = people.age[:, company.MOVE - 1] < 0
    return list_price(committed) * np.where(came_later, 1.0, factor)[:, None]
