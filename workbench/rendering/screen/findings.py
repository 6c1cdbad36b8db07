"""Findings by rule: what is not met first, of these what touches most money; each group opens to its cards."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import names_in_words, short_money
from workbench.rendering import html
from workbench.rules.rulebook import STATUSES
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.rules.rulebook import Finding
    from workbench.stages.contract import StageResult

say = texts(__name__)

_MOST_NAMES = 3
_WORDS = {"breach": "not_met", "watch": "to_watch", "unknown": "unknown", "ok": "met"}


def money_touched(base: CustomerBase, result: StageResult) -> Callable[[Iterable[Finding]], float]:
    """Return what says how much the accounts of some findings pay in the last month.

    A finding names accounts, or offers with the accounts placed in them; what it names otherwise counts nothing.
    """
    if not base.has("mrr"):
        return lambda _: 0.0
    paid = np.nan_to_num(base.mrr_by_month[:, -1])
    accounts = base.accounts
    place = {str(each): at for at, each in enumerate(accounts["account_id"])}

    def touched(found: Iterable[Finding]) -> float:
        named = dict.fromkeys(name for each in found for name in each.affected)
        ids = {one for name in named for one in ((name,) if name in place else result.on_offer(name) or ())}
        return float(paid[[place[one] for one in ids if one in place]].sum())

    return touched


def finding_groups(
    found: Iterable[Finding], touched: Callable[[Iterable[Finding]], float] = lambda _: 0.0, currency: str = ""
) -> str:
    """Write findings by rule, what asks to be done first; a rule on one thing that asks for something stands open.

    Parameters
    ----------
    found
        In any order.
    touched, currency
        How much money a month a group touches, for the order among those of one verdict, and its currency.

    Examples
    --------
    >>> from workbench.rules import Finding
    >>> told = {"rule_id": "A1", "title": "A clear name", "evidence": "It says what it does."}
    >>> three = [Finding(status="ok", subject=name, **told) for name in ("Audit", "Charts", "Export")]
    >>> "met for all 3" in finding_groups(three)
    True
    """
    ordered = sorted(found, key=lambda each: (each.rule_id, each.title))
    groups = [list(some) for _, some in groupby(ordered, key=lambda each: (each.rule_id, each.title))]
    worth = [(group, touched(group)) for group in groups]
    worth.sort(key=lambda pair: (*_urgency(pair[0]), -pair[1]))
    items = "".join(_group(group, money, currency) for group, money in worth)
    return f'<ul class="wb-findings">{items}</ul>' if items else ""


def _urgency(group: Sequence[Finding]) -> tuple[bool, int]:
    open_ones = [each for each in group if each.is_open]
    return (not open_ones, min(STATUSES.index(each.status) for each in open_ones or group))


def _group(group: Sequence[Finding], money: float, currency: str) -> str:
    worst = min(group, key=lambda each: (not each.is_open, STATUSES.index(each.status)))
    if len(group) == 1 and worst.is_open:
        return html.finding_card(worst)
    cards = html.finding_list(group)
    about = f"<b>{escape(worst.title)}</b>" + (
        f" ({escape(worst.subject)})" if len(group) == 1 and worst.subject else ""
    )
    told = "" if len(group) == 1 else say("counted", said=_counted(group))
    if money and worst.is_open:
        told += say("touches", paid=short_money(money, currency))
    line = f'{about} <span class="wb-note">{escape(worst.rule_id)}</span> {escape(told)}'
    return (
        f'<li class="wb-is-{html.finding_tone(worst)}"><details class="wb-group"><summary>'
        f"{html.verdict_line(worst)}{line}</summary>{cards}</details></li>"
    )


def _counted(group: Sequence[Finding]) -> str:
    """Say for how many of a group its rule is met, and for which not."""
    counts = Counter(each.status for each in group)
    if len(counts) == 1:
        return say(f"{_WORDS[group[0].status]}_for_all", n=len(group))
    parts = []
    for status in STATUSES:
        names = [each.subject for each in group if each.status == status and each.subject]
        if counts[status]:
            shown = f" ({names_in_words(names, _MOST_NAMES)})" if names and status != "ok" else ""
            parts.append(say(_WORDS[status], n=counts[status]) + shown)
    return ", ".join(parts)
