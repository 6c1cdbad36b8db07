"""The page for those who speak with customers: prices and what stages declare for them, and nothing of the company."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from markupsafe import escape

from workbench.errors import FileError
from workbench.formatting import exact_percent, figure_value
from workbench.report import report_html, sections, write_report
from workbench.report.sections import told_outside
from workbench.stages.contract import stage

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent


@pytest.fixture(scope="module")
def outside(content: ReportContent) -> str:
    """Return the page."""
    return report_html(content, audience="customers")


def test_it_holds_every_offer_with_its_price(outside: str, content: ReportContent) -> None:
    """What a customer can buy, and what stages say of the way there."""
    tiers = next(each.decision.tiers for each in content.outcomes if each.stage.key == "tiers")
    assert [tier.name for tier in tiers if f'<th scope="row">{escape(tier.name)}</th>' not in outside] == []
    assert "per seat" in outside
    way = next(each for each in content.outcomes if each.stage.key == "migration")
    assert str(escape(way.summary)) in outside


def test_it_holds_no_figure_of_the_company_and_no_account(outside: str, content: ReportContent) -> None:
    """Neither money nor shares of key figures, nor findings, nor anybody's name."""
    for outcome in content.outcomes:
        for figure in outcome.result.key_figures:
            if figure.unit.isupper() and figure.value and figure.value > 1000:
                assert figure_value(figure) not in outside, figure.label
        for finding in outcome.result.findings:
            assert str(escape(finding.evidence)) not in outside
    names = content.base.accounts["account_id"].astype(str)
    assert [name for name in names if name in outside] == []
    assert 'class="chart"' not in outside


def test_a_section_is_there_once_its_stage_declares_it(content: ReportContent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report has no list of its own: the text of a stage says what people outside may read."""
    found = sections.words_at
    package = stage("tiers").package

    def words(place: str, *path: str, **settings: str) -> str:
        is_asked = (place, *path) == (package, "sections", "limits", "audience")
        return "customers" if is_asked else found(place, *path, **settings)

    opened = [each.stage.key for each in told_outside(content) if each.summary or each.sections]
    assert opened == ["migration"]
    monkeypatch.setattr(sections, "words_at", words)
    told = {each.stage.key: [one.key for one in each.sections] for each in told_outside(content) if not each.terms}
    assert told == {"tiers": ["limits"], "migration": []}


def test_the_terms_of_the_offer_are_told_of_what_is_decided(content: ReportContent, outside: str) -> None:
    """Discounts, a year in advance, currencies, who is offered an add-on: from the decision and nothing else."""
    told = {each.stage.key: each.terms for each in told_outside(content)}
    decided = {each.stage.key: each.decision for each in content.outcomes}
    assert set(told) == {"add_ons", "discounts", "annual_terms", "currency_lists", "migration"}
    for key in ("add_ons", "discounts", "annual_terms", "currency_lists"):
        assert all(str(escape(line)) in outside for line in told[key])
    assert all(any(band.name in line for line in told["discounts"]) for band in decided["discounts"].bands)
    assert any(exact_percent(decided["annual_terms"].discount) in line for line in told["annual_terms"])
    left_open = replace(content, scenario=content.scenario.without_decision("annual_terms"))
    assert "annual_terms" not in {each.stage.key for each in told_outside(left_open)}


def test_files_with_the_company_s_figures_are_not_written_beside_it(content: ReportContent, tmp_path: Path) -> None:
    """The workbook and the results are the team's."""
    with pytest.raises(FileError, match="own figures"):
        write_report(
            content.base, content.study, tmp_path / "a.html", results=tmp_path / "a.json", audience="customers"
        )
    assert list(tmp_path.iterdir()) == []
