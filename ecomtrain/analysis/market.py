"""The market: growth between rounded figures, penetration, concentration, and how large a niche is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.analysis._rounded import Range, back_cast, cagr, is_number, project
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = [
    "Range",
    "back_cast",
    "bottom_up",
    "cagr",
    "concentration",
    "lorenz",
    "penetration",
    "project",
    "top_down",
]


def penetration(
    table: pd.DataFrame, part: str, whole: str, *, by: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Share of a whole that a part makes up, over the periods of a table (渗透率).

    Parameters
    ----------
    table : DataFrame
        One row per period (and group), with both columns.
    part, whole : str
        Columns of counts or money, such as ``"online_shoppers"`` and ``"netizens"``; rows without either are
        left out.
    by : str, optional
        A column to split by.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``part``, ``whole`` (means of a period), ``periods``,
        ``penetration``, ``low``, ``high`` (fractions). NaN where the whole is 0; the interval needs two
        periods that differ.

    Raises
    ------
    CourseError
        If a column is missing, holds no numbers or a negative one, part exceeds whole somewhere, there are
        two currencies, or `level` is not between 0 and 1.

    Notes
    -----
    Σ part / Σ whole, a ratio of sums with the periods as units (`intervals.ratio`): a trend or a season
    widens the interval. "Penetration" is no number until part, whole and period are named: users over users
    of the internet, users over everybody, or money over money differ by half and more.

    Examples
    --------
    >>> months = pd.DataFrame({"shoppers": [780, 784.0], "netizens": [1000, 1002.0], "people": [1410, 1410]})
    >>> penetration(months, "shoppers", "netizens").round(3)[["penetration", "low", "high"]]
         penetration    low   high
    all        0.781  0.766  0.797
    >>> penetration(months, "people", "netizens")
    Traceback (most recent call last):
        ...
    CourseError: market.penetration: 'people' exceeds 'netizens' in 2 row(s), so it is no part of it. ...
    """
    where = "market.penetration"
    require_level(level, where)
    require(table, [part, whole, *([by] if by else [])], where)
    require_numeric(table, [part, whole], where)
    require_one(table, "currency", where)
    columns = list(dict.fromkeys([part, whole, *([by] if by else [])]))
    frame = plain(table[columns]).dropna()
    require_not_negative(frame, [part, whole], where)
    frame = frame.astype({part: float, whole: float})
    more = int((frame[part] > frame[whole]).sum())
    if more:
        raise CourseError(
            f"{where}: '{part}' exceeds '{whole}' in {more} row(s), so it is no part of it. "
            "Swap the two, or choose the whole that it is a part of."
        )
    group = frame[by] if by else pd.Series("all", index=frame.index)
    made = {}
    for name, rows in frame.groupby(group, sort=True):
        found = ratio(rows[part], rows[whole], level=level)
        made[name] = [
            float(rows[part].mean()), float(rows[whole].mean()), len(rows),
            found.value, max(found.low, 0.0), min(found.high, 1.0),
        ]  # fmt: skip
    names = ["part", "whole", "periods", "penetration", "low", "high"]
    result = pd.DataFrame.from_dict(made, orient="index", columns=names)
    return result.rename_axis(by) if by else result


def concentration(
    sales: pd.DataFrame, *, seller: str, value: str, by: str | None = None, total: float | None = None
) -> pd.DataFrame:
    """How much of a market its largest sellers hold: HHI, CR4, CR10, Gini (市场集中度).

    Parameters
    ----------
    sales : DataFrame
        Rows with a seller and an amount of 0 or above; the rows of a seller are added up. Missing amounts
        are left out.
    seller, value : str
        The columns.
    by : str, optional
        A column to split by, such as the year.
    total : float, optional
        The whole market (of each group) where `sales` lists only its largest sellers: in the unit of `value`,
        or 1 where `value` holds shares. Left out, the sellers listed are the market.

    Returns
    -------
    DataFrame
        One row per group (``all`` without `by`): ``sellers`` (with sales), ``total`` (of the market, in the
        unit of `value`), ``hhi`` (0 to 10,000), ``equal_sellers`` (as many sellers of one size give the same
        HHI), ``cr4``, ``cr10`` (share of the four and ten largest), ``gini`` (0 all alike, towards 1 one has
        all), ``covered`` (share of the sellers listed), fractions; ``hhi_high`` (the most that the HHI can
        be). NaN where nothing is sold.

    Raises
    ------
    CourseError
        If a column is missing, `value` holds no numbers or negative ones, there are two currencies, or the
        sellers add up to more than `total`.

    Notes
    -----
    HHI = 10⁴ Σ sᵢ² with the shares sᵢ [1]_, equal_sellers = 1 / Σ sᵢ², CRn = the n largest shares added up,
    Gini = 2 Σ i·x₍ᵢ₎ / (n Σ x) − (n + 1)/n over the amounts in rising order. All sellers are counted, not
    sampled, so there is no interval. Shares that do not add up to 1 are no market: taken for the whole they
    overstate the HHI. With `total` the rest counts as many small sellers in ``hhi``, and in ``hhi_high`` as
    sellers as large as the smallest listed; CRn of fewer than n listed sellers and the Gini are then not
    known. All measures turn on where the market ends: a seller who is large in a niche is small in the
    category. Sellers without sales are left out, which lowers the Gini. `lorenz` gives the curve.

    References
    ----------
    .. [1] A. O. Hirschman (1964), The paternity of an index, Am. Econ. Rev. 54(5), 761-762.

    Examples
    --------
    >>> sales = pd.DataFrame({"seller": ["a", "b", "c", "d", "e"], "gmv": [40.0, 30, 10, 10, 10]})
    >>> table = concentration(sales, seller="seller", value="gmv")
    >>> table[["sellers", "total", "hhi", "equal_sellers", "cr4", "gini"]].round(3)
         sellers  total     hhi  equal_sellers  cr4  gini
    all        5  100.0  2800.0          3.571  0.9  0.32
    >>> concentration(sales, seller="seller", value="gmv", total=80)
    Traceback (most recent call last):
        ...
    CourseError: market.concentration: the sellers add up to 100, more than total=80. ...
    """
    where = "market.concentration"
    if total is not None and not (is_number(total) and 0 < total < np.inf):
        raise CourseError(f"{where}: total is {total!r}; give the whole market, a number above 0.")
    sold, grouped = _sold(sales, seller, value, by, where)
    made = {}
    for name, rows in sold.groupby(level=0):
        listed = float(rows.sum())
        if total is not None and listed > total * (1 + 1e-9):
            raise CourseError(
                f"{where}: the sellers add up to {listed:g}, more than total={total:g}. "
                "Give the total of the whole market in the unit of the amounts, or 1 for shares."
            )
        made[name] = _concentration(rows.to_numpy(), listed if total is None else float(total))
    columns = ["sellers", "total", "hhi", "equal_sellers", "cr4", "cr10", "gini", "covered", "hhi_high"]
    result = pd.DataFrame.from_dict(made, orient="index", columns=columns)
    return result.rename_axis(by) if grouped else result


def lorenz(sales: pd.DataFrame, *, seller: str, value: str, by: str | None = None) -> pd.DataFrame:
    """Lorenz curve (洛伦兹曲线): which share of the sales the smaller sellers make, added up one by one.

    Parameters
    ----------
    sales, seller, value, by
        As for `concentration`.

    Returns
    -------
    DataFrame
        One row per seller with sales (and group), the smallest first: `by` if given, `seller`, `value` (sum),
        ``share`` (of the sales), ``sellers_share``, ``sales_share`` (shares of the sellers and of the sales
        up to this one, fractions).

    Raises
    ------
    CourseError
        As for `concentration`.

    Notes
    -----
    Where all sell alike, the curve is the straight line from 0 to 1. The Gini of `concentration` is
    1 − 2 × the area under the curve, in straight pieces from the origin.

    Examples
    --------
    >>> sales = pd.DataFrame({"seller": ["a", "b", "c"], "gmv": [60.0, 10, 30]})
    >>> lorenz(sales, seller="seller", value="gmv").round(2)
      seller   gmv  share  sellers_share  sales_share
    0      b  10.0    0.1           0.33          0.1
    1      c  30.0    0.3           0.67          0.4
    2      a  60.0    0.6           1.00          1.0
    >>> lorenz(sales, seller="shop", value="gmv")
    Traceback (most recent call last):
        ...
    CourseError: market.lorenz: column 'shop' is not in the frame; it has seller, gmv.
    """
    sold, grouped = _sold(sales, seller, value, by, "market.lorenz")
    table = sold[sold > 0].rename_axis(["_group", seller]).reset_index(name=value)
    table = table.sort_values(["_group", value, seller], kind="stable", ignore_index=True)
    group = table.groupby("_group")[value]
    table["share"] = table[value] / group.transform("sum")
    table["sellers_share"] = (group.cumcount() + 1) / group.transform("size")
    table["sales_share"] = group.cumsum() / group.transform("sum")
    return table.rename(columns={"_group": by}) if grouped else table.drop(columns="_group")


def top_down(total: float, shares: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Size of a niche from a larger market and the shares it is cut by (自上而下).

    Parameters
    ----------
    total : float
        The larger market, 0 or above, in any unit of money.
    shares : mapping of str to (low, usual, high)
        Each cut in turn with what it may be, fractions in rising order: ``{"smart": (0.4, 0.6, 0.7)}``.

    Returns
    -------
    DataFrame
        One row for the total and one per cut, indexed by ``step``: ``share``, ``share_low``, ``share_high``
        (fractions; NaN for the total), ``value``, ``low``, ``high`` (in the unit of `total`). The last row
        is the size.

    Raises
    ------
    CourseError
        If `total` is no finite number of 0 or above, or a cut is not three rising fractions.

    Notes
    -----
    The total times every share. low and high take all shares at their least and most at once: the range of
    the assumptions, no confidence interval. Say where each share comes from; a share nobody measured is a
    guess with digits.

    Examples
    --------
    >>> top_down(360, {"smart": (0.4, 0.6, 0.7), "for offices": (0.5, 0.8, 0.9)}).round(1)
                 share  share_low  share_high  value    low   high
    step
    total          NaN        NaN         NaN  360.0  360.0  360.0
    smart          0.6        0.4         0.7  216.0  144.0  252.0
    for offices    0.8        0.5         0.9  172.8   72.0  226.8
    >>> top_down(360, {"smart": (0.6, 0.4, 0.7)})
    Traceback (most recent call last):
        ...
    CourseError: market.top_down: the cut 'smart' is (0.6, 0.4, 0.7); give its least, usual and most ...
    """
    where = "market.top_down"
    if not is_number(total) or not 0 <= total < np.inf:
        raise CourseError(f"{where}: total is {total!r}; give a finite number of 0 or above.")
    cuts = [_three(share, f"the cut '{name}'", where) for name, share in shares.items()]
    usual = np.array([[np.nan] * 3, *([middle, low, high] for low, middle, high in cuts)])
    factor = np.cumprod(np.nan_to_num(usual, nan=1.0), axis=0) * float(total)
    index = pd.Index(["total", *shares], name="step")
    columns = ["share", "share_low", "share_high", "value", "low", "high"]
    return pd.DataFrame(np.hstack([usual, factor]), index=index, columns=columns)


def bottom_up(
    segments: pd.DataFrame,
    *,
    price: str = "price",
    units: str = "units",
    coverage: Sequence[float] = (1.0, 1.0, 1.0),
) -> pd.DataFrame:
    """Size of a niche from what is sold in it, piece by piece (自下而上).

    Parameters
    ----------
    segments : DataFrame
        Rows with a price and the units sold at it: listings, or keywords by month.
    price, units : str
        The columns, of 0 or above; rows without either are left out.
    coverage : (low, usual, high), default all 1
        Share of the market that these rows see, such as the share of the platforms they come from.

    Returns
    -------
    DataFrame
        One row: ``listed`` (Σ price · units), ``value`` (listed over the usual coverage), ``low``, ``high``
        (over the most and the least coverage), in the unit of the price; ``units``, ``rows`` (counts).

    Raises
    ------
    CourseError
        If a column is missing, holds no numbers or negative ones, there are two currencies, or `coverage`
        is not three rising fractions above 0.

    Notes
    -----
    Σ price · units / coverage. What is sold outside the listings enters by `coverage` only, which the rows
    cannot show. low and high are the range of that assumption, no confidence interval.

    Examples
    --------
    >>> listings = pd.DataFrame({"price": [100.0, 20.0], "units": [300, 500]})
    >>> bottom_up(listings, coverage=(0.4, 0.5, 0.8))
        listed    value      low      high  units  rows
    0  40000.0  80000.0  50000.0  100000.0  800.0     2
    >>> bottom_up(listings, coverage=(0, 0.5, 1))
    Traceback (most recent call last):
        ...
    CourseError: market.bottom_up: coverage is (0, 0.5, 1); give its least, usual and most as fractions ...
    """
    where = "market.bottom_up"
    require(segments, [price, units], where)
    require_numeric(segments, [price, units], where)
    require_one(segments, "currency", where)
    low, usual, high = _three(coverage, "coverage", where)
    if low == 0:
        raise CourseError(_rising("coverage", coverage, where))
    frame = segments[[price, units]].astype(float).dropna()
    require_not_negative(frame, [price, units], where)
    listed = float((frame[price] * frame[units]).sum())
    row = {
        "listed": listed,
        "value": listed / usual,
        "low": listed / high,
        "high": listed / low,
        "units": float(frame[units].sum()),
        "rows": len(frame),
    }
    return pd.DataFrame([row])


def _sold(sales: Any, seller: str, value: str, by: str | None, where: str) -> tuple[pd.Series, bool]:
    """Sales by group and seller, and whether they are grouped."""
    columns = list(dict.fromkeys([seller, value, *([by] if by else [])]))
    require(sales, columns, where)
    require_numeric(sales, [value], where)
    require_one(sales, "currency", where)
    frame = plain(sales[columns]).dropna()
    require_not_negative(frame, [value], where)
    frame = frame.astype({value: float})
    if not np.isfinite(frame[value]).all():
        raise CourseError(f"{where}: column '{value}' holds infinite amounts; mend them first.")
    group = (frame[by] if by else pd.Series("all", index=frame.index)).rename("group")
    return frame.groupby([group, frame[seller]], sort=True)[value].sum(), bool(by)


def _concentration(sold: np.ndarray, total: float) -> list[float]:
    """Return the measures of one market from the sales of its sellers and of all."""
    x = np.sort(sold[sold > 0])
    n = len(x)
    if not n:
        return [0, total, *[np.nan] * 5, 0.0 if total else np.nan, np.nan]
    share = x / total
    square, covered = float((share**2).sum()), min(float(x.sum()) / total, 1.0)
    whole = covered > 1 - 1e-9
    covered = 1.0 if whole else covered
    # The most: the rest in sellers as large as the smallest listed, and one with what is left.
    rest, least = (0.0, 1.0) if whole else (1 - covered, float(share[0]))
    full = np.floor(rest / least + 1e-9)
    most = square + full * least**2 + max(rest - full * least, 0.0) ** 2
    largest = [float(share[-k:].sum()) if whole or n >= k else np.nan for k in (4, 10)]
    gini = float(2 * (np.arange(1, n + 1) * share).sum() / n - (n + 1) / n) if whole else np.nan
    return [n, total, 1e4 * square, 1 / square, *largest, gini, covered, 1e4 * most]


def _three(share: Any, name: str, where: str) -> tuple[float, float, float]:
    """Read the least, usual and most of a share."""
    try:
        low, usual, high = map(float, share)
    except (TypeError, ValueError):
        raise CourseError(_rising(name, share, where)) from None
    if not 0 <= low <= usual <= high <= 1:
        raise CourseError(_rising(name, share, where))
    return low, usual, high


def _rising(name: str, share: Any, where: str) -> str:
    return (
        f"{where}: {name} is {share!r}; give its least, usual and most as fractions in rising order, "
        "such as (0.4, 0.5, 0.6)."
    )
