"""About how long the parts of the commands take on an ordinary machine, for progress: measured in CPU seconds.

Before the data is read, its size on disk says how much there may be; once it is read, the parts that follow say again
what they expect. What a part takes on its first use, for the libraries it loads, is in its seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_PACKED = {".parquet": 8, ".pq": 8, ".xlsx": 8, ".xlsm": 8}
_BYTES_PER_ACCOUNT = 40.0  # of the table of accounts
_MANY = 10_000.0  # accounts


class Size(NamedTuple):
    """How much there is to work on."""

    accounts: int
    surveys: int = 0

    @property
    def many(self) -> float:
        """Return the accounts in tens of thousands."""
        return self.accounts / _MANY


class OnDisk(NamedTuple):
    """Some data before it is read: files, bytes of them all, those of packed files as what they unpack to."""

    files: int
    total: float
    size: Size

    @classmethod
    def of(cls, data: Path) -> OnDisk:
        """Look at a folder or a workbook."""
        files = [path for path in (data.iterdir() if data.is_dir() else [data]) if path.is_file()]
        sizes = {path.stem.casefold(): path.stat().st_size * _PACKED.get(path.suffix.lower(), 1) for path in files}
        total = float(sum(sizes.values()))
        accounts = next((size for name, size in sizes.items() if name.startswith("account")), total / 20)
        surveys = sum("survey" in name for name in sizes)
        return cls(len(files), total, Size(round(accounts / _BYTES_PER_ACCOUNT), surveys))

    @property
    def loading(self) -> float:
        """Return the seconds to read and check it."""
        return 0.3 + 0.06 * self.files + 5e-8 * self.total


def checking(tables: int, cells: int) -> float:
    """Return the seconds to check tables that are read."""
    return 0.35 + 0.02 * tables + 1.5e-7 * cells


def deciding(size: Size) -> dict[str, float]:
    """Return the seconds of each part of deciding every stage."""
    many = size.many
    return {"gather": 0.1 + 0.5 * many, "suggest": 1.0 + 0.6 * many, "record": 0.1 + 0.3 * many}


def reporting(size: Size, designs: int, *, priced: bool) -> dict[str, float]:
    """Return the seconds of each part of a report, its page as well; `priced`: the design has prices to search."""
    many = size.many
    return {
        "evidence": 0.4 + 0.12 * many,
        "others": (designs - 1) * (1.2 + 0.25 * many),
        "impact": 0.08 + 0.11 * many,
        "willingness": sum(asking(size, priced=priced).values()),
        "own": 0.1 + 0.26 * many,
        "page": sum(drawing(size).values()),
    }


def asking(size: Size, *, priced: bool) -> dict[str, float]:
    """Return the seconds to work out what customers would pay, and to search prices."""
    search = 0.1 + 0.8 * size.surveys if priced else 0.0
    return {"answers": 0.2 + 0.6 * size.surveys + 0.14 * size.many, "search": search}


def drawing(size: Size) -> dict[str, float]:
    """Return the seconds to wait for the chart library, and to make the figures and the page."""
    return {"library": 0.1, "figures": 2.0 + 0.1 * size.surveys + 1.1 * size.many}


def replaying(size: Size, counting: float = 0.0) -> dict[str, float]:
    """Return the seconds of each part of a replay; `counting` are those of raw events."""
    return {"replay": counting + 0.1 + 0.2 * size.many, "say": 0.05 + 0.06 * size.many}
