"""The rules by which raw events become monthly usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.impact.errors import ReplayError

LateEvents = Literal["own month", "month received"]
Copies = Literal["once", "every one"]
LATE_CHOICES: tuple[LateEvents, ...] = ("own month", "month received")
COPY_CHOICES: tuple[Copies, ...] = ("once", "every one")
MOST_GRACE_DAYS = 366


@dataclass(frozen=True, slots=True)
class EventRules:
    """How events are counted. Times are UTC, and a time without a zone is read as UTC.

    Parameters
    ----------
    metrics
        The metrics that are known; events of any other are left out and counted. All are known when None.
    grace_days
        A month closes so many days after its end. An event received later than that is late; one without a time of
        receipt never is.
    late
        Whether a late event counts in its "own month" or in the "month received".
    copies
        Count copies of an event "once" or "every one". Copies share an event_id; events without one are copies when
        they agree in everything. Of copies that differ, the one received first counts.

    An event without account, time or quantity, or with a negative quantity, is left out and counted. Such an event is
    nobody's copy.

    """

    metrics: tuple[str, ...] | None = None
    grace_days: int = 3
    late: LateEvents = "own month"
    copies: Copies = "once"

    def __post_init__(self) -> None:
        if self.metrics is not None:
            object.__setattr__(self, "metrics", tuple(dict.fromkeys(self.metrics)))
            if not self.metrics:
                raise ReplayError("No metric is known, so no event can be counted.", "Name metrics, or None for all.")
        if not 0 <= self.grace_days <= MOST_GRACE_DAYS:
            raise ReplayError(f"{self.grace_days} days of grace make no sense.", f"Choose 0 to {MOST_GRACE_DAYS} days.")
        for value, choices in ((self.late, LATE_CHOICES), (self.copies, COPY_CHOICES)):
            if value not in choices:
                raise ReplayError(f"{value!r} is no rule for events.", f"Choose one of: {', '.join(choices)}.")

    def sentences(self) -> tuple[str, ...]:
        """Say the rules in plain words."""
        closing = f"A month closes {self.grace_days} days after its end (UTC)."
        copies = {
            "once": "Copies of an event count once: the one received first.",
            "every one": "Every copy of an event counts.",
        }
        late = f"A late event counts in {'its own month' if self.late == 'own month' else 'the month it was received'}."
        metrics = "" if self.metrics is None else f"Known metrics: {', '.join(self.metrics)}."
        return tuple(each for each in (closing, late, copies[self.copies], metrics) if each)
