"""The chain behind Markov attribution: where journeys go from each channel, and what is lost without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecomtrain.analysis._journeys import CHANNELS, Journeys, chain, journeys
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require_level

START, SALE, NO_SALE = "(start)", "(conversion)", "(null)"


def removal_effects(
    touchpoints: pd.DataFrame,
    *,
    journey: str = "journey_id",
    time: str = "ts",
    channel: str = "channel",
    converted: str = "converted",
) -> pd.DataFrame:
    """Share of the conversions that is lost if a channel leads to nothing (移除效应).

    Parameters
    ----------
    touchpoints, journey, time, channel, converted
        As for `attribute`.

    Returns
    -------
    DataFrame
        One row per channel, by name, all of them probabilities: ``reach`` (a journey ever comes to it),
        ``conversion_rate`` (a journey that stands there converts), ``total_rate`` (any journey converts),
        ``rate_without`` (any journey converts if those that come to it do not), ``removal_effect``
        (1 - rate_without / total_rate; NaN if nothing converts) and ``share`` (of all effects).

    Raises
    ------
    CourseError
        As `attribute` with the model markov.

    Notes
    -----
    With Q the moves among the channels and R the moves to a conversion, (I - Q)^-1 R are the conversion rates
    from each channel on, exactly. A journey that comes to a channel converts from there on with its rate, so
    rate_without = total_rate - reach · conversion_rate [1]_. The effects overlap and add up to more than 1.
    They say what the chain loses, not what the shop would lose: customers go round a closed door. How far
    chance moves the shares is told by `attribute` with a seed.

    References
    ----------
    .. [1] J. G. Kemeny, J. L. Snell (1976), Finite Markov Chains, Springer, chapter III.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=6)
    >>> touchpoints = pd.DataFrame({"journey_id": [1, 1, 1, 2, 3, 3], "ts": day,
    ...                             "channel": ["C1", "C2", "C3", "C1", "C2", "C3"],
    ...                             "converted": [False, False, True, False, False, False]})
    >>> removal_effects(touchpoints)[["reach", "conversion_rate", "removal_effect", "share"]].round(3)
             reach  conversion_rate  removal_effect  share
    channel
    C1       0.667             0.25             0.5    0.2
    C2       0.667             0.50             1.0    0.4
    C3       0.667             0.50             1.0    0.4
    >>> removal_effects(touchpoints.iloc[:3])
    Traceback (most recent call last):
        ...
    CourseError: attribution.removal_effects: every journey converts, so ...
    """
    where = "attribution.removal_effects"
    j = journeys(touchpoints, where, journey=journey, time=time, channel=channel, converted=converted)
    require_chain(j, where)
    made = chain(j)
    effect, total = made.removal[:, 0], float(made.total[0])
    onward = made.onward[:, 0]
    table = pd.DataFrame({"reach": made.reach, "conversion_rate": onward, "total_rate": total})
    table["rate_without"] = np.maximum(total - made.reach * onward, 0.0)
    table["removal_effect"] = effect
    table["share"] = effect / effect.sum() if total else np.nan
    # Rounding leaves 1e-17 where no journey converts without the channel.
    table.loc[table["rate_without"] < 1e-12 * total, "rate_without"] = 0.0
    return table.set_axis(pd.Index(j.names, name=channel))


def transitions(
    touchpoints: pd.DataFrame,
    *,
    journey: str = "journey_id",
    time: str = "ts",
    channel: str = "channel",
    converted: str = "converted",
    level: float = 0.95,
) -> pd.DataFrame:
    """Count where a journey goes from each channel: to which one next, to a conversion, to nothing.

    Parameters
    ----------
    touchpoints, journey, time, channel, converted
        As for `attribute`.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per move that occurs, by name: ``from`` (a channel or ``"(start)"``), ``to`` (a channel,
        ``"(conversion)"`` or ``"(null)"``), ``count``, ``probability`` (of all moves from there), ``low``,
        ``high`` (Wilson).

    Raises
    ------
    CourseError
        As `attribute`.

    Notes
    -----
    The chain has no memory: where a journey goes next is taken to depend on where it stands, not on how it
    came there. The interval takes moves as independent; several are of one journey, so it is a little narrow.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=3)
    >>> touchpoints = pd.DataFrame({"journey_id": [1, 1, 2], "ts": day, "channel": ["C1", "C2", "C1"],
    ...                             "converted": [False, True, False]})
    >>> transitions(touchpoints)[["from", "to", "count", "probability"]]
          from            to  count  probability
    0  (start)            C1      2          1.0
    1       C1            C2      1          0.5
    2       C1        (null)      1          0.5
    3       C2  (conversion)      1          1.0
    >>> transitions(touchpoints, level=95)
    Traceback (most recent call last):
        ...
    CourseError: attribution.transitions: level is 95; give a fraction such as 0.95.
    """
    where = "attribution.transitions"
    require_level(level, where)
    j = journeys(touchpoints, where, journey=journey, time=time, channel=channel, converted=converted)
    _require_few(j, where)
    made = chain(j)
    counts = np.vstack([np.append(made.begins, [0, 0]), np.hstack([made.moves, made.ends])])
    sources, targets = np.nonzero(counts)
    found = counts[sources, targets].astype("int64")
    sums = counts.sum(axis=1)[sources].astype("int64")
    low, high = wilson(found, sums, level)
    names = np.array([START, *j.names], dtype=object), np.array([*j.names, SALE, NO_SALE], dtype=object)
    return pd.DataFrame(
        {
            "from": names[0][sources],
            "to": names[1][targets],
            "count": found,
            "probability": found / sums,
            "low": low,
            "high": high,
        }
    )


def _require_few(j: Journeys, where: str) -> None:
    if len(j.names) > CHANNELS:
        raise CourseError(
            f"{where}: {len(j.names)} channels are too many for a chain; group the rare ones, so that there "
            f"are {CHANNELS} at most."
        )


def require_chain(j: Journeys, where: str) -> None:
    """Raise if the chain would have too many channels, or nothing to tell good ones from bad ones by."""
    _require_few(j, where)
    if len(j.converted) and j.converted.all():
        raise CourseError(
            f"{where}: every journey converts, so the chain cannot tell what leads to nothing. Give the "
            "journeys without a conversion too, or choose another model."
        )
