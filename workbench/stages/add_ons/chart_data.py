"""The rows the charts of the stage draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count, money, percent, priced, short_money
from workbench.stages.add_ons.gate import SOON_DAYS
from workbench.stages.add_ons.revenue_tables import TOGETHER
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from workbench.stages.add_ons.candidates import Candidate
    from workbench.stages.add_ons.evaluation import AddOnResult

MOST_CANDIDATES = 20
LONGEST_GATE = 360
STANDINGS = (
    "eligible now",
    f"within {SOON_DAYS} days",
    "later",
    "too little use",
    "in their tier already",
    "not known",
)
_STEP_DAYS = 15


def shown_candidates(result: AddOnResult) -> tuple[Candidate, ...]:
    """Return the candidates a chart shows: features with a known share, those most accounts want, most used first."""
    known = [each for each in result.candidates if each.benefit is not None and each.benefit.share is not None]
    wanted = sorted(known, key=lambda each: (-(each.interested or 0), each.name))[:MOST_CANDIDATES]
    return tuple(sorted(wanted, key=lambda each: (-(each.benefit.users if each.benefit else 0), each.name)))


def candidate_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per candidate shown: share of users with its interval, group, and the share asking for it."""
    rows = []
    for each in shown_candidates(result):
        benefit = each.benefit
        if benefit is None or benefit.share is None:
            continue
        asking = None if each.asking_share is None else each.asking_share.estimate or None  # nobody asks: no mark
        rows.append(
            {
                "candidate": each.name,
                "group": each.group,
                "share": benefit.share.estimate,
                "low": benefit.share.low,
                "high": benefit.share.high,
                "asking": asking,
                "use": f"{percent(benefit.share.estimate)} ({percent(benefit.share.low)} to "
                f"{percent(benefit.share.high)}), {count('account', benefit.users)}",
                "ask": "not recorded" if each.asking is None else count("account", each.asking),
                "order": each.order or "not known",
                "tiers": ", ".join(each.in_tiers) or "none",
            }
        )
    return pd.DataFrame(
        rows, columns=["candidate", "group", "share", "low", "high", "asking", "use", "ask", "order", "tiers"]
    )


def price_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on with a known share of the core plan: share, verdict, price in words."""
    status = {finding.subject: finding.status for finding in result.findings if finding.rule_id == "A2"}
    rows = []
    for each in result.outcomes:
        if each.price_share is None or each.bounds is None:
            continue
        low, high = (money(end, result.currency) for end in each.bounds)
        rows.append(
            {
                "add_on": each.name,
                "share": each.price_share,
                "status": status.get(each.name, "unknown"),
                "text": f"{priced(each.price, result.currency)} ({percent(each.price_share)})",
                "usual": f"{low} to {high} {per_words(each.choice.price_per)}",
            }
        )
    return pd.DataFrame(rows, columns=["add_on", "share", "status", "text", "usual"])


def revenue_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on of known revenue, and one for all of them: low, middle, high, in words."""
    named = [(each.name, each.revenue, "one add-on") for each in result.outcomes]
    if len(named) > 1:
        named.append((TOGETHER, result.revenue, "all add-ons"))
    rows = [
        {
            "add_on": name,
            "low": revenue.low,
            "middle": revenue.estimate,
            "high": revenue.high,
            "kind": kind,
            "text": f"{short_money(revenue.low, result.currency)} to {short_money(revenue.high, result.currency)}",
        }
        for name, revenue, kind in named
        if revenue is not None
    ]
    return pd.DataFrame(rows, columns=["add_on", "low", "middle", "high", "kind", "text"])


def standing_rows(result: AddOnResult) -> pd.DataFrame:
    """Return how many active accounts stand where at the gate of each add-on; every account counts once."""
    rows = []
    for each in result.outcomes:
        gate = each.eligibility
        if not gate.usage_recorded:
            continue
        now, soon = gate.count, int(gate.soon.sum())
        later = int((gate.days_to_go > SOON_DAYS).sum())
        included = int(gate.included.sum())
        little = len(result.evidence) - now - soon - later - included - gate.unknown
        counts = (now, soon, later, little, included, gate.unknown)
        rows += [
            (each.name, standing, order, accounts)
            for order, (standing, accounts) in enumerate(zip(STANDINGS, counts, strict=True))
            if accounts
        ]
    return pd.DataFrame(rows, columns=["add_on", "standing", "order", "accounts"])


def gate_rows(result: AddOnResult) -> pd.DataFrame:
    """Return how many accounts would be eligible today for each add-on if its gate waited longer or less long."""
    rows = [
        (each.name, days, each.eligibility.if_waiting(result.evidence, days))
        for each in result.outcomes
        if each.eligibility.usage_recorded
        for days in range(0, LONGEST_GATE + 1, _STEP_DAYS)
    ]
    return pd.DataFrame(rows, columns=["add_on", "days", "accounts"])


def gate_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same counts with a row per length of the gate and a column per add-on."""
    wide = rows.pivot_table(index="days", columns="add_on", values="accounts", sort=False).astype(int)
    return wide.rename_axis(columns=None).reset_index().rename(columns={"days": "the gate waits (days)"})


def chosen_gates(result: AddOnResult) -> pd.DataFrame:
    """Return the gate chosen for each add-on, and how many accounts pass it."""
    rows = [
        (each.name, each.choice.tenure_days, each.eligibility.count)
        for each in result.outcomes
        if each.eligibility.usage_recorded
    ]
    return pd.DataFrame(rows, columns=["add_on", "days", "accounts"])


def overlap_rows(result: AddOnResult) -> pd.DataFrame:
    """Return a row per cell of the overlap matrix: accounts wanting both, as count and share of the row's add-on."""
    known = [each for each in result.outcomes if each.interest is not None]
    rows = []
    for first in known:
        for second in known:
            if first.interest is None or second.interest is None:
                continue
            wants = int(first.interest.shown.sum())
            both = int(np.count_nonzero(first.interest.shown & second.interest.shown))
            same = first is second
            share = both / wants if wants else None
            rows.append(
                {
                    "first": first.name,
                    "second": second.name,
                    "share": None if same else share,
                    "text": f"{both:,}" if same or share is None else f"{both:,} ({percent(share)})",
                }
            )
    return pd.DataFrame(rows, columns=["first", "second", "share", "text"])
