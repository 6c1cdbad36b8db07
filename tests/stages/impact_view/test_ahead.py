"""What comes after the switch to new prices, as figures and tables, over a few made-up accounts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
from workbench.stages.impact_view.ahead.charts import range_figures
from workbench.stages.impact_view.future import ranges
from workbench.stages.impact_view.tables import paths_table
from workbench.study import Assumption, Guardrails

if TYPE_CHECKING:
    from workbench.impact.migration import AccountBills
    from workbench.stages.impact_view.outcome import ImpactResult


def few_accounts(size: int = 60) -> AccountBills:
    """Return few accounts of very different size, so that luck moves the mean of the draws."""
    rng = np.random.default_rng(4)
    old = rng.lognormal(5, 1.5, size)
    new = old * rng.lognormal(0.1, 0.2, size)
    return account_bills(
        [f"A{place}" for place in range(size)], ["s"] * size, old, new, start="2025-01", metered=new * 0.4
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_bars_of_a_guess_go_to_both_sides_of_where_they_start(seed: int) -> None:
    """The two ends of a guess lie on either side of the mean its bars start at, to within what a chart can show."""
    found = ranges(migrate(few_accounts(), EveryoneAtOnce()), Guardrails(), seed=seed)
    result = cast("ImpactResult", SimpleNamespace(ranges=found))
    (figure,) = (each for each in range_figures(result) if each.key == "tornado")
    bars = figure.data["tornado"]
    assert len(bars)
    ends = bars.assign(away=bars["value"] - bars["mean"]).groupby("assumption")["away"].agg(["min", "max"])
    less_than_a_pixel = (ends["max"] - ends["min"]).max() / 500
    assert (ends["min"] <= less_than_a_pixel).all()
    assert (ends["max"] >= -less_than_a_pixel).all()
    assert set(bars["mean"]) == set(found.drivers["base"])


def test_a_guess_about_nobody_is_said_and_not_drawn_from() -> None:
    """A range of a segment without accounts, or of new customers of a segment, changes nothing and is named."""
    path = migrate(few_accounts(), EveryoneAtOnce())
    kinds = ("churn-per-rise:gone", "new-customers:s")
    guesses = [Assumption(id=kind, label="Guess", low=0.5, high=0.9) for kind in kinds]
    plain, found = (ranges(path, Guardrails(), given) for given in ((), guesses))
    assert np.array_equal(plain.simulation.total(plain.name), found.simulation.total(found.name))
    said = [each.text for each in found.simulation.cautions]
    assert [text for text in said if "nobody" in text] == [
        f"Not drawn from, for it is about nobody: Guess ({kind})." for kind in kinds
    ]


def test_months_and_break_even_are_written_as_in_the_key_figures() -> None:
    """One month is no months, and break-even churn is said in the words the path itself uses."""
    bills = account_bills(["A"], ["s"], [100], [80], start="2025-01")
    paths = {str(notice): migrate(bills, EveryoneAtOnce(notice_months=notice)) for notice in (1, 2)}
    table = paths_table(paths, "1")
    assert table["All on new prices after"].tolist() == ["1 month", "2 months"]
    (said,) = (each.in_words for each in paths["1"].key_figures() if each.label == "Break-even churn")
    assert table["Break-even churn"].tolist() == [said, said]
