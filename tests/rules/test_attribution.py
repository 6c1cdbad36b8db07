"""Every threshold says whose it is: a source's where the source states it, ours otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from workbench.rules import RULEBOOK
from workbench.rules.rulebook import OURS, SOURCE, finding
from workbench.study import Study

if TYPE_CHECKING:
    from workbench.stages.contract import StageOutcome

pytestmark = pytest.mark.slow

# What the documents behind the rulebook state, word for word; a threshold not in here is nobody's but ours.
STATED = {
    "VM3": "a customer at 10x their initial usage is paying 5 to 8x their initial price",
    "T1": "uses 3 to 4 tiers with progressively richer feature sets",
    "T2": "The middle tier should capture 60 to 70% of customers. If it captures 80% or more",
    "T4": "Price the top tier 3 to 5x the entry tier",
    "A2": "Price add-ons at 20 to 40% of the core plan price",
    "A3": "Wait until they have used the core product for 60 to 90 days",
    "A4": "Most SaaS companies offer 1 to 5 add-ons regardless of company size",
    "A5": "if more than 30% of your customers would benefit from a specific feature, it belongs in a tier",
    "A6": "a margin that covers fully-loaded delivery cost plus 40 to 60%",
    "A6.share": "typically represents 12 to 18% of first-year revenue",
    "U1": "Set a free tier or included baseline",
    "S1": "Expansion Revenue Rate 10% or more quarterly growth",
    "S2": "Time to First Expansion Less than 90 days from signup",
    "S3": "Expansion Conversion Rate 20 to 30% of eligible customers",
    "S4": "ARPA Growth 15 to 25% year-over-year",
    "S5": "Net Revenue Retention Above 100% healthy, above 120% top quartile",
    "S6": "generate over 60% of their new MRR from existing customers",
    "U2": "A customer processing 10x the volume of a baseline user should pay 7 to 8x the price",
}
RULES_NOBODY_STATES = {"MF3", "VM6", "T5", "T6", "T7", "T8", "A7", "A8", "C1", "C3", "C4"}


def bands() -> list[str]:
    """Return the keys of all thresholds that have an end."""
    return [key for key in RULEBOOK.threshold_keys if RULEBOOK.threshold(key).in_words()]


@pytest.mark.parametrize("key", bands())
def test_a_threshold_is_the_sources_only_where_the_source_states_it(key: str) -> None:
    """What the documents state is theirs, with the numbers they name; all else is ours or of a source named."""
    band = RULEBOOK.threshold(key)
    if key in STATED:
        assert band.whose == SOURCE
        stated = set(re.findall(r"\d+", STATED[key]))
        percent = 100 if band.unit == "share" else 1
        ends = {f"{end * percent:.0f}" for end in (band.low, band.high) if end}
        assert ends <= stated
        return
    assert band.whose == OURS or "R. J. Mokken" in band.whose
    assert "our default" in band.owner
    assert band.owner in band.with_owner()


@pytest.mark.parametrize("key", bands())
def test_a_finding_prints_whose_threshold_it_was_held_against(key: str) -> None:
    """Where the number is not the source's, the finding names who it is of, beside the number and in its source."""
    rule, band = RULEBOOK[key.partition(".")[0]], RULEBOOK.threshold(key)
    made = finding(rule, "ok", "Evidence.", threshold=band)
    if band.whose == SOURCE:
        assert made.threshold == band.in_words()
        assert made.source == rule.source
        return
    assert made.threshold.endswith(f"({band.owner})")
    assert band.owner in made.source


def test_a_rule_nobody_states_bears_nobodys_name() -> None:
    """Comparing a pure model with a hybrid, and the rules of anchoring, are ours, whatever method they use."""
    for rule in RULEBOOK:
        if rule.id in RULES_NOBODY_STATES:
            assert rule.source == "This workbench (our default)"
    assert RULEBOOK["C2"].source.startswith("This workbench (our default; the method is")


def test_a_threshold_a_study_moves_is_the_studys() -> None:
    """Neither the source nor this workbench is named for a number that a team set."""
    from datetime import UTC, datetime  # noqa: PLC0415 - used once

    when = datetime(2025, 3, 4, tzinfo=UTC)
    moved = Study.new("Acme", "data").with_threshold("MF5", "r", "Ann", when, high=0.3)
    rule = RULEBOOK.for_study(moved)["MF5"]
    assert finding(rule, "ok", "Evidence.").threshold == "at most 30% (set by this study)"


def test_no_finding_of_the_sample_lends_an_author_a_number_of_ours(
    evaluated_sample: list[dict[str, StageOutcome]],
) -> None:
    """In every finding shown, an author alone stands only behind a number the author names."""
    stated = {RULEBOOK.threshold(key).in_words() for key in STATED}
    seen = 0
    for outcomes in evaluated_sample:
        for outcome in outcomes.values():
            for each in outcome.result.findings:
                seen += 1
                if each.threshold and each.threshold not in stated:
                    assert re.search(r"\((our default|set by this study)", each.threshold)
    assert seen
