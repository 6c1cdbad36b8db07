"""What could be the value metric: the metrics in the data, seats on the accounts, and what the team adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers import CustomerBase

SEATS = "seats"
IDEAS: tuple[str, ...] = (
    "seats", "active users", "API calls", "compute hours", "data processed", "messages sent", "minutes used",
    "contacts stored", "emails sent", "events tracked", "rows synced", "queries executed", "storage consumed",
)  # fmt: skip
"""Value metrics that software companies charge for, to start a discussion with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A metric the price could grow with, and where what is known about it comes from."""

    name: str
    source: Literal["usage", "accounts", "team"]

    @property
    def title(self) -> str:
        """Return the name as a reader sees it."""
        return metric_words(self.name)

    @property
    def origin(self) -> str:
        """Say where the evidence comes from."""
        words = {"usage": "monthly usage", "accounts": "seats on the accounts", "team": "added by the team, no data"}
        return words[self.source]


def measured_candidates(base: CustomerBase) -> tuple[Candidate, ...]:
    """Return the candidates the data knows: every metric in usage, and seats where only the accounts know them."""
    found = [Candidate(name, "usage") for name in base.metrics]
    if not any(same_metric(each.name, SEATS) for each in found) and base.accounts["seats"].notna().any():
        found.append(Candidate(SEATS, "accounts"))
    return tuple(found)


def with_added(candidates: tuple[Candidate, ...], added: Iterable[str]) -> tuple[Candidate, ...]:
    """Return the candidates and those the team adds, leaving out names that are already there."""
    result = list(candidates)
    for name in added:
        if name.strip() and not any(same_metric(name, each.name) for each in result):
            result.append(Candidate(name.strip(), "team"))
    return tuple(result)


def same_metric(one: str, other: str) -> bool:
    """Tell whether two names mean one metric: case, spaces and underscores do not matter."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
