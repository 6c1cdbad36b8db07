"""On which accounts and months the measurements stand, and which tables would add to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import last_months
from workbench.results import Basis, Missing
from workbench.stages.value_metric.measuring import FEWEST_ACCOUNTS
from workbench.stages.value_metric.usage_measures import WINDOW

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.value_metric.history import History


def basis_of(base: CustomerBase, history: History) -> Basis:
    """Return the active accounts and the months their measurements come from."""
    note = f"Active accounts paid or used something in the {last_months(min(WINDOW, len(history.months)))}."
    if history.split is not None:
        note += f" Success is read in {history.split.later}, the metrics before it in {history.split.earlier}."
    return Basis(
        accounts=int(history.active.sum()),
        of_accounts=len(base),
        first_month=f"{history.months[0]:%Y-%m}",
        last_month=f"{history.months[-1]:%Y-%m}",
        note=note,
    )


def missing_from(base: CustomerBase) -> tuple[Missing, ...]:
    """Return the tables a customer base lacks, and what each would tell about the candidates."""
    adds = {
        "usage": "growth, predictability and success of every metric it counts",
        "mrr": "retention and expansion that a metric foretells, and the revenue the price curve has to reach",
        "outcomes": "how each metric goes with the results customers reach",
        "plans": "which metric today's price is charged on",
    }
    lacking = [Missing(table, would_add) for table, would_add in adds.items() if not base.has(table)]
    if base.accounts["unit_cost"].notna().sum() < FEWEST_ACCOUNTS:
        lacking.append(Missing("accounts.unit_cost", "how each metric goes with the cost to serve"))
    return tuple(lacking)
