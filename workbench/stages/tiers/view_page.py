"""The pricing page as a customer would see it: one card per public tier, side by side, every text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from workbench.formatting import capitalised, exact_money
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.offers import limit_words, overage_words, per_words, recommended_tier
from workbench.stages.tiers.decision import ladder_steps
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.rendering.declared import DeclaredPanel
    from workbench.stages.offers import Tier, TierDecision
    from workbench.stages.tiers.decision import LadderStep

say = texts(__name__)

_LISTED = 8
# The colours come from the page the preview stands in, so that it reads in light and dark.
_STYLE = """<style>
.wb-offer { display: grid; grid-template-columns: repeat(auto-fit, minmax(205px, 1fr)); gap: 14px; align-items: stretch;
  max-width: 1080px; margin: 16px 0 8px; padding: 0; list-style: none; }
.wb-offer > li { display: flex; flex-direction: column; position: relative; margin: 0; padding: 18px 18px 14px;
  border: 1px solid var(--wb-line, #c4c8cc); border-radius: 10px; background: var(--wb-paper, #fff); }
.wb-offer > li.wb-best { border: 2px solid var(--wb-ours, #2878c8); padding: 17px 17px 13px; }
.wb-offer .wb-badge { position: absolute; top: -11px; left: 16px; padding: 1px 10px; border-radius: 10px;
  background: var(--wb-ours, #2878c8); color: #fff; font-size: 11.5px; font-weight: 600; }
.wb-offer h4.wb-name { margin: 0 0 6px; font-size: 16px; overflow-wrap: anywhere; }
.wb-offer .wb-price { margin: 0; font-size: 26px; font-weight: 650; line-height: 1.15;
  font-variant-numeric: tabular-nums; }
.wb-offer .wb-per { margin: 0 0 10px; min-height: 1.4em; font-size: 12px; color: var(--wb-soft, #57606a); }
.wb-offer .wb-plus { margin: 8px 0 2px; font-weight: 600; overflow-wrap: anywhere; }
.wb-offer ul { margin: 0 0 4px; padding: 0; list-style: none; }
.wb-offer ul li { margin: 2px 0; padding-left: 20px; position: relative; overflow-wrap: anywhere; }
.wb-offer ul li::before { content: "\\2713"; position: absolute; left: 2px; font-weight: 700;
  color: var(--wb-ok, #00875f); }
.wb-offer .wb-limits li::before { content: "\\2022"; color: var(--wb-soft, #57606a); }
</style>"""


def pricing_page(decision: TierDecision, currency: str) -> str:
    """Return the public tiers as accessible HTML cards: price, unit, included limits, and what each adds."""
    public = [tier for tier in decision.tiers if tier.public]
    if not public:
        return f"<p>{escape(say('no_public_tier'))}</p>"
    best = recommended_tier(public)
    cards = "".join(
        _card(tier, step, currency, is_best=place == best)
        for place, (tier, step) in enumerate(zip(public, ladder_steps(public), strict=True))
    )
    apart = (
        f"<p>Available separately: {escape(', '.join(decision.sold_separately))}.</p>"
        if decision.sold_separately
        else ""
    )
    hidden = [tier.name for tier in decision.tiers if not tier.public]
    private = f'<p class="wb-note">Not on the page: {escape(", ".join(hidden))}.</p>' if hidden else ""
    return f'{_STYLE}<ol class="wb-offer" aria-label="Pricing page preview">{cards}</ol>{apart}{private}'


def _card(tier: Tier, step: LadderStep, currency: str, *, is_best: bool) -> str:
    badge = '<span class="wb-badge">Recommended</span>' if is_best else ""
    style = ' class="wb-best"' if is_best else ""
    return (
        f'<li{style}>{badge}<h4 class="wb-name">{escape(tier.name)}</h4>{_price(tier, currency)}'
        f"{_limits(tier, step, currency)}{_features(tier, step)}</li>"
    )


def _price(tier: Tier, currency: str) -> str:
    if tier.price is None:
        asked, told = escape(say("talk_to_us")), escape(say("price_on_request"))
        return f'<p class="wb-price">{asked}</p><p class="wb-per">{told}</p>'
    if tier.is_free:
        return '<p class="wb-price">Free</p><p class="wb-per"></p>'
    told = f"{per_words(tier.price_per)} and month" if tier.price_per != "account" else "per month"
    return f'<p class="wb-price">{escape(exact_money(tier.price, currency))}</p><p class="wb-per">{escape(told)}</p>'


def _limits(tier: Tier, step: LadderStep, currency: str) -> str:
    told = []
    for metric, most in tier.limits.items():
        beyond = overage_words(tier, metric, currency)
        if beyond:
            told.append(f"{limit_words(metric, most).removeprefix('up to ')} included, {beyond}")
        else:
            told.append(limit_words(metric, most))
    told += [limit_words(metric, None) for metric, now in step.limits if now is None]
    items = "".join(f"<li>{escape(capitalised(text))}</li>" for text in told)
    return f'<ul class="wb-limits" aria-label="Included">{items}</ul>' if items else ""


def _features(tier: Tier, step: LadderStep) -> str:
    builds_up = step.below is not None and not step.removed
    names = step.features if builds_up else tier.features
    title = f"Everything in {step.below}{', plus:' if names else ''}" if builds_up else "Includes:"
    if not names and not builds_up:
        return ""
    listed = "".join(f"<li>{escape(name)}</li>" for name in names[:_LISTED])
    return f'<p class="wb-plus">{escape(title)}</p>' + (f"<ul>{listed}</ul>" if listed else "") + _rest(names[_LISTED:])


def _rest(names: Sequence[str]) -> str:
    if not names:
        return ""
    items = "".join(f"<li>{escape(name)}</li>" for name in names)
    return f"<details><summary>{len(names)} more</summary><ul>{items}</ul></details>"


class PricingPage:
    """The page beside a panel; it follows every change."""

    def __init__(self, panel: DeclaredPanel) -> None:
        self._panel = panel
        self.widget = HtmlBlock()

    def refresh(self) -> None:
        """Show the page of the decision."""
        self.widget.show(pricing_page(self._panel.decision, self._panel.result.evidence.currency))
