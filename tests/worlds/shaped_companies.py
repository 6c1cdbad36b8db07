"""Companies whose customers' worth is known, so that what each of five shapes of pricing would truly bring is known.

Four kinds: `usage` (an API with whales and a free plan), `seats` (a collaboration tool whose features are taken up in a
common order), `modules` (modules wanted independently of each other), `hybrid` (seats and metered usage, each with its
own worth). One company in four breaks an assumption: customers stay by habit, have budgets, hold prices against what
they pay today, or share seats. Only those who still buy today are seen. Nothing here knows the workbench.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

KINDS = ("usage", "seats", "modules", "hybrid")
BROKEN = ("inertia", "budgets", "reference prices", "shared seats")
SIZES = {"full": (600, 200), "small": (30, 15)}
MONTHS = 15
FEATURES = 8
STEPS = (0.3, 0.5, 0.75, 1.0, 1.4, 2.0, 3.0)  # of the middle worth: what a ladder asks


@dataclass(frozen=True)
class Plan:
    """One of today's plans: a fee, a price per seat, features, the most usage it serves."""

    name: str
    fee: float
    per_seat: float
    features: tuple[int, ...]
    limit: float = np.inf


@dataclass(frozen=True)
class Company:
    """Accounts that are customers today; `usage` is accounts x months, `core` and `extra` are worth a month.

    `core` is what the product is worth to an account without any feature, `extra` (accounts x features) what each adds.
    `notices` (accounts x features) says which features an account would ever buy apart: nobody looks at every add-on.
    """

    kind: str
    broken: str
    plans: tuple[Plan, ...]
    seats: np.ndarray
    usage: np.ndarray
    core: np.ndarray
    extra: np.ndarray
    notices: np.ndarray
    plan: np.ndarray
    bill: np.ndarray
    cost: np.ndarray
    stuck: np.ndarray
    budget: np.ndarray
    counted: np.ndarray
    segment: np.ndarray
    seed: int
    asked: int

    @property
    def whole(self) -> np.ndarray:
        """Return what everything is worth a month."""
        return self.core + self.extra.sum(axis=1)

    def accepts(self, left: np.ndarray, bill: np.ndarray) -> np.ndarray:
        """Tell who buys an offer that leaves this much over its price."""
        yes = (left >= 0) & (bill <= self.budget)
        if self.broken == "reference prices":
            yes &= bill <= np.maximum(self.bill, 1e-9) * 1.5 + 0.25 * (left + bill)
        return yes | (self.stuck & (bill <= 1.3 * self.bill))


def company(kind: str, seed: int, size: str = "full") -> Company:
    """Return one company; its parameters are drawn too. Every fourth seed breaks an assumption."""
    rng = np.random.default_rng([KINDS.index(kind), seed, list(SIZES).index(size), 77])
    broken = BROKEN[seed // 4 % 4] if seed % 4 == 3 else ""
    accounts, asked = SIZES[size]
    many = accounts * 5
    segment = rng.choice(3, many, p=(0.5, 0.35, 0.15))
    seats, mean, core, extra = _worth(kind, segment, rng)
    plans = _plans(kind, seats, mean, core + extra.sum(axis=1))
    plan, bill, left = _chosen(plans, seats, mean, core, extra)
    stuck, budget = np.zeros(many, dtype=bool), np.full(many, np.inf)
    if broken == "inertia":
        stuck = (left < 0) & np.isfinite(left) & (rng.random(many) < rng.uniform(0.2, 0.5))
    if broken == "budgets":
        budget = np.exp(rng.normal(np.log(np.median(core + extra.sum(axis=1)) * 2), 1.0, many))
    notices = rng.random(extra.shape) < rng.uniform(0.75, 0.95)
    kept = rng.permutation(np.flatnonzero(((left >= 0) & (bill <= budget)) | stuck))[:accounts]
    swing = {"usage": rng.uniform(0.3, 1.2), "hybrid": rng.uniform(0.1, 0.6)}.get(kind, 0.1)
    usage = mean[:, None] * np.exp(0.01 * (np.arange(MONTHS) - MONTHS + 1) + rng.normal(0, swing, (many, MONTHS)))
    counted = seats
    if broken == "shared seats":
        counted = np.maximum(1, np.round(seats * rng.uniform(0.5, 1.0, many)))
    whole = core + extra.sum(axis=1)
    per_unit = rng.uniform(0.02, 0.12) * np.median(whole) / np.median(mean) if kind in ("usage", "hybrid") else 0.0
    cost = per_unit * mean + 0.01 * np.median(whole)
    return Company(
        kind, broken, plans, seats[kept], usage[kept], core[kept], extra[kept], notices[kept], plan[kept],
        bill[kept], cost[kept], stuck[kept], budget[kept], counted[kept], segment[kept], seed, asked,
    )  # fmt: skip


def _worth(
    kind: str, segment: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return seats, mean usage, and what the product is worth without features and by feature."""
    many = len(segment)
    seats = np.maximum(1, np.round(np.exp(rng.normal(1.6 + 0.9 * segment, 0.7))))
    mean = seats * 20 * np.exp(rng.normal(0, 0.7, many))
    level = rng.uniform(20, 60)
    noise = np.exp(rng.normal(0, rng.uniform(0.25, 0.5), many))
    depth = rng.normal(0.25 * segment, 1.0)
    wants, weights, core = _in_order(depth, rng), np.ones(FEATURES), np.full(many, rng.uniform(0.6, 0.85))
    whole = seats * level * noise
    if kind == "usage":
        mean = np.exp(rng.normal(6 + 0.8 * segment, rng.uniform(1.2, 1.8)))
        whole = level * 4 * (mean / np.exp(6)) ** rng.uniform(0.6, 0.85) * noise
        seats = np.maximum(1, np.round(seats * np.exp(rng.normal(0, 0.6, many)) / 3))
    elif kind == "seats":
        whole = whole * np.exp(rng.uniform(0.25, 0.5) * depth)
        core, weights = np.full(many, rng.uniform(0.25, 0.45)), np.linspace(0.7, 1.3, FEATURES)
    elif kind == "modules":
        wants = rng.random((many, FEATURES)) < rng.uniform(0.06, 0.3, FEATURES)
        # What a module is worth differs from account to account too: each is bought for a job of its own.
        weights = rng.uniform(0.5, 1.6, FEATURES) * np.exp(rng.normal(0, 0.2, (many, FEATURES)))
        base = rng.uniform(0.05, 0.2)
        together = base + (wants * weights).sum(axis=1) / 2
        whole, core = whole * together, base / together
    else:
        mean = np.exp(rng.normal(6, rng.uniform(1.0, 1.5), many)) * (1 + 0.3 * segment)
        share, power = rng.uniform(0.8, 1.6), rng.uniform(0.75, 0.95)
        of_usage = np.median(whole) * share * (mean / np.exp(6)) ** power
        whole = whole + of_usage * np.exp(rng.normal(0, 0.3, many))
    parts = _parts(wants, weights)
    core_worth = np.where(wants.any(axis=1), whole * core, whole)
    return seats, mean, core_worth, (whole - core_worth)[:, None] * parts


def _chosen(
    plans: tuple[Plan, ...], seats: np.ndarray, mean: np.ndarray, core: np.ndarray, extra: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the plan each takes today, its bill, and what it leaves the account."""
    worth = np.array([core + extra[:, list(plan.features)].sum(axis=1) for plan in plans])
    worth = np.where(np.array([mean * 1.2 <= plan.limit for plan in plans]), worth, -np.inf)
    bills = np.array([plan.fee + plan.per_seat * seats for plan in plans])
    left = worth - bills
    plan, rows = left.argmax(axis=0), np.arange(len(seats))
    return plan, bills[plan, rows], left.max(axis=0)


def _in_order(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return wants in a common order: the deeper an account goes, the more it wants; a few stray."""
    marks = np.linspace(-1.6, 1.6, FEATURES)
    wants = depth[:, None] + rng.normal(0, rng.uniform(0.1, 0.4), (len(depth), FEATURES)) > marks
    return wants ^ (rng.random(wants.shape) < 0.02)


def _parts(wants: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weighed = wants * weights
    total = weighed.sum(axis=1, keepdims=True)
    return np.divide(weighed, total, out=np.zeros_like(weighed, dtype=float), where=total > 0)


def _plans(kind: str, seats: np.ndarray, mean: np.ndarray, whole: np.ndarray) -> tuple[Plan, ...]:
    """Return today's prices: sensible ones, not the best."""
    per_seat, middle = float(np.median(whole / seats)), float(np.median(whole))
    everything = tuple(range(FEATURES))
    if kind == "usage":
        low, high = np.quantile(mean, (0.3, 0.7))
        return (
            Plan("Free", 0.0, 0.0, (0, 1), float(low)),
            Plan("Pro", round(0.5 * middle, 2), 0.0, (0, 1, 2, 3, 4), float(high)),
            Plan("Scale", round(1.5 * middle, 2), 0.0, everything),
        )
    if kind == "seats":
        return (
            Plan("Basic", 0.0, round(0.3 * per_seat, 2), (0, 1, 2)),
            Plan("Growth", 0.0, round(0.5 * per_seat, 2), (0, 1, 2, 3, 4, 5)),
            Plan("Business", 0.0, round(0.75 * per_seat, 2), everything),
        )
    return (Plan("Everything", 0.0, round(0.45 * per_seat, 2), everything),)


def tables(made: Company) -> dict[str, pd.DataFrame]:
    """Return what the company's own records say: nothing of worth but bills, use, results and some answers."""
    rng = np.random.default_rng([made.seed, 5])
    ids = np.array([f"c{number:04d}" for number in range(len(made.seats))])
    months = pd.date_range("2023-10-01", periods=MONTHS, freq="MS")
    names = [f"feature {number + 1}" for number in range(FEATURES)]
    account, month = np.repeat(ids, MONTHS), np.tile(months, len(ids))
    usage = pd.concat(
        [
            pd.DataFrame({"account_id": account, "month": month, "metric": metric, "quantity": quantity})
            for metric, quantity in (
                ("calls", made.usage.round().ravel()),
                ("seats", np.repeat(made.counted, MONTHS)),
            )
        ]
    )
    has = np.array([[feature in plan.features for feature in range(FEATURES)] for plan in made.plans])[made.plan]
    uses = (made.extra > 0) & has & (rng.random(made.extra.shape) < 0.97)
    row, feature = np.nonzero(uses)
    weeks = pd.date_range("2024-10-07", periods=10, freq="7D")
    use = pd.DataFrame(
        {
            "account_id": np.repeat(ids[row], len(weeks)),
            "week": np.tile(weeks, len(row)),
            "feature": np.repeat(np.array(names)[feature], len(weeks)),
            "uses": 5,
        }
    )
    value = made.whole[:, None] ** 0.8 * np.exp(rng.normal(0, 0.3, (len(ids), 4)))
    results = pd.DataFrame(
        {
            "account_id": np.repeat(ids, 4),
            "date": np.tile(pd.to_datetime(["2024-03-15", "2024-06-15", "2024-09-15", "2024-12-15"]), len(ids)),
            "kind": "hours saved",
            "value": value.ravel().round(1),
        }
    )
    plan_names = np.array([plan.name for plan in made.plans])
    segments = np.array(["small", "mid", "large"])[made.segment]
    offered = [
        {"plan": plan.name, "base_fee": plan.fee, "metric": "seats" if plan.per_seat else None,
         "unit_price": plan.per_seat or None, "currency": "USD"}
        for plan in made.plans
    ]  # fmt: skip
    found = {
        "accounts": pd.DataFrame(
            {"account_id": ids, "segment": segments, "plan": plan_names[made.plan], "unit_cost": made.cost.round(2)}
        ),
        "usage": usage,
        "mrr": pd.DataFrame(
            {"account_id": account, "month": month, "amount": np.repeat(made.bill.round(2), MONTHS),
             "plan": np.repeat(plan_names[made.plan], MONTHS), "currency": "USD"}
        ),
        "feature_use": use,
        "outcomes": results,
        "plans": pd.DataFrame(offered),
        "plan_features": pd.DataFrame(
            [(plan.name, names[feature]) for plan in made.plans for feature in plan.features],
            columns=["plan", "feature"],
        ),
    }  # fmt: skip
    limited = [(plan.name, "calls", round(plan.limit)) for plan in made.plans if np.isfinite(plan.limit)]
    if limited:
        found["plan_limits"] = pd.DataFrame(limited, columns=["plan", "metric", "limit"])
    return found | _answers(made, ids, segments, rng)


def _answers(made: Company, ids: np.ndarray, segments: np.ndarray, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Ask some accounts what everything would be worth a month; larger ones answer more often, most overstate."""
    chance = (made.bill + np.median(made.bill) + 1e-9) ** 0.3
    who = rng.choice(len(ids), min(made.asked, len(ids)), replace=False, p=chance / chance.sum())
    said = made.whole[who] * rng.uniform(0.95, 1.5) * np.exp(rng.normal(0, rng.uniform(0.05, 0.3), len(who)))
    about = pd.DataFrame(
        {"respondent": [f"r{n}" for n in range(len(who))], "account_id": ids[who], "segment": segments[who]}
    )
    if made.seed % 2:
        steps = np.unique(np.quantile(made.whole, (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97)).round(0))
        asked = about.loc[about.index.repeat(len(steps))].assign(price=np.tile(steps, len(who)))
        asked["accepted"] = (np.repeat(said, len(steps)) >= asked["price"].to_numpy()).astype(int)
        return {"survey_price_ladder": asked.reset_index(drop=True)}
    low, high = said * rng.uniform(0.75, 0.95), said * rng.uniform(1.05, 1.3)
    prices = {"too_cheap": low * 0.3, "cheap": low * 0.6, "expensive": low, "too_expensive": high}
    return {"survey_price_sensitivity": about.assign(**{name: each.round(2) for name, each in prices.items()})}
