"""The survey tables: answers about prices, choices and features, one documented column each."""

from __future__ import annotations

from workbench.customers.columns import Column, Table

_RESPONDENT = Column("respondent", "text", "the respondent's identifier", "R-17", required=True)
_ABOUT = (
    Column("account_id", "text", "the respondent's account, when known", "A-1042"),
    Column("segment", "text", "the respondent's segment", "mid", names="segment"),
    Column("weight", "number", "how many people the respondent stands for", "1.0", least=0),
)
_VERSION = Column("version", "text", "version of the questionnaire that was answered", "1")
_PER = Column(
    "per",
    "text",
    "what one price buys: account, or a metric such as seats; account when blank",
    "seats",
    names="metric",
)
_TASK = Column("task", "text", "number of the question, in the order asked", "1", required=True)
_FEATURE = Column("feature", "text", "name of the feature", "scheduled exports", required=True, names="feature")
_MONEY = "currency"

PRICE_SENSITIVITY = Table(
    "survey_price_sensitivity",
    "one row per respondent: the four price questions of van Westendorp",
    (
        _RESPONDENT,
        *_ABOUT,
        _VERSION,
        _PER,
        Column(
            "too_cheap", "number", "so cheap that quality is doubted", "15", unit=_MONEY, least=0, comparable=("per",)
        ),
        Column("cheap", "number", "a bargain", "25", required=True, unit=_MONEY, least=0, comparable=("per",)),
        Column(
            "expensive",
            "number",
            "expensive, but worth considering",
            "60",
            required=True,
            unit=_MONEY,
            least=0,
            comparable=("per",),
        ),
        Column(
            "too_expensive",
            "number",
            "too expensive to consider",
            "90",
            required=True,
            unit=_MONEY,
            least=0,
            comparable=("per",),
        ),
        Column("intent_cheap", "whole number", "intent to buy at the cheap price, 5 is certain", "4", least=1, most=5),
        Column(
            "intent_expensive",
            "whole number",
            "intent to buy at the expensive price, 5 is certain",
            "2",
            least=1,
            most=5,
        ),
    ),
    key=("respondent",),
    aliases=("price sensitivity", "van westendorp"),
)

PRICE_LADDER = Table(
    "survey_price_ladder",
    "one row per respondent and price asked: would they buy (Gabor and Granger)",
    (
        _RESPONDENT,
        *_ABOUT,
        _VERSION,
        _PER,
        Column("price", "number", "price asked", "49", required=True, unit=_MONEY, least=0, comparable=("per",)),
        Column(
            "accepted",
            "yes or no",
            "1 yes, 0 no, blank when not asked after the first No",
            "1",
            required=True,
            may_be_blank=True,
        ),
    ),
    key=("respondent", "price"),
    aliases=("price ladder", "gabor granger"),
)

CHOICE = Table(
    "survey_choice",
    "one row per respondent, task and alternative shown; further columns are the alternative's attributes",
    (
        _RESPONDENT,
        _TASK,
        Column("alternative", "text", "the alternative shown", "2", required=True),
        Column("chosen", "yes or no", "1 for the alternative chosen, else 0", "0", required=True),
        Column(
            "none",
            "yes or no",
            "1 for the row that stands for none of the alternatives, whose attributes are blank; else 0 or blank",
            "0",
        ),
        Column("price", "number", "price shown", "49", unit=_MONEY, least=0, comparable=("per",)),
        _PER,
        *_ABOUT,
        _VERSION,
    ),
    key=("respondent", "task", "alternative"),
    aliases=("choice", "conjoint"),
    open_ended=True,
)

BEST_WORST = Table(
    "survey_best_worst",
    "one row per respondent, task and feature shown: which was best, which worst",
    (
        _RESPONDENT,
        _TASK,
        _FEATURE,
        Column("choice", "text", "best, worst, or none", "best", required=True, choices=("best", "worst", "none")),
        *_ABOUT,
        _VERSION,
    ),
    key=("respondent", "task", "feature"),
    aliases=("best worst", "maxdiff"),
)

FEATURE_FIT = Table(
    "survey_feature_fit",
    "one row per respondent and feature: how they feel with it and without it (Kano)",
    (
        _RESPONDENT,
        _FEATURE,
        Column(
            "functional",
            "whole number",
            "feeling when the feature is there, 1 like to 5 dislike",
            "1",
            required=True,
            least=1,
            most=5,
        ),
        Column(
            "dysfunctional",
            "whole number",
            "feeling when it is missing, 1 like to 5 dislike",
            "5",
            required=True,
            least=1,
            most=5,
        ),
        Column("importance", "number", "stated importance of the feature", "7", least=0),
        *_ABOUT,
        _VERSION,
    ),
    key=("respondent", "feature"),
    aliases=("feature fit", "kano"),
)

SURVEY_TABLES = (PRICE_SENSITIVITY, PRICE_LADDER, CHOICE, BEST_WORST, FEATURE_FIT)
