"""In-product rules come from the company's own use, leave as JSON with a schema, and fire alike in plain SQL."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.growth.programme import ProductHint, ProductRules, ProgrammeError, product_rules, shown_hints

LAST = pd.Timestamp("2024-03-25")


def base_of(uses: pd.DataFrame) -> CustomerBase:
    """Return a base with these uses of features."""
    ids = sorted(uses["account_id"].unique())
    month = pd.DataFrame({"account_id": ids, "month": "2024-03", "metric": "seats", "quantity": 1})
    features = pd.DataFrame({"feature": sorted(uses["feature"].unique())}).assign(area="Work")
    tables = {"accounts": month[["account_id"]], "usage": month, "feature_use": uses, "features": features}
    return CustomerBase.from_tables(tables)


def planted(apart: bool = False) -> pd.DataFrame:
    """Return 100 accounts: 40 use charts, nine in ten of them maps too, of the others one in six; exports by chance."""
    random, rows = np.random.default_rng(0), []
    for at in range(100):
        charts = at < 40
        maps = random.random() < (0.2 if apart else 0.9 if charts else 0.17)
        for name, uses in (("charts", 9 * charts), ("maps", 9 * maps), ("exports", 9 * (random.random() < 0.5)),
                           ("CRM sync", 9 * (charts and at % 5 > 0)), ("login", 20)):  # fmt: skip
            if uses:
                rows.append((f"A{at}", name, LAST, uses))
    return pd.DataFrame(rows, columns=["account_id", "feature", "week", "uses"])


def test_hints_are_what_was_planted_and_nothing_else() -> None:
    """Maps go with charts, the sync is an integration, and what is used by chance or by everybody is no hint."""
    rules = product_rules(base_of(planted()))
    found = {each.feature: (each.kind, each.needs) for each in rules.hints}
    assert found["maps"][0] == "related workflow"
    assert found["maps"][1] in {"charts", "CRM sync"}
    assert found["CRM sync"] == ("integration", "charts")
    assert "exports" not in found
    assert "login" not in found
    assert "maps" not in {each.feature for each in product_rules(base_of(planted(apart=True))).hints}


def test_an_underused_feature_by_hand() -> None:
    """Of 30 users, eight tried it twice and the others use it twenty times: the eight are told."""
    rows = [(f"A{at:02}", "maps", LAST, 2 if at < 8 else 20) for at in range(30)]
    base = base_of(pd.DataFrame(rows, columns=["account_id", "feature", "week", "uses"]))
    rules = product_rules(base)
    assert [(each.kind, each.at_least, each.at_most) for each in rules.hints] == [("underused feature", 1, 2)]
    assert shown_hints(base, rules)["account_id"].tolist() == [f"A{at:02}" for at in range(8)]


def test_an_exported_document_keeps_its_schema() -> None:
    """What is exported is valid by the schema published with it; a wrong kind and an unknown field are not."""
    rules = product_rules(base_of(planted()))
    document, schema = json.loads(rules.json_text()), ProductRules.schema_of()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert ProductRules.model_validate_json(rules.json_text()) == rules
    for wrong in ({**document, "more": 1}, {**document, "hints": [{"kind": "loud", "feature": "maps"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_use_turns_a_hint_on_and_off() -> None:
    """Who begins to use the hinted feature does not see the hint any more."""
    hint = ProductRules(hints=(ProductHint(kind="related workflow", feature="maps", needs="charts"),))
    rows = [("A", "charts", LAST, 9), ("B", "charts", LAST, 9), ("B", "maps", LAST, 1)]
    uses = pd.DataFrame(rows, columns=["account_id", "feature", "week", "uses"])
    assert shown_hints(base_of(uses), hint)["account_id"].tolist() == ["A"]


def test_without_feature_use_it_says_what_to_add() -> None:
    """Nothing is known of features: the table to add is named."""
    month = pd.DataFrame({"account_id": ["A"], "month": "2024-03", "metric": "seats", "quantity": 1})
    base = CustomerBase.from_tables({"accounts": month[["account_id"]], "usage": month})
    with pytest.raises(ProgrammeError, match="Add the table feature_use"):
        product_rules(base)
