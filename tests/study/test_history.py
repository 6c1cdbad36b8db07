"""Laws of undo and redo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.study import History, Study

START = Study.new("Acme", "data")


def titled(title: str) -> Study:
    """Return the study under another title."""
    return START.replaced(title=title)


@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_undoing_everything_and_redoing_it_returns_to_the_present(titles: list[str]) -> None:
    """As many redos as undos lead back to where one was, and the first undo leads to the step before."""
    history = History(START)
    for title in titles:
        history = history.push(titled(title))
    present, steps = history.present, len(history.past)
    for _ in range(steps):
        history = history.undo()
    assert history.present == START
    for _ in range(steps):
        history = history.redo()
    assert history.present == present


def test_a_new_step_forgets_what_was_undone() -> None:
    """After an undo, a new change leaves nothing to redo."""
    history = History(START).push(titled("a")).undo().push(titled("b"))
    assert not history.can_redo
    with pytest.raises(StudyError, match="nothing to redo"):
        history.redo()


def test_the_past_is_bounded() -> None:
    """The oldest steps go once the limit is reached."""
    history = History(START, limit=3)
    for number in range(10):
        history = history.push(titled(f"t{number}"))
    assert [study.title for study in history.past] == ["t6", "t7", "t8"]


def test_an_unchanged_study_is_no_step() -> None:
    """Pushing what is there already adds nothing to undo."""
    history = History(START).push(START.replaced(revision=4))
    assert not history.can_undo
    with pytest.raises(StudyError, match="nothing to undo"):
        history.undo()


def test_undo_takes_back_only_ones_own_steps() -> None:
    """A change that came in from elsewhere stays when one's own step is undone."""
    history = History(START).push(titled("mine"))
    elsewhere = history.present.replaced(currency="EUR", revision=7)
    undone = history.rebased(elsewhere).undo()
    assert (undone.present.title, undone.present.currency, undone.present.revision) == ("Acme", "EUR", 7)
    assert undone.redo().present == elsewhere
