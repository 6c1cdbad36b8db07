"""Write numbers and results as words, the same on screen, in the report and on the command line.

With unit, without noise, and unknown as unknown; separators and signs are those of the locale spoken
(`workbench.locales`).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.locales import MINUS, affixes, conventions, minor_digits, month_words, spoken_locale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.results import Basis, KeyFigure

# --- Write numbers the way a strategist reads them: with unit, without noise, and unknown as unknown

UNKNOWN = "unknown"
FROM_NOTHING = "from nothing"
_EVERY_DIGIT = Context(prec=2000)  # more than any float or typed number has
_MOST_DECIMALS = 4  # of a price for a unit that is above one; more are those of a product
_MOST_TYPED = 12  # digits
_FINER_BELOW = 0.1  # prices for a unit, of which half a cent is much
_SHORT_FROM = 1000  # amounts from here on are shortened where there is little room
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
    text = _size(value, digits)
    return (MINUS if value < 0 and _is_something(text) else "") + conventions().written(text)


def _size(value: float | Decimal, digits: int | None = None) -> str:
    """Write a number without its sign the way Python does, for `Conventions.written`."""
    places = _sensible_places(float(value)) if digits is None else digits
    text = f"{rounded(value, places).copy_abs():,f}"
    return text.rstrip("0").rstrip(".") if digits is None and "." in text else text


def thousands(value: float) -> str:
    """Write a count with thousands separators."""
    return conventions().written(f"{value:,}")


def in_format(value: Any, how: str) -> str:  # noqa: ANN401 - a number or a day
    """Write a number, or a month for "%B %Y", in one of Python's formats; for templates of sentences."""
    if how == "%B %Y":
        return month_words(value)
    text = format(value, how)
    if conventions().is_house or not how.endswith(("f", "%", ",", "d")):
        return text
    size = text.lstrip("+-")
    sign = text.removesuffix(size).replace("-", MINUS)
    size = conventions().written(size.removesuffix("%"))
    return sign + (conventions().share(size) if how.endswith("%") else size)


def rounded(value: float | Decimal, places: int = 0) -> Decimal:
    """Round a number the way it is read, halves away from zero, as charts do: 62.5 is 63 and 0.145 is 0.15."""
    exactly = f"{value:.15g}" if isinstance(value, float) else str(value)  # 0.49999999999999994 is a half, summed
    return Decimal(exactly).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EVERY_DIGIT)


def money(value: float | Decimal | None, currency: str = "USD", digits: int | None = None) -> str:
    """Write an amount with its currency: cents below 100, whole units from there on."""
    if value is None or math.isnan(value):
        return UNKNOWN
    size = abs(float(value))
    places = digits if digits is not None else _money_places(size)
    if math.isinf(size):
        return number(size).join(affixes(spoken_locale(), currency)[int(value < 0)])
    text = _size(size, places)
    if digits is None and 0 < size < _FINER_BELOW:
        whole, _, decimals = text.partition(".")
        text = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}" if size >= 0.01 else text  # noqa: PLR2004 - one cent
    return conventions().money(text, currency, is_negative=value < 0 and _is_something(text))


def short_money(value: float | Decimal | None, currency: str = "USD") -> str:
    """Write a large amount in thousands or millions, as on a chart axis: $1.2M."""
    if value is None or not math.isfinite(value):
        return money(value, currency)
    size = abs(float(value))
    if size >= _SHORT_FROM and not conventions().is_house:
        return conventions().compact(size).join(affixes(spoken_locale(), currency)[int(value < 0)])
    for unit, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            scaled = size / unit
            text = _size(scaled, 1 if scaled < _WHOLE_FROM else 0)
            return conventions().money(text + suffix, currency, is_negative=value < 0)
    return money(value, currency)


def percent(share: float | Decimal | None, digits: int = 0, *, signed: bool = False) -> str:
    """Write a share (0.12) as a percentage (12%).

    A signed one is a change: one without end starts from nothing, and one that reads as 0% has no sign.
    """
    if share is None or math.isnan(share):
        return UNKNOWN
    if signed and share == math.inf:
        return FROM_NOTHING
    text = conventions().share(number(hundredfold(share), digits))
    return with_sign(text.removeprefix(MINUS), share) if signed else text


def with_sign(size: str, change: float | Decimal) -> str:
    """Put the sign of a change before its written size; one that reads as nothing has none."""
    return ("+" if change > 0 else MINUS) + size if _is_something(size) else size


def hundredfold(share: float | Decimal) -> Decimal:
    """Return a share as the number before its percent sign, without the noise of a binary product."""
    return Decimal(str(share)).scaleb(2, _EVERY_DIGIT)


def exact(value: float | Decimal | None, least_places: int = 0) -> str:
    """Write a number with every digit it has and thousands separators, from `least_places` decimals if it has any.

    Floats are read the way they print: 0.1 is one tenth.
    """
    found = Decimal("NaN" if value is None else str(value))
    if not found.is_finite():
        return number(value)
    return (MINUS if found < 0 else "") + conventions().written(_every_digit(found, least_places))


def _every_digit(value: Decimal, least_places: int = 0) -> str:
    """Write a number's every digit without its sign the way Python does, for `Conventions.written`."""
    whole, _, places = f"{value.copy_abs():,f}".partition(".")
    places = places.rstrip("0")
    return f"{whole}.{places.ljust(least_places, '0')}" if places else whole


def exact_money(value: float | Decimal | None, currency: str = "USD") -> str:
    """Write an amount somebody decided, published or asked: $120, $149.50, $0.0125, never rounded."""
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return money(value, currency)
    text = _every_digit(Decimal(str(value)), minor_digits(currency))
    return conventions().money(text, currency, is_negative=value < 0)


def exact_percent(share: float | Decimal | None, *, signed: bool = False) -> str:
    """Write a share somebody decided, published or asked as a percentage: 0.9995 is 99.95%."""
    if share is None or not math.isfinite(share):
        return percent(share, signed=signed)
    text = conventions().share(exact(hundredfold(share)))
    return f"+{text}" if signed and share > 0 else text


def priced(value: float | Decimal | None, currency: str = "USD") -> str:
    """Write what decided prices come to, such as a bill: exactly where it has few decimals, else to the cent.

    The noise of binary sums is taken off: three times $0.0125 is $0.0375. Amounts below one unit keep more decimals.
    """
    if value is None or not math.isfinite(value):
        return money(value, currency)
    found = Decimal(f"{value:.12g}")
    if abs(found) >= 1 and found != round(found, _MOST_DECIMALS):
        found = round(found, minor_digits(currency))
    elif abs(found) < 1 and found != round(found, 2 * _MOST_DECIMALS):
        found = Decimal(f"{value:.{_MOST_DECIMALS}g}")
    return exact_money(found, currency)


def billed(value: float | Decimal | None, currency: str = "USD") -> str:
    """Write the bill of one account as it is paid: to the cent, without cents where there are none."""
    if value is None or not math.isfinite(value) or -1 < value < 1:
        return priced(value, currency)
    return exact_money(round(Decimal(f"{value:.12g}"), minor_digits(currency)), currency)


def is_computed(value: float) -> bool:
    """Tell whether a number fills its digits as a computed one does; what somebody typed has fewer."""
    return math.isfinite(value) and len(Decimal(str(value)).normalize(_EVERY_DIGIT).as_tuple().digits) > _MOST_TYPED


def ratio(value: float | Decimal | None, digits: int = 1) -> str:
    """Write a ratio as a multiple: 3.2x."""
    return UNKNOWN if value is None or math.isnan(value) else f"{number(value, digits)}x"


def count(noun: str, amount: int, plural: str | None = None) -> str:
    """Write a count with its noun in the right form: 1 account, 2,300 accounts."""
    return f"{thousands(amount)} {noun if amount == 1 else plural or noun + 's'}"


def last_months(number: int) -> str:
    """Name the most recent months: last month, last 3 months."""
    return "last month" if number == 1 else f"last {thousands(number)} months"


def first_of(names: Sequence[str], most: int) -> str:
    """List names, the first so many in full and the others by their number: A, B and 3 more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {thousands(more)} more" if more > 0 else "")


def names_in_words(names: Sequence[str], most: int = 5) -> str:
    """Write names as a list in a sentence: "A, B and C", with the number left out beyond `most`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"


def capitalised(text: str) -> str:
    """Begin a text with a capital, as a sentence does; all else stays as it is, names and acronyms too.

    A first word spelled as a name, with a capital or a digit inside (toString, k8s pods), keeps its letters.
    """
    first = text.partition(" ")[0]
    is_name = any(letter.isupper() or letter.isdigit() for letter in first[1:])
    return text if is_name else text[:1].upper() + text[1:]


def _is_something(text: str) -> bool:
    """Tell whether a written number is other than nothing, and so may have a sign."""
    return any(digit in text for digit in "123456789")


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
    if size == 0 or size >= _FINER_BELOW:
        return 2 if size else 0
    return 4 if size >= 0.01 else 6  # noqa: PLR2004 - one cent


# --- Write results as words and numbers, the same on screen, in the report and on the command line

_CURRENCY_LETTERS = 3


def figure_value(figure: KeyFigure) -> str:
    """Write a key figure's value with its unit, or its own words; an unknown value is said to be unknown."""
    return figure.in_words or quantity(figure.value, figure.unit, figure.digits)


def figure_change(figure: KeyFigure) -> str:
    """Write a key figure's change against the baseline with its sign, or nothing when there is none."""
    if figure.change is None or figure.change != figure.change:  # not a number: nothing to compare with
        return ""
    if figure.unit == "percent":
        text = f"{number(hundredfold(abs(figure.change)), 1)} points"
    else:
        text = quantity(abs(figure.change), figure.unit, figure.digits)
    return with_sign(text, figure.change)


def figure_interval(figure: KeyFigure) -> str:
    """Write a key figure's interval, such as "62% to 71% (90% interval)", or nothing when there is none.

    One that was assumed and not measured says so in place of its level.
    """
    if figure.interval is None:
        return ""
    low, high = (quantity(end, figure.unit, figure.digits) for end in (figure.interval.low, figure.interval.high))
    if low == high == UNKNOWN:
        return ""
    what = figure.interval_is or f"{exact_percent(figure.interval.level)} interval"
    return f"{low} to {high} ({what})"


def figure_sentence(figure: KeyFigure) -> str:
    """Write a key figure as one sentence: label, value, change, interval, period and population."""
    details = [
        f"{change} against today" if (change := figure_change(figure)) else "",
        figure_interval(figure),
        figure.period,
        figure.population,
    ]
    said = ", ".join(detail for detail in details if detail)
    return f"{figure.label}: {figure_value(figure)}" + (f" ({said})" if said else "")


def quantity(value: float | None, unit: str = "", digits: int | None = None) -> str:
    """Write a number in its unit: a currency code, "percent", "times", or a noun that follows the number.

    A "share of customers" is written as a percentage of customers.
    """
    if is_unknown(value):
        return UNKNOWN
    if unit == "percent":
        return percent(value, 0 if digits is None else digits)
    if unit == "times":
        return ratio(value, 1 if digits is None else digits)
    if _is_currency(unit):
        return money(value, unit, digits)
    if unit.startswith(SHARE_OF) and value is not None:
        return f"{conventions().share(number(hundredfold(value), digits))} {unit.removeprefix('share ')}"
    return f"{number(value, digits)} {unit}".strip()


def exact_quantity(value: float | None, unit: str = "") -> str:
    """Write a number somebody decided in its unit, as `quantity` does but with every digit it has."""
    if is_unknown(value):
        return UNKNOWN
    if unit == "percent":
        return exact_percent(value)
    if unit == "times":
        return f"{exact(value)}x"
    if _is_currency(unit):
        return exact_money(value, unit)
    if unit.startswith(SHARE_OF):
        return f"{exact_percent(value)} {unit.removeprefix('share ')}"
    return f"{exact(value)} {unit}".strip()


def _is_currency(unit: str) -> bool:
    return len(unit) == _CURRENCY_LETTERS and unit.isupper()


def metric_words(metric: str) -> str:
    """Write the name of a metric as words: gigabytes_processed becomes "gigabytes processed"."""
    return " ".join(metric.replace("_", " ").split())


SHARE_OF = "share of "
_UNITS = {"kb": "kB", "mb": "MB", "gb": "GB", "tb": "TB", "usd": "USD", "eur": "EUR", "gbp": "GBP", "pct": "%"}
_SHORT_NAMES = {"api": "API", "sso": "SSO", "ai": "AI", "sla": "SLA", "crm": "CRM"}


def attribute_words(name: str) -> str:
    """Write the name of a survey's attribute for a reader: data_included_gb becomes "data included (GB)".

    A range after the name stays, and so does a name written in words.
    """
    column, between, reach = name.partition(" from ")
    words = metric_words(column).split(" ")
    unit = _UNITS.get(words[-1].lower()) if len(words) > 1 else None
    told = " ".join(_SHORT_NAMES.get(word, word) for word in (words[:-1] if unit else words))
    return f"{told}{f' ({unit})' if unit else ''}{between}{reach}"


def one_unit(metric: str) -> str:
    """Write one unit of a metric, as after "per": seat, API call, gigabyte processed, unit of storage."""
    words = metric_words(metric).split(" ")
    for position in (len(words) - 1, 0):
        if (singular := _singular(words[position])) != words[position]:
            return " ".join([*words[:position], singular, *words[position + 1 :]])
    return f"unit of {metric_words(metric)}"


def _singular(word: str) -> str:
    """Return the singular of a plain English plural; any other word comes back as it is."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def basis_sentence(basis: Basis) -> str:
    """Write what a result stands on: accounts, months, and what to know about them."""
    months = (
        basis.first_month if basis.first_month == basis.last_month else f"{basis.first_month} to {basis.last_month}"
    )
    text = f"Stands on {thousands(basis.accounts)} of {thousands(basis.of_accounts)} accounts"
    text += f", {months}." if months else "."
    return f"{text} {basis.note}".strip()


# --- Shares as people type them: 0.1 in a document is 10 in a number box

_IN_PERCENT = 100

Share = TypeVar("Share", float, "float | None")


def typed_percent(share: Share) -> Share:
    """Return the percentage a box shows for a share; the rounding only takes the noise of binary numbers off."""
    return None if share is None else round(share * _IN_PERCENT, 6)


def share_typed(percentage: Share) -> Share:
    """Return the share somebody means by a percentage, so that 7 is 0.07 and not a neighbour of it."""
    return None if percentage is None else round(percentage / _IN_PERCENT, 8)
