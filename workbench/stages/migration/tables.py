"""Tables of the way to new prices: paths by policy, the back-test, chances of crossing limits, guesses drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import count, exact_percent, money, number, percent
from workbench.impact.migration.path import break_even_words
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, USUAL_CHURN, kind_of
from workbench.stages.impact.tables import signed
from workbench.stages.migration.words import in_unit, unit_words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.stages.migration.evaluation import Ranges
    from workbench.study.model import Assumption

say = texts(__name__)


def month_names(frame: pd.DataFrame, names: Iterable[str], currency: str) -> pd.DataFrame:
    """Return a frame of months with money in columns, written for reading."""
    return pd.DataFrame(
        {"Month": frame["month"].dt.strftime("%Y-%m")}
        | {name: [money(each, currency) for each in frame[name]] for name in names},
        dtype=object,
    )


def policies_table(paths: Mapping[str, MigrationPath], chosen: str) -> pd.DataFrame:
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
        say("all_on_new_prices_after"),
        "Break-even churn",
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _on_record(ranges: Ranges, assumption: Assumption) -> bool:
    """Tell whether a forecast takes from the record what a range says otherwise."""
    kind = kind_of(assumption.id)
    return ranges.ahead is not None and (kind == USUAL_CHURN or (kind == NEW_CUSTOMERS and not assumption.high))


def guesses_table(ranges: Ranges) -> pd.DataFrame:
    """Return the ranges drawn from, with the ids by which a study replaces them."""
    segments = ranges.simulation.statistics[ranges.name].segments
    rows = [
        (
            each.label,
            in_unit(each.low, each.unit),
            in_unit(each.high, each.unit),
            unit_words(each.unit),
            each.source or "a wide guess",
            each.id,
        )
        for each in ranges.simulation.behaviour.in_use(segments)
        if not _on_record(ranges, each)
    ]
    return pd.DataFrame(
        rows, columns=["Guess", "Low", "High", "Unit", "Source", "Name under Assumptions"], dtype=object
    )


def chances_table(ranges: Ranges) -> pd.DataFrame:
    """Return the chance of crossing each limit on revenue."""
    found = ranges.chances
    names = [
        f"{title}: {subject}" if subject else title
        for title, subject in zip(found["guardrail"], found["subject"], strict=True)
    ]
    return pd.DataFrame(
        {
            "Guardrail": names,
            "Limit": [exact_percent(each, signed=True) for each in found["limit"]],
            "Chance of crossing it": [percent(each) for each in found["chance"]],
        },
        dtype=object,
    )


def back_test_table(ahead: RevenueAhead, currency: str) -> pd.DataFrame:
    """Return what the forecast of a year ago said of each month since, and what came."""
    rows = [
        (each.month, *(money(value, currency) for value in (each.low, each.revenue, each.high, each.was)))
        for each in ahead.back_test
    ]
    return pd.DataFrame(rows, columns=["Month", "Low", "Middle", "High", "What came"], dtype=object)
