"""The people behind the use of two quarters, and the days of the last month and of the one that is running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population
    from sample_company.simulate import Run

LAST = len(company.MONTHS) - 1
QUARTERS = (company.MOVE - 1, LAST)  # the last month of each quarter that has people on record
MONTHS_SEEN = 3
IDLE, FEW, ONE = "idle seats", "few power users", "one department"
PLANTED = {IDLE: (18, 12), FEW: (14, 30), ONE: (14, 15)}  # by kind: accounts, and seats they have at least
USED = (0.68, 0.98)  # share of seats in use in a quarter
USED_WHERE_IDLE = (0.22, 0.42)
HEAVY, OF_USE = 0.1, 0.9  # where use hangs on few: their share of people, and of the use
ELSEWHERE = 0.1  # share of people outside the one department, each of whom uses it once
DEPARTMENTS = ("Analytics", "Operations", "Finance", "Marketing", "Sales")
NO_DEPARTMENT = 0.03  # share of people whose department nobody recorded
IN_A_MONTH = 0.45  # chance that somebody who used it in the quarter did so in a month

RUNNING = company.MONTHS[-1] + pd.DateOffset(months=1)
LAST_DAY = RUNNING + pd.Timedelta(days=11)
SURGES = 40
SURGE = (1.35, 1.8)  # volume of the running month against what it would have been
NEAR = ((340.0, 460.0), (1600.0, 2300.0))  # volumes that a surge may carry over 500 or 2,500
WEEK = np.array([1.2, 1.25, 1.2, 1.2, 1.1, 0.6, 0.45])  # Monday to Sunday
DAY_NOISE, DAYS_ALIKE = 0.25, 0.3
MONTH_GROWTH, MONTH_NOISE = 0.012, 0.075  # log change of volume from month to month


@dataclass(frozen=True)
class Inside:
    """Which accounts have what trouble inside, by the last month of a quarter and kind: positions of accounts."""

    rows: dict[int, dict[str, np.ndarray]]


def inside(people: Population, result: Run) -> Inside:
    """Draw who has idle seats, few power users or one department only; no account has two of them in a quarter."""
    random = company.random(50)
    found: dict[int, dict[str, np.ndarray]] = {}
    for last in QUARTERS:
        quarter = slice(last - MONTHS_SEEN + 1, last + 1)
        free = people.paying[:, quarter].all(axis=1)
        found[last] = {}
        for kind, (accounts, seats) in PLANTED.items():
            able = np.flatnonzero(free & (result.seats[:, last] >= seats))
            chosen = np.sort(random.permutation(able)[:accounts])
            free[chosen] = False
            found[last][kind] = chosen
    return Inside(found)


def user_activity(people: Population, result: Run) -> pd.DataFrame:
    """Return who used the product how often in each month of two quarters: numbers of people, with departments."""
    random, planted = company.random(51), inside(people, result)
    parts = []
    for last, kinds in planted.rows.items():
        kind_of = {int(row): kind for kind, rows in kinds.items() for row in rows}
        for row in np.flatnonzero(people.paying[:, last]):
            months = np.arange(last - MONTHS_SEEN + 1, last + 1)
            months = months[people.paying[row, months]]
            parts.append(_people(random, row, months, int(result.seats[row, last]), kind_of.get(int(row))))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(account_id=people.account_ids[table["account_id"]], month=company.MONTHS[table["month"]])


def _people(random: np.random.Generator, row: int, months: np.ndarray, seats: int, kind: str | None) -> pd.DataFrame:
    """Return the people of one account, those who use most first."""
    active = max(1, round(seats * random.uniform(*(USED_WHERE_IDLE if kind == IDLE else USED))))
    uses = np.sort(np.ceil(random.lognormal(2.3, 0.6, active)))[::-1]
    departments = random.permutation(DEPARTMENTS)[: random.integers(2, len(DEPARTMENTS) + 1)]
    place = np.arange(active) % len(departments)
    if kind == FEW:
        heavy = max(2, int(HEAVY * active))
        uses[heavy:] = np.minimum(uses[heavy:], 6)
        uses[:heavy] = np.ceil(uses[heavy:].sum() * OF_USE / (1 - OF_USE) / heavy)
    if kind == ONE:
        others = max(1, int(ELSEWHERE * active))
        place[:] = 0
        place[-others:], uses[-others:] = 1, 1
    unknown = (random.random(active) < NO_DEPARTMENT) & (kind is None)
    named = np.where(unknown, "", departments[place])
    there = random.random((active, len(months))) < IN_A_MONTH
    there[np.arange(active), random.integers(0, len(months), active)] = True
    user, month = np.nonzero(there)
    each = np.ceil(uses / there.sum(axis=1)).astype(int)
    return pd.DataFrame(
        {
            "account_id": row, "month": months[month], "user": [f"U-{at + 1}" for at in user],
            "department": named[user], "uses": each[user],
        }
    ).sort_values(["month", "user"], kind="stable")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Running:
    """The running month as it will have been: accounts that pay, their volume, and the share that surged."""

    rows: np.ndarray
    before: np.ndarray  # volume of the month before, as on record
    total: np.ndarray
    surge: np.ndarray  # 1 where there is none


def running(people: Population, result: Run) -> Running:
    """Draw what the month after the last one comes to."""
    random = company.random(52)
    volume = result.gigabytes[:, LAST]
    rows = np.flatnonzero(people.paying[:, LAST])
    before = np.where(volume < 10, np.round(volume, 1), np.round(volume))[rows]
    near = np.logical_or.reduce([(before >= low) & (before <= high) for low, high in NEAR])
    settled = people.age[rows, LAST] >= 12  # so that there is something to compare with
    surge = np.ones(len(rows))
    chosen = random.permutation(np.flatnonzero(near & settled))[:SURGES]
    surge[chosen] = random.uniform(*SURGE, len(chosen))
    change = np.exp(random.normal(MONTH_GROWTH, MONTH_NOISE, len(rows)))
    return Running(rows, before, before * change * surge, surge)


def daily_usage(people: Population, result: Run) -> pd.DataFrame:
    """Return data volume by day: the last month, whose days come to what is on record, and the running one so far."""
    found, random = running(people, result), company.random(53)
    parts = []
    for start, total in ((company.MONTHS[-1], found.before), (RUNNING, found.total)):
        days = pd.date_range(start, periods=start.days_in_month)
        noise = random.normal(0, DAY_NOISE, (len(total), len(days)))
        for day in range(1, len(days)):
            noise[:, day] = DAYS_ALIKE * noise[:, day - 1] + np.sqrt(1 - DAYS_ALIKE**2) * noise[:, day]
        shape = WEEK[days.day_of_week] * np.exp(noise)
        used = np.round(total[:, None] * shape / shape.sum(axis=1, keepdims=True), 2)
        over = days <= LAST_DAY
        parts.append(
            pd.DataFrame(
                {
                    "account_id": np.repeat(people.account_ids[found.rows], over.sum()),
                    "date": np.tile(days[over], len(total)),
                    "metric": "gigabytes_processed",
                    "quantity": used[:, over].ravel(),
                }
            )
        )
    return pd.concat(parts).sort_values(["account_id", "date"], kind="stable", ignore_index=True)


def truth(people: Population, result: Run) -> dict[str, object]:
    """Return who has what trouble inside, and what the running month comes to."""
    found = running(people, result)
    ids = people.account_ids[found.rows]
    surged = found.surge > 1
    return {
        "inside": {
            f"{company.MONTHS[last]:%Y-%m}": {kind: people.account_ids[rows].tolist() for kind, rows in kinds.items()}
            for last, kinds in inside(people, result).rows.items()
        },
        "running_month": {
            "month": f"{RUNNING:%Y-%m}",
            "last_day": f"{LAST_DAY:%Y-%m-%d}",
            "surges": dict(zip(ids[surged].tolist(), np.round(found.surge[surged], 3).tolist(), strict=True)),
            "comes_to": dict(zip(ids.tolist(), np.round(found.total, 1).tolist(), strict=True)),
        },
    }
