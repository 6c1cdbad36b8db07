"""What the product is worth to each customer, in draws: from price answers where there are any, else from bills.

It is the ground on which the five models are tuned alike. Worth from answers is imputed as in `demand.imputed_worth`;
without usable answers every account is taken to be worth between what it pays and a multiple of it, which says what
customers differ by as far as today's prices show it and leaves the level open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import YEAR
from workbench.demand.account_facts import AccountFacts, StatedLimits
from workbench.demand.customers import Customers, customers_of
from workbench.demand.imputed_worth import OVERSTATED, impute_worth
from workbench.stages.model_fit.feature_worth import feature_parts
from workbench.stages.model_fit.stated_limits import Answers, stated_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.demand.imputed_worth import ImputedWorth, Unknown

    Floats = NDArray[np.float64]

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
    "below the own bill": "too many respondents state less than they pay",
    "no order": "the answers have nothing to do with what is known of the accounts",
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
    everybody: Customers, places: NDArray[np.intp], answers: Answers | None, rng: np.random.Generator
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
    base: CustomerBase, customers: Customers, answers: Answers | None, quantity: str | None, *, draws: int, seed: int
) -> tuple[ImputedWorth, str, str]:
    rng, refused = np.random.default_rng([seed, 4]), ""
    if answers is not None and answers.per is not None and answers.per not in customers.needs:
        refused = f"they are prices per {answers.per}, which no account has on record"
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
    of_bills = StatedLimits(account=paying, low=low, high=low * BEYOND_THE_BILL, weight=np.ones(len(paying)))
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
    facts: AccountFacts, stated: StatedLimits, customers: Customers, draws: int, rng: np.random.Generator
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


def _linked(answers: Answers, customers: Customers, facts: AccountFacts) -> StatedLimits:
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
    return StatedLimits(
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
