"""Today as recorded, and the scenarios of a study replayed: over the last months, the whole history or raw events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.cache import RecentOf
from workbench.customers.as_of import visible_rows
from workbench.customers.needs import YEAR
from workbench.errors import StudyError, WorkbenchError
from workbench.formatting import count, first_of
from workbench.growth.programme import first_to_migrate
from workbench.growth.recurring_revenue import MovementsError, arpa, ledger_of, retention
from workbench.impact.bill_replay import replay
from workbench.impact.billing import KeepPlan
from workbench.impact.comparison import compare
from workbench.impact.errors import ReplayError
from workbench.impact.events.event_log import fetched
from workbench.impact.events.metering import EventRules, events_to_months, replay_frame
from workbench.impact.guardrails import check_guardrails
from workbench.impact.migration.policies import opt_in_overage
from workbench.impact.monthly_accounts import account_months
from workbench.impact.price_realisation import at_what_is_paid, placed_by_need, reconcile, standing
from workbench.locales import NO_CURRENCY
from workbench.results import LAST_DIGITS, Caution, KeyFigure
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import (
    list_of_today,
    price_book,
    seat_metric,
    terms_in_words,
    usage_metric,
    usual_terms,
)
from workbench.study.model import MONTHS_OF_BASIS
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence
    from pathlib import Path

    from workbench.customers.base import CustomerBase
    from workbench.growth.recurring_revenue import MrrLedger, Retention
    from workbench.impact.bill_replay import Replay
    from workbench.impact.billing import AddOnsOwned, Assignment
    from workbench.impact.comparison import Comparison
    from workbench.impact.events.engines import Engine
    from workbench.impact.events.metering import EventMonths
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.impact.price_realisation import DesignStanding, Reconciliation
    from workbench.pricing.price_book import PriceBook
    from workbench.study.document import Study
    from workbench.study.model import Scenario

say = texts(__name__)

# --- Today as the data records it: the figures every design is held against, without any design


def recorded_figures(base: CustomerBase) -> tuple[KeyFigure, ...]:
    """Return accounts, months, monthly recurring revenue, revenue per paying account and net revenue retention.

    Revenue is that of the last month on record, in the base's currency; retention follows the accounts that paid a
    year before it. What the data does not record is unknown.
    """
    months = base.months
    span = f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}"
    return (
        KeyFigure("Accounts", len(base), digits=0, population="on record"),
        KeyFigure("Months on record", len(months), digits=0, period=span),
        *_revenue(base),
    )


def _revenue(base: CustomerBase) -> tuple[KeyFigure, ...]:
    currency = base.currency or NO_CURRENCY
    if not base.has("mrr"):
        lacking = say("the_data_holds_no_mrr")
        return (
            KeyFigure("Monthly recurring revenue", None, currency, note=lacking),
            KeyFigure("Revenue per paying account", None, currency, note=lacking),
            KeyFigure("Net revenue retention", None, "percent", note=lacking),
        )
    ledger = ledger_of(base)
    last = arpa(ledger).iloc[-1]
    month = f"{last['month']:%Y-%m}"
    paying = count("paying account", int(last["accounts"]))
    return (
        KeyFigure("Monthly recurring revenue", float(last["revenue"]), currency, month, paying),
        KeyFigure("Revenue per paying account", _known(last["arpa"]), currency, month, paying),
        _net_retention(ledger),
    )


def _net_retention(ledger: MrrLedger) -> KeyFigure:
    followed = _last_year(ledger)
    if followed is None:
        return KeyFigure("Net revenue retention", None, "percent", note=say("needs_revenue_on_record_of"))
    return KeyFigure(
        "Net revenue retention",
        followed.net,
        "percent",
        f"{followed.start_month:%Y-%m} to {followed.end_month:%Y-%m}",
        say("that_paid_at_the_start", accounts=followed.accounts),
    )


def _last_year(ledger: MrrLedger) -> Retention | None:
    """Follow the accounts that paid a year ago; None where the history is shorter or nobody paid then."""
    try:
        return retention(ledger, months=YEAR)
    except MovementsError:
        return None


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - the plain test for not-a-number


# --- A scenario's bills and money on a study's basis

_KEPT = 4  # of each kind and base: a few designs are looked at in turn


@dataclass(frozen=True, eq=False)
class LastMonths:
    """The last months of a customer base, and today's list over them, everybody on the plan on record; None without."""

    rows: AccountMonths
    today: Replay | None


_months: RecentOf[CustomerBase, Hashable, LastMonths] = RecentOf(_KEPT)
_standings: RecentOf[CustomerBase, Hashable, DesignStanding] = RecentOf(_KEPT)
_lists: RecentOf[CustomerBase, Hashable, Replay] = RecentOf(_KEPT)


def standing_of_last_months(
    base: CustomerBase, needs: Mapping[str, int] | None = None, *, months: int = 1
) -> LastMonths:
    """Return the last months billed under today's list; WorkbenchError where a base has nothing to bill.

    `needs` says how the account-months read what an account needs, as tier design does by default.
    """
    read = TierDecision().how_needs_are_read if needs is None else needs
    shown = max(1, min(months, len(base.months)))

    def made() -> LastMonths:
        rows = account_months(base, months=shown, needs_months=read["needs_months"], minimum_uses=read["minimum_uses"])
        book = list_of_today(base) if base.has("plans") else None
        return LastMonths(rows, replay(rows, book, assign=KeepPlan(), name="Today") if book and book.plans else None)

    return _months.once(base, (shown, tuple(read.items())), made)


def scenario_standing(base: CustomerBase, study: Study, scenario: Scenario) -> tuple[DesignStanding | None, str]:
    """Return a scenario's money on the study's basis; None and why where nothing can be billed.

    What is paid today is the revenue on record, whatever else is there.
    """
    try:
        return standing_over(base, scenario, months=MONTHS_OF_BASIS[study.basis]), ""
    except WorkbenchError as error:
        return None, str(error)


def standing_over(base: CustomerBase, scenario: Scenario, *, months: int = 1) -> DesignStanding:
    """Return a scenario's money over the last months; WorkbenchError where a base has nothing to bill."""
    needs = scenario.decision(TierDecision).how_needs_are_read
    book = price_book(base, scenario) if scenario.kind != "baseline" or base.has("plans") else None
    last = standing_of_last_months(base, needs, months=months)
    key = (months, tuple(needs.items()), book)
    return _standings.once(base, key, lambda: standing(last.rows, book, last.today))


def list_billed(base: CustomerBase, scenario: Scenario) -> Replay | None:
    """Return a scenario's list billed for the last month, tiers with the add-ons an account needs, at list prices.

    Today's list bills the plans on record. None where a scenario offers nothing or nobody can be billed: the replay
    itself says why where a team asks for it.
    """
    needs, book = scenario.decision(TierDecision).how_needs_are_read, price_book(base, scenario)
    if not book.plans:
        return None
    try:
        last = standing_of_last_months(base, needs)
        if scenario.kind == "baseline" and last.today is not None:
            return last.today
        made = placed_by_need(last.today)
        return _lists.once(base, (tuple(needs.items()), book), lambda: replay(last.rows, book, assign=made))
    except WorkbenchError:
        return None


# --- Who would opt into usage beside today's plans, and so is the first to migrate


@dataclass(frozen=True, slots=True, eq=False)
class FirstToOptIn:
    """Who would opt into usage: the metric, the offer in words, and the accounts whose bill it adds most to first."""

    metric: str
    offer: str
    accounts: pd.DataFrame


def charged_anew(base: CustomerBase, scenario: Scenario) -> tuple[str, ...]:
    """Return the metrics of usage that a scenario's list charges and today's does not."""
    known = {charge.metric for plan in list_of_today(base).plans for charge in plan.charges}
    book = price_book(base, scenario)
    charged = [charge.metric for offer in (*book.plans, *book.add_ons) for charge in offer.charges]
    return tuple(each for each in dict.fromkeys(charged) if each not in known and each in base.usage_by_month)


def first_to_opt_in(base: CustomerBase, scenario: Scenario) -> FirstToOptIn:
    """Return the accounts that use more than an option on usage includes; WorkbenchError where none can be made.

    What a scenario offers as an option is taken as it is; else usage that it charges anew, or that an option would be
    made of, is offered beside today's plans on the usual terms.
    """
    book, today, new = price_book(base, scenario), list_of_today(base), charged_anew(base, scenario)
    in_plans = {charge.metric for plan in book.plans for charge in plan.charges}
    if new and new[0] not in in_plans and set(today.plan_names) <= set(book.plan_names):
        offer = say("offered_as_an_option", name=scenario.name)
        return FirstToOptIn(new[0], offer, first_to_migrate(base, book, new[0]))
    terms = usual_terms(base, new[0] if new else usage_metric(base, scenario))
    made = opt_in_overage(
        today, terms.metric, unit_price=terms.unit_price, included=terms.included, seats=seat_metric(base)
    )
    offer = terms_in_words(terms, base.currency)
    return FirstToOptIn(terms.metric, offer, first_to_migrate(base, made, terms.metric))


# --- Replay the scenarios of a study over its customer base, against today's prices


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioReplay:
    """One design scenario: its money on the study's basis, its replay, and what the guardrails say.

    `standing` is the money that every page of the study shows, None where nothing can be billed, and `why_no_standing`
    says why. `replay` bills the months replayed at list prices, and `lists` compares it with today's list, None where
    that is not asked for. `comparison` is what the guardrails hold: paid against paid, each account keeping its own
    discount, where payments are on record; else list against list.
    """

    scenario_id: str
    replay: Replay
    comparison: Comparison
    guardrails: GuardrailReport
    lists: Comparison | None = None
    standing: DesignStanding | None = None
    why_no_standing: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether every guardrail is kept; where no account has two bills, nothing was held against them."""
        return self.guardrails.passed and len(self.comparison.accounts) > 0


@dataclass(frozen=True, slots=True, eq=False)
class StudyReplay:
    """All scenarios replayed over the same account-months.

    `baseline` replays today's prices; it is None where no price list is on record and designs are compared with what
    was paid. `reconciliation` is None without a baseline or without recorded revenue.
    """

    baseline: Replay | None
    reconciliation: Reconciliation | None
    scenarios: tuple[ScenarioReplay, ...]

    @property
    def first(self) -> Replay:
        """Return the replay the others stand beside: that of today's prices, or of the first design without one."""
        return self.scenarios[0].replay if self.baseline is None else self.baseline

    @property
    def passed(self) -> bool:
        """Tell whether every scenario keeps every guardrail."""
        return all(scenario.passed for scenario in self.scenarios)


def replay_study(
    base: CustomerBase,
    study: Study,
    scenario_ids: Sequence[str] | None = None,
    *,
    assign: Assignment | None = None,
    months: int | tuple[str, str] | None = YEAR,
    against_recorded: bool = False,
    add_ons: AddOnsOwned = "none",
    committed: Collection[str] = (),
    **settings: Any,  # noqa: ANN401 - passed on to account_months, which names them
) -> StudyReplay:
    """Return what scenarios would have billed, compared with today's prices and held against the guardrails.

    What an account needs is read as each scenario's tiers do, unless `settings` say.

    Parameters
    ----------
    base, study
        The customer base and the study on it.
    scenario_ids
        Design scenarios; without them the chosen one, or all designs where none is chosen yet.
    assign
        How accounts find their plan in a design; by default the cheapest plan that fits, and who has a contract today
        keeps it. Today's replay keeps the plan on record.
    months
        The last so many months, or first and last month; None for the whole history.
    against_recorded
        Compare the new list as it stands with the revenue on record; so it is where there is no list of today's prices.
    add_ons, committed
        Those of `replay`, for the designs. By default their plans stand alone, as in every figure of revenue: whether
        a customer also takes an add-on is a choice.

    Raises StudyError for a scenario that offers nothing yet.
    """
    today, designs = study.baseline, [study.scenario(each) for each in _wanted(study, scenario_ids)]
    has_list = bool(price_book(base, today).plans)
    against_recorded = against_recorded or (not has_list and base.has("mrr"))  # without a list, what was paid stands
    listed = has_list or not (against_recorded and base.has("mrr"))
    replays: dict[str, tuple[Replay | None, Replay]] = {}
    for needs, alike in _by_needs(designs).items():
        rows = account_months(base, months=months, **{**dict(needs), **settings})
        before = None
        if listed:
            before = replay(rows, _book(base, today), assign=KeepPlan(), committed=committed, name=today.name)
        chosen = assign or placed_by_need(before)
        for each in alike:
            after = replay(rows, _book(base, each), assign=chosen, add_ons=add_ons, committed=committed, name=each.name)
            replays[each.id] = (before, after)
    baseline = replays[designs[0].id][0]
    reconciliation = None
    if baseline is not None and baseline.rows.recorded is not None:
        reconciliation = reconcile(baseline, most_unexplained=study.guardrails.most_unexplained)
    found = []
    for scenario in designs:
        before, after = replays[scenario.id]
        lists = None
        if before is not None and not against_recorded:
            lists = compare(before, after, reconciliation=reconciliation)
        comparison = _held(before, after, reconciliation, against_recorded=against_recorded)
        report = check_guardrails(comparison, study.guardrails)
        stands, why = scenario_standing(base, study, scenario)
        found.append(ScenarioReplay(scenario.id, after, comparison, report, lists, stands, why))
    return StudyReplay(baseline, reconciliation, tuple(found))


def _held(
    before: Replay | None, after: Replay, reconciliation: Reconciliation | None, *, against_recorded: bool
) -> Comparison:
    """Return what guardrails hold: paid with paid where payments are on record, list with list where none are."""
    if before is None or against_recorded:
        return compare(None, after)
    paid = after.rows.recorded is not None
    sides = at_what_is_paid(before, after) if paid else (before, after)
    return compare(*sides, reconciliation=reconciliation)


def _by_needs(designs: Sequence[Scenario]) -> dict[tuple[tuple[str, int], ...], list[Scenario]]:
    """Group scenarios by how they read what an account needs: one replay serves those that read it alike."""
    found: dict[tuple[tuple[str, int], ...], list[Scenario]] = {}
    for scenario in designs:
        needs = tuple(scenario.decision(TierDecision).how_needs_are_read.items())
        found.setdefault(needs, []).append(scenario)
    return found


def _wanted(study: Study, scenario_ids: Sequence[str] | None) -> tuple[str, ...]:
    if scenario_ids:
        for each in scenario_ids:
            if study.scenario(each).kind == "baseline":
                raise StudyError("The baseline is what scenarios are compared with.", "Name another scenario.")
        return tuple(dict.fromkeys(scenario_ids))
    if study.chosen is not None and study.chosen.scenario_id != study.baseline.id:
        return (study.chosen.scenario_id,)
    if not study.designs:
        raise StudyError("The study has no scenario to replay.", "Add one first.")
    return tuple(scenario.id for scenario in study.designs)


def _book(base: CustomerBase, scenario: Scenario) -> PriceBook:
    book = price_book(base, scenario)
    if book.plans:
        return book
    advice = say("today_s_price_list_is") if scenario.kind == "baseline" else say("decide_its_tiers_or_its")
    raise StudyError(f"The scenario {scenario.name!r} offers no plan, so it cannot be replayed.", advice)


# --- A study replayed on usage made from raw events, by the engine the events are read with

DEFAULT = EventRules()
MOST_NAMED = 5  # unknown accounts in a caution


@dataclass(frozen=True, slots=True, eq=False)
class EventBase:
    """A customer base whose usage was made from events, the months themselves, and what to know about them.

    `months` holds the usage of all accounts as a frame of the engine; the base only has accounts it knows.
    """

    base: CustomerBase
    months: EventMonths
    metrics: tuple[str, ...]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EventReplay:
    """A study replayed on events: the events' months, the replay, and each scenario's revenue billed by the engine."""

    events: EventBase
    study: StudyReplay
    billed: dict[str, float]


def replay_events(
    base: CustomerBase,
    study: Study,
    path: Path,
    engine: Engine,
    *,
    rules: EventRules = DEFAULT,
    scenario_ids: Sequence[str] | None = None,
    **settings: Any,  # noqa: ANN401 - passed on to replay_study, which names them
) -> EventReplay:
    """Return a study's scenarios replayed on the usage of an event log.

    Metrics are known when the rules name them, or else when recorded usage or a scenario does.
    """
    if rules.metrics is None:
        rules = replace(rules, metrics=known_metrics(base, study))
    events = usage_from_events(base, path, engine, rules)
    done = replay_study(events.base, study, scenario_ids, **settings)
    today = () if done.baseline is None else (done.baseline,)
    replays = (*today, *(each.replay for each in done.scenarios))
    return EventReplay(events, done, billed_by_engine(replays, events, engine))


def known_metrics(base: CustomerBase, study: Study) -> tuple[str, ...] | None:
    """Return the metrics of recorded usage and those any scenario charges or limits; None when there are none."""
    found = dict.fromkeys(base.metrics if base.has("usage") else ())
    for scenario in study.scenarios:
        book = price_book(base, scenario)
        for offer in (*book.plans, *book.add_ons):
            found |= dict.fromkeys(charge.metric for charge in offer.charges)
            found |= dict.fromkeys(limit.metric for limit in offer.limits)
    return tuple(found) or None


def usage_from_events(base: CustomerBase, path: Path, engine: Engine, rules: EventRules) -> EventBase:
    """Return the customer base with its usage replaced by that of an event log.

    The log is taken as complete: within its months, and for every metric it names, an account without an event used
    none. Usage of accounts the base does not know is left out, with a caution. Raises StudyError for a log in which
    no event of a known account counts.
    """
    months = events_to_months(engine.read(path), rules, keep=engine.keep)
    table = months.table()
    ids = base.accounts["account_id"]
    known = table["account_id"].isin(ids)
    cautions = list(months.counts.cautions())
    strangers = sorted(table.loc[~known, "account_id"].unique())
    unknown = ""
    if strangers:
        named = first_of([*map(repr, strangers)], MOST_NAMED)
        unknown = say("the_usage_of_unknown_to", strangers=len(strangers), named=named)
        cautions.append(Caution(unknown, "warning"))
    table = table[known]
    if base.as_of is not None:
        table = visible_rows("usage", table, pd.Timestamp(base.as_of))
    if table.empty:
        said = " ".join([*months.counts.sentences(), unknown]).strip()
        raise StudyError("No event of an account of the customer base counts.", said)
    usage = _completed(table, ids)
    frames = MappingProxyType({**base.frames, "usage": usage})
    return EventBase(replace(base, frames=frames), months, tuple(usage["metric"].unique()), tuple(cautions))


def billed_by_engine(replays: tuple[Replay, ...], events: EventBase, engine: Engine) -> dict[str, float]:
    """Return the revenue of each replay's plans, billed again by the engine from its monthly usage.

    Accounts keep the plans the replay in memory found for them, month by month. Add-ons are billed in memory only.
    Raises ReplayError when the engine and the replay in memory differ, which no data should bring about.
    """
    found = {}
    for done in replays:
        rows = done.rows
        plans = done.book.plan_names
        names = np.array([*plans, None], dtype=object)
        assignment = pd.DataFrame(
            {
                "account_id": pd.array(rows.account_ids[rows.account], dtype="str"),
                "month": rows.months[rows.month].astype("datetime64[us]"),
                "plan": pd.array(names[done.plan_index], dtype="str"),
            }
        )[np.asarray(done.known)]
        bills = replay_frame(events.months.usage, done.book, engine.table(assignment), complete=events.metrics)
        total = nw.from_native(bills).lazy().select(nw.col("amount").sum())
        found[done.name] = float(fetched(total)["amount"].iloc[0] or 0)
        here = sum(float(item.amounts[done.known[item.rows]].sum()) for item in done.items() if item.offer in plans)
        if abs(found[done.name] - here) > LAST_DIGITS * max(abs(here), 1):
            raise ReplayError(
                f"{done.name}: {engine.name} bills {found[done.name]:,.2f}, the replay in memory {here:,.2f}.",
                "Please report this with the price book: the two must agree.",
            )
    return found


def _completed(table: pd.DataFrame, account_ids: pd.Series) -> pd.DataFrame:
    """Return usage with a row for every account, month of the log and metric; 0 where nothing happened."""
    months = pd.date_range(table["month"].min(), table["month"].max(), freq="MS", unit="us")
    keys = pd.MultiIndex.from_product(
        [account_ids, months, sorted(table["metric"].unique())], names=["account_id", "month", "metric"]
    )
    filled = table.set_index(["account_id", "month", "metric"])["quantity"].reindex(keys, fill_value=0.0)
    return filled.reset_index().astype({"account_id": "str", "metric": "str", "month": "datetime64[us]"})
