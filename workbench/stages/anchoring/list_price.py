"""The price a tier is listed at, and how it becomes the bill of a profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.impact.billing import bills_at
from workbench.rules.checks.anchoring import Bound
from workbench.stages.tiers.decision import PER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.pricing import AddOn, Plan


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A monthly price for each `per` ("account" or a metric); a profile pays it `units` times and `rest` besides.

    `rest` is what the bill adds for usage beyond what is included. `is_bill` tells that there is no list price and the
    bill of the profile stands in for it.
    """

    price: float
    per: str
    units: float
    rest: float = 0.0
    is_bill: bool = False

    @property
    def grows_beyond(self) -> bool:
        """Tell whether a bill is more than the list price times its units, so that each profile is its own case."""
        return self.is_bill or self.rest > 0

    def as_list_price(self, bill: float | None) -> float | None:
        """Return the list price at which the profile would pay this bill, zero at least; None where open."""
        if bill is None:
            return None
        return max(0.0, (bill - self.rest) / self.units) if self.units else None

    def as_bill(self, price: float | None) -> float | None:
        """Return what the profile would pay at this list price; None where open."""
        return None if price is None else bills_at(price, self.units, self.rest)

    def bound_from_bills(self, label: str, low: float, high: float) -> Bound | None:
        """Return a bound on bills as one on the list price; None where the profile uses nothing of the unit."""
        return Bound(label, self.as_list_price(low), self.as_list_price(high)) if self.units else None


def list_price(offer: Plan | AddOn, quantities: Mapping[str, float], bill: float) -> ListPrice:
    """Return the list price of an offer whose bill at these quantities is known.

    It is the base fee, or for an offer without one the price per unit of its first charge. An offer billed on a curve
    has no single list price: the bill of the profile stands in for it.
    """
    fee = float(offer.base_fee or 0)
    if fee or not offer.charges:
        return ListPrice(fee, PER_ACCOUNT, 1.0, bill - fee)
    charge = offer.charges[0]
    if charge.model == "per_unit" and not charge.free_units and charge.unit_price is not None:
        price, units = float(charge.unit_price), quantities[charge.metric]
        return ListPrice(price, charge.metric, units, bill - bills_at(price, units))
    return ListPrice(bill, PER_ACCOUNT, 1.0, is_bill=True)
