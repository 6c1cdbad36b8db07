"""The rulebook as data, and findings: what each design rule says about a design, with evidence and remedy."""

from __future__ import annotations

from workbench.rules.benchmarks import BENCHMARKS, Benchmark
from workbench.rules.finding import Finding, Severity, Status, by_urgency, with_waivers
from workbench.rules.rulebook import RULEBOOK, Rule, Rulebook
from workbench.rules.threshold import Threshold

__all__ = [
    "BENCHMARKS",
    "RULEBOOK",
    "Benchmark",
    "Finding",
    "Rule",
    "Rulebook",
    "Severity",
    "Status",
    "Threshold",
    "by_urgency",
    "with_waivers",
]
