"""Tables and sentences of the way to new prices: paths by policy, the back-test, guesses, what to find out first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import SHARE_OF, UNKNOWN, count, exact, exact_percent, is_computed, percent, quantity
from workbench.impact.migration.path import break_even_words
from workbench.impact.uncertainty.behaviour import NEW_CUSTOMERS, ON_RECORD, USUAL_CHURN, kind_of
from workbench.locales import conventions
from workbench.stages.comparison.bills import SURE
from workbench.tables import COUNT, MONTH, NUMBER, TEXT, DataTable, Money, Number, Own, Percent, Reworded, When
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.stages.migration.evaluation import Ranges
    from workbench.study.model import Assumption

say = texts(__name__)


def renewals_sentence(bills: AccountBills, term: int) -> str:
    """Say where renewal dates come from: contracts on record, or an assumption."""
    known, total = int(bills.renewal_known.sum()), len(bills)
    assumed = say("assumed_on_the_anniversary_of", term=term)
    if known == total:
        return say("renewals_are_those_on_record", renews_on=_RENEWS_ON)
    if known:
        record = say("renewals_of_of_accounts_are", known=known, total=total, renews_on=_RENEWS_ON)
        return say("the_others_are", record=record, assumed=assumed)
    return say("no_contract_is_on_record", renews_on=_RENEWS_ON, assumed=assumed)


_RENEWS_ON = say("column_renews_on_of_the")
WORTH_SAYING = 1.0  # of the currency: less than that is rounding


def sign_sentence(ranges: Ranges) -> str:
    """Say which prices bring more, where nine of ten draws agree and the history is long enough to tell."""
    simulation, reach = ranges.simulation, None if ranges.ahead is None else ranges.ahead.reach
    chance = simulation.chance_of_beating(ranges.name)
    if reach is not None and not reach.sign:
        return say("which_prices_bring_more_cannot")
    if chance >= SURE:
        return say("in_of_the_draws_that", share=_share(chance))
    if chance <= 1 - SURE:
        return say("in_of_the_draws_that_2", share=_share(1 - chance))
    return say("whether_that_is_more_than", chance=chance)


def _share(chance: float) -> str:
    """Write a share of draws; nearly all are not all."""
    return "more than 99%" if 0.99 < chance < 1 else percent(chance)  # noqa: PLR2004 - as it is written


def direction_sentence(ranges: Ranges) -> str:
    """Say which list brings more in the months for which no range is given; empty where there are none."""
    ahead = ranges.ahead
    if ahead is None or ahead.reach.sign <= ahead.reach.ranges:
        return ""
    chance, month = float(ahead.chance(ranges.name)[-1]), ahead.months[ahead.reach.sign - 1]
    told = say("in_of_the_draws_the", chance=chance)
    return say("beyond_them_only_the_direction", reason=ahead.reach.reason, month=month, told=told)


def reaction_sentence(ranges: Ranges) -> str:
    """Say what the same months bring if nobody reacts to the move, apart from what is assumed about reactions."""
    simulation = ranges.simulation
    if not simulation.unreacted:
        return ""
    low, high = np.quantile(simulation.unreacted[ranges.name].sum(axis=1), [0.05, 0.95])
    currency = simulation.statistics[ranges.name].currency
    return (
        say(
            "usage_leavers_and_new_customers",
            low=float(low),
            currency=currency,
            high=float(high),
            past_sentence=past_sentence(ranges.past, ranges),
        )
    ).rstrip()


def past_sentence(past: Sequence[PastReaction], ranges: Ranges | None = None) -> str:
    """Say what customers did when their price rose before, or why nobody knows; and which range is drawn from."""
    said = [f"{each.sentence}{'' if ranges is None else _drawn_instead(each, ranges)}" for each in past if each.known]
    reasons: dict[str, list[str]] = {}
    for each in past:
        if each.reason:
            reasons.setdefault(each.reason, []).append(each.kind)
    said += [
        say("how_many_customers_over_a", kinds=" or ".join(kinds), reason=reason) for reason, kinds in reasons.items()
    ]
    return " ".join(said)


def _drawn_instead(reaction: PastReaction, ranges: Ranges) -> str:
    """Say that the team's own range is drawn from where it is, and which one."""
    about = ON_RECORD[reaction.kind]
    used = next(each for each in ranges.simulation.behaviour.assumptions if each.id == about)
    if (used.low, used.high) == (reaction.low, reaction.high):
        return say("the_draws_come_from_it")
    low, high = (in_unit(each, used.unit) for each in (used.low, used.high))
    return say("the_study_keeps_a_range", low=low, high=high)


def in_unit(value: float, unit: str) -> str:
    """Write a guess in its unit as it was given, one learned from data rounded; shares as percentages."""
    if is_computed(value):
        return conventions().share(quantity(value * 100)) if unit.startswith(SHARE_OF) else quantity(value)
    return exact_percent(value) if unit.startswith(SHARE_OF) else exact(value)


def unit_words(unit: str) -> str:
    """Write the unit of a guess beside its value: a share of customers is a percentage, so "of customers"."""
    return unit.removeprefix("share ") if unit.startswith(SHARE_OF) else unit


def information_sentence(ranges: Ranges) -> str:
    """Say what to find out first, where an answer could change the choice."""
    if ranges.ahead is not None and not ranges.ahead.reach.sign:
        return say("which_prices_bring_more_cannot_2")
    if ranges.value_of_information.perfect < WORTH_SAYING:
        best = ranges.value_of_information.best
        return say("on_average_bring_the_most", best=best)
    return ranges.value_of_information.sentence()


# --- Tables


def month_names(frame: pd.DataFrame, names: Iterable[str], currency: str) -> DataTable:
    """Return a table of months with money in columns."""
    return DataTable.of_frame(frame, [("Month", MONTH, "month"), *((name, Money(currency)) for name in names)])


def contracts_sentence(contracts: pd.DataFrame) -> str:
    """Say how many accounts can be moved at once, and what holds the others."""
    held = contracts[contracts["held"]]
    if held.empty:
        return say("contracts_hold_nobody", n=len(contracts))
    within = held["from"] <= held["from"].min() + _A_YEAR
    return say(
        "contracts_hold", accounts=len(contracts), now=len(contracts) - len(held), first=held["from"].min(),
        n=len(held), within=int(within.sum()), capped=int(contracts["cap"].notna().sum()),
    )  # fmt: skip


_A_YEAR = np.timedelta64(365, "D")


def contracts_table(contracts: pd.DataFrame) -> DataTable:
    """Return one row per account: from when its price can change, by when it has to be told, its cap, and why."""
    columns = (
        ("Account", TEXT), (say("can_be_moved_from"), When(days=True)), (say("to_be_told_by"), When(days=True)),
        (say("rise_at_most"), Percent(1)), ("Why", TEXT),
    )  # fmt: skip
    ordered = contracts.sort_values(["from", "account_id"], kind="stable")
    caps = [None if np.isnan(cap) else cap / 100 for cap in ordered["cap"].to_numpy(float)]
    rows = zip(ordered["account_id"], ordered["from"], ordered["told_by"], caps, ordered["why"], strict=True)
    return DataTable.of_rows(columns, rows)


def policies_table(paths: Mapping[str, MigrationPath], chosen: str) -> DataTable:
    """Return one row per policy, the one decided on marked."""
    currency = next((path.bills.currency for path in paths.values()), "")
    columns = (
        ("Policy", TEXT),
        ("Revenue in 24 months", Money(currency)),
        ("Against everyone at once", Money(currency, signed=True)),
        ("Still on old prices", COUNT),
        (say("all_on_new_prices_after"), Reworded(lambda months: count("month", int(months)), missing=_TOO_LATE)),
        ("Break-even churn", Percent(1)),
    )
    rows = (
        (
            f"{name} (decided)" if name == chosen else name,
            path.revenue,
            -path.forgone,
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
