"""Laws of what is kept of lately: made once, bounded, and what is used stays."""

from __future__ import annotations

from workbench.cache import Recent


def test_a_value_is_made_once() -> None:
    """Asking again returns the same object, and its maker is not called."""
    recent: Recent[str, list[int]] = Recent(2)
    first = recent.once("a", lambda: [1])
    assert recent.once("a", lambda: [2]) is first


def test_the_one_asked_for_longest_ago_is_forgotten() -> None:
    """With room for two, a third value takes the place of the one that nobody asked for since."""
    recent: Recent[str, int] = Recent(2)
    recent.once("a", lambda: 1)
    recent.once("b", lambda: 2)
    recent.once("a", lambda: -1)
    recent.once("c", lambda: 3)
    assert len(recent) == 2
    assert recent.once("a", lambda: -1) == 1
    assert recent.once("b", lambda: -2) == -2


def test_making_a_value_may_ask_for_others() -> None:
    """A value worked out from others is returned, however many of them came in between."""
    recent: Recent[int, int] = Recent(1)

    def double(number: int) -> int:
        return recent.once(number, lambda: 2 * double(number - 1) if number else 1)

    assert double(5) == 32
    assert len(recent) == 1
