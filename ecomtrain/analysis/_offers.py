"""What to offer each customer next, and what a message earned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis import experiment
from ecomtrain.analysis._arms import no_gaps
from ecomtrain.analysis._checks import plain, require_ids, require_not_negative, require_one, require_same_ids
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric

RULE = ["antecedent", "consequent", "confidence"]


def next_best_offer(
    lines: Any,
    rules: Any,
    margins: Any,
    *,
    customer: str = "customer_id",
    item: str = "product_id",
    margin: str = "margin",
    top: int = 1,
) -> pd.DataFrame:
    """Pick for each customer the goods that promise the most margin, given what they have bought (交叉销售).

    Parameters
    ----------
    lines : DataFrame
        What each customer has bought: `customer` and `item`; repeated pairs count once, rows without either
        are left out.
    rules : DataFrame
        ``antecedent``, ``consequent`` (items) and ``confidence`` (fraction), as `basket.rules` returns for
        pairs; rules of other items are passed over.
    margins : DataFrame
        `item`, each once, and `margin` (yuan earned per sale): the goods that may be offered. Leave out what
        is out of stock.
    customer, item, margin : str
        The columns.
    top : int, default 1
        Offers for each customer.

    Returns
    -------
    DataFrame
        One row per customer and offer, by customer, the best first: `customer`, ``rank``, `item`,
        ``because`` (the item bought that the rule starts from; missing where plain popularity decides),
        ``probability`` (the confidence, or the share of customers who have the item), ``expected_margin``
        (yuan). Nobody is offered what they have.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a confidence is not between 0 and 1, an item comes twice
        in `margins`, or `top` is not a whole number above 0.

    Notes
    -----
    expected margin = probability · margin, with the probability of the strongest rule that starts from
    something the customer has, or the item's popularity where that is higher. A rule tells what goes
    together, not what the offer adds: some would have bought it anyway. That is for a test by lot to say
    (`campaign_return`).

    Examples
    --------
    >>> lines = pd.DataFrame({"customer_id": [1, 2, 2, 3], "product_id": ["pot", "pot", "cup", "tea"]})
    >>> rules = pd.DataFrame({"antecedent": ["pot"], "consequent": ["cup"], "confidence": [0.5]})
    >>> margins = pd.DataFrame({"product_id": ["pot", "cup", "tea"], "margin": [30.0, 10.0, 12.0]})
    >>> next_best_offer(lines, rules, margins).round(2)
       customer_id  rank product_id because  probability  expected_margin
    0            1     1        cup     pot         0.50              5.0
    1            2     1        tea     NaN         0.33              4.0
    2            3     1        pot     NaN         0.67             20.0
    >>> next_best_offer(lines, rules, margins, top=0)
    Traceback (most recent call last):
        ...
    CourseError: targeting.next_best_offer: top is 0; give a whole number of offers, 1 or more.
    """
    where = "targeting.next_best_offer"
    if not (isinstance(top, int | np.integer) and top >= 1):
        raise CourseError(f"{where}: top is {top!r}; give a whole number of offers, 1 or more.")
    require(lines, [customer, item], f"{where} (lines)")
    require(rules, RULE, f"{where} (rules)", dict.fromkeys(RULE, "Pass what basket.rules returns for pairs."))
    require(margins, [item, margin], f"{where} (margins)")
    require_numeric(rules, ["confidence"], where)
    require_numeric(margins, [margin], where)
    require_one(margins, "currency", where)
    require_ids(lines, [customer, item], where)
    held = plain(lines[[customer, item]]).dropna().drop_duplicates()
    goods = plain(margins[[item, margin]]).dropna()
    known = plain(rules[RULE]).dropna()
    if goods[item].duplicated().any():
        raise CourseError(f"{where}: an item comes twice in margins; keep one row per item.")
    if not known["confidence"].between(0, 1).all():
        raise CourseError(f"{where}: a confidence is not between 0 and 1; give fractions.")
    if len(held) and len(goods):
        require_same_ids(item, where, held, goods)
    # Everything by code: people and items in sorted order, so that ties fall the same way each time.
    who, people = pd.factorize(held[customer], sort=True)
    names = pd.Index(pd.unique(pd.concat([held[item], goods[item]]).astype(object)))
    names = names.take(np.argsort(names.astype(str), kind="stable"))
    code = {name: number for number, name in enumerate(names)}
    what = held[item].map(code).to_numpy(dtype=np.int64)
    value = np.full(len(names), np.nan)
    value[goods[item].map(code).to_numpy(dtype=np.int64)] = goods[margin].to_numpy(dtype=float)
    popular = np.bincount(what, minlength=len(names)) / max(len(people), 1)
    start, end = (known[column].map(code) for column in RULE[:2])
    usable = (start.notna() & end.notna()).to_numpy()
    found = _by_rules(
        who, what, start[usable], end[usable], known["confidence"].to_numpy(dtype=float)[usable]
    )
    every = pd.concat([found, _by_popularity(who, what, len(people), popular, value, top)], ignore_index=True)
    every["expected_margin"] = every["probability"] * value[every["item"]]
    taken = pd.Index(who * len(names) + what)
    every = every[~(every["who"] * len(names) + every["item"]).isin(taken) & every["expected_margin"].notna()]
    every = every.sort_values(
        ["who", "item", "probability", "because"], ascending=[True, True, False, True]
    ).drop_duplicates(["who", "item"])
    every = every.sort_values(["who", "expected_margin", "item"], ascending=[True, False, True])
    every["rank"] = every.groupby("who").cumcount() + 1
    every = every[every["rank"] <= top]
    because = pd.Series(names.to_numpy(dtype=object), dtype=object).reindex(every["because"].to_numpy())
    table = pd.DataFrame({customer: people.take(every["who"].to_numpy()), "rank": every["rank"].to_numpy()})
    table[item] = names.take(every["item"].to_numpy())
    table["because"] = because.to_numpy()
    table = table.infer_objects()
    return table.assign(**{column: every[column].to_numpy() for column in ("probability", "expected_margin")})


def _by_rules(
    who: np.ndarray, what: np.ndarray, start: Any, end: Any, confidence: np.ndarray
) -> pd.DataFrame:
    """Return every offer that a rule makes to somebody."""
    rules = pd.DataFrame({"because": start.astype(int), "item": end.astype(int), "probability": confidence})
    held = pd.DataFrame({"who": who, "because": what})
    return held.merge(rules, on="because")[["who", "item", "because", "probability"]]


def _by_popularity(
    who: np.ndarray, what: np.ndarray, people: int, popular: np.ndarray, value: np.ndarray, top: int
) -> pd.DataFrame:
    """Return for everybody as many of the best sellers as are sure to hold `top` that they do not have."""
    order = np.lexsort((np.arange(len(value)), -np.nan_to_num(popular * value, nan=-np.inf)))
    most = top + int(np.bincount(who, minlength=1).max(initial=0))
    best = order[: min(most, int(np.isfinite(value).sum()))]
    return pd.DataFrame(
        {
            "who": np.repeat(np.arange(people), len(best)),
            "item": np.tile(best, people),
            "because": -1,
            "probability": np.tile(popular[best], people),
        }
    )


def offer_hit_rate(
    before: Any,
    after: Any,
    rules: Any,
    margins: Any,
    *,
    customer: str = "customer_id",
    item: str = "product_id",
    margin: str = "margin",
    top: int = 3,
    level: float = 0.95,
) -> pd.DataFrame:
    """Count how often customers later bought what would have been offered, beside offering best sellers.

    Parameters
    ----------
    before, after : DataFrame
        Lines bought before and after the day of the offer: `customer` and `item`.
    rules : DataFrame
        Rules found in `before` alone: those that have seen `after` foretell what they know.
    margins, customer, item, margin, top
        As for `next_best_offer`.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        Rows ``rules`` and ``popularity``: ``customers`` (known before, who bought again), ``hits`` (who
        bought one of their `top` offers), ``hit_rate``, ``low``, ``high`` (fractions), and in the first row
        ``change``, ``change_low``, ``change_high``: hit rate less that of popularity (fraction).

    Raises
    ------
    CourseError
        As `next_best_offer`, and if no customer is in both tables.

    Notes
    -----
    Both kinds of offer are judged on the same people, so the difference is paired: with b people whom only
    the rules hit, c whom only popularity hits, of n: variance = (b + c - (b - c)²/n) / n².

    Examples
    --------
    >>> before = pd.DataFrame({"customer_id": [1, 2, 2, 3], "product_id": ["pot", "pot", "cup", "tea"]})
    >>> after = pd.DataFrame({"customer_id": [1, 3], "product_id": ["cup", "pot"]})
    >>> rules = pd.DataFrame({"antecedent": ["pot"], "consequent": ["cup"], "confidence": [0.5]})
    >>> margins = pd.DataFrame({"product_id": ["pot", "cup", "tea"], "margin": [30.0, 10.0, 12.0]})
    >>> offer_hit_rate(before, after, rules, margins, top=1)[["customers", "hits", "hit_rate"]]
                customers  hits  hit_rate
    rules               2     2       1.0
    popularity          2     1       0.5
    >>> offer_hit_rate(before, after.iloc[:0], rules, margins)
    Traceback (most recent call last):
        ...
    CourseError: targeting.offer_hit_rate: no customer of before is in after. Give two tables of the same ...
    """
    where = "targeting.offer_hit_rate"
    require_level(level, where)
    names: dict[str, Any] = {"customer": customer, "item": item, "margin": margin, "top": top}
    require(after, [customer, item], f"{where} (after)")
    offers = {
        "rules": next_best_offer(before, rules, margins, **names),
        "popularity": next_best_offer(before, rules.iloc[:0], margins, **names),
    }
    bought = plain(after[[customer, item]]).dropna().drop_duplicates()
    judged = pd.Index(plain(before[[customer, item]]).dropna()[customer].unique()).intersection(
        pd.Index(bought[customer].unique())
    )
    if judged.empty:
        raise CourseError(
            f"{where}: no customer of before is in after. Give two tables of the same customers, one earlier."
        )
    hit = {
        name: judged.isin(table.merge(bought, on=[customer, item])[customer].unique())
        for name, table in offers.items()
    }
    n = len(judged)
    found = pd.DataFrame({"customers": n, "hits": {name: int(made.sum()) for name, made in hit.items()}})
    found["hit_rate"] = found["hits"] / n
    found["low"], found["high"] = wilson(found["hits"], found["customers"], level)
    only, other = (
        int((hit["rules"] & ~hit["popularity"]).sum()),
        int((~hit["rules"] & hit["popularity"]).sum()),
    )
    change = (only - other) / n
    half = float(ndtri(0.5 + level / 2)) * np.sqrt(only + other - (only - other) ** 2 / n) / n
    found["change"], found["change_low"], found["change_high"] = [np.nan] * 3
    found.loc["rules", ["change", "change_low", "change_high"]] = [change, change - half, change + half]
    return found


def campaign_return(
    people: Any,
    *,
    margin: float,
    cost: float,
    amount: str = "amount",
    arm: str = "arm",
    control: Any = "control",
    attributed: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Profit that a message caused, against a random part of the customers who got none (短信营销回报).

    Parameters
    ----------
    people : DataFrame
        One row per customer of the test, bought or not: `arm` and `amount`, all purchases in the window.
    margin : float
        Gross margin rate, above 0 and up to 1.
    cost : float
        Yuan per message: sending, and what the coupon costs on average.
    amount, arm, control
        Columns, and the arm that got no message.
    attributed : str, optional
        Column of the amount that the sending system claims, such as the purchases after a click.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per message arm: ``sent``, ``n_control`` (people), ``cost`` (yuan in all),
        ``incremental_amount``, ``amount_low``, ``amount_high``, ``profit``, ``profit_low``, ``profit_high``
        (yuan in all), ``roi``, ``roi_low``, ``roi_high`` (profit per yuan of cost; NaN without cost),
        ``break_even`` (yuan of purchases per message that pay for it), ``change`` (yuan per message that it
        brought); with `attributed` also ``attributed_amount`` and ``attributed_roi``.

    Raises
    ------
    CourseError
        If a column or value is missing, `margin` or `cost` is outside its range, an arm is missing, or there
        are two currencies.

    Notes
    -----
    incremental amount = sent · (mean per head with - without), with Welch's interval
    (`experiment.compare_means`); profit = margin · incremental amount - cost. Who clicks would often have
    bought anyway: the attributed return counts them all, the incremental one none. That holds only for a
    control by lot, and for people counted whether they opened the message or not.

    Examples
    --------
    >>> people = pd.DataFrame({"arm": ["control"] * 4 + ["sms"] * 4,
    ...                        "amount": [0.0, 50, 0, 50, 0, 60, 60, 0]})
    >>> table = campaign_return(people, margin=0.4, cost=0.05)
    >>> table[["sent", "cost", "incremental_amount", "profit", "roi"]]
         sent  cost  incremental_amount  profit   roi
    sms     4   0.2                20.0     7.8  39.0
    >>> campaign_return(people, margin=40, cost=0.05)
    Traceback (most recent call last):
        ...
    CourseError: targeting.campaign_return: margin is 40; give a fraction of the amount, such as 0.35.
    """
    where = "targeting.campaign_return"
    if not 0 < margin <= 1:
        raise CourseError(f"{where}: margin is {margin}; give a fraction of the amount, such as 0.35.")
    if not 0 <= cost < np.inf:
        raise CourseError(f"{where}: cost is {cost}; give yuan per message, 0 or more.")
    require_level(level, where)
    columns = [amount, *([attributed] if attributed else [])]
    require(people, [arm, *columns], where)
    require_one(people, "currency", where)
    require_numeric(people, columns, where)
    frame = plain(people[[arm, *columns]])
    for column in columns:
        no_gaps(frame[column], where)
    require_not_negative(frame, columns, where)
    try:
        found = experiment.compare_means(frame, arm=arm, numerator=amount, control=control, level=level)
    except CourseError as refusal:
        raise CourseError(str(refusal).replace("experiment.compare_means", where, 1)) from None
    table = pd.DataFrame({"sent": found["n_treatment"], "n_control": found["n_control"]})
    table["cost"] = cost * table["sent"]
    for name, column in {
        "incremental_amount": "change",
        "amount_low": "change_low",
        "amount_high": "change_high",
    }.items():
        table[name] = found[column] * table["sent"]
    paid = table["cost"].where(table["cost"] > 0)
    for end, column in {"": "incremental_amount", "_low": "amount_low", "_high": "amount_high"}.items():
        table[f"profit{end}"] = margin * table[column] - table["cost"]
    for end in ("", "_low", "_high"):
        table[f"roi{end}"] = table[f"profit{end}"] / paid
    table["break_even"] = cost / margin
    table["change"] = found["change"]
    if attributed:
        claimed = frame.groupby(arm)[attributed].sum().reindex(table.index)
        table["attributed_amount"] = claimed
        table["attributed_roi"] = (margin * claimed - table["cost"]) / paid
    return table
