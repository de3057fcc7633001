"""Shopping baskets (购物篮): what is bought together, beyond chance, and what to bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln, ndtr, ndtri

from ecomtrain.analysis._bundles import bundles, trimmed
from ecomtrain.analysis._checks import plain, require_ids, require_not_negative, require_one
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level

__all__ = ["bundles", "rules"]


def rules(
    lines: pd.DataFrame,
    *,
    basket: str = "order_id",
    item: str = "product_id",
    min_count: int = 30,
    max_len: int = 2,
    q: float = 0.05,
    test: str = "fisher",
    level: float = 0.95,
) -> pd.DataFrame:
    """Find items that are bought together more often than chance would have it (关联规则).

    Parameters
    ----------
    lines : DataFrame
        One row per order line with `basket` and `item`; repeated lines of one item in one basket count once.
        Lines without a basket or an item are left out; blanks around a name do not make another item.
    basket, item : str
        The columns that name the basket and what lies in it.
    min_count : int, default 30
        Baskets in which all items of a rule must lie together. A count, not a share: a lift from five
        baskets is chance however large the shop is.
    max_len : {2, 3}, default 2
        Items of a rule: 2 for A → C, 3 for (A, B) → C as well.
    q : float, default 0.05
        Share of false rules to put up with among those found, between 0 and 1; with 1, all are returned.
    test : {"fisher", "chi2"}, default "fisher"
        Exact test, or the quicker normal one; both ask for *more* than chance.
    level : float, default 0.95
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per rule, highest lift first: ``antecedent`` (an item; for rules of three the tuple of two),
        ``consequent``, ``baskets`` (all), ``antecedent_count``, ``consequent_count``, ``count`` (baskets with
        all of it), ``support``, ``confidence`` with ``low``, ``high`` (fractions), ``lift`` with
        ``lift_low``, ``lift_high``, ``leverage`` (fraction), ``conviction`` (NaN where the rule has no
        exception), ``zhang`` (−1 to 1), ``p``, ``q_value``.

    Raises
    ------
    CourseError
        If a column is missing, an option is out of range, a quantity is negative, or two shops are mixed:
        items of one shop never lie in a basket of the other, which makes all look related.

    Notes
    -----
    With the shares P(A), P(C) and P(AC) of the baskets: confidence = P(AC)/P(A), lift = P(AC)/P(A)P(C),
    leverage = P(AC) − P(A)P(C), conviction = (1 − P(C))/(1 − confidence), Zhang's metric [2]_ = leverage /
    max(P(AC)(1 − P(A)), P(A)(P(C) − P(AC))). The lift's interval is by the delta method on its logarithm.
    q_value is Benjamini and Hochberg's p, over *all* rules that could have been found among items bought
    `min_count` times, not just those that were: whoever tries a thousand pairs finds fifty by chance. A rule
    of three is tested against its two pairs: does B add to A → C, and A to B → C? Else every strong pair
    would drag all other items along. High confidence alone says nothing: a carrier bag "follows" everything.

    References
    ----------
    .. [1] R. Agrawal, T. Imielinski, A. Swami (1993), Mining association rules between sets of items in large
       databases, SIGMOD.
    .. [2] T. Zhang (2000), Association rules, PAKDD.
    .. [3] G. I. Webb (2007), Discovering significant patterns, Machine Learning 68, 1-33.

    Examples
    --------
    >>> lines = pd.DataFrame({"order_id": [1, 1, 2, 2, 3, 3, 4, 5, 6],
    ...                       "product_id": ["pot", "cup", "pot", "cup", "pot", "cup", "jam", "jam", "jam"]})
    >>> rules(lines, min_count=3, q=0.2)[["antecedent", "consequent", "count", "confidence", "lift", "p"]]
      antecedent consequent  count  confidence  lift     p
    0        cup        pot      3         1.0   2.0  0.05
    1        pot        cup      3         1.0   2.0  0.05
    >>> rules(lines, item="product")
    Traceback (most recent call last):
        ...
    CourseError: basket.rules: column 'product' is not in the frame; it has order_id, product_id. ...
    """
    where = "basket.rules"
    require(lines, [basket, item], where)
    require_level(level, where)
    _require_options(min_count, max_len, q, test, where)
    require_ids(lines, [basket, item], where)
    require_one(lines, "shop", where)
    require_not_negative(lines, [name for name in ["quantity"] if name in lines], where)
    row, column, names, n = _held(plain(lines[[basket, item]]), basket, item, min_count)
    alone = np.bincount(column, minlength=len(names))
    pairs = _pairs(row, column, len(names), min_count)
    pairs["p"] = _excess(pairs["count"], alone[pairs["a"]], alone[pairs["c"]], n, test)
    other_way = pairs.rename(columns={"a": "c", "c": "a"})
    found = pd.concat([pairs, other_way], ignore_index=True).assign(b=-1)
    found["antecedent_count"] = alone[found["a"]]
    possible = len(names) * max(len(names) - 1, 0)
    if max_len == 3:
        found = pd.concat([found, _triples(row, column, alone, pairs, min_count, test)], ignore_index=True)
        possible += possible * max(len(names) - 2, 0) // 2
    found["consequent_count"] = alone[found["c"]]
    found["q_value"] = _benjamini_hochberg(found["p"].to_numpy(), possible)
    found = found[found["q_value"] <= q].reset_index(drop=True)
    return _measured(found, names, n, level)


def _require_options(min_count: int, max_len: int, q: float, test: str, where: str) -> None:
    if min_count < 1:
        raise CourseError(f"{where}: min_count is {min_count}; give 1 or more.")
    if max_len not in (2, 3):
        raise CourseError(f"{where}: max_len is {max_len}; give 2 or 3.")
    if not 0 < q <= 1:
        raise CourseError(f"{where}: q is {q}; give a fraction such as 0.05.")
    if test not in ("fisher", "chi2"):
        raise CourseError(f"{where}: test is {test!r}; give 'fisher' or 'chi2'.")


def _held(lines: Any, basket: str, item: str, min_count: int) -> tuple[Any, Any, Any, int]:
    """Basket and item of each distinct line, sorted, of items bought often; their names; all baskets."""
    row = pd.factorize(lines[basket])[0]
    column, items = pd.factorize(lines[item])
    again, names = pd.factorize(trimmed(pd.Series(items)), sort=True)
    column = np.append(again, -1)[column]  # position -1, no item, stays none
    known = (row >= 0) & (column >= 0)
    # One number per line, sorted: quicker by far than a table of pairs, and repeated lines become neighbours.
    key = np.sort(row[known] * len(names) + column[known])
    row, column = np.divmod(key[np.diff(key, prepend=-1) > 0], max(len(names), 1))
    n = int((np.diff(row, prepend=-1) > 0).sum())
    often = np.bincount(column, minlength=len(names)) >= min_count
    keep = often[column]
    return row[keep], (np.cumsum(often) - 1)[column[keep]], names[often], n


def _pairs(row: Any, column: Any, items: int, min_count: int) -> pd.DataFrame:
    """Each pair of items (``a`` before ``c``) that lies in enough baskets, and its ``count``."""
    met = [np.zeros(0, dtype=np.int64)]
    line, apart = np.flatnonzero(row[1:] == row[:-1]), 1
    # A line meets the next one of its basket, then the one after it, until every basket is at its end.
    while len(line):
        met.append(column[line] * items + column[line + apart])
        apart += 1
        line = line[: np.searchsorted(line, len(row) - apart)]
        line = line[row[line] == row[line + apart]]
    code = np.sort(np.concatenate(met))
    first = np.flatnonzero(np.diff(code, prepend=-1))
    count = np.diff(first, append=len(code))
    a, c = np.divmod(code[first[count >= min_count]], max(items, 1))
    return pd.DataFrame({"a": a, "c": c, "count": count[count >= min_count]})


def _triples(row: Any, column: Any, alone: Any, pairs: Any, min_count: int, test: str) -> pd.DataFrame:
    """Each (a, b) → c with enough baskets, and the larger p of b adding to a → c and a adding to b → c."""
    from scipy.sparse import csr_array

    a, b, both = (pairs[name].to_numpy() for name in ("a", "c", "count"))
    held = csr_array(
        (np.ones(len(row), np.int32), (row, column)), shape=(row.max(initial=-1) + 1, len(alone))
    )
    by_item = held.tocsc()
    # Column j marks the baskets that hold pair j; its product with `held` counts the third items beside it.
    third = ((by_item[:, a] * by_item[:, b]).T.tocsr() @ held).tocoo()
    j, c, count = third.row, third.col, third.data
    keep = (count >= min_count) & (c != a[j]) & (c != b[j])
    j, c, count = j[keep], c[keep], count[keep]
    code = a * len(alone) + b  # sorted, as the pairs are
    p = np.zeros(len(j))
    for item in (a[j], b[j]):
        beside = both[np.searchsorted(code, np.minimum(item, c) * len(alone) + np.maximum(item, c))]
        p = np.maximum(p, _excess(count, both[j], beside, alone[item], test))
    return pd.DataFrame({"a": a[j], "b": b[j], "c": c, "antecedent_count": both[j], "count": count, "p": p})


def _excess(count: Any, a: Any, c: Any, n: Any, test: str) -> Any:
    """Chance that `a` and `c` of `n` baskets meet in `count` or more, were they strewn at random."""
    count, a, c, n = (np.asarray(x, dtype=float) for x in np.broadcast_arrays(count, a, c, n))
    if test == "chi2":
        expected = a * c / n
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (count - expected) / np.sqrt(expected * (n - a) * (n - c) / n**2)
        return np.where(np.isfinite(z), ndtr(-np.nan_to_num(z)), 1.0)
    # The hypergeometric tail, term by term, all rules at once: each term is the one before times a simple
    # ratio. Where the tail is the long side, the short one is that of meeting what is not c.
    short = count > a * c / n
    k, c = np.where(short, count, a - count + 1), np.where(short, c, n - c)
    log = (
        gammaln(a + 1) - gammaln(k + 1) - gammaln(a - k + 1)
        + gammaln(n - a + 1) - gammaln(c - k + 1) - gammaln(n - a - c + k + 1)
        - gammaln(n + 1) + gammaln(c + 1) + gammaln(n - c + 1)
    )  # fmt: skip
    term = np.where(k <= np.minimum(a, c), np.exp(log), 0.0)
    total, rest = term.copy(), n - a - c
    while (term > 1e-17 * total).any():
        term *= np.maximum(a - k, 0) * np.maximum(c - k, 0) / ((k + 1) * (rest + k + 1))
        total += term
        k += 1
    return np.clip(np.where(short, total, 1 - total), 0.0, 1.0)


def _benjamini_hochberg(p: Any, tests: int) -> Any:
    """Return the adjusted value of each `p`, the smallest of `tests`, whose others are 1."""
    order = np.argsort(p, kind="stable")
    adjusted = p[order] * tests / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1.0)
    return q


def _measured(found: pd.DataFrame, names: Any, n: int, level: float) -> pd.DataFrame:
    """Give each rule its names and its measures."""
    names = pd.Series(names)
    pair = found["b"] >= 0
    antecedent = names.take(found["a"]).reset_index(drop=True)
    if pair.any():
        antecedent = antecedent.astype(object)
        two = zip(antecedent[pair], names.take(found["b"][pair]), strict=True)
        antecedent[pair] = pd.Series(list(two), index=antecedent.index[pair], dtype=object)
    table = pd.DataFrame({"antecedent": antecedent, "baskets": n})
    table.insert(1, "consequent", names.take(found["c"]).reset_index(drop=True))
    table = table.join(found[["antecedent_count", "consequent_count", "count"]])
    a, c, both = (table[name] / n for name in ("antecedent_count", "consequent_count", "count"))
    table["support"] = both
    table["confidence"] = confidence = table["count"] / table["antecedent_count"]
    table["low"], table["high"] = wilson(table["count"], table["antecedent_count"], level)
    table["lift"] = lift = confidence / c
    reach = np.exp(
        ndtri(0.5 + level / 2) * np.sqrt(np.maximum(1 / both - 1 / a - 1 / c + 2 * lift - 1, 0) / n)
    )
    table["lift_low"], table["lift_high"] = lift / reach, lift * reach
    table["leverage"] = leverage = both - a * c
    table["conviction"] = (1 - c) / (1 - confidence).where(confidence < 1)
    most = np.maximum(both * (1 - a), a * (c - both))
    table["zhang"] = leverage / most.where(most > 0)
    table = table.join(found[["p", "q_value"]])
    order = np.lexsort((found["c"], found["b"], found["a"], -table["count"], -table["lift"]))
    return table.iloc[order].reset_index(drop=True)
