"""An exercise takes what can be answered in one form, and says in a sentence what is wrong with anything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.workshop import Agenda, Exercise, VoteError

OPTIONS = ({"id": "a", "label": "Alpha"}, {"id": "b", "label": "Beta"}, {"id": "c", "label": "Gamma", "high": 50})
TIERS = ({"id": "basic", "label": "Basic"}, {"id": "pro", "label": "Pro"})


def exercise(kind: str, **terms: object) -> Exercise:
    """Return an exercise on three options."""
    base = {"key": kind, "kind": kind, "title": kind.title(), "options": OPTIONS}
    document: dict[str, Any] = {**base, **({"groups": TIERS} if kind == "cards" else {}), **terms}
    return Exercise(**document)


PRICES = {"low": 1, "high": 1000, "unit": "USD", "log": True}
TAKEN: list[tuple[Exercise, object, object]] = [
    (exercise("score"), {"b": 5.0, "a": 1}, {"a": 1, "b": 5}),
    (exercise("rank"), ["c", "a", "b"], ["c", "a", "b"]),
    (exercise("rank"), [["c", "b"], "a"], [["b", "c"], "a"]),
    (exercise("cards"), {"b": "pro", "a": "basic"}, {"a": "basic", "b": "pro"}),
    (exercise("price_ranges", **PRICES), {"a": [10, 20.0, 40.5]}, {"a": [10, 20, 40.5]}),
    (exercise("ranges", low=-20, high=20), {"a": [-5, 0, 5]}, {"a": [-5, 0, 5]}),
    (exercise("forecast", low=0, high=100, unit="%"), {"a": (1, 2, 3)}, {"a": [1, 2, 3]}),
    (exercise("ideas"), ["  Bundle   it ", "", "Drop Pro"], ["Bundle it", "Drop Pro"]),
    (exercise("points", points=5), {"a": 3, "b": 2, "c": 0}, {"a": 3, "b": 2}),
    (exercise("risks"), {"a": [2, 5]}, {"a": [2, 5]}),
    (exercise("confidence"), {"fingers": 4}, {"fingers": 4, "objection": ""}),
    (exercise("confidence"), {"fingers": 1, "objection": " Too  dear "}, {"fingers": 1, "objection": "Too dear"}),
    (exercise("name"), {"a": "Revenue attribution dashboard"}, {"a": "Revenue attribution dashboard"}),
]
REFUSED: list[tuple[Exercise, object, str]] = [
    (exercise("score"), {"a": 6}, "Alpha: 6 is not a whole number from 1 to 5"),
    (exercise("score"), {"a": True}, "Alpha: True is not"),
    (exercise("score"), {"a": float("nan")}, "Alpha: nan is not"),
    (exercise("score"), {}, "there is no answer"),
    (exercise("score"), {"z": 1}, "nothing called 'z'"),
    (exercise("rank"), ["a", "b"], "Gamma is not ranked"),
    (exercise("rank"), ["a", "b", "c", "a"], "Alpha is ranked twice"),
    (exercise("rank"), "abc", "abc is no ranking"),
    (exercise("rank", options=({"id": "1", "label": "One"},)), ["1", 1], "nothing called 1"),
    (exercise("ranges"), {"a": [1, 2, 10**400]}, "Alpha: 1000"),
    (exercise("score"), {"a": 10**400}, "Alpha: 1000"),
    (exercise("cards"), {"a": "gold"}, "Alpha: there is no group gold"),
    (exercise("price_ranges", **PRICES), {"a": [30, 20, 40]}, "Alpha: 30, 20, 40 do not rise"),
    (exercise("price_ranges", **PRICES), {"a": [0.5, 20, 40]}, "leave 1 to 1000"),
    (exercise("price_ranges", **PRICES), {"c": [10, 20, 60]}, "leave 1 to 50"),
    (exercise("ranges"), {"a": [1, 2]}, "is no range"),
    (exercise("ideas", most=1), ["a", "b"], "there are 2 ideas"),
    (exercise("ideas"), ["x" * 301], "is no text of 1 to 300"),
    (exercise("points", points=3), {"a": 2, "b": 2}, "4 points are given"),
    (exercise("risks"), {"a": 3}, "no likelihood with an effect"),
    (exercise("confidence"), {"objection": "no"}, "says no number of fingers"),
    (exercise("name"), {"a": " "}, "Alpha:"),
]


@pytest.mark.parametrize(
    ("asked", "answer", "normal"), TAKEN, ids=[f"{e.kind}-{i}" for i, (e, _, _) in enumerate(TAKEN)]
)
def test_an_answer_has_one_form(asked: Exercise, answer: object, normal: object) -> None:
    """The same answer written in another way is the same; checked again it stays."""
    assert asked.check_answer(answer) == normal
    assert asked.check_answer(normal) == normal


@pytest.mark.parametrize(
    ("asked", "answer", "said"), REFUSED, ids=[f"{e.kind}-{i}" for i, (e, _, _) in enumerate(REFUSED)]
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(asked: Exercise, answer: object, said: str) -> None:
    """Each refusal names the option, the value and what to do."""
    with pytest.raises(VoteError) as refused:
        asked.check_answer(answer)
    assert said in refused.value.message
    assert refused.value.advice


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 7) | st.floats() | st.sampled_from(["a", "b", "c", "pro", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "fingers", "objection", "z"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([each for each, _, _ in TAKEN]), JSON)
def test_whatever_is_sent_is_taken_in_its_form_or_refused(asked: Exercise, answer: object) -> None:
    """No answer passes that would be another one when read again, and none ends in anything but a sentence."""
    try:
        normal = asked.check_answer(answer)
    except VoteError:
        return
    assert asked.check_answer(normal) == normal


def test_participants_see_neither_notes_nor_what_the_data_say() -> None:
    """What is meant for the facilitator, and what comes with the answers, is not on the page that asks."""
    asked = exercise("score", notes="Ask Kim first.", data_say="The data say Alpha.", shown_first="Alpha grows.")
    shown = asked.for_participants()
    assert "Kim" not in str(shown)
    assert "data say" not in str(shown)
    assert shown["shown_first"] == "Alpha grows."
    assert shown["rule"] == "at most 1 between the quartiles"


def test_ideas_become_options_once() -> None:
    """What two people wrote is one option; the points after it name it."""
    asked = exercise("points", options=(), options_from="ideas").with_ideas(["Bundle it", "bundle  it", "", "Drop Pro"])
    assert [(each.id, each.label) for each in asked.options] == [("idea-1", "bundle it"), ("idea-2", "Drop Pro")]


def test_an_agenda_that_does_not_hold_together_is_refused() -> None:
    """Keys are unique, options come from before, and only its own roles are asked."""
    ideas = exercise("ideas")
    with pytest.raises(StudyError, match="share the key ideas"):
        Agenda(key="a", title="A", exercises=(ideas, ideas))
    with pytest.raises(StudyError, match="not before it"):
        Agenda(key="a", title="A", exercises=(exercise("points", options_from="later"), ideas))
    with pytest.raises(StudyError, match="no role of the agenda"):
        Agenda(key="a", title="A", roles=("Sales",), exercises=(exercise("ideas", roles=("Finance",)),))
    with pytest.raises(StudyError, match="at least two groups"):
        exercise("cards", groups=TIERS[:1])
    agenda = Agenda(key="a", title="A", exercises=(ideas, exercise("score")))
    assert agenda.with_exercise(exercise("score", minutes=20)).minutes == 30
