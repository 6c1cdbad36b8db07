"""Charts of what comes after the switch: revenue on the way, who is still on old prices, ranges, what drives them."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from workbench.formatting import count, money, short_money
from workbench.impact.uncertainty.simulation import TODAY
from workbench.results import LAST_DIGITS
from workbench.stages.figure import AXIS_FORMATS, PALETTE, Figure, money_expression
from workbench.stages.migration.decision import POLICY_NAMES
from workbench.stages.migration.tables import back_test_table, drivers_table, month_names, policies_table
from workbench.stages.migration.words import direction_sentence, reaction_sentence, sign_sentence
from workbench.tables import COUNT, MONTH, DataTable
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.impact.uncertainty.simulation import Simulation
    from workbench.stages.impact.evaluation import ImpactResult
    from workbench.stages.migration.evaluation import Ranges

say = texts(__name__)

_COLOURS: dict[str, str] = dict(zip(POLICY_NAMES, (*PALETTE.series, "#A0705F"), strict=True))
_SOLID = [1, 0]
_PATTERNS = (_SOLID, _SOLID, [6, 3], [2, 2], [8, 3, 2, 3], [4, 2], [10, 4], [1, 3])
_DASHES: dict[str, list[int]] = dict(zip(POLICY_NAMES, _PATTERNS, strict=True))
DECIDED, OTHER = "decided", "other"
_DECIDED_WIDTH, _OTHER_WIDTH = 4.5, 1.6
FAN_KEY = say("wide_band_nine_of_ten")
RECORD_KEY = say("grey_line_before_them_what")
_FAN_TODAY = "Middle under today's prices"
_FAN_COLUMNS = {"p5": "5% below", "p25": "25% below", "p50": "Middle", "p75": "75% below", "p95": "95% below"}
_WIDER = 1.005  # a range this much wider is said to be
_ENDS = {"at the low end": PALETTE.series[1], "at the high end": PALETTE.ours}


def migration_figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return revenue on the way and customers on old prices; none without customers to bring over."""
    if result.path is None:
        return ()
    return (_revenue(result), _on_old(result))


def range_figures(result: ImpactResult) -> tuple[Figure, ...]:
    """Return the fan of revenue, how such a forecast did a year ago, and what drives the difference to today.

    None without ranges; the second only where there is a back-test.
    """
    if result.ranges is None:
        return ()
    ranges, ahead = result.ranges, result.ranges.ahead
    currency = ranges.simulation.statistics[ranges.name].currency
    tested = (_back_test(ahead, currency),) if ahead is not None and ahead.back_test else ()
    drivers = (_tornado(ranges),) if ranges.drivers["swing"].any() else ()
    return (_fan(ranges), *tested, *drivers)


def _revenue(result: ImpactResult) -> Figure:
    path, chosen = result.path, result.decision.policy
    assert path is not None  # noqa: S101 - asked for above
    currency, names = path.bills.currency, tuple(result.paths)
    rows = [
        (month, name, revenue, DECIDED if name == chosen else OTHER)
        for name, each in result.paths.items()
        for month, revenue in zip(each.table["month"], each.table["revenue"], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["month", "policy", "revenue", "kind"])
    return Figure(
        key="paths",
        title=say("revenue_on_the_way_by"),
        description=say("lines_of_monthly_revenue_over"),
        reading=say(
            "the_thick_line_is_the",
            describe=path.policy.describe(),
            revenue=path.revenue,
            currency=currency,
            value=" with new customers" if _comers(path) else "",
            forgone=abs(path.forgone),
            value_2="less" if path.forgone >= 0 else "more",
        ),
        build=partial(_lines_chart, "revenue", "Revenue a month", currency, names, chosen),
        data={"lines": frame},
        table=policies_table(result.paths, chosen),
        table_caption=say(
            "policies_for_accounts_of_today", bills=len(path.bills), value=" and new ones" if _comers(path) else ""
        ),
        signature=("revenue", currency, names, chosen),
        footnotes=(_usage_of(path), *_comers(path), *(each.text for each in path.cautions)),
    )


def _usage_of(path: MigrationPath) -> str:
    if path.growth is None:
        return say("usage_stays_as_in_the")
    return say("usage_grows_and_customers_leave")


def _comers(path: MigrationPath) -> tuple[str, ...]:
    if not path.table["new_customers"].any():
        return ()
    total = money(float(path.table["new_customers"].sum()), path.bills.currency)
    text = say("new_customers_pay_the_new", total=total)
    return (text,)


def _on_old(result: ImpactResult) -> Figure:
    path, chosen = result.path, result.decision.policy
    assert path is not None  # noqa: S101 - asked for above
    rows = [
        (month, name, float(left), DECIDED if name == chosen else OTHER)
        for name, each in result.paths.items()
        for month, left in zip(each.table["month"], each.table["on_old"], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["month", "policy", "accounts", "kind"])
    wide = frame.pivot_table(index="month", columns="policy", values="accounts", sort=False)[list(result.paths)]
    columns = [("Month", MONTH, "month"), *((name, COUNT) for name in result.paths)]
    last = float(path.table["on_old"].iloc[-1])
    return Figure(
        key="on_old",
        title=say("customers_still_on_old_prices"),
        description=say("lines_of_how_many_of"),
        reading=say(
            "under_the_policy_of_accounts",
            chosen=chosen,
            last=last,
            bills=len(path.bills),
            iloc=path.table["month"].iloc[-1],
        ),
        build=partial(_lines_chart, "accounts", "Accounts on old prices", None, tuple(result.paths), chosen),
        data={"lines": frame},
        table=DataTable.of_frame(wide.reset_index(), columns),
        table_caption=say("accounts_still_on_old_prices"),
        signature=("accounts", tuple(result.paths), chosen),
    )


def _lines_chart(field: str, title: str, currency: str | None, names: tuple[str, ...], chosen: str) -> Any:  # noqa: ANN401 - altair names too many kinds
    axis = (
        alt.Axis(format=AXIS_FORMATS["whole"], tickCount=5)
        if currency is None
        else alt.Axis(labelExpr=money_expression(currency, ",.4~s"), tickCount=5)
    )
    widths = alt.Scale(domain=[DECIDED, OTHER], range=[_DECIDED_WIDTH, _OTHER_WIDTH])
    legend = alt.Legend(columns=2, symbolType="stroke", symbolSize=400)
    colours = alt.Scale(domain=list(names), range=[_COLOURS[name] for name in names])
    dashes = alt.Scale(domain=list(names), range=[_SOLID if name == chosen else _DASHES[name] for name in names])
    return (
        alt.Chart(alt.NamedData("lines"))
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format=AXIS_FORMATS["month"], tickCount=6)),
            y=alt.Y(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(zero=currency is None)),
            color=alt.Color("policy:N", title=None, sort=list(names), scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("policy:N", title=None, sort=list(names), scale=dashes, legend=legend),
            # The width of a line is its size: the look's own width would win over a stroke width.
            size=alt.Size("kind:N", sort=[DECIDED, OTHER], legend=None, scale=widths),
            tooltip=[
                alt.Tooltip("policy:N", title="Policy"),
                alt.Tooltip("month:T", title="Month", format=AXIS_FORMATS["month"]),
                alt.Tooltip(f"{field}:Q", title=title, format=AXIS_FORMATS["whole"]),
            ],
        )
    )


def _fan(ranges: Ranges) -> Figure:
    simulation, name = ranges.simulation, ranges.name
    fan, today = simulation.fan(name), simulation.fan(TODAY)
    currency = simulation.statistics[name].currency
    total = simulation.interval(name)
    ends = f"{short_money(total.low, currency)} to {short_money(total.high, currency)}"
    past = pd.DataFrame({"month": [], "revenue": []}) if ranges.ahead is None else ranges.ahead.past
    said = (
        say("the_months_together_bring_in", fan=len(fan), ends=ends),
        sign_sentence(ranges),
        direction_sentence(ranges),
        reaction_sentence(ranges),
    )
    named = fan.rename(columns=_FAN_COLUMNS).assign(**{_FAN_TODAY: today["p50"].to_numpy()})
    return Figure(
        key="fan",
        title="Revenue once customers react",
        description=say("bands_of_monthly_revenue_over", fan=len(fan)),
        reading=" ".join(filter(None, said)),
        build=partial(_fan_chart, currency, len(past) > 0),
        data={"fan": _from_record(past, fan), "today": _from_record(past, today)[["month", "p50"]], "past": past},
        table=month_names(named, (*_FAN_COLUMNS.values(), _FAN_TODAY), currency),
        table_caption=say("monthly_revenue_of_today_s", draws=simulation.draws),
        signature=(currency, len(past) > 0),
        footnotes=(
            f"{FAN_KEY} {RECORD_KEY}" if len(past) else FAN_KEY,
            _drawn(simulation, name),
            *(each.text for each in simulation.cautions),
        ),
    )


def _from_record(past: pd.DataFrame, fan: pd.DataFrame) -> pd.DataFrame:
    """Return what lies ahead with the last month on record before it, so that both are one picture."""
    if past.empty:
        return fan
    last = past.iloc[-1]
    first = {name: last["month"] if name == "month" else last["revenue"] for name in fan}
    return pd.concat([pd.DataFrame([first]), fan], ignore_index=True)


def _drawn(simulation: Simulation, name: str) -> str:
    """Say what is drawn: whom, how often, and over which months."""
    months = pd.DatetimeIndex(simulation.fan(name)["month"])
    return say("draws_to_accounts_of_today", draws=simulation.draws, months=months[0], months_2=months[-1])


def _fan_chart(currency: str, with_record: bool) -> Any:  # noqa: ANN401 - as above
    month = alt.X("month:T", title=None, axis=alt.Axis(format=AXIS_FORMATS["month"], tickCount=6))
    axis = alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=5)
    kinds = ["nine of ten draws", "half of the draws", "middle", "middle under today's prices"]
    colours = alt.Scale(domain=kinds, range=[PALETTE.ours, PALETTE.ours, PALETTE.ours, PALETTE.today])
    data = alt.NamedData("fan")
    layers = []
    for kind, low, high, opacity in ((kinds[0], "p5", "p95", 0.18), (kinds[1], "p25", "p75", 0.32)):
        band = alt.Chart(data).transform_calculate(kind=f'"{kind}"').mark_area(opacity=opacity)
        layers.append(
            band.encode(
                x=month,
                y=alt.Y(f"{low}:Q", title="Revenue a month", axis=axis, scale=alt.Scale(zero=False)),
                y2=f"{high}:Q",
                color=alt.Color("kind:N", title=None, scale=colours, legend=None),
            )
        )
    for kind, source, dash in ((kinds[2], "fan", [1, 0]), (kinds[3], "today", [6, 4])):
        line = alt.Chart(alt.NamedData(source)).transform_calculate(kind=f'"{kind}"').mark_line(strokeDash=dash)
        layers.append(line.encode(x=month, y=alt.Y("p50:Q"), color=alt.Color("kind:N", scale=colours, legend=None)))
    if with_record:
        record = alt.Chart(alt.NamedData("past")).mark_line(color=PALETTE.today)
        layers.append(record.encode(x=month, y=alt.Y("revenue:Q")))
    return alt.layer(*layers)


def _back_test(ahead: RevenueAhead, currency: str) -> Figure:
    frame = pd.DataFrame([asdict(each) for each in ahead.back_test])
    frame["month"] = pd.to_datetime(frame["month"])
    inside = int(((frame["low"] <= frame["was"]) & (frame["was"] <= frame["high"])).sum())
    last, first = frame.iloc[-1], frame.iloc[0]["month"] - pd.DateOffset(months=1)
    low, high, was = (money(float(last[name]), currency) for name in ("low", "high", "was"))
    widening = 1.0 if ahead.tested is None else ahead.tested.widening
    wider = say("the_ranges_ahead_are_wider", value=widening - 1) if widening > _WIDER else ""
    return Figure(
        key="backtest",
        title=say("what_the_same_forecast_said"),
        description=say("a_band_of_the_monthly"),
        reading=say(
            "from_what_was_known_in",
            first=first,
            last=last["month"],
            low=low,
            high=high,
            was=was,
            inside=inside,
            frame=len(frame),
            wider=wider,
        ),
        build=partial(_back_test_chart, currency),
        data={"backtest": frame},
        table=back_test_table(ahead, currency),
        table_caption=say("revenue_a_month_of_all"),
        signature=currency,
        footnotes=(say("band_nine_of_ten_draws"),),
    )


def _back_test_chart(currency: str) -> Any:  # noqa: ANN401 - as above
    data = alt.NamedData("backtest")
    month = alt.X("month:T", title=None, axis=alt.Axis(format=AXIS_FORMATS["month"], tickCount=6))
    axis = alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=5)
    place = alt.Y("low:Q", title="Revenue a month", axis=axis, scale=alt.Scale(zero=False))
    band = alt.Chart(data).mark_area(opacity=0.18, color=PALETTE.ours).encode(x=month, y=place, y2="high:Q")
    middle = alt.Chart(data).mark_line(strokeDash=[6, 4], color=PALETTE.ours).encode(x=month, y=alt.Y("revenue:Q"))
    came = alt.Chart(data).mark_line(color=PALETTE.today, point={"color": PALETTE.today})
    came = came.encode(x=month, y=alt.Y("was:Q"))
    return alt.layer(band, middle, came)


def _tornado(ranges: Ranges) -> Figure:
    table, simulation = ranges.drivers, ranges.simulation
    moving = table[table["swing"].abs() > LAST_DIGITS * table["base"].abs()]
    currency = simulation.statistics[ranges.name].currency
    mean, months = float(table["base"].iloc[0]), len(simulation.statistics[ranges.name].months)
    rows = [
        (str(each["assumption"]), mean, float(each[column]), end)
        for each in moving.to_dict("records")
        for column, end in zip(("at_low", "at_high"), _ENDS, strict=True)
    ]
    names = tuple(moving["assumption"].astype(str))
    return Figure(
        key="tornado",
        title="What drives the result",
        description=say("one_row_per_guess_the"),
        reading=say(
            "on_average_the_new_prices",
            more_or_less=_more_or_less(mean, currency),
            months=months,
            lower=names[0][0].lower(),
            names=names[0][1:],
        ),
        build=partial(_tornado_chart, names, currency, months),
        data={"tornado": pd.DataFrame(rows, columns=["assumption", "mean", "value", "end"])},
        table=drivers_table(table, currency),
        table_caption=say("revenue_in_more_than_under", months=months),
        signature=(names, currency, months),
        height=50 + 34 * len(names),
    )


def _more_or_less(gain: float, currency: str) -> str:
    return f"{short_money(abs(gain), currency)} {'less' if gain < 0 else 'more'}"


# Breaks a long name at the space next to its middle, so that bars keep their room on a narrow screen.
_IN_TWO_LINES = (
    "length(datum.value) < 26 ? datum.value : "
    "[slice(datum.value, 0, indexof(datum.value, ' ', floor(length(datum.value) / 2))), "
    "slice(datum.value, indexof(datum.value, ' ', floor(length(datum.value) / 2)) + 1)]"
)


def _tornado_chart(names: tuple[str, ...], currency: str, months: int) -> Any:  # noqa: ANN401 - as above
    return (
        alt.Chart(alt.NamedData("tornado"))
        .mark_bar(height=16, cornerRadius=1)
        .encode(
            y=alt.Y(
                "assumption:N", title=None, sort=list(names), axis=alt.Axis(labelExpr=_IN_TWO_LINES, labelLimit=200)
            ),
            x=alt.X(
                "mean:Q",
                title=f"Gain in {count('month', months)}",
                axis=alt.Axis(labelExpr=money_expression(currency, ",.3~s"), tickCount=4),
                scale=alt.Scale(zero=False),
            ),
            x2="value:Q",
            color=alt.Color("end:N", title=None, scale=alt.Scale(domain=list(_ENDS), range=list(_ENDS.values()))),
        )
    )
