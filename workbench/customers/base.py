"""The customer base: what a company knows about its customers, validated, and cut to a day when asked."""

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
from workbench.customers.currencies import stated_code
from workbench.customers.history import as_day, cut
from workbench.customers.integrity import MONTHLY, cross_table_problems
from workbench.customers.raw import Origin, Source, origin, raw_frame
from workbench.customers.tables import TABLES, table_name
from workbench.customers.validate import read_table
from workbench.errors import DataErrors, Problem, WorkbenchError, grouped
from workbench.expected import checking

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from workbench.customers.coverage import Coverage
    from workbench.customers.validate import ReadTable
    from workbench.errors import DataFinding


@dataclass(frozen=True, eq=False, repr=False)
class CustomerBase:
    """What a company knows about its customers: validated tables, one DataFrame each.

    Make one with `load` or `from_tables`. Every documented table is an attribute (`base.usage`), None when
    the company has no such table; every documented column is present, missing values where unknown. What
    an attribute returns can be changed freely: the customer base itself never changes. `place` is the folder or
    workbook it was read from.
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

    @classmethod
    def load(
        cls,
        folder_or_workbook: str | Path,
        as_of: dt.date | str | pd.Timestamp | None = None,
        *,
        currency: str = "",
        allow_credits: bool = False,
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
            base = replace(_validated(source, currency, allow_credits=allow_credits), place=place.absolute())
        return base if day is None else base.up_to(day)

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, pd.DataFrame | None],
        as_of: dt.date | str | pd.Timestamp | None = None,
        *,
        currency: str = "",
        allow_credits: bool = False,
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
        base = _validated(source, currency, allow_credits=allow_credits)
        return base if day is None else base.up_to(day)

    def up_to(self, as_of: dt.date | str | pd.Timestamp) -> CustomerBase:
        """Return the base as it was known at the end of the day `as_of`.

        A month or a week shows once it is over. Accounts that signed up later are gone from every table, and
        an account's plan and seats are those its visible history shows, unknown when it shows none.

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
        frames = cut(placed, day)
        origins = {name: Origin(each.file, frames[name].index) for name, each in self.origins.items()}
        frames = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
        if not len(frames["accounts"]) or not any(len(frames[name]) for name in MONTHLY if name in frames):
            raise WorkbenchError(
                f"Nothing is known on {day.date()}: the data starts later ({_span(self)}).",
                "Choose a later day.",
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
            "allow_credits": self.allow_credits,
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
    feature_use = property(lambda self: self.table("feature_use"), doc="Uses per account, week and feature.")
    features = property(lambda self: self.table("features"), doc="The product's features.")
    outcomes = property(lambda self: self.table("outcomes"), doc="Recorded outcomes of accounts.")
    requests = property(lambda self: self.table("requests"), doc="Feature requests of accounts.")
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
        from workbench.customers.needs import made_usage  # noqa: PLC0415 - the two modules need each other

        return MappingProxyType(made_usage(self))

    @cached_property
    def mrr_by_month(self) -> np.ndarray:
        """MRR, accounts x months, read-only; see `mrr_matrix`."""
        from workbench.customers.needs import made_mrr  # noqa: PLC0415 - the two modules need each other

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
    def _named_currency(self) -> str:
        """Currency code the data itself names."""
        for name in ("mrr", "plans"):
            if self.has(name) and len(codes := self.frames[name]["currency"].dropna()):
                return str(codes.iloc[0]).upper()
        return ""

    @cached_property
    def fingerprint(self) -> str:
        """A short text that is the same for the same data, whatever the order of rows, and else differs."""
        digest = hashlib.sha256(f"{self.as_of}{self.stated_currency}".encode())
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
        from workbench.customers.findings import find  # noqa: PLC0415 - as above

        return find(self)

    @cached_property
    def _coverage(self) -> Coverage:
        from workbench.customers.coverage import coverage  # noqa: PLC0415 - the two modules need each other

        return coverage(self)


def _validated(source: Source, currency: str = "", *, allow_credits: bool = False) -> CustomerBase:
    """Validate every table found and the tables together; DataErrors with all problems."""
    stated = stated_code(currency)
    read, problems = read_all(source, stated, allow_credits=allow_credits)
    if problems:
        raise DataErrors(problems)
    base = CustomerBase(
        MappingProxyType({name: read[name].frame for name in TABLES if name in read}),
        source=source.name,
        ignored_files=source.ignored,
        ignored_columns=MappingProxyType({name: table.ignored for name, table in read.items() if table.ignored}),
        origins=MappingProxyType({name: origin(table.file, table.lines) for name, table in read.items()}),
        allow_credits=allow_credits,
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
