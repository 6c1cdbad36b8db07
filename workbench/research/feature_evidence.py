"""What is known about one feature: observed use beside what customers say, unknown where nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.needs import profile
from workbench.customers.tables import plain_name
from workbench.research.resampling import effective_answers
from workbench.rules.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.research.best_worst import MaxDiff
    from workbench.research.feature_fit_result import FeatureFit, Kano
    from workbench.results import Interval

HIGHLY = 0.5
"""A respondent values a feature highly who names it best that much more often than worst, per time it was shown."""
_THIRDS = 3


@dataclass(frozen=True, slots=True)
class FeatureEvidence:
    """What is known about one feature; None where nobody knows.

    `adoption` is the share of active accounts that use it, `growth` how many times as often the largest third of
    accounts (by what they pay) uses it as the smallest. `requests` counts accounts that asked for it. `preference` is
    its share of best-worst choices as a multiple of the average feature's. `highly_valued_by` is the share of
    respondents who value it highly. `fit` holds the Kano answers, `willingness` what choices say it is worth a month.
    """

    feature: str
    area: str = ""
    must_have: bool = False
    adoption: Interval | None = None
    growth: float | None = None
    requests: int | None = None
    preference: Interval | None = None
    highly_valued_by: Interval | None = None
    fit: FeatureFit | None = None
    willingness: Interval | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether anybody knows anything about the feature's value."""
        known = (self.adoption, self.preference, self.fit, self.willingness)
        return self.must_have or bool(self.requests) or any(each is not None for each in known)


def feature_evidence(
    base: CustomerBase, maxdiff: MaxDiff | None, kano: Kano | None, choice: Mapping[str, Interval]
) -> tuple[FeatureEvidence, ...]:
    """Return what is known about every feature the data or a survey names; names match whatever their spacing."""
    used = _Use.of(base)
    names: dict[str, str] = {}
    said = (*(maxdiff.features if maxdiff else ()), *((each.feature for each in kano.features) if kano else ()))
    for name in (*used.names, *said, *choice):
        names.setdefault(plain_name(name), name)
    listed = {plain_name(row.feature): row for row in base.features.itertuples()} if base.has("features") else {}
    worth = {plain_name(name): interval for name, interval in choice.items()}
    fits = {plain_name(each.feature): each for each in kano.features} if kano else {}
    return tuple(
        FeatureEvidence(
            feature=name,
            area=_text(getattr(listed.get(key), "area", "")),
            must_have=getattr(listed.get(key), "must_have", 0) == 1,
            adoption=used.adoption(key),
            growth=used.growth(key),
            requests=used.requests(key),
            preference=_preference(maxdiff, key),
            highly_valued_by=_highly(maxdiff, key),
            fit=fits.get(key),
            willingness=worth.get(key),
        )
        for key, name in names.items()
    )


@dataclass(frozen=True, eq=False)
class _Use:
    """Recorded use and requests of the active accounts."""

    names: tuple[str, ...]
    features: np.ndarray | None
    size: np.ndarray
    asked: dict[str, int] | None

    @classmethod
    def of(cls, base: CustomerBase) -> _Use:
        active = profile(base)
        asked = None
        if base.has("requests"):
            requests = base.requests
            pairs = requests[requests["account_id"].isin(set(active.account_ids))]
            pairs = pairs.assign(feature=pairs["feature"].map(plain_name)).drop_duplicates(["account_id", "feature"])
            asked = pairs["feature"].value_counts().to_dict()
        features = active.features if base.has("feature_use") else None
        return cls(active.feature_names, features, active.mrr, asked)

    def _column(self, key: str) -> np.ndarray | None:
        place = next((at for at, name in enumerate(self.names) if plain_name(name) == key), None)
        return None if place is None or self.features is None else self.features[:, place]

    def adoption(self, key: str) -> Interval | None:
        column = self._column(key)
        return None if column is None else wilson(int(column.sum()), len(column))

    def growth(self, key: str) -> float | None:
        """Return use in the largest third of accounts as a multiple of use in the smallest, None when not known."""
        column = self._column(key)
        known = np.isfinite(self.size)
        if column is None or known.sum() < _THIRDS:
            return None
        low, high = np.quantile(self.size[known], (1 / 3, 2 / 3))
        small, large = column[known & (self.size <= low)], column[known & (self.size > high)]
        if not large.size or not small.size or not large.any():
            return None
        return float(large.mean() / small.mean()) if small.any() else float("inf")

    def requests(self, key: str) -> int | None:
        return None if self.asked is None else int(self.asked.get(key, 0))


def _preference(maxdiff: MaxDiff | None, key: str) -> Interval | None:
    place = _place(maxdiff, key)
    if maxdiff is None or place is None:
        return None
    share, features = maxdiff.share[place], len(maxdiff.features)
    return type(share)(share.low * features, share.estimate * features, share.high * features, share.level)


def _highly(maxdiff: MaxDiff | None, key: str) -> Interval | None:
    place = _place(maxdiff, key)
    if maxdiff is None or place is None:
        return None
    own = maxdiff.counts.individual[:, place]
    weight = np.where(np.isfinite(own), maxdiff.counts.weight, 0.0)
    if not weight.any():
        return None
    effective = effective_answers(weight)
    share = float(weight @ (np.nan_to_num(own) >= HIGHLY)) / float(weight.sum())
    return wilson(share * effective, effective)


def _place(maxdiff: MaxDiff | None, key: str) -> int | None:
    if maxdiff is None:
        return None
    return next((at for at, name in enumerate(maxdiff.features) if plain_name(name) == key), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
