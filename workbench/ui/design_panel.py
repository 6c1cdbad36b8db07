"""A panel of sections about the design in view: it follows the desk, what changes most first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.ui.guard import guarded
from workbench.ui.plain_panel import PlainPanel
from workbench.ui.turns import Turns

if TYPE_CHECKING:
    from workbench.study import Scenario
    from workbench.ui.desk import Desk
    from workbench.ui.guard import StatusLine


class DesignPanel(PlainPanel):
    """A subclass makes its sections and then calls `follow`.

    `recompute` works out the result and draws what the eye waits for, `show_numbers` and `show_words` the rest.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def follow(self, progress: StatusLine) -> None:
        """Work out what the desk holds, now and after every change; errors are said in `progress`."""
        self.progress = progress
        self._turns = Turns(
            self.recompute,
            self.show_numbers,
            self.show_words,
            guard=lambda callback: guarded(callback, progress),
            lock=self.desk.lock,
        )
        self.desk.observe(self._desk_changed, names=["study", "scenario_id"])
        self._turns.begin()

    def recompute(self) -> None:
        """Work out what the desk holds now, and draw what the eye waits for."""
        raise NotImplementedError

    def show_numbers(self) -> None:
        """Show what may come a moment after a change."""
        raise NotImplementedError

    def show_words(self) -> None:
        """Show what may wait until the hand rests."""
        raise NotImplementedError

    @property
    def scenario(self) -> Scenario:
        """Return the design in view; the first one while the baseline is."""
        here = self.desk.scenario
        return self.desk.study.designs[0] if here.kind == "baseline" else here

    def request(self) -> None:
        """Work everything out again as soon as there is time."""
        self._turns.request()

    def flush(self) -> None:
        """Finish what is waiting, so that everything shown is up to date."""
        self._turns.flush()

    def close(self) -> None:
        """Stop watching the desk and close every widget of the panel."""
        self.desk.unobserve(self._desk_changed, names=["study", "scenario_id"])
        self._turns.cancel()
        super().close()

    def _desk_changed(self, _change: object) -> None:
        self.request()
