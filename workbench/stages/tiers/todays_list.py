"""How accounts stand to today's price list: what share of it each pays, who is on a free plan, who on a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.impact.realised import realisation
from workbench.stages.price_book import today
from workbench.stages.standing import last_months

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.pricing import Plan


@dataclass(frozen=True, eq=False)
class OnTodaysList:
    """How each account stands to today's price list.

    `kept` is what it pays over what the list asks, its own discount: 1 where that is not known. `free` and `on_request`
    tell whether its plan costs nothing or has no published price; `free_plans` are the plans that cost nothing.
    """

    kept: NDArray[np.float64]
    free: NDArray[np.bool_]
    on_request: NDArray[np.bool_]
    free_plans: tuple[Plan, ...] = ()


def on_todays_list(base: CustomerBase, account_ids: NDArray[np.object_], plan: NDArray[np.object_]) -> OnTodaysList:
    """Return how accounts stand to today's price list; without one nobody has a discount, is free or on request."""
    book = today(base)
    free_plans = tuple(each for each in book.plans if is_free(each))
    return OnTodaysList(
        kept=_kept(base, account_ids),
        free=np.isin(plan.astype(str), [each.name for each in free_plans]),
        on_request=np.isin(plan.astype(str), [each.name for each in book.plans if not each.priced]),
        free_plans=free_plans,
    )


def is_free(plan: Plan) -> bool:
    """Tell whether a plan has a price and asks for nothing."""
    return plan.priced and not plan.base_fee and not plan.charges


def _kept(base: CustomerBase, account_ids: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return what each account paid in the last month over its bill under today's list, by the replay engine."""
    nothing = np.ones(len(account_ids))
    try:
        listed = last_months(base).today if base.has("mrr") else None
    except WorkbenchError:
        return nothing
    if listed is None:
        return nothing
    shares = pd.Series(realisation(listed), index=listed.rows.account_ids)
    return np.asarray(shares.reindex(pd.Index(account_ids)).fillna(1.0), dtype=np.float64)
