"""How much each feature counts beside the others, and which of them nobody buys without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.imputed_worth import CORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.stages.willingness.answers import ResearchAnswers


def part_without_features(weights: Mapping[str, float], musts: frozenset[str]) -> tuple[float, float]:
    """Return the part of the worth that stays when all features go that can go: must-haves keep their share."""
    total = sum(weights.values())
    kept = sum(weights[name] for name in weights if name in musts) / total if total else 0.0
    low, high = CORE
    return round(low + (1 - low) * kept, 2), round(high + (1 - high) * kept, 2)


def feature_weights(answers: ResearchAnswers) -> dict[str, float]:
    """Return how much each feature counts beside the others: by best-worst choices, else all the same.

    Features nobody was asked about count as the average of those people were asked about.
    """
    if not answers.base.has("features"):
        return {}
    names = [str(name) for name in answers.base.frames["features"]["feature"]]
    ranked = answers.best_worst
    if ranked is None:
        return dict.fromkeys(names, 1.0)
    known = dict(zip(ranked.features, (share.estimate for share in ranked.share), strict=True))
    middle = sum(known.values()) / len(known)
    return {name: known.get(name, middle) for name in names}


def must_haves(base: CustomerBase) -> frozenset[str]:
    """Return the features the company holds to be must-haves."""
    features = base.frames.get("features")
    if features is None or "must_have" not in features:
        return frozenset()
    return frozenset(features.loc[features["must_have"].fillna(value=0) == 1, "feature"].astype(str))
