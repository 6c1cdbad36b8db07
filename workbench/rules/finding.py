"""A finding: the verdict of one rule here, with its evidence and what would fix it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.study import Waiver

Status = Literal["ok", "watch", "breach", "unknown"]
Severity = Literal["high", "medium", "low"]

# From best to worst. Unknown is not a grade: it stands after "ok" only where findings are sorted for a reader.
STATUSES: tuple[Status, ...] = ("breach", "watch", "unknown", "ok")
_STATUS_WORDS: dict[Status, str] = {"ok": "Met", "watch": "Watch", "breach": "Not met", "unknown": "Unknown"}
SET_SO = "Set so"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict of one rule on one subject; of no rule of the book where `rule_id` is empty.

    `evidence` is a sentence with the numbers and the population; `measured` the number that was held
    against the threshold, None where there is none. `affected` names accounts, tiers or add-ons. `remedy` says
    what would fix it, and for "unknown" which data would answer it. `threshold` is the band in words; `override`
    the reason this study moved it. A `waiver` leaves the status as it is: the rule is set aside, not met.
    `by_construction` marks what holds because the design was made so, which is no evidence for the design.
    """

    rule_id: str
    status: Status
    title: str
    evidence: str
    measured: float | None = None
    affected: tuple[str, ...] = ()
    remedy: str = ""
    subject: str = ""
    population: str = ""
    threshold: str = ""
    override: str = ""
    severity: Severity = "medium"
    source: str = ""
    waiver: Waiver | None = None
    by_construction: bool = False

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"A finding is one of {', '.join(STATUSES)}, not {self.status!r}.")
        if not self.evidence:
            raise ValueError(f"The finding on rule {self.rule_id} has no evidence.")
        if self.status != "ok" and not self.remedy:
            raise ValueError(f"The finding on rule {self.rule_id} is {self.status} and has no remedy.")

    @property
    def is_set_so(self) -> bool:
        """Tell whether the rule is met because the design was made so, which is no evidence for the design."""
        return self.by_construction and self.status == "ok"

    @property
    def verdict(self) -> str:
        """Return the verdict in a word: Met, Set so, Watch, Not met or Unknown."""
        return SET_SO if self.is_set_so else _STATUS_WORDS[self.status]

    @property
    def status_word(self) -> str:
        """Return the verdict as a reader sees it, with a waiver named beside the true status."""
        return f"{self.verdict}, set aside" if self.waiver else self.verdict

    @property
    def is_open(self) -> bool:
        """Tell whether the team still has to act: not ok, and not set aside with a reason."""
        return self.status != "ok" and self.waiver is None

    @property
    def sentence(self) -> str:
        """Return the finding in one line, for the decision log."""
        about = f" ({self.subject})" if self.subject else ""
        waived = f" Set aside by {self.waiver.who}: {self.waiver.reason}" if self.waiver else ""
        return f"{self.rule_id} {self.title}{about}: {self.verdict.lower()}. {self.evidence}{waived}".strip()


def with_waivers(findings: Iterable[Finding], waivers: Iterable[Waiver]) -> tuple[Finding, ...]:
    """Attach each waiver to the findings of its rule and subject; a waiver without subject covers them all.

    The status stays what it is. A rule that is met needs no waiver, and carries none.
    """
    by_place = {(waiver.rule, waiver.subject): waiver for waiver in waivers}

    def waiver_of(finding: Finding) -> Waiver | None:
        if finding.status == "ok":
            return None
        exact = by_place.get((finding.rule_id, finding.subject))
        return exact or by_place.get((finding.rule_id, ""))

    return tuple(replace(finding, waiver=waiver_of(finding)) for finding in findings)


def by_urgency(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings for a reader: open ones first, breaches before watches, unknown before ok."""
    return tuple(sorted(findings, key=lambda finding: (not finding.is_open, STATUSES.index(finding.status))))
