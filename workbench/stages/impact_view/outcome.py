"""What a design's prices would have done to every customer, as panels and reports show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.later import may_come_later

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.impact import Comparison, GuardrailReport, Reconciliation
    from workbench.impact.migration import MigrationPath
    from workbench.results import Basis, Caution, KeyFigure, Missing
    from workbench.stages.impact_view.bridge import Bridge
    from workbench.stages.impact_view.decision import MigrationDecision
    from workbench.stages.impact_view.future import Ranges
    from workbench.stages.impact_view.trial import Trial
    from workbench.study import Guardrails, Scenario


@dataclass(frozen=True, kw_only=True, eq=False)
class ImpactResult:
    """One design held against today, account by account.

    `comparison`, `bridge` and `guardrails` are None together when nothing can be compared, and `why_not` then says
    why; `missing` names the tables that would help. `paths` are empty, and `ranges` is None, without customers to
    bring over. `movers` and `ranges` are worked out when somebody reads them.
    """

    scenario: Scenario
    limits: Guardrails
    decision: MigrationDecision
    trial: Trial
    why_not: str = ""
    missing: tuple[Missing, ...] = ()
    reconciliation: Reconciliation | None = None
    comparison: Comparison | None = None
    bridge: Bridge | None = None
    guardrails: GuardrailReport | None = None
    key_figures: tuple[KeyFigure, ...] = ()
    cautions: tuple[Caution, ...] = ()
    basis: Basis | None = None
    paths: Mapping[str, MigrationPath] = may_come_later()
    ranges: Ranges | None = may_come_later(None)
    movers: pd.DataFrame = may_come_later()

    @property
    def is_ready(self) -> bool:
        """Tell whether anything could be compared."""
        return self.comparison is not None

    @property
    def path(self) -> MigrationPath | None:
        """Return the path of the policy decided on."""
        return self.paths.get(self.decision.policy)
