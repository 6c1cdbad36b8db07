"""The tasks of a choice study, and how even they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import count, number, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.research.design_attributes import Attribute
    from workbench.results import Caution

Kind = Literal["balanced", "efficient"]


@dataclass(frozen=True, eq=False)
class ChoiceDesign:
    """Tasks for a choice study: `tasks` holds level numbers, versions x tasks x alternatives x attributes.

    `d_error` is that of one respondent under the priors, averaged over versions: half of it needs half the
    respondents for the same standard errors. `random_d_error` is what tasks drawn by chance give.
    """

    attributes: tuple[Attribute, ...]
    tasks: NDArray[np.intp] = field(repr=False)
    none: bool
    kind: Kind
    d_error: float
    random_d_error: float
    cautions: tuple[Caution, ...] = ()

    @property
    def versions(self) -> int:
        """Count the versions; each respondent answers one."""
        return len(self.tasks)

    @property
    def frame(self) -> pd.DataFrame:
        """Return one row per version, task and alternative, a column per attribute, and `none` where it is offered.

        The row of choosing none comes last in its task; its quantities are 0 and its words empty.
        """
        versions, tasks, alternatives, _ = self.tasks.shape
        grid = np.indices((versions, tasks, alternatives)).reshape(3, -1) + 1
        frame = pd.DataFrame(dict(zip(("version", "task", "alternative"), grid, strict=True)))
        for at, each in enumerate(self.attributes):
            levels = np.array(each.levels, dtype=None if each.is_quantity else object)
            frame[each.name] = levels[self.tasks[..., at].ravel()]
        if not self.none:
            return frame
        empty = frame.drop_duplicates(["version", "task"]).assign(
            alternative=alternatives + 1,
            **{each.name: 0 if each.is_quantity else "" for each in self.attributes},
            none=1,
        )
        both = pd.concat([frame.assign(none=0), empty], ignore_index=True)
        return both.sort_values(["version", "task", "alternative"], ignore_index=True)

    @property
    def level_balance(self) -> pd.DataFrame:
        """Return one row per attribute and level: how often it is shown, and how often equal showing would be."""
        rows = []
        for at, each in enumerate(self.attributes):
            shown = np.bincount(self.tasks[..., at].ravel(), minlength=len(each.levels))
            rows += [
                {"attribute": each.name, "level": str(level), "shown": int(times), "equal": shown.mean()}
                for level, times in zip(each.levels, shown, strict=True)
            ]
        return pd.DataFrame(rows)

    @property
    def overlap(self) -> pd.Series:
        """Return per attribute the share of pairs of alternatives in a task that show the same level."""
        return pd.Series(
            {each.name: _overlap(self.tasks[..., at]) for at, each in enumerate(self.attributes)}, name="overlap"
        )

    @property
    def reading(self) -> str:
        """Say what the design asks of a respondent and what it gains over chance."""
        versions, tasks, alternatives, _ = self.tasks.shape
        gained = self.random_d_error / self.d_error - 1
        offers = f"{count('task', tasks)} of {count('offer', alternatives)}{' or none' if self.none else ''}"
        which = f", in one of {versions} versions" if versions > 1 else ""
        return (
            f"Each respondent answers {offers}{which}. The D-error is {number(self.d_error)}; tasks dealt by chance "
            f"would need {percent(gained)} more respondents for the same precision."
        )


def _overlap(levels: NDArray[np.intp]) -> float:
    alternatives = levels.shape[-1]
    same = [levels[..., a] == levels[..., b] for a in range(alternatives) for b in range(a)]
    return float(np.mean(same))
