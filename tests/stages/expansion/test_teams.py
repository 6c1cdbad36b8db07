"""Pods, pay and paths of the stage follow what the team decides and what the data say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.programme import ExpansionPaths, Payouts, Pods
from workbench.growth.programme.pods import ROLES
from workbench.stages.expansion import evaluate
from workbench.stages.expansion.decision import ExpansionDecision
from workbench.stages.expansion.teams import path_sentences, pay_sentences, pods_sentences
from workbench.stages.expansion.view import playbook_files, with_staff
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import list_of_today, tier_of
from workbench.study import Scenario

if TYPE_CHECKING:
    from workbench.stages.expansion.result import ExpansionResult

pytestmark = pytest.mark.needs_stage("expansion")
MONTHS = pd.date_range("2023-12-01", periods=13, freq="MS")


def company(*, regions: tuple[str, ...] = ("Europe", "Asia"), spoken: str | None = None) -> CustomerBase:
    """Return forty accounts in two plans that charge seats; each adds a seat in June, ten of them two more."""
    ids = [f"A{at:02}" for at in range(40)]
    rows = []
    for at, name in enumerate(ids):
        seats = np.full(13, 4.0 + at % 7)
        seats[6:] += 1
        seats[7:] += 2 * (at < 10)
        rows.append(pd.DataFrame({"account_id": name, "month": MONTHS, "metric": "seats", "quantity": seats}))
    usage = pd.concat(rows, ignore_index=True)
    paid = usage[["account_id", "month"]].assign(amount=10 * usage["quantity"], plan="Team")
    accounts = pd.DataFrame({"account_id": ids, "segment": "mid", "signed_up": "2022-01-01"})
    accounts["region"] = [regions[at % len(regions)] for at in range(40)]
    plans = pd.DataFrame({"plan": ["Team", "Pro", "Enterprise"], "metric": ["seats", "seats", None]})
    plans["unit_price"] = [10.0, 14.0, None]
    limits = pd.DataFrame({"plan": ["Team", "Pro"], "metric": "seats", "limit": [12.0, 30.0]})
    tables = {"accounts": accounts, "usage": usage, "mrr": paid, "plans": plans, "plan_limits": limits}
    if spoken:
        tables["contacts"] = pd.DataFrame({"account_id": ids[:10], "role": "Champion", "since": "2023-01-01"})
        tables["contacts"]["last_contact"] = spoken
    return CustomerBase.from_tables(tables, currency="USD")


def found(base: CustomerBase, **decided: Any) -> ExpansionResult:  # noqa: ANN401 - fields
    """Return what the stage finds for a scenario that sells today's plans."""
    tiers = TierDecision(tiers=tuple(tier_of(plan) for plan in list_of_today(base).plans))
    made = Scenario(id="d", name="D").with_decision(tiers).with_decision(ExpansionDecision(**decided))
    return evaluate(base, made)


def pods(result: ExpansionResult) -> Pods:
    """Return the pods, which must be there."""
    assert isinstance(result.pods, Pods)
    return result.pods


def payouts(result: ExpansionResult) -> Payouts:
    """Return what was paid out, which must be there."""
    assert isinstance(result.payouts, Payouts)
    return result.payouts


def test_pods_cover_what_people_can_look_after() -> None:
    """With room for all nothing is left; with five accounts each the ten with the most to bring are covered."""
    roomy, tight = found(company()), found(company(), accounts_each=dict.fromkeys(ROLES, 5))
    assert pods(roomy).uncovered == 0
    assert (pods(tight).accounts["pod"] > 0).sum() == 10
    covered = pods(tight).accounts["potential"][pods(tight).accounts["pod"] > 0]
    assert covered.min() >= pods(tight).accounts["potential"][pods(tight).accounts["pod"] == 0].max() - 1e-9
    assert "stays uncovered" in next(iter(pods_sentences(tight)))
    nobody = found(company(), people=dict.fromkeys(ROLES, 0))
    assert nobody.pods == "There is nobody to form pods of. Give people with role and capacity."


def test_more_people_cover_more() -> None:
    """The grid sets people and accounts; with another person in each role more is covered."""
    base = company()
    before = found(base, accounts_each=dict.fromkeys(ROLES, 5))
    changed = with_staff(before.decision, before, [[3.0, 5.0]] * 4)
    after = found(base, **changed)
    assert pods(after).covered > pods(before).covered
    assert len(pods(after).by_pod()) == 4  # three, and what is uncovered


def test_who_works_in_some_regions_only_leaves_others_out() -> None:
    """Two of a role deal regions out between them; with one person each, all regions are that person's."""
    parted = found(company(), by_region=True)
    europe = pods(parted).accounts.set_index("account_id")["region"]
    by_pod = europe.groupby(pods(parted).accounts.set_index("account_id")["pod"]).nunique()
    assert by_pod.loc[by_pod.index > 0].max() <= 2
    assert (
        pods(found(company(), by_region=True, people=dict.fromkeys(ROLES, 1)))
        .accounts["why"]
        .isin(["", "no capacity left in customer success, sales, product, technical"])
        .all()
    )


def test_pay_is_the_share_decided_of_a_year_of_expansion() -> None:
    """Forty seats and twenty more at ten dollars each for twelve months; a higher share pays as much more."""
    once, twice = found(company()), found(company(), expansion_share=0.06)
    assert payouts(once).expansion == pytest.approx(600)
    plans = payouts(once).plans.set_index("role")
    added = sum(30 if int(each[1:]) < 10 else 10 for each in pods(once).accounts["account_id"])
    assert plans.loc["customer success", "paid"] == pytest.approx(0.03 * 12 * added)
    assert payouts(twice).plans["paid"].iloc[0] == pytest.approx(0.06 * 12 * added)
    assert "is unknown: it is not known who was spoken with" in next(iter(pay_sentences(once)))
    assert payouts(once).games.set_index("game").loc["sold and not used", "verdict"] == "absent"


def test_each_role_has_a_plan_of_its_own() -> None:
    """Success is paid a share, sales what follows the sale, technical for use, executives for net retention."""
    result = found(company())
    plans = payouts(result).plans.set_index("role")
    assert plans["basis"].to_dict() == {
        "customer success": "expansion", "sales": "post-sale", "technical": "usage", "executive": "company",
    }  # fmt: skip
    grew = {f"A{at:02}": (1 + 2 * (at < 10)) / (4.0 + at % 7) for at in range(40)}
    reached = sum(grew[each] >= 0.1 for each in pods(result).accounts["account_id"])
    assert plans.loc["technical", "paid"] == pytest.approx(50 * reached)
    higher = payouts(found(company(), usage_goal=0.5)).plans.set_index("role")
    assert higher.loc["technical", "paid"] == pytest.approx(
        50 * sum(grew[each] >= 0.5 for each in pods(result).accounts["account_id"])
    )
    start = sum(10 * (4 + at % 7) for at in range(40))
    half = payouts(found(company(), retention_goal=1.5)).plans.set_index("role")
    assert half.loc["executive", "paid"] == pytest.approx(20_000 * (600 / start) / 0.5)
    two = payouts(found(company(), executives=2, retention_goal=1.1)).plans.set_index("role")
    assert two.loc["executive", "paid"] == pytest.approx(2 * 20_000)  # more than the goal pays no more than all
    assert "executive" not in payouts(found(company(), executives=0)).plans["role"].tolist()


def test_pay_stands_beside_the_same_year_under_each_list() -> None:
    """Where the list asks twice as much a seat, shares of it are twice as much, and what each dollar costs is not."""
    base = company()
    tiers = [tier_of(plan) for plan in list_of_today(base).plans]
    dear = [each if each.price is None else each.replaced(price=2 * each.price) for each in tiers]
    made = Scenario(id="d", name="Dear").with_decision(TierDecision(tiers=tuple(dear)))
    table = evaluate(base, made).tables["pay_under"].frame.set_index("Role")
    assert table["Pays, as paid"]["customer success"] == pytest.approx(table["Pays, today's list"]["customer success"])
    assert table["Pays, Dear"]["customer success"] == pytest.approx(2 * table["Pays, today's list"]["customer success"])
    assert table["Of the expansion, Dear"]["customer success"] == pytest.approx(0.03)
    assert table["Pays, Dear"]["technical"] == table["Pays, as paid"]["technical"]


def test_luck_is_told_once_talks_are_on_record() -> None:
    """Those nobody spoke with added one seat: so much of everybody's pay is luck."""
    told = payouts(found(company(spoken="2024-10-10")))
    assert 0 < told.plans["luck"].iloc[0] < told.plans["paid"].iloc[0]
    assert payouts(found(company(spoken="2023-02-10"))).reason == ""  # nobody was spoken with in the year
    assert "would have come had every account" in next(iter(pay_sentences(found(company(spoken="2024-10-10")))))


def test_paths_say_what_takes_sales_and_open_with_a_price() -> None:
    """The plan on request takes sales, the others do not; a new team of ten has no room in the small plan."""
    result = found(company())
    assert isinstance(result.paths, ExpansionPaths)
    assert result.paths.offers.set_index("offer")["alone"].to_dict() == {"Team": True, "Pro": True, "Enterprise": False}
    assert result.paths.team.set_index("way")["accounts"].to_dict()["alone with another plan"] > 0
    assert next(iter(path_sentences(result))) == "2 of 3 offers can be bought without sales."
    assert len(result.tables["paths"]) == 3


def test_without_revenue_nothing_is_paid_and_it_says_why() -> None:
    """A base of usage alone has pods of what the next tier brings, and no payouts."""
    whole = company()
    base = CustomerBase.from_tables({n: whole.table(n) for n in whole.tables if n != "mrr"}, currency="USD")
    result = found(base)
    assert isinstance(result.payouts, str)
    assert result.payouts


def test_what_a_product_shows_leaves_with_the_playbook() -> None:
    """With uses of features on record, hints and scaling leave as JSON that its schema, beside it, allows."""
    base = company()
    names = base.accounts["account_id"]
    rows = [(name, feature, 9) for feature, most in (("charts", 30), ("maps", 25)) for name in names[:most]]
    used = pd.DataFrame([*rows, *((name, "login", 9) for name in names)], columns=["account_id", "feature", "uses"])
    tables = {name: base.table(name) for name in base.tables}
    result = found(CustomerBase.from_tables({**tables, "feature_use": used.assign(week="2024-12-02")}, currency="USD"))
    files = {name: content for _, name, content in playbook_files(result.decision, result).files}
    rules = json.loads(files["in_product.json"])
    jsonschema.validate(rules, json.loads(files["in_product.schema.json"]))
    assert {each["feature"] for each in rules["hints"]} == {"charts", "maps"}
    assert rules["triggers"].keys() == {"scaling", *result.decision.switched_on}  # those of the playbook as well
    assert "in_product.json" not in {name for _, name, _ in playbook_files(found(base).decision, found(base)).files}
