"""The value-usage disconnect: accounts whose outcomes rise while their usage falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.rules.shares import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.results import Interval

    Floats = NDArray[np.float64]

SPAN = 6
NOTICEABLE = 0.05  # a rise or fall smaller than 5% is taken as no change


@dataclass(frozen=True, slots=True, eq=False)
class Disconnect:
    """Accounts that got more value out of less usage.

    Compared are the last `span` months with the `span` months before. `affected` marks accounts whose outcomes rose
    and whose usage fell by at least 5%; `compared` those for whom both are known in both periods. `revenue` is the
    monthly revenue of the affected accounts, which a price on usage would shrink.
    """

    affected: NDArray[np.bool_]
    compared: NDArray[np.bool_]
    span: int
    share: Interval | None
    revenue: float | None
    revenue_share: float | None

    @property
    def count(self) -> int:
        """Return how many accounts are affected."""
        return int(self.affected.sum())


def disconnect(used: Floats, gained: Floats, revenue: Floats | None = None, *, span: int = SPAN) -> Disconnect:
    """Find the accounts whose value rose while their usage fell.

    `used` and `gained` are the relative changes of usage and of outcomes per account, as `period_change` gives
    them, NaN where unknown. `revenue` is each account's current monthly revenue.
    """
    compared = ~np.isnan(used) & ~np.isnan(gained)
    affected = compared & (used <= -NOTICEABLE) & (gained >= NOTICEABLE)
    at_risk = of_all = None
    if revenue is not None:
        at_risk = float(np.nansum(revenue[affected]))
        total = float(np.nansum(revenue[compared]))
        of_all = at_risk / total if total > 0 else None
    share = wilson(int(affected.sum()), int(compared.sum()))
    return Disconnect(affected, compared, span, share, at_risk, of_all)


def period_change(amounts: Floats, span: int = SPAN, *, fewest: int | None = None) -> Floats:
    """Return the relative change of each account's monthly mean from one period of `span` months to the next.

    `amounts` is accounts x months. NaN where a period has fewer than `fewest` known months (half of them by default),
    or where the earlier one has nothing to compare with.
    """
    needed = span / 2 if fewest is None else fewest
    if amounts.shape[1] < 2 * span:
        return np.full(len(amounts), np.nan)
    before, after = _mean(amounts[:, -2 * span : -span], needed), _mean(amounts[:, -span:], needed)
    return np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0) - 1


def _mean(amounts: Floats, needed: float) -> Floats:
    known = ~np.isnan(amounts)
    count = known.sum(axis=1)
    total = np.where(known, amounts, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count >= needed)
