"""What active accounts need and pay, how they stand to today's list, and who benefits from each feature."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.base import usage_cube
from workbench.customers.needs import profile, uses_that_count
from workbench.customers.tables import SEATS
from workbench.errors import WorkbenchError
from workbench.impact.billing import amount_of
from workbench.impact.price_realisation import realisation
from workbench.locales import NO_CURRENCY
from workbench.pricing.values import decimal_of
from workbench.results import Basis, Missing
from workbench.stages.offers import PER_ACCOUNT, TierDecision
from workbench.stages.price_book import list_of_today
from workbench.stages.study_replay import standing_of_last_months
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.customers.needs import Profile
    from workbench.pricing.charge import Charge
    from workbench.pricing.price_book import AddOn, Plan
    from workbench.results import Interval
    from workbench.rules.rulebook import Threshold

say = texts(__name__)


GATE_WORDS = ("analytic", "api", "integration", "connector", "webhook")
"""Parts of the product that usually mark a step up: analytics, API access and integrations."""
SAMPLED_FROM = 100_000
"""From more accounts than this, quantiles are read from this many, evenly spaced; counts and sums use them all."""


def is_usual_gate(feature: str, area: str) -> bool:
    """Tell whether a feature belongs to the parts that usually mark a step up."""
    text = f"{feature} {area}".casefold()
    words = text.replace("-", " ").replace("/", " ").split()
    return any(word.startswith(start) for word in words for start in GATE_WORDS)


def spaced(accounts: int) -> slice:
    """Return which accounts distributions are read from: all, or an evenly spaced part of very many."""
    return slice(None, None, max(1, accounts // SAMPLED_FROM))


# --- Who benefits from each feature, and whether that makes it a tier feature or an add-on

Verdict = Literal["tier feature", "add-on", "too close to call", "unknown"]


@dataclass(frozen=True, slots=True)
class FeatureBenefit:
    """How many active accounts used a feature enough in the window, with a 90% interval on the share.

    `of_accounts` 0 means that feature use is not recorded: the share is unknown, not zero. `requests` counts the
    active accounts that asked for the feature, None where requests are not recorded. `included_for` counts the
    accounts whose plan contains it today (None where that is not recorded), `users_included` those of them that use it.
    """

    feature: str
    users: int
    of_accounts: int
    share: Interval | None
    area: str = ""
    must_have: bool = False
    requests: int | None = None
    included_for: int | None = None
    users_included: int = 0

    @property
    def share_where_included(self) -> float | None:
        """Return the share among accounts whose plan contains the feature today, None where that is unknown."""
        return self.users_included / self.included_for if self.included_for else None

    def verdict(self, threshold: Threshold) -> Verdict:
        """Say on which side of the threshold the whole interval lies, or that it straddles it."""
        if self.share is None or threshold.high is None:
            return "unknown"
        if self.share.low > threshold.high:
            return "tier feature"
        if self.share.high < threshold.high:
            return "add-on"
        return "too close to call"


def feature_benefits(
    names: Sequence[str],
    used: NDArray[np.bool_] | None,
    *,
    areas: Mapping[str, str] | None = None,
    must_have: frozenset[str] = frozenset(),
    requests: Mapping[str, int] | None = None,
    included: NDArray[np.bool_] | None = None,
) -> tuple[FeatureBenefit, ...]:
    """Return the benefit of each feature, most used first; ties in the order of the name.

    `used` has a row per active account and a column per name; None where feature use is not recorded. `included` has
    the same shape and says whose plan contains the feature today.
    """
    counts = [None] * len(names) if used is None else [int(count) for count in used.sum(axis=0)]
    trials = 0 if used is None else used.shape[0]
    benefits = [
        FeatureBenefit(
            feature=name,
            users=users or 0,
            of_accounts=0 if users is None else trials,
            share=None if users is None else wilson(users, trials),
            area=(areas or {}).get(name, ""),
            must_have=name in must_have,
            requests=None if requests is None else requests.get(name, 0),
            included_for=None if included is None else int(included[:, place].sum()),
            users_included=0 if included is None or used is None else int((included & used)[:, place].sum()),
        )
        for place, (name, users) in enumerate(zip(names, counts, strict=True))
    ]
    return tuple(sorted(benefits, key=lambda benefit: (-benefit.users, benefit.feature)))


# --- How much accounts use: the quantiles of every metric, for all accounts and per segment

LEVELS = {"10%": 0.1, "25%": 0.25, "half": 0.5, "75%": 0.75, "90%": 0.9, "largest": 1.0}
ALL = "all accounts"
CURVE_SHARES = np.linspace(1 / 80, 1, 80)
"""The shares of accounts at which a usage curve is read."""


def usage_levels(quantities: Mapping[str, NDArray[np.float64]], segment: NDArray[np.object_]) -> pd.DataFrame:
    """Return a row per metric and segment: metric, segment, accounts, and the quantity that a share stays within.

    The column "75%" holds the smallest observed quantity within which at least three accounts in four stay.
    Accounts without a known quantity are left out and not counted.
    """
    names = sorted(set(segment))
    groups = [(ALL, slice(None))]
    if len(names) > 1:
        groups += [(str(name), segment == name) for name in names]
    rows = []
    for metric, values in quantities.items():
        for name, inside in groups:
            known = values[inside]
            known = known[~np.isnan(known)]
            if known.size:
                found = np.quantile(known, list(LEVELS.values()), method="inverted_cdf")
                rows.append(
                    {"metric": metric, "segment": name, "accounts": known.size, **dict(zip(LEVELS, found, strict=True))}
                )
    return pd.DataFrame(rows, columns=["metric", "segment", "accounts", *LEVELS])


def usage_curve(quantities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantity within which each of `CURVE_SHARES` of the accounts that use any stay; empty without any."""
    known = quantities[np.isfinite(quantities) & (quantities > 0)]
    return np.quantile(known, CURVE_SHARES, method="inverted_cdf") if known.size else np.array([])


# --- How accounts stand to today's price list


@dataclass(frozen=True, eq=False)
class OnTodaysList:
    """How each account stands to today's price list.

    `kept` is what it pays over what the list asks, its own discount: 1 where that is not known. `free` and `on_request`
    tell whether its plan costs nothing or has no published price; `free_plans` are the plans that cost nothing.
    """

    kept: NDArray[np.float64]
    free: NDArray[np.bool_]
    on_request: NDArray[np.bool_]
    free_plans: tuple[Plan, ...] = ()


def on_todays_list(base: CustomerBase, account_ids: NDArray[np.object_], plan: NDArray[np.object_]) -> OnTodaysList:
    """Return how accounts stand to today's price list; without one nobody has a discount, is free or on request."""
    book = list_of_today(base)
    free_plans = tuple(each for each in book.plans if each.is_free)
    return OnTodaysList(
        kept=_kept(base, account_ids),
        free=np.isin(plan.astype(str), [each.name for each in free_plans]),
        on_request=np.isin(plan.astype(str), [each.name for each in book.plans if not each.priced]),
        free_plans=free_plans,
    )


def _kept(base: CustomerBase, account_ids: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return what each account paid in the last month over its bill under today's list, by the replay engine."""
    nothing = np.ones(len(account_ids))
    try:
        listed = standing_of_last_months(base).today if base.has("mrr") else None
    except WorkbenchError:
        return nothing
    if listed is None:
        return nothing
    shares = pd.Series(realisation(listed), index=listed.rows.account_ids)
    return np.asarray(shares.reindex(pd.Index(account_ids)).fillna(1.0), dtype=np.float64)


# --- What the tiers are designed on

UNKNOWN = "unknown"
"""The plan of an account whose plan is not on record."""
_KEPT = 3
# A base never changes, so what was gathered from it once holds as long as it is there.
_gathered: WeakKeyDictionary[CustomerBase, Recent[tuple[int, int], TierEvidence]] = WeakKeyDictionary()
WOULD_ADD = {
    "usage": say("how_much_each_account_uses"),
    "mrr": say("what_each_account_pays_today"),
    "feature_use": say("which_features_each_account_needs"),
    "requests": say("which_features_customers_ask_for"),
    "features": say("the_area_of_each_feature"),
}


@dataclass(frozen=True, eq=False)
class TierEvidence:
    """The needs of the active accounts: one entry (or row) per account, in the order of `account_ids`.

    `needs` holds each account's peak month per metric in the window, `billed` its latest known month: limits must
    allow for the first, bills are made of the second. `mrr` is the recurring revenue recorded for `billing_month`,
    NaN where none is recorded. `uses_counted` is from how many uses on a feature counts: one where the table holds yes
    or no, whatever `minimum_uses` asks for. `used` is accounts x `feature_names`, None where feature use is not
    recorded; `asked` has the same shape and says who ever asked for the feature, None where requests are not recorded;
    `included` whose plan contains it today, None where that is not recorded. `on_list` is how each account stands to
    today's list.
    """

    needs_months: int
    minimum_uses: int
    uses_counted: int
    currency: str
    account_ids: NDArray[np.object_]
    account_names: NDArray[np.object_]
    segment: NDArray[np.object_]
    plan: NDArray[np.object_]
    needs: Mapping[str, NDArray[np.float64]]
    billed: Mapping[str, NDArray[np.float64]]
    mrr: NDArray[np.float64]
    billing_month: str
    used: NDArray[np.bool_] | None
    asked: NDArray[np.bool_] | None
    feature_names: tuple[str, ...]
    benefits: tuple[FeatureBenefit, ...]
    usage_levels: pd.DataFrame
    todays_plans: tuple[str, ...]
    basis: Basis
    missing: tuple[Missing, ...]
    included: NDArray[np.bool_] | None = None
    on_list: OnTodaysList = field(
        default_factory=lambda: OnTodaysList(np.ones(0), np.zeros(0, bool), np.zeros(0, bool))
    )

    def __len__(self) -> int:
        """Count the active accounts."""
        return len(self.account_ids)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics the accounts' needs are known in."""
        return tuple(self.needs)

    @property
    def has_mrr(self) -> bool:
        """Tell whether any account has a recorded MRR in the billing month."""
        return bool(np.isfinite(self.mrr).any())

    @cached_property
    def paid(self) -> NDArray[np.float64]:
        """Return the recorded MRR of the accounts that paid anything in the billing month, NaN elsewhere."""
        return np.where(self.mrr > 0, self.mrr, np.nan)

    @property
    def valued(self) -> NDArray[np.bool_] | None:
        """Return who uses or asked for which feature, None where feature use is not recorded."""
        return self.used if self.used is None or self.asked is None else self.used | self.asked

    @cached_property
    def plan_codes(self) -> tuple[NDArray[np.intp], tuple[str, ...]]:
        """Return each account's plan as a position in the plans there are, and those plans."""
        codes, plans = pd.factorize(self.plan)
        return codes, tuple(str(name) for name in plans)

    @cached_property
    def typical(self) -> dict[str, float]:
        """Return the median billed quantity per metric; metrics nobody has a quantity of are left out."""
        known = {metric: values[np.isfinite(values)] for metric, values in self.billed.items()}
        return {metric: float(np.median(values)) for metric, values in known.items() if values.size}

    @cached_property
    def usage_curves(self) -> dict[str, NDArray[np.float64]]:
        """Return the usage curve of each metric; an evenly spaced part of very many accounts draws it as well."""
        part = spaced(len(self))
        return {metric: usage_curve(values[part]) for metric, values in self.needs.items()}

    @property
    def areas(self) -> dict[str, str]:
        """Return the area of each feature that has one."""
        return {benefit.feature: benefit.area for benefit in self.benefits if benefit.area}

    @property
    def today(self) -> float | None:
        """Return the recorded MRR of the active accounts in the billing month, None when nothing is recorded."""
        return float(np.nansum(self.mrr)) if self.has_mrr else None

    def benefit(self, feature: str) -> FeatureBenefit | None:
        """Return the benefit of one feature, None when nothing is known about it."""
        return next((benefit for benefit in self.benefits if benefit.feature == feature), None)

    def fits(self, decision: TierDecision) -> bool:
        """Tell whether a decision reads the accounts' needs the way this evidence was gathered."""
        return (self.needs_months, self.minimum_uses) == (decision.needs_months, decision.minimum_uses)


def gather(
    base: CustomerBase,
    *,
    needs_months: int = TierDecision().needs_months,
    minimum_uses: int = TierDecision().minimum_uses,
) -> TierEvidence:
    """Gather what the accounts of a base need and pay.

    An account is active when it paid or used anything in the last `needs_months` months; it needs a feature when it
    used it at least `minimum_uses` times in them.
    """
    found = profile(base, months=needs_months, minimum_uses=minimum_uses)
    accounts = base.accounts.set_index("account_id").reindex(pd.Index(found.account_ids))
    needs, billed = dict(found.quantities), _latest_quantities(base, found.account_ids, needs_months)
    if SEATS not in needs and accounts["seats"].notna().any():
        seats = accounts["seats"].to_numpy(dtype="float64", na_value=np.nan)
        needs[SEATS], billed[SEATS] = seats, seats
    month, mrr = _recorded_mrr(base, found.account_ids, needs_months)
    names, used, asked, included = _feature_matrices(base, found)
    return TierEvidence(
        needs_months=needs_months,
        minimum_uses=minimum_uses,
        uses_counted=uses_that_count(base, minimum_uses),
        currency=base.currency or NO_CURRENCY,
        account_ids=found.account_ids,
        account_names=accounts["name"].fillna("").to_numpy(dtype=object),
        segment=found.segment,
        plan=found.plan,
        needs=needs,
        billed=billed,
        mrr=mrr,
        billing_month=month,
        used=used,
        asked=asked,
        feature_names=names,
        benefits=_benefits(base, names, used, asked, included),
        usage_levels=usage_levels(needs, found.segment),
        todays_plans=() if base.plans is None else tuple(base.plans["plan"].dropna().unique()),
        basis=Basis(
            accounts=len(found),
            of_accounts=len(base),
            first_month=f"{found.months[0]:%Y-%m}",
            last_month=f"{found.months[-1]:%Y-%m}",
            note=say("active_accounts_those_that_paid"),
        ),
        missing=tuple(Missing(table, would) for table, would in WOULD_ADD.items() if not base.has(table)),
        included=included,
        on_list=on_todays_list(base, found.account_ids, found.plan),
    )


def evidence_for(base: CustomerBase, decision: TierDecision, evidence: TierEvidence | None) -> TierEvidence:
    """Return the evidence when it reads the needs the way the decision does, and gather it anew otherwise."""
    if evidence is not None and evidence.fits(decision):
        return evidence
    months, uses = decision.needs_months, decision.minimum_uses
    known = _gathered.setdefault(base, Recent(_KEPT))
    return known.once((months, uses), lambda: gather(base, needs_months=months, minimum_uses=uses))


def _latest_quantities(base: CustomerBase, account_ids: NDArray, months: int) -> dict[str, NDArray[np.float64]]:
    """Return each account's latest known quantity in the window per metric; NaN when none is known."""
    ids, _, cube = usage_cube(base)
    rows = pd.Index(ids).get_indexer(pd.Index(account_ids))
    latest = {}
    for metric, block in cube.items():
        window = block[rows, -months:]
        known = ~np.isnan(window)
        column = window.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
        latest[metric] = window[np.arange(len(window)), column]
    return latest


def _recorded_mrr(base: CustomerBase, account_ids: NDArray, months: int) -> tuple[str, NDArray[np.float64]]:
    """Return the last month of the window in which any MRR is recorded, and each account's MRR in it."""
    nothing = np.full(len(account_ids), np.nan)
    if not base.has("mrr"):
        return "", nothing
    mrr = base.mrr
    recent = mrr[mrr["month"].isin(base.months[-months:])]
    if recent.empty:
        return "", nothing
    month = recent["month"].max()
    amounts = recent[recent["month"] == month].set_index("account_id")["amount"]
    return f"{month:%Y-%m}", amounts.reindex(pd.Index(account_ids)).to_numpy(dtype="float64")


def _feature_matrices(
    base: CustomerBase, found: Profile
) -> tuple[tuple[str, ...], NDArray[np.bool_] | None, NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Return the features and, accounts x features, who uses, who asked for and whose plan contains each."""
    asked_for = base.requests["feature"].unique() if base.has("requests") else ()
    names = tuple(dict.fromkeys((*found.feature_names, *map(str, asked_for))))
    place = pd.Index(names)
    used = asked = included = None
    if base.has("feature_use"):
        used = np.zeros((len(found), len(names)), dtype=bool)
        used[:, : len(found.feature_names)] = found.features
    if base.has("requests"):
        asked = np.zeros((len(found), len(names)), dtype=bool)
        row = pd.Index(found.account_ids).get_indexer(pd.Index(base.requests["account_id"]))
        column = place.get_indexer(pd.Index(base.requests["feature"]))
        asked[row[row >= 0], column[row >= 0]] = True
    if base.has("plan_features"):
        table = base.plan_features
        included = np.zeros((len(found), len(names)), dtype=bool)
        for plan, features in table.groupby("plan")["feature"]:
            columns = place.get_indexer(pd.Index(features))
            included[np.ix_(found.plan == plan, columns[columns >= 0])] = True
    return names, used, asked, included


def _benefits(
    base: CustomerBase,
    names: tuple[str, ...],
    used: NDArray[np.bool_] | None,
    asked: NDArray[np.bool_] | None,
    included: NDArray[np.bool_] | None,
) -> tuple[FeatureBenefit, ...]:
    areas: dict[str, str] = {}
    must_have: frozenset[str] = frozenset()
    if base.has("features"):
        table = base.features
        known = table.dropna(subset=["area"])
        areas = dict(zip(known["feature"], known["area"], strict=True))
        must_have = frozenset(table.loc[table["must_have"] == 1, "feature"])
    requests = None if asked is None else dict(zip(names, asked.sum(axis=0).tolist(), strict=True))
    return feature_benefits(names, used, areas=areas, must_have=must_have, requests=requests, included=included)


# --- What an offer costs per account

_FLAT = "flat"


def price_per(
    offer: Plan | AddOn, base: CustomerBase, *, on_it: Collection[str] | None = None
) -> dict[str, float | None]:
    """Return what an offer costs a month per account, and what one more unit of each metric it charges costs.

    "account" holds the base fee with charges that do not grow, None for a price on request, whose metrics are None too.
    A metric holds amount(q + 1) - amount(q) at the median latest quantity q of the active accounts on the offer: within
    free units and inside a package that is 0, and where a volume price falls it can be below 0. A metric nobody's usage
    is known of has None.

    Parameters
    ----------
    on_it
        Ids of the accounts on the offer. Without them those whose plan on record bears its name, and where there are
        none, all active accounts.
    """
    metrics = tuple(dict.fromkeys(charge.metric for charge in offer.charges))
    if offer.base_fee is None:
        return {PER_ACCOUNT: None, **dict.fromkeys(metrics)}
    fixed = sum((charge.fixed_fee or decimal_of(0, "fee") for charge in _flat(offer)), start=offer.base_fee)
    typical = _typical(base, offer.name, on_it)
    return {PER_ACCOUNT: float(fixed), **{metric: _one_more(offer, metric, typical.get(metric)) for metric in metrics}}


def _flat(offer: Plan | AddOn) -> tuple[Charge, ...]:
    return tuple(charge for charge in offer.charges if charge.model == _FLAT)


def _one_more(offer: Plan | AddOn, metric: str, quantity: float | None) -> float | None:
    if quantity is None:
        return None
    at = decimal_of(repr(quantity), f"quantity of {metric}")
    charges = [charge for charge in offer.charges if charge.metric == metric]
    return float(amount_of(charges, at + 1) - amount_of(charges, at))


def _typical(base: CustomerBase, name: str, on_it: Collection[str] | None) -> dict[str, float]:
    """Return the median quantity per metric of the accounts on an offer."""
    needs = evidence_for(base, TierDecision(), None)
    inside = (
        needs.plan == name if on_it is None else np.isin(needs.account_ids.astype(str), [str(each) for each in on_it])
    )
    if not inside.any() and on_it is None:
        inside = np.ones(len(needs), dtype=bool)
    known = {metric: values[inside & np.isfinite(values)] for metric, values in needs.billed.items()}
    return {metric: float(np.median(values)) for metric, values in known.items() if values.size}
