"""What is known about each feature, from methods and observed use, and the tier it suggests for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from workbench.customers.needs import profile
from workbench.customers.tables import plain_name
from workbench.research.sampling import effective_answers
from workbench.results import Caution
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.research.best_worst import MaxDiff
    from workbench.research.kano_model import FeatureFit, Kano
    from workbench.results import Interval

say = texts(__name__)

# --- What is known about one feature: observed use beside what customers say, unknown where nobody knows

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
    preferred = {key: _preferred(maxdiff, key) for key in names}
    return tuple(
        FeatureEvidence(
            feature=name,
            area=_text(getattr(listed.get(key), "area", "")),
            must_have=getattr(listed.get(key), "must_have", 0) == 1,
            adoption=used.adoption(key),
            growth=used.growth(key),
            requests=used.requests(key),
            preference=preferred[key][0],
            highly_valued_by=preferred[key][1],
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
        names = [plain_name(name) for name in self.names]
        return None if key not in names or self.features is None else self.features[:, names.index(key)]

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


def _preferred(maxdiff: MaxDiff | None, key: str) -> tuple[Interval | None, Interval | None]:
    """Return a feature's share of choices as a multiple of the average one's, and who values it highly."""
    names = [] if maxdiff is None else [plain_name(name) for name in maxdiff.features]
    if maxdiff is None or key not in names:
        return None, None
    place = names.index(key)
    share, own = maxdiff.share[place], maxdiff.counts.individual[:, place]
    preference = share.changed(lambda end: len(names) * end)
    weight = np.where(np.isfinite(own), maxdiff.counts.weight, 0.0)
    if not weight.any():
        return preference, None
    effective = effective_answers(weight)
    valued = float(weight @ (np.nan_to_num(own) >= HIGHLY)) / float(weight.sum())
    return preference, wilson(valued * effective, effective)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# --- Where a feature goes in good-better-best tiers, by what is known about it, and what speaks against that

Place = Literal["every tier", "scale by tier", "fence of the top tier", "add-on", "no weight in the tiers", "unknown"]
PLACES: tuple[Place, ...] = get_args(Place)
WIDELY_USED = 0.5
GROWS = 2.0
"""A need grows with size when the largest third of accounts uses a feature at least twice as often as the smallest."""
MINORITY = (0.05, 0.4)
"""A minority of respondents: enough to earn from, too few to make everybody pay for."""
WELCOME = 1.25
"""From this multiple of the average feature's choices a feature is liked by most."""


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """One feature: what is known, where it suggests to go, why, and what speaks against it.

    Attributes
    ----------
    evidence
        What is known of it.
    place
        Where it suggests to go.
    because, against
        Why, and what speaks against it.

    Examples
    --------
    >>> from workbench.research import FeatureValue
    >>> from workbench.research.feature_placement import FeatureEvidence
    >>> FeatureValue(FeatureEvidence("SSO", requests=12), "top tier", "large accounts use it more").feature
    'SSO'
    """

    evidence: FeatureEvidence
    place: Place
    because: str
    against: str = ""

    @property
    def feature(self) -> str:
        """Return the feature's name."""
        return self.evidence.feature


def suggested_place(known: FeatureEvidence) -> FeatureValue:
    """Return the place a feature suggests for itself: the first rule that applies decides, else it stays unknown."""
    if not known.is_known:
        return FeatureValue(known, "unknown", say("nothing_known"))
    for reason in (_must_have, _scales, _minority, _cold):
        suggested = reason(known)
        if suggested is not None:
            place, because = suggested
            return FeatureValue(known, place, because, " ".join(_against(known, place)))
    return FeatureValue(known, "unknown", say("not_settled"))


def _must_have(known: FeatureEvidence) -> tuple[Place, str] | None:
    kind = _kind(known)
    if kind == "must_be":
        return "every tier", say("expected")
    if known.must_have:
        return "every tier", say("must_have")
    if known.adoption is not None and known.adoption.low >= WIDELY_USED and kind != "one_dimensional":
        return "every tier", say("use_it", adoption=known.adoption)
    return None


def _scales(known: FeatureEvidence) -> tuple[Place, str] | None:
    if _kind(known) == "one_dimensional":
        return "scale by tier", say("the_more_the_better")
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
        because = say("delights")
    elif known.willingness is not None and known.willingness.low > 0:
        because = say("paid_for")
    elif valued is not None and valued.low >= MINORITY[0] and valued.high <= MINORITY[1] and _kind(known) is None:
        because = say("valued_highly", valued=valued)
    elif _used_by_few(known):
        because = _few_use_it(known)
    if not because:
        return None
    if known.growth is not None and known.growth >= GROWS:
        return "fence of the top tier", f"{because} {_growing(known)}"
    return "add-on", f"{because} {say('every_size')}" if known.growth is not None else because


def _few_use_it(known: FeatureEvidence) -> str:
    """Say that few use it, where no survey speaks of it, or where few of every size do although most do not care."""
    share = say("use_it", adoption=known.adoption) if known.adoption is not None else ""
    cold = _kind(known) == "indifferent" or (known.preference is not None and known.preference.high < 1)
    if cold:
        steady = known.growth is not None and known.growth < GROWS
        return say("yet_some_use_it", share=share) if steady else ""
    return share if _kind(known) is None and known.highly_valued_by is None else ""


def _cold(known: FeatureEvidence) -> tuple[Place, str] | None:
    kind = _kind(known)
    if kind == "indifferent":
        return "no weight in the tiers", say("leaves_cold")
    if kind == "reverse":
        return "no weight in the tiers", say("unwelcome")
    if known.preference is not None and known.preference.high < 1:
        return "no weight in the tiers", say("choices", preference=known.preference)
    if known.preference is not None and known.preference.low >= WELCOME:
        return "scale by tier", say("choices", preference=known.preference)
    return None


def _kind(known: FeatureEvidence) -> str | None:
    """Return the Kano category, None where nobody was asked or two categories cannot be told apart."""
    return None if known.fit is None or known.fit.ambiguous else known.fit.category


def _used_by_few(known: FeatureEvidence) -> bool:
    return known.adoption is not None and MINORITY[0] <= known.adoption.estimate and known.adoption.high < MINORITY[1]


def _growing(known: FeatureEvidence) -> str:
    return say("growing", growth=None if known.growth == float("inf") else known.growth)


def _against(known: FeatureEvidence, place: Place) -> Iterator[str]:
    """Yield what speaks against the suggested place."""
    if place == "every tier" and known.adoption is not None and known.adoption.high < MINORITY[1] / 2:
        yield say("few_use_it_today", adoption=known.adoption)
    if place == "no weight in the tiers":
        if _used_by_few(known) and known.adoption is not None:
            yield say("use_it", adoption=known.adoption)
        if known.requests:
            yield say("asked_for", requests=known.requests)
        if known.highly_valued_by is not None and known.highly_valued_by.low >= MINORITY[0]:
            yield say("valued_highly", valued=known.highly_valued_by)
    liked = known.preference is not None and known.preference.high < 1
    if place in ("scale by tier", "fence of the top tier", "add-on") and liked:
        yield say("chosen_less")
    if known.fit is not None and known.fit.ambiguous:
        yield say("kind_open", kind=known.fit.words)


# --- Feature values: what methods and observed use say together


@dataclass(frozen=True)
class FeatureValues:
    """Every feature with its value and suggested place, place by place.

    Attributes
    ----------
    features
        One entry each, place by place.
    cautions
        What to know before using it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.research import example_answers, feature_values, kano
    >>> frame = example_answers("feature-fit")
    >>> from workbench.customers import CustomerBase
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": 50, "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> found = feature_values(base, kano=kano(frame, samples=200))
    >>> [(each.feature, each.place) for each in found.features]
    [('exports', 'every tier'), ('alerts', 'scale by tier'), ('maps', 'add-on')]
    """

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
        return say("reading", places={place: names for place in PLACES if (names := self.at(place))})


def feature_values(
    base: CustomerBase,
    maxdiff: MaxDiff | None = None,
    kano: Kano | None = None,
    choice: Mapping[str, Interval] | None = None,
) -> FeatureValues:
    """Merge what customers do and say about each feature, and suggest its place in good-better-best tiers.

    Must-haves go into every tier; what customers want more of, or need more as they grow, scales by tier; what a
    minority values highly fences the top tier when large accounts use it more, else sells as an add-on; what leaves
    customers cold carries no weight.

    Parameters
    ----------
    base
        Observed use, requests, and which features the company holds to be must-haves.
    maxdiff, kano
        Results of the two feature surveys, where there are any.
    choice
        What each feature is worth per month in money, by name, as a choice study found it.

    Returns
    -------
    FeatureValues
        Every feature with what is known and its suggested place; what nobody knows stays unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.research import example_answers, feature_values, kano
    >>> frame = example_answers("feature-fit")
    >>> from workbench.customers import CustomerBase
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01-01", "amount": 50, "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> found = feature_values(base, kano=kano(frame, samples=200)).of("exports")
    >>> print(found.place, "-", found.because)
    every tier - Customers expect it and are annoyed when it is missing.
    """
    found = feature_evidence(base, maxdiff, kano, choice or {})
    valued = sorted((suggested_place(each) for each in found), key=lambda each: PLACES.index(each.place))
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
        found.append(Caution(say("no_survey")))
    if not base.has("feature_use"):
        found.append(Caution(say("no_use"), "note"))
    unknown = [each.feature for each in valued if each.place == "unknown"]
    if unknown:
        found.append(Caution(say("open_places", names=unknown), "note"))
    return tuple(found)
