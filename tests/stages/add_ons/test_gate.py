"""Who may be offered an add-on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.customers import CustomerBase
from workbench.stages.add_ons import gather
from workbench.stages.add_ons.result import condition_words, eligibility, usage_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.offers import AddOnChoice


def test_tenure_alone_by_hand(hand: AddOnEvidence, add_on: Callable[..., AddOnChoice]) -> None:
    """Seven accounts are there for 75 days, two follow within 90 days, one is of unknown age."""
    gate = eligibility(hand, add_on())
    assert gate.count == 7
    assert [hand.needs.account_ids[row] for row in np.flatnonzero(gate.soon)] == ["a6", "a7"]
    assert gate.days_to_go[[6, 7]].tolist() == [15.0, 45.0]
    assert gate.unknown == 1


def test_a_usage_condition_by_hand(hand: AddOnEvidence, add_on: Callable[..., AddOnChoice]) -> None:
    """Of the seven, four have 30 queries or more; a condition on a feature counts its uses in an average month."""
    choice = add_on(usage_metric="queries", usage_at_least=30)
    assert eligibility(hand, choice).count == 4
    assert condition_words(hand, choice) == "at least 30 queries a month"
    by_feature = add_on(usage_metric="Map", usage_at_least=1)
    assert usage_of(hand, "Map")[:3].tolist() == [4 / 3, 1.0, 0.0]
    assert eligibility(hand, by_feature).count == 2
    assert condition_words(hand, by_feature) == "at least 1 uses of Map a month"


def test_who_has_it_already_is_not_eligible(hand: AddOnEvidence, add_on: Callable[..., AddOnChoice]) -> None:
    """An account whose tier contains everything is neither eligible now nor soon, nor unknown."""
    included = np.isin(hand.needs.account_ids, ["a0", "a6", "a8"])
    gate = eligibility(hand, add_on(), included)
    assert (gate.count, int(gate.soon.sum()), gate.unknown, int(gate.included.sum())) == (6, 1, 0, 3)


def test_a_metric_nobody_records_leaves_everybody_unknown(
    hand: AddOnEvidence, add_on: Callable[..., AddOnChoice]
) -> None:
    """A condition that cannot be checked lets nobody through and says so."""
    gate = eligibility(hand, add_on(usage_metric="rows synced", usage_at_least=5))
    assert not gate.usage_recorded
    assert gate.count == 0
    assert gate.unknown == 10


@given(st.tuples(st.integers(0, 400), st.integers(0, 200)), st.tuples(st.floats(0.5, 90), st.floats(0, 40)))
def test_a_looser_gate_lets_more_through(
    hand: AddOnEvidence, add_on: Callable[..., AddOnChoice], days: tuple[int, int], least: tuple[float, float]
) -> None:
    """Whoever passes a gate passes every gate that waits less long or asks for less."""
    strict = add_on(tenure_days=days[0], usage_metric="queries", usage_at_least=least[0])
    loose = strict.replaced(tenure_days=max(0, days[0] - days[1]), usage_at_least=max(0.0, least[0] - least[1]))
    assert (eligibility(hand, loose).now | ~eligibility(hand, strict).now).all()


@given(st.integers(0, 800))
def test_the_what_if_is_the_gate_itself(hand: AddOnEvidence, add_on: Callable[..., AddOnChoice], days: int) -> None:
    """Asking one gate how many would pass at other days gives what a gate set to those days lets through."""
    asked = eligibility(hand, add_on(usage_metric="queries", usage_at_least=20))
    set_so = eligibility(hand, add_on(usage_metric="queries", usage_at_least=20, tenure_days=days))
    assert asked.if_waiting(hand, days) == set_so.count


def test_without_a_cut_off_the_day_is_the_end_of_the_last_month(hand_base: CustomerBase) -> None:
    """Tenure is counted to the last day the data is known for."""
    open_ended = CustomerBase.from_tables(dict(hand_base.frames))
    assert f"{gather(open_ended).day:%Y-%m-%d}" == "2024-12-31"
