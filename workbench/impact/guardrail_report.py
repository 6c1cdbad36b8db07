"""What holding a comparison against limits found: each limit with its verdict and the accounts behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Verdict = Literal["pass", "fail", "unknown"]
VERDICT_WORDS = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}
_CHANGES = frozenset(
    {"least_revenue_change", "most_revenue_change", "most_rise_in_top_ten", "most_p95_rise", "least_segment_change"}
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Behind:
    """The accounts behind a figure: the places `where` among `ids`, named with the lowest of `order` first."""

    ids: NDArray[np.object_]
    where: NDArray[np.intp]
    order: Floats | None = None

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.where)

    def named(self) -> tuple[str, ...]:
        """Return their ids."""
        here = self.where if self.order is None else self.where[np.argsort(self.order[self.where], kind="stable")]
        return tuple(self.ids[here].tolist())


NOBODY = Behind(np.empty(0, dtype=object), np.empty(0, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class GuardrailCheck:
    """One limit and what was found: `measured` and `limit` are shares; `subject` is a segment or empty.

    `behind` are the accounts behind the figure: whose bill crosses the line, or which belong to the segment. A limit
    can have most of a large base behind it, so they are counted at once and named when asked for.
    """

    key: str
    title: str
    verdict: Verdict
    measured: float | None
    limit: float
    sentence: str
    behind: Behind = field(default=NOBODY, compare=False, repr=False)
    subject: str = ""

    @property
    def is_change(self) -> bool:
        """Tell whether figure and limit are changes, which are read with their sign."""
        return self.key in _CHANGES

    @property
    def accounts(self) -> tuple[str, ...]:
        """Name the accounts behind the figure."""
        return self.behind.named()


@dataclass(frozen=True, slots=True)
class GuardrailReport:
    """All limits of one comparison."""

    scenario: str
    against: str
    checks: tuple[GuardrailCheck, ...]

    @property
    def failures(self) -> tuple[GuardrailCheck, ...]:
        """Return the limits that are crossed."""
        return tuple(check for check in self.checks if check.verdict == "fail")

    @property
    def unmeasured(self) -> int:
        """Count the limits that the data could not be held against."""
        return sum(check.verdict == "unknown" for check in self.checks)

    @property
    def passed(self) -> bool:
        """Tell whether no limit is crossed; one that could not be measured crosses nothing, and is shown."""
        return not self.failures

    def table(self) -> pd.DataFrame:
        """Return guardrail, subject, measured, limit, verdict, accounts (how many), what."""
        return pd.DataFrame(
            [
                (
                    check.title, check.subject, check.measured, check.limit, VERDICT_WORDS[check.verdict],
                    len(check.behind), check.sentence,
                )
                for check in self.checks
            ],
            columns=["guardrail", "subject", "measured", "limit", "verdict", "accounts", "what"],
        )  # fmt: skip

    def sentences(self) -> tuple[str, ...]:
        """Return the crossed limits in sentences, for the reason a choice is recorded with."""
        return tuple(check.sentence for check in self.failures)
