"""Waiting lines: how long callers wait for so many agents, and how many agents it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain
from ecomtrain.errors import CourseError, require_numeric

NODES, PANELS = np.polynomial.legendre.leggauss(32), 24
GONE = 45.0  # exp(-45) is beyond the last digit of a number of order one
MOST = 100_000  # agents; more is a slip in the units


def erlang_c(
    calls: Any, aht: Any, agents: Any, *, interval: float = 1800, target: float = 20
) -> pd.DataFrame:
    """Work out the waiting where calls come at random and nobody gives up (Erlang C, 爱尔兰C).

    Parameters
    ----------
    calls : number or array-like
        Calls (chats, tickets) in an interval, 0 or more.
    aht : number or array-like
        Average handling time of one, in seconds.
    agents : integer or array-like
        Agents at work; those of three arrays are matched one by one, a single number with all.
    interval : float, default 1800
        Length of the interval, in seconds.
    target : float, default 20
        A wait up to this many seconds is in time.

    Returns
    -------
    DataFrame
        One row per combination: ``calls``, ``aht``, ``agents``, ``load`` (agents' worth of work, in Erlang),
        ``occupancy`` (load / agents, 1 at most), ``p_wait`` (share that waits), ``service_level`` (share
        answered within `target`), ``asa`` (average wait of all, seconds; NaN where the queue grows for ever),
        ``stable`` (bool: more agents than load).

    Raises
    ------
    CourseError
        If a number is missing, negative or no number, `agents` is not whole, or lengths differ.

    Notes
    -----
    A = calls / interval · aht. B(k) = A B(k - 1) / (k + A B(k - 1)) from B(0) = 1, which never leaves 0 to 1
    where factorials overflow; P(wait) = B / (1 - ρ (1 - B)) with ρ = A / N; service level =
    1 - P(wait) exp(-(N - A) target / aht); ASA = P(wait) aht / (N - A) [1]_. With N ≤ A the queue has no end:
    everybody waits, ever longer. Real callers hang up (`erlang_a`) and call again, and calls come in waves:
    these numbers are what the model says, without sampling error, not what the day will bring.

    References
    ----------
    .. [1] L. Kleinrock (1975), Queueing Systems, vol. 1, Wiley, ch. 3.

    Examples
    --------
    >>> erlang_c(100, 180, [10, 13, 14]).round(3)
       calls    aht  agents  load  occupancy  p_wait  service_level     asa  stable
    0  100.0  180.0      10  10.0      1.000   1.000          0.000     NaN   False
    1  100.0  180.0      13  10.0      0.769   0.285          0.796  17.116    True
    2  100.0  180.0      14  10.0      0.714   0.174          0.888   7.836    True
    >>> erlang_c(100, 180, 0)
    Traceback (most recent call last):
        ...
    CourseError: service.erlang_c: agents holds 0; give whole numbers of 1 or above.
    """
    where = "service.erlang_c"
    frame = _given(where, interval, target, calls=calls, aht=aht, agents=agents)
    n, work = frame["agents"].to_numpy(), frame["load"].to_numpy()
    rate = frame["calls"].to_numpy() / interval
    frame["occupancy"] = np.minimum(work / n, 1)
    known = _waiting(work, n, _loss(work, n))
    frame["p_wait"] = known
    with np.errstate(divide="ignore", invalid="ignore"):
        # Free agents over the handling time; without calls nobody waits, whatever it is.
        spare = np.where(work > 0, (n - work) * rate / work, 1.0)
        stable = n > work
        frame["service_level"] = np.where(stable, 1 - known * np.exp(-np.maximum(spare, 0) * target), 0.0)
        frame["asa"] = np.where(stable, known / spare, np.nan)
    frame["stable"] = stable
    return frame


def erlang_a(
    calls: Any, aht: Any, agents: Any, patience: Any, *, interval: float = 1800, target: float = 20
) -> pd.DataFrame:
    """Work out the waiting where callers hang up when they have waited too long (Erlang A, 爱尔兰A).

    Parameters
    ----------
    calls, aht, agents, interval, target
        As for `erlang_c`.
    patience : number or array-like
        Average time, in seconds, that a caller would wait before hanging up.

    Returns
    -------
    DataFrame
        As `erlang_c`, without ``stable``: with ``patience``, ``p_wait`` (share that finds no agent free),
        ``service_level`` (share of all callers answered within `target`), ``asa`` (average wait of all
        callers, those who hang up too, seconds), ``abandoned`` (share that hangs up), ``occupancy``.

    Raises
    ------
    CourseError
        As for `erlang_c`, and if a patience is not above 0.

    Notes
    -----
    Patience is exponential with mean 1/θ. The wait of someone with endless patience has the density
    v(x) ∝ exp(λ (1 - exp(-θx)) / θ - N μ x) next to the chance of none [1]_; hanging up is the integral of
    (1 - exp(-θx)) v, answered within T that of exp(-θx) v up to T, taken by Gauss-Legendre to the last
    digits. Any number of agents is stable: who hangs up makes room. So a high service level can be bought
    with callers lost; read it beside ``abandoned``. As patience grows the results become those of Erlang C.

    References
    ----------
    .. [1] A. Mandelbaum, S. Zeltyn (2007), Service engineering in action: the Palm/Erlang-A queue, in
       Advances in Services Innovations, Springer, 17-45.

    Examples
    --------
    >>> found = erlang_a(100, 180, [8, 14], patience=120)
    >>> found[["agents", "p_wait", "service_level", "asa", "abandoned"]].round(3)
       agents  p_wait  service_level     asa  abandoned
    0       8   0.723          0.403  30.958      0.258
    1      14   0.127          0.933   2.741      0.023
    >>> erlang_a(100, 180, 14, patience=0)
    Traceback (most recent call last):
        ...
    CourseError: service.erlang_a: patience holds 0; give numbers above 0.
    """
    where = "service.erlang_a"
    frame = _given(where, interval, target, calls=calls, aht=aht, agents=agents, patience=patience)
    n, work = frame["agents"].to_numpy(), frame["load"].to_numpy()
    quiet = work == 0
    # Where nobody calls nobody waits; a call that is not there would be divided by.
    arrive = np.where(quiet, 1.0, frame["calls"].to_numpy() / interval)
    load = np.where(quiet, 1.0, work)
    serve, leave = n * arrive / load, 1 / frame["patience"].to_numpy()

    def log_density(x: Any) -> Any:
        up, down, off = (v[:, None] for v in (arrive, serve, leave))
        return up * -np.expm1(-off * x) / off - down * x

    # The density is highest where the patient ones who are left arrive as fast as they are served.
    peak = np.log(np.maximum(arrive / serve, 1)) / leave
    top = log_density(peak[:, None])[:, 0]
    near, far = peak, peak + (arrive / leave + GONE) / serve
    for _ in range(200):
        middle = (near + far) / 2
        still = log_density(middle[:, None])[:, 0] > top - GONE
        near, far = np.where(still, middle, near), np.where(still, far, middle)

    def integral(end: Any, *terms: Any) -> list[Any]:
        nodes, weights = NODES
        steps = ((nodes + 1) / 2 + np.arange(PANELS)[:, None]).ravel() / PANELS
        x = end[:, None] * steps
        mass = np.exp(log_density(x) - top[:, None]) * np.tile(weights, PANELS) * end[:, None] / (2 * PANELS)
        return [(mass * term(leave[:, None] * x)).sum(axis=1) for term in terms]

    whole, lost = integral(far, np.ones_like, lambda x: -np.expm1(-x))
    (soon,) = integral(np.minimum(far, target), lambda x: np.exp(-x))
    # Loss of n - 1 agents over one: the weight of the states in which nobody is free against the others.
    # Whichever of the two is the larger is taken as one, so that neither overflows.
    weight = np.log(np.maximum(_loss(load, n - 1), 1e-300)) + top
    free, full = np.exp(-np.maximum(weight, 0)), arrive * np.exp(np.minimum(weight, 0))
    total = free + full * whole
    for name, part in {
        "p_wait": full * whole,
        "service_level": free + full * soon,
        "asa": full * lost / leave,
        "abandoned": full * lost,
    }.items():
        frame[name] = np.where(quiet, float(name == "service_level"), part / total)
    frame["occupancy"] = frame["load"] * (1 - frame["abandoned"]) / n
    return frame


def agents_needed(
    calls: Any,
    aht: Any,
    *,
    interval: float = 1800,
    target: float = 20,
    service_level: float = 0.8,
    max_occupancy: float = 1.0,
    shrinkage: float = 0.0,
    concurrency: int = 1,
    patience: Any = None,
) -> pd.DataFrame:
    """Fewest agents that answer so many in time (坐席数).

    Parameters
    ----------
    calls, aht, interval, target
        As for `erlang_c`.
    service_level : float, default 0.8
        Share that must be answered within `target`, between 0 and 1.
    max_occupancy : float, default 1.0
        Most that an agent may be busy, above 0 and up to 1; people last at 0.85 or less.
    shrinkage : float, default 0.0
        Share of the paid time in which an agent is not at work on calls (breaks, training, illness).
    concurrency : int, default 1
        Chats that an agent holds at a time; `aht` is then that of one of several, and longer.
    patience : number or array-like, optional
        As for `erlang_a`, which is then used; without it nobody hangs up (Erlang C).

    Returns
    -------
    DataFrame
        As `erlang_c` (or `erlang_a`) for the fewest ``agents``, and ``staff`` (agents / (1 - shrinkage),
        rounded up). Nobody is needed where nobody calls.

    Raises
    ------
    CourseError
        As for `erlang_c`, and if a share is out of its range or more than 100,000 agents would be needed.

    Notes
    -----
    With concurrency c an agent counts as c servers, each busy for `aht` [1]_: that the handling time does not
    grow with c is an illusion, so measure it at that c. Staff is rounded up once, at the end.

    References
    ----------
    .. [1] J. Luo, J. Zhang (2013), Staffing and control of instant messaging contact centers, Oper. Res.
       61(2), 328-343.

    Examples
    --------
    >>> found = agents_needed([100, 0], 180, shrinkage=0.3)
    >>> found[["calls", "agents", "service_level", "occupancy", "staff"]].round(3)
       calls  agents  service_level  occupancy  staff
    0  100.0      14          0.888      0.714     20
    1    0.0       0            NaN        NaN      0
    >>> agents_needed(100, 180, service_level=80)
    Traceback (most recent call last):
        ...
    CourseError: service.agents_needed: service_level is 80; give a fraction such as 0.8.
    """
    where = "service.agents_needed"
    for name, value, fits, example in (
        ("service_level", service_level, 0 < service_level < 1, "0.8"),
        ("max_occupancy", max_occupancy, 0 < max_occupancy <= 1, "0.85"),
        ("shrinkage", shrinkage, 0 <= shrinkage < 1, "0.3"),
    ):
        if not fits:
            raise CourseError(f"{where}: {name} is {value}; give a fraction such as {example}.")
    if concurrency < 1 or concurrency != int(concurrency):
        raise CourseError(f"{where}: concurrency is {concurrency}; give a whole number of 1 or above.")
    extra = {} if patience is None else {"patience": patience}
    frame = _given(where, interval, target, calls=calls, aht=aht, **extra)
    work = frame["load"].to_numpy()
    if (work > MOST / 2).any():
        raise CourseError(f"{where}: the load is {work.max():,.0f} agents; check the units of calls and aht.")

    pace = target / frame["aht"].to_numpy()
    agents = _fewest(work, pace, service_level, max_occupancy, concurrency)
    if patience is None:
        table = erlang_c(frame["calls"], frame["aht"], agents * concurrency, interval=interval, target=target)
    else:

        def found(agents: Any) -> pd.DataFrame:
            given = frame["calls"], frame["aht"], agents * concurrency, frame["patience"]
            return erlang_a(*given, interval=interval, target=target)

        def enough(agents: Any) -> Any:
            table = found(agents)
            return (table["service_level"] >= service_level) & (table["occupancy"] <= max_occupancy)

        # Mostly fewer do than where nobody hangs up; more agents never answer fewer in time, so halve.
        few = np.zeros(len(frame), "int64")
        while not (good := enough(agents)).all():
            few, agents = np.where(good, few, agents), np.where(good, agents, 2 * agents)
        while (agents - few > 1).any():
            middle = np.maximum((few + agents) // 2, 1)
            good = enough(middle)
            few, agents = np.where(good, few, middle), np.where(good, np.minimum(agents, middle), agents)
        table = found(agents)
    table["agents"] = np.where(work > 0, agents, 0)
    numbers = [name for name in ("occupancy", "p_wait", "service_level", "asa", "abandoned") if name in table]
    table.loc[work == 0, numbers] = np.nan
    # 14 / 0.7 is 20 and not 21, whatever the last digit of the quotient says.
    table["staff"] = np.ceil(np.round(table["agents"] / (1 - shrinkage), 9)).astype("int64")
    return table.drop(columns="stable", errors="ignore")


def _fewest(work: Any, pace: Any, service_level: float, max_occupancy: float, concurrency: int) -> Any:
    """Fewest agents where nobody hangs up, by one walk of the recursion; `pace` is target / handling time."""
    lost, agents, k = np.ones(len(work)), np.zeros(len(work), "int64"), 0
    while not agents.all():
        k += 1
        lost = work * lost / (k + work * lost)
        if k % concurrency == 0:
            late = _waiting(work, k, lost) * np.exp(-np.maximum(k - work, 0) * pace)
            good = (k > work) & (1 - late >= service_level) & (work <= max_occupancy * k)
            agents[(agents == 0) & good] = k // concurrency
    return agents


def _loss(work: Any, agents: Any) -> Any:
    """Erlang B for each pair, by the recursion that never overflows."""
    lost = np.ones(len(work))
    kept = np.where(agents == 0, lost, np.nan)
    for k in range(1, int(np.max(agents, initial=0)) + 1):
        lost = work * lost / (k + work * lost)
        kept = np.where(agents == k, lost, kept)
    return kept


def _waiting(work: Any, agents: Any, lost: Any) -> Any:
    """Erlang C from Erlang B; everybody waits where the load is all that the agents can do."""
    return np.where(agents > work, lost / (1 - np.minimum(work / agents, 1) * (1 - lost)), 1.0)


def _given(where: str, interval: float, target: float, **columns: Any) -> pd.DataFrame:
    """Numbers as columns of equal length, checked, with the load."""
    if not interval > 0 or not target >= 0:
        raise CourseError(
            f"{where}: interval is {interval} and target is {target}; give seconds above 0 and from 0 on."
        )
    arrays = {name: np.ndim(values) > 0 for name, values in columns.items()}
    sizes = {len(columns[name]) for name, many in arrays.items() if many}
    if len(sizes) > 1:
        told = ", ".join(f"{name} {len(columns[name])}" for name, many in arrays.items() if many)
        raise CourseError(f"{where}: lengths differ ({told}); give one number or as many for each.")
    size = sizes.pop() if sizes else 1
    frame = plain(
        pd.DataFrame(
            {
                name: pd.Series(values).reset_index(drop=True) if arrays[name] else pd.Series([values] * size)
                for name, values in columns.items()
            }
        )
    )
    require_numeric(frame, [name for name in frame if size], where)
    frame = frame.astype(float)
    for name in frame:
        whole, least = name == "agents", name != "calls"
        values = frame[name].to_numpy()
        wrong = ~np.isfinite(values) | (values <= 0 if least else values < 0)
        wrong |= (values != np.round(values)) | (values > MOST) if whole else False
        if wrong.any():
            asked = "whole numbers of 1 or above" if whole else "numbers above 0" if least else "0 or above"
            raise CourseError(f"{where}: {name} holds {values[wrong][0]:g}; give {asked}.")
    if "agents" in frame:
        frame["agents"] = frame["agents"].astype("int64")
    frame["load"] = frame["calls"] * frame["aht"] / interval
    return frame
