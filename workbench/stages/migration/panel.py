"""The table in which a team says which share of each segment follows which policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.formatting import exact
from workbench.rendering.controls import column, number_grid, show_grid
from workbench.results import make_a_whole
from workbench.stages.migration.decision import SINGLE_POLICIES, USUAL
from workbench.stages.view import share_typed, typed_percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.rendering.widgets import GridColumn
    from workbench.stages.migration.decision import MigrationDecision

    Shares = dict[str, dict[str, float]]

say = texts(__name__)

# Seven columns fit on a small screen with short headings.
_SHORT: dict[str, str] = {
    "everyone at once": "at once",
    "phased steps": "steps",
    "capped rise": "capped",
    "new customers only": "never",
}


class MixtureGrid:
    """A row per segment, a column per policy; told to the panel once every row sums to 100%."""

    def __init__(self, on_mixture: Callable[[Shares], None], guarded: Callable[..., Callable[..., None]]) -> None:
        self._on_mixture = on_mixture
        self.grid = number_grid(
            say("share_of_each_segment_s"), (), (), (), row_heading="Segment",
            on_change=guarded(self._changed),
        )  # fmt: skip
        self.widget = column(self.grid)

    def show(self, decision: MigrationDecision, segments: Sequence[str]) -> None:
        """Show the mixture of a decision; segments without one move at renewal."""
        columns: list[GridColumn] = [
            {"label": _SHORT.get(name, name), "unit": "%", "minimum": 0, "maximum": 100, "step": 5}
            for name in SINGLE_POLICIES
        ]
        rows = [
            [typed_percent(_shares(decision, segment).get(name, 0.0)) for name in SINGLE_POLICIES]
            for segment in segments
        ]
        show_grid(self.grid, list(segments), columns, rows)

    def _changed(self, rows: Sequence[Sequence[float | None]]) -> None:
        mixture: Shares = {}
        for segment, values in zip(self.grid.rows, rows, strict=True):
            shares = {
                str(name): share_typed(value) for name, value in zip(SINGLE_POLICIES, values, strict=True) if value
            }
            total = sum(shares.values())
            if not make_a_whole(shares.values()):
                off = f"{exact(typed_percent(abs(total - 1)))}% {'too many' if total > 1 else 'missing'}"
                raise StudyError(
                    f"The shares of {segment} sum to {exact(typed_percent(total))}%: {off}.",
                    "They are kept once they sum to 100%.",
                )
            mixture[str(segment)] = shares
        self._on_mixture(mixture)


def _shares(decision: MigrationDecision, segment: str) -> Mapping[str, float]:
    return {str(name): share for name, share in decision.mixture.get(segment, {USUAL: 1.0}).items()}
