"""The customer base: validated tables, what they cover, and what in them deserves a look."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import progress
from workbench.customers.anomalies import contradictions, flags_of_use, names_apart, outliers
from workbench.customers.as_of import as_day, cut
from workbench.customers.intake.ledger import PERIODS, USUAL_RULES, RevenueRules, revenue_of_tables, unknown_periods
from workbench.customers.intake.whole import data_findings
from workbench.customers.raw_tables import Origin, Source, cause, origin, raw_frame
from workbench.customers.tables import GUIDE, TABLES, table_name
from workbench.customers.validate import LEDGERS, MONTHLY, cross_table_problems, merged_into, neighbours, read_table
from workbench.customers.values import places, stated_code
from workbench.errors import DataErrors, DataFinding, Problem, WorkbenchError, grouped, problem_count
from workbench.formatting import first_of
from workbench.progress import checking
from workbench.results import Basis

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.anomalies import SomeTables, Suspect
    from workbench.customers.validate import ReadTable

    Detector = Callable[[SomeTables], Iterator[Suspect]]
    """Takes a customer base and yields cells that deserve a look, with the words for it."""


def fixed(values: np.ndarray) -> np.ndarray:
    """Return the array, closed for writing."""
    values.setflags(write=False)
    return values


def _month_numbers(months: pd.Series, first: pd.Timestamp) -> np.ndarray:
    """Count whole months since `first`."""
    whole = months.to_numpy(dtype="datetime64[M]")
    return (whole - np.datetime64(first, "M")).astype(int)


def _account_ids(base: CustomerBase) -> np.ndarray:
    return base.frames["accounts"]["account_id"].to_numpy(dtype=object)


def made_mrr(base: CustomerBase) -> np.ndarray:
    """Return amounts accounts x months; NaN where there is no row."""
    amounts = np.full((len(base), len(base.months)), np.nan)
    mrr = base.frames.get("mrr")
    if mrr is not None and len(mrr):
        where = account_places(base, mrr), _month_numbers(mrr["month"], base.months[0])
        _put(base, amounts, where, mrr["amount"].to_numpy())
    return fixed(amounts)


def made_usage(base: CustomerBase) -> dict[str, np.ndarray]:
    """Return metric -> quantities accounts x months; NaN where there is no row."""
    usage = base.frames.get("usage")
    if usage is None or usage.empty:
        return {}
    row = account_places(base, usage)
    column = _month_numbers(usage["month"], base.months[0])
    codes, metrics = pd.factorize(usage["metric"], sort=True)
    block = np.full((len(metrics), len(base), len(base.months)), np.nan)
    _put(base, block, (codes, row, column), usage["quantity"].to_numpy())
    return {str(name): fixed(block[code]) for code, name in enumerate(metrics)}


def _put(base: CustomerBase, block: np.ndarray, where: tuple[np.ndarray, ...], values: np.ndarray) -> None:
    """Put values into their places; those of accounts that are one with others are added up."""
    if not base.has("merges"):
        block[where] = values
        return
    known = ~np.isnan(values)
    block[tuple(each[known] for each in where)] = 0.0
    np.add.at(block, tuple(each[known] for each in where), values[known])


def mrr_matrix(base: CustomerBase) -> tuple[np.ndarray, pd.DatetimeIndex, np.ndarray]:
    """Return what accounts paid as a matrix.

    Parameters
    ----------
    base
        The customer base; the amounts are made once for it and shared.

    Returns
    -------
    tuple[np.ndarray, pd.DatetimeIndex, np.ndarray]
        account_ids, months, amounts in its currency (accounts x months, NaN where there is no row); read-only.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase, mrr_matrix
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01", "amount": [50, 90], "currency": "USD"})
    >>> mrr_matrix(CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid}))[2].tolist()
    [[50.0], [90.0]]
    """
    return _account_ids(base), base.months, base.mrr_by_month


def usage_cube(base: CustomerBase) -> tuple[np.ndarray, pd.DatetimeIndex, dict[str, np.ndarray]]:
    """Return what accounts used as a matrix per metric.

    Parameters
    ----------
    base
        The customer base; the quantities are made once for it and shared.

    Returns
    -------
    tuple[np.ndarray, pd.DatetimeIndex, dict[str, np.ndarray]]
        account_ids, months, metric -> quantities (accounts x months, NaN where there is no row); read-only.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase, usage_cube
    >>> used = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01", "metric": "seats", "quantity": [2, 9]})
    >>> usage_cube(CustomerBase.from_tables({"accounts": used[["account_id"]], "usage": used}))[2]["seats"].tolist()
    [[2.0], [9.0]]
    """
    return _account_ids(base), base.months, dict(base.usage_by_month)


# --- The customer base: what a company knows about its customers, validated, and cut to a day when asked


@dataclass(frozen=True, eq=False, repr=False)
class CustomerBase:
    """What a company knows about its customers: validated tables, one DataFrame each.

    Make one with `load` or `from_tables`. Every documented table is an attribute (`base.usage`), None when the company
    has no such table; every documented column is present, missing values where unknown. What an attribute returns can
    be changed freely: the customer base itself never changes.

    Parameters
    ----------
    frames, as_of, source, place
        Validated tables, the day they are known at the end of, and where they were read from.
    ignored_files, ignored_columns, origins
        What is not documented, and the file and line of every row.
    stated_currency, allow_credits, rules
        The currency where the data names none; whether usage may be below zero; how recurring revenue is counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> use = pd.DataFrame({"account_id": ["A", "B", "B"], "month": ["2024-01", "2024-01", "2024-02"]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "usage": use.assign(metric="seats", quantity=5)}
    >>> base = CustomerBase.from_tables(tables)
    >>> base.metrics, base.usage_by_month["seats"].tolist(), len(base.up_to("2024-01-31").usage)
    (('seats',), [[5.0, nan], [5.0, 5.0]], 2)
    """

    frames: Mapping[str, pd.DataFrame]
    as_of: dt.date | None = None
    source: str = ""
    ignored_files: tuple[str, ...] = ()
    ignored_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stated_currency: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    place: Path | None = None
    allow_credits: bool = False
    rules: RevenueRules = USUAL_RULES

    @classmethod
    def load(
        cls,
        folder_or_workbook: str | Path,
        as_of: dt.date | str | pd.Timestamp | None = None,
        *,
        currency: str = "",
        allow_credits: bool = False,
        rules: RevenueRules = USUAL_RULES,
    ) -> CustomerBase:
        """Read a folder of CSV, Parquet or Excel files, or one workbook, as known at the end of `as_of`.

        Parameters
        ----------
        folder_or_workbook
            Files or sheets are named as the tables; others are ignored and listed in `ignored_files`.
        as_of
            Hide everything later than this day; see `up_to`.
        currency
            What amounts are in where the data names no currency, or only a sign that several share, such as $.
        allow_credits
            Let usage be below zero, as returns and corrections make it: charges on it are credited.
        rules
            How recurring revenue is counted: of subscriptions and invoices where there is no mrr, and who is new again.

        Raises
        ------
        DataErrors
            With every problem in the data, when there is one.

        """
        from workbench.customers.readers import read_source  # noqa: PLC0415 - only files need the readers

        day = as_day(as_of)
        place = Path(folder_or_workbook)
        step = progress.Steps({"read": 2.2, "check": 1.0})
        with step("read", "reading the data"):
            source = read_source(place)
        step.expect(check=checking(len(source.tables), sum(raw.frame.size for raw in source.tables)))
        with step("check", "checking the data"):
            base = replace(_validated(source, currency, rules, allow_credits=allow_credits), place=place.absolute())
        return base if day is None else base.up_to(day)

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, pd.DataFrame | None],
        as_of: dt.date | str | pd.Timestamp | None = None,
        *,
        currency: str = "",
        allow_credits: bool = False,
        rules: RevenueRules = USUAL_RULES,
    ) -> CustomerBase:
        """Make a customer base of DataFrames keyed by table name, with the same validation as `load`."""
        day = as_day(as_of)
        given = {name: frame for name, frame in tables.items() if frame is not None}
        for name, frame in given.items():
            if not isinstance(frame, pd.DataFrame):
                raise WorkbenchError(f"{name} is a {type(frame).__name__}.", "Give a pandas DataFrame.")
        found = [raw_frame(known, frame) for name, frame in given.items() if (known := table_name(name))]
        unread = tuple(name for name in given if not table_name(name))
        source = Source(tuple(found), ignored=unread, name="tables in memory")
        base = _validated(source, currency, rules, allow_credits=allow_credits)
        return base if day is None else base.up_to(day)

    def up_to(self, as_of: dt.date | str | pd.Timestamp) -> CustomerBase:
        """Return the base as it was known at the end of the day `as_of`.

        A month or a week shows once it is over. Accounts that signed up later are gone from every table, and
        an account's plan and seats are those its visible history shows, unknown when it shows none. A table of which
        nothing was known yet is not there.

        Raises
        ------
        WorkbenchError
            When no account or no month is left.

        """
        day = as_day(as_of)
        if day is None:
            return self
        if self.as_of is not None:
            day = min(day, pd.Timestamp(self.as_of))
        placed = {name: frame.set_axis(self.lines(name)) for name, frame in self.frames.items()}
        needed = ("accounts", *MONTHLY)
        frames = {name: frame for name, frame in cut(placed, day).items() if len(frame) or name in needed}
        origins = {
            name: replace(each, lines=frames[name].index) for name, each in self.origins.items() if name in frames
        }
        frames = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
        if not len(frames["accounts"]) or not any(len(frames[name]) for name in MONTHLY if name in frames):
            raise WorkbenchError(
                f"Nothing is known on {day.date()}: the data starts later ({_span(self)}).", "Choose a later day."
            )
        return replace(self, frames=MappingProxyType(frames), as_of=day.date(), origins=MappingProxyType(origins))

    def in_currency(self, code: str) -> CustomerBase:
        """Return the base with its amounts read in this currency where the data names none.

        What the data says comes first: a base that names its currency comes back as it is, and so does one for which
        `code` is empty.
        """
        stated = stated_code(code)
        if not stated or self._named_currency:
            return self
        return self if stated == self.stated_currency else replace(self, stated_currency=stated)

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.frames["accounts"])

    def __repr__(self) -> str:
        until = f", as of {self.as_of}" if self.as_of else ""
        return f"CustomerBase({len(self):,} accounts, {_span(self)}, tables: {', '.join(self.tables)}{until})"

    def __getstate__(self) -> dict[str, object]:
        """Leave cached figures and the read-only views out when pickled."""
        return {
            "frames": dict(self.frames), "as_of": self.as_of, "source": self.source,
            "ignored_files": self.ignored_files, "ignored_columns": dict(self.ignored_columns),
            "stated_currency": self.stated_currency, "origins": dict(self.origins), "place": self.place,
            "allow_credits": self.allow_credits, "rules": self.rules,
        }  # fmt: skip

    def has(self, table: str) -> bool:
        """Tell whether the company has this table, with at least one row."""
        return table in self.frames and len(self.frames[table]) > 0

    def table(self, name: str) -> pd.DataFrame | None:
        """Return one table, None when the company has none; KeyError when no such table is documented."""
        if name not in TABLES:
            raise KeyError(f"no table {name!r}; the tables are {', '.join(TABLES)}")
        frame = self.frames.get(name)
        return None if frame is None else frame.copy(deep=False)  # copy-on-write: cheap, and safe to change

    @property
    def tables(self) -> tuple[str, ...]:
        """Name the tables that are there."""
        return tuple(name for name in TABLES if name in self.frames)

    def lines(self, name: str) -> pd.Index:
        """Return the line in its file of every row of a table, as a person sees it: the header is line 1."""
        known = self.origins.get(name)
        return pd.RangeIndex(2, len(self.frames[name]) + 2) if known is None else known.lines

    @property
    def accounts(self) -> pd.DataFrame:
        """One row per account."""
        return self.frames["accounts"].copy(deep=False)

    usage = property(lambda self: self.table("usage"), doc="Quantities per account, month and metric.")
    mrr = property(lambda self: self.table("mrr"), doc="Monthly recurring revenue per account and month.")
    subscriptions = property(lambda self: self.table("subscriptions"), doc="What accounts subscribe to, with terms.")
    invoice_lines = property(lambda self: self.table("invoice_lines"), doc="Lines of invoices, each with its time.")
    feature_use = property(lambda self: self.table("feature_use"), doc="Uses per account, week and feature.")
    features = property(lambda self: self.table("features"), doc="The product's features.")
    outcomes = property(lambda self: self.table("outcomes"), doc="Recorded outcomes of accounts.")
    requests = property(lambda self: self.table("requests"), doc="Feature requests of accounts.")
    daily_usage = property(lambda self: self.table("daily_usage"), doc="Quantities by account, day and metric.")
    user_activity = property(lambda self: self.table("user_activity"), doc="Uses by account, month and person.")
    merges = property(lambda self: self.table("merges"), doc="Accounts that became one with others.")
    contacts = property(lambda self: self.table("contacts"), doc="Roles that are spoken with at accounts.")
    plans = property(lambda self: self.table("plans"), doc="Today's price list.")
    plan_limits = property(lambda self: self.table("plan_limits"), doc="What each plan allows.")
    plan_features = property(lambda self: self.table("plan_features"), doc="What each plan contains.")
    competitor_offers = property(lambda self: self.table("competitor_offers"), doc="Published prices of others.")
    survey_price_sensitivity = property(
        lambda self: self.table("survey_price_sensitivity"), doc="Answers to the four price questions."
    )
    survey_price_ladder = property(lambda self: self.table("survey_price_ladder"), doc="Yes or no at the prices asked.")
    survey_choice = property(lambda self: self.table("survey_choice"), doc="Choices between alternatives.")
    survey_best_worst = property(lambda self: self.table("survey_best_worst"), doc="Best and worst features.")
    survey_feature_fit = property(lambda self: self.table("survey_feature_fit"), doc="Kano answers.")

    @cached_property
    def months(self) -> pd.DatetimeIndex:
        """All months from the first to the last in usage and MRR, by their first day."""
        spans = [self.frames[name]["month"] for name in MONTHLY if self.has(name)]
        first, last = min(span.min() for span in spans), max(span.max() for span in spans)
        return pd.date_range(first, last, freq="MS", unit="us", name="month")

    @cached_property
    def usage_by_month(self) -> Mapping[str, np.ndarray]:
        """Quantities per metric, accounts x months, read-only; see `usage_cube`."""
        return MappingProxyType(made_usage(self))

    @cached_property
    def mrr_by_month(self) -> np.ndarray:
        """MRR, accounts x months, read-only; see `mrr_matrix`."""
        return made_mrr(self)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics in usage, sorted."""
        return tuple(sorted(self.frames["usage"]["metric"].unique())) if self.has("usage") else ()

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments, sorted; empty when accounts carry none."""
        return tuple(sorted(self.frames["accounts"]["segment"].dropna().unique()))

    @cached_property
    def currency(self) -> str:
        """Currency code of MRR and price list, else the one stated with `in_currency`; "" when nobody says."""
        return self._named_currency or self.stated_currency

    @cached_property
    def names_currency(self) -> bool:
        """Tell whether any amount in the data names its currency; where none does, it is what was stated."""
        return bool(self._named_currency)

    @property
    def _named_currency(self) -> str:
        """Currency code the data itself names."""
        for name in ("mrr", "plans"):
            if self.has(name) and len(codes := self.frames[name]["currency"].dropna()):
                return str(codes.iloc[0]).upper()
        return ""

    @cached_property
    def fingerprint(self) -> str:
        """A short text that is the same for the same data, whatever the order of rows, and else differs."""
        rules = self.rules.unusual() or ""
        digest = hashlib.sha256(f"{self.as_of}{self.stated_currency}{rules}".encode())
        for name in self.tables:
            frame = self.frames[name]
            rows = np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy())
            digest.update(f"{name}:{','.join(frame.columns)}:{len(frame)}".encode())
            digest.update(rows.tobytes())
        return digest.hexdigest()[:16]

    def coverage(self) -> Coverage:
        """Say what the data covers: accounts, months, share of accounts per metric, gaps, rows."""
        return self._coverage

    @cached_property
    def findings(self) -> tuple[DataFinding, ...]:
        """What in the data deserves a look and can be right, one for each cause; see `customers.findings`."""
        return find_anomalies(self)

    @cached_property
    def _coverage(self) -> Coverage:

        return coverage(self)


def _validated(
    source: Source, currency: str = "", rules: RevenueRules = USUAL_RULES, *, allow_credits: bool = False
) -> CustomerBase:
    """Validate every table found and the tables together; DataErrors with all problems."""
    stated = stated_code(currency)
    read, problems = read_all(source, stated, allow_credits=allow_credits)
    if problems:
        raise DataErrors(problems)
    frames = {name: read[name].frame for name in TABLES if name in read}
    if MRR not in frames and not frames.keys().isdisjoint(LEDGERS):
        frames[MRR] = revenue_of_tables(frames, rules)
    base = CustomerBase(
        MappingProxyType({name: frames[name] for name in TABLES if name in frames}),
        source=source.name,
        ignored_files=source.ignored,
        ignored_columns=MappingProxyType({name: table.ignored for name, table in read.items() if table.ignored}),
        origins=MappingProxyType(
            {name: origin(table.file, table.lines, table.thousands) for name, table in read.items()}
        ),
        allow_credits=allow_credits,
        rules=rules,
    )
    return base.in_currency(stated)


def read_all(
    source: Source, currency: str = "", *, allow_credits: bool = False
) -> tuple[dict[str, ReadTable], tuple[Problem, ...]]:
    """Read every table of a source; return them by name with all problems, table by table."""
    problems = list(source.problems)
    read: dict[str, ReadTable] = {}
    step = progress.Steps({"each": 3.0, "together": 1.0})
    with step("each"):
        for raw in progress.each(source.tables, lambda raw: raw.frame.size):
            if raw.table in read:
                problems.append(_twice(raw.table, raw.file, read[raw.table].file))
                continue
            read[raw.table] = read_table(raw, currency, allow_credits=allow_credits)
    for table in read.values():
        problems += table.problems
    if problems and not any(problem.table for problem in problems):  # there is no place to read from
        return read, grouped(problems)
    if "subscriptions" in read:
        sold = read["subscriptions"]
        rows = np.flatnonzero(unknown_periods(sold.frame["period"]))
        problems += sold.problems_at(rows, "period", *PERIODS)
    unreadable = {problem.table for problem in source.problems}
    with step("together"):
        problems += [
            problem for problem in cross_table_problems(read)
            if problem.file != problem.table or problem.table not in unreadable
        ]  # fmt: skip
    return read, grouped(problems)


def _twice(table: str, file: str, first: str) -> Problem:
    return Problem(table, file, None, "", "", f"one file for the table {table}", f"{first} holds it too: keep one.")


def _span(base: CustomerBase) -> str:
    """Write the months covered."""
    return f"{base.months[0]:%Y-%m} to {base.months[-1]:%Y-%m}"


# --- What the data covers: accounts, months, share of accounts per metric, gaps, rows per table

MRR = "mrr"


@dataclass(frozen=True, slots=True)
class Gap:
    """Months without a row between an account's first and last month of a metric (or "mrr").

    Attributes
    ----------
    account_id, metric, months
        Whose, of what, and which months, written 2024-03.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> paid = pd.DataFrame({"account_id": [*"ABABB"], "month": [f"2024-0{month}" for month in (1, 1, 3, 3, 2)]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "mrr": paid.assign(amount=9, currency="USD")}
    >>> CustomerBase.from_tables(tables).coverage().gaps
    (Gap(account_id='A', metric='mrr', months=('2024-02',)),)
    """

    account_id: str
    metric: str
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """One table: its rows, the accounts in it, its first and last date, and the columns left unread."""

    table: str
    rows: int
    accounts: int | None
    first: str
    last: str
    ignored_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a customer base covers; shares are of all accounts, 0 to 1, months are written 2024-03.

    Attributes
    ----------
    accounts, months, first_month, last_month
        How many there are, and the ends of what usage and MRR cover.
    share_per_metric
        Accounts with at least one row of the metric ("mrr" included).
    gaps, tables, ignored_files
        Months missing in between; rows and dates per table; files that are no table.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> use = pd.DataFrame({"account_id": ["A", "B", "B"], "month": ["2024-01", "2024-01", "2024-02"]})
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "usage": use.assign(metric="seats", quantity=5)}
    >>> base = CustomerBase.from_tables(tables)
    >>> coverage = base.coverage()
    >>> coverage.accounts, coverage.last_month, coverage.share_per_metric["seats"]
    (2, '2024-02', 1.0)
    """

    accounts: int
    months: int
    first_month: str
    last_month: str
    share_per_metric: Mapping[str, float]
    gaps: tuple[Gap, ...]
    tables: tuple[TableCoverage, ...]
    ignored_files: tuple[str, ...] = ()

    def basis(self, accounts: int | Collection[str] | None = None, metric: str | None = None, note: str = "") -> Basis:
        """Say which part of the base a result stands on.

        Parameters
        ----------
        accounts
            How many accounts the result uses, or which; None means all that have `metric`, or all.
        metric
            A metric (or "mrr") the result needs.
        note
            What else a reader should know; gaps in the metric are added.

        """
        if accounts is None:
            share = 1.0 if metric is None else self.share_per_metric.get(metric, 0.0)
            used = round(share * self.accounts)
        else:
            used = accounts if isinstance(accounts, int) else len(accounts)
        holes = sum(gap.metric == metric for gap in self.gaps)
        if holes:
            accounts_word = "account has" if holes == 1 else "accounts have"
            note = f"{note} {holes:,} {accounts_word} months missing in {metric}.".strip()
        return Basis(used, self.accounts, self.first_month, self.last_month, note)

    def frame(self) -> pd.DataFrame:
        """Return one row per table, for showing: table, rows, accounts, first, last, ignored columns."""
        return pd.DataFrame(
            {
                "table": [table.table for table in self.tables],
                "rows": [table.rows for table in self.tables],
                "accounts": pd.array([table.accounts for table in self.tables], dtype="Int64"),
                "first": [table.first for table in self.tables],
                "last": [table.last for table in self.tables],
                "ignored columns": [", ".join(table.ignored_columns) for table in self.tables],
            }
        )

    def metrics_frame(self) -> pd.DataFrame:
        """Return one row per metric, for showing: share of accounts, accounts with gaps, months missing."""
        names = list(self.share_per_metric)
        return pd.DataFrame(
            {
                "metric": names,
                "share of accounts": [self.share_per_metric[name] for name in names],
                "accounts with gaps": [sum(gap.metric == name for gap in self.gaps) for name in names],
                "months missing": [sum(len(gap.months) for gap in self.gaps if gap.metric == name) for name in names],
            }
        )


def coverage(base: CustomerBase) -> Coverage:
    """Measure what `base` covers."""
    account_ids, months, blocks = usage_cube(base)
    if base.has(MRR):
        blocks = {MRR: mrr_matrix(base)[2], **blocks}
    labels = np.array([f"{month:%Y-%m}" for month in months], dtype=object)
    gaps: list[Gap] = []
    for metric, block in blocks.items():
        gaps += _gaps(account_ids, labels, metric, block)
    return Coverage(
        accounts=len(base), months=len(months), first_month=str(labels[0]), last_month=str(labels[-1]),
        share_per_metric={name: float((~np.isnan(block)).any(axis=1).mean()) for name, block in blocks.items()},
        gaps=tuple(gaps), tables=tuple(_table(base, name) for name in base.tables), ignored_files=base.ignored_files,
    )  # fmt: skip


def _gaps(account_ids: np.ndarray, labels: np.ndarray, metric: str, block: np.ndarray) -> list[Gap]:
    """Find months without a row between the first and last row of each account."""
    known = ~np.isnan(block)
    begun = np.maximum.accumulate(known, axis=1)
    goes_on = np.maximum.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    holes = begun & goes_on & ~known
    return [Gap(str(account_ids[row]), metric, tuple(labels[holes[row]])) for row in np.flatnonzero(holes.any(axis=1))]


def _table(base: CustomerBase, name: str) -> TableCoverage:
    """Measure one table."""
    frame = base.frames[name]
    dated = TABLES[name].dated
    days = frame[dated].dropna() if dated else pd.Series(dtype="datetime64[us]")
    accounts = int(frame["account_id"].nunique()) if "account_id" in frame else None
    first, last = (f"{days.min():%Y-%m-%d}", f"{days.max():%Y-%m-%d}") if len(days) else ("", "")
    return TableCoverage(name, len(frame), accounts, first, last, base.ignored_columns.get(name, ()))


# --- What in the data deserves a look and can be right: every detector, and how it writes what it found


def find_anomalies(base: CustomerBase) -> tuple[DataFinding, ...]:
    """Return what every detector finds in a base, one finding for each cause, and the files nobody read."""
    found = [finding for detector in DETECTORS for suspect in detector(base) for finding in _told(base, suspect)]
    files = {name: each.file for name, each in base.origins.items()}
    whole = (*data_findings(dict(base.frames), files), *_read_by_the_others(base))
    return (*grouped(found), *whole, *_unread_files(base))


def _told(base: CustomerBase, suspect: Suspect) -> list[DataFinding]:
    """Write the cells of one cause, with rows as in their file and what stands around them."""
    frame, lines = base.frames[suspect.table], base.lines(suspect.table).to_numpy()
    cells = frame[suspect.column]
    around = neighbours(TABLES[suspect.table], frame, cells, suspect.rows, lines) if suspect.in_context else ()
    file = base.origins[suspect.table].file if suspect.table in base.origins else suspect.table
    problems = cause(
        (suspect.table, file, suspect.column), lines[suspect.rows], cells.iloc[suspect.rows],
        expected=suspect.expected, remedy=suspect.remedy, neighbours=around, kind=DataFinding,
    )  # fmt: skip
    return [each for each in problems if isinstance(each, DataFinding)]


def _read_by_the_others(base: CustomerBase) -> Iterator[DataFinding]:
    """Name numbers whose dot was read as parting thousands for what stands beside them."""
    remedy = "So they are read. If it parts decimals, write two places or four in all of them."
    for name, each in base.origins.items():
        if each.thousands:
            expected = "thousands: other numbers of the file have no dot, which decimals of three places would"
            yield DataFinding(name, each.file, None, "", first_of(each.thousands, _NAMED), expected, remedy)


_NAMED = 3


def _unread_files(base: CustomerBase) -> Iterator[DataFinding]:
    """Name the files and sheets whose names mean no table."""
    remedy = "It was not read. Name it after a table when it holds one."
    for name in base.ignored_files:
        if name != GUIDE:
            yield DataFinding("", name, None, "", "", "a file or sheet named after a table", remedy)


DETECTORS: tuple[Detector, ...] = (outliers, names_apart, contradictions, flags_of_use)

# --- Check a folder or workbook without raising, and write its problems as lines for the command line

HEADINGS = ("File", "Rows", "First rows", "Column", "Found", "Expected", "What to do")


def check_source(folder_or_workbook: str | Path, currency: str = "") -> tuple[Problem, ...]:
    """Return every problem in the data; empty when it can be loaded. `currency` is that of `CustomerBase.load`."""
    from workbench.customers.readers import read_source  # noqa: PLC0415 - as above

    return read_all(read_source(Path(folder_or_workbook)), currency)[1]


def problems_text(problems: Sequence[Problem], limit: int | None = None) -> str:
    """Write each problem as one line; `limit` shows only the first ones and says so."""
    if not problems:
        return "No problems: the data can be loaded."
    rest = len(problems) - limit if limit is not None and len(problems) > limit else 0
    lines = [as_line(problem) for problem in problems[:limit]]
    return "\n".join(
        [*lines, "", f"{problem_count(problems)}." + (f" The last {rest:,} are not shown." if rest else "")]
    )


def problems_frame(problems: Sequence[Problem]) -> pd.DataFrame:
    """Return one row per cause: where, how many rows, the first of them (as a spreadsheet counts), and what to do."""
    return pd.DataFrame([_cells(problem) for problem in problems], columns=list(HEADINGS), dtype=object)


def _cells(problem: Problem) -> tuple[str, ...]:
    around = "".join(f" {sentence}" for sentence in problem.around)
    expected = f"{problem.expected}.{around}" if around else problem.expected
    return (
        problem.file, f"{problem.count:,}", problem.places, problem.column, problem.found, expected, problem.remedy
    )  # fmt: skip


def as_line(problem: Problem) -> str:
    """Write a problem as one line; control characters of a broken file stay away from the terminal."""
    return "".join(character if character.isprintable() else " " for character in str(problem))


# --- Where values of one column stand in another


def account_places(base: CustomerBase, frame: pd.DataFrame) -> NDArray[np.intp]:
    """Return the row in the accounts table of each record's account: of the one it is part of, where it merged."""
    ids = base.frames["accounts"]["account_id"]
    own = places(frame["account_id"], ids)
    if not base.has("merges"):
        return own
    ends, _ = merged_into(base.frames["merges"])
    part_of = np.arange(len(ids) + 1)
    part_of[places(pd.Series([*ends]), ids)] = places(pd.Series([*ends.values()]), ids)
    part_of[-1] = -1  # of nobody
    return part_of[own]
