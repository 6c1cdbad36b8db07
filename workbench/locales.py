"""The locale of a study: how its numbers, money, dates and plurals are written, and on what paper it is printed.

What is shown of a study follows one context, which also chooses the language of `workbench.text`: `speaking` sets it
for a block, `settle` for the rest of a process, as where a notebook or a command opens a study. "en" is the house's own
English, in which an amount of a currency without a sign of its own is followed by its code; every other locale is
written as Unicode's Common Locale Data Repository has it, with Latin digits and the house's minus sign. How many digits
a number shows is for `workbench.formatting` to say. Files that people or programs load, such as CSV, have no locale.
"""

from __future__ import annotations

import calendar
import inspect
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from decimal import Decimal

    from babel import Locale

HOUSE_LOCALE = "en"
MINUS = "\N{MINUS SIGN}"
NO_CURRENCY = "XXX"
"""ISO 4217's code for an amount without a currency; such amounts are written bare."""
Affixes: TypeAlias = tuple[str, str]
"""What stands before and after the digits of a number."""
Writer = TypeVar("Writer", bound="Callable[..., Any]")

# --- Which locale is spoken

_spoken: ContextVar[str | None] = ContextVar("locale", default=None)
_settled = [HOUSE_LOCALE]


def spoken_locale() -> str:
    """Return the locale in which everything is written here and now."""
    return _spoken.get() or _settled[0]


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Have everything written inside in another language and its formats.

    Parameters
    ----------
    locale
        A language, or a language and a territory, such as "de" or "pt_BR". Sentences come from the text files of that
        language, such as `text.de.toml`, where there are any.

    Examples
    --------
    >>> from workbench.formatting import money
    >>> with speaking("de"):
    ...     money(1234, "EUR").replace("\N{NO-BREAK SPACE}", " ")
    '1.234 €'
    """
    token = _spoken.set(known_locale(locale))
    try:
        yield
    finally:
        _spoken.reset(token)


def in_its_locale(function: Writer) -> Writer:
    """Have a function write in the locale of its argument `study`, or of the study that its `content` is about."""
    parameters = inspect.signature(function)

    @wraps(function)
    def written(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the function has them
        given = parameters.bind(*args, **named).arguments
        study = given["study"] if "study" in given else given["content"].study
        with speaking(study.locale):
            return function(*args, **named)

    return written  # type: ignore[return-value]


def settle(locale: str) -> None:
    """Have everything written in a locale from here on, where no `speaking` says otherwise."""
    # Not the context variable: a notebook answers each message of the page in a context of its own.
    _settled[0] = known_locale(locale)


def known_locale(text: str) -> str:
    """Return a locale in the way it is spelled here: de-ch is de_CH.

    Raises
    ------
    ValueError
        When there is no such locale.
    """
    if text == HOUSE_LOCALE:
        return text
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - half a megabyte; most studies never need it

    try:
        return str(Locale.parse(text.strip().replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError(
            f"{text!r} is no known locale; write a language, or a language and a territory, such as en, en_GB, de, "
            "fr_CH or pt_BR"
        ) from None


# --- How numbers are written in it


@dataclass(frozen=True)
class Conventions:
    """How a locale writes the digits, amounts and shares that `workbench.formatting` has rounded."""

    locale: str
    decimal: str = "."
    group: str = ","
    sizes: tuple[int, int] = (3, 3)
    """Digits of the last group, and of those before it."""
    percent: Affixes = ("", "%")

    @property
    def is_house(self) -> bool:
        """Tell whether this is the house's own English."""
        return self.locale == HOUSE_LOCALE

    def written(self, text: str) -> str:
        """Write a number that Python has written, such as 1,234.5, in this locale."""
        if self.is_house:
            return text
        whole, point, decimals = text.partition(".")
        last, others = self.sizes
        digits = whole.replace(",", "")
        head, tail = digits[:-last], digits[-last:]
        while head:
            head, tail = head[:-others], f"{head[-others:]}{self.group}{tail}"
        return tail + (self.decimal + decimals if point else "")

    def money(self, text: str, currency: str, *, is_negative: bool = False) -> str:
        """Write an amount that Python has written without a sign, with its currency."""
        before, after = affixes(self.locale, currency)[int(is_negative)]
        return f"{before}{self.written(text)}{after}"

    def compact(self, size: float) -> str:
        """Write a large number in the locale's words for thousands, millions and so on, with one decimal."""
        from babel.numbers import format_compact_decimal  # noqa: PLC0415 - as in `known_locale`

        return format_compact_decimal(size, locale=self.locale, fraction_digits=1, numbering_system="latn")

    def share(self, text: str) -> str:
        """Write a percentage that is written but for its percent sign."""
        before, after = self.percent
        sign = MINUS if text.startswith(MINUS) else ""
        return f"{sign}{before}{text.removeprefix(MINUS)}{after}"


def conventions() -> Conventions:
    """Return how the locale spoken here writes numbers."""
    return _conventions(spoken_locale())


@cache
def _conventions(locale: str) -> Conventions:
    if locale == HOUSE_LOCALE:
        return Conventions(locale)
    from babel.numbers import format_percent  # noqa: PLC0415 - as in `known_locale`

    found = _data(locale)
    symbols = found.number_symbols["latn"]
    before, after = format_percent(0, locale=found, numbering_system="latn").split("0")
    sizes = found.decimal_formats[None].grouping
    return Conventions(locale, symbols["decimal"], symbols["group"], sizes, (before, after))


_HOUSE_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", NO_CURRENCY: ""}


@cache
def affixes(locale: str, currency: str) -> tuple[Affixes, Affixes]:
    """Return what stands before and after an amount of a currency, from nothing on and below."""
    if locale == HOUSE_LOCALE or currency == NO_CURRENCY:
        sign = _HOUSE_SIGNS.get(currency)
        before, after = (sign, "") if sign is not None else ("", f" {currency}")
        return (before, after), (MINUS + before, after)
    from babel.numbers import get_currency_symbol  # noqa: PLC0415 - as in `known_locale`

    found = _data(locale)
    pattern, sign = found.currency_formats["standard"], get_currency_symbol(currency, locale=found)
    minus = found.number_symbols["latn"]["minusSign"].replace("-", MINUS)

    def placed(below: int) -> Affixes:
        before, after = (
            part[below].replace("-", minus).replace("¤", sign) for part in (pattern.prefix, pattern.suffix)
        )
        # "currencySpacing" of the repository: a code in letters never touches the digits.
        spaced = before[-1:].isalpha(), after[:1].isalpha()
        return before + "\N{NO-BREAK SPACE}" * spaced[0], "\N{NO-BREAK SPACE}" * spaced[1] + after

    return placed(0), placed(1)


@cache
def minor_digits(currency: str) -> int:
    """Return how many decimals amounts of a currency have: cents are two, the yen has none."""
    from babel.numbers import get_currency_precision  # noqa: PLC0415 - as in `known_locale`

    return 2 if currency in _HOUSE_SIGNS and currency != "JPY" else get_currency_precision(currency)


@cache
def _data(locale: str) -> Locale:
    from babel import Locale  # noqa: PLC0415 - as in `known_locale`

    return Locale.parse(locale)


# --- Plurals, dates and paper


def plural_form(amount: float | Decimal, locale: str) -> str:
    """Return the plural form a number takes in a language: "one", "few", "many", "other" and so on."""
    if locale == HOUSE_LOCALE:
        return "one" if amount == 1 else "other"
    return _data(locale).plural_form(amount)


def month_words(month: date) -> str:
    """Write a month in words with its year: December 2024."""
    if conventions().is_house:
        return f"{month:%B %Y}"
    from babel.dates import format_skeleton  # noqa: PLC0415 - as in `known_locale`

    return format_skeleton("yMMMM", month, locale=spoken_locale())


def month_name(number: int) -> str:
    """Return the name of a month of the year, from 1 to 12."""
    if conventions().is_house:
        return calendar.month_name[number]
    return _data(spoken_locale()).months["stand-alone"]["wide"][number]


# Territories that print on US Letter (CLDR, supplementalData: measurementData/paperSize); all others on A4.
_LETTER = {"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"}


def paper_size() -> Literal["A4", "letter"]:
    """Return the paper of the locale spoken, as CSS names it; a language alone stands for where most speak it."""
    return "letter" if _territory(spoken_locale()) in _LETTER else "A4"


@cache
def _territory(locale: str) -> str:
    if locale == HOUSE_LOCALE:
        return "US"
    from babel.core import get_global  # noqa: PLC0415 - as in `known_locale`

    found, likely = _data(locale), get_global("likely_subtags")
    return found.territory or likely.get(locale, likely.get(found.language, "")).rpartition("_")[2]


def chart_locale() -> dict[str, Any] | None:
    """Return the locale spoken as Vega's `config.locale` has it, in d3's own terms; None for the house's."""
    return None if conventions().is_house else _chart_locale(spoken_locale())


@cache
def _chart_locale(locale: str) -> dict[str, Any]:
    known, found = _conventions(locale), _data(locale)
    last, others = known.sizes
    # From Monday in the repository, from Sunday in d3.
    days, months = (
        {width: [forms["stand-alone"][width][each] for each in order] for width in ("wide", "abbreviated")}
        for forms, order in ((found.days, (6, 0, 1, 2, 3, 4, 5)), (found.months, range(1, 13)))
    )
    return {
        "number": {
            "decimal": known.decimal, "thousands": known.group, "grouping": [last, *[others] * 8],
            "currency": ["$", ""], "minus": MINUS, "percent": "".join(known.percent),
        },
        "time": {
            "dateTime": "%x, %X", "date": "%Y-%m-%d", "time": "%H:%M:%S", "periods": ["AM", "PM"],
            "days": days["wide"], "shortDays": days["abbreviated"],
            "months": months["wide"], "shortMonths": months["abbreviated"],
        },
    }  # fmt: skip
