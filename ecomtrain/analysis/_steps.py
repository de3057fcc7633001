"""The five steps of an A/B test, from the plan to the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._power import sample_size
from ecomtrain.errors import CourseError, require

__all__ = ["FiveSteps", "five_steps"]

SIDES = ("higher", "lower")


@dataclass(frozen=True)
class FiveSteps:
    """The five steps of a test in `table`, what it showed in `result`, and what follows from it."""

    table: pd.DataFrame
    result: pd.DataFrame
    decision: str
    reason: str


def five_steps(
    frame: pd.DataFrame,
    *,
    hypothesis: str,
    baseline: float,
    change: float,
    success: str = "success",
    arm: str = "arm",
    control: Any = "control",
    guardrails: Mapping[str, str] | None = None,
    expected: Mapping[Any, float] | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> FiveSteps:
    """Walk an A/B test of a share through its five steps, and decide only where one may (AB测试5步法).

    Parameters
    ----------
    frame : DataFrame
        One row per randomised unit of two arms: its arm, and whether it succeeded (bool, or 0 and 1).
    hypothesis : str
        What is expected and why, in a sentence written before the test.
    baseline : float
        Share of successes known from before, such as 0.10.
    change : float
        Smallest relative change that matters: 0.1 is +10 %, -0.1 one that should fall.
    success, arm : str
        The columns.
    control : label, default "control"
        The arm to compare with.
    guardrails : mapping of str to {"higher", "lower"}, optional
        Columns (bool, or 0 and 1) that must not get worse, each with the side that is good:
        ``{"refunded": "lower"}``.
    expected : mapping, optional
        Arm to its planned share; equal by default.
    alpha, power : float
        As in `sample_size`.

    Returns
    -------
    FiveSteps
        ``table``: ``step`` (1 to 5), ``name``, ``told`` (a sentence), ``ok`` (bool). ``result``: the columns
        of `compare_rates`, one row per metric, the primary one first; without rows where nothing may be read.
        ``decision``: "void" (the lots are broken), "wait" (too few units), "adopt", "keep" (the control) or
        "no difference shown"; ``reason``, a sentence.

    Raises
    ------
    CourseError
        If a column is missing, there are not two arms, or the plan or a guardrail is not allowed.

    Notes
    -----
    1 hypothesis and smallest effect, 2 primary metric and guardrails, 3 units per arm, 4 random split and its
    check (`sample_ratio`), 5 test and decision [1]_. A test is read once, at the planned size: read daily, it
    finds something in nothing (`peeking`, `always_valid`). A guardrail counts as hurt where its interval lies
    wholly on the bad side; one that is not hurt is not thereby proved unhurt.

    References
    ----------
    .. [1] R. Kohavi, D. Tang, Y. Xu (2020), Trustworthy Online Controlled Experiments, Cambridge University
       Press, ch. 2, 3 and 21.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["control"] * 2000 + ["treatment"] * 2000,
    ...                       "success": ([1] * 4 + [0] * 16) * 100 + ([1] * 5 + [0] * 15) * 100})
    >>> plan = {"hypothesis": "A shorter page is read to the end", "baseline": 0.2, "change": 0.25}
    >>> found = five_steps(frame, **plan)
    >>> found.decision
    'adopt'
    >>> five_steps(frame.iloc[1700:2300], **plan).reason
    'treatment has 300 of 1,094 planned units, control 300 of 1,094.'
    >>> five_steps(frame, **{**plan, "change": 0})
    Traceback (most recent call last):
        ...
    CourseError: experiment.five_steps: change is 0; give the smallest relative change that would matter.
    """
    from ecomtrain.analysis.experiment import compare_rates, sample_ratio

    where = "experiment.five_steps"
    guards = dict(guardrails or {})
    require(frame, [arm, success, *guards], where)
    for column, side in guards.items():
        if side not in SIDES or column == success:
            raise CourseError(
                f"{where}: guardrail '{column}' is {side!r}; say which side is good, higher or lower."
            )
    if not change:
        raise CourseError(
            f"{where}: change is {change!r}; give the smallest relative change that would matter."
        )
    arms = pd.Series(frame[arm].to_numpy(dtype=object, na_value=None), name=arm)
    try:
        split = sample_ratio(arms, expected).iloc[0]
    except CourseError as refusal:
        raise CourseError(f"{where}: {str(refusal).partition(': ')[2]}") from None
    counts = arms.value_counts()
    others = [name for name in (counts.index if expected is None else expected) if name != control]
    if len(others) != 1 or control not in counts.index:
        names = ", ".join(map(str, counts.index))
        raise CourseError(
            f"{where}: two arms are needed, one of them control='{control}'; the arms are {names}."
        )
    treatment = others[0]
    ratio = 1.0 if expected is None else expected[treatment] / expected[control]
    try:
        plan = sample_size(baseline, change=change, alpha=alpha, power=power, ratio=ratio).iloc[0]
        rows = {column: compare_rates(
            frame, arm=arm, success=column, control=control, level=1 - alpha
        ).iloc[0] for column in (success, *guards)}  # fmt: skip
    except CourseError as refusal:
        raise CourseError(f"{where}: {str(refusal).partition(': ')[2]}") from None
    result = pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="metric"))
    sizes = {control: int(plan["n_control"]), treatment: int(plan["n_treatment"])}
    enough = all(int(counts.get(name, 0)) >= size for name, size in sizes.items())
    told_size = f"{treatment} has {counts.get(treatment, 0):,} of {sizes[treatment]:,} planned units, "
    told_size += f"{control} {counts[control]:,} of {sizes[control]:,}"
    fair = not bool(split["mismatch"])
    told_split = f"{control} has {_percent(counts[control] / len(frame))} of the units, "
    told_split += f"{_percent(1 / (1 + ratio))} were planned ({_p(split['p'])})"
    if not fair:
        decision = "void"
        reason = f"The lots are broken: {told_split}. Find where units were lost; read nothing."
    elif not enough:
        decision, reason = "wait", f"{told_size}."
    else:
        decision, reason = _decided(result, guards, success, change, alpha)
    read = decision not in ("void", "wait")
    watched = ", ".join(f"{column} ({side} is good)" for column, side in guards.items())
    aim = f"{hypothesis.rstrip('.')}: {success} from {_percent(baseline)} to {_percent(plan['treatment'])}"
    table = pd.DataFrame(
        {
            "step": np.arange(1, 6),
            "name": ["hypothesis", "metric", "size", "split", "test"],
            "told": [
                f"{aim} or further.",
                f"Primary: {success}. Guardrails: {watched or 'none'}.",
                f"{told_size}.",
                f"{told_split}.",
                reason if read else "Not read.",
            ],
            "ok": [True, True, enough, fair, read],
        }
    )
    return FiveSteps(table, result if read else result.iloc[:0], decision, reason)


def _decided(
    result: pd.DataFrame, guards: Mapping[str, str], success: str, change: float, alpha: float
) -> tuple[str, str]:
    """Say what a test that may be read tells to do."""
    row = result.loc[success]
    low, high = row["change_low"], row["change_high"]
    seen = f"{success} {_percent(row['control'])} to {_percent(row['treatment'])}"
    ends = [f"{100 * row[name]:+.0f}" for name in ("relative_change", "relative_low", "relative_high")]
    if row["relative_low"] == row["relative_low"]:
        seen += f", that is {ends[0]} % ({ends[1]} to {ends[2]} %)"
    seen = f"{seen}, {_p(row['p'])}".replace("-", "−")
    hurt = [
        column
        for column, side in guards.items()
        if (
            result.loc[column, "change_high"] < 0
            if side == "higher"
            else result.loc[column, "change_low"] > 0
        )
    ]
    # p and interval come from two formulas; a decision asks for both.
    clear = bool(row["p"] <= alpha and (low > 0 or high < 0))
    if hurt:
        return "keep", f"{', '.join(hurt)} got worse; {seen}."
    if not clear:
        return "no difference shown", f"{seen}; the interval holds 0."
    wanted = (row["change"] > 0) == (change > 0)
    return ("adopt", f"{seen}.") if wanted else ("keep", f"{seen}, the wrong way.")


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _p(value: float) -> str:
    return "p below 0.001" if value < 0.001 else f"p {value:.2g}"
