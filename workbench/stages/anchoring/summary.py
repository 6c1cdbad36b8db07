"""The stage in one sentence, and the position the numbers speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, percent, priced
from workbench.stages.anchoring.standing import homes_of

if TYPE_CHECKING:
    from workbench.stages.anchoring.decision import AnchoringDecision
    from workbench.stages.anchoring.evaluation import AnchoringResult
    from workbench.stages.anchoring.standing import Standing


def summarise(decision: AnchoringDecision, result: AnchoringResult) -> str:
    """Return one sentence: the position the team wrote, or what the numbers say; then the reference."""
    said = decision.position.strip() or position_words(result)
    value, profile = result.value, result.value_profile
    if value is None or profile is None:
        return said
    price = priced(value.reference.estimate, result.currency)
    return f"{said} Next best alternative: {result.reference}, {price} a month at the profile {profile.name}."


def position_words(result: AnchoringResult) -> str:
    """Write where each tier stands against the median of the vendors it is compared with."""
    if not result.book.plans:
        return "There is no price of ours to compare yet."
    vendors = {vendor for each in result.comparisons if each.range for vendor in each.range.vendors}
    if not vendors:
        return "No competitor's price can be compared yet."
    told = [standing_words(home) for name in result.book.plan_names for home in homes_of(name, result.standings)[:1]]
    known = [text for text in told if text]
    if not known:
        return f"Prices of {count('vendor', len(vendors))} are known, but none that a tier of ours can be held against."
    return f"Against {count('vendor', len(vendors))}: {'; '.join(known)}."


def standing_words(home: Standing) -> str:
    """Write how far a tier lies above or below the market's median; empty where that is not known."""
    if home.premium is None:
        return ""
    share = home.premium.estimate
    where = f"at the profile {home.at}"
    if round(100 * share) == 0:
        return f"{home.tier} at the median {where}"
    return f"{home.tier} {percent(abs(share))} {'above' if share > 0 else 'below'} the median {where}"
