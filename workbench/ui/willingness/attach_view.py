"""How many buyers would take each add-on, beside what the team expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.willingness.attaching import attach_table, with_attach_rates
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, row
from workbench.ui.willingness.view import WillingnessView

if TYPE_CHECKING:
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.willingness.panel import WillingnessPanel

INTRO = (
    "The same accounts and the same willingness to pay as for the tiers: an account takes an add-on when its features "
    "are worth more to it than they cost. What an add-on's allowance is worth nobody knows; it counts as nothing."
)


class AttachView(WillingnessView):
    """A table of attach rates, and a button that takes them over as what is expected."""

    def __init__(self, panel: WillingnessPanel) -> None:
        super().__init__(panel)
        self.table = Block(role="status")
        self.words = Block()
        self.take = button("Expect these shares", self.guarded(self.use))
        self.section = panel.section(
            "Who would take the add-ons",
            status=self.status,
            parts=(self.table, row(self.take), self.words),
            intro=INTRO,
        )

    def refresh(self, result: WillingnessResult) -> None:
        """Show the shares beside what is expected."""
        found = result.attach
        self.take.disabled = found is None
        if found is None:
            why = result.why_not or "The design has no add-ons yet."
            self.table.show(html.message(why, "warning" if result.why_not else "info"))
            self.words.show("")
            return
        table = attach_table(found, result.scenario.decision(AddOnDecision), result.currency)
        self.table.show(html.table(table, "Buyers of a tier who would also take the add-on, with 90% of the draws"))

    def refresh_words(self, result: WillingnessResult) -> None:
        """Show what to know before using the shares."""
        if result.is_ready:
            source = html.paragraph(f"Willingness from: {result.source}.", soft=True)
            self.words.show(source + self.to_know(result))

    def use(self) -> None:
        """Take the shares over as the range the add-on stage expects."""
        desk, result = self.panel.desk, self.panel.result
        if result.attach is None:
            return
        scenario = desk.study.scenario(result.scenario.id)
        desk.propose(with_attach_rates(scenario, result.attach), "Expected shares of add-ons")
        self.status.say("These shares are expected now. Undo takes them back.", "ok")
