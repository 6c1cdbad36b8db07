"""Hold a comparison against the limits a team has set: pass or fail, with the accounts behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import count, percent
from workbench.study import Guardrails

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.impact.comparison import Comparison

Verdict = Literal["pass", "fail", "unknown"]
_TOP = 10
_NOISE = 1e-9
_WORDS = {"pass": "pass", "fail": "FAIL", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class GuardrailCheck:
    """One limit and what was found: `measured` and `limit` are shares; `subject` is a segment or empty.

    `accounts` are those behind the figure: whose bill crosses the line, or which belong to the segment.
    """

    key: str
    title: str
    verdict: Verdict
    measured: float | None
    limit: float
    sentence: str
    accounts: tuple[str, ...] = ()
    subject: str = ""


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
    def passed(self) -> bool:
        """Tell whether no limit is crossed; one that could not be measured crosses nothing, and is shown."""
        return not self.failures

    def table(self) -> pd.DataFrame:
        """Return guardrail, subject, measured, limit, verdict, accounts (how many), what."""
        return pd.DataFrame(
            [
                (
                    check.title, check.subject, check.measured, check.limit, _WORDS[check.verdict],
                    len(check.accounts), check.sentence,
                )
                for check in self.checks
            ],
            columns=["guardrail", "subject", "measured", "limit", "verdict", "accounts", "what"],
        )  # fmt: skip

    def sentences(self) -> tuple[str, ...]:
        """Return the crossed limits in sentences, for the reason a choice is recorded with."""
        return tuple(check.sentence for check in self.failures)


def check_guardrails(comparison: Comparison, guardrails: Guardrails | None = None) -> GuardrailReport:
    """Return which limits a comparison keeps; a value that stands on a limit keeps it."""
    limits = guardrails or Guardrails()
    checks = (
        *_revenue(comparison, limits),
        *_steep_rises(comparison, limits),
        *_top_ten(comparison, limits),
        *_below_cost(comparison, limits),
        *_p95(comparison, limits),
        *_segments(comparison, limits),
    )
    return GuardrailReport(comparison.after_name, comparison.before_name, checks)


def _revenue(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    change = comparison.revenue_change
    told = f"Revenue changes by {percent(change, 1, signed=True)} against {comparison.before_name}"
    if (least := limits.least_revenue_change) is not None:
        text = f"{told}; at least {percent(least, 1, signed=True)} is asked for."
        falls = comparison.accounts.loc[comparison.accounts["change"] < 0].sort_values("change")
        yield _check("least_revenue_change", "Revenue", change, least, text, falls["account_id"], above=False)
    if (most := limits.most_revenue_change) is not None:
        text = f"{told}; at most {percent(most, 1, signed=True)} is wanted."
        rises = comparison.accounts.loc[comparison.accounts["change"] > 0].sort_values("change", ascending=False)
        yield _check("most_revenue_change", "Revenue", change, most, text, rises["account_id"])


def _steep_rises(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_accounts_above_steep_rise) is None:
        return
    share = comparison.share_above(limits.steep_rise)
    above = comparison.accounts.loc[comparison.accounts["percent"] > limits.steep_rise + _NOISE]
    above = above.sort_values("percent", ascending=False)
    mark = percent(limits.steep_rise, signed=True)
    text = (
        f"{count('account', len(above))} ({percent(share, 1)}) rise by more than {mark}; at most {percent(most)} may."
    )
    yield _check("most_accounts_above_steep_rise", f"Rises above {mark}", share, most, text, above["account_id"])


def _top_ten(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_rise_in_top_ten) is None:
        return
    top = _largest(comparison.accounts).sort_values(["before", "account_id"], ascending=[False, True]).head(_TOP)
    largest = float(top["percent"].max()) if len(top) else float("nan")
    over = top.loc[top["percent"] > most + _NOISE].sort_values("percent", ascending=False)
    text = (
        f"The largest rise among the ten largest accounts is {percent(largest, 1, signed=True)}; "
        f"at most {percent(most, signed=True)} is allowed."
    )
    yield _check("most_rise_in_top_ten", "Ten largest accounts", largest, most, text, over["account_id"])


def _largest(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts among which the ten largest are, so that few have to be put in order."""
    before = accounts["before"].to_numpy(dtype=float)
    return accounts if len(before) <= _TOP else accounts[before >= np.partition(before, -_TOP)[-_TOP]]


def _below_cost(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_accounts_below_cost) is None:
        return
    rows = comparison.after.rows
    cost = pd.Series(rows.unit_cost, index=pd.Index(rows.account_ids, dtype=object))
    table = comparison.accounts.assign(cost=comparison.accounts["account_id"].map(cost).astype(float))
    known = table.loc[table["cost"].notna()]
    below = known.loc[known["after"] < known["cost"] * (1 - _NOISE)]
    share = len(below) / len(known) if len(known) else float("nan")
    text = (
        f"{count('account', len(below))} ({percent(share, 1)} of the {len(known):,} with a known cost) pay less than "
        f"they cost; at most {percent(most)} may."
        if len(known)
        else "What serving an account costs is not known (accounts, unit_cost)."
    )
    yield _check("most_accounts_below_cost", "Below cost", share, most, text, below["account_id"])


def _p95(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_p95_rise) is None:
        return
    p95 = comparison.spread.p95
    over = comparison.accounts.loc[comparison.accounts["percent"] > most + _NOISE]
    text = (
        f"The bill of one account in twenty changes by more than {percent(p95, 1, signed=True)}; "
        f"at most {percent(most, signed=True)} is allowed."
    )
    over = over.sort_values("percent", ascending=False)
    yield _check("most_p95_rise", "95% of bill changes", p95, most, text, over["account_id"])


def _segments(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (least := limits.least_segment_change) is None:
        return
    changes = comparison.segments["percent"].to_numpy(dtype=float)
    for segment, change in zip(comparison.segments["segment"].astype(str), changes, strict=True):
        members = comparison.accounts.loc[comparison.accounts["segment"] == segment]
        if not len(members):
            continue
        text = (
            f"Revenue from {segment} changes by {percent(change, 1, signed=True)}; "
            f"at least {percent(least, signed=True)} is asked for."
        )
        losing = members.loc[members["change"] < 0].sort_values("change")["account_id"]
        yield _check("least_segment_change", "Segment", change, least, text, losing, above=False, subject=segment)


def _check(  # noqa: PLR0917 - the fields of a check, in their order
    key: str,
    title: str,
    measured: float,
    limit: float,
    sentence: str,
    accounts: pd.Series,
    *,
    above: bool = True,
    subject: str = "",
) -> GuardrailCheck:
    """Return the verdict; `above` tells whether more than the limit fails, or less."""
    if np.isnan(measured):
        return GuardrailCheck(key, title, "unknown", None, limit, sentence, (), subject)
    fails = measured > limit + _NOISE if above else measured < limit - _NOISE
    return GuardrailCheck(
        key,
        title,
        "fail" if fails else "pass",
        float(measured),
        limit,
        sentence,
        tuple(accounts.to_numpy(dtype=object)),
        subject,
    )
