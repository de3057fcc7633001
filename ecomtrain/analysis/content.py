"""Content: whether a platform's audience fits, and whether a rate lies above that of the trade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ecomtrain.analysis._checks import plain, require_not_negative
from ecomtrain.analysis.intervals import ratio, relative_change, wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["audience_fit", "rate_against_benchmark", "tgi"]


def tgi(
    audience: pd.DataFrame,
    target: pd.DataFrame,
    *,
    segments: Sequence[str],
    platform: str = "platform",
    count: str = "accounts",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of each segment in a platform's audience over its share among the target (TGI 指数).

    Parameters
    ----------
    audience : DataFrame
        Counts of people by `platform` and `segments`; rows of one segment are added up.
    target : DataFrame
        Whom the shop wants to reach: counts by `segments`, or one row per person where it has no column
        `count`.
    segments : list of str
        Columns that tell the segments apart, such as ``["gender", "age_band"]``.
    platform, count : str
        Columns of the platform and of the number of people.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per platform and segment of either: `platform`, the `segments`, ``share``, ``target_share``
        (fractions), ``tgi`` (100 where they are alike; NaN where the target has nobody), ``low``, ``high``.

    Raises
    ------
    CourseError
        If a column, count or segment is missing, a count is negative, or the audience or target has nobody.

    Notes
    -----
    TGI = 100 · share in the audience / share in the target, with the interval of Katz for a ratio of two
    shares (`intervals.relative_change`), NaN where either is 0. A TGI of 300 in a segment of 1 % moves less
    than one of 110 in a segment of 30 %: weigh them all with `audience_fit`.

    References
    ----------
    .. [1] D. Katz et al. (1978), Obtaining confidence intervals for the risk ratio, Biometrics 34, 469-474.

    Examples
    --------
    >>> audience = pd.DataFrame({"platform": "Douyin", "gender": ["F", "M"], "accounts": [300, 700]})
    >>> buyers = pd.DataFrame({"gender": ["F"] * 80 + ["M"] * 20})
    >>> tgi(audience, buyers, segments=["gender"]).round(1)
      platform gender  share  target_share    tgi    low   high
    0   Douyin      F    0.3           0.8   37.5   32.7   43.0
    1   Douyin      M    0.7           0.2  350.0  236.0  519.1
    >>> tgi(audience, buyers, segments=["age"])
    Traceback (most recent call last):
        ...
    CourseError: content.tgi: column 'age' is not in the frame; it has platform, gender, accounts.
    """
    shares = _shares(audience, target, list(segments), platform, count, level, "content.tgi")
    wanted, n = shares.target, shares.target.sum()
    parts = []
    for name, row in shares.counts.iterrows():
        p, q = row / row.sum(), wanted / n
        spread = [np.sqrt(x * (1 - x) / size) for x, size in ((q, n), (p, row.sum()))]
        change, low, high = relative_change(q, spread[0], p, spread[1], level=level)
        part = pd.DataFrame({"share": p, "target_share": q, "tgi": 100 * (1 + change)})
        part["low"], part["high"] = 100 * (1 + low), 100 * (1 + high)
        part.insert(0, platform, name)
        parts.append(part.reset_index())
    columns = [platform, *segments, "share", "target_share", "tgi", "low", "high"]
    return pd.concat(parts, ignore_index=True)[columns]


def audience_fit(
    audience: pd.DataFrame,
    target: pd.DataFrame,
    *,
    segments: Sequence[str],
    platform: str = "platform",
    count: str = "accounts",
    reference: Any = None,
    known: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """How far each platform's audience has the make-up of the target (人群匹配度).

    Parameters
    ----------
    audience, target, segments, platform, count
        As for `tgi`.
    reference : label, optional
        The platform to compare the others with; by default the first by name.
    known : bool, default False
        Take the target's shares for exact, as if they were not counted from a sample.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per platform: ``fit`` (0 nobody in common, 1 alike), ``low``, ``high``, ``n`` (of the
        audience), ``n_target``, ``change`` (fit less that of `reference`; 0.22 is 22 points),
        ``change_low``, ``change_high``.

    Raises
    ------
    CourseError
        As for `tgi`, or if `reference` is no platform.

    Notes
    -----
    fit = 1 - ½ Σ \\|p - q\\| over the segments, the share that both have in common: the complement of the
    total variation distance [1]_. Its standard error is that of a sum of multinomial shares with the signs of
    p - q; the target's sample serves both platforms of a comparison, which makes the difference less
    uncertain than the two fits. Chance alone puts the fit of small samples below 1.

    References
    ----------
    .. [1] A. L. Gibbs, F. E. Su (2002), On choosing and bounding probability metrics, Int. Stat. Rev. 70(3),
       419-435.

    Examples
    --------
    >>> audience = pd.DataFrame({"platform": ["Douyin", "Douyin", "Xiaohongshu", "Xiaohongshu"],
    ...                          "gender": ["F", "M"] * 2, "accounts": [300, 700, 700, 300]})
    >>> buyers = pd.DataFrame({"gender": ["F"] * 80 + ["M"] * 20})
    >>> audience_fit(audience, buyers, segments=["gender"])[["fit", "low", "high", "change"]].round(2)
                 fit   low  high  change
    platform
    Douyin       0.5  0.42  0.58     0.0
    Xiaohongshu  0.9  0.82  0.98     0.4
    >>> audience_fit(audience, buyers, segments=["gender"], reference="Duoyin")
    Traceback (most recent call last):
        ...
    CourseError: content.audience_fit: reference='Duoyin' is not a platform; there are Douyin, Xiaohongshu.
    """
    where = "content.audience_fit"
    shares = _shares(audience, target, list(segments), platform, count, level, where)
    counts = shares.counts
    if reference is not None and reference not in counts.index:
        there = ", ".join(map(str, counts.index))
        raise CourseError(f"{where}: reference='{reference}' is not a platform; there are {there}.")
    n, n_target = counts.sum(axis=1).to_numpy(float), float(shares.target.sum())
    p = counts.to_numpy(float) / n[:, None]
    q = shares.target.to_numpy(float) / n_target
    sign = np.sign(p - q)
    fit = 1 - np.abs(p - q).sum(axis=1) / 2
    own = _spread(sign, p) / (4 * n)
    base = 0 if reference is None else counts.index.get_loc(reference)
    errors = np.sqrt(own + (0 if known else _spread(sign, q) / (4 * n_target)))
    change = fit - fit[base]
    apart = np.sqrt(own + own[base] + (0 if known else _spread(sign - sign[base], q) / (4 * n_target)))
    z = ndtri(0.5 + level / 2)
    half, between = (np.where(e > 0, z * e, np.nan) for e in (errors, apart))
    between[base] = np.nan
    table = pd.DataFrame(
        {
            "fit": fit,
            "low": np.clip(fit - half, 0, 1),
            "high": np.clip(fit + half, 0, 1),
            "n": n.astype("int64"),
            "n_target": int(n_target),
            "change": change,
            "change_low": change - between,
            "change_high": change + between,
        },
        index=counts.index,
    )
    return table


def rate_against_benchmark(
    posts: pd.DataFrame,
    *,
    success: str = "clicks",
    trials: str = "plays",
    benchmark: float,
    benchmark_se: float = 0.0,
    pooled: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare a rate, such as the click rate of a series, with a benchmark that has an error of its own.

    Parameters
    ----------
    posts : DataFrame
        One row per post with the counts `success` and `trials`.
    success, trials : str
        The columns: clicks of plays, by default.
    benchmark, benchmark_se : float
        The rate to compare with (a fraction) and its standard error; 0 if it is exact.
    pooled : bool, default False
        Take every play for independent, as if posts did not differ.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``rate``, ``low``, ``high``, ``posts``, ``trials``, ``benchmark``, ``change``,
        ``change_low``, ``change_high`` (rate - benchmark; 0.01 is one percentage point),
        ``relative_change``, ``relative_low``, ``relative_high``, ``p`` (two-sided).

    Raises
    ------
    CourseError
        If a column is missing or no number, a count is missing or negative, a post has more successes than
        trials, or the benchmark is not a fraction with a standard error of 0 or above.

    Notes
    -----
    rate = Σ success / Σ trials with the post as the unit (`intervals.ratio`): people who see one post react
    alike, so a million plays of ten posts say little more than ten posts [1]_. The difference has the
    variance of both, se² + benchmark_se². A benchmark whose error nobody knows cannot be beaten for sure.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> posts = pd.DataFrame({"plays": [1000, 2000, 1500, 500], "clicks": [52, 90, 80, 21]})
    >>> row = rate_against_benchmark(posts, benchmark=0.04, benchmark_se=0.003)
    >>> row[["rate", "relative_change", "relative_low", "relative_high", "p"]].round(3)
        rate  relative_change  relative_low  relative_high     p
    0  0.049            0.215         0.015          0.455  0.03
    >>> rate_against_benchmark(posts, benchmark=4)
    Traceback (most recent call last):
        ...
    CourseError: content.rate_against_benchmark: benchmark is 4; give a fraction such as 0.04 for 4 %.
    """
    where = "content.rate_against_benchmark"
    require_level(level, where)
    require(posts, [success, trials], where)
    frame = plain(posts[list(dict.fromkeys([success, trials]))])
    require_numeric(frame, [success, trials], where)
    require_not_negative(frame, [success, trials], where)
    for column in (success, trials):
        if frame[column].isna().any():
            raise CourseError(f"{where}: column '{column}' has missing counts. Leave those posts out.")
    k, n = frame[success].to_numpy(float), frame[trials].to_numpy(float)
    if (k > n).any():
        raise CourseError(
            f"{where}: a post has more {success} than {trials}; the one counts a part of the other."
        )
    if not 0 < benchmark < 1:
        raise CourseError(f"{where}: benchmark is {benchmark}; give a fraction such as 0.04 for 4 %.")
    if not 0 <= benchmark_se < 1:
        raise CourseError(f"{where}: benchmark_se is {benchmark_se}; give a fraction such as 0.003, or 0.")
    found = ratio(k, n, level=level)
    rate, se, low, high = found
    if pooled and n.sum() > 0:
        se = float(np.sqrt(rate * (1 - rate) / n.sum()))
        low, high = map(float, wilson(k.sum(), n.sum(), level))
    both = np.hypot(se, benchmark_se)
    both = both if both > 0 else np.nan
    change, half = rate - benchmark, ndtri(0.5 + level / 2) * both
    relative = map(float, relative_change(benchmark, benchmark_se, rate, se, level=level))
    row = {
        **{"rate": rate, "low": low, "high": high, "posts": len(frame), "trials": int(n.sum())},
        **{"benchmark": float(benchmark)},
        **{"change": change, "change_low": change - half, "change_high": change + half},
        **dict(zip(("relative_change", "relative_low", "relative_high"), relative, strict=True)),
        "p": float(2 * ndtr(-abs(change) / both)),
    }
    return pd.DataFrame([row])


class _Shares:
    """Counts by platform and segment, and the target's by segment, over the same segments."""

    def __init__(self, counts: Any, target: Any) -> None:
        self.counts, self.target = counts, target


def _shares(
    audience: Any, target: Any, segments: list[str], platform: str, count: str, level: float, where: str
) -> _Shares:
    require_level(level, where)
    if not segments:
        raise CourseError(f"{where}: segments is empty; name a column or more.")
    require(audience, [platform, *segments, count], where)
    require(target, segments, where)
    people, buyers = plain(audience[[platform, *segments, count]]), plain(target)
    if count not in buyers:
        buyers = buyers[segments].assign(**{count: 1})
    for frame in (people, buyers):
        require_numeric(frame, [count], where)
        require_not_negative(frame, [count], where)
        for column in frame.columns.intersection([platform, *segments, count]):
            if frame[column].isna().any():
                raise CourseError(
                    f"{where}: column '{column}' is missing in {int(frame[column].isna().sum())} row(s). "
                    "Leave those people out, or give them a segment of their own."
                )
    # One key for both tables: text and category alike, whatever the number of columns.
    for frame in (people, buyers):
        frame[segments] = frame[segments].astype(object)
    counts = people.pivot_table(count, index=platform, columns=segments, aggfunc="sum", fill_value=0)
    wanted = buyers.groupby(segments)[count].sum()
    counts = counts[counts.sum(axis=1) > 0]
    if not len(counts) or not wanted.sum() > 0:
        raise CourseError(f"{where}: the {'target' if len(counts) else 'audience'} has nobody in it.")
    every = counts.columns.union(wanted.index)
    return _Shares(counts.reindex(columns=every, fill_value=0), wanted.reindex(every, fill_value=0))


def _spread(sign: Any, share: Any) -> Any:
    """Variance of the sum of `sign` over one draw from `share`."""
    return (sign**2 * share).sum(axis=-1) - (sign * share).sum(axis=-1) ** 2
