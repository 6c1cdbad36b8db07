"""When accounts raise their commitments after the move: a hazard that two triggers multiply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sample_company import behaviour, revenue
from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population

REQUESTS_PER_MONTH = 0.04  # chance that a missed feature is asked for in a month
POWER, REQUEST = "power_use", "request_for_a_higher_tier"
FACTORS = {POWER: company.POWER_FACTOR, REQUEST: company.REQUEST_FACTOR}


@dataclass(frozen=True, eq=False)
class Needs:
    """What accounts use and want, whatever they pay for; accounts x months unless said otherwise."""

    people: Population
    seats: np.ndarray
    gigabytes: np.ndarray
    moves: np.ndarray  # month position in which each account moves
    seat_plan: np.ndarray
    wanted: np.ndarray  # bool, accounts x features x months
    soon_wanted: np.ndarray  # bool, the same shape: wanted now or at the next step of adoption

    @property
    def moved(self) -> np.ndarray:
        """Whether an account pays for data volume in a month."""
        return np.arange(self.people.age.shape[1])[None, :] >= np.maximum(self.moves, company.MOVE)[:, None]


@dataclass(frozen=True, eq=False)
class Talks:
    """What came of it, accounts x months unless said otherwise."""

    committed: np.ndarray  # gigabytes, 0 before an account has moved
    asked: np.ndarray  # bool, accounts x features x months: asked for, for the first time
    expanded: np.ndarray  # bool
    fired: dict[str, np.ndarray]  # bool by trigger
    power_weeks: np.ndarray  # bool, accounts x weeks: power use is on record with the end of this week


@cache
def chance_of_asking(count: int) -> np.ndarray:
    """Return the draws behind requests, accounts x features x months."""
    return company.random(32).random((count, len(company.FEATURE), len(company.MONTHS)))


def power_use(needs: Needs) -> np.ndarray:
    """Return the weeks whose end puts power use on record, accounts x weeks.

    So it is after so many complete weeks running with enough uses each, on a data-volume tier, and for the same
    account again only when the last record is old.
    """
    feature = int(np.flatnonzero(company.FEATURE == company.POWER_FEATURE)[0])
    wanted = needs.wanted[:, feature : feature + 1]  # every plan includes it
    often = behaviour.weekly_uses(needs.people, wanted, only=feature)[:, 0] >= company.POWER_USES
    running = often.copy()
    for back in range(1, company.POWER_WEEKS):
        running[:, back:] &= often[:, :-back]
        running[:, :back] = False
    running &= needs.moved[:, behaviour.week_month()]
    last = np.full(len(often), -company.POWER_QUIET_WEEKS)
    for week in range(running.shape[1]):
        running[:, week] &= week - last >= company.POWER_QUIET_WEEKS
        last[running[:, week]] = week
    return running


def talks(needs: Needs, draws: np.ndarray, factors: dict[str, float] = FACTORS) -> Talks:
    """Let accounts raise their commitments month by month, and ask for what their tier withholds.

    Whoever raises takes what is needed and at least one step more than before; whoever asked for a feature of a
    higher tier that is not far takes that tier. Who does not raise at renewal is reviewed downwards.
    """
    people, moves = needs.people, needs.moves
    months = people.age.shape[1]
    recent = revenue.recent_volume(people, needs.gigabytes)
    needed = revenue.step_above(recent)
    committed, expanded = np.zeros_like(recent), np.zeros(recent.shape, dtype=bool)
    asked, seen = _asked_before_the_move(needs)
    power_weeks = power_use(needs)
    power = np.zeros_like(expanded)
    for week in np.flatnonzero(power_weeks.any(axis=0)):
        power[:, behaviour.week_month()[week]] |= power_weeks[:, week]
    request = np.zeros_like(expanded)
    floor = np.zeros(recent.shape)  # volume from which the tier with the asked feature is sold
    from_gb = company.VOLUME_PLAN_FROM_GB[company.LOWEST_VOLUME_PLAN]
    for month in range(company.MOVE, months):
        before, lately = committed[:, month - 1], slice(month - company.EFFECT_MONTHS, month)
        rate = _base_hazard(needs, recent, committed, month)
        rate = rate * np.where(power[:, lately].any(axis=1), factors[POWER], 1.0)
        rate = rate * np.where(request[:, lately].any(axis=1), factors[REQUEST], 1.0)
        there = (month > moves) & people.paying[:, month] & people.paying[:, month - 1]
        raises = there & (draws[:, month] < -np.expm1(-rate))
        leap = floor[:, lately].max(axis=1)
        leap = np.where(leap <= company.LEAP * before, leap, 0.0)
        raised = np.maximum(np.maximum(needed[:, month], revenue.step_above(before * 1.03)), leap)
        renewed = (month > moves) & ((month - moves) % 12 == 0)
        held = np.where(raises, raised, np.where(renewed, np.minimum(before, needed[:, month]), before))
        held = np.where(month == moves, needed[:, month], held)
        committed[:, month] = np.where(month >= moves, np.round(held), 0.0)
        expanded[:, month] = raises
        new = _missing(needs, committed[:, month], month) & ~seen
        new &= chance_of_asking(len(moves))[:, :, month] < REQUESTS_PER_MONTH
        asked[:, :, month] = new
        seen |= new
        on_tier = new & (month >= moves)[:, None]
        request[:, month] = on_tier.any(axis=1)
        floor[:, month] = np.where(on_tier, from_gb, 0.0).max(axis=1)
    return Talks(committed, asked, expanded, {POWER: power, REQUEST: request}, power_weeks)


def _base_hazard(needs: Needs, recent: np.ndarray, committed: np.ndarray, month: int) -> np.ndarray:
    """Return the hazard without triggers: by segment, growth since the last talk, and renewal."""
    before = np.where(committed[:, month - 1] > 0, committed[:, month - 1], recent[:, month])
    pressure = np.clip(np.log(recent[:, month] / before), *company.PRESSURE_COUNTS)
    rate = np.array(company.EXPANSION_HAZARD)[needs.people.segment]
    rate = rate * np.exp(company.EXPANSION_PER_PRESSURE * pressure)
    return rate * np.where((month - needs.moves) % 12 == 0, company.RENEWAL_FACTOR, 1.0)


def _missing(needs: Needs, committed: np.ndarray, month: int) -> np.ndarray:
    """Return the features an account wants now or next and its plan of this month withholds, accounts x features."""
    tier = revenue.volume_plan(committed)[:, None]
    on_tier = (month >= needs.moves)[:, None]
    by_tier = company.LOWEST_VOLUME_PLAN[None, :] > tier
    by_seats = company.LOWEST_SEAT_PLAN[None, :] > needs.seat_plan[:, month][:, None]
    withheld = np.where(on_tier, by_tier, by_seats)
    return needs.soon_wanted[:, :, month] & withheld & needs.people.paying[:, month][:, None]


def _asked_before_the_move(needs: Needs) -> tuple[np.ndarray, np.ndarray]:
    """Return first requests per month before the move (later months empty), and who has asked for what by then."""
    count = len(needs.moves)
    withheld = company.LOWEST_SEAT_PLAN[None, :, None] > needs.seat_plan[:, None, :]
    asks = needs.soon_wanted & withheld & needs.people.paying[:, None, :]
    asks &= chance_of_asking(count) < REQUESTS_PER_MONTH
    asks[:, :, company.MOVE :] = False
    earlier = np.zeros_like(asks)
    earlier[:, :, 1:] = np.maximum.accumulate(asks, axis=2)[:, :, :-1]
    return asks & ~earlier, asks.any(axis=2)
