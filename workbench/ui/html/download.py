"""A file to save, carried by the page itself: it works without a server and without a kernel."""

from __future__ import annotations

import base64
from html import escape

_BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets read accents in CSV wrongly


def csv_link(label: str, filename: str, csv: str) -> str:
    """Write a link that saves `csv` under that name."""
    content = base64.b64encode((_BYTE_ORDER_MARK + csv).encode()).decode()
    href = f"data:text/csv;charset=utf-8;base64,{content}"
    return f'<p><a class="wb-download" download="{escape(filename)}" href="{href}">{escape(label)}</a></p>'
