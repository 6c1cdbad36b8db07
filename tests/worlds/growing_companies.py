"""Companies whose usage grows by a known law: nine kinds, for judging forecasts. Nothing here knows the workbench."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("steady", "by_age", "saturating", "seasonal", "whales", "shocks", "turns", "small", "lumpy")
SEEN, AHEAD = 36, 24
_WARM = 36  # months lived through before the first one that is seen


@dataclass(frozen=True)
class Company:
    """Usage of seats and of units, metrics x accounts x months (SEEN + AHEAD); nan while an account is no customer."""

    kind: str
    quantity: np.ndarray
    age: np.ndarray
    segment: np.ndarray
    first_calendar_month: int
    usage_price: float
    seat_price: float

    def seen(self, months: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """Return the last so many months before the future: quantity, age, segment, first calendar month."""
        start = SEEN - months
        quantity = self.quantity[:, :, start:SEEN]
        known = ~np.isnan(quantity[0]).all(axis=1)
        return (
            quantity[:, known],
            self.age[known] + start,
            self.segment[known],
            (self.first_calendar_month + start) % 12,
        )

    def usage_bill(self, quantity: np.ndarray) -> np.ndarray:
        """Bill units in three falling bands over a fee (metrics first)."""
        units = quantity[1]
        bands = np.minimum(units, 1_000) + 0.8 * np.clip(units - 1_000, 0, 9_000) + 0.6 * np.maximum(units - 10_000, 0)
        return 20 + self.usage_price * bands

    def seat_bill(self, quantity: np.ndarray) -> np.ndarray:
        """Bill seats, cheaper beyond fifty."""
        seats = quantity[0]
        return self.seat_price * (np.minimum(seats, 50) + 0.8 * np.maximum(seats - 50, 0))

    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what all customers of a month are billed under both lists, per month."""
        with np.errstate(invalid="ignore"):
            return np.nansum(self.usage_bill(self.quantity), axis=0), np.nansum(self.seat_bill(self.quantity), axis=0)


def company(kind: str, seed: int) -> Company:
    """Live through the months of one company; its parameters are drawn too."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    months = _WARM + SEEN + AHEAD
    target = {"whales": 100, "small": 40}.get(kind, int(rng.integers(300, 700)))
    leaving = rng.uniform(0.004, 0.02)
    per_month = target / (_WARM + SEEN) * rng.uniform(1.0, 1.8)
    counts = rng.poisson(per_month, months)
    counts[0] += int(target * rng.uniform(0.1, 0.5))
    joined = np.repeat(np.arange(months), counts)
    accounts = len(joined)
    segment = rng.integers(0, 3, accounts)
    age = np.arange(months) - joined[:, None]
    growth = _growth(kind, age, segment, months, rng)
    shock = rng.normal(0, 0.04 if kind == "shocks" else rng.uniform(0.003, 0.015), months)
    amplitude = rng.uniform(0.1, 0.2) if kind == "seasonal" else rng.uniform(0, 0.03)
    season = amplitude * np.sin(2 * np.pi * (np.arange(months) + rng.integers(12)) / 12)
    start = rng.normal(6.5 + 0.7 * segment, 2.0 if kind == "whales" else 1.2)
    steps = np.where(age > 0, growth + rng.normal(0, rng.uniform(0.02, 0.08), growth.shape), 0.0)
    logs = start[:, None] + np.cumsum(steps, axis=1) + np.cumsum(shock) + season
    logs += rng.normal(0, 0.4 if kind == "lumpy" else rng.uniform(0.05, 0.2), logs.shape)
    units = np.exp(logs)
    if kind == "lumpy":
        units[rng.random(units.shape) < rng.uniform(0.1, 0.4, accounts)[:, None]] = 0.0
    seats = _seats(age, segment, rng)
    hazard = leaving * np.where(age < 4, 2.0, np.where(age < 12, 1.3, 0.8)) * (1.3 - 0.3 * segment[:, None])
    left = np.cumsum((rng.random(age.shape) < hazard) & (age > 0), axis=1) > 0
    quantity = np.where(left | (age < 0), np.nan, np.array([seats, units]))[:, :, _WARM:]
    ever = ~np.isnan(quantity[0]).all(axis=1)
    made = Company(kind, quantity[:, ever], age[ever, _WARM], segment[ever], int(rng.integers(12)), 1.0, 1.0)
    return _priced(made, rng)


def _growth(kind: str, age: np.ndarray, segment: np.ndarray, months: int, rng: np.random.Generator) -> np.ndarray:
    """Return each account's growth of log usage per month, own part included."""
    own = rng.normal(0, rng.uniform(0.0, 0.01), len(age))[:, None]
    rate = rng.uniform(0.0, 0.02) + 0.004 * (segment - 1)[:, None] + 0 * age
    if kind == "by_age":
        rate = rng.uniform(0.05, 0.1) * np.exp(-np.maximum(age, 0) / rng.uniform(5, 10)) + rng.uniform(0.005, 0.02)
    elif kind == "saturating":
        rate = rng.uniform(0.08, 0.14) * np.exp(-np.maximum(age, 0) / rng.uniform(6, 12)) + 0 * age
    elif kind == "turns":
        turn = _WARM + SEEN + rng.integers(-3, 12)
        before = rng.uniform(0.015, 0.035)
        after = before * rng.uniform(0.0, 0.8)
        rate = np.where(np.arange(months) < turn, before, after) + 0 * age
    return rate + own


def _seats(age: np.ndarray, segment: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return seats: whole numbers that seldom change, by steps, and grow a little."""
    start = np.exp(rng.normal(2.0 + 0.9 * segment, 0.6))
    chance, up = rng.uniform(0.05, 0.15), rng.uniform(0.5, 0.75)
    moves = (rng.random(age.shape) < chance) & (age > 0)
    direction = np.where(rng.random(age.shape) < up, 1, -1)
    size = rng.exponential(0.12, age.shape)
    return np.maximum(1, np.round(start[:, None] * np.exp(np.cumsum(moves * direction * size, axis=1))))


def _priced(made: Company, rng: np.random.Generator) -> Company:
    """Price the usage list so that last year brought what the seat list did, give or take 15%."""
    seat_price = 30.0
    priced = Company(made.kind, made.quantity, made.age, made.segment, made.first_calendar_month, 1.0, seat_price)
    usage, seats = (total[SEEN - 12 : SEEN].sum() for total in priced.totals())
    fees = 20 * (~np.isnan(made.quantity[0, :, SEEN - 12 : SEEN])).sum()
    scale = max(0.01, (seats * rng.uniform(0.85, 1.15) - fees) / (usage - fees))
    return Company(
        made.kind, made.quantity, made.age, made.segment, made.first_calendar_month, float(scale), seat_price
    )
