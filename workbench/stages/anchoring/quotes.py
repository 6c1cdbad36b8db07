"""What an offer costs a customer with a given usage in a month, or why that cannot be said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from workbench.formatting import exact
from workbench.impact.billing import bill_of
from workbench.pricing import AddOn, Plan
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Standing = Literal["priced", "on request", "does not serve", "not known"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one month, or None with the reason: on request, does not serve the usage, or not known."""

    price: float | None
    standing: Standing = "priced"
    reason: str = ""


def quote(offer: Plan | AddOn, quantities: Mapping[str, float], needed: Iterable[str] = ()) -> Quote:
    """Price an offer for one month at monthly quantities per metric; a customer needs the features in `needed`.

    An offer whose limit is exceeded or that lacks a needed feature does not serve. A price on request is no number,
    and neither is one that depends on a quantity nobody stated.
    """
    refused = _limit_refusal(offer, quantities) if isinstance(offer, Plan) else None
    if refused is not None:
        return refused
    lacking = [name for name in needed if name not in offer.features]
    if lacking:
        return Quote(None, "does not serve", f"does not contain {', '.join(lacking)}")
    if not offer.priced:
        return Quote(None, "on request", "price on request")
    unstated = [charge.metric for charge in offer.charges if charge.metric not in quantities]
    if unstated:
        return Quote(None, "not known", f"priced by {metric_words(unstated[0])}, which this profile does not state")
    stated = {metric: Decimal(str(amount)) for metric, amount in quantities.items()}
    return Quote(float(bill_of(offer, stated).total))


def _limit_refusal(offer: Plan, quantities: Mapping[str, float]) -> Quote | None:
    """Return why the limits of a plan rule a usage out, None when they allow it."""
    unstated = None
    for limit in offer.limits:
        if limit.up_to is None:
            continue
        amount, words = quantities.get(limit.metric), metric_words(limit.metric)
        if amount is None:
            unstated = f"limited in {words}, which this profile does not state"
        elif amount > float(limit.up_to):
            return Quote(None, "does not serve", f"limit exceeded: up to {exact(limit.up_to)} {words}")
    return None if unstated is None or not offer.priced else Quote(None, "not known", unstated)
