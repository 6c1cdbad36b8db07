"""What is decided about the fictional company: names, prices, sizes, and the figures it must arrive at."""

from __future__ import annotations

import numpy as np
import pandas as pd

COMPANY = "Quillmere Analytics"
SEED = 20250101
MONTHS = pd.date_range("2023-01-01", periods=42, freq="MS")
MOVE = 24  # position in MONTHS of the first month on data-volume tiers, 2025-01
AS_OF = MONTHS[MOVE] - pd.Timedelta(days=1)  # the day the design work looks back from
CURRENCY = "USD"

# The published case study: 18 months after a move from seats to data volume.
TARGET_ARPA_GROWTH = 0.72
TARGET_USE_CASES = (2.3, 6.8)
TARGET_NET_RETENTION = (1.08, 1.36)

SEGMENTS = ("small", "mid", "enterprise")
SEGMENT_SHARE_FOUNDING = (0.52, 0.34, 0.14)
SEGMENT_SHARE_LATER = (0.60, 0.30, 0.10)
SEGMENT_SHARE_AFTER = (0.50, 0.34, 0.16)  # without seats to count, larger accounts are easier to win
FOUNDING_ACCOUNTS = 340
NEW_PER_MONTH_BEFORE = (11, 12)  # taken in turn
NEW_PER_MONTH_AFTER = 10

TYPICAL_SEATS = (7.0, 30.0, 125.0)
TYPICAL_GB = (55.0, 480.0, 3800.0)
MONTHLY_CHURN = (0.0062, 0.0038, 0.0018)  # at average value received
CHURN_PER_VALUE = -1.4  # log hazard per unit of value received
FADING_MONTHS = 8  # accounts that will leave lose interest over so many months
FADING_DATA = -0.07  # log change of data volume per month of fading
FADING_TICKETS = 0.13  # log change of support tickets per month of fading
GROWTH_BEFORE = (0.016, 0.020, 0.022)  # log growth of data volume per month
GROWTH_PER_VALUE = 0.014

INDUSTRIES = ("retail", "financial services", "logistics", "media", "manufacturing", "health care")
INDUSTRY_SHARE = (0.22, 0.20, 0.16, 0.15, 0.15, 0.12)
SEASON_HEIGHT = np.array([0.20, 0.06, 0.12, 0.10, 0.05, 0.04])  # log amplitude of the yearly swing
SEASON_PEAK = np.array([12, 3, 11, 10, 6, 2])  # calendar month of the peak
REGIONS = ("North America", "Europe", "Asia Pacific", "Latin America")
REGION_SHARE = (0.46, 0.33, 0.14, 0.07)

# Today's price list: per seat and month.
SEAT_PLANS = ("Starter", "Team", "Business", "Enterprise")
SEAT_PRICE = np.array([29.0, 49.0, 79.0, 72.0])  # Enterprise is on request; this is the average deal
SEAT_LIMIT = np.array([10.0, 50.0, 250.0, np.inf])

# The price list after the move: a base fee and graduated prices per gigabyte of committed monthly volume.
VOLUME_PLANS = ("Core", "Growth", "Scale")
VOLUME_BASE_FEE = 59.0
VOLUME_BANDS = ((100.0, 4.50), (1000.0, 3.60), (5000.0, 2.70), (np.inf, 1.90))
VOLUME_PLAN_FROM_GB = np.array([0.0, 90.0, 4000.0])
COMMIT_STEP = 1.15  # commitments are sold in steps of 15%

# After the move a commitment is raised in a talk. The monthly hazard of one that ends in a higher commitment:
EXPANSION_HAZARD = (0.055, 0.070, 0.085)  # by segment, while the volume processed is the volume committed
EXPANSION_PER_PRESSURE = 1.5  # log hazard per unit of log(volume processed / volume committed)
PRESSURE_COUNTS = (-0.4, 0.8)  # pressure below and above changes nothing more
RENEWAL_FACTOR = 2.0  # hazard in the month a commitment is renewed
POWER_FACTOR = 3.0  # hazard in the three months after power use
REQUEST_FACTOR = 2.2  # hazard in the three months after a feature of a higher tier was asked for
EFFECT_MONTHS = 3
LEAP = 2.5  # an account that asked moves to the tier with the feature if that is at most so many times its volume
POWER_FEATURE = "Questions in plain words"
POWER_USES = 3  # uses a week ...
POWER_WEEKS = 4  # ... in so many complete weeks running
POWER_QUIET_WEEKS = 13  # an account in power use all the time counts as a new case after so long
SPELL_CHANCE = 0.03  # chance per month that a project makes an account lean on the feature
SPELL_WEEKS = (5, 10)  # first to one past the longest

# Sudden drops of data volume, whatever becomes of the account.
DROPS = 26
DROP_DEPTHS = (0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50)
DROP_MONTHS = (6, 16)  # months after the move, from the first to one past the last
DROP_LASTS = (2, 5)  # months, for those that recover
DROP_RECOVERS = 0.5

# Accounts that get more value from less data, from the move on: logs per month.
EFFICIENT_DATA = -0.022
EFFICIENT_QUERIES = -0.015
EFFICIENT_GAIN = 0.042

# Who at an account is spoken with: role, teams it is found in, share of accounts by segment.
CONTACTS = (
    ("Champion", ("Analytics", "Operations", "Finance", "Marketing"), (1.0, 1.0, 1.0)),
    ("Buyer", ("Procurement", "Finance"), (0.35, 0.80, 0.95)),
    ("Data lead", ("Data engineering", "IT"), (0.30, 0.65, 0.95)),
    ("Executive sponsor", ("Executive office",), (0.12, 0.45, 0.90)),
)
CONTACT_GAP = (75.0, 45.0, 21.0)  # mean days since the last contact, by segment

# area, feature, difficulty, lowest seat plan, lowest volume plan, must-have, minority share (None: common).
# Difficulty is the adoption level at which half of all accounts use the feature.
FEATURES = (
    ("Dashboards", "Data connectors", -4.8, 0, 0, True, None),
    ("Dashboards", "Live dashboards", -4.2, 0, 0, True, None),
    ("Dashboards", "Saved views", -1.9, 0, 0, False, None),
    ("Dashboards", "Drill-down paths", -1.6, 0, 0, False, None),
    ("Reporting", "Scheduled reports", -1.1, 0, 0, True, None),
    ("Reporting", "Report builder", -1.0, 0, 0, False, None),
    ("Reporting", "Comments and mentions", -0.8, 1, 0, False, None),
    ("Exploration", "Questions in plain words", 0.1, 0, 0, False, None),
    ("Alerting", "Threshold alerts", 0.5, 0, 0, False, None),
    ("Alerting", "Anomaly alerts", 0.8, 1, 0, False, None),
    ("Collaboration", "Shared workspaces", 0.8, 1, 0, False, None),
    ("Forecasting", "Forecast builder", 1.0, 1, 0, False, None),
    ("Forecasting", "Scenario simulation", 1.5, 2, 1, False, None),
    ("Integration", "Warehouse sync", 1.2, 2, 0, False, None),
    ("Integration", "Open API", 1.5, 2, 0, False, None),
    ("Automation", "Workflow automation", 1.5, 2, 0, False, None),
    ("Automation", "Decision rules", 2.0, 2, 1, False, None),
    ("Agents", "Insight agent", 1.8, 2, 0, False, None),
    ("Agents", "Agent playbooks", 2.4, 2, 1, False, None),
    ("Governance", "Single sign-on", 1.7, 2, 1, False, None),
    ("Governance", "Role permissions", 1.9, 2, 1, False, None),
    ("Governance", "Data lineage", 2.5, 2, 2, False, None),
    ("Embedding", "Embedded charts", 0.0, 0, 0, False, 0.15),
    ("Embedding", "White-label portal", 0.0, 0, 0, False, 0.08),
    ("Compliance", "Audit trail export", 0.0, 0, 0, False, 0.12),
    ("Compliance", "Data residency", 0.0, 0, 0, False, 0.07),
    ("Geography", "Map layers", 0.0, 0, 0, False, 0.11),
    ("Attribution", "Revenue attribution dashboard", 0.0, 0, 0, False, 0.16),
)
AREA = np.array([row[0] for row in FEATURES])
FEATURE = np.array([row[1] for row in FEATURES])
DIFFICULTY = np.array([row[2] for row in FEATURES])
LOWEST_SEAT_PLAN = np.array([row[3] for row in FEATURES])
LOWEST_VOLUME_PLAN = np.array([row[4] for row in FEATURES])
MUST_HAVE = np.array([row[5] for row in FEATURES])
MINORITY_SHARE = np.array([np.nan if row[6] is None else row[6] for row in FEATURES])
TASTE_SPREAD = 0.87  # how far accounts depart from the common order; more means a lower Loevinger's H


# What calibration set for the company before anything was planted after the move. The past rests on two of its
# traces: the mean growth that efficient accounts are judged by, and the order in which days of requests were dealt.
UNPLANTED = {"adoption_after": 3.03484, "data_trend_after": 0.01529}


def random(part: int) -> np.random.Generator:
    """Return the random numbers of one part, independent of how many the other parts draw."""
    return np.random.default_rng([SEED, part])
