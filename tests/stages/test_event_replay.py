"""A study replayed on raw events says the same as one replayed on the monthly usage they add up to."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.errors import StudyError
from workbench.impact.events import EventRules, open_engine
from workbench.stages.contract import with_starting_points
from workbench.stages.price_book import opt_in_scenario
from workbench.stages.study_replay import known_metrics, replay_events, replay_study, usage_from_events

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.study import Study

pytestmark = pytest.mark.slow


def need_spark() -> None:
    """Skip without Spark, unless it is required."""
    if not importlib.util.find_spec("pyspark"):
        reason = "Spark is not installed: `make setup-spark` installs the locked extra"
        (pytest.fail if os.environ.get("WORKBENCH_SPARK_REQUIRED") == "1" else pytest.skip)(reason)


@pytest.fixture(scope="module")
def base(sample_company: CustomerBase) -> CustomerBase:
    """Return the sample company."""
    return sample_company


@pytest.fixture(scope="module")
def study(base: CustomerBase, decided_sample: Study) -> Study:
    """Return its study with a design in which every stage is decided."""
    return decided_sample.with_scenario(with_starting_points(base, decided_sample.designs[0]))


@pytest.fixture(scope="module")
def log(base: CustomerBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Split every month's usage into three events, send some of them twice, and add a stranger's."""
    usage = base.usage
    usage = usage[usage["quantity"] > 0]
    rng = np.random.default_rng(4)
    events = usage.loc[usage.index.repeat(3)].reset_index(drop=True)
    seconds = pd.to_timedelta(rng.integers(0, 27 * 86_400, len(events)), unit="s")
    events = events.assign(
        event_id=np.arange(len(events)).astype(str),
        timestamp=events["month"] + seconds,
        quantity=events["quantity"] / 3,
    ).drop(columns="month")
    stranger = events.iloc[:1].assign(account_id="nobody", event_id="stranger")
    path = tmp_path_factory.mktemp("log") / "events.parquet"
    duckdb.from_df(pd.concat([events, events.sample(500, random_state=1), stranger])).write_parquet(str(path))
    return path


def test_events_that_add_up_to_usage_replay_like_it(base: CustomerBase, study: Study, log: Path) -> None:
    """Revenue of every scenario is that of the recorded usage, and the engine's bills agree with those in memory."""
    with open_engine("duckdb", memory="1GiB", progress=False) as engine:
        found = replay_events(base, study, log, engine, months=12)
    counts = found.events.months.counts
    assert counts.copies == 500
    assert sum(counts.left_out.values()) == 0
    assert any(
        "The usage of 1 account unknown to the customer base" in caution.text for caution in found.events.cautions
    )
    expected = replay_study(base, study, months=12)
    for ours, theirs in zip(found.study.scenarios, expected.scenarios, strict=True):
        known = ours.replay.known & theirs.replay.known
        assert known.mean() > 0.9
        np.testing.assert_allclose(ours.replay.amounts[known], theirs.replay.amounts[known], rtol=1e-9)
        assert found.billed[ours.replay.name] > 0


def test_the_month_of_the_study_s_day_is_not_known_before_it_is_over(base: CustomerBase, log: Path) -> None:
    """With a day in the middle of a month, usage from events ends where recorded usage does: the month before."""
    earlier = base.up_to("2024-06-15")
    with open_engine("duckdb", memory="1GiB", progress=False) as engine:
        found = usage_from_events(earlier, log, engine, EventRules()).base.usage
    assert found["month"].max() == earlier.usage["month"].max() == pd.Timestamp("2024-05-01")


def test_what_only_an_add_on_charges_for_is_known(base: CustomerBase, study: Study) -> None:
    """Without recorded usage, the metric of an opt-in is one the study bills, so its events count."""
    made = opt_in_scenario(base, study, study.designs[0], metric="queries_executed")
    without = replace(base, frames=MappingProxyType({k: v for k, v in base.frames.items() if k != "usage"}))
    assert "queries_executed" in (known_metrics(without, study.with_scenario(made)) or ())


def test_a_log_without_a_known_account_is_refused(base: CustomerBase, tmp_path: Path) -> None:
    """The error says what became of the events."""
    path = tmp_path / "events.csv"
    path.write_text("account_id;timestamp;metric;quantity\nnobody;2024-05-01 10:00;seats;3\n")
    with (
        open_engine("pandas", progress=False) as engine,
        pytest.raises(StudyError, match=r"1 event read, 1 counted.*'nobody'"),
    ):
        usage_from_events(base, path, engine, EventRules())


def test_the_command_line_prints_counts_and_the_comparison(study: Study, log: Path, tmp_path: Path) -> None:
    """Counts of events come first, then what every replay prints; an unknown engine is refused by name."""
    folder = tmp_path / "studies" / "sample"
    study.save(folder)
    arguments = ["replay", str(folder), "--events", str(log), "--memory", "1GiB"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "500 were further copies of a counted event." in done.output
    assert "Guardrails" in done.output
    refused = CliRunner().invoke(app, [*arguments, "--engine", "abacus"])
    assert refused.exit_code == 2
    assert all(name in refused.output for name in ("abacus", "duckdb", "spark", "pandas"))


def test_spark_prints_what_duckdb_prints(study: Study, log: Path, tmp_path: Path) -> None:
    """Through the command line both engines count the same events, bill the same revenue and judge alike."""
    need_spark()
    folder, few = tmp_path / "studies" / "sample", tmp_path / "few.parquet"
    study.save(folder)
    duckdb.from_parquet(str(log)).filter("timestamp >= TIMESTAMP '2024-11-01'").write_parquet(str(few))
    said = {}
    for engine in ("duckdb", "spark"):
        arguments = ["replay", str(folder), "--events", str(few), "--engine", engine, "--memory", "1GiB"]
        turned_down = ["--scenario", study.designs[1].id]
        done = CliRunner().invoke(app, [*arguments, *turned_down, "--months", "2", "--guard"])
        assert done.exit_code == 1, done.output  # a guardrail is crossed, and nothing else went wrong
        assert f"by {engine} and in memory the same" in done.stdout
        said[engine] = done.stdout.replace(f"by {engine} and", "by the engine and")
    assert said["spark"] == said["duckdb"]
    assert "FAIL" in said["spark"]


def test_without_java_spark_says_what_to_install(study: Study, log: Path, tmp_path: Path) -> None:
    """The command ends with one sentence, not with what went on inside Spark."""
    need_spark()
    folder = tmp_path / "studies" / "sample"
    study.save(folder)
    nowhere = {name: value for name, value in os.environ.items() if name != "SPARK_HOME"}
    nowhere |= {"JAVA_HOME": str(tmp_path / "no-java"), "PATH": os.environ["PATH"]}
    command = [
        sys.executable,
        "-c",
        "from workbench.cli import main; main()",
        "replay",
        str(folder),
        "--events",
        str(log),
        "--engine",
        "spark",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=nowhere, timeout=120)
    assert done.returncode == 4
    assert "Spark could not start Java. Install Java 17 or newer" in done.stderr
    assert "Traceback" not in done.stderr
