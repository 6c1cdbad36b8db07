"""Research methods: what customers say about prices and features, each with intervals and its cautions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.research.answers import Answers, read_answers
    from workbench.research.errors import ResearchError

_HOMES = {
    "Answers": "workbench.research.answers",
    "ResearchError": "workbench.research.errors",
    "read_answers": "workbench.research.answers",
}

__all__ = [
    "Answers",
    "ResearchError",
    "read_answers",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
