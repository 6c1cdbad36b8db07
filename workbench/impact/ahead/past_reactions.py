"""What customers did when their price rose: how many more left and moved down than accounts alike whose price stood.

The hazard of a month is regressed on the rise of the months before, among accounts of the same month, held equal in
size, tenure, segment, plan and growth of use. The effect is linear in the rise, as the reaction in a simulation is. Its
interval is the Bayesian bootstrap over accounts (Rubin 1981) of the partialled-out effect (Frisch & Waugh 1933).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, percent
from workbench.impact.ahead.price_moves import REACTION_MONTHS, PastBills, left, moved_down, moves_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.impact.ahead.price_moves import Moves
    from workbench.impact.ahead.record import Record

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

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
            f"On record the price of {count('account', self.moved)} rose, mostly by {few} to {many}; {self.after:,} of "
            f"them {_DID[self.kind]} within {REACTION_MONTHS} months. Beside accounts alike whose price stood, a rise "
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


def _reaction(past: PastBills, moves: Moves, kind: str, happened: Floats, widest: float, seed: int) -> PastReaction:  # noqa: PLR0917
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
        return _without(said, why)
    if kind == MOVING_DOWN:  # who has moved after a rise cannot do so again
        here = np.arange(len(past.paid))[:, None]
        at_risk = past.plan[here, moves.before] == np.roll(past.plan, 1, axis=1)
        happened = np.where(at_risk, happened, np.nan)
    rows = _rows(past, moves, happened)
    events = int(rows.happened.sum())
    did = _DID[kind]
    if events < LEAST_EVENTS or after < LEAST_AFTER:
        text = f"{events:,} of all compared {did}, {after:,} of them after a rise; {LEAST_EVENTS} and {LEAST_AFTER} "
        return _without(said, f"{text}are needed")
    low, value, high = _effect(rows, seed)
    if high <= 0:
        return _without(said, f"fewer {did} after a rise than without one, so prices rose where nobody would")
    if high - max(0.0, low) > widest:
        text = (
            f"its 90% interval runs from {percent(low)} to {percent(high)} for a rise of 100%, no better than a guess"
        )
        return _without(said, text)
    ends = max(0.0, value), max(0.0, low), high
    return PastReaction(kind, moved, after, said.rises, *ends)


def _without(said: PastReaction, reason: str) -> PastReaction:
    return PastReaction(said.kind, said.moved, said.after, said.rises, reason=reason)


def _why_not(past: PastBills, moves: Moves, kind: str, happened: Floats) -> str:
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


def _before_and_after(moves: Moves, kind: str, happened: Floats) -> str:
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


def _rows(past: PastBills, moves: Moves, happened: Floats) -> _Rows:
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
    """Return low, middle and high of what a rise of 100% adds over the months that follow it."""
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
    """Return values less the mean of their month."""
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
