"""Where a feature goes in good-better-best tiers, by what is known about it, and what speaks against that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.formatting import count, percent, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.research.feature_evidence import FeatureEvidence

Place = Literal["every tier", "scale by tier", "fence of the top tier", "add-on", "no weight in the tiers", "unknown"]
PLACES: tuple[Place, ...] = (
    "every tier", "scale by tier", "fence of the top tier", "add-on", "no weight in the tiers", "unknown",
)  # fmt: skip
WIDELY_USED = 0.5
GROWS = 2.0
"""A need grows with size when the largest third of accounts uses a feature at least twice as often as the smallest."""
MINORITY = (0.05, 0.4)
"""A minority of respondents: enough to earn from, too few to make everybody pay for."""
WELCOME = 1.25
"""From this multiple of the average feature's choices a feature is liked by most."""


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """One feature: what is known, where it suggests to go, why, and what speaks against it."""

    evidence: FeatureEvidence
    place: Place
    because: str
    against: str = ""

    @property
    def feature(self) -> str:
        """Return the feature's name."""
        return self.evidence.feature


def placed(known: FeatureEvidence) -> FeatureValue:
    """Return the place a feature suggests for itself: the first rule that applies decides, else it stays unknown."""
    if not known.is_known:
        return FeatureValue(known, "unknown", "No use, request or survey answer is known.")
    for reason in (_must_have, _scales, _minority, _cold):
        suggested = reason(known)
        if suggested is not None:
            place, because = suggested
            return FeatureValue(known, place, because, " ".join(_against(known, place)))
    return FeatureValue(known, "unknown", "What is known does not settle a place.")


def _must_have(known: FeatureEvidence) -> tuple[Place, str] | None:
    kind = _kind(known)
    if kind == "must_be":
        return "every tier", "Customers expect it and are annoyed when it is missing."
    if known.must_have:
        return "every tier", "The company holds it to be a must-have."
    if known.adoption is not None and known.adoption.low >= WIDELY_USED and kind != "one_dimensional":
        return "every tier", f"{percent(known.adoption.estimate)} of active accounts use it."
    return None


def _scales(known: FeatureEvidence) -> tuple[Place, str] | None:
    if _kind(known) == "one_dimensional":
        return "scale by tier", "Customers are the more satisfied the more of it they get."
    grows = known.growth is not None and known.growth >= GROWS
    rare = known.adoption is not None and known.adoption.high < MINORITY[1]
    if grows and not rare and _kind(known) not in ("indifferent", "reverse", "attractive"):
        return "scale by tier", _growing(known)
    return None


def _minority(known: FeatureEvidence) -> tuple[Place, str] | None:
    """Look for a few who value it highly: they say so, it delights, they pay for it, or few but steady accounts do."""
    if _kind(known) == "reverse":
        return None
    valued = known.highly_valued_by
    because = ""
    if _kind(known) == "attractive":
        because = "It delights those who want it, and nobody misses it."
    elif known.willingness is not None and known.willingness.low > 0:
        because = "Choices show that customers pay for it."
    elif valued is not None and valued.low >= MINORITY[0] and valued.high <= MINORITY[1] and _kind(known) is None:
        because = f"{percent(valued.estimate)} of respondents value it highly."
    elif _used_by_few(known):
        because = _few_use_it(known)
    if not because:
        return None
    if known.growth is not None and known.growth >= GROWS:
        return "fence of the top tier", f"{because} {_growing(known)}"
    return "add-on", f"{because} Accounts of every size may want it." if known.growth is not None else because


def _few_use_it(known: FeatureEvidence) -> str:
    """Say that few use it, where no survey speaks of it, or where few of every size do although most do not care."""
    share = f"{percent(known.adoption.estimate)} of active accounts use it." if known.adoption is not None else ""
    cold = _kind(known) == "indifferent" or (known.preference is not None and known.preference.high < 1)
    if cold:
        steady = known.growth is not None and known.growth < GROWS
        return f"Most customers do not care, yet {share}" if steady else ""
    return share if _kind(known) is None and known.highly_valued_by is None else ""


def _cold(known: FeatureEvidence) -> tuple[Place, str] | None:
    kind = _kind(known)
    if kind == "indifferent":
        return "no weight in the tiers", "Customers do not care whether they have it."
    if kind == "reverse":
        return "no weight in the tiers", "Customers would rather not have it."
    if known.preference is not None and known.preference.high < 1:
        return "no weight in the tiers", f"It gets {ratio(known.preference.estimate)} the average feature's choices."
    if known.preference is not None and known.preference.low >= WELCOME:
        return "scale by tier", f"It gets {ratio(known.preference.estimate)} the average feature's choices."
    return None


def _kind(known: FeatureEvidence) -> str | None:
    """Return the Kano category, None where nobody was asked or two categories cannot be told apart."""
    return None if known.fit is None or known.fit.ambiguous else known.fit.category


def _used_by_few(known: FeatureEvidence) -> bool:
    return known.adoption is not None and MINORITY[0] <= known.adoption.estimate and known.adoption.high < MINORITY[1]


def _growing(known: FeatureEvidence) -> str:
    if known.growth in (None, float("inf")):
        return "Of the smallest third of accounts nobody uses it, of the largest third some do."
    return f"Large accounts use it {ratio(known.growth)} as often as small ones."


def _against(known: FeatureEvidence, place: Place) -> Iterator[str]:
    """Yield what speaks against the suggested place."""
    if place == "every tier" and known.adoption is not None and known.adoption.high < MINORITY[1] / 2:
        yield f"Only {percent(known.adoption.estimate)} of active accounts use it today."
    if place == "no weight in the tiers":
        if _used_by_few(known) and known.adoption is not None:
            yield f"{percent(known.adoption.estimate)} of active accounts use it."
        if known.requests:
            yield f"{count('account', known.requests)} asked for it."
        if known.highly_valued_by is not None and known.highly_valued_by.low >= MINORITY[0]:
            yield f"{percent(known.highly_valued_by.estimate)} of respondents value it highly."
    liked = known.preference is not None and known.preference.high < 1
    if place in ("scale by tier", "fence of the top tier", "add-on") and liked:
        yield "Against other features it is chosen less than average."
    if known.fit is not None and known.fit.ambiguous:
        yield f"Its kind is too close to call: {known.fit.words}."
