"""Several tests at once: how small a p must be when there were many chances for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError, nearest, require_level, require_numeric

__all__ = ["adjust"]

METHODS = ("holm", "bh")


def adjust(p_values: Any, method: str = "holm", *, level: float = 0.95) -> pd.DataFrame:
    """Adjust p values for the number of tests (多重检验校正).

    Parameters
    ----------
    p_values : Series, mapping or sequence of float
        One p per test, such as ``table["p"]``; the index or keys are kept. A test that gave no p (NaN) does
        not count.
    method : {"holm", "bh"}
        "holm" keeps the chance of even one false alarm below 1 - `level`: for a decision. "bh" (Benjamini and
        Hochberg) keeps the share of false alarms among those found below it: for a first sieve of many.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per test: ``p``, ``p_adjusted``, ``significant`` (bool: the adjusted one is at most
        1 - `level`).

    Raises
    ------
    CourseError
        If a p is not between 0 and 1, or `method` is another word.

    Notes
    -----
    In rising order, Holm: largest of (m − i + 1) pᵢ so far [1]_; BH: smallest of m pᵢ / i from here on [2]_;
    neither above 1. Twenty metrics without any effect show one with p below 0.05 on average. Metrics that
    hang together do no harm to Holm, nor to BH if they move the same way.

    References
    ----------
    .. [1] S. Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6(2),
       65-70.
    .. [2] Y. Benjamini, Y. Hochberg (1995), Controlling the false discovery rate, J. R. Stat. Soc. B 57(1),
       289-300.

    Examples
    --------
    >>> adjust({"orders": 0.004, "amount": 0.03, "dwell": 0.02, "returns": 0.4})
                 p  p_adjusted  significant
    orders   0.004       0.016         True
    amount   0.030       0.060        False
    dwell    0.020       0.060        False
    returns  0.400       0.400        False
    >>> adjust([0.01, 4])
    Traceback (most recent call last):
        ...
    CourseError: experiment.adjust: 4 is no p value; give numbers from 0 to 1.
    """
    where = "experiment.adjust"
    require_level(level, where)
    if method not in METHODS:
        raise CourseError(f"{where}: method is {method!r}; give one of holm, bh.{nearest(method, METHODS)}")
    try:
        series = pd.Series(p_values)
    except (TypeError, ValueError):
        raise CourseError(f"{where}: a Series of p values is needed.") from None
    require_numeric({"p": series}, ["p"], where) if len(series) else None
    p = series.to_numpy(dtype=float, na_value=np.nan)
    wrong = (p < 0) | (p > 1)
    if wrong.any():
        raise CourseError(f"{where}: {p[wrong][0]:g} is no p value; give numbers from 0 to 1.")
    order = np.argsort(p, kind="stable")[: int((~np.isnan(p)).sum())]
    m, rank = len(order), np.arange(1, len(order) + 1)
    rising = p[order]
    if method == "holm":
        found = np.maximum.accumulate((m - rank + 1) * rising)
    else:
        found = np.minimum.accumulate((m / rank * rising)[::-1])[::-1]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(found, 1.0)
    # 0.05 that was multiplied and divided again is still 0.05.
    significant = adjusted <= (1 - level) * (1 + 1e-12)
    return pd.DataFrame({"p": p, "p_adjusted": adjusted, "significant": significant}, series.index)
