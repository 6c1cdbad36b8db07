"""Cells that deserve a look and can be right: outliers, names that no table lists, tables that contradict others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from workbench.customers.tables import NUMERIC, TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workbench.customers.tables import Table

# --- Cells that deserve a look, as a detector yields them


class SomeTables(Protocol):
    """What a detector looks at: the tables of a customer base, by name."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """The tables themselves."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Name the tables that are there."""


@dataclass(frozen=True, eq=False)
class Suspect:
    """Cells of one cause: their positions in a column of a table, what was expected, and what to do.

    `in_context` says that the values around a cell help to judge it.
    """

    table: str
    column: str
    rows: np.ndarray
    expected: str
    remedy: str
    in_context: bool = False


# --- Values so far beyond their own account's others, or beyond the comparable ones, that a slip is likely

TIMES_THE_MEDIAN, TIMES_THE_NEXT = 1000, 100
BEYOND_GROWTH = 10**6
"""Times no account grows by in the months on record, and no price is another's."""
FEWEST = 3
"""Values it takes to say what is usual; zeros do not count, for most of nothing is nothing."""
_WORDS = (
    f"it is over {TIMES_THE_MEDIAN:,} times their median and over {TIMES_THE_NEXT} times the next largest that is not "
    "as far off"
)
_OF_TWO = f"it is over {BEYOND_GROWTH:,} times the next, the only other one of its kind"
_REMEDY = "Look it up where it comes from; if it is right, it counts as it stands."


def outliers(base: SomeTables) -> Iterator[Suspect]:
    """Yield the cells of every numeric column that are far beyond the others."""
    for name in base.tables:
        table, frame = TABLES[name], base.frames[name]
        for column in _numeric(table, frame):
            sizes = np.abs(frame[column.name].to_numpy(dtype=float, na_value=np.nan))
            some = sizes > 0
            if not some.any() or not sizes[some].max() > TIMES_THE_MEDIAN * sizes[some].min():
                continue
            alone = some
            if table.history:
                series = _groups(frame, table.history)
                days = frame[table.dated].to_numpy() if table.dated else np.arange(len(frame))
                far, alone = _in_series(sizes, series, days)
                whose = " and ".join(("this account", *table.history[1:2]))
                expected = f"a value like the others of {whose}: {_WORDS}"
                if len(far):
                    yield Suspect(name, column.name, far, expected, _REMEDY, in_context=True)
            groups = _groups(frame, column.comparable)
            if column.comparable and not table.history:
                far = _of_two(sizes, groups)
                if len(far):
                    yield Suspect(name, column.name, far, f"a value like the one beside it: {_OF_TWO}", _REMEDY)
            far = _in_column(sizes, groups, alone)
            if len(far):
                yield Suspect(
                    name, column.name, far, f"a value like the others of the column: {_WORDS}", _REMEDY, in_context=True
                )


def _numeric(table: Table, frame: pd.DataFrame) -> Iterator[Column]:
    """Yield the numeric columns without a largest value, those nobody documented too."""
    yield from (column for column in table.columns if column.kind in NUMERIC and column.most is None)
    for name in frame.columns[len(table.columns) :]:
        if pd.api.types.is_numeric_dtype(frame[name]):
            yield Column(str(name), "number", "", "")


def _groups(frame: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Give rows the same number that have the same values in these columns; missing is a value too."""
    codes = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        these, found = pd.factorize(frame[name], use_na_sentinel=False)
        codes = codes * len(found) + these
    return codes if len(names) < 2 else pd.factorize(codes)[0]  # noqa: PLR2004 - one column is numbered already


def _in_series(sizes: np.ndarray, series: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows far beyond their own series, and mark the rows whose series is too short to tell.

    Several large values at the end of a series are growth; they are far off only where the series came back, where
    there is one, or where no growth goes so far.
    """
    known = np.flatnonzero(sizes > 0)
    values = pd.Series(sizes[known]).groupby(series[known])
    short = np.zeros(len(sizes), dtype=bool)
    short[known] = values.transform("size").to_numpy() < FEWEST
    wide = (values.transform("max") > TIMES_THE_MEDIAN * values.transform("min")).to_numpy() & ~short[known]
    rows = known[wide]
    if not len(rows):
        return rows, short
    order = rows[np.lexsort((days[rows], series[rows]))]
    bounds = np.flatnonzero(np.diff(series[order], prepend=-1))
    far = []
    for places in np.split(order, bounds[1:]):
        edge = _edge(sizes[places])
        beyond = sizes[places] >= edge
        past_growth = np.isfinite(edge) and edge > BEYOND_GROWTH * np.median(sizes[places])
        if beyond.sum() == 1 or past_growth or (beyond.any() and not beyond[-1]):
            far.append(places[beyond])
    return np.sort(np.concatenate(far)) if far else rows[:0], short


def _in_column(sizes: np.ndarray, groups: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Return the rows, of those to be judged, that are far beyond the comparable values of their column."""
    far = np.zeros(len(sizes), dtype=bool)
    known = np.flatnonzero(sizes > 0)
    for group in np.unique(groups[known[judged[known]]]):
        places = known[groups[known] == group]
        if len(places) >= FEWEST:
            far[places] = sizes[places] >= _edge(sizes[places])
    return np.flatnonzero(far & judged)


def _of_two(sizes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the rows that are far beyond the only other value they can be compared with."""
    known = np.flatnonzero(sizes > 0)
    values = pd.Series(sizes[known]).groupby(groups[known])
    least, most = values.transform("min"), values.transform("max")
    far = (values.transform("size") < FEWEST) & (most > BEYOND_GROWTH * least) & (sizes[known] == most)
    return known[far.to_numpy()]


def _edge(sizes: np.ndarray) -> float:
    """Return the smallest value that is far beyond the others: a gap below it, and the median far away; else infinity.

    Equal values count once, for a respondent's weight, or a price asked, stands in many rows.
    """
    steps = np.unique(sizes)
    far = (steps[1:] > TIMES_THE_MEDIAN * np.median(sizes)) & (steps[1:] > TIMES_THE_NEXT * steps[:-1])
    return float(steps[1:][far][0]) if far.any() else np.inf


# --- Names that no table lists, or that differ from a listed one in capitals, spaces and hyphens only

_BETWEEN = re.compile(r"[\s_-]+")
LISTED_IN = {"plan": "plans", "metric": "usage", "feature": "features"}
_MATTERS = {  # what follows from a name that is not listed, by table and column
    ("accounts", "plan"): "today's prices give no bill for any other plan",
    ("mrr", "plan"): "today's prices give no bill for any other plan",
    ("plans", "metric"): "the price list charges it, and what no usage counts cannot be billed",
    ("plan_limits", "metric"): "a limit on what no usage counts limits nobody",
}
_IN_PLACE_OF_A_NAME = {"account"}  # what a price can be per, beside a metric


def names_apart(base: SomeTables) -> Iterator[Suspect]:
    """Yield names that are probably meant to be another one, and names whose absence from a list matters."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for name in base.tables:
        for column in TABLES[name].columns:
            if column.names:
                columns.setdefault(column.names, []).append((name, column.name))
    for what, places in columns.items():
        home = LISTED_IN.get(what, "")
        yield from _apart(base, what, sorted(places, key=lambda place: place[0] != home))


def _apart(base: SomeTables, what: str, places: list[tuple[str, str]]) -> Iterator[Suspect]:
    """Look at one kind of names, the table that lists them first."""
    spelt: dict[str, str] = {}
    home = LISTED_IN.get(what, "")
    for table, column in places:
        texts = base.frames[table][column]
        listed = home != "plans" or "plans" in base.frames  # a company without a price list lacks no plan in it
        for name in texts.value_counts().index:
            key = spelling_of(str(name))
            known = spelt.get(key)
            if known == name or key in _IN_PLACE_OF_A_NAME:
                continue
            matters = _MATTERS.get((table, column), "") if listed else ""
            if known is not None:
                why = matters or "names that differ in capitals or spaces only are different names"
                remedy = f"Write {known} here too if it is the same."
                expected = f"{known!r}, as it is written elsewhere: {why}"
                yield Suspect(table, column, _rows(texts, name), expected, remedy)
            elif matters:
                close = get_close_matches(key, spelt, n=1)
                remedy = (
                    f"Is it {spelt[close[0]]!r}? Then write it so." if close else "Add it there, or leave it as it is."
                )
                yield Suspect(table, column, _rows(texts, name), f"a {what} of the table {home}: {matters}", remedy)
            else:
                spelt[key] = str(name)


def _rows(texts: pd.Series, name: object) -> np.ndarray:
    return np.flatnonzero((texts == name).to_numpy())


def spelling_of(name: str) -> str:
    """Reduce a name to what tells it from others: letters, digits and signs, without capitals, spaces and hyphens."""
    return _BETWEEN.sub("", name.casefold())


# --- What one table says against another, or against itself

_MOST, _FEWEST_ON_PLAN = 0.5, 3  # of a plan's accounts beyond its limit, and how many it takes to say so
_AHEAD = np.timedelta64(366, "D")  # after the last month of usage, or after everything else: no month to count yet
_DATED = {"subscriptions": "start", "invoice_lines": "from", "mrr": "month"}


def contradictions(base: SomeTables) -> Iterator[Suspect]:
    """Yield limits that most accounts are beyond, subscriptions that run at the same time, and lines of far months."""
    if "plan_limits" in base.frames and "usage" in base.frames:
        yield from _limits_beyond(base)
    if "subscriptions" in base.frames:
        yield from _at_the_same_time(base.frames["subscriptions"])
    dated = next((name for name in _DATED if name in base.frames), None)  # revenue is made of what stands before it
    if dated is not None:
        yield from _ahead_of_time(base, dated, _DATED[dated])


def _limits_beyond(base: SomeTables) -> Iterator[Suspect]:
    usage, limits = base.frames["usage"], base.frames["plan_limits"]
    plan = base.frames["accounts"].set_index("account_id")["plan"]
    if plan.isna().all() and "mrr" in base.frames:
        paid = base.frames["mrr"].sort_values("month", kind="stable").drop_duplicates("account_id", keep="last")
        plan = paid.set_index("account_id")["plan"]
    month = usage["month"].max()
    last = usage[usage["month"] == month]
    used = last.assign(plan=last["account_id"].map(plan)).dropna(subset=["plan"])
    if used.empty:
        return
    for row, (name, metric, most) in enumerate(zip(limits["plan"], limits["metric"], limits["limit"], strict=True)):
        own = used[(used["plan"] == name) & (used["metric"] == metric)]
        beyond = int((own["quantity"] > most).sum())
        if len(own) >= _FEWEST_ON_PLAN and beyond > _MOST * len(own):
            expected = f"a limit that accounts on {name} stay within: {beyond} of {len(own)} used more in {month:%Y-%m}"
            remedy = "Correct the limit, or the unit it is in; where use beyond it is sold, it counts as it stands."
            yield Suspect("plan_limits", "limit", np.array([row]), expected, remedy)


def _at_the_same_time(sold: pd.DataFrame) -> Iterator[Suspect]:
    known = sold[sold["item"].notna() & sold["start"].notna()].reset_index()
    forever = pd.Timestamp.max.as_unit("us")
    rows = known.assign(end=known["end"].fillna(forever)).sort_values(["account_id", "item", "start"], kind="stable")
    same = [rows["account_id"], rows["item"]]
    before = rows["end"].groupby(same).cummax().groupby(same).shift()
    over = (rows["start"] < before) & (rows["end"] > rows["start"])
    places = np.sort(rows["index"].to_numpy()[over.to_numpy()])
    if len(places):
        expected = "a start once the earlier row of the same account and item has ended: until then both are added up"
        remedy = "End the earlier row on the day the later one starts; leave both where the account does pay twice."
        yield Suspect("subscriptions", "start", places, expected, remedy)


def _ahead_of_time(base: SomeTables, name: str, column: str) -> Iterator[Suspect]:
    days = base.frames[name][column].to_numpy(dtype="datetime64[D]")
    known = np.unique(days[~np.isnat(days)])
    far = np.flatnonzero(np.diff(known) > 2 * _AHEAD)
    if "usage" in base.frames and len(base.frames["usage"]):
        last, of = base.frames["usage"]["month"].to_numpy(dtype="datetime64[D]").max(), "the last month of usage"
    elif len(far):
        last, of = known[far[-1]], "the one before"
    else:
        return
    rows = np.flatnonzero(days > last + _AHEAD)
    if len(rows):
        expected = f"a day within a year of {of}, {last}"
        remedy = "Correct the year; or say as of which day to read the data, so that what comes later is hidden."
        yield Suspect(name, column, rows, expected, remedy)


# --- A table of uses that counts none

FEWEST_IN_A_LOG = 3
"""Uses that some account of a log of uses comes to."""


def counts_nothing(use: pd.DataFrame, account: np.ndarray) -> bool:
    """Tell whether a table of uses, each by the number of its account, says who has a feature and not how often.

    No row says more than one use and none of an account and feature repeats within a month, or no account comes to
    three uses of any feature in all its history.
    """
    sizes = use["uses"].to_numpy(float)
    if not len(sizes) or sizes.max() >= FEWEST_IN_A_LOG:
        return False
    feature = pd.factorize(use["feature"])[0]
    pairs = pd.factorize(account.astype(np.int64) * (feature.max() + 1) + feature)[0]
    months = pd.DataFrame({"pair": pairs, "month": use["week"].to_numpy("datetime64[M]").astype(int)})
    are_flags = sizes.max() <= 1 and not months.duplicated().any()
    return bool(are_flags or np.bincount(pairs, sizes).max() < FEWEST_IN_A_LOG)


def flags_of_use(base: SomeTables) -> Iterator[Suspect]:
    """Yield the uses of a table that holds who has which feature."""
    use = base.frames.get("feature_use")
    if use is not None and counts_nothing(use, pd.factorize(use["account_id"])[0]):
        expected = f"how often a feature was used: nobody comes to {FEWEST_IN_A_LOG} uses of any"
        remedy = "It is read as who has which feature, so that one use is enough; add the counts where there are some."
        yield Suspect("feature_use", "uses", np.arange(len(use)), expected, remedy)
