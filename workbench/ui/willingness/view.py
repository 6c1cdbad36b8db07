"""One section of the panel of willingness to pay, shown in turns: charts that follow a control, numbers, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.study import plain_errors
from workbench.ui import html
from workbench.ui.guard import guarded
from workbench.ui.plain_panel import SectionView

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.section import Section
    from workbench.ui.willingness.panel import WillingnessPanel


class WillingnessView(SectionView):
    """A section of the panel. A subclass shows in each turn what belongs there; nothing by default."""

    section: Section

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__()
        self.panel = panel

    def guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback with its errors in this section's status line; controls then show what is kept."""
        return guarded(callback, self.status, after_error=self._put_back)

    def lead(self, result: WillingnessResult) -> None:
        """Draw the charts that follow a control at once; a look-up has to do."""

    def refresh(self, result: WillingnessResult) -> None:
        """Show controls, other charts and key figures, a moment later."""

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show readings and tables, and what takes long, once the hand rests."""

    def to_know(self, result: WillingnessResult, *more: str) -> str:
        """Write warnings in plain sight, notes and further sentences for who wants to know, and what it stands on."""
        loud = html.cautions(each for each in result.cautions if each.severity != "note")
        notes = [each.text for each in result.cautions if each.severity == "note"]
        return loud + html.details("Also worth knowing", html.lines([*notes, *more])) + html.basis(result.basis)

    def decide(self, **changes: Any) -> None:  # noqa: ANN401 - fields of the decision
        """Keep changed settings with the scenario."""
        desk, result = self.panel.desk, self.panel.result
        with plain_errors("These settings cannot be kept"):
            decision = result.decision.replaced(**changes)
        self.status.clear()
        desk.propose(desk.study.scenario(result.scenario.id).with_decision(decision), "Willingness to pay")

    def _put_back(self) -> None:
        self.refresh(self.panel.result)
