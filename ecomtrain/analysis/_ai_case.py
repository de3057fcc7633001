"""Whether a bot in front of the service desk pays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError


def ai_case(
    chats: float,
    containment: Any,
    *,
    cost_person: float,
    cost_bot: float,
    fixed: float = 0.0,
    rework: float = 0.0,
    csat_person: float | None = None,
    csat_bot: float | None = None,
    value_of_csat: float = 0.0,
) -> pd.DataFrame:
    """Work out what an AI first line costs and brings, by how many chats it settles alone (AI客服投入产出).

    Parameters
    ----------
    chats : float
        Chats in a month.
    containment : float or sequence of float
        Share of the chats that the bot settles alone; several for several cases, such as the value and the
        ends of the interval from `response_metrics`.
    cost_person, cost_bot : float
        Cost of a chat that a person handles, and of one that the bot takes, in yuan.
    fixed : float, default 0
        Cost of the bot in a month whatever it does (licence, upkeep of its answers), in yuan.
    rework : float, default 0
        Extra work of a person on a chat handed over by the bot, as a share of a chat (0.2 is a fifth more).
    csat_person, csat_bot : float, optional
        Share of satisfied customers after a person, and after the bot alone.
    value_of_csat : float, default 0
        What one more satisfied customer is worth, in yuan.

    Returns
    -------
    DataFrame
        One row per containment: ``containment``, ``bot_chats``, ``person_chats``, ``cost_before``,
        ``cost_after``, ``saving``, ``csat_before``, ``csat_after``, ``csat_value`` (yuan; below 0 where
        satisfaction falls), ``net`` (yuan a month), ``break_even`` (the containment from which net is above
        0; NaN where more of it does not help).

    Raises
    ------
    CourseError
        If a share is not between 0 and 1, a cost is negative, or `value_of_csat` comes without both
        satisfactions.

    Notes
    -----
    Everybody meets the bot first: cost after = fixed + chats · (cost_bot + (1 - c)(1 + rework) cost_person).
    What persons save is money only if fewer hours are paid for them. The bot settles the easy chats, so those
    that are left take longer than the average one: put that into `rework`. The numbers follow from what was
    assumed; the interval is that of the assumptions.

    Examples
    --------
    >>> found = ai_case(20_000, [0.2, 0.5], cost_person=4, cost_bot=0.3, fixed=15_000, rework=0.1,
    ...                 csat_person=0.9, csat_bot=0.8, value_of_csat=5)
    >>> found[["containment", "cost_before", "cost_after", "saving", "csat_value", "net"]].round(0)
       containment  cost_before  cost_after   saving  csat_value      net
    0          0.0      80000.0     91400.0 -11400.0     -2000.0 -13400.0
    1          0.0      80000.0     65000.0  15000.0     -5000.0  10000.0
    >>> ai_case(20_000, 50, cost_person=4, cost_bot=0.3)
    Traceback (most recent call last):
        ...
    CourseError: service.ai_case: containment holds 50; give fractions such as 0.5.
    """
    where = "service.ai_case"
    share = np.atleast_1d(np.asarray(containment, dtype=float))
    for name, values in {"containment": share, "csat_person": csat_person, "csat_bot": csat_bot}.items():
        for value in [] if values is None else np.atleast_1d(values):
            if not 0 <= value <= 1:
                raise CourseError(f"{where}: {name} holds {value:g}; give fractions such as 0.5.")
    amounts = {"chats": chats, "cost_person": cost_person, "cost_bot": cost_bot, "fixed": fixed}
    for name, value in (amounts | {"rework": rework, "value_of_csat": value_of_csat}).items():
        if not 0 <= value < np.inf:
            raise CourseError(f"{where}: {name} is {value}; give a number of 0 or above.")
    if value_of_csat and (csat_person is None or csat_bot is None):
        raise CourseError(f"{where}: value_of_csat needs csat_person and csat_bot; give both.")
    happy, happy_bot = (np.nan if csat is None else float(csat) for csat in (csat_person, csat_bot))
    handled = (1 + rework) * cost_person
    before = float(chats * cost_person)
    after = fixed + chats * (cost_bot + (1 - share) * handled)
    csat_after = share * happy_bot + (1 - share) * happy
    value = chats * (csat_after - happy) * value_of_csat if value_of_csat else np.zeros(len(share))
    # Net is a straight line in the containment: what each settled chat brings, less what the bot costs.
    gain = chats * (handled + (value_of_csat * (happy_bot - happy) if value_of_csat else 0))
    lost = fixed + chats * (cost_bot + rework * cost_person)
    return pd.DataFrame(
        {
            "containment": share,
            "bot_chats": chats * share,
            "person_chats": chats * (1 - share),
            "cost_before": before,
            "cost_after": after,
            "saving": before - after,
            "csat_before": happy,
            "csat_after": csat_after,
            "csat_value": value,
            "net": before - after + value,
            "break_even": lost / gain if gain > 0 else np.nan,
        }
    )
