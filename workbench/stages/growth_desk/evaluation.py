"""The growth desk on the data of the last month: alerts, what followed earlier ones, how customers do, one account."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.cache import RecentOf, copies, meanwhile
from workbench.customers.afterwards import known_then
from workbench.customers.tables import SEATS
from workbench.errors import WorkbenchError
from workbench.formatting import metric_words
from workbench.growth.account_figures import ALL
from workbench.growth.desk import desk_figures, running_month, usage_outlook, use_inside, watch_accounts
from workbench.growth.desk.accounts import (
    Peers,
    customers_now,
    limits_of_list,
    limits_of_plans,
    mean_of_recent,
    outcome_by_month,
    outcome_kinds,
)
from workbench.growth.desk.pace import usual_change
from workbench.growth.programme import (
    PROGRAMME,
    AccountPlan,
    Cadence,
    ProgrammeCalendar,
    disconnects,
    draft_plan,
    programme_calendar,
    revenue_at_risk,
)
from workbench.growth.programme.cadence import AT_RISK, STEADY, WATCHED
from workbench.growth.triggers import Past, account_past, lift_of
from workbench.growth.watching import FIRST_SEEN, KINDS_OF_ALERT
from workbench.results import Basis
from workbench.stages.contract import (
    LazyTables,
    StageResult,
    caution_maker,
    gather_nothing,
    key_figure_maker,
    later,
    may_come_later,
    missing_tables,
)
from workbench.stages.growth_desk.decision import DeskTrial, GrowthDeskDecision
from workbench.stages.price_book import charged_metrics, price_book
from workbench.stages.study_replay import list_billed
from workbench.stats import normal_reach
from workbench.tables import COUNT, TEXT, DataTable, Money, Number, Percent, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.account_figures import Estimate
    from workbench.growth.desk import DeskFigures, InsideUse, MonthPace, PeerPlace, UsageOutlook, WatchRun
    from workbench.impact import Replay
    from workbench.results import Caution, Floats, KeyFigure
    from workbench.rules.rulebook import Rulebook
    from workbench.study.document import Study
    from workbench.study.model import Scenario

say = texts(__name__)
tell = key_figure_maker(__package__)
warn = caution_maker(__package__)

REVENUE = "revenue"
FOLLOWED = ("contraction", "churn")
_MONTHS_SHOWN, _HORIZON, _FULL = 24, 3, 0.9
_seen: RecentOf[CustomerBase, Hashable, Any] = RecentOf(16)
"""What follows from the data alone: another account, or a word in a plan, works nothing of it out again."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GrowthDeskResult(StageResult):
    """What there is to see at the desk; everything on single accounts waits until somebody looks.

    `series` are usage per metric watched and revenue, accounts x months; `run` None where nothing can be watched.
    `base` holds what the history decided upon holds, `limits` what the plan of each account allows of each metric: the
    plan on record, and after the day of the study the tier it has in the scenario (`holds`).
    """

    decision: GrowthDeskDecision
    base: CustomerBase
    currency: str
    metrics: tuple[str, ...]
    holds: bool = False
    limits: Mapping[str, Floats] = may_come_later()
    run: WatchRun | None = may_come_later()
    figures_of: DeskFigures | None = may_come_later()
    peers: Peers = may_come_later()
    outlooks: Mapping[str, UsageOutlook] = may_come_later()
    paces: Mapping[str, MonthPace] = may_come_later()
    inside: InsideUse | None = may_come_later()
    healths: pd.DataFrame = may_come_later()
    calendar: ProgrammeCalendar = may_come_later()
    looked_at: str = ""
    billed: Replay | None = may_come_later()

    @cached_property
    def account(self) -> str:
        """Return the account in view: the one chosen, else the one that matters most; "" without customers."""
        there = self.customers().values()
        return self.looked_at if self.looked_at in there else next(iter(there), "")

    @property
    def copies(self) -> tuple[AccountPlan, ...]:
        """Return the copies of the plan of the account in view that were written, the last one last."""
        return self.decision.plans.get(self.account, ())

    @cached_property
    def draft(self) -> AccountPlan | None:
        """Return the plan of the account in view as the data have it; None where it cannot be billed."""
        return self.drafted(self.account)

    @cached_property
    def billed_now(self) -> frozenset[str]:
        """Return who is billed for the last month: of those who used something lately, not all used it then."""
        if self.billed is None:
            return frozenset()
        rows = self.billed.rows
        return frozenset(rows.account_ids[rows.account[rows.in_last_month]].astype(str).tolist())

    def drafted(self, account_id: str) -> AccountPlan | None:
        """Return the plan of an account as the data have it, what is on alert among its risks."""
        if self.billed is None or account_id not in self.billed_now:
            return None
        return draft_plan(self.billed, self.base, account_id, **self.known_of(account_id))

    def known_of(self, account_id: str) -> dict[str, Any]:
        """Return what the desk brings to an account's plan: what is on alert, and its talks in the team's year."""
        opened = () if self.run is None else self.run.open
        talks = self.calendar.talks
        return {
            "alerts": tuple(dict.fromkeys(each.kind for each in opened if each.account_id == account_id)),
            "talks": talks[talks["account_id"] == account_id],
        }

    def year_told(self) -> Iterator[str]:
        """Say how many talks the year holds, how many fell out for want of time, and who is full."""
        found, months = self.calendar, self.calendar.by_month()
        capacity = float(months["capacity"].sum())
        year = months.groupby("person", sort=False)[["hours", "capacity"]].sum()
        over = year.index[(year["capacity"] > 0) & (year["hours"] > _FULL * year["capacity"])].tolist()
        yield say(
            "year", talks=len(found.talks), accounts=found.talks["account_id"].nunique(), of=len(self.healths),
            out=len(found.unplaced), share=float(months["hours"].sum()) / capacity if capacity else None, full=over,
        )  # fmt: skip

    @property
    def plan(self) -> AccountPlan | None:
        """Return the plan of the account in view: what was written, else as the data have it."""
        return self.copies[-1] if self.copies else self.draft

    @property
    def series(self) -> dict[str, Floats]:
        """Return what is looked at month by month: usage of each metric, and revenue."""
        found = {name: self.base.usage_by_month[name] for name in self.metrics}
        return found | ({REVENUE: self.base.mrr_by_month} if self.base.has("mrr") else {})

    @cached_property
    def outcomes(self) -> dict[str, Floats]:
        """Return what customers got, by kind and month."""
        return {kind: outcome_by_month(self.base, kind) for kind in outcome_kinds(self.base)}

    def alerts_by_month(self) -> pd.DataFrame:
        """Return how many alerts of each kind opened in each of the last months: month, kind, alerts."""
        months = pd.DatetimeIndex(self.base.months)[-_MONTHS_SHOWN:]
        watched = () if self.run is None else self.run.watched.values()
        found = [each.of(self._paying).alerts() for each in watched]
        opened = pd.concat(found)[["opened", "kind"]] if found else pd.DataFrame(columns=["opened", "kind"])
        counts = opened.value_counts()
        # What was met already in the first month in which it can be seen did not open then.
        first = {kind: self.base.months[:at][-1] for kind, at in FIRST_SEEN.items()}
        rows = [
            (month, kind, int(counts.get((month, kind), 0)))
            for kind in KINDS_OF_ALERT
            for month in months[months > first[kind]]
        ]
        return pd.DataFrame(rows, columns=["month", "kind", "alerts"])

    @property
    def _paying(self) -> NDArray[np.bool_]:
        """Return who was a customer in which month; everybody where no revenue is known."""
        paid = self.base.mrr_by_month if self.base.has("mrr") else np.ones((len(self.base), len(self.base.months)))
        return np.nan_to_num(paid) > 0

    def row_of(self, account_id: str) -> int:
        """Return the place of an account."""
        return int(np.flatnonzero(self.base.frames["accounts"]["account_id"].to_numpy(object) == account_id)[0])

    def customers(self) -> dict[str, str]:
        """Return the customers of the last month by what they are called, those with urgent alerts first."""
        accounts = self.base.frames["accounts"][customers_now(self.base)]
        urgent = [] if self.run is None else list(dict.fromkeys(each.account_id for each in self.run.urgent))
        ids = [*urgent, *(each for each in accounts["account_id"].astype(str) if each not in urgent)]
        names = dict(zip(accounts["account_id"].astype(str), accounts["name"], strict=True))
        return {f"{names[each]} ({each})" if pd.notna(names.get(each)) else each: each for each in ids}

    def places_of(self, account_id: str) -> Iterator[tuple[str, PeerPlace]]:
        """Go through the places of an account among its peers, by usage, outcomes and figures."""
        row = self.row_of(account_id)
        for name, values in self.series.items():
            yield from self._placed(self._called(name), row, mean_of_recent(values, 1))
        for kind, values in self.outcomes.items():
            yield from self._placed(metric_words(kind), row, mean_of_recent(values))

    def _placed(self, name: str, row: int, values: Floats) -> Iterator[tuple[str, PeerPlace]]:
        place = self.peers.place(row, values)
        if place is not None:
            yield name, place

    def _called(self, name: str) -> str:
        return say("pays", currency=self.currency) if name == REVENUE else metric_words(name)

    def places_table(self, account_id: str) -> DataTable:
        """Return the places of an account among its peers; no row where there are fewer than five."""
        rows = [
            (name, place.own, place.below, place.peers, place.low, place.middle, place.high)
            for name, place in self.places_of(account_id)
        ]
        columns = [
            (say("place_of"), TEXT), (say("this_account"), Number()), (say("more_than"), Percent()),
            (say("peers"), COUNT), (say("quarter_below"), Number()), (say("half_below"), Number()),
            (say("three_quarters_below"), Number()),
        ]  # fmt: skip
        return DataTable.of_rows(columns, rows)

    def account_table(self, account_id: str) -> DataTable:
        """Return how one account does beside its segment and all."""
        known = self.figures_of
        if known is None:
            return DataTable.of_rows([(say("figure"), TEXT)], [])
        own = known.of_account(account_id)
        segment = self.base.frames["accounts"]["segment"].iloc[self.row_of(account_id)]
        groups = [("segment", str(segment))] if isinstance(segment, str) else []
        rows = [
            (each.figure.name, _written(each.figure.unit, own[each.figure.key]),
             *(_estimated(known.of(each.figure.key, *group)) for group in [*groups, (ALL, ALL)]))
            for each in known.estimates if each.group == ALL
        ]  # fmt: skip
        heads = ["figure", "this_account", *(["its_segment"] if groups else []), "all_customers"]
        return DataTable.of_rows([(say(head), TEXT) for head in heads], rows)

    def months_to_limit(self, account_id: str) -> Iterator[str]:
        """Say in how many months an account reaches the limits of its plan."""
        row = self.row_of(account_id)
        for name, limits in self.limits.items():
            limit = float(limits[row])
            if not np.isfinite(limit):
                continue
            early, likely, late = self.outlooks[name].months_to(row, limit)
            reached = bool(np.nan_to_num(self.series[name][row, -1]) >= limit)
            yield say("limit", metric=metric_words(name), limit=limit, early=early, likely=likely, late=late,
                      reached=reached)  # fmt: skip

    def pace_told(self, account_id: str) -> Iterator[str]:
        """Say what the running month of an account comes to, and when it meets the limits of its plan."""
        if not self.paces:
            yield say("no_pace", month=f"{self.base.months[-1]:%Y-%m}")
            return
        row, limits = self.row_of(account_id), self.limits
        for name, pace in self.paces.items():
            if not np.isfinite(pace.points[row]):
                continue
            limit = float(limits[name][row])
            ends = [int(each[row]) if np.isfinite(each[row]) else None for each in pace.days_to(limits[name])]
            yield say(
                "pace", metric=metric_words(name), month=f"{pace.month:%Y-%m}", day=pace.day.day,
                of=pace.month.days_in_month, so_far=pace.so_far[row], low=pace.low[row], likely=pace.points[row],
                high=pace.high[row], limit=limit if np.isfinite(limit) else None, early=ends[0],
                until=ends[1], late=ends[2], reached=bool(pace.so_far[row] >= limit),
            )  # fmt: skip

    def inside_told(self, account_id: str) -> Iterator[str]:
        """Say how use is spread over the people of an account, and what that is a case of."""
        if self.inside is None:
            yield say("no_inside")
            return
        values = {str(name): value for name, value in self.inside.accounts.loc[account_id].items()}
        kinds = self.inside.kinds[account_id]
        if np.isfinite(values["active"]):
            yield say("spread", found=[say(_key(each)) for each in kinds], **values)
        for each in kinds:
            yield say(f"{_key(each)}_remedy", **values)

    def inside_parted(self) -> Iterator[str]:
        """Say how many of the accounts in which value and use part have which trouble inside, and what helps."""
        parted = self.tables["apart"].frame
        if self.inside is None or not len(parted):
            return
        counts = Counter(kind for who in parted["account_id"].astype(str) for kind in self.inside.kinds.get(who, ()))
        for kind, accounts in counts.items():
            yield say("parted_inside", accounts=accounts, of=len(parted), kind=say(_key(kind)), key=_key(kind))

    def rules_told(self) -> str:
        """Say which rule the months ahead come from, and what it erred beside the others."""
        told = []
        for name, outlook in self.outlooks.items():
            errors = {key: each for key, each in outlook.errors.items() if np.isfinite(each)}
            if outlook.rule in errors:
                told.append(say("rule", name=self._called(name), rule=outlook.rule, error=errors[outlook.rule],
                                worst=max(errors.values()), held=outlook.held))  # fmt: skip
        return " ".join(told)


gather = gather_nothing


def _apart(base: CustomerBase, scenario: Scenario, metric: str, currency: str) -> tuple[DataTable, DataTable]:
    """Return where outcomes and use part, and what is at risk under the scenario's list; no rows where unknown."""
    billed, kinds = list_billed(base, scenario), outcome_kinds(base)
    if not metric or billed is None or not kinds:
        return DataTable.plain(pd.DataFrame()), DataTable.plain(pd.DataFrame())

    def parted() -> tuple[DataTable, DataTable]:
        found, within = disconnects(base, metric, kinds[0]), _seen.once(base, "inside", lambda: use_inside(base))
        kinds_of = {} if within is None else within.kinds
        told = {who: ", ".join(say(_key(each)) for each in all_of) for who, all_of in kinds_of.items()}
        return found.table(told or None), revenue_at_risk(billed, base, found).table(currency)

    tables: tuple[DataTable, DataTable] = _seen.once(base, ("apart", metric, billed, currency), parted)
    return tables


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    study: Study,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: None = None,
    tried: DeskTrial | None = None,
) -> GrowthDeskResult:
    """Return what there is to see at the desk on the last month of the data.

    Parameters
    ----------
    base, scenario, study
        The customers, whose prices say what is watched, and the study.
    rulebook, seed, evidence
        Not asked: no rule speaks of it, and chance has a seed of its own.
    tried
        Which account is in view; the one that matters most when None.
    """
    del rulebook, seed, evidence
    decision = scenario.decision(GrowthDeskDecision)
    known_to_study, base = base, known_then(base, decision.history)
    # Prices of today say what is paid before a launch; after it, those of the scenario are taken to hold.
    holds = base is not known_to_study and bool(price_book(base, scenario).plans)
    listed = scenario if holds else study.baseline
    metrics = charged_metrics(base, scenario)
    use = next((each for each in metrics if each.casefold() != SEATS), "")

    asked_for = (metrics, decision.false_alarms)
    watch = partial(watch_accounts, base, None, metrics, false_alarms=decision.false_alarms)
    if metrics and copies():  # a page of all stages reads it last
        watch = _seen.once(base, ("begun", *asked_for), partial(meanwhile, watch))

    @cache
    def run() -> WatchRun | None:
        found: WatchRun | None = _seen.once(base, ("run", *asked_for), watch) if metrics else None
        return found

    @cache
    def known() -> DeskFigures | None:
        if not metrics:
            return None
        asked = (use or metrics[0], next(iter(outcome_kinds(base)), ""))
        found: DeskFigures = _seen.once(base, asked, lambda: desk_figures(base, *asked))
        return found

    @cache
    def apart() -> tuple[DataTable, DataTable]:
        return _apart(base, scenario, use, study.currency)

    result = GrowthDeskResult(
        basis=later(lambda: Basis(int(customers_now(base).sum()), len(base), *_span(base))),
        why_not="" if metrics else say("no_usage"),
        key_figures=later(lambda: tuple(_key_figures(run(), known()))),
        cautions=later(lambda: tuple(_cautions(run()))),
        missing=later(lambda: missing_tables(__package__, base)),
        tables=LazyTables({
            "alerts": lambda: _alerts_table(run(), base, study.currency),
            "pace": lambda: _pace_table(result, base),
            "inside": lambda: _inside_table(result.inside, base),
            "kpis": lambda: _kpis(known()),
            "followed": lambda: _seen.once(base, ("followed", run()), lambda: _followed(run(), base)),
            "apart": lambda: apart()[0],
            "remedies": lambda: apart()[1],
        }),
        decision=decision, base=base, currency=study.currency, metrics=metrics, run=later(run), figures_of=later(known),
        holds=holds,
        limits=later(lambda: _limits(list_billed(base, scenario) if holds else None, base, metrics)),
        peers=later(lambda: _seen.once(base, "peers", lambda: Peers.of(base))),
        inside=later(lambda: _seen.once(base, "inside", lambda: use_inside(base))),
        paces=later(lambda: _seen.once(base, ("pace", metrics), lambda: _paces(result))),
        outlooks=later(
            lambda: {
                name: _seen.once(base, ("ahead", name), partial(_outlook, base, each))
                for name, each in result.series.items()
            }
        ),
        healths=later(lambda: health_of(run(), base)),
        calendar=later(lambda: team_calendar(decision, result.healths, base)),
        looked_at="" if tried is None else tried.account,
        billed=later(lambda: list_billed(base, listed)),
    )  # fmt: skip
    return result


def health_of(run: WatchRun | None, base: CustomerBase) -> pd.DataFrame:
    """Return the customers of the last month, those that pay most first: account_id, segment, health.

    At risk is who has an urgent alert, watched who has another one, steady everybody else.
    """
    accounts = base.frames["accounts"]
    paid = mean_of_recent(base.mrr_by_month) if base.has("mrr") else np.zeros(len(base))
    frame = pd.DataFrame(
        {"account_id": accounts["account_id"].astype(str), "segment": accounts["segment"], "paid": np.nan_to_num(paid)}
    )[customers_now(base)]
    urgent, opened = (
        set() if run is None else {each.account_id for each in alerts}
        for alerts in (() if run is None else run.urgent, () if run is None else run.open)
    )
    health = [AT_RISK if each in urgent else WATCHED if each in opened else STEADY for each in frame["account_id"]]
    return frame.assign(health=health).sort_values("paid", ascending=False, kind="stable", ignore_index=True)


def programme_of(decision: GrowthDeskDecision) -> tuple[Cadence, ...]:
    """Return the talks of the programme, as often as a team decided where it did."""
    often: Any = decision.cadence
    return tuple(
        Cadence(each.kind, each.role, dict(often.get(each.kind, each.per_year)), each.hours) for each in PROGRAMME
    )


def team_calendar(decision: GrowthDeskDecision, accounts: pd.DataFrame, base: CustomerBase) -> ProgrammeCalendar:
    """Return the year after the data: every talk in a week in which whoever has the account has time.

    Days that account plans hold stand; a plan nobody wrote yet takes its own from here.
    """
    start = (base.months[-1] + pd.offsets.MonthBegin(1)).date()
    agreed = [
        (each.day, account, each.kind) for account, copies in decision.plans.items() for each in copies[-1].reviews
    ]
    return programme_calendar(
        accounts, start, decision.talk_hours, programme_of(decision), people=decision.talk_people,
        agreed=pd.DataFrame(agreed, columns=["date", "account_id", "kind"]),
    )  # fmt: skip


def _outlook(base: CustomerBase, values: Floats) -> UsageOutlook:
    return usage_outlook(_of_customers(base, values))


def _key(kind: str) -> str:
    return kind.replace(" ", "_")


def _paces(result: GrowthDeskResult) -> dict[str, MonthPace]:
    """Return the running month of each metric watched, expected to be what the months ahead say of it."""
    found = {}
    for name in result.metrics:
        forecast, usage = result.outlooks[name].forecast, result.base.usage_by_month[name]
        points, width = forecast.points[:, 0], (forecast.high - forecast.low)[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            unsure = width / (2 * normal_reach(result.outlooks[name].level)) / points
        known = np.isfinite(points) & np.isfinite(unsure) & (points > 0)
        pace = running_month(
            result.base, name, np.where(known, points, np.nan), np.where(known, unsure, usual_change(usage))
        )
        if pace is not None:
            found[name] = pace
    return found


def _limits(billed: Replay | None, base: CustomerBase, metrics: tuple[str, ...]) -> dict[str, Floats]:
    """Return what each account may use: in its tier of the list that holds, or in its plan on record."""
    return limits_of_plans(base, metrics) if billed is None else limits_of_list(billed, base, metrics)


def _pace_table(result: GrowthDeskResult, base: CustomerBase) -> DataTable:
    """Return who likely reaches a limit within the running month: who did not the month before, then the soonest."""
    rows: list[tuple[Any, ...]] = []
    accounts = base.frames["accounts"]
    ids, names = accounts["account_id"].astype(str), accounts["name"]
    customers, limits = customers_now(base), result.limits
    for name, pace in result.paces.items():
        early, likely, _ = pace.days_to(limits[name])
        for row in np.flatnonzero(np.isfinite(likely) & (likely > 0) & customers):
            ends = (pace.points[row], pace.low[row], pace.high[row])
            called = ids[row] if pd.isna(names[row]) else names[row]
            rows.append((ids[row], called, metric_words(name), base.usage_by_month[name][row, -1], pace.so_far[row],
                         ends, limits[name][row], int(likely[row]), int(early[row])))  # fmt: skip
    heads = [
        ("account", TEXT), ("name", TEXT), ("metric", TEXT), ("month_before", Number()),
        ("so_far", Number()), ("by_its_end", estimate_of(Number())), ("plan_limit", Number()), ("days_to_limit", COUNT),
        ("days_at_earliest", COUNT),
    ]  # fmt: skip
    rows.sort(key=lambda each: (each[3] >= each[6], each[7], each[0]))  # who is beyond it each month is no news
    return DataTable.of_rows([(say(head), kind) for head, kind in heads], rows)


def _inside_table(found: InsideUse | None, base: CustomerBase) -> DataTable:
    """Return the accounts in which use is spread badly, those that pay most first; no rows where nobody recorded it."""
    accounts = base.frames["accounts"]
    paid = np.nan_to_num(base.mrr_by_month[:, -1]) if base.has("mrr") else np.zeros(len(base))
    rows = []
    for at in np.argsort(-paid, kind="stable"):
        account = str(accounts["account_id"].iloc[at])
        kinds = () if found is None else found.kinds.get(account, ())
        if found is not None and kinds:
            each, name = found.accounts.loc[account], accounts["name"].iloc[at]
            rows.append((account, account if pd.isna(name) else name, ", ".join(say(_key(kind)) for kind in kinds),
                         each["seats"], each["active"], each["people"], each["department"], each["share"]))  # fmt: skip
    heads = [
        ("account", TEXT), ("name", TEXT), ("what", TEXT), ("seats", COUNT), ("active", COUNT), ("most_of_it", COUNT),
        ("most_from", TEXT), ("from_there", Percent()),
    ]  # fmt: skip
    return DataTable.of_rows([(say(head), kind) for head, kind in heads], rows)


def _of_customers(base: CustomerBase, values: Floats) -> Floats:
    """Return the rows of customers, nothing in the others: who left goes on by no rule."""
    return np.where(customers_now(base)[:, None], values, np.nan)


def _span(base: CustomerBase) -> tuple[str, str]:
    return f"{base.months[0]:%Y-%m}", f"{base.months[-1]:%Y-%m}"


def _key_figures(run: WatchRun | None, known: DeskFigures | None) -> Iterator[KeyFigure]:
    if run is None or known is None:
        return
    of = {"period": run.month, "population": say("watched", accounts=run.accounts, metrics=run.metrics)}
    yield tell("urgent", float(len(run.urgent)), **of)
    yield tell("open", float(len(run.open)), **of)
    kinds = {say(kind.replace(" ", "_")).lower(): each for kind, each in run.expected_by_kind.items()}
    yield tell("false_alarms", run.expected_in_all, kinds=kinds, **of)
    growth = known.of("growth")
    yield tell("growth", growth.value, interval=growth.interval, metric=metric_words(known.metric), **of)


def _cautions(run: WatchRun | None) -> Iterator[Caution]:
    if run is not None:
        for metric, reason in run.left_out.items():
            yield warn("not_watched", metric=metric_words(metric), reason=reason)


def alert_rows(run: WatchRun, base: CustomerBase, currency: str) -> DataTable:
    """Return the open alerts of a run, those that matter most first."""
    frame = run.table(run.open)
    names = base.frames["accounts"].set_index("account_id")["name"].reindex(frame["account_id"])
    frame = frame.assign(
        name=names.to_numpy(), urgent=np.where(frame["urgent"], say("is_urgent"), ""),
        what=[say(each.kind.replace(" ", "_")) for each in run.open],
        metric=[metric_words(each.metric) for each in run.open],
    )  # fmt: skip
    frame["name"] = frame["name"].where(frame["name"].notna(), frame["account_id"])
    columns = [
        ("", TEXT, "urgent"), (say("account"), TEXT, "account_id"), (say("name"), TEXT, "name"),
        (say("what"), TEXT, "what"), (say("metric"), TEXT, "metric"), (say("before"), Number(), "before"),
        (say("now"), Number(), "now"), (say("change"), Percent(signed=True), "change"), (say("since"), TEXT, "opened"),
        (say("pays_a_month"), Money(currency), "revenue"), (say("state"), TEXT, "state"), (say("owner"), TEXT, "owner"),
    ]  # fmt: skip
    return DataTable.of_frame(frame, columns)


def _alerts_table(run: WatchRun | None, base: CustomerBase, currency: str) -> DataTable:
    if run is None:
        return DataTable.of_rows([(say("account"), TEXT)], [])
    return alert_rows(run, base, currency).without("state", "owner")


def _kpis(known: DeskFigures | None) -> DataTable:
    """Return how customers do: a row for each segment, a column for each figure."""
    if known is None:
        return DataTable.of_rows([(say("customers"), TEXT)], [])
    groups = list(dict.fromkeys((each.dimension, each.group) for each in known.estimates))
    first = [each.figure for each in known.estimates if each.group == ALL]
    rows: list[tuple[Any, ...]] = []
    for dimension, group in groups:
        found = [known.of(figure.key, dimension, group) for figure in first]
        told = [None if each.value is None else (each.value, *_ends(each)) for each in found]
        rows.append((say("all") if group == ALL else group, found[0].accounts, *told))
    kinds = [Percent(1) if each.unit == "percent" else Number(1) for each in first]
    columns = [(each.name, estimate_of(kind)) for each, kind in zip(first, kinds, strict=True)]
    return DataTable.of_rows([(say("customers"), TEXT), (say("accounts"), COUNT), *columns], rows)


def _ends(each: Estimate) -> tuple[float | None, float | None]:
    return (None, None) if each.interval is None else (each.interval.low, each.interval.high)


def _written(unit: str, value: float) -> str:
    return (Percent(1) if unit == "percent" else Number(1)).text(value)


def _estimated(each: Estimate) -> str:
    if each.value is None:
        return each.reason
    told = _written(each.figure.unit, each.value)
    if each.interval is None:
        return told
    low, high = (_written(each.figure.unit, end) for end in (each.interval.low, each.interval.high))
    return say("between", told=told, low=low, high=high)


def _followed(run: WatchRun | None, base: CustomerBase) -> DataTable:
    """Return what followed alerts of the past, beside accounts alike that had none then."""
    columns = [(say("alert"), TEXT), (say("opened"), COUNT), *((say(each), TEXT) for each in FOLLOWED)]
    try:
        past = None if run is None else account_past(Past.of(base))
    except WorkbenchError:
        past = None
    if run is None or past is None:
        return DataTable.of_rows(columns, [])
    rows = []
    for kind in KINDS_OF_ALERT:
        opened = np.zeros(past.paying.shape, dtype=bool)
        for each in run.watched.values():
            met = each.met[kind]
            opened |= met & ~np.column_stack([np.zeros(len(met), dtype=bool), met[:, :-1]])
        lifts = [lift_of(past, opened, outcome, _HORIZON, month_over=True) for outcome in FOLLOWED]
        told = [say("lift", lift=each, ends=each.lift) for each in lifts]
        rows.append((say(kind.replace(" ", "_")), int((opened & past.paying).sum()), *told))
    return DataTable.of_rows(columns, rows)


def summarise(decision: GrowthDeskDecision, result: GrowthDeskResult) -> str:
    """Return what the desk is set to, in a sentence."""
    return say("summary", metrics=[metric_words(each) for each in result.metrics], most=decision.false_alarms)
