"""Learning the best price while selling: what each way of trying costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis._checks import plain, require_one
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["explore"]

WAYS = ("thompson", "epsilon", "test")


def explore(
    market: pd.DataFrame,
    *,
    seed: int,
    cost: float = 0.0,
    rounds: int = 100,
    visitors: int = 50,
    epsilon: float = 0.1,
    test_share: float = 0.3,
    runs: int = 200,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare ways to learn the best price on simulated visitors (动态定价试错).

    Parameters
    ----------
    market : DataFrame
        What the seller does not know, one row per price: ``price`` (money, above `cost`) and ``rate``
        (fraction of visitors who buy at it).
    seed : int
        Seed of the random numbers.
    cost : float, default 0
        Money that one unit costs.
    rounds, visitors : int, default 100 and 50
        Rounds, such as days, and visitors in each; one price is asked in a round.
    epsilon : float, default 0.1
        Share of rounds in which epsilon-greedy tries a price by lot.
    test_share : float, default 0.3
        Share of the rounds that the fixed test spends on all prices in turn, before it keeps the best.
    runs : int, default 200
        How often the whole is played.
    level : float, default 0.95
        Confidence level of the intervals over runs.

    Returns
    -------
    DataFrame
        One row per way and round: ``method`` ("thompson", "epsilon", "test"), ``round`` (from 1), ``regret``
        (money lost so far against asking the best price from the start, mean of the runs), ``low``, ``high``,
        ``best_share`` (runs that ask the best price in this round).

    Raises
    ------
    CourseError
        If a column is missing, there are fewer than two prices, or a rate or an option is out of range.

    Notes
    -----
    All ways keep a Beta(1 + buyers, 1 + others) for each price. Thompson sampling draws a rate from each and
    asks the price whose draw earns most [1]_; epsilon-greedy asks the price that earns most by the means,
    and now and then any; the fixed test asks all in turn, then the best for good. Regret counts expected
    profits, so that luck of the draw is not in it. The test's regret stops growing only if it chose right.
    Demand that moves, and customers who wait for the lower price, are not in this world.

    References
    ----------
    .. [1] D. Russo et al. (2018), A tutorial on Thompson sampling, Foundations and Trends in Machine Learning
       11(1), 1-96.

    Examples
    --------
    >>> market = pd.DataFrame({"price": [29, 39, 49], "rate": [0.10, 0.08, 0.05]})
    >>> paths = explore(market, seed=1, cost=15, rounds=200, runs=50)
    >>> paths.groupby("method")["regret"].last().gt(0).to_dict()
    {'epsilon': True, 'test': True, 'thompson': True}
    >>> explore(market.head(1), seed=1)
    Traceback (most recent call last):
        ...
    CourseError: pricing.explore: 1 price(s) leave nothing to learn; give two or more in market.
    """
    where = "pricing.explore"
    require_level(level, where)
    require(market, ["price", "rate"], where)
    require_numeric(market, ["price", "rate"], where)
    require_one(market, "currency", where)
    table = plain(market[["price", "rate"]].dropna()).sort_values(["price", "rate"], ignore_index=True)
    price, rate = table["price"].to_numpy(float), table["rate"].to_numpy(float)
    if len(table) < 2:
        raise CourseError(
            f"{where}: {len(table)} price(s) leave nothing to learn; give two or more in market."
        )
    if (np.diff(price) == 0).any():
        raise CourseError(f"{where}: a price is there twice in market; give each its one rate.")
    if not ((rate >= 0) & (rate <= 1)).all():
        raise CourseError(f"{where}: column 'rate' holds no share; give fractions from 0 to 1.")
    if not -np.inf < cost < price[0]:
        raise CourseError(
            f"{where}: cost is {cost} and the lowest price {price[0]:g}; ask more than it costs."
        )
    for name, count in {"rounds": rounds, "visitors": visitors, "runs": runs}.items():
        if not 1 <= count < np.inf:
            raise CourseError(f"{where}: {name} is {count}; give 1 or more.")
    for name, part in {"epsilon": epsilon, "test_share": test_share}.items():
        if not 0 <= part <= 1:
            raise CourseError(f"{where}: {name} is {part}; give a fraction from 0 to 1.")
    margin = price - cost
    options = (int(rounds), int(visitors), epsilon, max(round(test_share * rounds), len(price)), int(runs))
    near = ndtri(0.5 + level / 2)
    frames = []
    for way, stream in zip(WAYS, np.random.default_rng(seed).spawn(len(WAYS)), strict=True):
        lost, best = _play(way, margin, rate, options, stream)
        total = lost.cumsum(axis=0)
        mean = total.mean(axis=1)
        half = near * total.std(axis=1, ddof=1) / np.sqrt(runs) if runs > 1 else np.full(len(mean), np.nan)
        frames.append(
            pd.DataFrame(
                {
                    **{"method": way, "round": np.arange(1, len(mean) + 1), "regret": mean},
                    **{"low": np.maximum(mean - half, 0), "high": mean + half},
                    "best_share": best.mean(axis=1),
                }
            )
        )
    return pd.concat(frames, ignore_index=True).astype({"method": "str"})


def _play(way: str, margin: Any, rate: Any, options: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Play all runs at once, round by round: profit lost in each round, and whether the best was asked."""
    rounds, visitors, epsilon, test, runs = options
    profit = margin * rate * visitors
    wins, losses = np.ones((runs, len(rate))), np.ones((runs, len(rate)))
    run = np.arange(runs)
    lost, best = np.empty((rounds, runs)), np.empty((rounds, runs), bool)
    for turn in range(rounds):
        mean = wins / (wins + losses)
        if way == "thompson":
            asked = (margin * rng.beta(wins, losses)).argmax(axis=1)
        elif way == "epsilon":
            lot = rng.integers(len(rate), size=runs)
            asked = np.where(rng.random(runs) < epsilon, lot, (margin * mean).argmax(axis=1))
        elif turn < test:
            asked = np.full(runs, turn % len(rate))
        elif turn == test:
            asked = (margin * mean).argmax(axis=1)  # and kept: what comes after is not looked at
        buyers = rng.binomial(visitors, rate[asked])
        wins[run, asked] += buyers
        losses[run, asked] += visitors - buyers
        lost[turn], best[turn] = profit.max() - profit[asked], profit[asked] >= profit.max()
    return lost, best
