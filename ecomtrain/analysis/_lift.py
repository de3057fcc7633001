"""What a campaign caused: buyers who were shown ads against a random part of them who were not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.analysis._returns import ALL, ratios, require_margin
from ecomtrain.errors import CourseError, require, require_level, require_numeric

COUNTED = ["users", "spend"]


def incremental_return(
    campaigns: pd.DataFrame,
    *,
    amount: str = "amount",
    by: str | None = None,
    region: str = "region",
    holdout: Any = "holdout",
    margin: float | None = None,
    control: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return that a campaign's spend caused, against a random holdout in every region (增量ROAS).

    Parameters
    ----------
    campaigns : DataFrame
        One row per region and arm (and group): `region`, ``arm``, ``users``, ``spend``, and `amount`, all
        purchases of the arm's users. Rows of one region and arm are added up.
    amount : str, default "amount"
        The column of what the users bought, in yuan.
    by : str, optional
        A column to split by, such as ``"campaign"``.
    region : str, default "region"
        The column of the independent units.
    holdout : label, default "holdout"
        The arm that was shown no ads; all other rows are taken as exposed.
    margin : float, optional
        Gross margin rate; adds the ROI.
    control : label, optional
        A value of `by` to compare the others with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group, or one row "all": ``regions``, ``users`` (exposed), ``holdout_users``, ``spend``,
        ``incremental_amount`` (yuan), ``incremental_roas``, ``low``, ``high`` (yuan per yuan); with `margin`
        also ``roi``, ``roi_low``, ``roi_high``; with `control` also ``relative_change``, ``relative_low``,
        ``relative_high`` (of the incremental ROAS), NaN in the row of the control.

    Raises
    ------
    CourseError
        If a column or a number is missing, a region lacks one of the two arms, users or spend are negative,
        `control` is no group, or there are two shops or currencies.

    Notes
    -----
    In each region the holdout tells what the exposed would have bought anyway: incremental amount =
    amount exposed − amount held out · users exposed / users held out. Incremental ROAS is the ratio of the
    sums over regions, its interval by the delta method with regions as units [1]_. The lot makes the arms
    alike; comparing those who clicked with those who did not would not.

    References
    ----------
    .. [1] B. R. Gordon et al. (2019), A comparison of approaches to advertising measurement: evidence from
       big field experiments at Facebook, Marketing Science 38(2), 193-225.

    Examples
    --------
    >>> campaigns = pd.DataFrame({"region": ["R1", "R1", "R2", "R2"], "arm": ["exposed", "holdout"] * 2,
    ...                           "users": [1000, 500, 2000, 1000], "spend": [100.0, 0, 210, 0],
    ...                           "amount": [1500.0, 450, 3200, 950]})
    >>> table = incremental_return(campaigns, margin=0.5)
    >>> table[["regions", "spend", "incremental_amount", "incremental_roas", "roi"]].round(2)
         regions  spend  incremental_amount  incremental_roas   roi
    all        2  310.0              1900.0              6.13  2.06
    >>> incremental_return(campaigns.iloc[:3])
    Traceback (most recent call last):
        ...
    CourseError: channels.incremental_return: region 'R2' has no users in the arm 'holdout', so ...
    """
    where = "channels.incremental_return"
    require_level(level, where)
    if margin is not None:
        require_margin(margin, where)
    if control is not None and by is None:
        raise CourseError(f"{where}: control={control!r} is given without by=; name the column to split by.")
    numbers = [*COUNTED, amount]
    require(campaigns, [region, "arm", *numbers, *([by] if by else [])], where)
    for column in ("shop", "currency"):
        if column != by:
            require_one(campaigns, column, where)
    frame = plain(campaigns[list(dict.fromkeys([region, "arm", *numbers, *([by] if by else [])]))])
    require_numeric(frame, numbers, where)
    for column in frame:
        count = int(frame[column].isna().sum())
        if count:
            raise CourseError(f"{where}: column '{column}' is missing in {count} row(s). Fill or drop them.")
    require_not_negative(frame, COUNTED, where)
    if frame.empty:
        raise CourseError(f"{where}: there is no row to count. Give one or more.")
    frame["by"], frame["unit"] = (frame[by] if by else ALL), frame[region]
    frame["held"] = frame["arm"] == holdout
    arms = frame.pivot_table(index=["by", "unit"], columns="held", values=numbers, aggfunc="sum").astype(
        float
    )
    arms = arms.reindex(columns=pd.MultiIndex.from_product([numbers, [False, True]]), fill_value=0.0)
    arms = arms.fillna(0.0)
    for held in (False, True):
        empty = arms.index[arms["users", held] == 0]
        if len(empty):
            group, name = empty[0]
            kind = f"the arm '{holdout}'" if held else f"any arm but '{holdout}'"
            of = f" of {by} '{group}'" if by else ""
            raise CourseError(
                f"{where}: region '{name}'{of} has no users in {kind}, so nothing can be compared there. "
                "Leave the region out."
            )
    users, amounts = arms["users"], arms[amount]
    rows = pd.DataFrame(
        {
            "users": users[False],
            "holdout_users": users[True],
            "spend": arms["spend"].sum(axis=1),
            "incremental_amount": amounts[False] - amounts[True] * users[False] / users[True],
        }
    ).reset_index()
    table = ratios(rows, "incremental_amount", "spend", control=control, level=level, where=where)
    table = table.rename(columns={"value": "incremental_roas", "n": "regions"})
    table = table.drop(columns=[name for name in table if name.startswith("marginal_")])
    counts = rows.groupby("by")[["users", "holdout_users"]].sum().astype("int64")
    if margin is not None:
        place = table.columns.get_loc("high") + 1
        for name, of in (("roi", "incremental_roas"), ("roi_low", "low"), ("roi_high", "high")):
            table.insert(place, name, margin * table[of] - 1)
            place += 1
    table = table.join(counts)
    first = ["regions", "users", "holdout_users"]
    return table[[*first, *(name for name in table if name not in first)]].rename_axis(by)
