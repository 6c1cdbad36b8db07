"""A plan that today's price list does not have is named, with the plan it may be a slip of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers import CustomerBase
from workbench.customers.plans_listed import plans_not_listed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_misspelt_plan_is_named_with_its_accounts_and_the_plan_meant(company: Path) -> None:
    """Accounts and revenue are looked at together, and each account counts once."""
    (company / "plans.csv").write_text("plan,base_fee\nTeam,150\nGrowth,900\nStarter,100\n", encoding="utf-8")
    for name in ("accounts", "mrr"):
        text = (company / f"{name}.csv").read_text(encoding="utf-8")
        (company / f"{name}.csv").write_text(text.replace("Growth", "Grwoth"), encoding="utf-8")
    sentences = plans_not_listed(CustomerBase.load(company))
    assert len(sentences) == 1
    for part in ("'Grwoth'", "1 account ", "'Growth'?"):
        assert part in sentences[0]


def test_nothing_is_said_of_plans_that_are_listed_or_where_nothing_lists_them(company: Path) -> None:
    """A company without a price list has no plan that is missing from it."""
    assert plans_not_listed(CustomerBase.load(company)) == ()
    (company / "plans.csv").write_text("plan,base_fee\nTeam,150\nGrowth,900\nStarter,100\n", encoding="utf-8")
    assert plans_not_listed(CustomerBase.load(company)) == ()
