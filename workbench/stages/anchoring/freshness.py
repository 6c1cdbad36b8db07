"""How old each competitor's price is, and which are too old."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from workbench.rules import Rulebook

if TYPE_CHECKING:
    from datetime import date

    from workbench.stages.anchoring.competitor_offer import CompetitorOffer


def age_in_days(offer: CompetitorOffer, today: date) -> int:
    """Return the days from when a price was seen to `today`; negative for a price from the future."""
    return (today - offer.seen_on).days


def is_stale(offer: CompetitorOffer, today: date, stale_after: int) -> bool:
    """Tell whether a price is older than `stale_after` days; on that very day it still counts as fresh."""
    return age_in_days(offer, today) > stale_after


def with_stale_age(rulebook: Rulebook, days: int) -> Rulebook:
    """Return the rulebook in which C3 asks for prices of at most this many days; a study's own threshold stays."""
    rule = rulebook["C3"]
    if rule.overrides or rule.high == days:
        return rulebook
    moved = replace(rule, threshold=rule.threshold.moved(high=float(days)))
    return Rulebook(MappingProxyType({**rulebook.rules, "C3": moved}))


def stale_after(rulebook: Rulebook) -> int:
    """Return the age in days from which a price is stale under a rulebook."""
    return int(rulebook["C3"].high or 0)
