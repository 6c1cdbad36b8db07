"""A million raw rows of exports, brought in with every suggestion taken, beside `pandas.read_csv` of the same files.

Subscriptions, invoice lines, events, and revenue with one column per month (a million amounts, and a million accounts
with twelve), and a folder with a quarter of a million rows of each. Measured is `bring_in`: files read, columns
recognised, cells read, ledger built, what whole tables say. Seconds are those of the processor, which a busy machine
does not change much; the clock on the wall stands beside them, with how many processes wanted to run, and how often
progress was told.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from measure import Row

from workbench import progress
from workbench.customers.intake import bring_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROWS = 1_000_000
MOST_SECONDS = 8.0
WIDTH = 12  # months beside each other
YEARLY, ENDED = 0.4, 0.3  # share of subscriptions
MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")


def rows() -> list[Row]:
    """Measure each form alone, and all of them together."""
    with tempfile.TemporaryDirectory() as place:
        return list(_rows(Path(place)))


def _rows(place: Path) -> Iterator[Row]:
    forms = {"subscriptions": subscriptions, "invoice lines": invoices, "events": events, "one column per month": wide}
    for name, make in forms.items():
        count = ROWS // WIDTH if make is wide else ROWS
        yield _measured(f"{ROWS:,} rows, {name}", _written(place / name, {"export": make(count)}))
    several = {name: make(ROWS // len(forms) // (WIDTH if make is wide else 1)) for name, make in forms.items()}
    yield _measured(f"{ROWS:,} rows in a folder of all four", _written(place / "all", several))
    large = _written(place / "large", {"export": wide(ROWS)})
    yield _measured(f"{ROWS:,} accounts with {WIDTH} months each, one column per month", large, is_held=False)


def _written(folder: Path, frames: Mapping[str, pd.DataFrame]) -> Path:
    folder.mkdir(parents=True)
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def _measured(what: str, folder: Path, *, is_held: bool = True) -> Row:
    alone, alone_wall = _seconds(lambda: [pd.read_csv(path) for path in sorted(folder.glob("*.csv"))])
    told: list[float] = []
    with progress.reported(progress.Progress(lambda share, _left, _label: told.append(share))):
        ours, wall = _seconds(lambda: bring_in(folder, currency="EUR"))
    seconds = f"{ours:.1f} s CPU, {wall:.1f} s on the wall (load {os.getloadavg()[0]:.0f})"
    target, met = (f"at most {MOST_SECONDS:g} s", ours <= MOST_SECONDS) if is_held else ("", None)
    return Row(
        what, f"{seconds}, progress told {len(told)} times",
        f"pandas.read_csv: {alone:.1f} s CPU, {alone_wall:.1f} s on the wall", f"{ours / alone:.1f}x", target, met,
    )  # fmt: skip


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def subscriptions(count: int) -> pd.DataFrame:
    """Return subscriptions as a billing system writes them."""
    chance = np.random.default_rng(1)
    begin = MONTHS.to_numpy()[chance.integers(0, 20, count)]
    ends = begin + chance.integers(30, 700, count).astype("timedelta64[D]")
    yearly = chance.random(count) < YEARLY
    return pd.DataFrame(
        {
            "account_id": _accounts(chance, count), "item": chance.choice(["Team", "Business", "Support"], count),
            "start": begin.astype("datetime64[D]").astype(str),
            "end": np.where(chance.random(count) < ENDED, ends.astype("datetime64[D]").astype(str), ""),
            "amount": np.round(chance.integers(20, 900, count) * np.where(yearly, 12, 1) + 0.5, 2),
            "period": np.where(yearly, "year", "month"), "quantity": chance.integers(1, 5, count), "currency": "EUR",
        }
    )  # fmt: skip


def invoices(count: int) -> pd.DataFrame:
    """Return lines of monthly invoices."""
    chance = np.random.default_rng(2)
    begin = MONTHS.to_numpy()[np.arange(count) % len(MONTHS)]
    ends = (begin.astype("datetime64[M]") + 1).astype("datetime64[D]")
    return pd.DataFrame(
        {
            "account_id": [f"A{n:07d}" for n in np.arange(count) // len(MONTHS)],
            "from": begin.astype("datetime64[D]").astype(str), "to": ends.astype(str),
            "amount": np.round(chance.integers(20, 900, count) + 0.5, 2),
            "kind": chance.choice(["subscription", "usage", "setup"], count, p=[0.9, 0.08, 0.02]), "currency": "EUR",
        }
    )  # fmt: skip


def wide(count: int) -> pd.DataFrame:
    """Return revenue with one column per month, as a spreadsheet has it."""
    chance = np.random.default_rng(3)
    amounts = np.round(chance.integers(20, 900, (count, WIDTH)) + 0.5, 2)
    frame = pd.DataFrame(amounts, columns=[f"{month:%b %Y}" for month in MONTHS[:WIDTH]])
    return frame.assign(Customer=[f"A{n:07d}" for n in range(count)])[["Customer", *frame.columns]]


def events(count: int) -> pd.DataFrame:
    """Return events as a product logs them."""
    chance = np.random.default_rng(4)
    moments = np.datetime64("2024-01-01T00:00:00") + chance.integers(0, 360 * 86_400, count).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "account_id": _accounts(chance, count), "timestamp": moments.astype(str),
            "event": chance.choice(["export", "report", "invite", "api call"], count),
        }
    )  # fmt: skip


def _accounts(chance: np.random.Generator, count: int) -> list[str]:
    return [f"A{n:07d}" for n in chance.integers(0, count // 10, count)]
