"""What the stage discounts shows: what is paid of the list, the policy, and what keeping to it would bring."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from workbench.formatting import hundredfold
from workbench.stages.discounts.decision import Approver, SizeBand, TermBand
from workbench.stages.discounts.suggestion import suggest
from workbench.stages.view import Action, Figures, Items, KeyFigures, Message, Said, SectionView, Setting, TableOf, View
from workbench.study.model import FrozenModel, Scenario, fresh_id
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.stages.discounts.decision import DiscountPolicyDecision
    from workbench.stages.discounts.result import DiscountResult

say = texts(__name__)


class AskedDeal(FrozenModel):
    """A deal somebody asks about."""

    list_price: Annotated[Decimal | None, Setting(unit="currency", step=50), Field(ge=0)] = None
    term: Annotated[int | None, Setting(unit="months", step=1), Field(ge=1, le=120)] = None
    asked: Annotated[float | None, Setting(unit="%", step=1), Field(ge=0, le=1)] = None


def summarise(decision: DiscountPolicyDecision, result: DiscountResult) -> str:
    """Return the policy and what it comes to, in one sentence."""
    bands = sorted(decision.bands, key=lambda each: each.from_list)
    least, most = (bands[0].most, bands[-1].most) if bands else (0.0, 0.0)
    policy = say("policy", least=least, most=most, floor=decision.floor)
    if not len(result.today.paid):
        return say("nothing_to_judge", policy=policy)
    return say(
        "summary", policy=policy, accounts=result.today.accounts, leak=result.today.leak.estimate,
        brings=result.today.brings, currency=result.evidence.currency,
    )  # fmt: skip


def break_even_sentence(result: DiscountResult) -> Iterable[str]:
    """Say how many of those raised may leave before the policy costs more than it brings."""
    share = result.today.break_even
    if share is None:
        return [say("nobody_is_raised")] if len(result.today.paid) else []
    return [say("may_leave", share=share, low=result.decision.leave_low, high=result.decision.leave_high)]


def quote_sentences(result: DiscountResult, form: AskedDeal) -> Iterable[str | Message]:
    """Say at what price a deal may be sold, and who has to approve what is asked for."""
    if form.list_price is None:
        return [say("quote_empty")]
    policy, asked, term = result.decision.policy, hundredfold(form.asked or 0), form.term or 1
    allowed = policy.allowed_percent(form.list_price, term)
    values = {
        "allowed": allowed / 100,
        "least": policy.least(form.list_price, term),
        "currency": result.evidence.currency,
        "asked": form.asked,
        "who": policy.approver(asked),
        "floor": result.decision.floor,
    }
    told: list[str | Message] = [say("quote_least", **values)]
    if form.asked is not None and asked > policy.most_percent:
        told.append(Message(say("quote_below_floor", **values), "warning"))
    elif form.asked is not None and asked > allowed:
        told.append(Message(say("quote_beyond", **values), "warning"))
    elif form.asked is not None:
        told.append(Message(say("quote_allowed", **values), "ok"))
    return told


def as_suggested(decision: DiscountPolicyDecision, result: DiscountResult) -> Mapping[str, object]:
    """Take the policy four in five of today's deals keep to."""
    made = suggest(
        result.evidence.base,
        Scenario(id="suggested", name="Suggested").with_decision(decision),
        evidence=result.evidence,
    )
    return {name: getattr(made, name) for name in ("bands", "terms", "floor", "approvers")}


def _next_band(decision: DiscountPolicyDecision, _: DiscountResult) -> SizeBand:
    largest = max(decision.bands, key=lambda each: each.from_list, default=None)
    name = say("new_band", at=len(decision.bands) + 1)
    start = Decimal(0) if largest is None else max(Decimal(100), 2 * largest.from_list)
    taken = {each.id for each in decision.bands}
    return SizeBand(id=fresh_id(name, taken), name=name, from_list=start, most=0.1 if largest is None else largest.most)


def _next_term(decision: DiscountPolicyDecision, _: DiscountResult) -> TermBand:
    longest = max((each.months for each in decision.terms), default=0)
    months = min(120, longest + 12)
    name = say("new_term", months=months)
    return TermBand(id=fresh_id(name, {each.id for each in decision.terms}), name=name, months=months)


def _next_approver(decision: DiscountPolicyDecision, _: DiscountResult) -> Approver:
    name = say("new_approver", at=len(decision.approvers) + 1)
    above = max((each.above for each in decision.approvers), default=0.0)
    taken = {each.id for each in decision.approvers}
    return Approver(id=fresh_id(name, taken), name=name, above=min(1.0, round(above + 0.1, 2)))


BANDS = Items(
    key="bands", part=SizeBand, noun="band", at_once=True, most=6, make=_next_band,
    settings=(("name", "from_list", "most"),),
)  # fmt: skip
TERMS = Items(
    key="terms", part=TermBand, noun="term", at_once=True, most=4, make=_next_term,
    settings=(("name", "months", "more"),),
)  # fmt: skip
APPROVERS = Items(
    key="approvers", part=Approver, noun="approver", at_once=True, most=4, make=_next_approver,
    settings=(("name", "above"),),
)  # fmt: skip


VIEW = View(
    leading=("by_size",),
    sections=(
        SectionView(
            key="policy",
            items=(BANDS, TERMS, APPROVERS),
            settings=(("floor", "excepted", "leave_low", "leave_high"),),
            actions=(Action(key="as_suggested", changes=as_suggested),),
            parts=(
                KeyFigures(),
                Said("break_even", break_even_sentence),
                Figures(("by_size", "by_month")),
                TableOf("policy"),
                TableOf("exceptions", folded=True, most_rows=20, saved=lambda _: say("save_exceptions")),
                Said("quote", quote_sentences, form=AskedDeal),
            ),
        ),
        SectionView(
            key="realised",
            parts=(
                Figures(("spread",)),
                TableOf("realised", folded=True, most_rows=10, saved=lambda _: say("save_accounts")),
                TableOf("account_months", folded=True, most_rows=5, saved=lambda _: say("save_months")),
            ),
        ),
    ),
)
