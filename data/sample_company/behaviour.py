"""What accounts do: seats, data, queries, insights, tickets, features. Pure functions of a Population and Knobs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import drops
from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population


@dataclass(frozen=True)
class Knobs:
    """The five numbers that calibration sets so that the company arrives at the case study."""

    adoption_before: float = -0.6  # level of feature adoption under per-seat pricing
    adoption_after: float = 2.4  # how far it rises once seats no longer ration it
    seat_trend: float = 0.002  # log growth of seats per month before the move
    data_trend_after: float = 0.03  # extra log growth of data volume in the month of the move, fading over a year
    uplift: float = 1.0  # price level at the move against the last per-seat invoice


def adoption_level(people: Population, knobs: Knobs) -> np.ndarray:
    """Return how far along the common order of features each account is, accounts x months."""
    random = company.random(2)
    count = len(people.segment)
    own = random.normal(0, 0.6, count) + 0.35 * people.temperament
    own += np.array([-0.5, 0.6, 2.0])[people.segment]
    tenure = 0.40 * np.log1p(np.maximum(people.age, 0) / 6)
    since = np.maximum(np.arange(len(company.MONTHS)) - company.MOVE + 1, 0)
    rise = (1 - np.exp(-since / 8.0)) / (1 - np.exp(-18 / 8.0))
    pace = np.exp(0.10 * people.temperament + random.normal(0, 0.12, count))
    return knobs.adoption_before + own[:, None] + tenure + knobs.adoption_after * pace[:, None] * rise


def wanted_features(people: Population, level: np.ndarray) -> np.ndarray:
    """Return which features each account has a use for, accounts x features x months (bool).

    Common features are wanted once the adoption level passes the feature's difficulty, give or take a
    personal taste; the needs of a minority are drawn without regard to the level.
    """
    random = company.random(3)
    count, features = len(people.segment), len(company.FEATURE)
    taste = random.normal(0, company.TASTE_SPREAD, (count, features))
    common = (level[:, None, :] + taste[:, :, None]) > company.DIFFICULTY[None, :, None]
    need = random.random((count, features)) < np.nan_to_num(company.MINORITY_SHARE)
    settled_in = people.age[:, None, :] >= random.integers(0, 7, (count, features))[:, :, None]
    minority = ~np.isnan(company.MINORITY_SHARE)
    return np.where(minority[None, :, None], need[:, :, None] & settled_in, common)


def seats(people: Population, knobs: Knobs) -> np.ndarray:
    """Return licensed seats: they fill up while the core team is licensed, then hardly move."""
    random = company.random(4)
    count = len(people.segment)
    final = np.log(np.array(company.TYPICAL_SEATS))[people.segment] + random.normal(0, 0.5, count)
    first_share = random.uniform(np.array([0.75, 0.6, 0.5])[people.segment], 0.98)
    filled = 1 - (1 - first_share[:, None]) * np.exp(-np.maximum(people.age, 0) / 7.0)
    odds = np.exp(np.array([-1.4, -0.9, -0.4])[people.segment] + 1.3 * people.temperament)
    growing = random.random(count) < odds / (1 + odds)  # the others have licensed everybody who needs it
    pace = np.where(growing, np.exp(random.normal(0.4, 0.45, count)), 0.0)
    calendar = np.arange(len(company.MONTHS))
    trend = pace[:, None] * (knobs.seat_trend * np.minimum(calendar, company.MOVE - 1))
    trend = trend + 0.006 * pace[:, None] * np.maximum(calendar - company.MOVE + 1, 0)
    cuts = random.random((count, len(calendar))) < 0.006 * np.exp(-0.5 * people.value)
    trimmed = np.cumsum(np.where(cuts, np.log(random.uniform(0.72, 0.93, cuts.shape)), 0.0), axis=1)
    return np.maximum(1, np.round(np.exp(final[:, None] + trend + trimmed) * filled))


def data_processed(people: Population, knobs: Knobs, *, planted: bool = True) -> np.ndarray:
    """Return gigabytes processed per month: growing with value received, seasonal by industry, with noise.

    `planted` lets some accounts drop suddenly after the move, and those with more value from less data go on saving.
    """
    random = company.random(5)
    count, months = people.value.shape
    own_seats = company.random(4).normal(0, 0.5, count)  # the same draw that sizes the team
    size = np.log(np.array(company.TYPICAL_GB))[people.segment] + 0.5 * own_seats
    size = size + random.normal(0, 0.5, count)
    growth = np.array(company.GROWTH_BEFORE)[people.segment][:, None] + company.GROWTH_PER_VALUE * people.value
    growth = growth + random.normal(0, 0.014, count)[:, None] + random.normal(0, 0.025, (count, months))
    since = np.arange(months) - company.MOVE
    opened = np.where(since >= 0, np.exp(-np.maximum(since, 0) / 7.0), 0.0)  # most is moved in at first
    moving_in = opened * np.exp(0.25 * people.temperament)[:, None]
    usual = (growth + company.UNPLANTED["data_trend_after"] * moving_in).mean()
    growth = growth + knobs.data_trend_after * moving_in
    saving = np.where(planted & (since >= 0), company.EFFICIENT_DATA, -0.012)
    growth = np.where(people.efficient[:, None], saving + 0.2 * (growth - usual), growth)
    ramp = -1.1 * np.exp(-np.maximum(people.age, 0) / 3.5)
    grown = np.cumsum(np.where(people.age > 0, growth, 0.0), axis=1)
    noise = random.normal(0, 0.055, (count, months))
    fading = company.FADING_DATA * people.fading
    made = np.exp(size[:, None] + grown + ramp + fading + season(people) + noise)
    return made * drops.remaining(people) if planted else made


def season(people: Population) -> np.ndarray:
    """Return the yearly swing of each account's industry, log scale, accounts x months."""
    angle = 2 * np.pi * (company.MONTHS.month.to_numpy()[None, :] - company.SEASON_PEAK[:, None]) / 12
    return (company.SEASON_HEIGHT[:, None] * np.cos(angle))[people.industry]


def queries(people: Population, seat_count: np.ndarray, gigabytes: np.ndarray) -> np.ndarray:
    """Return queries executed: people and data both ask, and analysts' weeks differ wildly."""
    random = company.random(6)
    noise = random.normal(0, 0.24, gigabytes.shape) + random.normal(0, 0.35, len(gigabytes))[:, None]
    saved = company.EFFICIENT_QUERIES * _since_move(people) * people.efficient[:, None]
    return np.round(np.exp(3.7 + 0.45 * np.log(seat_count) + 0.45 * np.log(gigabytes) + noise + saved))


def _since_move(people: Population) -> np.ndarray:
    """Return how many months after the move each account has been there, accounts x months."""
    since = np.arange(people.age.shape[1]) - company.MOVE + 1
    return np.clip(np.minimum(since[None, :], people.age), 0, None)


def insights(people: Population, areas_in_use: np.ndarray, gigabytes: np.ndarray) -> np.ndarray:
    """Return insights generated: more data and more use cases yield more of them."""
    random = company.random(7)
    noise = random.normal(0, 0.17, gigabytes.shape) + random.normal(0, 0.30, len(gigabytes))[:, None]
    base = 0.2 + 0.50 * np.log(gigabytes) + 0.45 * np.log1p(areas_in_use) + 0.18 * people.value
    return np.round(np.exp(base + noise))


def tickets(people: Population) -> np.ndarray:
    """Return support tickets: newcomers and unhappy accounts write, size hardly matters, incidents dominate."""
    random = company.random(8)
    incident = random.normal(0, 0.35, people.value.shape[1])[None, :]
    trouble = random.gamma(1.3, 1 / 1.3, people.value.shape)
    complaints = company.FADING_TICKETS * people.fading
    rate = 2.4 * np.exp(-0.5 * people.value + incident + complaints) * trouble + 2.5 * np.exp(
        -np.maximum(people.age, 0) / 2.5
    )
    return random.poisson(rate).astype(float)


def outcomes(people: Population, found: np.ndarray, gigabytes: np.ndarray) -> dict[str, np.ndarray]:
    """Return what customers gain per month, by kind, accounts x months; renewal_score is 0 to 100."""
    random = company.random(9)
    count, months = people.value.shape
    monthly = np.where(np.arange(months) >= company.MOVE, company.EFFICIENT_GAIN, 0.03)
    gain = np.cumsum(np.where(people.efficient[:, None] & (people.age > 0), monthly, 0.0), axis=1)
    noise = random.normal(0, 0.15, (2, count, months)) + random.normal(0, 0.30, (2, count))[:, :, None]
    hours = 0.1 + 0.45 * np.log(np.maximum(found, 1)) + 0.45 * np.log(gigabytes) + 0.15 * people.value
    decisions = -1.0 + 0.85 * np.log(gigabytes) + 0.15 * np.log(np.maximum(found, 1)) + 0.15 * people.value
    score = 62 + 13 * people.value - 2.0 * people.fading + random.normal(0, 7, (count, months))
    return {
        "hours_saved": np.round(np.exp(hours + gain + noise[0])),
        "decisions_automated": np.round(np.exp(decisions + gain + noise[1])),
        "renewal_score": np.clip(np.round(score), 0, 100),
    }


@cache
def weeks() -> pd.DatetimeIndex:
    """Return the Mondays of the whole weeks in the months covered."""
    last_sunday = company.MONTHS[-1] + pd.offsets.MonthEnd(0)
    return pd.date_range(company.MONTHS[0], last_sunday - pd.Timedelta(days=6), freq="W-MON")


@cache
def week_month() -> np.ndarray:
    """Return the month position of each week: the month it ends in."""
    ends = weeks() + pd.Timedelta(days=6)
    return company.MONTHS.get_indexer(ends.to_period("M").to_timestamp())


@cache
def _weekly_draws(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the draws behind weekly use: one decides whether, the other how often."""
    random = company.random(10)
    shape = (count, len(company.FEATURE), len(weeks()))
    return random.random(shape, dtype=np.float32), random.standard_exponential(shape, dtype=np.float32)


@cache
def _habits(count: int) -> np.ndarray:
    """Return the chance of a week with use: everyday features most weeks, the others now and then, by some always."""
    random = company.random(11)
    shape = (count, len(company.FEATURE))
    return np.where(company.MUST_HAVE, random.beta(7.0, 1.5, shape), random.beta(1.2, 2.0, shape))


@cache
def _spells(count: int) -> np.ndarray:
    """Return uses a week of the power feature while a project leans on it, 0 outside: accounts x weeks."""
    random = company.random(40)
    begins = random.random((count, len(weeks()))) < company.SPELL_CHANCE * 12 / 52
    begins &= (week_month() >= company.MOVE)[None, :]
    lasts = random.integers(*company.SPELL_WEEKS, begins.shape)
    position = np.arange(len(weeks()))[None, :]
    until = np.maximum.accumulate(np.where(begins, position + lasts, 0), axis=1)
    return np.where(position < until, company.POWER_USES + random.poisson(1.5, begins.shape), 0)


def weekly_uses(
    people: Population, allowed: np.ndarray, month: int | None = None, *, only: int | None = None
) -> np.ndarray:
    """Return uses per account, feature and week of the features an account wants and its plan allows.

    `allowed` is accounts x features x months; `month` limits the answer to the weeks of one month, `only` to one
    feature, in the answer and in `allowed`.
    """
    count = len(people.segment)
    inside = slice(None) if month is None else np.flatnonzero(week_month() == month)
    of = slice(None) if only is None else slice(only, only + 1)
    where = week_month()[inside]
    chance, often = (draws[:, of, inside] for draws in _weekly_draws(count))
    habit = _habits(count)[:, of]
    mean = 0.8 + 2.6 * habit * np.array([0.8, 1.2, 1.9])[people.segment][:, None]
    active = allowed & people.paying[:, None, :]
    begun = (weeks()[inside] + pd.Timedelta(days=6)).to_numpy()[None, :] >= people.signed_up.to_numpy()[:, None]
    could = active[:, :, where] & begun[:, None, :]
    uses = np.where(could & (chance < habit[:, :, None]), 1 + np.floor(often * mean[:, :, None]), 0).astype(np.int32)
    power = (company.FEATURE[of] == company.POWER_FEATURE)[None, :, None]
    return np.where(could & power, np.maximum(uses, _spells(count)[:, None, inside]), uses).astype(np.int32)


def areas_used(uses: np.ndarray) -> np.ndarray:
    """Return the number of feature areas with some use, per account; `uses` is accounts x features x weeks."""
    some = uses.any(axis=2)
    return sum(
        (some[:, area == company.AREA].any(axis=1) for area in np.unique(company.AREA)), start=np.zeros(len(uses))
    )
