"""An agenda with every kind of exercise, and an answer to each."""

from __future__ import annotations

from typing import Any

from workbench.workshop import Agenda, Exercise


def options(*names: str) -> list[dict[str, str]]:
    """Return options by their labels."""
    return [{"id": name.lower().replace(" ", "-"), "label": name} for name in names]


def agenda() -> Agenda:
    """Return an agenda with every kind of exercise."""
    groups = [{"id": "team", "label": "Team"}, {"id": "pro", "label": "Professional"}, {"id": "add", "label": "Add-on"}]
    tiers = [{"id": "team", "label": "Team", "low": 5, "high": 500}, {"id": "pro", "label": "Professional"}]
    wide: dict[str, Any] = {"low": 5, "high": 2000, "log": True, "unit": "USD"}
    figure = '<table><caption>Metrics</caption><tr><th scope="row">Rows synced</th><td>1.2 million</td></tr></table>'
    exercises = (
        Exercise(key="metric", kind="score", title="Which value metric do customers want?", question="From 1 to 5.",
                 options=options("Rows synced", "Seats"), notes="Let the quiet ones speak.", figure=figure,
                 shown_first="Two metrics are left.", data_say="Rows synced go with worth (0.71), seats less (0.40)."),
        Exercise(key="models", kind="rank", title="Rank the models", options=options("Flat", "Hybrid", "Usage")),
        Exercise(key="features", kind="cards", title="Where does each feature belong?", rounds=1, groups=groups,
                 options=options("Single sign-on", "Audit log")),
        Exercise(key="prices", kind="price_ranges", title="What may each tier cost?", options=tiers, rounds=1, **wide),
        Exercise(key="ideas", kind="ideas", title="Ideas for add-ons", rounds=1, most=3),
        Exercise(key="points", kind="points", title="Vote on the ideas", options_from="ideas", points=3, rounds=1),
        Exercise(key="names", kind="name", title="Name it", options=options("Security pack"), rounds=1, named=True),
        Exercise(key="risks", kind="risks", title="What could go wrong?", options=options("Churn"), rounds=1),
        Exercise(key="finance", kind="forecast", title="Churn by then?", options=options("Churn share"), rounds=1,
                 low=0, high=100, unit="%", roles=("Finance",)),
        Exercise(key="confidence", kind="confidence", title="How sure are we?", question="Of the decision.", rounds=1),
    )  # fmt: skip
    return Agenda(key="demo", title="From metric to tiers", roles=("Sales", "Product", "Finance"), exercises=exercises)


ANSWERS: dict[str, Any] = {
    "metric": {"rows-synced": 5, "seats": 2},
    "models": ["hybrid", "usage", "flat"],
    "features": {"single-sign-on": "pro", "audit-log": "add"},
    "prices": {"team": [20, 29, 49], "pro": [80, 99.5, 150]},
    "ideas": ["Security pack", "Priority support"],
    "points": {"idea-1": 2, "idea-2": 1},
    "names": {"security-pack": "Guard"},
    "risks": {"churn": [2, 4]},
    "finance": {"churn-share": [2, 4, 8]},
    "confidence": {"fingers": 4, "objection": "Too fast for small accounts"},
}
