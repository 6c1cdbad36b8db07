"""The tables of a result on add-ons, for reading and for export, with the accounts to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.stages.add_ons.result import SOON_DAYS, has_usage_condition, usage_of
from workbench.stages.offers import per_words, usage_words
from workbench.tables import CENTS, POINTS, DataTable, Percent, interval_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.results import Interval
    from workbench.stages.add_ons.result import AddOnOutcome, AddOnResult

say = texts(__name__)

# --- The accounts to talk to: who is eligible for which add-on now, and who will be within 90 days

_INTEREST = (say("asked_or_relies_on_it"), "uses it", "no sign yet", "not known")


def eligible_accounts(result: AddOnResult, add_on_id: str | None = None, most: int | None = None) -> DataTable:
    """Return a row per account and add-on it is eligible for now or within 90 days, the most interested first.

    Columns: add-on, account_id, account, segment, plan today, eligible ("now" or "soon"), days to go, days as
    customer, usage a month of what the gate asks for, interest, MRR today. `add_on_id` picks one add-on; `most` keeps
    the first so many of each.
    """
    chosen = [each for each in result.outcomes if add_on_id in (None, each.choice.id)]
    frames = [_of_one(result, each, most) for each in chosen]
    empty = pd.DataFrame({"account_id": pd.Series(dtype=str)})
    found = pd.concat(frames, ignore_index=True) if frames else empty
    return DataTable.plain(found, {_mrr(result): CENTS})


def _mrr(result: AddOnResult) -> str:
    return f"MRR today ({result.currency})"


def _of_one(result: AddOnResult, each: AddOnOutcome, most: int | None) -> pd.DataFrame:
    evidence, needs, gate = result.evidence, result.evidence.needs, each.eligibility
    rank = _interest(each, len(evidence))
    rows = np.flatnonzero(gate.now | gate.soon)
    # By days to go, then by interest; accounts of equal standing stay in the order of the base.
    rows = rows[np.lexsort((rank[rows], gate.days_to_go[rows]))][:most]
    usage = usage_of(evidence, each.choice.usage_metric) if has_usage_condition(each.choice) else None
    return pd.DataFrame(
        {
            "add-on": each.name,
            "account_id": needs.account_ids[rows],
            "account": needs.account_names[rows],
            "segment": needs.segment[rows],
            "plan today": needs.plan[rows],
            "eligible": np.where(gate.now[rows], "now", "soon"),
            "days to go": gate.days_to_go[rows].astype(int),
            "days as customer": pd.array(evidence.tenure_days[rows], dtype="Float64").astype("Int64"),
            "usage a month": np.nan if usage is None else usage[rows].round(1),
            "interest": np.array(_INTEREST, dtype=object)[rank[rows]],
            _mrr(result): needs.mrr[rows].round(2),
        }
    )


def _interest(each: AddOnOutcome, accounts: int) -> np.ndarray:
    """Return each account's interest as its place in the list of words, the strongest first."""
    if each.interest is None:
        return np.full(accounts, _INTEREST.index("not known"))
    return np.where(each.interest.strong, 0, np.where(each.interest.shown, 1, 2))


# --- The tables of what add-ons and services earn, and of who may buy add-ons

TOGETHER = "all together"


def revenue_table(result: AddOnResult) -> DataTable:
    """Return a row per add-on and one for all: eligible accounts, attach range and its source, revenue range."""
    currency = result.currency
    core = result.places.revenue
    amounts = [f"{which} a month ({currency})" for which in ("low", "middle", "high")]
    share = say("share_of_core_revenue_middle")
    columns = ["add-on", "eligible accounts", "attach range", "range is", *amounts, share]
    rows: list[tuple[object, ...]] = [
        (
            each.name,
            each.eligibility.count if each.eligibility.usage_recorded else None,
            (float(each.choice.attach_low), float(each.choice.attach_high)),
            _range_source(each),
            *_amounts(each.revenue),
            _share(each.revenue, core),
        )
        for each in result.outcomes
    ]
    if len(rows) > 1:
        together = (*_amounts(result.revenue), _share(result.revenue, core))
        rows.append((TOGETHER, result.eligible_for_any, "", "", *together))
    frame = pd.DataFrame(rows, columns=columns).astype({"eligible accounts": "Int64"})
    return DataTable.plain(frame, {"attach range": _ATTACH, **dict.fromkeys(amounts, CENTS), share: POINTS})


_ATTACH = interval_of(Percent(exactly=True))


def eligibility_table(result: AddOnResult) -> DataTable:
    """Return a row per add-on: eligible now, within 90 days by tenure alone, having it already, and not known."""
    columns = [
        "add-on",
        "eligible now",
        f"more within {SOON_DAYS} days",
        say("have_it_in_their_tier"),
        "not known",
        "of accounts",
    ]
    rows = []
    for each in result.outcomes:
        gate = each.eligibility
        counts = (gate.count, int(gate.soon.sum())) if gate.usage_recorded else (None, None)
        rows.append((each.name, *counts, int(gate.included.sum()), gate.unknown, len(result.evidence)))
    return DataTable.plain(pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:3], "Int64")))


def services_table(result: AddOnResult) -> DataTable:
    """Return the services calculator in rows: what, value, unit; empty when no services are offered."""
    columns = ["what", "value", "unit"]
    services, rules = result.services, result.rulebook
    if services is None:
        return DataTable.plain(pd.DataFrame(columns=columns))
    money = f"{result.currency} an engagement"
    low, high = services.prices(rules.threshold("A6")) or (None, None)
    cheap, dear = services.affordable_cost(rules.threshold("A6.share")) or (None, None)
    share = None if services.share is None else round(100 * services.share, 1)
    rows = [
        ("fully loaded delivery cost", services.cost, money),
        (say("price_cost_plus_the_margin"), services.price, money),
        ("left after delivery", services.profit, money),
        ("usual price from", low, money),
        ("usual price to", high, money),
        (say("subscription_in_the_first_year"), services.first_year, f"{result.currency} an account"),
        (say("services_as_share_of_first"), share, "%"),
        (say("delivery_cost_at_the_low"), cheap, money),
        (say("delivery_cost_at_the_high"), dear, money),
    ]
    found = [(what, None if value is None else round(value, 2), unit) for what, value, unit in rows]
    return DataTable.plain(pd.DataFrame(found, columns=columns))


def _range_source(each: AddOnOutcome) -> str:
    if each.attach is None or not each.attach_is_from_data:
        return "set by the team"
    return say("from_the_data_accounts_rely", strong=each.attach.strong, shown=each.attach.shown)


def _amounts(revenue: Interval | None) -> tuple[float | None, float | None, float | None]:
    if revenue is None:
        return None, None, None
    return round(revenue.low, 2), round(revenue.estimate, 2), round(revenue.high, 2)


def _share(revenue: Interval | None, core: float | None) -> float | None:
    return None if revenue is None or not core else round(100 * revenue.estimate / core, 1)


# --- The tables of a result on add-ons, for reading and for export


def add_on_table_makers(result: AddOnResult) -> dict[str, Callable[[], DataTable]]:
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


def candidate_table(result: AddOnResult) -> DataTable:
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
    return DataTable.plain(pd.DataFrame(rows, columns=columns), dict.fromkeys(columns[4:7], POINTS))


def add_on_table(result: AddOnResult) -> DataTable:
    """Return a row per add-on: what it contains, its price against the core plan, and its gate."""
    metered = any(each.choice.usage_charge for each in result.outcomes)
    amounts = [f"{what} ({result.currency})" for what in ("price a month", "usual from", "usual to")]
    rows = [
        {
            "add-on": each.name,
            "job": each.choice.job,
            "features": ", ".join(each.choice.features) or "none named",
            amounts[0]: float(each.choice.price),
            "per": per_words(each.choice.price_per).removeprefix("per "),
            **(_usage_columns(each, result.currency) if metered else {}),
            "share of core plan (%)": None if each.price_share is None else round(100 * each.price_share, 1),
            amounts[1]: None if each.bounds is None else round(each.bounds[0], 2),
            amounts[2]: None if each.bounds is None else round(each.bounds[1], 2),
            "offered after (days)": each.choice.tenure_days,
            "and": each.condition or "no usage condition",
            "also inside": ", ".join(dict.fromkeys(t for tiers in each.also_in.values() for t in tiers)) or "no tier",
        }
        for each in result.outcomes
    ]
    kinds = {**dict.fromkeys(amounts, CENTS), "share of core plan (%)": POINTS}
    return DataTable.plain(pd.DataFrame(rows), kinds)


def _usage_columns(each: AddOnOutcome, currency: str) -> dict[str, str]:
    """Return what an add-on bills for usage, in a table where at least one does."""
    charge = each.choice.usage_charge
    return {"and for usage": "nothing" if charge is None else usage_words(charge, currency)}


def name_table(result: AddOnResult) -> DataTable:
    """Return a row per add-on: its name, whether that says the job, and a better one where it does not."""
    verdicts = {finding.subject: finding.status_word for finding in result.findings if finding.rule_id == "A1"}
    rows = [(each.name, verdicts.get(each.name, "Unknown"), each.better_name) for each in result.outcomes]
    columns = ["add-on", say("says_which_job_it_does"), "suggested instead"]
    return DataTable.plain(pd.DataFrame(rows, columns=columns))


def overlap_table(result: AddOnResult) -> DataTable:
    """Return a row per pair of add-ons: accounts interested in each, in both, by chance, and whether to bundle."""
    columns = [
        "add-on",
        "and",
        "want the first",
        "want the second",
        "want both",
        "both by chance alone",
        say("share_of_the_smaller_group"),
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
    return DataTable.plain(pd.DataFrame(rows, columns=columns), {columns[6]: POINTS})


def _percents(share: Interval | None) -> tuple[float | None, float | None, float | None]:
    if share is None:
        return None, None, None
    return round(100 * share.estimate, 1), round(100 * share.low, 1), round(100 * share.high, 1)
