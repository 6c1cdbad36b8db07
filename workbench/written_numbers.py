"""Numbers written for a reader, such as €1,200 or +12.5%, read back so that a spreadsheet shows them the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRITTEN = re.compile(
    r"(?P<sign>[+\-\u2212]?)(?P<symbol>[$€£¥₹]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<places>\d+))?"
    r"(?P<unit>%| [A-Z]{3})?"
)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number and the spreadsheet format in which it looks as it was written; 12% is the number 0.12."""

    value: float
    number_format: str


def written_numbers(cells: Sequence[object]) -> list[WrittenNumber | None]:
    """Return the number that each cell of a column writes with its unit, None for all other cells.

    A column is one of amounts when at least one cell is an amount of money or a percentage, and no other cell has a
    digit: words such as "unknown" may stand between them. Numbers without a unit stay text, for they may be names.
    """
    texts = [cell.strip() if isinstance(cell, str) else None for cell in cells]
    found = [None if text is None else _read(text) for text in texts]
    if any(text and number is None and _DIGIT.search(text) for text, number in zip(texts, found, strict=True)):
        return [None] * len(cells)
    return found


def _read(text: str) -> WrittenNumber | None:
    match = _WRITTEN.fullmatch(text)
    if match is None or bool(match["symbol"]) == bool(match["unit"]):
        return None
    places = match["places"] or ""
    value = float(f"{match['digits'].replace(',', '')}.{places or 0}")
    positive = f"#,##0{'.' + '0' * len(places) if places else ''}"
    if match["symbol"]:
        positive = f'"{match["symbol"]}"{positive}'
    elif match["unit"] == "%":
        positive, value = f"{positive}%", float(f"{value}e-2")
    else:
        positive = f'{positive}" {match["unit"].strip()}"'
    if match["sign"] in ("-", "\u2212"):
        value = -value
    plus = "+" if match["sign"] == "+" else ""
    return WrittenNumber(value, f"{plus}{positive};-{positive};{positive}")
