"""What all tests share: figures of the long checks on faults, kept in benchmarks/RELIABILITY.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.stages import figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RELIABILITY = Path(__file__).parent.parent / "benchmarks" / "RELIABILITY.md"
HEAD = "# Held under attack\n\nWritten by `make torture`: what was done to the product, and what came of it.\n"

figure.checks_charts = True  # every chart a test builds is one the chart package knows


@pytest.fixture
def reliability(request: pytest.FixtureRequest) -> Iterator[Callable[[str, object], None]]:
    """Return what notes a figure of a long check (`note("kills", 1000)`); a passed `torture` test keeps its figures.

    The chapter is the first line of the test's docstring. In tests that are no torture nothing is written.
    """
    figures: dict[str, object] = {}
    yield figures.__setitem__
    report = getattr(request.node, "call_report", None)
    if figures and request.node.get_closest_marker("torture") and report is not None and report.passed:
        title = (request.function.__doc__ or request.node.name).strip().splitlines()[0].rstrip(".")
        table = "".join(f"| {name} | {value} |\n" for name, value in figures.items())
        keep_chapter(title, f"| What | Figure |\n| --- | --- |\n{table}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures see whether their test passed."""
    report = yield
    if report.when == "call":
        item.call_report = report
    return report


def keep_chapter(title: str, text: str) -> None:
    """Put a chapter into RELIABILITY.md in place of its older one; the others stay as they were measured."""
    written = RELIABILITY.read_text(encoding="utf-8") if RELIABILITY.exists() else ""
    parts = re.split(r"^## (.+)$", written, flags=re.MULTILINE)[1:]
    chapters = dict(zip(parts[::2], parts[1::2], strict=True)) | {title: text}
    body = "".join(f"\n## {name}\n\n{content.strip()}\n" for name, content in sorted(chapters.items()))
    RELIABILITY.write_text(HEAD + body, encoding="utf-8")
