"""What a design's prices would have done to every customer, as panels and reports show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.stages.later import may_come_later

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact import Comparison, GuardrailReport, Reconciliation
    from workbench.impact.ahead import BackTestPoint, PastReaction
    from workbench.impact.migration import MigrationPath
    from workbench.results import Basis, Caution, KeyFigure, Missing
    from workbench.stages.impact_view.bridge import Bridge
    from workbench.stages.impact_view.decision import MigrationDecision
    from workbench.stages.impact_view.future import Ahead, Ranges
    from workbench.stages.impact_view.steady.outcome import Steady
    from workbench.stages.impact_view.trial import Trial
    from workbench.study import Guardrails, Scenario


PAID = "Revenue today, as paid"
NET = "Revenue of the new list, each account keeping its discount"
TODAYS_LIST = "Revenue of today's list, before discounts"
NEW_LIST = "Revenue of the new list, before discounts"


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """Revenue of one month ahead under one scenario's list if nobody reacts to it: median, and 90% from low to high."""

    scenario: str
    month: str
    revenue: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ImpactResult:
    """One design held against today, account by account.

    `comparison`, `bridge` and `guardrails` are None together when nothing can be compared, and `why_not` then says
    why; `missing` names the tables that would help. `bands` counts accounts by how their bill changes. `paths` are
    empty, and `ranges` is None, without customers to bring over. What may come later is worked out when somebody
    reads it, so that a price on the move needs bridge and bands alone. `forecast` holds both lists month by month,
    today's first; where it is empty, `forecast_reason` says why. `backtest` is the same forecast of a year ago, beside
    what came. `reactions` are what customers did when their price rose before.
    """

    scenario: Scenario
    limits: Guardrails
    decision: MigrationDecision
    trial: Trial
    ahead: Ahead
    why_not: str = ""
    missing: tuple[Missing, ...] = ()
    reconciliation: Reconciliation | None = None
    bridge: Bridge | None = None
    by_size: NDArray[np.intp] | None = None
    bands: pd.DataFrame | None = may_come_later(None)
    comparison: Comparison | None = may_come_later(None)
    guardrails: GuardrailReport | None = may_come_later(None)
    key_figures: tuple[KeyFigure, ...] = may_come_later(())
    cautions: tuple[Caution, ...] = ()
    basis: Basis | None = None
    paths: Mapping[str, MigrationPath] = may_come_later()
    ranges: Ranges | None = may_come_later(None)
    movers: pd.DataFrame = may_come_later()
    steady: Steady | None = may_come_later(None)
    forecast: tuple[ForecastPoint, ...] = may_come_later(())
    backtest: tuple[BackTestPoint, ...] = may_come_later(())
    forecast_reason: str = may_come_later("")
    reactions: tuple[PastReaction, ...] = may_come_later(())

    @property
    def is_ready(self) -> bool:
        """Tell whether anything could be compared."""
        return self.bridge is not None

    @property
    def is_paid(self) -> bool:
        """Tell whether payments are on record, so that paid is held against paid, not list against list."""
        return self.reconciliation is not None

    @property
    def compared(self) -> str:
        """Say which months and accounts are compared: 2024-12, 522 accounts; or the mean of so many months."""
        if self.basis is None or self.bridge is None:
            return ""
        last, months = self.basis.last_month, self.bridge.months
        return (
            f"{last if months == 1 else f'mean of {months} months to {last}'}, {people(self.basis, paid=self.is_paid)}"
        )

    @property
    def path(self) -> MigrationPath | None:
        """Return the path of the policy decided on."""
        return self.paths.get(self.decision.policy)


def people(basis: Basis, *, paid: bool) -> str:
    """Return who is compared: accounts with two sides, paid and paid, or list and list."""
    sides = "a payment on record and a new bill" if paid else "a bill under both lists"
    return f"{count('account', basis.accounts)} with {sides}"
