"""Changes a team makes, and the pricing page they lead to."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from workbench.errors import StudyError
from workbench.stages.tiers import decision
from workbench.stages.tiers.view import TIERS
from workbench.stages.tiers.view_page import pricing_page

if TYPE_CHECKING:
    from workbench.stages.offers import TierDecision


def test_a_click_carries_to_larger_tiers(ladder: TierDecision) -> None:
    """On in a tier is on in all larger ones, off is off in all smaller ones."""
    cells = decision.features_by_column(ladder)
    on = ladder.replaced(**decision.with_features(ladder, {**cells, "Open API": ("small", "large")}))
    assert decision.features_by_column(on)["Open API"] == ("small", "medium", "large")
    cells = decision.features_by_column(on)
    off = on.replaced(**decision.with_features(on, {**cells, "Open API": ("small", "large")}))
    assert decision.features_by_column(off)["Open API"] == ("large",)


def test_in_tiers_or_separately_never_both(ladder: TierDecision) -> None:
    """Selling a feature separately takes it out of every tier, and a tier takes it back."""
    cells = decision.features_by_column(ladder)
    apart = ladder.replaced(
        **decision.with_features(ladder, {**cells, "Alerts": (*cells["Alerts"], decision.SEPARATELY)})
    )
    assert apart.sold_separately == ("Alerts",)
    assert not any("Alerts" in tier.features for tier in apart.tiers)
    cells = decision.features_by_column(apart)
    back = apart.replaced(**decision.with_features(apart, {**cells, "Alerts": ("medium", decision.SEPARATELY)}))
    assert back.sold_separately == ()
    assert ["Alerts" in tier.features for tier in back.tiers] == [False, True, True]


def test_an_unchanged_matrix_changes_nothing(ladder: TierDecision) -> None:
    """Giving the matrix back as it was leaves every tier's features as they were."""
    same = ladder.replaced(**decision.with_features(ladder, decision.features_by_column(ladder)))
    assert [set(tier.features) for tier in same.tiers] == [set(tier.features) for tier in ladder.tiers]


def test_tiers_come_and_go(ladder: TierDecision) -> None:
    """An added tier is the largest with a name and id of its own; the last one cannot be removed."""
    more = ladder.replaced(**TIERS.added(ladder, decision.new_tier(ladder)))
    assert len({tier.id for tier in more.tiers}) == len({tier.name for tier in more.tiers}) == 4
    assert more.tiers[3].price > ladder.tiers[2].price
    less = more.replaced(**TIERS.without(more, "medium"))
    assert [tier.name for tier in less.tiers] == ["Small", "Large", more.tiers[3].name]
    only = ladder.replaced(tiers=ladder.tiers[:1])
    with pytest.raises(StudyError, match="only tier"):
        TIERS.without(only, "small")


def test_two_tiers_never_share_a_name(ladder: TierDecision) -> None:
    """A name another tier has is refused, and the sentence says what to do."""
    with pytest.raises(StudyError, match="Choose another name"):
        TIERS.changed(ladder, "small", name="medium ")


def test_an_overage_needs_a_limit(ladder: TierDecision) -> None:
    """A price for each unit more is kept only where there is a limit to go beyond."""
    tiers = decision.tiers_with_limits(ladder, "seats", ((10, 2.5), (None, 3), (None, None)))
    assert tiers[0].limits == {"seats": Decimal(10)}
    assert tiers[0].overage == {"seats": Decimal("2.5")}
    assert tiers[1].limits == {}
    assert tiers[1].overage == {}


class Cards(HTMLParser):
    """Collect the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:  # noqa: ARG002 - the parser calls it so
        """Keep a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.text += data


def read(page: str) -> Cards:
    """Parse a page."""
    cards = Cards()
    cards.feed(page)
    return cards


def test_the_page_shows_what_each_tier_adds(ladder: TierDecision) -> None:
    """One card per public tier with its price, its limits and what it adds; the middle one is marked."""
    page = read(pricing_page(ladder, "USD"))
    assert page.tags.count("h4") == 3
    for told in ("$60", "$150", "$240", "Up to 8 seats", "Unlimited seats", "Everything in Small, plus:", "Open API"):
        assert told in page.text
    assert page.text.count("Recommended") == 1
    assert page.text.index("Recommended") < page.text.index("Medium") < page.text.index("Large")


def test_the_page_escapes_every_name(ladder: TierDecision) -> None:
    """A tier or feature named like markup is only a name."""
    evil = "</script><script>alert(1)</script>"
    changed = ladder.with_tier(ladder.tiers[0].replaced(name=evil, features=(evil,), limits={evil: Decimal(3)}))
    page = read(pricing_page(changed.replaced(sold_separately=(evil,)), "USD"))
    assert "script" not in page.tags
    assert page.text.count(evil) >= 3


def test_free_and_on_request_are_said_in_words(ladder: TierDecision) -> None:
    """A price of zero is free, no price is a conversation, and a tier that is not public stays off the page."""
    free = ladder.with_tier(ladder.tiers[0].replaced(price=Decimal(0)))
    asked = free.with_tier(free.tiers[2].replaced(price=None))
    hidden = asked.with_tier(asked.tiers[1].replaced(public=False))
    page = read(pricing_page(hidden, "EUR"))
    assert "Free" in page.text
    assert "Talk to us" in page.text
    assert page.tags.count("h4") == 2
    assert "Not on the page: Medium" in page.text
