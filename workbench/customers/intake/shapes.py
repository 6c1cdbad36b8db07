"""What a table of somebody else's export can be: our tables, and the forms that become one of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.customers.tables import TABLES, Column, Table, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# --- The shapes of tables, with the columns that only help to bring them in

NOT_USED = "not used"
BY_MONTH, BY_METRIC, BY_FEATURE = "by month", "by metric", "by feature"
SPREADS = {"mrr": (BY_MONTH,), "usage": (BY_METRIC, BY_MONTH), "feature_use": (BY_FEATURE,)}
"""What the headers of a wide table name, by the table it becomes."""


def _column(name: str, kind: Any, meaning: str, *, required: bool = False) -> Column:  # noqa: ANN401 - a kind of column
    return Column(name, kind, meaning, "", required=required)


_WHO = _column("name", "text", "name of the customer")
_ROWS = (
    _column("status", "text", "state of the row, such as active, trialing, void"),
    _column("live", "yes or no", "no for rows of a test"),
    _column("deleted", "yes or no", "yes for rows that were deleted"),
    _column("current", "yes or no", "no for earlier versions of a row"),
    _column("updated", "date", "when this version of the row was written"),
)
_ACCOUNT = _column("account_id", "text", "identifier of the account", required=True)
_SUBSCRIPTION = _column("subscription", "text", "identifier of the subscription")
_PERIODS = (
    _column("every", "number", "how many of these periods one amount pays for"),
    _column("period_from", "date", "begin of the period paid for at present"),
    _column("period_to", "date", "end of the period paid for at present"),
)
_HELP: dict[str, tuple[Column, ...]] = {
    "accounts": (*_ROWS, _column("merged_into", "text", "account that took this one over")),
    "subscriptions": (
        _WHO, _SUBSCRIPTION, *_ROWS, *_PERIODS,
        _column("trial_end", "date", "day the trial ends"),
    ),
    "invoice_lines": (_WHO, *_ROWS, _column("discount", "number", "what is taken off the amount")),
    "mrr": (_WHO, *_ROWS),
    "usage": (_WHO, *_ROWS),
    "feature_use": (_WHO,),
}  # fmt: skip
_FORMS = (
    Table(
        "movements", "one row per change of what an account pays per month",
        (
            _ACCOUNT, _column("date", "date", "day of the change", required=True),
            _column("change", "number", "by how much", required=True), _column("amount", "number", "what it is then"),
            _column("kind", "text", "new, expansion, contraction, churn or reactivation"),
            _column("rank", "number", "order of changes of one day"), _column("currency", "currency", "its currency"),
            _column("item", "text", "plan"), _WHO,
        ),
    ),
    Table(
        "events", "one row per time something was used",
        (
            _ACCOUNT, _column("time", "date", "when", required=True),
            _column("event", "text", "what was used", required=True), _column("quantity", "number", "how much"), _WHO,
        ),
    ),
    Table(
        "subscription_items", "one row per item of a subscription",
        (
            Column("subscription", "text", "identifier of the subscription", "", required=True),
            _column("item", "text", "what is subscribed to", required=True), _column("quantity", "number", "how many"),
        ),
    ),
    Table(
        "prices", "one row per price of an item",
        (
            _column("item", "text", "identifier of the item", required=True),
            _column("amount", "number", "price of one period", required=True),
            _column("period", "text", "how long one amount pays for", required=True), *_PERIODS[:1],
            _column("currency", "currency", "its currency"), _WHO, *_ROWS,
        ),
    ),
    Table(
        "rates", "one row per currency and day from which its rate holds",
        (
            _column("currency", "currency", "currency that is converted", required=True),
            _column("from", "date", "day from which the rate holds", required=True),
            _column("rate", "number", "worth of one unit of it in the currency of the study", required=True),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class TableShape:
    """A form a table can have: the table it is documented as, or made into, and columns that only help."""

    table: Table
    helpers: tuple[Column, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the shape."""
        return self.table.name

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Return every column by its name, the documented ones first."""
        own = {column.name: column for column in self.table.columns}
        return own | {column.name: column for column in self.helpers if column.name not in own}

    @cached_property
    def headers(self) -> dict[str, str]:
        """Return the column that each header, reduced to its plain name, means for certain."""
        aliases = {plain_name(alias): name for alias, name in self.table.column_aliases.items()}
        return aliases | {plain_name(name): name for name in self.table.column_names}

    @property
    def required(self) -> tuple[str, ...]:
        """Name the columns without which there is no such table."""
        return self.table.required_columns


SHAPES: dict[str, TableShape] = {
    table.name: TableShape(table, _HELP.get(table.name, ())) for table in (*TABLES.values(), *_FORMS)
}
SURVEYS = frozenset(name for name in SHAPES if name.startswith("survey"))

# --- Exports that are known by their header


@dataclass(frozen=True, eq=False)
class KnownExport:
    """One export of another system: its columns, the table it is read as, and which column is which of ours.

    Attributes
    ----------
    key, system, table
        What it is called.
    columns, further
        Plain names of the columns it has, and of those it may have.
    read_as, map
        The table of ours, and the columns that stand for each of ours, the first with a value counting.
    money, fixed
        The unit of its amounts, empty where nobody said; and what holds of every row.
    not_read
        Why it is not read, where it is not.

    Examples
    --------
    >>> from workbench.customers.intake import recognise
    >>> header = ["Record ID", "Company name", "Domain", "Company owner", "Industry", "Create Date"]
    >>> recognise(header).read_as
    'accounts'
    """

    key: str
    system: str
    table: str
    columns: frozenset[str]
    further: frozenset[str]
    read_as: str
    map: Mapping[str, tuple[str, ...]]
    money: str | None
    fixed: Mapping[str, str]
    not_read: str

    @property
    def title(self) -> str:
        """Return the name a reader knows it by."""
        return f"{self.system}: {self.table}"


@cache
def known_exports() -> tuple[KnownExport, ...]:
    """Return every known export, read from `formats.toml`."""
    facts = tomllib.loads((Path(__file__).parent / "formats.toml").read_text(encoding="utf-8"))
    return tuple(
        KnownExport(
            key, each["system"], each["table"],
            frozenset(map(plain_name, each["columns"])), frozenset(map(plain_name, each.get("further", ()))),
            each["read_as"], {role: (names,) if isinstance(names, str) else tuple(names)
                              for role, names in each.get("map", {}).items()},
            each.get("money"), each.get("fixed", {}), each.get("not_read", ""),
        )
        for key, each in facts.items()
    )  # fmt: skip


@cache
def precedence(title: str) -> Mapping[str, int]:
    """Return the place of each column of a known export among those that stand for the same one of ours."""
    maps = [each.map for each in known_exports() if each.title == title]
    return {plain_name(name): place for found in maps for names in found.values() for place, name in enumerate(names)}


@cache
def other_words() -> Mapping[str, tuple[str, ...]]:
    """Return further names that people give to each of our columns, in several languages."""
    words = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    return {name: tuple(found) for name, found in words.items()}


_ENOUGH = 0.7  # of what tells an export from others, present in a header
_CLEARLY = 0.1  # by which the best match leads the next one


@cache
def _weights() -> Mapping[str, float]:
    """Return how telling each header is: the fewer exports have it, the more."""
    every = [name for each in known_exports() for name in each.columns]
    names, counts = np.unique(every, return_counts=True)
    return dict(zip(names.tolist(), np.log((1 + len(known_exports())) / counts).tolist(), strict=True))


def recognise(header: Iterable[str]) -> KnownExport | None:
    """Return the known export a header belongs to, whatever the order and case of its columns; None when none does.

    Parameters
    ----------
    header
        The names of the columns, as they stand in the file.

    Returns
    -------
    KnownExport | None
        The export, when the columns that tell it from others are there and no other comes near.

    Examples
    --------
    >>> from workbench.customers.intake import recognise
    >>> found = recognise(["CUSTOMER_UUID", "date", "mrr", "mrr_movement", "movement_type", "currency_code", "rank",
    ...     "customer_name", "description", "billing_connector_uuid", "customer_external_id", "uuid",
    ...     "subscription_external_id", "plan_external_id", "active_subscription_quantity"])
    >>> found.title
    'ChartMogul: MRR movements (destination export)'
    """
    names = {plain_name(each) for each in header}
    weights = _weights()
    scored = sorted(
        ((_share(each, names, weights), each.key, each) for each in known_exports()), key=lambda one: one[:2]
    )
    (second, _, _), (best, _, found) = scored[-2:]
    return found if best >= _ENOUGH and best - second >= _CLEARLY else None


def _share(export: KnownExport, names: set[str], weights: Mapping[str, float]) -> float:
    whole = sum(weights[name] for name in export.columns)
    return sum(weights[name] for name in export.columns & names) / whole
