"""How many units an experiment needs before it begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.errors import CourseError


def sample_size(
    p1: float,
    *,
    p2: float | None = None,
    change: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
    pooled: bool = True,
) -> pd.DataFrame:
    """Units that an experiment needs to tell one share from another (样本量).

    Parameters
    ----------
    p1 : float
        Share of successes of the control, known from before, such as 0.10.
    p2 : float, optional
        Share of the treatment that must not be missed. Give `p2` or `change`.
    change : float, optional
        The same as a relative change (minimum detectable effect): 0.1 makes 0.10 into 0.11.
    alpha : float, default 0.05
        Chance to see a difference where there is none, on both sides together.
    power : float, default 0.8
        Chance to see the difference if it is there.
    ratio : float, default 1
        Units of the treatment for each of the control.
    pooled : bool, default True
        Under no difference, take the variance of the mean share of both arms, as the z test of
        `compare_rates` does; False takes each arm's own.

    Returns
    -------
    DataFrame
        One row: ``control``, ``treatment`` (shares), ``n_control``, ``n_treatment``, ``n`` (units, both
        together), ``alpha``, ``power``.

    Raises
    ------
    CourseError
        If a share, `alpha` or `power` is not between 0 and 1, `power` is not above `alpha`, both or neither
        of `p2` and `change` are given, the shares are equal, or `ratio` is not above 0.

    Notes
    -----
    With k = `ratio` and the mean share p̄ = (p₁ + k p₂) / (1 + k), the control needs
    n = (z₁₋α/₂ √((1 + 1/k) p̄ q̄) + z_power √(p₁q₁ + p₂q₂/k))² / (p₂ − p₁)² units [1]_, to the nearest whole
    one; unpooled, the first root is the second one. A unit is what is randomised: if visitors are, count
    visitors, not their sessions. A smaller difference costs its square: half of it takes four times as many.

    References
    ----------
    .. [1] J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
       ch. 4.

    Examples
    --------
    >>> sample_size(0.10, change=0.10)
       control  treatment  n_control  n_treatment      n  alpha  power
    0      0.1       0.11      14751        14751  29502   0.05    0.8
    >>> sample_size(0.10, change=0.20)["n"].item()
    7682
    >>> sample_size(0.10, p2=0.10)
    Traceback (most recent call last):
        ...
    CourseError: experiment.sample_size: p2 is 0.1, the same as p1; no size is enough to tell them apart ...
    """
    where = "experiment.sample_size"
    if (p2 is None) == (change is None):
        raise CourseError(f"{where}: give p2 (a share) or change (relative, 0.1 is +10 %), one of the two.")
    _share(p1, "p1", where)
    if p2 is None:
        _number(change, "change", where)
        assert change is not None
        p2 = p1 * (1 + change)
        if not 0 < p2 < 1:
            raise CourseError(
                f"{where}: change={change:g} takes p1 {p1:g} to {p2:g}, which is no share between 0 and 1."
            )
    _share(p2, "p2", where)
    if p2 == p1:
        raise CourseError(
            f"{where}: p2 is {p2:g}, the same as p1; no size is enough to tell them apart. "
            f"Give the smallest difference that would matter."
        )
    _share(alpha, "alpha", where)
    _share(power, "power", where)
    if power <= alpha:
        raise CourseError(f"{where}: power is {power:g}, not above alpha {alpha:g}; give one such as 0.8.")
    _number(ratio, "ratio", where)
    if ratio <= 0:
        raise CourseError(f"{where}: ratio is {ratio:g}; give a number above 0, such as 1 for equal arms.")
    own = np.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    mean = (p1 + ratio * p2) / (1 + ratio)
    null = np.sqrt((1 + 1 / ratio) * mean * (1 - mean)) if pooled else own
    size = ((ndtri(1 - alpha / 2) * null + ndtri(power) * own) / (p2 - p1)) ** 2
    n_control, n_treatment = (max(2, round(float(n))) for n in (size, size * ratio))
    row = {
        "control": float(p1),
        "treatment": float(p2),
        "n_control": n_control,
        "n_treatment": n_treatment,
        "n": n_control + n_treatment,
        "alpha": float(alpha),
        "power": float(power),
    }
    return pd.DataFrame([row])


def _number(value: Any, name: str, where: str) -> None:
    """Raise unless `value` is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
        raise CourseError(f"{where}: {name} is {value!r}; give a number.")


def _share(value: Any, name: str, where: str) -> None:
    """Raise unless `value` is a share strictly between 0 and 1."""
    _number(value, name, where)
    if not 0 < value < 1:
        raise CourseError(
            f"{where}: {name} is {value:g}; give a share between 0 and 1, such as 0.1 for 10 %."
        )
