"""Read best-worst answers: every task names one best and one worst among the features it showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.survey_tables import BEST_WORST
from workbench.research.answers import per_respondent, read_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import ArrayLike

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem
    from workbench.research.answers import Answers


def read_best_worst(frame: pd.DataFrame, weights: str | ArrayLike | None = None) -> Answers:
    """Return checked answers in the layout of survey_best_worst; DataErrors with every problem."""
    return read_answers(BEST_WORST, frame, (_one_of_each, _same_weight), weights=weights)


def _same_weight(read: ReadTable) -> Iterator[Problem]:
    yield from per_respondent(read, "weight")


def _one_of_each(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem for every task without exactly one best and one worst feature."""
    answers = read.frame
    task = answers.groupby(["respondent", "task"], sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(task, return_index=True)
    for word in ("best", "worst"):
        named = np.bincount(task, weights=(answers["choice"] == word).fillna(value=False).to_numpy(dtype=float))
        for place in first[named != 1].tolist():
            where = f"task {answers['task'].iloc[place]} of {answers['respondent'].iloc[place]}"
            times = int(named[task[place]])
            remedy = f"Name one {word} feature in each task, or delete the rows of the task."
            value = f"{word} named {times} times in {where}"
            yield read.problem(place, "choice", value, f"{word} once per task", remedy)
