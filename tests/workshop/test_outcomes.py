"""Rooms with known opinions: what is counted of them is what a hand would count, and nobody is told apart."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from workbench.study import Study
from workbench.workshop import (
    Agenda,
    Exercise,
    HeldWorkshop,
    Vote,
    VoteError,
    calibration,
    held_in,
    outcome_of,
    outcomes_of,
    roles_shown,
    with_filled_pages,
    with_held,
)

METRICS = ({"id": "rows", "label": "Rows synced"}, {"id": "seats", "label": "Seats"})
TIERS = ({"id": "basic", "label": "Basic"}, {"id": "pro", "label": "Pro"})
EXERCISES: tuple[dict[str, Any], ...] = (
    {"key": "metric", "kind": "score", "title": "Metric", "options": METRICS},
    {"key": "model", "kind": "rank", "title": "Model", "options": (*METRICS, {"id": "hybrid", "label": "Hybrid"})},
    {"key": "features", "kind": "cards", "title": "Features", "options": METRICS, "groups": TIERS},
    {
        "key": "prices", "kind": "price_ranges", "title": "Prices", "options": TIERS, "low": 1, "high": 1000,
        "unit": "USD", "log": True,
    },
    {"key": "ideas", "kind": "ideas", "title": "Ideas", "rounds": 1},
    {"key": "points", "kind": "points", "title": "Points", "options_from": "ideas", "rounds": 1},
    {"key": "risks", "kind": "risks", "title": "Risks", "options": METRICS},
    {
        "key": "churn", "kind": "forecast", "title": "Churn", "options": ({"id": "churn", "label": "Churn"},), "low": 0,
        "high": 100, "unit": "%",
    },
    {"key": "sure", "kind": "confidence", "title": "Sure", "rounds": 2},
)  # fmt: skip
ROLES = ["Sales"] * 5 + ["Product"] * 4 + ["Finance"] * 2


def room(answers: dict[str, list[list[Any]]]) -> HeldWorkshop:
    """Return a workshop in which person i gave the i-th answer of each round."""
    asked = tuple(Exercise(**each) for each in EXERCISES)
    agenda = Agenda(key="first", title="First", roles=("Sales", "Product", "Finance"), exercises=asked)
    votes = [
        Vote(key, number, f"p{at:02}", ROLES[at], answer)
        for key, rounds in answers.items()
        for number, given in enumerate(rounds, 1)
        for at, answer in enumerate(given)
    ]
    return HeldWorkshop(key="first", held_on="2025-01-14", agenda=agenda).with_votes(votes)


def test_scores_are_counted_as_by_hand() -> None:
    """Median, quartiles and what moved: seven people before and after the talk."""
    before = [
        {"rows": rows, "seats": seats} for rows, seats in zip([1, 5, 3, 4, 2, 5, 4], [1, 2, 2, 2, 2, 1, 2], strict=True)
    ]
    after = [{"rows": rows, "seats": 2} for rows in [4, 5, 4, 4, 4, 5, 4]]
    found = outcome_of(room({"metric": [before, after]}), "metric")
    first, last = found.first, found.last
    assert first is not None
    assert last is not None
    rows = first.of("rows")
    assert rows is not None
    assert (rows.value, rows.low, rows.high, rows.agreed) == (4.0, 2.5, 4.5, False)
    assert first.agreed is False
    assert last.agreed is True
    assert (found.both, found.moved) == (7, 4)
    assert (found.shift("rows"), found.shift("seats")) == (0.0, 0.0)
    assert found.to_discuss == ()
    assert found.by_role == {"others": 7}


def test_below_five_answers_only_counts_are_told() -> None:
    """Four people are counted: no median, no word on agreement, no picture of pairs."""
    held = room({
        "metric": [[{"rows": 4}] * 4],
        "features": [[{"rows": "pro"}] * 4],
        "prices": [[{"pro": [10, 20, 40]}] * 4],
        "model": [[["rows", "seats", "hybrid"]] * 4],
        "sure": [[{"fingers": 4}] * 4],
    })  # fmt: skip
    for outcome in outcomes_of(held):
        last = outcome.last
        assert last is not None
        assert last.is_counts_only
        assert last.agreed is None
        assert last.together is None
        assert {each.value for each in last.options} == {None}
    metric = outcome_of(held, "metric").last
    assert metric is not None
    assert metric.options[0].counts == {4: 4}


def test_ranges_are_pooled_as_by_hand() -> None:
    """Medians of the ends, as ratios; the mixture of five equal answers is that answer."""
    given = [[10, 20, 40], [20, 40, 80], [5, 10, 20], [10, 20, 80], [10, 20, 40]]
    found = outcome_of(room({"prices": [[{"pro": each} for each in given]]}), "prices").last
    assert found is not None
    pro = found.of("pro")
    assert pro is not None
    assert pro.pooled is not None
    medians, equal = pro.pooled.median_quantiles, pro.pooled.equal_weights
    assert [round(each, 9) for each in (medians.low, medians.estimate, medians.high)] == [10, 20, 40]
    assert equal.low < medians.low
    assert equal.high > medians.high
    assert math.isclose(equal.estimate, 20, rel_tol=0.1)


@pytest.mark.parametrize(("share", "agreed"), [(0.75, True), (0.5, False)])
def test_cards_agree_by_the_share_fixed_before(share: float, agreed: bool) -> None:
    """Three in four put it into the same tier: agreed; half of them: not. Pairs are counted over people."""
    together = int(8 * share)
    given = [{"rows": "pro" if at < together else "basic", "seats": "pro"} for at in range(8)]
    found = outcome_of(room({"features": [given]}), "features").last
    assert found is not None
    rows = found.of("rows")
    assert rows is not None
    assert (rows.value, rows.agreed) == (share, agreed)
    assert found.together is not None
    assert found.together[0, 1] == share


@pytest.mark.parametrize("noise", [0.2, 1.5])
def test_a_simulated_room_is_read_within_its_tolerance(noise: float) -> None:
    """A room whose true order is known: W rises where opinions lie close, and the order comes back."""
    draw, truth = np.random.default_rng(7), np.array([3.0, 2.0, 1.0])
    names = np.array(["rows", "seats", "hybrid"])
    orders = [list(names[np.argsort(-(truth + noise * draw.standard_normal(3)))]) for _ in range(11)]
    found = outcome_of(room({"model": [orders]}), "model").last
    assert found is not None
    assert found.ranking is not None
    assert found.ranking.w is not None
    assert [each.option.id for each in sorted(found.options, key=lambda each: each.value or 0)] == list(names)
    assert found.agreed is (noise < 1)
    assert (found.ranking.w > 0.7) is (noise < 1)


def test_ideas_become_what_points_are_given_to() -> None:
    """Ideas of the room are the options of the vote on them; a point for none of them is refused."""
    held = room({"ideas": [[["Bundle it"], ["bundle  it", "Drop Pro"]]]})
    asked = held.asked("points")
    assert [each.label for each in asked.options] == ["bundle it", "Drop Pro"]
    held = held.with_votes(
        [Vote("points", 1, "p00", "Sales", {"idea-1": 3}), Vote("points", 1, "p01", "Sales", {"idea-1": 2})]
    )
    found = outcome_of(held, "points").last
    assert found is not None
    assert [(each.option.label, each.value) for each in found.options] == [("bundle it", 5.0), ("Drop Pro", 0.0)]
    with pytest.raises(VoteError, match="nothing called"):
        held.with_votes([Vote("points", 1, "p02", "Sales", {"idea-9": 1})])


def test_objections_stay_in_their_own_words_and_name_nobody() -> None:
    """What was said against it is kept; who said it is nowhere."""
    given = [{"fingers": 4}] * 5 + [{"fingers": 1, "objection": "Finance <b>cannot</b> bill this."}]
    found = outcome_of(room({"sure": [given]}), "sure").last
    assert found is not None
    assert found.texts == ("Finance <b>cannot</b> bill this.",)
    assert found.options[0].value == 4


def test_no_answer_counts_twice() -> None:
    """A file added twice, a page and a phone of one person, an answer sent again: one answer each."""
    held = room({"metric": [[{"rows": 4}] * 3]})
    page = {
        "workshop": "first",
        "person": "q1",
        "role": "Sales",
        "answers": {"metric": {"1": {"rows": 5}, "2": {"rows": 4}}},
    }
    filled = with_filled_pages(held, {"a.json": json.dumps(page).encode(), "copy.json": json.dumps(page).encode()})
    assert (filled.people, len(filled.votes)) == (4, 5)
    changed = {**page, "answers": {"metric": {"1": {"rows": 1}}}}
    again = with_filled_pages(filled, {"a.json": json.dumps(changed).encode()})
    assert again == filled
    with pytest.raises(VoteError, match="belongs to the workshop 'other'"):
        with_filled_pages(held, {"a.json": json.dumps({**page, "workshop": "other"}).encode()})
    with pytest.raises(VoteError, match=r"a\.json is no filled page"):
        with_filled_pages(held, {"a.json": b"[]"})
    with pytest.raises(VoteError, match=r"a\.json is not JSON"):
        with_filled_pages(held, {"a.json": b"{"})
    with pytest.raises(VoteError, match="no exercise 'none'"):
        with_filled_pages(held, {"a.json": json.dumps({**page, "answers": {"none": {"1": 1}}}).encode()})


def test_small_roles_stand_together() -> None:
    """A role of one or two is never shown alone, and cannot be worked out from the others."""
    assert roles_shown(["Sales"] * 5 + ["Product"] * 4 + ["Finance"] * 2) == {"Sales": 5, "others": 6}
    assert roles_shown(["Sales"] * 5 + ["Product"] + ["Finance"] * 2) == {"Sales": 5, "others": 3}
    assert roles_shown(["Sales"]) == {"others": 1}
    assert roles_shown([]) == {}


def test_a_workshop_is_kept_with_the_study_and_read_again() -> None:
    """What was held comes back as it was, and a study without one is written as it always was."""
    study, held = Study.new("acme", "data"), room({"metric": [[{"rows": 4}] * 6]})
    assert "workshops" not in study.model_dump(mode="json")
    kept = with_held(study, held)
    assert held_in(Study.model_validate_json(kept.model_dump_json())) == (held,)
    assert [each[1] for each in map(json.loads, held.votes)] == [1] * 6


def test_ranges_are_held_against_what_came_by_role() -> None:
    """Of eleven ranges those that hold the value are counted, by role and never by person; the last round counts."""
    wide, narrow = {"churn": [1, 5, 20]}, {"churn": [1, 2, 3]}
    held = room({"churn": [[wide] * 11, [wide, narrow, narrow]]})
    found = calibration([held], {("first", "churn", "churn"): 10.0})
    assert {each.role: (each.ranges, each.held) for each in found} == {"Sales": (5, 3), "others": (6, 6)}
    assert calibration([held], {}) == ()
