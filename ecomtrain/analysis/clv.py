"""Customer lifetime value (客户终身价值): models of who buys again, how often, and what for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecomtrain.analysis._btyd import BuyerModel, fit, read_summary, require_model
from ecomtrain.analysis._btyd_contract import ContractModel, sbg
from ecomtrain.analysis._btyd_holdout import HoldoutScore, calibration_holdout, holdout_score, tracking
from ecomtrain.analysis._btyd_spend import SpendModel, classes, gamma_gamma
from ecomtrain.analysis._btyd_summary import summary
from ecomtrain.analysis._btyd_value import LifetimeValue, lifetime_value
from ecomtrain.errors import CourseError

__all__ = [
    "BuyerModel",
    "ContractModel",
    "HoldoutScore",
    "LifetimeValue",
    "SpendModel",
    "alive_by_frequency",
    "alive_grid",
    "bg_nbd",
    "calibration_holdout",
    "gamma_gamma",
    "holdout_score",
    "lifetime_value",
    "mbg_nbd",
    "pareto_nbd",
    "sbg",
    "summary",
    "tracking",
]


def bg_nbd(summary: pd.DataFrame, *, level: float = 0.95) -> BuyerModel:
    """Fit how often customers buy and after which purchase they leave (BG/NBD, 复购与流失模型).

    Parameters
    ----------
    summary : DataFrame
        One row per customer with ``frequency``, ``recency`` and ``T``, as from `clv.summary`.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    BuyerModel
        Parameters with intervals; ``.p_alive(summary)``, ``.expected_purchases(summary, periods)`` and
        ``.expected_new(periods)``.

    Raises
    ------
    CourseError
        If a column is missing, the columns do not belong together, nobody bought again, or the data do not
        settle the parameters.

    Notes
    -----
    Customers buy at random moments, at rates that are spread as a gamma with r and alpha (mean r / alpha per
    unit of time); after each repeat purchase they leave with a chance that is spread as a beta with a and b
    [1]_. Nobody leaves before the second purchase, so whoever bought once is alive for sure, however long
    ago: `mbg_nbd` mends that. Customers of shops with seasons and promotions buy less at random than the
    model takes for granted: check with `calibration_holdout`.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way, Marketing
       Science 24(2), 275-284.

    Examples
    --------
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> model = bg_nbd(summary)
    >>> model.table.round(2)
      parameter  value    se   low   high
    0         r   0.54  0.17  0.30   0.99
    1     alpha   4.76  2.02  2.07  10.94
    2         a   0.36  0.33  0.06   2.16
    3         b   1.53  1.85  0.14  16.49
    >>> model.p_alive(few).round(2).tolist()
    [1.0, 0.23, 0.64, 0.31, 0.79, 0.25, 0.89, 0.96]
    >>> bg_nbd(summary.drop(columns="T"))
    Traceback (most recent call last):
        ...
    CourseError: clv.bg_nbd: column 'T' is not in the frame; it has frequency, recency. Make ...
    """
    return fit(summary, "BG/NBD", level, "clv.bg_nbd")


def mbg_nbd(summary: pd.DataFrame, *, level: float = 0.95) -> BuyerModel:
    """Fit how often customers buy and after which purchase they leave, the first included (MBG/NBD).

    Parameters
    ----------
    summary, level
        As for `bg_nbd`.

    Returns
    -------
    BuyerModel
        As of `bg_nbd`.

    Raises
    ------
    CourseError
        As for `bg_nbd`.

    Notes
    -----
    BG/NBD, but customers may leave after the first purchase too [1]_: who bought once and never again is
    alive with a chance below 1 that falls with time.

    References
    ----------
    .. [1] E. P. Batislam, M. Denizel, A. Filiztekin (2007), Empirical validation and comparison of models for
       customer base analysis, Int. J. Research in Marketing 24(3), 201-209.

    Examples
    --------
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> mbg_nbd(summary).p_alive(few).round(2).tolist()
    [0.01, 0.02, 0.28, 0.07, 0.64, 0.12, 0.84, 0.94]
    >>> mbg_nbd(summary.assign(recency=-1))
    Traceback (most recent call last):
        ...
    CourseError: clv.mbg_nbd: a frequency, recency or T is negative. Make the summary with clv.summary.
    """
    return fit(summary, "MBG/NBD", level, "clv.mbg_nbd")


def pareto_nbd(summary: pd.DataFrame, *, level: float = 0.95) -> BuyerModel:
    """Fit how often customers buy and when they leave, at any moment (Pareto/NBD).

    Parameters
    ----------
    summary, level
        As for `bg_nbd`.

    Returns
    -------
    BuyerModel
        As of `bg_nbd`.

    Raises
    ------
    CourseError
        As for `bg_nbd`.

    Notes
    -----
    Customers buy as in BG/NBD, and leave at a rate of their own per unit of time, spread as a gamma with s
    and beta [1]_. The likelihood is integrated over the moment of leaving, [recency, T], by a rule that is
    exact to rounding, rather than written with two hypergeometric functions.

    References
    ----------
    .. [1] D. C. Schmittlein, D. G. Morrison, R. Colombo (1987), Counting your customers: who are they and
       what will they do next?, Management Science 33(1), 1-24.

    Examples
    --------
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> pareto_nbd(summary).expected_purchases(few, 10).round(2).tolist()
    [0.02, 0.03, 0.31, 0.09, 0.61, 0.15, 1.4, 2.34]
    >>> pareto_nbd(summary.assign(frequency=0, recency=0))
    Traceback (most recent call last):
        ...
    CourseError: clv.pareto_nbd: none of the 40 customers bought again, so nothing is known of how often ...
    """
    return fit(summary, "Pareto/NBD", level, "clv.pareto_nbd")


def alive_grid(model: BuyerModel, *, T: float, purchases: int = 12, steps: int = 40) -> pd.DataFrame:  # noqa: N803
    """Tabulate the chance to be alive by repeat purchases and time since the last one (活跃概率图).

    Parameters
    ----------
    model : BuyerModel
        What `bg_nbd`, `mbg_nbd` or `pareto_nbd` returns.
    T : float
        Time since the first purchase of the customers shown, in the unit of the fit, above 0.
    purchases : int, default 12
        The most repeat purchases shown, 1 or more.
    steps : int, default 40
        Stretches into which the time is cut, 1 or more.

    Returns
    -------
    DataFrame
        ``frequency`` (1 to `purchases`), ``silence`` (time since the last purchase, 0 to `T`, in the unit of
        the fit), ``p_alive`` (fraction; no interval, for it is a property of the fitted model).

    Raises
    ------
    CourseError
        If `model` is something else, or a number is out of range.

    Notes
    -----
    The same silence means more in a customer who used to come often.

    Examples
    --------
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> alive_grid(bg_nbd(summary), T=39, purchases=2, steps=1).round(2)
       frequency  silence  p_alive
    0          1      0.0     0.81
    1          1     39.0     0.12
    2          2      0.0     0.87
    3          2     39.0     0.02
    >>> alive_grid(bg_nbd(summary), T=0)
    Traceback (most recent call last):
        ...
    CourseError: clv.alive_grid: T is 0; give a time above 0, in the unit of the fit.
    """
    where = "clv.alive_grid"
    require_model(model, where)
    if not (np.isfinite(T) and T > 0):
        raise CourseError(f"{where}: T is {T}; give a time above 0, in the unit of the fit.")
    for name, value in {"purchases": purchases, "steps": steps}.items():
        if value != int(value) or value < 1:
            raise CourseError(f"{where}: {name} is {value}; give a whole number, 1 or more.")
    frequency, silence = (
        part.ravel()
        for part in np.meshgrid(np.arange(1, purchases + 1), np.linspace(0, T, steps + 1), indexing="ij")
    )
    grid = pd.DataFrame({"frequency": frequency, "recency": T - silence, "T": float(T)})
    return pd.DataFrame({"frequency": frequency, "silence": silence, "p_alive": model.p_alive(grid)})


def alive_by_frequency(summary: pd.DataFrame, *models: BuyerModel) -> pd.DataFrame:
    """Compare how many customers models take to be alive, by repeat purchases (各频次活跃概率).

    Parameters
    ----------
    summary : DataFrame
        One row per customer with ``frequency``, ``recency`` and ``T``, as from `clv.summary`.
    *models : BuyerModel
        What `bg_nbd`, `mbg_nbd` or `pareto_nbd` returned for it, each of another kind.

    Returns
    -------
    DataFrame
        One row per model and class: ``model``, ``frequency`` ("0", "1", ... "7+"), ``customers`` (count),
        ``p_alive`` (mean, a fraction; no interval, for it is a property of the fitted model).

    Raises
    ------
    CourseError
        If a column is missing, no model is given, or one is something else.

    Notes
    -----
    BG/NBD has everyone without a repeat purchase alive, by the way it is built. In most shops these are the
    most customers, so a count of active customers must not come from it.

    Examples
    --------
    >>> few = pd.DataFrame({"frequency": [0, 1, 1, 2, 2, 4, 7, 12], "T": 39,
    ...                     "recency": [0, 3, 20, 10, 30, 15, 34, 38]})
    >>> summary = few.loc[few.index.repeat([14, 6, 1, 2, 4, 5, 4, 4])]
    >>> found = alive_by_frequency(summary, bg_nbd(summary), mbg_nbd(summary))
    >>> found[found["frequency"] == "0"].round(2)
         model frequency  customers  p_alive
    0   BG/NBD         0         14     1.00
    5  MBG/NBD         0         14     0.01
    >>> alive_by_frequency(summary)
    Traceback (most recent call last):
        ...
    CourseError: clv.alive_by_frequency: no model is given; pass what clv.bg_nbd and clv.mbg_nbd return.
    """
    where = "clv.alive_by_frequency"
    if not models:
        raise CourseError(f"{where}: no model is given; pass what clv.bg_nbd and clv.mbg_nbd return.")
    x = read_summary(summary, where)[0]
    tables = []
    for model in models:
        require_model(model, where)
        alive = model.p_alive(summary).groupby(classes(x), observed=True)
        table = pd.DataFrame({"customers": alive.size(), "p_alive": alive.mean()})
        tables.append(table.assign(model=model.model))
    table = pd.concat(tables).rename_axis("frequency").reset_index()
    return table.astype({"frequency": "str"})[["model", "frequency", "customers", "p_alive"]]
