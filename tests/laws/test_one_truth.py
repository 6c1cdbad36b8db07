"""One name, one number: what a study says about revenue and customers is the same wherever it says it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from workbench.report import gather_content
from workbench.report.results_document import results_of
from workbench.sample import sample_base, sample_folder, sample_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.report.content import ReportContent
    from workbench.results import KeyFigure

SPOKEN_OF = re.compile(r"revenue|\bmrr\b|pays? more|pays? less|mover|\bbuy\b|attach|placed in", re.IGNORECASE)
NEAR = 1e-9


def key_figures(content: ReportContent) -> Iterator[KeyFigure]:
    """Go through every key figure that a notebook or a report shows."""
    for outcome in content.outcomes:
        yield from outcome.result.key_figures
    yield from content.impact.key_figures
    yield from content.willingness.result.key_figures


def said(results: dict[str, Any]) -> Iterator[tuple[str, str, str, str, float | None]]:
    """Go through name, basis, population, period and value of everything said about revenue and customers."""
    for row in results["figures"]:
        if SPOKEN_OF.search(row["name"]):
            yield row["name"], row["basis"], row["population"], row["period"], row["value"]


@pytest.fixture(scope="module", params=["sample", "sample a year before"])
def told(request: pytest.FixtureRequest) -> tuple[ReportContent, dict[str, Any]]:
    """Return what a company's report says, and its document."""
    base = sample_base()
    study = sample_study(base, sample_folder())
    if request.param != "sample":
        base = base.up_to("2023-12-31")
    content = gather_content(base, study)
    return content, results_of(content)


def test_one_name_has_one_value(told: tuple[ReportContent, dict[str, Any]]) -> None:
    """Two figures of one name, basis, population and period are one number, in all stages."""
    found: dict[tuple[str, ...], set[float | None]] = defaultdict(set)
    for name, basis, population, period, value in said(told[1]):
        found[name.casefold(), basis, population, period].add(None if value is None else round(value, 6))
    assert {key: values for key, values in found.items() if len(values) > 1} == {}


def test_no_name_stands_without_its_basis(told: tuple[ReportContent, dict[str, Any]]) -> None:
    """Whatever is called revenue, or pays more or less, says of whom and of when."""
    bare = [name for name, basis, population, period, _ in said(told[1]) if not (basis and (population or period))]
    assert bare == []
    shown = [each.label for each in key_figures(told[0]) if SPOKEN_OF.search(each.label)]
    lacking = [
        each.label
        for each in key_figures(told[0])
        if SPOKEN_OF.search(each.label) and not (each.period and each.population)
    ]
    assert shown
    assert lacking == []


def test_who_pays_more_is_one_share(told: tuple[ReportContent, dict[str, Any]]) -> None:
    """The share that pays more, and revenue, are those of the one engine in every stage that shows them."""
    content, results = told
    figures = {row["id"]: row for row in results["figures"]}
    for key, label in (("pay_more.share", "Pay more"), ("pay_less.share", "Pay less")):
        shares = [each.value for each in key_figures(content) if each.label == label]
        assert shares
        for share in shares:
            assert share == pytest.approx(figures[key]["value"], abs=NEAR)
    revenue = [each.value for each in content.impact.key_figures if each.label.startswith("Revenue of the new list")]
    assert revenue == pytest.approx([figures["revenue.net"]["value"]])


def test_money_in_sentences_is_a_figure(told: tuple[ReportContent, dict[str, Any]]) -> None:
    """Revenue a month in any summary is a figure of the document, rounded as all are."""
    results = told[1]
    texts = [stage["summary"] for stage in results["stages"].values()]
    texts += [results["page"]["verdict"]["text"]]
    known = {round(abs(row["value"])) for row in results["figures"] if row["value"] is not None}
    known |= {round(abs(end)) for row in results["figures"] for end in (row["low"], row["high"]) if end is not None}
    changes = {round(abs(a["value"] - b["value"])) for a in _money(results) for b in _money(results)}
    for text in texts:
        for amount in re.findall(r"\$([\d,]{5,}) a month", text):
            assert int(amount.replace(",", "")) in known | changes, text


def test_demand_is_one_estimate(told: tuple[ReportContent, dict[str, Any]]) -> None:
    """What customers would choose is the same in the document, in its figures and in the section's sentence."""
    content, results = told
    figures = {row["id"]: row for row in results["figures"]}
    at_design = results["demand"]["at_design"]
    assert at_design["revenue"]["value"] == figures["demand.revenue"]["value"]
    if results["demand"]["status"] == "known":
        assert f"${round(at_design['revenue']['value']):,}" in content.willingness.summary


def _money(results: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in results["figures"] if row["id"].startswith("revenue.") and row["value"] is not None]
