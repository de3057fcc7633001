"""Whom a message moves: uplift models on randomised data, the Qini curve, and what a policy earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import fdtrc, ndtri

from ecomtrain.analysis._arms import by_arm, no_gaps
from ecomtrain.analysis._checks import plain, require_one
from ecomtrain.errors import CourseError, nearest, require, require_level, require_numeric

METHODS = ("t_learner", "class_transform")
SURE = 0.001  # below this p-value the arms were not drawn by lot
FOLDS = 5


@dataclass(frozen=True)
class UpliftReport:
    """Whom the treatment moves, and what it earns to treat only those.

    Attributes
    ----------
    table : DataFrame
        One row per share of the people, those with the highest score first: ``share``, ``people``,
        ``uplift`` (mean outcome treated less control among them), ``low``, ``high`` (in the unit of the
        outcome), ``profit``, ``profit_low``, ``profit_high`` (yuan per person of all, if these are treated
        and the rest is not; NaN without `margin`).
    curve : DataFrame
        The Qini curve: ``share`` of the people, ``gain`` (outcomes added per person of all by treating them)
        and ``blind`` (the same share treated by lot).
    scores : DataFrame
        One row per kind of people, by the columns given: these, ``people`` (count) and ``uplift`` foretold
        by models that had not seen them (mean). Merge it with customers on the columns to pick whom to treat.
    method : str
        How the scores were made.
    n, n_treated : int
        People, and those who were treated.
    effect, effect_low, effect_high : float
        Mean outcome treated less control, over all.
    qini : float
        Area between curve and blind line, in outcomes per person; 0 if the scores say nothing.
    qini_coefficient : float
        `qini` over that of the best order there is, treated buyers first and untreated buyers last; NaN
        unless outcomes are 0 and 1.
    best_share : float
        Share of `table` whose profit is highest, 0 if none earns; NaN without `margin`.
    gain_over_all, gain_low, gain_high : float
        Profit of treating the best share less that of treating everyone, yuan per person.
    balance_p : float
        p-value of the test that the columns say nothing about who was treated.
    """

    table: pd.DataFrame
    curve: pd.DataFrame
    scores: pd.DataFrame
    method: str
    n: int
    n_treated: int
    effect: float
    effect_low: float
    effect_high: float
    qini: float
    qini_coefficient: float
    best_share: float
    gain_over_all: float
    gain_low: float
    gain_high: float
    balance_p: float


def uplift(
    frame: Any,
    *,
    outcome: str,
    columns: Sequence[str],
    arm: str = "arm",
    control: Any = "control",
    method: str = "t_learner",
    margin: float | None = None,
    cost: float = 0.0,
    shares: Sequence[float] = tuple(np.arange(1, 11) / 10),
    seed: int = 0,
    level: float = 0.95,
) -> UpliftReport:
    """Find whom a treatment moves, and what it earns to treat only them (增益模型).

    Parameters
    ----------
    frame : DataFrame
        One row per person of a randomised test: `arm`, `outcome` and `columns`, without missing values.
    outcome : str
        Column of what is to be gained: 0 and 1 (bought) or an amount.
    columns : sequence of str
        Numeric columns that were known before the treatment.
    arm, control : str, label
        The column of the arm, and its value for those who were left alone; there must be one other.
    method : {"t_learner", "class_transform"}, default "t_learner"
        A model for each arm, or one model of the transformed outcome.
    margin : float, optional
        Yuan earned per unit of the outcome; without it there is no profit.
    cost : float, default 0
        Yuan that treating one person costs.
    shares : sequence of float
        Shares of the people to report on, between 0 and 1.
    seed : int, default 0
        Deals the people out to five parts; each is scored by models that learned from the other four.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    UpliftReport
        ``.table``, ``.curve``, ``.scores``, ``.qini``, ``.best_share`` and more.

    Raises
    ------
    CourseError
        If a column or value is missing or no number, an argument is outside its range, there are too few
        people, more than two arms or two currencies, or `columns` foretell who was treated: then the arms
        were not drawn by lot, and no difference between them is the treatment's.

    Notes
    -----
    T-learner: logistic regression (least squares for amounts) in each arm, uplift = the difference of what
    they foretell. Class transform: least squares on y (w - e) / (e (1 - e)), w = treated, e = share treated,
    whose mean is the uplift [1]_. Qini curve: Y_t - Y_c N_t / N_c among the share with the highest scores
    [2]_, here per person of all. People of equal scores are taken together. The best share is picked from the
    data that judge it, so its gain is a little flattered; try it on new people. Intervals treat the scores as
    given.

    References
    ----------
    .. [1] S. Athey, G. Imbens (2016), Recursive partitioning for heterogeneous causal effects, PNAS 113(27),
       7353-7360.
    .. [2] N. J. Radcliffe (2007), Using control groups to target on predicted lift, Direct Marketing
       Analytics Journal, 14-21.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"arm": ["control", "treatment"] * 1000, "visits": np.repeat([0.0, 1.0], 1000)})
    >>> chance = 0.1 + 0.2 * frame["visits"] * (frame["arm"] == "treatment")
    >>> report = uplift(frame.assign(bought=rng.random(2000) < chance), outcome="bought", columns=["visits"],
    ...                 margin=30, cost=2)
    >>> report.table.loc[[4, 9], ["share", "uplift", "low", "high", "profit"]].round(2)
       share  uplift   low  high  profit
    4    0.5    0.20  0.15  0.25    1.97
    9    1.0    0.11  0.08  0.14    1.24
    >>> uplift(frame, outcome="bought", columns=["visits"])
    Traceback (most recent call last):
        ...
    CourseError: targeting.uplift: column 'bought' is not in the frame; it has arm, visits. ...
    """
    where = "targeting.uplift"
    require_level(level, where)
    if isinstance(columns, str) or not len(columns):
        raise CourseError(f"{where}: columns is {columns!r}; give a list of numeric columns.")
    if method not in METHODS:
        raise CourseError(
            f"{where}: method is {method!r}; give one of {', '.join(METHODS)}.{nearest(method, METHODS)}"
        )
    picked = np.asarray(shares, dtype=float)
    if not (picked.size and (picked > 0).all() and (picked <= 1).all() and (np.diff(picked) > 0).all()):
        raise CourseError(f"{where}: shares is {shares!r}; give rising fractions up to 1, such as [0.1, 1].")
    if not cost >= 0:
        raise CourseError(f"{where}: cost is {cost}; give yuan per person, 0 or more.")
    if margin is not None and not margin > 0:
        raise CourseError(f"{where}: margin is {margin}; give yuan per unit of the outcome, above 0.")
    wanted = list(dict.fromkeys([*columns, outcome]))
    require(frame, [arm, *wanted], where)
    require_one(frame, "currency", where)
    require_numeric(frame, wanted, where)
    table = plain(frame[[arm, *wanted]])
    for column in wanted:
        no_gaps(table[column], where)
    others = [name for name in by_arm(table, arm, control, where) if name != control]
    if len(others) > 1:
        raise CourseError(
            f"{where}: the arms are {', '.join(map(str, [control, *others]))}; choose one besides the "
            f"control, for example with frame[frame['{arm}'].isin([{control!r}, {others[0]!r}])]."
        )
    # One order of the rows, whichever they came in, so that the dealing does not depend on it.
    place = table.sort_values([*columns, outcome, arm], kind="stable").index.to_numpy()
    x = table[list(columns)].to_numpy(dtype=float)[place]
    y, w = table[outcome].to_numpy(dtype=float)[place], (table[arm] != control).to_numpy()[place]
    if min(w.sum(), (~w).sum()) < 2 * FOLDS * (len(columns) + 1):
        raise CourseError(
            f"{where}: {int(w.sum())} were treated and {int((~w).sum())} were not; "
            f"at least {2 * FOLDS * (len(columns) + 1)} of each are needed for {len(columns)} column(s)."
        )
    p = _balance(x, w)
    if p < SURE:
        raise CourseError(
            f"{where}: the columns foretell who was treated (p = {p:.1g}), so the arms were not drawn by lot "
            "or a column was changed by the treatment. Take only what was known before, from a test by lot."
        )
    score = np.round(_scores(x, y, w, method, seed), 12)
    curve = _curve(score, y, w)
    blind = float(np.trapezoid(curve["blind"], curve["share"]))
    area = float(np.trapezoid(curve["gain"], curve["share"])) - blind
    z = float(ndtri(0.5 + level / 2))
    rows = [_top(score, y, w, share, z) for share in picked]
    found = pd.DataFrame(rows, columns=["people", "uplift", "low", "high"])
    found.insert(0, "share", picked)
    for name, column in zip(["profit", "profit_low", "profit_high"], ["uplift", "low", "high"], strict=True):
        found[name] = np.nan if margin is None else found["people"] / len(y) * (margin * found[column] - cost)
    best, over = _best(found, score, y, w, margin, cost, z)
    effect = _difference(y, w, z)
    scores = pd.DataFrame(x, columns=list(columns)).assign(uplift=score).groupby(list(columns))["uplift"]
    scores = scores.agg(people="size", uplift="mean").reset_index()
    return UpliftReport(
        table=found, curve=curve, scores=scores, method=method,
        n=len(y), n_treated=int(w.sum()), effect=effect[0], effect_low=effect[1], effect_high=effect[2],
        qini=area, qini_coefficient=_coefficient(area, blind, y, w), best_share=best, gain_over_all=over[0],
        gain_low=over[1], gain_high=over[2], balance_p=p,
    )  # fmt: skip


def _balance(x: np.ndarray, w: np.ndarray) -> float:
    """Return the p-value of the F test that the columns say nothing about the arm."""
    design = np.column_stack(
        [np.ones(len(x)), (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)]
    )
    fitted, _, rank, _ = np.linalg.lstsq(design, w.astype(float), rcond=None)
    rest = float(((w - design @ fitted) ** 2).sum())
    total = float(((w - w.mean()) ** 2).sum())
    used, left = int(rank) - 1, len(x) - int(rank)
    if used == 0 or left <= 0:
        return 1.0
    return float(fdtrc(used, left, (total - rest) / used / (rest / left))) if rest > 1e-9 * total else 0.0


def _scores(x: np.ndarray, y: np.ndarray, w: np.ndarray, method: str, seed: int) -> np.ndarray:
    """Foretell the uplift of each row by models that have not seen it."""
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    yes_no = bool(np.isin(y, [0, 1]).all())

    def foretold(learn: np.ndarray, target: np.ndarray, ask: np.ndarray, amounts: bool) -> np.ndarray:
        if (target == target[0]).all():
            return np.full(len(ask), target[0])
        model = make_pipeline(StandardScaler(), LinearRegression() if amounts else LogisticRegression())
        model.fit(learn, target)
        return np.asarray(model.predict(ask) if amounts else model.predict_proba(ask)[:, 1])

    score = np.empty(len(y))
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learn, ask in split.split(x, 2 * w + (y > 0)):
        if method == "t_learner":
            treated, alone = learn[w[learn]], learn[~w[learn]]
            score[ask] = foretold(x[treated], y[treated], x[ask], not yes_no)
            score[ask] -= foretold(x[alone], y[alone], x[ask], not yes_no)
        else:
            share = w[learn].mean()
            changed = y[learn] * (w[learn] - share) / (share * (1 - share))
            score[ask] = foretold(x[learn], changed, x[ask], True)
    return score


def _curve(score: np.ndarray, y: np.ndarray, w: np.ndarray) -> pd.DataFrame:
    """Return the Qini curve at every distinct score, highest first."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    y, w = y[order], w[order]
    treated, alone = np.cumsum(w)[last], np.cumsum(~w)[last]
    gained, anyway = np.cumsum(y * w)[last], np.cumsum(y * ~w)[last]
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = gained - np.where(alone > 0, anyway * treated / alone, 0.0)
    n = len(y)
    # Among the treated alone the curve adds up outcomes of the treated; per person of all it is over n_t.
    share, gain = np.append(0, (last + 1) / n), np.append(0, gain / treated[-1])
    return pd.DataFrame({"share": share, "gain": gain, "blind": share * gain[-1]})


def _coefficient(area: float, blind: float, y: np.ndarray, w: np.ndarray) -> float:
    """Return the area as a share of the largest: treated buyers first, untreated buyers last."""
    if not np.isin(y, [0, 1]).all():
        return float("nan")
    perfect = _curve(y * w - y * ~w, y, w)
    most = float(np.trapezoid(perfect["gain"], perfect["share"])) - blind
    return area / most if most > 0 else float("nan")


def _difference(y: np.ndarray, w: np.ndarray, z: float) -> tuple[float, float, float]:
    """Return the mean of the treated less that of the others, with its interval; NaN with fewer than two."""
    if min(w.sum(), (~w).sum()) < 2:
        return float("nan"), float("nan"), float("nan")
    change = float(y[w].mean() - y[~w].mean())
    half = z * float(np.sqrt(y[w].var(ddof=1) / w.sum() + y[~w].var(ddof=1) / (~w).sum()))
    return change, change - half, change + half


def _top(score: np.ndarray, y: np.ndarray, w: np.ndarray, share: float, z: float) -> tuple[float, ...]:
    """Count the people down to a share, those of equal scores together, and the uplift among them."""
    chosen = _chosen(score, share)
    return (int(chosen.sum()), *_difference(y[chosen], w[chosen], z))


def _chosen(score: np.ndarray, share: float) -> np.ndarray:
    count = max(round(share * len(score)), 1)
    return np.asarray(score >= np.partition(score, len(score) - count)[len(score) - count])


def _best(
    table: pd.DataFrame,
    score: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    margin: float | None,
    cost: float,
    z: float,
) -> tuple[float, tuple[float, float, float]]:
    """Return the share that earns most, and what it earns beyond treating everyone."""
    if margin is None or table["profit"].isna().all():
        return float("nan"), (float("nan"),) * 3
    row = int(table["profit"].idxmax())
    best = float(table["share"].iloc[row]) if table["profit"].iloc[row] > 0 else 0.0
    rest = ~_chosen(score, best) if best else np.ones(len(y), dtype=bool)
    if not rest.any():
        return best, (0.0, 0.0, 0.0)
    # Beyond treating everyone, the policy earns what treating the rest would have lost.
    value, low, high = _difference(y[rest], w[rest], z)
    part = rest.mean()
    lost = (part * (cost - margin * found) for found in (value, high, low))
    one, two, three = lost
    return best, (float(one), float(two), float(three))
