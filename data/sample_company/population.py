"""Who the accounts are, how they feel, when they leave: everything that does not depend on calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_company import settings as company

FIRST_WORDS = tuple(
    """
    Alder Amber Anchor Arbor Aspen Beacon Birch Bramble Bright Cedar Cinder Clover Cobalt Copper
    Coral Crest Dapple Ember Fallow Fern Flint Garnet Harbor Hazel Heron Indigo Ivory Juniper Larch
    Linden Maple Marble Meadow Mistral Nettle Oaken Opal Osprey Pebble Quarry
    """.split()  # noqa: SIM905 - a block of words reads better than a column of strings
)
LAST_WORDS = tuple(
    """
    Supply Outfitters Holdings Freight Mutual Press Foundry Clinics Studios Brands Partners Works
    Logistics Capital Goods Networks Mills Health Group Trading
    """.split()  # noqa: SIM905 - a block of words reads better than a column of strings
)


@dataclass(frozen=True, eq=False)
class Population:
    """Account attributes (arrays of length accounts) and monthly states (accounts x months)."""

    account_ids: np.ndarray
    names: np.ndarray
    segment: np.ndarray
    industry: np.ndarray
    region: np.ndarray
    signed_up: pd.DatetimeIndex
    age: np.ndarray  # months since sign-up, negative before it
    temperament: np.ndarray  # lasting part of health, one per account
    value: np.ndarray  # value received, about mean 0 and spread 1
    paying: np.ndarray  # bool
    present: np.ndarray  # bool: paying, or away and later back
    fading: np.ndarray  # months of lost interest so far, 0 except before an account leaves
    efficient: np.ndarray  # bool: gets more value from less data
    discount: np.ndarray


def make_population() -> Population:
    """Draw the accounts and their lives."""
    random = company.random(1)
    months = len(company.MONTHS)
    start = _starts(random)
    count = len(start)
    founding = start < 0
    segment = np.select(
        [founding, start < company.MOVE],
        [
            random.choice(3, count, p=company.SEGMENT_SHARE_FOUNDING),
            random.choice(3, count, p=company.SEGMENT_SHARE_LATER),
        ],
        random.choice(3, count, p=company.SEGMENT_SHARE_AFTER),
    )
    temperament = random.normal(0, 0.8, count)
    age = np.arange(months)[None, :] - start[:, None]
    value = temperament[:, None] + _mood(random, count, months)
    paying, present = _lives(random, segment, age, value)
    names = [f"{first} {last}" for first in FIRST_WORDS for last in LAST_WORDS]
    return Population(
        account_ids=np.array([f"Q{number:04d}" for number in range(1, count + 1)], dtype=object),
        names=np.array(random.permutation(names)[:count], dtype=object),
        segment=segment,
        industry=random.choice(len(company.INDUSTRIES), count, p=company.INDUSTRY_SHARE),
        region=random.choice(len(company.REGIONS), count, p=company.REGION_SHARE),
        signed_up=_dates(random, start),
        age=age,
        temperament=temperament,
        value=value,
        paying=paying,
        present=present,
        fading=_fading(paying),
        efficient=random.random(count) < 0.04,
        discount=np.array([0.0, 0.05, 0.10, 0.15, 0.20])[
            np.minimum(4, random.poisson(np.array([0.3, 0.9, 2.0])[segment]))
        ],
    )


def _starts(random: np.random.Generator) -> np.ndarray:
    """Return the month position in which each account starts, in order of arrival."""
    earlier = -np.sort(random.integers(1, 37, company.FOUNDING_ACCOUNTS))[::-1]
    before = [month for month in range(company.MOVE) for _ in range(company.NEW_PER_MONTH_BEFORE[month % 2])]
    after = np.repeat(np.arange(company.MOVE, len(company.MONTHS)), company.NEW_PER_MONTH_AFTER)
    return np.concatenate([earlier, before, after]).astype(int)


def _dates(random: np.random.Generator, start: np.ndarray) -> pd.DatetimeIndex:
    """Return a sign-up day inside the starting month."""
    first = [company.MONTHS[0] + pd.DateOffset(months=int(month)) for month in start]
    return pd.DatetimeIndex(first) + pd.to_timedelta(random.integers(0, 28, len(start)), unit="D")


def _mood(random: np.random.Generator, count: int, months: int, memory: float = 0.9) -> np.ndarray:
    """Return slowly changing health around the temperament: first-order autoregression, spread 0.6."""
    mood = np.empty((count, months))
    mood[:, 0] = random.normal(0, 0.6, count)
    steps = random.normal(0, 0.6 * np.sqrt(1 - memory**2), (count, months))
    for month in range(1, months):
        mood[:, month] = memory * mood[:, month - 1] + steps[:, month]
    return mood


def _lives(
    random: np.random.Generator, segment: np.ndarray, age: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Let accounts leave with a hazard that falls with value received; some of them come back."""
    hazard = np.array(company.MONTHLY_CHURN)[segment][:, None] * np.exp(company.CHURN_PER_VALUE * value)
    leaves = (random.random(age.shape) < hazard) & (age >= 3)
    leaves[:, 0] = False
    months = age.shape[1]
    first_gone = np.where(leaves.any(axis=1), leaves.argmax(axis=1), months)
    pause = random.integers(3, 9, len(segment))
    returns = (random.random(len(segment)) < 0.12) & (first_gone + pause < months - 1)
    position = np.arange(months)[None, :]
    begun = age >= 0
    away = (position >= first_gone[:, None]) & (~returns[:, None] | (position < (first_gone + pause)[:, None]))
    paying = begun & ~away
    present = begun & ((position < first_gone[:, None]) | returns[:, None])
    return paying, present


def _fading(paying: np.ndarray) -> np.ndarray:
    """Count up the months in which an account is about to leave: 1 when they begin, more as they pass."""
    months = paying.shape[1]
    fading = np.zeros(paying.shape)
    leaves = paying[:, :-1] & ~paying[:, 1:]
    for ahead in range(company.FADING_MONTHS):
        soon = leaves[:, ahead:]
        fading[:, : months - 1 - ahead] = np.where(soon, company.FADING_MONTHS - ahead, fading[:, : months - 1 - ahead])
    return np.where(paying, fading, 0.0)
