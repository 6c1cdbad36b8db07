"""One name, one number: what a study says of revenue and customers is the same in every output, on three companies."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import altair as alt
import pytest
import shaped_companies
from jsonschema import ValidationError
from said import (
    SPOKEN_OF,
    WHEN,
    WHO,
    Number,
    Page,
    Said,
    Table,
    of_replay,
    of_results,
    of_workbook,
    read_number,
    without_names,
)
from typer.testing import CliRunner

from workbench.cli import app

if TYPE_CHECKING:
    from workbench.study import Study

pytestmark = pytest.mark.slow

NEAR = 1e-9
COMPANIES = {"sample": None, "usage": 4, "modules": 5}


@dataclass(frozen=True)
class Told:
    """Everything one company's study says: document, page, workbook, printed summary, printed replay."""

    name: str
    results: dict[str, Any]
    page: Page
    workbook: tuple[list[Said], list[Table]]
    summary: str
    replay: str
    charts: dict[str, dict[str, Any]]

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Return the figures of the document by id."""
        return {row["id"]: row for row in self.results["figures"]}

    @cached_property
    def given_names(self) -> set[str]:
        """Return the names people gave to offers and features."""
        offers = self.results["offers"]
        return {each["name"] for each in offers} | {name for each in offers for name in each["features"]}

    def said(self) -> list[Said]:
        """Return every number with a name that the law is about, wherever it stands."""
        every = [
            *of_results(self.results), *self.page.said(), *self.workbook[0], *of_replay(self.replay)
        ]  # fmt: skip
        return [each for each in every if self.is_spoken_of(each.name)]

    def is_spoken_of(self, text: str) -> bool:
        """Tell whether a name is one the law is about."""
        return SPOKEN_OF.search(without_names(text, self.given_names)) is not None

    def tables(self) -> list[Table]:
        """Return the tables of page and workbook that say what they hold."""
        return [*self.page.tables, *self.workbook[1]]

    def value(self, key: str) -> float:
        """Return a figure's value."""
        found: float = self.figures[key]["value"]
        return found


@pytest.fixture(scope="module", params=list(COMPANIES))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, decided_sample: Study) -> Told:
    """Return what a company's study says once it was run, and replayed, from the command line."""
    folder, seed = tmp_path_factory.mktemp(request.param), COMPANIES[request.param]
    study = folder / "study"
    if seed is None:
        decided_sample.save(study)
        given = ["run", str(study)]
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(shaped_companies.SIZES, "law", (120, 50))
            made = shaped_companies.tables(shaped_companies.company(request.param, seed, "law"))
        data = folder / "data"
        data.mkdir()
        for name, table in made.items():
            table.to_csv(data / f"{name}.csv", index=False)
        given = ["run", str(data), "--study", str(study)]
    html, document, book = (folder / name for name in ("report.html", "results.json", "report.xlsx"))
    run = CliRunner().invoke(app, [*given, "-o", str(html), "--json", str(document), "--xlsx", str(book)])
    assert run.exit_code == 0, run.output
    replay = CliRunner().invoke(app, ["replay", str(study)])
    assert replay.exit_code == 0, replay.output
    results = json.loads(document.read_text("utf-8"))
    text = html.read_text("utf-8")
    charts = re.search(r'id="chart-specs"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert charts is not None
    return Told(
        request.param, results, Page(text), of_workbook(book), run.output, replay.output, json.loads(charts[1])
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "off"),
    [
        ("$1,322,476", 1_322_476, 0.5),
        ("\u2212$850", -850, 0.5),
        ("$1.65M", 1_650_000, 5_000),
        ("6.9%", 0.069, 0.0005),
        ("36 accounts", 36, 0.5),
        ("12234.14", 12_234.14, 0.005),
    ],
)
def test_numbers_are_read_with_the_digits_they_are_written_in(text: str, value: float, off: float) -> None:
    """A number agrees with what it may be rounded from, and with nothing further away."""
    number = read_number(text)
    assert number is not None
    assert (number.value, number.off) == (pytest.approx(value), pytest.approx(off))
    assert number.agrees(Number(value + 0.9 * off, 0.0))
    assert not number.agrees(Number(value + 1.1 * off, 0.0))
    assert read_number("up to 250 seats") is None


STAGES = {
    "value_metric",
    "model_fit",
    "tiers",
    "add_ons",
    "anchoring",
    "willingness",
    "impact",
    "discounts",
    "migration",
    "steady",
    "growth_desk",
}
IF_KNOWN = {"annual_terms", "currency_lists", "expansion", "workshop"}
"""Stages that draw nothing where what they need is not on record, or nobody has given it."""
KINDS = {"layer": alt.TopLevelLayerSpec, "mark": alt.TopLevelUnitSpec, "facet": alt.TopLevelFacetSpec}


def test_every_chart_is_one_its_grammar_knows(told: Told) -> None:
    """Each stage draws charts of each kind of company, and each is a chart as it stands in the page.

    They are checked while they are built in tests, and what is changed in them afterwards is checked here.
    """
    assert {place.split("-")[1] for place in told.charts} - IF_KNOWN == STAGES
    for chart in told.charts.values():
        assert chart["datasets"]
        _check_chart(chart | {"datasets": {}})
    with pytest.raises(ValidationError):
        _check_chart(chart | {"datasets": {}, "description": 1})


def _check_chart(chart: dict[str, Any]) -> None:
    kind = next(KINDS[part] for part in KINDS if part in chart)
    kind.validate({"data": {"values": []}} | chart)


def test_one_name_has_one_value(told: Told) -> None:
    """Two numbers of one name, months and population are one number, whatever page they stand on."""
    groups: dict[tuple[str, str, str], list[Said]] = defaultdict(list)
    for each in told.said():
        if each.number is not None and each.where != "report":
            groups[each.name.casefold(), each.when, each.who].append(each)
    shown = [each for each in told.page.said() if each.number is not None and told.is_spoken_of(each.name)]
    for each in shown:  # on the page months and population stand together in one line
        for (name, when, who), others in groups.items():
            if name == each.name.casefold() and when in each.about and who in each.about:
                others.append(each)
    several = [group for group in groups.values() if len({each.where for each in group}) > 1]
    assert {each.where for group in several for each in group} == {"results", "report", "workbook", "replay"}
    differ = [
        (one, other)
        for group in groups.values()
        for one in group
        for other in group
        if one.number is not None and other.number is not None and not one.number.agrees(other.number)
    ]
    assert differ == []


def test_no_name_stands_without_its_basis(told: Told) -> None:
    """Whatever is called revenue, or pays more or less, says of whom and of when."""
    bare = [each for each in told.said() if not (WHO.search(each.about) or "add-on" in each.about)]
    bare += [each for each in told.said() if not WHEN.search(each.about)]
    assert bare == []


def test_no_table_stands_without_its_basis(told: Told) -> None:
    """A table with such a column says in its caption, or in columns of its own, of whom and of when it speaks."""
    spoken = [table for table in told.tables() if any(told.is_spoken_of(name) for name in table.header)]
    assert len(spoken) > 10
    first_page = [table for table in told.page.tables if not table.caption]
    bare = []
    for table in spoken:
        if table in first_page:
            continue
        words = f"{table.caption} {' '.join(table.header)}"
        if not (WHO.search(words) and WHEN.search(words)):
            bare.append((table.caption, table.header))
    assert bare == []


def test_marked_numbers_are_the_figures_they_name(told: Told) -> None:
    """What stands on the first page under a figure's id is that figure, to the digits written."""
    assert len(told.page.marked) > 10
    for key, text in told.page.marked:
        value, number = told.figures[key]["value"], read_number(text)
        assert (text == "unknown") is (value is None), (key, text)
        assert value is None or (number is not None and number.agrees(Number(value, 0.0))), (key, text, value)


def test_rows_of_tables_are_the_figures_they_name(told: Told) -> None:
    """A row that bears a figure's name holds its number, on the page and in the workbook."""
    names = {row["name"]: row for row in told.results["figures"] if row["value"] is not None}
    found = []
    for table in told.tables():
        for row in table.rows:
            if row and row[0] in names and told.is_spoken_of(row[0]):
                number = read_number(row[1])
                assert number is not None, row
                assert Number(number.value, max(number.off, 0.5)).agrees(Number(names[row[0]]["value"], 0.0)), row
                found.append(row[0])
    assert {"Revenue today, as paid", "Revenue of the new list, each account keeping its discount"} <= set(found)


def test_shares_per_tier_are_one(told: Told) -> None:
    """The share of accounts need places in a tier is the same in document, page and workbook, and sums to one."""
    tables = [table for table in told.tables() if {"Tier", "Share of accounts (%)"} <= set(table.header)]
    assert len(tables) >= 2
    for table in tables:
        place = table.header.index("Share of accounts (%)")
        shares = {row[0]: read_number(f"{row[place]}%") for row in table.rows}
        placed = {key.partition(".")[2]: key for key in told.figures if key.startswith("tier_share.")}
        assert placed
        for tier, key in placed.items():
            share = shares[tier]
            assert share is not None
            assert share.agrees(Number(told.value(key), 0.0005)), (tier, share)


def test_who_pays_more_is_one_share(told: Told) -> None:
    """Counted in the tables, compared over designs or said as a share: those who pay more, or less, are the same."""
    tables = [table for table in told.tables() if table.rows and table.rows[0][:1] == ["compared"]]
    assert len(tables) == 2
    for table in tables:
        numbers = {row[0]: read_number(row[1]) for row in table.rows}
        counted = {name: number.value for name, number in numbers.items() if number is not None}
        for words, key in (("pay more", "pay_more.share"), ("pay less", "pay_less.share")):
            assert counted[words] / counted["compared"] == pytest.approx(told.value(key), abs=NEAR)
        assert counted["MRR today"] == pytest.approx(told.value("revenue.today"), abs=0.5)
        assert counted["new bills"] == pytest.approx(told.value("revenue.net"), abs=0.5)
    (own,) = (row for row in told.results["page"]["alternatives"] if row["is_reported"])
    assert own["pay_more"] == pytest.approx(told.value("pay_more.share"), abs=NEAR)
    assert own["revenue_net"] == pytest.approx(told.value("revenue.net"))
    segments = told.results["page"]["segments"]
    for column, key in (("revenue_today", "revenue.today"), ("revenue_net", "revenue.net")):
        assert sum(row[column] for row in segments) == pytest.approx(told.value(key))


def test_add_ons_attach_and_bring_one_number(told: Told) -> None:
    """Attach and revenue of each add-on in the tables are those of the document."""
    tables = [table for table in told.tables() if {"Add-on", "Attach range"} <= set(table.header)]
    sold = [key.partition(".")[2] for key in told.figures if key.startswith("attach.")]
    assert bool(tables) is bool(sold)
    for table in tables:
        middle = next(at for at, name in enumerate(table.header) if name.startswith("Middle a month"))
        rows = {row[0]: row for row in table.rows}
        for name in sold:
            low, high = (read_number(each) for each in rows[name][table.header.index("Attach range")].split(" to "))
            assert low is not None
            assert high is not None
            share = Number((low.value + high.value) / 2, low.off)
            assert share.agrees(Number(told.value(f"attach.{name}"), 0.0)), name
            revenue = read_number(rows[name][middle])
            assert revenue is not None
            assert Number(revenue.value, 0.01).agrees(Number(told.value(f"add_on_revenue.{name}"), 0.0)), name


def test_the_printed_summary_says_the_same(told: Told) -> None:
    """Lines that bear a figure's name hold its number, and money stands under its months."""
    page = told.results["page"]
    assert f"Money a month, {page['basis']}" in told.summary
    assert all(month in page["basis"] for month in told.results["basis"]["months"])
    lines = dict(re.findall(r"^  ([^:\n]+): (\S+(?: accounts?)?)", told.summary, re.MULTILINE))
    pairs = [(step["label"], step["figure"]) for step in page["bridge"]]
    pairs += [(told.figures[key]["name"], key) for key in (*page["customers"], *page["baseline"])]
    assert len(pairs) > 8
    for label, key in pairs:
        value, text = told.figures[key]["value"], lines[label].rstrip(";")
        number = read_number(text)
        assert (value is None) is (number is None), (label, text)
        assert value is None or (number is not None and number.agrees(Number(value, 0.0))), (label, text, value)


def test_money_in_sentences_is_a_figure(told: Told) -> None:
    """Revenue a month in any summary is a figure of the document, rounded as all are."""
    texts = [stage["summary"] for stage in told.results["stages"].values()]
    texts += [told.results["page"]["verdict"]["text"]]
    money = [row for row in told.results["figures"] if row["id"].startswith("revenue.") and row["value"] is not None]
    figures = [row for row in told.results["figures"] if row["value"] is not None]
    known = {round(abs(row["value"])) for row in figures}
    known |= {round(abs(end)) for row in figures for end in (row["low"], row["high"]) if end is not None}
    changes = {round(abs(one["value"] - other["value"])) for one in money for other in money}
    for text in texts:
        for amount in re.findall(r"\$([\d,]{5,}) a month", text):
            assert int(amount.replace(",", "")) in known | changes, text


def test_need_and_choice_are_reconciled(told: Told) -> None:
    """One finding sets shares and revenue by need beside what customers would choose, in their own numbers."""
    (found,) = (each for each in told.results["findings"] if each["evidence"].startswith("Placed by need"))
    assert "because" in found["evidence"]
    money = re.findall(r"\$([\d,]+)", found["evidence"])
    assert int(money[0].replace(",", "")) == round(told.value("revenue.net"))
    assert int(money[1].replace(",", "")) == round(told.value("demand.revenue"))
    interval = told.figures["demand.revenue"]
    inside = interval["low"] <= told.value("revenue.net") <= interval["high"]
    assert found["status"] == ("met" if inside else "watch")
    assert found["measured"] == pytest.approx(told.value("demand.revenue") - told.value("revenue.net"))
    share, tier = re.findall(r"need, (\S+)% of [\d,]+ active accounts are in (.+?) and the new", found["evidence"])[0]
    assert float(share) == pytest.approx(100 * told.value(f"tier_share.{tier}"), abs=0.51)


def test_demand_is_one_estimate(told: Told) -> None:
    """What customers would choose is the same in the document, in its figures and on the page."""
    at_design = told.results["demand"]["at_design"]
    assert at_design["revenue"]["value"] == told.value("demand.revenue")
    assert at_design["accounts_kept"]["value"] == told.value("demand.accounts_kept")
    shown = [number for name, number in _key_figures(told) if name == told.figures["demand.revenue"]["name"]]
    assert len(shown) == 2
    assert all(number.agrees(Number(told.value("demand.revenue"), 0.0)) for number in shown)


def test_other_months_say_so(told: Told) -> None:
    """What a replay says of other months than the basis names them, and its guardrails say what is held with what."""
    assert "Revenue at list prices, all months together" in told.replay
    assert re.search(r" against Today, all months 20\d\d-\d\d to 20\d\d-\d\d together", told.replay)
    assert re.search(r"Guardrails, paid against paid.*\n.*paid against paid", told.replay)
    assert "List against list: " in told.replay


def _key_figures(told: Told) -> list[tuple[str, Number]]:
    return [(each.name, each.number) for each in (*told.page.said(), *told.workbook[0]) if each.number is not None]
