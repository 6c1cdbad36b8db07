"""One section of the impact panel, shown in three turns: charts that follow a control, numbers, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from workbench.stages.impact_view import ImpactResult


class ImpactView(SectionView):
    """A section of the impact panel. A subclass shows in each turn what belongs there; nothing by default."""

    def lead(self, result: ImpactResult) -> None:
        """Draw the charts that follow a control at once; they must not need every account looked at."""

    def refresh(self, result: ImpactResult) -> None:
        """Show controls, other charts and key figures, a moment later."""

    def refresh_words(self, result: ImpactResult) -> None:
        """Show readings and tables, and what takes long, once the hand rests."""
