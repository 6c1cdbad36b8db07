"""A stage in a few lines: what was decided, the key figures, how the findings stand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from workbench.rules.finding import STATUSES
from workbench.wording import figure_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.rules import Finding
    from workbench.stages.result import StageResult

_WORDS = {"ok": "met", "watch": "to watch", "breach": "not met", "unknown": "unknown"}


def conclusion(title: str, scenario: str, summary: str, result: StageResult, findings: Sequence[Finding]) -> str:
    """Return the stage as plain text, the same for the same decision and data."""
    counts = Counter(finding.status for finding in findings)
    standing = ", ".join(f"{counts[status]} {_WORDS[status]}" for status in reversed(STATUSES) if counts[status])
    lines = [f"{title}, scenario {scenario}", summary, *(f"- {figure_sentence(each)}" for each in result.key_figures)]
    lines.append(f"Rules: {standing or 'none applies yet'}.")
    lines += [f"- {each.rule_id} {_WORDS[each.status]}: {each.title}" for each in findings if each.status != "ok"]
    return "\n".join(lines)
