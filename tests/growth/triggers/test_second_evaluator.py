"""A second evaluator, in plain SQL, reads exported rules and fires on the same account-months, weeks and days.

The first one runs unchanged in memory, in DuckDB and on Spark.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.afterwards import everything_on_record
from workbench.growth.programme import ProductHint, ProductRules, hints_from, product_rules
from workbench.growth.triggers import (
    PLAYBOOK,
    Past,
    Playbook,
    Trigger,
    TriggerCondition,
    fire,
    fired_steps,
)
from workbench.growth.triggers.life_cycle import FIRING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.impact.events import Engine

pytestmark = pytest.mark.slow

READ = ("accounts", "usage", "mrr", "feature_use", "requests", "outcomes")

# What each signal is, in SQL, of the tables of a customer base: account_id, step (its last day) and value.
MONTHLY = """
with seen as (select month from usage union all select month from mrr),
first as (select min(month) as first, max(month) as last from seen),
months as (select unnest(generate_series(first, last, interval 1 month)) as month from first),
grid as (select account_id, month from accounts cross join months),
known as (select g.account_id, g.month, u.metric, u.quantity, m.plan from grid g
          left join usage u on u.account_id = g.account_id and u.month = g.month
          left join mrr m on m.account_id = g.account_id and m.month = g.month),
valued as (select k.account_id, k.month, max(k.quantity / l."limit") as value from known k
           join plan_limits l on l.plan = k.plan and l.metric = k.metric
           where l."limit" > 0 and (? = '' or k.metric = ?) group by all)
select g.account_id, last_day(g.month) as step, value from grid g
left join valued v on v.account_id = g.account_id and v.month = g.month
"""
WEEKLY = """
with first as (select min(week) as first from feature_use),
weeks as (select unnest(generate_series(first, ?::timestamp - interval 6 day, interval 7 day)) as week from first),
used as (select account_id, week, feature, sum(uses) as uses from feature_use where ? = '' or feature = ? group by all),
most as (select account_id, week, max(uses) as value from used group by all)
select a.account_id, (w.week + interval 6 day)::date as step, coalesce(value, 0) as value
from accounts a cross join weeks w left join most m on m.account_id = a.account_id and m.week = w.week
"""
REQUESTED = """
with asked as (select account_id, date, feature,
                      case when date::date = last_day(date) then date_trunc('month', date)
                           else date_trunc('month', date) - interval 1 month end as known
               from requests)
select r.account_id, r.date::date as step, count(*)::double as value from asked r
join mrr m on m.account_id = r.account_id and m.month = r.known
where m.plan in (select plan from plan_features)
  and r.feature in (select feature from plan_features)
  and not exists (select 1 from plan_features f where f.plan = m.plan and f.feature = r.feature)
group by all
"""
RETURNED = """
with firsts as (
    select account_id, date, value, first_value(value) over (partition by account_id, kind order by date) as first
    from outcomes)
select account_id, date::date as step, max(value / first) as value from firsts where first > 0 group by all
"""
# The life of a trigger: hysteresis carries the last word on or off; runs without a gap longer than `keep` are one.
LIFE = """
with ordered as (select *, row_number() over (partition by account_id order by step) as n from signal),
said as (select *, case when {on} then 1 when {off} then 0 end as word from ordered),
met as (select *, coalesce(last_value(word ignore nulls) over (partition by account_id order by n), 0) = 1 as met
        from said),
longest as (select *, met and {hold} + 1 =
                   count(*) filter (met) over (partition by account_id order by n rows {hold} preceding) as held
            from met),
last_met as (select *, max(n) filter (met) over (partition by account_id order by n rows between unbounded preceding and
             1 preceding) as earlier from longest),
runs as (select *, count(*) filter (met and (earlier is null or n - earlier > {keep} + 1))
         over (partition by account_id order by n) as run from last_met),
spans as (select account_id, run, min(n) filter (held) as fires, max(n) filter (met) as ends from runs group by all)
select r.account_id, r.step, r.n, coalesce(r.n >= s.fires and r.n <= s.ends + {keep}, false) as firing
from runs r join spans s using (account_id, run)
"""
EVENTS = """
create table life as
select *, row_number() over (partition by account_id order by step) as n, coalesce({on}, false) as firing from signal
"""
ENTRIES = """
with recursive candidates as (
    select account_id, step
    from (select *, coalesce(lag(firing) over (partition by account_id order by n), false) as before from life)
    where firing and ({again} or not before)),
opened as (
    select account_id, min(step) as step from candidates group by account_id
    union all
    select o.account_id, (select min(c.step) from candidates c
                          where c.account_id = o.account_id and c.step >= o.step + {cool}) as step
    from opened o where o.step is not null)
select account_id, step from opened where step is not null
"""


def by_sql(past: Past, exported: dict[str, Any]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return steps that fire and entries that open, by SQL alone, of one trigger with one condition."""
    (condition,) = exported["when"]
    connection = duckdb.connect()
    tables = {**past.base.frames, "plan_limits": past.limits, "plan_features": past.features}
    for name, frame in tables.items():
        connection.register(name, frame)
    of, day = condition.get("of", ""), f"{past.day:%Y-%m-%d}"
    query, given = {
        "month": (MONTHLY, [of, of]), "week": (WEEKLY, [day, of, of]),
        "day": (REQUESTED if condition["signal"] == "higher_tier_request" else RETURNED, []),
    }[exported["every"]]  # fmt: skip
    connection.execute(f"create table signal as {query}", given)
    names = {"at_least": "value >= {}", "above": "value > {}", "at_most": "value <= {}"}
    on = next(text.format(condition[name]) for name, text in names.items() if name in condition)
    off = (
        f"value < {condition['off_below']} or value is null"
        if "off_below" in condition
        else f"not ({on}) or value is null"
    )
    if exported["every"] == "day":
        connection.execute(EVENTS.format(on=on))
        again, cool = "true", max(exported["cool_down_days"], 1)
    else:
        connection.execute(
            f"create table life as {LIFE.format(on=on, off=off, hold=exported['hold'], keep=exported['keep'])}"
        )
        again, cool = str(exported["again_while_on"]).lower(), max(exported["cool_down_days"], 1)
    fired = connection.execute("select account_id, step::varchar from life where firing").fetchall()
    opened = connection.execute(ENTRIES.format(again=again, cool=cool)).fetchall()
    return set(fired), {(who, f"{step:%Y-%m-%d}") for who, step in opened}


def ours(past: Past, playbook: Playbook, key: str) -> tuple[set[tuple[str, str]] | None, set[tuple[str, str]]]:
    """Return the same of the workbench."""
    found = fire(past, playbook.triggers[key])
    opened = set(zip(found.entries["account_id"], found.entries["day"].dt.strftime("%Y-%m-%d"), strict=True))
    if found.state is None or found.days is None:
        return None, opened
    rows, steps = np.nonzero(found.state == FIRING)
    return set(zip(found.account_ids[rows], found.days[steps].astype(str), strict=True)), opened


def agree(past: Past, playbook: Playbook) -> Iterator[int]:
    """Hold both evaluators against each other, trigger by trigger; yield how many entries open."""
    exported = json.loads(playbook.json_text())["triggers"]
    for key in playbook.triggers:
        fired, opened = by_sql(past, exported[key])
        own_fired, own_opened = ours(past, playbook, key)
        assert own_opened == opened, key
        assert own_fired is None or own_fired == fired, key
        yield len(opened)


def test_both_fire_alike_on_the_sample(sample_company: CustomerBase) -> None:
    """All five triggers of the playbook, on every account-month, week and day of the sample."""
    opened = list(agree(Past.of(sample_company), PLAYBOOK))
    assert sum(count > 20 for count in opened) == 4, opened  # nobody in the sample has more seats than the plan


def histories(chance: np.random.Generator, accounts: int) -> Past:
    """Return accounts with use, plans, weeks, outcomes and requests drawn so that edges are met often."""
    ids = [f"H{number}" for number in range(accounts)]
    when = pd.date_range("2024-01-01", periods=12, freq="MS")
    grid = pd.MultiIndex.from_product([ids, when], names=["account_id", "month"]).to_frame(index=False)
    usage = grid.assign(metric="seats", quantity=chance.choice([5.0, 6.9, 7.0, 7.9, 8.0, 9.0, 10.0, 11.0], len(grid)))
    usage = usage[chance.random(len(usage)) < 0.9]
    paid = grid.assign(amount=10.0, plan=chance.choice(["S", "M", "Free"], len(grid), p=[0.5, 0.4, 0.1]))
    paid = paid[chance.random(len(paid)) < 0.95]
    mondays = pd.date_range("2024-01-01", periods=40, freq="7D")
    weeks = pd.MultiIndex.from_product([ids, mondays], names=["account_id", "week"]).to_frame(index=False)
    weeks = weeks.assign(feature="charts", uses=chance.choice([2, 3, 4], len(weeks), p=[0.2, 0.4, 0.4]))
    weeks = weeks[chance.random(len(weeks)) < 0.95]
    events = 3 * accounts
    dated = {
        "account_id": chance.choice(ids, events),
        "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(chance.integers(0, 360, events), "D"),
    }
    outcomes = pd.DataFrame({**dated, "kind": "hours", "value": chance.choice([10.0, 14.9, 15.0, 20.0], events)})
    requests = pd.DataFrame({**dated, "feature": chance.choice(["charts", "api", "sky"], events)})
    tables = {
        "accounts": pd.DataFrame({"account_id": ids}), "usage": usage, "mrr": paid, "feature_use": weeks,
        "outcomes": outcomes.drop_duplicates(["account_id", "date"]),
        "requests": requests.drop_duplicates(["account_id", "date", "feature"]),
        "plan_limits": pd.DataFrame({"plan": ["S", "M"], "metric": "seats", "limit": [10.0, 12.5]}),
        "plan_features": pd.DataFrame({"plan": ["S", "M", "M"], "feature": ["charts", "charts", "api"]}),
    }  # fmt: skip
    return Past.of(CustomerBase.from_tables(tables, currency="USD"))


@pytest.mark.parametrize("seed", range(4))
def test_both_fire_alike_on_a_thousand_generated_histories(seed: int) -> None:
    """250 histories with each of four settings of hold, keep, cool-down and repetition."""
    past = histories(np.random.default_rng(seed), 250)
    changes = {"hold": (0, 1, 2, 3)[seed], "keep": (0, 2, 1, 0)[seed], "cool_down_days": (0, 45, 90, 200)[seed]}
    triggers = {
        key: trigger.model_copy(
            update={"cool_down_days": changes["cool_down_days"]} if trigger.every == "day"
            else {**changes, "again_while_on": seed % 2 == 1}
        )
        for key, trigger in PLAYBOOK.triggers.items()
    }  # fmt: skip
    assert sum(agree(past, Playbook(triggers=triggers))) > 100


# --- The same rules on every engine


STEEP = {
    "grows": Trigger(
        name="Grows", every="month", hold=1, keep=1,
        when=(TriggerCondition(signal="usage_growth", of="seats", over=3, at_least=1.05, off_below=1.0),
              TriggerCondition(signal="usage", at_least=8)),
    ),
    "fills": Trigger(name="Fills", every="month", when=(TriggerCondition(signal="months_to_limit", at_most=4),)),
    "worth": Trigger(name="Worth", every="day", when=(TriggerCondition(signal="outcome", of="hours", above=14.9),)),
}  # fmt: skip


def fired_alike(past: Past, triggers: dict[str, Trigger], engine: Engine) -> int:
    """Hold the steps of an engine against those of the arrays; return how many there are."""
    tables = {**past.base.frames, "plan_limits": past.limits, "plan_features": past.features}
    there = {name: engine.table(tables[name]) for name in (*READ, "plan_limits", "plan_features")}
    steps = 0
    for key, trigger in triggers.items():
        found = fired_steps(there, trigger, past.day, as_table=engine.table)
        got = set(zip(found["account_id"], found["step"].dt.strftime("%Y-%m-%d"), strict=True))
        fired, opened = ours(past, Playbook(triggers={key: trigger.model_copy(update={"cool_down_days": 0})}), key)
        assert got == (opened if fired is None else fired), key
        steps += len(got)
    return steps


def test_every_engine_fires_alike_on_a_thousand_histories(engine: Engine) -> None:
    """The playbook's five and three more, with hold, keep and hysteresis, in memory, in DuckDB and on Spark."""
    past = histories(np.random.default_rng(9), 1_000)
    held = {
        key: trigger if trigger.every == "day" else trigger.model_copy(update={"hold": 1, "keep": 1})
        for key, trigger in PLAYBOOK.triggers.items()
    }
    assert fired_alike(past, {**held, **STEEP}, engine) > 10_000


# --- Hints on features


def hints_by_sql(uses: pd.DataFrame, document: dict[str, Any]) -> set[tuple[str, int]]:
    """Return who sees which hint, by nothing but the exported document and SQL."""
    uses = uses.assign(week=pd.to_datetime(uses["week"]))
    connection = duckdb.connect()
    connection.register("uses", uses)
    found = set()
    for at, hint in enumerate(document["hints"]):
        query = """
            with recent as (select * from uses where week > (select max(week) from uses) - to_days(7 * $weeks)),
            sums as (
                select account_id, sum(case when feature = $feature then uses else 0 end) as own,
                       sum(case when feature = $needs then uses else 0 end) as other
                from recent group by account_id)
            select account_id from sums where other >= $at_least and own <= $at_most"""
        values = {name: hint[name] for name in ("weeks", "feature", "at_least", "at_most")}
        values["needs"] = hint.get("needs") or hint["feature"]
        found |= {(row[0], at) for row in connection.execute(query, values).fetchall()}
    return found


def use_of(chance: np.random.Generator, accounts: int) -> pd.DataFrame:
    """Return uses of three features by each account in some of thirty weeks, few enough that edges are met often."""
    count = 16 * accounts
    names, weeks = np.array(["charts", "maps", "API"]), pd.Timestamp("2024-03-25")
    return pd.DataFrame(
        {
            "account_id": [f"H{at}" for at in chance.integers(0, accounts, count)],
            "feature": names[chance.integers(0, 3, count)],
            "week": weeks - pd.to_timedelta(7 * chance.integers(0, 30, count), unit="D"),
            "uses": chance.integers(1, 6, count),
        }
    ).drop_duplicates(["account_id", "feature", "week"])


def some_hints(chance: np.random.Generator, count: int = 24) -> ProductRules:
    """Return hints with edges among what accounts do."""
    names = ["charts", "maps", "API"]
    hints = [
        ProductHint(
            kind="related workflow", feature=str(chance.choice(names)), needs=str(chance.choice([*names, ""])),
            at_least=int(chance.integers(1, 10)), at_most=int(chance.integers(0, 10)),
            weeks=int(chance.integers(1, 20)),
        )
        for _ in range(count)
    ]  # fmt: skip
    return ProductRules(hints=tuple(hints))


def test_hints_show_alike_on_a_thousand_histories(engine: Engine) -> None:
    """Plain SQL on the exported JSON shows the same of 24 hints to the same of 1,000 accounts as every engine does."""
    chance = np.random.default_rng(17)
    uses, rules = use_of(chance, 1_000), some_hints(chance)
    shown = hints_from(engine.table(uses), rules)
    expected = hints_by_sql(uses, json.loads(rules.json_text()))
    assert set(zip(shown["account_id"], shown["hint"], strict=True)) == expected
    assert len(expected) > 3_000


def test_hints_and_scaling_are_alike_on_the_sample(sample_company: CustomerBase, engine: Engine) -> None:
    """What the sample's use speaks for, of every kind, shown to the same accounts by SQL and by every engine."""
    lived = everything_on_record(sample_company)
    rules = product_rules(lived, PLAYBOOK.triggers)
    document = json.loads(rules.json_text())
    assert {each["kind"] for each in document["hints"]} == {"related workflow", "integration", "underused feature"}
    assert document["triggers"].keys() == {*PLAYBOOK.triggers, "scaling"}
    use = lived.frames["feature_use"]
    shown = hints_from(engine.table(use), rules)
    assert set(zip(shown["account_id"], shown["hint"], strict=True)) == hints_by_sql(use, document)
    assert len(shown) > 100
    assert fired_alike(Past.of(sample_company), {"scaling": rules.triggers["scaling"]}, engine) > 100
