"""Numbers that were decided, published or asked stand everywhere as they are; none reads like another."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import vl_convert
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from workbench.cli import app
from workbench.cli.printing import print_summary
from workbench.formatting import billed, exact, exact_money, exact_percent, priced
from workbench.locales import MINUS, minor_digits
from workbench.outputs import save_workbook
from workbench.report import gather_content, report_html, write_calculator, write_workbook
from workbench.report.questionnaire_page import questionnaire_data
from workbench.report.results_document import results_of
from workbench.research import ResearchError, example_design, read_design
from workbench.stages.comparison import differences_frame
from workbench.stages.figure import Figure, money_expression, priced_expression
from workbench.stages.offers import TierDecision
from workbench.study import Study
from workbench.tables import CENTS, DataTable, Number
from workbench.workspace import load_base

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.report import ReportContent

pytestmark = pytest.mark.slow

ROUNDED = re.compile(r"[$€](?:150|0\.01|1\.0[01]|300|500)(?![\d.,]\d|\d)|(?<![\d.,])1,00[01](?![\d.,]) calls")
"""What the prices of the study would be rounded to."""
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "SEK", "XXX")
DECIMALS = st.decimals(-(10**15), 10**15, places=9)
NUMBERS = st.one_of(DECIMALS, st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**18), 10**18))


def read_back(text: str) -> Decimal:
    """Read a written number the way a person does."""
    return Decimal(re.sub(r"[^\d.\-]", "", text.replace(MINUS, "-")))


@given(NUMBERS, st.sampled_from(CURRENCIES))
def test_an_exact_number_reads_back_as_itself(value: float | Decimal, currency: str) -> None:
    """No digit is lost or added, with thousands set apart, and cents come in full."""
    assert read_back(exact(value)) == Decimal(str(value))
    written = exact_money(value, currency)
    assert read_back(written) == Decimal(str(value))
    whole, _, cents = re.sub(r"[^\d.]", "", written).partition(".")
    assert not cents or len(cents) >= minor_digits(currency)
    assert not re.search(r"\d{4}", exact(int(whole)))
    assert read_back(exact_percent(value)) == Decimal(str(value)) * 100


@given(NUMBERS, NUMBERS)
def test_different_numbers_never_read_alike(one: float | Decimal, other: float | Decimal) -> None:
    """Two prices, or two levels, are written the same only where they are the same."""
    assume(Decimal(str(one)) != Decimal(str(other)))
    for write in (exact, exact_money, exact_percent):
        assert write(one) != write(other)


@given(st.decimals("0.0001", "99999", places=4), st.integers(1, 40))
def test_a_bill_of_decided_prices_loses_no_digit_to_binary_sums(price: Decimal, units: int) -> None:
    """Adding a price up in floats and writing what comes out gives the decimal product, or its cents."""
    summed = sum([float(price)] * units)
    assert read_back(priced(summed)) == price * units
    cents = (price * units).quantize(Decimal("0.01")) if price * units >= 1 else price * units
    assert abs(read_back(billed(summed)) - cents) <= (Decimal("0.01") if price * units >= 1 else 0)


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [
        (149.99, "USD", "$149.99"), (149.5, "USD", "$149.50"), (120, "USD", "$120"), (Decimal("1E+3"), "USD", "$1,000"),
        (0.0125, "EUR", "€0.0125"), (1.005, "SEK", "1.005 SEK"), (1.5, "KWD", "1.500 KWD"), (149.5, "JPY", "¥149.5"),
        (-0.0, "USD", "$0"), (-3.5, "USD", f"{MINUS}$3.50"), (1e-9, "USD", "$0.000000001"), (None, "USD", "unknown"),
    ],
)  # fmt: skip
def test_prices_look_as_on_a_price_list(value: float | None, currency: str, written: str) -> None:
    """Whole prices have no cents, others have them in full, and parts of a cent stay."""
    assert exact_money(value, currency) == written


def test_percentages_are_those_somebody_typed() -> None:
    """A share has the digits of its percentage, without the dust of a product."""
    assert [exact_percent(share) for share in (0.9995, 0.07, 0.29, 1, -0.02)] == [
        "99.95%", "7%", "29%", "100%", f"{MINUS}2%"
    ]  # fmt: skip
    assert exact_percent(0.9995, signed=True) == "+99.95%"


# What the product writes of one study


@pytest.fixture(scope="module")
def content(exact_study: Path) -> ReportContent:
    """Return what the report of the study says."""
    study = Study.load(exact_study)
    return gather_content(load_base(study, exact_study), study)


def text_of(page: str) -> str:
    """Return what a page says, its data included."""
    return " ".join(
        html.unescape(re.sub(r"<style.*?</style>|<script>.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)).split()
    )


def shown(value: object, form: str) -> str:
    """Write a cell as a spreadsheet shows it in its number format."""
    if not isinstance(value, int | float) or isinstance(value, bool) or form == "General":
        return exact(value) if isinstance(value, int | float) else str(value or "")
    first = form.split(";", maxsplit=1)[0]
    places = len(re.sub(r"[^0]", "", first.partition(".")[2]))
    number = f"{value * 100 if '%' in first else value:,.{places}f}"
    return re.sub(r"#,##0(\.0+)?", number, first).replace('"', "")


@pytest.fixture(scope="module")
def report(content: ReportContent) -> str:
    """Return the text of the report, with the words in the rows of its charts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.report.page.inline_chart_library", str)
        patch.setattr(Figure, "full_spec", lambda figure, **_: figure.rows())
        return text_of(report_html(content))


@pytest.mark.parametrize(
    "said",
    [
        "Start ($149.99 per account and month",
        "Audit pack at $1.005",
        "$0.0125 for each of the calls beyond 99.95 a month, at most $149.99 a month",
        "up to 1,000.5 calls then $0.0125 each",
        "rise by more than +99.95%",
        "at most +99.95% is allowed",
        "A bill rises by at most 99.95% a year",
        "1.25% to 99.95%",
        "at most 99.95%",
        "delivery cost of $149.99: cost plus 99.95%",
        "Uptime promised 1.25% 99.95%",
        "Price of a call $0.0125 $1.005",
        "Reference price $149.50",
        "0 1,000 $0.0125",
        "would buy at $99.99",
        "highest at $149.",
        "At $149.99 a month Start is bought by",
    ],
)
def test_the_report_says_what_was_decided(report: str, said: str) -> None:
    """Prices, limits, shares, thresholds and competitors' prices stand in the report as they were given."""
    assert said in report


def test_competitors_prices_stand_as_published(content: ReportContent) -> None:
    """The table of offers has the prices and limits of the data, one for the account and one for a call."""
    result = next(each.result for each in content.outcomes if each.stage.key == "anchoring")
    assert result.tables["offers"]["price as published"].tolist() == [
        "149.99 per account + 0.0125 per call and month",
        "149.50 per account and month, up to 9,999.5 calls",
    ]


def test_nothing_in_the_report_is_a_price_rounded(report: str) -> None:
    """No sentence, table or chart of the report names what a price of the study would be rounded to."""
    found = [report[max(0, hit.start() - 60) : hit.end() + 30] for hit in ROUNDED.finditer(report)]
    assert found == []


def test_every_cell_of_the_workbook_shows_the_whole_number(content: ReportContent, tmp_path: Path) -> None:
    """Cells hold the numbers as they are, and their formats show every digit."""
    book = load_workbook(write_workbook(content, tmp_path / "r.xlsx"))
    cells = [shown(cell.value, cell.number_format) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"$149.99", "149.99", "$0.0125", "$1.005", "1.005", "+99.95%"} <= set(cells)
    assert [cell for cell in cells if ROUNDED.search(cell)] == []


@pytest.mark.needs_stage("tiers")
def test_the_preview_the_calculator_and_the_comparison_show_them(exact_study: Path, tmp_path: Path) -> None:
    """Cards, price lists and the table of differences name the same prices as the study."""
    from workbench.stages.tiers.view_page import pricing_page  # noqa: PLC0415 - where the stage is installed

    study = Study.load(exact_study)
    base, (first, second) = load_base(study, exact_study), study.designs
    preview = text_of(pricing_page(first.decision(TierDecision), "USD"))
    calculator = text_of(write_calculator(base, study, tmp_path / "c.html").read_text(encoding="utf-8"))
    frame = differences_frame(first, second, "USD")
    assert "$149.99" in preview
    assert "1,000.5 calls included, then $0.0125 each" in preview
    assert "Base fee $149.99." in calculator
    assert "Base fee $1.005." in calculator
    assert "$0.0125 for each call. The first 99.95 are included. At most $149.99 a month." in calculator
    told = {tuple(row) for row in frame.iloc[:, 1:].to_numpy().tolist()}
    assert {("$149.99", "$149.50"), ("$0.0125", "$0.0149")} <= told
    assert not any(map(ROUNDED.search, (preview, calculator, frame.to_string())))


def test_the_terminal_and_the_log_name_them(exact_study: Path, content: ReportContent, capsys: Any) -> None:  # noqa: ANN401 - pytest's
    """`replay`, the summary of `run` and the decision log write prices and limits in full."""
    done = CliRunner().invoke(app, ["replay", str(exact_study)])
    assert done.exit_code == 0
    assert "at most +99.95% is allowed" in done.output
    print_summary(results_of(content))
    summary = capsys.readouterr().out
    assert "Start ($149.99 per account and month" in summary
    assert "Audit pack ($1.005 per account and month)" in summary
    log = " ".join(" ".join((each.what, *each.evidence, *each.findings)) for each in content.study.decisions)
    assert "$149.99" in log
    assert "$1.005" in log
    assert not any(map(ROUNDED.search, (done.output, summary, log)))


# Surveys


def pages(method: str, **fields: object) -> str:
    """Return everything the questionnaire of a method asks, as the page holds it."""
    return json.dumps(questionnaire_data(read_design(method, {"title": "T", **fields}))["versions"], ensure_ascii=False)


@pytest.mark.parametrize("method", ["price-ladder", "randomised-price"])
def test_a_survey_asks_the_price_it_records(method: str) -> None:
    """Charm prices and prices below a cent are asked as they are recorded, each in words of its own."""
    prices = [0.0125, 0.0149, 0.02, 1.005, 1.0051, 119.5, 119.99, 149.5, 149.99, 1234567.1, 1234567.2]
    steps = json.loads(pages(method, offer="O", prices=prices))
    asked = [step for version in steps for step in version]
    assert [step["price"] for step in asked] == prices
    assert [read_back(re.findall(r"\$[\d.,]+", step["title"])[0]) for step in asked] == [
        Decimal(str(p)) for p in prices
    ]
    assert len({step["id"] for step in asked}) == len(prices)


def test_levels_of_a_choice_are_shown_as_recorded() -> None:
    """Uptimes and prices that differ in the second decimal read differently."""
    attributes = [
        {"name": "price", "levels": [149.5, 149.99, 150]},
        {"name": "uptime", "levels": [99.5, 99.95, 99.99], "unit": "%"},
        {"name": "price_per_call", "levels": [0.0125, 0.0149]},
    ]
    told = pages("choice", attributes=attributes, tasks=6, versions=2)
    for words in ("$149.50 a month", "$149.99 a month", "$150 a month", "99.95 %", "99.99 %", '"0.0125"', '"0.0149"'):
        assert words in told


@pytest.mark.parametrize(
    "attribute",
    [
        {"name": "support", "levels": ["Email", "email"]},
        {"name": "support", "levels": ["By  mail", "By mail "]},
        {"name": "support", "levels": ["Mail\u200b", "Mail"]},
        {"name": "calls", "levels": ["1,000 a day", 1000], "unit": "a day"},
        {"name": "calls", "levels": [10, 20], "shown": {"10": "Some", "20": "some"}},
    ],
)
def test_levels_that_read_alike_are_refused(attribute: dict[str, object], tmp_path: Path) -> None:
    """A design in which a respondent could not tell two levels apart makes no page, and the command says which."""
    fields = {"title": "T", "attributes": [{"name": "price", "levels": [1, 2, 3]}, attribute], "tasks": 4}
    with pytest.raises(ResearchError, match=f"Two levels of {attribute['name']} read alike"):
        questionnaire_data(read_design("choice", fields))
    file = tmp_path / "d.json"
    file.write_text(json.dumps(fields))
    done = CliRunner().invoke(app, ["questionnaire", "choice", "--design", str(file), "-o", str(tmp_path / "q.html")])
    assert done.exit_code == 1
    assert not (tmp_path / "q.html").exists()


@pytest.mark.parametrize("method", ["best-worst", "feature-fit"])
def test_features_that_read_alike_are_refused(method: str) -> None:
    """Two features of the same words cannot be told apart either."""
    design = example_design(method)
    again = design.features[0].replaced(name=design.features[0].name.upper())
    with pytest.raises(ResearchError, match="Two features read alike"):
        questionnaire_data(design.replaced(features=(*design.features, again)))


# Tables


def test_tables_write_decided_numbers_in_full_and_estimates_rounded(tmp_path: Path) -> None:
    """Amounts keep their digits on screen and in a spreadsheet; a computed number is rounded."""
    amounts = pd.Series([149.99, 0.0125, 1.005, 1 / 3 + 1000, None], name="fee (USD)")
    table = DataTable.plain(amounts.to_frame(), {"fee (USD)": CENTS})
    assert table.cells() == [["149.99", "0.0125", "1.005", "1,000.33", "unknown"]]
    assert [Number(exactly=True).text(each) for each in (0.0125, 1.005)] == ["0.0125", "1.005"]
    sheet = load_workbook(save_workbook({"a": table}, tmp_path / "a.xlsx"))["a"]
    assert [shown(sheet.cell(row, 1).value, sheet.cell(row, 1).number_format) for row in range(2, 6)] == [
        "149.99", "0.0125", "1.005", "1,000.33"
    ]  # fmt: skip


def test_the_axis_of_a_chart_writes_prices_in_full() -> None:
    """Ticks at charm prices and parts of a cent read as themselves, cents in full; a part of one is no milli."""
    prices = [0.0125, 0.3, 1.005, 120.0, 149.5, 149.99, 1500.0]
    written = {digits: _labels(prices, money_expression("USD", digits)) for digits in ("", ",.2~s")}
    assert written[""] == [exact_money(price) for price in prices]
    assert written[",.2~s"] == ["$0.0125", "$0.30", "$1", "$120", "$150", "$150", "$1.5k"]
    bill = money_expression("SEK", value=priced_expression("datum.value"))
    assert _labels([0.0125, 154.320875], bill) == ["0.0125 SEK", "154.32 SEK"]


def _labels(values: list[float], expression: str) -> list[str]:
    spec = {
        "data": {"values": [{"x": value, "y": place} for place, value in enumerate(values)]},
        "transform": [{"calculate": expression.replace("datum.value", "datum.x"), "as": "label"}],
        "mark": "text",
        "encoding": {"y": {"field": "y", "type": "ordinal", "axis": None}, "text": {"field": "label"}},
    }
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec))
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawn)]
