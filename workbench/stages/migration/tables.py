"""Tables of the way to new prices: paths by policy, the back-test, chances of crossing limits, guesses drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import SHARE_OF, UNKNOWN, count, is_computed
from workbench.impact.migration.path import break_even_words
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, USUAL_CHURN, kind_of
from workbench.stages.migration.words import unit_words
from workbench.tables import COUNT, MONTH, NUMBER, TEXT, DataTable, Money, Number, Own, Percent, Reworded
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.stages.migration.evaluation import Ranges
    from workbench.study.model import Assumption

say = texts(__name__)


def month_names(frame: pd.DataFrame, names: Iterable[str], currency: str) -> DataTable:
    """Return a table of months with money in columns."""
    return DataTable.of_frame(frame, [("Month", MONTH, "month"), *((name, Money(currency)) for name in names)])


def policies_table(paths: Mapping[str, MigrationPath], chosen: str) -> DataTable:
    """Return one row per policy, the one decided on marked."""
    currency = next((path.bills.currency for path in paths.values()), "")
    columns = (
        ("Policy", TEXT),
        ("Revenue in 24 months", Money(currency)),
        ("Forgone against at once", Money(currency, signed=True)),
        ("Still on old prices", COUNT),
        (say("all_on_new_prices_after"), Reworded(lambda months: count("month", int(months)), missing=_TOO_LATE)),
        ("Break-even churn", Percent(1)),
    )
    rows = (
        (
            f"{name} (decided)" if name == chosen else name,
            path.revenue,
            path.forgone,
            float(path.table["on_old"].iloc[-1]),
            path.months_to_new,
            break_even_words(churn) if (churn := path.break_even_churn) <= 0 else churn,
        )
        for name, path in paths.items()
    )
    return DataTable.of_rows(columns, rows)


_TOO_LATE = "not in 24 months"


def _guess(value: float, unit: str, missing: str = UNKNOWN) -> Own:
    """Return a guess in its unit as it was given, one learned from data rounded; shares as percentages."""
    computed = is_computed(value)
    if unit.startswith(SHARE_OF):
        return Own(value, Percent(None, exactly=not computed, missing=missing))
    return Own(value, Number(exactly=not computed, missing=missing))


def _on_record(ranges: Ranges, assumption: Assumption) -> bool:
    """Tell whether a forecast takes from the record what a range says otherwise."""
    kind = kind_of(assumption.id)
    return ranges.ahead is not None and (kind == USUAL_CHURN or (kind == NEW_CUSTOMERS and not assumption.high))


def guesses_table(ranges: Ranges) -> DataTable:
    """Return the ranges drawn from, with the ids by which a study replaces them."""
    columns = (
        ("Guess", TEXT),
        ("Low", NUMBER),
        ("High", NUMBER),
        ("Unit", TEXT),
        ("Source", TEXT),
        ("Name under Assumptions", TEXT),
    )
    segments = ranges.simulation.statistics[ranges.name].segments
    rows = (
        (
            each.label,
            _guess(each.low, each.unit),
            _guess(each.high, each.unit),
            unit_words(each.unit),
            each.source or "a wide guess",
            each.id,
        )
        for each in ranges.simulation.behaviour.in_use(segments)
        if not _on_record(ranges, each)
    )
    return DataTable.of_rows(columns, rows)


def drivers_table(table: pd.DataFrame, currency: str) -> DataTable:
    """Return what each guess moves: the gain at both of its ends, its share of the spread, where the gain turns."""
    gain = Money(currency, signed=True)
    columns = (
        ("Guess", TEXT),
        ("From", NUMBER),
        ("To", NUMBER),
        ("Unit", TEXT),
        (say("gain_at_the_low_end"), gain),
        (say("gain_at_the_high_end"), gain),
        ("Share of the spread", Percent()),
        ("Break-even value", NUMBER),
    )
    rows = (
        (
            str(each["assumption"]),
            *(_guess(each[end], each["unit"]) for end in ("low", "high")),
            unit_words(each["unit"]),
            each["at_low"],
            each["at_high"],
            each["variance_share"],
            _guess(each["break_even"], each["unit"], "none"),
        )
        for each in table.to_dict("records")
    )
    return DataTable.of_rows(columns, rows)


def chances_table(ranges: Ranges) -> DataTable:
    """Return the chance of crossing each limit on revenue."""
    found = ranges.chances
    names = [
        f"{title}: {subject}" if subject else title
        for title, subject in zip(found["guardrail"], found["subject"], strict=True)
    ]
    columns = (
        ("Guardrail", TEXT, "name"),
        ("Limit", Percent(signed=True, exactly=True), "limit"),
        ("Chance of crossing it", Percent(), "chance"),
    )
    return DataTable.of_frame(found.assign(name=names), columns)


def back_test_table(ahead: RevenueAhead, currency: str) -> DataTable:
    """Return what the forecast of a year ago said of each month since, and what came."""
    amounts = ((name, Money(currency)) for name in ("Low", "Middle", "High", "What came"))
    rows = ((each.month, each.low, each.revenue, each.high, each.was) for each in ahead.back_test)
    return DataTable.of_rows((("Month", TEXT), *amounts), rows)
