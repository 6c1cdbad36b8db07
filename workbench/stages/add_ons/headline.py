"""The few numbers a reader looks at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, exact_percent, money
from workbench.results import Interval, KeyFigure
from workbench.stages.add_ons.gate import SOON_DAYS

if TYPE_CHECKING:
    from workbench.stages.add_ons.evaluation import AddOnResult

ASSUMED = "from the attach ranges assumed"


def key_figures(result: AddOnResult) -> tuple[KeyFigure, ...]:
    """Return revenue of the add-ons, its share of the core, who is eligible now and soon, and who wants several."""
    if not result.outcomes:
        return (_candidates(result),)
    return (_revenue(result), _share(result), _eligible(result), _soon(result), *_several(result))


def _candidates(result: AddOnResult) -> KeyFigure:
    few = [each for each in result.candidates if each.group == "clearly few"]
    known = result.evidence.needs.used is not None
    line = exact_percent(result.rulebook.threshold("A5").high)
    return KeyFigure(
        "Features few accounts use",
        len(few) if known else None,
        "features" if len(few) != 1 else "feature",
        population=f"{count('active account', len(result.evidence))}",
        period=_period(result),
        note=f"surely under {line}" if known else "feature use is not recorded",
    )


def _revenue(result: AddOnResult) -> KeyFigure:
    unknown = sum(each.full is None for each in result.outcomes)
    return KeyFigure(
        "Revenue of add-ons",
        None if result.revenue is None else result.revenue.estimate,
        result.currency,
        period="a month",
        population=count("add-on", len(result.outcomes)),
        interval=result.revenue,
        interval_is=ASSUMED,
        note=f"{count('add-on', unknown)} of unknown revenue not counted" if unknown else "",
    )


def _share(result: AddOnResult) -> KeyFigure:
    core, revenue = result.places.revenue, result.revenue
    of = f"of {count('active account', len(result.evidence))}"
    if not core or revenue is None:
        return KeyFigure("Share of core revenue", None, "percent", "a month", of, note="the core revenue is not known")
    interval = Interval(revenue.low / core, revenue.estimate / core, revenue.high / core, revenue.level)
    return KeyFigure(
        "Share of core revenue",
        interval.estimate,
        "percent",
        "a month",
        of,
        interval=interval,
        interval_is=ASSUMED,
        digits=1,
        note=f"core: {money(core, result.currency)} a month at list prices, {result.places.source}",
    )


def _eligible(result: AddOnResult) -> KeyFigure:
    anyone = result.eligible_for_any
    return KeyFigure(
        "Eligible now for one or more",
        anyone,
        "accounts" if anyone != 1 else "account",
        population=f"of {count('active account', len(result.evidence))}",
        period=f"as of {result.evidence.day:%Y-%m-%d}",
        note="the use the gate asks for is not recorded" if anyone is None else "",
    )


def _soon(result: AddOnResult) -> KeyFigure:
    more = result.eligible_soon
    return KeyFigure(
        f"More within {SOON_DAYS} days", more, "accounts" if more != 1 else "account", note="by tenure alone"
    )


def _several(result: AddOnResult) -> tuple[KeyFigure, ...]:
    found = result.overlap
    if found is None or len(result.outcomes) < 2:  # noqa: PLR2004 - overlap needs two
        return ()
    return (
        KeyFigure(
            "Would want two or more",
            found.several_accounts,
            "accounts" if found.several_accounts != 1 else "account",
            population=f"of {found.any_accounts:,} interested in any",
            period=_period(result),
        ),
    )


def _period(result: AddOnResult) -> str:
    basis = result.basis
    return basis.first_month if basis.first_month == basis.last_month else f"{basis.first_month} to {basis.last_month}"
