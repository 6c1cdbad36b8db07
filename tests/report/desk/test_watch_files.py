"""The monthly look at usage as a command: its files, its exit code, and that a second run changes nothing."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.cli import main
from workbench.stages.growth_desk.decision import GrowthDeskDecision
from workbench.study import Study

if TYPE_CHECKING:
    from pathlib import Path

FILES = ["cleared.csv", "new.csv", "still_open.csv", "watch.html", "watch.json"]


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run the command; its exit code and what it said."""
    said, code = io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.setattr(
            sys, "argv", ["workbench", *map(str, arguments), *(["--no-progress"] * (arguments[0] == "watch"))]
        )
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, said.getvalue()


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a list."""
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return a study of 40 accounts, of which the one that pays most falls silent at the end of 2023."""
    data, place = tmp_path / "data", tmp_path / "studies" / "acme"
    data.mkdir()
    months = pd.date_range("2022-01-01", periods=24, freq="MS").strftime("%Y-%m")
    use = np.rint(100 * np.exp(np.random.default_rng(1).normal(0, 0.05, (40, 24))))
    use[7, 22:] = 0
    names = [f"A{row:02}" for row in range(40)]
    accounts = pd.DataFrame({"account_id": names, "name": [f"Customer {each}" for each in names], "segment": "all"})
    accounts.to_csv(data / "accounts.csv", index=False)
    long = [
        (name, month, q) for name, row in zip(names, use, strict=True) for month, q in zip(months, row, strict=True)
    ]
    used = pd.DataFrame(long, columns=["account_id", "month", "quantity"])
    used.assign(metric="calls").to_csv(data / "usage.csv", index=False)
    paid = used[["account_id", "month"]].assign(amount=np.where(used["account_id"] == "A07", 900, 100))
    paid.to_csv(data / "mrr.csv", index=False)
    assert run("new", place, "--data", data, "--currency", "USD")[0] == 0
    return place


def test_a_silence_is_urgent_and_a_second_run_changes_nothing(study: Path, tmp_path: Path) -> None:
    """Exit code 6, the alert with its evidence in every file; the same bytes and the same log again."""
    out = tmp_path / "out"
    code, said = run("watch", study, "-o", out)
    assert code == 6, said
    assert "1 alert is urgent" in said
    assert "false alarms a month" in said
    assert sorted(path.name for path in out.iterdir()) == FILES
    first = rows(out / "new.csv")[0]
    assert (first["account_id"], first["name"], first["kind"]) == ("A07", "Customer A07", "silence")
    assert (first["state"], first["urgent"]) == ("new", "True")
    assert "now 0 calls" in first["evidence"]
    found = json.loads((out / "watch.json").read_text())
    assert (found["urgent"], found["month"], found["accounts"]) == (1, "2023-12", 40)
    assert found["new"][0]["alert"] == first["alert"]
    assert "Customer A07" in (out / "watch.html").read_text()
    held = {path: path.read_bytes() for path in (*out.iterdir(), study / "alerts.json")}
    assert run("watch", study, "-o", out)[0] == 6
    assert {path: path.read_bytes() for path in held} == held


def test_an_owner_is_kept_and_a_snoozed_alert_is_not_urgent(study: Path, tmp_path: Path) -> None:
    """Both stand in the lists, and in the log that the next run reads."""
    out, alert = tmp_path / "out", "A07/calls/silence/2023-12"
    code, said = run("watch", study, "-o", out, "--owner", f"{alert}=North team", "--snooze", f"{alert}=2024-02-01")
    assert code == 0, said
    assert run("watch", study, "-o", out)[0] == 0
    row = next(each for each in rows(out / "new.csv") if each["alert"] == alert)
    assert (row["owner"], row["state"], row["snoozed_until"]) == ("North team", "snoozed", "2024-02-01")
    assert run("watch", study, "-o", out, "--snooze", f"{alert}=")[0] == 6


def test_as_many_false_alarms_are_held_as_the_study_decides(study: Path, tmp_path: Path) -> None:
    """The command and the notebook carry one log on, so they hold one number; another is taken where it is named."""
    document = Study.load(study)
    decision = GrowthDeskDecision(false_alarms=0.4)
    document.with_scenario(document.designs[0].with_decision(decision)).save(study)
    told = tmp_path / "out" / "watch.json"
    assert run("watch", study, "-o", told.parent)[0] == 6
    assert json.loads(told.read_text())["expected_false_alarms"] == 0.4
    assert run("watch", study, "-o", told.parent, "--false-alarms", "0.6")[0] == 6
    assert json.loads(told.read_text())["expected_false_alarms"] == 0.6


def test_files_for_others_name_nobody(study: Path, tmp_path: Path) -> None:
    """With an alias each, no id and no name is in any file, and the alert is the same."""
    out = tmp_path / "out"
    assert run("watch", study, "-o", out, "--share")[0] == 6
    assert rows(out / "new.csv")[0]["account_id"].startswith("Account ")
    for path in out.iterdir():
        text = path.read_text(encoding="utf-8-sig")
        assert "A07" not in text, path.name
        assert "Customer" not in text, path.name


def test_what_is_wrong_is_said(study: Path, tmp_path: Path) -> None:
    """An alert that is none, a day that is none, a log that is none, and files of somebody else."""
    out = tmp_path / "out"
    code, said = run("watch", study, "-o", out, "--owner", "x=me")
    assert (code, "There is no alert 'x'" in said) == (4, True)
    code, said = run("watch", study, "-o", out, "--snooze", "A07/calls/silence/2023-12=soon")
    assert (code, "'soon' is no day" in said) == (4, True)
    out.mkdir(exist_ok=True)
    (out / "watch.html").write_text("mine")
    assert run("watch", study, "-o", out)[0] == 4
    assert (out / "watch.html").read_text() == "mine"
    assert not (study / "alerts.json").exists()
    (study / "alerts.json").write_text('{"log": {"alerts": 5}}')
    code, said = run("watch", study, "-o", tmp_path / "other")
    assert (code, "does not hold a log of alerts" in said) == (4, True)
    assert Study.load(study).name == "acme"
