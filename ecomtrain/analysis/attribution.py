"""Attribution (渠道归因): which channels a sale is owed to, under one rule after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._chain import removal_effects, require_chain, transitions
from ecomtrain.analysis._journeys import Journeys, credit, journeys, met, weights
from ecomtrain.analysis._spans import duration
from ecomtrain.errors import CourseError, nearest, require_level

__all__ = ["MODELS", "attribute", "compare", "removal_effects", "transitions"]

MODELS = ("first", "last", "last_non_direct", "linear", "time_decay", "position", "markov", "shapley")


def attribute(
    touchpoints: pd.DataFrame,
    model: str = "markov",
    *,
    journey: str = "journey_id",
    time: str = "ts",
    channel: str = "channel",
    converted: str = "converted",
    value: str | None = None,
    half_life: str = "7D",
    position: tuple[float, float, float] = (0.4, 0.2, 0.4),
    direct: Any = "direct",
    seed: int | None = None,
    draws: int = 200,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share the conversions out among the channels that led to them, by one rule (归因).

    Parameters
    ----------
    touchpoints : DataFrame
        One row per contact: `journey`, `time` (datetime), `channel`, `converted` (bool, or 1 and 0) and, if
        given, `value`. A journey counts as one conversion if one of its contacts is marked as converted.
    model : str, default "markov"
        ``"first"``, ``"last"``, ``"last_non_direct"``, ``"linear"``, ``"time_decay"``, ``"position"``,
        ``"markov"`` or ``"shapley"``.
    journey, time, channel, converted : str
        The columns.
    value : str, optional
        A column of money, to be shared out too. It is added up over a journey, so let it stand with one
        contact only.
    half_life : str, default "7D"
        For time_decay: a contact this long before the last one of its journey counts half as much.
    position : tuple of three numbers, default (0.4, 0.2, 0.4)
        For position: what the first contact, all middle ones together and the last one get.
    direct : label, default "direct"
        For last_non_direct: the channel that gets the credit only if there is no other.
    seed : int, optional
        Draws the journeys again `draws` times, for the interval of the share; without it there is none.
    draws : int, default 200
        Number of draws.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per channel, by name: ``journeys`` (in which it was met), ``conversions`` (credited; add up to
        all conversions), ``share`` (fraction; NaN if nothing converted), ``low``, ``high`` (NaN without
        `seed`); with `value` also ``value``, ``value_share``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a time is missing, `model` is none of these, there are
        two shops or currencies, or model is markov and no journey ended without a conversion.

    Notes
    -----
    A rule for giving credit, not a measure of cause: whoever is shown an ad because they were about to buy
    makes it look good under all eight. What an ad caused is told by `channels.incremental_return`.

    Linear gives each contact 1/n, time_decay weighs it by 2^(-days before the last / half-life). Position
    gives a single contact all, and of two each its part of first and last. Markov takes the journeys for a
    chain that moves from channel to channel, and credits each with the conversions that are lost if every
    move to it ends in nothing (`removal_effects`) [1]_; it is solved exactly, not by simulation. Shapley
    takes the channels for players: a set of them wins the conversions of all journeys that met no other
    channel. The average over all orders of joining comes out as an equal part for each channel of a journey,
    however often it was met [2]_, so it is exact for any number of channels. Contacts of one journey at one
    moment are put in order by name, the converted one last. Rows without a journey are left out; a missing
    channel is named.

    References
    ----------
    .. [1] E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann (2016), Mapping the customer journey,
       International Journal of Research in Marketing 33(3), 457-474.
    .. [2] K. Zhao, S. H. Mahboobi, S. R. Bagheri (2018), Shapley value methods for attribution modeling in
       online advertising, arXiv:1804.05327.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=6)
    >>> touchpoints = pd.DataFrame({"journey_id": [1, 1, 1, 2, 3, 3], "ts": day,
    ...                             "channel": ["C1", "C2", "C3", "C1", "C2", "C3"],
    ...                             "converted": [False, False, True, False, False, False]})
    >>> attribute(touchpoints)[["journeys", "conversions", "share"]].round(3)
             journeys  conversions  share
    channel
    C1              2          0.2    0.2
    C2              2          0.4    0.4
    C3              2          0.4    0.4
    >>> attribute(touchpoints, "last")["share"].tolist()
    [0.0, 0.0, 1.0]
    >>> attribute(touchpoints, "markow")
    Traceback (most recent call last):
        ...
    CourseError: attribution.attribute: there is no model 'markow'; choose one of ... Did you mean 'markov'?
    """
    where = "attribution.attribute"
    require_level(level, where)
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise CourseError(f"{where}: draws is {draws}; give a whole number, such as 200.")
    j = journeys(
        touchpoints, where, journey=journey, time=time, channel=channel, converted=converted, value=value
    )
    weight = _rule(j, model, half_life, position, direct, where)
    given = credit(j, model, weight)
    table = pd.DataFrame(
        {
            "journeys": np.bincount(j.channel[met(j)], minlength=len(j.names)),
            "conversions": given[:, 0],
            "share": _shares(given)[:, 0],
        },
        index=pd.Index(j.names, name=channel),
    )
    table["low"], table["high"] = np.nan, np.nan
    if seed is not None and len(table) and j.converted.any():
        rng, n = np.random.default_rng(seed), len(j.first)
        found = np.stack(
            [
                _shares(credit(j, model, weight, np.bincount(rng.integers(n, size=n), minlength=n) * 1.0))
                for _ in range(draws)
            ]
        )[:, :, 0]
        # A draw without any conversion has no shares; it says nothing of how they spread.
        found = found[np.isfinite(found).all(axis=1)]
        if len(found):
            table["low"], table["high"] = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    if value:
        table["value"], table["value_share"] = given[:, 1], _shares(given)[:, 1]
    return table


def compare(
    touchpoints: pd.DataFrame,
    models: Sequence[str] = MODELS,
    *,
    measure: str = "share",
    journey: str = "journey_id",
    time: str = "ts",
    channel: str = "channel",
    converted: str = "converted",
    value: str | None = None,
    half_life: str = "7D",
    position: tuple[float, float, float] = (0.4, 0.2, 0.4),
    direct: Any = "direct",
) -> pd.DataFrame:
    """Credit of each channel under several rules side by side (归因模型对比).

    Parameters
    ----------
    touchpoints, journey, time, channel, converted, value, half_life, position, direct
        As for `attribute`.
    models : sequence of str
        The rules, of those of `attribute`; all eight by default.
    measure : str, default "share"
        ``"share"`` or ``"conversions"``; with `value` also ``"value"`` or ``"value_share"``.

    Returns
    -------
    DataFrame
        One row per channel, by name, and one column per rule: fractions, conversions or money.

    Raises
    ------
    CourseError
        As `attribute`, or if `measure` is another one or no model is given.

    Notes
    -----
    Where the rules agree, the choice of rule does not matter; where they do not, none of them is the truth.
    See `attribute` for what they do, why none tells a cause, and for the interval of a share.

    Examples
    --------
    >>> day = pd.date_range("2026-06-01", periods=6)
    >>> touchpoints = pd.DataFrame({"journey_id": [1, 1, 1, 2, 3, 3], "ts": day,
    ...                             "channel": ["C1", "C2", "C3", "C1", "C2", "C3"],
    ...                             "converted": [False, False, True, False, False, False]})
    >>> compare(touchpoints, ["first", "linear", "markov"]).round(2)
             first  linear  markov
    channel
    C1         1.0    0.33     0.2
    C2         0.0    0.33     0.4
    C3         0.0    0.33     0.4
    >>> compare(touchpoints, [])
    Traceback (most recent call last):
        ...
    CourseError: attribution.compare: models is empty; give one or more of first, last, ...
    """
    where = "attribution.compare"
    models = [models] if isinstance(models, str) else list(models)
    if not models:
        raise CourseError(f"{where}: models is empty; give one or more of {', '.join(MODELS)}.")
    measures = ["conversions", "share", *(["value", "value_share"] if value else [])]
    if measure not in measures:
        lacking = " Name the column of money with value=." if str(measure).startswith("value") else ""
        raise CourseError(f"{where}: measure is {measure!r}; choose one of {', '.join(measures)}.{lacking}")
    j = journeys(
        touchpoints, where, journey=journey, time=time, channel=channel, converted=converted, value=value
    )
    found = {}
    for model in models:
        given = credit(j, model, _rule(j, model, half_life, position, direct, where))
        found[model] = (_shares(given) if measure.endswith("share") else given)[
            :, int(measure.startswith("value"))
        ]
    return pd.DataFrame(found, index=pd.Index(j.names, name=channel))


def _rule(
    j: Journeys, model: str, half_life: str, position: Any, direct: Any, where: str
) -> np.ndarray | None:
    """Check the model and what it needs; its credit per contact, None for the chain."""
    if model not in MODELS:
        raise CourseError(
            f"{where}: there is no model {model!r}; choose one of {', '.join(MODELS)}."
            f"{nearest(model, MODELS)}"
        )
    if model == "markov":
        require_chain(j, where)
        return None
    try:
        parts = [float(part) for part in position]
    except (TypeError, ValueError):
        parts = []
    if len(parts) != 3 or not all(0 <= part < np.inf for part in parts) or not parts[0] + parts[2] > 0:
        raise CourseError(
            f"{where}: position is {position!r}; give three parts for the first contact, the middle ones and "
            "the last, such as (0.4, 0.2, 0.4)."
        )
    days = duration(half_life, "half_life", where) / pd.Timedelta(days=1)
    return weights(j, model, days, parts, direct)


def _shares(given: np.ndarray) -> np.ndarray:
    """Parts of the total of each column; NaN where that is 0."""
    total = given.sum(axis=0)
    return given / np.where(total == 0, np.nan, total)
