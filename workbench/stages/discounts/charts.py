"""The charts of the stage: discount by size of the deal, how it spreads, and the year month by month."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.stages import marks
from workbench.stages.discounts.tables import groups_of_shares, spread_frame
from workbench.stages.figure import PALETTE, Figure, figure_maker, log_span
from workbench.tables import COUNT, MONTH, DataTable, Money, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.stages.discounts.result import DiscountResult

say, draw = texts(__name__), figure_maker(__package__)
WITHIN, BEYOND = "as the policy allows", "below it"
_COLOURS = {WITHIN: PALETTE.ours, BEYOND: PALETTE.breach}
PAID, KEPT = "as paid", "under the policy"
_LINES = {PAID: PALETTE.today, KEPT: PALETTE.ours}
_MOST_DOTS = 300
KINDS = ("segment", "size", "seller")
_MOST_GROUPS = 12  # of a kind
_ROW = 24


def figures(result: DiscountResult) -> tuple[Figure, ...]:
    """Return the figures of the stage, those by group only where there are groups."""
    groups = {kind: spread_frame(result.evidence, kind) for kind in KINDS}
    shown = {kind: frame for kind, frame in groups.items() if len(frame) > 1}
    return (_by_size(result), _by_month(result), *((_spread(result, shown),) if shown else ()))


def _by_size(result: DiscountResult) -> Figure:
    last, currency = result.evidence.last, result.evidence.currency
    beyond = result.today.beyond > 0
    shown = np.argsort(last["listed"].to_numpy(float), kind="stable")
    if len(shown) > _MOST_DOTS:  # every so many by size, of those below the policy and of the others
        parts = (shown[beyond[shown]], shown[~beyond[shown]])
        shown = np.concatenate([part[_evenly(len(part), _MOST_DOTS // 2)] for part in parts])
    dots = pd.DataFrame(
        {
            "account": last["account_id"].astype(str).to_numpy()[shown],
            "listed": last["listed"].to_numpy(float)[shown].round(2),
            "share": last["share"].to_numpy(float)[shown].round(4),
            "standing": np.where(beyond, BEYOND, WITHIN)[shown],
        }
    )
    return draw(
        "by_size", partial(_dots, currency), {"dots": dots, "policy": _steps(result, dots["listed"].to_numpy(float))},
        result.tables["bands"], signature=(currency,), accounts=len(last), below=int(beyond.sum()),
        leak=result.today.leak, currency=currency, drawn=len(dots),
    )  # fmt: skip


def _evenly(size: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, size - 1, min(size, most)).astype(int)) if size else np.arange(0)


def _steps(result: DiscountResult, listed: np.ndarray) -> pd.DataFrame:
    """Return the least share of the list a deal may be sold at, for every size drawn, without a term."""
    if not len(listed):
        return pd.DataFrame({"size": [], "least": []})
    low, high = log_span(float(listed.min()), float(listed.max()))
    edges = [float(each.from_list) for each in result.decision.bands if low < each.from_list < high]
    sizes = np.array(sorted({low, *edges, high}))
    return pd.DataFrame({"size": sizes, "least": 1 - result.decision.policy.allowed(sizes)})


def _dots(currency: str) -> dict[str, object]:
    step = marks.line_marks("least", data="policy", interpolate="step-after", strokeDash=[5, 4], color=PALETTE.today)
    chart = marks.picture(
        step.encoding(x={"field": "size", "type": "quantitative"}), marks.dots(size=50, opacity=0.7),
        x=marks.by_money("listed", say("list_price", currency=currency), currency, marks.BIG_MONEY, scale=marks.LOG),
        y=marks.by_share("share", say("share_paid"), scale=marks.FREE), by=marks.roles("standing", _COLOURS),
        tips=marks.tips(account="Account", listed=(say("list"), ",.2f"), share=(say("share_paid"), ".1%")),
    )  # fmt: skip
    return chart()


def _by_month(result: DiscountResult) -> Figure:
    months, currency = result.months, result.evidence.currency
    known = months[months["accounts"] > 0]
    lines = pd.concat(
        [
            pd.DataFrame({"month": known["month"], "share": known[column], "line": name})
            for name, column in ((PAID, "share"), (KEPT, "kept"))
        ]
    )
    table = DataTable.of_frame(
        known.assign(leak=known["least"] - known["paid"]),
        [
            ("month", MONTH), ("accounts", COUNT), (say("list"), Money(currency), "listed"),
            (say("paid"), Money(currency), "paid"), (say("share_paid"), Percent(1), "share"),
            (say("leak"), Money(currency), "leak"),
        ],
    )  # fmt: skip
    leak = float((known["least"] - known["paid"]).sum())
    drawn = marks.picture(
        marks.line_marks(), marks.dots(size=40), x=marks.by_month(),
        y=marks.by_share("share", say("share_paid"), ".1%", scale=marks.FREE), by=marks.line_roles("line", _LINES),
        tips=marks.tips(month=("Month", "month"), share=(say("share_paid"), ".1%"), line="Line"),
    )  # fmt: skip
    return draw(
        "by_month", drawn, {"months": lines}, table, leak=leak, months=len(known), currency=currency,
        span=result.evidence.span,
    )  # fmt: skip


def _spread(result: DiscountResult, groups: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw every group on one scale, those of a kind together; say by which kind middle accounts are furthest apart."""
    frames = []
    for kind, frame in groups.items():
        ordered = frame if kind == "size" else frame.sort_values("middle", kind="stable")
        frames.append(ordered.head(_MOST_GROUPS).assign(kind=say(kind)))
    every = pd.concat(frames, ignore_index=True)
    twice = every["group"].duplicated(keep=False)
    kind_too = [
        say("of_kind", kind=kind, group=group) for kind, group in zip(every["kind"], every["group"], strict=True)
    ]
    every["name"] = every["group"].where(~twice, pd.Series(kind_too))
    kinds = tuple(say(kind) for kind in groups)
    drawn = marks.interval_chart(
        x=marks.by_share("middle", say("share_paid"), scale=marks.FREE),
        y=marks.by_name("name", tuple(every["name"])),
        by=marks.roles("kind", marks.in_series(kinds)),
        tips=marks.tips(name=say("group"), accounts=(say("accounts"), "whole"), middle=(say("middle"), ".1%")),
    )
    apart = {kind: float(frame["middle"].max() - frame["middle"].min()) for kind, frame in groups.items()}
    widest = max(apart, key=lambda kind: apart[kind])
    frame = groups[widest]
    return draw(
        "spread", drawn, {"groups": every}, groups_of_shares(result.evidence, every), height=_ROW * len(every) + _ROW,
        currency=result.evidence.currency, kind=say(widest), apart=apart[widest],
        lowest=str(frame["group"].iloc[int(frame["middle"].argmin())]),
        highest=str(frame["group"].iloc[int(frame["middle"].argmax())]), low=float(frame["middle"].min()),
        high=float(frame["middle"].max()),
    )  # fmt: skip
