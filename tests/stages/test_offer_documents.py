"""Plans and add-ons written back as decisions are billed exactly as before."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.pricing import AddOn, Charge, Limit, Plan
from workbench.stages.offers import AddOnChoice, Tier, UsageCharge
from workbench.stages.price_book import add_on_of, choice_of, plan_of, tier_of

METRICS = ("seats", "calls", "gb")
amounts = st.decimals(min_value=0, max_value=10_000, places=2)
per_metric = st.dictionaries(st.sampled_from(METRICS[1:]), amounts)
tiers = st.builds(
    Tier,
    id=st.just("t"),
    name=st.just("Team"),
    price=st.none() | amounts,
    price_per=st.sampled_from(("account", "seats")),
    limits=st.dictionaries(st.sampled_from(METRICS), amounts),
    overage=per_metric,
    features=st.sampled_from(((), ("Audit",))),
    public=st.booleans(),
)
choices = st.builds(
    AddOnChoice,
    id=st.just("a"),
    name=st.just("More calls"),
    job=st.sampled_from(("", "Call more")),
    features=st.sampled_from(((), ("Audit",))),
    price=amounts,
    price_per=st.sampled_from(("account", "seats")),
    usage_charge=st.none()
    | st.builds(
        UsageCharge,
        metric=st.just("calls"),
        unit_price=amounts,
        free_units=amounts,
        most_per_month=st.none() | st.decimals(min_value=1, max_value=99, places=0),
    ),
)


@settings(max_examples=150, deadline=None)
@given(tiers)
def test_every_tier_survives_the_round_trip(tier: Tier) -> None:
    """The plan a tier is billed as can be written as a tier again, and that one is billed as the same plan."""
    plan = plan_of(tier)
    assert plan_of(tier_of(plan)) == plan


@settings(max_examples=150, deadline=None)
@given(choices)
def test_every_add_on_survives_the_round_trip(choice: AddOnChoice) -> None:
    """An add-on, with or without a charge on usage, is billed the same after it was written and read again."""
    offer = add_on_of(choice)
    again = choice_of(offer)
    assert add_on_of(again) == offer
    assert AddOnChoice.model_validate_json(again.model_dump_json()) == again


@pytest.mark.parametrize(
    "plan",
    [
        Plan("Both", 99, (Charge("seats", "per_unit", unit_price=9, free_units=5),), (Limit("seats", 50),)),
        Plan("In packages", 0, (Charge("calls", "package", package_size=100, package_price=7),)),
        Plan("With a minimum", 0, (Charge("seats", "per_unit", unit_price=9, minimum=50),)),
    ],
    ids=lambda plan: plan.name,
)  # fmt: skip
def test_what_no_tier_can_hold_is_refused(plan: Plan) -> None:
    """A plan that would change as a tier is named, with what it charges, instead of being changed."""
    with pytest.raises(StudyError, match=f"{plan.name} cannot be written as a tier without changing it"):
        tier_of(plan)


def test_an_add_on_that_no_choice_can_hold_is_refused() -> None:
    """An add-on that raises a limit to a number is not turned into one that lifts it."""
    with pytest.raises(StudyError, match="Bigger cannot be kept without changing it"):
        choice_of(AddOn("Bigger", 5, limits=(Limit("seats", 20),)))


def test_ids_keep_apart() -> None:
    """A tier takes an id that no other has."""
    assert tier_of(Plan("Team", 5), ["team"]).id == "team-2"


def test_an_add_on_without_a_charge_on_usage_is_written_as_before() -> None:
    """Studies saved earlier and now differ in nothing that nobody changed; a charge on usage is written out."""
    plain = AddOnChoice(id="a", name="Audit", price=Decimal(5))
    assert "usage_charge" not in plain.model_dump(mode="json")
    charged = plain.replaced(usage_charge=UsageCharge(metric="calls", unit_price=Decimal(1)))
    assert charged.model_dump(mode="json")["usage_charge"]["free_units"] == "0"
    assert AddOnChoice.model_validate_json('{"id": "a", "name": "Audit", "price": "5"}') == plain
