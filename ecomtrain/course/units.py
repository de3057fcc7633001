"""The units of the claims, and how a value is told in each."""

from __future__ import annotations

import math

__all__ = ["UNITS", "told"]

# Factor, suffix, number format.
UNITS = {
    "relative": (100, " %", "+.1f"),
    "share": (100, " %", ".1f"),
    "points": (100, " points", "+.1f"),
    "ratio": (1, " times", ".2f"),
    "seconds": (1, " seconds", ".1f"),
    "days": (1, " days", ".1f"),
    "USD trn": (1, " USD trn", ".1f"),
    "CNY bn": (1, " CNY bn", ".0f"),
}


def told(unit: str, value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return a value with its interval in its unit: 16.4 % (15.2 to 17.1 %).

    Examples
    --------
    >>> told("relative", 0.164, 0.152, 0.171), told("points", 0.04)
    ('+16.4 % (+15.2 to +17.1 %)', '+4.0 points')
    """
    factor, suffix, form = UNITS[unit]
    numbers = [format(factor * number, form) for number in (value, low, high)]
    interval = "" if math.isnan(low) or math.isnan(high) else f" ({numbers[1]} to {numbers[2]}{suffix})"
    return f"{numbers[0]}{suffix}{interval}"
