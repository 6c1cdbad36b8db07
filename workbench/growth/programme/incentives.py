"""Incentives: what a plan of pay per role would have paid out on a year, for what, for luck, and how it can be gamed.

The year is a revenue ledger: what was paid, or what a replay bills under a scenario. Expansion is worth twelve months
of what it adds to one, so that shares of it can be held against what a year of it brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import count, exact_percent
from workbench.growth.programme.pods import ProgrammeError
from workbench.growth.recurring_revenue import MrrLedger, mrr_movements
from workbench.results import LAST_DIGITS
from workbench.stats import gini_coefficient
from workbench.tables import COUNT, TEXT, DataTable, Money, Number, Percent

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.growth.recurring_revenue import Movements
    from workbench.results import Floats

    Flags = NDArray[np.bool_]

YEAR, QUARTER = 12, 3
FEWEST_WITHOUT_CONTACT = 5
LOST_AGAIN, SOLD_AGAIN, NOT_USED = "sold and lost again", "lost and sold again", "sold and not used"
SHARES = ("expansion", "post-sale")
_REMEDIES = {
    LOST_AGAIN: "take pay back for what is lost again in time (clawback)",
    SOLD_AGAIN: "pay only for revenue above the highest before (high-water mark)",
    NOT_USED: "pay when it is used, not when it is sold",
}
Basis = Literal["expansion", "post-sale", "adoption", "usage", "company"]
BY_ACCOUNT = {"adoption": "Name one use case or more.", "usage": "Name a growth such as 0.1."}
"""What is paid in money for each account that reaches a goal, and what a goal must be."""


@dataclass(frozen=True, slots=True)
class IncentivePlan:
    """What one role is paid for.

    Parameters
    ----------
    role
        Whom it is for.
    basis
        "expansion": `rate` of a year of all expansion in a person's accounts. "post-sale": the same, of accounts
        that began to pay more than `after_months` before. "adoption": `rate` in money for each account that took up
        `goal` more use cases in the year. "usage": the same for each that used `goal` more of what is charged, such as
        0.1, in the last three months than in the first three. "company": `rate` in money for each person, in
        proportion to how far net retention came from 100% to `goal`, up to `most`.
    rate
        The share, or the money.
    goal
        See above: 1 more use case, a growth of 0.1, or a net retention of 1.2.
    after_months
        From when on expansion is post-sale.
    clawback_months
        Expansion that is lost again within so many months is not paid.
    most
        How many times `rate` a company bonus pays at most.

    Raises
    ------
    ProgrammeError
        For a rate below 0, a share above 1, or a goal that pays without growth.

    Examples
    --------
    >>> from workbench.growth.programme import IncentivePlan
    >>> IncentivePlan("sales", "post-sale", 0.1).in_words()
    '10% of a year of expansion, from month 4 after the first payment on'
    """

    role: str
    basis: Basis
    rate: float
    goal: float = 1.0
    after_months: int = 3
    clawback_months: int = 0
    most: float = 1.0

    def __post_init__(self) -> None:
        share = self.basis in SHARES
        if not self.rate >= 0 or (share and self.rate > 1):
            raise ProgrammeError(
                f"The plan of {self.role} pays {self.rate:g} on {self.basis}.",
                "Give a share from 0 to 1." if share else "Give an amount of 0 or more.",
            )
        if self.basis not in SHARES and not self.goal > (self.basis == "company"):
            raise ProgrammeError(
                f"The plan of {self.role} has the goal {self.goal:g}, which pays without growth.",
                BY_ACCOUNT.get(self.basis, "Name a net retention above 1."),
            )
        if min(self.after_months, self.clawback_months) < 0 or not self.most > 0:
            raise ProgrammeError(f"The plan of {self.role} has months or a limit below 0.", "Give 0 months or more.")

    def in_words(self) -> str:
        """Return the plan as a reader sees it."""
        back = f", taken back when lost within {self.clawback_months} months" if self.clawback_months else ""
        if self.basis == "expansion":
            return f"{exact_percent(self.rate)} of a year of expansion{back}"
        if self.basis == "post-sale":
            start = f", from month {self.after_months + 1} after the first payment on"
            return f"{exact_percent(self.rate)} of a year of expansion{start}{back}"
        if self.basis == "adoption":
            more = "another use case" if self.goal == 1 else f"{self.goal:g} more use cases"
            return f"{self.rate:g} for each account with {more}"
        if self.basis == "usage":
            return f"{self.rate:g} for each account that used {exact_percent(self.goal)} more"
        return f"up to {self.most * self.rate:g} for a net retention of {self.goal:.0%}"


@dataclass(frozen=True, slots=True, eq=False)
class Payouts:
    """What plans paid out on a year.

    Attributes
    ----------
    plans
        One row per plan: role, basis, words, people, paid, per_dollar (of a year of the expansion it is paid on; NaN:
        unknown), taken_back, gini (of pay between people) and most_over_least, luck (what it would have paid had every
        account expanded as the median account without contact did) and luck_by_mean; NaN where unknown.
    people
        role, person, accounts, expansion (a month), paid.
    games
        game, verdict (found, absent, unknown), cases, accounts, expansion (a month), paid (for it), share (of all
        expansion), open (cases whose time is not over), remedy.
    cases
        game, account_id, month, expansion, paid.
    first_month, last_month
        The year.
    expansion
        A month, over all accounts.
    reason
        Why luck is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth import MrrLedger
    >>> from workbench.growth.programme import IncentivePlan, pay_out
    >>> months = pd.date_range("2024-01-01", periods=13, freq="MS")
    >>> amounts = np.full((2, 13), 100.0)
    >>> amounts[0, 6:], amounts[1, 3:5] = 150.0, 140.0  # the second loses again what it was sold
    >>> who = pd.DataFrame({"account_id": ["A", "B"], "role": "sales", "person": ["sales 1", "sales 2"]})
    >>> ledger = MrrLedger(np.array(["A", "B"], dtype=object), months, amounts)
    >>> found = pay_out(ledger, [IncentivePlan("sales", "expansion", 0.1, clawback_months=3)], who)
    >>> found.people["paid"].round(2).tolist(), found.games["verdict"].tolist()
    ([60.0, 0.0], ['found', 'absent', 'unknown'])
    """

    plans: pd.DataFrame
    people: pd.DataFrame
    games: pd.DataFrame
    cases: pd.DataFrame
    first_month: pd.Timestamp
    last_month: pd.Timestamp
    expansion: float
    reason: str = ""

    def plans_table(self, currency: str = "") -> DataTable:
        """Return what each plan paid as a table."""
        shown = [
            ("Role", TEXT, "role"), ("Is paid", TEXT, "words"), ("People", COUNT, "people"),
            ("Paid in the year", Money(currency), "paid"), ("Of the expansion", Percent(1), "per_dollar"),
            ("Spread (Gini)", Number(2), "gini"), ("Most over least", Number(1, unit="x"), "most_over_least"),
            ("Taken back", Money(currency), "taken_back"), ("For luck", Money(currency), "luck"),
        ]  # fmt: skip
        return DataTable.of_frame(self.plans, shown)

    def games_table(self, currency: str = "") -> DataTable:
        """Return the ways to game the plans as a table."""
        shown = [
            ("Way to game it", TEXT, "game"), ("In the data", TEXT, "verdict"), ("Cases", COUNT, "cases"),
            ("Of all expansion", Percent(), "share"), ("Paid for it", Money(currency), "paid"),
            ("Not over yet", COUNT, "open"), ("Remedy", TEXT, "remedy"),
        ]  # fmt: skip
        return DataTable.of_frame(self.games, shown)


def pay_out(
    ledger: MrrLedger,
    plans: Sequence[IncentivePlan],
    looked_after: pd.DataFrame,
    *,
    contacted: Collection[str] | None = None,
    segment: Mapping[str, str] | None = None,
    gained: Mapping[str, float] | None = None,
    usage: Floats | None = None,
    within: int = 3,
) -> Payouts:
    """Return what plans would have paid out on the last year of a ledger.

    Parameters
    ----------
    ledger
        What was paid, or a replay's bills; the last twelve months with a month before each count.
    plans
        One or more per role.
    looked_after
        account_id, role, person: who looks after whom. Several in a role share an account evenly.
    contacted
        Accounts somebody spoke with in the year; None: unknown, and so is luck.
    segment
        Of each account; luck is that of accounts alike.
    gained
        Use cases each account took up in the year, for plans on adoption.
    usage
        What was used of what is charged, in the shape of the ledger, for plans on usage; NaN unknown. None: whether
        what was sold was used is unknown.
    within
        In how many months something counts as lost or sold again, or as used.

    Returns
    -------
    Payouts
        By plan and person, with luck, spread, and the ways to game it.

    Raises
    ------
    ProgrammeError
        Without plans, with a role nobody has, a plan on adoption or usage where that is unknown, or usage of another
        shape.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth import MrrLedger
    >>> from workbench.growth.programme import IncentivePlan, pay_out
    >>> amounts = np.column_stack([np.full(6, 100.0), np.full(6, 110.0)])  # everybody grows by 10, spoken with or not
    >>> ledger = MrrLedger(np.arange(6).astype(object), pd.date_range("2024-01-01", periods=2, freq="MS"), amounts)
    >>> who = pd.DataFrame({"account_id": np.arange(6), "role": "sales", "person": "sales 1"})
    >>> found = pay_out(ledger, [IncentivePlan("sales", "expansion", 0.05)], who, contacted=[0])
    >>> found.plans[["paid", "luck"]].round(2).to_numpy().tolist()  # all of it is luck
    [[36.0, 36.0]]
    """
    _check(ledger, plans, looked_after, gained, usage)
    moves = mrr_movements(ledger)
    first = max(0, ledger.amounts.shape[1] - 1 - YEAR)
    took_up = np.array([float((gained or {}).get(each, 0.0)) for each in ledger.account_ids])
    reached = {"adoption": took_up, "usage": _grown(usage, first, len(took_up))}
    year = _year_of(ledger, moves, contacted, segment or {}, reached)
    found = [_of_plan(plan, year, looked_after) for plan in plans]
    people = pd.concat([each for each, _ in found], ignore_index=True)
    people = people.groupby(["role", "person"], as_index=False).agg(
        accounts=("accounts", "max"), expansion=("expansion", "max"), paid=("paid", "sum")
    )
    games, cases = _games(ledger, moves, year.first, usage, within)
    months = ledger.months[year.first + 1], ledger.months[-1]
    total = float(year.expansion.sum())
    plans_paid = pd.DataFrame([each for _, each in found])
    # What is paid for a case: the shares of the roles that look after its account, before anything is taken back.
    pairs = looked_after[["account_id", "role"]].drop_duplicates()
    rates = {
        role: sum(each.rate for each in plans if each.role == role and each.basis in SHARES) for role in pairs["role"]
    }
    rate = pairs["role"].map(rates).groupby(pairs["account_id"]).sum()
    cases["paid"] = YEAR * cases["expansion"] * cases["account_id"].map(rate).fillna(0.0).astype(float)
    games["paid"] = games["game"].map(cases.groupby("game")["paid"].sum()).fillna(0.0).astype(float)
    return Payouts(plans_paid, people, games, cases, *months, total, year.reason)


@dataclass(frozen=True, slots=True, eq=False)
class _Year:
    """The year's movements, and what accounts would have done without anybody: by the median and by the mean."""

    ids: pd.Index
    first: int
    expansion: Floats
    losses: Floats
    age: Floats
    start: Floats
    end: Floats
    reached: Mapping[str, Floats]
    alone: Flags | None
    luck: Floats
    by_mean: Floats
    reason: str

    def retention(self, who: Flags) -> float:
        """Return the net retention of accounts; NaN without any that paid at the start."""
        here = who & (self.start > 0)
        before = float(self.start[here].sum())
        return float(self.end[here].sum()) / before if before > 0 else np.nan


def _year_of(
    ledger: MrrLedger,
    moves: Movements,
    contacted: Collection[str] | None,
    segment: Mapping[str, str],
    reached: Mapping[str, Floats],
) -> _Year:
    first = max(0, ledger.amounts.shape[1] - 1 - YEAR)
    expansion = moves.expansion[:, first:]  # movements begin with the second month
    start, ids = ledger.amounts[:, first], pd.Index(ledger.account_ids)
    spoken = None if contacted is None else np.asarray(ids.isin(list(contacted)))
    apart = None if spoken is None else spoken | ~(ledger.amounts[:, -1] > 0)
    return _Year(
        ids,
        first,
        expansion,
        (moves.contraction + moves.churn)[:, first:],
        _age(ledger.amounts)[:, first + 1 :],
        start,
        ledger.amounts[:, -1],
        reached,
        None if spoken is None else ~spoken & (start > 0),
        *_luck(expansion.sum(axis=1), start, apart, np.array([str(segment.get(each, "")) for each in ids])),
    )


def _of_plan(plan: IncentivePlan, year: _Year, looked_after: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, object]]:
    """Return what a plan pays each person, and its row of the table."""
    here = looked_after[looked_after["role"] == plan.role]
    at = year.ids.get_indexer(pd.Index(here["account_id"]))
    here, at = here[at >= 0], at[at >= 0]
    share = 1 / here.groupby("account_id")["person"].transform("size").to_numpy(dtype=float)
    paid_on = year.expansion if plan.basis != "post-sale" else np.where(year.age > plan.after_months, year.expansion, 0)
    lost = _lost_again(paid_on, year.losses, plan.clawback_months)
    pay, lucky, mean = _by_account(plan, year, (paid_on - lost).sum(axis=1))
    people = pd.DataFrame(
        {
            "role": plan.role,
            "person": here["person"].to_numpy(),
            "accounts": share,
            "expansion": paid_on.sum(axis=1)[at] * share,
            "paid": pay[at] * share,
        }
    )
    people = people.groupby(["role", "person"], as_index=False).sum()
    if plan.basis == "company":
        people["paid"] = _bonus(plan, year.retention(np.ones(len(year.start), dtype=bool)))
        luck = by_mean = len(people) * _bonus(plan, _alone(year))
    else:
        luck, by_mean = float((lucky[at] * share).sum()), float((mean[at] * share).sum())
    paid, basis = people["paid"].to_numpy(), YEAR * float(people["expansion"].sum())
    back = YEAR * plan.rate * float((lost.sum(axis=1)[at] * share).sum()) if plan.basis in SHARES else 0.0
    return people, {
        "role": plan.role,
        "basis": plan.basis,
        "words": plan.in_words(),
        "people": len(people),
        "paid": float(paid.sum()),
        "per_dollar": float(paid.sum()) / basis if basis > 0 else np.nan,
        "taken_back": back,
        "gini": gini_coefficient(paid),
        "most_over_least": float(paid.max() / paid.min()) if len(paid) and paid.min() > 0 else np.nan,
        "luck": luck,
        "luck_by_mean": by_mean,
    }


def _by_account(plan: IncentivePlan, year: _Year, expansion: Floats) -> tuple[Floats, Floats, Floats]:
    """Return what a plan pays for each account, and would have paid for luck, by the median and by the mean."""
    if plan.basis in SHARES:
        worth = YEAR * plan.rate
        return worth * expansion, worth * year.luck, worth * year.by_mean
    size = len(year.start)
    if plan.basis == "company":
        return np.zeros(size), np.zeros(size), np.zeros(size)
    reached = year.reached[plan.basis]
    took_up: Floats = plan.rate * (reached >= plan.goal - LAST_DIGITS).astype(float)
    if year.alone is None or year.reason:
        return took_up, np.full(size, np.nan), np.full(size, np.nan)
    usual = plan.rate * float(np.median(reached[year.alone]) >= plan.goal - LAST_DIGITS)
    return took_up, np.full(size, usual), np.full(size, float(took_up[year.alone].mean()))


def _check(
    ledger: MrrLedger,
    plans: Sequence[IncentivePlan],
    looked_after: pd.DataFrame,
    gained: Mapping[str, float] | None,
    usage: Floats | None,
) -> None:
    if not plans:
        raise ProgrammeError("There is no plan to pay out.", "Give one plan or more.")
    there = set(looked_after["role"])
    for each in plans:
        if each.role not in there:
            raise ProgrammeError(
                f"Nobody in {each.role} looks after an account.", f"There is {', '.join(sorted(there)) or 'nobody'}."
            )
        if each.basis == "usage" and usage is None:
            raise ProgrammeError(f"The plan of {each.role} pays on usage, and that is unknown.", "Add the table usage.")
        if each.basis == "adoption" and gained is None:
            raise ProgrammeError(
                f"The plan of {each.role} pays on adoption, and use cases are unknown.", "Add the table feature_use."
            )
    if usage is not None and usage.shape != ledger.amounts.shape:
        raise ProgrammeError(
            f"Usage has the shape {usage.shape} and revenue {ledger.amounts.shape}.", "Give accounts x months alike."
        )


def _grown(usage: Floats | None, first: int, accounts: int) -> Floats:
    """Return by how much more each account used in the year's last months than in its first; 0 where unknown."""
    if usage is None:
        return np.zeros(accounts)
    before, after = usage[:, first : first + QUARTER].mean(axis=1), usage[:, -QUARTER:].mean(axis=1)
    return np.divide(after - before, before, out=np.zeros(accounts), where=(before > 0) & np.isfinite(after))


def _age(amounts: Floats) -> Floats:
    """Return in which month since its first payment each account-month is; 0 before. The data's first month is old."""
    paid = amounts > 0
    first = np.where(paid.any(axis=1), paid.argmax(axis=1), amounts.shape[1])
    age = np.arange(amounts.shape[1])[None, :] - first[:, None]
    before = first == 0  # it paid when the data began: since when is not known, and long enough
    return np.where(before[:, None], np.inf, np.maximum(age, 0))


def _alone(year: _Year) -> float:
    """Return the net retention of the accounts without contact; NaN where unknown."""
    return np.nan if year.alone is None or year.reason else year.retention(year.alone)


def _bonus(plan: IncentivePlan, reached: float) -> float:
    return plan.rate * float(np.clip((reached - 1) / (plan.goal - 1), 0.0, plan.most))


def _luck(
    expansion: Floats, start: Floats, spoken: Flags | None, groups: NDArray[np.str_]
) -> tuple[Floats, Floats, str]:
    """Return the expansion each account would have had with the median and mean share of those without contact.

    They are those of its segment where there are enough, of all otherwise. Who left is not among them: it was last
    spoken with before, however often that was.
    """
    nothing = np.full(len(start), np.nan)
    if spoken is None:
        return nothing, nothing, "it is not known who was spoken with"
    alone = ~spoken & (start > 0)
    if alone.sum() < FEWEST_WITHOUT_CONTACT:
        return nothing, nothing, f"only {count('account', int(alone.sum()))} stayed and had no contact"
    share = np.divide(expansion, start, out=np.zeros(len(start)), where=start > 0)
    median, mean = np.full(len(start), np.median(share[alone])), np.full(len(start), share[alone].mean())
    for group in set(groups.tolist()):
        inside = groups == group
        if (alone & inside).sum() >= FEWEST_WITHOUT_CONTACT:
            median[inside], mean[inside] = np.median(share[alone & inside]), share[alone & inside].mean()
    return median * start, mean * start, ""


def _lost_again(expansion: Floats, losses: Floats, within: int) -> Floats:
    """Return how much of each month's expansion was lost within so many months after; the latest is lost first."""
    lost = np.zeros_like(expansion)
    if not within:
        return lost
    for row in np.flatnonzero((expansion > 0).any(axis=1) & (losses < 0).any(axis=1)):
        for month in np.flatnonzero(losses[row] < 0).tolist():
            gone = -losses[row, month]
            for back in range(month - 1, max(month - within, 0) - 1, -1):
                taken = min(gone, expansion[row, back] - lost[row, back])
                lost[row, back] += taken
                gone -= taken
    return lost


def _games(
    ledger: MrrLedger, moves: Movements, first: int, usage: Floats | None, within: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ways to game pay on expansion, each found in the data or shown absent, and their cases."""
    expansion = moves.expansion
    width = expansion.shape[1]
    inside, over = np.arange(width) >= first, np.arange(width) + within < width
    lost = _lost_again(expansion, moves.contraction + moves.churn, within)
    # What an account pays again after it paid less: up to the highest of the months before.
    before = np.pad(ledger.amounts, ((0, 0), (within, 0)))
    highest = np.lib.stride_tricks.sliding_window_view(before, within + 1, axis=1).max(axis=2)
    regained = np.minimum(expansion, np.maximum(highest[:, :-1] - ledger.amounts[:, :-1], 0.0))
    idle = np.where(expansion > 0, _not_used(expansion, usage, within), 0.0)
    total = float(expansion[:, inside].sum())
    rows, cases = [], []
    for game, amounts in ((LOST_AGAIN, lost), (SOLD_AGAIN, regained), (NOT_USED, idle)):
        looked = (expansion > 0) & inside
        known = looked & np.isfinite(amounts)
        here = known & (np.nan_to_num(amounts) > 0)
        found = float(amounts[here].sum())
        waits = looked & ~over if game == LOST_AGAIN else looked & ~np.isfinite(amounts)
        verdict = "found" if here.any() else "absent" if known.any() else "unknown"
        rows.append((game, verdict, int(here.sum()), int(here.any(axis=1).sum()), found,
                     found / total if total else np.nan, int((waits & ~here).sum()), _REMEDIES[game]))  # fmt: skip
        who, month = np.nonzero(here)
        cases.append(
            pd.DataFrame(
                {
                    "game": game,
                    "account_id": ledger.account_ids[who],
                    "month": ledger.months[month + 1],
                    "expansion": amounts[who, month],
                }
            )
        )
    names = ["game", "verdict", "cases", "accounts", "expansion", "share", "open", "remedy"]
    return pd.DataFrame(rows, columns=names), pd.concat(cases, ignore_index=True)


def _not_used(expansion: Floats, usage: Floats | None, within: int) -> Floats:
    """Return expansion after which no more was used than before, 0 where more was; NaN where that is unknown."""
    found = np.full(expansion.shape, np.nan)
    if usage is not None:
        for at in range(within, usage.shape[1] - within):
            before, after = usage[:, at - within : at].mean(axis=1), usage[:, at + 1 : at + 1 + within].mean(axis=1)
            known = np.isfinite(before) & np.isfinite(after)
            found[known, at - 1] = np.where(after <= before, expansion[:, at - 1], 0.0)[known]
    return found
