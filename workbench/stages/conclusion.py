"""A stage in a few lines: what was decided, the key figures, how the findings stand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from workbench.wording import figure_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.rules import Finding
    from workbench.stages.result import StageResult

# What holds because the starting point was made so is counted apart: it speaks neither for the design nor against it.
_COUNTED = {"Met": "met", "Set so": "set so", "Unknown": "unknown", "Watch": "to watch", "Not met": "not met"}


def conclusion(title: str, scenario: str, summary: str, result: StageResult, findings: Sequence[Finding]) -> str:
    """Return the stage as plain text, the same for the same decision and data."""
    counts = Counter(finding.verdict for finding in findings)
    standing = ", ".join(f"{counts[verdict]} {word}" for verdict, word in _COUNTED.items() if counts[verdict])
    lines = [f"{title}, scenario {scenario}", summary, *(f"- {figure_sentence(each)}" for each in result.key_figures)]
    lines.append(f"Rules: {standing or 'none applies yet'}.")
    lines += [f"- {each.rule_id} {_COUNTED[each.verdict]}: {each.title}" for each in findings if each.status != "ok"]
    return "\n".join(lines)
