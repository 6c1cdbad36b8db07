"""The panel of tier design: needs, tiers, limits, features, where accounts land, steps, the pricing page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from workbench.formatting import capitalised, count, exact_money, metric_words, percent, thousands
from workbench.pricing.round_prices import price_ceiling, price_step
from workbench.rendering import html
from workbench.rendering.controls import (
    button,
    checkbox,
    choice,
    choice_matrix,
    number_box,
    number_grid,
    row,
    show,
    show_grid,
    show_matrix,
    text_box,
)
from workbench.rendering.panel import StagePanel
from workbench.rendering.widgets import GridColumn, HtmlBlock
from workbench.stages.tiers.charts import shown_metric
from workbench.stages.tiers.decision import (
    MOST_TIERS,
    PER_ACCOUNT,
    SEPARATELY,
    features_by_column,
    ladder_steps,
    recommended_tier,
    tiers_with,
    tiers_with_added,
    tiers_with_limits,
    tiers_without,
    typed_decimal,
    with_features,
)
from workbench.stages.tiers.suggestion import TierSuggestion, propose
from workbench.stages.tiers.words import limit_words, overage_words, per_words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.rendering.section import Section
    from workbench.rendering.session import Session
    from workbench.stages.tiers.decision import LadderStep, Tier, TierDecision
    from workbench.stages.tiers.result import TierResult
    from workbench.tables import DataTable

say = texts(__name__)

# --- The pricing page as a customer would see it: one card per public tier, side by side, every text escaped

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


# --- The panel of tier design: needs, tiers, limits, features, where accounts land, steps, the pricing page

_BESIDE_BOXES = "20px 0 0 0"  # buttons stand beside boxes, below the height of the labels
_GROUPS = {
    "tier feature": "Clearly a tier feature",
    "too close to call": "Too close to call",
    "add-on": say("few_use_it_today_top"),
    "unknown": "Use not recorded",
}


class TierSlot:
    """The controls of one tier: name, price with its slider, what the price is for, public or not, remove."""

    def __init__(self, panel: TierPanel, place: int) -> None:
        self._panel = panel
        self._place = place
        self._most = 0.0
        self.name = text_box("Name", on_change=self._change("name", str.strip))
        self.price = number_box(
            "Price a month", minimum=0, optional=True, slider=True, slider_end=100,
            on_change=self._change("price", lambda value: None if value is None else typed_decimal(value)),
        )  # fmt: skip
        self.per = choice("Price is", {"per account": PER_ACCOUNT}, on_change=self._change("price_per"))
        self.public = checkbox("On the pricing page", on_change=self._change("public"))
        self.remove = button("Remove", panel.guarded(lambda: panel.remove_tier(self._tier().id)))
        self.name.layout.width = "150px"
        self.per.layout.width = "150px"
        self.public.layout.width = "165px"
        self.remove.layout.margin = _BESIDE_BOXES
        self.widget = row(self.name, self.price, self.per, self.public, self.remove, gap="2px 18px")

    def show(self, tier: Tier | None, metrics: Mapping[str, str], currency: str) -> None:
        """Show a tier, or hide the controls when there is none."""
        self.widget.layout.display = "none" if tier is None else "flex"
        if tier is None:
            return
        show(self.name, tier.name)
        price = None if tier.price is None else float(tier.price)
        # The slider's end moves only when the price comes near it, so that it stands still under the hand.
        if price is not None and not self._most * 0.02 <= price <= self._most * 0.9:
            self._most = price_ceiling(price)
        step = float(price_step(typed_decimal(self._most / 8)))
        show(self.price, price, slider_end=self._most or 100.0, step=step, unit=currency, label=f"{tier.name}: price")
        known = (
            dict(metrics)
            if tier.price_per in metrics.values()
            else {**metrics, per_words(tier.price_per): tier.price_per}
        )
        show(self.per, tier.price_per, options=known)
        show(self.public, tier.public)

    def _tier(self) -> Tier:
        return self._panel.decision.tiers[self._place]

    def _change(self, field: str, read: Callable[[Any], Any] = lambda value: value) -> Callable[[Any], None]:
        def changed(value: Any) -> None:  # noqa: ANN401 - the control's value
            tier = self._tier()
            tiers = tiers_with(self._panel.decision, tier.id, **{field: read(value)})
            self._panel.revise(f"{tier.name}: {field.replace('_', ' ')}", tiers=tiers)

        return self._panel.guarded(changed)


class TierPanel(StagePanel):
    """Which tiers, at which prices, with what in them.

    Sections in the order they are walked: `needs`, `tiers`, `limits`, `features`, `placement`, `step_up`, `preview`.
    """

    stage_key = "tiers"
    leading = ("placement",)
    decision: TierDecision
    result: TierResult

    def build(self) -> None:
        """Make the controls and sections."""
        self.needs = self._build_needs()
        self.tiers = self._build_tiers()
        self.limits = self._build_limits()
        self.features = self._build_features()
        self.placement = self._build_placement()
        self.step_up = self._build_step_up()
        self.page = HtmlBlock()
        self.preview = self.section(
            "The pricing page",
            intro=say("what_a_customer_would_see"),
            parts=(self.page,),
        )

    def refresh(self) -> None:
        """Show the decision in the controls and the result in the parts."""
        decision, result = self.decision, self.result
        currency = result.evidence.currency
        show(self.months, decision.needs_months)
        show(self.uses, decision.minimum_uses)
        metrics = {per_words(metric): metric for metric in (PER_ACCOUNT, *result.evidence.metrics)}
        for place, slot in enumerate(self.slots):
            slot.show(decision.tiers[place] if place < len(decision.tiers) else None, metrics, currency)
        self.add.disabled = self.session.is_read_only or len(decision.tiers) >= MOST_TIERS
        self.target.unit = currency
        if self.is_suggestion and not self.why.value:
            self._explain(propose(self.base, self.scenario, self.evidence, rulebook=result.rulebook))
        self._refresh_limits()
        self._refresh_matrix()
        self.page.show(pricing_page(decision, currency))

    def refresh_tables(self) -> None:
        """Show the tables: bills at the limits, who moves, who is left out, what each step adds."""
        at_limits = self.result.tables["bill_at_limits"]
        self.at_limits.show(html.table(at_limits, say("what_a_bill_does_at")))
        self._refresh_placement()
        self.steps.show(self._steps_html())

    def add_tier(self) -> None:
        """Add a tier at the top."""
        self.revise("Tier added", tiers=tiers_with_added(self.decision))

    def remove_tier(self, tier_id: str) -> None:
        """Remove a tier."""
        self.revise("Tier removed", tiers=tiers_without(self.decision, tier_id))

    def use_suggestion(self) -> None:
        """Replace the tiers by those computed from the data, scaled to the revenue aimed at, and say why."""
        found = propose(
            self.base, self.scenario, self.evidence, revenue_target=self.target.value, rulebook=self.result.rulebook
        )
        self.session.propose(found.decision, say("tiers_computed_from_the_data"))
        self._explain(found)

    def _explain(self, found: TierSuggestion) -> None:
        told = html.lines(found.reasons) + html.caution_messages(found.cautions)
        self.why.show(html.details(say("why_the_computed_tiers_look"), told))

    def _build_needs(self) -> Section:
        self.months = number_box(
            "Months that count", minimum=1, maximum=24, step=1, whole=True, unit="months",
            note=say("the_window_in_which_use"),
            on_change=self.change("Months that count", lambda value: {"needs_months": value}),
        )  # fmt: skip
        self.uses = number_box(
            say("a_feature_is_needed_from"), minimum=1, maximum=1000, step=1, whole=True, unit="uses in the window",
            on_change=self.change("Uses that count", lambda value: {"minimum_uses": value}),
        )  # fmt: skip
        return self.section(
            "What accounts need",
            intro=say("who_benefits_from_each_feature"),
            controls=(self.months, self.uses),
            parts=(self.figure_view("benefit"),),
        )

    def _build_tiers(self) -> Section:
        self.slots = tuple(TierSlot(self, place) for place in range(MOST_TIERS))
        self.add = button("Add a tier", self.guarded(self.add_tier))
        self.target = number_box(
            say("revenue_a_month_to_aim"),
            minimum=1,
            step=1000,
            optional=True,
            note=say("empty_what_these_accounts_pay"),
        )
        self.compute = button(say("compute_tiers_from_the_data"), self.guarded(self.use_suggestion))
        self.add.layout.margin = self.compute.layout.margin = _BESIDE_BOXES
        self.why = HtmlBlock(role="status")
        return self.section(
            "Tiers and prices",
            intro=say("from_the_smallest_to_the"),
            controls=(*(slot.widget for slot in self.slots), row(self.add, self.target, self.compute)),
            parts=(self.why, self.key_figures, (self.figure_view("placement"), self.figure_view("ladder"))),
        )

    def _build_limits(self) -> Section:
        self.metric = choice(
            "Metric to limit", {"none": None}, on_change=self.guarded(lambda _: self._refresh_limits())
        )
        self.most = number_grid(
            "Limits", (), (), (), row_heading="Tier", on_change=self.change("Limits", self._with_limits)
        )
        self.at_limits = HtmlBlock()
        return self.section(
            "Limits",
            intro=say("the_most_of_a_metric"),
            controls=(self.metric, self.most),
            parts=(self.figure_view("usage"), self.at_limits),
        )

    def _build_features(self) -> Section:
        self.matrix = choice_matrix(
            "Features in tiers", (), (), {}, row_heading="Feature",
            on_change=self.change("Features in tiers", lambda cells: with_features(self.decision, cells)),
        )  # fmt: skip
        return self.section(
            "Features",
            intro=say("press_a_cell_to_put"),
            controls=(self.matrix,),
        )

    def _build_placement(self) -> Section:
        self.moves = HtmlBlock()
        self.left_out = HtmlBlock()
        return self.section(
            "Where accounts land",
            intro=say("new_bills_beside_the_recorded"),
            parts=((self.figure_view("bill_change"), self.figure_view("old_and_new")), self.moves, self.left_out),
        )

    def _build_step_up(self) -> Section:
        self.steps = HtmlBlock()
        return self.section(
            "What each step adds",
            intro=say("a_tier_is_worth_its"),
            parts=(self.steps,),
        )

    def _with_limits(self, rows: tuple[tuple[float | None, ...], ...]) -> dict[str, Any]:
        return {"tiers": tiers_with_limits(self.decision, self.metric.value, rows)}

    def _refresh_limits(self) -> None:
        decision, result = self.decision, self.result
        known = {metric_words(metric): metric for metric in result.evidence.metrics}
        known |= {metric_words(metric): metric for tier in decision.tiers for metric in tier.limits}
        chosen = self.metric.value if self.metric.value in known.values() else shown_metric(result)
        show(self.metric, chosen, options=known or {"none recorded": None})
        unit = metric_words(chosen) if chosen else ""
        columns: list[GridColumn] = [
            {"label": "Most included", "unit": unit, "minimum": 0, "optional": True},
            {"label": "Price of each more", "unit": result.evidence.currency, "minimum": 0, "optional": True},
        ]
        key = chosen or ""
        cells = [(_number(tier.limits.get(key)), _number(tier.overage.get(key))) for tier in decision.tiers]
        show_grid(self.most, [tier.name for tier in decision.tiers], columns, cells)

    def _refresh_matrix(self) -> None:
        decision, result = self.decision, self.result
        threshold = result.rulebook.threshold("A5")
        inside = features_by_column(decision)
        rows = [
            {"key": each.feature, "label": each.feature, "group": _GROUPS[each.verdict(threshold)], "note": _told(each)}
            for each in result.evidence.benefits
        ]
        listed = {line["key"] for line in rows}
        rows += [{"key": name, "label": name, "group": "Not in the data"} for name in inside if name not in listed]
        columns = [{"key": tier.id, "label": tier.name} for tier in decision.tiers]
        columns.append({"key": SEPARATELY, "label": "Sold separately"})
        show_matrix(self.matrix, rows, columns, inside)

    def _refresh_placement(self) -> None:
        result = self.result
        moves = result.moves
        parts = []
        if moves.plans:
            told = say("move_up_down_stay", up=moves.up, down=moves.down, stay=moves.stay)
            parts.append(html.table(moves.table(), say("accounts_by_today_s_plan", told=told)))
        self.moves.show("".join(parts))
        self.left_out.show(
            _listed("No tier serves", result.unplaced.unserved, result.tables["unserved"])
            + _listed("Cannot be compared", result.not_compared, result.tables["not_compared"])
        )

    def _steps_html(self) -> str:
        return html.table(self.result.tables["step_up"], say("features_each_tier_adds_and"))


def open_panel(session: Session) -> TierPanel:
    """Open the panel of tier design on a session."""
    return TierPanel(session)


def _told(benefit: Any) -> str:  # noqa: ANN401 - a FeatureBenefit
    parts = [
        "must-have" if benefit.must_have else "",
        f"{percent(benefit.share.estimate)} use it" if benefit.share else "",
        f"{thousands(benefit.requests)} ask" if benefit.requests else "",
    ]
    return ", ".join(part for part in parts if part)


def _listed(title: str, accounts: int, listed: DataTable) -> str:
    told = f"{title}: {count('account', accounts)}"
    return html.details(told, html.table(listed)) if accounts else html.paragraph(f"{told}.")


def _number(value: Any) -> float | None:  # noqa: ANN401 - a Decimal or nothing
    return None if value is None else float(value)
