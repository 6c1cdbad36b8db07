"""Laws of findings and waivers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workbench.rules import Finding, by_urgency, with_waivers
from workbench.study import Waiver

WAIVER = Waiver(id="t4", rule="T4", reason="Two groups", who="Ann", when=datetime(2025, 3, 4, tzinfo=UTC))


def finding(status: str = "breach", **changes: str) -> Finding:
    """Return a finding on T4."""
    details = {"rule_id": "T4", "title": "Spread", "evidence": "13.2x.", "remedy": "Lower it."} | changes
    return Finding(status=status, **details)


@pytest.mark.parametrize(
    "details", [{"evidence": ""}, {"remedy": ""}, {"status": "unknown", "remedy": ""}, {"status": "fine"}]
)
def test_a_finding_without_evidence_or_remedy_cannot_be_made(details: dict[str, str]) -> None:
    """Every finding has evidence and a known status, and one that is not ok says what to do."""
    with pytest.raises(ValueError, match=r"T4|one of"):
        finding(**details)


def test_a_waiver_leaves_the_true_status_visible() -> None:
    """A rule set aside still says that it is not met, by whom it was set aside and why."""
    (waived,) = with_waivers([finding()], [WAIVER])
    assert waived.status == "breach"
    assert waived.status_word == "Not met, set aside"
    assert not waived.is_open
    assert "not met" in waived.sentence
    assert "Set aside by Ann: Two groups" in waived.sentence


def test_a_waiver_covers_its_subject_or_all_of_them() -> None:
    """A waiver for one subject leaves the others open; one without subject covers them all."""
    pair = [finding(subject="Pro"), finding(subject="Max")]
    one = with_waivers(pair, [WAIVER.replaced(subject="Pro")])
    assert [item.is_open for item in one] == [False, True]
    assert [item.is_open for item in with_waivers(pair, [WAIVER])] == [False, False]
    assert [item.is_open for item in with_waivers(pair, [WAIVER.replaced(rule="T2")])] == [True, True]


def test_a_met_rule_carries_no_waiver() -> None:
    """Once the rule is met, the old waiver no longer shows."""
    assert with_waivers([finding("ok")], [WAIVER])[0].waiver is None


def test_the_most_urgent_comes_first() -> None:
    """Open breaches lead, then watches and unknowns; what is met or set aside comes last."""
    items = [finding(status, subject=status) for status in ("ok", "unknown", "watch", "breach")]
    waived = with_waivers([finding(subject="waived")], [WAIVER])
    order = [item.subject for item in by_urgency([*items, *waived])]
    assert order == ["breach", "watch", "unknown", "waived", "ok"]
