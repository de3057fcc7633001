"""Shifts: how many agents each half-hour needs, and the fewest people who can fill them within the law."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis._checks import between, days, plain, require_not_negative, window
from ecomtrain.analysis._queues import agents_needed
from ecomtrain.analysis._tree import no_gaps, once
from ecomtrain.errors import CourseError, require, require_level, require_numeric, require_times

DAY, WEEK = 24, 7
WEEKS_A_MONTH = 365 / 12 / WEEK
HOURS_A_DAY, OVERTIME_A_DAY, OVERTIME_A_MONTH = 8, 3, 36  # Labour Law of the PRC, articles 36 and 41


def staffing(
    chats: pd.DataFrame,
    start: Any,
    end: Any,
    *,
    hours: tuple[int, int] = (8, 23),
    minutes: int = 30,
    by_weekday: bool = False,
    handlers: Sequence[str] = ("person", "assist"),
    level: float = 0.95,
    **needed: Any,
) -> pd.DataFrame:
    """Agents needed in each half-hour of the day, from the chats of past days (排班需求).

    Parameters
    ----------
    chats : DataFrame
        One row per round: ``ts`` (time), ``handler``, ``handling_seconds`` (work on it; missing where nobody
        answered).
    start, end : date
        Half-open window ``[start, end)``; days without a chat count as days.
    hours : tuple of two ints, default (8, 23)
        Hours of the day ``[first, last)`` in Shanghai.
    minutes : int, default 30
        Length of an interval; it must divide an hour or be whole hours.
    by_weekday : bool, default False
        Whether each day of the week has a curve of its own.
    handlers : sequence of str, default ("person", "assist")
        Rounds of which handlers need a person.
    level : float, default 0.95
        Confidence level.
    **needed
        Passed to `agents_needed`: ``target``, ``service_level``, ``shrinkage``, ``concurrency`` and so on.

    Returns
    -------
    DataFrame
        One row per interval (and ``weekday``, 0 is Monday): ``hour`` (8.5 is 8:30), ``days``, ``rounds``
        (mean of a day), ``low``, ``high`` (of that mean), ``aht`` (seconds, mean of all rounds), ``load``,
        ``agents``, ``service_level``, ``occupancy``, ``staff``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, the window is empty, no round tells its handling time, or
        `hours` or `minutes` are no span.

    Notes
    -----
    The mean of the days (t interval over days) goes into `agents_needed`. Rounds that nobody answered are
    counted: leaving them out would staff for the customers who got through. One handling time is used for
    all intervals. A mean day is not the busiest: half of the days need more, and a promotion far more.

    Examples
    --------
    >>> chats = pd.DataFrame({"ts": pd.date_range("2026-06-01 09:00", periods=120, freq="min"),
    ...     "handler": "person", "handling_seconds": 300})
    >>> found = staffing(chats, "2026-06-01", "2026-06-02", hours=(9, 11), minutes=60)
    >>> found[["hour", "days", "rounds", "load", "agents"]]
       hour  days  rounds  load  agents
    0   9.0     1    60.0   5.0       8
    1  10.0     1    60.0   5.0       8
    >>> staffing(chats, "2026-06-01", "2026-06-02", hours=(9, 11), minutes=7)
    Traceback (most recent call last):
        ...
    CourseError: service.staffing: minutes is 7; give a part of an hour such as 30, or whole hours.
    """
    where = "service.staffing"
    require_level(level, where)
    require(chats, ["ts", "handler", "handling_seconds"], where)
    first, last = hours
    if not 0 <= first < last <= DAY:
        raise CourseError(f"{where}: hours={hours} is no span of a day; give two hours such as (8, 23).")
    if minutes < 1 or (60 % minutes and minutes % 60) or (last - first) * 60 % minutes:
        raise CourseError(
            f"{where}: minutes is {minutes}; give a part of an hour such as 30, or whole hours."
        )
    opens, closes = window(start, end, where)
    rows = plain(chats[["ts", "handler", "handling_seconds"]])
    require_times(rows["ts"], where)
    require_numeric(rows, ["handling_seconds"], where)
    no_gaps(rows, ["ts", "handler"], where)
    require_not_negative(rows, ["handling_seconds"], where)
    rows = rows[between(rows["ts"], start, end, where) & rows["handler"].isin(list(handlers))]
    day = days(rows["ts"], where)
    local = rows["ts"] if rows["ts"].dt.tz is None else rows["ts"].dt.tz_convert("Asia/Shanghai")
    slot = ((local.dt.hour - first) * 60 + local.dt.minute) // minutes
    inside = local.dt.hour.between(first, last - 1).to_numpy()
    seconds = rows["handling_seconds"].to_numpy(dtype=float, na_value=np.nan)
    if not (seconds > 0).any():
        raise CourseError(f"{where}: no round tells its handling_seconds; without them there is no load.")
    calendar = pd.date_range(
        opens.tz_localize(None).normalize(), closes.tz_localize(None) - pd.Timedelta(1, "ns"), freq="D"
    )
    slots = (last - first) * 60 // minutes
    place = (day[inside] - calendar[0]).dt.days.to_numpy() * slots + slot[inside].to_numpy()
    counts = np.bincount(place, minlength=len(calendar) * slots).reshape(len(calendar), slots)
    weekday = calendar.day_of_week.to_numpy() if by_weekday else np.zeros(len(calendar), "int64")
    group = pd.DataFrame(counts.astype(float)).groupby(weekday)
    mean, spread, size = (getattr(group, how)().stack(future_stack=True) for how in ("mean", "std", "count"))  # noqa: PD013
    half = stdtrit(np.maximum(size - 1, 1), 0.5 + level / 2) * spread / np.sqrt(size)
    half = half.where(half > 0)
    need = agents_needed(mean.to_numpy(), float(np.nanmean(seconds)), interval=minutes * 60, **needed)
    table = pd.DataFrame(
        {
            "weekday": mean.index.get_level_values(0),
            "hour": first + mean.index.get_level_values(1) * minutes / 60,
            "days": size.to_numpy(),
            "rounds": mean.to_numpy(),
            "low": (mean - half).clip(lower=0).to_numpy(),
            "high": (mean + half).to_numpy(),
        }
    )
    table = pd.concat([table, need[["aht", "load", "agents", "service_level", "occupancy", "staff"]]], axis=1)
    return table if by_weekday else table.drop(columns="weekday")


@dataclass(frozen=True)
class Roster:
    """The fewest people who cover the demand, and whether their hours are within the law.

    Attributes
    ----------
    table : DataFrame
        One row per group of people who work the same: ``first_day`` (day of the cycle, from 0, on which their
        working days begin), ``start``, ``end`` (hours; past 24 is the next morning), ``people``.
    cover : DataFrame
        One row per day (from 0, a Monday where the demand has weekdays) and interval: ``day``, ``hour``,
        ``demand``, ``on_duty``, ``over`` (on duty less demand).
    law : DataFrame
        ``rule``, ``value``, ``limit``, ``met`` (bool).
    pattern : str
        Days on and days off in turn.
    people : int
        People in the roster.
    spare : float
        Share of the hours on duty that the demand does not need (fraction).
    optimal : bool
        Whether it is proven that fewer people cannot do.
    """

    table: pd.DataFrame
    cover: pd.DataFrame
    law: pd.DataFrame
    pattern: str
    people: int
    spare: float
    optimal: bool


def roster(
    demand: pd.DataFrame,
    pattern: str = "3+3",
    *,
    shift_hours: float = 8,
    starts: Sequence[float] | None = None,
    need: str = "staff",
    week_limit: float = 44,
    time_limit: float = 20,
) -> Roster:
    """Fewest people who cover the demand with days on and off in turn (排班).

    Parameters
    ----------
    demand : DataFrame
        One row per interval of the day, as from `staffing`: ``hour``, `need` (people at work), and
        ``weekday`` (0 is Monday) where the days differ.
    pattern : str, default "3+3"
        Days on and days off in turn: ``"3+3"``, ``"5+2"``, ``"6+1"``.
    shift_hours : float, default 8
        Hours of a shift, paid and at work.
    starts : sequence of float, optional
        Hours at which a shift may begin; by default every whole hour from which it ends before closing time,
        or all of them where the demand goes round the clock.
    need : str, default "staff"
        Column of the people needed.
    week_limit : float, default 44
        Hours a week, on average.
    time_limit : float, default 20
        Seconds to search; after them the best roster found is given, and `optimal` is False.

    Returns
    -------
    Roster
        ``.table``, ``.cover``, ``.law``, ``.people``, ``.spare``, ``.optimal``.

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, an interval stands twice, the pattern is none, or no
        shift reaches an interval that needs someone.

    Notes
    -----
    Whole people in groups (first day of the cycle, start of the shift) so that every interval is covered, by
    mixed integer programming (HiGHS). All shifts are of one length, so fewest people and fewest idle hours
    are the same aim. Law: 8 hours a day and 44 a week on average (Labour Law of the PRC, art. 36), one day
    off in seven (art. 38), overtime at most 3 hours a day and 36 a month (art. 41); by the State Council's
    rule of 1995 the standard week is 40 hours, and what goes beyond is paid as overtime: ``week_limit=40``.
    The course's outline says "3+3" without saying of what; here it is three days on and three off.

    Examples
    --------
    >>> demand = pd.DataFrame({"hour": range(8, 24), "staff": [1] * 4 + [2] * 8 + [1] * 4})
    >>> found = roster(demand, "3+3")
    >>> found.people, round(found.spare, 3), found.optimal
    (6, 0.0, True)
    >>> found.law.head(2)
                          rule  value  limit   met
    0              hours a day    8.0    8.0  True
    1  hours a week on average   28.0   44.0  True
    >>> roster(demand, "3 and 3")
    Traceback (most recent call last):
        ...
    CourseError: service.roster: pattern='3 and 3' is none; give days on and days off, such as '3+3'.
    """
    where = "service.roster"
    on, cycle = _pattern(pattern, where)
    if not 0 < shift_hours <= DAY:
        raise CourseError(f"{where}: shift_hours is {shift_hours}; give hours above 0 and up to 24.")
    weekly = "weekday" in demand if hasattr(demand, "columns") else False
    keys = ["weekday", "hour"] if weekly else ["hour"]
    require(demand, [*keys, need], where)
    rows = plain(demand[[*keys, need]])
    require_numeric(rows, [*keys, need], where)
    no_gaps(rows, [*keys, need], where)
    require_not_negative(rows, [need], where)
    rows = once(rows, keys, where)
    if rows.duplicated(keys).any() or not rows["hour"].between(0, DAY, inclusive="left").all():
        raise CourseError(f"{where}: column 'hour' must hold each hour of the day, from 0 to 24, once.")
    if weekly and not rows["weekday"].isin(range(WEEK)).all():
        raise CourseError(f"{where}: column 'weekday' must hold 0 (Monday) to 6.")
    hour = np.unique(rows["hour"].to_numpy(float))
    step = float(np.diff(hour).min()) if len(hour) > 1 else 1.0
    horizon = lcm(cycle, WEEK) if weekly else cycle
    day = np.arange(horizon)
    wanted = np.zeros((horizon, len(hour)))
    for weekday in range(WEEK) if weekly else [None]:
        part = rows if weekday is None else rows[rows["weekday"] == weekday]
        wide = np.zeros(len(hour))
        wide[np.searchsorted(hour, part["hour"])] = part[need].to_numpy(float)
        wanted[slice(None) if weekday is None else day % WEEK == weekday] = wide
    begins = _starts(hour, step, shift_hours, starts, where)
    # Whether a shift that begins at each start is at work in each interval: of its own day, and of the next.
    today = (begins[:, None] <= hour) & (hour < begins[:, None] + shift_hours - 1e-9)
    tomorrow = hour + DAY < begins[:, None] + shift_hours - 1e-9
    works = (day[:, None] - np.arange(cycle)) % cycle < on
    before = (day[:, None] - 1 - np.arange(cycle)) % cycle < on
    reach = np.einsum("dp,st->dtps", works, today) + np.einsum("dp,st->dtps", before, tomorrow)
    reach = reach.reshape(horizon * len(hour), cycle * len(begins)).astype(float)
    people, optimal = _fewest(reach, wanted.ravel(), hour, time_limit, where)
    duty = (reach @ people).reshape(horizon, len(hour))
    at = np.indices(duty.shape)
    cover = pd.DataFrame(
        {
            "day": at[0].ravel(),
            "hour": hour[at[1].ravel()],
            "demand": wanted.ravel(),
            "on_duty": duty.ravel(),
            "over": (duty - wanted).ravel(),
        }
    )
    used = np.flatnonzero(people)
    first, start = np.divmod(used, len(begins))
    paid = people.sum() * on * shift_hours * horizon / cycle
    return Roster(
        table=pd.DataFrame(
            {
                "first_day": first,
                "start": begins[start],
                "end": begins[start] + shift_hours,
                "people": people[used].astype("int64"),
            }
        ),
        cover=cover,
        law=_law(on, cycle, shift_hours, week_limit),
        pattern=f"{on}+{cycle - on}",
        people=int(people.sum()),
        spare=float(1 - wanted.sum() * step / paid) if paid else float("nan"),
        optimal=optimal,
    )


def _pattern(pattern: str, where: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d?)\+(\d\d?)", str(pattern).replace(" ", ""))
    if not found:
        raise CourseError(f"{where}: pattern='{pattern}' is none; give days on and days off, such as '3+3'.")
    return int(found[1]), int(found[1]) + int(found[2])


def _starts(hour: Any, step: float, shift: float, starts: Sequence[float] | None, where: str) -> Any:
    """Hours at which shifts may begin."""
    if not len(hour):
        raise CourseError(f"{where}: the demand has no rows; give one for each interval of the day.")
    if starts is not None:
        given = np.unique(np.asarray(list(starts), dtype=float))
        if not len(given) or not ((given >= 0) & (given < DAY)).all():
            raise CourseError(f"{where}: starts is {starts!r}; give hours of the day such as [8, 9, 15].")
        return given
    opens, closes = float(hour[0]), float(hour[-1]) + step
    if closes - opens >= DAY:
        return np.arange(float(DAY))
    return np.unique([*np.arange(opens, closes - shift + 1e-9), max(closes - shift, opens)])


def _fewest(reach: Any, wanted: Any, hour: Any, time_limit: float, where: str) -> tuple[Any, bool]:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    asked = wanted > 0
    if not asked.any():
        return np.zeros(reach.shape[1]), True
    alone = np.flatnonzero(asked & ~reach.any(axis=1))
    if len(alone):
        raise CourseError(
            f"{where}: no shift reaches {hour[alone[0] % len(hour)]:g} h, which needs {wanted[alone[0]]:g}. "
            f"Let one begin earlier or later with starts=."
        )
    # Days that ask for the same with the same groups at work need be written once.
    rows = np.unique(np.column_stack([reach[asked], np.ceil(wanted[asked] - 1e-9)]), axis=0)
    found = milp(
        np.ones(reach.shape[1]),
        constraints=LinearConstraint(csr_array(rows[:, :-1]), rows[:, -1], np.inf),
        integrality=np.ones(reach.shape[1]),
        bounds=Bounds(0, np.inf),
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise CourseError(f"{where}: no roster was found in {time_limit} seconds; give more time_limit.")
    return np.round(found.x), found.status == 0


def _law(on: int, cycle: int, shift: float, week_limit: float) -> pd.DataFrame:
    """Hours against the Labour Law of the PRC."""
    a_week = on / cycle * WEEK
    in_seven = max(int(((np.arange(WEEK) + at) % cycle < on).sum()) for at in range(cycle))
    regular = min(shift, HOURS_A_DAY) * a_week
    overtime = max(shift - HOURS_A_DAY, 0) * a_week + max(regular - week_limit, 0)
    rules = [
        ("hours a day", shift, HOURS_A_DAY),
        ("hours a week on average", shift * a_week, week_limit),
        ("working days in any seven", in_seven, WEEK - 1),
        ("overtime hours a day", max(shift - HOURS_A_DAY, 0), OVERTIME_A_DAY),
        ("overtime hours a month", overtime * WEEKS_A_MONTH, OVERTIME_A_MONTH),
    ]
    table = pd.DataFrame(rules, columns=["rule", "value", "limit"]).astype({"value": float, "limit": float})
    table["met"] = table["value"] <= table["limit"] + 1e-9
    return table.astype({"rule": "str"})
