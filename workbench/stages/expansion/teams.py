"""Who works on expansion, what they would have been paid, and what customers can buy alone: pods, incentives, paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.growth.adoption import use_cases_on_record
from workbench.growth.programme import (
    ExpansionPaths,
    IncentivePlan,
    Payouts,
    Person,
    Pods,
    expansion_paths,
    form_pods,
    pay_out,
)
from workbench.growth.recurring_revenue import as_one
from workbench.stages.expansion.tables import no_rows
from workbench.stages.price_book import price_book
from workbench.stages.study_replay import list_billed
from workbench.study.model import Scenario
from workbench.tables import TEXT, DataTable, Money, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.growth.recurring_revenue import MrrLedger
    from workbench.results import Floats
    from workbench.stages.expansion.decision import ExpansionDecision
    from workbench.stages.expansion.result import ExpansionResult

say = texts(__name__)
EXECUTIVE = "executive"
MOST_ACCOUNTS = 300  # that pods are formed for: those with the most to bring
YEAR = 12


def pods_of(result: ExpansionResult) -> Pods | str:
    """Return the pods that cover most of what talks are expected to bring, or why there are none."""
    if result.calls is not None and len(result.calls.accounts):
        found = result.calls.accounts[["account_id", "expected"]].set_axis(["account_id", "potential"], axis=1)
    elif len(result.offers):
        found = result.offers[["account_id", "amount"]].set_axis(["account_id", "potential"], axis=1)
    else:
        return say("no_potential")
    found = found[found["potential"] > 0].nlargest(MOST_ACCOUNTS, "potential")
    known = result.lived.base.frames["accounts"].set_index("account_id")[["region", "industry"]]
    found = found.join(known.rename(columns={"industry": "expertise"}), on="account_id")
    try:
        return form_pods(list(_people(result.decision, found)), found)
    except WorkbenchError as error:
        return str(error)


def _people(decision: ExpansionDecision, accounts: pd.DataFrame) -> Iterable[Person]:
    """Go through the team: within a role industries, and regions where asked for, are dealt out in turn."""
    industries, regions = (list(accounts[name].dropna().value_counts().index) for name in ("expertise", "region"))
    for role, people in decision.people.items():
        for at in range(people):
            where = tuple(map(str, regions[at::people])) if decision.by_region else ()
            label = say("person", role=role, at=at + 1)
            yield Person(
                label, role, decision.accounts_each.get(role, 0), where, tuple(map(str, industries[at::people]))
            )


def payouts_of(result: ExpansionResult, scenario: Scenario, ledger: MrrLedger | str | None = None) -> Payouts | str:
    """Return what plans of pay would have paid out on the last year, or why that is unknown.

    The year is the one lived through, or another ledger of it: what it would have been billed under a price list.
    """
    base, decision = result.lived.base, result.decision
    if not isinstance(result.pods, Pods):
        return result.pods
    if isinstance(ledger, str):
        return ledger
    accounts = base.frames["accounts"].set_index("account_id")
    try:
        year = result.lived.ledger if ledger is None else ledger
        gained, usage = _gained(result), _usage(result, scenario, year)
        known = {"adoption": gained is not None, "usage": usage is not None}
        who = pd.concat([result.pods.looked_after(), _executives(decision, year)], ignore_index=True)
        there = set(who["role"])
        return pay_out(
            year,
            [each for each in _plans(decision) if each.role in there and known.get(each.basis, True)],
            who,
            contacted=_contacted(result),
            segment=dict(zip(accounts.index, accounts["segment"].fillna("").astype(str), strict=True)),
            gained=gained,
            usage=usage,
        )
    except WorkbenchError as error:
        return str(error)


def _executives(decision: ExpansionDecision, ledger: MrrLedger) -> pd.DataFrame:
    """Return those who answer for all accounts together."""
    ids = ledger.account_ids
    called = [say("person", role=EXECUTIVE, at=at + 1) for at in range(decision.executives)]
    return pd.DataFrame(
        {
            "account_id": np.tile(ids, len(called)), "role": EXECUTIVE, "person": np.repeat(called, len(ids)),
        }
    )  # fmt: skip


def _plans(decision: ExpansionDecision) -> Iterable[IncentivePlan]:
    back = decision.clawback_months
    yield IncentivePlan("customer success", "expansion", decision.expansion_share, clawback_months=back)
    yield IncentivePlan("sales", "post-sale", decision.post_sale_share, clawback_months=back)
    yield IncentivePlan("product", "adoption", decision.adoption_bonus, goal=1)
    yield IncentivePlan("technical", "usage", decision.usage_bonus, goal=decision.usage_goal)
    yield IncentivePlan(EXECUTIVE, "company", decision.executive_bonus, goal=decision.retention_goal)


def _contacted(result: ExpansionResult) -> set[str] | None:
    """Return the accounts somebody spoke with in the last year; None where nobody recorded it."""
    base = result.lived.base
    if not base.has("contacts"):
        return None
    table = as_one(base, base.frames["contacts"])
    since = base.months[-1] - pd.DateOffset(months=YEAR - 1)
    return set(table.loc[table["last_contact"] >= since, "account_id"].astype(str))


def _gained(result: ExpansionResult) -> Mapping[str, float] | None:
    """Return the use cases each account took up in the last year; None without a record."""
    found = use_cases_on_record(result.lived.base)
    if found is None:
        return None
    last = found["month"].max()
    now, then = (
        found[found["month"] == month].set_index("account_id")["use_cases"]
        for month in (last, last - pd.DateOffset(months=YEAR))
    )
    return {str(name): float(each) for name, each in (now.sub(then, fill_value=0)).items()}


def _usage(result: ExpansionResult, scenario: Scenario, ledger: MrrLedger) -> Floats | None:
    """Return the use of what the scenario's list charges most plans by, in the shape of the ledger."""
    base = result.lived.base
    book = price_book(base, scenario)
    charged = [charge.metric for plan in book.plans for charge in plan.charges if charge.metric in base.usage_by_month]
    if not charged:
        return None
    values = base.usage_by_month[max(set(charged), key=lambda each: (charged.count(each), each))]
    rows = pd.Index(base.frames["accounts"]["account_id"]).get_indexer(pd.Index(ledger.account_ids))
    columns = base.months.get_indexer(ledger.months)
    found: Floats = np.where((rows >= 0)[:, None] & (columns >= 0)[None, :], values[np.ix_(rows, columns)], np.nan)
    return found


def paths_of(result: ExpansionResult, scenario: Scenario) -> ExpansionPaths | str:
    """Return what each offer of the scenario takes to buy, or why that cannot be said."""
    base = result.evidence.base
    billed = list_billed(base, scenario)
    if billed is None:
        return say("no_potential")
    return expansion_paths(billed.book, base, billed)


# --- What a reader sees of it


def why_no_pods(result: ExpansionResult) -> str:
    """Say why there are no pods, nothing where there are."""
    return result.pods if isinstance(result.pods, str) else ""


def why_no_paths(result: ExpansionResult) -> str:
    """Say why there are no paths, nothing where there are."""
    return result.paths if isinstance(result.paths, str) else ""


def pods_sentences(result: ExpansionResult) -> Iterable[str]:
    """Say what pods cover, and what is left and why."""
    if not isinstance(result.pods, Pods):
        return []
    found = result.pods
    left = found.accounts[found.accounts["pod"] == 0]
    reasons = left["why"].value_counts()
    told = [
        say(
            "covered", covered=found.covered, uncovered=found.uncovered, left=len(left), of=len(found.accounts),
            currency=result.currency, proven=found.exact,
        )
    ]  # fmt: skip
    return told + [say("left", accounts=int(each), why=why) for why, each in reasons.items()]


def pay_sentences(result: ExpansionResult) -> Iterable[str]:
    """Say what the year's pay comes to, and how much of it luck would have brought; or why nothing was paid."""
    if isinstance(result.payouts, str):
        return [result.payouts]
    found, total = result.payouts, float(result.payouts.plans["paid"].sum())
    luck = float(found.plans["luck"].sum()) if np.isfinite(found.plans["luck"]).all() else None
    return [
        say(
            "paid", total=total, expansion=YEAR * found.expansion, luck=luck, why=found.reason,
            currency=result.currency, first=f"{found.first_month:%Y-%m}", last=f"{found.last_month:%Y-%m}",
        )
    ]  # fmt: skip


def path_sentences(result: ExpansionResult) -> Iterable[str]:
    """Say what small accounts want and cannot buy alone, and how a new team comes in."""
    if not isinstance(result.paths, ExpansionPaths):
        return []
    found, offers = result.paths, result.paths.offers
    told = [say("alone", alone=int(offers["alone"].sum()), of=len(offers))]
    told += [
        say("wanted", offer=each["offer"], accounts=int(each["accounts"]), small=found.small)
        for each in found.wanted.to_dict("records")
    ]
    teams = dict(zip(found.team["way"], found.team["accounts"], strict=True))
    return [*told, say("new_team", ways=[f"{way}: {accounts}" for way, accounts in teams.items()])] if teams else told


def pods_table(result: ExpansionResult) -> DataTable:
    """Return the pods, the uncovered last."""
    return result.pods.table(result.currency) if isinstance(result.pods, Pods) else no_rows()


def plans_table(result: ExpansionResult) -> DataTable:
    """Return what each plan of pay came to."""
    return result.payouts.plans_table(result.currency) if isinstance(result.payouts, Payouts) else no_rows()


def pay_under_table(result: ExpansionResult, scenario: Scenario) -> DataTable:
    """Return what each plan pays on the year as it was paid, and billed under today's list and the scenario's."""
    today = Scenario(id="today", name=say("todays_list"), kind="baseline")
    named = {say("as_paid"): result.payouts} | {
        each.name: payouts_of(result, scenario, result.lived.ledger_under(each))
        for each in ((today,) if scenario.kind == "baseline" else (today, scenario))
    }
    there = {name: each.plans.set_index("role") for name, each in named.items() if isinstance(each, Payouts)}
    if len(there) < 2:  # noqa: PLR2004 - nothing to set beside each other
        return no_rows()
    amount = Money(result.currency)
    columns = [(say("role"), TEXT), *((say(each, name=name), kind) for name in there
                                      for each, kind in (("pays", amount), ("of_a_dollar", Percent(1))))]  # fmt: skip
    roles = next(iter(there.values())).index
    rows = [
        (role, *(frame.loc[role, key] if role in frame.index else None
                 for frame in there.values() for key in ("paid", "per_dollar")))
        for role in roles
    ]  # fmt: skip
    return DataTable.of_rows(columns, rows)


def games_table(result: ExpansionResult) -> DataTable:
    """Return the ways to game pay, found in the data or absent."""
    return result.payouts.games_table(result.currency) if isinstance(result.payouts, Payouts) else no_rows()


def ways_table(result: ExpansionResult) -> DataTable:
    """Return what each offer takes to buy."""
    return result.paths.table() if isinstance(result.paths, ExpansionPaths) else no_rows()
