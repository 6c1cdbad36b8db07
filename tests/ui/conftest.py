"""Fixtures of the panel kit: a small customer base, a session with a clock that is turned by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the clock turned by hand, and the small stage

from session_clock import WHEN, HandTimer

from workbench.customers import CustomerBase
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hand_timer() -> HandTimer:
    """Return a clock that is turned by hand."""
    return HandTimer()


@pytest.fixture(autouse=True)
def _strict() -> Iterator[None]:
    with strict_callbacks():
        yield


@pytest.fixture
def _evidence_at_hand(monkeypatch: pytest.MonkeyPatch, gathered_sample: dict[str, Any]) -> None:
    """Let pages on the sample company find its evidence gathered, as it is once a notebook is open."""
    monkeypatch.setattr("workbench.pages.scenario_results.gather_evidence", lambda _base: gathered_sample)


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of five accounts over three months."""
    names = ["a1", "a2", "a3", "a4", "a5"]
    months = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    mrr = [(name, month, 100.0 + 10 * at) for at, name in enumerate(names) for month in months]
    return {
        "accounts": pd.DataFrame({"account_id": names, "name": names, "seats": [2, 4, 8, 16, 30]}),
        "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount"]),
    }


@pytest.fixture(scope="session")
def base(tables: dict[str, pd.DataFrame]) -> CustomerBase:
    """Return five accounts."""
    return CustomerBase.from_tables(tables)


@pytest.fixture
def study() -> Study:
    """Return a study with the baseline and one design."""
    return Study.new("small", "data", title="A small study")


@pytest.fixture
def session(tmp_path: Path, study: Study, base: CustomerBase) -> Session:
    """Return a session with a study saved once."""
    saved = study.save(tmp_path)
    return Session(tmp_path, saved, base=base, when=lambda: WHEN)
