"""A study's scenarios replayed: the command's verdict and exit code, and what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.impact import replay
from workbench.impact.price_realisation import on_request
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.study_replay import replay_study
from workbench.study import Guardrails, Study
from workbench.workspace import sample_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

AS_TODAY = TierDecision(
    tiers=(
        Tier(id="small", name="Small", price=29, price_per="seats", limits={"seats": 10}),
        Tier(id="middle", name="Middle", price=49, price_per="seats", limits={"seats": 50}),
        Tier(id="large", name="Large", price=79, price_per="seats"),
    )
)


@pytest.fixture(scope="module")
def base(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company before its move."""
    return sample_company


def _study(price: int = 79) -> Study:
    study = Study.new("Trial", sample_folder(), as_of="2024-12-31")
    tiers = (*AS_TODAY.tiers[:2], AS_TODAY.tiers[2].replaced(price=price))
    return study.with_scenario(study.designs[0].with_decision(AS_TODAY.replaced(tiers=tiers)))


def test_doubling_the_top_price_crosses_the_guardrails(base: CustomerBase) -> None:
    """Twice the price of the largest plan is a steep rise for its accounts, with those accounts named."""
    done = replay_study(base, _study(158))
    (found,) = done.scenarios
    assert not done.passed
    crossed = {check.key for check in found.guardrails.failures}
    assert {"most_rise_in_top_ten", "most_p95_rise"} <= crossed
    assert found.comparison.before_name == "Today"
    assert done.reconciliation is not None
    assert done.reconciliation.replay is done.baseline


def test_needs_are_read_as_each_scenario_reads_them(base: CustomerBase) -> None:
    """Two designs that differ in how often a feature must be used place accounts as replays with those settings do."""
    tiers = (
        Tier(id="plain", name="Plain", price=20, price_per="seats"),
        Tier(id="open", name="Open", price=40, price_per="seats", features=("Open API",)),
    )
    study = Study.new("Trial", sample_folder(), as_of="2024-12-31").duplicate_scenario("design-a", "Strict")
    for scenario, uses in zip(study.designs, (1, 40), strict=True):
        decision = TierDecision(tiers=tiers, minimum_uses=uses, needs_months=2)
        study = study.with_scenario(scenario.with_decision(decision))
    done = replay_study(base, study)
    assert [each.scenario_id for each in done.scenarios] == ["design-a", "strict"]
    for found, uses in zip(done.scenarios, (1, 40), strict=True):
        alone = replay(base, found.replay.book, months=12, needs_months=2, minimum_uses=uses)
        assert found.replay.revenue == alone.revenue
    assert done.scenarios[0].replay.revenue > done.scenarios[1].replay.revenue


def _save_one_account(place: Path, **settings: str) -> None:
    """Save a study of one account that paid 10 for two seats in one month."""
    data = place / "data"
    data.mkdir()
    (data / "accounts.csv").write_text("account_id\na\n")
    (data / "mrr.csv").write_text("account_id,month,amount,plan\na,2024-01,10,Team\n")
    (data / "usage.csv").write_text("account_id,month,metric,quantity\na,2024-01,seats,2\n")
    (data / "plans.csv").write_text("plan,metric,unit_price\nTeam,seats,5\n")
    study = Study.new("Trial", data, **settings)
    study.with_scenario(study.designs[0].with_decision(AS_TODAY)).save(place / "study")


def test_a_guard_that_could_measure_nothing_is_no_pass(tmp_path: Path) -> None:
    """Where no account has a bill on both sides, the exit code is 1 and the reason is said."""
    _save_one_account(tmp_path)
    (tmp_path / "data" / "mrr.csv").unlink()
    (tmp_path / "data" / "accounts.csv").write_text("account_id,plan\na,Tem\n")
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--guard"])
    assert done.exit_code == 1
    assert "plan not in the price book" in done.output
    assert "No account has a bill on both sides" in done.output


def test_amounts_carry_the_studys_currency_where_the_data_names_none(tmp_path: Path) -> None:
    """What a study of euros prints is in euros, though no table says so."""
    _save_one_account(tmp_path, currency="EUR")
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--recorded"])
    assert done.exit_code == 0, done.output
    assert "recorded revenue (EUR, 2024-01 to 2024-01)" in done.output
    assert "Revenue at list prices, all months together: €58 (2024-01" in done.output
    assert "Revenue of the new list, before discounts: €58 (last complete month, 2024-01, 1 account" in done.output


def test_designs_are_held_against_what_was_paid_without_a_list_of_todays_prices(tmp_path: Path) -> None:
    """What was paid is the baseline where there is no table of plans, asked for with --recorded or not."""
    _save_one_account(tmp_path, currency="EUR")
    with_list = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--recorded", "--guard"])
    (tmp_path / "data" / "plans.csv").unlink()
    unasked = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--guard"])
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--recorded", "--guard"])
    assert unasked.output == done.output
    assert done.exit_code == with_list.exit_code == 1, done.output
    assert "No list of today's prices" in done.output
    begins = "Design A against recorded revenue"
    assert done.output.partition(begins)[2] == with_list.output.partition(begins)[2] != ""
    (tmp_path / "data" / "mrr.csv").unlink()
    refused = CliRunner().invoke(app, ["replay", str(tmp_path / "study")])
    assert "--recorded" in str(refused.exception)


def test_retention_looks_back_a_year_or_as_far_as_there_are_bills(tmp_path: Path) -> None:
    """Its line says over how many months; of a single month nothing can be said."""
    _study().save(tmp_path / "study")
    one, year, longer = (
        CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--months", months]).output
        for months in ("1", "12", "20")
    )
    assert "Net revenue retention: unknown (1 month to 2024-12, it takes two months of bills to see)" in one
    assert re.search(r"Net revenue retention: 10\d% \(11 months to 2024-12, [\d,]+ accounts billed in all", year)
    assert re.search(r"Net revenue retention: 10\d% \(12 months to 2024-12, [\d,]+ accounts billed in all", longer)
    assert "Not billed, price on request" in longer


@pytest.mark.parametrize("option", ["--engine=spark", "--memory=2GiB", "--grace-days=1", "--late=own month"])
def test_settings_of_events_without_events_are_refused(tmp_path: Path, option: str) -> None:
    """An option that would do nothing is named, with the one it needs."""
    _study().save(tmp_path / "study")
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), option])
    assert done.exit_code == 2
    assert option.split("=", maxsplit=1)[0] in done.output
    assert "--events" in done.output


def test_the_command_exits_with_1_only_with_guard_and_a_failure(tmp_path: object) -> None:
    """`--guard` turns a crossed guardrail into exit code 1; without it the same table exits with 0."""
    run = CliRunner()
    _study(158).save(tmp_path / "steep")
    steep = run.invoke(app, ["replay", str(tmp_path / "steep"), "--guard"])
    assert steep.exit_code == 1
    assert "FAIL" in steep.output
    assert "accounts: Q" in steep.output
    assert run.invoke(app, ["replay", str(tmp_path / "steep")]).exit_code == 0
    off = dict.fromkeys(name for name in Guardrails.model_fields if name.startswith(("least", "most")))
    _study(158).with_guardrails(**off).save(tmp_path / "free")
    assert run.invoke(app, ["replay", str(tmp_path / "free"), "--guard"]).exit_code == 0


def test_the_record_can_be_the_other_side(base: CustomerBase) -> None:
    """Recorded revenue and what is paid of a list speak of the same accounts; list against list of those with two."""
    found = replay_study(base, _study(), against_recorded=True).scenarios[0].comparison
    assert found.before_name == "recorded revenue"
    assert not any("with its like" in caution.text for caution in found.cautions)
    usual = replay_study(base, _study()).scenarios[0]
    assert len(found.accounts) == len(usual.comparison.accounts)
    assert usual.lists is not None
    assert len(found.accounts) > len(usual.lists.accounts)


def test_scenarios_without_an_offer_are_refused(base: CustomerBase) -> None:
    """An undecided scenario and the baseline cannot be replayed as designs, and the error names them."""
    study = Study.new("Trial", sample_folder())
    with pytest.raises(StudyError, match="'Design A' offers no plan"):
        replay_study(base, study)
    with pytest.raises(StudyError, match="baseline"):
        replay_study(base, _study(), ["baseline"])


def test_revenue_is_held_paid_against_paid(tmp_path: Path) -> None:
    """By hand: 8 paid of a list of 10 is a discount of a fifth, so a list of 20 brings 16: twice, paid and by list."""
    _save_one_account(tmp_path)
    (tmp_path / "data" / "mrr.csv").write_text("account_id,month,amount,plan\na,2024-01,8,Team\n")
    study = Study.load(tmp_path / "study")
    tiers = (Tier(id="one", name="One", price=10, price_per="seats"),)
    study = study.with_scenario(study.designs[0].with_decision(TierDecision(tiers=tiers)))
    base = CustomerBase.load(tmp_path / "data")
    (found,) = replay_study(base, study).scenarios
    assert found.lists is not None
    assert (found.lists.revenue_before, found.lists.revenue_after) == (10, 20)
    assert (found.comparison.revenue_before, found.comparison.revenue_after) == (8, pytest.approx(16))
    assert "paid against paid" in found.guardrails.checks[0].sentence
    assert found.standing is not None
    assert (found.standing.revenue_today, found.standing.revenue_net) == (8, pytest.approx(16))
    (tmp_path / "data" / "mrr.csv").unlink()
    (tmp_path / "data" / "accounts.csv").write_text("account_id,plan\na,Team\n")
    (unpaid,) = replay_study(CustomerBase.load(tmp_path / "data"), study).scenarios
    assert unpaid.comparison.revenue_before == 10
    assert "list against list" in unpaid.guardrails.checks[0].sentence


def test_whoever_has_a_contract_today_keeps_it(base: CustomerBase) -> None:
    """Accounts on request stay on request where the design has such a plan, and pay what they pay."""
    custom = Tier(id="custom", name="Custom", price=None)
    study = Study.new("Trial", sample_folder(), as_of="2024-12-31")
    decision = AS_TODAY.replaced(tiers=(*AS_TODAY.tiers, custom))
    done = replay_study(base, study.with_scenario(study.designs[0].with_decision(decision)))
    assert done.baseline is not None
    (found,) = done.scenarios
    contracts = on_request(done.baseline)
    assert contracts.any()
    assert on_request(found.replay)[contracts].all()
    rows = found.replay.rows
    assert rows.recorded is not None
    assert found.comparison.after.amounts[contracts] == pytest.approx(rows.recorded[contracts])


def test_the_command_takes_the_studys_basis_or_another(tmp_path: Path) -> None:
    """Figures of revenue name the months they speak of; another basis is for this replay alone."""
    _study().save(tmp_path / "study")
    said = CliRunner().invoke(app, ["replay", str(tmp_path / "study")]).output
    other = CliRunner().invoke(app, ["replay", str(tmp_path / "study"), "--basis", "twelve-months"]).output
    assert "(last complete month, 2024-12, 522 accounts that paid)" in said
    assert "(mean of the last twelve months, 2024-01 to 2024-12, 565 accounts that paid)" in other
    assert Study.load(tmp_path / "study").basis == "last complete month"
