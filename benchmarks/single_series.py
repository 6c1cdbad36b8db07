"""Months ahead of single accounts, beside AutoETS of statsforecast: 100,000 of them, points and 80% ranges.

AutoETS runs in an environment of its own (`out/auto_ets`, made once), for it takes pandas back below 3. Both use one
core and the same months; AutoETS forecasts some of the series, and its time is multiplied. Errors are symmetric mean
absolute percentage errors over the months held back, on the same series for both: generated ones (level, seasonal and
slowly growing), the accounts of the sample company, each metric by the rule the growth desk chooses for it, and, where
WORKBENCH_ORACLES names the folder with them, sixty series of the M3 competition. Ours is less accurate where the 95%
interval of the difference, series by series, lies above none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from functools import partial
from pathlib import Path

import numpy as np
from measure import Row, faster, median_seconds

from workbench.forecast import forecast_series
from workbench.growth.desk import usage_outlook
from workbench.workspace import sample_base

STATSFORECAST = "statsforecast==2.1.1"
PLACE = Path(__file__).resolve().parent.parent / "out" / "auto_ets"
ACCOUNTS, MONTHS, HORIZON, HELD, LEVEL, TIMES = 100_000, 36, 12, 6, 0.8, 1_000
FEWEST = 50  # accounts with use in every month, for a metric to be compared
SOME = 300  # series that AutoETS forecasts
THEIRS = """
import sys, time
import numpy as np, pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS
values, horizon, level = np.load(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
series, months = values.shape
when = np.tile(pd.date_range("2020-01-01", periods=months, freq="MS"), series)
frame = pd.DataFrame({"unique_id": np.repeat(np.arange(series), months), "ds": when, "y": values.ravel()})
engine = StatsForecast(models=[AutoETS(season_length=12)], freq="MS", n_jobs=1)
engine.forecast(df=frame[frame["unique_id"] < 3], h=horizon, level=[100 * level])
start = time.perf_counter()
found = engine.forecast(df=frame, h=horizon, level=[100 * level])
seconds = time.perf_counter() - start
np.savez(sys.argv[4], seconds=seconds, points=found["AutoETS"].to_numpy().reshape(series, horizon))
"""


def rows() -> list[Row]:
    """Return the measurements."""
    many = generated(ACCOUNTS, MONTHS + HORIZON)
    before, after = many[:, :MONTHS], many[:, MONTHS:]
    ours = median_seconds(partial(forecast_series, before, HORIZON, level=LEVEL), 3, 1)
    chosen = median_seconds(partial(usage_outlook, before, HORIZON, level=LEVEL), 1, 0)
    python = _environment()
    if python is None:
        return [Row("AutoETS", "not measured", f"{STATSFORECAST} could not be installed into {PLACE.name}", "")]
    seconds, theirs = _auto_ets(python, before[:SOME], HORIZON)
    whole = seconds * ACCOUNTS / SOME
    found = [
        faster(
            f"{HORIZON} months ahead of {ACCOUNTS:,} accounts, with ranges", ours, ("AutoETS", whole), at_least=TIMES
        ),
        faster("the same, each rule tried on the last months first", chosen, ("AutoETS", whole)),
        _error("generated series", forecast_series(before[:SOME], HORIZON).points, theirs, after[:SOME]),
    ]
    for metric, values in sorted(sample_base(whole_history=True).usage_by_month.items()):
        known = values[(np.nan_to_num(values) > 0).all(axis=1)]
        if len(known) < FEWEST:
            continue
        outlook = usage_outlook(known[:, :-HELD], HELD)
        theirs = _auto_ets(python, known[:, :-HELD], HELD)[1]
        named = f"{metric.replace('_', ' ')} of the sample company ({outlook.rule})"
        found.append(_error(named, outlook.forecast.points, theirs, known[:, -HELD:]))
    published = Path(os.environ.get("WORKBENCH_ORACLES", "")) / "m3_monthly_sample.json"
    if published.is_file():
        series = json.loads(published.read_text(encoding="utf-8"))["series"]
        history, actual = (np.array([each[name] for each in series], dtype=float) for name in ("history", "actual"))
        theirs = _auto_ets(python, history, HORIZON)[1]
        found.append(_error("M3", forecast_series(history, HORIZON).points, theirs, actual[:, :HORIZON]))
    return found


def generated(count: int, months: int) -> np.ndarray:
    """Return series of mixed kinds: level, seasonal and slowly growing ones, each with noise of its own."""
    rng = np.random.default_rng(20)
    kind = rng.integers(0, 3, count)[:, None]
    logs = rng.normal(6, 1.2, (count, 1)) + np.cumsum(rng.normal(0, 0.05, (count, months)), axis=1)
    logs += rng.normal(0, rng.uniform(0.05, 0.3, (count, 1)), (count, months))
    phase = rng.integers(0, 12, (count, 1))
    logs += np.where(kind == 1, 0.15 * np.sin(2 * np.pi * (np.arange(months) + phase) / 12), 0.0)
    return np.exp(logs + np.where(kind == 2, rng.normal(0.005, 0.01, (count, 1)), 0.0) * np.arange(months))  # noqa: PLR2004


def _error(named: str, ours: np.ndarray, theirs: np.ndarray, came: np.ndarray) -> Row:
    """Return how far both were off, and whether ours was further off beyond chance."""
    off, other = (
        (200 * np.abs(each - came) / np.maximum(np.abs(each) + np.abs(came), 1e-9)).mean(axis=1)
        for each in (ours, theirs)
    )
    apart = off - other
    reach = 1.96 * float(apart.std(ddof=1)) / np.sqrt(len(apart))
    middle = float(apart.mean())
    return Row(
        f"error over {came.shape[1]} months, {len(came):,} series: {named}", f"{off.mean():.2f}%",
        f"AutoETS: {other.mean():.2f}%", f"{middle:+.2f} ({middle - reach:+.2f} to {middle + reach:+.2f})",
        "not above beyond chance", bool(middle - reach <= 0),
    )  # fmt: skip


def _auto_ets(python: Path, values: np.ndarray, horizon: int) -> tuple[float, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.npy", Path(folder) / "made.npz"
        np.save(given, values)
        command = [str(python), "-c", THEIRS, str(given), str(horizon), str(LEVEL), str(made)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run(command, env=environment, check=True, cwd=folder)
        with np.load(made) as found:
            return float(found["seconds"]), found["points"]


def _environment() -> Path | None:
    """Return the Python of the environment with statsforecast, made where it is not there; None when it cannot be."""
    python = PLACE / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(PLACE, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", STATSFORECAST]
    done = subprocess.run(install, check=False, env={**os.environ, "PYTHONPATH": ""}, stderr=subprocess.DEVNULL)
    return python if done.returncode == 0 else None
