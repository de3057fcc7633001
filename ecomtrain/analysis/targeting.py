"""Who is likely to buy: what a session's interactions tell, and how much better than a guess that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecomtrain.analysis._order import in_order
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require, require_level, require_numeric, require_times

__all__ = ["IntentReport", "intent_features", "intent_model"]

INTERACTIONS = {"likes": "like", "comments": "comment", "shares": "share", "favourites": "favourite"}


def intent_features(
    events: Any, *, by: str = "session_id", time: str = "ts", until: str = "checkout", bought: str = "pay"
) -> pd.DataFrame:
    """Count what each session did before its checkout, and whether it paid.

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order: `by`, `time`, ``event``. Rows without session or time are left out.
    by, time : str
        Columns: the session and the moment (datetime).
    until : str, default "checkout"
        The event that ends the counting; a session without it is counted whole.
    bought : str, default "pay"
        The event that makes a session a buyer.

    Returns
    -------
    DataFrame
        One row per session, sorted by it: `by`, ``started_at``, ``pages`` (views), ``likes``, ``comments``,
        ``shares``, ``favourites``, ``interactions`` (their sum; all counts before `until`), ``bought``
        (bool).

    Raises
    ------
    CourseError
        If a column is missing or `time` holds no times.

    Notes
    -----
    What comes after the checkout is a consequence of the decision to buy: to count it would be to foretell
    the purchase from the purchase. ``pages`` still holds the way to the cart, which every buyer has walked:
    it flatters a model, and `intent_model` leaves it out unless told otherwise.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": [1, 1, 1, 1], "event": ["view", "like", "checkout", "pay"],
    ...     "ts": pd.date_range("2026-06-01", periods=4, freq="min")})
    >>> intent_features(events)[["session_id", "pages", "likes", "interactions", "bought"]]
       session_id  pages  likes  interactions  bought
    0           1      1      1             1    True
    >>> intent_features(events.drop(columns="event"))
    Traceback (most recent call last):
        ...
    CourseError: intent_features: column 'event' is not in the frame; it has session_id, ts.
    """
    require(events, [by, time, "event"], "intent_features")
    rows, unit, _, _ = in_order(events, by, time, "intent_features", sort_keys=True)
    names = events["event"].astype(object).to_numpy()[rows]
    stopped = np.cumsum(names == until)
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    session = np.cumsum(np.diff(unit, prepend=-1) > 0) - 1
    # Stops counted before the session began are those of other sessions.
    before = stopped - (stopped[first] - (names[first] == until))[session] == 0

    def count(event: str, among: np.ndarray | slice = before) -> np.ndarray:
        return np.bincount(session[(names == event) & among], minlength=len(first))

    table = events.iloc[rows[first]][[by, time]].rename(columns={time: "started_at"}).reset_index(drop=True)
    table["pages"] = count("view")
    for column, event in INTERACTIONS.items():
        table[column] = count(event)
    table["interactions"] = table[list(INTERACTIONS)].sum(axis=1).astype("int64")
    table["bought"] = count(bought, np.ones(len(names), dtype=bool)) > 0
    return table


@dataclass(frozen=True)
class IntentReport:
    """How well purchases are foretold, beside what needs no model at all.

    Attributes
    ----------
    table : DataFrame
        ``metric``, ``value``, ``low``, ``high``, ``n`` (rows judged). Metrics: base_rate (share that bought),
        accuracy_always_no, accuracy_rule and rule_precision (if a rule was given), accuracy (probability of
        one half or more), auc, average_precision, brier, brier_base_rate (everyone given the base rate of the
        training rows).
    calibration : DataFrame
        One row per tenth of the rows by predicted probability (equal ones stay together): ``n``,
        ``predicted`` (mean), ``observed``, ``low``, ``high`` (fractions).
    lift : DataFrame
        One row per tenth, the likeliest first: ``decile``, ``n``, ``bought`` (expected count: rows of equal
        probability are shared out evenly, so it need not be whole), ``rate``, ``low``, ``high`` (fractions),
        ``lift`` (rate over base rate), ``cumulative_share`` (of all buyers, down to this tenth).
    coefficients : DataFrame
        ``column``, ``odds_ratio`` for one more of it, fitted on the training rows.
    """

    table: pd.DataFrame
    calibration: pd.DataFrame
    lift: pd.DataFrame
    coefficients: pd.DataFrame


def intent_model(
    features: Any,
    target: str = "bought",
    *,
    columns: Sequence[str] = tuple(INTERACTIONS),
    time: str | None = None,
    rule: str | None = None,
    test_share: float = 0.3,
    seed: int = 0,
    level: float = 0.95,
) -> IntentReport:
    """Foretell purchases by logistic regression and report what the accuracy is worth (购买意向预测).

    Parameters
    ----------
    features : DataFrame
        One row per session: `target`, `columns` and, if given, `time`; without missing values in these.
    target : str, default "bought"
        Column of booleans (or 0 and 1).
    columns : sequence of str
        Numeric columns to foretell from; the four counts of interactions unless told otherwise.
    time : str, optional
        Column of times. With it the model learns from the earlier rows and is judged on the last `test_share`
        of them, as in use. Without it every row is judged by a model that learned from the other four fifths.
    rule : str, optional
        A rule of thumb to judge on the same rows, such as ``"interactions >= 2"``.
    test_share : float, default 0.3
        Share of the rows, the latest ones, to judge on; only with `time`.
    seed : int, default 0
        Deals the rows out to the five fifths; only without `time`.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    IntentReport
        ``.table``, ``.calibration``, ``.lift``, ``.coefficients``.

    Raises
    ------
    CourseError
        If a column is missing, not numeric or has missing values, `target` is not yes or no, too few rows
        bought or did not buy, or `rule` is no condition on the columns.

    Notes
    -----
    Accuracy alone says little: where 16 % buy, "nobody buys" is right 84 % of the time. AUC is the chance
    that a buyer is ranked above a non-buyer, the Brier score the mean squared error of the probability (lower
    is better). Intervals: Wilson for shares, DeLong for AUC [1]_, logit for average precision [2]_, normal
    for Brier.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44(3), 837-845.
    .. [2] K. Boyd, K. H. Eng, C. D. Page (2013), ECML PKDD, LNCS 8190, 451-466.

    Examples
    --------
    >>> features = pd.DataFrame({"likes": [0, 1, 0, 3] * 10, "bought": [False, False, False, True] * 10})
    >>> report = intent_model(features, columns=["likes"], rule="likes >= 1")
    >>> report.table.set_index("metric")["value"].head(3).to_dict()
    {'base_rate': 0.25, 'accuracy_always_no': 0.75, 'accuracy_rule': 0.75}
    >>> intent_model(features, columns=["like"])
    Traceback (most recent call last):
        ...
    CourseError: intent_model: column 'like' is not in the frame; it has likes, bought. Did you mean 'likes'?
    """
    where = "intent_model"
    wanted = [*columns]
    if not wanted or isinstance(columns, str):
        raise CourseError(
            f"{where}: columns is {columns!r}; give a list of numeric columns to foretell from."
        )
    require(features, [target, *wanted, *([time] if time else [])], where)
    require_level(level, where)
    require_numeric(features, [target, *wanted], where)
    if not 0 < test_share < 1:
        raise CourseError(f"{where}: test_share is {test_share}; give a fraction such as 0.3.")
    if time:
        require_times(features[time], where)
    for column in [target, *wanted, *([time] if time else [])]:
        if features[column].isna().any():
            raise CourseError(
                f"{where}: column '{column}' has missing values; drop or fill those rows first."
            )
    if not features[target].isin([0, 1]).all():
        raise CourseError(f"{where}: column '{target}' holds more than yes and no; give booleans or 0 and 1.")
    # One order of the rows, whichever they came in, so that the fit does not depend on it.
    rows = features.sort_values([*([time] if time else []), *wanted, target], ignore_index=True)
    x, y = rows[wanted].to_numpy(dtype=float), rows[target].to_numpy(dtype=int)
    flagged = _flagged(rows, rule, where)
    train, test = _split(rows, y, time, test_share, where)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    if time:
        p = model.fit(x[train], y[train]).predict_proba(x[test])[:, 1]
    else:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        p = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
        model.fit(x, y)
    slopes = model[-1].coef_[0] / model[0].scale_
    # Equal rows can differ in the last digit of their probability; they are one and the same forecast.
    return IntentReport(
        table=_metrics(
            y[test], np.round(p, 12), y[train].mean(), None if flagged is None else flagged[test], level
        ),
        calibration=_calibration(y[test], np.round(p, 12), level),
        lift=_lift(y[test], np.round(p, 12), level),
        coefficients=pd.DataFrame({"column": pd.Series(wanted, dtype="str"), "odds_ratio": np.exp(slopes)}),
    )


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
    rows: pd.DataFrame, y: np.ndarray, time: str | None, test_share: float, where: str
) -> tuple[np.ndarray, np.ndarray]:
    """Positions to learn from and to be judged on; `rows` are in order of time."""
    every = np.arange(len(rows))
    train, test, least = every, every, 5
    if time and len(rows):
        cut = rows[time].iloc[int(len(rows) * (1 - test_share))]
        late = (rows[time] >= cut).to_numpy()
        train, test, least = every[~late], every[late], 2
    for part, name in ((train, "learn from"), (test, "judge by")):
        yes = int(y[part].sum())
        if min(yes, len(part) - yes) < least:
            raise CourseError(
                f"{where}: of {len(part)} rows to {name}, {yes} bought; "
                f"at least {least} that did and {least} that did not are needed. Give more rows."
            )
    return train, test


def _metrics(
    y: np.ndarray, p: np.ndarray, base: float, flagged: np.ndarray | None, level: float
) -> pd.DataFrame:
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
    tenth = np.floor(10 * (rankdata(p) - 0.5) / len(p)).astype(int)
    group = pd.DataFrame({"p": p, "y": y}).groupby(tenth)
    table = group.agg(n=("y", "size"), predicted=("p", "mean"), observed=("y", "mean")).reset_index(drop=True)
    table["low"], table["high"] = wilson(group["y"].sum().to_numpy(), table["n"], level)
    return table


def _lift(y: np.ndarray, p: np.ndarray, level: float) -> pd.DataFrame:
    blocks = pd.DataFrame({"p": -p, "y": y}).groupby("p")["y"].agg(["size", "sum"]).cumsum()
    cuts = np.linspace(0, len(y), 11)
    gained = np.interp(cuts, [0, *blocks["size"]], [0, *blocks["sum"]])
    table = pd.DataFrame({"decile": np.arange(1, 11), "n": len(y) / 10, "bought": np.diff(gained)})
    table["rate"] = table["bought"] / table["n"]
    table["low"], table["high"] = wilson(table[["bought", "n"]].min(axis=1), table["n"], level)
    table["lift"] = table["rate"] / y.mean()
    table["cumulative_share"] = gained[1:] / y.sum()
    return table
