"""Demand gathered from what there is: which source counts, what a base without surveys gives, and rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.demand import DemandError
from workbench.stages.willingness import WillingnessDecision, evaluate, gather

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from workbench.customers import CustomerBase
    from workbench.stages.willingness import DemandEvidence
    from workbench.stages.willingness.evidence import SourcedDemand
    from workbench.study import Scenario

SEATS_OF_SURVEY = np.arange(60) % 30 + 1
SURVEYS = ("choices", "price ladder", "price sensitivity", "what customers pay")


def said(fitted: SourcedDemand) -> str:
    """Return all cautions in one text."""
    return " ".join(each.text for each in fitted.cautions)


def test_the_best_source_is_the_first_that_says_something(evidence: DemandEvidence) -> None:
    """Nothing asks whether it explains today's plans; who stays was sold something, whatever it is worth."""
    assert evidence.sourced(WillingnessDecision()).source == "choices"
    for source in SURVEYS:
        assert evidence.sourced(WillingnessDecision(source=source)).why_unknown is None


def test_answers_linked_to_accounts_come_first(
    company: Callable[..., CustomerBase], ladder: Callable[..., pd.DataFrame], sensitivity: Callable[..., pd.DataFrame]
) -> None:
    """Price sensitivity that says which account each speaks for tells more than a ladder that does not."""
    linked = sensitivity()
    prices = ["too_cheap", "cheap", "expensive", "too_expensive"]
    linked[prices] *= np.where(SEATS_OF_SURVEY > 12, 2.0, 1.0)[:, None]
    linked = linked.assign(account_id=[f"a{number:02}" for number in range(len(linked))])
    base = company(survey_price_ladder=ladder(), survey_price_sensitivity=linked)
    assert gather(base, draws=20).sourced(WillingnessDecision()).source == "price sensitivity"


def test_people_who_state_less_than_they_pay_are_not_believed(
    company: Callable[..., CustomerBase], ladder: Callable[..., pd.DataFrame]
) -> None:
    """A third of the respondents state half of their own bill: the ladder says nothing, and bills stand in."""
    said = ladder()
    said = said.assign(account_id="a" + said["respondent"].str[1:])
    mean = said["respondent"].str[1:].astype(int) % 3 == 0
    said.loc[mean, "accepted"] = (said.loc[mean, "price"] <= 5).astype(int)
    found = gather(company(survey_price_ladder=said), draws=20)
    assert found.sourced(WillingnessDecision(source="price ladder")).why_unknown == "below the own bill"
    best = found.sourced(WillingnessDecision())
    assert best.source == "what customers pay"
    assert "state less than their account pays" in " ".join(each.text for each in best.cautions)


def test_demand_is_made_once_for_one_decision(evidence: DemandEvidence) -> None:
    """What is not about demand, such as the objective, changes nothing; what is makes another one."""
    first = evidence.sourced(WillingnessDecision())
    assert evidence.sourced(WillingnessDecision(objective="share", ending=None, rules_off=("T2",))) is first
    assert evidence.sourced(WillingnessDecision(rivals_lack_low=0.2)) is first  # no rival is named
    assert evidence.sourced(WillingnessDecision(rule="logit")) is not first
    assert evidence.sourced(WillingnessDecision(rule="logit")).demand.rule == "logit"


def test_a_larger_overstatement_lowers_what_surveys_say(
    company: Callable[..., CustomerBase], ladder: Callable[..., pd.DataFrame]
) -> None:
    """Without bills that hold it up, worth is stated prices over the overstatement."""
    base = company(survey_price_ladder=ladder(), without=("mrr",))
    found = gather(base, draws=20)
    once, twice = (
        found.sourced(WillingnessDecision(source="price ladder", overstated_low=times, overstated_high=times))
        for times in (1.0, 2.0)
    )
    np.testing.assert_allclose(once.demand.worth.whole, twice.demand.worth.whole * 2, rtol=1e-5)


def test_a_source_that_cannot_be_used_is_passed_over_and_said(
    company: Callable[..., CustomerBase], ladder: Callable[..., pd.DataFrame], scenario: Callable[..., Scenario]
) -> None:
    """A ladder of mixed units leaves the bills as the source, and the result says what is wrong with the ladder."""
    mixed = ladder()
    mixed.loc[mixed["respondent"] == "L00", "per"] = "account"
    base = company(survey_price_ladder=mixed)
    found = gather(base, draws=20)
    result = evaluate(base, scenario(), evidence=found)
    assert result.source == "what customers pay"
    assert any(each.text.startswith("Not from price ladder") and "seats" in each.text for each in result.cautions)
    assert found.sourced(WillingnessDecision()) is found.sourced(WillingnessDecision())
    wanted = evaluate(base, scenario().with_decision(WillingnessDecision(source="price ladder")), evidence=found)
    assert not wanted.is_ready
    assert "seats" in wanted.why_not


@pytest.mark.parametrize("per", ["robots"])
def test_prices_per_a_unit_nobody_has_leave_the_other_sources(
    company: Callable[..., CustomerBase], ladder: Callable[..., pd.DataFrame], per: str
) -> None:
    """A survey about something else does not stop the stage."""
    found = gather(company(survey_price_ladder=ladder(per=per)), draws=20)
    fitted = found.sourced(WillingnessDecision())
    assert fitted.source == "what customers pay"
    assert "per robots" in said(fitted)


def test_bills_alone_work_from_day_one_with_a_wide_range_and_a_caution(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]
) -> None:
    """Without any survey there is an answer, wider than one from a survey, and it says that nobody was asked."""
    result = evaluate(company(), scenario(), evidence=gather(company(), draws=60))
    assert result.is_ready
    assert result.source == "what customers pay"
    assert any("Nobody was asked" in each.text and "survey would narrow" in each.text for each in result.cautions)
    assert len(result.missing) == 5
    worth = result.design.sourced.demand.worth.whole
    low, high = np.quantile(worth, (0.05, 0.95), axis=1)
    assert np.median(high / low) > 1.5
    revenue = result.key_figures[0].interval
    assert revenue.low < revenue.estimate < revenue.high


def test_usage_alone_says_nothing_and_the_result_says_so(
    company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]
) -> None:
    """No bills and no survey: no demand, no error, and a sentence with the tables that would help."""
    base = company(without=("mrr",))
    with pytest.raises(DemandError, match="no price survey and no record"):
        gather(base).sourced(WillingnessDecision())
    result = evaluate(base, scenario())
    assert not result.is_ready
    assert result.source is None
    assert "survey_price_ladder" in result.why_not
    assert (result.key_figures, result.against_today, result.cautions) == ((), None, ())


def test_bills_of_nothing_are_no_bills(company: Callable[..., CustomerBase], scenario: Callable[..., Scenario]) -> None:
    """When everybody pays 0 the sentence says that there is no recorded payment."""
    base = company(mrr=company().frames["mrr"].assign(amount=0.0))
    result = evaluate(base, scenario())
    assert not result.is_ready
    assert "no account has a recorded payment" in result.why_not.lower()


def test_competitors_with_a_price_in_the_own_currency_can_be_named(evidence: DemandEvidence) -> None:
    """An offer on request has no price to compare, one in another currency none that adds up."""
    assert {each.name for each in evidence.rivals} == {"Dear Pro", "Cheap Basic"}


def test_only_named_competitors_are_another_choice(evidence: DemandEvidence) -> None:
    """Nobody is compared with until the team names them, and then with the range of what they lack."""
    assert evidence.sourced(WillingnessDecision()).demand.rivals == ()
    named = WillingnessDecision(rivals=("Cheap Basic",), rivals_lack_low=0.2, rivals_lack_high=0.3)
    rivals = evidence.sourced(named).demand.rivals
    assert [(each.name, each.lacks) for each in rivals] == [("Cheap Basic", (0.2, 0.3))]


def test_a_named_competitor_without_a_price_is_left_out_and_said(evidence: DemandEvidence) -> None:
    """A name the data no longer has, or has no price for, does not vanish in silence."""
    fitted = evidence.sourced(WillingnessDecision(rivals=("Quiet Call us", "Gone Offer")))
    assert fitted.demand.rivals == ()
    assert "Quiet Call us is named" in said(fitted)
    assert "Gone Offer is named" in said(fitted)


def test_a_competitor_takes_nobody_from_todays_plans(evidence: DemandEvidence) -> None:
    """Customers chose today's plans over the cheapest offer there is, so at today's prices it takes no one away."""
    without = evidence.sourced(WillingnessDecision(source="price ladder"))
    cheap = evidence.sourced(WillingnessDecision(source="price ladder", rivals=("Cheap Basic",), rivals_lack_low=0.0))
    assert evidence.today is not None
    before, after = (each.demand.outcome(evidence.today) for each in (without, cheap))
    np.testing.assert_allclose(after.buyers, before.buyers)


def test_a_competitor_takes_customers_when_prices_rise(
    evidence: DemandEvidence, asked: CustomerBase, scenario: Callable[..., Scenario]
) -> None:
    """Above today's prices a named competitor keeps some from staying, never makes more stay."""
    design = scenario(18, 30)
    named = WillingnessDecision(source="price ladder", rivals=("Cheap Basic",), rivals_lack_low=0.0)
    alone = evaluate(asked, design.with_decision(named.replaced(rivals=())), evidence=evidence)
    rivalled = evaluate(asked, design.with_decision(named), evidence=evidence)
    assert rivalled.design.outcome.elsewhere > alone.design.outcome.elsewhere
    assert rivalled.design.outcome.revenue < alone.design.outcome.revenue
