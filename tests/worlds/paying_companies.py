"""Companies whose customers' worth is known: who stays, what they buy at any prices, and what they say when asked.

Four kinds: `seats` (three plans, features wanted in a loose common order), `api` (usage of very unequal size, a free
plan, limits), `modules` (one plan today, eight modules wanted independently of each other), `inertia` (seats, and many
who would not buy today stay all the same). `BROKEN` kinds break an assumption that any reading of answers makes. Only
those who still buy are seen, as in any company. Nothing here knows the workbench.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

KINDS = ("seats", "api", "modules", "inertia")
BROKEN = ("understated", "random", "overstated")
SIZES = {"full": (600, 200), "small": (30, 15)}
METHODS = ("ladder", "sensitivity")
FEATURES = 8
STEPS = (0.3, 0.5, 0.75, 1.0, 1.4, 2.0, 3.0)  # of the middle price: what a ladder asks


@dataclass(frozen=True)
class Offer:
    """A plan: a fee a month, a price per unit (seat), its features, and the most units it serves."""

    name: str
    fee: float
    per_unit: float
    features: tuple[int, ...]
    limit: float = np.inf

    def bill(self, units: np.ndarray) -> np.ndarray:
        """Return the bill a month."""
        return self.fee + self.per_unit * units

    def times(self, factor: float) -> Offer:
        """Return the same at other prices."""
        return replace(self, fee=self.fee * factor, per_unit=self.per_unit * factor)


@dataclass(frozen=True)
class Company:
    """Accounts that are customers today, what they are worth to themselves, and what some of them said.

    `worth` is what everything would be worth a month; `wants` (accounts x features) what they want, `weights` how much
    of the worth each feature carries, `core` the part that stays without any. `answers` are (account, low, high) a
    month and account: they would still pay low and no longer high, as stated.
    """

    kind: str
    per_seat: bool
    offers: tuple[Offer, ...]
    segment: np.ndarray
    units: np.ndarray
    plan: np.ndarray
    uses: np.ndarray
    worth: np.ndarray
    wants: np.ndarray
    weights: np.ndarray
    core: np.ndarray
    taste: float
    stuck: np.ndarray
    answers: np.ndarray
    method: str

    @property
    def ladder(self) -> np.ndarray:
        """Return the prices a ladder asks about, per seat where they are, around what everything is worth."""
        units = self.units if self.per_seat else 1.0
        return np.round(np.array(STEPS) * float(np.median(self.worth / units)), 2)

    @property
    def bills(self) -> np.ndarray:
        """Return what each account pays a month today."""
        by_offer = np.array([offer.bill(self.units) for offer in self.offers])
        return by_offer[self.plan, np.arange(len(self.units))]

    def worth_of(self, offer: Offer) -> np.ndarray:
        """Return what an offer is worth to each account a month."""
        return _worth_of(offer, self.worth, self.units, (self.wants, self.weights, self.core))

    def truth(self, offers: tuple[Offer, ...]) -> tuple[float, float]:
        """Return revenue a month at other prices, and the share of accounts paying today that still pay."""
        surplus = np.array([self.worth_of(offer) - offer.bill(self.units) for offer in offers])
        bills = np.array([offer.bill(self.units) for offer in offers])
        best = surplus.argmax(axis=0)
        accounts = np.arange(len(self.units))
        # Those who stay by habit stay on the offer that costs them least among those that serve them.
        serving = np.where(np.isfinite(surplus), bills, np.inf)
        best = np.where((surplus.max(axis=0) < 0) & self.stuck, serving.argmin(axis=0), best)
        buys = (surplus.max(axis=0) >= 0) | (self.stuck & np.isfinite(serving.min(axis=0)))
        paid = np.where(buys, bills[best, accounts], 0.0)
        paying = self.bills > 0
        return float(paid.sum()), float((paid[paying] > 0).mean())


def _worth_of(
    offer: Offer, worth: np.ndarray, units: np.ndarray, tastes: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    wants, weights, core = tastes
    wanted = wants * weights
    inside = wanted[:, list(offer.features)].sum(axis=1) if offer.features else np.zeros(len(worth))
    total = wanted.sum(axis=1)
    part = core + (1 - core) * np.divide(inside, total, out=np.ones(len(worth)), where=total > 0)
    return np.where(units <= offer.limit, worth * part, -np.inf)


def company(kind: str, seed: int, size: str = "full", answers: int | None = None) -> Company:
    """Return one company; its parameters are drawn too. `kind` may be a broken one: then seats underlie it."""
    rng = np.random.default_rng([(*KINDS, *BROKEN).index(kind), seed, list(SIZES).index(size)])
    base = "seats" if kind in BROKEN else kind
    accounts, asked = SIZES[size]
    many = accounts * 4
    segment = rng.choice(3, many, p=(0.5, 0.35, 0.15))
    if base == "api":
        units = np.exp(rng.normal(6 + segment, rng.uniform(1.3, 2.0)))
        worth = 30 * (units / np.exp(6)) ** rng.uniform(0.5, 0.7) * np.exp(rng.normal(0, 0.6, many))
    else:
        units = np.maximum(1, np.round(np.exp(rng.normal(1.8 + 1.1 * segment, 0.7))))
        worth = units * rng.uniform(25, 60) * (1 + 0.4 * segment) * np.exp(rng.normal(0, rng.uniform(0.3, 0.6), many))
    features = FEATURES
    wants = _wants(base, segment, features, rng)
    weights = rng.exponential(1.0, features) + 0.1 if base == "modules" else np.ones(features)
    core = np.clip(rng.uniform(0.35, 0.65) + rng.normal(0, 0.08, many), 0.05, 0.95)
    offers = _offers(base, worth, units)
    taste = rng.uniform(0, 0.08)
    value = np.array([_worth_of(offer, worth, units, (wants, weights, core)) for offer in offers])
    bills = np.array([offer.bill(units) for offer in offers])
    noisy = value * (1 + taste * rng.standard_normal(value.shape)) - bills
    plan = noisy.argmax(axis=0)
    bought, best = bills[plan, np.arange(many)], value[plan, np.arange(many)]
    near = np.divide(bought, best, out=np.full(many, 2.0), where=best > 0)
    stays = (noisy.max(axis=0) >= 0) & (rng.random(many) > 0.3 * np.clip(near, 0, 1) ** 3)
    stuck = np.zeros(many, dtype=bool)
    if base == "inertia":
        habit = (noisy.max(axis=0) < 0) & np.isfinite(value.max(axis=0)) & (bought < 2 * best)
        stuck = habit & (rng.random(many) < rng.uniform(0.2, 0.6))
    kept = rng.permutation(np.flatnonzero(stays | stuck))[:accounts]
    made = Company(
        kind,
        base != "api",
        offers,
        segment[kept],
        units[kept],
        plan[kept],
        _uses(wants[kept], plan[kept], offers, rng),
        worth[kept],
        wants[kept],
        weights,
        core[kept],
        taste,
        stuck[kept],
        np.zeros((0, 3)),
        METHODS[seed % len(METHODS)],
    )
    return replace(made, answers=_answers(made, answers or asked, rng))


def _wants(kind: str, segment: np.ndarray, features: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "modules":
        return rng.random((len(segment), features)) < rng.uniform(0.15, 0.7, features)
    order = np.linspace(0.95, 0.15, features)
    reach = rng.normal(0, 0.25, (len(segment), 1)) + 0.15 * segment[:, None]
    return rng.random((len(segment), features)) < np.clip(order + reach, 0.02, 0.98)


def _uses(wants: np.ndarray, plan: np.ndarray, offers: tuple[Offer, ...], rng: np.random.Generator) -> np.ndarray:
    """Return recorded use: what is wanted and inside the own plan, with a little that is not recorded."""
    has = np.array([[feature in offer.features for feature in range(wants.shape[1])] for offer in offers])
    return wants & has[plan] & (rng.random(wants.shape) < 0.97)


def _offers(kind: str, worth: np.ndarray, units: np.ndarray) -> tuple[Offer, ...]:
    """Return today's prices: sensible ones, not the best."""
    if kind == "api":
        middle = float(np.median(worth))
        limits = np.quantile(units, (0.3, 0.7))
        return (
            Offer("Free", 0.0, 0.0, (), float(limits[0])),
            Offer("Pro", round(0.5 * middle, 2), 0.0, (0, 1, 2, 3), float(limits[1])),
            Offer("Scale", round(1.8 * middle, 2), 0.0, tuple(range(8))),
        )
    middle = float(np.median(worth / units))
    if kind == "modules":
        return (Offer("Everything", 0.0, round(0.5 * middle, 2), tuple(range(8))),)
    return (
        Offer("Basic", 0.0, round(0.35 * middle, 2), (0, 1, 2)),
        Offer("Growth", 0.0, round(0.6 * middle, 2), (0, 1, 2, 3, 4, 5)),
        Offer("Scale", 0.0, round(0.9 * middle, 2), tuple(range(8))),
    )


def _answers(made: Company, count: int, rng: np.random.Generator) -> np.ndarray:
    """Ask some accounts what everything would be worth; larger ones answer more often, and all overstate."""
    accounts = len(made.worth)
    chance = made.bills + np.median(made.bills) + 1e-9
    who = rng.choice(accounts, min(count, accounts), replace=False, p=chance**0.3 / (chance**0.3).sum())
    over = {"understated": rng.uniform(0.5, 0.7), "overstated": rng.uniform(1.7, 2.1)}.get(
        made.kind, rng.uniform(0.95, 1.5)
    )
    units = made.units[who] if made.per_seat else np.ones(len(who))
    said = made.worth[who] / units * over * np.exp(rng.normal(0, rng.uniform(0.05, 0.3), len(who)))
    if made.kind == "random":
        said = rng.permutation(np.exp(rng.normal(np.log(np.median(said)), 1.0, len(who))))
    if made.method == "ladder":
        steps = made.ladder
        accepted = said[:, None] >= steps
        low = np.where(accepted.any(axis=1), steps[np.maximum(accepted.sum(axis=1) - 1, 0)], steps[0] / 2)
        high = np.where(accepted.all(axis=1), steps[-1] * 1.5, steps[np.minimum(accepted.sum(axis=1), len(steps) - 1)])
    else:
        low, high = said * rng.uniform(0.75, 0.95), said * rng.uniform(1.05, 1.3)
    return np.column_stack([who, low * units, high * units])


def other_prices(made: Company) -> dict[str, tuple[Offer, ...]]:
    """Return price lists to judge: dearer, cheaper, much dearer, and one plan with everything at the middle price."""
    factors = {"dearer by a quarter": 1.25, "cheaper by a fifth": 0.8, "dearer by 60%": 1.6}
    lists = {name: tuple(offer.times(factor) for offer in made.offers) for name, factor in factors.items()}
    if len(made.offers) > 1:
        middle, top = made.offers[1], made.offers[-1]
        lists["two plans"] = (
            replace(middle, fee=middle.fee * 1.1, per_unit=middle.per_unit * 1.1, limit=made.offers[0].limit * 2),
            replace(top, fee=top.fee * 0.95, per_unit=top.per_unit * 0.95),
        )
    return lists
