"""The profile from one channel and from all, judged on the same customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

__all__ = ["profile_precision"]


def profile_precision(
    identities: Any, customers: Any, *, channel: str = "app", level: float = 0.95
) -> pd.DataFrame:
    """Compare the profile from all channels with that from a single one (画像精准度).

    Parameters
    ----------
    identities : DataFrame
        One row per identity: ``channel``, ``customer_id`` (missing where not linked to a customer),
        ``category`` (the one viewed most) and ``views`` (count).
    customers : DataFrame
        ``customer_id`` and ``survey_category``, the favourite category the customer named; missing if not
        asked.
    channel : str, default "app"
        The single channel to compare with.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        Two rows: ``profile`` (`channel`, then "all channels"), ``n``, ``correct`` (customers), ``precision``,
        ``low``, ``high`` (fractions), and on the second row ``change``, ``change_low``, ``change_high``
        (difference of the fractions) and ``relative_change``, ``relative_low``, ``relative_high`` (ratio -
        1). NaN where undefined.

    Raises
    ------
    CourseError
        If a column is missing, ``views`` holds no numbers, a customer is listed twice, or no identity is of
        `channel`.

    Notes
    -----
    Both profiles guess the category with the most views (ties: first by name), for the same customers: those
    who answered and are known in `channel`. Because the customers are the same, the comparison is paired.
    With a both right, b only the single and c only the fused one right, of n: var(difference) = (b + c - (c -
    b)²/n) / n² and var(log ratio) = (b + c) / ((a + b)(a + c)) [1]_.

    References
    ----------
    .. [1] J.-M. Nam, W. C. Blackwelder (2002), Stat. Med. 21(5), 689-699.

    Examples
    --------
    >>> identities = pd.DataFrame({"channel": ["app", "live", "app"], "customer_id": [1, 1, 2],
    ...                            "category": ["lipstick", "serum", "serum"], "views": [3, 8, 5]})
    >>> customers = pd.DataFrame({"customer_id": [1, 2], "survey_category": ["serum", "serum"]})
    >>> profile_precision(identities, customers)[["profile", "n", "correct", "precision"]]
            profile  n  correct  precision
    0           app  2        1        0.5
    1  all channels  2        2        1.0
    >>> profile_precision(identities, customers, channel="apps")
    Traceback (most recent call last):
        ...
    CourseError: profile_precision: channel 'apps' is not in identities; it has app, live. Did you mean 'app'?
    """
    where = "profile_precision"
    require(identities, ["channel", "customer_id", "category", "views"], f"{where} (identities)")
    require(customers, ["customer_id", "survey_category"], f"{where} (customers)")
    require_numeric(identities, ["views"], where)
    require_level(level, where)
    found = sorted(map(str, identities["channel"].dropna().unique()))
    if found and channel not in found:
        raise CourseError(
            f"{where}: channel '{channel}' is not in identities; "
            f"it has {', '.join(found)}.{nearest(channel, found)}"
        )
    asked = customers.dropna(subset=["customer_id", "survey_category"])
    if asked["customer_id"].duplicated().any():
        raise CourseError(f"{where}: a customer_id comes twice in customers; keep one row per customer.")
    answer = pd.Series(
        asked["survey_category"].astype(object).to_numpy(), index=asked["customer_id"].astype(object)
    )
    single = _guess(identities[identities["channel"].isin([channel])])
    fused = _guess(identities)
    both = answer.index.intersection(single.index)
    truth = answer.reindex(both).to_numpy()
    one, all_ = single.reindex(both).to_numpy() == truth, fused.reindex(both).to_numpy() == truth
    n, correct = len(both), np.array([one.sum(), all_.sum()], dtype=np.int64)
    table = pd.DataFrame({"profile": [channel, "all channels"], "n": n, "correct": correct})
    table["precision"] = table["correct"] / table["n"]
    table["low"], table["high"] = wilson(table["correct"], table["n"], level)
    z, differ = ndtri(0.5 + level / 2), (one != all_).sum()
    change = (correct[1] - correct[0]) / n if n else np.nan
    half = z * np.sqrt((differ - n * change**2) / n**2) if n else np.nan
    ratio = correct[1] / correct[0] if correct[0] else np.nan
    spread = np.exp(z * np.sqrt(differ / (correct[0] * correct[1]))) if correct.all() else np.nan
    row = {
        "change": change, "change_low": change - half, "change_high": change + half,
        "relative_change": ratio - 1, "relative_low": ratio / spread - 1, "relative_high": ratio * spread - 1,
    }  # fmt: skip
    return table.join(pd.DataFrame([row], index=[1]))


def _guess(identities: Any) -> pd.Series:
    """Category with the most views of each linked customer, ties to the first by name."""
    known = identities.dropna(subset=["customer_id", "category", "views"])
    known = known.assign(
        customer_id=known["customer_id"].astype(object), category=known["category"].astype(object)
    )
    views = known.groupby(["customer_id", "category"], as_index=False)["views"].sum()
    best = views.sort_values(["views", "category"], ascending=[False, True]).drop_duplicates("customer_id")
    return best.set_index("customer_id")["category"]
