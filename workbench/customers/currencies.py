"""Currencies as people write them: codes, signs and words, and what a sign alone leaves open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from workbench.errors import WorkbenchError

_TOKEN = re.compile(r"[^\W\d_]+|[^\w\s]")
_MINOR_FORM = re.compile(r"[A-Z]{2}[a-z]")
_MINOR_CODES = frozenset({"GBX", "ZAC", "ILA", "USX", "EUX"})
_MINOR_WORDS = frozenset({
    "cent", "cents", "ct", "cts", "pence", "penny", "pennies", "¢", "øre", "öre", "grosz", "grosze", "groszy", "haléř",
    "haléřů", "rappen", "centime", "centimes", "centavo", "centavos", "paise", "paisa", "kopek", "kopeks", "agora",
    "agorot", "kuruş", "fillér",
})  # fmt: skip
_MULTIPLES = frozenset(
    {"k", "m", "mn", "mio", "bn", "thousand", "thousands", "million", "millions", "keur", "kusd", "teur"}
)
_ENGLISH = frozenset({"all", "top", "try", "mad", "cup", "gel", "real", "won", "sum", "rand"})
# Signs and words that the English locale of CLDR does not have, or has for one of several countries that use them.
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS"})
_SIGNS = {
    "$": _DOLLARS, "¥": {"JPY", "CNY"}, "kr": {"SEK", "NOK", "DKK", "ISK"}, "us$": {"USD"}, "c$": {"CAD"},
    "au$": {"AUD"}, "s$": {"SGD"}, "fr.": {"CHF"}, "sfr": {"CHF"}, "₺": {"TRY"}, "₽": {"RUB"}, "₴": {"UAH"},
    "zł": {"PLN"}, "kč": {"CZK"}, "pound": {"GBP"}, "pounds": {"GBP"}, "sterling": {"GBP"}, "rmb": {"CNY"},
}  # fmt: skip


MINOR = "amounts in whole units of a currency, for this says cents or pence"
MULTIPLE = "amounts in single units of a currency, for this says thousands or more"
TWO = "one currency in a cell, for this names two"
SHARED = "a currency code, for this sign or word stands for several currencies"
CODE_REMEDY = "Write the three-letter code, such as USD or EUR."
_REMEDIES = {
    MINOR: "Give the amounts in whole units, such as pounds or dollars, and write the three-letter code.",
    MULTIPLE: "Give the amounts in full, and write the three-letter code.",
    TWO: "Write the three-letter code of the one the amount is in.",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means: one code where it is clear, several for a sign such as $, else what speaks against it."""

    codes: frozenset[str] = frozenset()
    expected: str = ""

    @property
    def remedy(self) -> str:
        """Say what to write instead."""
        return _REMEDIES.get(self.expected, CODE_REMEDY)


def meaning(text: str) -> Meaning:
    """Read a currency: its ISO 4217 code, its sign or its name, alone or side by side."""
    stripped = text.strip()
    if stripped.upper() in _MINOR_CODES or any(_is_minor(word) for word in _TOKEN.findall(stripped)):
        return Meaning(expected=MINOR)
    if any(word.casefold() in _MULTIPLES for word in _TOKEN.findall(stripped)):
        return Meaning(expected=MULTIPLE)
    if any(character.isdigit() for character in stripped):
        return Meaning()
    if whole := _whole(stripped):
        return Meaning(whole)
    named, alone = [], []
    for part in stripped.split():
        known = _whole(part.strip("()[],;:"), lone=False)
        for token in [part] if known else _TOKEN.findall(part):
            if codes := known or _whole(token, lone=False):
                named.append(codes | (_words().get(token.casefold()) or frozenset()))
                alone.append(codes)
    if not named:
        return Meaning()
    shared = frozenset.intersection(*named)
    return Meaning(alone[0] if len(alone) == 1 else shared, "" if shared else TWO)


def stated_code(text: str) -> str:
    """Return the code of a currency somebody states, "" for none; WorkbenchError when it is not one currency."""
    if not text.strip():
        return ""
    found = meaning(text)
    if len(found.codes) == 1:
        return min(found.codes)
    if found.codes:
        raise WorkbenchError(f"{text!r} stands for several currencies.", CODE_REMEDY)
    why = f": expected {found.expected}" if found.expected else ""
    raise WorkbenchError(f"{text!r} is not a currency{why}.", found.remedy)


def _is_minor(word: str) -> bool:
    """Tell whether a word says cents, pence or the like; GBp and ZAc are codes of it."""
    is_code = bool(_MINOR_FORM.fullmatch(word)) and word.upper() in {*_every_code(), *_MINOR_CODES}
    return is_code or word.casefold() in _MINOR_WORDS


def _whole(text: str, *, lone: bool = True) -> frozenset[str]:
    """Return what a text means as it stands; beside others, a word such as all or try is no code in small letters."""
    if text.upper() in _every_code() and (lone or text.casefold() not in _ENGLISH or text.isupper()):
        return frozenset({text.upper()})
    written = " ".join(text.replace(".", "").replace("-", " ").casefold().split())
    found = _meanings().get(text.casefold()) or _meanings().get(written) or frozenset()
    return frozenset() if not lone and written in _ENGLISH else found


@cache
def _every_code() -> frozenset[str]:
    """Return the codes of all currencies, those no longer in use too, for old amounts are in them."""
    from babel.core import get_global  # noqa: PLC0415 - wanted only where currencies are named

    return frozenset(get_global("all_currencies")) - {"XXX", "XTS"}  # no currency, and one for tests


@cache
def _known_codes() -> frozenset[str]:
    """Return the codes of all currencies in use."""
    from babel.core import get_global  # noqa: PLC0415 - wanted only where a table names currencies
    from babel.numbers import get_territory_currencies  # noqa: PLC0415 - as above

    return frozenset(code for place in get_global("territory_currencies") for code in get_territory_currencies(place))


@cache
def _words() -> dict[str, frozenset[str]]:
    """Return the codes whose names end with a word, in small letters: pound is that of several countries."""
    from babel.numbers import get_currency_name  # noqa: PLC0415 - as above

    words: dict[str, set[str]] = {}
    for code in _known_codes():
        for number in (1, 2):
            words.setdefault(get_currency_name(code, count=number, locale="en").casefold().split()[-1], set()).add(code)
    return {word: frozenset(codes) for word, codes in words.items()}


@cache
def _meanings() -> dict[str, frozenset[str]]:
    """Return the codes that each code, sign, name and last word of a name stands for, in small letters."""
    from babel import Locale  # noqa: PLC0415 - as above
    from babel.numbers import get_currency_name  # noqa: PLC0415 - as above

    symbols = Locale("en").currency_symbols
    exact: dict[str, set[str]] = {}
    for code in _known_codes():
        exact[code.casefold()] = {code}
        if symbol := symbols.get(code):
            exact.setdefault(symbol.casefold(), set()).add(code)
        for number in (1, 2):
            exact.setdefault(get_currency_name(code, count=number, locale="en").casefold(), set()).add(code)
    return _words() | {text: frozenset(codes) for text, codes in {**exact, **_SIGNS}.items()}
