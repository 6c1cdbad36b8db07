"""Make findings from a rule and a verdict, so that every check words them alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.finding import Finding
from workbench.rules.threshold import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.results import Interval
    from workbench.rules.finding import Status
    from workbench.rules.rulebook import Rule
    from workbench.rules.threshold import Threshold

# From worst to best: where a rule has two halves, the worse one decides, and a missing half leaves "ok" open.
_WORST_FIRST: tuple[Status, ...] = ("breach", "watch", "unknown", "ok")
_CENT_SLACK = 1e-7  # of a step: 0.4 times 100 is meant to be 40 exactly


def finding(
    rule: Rule,
    status: Status,
    evidence: str,
    *,
    remedy: str = "",
    measured: float | None = None,
    subject: str = "",
    affected: Iterable[str] = (),
    population: str = "",
    threshold: Threshold | None = None,
) -> Finding:
    """Return the finding of a rule, with title, threshold, severity and source filled in.

    `threshold` names the one it was held against where that is not the rule's first.
    """
    band = threshold or rule.threshold
    moved = "; ".join(f"{key} set by {override.who}: {override.reason}" for key, override in rule.overrides.items())
    return Finding(
        rule_id=rule.id,
        status=status,
        title=rule.title,
        evidence=evidence,
        measured=None if measured is None or math.isnan(measured) else float(measured),
        affected=tuple(affected),
        remedy="" if status == "ok" else remedy,
        subject=subject,
        population=population,
        threshold=band.with_owner(),
        override=moved,
        severity=rule.severity,
        source=_credited(rule, band),
    )


def _credited(rule: Rule, band: Threshold) -> str:
    """Return who asks for the rule, and who names its threshold where that is somebody else."""
    apart = band.owner if band.in_words() else ""
    return f"{rule.source}; threshold: {apart}" if apart and apart not in rule.source else rule.source


def worst(*statuses: Status) -> Status:
    """Return the worst of several verdicts; unknown is worse than ok and better than watch."""
    return min(statuses, key=_WORST_FIRST.index)


def known(interval: Interval | None) -> Interval | None:
    """Return the interval, or None where its estimate is not a number."""
    return None if interval is None or math.isnan(interval.estimate) else interval


def interval_in_words(interval: Interval, unit: str, band: Threshold | None = None) -> str:
    """Write an estimate with its interval: "62.1% (90% interval 58% to 66.3%)", told apart from the ends of a band."""
    estimate = written(interval.estimate, unit, band)
    if math.isnan(interval.low) or math.isnan(interval.high):
        return estimate
    low, high = written(interval.low, unit), written(interval.high, unit)
    return f"{estimate} ({formatting.exact_percent(interval.level)} interval {low} to {high})"


def at_most(amount: float, currency: str) -> str:
    """Write a price a remedy asks for as an upper end, rounded down so that it meets the rule."""
    steps = _steps(amount)
    return formatting.exact_money(math.floor(amount * steps + _CENT_SLACK) / steps, currency)


def at_least(amount: float, currency: str) -> str:
    """Write a price a remedy asks for as a lower end, rounded up so that it meets the rule."""
    steps = _steps(amount)
    return formatting.exact_money(math.ceil(amount * steps - _CENT_SLACK) / steps, currency)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Write names as a list in a sentence: "A, B and C", with the number left out beyond `most`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"


def _steps(amount: float) -> float:
    """Return how many steps a price has in one unit: cents, and finer ones for the price of a small thing."""
    return 100 if amount >= 1 or amount <= 0 else 10 ** (3 - math.floor(math.log10(amount)))
