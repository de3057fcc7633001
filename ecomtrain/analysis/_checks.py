"""What several analyses ask of their input: the shop's clock, half-open windows, one currency, whole ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError, require_times

SHOP_TZ = "Asia/Shanghai"


def moment(value: Any, aware: bool, where: str) -> pd.Timestamp:
    """Read `value` as a moment on the shop's clock, aware or naive as the column it is compared with."""
    try:
        time: Any = pd.Timestamp(value)
    except (TypeError, ValueError):
        time = pd.NaT
    if time is pd.NaT:
        raise CourseError(f"{where}: {value!r} is not a date; give one such as '2026-06-01'.")
    time = time.tz_localize(SHOP_TZ) if time.tzinfo is None else time.tz_convert(SHOP_TZ)
    return time if aware else time.tz_localize(None)


def window(start: Any, end: Any, where: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the half-open window ``[start, end)`` on the shop's clock; raise if it is empty."""
    first, last = moment(start, True, where), moment(end, True, where)
    if first >= last:
        raise CourseError(
            f"{where}: the window [{start}, {end}) is empty; its end must come after its start."
        )
    return first, last


def between(times: Any, start: Any, end: Any, where: str) -> Any:
    """Which of `times` lie in ``[start, end)``; NaT lies nowhere."""
    require_times(times, where)
    aware = times.dt.tz is not None
    return (times >= moment(start, aware, where)) & (times < moment(end, aware, where))


def days(times: Any, where: str) -> Any:
    """Calendar day of each of `times` on the shop's clock, as tz-naive midnights."""
    require_times(times, where)
    local = times if times.dt.tz is None else times.dt.tz_convert(SHOP_TZ).dt.tz_localize(None)
    return local.dt.normalize()


def require_same_clock(where: str, **columns: Any) -> None:
    """Raise if some of the time columns know their zone and others do not."""
    for name, times in columns.items():
        require_times(times.rename(name), where)
    aware = [name for name, times in columns.items() if times.dt.tz is not None]
    if aware and len(aware) < len(columns):
        naive = next(name for name in columns if name not in aware)
        raise CourseError(
            f"{where}: {aware[0]} has a time zone and {naive} has none. "
            f"Give it one first, for example with .dt.tz_localize('{SHOP_TZ}')."
        )


def require_one(frame: Any, column: str, where: str) -> None:
    """Raise if `frame` holds more than one shop, or more than one currency, in `column`."""
    found = sorted(map(str, frame[column].dropna().unique())) if column in frame else []
    if len(found) > 1:
        raise CourseError(
            f"{where}: the frame holds {len(found)} values of '{column}' ({', '.join(found[:3])}"
            f"{', …' if len(found) > 3 else ''}), which do not add up. "
            f"Choose one first, for example with frame[frame['{column}'] == '{found[0]}']."
        )


def require_ids(frame: Any, columns: Iterable[str], where: str) -> None:
    """Raise if an id was read as a float too large to be exact: a 19-digit id would be another one."""
    for column in columns:
        if getattr(frame[column].dtype, "kind", "O") == "f" and (frame[column].abs() >= 2**53).any():
            raise CourseError(
                f"{where}: column '{column}' holds long ids as floats, which have lost their last digits. "
                f"Read the file again with dtype={{'{column}': 'Int64'}} or 'str'."
            )


def require_not_negative(frame: Any, columns: Iterable[str], where: str) -> None:
    """Raise if a quantity is negative: what came back belongs in the table of returns."""
    for column in columns:
        count = int((frame[column] < 0).sum())
        if count:
            raise CourseError(
                f"{where}: column '{column}' is negative in {count} row(s). Take them out first, "
                f"for example with frame[frame['{column}'] >= 0]; goods that came back belong in returns."
            )


def people(ids: Any) -> Any:
    """Code each id as one person, and each missing id as a person of its own (a guest)."""
    codes = pd.factorize(ids)[0]
    guests = codes < 0
    codes[guests] = codes.max(initial=-1) + 1 + np.arange(guests.sum())
    return codes


def plain(frame: Any, key: str | list[str] | None = None) -> Any:
    """Copy of `frame` without categorical columns, and with each `key` once.

    A categorical column groups by every category it may hold and joins badly with one that has others.
    """
    columns = {
        name: pd.Series(
            pd.array(column.cat.categories).take(column.cat.codes.to_numpy(), allow_fill=True), frame.index
        )
        for name, column in frame.items()
        if isinstance(column.dtype, pd.CategoricalDtype)
    }
    frame = frame.assign(**columns)
    keys = [key] if isinstance(key, str) else key
    if keys and set(keys) <= set(frame.columns):
        frame = frame.drop_duplicates(keys)
    return frame.reset_index(drop=True)


def require_same_ids(column: str, where: str, *tables: Any) -> None:
    """Raise if `column` holds numbers in one table and text in another: nothing would match."""
    kinds = {"numbers" if getattr(table[column].dtype, "kind", "O") in "iuf" else "text" for table in tables}
    if len(kinds) > 1:
        raise CourseError(
            f"{where}: '{column}' holds numbers in one table and text in another, so no row would match. "
            f"Read both alike, for example with .astype({{'{column}': 'str'}})."
        )
