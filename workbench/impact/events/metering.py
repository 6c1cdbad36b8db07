"""Raw events to monthly usage and its bills, in one way that every engine runs.

What counted, and what did not and why.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from workbench.customers.tables import LARGEST
from workbench.formatting import count, percent, thousands
from workbench.impact.billing import BILLED, ON_REQUEST, PLAN_NOT_OFFERED, PLAN_UNKNOWN, QUANTITY_UNKNOWN, REASONS
from workbench.impact.errors import ReplayError
from workbench.impact.events.event_log import Keep, fetched, keep_frame, lazy_frame, row_count, standard
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd
    from narwhals.typing import IntoFrame

    from workbench.pricing.price_book import Plan, PriceBook

# --- The rules by which raw events become monthly usage

LateEvents = Literal["own month", "month received"]
Copies = Literal["once", "every one"]
LATE_CHOICES: tuple[LateEvents, ...] = ("own month", "month received")
COPY_CHOICES: tuple[Copies, ...] = ("once", "every one")
MOST_GRACE_DAYS = 366


@dataclass(frozen=True, slots=True)
class EventRules:
    """How events are counted.

    Times are UTC, and a time without a zone is read as UTC. An event without account, time or quantity, or with a
    negative quantity, is left out and counted; such an event is nobody's copy.

    Parameters
    ----------
    metrics
        The metrics that are known; events of any other are left out and counted. All are known when None.
    grace_days
        A month closes so many days after its end. An event received later than that is late; one without a time of
        receipt never is.
    late
        Whether a late event counts in its "own month" or in the "month received".
    copies
        Count copies of an event "once" or "every one". Copies share an event_id; events without one are copies when
        they agree in everything. Of copies that differ, the one received first counts.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import EventRules, events_to_months
    >>> times = pd.to_datetime(["2024-01-05", "2024-01-05"])
    >>> log = pd.DataFrame({"account_id": "A", "timestamp": times, "metric": "rows", "quantity": 5})
    >>> [events_to_months(log, EventRules(copies=copies)).counts.counted for copies in ("once", "every one")]
    [1, 2]
    """

    metrics: tuple[str, ...] | None = None
    grace_days: int = 3
    late: LateEvents = "own month"
    copies: Copies = "once"

    def __post_init__(self) -> None:
        if self.metrics is not None:
            object.__setattr__(self, "metrics", tuple(dict.fromkeys(self.metrics)))
            if not self.metrics:
                raise ReplayError("No metric is known, so no event can be counted.", "Name metrics, or None for all.")
        if not 0 <= self.grace_days <= MOST_GRACE_DAYS:
            raise ReplayError(f"{self.grace_days} days of grace make no sense.", f"Choose 0 to {MOST_GRACE_DAYS} days.")
        for value, choices in ((self.late, LATE_CHOICES), (self.copies, COPY_CHOICES)):
            if value not in choices:
                raise ReplayError(f"{value!r} is no rule for events.", f"Choose one of: {', '.join(choices)}.")

    def sentences(self) -> tuple[str, ...]:
        """Say the rules in plain words."""
        closing = f"A month closes {self.grace_days} days after its end (UTC)."
        copies = {
            "once": "Copies of an event count once: the one received first.",
            "every one": "Every copy of an event counts.",
        }
        late = f"A late event counts in {'its own month' if self.late == 'own month' else 'the month it was received'}."
        metrics = "" if self.metrics is None else f"Known metrics: {', '.join(self.metrics)}."
        return tuple(each for each in (closing, late, copies[self.copies], metrics) if each)


# --- A short key for the id of every event

KEY = "id_key"


def with_keys(events: nw.LazyFrame) -> nw.LazyFrame:
    """Return the events with an `id_key` that is the same for the same id; of events without an id it says nothing.

    Two ids may share a key. Only DuckDB hashes: for the others it saved nothing that could be measured, or they have no
    hash to ask for, so there the key is the id.
    """
    if events.implementation == nw.Implementation.DUCKDB:
        return nw.from_native(events.to_native().project(f"*, hash(event_id) as {KEY}")).lazy()
    return events.with_columns(nw.col("event_id").alias(KEY))


def nameless() -> nw.Expr:
    """Return whether an event has no id."""
    return nw.col("event_id").is_null() | (nw.col("event_id") == "")


# --- Which events count, and why others do not

NO_ACCOUNT = 1
NO_TIME = 2
NO_QUANTITY = 3
NEGATIVE = 4
UNKNOWN_METRIC = 5
TOO_LARGE = 6
VERDICTS = {
    NO_ACCOUNT: "no account",
    NO_TIME: "no time, or none that can be read",
    NO_QUANTITY: "no quantity, or none that can be read",
    NEGATIVE: "negative quantity",
    UNKNOWN_METRIC: "unknown metric",
    TOO_LARGE: f"a quantity over {LARGEST:,.0f}, which no number holds exactly",
}


def counts(rules: EventRules) -> nw.Expr:
    """Return whether an event counts; an unknown answer is no."""
    known = _said("metric") if rules.metrics is None else nw.col("metric").is_in(rules.metrics)
    # Engines disagree on how NaN compares, but none calls it less than a number.
    readable = (nw.col("quantity") >= 0) & (nw.col("quantity") <= LARGEST)
    return _said("account_id") & ~nw.col("timestamp").is_null() & readable & known


def left_out(events: nw.LazyFrame, rules: EventRules) -> pd.DataFrame:
    """Return verdict, metric (of unknown ones, else missing) and the number of events that do not count."""
    wrong = events.filter(~nw.coalesce(counts(rules), nw.lit(value=False)))
    named = nw.when(nw.col("verdict") == UNKNOWN_METRIC).then(nw.col("metric"))
    wrong = wrong.select(_verdict().alias("verdict"), "metric").select("verdict", named.alias("metric"))
    return fetched(wrong.group_by("verdict", "metric").agg(nw.len().alias("events")))


def _verdict() -> nw.Expr:
    """Return why an event does not count: the first reason that applies, from no account to unknown metric."""
    quantity = nw.col("quantity")
    found = nw.lit(UNKNOWN_METRIC)
    for wrong, code in (
        (quantity < 0, NEGATIVE),
        (quantity > LARGEST, TOO_LARGE),
        (quantity.is_null() | ~(quantity <= sys.float_info.max), NO_QUANTITY),
        (nw.col("timestamp").is_null(), NO_TIME),
        (~_said("account_id"), NO_ACCOUNT),
    ):
        found = nw.when(wrong).then(nw.lit(code)).otherwise(found)
    return found


def _said(name: str) -> nw.Expr:
    """Return whether a text says anything; pandas calls a missing text different from an empty one."""
    return ~nw.col(name).is_null() & (nw.col(name) != "")


# --- Copies of events, counted once

_TIMES = "times"
_RECEIVED = "received_or_happened"


def every_one(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Return the events that count as they are, each as often as it was sent."""
    return events.filter(counts(rules)).drop("event_id", strict=False)


def without_copies(events: nw.LazyFrame, rules: EventRules, keep: Keep) -> nw.LazyFrame:
    """Return the events that count, deduplicated: one row for all copies of one."""
    if not _has(events, "event_id"):
        return _alike(events, rules)
    rest = with_keys(events)
    named = nw.when(~nameless()).then(nw.col(KEY)).alias(KEY)
    found = rest.select(named).group_by(KEY).agg(nw.len().alias(_TIMES))
    found = keep(found.filter((nw.col(_TIMES) > 1) | nw.col(KEY).is_null()), "Looking for copies of events")
    twice = found.filter(~nw.col(KEY).is_null()).select(KEY)
    keys, without_id = row_count(found), row_count(found.filter(nw.col(KEY).is_null()))
    parts = []
    if without_id:
        parts.append(_alike(rest.filter(nameless()).drop(KEY), rules))
        rest = rest.filter(~nameless())
    if keys > without_id:
        # Fetched before they are looked at, and sorted before all others are added up: rules are then tried on the few
        # that were copied, and these do not share the engine's memory with the others.
        several = keep(rest.join(twice, on=KEY, how="semi").drop(KEY), "Fetching the copies")
        parts.append(keep(_first_received(several.filter(counts(rules))), "Sorting the copies"))
        rest = rest.join(twice, on=KEY, how="anti")
    single = every_one(rest.drop(KEY), rules)
    names = single.collect_schema().names()
    return nw.concat([single, *(part.select(*names) for part in parts)]) if parts else single


def _first_received(several: nw.LazyFrame) -> nw.LazyFrame:
    """Keep of events that share an id the one received first; a time of receipt unknown is the time it happened."""
    received = nw.coalesce("received_at", "timestamp") if _has(several, "received_at") else nw.col("timestamp")
    # What follows the time of receipt only makes the choice the same everywhere when copies differ.
    order = [_RECEIVED, "timestamp", "quantity", "metric", "account_id"]
    return several.with_columns(received.alias(_RECEIVED)).unique("event_id", keep="first", order_by=order)


def _alike(events: nw.LazyFrame, rules: EventRules) -> nw.LazyFrame:
    """Make one row of events that agree in everything but a missing id."""
    return every_one(events, rules).unique()


def _has(frame: nw.LazyFrame, name: str) -> bool:
    return name in frame.collect_schema().names()


# --- What became of the events: how many counted, how many did not, and why

MOST_NAMED = 10
MOST_LEFT_OUT = 0.01  # share of events that do not count from which a warning is due


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events were read, counted, and left out for which reason.

    Attributes
    ----------
    read, counted
        Events.
    left_out
        Every reason of VERDICTS with its number, 0 included.
    copies
        Further copies of counted events; None when every copy counts.
    late
        Counted events received after their month had closed; None without times of receipt.
    unknown_metrics
        The most frequent of them with their number of events.
    rules
        What decided.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import events_to_months
    >>> time = pd.Timestamp("2024-01-05")
    >>> log = pd.DataFrame({"account_id": ["A", "A", None], "timestamp": time, "metric": "rows", "quantity": 5})
    >>> counts = events_to_months(log).counts
    >>> counts.read, counts.counted, counts.copies, counts.left_out["no account"]
    (3, 1, 1, 1)
    """

    read: int
    counted: int
    left_out: Mapping[str, int]
    copies: int | None
    late: int | None
    unknown_metrics: Mapping[str, int]
    rules: EventRules

    def frame(self) -> pd.DataFrame:
        """Return events, number, share of those read (None where unknown)."""
        import pandas as pd  # noqa: PLC0415 - a table when asked for

        lines = {"read": self.read, "counted": self.counted, "copies": self.copies, **self.left_out, "late": self.late}
        rows = [
            (name, number, number / self.read if number is not None and self.read else None)
            for name, number in lines.items()
        ]
        return pd.DataFrame(rows, columns=["events", "number", "share"]).astype({"number": "Int64", "share": "float64"})

    def sentences(self) -> tuple[str, ...]:
        """Say what became of the events, with the rules that decided it."""
        found = [f"{count('event', self.read)} read, {thousands(self.counted)} counted."]
        if self.copies:
            found.append(f"{thousands(self.copies)} were further copies of a counted event.")
        found += [f"{thousands(number)} left out: {reason}." for reason, number in self.left_out.items() if number]
        if any(self.left_out[VERDICTS[code]] for code in (NO_TIME, NO_QUANTITY)):
            found.append("Times are read as 2024-01-31 or 2024-01-31T09:30:00Z, quantities as 1250.5.")
        if self.unknown_metrics:
            named = ", ".join(f"{metric} ({thousands(number)})" for metric, number in self.unknown_metrics.items())
            found.append(f"Unknown metrics: {named}.")
        if self.late is None:
            found.append("How many came late is unknown: the events have no time of receipt.")
        else:
            where = "their own month" if self.rules.late == "own month" else "the month received"
            days = count("day", self.rules.grace_days)
            found.append(
                f"{thousands(self.late)} came late (more than {days} after their month ended) and count in {where}."
            )
        return tuple(found)

    def cautions(self) -> tuple[Caution, ...]:
        """Warn when more events are left out than usual."""
        dropped = sum(self.left_out.values())
        if self.read == 0 or dropped / self.read <= MOST_LEFT_OUT:
            return ()
        return (Caution(f"{percent(dropped / self.read, 1)} of the events are left out of monthly usage.", "warning"),)


def counts_of(wrong: pd.DataFrame, rules: EventRules, *, read: int, kept: int, late: int | None) -> EventCounts:
    """Put together those left out (verdict, metric, events), all that were read, and those kept once copies were gone.

    `late` are those of the kept ones that came late; None when that cannot be known.
    """
    found = wrong.groupby("verdict")["events"].sum()
    strange = wrong[wrong["metric"].notna() & (wrong["metric"] != "")]
    top = strange.sort_values(["events", "metric"], ascending=[False, True])[:MOST_NAMED]
    return EventCounts(
        read=read,
        counted=kept,
        left_out={words: int(found.get(code, 0)) for code, words in VERDICTS.items()},
        copies=read - int(found.sum()) - kept if rules.copies == "once" else None,
        late=late,
        unknown_metrics={str(name): int(number) for name, number in zip(top["metric"], top["events"], strict=True)},
        rules=rules,
    )


# --- Raw events to monthly usage, in one way that every engine runs

MONTH = "1mo"
DEFAULT = EventRules()


@dataclass(frozen=True, slots=True, eq=False)
class EventMonths:
    """Monthly usage made of events, and what became of every event.

    Attributes
    ----------
    usage
        A frame of the engine the events are on: account_id, month (its first day), metric, quantity, events.
    counts
        What became of every event.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import events_to_months
    >>> times = pd.to_datetime(["2024-01-05", "2024-01-31"])
    >>> log = pd.DataFrame({"account_id": "A", "timestamp": times, "metric": "rows", "quantity": [5, 7]})
    >>> events_to_months(log).table()[["account_id", "month", "metric", "quantity"]]
      account_id      month metric  quantity
    0          A 2024-01-01   rows      12.0
    """

    usage: Any = field(repr=False)
    counts: EventCounts

    def table(self) -> pd.DataFrame:
        """Return the monthly usage as a pandas DataFrame in the form of the table `usage`, sorted."""
        usage = nw.from_native(self.usage).lazy().select("account_id", "month", "metric", "quantity")
        found = fetched(usage)
        found = found.astype({"account_id": "str", "metric": "str", "month": "datetime64[us]", "quantity": "float64"})
        return found.sort_values(["account_id", "month", "metric"], ignore_index=True)


def events_to_months(events: IntoFrame, rules: EventRules = DEFAULT, *, keep: Keep = keep_frame) -> EventMonths:
    """Return monthly usage per account and metric, and the number of events counted and left out.

    Parameters
    ----------
    events
        A pandas or Spark DataFrame, a DuckDB relation or an ibis table: account_id, timestamp, metric, quantity and
        perhaps event_id and received_at. Times with a zone are moved to UTC, those without are taken as UTC.
    rules
        What counts, and in which month.
    keep
        How a frame is worked out; an `Engine` gives one that shows progress.

    Returns
    -------
    EventMonths
        Usage by account, month and metric, and what became of every event.

    Raises
    ------
    EventDataError
        When a column is missing or holds something else than it should.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import events_to_months
    >>> times = pd.to_datetime(["2024-01-31 23:30-05:00", "2024-01-31 18:30-05:00"])
    >>> log = pd.DataFrame({"account_id": "A", "timestamp": times, "metric": "rows", "quantity": [5, 7]})
    >>> events_to_months(log).table()[["month", "quantity"]]
           month  quantity
    0 2024-01-01       7.0
    1 2024-02-01       5.0
    """
    frame = standard(events)
    received = "received_at" in frame.collect_schema().names()
    wrong = left_out(frame, rules)
    rows = without_copies(frame, rules, keep) if rules.copies == "once" else every_one(frame, rules)
    numbers = {"events": nw.len()}
    if received:
        # Counted, not added up: databases add whole numbers in ones of 16 bytes, which takes its time.
        numbers["late"] = nw.col("late").count()
    usage = (
        _in_months(rows, rules, received=received)
        .group_by("account_id", "month", "metric")
        .agg(nw.col("quantity").sum().alias("quantity"), *(number.alias(name) for name, number in numbers.items()))
    )
    usage = keep(usage.with_columns(nw.col(*numbers).cast(nw.Int64)), "Adding up months")
    sums = fetched(usage.select(nw.col(*numbers).sum())).fillna(0)
    kept, *late = (int(sums[name].iloc[0]) for name in numbers)
    counts = counts_of(wrong, rules, read=row_count(frame), kept=kept, late=late[0] if late else None)
    return EventMonths(usage.select("account_id", "month", "metric", "quantity", "events").to_native(), counts)


def _in_months(rows: nw.LazyFrame, rules: EventRules, *, received: bool) -> nw.LazyFrame:
    """Add the `month` an event counts in and, where receipt is known, `late`, which is missing unless the event is."""
    month = nw.col("timestamp").dt.truncate(MONTH).cast(nw.Datetime("us"))
    if not received:
        return rows.with_columns(month.alias("month"))
    # Received after the end of the month and the days of grace: that many days earlier was a later month still.
    deadline = nw.col("received_at").dt.offset_by(f"-{rules.grace_days}d").dt.truncate(MONTH).cast(nw.Datetime("us"))
    late = nw.when(deadline > month).then(nw.lit(1))
    if rules.late == "month received":
        moved = nw.col("received_at").dt.truncate(MONTH).cast(nw.Datetime("us"))
        month = nw.when(deadline > month).then(moved).otherwise(month)
    return rows.with_columns(month.alias("month"), late.alias("late"))


# --- Bills of monthly usage under a price book, worked out by the engine the usage is on

USAGE_COLUMNS = ("account_id", "month", "metric", "quantity")


def replay_frame(
    usage: IntoFrame, price_book: PriceBook, assignment: IntoFrame, *, complete: Collection[str] = ()
) -> Any:  # noqa: ANN401 - a frame of the engine
    """Return the bill of every account-month as a frame of the same engine; nothing is worked out before it is read.

    Parameters
    ----------
    usage
        account_id, month, metric, quantity, as `events_to_months` makes it; several rows of one metric add up.
    price_book
        Its plans are billed for whole months, by the exact rules of `Charge.expression`; add-ons are not.
    assignment
        account_id and plan, of the same engine. With a column month it names the account-months to bill; without one,
        those with any usage are billed, each account in one plan throughout.
    complete
        Metrics whose usage is complete, so that no row means none was used; of others, no row means unknown.

    Returns
    -------
    Any
        account_id, month, plan, amount (currency per month, null where there is no bill), reason (one of
        `coverage.REASONS`; a quantity that is unknown and an account-month without any usage are not told apart).

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.impact.events import replay_frame
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> month = pd.to_datetime(["2024-01-01", "2024-02-01"])
    >>> usage = pd.DataFrame({"account_id": "A", "month": month, "metric": "rows", "quantity": [100.0, 250]})
    >>> rows = Charge("rows", "per_unit", unit_price="0.10", free_units=100)
    >>> book = PriceBook("list", "USD", [Plan("Team", 20, [rows])])
    >>> bills = replay_frame(usage, book, pd.DataFrame({"account_id": ["A"], "plan": ["Team"]}))
    >>> bills.sort_values("month")["amount"].tolist()
    [20.0, 35.0]
    """
    if not price_book.plans:
        raise ReplayError(f"The price book {price_book.name} has no plans, so nothing can be billed.", "Add a plan.")
    metrics = sorted({charge.metric for plan in price_book.plans if plan.priced for charge in plan.charges})
    columns = {metric: f"quantity_{place}" for place, metric in enumerate(metrics)}
    wide = _wide(_checked(lazy_frame(usage, "Usage"), "Usage", USAGE_COLUMNS), columns)
    plans = _checked(lazy_frame(assignment, "The assignment"), "The assignment", ("account_id", "plan"))
    if "month" in plans.collect_schema().names():
        plans = plans.select("account_id", _month(), "plan")
        rows = plans.join(wide, on=["account_id", "month"], how="left")
    else:
        rows = wide.join(plans.select("account_id", "plan"), on="account_id", how="left")
    filled = [nw.col(columns[metric]).fill_null(0.0) for metric in metrics if metric in set(complete)]
    billed = rows.with_columns(*filled) if filled else rows
    billed = billed.with_columns(_amounts(price_book.plans, columns).alias("amount"))
    kept = ("account_id", "month", "plan", "amount")
    return billed.select(*kept, _reasons(price_book.plans).alias("reason")).to_native()


def _checked(frame: nw.LazyFrame, what: str, needed: Sequence[str]) -> nw.LazyFrame:
    names = frame.collect_schema().names()
    missing = [name for name in needed if name not in names]
    if missing:
        raise ReplayError(f"{what} has no column {', '.join(missing)}.", f"It needs {', '.join(needed)}.")
    return frame


def _month() -> nw.Expr:
    return nw.col("month").cast(nw.Datetime("us"))


def _wide(usage: nw.LazyFrame, columns: dict[str, str]) -> nw.LazyFrame:
    """Return one row per account-month with one column per metric, null where the metric has no row."""
    keys = ("account_id", "month")
    wide = usage.select("account_id", _month(), "metric", nw.col("quantity").cast(nw.Float64))
    picked = wide.select(
        *keys,
        *(nw.when(nw.col("metric") == metric).then(nw.col("quantity")).alias(name) for metric, name in columns.items()),
    )
    if not columns:
        return picked.unique()
    # Several rows of one metric in one month add up; a sum of nothing is 0 on some engines, so unknown is told apart.
    known = {name: f"{name}_known" for name in columns.values()}
    sums = [nw.col(name).sum() for name in known]
    counts = [nw.col(name).count().alias(number) for name, number in known.items()]
    added = picked.group_by(*keys).agg(*sums, *counts)
    kept = [nw.when(nw.col(number) > 0).then(nw.col(name)).alias(name) for name, number in known.items()]
    return added.select(*keys, *kept)


def _amounts(plans: Sequence[Plan], columns: dict[str, str]) -> nw.Expr:
    """Return the bill of each row's plan; null in a plan that is unknown, not offered or on request."""
    amount = nw.lit(None, nw.Float64)
    for plan in plans:
        if plan.priced:
            bill = nw.lit(float(plan.base_fee or 0))
            for charge in plan.charges:
                bill = bill + charge.expression(columns[charge.metric])
            amount = nw.when(nw.col("plan") == plan.name).then(bill).otherwise(amount)
    return amount


def _reasons(plans: Sequence[Plan]) -> nw.Expr:
    """Say why a row has no bill, in the words of a replay in memory."""
    names = [plan.name for plan in plans]
    on_request = [plan.name for plan in plans if not plan.priced]
    reason = (
        nw.when(nw.col("amount").is_null()).then(nw.lit(REASONS[QUANTITY_UNKNOWN])).otherwise(nw.lit(REASONS[BILLED]))
    )
    if on_request:
        reason = nw.when(nw.col("plan").is_in(on_request)).then(nw.lit(REASONS[ON_REQUEST])).otherwise(reason)
    reason = nw.when(~nw.col("plan").is_in(names)).then(nw.lit(REASONS[PLAN_NOT_OFFERED])).otherwise(reason)
    return nw.when(nw.col("plan").is_null()).then(nw.lit(REASONS[PLAN_UNKNOWN])).otherwise(reason)
