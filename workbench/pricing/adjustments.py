"""What happens to an invoice after its charges: prorating, coupons, a minimum over all lines, prepaid credit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from workbench.errors import ChargeError
from workbench.pricing.decimals import HUNDRED_PERCENT, ZERO, Number, decimal_of, exactly, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable


def prorated(amount: Number, share: Fraction, digits: int = 2) -> Decimal:
    """Return the part of an amount for a share of the period, rounded half up to the currency's minor unit."""
    part = Fraction(decimal_of(amount, "amount")) * share * 10**digits
    whole = (2 * part.numerator + part.denominator) // (2 * part.denominator)
    return Decimal(whole).scaleb(-digits)


def true_up(minimum: Number, used: Number, share: Fraction = Fraction(1), digits: int = 2, fees: Number = 0) -> Decimal:
    """Return what is missing to a committed minimum, never below zero.

    The commitment and the recurring `fees` that count towards it are prorated by `share` and rounded one by one,
    as Lago does; `used` is what the period's usage already cost.
    """
    with exactly():
        spent = prorated(fees, share, digits) + decimal_of(used, "amount used")
        return max(ZERO, prorated(minimum, share, digits) - spent)


def fixed_discount(base: Number, amount: Number) -> Decimal:
    """Return what a coupon of a fixed amount takes off: never more than there is."""
    off = decimal_of(amount, "coupon amount")
    if off < 0:
        raise ChargeError(f"The coupon is {off}, which is negative.", "Give the amount to take off.")
    return min(off, decimal_of(base, "amount"))


def percentage_discount(base: Number, rate_percent: Number) -> Decimal:
    """Return what a percentage coupon takes off."""
    rate = decimal_of(rate_percent, "coupon percentage")
    if not 0 <= rate <= HUNDRED_PERCENT:
        raise ChargeError(f"The coupon takes {rate}% off.", "Choose from 0 to 100.")
    with exactly():
        return decimal_of(base, "amount") * rate.scaleb(-2)


def after_credits(amount: Number, credits_left: Iterable[Number]) -> Decimal:
    """Return what remains to pay after prepaid credits, used in their order, never below zero."""
    with exactly():
        left = decimal_of(amount, "amount")
        for credit in credits_left:
            left -= min(left, decimal_of(credit, "prepaid credit"))
        return left


__all__ = ["after_credits", "fixed_discount", "percentage_discount", "prorated", "round_half_up", "true_up"]
