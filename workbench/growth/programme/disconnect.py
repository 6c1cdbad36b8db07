"""Where value and usage part: outcomes that rise while usage falls, or less use for each outcome, and what is at risk.

Trends are lines through the logarithms of what was recorded in the same months, with errors that may last. What it
costs, and what each remedy of the source would keep of it, is billed: the same accounts, at their usage of today and at
that of a year ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import metric_words
from workbench.growth.desk.accounts import outcome_by_month
from workbench.growth.programme.pods import ProgrammeError
from workbench.growth.recurring_revenue import as_one
from workbench.impact.bill_replay import replay
from workbench.impact.billing import PlanTable
from workbench.pricing.charge import Charge
from workbench.results import Interval
from workbench.stats import benjamini_hochberg
from workbench.tables import COUNT, TEXT, DataTable, Money, Percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Floats

    Flags = NDArray[np.bool_]

YEAR, WINDOW, FEWEST_VALUES = 12, 36, 4
FALSE_DISCOVERIES, _FINEST = 0.1, 1e-12
DISCONNECT, BACKLASH = "value rises while use falls", "less use for each outcome"
AS_IS, VALUE_METRIC, FLOOR, BUNDLE, SHARED_SAVING = (
    "as it is", "charge what it brings", "floor", "bundle", "shared saving",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Disconnects:
    """Accounts in which value and usage part.

    Attributes
    ----------
    metric, outcome
        What is used, and what it brings.
    accounts
        account_id, kind, values (pairs of months), outcome_low, outcome, outcome_high (growth a year), usage_low,
        usage, usage_high, each_low, each, each_high (of usage per outcome), p_value; the surest first. Intervals hold
        90%.
    judged
        How many accounts have enough on record to tell.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import disconnects
    >>> months = pd.date_range("2024-01-01", periods=12, freq="MS")
    >>> use = pd.DataFrame({"account_id": "A", "month": months, "metric": "rows"})
    >>> use["quantity"] = np.linspace(900, 400, 12)
    >>> got = pd.DataFrame({"account_id": "A", "date": months[::2], "kind": "hours saved"})
    >>> got["value"] = [9, 11, 12, 14, 15, 17]
    >>> accounts = pd.DataFrame({"account_id": ["A"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": use, "outcomes": got})
    >>> disconnects(base, "rows").accounts[["account_id", "kind"]].to_numpy().tolist()
    [['A', 'value rises while use falls']]
    """

    metric: str
    outcome: str
    accounts: pd.DataFrame
    judged: int

    def table(self, inside: Mapping[str, str] | None = None) -> DataTable:
        """Return the accounts as a table, with what is known of use inside them where it is given."""
        shown = [
            ("Account", TEXT, "account_id"), ("What", TEXT, "kind"), ("Months compared", COUNT, "values"),
            ("Outcome a year", Percent(signed=True), "outcome"), ("from", Percent(signed=True), "outcome_low"),
            ("to", Percent(signed=True), "outcome_high"), ("Use a year", Percent(signed=True), "usage"),
            ("from ", Percent(signed=True), "usage_low"), ("to ", Percent(signed=True), "usage_high"),
        ]  # fmt: skip
        if inside is None:
            return DataTable.of_frame(self.accounts, shown)
        told = self.accounts["account_id"].astype(str).map(dict(inside)).fillna("")
        return DataTable.of_frame(self.accounts.assign(inside=told), [*shown, ("Use inside", TEXT, "inside")])


def disconnects(
    base: CustomerBase, metric: str, outcome: str = "", *, false_discoveries: float = FALSE_DISCOVERIES
) -> Disconnects:
    """Return the accounts whose outcomes rise while they use less, or that use less for each outcome.

    Both slopes must be sure for the first, that of usage per outcome for the second; over all accounts the share of
    false discoveries is held.

    Parameters
    ----------
    base
        The customers.
    metric
        What is used.
    outcome
        The kind of outcome; the one most accounts have where blank.
    false_discoveries
        The share of those found that may be so by chance.

    Returns
    -------
    Disconnects
        The accounts with intervals, by the last 36 months.

    Raises
    ------
    ProgrammeError
        When no outcomes are on record, or metric or outcome are unknown.

    Examples
    --------
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import disconnects
    >>> import pandas as pd
    >>> use = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "metric": "rows", "quantity": 900})
    >>> base = CustomerBase.from_tables({"accounts": use[["account_id"]], "usage": use})
    >>> disconnects(base, "rows")
    Traceback (most recent call last):
        ...
    workbench.growth.programme.pods.ProgrammeError: No outcomes are on record. Add the table outcomes.
    """
    if not base.has("outcomes"):
        raise ProgrammeError("No outcomes are on record.", "Add the table outcomes.")
    if metric not in base.usage_by_month:
        raise ProgrammeError(f"Nothing is known of the use of {metric}.", f"There is {', '.join(base.metrics)}.")
    table = base.frames["outcomes"]
    kinds = table.groupby("kind")["account_id"].nunique().sort_values(ascending=False, kind="stable")
    kind = outcome or str(kinds.index[0])
    if kind not in kinds.index:
        raise ProgrammeError(f"No outcome is called {kind}.", f"There is {', '.join(map(str, kinds.index))}.")
    value = outcome_by_month(base, kind)[:, -WINDOW:]
    used = base.usage_by_month[metric][:, -value.shape[1] :]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(value > 0, value, np.nan)), np.log(np.where(used > 0, used, np.nan))
    ids, both, inside = [], [], []
    for at, account in enumerate(base.frames["accounts"]["account_id"]):
        months = np.flatnonzero(np.isfinite(logs[0][at]) & np.isfinite(logs[1][at]))
        if len(months) >= FEWEST_VALUES:
            own = np.flatnonzero(np.isfinite(logs[1][at]))
            ids.append((at, account))
            both.append(months)
            inside.append(own[own >= months[0]])  # use is known in more months than outcomes are
    rows = [at for at, _ in ids]
    brought = _trends(both, [logs[0][at, each] for at, each in zip(rows, both, strict=True)])
    use = _trends(inside, [logs[1][at, each] for at, each in zip(rows, inside, strict=True)])
    ratio = _trends(both, [logs[1][at, each] - logs[0][at, each] for at, each in zip(rows, both, strict=True)])
    spans = [f"{name}{end}" for name in ("outcome", "usage", "each") for end in ("_low", "", "_high")]
    found = pd.DataFrame(np.column_stack([brought.a_year, use.a_year, ratio.a_year]), columns=spans)
    found.insert(0, "account_id", [account for _, account in ids])
    found.insert(1, "values", [len(each) for each in both])
    # Both must hold of the first kind, so the less sure of the two counts.
    found["apart"], found["less"] = np.maximum(brought.above, use.below), ratio.below
    apart = _discovered(found["apart"].to_numpy(dtype=float), false_discoveries)
    less = _discovered(found["less"].to_numpy(dtype=float), false_discoveries)
    found["kind"] = np.where(apart, DISCONNECT, np.where(less, BACKLASH, ""))
    found["p_value"] = np.where(apart, found["apart"], found["less"])
    kept = found[found["kind"] != ""].sort_values(["kind", "p_value"], ascending=[False, True], kind="stable")
    names = ["account_id", "kind", "values", *spans, "p_value"]
    return Disconnects(metric, kind, kept[names].reset_index(drop=True), len(found))


_CONSERVATIVE = 0.5


def _discovered(p_values: Floats, false_discoveries: float) -> Flags:
    """Return which hypotheses are discoveries, the share of false ones held.

    Most accounts plainly go the other way, and their number must not cost the power to see the few that do not:
    those above a half are set aside and the others doubled, which holds the share all the same where p-values of what
    is not so are uniform or larger (Zhao, Small and Su 2019; Tian and Ramdas 2019).
    """
    here = p_values <= _CONSERVATIVE
    found = np.zeros(len(p_values), dtype=bool)
    found[here] = benjamini_hochberg(p_values[here] / _CONSERVATIVE, false_discoveries)
    return found


@dataclass(frozen=True, slots=True)
class _Trends:
    """Growth a year of each account with its 90% interval, and how likely so much is by chance above or below none."""

    a_year: Floats
    above: Floats
    below: Floats


_LASTING = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_SEASON_FROM, _SEASON_SPAN = 18, 23


def _trends(months: list[Any], logs: list[Floats], level: float = 0.9) -> _Trends:
    """Return the trend of each series: a line, its season where two years are known, and errors that may last.

    A month's departure from the line may be gone in the next month or stay, as a step of a random walk does. How much
    of it stays is learned from all accounts together and from the account itself (restricted likelihoods on a grid,
    weighed by how often each fits); an interval that took all months for independent would be far too narrow.
    """
    from scipy.special import stdtr, stdtrit  # noqa: PLC0415 - loads when used

    shape = (len(logs), len(_LASTING))
    slope, error, fit, freedom = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.ones(len(logs))
    alike: dict[tuple[int, ...], list[int]] = {}
    for at, each in enumerate(months):
        alike.setdefault(tuple((each - each[0]).tolist()), []).append(at)  # when it began changes nothing
    for when, rows in alike.items():
        series = np.vstack([logs[at] for at in rows])
        freedom[rows], *found = _lines(np.array(when, dtype=float), series)
        slope[rows], error[rows], fit[rows] = found
    likely = np.exp(fit - fit.max(axis=1, keepdims=True)) if len(logs) else fit
    weight = np.full(len(_LASTING), 1 / len(_LASTING))
    for _ in range(50):  # how often each share of what lasts is met over all accounts
        own = likely * weight
        own /= own.sum(axis=1, keepdims=True)
        weight = (own.sum(axis=0) + 1 / len(_LASTING)) / (len(logs) + 1)
    middle = (own * slope).sum(axis=1)
    spread = np.sqrt((own * (error**2 + (slope - middle[:, None]) ** 2)).sum(axis=1))
    reach = stdtrit(freedom, 0.5 + level / 2) * spread
    ends = np.expm1(np.column_stack([middle - reach, middle, middle + reach]))
    return _Trends(ends, stdtr(freedom, -middle / spread), stdtr(freedom, middle / spread))


def _lines(when: Floats, series: Floats) -> tuple[int, Floats, Floats, Floats]:
    """Return the freedom of lines through series of the same months, and what each share of what lasts makes of them.

    Per series and share: the growth a year, its error and the restricted log-likelihood.
    """
    size = len(when)
    columns = [np.ones(size), (when - when.mean()) / YEAR]
    if size >= _SEASON_FROM and when[-1] >= _SEASON_SPAN:
        turn = 2 * np.pi * when / YEAR
        columns += [np.cos(turn), np.sin(turn)]
    design, freedom = np.column_stack(columns), size - len(columns)
    since = np.minimum.outer(when, when)
    slopes, errors, fits = [], [], []
    for lasting in _LASTING:
        lower = np.linalg.cholesky(np.eye(size) + lasting * since)
        there = np.linalg.solve(lower, design)
        inverse = np.linalg.inv(there.T @ there)
        values = np.linalg.solve(lower, series.T)
        found = inverse @ there.T @ values
        squares = np.maximum(((values - there @ found) ** 2).sum(axis=0), _FINEST * size)
        slopes.append(found[1])
        errors.append(np.sqrt(squares / freedom * inverse[1, 1]))
        penalty = 2 * np.log(np.diag(lower)).sum() - np.linalg.slogdet(inverse)[1]
        fits.append(-0.5 * (freedom * np.log(squares) + penalty))
    return freedom, np.column_stack(slopes), np.column_stack(errors), np.column_stack(fits)


# --- What is at risk, and what each remedy would keep of it: bills of today and of a year ahead


@dataclass(frozen=True, slots=True, eq=False)
class RevenueAtRisk:
    """What accounts would pay less a year ahead, and what each remedy would keep of it.

    Attributes
    ----------
    at_risk
        A month, with its 90% interval over the accounts' trends; None where the price list does not charge the metric.
    today
        What these accounts are billed a month today.
    accounts
        account_id, today, ahead (a year on, use going on as it did).
    remedies
        remedy, today, ahead, kept (of what is at risk), what (in words).
    reason
        Why it is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import disconnects, revenue_at_risk
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> months = pd.date_range("2024-01-01", periods=12, freq="MS")
    >>> use = pd.DataFrame({"account_id": "A", "month": months, "metric": "rows"})
    >>> use["quantity"] = 1600 * 0.5 ** (np.arange(12) / 12)  # half in a year
    >>> got = pd.DataFrame({"account_id": "A", "date": months[::2], "kind": "hours saved"})
    >>> got["value"] = [9, 11, 12, 14, 15, 17]
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": use, "outcomes": got}
    >>> base = CustomerBase.from_tables(tables, currency="USD")
    >>> book = PriceBook("list", "USD", [Plan("Pay as you go", 0, [Charge("rows", "per_unit", unit_price=1)])])
    >>> found = revenue_at_risk(replay(base, book), base, disconnects(base, "rows"))
    >>> round(found.at_risk.estimate / found.today, 6), found.remedies["remedy"].tolist()[1:3]
    (0.5, ['charge what it brings', 'floor'])
    """

    at_risk: Interval | None
    today: float
    accounts: pd.DataFrame
    remedies: pd.DataFrame
    reason: str = ""

    def table(self, currency: str = "") -> DataTable:
        """Return the remedies as a table."""
        shown = [
            ("Remedy", TEXT, "remedy"), ("What it is", TEXT, "what"), ("Today a month", Money(currency), "today"),
            ("In a year", Money(currency), "ahead"), ("Kept of what is at risk", Percent(), "kept"),
        ]  # fmt: skip
        return DataTable.of_frame(self.remedies, shown)


def revenue_at_risk(
    replayed: Replay,
    base: CustomerBase,
    found: Disconnects,
    *,
    floor: float = 0.8,
    off: float = 0.1,
    share: float = 0.5,
) -> RevenueAtRisk:
    """Return what the accounts found would pay less a year ahead, and what each remedy would keep.

    Everybody stays in its plan with its add-ons, and everything but the metric stays as it is.

    Parameters
    ----------
    replayed
        The bills of today's prices, or of a scenario's.
    base
        The customers it bills.
    found
        What `disconnects` found.
    floor
        The share of today's usage bill that a minimum would ask for.
    off
        What a bundle of today's use would be cheaper by.
    share
        The customer's share of what it saves, where savings are shared.

    Returns
    -------
    RevenueAtRisk
        The amounts, all of them bills; unknown where no charge is on the metric, or nobody was found.

    Raises
    ------
    ProgrammeError
        For a share that is none.

    Examples
    --------
    >>> from workbench.growth.programme import ProgrammeError, revenue_at_risk
    >>> try:
    ...     revenue_at_risk(None, None, None, floor=1.5)
    ... except ProgrammeError as error:
    ...     print(error)
    A share of 1.5 is none. Give shares from 0 to 1.
    """
    for each in (floor, off, share):
        if not 0 <= each <= 1:
            raise ProgrammeError(f"A share of {each:g} is none.", "Give shares from 0 to 1.")
    nothing = pd.DataFrame(columns=["account_id", "today", "ahead"])
    names = found.accounts["account_id"].astype(str).tolist()
    if found.metric not in replayed.book.charged_metrics or not names:
        why = f"{replayed.name} does not charge {metric_words(found.metric)}" if names else "no account was found"
        return RevenueAtRisk(
            None, 0.0, nothing, pd.DataFrame(columns=["remedy", "what", "today", "ahead", "kept"]), why
        )
    again = _Again(replayed, base, found.metric, names)
    today, usage = again.at(1.0)
    fixed = today - usage
    ahead = {end: again.at(1 + found.accounts[f"usage{end}"].to_numpy())[0] for end in ("_low", "", "_high")}
    known = np.isfinite(today) & np.isfinite(ahead[""])
    total, later = float(today[known].sum()), float(ahead[""][known].sum())
    # Errors of accounts are their own: the reach of the sum is the root of the squared reaches.
    lower, upper = ahead[""] - ahead["_low"], ahead["_high"] - ahead[""]
    more, less = (float(np.sqrt((each[known] ** 2).sum())) for each in (lower, upper))
    at_risk = Interval(total - later - less, total - later, total - later + more)
    brings = again.by_outcome(found.outcome, 1 + found.accounts["outcome"].to_numpy())
    words = {
        AS_IS: "use goes on as it did",
        VALUE_METRIC: f"{metric_words(found.outcome)} in place of {metric_words(found.metric)}, the same total today",
        FLOOR: f"a minimum of {floor:.0%} of today's usage bill",
        BUNDLE: f"today's use in one price, {off:.0%} off",
        SHARED_SAVING: f"the customer keeps {share:.0%} of what it saves",
    }
    bills = {
        AS_IS: (today, ahead[""]),
        VALUE_METRIC: brings,
        FLOOR: (today, fixed + np.maximum(ahead[""] - fixed, floor * usage)),
        BUNDLE: (fixed + (1 - off) * usage, fixed + (1 - off) * usage),
        SHARED_SAVING: (today, today - share * (today - ahead[""])),
    }
    rows = []
    for remedy, (now, then) in bills.items():
        first, last = float(now[known].sum()), float(then[known].sum())
        kept = (last - later) / (total - later) if total > later else np.nan
        rows.append((remedy, words[remedy], first, last, kept))
    remedies = pd.DataFrame(rows, columns=["remedy", "what", "today", "ahead", "kept"])
    table = pd.DataFrame({"account_id": names, "today": today, "ahead": ahead[""]})
    return RevenueAtRisk(at_risk, total, table, remedies)


@dataclass(frozen=True, slots=True, eq=False)
class _Again:
    """Some accounts billed again for the last month, at other usage or by another metric, everything else as it was."""

    replayed: Replay
    base: CustomerBase
    metric: str
    names: list[str]

    def at(self, times: Floats | float) -> tuple[Floats, Floats]:
        """Return the bills at so many times today's use of the metric, and what of each is for the metric."""
        return self._billed(self.replayed.book, self.metric, self._quantity() * times)

    def by_outcome(self, outcome: str, growth: Floats) -> tuple[Floats, Floats]:
        """Return the bills by outcome in place of the metric, today and a year ahead; together the same today."""
        table = as_one(self.base, self.base.frames["outcomes"])
        table = table[table["kind"] == outcome].sort_values("date", kind="stable")
        last = table.groupby("account_id")["value"].last()
        got = last.reindex(self.names).to_numpy(dtype=float)
        usage = self.at(1.0)[1]
        known = np.isfinite(usage) & np.isfinite(got)
        book = self._by(outcome, float(usage[known].sum() / got[known].sum()))
        return self._billed(book, outcome, got)[0], self._billed(book, outcome, got * growth)[0]

    def _by(self, outcome: str, price: float) -> PriceBook:
        charge = Charge(outcome, "per_unit", unit_price=repr(max(price, 0.0)))
        plans = []
        for plan in self.replayed.book.plans:
            kept = tuple(each for each in plan.charges if each.metric != self.metric)
            moved = plan.priced and len(kept) < len(plan.charges)
            plans.append(replace(plan, charges=(*kept, charge) if moved else kept, limits=()))
        return replace(self.replayed.book, plans=tuple(plans), name="by outcome")

    def _quantity(self) -> Floats:
        row = pd.Index(self.base.frames["accounts"]["account_id"]).get_indexer(pd.Index(self.names))
        found: Floats = self.base.usage_by_month[self.metric][row, -1]
        return found

    def _billed(self, book: PriceBook, metric: str, quantity: Floats) -> tuple[Floats, Floats]:
        """Bill the last month with another quantity of a metric: the whole bills, and what is for the metric."""
        rows, month = self.replayed.rows, self.replayed.rows.shown_months[-1]
        frames = {
            name: frame[as_one(self.base, frame)["account_id"].isin(self.names)].reset_index(drop=True)
            if "account_id" in frame
            else frame
            for name, frame in self.base.frames.items()
        }
        usage = frames["usage"]
        other = usage[(usage["month"] != month) | (usage["metric"] != metric)]
        more = pd.DataFrame({"account_id": self.names, "month": month, "metric": metric, "quantity": quantity})
        more = more[np.isfinite(quantity)].astype(usage.dtypes.to_dict())
        frames["usage"] = pd.concat([other, more], ignore_index=True)
        here = rows.in_last_month
        called = rows.account_ids[rows.account].astype(str)
        plans = {
            called[at]: book.plans[self.replayed.plan_index[at]].name
            for at in np.flatnonzero(here & (self.replayed.plan_index >= 0))
            if called[at] in set(self.names)
        }
        owned: dict[str, list[str]] = {}
        for name, places in self.replayed.owned.items():
            for at in places[here[places]]:
                owned.setdefault(called[at], []).append(name)
        base = replace(self.base, frames=MappingProxyType(frames))
        billed = replay(base, book, assign=PlanTable(plans), months=1, add_ons=owned, committed=self.replayed.committed)
        part = np.zeros(len(billed.rows))
        for item in billed.items():
            part[item.rows] += item.amounts if item.item == metric else 0.0
        ids = billed.rows.account_ids[billed.rows.account]
        whole: Floats = np.asarray(pd.Series(billed.amounts, index=ids).reindex(self.names), dtype=np.float64)
        own: Floats = np.asarray(pd.Series(part, index=ids).reindex(self.names), dtype=np.float64)
        return whole, own
