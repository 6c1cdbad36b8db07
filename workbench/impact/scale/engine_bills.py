"""Bills of monthly usage under a price book, worked out by the engine the usage is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from workbench.impact.coverage import BILLED, ON_REQUEST, PLAN_NOT_OFFERED, PLAN_UNKNOWN, QUANTITY_UNKNOWN, REASONS
from workbench.impact.errors import ReplayError
from workbench.impact.scale.event_columns import lazy_frame

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from narwhals.typing import IntoFrame

    from workbench.pricing import Plan, PriceBook

USAGE_COLUMNS = ("account_id", "month", "metric", "quantity")


def replay_frame(
    usage: IntoFrame, price_book: PriceBook, assignment: IntoFrame, *, complete: Collection[str] = ()
) -> Any:  # noqa: ANN401 - a frame of the engine
    """Return the bill of every account-month as a frame of the same engine; nothing is worked out before it is read.

    Parameters
    ----------
    usage
        account_id, month, metric, quantity, as `events_to_months` makes it; several rows of one metric add up.
    price_book
        Its plans are billed for whole months, by the exact rules of `Charge.expression`; add-ons are not.
    assignment
        account_id and plan, of the same engine. With a column month it names the account-months to bill; without one,
        those with any usage are billed, each account in one plan throughout.
    complete
        Metrics whose usage is complete, so that no row means none was used; of others, no row means unknown.

    Returns
    -------
    account_id, month, plan, amount (currency per month, null where there is no bill), reason (one of
    `coverage.REASONS`; a quantity that is unknown and an account-month without any usage are not told apart).

    """
    if not price_book.plans:
        raise ReplayError(f"The price book {price_book.name} has no plans, so nothing can be billed.", "Add a plan.")
    metrics = sorted({charge.metric for plan in price_book.plans if plan.priced for charge in plan.charges})
    columns = {metric: f"quantity_{place}" for place, metric in enumerate(metrics)}
    wide = _wide(_checked(lazy_frame(usage, "Usage"), "Usage", USAGE_COLUMNS), columns)
    plans = _checked(lazy_frame(assignment, "The assignment"), "The assignment", ("account_id", "plan"))
    if "month" in plans.collect_schema().names():
        plans = plans.select("account_id", _month(), "plan")
        rows = plans.join(wide, on=["account_id", "month"], how="left")
    else:
        rows = wide.join(plans.select("account_id", "plan"), on="account_id", how="left")
    filled = [nw.col(columns[metric]).fill_null(0.0) for metric in metrics if metric in set(complete)]
    billed = rows.with_columns(*filled) if filled else rows
    billed = billed.with_columns(_amounts(price_book.plans, columns).alias("amount"))
    kept = ("account_id", "month", "plan", "amount")
    return billed.select(*kept, _reasons(price_book.plans).alias("reason")).to_native()


def _checked(frame: nw.LazyFrame, what: str, needed: Sequence[str]) -> nw.LazyFrame:
    names = frame.collect_schema().names()
    missing = [name for name in needed if name not in names]
    if missing:
        raise ReplayError(f"{what} has no column {', '.join(missing)}.", f"It needs {', '.join(needed)}.")
    return frame


def _month() -> nw.Expr:
    return nw.col("month").cast(nw.Datetime("us"))


def _wide(usage: nw.LazyFrame, columns: dict[str, str]) -> nw.LazyFrame:
    """Return one row per account-month with one column per metric, null where the metric has no row."""
    keys = ("account_id", "month")
    wide = usage.select("account_id", _month(), "metric", nw.col("quantity").cast(nw.Float64))
    picked = wide.select(
        *keys,
        *(nw.when(nw.col("metric") == metric).then(nw.col("quantity")).alias(name) for metric, name in columns.items()),
    )
    if not columns:
        return picked.unique()
    # Several rows of one metric in one month add up; a sum of nothing is 0 on some engines, so unknown is told apart.
    known = {name: f"{name}_known" for name in columns.values()}
    sums = [nw.col(name).sum() for name in known]
    counts = [nw.col(name).count().alias(number) for name, number in known.items()]
    added = picked.group_by(*keys).agg(*sums, *counts)
    kept = [nw.when(nw.col(number) > 0).then(nw.col(name)).alias(name) for name, number in known.items()]
    return added.select(*keys, *kept)


def _amounts(plans: Sequence[Plan], columns: dict[str, str]) -> nw.Expr:
    """Return the bill of each row's plan; null in a plan that is unknown, not offered or on request."""
    amount = nw.lit(None, nw.Float64)
    for plan in plans:
        if plan.priced:
            bill = nw.lit(float(plan.base_fee or 0))
            for charge in plan.charges:
                bill = bill + charge.expression(columns[charge.metric])
            amount = nw.when(nw.col("plan") == plan.name).then(bill).otherwise(amount)
    return amount


def _reasons(plans: Sequence[Plan]) -> nw.Expr:
    """Say why a row has no bill, in the words of a replay in memory."""
    names = [plan.name for plan in plans]
    on_request = [plan.name for plan in plans if not plan.priced]
    reason = (
        nw.when(nw.col("amount").is_null()).then(nw.lit(REASONS[QUANTITY_UNKNOWN])).otherwise(nw.lit(REASONS[BILLED]))
    )
    if on_request:
        reason = nw.when(nw.col("plan").is_in(on_request)).then(nw.lit(REASONS[ON_REQUEST])).otherwise(reason)
    reason = nw.when(~nw.col("plan").is_in(names)).then(nw.lit(REASONS[PLAN_NOT_OFFERED])).otherwise(reason)
    return nw.when(nw.col("plan").is_null()).then(nw.lit(REASONS[PLAN_UNKNOWN])).otherwise(reason)
