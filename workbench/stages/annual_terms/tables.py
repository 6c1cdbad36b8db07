"""The tables of the stage: money month by month, the last year replayed, and exact bills of a year and a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import WorkbenchError
from workbench.formatting import metric_words
from workbench.impact.monthly_accounts import account_months
from workbench.impact.terms import annual_bills
from workbench.locales import NO_CURRENCY
from workbench.stages.price_book import list_of_today, price_book
from workbench.tables import COUNT, TEXT, DataTable, Money, Percent, Words
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.stages.annual_terms.decision import AnnualTermsDecision
    from workbench.stages.annual_terms.result import AnnualResult
    from workbench.study.model import Scenario

say = texts(__name__)


def money_ahead_table(result: AnnualResult) -> DataTable:
    """Return revenue and cash of each month, before and after, and what is paid for months still to come."""
    money = Money(result.evidence.currency)
    between = Words("{} to {}", (money, money))
    columns = [
        (say("month"), COUNT, "month"), (say("before"), money, "mrr before"), (say("mrr"), money, "mrr"),
        (say("mrr_range"), between, ("mrr low", "mrr high")), (say("cash"), money, "cash"),
        (say("cash_range"), between, ("cash low", "cash high")), (say("prepaid"), money, "prepaid"),
    ]  # fmt: skip
    return DataTable.of_frame(result.path, columns)


def replay_table(result: AnnualResult) -> DataTable:
    """Return the last year of those who began it paying by the month: as paid, and had it been paid by the year."""
    found, money = result.replayed, Money(result.evidence.currency)
    columns = [
        ("accounts", COUNT), (say("left"), COUNT), (say("by_month"), money), (say("by_year"), money),
        (say("change"), Words("{} ({} to {})", (money, money, money))), (say("same_at"), Percent(1)),
    ]  # fmt: skip
    if found is None:
        return DataTable.of_rows(columns, [])
    change = (found.change.estimate, found.change.low, found.change.high)
    return DataTable.of_rows(
        columns, [(found.accounts, found.left, found.by_month, found.by_year, change, found.discount)]
    )


def bills_table(base: CustomerBase, scenario: Scenario, decision: AnnualTermsDecision) -> DataTable:
    """Return exact bills of each plan for its middle customer: a month, a year, a switch, and a refund."""
    currency = base.currency or NO_CURRENCY
    money, terms = Money(currency, "bill"), decision.terms
    columns = [
        (say("plan"), TEXT), (say("for"), TEXT), (say("a_month"), money), (say("a_year"), money),
        (say("saved"), money), (say("switch"), money), (say("refund"), money),
    ]  # fmt: skip
    book = price_book(base, scenario)
    if not book.plans:
        book = list_of_today(base)
    usual = _middle_quantities(base)
    rows = []
    for plan in book.plans:
        metrics = {charge.metric for charge in plan.charges}
        if not plan.priced or not metrics <= set(usual):
            continue
        quantities = {metric: usual[metric] for metric in sorted(metrics)}
        try:
            bills = annual_bills(plan, quantities, terms, currency)
        except WorkbenchError:
            continue
        monthly, yearly, switch = (each.total for each in (bills.monthly, bills.yearly, bills.switch))
        if not monthly:
            continue
        told = ", ".join(f"{amount:,g} {metric_words(metric)}" for metric, amount in quantities.items())
        rows.append(
            (plan.name, told or say("any_customer"), monthly, yearly, 12 * monthly - yearly, switch, bills.refund)
        )
    return DataTable.of_rows(columns, rows)


def _middle_quantities(base: CustomerBase) -> dict[str, float]:
    """Return the middle quantity of each metric among those who used it in the last month, in whole units."""
    try:
        rows = account_months(base, months=1, population="using")
    except WorkbenchError:
        return {}
    found = {}
    for metric in rows.metrics:
        used = rows.quantity(metric)
        used = used[np.isfinite(used) & (used > 0)]
        if len(used):
            found[metric] = float(max(1, round(float(np.median(used)))))
    return found


def life_table(result: AnnualResult) -> DataTable:
    """Return where the offer begins to cost, at the low, the middle and the high end of who leaves each month."""
    even, churn = result.break_even, result.churn
    share = Percent(1)
    columns = [(say("end"), TEXT), (say("churn"), Percent(2)), (say("deepest"), share), (say("most_leave"), share)]
    if churn is None or even.discount is None or even.renewal is None:
        return DataTable.of_rows(columns, [])
    ends = ("low", "estimate", "high")
    rows = [(say(f"end_{e}"), getattr(churn, e), getattr(even.discount, e), getattr(even.renewal, e)) for e in ends]
    return DataTable.of_rows(columns, rows)
