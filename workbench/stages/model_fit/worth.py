"""What the product is worth to each customer, in draws, and the prices that bring most from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from workbench.customers.needs import YEAR
from workbench.demand.customers import Customers, accounts_named, customers_of, respondents_of
from workbench.demand.imputed_worth import OVERSTATED, AccountFacts, impute_worth
from workbench.demand.willingness import LimitsPerUnit
from workbench.errors import WorkbenchError
from workbench.impact.billing import bills_at
from workbench.stages.offers import PER_ACCOUNT
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.demand.imputed_worth import ImputedWorth, Unknown

    Floats = NDArray[np.float64]

say = texts(__name__)

# --- What respondents of a price survey said they would pay

LADDER, SENSITIVITY = "survey_price_ladder", "survey_price_sensitivity"
_BEYOND_LADDER = 1.5  # who accepts the highest price asked would pay up to this many times it
_BELOW_LADDER = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class StatedPriceLimits:
    """One limit per respondent and price unit: still `low`, no longer `high`.

    `accounts` names whom each answered for ("" unknown), `per` the metric a price buys a unit of, None for an account.
    `at_top` marks who accepted the highest price asked: nothing is known of their limit but that it lies beyond.
    """

    source: str
    per: str | None
    accounts: NDArray[np.object_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weight: NDArray[np.float64]
    at_top: NDArray[np.bool_]
    together: bool


def stated_limits(base: CustomerBase) -> StatedPriceLimits | None:
    """Return the answers of the price ladder, else of the price sensitivity questions, None without usable ones."""
    for table, read, source in (
        (LADDER, _of_ladder, "the price ladder"),
        (SENSITIVITY, _of_sensitivity, "the price questions"),
    ):
        if not base.has(table):
            continue
        frame = base.frames[table]
        per = _per(frame)
        found = read(frame) if per else None
        if found is not None:
            return _answers(frame, source, str(per), found)
    return None


def _answers(frame: pd.DataFrame, source: str, per: str, found: tuple[NDArray, NDArray, NDArray]) -> StatedPriceLimits:
    low, high, at_top = found
    usable = np.isfinite(low) & np.isfinite(high) & (low > 0) & (high >= low)
    people = respondents_of(frame)
    return StatedPriceLimits(
        source,
        None if per == PER_ACCOUNT else per,
        accounts_named(frame)[usable],
        low[usable],
        high[usable],
        people.weight[usable],
        at_top[usable],
        together=source == "the price questions",
    )


def _per(frame: pd.DataFrame) -> str | None:
    """Return what one price buys, None where rows say different things."""
    if "per" not in frame:
        return PER_ACCOUNT
    found = {str(each).strip() or PER_ACCOUNT for each in frame["per"].fillna(PER_ACCOUNT).unique()}
    return found.pop() if len(found) == 1 else None


def _of_ladder(frame: pd.DataFrame) -> tuple[NDArray, NDArray, NDArray] | None:
    """Return the highest price accepted below any refusal, the lowest refused, and who refused none."""
    asked = frame.dropna(subset=["accepted", "price"])
    order = frame["respondent"].drop_duplicates()
    price, said = asked["price"].to_numpy(dtype=float), asked["accepted"].to_numpy(dtype=float)
    by = asked["respondent"]
    refused = asked.assign(price=np.where(said == 0, price, np.inf)).groupby(by)["price"].min().reindex(order)
    under = price < refused.reindex(by).to_numpy()
    accepted = asked.assign(price=np.where((said == 1) & under, price, 0.0)).groupby(by)["price"].max().reindex(order)
    no, yes = refused.to_numpy(dtype=float), accepted.to_numpy(dtype=float)
    high = np.where(np.isfinite(no), no, yes * _BEYOND_LADDER)
    low = np.where(yes > 0, yes, high * _BELOW_LADDER)
    return (low, high, ~np.isfinite(no)) if (low > 0).any() else None


def _of_sensitivity(frame: pd.DataFrame) -> tuple[NDArray, NDArray, NDArray] | None:
    """Return "expensive, but worth considering" and "too expensive"; answers in an impossible order are unknown."""
    first = frame.drop_duplicates("respondent")
    try:
        cheap, low, high = (first[name].to_numpy(dtype=float) for name in ("cheap", "expensive", "too_expensive"))
    except (KeyError, ValueError) as error:
        raise WorkbenchError(f"The answers of {SENSITIVITY} cannot be read: {error}.", "Check its columns.") from error
    possible = (cheap <= low) & (low <= high)
    low, high = np.where(possible, low, np.nan), np.where(possible, high, np.nan)
    return (low, high, np.zeros(len(low), dtype=bool)) if np.isfinite(low).any() else None


# --- How much of an account's worth hangs on features

FEWEST_ANSWERS = 30
_CORE_BEFORE, _DOUBT = 0.5, 1.0  # share of worth; standard deviation of its logarithm, and of what each feature adds
_SLOPE_DOUBT = 2.0
_FARTHEST = 4.0  # from what was thought beforehand, in logarithms
_STEP = 1e-3  # between the points at which a curvature is taken
_LOG_SPREAD = (-3.0, 2.0)  # of the logarithm of the spread of worth between accounts that use the same


def feature_parts(
    said: Floats, paid: Floats, sizes: Floats, uses: NDArray[np.bool_], *, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats] | None:
    """Return draws of the part without features (draws) and of what each feature adds (features x draws).

    `said` is what each respondent would pay, `paid` what it pays in the same terms (0 for nothing), `sizes`
    (respondents x measures) the logarithms of what worth rises with besides features. Only proportions are meant. None
    with fewer than 30 respondents or without features that vary.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - loads when used

    count, features = uses.shape
    if count < FEWEST_ANSWERS or not features or not (uses.any(axis=0) & ~uses.all(axis=0)).any():
        return None
    log = np.log(said)
    with np.errstate(divide="ignore"):
        floor = np.log(paid)
    centred = sizes - sizes.mean(axis=0)
    typical = max(1.0, float(uses.sum(axis=1).mean()))
    before = np.log(np.r_[_CORE_BEFORE, np.full(features, (1 - _CORE_BEFORE) / typical)])
    start = np.r_[before, float(log.mean()), np.zeros(centred.shape[1]), np.log(max(float(log.std()), 0.1))]
    lowest, highest = before - _FARTHEST, before + _FARTHEST
    slopes = slice(features + 2, features + 2 + centred.shape[1])

    def misfit(at: Floats) -> float:
        # A search may try anything: beyond these ends only the prior pulls it back.
        parts = np.exp(np.clip(at[: features + 1], lowest, highest))
        middle = np.log(parts[0] + uses @ parts[1:]) + at[features + 1] + centred @ at[slopes]
        log_spread = float(np.clip(at[-1], *_LOG_SPREAD))
        spread = float(np.exp(log_spread))
        of_answers = -0.5 * ((log - middle) / spread) ** 2 - log_spread - _log_share_above(floor, middle, spread)
        of_prior = 0.5 * (((at[: features + 1] - before) / _DOUBT) ** 2).sum()
        of_spread = (at[-1] - log_spread) ** 2
        return float(-of_answers.sum() + of_prior + 0.5 * ((at[slopes] / _SLOPE_DOUBT) ** 2).sum() + of_spread)

    found = minimize(misfit, start, method="BFGS", options={"maxiter": 200})
    # What the search learned of the curvature on its way hangs on the last digits of every step; this does not.
    values, vectors = np.linalg.eigh(_curvature(misfit, found.x))
    covariance = ((vectors / np.maximum(values, _FARTHEST**-2)) @ vectors.T)[: features + 1, : features + 1]
    drawn = rng.multivariate_normal(found.x[: features + 1], covariance, size=draws, method="cholesky")
    drawn = np.clip(drawn, lowest, highest).T
    return np.exp(drawn[0]), np.exp(drawn[1:])


def _curvature(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return the second derivatives of a function at its lowest point, by central differences."""
    steps = _STEP * np.eye(len(at))
    found = np.empty((len(at), len(at)))
    for (i, one), (j, other) in combinations_with_replacement(enumerate(steps), 2):
        corners = function(at + one + other) - function(at + one - other) - function(at - one + other)
        found[i, j] = found[j, i] = (corners + function(at - one - other)) / (4 * _STEP**2)
    return found


def _log_share_above(floor: Floats, middle: Floats, spread: float) -> Floats:
    """Return the logarithm of the chance that worth lies above the bill."""
    from scipy.special import log_ndtr  # noqa: PLC0415 - loads when used

    found: Floats = log_ndtr((middle - floor) / spread)
    return found


# --- What the product is worth to each customer, in draws

DRAWS = 100
MOST_ACCOUNTS = 600  # beyond, the largest and a sample of the others stand for all
_LARGEST = 100
BILLS = "what customers pay"
BEYOND_THE_BILL = 2.5
"""Without answers an account is worth from what it pays to this many times as much; the bound is ours."""
_OVERSTATEMENT = math.sqrt(math.prod(OVERSTATED))
_FURTHER = (0.0, 0.5)  # how much further than bills worth rises with size, as an elasticity
_WHY: dict[Unknown, str] = {
    "few answers": "too few people answered",
    "below the own bill": say("too_many_respondents_state_less"),
    "no order": say("the_answers_have_nothing_to"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class TuningWorth:
    """Worth in draws for the accounts the models are tuned on.

    `place` is each account's place in the customer base, `stands_for` how many accounts it counts as; `peak` and
    `mean` are its quantities per metric over the last three months. `source` names the answers, or bills; `refused`
    says why answers were not used, "" where they were or there are none.
    """

    place: NDArray[np.intp]
    stands_for: Floats
    peak: dict[str, Floats]
    mean: dict[str, Floats]
    cost: Floats
    imputed: ImputedWorth
    feature_names: tuple[str, ...]
    source: str
    refused: str = ""

    @property
    def whole(self) -> Floats:
        """Return what everything is worth a month, accounts x draws."""
        found: Floats = np.asarray(self.imputed.whole, dtype=np.float64)
        return found

    @property
    def wanted(self) -> Floats:
        """Return the share of accounts that want each feature."""
        found: Floats = np.average(self.imputed.wants.mean(axis=2), axis=1, weights=self.stands_for)
        return found


def account_worth(
    base: CustomerBase, metrics: tuple[str, ...], *, quantity: str | None, draws: int = DRAWS, seed: int = 0
) -> TuningWorth | None:
    """Return worth in draws for accounts whose `metrics` are known, None where nobody's revenue is on record.

    `quantity` is the metric that worth is regressed on beside the bill.
    """
    if not base.has("mrr") or not metrics:
        return None
    everybody = customers_of(base)
    known = np.isfinite(everybody.paid) if everybody.paid is not None else np.zeros(len(everybody), dtype=bool)
    for metric in metrics:
        known &= np.isfinite(everybody.needs.get(metric, np.full(len(everybody), np.nan)))
    places = np.flatnonzero(known)
    if not len(places) or not (np.asarray(everybody.paid)[places] > 0).any():
        return None
    answers = stated_limits(base)
    kept, stands_for = _those_kept(everybody, places, answers, np.random.default_rng(seed))
    customers = everybody.take(kept)
    lasting = replace(customers, needs=_lasting(base, customers))
    imputed, source, refused = _imputed(base, lasting, answers, quantity, draws=draws, seed=seed)
    where = {name: number for number, name in enumerate(base.frames["accounts"]["account_id"])}
    mean = {metric: np.nan_to_num(customers.billed.get(metric, values)) for metric, values in customers.needs.items()}
    return TuningWorth(
        place=np.array([where[name] for name in customers.ids]),
        stands_for=stands_for,
        peak={metric: np.nan_to_num(values) for metric, values in customers.needs.items()},
        mean=mean,
        cost=np.nan_to_num(np.asarray(customers.unit_cost)),
        imputed=imputed,
        feature_names=customers.feature_names if customers.uses is not None else (),
        source=source,
        refused=refused,
    )


def _lasting(base: CustomerBase, customers: Customers) -> dict[str, Floats]:
    """Return each account's mean quantities over a year: worth follows lasting use, a bill that of its month."""
    year = customers_of(base, YEAR)
    row = {name: number for number, name in enumerate(year.ids)}
    places = np.array([row[name] for name in customers.ids])
    found = {}
    for metric, recent in customers.needs.items():
        mean = year.billed[metric][places]
        found[metric] = np.where(np.isfinite(mean), mean, recent)
    return found


def _those_kept(
    everybody: Customers, places: NDArray[np.intp], answers: StatedPriceLimits | None, rng: np.random.Generator
) -> tuple[NDArray[np.intp], Floats]:
    """Return the accounts to work on and how many each stands for: all, or the largest and a sample of the rest.

    Respondents outside the sample stay, standing for nobody: their answers still count.
    """
    if len(places) <= MOST_ACCOUNTS:
        return places, np.ones(len(places))
    order = places[np.argsort(-np.asarray(everybody.paid)[places], kind="stable")]
    sampled = rng.choice(order[_LARGEST:], MOST_ACCOUNTS - _LARGEST, replace=False)
    kept = np.r_[order[:_LARGEST], sampled]
    each = (len(places) - _LARGEST) / len(sampled)
    stands_for = np.r_[np.ones(_LARGEST), np.full(len(sampled), each)]
    if answers is not None:
        asked = np.flatnonzero(np.isin(everybody.ids, answers.accounts[:MOST_ACCOUNTS]))
        further = np.setdiff1d(np.intersect1d(asked, places), kept)
        kept, stands_for = np.r_[kept, further], np.r_[stands_for, np.zeros(len(further))]
    return kept, stands_for


def _imputed(
    base: CustomerBase,
    customers: Customers,
    answers: StatedPriceLimits | None,
    quantity: str | None,
    *,
    draws: int,
    seed: int,
) -> tuple[ImputedWorth, str, str]:
    rng, refused = np.random.default_rng([seed, 4]), ""
    if answers is not None and answers.per is not None and answers.per not in customers.needs:
        refused = say("they_are_prices_per_which", per_=answers.per)
        answers = None
    if answers is not None:
        units = np.ones(len(customers))
        if answers.per is not None:
            units = np.nan_to_num(customers.quantities((answers.per,))[answers.per])
        facts = _facts(base, customers, quantity, np.maximum(units, 1.0))
        stated = _linked(answers, customers, facts)
        if len(stated):
            parts = _feature_parts(facts, stated, customers, draws, rng)
            weights = None if parts is None else parts[1].mean(axis=1)
            found = impute_worth(facts, stated, draws=draws, weights=weights, seed=seed)
            if found.why_unknown is None:
                return found if parts is None else with_parts(found, *parts), answers.source, ""
            refused = _WHY[found.why_unknown]
    facts = _facts(base, customers, quantity, np.ones(len(customers)))
    paying = np.flatnonzero(facts.bill > 0)
    low = facts.bill[paying]
    of_bills = LimitsPerUnit(account=paying, low=low, high=low * BEYOND_THE_BILL, weight=np.ones(len(paying)))
    found = impute_worth(facts, of_bills, draws=draws, seed=seed)
    return replace(found, log_worth=beyond_bills(facts.bill, _sizes(customers), draws, rng)), BILLS, refused


def with_parts(worth: ImputedWorth, core: Floats, added: Floats) -> ImputedWorth:
    """Return the worth with the part without features as answers say: `core` per draw, `added` per feature."""
    wanted = np.einsum("fad,fd->ad", worth.wants, added)
    return replace(worth, core=core / (core + wanted))


def beyond_bills(bill: Floats, sizes: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Return log worth where only bills are known, accounts x draws.

    It is what accounts of a size pay, raised to a level nobody knows, and never less than the own bill. Flat
    fees hide that those who use more get more, so in each draw worth rises further with size than bills do.
    """
    paying = np.flatnonzero(bill > 0)
    columns = np.column_stack([np.ones(len(bill)), sizes])
    paid = np.log(bill[paying])
    floor = np.where(bill > 0, np.log(np.maximum(bill, 1e-9)), -np.inf)
    size = sizes.mean(axis=1) - sizes.mean() if sizes.size else np.zeros(len(bill))
    found = np.empty((len(bill), draws))
    for draw in range(draws):
        importance = rng.exponential(size=len(paying))[:, None]
        left = columns[paying].T @ (importance * columns[paying]) + 1e-6 * np.eye(columns.shape[1])
        slopes = np.linalg.solve(left, columns[paying].T @ (importance[:, 0] * paid))
        residuals = paid - columns[paying] @ slopes
        level = rng.uniform(0, np.log(BEYOND_THE_BILL))
        fitted = columns @ slopes + rng.choice(residuals, len(bill)) + rng.uniform(*_FURTHER) * size + level
        found[:, draw] = np.maximum(fitted, floor + 0.15 * np.abs(rng.standard_normal(len(bill))))
    return found


def _feature_parts(
    facts: AccountFacts, stated: LimitsPerUnit, customers: Customers, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats] | None:
    asked = stated.account[stated.account >= 0]
    said = np.exp(stated.middle[stated.account >= 0])
    paid = (facts.bill / facts.units)[asked] * _OVERSTATEMENT
    return feature_parts(said, paid, _sizes(customers)[asked], (facts.uses & facts.has)[asked], draws=draws, rng=rng)


def _sizes(customers: Customers) -> Floats:
    """Return the logarithms of all quantities that vary, accounts x metrics."""
    known = [np.log(np.maximum(np.nan_to_num(values), 1e-3)) for values in customers.needs.values()]
    varying = [each for each in known if np.ptp(each) > 0]
    return np.column_stack(varying) if varying else np.zeros((len(customers), 0))


def _linked(answers: StatedPriceLimits, customers: Customers, facts: AccountFacts) -> LimitsPerUnit:
    """Link answers to accounts; those for an account that is not compared here are left out.

    A limit that lies between two prices of which the own bill is one end or a point between lies above the bill: only
    an answer wholly below it contradicts it. Who accepted the highest price asked and pays more today would pay that
    and further: no answer says how far.
    """
    row = {name: number for number, name in enumerate(customers.ids)}
    named = np.array([str(name) not in {"", "nan", "<NA>"} for name in answers.accounts], dtype=bool)
    account = np.array([row.get(name, -1) for name in answers.accounts], dtype=np.int64)
    paid = np.where(account >= 0, (facts.bill / facts.units)[account], 0.0) * _OVERSTATEMENT
    beyond = answers.at_top & (paid > answers.low)
    kept = (account >= 0) | ~named
    return LimitsPerUnit(
        account=account[kept],
        low=np.where(beyond, paid, np.clip(paid, answers.low, answers.high))[kept],
        high=np.where(beyond, paid * BEYOND_THE_BILL, answers.high)[kept],
        weight=answers.weight[kept],
        together=answers.together,
    )


def _facts(base: CustomerBase, customers: Customers, quantity: str | None, units: Floats) -> AccountFacts:
    uses = customers.uses if customers.uses is not None else np.zeros((len(customers), 0), dtype=bool)
    has = _inside_the_plan(base, customers, uses.shape)
    amounts = np.ones(len(customers)) if quantity is None else np.nan_to_num(customers.needs[quantity])
    return AccountFacts(
        segment=customers.segment_codes.astype(np.int64),
        quantity=np.maximum(amounts, 1e-9),
        units=units,
        bill=np.nan_to_num(np.asarray(customers.paid)),
        uses=uses,
        has=has | uses,
    )


def _inside_the_plan(base: CustomerBase, customers: Customers, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which features are inside each account's plan; all of them where the price list does not say."""
    table = base.frames.get("plan_features")
    if table is None or customers.plan is None or not shape[1]:
        return np.ones(shape, dtype=bool)
    inside = {str(plan): set(rows["feature"]) for plan, rows in table.groupby("plan")}
    rows = {
        plan: np.array([name in features for name in customers.feature_names], dtype=bool)
        for plan, features in inside.items()
    }
    everything = np.ones(shape[1], dtype=bool)
    return np.array([rows.get(str(plan), everything) for plan in customers.plan]).reshape(shape)


# --- Set the prices of an offer so that it brings most from accounts whose worth is known in draws

LEVELS = tuple(2.0 ** (step / 2) for step in range(-8, 7))
STEPS = (0.55, 0.8, 0.94, 1.06, 1.25, 1.8)
ROUNDS = 4
_IMPOSSIBLE = 1e12  # below anything an offer can bring, and finite
_RAISED = (1.0, 1.1, 1.3, 2.0, 4.0)  # by how much the core may rise when a feature goes into it
_WORTH_A_ROUND = 1e-4
_MOST_KNOWN = 32  # prices of add-ons whose sales are kept while others move
_RESTART = 0.1  # of the first price: where a price that fell to zero is tried again


class Menu(Protocol):
    """What can be bought, at prices still open."""

    @property
    def proportions(self) -> Floats:
        """Return prices in proportion to each other, from which the search starts; several starts in rows."""

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Tell which prices may fall to zero."""

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""

    def only(self, draws: slice) -> Menu:
        """Return the menu for some of the draws."""


@dataclass(frozen=True, slots=True, eq=False)
class OneOffer:
    """Everything for one bill: the sum of its parts, each a price times an amount per account.

    `least_share` of revenue is what each of several parts has to bring, so that a hybrid is one.
    """

    worth: Floats
    cost: Floats
    parts: Floats
    proportions: Floats
    least_share: float = 0.0

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Return that no part may be free."""
        return np.zeros(len(self.parts), dtype=bool)

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""
        bill = prices @ self.parts
        buys = self.worth >= bill[:, None]
        if self.least_share:
            by_part = self.billed(prices)
            if by_part.min() < self.least_share * by_part.sum():
                return np.full_like(self.worth, -_IMPOSSIBLE)
        found: Floats = np.where(buys, (bill - self.cost)[:, None], 0.0)
        return found

    def billed(self, prices: Floats) -> Floats:
        """Return what each part brings from those who buy."""
        buys = self.worth >= (prices @ self.parts)[:, None]
        found: Floats = (self.parts * prices[:, None] * buys.mean(axis=1)).sum(axis=1)
        return found

    def only(self, draws: slice) -> OneOffer:
        """Return the offer for some of the draws."""
        return OneOffer(_by_draw(self.worth[:, draws]), self.cost, self.parts, self.proportions, self.least_share)


@dataclass(frozen=True, slots=True, eq=False)
class Tiers:
    """Tiers of which an account takes one: `worth` is tiers x accounts x draws, minus infinity beyond a limit."""

    worth: Floats
    cost: Floats
    units: Floats
    proportions: Floats

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Return that no tier may be free."""
        return np.zeros(len(self.worth), dtype=bool)

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""
        bills = bills_at(prices[:, None], self.units)
        best, paid = (np.zeros_like(self.worth[0]) for _ in range(2))
        for worth, bill in zip(self.worth, bills, strict=True):
            left = worth - bill[:, None]
            better = left >= best
            best = np.where(better, left, best)
            paid = np.where(better, (bill - self.cost)[:, None], paid)
        return paid

    def only(self, draws: slice) -> Tiers:
        """Return the tiers for some of the draws."""
        return Tiers(_by_draw(self.worth[:, :, draws]), self.cost, self.units, self.proportions)


@dataclass(frozen=True, slots=True, eq=False)
class CoreAndAddOns:
    """A core, and add-ons on top of it: `extra` (add-ons x accounts x draws) is what each adds to an account's worth.

    `noticed` says where an account would ever buy an add-on apart. Add-ons may cost nothing, which puts their features
    into the core; so may the core, and they are then sold alone.
    """

    worth: Floats
    extra: Floats
    noticed: NDArray[np.bool_]
    cost: Floats
    units: Floats
    proportions: Floats
    _known: dict[tuple[int, float], tuple[Floats, Floats]] = field(default_factory=dict, repr=False)

    @property
    def may_be_free(self) -> NDArray[np.bool_]:
        """Return that any price may be zero."""
        return np.ones(1 + len(self.extra), dtype=bool)

    def takings(self, prices: Floats) -> Floats:
        """Return what each account pays less what it costs, accounts x draws."""
        core = bills_at(prices[0], self.units[:, None])
        left = self.worth - core
        paid = np.zeros_like(left) + core
        for place, price in enumerate(prices[1:].tolist()):
            gained, billed = self._bought(place, price)
            left += gained
            paid += billed
        found: Floats = np.where(left >= 0, paid - self.cost[:, None], 0.0)
        return found

    def _bought(self, place: int, price: float) -> tuple[Floats, Floats]:
        """Return what an add-on at a price adds to worth less its bill, and its bill, where it is taken.

        Kept: of all prices, a search moves one or a few at a time.
        """
        known = self._known.get((place, price))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            extra, bill = self.extra[place], bills_at(price, self.units[:, None])
            takes = extra >= bill if price == 0 else (extra >= bill) & self.noticed[place]
            known = np.where(takes, extra - bill, 0.0), np.where(takes, bill, 0.0)
            self._known[place, price] = known
        return known

    def only(self, draws: slice) -> CoreAndAddOns:
        """Return the core and its add-ons for some of the draws."""
        worth, extra = _by_draw(self.worth[:, draws]), _by_draw(self.extra[:, :, draws])
        noticed = _by_draw(self.noticed[:, :, draws])
        return CoreAndAddOns(worth, extra, noticed, self.cost, self.units, self.proportions)


def _by_draw(table: NDArray[Any]) -> NDArray[Any]:
    """Return the same accounts and draws with the accounts of a draw side by side in memory: there are far more."""
    return np.ascontiguousarray(table.swapaxes(-1, -2)).swapaxes(-1, -2)


def tuned(menu: Menu, stands_for: Floats) -> tuple[Floats, float]:
    """Return the prices that bring most in the mean over accounts and draws, and what they bring.

    From the best level of each start, prices move one by one, and together with those after them, while that helps.
    """
    weight = stands_for[:, None]

    def brings(prices: Floats) -> float:
        found = menu.takings(prices)
        return float((found * weight).sum() / found.shape[1])

    found = [_climbed(menu, start, brings) for start in np.atleast_2d(menu.proportions)]
    return max(found, key=lambda each: each[1])


def _climbed(menu: Menu, start: Floats, brings: Callable[[Floats], float]) -> tuple[Floats, float]:
    prices = max((start * level for level in LEVELS), key=brings)
    scale, best = np.where(prices > 0, prices, prices.max()), brings(prices)
    for _ in range(ROUNDS):
        before = best
        for place in range(len(prices)):
            for moved in _moves(prices, place, scale[place] * _RESTART, may_be_free=bool(menu.may_be_free[place])):
                found = brings(moved)
                if found > best:
                    prices, best = moved, found
        if best <= before * (1 + _WORTH_A_ROUND):
            break
    return prices, best


def _moves(prices: Floats, place: int, restart: float, *, may_be_free: bool) -> Iterator[Floats]:
    """Return prices with one of them moved, it and those after it moved, or it set to nothing and the first raised."""
    steps = np.array(STEPS) if prices[place] else np.array([1.0, 3.0, 10.0])
    base = prices[place] or restart
    for step in steps:
        moved = prices.copy()
        moved[place] = base * step
        yield moved
        if prices[place] and place < len(prices) - 1:
            together = prices.copy()
            together[place:] *= step
            yield together
    if may_be_free and prices[place]:
        for raised in _RAISED if place else (1.0,):
            moved = prices.copy()
            moved[0] *= raised
            moved[place] = 0.0
            yield moved
