"""How triggers did in the company's own past: what followed, against accounts alike that did not fire then.

For each entry stand the accounts most alike in the same month: same plan, same segment where there are enough of them,
and nearest in size, tenure and growth, none of which fired then or shortly before. What still differs between them and
the entry's account is taken out by what is usual for such traits among those that did not fire (after Abadie and
Imbens 2011, doi:10.1198/jbes.2009.07333). The interval of the lift counts accounts, whose months go together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.growth.recurring_revenue import ledger_of, mrr_movements
from workbench.growth.triggers.firing import fire
from workbench.growth.triggers.rules import TriggerError
from workbench.results import Interval
from workbench.stats import benjamini_hochberg, normal_reach, stream
from workbench.tables import COUNT, TEXT, DataTable, Number, Percent, estimate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from workbench.growth.triggers.firing import Past
    from workbench.growth.triggers.rules import Playbook
    from workbench.results import Floats

    Flags = NDArray[np.bool_]

HORIZONS = (1, 2, 3)  # months after the month of the entry: about 30, 60 and 90 days
OUTCOMES = ("expansion", "contraction", "churn")
ALIKE, FEWEST_ALIKE, FEWEST_ENTRIES, FEWEST_CASES, FALSE_DISCOVERIES = 10, 3, 20, 10.0, 0.05
MOST_CANDIDATES = 1_000  # of a month and group, drawn by chance where there are more
EVIDENCE, NO_EVIDENCE, UNKNOWN = "evidence", "no evidence", "unknown"


# --- The past as account-months: what each account was like, and what it did next


@dataclass(frozen=True, slots=True, eq=False)
class AccountPast:
    """Accounts month by month: who paid, what they were like, and how revenue moved.

    Attributes
    ----------
    account_ids, months
        The rows and columns of every matrix.
    paying
        Who paid.
    groups
        The segment and plan of each account and month, as one number for both and one for the plan alone.
    traits
        accounts x months x traits: size, tenure, growth of use and of revenue, each by its own spread; 0 where unknown.
    moved
        By outcome, the months in which it happened.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import Past, account_past
    >>> months = ["2024-01", "2024-02", "2024-03"]
    >>> paid = pd.DataFrame({"account_id": "A", "month": months, "amount": [50.0, 60.0, 0.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    >>> found = account_past(Past.of(base))
    >>> found.moved["expansion"].tolist(), found.moved["churn"].tolist()
    ([[False, True, False]], [[False, False, True]])
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    paying: Flags
    groups: tuple[NDArray[np.integer], NDArray[np.integer]]
    traits: Floats
    moved: Mapping[str, Flags]


def account_past(past: Past, price_lists: Mapping[str, str] | None = None) -> AccountPast:
    """Return the account-months of what was known by a day.

    Parameters
    ----------
    past
        What was known.
    price_lists
        The price list of each plan, where there was more than one: what an account pays more or less when it goes from
        one list to another is the price's doing, and no expansion or contraction of its own.

    Returns
    -------
    AccountPast
        Who paid, what they were like, and what they did.

    Raises
    ------
    TriggerError
        When no revenue is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import Past, account_past
    >>> paid = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "amount": [50.0, 60.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    >>> account_past(Past.of(base)).paying.tolist()
    [[True, True]]
    """
    base = past.base
    if not base.has("mrr"):
        raise TriggerError("No revenue is on record, so what followed a trigger is not known.", "Add the table mrr.")
    ids = base.frames["accounts"]["account_id"].to_numpy(object)
    ledger = ledger_of(base)
    amounts = np.zeros((len(ids), len(base.months)))
    rows = pd.Index(ids).get_indexer(pd.Index(ledger.account_ids))
    amounts[np.ix_(rows, base.months.get_indexer(ledger.months))] = ledger.amounts
    paying = amounts > 0
    if amounts.shape[1] > 1:
        moves = mrr_movements(type(ledger)(ids, base.months, amounts))
        moved = {name: np.pad(getattr(moves, name) != 0, ((0, 0), (1, 0))) for name in OUTCOMES}
    else:
        moved = {name: np.zeros(paying.shape, dtype=bool) for name in OUTCOMES}
    accounts = base.frames["accounts"]
    segment = pd.factorize(accounts["segment"])[0].astype(np.int64)[:, None] + np.zeros(paying.shape, dtype=np.int64)
    plan, names = past.plans()
    if price_lists:
        told = pd.factorize(pd.Series([price_lists.get(each) for each in names], dtype=object))[0]
        lists = np.append(told, -1)[plan]
        other = np.zeros(paying.shape, dtype=bool)
        apart = (lists[:, 1:] != lists[:, :-1]) | (lists[:, 1:] < 0)
        other[:, 1:] = paying[:, 1:] & paying[:, :-1] & apart
        moved |= {name: moved[name] & ~other for name in ("expansion", "contraction")}
    both = (segment + 1) * (plan.max(initial=0) + 2) + plan + 1
    # They are gone through month by month, and small numbers are sorted fastest.
    few = both.astype(np.min_scalar_type(int(both.max(initial=0)) + 1))
    groups = np.asfortranarray(few), np.asfortranarray(plan)
    return AccountPast(ids, base.months, paying, groups, _traits(past, amounts), moved)


def _traits(past: Past, amounts: Floats) -> Floats:
    """Return size, tenure and growth of each account and month, of that month and those before it."""
    signed = past.base.frames["accounts"]["signed_up"].to_numpy("datetime64[M]")
    months = past.base.months.to_numpy("datetime64[M]")
    first = np.where(np.isnat(signed), months[(amounts > 0).argmax(axis=1)], signed)
    tenure = np.maximum((months[None, :] - first[:, None]).astype(int), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log(np.where(amounts > 0, amounts, np.nan))
        used = [np.log(np.where(each > 0, each, np.nan)) for each in past.base.usage_by_month.values()]
    growth = [_growth(each) for each in (*used, size)]
    for_its_use = [size - each for each in used]  # what it pays for what it uses: who pays little for it has room
    spread = [_standardised(each) for each in (size, np.log1p(tenure.astype(float)), *growth, *for_its_use)]
    return np.stack(spread, axis=2)


def _growth(logs: Floats, months: int = 3) -> Floats:
    """Return the growth of the last months over those before them, clipped to what is usual."""
    found = np.full(logs.shape, np.nan)
    if logs.shape[1] >= 2 * months:
        mean = np.lib.stride_tricks.sliding_window_view(logs, months, axis=1).mean(axis=2)
        found[:, 2 * months - 1 :] = np.clip(mean[:, months:] - mean[:, :-months], -1.0, 1.0)
    return found


def _standardised(values: Floats) -> Floats:
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(values.shape)
    own = values[known]
    found: Floats = (values - float(own.mean())) / (float(own.std()) or 1.0)
    found[~known] = 0.0
    return found


# --- The lift of entries over accounts alike


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more often something followed entries than accounts alike.

    Attributes
    ----------
    entries, open
        Entries whose time is over, and those whose is not, which are in no figure.
    followed, expected
        The share of entries it followed, and that of the accounts alike.
    lift
        One over the other with its interval; None: unknown.
    lower
        The lower end of its 95% interval.
    p_value
        How likely as much or more is by chance, with no effect.
    reason
        Why it is unknown.
    """

    entries: int
    open: int
    followed: float | None
    expected: float | None
    lift: Interval | None
    lower: float | None
    p_value: float | None
    reason: str = ""


def lift_of(
    accounts: AccountPast, fired: Flags, outcome: str, horizon: int = 3, *, month_over: bool = False, level: float = 0.9
) -> Lift:
    """Return the lift of entries, over accounts of the same month that are most alike and did not fire.

    Those of them that fire in the months after count as they are: where entries are frequent, the lift is less than
    their effect.

    Parameters
    ----------
    accounts
        The past as account-months.
    fired
        Accounts x months: in which months an entry opened.
    outcome
        expansion, contraction or churn.
    horizon
        In how many months after the entry's own.
    month_over
        Whether the month of an entry was over when it opened, so that it is known; else the month before it was the
        last that was.
    level
        Of the interval.

    Returns
    -------
    Lift
        Shares and their ratio, with interval; unknown with the reason where there are too few cases.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import Past, account_past, lift_of
    >>> paid = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "amount": [50.0, 60.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    >>> then = account_past(Past.of(base))
    >>> lift_of(then, then.paying, "expansion", 1).reason
    'only 1 entry with its time over'
    """
    return _lift(accounts, _alike(accounts, fired, month_over=month_over), outcome, horizon, level)


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Entries of accounts at risk, and for each the accounts most alike (-1 where there are fewer)."""

    row: NDArray[np.intp]
    month: NDArray[np.intp]
    others: NDArray[np.intp]
    free: Flags
    state: NDArray[np.intp]


def _alike(accounts: AccountPast, fired: Flags, *, month_over: bool) -> _Alike:
    """Return for each entry the accounts most alike in its month that fired neither then nor shortly before."""
    width = len(accounts.months)
    state = np.maximum(np.arange(width) - (not month_over), 0)  # the last month that was over when the entry opened
    at_risk = accounts.paying[:, state]
    free = at_risk & ~fired & ~happened_before(fired, HORIZONS[-1])
    row, month = np.nonzero(fired & at_risk)
    found = np.full((len(row), ALIKE), -1, dtype=np.intp)
    random = stream(0, "accounts alike")
    for at in np.unique(month):
        then, there = state[at], np.flatnonzero(free[:, at])
        both, plan = (group[:, then] for group in accounts.groups)
        entries, by_group = np.flatnonzero(month == at), np.argsort(both[there], kind="stable")
        groups = both[there[by_group]]
        for each in np.unique(both[row[entries]]):
            mine = entries[both[row[entries]] == each]
            candidates = there[by_group[np.searchsorted(groups, each) : np.searchsorted(groups, each, "right")]]
            if len(candidates) < ALIKE:  # never across plans: another price list moves otherwise
                candidates = there[plan[there] == plan[row[mine[0]]]]
            if len(candidates) < FEWEST_ALIKE:
                continue
            if len(candidates) > MOST_CANDIDATES:
                candidates = np.sort(random.choice(candidates, MOST_CANDIDATES, replace=False))
            nearest = _nearest(accounts.traits[row[mine], then], accounts.traits[candidates, then])
            found[mine, : nearest.shape[1]] = candidates[nearest]
    return _Alike(row, month, found, free, state)


def _nearest(traits: Floats, others: Floats) -> NDArray[np.intp]:
    """Return for each row of traits the places of the nearest other ones."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - only a back-test of accounts asks for it

    return np.asarray(KDTree(others).query(traits, min(ALIKE, len(others)))[1], dtype=np.intp)


def _lift(accounts: AccountPast, alike: _Alike, outcome: str, horizon: int, level: float) -> Lift:
    """Return the lift of entries whose time is over."""
    width = len(accounts.months)
    over = alike.month + horizon < width
    entries, pending = int(over.sum()), int((~over).sum())
    if entries < FEWEST_ENTRIES:
        reason = f"only {entries} {'entry' if entries == 1 else 'entries'} with its time over"
        return Lift(entries, pending, None, None, None, None, None, reason)
    happened = happens_within(accounts.moved[outcome], horizon)
    share = float(happened[alike.row[over], alike.month[over]].mean())
    kept = over & (alike.others[:, 0] >= 0)
    if not kept.any():
        return Lift(entries, pending, share, None, None, None, None, "no account is alike")
    row, month, others = alike.row[kept], alike.month[kept], alike.others[kept]
    known, places, at = others >= 0, np.maximum(others, 0), month[:, None]
    usual = _usual_share(accounts, happened, alike.free, alike.state, width - horizon)
    own, theirs = usual(row, month), np.where(known, usual(places, at), 0.0)
    came, did = happened[row, month].astype(float), np.where(known, happened[places, at], 0.0)
    expected = own * did.sum(axis=1) / theirs.sum(axis=1)
    above, below = float(came.mean()), float(expected.mean())
    if below <= 0 or not came.any() or came.sum() + expected.sum() < FEWEST_CASES:
        reason = f"it followed {int(came.sum())} of {len(row)} entries, too few to compare"
        return Lift(entries, pending, above, below, None, None, None, reason)
    parts = np.zeros(len(accounts.account_ids))
    np.add.at(parts, row, (came - above) / above - (expected - below) / below)
    off = -(did - theirs) * (own / theirs.sum(axis=1))[:, None] / below
    np.add.at(parts, places[known], off[known])
    deciding = int(np.count_nonzero(parts))
    error = math.sqrt(float((parts**2).sum()) * deciding / max(deciding - 1, 1)) / len(row)
    log = math.log(above / below)
    reach, wide = normal_reach(level) * error, normal_reach(0.95) * error
    interval = Interval(math.exp(log - reach), above / below, math.exp(log + reach), level)
    p_value = 1 - NormalDist().cdf(log / error) if error > 0 else None
    return Lift(entries, pending, above, below, interval, math.exp(log - wide), p_value)


def happens_within(happened: Flags, horizon: int) -> Flags:
    """Return whether something happens in one of the months after each, as far as they are on record."""
    found = np.zeros_like(happened)
    for ahead in range(1, horizon + 1):
        found[:, :-ahead] |= happened[:, ahead:]
    return found


def happened_before(happened: Flags, horizon: int) -> Flags:
    """Return whether something happened in one of the months before each."""
    found = np.zeros_like(happened)
    for back in range(1, horizon + 1):
        found[:, back:] |= happened[:, :-back]
    return found


LAST_STEP = 1e-8  # of Newton's method, beyond which no share moves
_STEPS, _LEAST_SHARE, _MOST_ROWS = 12, 1e-4, 50_000


def _usual_share(
    accounts: AccountPast, happened: Flags, free: Flags, state: NDArray[np.intp], last: int
) -> Callable[[NDArray[np.intp], NDArray[np.intp]], Floats]:
    """Return the share expected of accounts that did not fire, by their traits, for places and months.

    Its logarithm is a line through the traits, fitted to the account-months that are free (Poisson, Newton's method).
    """
    row, month = np.nonzero(free[:, :last])
    if len(row) > _MOST_ROWS:  # evenly over accounts and months: more say no more of a line
        some = np.linspace(0, len(row) - 1, _MOST_ROWS).astype(np.intp)
        row, month = row[some], month[some]
    traits = np.column_stack([np.ones(len(row)), accounts.traits[row, state[month]]])
    came = happened[row, month].astype(float)
    weight = np.zeros(traits.shape[1])
    weight[0] = math.log(max(float(came.mean()), _LEAST_SHARE)) if len(came) else 0.0
    for _ in range(_STEPS):
        share = np.exp(np.clip(traits @ weight, -10.0, 0.0))
        bend = (traits * share[:, None]).T @ traits + 1e-6 * len(row) * np.eye(len(weight))
        step = np.linalg.solve(bend, traits.T @ (came - share)) if len(row) else 0.0 * weight
        weight = weight + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < LAST_STEP:
            break

    def expected(places: NDArray[np.intp], months: NDArray[np.intp]) -> Floats:
        share: Floats = np.exp(np.clip(weight[0] + accounts.traits[places, state[months]] @ weight[1:], -10.0, 0.0))
        return share

    return expected


# --- Counted by hand: hits, lead time, and how much of all expansion was caught


@dataclass(frozen=True, slots=True)
class Hits:
    """What followed entries, without comparison.

    Attributes
    ----------
    entries, open
        Entries whose time is over, and those whose is not.
    hits
        After how many of them an expansion came in time.
    caught, expansions
        How many expansions had an entry before them in time, and how many there were.
    lead_months
        For each hit, the months from the entry to the expansion.
    """

    entries: int
    open: int
    hits: int
    caught: int
    expansions: int
    lead_months: tuple[int, ...]

    @property
    def shown(self) -> tuple[float | None, float | None]:
        """Return the median of the months to an expansion, and the share of all expansions caught; None: of none."""
        lead = float(np.median(self.lead_months)) if self.lead_months else None
        return lead, self.caught / self.expansions if self.expansions else None


def hits_of(fired: Flags, expanded: Flags, horizon: int = 3) -> Hits:
    """Return what followed entries, and how much of all expansion had one before it.

    Parameters
    ----------
    fired, expanded
        Accounts x months: in which an entry opened, and in which the account expanded.
    horizon
        In how many months after the entry's own an expansion counts; one in the same month or before is none.

    Returns
    -------
    Hits
        Counts and lead times.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.triggers import hits_of
    >>> fired, expanded = np.zeros((2, 2, 6), dtype=bool)
    >>> fired[0, 1], expanded[0, 3], expanded[1, 2] = True, True, True
    >>> found = hits_of(fired, expanded)
    >>> found.hits, found.caught, found.expansions, found.lead_months
    (1, 1, 2, (2,))
    """
    width = fired.shape[1]
    row, month = np.nonzero(fired)
    over = month + horizon < width
    follows = happens_within(expanded, horizon)
    ahead = np.stack([expanded[row[over], month[over] + after] for after in range(1, horizon + 1)], axis=1)
    lead = (ahead.argmax(axis=1) + 1)[ahead.any(axis=1)].tolist()
    caught = int((expanded & happened_before(fired, horizon)).sum())
    hits = int(follows[row[over], month[over]].sum())
    return Hits(int(over.sum()), int((~over).sum()), hits, caught, int(expanded.sum()), tuple(lead))


def rate_ratio(hits: int, entries: int, other_hits: int, others: int, level: float = 0.95) -> Interval:
    """Return the ratio of two shares with its interval by the logarithm (Katz 1978).

    Parameters
    ----------
    hits, entries
        Of those that fired.
    other_hits, others
        Of those that did not.
    level
        Of the interval.

    Returns
    -------
    Interval
        The ratio. It says nothing on what caused it: those that fire may be larger and more active.

    Raises
    ------
    TriggerError
        When nobody was hit on one of the sides.

    Examples
    --------
    >>> from workbench.growth.triggers import rate_ratio
    >>> round(rate_ratio(584, 24609, 372, 113433 - 24609).estimate, 4)
    5.6664
    """
    if not (hits and other_hits):
        raise TriggerError("A ratio needs cases on both sides.", "Say the shares instead.")
    ratio = (hits / entries) / (other_hits / others)
    reach = normal_reach(level) * math.sqrt(1 / hits - 1 / entries + 1 / other_hits - 1 / others)
    return Interval(ratio * math.exp(-reach), ratio, ratio * math.exp(reach), level)


# --- The back-test of a playbook


class _Lifts(Mapping[tuple[str, int], Lift]):
    """Lifts of one trigger by outcome and horizon; each is worked out when somebody asks for it."""

    def __init__(self, accounts: AccountPast, alike: _Alike, level: float) -> None:
        self._of, self._found = (accounts, alike, level), dict[tuple[str, int], Lift]()

    def __getitem__(self, key: tuple[str, int]) -> Lift:
        if key not in self._found:
            if key not in tuple(self):
                raise KeyError(key)
            accounts, alike, level = self._of
            self._found[key] = _lift(accounts, alike, *key, level)
        return self._found[key]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return ((name, each) for name in OUTCOMES for each in HORIZONS)

    def __len__(self) -> int:
        return len(OUTCOMES) * len(HORIZONS)


@dataclass(frozen=True, slots=True, eq=False)
class TriggerRecord:
    """How one trigger did in the past.

    Attributes
    ----------
    key, rule
        The trigger's key in the playbook, and the rule it follows.
    lifts
        By outcome and horizon in months.
    hits
        Of expansion within the longest horizon.
    verdict, reason
        evidence, no evidence or unknown; and why it is unknown.
    """

    key: str
    rule: str
    lifts: Mapping[tuple[str, int], Lift]
    hits: Hits
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class TriggerBackTest:
    """How the triggers of a playbook did in the past.

    Attributes
    ----------
    records
        One per trigger.
    at_renewal
        The same of talks at each renewal: a year, two years, ... after accounts signed up, or on their renewal day.
    day
        The day one stood on.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import PLAYBOOK, Past, back_test_triggers
    >>> paid = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "amount": [50.0, 60.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    >>> found = back_test_triggers(Past.of(base), PLAYBOOK)
    >>> found.records[0].verdict, found.records[0].reason
    ('unknown', 'only 0 entries with its time over')
    """

    records: tuple[TriggerRecord, ...]
    at_renewal: Hits
    day: pd.Timestamp

    def __getitem__(self, key: str) -> TriggerRecord:
        """Return the record of a trigger by its key."""
        return next(each for each in self.records if each.key == key)

    def claims(self) -> DataTable:
        """Return what the source of the rules reports beside what was measured here; nothing is concluded from it."""
        after = [each.hits for each in self.records if each.rule == "X4"]
        hits, entries = sum(each.hits for each in after), sum(each.entries for each in after)
        renewal = self.at_renewal
        own = "unknown: too few cases on one of the sides"
        if min(hits, renewal.hits) >= FEWEST_CASES:
            ratio = rate_ratio(hits, entries, renewal.hits, renewal.entries, 0.9)
            own = f"{ratio.estimate:.1f}x ({ratio.low:.1f}x to {ratio.high:.1f}x): share that expanded after either"
        rows = [
            ("Talks after a recorded return succeed 3.5 times as often as at renewal", own),
            ("Documented playbooks bring 68% more expansion revenue", "not measured: nobody knows who was talked to"),
            (
                "Growth from existing customers is worth a premium of 0.5 to 1x in valuation",
                "not measured: no value of the company is on record",
            ),
        ]
        return DataTable.of_rows([("Reported by the source", TEXT), ("This company", TEXT)], rows)

    def table(self, horizon: int = HORIZONS[-1]) -> DataTable:
        """Return a row per trigger: how often, what followed, lift, lead, how much it caught, and the verdict."""
        rows = []
        for each in self.records:
            lift = each.lifts["expansion", horizon]
            ends = (None, None, None) if lift.lift is None else (lift.lift.estimate, lift.lift.low, lift.lift.high)
            rows.append((each.key, lift.entries, lift.open, lift.followed, lift.expected, ends, *each.hits.shown,
                         each.verdict, each.reason))  # fmt: skip
        renewal = self.at_renewal
        share = renewal.hits / renewal.entries if renewal.entries else None
        rows.append(("contact at renewal", renewal.entries, renewal.open, share, None, (None, None, None),
                     *renewal.shown, "", "beside it, not compared with accounts alike"))  # fmt: skip
        times = estimate_of(Number(1, unit="x"))
        names = (("Trigger", TEXT), ("Entries", COUNT), ("Still open", COUNT), ("Expanded", Percent()),
                 ("Accounts alike", Percent()), ("Lift", times), ("Months to it", Number(1)),
                 ("Of all expansion", Percent()), ("Verdict", TEXT), ("Why not known", TEXT))  # fmt: skip
        return DataTable.of_rows(names, rows)


def back_test_triggers(
    past: Past, playbook: Playbook, *, price_lists: Mapping[str, str] | None = None, level: float = 0.9
) -> TriggerBackTest:
    """Return how the triggers of a playbook did on what is known by a day.

    Parameters
    ----------
    past
        What is known. Each trigger fires on what was known by its own step, and what followed is looked up after it.
    playbook
        The triggers.
    price_lists
        As in `account_past`.
    level
        Of the intervals.

    Returns
    -------
    TriggerBackTest
        A record per trigger. Evidence means: the lower end of the 95% interval of the lift is above 1, and so it stays
        when the false discoveries among all triggers are held to 5% (Benjamini and Hochberg 1995).

    Raises
    ------
    TriggerError
        When no revenue is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.triggers import PLAYBOOK, Past, back_test_triggers
    >>> paid = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "amount": [50.0, 60.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    >>> back_test_triggers(Past.of(base), PLAYBOOK).at_renewal.expansions
    1
    """
    accounts = account_past(past, price_lists)
    longest = HORIZONS[-1]
    found = []
    for key, trigger in playbook.triggers.items():
        fired = fired_by_month(accounts, fire(past, trigger).entries)
        alike = _alike(accounts, fired, month_over=trigger.every == "month")
        lifts = _Lifts(accounts, alike, level)
        found.append((key, lifts, hits_of(fired & accounts.paying, accounts.moved["expansion"], longest)))
    p_values = np.array([lifts["expansion", longest].p_value for _, lifts, _ in found], dtype=float)  # None: NaN
    tested = np.flatnonzero(np.isfinite(p_values))
    discovered = np.zeros(len(found), dtype=bool)
    discovered[tested] = benjamini_hochberg(p_values[tested], FALSE_DISCOVERIES)
    records = []
    for (key, lifts, hits), stands in zip(found, discovered, strict=True):
        lift = lifts["expansion", longest]
        shown = stands and lift.lower is not None and lift.lower > 1
        verdict = UNKNOWN if lift.lift is None else EVIDENCE if shown else NO_EVIDENCE
        records.append(TriggerRecord(key, playbook.triggers[key].rule, lifts, hits, verdict, lift.reason))
    renewals = hits_of(_renewals(past, accounts) & accounts.paying, accounts.moved["expansion"], longest)
    return TriggerBackTest(tuple(records), renewals, past.day)


def fired_by_month(accounts: AccountPast, entries: pd.DataFrame) -> Flags:
    """Return accounts x months: in which an entry opened."""
    found = np.zeros(accounts.paying.shape, dtype=bool)
    row = pd.Index(accounts.account_ids).get_indexer(pd.Index(entries["account_id"]))
    month = accounts.months.get_indexer(pd.DatetimeIndex(entries["day"]).to_period("M").to_timestamp())
    inside = (row >= 0) & (month >= 0)
    found[row[inside], month[inside]] = True
    return found


def _renewals(past: Past, accounts: AccountPast) -> Flags:
    """Return accounts x months: in which each account's contract comes up, once a year."""
    frame = past.base.frames["accounts"]
    signed = frame["signed_up"].to_numpy("datetime64[M]")
    renews, months = frame["renews_on"].to_numpy("datetime64[M]"), accounts.months.to_numpy("datetime64[M]")
    anchor = np.where(np.isnat(renews), signed, renews)
    apart = months[None, :] - anchor[:, None]
    begun = (months[None, :] > signed[:, None]) | np.isnat(signed)[:, None]
    return ~np.isnat(apart) & (np.mod(apart.astype(np.int64), 12) == 0) & begun
