"""Turn what people type into exact decimals and fractions, and do the sums without rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from workbench.errors import ChargeError
from workbench.pricing.documents import shown

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Number = int | float | str | Decimal
Ratio = Number | Fraction
"""A number, or a fraction such as \"1/60\"."""

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED_PERCENT = 100  # discounts and rates in documents are percentages, as on a price list
# Every number a float can hold fits in; what is larger, or has more places, is no price and no quantity.
_MOST_DIGITS = 400
# Sums of products of a quantity, a price and a discount have fewer digits than this, so nothing is rounded.
_EXACT = Context(prec=20 * _MOST_DIGITS)
_ENDLESS = Context(prec=28, rounding=ROUND_HALF_UP)


def exactly() -> AbstractContextManager[Context]:
    """Open a block in which decimal sums and products keep every digit."""
    return localcontext(_EXACT)


def decimal_of(value: Any, what: str) -> Decimal:  # noqa: ANN401 - refusing the wrong kinds is the job
    """Return a finite decimal, or raise ChargeError naming `what` and the value.

    Floats are read the way they print (0.1 is one tenth), because number boxes deliver floats.
    """
    if isinstance(value, bool):
        raise ChargeError(f"The {what} is {value}, which is a yes/no value.", "Give a number such as 12.50.")
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except (InvalidOperation, ValueError):  # ValueError: a whole number of thousands of digits
        raise ChargeError(
            f"The {what} is {shown(value)}, which is not a number.", "Give a number such as 12.50."
        ) from None
    if not found.is_finite():
        raise ChargeError(f"The {what} is {value}, which is not a finite number.", "Give a number, or leave it out.")
    if found.adjusted() > _MOST_DIGITS or found.as_tuple().exponent < -2 * _MOST_DIGITS:  # type: ignore[operator]  # finite
        raise ChargeError(
            f"The {what} is {shown(str(value))}, which has more digits than any price or quantity.",
            "Give a number such as 12.50.",
        )
    return found or abs(found)  # there is no minus nothing


def decimal_or_none(value: Any, what: str) -> Decimal | None:  # noqa: ANN401 - as above
    """Return a finite decimal, or None when nothing was given."""
    return None if value is None else decimal_of(value, what)


def decimal_near(value: Fraction) -> Decimal:
    """Return a fraction as a decimal: exactly where it ends as one, otherwise to 28 digits."""
    if value.denominator == 1:
        return Decimal(value.numerator)
    twos = (value.denominator & -value.denominator).bit_length() - 1
    rest, fives = value.denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest > 1:
        return _ENDLESS.divide(Decimal(value.numerator), Decimal(value.denominator))
    places = max(twos, fives)
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places, _EXACT)


def float_near(value: Fraction | Decimal) -> float:
    """Return the float nearest to a number, infinity for one beyond all floats."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


class Factor(Fraction):
    """An exact factor, written as a decimal where it ends as one and as a fraction otherwise: 0.001, 1/60."""

    def __str__(self) -> str:
        """Write the factor so that reading it gives the same one."""
        found = decimal_near(self)
        return plain(found) if Fraction(found) == self else f"{self.numerator}/{self.denominator}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:  # noqa: ANN401 - as pydantic calls it
        """Let a study keep a factor as text."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only a study knows pydantic

        return core_schema.no_info_plain_validator_function(
            lambda value: factor_of(value, "unit factor"), serialization=core_schema.to_string_ser_schema()
        )


AS_MEASURED = Factor(1)


def factor_of(value: Any, what: str) -> Factor:  # noqa: ANN401 - refusing the wrong kinds is the job
    """Return an exact factor from a number, or from a fraction such as 1/60; ChargeError names `what` and the value."""
    if isinstance(value, Fraction):
        return Factor(value)
    above, bar, below = value.partition("/") if isinstance(value, str) else (value, "", "")
    parts = [Fraction(decimal_of(part, what)) for part in (above, below if bar else 1)]
    if not parts[1]:
        raise ChargeError(f"The {what} is {value!r}, which is not a fraction.", "Write it like 1/60.")
    return Factor(parts[0] / parts[1])


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 1E+3 becomes 1000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_half_up(amount: Number, digits: int = 2) -> Decimal:
    """Round an amount to the minor unit of its currency, halves away from zero, as on an invoice line."""
    with exactly():
        return decimal_of(amount, "amount").quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
