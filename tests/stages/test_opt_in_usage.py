"""Usage beside today's plans as an option: the design, its terms, and what it would bill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.impact.migration import MigrationError, opt_in_overage
from workbench.rules import RULEBOOK
from workbench.stages import add_ons, model_fit
from workbench.stages.add_ons.view import ADD_ONS
from workbench.stages.migration.evaluation import first_of_all
from workbench.stages.model_fit.decision import ModelFitDecision
from workbench.stages.offers import AddOnDecision, TierDecision, ValueMetricDecision, add_on_price_words
from workbench.stages.price_book import (
    OptInTerms,
    list_of_today,
    opt_in_scenario,
    price_book,
    usage_metric,
    usual_terms,
)
from workbench.stages.study_replay import charged_anew, first_to_opt_in, replay_study
from workbench.study import Study

pytestmark = [pytest.mark.needs_stage(each) for each in ("add_ons", "model_fit", "migration")]

MONTHS = pd.date_range("2024-01-01", periods=6, freq="MS")


def company(*, unit_price: float | None = 10.0, metric: str = "seats", paid: bool = True) -> CustomerBase:
    """Return ten accounts of five seats that make 100, 200, ... 1,000 calls a month, on one plan."""
    ids = [f"c{number}" for number in range(10)]
    usage = [(name, month, "seats", 5.0) for name in ids for month in MONTHS]
    usage += [(name, month, "calls", 100.0 * (at + 1)) for at, name in enumerate(ids) for month in MONTHS]
    plans = {"plan": ["Team"], "base_fee": [None if unit_price else 50.0], "metric": [metric]}
    tables = {
        "accounts": pd.DataFrame({"account_id": ids, "plan": "Team"}),
        "usage": pd.DataFrame(usage, columns=["account_id", "month", "metric", "quantity"]),
        "plans": pd.DataFrame({**plans, "unit_price": [unit_price], "currency": "USD"}),
    }
    if paid:
        mrr = [(name, month, 50.0, "Team", "USD") for name in ids for month in MONTHS]
        tables["mrr"] = pd.DataFrame(mrr, columns=["account_id", "month", "amount", "plan", "currency"])
    return CustomerBase.from_tables(tables)


def study_of() -> Study:
    """Return a study with one design in which nothing is decided."""
    return Study.new("s", "data")


@pytest.mark.parametrize("kind", ["overage", "accelerator"])
@pytest.mark.parametrize("name", ["small", "sample"])
def test_the_design_offers_what_the_price_book_would(sample_company: CustomerBase, name: str, kind: Any) -> None:  # noqa: ANN401
    """Its price book is today's with the opt-in beside it: same plans to the cent, same add-ons, nothing lost."""
    base = company() if name == "small" else sample_company
    study = study_of()
    made = opt_in_scenario(base, study, study.designs[0], kind=kind)
    terms = usual_terms(base, usage_metric(base, study.designs[0]), kind)
    offered = opt_in_overage(
        list_of_today(base),
        terms.metric,
        unit_price=terms.unit_price,
        included=terms.included,
        kind=kind,
        block=terms.block,
        block_price=terms.block_price,
    )
    saved = Study.model_validate_json(study.with_scenario(made).model_dump_json()).scenario(made.id)
    book = price_book(base, saved)
    assert (book.plans, book.add_ons, book.features) == (offered.plans, offered.add_ons, offered.features)


def test_the_usual_terms_by_hand() -> None:
    """Three quarters stay within 780 calls; the three beyond use 360 more and pay 150 today: $15 / 360."""
    terms = usual_terms(company(), "calls")
    assert (terms.included, terms.unit_price) == (780, Decimal("0.042"))
    block = usual_terms(company(), "calls", "accelerator")
    assert (block.block, block.block_price) == (390, Decimal(13))


def test_only_who_goes_beyond_is_billed_more() -> None:
    """Replayed, the bills of those within what is included stay as they are; beyond, each unit costs its price."""
    base, study = company(), study_of()
    made = opt_in_scenario(base, study, study.designs[0])
    done = replay_study(base, study.with_scenario(made), [made.id], add_ons="by need").scenarios[0]
    change = done.comparison.accounts.set_index("account_id")["change"]
    beyond = np.maximum(100.0 * np.arange(1, 11) - 780, 0) * 0.042
    assert change.to_numpy() == pytest.approx(beyond)


def test_whoever_goes_beyond_what_is_included_pays_for_the_block() -> None:
    """An accelerator's block is what its first units cost: customers inside the block pay for it as well."""
    base, study = company(), study_of()
    made = opt_in_scenario(base, study, study.designs[0], kind="accelerator")
    done = replay_study(base, study.with_scenario(made), [made.id], add_ons="by need").scenarios[0]
    change = done.comparison.accounts.set_index("account_id")["change"]
    assert change.to_numpy() == pytest.approx([0] * 7 + [13] * 3)  # 800, 900 and 1,000 calls; 780 to 1,170 is the block
    assert add_on_price_words(made.decision(AddOnDecision).add_ons[0], "USD") == (
        "$13 per account and month for 390 calls beyond 780, and $0.042 for each of the calls beyond 1,170 a month"
    )


def test_the_rule_on_usage_is_met() -> None:
    """In the design usage is opted into, whatever the scenario it was made from says, so MF2 is met."""
    study = study_of()
    start = study.designs[0].with_decision(ModelFitDecision(model="hybrid", usage_component="replacement"))
    made = opt_in_scenario(company(), study, start)
    result = model_fit.evaluate(company(), made, rulebook=RULEBOOK)
    assert next(each.status for each in result.findings if each.rule_id == "MF2") == "ok"
    assert made.decision(ModelFitDecision).model == "hybrid"


def test_what_to_charge_for_comes_from_the_scenario(sample_company: CustomerBase) -> None:
    """The decided value metric is charged for, unless today's prices go by it."""
    base = sample_company
    start = study_of().designs[0]
    decided = start.with_decision(ValueMetricDecision(metric="queries_executed"))
    assert usage_metric(base, decided) == "queries_executed"
    assert usage_metric(base, start.with_decision(ValueMetricDecision(metric="seats"))) not in ("seats", None)


def test_names_keep_apart() -> None:
    """A second design of the same kind has a name and an id of its own."""
    base, study = company(), study_of()
    first = opt_in_scenario(base, study, study.designs[0])
    study = study.with_scenario(first)
    second = opt_in_scenario(base, study, study.designs[0])
    assert second.name == f"{first.name} (2)"
    assert len(study.with_scenario(second).scenarios) == 4


def test_own_terms_are_taken() -> None:
    """Terms the team brings stand in the design as they are, a cap included."""
    base, study = company(), study_of()
    terms = OptInTerms("overage", "calls", Decimal(300), Decimal("0.5"), most_per_month=Decimal(40))
    made = opt_in_scenario(base, study, study.designs[0], terms=terms)
    (choice,) = made.decision(AddOnDecision).add_ons
    assert choice.usage_charge.most_per_month == 40
    assert price_book(base, made).bill("Team", {"seats": 5, "calls": 900}, ["Calls overage"]).total == 90


def test_needs_are_read_as_the_scenario_reads_them() -> None:
    """How an account's needs are read is taken over; tiers and add-ons of the scenario are not."""
    study = study_of()
    start = study.designs[0].with_decision(TierDecision(needs_months=6))
    made = opt_in_scenario(company(), study, start).decision(TierDecision)
    assert (made.needs_months, [tier.name for tier in made.tiers]) == (6, ["Team"])


def test_without_seats_revenue_or_usage_it_says_what_is_missing() -> None:
    """A flat price list, no revenue on record, and a metric nobody used are refused in words."""
    study = study_of()
    with pytest.raises(MigrationError, match="No priced plan"):
        opt_in_scenario(company(unit_price=None), study, study.designs[0], metric="calls")
    with pytest.raises(StudyError, match="no price follows from the data"):
        opt_in_scenario(company(paid=False), study, study.designs[0], metric="calls")
    with pytest.raises(StudyError, match="Nobody has used nothing"):
        opt_in_scenario(company(), study, study.designs[0], metric="nothing")


def test_the_add_ons_stage_prices_the_opt_in() -> None:
    """Eligible are those beyond; at full take-up it brings their bills, and its price is that of a typical one."""
    base, study = company(), study_of()
    made = opt_in_scenario(base, study, study.designs[0])
    changed = made.decision(AddOnDecision)
    made = made.with_decision(changed.replaced(**ADD_ONS.changed(changed, changed.add_ons[0].id, tenure_days=0)))
    result = add_ons.evaluate(base, made)
    (outcome,) = result.outcomes
    assert outcome.eligibility.count == 3  # 800, 900 and 1,000 calls
    assert outcome.full == pytest.approx((20 + 120 + 220) * 0.042)
    assert outcome.price == pytest.approx(120 * 0.042)
    assert "beyond 780 a month" in result.tables["add_ons"]["and for usage"][0]
    assert "for each of the calls beyond 780 a month" in add_ons.summarise(result.decision, result)


def test_who_would_opt_in_is_the_first_to_migrate() -> None:
    """Counted by hand: the accounts beyond what is included, what each would add, and nobody for a list of seats."""
    base, study = company(), study_of()
    terms = usual_terms(base, "calls")
    found = first_to_opt_in(base, study.designs[0])
    used = {f"c{at}": 100.0 * (at + 1) for at in range(10)}
    beyond = [name for name in used if used[name] > float(terms.included)]
    assert found.metric == "calls"
    assert found.accounts["account_id"].tolist() == beyond[::-1]
    adds = [(used[name] - float(terms.included)) * float(terms.unit_price) for name in beyond[::-1]]
    assert found.accounts["adds"].tolist() == pytest.approx(adds)
    assert charged_anew(base, study.designs[0]) == ()
    assert first_of_all(base, study.designs[0]) == ()
    own = opt_in_scenario(base, study, study.designs[0], terms=replace(terms, included=Decimal(900)))
    assert charged_anew(base, own) == ("calls",)
    assert first_of_all(base, own) == ("c9",)
    assert first_to_opt_in(base, own).offer == f"{own.name} offers it as an option."
