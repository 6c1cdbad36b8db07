"""Bills of plans and add-ons: one account exactly and itemised, or all accounts at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from workbench.errors import ChargeError
from workbench.pricing.decimals import Number, exactly, plain
from workbench.pricing.lines import Line, total_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.offers import BillingPeriod, Offer

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account pays in one billing period; the lines sum exactly to `total`."""

    lines: tuple[Line, ...]
    total: Decimal
    currency: str = "USD"
    period: str = "month"

    def text(self) -> str:
        """Return the bill as aligned plain text, amounts unrounded."""
        rows = [(line.text, plain(line.amount)) for line in self.lines]
        rows.append((f"Total per {self.period}, {self.currency}", plain(self.total)))
        wide = max(len(text) for text, _ in rows)
        far = max(len(amount) for _, amount in rows)
        return "\n".join(f"{text:<{wide}}  {amount:>{far}}" for text, amount in rows)

    def __str__(self) -> str:
        return self.text()


def bill_offer(offer: Offer, quantities: Mapping[str, Number], period: BillingPeriod, currency: str = "USD") -> Bill:
    """Return the itemised bill of an offer for one billing period.

    `quantities` are per month and per metric, steady over the period. A metric the offer charges for but
    `quantities` lacks, or an offer on request, raises ChargeError: unknown is never billed as nothing.
    """
    fee = _fee_of(offer)
    with exactly():
        months = Decimal(period.months)
        lines = [Line(f"{offer.name}: base fee", fee * months, months, fee, "fee")] if fee else []
        for charge in offer.charges:
            monthly = charge.lines(_needed(offer, charge.metric, quantities))
            lines += [_over(line, months) for line in monthly]
        before = total_of(lines)
        discount = before * period.discount_percent.scaleb(-2)
        if discount:
            text = f"{offer.name}: {plain(period.discount_percent)}% off for paying by the {period.name}"
            lines.append(Line(text, -discount, None, None, "discount"))
    return Bill(tuple(lines), total_of(lines), currency, period.name)


def bills_of_offer(offer: Offer, quantities: Mapping[str, ArrayLike], period: BillingPeriod) -> NDArray[np.float64]:
    """Return one billing period's amount of an offer per account; NaN where a needed quantity is unknown.

    Without any quantity it is one amount for everybody, an array of no dimension.
    """
    import numpy as np  # noqa: PLC0415 - loads when used

    monthly = float(_fee_of(offer))
    with exactly():
        scale = float(period.months * (1 - period.discount_percent.scaleb(-2)))
    size = np.shape(next(iter(quantities.values()), 0.0))
    total = np.full(size, monthly)
    for charge in offer.charges:
        total = total + charge.amounts(_needed(offer, charge.metric, quantities))
    return total if scale == 1 else total * scale


def join_bills(bills: Sequence[Bill]) -> Bill:
    """Return one bill with the lines of several, all in the same currency and period."""
    lines = tuple(line for bill in bills for line in bill.lines)
    return Bill(lines, total_of(lines), bills[0].currency, bills[0].period)


def _fee_of(offer: Offer) -> Decimal:
    if offer.base_fee is None:
        raise ChargeError(f"{offer.name} is sold on request, so it has no bill.", "Give it a base fee to price it.")
    return offer.base_fee


def _needed(offer: Offer, metric: str, quantities: Mapping[str, _Thing]) -> _Thing:
    if metric not in quantities:
        known = ", ".join(quantities) or "none"
        raise ChargeError(f"{offer.name} charges for {metric}, but no quantity of it was given.", f"Given: {known}.")
    return quantities[metric]


def _over(line: Line, months: Decimal) -> Line:
    if months == 1:
        return line
    return Line(
        f"{line.text}, for {plain(months)} months", line.amount * months, line.quantity, line.unit_price, line.kind
    )
