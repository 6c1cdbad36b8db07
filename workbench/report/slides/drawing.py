"""Native shapes on slides: titles, text, tables and charts in a template's own colours, none over another."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import FileError, MissingLibraryError
from workbench.outputs import GENERATOR, workbook_bytes
from workbench.stages.figure import PALETTE
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

say = texts(__name__)

INCH = 914_400
POINT = 12_700
WIDE, HIGH = round(13.333 * INCH), round(7.5 * INCH)
GAP = round(0.18 * INCH)
SOURCE_HEIGHT = round(0.34 * INCH)
TITLE_SIZES, TEXT_SIZES, TABLE_SIZES = (26, 24, 22, 20, 18), (18, 16, 15, 14, 13, 12), (14, 13, 12, 11, 10)
SOURCE_SIZE = 10
# The width of a letter in a wide typeface, that of a bold one or a digit, and the height of a line, of its size.
_LETTER, _BOLD, _LINE = 0.55, 0.64, 1.2
_INSET = 0.1 * INCH
_LONGEST_WORD = 18
_FOOTERS = {"DATE", "FOOTER", "SLIDE_NUMBER"}
_LIGHT = 0.45  # of a colour on which dark letters read better than white ones


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a slide, in the units of its file."""

    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """Return where it ends."""
        return self.top + self.height

    def rows(self, *parts: float, gap: int = GAP) -> list[Box]:
        """Cut it into boxes below each other, as high as these parts are to each other."""
        room = self.height - gap * (len(parts) - 1)
        found, top = [], self.top
        for part in parts:
            height = int(room * part / sum(parts))
            found.append(Box(self.left, top, self.width, height))
            top += height + gap
        return found

    def columns(self, *parts: float, gap: int = GAP) -> list[Box]:
        """Cut it into boxes beside each other, as wide as these parts are to each other."""
        room = self.width - gap * (len(parts) - 1)
        found, left = [], self.left
        for part in parts:
            width = int(room * part / sum(parts))
            found.append(Box(left, self.top, width, self.height))
            left += width + gap
        return found


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text: what stands first in bold, what follows, and whether it is one of a list."""

    text: str
    bold: str = ""
    listed: bool = False

    def __len__(self) -> int:
        """Count its letters."""
        return len(self.bold) + len(self.text) + 1


@dataclass(frozen=True, slots=True)
class Card:
    """A heading with lines below it, and what it says to those who cannot see it."""

    heading: str
    lines: Sequence[TextLine]
    described: str


def lines_needed(letters: int, width: int, size: float) -> int:
    """Return on how many lines so many letters stand."""
    return max(1, math.ceil(letters * size * POINT * _LETTER / max(1, width - 2 * _INSET)))


def text_height(lines: Iterable[TextLine], width: int, size: float) -> int:
    """Return how high a text stands."""
    rows = sum(lines_needed(len(each), width, size) + 0.3 for each in lines)
    return round(rows * size * POINT * _LINE + _INSET)


def fitting(lines: Sequence[TextLine], box: Box, sizes: Sequence[int]) -> int:
    """Return the largest size in which a text stands in a box; the smallest where none does."""
    words = " ".join(f"{each.bold} {each.text}" for each in lines)
    fits = (
        size
        for size in sizes
        if text_height(lines, box.width, size) <= box.height and words_stand(words, box.width, size)
    )
    return next(fits, sizes[-1])


def widest_word(text: str, size: float) -> int:
    """Return how wide a column has to be for the longest word of a text; one nobody could read aloud may break."""
    longest = max((len(word) for word in text.split() if len(word) <= _LONGEST_WORD), default=0)
    return math.ceil(longest * size * POINT * _BOLD + 2 * _INSET)


def words_stand(text: str, width: int, size: float) -> bool:
    """Tell whether the longest word of a text stands on a line whole."""
    return widest_word(text, size) <= width


def column_widths(texts: Sequence[str], parts: Sequence[float], width: int, size: float) -> list[int]:
    """Share a width among columns as `parts` say; one too narrow for its longest word takes from those with room."""
    wide = [int(width * part / sum(parts)) for part in parts]
    spare = [each - widest_word(text, size) for each, text in zip(wide, texts, strict=True)]
    lacking, room = -sum(min(0, each) for each in spare), sum(max(0, each) for each in spare)
    if not 0 < lacking <= room:
        return wide
    return [
        each - (over if over < 0 else math.ceil(over * lacking / room)) for each, over in zip(wide, spare, strict=True)
    ]


def open_presentation(template: Path | None) -> Any:  # noqa: ANN401 - the library's own
    """Return a presentation without slides: the template's, or one in the workbench's colours.

    Raises
    ------
    MissingLibraryError
        Without python-pptx.
    FileError
        For a template that is no presentation.
    """
    try:
        from pptx import Presentation  # noqa: PLC0415 - an optional extra
        from pptx.exc import PackageNotFoundError  # noqa: PLC0415
    except ImportError as error:
        raise MissingLibraryError(
            "Slides need python-pptx, which is not installed.", "Run: pip install 'pricing-design-workbench[slides]'."
        ) from error
    if template is None:
        return _own_look(Presentation())
    try:
        found = Presentation(str(template))
    except (PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise FileError(
            f"{template} is no presentation that can be a template.", "Name a .pptx or .potx file saved by PowerPoint."
        ) from error
    slides = found.slides._sldIdLst  # noqa: SLF001 - the library has no other way to take slides away
    for each in list(slides):
        found.part.drop_rel(each.rId)
        slides.remove(each)
    return found


def _own_look(presentation: Any) -> Any:  # noqa: ANN401 - the library's own
    """Make the library's own template wide, and give it our colours."""
    factor = WIDE / presentation.slide_width
    presentation.slide_width, presentation.slide_height = WIDE, HIGH
    pages = (presentation.slide_master, *presentation.slide_layouts)
    # Read before any is set: a layout that says no place has that of its master.
    places = [
        (shape, shape.left, shape.top, shape.width, shape.height) for page in pages for shape in page.placeholders
    ]
    for shape, left, top, width, height in places:
        is_title = shape.placeholder_format.type is not None and shape.placeholder_format.type.name == "TITLE"
        shape.left, shape.width = round(left * factor), round(width * factor)
        shape.top, shape.height = (round(0.3 * INCH), round(0.98 * INCH)) if is_title else (top, height)
    _set_titles(presentation.slide_master)
    theme = next(
        each.target_part for each in presentation.slide_master.part.rels.values() if each.reltype.endswith("/theme")
    )
    theme._blob = _recoloured(theme.blob)  # noqa: SLF001 - a part the library only carries along
    return presentation


def _set_titles(master: Any) -> None:  # noqa: ANN401 - the library's own
    """Have titles begin at the left, in bold and in the second dark colour."""
    from lxml import etree  # noqa: PLC0415 - comes with python-pptx

    drawn = "http://schemas.openxmlformats.org/drawingml/2006/main"
    style = master._element.find(f".//{{*}}titleStyle/{{{drawn}}}lvl1pPr")  # noqa: SLF001 - not in its interface
    style.set("algn", "l")
    letters = style.find(f"{{{drawn}}}defRPr")
    letters.set("b", "1")
    for each in letters.findall(f"{{{drawn}}}solidFill"):
        letters.remove(each)
    fill = etree.Element(f"{{{drawn}}}solidFill")
    etree.SubElement(fill, f"{{{drawn}}}schemeClr", val="tx2")
    letters.insert(0, fill)


def _recoloured(theme: bytes) -> bytes:
    from lxml import etree  # noqa: PLC0415 - comes with python-pptx

    tree = etree.fromstring(theme)
    names = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
    colours = dict(zip((f"accent{number}" for number in range(1, 7)), PALETTE.series, strict=False))
    for name, colour in {**colours, "dk2": "#1F3347"}.items():
        place = tree.find(f".//a:clrScheme/a:{name}", names)
        for each in list(place):
            place.remove(each)
        etree.SubElement(place, f"{{{names['a']}}}srgbClr", val=colour.lstrip("#"))
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


class Deck:
    """A presentation being written, slide after slide.

    Shapes are added in the order they are read, each in a box of its own.
    """

    def __init__(self, template: Path | None, source: str) -> None:
        self.presentation = open_presentation(template)
        self._source, self._own = source, template is None
        self._layout = self._title_only()
        self.slide: Any = None

    def new(self, title: str, notes: str) -> Box:
        """Begin a slide with a sentence as its title, and return the place below it."""
        self.slide = self.presentation.slides.add_slide(self._layout)
        head = self.slide.shapes.title
        for shape in list(self.slide.placeholders):
            if shape.placeholder_format.idx != head.placeholder_format.idx:
                shape._element.getparent().remove(shape._element)  # noqa: SLF001 - the library takes no shape away
        wide, high = self.presentation.slide_width, self.presentation.slide_height
        left, width = max(head.left, 0), min(head.width, wide - max(head.left, 0))
        box = Box(left, head.top, width, min(head.height, round(0.2 * high)))
        head.left, head.top, head.width, head.height = box.left, box.top, box.width, box.height
        self._write(head.text_frame, [TextLine(title)], fitting([TextLine(title)], box, TITLE_SIZES))
        self._left(head)
        self.slide.notes_slide.notes_text_frame.text = notes
        bottom = min((high - round(0.3 * INCH), *self._footers())) - SOURCE_HEIGHT
        self._foot = Box(left, bottom, width, SOURCE_HEIGHT)
        return Box(left, box.bottom + GAP, width, bottom - GAP - box.bottom - GAP)

    def finish(self) -> None:
        """End a slide with the line that says what its numbers speak of: it is read last."""
        number = len(self.presentation.slides)
        self.text([TextLine(f"{self._source}  {number}")], self._foot, (SOURCE_SIZE, 9))

    def text(self, lines: Sequence[TextLine], box: Box, sizes: Sequence[int] = TEXT_SIZES) -> None:
        """Write lines into a box, as large as they fit; what does not fit is counted instead."""
        kept = list(lines)
        while len(kept) > 1 and text_height([*kept, TextLine(" ")], box.width, sizes[-1]) > box.height:
            kept.pop()
        if len(kept) < len(lines):
            kept[-1] = TextLine(say("more", n=len(lines) - len(kept) + 1))
        shape = self.slide.shapes.add_textbox(box.left, box.top, box.width, box.height)
        shape.name = say("text")
        self._write(shape.text_frame, kept, fitting(kept, box, sizes))

    def cards(self, cards: Sequence[Card], box: Box, sizes: Sequence[int] = (16, 15, 14, 13, 12, 11)) -> None:
        """Draw cards beside each other: a band in the first colour with a heading, and a frame with lines below it."""
        from pptx.dml.color import RGBColor  # noqa: PLC0415 - an optional extra
        from pptx.enum.dml import MSO_THEME_COLOR  # noqa: PLC0415

        band = round(0.62 * INCH)
        places = box.columns(*[1.0] * len(cards))
        heads = [Box(each.left, each.top, each.width, band) for each in places]
        bodies = [Box(each.left, each.top + band, each.width, each.height - band) for each in places]
        # One size for all of them, that of the fullest.
        head_size = min(
            fitting([TextLine("", each.heading)], place, sizes) for each, place in zip(cards, heads, strict=True)
        )
        size = min(fitting(each.lines, place, sizes) for each, place in zip(cards, bodies, strict=True))
        ink = RGBColor(0, 0, 0) if self._is_light("ACCENT_1") else RGBColor(255, 255, 255)
        for card, head, body in zip(cards, heads, bodies, strict=True):
            for place, lines in ((head, [TextLine("", card.heading)]), (body, card.lines)):
                shape = self.slide.shapes.add_textbox(place.left, place.top, place.width, place.height)
                shape.name = card.heading
                shape.line.color.theme_color = MSO_THEME_COLOR.ACCENT_1
                self._describe(shape, card.heading if place is head else card.described)
                self._write(shape.text_frame, lines, head_size if place is head else size)
                self._left(shape, middle=place is head)
                if place is head:
                    shape.fill.solid()
                    shape.fill.fore_color.theme_color = MSO_THEME_COLOR.ACCENT_1
                    for run in shape.text_frame.paragraphs[0].runs:
                        run.font.color.rgb = ink

    def table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        box: Box,
        *,
        described: str,
        widths: Sequence[float] = (),
        numbers: Sequence[int] = (),
        bold: int | None = None,
        sizes: Sequence[int] = TABLE_SIZES,
    ) -> int:
        """Draw a table and return how high it stands; rows that do not fit are counted in its last one."""
        parts = widths or [1.0] * len(headings)
        every = [[str(row[at]) for row in (headings, *rows)] for at in range(len(headings))]

        def wide_at(size: int) -> list[int]:
            return column_widths([" ".join(cells) for cells in every], parts, box.width, size)

        def heights(size: int, shown: Sequence[Sequence[str]]) -> list[int]:
            wide = wide_at(size)
            return [
                round(
                    max(lines_needed(len(cell), width, size) for cell, width in zip(row, wide, strict=True))
                    * size * POINT * _LINE + _INSET
                )
                for row in (headings, *shown)
            ]  # fmt: skip

        def whole(size: int) -> bool:
            wide = wide_at(size)
            return all(words_stand(cell, wide[at], size) for row in (headings, *rows) for at, cell in enumerate(row))

        shown = list(rows)
        size = next((each for each in sizes if sum(heights(each, shown)) <= box.height and whole(each)), sizes[-1])
        while len(shown) > 1 and sum(heights(size, shown)) > box.height:
            shown = [*shown[:-2], [say("more", n=len(rows) - len(shown) + 2), *[""] * (len(headings) - 1)]]
        wide, tall = wide_at(size), heights(size, shown)
        frame = self.slide.shapes.add_table(len(shown) + 1, len(headings), box.left, box.top, sum(wide), sum(tall))
        self._describe(frame, described)
        for at, width in enumerate(wide):
            frame.table.columns[at].width = width
        for at, (row, height) in enumerate(zip((headings, *shown), tall, strict=True)):
            frame.table.rows[at].height = height
            for place, cell in enumerate(row):
                self._cell(
                    frame.table.cell(at, place),
                    cell,
                    size,
                    right=place in numbers,
                    head=at == 0,
                    bold=at == 0 or bold == at - 1,
                )
        return sum(tall)

    def chart(
        self,
        kind: str,
        labels: Sequence[str],
        series: Mapping[str, Sequence[float | None]],
        box: Box,
        *,
        described: str,
        colours: Sequence[str],
        named: Sequence[Sequence[str]],
        least: float | None = None,
        legend: bool = True,
    ) -> None:
        """Draw a chart that opens as one: `kind` is column, stacked or bar.

        For each series, `colours` has one of the theme, "" for one that nobody sees, and `named` the labels of its
        points. Text in its sheet stays text.
        """
        from pptx.chart.data import CategoryChartData  # noqa: PLC0415 - an optional extra
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION  # noqa: PLC0415
        from pptx.enum.dml import MSO_THEME_COLOR  # noqa: PLC0415
        from pptx.util import Pt  # noqa: PLC0415

        kinds = {"column": "COLUMN_CLUSTERED", "stacked": "COLUMN_STACKED", "bar": "BAR_CLUSTERED"}
        data = CategoryChartData(number_format="#,##0")
        data.categories = list(labels)
        for name, values in series.items():
            data.add_series(name, list(values))
        frame = self.slide.shapes.add_chart(XL_CHART_TYPE[kinds[kind]], box.left, box.top, box.width, box.height, data)
        self._describe(frame, described)
        chart = frame.chart
        # The library writes a label that begins like a formula as one; ours stays text.
        sheet = pd.DataFrame({" ": list(labels), **{name: list(values) for name, values in series.items()}})
        chart.part.chart_workbook.update_from_xlsx_blob(workbook_bytes({"Sheet1": sheet}))
        chart.font.size = Pt(12)
        chart.font.color.theme_color = MSO_THEME_COLOR.TEXT_1
        chart.has_title = False
        chart.has_legend = legend and len(series) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        chart.value_axis.has_major_gridlines = chart.value_axis.visible = False
        if least is not None:
            chart.value_axis.minimum_scale = least
        chart.category_axis.reverse_order = kind == "bar"
        chart.plots[0].gap_width, chart.plots[0].overlap = 40, 100 if kind == "stacked" else 0
        room = round(0.7 * box.width / max(1, len(labels))) if kind == "stacked" else box.width
        for one, colour, said in zip(chart.plots[0].series, colours, named, strict=True):
            _painted(one, colour)
            for point, text in enumerate(said):
                if text:
                    self._label(one.points[point].data_label, text, colour, room, inside=kind == "stacked")

    def _label(self, label: Any, text: str, colour: str, room: int, *, inside: bool) -> None:  # noqa: ANN401 - as above
        from pptx.dml.color import RGBColor  # noqa: PLC0415 - an optional extra
        from pptx.enum.chart import XL_LABEL_POSITION  # noqa: PLC0415
        from pptx.util import Pt  # noqa: PLC0415

        label.has_text_frame = True
        label.text_frame.text = text
        label.text_frame.word_wrap = False
        letters = label.text_frame.paragraphs[0].runs[0].font
        letters.size = Pt(max(8, min(12, int(room / POINT / _BOLD / len(text)))))
        if inside and colour:
            letters.color.rgb, letters.bold = RGBColor(*((0 if self._is_light(colour) else 255,) * 3)), True
        elif inside:
            label.position = XL_LABEL_POSITION.INSIDE_END

    def properties(self, title: str, when: datetime) -> None:
        """Say what the file is, and by what it was made; nobody's name."""
        known = self.presentation.core_properties
        known.title, known.author, known.last_modified_by = title, GENERATOR, GENERATOR
        known.subject = known.keywords = known.comments = known.category = ""
        known.created = known.modified = when.replace(tzinfo=None)
        known.revision = 1

    def content(self) -> bytes:
        """Return the file."""
        file = io.BytesIO()
        self.presentation.save(file)
        return file.getvalue()

    def _title_only(self) -> Any:  # noqa: ANN401 - the library's own
        """Return the layout with a title and the least beside it."""
        found = []
        for at, layout in enumerate(self.presentation.slide_layouts):
            kinds = [each.placeholder_format.type.name for each in layout.placeholders if each.placeholder_format.type]
            if "TITLE" in kinds:
                found.append((sum(kind not in {"TITLE", *_FOOTERS} for kind in kinds), at, layout))
        if not found:
            raise FileError(
                "The template has no layout with a title.", 'Add one, such as PowerPoint\'s own "Title Only".'
            )
        return min(found, key=lambda each: each[:2])[2]

    def _footers(self) -> list[int]:
        placed = (
            each
            for each in self._layout.placeholders
            if each.placeholder_format.type is not None and each.placeholder_format.type.name in _FOOTERS
        )
        half = self.presentation.slide_height // 2
        return [] if self._own else [each.top for each in placed if each.top and each.top > half]

    def _is_light(self, colour: str) -> bool:
        """Tell whether dark letters read better than white ones on a colour of the theme, such as ACCENT_1."""
        for each in self.presentation.slide_master.part.rels.values():
            if each.reltype.endswith("/theme"):
                _, _, after = each.target_part.blob.decode("utf-8", "replace").partition(
                    f":{colour.replace('_', '').lower()}>"
                )
                _, found, value = after.partition('srgbClr val="')
                return bool(found) and _is_light(value[:6])
        return False

    def _write(self, frame: Any, lines: Sequence[TextLine], size: int) -> None:  # noqa: ANN401 - the library's own
        from pptx.enum.text import MSO_AUTO_SIZE  # noqa: PLC0415 - an optional extra
        from pptx.util import Pt  # noqa: PLC0415

        frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
        for at, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            if at:
                paragraph.space_before = Pt(0.3 * size)
            for text, is_bold in ((line.bold, True), (line.text, False)):
                if text:
                    run = paragraph.add_run()
                    lead = "\N{BULLET} " if line.listed and text == (line.bold or line.text) else ""
                    after = " " if is_bold and line.text else ""
                    run.text = f"{lead}{_plain(text)}{after}"
                    run.font.size = Pt(size)
                    run.font.bold = True if is_bold else None

    @staticmethod
    def _left(shape: Any, *, middle: bool = False) -> None:  # noqa: ANN401 - the library's own
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN  # noqa: PLC0415 - an optional extra

        shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP
        for paragraph in shape.text_frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT

    def _cell(self, cell: Any, text: str, size: int, *, right: bool, head: bool, bold: bool) -> None:  # noqa: ANN401 - as above
        from pptx.dml.color import RGBColor  # noqa: PLC0415 - an optional extra
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN  # noqa: PLC0415 - an optional extra
        from pptx.util import Pt  # noqa: PLC0415

        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        cell.margin_top = cell.margin_bottom = round(0.03 * INCH)
        frame = cell.text_frame
        frame.word_wrap = True
        run = frame.paragraphs[0].add_run()
        run.text = _plain(text) or "\N{NO-BREAK SPACE}"  # an empty cell would be as high as the largest letters
        run.font.size = Pt(size)
        run.font.bold = True if bold else None
        if head and self._is_light("ACCENT_1"):
            run.font.color.rgb = RGBColor(0, 0, 0)
        frame.paragraphs[0].alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT

    @staticmethod
    def _describe(shape: Any, words: str) -> None:  # noqa: ANN401 - as above
        shape._element._nvXxPr.cNvPr.set("descr", _plain(words))  # noqa: SLF001 - the library has no alternative text


def _painted(series: Any, colour: str) -> None:  # noqa: ANN401 - the library's own
    """Give a series of a chart a colour of the theme; one without is not seen."""
    from pptx.enum.dml import MSO_THEME_COLOR  # noqa: PLC0415 - an optional extra

    fill = series.format.fill
    if colour:
        fill.solid()
        fill.fore_color.theme_color = getattr(MSO_THEME_COLOR, colour)
    else:
        fill.background()


def _plain(text: str) -> str:
    """Return a text without the signs that no document may hold."""
    return "".join(each for each in text if each >= " " or each in "\t\n")


def _is_light(colour: str) -> bool:
    """Tell whether dark letters read better on a colour than white ones."""
    if len(colour) != 6:  # noqa: PLR2004 - red, green, blue
        return False
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > _LIGHT
