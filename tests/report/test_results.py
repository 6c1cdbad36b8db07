"""What a study concludes, as a document for other tools: its contract, and that pages say nothing else."""

from __future__ import annotations

import html
import io
import json
import re
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from workbench.cache import with_copies
from workbench.cli.printing import print_summary
from workbench.report import gather_content, report_html
from workbench.report.result_figures import amount_in_words
from workbench.report.results_document import as_json, begin_results, results_of, results_schema
from workbench.stages.study_replay import scenario_standing
from workbench.workspace import sample_base

if TYPE_CHECKING:
    from workbench.report import ReportContent

pytestmark = pytest.mark.slow

REQUIRED = ("revenue.today", "revenue.list", "revenue.net", "revenue.after_reactions", "pay_more.share")
REQUIRED += ("pay_less.share", "nrr", "grr", "arpa", "accounts")
MODELS = {"value_metric", "tiered", "add_on", "usage_based", "hybrid"}


@pytest.fixture(scope="module")
def results(content: ReportContent) -> dict[str, Any]:
    """Return the document of the hostile study."""
    return results_of(content)


@pytest.fixture(scope="module")
def figures(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the figures by id."""
    return {each["id"]: each for each in results["figures"]}


def test_the_document_meets_its_schema(results: dict[str, Any]) -> None:
    """The schema in the package is valid, and what is written meets it."""
    schema = results_schema()
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(results)] == []


def test_the_same_study_gives_the_same_bytes(content: ReportContent, results: dict[str, Any]) -> None:
    """Neither the moment nor a revision is in it."""
    assert as_json(results_of(content)) == as_json(results)
    assert "revision" not in as_json(results)
    assert as_json(json.loads(as_json(results))) == as_json(results)


def test_the_figures_others_rely_on_are_there(results: dict[str, Any], figures: dict[str, dict[str, Any]]) -> None:
    """Every id of the contract is there once; what is unknown says why, and every range holds its value."""
    plans = [f"tier_share.{each['name']}" for each in results["offers"] if each["kind"] == "plan"]
    add_ons = [f"attach.{each['name']}" for each in results["offers"] if each["kind"] == "add_on"]
    assert len(figures) == len(results["figures"])
    for key in (*REQUIRED, *plans, *add_ons):
        assert key in figures
    for key, each in figures.items():
        assert (each["value"] is None) == bool(each["reason"]), key
        assert each["basis"], key
        if each["low"] is not None:
            assert each["low"] <= each["value"] <= each["high"], key


def test_revenue_is_that_of_the_one_engine(content: ReportContent, figures: dict[str, dict[str, Any]]) -> None:
    """The bridge adds up from the bills of single accounts, discounts kept."""
    stands, why = scenario_standing(content.base, content.study, content.scenario)
    assert stands is not None, why
    assert figures["revenue.net"]["value"] == pytest.approx(float(stands.net[stands.compared].sum()))
    listed = np.isfinite(stands.listed_today)
    assert stands.net[listed] == pytest.approx((stands.listed * stands.paid / stands.listed_today)[listed], nan_ok=True)
    paid = content.base.mrr
    last = paid.loc[paid["month"] == paid["month"].max(), "amount"].sum()
    assert figures["revenue.today"]["value"] == pytest.approx(float(last))


def test_models_are_named_as_agreed(results: dict[str, Any]) -> None:
    """Model fit ranks its five models, best first, with shares of first places that make a whole."""
    ranking = results["stages"]["model_fit"]["ranking"]
    assert {each["name"] for each in ranking} <= MODELS
    scores = [each["score"] for each in ranking if each["score"] is not None]
    assert scores == sorted(scores, reverse=True)
    assert sum(each["first"] or 0 for each in ranking) == pytest.approx(1)


def test_the_first_page_shows_figures_of_the_document(content: ReportContent, results: dict[str, Any]) -> None:
    """Each value on the page names its figure, and is that figure."""
    page = report_html(content, results)
    rows = {each["id"]: each for each in results["figures"]}
    shown = re.findall(r'data-figure="([^"]+)"[^>]*>([^<]*)<', page)
    assert len(shown) >= 12
    for key, text in shown:
        row = rows[key]
        assert text.replace("\u2060", "") == amount_in_words(row["value"], row["unit"], short=row["low"] is not None)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (873_052.8, "SEK", "873k SEK"),
        (-1_204_000, "SEK", "\u22121.20M SEK"),
        (68_640, "USD", "$68.6k"),
        (412, "SEK", "412 SEK"),
    ],
)
def test_an_estimate_has_its_scale_beside_the_number(value: float, unit: str, written: str) -> None:
    """Whichever side the currency stands on."""
    assert amount_in_words(value, unit, short=True).replace("\u2060", "").replace("\u00a0", " ") == written


def test_the_summary_says_what_the_page_says(results: dict[str, Any]) -> None:
    """The terminal has the verdict, every step of the money, every risk and every decision."""
    told = io.StringIO()
    with redirect_stdout(told):
        print_summary(results)
    page = results["page"]
    for part in (page["verdict"]["text"], page["test_first"], *(step["label"] for step in page["bridge"])):
        assert part in told.getvalue()
    for stage in results["stages"].values():
        assert stage["summary"] in told.getvalue()


def test_the_sample_launches_what_brings_more_and_keeps_what_it_turned_down(
    content: ReportContent, results: dict[str, Any], figures: dict[str, dict[str, Any]]
) -> None:
    """The team's decision is one the money speaks for; the design it turned down stands beside it and brings less."""
    assert results["page"]["verdict"]["status"] == "launch"
    rejected = content.study.designs[1]
    assert rejected.note.startswith("Rejected")
    stands, _ = scenario_standing(content.base, content.study, rejected)
    assert stands is not None
    assert stands.revenue_net < figures["revenue.today"]["value"] < figures["revenue.net"]["value"]


def test_whoever_loses_a_feature_in_use_is_a_risk_with_its_money(
    content: ReportContent, results: dict[str, Any]
) -> None:
    """What accounts pay that would have to buy what they use today: each counted once, whatever it uses."""
    result = next(each.result for each in content.outcomes if each.stage.key == "add_ons")
    lacking = {each.subject: each.measured for each in result.findings if each.rule_id == "A7" and each.measured}
    assert max(lacking.values()) <= result.losing.sum() <= sum(lacking.values())
    (risk,) = [each for each in results["page"]["risks"] if "their new tier lacks" in each["text"]]
    assert risk["money"] == pytest.approx(np.nansum(result.evidence.needs.mrr[result.losing]))


@pytest.mark.needs_stage("workshop")
def test_the_workshop_is_in_it_as_the_report_tells_it(content: ReportContent, results: dict[str, Any]) -> None:
    """Fourteen people by role; each option in the report's words, ranges that hold their value, nobody's name."""
    held, shown = results["workshop"], report_html(content, results)
    read = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())
    assert (held["people"], sum(each["people"] for each in held["roles"])) == (14, 14)
    ranges = [each[name] for each in held["exercises"] for name in ("kendalls_w", "krippendorffs_alpha") if each[name]]
    assert len(ranges) > 5
    ranges += [o[name] for e in held["exercises"] for o in e["options"] for name in ("median_quantiles",) if o[name]]
    assert all(each["low"] <= each["value"] <= each["high"] for each in ranges)
    for each in held["exercises"]:
        assert " ".join(each["measured"].split()) in read
        for option in each["options"]:
            if each["kind"] not in ("name", "ideas"):
                assert " ".join(option["said"].split()) in read, (each["key"], option["id"])
    assert set(held["roles"][0]) == {"role", "people"}
    assert '"alias"' not in as_json(held)


def test_no_verdict_is_kinder_than_its_money(results: dict[str, Any], figures: dict[str, dict[str, Any]]) -> None:
    """A launch is spoken for only where today's customers bring no less, and nine draws in ten agree."""
    if results["page"]["verdict"]["status"] == "launch":
        assert figures["revenue.net"]["value"] >= figures["revenue.today"]["value"]
        assert figures["chance_above_today.12_months"]["value"] >= 0.9


def test_results_are_the_same_when_copies_of_the_process_work_beside(
    content: ReportContent, results: dict[str, Any]
) -> None:
    """Choices fitted, prices searched and other designs forecast elsewhere: not one digit is another."""
    with with_copies():
        again = gather_content(sample_base(), content.study)
        begin_results(again)
        assert results_of(again) == results
