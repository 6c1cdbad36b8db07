"""The button that makes a design with usage as an option beside today's plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.opt_in_usage import opt_in_scenario
from workbench.ui.controls import button, choice, row

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from workbench.ui.desk import Desk

KINDS = {
    "Overage beyond what is included": "overage",
    "Accelerator: a block of units": "accelerator",
}


class OptInMaker:
    """A kind of opt-in, and the button that makes the design and brings it into view; `row` holds both."""

    def __init__(self, desk: Desk, guarded: Callable[..., Any], tell: Callable[[str], None]) -> None:
        self._desk = desk
        self._tell = tell
        self.kind = choice("Usage as an option", KINDS, "overage")
        self.kind.layout.width = "300px"
        self.make = button(
            "Make it a design beside today's plans",
            guarded(self.add),
            tooltip="A new scenario: today's plans as they are, and usage as an add-on customers opt into",
        )
        self.row = row(self.kind, self.make)
        self.row.layout.align_items = "flex-end"

    def add(self) -> None:
        """Make the design from the scenario in view, bring it into view and say what was made."""
        desk = self._desk
        made = opt_in_scenario(desk.base, desk.study, desk.scenario, kind=self.kind.value)
        desk.add_scenario(made)
        self._tell(f"“{made.name}” is made and in view. {made.note} Price and buyers are in the add-ons notebook.")
