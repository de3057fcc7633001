"""What a bundle (组合优惠) earns: the margin of the second item, less the discount to all who take both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

RULE = ["antecedent", "consequent", "antecedent_count", "count"]
LINES = ["quantity", "amount", "unit_cost"]


def bundles(
    rules: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    elasticity: float,
    elasticity_se: float = 0.0,
    discounts: Sequence[float] = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare bundles and their discounts by what they add to the margin of an order (组合优惠定价).

    Parameters
    ----------
    rules : DataFrame
        What `basket.rules` returns for pairs: ``antecedent``, ``consequent``, ``antecedent_count``,
        ``count``. Rules of three are passed over.
    lines : DataFrame
        The same order lines with ``product_id``, ``quantity`` (units), ``amount`` and ``unit_cost`` (money),
        for the average price and cost.
    elasticity : float
        Price elasticity of the second item, below 0, as `pricing.elasticity` finds it: −2 says that 1 % off
        its price makes 2 % more buy it.
    elasticity_se : float, default 0
        Its standard error; 0 takes it as known.
    discounts : sequence of float
        Discounts on the price of the pair to compare, fractions.
    level : float, default 0.95
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per bundle and discount, the best bundle first: ``antecedent`` (what is in the basket),
        ``consequent`` (what is offered with it), ``offers`` (baskets with the first), ``price``, ``margin``
        (of the pair at full price, money), ``discount``, ``attach_rate`` (share that takes the second without
        the offer) with ``low``, ``high``, ``attach_rate_with`` (with it), ``break_even_attach_rate`` (that
        the offer needs; NaN if even 1 is too little), ``break_even_discount`` (that this attach rate bears),
        ``profit_without``, ``profit_with``, ``gain`` (money per offer, margin) with ``gain_low``,
        ``gain_high``, ``best`` (bool: the discount with the highest gain of its bundle, if any gains).

    Raises
    ------
    CourseError
        If a column is missing or not numeric, a quantity is negative, two currencies are mixed, the
        elasticity is not negative, or a discount is not between 0 and 1.

    Notes
    -----
    Without the offer a basket with A earns m_A + a·m_B, a being the confidence of A → B. With D off the pair
    it earns m_A + a'·(m_B − D): those who would have taken both anyway get the discount too. So it pays if
    a' > a·m_B/(m_B − D), whatever the elasticity. As only B is in doubt, all of D is a discount on B, and
    a' = min(1, a·(1 − D/p_B)^elasticity). That is the trap: the strongest rule has the most people who need
    no discount. The interval covers the sampling of a and the elasticity's standard error (delta method); it
    does not cover that an elasticity of past prices may not hold for a bundle. Try it: `experiment`.

    Examples
    --------
    >>> rules = pd.DataFrame({"antecedent": ["pot"], "consequent": ["cup"], "antecedent_count": [200],
    ...                       "count": [30]})
    >>> lines = pd.DataFrame({"product_id": ["pot", "cup"], "quantity": [1, 1], "amount": [50.0, 20.0],
    ...                       "unit_cost": [30.0, 8.0]})
    >>> table = bundles(rules, lines, elasticity=-2.5, discounts=[0.05, 0.1])
    >>> table[["discount", "attach_rate", "attach_rate_with", "break_even_attach_rate", "gain"]].round(3)
       discount  attach_rate  attach_rate_with  break_even_attach_rate   gain
    0      0.05         0.15             0.243                   0.212  0.262
    1      0.10         0.15             0.440                   0.360  0.402
    >>> bundles(rules, lines, elasticity=2.5)
    Traceback (most recent call last):
        ...
    CourseError: basket.bundles: elasticity is 2.5; give a number below 0, such as -2.
    """
    where = "basket.bundles"
    require(rules, RULE, f"{where} (rules)", dict.fromkeys(RULE, "Pass what basket.rules returns."))
    require(lines, ["product_id", *LINES], f"{where} (lines)")
    require_numeric(rules, RULE[2:], f"{where} (rules)")
    require_numeric(lines, LINES, f"{where} (lines)")
    require_level(level, where)
    require_not_negative(lines, LINES, f"{where} (lines)")
    require_one(lines, "currency", f"{where} (lines)")
    if not elasticity < 0:
        raise CourseError(f"{where}: elasticity is {elasticity}; give a number below 0, such as -2.")
    if not elasticity_se >= 0:
        raise CourseError(f"{where}: elasticity_se is {elasticity_se}; give 0 or more.")
    steps = np.asarray(discounts, dtype=float)
    if not steps.size or not ((steps > 0) & (steps < 1)).all():
        raise CourseError(f"{where}: discounts are {list(discounts)}; give fractions such as [0.05, 0.1].")
    goods = _goods(lines)
    table = plain(rules[RULE])
    table = table[table["antecedent"].isin(goods.index) & table["consequent"].isin(goods.index)]
    if len(rules) and table.empty:
        raise CourseError(
            f"{where}: no pair of rules is among the product_id of lines; pass lines of one shop."
        )
    table = table.merge(pd.DataFrame({"discount": np.unique(steps)}), how="cross")
    first, second = (goods.reindex(table[name]).reset_index() for name in ("antecedent", "consequent"))
    n = table.pop("antecedent_count").astype(float)
    attach = table.pop("count").astype(float) / n.where(n > 0)
    low, high = wilson(attach.fillna(0) * n, n, level)
    price, worth = first["price"] + second["price"], second["margin"]
    price = price.where(price > 0)
    off = table["discount"] * price
    left = worth - off
    saved = np.log1p(-(off / second["price"]).where(off < second["price"]))
    times = np.exp(elasticity * saved).fillna(np.inf)  # given away, everyone takes it
    with_offer = (attach * times).clip(upper=1.0).where(attach > 0, attach)
    capped = with_offer >= 1
    slope = times.where(~capped, 0.0) * left - worth
    se = np.hypot(
        slope * np.sqrt(attach * (1 - attach) / n),
        elasticity_se * (with_offer * saved * left).where(~capped, 0.0),
    )
    gain = with_offer * left - attach * worth
    needed = attach * worth / left.where(left > 0)
    values = {
        "offers": n, "price": price, "margin": first["margin"] + worth, "discount": table.pop("discount"),
        "attach_rate": attach, "low": low, "high": high, "attach_rate_with": with_offer,
        "break_even_attach_rate": needed.where(needed <= 1),
        "break_even_discount": worth * (1 - attach / with_offer.where(with_offer > 0)) / price,
        "profit_without": first["margin"] + attach * worth,
        "profit_with": first["margin"] + with_offer * left, "gain": gain,
    }  # fmt: skip
    half = ndtri(0.5 + level / 2) * se
    table = table.assign(**values, gain_low=gain - half, gain_high=gain + half)
    pair = table.groupby(["antecedent", "consequent"], sort=False)["gain"]
    table["best"] = (table.index == pair.transform(lambda g: g.fillna(-np.inf).idxmax())) & (gain > 0)
    order = np.lexsort((table["discount"], table["consequent"], table["antecedent"], -pair.transform("max")))
    return table.iloc[order].reset_index(drop=True)


def trimmed(names: Any) -> Any:
    """Names without blanks around them, and nothing for a name that is all blanks; other ids as they are."""
    if not pd.api.types.is_string_dtype(names):
        return names
    return names.astype("str").str.strip().replace("", None)


def _goods(lines: pd.DataFrame) -> pd.DataFrame:
    """Average ``price`` and ``margin`` of a unit of each product."""
    lines = plain(lines[["product_id", *LINES]])
    cost = lines["quantity"] * lines["unit_cost"]
    sums = lines.assign(cost=cost).groupby(trimmed(lines["product_id"]))[["quantity", "amount", "cost"]].sum()
    units = sums["quantity"].where(sums["quantity"] > 0)
    return pd.DataFrame({"price": sums["amount"] / units, "margin": (sums["amount"] - sums["cost"]) / units})
