"""The few numbers a reader looks at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, exact_percent, money, percent
from workbench.results import KeyFigure
from workbench.stages.tiers.ladder import middle_tiers

if TYPE_CHECKING:
    from workbench.stages.tiers.bill_change import BillChange
    from workbench.stages.tiers.evaluation import TierResult


COMPARED = "with a payment on record and a new bill"


def key_figures(result: TierResult) -> tuple[KeyFigure, ...]:
    """Return revenue against today, the middle, the spread, who pays more or less, and who is left out of that."""
    return (
        _revenue(result),
        _middle(result),
        _spread(result),
        *(_changes(result.change, result.evidence.billing_month) if result.change and result.change.accounts else ()),
        *_shock(result),
        _unserved(result),
        _not_compared(result),
    )


def _revenue(result: TierResult) -> KeyFigure:
    change, currency = result.change, result.evidence.currency
    if change is None or not change.accounts:
        return KeyFigure(
            "Revenue a month",
            result.revenue,
            currency,
            population=f"{count('account', sum(o.accounts for o in result.outcomes))} in a tier",
            note="Today's is not recorded." if change is None else "No account can be compared.",
            held_against_today=True,
        )
    return KeyFigure(
        "Revenue a month, same accounts",
        change.new,
        currency,
        period=result.evidence.billing_month,
        population=f"{count('account', change.accounts)} {COMPARED}",
        change=change.new - change.today,
        digits=0,
        held_against_today=True,
        note=f"{money(change.today, currency)} recorded today ({percent(change.change, 1, signed=True)}), each "
        "account's own discount kept",
    )


def _shock(result: TierResult) -> tuple[KeyFigure, ...]:
    """Return the share of accounts whose bill rises steeply, with the largest rise."""
    found = next((each for each in result.findings if each.rule_id == "T6" and each.measured is not None), None)
    if found is None:
        return ()
    line = exact_percent(result.rulebook.threshold("T6.rise").high or 0.0)
    return (
        KeyFigure(
            f"Bills up over {line}",
            found.measured,
            "percent",
            population=found.population,
            note="each account's own discount kept",
        ),
    )


def _middle(result: TierResult) -> KeyFigure:
    public = [outcome for outcome in result.outcomes if outcome.tier.public and not outcome.tier.is_free]
    middle = [public[place] for place in middle_tiers([outcome.tier for outcome in public])]
    placed = sum(outcome.accounts for outcome in public)
    return KeyFigure(
        "In the middle",
        sum(outcome.accounts for outcome in middle) / placed if middle and placed else None,
        "percent",
        population=f"of {count('account', placed)} in a public tier with a price",
        note=", ".join(outcome.tier.name for outcome in middle),
    )


def _spread(result: TierResult) -> KeyFigure:
    finding = next(finding for finding in result.findings if finding.rule_id == "T4")
    return KeyFigure("Top price over entry price", finding.measured, "times", note="free and on request left out")


def _changes(change: BillChange, month: str) -> tuple[KeyFigure, ...]:
    low, middle, high = change.relative
    population = f"{count('account', change.accounts)} {COMPARED}"
    spread = f"from {percent(low, signed=True)} to {percent(high, signed=True)} for nine accounts in ten"
    return (
        KeyFigure("Pay more", change.more / change.accounts, "percent", population=population, period=month),
        KeyFigure("Pay less", change.less / change.accounts, "percent", population=population, period=month),
        KeyFigure("Median bill change", middle, "percent", note=spread, period=month),
    )


def _unserved(result: TierResult) -> KeyFigure:
    missing = result.unplaced
    paid = f"paying {money(missing.unserved_today, result.evidence.currency)} a month today"
    return KeyFigure(
        "No tier serves",
        missing.unserved,
        "accounts" if missing.unserved != 1 else "account",
        population=f"of {len(result.evidence):,} active",
        note=paid if missing.unserved and result.evidence.has_mrr else "",
    )


def _not_compared(result: TierResult) -> KeyFigure:
    served = sum(outcome.accounts for outcome in result.outcomes)
    lacking = result.not_compared
    return KeyFigure(
        "Cannot be compared",
        lacking,
        "accounts" if lacking != 1 else "account",
        population=f"of {served:,} in a tier",
        note="no recorded MRR or no known bill" if lacking else "",
    )
