"""What keeps a study from being saved, in plain sight, and the buttons that settle a conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.ui.desk import Desk

_WATCHED = ["conflict", "save_error"]
TOLD = "The same things were changed here and elsewhere. Nothing is lost; choose which to keep."


class SaveTrouble:
    """A message while the desk cannot save, with two buttons while it holds a conflict; hidden otherwise."""

    def __init__(self, desk: Desk, guarded: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._desk = desk
        self.block = Block(role="alert")
        self.mine = button("Keep mine", guarded(desk.take_mine))
        self.theirs = button("Take theirs", guarded(desk.take_theirs))
        self.settle = row(self.mine, self.theirs)
        self.parts = (self.block, self.settle)
        desk.observe(self._heard, names=_WATCHED)
        self.refresh()

    def refresh(self) -> None:
        """Show the desk as it is now."""
        self.block.show(self._told())
        self.settle.layout.display = "none" if self._desk.conflict is None else "flex"

    def detach(self) -> None:
        """Stop watching the desk."""
        self._desk.unobserve(self._heard, names=_WATCHED)

    def _told(self) -> str:
        if self._desk.save_error:
            return html.message(self._desk.save_error, "error")
        if self._desk.conflict is None:
            return ""
        return html.message(TOLD, "warning") + html.lines(str(each) for each in self._desk.conflict.conflicts)

    def _heard(self, _change: dict[str, Any]) -> None:
        self.refresh()
