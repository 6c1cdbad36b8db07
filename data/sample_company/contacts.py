"""Who at each account is spoken with: roles, never names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sample_company import settings as company

if TYPE_CHECKING:
    from sample_company.population import Population

LAST_DAY = company.MONTHS[-1] + pd.offsets.MonthEnd(0)
SAME_REGION = 0.9  # share of contacts who work where the account is
NEVER_RECORDED = 0.04  # share of contacts with no day of a last contact
REPLACED = 0.18  # share of champions who follow another one


def contacts(people: Population) -> pd.DataFrame:
    """Return the contacts as recorded on the last day of the data: account, role, team, region, since, last contact.

    Every account has a champion, from sign-up unless an earlier one left; the other roles are met later. An account
    that left was last spoken with while it still paid.
    """
    random = company.random(44)
    ends = _last_days(people)
    parts = [_role(people, ends, random, each) for each in company.CONTACTS]
    return pd.concat(parts, ignore_index=True).sort_values(["account_id", "since", "role"], ignore_index=True)


def _last_days(people: Population) -> pd.DatetimeIndex:
    """Return the last day on which each account could be spoken with."""
    last = people.paying.shape[1] - 1 - people.paying[:, ::-1].argmax(axis=1)
    return company.MONTHS[last] + pd.offsets.MonthEnd(0)


def _role(
    people: Population, ends: pd.DatetimeIndex, random: np.random.Generator, known: tuple[str, tuple, tuple]
) -> pd.DataFrame:
    """Return the contacts in one role."""
    role, teams, shares = known
    count = len(people.segment)
    there = random.random(count) < np.array(shares)[people.segment]
    days = np.maximum((ends - people.signed_up).days.to_numpy(), 0)
    late = random.beta(1.2, 3.0, count)
    if role == "Champion":
        late = np.where(random.random(count) < REPLACED, late, 0.0)
    since = people.signed_up + pd.to_timedelta(np.floor(late * days), unit="D")
    gap = random.exponential(np.array(company.CONTACT_GAP)[people.segment])
    last = np.maximum(ends - pd.to_timedelta(np.floor(gap), unit="D"), since)
    elsewhere = random.integers(0, len(company.REGIONS), count)
    region = np.where(random.random(count) < SAME_REGION, people.region, elsewhere)
    recorded = random.random(count) >= NEVER_RECORDED
    return pd.DataFrame(
        {
            "account_id": people.account_ids,
            "role": role,
            "team": np.array(teams)[random.integers(0, len(teams), count)],
            "region": np.array(company.REGIONS)[region],
            "since": since,
            "last_contact": pd.DatetimeIndex(last).where(recorded),
        }
    )[there]
