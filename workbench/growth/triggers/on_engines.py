"""When triggers fire, worked out where the tables are: in memory, in DuckDB or on Spark, by the same expressions.

`fire` does the same in arrays, with entries and cool-down; a product that acts on its own tables needs the steps only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from workbench.growth.triggers.rules import TriggerError
from workbench.impact.events.event_log import fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.growth.triggers.rules import Trigger, TriggerCondition

    _GridOf = Callable[[pd.DatetimeIndex, str], nw.LazyFrame]

_LINE_MONTHS = 6
_WHO, _MONTH = "account_id", "month"


def fired_steps(
    tables: Mapping[str, Any],
    trigger: Trigger,
    day: str | pd.Timestamp,
    *,
    as_table: Callable[[pd.DataFrame], Any] | None = None,
) -> pd.DataFrame:
    """Return the steps in which a trigger fires, from tables of any engine that narwhals speaks with.

    Parameters
    ----------
    tables
        accounts, and of usage, mrr, plan_limits, plan_features, feature_use, requests and outcomes those its signals
        look at, as the customer base has them: frames of pandas, relations of DuckDB or frames of Spark, cut to the
        day.
    trigger
        The trigger.
    day
        The day one stands on: a week counts once it is over.
    as_table
        What makes a frame of the engine out of one of pandas, such as ``engine.table`` of `open_engine`; nothing for
        pandas.

    Returns
    -------
    pd.DataFrame
        account_id and step, the last day of the month or week, or the day.

    Raises
    ------
    TriggerError
        For a trigger on the pace within a month.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth.triggers import PLAYBOOK, fired_steps
    >>> months = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    >>> tables = {
    ...     "accounts": pd.DataFrame({"account_id": ["A"]}),
    ...     "usage": pd.DataFrame({"account_id": "A", "month": months, "metric": "seats", "quantity": [7.9, 8.0, 7.0]}),
    ...     "mrr": pd.DataFrame({"account_id": "A", "month": months, "plan": "Team"}),
    ...     "plan_limits": pd.DataFrame({"plan": ["Team"], "metric": ["seats"], "limit": [10.0]}),
    ... }
    >>> fired_steps(tables, PLAYBOOK.triggers["near_limit"], "2024-03-31")["step"].astype(str).tolist()
    ['2024-02-29', '2024-03-31']
    """
    frames = {name: nw.from_native(each).lazy() for name, each in tables.items()}

    def grid_of(steps: pd.DatetimeIndex, name: str) -> nw.LazyFrame:
        """Return every account in every step, also where nobody has a row."""
        made = pd.DataFrame({name: steps.astype("datetime64[us]")})
        table = nw.from_native(made if as_table is None else as_table(made)).lazy()
        return frames["accounts"].select(_WHO).unique().join(table, how="cross")

    if trigger.every == "day":
        found = _days(frames, trigger)
    else:
        monthly = trigger.every == "month"
        signals = _months(frames, trigger, grid_of) if monthly else _weeks(frames, trigger, grid_of, pd.Timestamp(day))
        found = _firing(signals, trigger)
    table = fetched(found)
    step = pd.to_datetime(table["step"]).dt.tz_localize(None).dt.normalize().astype("datetime64[s]")  # Spark has a zone
    if trigger.every != "day":
        step = step + (pd.offsets.MonthEnd(0) if trigger.every == "month" else pd.Timedelta(days=6))
    return table.assign(step=step).sort_values([_WHO, "step"], ignore_index=True)


# --- Signals: a row for each account and step, a column for each condition; null where unknown


def _months(frames: Mapping[str, nw.LazyFrame], trigger: Trigger, grid_of: _GridOf) -> nw.LazyFrame:
    spans = [_span(frames[name], _MONTH) for name in ("usage", "mrr") if name in frames]
    grid = grid_of(pd.date_range(min(first for first, _ in spans), max(last for _, last in spans), freq="MS"), _MONTH)
    for at, condition in enumerate(trigger.when):
        known = _month_values(frames, grid, condition)
        most = nw.col("value").min() if condition.at_most is not None else nw.col("value").max()
        values = known.filter(~nw.col("value").is_null()).group_by(_WHO, _MONTH).agg(most.alias(f"v{at}"))
        grid = grid.join(values, on=[_WHO, _MONTH], how="left")
    return grid.rename(mapping={_MONTH: "step"})


def _month_values(frames: Mapping[str, nw.LazyFrame], grid: nw.LazyFrame, condition: TriggerCondition) -> nw.LazyFrame:
    """Return account_id, month and value of each metric a condition looks at."""
    usage = frames["usage"].select(_WHO, _MONTH, "metric", "quantity")
    if condition.of:
        usage = usage.filter(nw.col("metric") == condition.of)
    quantity = nw.col("quantity")
    if condition.signal == "usage":
        return usage.select(_WHO, _MONTH, quantity.alias("value"))
    if condition.signal == "share_of_limit":
        limited = usage.join(_limits(frames), on=[_WHO, _MONTH, "metric"], how="inner")
        return limited.select(_WHO, _MONTH, (quantity / nw.col("limit")).alias("value"))
    # What looks back needs every month of each metric, also those without a row.
    metrics = usage.select("metric").unique()
    each = grid.select(_WHO, _MONTH).join(metrics, how="cross").join(usage, on=[_WHO, _MONTH, "metric"], how="left")
    months = condition.over if condition.signal == "usage_growth" else _LINE_MONTHS - 1
    back = [quantity.shift(by).over(_WHO, "metric", order_by=_MONTH).alias(f"q{by}") for by in range(1, months + 1)]
    each = each.with_columns(*back)
    if condition.signal == "usage_growth":
        mean = _sum([nw.col(f"q{by}") for by in range(1, months + 1)]) / months
        each = each.with_columns(mean=mean)
        growth = nw.when(nw.col("mean") > 0).then(quantity / nw.col("mean"))
        return each.select(_WHO, _MONTH, growth.alias("value"))
    series = [quantity, *(nw.col(f"q{by}") for by in range(1, _LINE_MONTHS))]
    middle = (_LINE_MONTHS - 1) / 2
    times = [middle - by for by in range(_LINE_MONTHS)]
    slope = _sum([value * time for value, time in zip(series, times, strict=True)]) / sum(time**2 for time in times)
    each = each.with_columns(slope=slope, mean=_sum(series) / _LINE_MONTHS)
    each = each.join(_limits(frames), on=[_WHO, _MONTH, "metric"], how="inner")
    each = each.with_columns(left=nw.col("limit") - nw.col("mean") - nw.col("slope") * middle)
    ahead = nw.when(nw.col("slope") > 0).then(nw.col("left") / nw.col("slope")).otherwise(nw.lit(float("inf")))
    known = nw.when(nw.col("left") <= 0).then(nw.lit(0.0)).otherwise(ahead)
    return each.filter(~nw.col("left").is_null()).select(_WHO, _MONTH, known.alias("value"))


def _sum(columns: list[nw.Expr]) -> nw.Expr:
    total = columns[0]
    for each in columns[1:]:
        total = total + each  # null where one of them is
    return total


def _limits(frames: Mapping[str, nw.LazyFrame]) -> nw.LazyFrame:
    """Return the limit of each account, month and metric that has one, by the plan of that month."""
    plans = frames["mrr"].select(_WHO, _MONTH, "plan").filter(~nw.col("plan").is_null())
    limits = frames["plan_limits"].select("plan", "metric", "limit")
    limits = limits.filter((nw.col("limit") > 0) & (nw.col("limit") < float("inf")))
    return plans.join(limits, on="plan", how="inner").select(_WHO, _MONTH, "metric", "limit")


def _weeks(frames: Mapping[str, nw.LazyFrame], trigger: Trigger, grid_of: _GridOf, day: pd.Timestamp) -> nw.LazyFrame:
    use = frames["feature_use"]
    monday = day.normalize() - pd.Timedelta(days=6)  # the running week does not count
    grid = grid_of(pd.date_range(_span(use, "week")[0], monday, freq="7D"), "week")
    for at, condition in enumerate(trigger.when):
        own = use.filter(nw.col("feature") == condition.of) if condition.of else use
        summed = own.group_by(_WHO, "week", "feature").agg(nw.col("uses").sum())
        most = summed.group_by(_WHO, "week").agg(nw.col("uses").max().alias(f"v{at}"))
        grid = grid.join(most, on=[_WHO, "week"], how="left").with_columns(nw.col(f"v{at}").fill_null(0))
    return grid.rename(mapping={"week": "step"})


def _span(frame: nw.LazyFrame, name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    ends = fetched(frame.select(nw.col(name).min().alias("first"), nw.col(name).max().alias("last"))).iloc[0]
    return pd.Timestamp(ends["first"]).tz_localize(None), pd.Timestamp(ends["last"]).tz_localize(None)


# --- The life of a trigger: from where it is met to where it fires


def _firing(signals: nw.LazyFrame, trigger: Trigger) -> nw.LazyFrame:
    """Return account_id and step where it fires; see `states` for what pending, holding and keeping mean."""
    in_order: dict[str, Any] = {"order_by": "step"}
    met = nw.lit(1)
    for at, condition in enumerate(trigger.when):
        name, on = f"m{at}", _is_met(condition, nw.col(f"v{at}"))
        if condition.off_below is None:
            signals = signals.with_columns(nw.when(on).then(1).otherwise(0).alias(name))
        else:
            holds = (nw.col(f"v{at}") >= condition.off_below).fill_null(value=False)
            ended = nw.when(~holds).then(0)  # between both levels it stays what it was
            signals = signals.with_columns(nw.when(on).then(1).otherwise(ended).alias(name))
            said = nw.col(name).fill_null(strategy="forward").over(_WHO, **in_order)
            signals = signals.with_columns(said.fill_null(0).alias(name))
        met = met * nw.col(name)
    found = signals.with_columns(met=met, one=nw.when(~nw.col(_WHO).is_null()).then(1).otherwise(1))
    wide = trigger.hold + 1
    found = found.with_columns(
        n=nw.col("one").cum_sum().over(_WHO, **in_order),
        running=nw.col("met").rolling_sum(wide, min_samples=wide).over(_WHO, **in_order),
    )
    found = found.with_columns(last=nw.when(nw.col("met") == 1).then(nw.col("n")))
    found = found.with_columns(earlier=nw.col("last").shift(1).over(_WHO, **in_order))
    found = found.with_columns(earlier=nw.col("earlier").fill_null(strategy="forward").over(_WHO, **in_order))
    apart = (nw.col("n") - nw.col("earlier") > trigger.keep + 1).fill_null(value=True)
    found = found.with_columns(begins=nw.when((nw.col("met") == 1) & apart).then(1).otherwise(0))
    found = found.with_columns(run=nw.col("begins").cum_sum().over(_WHO, **in_order))
    held = found.filter((nw.col("running") == wide) | (nw.col("met") == 1)).with_columns(
        fires=nw.when(nw.col("running") == wide).then(nw.col("n"))
    )
    spans = held.group_by(_WHO, "run").agg(nw.col("fires").min(), nw.col("last").max().alias("ends"))
    joined = found.select(_WHO, "step", "n", "run").join(spans, on=[_WHO, "run"], how="inner")
    fires = (nw.col("n") >= nw.col("fires")) & (nw.col("n") <= nw.col("ends") + trigger.keep)
    return joined.filter(fires.fill_null(value=False)).select(_WHO, "step")


def _is_met(condition: TriggerCondition, value: nw.Expr) -> nw.Expr:
    """Tell where a condition is met; false where its signal is unknown."""
    if condition.at_least is not None:
        met = value >= condition.at_least
    elif condition.above is not None:
        met = value > condition.above
    else:
        met = value <= condition.at_most
    return met.fill_null(value=False)


# --- What happens on days


def _days(frames: Mapping[str, nw.LazyFrame], trigger: Trigger) -> nw.LazyFrame:
    """Return account_id and step on which all conditions are met."""
    kept: nw.LazyFrame | None = None
    for condition in trigger.when:
        if condition.signal == "days_to_limit":
            raise TriggerError(
                f"{trigger.name} looks at days to a limit, which takes a forecast.", "Have it fired by the workbench."
            )
        asked = condition.signal == "higher_tier_request"
        values = _requested(frames) if asked else _recorded(frames["outcomes"], condition)
        days = values.filter(_is_met(condition, nw.col("value"))).select(_WHO, "step").unique()
        kept = days if kept is None else kept.join(days, on=[_WHO, "step"], how="inner")
    assert kept is not None  # noqa: S101 - a trigger has a condition
    return kept


def _recorded(outcomes: nw.LazyFrame, condition: TriggerCondition) -> nw.LazyFrame:
    """Return account_id, step and value of recorded outcomes, over the first of its kind for growth."""
    found = outcomes.select(_WHO, "kind", "value", step=nw.col("date"))
    if condition.of:
        found = found.filter(nw.col("kind") == condition.of)
    if condition.signal == "outcome":
        return found
    began = found.group_by(_WHO, "kind").agg(nw.col("step").min())
    first = began.join(found, on=[_WHO, "kind", "step"], how="inner").rename(mapping={"value": "first"})
    found = found.join(first.select(_WHO, "kind", "first"), on=[_WHO, "kind"], how="inner")
    return found.filter(nw.col("first") > 0).with_columns(value=nw.col("value") / nw.col("first"))


def _requested(frames: Mapping[str, nw.LazyFrame]) -> nw.LazyFrame:
    """Return requests for a feature that the plan known on that day lacks and another has."""
    date = nw.col("date")  # on its last day a month is known
    ends = date.dt.offset_by("1d").dt.day() == 1
    began = date.dt.truncate("1mo")
    asked = frames["requests"].select(_WHO, "feature", "date")
    asked = asked.with_columns(month=nw.when(ends).then(began).otherwise(began.dt.offset_by("-1mo")))
    plans = frames["mrr"].select(_WHO, _MONTH, "plan").filter(~nw.col("plan").is_null())
    known = asked.join(plans, on=[_WHO, _MONTH], how="inner")
    contents = frames["plan_features"].select("plan", "feature")
    known = known.join(contents.select("plan").unique(), on="plan", how="semi")
    known = known.join(contents.select("feature").unique(), on="feature", how="semi")
    known = known.join(contents, on=["plan", "feature"], how="anti")
    return known.select(_WHO, step=date, value=nw.lit(1.0))
