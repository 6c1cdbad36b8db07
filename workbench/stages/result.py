"""What every stage hands back: figures, findings, cautions, what it stands on and what it lacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.stages.later import may_come_later

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.results import Basis, Caution, KeyFigure, Missing
    from workbench.rules import Finding


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """What follows from a stage's decision.

    `basis` is the part of the customer base it stands on, `missing` the tables it would use if there were any,
    `tables` named frames for reading and export (never changed after they are put here). Key figures, findings and
    cautions may be given as `later(function)`, run when somebody reads them. A stage's own result subclasses this
    one and adds what its charts draw.
    """

    basis: Basis
    key_figures: tuple[KeyFigure, ...] = may_come_later(())
    findings: tuple[Finding, ...] = may_come_later(())
    cautions: tuple[Caution, ...] = may_come_later(())
    missing: tuple[Missing, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
