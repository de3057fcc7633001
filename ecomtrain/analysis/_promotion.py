"""What a promotion adds once the days after it are counted too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import days, moment, plain, require_one
from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["promotion_lift"]

WEEK = 7


def promotion_lift(
    daily: pd.DataFrame,
    *,
    promotion: str = "promotion",
    value: str = "amount",
    date: str = "date",
    after: int = 18,
    leave_out: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Measure what promotions add to sales, with the days after them that sell less (促销增量).

    Parameters
    ----------
    daily : DataFrame
        One row per day: `date` (datetime), `promotion` (bool: one was on) and `value`. Days without a row
        count 0 and have no promotion.
    promotion, value, date : str
        The columns; `value` is a number such as ``amount``, ``orders`` or ``margin``.
    after : int, default 18
        Days after each promotion in which sales may be missing that it took from them.
    leave_out : dates or DataFrame, optional
        Days that are no measure of an ordinary one: dates, or the table ``calendar`` (its days with a
        ``promotion``). A promotion whose own window or weeks of comparison touch one is left out.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        Rows ``gross`` (the days of the promotion), ``after`` (the days after it) and ``net`` (both): ``lift``
        (relative to what the days of the promotion sell without it; 0.3 is +30 %), ``low``, ``high``,
        ``amount`` (actual - expected, all promotions together), ``promotions`` (used).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a day is there twice, a value is missing, the money is in
        two currencies, or `after` is not a whole number from 0 on.

    Notes
    -----
    Neighbouring days with a promotion are one promotion. Each day of its window (promotion and `after`) is
    compared with the same weekday of the whole week before the window and of the one after it, joined by a
    straight line, so that weekday, trend and season drop out. lift = Σ (actual - expected) / Σ expected on
    the days of the promotion; the interval takes the promotions as units (`intervals.ratio`). A promotion
    without clear weeks on both sides is left out. Sales that are pulled forward from the weeks after are no
    gain [1]_.

    References
    ----------
    .. [1] H. van Heerde, P. Leeflang, D. Wittink (2000), The estimation of pre- and postpromotion dips with
       store-level scanner data, J. Marketing Research 37(3), 383-395.

    Examples
    --------
    >>> day = pd.date_range("2026-01-05", periods=98)
    >>> daily = pd.DataFrame({"date": day, "amount": 100.0 + np.arange(98) ** 2 % 11, "promotion": False})
    >>> for first in (11, 39, 67):
    ...     daily.loc[first : first + 2, ["amount", "promotion"]] = [220.0, True]
    ...     daily.loc[first + 3 : first + 8, "amount"] -= 40.0
    >>> promotion_lift(daily, after=11).round(3)
            lift    low   high  amount  promotions
    gross  1.136  1.045  1.227  1053.0           3
    after -0.789 -0.827 -0.750  -731.0           3
    net    0.347  0.249  0.446   322.0           3
    >>> promotion_lift(daily, after=11, value="margin")
    Traceback (most recent call last):
        ...
    CourseError: sales.promotion_lift: column 'margin' is not in the frame; it has date, amount, promotion.
    """
    where = "sales.promotion_lift"
    require_level(level, where)
    require(daily, [date, promotion, value], where)
    require_numeric(daily, [value], where)
    require_one(daily, "currency", where)
    require_one(daily, "shop", where)
    if isinstance(after, bool) or not isinstance(after, int | np.integer) or after < 0:
        raise CourseError(f"{where}: after={after!r} is not a number of days; give one such as 18.")
    frame = plain(daily[list(dict.fromkeys([date, promotion, value]))])
    for column in frame:
        if frame[column].isna().any():
            raise CourseError(f"{where}: column '{column}' is missing in a row. Leave the row out.")
    if not frame[promotion].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{promotion}' holds values other than True and False.")
    frame[date] = days(frame[date], where)
    if frame[date].duplicated().any():
        twice = frame.loc[frame[date].duplicated(), date].iloc[0]
        raise CourseError(
            f"{where}: {twice:%Y-%m-%d} is there twice. Choose one shop, or add the rows up first, for "
            f"example with .groupby('{date}')."
        )
    frame = frame.set_index(date).astype({value: float, promotion: bool}).sort_index()
    if len(frame):
        every = pd.date_range(frame.index[0], frame.index[-1])
        frame = frame.reindex(every).fillna({value: 0.0, promotion: False})
    on = frame[promotion].to_numpy(bool)
    out = _left_out(leave_out, frame.index, where)
    sold = frame[value].to_numpy(float)
    first = np.flatnonzero(on & ~np.r_[False, on[:-1]])
    last = np.flatnonzero(on & ~np.r_[on[1:], False])
    rows = [
        _one(sold, on, out, int(begin), int(end), int(after)) for begin, end in zip(first, last, strict=True)
    ]
    parts = np.array([row for row in rows if row], dtype=float).reshape(-1, 3)
    gained = {"gross": parts[:, 0], "after": parts[:, 1], "net": parts[:, 0] + parts[:, 1]}
    table = {}
    for name, gain in gained.items():
        found = ratio(gain, parts[:, 2], level=level)
        table[name] = [found.value, found.low, found.high, gain.sum(), len(gain)]
    columns = ["lift", "low", "high", "amount", "promotions"]
    return pd.DataFrame.from_dict(table, orient="index", columns=columns).astype({"promotions": "int64"})


def _left_out(leave_out: Any, index: Any, where: str) -> Any:
    if leave_out is None:
        return np.zeros(len(index), bool)
    if isinstance(leave_out, pd.DataFrame):
        require(leave_out, ["date", "promotion"], where)
        leave_out = leave_out.loc[leave_out["promotion"].notna(), "date"]
    return np.asarray(index.isin([moment(day, False, where).normalize() for day in leave_out]))


def _one(sold: Any, on: Any, out: Any, begin: int, end: int, after: int) -> tuple[float, ...] | None:
    """Gain on the days of one promotion and on those after it, and what the former would have sold."""
    # Whole weeks lie between a day and its measures, so that each is compared with its own weekday.
    length = end - begin + 1 + after
    before, behind = begin - WEEK, begin + length
    if before < 0 or behind + WEEK > len(sold):
        return None
    clear = np.r_[before:begin, behind : behind + WEEK]
    if on[clear].any() or on[end + 1 : behind].any() or out[before : behind + WEEK].any():
        return None
    day = np.arange(begin, behind)
    left = before + (day - before) % WEEK
    right = behind + (day - behind) % WEEK
    share = (day - left) / (right - left)
    expected = (1 - share) * sold[left] + share * sold[right]
    gain = sold[day] - expected
    many = end - begin + 1
    return float(gain[:many].sum()), float(gain[many:].sum()), float(expected[:many].sum())
