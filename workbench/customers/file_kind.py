"""Recognise files that are not what their name says: a picture, a PDF or a workbook named .csv."""

from __future__ import annotations

from typing import NamedTuple


class FileKind(NamedTuple):
    """What a file really is, and what to do about it."""

    name: str
    remedy: str


_EXPORT = "Export the table again as CSV, Excel or Parquet."
_STARTS = (
    (b"%PDF", FileKind("a PDF document", _EXPORT)),
    (b"\x89PNG", FileKind("a PNG picture", _EXPORT)),
    (b"\xff\xd8\xff", FileKind("a JPEG picture", _EXPORT)),
    (b"GIF8", FileKind("a GIF picture", _EXPORT)),
    (b"\x1f\x8b", FileKind("a gzip archive", "Unpack it first.")),
    (b"7z\xbc\xaf", FileKind("a 7-Zip archive", "Unpack it first.")),
    (b"PAR1", FileKind("a Parquet file", "Name it .parquet.")),
    (b"SQLite format 3", FileKind("an SQLite database", _EXPORT)),
    (b"\xd0\xcf\x11\xe0", FileKind("an old Office file", "Open it in Excel and save it as .xlsx.")),
    (b"{\\rtf", FileKind("a rich-text document", _EXPORT)),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")


def other_kind(data: bytes) -> FileKind | None:
    """Return what a file is when it is not plain text with columns; None when it may be."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"PK\x03\x04"):
        if b"xl/" in data[:4000] or b"xl/workbook" in data:
            return FileKind("an Excel workbook", "Name it .xlsx.")
        return FileKind("a zip archive", "Unpack it first.")
    opening = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if opening.startswith(_MARKUP):
        return FileKind("a web page or XML file", f"The download may have failed. {_EXPORT}")
    if opening.startswith((b"{", b"[{")):
        return FileKind("a JSON file", _EXPORT)
    return None
