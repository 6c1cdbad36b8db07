"""What the comparison depends on: the metrics some offer is priced or limited by, and the currencies to convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.stages.anchoring.competitor_offer import CompetitorOffer
    from workbench.stages.anchoring.evaluation import AnchoringResult

SEATS = "seats"


def relevant_metrics(result: AnchoringResult) -> tuple[str, ...]:
    """Return the metrics that decide a bill or a limit of any offer: those the profiles state first, then others.

    Seats are among them wherever they are known, because prices are also shown per seat.
    """
    wanted = {metric for offer in result.offers for metric in offer.metrics}
    for plan in result.book.plans:
        wanted |= {charge.metric for charge in plan.charges} | {limit.metric for limit in plan.limits}
    stated = dict.fromkeys(metric for profile in result.profiles for metric in profile.quantities)
    known = [metric for metric in stated if metric in wanted or metric == SEATS]
    return (*(known or stated), *sorted(wanted - set(stated)))


def foreign_currencies(offers: Iterable[CompetitorOffer], own: str) -> tuple[str, ...]:
    """Return the currencies of priced offers that need a rate, in the order they appear."""
    return tuple(dict.fromkeys(each.currency for each in offers if each.plan.priced and each.currency != own))
