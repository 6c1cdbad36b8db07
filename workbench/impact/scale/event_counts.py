"""What became of the events: how many counted, how many did not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.formatting import count, percent
from workbench.impact.scale.event_verdicts import NO_QUANTITY, NO_TIME, VERDICTS
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.impact.scale.event_rules import EventRules

MOST_NAMED = 10
MOST_LEFT_OUT = 0.01  # share of events that do not count from which a warning is due


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events were read, counted, and left out for which reason.

    `left_out` holds every reason of VERDICTS, 0 included. `copies` are further copies of counted events; None when
    every copy counts. `late` are counted events received after their month had closed; None without times of receipt.
    `unknown_metrics` are the most frequent of them with their number of events.
    """

    read: int
    counted: int
    left_out: Mapping[str, int]
    copies: int | None
    late: int | None
    unknown_metrics: Mapping[str, int]
    rules: EventRules

    def frame(self) -> pd.DataFrame:
        """Return events, number, share of those read (None where unknown)."""
        import pandas as pd  # noqa: PLC0415 - a table when asked for

        lines = {"read": self.read, "counted": self.counted, "copies": self.copies, **self.left_out, "late": self.late}
        rows = [
            (name, number, number / self.read if number is not None and self.read else None)
            for name, number in lines.items()
        ]
        return pd.DataFrame(rows, columns=["events", "number", "share"]).astype({"number": "Int64", "share": "float64"})

    def sentences(self) -> tuple[str, ...]:
        """Say what became of the events, with the rules that decided it."""
        found = [f"{count('event', self.read)} read, {self.counted:,} counted."]
        if self.copies:
            found.append(f"{self.copies:,} were further copies of a counted event.")
        found += [f"{number:,} left out: {reason}." for reason, number in self.left_out.items() if number]
        if any(self.left_out[VERDICTS[code]] for code in (NO_TIME, NO_QUANTITY)):
            found.append("Times are read as 2024-01-31 or 2024-01-31T09:30:00Z, quantities as 1250.5.")
        if self.unknown_metrics:
            named = ", ".join(f"{metric} ({number:,})" for metric, number in self.unknown_metrics.items())
            found.append(f"Unknown metrics: {named}.")
        if self.late is None:
            found.append("How many came late is unknown: the events have no time of receipt.")
        else:
            where = "their own month" if self.rules.late == "own month" else "the month received"
            days = count("day", self.rules.grace_days)
            found.append(f"{self.late:,} came late (more than {days} after their month ended) and count in {where}.")
        return tuple(found)

    def cautions(self) -> tuple[Caution, ...]:
        """Warn when more events are left out than usual."""
        dropped = sum(self.left_out.values())
        if self.read == 0 or dropped / self.read <= MOST_LEFT_OUT:
            return ()
        return (Caution(f"{percent(dropped / self.read, 1)} of the events are left out of monthly usage.", "warning"),)


def counts_of(wrong: pd.DataFrame, rules: EventRules, *, read: int, kept: int, late: int | None) -> EventCounts:
    """Put together those left out (verdict, metric, events), all that were read, and those kept once copies were gone.

    `late` are those of the kept ones that came late; None when that cannot be known.
    """
    found = wrong.groupby("verdict")["events"].sum()
    strange = wrong[wrong["metric"].notna() & (wrong["metric"] != "")]
    top = strange.sort_values(["events", "metric"], ascending=[False, True])[:MOST_NAMED]
    return EventCounts(
        read=read,
        counted=kept,
        left_out={words: int(found.get(code, 0)) for code, words in VERDICTS.items()},
        copies=read - int(found.sum()) - kept if rules.copies == "once" else None,
        late=late,
        unknown_metrics={str(name): int(number) for name, number in zip(top["metric"], top["events"], strict=True)},
        rules=rules,
    )
