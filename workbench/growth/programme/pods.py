"""Growth pods: people in their roles to pods, and accounts to pods, so that the most potential is covered.

Who goes where is decided at once and exactly, as an integer programme. Once people are in their pods, accounts go to
pods like goods to stores: whole accounts come out without asking for them, so only the places of people are whole
numbers that have to be searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.tables import COUNT, TEXT, DataTable, Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.results import Floats

ROLES = ("customer success", "sales", "product", "technical")
"""The roles of a pod as the source names them."""
EXPERT_BONUS = 0.1
_SECONDS = 30.0


class ProgrammeError(WorkbenchError, ValueError):
    """Refuse people, plans or accounts that no growth programme can be made of.

    Examples
    --------
    >>> from workbench.growth.programme import Person, ProgrammeError
    >>> try:
    ...     Person("success 1", "customer success", capacity=-2)
    ... except ProgrammeError as error:
    ...     print(error.advice)
    Give 0 accounts or more.
    """


@dataclass(frozen=True, slots=True)
class Person:
    """One place in the team: a role with a number, not a name of somebody.

    Parameters
    ----------
    label
        What the place is called, such as "sales 2".
    role
        Its role.
    capacity
        How many accounts it can look after.
    regions
        Regions or languages it works in; any where empty.
    expertise
        Industries or use cases it knows well.

    Raises
    ------
    ProgrammeError
        For a capacity below 0.

    Examples
    --------
    >>> from workbench.growth.programme import Person
    >>> Person("sales 1", "sales", 20, regions=("Europe",)).works_in("Asia")
    False
    """

    label: str
    role: str
    capacity: int
    regions: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise ProgrammeError(f"{self.label} has a capacity of {self.capacity}.", "Give 0 accounts or more.")

    def works_in(self, region: str) -> bool:
        """Tell whether the person works in a region or language; an account's unknown one is no obstacle."""
        return not self.regions or not region or region in self.regions


@dataclass(frozen=True, slots=True, eq=False)
class Pods:
    """Who is in which pod, which accounts it has, and what is left uncovered.

    Attributes
    ----------
    people
        label, role, pod (from 1; 0: in none), capacity.
    accounts
        account_id, potential, region, expertise, pod (0: uncovered), expert (whether the pod knows its industry), why
        (why it is uncovered); the highest potential first.
    covered, uncovered
        Potential of the accounts in a pod, and of the others.
    exact
        Whether it is proven that no other choice covers more.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth.programme import Person, form_pods
    >>> people = [Person("success 1", "customer success", 1), Person("sales 1", "sales", 5)]
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "potential": [500.0, 900.0]})
    >>> found = form_pods(people, accounts)
    >>> found.covered, found.uncovered, found.accounts["why"].tolist()
    (900.0, 500.0, ['', 'no capacity left in customer success'])
    """

    people: pd.DataFrame
    accounts: pd.DataFrame
    covered: float
    uncovered: float
    exact: bool

    def looked_after(self) -> pd.DataFrame:
        """Return who looks after whom: account_id, role, person."""
        people = self.people[self.people["pod"] > 0].rename(columns={"label": "person"})
        pairs = self.accounts[["account_id", "pod"]].merge(people[["pod", "role", "person"]], on="pod")
        return pairs[["account_id", "role", "person"]]

    def by_pod(self) -> pd.DataFrame:
        """Return one row per pod, the uncovered last as pod 0: pod, people, accounts, potential, expert (accounts)."""
        who = self.people[self.people["pod"] > 0].groupby("pod")["label"].agg(", ".join)
        found = self.accounts.groupby("pod").agg(
            accounts=("account_id", "size"), potential=("potential", "sum"), expert=("expert", "sum")
        )
        found = found.reindex(sorted({*who.index, *found.index}, key=lambda pod: (pod == 0, pod)), fill_value=0)
        found.insert(0, "people", [who.get(pod, "") for pod in found.index])
        return found.rename_axis("pod").reset_index()

    def table(self, currency: str = "") -> DataTable:
        """Return the pods as a table."""
        shown = [
            ("Pod", TEXT, "pod"), ("People", TEXT, "people"), ("Accounts", COUNT, "accounts"),
            ("Potential a month", Money(currency), "potential"), ("With expertise", COUNT, "expert"),
        ]  # fmt: skip
        frame = self.by_pod()
        return DataTable.of_frame(frame.assign(pod=[str(each) if each else "none" for each in frame["pod"]]), shown)


def form_pods(
    people: Sequence[Person], accounts: pd.DataFrame, pods: int | None = None, *, bonus: float = EXPERT_BONUS
) -> Pods:
    """Return the pods that cover the most potential, with expertise as a bonus: an exact assignment.

    A pod has one person of each role or more, and looks after as many accounts as its scarcest role can. An account
    goes to a pod in which somebody works in its region.

    Parameters
    ----------
    people
        The team.
    accounts
        account_id and potential (money a month), and region and expertise (such as its industry) where known.
    pods
        How many; as many as the scarcest role has people when None.
    bonus
        What a pod that knows an account's industry adds to its potential, as a share.

    Returns
    -------
    Pods
        The assignment, what is left uncovered, and why.

    Raises
    ------
    ProgrammeError
        Without people or accounts, with a potential below 0 or unknown, two people of one label, or more pods than a
        role has people.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth.programme import Person, form_pods
    >>> people = [Person("sales 1", "sales", 5, ("Europe",)), Person("sales 2", "sales", 5, ("Asia",))]
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "potential": [9.0, 5.0], "region": ["Asia", "Africa"]})
    >>> form_pods(people, accounts).accounts["why"].tolist()
    ['', 'nobody works in Africa']
    """
    team = tuple(people)
    known = _checked(accounts)
    roles = tuple(dict.fromkeys(each.role for each in team))
    size = _size(team, roles, pods)
    works = np.array([[each.works_in(region) for region in known["region"]] for each in team])
    knows = np.array([[bool(want) and want in each.expertise for want in known["expertise"]] for each in team])
    places, held, exact = _assigned(team, roles, known["potential"].to_numpy(), works, knows, size=size, bonus=bonus)
    pod_of = np.where(places.any(axis=1), places.argmax(axis=1) + 1, 0)
    account_pod = np.where(held.any(axis=1), held.argmax(axis=1) + 1, 0)
    expert = np.array([bool(knows[pod_of == pod, at].any()) if pod else False for at, pod in enumerate(account_pod)])
    table = known.assign(pod=account_pod, expert=expert)
    table["why"] = [
        "" if pod else _why(region, team, works[:, at], roles=roles, pod_of=pod_of, account_pod=account_pod)
        for at, (pod, region) in enumerate(zip(account_pod, known["region"], strict=True))
    ]
    covered = float(table.loc[table["pod"] > 0, "potential"].sum())
    who = pd.DataFrame(
        {
            "label": [each.label for each in team],
            "role": [each.role for each in team],
            "pod": pod_of,
            "capacity": [each.capacity for each in team],
        }
    )
    table = table.sort_values("potential", ascending=False, kind="stable", ignore_index=True)
    return Pods(who, table, covered, float(table["potential"].sum()) - covered, exact)


def _checked(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts with every column; ProgrammeError for potential that cannot be weighed."""
    if accounts.empty:
        raise ProgrammeError("There are no accounts to look after.", "Give accounts with their potential.")
    potential = accounts["potential"].to_numpy(dtype=float)
    wrong = ~np.isfinite(potential) | (potential < 0)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise ProgrammeError(
            f"The potential of {accounts['account_id'].iloc[at]} is {potential[at]:g}.",
            "Give 0 or more, or leave the account out.",
        )
    text = {
        name: accounts[name].fillna("").astype(str).to_numpy() if name in accounts else np.full(len(accounts), "")
        for name in ("region", "expertise")
    }
    return pd.DataFrame({"account_id": accounts["account_id"].to_numpy(), "potential": potential, **text})


def _size(team: tuple[Person, ...], roles: tuple[str, ...], pods: int | None) -> int:
    """Return how many pods to form; ProgrammeError where there are too few people for them."""
    if not team:
        raise ProgrammeError("There is nobody to form pods of.", "Give people with role and capacity.")
    labels = [each.label for each in team]
    if twice := sorted({each for each in labels if labels.count(each) > 1}):
        raise ProgrammeError(f"Two people are called {twice[0]}.", "Number the places in each role.")
    scarcest = min(roles, key=lambda role: sum(each.role == role for each in team))
    most = sum(each.role == scarcest for each in team)
    if pods is not None and not 1 <= pods <= most:
        raise ProgrammeError(
            f"{pods} pods need that many people in each role, and {scarcest} has {most}.",
            f"Choose 1 to {most} pods, or add people.",
        )
    return most if pods is None else pods


def _assigned(
    team: tuple[Person, ...],
    roles: tuple[str, ...],
    potential: Floats,
    works: NDArray[np.bool_],
    knows: NDArray[np.bool_],
    *,
    size: int,
    bonus: float,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], bool]:
    """Return people x pods, accounts x pods, and whether it is proven best.

    Variables: who is in which pod (whole), which pod has an account, and whether it is looked after there with
    expertise. What is larger than the places of people allow is bounded by them.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - loads slowly
    from scipy.sparse import bmat, csr_array, eye_array, kron  # noqa: PLC0415 - loads slowly

    humans, count = len(team), len(potential)
    one = eye_array(size)
    people_block, account_block = humans * size, count * size
    in_role = np.array([[each.role == role for each in team] for role in roles], dtype=float)
    capacity = in_role * np.array([each.capacity for each in team], dtype=float)
    ones = np.ones((1, count))
    # Rows: each person in one pod at most; each account too; each role in each pod; capacity of each role in each
    # pod; a region only where somebody works; expertise only where somebody has it, and only with the account.
    rows = [
        (kron(eye_array(humans), np.ones((1, size))), None, None, -np.inf, 1.0),
        (None, kron(eye_array(count), np.ones((1, size))), None, -np.inf, 1.0),
        (kron(in_role, one), None, None, 1.0, np.inf),
        (-kron(capacity, one), kron(np.ones((len(roles), 1)) @ ones, one), None, -np.inf, 0.0),
        (-kron(works.T.astype(float), one), eye_array(account_block), None, -np.inf, 0.0),
        (-kron(knows.T.astype(float), one), None, eye_array(account_block), -np.inf, 0.0),
        (None, -eye_array(account_block), eye_array(account_block), -np.inf, 0.0),
    ]  # fmt: skip
    widths = (people_block, account_block, account_block)
    constraints = [
        LinearConstraint(
            bmat(
                [[
                    csr_array((_height(row[:3]), wide)) if part is None else part
                    for part, wide in zip(row[:3], widths, strict=True)
                ]]
            ).tocsc(),
            row[3],
            row[4],
        )
        for row in rows
    ]  # fmt: skip
    upper = np.ones(people_block + 2 * account_block)
    # Pods have no names, so the first person of the scarcest role is in the first, the second in one of two, and so on.
    anchor = min(range(len(roles)), key=lambda at: in_role[at].sum())
    for turn, person in enumerate(np.flatnonzero(in_role[anchor])):
        upper[person * size + turn + 1 : (person + 1) * size] = 0.0
    gain = np.concatenate([np.zeros(people_block), np.repeat(potential, size), np.repeat(bonus * potential, size)])
    whole = np.concatenate([np.ones(people_block), np.zeros(2 * account_block)])
    found = milp(
        -gain,
        constraints=constraints,
        bounds=Bounds(0.0, upper),
        integrality=whole,
        options={"time_limit": _SECONDS, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ProgrammeError(
            f"No pods were found among {humans} people and {count} accounts: {found.message}",
            "Form fewer pods, or of fewer accounts.",
        )
    half = 0.5
    places = found.x[:people_block].reshape(humans, size) > half
    held = found.x[people_block : people_block + account_block].reshape(count, size) > half
    return places, held, found.status == 0


def _height(parts: Sequence[object]) -> int:
    return next(part.shape[0] for part in parts if part is not None)  # type: ignore[attr-defined]


def _why(
    region: str,
    team: tuple[Person, ...],
    works: NDArray[np.bool_],
    *,
    roles: tuple[str, ...],
    pod_of: NDArray[np.intp],
    account_pod: NDArray[np.intp],
) -> str:
    """Say why an account is in no pod: nobody works in its region, or those who do have no capacity left."""
    if not works.any():
        return f"nobody works in {region}"
    pods = [int(pod) for pod in np.unique(pod_of[works]) if pod]
    if not pods:
        return f"who works in {region} is in no pod"
    full = []
    for role in roles:
        capacity = {
            pod: sum(each.capacity for each, at in zip(team, pod_of, strict=True) if at == pod and each.role == role)
            for pod in pods
        }
        if all(capacity[pod] <= int((account_pod == pod).sum()) for pod in pods):
            full.append(role)
    return f"no capacity left in {', '.join(full)}" if full else "the pods that could take it are full"
