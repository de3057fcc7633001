"""The split of a budget that brings most: equal marginal returns, and the right corner where curves are S."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, log_expit

from ecomtrain.analysis._checks import plain, require_not_negative
from ecomtrain.errors import CourseError, nearest, require, require_numeric

__all__ = ["allocate"]

EXACT = 1e-10  # of the response, to which the best split is found
SPLITS = 2000  # of the search at most; a handful is usual


def allocate(
    curves: pd.DataFrame,
    budget: float | None = None,
    *,
    bounds: Mapping[Any, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """Split a budget over channels so that it brings most (预算分配).

    Parameters
    ----------
    curves : DataFrame
        One row per channel (index) with ``beta`` (the most it can bring per period), ``half`` (spend per
        period that brings half of it) and ``slope``, such as ``fit_response(...).table``; with ``spend``
        (present spend per period), the present split is told beside the new one.
    budget : float, optional
        Money per period, all of which is spent; the sum of ``spend`` by default.
    bounds : mapping, optional
        Channel to its least and most spend: ``{"live": (1000, 5000)}``. From 0 up by default.

    Returns
    -------
    DataFrame
        One row per channel and a row ``"all"``: ``spend``, ``response`` (per period, in the unit of
        ``beta``), ``marginal_return`` (response to one more unit of money; in the row "all" what all those
        inside their bounds share), ``at`` ("inside", "lower" or "upper": the bound it stands at), and with
        ``spend`` also ``present_spend``, ``present_response``, ``present_marginal_return``. A marginal return
        that has no limit (slope below 1 at no spend) is NaN.

    Raises
    ------
    CourseError
        If a column is missing, a number is missing or not allowed, a channel is there twice or unknown, or
        the bounds cannot be met with this budget.

    Notes
    -----
    Maximises Σ beta · hill(spend, half, slope) with Σ spend = budget. At the best split one more yuan brings
    the same in every channel that stands inside its bounds: were it more in one, money should move there.
    Where all slopes are up to 1, that condition is enough. A slope above 1 makes an S, and equal marginal
    returns may then mark the *worst* split; so the search bounds each S from above by its concave envelope
    and halves what is left in doubt until the best is proved to a part in 10¹⁰ [1]_. Curves are taken as
    known, so there is no interval: their own uncertainty is that of `fit_response`.

    References
    ----------
    .. [1] J. E. Falk, R. M. Soland (1969), An algorithm for separable nonconvex programming problems,
       Management Science 15(9), 550-569.

    Examples
    --------
    >>> curves = pd.DataFrame({"beta": [900.0, 900], "half": [400.0, 100], "slope": 1.0,
    ...                        "spend": [700.0, 300]}, index=["live", "feed"])
    >>> allocate(curves)[["spend", "response", "marginal_return", "at", "present_response"]].round(2)
          spend  response  marginal_return      at  present_response
    live  600.0     540.0             0.36  inside            572.73
    feed  400.0     720.0             0.36  inside            675.00
    all  1000.0    1260.0             0.36  inside           1247.73
    >>> allocate(curves, 1000, bounds={"live": (0, 500), "feed": (0, 300)})
    Traceback (most recent call last):
        ...
    CourseError: response.allocate: the bounds allow at most 800 of the budget 1000. Raise one, or spend less.
    """
    where = "response.allocate"
    frame, budget, low, high = _checked(curves, budget, bounds or {}, where)
    beta, half, slope = (frame[name].to_numpy(dtype=float) for name in ("beta", "half", "slope"))
    curve = _Curves(beta, half, slope)
    # No channel can have what the others must have at least.
    cap = np.maximum(np.minimum(high, budget - (low.sum() - low)), low)
    spend = _split(curve, budget, low, cap)
    tiny = 1e-9 * max(budget, 1e-300)
    at = np.where(spend <= low + tiny, "lower", np.where(spend >= high - tiny, "upper", "inside"))
    table = pd.DataFrame(
        {"spend": spend, "response": curve.value(spend), "marginal_return": curve.marginal(spend)},
        frame.index,
    )
    table["at"] = at
    inside = table.loc[table["at"] == "inside", "marginal_return"]
    whole: dict[str, Any] = {
        "spend": table["spend"].sum(),
        "response": table["response"].sum(),
        "marginal_return": inside.mean(),
        "at": "inside" if len(inside) else "bounds",
    }
    if "spend" in frame:
        present = frame["spend"].to_numpy(dtype=float)
        for name, values in (("spend", present), ("response", curve.value(present))):
            table[f"present_{name}"] = values
            whole[f"present_{name}"] = values.sum()
        table["present_marginal_return"] = curve.marginal(present)
        whole["present_marginal_return"] = np.nan
    rows = [*table.index, "all"]
    return pd.concat([table, pd.DataFrame([whole])], ignore_index=True).set_axis(pd.Index(rows, dtype=object))


def _checked(
    curves: Any, budget: Any, bounds: Mapping[Any, tuple[float, float]], where: str
) -> tuple[pd.DataFrame, float, Any, Any]:
    """Check the curves, the budget and the bounds, and read the bounds as arrays that the budget can meet."""
    names = ["beta", "half", "slope"]
    require(curves, names, where)
    names += ["spend"] if "spend" in curves.columns else []
    frame = plain(curves[names]).set_index(curves.index)
    require_numeric(frame, names, where)
    if not len(frame):
        raise CourseError(f"{where}: curves has no channel. Give a row for each.")
    if frame.index.has_duplicates:
        raise CourseError(f"{where}: channel '{frame.index[frame.index.duplicated()][0]}' is there twice.")
    for column in names:
        if frame[column].isna().any() or np.isinf(frame[column].to_numpy(dtype=float)).any():
            raise CourseError(f"{where}: column '{column}' is missing for a channel. Leave the channel out.")
    require_not_negative(frame, [name for name in names if name in ("beta", "spend")], where)
    for column in ("half", "slope"):
        if not (frame[column] > 0).all():
            raise CourseError(
                f"{where}: column '{column}' is not above 0 for a channel; give a number above 0."
            )
    if budget is None:
        if "spend" not in frame:
            raise CourseError(f"{where}: no budget is given, and curves has no column 'spend' to add up.")
        budget = float(frame["spend"].sum())
    if (
        isinstance(budget, bool)
        or not isinstance(budget, int | float | np.number)
        or not 0 <= budget < np.inf
    ):
        raise CourseError(f"{where}: budget is {budget!r}; give an amount of 0 or above.")
    budget = float(budget)
    low, high = np.zeros(len(frame)), np.full(len(frame), np.inf)
    for channel, ends in bounds.items():
        if channel not in frame.index:
            raise CourseError(f"{where}: bounds name '{channel}', no channel.{nearest(channel, frame.index)}")
        place = frame.index.get_loc(channel)
        low[place], high[place] = ends
        if not 0 <= low[place] <= high[place]:
            raise CourseError(f"{where}: bounds of '{channel}' are {ends}; give a least and a most spend.")
    if low.sum() > budget * (1 + 1e-12):
        raise CourseError(
            f"{where}: the bounds ask for at least {low.sum():g}, above the budget {budget:g}. Lower one."
        )
    if high.sum() < budget * (1 - 1e-12):
        raise CourseError(
            f"{where}: the bounds allow at most {high.sum():g} of the budget {budget:g}. "
            "Raise one, or spend less."
        )
    return frame, budget, low, high


class _Curves:
    """Hill curves of several channels, and the spend at which each has a given marginal return."""

    def __init__(self, beta: Any, half: Any, slope: Any) -> None:
        self.beta, self.half, self.slope = beta, half, slope
        # Right of this share of the most, one more yuan brings less than the one before.
        self.turn = half * np.where(slope > 1, ((slope - 1) / (slope + 1)).clip(0) ** (1 / slope), 0.0)

    def value(self, x: Any) -> Any:
        with np.errstate(divide="ignore"):
            return self.beta * expit(self.slope * np.log(x / self.half))

    def marginal(self, x: Any) -> Any:
        """Give the derivative, NaN where it has no limit."""
        with np.errstate(divide="ignore", invalid="ignore"):
            h = expit(self.slope * np.log(x / self.half))
            inner = self.beta * self.slope * h * (1 - h) / x
        at_none = np.where(self.slope == 1, self.beta / self.half, np.where(self.slope > 1, 0.0, np.nan))
        return np.where(x > 0, inner, at_none)

    def spend_at(self, log_price: float) -> Any:
        """Find where the marginal return has fallen to a price; the turn where it never is as high.

        With z = slope · ln(x / half), the marginal return has the logarithm
        ln(beta · slope / half) + (1 − 1/slope) ln h + (1 + 1/slope) ln(1 − h), which is concave in z:
        Newton's steps from the falling side come down on it from the right and never miss.
        """
        one = 1 / self.slope
        wanted = log_price - np.log(self.beta * self.slope / self.half)
        turn = np.where(self.slope > 1, np.log((self.slope - 1).clip(1e-300) / (self.slope + 1)), -np.inf)
        # Far to the right the curve falls at 1 + 1/slope; that line lies above it.
        z = np.maximum((np.maximum(one - 1, 0) * np.log(2) - wanted) / (1 + one), np.maximum(turn, 0) + 1)
        for _ in range(60):
            fall = np.minimum((1 - one) - 2 * expit(z), -1e-12)
            step = ((1 - one) * log_expit(z) + (1 + one) * log_expit(-z) - wanted) / fall
            # A price that the curve never reaches leads to the turn, where it comes nearest. Steps shrink
            # with their square: after one of 1e-9 nothing is left.
            z, before = np.maximum(z - step, turn), z
            if (np.abs(z - before) <= 1e-9 * np.maximum(np.abs(z), 1)).all():
                break
        return self.half * np.exp(np.minimum(z * one, 300.0))


def _split(curves: _Curves, budget: float, low: Any, high: Any) -> Any:
    """Give channels that bring something the best split, and the others what no such channel can take."""
    worth = curves.beta > 0
    spend = low.copy()
    if worth.any():
        some = _Curves(curves.beta[worth], curves.half[worth], curves.slope[worth])
        part = min(budget - low[~worth].sum(), high[worth].sum())
        spend[worth] = _best(some, part, low[worth], np.minimum(high[worth], part))
    room = np.where(worth, 0.0, high - spend)
    return spend + np.clip(budget - spend.sum() - (room.cumsum() - room), 0.0, room)


def _best(curves: _Curves, budget: float, low: Any, high: Any) -> Any:
    """Branch and bound over boxes of spend; each box is judged by the concave envelopes of its curves."""
    if budget <= low.sum():
        return low
    best, found, count = -np.inf, low, 0
    heap: list[Any] = []

    def look(low: Any, high: Any) -> None:
        nonlocal best, found
        bound, spend, doubt = _relaxed(curves, budget, low, high)
        reached = float(curves.value(spend).sum())
        if reached > best:
            best, found = reached, spend
        heappush(heap, (-bound, count, low, high, spend, doubt))

    look(low, high)
    while heap and count < SPLITS:
        bound, _, low, high, spend, doubt = heappop(heap)
        if doubt is None or -bound <= best + EXACT * abs(best):
            break
        for end in (0, 1):
            box = [low.copy(), high.copy()]
            box[end][doubt] = spend[doubt]
            if box[0].sum() <= budget <= box[1].sum():
                count += 1
                look(*box)
    return found


def _relaxed(curves: _Curves, budget: float, low: Any, high: Any) -> tuple[float, Any, int | None]:
    """Give the best value and split on the envelopes, and the channel left on a chord, above its curve.

    The envelope of an S is a chord from `low` to where it touches the curve, then the curve. As the price of
    a yuan falls, a channel stays at `low` until the price is the slope of its chord, then crosses it.
    """
    from scipy.optimize import brentq

    touch = _touch(curves, low, high)
    start = curves.value(low)
    with np.errstate(divide="ignore", invalid="ignore"):
        knot = np.where(
            touch > low, np.log((curves.value(touch) - start).clip(0)) - np.log(touch - low), np.inf
        )
    begun = knot == np.inf

    def at(price: float) -> Any:
        return np.where(begun, np.clip(curves.spend_at(price), touch, high), low)

    def over(price: float) -> float:
        return float(at(price).sum()) - budget

    above = np.inf
    for channel in np.argsort(-knot, kind="stable"):
        if begun[channel]:
            continue
        spend = at(knot[channel])
        missing = budget - float(spend.sum())
        if missing <= 0:
            break
        if missing < touch[channel] - low[channel]:
            spend[channel] += missing
            value = np.where(spend > low, curves.value(spend), start)
            value[channel] = start[channel] + missing * np.exp(knot[channel])
            return float(value.sum()), spend, int(channel)
        begun[channel], above = True, knot[channel]
    below = above if np.isfinite(above) else float(np.log(curves.beta / curves.half).max())
    step = 1.0
    while over(below) < 0 and step < 1e6:
        below, step = below - step, 2 * step
    step = 1.0
    if np.isinf(above):
        above = below
        while over(above) > 0 and step < 1e6:
            above, step = above + step, 2 * step
    if over(below) <= 0:
        spend = at(below)
    elif over(above) >= 0:
        spend = at(above)
    else:
        spend = at(brentq(over, below, above, xtol=1e-14, rtol=1e-14))
    # What rounding left over goes where there is room on both sides.
    room = np.minimum(spend - low, high - spend)
    spend[int(np.argmax(room))] += budget - spend.sum()
    spend = np.clip(spend, low, high)
    return float(curves.value(spend).sum()), spend, None


def _touch(curves: _Curves, low: Any, high: Any) -> Any:
    """Where a line from `low` touches the curve beyond its turn; `low` itself where the curve is concave."""
    start = curves.value(low)
    left, right = np.minimum(np.maximum(low, curves.turn), high), high.copy()
    for _ in range(60):
        middle = (left + right) / 2
        steep = curves.value(middle) - start >= np.nan_to_num(curves.marginal(middle)) * (middle - low)
        left, right = np.where(steep, left, middle), np.where(steep, middle, right)
    return np.where(low >= curves.turn, low, right)
