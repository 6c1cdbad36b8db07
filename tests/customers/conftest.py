"""A small company whose tables every test can write, spoil and load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase
from workbench.customers.base import check_source
from workbench.errors import DataErrors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.errors import Problem

ACCOUNTS = """account_id,name,segment,signed_up,plan,seats
A1,Harbour,small,2024-01-05,Team,5
A2,Füller,mid,2024-01-20,Growth,20
A3,Ostrava,mid,2024-02-11,Team,9
"""
USAGE = """account_id,month,metric,quantity
A1,2024-01,seats,4
A1,2024-02,seats,5
A1,2024-03,seats,5
A2,2024-01,seats,18
A2,2024-02,seats,19.5
A2,2024-03,seats,20
A3,2024-02,seats,8
A3,2024-03,seats,9
"""
MRR = """account_id,month,amount,plan,currency
A1,2024-01,100,Starter,USD
A1,2024-02,100,Starter,USD
A1,2024-03,150,Team,USD
A2,2024-01,900,Growth,USD
A2,2024-02,900,Growth,USD
A2,2024-03,900,Growth,USD
A3,2024-02,150,Team,USD
A3,2024-03,150,Team,USD
"""


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return a folder with the three good tables of a small company."""
    folder = tmp_path / "company"
    folder.mkdir()
    for name, text in (("accounts", ACCOUNTS), ("usage", USAGE), ("mrr", MRR)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def problems_with(company: Path) -> Callable[..., tuple[Problem, ...]]:
    """Return a function that writes files over the good ones and returns the problems of loading them."""

    def load(files: dict[str, str | bytes | None]) -> tuple[Problem, ...]:
        for name, content in files.items():
            if content is None:
                (company / name).unlink()
            else:
                (company / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(DataErrors) as raised:
            CustomerBase.load(company)
        assert raised.value.problems == check_source(company)
        return raised.value.problems

    return load
