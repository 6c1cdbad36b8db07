"""The findings on rules C1 to C4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rules.checks.anchoring import SeenPrice, freshness, position, same_terms
from workbench.stages.anchoring.standing import homes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from workbench.rules import Finding, Rulebook
    from workbench.stages.anchoring.comparison import ProfileComparison
    from workbench.stages.anchoring.competitor_offer import CompetitorOffer
    from workbench.stages.anchoring.corridors import Corridor
    from workbench.stages.anchoring.economic_value import EconomicValue
    from workbench.stages.anchoring.standing import Standing


def findings(
    comparisons: Sequence[ProfileComparison],
    standings: Sequence[Standing],
    corridors: Sequence[Corridor],
    values: Mapping[str, EconomicValue],
    offers: Sequence[CompetitorOffer],
    *,
    reference: str,
    today: date,
    currency: str,
    rulebook: Rulebook,
) -> tuple[Finding, ...]:
    """Return the findings: same terms, each tier against its value, age of prices, the corridor of each offer."""
    return (
        _same_terms(comparisons, standings, corridors, offers, rulebook),
        *_positions(comparisons, values, reference, currency, rulebook),
        freshness(
            [SeenPrice(each.vendor, each.offer, each.seen_on, each.source, each.currency) for each in offers],
            today=today,
            rulebook=rulebook,
        ),
        *(each.finding for each in corridors if each.finding is not None),
    )


def _same_terms(
    comparisons: Sequence[ProfileComparison],
    standings: Sequence[Standing],
    corridors: Sequence[Corridor],
    offers: Sequence[CompetitorOffer],
    rulebook: Rulebook,
) -> Finding:
    """Judge C1: which offer of ours meets whom at a profile where it is judged; prices on request are not offers."""
    compared: dict[str, tuple[str, ...]] = {}
    for price in comparisons[0].ours if comparisons else ():
        met = [each.market.vendors for each in homes_of(price.name, standings) if each.market is not None]
        if price.plan.priced:
            compared[price.name] = tuple(vendor for vendors in met for vendor in vendors)
    compared |= {each.offer: each.matched for each in corridors if each.kind == "add-on"}
    return same_terms(
        compared if offers else None, on_request=sum(each.on_request for each in offers), rulebook=rulebook
    )


def _positions(
    comparisons: Sequence[ProfileComparison],
    values: Mapping[str, EconomicValue],
    reference: str,
    currency: str,
    rulebook: Rulebook,
) -> list[Finding]:
    """Judge C2 at each profile for the tier its customer takes; without differentiation the value is not known."""
    found = []
    for each in comparisons:
        ours, value = each.our_choice, values.get(each.profile.id)
        if ours is None:
            continue
        known = value.total if value is not None and value.is_known else None
        name = f"{ours.name} ({each.profile.name})"
        found.append(
            position(
                name,
                ours.quote.price,
                known,
                captured=None if value is None or known is None else value.captured,
                reference=reference,
                currency=currency,
                rulebook=rulebook,
            )
        )
    return found
