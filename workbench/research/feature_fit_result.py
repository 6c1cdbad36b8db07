"""What features are to customers: the result of a Kano study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count
from workbench.research.kano_table import CATEGORIES, WORDS

if TYPE_CHECKING:
    from workbench.results import Caution, Interval


@dataclass(frozen=True)
class FeatureFit:
    """What one feature is to those who answered about it.

    `category` is the most frequent one (see `kano_table.CATEGORIES`), `ambiguous` when the second is too close to be
    told apart, `sureness` the share of resamples that give the same category. `satisfaction` (0 to 1) says how far
    having it pleases, `dissatisfaction` (-1 to 0) how far missing it annoys. `importance` is None if not asked.
    """

    feature: str
    respondents: int
    shares: dict[str, float]
    category: str
    second: str
    ambiguous: bool
    sureness: float
    satisfaction: Interval
    dissatisfaction: Interval
    total_strength: float
    category_strength: float
    importance: Interval | None

    @property
    def words(self) -> str:
        """Return the category in words; two of them where they cannot be told apart."""
        is_two = self.ambiguous and self.shares[self.second] > 0
        return f"{WORDS[self.category]} or {WORDS[self.second]}" if is_two else WORDS[self.category]


@dataclass(frozen=True)
class Kano:
    """What each feature is to customers, from the answers of `respondents` people; features in the order of names."""

    features: tuple[FeatureFit, ...]
    respondents: int
    cautions: tuple[Caution, ...] = ()

    def of(self, feature: str) -> FeatureFit:
        """Return one feature; KeyError when nobody was asked about it."""
        found = next((each for each in self.features if each.feature == feature), None)
        if found is None:
            raise KeyError(f"no answers about {feature!r}")
        return found

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per feature: category, shares of the answers, coefficients and importance with intervals."""
        rows = [
            {
                "feature": each.feature,
                "category": each.words,
                "sureness": each.sureness,
                **{WORDS[name]: each.shares[name] for name in CATEGORIES},
                "satisfaction": each.satisfaction.estimate,
                "satisfaction_low": each.satisfaction.low,
                "satisfaction_high": each.satisfaction.high,
                "dissatisfaction": each.dissatisfaction.estimate,
                "dissatisfaction_low": each.dissatisfaction.low,
                "dissatisfaction_high": each.dissatisfaction.high,
                "importance": None if each.importance is None else each.importance.estimate,
                "respondents": each.respondents,
            }
            for each in self.features
        ]
        table = pd.DataFrame(rows)
        return table.assign(importance=table["importance"].astype(float))

    @property
    def reading(self) -> str:
        """Say which features customers expect, which please the more there is, and which delight."""
        said = []
        for category, phrase in (
            ("must_be", "Expected as a matter of course"),
            ("one_dimensional", "The more, the better"),
            ("attractive", "A delight nobody expects"),
            ("indifferent", "Of no concern to most"),
            ("reverse", "Unwelcome"),
        ):
            names = [each.feature for each in self.features if each.category == category and not each.ambiguous]
            if names:
                said.append(f"{phrase}: {', '.join(names)}.")
        unclear = [each.feature for each in self.features if each.ambiguous]
        if unclear:
            said.append(f"Too close to call: {', '.join(unclear)}.")
        return f"From the answers of {count('respondent', self.respondents)}. " + " ".join(said)
