"""The product-limit curve that the analyses of waiting times share, and how their input is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis._checks import plain, require_not_negative
from ecomtrain.errors import CourseError, require_level, require_numeric

ROUNDING = 1e-12  # a product of fractions that should be exactly one half can miss it by this much


def product_limit(known: pd.DataFrame, by: str, time: str, level: float) -> pd.DataFrame:
    """Kaplan-Meier curve of each group of `known`, which has `by`, `time` and ``seen`` (bool) without gaps.

    Greenwood's variance is put on the log(-log S) scale, which keeps the band inside 0 to 1.
    """
    table = known.groupby([by, time], observed=True)["seen"].agg(["size", "sum"]).reset_index()
    group = table.groupby(by, observed=True)
    risk = (group["size"].transform("sum") - group["size"].cumsum() + table["size"]).astype("int64")
    curve = table[[by, time]].assign(at_risk=risk, events=table["sum"].astype("int64"))
    stay = 1 - curve["events"] / risk
    hazard = curve["events"] / (risk * (risk - curve["events"])).where(stay > 0)
    variance = hazard.groupby(table[by], observed=True).cumsum().to_numpy(dtype=float)
    curve["survival"] = stay.groupby(table[by], observed=True).cumprod()
    inside = curve["survival"].between(0, 1, inclusive="neither")
    open_share = curve["survival"].where(inside).to_numpy(dtype=float)
    with np.errstate(over="ignore"):
        width = ndtri(0.5 + level / 2) * np.sqrt(variance) / -np.log(open_share)
        curve["low"], curve["high"] = open_share ** np.exp(width), open_share ** np.exp(-width)
    # Before the first end, the curve is 1 and so is its band.
    curve.loc[curve["survival"] == 1, ["low", "high"]] = 1.0
    return curve


def falls_to(curve: pd.DataFrame, share: float, by: str, time: str) -> pd.DataFrame:
    """Find the first time at which each curve, and each bound of it, is at `share` or below; NaN if never."""
    found = {
        name: curve[curve[bound] <= share + ROUNDING].groupby(by, observed=True)[time].min()
        for name, bound in (("value", "survival"), ("low", "low"), ("high", "high"))
    }
    return pd.DataFrame(found)


def waits(durations: Any, observed: Any, group: Any, level: float, where: str) -> pd.DataFrame:
    """Check waiting times and return ``group``, ``time`` and ``seen`` of the rows that have all three."""
    require_level(level, where)
    given = {"durations": durations, "observed": observed, "group": group}
    columns = {}
    for name, values in given.items():
        if name == "group" and values is None:
            values = ["all"] * len(durations)
        if np.ndim(values) != 1:
            raise CourseError(f"{where}: {name} is a {type(values).__name__}; give a column of values.")
        columns[name] = pd.Series(values).reset_index(drop=True)
        if len(columns[name]) != len(columns["durations"]):
            raise CourseError(
                f"{where}: durations has {len(columns['durations'])} values and {name} has "
                f"{len(columns[name])}; each duration needs one of both."
            )
    frame = plain(pd.DataFrame(columns))
    require_numeric(frame, ["durations", "observed"], where)
    frame = frame.dropna()
    if not frame["observed"].isin([0, 1]).all():
        raise CourseError(
            f"{where}: observed holds values other than True and False; it says whether the end was seen."
        )
    require_not_negative(frame, ["durations"], where)
    known = pd.DataFrame(
        {"group": frame["group"], "time": frame["durations"].astype(float), "seen": frame["observed"] == 1}
    )
    return known.astype({"seen": bool}).reset_index(drop=True)
