"""What add-ons are designed on.

Who needs, uses or asked for which feature, since when, and what it was measured to be worth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.results import Missing
from workbench.stages.account_statistics import WEAK, scalability
from workbench.stages.needs import TierEvidence
from workbench.stages.needs import gather as tiers_gather
from workbench.stages.offers import PER_ACCOUNT, TierDecision
from workbench.stages.price_book import asked_per, survey_items, with_scales, worded_columns
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Basis, Interval
    from workbench.study.model import Scenario

say = texts(__name__)

# --- Whether a feature belongs to the common order in which customers take features up

Place = Literal["apart from it", "part of it", "cannot be told", "too few users"]
FEWEST_USERS = 5


@dataclass(frozen=True, slots=True)
class AdoptionOrder:
    """Loevinger's H of each feature against all others, with a 90% interval; features with too few users are absent.

    A feature whose H lies under 0.3 is wanted by some whatever else they use: the usual mark of an add-on. One above
    it comes when the more common ones are in use: the usual mark of a tier feature.
    """

    items: Mapping[str, Interval]

    def place(self, feature: str) -> Place:
        """Say whether a feature stands apart from the common order, as far as its interval tells."""
        h = self.items.get(feature)
        if h is None or h.estimate != h.estimate:
            return "too few users"
        if h.high < WEAK:
            return "apart from it"
        return "part of it" if h.low >= WEAK else "cannot be told"


def features_in_adoption_order(used: NDArray[np.bool_], names: Sequence[str]) -> AdoptionOrder:
    """Return how each feature stands to the order of the others, from who uses what (accounts x features)."""
    found = scalability(used, names, fewest_users=FEWEST_USERS)
    return AdoptionOrder(dict(zip(found.names, found.items, strict=True)))


# --- What a choice survey measured features to be worth: the evidence a price can stand on

SURVEY = "survey_choice"


@dataclass(frozen=True, slots=True)
class PriceEvidence:
    """What features are worth a month for each `per` ("account" or a metric), by name, with 90% intervals.

    It is the worth to the average of the `respondents`, from choices between whole offers (multinomial logit, errors by
    respondent); empty without a choice survey, or where `problem` says why its answers cannot be used.
    """

    worth: Mapping[str, Interval] = field(default_factory=lambda: MappingProxyType({}))
    per: str = PER_ACCOUNT
    respondents: int = 0
    problem: str = ""

    def of(self, features: Sequence[str], price_per: str) -> Interval | None:
        """Return what all of an add-on's features are worth in its unit; None where one of them was not measured.

        The ends are added up as well, which is wider than independent doubts would be.
        """
        if not features or price_per != self.per or any(name not in self.worth for name in features):
            return None
        parts = [self.worth[name] for name in features]
        low, middle, high = (sum(getattr(part, end) for part in parts) for end in ("low", "estimate", "high"))
        return type(parts[0])(low, middle, high, parts[0].level)


def measured_prices(base: CustomerBase, features: Sequence[str]) -> PriceEvidence:
    """Return what the choice survey of a base says features are worth; an attribute is known by the words it shares."""
    frame = base.frames.get(SURVEY)
    if frame is None or not len(frame):
        return PriceEvidence()
    from workbench.research.conjoint.multinomial import fit_mnl  # noqa: PLC0415 - loaded when there are answers

    items = survey_items(frame, features, base.metrics)
    try:
        model = fit_mnl(
            with_scales(frame, items),
            case=("respondent", "task"),
            attributes=[*(item.column for item in items), *worded_columns(frame)],
            cluster="respondent",
        )
        worth = model.willingness_to_pay().intervals
        per = asked_per(frame)
    except WorkbenchError as error:
        return PriceEvidence(problem=str(error))
    found = {
        item.stands_for: worth[item.column]
        for item in items
        if item.kind == "feature" and item.is_known and item.column in worth
    }
    return PriceEvidence(MappingProxyType(found), per, int(frame["respondent"].nunique()))


# --- What add-ons are designed on

WOULD_ADD = {
    "feature_use": say("which_features_only_few_accounts"),
    "requests": say("which_features_accounts_ask_for"),
    "mrr": say("what_accounts_pay_today_to"),
    "usage": say("a_gate_on_usage_who"),
    "plan_features": say("which_accounts_have_a_feature"),
    "survey_choice": say("what_features_are_worth_to"),
}
RELIES_FROM = 0.5
"""An account relies on a feature it used in at least this share of the weeks looked at."""


@dataclass(frozen=True, eq=False)
class AddOnEvidence:
    """What the data says about add-ons, whatever is decided: one row per active account, as in `needs`.

    `tenure_days` counts the days since the account signed up, NaN where unknown. Accounts x `needs.feature_names`:
    `uses_a_month` is the average month in the window, `relies_on` who used the feature in at least half of its weeks;
    both None where feature use is not recorded. `day` is the day all of it is known for. `prices` is what a choice
    survey measured features to be worth.
    """

    needs: TierEvidence
    day: pd.Timestamp
    tenure_days: NDArray[np.float64]
    uses_a_month: NDArray[np.float64] | None
    relies_on: NDArray[np.bool_] | None
    order: AdoptionOrder | None
    missing: tuple[Missing, ...]
    prices: PriceEvidence = field(default_factory=PriceEvidence)

    def __len__(self) -> int:
        """Count the active accounts."""
        return len(self.needs)

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.needs.currency

    @property
    def basis(self) -> Basis:
        """Return the part of the data all of this stands on."""
        return self.needs.basis

    @property
    def features(self) -> tuple[str, ...]:
        """Return every feature the data names."""
        return self.needs.feature_names

    def columns(self, features: tuple[str, ...]) -> list[int]:
        """Return the columns of those features that the data knows."""
        place = {name: column for column, name in enumerate(self.features)}
        return [place[name] for name in features if name in place]


def gather(
    base: CustomerBase,
    *,
    needs_months: int = TierDecision().needs_months,
    minimum_uses: int = TierDecision().minimum_uses,
) -> AddOnEvidence:
    """Gather who uses, asks for and already has which feature, how long accounts are here and how they use it.

    An account uses a feature when it did so at least `minimum_uses` times in the last `needs_months` months.
    """
    needs = tiers_gather(base, needs_months=needs_months, minimum_uses=minimum_uses)
    day = _last_day(base)
    uses, weeks_used, weeks = _use_in_window(base, needs)
    accounts = base.accounts.set_index("account_id").reindex(pd.Index(needs.account_ids))
    tenure = (day - accounts["signed_up"]).dt.days.to_numpy(dtype="float64", na_value=np.nan)
    missing = [Missing(table, would) for table, would in WOULD_ADD.items() if not base.has(table)]
    if np.isnan(tenure).all():
        missing.append(Missing("accounts, column signed_up", say("how_long_accounts_are_here")))
    return AddOnEvidence(
        needs=needs,
        day=day,
        tenure_days=tenure,
        uses_a_month=None if uses is None else uses / needs_months,
        relies_on=None if weeks_used is None else weeks_used >= RELIES_FROM * weeks,
        order=None if needs.used is None else features_in_adoption_order(needs.used, needs.feature_names),
        missing=tuple(missing),
        prices=measured_prices(base, needs.feature_names),
    )


def add_on_evidence_for(base: CustomerBase, scenario: Scenario, evidence: AddOnEvidence | None) -> AddOnEvidence:
    """Return the evidence when it reads needs as the scenario's tiers do, and gather it anew otherwise."""
    tiers = scenario.decision(TierDecision)
    if evidence is not None and evidence.needs.fits(tiers):
        return evidence
    return gather(base, needs_months=tiers.needs_months, minimum_uses=tiers.minimum_uses)


def _last_day(base: CustomerBase) -> pd.Timestamp:
    """Return the day the base is known for: its cut-off, else the end of its last month."""
    if base.as_of is not None:
        return pd.Timestamp(base.as_of)
    return base.months[-1] + pd.offsets.MonthEnd(0)


def _use_in_window(
    base: CustomerBase, needs: TierEvidence
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, int]:
    """Return uses and weeks with use, accounts x features, and how many weeks of the window are recorded.

    A week belongs to the window when it ends in it, as for the needs of an account.
    """
    if needs.used is None:
        return None, None, 0
    table = base.feature_use
    ends = table["week"] + pd.Timedelta(days=6)
    recent = table[(ends >= pd.Timestamp(needs.basis.first_month)) & (table["uses"] > 0)]
    rows = pd.Index(needs.account_ids).get_indexer(pd.Index(recent["account_id"]))
    columns = pd.Index(needs.feature_names).get_indexer(pd.Index(recent["feature"]))
    known = (rows >= 0) & (columns >= 0)
    uses = np.zeros(needs.used.shape)
    weeks_used = np.zeros(needs.used.shape)
    np.add.at(uses, (rows[known], columns[known]), recent["uses"].to_numpy(dtype="float64")[known])
    np.add.at(weeks_used, (rows[known], columns[known]), 1.0)
    return uses, weeks_used, max(1, int(recent["week"].nunique()))


# --- Which accounts would be interested in an add-on: those that use, rely on or asked for what it contains


@dataclass(frozen=True, eq=False)
class Interest:
    """Interest in an add-on, one entry per active account.

    `shown`: used one of its features often enough in the window, or asked for one. `strong`: relied on one (used it
    in at least half of the weeks), or asked.
    """

    shown: NDArray[np.bool_]
    strong: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AttachRange:
    """The share of eligible accounts that would buy, as far as the data tells: a range with where it comes from.

    The low end counts those with strong interest, the high end those with any; each end is that of its own 90%
    interval that lies further out.
    """

    low: float
    high: float
    strong: int
    shown: int
    eligible: int

    @property
    def source(self) -> str:
        """Say where the range comes from."""
        return say("of_eligible_accounts_rely_on", eligible=self.eligible, strong=self.strong, shown=self.shown)


def interest_in(evidence: AddOnEvidence, features: tuple[str, ...]) -> Interest | None:
    """Return who is interested in features; None when the data records neither use of them nor requests."""
    columns = evidence.columns(features)
    needs = evidence.needs
    if not columns or (needs.used is None and needs.asked is None):
        return None
    asked = _any(needs.asked, columns, len(evidence))
    return Interest(
        shown=asked | _any(needs.used, columns, len(evidence)),
        strong=asked | (_any(evidence.relies_on, columns, len(evidence)) & _any(needs.used, columns, len(evidence))),
    )


def attach_range(interest: Interest | None, eligible: NDArray[np.bool_] | None) -> AttachRange | None:
    """Return the attach range among the eligible accounts; None without interest known or anybody eligible."""
    if interest is None or eligible is None:
        return None
    count = int(eligible.sum())
    strong, shown = int((interest.strong & eligible).sum()), int((interest.shown & eligible).sum())
    low, high = wilson(strong, count), wilson(shown, count)
    if low is None or high is None:
        return None
    return AttachRange(low.low, high.high, strong, shown, count)


def _any(table: NDArray[np.bool_] | None, columns: list[int], accounts: int) -> NDArray[np.bool_]:
    return np.zeros(accounts, dtype=bool) if table is None else np.asarray(table[:, columns].any(axis=1))
