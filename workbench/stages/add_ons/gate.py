"""Who may be offered an add-on: long enough a customer, enough use shown, and not in possession of it already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import exact
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.stages.add_ons.evidence import AddOnEvidence

SOON_DAYS = 90


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Who an add-on may be offered to; masks have one entry per active account.

    `now` passes the gate and does not have everything in it already; `soon` will within 90 days by tenure alone.
    `included` has every feature of the add-on in its tier. `unknown` counts accounts of which tenure or usage is not
    known. `days_to_go` is how long until the gate opens by tenure alone (0: open), NaN where it does not;
    `open_otherwise` marks accounts that only tenure may keep out.
    """

    now: NDArray[np.bool_]
    soon: NDArray[np.bool_]
    included: NDArray[np.bool_]
    unknown: int
    days_to_go: NDArray[np.float64]
    open_otherwise: NDArray[np.bool_]
    usage_recorded: bool = True

    @property
    def count(self) -> int:
        """Return how many accounts are eligible now."""
        return int(self.now.sum())

    def if_waiting(self, evidence: AddOnEvidence, days: int) -> int:
        """Return how many accounts would be eligible today if the gate waited so many days, usage as it is."""
        long_enough = np.nan_to_num(evidence.tenure_days, nan=-1.0) >= days
        return int((self.open_otherwise & (long_enough | (days == 0))).sum())


def eligibility(evidence: AddOnEvidence, choice: AddOnChoice, included: NDArray[np.bool_] | None = None) -> Eligibility:
    """Return who passes the gate of an add-on; `included` marks accounts whose tier contains all of it."""
    accounts = len(evidence)
    already = np.zeros(accounts, dtype=bool) if included is None else included
    quantity = usage_of(evidence, choice.usage_metric) if has_usage_condition(choice) else None
    recorded = quantity is not None or not has_usage_condition(choice)
    enough = np.ones(accounts, dtype=bool)
    known = np.ones(accounts, dtype=bool)
    if quantity is not None:
        known = np.isfinite(quantity)
        enough = known & (np.nan_to_num(quantity) >= choice.usage_at_least)
    elif not recorded:
        enough[:] = known[:] = False
    tenure_known = np.isfinite(evidence.tenure_days) | (choice.tenure_days == 0)
    to_go = np.maximum(choice.tenure_days - np.nan_to_num(evidence.tenure_days), 0.0)
    days = np.where(tenure_known & enough & ~already, to_go, np.nan)
    now = days == 0
    return Eligibility(
        now=now,
        soon=~now & (days <= SOON_DAYS),
        included=already,
        unknown=int((~already & ~(known & tenure_known)).sum()),
        days_to_go=days,
        open_otherwise=enough & ~already,
        usage_recorded=recorded,
    )


def has_usage_condition(choice: AddOnChoice) -> bool:
    """Tell whether an add-on waits for some use to be shown."""
    return choice.usage_metric is not None and choice.usage_at_least > 0


def usage_of(evidence: AddOnEvidence, name: str | None) -> NDArray[np.float64] | None:
    """Return each account's quantity a month of a metric, or its uses a month of a feature; None when not recorded."""
    if name is None:
        return None
    if name in evidence.needs.billed:
        return evidence.needs.billed[name]
    if evidence.uses_a_month is None or name not in evidence.features:
        return None
    return evidence.uses_a_month[:, evidence.features.index(name)]


def condition_words(evidence: AddOnEvidence, choice: AddOnChoice) -> str:
    """Write the usage condition: "at least 20 queries executed a month"; empty when there is none."""
    if not has_usage_condition(choice):
        return ""
    what = str(choice.usage_metric)
    amount = exact(choice.usage_at_least)
    if what in evidence.features and what not in evidence.needs.billed:
        return f"at least {amount} uses of {what} a month"
    return f"at least {amount} {metric_words(what)} a month"


def any_of(masks: Sequence[NDArray[np.bool_]]) -> int | None:
    """Count the accounts that are in one of the masks or more; None without any mask."""
    return int(np.logical_or.reduce(masks).sum()) if masks else None
