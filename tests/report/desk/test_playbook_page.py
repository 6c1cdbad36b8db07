"""The playbook as a document: a page for each trigger, what its past says, and nothing from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase
from workbench.growth.triggers import PLAYBOOK, Past, Playbook, back_test_triggers
from workbench.rendering.declared import open_stage
from workbench.rendering.session import Session
from workbench.report import files
from workbench.report.desk import playbook_html
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path


def base_of(accounts: int = 60, months: int = 24) -> CustomerBase:
    """Return accounts near the limit of their plan now and then, that pay more now and then."""
    chance = np.random.default_rng(4)
    names, when = [f"A{row:02}" for row in range(accounts)], pd.date_range("2023-01-01", periods=months, freq="MS")
    keys = {"account_id": np.repeat(names, months), "month": np.tile(when.strftime("%Y-%m"), accounts)}
    seats = chance.choice([5.0, 9.0], accounts * months)
    paid = 50.0 + 5 * np.cumsum(chance.random((accounts, months)) < 0.1, axis=1)
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": names, "plan": "Team"}),
            "usage": pd.DataFrame({**keys, "metric": "seats", "quantity": seats}),
            "mrr": pd.DataFrame({**keys, "amount": paid.ravel(), "plan": "Team"}),
            "plan_limits": pd.DataFrame({"plan": ["Team"], "metric": ["seats"], "limit": [10.0]}),
        },
        currency="USD",
    )  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    """Return the document of the playbook with the past of a company."""
    test = back_test_triggers(Past.of(base_of()), PLAYBOOK)
    return playbook_html(PLAYBOOK, test, switched_on=["near_limit"], about="acme, ours")


def test_each_trigger_has_a_page_with_its_rule_offer_sentence_person_and_past(page: str) -> None:
    """What stands in the playbook stands on the trigger's page, and the shares of the back-test beside it."""
    articles = re.findall(r"<article .*?</article>", page, re.DOTALL)
    assert len(articles) == len(PLAYBOOK.triggers)
    lift = back_test_triggers(Past.of(base_of()), PLAYBOOK)["near_limit"].lifts["expansion", 3]
    for told, trigger in zip(articles, PLAYBOOK.triggers.values(), strict=True):
        assert all(each in told for each in (trigger.rule, trigger.name, trigger.signals, trigger.say))
        assert trigger.offer[1:] in told
        assert trigger.who[1:] in told
        assert "Tested on what was on record on 2024-12-31" in told
    assert f'<td class="n">{lift.entries}</td>' in articles[0]
    assert f"{lift.followed:.0%}" in articles[0]
    assert ["is-so" in each for each in articles] == [True, False, False, False, False]
    assert "20% less for 90 days" in articles[4]
    assert "Unknown: only 0 entries" in articles[1]


def test_nothing_comes_from_elsewhere_and_no_name_is_markup(page: str) -> None:
    """No address, no script; what a team writes into a trigger is text."""
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|<script|@import|url\(", page)
    near = PLAYBOOK.triggers["near_limit"].model_copy(update={"name": "<b>Loud</b>", "say": "</style><i>"})
    told = playbook_html(Playbook(triggers={"near_limit": near}), "No revenue is on record.", switched_on=[])
    assert "<b>Loud" not in told
    assert "</style><i>" not in told
    assert "No revenue is on record." in told
    assert "Not tested on the past." in told


@pytest.mark.slow
def test_it_prints_a_page_for_each_trigger(page: str, tmp_path: Path) -> None:
    """Five triggers are five sheets."""
    if files.find_browser() is None:
        pytest.skip("needs Chromium or Chrome")
    written = tmp_path / "playbook.html"
    written.write_text(page, encoding="utf-8")
    printed = files.print_pdf(written, tmp_path / "playbook.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == len(PLAYBOOK.triggers)


@pytest.mark.needs_stage("expansion")
def test_the_button_of_the_stage_makes_it(tmp_path: Path) -> None:
    """The stage names the function that writes it, which is loaded when the button is pressed."""
    study = Study.new("acme", "data", currency="USD").save(tmp_path)
    panel = open_stage(Session(tmp_path, study, base=base_of()), "expansion")
    action = next(each for part in panel.view.sections for each in part.actions if each.key == "playbook_page")
    panel.act(action)
    assert panel.status.text == "The playbook has a page for each of 5 triggers."


@pytest.mark.needs_stage("expansion")
def test_the_command_writes_it(tmp_path: Path) -> None:
    """`workbench playbook STUDY -o playbook.html`; a file of somebody else's stays."""
    data, folder = tmp_path / "data", tmp_path / "study"
    data.mkdir()
    for name in ("accounts", "usage", "mrr", "plan_limits"):
        base_of().table(name).to_csv(data / f"{name}.csv", index=False)  # type: ignore[union-attr]
    Study.new("acme", data).save(folder)
    written = tmp_path / "out" / "playbook.html"
    done = CliRunner().invoke(app, ["playbook", str(folder), "-o", str(written)])
    assert done.exit_code == 0, done.output
    assert written.read_text(encoding="utf-8").count("<article ") == 5
    (tmp_path / "mine.html").write_text("mine", encoding="utf-8")
    assert CliRunner().invoke(app, ["playbook", str(folder), "-o", str(tmp_path / "mine.html")]).exit_code != 0
