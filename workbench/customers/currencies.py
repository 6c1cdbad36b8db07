"""Currencies as people write them: codes, signs and words, and what a sign alone leaves open."""

from __future__ import annotations

import re
from functools import cache

_CODE = re.compile(r"[A-Za-z]{3}")
_WORD = re.compile(r"[^\W\d_]+")
# Signs and words that the English locale of CLDR does not have, or has for one of several countries that use them.
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS"})
_SIGNS = {
    "$": _DOLLARS, "¥": {"JPY", "CNY"}, "kr": {"SEK", "NOK", "DKK", "ISK"}, "us$": {"USD"}, "c$": {"CAD"},
    "au$": {"AUD"}, "s$": {"SGD"}, "fr.": {"CHF"}, "sfr": {"CHF"}, "₺": {"TRY"}, "₽": {"RUB"}, "₴": {"UAH"},
    "zł": {"PLN"}, "kč": {"CZK"}, "pound": {"GBP"}, "pounds": {"GBP"}, "sterling": {"GBP"}, "rmb": {"CNY"},
}  # fmt: skip


def codes_of(text: str) -> frozenset[str]:
    """Return the codes a text can mean: one where it is clear, several for a sign such as $, none for anything else."""
    written = " ".join(text.replace(".", "").replace("-", " ").casefold().split())
    named = frozenset(_WORD.findall(text)) & _known_codes()
    for found in (
        _meanings().get(text.strip().casefold()),
        _meanings().get(written),
        named if len(named) == 1 else None,
        _meanings().get(written.rpartition(" ")[2]),
    ):
        if found:
            return found
    return frozenset({text.strip().upper()}) if _CODE.fullmatch(text.strip()) else frozenset()


@cache
def _known_codes() -> frozenset[str]:
    """Return the codes of all currencies in use."""
    from babel.core import get_global  # noqa: PLC0415 - wanted only where a table names currencies
    from babel.numbers import get_territory_currencies  # noqa: PLC0415 - as above

    return frozenset(code for place in get_global("territory_currencies") for code in get_territory_currencies(place))


@cache
def _meanings() -> dict[str, frozenset[str]]:
    """Return the codes that each code, sign, name and last word of a name stands for, in small letters."""
    from babel import Locale  # noqa: PLC0415 - as above
    from babel.numbers import get_currency_name  # noqa: PLC0415 - as above

    symbols = Locale("en").currency_symbols
    words: dict[str, set[str]] = {}
    exact: dict[str, set[str]] = {}
    for code in _known_codes():
        exact[code.casefold()] = {code}
        if symbol := symbols.get(code):
            exact.setdefault(symbol.casefold(), set()).add(code)
        for number in (1, 2):
            name = get_currency_name(code, count=number, locale="en").casefold()
            exact.setdefault(name, set()).add(code)
            words.setdefault(name.split()[-1], set()).add(code)
    every = {**words, **exact, **_SIGNS}
    return {text: frozenset(codes) for text, codes in every.items()}
