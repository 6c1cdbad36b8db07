"""The pictures of a workshop: scores, cards, prices and confidence, each with how far the room is apart."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages import marks
from workbench.stages.contract import MadeOnDemand
from workbench.stages.figure import PALETTE, Figure, figure_maker
from workbench.stages.workshop.agendas import CONFIDENCE, FEATURES, PRICE_REACH, PRICES
from workbench.tables import COUNT, POINTS, TEXT, DataTable, Money, Percent
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from workbench.stages.workshop.result import WorkshopResult
    from workbench.tables import Kind
    from workbench.workshop.agenda import Exercise
    from workbench.workshop.outcomes import RoomOutcome

say, draw = texts(__name__), figure_maker(__package__)
_ROW, _LOW_ROW = 26, 18
_LEAST_SHOWN = 0.12
_LONGEST = 18  # letters above a small chart


def figures(result: WorkshopResult) -> MadeOnDemand[Figure | None]:
    """Return the figures of the last workshop, made when somebody looks.

    Parameters
    ----------
    result
        What the workshop came to.
    """
    makers = {
        "scores": _scores, "cards": _cards, "prices": _prices, "confidence": _confidence, "together": _together,
    }  # fmt: skip
    return MadeOnDemand({key: partial(make, result) for key, make in makers.items()})


def _known(result: WorkshopResult, key: str) -> RoomOutcome | None:
    found = result.outcome(key)
    return None if found is None or found.last is None or found.last.is_counts_only else found


def _short(exercise: Exercise) -> str:
    """Return what an exercise is called where there is little room."""
    return words_at(__package__, "short", exercise.key, default=exercise.title[:_LONGEST])


def _table(frame: pd.DataFrame, **kinds: Kind) -> DataTable:
    """Return the numbers of a picture, under headings of the text."""
    return DataTable.of_frame(frame, [(say(f"column_{name}"), kind, name) for name, kind in kinds.items()])


def _scores(result: WorkshopResult) -> Figure | None:
    scored = [e for e in result.outcomes if e.exercise.kind == "score" and e.last and not e.last.is_counts_only]
    rows = [
        (
            _short(outcome.exercise),
            each.option.label,
            each.value,
            each.low,
            each.high,
            "agreed" if each.agreed else "apart",
        )
        for outcome in scored
        for each in (outcome.last.options if outcome.last else ())
        if each.value is not None
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["asked", "option", "score", "low", "high", "room"])
    frame["what"] = [say("scored", asked=row.asked, option=row.option) for row in frame.itertuples()]
    names = tuple(frame["what"])
    return draw(
        "scores",
        marks.interval_chart(
            x=marks.by_number("score", None, "whole", scale={"domain": [1, 5]}, values=[1, 2, 3, 4, 5]),
            y=marks.by_name("what", names),
            by=marks.roles("room", {"agreed": PALETTE.ok, "apart": PALETTE.watch}),
        ),
        {"scores": frame},
        _table(frame, asked=TEXT, option=TEXT, score=POINTS, low=POINTS, high=POINTS, room=TEXT),
        height=60 + _LOW_ROW * len(names),
        people=max(outcome.last.people for outcome in scored if outcome.last),
        apart=[f"{row.option} ({row.asked})" for row in frame.itertuples() if row.room == "apart"],
    )


def _cards(result: WorkshopResult) -> Figure | None:
    found = _known(result, FEATURES)
    if found is None or found.last is None:
        return None
    groups = {each.id: each.label for each in found.exercise.groups}
    rows = [
        (each.option.label, groups[group], many / each.answers, place)
        for each in found.last.options
        for place, group in enumerate(groups)
        if (many := each.counts.get(group, 0))
    ]
    frame = pd.DataFrame(rows, columns=["feature", "group", "share", "order"])
    names = tuple(dict.fromkeys(frame["feature"]))
    return draw(
        "cards",
        marks.stack_chart(
            x=marks.by_share("share", None, scale=marks.WHOLE),
            y=marks.by_name("feature", names),
            by=marks.roles("group", marks.in_series(tuple(groups.values())), shapes=()),
            least=_LEAST_SHOWN,
        ),
        {"cards": frame},
        _table(frame, feature=TEXT, group=TEXT, share=Percent(0)),
        height=60 + _ROW * len(names),
        agreed=sum(bool(each.agreed) for each in found.last.options),
        of=len(found.last.options),
        rule=found.exercise.rule,
    )


def _together(result: WorkshopResult) -> Figure | None:
    found = _known(result, FEATURES)
    if found is None or found.last is None or found.last.together is None:
        return None
    names = {each.id: each.label for each in found.exercise.options}
    cards, shares = [names[each] for each in found.last.cards], found.last.together
    rows = [
        (one, other, share, f"{share:.0%}".rstrip("%") if share else "")
        for row, one in enumerate(cards)
        for column, other in enumerate(cards[:row])
        for share in [float(shares[row, column])]
    ]
    frame = pd.DataFrame(rows, columns=["one", "other", "share", "told"])
    return draw(
        "together",
        marks.cell_chart(
            x=marks.by_name("other", tuple(cards[:-1]), labelAngle=-60, labelOverlap=False),
            y=marks.by_name("one", tuple(cards[1:])),
            text="told",
            shade=marks.strength("share", 1),
        ),
        {"pairs": frame},
        _table(frame, one=TEXT, other=TEXT, share=Percent(0)),
        height=130 + _ROW * len(cards),
        people=found.last.people,
    )


def _prices(result: WorkshopResult) -> Figure | None:
    found = _known(result, PRICES)
    if found is None or found.last is None:
        return None
    asked = {each.id: (each.low or 1) * PRICE_REACH for each in found.exercise.options}
    ways = (say("median_quantiles"), say("equal_weights"))
    rows = [
        (each.option.label, way, pooled.low, pooled.estimate, pooled.high, asked[each.option.id])
        for each in found.last.options
        if each.pooled is not None
        for way, pooled in zip(ways, (each.pooled.median_quantiles, each.pooled.equal_weights), strict=True)
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["offer", "way", "low", "price", "high", "scenario"])
    names = tuple(dict.fromkeys(frame["offer"]))
    place, money = marks.offset("yOffset", "way", ways), Money(result.currency)
    return draw(
        "prices",
        marks.picture(
            marks.intervals("low", "high").encoding(**place),
            marks.dots().encoding(**place),
            marks.ticks("scenario", 30, color=PALETTE.today),
            x=marks.by_money("price", None, result.currency, scale=marks.LOG),
            y=marks.by_name("offer", names),
            by=marks.roles("way", {ways[0]: PALETTE.ours, ways[1]: PALETTE.competitor}),
        ),
        {"prices": frame},
        _table(frame, offer=TEXT, way=TEXT, low=money, price=money, high=money, scenario=money),
        height=70 + 2 * _ROW * len(names),
        signature=(result.currency,),
        people=found.last.people,
    )


def _confidence(result: WorkshopResult) -> Figure | None:
    found = result.outcome(CONFIDENCE)
    if found is None or found.last is None or not found.last.options:
        return None
    rounds = {each.round: each.options[0].counts for each in found.rounds if each.options}
    names = tuple(say("round", at=number) for number in rounds)
    rows = [
        (str(fingers), name, counts.get(fingers, 0))
        for name, counts in zip(names, rounds.values(), strict=True)
        for fingers in range(1, 6)
    ]
    frame = pd.DataFrame(rows, columns=["fingers", "round", "people"])
    return draw(
        "confidence",
        marks.picture(
            marks.bars().encoding(**marks.offset("xOffset", "round", names)),
            x=marks.by_name("fingers", ("1", "2", "3", "4", "5"), say("fingers"), labelAngle=0),
            y=marks.by_count("people", say("people")),
            by=marks.roles("round", dict(zip(names, (PALETTE.today, PALETTE.ours), strict=False)), shapes=()),
        ),
        {"confidence": frame},
        _table(frame, fingers=TEXT, round=TEXT, people=COUNT),
        median=found.last.options[0].value,
        objections=len(found.last.texts),
    )
