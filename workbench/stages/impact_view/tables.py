"""The tables of an impact, in words and units people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count, exact_percent, money, number, percent
from workbench.impact.guardrail_report import VERDICT_WORDS
from workbench.impact.migration import break_even_words
from workbench.stages.impact_view.accounts.tables import signed
from workbench.stages.impact_view.bridge import MEANINGS
from workbench.stages.impact_view.outcome import NET, NEW_LIST, PAID, TODAYS_LIST
from workbench.stages.impact_view.trial import TRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.impact import GuardrailReport, Reconciliation
    from workbench.impact.migration import AccountBills, MigrationPath
    from workbench.stages.impact_view.bridge import Bridge

SIGNS = {"pass": "\u2713", "fail": "\u2715", "unknown": "?"}
_RENEWS_ON = "column renews_on of the accounts"


def bridge_table(bridge: Bridge, *, paid: bool = True) -> pd.DataFrame:
    """Return the bridge from old to new revenue a month, with what each cause means and what is in none of them."""
    found, months, currency = bridge.table(), bridge.months, bridge.currency
    meanings = {**MEANINGS, TRIED: "the price moved above, with every account in its plan"}
    before, after = (PAID, NET) if paid else (TODAYS_LIST, NEW_LIST)
    rows = [(before, money(bridge.before / months, currency), "account-months on both sides")]
    rows += [
        (str(cause), signed(float(change), currency), meanings[str(cause)])
        for cause, change in zip(found["cause"], found["change"], strict=True)
    ]
    rows.append((after, money(bridge.after / months, currency), "the same account-months"))
    for words, amount in (
        ("Not comparable: billed today only", bridge.only_before),
        ("Not comparable: billed under the new prices only", bridge.only_after),
    ):
        if amount:
            rows.append((words, money(amount / months, currency), "such as prices on request; in no sum above"))
    return pd.DataFrame(rows, columns=["Step", "Money a month", "What it is"], dtype=object)


def guardrail_table(report: GuardrailReport) -> pd.DataFrame:
    """Return the limits with verdict as sign and word, measured, limit, and how many accounts stand behind it."""
    rows = [
        (
            f"{SIGNS[check.verdict]} {VERDICT_WORDS[check.verdict]}",
            f"{check.title} {check.subject}".strip(),
            "unknown" if check.measured is None else percent(check.measured, 1, signed=check.is_change),
            exact_percent(check.limit, signed=check.is_change),
            len(check.behind),
            check.sentence,
        )
        for check in report.checks
    ]
    columns = ["Verdict", "Guardrail", "Measured", "Limit", "Accounts", "What was found"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def reconciliation_table(found: Reconciliation, currency: str) -> pd.DataFrame:
    """Return how recorded revenue differs from today's list, by explanation."""
    table = found.summary()
    return pd.DataFrame(
        {
            "Explanation": table["explanation"],
            "Accounts": table["accounts"],
            "Recorded revenue": [money(each, currency) for each in table["recorded"]],
            "Recorded, without a bill": [money(each, currency) for each in table["without_bill"]],
            "Recorded less list": [signed(each, currency) for each in table["difference"]],
            "Share of revenue compared": [percent(each, 1) for each in table["share_of_recorded"]],
        },
        dtype=object,
    )


def off_accounts_table(found: Reconciliation, currency: str, most: int = 100) -> pd.DataFrame:
    """Return the accounts that differ most from today's list, with why."""
    order = found.accounts["difference"].abs().sort_values(ascending=False, kind="stable").index
    table = found.accounts.loc[order].query("difference != 0").head(most)
    return pd.DataFrame(
        {
            "Account": table["account_id"],
            "Segment": table["segment"],
            "Months": table["months"],
            "Recorded": [money(each, currency) for each in table["recorded"]],
            "List": [money(each, currency) for each in table["replayed"]],
            "Difference": [signed(each, currency) for each in table["difference"]],
            "Explanation": table["detail"].where(table["detail"].astype(bool), table["explanation"]),
        },
        dtype=object,
    )


def paths_table(paths: Mapping[str, MigrationPath], chosen: str) -> pd.DataFrame:
    """Return one row per policy, the one decided on marked."""
    rows = [
        (
            f"{name} (decided)" if name == chosen else name,
            money(path.revenue, path.bills.currency),
            signed(path.forgone, path.bills.currency),
            number(float(path.table["on_old"].iloc[-1]), 0),
            "not in 24 months" if path.months_to_new is None else count("month", path.months_to_new),
            break_even_words(path.break_even_churn),
        )
        for name, path in paths.items()
    ]
    columns = [
        "Policy",
        "Revenue in 24 months",
        "Forgone against at once",
        "Still on old prices",
        "All on new prices after",
        "Break-even churn",
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def renewals_sentence(bills: AccountBills, term: int) -> str:
    """Say where renewal dates come from: contracts on record, or an assumption."""
    known, total = int(bills.renewal_known.sum()), len(bills)
    assumed = f"assumed on the anniversary of sign-up, every {count('month', term)}"
    if known == total:
        return f"Renewals are those on record ({_RENEWS_ON})."
    if known:
        record = f"Renewals of {known:,} of {total:,} accounts are on record ({_RENEWS_ON})"
        return f"{record}; the others are {assumed}."
    return f"No contract is on record ({_RENEWS_ON}), so renewals are {assumed}."


def month_names(frame: pd.DataFrame, names: Iterable[str], currency: str) -> pd.DataFrame:
    """Return a frame of months with money in columns, written for reading."""
    return pd.DataFrame(
        {"Month": frame["month"].dt.strftime("%Y-%m")}
        | {name: [money(each, currency) for each in frame[name]] for name in names},
        dtype=object,
    )
