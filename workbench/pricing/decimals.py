"""Turn what people type into exact decimals, and do the sums without rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING, Any

from workbench.errors import ChargeError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Number = int | float | str | Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED_PERCENT = 100  # discounts and rates in documents are percentages, as on a price list
# Products of a quantity, a price and a discount have far fewer digits than this, so nothing is rounded.
_EXACT = Context(prec=400)


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
    except InvalidOperation:
        raise ChargeError(f"The {what} is {value!r}, which is not a number.", "Give a number such as 12.50.") from None
    if not found.is_finite():
        raise ChargeError(f"The {what} is {value}, which is not a finite number.", "Give a number, or leave it out.")
    return found


def decimal_or_none(value: Any, what: str) -> Decimal | None:  # noqa: ANN401 - as above
    """Return a finite decimal, or None when nothing was given."""
    return None if value is None else decimal_of(value, what)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 1E+3 becomes 1000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_half_up(amount: Number, digits: int = 2) -> Decimal:
    """Round an amount to the minor unit of its currency, halves away from zero, as on an invoice line."""
    with exactly():
        return decimal_of(amount, "amount").quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
