"""What is on record from after the day a customer base is known at the end of, for those who ask for it by name."""

from __future__ import annotations

from typing import Literal
from weakref import WeakKeyDictionary

from workbench.customers.base import CustomerBase
from workbench.errors import WorkbenchError

History = Literal["study", "everything"]
"""Up to the day of the study, or all there is on record."""

_afterwards: WeakKeyDictionary[CustomerBase, CustomerBase | None] = WeakKeyDictionary()  # None: the base itself


def everything_on_record(base: CustomerBase) -> CustomerBase:
    """Return a customer base with what came after its day: read again from where it came, once.

    Whatever designs an offer must not ask for it: it would know what came of it. Who looks at what customers did after
    the launch does.

    Parameters
    ----------
    base
        The customers as known at the end of a day.

    Returns
    -------
    CustomerBase
        The whole of it; the base itself where nothing was hidden, or it came from no file that can still be read.

    Examples
    --------
    >>> from workbench.customers.afterwards import everything_on_record
    >>> from workbench.workspace import sample_base
    >>> base = sample_base()
    >>> len(base.months), len(everything_on_record(base).months)
    (24, 42)
    """
    if base.as_of is None:
        return base
    if base not in _afterwards:
        if base.place is None:
            return base
        try:
            whole = CustomerBase.load(
                base.place, currency=base.stated_currency, allow_credits=base.allow_credits, rules=base.rules
            )
        except WorkbenchError:
            return base
        keep_everything(base, whole)
    kept = _afterwards[base]
    return base if kept is None else kept


def known_then(base: CustomerBase, history: History) -> CustomerBase:
    """Return the customers up to the day of the study, or with everything on record.

    Parameters
    ----------
    base
        The customers as known at the end of a day.
    history
        Which of the two.

    Returns
    -------
    CustomerBase
        The base itself up to its day, and where nothing came after it.

    Examples
    --------
    >>> from workbench.customers.afterwards import known_then
    >>> from workbench.workspace import sample_base
    >>> base = sample_base()
    >>> known_then(base, "study") is base, len(known_then(base, "everything").months)
    (True, 42)
    """
    return base if history == "study" else everything_on_record(base)


def keep_everything(base: CustomerBase, whole: CustomerBase) -> None:
    """Let `whole` be everything on record of a base, as where accounts have other names than in the files.

    Parameters
    ----------
    base, whole
        The customers at the end of a day, and with what came after it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.customers.afterwards import everything_on_record, keep_everything
    >>> paid = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "amount": [50.0, 60.0]})
    >>> whole = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid})
    >>> base = whole.up_to("2024-01-31")
    >>> keep_everything(base, whole)
    >>> len(everything_on_record(base).months)
    2
    """
    _afterwards[base] = None if whole is base else whole  # one that holds itself would never be let go
