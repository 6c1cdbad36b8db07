"""Who benefits from each feature, and whether that makes it a tier feature or an add-on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.rules.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from workbench.results import Interval
    from workbench.rules import Threshold

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
