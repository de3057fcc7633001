"""Exponential smoothing of thousands of series at once: arrays of days × series, no loop over series."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, logit

BLOCK = 2048  # series at a time: enough for NumPy to leave the other cores free, few enough for the cache
FIRST = 10  # days that a series needs, besides two seasons, before its smoothing can be judged
EDGE = 9.0  # log odds at which a parameter is as good as 0 or 1
ROUNDS = 6


class Smoothed(NamedTuple):
    """The states at the end of each series, its parameters and the spread of its one-day-ahead errors."""

    level: Any
    slope: Any
    seasonal: Any  # season × series, by day number modulo season
    sigma: Any
    free: Any  # degrees of freedom of sigma
    alpha: Any
    beta: Any
    gamma: Any
    phi: Any


def smooth(y: Any, start: Any, season: int, trend: bool) -> Smoothed:
    """Fit additive Holt-Winters with a damped trend to each column of `y`, which begins at its `start`.

    Before a series' start nothing is read; NaN after it is a day that is not known.
    """
    cycles = np.clip((len(y) - start) // season, 1, 5) if season > 1 else np.ones_like(start)
    order = np.lexsort((start, cycles))
    # Series of one block share the length of their first states, so that no series depends on another.
    blocks = [
        block
        for part in np.split(order, np.flatnonzero(np.diff(cycles[order])) + 1)
        for block in np.array_split(part, -(-len(part) // BLOCK))
    ]

    def fit(block: Any) -> Smoothed:
        return _fit(y[:, block], start[block], season, trend, int(cycles[block[0]]))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        parts = list(pool.map(fit, blocks))
    back = np.argsort(order, kind="stable")
    return Smoothed(*(np.concatenate(field, axis=-1)[..., back] for field in zip(*parts, strict=True)))


def steps_ahead(fit: Smoothed, days: int, horizon: int) -> tuple[Any, Any]:
    """Forecasts and their standard errors, horizon × series; `days` is the number of days seen."""
    season = len(fit.seasonal)
    h = np.arange(horizon)
    damped = np.cumsum(fit.phi ** (h[:, None] + 1), axis=0)
    mean = fit.level + damped * fit.slope + fit.seasonal[(days + h) % season]
    # What an error of one day does to the forecast j days later; errors of all days between add up.
    echo = fit.alpha + fit.beta * damped + fit.gamma * (((h + 1) % season == 0) & (season > 1))[:, None]
    before = np.vstack([np.zeros_like(fit.alpha), np.cumsum(echo**2, axis=0)[:-1]])
    return mean, fit.sigma * np.sqrt(1 + before)


def _fit(y: Any, start: Any, season: int, trend: bool, cycles: int) -> Smoothed:
    seen = np.isfinite(y).sum(axis=0)
    # Around 0 and of size 1, single precision is enough for every series, however high its level.
    middle, scale = np.nanmean(y, axis=0), np.nanstd(y, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    y = (y - middle) / scale
    first = _first_states(y, start, season, trend, cycles)
    place = _search(y, start, first, trend)
    alpha, beta, gamma, phi = _parameters(place, season, trend)
    total, (level, slope, seasonal) = _run(y, start, first, trend, alpha, beta, gamma, phi)
    free = seen - (1 + 2 * trend + (season > 1))
    # A series that never moved shows no spread to judge by.
    sigma = np.sqrt(np.where((free > 0) & (total[0] > 1e-18 * seen), total[0], np.nan) / np.maximum(free, 1))
    ends = [middle + level[0] * scale, *(end * scale for end in (slope[0], seasonal[:, 0], sigma))]
    return Smoothed._make([*ends, free, *(p[0] for p in (alpha, beta, gamma, phi))])


def _search(y: Any, start: Any, first: Any, trend: bool) -> Any:
    """Find the parameters with the smallest squared errors: a grid, then steps from its best, ever smaller.

    A place is on the log-odds scale, one row per parameter. Single precision rounds far below what one place
    differs from the next, and half the bytes are twice the speed.
    """
    season, column = len(first[2]), np.arange(y.shape[1])
    y, first = y.astype(np.float32), [state.astype(np.float32) for state in first]

    def errors(places: Any) -> Any:
        return _run(
            y, start, first, trend, *(p.astype(np.float32) for p in _parameters(places, season, trend))
        )[0]

    grid = [(0.02, 0.1, 0.3, 0.7), (0.01, 0.2) if trend else (0.5,)]
    grid += [(0.03, 0.2) if season > 1 else (0.5,), (0.5,)]
    corners = logit(np.array(list(product(*grid))).T)[:, :, None]
    tried = errors(np.broadcast_to(corners, (*corners.shape[:2], y.shape[1])))
    place, least = corners[:, tried.argmin(axis=0), 0][:, None], tried.min(axis=0)
    used = [axis for axis, there in enumerate((True, trend, season > 1, trend)) if there]
    ways = np.zeros((4, 2 * len(used), 1))
    ways[np.repeat(used, 2), np.arange(2 * len(used)), 0] = np.tile([1, -1], len(used))
    stride, leap = np.ones((4, y.shape[1])), place
    for _ in range(ROUNDS):
        places = np.clip(np.concatenate([place + ways * stride[:, None], leap], axis=1), -EDGE, EDGE)
        tried = errors(places)
        up, down = tried[:-1:2], tried[1:-1:2]
        # Through the three points of each axis runs a parabola; its lowest points together are the next try.
        bend = up + down - 2 * least
        toward = np.where(bend > 0, (down - up) / np.where(bend > 0, 2 * bend, 1), np.sign(down - up))
        toward = np.clip(toward, -1.5, 1.5) * stride[used]
        leap = place.copy()
        leap[used, 0] += toward
        stride[used] = np.clip(np.abs(toward), stride[used] / 3, stride[used])
        choice = tried.argmin(axis=0)
        better = tried[choice, column] < least
        place = np.where(better, places[:, choice, column], place[:, 0])[:, None]
        least = np.where(better, tried[choice, column], least)
    return place


def _parameters(place: Any, season: int, trend: bool) -> tuple[Any, Any, Any, Any]:
    """Smoothing parameters from a place, so that every place is admissible."""
    alpha, slope, seasonal, damping = expit(place)
    return (
        alpha,
        alpha * slope * trend,
        (1 - alpha) * seasonal * (season > 1),
        (0.8 + 0.18 * damping) * trend,
    )


def _first_states(y: Any, start: Any, season: int, trend: bool, cycles: int) -> list[Any]:
    """Level, slope and season before the first day, from the averages of the first seasons."""
    length = cycles * season if season > 1 else FIRST
    head = np.take_along_axis(y, start + np.arange(length)[:, None], axis=0)
    cycle = head.reshape(cycles, -1, y.shape[1])
    if season > 1:
        cycle = _filled(cycle, _filled(_mean(cycle, 0), _mean(head, 0)))
    else:
        cycle = _filled(cycle, _mean(head, 0))
    time = np.arange(length)[:, None] - (length - 1) / 2
    if cycles > 1:
        slope = (cycle[-1] - cycle[0]).mean(axis=0) / ((cycles - 1) * season)
    elif season == 1:
        slope = (time * cycle[0]).sum(axis=0) / (time**2).sum()
    else:  # one season cannot tell a trend from the days of the week
        slope = np.zeros(y.shape[1])
    slope = slope * trend
    level = cycle.mean(axis=(0, 1)) - slope * (length + 1) / 2
    seasonal = np.zeros((season, y.shape[1]))
    if season > 1:
        shape = (
            cycle.mean(axis=0)
            - cycle.mean(axis=(0, 1))
            - slope * time[:season]
            + slope * time[:season].mean()
        )
        np.put_along_axis(seasonal, (start + np.arange(season)[:, None]) % season, shape, axis=0)
    return [level, slope, seasonal]


def _mean(values: Any, axis: int) -> Any:
    """Mean of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    return np.where(known, values, 0.0).sum(axis=axis) / np.where(count > 0, count, np.nan)


def _filled(values: Any, by: Any) -> Any:
    return np.nan_to_num(np.where(np.isfinite(values), values, by))


def _run(y: Any, start: Any, first: Any, trend: bool, alpha: Any, beta: Any, gamma: Any, phi: Any) -> Any:
    """Sum of squared one-day-ahead errors and last states, candidates × series, the series by start."""
    shape, kind = (len(alpha), y.shape[1]), y.dtype
    level, slope = (np.broadcast_to(state, shape).astype(kind) for state in first[:2])
    seasonal = np.broadcast_to(first[2][:, None], (len(first[2]), *shape)).astype(kind)
    total, error, pull = (np.zeros(shape, dtype=kind) for _ in range(3))
    season, gaps = len(seasonal), np.isnan(y).any(axis=1)
    begun = np.searchsorted(start, np.arange(len(y)), side="right")
    for day in range(int(start.min(initial=len(y))), len(y)):
        n = begun[day]
        a, m, b, e, u = alpha[:, :n], level[:, :n], slope[:, :n], error[:, :n], pull[:, :n]
        if trend:
            np.multiply(b, phi[:, :n], out=b)
            np.add(m, b, out=m)
        np.subtract(y[day, :n], m, out=e)
        if season > 1:
            s = seasonal[day % season][:, :n]
            np.subtract(e, s, out=e)
        if gaps[day]:
            np.nan_to_num(e, copy=False)
        np.multiply(e, e, out=u)
        total[:, :n] += u
        np.multiply(e, a, out=u)
        m += u
        if trend:
            np.multiply(e, beta[:, :n], out=u)
            b += u
        if season > 1:
            np.multiply(e, gamma[:, :n], out=u)
            s += u
    return total, (level, slope, seasonal)
