"""Native slides, ten and two of a workshop: nothing over the edge or over another, numbers of the report, no names."""

from __future__ import annotations

import html
import io
import re
import zipfile
from itertools import combinations
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import FileError
from workbench.report import gather_content, named
from workbench.report.results_document import results_of
from workbench.report.slides import slides_of, write_slides
from workbench.report.slides.drawing import column_widths, widest_word
from workbench.study import Study

pptx = pytest.importorskip("pptx")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.report import ReportContent

pytestmark = [pytest.mark.slow, *(pytest.mark.needs_stage(each) for each in ("tiers", "impact", "migration"))]
MANY = {"sample": 12, "template": 12, "bare": 10}  # two more where a workshop was held
_SIGNS = "+\N{MINUS SIGN}"
_AMOUNT = re.compile("[\N{MINUS SIGN}+]?" r"[$]\d[\d,]*(?:\.\d+)?[kMB]?|\d[\d,]*(?:\.\d+)?%")


def company_without_prices() -> tuple[CustomerBase, Study]:
    """Return two accounts with payments and nothing else: most of what slides show is unknown."""
    paid = pd.DataFrame(
        {"account_id": ["A-one", "B-two"], "month": "2024-01-01", "amount": [50, 90], "currency": "USD"}
    )
    return CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid}), Study.new("acme", "data")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a company's template: four to three, in its own colours, with a slide of its own on it."""
    place: Path = tmp_path_factory.mktemp("look") / "company.pptx"
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Our company"
    theme = next(each.target_part for each in deck.slide_master.part.rels.values() if each.reltype.endswith("/theme"))
    theme._blob = theme.blob.replace(b"4F81BD", b"7A1FA2")
    deck.save(place)
    return place


@pytest.fixture(scope="module")
def results(content: ReportContent) -> dict[str, Any]:
    """Return what the hostile study concludes."""
    return results_of(content)


@pytest.fixture(scope="module")
def decks(content: ReportContent, results: dict[str, Any], template: Path) -> dict[str, Any]:
    """Return slides of the sample as they are and in a template, and of a study that knows next to nothing."""
    bare = gather_content(*company_without_prices())
    files = {
        "sample": slides_of(content, results),
        "template": slides_of(content, results, template=template),
        "bare": slides_of(bare, results_of(bare)),
    }
    return {name: pptx.Presentation(io.BytesIO(file)) for name, file in files.items()}


def words_of(shape: Any) -> Iterator[str]:  # noqa: ANN401 - the library's own
    """Go through the texts of a shape: its own, its cells, and the labels of its chart."""
    if shape.has_text_frame:
        yield shape.text_frame.text
    if shape.has_table:
        yield from (cell.text_frame.text for row in shape.table.rows for cell in row.cells)
    if shape.has_chart:
        yield from re.findall(r"<a:t>([^<]*)</a:t>", shape.chart._chartSpace.xml)


@pytest.mark.parametrize("name", ["sample", "template", "bare"])
def test_slides_whose_titles_are_sentences(decks: dict[str, Any], name: str) -> None:
    """Each title says what to do, in three words at least, and is read first."""
    slides = list(decks[name].slides)
    assert len(slides) == MANY[name]
    for slide in slides:
        assert len(slide.shapes.title.text.split()) >= 3
        assert slide.shapes[0].shape_id == slide.shapes.title.shape_id
        assert slide.has_notes_slide
    assert len({slide.shapes.title.text for slide in slides}) == MANY[name]


@pytest.mark.parametrize("name", ["sample", "template", "bare"])
def test_no_shape_leaves_its_slide_or_lies_over_another(decks: dict[str, Any], name: str) -> None:
    """Boxes stand inside the slide and apart from each other, whatever people have typed."""
    deck = decks[name]
    for number, slide in enumerate(deck.slides, start=1):
        boxes = [(each.left, each.top, each.left + each.width, each.top + each.height) for each in slide.shapes]
        for left, top, right, bottom in boxes:
            assert left >= 0, number
            assert top >= 0, number
            assert right <= deck.slide_width, number
            assert bottom <= deck.slide_height, number
        for one, other in combinations(boxes, 2):
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (number, one, other)


@pytest.mark.parametrize("name", ["sample", "template", "bare"])
def test_charts_and_tables_are_native_and_described(decks: dict[str, Any], name: str) -> None:
    """Every chart opens with its sheet, every table with its cells; both say in words what they show; no pictures."""
    charts = 0
    for slide in decks[name].slides:
        for shape in slide.shapes:
            assert shape.shape_type != pptx.enum.shapes.MSO_SHAPE_TYPE.PICTURE
            if shape.has_chart or shape.has_table:
                assert len(shape._element._nvXxPr.cNvPr.get("descr")) > 10
            if shape.has_chart:
                charts += 1
                book = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
                cells = [cell for row in book["Sheet1"].iter_rows() for cell in row]
                assert "f" not in {cell.data_type for cell in cells}
                rows = list(book["Sheet1"].iter_rows(min_row=2, values_only=True))
                for at, each in enumerate(shape.chart.plots[0].series, start=1):
                    held = [row[at] for row in rows]
                    assert list(each.values) == pytest.approx(held)
    assert charts == (1 if name == "bare" else 4)


def numbers_in(found: Any) -> Iterator[float]:  # noqa: ANN401 - any JSON value
    """Go through all numbers of a document, those in its sentences left out."""
    if isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from numbers_in(each)
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield float(found)


def test_every_amount_is_one_of_the_report(decks: dict[str, Any], results: dict[str, Any], page: str) -> None:
    """Each amount and share on a slide stands in the report, or is one of the results to the digits it shows."""
    read = re.sub(r"<[^>]+>", " ", page).replace("\N{WORD JOINER}", "")
    report = {amount.lstrip(_SIGNS) for amount in _AMOUNT.findall(read)}
    figures = {row["id"]: row["value"] for row in results["figures"]}
    by_list = figures["revenue.list"] - figures["revenue.today_list"]
    known = [*numbers_in(results), figures["revenue.net"] - figures["revenue.today"] - by_list]
    said = {
        amount.lstrip(_SIGNS)
        for slide in decks["sample"].slides
        for shape in slide.shapes
        for text in words_of(shape)
        if "The columns are cut" not in text
        for amount in _AMOUNT.findall(text)
    }
    assert len(said) > 40
    for amount in said - report:
        scale = {"k": 1e3, "M": 1e6, "B": 1e9, "%": 0.01}.get(amount[-1], 1.0)
        digits = amount.strip("$%kMB").replace(",", "")
        last = scale * 10.0 ** -len(digits.partition(".")[2])
        assert any(abs(abs(each) - float(digits) * scale) <= 0.501 * last for each in known), amount


@pytest.mark.needs_stage("workshop")
def test_the_workshop_says_what_the_report_says(decks: dict[str, Any], results: dict[str, Any], page: str) -> None:
    """Agreement and decision per exercise, objections with their answers: each in the words of the report."""
    held = results["workshop"]
    tables = [shape.table for slide in list(decks["sample"].slides)[8:10] for shape in slide.shapes if shape.has_table]
    exercises, objections = ([[c.text_frame.text for c in row.cells] for row in list(each.rows)[1:]] for each in tables)
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert [row[0] for row in exercises] == [each["title"] for each in held["exercises"]]
    for row, each in zip(exercises, held["exercises"], strict=True):
        assert " ".join(row[1].split()) in shown, row
        assert row[2] == {True: "yes", False: "apart", None: ""}[each["agreed"]]
        assert (each["decision"] or "none yet").startswith(row[3].removesuffix("\N{HORIZONTAL ELLIPSIS}").strip()), row
    assert {row[0] for row in objections} == {each["objection"] for each in held["objections"]}
    assert all(row[0] in shown for row in objections)


def test_charts_hold_the_figures_of_the_results(decks: dict[str, Any], results: dict[str, Any]) -> None:
    """The bridge ends where the results do, by way of what lists differ by; scenarios stand as high as they bring."""
    figures = {row["id"]: row["value"] for row in results["figures"]}
    charts = [shape.chart for slide in decks["sample"].slides for shape in slide.shapes if shape.has_chart]
    below, whole, more, less = ([*each.values] for each in charts[0].plots[0].series)  # noqa: PD011 - a chart's
    assert (whole[0], whole[3]) == pytest.approx((figures["revenue.today"], figures["revenue.net"]))
    risen = (more[1] or 0) - (less[1] or 0)
    fallen = (more[2] or 0) - (less[2] or 0)
    assert risen == pytest.approx(figures["revenue.list"] - figures["revenue.today_list"])  # a list beside a list
    assert whole[0] + risen + fallen == pytest.approx(figures["revenue.net"])
    assert below[1] == pytest.approx(min(whole[0], whole[0] + risen))
    now, then = ([*each.values] for each in charts[2].plots[0].series)  # noqa: PD011 - as above
    rows = results["page"]["alternatives"]
    assert now == pytest.approx([each["revenue_net"] for each in rows])
    assert then == pytest.approx([each["in_12_months"] for each in rows])


def test_what_is_not_known_is_said_and_not_drawn(decks: dict[str, Any]) -> None:
    """A study without prices says why there is no chart; no slide is empty."""
    for slide in decks["bare"].slides:
        assert len(" ".join(text for shape in slide.shapes for text in words_of(shape)).split()) > 12
    told = " ".join(text for slide in decks["bare"].slides for shape in slide.shapes for text in words_of(shape))
    assert "Unknown" in told or "unknown" in told


def test_the_template_gives_its_look(decks: dict[str, Any]) -> None:
    """Its size and colours are kept, and its own slide is gone."""
    deck = decks["template"]
    assert (deck.slide_width, deck.slide_height) == (9144000, 6858000)
    assert "Our company" not in [slide.shapes.title.text for slide in deck.slides]
    xml = deck.slides[2].shapes[1]._element.xml
    assert 'schemeClr val="accent1"' in xml


def test_a_file_that_is_no_template_is_refused(tmp_path: Path) -> None:
    """The sentence names it, and nothing is written."""
    wrong = tmp_path / "notes.pptx"
    wrong.write_text("notes")
    with pytest.raises(FileError, match=r"notes\.pptx is no presentation"):
        write_slides(*company_without_prices(), tmp_path / "deck.pptx", template=wrong)
    assert not (tmp_path / "deck.pptx").exists()


def bytes_of(file: bytes) -> Iterator[str]:
    """Go through every part of a file, those of the workbooks inside it as well."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            if part[:2] == b"PK":
                yield from bytes_of(part)
            else:
                yield part.decode("utf-8", "replace")


def test_slides_name_no_account(content: ReportContent, part: CustomerBase, tmp_path: Path) -> None:
    """No id and no name of an account is in any part of the file, and nobody is its author."""
    accounts = part.accounts
    ours = named(part, content.study, "alias", key=b"ours")
    private = gather_content(ours.base, ours.study, naming=ours.naming)
    text = "\n".join(bytes_of(slides_of(private, results_of(private))))
    names = {*accounts["account_id"], *accounts["name"].dropna()}
    assert {each for each in names if each in text} == set()
    assert "zqa" not in text
    assert "<dc:creator>pricing-design-workbench</dc:creator>" in text
    base, study = company_without_prices()
    written = write_slides(base, study, tmp_path / "deck.pptx")
    assert write_slides(base, study, written) == written  # replaced, because it is ours
    (tmp_path / "theirs.pptx").write_bytes(b"PK theirs")
    with pytest.raises(FileError, match="not written by the workbench"):
        write_slides(base, study, tmp_path / "theirs.pptx")


@pytest.mark.parametrize("width", [2_000_000, 4_000_000, 9_000_000])
@pytest.mark.parametrize(
    "texts", [("Grade A", "About", "what shows it"), ("Figure", "$15,869,717", "35 accounts", "x")]
)
def test_no_column_is_too_narrow_for_its_longest_word_where_others_have_room(texts: list[str], width: int) -> None:
    """Grade in a narrow column was broken in two, and so was an amount."""
    parts = [0.2, *[3.0] * (len(texts) - 1)]
    wide = column_widths(texts, parts, width, 12)
    needed = [widest_word(each, 12) for each in texts]
    assert sum(wide) <= width
    if sum(needed) <= sum(int(width * part / sum(parts)) for part in parts):
        assert all(each >= least for each, least in zip(wide, needed, strict=True))
