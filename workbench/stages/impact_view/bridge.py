"""From the revenue of today's prices to that of new ones, step by step: which cause moved how much money.

Every plan of today has one that takes its place: the plan of the same name, or else the one most of its account-months
move to. Each bill is first taken to that plan (the difference falls on its items), then to the plan the account really
ends up in, and last its add-ons are added. So the causes are differences of itemised bills, and sum to the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import StudyError
from workbench.impact.billing import offers_of_rows
from workbench.pricing import AddOn
from workbench.stages.later import may_come_later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.impact import Comparison, Replay
    from workbench.pricing import Plan

    Floats = NDArray[np.float64]

PRICE = "Price level"
LIMITS = "Usage beyond what is included"
NEW = "New charges"
ENDED = "Charges that end"
PLAN = "Another plan"
ADD_ONS = "Add-ons"
CAUSES = (PRICE, LIMITS, NEW, ENDED, PLAN, ADD_ONS)
MEANINGS = {
    PRICE: "the same fee or charge at another price, in the plan that takes the old one's place",
    LIMITS: "charges for units beyond those a plan includes",
    NEW: "fees and charges the old plan did not have",
    ENDED: "fees and charges the new plan no longer has",
    PLAN: "accounts that end up in another plan than the one that takes the old one's place",
    ADD_ONS: "add-ons under the new prices, less those of today",
}


@dataclass(frozen=True, eq=False, repr=False)
class Bridge:
    """The change of revenue by cause over all account-months compared, in currency.

    `amounts` is what each cause explains over all months; they sum to `after` - `before`. `by_account` are the same
    by account of the base (accounts x `causes`). `only_before` and `only_after` are the bills that have no counterpart
    on the other side and stand in no cause. `months` is how many months are shown.
    """

    causes: tuple[str, ...]
    amounts: Floats
    before: float
    after: float
    only_before: float
    only_after: float
    months: int
    currency: str
    by_account: Floats = may_come_later()

    def table(self) -> pd.DataFrame:
        """Return cause and change a month, for the causes that change anything, largest amount first."""
        frame = pd.DataFrame({"cause": self.causes, "change": self.amounts / self.months})
        order = frame["change"].abs().sort_values(ascending=False, kind="stable").index
        frame = frame.loc[order].reset_index(drop=True)
        return frame[frame["change"].abs() > _NOISE * max(1.0, self.before)].reset_index(drop=True)


_NOISE = 1e-12


def bridge(comparison: Comparison) -> Bridge:
    """Return what moves revenue between two replays; StudyError when the first side has no itemised bills."""
    before, after = comparison.before, comparison.after
    if before is None:
        raise StudyError("Revenue on record has no items, so its change has no causes.", "Compare two replays.")
    rows = after.rows
    compared = np.zeros(len(rows), dtype=bool)
    compared[comparison.rows] = True
    found = {cause: np.zeros(len(rows)) for cause in CAUSES}
    old_extra, new_extra = _add_on_amounts(before), _add_on_amounts(after)
    found[ADD_ONS] = new_extra - old_extra
    for place, here, successor in _successors(before, after, comparison.rows):
        old, new = before.book.plans[place], after.book.plans[successor]
        left = (after.amounts - new_extra)[here] - (before.amounts - old_extra)[here]
        parts = _by_item(before, after, (old, new), here)
        step = np.sum(list(parts.values()), axis=0) if parts else np.full(len(here), np.nan)
        known = np.isfinite(step)
        for cause, amounts in parts.items():
            found[cause][here] += np.where(known, amounts, 0.0)
        found[PLAN][here] = left - np.where(known, step, 0.0)
    by_account = np.column_stack([rows.by_account(np.where(compared, found[cause], 0.0)) for cause in CAUSES])
    return Bridge(
        causes=CAUSES,
        amounts=by_account.sum(axis=0),
        by_account=by_account,
        before=comparison.revenue_before,
        after=comparison.revenue_after,
        only_before=float(before.known_amounts[~compared].sum()),
        only_after=float(after.known_amounts[~compared].sum()),
        months=len(rows.shown_months),
        currency=comparison.currency,
    )


def _successors(before: Replay, after: Replay, rows: NDArray[np.intp]) -> Iterator[tuple[int, NDArray[np.intp], int]]:
    """Go through today's plans in use: place, the rows in it that are compared, and the plan that takes its place."""
    names = {plan.name: place for place, plan in enumerate(after.book.plans) if plan.priced}
    for place, plan in enumerate(before.book.plans):
        here = rows[before.plan_index[rows] == place]
        if len(here):
            most = int(np.bincount(after.plan_index[here]).argmax())
            yield place, here, names.get(plan.name, most)


def _by_item(before: Replay, after: Replay, plans: tuple[Plan, Plan], here: NDArray[np.intp]) -> dict[str, Floats]:
    """Return cause -> change of each row between its old plan and the one that takes its place; NaN unknown."""
    old, new = plans
    was, becomes = before.items_of(old, here), after.items_of(new, here)
    beyond = {charge.metric for plan in plans for charge in plan.charges if charge.free_units}
    found: dict[str, Floats] = {}
    nothing = np.zeros(len(here))
    for subject in dict.fromkeys((*was, *becomes)):
        if subject in beyond:
            cause = LIMITS
        elif subject in was:
            cause = PRICE if subject in becomes else ENDED
        else:
            cause = NEW
        change = becomes.get(subject, nothing) - was.get(subject, nothing)
        found[cause] = found.get(cause, nothing) + change
    return found


def _add_on_amounts(replay: Replay) -> Floats:
    """Return what each row pays for add-ons."""
    total = np.zeros(len(replay.rows))
    for offer, here in offers_of_rows(replay.book, replay.plan_index, replay.owned):
        if isinstance(offer, AddOn) and not isinstance(here, slice):
            for amounts in replay.items_of(offer, here).values():
                total[here] += amounts
    return total
