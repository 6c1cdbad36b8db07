"""Say what each table of an export is and which of its columns is which of ours, and ask about what is not certain."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import months_of
from workbench.customers.intake.shapes import (
    BY_FEATURE,
    BY_METRIC,
    BY_MONTH,
    NOT_USED,
    SHAPES,
    SURVEYS,
    other_words,
    recognise,
)
from workbench.customers.intake.surveys import RESPONDENT
from workbench.customers.intake.whole import is_total
from workbench.customers.raw_tables import shown_cell
from workbench.customers.tables import ACCOUNTS, SEATS, Column, plain_name, table_name
from workbench.customers.values import (
    CELL_WORDS,
    ERROR_CELLS,
    YES_NO,
    amount_and_sign,
    as_written,
    day_comes_first,
    decimal_mark,
    distinct,
    meaning,
    read_dates,
    read_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.intake.shapes import KnownExport, TableShape
    from workbench.customers.raw_tables import RawTable

# --- What is said of a table: each line is certain, or a suggestion that somebody has to confirm

OF_ACCOUNT = "accounts."
"""Before the name of a column of the accounts that another table has as well, such as accounts.segment."""
SAMPLES = 3
CHOICES = {
    "money": ("units", "cents", "thousands", "millions"), "amount_is": ("price of one", "total"),
    "amount_per": ("month", "quarter", "year", "period"),
}  # fmt: skip
"""What an option of a table can say, for those that are no free text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a mapping.

    Attributes
    ----------
    value, sure, why
        What is said, whether it is certain or confirmed, and why it is what it is.
    choices
        What else could be said, where that is a list.

    Examples
    --------
    >>> from workbench.customers.intake import Answer
    >>> Answer("amount", sure=False, why="like its name").confirmed()
    Answer(value='amount', sure=True, why='confirmed')
    """

    value: str
    sure: bool = True
    why: str = ""
    choices: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def confirmed(self) -> Answer:
        """Return the answer as somebody confirms it."""
        return self if self.sure else replace(self, sure=True, why="confirmed")


@dataclass(frozen=True)
class TableMap:
    """What one table of an export is, which of its columns is which of ours, and how its rows are read.

    Attributes
    ----------
    file, header, export
        Where it stands, the names of its columns, and the export it is known as.
    table, columns, options
        The table of ours it is read as; ours for each of theirs, or "not used"; how it is read.
    samples
        A few values of each column.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import map_frame
    >>> paid = pd.DataFrame({"Kunde": ["A", "B"], "Monat": ["01/2024", "01/2024"], "Betrag": ["9,50", "20,00"]})
    >>> found = map_frame(paid, "Umsatz.csv")
    >>> found.table.value, found.table.sure, {name: each.value for name, each in found.columns.items()}
    ('mrr', False, {'Kunde': 'account_id', 'Monat': 'month', 'Betrag': 'amount'})
    """

    file: str
    header: tuple[str, ...]
    export: str
    table: Answer
    columns: Mapping[str, Answer]
    options: Mapping[str, Answer] = field(default_factory=dict)
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def open_lines(self) -> tuple[str, ...]:
        """Name the lines that somebody has to confirm."""
        if self.table.value == NOT_USED and self.table.sure:
            return ()
        lines = [] if self.table.sure else ["table"]
        lines += [name for name, each in self.columns.items() if not each.sure]
        return (*lines, *(name for name, each in self.options.items() if not each.sure))

    def theirs(self, ours: str) -> tuple[str, ...]:
        """Name their columns that are read as ours, in the order of the file."""
        return tuple(name for name, each in self.columns.items() if each.value == ours)

    def confirmed(self) -> TableMap:
        """Return it with every suggestion confirmed."""
        columns = {name: each.confirmed() for name, each in self.columns.items()}
        options = {name: each.confirmed() for name, each in self.options.items()}
        return replace(self, table=self.table.confirmed(), columns=columns, options=options)


# --- What a column holds, by its cells

_LOOKED_AT = 400  # differing cells
_MOSTLY = 0.85
YES_NO_ELSEWHERE = dict.fromkeys(CELL_WORDS["yes"], 1) | dict.fromkeys(CELL_WORDS["no"], 0)
"""Yes and no as other systems and languages write them, beside those a table of ours may have."""


@dataclass(frozen=True)
class Content:
    """What the differing cells of a column are: shares of dates, months, numbers, yes or no, and currencies."""

    differ: int
    shares: Mapping[str, float]
    is_round: bool

    def fits(self, kind: str) -> bool:
        """Tell whether a column of this kind can hold what is here; an empty one holds anything."""
        if not self.differ:
            return True
        if kind in ("number", "whole number"):
            return self.shares["number"] >= _MOSTLY
        if kind in ("date", "month", "week"):  # a month alone, such as 01.2024, is no day
            kinds = ("date", "moment", "month") if kind == "month" else ("date", "moment")
            return max(self.shares[each] for each in kinds) >= _MOSTLY
        if kind in ("yes or no", "currency"):
            return self.shares[kind] >= _MOSTLY
        return max(self.shares["date"], self.shares["said yes or no"]) < _MOSTLY or self.differ == 1


def content_of(cells: pd.Series, delimiter: str = "") -> Content:
    """Look at the cells of a column, the first few hundred that differ."""
    codes, values = distinct(cells)
    present = np.unique(codes[codes >= 0])
    known = values[present[:_LOOKED_AT]]
    known = known[[str(each).casefold() not in ERROR_CELLS for each in known]]  # what is left blank says nothing
    if not len(known):
        return Content(0, {}, is_round=True)
    texts = [str(each) for each in known]
    bare = [amount_and_sign(each)[0] if isinstance(each, str) else each for each in known]
    mark = decimal_mark((each for each in bare if isinstance(each, str)), delimiter) or "."
    numbers, no_number = read_numbers(np.array(bare, dtype=object), mark)
    first = day_comes_first(known)
    no_date = read_dates(known, day_first=first is not False)[1]
    no_month = read_dates(known, day_first=first is not False, months=True)[1]
    is_flag = np.array([text.casefold() in YES_NO or text.casefold() in YES_NO_ELSEWHERE for text in texts])
    is_said = is_flag & np.array([len(text) > 1 and text.isalpha() for text in texts])  # X and Y can be names
    words = all(len(text) <= _LONGEST_CURRENCY for text in texts)
    is_money = np.array([words and len(meaning(text).codes) > 0 and not text.isdigit() for text in texts])
    plain = ~no_number
    is_day_number = plain & ~no_date & np.array([text.replace(".0", "").isdigit() for text in texts])
    shares = {
        "number": float(plain.mean()), "date": float((~no_date & ~is_day_number).mean()),
        "month": float((~no_month & ~is_day_number).mean()), "yes or no": float(is_flag.mean()),
        "moment": float(np.mean([text != as_written(text) for text in texts])),
        "currency": float(is_money.mean()), "said yes or no": float(is_said.mean()),
        "period": float(np.mean([not text.isdigit() and not np.isnan(months_of(text)) for text in texts])),
    }  # fmt: skip
    with np.errstate(invalid="ignore"):
        has_cents = any(_CENTS.search(text) for text in texts)
        is_round = not has_cents and bool((numbers[plain] == np.floor(numbers[plain])).all())
    return Content(len(present), shares, is_round)


_CENTS = re.compile(r"\d[.,]\d{2}$")
_LONGEST_CURRENCY = 20  # characters of its name


# --- How alike a header and the names of our columns are

_ALIKE, _KEY, _SAME = 74, 90, 96  # out of 100
_BY_CONTENT = 45
_MARKS = frozenset({"status", "live", "deleted", "current", "merged_into", "trial_end", "discount", "every"})
_SPREAD_COUNTS = 50  # of a number that could be a metric
_BARE_KEYS = frozenset({"id", "key", "number", "nr", "code"})
_SEPARATE = re.compile(r"(?<=[a-zäöüß0-9])(?=[A-Z])|[\W_]+")


def words_of(text: str) -> str:
    """Write a header as words in small letters without accents: customerSince and Customer_Since are customer since."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(part.casefold() for part in _SEPARATE.split(letters) if part)


@cache
def _names_of(role: str) -> tuple[str, ...]:
    return tuple({words_of(name): None for name in (role, *other_words().get(role, ()))})


@cache
def alike(header: str, role: str) -> float:
    """Return how alike a header is to the names of one of our columns, 0 to 100."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - wanted only where something unknown is brought in

    said = words_of(header)
    if not said:
        return 0.0
    best = 0.0
    for name in _names_of(role):
        if said == name:
            return float(_SAME)
        likeness = fuzz.token_sort_ratio(said, name)
        if set(name.split()) < set(said.split()):
            likeness = max(likeness, 77.0 + len(name.split()))  # the more words of a name a header has, the better
        best = max(best, likeness)
    return best


# --- One table: known, ours by name, or suggested


@dataclass(frozen=True)
class _Seen:
    """A table as it is looked at: its columns and what they hold."""

    raw: RawTable
    header: tuple[str, ...]
    content: Mapping[str, Content]
    months: tuple[str, ...]

    def repeats(self, name: str) -> bool:
        """Tell whether any value of a column stands in several rows."""
        cells = self.raw.frame[name]
        if isinstance(cells.dtype, pd.CategoricalDtype):  # numbered when the file was read
            blank = int((cells == "").sum()) if "" in cells.cat.categories else 0
            return len(cells) - blank > len(cells.cat.categories) - bool(blank)
        return bool(cells.dropna().astype(str).duplicated().any())

    def tells_rows_apart(self, name: str) -> bool:
        """Tell whether the rows of an account differ by a column of few words, as those of several metrics do."""
        who = max(self.header, key=lambda each: alike(each, "account_id"))
        both = who != name and self.repeats(who) and self.repeats(name)
        return both and not self.raw.frame[[who, name]].astype(str).duplicated().any()

    @property
    def hint(self) -> str:
        """Return the table that the name of the file or sheet means, if any."""
        name = self.raw.file.rpartition(", sheet ")[2]
        return table_name(PurePath(name).stem) or ""


def map_table(raw: RawTable, read_as: str = "") -> TableMap:
    """Say what a table is and what its columns are; what is not certain is a suggestion.

    Parameters
    ----------
    raw
        The table as it was found.
    read_as
        The table of ours it is, where somebody said so.

    Returns
    -------
    TableMap
        Certain where the header is that of a known export or has our own names, else suggested.
    """
    header = tuple(str(name) for name in raw.frame.columns)
    some = _customers(raw.frame, max(len(raw.frame) // _ROWS, 1))
    content = {name: content_of(_part(raw.frame[name], some), raw.delimiter) for name in header}
    seen = _Seen(raw, header, content, _months(header))
    export = recognise(header)
    if read_as and not (export is not None and export.read_as == read_as):
        found = _suggested(seen, read_as)
    else:
        found = _of_export(seen, export) if export is not None else _ours_or_suggested(seen)
    return replace(found, samples={name: samples(_part(raw.frame[name], slice(_ROWS_SHOWN))) for name in header})


_ROWS, _ROWS_SHOWN = 20_000, 150  # looked at of a table to tell what it is, and for a few values of each column


def _customers(frame: pd.DataFrame, step: int) -> NDArray[np.intp]:
    """Return every so many rows of a table without its totals: a sum of yes and no is neither."""
    rows = np.arange(0, len(frame), step)
    codes, values = distinct(frame.iloc[rows, 0])
    return rows[~np.append([is_total(each) for each in values], False)[codes].astype(bool)]


def _part(cells: pd.Series, rows: slice | NDArray[np.intp]) -> pd.Series:
    """Return some cells of a column, without the values only others have."""
    part = cells.iloc[rows]
    return part.cat.remove_unused_categories() if isinstance(part.dtype, pd.CategoricalDtype) else part


def samples(cells: pd.Series) -> tuple[str, ...]:
    """Return the first few differing values of a column."""
    codes, values = distinct(cells)
    first = dict.fromkeys(code for code in codes[: 50 * SAMPLES].tolist() if code >= 0)
    return tuple(shown_cell(values[code]) for code in list(first)[:SAMPLES])


def _months(header: Sequence[str]) -> tuple[str, ...]:
    """Name the headers that are months."""
    no_month = read_dates(np.array(header, dtype=object), day_first=True, months=True)[1]
    found = tuple(name for name, bad in zip(header, no_month, strict=True) if not bad)
    return found if len(found) >= _FEWEST_SPREAD else ()


_FEWEST_SPREAD = 2  # columns that months or metrics are spread over


def _of_export(seen: _Seen, export: KnownExport) -> TableMap:
    """Map a table of a known export; what it has beside the known columns is listed, and asked about where it fits."""
    why = export.title
    if not export.read_as:
        unused = {name: Answer(NOT_USED, why=why) for name in seen.header}
        return TableMap(seen.raw.file, seen.header, why, Answer(NOT_USED, why=export.not_read), unused)
    plain = {plain_name(name): name for name in seen.header}
    columns: dict[str, Answer] = {}
    for ours, theirs in export.map.items():
        for name in theirs:
            if plain_name(name) in plain:
                role = OF_ACCOUNT + ours if _belongs_to_account(export.read_as, ours) else ours
                columns.setdefault(plain[plain_name(name)], Answer(role, why=why))
    known = export.columns | export.further
    shape = SHAPES[export.read_as]
    taken = {each.value for each in columns.values()}
    for name in seen.header:
        if name in columns:
            continue
        if plain_name(name) in known:
            columns[name] = Answer(NOT_USED, why=why)
            continue
        role, score = _best_role(seen, name, shape, taken)
        columns[name] = Answer(role, sure=False, why="like its name") if score else Answer(NOT_USED, why="not known")
    options = {key: Answer(value, why=why) for key, value in export.fixed.items()}
    if "amount" in export.map:
        options["money"] = Answer(export.money, why=why) if export.money else _money(seen, columns)
    ordered = {name: columns[name] for name in seen.header}
    return TableMap(seen.raw.file, seen.header, why, Answer(export.read_as, why=why), ordered, options)


def _belongs_to_account(table: str, ours: str) -> bool:
    return ours == "name" and table not in ("accounts", "prices")


def _money(seen: _Seen, columns: Mapping[str, Answer]) -> Answer:
    """Say what amounts are in: as their header says, else units where they have decimals, and else somebody has to."""
    amounts = [name for name, each in columns.items() if each.value in ("amount", "change")]
    if unit := _unit_said(amounts):
        return Answer(unit, sure=False, why="its header says so")
    if any(not seen.content[name].is_round for name in amounts):
        return Answer("units", why="amounts have decimals")
    return Answer("units", sure=False, why="no amount has decimals: units or cents?")


def _suggested_money(seen: _Seen, table: str, columns: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return what amounts are in, for tables that have any (of many it can be the file's name), or prices are per."""
    if table in SURVEYS and "per" in SHAPES[table].columns and any(map(_is_per_seat, columns)):
        return {"per": Answer(SEATS, sure=False, why="its header says so")}
    if any(each.value in ("amount", "change") for each in columns.values()):
        return {"money": _money(seen, columns)}
    unit = _unit_said([_stem(seen)]) if table == "mrr" else ""
    return {"money": Answer(unit, sure=False, why="name of the file")} if unit else {}


def _unit_said(names: Iterable[str]) -> str:
    """Return what headers of amounts, or the name of a file of them, say these are in; empty where they say nothing."""
    said = " ".join(names).casefold().replace("_", " ")
    return next((unit for unit, words in _UNITS_SAID.items() if re.search(rf"(?<![^\W\d])({words})(?!\w)", said)), "")


_UNITS_SAID = {
    "thousands": r"[tk](€|\$|£|eur|usd|gbp|chf|sek|nok|dkk|czk|pln|kr)|\(k\)|'?000s?(?=\W|$)|thousands?|tsd|tausend|"
    r"milliers|miles|migliaia|milhares|duizend(en)?|tys|tusental|tusinder|tisíc",
    "millions": r"m(€|eur)|mio|mln|millions?|millionen|millones|milioni|milhões|miljoen(en)?|miljoner",
    "cents": r"cents?|pence|centimes|centavos|rappen|öre|øre|groszy",
}


def _ours(seen: _Seen) -> TableMap | None:
    """Map a table that has our own names; None where it does not."""
    best: tuple[tuple[int, int], TableShape, dict[str, str]] | None = None
    for shape in SHAPES.values():
        found: dict[str, str] = {}
        for name in sorted(seen.header, key=lambda each: plain_name(each) not in map(plain_name, shape.columns)):
            role = shape.headers.get(plain_name(name))
            if role and role not in found.values():
                found[name] = role
        if not _is_whole(seen, shape, found):
            continue
        rank = (len(found), int(seen.hint == shape.name))
        if best is None or rank > best[0]:
            best = rank, shape, found
    if best is None:
        return None
    _, shape, found = best
    why = "our own name"
    columns = {name: Answer(role, why=why) for name, role in found.items()}
    taken = set(found.values())
    for name in seen.header:
        if name in columns:
            continue
        if shape.table.open_ended:
            is_number = shape.name == "survey_choice" and plain_name(name) in _NUMBERS_OF_PACKAGES
            columns[name] = (
                Answer(NOT_USED, why="a number the package gives")
                if is_number
                else Answer(name, why="kept as an attribute")
            )
            continue
        role, score = _best_role(seen, name, shape, taken)
        columns[name] = Answer(role if score else NOT_USED, sure=False, why="like its name" if score else "not known")
        taken.add(role)
    return TableMap(
        seen.raw.file, seen.header, "", Answer(shape.name, why=why), {name: columns[name] for name in seen.header}
    )


def _ours_or_suggested(seen: _Seen) -> TableMap:
    """Take our own names for certain, but not those of a list whose other columns are what is paid and since when."""
    ours = _ours(seen)
    if ours is None or not ours.open_lines or len(_needed(SHAPES[ours.table.value])) > 1:
        return ours or _suggested(seen)
    other = _suggested(seen)
    used, more = (sum(each.value != NOT_USED for each in found.columns.values()) for found in (ours, other))
    return other if other.table.value in _OF_PAYMENTS and more > used else ours


_NUMBERS_OF_PACKAGES = frozenset({"profileid", "obsid", "blockid", "chid"})
_OF_PAYMENTS = ("mrr", "subscriptions", "invoice_lines", "movements")
_ALSO_NEEDED = {"invoice_lines": {"from"}, "plan_features": {"plan", "feature"}}


def lacking(table: TableMap) -> tuple[str, ...]:
    """Name the columns of ours that nothing is read as, though no row means anything without them."""
    if table.table.value not in SHAPES or table.table.value in SURVEYS:
        return ()
    shape = SHAPES[table.table.value]
    roles = {name: each.value for name, each in table.columns.items()}
    spread = {name: role for name, role in roles.items() if role in (BY_MONTH, BY_METRIC, BY_FEATURE)}
    there = {*roles.values(), *_given(spread, shape), *table.options, *_ELSEWHERE.get(shape.name, ())}
    return tuple(name for name in (*shape.required, *_ALSO_NEEDED.get(shape.name, ())) if name not in there)


_ELSEWHERE = {"subscriptions": ("amount", "period")}  # what may stand in a table of prices


def _needed(shape: TableShape) -> set[str]:
    return set(shape.required) | _ALSO_NEEDED.get(shape.name, set())


def _is_whole(seen: _Seen, shape: TableShape, found: Mapping[str, str]) -> bool:
    """Tell whether every column a table cannot do without is there; what has one key alone has it once a row."""
    needed = _needed(shape)
    if not needed <= set(found.values()):
        return False
    if len(needed) > 1:
        return True
    key = next(name for name, role in found.items() if role in needed)
    return not seen.repeats(key) and (len(found) > 1 or seen.hint == shape.name or len(seen.header) == 1)


def _best_role(seen: _Seen, name: str, shape: TableShape, taken: Iterable[str]) -> tuple[str, float]:
    """Return the column of a shape, or of accounts, that a header is most like and can hold; a score of 0 for none."""
    scores: dict[str, float] = {}
    for role, column in shape.columns.items():
        if role not in taken:
            scores[role] = _score(seen, name, role, column)
    if "account_id" in shape.columns and shape.name != "accounts":
        for column in ACCOUNTS.columns[1:]:
            if column.name not in shape.columns and OF_ACCOUNT + column.name not in taken:
                scores[OF_ACCOUNT + column.name] = _score(seen, name, column.name, column) - 1
    best = max(scores, key=lambda role: scores[role], default=NOT_USED)
    return (best, scores[best]) if scores.get(best, 0) >= _ALIKE else (NOT_USED, 0.0)


def _score(seen: _Seen, name: str, role: str, column: Column) -> float:
    likeness = alike(name, role)
    if role == "currency" and likeness == _SAME:  # what it holds is refused cell by cell: without it all are added up
        return likeness
    if role in _MARKS and likeness < _SAME:  # what takes rows out is not suggested for a name that is only like it
        return 0.0
    return likeness if seen.content[name].fits(column.kind) else 0.0


# --- Suggest what a table is whose header nobody knows


def _suggested(seen: _Seen, read_as: str = "") -> TableMap:
    """Map a table by what its headers are like and what its columns hold; every line is a suggestion."""
    best: tuple[float, str, dict[str, str]] = (0.0, NOT_USED, {})
    if read_as in SHAPES:
        best = 0.0, read_as, _fit(seen, SHAPES[read_as], whole=False)[1]
    for shape in SHAPES.values() if len(seen.raw.frame) and not read_as else ():
        if (shape.name in SURVEYS) != (RESPONDENT in seen.header):
            continue
        score, roles = _fit(seen, shape)
        score += 0.3 * (seen.hint == shape.name and score > 0)
        if score > best[0]:
            best = score, shape.name, roles
    _, table, found = best
    columns = {
        name: Answer(found.get(name, NOT_USED), sure=name == RESPONDENT, why=_why(name, found)) for name in seen.header
    }
    options = _suggested_money(seen, table, columns)
    if table == "usage" and BY_MONTH in found.values() and "metric" not in found.values():
        options["metric"] = Answer(_stem(seen), sure=False, why="name of the file")
    if table == "plans" and "included_units" in found.values() and "metric" not in found.values():
        included = next(name for name, role in found.items() if role == "included_units")
        metric = SEATS if alike(included, SEATS) >= _ALIKE else included
        options["metric"] = Answer(metric, sure=False, why="its header says so")
    pays_for = _pays_for(seen, found)
    if table == "subscriptions" and "period" not in found.values():
        why = "its header says so" if pays_for else "nothing says what one amount pays for"
        options["period"] = Answer(pays_for or "month", sure=False, why=why)
    elif table == "mrr" or (table == "subscriptions" and pays_for == "year"):
        unusual = pays_for in ("year", "quarter")
        per = Answer(pays_for if unusual else "month", sure=not unusual, why="its header says so" if unusual else "")
        options["amount_per"] = replace(per, choices=_PERS[table])
    if table == "subscriptions" and {"amount", "quantity"} <= set(found.values()):
        options["amount_is"] = Answer("price of one", sure=False, why="times the quantity: price of one or total?")
    unlike = "no table of ours has columns like its" if len(seen.raw.frame) else "it has no row"
    why = "by its columns" if found else unlike
    return TableMap(seen.raw.file, seen.header, "", Answer(table, sure=False, why=why), columns, options)


def _is_per_seat(header: str) -> bool:
    """Tell whether a question asks for the price of one user, and not for that of a company."""
    return any(alike(found[1], SEATS) == _SAME for found in re.finditer(_PER_ONE, words_of(header)))


_PER_ONE = (
    r"\b(?:per|pr|pro|je|par|por|za|\u0437\u0430|\u043d\u0430)(?: (?:each|one|single|1|cada|jeden|одного))? (\w+)"
)
_PERS = {"mrr": ("month", "quarter", "year"), "subscriptions": ("year", "period")}
_PAYS_FOR = {
    time: CELL_WORDS[f"pays_for_{time.replace(' ', '_')}"] for time in ("whole term", "year", "quarter", "month")
}


def _stem(seen: _Seen) -> str:
    """Return what the file, or the sheet of a workbook, is called."""
    return PurePath(seen.raw.file.rpartition(", sheet ")[2]).stem


def _pays_for(seen: _Seen, found: Mapping[str, str]) -> str:
    """Return what the header of amounts, or the name of a file with one column per month, says one pays for."""
    names = [name for name, role in found.items() if role == "amount"]
    if BY_MONTH in found.values():
        names.append(_stem(seen))
    said = " ".join(words_of(name) for name in names)
    return next((time for time, words in _PAYS_FOR.items() if re.search(rf"\b({'|'.join(words)})\b", said)), "")


def _why(name: str, found: Mapping[str, str]) -> str:
    role = found.get(name, "")
    if not role:
        return "not known"
    if role in (BY_MONTH, BY_METRIC, BY_FEATURE):
        return "one of several of a kind"
    return "like its name" if alike(name, role.removeprefix(OF_ACCOUNT)) >= _ALIKE else "by what it holds"


def _fit(seen: _Seen, shape: TableShape, *, whole: bool = True) -> tuple[float, dict[str, str]]:
    """Return how well a table fits a shape, and ours for theirs; nothing where it lacks what `whole` ones have."""
    spread = _spread(seen, shape)
    given = _given(spread, shape)
    open_roles = {k: each for k, each in shape.columns.items() if k not in given or (k == "metric" and seen.months)}
    pairs = [
        (score, name, role)
        for role, column in open_roles.items()
        for name in seen.header
        if name not in spread and (score := _likeness(seen, name, role, column, shape)) >= _BY_CONTENT
    ]
    needed = _needed(shape) - set(given) - ({"period"} if shape.name == "subscriptions" else set())
    found, scores = _paired(pairs, needed)
    for role in (
        needed - set(scores) if not whole else ()
    ):  # somebody says it is this table: the only one that can be it
        fitting = [n for n in seen.header if n not in found and seen.content[n].fits(open_roles[role].kind)]
        if len(fitting) == 1:
            found[fitting[0]], scores[role] = role, _BY_CONTENT
    if whole and not needed <= set(scores):
        return 0.0, {}
    if (
        whole
        and shape.name == "accounts"
        and seen.repeats(next(name for name, role in found.items() if role == "account_id"))
    ):
        return 0.0, {}
    if spread and shape.name == "usage" and BY_METRIC in spread.values():
        spread = {name: role for name, role in spread.items() if name not in found}
    optional = [score for role, score in scores.items() if role not in needed]
    total = sum(scores.get(role, 0.0) for role in needed) + 0.9 * sum(score for score in optional if score >= _ALIKE)
    total -= 10 * ("period" in _needed(shape) - set(scores))  # it is asked about; lines of invoices have none either
    total += len(spread) * (_SPREAD_COUNTS if BY_METRIC in spread.values() else 100) + 10 * (shape.name == "mrr")
    found = {name: role for name, role in found.items() if role in needed or scores[role] >= _ALIKE} | spread
    for name in seen.header:
        if name not in found:
            role, score = _best_role(seen, name, shape, found.values())
            if score and role.startswith(OF_ACCOUNT):
                found[name] = role
    return total / 100, found | _in_order(seen, found)


def _in_order(seen: _Seen, found: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of the first and last day of a time, where what they hold says it is the other way round."""
    named = {role: name for name, role in found.items()}
    for first, last in (("start", "end"), ("from", "to")):
        free = [each for each in seen.header if each not in found and alike(each, first) >= _ALIKE]
        both = [named.get(first), named.get(last, next(iter(free), None))]
        cells = [seen.raw.frame[name].iloc[:_ROWS_SHOWN] for name in both if name is not None]
        days = [read_dates(each.to_numpy(object), day_first=day_comes_first(each) is not False)[0] for each in cells]
        if len(days) > 1 and (days[0] > days[1]).sum() > (days[0] <= days[1]).sum():
            return {str(both[0]): last, str(both[1]): first}
    return {}


def _paired(pairs: Iterable[tuple[float, str, str]], needed: set[str]) -> tuple[dict[str, str], dict[str, float]]:
    """Return ours for theirs, the likeliest pairs first, and how likely; who has no identifier goes by the name."""
    found: dict[str, str] = {}
    scores: dict[str, float] = {}
    for score, name, role in sorted(pairs, key=lambda pair: (-pair[0], pair[2] not in needed)):
        if name not in found and role not in scores:
            found[name], scores[role] = role, score
    named = next((name for name, role in found.items() if role == "name" and scores[role] >= _SAME), None)
    if named and "account_id" in needed - set(scores):
        found[named], scores["account_id"] = "account_id", scores.pop("name")
    return found, scores


def _likeness(seen: _Seen, name: str, role: str, column: Column, shape: TableShape) -> float:
    """Return how likely a header is a column: by its name, and by what it holds where that says enough."""
    content = seen.content[name]
    if not content.fits(column.kind):
        return _score(seen, name, role, column)
    is_key = role == "account_id" and shape.name == "accounts" and words_of(name) in _BARE_KEYS
    score = _KEY if is_key else _score(seen, name, role, column)
    tells = column.kind in ("date", "month", "week", "currency") and content.differ > 0
    is_first_id = role == "account_id" and column.kind == "text" and name == seen.header[0]
    if role == "metric" and seen.months and not content.fits("number") and seen.tells_rows_apart(name):
        return max(score, float(_ALIKE))
    if role in _PERIODS and content.shares.get("period") == 1:  # monthly and yearly say so under any header
        return max(score, float(_ALIKE))
    if score < _ALIKE and role in shape.required and (tells or is_first_id):
        return _BY_CONTENT + score / 10
    return score if score >= _ALIKE else 0.0


_PERIODS = frozenset({"period", "billing_period"})


def _spread(seen: _Seen, shape: TableShape) -> dict[str, str]:
    """Return the columns over which months, metrics or features are spread, for shapes that become of such tables."""
    if shape.name in ("mrr", "usage") and seen.months:
        return dict.fromkeys(seen.months, BY_MONTH)
    if shape.name == "usage" and not seen.months:
        likes = {
            (seen.content[n].fits("number"), role) for role in _LONG for n in seen.header if alike(n, role) >= _ALIKE
        }
        if not {(False, "metric"), (True, "quantity")} <= likes:
            numbers = [n for n in seen.header if seen.content[n].differ and seen.content[n].fits("number")]
            named = [n for n in numbers if max(alike(n, "account_id"), alike(n, "month"), alike(n, "amount")) < _ALIKE]
            return dict.fromkeys(named, BY_METRIC) if named else {}
    if shape.name == "feature_use":
        flags = [n for n in seen.header if seen.content[n].differ and seen.content[n].fits("yes or no")]
        return dict.fromkeys(flags, BY_FEATURE) if len(flags) > _FEWEST_SPREAD else {}
    return {}


_LONG = ("metric", "quantity")


def _given(spread: Mapping[str, str], shape: TableShape) -> tuple[str, ...]:
    """Name the columns of a shape that spread columns stand for."""
    kinds = set(spread.values())
    if BY_MONTH in kinds:
        return ("month", "amount") if shape.name == "mrr" else ("month", "quantity", "metric")
    if BY_METRIC in kinds:
        return ("metric", "quantity")
    return ("week", "feature", "uses") if BY_FEATURE in kinds else ()
