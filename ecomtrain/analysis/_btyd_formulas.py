"""Likelihood, chance to be alive and expected purchases of BG/NBD, MBG/NBD and Pareto/NBD."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from scipy.special import betaln, expit, exprel, gammaln, hyp2f1, psi

NODES = 32  # of the rule for the integral of Pareto/NBD: full double precision
CHUNK = 2_000  # rows at a time: what the cache of a processor holds
DROP = 40.0  # below e^-40 of its peak an integrand does not count


class Patterns(NamedTuple):
    """Distinct rows of a summary and distinct frequencies with their counts, and each customer's row."""

    x: Any
    recency: Any
    age: Any
    count: Any
    frequencies: Any
    by_frequency: Any
    row: Any


class Formulas(NamedTuple):
    """What makes up one model."""

    names: tuple[str, ...]
    start: Callable[[float], Any]
    likelihood: Callable[[Any, Patterns], tuple[float, Any]]
    p_alive: Callable[..., Any]
    purchases_if_alive: Callable[..., Any]


# --- both: a gamma spread of buying rates -----------------------------------------------------------------


def _sum(count: Any, values: Any) -> Any:
    """Sum over customers by NumPy's own loop: the threads of a matrix library cost more than they save."""
    return np.einsum("i,i", count, values)


def _rates(r: float, alpha: float, seen: Patterns) -> tuple[float, float, float]:
    """Sum ln Γ(r + x) - ln Γ(r) + r ln α over all customers, and its slopes by r and α."""
    n = seen.by_frequency.sum()
    value = _sum(seen.by_frequency, gammaln(r + seen.frequencies)) + n * (r * np.log(alpha) - gammaln(r))
    slope = _sum(seen.by_frequency, psi(r + seen.frequencies)) + n * (np.log(alpha) - psi(r))
    return float(value), float(slope), float(n * r / alpha)


# --- BG/NBD and MBG/NBD: after a purchase, leave with a chance that is spread as a beta -------------------
#
# MBG/NBD lets customers leave after the first purchase too. With b one larger in all that follows the first
# purchase, and the second way to be silent open to everyone, its formulas are those of BG/NBD.


def _left(modified: bool, parameters: Any, x: Any, recency: Any, age: Any) -> tuple[Any, Any, Any, Any]:
    """Log odds of having left (-inf where nobody can have), ln(α+T), ln(α+recency), and what b has become."""
    _, alpha, a, b = parameters
    log_age, log_recency = np.log(alpha + age), np.log(alpha + recency)
    can = (x > 0) | modified
    grown = np.where(can, b + modified + x - 1, 1.0)
    odds = np.log(a / grown) + (parameters[0] + x) * (log_age - log_recency)
    return np.where(can, odds, -np.inf), log_age, log_recency, grown


def _beta_likelihood(modified: bool, parameters: Any, seen: Patterns) -> tuple[float, Any]:
    r, alpha, a, b = parameters
    x, recency, age, count, frequencies, by_frequency, _ = seen
    odds, log_age, log_recency, grown = _left(modified, parameters, x, recency, age)
    value, by_r, by_alpha = _rates(r, alpha, seen)
    kept = b + modified + frequencies
    value += _sum(by_frequency, betaln(a, kept) - betaln(a, b))
    value += _sum(count, np.logaddexp(0, odds) - (r + x) * log_age)
    gone = count * expit(odds)
    here = count - gone
    both = psi(a + kept)
    slopes = [
        by_r - _sum(here, log_age) - _sum(gone, log_recency),
        by_alpha - _sum(here, (r + x) / (alpha + age)) - _sum(gone, (r + x) / (alpha + recency)),
        _sum(by_frequency, psi(a + b) - both) + gone.sum() / a,
        _sum(by_frequency, psi(kept) - both + psi(a + b) - psi(b)) - _sum(gone, 1 / grown),
    ]
    return float(value), np.array(slopes)


def _beta_alive(modified: bool, parameters: Any, x: Any, recency: Any, age: Any) -> Any:
    return expit(-_left(modified, parameters, x, recency, age)[0])


def _beta_purchases(modified: bool, parameters: Any, x: Any, recency: Any, age: Any, periods: Any) -> Any:
    r, alpha, a, b = parameters
    # At a = 1 the formula is 0/0, and its limit is reached within 1e-6.
    a = a if abs(a - 1) > 1e-6 else 1 + 1e-6
    b = b + modified
    # Euler's and Pfaff's forms of the published 2F1(r+x, b+x; a+b+x-1; t/(α+T+t)): small arguments, so that
    # thousands of purchases do not overflow.
    share = periods / (alpha + age + periods)
    top = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, share)
    return (a + b + x - 1) / (a - 1) * (1 - (1 - share) ** (a - 1) * top)


# --- Pareto/NBD: leave at a rate that is spread as a gamma ------------------------------------------------


@cache
def _rule() -> tuple[Any, Any]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes[:, None] + 1) / 2, np.log(weights[:, None] / 2)


class Silence(NamedTuple):
    """ln of the integral of (α+y)^-(r+x) (β+y)^-(s+1) from recency to age, with its slopes."""

    value: Any
    by_r: Any
    by_alpha: Any
    by_s: Any
    by_beta: Any


def _silence(parameters: Any, x: Any, recency: Any, age: Any) -> Silence:
    """Integrate over the moment at which a customer left, between the last purchase and now.

    The published likelihood writes this integral as a difference of two hypergeometric functions, which
    loses digits and has no closed slope. In u = ln(min(α, β) + y) the logarithm of the integrand is concave
    and smooth, and Gauss and Legendre's rule over the stretch that counts is exact to rounding.
    """
    r, alpha, s, beta = parameters
    low, gap = min(alpha, beta), abs(alpha - beta)
    near, far = (r + x, s + 1) if alpha <= beta else (s + 1, r + x)
    begin = np.log(low + recency)
    length = np.log(low + age) - begin
    start = np.log(low + recency + gap)

    def fall(by: Any) -> tuple[Any, Any]:
        """How far the logarithm has fallen a stretch `by` after the begin, and how fast it falls there."""
        at = np.exp(begin + by)
        return (near - 1) * by + far * (np.log(at + gap) - start), near - 1 + far * at / (at + gap)

    # Concave: the tangent at the begin falls last, and Newton's steps come back to the stretch from beyond.
    rate = fall(0.0)[1]
    length = np.minimum(length, DROP / np.maximum(rate, 1e-9))
    for _ in range(6):
        fallen, rate = fall(length)
        length = length - np.maximum(fallen - DROP, 0) / np.maximum(rate, 1e-9)
    parts = [slice(k, k + CHUNK) for k in range(0, len(length), CHUNK)]
    found = np.concatenate(
        [
            _integrate(begin[k], length[k], gap, *(p if np.ndim(p) == 0 else p[k] for p in (near, far)))
            for k in parts
        ],
        axis=1,
    )
    value, log_near, per_near, log_far, per_far = found
    one = (-log_near, -near * per_near)
    two = (-log_far, -far * per_far)
    return Silence(value, *one, *two) if alpha <= beta else Silence(value, *two, *one)


def _integrate(begin: Any, length: Any, gap: float, near: Any, far: Any) -> Any:
    """Logarithm of the integral; means over it of ln and 1/ of the smaller and the larger of α+y and β+y."""
    nodes, weights = _rule()
    log_near = begin + nodes * length
    value_near = np.exp(log_near)
    value_far = value_near + gap
    log_far = np.log(value_far)
    part = weights + (1 - near) * log_near - far * log_far
    peak = part.max(axis=0)
    part = np.exp(part - peak)
    total = part.sum(axis=0)
    part /= total
    with np.errstate(divide="ignore"):
        value = peak + np.log(total) + np.log(length)
    means = [np.einsum("ij,ij->j", part, of) for of in (log_near, 1 / value_near, log_far, 1 / value_far)]
    return np.array([value, *means])


def _pareto_likelihood(parameters: Any, seen: Patterns) -> tuple[float, Any]:
    r, alpha, s, beta = parameters
    x, recency, age, count = seen[:4]
    silence = _silence(parameters, x, recency, age)
    log_alpha, log_beta = np.log(alpha + age), np.log(beta + age)
    still = -(r + x) * log_alpha - s * log_beta
    odds = np.log(s) + silence.value - still
    value, by_r, by_alpha = _rates(r, alpha, seen)
    value += count.sum() * s * np.log(beta) + _sum(count, still + np.logaddexp(0, odds))
    gone = count * expit(odds)
    here = count - gone
    slopes = [
        by_r - _sum(here, log_alpha) + _sum(gone, silence.by_r),
        by_alpha - _sum(here, (r + x) / (alpha + age)) + _sum(gone, silence.by_alpha),
        count.sum() * np.log(beta) - _sum(here, log_beta) + _sum(gone, silence.by_s + 1 / s),
        count.sum() * s / beta - _sum(here, s / (beta + age)) + _sum(gone, silence.by_beta),
    ]
    return float(value), np.array(slopes)


def _pareto_alive(parameters: Any, x: Any, recency: Any, age: Any) -> Any:
    r, alpha, s, beta = parameters
    still = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    return expit(still - np.log(s) - _silence(parameters, x, recency, age).value)


def _pareto_purchases(parameters: Any, x: Any, recency: Any, age: Any, periods: Any) -> Any:
    r, alpha, s, beta = parameters
    ratio = np.log1p(periods / (beta + age))
    # (1 - e^-(s-1)·ratio) / (s - 1) without the 0/0 at s = 1.
    return (r + x) / (alpha + age) * (beta + age) * ratio * exprel(-(s - 1) * ratio)


def _by_chance(modified: bool) -> Formulas:
    return Formulas(
        ("r", "alpha", "a", "b"),
        lambda rate: np.array([0.7, 0.7 / rate, 0.7, 2.0]),
        partial(_beta_likelihood, modified),
        partial(_beta_alive, modified),
        partial(_beta_purchases, modified),
    )


FORMULAS = {
    "BG/NBD": _by_chance(False),
    "MBG/NBD": _by_chance(True),
    "Pareto/NBD": Formulas(
        ("r", "alpha", "s", "beta"),
        lambda rate: np.array([0.7, 0.7 / rate, 0.7, 1.0]),
        _pareto_likelihood,
        _pareto_alive,
        _pareto_purchases,
    ),
}
