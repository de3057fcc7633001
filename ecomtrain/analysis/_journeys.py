"""Journeys as arrays: the contacts in order, the credit that a rule gives them, and the chain they make."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_ids, require_one
from ecomtrain.analysis._sources import UNKNOWN
from ecomtrain.errors import CourseError, require, require_numeric, require_times

CHANNELS = 2000  # the chain of more takes minutes and gigabytes


class Journeys(NamedTuple):
    """Contacts one after the other, journey by journey; `names` are those of the channels, sorted."""

    names: list[Any]
    channel: np.ndarray  # of each contact, a place in `names`
    row: np.ndarray  # of each contact, its journey
    wait: np.ndarray  # of each contact, days until the last one of its journey
    first: np.ndarray  # of each journey, the place of its first contact
    last: np.ndarray
    converted: np.ndarray  # of each journey, 0 or 1
    value: np.ndarray


class Chain(NamedTuple):
    """The journeys as a first-order Markov chain; the last axis of three is (conversions, value)."""

    moves: np.ndarray  # from channel to channel
    begins: np.ndarray
    ends: np.ndarray  # channel x (converted, not converted)
    reach: np.ndarray  # probability that a journey ever comes to the channel
    onward: np.ndarray  # expected conversions and value of a journey that stands there
    total: np.ndarray  # the same of a journey at its start
    removal: np.ndarray  # share of the total that is lost without the channel


def journeys(
    touchpoints: Any,
    where: str,
    *,
    journey: str,
    time: str,
    channel: str,
    converted: str,
    value: str | None = None,
) -> Journeys:
    """Put the contacts in order; see `attribution.attribute` for the rules."""
    columns = list(dict.fromkeys([journey, time, channel, converted, *([value] if value else [])]))
    require(touchpoints, columns, where)
    for one in ("shop", "currency"):
        if one != channel:
            require_one(touchpoints, one, where)
    require_ids(touchpoints, [journey], where)
    known = [name for name in ("touchpoint_id",) if name in touchpoints and name not in columns]
    frame = plain(touchpoints[[*columns, *known]], "touchpoint_id" if known else None)
    require_numeric(frame, [converted, *([value] if value else [])], where)
    require_times(frame[time], where)
    frame = frame[frame[journey].notna()] if frame[journey].hasnans else frame
    if frame[time].hasnans:
        raise CourseError(
            f"{where}: column '{time}' is missing in {int(frame[time].isna().sum())} row(s), so their place "
            "in the journey is unknown. Drop them first."
        )
    bought = frame[converted].to_numpy(dtype=float, na_value=0.0)
    if ((bought != 0) & (bought != 1)).any():
        odd = bought[(bought != 0) & (bought != 1)][0]
        raise CourseError(f"{where}: column '{converted}' holds {odd:g}; give true or false, or 1 or 0.")
    labels = frame[channel]
    labels = labels.astype(object).where(labels.notna(), UNKNOWN) if labels.hasnans else labels
    codes, found = pd.factorize(labels)
    by_name = sorted(range(len(found)), key=lambda place: str(found[place]))
    names = [found[place] for place in by_name]
    rank = np.empty(len(found), dtype=np.int64)
    rank[by_name] = np.arange(len(found))
    contact, row = rank[codes], _codes(frame[journey])
    moment = frame[time].dt.as_unit("us").astype("int64").to_numpy()
    worth = frame[value].to_numpy(dtype=float, na_value=0.0) if value else np.zeros(len(frame))
    ahead = np.diff(row) if len(row) else np.empty(0)
    if not ((ahead > 0) | ((ahead == 0) & (np.diff(moment) > 0))).all():
        order = np.lexsort((contact, bought, moment, row))
        contact, row, moment, bought, worth = (x[order] for x in (contact, row, moment, bought, worth))
    first = np.flatnonzero(np.diff(row, prepend=-1))
    last = np.append(first[1:], len(row)) - 1 if len(row) else first
    sold = (np.bincount(row, weights=bought) > 0).astype(float) if len(row) else np.empty(0)
    wait = (moment[last][row] - moment) / 86_400e6
    amount = np.bincount(row, weights=worth) if len(row) else np.empty(0)
    return Journeys(names, contact, row, wait, first, last, sold, amount * sold)


def _codes(ids: Any) -> np.ndarray:
    """Give each journey a number, in the order of the rows."""
    values = ids.to_numpy()
    # Ids that ascend, as they do in most files, need no hash table.
    if values.dtype.kind in "iu" and len(values) and not (values[1:] < values[:-1]).any():
        return np.cumsum(np.concatenate([[0], values[1:] != values[:-1]]))
    return pd.factorize(ids)[0]


def met(j: Journeys) -> np.ndarray:
    """Tell which contacts are the first with their channel in their journey."""
    pair = j.row.astype(np.int64) * len(j.names) + j.channel
    cells = len(j.first) * len(j.names)
    if cells > 50 * len(pair):
        return ~pd.Index(pair).duplicated()
    # A table of the place of each pair is faster than hashing; written backwards it keeps the first.
    place, first = np.arange(len(pair)), np.empty(cells, dtype=np.int64)
    first[pair[::-1]] = place[::-1]
    found: np.ndarray = first[pair] == place
    return found


def weights(j: Journeys, model: str, half_life: float, position: Any, direct: Any) -> np.ndarray:
    """Credit of each contact by a rule; the contacts of a journey share 1."""
    place = np.arange(len(j.channel))
    size = (j.last - j.first + 1)[j.row]
    if model == "first":
        raw = (place == j.first[j.row]).astype(float)
    elif model == "last":
        raw = (place == j.last[j.row]).astype(float)
    elif model == "last_non_direct":
        named = np.array([name != direct for name in j.names], dtype=bool)[j.channel]
        chosen = np.maximum.reduceat(np.where(named, place, -1), j.first) if len(place) else place
        raw = (place == np.where(chosen >= 0, chosen, j.last)[j.row]).astype(float)
    elif model == "linear":
        raw = np.ones(len(place))
    elif model == "time_decay":
        raw = np.exp2(-j.wait / half_life)
    elif model == "position":
        start, middle, end = position
        raw = np.where(size > 2, middle / np.maximum(size - 2, 1), 0.0)
        raw = np.where(place == j.first[j.row], start, raw)
        raw = np.where(place == j.last[j.row], np.where(size == 1, 1.0, end), raw)
    else:  # shapley: each channel of the journey alike, however often it was met
        raw = met(j).astype(float)
    return raw / np.bincount(j.row, weights=raw)[j.row] if len(place) else raw


def chain(j: Journeys, times: np.ndarray | None = None) -> Chain:
    """Solve the chain exactly; `times` says how often each journey counts."""
    k = len(j.names)
    each = None if times is None else times[j.row[:-1]]
    weight = np.ones(len(j.first)) if times is None else times
    inside = np.diff(j.row) == 0
    pair = (j.channel[:-1] * k + j.channel[1:])[inside]
    moves = np.bincount(pair, weights=None if each is None else each[inside], minlength=k * k)
    moves = moves.reshape(k, k).astype(float)
    begins = np.bincount(j.channel[j.first], weights=weight, minlength=k)
    end = j.channel[j.last]
    sold, worth, all_ = (
        np.bincount(end, weights=x * weight, minlength=k) for x in (j.converted, j.value, 1.0)
    )
    out = np.maximum(moves.sum(axis=1) + all_, 1e-300)[:, None]
    # Visits to each channel from each channel; every journey ends, so the inverse exists.
    visits = np.linalg.inv(np.eye(k) - moves / out)
    onward = visits @ (np.column_stack([sold, worth]) / out)
    start = begins / max(begins.sum(), 1e-300)
    reach = (start @ visits) / np.diag(visits)
    total = start @ onward
    with np.errstate(divide="ignore", invalid="ignore"):
        removal = np.where(total == 0, np.nan, reach[:, None] * onward / total)
    return Chain(moves, begins, np.column_stack([sold, all_ - sold]), reach, onward, total, removal)


def credit(j: Journeys, model: str, weight: np.ndarray | None, times: np.ndarray | None = None) -> np.ndarray:
    """Conversions and value credited to each channel: channel x (conversions, value)."""
    each = [x if times is None else x * times for x in (j.converted, j.value)]
    if model == "markov":
        removal = chain(j, times).removal
        with np.errstate(divide="ignore", invalid="ignore"):
            share = removal / removal.sum(axis=0)
        sums = np.array([x.sum() for x in each])
        return np.where(sums == 0, 0.0, np.where(np.isfinite(share), share, np.nan) * sums)
    return np.column_stack(
        [np.bincount(j.channel, weights=weight * x[j.row], minlength=len(j.names)) for x in each]
    )
