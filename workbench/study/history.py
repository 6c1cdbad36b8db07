"""Undo and redo: what the study was, is and can be again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from workbench.errors import StudyError
from workbench.study.document import Study, merge, same_content

LIMIT = 100


@dataclass(frozen=True, slots=True)
class _Rebased:
    """A step into which changes made elsewhere, from `base` to `merged`, are brought when it is taken.

    Most steps are never taken again, and bringing a change into a hundred of them at once would be felt.
    """

    step: Study | _Rebased
    base: Study
    merged: Study


@dataclass(frozen=True, slots=True)
class History:
    """The present study with the steps before it (oldest first) and the undone ones (next first).

    Parameters
    ----------
    present
        The study as it is.
    past
        The steps before it, oldest first.
    future
        The undone ones, next first.
    limit
        How many steps are kept.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from workbench.study import Study
    >>> study, day = Study.new("acme", "data", currency="EUR"), datetime(2025, 3, 1, tzinfo=UTC)
    >>> from workbench.study import History
    >>> steps = History(study).push(study.replaced(title="New"))
    >>> steps.undo().present.title == study.title, steps.undo().redo().present.title
    (True, 'New')
    """

    present: Study
    past: tuple[Study | _Rebased, ...] = ()
    future: tuple[Study | _Rebased, ...] = ()
    limit: int = LIMIT

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a step to take back."""
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        """Tell whether there is a step to take again."""
        return bool(self.future)

    def push(self, study: Study) -> Self:
        """Return the history with a new present; what was undone before is forgotten, and so is the oldest step."""
        if is_no_step(study, self.present):
            return type(self)(study, self.past, self.future, self.limit)
        return type(self)(study, (*self.past, self.present)[-self.limit :], (), self.limit)

    def undo(self) -> Self:
        """Return the history one step back; StudyError when there is none."""
        if not self.past:
            raise StudyError("There is nothing to undo.")
        return type(self)(_study(self.past[-1]), self.past[:-1], (self.present, *self.future), self.limit)

    def redo(self) -> Self:
        """Return the history one step forward again; StudyError when nothing was undone."""
        if not self.future:
            raise StudyError("There is nothing to redo.")
        return type(self)(_study(self.future[0]), (*self.past, self.present), self.future[1:], self.limit)

    def rebased(self, present: Study) -> Self:
        """Return the history with changes made elsewhere brought into every step.

        `present` is the present study merged with what was saved elsewhere. Without this, an undo
        would take back other people's changes too. Where a step and a change elsewhere touch the same field, the
        step's own value stays: undo restores what this person had.
        """

        def moved(step: Study | _Rebased) -> _Rebased:
            return _Rebased(step, self.present, present)

        return type(self)(present, tuple(map(moved, self.past)), tuple(map(moved, self.future)), self.limit)


def is_no_step(study: Study, present: Study) -> bool:
    """Tell whether nothing changed; studies of one revision, such as every change on a panel, compare quickly."""
    return study == present if study.revision == present.revision else same_content(study, present)


def _study(step: Study | _Rebased) -> Study:
    """Return the study of a step, with all that was to be brought into it, oldest first."""
    waiting: list[_Rebased] = []
    while isinstance(step, _Rebased):
        waiting.append(step)
        step = step.step
    for each in reversed(waiting):
        step = merge(each.base, step, each.merged, take="mine").replaced(revision=each.merged.revision)
    return step
