"""Discounts: counted by hand, on companies whose discounts are planted, and shown wherever a stage is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sold_company import LIST, company, section_of

from workbench import open_stage
from workbench.customers import CustomerBase
from workbench.impact import bill_at_least, contracts_in_force, under_policy
from workbench.report import named
from workbench.stages import stage
from workbench.study import ImpossibleDocumentError, Scenario

if TYPE_CHECKING:
    from typing import Any

    from workbench import Session
    from workbench.study import Study

pytestmark = pytest.mark.needs_stage("discounts")
FIRM = {"bands": ({"id": "all", "name": "All deals", "most": 0.1},), "floor": 0.7}


def stage_module() -> Any:  # noqa: ANN401 - a stage's package
    """Return the stage's package, found by its key."""
    return stage("discounts").module


def decided(**fields: object) -> Scenario:
    """Return a scenario with a policy of ten percent for everybody, changed as given."""
    made = stage_module().Decision.model_validate({**FIRM, **fields})
    return Scenario(id="s", name="S").with_decision(made)


def hand() -> CustomerBase:
    """Return five accounts at a list of 100, which paid 100, 90, 60, 50 and 120 in each of two months."""
    paid = {"a": 100.0, "b": 90.0, "c": 60.0, "d": 50.0, "e": 120.0}
    months = ["2024-01-01", "2024-02-01"]
    rows = [(who, month, amount) for who, amount in paid.items() for month in months]
    mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).assign(plan="Team", currency="USD")
    plans = pd.DataFrame({"plan": ["Team", "Custom"], "base_fee": [100.0, None], "currency": "USD"})
    accounts = pd.DataFrame({"account_id": [*paid, "f"], "plan": ["Team"] * 5 + ["Custom"]})
    asked = pd.DataFrame({"account_id": ["f"], "month": ["2024-02-01"], "amount": 10.0}).assign(
        plan="Custom", currency="USD"
    )
    return CustomerBase.from_tables({"accounts": accounts, "mrr": pd.concat([mrr, asked]), "plans": plans})


@pytest.mark.parametrize(
    ("leave", "excepted", "brings"),
    [(0.0, 0.0, 70.0), (1.0, 0.0, -110.0), (0.1, 0.0, 0.9 * 70 - 11), (0.1, 0.5, 0.5 * (0.9 * 70 - 11))],
)
def test_what_keeping_to_the_policy_brings(leave: float, excepted: float, brings: float) -> None:
    """Two of five are raised to 90, which brings 30 and 40; who leaves takes what it pays, who is excepted stays."""
    made = decided(leave_low=leave, leave_high=leave, excepted=excepted)
    found = stage_module().evaluate(hand(), made).today
    assert (found.accounts, found.leak.estimate) == (2, pytest.approx(70))
    assert found.brings.estimate == pytest.approx(brings)


def test_at_the_break_even_the_policy_brings_nothing() -> None:
    """Rise over rise plus what they pay: 70 of 180; with just that share leaving, gain and loss are the same."""
    share = stage_module().evaluate(hand(), decided()).today.break_even
    assert share == pytest.approx(70 / 180)
    at_it = decided(leave_low=share, leave_high=share, excepted=0)
    assert stage_module().evaluate(hand(), at_it).today.brings.estimate == pytest.approx(0)


def test_without_a_list_price_nothing_is_known_of_a_discount() -> None:
    """The account on request is in no figure, and said so; one without any plan table is unknown as a whole."""
    found = stage_module().evaluate(hand(), decided())
    assert found.basis.accounts == 5
    assert any("no list price" in each.text for each in found.cautions)
    bare = hand()
    bare = CustomerBase.from_tables({name: bare.table(name) for name in ("accounts", "mrr")})
    empty = stage_module().evaluate(bare, decided())
    assert (empty.key_figures, empty.findings[0].status) == ((), "unknown")
    assert "not known" in stage_module().summarise(empty.decision, empty)


def test_the_year_replayed_is_the_record_month_by_month(base: CustomerBase, tables: dict[str, pd.DataFrame]) -> None:
    """List and paid of each month are those of the accounts that were customers in it, added up by hand."""
    found = stage_module().evaluate(base, decided())
    accounts = tables["accounts"].set_index("account_id")
    rows = tables["mrr"].join(accounts[["seats"]], on="account_id")
    rows["list"] = rows["seats"] * rows["plan"].map(LIST)
    rows["least"] = np.maximum(rows["amount"], 0.9 * rows["list"])
    by_hand = rows.groupby("month")[["list", "amount", "least"]].sum()
    assert found.months["listed"].to_numpy() == pytest.approx(by_hand["list"].to_numpy())
    assert found.months["paid"].to_numpy() == pytest.approx(by_hand["amount"].to_numpy())
    assert found.months["least"].to_numpy() == pytest.approx(by_hand["least"].to_numpy(), rel=1e-5)


def test_the_exceptions_are_the_leak(base: CustomerBase) -> None:
    """What the listed accounts pay less adds up to the leak; each pays less than it may, and Bo sold to all of them."""
    found = stage_module().evaluate(base, decided())
    listed = found.tables["exceptions"]
    assert sum(listed["more"]) == pytest.approx(found.today.leak.estimate)
    assert (listed["off"] > listed["allowed"]).all()
    assert set(listed["seller"]) == {"Bo"}
    apart = next(each for each in found.findings if "seller" in each.title.lower())
    assert (apart.status, apart.measured) == ("watch", pytest.approx(0.25, abs=0.01))


@pytest.mark.parametrize(("looser", "tighter"), [({"floor": 0.6}, {"floor": 0.9}), ({}, {"bands": ()})])
def test_a_tighter_policy_never_leaks_less(base: CustomerBase, looser: dict[str, Any], tighter: dict[str, Any]) -> None:
    """Whoever lies below a loose policy lies below a tight one, and by as much or more."""
    many = {"bands": ({"id": "all", "name": "All", "most": 0.25},)}
    first, second = (stage_module().evaluate(base, decided(**{**many, **each})) for each in (looser, tighter))
    assert (second.today.beyond >= first.today.beyond - 1e-9).all()
    assert second.today.leak.estimate > first.today.leak.estimate


def test_a_term_is_allowed_for_only_where_a_contract_says_so(base: CustomerBase) -> None:
    """Who pays by the year may get more off; without contracts nobody is given it, and a caution says so."""
    term = {"terms": ({"id": "y", "name": "A year", "months": 12, "more": 0.2},)}
    found = stage_module().evaluate(base, decided(**term))
    bound = found.evidence.last["bound"].to_numpy() >= 12
    assert bound.any()
    assert not bound.all()
    assert found.allowed[bound] == pytest.approx(0.3)
    assert found.allowed[~bound] == pytest.approx(0.1)
    without = CustomerBase.from_tables({name: base.table(name) for name in ("accounts", "mrr", "usage", "plans")})
    blind = stage_module().evaluate(without, decided(**term))
    assert blind.allowed == pytest.approx(0.1)
    assert any("not on record" in each.text for each in blind.cautions)


def test_contracts_say_how_long_one_pays_and_is_bound() -> None:
    """A contract over two years paid by the month binds for 24 months; one that has ended binds nobody."""
    rows = [
        ("a", "2024-01-01", "2026-01-01", "month"),
        ("b", "2024-01-01", None, "year"),
        ("c", "2023-01-01", "2024-01-01", "year"),
    ]
    sold = pd.DataFrame(rows, columns=["account_id", "start", "end", "period"]).assign(amount=10.0)
    mrr = pd.DataFrame({"account_id": ["a", "b", "c"], "month": "2024-06-01", "amount": 1.0})
    found = contracts_in_force(
        CustomerBase.from_tables({"accounts": mrr[["account_id"]], "mrr": mrr, "subscriptions": sold}, currency="EUR")
    )
    np.testing.assert_array_equal(found.paid_for, [1, 12, np.nan])
    np.testing.assert_array_equal(found.bound, [24, 12, np.nan])


def test_a_replayed_bill_is_the_exact_one(base: CustomerBase) -> None:
    """Whoever is raised to the policy pays what the itemised bill with its discount comes to, to the cent."""
    found = stage_module().evaluate(base, decided())
    today, policy = found.evidence.today, found.decision.policy
    kept = under_policy(today, found.evidence.share, policy, found.evidence.contracts.bound)
    for row in found.evidence.last.index[found.today.beyond > 0]:
        account = str(today.rows.account_ids[today.rows.account[row]])
        bill = bill_at_least(today, account, "2024-12", policy)
        assert [line.kind for line in bill.lines][-1] == "discount"
        assert sum(line.amount for line in bill.lines) == bill.total
        assert abs(bill.total - Decimal(repr(float(kept.amounts[row])))) <= Decimal("0.005")


def test_the_interval_of_the_leak_holds_over_companies() -> None:
    """Of 60 companies drawn from one world, between 80% and 97% have its true leak per account in their interval."""
    deals, size = 60, 120
    random = np.random.default_rng(11)

    def leaks(count: int) -> np.ndarray:
        return np.where(random.random(count) < 0.3, np.exp(random.normal(3, 0.8, count)), 0.0)

    from workbench.stats import interval_of_draws, resampled_sums  # noqa: PLC0415 - the same two the stage asks

    true = 0.3 * np.exp(3 + 0.8**2 / 2) * size
    held = 0
    for seed in range(deals):
        drawn = leaks(size)
        found = interval_of_draws(resampled_sums(drawn[:, None], seed)[:, 0], float(drawn.sum()))
        held += found.low <= true <= found.high
    assert 0.8 <= held / deals <= 0.97


def test_the_starting_point_is_kept_by_most(base: CustomerBase) -> None:
    """At most a fifth of the deals of each size lie below it, and a larger deal never may get less off."""
    known = stage_module().gather(base)
    made = stage_module().suggest(base, Scenario(id="s", name="S"), evidence=known)
    assert [each.most for each in made.bands] == sorted(each.most for each in made.bands)
    off, listed = 1 - known.last["share"], known.last["listed"]
    for band, after in zip(made.bands, (*made.bands[1:], None), strict=True):
        here = (listed >= float(band.from_list)) & (listed < (np.inf if after is None else float(after.from_list)))
        assert (off[here] > band.most + 1e-9).mean() <= 0.2
    assert made == stage_module().suggest(base, Scenario(id="s", name="S").with_decision(made), evidence=known)


def test_impossible_policies_are_refused_in_words() -> None:
    """Two bands from one size, and a range the wrong way round, are named with their numbers."""
    kind = stage_module().Decision
    with pytest.raises(ImpossibleDocumentError, match="two bands begin at 5"):
        kind(bands=({"id": "a", "name": "A", "from_list": 5}, {"id": "b", "name": "B", "from_list": 5}))
    with pytest.raises(ImpossibleDocumentError, match="lower share first"):
        kind(leave_low=0.3, leave_high=0.1)


def test_the_panel_moves_the_policy_and_undo_takes_it_back(session: Session) -> None:
    """The floor has the field's bounds; bands are added and set in rows of their own; a deal tried answers at once."""
    panel = open_stage(session, "discounts")
    kind = stage_module().Decision
    before = session.scenario.decision(kind)
    box = panel.settings["floor"]
    assert (box.minimum, box.maximum, box.unit) == (0, 100, "%")
    box.value = 50
    panel.flush()
    assert session.scenario.decision(kind).floor == 0.5
    panel.buttons["terms.add"].click()
    panel.flush()
    assert len(session.scenario.decision(kind).terms) == len(before.terms) + 1
    for _ in range(2):
        session.undo()
        panel.flush()
    assert session.scenario.decision(kind) == before
    panel.close()


def test_report_and_workbook_show_it(told: tuple[str, list[str]]) -> None:
    """The leading picture, then the sections in the order of the view; figures and tables are in the workbook."""
    page, sheets = told
    own = section_of(page, "discounts")
    said = ["Discount by size of the deal", "<h3>A discount policy", "<h3>What is paid of the list"]
    places = [own.index(text) for text in said]
    assert places == sorted(places)
    assert "By segment, size and seller" in own
    for caption in ("The policy in money a month", "Discount by size of the deal", "What each account pays"):
        assert any(caption in sheet for sheet in sheets), caption


def test_a_file_for_others_names_no_seller(base: CustomerBase, study: Study) -> None:
    """Who sold to whom is about people: with aliases, nothing is worked out by seller."""
    shared = named(base, study, "alias", key=b"ours").base
    found = stage_module().evaluate(shared, decided())
    assert not found.evidence.has_sellers
    assert not any("seller" in each.title.lower() for each in found.findings)


def test_a_large_company_is_as_quick() -> None:
    """Ten thousand accounts draw no more dots than a page carries, and the tables hold the largest deals only."""
    base = CustomerBase.from_tables(company(accounts=10_000))
    found = stage_module().evaluate(base, decided())
    assert len(stage_module().figures(found)[0].data["dots"]) <= 300
    assert len(found.tables["realised"]) == 2_000


@pytest.mark.parametrize("off", [0.0, 0.1])
def test_a_start_that_is_the_same_for_all_sizes_says_so_and_passes_its_own_check(
    tables: dict[str, pd.DataFrame], off: float
) -> None:
    """Where everybody pays the same of the list, no sentence goes from a share to itself, and no approver is idle."""
    listed = tables["mrr"].assign(amount=tables["mrr"]["amount"] * 0 + 100.0 * (1 - off))
    plans = pd.DataFrame({"plan": ["Team"], "period": ["month"], "base_fee": [100.0]})
    accounts = pd.DataFrame({"account_id": tables["accounts"]["account_id"], "plan": "Team"})
    base = CustomerBase.from_tables({"accounts": accounts, "plans": plans, "mrr": listed.assign(plan="Team")})
    start = stage("discounts").module.suggest(base, Scenario(id="d", name="D"))
    assert {band.most for band in start.bands} == {off}
    result = stage("discounts").module.evaluate(base, Scenario(id="d", name="D").with_decision(start))
    said = stage("discounts").module.summarise(start, result)
    assert "small deals" not in said
    assert ("10% off at most" if off else "Nothing off") in said
    assert "Nobody pays less" in said
    order = next(each for each in result.findings if each.title == "The policy in itself")
    assert order.status == "ok", order.evidence
