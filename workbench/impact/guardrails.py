"""Hold a comparison against the limits a team has set: pass or fail, with the accounts behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.formatting import count, exact_percent, percent, thousands
from workbench.impact.errors import ReplayError
from workbench.results import LAST_DIGITS, Floats
from workbench.study.model import Guardrails

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.impact.comparison import Comparison


# --- What holding a comparison against limits found: each limit with its verdict and the accounts behind it

Verdict = Literal["pass", "fail", "unknown"]
VERDICT_WORDS = {"pass": "met", "fail": "not met", "unknown": "unknown"}
_CHANGES = frozenset(
    {"least_revenue_change", "most_revenue_change", "most_rise_in_top_ten", "most_p95_rise", "least_segment_change"}
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Behind:
    """The accounts behind a figure: the places `where` among `ids`, named with the lowest of `order` first."""

    ids: NDArray[np.object_]
    where: NDArray[np.intp]
    order: Floats | None = None

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.where)

    def named(self) -> tuple[str, ...]:
        """Return their ids."""
        here = self.where if self.order is None else self.where[np.argsort(self.order[self.where], kind="stable")]
        return tuple(self.ids[here].tolist())


NOBODY = Behind(np.empty(0, dtype=object), np.empty(0, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class GuardrailCheck:
    """One limit and what was found: `measured` and `limit` are shares; `subject` is a segment or empty.

    A limit can have most of a large base behind it, so accounts are counted at once and named when asked for.

    Attributes
    ----------
    key, title, subject
        The limit, and the segment it is about, or "".
    verdict
        What was found, in a word.
    measured, limit
        Shares; `measured` None where the data cannot say.
    sentence
        The verdict in words.
    behind
        Accounts behind the figure: whose bill crosses the line, or which belong to the segment.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import check_guardrails, compare, replay_many
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> flat = PriceBook("flat", "USD", [Plan("Team", 60)])
    >>> both = replay_many(base, {"today": book, "flat": flat})
    >>> check = check_guardrails(compare(both["today"], both["flat"])).failures[0]
    >>> round(check.measured, 3), check.limit, check.accounts
    (-0.111, -0.02, ('B',))
    """

    key: str
    title: str
    verdict: Verdict
    measured: float | None
    limit: float
    sentence: str
    behind: Behind = field(default=NOBODY, compare=False, repr=False)
    subject: str = ""

    @property
    def is_change(self) -> bool:
        """Tell whether figure and limit are changes, which are read with their sign."""
        return self.key in _CHANGES

    @property
    def accounts(self) -> tuple[str, ...]:
        """Name the accounts behind the figure."""
        return self.behind.named()


@dataclass(frozen=True, slots=True)
class GuardrailReport:
    """All limits of one comparison.

    Attributes
    ----------
    scenario, against
        What was compared with what.
    checks
        One entry per limit and subject.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import check_guardrails, compare, replay_many
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> flat = PriceBook("flat", "USD", [Plan("Team", 60)])
    >>> both = replay_many(base, {"today": book, "flat": flat})
    >>> report = check_guardrails(compare(both["today"], both["flat"]))
    >>> report.passed, len(report.failures), report.failures[0].key
    (False, 5, 'least_revenue_change')
    """

    scenario: str
    against: str
    checks: tuple[GuardrailCheck, ...]

    @property
    def failures(self) -> tuple[GuardrailCheck, ...]:
        """Return the limits that are crossed."""
        return tuple(check for check in self.checks if check.verdict == "fail")

    @property
    def unmeasured(self) -> int:
        """Count the limits that the data could not be held against."""
        return sum(check.verdict == "unknown" for check in self.checks)

    @property
    def passed(self) -> bool:
        """Tell whether no limit is crossed; one that could not be measured crosses nothing, and is shown."""
        return not self.failures

    def sentences(self) -> tuple[str, ...]:
        """Return the crossed limits in sentences, for the reason a choice is recorded with."""
        return tuple(check.sentence for check in self.failures)


# --- Hold a comparison against the limits a team has set: pass or fail, with the accounts behind it

_TOP = 10


def check_guardrails(comparison: Comparison, guardrails: Guardrails | None = None) -> GuardrailReport:
    """Return which limits a comparison keeps; a value that stands on a limit keeps it.

    Parameters
    ----------
    comparison
        Today's bills with those of a scenario.
    guardrails
        The limits; the defaults of a study when None.

    Returns
    -------
    GuardrailReport
        One verdict per limit.

    Raises
    ------
    ReplayError
        When the guardrails are of another kind.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import check_guardrails, compare, replay_many
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> from workbench.study import Guardrails
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> flat = PriceBook("flat", "USD", [Plan("Team", 60)])
    >>> both = replay_many(base, {"today": book, "flat": flat})
    >>> change = compare(both["today"], both["flat"])
    >>> check_guardrails(change, Guardrails(least_revenue_change=-0.05)).failures[0].title
    'Revenue'
    >>> check_guardrails(change, Guardrails(least_revenue_change=-0.15)).failures[0].title
    'Rises above +25%'
    """
    limits = Guardrails() if guardrails is None else guardrails
    if not isinstance(limits, Guardrails):
        raise ReplayError(
            f"Guardrails are given as a {type(limits).__name__}.", "Give Guardrails(...), or those of a study."
        )
    checks = (
        *_revenue(comparison, limits),
        *_steep_rises(comparison, limits),
        *_top_ten(comparison, limits),
        *_below_cost(comparison, limits),
        *_p95(comparison, limits),
        *_segments(comparison, limits),
    )
    return GuardrailReport(comparison.after_name, comparison.before_name, checks)


def _revenue(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    change, by_account = comparison.revenue_change, _column(comparison, "change")
    told = f"Revenue changes by {percent(change, 1, signed=True)} against {_against(comparison)}"
    if (least := limits.least_revenue_change) is not None:
        text = f"{told}; at least {_change(least)} is asked for."
        falls = _named(comparison, by_account < 0, by_account)
        yield _check("least_revenue_change", "Revenue", change, least, text, falls, above=False)
    if (most := limits.most_revenue_change) is not None:
        text = f"{told}; at most {_change(most)} is wanted."
        rises = _named(comparison, by_account > 0, -by_account)
        yield _check("most_revenue_change", "Revenue", change, most, text, rises)


def _steep_rises(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_accounts_above_steep_rise) is None:
        return
    share, rise = comparison.share_above(limits.steep_rise), _column(comparison, "percent")
    above = _named(comparison, rise > limits.steep_rise + LAST_DIGITS, -rise)
    mark = _change(limits.steep_rise)
    verb = "rises" if len(above) == 1 else "rise"
    told = f"{count('account', len(above))} ({percent(share, 1)}) {verb} by more than {mark}"
    text = f"{told}; at most {exact_percent(most)} may."
    yield _check("most_accounts_above_steep_rise", f"Rises above {mark}", share, most, text, above)


def _top_ten(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_rise_in_top_ten) is None:
        return
    top = _largest(comparison).sort_values(["before", "account_id"], ascending=[False, True]).head(_TOP)
    largest = float(top["percent"].max()) if len(top) else float("nan")
    over = top.loc[top["percent"] > most + LAST_DIGITS].sort_values("percent", ascending=False)
    text = (
        f"The largest rise among the ten largest accounts is {percent(largest, 1, signed=True)}; "
        f"at most {_change(most)} is allowed."
    )
    behind = Behind(over["account_id"].to_numpy(dtype=object), np.arange(len(over)))
    yield _check("most_rise_in_top_ten", "Ten largest accounts", largest, most, text, behind)


def _largest(comparison: Comparison) -> pd.DataFrame:
    """Return the accounts among which the ten largest are, so that few have to be put in order."""
    before = _column(comparison, "before")
    if len(before) <= _TOP:
        return comparison.accounts
    return comparison.accounts.iloc[np.flatnonzero(before >= np.partition(before, -_TOP)[-_TOP])]


def _below_cost(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_accounts_below_cost) is None:
        return
    cost, after = comparison.after.rows.unit_cost[comparison.places], _column(comparison, "after")
    known = int(np.isfinite(cost).sum())
    below = _named(comparison, after < cost * (1 - LAST_DIGITS))
    share = len(below) / known if known else float("nan")
    text = "What serving an account costs is not known (accounts, unit_cost)."
    if known:
        few = f"{count('account', len(below))} ({percent(share, 1)} of the {thousands(known)} with a known cost)"
        less = "pays less than it costs" if len(below) == 1 else "pay less than they cost"
        text = f"{few} {less}; at most {exact_percent(most)} may."
    yield _check("most_accounts_below_cost", "Below cost", share, most, text, below)


def _p95(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (most := limits.most_p95_rise) is None:
        return
    rise = _column(comparison, "percent")
    p95 = _point(rise, 0.95)
    text = f"The bill of one account in twenty changes {_moved(p95)} or more; at most {_change(most)} is allowed."
    over = _named(comparison, rise > most + LAST_DIGITS, -rise)
    yield _check("most_p95_rise", "Rise at the 95% mark", p95, most, text, over)


def _segments(comparison: Comparison, limits: Guardrails) -> Iterator[GuardrailCheck]:
    if (least := limits.least_segment_change) is None:
        return
    by_segment = comparison.segments["percent"].to_numpy(dtype=float)
    codes, names = comparison.segment_codes
    members = np.bincount(codes, minlength=len(names))
    found = {str(name): place for place, name in enumerate(names) if members[place]}
    change = _column(comparison, "change")
    falls = change < 0
    for segment, measured in zip(comparison.segments["segment"].astype(str), by_segment, strict=True):
        if segment not in found:
            continue
        text = f"Revenue from {segment} changes {_moved(measured)}; at least {_change(least)} is asked for."
        losing = _named(comparison, falls & (codes == found[segment]), change)
        yield _check("least_segment_change", "Segment", measured, least, text, losing, above=False, subject=segment)


def _point(changes: Floats, point: float) -> float:
    """Return the change that a share of accounts does not exceed; one from nothing is larger than any other."""
    known = changes[~np.isnan(changes)]
    if not len(known):
        return float("nan")
    above = float(np.quantile(known, point, method="higher"))  # between two changes without end there is no middle
    return float(np.quantile(known, point)) if np.isfinite(above) else above


def _moved(change: float) -> str:
    written = percent(change, 1, signed=True)
    return written if np.isinf(change) else f"by {written}"


def _change(limit: float) -> str:
    return exact_percent(limit, signed=True)


def _against(comparison: Comparison) -> str:
    """Say what is held against what: paid with paid, list with list, or a list with what is on record."""
    before, name = comparison.before, comparison.before_name
    if before is None:
        return f"{name}, the new list as it stands"
    told = "today's prices" if name == "Today" else name
    side = "list" if before.realisation is None else "paid"
    return f"{told}, {side} against {side}"


def _column(comparison: Comparison, name: str) -> Floats:
    return comparison.accounts[name].to_numpy(dtype=float)


def _named(comparison: Comparison, which: NDArray[np.bool_], order: Floats | None = None) -> Behind:
    """Return some accounts, the lowest of an order first."""
    return Behind(comparison.account_ids, np.flatnonzero(which), order)


def _check(  # noqa: PLR0917 - the fields of a check, in their order
    key: str,
    title: str,
    measured: float,
    limit: float,
    sentence: str,
    behind: Behind,
    *,
    above: bool = True,
    subject: str = "",
) -> GuardrailCheck:
    """Return the verdict; `above` tells whether more than the limit fails, or less."""
    if np.isnan(measured):
        return GuardrailCheck(key, title, "unknown", None, limit, sentence, subject=subject)
    fails = measured > limit + LAST_DIGITS if above else measured < limit - LAST_DIGITS
    return GuardrailCheck(key, title, "fail" if fails else "pass", float(measured), limit, sentence, behind, subject)
