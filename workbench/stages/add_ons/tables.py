"""The tables of a result on add-ons, for reading and for export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages.add_ons.eligible_accounts import eligible_accounts
from workbench.stages.add_ons.revenue_tables import eligibility_table, revenue_table, services_table
from workbench.stages.add_ons.words import usage_words
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.results import Interval
    from workbench.stages.add_ons.evaluation import AddOnResult
    from workbench.stages.add_ons.outcome import AddOnOutcome


def makers(result: AddOnResult) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return what makes each table of a result."""
    return {
        "candidates": lambda: candidate_table(result),
        "add_ons": lambda: add_on_table(result),
        "names": lambda: name_table(result),
        "revenue": lambda: revenue_table(result),
        "overlap": lambda: overlap_table(result),
        "eligible": lambda: eligible_accounts(result),
        "eligibility": lambda: eligibility_table(result),
        "services": lambda: services_table(result),
    }


def candidate_table(result: AddOnResult) -> pd.DataFrame:
    """Return a row per candidate: group, users with a 90% interval, who asks and lacks it, order, tiers with it."""
    columns = [
        "candidate",
        "group",
        "area",
        "accounts using it",
        "share (%)",
        "90% from (%)",
        "90% to (%)",
        "ask and lack it",
        "use it or ask",
        "common order of adoption",
        "in tiers",
    ]
    rows = []
    for each in result.candidates:
        benefit = each.benefit
        share = None if benefit is None else benefit.share
        rows.append(
            (
                each.name,
                each.group,
                "" if benefit is None else benefit.area,
                None if benefit is None or share is None else benefit.users,
                *_percents(share),
                each.asking,
                each.interested,
                each.order or "not known",
                ", ".join(each.in_tiers) or "none",
            )
        )
    return pd.DataFrame(rows, columns=columns)


def add_on_table(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on: what it contains, its price against the core plan, and its gate."""
    metered = any(each.choice.usage_charge for each in result.outcomes)
    rows = [
        {
            "add-on": each.name,
            "job": each.choice.job,
            "features": ", ".join(each.choice.features) or "none named",
            f"price a month ({result.currency})": float(each.choice.price),
            "per": per_words(each.choice.price_per).removeprefix("per "),
            **(_usage_columns(each, result.currency) if metered else {}),
            "share of core plan (%)": None if each.price_share is None else round(100 * each.price_share, 1),
            f"usual from ({result.currency})": None if each.bounds is None else round(each.bounds[0], 2),
            f"usual to ({result.currency})": None if each.bounds is None else round(each.bounds[1], 2),
            "offered after (days)": each.choice.tenure_days,
            "and": each.condition or "no usage condition",
            "also inside": ", ".join(dict.fromkeys(t for tiers in each.also_in.values() for t in tiers)) or "no tier",
        }
        for each in result.outcomes
    ]
    return pd.DataFrame(rows)


def _usage_columns(each: AddOnOutcome, currency: str) -> dict[str, str]:
    """Return what an add-on bills for usage, in a table where at least one does."""
    charge = each.choice.usage_charge
    return {"and for usage": "nothing" if charge is None else usage_words(charge, currency)}


def name_table(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on: its name, whether that says the job, and a better one where it does not."""
    verdicts = {finding.subject: finding.status_word for finding in result.findings if finding.rule_id == "A1"}
    rows = [(each.name, verdicts.get(each.name, "Unknown"), each.better_name) for each in result.outcomes]
    return pd.DataFrame(rows, columns=["add-on", "says which job it does", "suggested instead"])


def overlap_table(result: AddOnResult) -> pd.DataFrame:
    """Return a row per pair of add-ons: accounts interested in each, in both, by chance, and whether to bundle."""
    columns = [
        "add-on",
        "and",
        "want the first",
        "want the second",
        "want both",
        "both by chance alone",
        "share of the smaller group (%)",
        "bundle",
    ]
    rows = [
        (
            pair.first,
            pair.second,
            pair.first_accounts,
            pair.second_accounts,
            pair.both,
            round(pair.expected, 1),
            None if pair.share is None else round(100 * pair.share, 1),
            "suggests itself" if pair.is_bundle else "no sign of it",
        )
        for pair in (result.overlap.pairs if result.overlap else ())
    ]
    return pd.DataFrame(rows, columns=columns)


def _percents(share: Interval | None) -> tuple[float | None, float | None, float | None]:
    if share is None:
        return None, None, None
    return round(100 * share.estimate, 1), round(100 * share.low, 1), round(100 * share.high, 1)
