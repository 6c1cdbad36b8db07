"""What a starting point was made to meet says so, until somebody changes what makes it hold."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from workbench.rendering import html
from workbench.rules import Finding
from workbench.stages.contract import conclusion, finding_sentences, key_of, mark, said_so
from workbench.stages.offers import TierDecision
from workbench.stages.tiers import evaluate as evaluate_tiers

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.contract import StageOutcome
    from workbench.study import Scenario, Study

pytestmark = pytest.mark.needs_stage("tiers")


@pytest.fixture(scope="module")
def base(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company before its move."""
    return sample_company


@pytest.fixture(scope="module")
def design(decided_sample: Study) -> Scenario:
    """Return the sample's second design, which takes the computed tiers as they are."""
    return decided_sample.designs[1]


def finding(status: str, rule: str = "T2", subject: str = "") -> Finding:
    """Return a finding on a rule."""
    return Finding(rule_id=rule, status=status, title="t", evidence="e.", remedy="r.", subject=subject)


def test_only_what_is_met_can_be_set_so() -> None:
    """A rule a design was made to meet and does not is a plain failure; other rules are left as they are."""
    found = said_so([finding("ok"), finding("watch"), finding("ok", "T1")], {"T2"})
    assert [each.by_construction for each in found] == [True, False, False]
    assert [each.status_word for each in found] == ["Set so", "Watch", "Met"]
    assert "set so" in found[0].sentence


def test_a_rule_on_one_subject_is_marked_for_it_alone() -> None:
    """The price of one add-on was set so; that of another, named by the team, was not."""
    found = said_so([finding("ok", "A2", "Maps"), finding("ok", "A2", "Charts")], {key_of("A2", "Maps")})
    assert [each.by_construction for each in found] == [True, False]


def test_equal_settings_have_equal_marks() -> None:
    """A mark survives being written and read, and tells different settings apart."""
    assert mark(Decimal(23), {"a": 1, "b": 2}) == mark(Decimal(23), {"b": 2, "a": 1})
    assert len({mark(each) for each in (Decimal(23), Decimal("23.5"), (23, 5), None)}) == 4


def test_a_decision_without_marks_is_written_as_it_always_was() -> None:
    """Old studies and a team's own decisions have no field for marks."""
    assert "set_so" not in TierDecision().model_dump(mode="json")
    with_mark = TierDecision(set_so={"T2": "x"})
    assert TierDecision.model_validate(with_mark.model_dump(mode="json")) == with_mark


def words(base: CustomerBase, design: Scenario) -> dict[str, str]:
    """Return the verdict of every rule on tiers."""
    return {each.rule_id: each.status_word for each in evaluate_tiers(base, design).findings}


def test_the_middle_is_set_so_until_a_limit_moves(base: CustomerBase, design: Scenario) -> None:
    """Limits were cut for 65%: that says nothing. A limit the team moves makes the share a finding again."""
    assert words(base, design)["T2"] == "Set so"
    decision = design.decision(TierDecision)
    first = decision.tiers[0]
    (metric, limit), *_ = first.limits.items()
    moved = decision.with_tier(first.replaced(limits={metric: limit + 1}))
    after = words(base, design.with_decision(moved))
    assert after["T2"] == "Met"
    assert after["T4"] == "Set so"


def test_a_price_moved_leaves_the_lines_set_so(base: CustomerBase, design: Scenario) -> None:
    """The spread of prices becomes the team's own; where accounts are placed was still cut for the rule."""
    decision = design.decision(TierDecision)
    top = next(tier for tier in reversed(decision.tiers) if tier.price)
    moved = decision.with_tier(top.replaced(price=top.price + 1))
    after = words(base, design.with_decision(moved))
    assert (after["T2"], after["T4"]) == ("Set so", "Met")


@pytest.fixture(scope="module")
def outcomes(evaluated_sample: list[dict[str, StageOutcome]]) -> dict[str, StageOutcome]:
    """Return the stages of the design, evaluated."""
    return evaluated_sample[1]


def test_it_is_said_wherever_findings_are_shown(outcomes: dict[str, StageOutcome]) -> None:
    """Panel, conclusion and decision log use the word; the conclusion does not count it as met."""
    tiers = outcomes["tiers"]
    made_so = [each for each in tiers.result.findings if each.by_construction]
    assert made_so
    assert html.finding_list(made_so).count("Set so") == len(made_so)
    assert sum("set so" in line for line in finding_sentences(tiers.result)) == len(made_so)
    text = conclusion("Tiers", "A", tiers.summary, tiers.result, tiers.result.findings)
    assert f"{len(made_so)} set so" in text


def test_prices_set_from_the_core_are_in_their_corridor_by_construction(outcomes: dict[str, StageOutcome]) -> None:
    """An add-on priced at 30% of the core, with no market beside it, stands where A2 put it: C4 says so too."""
    add_ons = {each.subject: each for each in outcomes["add_ons"].result.findings if each.rule_id == "A2"}
    corridors = {each.subject: each for each in outcomes["anchoring"].result.findings if each.rule_id == "C4"}
    assert add_ons
    for name, priced in add_ons.items():
        assert corridors[name].by_construction == (priced.by_construction and corridors[name].status == "ok")
