"""A frame as an HTML table: caption, headers, numbers to the right, unknown said as such."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from workbench.cells import column_texts, heading, reads_to_the_right

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

MOST_ROWS = 200
_SHORT, _LONG = 16, 60  # letters: dates and the like stay on one line, sentences get room


def table(
    frame: pd.DataFrame | None,
    caption: str = "",
    *,
    formats: Mapping[str, Callable[[Any], str]] | None = None,
    most_rows: int = MOST_ROWS,
    numbers_right: bool = True,
) -> str:
    """Write a frame as a table; the first column names the rows, the index is left out.

    `formats` maps a column to what writes its values; other numbers are written to about three digits. Beyond
    `most_rows` rows the table says how many more there are. `numbers_right` False keeps every column to the left, for
    columns whose numbers have different units.
    """
    if frame is None or frame.columns.empty:
        return ""
    shown = frame.head(most_rows)
    columns = [column_texts(shown.iloc[:, at], (formats or {}).get(str(name))) for at, name in enumerate(shown.columns)]
    right = [numbers_right and reads_to_the_right(shown.iloc[:, at], texts) for at, texts in enumerate(columns)]
    kinds = [
        _kind(texts, aligned=aligned, names=at == 0)
        for at, (texts, aligned) in enumerate(zip(columns, right, strict=True))
    ]
    head = "".join(
        f'<th scope="col"{kind if aligned else ""}>{escape(heading(name))}</th>'
        for name, kind, aligned in zip(shown.columns, kinds, right, strict=True)
    )
    body = "".join(_row(texts, kinds) for texts in zip(*columns, strict=True))
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    more = len(frame) - len(shown)
    rest = f'<p class="wb-note">and {more:,} more rows</p>' if more > 0 else ""
    return (
        f'<div class="wb-scroll" tabindex="0" role="group" aria-label="{escape(caption or "Table")}">'
        f'<table class="wb-table">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}'
    )


def _row(texts: tuple[str, ...], kinds: list[str]) -> str:
    name, *values = texts
    cells = "".join(f"<td{kind}>{escape(text)}</td>" for text, kind in zip(values, kinds[1:], strict=True))
    return f'<tr><th scope="row"{kinds[0]}>{escape(name)}</th>{cells}</tr>'


def _kind(texts: list[str], *, aligned: bool, names: bool) -> str:
    """Write the class of a column's cells: amounts to the right, what is short on one line, sentences with room."""
    longest = max(map(len, texts), default=0)
    could_break = not names or any("-" in text for text in texts)
    kind = "wb-long" if longest > _LONG else "wb-short" if longest <= _SHORT and could_break else ""
    kind = "wb-right" if aligned else kind
    return f' class="{kind}"' if kind else ""
