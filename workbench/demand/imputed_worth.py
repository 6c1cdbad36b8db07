"""What the complete offer is worth to every account, imputed from what some respondents said."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.customers import DemandError, lacks_a_must, part_served
from workbench.demand.willingness import Assumed  # noqa: TC001 - read when the dataclass is made
from workbench.formatting import percent
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.willingness import LimitsPerUnit
    from workbench.pricing.price_book import AddOn, Plan

    Floats = NDArray[np.floating]

# --- What worth is imputed from: what is known of the accounts, and what respondents said per unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of the accounts.

    Parameters
    ----------
    segment
        A whole number per account.
    quantity
        Of the value metric, per account.
    units
        What answers are per: seats, or 1 where they are per account.
    bill
        What each pays a month today; 0 on a free plan, or where it is not recorded.
    uses
        Accounts x features: recorded use.
    has
        Accounts x features: inside the own plan.
    """

    segment: NDArray[np.int64]
    quantity: NDArray[np.float64]
    units: NDArray[np.float64]
    bill: NDArray[np.float64]
    uses: NDArray[np.bool_]
    has: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bill)

    def taken(self, places: NDArray[np.intp]) -> AccountFacts:
        """Return what is known of the accounts at these places."""
        return AccountFacts(**{each.name: getattr(self, each.name)[places] for each in fields(self)})


# --- Which respondents are like an account, and the regression of what they said on what is known of them

_PENALTIES = {"segment": 2.0, "measure": 0.5}
_REGRESSION_FROM, _MOST_UNLINKED = 8, 0.5  # linked respondents; share of all who may be unlinked
_NEAREST, _OF_A_SEGMENT = 12, 40
_OTHER_SEGMENT = 0.5  # squared distance
_FREE = 1 / 3  # of the lowest fee: what a free account counts as paying
_BLOCK = 4_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """The regression's columns for accounts and respondents, and each account's nearest respondents.

    `kept` are the places of the respondents who count; `answer` is the place among them of an account's own answer, -1
    without one.
    """

    accounts: NDArray[np.float64]
    respondents: NDArray[np.float64]
    penalties: NDArray[np.float64]
    nearest: NDArray[np.int64]
    answer: NDArray[np.int64]
    kept: NDArray[np.int64]
    is_regression: bool

    @classmethod
    def of(cls, facts: AccountFacts, stated: LimitsPerUnit, rng: np.random.Generator) -> Likeness:
        """Return who is like whom: by what is known of linked respondents, else by segment."""
        linked = np.flatnonzero(stated.account >= 0)
        segments = np.eye(int(facts.segment.max(initial=0)) + 1)
        if len(linked) >= max(_REGRESSION_FROM, (1 - _MOST_UNLINKED) * len(stated)):
            return cls._by_measures(facts, stated, linked, segments)
        everybody = np.arange(len(stated))
        own = _own_answers(stated.account, len(facts))
        columns, said = np.ones((len(facts), 1)), np.ones((len(stated), 1))
        penalties = np.zeros(1)
        if (stated.segment >= 0).any():
            named = np.where((stated.segment >= 0)[:, None], segments[stated.segment], 0.0)
            columns, said = np.column_stack([columns, segments[facts.segment]]), np.column_stack([said, named])
            penalties = np.r_[0.0, np.full(segments.shape[1], _PENALTIES["segment"])]
        nearest = np.empty((len(facts), min(_OF_A_SEGMENT, len(stated))), dtype=np.int64)
        for segment in np.unique(facts.segment):
            inside = np.flatnonzero(facts.segment == segment)
            alike = np.flatnonzero(stated.segment == segment)
            alike = alike if alike.size else everybody
            nearest[inside] = alike[rng.integers(len(alike), size=(inside.size, nearest.shape[1]))]
        return cls(columns, said, penalties, nearest, own, everybody, is_regression=False)

    @classmethod
    def _by_measures(
        cls, facts: AccountFacts, stated: LimitsPerUnit, linked: NDArray[np.int64], segments: NDArray[np.float64]
    ) -> Likeness:
        asked = stated.account[linked]
        measures = _measures(facts)
        columns = np.column_stack([np.ones(len(facts)), segments[facts.segment], measures])
        penalties = np.r_[
            0.0, np.full(segments.shape[1], _PENALTIES["segment"]), np.full(measures.shape[1], _PENALTIES["measure"])
        ]
        parts = []
        for start in range(0, len(facts), _BLOCK):  # all pairs at once would be large
            some = slice(start, start + _BLOCK)
            distance = _OTHER_SEGMENT * (facts.segment[some, None] != facts.segment[asked][None, :])
            for column in measures.T:
                distance += (column[some, None] - column[asked][None, :]) ** 2
            parts.append(np.argsort(distance, axis=1, kind="stable")[:, :_NEAREST])
        return cls(
            columns,
            columns[asked],
            penalties,
            np.concatenate(parts),
            _own_answers(asked, len(facts)),
            linked,
            is_regression=True,
        )

    def fit(
        self, said: NDArray[np.float64], importance: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
        """Return fitted log worth of accounts, respondents' residuals, their variance, and the share explained."""
        weight = importance * len(said) / importance.sum()
        columns = self.respondents
        left = columns.T @ (weight[:, None] * columns) + np.diag(self.penalties)
        centre = np.average(said, weights=weight)
        coefficients = np.linalg.lstsq(left, columns.T @ (weight * (said - centre)), rcond=None)[0]
        residuals = said - centre - columns @ coefficients
        variance = float(np.average(residuals**2, weights=weight))
        total = float(np.average((said - centre) ** 2, weights=weight))
        explained = 1 - variance / total if total > 0 else 0.0
        return centre + self.accounts @ coefficients, residuals, variance, explained

    def imputed(
        self,
        fitted: NDArray[np.float64],
        residuals: NDArray[np.float64],
        importance: NDArray[np.float64],
        floor: NDArray[np.floating],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Give each account the residual of one of its nearest respondents, among those that reach its floor."""
        near = residuals[self.nearest]
        reaching = fitted[:, None] + near >= floor[:, None]
        chances = importance[self.nearest] * np.where(reaching.any(axis=1, keepdims=True), reaching, 1.0)
        running = np.cumsum(chances, axis=1)
        picked = (rng.random((len(fitted), 1)) * running[:, -1:] > running).sum(axis=1)
        return fitted + near[np.arange(len(fitted)), np.minimum(picked, near.shape[1] - 1)]


def _own_answers(account: NDArray[np.int64], accounts: int) -> NDArray[np.int64]:
    answer = np.full(accounts, -1)
    linked = np.flatnonzero(account >= 0)
    answer[account[linked]] = linked
    return answer


def _measures(facts: AccountFacts) -> NDArray[np.float64]:
    """Return quantity, bill per unit and the part of available features in use, each with mean 0 and spread 1."""
    lowest = facts.bill[facts.bill > 0].min(initial=np.inf)
    paid = np.where(facts.bill > 0, facts.bill, _FREE * lowest if np.isfinite(lowest) else 1.0) / facts.units
    available = np.maximum(facts.has.sum(axis=1), 1)
    used = (facts.uses & facts.has).sum(axis=1) / available
    measures = np.column_stack([np.log(np.maximum(facts.quantity, 1e-9)), np.log(paid), used])
    spread = measures.std(axis=0)
    found: NDArray[np.float64] = (measures - measures.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


# --- What the complete offer is worth to every account, from what some of them said, in draws that stay open

DRAWS = 200
OVERSTATED = (0.93, 1.52)
"""Stated prices as a multiple of prices in earnest, a 90% range: around the middle of studies (Schmidt & Bijmolt 2020,
mean 1.21) and as wide as studies differ (Murphy et al. 2005)."""
CORE = (0.25, 0.75)
"""Part of the worth without any listed feature: nobody measured it."""
_TAILS = 2 * 1.645  # between the ends of a 90% range, in standard deviations
_ANSWER_NOISE, _LARGEST_NOISE = 0.15, 0.4
_CORE_SPREAD, _CORE_ENDS = 0.08, (0.05, 0.95)
_REACH = 0.8  # how far users of smaller plans want what they lack, at most
_FEW_HAVE, _SHARE_OF_FEW = 5, 0.3
_LEAVERS = (1.0, 12.0)  # Beta: share of accounts that would not buy again today
_LEAST_SIGNAL = 0.25  # of the residuals' variance
_ABOVE_FLOOR = 0.15
LEAST_ANSWERS = 5
MOST_BELOW_BILL = 0.15
LEAST_EXPLAINED, _ORDER_FROM = 0.10, 30
Unknown = Literal["few answers", "below the own bill", "no order"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ImputedWorth:
    """Log worth of everything per unit (accounts x draws), the part without features, and what each wants.

    Attributes
    ----------
    facts
        What the worth was imputed from.
    log_worth
        Accounts x draws: logarithm of what everything is worth per unit and month.
    core
        The part of the worth that is left without features, between 0 and 1.
    wants
        Features x accounts x draws: who wants what.
    weights
        What each feature carries of the part that features make up.
    explained
        Share of the answers' variance that the regression explains.
    below_bill
        Share of respondents who state less than they pay.
    answers
        How many respondents; None where nobody was asked.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import account_facts, impute_worth, respondents_of
    >>> from workbench.demand.willingness import LimitsPerUnit
    >>> from workbench.pricing import Plan
    >>> asked = respondents_of(pd.DataFrame({"respondent": [f"A{number}" for number in range(30)]}))
    >>> facts, _ = account_facts(asked, [Plan("Team", 20)], ["alerts"], units=np.ones(30))
    >>> said = LimitsPerUnit(account=np.arange(30), low=np.full(30, 45.0), high=np.full(30, 55.0), weight=np.ones(30))
    >>> worth = impute_worth(facts, said, draws=20)
    >>> worth.whole.shape, worth.answers, bool((worth.part(np.array([False])) < 1).all())
    ((30, 20), 30, True)
    """

    facts: AccountFacts
    log_worth: NDArray[np.floating]
    core: NDArray[np.floating]
    wants: NDArray[np.bool_]
    weights: NDArray[np.float64]
    explained: float = 1.0
    below_bill: float = 0.0
    answers: int | None = None

    @property
    def why_unknown(self) -> Unknown | None:
        """Return why nothing may be concluded from what people said, None where it may.

        Thresholds are ours, set on companies with known worth: they catch people who understate, or answer at random.
        """
        if self.answers is None:
            return None
        if self.answers < LEAST_ANSWERS:
            return "few answers"
        if self.below_bill > MOST_BELOW_BILL:
            return "below the own bill"
        if self.answers >= _ORDER_FROM and self.explained < LEAST_EXPLAINED:
            return "no order"
        return None

    @property
    def draws(self) -> int:
        """Return how many draws there are."""
        return self.log_worth.shape[1]

    @cached_property
    def whole(self) -> NDArray[np.floating]:
        """Return what an offer with everything is worth a month, accounts x draws."""
        return np.exp(self.log_worth) * self.facts.units[:, None].astype(self.log_worth.dtype)

    @cached_property
    def _wanted(self) -> NDArray[np.floating]:
        return _weighed(self.wants, self.weights, None).astype(self.core.dtype)

    def share(self, features: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return which part of the worth that features make up these features are, accounts x draws."""
        found = _weighed(self.wants, self.weights, features).astype(self.core.dtype)
        return np.divide(found, self._wanted, out=np.ones_like(self.core), where=self._wanted > 0)

    def part(self, features: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return which part of the whole an offer with these features is worth, accounts x draws."""
        return self.core + (1 - self.core) * self.share(features)

    def worth(self, features: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return what an offer with these features is worth a month, accounts x draws."""
        return self.whole * self.part(features)

    def taken(self, accounts: NDArray[np.intp], draws: NDArray[np.intp]) -> ImputedWorth:
        """Return the same for some of the accounts and draws, by their places."""
        at = np.ix_(accounts, draws)
        return replace(
            self,
            facts=self.facts.taken(accounts),
            log_worth=self.log_worth[at],
            core=self.core[at],
            wants=self.wants[:, accounts][:, :, draws],
        )


def part_of(
    wants: NDArray[np.bool_], core: NDArray[np.floating], weights: NDArray[np.float64], features: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Return core + (1 - core) x the wanted features that are inside; `features` is one offer's, or each account's."""
    wanted, found = _weighed(wants, weights, None), _weighed(wants, weights, features)
    return core + (1 - core) * np.divide(found, wanted, out=np.ones(core.shape), where=wanted > 0)


def _weighed(
    wants: NDArray[np.bool_], weights: NDArray[np.float64], features: NDArray[np.bool_] | None
) -> NDArray[np.floating]:
    """Return the weight of what is wanted and inside, feature by feature: all together would be large."""
    total = np.zeros(wants.shape[1:], dtype=np.float32)
    for place, wanted in enumerate(wants):
        if features is None:
            total += np.float32(weights[place]) * wanted
        elif features[..., place].any():
            total += np.float32(weights[place]) * (wanted & features[..., place, None])
    return total


def impute_worth(
    facts: AccountFacts,
    stated: LimitsPerUnit,
    *,
    draws: int = DRAWS,
    weights: NDArray[np.float64] | None = None,
    core: tuple[float, float] = CORE,
    overstated: tuple[float, float] = OVERSTATED,
    seed: int = 0,
) -> ImputedWorth:
    """Return what everything is worth to each account, in draws.

    Parameters
    ----------
    facts
        What is known of the accounts.
    stated
        What respondents said they would pay per unit and month.
    draws, seed
        How many draws, and where their random numbers start.
    weights
        What each feature carries of the part that features make up; the same for all where nobody studied it.
    core
        Range of the part of the worth that is left without any feature.
    overstated
        Stated prices as a multiple of prices in earnest, a 90% range; one value a draw for everybody, since its error
        is common to all accounts.

    Returns
    -------
    ImputedWorth
        Worth of every account in every draw.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import account_facts, impute_worth, respondents_of
    >>> from workbench.demand.willingness import LimitsPerUnit
    >>> from workbench.pricing import Plan
    >>> asked = respondents_of(pd.DataFrame({"respondent": [f"A{number}" for number in range(60)]}))
    >>> facts, _ = account_facts(asked, [Plan("Team", 20)], [], units=np.ones(60))
    >>> said = LimitsPerUnit(account=np.arange(60), low=np.full(60, 45.0), high=np.full(60, 55.0), weight=np.ones(60))
    >>> worth = impute_worth(facts, said, draws=100)
    >>> bool(25 < np.median(worth.whole) < 60)
    True
    """
    if not stated.weight.sum() > 0:
        raise DemandError("There is no answer to impute worth from.", "Ask some of the customers what they would pay.")
    rng = np.random.default_rng(seed)
    known = _Known.of(facts, draws, weights, core, rng)
    likeness = Likeness.of(facts, stated, rng)
    low, high = np.log(overstated)
    over = rng.normal((low + high) / 2, (high - low) / _TAILS, draws)
    noise = np.minimum(_ANSWER_NOISE * np.exp(0.5 * rng.standard_normal(draws)), _LARGEST_NOISE)
    leavers = rng.beta(*_LEAVERS, draws)
    error = float((stated.weight * stated.spread**2).sum() / stated.weight.sum())
    log_worth = np.empty((len(facts), draws), dtype=known.core.dtype)
    explained = np.empty(draws)
    for draw in range(draws):
        said = stated.drawn(rng)[likeness.kept] - over[draw]
        importance = rng.exponential(size=len(said)) * stated.weight[likeness.kept]
        fitted, residuals, variance, explained[draw] = likeness.fit(said, importance)
        signal = 1 - (noise[draw] ** 2 + error) / variance if variance > 0 else 1.0
        kept = np.sqrt(max(_LEAST_SIGNAL, signal))
        floor = known.floor[:, draw]
        worth = likeness.imputed(fitted, kept * residuals, importance, floor, rng)
        own = likeness.answer >= 0
        spread = kept * np.sqrt(max(0.0, (1 - kept**2) * variance))
        worth[own] = fitted[own] + kept**2 * residuals[likeness.answer[own]] + spread * rng.standard_normal(own.sum())
        held = (worth < floor) & (rng.random(len(facts)) >= leavers[draw])
        log_worth[:, draw] = np.where(held, floor + _ABOVE_FLOOR * np.abs(rng.standard_normal(len(facts))), worth)
    return ImputedWorth(
        facts=facts,
        log_worth=log_worth,
        core=known.core,
        wants=known.wants,
        weights=known.weights,
        explained=float(np.median(explained)) if likeness.is_regression else 1.0,
        below_bill=_below_bill(facts, stated, float(np.exp((low + high) / 2))),
        answers=len(stated),
    )


def worth_above_bills(
    facts: AccountFacts,
    headroom: NDArray[np.floating],
    *,
    weights: NDArray[np.float64] | None = None,
    core: tuple[float, float] = CORE,
    seed: int = 0,
) -> ImputedWorth:
    """Return worth where nobody was asked: what each account pays for what it has, and a headroom above it.

    `headroom` (accounts x draws) is in logarithms. What it has is a part of everything, so everything is worth more
    than the bill.
    """
    rng = np.random.default_rng(seed)
    known = _Known.of(facts, headroom.shape[1], weights, core, rng)
    return ImputedWorth(
        facts=facts,
        log_worth=(known.floor + headroom).astype(known.core.dtype),
        core=known.core,
        wants=known.wants,
        weights=known.weights,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What draws hold before anybody is asked: core, wanted features, and the log worth that bills say is the least."""

    core: NDArray[np.floating]
    wants: NDArray[np.bool_]
    weights: NDArray[np.float64]
    floor: NDArray[np.floating]

    @classmethod
    def of(
        cls,
        facts: AccountFacts,
        draws: int,
        weights: NDArray[np.float64] | None,
        core: tuple[float, float],
        rng: np.random.Generator,
    ) -> _Known:
        count, features = facts.uses.shape
        counts = np.ones(features) if weights is None else np.asarray(weights, dtype=np.float64)
        around = rng.uniform(*core, draws) + _CORE_SPREAD * rng.standard_normal((count, draws))
        bare = np.clip(around, *_CORE_ENDS)
        if count * draws > _LARGE:
            bare = bare.astype(np.float32)
        wants = _wanted(facts, draws, rng)
        with np.errstate(divide="ignore"):
            paid = np.log(facts.bill / facts.units)
        return cls(bare, wants, counts, paid[:, None] - np.log(part_of(wants, bare, counts, facts.has)))


_LARGE = 1_000_000  # accounts x draws from which single precision is enough


def _below_bill(facts: AccountFacts, stated: LimitsPerUnit, overstated: float) -> float:
    """Return the share of linked, paying respondents whose answer, taken as usually overstated, is below their bill."""
    linked = stated.account >= 0
    paid = (facts.bill / facts.units)[stated.account[linked]]
    paying = paid > 0
    if not paying.any():
        return 0.0
    return float((np.exp(stated.middle[linked]) / overstated < paid)[paying].mean())


def _wanted(facts: AccountFacts, draws: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return what each account wants: what it uses, and outside its plan what users there make likely."""
    having = facts.has.sum(axis=0)
    using = (facts.uses & facts.has).sum(axis=0)
    share = np.where(having >= _FEW_HAVE, using / np.maximum(having, 1), _SHARE_OF_FEW)
    reach = rng.uniform(0, _REACH, draws)
    wants = np.empty((facts.uses.shape[1], len(facts), draws), dtype=bool)
    for place in range(len(wants)):
        guessed = rng.random((len(facts), draws), dtype=np.float32) < (share[place] * reach).astype(np.float32)
        wants[place] = np.where(facts.has[:, place, None], facts.uses[:, place, None], guessed)
    return wants


# --- Imputed worth as what plans and add-ons are worth to the customers of a base


@dataclass(frozen=True, eq=False, kw_only=True)
class AccountWorth:
    """What offers are worth to accounts, as imputed from answers (`workbench.demand.imputed_worth`).

    A plan that lacks one of `must_have` that the account uses cannot serve it, nor can one whose limit is below its
    need.

    Attributes
    ----------
    imputed
        Worth per account and draw.
    customers
        The accounts, in the same order.
    feature_names
        The features that make up a part of the worth, in the order of `imputed`.
    source
        What it was learned from, in words.
    must_have
        Features no user can do without.
    assumed, cautions
        Ranges nobody measured, and what to know before using it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import AccountWorth, account_facts, impute_worth, respondents_of
    >>> from workbench.demand.willingness import LimitsPerUnit
    >>> from workbench.pricing import Plan
    >>> asked = respondents_of(pd.DataFrame({"respondent": [f"A{number}" for number in range(30)]}))
    >>> facts, _ = account_facts(asked, [Plan("Team", 20)], ["alerts"], units=np.ones(30))
    >>> said = LimitsPerUnit(account=np.arange(30), low=np.full(30, 45.0), high=np.full(30, 55.0), weight=np.ones(30))
    >>> imputed = impute_worth(facts, said, draws=20)
    >>> worth = AccountWorth(imputed=imputed, customers=asked, feature_names=("alerts",), source="price ladder")
    >>> bare, full = worth.of(Plan("Bare", 20)), worth.of(Plan("Full", 30, features=["alerts"]))
    >>> bare.shape, bool((bare <= full).all())
    ((30, 20), True)
    """

    imputed: ImputedWorth
    customers: Customers
    feature_names: tuple[str, ...]
    source: str
    must_have: frozenset[str] = frozenset()
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.imputed.draws

    @cached_property
    def whole(self) -> Floats:
        """Return what an offer with everything in it is worth."""
        return self.imputed.whole

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth, customers x draws; minus infinity where it cannot serve."""
        served = part_served(self.customers, plan.limits, "cannot serve") > 0
        served &= ~lacks_a_must(self.customers, self.must_have, plan.features)
        worth = self.whole * self.imputed.part(self._inside(plan.features))
        worth[~served] = -np.inf
        return worth

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on's features add, customers x draws; its allowance adds nothing that is known."""
        inside = self._inside(add_on.features)
        if not inside.any():
            return np.zeros_like(self.whole)
        return self.whole * (1 - self.imputed.core) * self.imputed.share(inside)

    def scaled(self, factor: Floats) -> AccountWorth:
        """Return the same with all worth times a factor per customer."""
        times = np.log(np.asarray(factor, dtype=self.imputed.log_worth.dtype))
        moved = self.imputed.log_worth + (times[:, None] if times.ndim else times)
        return replace(self, imputed=replace(self.imputed, log_worth=moved))

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> AccountWorth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""
        return replace(
            self, imputed=self.imputed.taken(customers, draws), customers=self.customers.take(customers, weight)
        )

    def _inside(self, features: Iterable[str]) -> NDArray[np.bool_]:
        named = set(features)
        return np.array([name in named for name in self.feature_names], dtype=bool)


def account_facts(
    customers: Customers,
    plans: Iterable[Plan],
    features: Sequence[str],
    *,
    units: NDArray[np.float64],
    metric: str = "",
) -> tuple[AccountFacts, tuple[Caution, ...]]:
    """Return what worth is imputed from, and what to know about it.

    Customers on none of `plans` are taken to have every feature. Where feature use is not recorded, everybody is taken
    to use what the own plan has.

    Parameters
    ----------
    customers
        The accounts.
    plans
        Today's plans.
    features
        The features that can be in or out.
    units
        How often each account buys what one price of the survey buys: seats, or 1.
    metric
        The quantity that tells large accounts from small ones.

    Returns
    -------
    tuple[AccountFacts, tuple[Caution, ...]]
        The facts per account, and what to know about them.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.demand import Customers, account_facts
    >>> from workbench.pricing import Plan
    >>> names, plan = np.array(["a", "b"], object), np.array(["Team", "Pro"], object)
    >>> asked = Customers(ids=names, segment=np.array(["all", "all"], object), weight=np.ones(2), plan=plan)
    >>> plans = [Plan("Team", 20), Plan("Pro", 60, features=["alerts"])]
    >>> facts, cautions = account_facts(asked, plans, ["alerts"], units=np.ones(2))
    >>> facts.has.tolist()
    [[False], [True]]
    """
    size = len(customers)
    contents = {plan.name: np.array([name in set(plan.features) for name in features], dtype=bool) for plan in plans}
    has, known = np.ones((size, len(features)), dtype=bool), np.zeros(size, dtype=bool)
    for place, name in enumerate(() if customers.plan is None else customers.plan):
        if name in contents:
            has[place], known[place] = contents[name], True
    uses, said = has.copy(), []
    if customers.uses is not None:
        column = {name: number for number, name in enumerate(customers.feature_names)}
        for place, name in enumerate(features):
            uses[:, place] = customers.uses[:, column[name]] if name in column else False
    elif features:
        said.append(Caution("Feature use is not recorded: everybody is taken to use what the own plan has."))
    if features and not known.all():
        text = f"{percent(1 - known.mean())} of customers are on no listed plan today: taken to have every feature."
        said.append(Caution(text))
    quantity = customers.quantities((metric,))[metric] if metric else units
    usual = np.nanmedian(quantity) if np.isfinite(quantity).any() else 1.0
    facts = AccountFacts(
        segment=customers.segment_codes.astype(np.int64),
        quantity=np.where(np.isfinite(quantity), quantity, usual),
        units=units,
        bill=np.zeros(size) if customers.paid is None else np.nan_to_num(customers.paid),
        uses=uses,
        has=has | uses,
    )
    return facts, tuple(said)
