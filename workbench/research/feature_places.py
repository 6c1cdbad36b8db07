"""Feature values: what methods and observed use say together, and the place each feature suggests for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import capitalised
from workbench.research.feature_evidence import feature_evidence
from workbench.research.feature_rules import PLACES, FeatureValue, Place, placed
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.research.best_worst import MaxDiff
    from workbench.research.feature_fit_result import Kano
    from workbench.results import Interval


@dataclass(frozen=True)
class FeatureValues:
    """Every feature with its value and suggested place, place by place."""

    features: tuple[FeatureValue, ...]
    cautions: tuple[Caution, ...] = ()

    def of(self, feature: str) -> FeatureValue:
        """Return one feature; KeyError when nothing names it."""
        found = next((each for each in self.features if each.feature == feature), None)
        if found is None:
            raise KeyError(f"no feature {feature!r}")
        return found

    def at(self, place: Place) -> tuple[str, ...]:
        """Return the names of the features suggested for a place."""
        return tuple(each.feature for each in self.features if each.place == place)

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per feature; blank (NaN or None) where nobody knows."""
        table = pd.DataFrame([_row(each) for each in self.features])
        numbers = ["adoption", "grows_with_size", "requests", "preference", "valued_highly_by", "worth_a_month"]
        return table.assign(**{name: table[name].astype(float) for name in numbers if name in table})

    @property
    def reading(self) -> str:
        """Say place by place which features suggest themselves for it."""
        said = [f"{capitalised(place)}: {', '.join(names)}." for place in PLACES if (names := self.at(place))]
        return " ".join(said)


def feature_values(
    base: CustomerBase,
    maxdiff: MaxDiff | None = None,
    kano: Kano | None = None,
    choice: Mapping[str, Interval] | None = None,
) -> FeatureValues:
    """Merge what customers do and say about each feature, and suggest its place in good-better-best tiers.

    Parameters
    ----------
    base
        Observed use, requests, and which features the company holds to be must-haves.
    maxdiff, kano
        Results of the two feature surveys, where there are any.
    choice
        What each feature is worth per month in money, by name, as a choice study found it.

    Must-haves go into every tier; what customers want more of, or need more as they grow, scales by tier; what a
    minority values highly fences the top tier when large accounts use it more, else sells as an add-on; what leaves
    customers cold carries no weight. What nobody knows stays unknown.
    """
    found = feature_evidence(base, maxdiff, kano, choice or {})
    valued = sorted((placed(each) for each in found), key=lambda each: PLACES.index(each.place))
    return FeatureValues(tuple(valued), _cautions(base, valued, maxdiff, kano))


def _row(value: FeatureValue) -> dict[str, object]:
    known = value.evidence
    return {
        "feature": known.feature,
        "place": value.place,
        "because": value.because,
        "against": value.against,
        "adoption": _estimate(known.adoption),
        "grows_with_size": known.growth,
        "requests": known.requests,
        "preference": _estimate(known.preference),
        "valued_highly_by": _estimate(known.highly_valued_by),
        "kind": None if known.fit is None else known.fit.words,
        "worth_a_month": _estimate(known.willingness),
    }


def _estimate(interval: Interval | None) -> float | None:
    return None if interval is None else interval.estimate


def _cautions(
    base: CustomerBase, valued: list[FeatureValue], maxdiff: MaxDiff | None, kano: Kano | None
) -> tuple[Caution, ...]:
    found = []
    if maxdiff is None and kano is None:
        text = "No feature survey is there: places stand on use alone, and what customers cannot have yet has no use."
        found.append(Caution(text))
    if not base.has("feature_use"):
        found.append(Caution("Feature use is not recorded: adoption is unknown.", "note"))
    unknown = [each.feature for each in valued if each.place == "unknown"]
    if unknown:
        found.append(Caution(f"The place stays open for {', '.join(unknown)}.", "note"))
    return tuple(found)
