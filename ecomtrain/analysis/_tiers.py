"""Tiers of customers by rules that can be read aloud, and who moved between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis import _checks
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

__all__ = ["Migration", "migration", "tiers"]

LEFT, NEW = "left", "new"
MOVES = ["up", "same", "down", LEFT]


def tiers(customers: Any, rules: Mapping[str, Mapping[str, float]], *, need: str = "all") -> pd.DataFrame:
    """Give each customer the highest tier whose conditions they meet (会员分层).

    Parameters
    ----------
    customers : DataFrame
        One row per customer with the columns that `rules` name: what `activity` counts over the last twelve
        months, for example.
    rules : mapping
        From the lowest tier to the highest, the least that each column must be: ``{"basic": {}, "silver":
        {"amount": 500}, "gold": {"amount": 2000, "orders": 4}}``. A tier without conditions takes everybody.
    need : {"all", "any"}, default "all"
        Whether all conditions of a tier must be met or one is enough.

    Returns
    -------
    DataFrame
        `customers` with ``tier``, missing where no tier's conditions are met; a missing value meets none.
        A column of that name is replaced.

    Raises
    ------
    CourseError
        If a column is missing or holds no numbers, there are no rules, or `need` is another word.

    Notes
    -----
    A tier sums up a window. Do not judge it by what happened in that window: those in gold for what they
    bought last year did buy much last year. Count the tier first, the result after it.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": [1, 2, 3], "amount": [2500.0, 900.0, 80.0],
    ...                           "orders": [2, 5, 1]})
    >>> rules = {"basic": {}, "silver": {"amount": 500}, "gold": {"amount": 2000, "orders": 4}}
    >>> tiers(customers, rules)["tier"].tolist()
    ['silver', 'silver', 'basic']
    >>> tiers(customers, rules, need="any")["tier"].tolist()
    ['gold', 'gold', 'basic']
    >>> tiers(customers, {"gold": {"spend": 2000}})
    Traceback (most recent call last):
        ...
    CourseError: customers.tiers: column 'spend' is not in the frame; it has customer_id, amount, orders.
    """
    where = "customers.tiers"
    if need not in ("all", "any"):
        raise CourseError(f"{where}: need is {need!r}; give 'all' or 'any'.")
    if not isinstance(rules, Mapping) or not rules:
        raise CourseError(
            f"{where}: rules are {rules!r}; give each tier its least values, lowest tier first."
        )
    for name, least in rules.items():
        if not isinstance(least, Mapping):
            raise CourseError(f"{where}: tier '{name}' has {least!r}; give columns and their least values.")
    columns = list(dict.fromkeys(column for least in rules.values() for column in least))
    require(customers, columns, where)
    require_numeric(customers, columns, where)
    reached = np.full(len(customers), -1)
    for place, least in enumerate(rules.values()):
        met = [customers[column].ge(value).to_numpy(bool, na_value=False) for column, value in least.items()]
        judge = np.all if need == "all" or not met else np.any
        reached[judge(met, axis=0) if met else slice(None)] = place
    return customers.assign(tier=pd.array([*rules], dtype="str").take(reached, allow_fill=True))


@dataclass(frozen=True)
class Migration:
    """Who moved between tiers.

    Attributes
    ----------
    table : DataFrame
        One row per pair of tiers, lowest first: ``before`` (a tier, or "new": in none before), ``after`` (a
        tier, or "left": in none after), ``move`` ("up", "same", "down", "left" or "new"), ``customers``,
        ``n`` (those of `before`), ``share`` (customers / n), ``low``, ``high``.
    summary : DataFrame
        Index ``move``: up, same, down, left, of all who had a tier before: ``customers``, ``n``, ``share``,
        ``low``, ``high``.
    order : tuple of str
        The tiers, lowest first.
    """

    table: pd.DataFrame
    summary: pd.DataFrame = field(repr=False)
    order: tuple[str, ...]


def migration(
    before: Any,
    after: Any,
    *,
    order: Sequence[str],
    customer: str = "customer_id",
    tier: str = "tier",
    level: float = 0.95,
) -> Migration:
    """Count who moved up, down or out between two tierings (会员等级迁移).

    Parameters
    ----------
    before, after : DataFrame
        One row per customer with `customer` and `tier`, as `tiers` returns; no tier means not a member.
    order : sequence of str
        The tiers, lowest first; such as the keys of the rules.
    customer, tier : str
        Columns: the customer, the tier.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    Migration
        ``.table`` (each pair of tiers), ``.summary`` (up, same, down, left), ``.order``.

    Raises
    ------
    CourseError
        If a column is missing, a customer comes twice, or a tier is not in `order`.

    Notes
    -----
    share = customers who went from one tier to the other / customers of the tier before, with the Wilson
    score interval [1]_. Each share has its own interval: those of one row hang together, as they sum to one.
    Some fall from the top and rise from the bottom by chance alone (regression to the mean): a gold customer
    of one good year tends to be silver in the next, whatever the programme does.

    References
    ----------
    .. [1] E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> before = pd.DataFrame({"customer_id": [1, 2, 3, 4], "tier": ["basic", "basic", "gold", "gold"]})
    >>> after = pd.DataFrame({"customer_id": [1, 2, 3, 5], "tier": ["basic", "gold", "basic", "basic"]})
    >>> moved = migration(before, after, order=["basic", "gold"])
    >>> moved.summary.round(3)
          customers  n  share    low   high
    move
    up            1  4   0.25  0.046  0.699
    same          1  4   0.25  0.046  0.699
    down          1  4   0.25  0.046  0.699
    left          1  4   0.25  0.046  0.699
    >>> migration(before, after, order=["gold"])
    Traceback (most recent call last):
        ...
    CourseError: customers.migration: tier 'basic' is not in order, which has gold; name every tier, ...
    """
    where = "customers.migration"
    require_level(level, where)
    names = [order] if isinstance(order, str) else list(order)
    if not names or len({*names, LEFT, NEW}) < len(names) + 2:
        raise CourseError(
            f"{where}: order is {names}; name each tier once, lowest first, none of them '{LEFT}' or '{NEW}'."
        )
    sides = [_placed(frame, customer, tier, names, f"{where}") for frame in (before, after)]
    if all(len(side) for side in sides):
        _checks.require_same_ids(customer, where, *(side.reset_index() for side in sides))
    both = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(-1).astype("int64")
    count = len(names)
    # Row and column `count` stand for those who were in no tier.
    pairs = np.bincount(
        both["before"].to_numpy() % (count + 1) * (count + 1) + both["after"].to_numpy() % (count + 1),
        minlength=(count + 1) ** 2,
    ).reshape(count + 1, count + 1)
    start, end = np.divmod(np.arange((count + 1) ** 2), count + 1)
    move = np.select(
        [start == count, end == count, end > start, end == start], [NEW, LEFT, "up", "same"], "down"
    )
    table = pd.DataFrame(
        {
            "before": np.array([*names, NEW], dtype=object)[start],
            "after": np.array([*names, LEFT], dtype=object)[end],
            "move": move,
            "customers": pairs.ravel(),
            "n": np.repeat(pairs.sum(axis=1), count + 1),
        }
    ).iloc[:-1]
    table = table.astype({"before": "str", "after": "str", "move": "str"})
    old = table[table["move"] != NEW]
    counts = old.groupby("move")["customers"].sum().reindex(MOVES, fill_value=0)
    summary = pd.DataFrame({"customers": counts, "n": int(old["customers"].sum())}).rename_axis("move")
    return Migration(_shares(table, level), _shares(summary, level), tuple(map(str, names)))


def _placed(frame: Any, customer: str, tier: str, names: list[str], where: str) -> pd.Series:
    """Place of each customer's tier in `names`, by customer; those without a tier are left out."""
    require(frame, [customer, tier], where)
    _checks.require_ids(frame, [customer], where)
    known = _checks.plain(frame[[customer, tier]]).dropna()
    if known[customer].duplicated().any():
        name = known.loc[known[customer].duplicated(), customer].iloc[0]
        raise CourseError(f"{where}: {customer} {name} comes twice; keep one row per customer.")
    strange = known.loc[~known[tier].isin(names), tier]
    if len(strange):
        raise CourseError(
            f"{where}: tier '{strange.iloc[0]}' is not in order, which has {', '.join(map(str, names))}; "
            f"name every tier, lowest first.{nearest(strange.iloc[0], names)}"
        )
    places = pd.Series(range(len(names)), index=names, dtype="int64")
    return pd.Series(places[known[tier]].to_numpy(), index=pd.Index(known[customer], name=customer))


def _shares(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add the share of `customers` in `n` and its interval; NaN where nobody could move."""
    low, high = wilson(table["customers"], table["n"], level)
    return table.assign(share=table["customers"] / table["n"].where(table["n"] > 0), low=low, high=high)
