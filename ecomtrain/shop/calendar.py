"""The two years of trade: days, promotions, seasons, and how demand follows them.

Inside the simulator a time is a whole number of seconds since `START` in shop time, a day a number from 0.
China keeps one time without summer time, so a day is always 86,400 seconds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.truth import Truth

__all__ = [
    "DAY",
    "DAYS",
    "END",
    "LAST_SECOND",
    "LOG_DAY",
    "LOG_START",
    "N_DAYS",
    "START",
    "TZ",
    "day_number",
    "demand",
    "promotions",
    "stamp",
    "time_of_day",
    "weekday",
]

TZ = "Asia/Shanghai"
START = pd.Timestamp("2024-07-01", tz=TZ)
LOG_START = pd.Timestamp("2026-05-02", tz=TZ)
END = pd.Timestamp("2026-07-01", tz=TZ)
DAY = 86_400
DAYS = pd.date_range(START.tz_localize(None), END.tz_localize(None), inclusive="left", unit="us")
N_DAYS = len(DAYS)
LOG_DAY = (LOG_START - START).days
LAST_SECOND = N_DAYS * DAY - 1

# The name, its Chinese, first and last day, and how much the best-suited shop gains on the average day of it.
PROMOTIONS = [
    ("Double 11", "双11", "2024-11-08", "2024-11-11", 2.4),
    ("Double 12", "双12", "2024-12-10", "2024-12-12", 1.5),
    ("Spring Festival", "春节年货节", "2025-01-15", "2025-01-26", 1.35),
    ("38 Festival", "38女王节", "2025-03-06", "2025-03-08", 1.4),
    ("618", "618", "2025-06-15", "2025-06-18", 1.9),
    ("Double 11", "双11", "2025-11-08", "2025-11-11", 2.4),
    ("Double 12", "双12", "2025-12-10", "2025-12-12", 1.5),
    ("Spring Festival", "春节年货节", "2026-02-03", "2026-02-14", 1.35),
    ("38 Festival", "38女王节", "2026-03-06", "2026-03-08", 1.4),
    ("618", "618", "2026-06-15", "2026-06-18", 1.9),
]

# Share of a day's visits by hour: quiet nights, a lunch break, the long evening.
HOURS = np.array([1.6, 0.8, 0.4, 0.3, 0.3, 0.5, 1.2, 2.4, 3.8, 4.8, 5.4, 5.4,
                  5.6, 5.0, 4.8, 4.8, 4.7, 4.6, 5.0, 6.2, 7.8, 8.6, 7.6, 4.4])  # fmt: skip


def day_number(date: str) -> int:
    """Count the days from `START` to a calendar day."""
    return (pd.Timestamp(date) - DAYS[0]).days


def stamp(seconds: np.ndarray) -> pd.DatetimeIndex:
    """Turn seconds since `START` into times of the shop's zone."""
    micro = START.tz_convert("UTC").tz_localize(None).to_datetime64().astype("datetime64[us]")
    times = micro + np.asarray(seconds, "int64").astype("timedelta64[s]")
    return pd.DatetimeIndex(times, tz="UTC").tz_convert(TZ)


def weekday() -> np.ndarray:
    """Give the weekday of every day, Monday 0 to Sunday 6."""
    return np.asarray(DAYS.day_of_week)


def promotions() -> pd.DataFrame:
    """List every day with the promotion that runs on it, if any."""
    table = pd.DataFrame({"date": DAYS, "promotion": None, "promotion_zh": None})
    for name, name_zh, first, last, _ in PROMOTIONS:
        table.loc[table["date"].between(first, last), ["promotion", "promotion_zh"]] = [name, name_zh]
    return table.astype({"promotion": "str", "promotion_zh": "str"})


def promotion_gain() -> np.ndarray:
    """Give each day's gain from promotions at full strength; 1 on an ordinary day."""
    gain = np.ones(N_DAYS)
    for _, _, first, last, factor in PROMOTIONS:
        gain[day_number(first) : day_number(last) + 1] = factor
    return gain


def demand(profile: Profile, truth: Truth) -> np.ndarray:
    """Give each day's expected demand, as a ratio to the average day of the click log."""
    if profile.shop == "fmcg":
        quiet = (7 - 2 * truth.weekend_index) / 5
        working = quiet * np.array([1.01, 0.98, 0.99, 1.0, 1.02])
        profile = replace(profile, week=(*working, truth.weekend_index - 0.01, truth.weekend_index + 0.01))
    days = np.arange(N_DAYS)
    middles = pd.date_range("2024-06-15", "2026-07-15", freq="MS") + pd.Timedelta(days=14)
    level = np.take(profile.season, middles.month - 1)
    season = np.exp(np.interp(days, (middles - DAYS[0]).days, np.log(level)))
    week = np.take(np.array(profile.week) / np.mean(profile.week), weekday())
    promotion = 1 + (promotion_gain() - 1) * profile.promotion
    index = (1 + profile.trend) ** (days / 365) * season * week * promotion
    return index / index[LOG_DAY:].mean()


def time_of_day(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw seconds since midnight that follow the hours of the shop's visitors."""
    hour = np.searchsorted(np.cumsum(HOURS) / HOURS.sum(), rng.random(size), side="right").clip(max=23)
    return hour * 3600 + rng.integers(0, 3600, size)
