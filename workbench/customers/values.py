"""Read cells as people write them, numbers, dates and currencies, and report each one that cannot be read."""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.tables import LARGEST, NUMERIC
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from workbench.customers.tables import Column


def places(wanted: pd.Series, known: pd.Series) -> NDArray[np.intp]:
    """Return the place of each wanted value among the known ones, which differ; -1 where it is missing or unknown."""
    # Monthly tables name an account once a month and metric: what repeats is numbered first, and looked up once.
    codes, values = pd.factorize(wanted)
    return np.append(pd.Index(known).get_indexer(values), -1)[codes]


# --- What cells say beside values, by kind

CELL_WORDS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "cells.toml").read_text(encoding="utf-8"))

ERROR_CELLS = frozenset(
    (*CELL_WORDS["errors"], *(f"{word}:{number}" for word in ("err", "fehler", "erreur") for number in range(500, 540)))
)

# --- Read numbers as people write them: decimal point or comma, thousands separators where they are certain

AMBIGUOUS_NUMBER = (
    "a number whose comma or dot is certain: 1,234 and 1.234 can be one thousand or one point two. "
    "Nothing else in the file settles which"
)
_LARGEST = sys.float_info.max
_SPACES = str.maketrans("", "", "\u00a0\u202f\u2009\u2019' ")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+(\.\d+)?([eE][+-]?\d+)?|[+-]?\.\d+")
_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?|[+-]?\d+(,\d+)?([eE][+-]?\d+)?|[+-]?,\d+")
_UNCERTAIN = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def decimal_mark(texts: Iterable[str], delimiter: str = "") -> str:
    """Decide which decimal mark a file uses: ".", "," or "" when what occurs can part thousands and nothing tells.

    A number such as 1,234 settles nothing; 1,5 or 0,125 or 1.234,5 or 1,234.5 does. Files separated by
    semicolons are written where the comma is the decimal mark, so there a lone 1,234 counts as decimal. Where every
    number with a dot has three digits behind it and others stand without one, a dot parts thousands: decimals would
    be padded in all of them or, at 12.400, in none; outside of such files it takes a number that ends in 0 to tell.
    Where all have a dot and three digits behind it, and one ends in 0, nothing tells.
    """
    point = comma = uncertain = dotted = padded = whole = 0
    for raw in texts:
        text = raw.translate(_SPACES)
        if "," not in text and "." not in text:
            whole += any(sign.isdigit() for sign in text)
            continue
        if _UNCERTAIN.fullmatch(text):
            uncertain += "," in text
            dotted += "." in text
            padded += "." in text and text.endswith("0")
            continue
        point += bool(_POINT.fullmatch(text))
        comma += bool(_COMMA.fullmatch(text))
    if point or comma:
        return "," if comma > point else "."
    if dotted and not uncertain and whole and (delimiter == ";" or padded):
        return ","
    if not uncertain:
        return "" if padded and dotted > 1 and not whole else "."
    return "," if delimiter == ";" else ""


def mark_and_thousands(cells: Iterable[object], delimiter: str = "") -> tuple[str, list[str]]:
    """Decide as `decimal_mark`; and name the numbers whose dot parts thousands by what stands beside them only.

    Such as 12.400 in a column with 950: one such as 9,50 or 1.234,50 among them leaves no doubt, and there are none.
    Of numbers that a workbook knows as such the whole ones tell of the others what they would as texts.
    """
    texts = [_text(each) for each in cells if isinstance(each, (str, int)) or _text(each).isdigit()]
    mark, numbers = decimal_mark(texts, delimiter), list[str]()
    for text in (raw.translate(_SPACES) for raw in texts) if mark == "," else ():
        if mark in text and not _UNCERTAIN.fullmatch(text):
            return mark, []
        numbers += [text] if "." in text and _UNCERTAIN.fullmatch(text) else []
    return mark, numbers


def read_numbers(values: np.ndarray, mark: str) -> tuple[np.ndarray, np.ndarray]:
    """Read distinct values as float64; the second array marks those that are no number under `mark`.

    What is too large for a float is infinite.
    """
    numbers = np.full(len(values), np.nan)
    bad = np.zeros(len(values), dtype=bool)
    for position, value in enumerate(values):
        number = _read_number(value, mark)
        if number is None:
            bad[position] = True
        else:
            numbers[position] = number
    return numbers, bad


def in_other_notation(text: str, mark: str) -> str:
    """Return a number that has the other decimal mark than its file, as the file would write it; else nothing."""
    other = {".": ",", ",": "."}.get(mark, "")
    bare = text.strip().translate(_SPACES)
    if not other or not (_COMMA if other == "," else _POINT).fullmatch(bare):
        return ""
    return bare.replace(mark, "").replace(other, mark)


def _read_number(value: object, mark: str) -> float | None:
    """Read one value; None when it is no number."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (int, float, np.number)):
        number: Any = value
        return math.copysign(math.inf, number) if abs(number) > _LARGEST else float(number)
    text = str(value)
    if mark == "." and _PLAIN.fullmatch(text):
        return float(text)
    text = text.translate(_SPACES)
    if mark == ",":
        return float(text.replace(".", "").replace(",", ".")) if _COMMA.fullmatch(text) else None
    is_certain = mark == "." or ("," not in text and not _UNCERTAIN.fullmatch(text))
    return float(text.replace(",", "")) if is_certain and _POINT.fullmatch(text) else None


# --- Read dates as people write them, and say so when day and month cannot be told apart

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2050, 12, 31)
AMBIGUOUS_DATE = "dates in which day and month can be told apart"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]\d{1,2}:\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|(?<=[/.])\d{2})(?:[T ]\d{1,2}:\d{2}.*)?")
_NAMED = re.compile(r"(?:(\d{1,2})\.?[ -])?([^\W\d_]{3,9})\.?[ -](\d{4}|\d{2})")
_AROUND = re.compile(r"^'|^[^\W\d_]{2,10}\.?, *(?=\d{1,2}\b)|,(?= ?\d{4}\b)|(?<=\b\d{4})[ ,T]+\d{1,2}:\d{2}(?!.*/).*")
_AMERICAN = re.compile(r"([^\W\d_]{3,9}\.?) (\d{1,2}) ?(\d{4})")
# Forms that name a month and no day, and mean something else, or nothing, where days are written.
_MONTH_FORMS = (
    re.compile(r"(?P<month>\d{1,2})[/.-](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月"),
    re.compile(r"(?P<year>(?:19|20)\d{2}) ?[Mm]?(?P<month>\d{2})(?:\.0+)?"),
    re.compile(r"(?P<year>(?:19|20)\d{2})[ /.-]*(?P<name>[^\W\d_]{3,9})\.?"),
    re.compile(r"(?P<name>[^\W\d_]{3,9})\.?[ /'-]*(?P<year>\d{4}|\d{2})"),
)
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_EPOCH = re.compile(r"([12]\d{9})(?:\d{3}|\d{6}|\d{9})?(?:\.0+)?")  # seconds since 1970, or parts of them
_DAY_ZERO = dt.date(1899, 12, 30)  # from which spreadsheets count days
_CENTURY = 2000  # of years written with two digits
_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "cs", "fi", "tr", "ru", "uk", "bg", "el")
_MONTHS = {name: number for number, full in enumerate(CELL_WORDS["months"], 1) for name in (full, full[:3])}


def day_comes_first(texts: Iterable[object], *, months: bool = False) -> bool | None:
    """Decide whether 03/04/2024 is the third of April (True) or the fourth of March (False).

    None means nothing in the column settles it. `months` says the column holds months, whose dates are
    usually the first of one, so 01/02 01/03 01/04 settles it. Dots are only used where the day comes first.
    """
    parts = [found.groups() for text in texts if (found := _SLASHED.fullmatch(str(text).strip()))]
    if not parts:
        return True
    if any(mark == "." for _, mark, _, _ in parts):
        return True
    left = {int(first) for first, _, _, _ in parts}
    right = {int(second) for _, _, second, _ in parts}
    if max(left) > 12 or max(right) > 12:  # noqa: PLR2004 - months in a year
        return sum(value > 12 for value in left) >= sum(value > 12 for value in right)  # noqa: PLR2004
    if months and (left == {1}) != (right == {1}):
        return left == {1}
    return True if all(int(first) == int(second) for first, _, second, _ in parts) else None


def order_of_dates(columns: Iterable[Iterable[object]]) -> bool | None:
    """Tell whether the day comes first in the columns of one file that settle it; None where none does, or they differ.

    What is written 03/04/2024 in one column is written so in the others too.
    """
    told = set()
    for texts in columns:
        parts = [found.groups() for text in texts if (found := _SLASHED.fullmatch(str(text).strip()))]
        if any(mark != "." and first != second for first, mark, second, _ in parts):
            told.add(day_comes_first(texts))
    told.discard(None)
    return told.pop() if len(told) == 1 else None


def read_dates(values: np.ndarray, *, day_first: bool | None, months: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Read distinct values as datetime64[us]; the second array marks those that are no possible date.

    `months` says that they name months, so that Jan-24, 01/2024 and 202401 have one meaning.
    """
    dates = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    bad = np.zeros(len(values), dtype=bool)
    for position, value in enumerate(values):
        day = _read_date(value, day_first=day_first, months=months)
        if day is None or not EARLIEST <= day <= LATEST:
            bad[position] = True
        else:
            dates[position] = np.datetime64(day, "us")
    return dates, bad


def _read_date(value: object, *, day_first: bool | None, months: bool) -> dt.date | None:
    """Read one value; None when no such day exists."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[D]").item()
    text = as_written(value)
    try:
        day = (_read_month(text) if months else None) or _read_text(text, day_first=day_first)
    except ValueError:  # such as 31 February
        return None
    bare = _AMERICAN.sub(r"\2 \1 \3", _AROUND.sub("", text)) if day is None else text
    return day if bare == text else _read_date(bare, day_first=day_first, months=months)


def as_written(value: object) -> str:
    """Return a moment that is counted since 1970, as programs do, as people write it; any other cell as its text."""
    text = str(value).strip()
    found = _EPOCH.fullmatch(text)
    return f"{dt.datetime.fromtimestamp(int(found[1]), dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if found else text


_EVENING = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](1[2-9]|2[0-3]):\d{2}.*")


def begins_the_evening_before(cells: pd.Series) -> bool:
    """Tell whether all days are evenings of the last of a month: the first of the next one in another time zone."""
    found = [_EVENING.fullmatch(as_written(value)) for value in distinct(cells)[1][:_LOOKED_AT]]
    if len(found) < _FEWEST or not all(found):
        return False
    days = np.array([each[1] for each in found if each], dtype="datetime64[D]")
    return bool((((days + 1).astype("datetime64[M]").astype("datetime64[D]")) == days + 1).all())


_LOOKED_AT, _FEWEST = 200, 2


def _read_text(text: str, *, day_first: bool | None) -> dt.date | None:
    """Read a written date; ValueError when it names a day no calendar has."""
    if found := (_COMPACT.fullmatch(text) or _ISO.fullmatch(text)):
        year, month, day = found.groups()
        return dt.date(int(year), int(month), int(day or 1))
    if found := _SLASHED.fullmatch(text):
        left, _, right, year = found.groups()
        if day_first is None and left != right:
            return None
        day, month = (left, right) if day_first or day_first is None else (right, left)
        return dt.date(_whole_year(year), int(month), int(day))
    if (found := _NAMED.fullmatch(text)) and (number := _month_named(found[2])):
        is_day = found[1] or len(found[3]) == 4  # noqa: PLR2004 - Jan 24 can be a day of any year
        return dt.date(_whole_year(found[3]), number, int(found[1] or 1)) if is_day else None
    if _SERIAL.fullmatch(text):  # a spreadsheet's own number of a day, which it shows where the cell has no format
        return _DAY_ZERO + dt.timedelta(days=int(float(text)))
    return None


def _read_month(text: str) -> dt.date | None:
    """Read a text that names a month and no day."""
    for form in _MONTH_FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            number = _month_named(parts["name"]) if "name" in parts else int(parts["month"])
            return dt.date(_whole_year(parts["year"]), number, 1) if number else None
    return None


def _whole_year(digits: str) -> int:
    return int(digits) + (_CENTURY if len(digits) == 2 else 0)  # noqa: PLR2004 - the digits of a century left out


def _month_named(word: str) -> int:
    """Return the number of a month by its name or the beginning of it, 0 when it is none."""
    plain = word.casefold().rstrip(".")
    return _MONTHS.get(plain) or (0 if plain.isascii() and len(plain) < len("jan") else _foreign_months().get(plain, 0))


@cache
def _foreign_months() -> dict[str, int]:
    """Return the number of each month by its names in the languages exports are written in."""
    from babel.dates import get_month_names  # noqa: PLC0415 - wanted only where months have such names

    return {
        name.casefold().rstrip("."): number
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context=context, locale=language).items()
    } | {"mrz": 3, "maerz": 3, "jän": 1, "jänner": 1}  # as spreadsheets write it in German


# --- Currencies as people write them: codes, signs and words, and what a sign alone leaves open

_TOKEN = re.compile(r"[^\W\d_]+|[^\w\s]")
_MINOR_FORM = re.compile(r"[A-Z]{2}[a-z]")
_MINOR_CODES = frozenset({"GBX", "ZAC", "ILA", "USX", "EUX"})
_MINOR_WORDS = frozenset(CELL_WORDS["minor_units"])
_MULTIPLES = frozenset(
    {"k", "m", "mn", "mio", "bn", "thousand", "thousands", "million", "millions"}
    | {f"{k}{code}" for k in "kt" for code in ("eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "czk", "pln")}
)
_ENGLISH = frozenset({"all", "top", "try", "mad", "cup", "gel", "real", "won", "sum", "rand"})
# Signs and words that the English locale of CLDR does not have, or has for one of several countries that use them.
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS"})
_SIGNS = {
    "$": _DOLLARS, "¥": {"JPY", "CNY"}, "kr": {"SEK", "NOK", "DKK", "ISK"}, "us$": {"USD"}, "c$": {"CAD"},
    "au$": {"AUD"}, "s$": {"SGD"}, "fr.": {"CHF"}, "sfr": {"CHF"}, "₺": {"TRY"}, "₽": {"RUB"}, "₴": {"UAH"},
    "zł": {"PLN"}, "kč": {"CZK"}, "pound": {"GBP"}, "pounds": {"GBP"}, "sterling": {"GBP"}, "rmb": {"CNY"},
    "zl": {"PLN"}, "tl": {"TRY"}, "ft": {"HUF"},
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


def codes_in(header: str) -> frozenset[str]:
    """Return the currencies the header of amounts can mean, such as EUR of `MRR in TEUR`; none where none is named."""
    words = [word[1:] if len(word) > 1 and word.casefold() in _MULTIPLES else word for word in _TOKEN.findall(header)]
    return meaning(" ".join(word for word in words if not meaning(word).expected)).codes


_BRACKETS = re.compile(r"(\D*)\((\D*\d[^()]*)\)(\D*)")  # around an amount below zero, as accountants write it
_SIGNED = re.compile(
    r"(?P<first>[+-])?\s*(?P<before>[^\d\s.,+-]{1,4})?\s*(?P<number>[+-]?[\d.,'\u2019 ]*\d)\s*"
    r"(?P<after>[^\d\s.,+-]{1,4})?(?P<last>-)?"
)


def amount_and_sign(text: str) -> tuple[str, str]:
    """Return the number of a cell and what stands beside it, such as a currency; the cell itself where it is neither.

    Below zero is what has a minus on either side, of the currency too, or stands in brackets.
    """
    plain = text.strip()
    inside = _BRACKETS.fullmatch(plain)
    parts = _SIGNED.fullmatch("".join(inside.groups()) if inside else plain)
    if not parts:
        return plain, ""
    number, sign = parts["number"].strip(), " ".join(filter(None, (parts["before"], parts["after"])))
    minus = [bool(inside), parts["first"] == "-", parts["last"] == "-", number.startswith("-")]
    if sum(minus) > 1 or sign.count("(") != sign.count(")"):
        return plain, ""
    return ("-" if any(minus) else "") + number.lstrip("+-").strip(), sign


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
    found = _meanings().get(text.casefold()) or _meanings().get(written) or _foreign_names().get(written, frozenset())
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


def _names(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each currency in use by its names, in small letters, as one of it and several are called."""
    from babel.numbers import get_currency_name  # noqa: PLC0415 - as above

    for language, code, number in product(languages, _known_codes(), (1, 2, 5)):
        yield get_currency_name(code, count=number, locale=language).casefold().replace("-", " "), code


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return all codes of each text."""
    found: dict[str, set[str]] = {}
    for text, code in pairs:
        found.setdefault(text, set()).add(code)
    return {text: frozenset(codes) for text, codes in found.items()}


@cache
def _words() -> dict[str, frozenset[str]]:
    """Return the codes whose names end with a word, in small letters: pound is that of several countries."""
    return _gathered((name.split()[-1], code) for name, code in _names(("en",)))


@cache
def _meanings() -> dict[str, frozenset[str]]:
    """Return the codes that each code, sign, name and last word of a name stands for, in small letters."""
    from babel import Locale  # noqa: PLC0415 - as above

    signs = Locale("en").currency_symbols
    exact = [(text.casefold(), code) for code in _known_codes() for text in (code, signs.get(code, code))]
    return _words() | _gathered([*exact, *_names(("en",))]) | {text: frozenset(codes) for text, codes in _SIGNS.items()}


@cache
def _foreign_names() -> dict[str, frozenset[str]]:
    """Return the codes by their names, and the last words of these, in the languages exports are written in."""
    names = [*_names(_LANGUAGES)]
    return _gathered((name.split()[-1], code) for name, code in names) | _gathered(names)


# --- Turn the cells of one column into typed values, and report every cell that cannot be read

_BLANK = frozenset({""})
_NO_VALUE = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "nat", "<na>", *CELL_WORDS["on_request"]})
YES_NO = {
    "1": 1.0, "0": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "y": 1.0, "n": 0.0, "x": 1.0,
    "1.0": 1.0, "0.0": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """One reason why cells of a column are refused: which cells, and the words for it.

    `expected` and `remedy` replace the column's own words when something more specific is known. `in_context` says
    that the values around a cell help to judge it.
    """

    bad: np.ndarray
    expected: str = ""
    remedy: str = ""
    in_context: bool = False


@dataclass(frozen=True)
class Reading:
    """A column as read: `typed` values, the cells as `found`, and the `causes` for which some are refused."""

    typed: pd.Series
    found: pd.Series
    causes: tuple[Cause, ...] = ()

    @property
    def bad(self) -> np.ndarray:
        """Mark every cell that is refused."""
        bad = np.zeros(len(self.typed), dtype=bool)
        for cause in self.causes:
            bad |= cause.bad
        return bad

    @property
    def known(self) -> pd.Series:
        """Return the values with refused ones missing."""
        return self.typed.mask(self.bad) if self.causes else self.typed


def distinct(cells: pd.Series, no_value: frozenset[str] = _NO_VALUE) -> tuple[np.ndarray, np.ndarray]:
    """Return (codes, distinct cells) with blanks coded -1, so that each distinct text is read once."""
    try:
        if isinstance(cells.dtype, pd.CategoricalDtype):  # numbered when the file was read
            codes, values = cells.cat.codes.to_numpy(), cells.cat.categories.to_numpy(dtype=object)
        else:
            # Of moments an object is made for each that differs, not for each row.
            codes, found = pd.factorize(cells if cells.dtype.kind == "M" else cells.to_numpy(dtype=object))
            values = np.asarray(found, dtype=object)
    except TypeError:  # lists and the like, which a DataFrame can hold and no table should
        codes, values = pd.factorize(cells.astype(str).to_numpy(dtype=object), use_na_sentinel=True)
    stripped = np.empty(len(values), dtype=object)
    stripped[:] = [value.strip() if isinstance(value, str) else value for value in values]
    blank = np.array([isinstance(value, str) and value.casefold() in no_value for value in stripped], dtype=bool)
    if blank.any():
        codes = np.where((codes >= 0) & ~blank[codes], codes, -1)
    return codes, stripped


def read_column(
    column: Column, cells: pd.Series, mark: str, currency: str = "", *, day_first: bool | None = None
) -> Reading:
    """Read one column as its documented kind.

    `mark` is the decimal mark of the file, `currency` the one that a sign such as $ stands for where it can, and
    `day_first` the order of its dates, for a column that does not settle its own.
    """
    if column.kind == "currency":
        return _currencies(cells, currency)
    if column.kind in NUMERIC:
        return _numbers(column, cells, mark)
    if column.kind in ("date", "month", "week"):
        return _dates(column, cells, day_first)
    if column.kind == "yes or no":
        codes, values = distinct(cells)
        read = np.array([YES_NO.get(_text(value).casefold(), np.nan) for value in values], dtype=float)
        return Reading(_spread(codes, read), cells, _occurring(Cause(_marked(codes, np.isnan(read)))))
    codes, values = distinct(cells, _BLANK)  # NA can be a region and none an answer
    texts = np.empty(len(values), dtype=object)
    texts[:] = [_text(value) for value in values]
    if column.choices:
        known = {choice.casefold(): choice for choice in column.choices}
        texts[:] = [known.get(text.casefold(), text) for text in texts]
    return Reading(_texts(codes, texts), cells)


def _currencies(cells: pd.Series, stated: str) -> Reading:
    """Read currencies as their codes; a sign of several currencies is the one stated, if it is one of them."""
    codes, found = distinct(cells)
    read = [meaning(str(value)) for value in found]
    meant = [each.codes for each in read]
    open_ = np.array([len(each) > 1 and stated not in each for each in meant], dtype=bool)
    texts = np.empty(len(found), dtype=object)
    texts[:] = [stated if stated in each else min(each, default="") for each in meant]
    remedy = "Write the three-letter code, such as {}, or name the currency when you check the data (--currency {})."
    first = min(next((each for each, unclear in zip(meant, open_, strict=True) if unclear), {"USD"}), key=_likely)
    causes = [Cause(_marked(codes, open_), SHARED, remedy.format(first, first))]
    for kind in {each: None for each in read if not each.codes}:
        which = np.array([each == kind for each in read], dtype=bool)
        causes.append(Cause(_marked(codes, which), kind.expected, kind.remedy))
    return Reading(_texts(codes, texts), cells, _occurring(*causes))


def _likely(code: str) -> tuple[bool, str]:
    return code not in {"USD", "JPY"}, code


def _numbers(column: Column, cells: pd.Series, mark: str) -> Reading:
    """Read a numeric column; typed columns pass through without a look at each cell."""
    causes: list[Cause] = []
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        typed = pd.Series(cells.to_numpy(dtype=float, na_value=np.nan))
    else:
        codes, found = distinct(cells)
        read, bad = read_numbers(found, mark)
        typed = _spread(codes, read)
        causes = [
            Cause(_marked(codes, which), expected, remedy)
            for which, expected, remedy in _unreadable(found, bad, mark)
        ]  # fmt: skip
    values = typed.to_numpy()
    with np.errstate(invalid="ignore"):
        beyond = np.abs(values) > LARGEST
    causes.append(
        Cause(
            beyond, f"a number of at most {LARGEST:,.0f}, beyond which amounts are not exact",
            "Correct the value: a key was held down, or two cells ran together.", in_context=True,
        )
    )  # fmt: skip
    if column.kind == "whole number":
        fraction = ~np.isnan(values) & ~beyond & (values != np.floor(values))
        causes.append(Cause(fraction, remedy=f"Write a whole number, for example {column.example}."))
    return Reading(typed, cells, _occurring(*causes))


def _occurring(*causes: Cause) -> tuple[Cause, ...]:
    """Keep the causes for which at least one cell is refused."""
    return tuple(cause for cause in causes if cause.bad.any())


def _unreadable(found: np.ndarray, bad: np.ndarray, mark: str) -> Iterator[tuple[np.ndarray, str, str]]:
    """Tell apart why distinct cells are no numbers: two readings, the other decimal mark, or no number at all."""
    places = np.flatnonzero(bad)
    if mark == "":
        unclear = bad.copy()
        unclear[places] = ~read_numbers(found[places], ".")[1]
        yield unclear, AMBIGUOUS_NUMBER, "Write numbers without thousands separators, decimals with two places or four."
        bad = bad & ~unclear
    else:
        written = {place: in_other_notation(str(found[place]), mark) for place in places}
        other = np.zeros(len(bad), dtype=bool)
        other[[place for place, text in written.items() if text]] = True
        if other.any():
            name = {".": "point", ",": "comma"}[mark]
            first = written[np.flatnonzero(other)[0]]
            yield other, "", f"The other numbers of the file have a decimal {name}: write {first}."
            bad = bad & ~other
    yield bad, "", ""


def _dates(column: Column, cells: pd.Series, usual: bool | None) -> Reading:
    """Read a date column and move months and weeks to their first day."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        values = days.to_numpy(dtype="datetime64[us]")
        low, high = np.datetime64(EARLIEST), np.datetime64(LATEST, "D") + 1
        bad = ~np.isnat(values) & ((values < low) | (values >= high))
        return Reading(pd.Series(_first_day(values, column.kind)), cells, _occurring(Cause(bad)))
    codes, distinct_values = distinct(cells)
    months = column.kind == "month"
    own = day_comes_first(distinct_values, months=months)
    day_first = usual if own is None else own
    read, bad = read_dates(distinct_values, day_first=day_first, months=months)
    causes = []
    if day_first is None:
        unsettled = bad & ~read_dates(distinct_values, day_first=True)[1]
        remedy = "Write dates as year-month-day, for example 2024-03-31."
        causes.append(Cause(_marked(codes, unsettled), AMBIGUOUS_DATE, remedy))
        bad &= ~unsettled
    causes.append(Cause(_marked(codes, bad)))
    return Reading(_spread(codes, _first_day(read, column.kind)), cells, _occurring(*causes))


def _first_day(days: np.ndarray, kind: str) -> np.ndarray:
    """Return the day itself, the first of its month, or the Monday of its week."""
    whole = days.astype("datetime64[D]")
    if kind == "month":
        whole = whole.astype("datetime64[M]").astype("datetime64[D]")
    if kind == "week":  # day 0 (1970-01-01) was a Thursday
        whole = whole - (whole.astype("int64") + 3) % 7
    return whole.astype("datetime64[us]")


def _texts(codes: np.ndarray, texts: np.ndarray) -> pd.Series:
    """Spread distinct texts over the rows; blanks are missing."""
    known = pd.array(np.append(texts, np.array([None], dtype=object)), dtype="str")
    return pd.Series(known.take(codes))


def _spread(codes: np.ndarray, read: np.ndarray) -> pd.Series:
    """Spread distinct values over the rows; blanks become missing."""
    missing: Any = np.datetime64("NaT") if read.dtype.kind == "M" else np.nan
    return pd.Series(np.append(read, np.array([missing], dtype=read.dtype))[codes])


def _marked(codes: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Spread marks of distinct values over the rows; blanks are not marked."""
    return np.append(marks, False)[codes]


def _text(value: object) -> str:
    """Write a cell as text; 1001.0 from a spreadsheet is the identifier 1001."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
