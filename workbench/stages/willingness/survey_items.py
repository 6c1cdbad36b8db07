"""What the attributes of a choice survey stand for: features of the offer, how much it includes, or choosing none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.customers.survey_tables import CHOICE
from workbench.formatting import exact
from workbench.stages.anchoring.competitor_offer import measured_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

Kind = Literal["feature", "allowance", "none"]
NONE = "none"
ABOUT_THE_ANSWER = frozenset(column.name for column in CHOICE.columns) - {NONE}
_UNITS = {"gb": "gigabytes", "tb": "terabytes", "users": "seats", "user": "seats", "seat": "seats"}
_ON_OR_OFF = {0.0, 1.0}


@dataclass(frozen=True, slots=True)
class SurveyItem:
    """One attribute of a choice survey and what it stands for.

    `stands_for` is the feature or the metric of the study that its name points to, the attribute's own name where
    none does (`is_known` False): then no tier can contain it. An allowance runs from `least` to `most`.
    """

    attribute: str
    kind: Kind
    stands_for: str
    is_known: bool
    least: float = 0.0
    most: float = 0.0

    @property
    def column(self) -> str:
        """Return the name of the column an estimate uses: an allowance counts from the least to the most shown."""
        if self.kind != "allowance" or not 0 < self.least < self.most:
            return self.attribute
        return f"{self.attribute} from {exact(self.least)} to {exact(self.most)}"


def survey_items(
    frame: pd.DataFrame, features: Iterable[str], metrics: Iterable[str], given: Mapping[str, str] | None = None
) -> tuple[SurveyItem, ...]:
    """Return what each attribute column of a choice survey stands for.

    Columns of 0 and 1 are features, other numbers say how much is included, a column named none is choosing none.
    `given` names the feature or metric of an attribute; the others go by the words their names share. Columns of
    words are left to the estimate and stand for nothing here.
    """
    names, measured, said = tuple(features), tuple(metrics), given or {}
    found = []
    for attribute in _attributes(frame):
        if not _is_numeric(frame[attribute]):
            continue
        if attribute.casefold() == NONE:
            found.append(SurveyItem(attribute, "none", attribute, is_known=True))
            continue
        values = frame[attribute].dropna().to_numpy(dtype=float)
        on_or_off = set(np.unique(values)) <= _ON_OR_OFF
        known = said.get(attribute) or _nearest(attribute, names if on_or_off else measured)
        above = values[values > 0]
        found.append(
            SurveyItem(
                attribute,
                "feature" if on_or_off else "allowance",
                known or attribute,
                is_known=known is not None,
                least=0.0 if on_or_off or not above.size else float(above.min()),
                most=0.0 if on_or_off or not above.size else float(above.max()),
            )
        )
    return tuple(found)


def worded_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the attributes of a choice survey that are words, such as a kind of support: one worth per word."""
    return tuple(name for name in _attributes(frame) if not _is_numeric(frame[name]))


def on_scale(item: SurveyItem, amount: float) -> float:
    """Return where an amount lies between the least (0) and the most shown (1), in doublings: want grows that way.

    Amounts below the least are negative; nothing counts as the least.
    """
    if amount <= 0 or item.column == item.attribute:
        return 0.0
    return float(np.log(amount / item.least) / np.log(item.most / item.least))


def with_scales(frame: pd.DataFrame, items: Iterable[SurveyItem]) -> pd.DataFrame:
    """Return the answers with a column from 0 (least shown) to 1 (most shown) for every allowance, see `on_scale`."""
    changed = {}
    for item in items:
        if item.column != item.attribute:
            amounts = frame[item.attribute].to_numpy(dtype=float)
            times = np.where(amounts > 0, amounts, item.least) / item.least
            changed[item.column] = np.log(times) / np.log(item.most / item.least)
    return frame.assign(**changed)


def _attributes(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that describe alternatives: neither about the respondent nor blank throughout."""
    return tuple(name for name in frame.columns if name not in ABOUT_THE_ANSWER and frame[name].notna().any())


def _is_numeric(column: pd.Series) -> bool:
    from pandas.api.types import is_numeric_dtype  # noqa: PLC0415 - loaded with the first survey

    return bool(is_numeric_dtype(column))


def _nearest(attribute: str, names: tuple[str, ...]) -> str | None:
    """Return the one name that shares most words with an attribute; None when none does, or two do as well."""
    words = _words(attribute)
    scores = sorted(((len(words & _words(name)), name) for name in names), reverse=True)
    if not scores or scores[0][0] == 0 or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    return scores[0][1]


def _words(name: str) -> set[str]:
    plain = re.split(r"[^a-z0-9]+", name.casefold())
    return {measured_as(_UNITS.get(word, word), ()) for word in plain if word}
