"""An example design for each method: a file to begin with, to be filled with one's own offer."""

from __future__ import annotations

from typing import Any

from workbench.research.design_file import Design, Method, read_design

_OFFER = "The plan for a growing team: unlimited dashboards, 1,000 GB of data a month, support by chat."
_COMMON = {
    "introduction": "Your answers help us to set fair prices. This takes about five minutes; no answer is wrong.",
    "closing": "Please send the file you have saved to the person who invited you.",
    "segments": ["Up to 50 employees", "51 to 500 employees", "More than 500 employees"],
}
_FEATURES = [
    {"name": "Scheduled reports", "description": "Sent to everybody who needs them, every morning."},
    {"name": "Single sign-on", "description": "Your people sign in with the account they have."},
    {"name": "Anomaly alerts", "description": "A message when a number leaves its usual range."},
    {"name": "Forecast builder", "description": "Next quarter's numbers from those you have."},
    {"name": "Audit trail", "description": "Who saw and changed what, kept for seven years."},
    {"name": "Open API", "description": "Your own programs read and write everything."},
    {"name": "White-label portal", "description": "Dashboards under your name for your own customers."},
]
_EXAMPLES: dict[str, dict[str, Any]] = {
    "price-sensitivity": {"title": "What is it worth to you?", "offer": _OFFER},
    "price-ladder": {"title": "Would you buy it?", "offer": _OFFER, "prices": [99, 149, 199, 299, 399, 599]},
    "randomised-price": {"title": "Would you buy it?", "offer": _OFFER, "prices": [99, 149, 199, 299, 399, 599]},
    "choice": {
        "title": "Help us shape our offers",
        "attributes": [
            {"name": "price", "levels": [99, 199, 299, 449], "label": "Price", "prior": -0.004},
            {"name": "data_gb", "levels": [250, 500, 1000], "label": "Data included", "unit": "GB a month"},
            {
                "name": "support",
                "levels": ["mail", "chat", "manager"],
                "label": "Support",
                "shown": {"mail": "By mail", "chat": "By chat, day and night", "manager": "Your own manager"},
            },
            {"name": "audit_trail", "levels": ["no", "yes"], "label": "Audit trail",
             "shown": {"no": "Not included", "yes": "Included"}},
        ],
        "prohibited": [[["price", 99], ["support", "manager"]]],
    },
    "best-worst": {"title": "What matters most to you?", "features": _FEATURES, "shown": 4, "tasks": 6},
    "feature-fit": {"title": "How would you feel?", "features": _FEATURES},
}  # fmt: skip


def example_design(method: Method | str) -> Design:
    """Return an example design for a method; ResearchError when there is no such method."""
    return read_design(method, {**_COMMON, **_EXAMPLES.get(method, {})})
