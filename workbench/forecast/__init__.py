"""Forecasts of usage and of the revenue it makes: arrays in, arrays out."""

from workbench.forecast.backtest import BackTest, back_test, billed_totals
from workbench.forecast.history import AGE_UNKNOWN, UsageHistory
from workbench.forecast.reach import Reach, jump_of, months_of_use, narrowed, reach_of
from workbench.forecast.series import SeriesForecast, combined, forecast_series, last_mean, last_value, seasonal_naive
from workbench.forecast.totals import Parts, Totals, simulate_parts, simulate_totals

__all__ = [
    "AGE_UNKNOWN",
    "BackTest",
    "Parts",
    "Reach",
    "SeriesForecast",
    "Totals",
    "UsageHistory",
    "back_test",
    "billed_totals",
    "combined",
    "forecast_series",
    "jump_of",
    "last_mean",
    "last_value",
    "months_of_use",
    "narrowed",
    "reach_of",
    "seasonal_naive",
    "simulate_parts",
    "simulate_totals",
]
