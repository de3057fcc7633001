"""Where each product stands in its life: launch, growth, maturity or decline, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ecomtrain.analysis._checks import days, plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["Stages", "stage"]

WEEK = 7
NAMES = np.array(["launch", "growth", "maturity", "decline"])
LAUNCH, GROWTH, MATURITY, DECLINE = range(4)
NONE = -1


@dataclass(frozen=True)
class Stages:
    """The stage of each product now, and in every week before.

    Attributes
    ----------
    table : DataFrame
        One row per product: ``product_id``, ``stage``, ``since`` (date), ``weeks`` (in that stage),
        ``growth`` (a week, the latest measured; 0.05 is +5 %), ``low``, ``high``, ``per_day`` (units, the
        latest weeks), ``of_peak`` (per_day over the highest level so far), ``confidence`` (probability that
        the growth lies where the stage needs it; NaN at launch, which is a matter of age).
    history : DataFrame
        One row per product and week on sale: ``product_id``, ``week`` (its first day), ``stage``, ``units``,
        ``days`` (with stock), ``per_day`` (units per day with stock, season out; NaN without stock),
        ``growth`` (a week).
    level : float
        Confidence level of the interval.
    """

    table: pd.DataFrame = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    level: float


def stage(
    sales: pd.DataFrame,
    *,
    quantity: str = "sold",
    season: pd.Series | None = None,
    window: int = 4,
    growth: float = 0.03,
    steady: float = 0.015,
    peak: float = 0.8,
    launch: int = 4,
    early: float = 0.05,
    confirm: int = 2,
    level: float = 0.95,
) -> Stages:
    """Tell the stage of life of each product from its sales (商品生命周期阶段).

    Parameters
    ----------
    sales : DataFrame
        One row per product and day: ``date`` (datetime), ``product_id``, `quantity` (units). Where
        ``closing`` is there, days that end with no stock are no days of sale; a day without a row sold
        nothing.
    quantity : str, default "sold"
        Column of the units.
    season : Series, optional
        What moves all products alike, above 0, by day: units of the whole shop, or of the market. Sales are
        divided by it, so that a festival is no growth and the week after none is no decline. Several rows of
        one day add up. Days without one, and all days by default, count as ordinary.
    window : int, default 4
        Weeks before and after a moment whose ratio gives the growth at it.
    growth, steady : float, default 0.03 and 0.015
        Weekly growth from which a product grows (falls, if negative), and up to which it is steady. Between
        the two it stays what it was. A turn dates from where the growth is 0.4 of the steepest nearby.
    peak : float, default 0.8
        Share of its highest level so far that a steady product must hold to be mature; beyond chance below
        it, it is in decline, unless it has just grown to there.
    launch : int, default 4
        Weeks after its first day that a product is new. One that is there on the first day of all counts as
        older.
    early : float, default 0.05
        A product that does not grow yet stays new up to this share of all its sales.
    confirm : int, default 2
        Weeks in a row that must say the same to change the stage, which then dates from the first of them.
    level : float, default 0.95
        Confidence level of the growth's interval. A rise or fall whose interval holds 0 changes no
        stage.

    Returns
    -------
    Stages
        ``.table`` with a row per product, ``.history`` with one per product and week.

    Raises
    ------
    CourseError
        If a column is missing, a quantity is negative, an option is out of range, or two shops are mixed.

    Notes
    -----
    Weekly growth = ln(units per day after / before) / window, over `window` weeks on either side; weeks are
    whole and counted back from the last day. It is held back from the end by `window` weeks, so the newest
    turn is not seen before. Its standard error is √(φ / units before + φ / units after) / window, φ being how
    much more the weeks scatter than chance would have them (their second differences over what Poisson
    counts give) and 1 at least. The thresholds are the course's own: no standard sets them.

    References
    ----------
    .. [1] D. R. Rink, J. E. Swan (1979), Product life cycle research: a literature review, Journal of
       Business Research 7(3), 219-242.

    Examples
    --------
    >>> day = pd.date_range("2026-01-05", periods=210)
    >>> pace = np.interp(np.arange(210), [0, 28, 84, 140, 210], np.log([9, 9, 60, 60, 8]))
    >>> sales = pd.DataFrame({"date": day, "product_id": "lamp", "sold": np.exp(pace).round().astype(int)})
    >>> old = sales.assign(date=day[0] - pd.Timedelta(days=1), product_id="chair").head(1)
    >>> result = stage(pd.concat([sales, old]))
    >>> result.table.loc[1, "stage"], str(result.table.loc[1, "since"].date())
    ('decline', '2026-05-25')
    >>> lamp = result.history[result.history["product_id"] == "lamp"]
    >>> lamp.groupby("stage", sort=False)["week"].min().dt.strftime("%m-%d").to_dict()
    {'launch': '01-05', 'growth': '02-02', 'maturity': '04-06', 'decline': '05-25'}
    >>> stage(sales, growth=0.01)
    Traceback (most recent call last):
        ...
    CourseError: lifecycle.stage: growth=0.01 and steady=0.015 leave no room between; give 0 < steady < ...
    """
    where = "lifecycle.stage"
    require_level(level, where)
    if not 0 < steady < growth < np.inf:
        raise CourseError(
            f"{where}: growth={growth} and steady={steady} leave no room between; give 0 < steady < growth."
        )
    if not (0 < peak <= 1 and 0 <= early < 1):
        raise CourseError(f"{where}: peak={peak} and early={early} are shares; give fractions from 0 to 1.")
    for name, count in {"window": window, "launch": launch, "confirm": confirm}.items():
        if not 1 <= count < np.inf:
            raise CourseError(f"{where}: {name} is {count}; give a number of weeks, 1 or more.")
    sold = _sold(sales, quantity, where)
    if sold.empty:
        raise CourseError(f"{where}: the frame has no rows with a date and a product; nothing to tell from.")
    units, exposure, first = _weeks(sold, season, where)
    return _told(
        units, exposure, first, window, (growth, steady, peak, launch, early), int(confirm), float(level)
    )


def _sold(sales: Any, quantity: str, where: str) -> pd.DataFrame:
    """Units and days of sale by product and day."""
    require(sales, ["date", "product_id", quantity], where)
    stock = ["closing"] if "closing" in sales else []
    require_numeric(sales, [quantity, *stock], where)
    require_not_negative(sales, [quantity, *stock], where)
    require_one(sales, "shop", where)
    sold = plain(sales[["date", "product_id", quantity, *stock]]).rename(columns={quantity: "units"})
    sold = sold.assign(date=days(sold["date"], where)).dropna(subset=["date", "product_id"])
    sold["out"] = (sold["closing"] <= 0).astype(float) if stock else 0.0
    by_day = sold.groupby(["product_id", "date"])
    return by_day.agg(units=("units", "sum"), out=("out", "max")).astype(float).reset_index()


def _weeks(sold: pd.DataFrame, season: Any, where: str) -> tuple[Any, Any, Any]:
    """Units and ordinary days of sale, weeks by products, and the week of each product's first day."""
    last = sold["date"].max()
    count = int((last - sold["date"].min()).days) // WEEK + 1
    start = last - pd.Timedelta(days=WEEK * count - 1)
    days_all = pd.date_range(start, last)
    ids = pd.Index(sold["product_id"].unique()).sort_values()
    day = ((sold["date"] - start).dt.days).to_numpy()
    product = ids.get_indexer(sold["product_id"])
    kept = sold["out"].to_numpy() == 0
    units = np.zeros((len(days_all), len(ids)))
    units[day[kept], product[kept]] = sold["units"].to_numpy()[kept]
    begins = pd.Series(day).groupby(product).min().to_numpy()
    on_sale = (np.arange(len(days_all))[:, None] >= begins[None, :]).astype(float)
    on_sale[day[~kept], product[~kept]] = 0.0
    ordinary = on_sale * _season(season, days_all, where)[:, None]
    weekly = [table.reshape(count, WEEK, len(ids)).sum(axis=1) for table in (units, ordinary, on_sale)]
    # What was there on the first day of all was launched before it.
    first = np.where(begins > begins.min(), begins // WEEK, -np.inf)
    frames = [pd.DataFrame(table, days_all[::WEEK], ids) for table in weekly]
    return frames[0], (frames[1], frames[2]), first


def _season(season: Any, dates: pd.DatetimeIndex, where: str) -> Any:
    """How each day compares with an ordinary one."""
    if season is None:
        return np.ones(len(dates))
    if not isinstance(season, pd.Series):
        raise CourseError(f"{where}: season is a {type(season).__name__}; give a Series by day.")
    require_numeric({"season": season}, ["season"], where)
    when = days(pd.Series(season.index, name="season"), where).to_numpy()
    by_day = pd.Series(season.to_numpy(dtype=float, na_value=np.nan), when)
    by_day = by_day.dropna().groupby(level=0).sum()
    if (by_day <= 0).any():
        raise CourseError(f"{where}: season is not above 0 on {by_day.index[by_day <= 0][0]:%Y-%m-%d}.")
    index = by_day.reindex(dates)
    return (index / index.mean()).fillna(1.0).to_numpy()


def _told(
    units: pd.DataFrame, exposures: Any, first: Any, window: int, rules: Any, confirm: int, level: float
) -> Stages:
    """Stages of all products at once, week by week."""
    from scipy.ndimage import maximum_filter1d

    grows, steady, peak, launch, early = rules
    u, e = units.to_numpy(), exposures[0].to_numpy()
    weeks, n = u.shape
    age = np.arange(weeks)[:, None] - first[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = _sums(u, window), _sums(u, window, ahead=True)
        level_before = before / _sums(e, window)
        level_after = after / _sums(e, window, ahead=True)
        whole = (np.arange(weeks) >= 1) & (np.arange(weeks) + window <= weeks)
        known = whole[:, None] & (age >= 1) & (before > 0) & (after > 0)
        growth = np.where(known, np.log(level_after / level_before) / window, np.nan)
        scatter = _scatter(u, e)
        se = np.sqrt(scatter * (1 / before + 1 / after)) / window
        growth = np.where(np.isfinite(se), growth, np.nan)
        top = np.fmax.accumulate(np.where(age >= 0, level_after, np.nan), axis=0)
        of_peak = level_after / top
        low = np.log(of_peak / peak) < -ndtri(0.5 + level / 2) * np.sqrt(scatter / after)
    sure = ndtri(0.5 + level / 2) * se

    signal = np.full((weeks, n), NONE)
    signal[np.abs(growth) <= steady] = MATURITY
    for sign, name in ((1, GROWTH), (-1, DECLINE)):
        # A ratio of windows turns gradually, near half its height at the turn; chance lifts the highest.
        steep = np.nan_to_num(sign * growth, nan=-np.inf)
        near = maximum_filter1d(steep, 2 * window + 1, axis=0, mode="nearest")
        signal[(steep >= np.maximum(grows, 0.4 * near)) & (steep > sure)] = name
    total = u.sum(axis=0)
    new = (age < launch) | ((u.cumsum(axis=0) - u < early * total) & np.isfinite(first) & (signal != GROWTH))
    signal[new & (age >= 0)] = NONE
    agreed = signal.copy()
    for ahead in range(1, confirm):
        agreed[:-ahead][signal[ahead:] != signal[:-ahead]] = NONE
        agreed[-ahead:] = NONE
    # Once it is no longer new, a product that shows nothing else is steady.
    agreed[0] = np.where(np.isfinite(first), LAUNCH, np.where(agreed[0] == NONE, MATURITY, agreed[0]))
    agreed[new & (age >= 0)] = LAUNCH
    idle = (agreed == NONE) & (_carried(agreed) == LAUNCH) & np.isfinite(growth)
    agreed[idle & (_carried(agreed[::-1])[::-1] != GROWTH)] = MATURITY
    # Steady far below the peak is what is left of a product, unless it has just grown to there.
    fallen = (agreed == MATURITY) & low
    agreed[fallen & (_carried(np.where(fallen, NONE, agreed)) != GROWTH)] = DECLINE
    # A product has stopped growing when it no longer grows, not only when it is seen to be steady.
    ended = (agreed == NONE) & (signal != GROWTH)
    agreed[ended & (_carried(agreed) == GROWTH) & (_carried(agreed[::-1])[::-1] == MATURITY)] = MATURITY
    stages = _carried(agreed)
    return Stages(
        _now(units, stages, growth, se, (level_after, of_peak), (grows, steady, peak), first, level),
        _history(units, exposures, stages, growth, age),
        level,
    )


def _carried(codes: Any) -> Any:
    """Carry each code on until the next one."""
    last = np.maximum.accumulate(np.where(codes == NONE, 0, np.arange(len(codes))[:, None]), axis=0)
    return np.take_along_axis(codes, last, axis=0)


def _sums(table: Any, window: int, *, ahead: bool = False) -> Any:
    """Sum over the `window` weeks before each week, or from it on; over as many as there are."""
    total = np.vstack([np.zeros(table.shape[1]), table.cumsum(axis=0)])
    at = np.arange(len(table))
    if ahead:
        return total[np.minimum(at + window, len(table))] - total[at]
    return total[at] - total[np.maximum(at - window, 0)]


def _scatter(u: Any, e: Any) -> Any:
    """How much more the weeks of each product scatter than chance would have them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(e > 0, u / e, np.nan)
        bend = rate[1:-1] - (rate[:-2] + rate[2:]) / 2
        level = (rate[:-2] + rate[1:-1] + rate[2:]) / 3
        chance = level / e[1:-1] + (level / e[:-2] + level / e[2:]) / 4
        ratio = np.where(chance > 0, bend**2 / chance, np.nan)
    seen = np.isfinite(ratio)
    mean = np.where(seen, ratio, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.maximum(mean, 1.0)


def _now(
    units: pd.DataFrame, stages: Any, growth: Any, se: Any, levels: Any, rules: Any, first: Any, level: float
) -> pd.DataFrame:
    """Tell the latest stage of each product, with what was measured last."""
    grows, steady, peak = rules
    weeks, n = stages.shape
    column = np.arange(n)
    moved = np.where(stages != np.roll(stages, 1, axis=0), np.arange(weeks)[:, None], 0).max(axis=0)
    moved = np.maximum(moved, np.where(np.isfinite(first), first, 0)).astype(int)
    last = np.where(np.isfinite(growth), np.arange(weeks)[:, None], 0).max(axis=0)
    g, spread, (per_day, of_peak) = growth[last, column], se[last, column], (x[last, column] for x in levels)
    now = stages[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = ndtr((grows - g) / spread) - ndtr((-grows - g) / spread)
        below = np.where(of_peak < peak, ndtr((steady - g) / spread), ndtr((-steady - g) / spread))
        chance = np.select(
            [now == GROWTH, now == MATURITY, now == DECLINE],
            [ndtr((g - steady) / spread), inside, below],
            np.nan,
        )
    half = ndtri(0.5 + level / 2) * spread
    return pd.DataFrame(
        {
            "product_id": units.columns,
            "stage": pd.Series(NAMES[now], dtype="str"),
            **{"since": units.index[moved], "weeks": weeks - moved},
            **{"growth": np.expm1(g), "low": np.expm1(g - half), "high": np.expm1(g + half)},
            **{"per_day": per_day, "of_peak": of_peak, "confidence": chance},
        }
    ).replace([np.inf, -np.inf], np.nan)


def _history(units: pd.DataFrame, exposures: Any, stages: Any, growth: Any, age: Any) -> pd.DataFrame:
    """Every week of every product from its first on."""
    ordinary, open_days = (table.to_numpy() for table in exposures)
    product, week = np.nonzero(age.T >= 0)
    u, e = units.to_numpy()[week, product], ordinary[week, product]
    with np.errstate(divide="ignore", invalid="ignore"):
        per_day = np.where(e > 0, u / e, np.nan)
    return pd.DataFrame(
        {
            "product_id": units.columns[product],
            "week": units.index[week],
            "stage": pd.Series(NAMES[stages[week, product]], dtype="str"),
            **{"units": u, "days": open_days[week, product], "per_day": per_day},
            "growth": np.expm1(growth[week, product]),
        }
    )
