"""What every analysis of an experiment asks of its arms, and the columns that it answers with."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecomtrain.errors import CourseError

COLUMNS = [
    "control",
    "treatment",
    "n_control",
    "n_treatment",
    "change",
    "change_low",
    "change_high",
    "relative_change",
    "relative_low",
    "relative_high",
    "p",
]


def by_arm(frame: pd.DataFrame, arm: str, control: Any, where: str) -> dict[Any, pd.DataFrame]:
    """Rows of each arm; the control and one more must be there."""
    no_gaps(frame[arm], where)
    arms = dict(list(frame.groupby(arm)))
    if control not in arms:
        names = ", ".join(map(str, arms)) or "none"
        raise CourseError(f"{where}: control='{control}' is not an arm; the arms are {names}.")
    if len(arms) < 2:
        raise CourseError(f"{where}: the frame holds the control only; a treatment arm is needed.")
    return arms


def no_gaps(values: Any, where: str) -> None:
    """Raise if an arm or an outcome is missing: leaving units out would undo the randomisation."""
    count = int(values.isna().sum())
    if count:
        raise CourseError(
            f"{where}: column '{values.name}' is missing in {count} row(s). Drop the rows outside the "
            f"experiment, and say what a gap means in the others, for example with .fillna(0)."
        )
