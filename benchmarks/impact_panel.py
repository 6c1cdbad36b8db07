"""From a control to the chart in the panels of what a scenario does to every customer: what Python needs, at two sizes.

A control of the panel is set as the page would set it, and the time is taken until the charts that follow it are on
their way to the page ("to the chart"), and until everything else on the panel has followed ("everything"). Opening is
timed once, on a base nobody has looked at yet, until the first section is ready and until those of all three are.
Twelve months of two metrics (opening: 24), three plans today, a design with computed tiers; every figure stands on all
accounts.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from measure import Row, milliseconds

from workbench.customers import CustomerBase
from workbench.rendering.declared import open_stage
from workbench.rendering.session import Session
from workbench.stages import tiers
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.rendering.panel import StagePanel

FEW, MANY = 1_000, 100_000
TARGET = 3.0  # times as long with a hundred times the accounts, at most
REPEATS, WARM_UP = 15, 4
REST = 0.15  # seconds between two moves, so that each is taken at once
PLANS = ("Starter", "Team", "Business")


def customer_base(accounts: int, months: int = 12, seed: int = 5) -> CustomerBase:
    """Return accounts with seats and projects over a year, what they paid, and today's three plans."""
    draw = np.random.default_rng(seed)
    month = pd.date_range("2024-01-01", periods=months, freq="MS")
    ids = np.char.add("a", np.arange(accounts).astype(str)).astype(object)
    seats = np.ceil(draw.lognormal(2.2, 1.0, accounts))
    projects = np.ceil(seats[:, None] * draw.lognormal(0.3, 0.5, (accounts, months)))
    plan = np.array(PLANS, dtype=object)[np.digitize(seats, (5, 30))]
    signed_up = pd.Timestamp("2023-01-15") + pd.to_timedelta(draw.integers(0, 330, accounts), unit="D")
    months_of_all = {"account_id": np.repeat(ids, months), "month": np.tile(month.to_numpy(), accounts)}
    usage = [
        pd.DataFrame({**months_of_all, "metric": metric, "quantity": quantity})
        for metric, quantity in (("seats", np.repeat(seats, months)), ("projects", projects.ravel()))
    ]
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame(
                {
                    "account_id": ids,
                    "segment": draw.choice(["small", "mid", "large", "public"], accounts),
                    "plan": plan,
                    "seats": seats.astype(int),
                    "signed_up": signed_up,
                    "unit_cost": seats * 2,
                }
            ),
            "usage": pd.concat(usage),
            "mrr": pd.DataFrame(
                {**months_of_all, "amount": np.repeat(seats * 12 + 20, months), "plan": np.repeat(plan, months)}
            ),
            "plans": pd.DataFrame(
                {"plan": PLANS, "base_fee": (20, 60, 200), "metric": "seats", "unit_price": (12, 11, 10),
                 "included_units": 0, "billing_period": "month", "currency": "USD"}
            ),
        }
    )  # fmt: skip


def open_session(accounts: int, folder: str, months: int = 12) -> Session:
    """Return a session on a base of that many accounts, with the tiers computed from it as its design."""
    base = customer_base(accounts, months)
    session = Session(folder, Study.new(f"accounts-{accounts}", "data").save(folder), base=base)
    session.propose(tiers.suggest(base, session.study.designs[0]))
    return Session(folder, session.study, base=replace(base))  # a copy of which nothing is worked out yet


def rows() -> list[Row]:
    """Return the measurements."""
    times: dict[str, list[float]] = {}
    for accounts in (FEW, MANY):
        for measure in (_opening, _times):
            with tempfile.TemporaryDirectory() as folder:
                for what, seconds in asyncio.run(measure(accounts, folder)).items():
                    times.setdefault(what, []).append(seconds)
    found = []
    for what, (few, many) in times.items():
        held = "to the chart" in what
        met = many / few <= TARGET if held else None
        target = f"at most {TARGET:g}x" if held else ""
        found.append(
            Row(what, f"{MANY:,} accounts: {milliseconds(many)}", f"{FEW:,} accounts: {milliseconds(few)}",
                f"{many / few:.2f}x", target, met)
        )  # fmt: skip
    return found


async def _opening(accounts: int, folder: str) -> dict[str, float]:
    """Return the seconds from opening the panel to its first section, and to all of them."""
    session = open_session(accounts, folder, months=24)
    start = time.perf_counter()
    panel = open_stage(session, "impact")
    panel.finish_words()
    first = time.perf_counter() - start
    for each in (panel, open_stage(session, "migration"), open_stage(session, "steady")):
        each.flush()
    return {"opening, to the first section": first, "opening, all sections": time.perf_counter() - start}


async def _times(accounts: int, folder: str) -> dict[str, float]:
    """Return the median seconds of each control, to its chart and until everything has followed."""
    session = open_session(accounts, folder)
    panels = tuple(open_stage(session, key) for key in ("impact", "migration", "steady"))
    for each in panels:
        each.flush()
    who, way = panels[0].settings, panels[1].settings
    policies = ("at renewal", "phased steps", "grandfather", "everyone at once")
    what = [key for key in who["tried.what"].options if key[1]]
    who["tried.what"].value = what[0][1]
    panels[0].flush()
    controls: dict[str, Callable[[int], None]] = {
        "one price": lambda turn: setattr(who["tried.change"], "value", 1 + turn % 40),
        "notice": lambda turn: setattr(way["notice_months"], "value", turn % 12),
        "policy": lambda turn: setattr(way["policy"], "value", policies[turn % len(policies)]),
        "a guardrail": lambda turn: setattr(who["limits.most_p95_rise"], "value", 5 + turn % 40),
    }
    found = {}
    for name, move in controls.items():
        lead, everything = [], []
        for turn in range(WARM_UP + REPEATS):
            seconds = await _one(panels, move, turn)
            if turn >= WARM_UP:
                lead.append(seconds[0])
                everything.append(seconds[1])
        if name != "a guardrail":
            found[f"{name}, to the chart"] = statistics.median(lead)
        found[f"{name}, everything"] = statistics.median(everything)
        who["tried.change"].value = 0
        panels[0].flush()
    return found


async def _one(panels: tuple[StagePanel, ...], move: Callable[[int], None], turn: int) -> tuple[float, float]:
    """Move a control once after a rest; with a loop running, what follows the charts waits for its turn."""
    await asyncio.sleep(REST)
    start = time.perf_counter()
    move(turn)
    charts = time.perf_counter() - start
    for each in panels:
        each.flush()
    everything = time.perf_counter() - start
    panels[0].session.finish()
    return charts, everything
