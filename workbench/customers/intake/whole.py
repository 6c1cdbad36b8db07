"""What a whole table says that no cell does: a total among the rows, a month that is not over, yearly amounts and more.

Each is one finding with its evidence and an option that does the right thing; none is done before somebody confirms it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.anomalies import LISTED_IN, spelling_of
from workbench.customers.intake.shapes import other_words
from workbench.customers.tables import SEATS, TABLES, plain_name
from workbench.customers.validate import MONTHLY, key_departures, nearest
from workbench.customers.values import CELL_WORDS, meaning
from workbench.errors import DataFinding
from workbench.formatting import first_of
from workbench.results import HALF_A_CENT
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    Tables = dict[str, pd.DataFrame]
    Fix = Callable[[Tables], Tables]

say = texts(__name__)
KEEP = "keep"
_NAMED = 5


@dataclass(frozen=True)
class TableFinding:
    """Something a whole table says: a key, the option that does the right thing, the evidence for it.

    Attributes
    ----------
    key, suggestion, evidence
        The setting it is answered by, what is suggested, and why.
    fix
        What the suggestion does to the tables.
    kind, place
        The kind of finding; table, column and value it is about.
    others
        What else can be done, by the words for it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers.intake import table_findings
    >>> paid = pd.DataFrame({"account_id": ["A", "B", "Total"], "amount": [1, 2, 3]})
    >>> [(each.key, each.suggestion) for each in table_findings({"mrr": paid.assign(month=pd.Timestamp("2024-01-01"))})]
    [('total rows', 'leave out')]
    """

    key: str
    suggestion: str
    evidence: str
    fix: Fix
    kind: str
    place: tuple[str, str, str]
    others: Mapping[str, Fix] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[str, ...]:
        """Name what can be done, the suggestion first."""
        return (self.suggestion, *self.others, KEEP)

    def done(self, tables: Tables, answer: str) -> Tables:
        """Return the tables as an answer makes them."""
        fixes = {self.suggestion: self.fix, **self.others}
        return fixes[answer](tables) if answer in fixes else tables


def table_findings(tables: Tables) -> Iterator[TableFinding]:
    """Yield what the tables say as a whole, one finding for each cause, each on the tables as they are.

    Parameters
    ----------
    tables
        Tables of ours by name.

    Yields
    ------
    TableFinding
        A finding; with its `fix`, the tables as they should be.

    Examples
    --------
    >>> from workbench.customers.intake import table_findings
    >>> list(table_findings({}))
    []
    """
    for detector in DETECTORS:
        yield from detector(tables)


def data_findings(tables: Tables, files: dict[str, str]) -> Iterator[DataFinding]:
    """Yield what whole tables say, as findings of a customer base whose tables stand in these files."""
    for detector in DETECTORS:
        for each in detector(tables) if detector not in _TOLD_ELSEWHERE else ():
            table, column, value = each.place
            expected, remedy = say(f"{each.kind}_expected"), f"{each.evidence} {say(f'{each.kind}_remedy')}"
            yield DataFinding(table, files.get(table, table), None, column, value, expected, remedy)


def _without(column: str, values: set[object]) -> Fix:
    return lambda tables: {  # rows keep their labels, by which those left out are told
        name: frame[~frame[column].isin(values)] if column in frame else frame for name, frame in tables.items()
    }


# --- Rows that are no customers

_TOTAL_WORDS = CELL_WORDS["totals"]
_TOTALS = frozenset(
    f"{before}{word}{after}"
    for before in ("", "grand ", "sub", "sub-", "gesamt", "net ", "report ", "end", "eind", "zwischen")
    for word in (*_TOTAL_WORDS, *CELL_WORDS["totals_alone"])
    for after in ("", " général", " general", " generale", ":")
)  # fmt: skip


def is_total(name: object) -> bool:
    """Tell whether a name is a word for a total."""
    return str(name).strip().casefold() in _TOTALS


def _called(tables: Tables, words: frozenset[str]) -> Iterator[tuple[str, list[object]]]:
    """Yield tables with the identifiers of accounts in them that are one of some words."""
    for name, frame in tables.items():
        if "account_id" in frame:
            ids = pd.Series(frame["account_id"].dropna().unique())
            found = ids[ids.astype("str").str.strip().str.lower().isin(words)].tolist() if len(ids) else []
            if found:
                yield name, found


def _total_rows(tables: Tables) -> Iterator[TableFinding]:
    found: dict[object, None] = {}
    for _, ids in _called(tables, _TOTALS):
        found |= dict.fromkeys(ids)
    accounts = tables.get("accounts")
    if accounts is not None and "name" in accounts:
        named = accounts["name"].fillna("").astype("str").str.strip().str.lower().isin(_TOTALS)
        found |= dict.fromkeys(accounts["account_id"][named])
    mrr, usage = tables.get("mrr"), tables.get("usage")
    if mrr is not None and 0 < len(mrr) <= _MOST_ROWS:
        found |= dict.fromkeys(_sums_of_those_above(mrr, {*found}))
    if usage is not None and len(usage) <= _MOST_ROWS:
        of_each = usage.groupby(["metric", "month"], dropna=False).ngroup()
        usage = usage.assign(month=of_each.where(usage["month"].notna()), amount=usage["quantity"])
    for rows in (mrr, usage):
        sums: Collection[object] = found
        while rows is not None and "amount" in rows:  # a total of totals shows once these are gone
            rows = rows[~rows["account_id"].isin([*sums])]  # noqa: PLW2901 - what is left of them
            sums = _sums_of_the_others(rows)
            found |= dict.fromkeys(sums)
            if not sums:
                break
    if found:
        evidence = say("total_rows", names=first_of([repr(str(each)) for each in found], _NAMED))
        names = first_of([str(each) for each in found], _NAMED)
        home = next(n for n, frame in tables.items() if "account_id" in frame and frame["account_id"].isin(found).any())
        fix, place = _without("account_id", set(found)), (home, "account_id", names)
        yield TableFinding("total rows", "leave out", evidence, fix, "total_rows", place)


def _sums_of_the_others(mrr: pd.DataFrame) -> list[object]:
    """Return accounts that have, in every month, the sum of all others; few equal sums can be chance."""
    mrr = mrr.dropna(subset=["account_id", "month"])  # what cannot be read is a problem of its own
    month, months = pd.factorize(mrr["month"])
    amount = mrr["amount"].to_numpy(float, na_value=0.0)
    sums, rows = np.bincount(month, amount), np.bincount(month)
    is_sum = (amount > 0) & (np.abs(sums[month] - 2 * amount) < HALF_A_CENT) & (rows[month] > _FEWEST_BESIDE)
    if not is_sum.any():
        return []
    who, ids = pd.factorize(mrr["account_id"])
    every = np.bincount(who, is_sum, len(ids)) == len(months)
    differ, are_many = len(np.unique(sums.round(2))), rows.min() > _FEWEST_MONTHS
    if "metric" in mrr:  # quantities are small, and 3 is often 1 and 2
        return ids[every].tolist() if are_many and differ >= _FEWEST_MONTHS else []
    return ids[every].tolist() if len(months) >= _FEWEST_MONTHS or (are_many and differ > 1) else []


_FEWEST_BESIDE, _FEWEST_MONTHS = 2, 3


def _sums_of_those_above(mrr: pd.DataFrame, totals: set[object]) -> list[object]:
    """Return accounts called a total that have, in every month, the sum of the accounts since the last total."""
    mrr = mrr.dropna(subset=["account_id", "month"])
    who, known = pd.factorize(mrr["account_id"])
    ids = np.asarray(known, dtype=object)
    kinds = pd.Series(ids).astype("str").str.extract(_TOTAL_OF, flags=re.IGNORECASE)
    called = kinds["total"].notna().to_numpy()
    if not called.any():
        return []
    month, months = pd.factorize(mrr["month"])
    paid = np.zeros((len(ids), len(months)))
    np.add.at(paid, (who, month), mrr["amount"].to_numpy(float, na_value=0.0))
    fewest = np.where(kinds["part"].notna(), 1, 2)  # a customer can be called Total, and pay what the one above pays
    is_total_already = np.array([each in totals for each in ids])
    found: list[object] = []
    since = 0
    for place in np.flatnonzero(called | is_total_already).tolist():
        above = paid[since:place]
        is_sum = len(above) >= fewest[place] and bool((np.abs(above.sum(axis=0) - paid[place]) < HALF_A_CENT).all())
        found += [ids[place]] if is_sum else []
        since = place + 1 if is_sum or is_total_already[place] else since
    return found


_TOTAL_OF = (  # a Germanic word for one can stand behind another, as in Eindtotaal and Zwischensumme
    r"\b(?P<part>sub[ -]?|sous-|del|mellan|zwischen|tussen|mezi)?\w*?"
    rf"(?P<total>{'|'.join(_TOTAL_WORDS)})\b"
)


def _same_rows(tables: Tables) -> Iterator[TableFinding]:
    for name, frame in tables.items():
        if name not in _ONCE or "line" not in frame:  # what was made of other rows has none twice
            continue
        cells = [column for column in frame.columns if column not in ("file", "line")]
        key = [column for column in TABLES[name].key if column in frame]
        if key and not key_departures(frame, key):  # what is there twice has its key twice
            continue
        again = frame.duplicated(cells) & frame[key].notna().all(axis=1)  # a key that cannot be read is told as such
        if again.any():
            rows = frame["line"][again].head(_NAMED).astype(int).astype(str).tolist()
            evidence = say("same_rows", n=int(again.sum()), table=name, rows=first_of(rows, _NAMED))
            fix, place = _unique(name, cells), (name, "", "")
            yield TableFinding(f"identical rows of {name}", "leave out", evidence, fix, "same_rows", place)


_ONCE = frozenset({"accounts", "mrr", "usage", "plans", "features"})


def _unique(name: str, cells: list[str]) -> Fix:
    return lambda tables: {**tables, name: tables[name].drop_duplicates(cells)}


# --- Months


def _unfinished(tables: Tables) -> Iterator[TableFinding]:
    """Find a last month in which accounts have far less than the month before, or no row, though that is not usual."""
    dated = {name: tables[name].dropna(subset=["account_id", "month"]) for name in MONTHLY if name in tables}
    last = max((frame["month"].max() for frame in dated.values() if len(frame)), default=None)
    for name, frame in dated.items():
        months = np.sort(frame["month"].unique())
        if len(months) > _FEWEST_BESIDE and months[-1] == last and _falls_short(frame, months):
            before, here = (int(frame["account_id"][frame["month"] == each].nunique()) for each in months[-2:])
            evidence = say("unfinished", month=f"{last:%Y-%m}", here=here, before=before, few=here < _MANY * before)
            fix, place = _without_month(last), (name, "month", f"{last:%Y-%m}")
            yield TableFinding("last month", "leave out", evidence, fix, "unfinished", place)
            return


def _falls_short(frame: pd.DataFrame, months: np.ndarray) -> bool:
    """Tell whether accounts have far less in the last month than ever before from a month to the next."""
    some = _of_some_accounts(frame)
    sizes = some["amount" if "amount" in some else "quantity"].to_numpy(float, na_value=0.0)
    metrics = pd.factorize(some["metric"] if "metric" in some else np.zeros(len(some)))
    who = pd.factorize(some["account_id"])
    shape = len(metrics[1]), len(who[1]), len(months)
    places = np.ravel_multi_index((metrics[0], who[0], np.searchsorted(months, some["month"].to_numpy())), shape)
    values = np.bincount(places, sizes, int(np.prod(shape))).reshape(shape)
    before, after = values[..., :-1], values[..., 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        kept = np.where(before > 0, np.clip(after / before, 0, 1), 0).sum(axis=1) / (before > 0).sum(axis=1)
    is_short = (kept[:, -1] < _MANY) & (np.fmin.reduce(kept[:, :-1], axis=1) - kept[:, -1] > _USUAL)
    is_short &= (before[..., -1] > 0).sum(axis=1) >= _FEWEST_GOING
    return bool(is_short.any() and 2 * is_short.sum() >= len(is_short))


_FEWEST_GOING = 5  # accounts in the month before
_MANY, _USUAL = 0.6, 0.25  # share of what accounts had the month before, and how far below the least of others


def _without_month(month: pd.Timestamp) -> Fix:
    return lambda tables: {
        name: frame[frame["month"] != month] if "month" in frame else frame for name, frame in tables.items()
    }


# --- Amounts


def _yearly(tables: Tables) -> Iterator[TableFinding]:
    """Find recurring revenue that is twelve times the list price of its plan."""
    mrr, plans = tables.get("mrr"), tables.get("plans")
    if mrr is None or plans is None or "plan" not in mrr or "base_fee" not in plans:
        return
    monthly = plans.get("billing_period", pd.Series("month", index=plans.index)).fillna("month").eq("month")
    list_price = plans[monthly & plans["base_fee"].gt(0)].drop_duplicates("plan").set_index("plan")["base_fee"]
    ratio = (mrr["amount"] / mrr["plan"].map(list_price)).dropna()
    is_yearly = ratio.between(_TWELVE * 0.9, _TWELVE * 1.01)
    if len(ratio) > _FEWEST_BESIDE and is_yearly.mean() > _MOST:
        evidence = say("yearly", share=float(is_yearly.mean()))
        fix, place = _times("mrr", "amount", 1 / _TWELVE), ("mrr", "amount", "")
        yield TableFinding("amounts of mrr", "divide by 12", evidence, fix, "yearly", place)


_TWELVE, _MOST = 12.0, 0.7


def _times(name: str, column: str, factor: float) -> Fix:
    return lambda tables: {**tables, name: tables[name].assign(**{column: tables[name][column] * factor})}


# --- Metrics

_ACCOUNTS_LOOKED_AT = 5_000  # of a large company, to tell what holds of a metric


def _of_some_accounts(usage: pd.DataFrame) -> pd.DataFrame:
    codes = pd.factorize(usage["account_id"])[0]
    return usage[codes % (codes.max(initial=0) // _ACCOUNTS_LOOKED_AT + 1) == 0]


def _spelt_twice(tables: Tables) -> Iterator[TableFinding]:
    places: dict[str, list[tuple[str, str]]] = {}
    for name, frame in tables.items():
        for column in TABLES[name].columns if name in TABLES else ():
            if column.names and column.name in frame:
                places.setdefault(column.names, []).append((name, column.name))
    for what, columns in places.items():
        columns.sort(key=lambda place: place[0] != LISTED_IN.get(what))
        counts = [tables[name][column].value_counts() for name, column in columns]
        best: dict[str, str] = {}
        names = [str(name) for each in counts for name in each.index]
        meant = {name: best.setdefault(spelling_of(name), name) for name in names}
        twice = {name: to for name, to in meant.items() if name != to}
        if twice:
            told = first_of([f"{a!r} and {b!r}" for b, a in twice.items()], _NAMED)
            evidence = say("spelt_twice", names=told, what=what)
            fix, place = _one_spelling(twice, columns), (*columns[0], "")
            yield TableFinding(f"{what}s spelt in two ways", "join", evidence, fix, "spelt_twice", place)


def _one_spelling(meant: Mapping[str, str], columns: Collection[tuple[str, str]]) -> Fix:
    def fix(tables: Tables) -> Tables:
        made = dict(tables)
        for name, column in columns:
            if name in made and column in made[name]:
                cells = made[name][column]
                made[name] = made[name].assign(**{column: cells.map(lambda each: meant.get(each, each))})
        return made

    return fix


_CHARGED = (("plans", "metric"), ("plan_limits", "metric"))


def _seats_in_other_words(tables: Tables) -> Iterator[TableFinding]:
    """Find a metric that is seats in other letters, or people by another word where a price is per seat."""
    asking = [frame[each] for frame in tables.values() for each in ("metric", "per") if each in frame]
    counted = tables["usage"]["metric"].dropna().unique().tolist() if "usage" in tables else []
    if SEATS in counted:
        return
    words = {SEATS}  # which triggers and rules know by that name alone
    if not any(plain_name(each) == SEATS for each in counted) and any(each.eq(SEATS).any() for each in asking):
        words = {plain_name(each) for each in other_words()[SEATS]}
    for name in [each for each in counted if plain_name(each) in words][:1]:
        fix = _one_spelling({name: SEATS}, [*_CHARGED, ("usage", "metric")])
        evidence = say("seats_in_other_words", name=name)
        key, place = f"metric {name}, which counts people", ("usage", "metric", name)
        yield TableFinding(key, "call it seats", evidence, fix, "seats_in_other_words", place)


def _charged_and_not_counted(tables: Tables) -> Iterator[TableFinding]:
    """Find metrics that the price list charges and no usage counts, most of which are called otherwise there."""
    usage, plans = tables.get("usage"), tables.get("plans")
    if usage is None or plans is None or not {"metric", "unit_price"} <= set(plans.columns):
        return
    counted = [str(each) for each in usage["metric"].dropna().unique()]
    accounts = tables.get("accounts")
    if accounts is not None and "seats" in accounts and accounts["seats"].notna().any():
        counted.append(SEATS)
    spelt = {plain_name(each) for each in counted}  # what differs in capitals only is asked about as that
    for name in plans["metric"][plans["unit_price"].gt(0)].dropna().astype(str).unique():
        if plain_name(name) in spelt:
            continue
        fixes = {each: _one_spelling({name: each}, _CHARGED) for each in counted} | {_UNPAID: _without_charge(name)}
        first = next(iter(nearest(name, counted)), _UNPAID)
        evidence = say("charged_and_not_counted", name=name, known=first_of(counted, _NAMED))
        yield TableFinding(
            f"metric {name} of the price list", first, evidence, fixes.pop(first), "charged_and_not_counted",
            ("plans", "metric", name), fixes,
        )  # fmt: skip


_UNPAID = "nobody pays it"


def _without_charge(name: str) -> Fix:
    def fix(tables: Tables) -> Tables:
        plans = tables["plans"]
        blank = {each: None for each in ("metric", "unit_price", "included_units") if each in plans}
        changed = plans.assign(**{each: plans[each].mask(plans["metric"].eq(name)) for each in blank})
        return {**tables, "plans": changed.drop_duplicates(ignore_index=True)}

    return fix


# --- Names that say there is none

_NO_NAMES = frozenset({"null", "nan", "<na>", "(null)", "\\n", "undefined", "#n/a"})


def _no_names(tables: Tables) -> Iterator[TableFinding]:
    """Find rows of an account that is called as programs write that there is none."""
    for name, found in _called(tables, _NO_NAMES):
        names = first_of([repr(str(each)) for each in found], _NAMED)
        rows = int(tables[name]["account_id"].isin(found).sum())
        evidence = say("no_names", n=rows, table=name, names=names)
        fix, place = _without("account_id", set(found)), (name, "account_id", names)
        yield TableFinding("rows without an account", "leave out", evidence, fix, "no_names", place)
        return


def _copies(tables: Tables) -> Iterator[TableFinding]:
    """Find metrics that have the same quantities as another one in every row."""
    usage = tables.get("usage")
    if usage is None or not 1 < usage["metric"].nunique() <= _MOST_METRICS:
        return
    usage = _of_some_accounts(usage)
    keys = ["account_id", "month"]
    series = {str(name): rows.set_index(keys)["quantity"].sort_index() for name, rows in usage.groupby("metric")}
    gone: dict[str, str] = {}
    names = list(series)
    for number, name in enumerate(names):
        for other in names[:number]:
            both = series[name], series[other]
            if (
                other not in gone
                and len(both[0]) > _FEWEST_BESIDE
                and both[0].min() < both[0].max()
                and both[0].equals(both[1])
            ):
                gone[name] = other
    for name, other in gone.items():
        evidence = say("copy", name=name, other=other)
        fix, place = _without("metric", {name}), ("usage", "metric", name)
        yield TableFinding(f"metric {name}", "leave out", evidence, fix, "copy", place)


_MOST_METRICS = 50


def _unit_changed(tables: Tables) -> Iterator[TableFinding]:
    """Find a month from which a metric, or what is paid, is a round factor larger or smaller for nearly all."""
    usage, mrr = tables.get("usage"), tables.get("mrr")
    if usage is not None and not key_departures(usage, ["account_id", "month", "metric"]):
        for name, rows in _of_some_accounts(usage).groupby("metric"):
            yield from _steps(rows, "usage", "quantity", str(name), _FACTORS)
    if mrr is not None and len(mrr) <= _MOST_ROWS and not key_departures(mrr, ["account_id", "month"]):
        yield from _steps(_of_some_accounts(mrr), "mrr", "amount", _AMOUNTS, _FACTORS_OF_MONEY)


def _steps(
    rows: pd.DataFrame, table: str, column: str, name: str, factors: tuple[float, ...]
) -> Iterator[TableFinding]:
    wide = rows.set_index(["account_id", "month"])[column].unstack()  # noqa: PD010 - nothing is aggregated
    values = wide.where(wide > 0).to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.log(values[:, 1:] / values[:, :-1])
    for place in range(steps.shape[1]):
        known = steps[:, place][~np.isnan(steps[:, place])]
        if len(known) < _FEWEST_ACCOUNTS:
            continue
        middle = float(np.median(known))
        factor = next((f for f in factors if abs(abs(middle) - np.log(f)) < _NEAR), None)
        if factor and np.mean(np.abs(known - middle) < _SPREAD) > _MOST:
            month, times = pd.Timestamp(str(wide.columns[place + 1])), factor if middle > 0 else 1 / factor
            evidence = say("unit_changed", name=name, month=f"{month:%Y-%m}", factor=factor, grows=middle > 0)
            of = None if name == _AMOUNTS else name
            place_of = (table, column)
            fixes = {
                "as since then": _times_in(place_of, month, times, earlier=True, metric=of),
                "as before": _times_in(place_of, month, 1 / times, earlier=False, metric=of),
            }
            # Of amounts it is the smaller ones that are in units and per month, and not in cents or per year.
            first = "as before" if of is None and middle > 0 and factor in _TOO_MUCH else "as since then"
            yield TableFinding(
                f"unit of {name}", first, evidence, fixes.pop(first), "unit_changed", (*place_of, ""), fixes
            )


_EXACT = 6  # places that a value keeps when its unit is changed
_AMOUNTS = "amounts"  # as a unit of them is called
_FACTORS_OF_MONEY = (12.0, 100.0, 1000.0)
_TOO_MUCH = (12.0, 100.0)


_FACTORS, _NEAR, _SPREAD, _FEWEST_ACCOUNTS = (1000.0, 1024.0, 60.0, 100.0, 3600.0, 1e6), 0.18, 0.7, 3


def _times_in(place: tuple[str, str], month: pd.Timestamp, factor: float, *, earlier: bool, metric: str | None) -> Fix:
    """Return what multiplies the values of the months before one, or of the others."""
    table, column = place

    def fix(tables: Tables) -> Tables:
        frame = tables[table]
        which = frame["month"].lt(month) if earlier else frame["month"].ge(month)
        which &= frame["metric"].eq(metric) if metric is not None else which
        return {
            **tables,
            table: frame.assign(**{column: frame[column].where(~which, (frame[column] * factor).round(_EXACT))}),
        }

    return fix


# --- Accounts


def _merged(tables: Tables) -> Iterator[TableFinding]:
    """Find accounts whose source says that another one took them over, or whose revenue went over to the cent."""
    accounts, into = tables.get("accounts"), {}
    if accounts is not None and "merged_into" in accounts:
        known = accounts.dropna(subset="merged_into")
        into = dict(zip(known["account_id"], known["merged_into"], strict=True))
    mrr = tables.get("mrr")
    if mrr is not None and 0 < len(mrr) <= _MOST_ROWS and not mrr.duplicated(["account_id", "month"]).any():
        into |= {who: to for who, to in _took_over(mrr).items() if who not in into}
    into = {who: to for who, to in into.items() if who != to and to not in into}
    if into:
        named = first_of([f"{who} into {to}" for who, to in into.items()], _NAMED)
        evidence, place = say("merged", n=len(into), names=named), ("mrr", "account_id", "")
        yield TableFinding("accounts that merged", "merge", evidence, _merge(into), "merged", place)


_MOST_ROWS = 500_000  # of revenue in which accounts that went over to the cent are looked for


def _took_over(mrr: pd.DataFrame) -> dict[object, object]:
    wide = mrr.set_index(["account_id", "month"])["amount"].unstack(fill_value=0)  # noqa: PD010 - nothing is aggregated
    values, found = wide.to_numpy(), {}
    for place in range(1, values.shape[1]):
        gone = np.flatnonzero((values[:, place - 1] > 0) & ~(values[:, place:] > 0).any(axis=1))
        rise = values[:, place] - values[:, place - 1]
        for row in gone.tolist():
            paid = values[row, place - 1]
            takers = np.flatnonzero((np.abs(rise - paid) < HALF_A_CENT) & (values[:, place - 1] > 0))
            is_telling = round(paid, 2) % 1 != 0 and np.sum(np.abs(values[:, place - 1] - paid) < HALF_A_CENT) == 1
            if len(takers) == 1 and is_telling:  # a price others pay too says nothing
                found[wide.index[row]] = wide.index[takers[0]]
    return found


def _merge(into: dict[object, object]) -> Fix:
    def fix(tables: Tables) -> Tables:
        made = {
            name: frame.assign(account_id=frame["account_id"].map(lambda who: into.get(who, who)))
            for name, frame in tables.items() if "account_id" in frame and name != "accounts"
        }  # fmt: skip
        accounts = tables["accounts"]
        return {**tables, **made, "accounts": accounts[~accounts["account_id"].isin(into)].reset_index(drop=True)}

    return fix


_LIKELIEST = ("USD", "JPY")  # of those that share a sign


def currencies_of_signs(signs: list[str], named: Collection[str] = ()) -> tuple[str, ...]:
    """Return the currencies that all signs can stand for, the likeliest first: what the data names elsewhere."""
    codes = [meaning(sign).codes for sign in dict.fromkeys(signs) if meaning(sign).codes]
    shared = frozenset.intersection(*codes) if codes else frozenset()
    return tuple(sorted(shared, key=lambda code: (code not in named, code not in _LIKELIEST, code)))


DETECTORS: tuple[Callable[[Tables], Iterator[TableFinding]], ...] = (
    _total_rows, _no_names, _same_rows, _spelt_twice, _seats_in_other_words, _charged_and_not_counted, _copies,
    _unit_changed, _yearly, _merged, _unfinished,
)  # fmt: skip
# By the checks of a customer base.
_TOLD_ELSEWHERE = (_same_rows, _spelt_twice, _seats_in_other_words, _charged_and_not_counted)
