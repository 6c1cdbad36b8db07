"""Charts of what comes after the switch: revenue on the way, who is still on old prices, ranges, what drives them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count, money, short_money
from workbench.impact.uncertainty.simulation import TODAY
from workbench.results import LAST_DIGITS
from workbench.stages import marks
from workbench.stages.contract import MadeOnDemand
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.migration.decision import POLICY_NAMES
from workbench.stages.migration.tables import (
    back_test_table,
    direction_sentence,
    drivers_table,
    month_names,
    policies_table,
    reaction_sentence,
    sign_sentence,
)
from workbench.tables import by_month_table
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.uncertainty.simulation import Simulation
    from workbench.stages.migration.evaluation import MigrationResult, Ranges

say = texts(__name__)

_COLOURS: dict[str, str] = dict(zip(POLICY_NAMES, (*PALETTE.series, "#A0705F"), strict=True))
_DASHES: dict[str, tuple[int, ...]] = dict(zip(POLICY_NAMES, (marks.SOLID, *marks.DASHES), strict=True))
DECIDED, OTHER = "decided", "other"
_DECIDED_WIDTH, _OTHER_WIDTH = 4.5, 1.6
FAN_KEY = say("wide_band_nine_of_ten")
RECORD_KEY = say("grey_line_before_them_what")
_FAN_TODAY = "Middle under today's prices"
_FAN_COLUMNS = {"p5": "5% below", "p25": "25% below", "p50": "Middle", "p75": "75% below", "p95": "95% below"}
_WIDER = 1.005  # a range this much wider is said to be
_BANDS = (("p5", "p95", 0.18), ("p25", "p75", 0.32))  # nine of ten draws, half of the draws, and how dark
_ENDS = {"at the low end": PALETTE.series[1], "at the high end": PALETTE.ours}


def figures(result: MigrationResult) -> MadeOnDemand[Figure | None]:
    """Return the figures of the way and of what comes, each made when somebody looks at it.

    Revenue on the way and customers on old prices, the fan of revenue, how such a forecast did a year ago (where there
    is a back-test), and what drives the difference to today.
    """
    return MadeOnDemand(
        {
            "paths": lambda: None if result.path is None else _revenue(result),
            "on_old": lambda: None if result.path is None else _on_old(result),
            "fan": lambda: None if result.ranges is None else _fan(result.ranges),
            "backtest": lambda: _back_test(result.ranges),
            "tornado": lambda: _tornado(result.ranges),
        }
    )


def _revenue(result: MigrationResult) -> Figure:
    path, chosen = result.path, result.decision.policy
    assert path is not None  # noqa: S101 - asked for above
    currency, names = path.bills.currency, tuple(result.paths)
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
        build=_lines_chart(
            marks.by_money("revenue", "Revenue a month", currency, ",.4~s", scale=marks.FREE), names, chosen
        ),
        data={"lines": _by_policy(result, "revenue", "revenue")},
        table=policies_table(result.paths, chosen),
        table_caption=say(
            "policies_for_accounts_of_today", bills=len(path.bills), value=" and new ones" if _comers(path) else ""
        ),
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


def _on_old(result: MigrationResult) -> Figure:
    path, chosen = result.path, result.decision.policy
    assert path is not None  # noqa: S101 - asked for above
    frame = _by_policy(result, "on_old", "accounts")
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
        build=_lines_chart(marks.by_count("accounts", "Accounts on old prices"), tuple(result.paths), chosen),
        data={"lines": frame},
        table=by_month_table(frame, "policy", "accounts", tuple(result.paths)),
        table_caption=say("accounts_still_on_old_prices"),
    )


def _by_policy(result: MigrationResult, column: str, name: str) -> pd.DataFrame:
    """Return a row per policy and month with the amount in a column of their paths."""
    found = [each.table[["month", column]].assign(policy=policy) for policy, each in result.paths.items()]
    frame = pd.concat(found, ignore_index=True).rename(columns={column: name}).astype({name: float})
    return frame.assign(kind=np.where(frame["policy"] == result.decision.policy, DECIDED, OTHER))


def _lines_chart(amount: marks.Axis, names: tuple[str, ...], chosen: str) -> marks.Picture:
    dashes = tuple(marks.SOLID if name == chosen else _DASHES[name] for name in names)
    # The width of a line is its size: the look's own width would win over a stroke width.
    widths = {"domain": [DECIDED, OTHER], "range": [_DECIDED_WIDTH, _OTHER_WIDTH]}
    return marks.picture(
        marks.line_marks(interpolate="step-after"),
        x=marks.by_month(),
        y=amount,
        by=marks.line_roles("policy", {name: _COLOURS[name] for name in names}, dashes),
        tips=marks.tips(**{"policy": "Policy", "month": ("Month", "month"), amount.field: (amount.title, "whole")}),
        size={"field": "kind", "type": "nominal", "sort": [DECIDED, OTHER], "legend": None, "scale": widths},
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
        build=_fan_chart(currency, with_record=len(past) > 0),
        data={"fan": _from_record(past, fan), "today": _from_record(past, today)[["month", "p50"]], "past": past},
        table=month_names(named, (*_FAN_COLUMNS.values(), _FAN_TODAY), currency),
        table_caption=say("monthly_revenue_of_today_s", draws=simulation.draws),
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


def _fan_chart(currency: str, *, with_record: bool) -> marks.Picture:
    record = (marks.line_marks("revenue", data="past", color=PALETTE.today),) if with_record else ()
    return marks.picture(
        *(marks.areas(low, high, opacity=opacity, color=PALETTE.ours) for low, high, opacity in _BANDS),
        marks.line_marks(color=PALETTE.ours),
        marks.line_marks(data="today", color=PALETTE.today, strokeDash=(6, 4)),
        *record,
        x=marks.by_month(),
        y=_revenue_axis("p50", currency),
    )


def _revenue_axis(field: str, currency: str) -> marks.Axis:
    return marks.by_money(field, "Revenue a month", currency, marks.BIG_MONEY, scale=marks.FREE)


def _back_test(ranges: Ranges | None) -> Figure | None:
    ahead = None if ranges is None else ranges.ahead
    if ranges is None or ahead is None or not ahead.back_test:
        return None
    currency = ranges.simulation.statistics[ranges.name].currency
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
        build=marks.picture(
            marks.areas("low", "high", color=PALETTE.ours),
            marks.line_marks(color=PALETTE.ours, strokeDash=(6, 4)),
            marks.line_marks("was", color=PALETTE.today, point={"color": PALETTE.today}),
            x=marks.by_month(),
            y=_revenue_axis("revenue", currency),
        ),
        data={"backtest": frame},
        table=back_test_table(ahead, currency),
        table_caption=say("revenue_a_month_of_all"),
        footnotes=(say("band_nine_of_ten_draws"),),
    )


def _tornado(ranges: Ranges | None) -> Figure | None:
    if ranges is None or not ranges.drivers["swing"].any():
        return None
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
        build=marks.picture(
            marks.bars(to="value", height=16, cornerRadius=1),
            y=marks.by_name("assumption", names, wrap=26),
            x=marks.by_money(
                "mean", f"Gain in {count('month', months)}", currency, marks.BIG_MONEY, ticks=4, scale=marks.FREE
            ),
            by=marks.roles("end", _ENDS),
        ),
        data={"tornado": pd.DataFrame(rows, columns=["assumption", "mean", "value", "end"])},
        table=drivers_table(table, currency),
        table_caption=say("revenue_in_more_than_under", months=months),
        height=50 + 34 * len(names),
    )


def _more_or_less(gain: float, currency: str) -> str:
    return f"{short_money(abs(gain), currency)} {'less' if gain < 0 else 'more'}"
