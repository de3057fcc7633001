"""One report for every model that foretells yes or no: how right it is, beside what needs no model at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from ecomtrain.analysis._checks import require_same_clock
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric


@dataclass(frozen=True)
class ModelReport:
    """How well something that happens or not is foretold, beside what needs no model at all.

    Attributes
    ----------
    table : DataFrame
        ``metric``, ``value``, ``low``, ``high``, ``n`` (rows judged). Metrics: base_rate (share of yes),
        accuracy_always_no, accuracy_rule and rule_precision (if a rule was given), accuracy (probability of
        one half or more), auc, average_precision, brier, brier_base_rate (everyone given the base rate of the
        training rows).
    calibration : DataFrame
        One row per tenth of the rows by predicted probability (equal ones stay together): ``n``,
        ``predicted`` (mean), ``observed``, ``low``, ``high`` (fractions).
    lift : DataFrame
        One row per tenth, the likeliest first: ``decile``, ``n``, the target such as ``bought`` (expected
        count: rows of equal probability are shared out evenly, so it need not be whole), ``rate``, ``low``,
        ``high`` (fractions), ``lift`` (rate over base rate), ``cumulative_share`` (of all to whom it happens,
        down to this tenth).
    coefficients : DataFrame
        ``column``, ``odds_ratio`` for one more of it, fitted on the training rows.
    """

    table: pd.DataFrame
    calibration: pd.DataFrame
    lift: pd.DataFrame
    coefficients: pd.DataFrame


def judged(
    features: Any,
    target: str,
    columns: Sequence[str],
    *,
    time: str | None,
    known: str | None = None,
    rule: str | None,
    test_share: float,
    seed: int,
    level: float,
    where: str,
) -> tuple[ModelReport, pd.DataFrame]:
    """Fit a logistic regression and judge it on rows that it has not learned from.

    The frame beside the report has one row per row judged: ``row`` (its place in the frame that was given),
    ``probability`` (foretold) and ``happened`` (0 or 1).

    With `time`, on the last `test_share` of them; with `known` too, it learns only from rows whose outcome
    was known when the first of those was foretold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    wanted = [*columns]
    if not wanted or isinstance(columns, str):
        raise CourseError(
            f"{where}: columns is {columns!r}; give a list of numeric columns to foretell from."
        )
    times = [column for column in (time, known) if column]
    require(features, [target, *wanted, *times], where)
    require_level(level, where)
    require_numeric(features, [target, *wanted], where)
    if not 0 < test_share < 1:
        raise CourseError(f"{where}: test_share is {test_share}; give a fraction such as 0.3.")
    if times:
        require_same_clock(where, **{column: features[column] for column in times})
    for column in [target, *wanted, *times]:
        if features[column].isna().any():
            raise CourseError(
                f"{where}: column '{column}' has missing values; drop or fill those rows first."
            )
    if not features[target].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{target}' holds more than yes and no; give booleans or 0 and 1.")
    # One order of the rows, whichever they came in, so that the fit does not depend on it.
    rows = features.reset_index(drop=True).sort_values([*times, *wanted, target], kind="stable")
    place = rows.index.to_numpy()
    rows = rows.reset_index(drop=True)
    x, y = rows[wanted].to_numpy(dtype=float), rows[target].to_numpy(dtype=int)
    flagged = _flagged(rows, rule, where)
    train, test = _split(rows, y, time, known, test_share, where)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    if time:
        p = model.fit(x[train], y[train]).predict_proba(x[test])[:, 1]
    else:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        p = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
        model.fit(x, y)
    slopes = model[-1].coef_[0] / model[0].scale_
    p = np.round(p, 12)  # equal rows can differ in the last digit of what is one and the same forecast
    shown = None if flagged is None else flagged[test]
    report = ModelReport(
        table=_metrics(y[test], p, y[train].mean(), shown, level),
        calibration=_calibration(y[test], p, level),
        lift=_lift(y[test], p, level, target),
        coefficients=pd.DataFrame({"column": pd.Series(wanted, dtype="str"), "odds_ratio": np.exp(slopes)}),
    )
    return report, pd.DataFrame({"row": place[test], "probability": p, "happened": y[test]})


def _flagged(rows: pd.DataFrame, rule: str | None, where: str) -> np.ndarray | None:
    if rule is None:
        return None
    try:
        flagged = rows.eval(rule)
    except Exception as error:  # whatever the expression raises, the mend is the same
        raise CourseError(f"{where}: rule {rule!r} cannot be worked out: {error}.") from error
    if not isinstance(flagged, pd.Series) or flagged.dtype.kind != "b":
        raise CourseError(f"{where}: rule {rule!r} is no condition; give one such as 'interactions >= 2'.")
    return flagged.to_numpy(dtype=bool)


def _split(
    rows: pd.DataFrame, y: np.ndarray, time: str | None, known: str | None, test_share: float, where: str
) -> tuple[np.ndarray, np.ndarray]:
    """Positions to learn from and to be judged on; `rows` are in order of time."""
    every = np.arange(len(rows))
    train, test, least = every, every, 5
    if time and len(rows):
        cut = rows[time].iloc[int(len(rows) * (1 - test_share))]
        late = (rows[time] >= cut).to_numpy()
        learned = ~late & (rows[known] <= cut).to_numpy() if known else ~late
        train, test, least = every[learned], every[late], 2
    for part, name in ((train, "learn from"), (test, "judge by")):
        yes = int(y[part].sum())
        if min(yes, len(part) - yes) < least:
            raise CourseError(
                f"{where}: of {len(part)} rows to {name}, {yes} are yes; "
                f"at least {least} of yes and {least} of no are needed. Give more rows."
            )
    return train, test


def _metrics(
    y: np.ndarray, p: np.ndarray, base: float, flagged: np.ndarray | None, level: float
) -> pd.DataFrame:
    from scipy.stats import rankdata
    from sklearn.metrics import average_precision_score

    n, yes, z = len(y), int(y.sum()), ndtri(0.5 + level / 2)

    def share(metric: str, right: int, of: int = n) -> tuple[str, float, float, float, int]:
        low, high = wilson(right, of, level)
        return metric, right / of if of else np.nan, float(low), float(high), of

    def mean(metric: str, values: np.ndarray) -> tuple[str, float, float, float, int]:
        half = z * values.std(ddof=1) / np.sqrt(n)
        return metric, values.mean(), max(values.mean() - half, 0.0), values.mean() + half, n

    found = [share("base_rate", yes), share("accuracy_always_no", n - yes)]
    if flagged is not None:
        found += [
            share("accuracy_rule", int((flagged == y).sum())),
            share("rule_precision", int(y[flagged].sum()), int(flagged.sum())),
        ]
    found.append(share("accuracy", int(((p >= 0.5) == y).sum())))
    above = (rankdata(p)[y == 1] - rankdata(p[y == 1])) / (n - yes)
    below = 1 - (rankdata(p)[y == 0] - rankdata(p[y == 0])) / yes
    auc, half = above.mean(), z * np.sqrt(above.var(ddof=1) / yes + below.var(ddof=1) / (n - yes))
    found.append(("auc", auc, max(auc - half, 0.0), min(auc + half, 1.0), n))
    ap = float(average_precision_score(y, p))
    # At a perfect 1 the logit has no end; nor has the interval, and the value alone is given.
    reach = z / np.sqrt(yes * ap * (1 - ap)) if ap < 1 else np.nan
    edge = logit(ap) if ap < 1 else np.nan
    found.append(("average_precision", ap, float(expit(edge - reach)), float(expit(edge + reach)), n))
    found += [mean("brier", (p - y) ** 2), mean("brier_base_rate", (base - y) ** 2)]
    return pd.DataFrame(found, columns=["metric", "value", "low", "high", "n"]).astype({"metric": "str"})


def _calibration(y: np.ndarray, p: np.ndarray, level: float) -> pd.DataFrame:
    from scipy.stats import rankdata

    tenth = np.floor(10 * (rankdata(p) - 0.5) / len(p)).astype(int)
    group = pd.DataFrame({"p": p, "y": y}).groupby(tenth)
    table = group.agg(n=("y", "size"), predicted=("p", "mean"), observed=("y", "mean")).reset_index(drop=True)
    table["low"], table["high"] = wilson(group["y"].sum().to_numpy(), table["n"], level)
    return table


def _lift(y: np.ndarray, p: np.ndarray, level: float, target: str) -> pd.DataFrame:
    blocks = pd.DataFrame({"p": -p, "y": y}).groupby("p")["y"].agg(["size", "sum"]).cumsum()
    cuts = np.linspace(0, len(y), 11)
    gained = np.interp(cuts, [0, *blocks["size"]], [0, *blocks["sum"]])
    table = pd.DataFrame({"decile": np.arange(1, 11), "n": len(y) / 10, target: np.diff(gained)})
    table["rate"] = table[target] / table["n"]
    table["low"], table["high"] = wilson(table[[target, "n"]].min(axis=1), table["n"], level)
    table["lift"] = table["rate"] / y.mean()
    table["cumulative_share"] = gained[1:] / y.sum()
    return table
