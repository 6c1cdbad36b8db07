"""Open a workbook: its sheets, its texts and how its dates are written, each part only as large as Excel makes it."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workbench.customers.sheet_xml import RefusedPartError, SheetReader, TextsReader, feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from workbench.customers.sheet_xml import Row

_MOST_PART_BYTES = 2 << 30  # of one sheet as XML; the largest table the reader takes has about 0.8 GB
_MOST_SETTING_BYTES = 16 << 20  # of the parts that say which sheets and styles there are
_MOST_SETTINGS = 500_000  # elements in them; Excel allows 65,490 styles
_TEXTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_USUAL_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Dates:
    """Which cell styles write a number as a date or as a duration, and how it is read."""

    styles: frozenset[int]
    durations: frozenset[int]
    read: Callable[[Any, bool], object]


class OpenWorkbook:
    """A workbook whose sheets are read one by one; `sheets` maps the titles of worksheets to their parts.

    Raises RefusedPartError for what Excel never writes; whatever else a damaged file makes the libraries raise is
    left to the caller.
    """

    def __init__(self, path: Path) -> None:
        from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 - slow to load, and needed for workbooks only
        from openpyxl.styles.stylesheet import apply_stylesheet  # noqa: PLC0415 - as above

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles and extensions no table needs
            book = ExcelReader(path, read_only=True, data_only=True, keep_links=False)
            self._archive = book.archive
            try:
                self._refuse_large_settings()
                book.read_manifest()
                book.read_workbook()
                apply_stylesheet(book.archive, book.wb)
                known = set(book.archive.namelist())
                self.sheets = {
                    sheet.name: relation.target
                    for sheet, relation in book.parser.find_sheets()
                    if relation.target in known and "chartsheet" not in relation.Type
                }
                strings = book.package.find(_TEXTS)
            except BaseException:
                self.close()
                raise
        found = book.wb
        self._texts_part = strings.PartName.removeprefix("/") if strings is not None else ""
        self._texts: list[str] | None = None
        styles = found._date_formats, found._timedelta_formats  # noqa: SLF001 - openpyxl has no other name for them
        self._dates = Dates(frozenset(styles[0]), frozenset(styles[1]), _date_reader(found.epoch))

    def rows(self, title: str) -> Iterator[Row]:
        """Yield the line and the cells with content of every row of a sheet that has any."""
        if self._texts is None:
            self._texts = self._shared_texts()
        reader = SheetReader(self._texts, self._dates)
        for _ in feed(reader, self._chunks(self.sheets[title])):
            yield from reader.taken()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def __enter__(self) -> Self:
        """Return the workbook."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _shared_texts(self) -> list[str]:
        reader = TextsReader()
        if self._texts_part in self._archive.namelist():
            for _ in feed(reader, self._chunks(self._texts_part)):
                pass
        return reader.texts

    def _chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part of the workbook piece by piece; its checksum is compared at the end."""
        part = self._archive.getinfo(name)
        if part.compress_type not in _USUAL_PACKING:
            raise RefusedPartError(f"{name} packed in a way Excel never does")
        if part.file_size > _MOST_PART_BYTES:
            raise RefusedPartError(f"{name} of {part.file_size:,} bytes", "a sheet of ordinary size")
        with self._archive.open(part) as file:
            while chunk := file.read(1 << 18):
                yield chunk

    def _refuse_large_settings(self) -> None:
        """Refuse parts that are read as a whole when they are larger than any program writes them."""
        for part in self._archive.infolist():
            name = part.filename
            if not (name.endswith((".rels", "styles.xml", "workbook.xml")) or name == "[Content_Types].xml"):
                continue
            elements = 0
            if part.file_size <= _MOST_SETTING_BYTES:
                elements = sum(chunk.count(b"<") for chunk in self._chunks(name))
            if part.file_size > _MOST_SETTING_BYTES or elements > _MOST_SETTINGS:
                raise RefusedPartError(f"{name} of {part.file_size:,} bytes", "settings of ordinary size")


def _date_reader(epoch: Any) -> Callable[[Any, bool], object]:  # noqa: ANN401 - the day openpyxl counts from
    """Return what makes a date or a duration of a number, and remembers both; what is no day stays a number."""
    from openpyxl.utils.datetime import from_excel  # noqa: PLC0415 - loaded when a workbook is

    @lru_cache(maxsize=1 << 16)
    def read(value: Any, is_duration: bool) -> object:  # noqa: ANN401 - a number
        try:
            return from_excel(value, epoch, timedelta=is_duration)
        except (OverflowError, ValueError):
            return value

    return read
