"""Looking at a test several times: bounds that allow for it, and what happens without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ecomtrain.analysis._power import whole
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, nearest, require_level

__all__ = ["crossing", "group_sequential", "peeking"]

KINDS = ("pocock", "obrien_fleming")
CLOSEST = 0.001  # of the planned units, from one look to the next
CHUNK = 4_000_000  # numbers that are simulated at once


def group_sequential(
    looks: int | Sequence[float], *, kind: str = "obrien_fleming", alpha: float = 0.05
) -> pd.DataFrame:
    """Bounds for a test that is looked at a number of times fixed beforehand (成组序贯设计).

    Parameters
    ----------
    looks : int or sequence of float
        Number of looks at equal distances, or the share of the planned units at each, rising to 1.
    kind : {"obrien_fleming", "pocock"}
        O'Brien and Fleming's bounds are strict at first and nearly those of one look in the end; Pocock's
        are the same at every look.
    alpha : float, default 0.05
        Chance to see a difference where there is none, over all looks, on both sides together.

    Returns
    -------
    DataFrame
        One row per look: ``look``, ``share`` (of the planned units), ``z`` (stop where the test statistic is
        beyond it on either side), ``p`` (the same as a p of one look), ``spent`` (chance of a false alarm up
        to here).

    Raises
    ------
    CourseError
        If `looks`, `kind` or `alpha` is not allowed.

    Notes
    -----
    z = C for Pocock, C / √share for O'Brien and Fleming; C is solved so that the chance of crossing is
    `alpha`. That chance is an integral over each look in turn [1]_, done by Gauss and Legendre's rule to nine
    digits; no table is used. Five looks: C = 2.413 and 2.040. More looks than were planned void the bounds.

    References
    ----------
    .. [1] C. Jennison, B. W. Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials,
       Chapman & Hall/CRC, ch. 2 and 19.

    Examples
    --------
    >>> group_sequential(3).round(4)
       look   share       z       p   spent
    0     1  0.3333  3.4711  0.0005  0.0005
    1     2  0.6667  2.4544  0.0141  0.0143
    2     3  1.0000  2.0040  0.0451  0.0500
    >>> group_sequential(0)
    Traceback (most recent call last):
        ...
    CourseError: experiment.group_sequential: looks is 0; give a number of looks from 1 to 100, or shares ...
    """
    where = "experiment.group_sequential"
    share = _shares(looks, where)
    if kind not in KINDS:
        raise CourseError(f"{where}: kind is {kind!r}; give one of {', '.join(KINDS)}.{nearest(kind, KINDS)}")
    if not 0 < alpha < 1:
        raise CourseError(f"{where}: alpha is {alpha!r}; give a chance between 0 and 1, such as 0.05.")
    from scipy.optimize import brentq

    shape = share**-0.5 if kind == "obrien_fleming" else np.ones(len(share))
    single = float(ndtri(1 - alpha / 2))
    constant = single
    if len(share) > 1:
        constant = float(
            brentq(lambda c: crossing(c * shape, share)[-1] - alpha, single, 3 * single + 3, xtol=1e-12)
        )
    z = constant * shape
    return pd.DataFrame(
        {
            "look": np.arange(1, len(z) + 1),
            "share": share,
            "z": z,
            "p": 2 * ndtr(-z),
            "spent": crossing(z, share),
        }
    )


def _shares(looks: Any, where: str) -> Any:
    """Read the looks as rising shares of the planned units, the last of them 1."""
    if isinstance(looks, int | np.integer) and not isinstance(looks, bool) and 1 <= looks <= 100:
        return np.arange(1, looks + 1) / looks
    try:
        share = np.asarray(looks, dtype=float)
    except (TypeError, ValueError):
        share = np.zeros(0)
    if (
        share.ndim != 1
        or not 1 <= len(share) <= 100
        or not (np.diff(share, prepend=0) >= CLOSEST).all()
        or share[-1] != 1
    ):
        raise CourseError(
            f"{where}: looks is {looks!r}; give a number of looks from 1 to 100, or shares of the planned "
            "units that rise to 1 by 0.001 or more, such as [0.25, 0.5, 1]."
        )
    return share


def crossing(z: Any, share: Any) -> Any:
    """Chance that the test statistic has been beyond ±z at one of the looks so far, under no difference.

    The sum of what was seen moves by N(0, step) from look to look; its density among those that have not
    crossed is carried on from one set of nodes to the next.
    """
    edge, step = z * np.sqrt(share), np.sqrt(np.diff(share, prepend=0.0))
    # Nodes must lie closer than the narrowest step is wide: four to a step leave an error below 1e-10.
    nodes, weights = np.polynomial.legendre.leggauss(24 + int(4 * edge.max() / step.min()))
    place, mass = np.zeros(1), np.ones(1)
    left = []
    for limit, width in zip(edge, step, strict=True):
        reached = ndtr((limit - place) / width) - ndtr((-limit - place) / width)
        left.append(float(mass @ reached))
        here = limit * nodes
        density = np.exp(-0.5 * ((here[:, None] - place) / width) ** 2) / (width * np.sqrt(2 * np.pi))
        place, mass = here, limit * weights * (density @ mass)
    return 1 - np.array(left)


def peeking(
    looks: Sequence[int] = (1, 2, 5, 10, 20),
    *,
    effect: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
    trials: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Simulate how often an experiment is called a success by those who look at it several times (偷看).

    Parameters
    ----------
    looks : sequence of int
        Numbers of looks, at equal distances up to the planned number of units.
    effect : float, default 0
        True effect over the planned one: 0 is none, and every success a false alarm; 1 is as planned.
    alpha, power : float
        What the number of units was planned for.
    trials : int, default 10000
        Experiments that are simulated for each number of looks.
    seed : int, default 0
        Start of the random numbers.
    level : float, default 0.95
        Confidence level of the interval around the rate, which comes from simulating.

    Returns
    -------
    DataFrame
        One row per ``looks`` and ``method`` ("fixed": stop as soon as a test for one look has p below
        `alpha`; "always_valid", "pocock", "obrien_fleming"): ``effect`` (as given), ``trials``,
        ``successes``, ``rate`` (fraction of the trials), ``low``, ``high``, ``units_used``
        (mean fraction of the planned units when it stops).

    Raises
    ------
    CourseError
        If a number is not allowed.

    Notes
    -----
    Each look adds a normal sum to the test statistic. The test for one look is wrong in 5 % of the trials at
    one look, in 14 % at five and in 25 % at twenty [1]_. ``always_valid`` takes the planned effect as `tau`.

    References
    ----------
    .. [1] P. Armitage, C. K. McPherson, B. C. Rowe (1969), Repeated significance tests on accumulating data,
       J. R. Stat. Soc. A 132(2), 235-244.

    Examples
    --------
    >>> table = peeking([1, 10], trials=4000, seed=1)
    >>> table.loc[table["method"] != "pocock", ["looks", "method", "rate"]].round(2)
       looks          method  rate
    0      1           fixed  0.05
    1      1    always_valid  0.00
    3      1  obrien_fleming  0.05
    4     10           fixed  0.18
    5     10    always_valid  0.01
    7     10  obrien_fleming  0.05
    >>> peeking([0])
    Traceback (most recent call last):
        ...
    CourseError: experiment.peeking: looks is [0]; give whole numbers from 1 to 100, such as [1, 5, 20].
    """
    where = "experiment.peeking"
    require_level(level, where)
    counts = (
        list(looks) if isinstance(looks, Sequence | np.ndarray) and not isinstance(looks, str) else [looks]
    )
    if not counts or not all(whole(k, 1) and k <= 100 for k in counts):
        raise CourseError(
            f"{where}: looks is {looks!r}; give whole numbers from 1 to 100, such as [1, 5, 20]."
        )
    if not whole(trials, 1):
        raise CourseError(f"{where}: trials is {trials!r}; give a whole number such as 10000.")
    if not (0 < alpha < power < 1 and np.isfinite(effect)):
        raise CourseError(f"{where}: alpha, power and effect must be such as 0.05, 0.8 and 1.")
    rng = np.random.default_rng(seed)
    planned = float(ndtri(1 - alpha / 2) + ndtri(power))  # of the test statistic at the last look
    rows = []
    for k in counts:
        share = np.arange(1, k + 1) / k
        limits = {"fixed": np.full(k, ndtri(1 - alpha / 2)), "always_valid": _mixture(planned, share, alpha)}
        for kind in KINDS:
            limits[kind] = group_sequential(int(k), kind=kind, alpha=alpha)["z"].to_numpy()
        won, used = dict.fromkeys(limits, 0), dict.fromkeys(limits, 0.0)
        size = max(1, CHUNK // int(k))
        for begin in range(0, int(trials), size):
            many = min(size, int(trials) - begin)
            moved = rng.normal(effect * planned / k, np.sqrt(1 / k), (many, int(k))).cumsum(axis=1)
            z = np.abs(moved) / np.sqrt(share)
            for method, limit in limits.items():
                beyond = z > limit
                stopped = beyond.any(axis=1)
                won[method] += int(stopped.sum())
                used[method] += float(np.where(stopped, share[beyond.argmax(axis=1)], 1.0).sum())
        for method in limits:
            low, high = wilson(won[method], trials, level)
            rate = won[method] / trials
            rows.append(
                (
                    int(k),
                    method,
                    float(effect),
                    int(trials),
                    won[method],
                    rate,
                    low,
                    high,
                    used[method] / trials,
                )
            )
    columns = ["looks", "method", "effect", "trials", "successes", "rate", "low", "high", "units_used"]
    return pd.DataFrame(rows, columns=columns)


def _mixture(planned: float, share: Any, alpha: float) -> Any:
    """Where the mixture ratio of `always_valid` reaches 1 / alpha, as a test statistic."""
    ratio = planned**2 * share  # τ² / s² at each look, with τ the planned effect
    return np.sqrt((1 + ratio) / ratio * (np.log1p(ratio) - 2 * np.log(alpha)))
