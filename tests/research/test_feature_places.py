"""Feature values: each source decides where it alone speaks, and what nobody knows stays unknown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.research import feature_values, kano, maxdiff
from workbench.results import Interval

DATA = Path(__file__).parents[2] / "data"
KINDS = {"must": (3, 5), "more": (1, 5), "delight": (1, 3), "cold": (3, 3), "unwanted": (5, 1)}


@pytest.fixture(scope="module")
def sample() -> CustomerBase:
    """Return the sample company before its move."""
    return CustomerBase.load(DATA / "sample", as_of="2024-12-31")


def company(users: dict[str, list[int]], requests: list[tuple[int, str]] = ()) -> CustomerBase:
    """Return thirty accounts paying 1 to 30 a month, of whom those numbered use each feature."""
    accounts = [f"A{number}" for number in range(30)]
    tables = {
        "accounts": pd.DataFrame({"account_id": accounts}),
        "mrr": pd.DataFrame({"account_id": accounts, "month": "2024-01", "amount": np.arange(1.0, 31)}),
        "features": pd.DataFrame({"feature": [*users, "Unseen"]}),
        "feature_use": pd.DataFrame(
            [
                {"account_id": accounts[number], "week": "2024-01-08", "feature": name, "uses": 9}
                for name, numbers in users.items()
                for number in numbers
            ]
        ),
    }
    if requests:
        tables["requests"] = pd.DataFrame(
            [
                {"account_id": accounts[number], "date": f"2024-01-{9 + day:02d}", "feature": name}
                for day, (number, name) in enumerate(requests)
            ]
        )
    return CustomerBase.from_tables(tables)


def fits(**kinds: str) -> pd.DataFrame:
    """Return forty people who agree on the kind of each feature."""
    return pd.DataFrame(
        [
            {"respondent": f"R{person}", "feature": name, "functional": KINDS[kind][0], "dysfunctional": KINDS[kind][1]}
            for name, kind in kinds.items()
            for person in range(40)
        ]
    )


def test_use_alone_sorts_features() -> None:
    """Widely used goes everywhere, growing use scales, few large accounts fence the top, few of every size buy."""
    found = feature_values(
        company(
            {
                "Wide": list(range(28)),
                "Growing": [0, 3, 6, *range(12, 27)],
                "Large few": [26, 27, 28, 29],
                "Even few": [2, 9, 15, 21, 27],
            }
        )
    )
    assert found.of("Wide").place == "every tier"
    assert found.of("Growing").place == "scale by tier"
    assert found.of("Large few").place == "fence of the top tier"
    assert found.of("Even few").place == "add-on"
    assert "No feature survey" in found.cautions[0].text


def test_answers_decide_before_use() -> None:
    """What customers expect goes everywhere, what they want more of scales, a delight is sold, and cold stays out."""
    base = company({"Must": [1], "More": [2], "Delight": [3], "Cold": [28, 29], "Unwanted": list(range(10))})
    survey = kano(fits(Must="must", More="more", Delight="delight", Cold="cold", Unwanted="unwanted"), samples=20)
    found = feature_values(base, kano=survey)
    assert [found.of(name).place for name in ("Must", "More", "Delight", "Cold", "Unwanted")] == [
        "every tier",
        "scale by tier",
        "add-on",
        "no weight in the tiers",
        "no weight in the tiers",
    ]
    assert "Only 3% of active accounts use it today." in found.of("Must").against


def test_a_few_users_of_every_size_outweigh_a_cold_majority() -> None:
    """A feature most do not care for, yet steadily used by a few of every size, sells as an add-on."""
    base = company({"Niche": [2, 9, 15, 21, 27]})
    found = feature_values(base, kano=kano(fits(Niche="cold"), samples=20)).of("Niche")
    assert found.place == "add-on"
    assert "Most customers do not care" in found.because


def test_what_choices_pay_for_is_sold() -> None:
    """A feature with a surely positive worth in a choice study is an add-on, by whatever spelling of its name."""
    base = company({"Audit trail": [1]})
    found = feature_values(base, choice={"audit_trail": Interval(20, 35, 50)}).of("Audit trail")
    assert (found.place, found.evidence.willingness.estimate) == ("add-on", 35)
    unsure = feature_values(base, choice={"audit_trail": Interval(-5, 10, 25)}).of("Audit trail")
    assert unsure.place == "unknown"


def test_what_nobody_knows_stays_unknown() -> None:
    """Without use and answers a feature has no place and no numbers; requests that are not recorded are unknown."""
    base = CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["a"]}),
            "mrr": pd.DataFrame({"account_id": ["a"], "month": "2024-01", "amount": [5.0]}),
            "features": pd.DataFrame({"feature": ["Mystery"]}),
        }
    )
    found = feature_values(base)
    row = found.table.iloc[0]
    assert row["place"] == "unknown"
    assert row[["adoption", "requests", "preference", "worth_a_month"]].isna().all()
    assert any("adoption is unknown" in caution.text for caution in found.cautions)
    with pytest.raises(KeyError):
        found.of("Other")


def test_requests_speak_against_leaving_a_feature_out() -> None:
    """A feature nobody cares for but several accounts asked for says so."""
    base = company({"Cold": [29]}, requests=[(1, "Cold"), (1, "Cold"), (2, "Cold")])
    found = feature_values(base, kano=kano(fits(Cold="cold"), samples=20)).of("Cold")
    assert found.evidence.requests == 2
    assert "2 accounts asked for it." in found.against


def test_the_sample_companys_features_find_their_places(sample: CustomerBase) -> None:
    """Must-be features go everywhere, one-dimensional scale, attractive are sold, and minority features are add-ons."""
    truth = json.loads((DATA / "sample_truth.json").read_text(encoding="utf-8"))
    found = feature_values(sample, maxdiff(sample.survey_best_worst), kano(sample.survey_feature_fit))
    wanted = {
        "must_be": {"every tier"},
        "one_dimensional": {"scale by tier"},
        "attractive": {"fence of the top tier", "add-on"},
    }
    for name, kind in truth["surveys"]["feature_fit_kind"].items():
        if kind in wanted:
            assert found.of(name).place in wanted[kind], name
    sold = [name for name in truth["minority_features"] if found.of(name).place == "add-on"]
    assert len(sold) >= 4
    assert "Every tier: " in found.reading
