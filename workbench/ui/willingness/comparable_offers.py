"""Which competitors' offers stand against which tier of ours, and because of what: only these bound a price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.willingness.decision import ComparableOffer
from workbench.stages.willingness.market_corridor import FEWEST
from workbench.ui import html
from workbench.ui.block import Block
from workbench.ui.controls import button, choice, column, row, show, text_box

if TYPE_CHECKING:
    from workbench.stages.willingness.outcome import WillingnessResult
    from workbench.ui.willingness.view import WillingnessView

_NONE = "none yet"


class ComparableOffers:
    """Controls to say that an offer stands against a tier, and the list of those said; hidden without offers."""

    def __init__(self, view: WillingnessView) -> None:
        self.view = view
        self.offer = choice("Competitor's offer", {_NONE: None})
        self.tier = choice("stands against", [_NONE])
        self.because = text_box("because", placeholder="what makes them alternatives")
        self.add = button("Count it", view.guarded(self._add))
        self.drop = button("Count none for this tier", view.guarded(self._drop))
        self.said = Block()
        self.widget = column(row(self.offer, self.tier, self.because), row(self.add, self.drop), self.said)

    def refresh(self, result: WillingnessResult) -> None:
        """Show the offers there are, the tiers, and what was said of them."""
        frame = result.answers.base.frames.get("competitor_offers")
        tiers = [] if result.design is None else list(result.design.priced)
        self.widget.layout.display = None if frame is not None and tiers else "none"
        if frame is None or not tiers:
            return
        keys = dict.fromkeys(zip(frame["vendor"].astype(str), frame["offer"].astype(str), strict=True))
        offers = {f"{vendor} {offer}": (vendor, offer) for vendor, offer in keys}
        show(self.offer, _kept(self.offer.value, list(offers.values())), options=offers)
        show(self.tier, _kept(self.tier.value, tiers), options=tiers)
        lines = [
            f"{each.vendor} {each.offer} stands against {each.tier}: {each.because}"
            for each in result.decision.comparable
        ]
        few = f"A tier has a market corridor from {FEWEST} offers on that stand against it; C4 holds it when ticked."
        self.said.show(html.lines([*lines, few]))

    def _add(self) -> None:
        (vendor, offer), tier, why = self.offer.value, str(self.tier.value), str(self.because.value).strip()
        if not why:
            self.view.status.say("Say first what makes the offer an alternative to the tier.", "warning")
            return
        said = self.view.panel.result.decision.comparable
        others = tuple(each for each in said if (each.vendor, each.offer, each.tier) != (vendor, offer, tier))
        new = ComparableOffer(vendor=vendor, offer=offer, tier=tier, because=why)
        self.view.decide(comparable=(*others, new))

    def _drop(self) -> None:
        said = self.view.panel.result.decision.comparable
        self.view.decide(comparable=tuple(each for each in said if each.tier != str(self.tier.value)))


def _kept(value: object, there: list) -> object:
    return value if value in there else there[0]
