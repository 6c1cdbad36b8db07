"""The scripts and the stylesheet that come with the kit, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_STATIC = Path(__file__).parent / "static"


@cache
def script(name: str) -> str:
    """Return the script of one widget, such as "live_chart"."""
    return (_STATIC / f"{name}.js").read_text(encoding="utf-8")


@cache
def stylesheet() -> str:
    """Return the one stylesheet of panels and of their static pictures."""
    return (_STATIC / "workbench.css").read_text(encoding="utf-8")
