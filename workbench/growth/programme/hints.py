"""In-product rules: hints on related workflows, underused features, integrations and scaling, as data for a product.

A hint is a condition on uses of features in the last complete weeks, so that any system can evaluate it; what makes it
worth giving is found in the company's own use. Scaling is told by triggers, which are exported with the hints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd
from pydantic import Field

from workbench.growth.programme.pods import ProgrammeError
from workbench.growth.triggers.rules import Trigger, TriggerCondition
from workbench.impact.events.event_log import fetched
from workbench.stats import wilson
from workbench.study.model import FrozenModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.base import CustomerBase

HintKind = Literal["related workflow", "underused feature", "integration"]
RELATED: HintKind = "related workflow"
UNDERUSED: HintKind = "underused feature"
INTEGRATION: HintKind = "integration"
WEEKS, USED, FEWEST_USERS, HALF, LEVEL, LIFT = 13, 4, 20, 0.5, 0.95, 1.2
_JOINS = ("integrat", "connect", "api", "sync", "webhook")
SCALING = {
    "scaling": Trigger(
        name="Scaling",
        every="month",
        signals="The account uses half as much again as in the half year before.",
        offer="what others at this size do next",
        say="You use much more than half a year ago: see what teams of your size do next.",
        who="product",
        cool_down_days=90,
        when=(TriggerCondition(signal="usage_growth", at_least=1.5),),
    )
}


class ProductHint(FrozenModel):
    """One hint: shown to an account that used `needs` often enough and `feature` hardly, in the last complete weeks.

    Attributes
    ----------
    kind
        "related workflow", "underused feature" or "integration".
    feature
        What is hinted at.
    needs, at_least
        The feature that must have been used, and how often; of the hinted one itself where blank.
    at_most
        How often the hinted feature was used at most.
    weeks
        Of how many complete weeks, Monday to Sunday, uses are added up.
    share, of
        The share of the accounts that use `needs` that use the hinted one too, and how many they are.
    say
        The sentence to show.

    Examples
    --------
    >>> from workbench.growth.programme import ProductHint
    >>> hint = ProductHint(kind="related workflow", feature="API", needs="charts", say="Most do both.")
    >>> hint.at_least, hint.at_most, hint.weeks
    (4, 0, 13)
    """

    kind: HintKind
    feature: str
    needs: str = ""
    at_least: int = Field(default=USED, ge=1)
    at_most: int = Field(default=0, ge=0)
    weeks: int = Field(default=WEEKS, ge=1, le=104)
    share: float | None = Field(default=None, ge=0, le=1)
    of: int = Field(default=0, ge=0)
    say: str = ""


class ProductRules(FrozenModel):
    """Everything a product shows by itself: hints on features, and triggers on usage.

    Attributes
    ----------
    version
        How they are written.
    hints
        The hints.
    triggers
        Triggers by key, as in a playbook.

    Examples
    --------
    >>> from workbench.growth.programme import ProductRules
    >>> rules = ProductRules()
    >>> ProductRules.model_validate_json(rules.json_text()) == rules, sorted(rules.schema_of()["properties"])
    (True, ['hints', 'triggers', 'version'])
    """

    version: Literal[1] = 1
    hints: tuple[ProductHint, ...] = ()
    triggers: dict[str, Trigger] = Field(default_factory=lambda: dict(SCALING))

    def json_text(self) -> str:
        """Return the rules as JSON, for another system to read."""
        return self.model_dump_json(indent=2, exclude_none=True)

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        """Return the JSON Schema of exported rules, of the year 2020-12."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cls.model_json_schema()}


def product_rules(
    base: CustomerBase, triggers: Mapping[str, Trigger] | None = None, *, weeks: int = WEEKS, most: int = 20
) -> ProductRules:
    """Return the hints that the company's own use speaks for.

    A feature is related to another when accounts that use the one use it too at least half of the time, and more often
    than accounts do in general, beyond chance. It is underused where an account has tried it and uses it less than
    three in four of its users do, and four times less than half of them. Both need twenty accounts.
    Integrations are related features that join other systems.

    Parameters
    ----------
    base
        The customers.
    triggers
        Triggers the product acts on as well, such as those of a playbook that are on; scaling is always one.
    weeks
        Over how many of the last complete weeks use is seen.
    most
        How many hints of each kind at most.

    Returns
    -------
    ProductRules
        The rules.

    Raises
    ------
    ProgrammeError
        Without a record of feature use.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import product_rules
    >>> used = [(f"A{at}", name) for at in range(60) for name in ("charts", "API", "maps") if at < 30 or name == "maps"]
    >>> use = pd.DataFrame(used, columns=["account_id", "feature"]).assign(week="2024-01-01", uses=9)
    >>> tables = {"accounts": pd.DataFrame({"account_id": [f"A{at}" for at in range(60)]}), "feature_use": use}
    >>> month = pd.DataFrame({"account_id": ["A0"], "month": "2024-01", "metric": "seats", "quantity": 1})
    >>> rules = product_rules(CustomerBase.from_tables({**tables, "usage": month}))
    >>> [(each.kind, each.needs, each.feature) for each in rules.hints]
    [('related workflow', 'API', 'charts'), ('integration', 'charts', 'API')]
    """
    uses = _uses(base, weeks)
    found: list[ProductHint] = []
    for feature in uses.columns:
        found += _related(uses >= USED, str(feature), weeks, INTEGRATION if _joins(base, feature) else RELATED)
        found += _underused(uses[feature], str(feature), weeks)
    ordered = sorted(found, key=lambda each: (-(each.share or 0.0), each.feature))
    kept = [
        each for kind in (RELATED, INTEGRATION, UNDERUSED) for each in [h for h in ordered if h.kind == kind][:most]
    ]
    return ProductRules(hints=tuple(kept), triggers={**(triggers or {}), **SCALING})


def _related(many: pd.DataFrame, feature: str, weeks: int, kind: HintKind) -> list[ProductHint]:
    """Return the hint on a feature to those who use the one it goes with most surely; none where it goes with none."""
    overall, sure = float(many[feature].mean()), {}
    for needs in many.columns:
        of = int(many[needs].sum())
        share = wilson(int((many[needs] & many[feature]).sum()), of, LEVEL) if of >= FEWEST_USERS else None
        known = share is not None and share.estimate >= HALF and share.low > overall and share.estimate > LIFT * overall
        if needs != feature and share is not None and known:
            sure[str(needs)] = (share, of)
    if not sure:
        return []
    needs = max(sure, key=lambda each: sure[each][0].low)
    share, of = sure[needs]
    told = f"{share.estimate:.0%} of those who use {needs} use {feature} too."
    return [ProductHint(kind=kind, feature=feature, needs=needs, weeks=weeks, share=share.estimate, of=of, say=told)]


def _underused(uses: pd.Series, feature: str, weeks: int) -> list[ProductHint]:
    """Return the hint on a feature to those who tried it, where they use it far less than half of its users do."""
    users = uses[uses > 0]
    few = int(np.floor(users.quantile(0.25, interpolation="lower"))) if len(users) >= FEWEST_USERS else 0
    if few < 1 or few * USED > users.median():
        return []
    told = (
        f"You have tried {feature}; half of those who use it do so {users.median():.0f} times in {weeks} weeks or more."
    )
    return [ProductHint(kind=UNDERUSED, feature=feature, at_least=1, at_most=few, weeks=weeks, of=len(users), say=told)]


def shown_hints(base: CustomerBase, rules: ProductRules) -> pd.DataFrame:
    """Return which hint each account sees on the last day of the data.

    Parameters
    ----------
    base
        The customers.
    rules
        The rules.

    Returns
    -------
    pd.DataFrame
        account_id, hint (its place in the rules), kind, feature, say.

    Raises
    ------
    ProgrammeError
        Without a record of feature use.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import ProductHint, ProductRules, shown_hints
    >>> use = pd.DataFrame({"account_id": ["A", "B", "B"], "feature": ["charts", "charts", "API"], "uses": [9, 9, 2]})
    >>> month = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01", "metric": "seats", "quantity": 1})
    >>> tables = {"accounts": month[["account_id"]], "usage": month, "feature_use": use.assign(week="2024-01-22")}
    >>> hint = ProductHint(kind="related workflow", feature="API", needs="charts")
    >>> shown_hints(CustomerBase.from_tables(tables), ProductRules(hints=(hint,)))["account_id"].tolist()
    ['A']
    """
    if not base.has("feature_use"):
        raise ProgrammeError("Nothing is known of the use of features.", "Add the table feature_use.")
    return hints_from(base.frames["feature_use"], rules)


def hints_from(feature_use: Any, rules: ProductRules) -> pd.DataFrame:  # noqa: ANN401 - a frame of any engine
    """Return which hint each account sees, from a table of feature use of any engine that narwhals speaks with.

    Parameters
    ----------
    feature_use
        account_id, feature, week and uses: a frame of pandas, a relation of DuckDB or a frame of Spark, in which all of
        it is added up.
    rules
        The rules.

    Returns
    -------
    pd.DataFrame
        As of `shown_hints`.

    Examples
    --------
    >>> import duckdb
    >>> from workbench.growth.programme import ProductHint, ProductRules, hints_from
    >>> used = duckdb.sql("select 'A' as account_id, 'charts' as feature, timestamp '2024-01-22' as week, 9 as uses")
    >>> hint = ProductHint(kind="related workflow", feature="API", needs="charts")
    >>> hints_from(used, ProductRules(hints=(hint,)))[["account_id", "hint"]].to_numpy().tolist()
    [['A', 0]]
    """
    named = ["account_id", "hint", "kind", "feature", "say"]
    if not rules.hints:
        return pd.DataFrame(columns=named)
    use = nw.from_native(feature_use).lazy()
    last = pd.Timestamp(fetched(use.select(nw.col("week").max()))["week"].iloc[0])
    wanted = {(each.weeks, name) for each in rules.hints for name in (each.feature, each.needs or each.feature)}
    columns = {key: f"sum{at}" for at, key in enumerate(sorted(wanted))}
    counted = [
        nw.when((nw.col("feature") == feature) & (nw.col("week") > (last - pd.Timedelta(weeks=weeks)).to_pydatetime()))
        .then(nw.col("uses"))
        .otherwise(0)
        .alias(name)
        for (weeks, feature), name in columns.items()
    ]
    added = (
        use.select("account_id", *counted)
        .group_by("account_id")
        .agg(*(nw.col(each).sum() for each in columns.values()))
    )
    sums = fetched(added).sort_values("account_id", ignore_index=True)
    parts = []
    for at, hint in enumerate(rules.hints):
        own, other = (sums[columns[hint.weeks, name]] for name in (hint.feature, hint.needs or hint.feature))
        who = sums.loc[(other >= hint.at_least) & (own <= hint.at_most), "account_id"]
        parts.append(pd.DataFrame(
            {"account_id": who, "hint": at, "kind": hint.kind, "feature": hint.feature, "say": hint.say}
        ))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _uses(base: CustomerBase, weeks: int) -> pd.DataFrame:
    """Return uses of each feature in the last complete weeks of the data, by account."""
    if not base.has("feature_use"):
        raise ProgrammeError("Nothing is known of the use of features.", "Add the table feature_use.")
    table = base.frames["feature_use"]
    recent = table[table["week"] > table["week"].max() - pd.Timedelta(weeks=weeks)]
    return recent.pivot_table(index="account_id", columns="feature", values="uses", aggfunc="sum", fill_value=0.0)


def _joins(base: CustomerBase, feature: str) -> bool:
    """Tell whether a feature joins other systems, by its name and area."""
    area = ""
    if base.has("features"):
        table = base.frames["features"]
        area = " ".join(table.loc[table["feature"] == feature, "area"].dropna().astype(str))
    words = f"{feature} {area}".casefold()
    return any(each in words for each in _JOINS)
