"""Anchoring: does a dear top tier make the others look better? Answered only where it was shown and not shown.

A choice model has no anchoring in it: what one offer is worth does not depend on the others in sight, so taking the top
tier away only spreads its own buyers over the rest. Anchoring can be read from choices only when some tasks had the top
offer and some did not, by chance: then the target's part of the choices among the other offers says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.formatting import count, percent
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_FEW = 50
_RESAMPLES = 1000
_COLUMNS = ("respondent", "task", "alternative", "chosen")


@dataclass(frozen=True, eq=False)
class AnchoringAnswer:
    """What the data say about anchoring; `effect` is None where they say nothing.

    `effect` is the change of the target's share among the other offers when the top offer is in sight, in share points
    with its 90% interval.
    """

    effect: Interval | None
    reading: str
    cautions: tuple[Caution, ...] = ()


NO_DATA = AnchoringAnswer(
    None,
    "No data here support an estimate of anchoring: nobody chose both with and without the top tier in sight. The "
    "demand model has none in it, so in its numbers taking the top tier away only moves the top tier's own buyers.",
)


def anchoring_of(
    choices: pd.DataFrame | None, *, offer: str = "alternative", top: str = "", target: str = "", seed: int = 0
) -> AnchoringAnswer:
    """Return how the top offer in sight changes what is chosen among the others.

    Parameters
    ----------
    choices
        A table in the layout of survey_choice; None or a survey that always (or never) showed the top offer gives the
        answer that no data support an estimate.
    offer
        The column that names what each alternative stands for.
    top, target
        The offer shown or not shown, and the one it is meant to help.
    seed
        Respondents are drawn anew 1,000 times for the interval.

    Raises DemandError when a column is missing.

    """
    if choices is None or not top or not target:
        return NO_DATA
    missing = [name for name in (*_COLUMNS, offer) if name not in choices]
    if missing:
        raise DemandError(f"The choices lack the columns {', '.join(missing)}.", "Use the layout of survey_choice.")
    tasks = _tasks(choices, offer, top, target)
    people, who = np.unique(tasks["respondent"].to_numpy(dtype=str), return_inverse=True)
    shown, picked = tasks["shown"].to_numpy(dtype=bool), tasks["picked"].to_numpy(dtype=float)
    if not shown.any() or shown.all():
        return NO_DATA
    sums = np.zeros((len(people), 4))
    for column, values in enumerate((shown * picked, shown * 1.0, ~shown * picked, ~shown * 1.0)):
        np.add.at(sums[:, column], who, values)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(people), np.full(len(people), 1 / len(people)), _RESAMPLES) @ sums
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3]
    low, high = np.nanquantile(spread, (0.05, 0.95))
    total: NDArray[np.float64] = sums.sum(axis=0)
    effect = Interval(float(low), float(total[0] / total[1] - total[2] / total[3]), float(high))
    few = min(total[1], total[3])
    cautions = (Caution(f"Only {count('choice', int(few))} of one kind: the interval is rough."),) if few < _FEW else ()
    sure = "" if effect.low <= 0 <= effect.high else " The interval leaves out no effect."
    return AnchoringAnswer(
        effect,
        f"With {top} in sight, {target} gets {percent(effect.estimate, 1, signed=True)} of the choices among the other "
        f"offers ({percent(effect.low, 1, signed=True)} to {percent(effect.high, 1, signed=True)} in 90% of resamples)."
        f"{sure}",
        cautions,
    )


def _tasks(choices: pd.DataFrame, offer: str, top: str, target: str) -> pd.DataFrame:
    """Return the tasks that had the target and were not decided for the top offer: who, was it shown, target picked."""
    named = choices.assign(is_top=choices[offer] == top, is_target=choices[offer] == target)
    named = named.assign(
        top_chosen=named["is_top"] & (named["chosen"] == 1), picked=named["is_target"] & (named["chosen"] == 1)
    )
    tasks = named.groupby(["respondent", "task"], as_index=False, sort=False).agg(
        shown=("is_top", "any"), there=("is_target", "any"), gone=("top_chosen", "any"), picked=("picked", "any")
    )
    return tasks[tasks["there"] & ~tasks["gone"]]
