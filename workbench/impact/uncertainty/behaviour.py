"""What customers may do about new prices: guesses as wide ranges, and what they did when prices rose before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.needs import YEAR
from workbench.errors import WorkbenchError
from workbench.forecast.usage_growth import AGE_UNKNOWN
from workbench.formatting import count, exact, percent, thousands
from workbench.study.model import Assumption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from workbench.impact.revenue_forecast import Record

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# --- What a simulation of behaviour refuses, and why


class UncertaintyError(WorkbenchError, ValueError):
    """Refuse ranges, scenarios or questions from which no honest range of outcomes follows.

    Examples
    --------
    >>> from workbench.impact.uncertainty import Behaviour
    >>> Behaviour().with_ranges(churn_per_rise=(-0.1, 0.3))
    Traceback (most recent call last):
        ...
    workbench.impact.uncertainty.behaviour.UncertaintyError: ...
    """


# --- Price moves on record: months in which an account came to pay more for what it used before

REACTION_MONTHS = 6
"""For how many months after a rise who leaves or moves down is counted."""
SAME, LEAST_RISE = 0.01, 0.02
"""What is paid per unit stands when it changes by no more than the one, and has risen from the other on."""
_STOOD = 2  # steps without a change before a rise: three months at one price
_LARGEST = 1.0  # a rise beyond 100% counts as 100%: a few such bills would outweigh all others
_LESS = 0.05  # of the bill: who moves to another plan for less than that saves nothing


@dataclass(frozen=True, eq=False, kw_only=True)
class PastBills:
    """What accounts paid month by month; all arrays are accounts x months, `quantity` has the metrics in front.

    `listed` is the bill of the account's own quantities under one list, NaN where it has none; `plan` -1 where none is
    on record; `age` months since sign-up, NaN unknown; `segment` one number an account.
    """

    paid: Floats
    listed: Floats
    plan: NDArray[np.intp]
    quantity: Floats
    age: Floats
    segment: NDArray[np.intp]

    @classmethod
    def of(cls, record: Record) -> PastBills | None:
        """Return the bills of a record; None without revenue on record."""
        if record.paid is None:
            return None
        rows, history = record.rows, record.history
        plan = np.full((len(rows.account_ids), len(rows.shown_months)), -1, dtype=np.intp)
        plan[rows.account, rows.month - rows.window.start] = rows.plans.code
        months = np.arange(history.months)
        return cls(
            paid=np.nan_to_num(record.paid),
            listed=record.listed,
            plan=plan[record.who],
            quantity=history.quantity[:-1],
            age=np.where(history.age == AGE_UNKNOWN, np.nan, history.age)[:, None] + months,
            segment=np.asarray(history.segment, dtype=np.intp),
        )


@dataclass(frozen=True, eq=False)
class PriceMoves:
    """Accounts x months. `rise` is by how much the price rose in a month (0 where it stood, NaN where nobody knows).

    `exposed` is the rise of the months before, 0 for accounts that stood all the while, NaN where it cannot be said;
    an account is out of the comparison for a year after its rise has been followed. `before` is the last month that
    the rise did not touch: what accounts are held equal in is read there. `lasting` is the share of rises
    that still held two months later, among those that can be followed.
    """

    rise: Floats
    exposed: Floats
    before: NDArray[np.intp]
    lasting: float

    @property
    def moved(self) -> Flags:
        """Return in which months an account's price rose."""
        return np.nan_to_num(self.rise) > 0


def moves_of(past: PastBills) -> PriceMoves:
    """Return the rises on record, and which account-months stand after one."""
    rise = _rises(past)
    exposed = np.full(rise.shape, np.nan)
    accounts, months = rise.shape
    before = np.tile(np.arange(-1, months - 1), (accounts, 1))
    size, since = np.zeros(accounts), np.full(accounts, months + YEAR)
    unclear, stood, last = np.full(accounts, months), *np.zeros((2, accounts), dtype=np.intp)
    for month in range(1, months):
        here = since <= REACTION_MONTHS
        alike = (since > YEAR + REACTION_MONTHS) & (stood >= _STOOD) & (unclear > REACTION_MONTHS)
        exposed[:, month] = np.where(here, size, np.where(alike, 0.0, np.nan))
        before[here, month] = last[here]
        step = rise[:, month]
        raised = step > 0
        last = np.where(raised & ~here, month - 1, last)
        size = np.where(raised, np.where(here, (1 + size) * (1 + step) - 1, step), size)
        since = np.where(raised, 1, since + 1)
        unclear = np.where(np.isnan(step), 1, unclear + 1)
        stood = np.where(step == 0, stood + 1, 0)
    return PriceMoves(rise, np.minimum(exposed, _LARGEST), before, _lasting(past, rise))


def left(past: PastBills) -> Floats:
    """Return 1 in the first month an account pays nothing and never does again, 0 while it pays, NaN elsewhere."""
    pays = past.paid > 0
    later = np.flip(np.maximum.accumulate(np.flip(pays, axis=1), axis=1), axis=1)
    found = np.full(pays.shape, np.nan)
    paid_before = pays[:, :-1]
    found[:, 1:] = np.where(paid_before, np.where(later[:, 1:], 0.0, 1.0), np.nan)
    return found


def moved_down(past: PastBills) -> Floats:
    """Return 1 where an account that stays changed to another plan for less, 0 where it did not, NaN elsewhere."""
    pays = (past.paid > 0) & (past.plan >= 0)
    both = pays[:, 1:] & pays[:, :-1]
    other = past.plan[:, 1:] != past.plan[:, :-1]
    found = np.full(pays.shape, np.nan)
    found[:, 1:] = np.where(both, other & (past.paid[:, 1:] < (1 - _LESS) * past.paid[:, :-1]), np.nan)
    return found


def _rises(past: PastBills) -> Floats:
    by_list, by_bill = _steps(past.paid / np.where(past.listed > 0, past.listed, np.nan)), _steps(past.paid)
    same_plan = np.zeros(past.paid.shape, dtype=bool)
    same_plan[:, 1:] = past.plan[:, 1:] == past.plan[:, :-1]
    stands = [same_plan & (np.abs(each) <= SAME) for each in (by_list, by_bill)]
    step = np.where(_stood(stands[0]), by_list, np.where(_stood(stands[1]), by_bill, np.nan))
    raised = same_plan & (step >= np.log1p(LEAST_RISE))
    return np.where(stands[0] | stands[1], 0.0, np.where(raised, np.expm1(step), np.nan))


def _steps(values: Floats) -> Floats:
    """Return the change of the logarithm from the month before; NaN where either is not above nothing."""
    logs = np.log(np.where(values > 0, values, np.nan))
    return np.diff(logs, axis=1, prepend=np.nan)


def _stood(stands: Flags) -> Flags:
    """Tell in which months the steps before were all without a change."""
    found = np.ones(stands.shape, dtype=bool)
    for back in range(1, _STOOD + 1):
        found[:, :back] = False
        found[:, back:] &= stands[:, :-back]
    return found


def _lasting(past: PastBills, rise: Floats) -> float:
    """Return the share of rises that still hold two months on, among accounts that then pay for the same plan."""
    who, month = np.nonzero(np.nan_to_num(rise) > 0)
    after = month + 2
    inside = after < rise.shape[1]
    who, month, after = who[inside], month[inside], after[inside]
    same = (past.paid[who, after] > 0) & (past.plan[who, after] == past.plan[who, month])
    who, month, after = who[same], month[same], after[same]
    if not len(who):
        return 1.0
    bill = past.paid[who, after] / past.paid[who, month - 1]
    listed = past.listed[who, after] / np.where(past.listed[who, month - 1] > 0, past.listed[who, month - 1], np.nan)
    per_unit = np.where(np.isfinite(bill / listed), bill / listed, bill)
    half = np.log1p(rise[who, month]) / 2
    held = (np.log(np.maximum(bill, 1e-9)) >= half) | (np.log(np.maximum(per_unit, 1e-9)) >= half)
    return float(held.mean())


# --- What customers did when their price rose

LEAVING, MOVING_DOWN = "leave", "move down"
LEAST_MOVED, LEAST_EVENTS, LEAST_AFTER = 30, 20, 5
_LEAST_LASTING = 0.75
_TOGETHER, _MOST_TOGETHER = 0.9, 0.5  # a month moves all when so many of it rise; so many rises may lie in such months
_APART, _SURELY = 0.25, 3.0  # standard deviations, and standard errors: use grew where prices rose
_MOST_ACCOUNTS, _DRAWS, _BLOCK = 20_000, 1_000, 100
_MOST_NAMES = 12  # segments, plans: the most common ones are told apart
_AGES = (6, 12, 24, 36)  # months since sign-up, in bands: leaving falls by steps, at the end of a year above all
_BEHIND = 3  # months a growth of use is measured over


@dataclass(frozen=True, slots=True)
class PastReaction:
    """What a rise of 100% added to the share of customers who leave, or move down, within six months of it.

    `low` to `high` holds the truth nine times in ten; all three are NaN where `reason` says why nothing can be had.
    `moved` accounts saw their price rise, by `rises` (5%, middle and 95% of them), and `after` did it then.
    """

    kind: str
    moved: int
    after: int = 0
    rises: tuple[float, float, float] = (0.0, 0.0, 0.0)
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    reason: str = ""

    @property
    def known(self) -> bool:
        """Tell whether the record says it."""
        return not self.reason

    @property
    def sentence(self) -> str:
        """Return what the record says, or why it says nothing."""
        if self.reason:
            return f"How many customers {self.kind} over a rise cannot be had from the record: {self.reason}."
        few, _, many = map(percent, self.rises)
        return (
            f"On record the price of {count('account', self.moved)} rose, mostly by {few} to {many}; "
            f"{thousands(self.after)} of them {_DID[self.kind]} within {REACTION_MONTHS} months. "
            f"Beside accounts alike whose price stood, a rise "
            f"of 100% makes {percent(self.low)} to {percent(self.high)} of customers {self.kind} (90% interval)."
        )


_DID = {LEAVING: "left", MOVING_DOWN: "moved down"}


@dataclass(frozen=True, eq=False)
class _Rows:
    """Account-months compared: what happened, the rise before it, and what else differs between them."""

    happened: Floats
    rise: Floats
    account: NDArray[np.intp]
    month: NDArray[np.intp]
    others: Floats


def past_reactions(record: Record, *, widest: dict[str, float], seed: int = 0) -> tuple[PastReaction, ...]:
    """Return how many more customers left, and moved down, after the rises on a record.

    `widest` is, by kind, how wide an interval may be before it says no more than a guess does.
    """
    past = PastBills.of(record)
    if past is None:
        return tuple(PastReaction(kind, 0, reason="no revenue is on record") for kind in widest)
    return reactions_of(past, widest=widest, seed=seed)


def reactions_of(past: PastBills, *, widest: dict[str, float], seed: int = 0) -> tuple[PastReaction, ...]:
    """Return the reactions of accounts whose bills are known; see `past_reactions`."""
    past = _some_of(past, seed)
    moves = moves_of(past)
    outcomes: dict[str, Callable[[PastBills], Floats]] = {LEAVING: left, MOVING_DOWN: moved_down}
    return tuple(_reaction(past, moves, kind, outcomes[kind](past), most, seed) for kind, most in widest.items())


def _reaction(  # noqa: PLR0917 - all of it is what one estimate needs
    past: PastBills, moves: PriceMoves, kind: str, happened: Floats, widest: float, seed: int
) -> PastReaction:
    rose = moves.moved
    moved = int(rose.any(axis=1).sum())
    months = past.paid.shape[1]
    if moved < LEAST_MOVED:
        text = f"the price of {count('account', moved)} rose in {count('month', months)}, and {LEAST_MOVED} are needed"
        return PastReaction(kind, moved, reason=text)
    rises = tuple(map(float, np.quantile(moves.rise[rose], [0.05, 0.5, 0.95])))
    after = int((happened[np.nan_to_num(moves.exposed) > 0] == 1).sum())
    said = PastReaction(kind, moved, after, (rises[0], rises[1], rises[2]))
    why = _why_not(past, moves, kind, happened)
    if why:
        return replace(said, reason=why)
    if kind == MOVING_DOWN:  # who has moved after a rise cannot do so again
        here = np.arange(len(past.paid))[:, None]
        at_risk = past.plan[here, moves.before] == np.roll(past.plan, 1, axis=1)
        happened = np.where(at_risk, happened, np.nan)
    rows = _rows(past, moves, happened)
    events = int(rows.happened.sum())
    did = _DID[kind]
    if events < LEAST_EVENTS or after < LEAST_AFTER:
        text = f"{thousands(events)} of all compared {did}, {thousands(after)} of them after a rise; "
        text += f"{LEAST_EVENTS} and {LEAST_AFTER} "
        return replace(said, reason=f"{text}are needed")
    low, value, high = _effect(rows, seed)
    if high <= 0:
        return replace(said, reason=f"fewer {did} after a rise than without one, so prices rose where nobody would")
    if high - max(0.0, low) > widest:
        text = (
            f"its 90% interval runs from {percent(low)} to {percent(high)} for a rise of 100%, no better than a guess"
        )
        return replace(said, reason=text)
    return replace(said, value=max(0.0, value), low=max(0.0, low), high=high)


def _why_not(past: PastBills, moves: PriceMoves, kind: str, happened: Floats) -> str:
    """Say why rises say nothing about reactions, empty where they do."""
    if kind == MOVING_DOWN and len(np.unique(past.plan[past.plan >= 0])) < 2:  # noqa: PLR2004 - one to leave for another
        return "revenue on record names no two plans"
    if moves.lasting < _LEAST_LASTING:
        return f"only {percent(moves.lasting)} of rises still held two months later, so they are charges made once"
    still = (moves.exposed == 0) & np.isfinite(moves.rise)
    raised, stood = still & moves.moved, still & ~moves.moved
    by_month, standing = raised.sum(axis=0), stood.sum(axis=0)
    together = by_month >= _TOGETHER * np.maximum(by_month + standing, 1)
    if by_month[together].sum() > _MOST_TOGETHER * by_month.sum():
        return _before_and_after(moves, kind, happened)
    if _follow_use(past, raised, stood):
        return "prices rose where use grew, so the rise cannot be told from what else changed"
    return ""


def _before_and_after(moves: PriceMoves, kind: str, happened: Floats) -> str:
    after, before = (np.nanmean(happened[here]) for here in (np.nan_to_num(moves.exposed) > 0, moves.exposed == 0))
    shares = " and ".join(percent(1 - (1 - float(each)) ** REACTION_MONTHS, 1) for each in (after, before))
    return (
        f"nearly all prices rose in the same months, which leaves nobody to compare with ({shares} of customers "
        f"{_DID[kind]} in {REACTION_MONTHS} months after and before, whatever else changed then)"
    )


def _follow_use(past: PastBills, raised: Flags, stood: Flags) -> bool:
    """Tell whether use of any metric grew more where prices rose than where they stood in the same month."""
    for growth in _growth(past.quantity):
        known = np.isfinite(growth) & (raised | stood)
        who, month = np.nonzero(known)
        both = np.isin(month, np.flatnonzero((raised & known).any(axis=0) & (stood & known).any(axis=0)))
        who, month = who[both], month[both]
        if not len(who):
            continue
        values = growth[who, month]
        values = values - (np.bincount(month, values) / np.maximum(np.bincount(month), 1))[month]
        there = raised[who, month]
        gap, spread = values[there].mean() - values[~there].mean(), values[~there].std()
        if gap > _APART * spread and gap > _SURELY * max(spread, values[there].std()) / np.sqrt(there.sum()):
            return True
    return False


def _growth(quantity: Floats) -> Floats:
    """Return, per metric, the logarithm of a month's use over the mean of the months before; NaN unknown."""
    before = np.full(quantity.shape, np.nan)
    behind = np.stack([quantity[:, :, back : back - _BEHIND] for back in range(_BEHIND)]).mean(axis=0)
    before[:, :, _BEHIND:] = behind
    known = (quantity > 0) & (before > 0)
    ratio = np.divide(quantity, before, out=np.full(quantity.shape, np.nan), where=known)
    return np.clip(np.log(ratio), -1.0, 1.0)


def _rows(past: PastBills, moves: PriceMoves, happened: Floats) -> _Rows:
    account, month = np.nonzero(np.isfinite(happened) & np.isfinite(moves.exposed))
    before = moves.before[account, month]
    size = np.log(past.paid[account, before])
    age = past.age[account, month]
    columns = [size, size**2, np.isnan(age).astype(float), *((age >= each).astype(float) for each in _AGES)]
    growth = _growth(past.quantity)[:, account, before]
    columns += [np.nan_to_num(each) for each in growth]
    for names in (past.segment[account], past.plan[account, before]):
        common, counts = np.unique(names, return_counts=True)
        columns += [(names == each).astype(float) for each in common[np.argsort(-counts)][1:_MOST_NAMES]]
    others = np.column_stack(columns)
    return _Rows(happened[account, month], moves.exposed[account, month], account, month, others)


def _effect(rows: _Rows, seed: int) -> tuple[float, float, float]:
    """Return low, middle and high of what a rise of 100% adds over the months that follow it.

    A regression with fixed effects of the months; its interval is a Bayesian bootstrap over accounts.
    """
    others = _within(rows.others, rows.month)
    scale = others.std(axis=0)  # what does not vary within months tells nothing
    others = others[:, scale > 1e-9 * max(1.0, float(scale.max(initial=0.0)))]
    rise, happened = (
        each - others @ np.linalg.lstsq(others, each, rcond=None)[0]
        for each in (_within(rows.rise, rows.month), _within(rows.happened, rows.month))
    )
    who = np.unique(rows.account, return_inverse=True)[1]
    together, own = np.bincount(who, rise * happened), np.bincount(who, rise * rise)
    rng = np.random.default_rng(seed)
    draws = np.empty(_DRAWS)
    for first in range(0, _DRAWS, _BLOCK):
        weights = rng.standard_exponential((_BLOCK, len(own)))
        draws[first : first + _BLOCK] = (weights @ together) / (weights @ own)
    usual = float(rows.happened[rows.rise == 0].mean())
    here = rows.rise[rows.rise > 0]
    typical = float((here**2).sum() / here.sum())
    low, high = np.quantile(draws, [0.05, 0.95])
    months = (_over_months(each, usual, typical) for each in (low, together.sum() / own.sum(), high))
    return tuple(months)  # type: ignore[return-value]


def _over_months(effect: float, usual: float, rise: float) -> float:
    """Return what an effect on the hazard of one month comes to over all months after a rise, for a rise of 100%."""
    hazard = min(max(usual + effect * rise, 0.0), 1.0)
    return ((1 - usual) ** REACTION_MONTHS - (1 - hazard) ** REACTION_MONTHS) / rise


def _within(values: Floats, month: NDArray[np.intp]) -> Floats:
    """Return values less the mean of their month: the fixed effects of months are taken out."""
    table = values.reshape(len(values), -1)
    counts = np.maximum(np.bincount(month), 1)
    means = np.column_stack([np.bincount(month, column) / counts for column in table.T])
    return (table - means[month]).reshape(values.shape)


def _some_of(past: PastBills, seed: int) -> PastBills:
    """Return at most so many accounts, drawn at random: more would narrow nothing that matters."""
    accounts = len(past.paid)
    if accounts <= _MOST_ACCOUNTS:
        return past
    some = np.sort(np.random.default_rng(seed).choice(accounts, _MOST_ACCOUNTS, replace=False))
    return PastBills(
        paid=past.paid[some],
        listed=past.listed[some],
        plan=past.plan[some],
        quantity=past.quantity[:, some],
        age=past.age[some],
        segment=past.segment[some],
    )


# --- What customers may do about new prices: guesses, each kept as a wide range until somebody knows better

CHURN = "churn-per-rise"
USUAL_CHURN = "usual-churn"
DOWNGRADE = "downgrade-per-rise"
SAVING = "downgrade-saving"
USAGE = "usage-per-rise"
ATTACH = "add-on-attach"
NEW_CUSTOMERS = "new-customers"
TAKE_UP = "opt-in-take-up"
# The most each can be, in its unit; none can be negative.
MOST = {CHURN: 5.0, USUAL_CHURN: 0.99, DOWNGRADE: 5.0, SAVING: 1.0, USAGE: 3.0, ATTACH: 1.0, NEW_CUSTOMERS: 1e9}
ON_RECORD = {LEAVING: CHURN, MOVING_DOWN: DOWNGRADE}
"""What customers did after a rise, and the range it narrows."""
OWN_RECORD = "own price moves on record"
_GUESS = (
    "A working assumption, wide on purpose: no solid public figure says how business customers react to a price rise. "
    "Narrow it with what your own customers did."
)
_DEFAULTS = (
    (CHURN, "Extra customers lost for a rise of 100%", 0.05, 0.80, "share of customers per 100% rise"),
    (USUAL_CHURN, "Customers lost a year whatever the prices", 0.02, 0.20, "share of customers a year"),
    (DOWNGRADE, "Customers moving down for a rise of 100%", 0.0, 0.50, "share of customers per 100% rise"),
    (SAVING, "What a customer who moves down saves", 0.10, 0.40, "share of its bill"),
    (USAGE, "Less usage for a rise of 100%", 0.0, 0.50, "share of metered usage per 100% rise"),
    (ATTACH, "Customers billed for an add-on who will buy it", 0.20, 0.90, "share of add-on revenue"),
    (NEW_CUSTOMERS, "New customers", 0.0, 0.0, "customers a month"),
)


def default_assumptions() -> tuple[Assumption, ...]:
    """Return the ranges used where a study has none, each labelled as the guess it is.

    Returns
    -------
    tuple[Assumption, ...]
        One range per kind of behaviour.

    Examples
    --------
    >>> from workbench.impact.uncertainty import default_assumptions
    >>> [each.id for each in default_assumptions()][:2]
    ['churn-per-rise', 'usual-churn']
    """
    notes = {
        NEW_CUSTOMERS: "None stated: a forecast lets as many come as came so far; without a forecast nobody comes.",
        USUAL_CHURN: "A working assumption where there is no forecast; a forecast takes it from the record.",
    }
    return tuple(
        Assumption(id=key, label=label, low=low, high=high, unit=unit, note=notes.get(key, _GUESS))
        for key, label, low, high, unit in _DEFAULTS
    )


def widest_on_record() -> dict[str, float]:
    """Return, for what customers did after a rise, how wide an interval may be before it is no better than a guess.

    Returns
    -------
    dict[str, float]
        Kind of behaviour to width.

    Examples
    --------
    >>> from workbench.impact.uncertainty import widest_on_record
    >>> sorted(widest_on_record())
    ['leave', 'move down']
    """
    wide = {each.id: each.high - each.low for each in default_assumptions()}
    return {kind: wide[about] for kind, about in ON_RECORD.items()}


def learned(past: Iterable[PastReaction]) -> tuple[Assumption, ...]:
    """Return the ranges a company's own record says, which take the place of the wide ones.

    Parameters
    ----------
    past
        What customers did after rises on record.

    Returns
    -------
    tuple[Assumption, ...]
        One range per kind that the record settles.

    Examples
    --------
    >>> from workbench.impact.uncertainty import learned
    >>> from workbench.impact.uncertainty.behaviour import PastReaction
    >>> past = PastReaction("leave", 400, 30, (0.05, 0.1, 0.3), 0.2, 0.1, 0.3)
    >>> [(each.id, each.low, each.high) for each in learned([past])]
    [('churn-per-rise', 0.1, 0.3)]
    """
    wide = {each.id: each for each in default_assumptions()}
    return tuple(
        wide[ON_RECORD[each.kind]].replaced(low=each.low, high=each.high, note=each.sentence, source=OWN_RECORD)
        for each in past
        if each.known
    )


@dataclass(frozen=True)
class Behaviour:
    """Ranges of behaviour, for all customers or for a segment.

    An assumption with the id "churn-per-rise" holds for every segment that has none of its own; one with the id
    "churn-per-rise:small" for the segment small.

    Parameters
    ----------
    assumptions
        The ranges.
    most_extra_churn
        Caps the share of customers lost to a rise.
    alike
        How much the segments' own ranges of one kind move together, between 0 and 1.

    Notes
    -----
    The form is simple and open: a rise r (0.2 is 20%) loses min(most_extra_churn, churn-per-rise x r) of the customers,
    moves min(1, downgrade-per-rise x r) of the rest to a bill smaller by downgrade-saving, and changes metered usage by
    -usage-per-rise x r (a fall in price adds usage, at most doubling it). A lower bill loses nobody. A rise beyond
    1,000% counts as 1,000%, and so does a bill where there was none.

    Examples
    --------
    >>> from workbench.impact.uncertainty import Behaviour
    >>> behaviour = Behaviour().with_ranges(churn_per_rise=(0.1, 0.3))
    >>> found = behaviour.range_for("churn-per-rise", "small")
    >>> found.low, found.high
    (0.1, 0.3)
    """

    assumptions: tuple[Assumption, ...] = field(default_factory=default_assumptions)
    most_extra_churn: float = 0.5
    alike: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.most_extra_churn <= 1 and 0 <= self.alike <= 1):
            raise UncertaintyError("The cap on churn and how alike segments are must lie from 0 to 1.")
        ids = [each.id for each in self.assumptions]
        lacking = [key for key in MOST if key not in ids]
        if lacking:
            raise UncertaintyError(f"There is no range for {', '.join(lacking)}.", "Start from Behaviour.of().")
        if len(set(ids)) < len(ids):
            raise UncertaintyError("Two assumptions share an id.", "Keep one of them.")
        for each in self.assumptions:
            most = MOST.get(kind_of(each.id))
            if most is None:
                raise UncertaintyError(f"{each.id!r} is no kind of behaviour.", f"There is: {', '.join(MOST)}.")
            if each.id.startswith(f"{NEW_CUSTOMERS}:"):
                raise UncertaintyError(
                    f"{each.label} ({each.id}) is about new customers of one segment, but they are in none.",
                    f"Give one range for all of them, {NEW_CUSTOMERS}.",
                )
            if each.low < 0 or each.high > most:
                raise UncertaintyError(
                    f"{each.label} ranges from {exact(each.low)} to {exact(each.high)}.",
                    f"It can be from 0 to {exact(most)}.",
                )

    @classmethod
    def of(
        cls, assumptions: Iterable[Assumption] = (), *, most_extra_churn: float = 0.5, alike: float = 0.5
    ) -> Behaviour:
        """Return the behaviour a study assumes: its own ranges where their ids say so, the defaults elsewhere."""
        own = {each.id: each for each in assumptions if kind_of(each.id) in MOST}
        found = {each.id: each for each in default_assumptions()} | own
        return cls(tuple(found.values()), most_extra_churn, alike)

    def with_ranges(self, **ranges: tuple[float, float]) -> Behaviour:
        """Return the behaviour with other ranges; ids are written with underscores (churn_per_rise=(0.1, 0.3))."""
        given = {name.replace("_", "-"): ends for name, ends in ranges.items()}
        known = {each.id: each for each in self.assumptions}
        for key in given:
            if key not in known:
                raise UncertaintyError(f"There is no assumption {key!r}.", f"There is: {', '.join(known)}.")
        changed = {key: known[key].replaced(low=low, high=high) for key, (low, high) in given.items()}
        return Behaviour(tuple((known | changed).values()), self.most_extra_churn, self.alike)

    def range_for(self, kind: str, segment: str) -> Assumption:
        """Return the range of one kind of behaviour for a segment."""
        known = {each.id: each for each in self.assumptions}
        return known.get(f"{kind}:{segment}", known[kind])

    def in_use(self, segments: Iterable[str]) -> tuple[Assumption, ...]:
        """Return the ranges that hold for at least one of the segments."""
        names = tuple(segments)
        used = {self.range_for(kind, segment).id for kind in MOST for segment in names}
        return tuple(each for each in self.assumptions if each.id in used)


def about_nobody(assumptions: Iterable[Assumption], segments: Iterable[str]) -> tuple[Assumption, ...]:
    """Return the ranges about behaviour that no draw would use: of a segment without accounts, or new ones of one.

    Parameters
    ----------
    assumptions
        The ranges.
    segments
        Those that have accounts.

    Returns
    -------
    tuple[Assumption, ...]
        The ranges without anybody, in their order.

    Examples
    --------
    >>> from workbench.impact.uncertainty import about_nobody, id_for
    >>> from workbench.study import Assumption
    >>> churn = Assumption(id=id_for("churn-per-rise", "tiny"), label="Customers lost", low=0.1, high=0.3)
    >>> [each.id for each in about_nobody([churn], ["small", "big"])]
    ['churn-per-rise:tiny']
    """
    known = set(segments)
    own = [(each, *each.id.partition(":")[::2]) for each in assumptions]
    return tuple(
        each
        for each, kind, segment in own
        if kind in MOST and segment and (kind == NEW_CUSTOMERS or segment not in known)
    )


def nobody_reacts() -> Behaviour:
    """Return the behaviour in which nothing changes but the prices, so that a simulation is the replay.

    Returns
    -------
    Behaviour
        The behaviour.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import nobody_reacts, simulate
    >>> found = simulate({"new": path}, nobody_reacts(), draws=20)
    >>> bool((abs(found.total("new") - path.revenue) < 0.01).all())
    True
    """
    ends = {CHURN: 0.0, USUAL_CHURN: 0.0, DOWNGRADE: 0.0, SAVING: 0.0, USAGE: 0.0, ATTACH: 1.0, NEW_CUSTOMERS: 0.0}
    return Behaviour(tuple(each.replaced(low=ends[each.id], high=ends[each.id]) for each in default_assumptions()))


def check_range(assumption: Assumption) -> None:
    """Refuse a range about behaviour that holds values that cannot be.

    Ranges about other things may hold anything.

    Parameters
    ----------
    assumption
        The range.

    Raises
    ------
    UncertaintyError
        When it holds values that cannot be.

    Examples
    --------
    >>> from workbench.impact.uncertainty import check_range
    >>> from workbench.study import Assumption
    >>> check_range(Assumption(id="churn-per-rise", label="Customers lost", low=-0.1, high=0.3))
    Traceback (most recent call last):
        ...
    workbench.impact.uncertainty.behaviour.UncertaintyError: ...
    """
    if kind_of(assumption.id) in MOST:
        Behaviour.of([assumption])


def id_for(kind: str, segment: str = "") -> str:
    """Return the id of the assumption about one kind of behaviour, of all customers or of a segment.

    Parameters
    ----------
    kind
        The kind of behaviour.
    segment
        The segment, "" for all customers.

    Returns
    -------
    str
        The id under which a study keeps it.

    Examples
    --------
    >>> from workbench.impact.uncertainty import id_for, kind_of
    >>> id_for("churn-per-rise", "Small firms"), kind_of(id_for("churn-per-rise", "Small firms"))
    ('churn-per-rise:Small firms', 'churn-per-rise')
    """
    return f"{kind}:{segment}" if segment else kind


def kind_of(assumption_id: str) -> str:
    """Return the kind of behaviour an assumption is about.

    Parameters
    ----------
    assumption_id
        An id of a study's assumption.

    Returns
    -------
    str
        The kind, without the segment.

    Examples
    --------
    >>> from workbench.impact.uncertainty import kind_of
    >>> kind_of("churn-per-rise:small")
    'churn-per-rise'
    """
    return assumption_id.partition(":")[0]
