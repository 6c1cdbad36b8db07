"""Tables and charts of an impact, each with its units: bridge, bills, accounts, guardrails."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.formatting import billed, count, exact_money, exact_percent, money, percent, thousands, with_sign
from workbench.impact.bill_replay import offer_lines, offers_of
from workbench.impact.guardrails import VERDICT_WORDS
from workbench.pricing.values import plain
from workbench.stages import marks
from workbench.stages.comparison.bills import MEANINGS, NET, NEW_LIST, PAID, TODAYS_LIST
from workbench.stages.contract import MadeOnDemand, later
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.impact.evaluation import TRIED
from workbench.tables import COUNT, MONTH, NUMBER, TEXT, DataTable, Kind, Money, Own, Percent, Words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.impact.bill_replay import Replay
    from workbench.impact.comparison import Comparison
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.price_realisation import Reconciliation
    from workbench.pricing.charge import Line
    from workbench.stages.comparison.bills import Bridge
    from workbench.stages.impact.evaluation import Floats, ImpactResult

say = texts(__name__)

# --- Tables of accounts: bills that change most, one account month by month and line by line


def signed(amount: float, currency: str) -> str:
    """Write an amount with its sign."""
    return with_sign(money(abs(amount), currency), amount)


def distribution_table(found: pd.DataFrame) -> DataTable:
    """Return the distribution of bill changes for reading."""
    total = max(1, int(found["accounts"].sum()))
    columns = (("Bill change", TEXT, "band"), ("Accounts", COUNT, "accounts"), ("Share", Percent(1), "share"))
    return DataTable.of_frame(found.assign(share=found["accounts"] / total), columns)


def accounts_table(comparison: Comparison, most: int) -> DataTable:
    """Return old and new bill a month per account, the largest change first."""
    largest = largest_first(comparison.accounts["change"].to_numpy(dtype=float), most)
    return _bills(comparison.accounts.iloc[largest], comparison.currency)


def largest_first(changes: Floats, most: int) -> NDArray[np.intp]:
    """Return the places of the largest changes up or down, the largest first, of equals the first."""
    size = np.abs(changes)
    few = np.flatnonzero(size >= np.partition(size, -most)[-most]) if len(size) > most else np.arange(len(size))
    return few[np.argsort(-size[few], kind="stable")][:most]


def movers_table(movers: pd.DataFrame, currency: str) -> DataTable:
    """Return the accounts that move most, with the reason in words."""
    return _bills(movers, currency, ("Reason", TEXT, "reason")) if len(movers) else DataTable.plain(pd.DataFrame())


def _bills(accounts: pd.DataFrame, currency: str, *more: tuple[str, Kind, str]) -> DataTable:
    bill = Money(currency, "bill")
    moves = [_move(*pair) for pair in zip(accounts["plan_before"], accounts["plan_after"], strict=True)]
    columns = (
        ("Account", TEXT, "account_id"),
        ("Segment", TEXT, "segment"),
        ("Plan", TEXT, "plan"),
        ("Bill a month today", bill, "before"),
        ("New bill a month", bill, "after"),
        ("Change", Words("{} ({})", (_signed_bill(currency), Percent(1, signed=True))), ("change", "percent")),
        *more,
    )
    return DataTable.of_frame(accounts.assign(plan=moves), columns)


def _signed_bill(currency: str) -> Money:
    return Money(currency, "bill", signed=True)


def _move(before: str, after: str) -> str:
    return before if before == after else f"{before} to {after}"


def months_table(comparison: Comparison, account_id: str) -> DataTable:
    """Return one account month by month: plan and bill today and under the new prices."""
    sides = [replay for replay in (comparison.before, comparison.after) if replay is not None]
    rows, currency = sides[0].rows, comparison.currency
    here = np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0]))
    columns: list[tuple[str, Kind]] = [("Month", MONTH)]
    values: list[Iterable[object]] = [rows.months[rows.month[here]]]
    for plan, bill, replay in zip(("Plan today", "New plan"), ("Bill today", "New bill"), sides, strict=False):
        columns += [(plan, TEXT), (bill, Money(currency, "bill"))]
        values += [[_plan(replay, int(row)) for row in here], replay.amounts[here]]
    if len(sides) > 1:
        columns.append(("Change", _signed_bill(currency)))
        values.append(sides[1].amounts[here] - sides[0].amounts[here])
    return DataTable.of_rows(columns, zip(*values, strict=True))


def items_table(comparison: Comparison, account_id: str) -> DataTable:
    """Return every line of an account's bills, month by month, under both price lists."""
    found: list[tuple[Any, ...]] = []
    for words, replay in (("today", comparison.before), ("new", comparison.after)):
        if replay is None:
            continue
        rows, currency = replay.rows, comparison.currency
        for row in np.flatnonzero(rows.account == int(np.flatnonzero(rows.account_ids == account_id)[0])):
            if not replay.known[row]:
                continue  # the table of months says that there is no bill
            month = rows.months[rows.month[row]]
            found += [
                (month, words, offer.name, _line_words(line, currency), line.amount)
                for offer in offers_of(replay, int(row))
                for line in offer_lines(replay, offer, int(row))
            ]
    found.sort(key=lambda line: (line[0], line[1] == "new"))
    columns = (("Month", MONTH), *((name, TEXT) for name in ("Prices", "Offer", "Line")))
    return DataTable.of_rows((*columns, ("Amount", Money(comparison.currency, "priced"))), found)


def _line_words(line: Line, currency: str) -> str:
    """Write what a line is for, its price with the currency."""
    text = line.text.replace("_", " ")
    if line.kind == "units" and line.unit_price is not None:
        written = plain(line.unit_price)
        price = exact_money(line.unit_price, currency)
        text = text.replace(f" x {written}", f" \N{MULTIPLICATION SIGN} {price}", 1)
    return text.replace(" x ", " \N{MULTIPLICATION SIGN} ")


def _plan(replay: Replay, row: int) -> str:
    place = int(replay.plan_index[row])
    return replay.book.plan_names[place] if place >= 0 else "none"


# --- The tables of an impact in units people read


SIGNS = {"pass": "\u2713", "fail": "\u2715", "unknown": "?"}


def bridge_table(bridge: Bridge, *, paid: bool = True) -> DataTable:
    """Return the bridge from old to new revenue a month, with what each cause means and what is in none of them."""
    found, months, amount = bridge.table(), bridge.months, Money(bridge.currency)
    meanings, change = {**MEANINGS, TRIED: say("the_price_moved_above_with")}, Money(bridge.currency, signed=True)
    before, after = (PAID, NET) if paid else (TODAYS_LIST, NEW_LIST)
    rows = [
        (before, bridge.before / months, say("account_months_on_both_sides")),
        *(
            (str(cause), Own(float(moved), change), meanings[str(cause)])
            for cause, moved in zip(found["cause"], found["change"], strict=True)
        ),
        (after, bridge.after / months, "the same account-months"),
    ]
    for words, outside in (
        (say("not_comparable_billed_today_only"), bridge.only_before),
        (say("not_comparable_billed_under_the"), bridge.only_after),
    ):
        if outside:
            rows.append((words, outside / months, say("such_as_prices_on_request")))
    return DataTable.of_rows((("Step", TEXT), ("Money a month", amount), ("What it is", TEXT)), rows)


def guardrail_table(report: GuardrailReport) -> DataTable:
    """Return the limits with verdict as sign and word, measured, limit, and how many accounts stand behind it."""
    columns = (
        ("Verdict", TEXT),
        ("Guardrail", TEXT),
        ("Measured", NUMBER),
        ("Limit", NUMBER),
        ("Accounts", COUNT),
        ("What was found", TEXT),
    )
    rows = (
        (
            f"{SIGNS[check.verdict]} {VERDICT_WORDS[check.verdict]}",
            f"{check.title} {check.subject}".strip(),
            Own(check.measured, Percent(1, signed=check.is_change)),
            Own(check.limit, Percent(signed=check.is_change, exactly=True)),
            len(check.behind),
            check.sentence,
        )
        for check in report.checks
    )
    return DataTable.of_rows(columns, rows)


def reconciliation_table(found: Reconciliation, currency: str) -> DataTable:
    """Return how recorded revenue differs from today's list, by explanation."""
    columns = (
        ("Explanation", TEXT, "explanation"),
        ("Accounts", COUNT, "accounts"),
        ("Recorded revenue", Money(currency), "recorded"),
        ("Recorded, without a bill", Money(currency), "without_bill"),
        ("Recorded less list", Money(currency, signed=True), "difference"),
        ("Share of revenue compared", Percent(1), "share_of_recorded"),
    )
    return DataTable.of_frame(found.summary(), columns)


def off_accounts_table(found: Reconciliation, currency: str, most: int = 100) -> DataTable:
    """Return the accounts that differ most from today's list, with why."""
    order = found.accounts["difference"].abs().sort_values(ascending=False, kind="stable").index
    table = found.accounts.loc[order].query("difference != 0").head(most)
    columns = (
        ("Account", TEXT, "account_id"),
        ("Segment", TEXT, "segment"),
        ("Months", COUNT, "months"),
        ("Recorded", Money(currency), "recorded"),
        ("List", Money(currency), "replayed"),
        ("Difference", Money(currency, signed=True), "difference"),
        ("Explanation", TEXT, "why"),
    )
    why = table["detail"].where(table["detail"].astype(bool), table["explanation"])
    return DataTable.of_frame(table.assign(why=why), columns)


# --- Charts

# --- Charts of accounts: old bill against new bill, and how bills change

MOST_POINTS = 1_500
LARGEST = 300
TABLE_ROWS = 200
LOG_TICKS = [digit * 10.0**power for power in range(-2, 9) for digit in (1, 3)]
WAYS = ("pays more", "pays less", "no change")
_WAY_COLOURS = {"pays more": PALETTE.pays_more, "pays less": PALETTE.pays_less, "no change": PALETTE.today}
_SHAPES = ("triangle-up", "triangle-down", "circle")


def points(comparison: Comparison, by_size: NDArray[np.intp] | None = None) -> tuple[pd.DataFrame, str]:
    """Return the accounts to draw (at most 1,500) and, in a sentence, those that are left out.

    `by_size` puts the accounts in the order of today's bill; it is worked out where it is not given.
    """
    table = comparison.accounts
    before, after, changes = (table[name].to_numpy(dtype=float) for name in ("before", "after", "change"))
    order = np.argsort(before, kind="stable") if by_size is None else by_size
    order = order[((before > 0) & (after > 0))[order]]
    said = []
    if without := len(table) - len(order):
        said.append(say("with_a_bill_of_nothing", without=without))
    if len(order) > MOST_POINTS:
        left = len(order) - MOST_POINTS
        largest = largest_first(changes[order], LARGEST)
        rest = np.delete(order, largest)
        take = np.linspace(0, len(rest) - 1, MOST_POINTS - LARGEST).round().astype(int)
        order = np.concatenate([order[largest], rest[take]])
        said.append(say("drawn_are_the_largest_changes", largest=LARGEST, left=left))
    drawable = table.iloc[order]
    change = drawable["change"].to_numpy(dtype=float)
    way = np.where(np.abs(change) <= 0.005, WAYS[2], np.where(change > 0, WAYS[0], WAYS[1]))  # noqa: PLR2004 - half a cent
    frame = pd.DataFrame(
        {
            "account_id": drawable["account_id"],
            "segment": drawable["segment"],
            "before": drawable["before"].round(2),
            "after": drawable["after"].round(2),
            "way": way,
            "told": [
                f"{billed(old, comparison.currency)} to {billed(new, comparison.currency)} "
                f"({percent(rise, 1, signed=True)})"
                for old, new, rise in zip(drawable["before"], drawable["after"], drawable["percent"], strict=True)
            ],
        }
    ).reset_index(drop=True)
    return frame, " ".join(said)


def bills_figure(comparison: Comparison, steep: float, by_size: NDArray[np.intp] | None) -> Figure:
    """Return old against new bill, a mark per account; `steep` is the rise named in the reading."""
    frame, left_out = points(comparison, by_size)
    ends = [frame[["before", "after"]].min().min(), frame[["before", "after"]].max().max()] if len(frame) else [1, 10]
    above, mark, people = (
        comparison.share_above(steep),
        exact_percent(steep),
        f"{thousands(len(comparison.accounts))} accounts",
    )
    return Figure(
        key="old_new",
        title=say("old_bill_against_new_bill"),
        description=say("one_mark_per_account_its"),
        reading=say("marks_above_the_line_pay", above=above, people=people, mark=mark, period=comparison.period),
        build=marks.picture(
            marks.line_marks(data="same", strokeWidth=1, strokeDash=(5, 4), color=PALETTE.today),
            marks.dots(size=34, opacity=0.75, cursor="pointer"),
            x=_bill("before", "Bill a month today", comparison.currency),
            y=_bill("after", say("bill_a_month_under_the"), comparison.currency),
            by=marks.roles("way", _WAY_COLOURS, shapes=_SHAPES),
            tips=marks.tips(account_id="Account", segment="Segment", told="Bill a month"),
        ),
        data={"accounts": frame, "same": pd.DataFrame({"before": ends, "after": ends})},
        table=later(lambda: accounts_table(comparison, TABLE_ROWS)),
        table_caption=say(
            "mean_bill_a_month_the",
            table_rows=min(TABLE_ROWS, len(comparison.accounts)),
            period=comparison.period,
            people=people,
        ),
        footnotes=(left_out,) if left_out else (),
        height=340,
    )


def _bill(field: str, title: str, currency: str) -> marks.Axis:
    return marks.by_money(field, title, currency, marks.BIG_MONEY, scale=marks.LOG, values=LOG_TICKS, grid=True)


def distribution_figure(bands: pd.DataFrame, result: ImpactResult) -> Figure:
    """Return how many accounts fall into each band of bill change."""
    return Figure(
        key="distribution",
        title="How bills change",
        description=say("bars_that_count_the_accounts"),
        reading=later(lambda: _spread_reading(result)),
        build=marks.bar_chart(
            y=marks.by_name("band", tuple(bands["band"])),
            x=marks.by_count("accounts", "Accounts", ticks=6),
            by=marks.roles("way", _WAY_COLOURS),
            label="accounts",
            form="whole",
        ),
        data={"bands": bands},
        table=later(lambda: distribution_table(bands)),
        table_caption=f"Bill change; {result.compared}",
        height=300,
    )


def _spread_reading(result: ImpactResult) -> str:
    assert result.comparison is not None  # noqa: S101 - drawn only where there is one
    spread = result.comparison.spread
    ends = ", ".join(percent(each, 1, signed=True) for each in (spread.p5, spread.p50, spread.p95))
    people = f"{thousands(len(result.comparison.accounts))} accounts"
    return say("of_from_the_largest_fall", people=people, ends=ends)


# --- Charts of an impact: what moves revenue, who pays more, and which limits hold

_VERDICTS = {VERDICT_WORDS["pass"]: PALETTE.ok, VERDICT_WORDS["fail"]: PALETTE.breach}
_KINDS = {"total": PALETTE.today, "adds": PALETTE.ok, "takes away": PALETTE.breach}


def figures(result: ImpactResult) -> MadeOnDemand[Figure | None]:
    """Return the figures of an impact, each made when somebody looks at it: bridge, distribution, bills, guardrails.

    Bridge and distribution follow a price on the move: they come from sums, and look at no single account.
    """
    if not result.is_ready:
        return MadeOnDemand({})
    bridge, bands = result.bridge, result.bands
    assert bridge is not None  # noqa: S101 - ready
    assert bands is not None  # noqa: S101 - ready
    return MadeOnDemand(
        {
            "bridge": lambda: _bridge(bridge, result),
            "distribution": lambda: distribution_figure(bands, result),
            "old_new": lambda: _old_and_new(result),
            "guardrails": lambda: _guardrails(result.guardrails, result.compared),
        }
    )


def _old_and_new(result: ImpactResult) -> Figure | None:
    if result.comparison is None:
        return None
    return bills_figure(result.comparison, result.limits.steep_rise, result.by_size)


def _bridge(bridge: Bridge, result: ImpactResult) -> Figure:
    name = result.scenario.name
    found, months = bridge.table(), bridge.months
    at, rows = bridge.before / months, [("Today", 0.0, bridge.before / months, "total", bridge.before / months)]
    for cause, change in zip(found["cause"], found["change"], strict=True):
        rows.append((str(cause), at, at + change, "adds" if change > 0 else "takes away", change))
        at += change
    rows.append(("New prices", 0.0, bridge.after / months, "total", bridge.after / months))
    frame = pd.DataFrame(rows, columns=["step", "start", "end", "kind", "amount"])
    totals = frame["kind"] == "total"
    frame["shown"] = [
        money(each, bridge.currency) if total else signed(each, bridge.currency)
        for each, total in zip(frame["amount"], totals, strict=True)
    ]
    frame["foot"] = foot = _foot(frame["end"])
    frame.loc[totals, "start"] = foot
    cut = say("axis_cut") if foot else ""
    frame["cut"] = [cut if total else "" for total in totals]
    return Figure(
        key="bridge",
        title=say("from_today_s_revenue_to"),
        description=say("steps_from_revenue_under_today", name=name),
        reading=later(lambda: _bridge_reading(bridge, found)),
        build=marks.step_chart(
            y=marks.by_name("step", tuple(frame["step"]), wrap=16),
            x=marks.by_money(
                "start",
                "Revenue a month",
                bridge.currency,
                marks.BIG_MONEY,
                ticks=4,
                **({"scale": {**marks.FREE, "nice": False}} if foot else {}),
            ),
            by=marks.roles("kind", _KINDS),
            end="end",
            label="shown",
            foot="foot",
            beyond=1.7,
        ).over(marks.words("cut", at="start", gap=3, color="white", fontWeight=700)),
        data={"bridge": frame},
        table=later(lambda: bridge_table(bridge, paid=result.is_paid)),
        table_caption=say("what_moves_revenue_a_month", compared=result.compared),
        footnotes=later(lambda: (*_cut_note(foot, bridge.currency), *_apart(bridge))),
        height=40 + 34 * len(frame),
    )


_SMALL_STEPS = 0.25  # of the larger total: what all steps together reach at most where the axis is cut
_BELOW = 0.4  # of what the steps reach: how much of the totals is still drawn


def _foot(levels: pd.Series) -> float:
    """Return where the axis begins: at 0, or further on where steps would be slivers beside the totals."""
    low, high = float(levels.min()), float(levels.max())
    if low <= 0 or not 0 < high - low < _SMALL_STEPS * high:
        return 0.0
    fine = 10.0 ** math.floor(math.log10(high - low))
    return max(0.0, math.floor((low - _BELOW * (high - low)) / fine) * fine)


def _cut_note(foot: float, currency: str) -> tuple[str, ...]:
    return (say("axis_begins_at", foot=money(foot, currency)),) if foot else ()


def _bridge_reading(bridge: Bridge, found: pd.DataFrame) -> str:
    change = (bridge.after - bridge.before) / bridge.months
    share = percent(bridge.after / bridge.before - 1, 1, signed=True) if bridge.before else "from nothing"
    text = say("revenue_from_the_same_account", signed=signed(change, bridge.currency), share=share)
    if found.empty:
        return f"{text} No bill changes."
    cause, amount = str(found["cause"].iloc[0]), float(found["change"].iloc[0])
    return say(
        "the_largest_step_is",
        text=text,
        lower=cause[0].lower(),
        cause=cause[1:],
        signed=signed(amount, bridge.currency),
    )


def _apart(bridge: Bridge) -> tuple[str, ...]:
    if not (bridge.only_before or bridge.only_after):
        return ()
    one, other = (money(each / bridge.months, bridge.currency) for each in (bridge.only_before, bridge.only_after))
    return (say("not_comparable_and_in_no", one=one, other=other),)


def _guardrails(report: GuardrailReport | None, compared: str) -> Figure | None:
    """Draw limits and what was found; nothing where no limit is set."""
    if report is None or not report.checks:
        return None
    known = [check for check in report.checks if check.measured is not None and np.isfinite(check.measured)]
    rows = [
        (
            f"{SIGNS[check.verdict]} {VERDICT_WORDS[check.verdict]}: {check.title} {check.subject}".strip(),
            check.measured,
            check.limit,
            VERDICT_WORDS[check.verdict],
            check.sentence,
        )
        for check in known
    ]
    frame = pd.DataFrame(rows, columns=["guardrail", "measured", "limit", "verdict", "sentence"])
    failing, unknown = len(report.failures), report.unmeasured
    kept = "No limit is crossed." if unknown else "Every limit is met."
    said = [f"{count('limit', failing)} of {len(report.checks)} not met." if failing else kept]
    if unknown:
        said.append(say("could_not_be_measured", unknown=unknown))
    if endless := len(report.checks) - len(known) - unknown:
        said.append(say("from_nothing_cannot_be_drawn", endless=endless))
    return Figure(
        key="guardrails",
        title=say("guardrails_limits_and_what_was"),
        description=say("one_row_per_limit_a"),
        reading=" ".join(said),
        if_empty=" ".join(said),
        build=marks.picture(
            marks.ticks("limit", color=PALETTE.today),
            marks.dots(size=90),
            y=marks.by_name("guardrail", tuple(frame["guardrail"])),
            x=marks.by_share("measured", say("found_mark_and_limit_bar"), scale={"padding": 14}),
            by=marks.roles("verdict", _VERDICTS, shapes=("circle", "cross")),
            tips=marks.tips(sentence="Found"),
        ),
        data={"guardrails": frame},
        table=later(lambda: guardrail_table(report)),
        table_caption=say("limits_of_this_study", compared=compared),
        height=40 + 28 * max(1, len(frame)),
    )
