"""A study's scenarios replayed: the command's verdict and exit code, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.errors import StudyError
from workbench.sample import sample_base, sample_folder
from workbench.stages.study_replay import replay_study
from workbench.stages.tiers import Decision as TierDecision
from workbench.stages.tiers.decision import Tier
from workbench.study import Guardrails, Study

if TYPE_CHECKING:
    from workbench.customers import CustomerBase

AS_TODAY = TierDecision(
    tiers=(
        Tier(id="small", name="Small", price=29, price_per="seats", limits={"seats": 10}),
        Tier(id="middle", name="Middle", price=49, price_per="seats", limits={"seats": 50}),
        Tier(id="large", name="Large", price=79, price_per="seats"),
    )
)


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return the sample company before its move."""
    return sample_base()


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
    """Against recorded revenue, accounts on request are compared too, and the list caution is gone."""
    found = replay_study(base, _study(), against_recorded=True).scenarios[0].comparison
    assert found.before_name == "recorded revenue"
    assert not any("list prices" in caution.text for caution in found.cautions)
    assert len(found.accounts) > len(replay_study(base, _study()).scenarios[0].comparison.accounts)


def test_scenarios_without_an_offer_are_refused(base: CustomerBase) -> None:
    """An undecided scenario and the baseline cannot be replayed as designs, and the error names them."""
    study = Study.new("Trial", sample_folder())
    with pytest.raises(StudyError, match="'Design A' offers no plan"):
        replay_study(base, study)
    with pytest.raises(StudyError, match="baseline"):
        replay_study(base, _study(), ["baseline"])
