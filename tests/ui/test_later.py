"""Fields that may come later: made when first read, once, and never seen half-made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from workbench.stages.contract import later, may_come_later


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Two fields that may come later, one of them required."""

    words: str = may_come_later()
    count: int = may_come_later(0)


def test_a_field_is_made_when_it_is_first_read_and_only_once() -> None:
    """Nothing runs before somebody reads it; every reader gets the same value."""
    calls: list[int] = []

    def make() -> str:
        calls.append(1)
        return "made"

    parcel = Parcel(words=later(make))
    assert calls == []
    assert (parcel.words, parcel.words) == ("made", "made")
    assert calls == [1]


def test_plain_values_and_defaults_work_as_in_any_dataclass() -> None:
    """A value is a value, a default stays, and what is required must be given."""
    assert Parcel(words="here") == Parcel(words=later(lambda: "here"), count=0)
    assert replace(Parcel(words="here"), count=later(lambda: 3)).count == 3
    with pytest.raises(TypeError, match="words"):
        Parcel()


def test_an_error_while_making_does_not_leave_a_broken_value() -> None:
    """The next reader tries again."""
    tries: list[int] = []

    def make() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "made"

    parcel = Parcel(words=later(make))
    with pytest.raises(ValueError, match="not yet"):
        _ = parcel.words
    assert parcel.words == "made"
