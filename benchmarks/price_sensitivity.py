"""Van Westendorp's price points of 1,000 respondents with intervals from 1,000 bootstrap samples.

Everybody names four prices of their own, to the cent: the hardest case, for people round and then share prices. R with
its package pricesensitivitymeter gives the same points once, without intervals; it is timed where it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from measure import Row, compared, median_seconds, milliseconds

from workbench.research import van_westendorp

RESPONDENTS, SAMPLES, ONE_BY_ONE = 1_000, 1_000, 5
SECOND = 1.0
QUESTIONS = ("too_cheap", "cheap", "expensive", "too_expensive")
_IN_R = """
answers <- read.csv(commandArgs(TRUE)[1])
library(pricesensitivitymeter)
run <- function() psm_analysis("too_cheap", "cheap", "expensive", "too_expensive", data = answers)
run()
cat(median(sapply(1:7, function(i) system.time(run())["elapsed"])))
"""


def rows() -> list[Row]:
    """Return the measurements."""
    frame = _answers()
    whole = median_seconds(partial(van_westendorp, frame, samples=SAMPLES), 7, 1)
    points = median_seconds(partial(van_westendorp, frame, samples=20), 7, 1)
    intent = frame.assign(intent_cheap=4, intent_expensive=2)
    with_intent = median_seconds(partial(van_westendorp, intent, samples=SAMPLES), 5, 1)
    single = median_seconds(partial(_one_by_one, frame), 3, 0) * SAMPLES / ONE_BY_ONE
    what = f"{RESPONDENTS:,} respondents, {SAMPLES:,} samples"
    return [
        Row(
            what, milliseconds(whole), f"each sample for itself: {milliseconds(single)}", f"{single / whole:,.0f}x",
            "under a second", whole < SECOND,
        ),
        Row(f"{what}, with reach and revenue", milliseconds(with_intent), "", "", "under a second",
            with_intent < SECOND),
        Row("the same with 20 samples: reading and checking the answers", milliseconds(points), "", ""),
        _against_r(frame, whole),
    ]  # fmt: skip


def _answers() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    willing = rng.lognormal(6, 0.4, RESPONDENTS)
    factors = np.array([0.42, 0.7, 1.15, 1.6])
    prices = np.round(np.sort(willing[:, None] * factors * rng.lognormal(0, 0.1, (RESPONDENTS, 4)), axis=1), 2)
    return pd.DataFrame(prices, columns=list(QUESTIONS))


def _one_by_one(frame: pd.DataFrame) -> None:
    """Analyse a few resampled surveys as surveys of their own."""
    for sample in range(ONE_BY_ONE):
        van_westendorp(frame.sample(len(frame), replace=True, random_state=sample), samples=20)


def _against_r(frame: pd.DataFrame, ours: float) -> Row:
    """Compare with one run of the R package, or say that it is not here."""
    what = "all samples against one run of R, no intervals"
    program = shutil.which("Rscript")
    if program is None:
        return Row(what, milliseconds(ours), "R is not installed here", "", "at most 1x")
    with tempfile.TemporaryDirectory() as folder:
        answers, script = Path(folder) / "answers.csv", Path(folder) / "run.R"
        frame.to_csv(answers, index=False)
        script.write_text(_IN_R, encoding="utf-8")
        done = subprocess.run([program, str(script), str(answers)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return Row(what, milliseconds(ours), "R is here, its package pricesensitivitymeter is not", "", "at most 1x")
    return compared(what, ours, ("R, one run", float(done.stdout.split()[-1])), at_most=1)
