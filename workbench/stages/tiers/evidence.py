"""What the tiers are designed on: what active accounts need, what they pay, and who benefits from each feature."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.customers import profile, usage_cube
from workbench.formatting import NO_CURRENCY
from workbench.recent import Recent
from workbench.results import Basis, Missing
from workbench.stages.tiers.benefit import FeatureBenefit, feature_benefits
from workbench.stages.tiers.bill_change import spaced
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.todays_list import OnTodaysList, on_todays_list
from workbench.stages.tiers.usage_levels import usage_curve, usage_levels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase, Profile

SEATS = "seats"
_KEPT = 3
# A base never changes, so what was gathered from it once holds as long as it is there.
_gathered: WeakKeyDictionary[CustomerBase, Recent[tuple[int, int], TierEvidence]] = WeakKeyDictionary()
WOULD_ADD = {
    "usage": "how much each account uses, so that limits and prices per unit can be set and checked",
    "mrr": "what each account pays today, so that new bills and revenue can be compared with it",
    "feature_use": "which features each account needs; without it accounts are placed by their usage alone",
    "requests": "which features customers ask for and do not have yet",
    "features": "the area of each feature and the must-haves",
}


@dataclass(frozen=True, eq=False)
class TierEvidence:
    """The needs of the active accounts: one entry (or row) per account, in the order of `account_ids`.

    `needs` holds each account's peak month per metric in the window, `billed` its latest known month: limits must
    allow for the first, bills are made of the second. `mrr` is the recurring revenue recorded for `billing_month`,
    NaN where none is recorded. `used` is accounts x `feature_names`, None where feature use is not recorded; `asked`
    has the same shape and says who ever asked for the feature, None where requests are not recorded; `included` whose
    plan contains it today, None where that is not recorded. `on_list` is how each account stands to today's list.
    """

    needs_months: int
    minimum_uses: int
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
            note="Active accounts: those that paid or used anything in these months.",
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
