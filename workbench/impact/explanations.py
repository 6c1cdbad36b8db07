"""Explain, account by account, why what was paid differs from the list."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import count, number, percent
from workbench.impact.billing import bills_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact.replay import Replay

    Floats = NDArray[np.float64]

NOT_COMPARED = "not compared"
ROUNDING = "within rounding"
STEADY_DISCOUNT = "steady discount"
STEADY_SURCHARGE = "steady surcharge"
OTHER_MONTHS = "a few months differ"
CHANGED_DISCOUNT = "discount that changed"
OTHER_QUANTITY = "another quantity billed"
OTHER_PLAN = "another plan billed"
UNEXPLAINED = "unexplained"
EXPLAINED = frozenset(
    {ROUNDING, STEADY_DISCOUNT, STEADY_SURCHARGE, OTHER_MONTHS, CHANGED_DISCOUNT, OTHER_QUANTITY, OTHER_PLAN}
)

_STEADY = 0.002  # a discount whose monthly values stay within this is one and the same
_ROUNDED_BILL = 0.001
_FEW_MONTHS = 0.25  # of an account's months, and at most three of them
_MOST_FEW = 3
_LARGEST_DISCOUNT = 0.9
_WHOLE = 1e-6
_FEWEST_MONTHS = 3  # below, two levels of a discount fit anything


@dataclass(frozen=True, slots=True, eq=False)
class Explanations:
    """One class and one text per account, in the order of the base."""

    kinds: NDArray[np.object_]
    details: NDArray[np.object_]


def explain(done: Replay, paid: Floats, both: NDArray[np.bool_], tolerance: float) -> Explanations:
    """Return the first explanation that holds for each account: the order is from plain to far-fetched."""
    rows = done.rows
    recorded = rows.matrix(np.where(both, paid, np.nan), np.nan)
    replayed = rows.matrix(np.where(both, done.amounts, np.nan), np.nan)
    found = _Found(len(rows.account_ids))
    compared = np.isfinite(recorded)
    months = compared.sum(axis=1)
    same = np.abs(recorded - replayed) <= np.maximum(tolerance, _ROUNDED_BILL * replayed)
    found.put(months == 0, NOT_COMPARED)
    found.put(np.asarray((same | ~compared).all(axis=1)), ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(compared & (replayed > 0), recorded / replayed, np.nan)
    middle = _median(ratio)
    known = np.isfinite(ratio).sum(axis=1) == months
    steady = known & (np.nan_to_num(np.abs(ratio - middle[:, None]), nan=0.0) <= _STEADY).all(axis=1)
    quantity = _OtherQuantity(done, paid, both, tolerance)
    # Where a whole number of units explains the bill and the discount would be an odd one, the units do.
    whole = quantity.explains & ~_is_round(middle)
    discount = steady & (middle < 1) & (1 - middle <= _LARGEST_DISCOUNT) & ~whole
    found.put(discount, STEADY_DISCOUNT, lambda i: f"{percent(1 - float(middle[i]), 1)} below the list in every month")
    found.put(
        steady & (middle > 1) & ~whole, STEADY_SURCHARGE, lambda i: f"{percent(float(middle[i]) - 1, 1)} above the list"
    )
    plan = _other_plan(done, both, recorded, compared, tolerance)
    found.put(plan >= 0, OTHER_PLAN, lambda i: f"the bills are those of {done.book.plan_names[plan[i]]}")
    found.put(quantity.explains, OTHER_QUANTITY, quantity.words)
    odd = compared & ~(np.abs(ratio - middle[:, None]) <= _STEADY)
    few = (odd.sum(axis=1) <= np.minimum(_MOST_FEW, _FEW_MONTHS * months)) & (middle <= 1 + _STEADY)
    shown = rows.shown_months
    found.put(few, OTHER_MONTHS, lambda i: _months_text(shown[odd[i]], ratio[i][odd[i]], compared[i], float(middle[i])))
    found.put(
        known & (months >= _FEWEST_MONTHS) & _one_step(ratio),
        CHANGED_DISCOUNT,
        lambda i: _step_text(shown[compared[i]], ratio[i][compared[i]]),
    )
    found.put(np.ones(len(months), dtype=bool), UNEXPLAINED)
    return Explanations(found.kinds, found.details)


class _Found:
    """Collect the first explanation that holds for each account."""

    def __init__(self, accounts: int) -> None:
        self.kinds = np.full(accounts, "", dtype=object)
        self.details = np.full(accounts, "", dtype=object)

    def put(self, holds: NDArray[np.bool_], kind: str, words: Callable[[int], str] | None = None) -> None:
        for place in np.flatnonzero(holds & (self.kinds == "")):
            self.kinds[place] = kind
            self.details[place] = words(int(place)) if words else ""


class _OtherQuantity:
    """Whether another whole number of units of a plan's one unit price explains every month of an account."""

    def __init__(self, done: Replay, paid: Floats, both: NDArray[np.bool_], tolerance: float) -> None:
        rows = done.rows
        units = np.full(len(rows), np.nan)
        used = np.full(len(rows), np.nan)
        self._metric = np.full(len(rows.account_ids), "", dtype=object)
        for place, plan in enumerate(done.book.plans):
            charge = plan.charges[0] if len(plan.charges) == 1 else None
            if not plan.priced or charge is None or charge.model != "per_unit" or not charge.unit_price:
                continue
            here = np.flatnonzero(both & (done.plan_index == place))
            fee, price = float(plan.base_fee or 0), float(Fraction(charge.unit_price) * charge.unit_factor)
            units[here] = (paid[here] - fee) / price + float(Fraction(charge.free_units) / charge.unit_factor)
            used[here] = done.billed(charge.metric)[here]
            self._metric[rows.account[here]] = charge.metric
            slack = tolerance / price + _WHOLE
            units[here] = np.where(np.abs(units[here] - np.round(units[here])) <= slack, np.round(units[here]), np.nan)
        self._units, self._used = rows.matrix(units, np.nan), rows.matrix(used, np.nan)
        compared = rows.matrix(both.astype(float)) > 0
        whole = np.isfinite(self._units) & (self._units >= 0)
        # One number of units over all months is a contract; units that move as they like explain nothing.
        low, high = _extremes(self._units)
        self.explains = compared.any(axis=1) & (whole | ~compared).all(axis=1) & (low == high)

    def words(self, place: int) -> str:
        used, units = self._used[place], self._units[place]
        least, most = np.nanmin(used), np.nanmax(used)
        span = number(least) if least == most else f"{number(least)} to {number(most)}"
        return f"billed for {number(float(np.nanmax(units)))} {self._metric[place]}; usage shows {span}"


def _other_plan(
    done: Replay, both: NDArray[np.bool_], recorded: Floats, compared: NDArray[np.bool_], tolerance: float
) -> NDArray[np.intp]:
    """Return per account the plan whose bills meet the record in every month, -1 when there is none."""
    rows = done.rows
    found = np.full(len(rows.account_ids), -1, dtype=np.intp)
    for place, plan in enumerate(done.book.plans):
        if not plan.priced:
            continue
        bills = bills_of(plan, {charge.metric: done.billed(charge.metric) for charge in plan.charges})
        there = rows.matrix(np.where(both, bills, np.nan), np.nan)
        same = np.abs(recorded - there) <= np.maximum(tolerance, _ROUNDED_BILL * there)
        found[(found < 0) & compared.any(axis=1) & (same | ~compared).all(axis=1)] = place
    return found


def _is_round(ratio: Floats) -> NDArray[np.bool_]:
    """Tell whether a ratio is a discount somebody would give: a multiple of half a percent."""
    steps = np.abs(1 - ratio) * 200
    return np.abs(steps - np.round(steps)) <= 0.02  # noqa: PLR2004 - a ten-thousandth of the bill


def _one_step(ratio: Floats) -> NDArray[np.bool_]:
    """Tell whether a ratio stays at one level up to some month and at another from there on."""
    found = np.zeros(len(ratio), dtype=bool)
    for split in range(1, ratio.shape[1]):
        parts = []
        for part in (ratio[:, :split], ratio[:, split:]):
            low, high = _extremes(part)
            parts.append(np.isfinite(low) & (high - low <= 2 * _STEADY) & (high <= 1 + _STEADY))
        found |= parts[0] & parts[1]
    return found


def _extremes(values: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most of each row; NaN where nothing is known."""
    return np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)


def _median(values: Floats) -> Floats:
    """Return each row's lower median of what is known; NaN where nothing is."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    known = np.isfinite(values).sum(axis=1)
    return ordered[np.arange(len(values)), np.maximum(known - 1, 0) // 2]


def _months_text(months: pd.DatetimeIndex, ratios: Floats, compared: NDArray[np.bool_], usual: float) -> str:
    known = ratios[np.isfinite(ratios)]
    if not known.size:
        what = "paid, though the list asks nothing"
    else:
        what = "promotion or part of a month" if float(known.mean()) < usual else "more than usual"
    named = ", ".join(f"{month:%Y-%m}" for month in months)
    else_paid = "at the list" if abs(usual - 1) <= _STEADY else f"{percent(1 - usual, 1)} below the list"
    return f"{named}: {what}; the other {count('month', int(compared.sum()) - len(months))} {else_paid}"


def _step_text(months: pd.DatetimeIndex, ratios: Floats) -> str:
    jump = int(np.argmax(np.abs(np.diff(ratios)))) + 1
    before, after = 1 - float(ratios[0]), 1 - float(ratios[-1])
    return f"{percent(before, 1)} below the list before {months[jump]:%Y-%m}, {percent(after, 1)} from then on"
