"""What advertising brings for its money: return on spend, and ratios of two sums by group."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ecomtrain.analysis.intervals import ratio
from ecomtrain.errors import CourseError, require_level

ALL = "all"
RATIO = re.compile(r"\s*([\d.]+)\s*[:：]\s*([\d.]+)\s*")


def parse_ratio(text: Any) -> float:
    """Read a return on ad spend as it is written in reports: ``"1:8"``, ``"8"`` or ``"800%"``.

    Parameters
    ----------
    text : str or number
        Spend and revenue as ``"1:8"``, or revenue over spend as a number or a percentage.

    Returns
    -------
    float
        Revenue over spend (ROAS), yuan per yuan.

    Raises
    ------
    CourseError
        If `text` is none of these, has no spend, or could be meant either way (``"8:1"``).

    Notes
    -----
    What trade papers call "ROI 1:8" is a ROAS of 8: the goods have not been paid for yet. `returns_on_spend`
    gives the ROI.

    Examples
    --------
    >>> [parse_ratio(text) for text in ("1:8", "800%", "8")]
    [8.0, 8.0, 8.0]
    >>> parse_ratio("8:1")
    Traceback (most recent call last):
        ...
    CourseError: channels.parse_ratio: '8:1' can be meant either way; write the spend first, as in '1:8'.
    """
    where = "channels.parse_ratio"
    written = str(text)
    parts = RATIO.fullmatch(written)
    try:
        if parts:
            spend, revenue = map(float, parts.groups())
        else:
            percent = written.strip().removesuffix("%").removesuffix("％")
            spend, revenue = (1.0 if percent == written.strip() else 100.0), float(percent)
    except ValueError:
        spend, revenue = np.nan, np.nan
    if not (np.isfinite(revenue) and revenue >= 0 and np.isfinite(spend)):
        raise CourseError(f"{where}: {written!r} is not a return; give one such as '1:8', '8' or '800%'.")
    if spend == 0:
        raise CourseError(f"{where}: {written!r} has no spend; a return is revenue over spend, as in '1:8'.")
    if parts and revenue == 1 < spend:
        raise CourseError(
            f"{where}: {written!r} can be meant either way; write the spend first, as in '1:8'."
        )
    return revenue / spend


def returns_on_spend(
    spend: Any,
    revenue: Any,
    margin: float,
    *,
    by: Any = None,
    unit: Any = None,
    control: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return on ad spend, before and after the goods are paid for (ROAS, ROI).

    Parameters
    ----------
    spend, revenue : array-like of numbers
        What the ads cost and what is counted as theirs, in one currency; one value per row, such as a day.
    margin : float
        Gross margin rate of the goods, above 0 and at most 1.
    by : array-like, optional
        A label per row, such as the channel or the period; one row of the answer for each.
    unit : array-like, optional
        The independent unit of each row, such as its week; without it every row is one.
    control : label, optional
        A value of `by` to compare the others with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group, or one row "all": ``spend``, ``revenue`` (sums), ``n`` (units), ``roas``, ``low``,
        ``high`` (yuan per yuan), ``roi``, ``roi_low``, ``roi_high`` (fractions of the spend),
        ``break_even_roas``, ``contribution`` (margin less spend, in the currency). With `control` also
        ``relative_change``, ``relative_low``, ``relative_high`` (of the ROAS; −0.33 is −33 %) and
        ``marginal_roas``, ``marginal_low``, ``marginal_high`` (more revenue over more spend), all NaN in the
        row of the control.

    Raises
    ------
    CourseError
        If lengths differ, a number or label is missing, a spend is negative, `margin` is no such fraction, or
        `control` is no group.

    Notes
    -----
    ROAS = Σ revenue / Σ spend; ROI = (margin · Σ revenue − Σ spend) / Σ spend; they meet at the break-even
    ROAS 1 / margin. Intervals by the delta method over units [1]_; between groups on the logarithm, with the
    covariance of units that are in both. The marginal ROAS takes the control as what would have gone on, so
    compare periods of equal length. Attributed revenue is what the platform credits itself with; what the
    ads caused is told by `incremental_return`.

    References
    ----------
    .. [1] A. Deng, U. Knoblich, J. Lu (2018), Applying the Delta Method in Metric Analytics, KDD.

    Examples
    --------
    >>> spend, revenue = [100.0, 110, 200, 220], [1200.0, 1300, 1700, 1690]
    >>> table = returns_on_spend(spend, revenue, 0.2, by=["May", "May", "June", "June"], control="May")
    >>> table[["roas", "roi", "break_even_roas", "contribution", "marginal_roas"]].round(2)
           roas   roi  break_even_roas  contribution  marginal_roas
    June   8.07  0.61              5.0         258.0           4.24
    May   11.90  1.38              5.0         290.0            NaN
    >>> returns_on_spend(spend, revenue, 20)
    Traceback (most recent call last):
        ...
    CourseError: channels.returns_on_spend: margin is 20; give a fraction of the revenue, such as 0.3.
    """
    where = "channels.returns_on_spend"
    require_level(level, where)
    require_margin(margin, where)
    rows = side_by_side(where, spend=spend, revenue=revenue, by=by, unit=unit)
    not_negative(rows["spend"], where)
    table = ratios(rows, "revenue", "spend", control=control, level=level, where=where)
    table = table.rename(columns={"value": "roas", "marginal_value": "marginal_roas"})
    place = table.columns.get_loc("high") + 1
    for name, factor in (("roi", "roas"), ("roi_low", "low"), ("roi_high", "high")):
        table.insert(place, name, margin * table[factor] - 1)
        place += 1
    table.insert(place, "break_even_roas", 1 / margin)
    table.insert(place + 1, "contribution", margin * table["revenue"] - table["spend"])
    return table


def require_margin(margin: Any, where: str) -> None:
    """Raise unless `margin` is a gross margin rate above 0 and at most 1."""
    try:
        fits = 0 < float(margin) <= 1
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise CourseError(f"{where}: margin is {margin}; give a fraction of the revenue, such as 0.3.")


def ratios(
    rows: pd.DataFrame, numerator: str, denominator: str, *, control: Any, level: float, where: str
) -> pd.DataFrame:
    """Ratio of two sums for each group, with its interval over units, and the change against `control`.

    `rows` has ``by``, ``unit``, `numerator` and `denominator`, no gaps.
    """
    if not len(rows):
        raise CourseError(f"{where}: there is no row to count. Give one or more.")
    units = rows.groupby(["by", "unit"])[[numerator, denominator]].sum()
    groups = {name: part.droplevel("by") for name, part in units.groupby(level="by")}
    if control is not None and control not in groups:
        names = ", ".join(map(str, groups))
        raise CourseError(f"{where}: control={control!r} is not a group; the groups are {names}.")
    found = {}
    for name, part in groups.items():
        value = ratio(part[numerator], part[denominator], level=level)
        found[name] = {
            **part.sum().to_dict(),
            **{"n": len(part), "value": value.value, "low": value.low, "high": value.high},
        }
        if control is not None and name != control:
            found[name] |= _against(part, groups[control], level)
    sums = [name for name in rows.columns if name in (numerator, denominator)]
    columns = [*sums, "n", "value", "low", "high", *(CHANGES if control is not None else [])]
    table = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    return table.astype({name: "float64" for name in CHANGES if name in table})


CHANGES = [
    *("relative_change", "relative_low", "relative_high"),
    *("marginal_value", "marginal_low", "marginal_high"),
]


def _against(part: pd.DataFrame, base: pd.DataFrame, level: float) -> dict[str, float]:
    """Compare a group with the control: relative change of the ratio, and ratio of the changes.

    Both frames have the numerator and the denominator of each unit.
    """
    made = dict.fromkeys(CHANGES, np.nan)
    n = min(len(part), len(base))
    reach = float(stdtrit(n - 1, 0.5 + level / 2)) if n > 1 else np.nan
    (y, x), (y0, x0) = (frame.to_numpy().T for frame in (part, base))

    def error(mine: np.ndarray, theirs: np.ndarray) -> float:
        # A unit that is in both groups moves both ratios; its two parts are added up before squaring.
        moves = [
            pd.Series((move - move.mean()) * np.sqrt(len(move) / max(len(move) - 1, 1)), index)
            for move, index in ((mine, part.index), (theirs, base.index))
        ]
        return float(np.sqrt((moves[0].sub(moves[1], fill_value=0.0) ** 2).sum()))

    if x.sum() != 0 and x0.sum() != 0 and y0.sum() != 0:
        value, other = y.sum() / x.sum(), y0.sum() / x0.sum()
        made["relative_change"] = float(value / other - 1)
        if value > 0 and other > 0:
            se = error((y - value * x) / y.sum(), (y0 - other * x0) / y0.sum())
            if se > 1e-12:
                made["relative_low"] = float(value / other * np.exp(-reach * se) - 1)
                made["relative_high"] = float(value / other * np.exp(reach * se) - 1)
    more = x.sum() - x0.sum()
    if more != 0:
        marginal = (y.sum() - y0.sum()) / more
        made["marginal_value"] = float(marginal)
        se = error((y - marginal * x) / more, (y0 - marginal * x0) / more)
        if se > 1e-12 * abs(marginal):
            made["marginal_low"] = float(marginal - reach * se)
            made["marginal_high"] = float(marginal + reach * se)
    return made


def side_by_side(where: str, *, by: Any, unit: Any, **numbers: Any) -> pd.DataFrame:
    """Put the arguments side by side, by position; a label "all" and a unit per row where none are given."""
    given = {name: _column(values) for name, values in numbers.items()}
    first, values = next(iter(given.items()))
    for other, more in given.items():
        if len(values) != len(more):
            raise CourseError(
                f"{where}: {first} has {len(values)} value(s) and {other} {len(more)}; give one per row."
            )
    for name, column in given.items():
        if column.dtype.kind not in "iufb":
            raise CourseError(f"{where}: {name} holds {column.dtype}, not numbers. Convert it first.")
        if np.isnan(column.astype(float)).any():
            raise CourseError(
                f"{where}: {name} is missing in {int(np.isnan(column.astype(float)).sum())} row(s). Drop "
                "them, or say what a gap means, for example with .fillna(0)."
            )
        if np.isinf(column.astype(float)).any():
            raise CourseError(f"{where}: {name} is infinite in some rows. Drop them first.")
    frame = pd.DataFrame({name: column.astype(float) for name, column in given.items()})
    for name, labels in (("by", by), ("unit", unit)):
        if labels is None:
            frame[name] = ALL if name == "by" else np.arange(len(frame))
            continue
        column = pd.Series(np.asarray(labels, dtype=object))
        if len(column) != len(frame):
            raise CourseError(
                f"{where}: {name} has {len(column)} value(s) for {len(frame)} row(s); give one per row."
            )
        if column.isna().any():
            raise CourseError(
                f"{where}: {name} is missing in {int(column.isna().sum())} row(s). Drop them first."
            )
        frame[name] = column
    return frame


def _column(values: Any) -> np.ndarray:
    """Return values as a plain array; nullable numbers keep their gaps as NaN, categories are unpacked."""
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    if isinstance(values, pd.Series) and pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return np.atleast_1d(np.asarray(values))


def not_negative(values: pd.Series, where: str) -> None:
    """Raise if something that is spent or counted is negative."""
    count = int((values < 0).sum())
    if count:
        raise CourseError(
            f"{where}: {values.name} is negative in {count} row(s). Take them out first; money that came "
            "back belongs in the row where it was spent."
        )
