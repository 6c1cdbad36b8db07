"""What willingness to pay shows: what customers say, who buys what, prices found, the scenario against today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.changes import kept_table
from workbench.errors import StudyError
from workbench.formatting import priced
from workbench.stages.offers import AddOnDecision
from workbench.stages.view import (
    NOTHING,
    Action,
    FiguresOf,
    Free,
    Grid,
    KeyFigures,
    Matrix,
    Message,
    Said,
    SectionView,
    TableOf,
    Under,
    View,
    Work,
)
from workbench.stages.willingness.charts import all_lines, demand_figures, method_figures, search_figures
from workbench.stages.willingness.decision import CORRIDOR, SEARCHED_RULES, SOURCES, ComparableOffer, searched_off
from workbench.stages.willingness.evaluation import NOWHERE, changes_table, effect_tried, side_by_side, tiers_table
from workbench.stages.willingness.evidence import METHODS, METHODS_SHOWN, WOULD_ADD, available
from workbench.stages.willingness.price_search import (
    FEWEST,
    attach_table,
    found_against_today,
    found_in_words,
    found_table,
    recommended,
    search_for,
    search_made,
    weighed_in_words,
    with_attach_rates,
    with_found_prices,
)
from workbench.study.model import FrozenModel
from workbench.text import texts, words_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from workbench.demand.search.result import PriceSearch
    from workbench.stages.view import Cells
    from workbench.stages.willingness.decision import WillingnessDecision
    from workbench.stages.willingness.evaluation import WillingnessResult
    from workbench.study.model import Scenario
    from workbench.tables import DataTable

say = texts(__name__)


# --- What customers say: each method with its charts, or what it would add


def why_not_asked(result: WillingnessResult, method: str) -> str:
    """Return why a method says nothing: its answers cannot be used, or there are none; "" where it speaks."""
    if problem := result.answers.problem(method):
        return say("the_answers_in_cannot_be", table=METHODS[method], problem=problem)
    if method_figures(result.answers, method):
        return ""
    if method not in METHODS:
        return say("nothing_is_known_about_any")
    return say("no_answers_yet_the_table", table=METHODS[method], would_add=WOULD_ADD[method])


def _beside(result: WillingnessResult, method: str) -> Iterable[str]:
    """Return the reading and the cautions of a method that none of its figures prints."""
    found, figures = getattr(result.answers, method), method_figures(result.answers, method)
    printed = " ".join((*(each.reading for each in figures), *(note for each in figures for note in each.footnotes)))
    told = (found.reading, *(each.text for each in getattr(found, "cautions", ())))
    return [each for each in told if each not in printed]


def _method(method: str) -> Under:
    return Under(
        key=method,
        why_not=lambda result: why_not_asked(result, method),
        parts=(
            FiguresOf(lambda result: method_figures(result.answers, method)),
            Said(f"{method}_beside", lambda result: _beside(result, method)),
        ),
    )


# --- Who buys what


def _sources(result: WillingnessResult) -> Mapping[str, object]:
    """Return the sources with answers, the best there is with what it comes to, and the one wanted in any case."""
    there = available(result.answers)
    best = say("best_there_is", source=result.source) if result.source else _source_words(SOURCES[0])
    found: dict[str, object] = {best: SOURCES[0]}
    for source in SOURCES[1:]:
        if source in there:
            found[_source_words(source)] = source
        elif source == result.decision.source:
            found[say("without_answers", source=source)] = source
    return found


def _source_words(source: str) -> str:
    return words_at(__package__, "settings", "source", "options", source.replace(" ", "_"))


def _against_today(result: WillingnessResult) -> Iterable[str]:
    effect = result.against_today
    return [say("nothing_against_today") if effect is None else say("against_today", reading=_reading(effect, result))]


def _reading(effect: object, result: WillingnessResult) -> str:
    said: str = effect.reading(result.currency)  # type: ignore[attr-defined]  # what changes between two price lists
    return said


def _assumed(result: WillingnessResult) -> Iterator[str]:
    if result.design is not None:
        yield say(f"takes_by_{result.decision.rule}")
        yield from (each.sentence for each in result.design.sourced.demand.assumed)


# --- Find prices: what is kept, which offers stand against which tier, and what was found


class Comparable(FrozenModel):
    """What says that a competitor's offer stands against a tier, and because of what."""

    offer: str = NOTHING
    tier: str = NOTHING
    because: str = ""


class OfTier(FrozenModel):
    """A tier whose comparable offers are taken back."""

    tier: str = NOTHING


def _offers(result: WillingnessResult) -> dict[str, object]:
    frame = result.answers.base.frames.get("competitor_offers")
    if frame is None:
        return {}
    keys = dict.fromkeys(zip(frame["vendor"].astype(str), frame["offer"].astype(str), strict=True))
    return {f"{vendor} {offer}": f"{vendor}\t{offer}" for vendor, offer in keys}


def _tiers(result: WillingnessResult) -> dict[str, object]:
    return {} if result.design is None else {name: name for name in result.design.priced}


def _can_compare(_decision: object, result: WillingnessResult) -> bool:
    return bool(_offers(result) and _tiers(result))


def with_comparable(
    decision: WillingnessDecision, _result: WillingnessResult, form: Comparable
) -> Mapping[str, object]:
    """Say that an offer stands against a tier; StudyError without a reason."""
    if not form.because.strip():
        raise StudyError("Say first what makes the offer an alternative to the tier.")
    vendor, _, offer = form.offer.partition("\t")
    others = [
        each for each in decision.comparable if (each.vendor, each.offer, each.tier) != (vendor, offer, form.tier)
    ]
    return {
        "comparable": (
            *others,
            ComparableOffer(vendor=vendor, offer=offer, tier=form.tier, because=form.because.strip()),
        )
    }


def without_comparable(decision: WillingnessDecision, _result: WillingnessResult, form: OfTier) -> Mapping[str, object]:
    """Take back what was said to stand against a tier."""
    return {"comparable": tuple(each for each in decision.comparable if each.tier != form.tier)}


def _comparables(result: WillingnessResult) -> Iterator[str]:
    for each in result.decision.comparable:
        yield say("stands_against", vendor=each.vendor, offer=each.offer, tier=each.tier, because=each.because)
    if _can_compare(None, result):
        yield say("a_tier_has_a_market", fewest=FEWEST)


def _kept_rules(decision: WillingnessDecision, result: WillingnessResult) -> dict[str, Sequence[str]]:
    off = searched_off(decision, result.scenario.waivers)
    return {rule: () if rule in off else ("kept",) for rule in SEARCHED_RULES}


def _found(result: WillingnessResult) -> Iterator[str | Message]:
    made = search_for(result)
    conclusion = made.conclusion
    if made.search is None or conclusion.revenue is None:
        yield Message(say("no_prices_are_recommended", reason=conclusion.reason), "warning")
        return
    yield f"{found_in_words(conclusion, made.search)} {made.search.reading}"
    if made.search.value < made.search.today_value:
        yield say("they_bring_less_than_this")
    if effect := found_against_today(result):
        yield say("against_today", reading=_reading(effect, result))


def _corridors(result: WillingnessResult) -> Iterator[str]:
    """Say which prices the market held the search to."""
    made = search_for(result)
    search = made.search
    if search is None or not search.constraints.on(CORRIDOR):
        return
    held = [
        f"{name} {_between(*ends, search.currency)}" for name, ends in made.market.items() if name in search.searched
    ]
    if held:
        yield say("competitors_prices_held_the_search", held=", ".join(held))


def _between(low: float | None, high: float | None, currency: str) -> str:
    if low is None:
        return f"up to {priced(high, currency)}"
    if high is None:
        return f"from {priced(low, currency)} up"
    return f"{priced(low, currency)} to {priced(high, currency)}"


def _taken(search: PriceSearch, cells: Cells) -> dict[str, float]:
    """Return the prices that stand in the grid of those to take over."""
    return {name: line[0] for name, line in zip(search.searched, cells, strict=True) if line[0] is not None}


def use_prices(_decision: object, result: WillingnessResult, cells: Cells) -> Scenario:
    """Put the prices in the grid into the scenario; it stays as it is where none are recommended."""
    search = recommended(result)
    return result.scenario if search is None else with_found_prices(result.scenario, _taken(search, cells))


def _weighed(result: WillingnessResult, cells: Cells) -> Iterator[str]:
    search = recommended(result)
    if search is not None and len(cells) == len(search.searched):
        yield weighed_in_words(result, search, _taken(search, cells))


def _prices_to_take(_decision: object, result: WillingnessResult) -> list[tuple[float | None]]:
    search = recommended(result)
    return [] if search is None else [(search.prices[name],) for name in search.searched]


def _offers_found(_decision: object, result: WillingnessResult) -> list[str]:
    search = recommended(result)
    return [] if search is None else list(search.searched)


# --- Against today: offers side by side, and changes to try


class Tried(FrozenModel):
    """A tier left out, and a feature that starts in another tier."""

    without: str = NOTHING
    feature: str = NOTHING
    lowest: str = NOWHERE


def _with_none(key: str, names: Iterable[str]) -> Mapping[str, object]:
    return {say(key): NOTHING, **{name: name for name in names}}


def _features(result: WillingnessResult) -> list[str]:
    return (
        [] if result.design is None else sorted({name for plan in result.design.book.plans for name in plan.features})
    )


def _plans(result: WillingnessResult) -> tuple[str, ...]:
    return () if result.design is None else result.design.task.plans


def _tried(result: WillingnessResult, form: Tried) -> Iterator[Message]:
    changes = []
    if form.without:
        changes.append(say("without_tier", tier=form.without))
    if form.feature:
        where = "nowhere" if form.lowest == NOWHERE else "from_up"
        changes.append(say(f"feature_{where}", feature=form.feature, lowest=form.lowest))
    if changes and result.design is not None:
        effect = effect_tried(result, without=form.without, feature=form.feature, lowest=form.lowest)
        yield Message(f"{', '.join(changes)}: {effect.reading(result.currency)}")


def _compared(result: WillingnessResult) -> DataTable | None:
    effect = result.against_today
    if effect is None:
        return None
    found = {result.scenario.name: effect}
    if other := found_against_today(result):
        found[say("prices_found")] = other
    return side_by_side(result, found)


def _changes(result: WillingnessResult) -> DataTable | None:
    return None if result.against_today is None else changes_table(result.against_today, found_against_today(result))


# --- Who would take the add-ons


def take_shares(_decision: object, result: WillingnessResult) -> Scenario:
    """Take the shares found over as the range the add-on stage expects."""
    return result.scenario if result.attach is None else with_attach_rates(result.scenario, result.attach)


def _attach(result: WillingnessResult) -> DataTable | None:
    if result.attach is None or not len(result.attach):
        return None
    return attach_table(result.attach, result.scenario.decision(AddOnDecision), result.currency)


def _why_no_shares(result: WillingnessResult) -> str:
    if result.design is None:
        return result.why_not
    return "" if result.design.book.add_ons else say("no_add_ons")


VIEW = View(
    sections=(
        SectionView(
            key="methods",
            lazy=True,
            settings=(("overstated_low", "overstated_high"),),
            parts=tuple(map(_method, METHODS_SHOWN)),
        ),
        SectionView(
            key="who_buys",
            lazy=True,
            settings=(("source", "rule", "rivals"),),
            why_not=lambda result: result.why_not,
            parts=(
                KeyFigures(),
                TableOf("customers", lambda result: kept_table(result.kept)),
                Free("line", "workbench.stages.willingness.panel:PriceOnALine", pages=(FiguresOf(all_lines),)),
                FiguresOf(demand_figures),
                Said("against_today", _against_today),
                Said("anchoring", lambda result: [result.anchoring.reading] if result.anchoring else []),
                Said("assumed", _assumed, folded=True),
            ),
        ),
        SectionView(
            key="find_prices",
            lazy=True,
            settings=(("objective", "kept", "ending"),),
            why_not=lambda result: result.why_not,
            grids=(
                Matrix(
                    key="rules",
                    rows=lambda *_: [{"key": each, "label": say(f"rule_{each.lower()}")} for each in SEARCHED_RULES],
                    columns=lambda *_: [{"key": "kept", "label": say("kept")}],
                    value=_kept_rules,
                    changes=lambda _decision, _result, kept: {
                        "rules_off": tuple(rule for rule in SEARCHED_RULES if not kept.get(rule))
                    },
                ),
            ),
            parts=(
                Action(
                    key="compare",
                    changes=with_comparable,
                    form=Comparable,
                    options={"offer": _offers, "tier": _tiers},
                    shown=_can_compare,
                ),
                Action(
                    key="compare_none",
                    changes=without_comparable,
                    form=OfTier,
                    options={"tier": _tiers},
                    shown=lambda decision, _: bool(decision.comparable),
                ),
                Said("comparables", _comparables),
                Work(
                    key="find",
                    run=search_for,
                    is_done=lambda result: search_made(result) is not None,
                    parts=(
                        Said("found", _found),
                        Said("corridors", _corridors),
                        Grid(
                            key="found",
                            rows=_offers_found,
                            columns=lambda _, result: [
                                {"label": say("price"), "unit": result.currency, "minimum": 0.01}
                            ],
                            cells=_prices_to_take,
                            says=_weighed,
                            actions=(Action(key="use_prices", changes=use_prices),),
                        ),
                        FiguresOf(search_figures),
                        TableOf("found", found_table),
                    ),
                ),
            ),
        ),
        SectionView(
            key="comparison",
            lazy=True,
            why_not=lambda result: result.why_not,
            parts=(
                Said(
                    "tried",
                    _tried,
                    form=Tried,
                    options={
                        "without": lambda result: _with_none("nothing", _plans(result)),
                        "feature": lambda result: _with_none("choose_a_feature", _features(result)),
                        "lowest": lambda result: {
                            **{name: name for name in _plans(result)},
                            say("in_no_tier"): NOWHERE,
                        },
                    },
                ),
                Said("no_list", lambda result: [] if result.against_today else [say("there_is_no_list_of")]),
                TableOf("compared", _compared),
                TableOf("tiers", tiers_table),
                TableOf("changes", _changes),
            ),
        ),
        SectionView(
            key="attach",
            lazy=True,
            why_not=_why_no_shares,
            parts=(TableOf("attach", _attach), Action(key="take_shares", changes=take_shares)),
        ),
    ),
    options={"source": _sources, "rivals": lambda result: {each.name: each.name for each in result.evidence.rivals}},
    values={
        "rivals": lambda decision, result: tuple(
            each.name for each in result.evidence.rivals if each.name in decision.rivals
        )
    },
    units={"kept": lambda _: say("of_paying_accounts")},
)
