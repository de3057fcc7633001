"""Forecasts (销量预测) of daily sales and how good they were; which new product will be a hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._accuracy import accuracy, rolling_origin
from ecomtrain.analysis._checks import days as days_of
from ecomtrain.analysis._forecasts import holt_winters, seasonal_naive
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["EarlyHits", "accuracy", "early_hits", "holt_winters", "rolling_origin", "seasonal_naive"]


@dataclass(frozen=True)
class EarlyHits:
    """How well the first days foretell the hits.

    Attributes
    ----------
    table : DataFrame
        One row per product, best rank first: ``rank``, ``product_id``, ``launched_on``, ``early_units``,
        ``velocity`` (units per day), ``acceleration`` (units per day, second half of the early days less the
        first half), with signals ``favourite_cart_rate`` and ``search_growth`` (fractions), ``later_units``,
        ``hit`` (bool), ``lead_days`` (days from the forecast until the sales afterwards alone made it a hit;
        NaN if it is none) and ``precision_at_rank`` (share of hits down to this rank).
    days, horizon, k : int
        Days looked at, days foretold, products picked.
    n, hits : int
        Products followed for days + horizon, and hits among them.
    left_out : int
        Products launched outside the sales data or not followed to the end.
    hits_found : int
        Hits among the k picked.
    precision_at_k, low, high : float
        hits_found / k and its Wilson interval, fractions.
    base_rate, lift : float
        hits / n, what a blind pick would find; precision_at_k / base_rate.
    recall_at_k : float
        hits_found / hits, a fraction.
    median_lead_days : float
        Median ``lead_days`` of the hits found, days; NaN if none was found.
    ranked_by : str
        The features of the ranking, with commas between them.
    """

    table: pd.DataFrame = field(repr=False)
    days: int
    horizon: int
    k: int
    n: int
    hits: int
    left_out: int
    hits_found: int
    precision_at_k: float
    low: float
    high: float
    base_rate: float
    lift: float
    recall_at_k: float
    median_lead_days: float
    ranked_by: str = "early_units"


def early_hits(
    daily: Any,
    products: Any,
    *,
    days: int = 14,
    horizon: int = 60,
    k: int = 20,
    quantity: str = "sold",
    share: float = 0.1,
    signals: Any = None,
    rank_by: Sequence[str] = ("early_units",),
    level: float = 0.95,
) -> EarlyHits:
    """Rank launches by what their first days show and compare with the hits they became (爆款预判).

    Parameters
    ----------
    daily : DataFrame
        Units by day and product: ``date`` (datetime), ``product_id`` and `quantity` (number); several rows of
        one product and day add up, a missing day is no sale.
    products : DataFrame
        ``product_id``, each once, and ``launched_on`` (datetime).
    days : int, default 14
        Days from the launch on that the forecast may look at.
    horizon : int, default 60
        Days after those that decide what is a hit.
    k : int, default 20
        How many products to pick.
    quantity : str, default "sold"
        Column of `daily` with the units.
    share : float, default 0.1
        The top share by units that is called a hit; ties at the edge are all hits, and no sale is never one.
    signals : DataFrame, optional
        What else was counted by day: ``date``, ``product_id`` and any of ``views``, ``favourites``,
        ``carts``, ``searches``; only the first days are read.
    rank_by : sequence of str, default ("early_units",)
        Features to rank by, from ``early_units``, ``acceleration``, ``favourite_cart_rate`` and
        ``search_growth``; with several, by the mean of the ranks, each counting alike.
    level : float, default 0.95
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    EarlyHits
        ``precision_at_k`` with ``low``, ``high``, ``base_rate``, ``lift``, ``median_lead_days`` and
        ``.table``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong type, a product is listed twice, fewer than `k` products were
        launched within `daily` and followed for `days` + `horizon`, or a feature of `rank_by` is not there.

    Notes
    -----
    The ranking sees the days [0, days) after the launch, ties by acceleration, then by id. The label sees the
    days [days, days + horizon) only: were the first days part of it, a fast start would help to make the very
    hit it is to foretell. Launches of all seasons share one yardstick, so a festival makes hits: to take the
    season out, divide the units by those of the whole shop on the same day first. A product out of stock
    sells nothing. favourite_cart_rate = (favourites + carts) / views; search_growth = searches of the second
    half of the first days over those of the first half, less 1 (of an odd number, without the first day).
    Choosing the features that did best here and quoting the precision they had here is leakage of another
    kind: choose on one year, judge on the next.

    Examples
    --------
    >>> dates = pd.date_range("2026-01-01", periods=4)
    >>> daily = pd.DataFrame({"date": [*dates, *dates], "product_id": ["a"] * 4 + ["b"] * 4,
    ...                       "sold": [5, 5, 9, 9, 1, 1, 2, 2]})
    >>> products = pd.DataFrame({"product_id": ["a", "b"], "launched_on": dates[0]})
    >>> result = early_hits(daily, products, days=2, horizon=2, k=1)
    >>> result.precision_at_k, result.base_rate, result.lift
    (1.0, 0.5, 2.0)
    >>> early_hits(daily, products, days=2, horizon=2)
    Traceback (most recent call last):
        ...
    CourseError: early_hits: k is 20 but only 2 product(s) were launched within the data and followed ...
    """
    where = "early_hits"
    require(daily, ["date", "product_id", quantity], f"{where} (daily)")
    require(products, ["product_id", "launched_on"], f"{where} (products)")
    require_level(level, where)
    require_numeric(daily, [quantity], where)
    day, launch = _days(daily["date"], where), _days(products["launched_on"], where)
    for name, value in (("days", days), ("horizon", horizon), ("k", k)):
        if value < 1:
            raise CourseError(f"{where}: {name} is {value}; give 1 or more.")
    if not 0 < share < 1:
        raise CourseError(f"{where}: share is {share}; give a fraction such as 0.1.")
    known = pd.DataFrame({"product_id": products["product_id"], "launch": launch}).dropna()
    if known["product_id"].duplicated().any():
        raise CourseError(f"{where}: a product_id comes twice in products; keep one row per product.")
    known = known.astype({"product_id": object}).sort_values("product_id", ignore_index=True)
    followed = (known["launch"] >= day.min()) & (known["launch"] + days + horizon <= day.max() + 1)
    left_out, known = len(products) - int(followed.sum()), known[followed].reset_index(drop=True)
    n = len(known)
    if n < k:
        raise CourseError(
            f"{where}: k is {k} but only {n} product(s) were launched within the data and followed for "
            f"{days + horizon} days; give a smaller k, days or horizon."
        )
    units = _by_age(daily, day, known, days + horizon, quantity)
    early, late = units[:, :days], units[:, days:].sum(axis=1)
    half = days // 2
    rise = early[:, days - half :].mean(axis=1) - early[:, :half].mean(axis=1) if half else np.zeros(n)
    extra = {} if signals is None else _signals(signals, known, days, where)
    edge = max(np.sort(late)[-max(1, round(share * n))], np.nextafter(0, 1))
    hit = late >= edge
    ready = (np.cumsum(units[:, days:], axis=1) >= edge).argmax(axis=1) + 1.0
    table = pd.DataFrame(
        {
            "product_id": known["product_id"].astype(products["product_id"].dtype),
            "launched_on": pd.to_datetime(known["launch"].astype("int64"), unit="D"),
            "early_units": early.sum(axis=1),
            "velocity": early.mean(axis=1),
            "acceleration": rise,
            **extra,
            "later_units": late,
            "hit": hit,
            "lead_days": np.where(hit, ready, np.nan),
        }
    )
    features = ["early_units", "acceleration", *extra]
    for name in rank_by:
        if name not in features:
            raise CourseError(f"{where}: rank_by has '{name}'; the features are {', '.join(features)}.")
    if not len(rank_by):
        raise CourseError(f"{where}: rank_by is empty; give a feature such as 'early_units'.")
    places = table[list(rank_by)].rank(ascending=False, na_option="bottom").mean(axis=1)
    # A stable sort keeps the order by id among equals.
    order = np.lexsort((-rise, places))
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, n + 1))
    table["precision_at_rank"] = table["hit"].cumsum() / table["rank"]
    picked = table.head(k)
    found, hits = int(picked["hit"].sum()), int(hit.sum())
    low, high = wilson(found, k, level)
    rate, base = found / k, hits / n
    return EarlyHits(
        table, days, horizon, k, n, hits, left_out, found, rate, float(low), float(high), base,
        lift=rate / base if base else float("nan"),
        recall_at_k=found / hits if hits else float("nan"),
        median_lead_days=float(picked["lead_days"].median()),
        ranked_by=", ".join(rank_by),
    )  # fmt: skip


def _days(times: Any, where: str) -> pd.Series:
    """Whole days since 1970 on the clock of the shop, NaN where missing."""
    stamps = days_of(times, where)
    return pd.Series(stamps.to_numpy(dtype="datetime64[D]").astype(float), index=times.index).where(
        stamps.notna()
    )


def _by_age(daily: Any, day: pd.Series, known: pd.DataFrame, ages: int, quantity: str) -> np.ndarray:
    """Units of each known product on each day of its age."""
    row = pd.Index(known["product_id"]).get_indexer(daily["product_id"].astype(object))
    age = day.to_numpy() - known["launch"].to_numpy()[row]
    amount = daily[quantity].to_numpy(dtype=float, na_value=0.0)
    use = (row >= 0) & (age >= 0) & (age < ages)
    units = np.zeros((len(known), ages))
    np.add.at(units, (row[use], age[use].astype(int)), amount[use])
    return units


def _signals(signals: Any, known: pd.DataFrame, days: int, where: str) -> dict[str, Any]:
    """Features of the first days from what was counted besides sales; NaN where that is nothing."""
    counted = ["views", "favourites", "carts", "searches"]
    require(signals, ["date", "product_id"], f"{where} (signals)")
    given = [name for name in counted if name in signals]
    require_numeric(signals, given, f"{where} (signals)")
    day = _days(signals["date"], where)
    counts = {name: _by_age(signals, day, known, days, name) for name in given}
    found: dict[str, Any] = {}
    if "views" in counts and {"favourites", "carts"} & set(counts):
        keen = sum(counts[name].sum(axis=1) for name in ("favourites", "carts") if name in counts)
        views = counts["views"].sum(axis=1)
        found["favourite_cart_rate"] = keen / np.where(views > 0, views, np.nan)
    if "searches" in counts and days > 1:
        before, after = (half.sum(axis=1) for half in np.split(counts["searches"][:, days % 2 :], 2, axis=1))
        found["search_growth"] = after / np.where(before > 0, before, np.nan) - 1
    return found
