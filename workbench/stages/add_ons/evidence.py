"""What add-ons are designed on: who needs which feature, since when accounts are here, and how they use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.results import Missing
from workbench.stages.add_ons.adoption_order import AdoptionOrder, adoption_order
from workbench.stages.add_ons.price_evidence import PriceEvidence, price_evidence
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.evidence import TierEvidence
from workbench.stages.tiers.evidence import gather as gather_needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.results import Basis
    from workbench.study import Scenario

WOULD_ADD = {
    "feature_use": "which features only few accounts use, who they are, and how many would take an add-on",
    "requests": "which features accounts ask for and do not have",
    "mrr": "what accounts pay today, to hold the revenue of add-ons against",
    "usage": "a gate on usage: who uses enough to be offered an add-on",
    "plan_features": "which accounts have a feature in their plan already",
    "survey_choice": "what features are worth to customers, so that prices of add-ons rest on evidence",
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
    needs = gather_needs(base, needs_months=needs_months, minimum_uses=minimum_uses)
    day = _last_day(base)
    uses, weeks_used, weeks = _use_in_window(base, needs)
    accounts = base.accounts.set_index("account_id").reindex(pd.Index(needs.account_ids))
    tenure = (day - accounts["signed_up"]).dt.days.to_numpy(dtype="float64", na_value=np.nan)
    missing = [Missing(table, would) for table, would in WOULD_ADD.items() if not base.has(table)]
    if np.isnan(tenure).all():
        missing.append(Missing("accounts, column signed_up", "how long accounts are here, for the gate on tenure"))
    return AddOnEvidence(
        needs=needs,
        day=day,
        tenure_days=tenure,
        uses_a_month=None if uses is None else uses / needs_months,
        relies_on=None if weeks_used is None else weeks_used >= RELIES_FROM * weeks,
        order=None if needs.used is None else adoption_order(needs.used, needs.feature_names),
        missing=tuple(missing),
        prices=price_evidence(base, needs.feature_names),
    )


def evidence_for(base: CustomerBase, scenario: Scenario, evidence: AddOnEvidence | None) -> AddOnEvidence:
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
