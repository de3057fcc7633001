"""How many units an experiment needs before it begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

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


def power(
    control: float,
    *,
    n: Any = None,
    change: Any = None,
    power: Any = None,
    sd: float | None = None,
    alpha: float = 0.05,
    ratio: float = 1.0,
    pooled: bool = True,
) -> pd.DataFrame:
    """Power, size or smallest detectable effect of an experiment: give two, get the third (检验功效).

    Parameters
    ----------
    control : float
        Share of successes of the control, such as 0.10; with `sd` its mean, such as 85 yuan per visitor.
    n : int or sequence, optional
        Units of the control.
    change : float or sequence, optional
        True relative change: 0.1 is +10 %.
    power : float or sequence, optional
        Chance to see the difference.
    sd : float, optional
        Standard deviation of the outcome between units, the same in both arms; makes `control` a mean.
    alpha : float, default 0.05
        Chance to see a difference where there is none, on both sides together.
    ratio : float, default 1
        Units of the treatment for each of the control.
    pooled : bool, default True
        As in `sample_size`; plays no part with `sd`.

    Returns
    -------
    DataFrame
        One row for every pair of what is given: ``control``, ``treatment``, ``change`` (relative),
        ``n_control``, ``n_treatment`` (units), ``alpha``, ``power``. A `change` that is solved for is the
        smallest rise that is seen with that power; NaN where no share below 1 would do. An `n` that is solved
        for is rounded up.

    Raises
    ------
    CourseError
        If not two of `n`, `change` and `power` are given, or a number is not allowed.

    Notes
    -----
    power = Φ((d − z₁₋α/₂ s₀) / s₁) + Φ((−d − z₁₋α/₂ s₀) / s₁), with the size d of the
    difference, its standard error s₁, and s₀ the one that the test takes for it (pooled) [1]_. It is a
    promise before the test. Computed after it from the effect that was seen, it says no more than p does.

    References
    ----------
    .. [1] J. L. Fleiss, B. Levin, M. C. Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
       ch. 4.

    Examples
    --------
    >>> power(0.10, n=[5000, 14751], change=0.10).round(3)
       control  treatment  change  n_control  n_treatment  alpha  power
    0      0.1       0.11     0.1       5000         5000   0.05  0.371
    1      0.1       0.11     0.1      14751        14751   0.05  0.800
    >>> power(0.10, n=5000, power=0.8)["change"].round(3).item()
    0.174
    >>> power(0.10, n=5000)
    Traceback (most recent call last):
        ...
    CourseError: experiment.power: give two of n, change and power; 1 is given.
    """
    where = "experiment.power"
    given = {
        name: value for name, value in (("n", n), ("change", change), ("power", power)) if value is not None
    }
    if len(given) != 2:
        raise CourseError(f"{where}: give two of n, change and power; {len(given)} is given.")
    _share(alpha, "alpha", where)
    _number(ratio, "ratio", where)
    if ratio <= 0:
        raise CourseError(f"{where}: ratio is {ratio:g}; give a number above 0, such as 1 for equal arms.")
    if sd is None:
        _share(control, "control", where)
    else:
        _number(control, "control", where)
        _number(sd, "sd", where)
        if sd <= 0 or control == 0:
            raise CourseError(f"{where}: sd must be above 0, and control other than 0.")
    lists = {name: _listed(value, name, where) for name, value in given.items()}
    pairs = np.meshgrid(*lists.values(), indexing="ij")
    known = {name: grid.ravel().astype(float) for name, grid in zip(lists, pairs, strict=True)}
    if "n" in known and not (known["n"] >= 2).all():
        raise CourseError(f"{where}: n is {n!r}; give 2 or more units.")
    if "power" in known and not ((known["power"] > alpha) & (known["power"] < 1)).all():
        raise CourseError(
            f"{where}: power is {power!r}; give one between alpha {alpha:g} and 1, such as 0.8."
        )
    if "change" in known:
        if (
            sd is None
            and not ((control * (1 + known["change"]) > 0) & (control * (1 + known["change"]) < 1)).all()
        ):
            raise CourseError(
                f"{where}: change={change!r} takes {control:g} to what is no share between 0 and 1."
            )
        if "power" in known and (known["change"] == 0).any():
            raise CourseError(f"{where}: change is 0; no size is enough to see none.")
    z = ndtri(1 - alpha / 2)

    def reached(n: Any, change: Any) -> Any:
        difference = np.abs(control * change)
        if sd is not None:
            own = null = sd * np.sqrt((1 + 1 / ratio) / n)
        else:
            p2 = control * (1 + change)
            own = np.sqrt((control * (1 - control) + p2 * (1 - p2) / ratio) / n)
            mean = (control + ratio * p2) / (1 + ratio)
            null = np.sqrt((1 + 1 / ratio) * mean * (1 - mean) / n) if pooled else own
        return ndtr((difference - z * null) / own) + ndtr((-difference - z * null) / own)

    if "power" not in known:
        known["power"] = reached(known["n"], known["change"])
    elif "n" not in known:
        found = _halved(lambda v: reached(np.exp(v), known["change"]), known["power"], np.log(2.0), 60.0)
        known["n"] = np.ceil(np.exp(found) - 1e-6)
    else:
        most = (1 - 1e-9) / control - 1 if sd is None else 1e6 * sd / abs(control)
        found = _halved(lambda v: reached(known["n"], np.exp(v)), known["power"], -40.0, np.log(most))
        known["change"] = np.where(found < np.log(most) - 1e-9, np.exp(found), np.nan)
    size = known["n"].astype("int64")
    return pd.DataFrame(
        {
            "control": float(control),
            "treatment": control * (1 + known["change"]),
            "change": known["change"],
            "n_control": size,
            "n_treatment": np.maximum(2, np.rint(known["n"] * ratio)).astype("int64"),
            "alpha": float(alpha),
            "power": known["power"],
        }
    )


def _halved(reached: Any, wanted: Any, low: float, high: float) -> Any:
    """Find where a rising function reaches what is wanted, for all at once, by halving."""
    left, right = np.full(len(wanted), low), np.full(len(wanted), high)
    for _ in range(100):
        middle = (left + right) / 2
        enough = reached(middle) >= wanted
        left, right = np.where(enough, left, middle), np.where(enough, middle, right)
    return right


def _listed(value: Any, name: str, where: str) -> Any:
    """Read a number, or several, as an array."""
    try:
        numbers = np.atleast_1d(np.asarray(value, dtype=float)).ravel()
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    if isinstance(value, bool) or not len(numbers) or not np.isfinite(numbers).all():
        raise CourseError(f"{where}: {name} is {value!r}; give a number, or several.")
    return numbers


def whole(value: Any, least: int) -> bool:
    """Whether `value` is a whole number of at least `least`."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


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
