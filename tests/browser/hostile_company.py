"""A small company and its study in which every name and every free text is an attack."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers import CustomerBase
from workbench.outputs import csv_bytes
from workbench.stages.anchoring.decision import AnchoringDecision
from workbench.stages.contract import gather_evidence, record_all, with_starting_points
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.study import Assumption, Study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from workbench.study import Scenario

ACCOUNTS, MONTHS = 30, pd.date_range("2024-01-01", periods=14, freq="MS")
SEGMENTS, PLANS, METRICS, FEATURES, VENDORS, AREAS = 3, 3, 2, 6, 3, 2
WHEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
MOST_IN_A_COMPANY = ACCOUNTS + SEGMENTS + PLANS + METRICS + FEATURES + VENDORS + AREAS
# Characters a file of tables cannot hold inside a name, or that the product trims or refuses there.
_CUT = dict.fromkeys([*range(32), 127, 0x85, 0xFFFE, 0xFFFF])


def as_name(text: str) -> str:
    """Return the text as a table would hold it: no control characters, no blanks around it."""
    return " ".join(text.translate(_CUT).split())


def hostile_tables(names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return a company of these names: accounts first, then features, segments, plans, metrics, vendors and areas."""
    given = _given(names)
    random = np.random.default_rng(5)
    accounts, features, segments, plans, metrics, vendors, areas = (
        list(islice(given, size)) for size in (ACCOUNTS, FEATURES, SEGMENTS, PLANS, METRICS, VENDORS, AREAS)
    )
    size = np.sort(random.lognormal(3, 1, ACCOUNTS))
    plan = [plans[place * PLANS // ACCOUNTS] for place in range(ACCOUNTS)]
    months = len(MONTHS)
    usage = [
        pd.DataFrame(
            {
                "account_id": np.repeat(accounts, months),
                "month": np.tile(MONTHS, ACCOUNTS),
                "metric": metric,
                "quantity": np.round(np.outer(size, np.linspace(1, 1.4, months)) * scale).ravel() + 1,
            }
        )
        for metric, scale in zip(metrics, (1, 40), strict=True)
    ]
    uses = [
        (account, "2024-12-02", feature, 5)
        for place, account in enumerate(accounts)
        for order, feature in enumerate(features)
        if place * (order + 1) % 7 != 1
    ]
    offers = [
        (vendor, f"{level} {vendor}"[:80], "plan", price * level, "account", metrics[0], 50.0 * level, features[0])
        for vendor, price in zip(vendors, (45.0, 60.0, 80.0), strict=True)
        for level in (1, 2)
    ]
    return {
        "accounts": pd.DataFrame(
            {
                "account_id": accounts,
                "name": accounts[::-1],
                "segment": list(islice(cycle(segments), ACCOUNTS)),
                "industry": accounts,
                "region": accounts,
                "plan": plan,
                "signed_up": "2023-06-01",
            }
        ),
        "usage": pd.concat(usage),
        "mrr": pd.DataFrame(
            {
                "account_id": np.repeat(accounts, months),
                "month": np.tile(MONTHS, ACCOUNTS),
                "amount": np.round(np.repeat(size, months) * 3 + 20, 2),
                "plan": np.repeat(plan, months),
                "currency": "USD",
            }
        ),
        "plans": pd.DataFrame(
            {"plan": plans, "base_fee": [20.0, 60.0, 150.0], "metric": metrics[0], "unit_price": 1.5,
             "included_units": 5.0, "billing_period": "month", "currency": "USD"}
        ),
        "plan_limits": pd.DataFrame({"plan": plans[:1], "metric": metrics[0], "limit": [40.0]}),
        "plan_features": pd.DataFrame({"plan": plans, "feature": features[: len(plans)]}),
        "features": pd.DataFrame(
            {"feature": features, "area": list(islice(cycle(areas), FEATURES)), "must_have": [True, *[False] * 5]}
        ),
        "feature_use": pd.DataFrame(uses, columns=["account_id", "week", "feature", "uses"]),
        "requests": pd.DataFrame({"account_id": accounts[:9], "date": "2024-11-05", "feature": features[-1]}),
        "outcomes": pd.DataFrame(
            {"account_id": accounts, "date": "2024-11-05", "kind": metrics[1], "value": np.round(size)}
        ),
        "competitor_offers": pd.DataFrame(
            offers, columns=["vendor", "offer", "kind", "price", "per", "limit_metric", "limit", "source"]
        ).assign(billing_period="month", currency="USD", seen_on="2025-01-05"),
    }  # fmt: skip


def hostile_base(folder: Path, names: Sequence[str]) -> CustomerBase:
    """Return the company read from files; guards keep an apostrophe that is part of a name apart from one of ours."""
    folder.mkdir()
    for name, frame in hostile_tables(names).items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(frame))
    return CustomerBase.load(folder)


def hostile_study(base: CustomerBase, names: Sequence[str]) -> Study:
    """Return a study of the company, with these names wherever a person may write something."""
    given = _given(names)
    study = Study.new("hostile", "data", title=next(given), scenario_name=next(given))
    evidence = gather_evidence(base)
    design = _renamed(with_starting_points(base, study.designs[0], evidence=evidence), given)
    design = design.with_waiver("T1", next(given), next(given), WHEN).replaced(note=next(given))
    study = study.with_scenario(design)
    for key in ("one", "two"):
        words = {"label": next(given), "unit": next(given), "source": next(given), "note": next(given)}
        study = study.with_assumption(Assumption(id=key, low=1, high=2, **words))
    study = study.with_threshold("T2", next(given), next(given), WHEN, high=0.99)
    who = next(given)
    reasons = {outcome: next(given) for outcome in evidence}
    study = record_all(base, study, design.id, who=who, when=WHEN, reasons=reasons, evidence=evidence)
    study = study.duplicate_scenario(design.id, next(given))
    return study.choose(design.id, next(given), next(given), WHEN)


def hostile_design(method: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the design of a questionnaire that asks about nothing but attacks."""
    given = _given(names)
    words = {field: next(given) for field in ("title", "introduction", "closing", "per", "period")}
    common = {**words, "segments": [next(given), next(given)]}
    if method in {"best-worst", "feature-fit"}:
        fields = {"features": [{"name": next(given), "description": next(given)} for _ in range(8)]}
    elif method == "choice":
        levels = [{"name": next(given), "label": next(given), "levels": [next(given), next(given)]} for _ in range(2)]
        fields = {"attributes": [{"name": "price", "levels": [10, 20, 30]}, *levels]}
    else:
        fields = {"offer": next(given)}
        if method != "price-sensitivity":
            fields["prices"] = [10, 20, 30, 40]
    return common | fields


def _renamed(design: Scenario, given: Iterator[str]) -> Scenario:
    tiers = design.decision(TierDecision)
    design = design.with_decision(tiers.replaced(tiers=tuple(each.replaced(name=next(given)) for each in tiers.tiers)))
    add_ons = design.decision(AddOnDecision)
    design = design.with_decision(
        add_ons.replaced(add_ons=tuple(each.replaced(name=next(given), job=next(given)) for each in add_ons.add_ons))
    )
    anchoring = design.decision(AnchoringDecision)
    return design.with_decision(anchoring.replaced(position=next(given)))


def _given(names: Sequence[str]) -> Iterator[str]:
    """Yield the names one after another, again from the start with a number when all are used, each only once."""
    known = [name for name in dict.fromkeys(map(as_name, names)) if name]
    for turn in range(1000):
        for name in known:
            yield name if turn == 0 else f"{name[: 80 - len(str(turn))]}{turn}"
