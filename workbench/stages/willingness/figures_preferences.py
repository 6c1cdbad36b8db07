"""The charts of preferences.

Choices between offers (conjoint), what matters most, Kano's map, reach, places of features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, count, exact_percent, money, percent
from workbench.locales import NO_CURRENCY
from workbench.research.conjoint.multinomial import ChoiceModel
from workbench.research.conjoint.tastes import WorthStep, worth_of_steps, worth_steps
from workbench.research.feature_placement import PLACES
from workbench.research.kano_model import CATEGORIES, MEANING, WORDS
from workbench.stages import marks
from workbench.stages.figure import PALETTE, figure_maker
from workbench.tables import TEXT, DataTable, Money, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.research.best_worst import MaxDiff
    from workbench.research.conjoint.hierarchical import HierarchicalModel
    from workbench.research.conjoint.mixed import MixedModel
    from workbench.research.feature_placement import FeatureValues
    from workbench.research.kano_model import Kano
    from workbench.research.turf_reach import Turf
    from workbench.results import Interval
    from workbench.stages.figure import Figure

    Result = ChoiceModel | MixedModel | HierarchicalModel

say, draw = texts(__name__), figure_maker(__package__)

# --- The charts of choices between offers

_CHOICE_ROW = 34
_BESIDE = 70
_QUANTILES = {"10% of respondents below": 0.1, "25% below": 0.25, "Middle": 0.5, "75% below": 0.75, "90% below": 0.9}
_FIELDS = ("p10", "p25", "p50", "p75", "p90")
_DRAWS = 100


def choice_figures(result: Result, currency: str = NO_CURRENCY) -> tuple[Figure, ...]:
    """Return what each attribute is worth, and for models of single respondents how far they differ about it.

    None where the model has no price, for then nothing can be said in money.
    """
    found = worth_steps(result.data)
    if result.price is None or not found:
        return ()
    if isinstance(result, ChoiceModel):
        return (_worth(result, found, currency),)
    return (_worth(result, found, currency), _spread(result, found, currency))


def _worth(result: Result, found: tuple[WorthStep, ...], currency: str) -> Figure:
    worth = worth_of_steps(found, result.willingness_to_pay())
    known = {words: each for words, each in worth.items() if np.isfinite(each.low)}
    rows = [(words, each.low, each.estimate, each.high) for words, each in known.items()]
    frame = pd.DataFrame(rows, columns=["attribute", "low", "worth", "high"])
    who = "the average choice" if isinstance(result, ChoiceModel) else "the middle respondent"
    amounts = ((name, Money(currency)) for name in ("Worth", "From", "To"))
    table = DataTable.of_rows(
        (("Attribute", TEXT), *amounts), ((words, *_known(each)) for words, each in worth.items())
    )
    return draw(
        "choice_worth",
        marks.interval_chart(
            line=0,
            y=marks.by_name("attribute"),
            x=_worth_axis("worth", "Willingness to pay", currency),
            tips=marks.tips(attribute="Attribute", **_in_money(currency, worth="Worth", low="From", high="To")),
        ),
        {"worth": frame},
        table,
        key="choice-worth",
        height=_BESIDE + _CHOICE_ROW * max(len(rows), 1),
        notes=(each.text for each in result.cautions),
        rows=len(rows), who=who, first=_first(known, currency), asked=_asked(result),
        unsettled=[words for words in worth if words not in known],
    )  # fmt: skip


def _spread(result: MixedModel | HierarchicalModel, found: tuple[WorthStep, ...], currency: str) -> Figure:
    own = result.individual(draws=_DRAWS)
    worth = own.willingness().reshape(-1, len(own.columns))
    worth = worth[np.isfinite(worth).all(axis=1)]
    differs = {own.columns[column] for column in result.tastes.columns}
    if own.price in differs:  # then the worth of everything differs
        differs = set(own.columns)
    rows = []
    for step in found:
        if step.name in differs and len(worth):
            values = worth[:, own.columns.index(step.name)] * step.units
            ends = np.quantile(values, list(_QUANTILES.values())).tolist()
            rows.append((step.words, *ends, float((values > 0).mean())))
    frame = pd.DataFrame(rows, columns=["attribute", *_FIELDS, "positive"])
    frame = frame.sort_values("p90", ascending=False, ignore_index=True)
    quantiles = ((words, Money(currency), name) for words, name in zip(_QUANTILES, _FIELDS, strict=True))
    shown = (("Attribute", TEXT, "attribute"), *quantiles, ("Worth something to", Percent(), "positive"))
    return draw(
        "choice_spread",
        marks.picture(
            marks.reference(0),
            marks.intervals("p10", "p90", color=PALETTE.ours),
            marks.bars("p25", "p75", color=PALETTE.ours, height=12, cornerRadius=2),
            marks.ticks("p50", 12, color="white"),
            y=marks.by_name("attribute"),
            x=_worth_axis("p50", say("willingness_to_pay_across_respondents"), currency),
            tips=marks.tips(
                attribute="Attribute",
                **_in_money(currency, **dict(zip(_FIELDS, _QUANTILES, strict=True))),
                positive=("Worth something to", "percent"),
            ),
        ),
        {"spread": frame},
        DataTable.of_frame(frame, shown),
        key="choice-spread",
        height=_BESIDE + _CHOICE_ROW * max(len(frame), 1),
        notes=(each.text for each in result.cautions),
        divided=_divided(frame), asked=_asked(result),
    )  # fmt: skip


def _worth_axis(field: str, title: str, currency: str) -> marks.Axis:
    return marks.by_money(field, title if currency == NO_CURRENCY else f"{title} ({currency})", currency)


def _in_money(currency: str, **columns: str) -> dict[str, tuple[str, str]]:
    return {name: (f"{title} ({currency})", ",.2~f") for name, title in columns.items()}


def _first(known: dict[str, Interval], currency: str) -> str:
    if not known:
        return say("the_choices_do_not_settle")
    words, most = next(iter(known.items()))
    ends = f"{money(most.low, currency)} to {money(most.high, currency)}"
    return say("most_counts", words=words, estimate=most.estimate, currency=currency, ends=ends)


def _divided(frame: pd.DataFrame) -> str:
    """Say about which attribute respondents are most divided: nearest to half for, half against."""
    if frame.empty:
        return say("no_attribute_differs_between_respondents")
    row = frame.iloc[int((frame["positive"] - 0.5).abs().to_numpy().argmin())]
    return say("most_divided_are_respondents_about", row=row["attribute"], row_2=float(row["positive"]))


def _known(interval: Interval) -> tuple[float | None, float | None, float | None]:
    if not np.isfinite(interval.low):
        return None, None, None
    return interval.estimate, interval.low, interval.high


def _asked(result: Result) -> str:
    people = len(result.data.people)
    choices = count("choice", len(result.data))
    return f"{count('respondent', people)}, {choices}" if people else choices


# --- Put names beside points so that none covers another

_GAP = 0.02
_HIGH = 0.042
_WIDE = 0.0155
"""The height of a line and the width of a letter, as parts of a square map."""


@dataclass(frozen=True, eq=False)
class LabelPlaces:
    """Where each name begins ("left") or ends ("right"), in the units of the points."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    align: list[str]


def spread_labels(x: NDArray[np.float64], y: NDArray[np.float64], lengths: Sequence[int]) -> LabelPlaces:
    """Return places for names of these lengths beside points on a map from 0 to 1: near, inside, free of others.

    Names are placed from the top down; each takes the nearest free place, to the right of its point where there is
    room, else to the left, moved up or down by as little as it takes.
    """
    at_x, at_y, align = np.array(x, dtype=float), np.array(y, dtype=float), ["left"] * len(x)
    taken = [(px - _GAP / 2, px + _GAP / 2, py) for px, py in zip(x, y, strict=True)]
    for place in np.argsort(-y, kind="stable"):
        width = lengths[place] * _WIDE
        sides = [("left", x[place] + _GAP), ("right", x[place] - _GAP)]
        if x[place] + _GAP + width > 1:
            sides.reverse()
        moves = sorted(np.arange(-6, 7) * _HIGH, key=abs)
        tried = [(abs(move) + 0.4 * _HIGH * at, side, begin, y[place] + move)
                 for at, (side, begin) in enumerate(sides) for move in moves]  # fmt: skip
        tried.sort(key=lambda each: each[0])
        fitting = [each for each in tried if _is_free(taken, each[1], each[2], each[3], width)]
        _, side, begin, high = (fitting or tried)[0]
        at_x[place], at_y[place], align[place] = begin, high, side
        left = begin if side == "left" else begin - width
        taken.append((left, left + width, high))
    return LabelPlaces(at_x, at_y, align)


def _is_free(taken: list[tuple[float, float, float]], side: str, begin: float, high: float, width: float) -> bool:
    left = begin if side == "left" else begin - width
    inside = left >= 0 and left + width <= 1 and 0 <= high <= 1
    return inside and all(
        left + width < other_left or left > other_right or abs(high - other_high) >= _HIGH
        for other_left, other_right, other_high in taken
    )


# --- The map of features: how far having each pleases, and how far missing it annoys

_MAP_HEIGHT = 420
_COLOURS = (PALETTE.breach, PALETTE.ours, PALETTE.ok, PALETTE.today, PALETTE.competitor, PALETTE.watch)


def kano_map_figure(result: Kano) -> Figure:
    """Return the map of features: how far having each pleases, and how far missing it annoys."""
    rows = _fit_rows(result)
    shown = tuple(name for name in CATEGORIES if WORDS[name] in set(rows["kind"]))
    return draw(
        "feature_fit",
        _MAP,
        {"fit": rows},
        result.table,
        key="feature-fit",
        height=_MAP_HEIGHT,
        notes=(each.text for each in result.cautions),
        each="; ".join(f"{row.feature}: {row.kind}" for row in rows.itertuples()), found=result,
        kinds="; ".join(f"{capitalised(WORDS[name])}: {MEANING[name]}" for name in shown),
    )  # fmt: skip


def _fit_rows(result: Kano) -> pd.DataFrame:
    rows = pd.DataFrame(
        [
            {
                "feature": each.feature,
                "kind": WORDS[each.category],
                "said": each.words,
                "missing": -each.dissatisfaction.estimate,
                "missing_low": -each.dissatisfaction.high,
                "missing_high": -each.dissatisfaction.low,
                "having": each.satisfaction.estimate,
                "having_low": each.satisfaction.low,
                "having_high": each.satisfaction.high,
            }
            for each in result.features
        ]
    ).dropna(subset=["missing", "having"])
    lengths = [len(name) for name in rows["feature"]]
    places = spread_labels(rows["missing"].to_numpy(), rows["having"].to_numpy(), lengths)
    return rows.assign(label_x=places.x, label_y=places.y, align=places.align)


_QUIET: dict[str, Any] = {"opacity": 0.35, "strokeWidth": 1.5}
_MAP = marks.picture(
    marks.reference(0.5, on="x"),
    marks.reference(0.5, on="y"),
    marks.intervals("missing_low", "missing_high", on="x", **_QUIET),
    marks.intervals("having_low", "having_high", **_QUIET),
    marks.dots(),
    marks.words("feature", at="label_y", across="label_x", gap=0, align={"expr": "datum.align"}, fontSize=11),
    x=marks.by_number("missing", say("how_far_missing_it_annoys"), scale=marks.WHOLE),
    y=marks.by_number("having", say("how_far_having_it_pleases"), scale=marks.WHOLE),
    by=marks.roles("kind", dict(zip([WORDS[name] for name in CATEGORIES], _COLOURS, strict=True)), columns=3),
    tips=marks.tips(
        feature="Feature", said="Kind", having=("Having it pleases", ".2f"), missing=("Missing it annoys", ".2f")
    ),
)


# --- The suggested place of every feature, beside how many accounts use it today

PER_FEATURE, ROOM = 22, 60
_PLACE_COLOURS = (PALETTE.ours, PALETTE.ok, PALETTE.watch, PALETTE.competitor, "#3D9AA8", PALETTE.today)


def places_figure(values: FeatureValues) -> Figure:
    """Return the suggested place of every feature, beside how many accounts use it today."""
    rows = pd.DataFrame(
        [
            (each.feature, each.place, each.because, each.against, *_ends(each.evidence.adoption))
            for each in values.features
        ],
        columns=["feature", "place", "because", "against", "adoption", "low", "high"],
    ).astype({"adoption": float, "low": float, "high": float})
    return draw(
        "feature_places",
        marks.interval_chart(
            y=marks.by_name("feature"),
            x=marks.by_share("adoption", say("active_accounts_that_use_it"), scale=marks.WHOLE),
            by=marks.roles("place", dict(zip(PLACES, _PLACE_COLOURS, strict=True)), columns=2),
            tips=marks.tips(
                feature="Feature",
                place="Suggested place",
                because="Because",
                against="Against it",
                adoption=("Accounts using it", "percent"),
            ),
        ).over(marks.words("unknown", at=0).where("!isValid(datum.adoption)").encoding(text={"value": "use unknown"})),
        {"places": rows},
        values.table,
        key="feature-places",
        height=PER_FEATURE * max(len(rows), 1) + ROOM,
        notes=(each.text for each in values.cautions),
        each="; ".join(f"{place}: {len(values.at(place))}" for place in PLACES if values.at(place)), found=values,
    )  # fmt: skip


def _ends(interval: Interval | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if interval is None else (interval.estimate, interval.low, interval.high)


# --- The charts of feature research

_MOST_SIZES = 10


def feature_figures(
    maxdiff: MaxDiff | None = None,
    kano: Kano | None = None,
    turf: Turf | None = None,
    values: FeatureValues | None = None,
) -> tuple[Figure, ...]:
    """Return the figures of the results that are there, in the order they are read."""
    found = []
    if maxdiff is not None:
        found.append(preference_figure(maxdiff))
    if turf is not None:
        found.append(reach_figure(turf))
    if kano is not None:
        found.append(kano_map_figure(kano))
    if values is not None and values.features:
        found.append(places_figure(values))
    return tuple(found)


def preference_figure(result: MaxDiff) -> Figure:
    """Return the share of choices each feature would get, most preferred first, with intervals."""
    table = result.table
    return draw(
        "feature_preference",
        marks.interval_chart(
            line=1 / len(table),
            low="share_low",
            high="share_high",
            y=marks.by_name("feature"),
            x=marks.by_share("share", "Share of choices", scale=marks.FROM_ZERO),
            tips=marks.tips(
                feature="Feature",
                share=("Share of choices", ".1%"),
                share_low=("from", ".1%"),
                share_high=("to", ".1%"),
            ),
        ),
        {"preference": table[["feature", "share", "share_low", "share_high"]]},
        table.drop(columns=["standard_error"]),
        key="feature-preference",
        height=PER_FEATURE * len(table) + ROOM,
        notes=(each.text for each in result.cautions),
        found=result, level=exact_percent(result.share[0].level), first=table.iloc[0], last=table.iloc[-1],
    )  # fmt: skip


def reach_figure(result: Turf) -> Figure:
    """Return the share of respondents the best set of each size reaches, beside the step by step choice."""
    sizes = result.table
    renamed = sizes.rename(columns={"share_low": "low", "share_high": "high"})
    # From the first set that reaches all who can be reached, more features add nothing.
    worthwhile = int((sizes["reach"] < sizes["reach"].max()).sum()) + 1
    rows = renamed[["size", "share", "low", "high", "features"]].head(min(worthwhile, _MOST_SIZES))
    return draw(
        "feature_reach",
        marks.picture(
            marks.bars(color=PALETTE.ours, opacity=0.85),
            marks.intervals(),
            marks.words("share", "percent", at="high"),
            x=marks.by_name("size", "size", "Features in the set", labelAngle=0),
            y=marks.by_share("share", "Respondents reached", scale=marks.WHOLE),
            tips=marks.tips(features="Features", share=("Reached", "percent")),
        ),
        {"reach": rows},
        sizes,
        key="feature-reach",
        height=280,
        notes=(each.text for each in result.cautions),
        found=result, biggest=rows["size"].iloc[-1], shares=[percent(share) for share in rows["share"]],
    )  # fmt: skip
