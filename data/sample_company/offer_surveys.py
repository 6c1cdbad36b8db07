"""Surveys about what an offer contains: choices between offers, best and worst features, feature fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_company import settings as company

# Mean and spread over respondents of what each attribute adds to utility. Price is per 10 USD per seat and month.
CHOICE_TRUTH = {
    "price": (-0.42, 0.0),
    "data_included_gb": (0.55, 0.25),  # per doubling from 250 GB
    "insight_agent": (0.80, 0.70),
    "priority_support": (0.35, 0.30),
    "audit_trail": (0.10, 0.90),
    "none": (-1.10, 0.0),
}
CHOICE_PRICES = (19, 29, 39, 55, 75, 99)
PRICE_UNIT = 10
CHOICE_VOLUMES = (250, 500, 1000, 2000)

BEST_WORST_TRUTH = {
    "Scheduled reports": 1.2,
    "Drill-down paths": 0.9,
    "Questions in plain words": 1.4,
    "Comments and mentions": -0.6,
    "Anomaly alerts": 1.0,
    "Shared workspaces": -0.2,
    "Forecast builder": 0.8,
    "Warehouse sync": 0.5,
    "Workflow automation": 0.4,
    "Insight agent": 1.1,
    "Role permissions": -0.4,
    "White-label portal": -1.6,
    "Map layers": -1.3,
    "Revenue attribution dashboard": -0.5,
}

# How answers to "if it is there" (functional) and "if it is not" (dysfunctional) fall, 1 like .. 5 dislike.
FIT_ANSWERS = {
    "must_be": ((0.20, 0.60, 0.16, 0.03, 0.01), (0.01, 0.03, 0.09, 0.22, 0.65)),
    "one_dimensional": ((0.72, 0.18, 0.07, 0.02, 0.01), (0.01, 0.03, 0.11, 0.20, 0.65)),
    "attractive": ((0.70, 0.15, 0.11, 0.03, 0.01), (0.02, 0.12, 0.44, 0.34, 0.08)),
    "indifferent": ((0.12, 0.20, 0.54, 0.12, 0.02), (0.03, 0.17, 0.58, 0.17, 0.05)),
}
FIT_TRUTH = {
    "Data connectors": "must_be",
    "Live dashboards": "must_be",
    "Scheduled reports": "must_be",
    "Single sign-on": "must_be",
    "Questions in plain words": "one_dimensional",
    "Anomaly alerts": "one_dimensional",
    "Forecast builder": "one_dimensional",
    "Warehouse sync": "one_dimensional",
    "Insight agent": "attractive",
    "Workflow automation": "attractive",
    "Scenario simulation": "attractive",
    "White-label portal": "indifferent",
    "Map layers": "indifferent",
    "Comments and mentions": "indifferent",
}


def choice(per: str) -> pd.DataFrame:
    """Return 250 respondents with 8 tasks of 3 offers and none; tastes differ between respondents."""
    random = company.random(42)
    people, tasks, offers = 250, 8, 3
    shape = (people, tasks, offers)
    attributes = {
        "price": random.choice(CHOICE_PRICES, shape),
        "data_included_gb": random.choice(CHOICE_VOLUMES, shape),
        "insight_agent": random.integers(0, 2, shape),
        "priority_support": random.integers(0, 2, shape),
        "audit_trail": random.integers(0, 2, shape),
    }
    scaled = attributes | {
        "price": attributes["price"] / PRICE_UNIT,
        "data_included_gb": np.log2(attributes["data_included_gb"] / CHOICE_VOLUMES[0]),
    }
    utility = np.zeros((people, tasks, offers + 1))
    utility[:, :, offers] = CHOICE_TRUTH["none"][0]
    for name, values in scaled.items():
        mean, spread = CHOICE_TRUTH[name]
        utility[:, :, :offers] += values * random.normal(mean, spread, people)[:, None, None]
    picked = (utility + random.gumbel(0, 1, utility.shape)).argmax(axis=2)
    grid = np.indices(utility.shape).reshape(3, -1)
    table = pd.DataFrame(
        {
            "respondent": [f"CH{number + 1:03d}" for number in grid[0]],
            "task": grid[1] + 1,
            "alternative": grid[2] + 1,
            "chosen": (picked[grid[0], grid[1]] == grid[2]).astype(int),
        }
    )
    for name, values in attributes.items():
        padded = np.zeros(utility.shape, dtype=int)
        padded[:, :, :offers] = values
        table[name] = padded.ravel()
    segment = company.random(45).choice(company.SEGMENTS, people, p=(0.5, 0.3, 0.2))
    return table.assign(none=(grid[2] == offers).astype(int), segment=segment[grid[0]], per=per)


def best_worst() -> pd.DataFrame:
    """Return 250 respondents who name the best and worst of four features, ten times."""
    random = company.random(43)
    names = np.array(list(BEST_WORST_TRUTH))
    truth = np.array(list(BEST_WORST_TRUTH.values()))
    people, tasks, shown = 250, 10, 4
    # A shuffled deck dealt three times over shows every feature nearly equally often to each respondent.
    decks = np.argsort(random.random((people, 3, len(names))), axis=2).reshape(people, -1)
    items = np.stack([_task_items(decks[person], tasks, shown) for person in range(people)])
    taste = truth + random.normal(0, 0.5, (people, len(names)))
    felt = np.take_along_axis(taste[:, None, :], items, axis=2) + random.gumbel(0, 1, items.shape)
    best = felt.argmax(axis=2)
    against = -np.take_along_axis(taste[:, None, :], items, axis=2) + random.gumbel(0, 1, items.shape)
    np.put_along_axis(against, best[:, :, None], -np.inf, axis=2)
    worst = against.argmax(axis=2)
    position = np.arange(shown)
    word = np.where(position == best[:, :, None], "best", np.where(position == worst[:, :, None], "worst", "none"))
    grid = np.indices(items.shape).reshape(3, -1)
    return pd.DataFrame(
        {
            "respondent": [f"BW{number + 1:03d}" for number in grid[0]],
            "task": grid[1] + 1,
            "feature": names[items.ravel()],
            "choice": word.ravel(),
        }
    )


def _task_items(deck: np.ndarray, tasks: int, shown: int) -> np.ndarray:
    """Deal a deck into tasks in which no feature appears twice."""
    cards = list(deck)
    dealt = []
    for _ in range(tasks):
        task: list[int] = []
        for card in list(cards):
            if card not in task:
                task.append(card)
                cards.remove(card)
            if len(task) == shown:
                break
        dealt.append(task)
    return np.array(dealt)


def feature_fit() -> pd.DataFrame:
    """Return 160 respondents who say of each feature how they feel with it and without it."""
    random = company.random(44)
    weight = {"must_be": 7.6, "one_dimensional": 7.0, "attractive": 5.6, "indifferent": 3.2}
    people = 160
    parts = []
    for feature, kind in FIT_TRUTH.items():
        with_it, without_it = FIT_ANSWERS[kind]
        parts.append(
            pd.DataFrame(
                {
                    "respondent": [f"FF{number:03d}" for number in range(1, people + 1)],
                    "feature": feature,
                    "functional": random.choice(5, people, p=with_it) + 1,
                    "dysfunctional": random.choice(5, people, p=without_it) + 1,
                    "importance": np.clip(np.round(random.normal(weight[kind], 1.3, people)), 1, 9).astype(int),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
