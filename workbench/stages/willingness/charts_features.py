"""The charts of feature research: what matters most, what is expected or delights, what reaches most, where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from workbench.formatting import count, exact_percent, percent
from workbench.stages.chart_style import PALETTE, layered
from workbench.stages.figure import Figure
from workbench.stages.willingness.charts_feature_fit import fit_figure
from workbench.stages.willingness.charts_feature_places import PER_FEATURE, ROOM, places_figure

if TYPE_CHECKING:
    from workbench.research import FeatureValues, Kano, MaxDiff, Turf

_MOST_SIZES = 10


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
    if values is not None and values.features:
        found.append(places_figure(values))
    return tuple(found)


def preference_figure(result: MaxDiff) -> Figure:
    """Return the share of choices each feature would get, most preferred first, with intervals."""
    table = result.table
    level = exact_percent(result.share[0].level)
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
        height=PER_FEATURE * len(table) + ROOM,
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
            f"Lines are {exact_percent(result.best[0].share.level)} intervals.",
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
