"""Read mapped tables cell by cell, leave out the rows their source marks, and give them the form of our tables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import months_between
from workbench.customers.intake.matching import OF_ACCOUNT, YES_NO_ELSEWHERE
from workbench.customers.intake.shapes import BY_FEATURE, BY_METRIC, BY_MONTH, NOT_USED, SHAPES, precedence
from workbench.customers.intake.surveys import in_numbers
from workbench.customers.intake.whole import is_total
from workbench.customers.raw_tables import RawTable, cause
from workbench.customers.tables import ACCOUNTS, Column, plain_name
from workbench.customers.values import (
    AMBIGUOUS_DATE,
    CELL_WORDS,
    ERROR_CELLS,
    amount_and_sign,
    begins_the_evening_before,
    codes_in,
    distinct,
    mark_and_thousands,
    meaning,
    order_of_dates,
    read_column,
    read_dates,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from workbench.customers.intake.matching import TableMap
    from workbench.customers.values import Reading
    from workbench.errors import Problem

say = texts(__name__)

# --- Text in one form

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SPACES = {ord(each): " " for each in "\u00a0\u202f\u2007\u2009"}
_TWICE_ENCODED = re.compile(
    "[\u00c2\u00c3\u00e2][\u0080-\u00bf\u2018-\u203a\u20ac\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc]"
)


def one_form(text: str) -> str:
    """Return a text in one form: composed letters, no signs without width, plain spaces."""
    return (
        text if text.isascii() else unicodedata.normalize("NFC", text.translate(_INVISIBLE).translate(_SPACES)).strip()
    )


def repaired(text: str) -> str:
    """Return a text that was encoded twice as it was meant; any other one as it is."""
    if text.isascii() or not _TWICE_ENCODED.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def cleaned(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    """Return a column with its texts in one form, and those that were encoded twice."""
    codes, values = distinct(cells, frozenset())
    texts_ = [value for value in values if isinstance(value, str)]
    if all(text.isascii() for text in texts_):
        return cells, []
    twice = [text for text in texts_ if repaired(text) != text]
    formed = np.empty(len(values) + 1, dtype=object)
    formed[:-1] = [one_form(repaired(value)) if isinstance(value, str) else value for value in values]
    return pd.Series(formed[codes], name=cells.name), twice


# --- Cells read as what their column is


@dataclass
class Read:
    """A mapped table as it was read: our columns and those that only help, with the line of every row.

    `signs` are currencies that stand beside amounts, `twice` texts that were encoded twice, `errors` cells a
    spreadsheet could not work out, `meaningless` the rows that say nothing without one of them, `late` the columns of
    months that all begin on the evening before, `unclear` numbers whose comma nothing settles, `thousands` those taken
    for such by what is beside them, `undated` dates whose order of day and month nothing settles.
    """

    file: str
    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    errors: int = 0
    meaningless: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    late: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    thousands: list[str] = field(default_factory=list)
    undated: list[str] = field(default_factory=list)
    bad: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))


def read_mapped(
    raw: RawTable, table: TableMap, currency: str = "", mark: str = "", *, day_first: bool | None = None
) -> Read:
    """Read the columns that are used, each as its kind; of several for one of ours the first with a value counts.

    `mark` is the decimal mark and `day_first` the order of dates where somebody said it; else the numbers and dates of
    the file settle it, and where they do not it is read with none and said to be `unclear` or `undated`.
    """
    shape = SHAPES[table.table.value]
    none = np.zeros(len(raw.lines), dtype=bool)
    found = Read(raw.file, pd.DataFrame({"line": raw.lines}), bad=none, meaningless=none.copy())
    places = precedence(table.export)
    names = sorted(table.columns, key=lambda name: places.get(plain_name(name), 0))
    used = {name: role for name in names if name in raw.frame and (role := table.columns[name].value) != NOT_USED}
    cells = {
        name: in_numbers(_prepared(found, raw.frame[name], needed=role in shape.required), role)
        for name, role in used.items()
    }
    flags = [name for name, role in used.items() if role == BY_FEATURE]
    for key in [name for name, role in used.items() if role == "account_id"] if flags else ():
        # How many have a feature is neither yes nor no.
        totals = cells[key].map(lambda who: isinstance(who, str) and is_total(who)).to_numpy(dtype=bool)
        cells |= {name: cells[name].astype(object).mask(totals, None) for name in flags}
    columns = {name: _column_of(shape.columns, role, name) for name, role in used.items()}
    for name, column in columns.items():
        if column.kind == "currency" and not currency:
            cells[name] = _without_shared_signs(found, cells[name])
    numeric = [name for name, column in columns.items() if column.is_number]
    for name in numeric:
        cells[name] = _without_signs(found, cells[name])
    written = [each for name in numeric for each in distinct(cells[name])[1]]
    settled, found.thousands = mark_and_thousands(written, raw.delimiter)
    found.unclear = [] if settled else [each for each in map(str, written) if {*each} & {",", "."}][:_NAMED]
    mark = mark if (found.unclear or found.thousands) and mark else settled
    dated = [cells[name] for name, column in columns.items() if column.kind == "date"]
    order = order_of_dates(distinct(each)[1] for each in dated) if len(dated) > 1 else None
    day_first = day_first if order is None else order
    made: dict[str, pd.Series] = {}
    for name, role in used.items():
        column = columns[name]
        if column.kind in ("month", "date") and begins_the_evening_before(cells[name]):
            found.late.append(role)
        reading = read_column(
            column, _yes_no(cells[name]) if column.kind == "yes or no" else cells[name], mark, currency,
            day_first=day_first,
        )  # fmt: skip
        _refuse(found, reading, column, (table.table.value, raw.file, name), raw.lines)
        key = f"{role}: {name}" if role in (BY_MONTH, BY_METRIC, BY_FEATURE) else role
        made[key] = made[key].fillna(reading.known) if key in made else reading.known
    if "money" in table.options:
        made = _in_units(made, table.options["money"].value)
    if shape.columns.keys() & _MONEY and "currency" not in made:
        made |= _named_in_headers(found, used)
    found.frame = pd.DataFrame({"line": raw.lines, **made})
    return found


_WORTH = {"units": (1, 1), "cents": (1, 100), "thousands": (1000, 1), "millions": (1_000_000, 1)}
_MONEY = ("amount", "change", "discount")
_NAMED = 3  # numbers whose comma nothing settles


def _in_units(made: Mapping[str, pd.Series], unit: str) -> dict[str, pd.Series]:
    """Return columns with amounts in whole units of their currency, where they are in another one."""
    times, over = _WORTH[unit]
    return {role: cells * times / over if _is_money(role) and times != over else cells for role, cells in made.items()}


def _is_money(role: str) -> bool:
    return role in _MONEY or role.partition(":")[0] == BY_MONTH


def _named_in_headers(found: Read, used: Mapping[str, str]) -> dict[str, pd.Series]:
    """Return the currency of all rows where headers of amounts name one; what several share is kept as a sign."""
    # In a header of capitals alone ALL and TOP are words of English, and EUR is known in small letters, too.
    written = {name.lower() if name.isupper() else name for name, role in used.items() if _is_money(role)}
    named = {name: codes for name in sorted(written) if (codes := codes_in(name))}
    codes = frozenset.union(*named.values()) if named else frozenset()
    if len(codes) == 1 and all(codes <= meaning(sign).codes for sign in found.signs):
        return {"currency": pd.Series([*codes] * len(found.frame), dtype=object)}
    found.signs += named
    return {}


def _refuse(found: Read, reading: Reading, column: Column, where: tuple[str, str, str], lines: NDArray[Any]) -> None:
    """Keep which cells of a column cannot be read, one problem for each cause."""
    for each in reading.causes:
        rows = np.flatnonzero(each.bad)
        found.bad |= each.bad
        if each.expected == AMBIGUOUS_DATE:
            found.undated += list(map(str, reading.found.iloc[rows].drop_duplicates()))
        found.problems += cause(
            where, lines[rows], reading.found.iloc[rows],
            expected=each.expected or column.expected, remedy=each.remedy or say("correct_the_cell"),
        )  # fmt: skip


def _column_of(columns: Mapping[str, Column], role: str, name: str) -> Column:
    if role.startswith(OF_ACCOUNT):
        return ACCOUNTS.column(role.removeprefix(OF_ACCOUNT))
    if role in (BY_MONTH, BY_METRIC):
        return Column(name, "number", "", "12.5")
    if role == BY_FEATURE:
        return Column(name, "yes or no", "", "1")
    return columns.get(role, Column(name, "text", "", ""))


def _prepared(found: Read, cells: pd.Series, *, needed: bool) -> pd.Series:
    """Return cells with texts in one form and what a spreadsheet could not work out left blank.

    A row without a cell that is needed means nothing.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return cells.reset_index(drop=True)
    formed, twice = cleaned(cells)
    found.twice += twice
    codes, values = distinct(formed, frozenset())
    broken = np.array([isinstance(each, str) and each.casefold() in ERROR_CELLS for each in values] + [False])
    if broken.any():
        found.errors += int(broken[codes].sum())
        found.meaningless |= broken[codes] & needed
        texts_ = np.array([*values, None], dtype=object)
        texts_[broken] = None
        formed = pd.Series(texts_[codes], name=cells.name)
    return formed.reset_index(drop=True)


def _without_signs(found: Read, cells: pd.Series) -> pd.Series:
    """Take currencies, and one unit, off the numbers they stand beside, and keep which currencies there were.

    Of thousands, cents, or two units in a column nothing is taken off: they change what the number means.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells
    codes, values = distinct(cells)
    parts = [amount_and_sign(value) if isinstance(value, str) else (value, "") for value in values]
    signs = {sign: meaning(sign) for _, sign in parts if sign}
    if not signs and [number for number, _ in parts] == list(values):
        return cells
    units = {sign for sign, meant in signs.items() if not meant.codes}
    several = len({sign.casefold() for sign in units}) > 1
    kept = {sign for sign in units if several or signs[sign].expected}
    bare = np.empty(len(values) + 1, dtype=object)
    bare[:-1] = [value if sign in kept else number for value, (number, sign) in zip(values, parts, strict=True)]
    found.signs += [sign for sign in signs if sign not in units]
    return _spread_out(bare[:-1], codes, cells.name)


def _without_shared_signs(found: Read, cells: pd.Series) -> pd.Series:
    """Leave a column blank that says of every row a sign several currencies share: which one is asked about later."""
    values = [value for value in distinct(cells)[1] if isinstance(value, str) and value]
    if not values or any(len(meaning(value).codes) <= 1 for value in values):
        return cells
    found.signs += values
    return pd.Series([None] * len(cells), dtype=object, name=cells.name)


def _spread_out(values: NDArray[np.object_], codes: NDArray[np.intp], name: object) -> pd.Series:
    """Return a column of numbered values, which may repeat, numbered again: each is read once."""
    again, differing = pd.factorize(values, use_na_sentinel=True)
    places = np.append(again, -1)[codes]
    return pd.Series(pd.Categorical.from_codes(places, pd.Index(differing, dtype=object)), name=name)


def _yes_no(cells: pd.Series) -> pd.Series:
    """Return yes and no of other languages as 1 and 0."""
    codes, values = distinct(cells)
    known = np.empty(len(values), dtype=object)
    known[:] = [YES_NO_ELSEWHERE.get(str(each).casefold(), each) for each in values]
    return _spread_out(known, codes, cells.name)


# --- Rows that their source marks as no rows of customers


def with_ends(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows of which what is over, and says no end, ended when notice was given; what runs on has no end yet."""
    if not {"canceled_on", "status"} <= set(frame.columns):
        return frame
    said = frame["end"] if "end" in frame else pd.Series(pd.NaT, index=frame.index)
    is_over = frame["status"].fillna("").astype(str).str.casefold().isin(_OVER)
    return frame.assign(end=said.where(said.notna() | ~is_over, frame["canceled_on"]))


_OVER = ("canceled", "cancelled", "expired", "ended", "beendet")


def without_marked_rows(table: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, pd.DataFrame]]]:
    """Leave out test rows, deleted rows, earlier versions, trials and void rows; return the rows of each kind."""
    gone: list[tuple[str, pd.DataFrame]] = []
    marks = {
        "rows_of_a_test": _is(frame, "live", 0.0), "deleted_rows": _is(frame, "deleted", 1.0),
        "earlier_versions": _is(frame, "current", 0.0),
    }  # fmt: skip
    if "status" in frame:
        status = frame["status"].fillna("").astype(str).str.casefold().str.replace(" ", "_")
        if table == "subscriptions":
            marks["trials_and_what_never_began"] = status.isin(CELL_WORDS["not_yet"])
        if table == "invoice_lines":
            marks["void_and_draft_lines"] = status.isin(CELL_WORDS["void"])
    for key, which in marks.items():
        if which.any():
            gone.append((key, frame[which.reindex(frame.index, fill_value=False)]))
            frame = frame[~which.reindex(frame.index, fill_value=False)]
    if "updated" in frame and "subscription" in frame and frame["subscription"].duplicated().any():
        latest = frame.sort_values("updated", kind="stable").drop_duplicates("subscription", keep="last").index
        gone.append(("earlier_versions", frame[~frame.index.isin(latest)]))
        frame = frame[frame.index.isin(latest)]
    if table == "subscriptions" and "trial_end" in frame:
        tried = frame["trial_end"].notna() & (frame["trial_end"] > frame["start"])
        ended = tried & frame.get("end", pd.Series(pd.NaT, index=frame.index)).le(frame["trial_end"])
        gone += [("trials_and_what_never_began", frame[ended])] if ended.any() else []
        frame = frame.assign(start=frame["start"].where(~tried, frame["trial_end"]))[~ended]
    return frame.reset_index(drop=True), gone


def _is(frame: pd.DataFrame, name: str, value: float) -> pd.Series:
    return frame[name].eq(value) if name in frame else pd.Series(data=False, index=frame.index)


# --- Wide tables made long, events counted, features had or not


def _long(frame: pd.DataFrame, spread_over: str, name: str, value: str, *, months: bool = False) -> pd.DataFrame:
    """Return one row per cell of the columns a wide table is spread over; an empty cell is no row."""
    spread = [str(each) for each in frame.columns if str(each).startswith(f"{spread_over}: ")]
    names: NDArray[Any] = np.array([each.removeprefix(f"{spread_over}: ") for each in spread], dtype=object)
    if months:
        names = read_dates(names, day_first=True, months=True)[0].astype("datetime64[M]").astype("datetime64[us]")
    block = frame[spread].to_numpy(float)
    rows, columns = np.nonzero(~np.isnan(block))
    rest = frame.drop(columns=spread).iloc[rows].reset_index(drop=True)
    return rest.assign(**{name: names[columns], value: block[rows, columns]})


def long_by_month(frame: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return one row per month of a table with one column per month."""
    return _long(frame, BY_MONTH, "month", value, months=True)


def long_by_metric(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row per metric of a table with one column per metric."""
    return _long(frame, BY_METRIC, "metric", "quantity")


def features_had(frame: pd.DataFrame, week: pd.Timestamp) -> pd.DataFrame:
    """Return one row per feature an account has, in one week, of a table of yes and no."""
    had = _long(frame, BY_FEATURE, "feature", "uses").query("uses == 1")[["account_id", "feature", "uses"]]
    return had.assign(week=week - pd.Timedelta(days=week.weekday())).reset_index(drop=True)


def events_by_month(events: pd.DataFrame) -> pd.DataFrame:
    """Return usage per account, month and kind of event: the sum of quantities, or how often where there are none."""
    month = events["time"].to_numpy("datetime64[M]").astype("datetime64[us]")
    amount = events["quantity"].to_numpy(float) if "quantity" in events else np.ones(len(events))
    keyed = pd.DataFrame(
        {"account_id": events["account_id"], "month": month, "metric": events["event"], "quantity": amount}
    )
    keyed = keyed.dropna(subset=["account_id", "month", "metric"])
    return keyed.groupby(["account_id", "month", "metric"], sort=True, observed=True)["quantity"].sum().reset_index()


def joined_prices(subscriptions: pd.DataFrame, items: pd.DataFrame | None, prices: pd.DataFrame | None) -> pd.DataFrame:
    """Return subscriptions with the items and prices that stand in tables of their own, joined by id."""
    if items is not None and "subscription" in subscriptions:
        own = subscriptions.drop(columns=[name for name in ("item", "quantity") if name in subscriptions])
        subscriptions = own.merge(items.drop(columns=["file", "line"]), on="subscription", how="left")
    if prices is not None and "item" in subscriptions:
        wanted = [name for name in ("item", "amount", "period", "every", "currency", "name") if name in prices]
        once = prices[wanted].drop_duplicates("item")
        own = subscriptions.drop(columns=[name for name in wanted[1:] if name in subscriptions])
        subscriptions = own.merge(once, on="item", how="left")
        if "name" in wanted:
            subscriptions["item"] = subscriptions["name"].fillna(subscriptions["item"])
    return subscriptions


def with_periods(frame: pd.DataFrame, assumed: str = "") -> pd.DataFrame:
    """Return subscriptions whose period is said: by its own column, by how many of it, or by the time paid for now."""
    period = frame["period"] if "period" in frame else pd.Series([None] * len(frame), dtype=object)
    if "every" in frame:
        times = frame["every"].fillna(1).astype(int).astype(str)
        period = period.where(period.isna(), times + " " + period.astype(str))
    if {"period_from", "period_to"} <= set(frame.columns):
        period = period.where(period.notna(), _time_between(frame, "period_from", "period_to"))
    if assumed == WHOLE_TERM and {"start", "end"} <= set(frame.columns):
        whole = _time_between(frame, "start", "end")
        return frame.assign(period=whole.where(whole.notna(), period))
    return frame.assign(period=period.fillna(assumed) if assumed else period)


def _time_between(frame: pd.DataFrame, start: str, end: str) -> pd.Series:
    """Return the time from one day to a later one as a period of whole months; None where there is no such time."""
    since, until = (frame[name].to_numpy("datetime64[D]") for name in (start, end))
    known = ~np.isnat(since) & ~np.isnat(until) & (until > since)
    periods = np.full(len(frame), None, dtype=object)
    months = np.maximum(np.round(months_between(since[known], until[known])[0]).astype(int), 1)
    periods[known] = [f"{each} months" for each in months]
    return pd.Series(periods, index=frame.index)


WHOLE_TERM = "whole term"
"""What an amount pays for that is the value of a contract from its first day to its last."""


def account_attributes(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return what other tables say of accounts, such as a name or a segment: the last value of each."""
    parts = []
    for given in frames:
        frame = given
        own = [str(name) for name in frame.columns if str(name).startswith(OF_ACCOUNT)]
        own += ["name"] if "name" in frame and f"{OF_ACCOUNT}name" not in own else []
        if "account_id" in frame:
            frame = frame if own else frame[~frame["account_id"].duplicated()]
            parts.append(frame[["account_id", *own]].rename(columns=lambda name: name.removeprefix(OF_ACCOUNT)))
    if not parts:
        return pd.DataFrame({"account_id": []})
    return (
        pd.concat(parts, ignore_index=True)
        .dropna(subset="account_id")
        .groupby("account_id", sort=False)
        .last()
        .reset_index()
    )
