"""The charts of feature research: what matters most, what is expected or delights, what reaches most, where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from workbench.formatting import count, percent
from workbench.research.feature_places import PLACES
from workbench.research.kano_table import CATEGORIES, MEANING, WORDS
from workbench.stages.chart_style import PALETTE
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_price_parts import layered
from workbench.stages.willingness.label_places import spread_labels

if TYPE_CHECKING:
    from workbench.research import FeatureValues, Kano, MaxDiff, Turf

_PER_FEATURE = 22
_MOST_SIZES = 10
_GOOD_BETTER_BEST = (
    "Must-haves go into every tier, what is needed more with size scales by tier, and what a minority values highly "
    "fences the top tier or sells as an add-on."
)
_ROOM = 60
_MAP_HEIGHT = 420
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_CATEGORY_COLOURS = (
    PALETTE.breach, PALETTE.ours, PALETTE.ok, PALETTE.today, PALETTE.competitor, PALETTE.watch,
)  # fmt: skip
_PLACE_COLOURS = (PALETTE.ours, PALETTE.ok, PALETTE.watch, PALETTE.competitor, "#3D9AA8", PALETTE.today)


def figures(
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
        found.append(fit_figure(kano))
    if values is not None:
        found.append(places_figure(values))
    return tuple(found)


def preference_figure(result: MaxDiff) -> Figure:
    """Return the share of choices each feature would get, most preferred first, with intervals."""
    table = result.table
    level = percent(result.share[0].level)
    return Figure(
        key="feature-preference",
        title="What matters most when one must choose",
        description=f"One point per feature with its {level} interval: the share of choices it would get if all "
        f"{len(table)} were shown at once, from {table['feature'].iloc[0]} ({percent(table['share'].iloc[0], 1)}) to "
        f"{table['feature'].iloc[-1]} ({percent(table['share'].iloc[-1], 1)}).",
        reading=result.reading,
        build=_preference_chart,
        data={
            "preference": table[["feature", "share", "share_low", "share_high"]],
            "average": pd.DataFrame({"share": [1 / len(table)]}),
        },
        table=table.drop(columns=["standard_error"]),
        table_caption=f"Best-worst counts, scores (0 is as often best as worst) and shares, "
        f"{count('respondent', result.respondents)}, {count('task', result.tasks)}",
        footnotes=(
            f"Lines are {level} intervals over respondents; the dashed line is the average feature.",
            "Shares are relative to the features asked about: another list gives other shares.",
            *(caution.text for caution in result.cautions),
        ),
        height=_PER_FEATURE * len(table) + _ROOM,
    )


def _preference_chart() -> alt.LayerChart:
    y = alt.Y("feature:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    base = alt.Chart(alt.NamedData("preference")).encode(y=y)
    x = alt.X("share:Q", title="Share of choices", axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domainMin=0))
    ranges = base.mark_rule(strokeWidth=3, opacity=0.55, color=PALETTE.ours).encode(
        x=alt.X("share_low:Q", title="Share of choices"), x2="share_high:Q"
    )
    points = base.mark_point(size=70, filled=True, color=PALETTE.ours, opacity=1).encode(
        x=x,
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"),
            alt.Tooltip("share:Q", title="Share of choices", format=".1%"),
            alt.Tooltip("share_low:Q", title="from", format=".1%"),
            alt.Tooltip("share_high:Q", title="to", format=".1%"),
        ],
    )
    average = alt.Chart(alt.NamedData("average")).mark_rule(strokeDash=[5, 4], color=PALETTE.today).encode(x="share:Q")
    return layered(average, ranges, points)


def reach_figure(result: Turf) -> Figure:
    """Return the share of respondents the best set of each size reaches, beside the step by step choice."""
    sizes = result.table
    renamed = sizes.rename(columns={"share_low": "low", "share_high": "high"})
    # From the first set that reaches all who can be reached, more features add nothing.
    worthwhile = int((sizes["reach"] < sizes["reach"].max()).sum()) + 1
    rows = renamed[["size", "share", "low", "high", "features"]].head(min(worthwhile, _MOST_SIZES))
    last = rows.iloc[-1]
    how = "every set was looked at" if result.exact else "sets were built step by step and improved by exchanges"
    return Figure(
        key="feature-reach",
        title="How many customers a few features reach",
        description=f"Share of {count('respondent', result.respondents)} reached by the best set of 1 to "
        f"{last['size']} features: {', '.join(percent(share) for share in rows['share'])}.",
        reading=result.reading,
        build=_reach_chart,
        data={"reach": rows},
        table=sizes,
        table_caption="The best set of each size: people reached, their share, and how often its features are wanted",
        footnotes=(
            f"A respondent is reached who values at least {result.depth} of the features; {how}.",
            f"Lines are {percent(result.best[0].share.level)} intervals.",
            *(caution.text for caution in result.cautions),
        ),
        height=280,
    )


def _reach_chart() -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("reach")).encode(
        x=alt.X("size:O", title="Features in the set", axis=alt.Axis(labelAngle=0)),
        tooltip=[
            alt.Tooltip("features:N", title="Features"),
            alt.Tooltip("share:Q", title="Reached", format=".0%"),
        ],
    )
    y = alt.Y("share:Q", title="Respondents reached", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    bars = base.mark_bar(color=PALETTE.ours, opacity=0.85).encode(y=y)
    ranges = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title="Respondents reached"), y2="high:Q")
    labels = base.mark_text(dy=-8, baseline="bottom").encode(y="high:Q", text=alt.Text("share:Q", format=".0%"))
    return layered(bars, ranges, labels)


def fit_figure(result: Kano) -> Figure:
    """Return the map of features: how far having each pleases, and how far missing it annoys."""
    rows = _fit_rows(result)
    shown = tuple(name for name in CATEGORIES if WORDS[name] in set(rows["kind"]))
    return Figure(
        key="feature-fit",
        title="What customers expect, want more of, and are delighted by",
        description="A map with a point per feature: further right, missing it annoys more; further up, having it "
        "pleases more. " + "; ".join(f"{row.feature}: {row.kind}" for row in rows.itertuples()) + ".",
        reading=result.reading,
        build=_fit_chart,
        data={"fit": rows, "middle": pd.DataFrame({"half": [0.5]})},
        table=result.table,
        table_caption=f"Shares of the answers per kind, and the two coefficients, "
        f"{count('respondent', result.respondents)}",
        footnotes=(
            "; ".join(f"{WORDS[name][0].upper()}{WORDS[name][1:]}: {MEANING[name]}" for name in shown) + ".",
            f"Lines are {percent(result.features[0].satisfaction.level)} intervals over respondents.",
            *(caution.text for caution in result.cautions),
        ),
        height=_MAP_HEIGHT,
    )


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


def _fit_chart() -> alt.LayerChart:
    words = [WORDS[name] for name in CATEGORIES]
    ends: dict[str, Any] = {"axis": alt.Axis(tickCount=5), "scale": alt.Scale(domain=[0, 1])}
    sides: dict[str, Any] = {
        "x": alt.X("missing:Q", title="How far missing it annoys", **ends),
        "y": alt.Y("having:Q", title="How far having it pleases", **ends),
    }
    base = alt.Chart(alt.NamedData("fit"))
    middle = alt.Chart(alt.NamedData("middle")).mark_rule(strokeDash=[4, 4], color=PALETTE.today, opacity=0.7)
    quiet: dict[str, Any] = {"opacity": 0.35, "strokeWidth": 1.5}
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=words, range=list(_CATEGORY_COLOURS)),
        legend=alt.Legend(columns=3, symbolOpacity=1),
    )
    across = base.mark_rule(**quiet).encode(x=alt.X("missing_low:Q"), x2="missing_high:Q", y="having:Q", color=colour)
    up = base.mark_rule(**quiet).encode(x="missing:Q", y=alt.Y("having_low:Q"), y2="having_high:Q", color=colour)
    points = base.mark_point(size=80, filled=True, opacity=1).encode(
        **sides,
        color=colour,
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=words, range=list(_SHAPES))),
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"),
            alt.Tooltip("said:N", title="Kind"),
            alt.Tooltip("having:Q", title="Having it pleases", format=".2f"),
            alt.Tooltip("missing:Q", title="Missing it annoys", format=".2f"),
        ],
    )
    labels = [
        base.transform_filter(f"datum.align == '{align}'")
        .mark_text(align=align, fontSize=11)
        .encode(x="label_x:Q", y="label_y:Q", text="feature:N")
        for align in ("left", "right")
    ]
    return layered(middle.encode(x="half:Q"), middle.encode(y="half:Q"), across, up, points, *labels)


def places_figure(values: FeatureValues) -> Figure:
    """Return the suggested place of every feature, beside how many accounts use it today."""
    rows = pd.DataFrame(
        [
            {
                "feature": each.feature,
                "place": each.place,
                "because": each.because,
                "against": each.against,
                "adoption": None if each.evidence.adoption is None else each.evidence.adoption.estimate,
                "low": None if each.evidence.adoption is None else each.evidence.adoption.low,
                "high": None if each.evidence.adoption is None else each.evidence.adoption.high,
            }
            for each in values.features
        ]
    ).astype({"adoption": float, "low": float, "high": float})
    return Figure(
        key="feature-places",
        title="Where each feature suggests to go",
        description="One row per feature, by suggested place, with the share of active accounts that use it today: "
        + "; ".join(f"{place}: {len(values.at(place))}" for place in PLACES if values.at(place))
        + ".",
        reading=values.reading,
        build=_places_chart,
        data={"places": rows},
        table=values.table,
        table_caption="Feature values: use today beside what customers say; blank where nobody knows",
        footnotes=(
            _GOOD_BETTER_BEST,
            "A suggestion, not a decision: what speaks against it stands in the table.",
            *(caution.text for caution in values.cautions),
        ),
        height=_PER_FEATURE * max(len(rows), 1) + _ROOM,
    )


def _places_chart() -> alt.LayerChart:
    colour = alt.Color(
        "place:N", title=None, scale=alt.Scale(domain=list(PLACES), range=list(_PLACE_COLOURS)),
        legend=alt.Legend(columns=3, symbolOpacity=1),
    )  # fmt: skip
    base = alt.Chart(alt.NamedData("places")).encode(
        y=alt.Y("feature:N", sort=None, title=None, axis=alt.Axis(labelLimit=240)),
        tooltip=[
            alt.Tooltip("feature:N", title="Feature"),
            alt.Tooltip("place:N", title="Suggested place"),
            alt.Tooltip("because:N", title="Because"),
            alt.Tooltip("against:N", title="Against it"),
            alt.Tooltip("adoption:Q", title="Accounts using it", format=".0%"),
        ],
    )
    title = "Active accounts that use it today"
    x = alt.X("adoption:Q", title=title, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    ranges = base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low:Q", title=title), x2="high:Q", color=colour)
    shape = alt.Shape("place:N", title=None, scale=alt.Scale(domain=list(PLACES), range=list(_SHAPES)))
    points = base.mark_point(size=80, filled=True, opacity=1).encode(x=x, color=colour, shape=shape)
    unknown = (
        base.transform_filter("!isValid(datum.adoption)")
        .mark_text(align="left", dx=4)
        .encode(x=alt.datum(0), text=alt.value("use unknown"))
    )
    return layered(ranges, points, unknown)
