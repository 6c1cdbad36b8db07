"""Who would buy what from a design, as panels and reports show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.later import may_come_later

if TYPE_CHECKING:
    import pandas as pd

    from workbench.demand import Effect
    from workbench.demand.anchoring import AnchoringAnswer
    from workbench.demand.kept import Kept
    from workbench.results import Basis, Caution, KeyFigure, Missing
    from workbench.stages.willingness.answers import ResearchAnswers
    from workbench.stages.willingness.decision import Source, WillingnessDecision
    from workbench.stages.willingness.design import DesignDemand
    from workbench.stages.willingness.standing import Standing
    from workbench.study import Scenario


@dataclass(frozen=True, kw_only=True, eq=False)
class WillingnessResult:
    """Willingness to pay on one customer base, and one design before its customers.

    `design` is None when nobody can be asked, and `why_not` then says why. `source` is where willingness comes from.
    `standing` says whether what the design brings is known, `kept` who is kept, lost and gained, by segment.
    `against_today` compares the design with today's price list, None where there is none. `attach` has a row per
    add-on. What may come later is worked out when somebody reads it, so that a price on the move needs a look-up alone.
    """

    scenario: Scenario
    decision: WillingnessDecision
    answers: ResearchAnswers
    currency: str
    source: Source | None = None
    why_not: str = ""
    design: DesignDemand | None = None
    missing: tuple[Missing, ...] = ()
    key_figures: tuple[KeyFigure, ...] = may_come_later(())
    against_today: Effect | None = may_come_later(None)
    attach: pd.DataFrame | None = may_come_later(None)
    standing: Standing | None = may_come_later(None)
    kept: tuple[Kept, ...] = may_come_later(())
    anchoring: AnchoringAnswer | None = may_come_later(None)
    cautions: tuple[Caution, ...] = may_come_later(())
    basis: Basis | None = None

    @property
    def is_ready(self) -> bool:
        """Tell whether anybody could be asked."""
        return self.design is not None
