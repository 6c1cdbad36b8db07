"""A study replayed on usage made from raw events, by the engine the events are read with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.customers.history import visible_rows
from workbench.errors import StudyError
from workbench.formatting import count, first_of
from workbench.impact import ReplayError
from workbench.impact.scale import EventRules, events_to_months, replay_frame
from workbench.impact.scale.keeping import fetched
from workbench.results import Caution
from workbench.stages.price_book import price_book
from workbench.stages.study_replay import replay_study
from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.impact import Replay
    from workbench.impact.scale import Engine, EventMonths
    from workbench.stages.study_replay import StudyReplay
    from workbench.study import Study

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
        unknown = f"The usage of {count('account', len(strangers))} unknown to the customer base is left out: {named}."
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
