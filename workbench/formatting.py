"""Write numbers the way a strategist reads them: with unit, without noise, and unknown as unknown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

UNKNOWN = "unknown"
FROM_NOTHING = "from nothing"
NO_CURRENCY = "XXX"
"""ISO 4217's code for an amount without a currency; such amounts are written bare."""
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", NO_CURRENCY: ""}
MINUS = "\N{MINUS SIGN}"
_WHOLE_FROM = 100  # amounts from here on are read without cents


def is_unknown(value: float | Decimal | None) -> bool:
    """Tell whether a value is missing (None or not a number)."""
    return value is None or math.isnan(value)


def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """Write a number with thousands separators; about three significant digits unless `digits` is given."""
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "no limit" if value > 0 else f"{MINUS}∞"
    places = _sensible_places(float(value)) if digits is None else digits
    text = f"{abs(value):,.{places}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    negative = value < 0 and any(digit in text for digit in "123456789")
    return (MINUS if negative else "") + text


def money(value: float | Decimal | None, currency: str = "USD", digits: int | None = None) -> str:
    """Write an amount with its currency: cents below 100, whole units from there on."""
    if value is None or math.isnan(value):
        return UNKNOWN
    size = abs(float(value))
    places = digits if digits is not None else _money_places(size)
    text = number(size, places)
    negative = value < 0 and any(digit in text for digit in "123456789")
    symbol = _SYMBOLS.get(currency)
    body = f"{text} {currency}" if symbol is None else f"{symbol}{text}"
    return (MINUS if negative else "") + body


def currency_symbol(currency: str) -> str:
    """Return the sign written before amounts of a currency, or nothing where its code follows them."""
    return _SYMBOLS.get(currency, "")


def short_money(value: float | Decimal | None, currency: str = "USD") -> str:
    """Write a large amount in thousands or millions, as on a chart axis: $1.2M."""
    if value is None or math.isnan(value):
        return UNKNOWN
    size = abs(float(value))
    for unit, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            scaled = size / unit
            text = number(scaled, 1 if scaled < _WHOLE_FROM else 0)
            symbol = _SYMBOLS.get(currency)
            body = f"{text}{suffix} {currency}" if symbol is None else f"{symbol}{text}{suffix}"
            return (MINUS if value < 0 else "") + body
    return money(value, currency)


def percent(share: float | Decimal | None, digits: int = 0, *, signed: bool = False) -> str:
    """Write a share (0.12) as a percentage (12%); a signed one is a change, and one without end starts from nothing."""
    if share is None or math.isnan(share):
        return UNKNOWN
    if signed and share == math.inf:
        return FROM_NOTHING
    text = number(float(share) * 100, digits) + "%"
    return f"+{text}" if signed and share > 0 else text


def ratio(value: float | Decimal | None, digits: int = 1) -> str:
    """Write a ratio as a multiple: 3.2x."""
    return UNKNOWN if value is None or math.isnan(value) else f"{number(value, digits)}x"


def count(noun: str, amount: int, plural: str | None = None) -> str:
    """Write a count with its noun in the right form: 1 account, 2,300 accounts."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def first_of(names: Sequence[str], most: int) -> str:
    """List names, the first so many in full and the others by their number: A, B and 3 more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def capitalised(text: str) -> str:
    """Begin a text with a capital, as a sentence does; all else stays as it is, names and acronyms too."""
    return text[:1].upper() + text[1:]


def _sensible_places(value: float) -> int:
    """Keep about three significant digits and never more than four decimals."""
    size = abs(value)
    if size == 0 or size >= _WHOLE_FROM:
        return 0
    return min(4, max(0, 2 - math.floor(math.log10(size))))


def _money_places(size: float) -> int:
    """Show cents only where they matter, and more places only for prices below a cent."""
    if size >= _WHOLE_FROM or (size >= 1 and size == round(size)):
        return 0
    if size == 0 or size >= 0.01:  # noqa: PLR2004 - one cent
        return 2 if size else 0
    return 6
