"""Who is likely to leave, how little that says of a single person, and whom the forecast treats unfairly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain
from ecomtrain.analysis._model_report import ModelReport, judged
from ecomtrain.analysis._tree import no_gaps
from ecomtrain.analysis.intervals import wilson
from ecomtrain.errors import CourseError, require

FEW_GROUPS = 20
FOUR_FIFTHS = 0.8


@dataclass(frozen=True)
class AttritionRisk(ModelReport):
    """How well leaving is foretold, and how evenly.

    Attributes
    ----------
    table, calibration, lift, coefficients : DataFrame
        As in `targeting.ModelReport`.
    fairness : DataFrame
        One row per attribute and group: ``attribute``, ``group``, ``n``, ``flagged``, ``selection_rate``
        (flagged / n), ``low``, ``high``, ``ratio`` (to the highest rate of the attribute), ``even`` (bool:
        lowest over highest rate is four fifths or more), ``fpr`` (flagged among those who stayed),
        ``fpr_low``, ``fpr_high``, ``fnr`` (not flagged among those who left), ``fnr_low``, ``fnr_high``,
        ``predicted``, ``observed`` (mean probability, share that left), ``observed_low``, ``observed_high``.
    threshold : float
        Probability from which a person was flagged.
    warning : str
        What the result must not be used for.
    """

    fairness: pd.DataFrame
    threshold: float
    warning: str


def attrition_risk(
    staff: pd.DataFrame,
    target: str = "left",
    *,
    columns: Sequence[str],
    groups: Sequence[str] = (),
    flag_share: float = 0.2,
    time: str | None = None,
    test_share: float = 0.3,
    seed: int = 0,
    level: float = 0.95,
) -> AttritionRisk:
    """Foretell who leaves by logistic regression, and show how even it is between groups (离职风险).

    Parameters
    ----------
    staff : DataFrame
        One row per person (and moment): `target`, `columns`, `groups` and, if given, `time`, without gaps.
    target : str, default "left"
        Column of booleans (or 0 and 1): whether the person left afterwards.
    columns : sequence of str
        Columns to foretell from, known before anyone left; text is turned into yes and no for each value.
    groups : sequence of str
        Columns of groups to compare, such as gender and age band. They are not foretold from unless they are
        among `columns` too.
    flag_share : float, default 0.2
        Share of the people judged, the likeliest to leave, that counts as flagged.
    time, test_share, seed, level
        As for `targeting.intent_model`.

    Returns
    -------
    AttritionRisk
        ``.table``, ``.calibration``, ``.lift``, ``.coefficients``, ``.fairness``, ``.threshold``,
        ``.warning``.

    Raises
    ------
    CourseError
        As for `targeting.intent_model`, and if `groups` has numbers of many values, or `flag_share` is no
        share.

    Notes
    -----
    Selection rates are compared by the four-fifths rule [1]_, a rule of thumb that small groups break by
    chance: read the intervals (Wilson). Where groups leave at different rates, a calibrated forecast cannot
    have equal false alarms and equal misses too [2]_: one has to say which matters. Leaving gender or age out
    of the columns does not help where others stand for it (salary, job, overtime). Odds ratios are no causes.

    References
    ----------
    .. [1] Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4(D).
    .. [2] A. Chouldechova (2017), Fair prediction with disparate impact, Big Data 5(2), 153-163.

    Examples
    --------
    >>> staff = pd.DataFrame({"overtime": ["no", "no", "yes", "yes"] * 20, "left": [0, 0, 0, 1] * 20,
    ...                       "gender": ["f", "m", "f", "f"] * 20})
    >>> found = attrition_risk(staff, columns=["overtime"], groups=["gender"], flag_share=0.5)
    >>> found.fairness[["group", "n", "flagged", "selection_rate", "ratio", "even"]].round(2)
      group   n  flagged  selection_rate  ratio   even
    0     f  60       40            0.67    1.0  False
    1     m  20        0            0.00    0.0  False
    >>> found.warning
    'Not for dismissal, pay or promotion: of 40 people flagged 20 stayed. ...'
    >>> attrition_risk(staff, columns=["overtime"], flag_share=20)
    Traceback (most recent call last):
        ...
    CourseError: team.attrition_risk: flag_share is 20; give a fraction such as 0.2.
    """
    where = "team.attrition_risk"
    if not 0 < flag_share < 1:
        raise CourseError(f"{where}: flag_share is {flag_share}; give a fraction such as 0.2.")
    for name, given in (("columns", columns), ("groups", groups)):
        if isinstance(given, str):
            raise CourseError(f"{where}: {name} is {given!r}; give a list of columns.")
    wanted, split = list(dict.fromkeys(columns)), list(dict.fromkeys(groups))
    keys = [target, *wanted, *split, *([time] if time else [])]
    require(staff, keys, where)
    rows = plain(staff[list(dict.fromkeys(keys))])
    no_gaps(rows, keys, where)
    for name in split:
        if rows[name].nunique() > FEW_GROUPS:
            raise CourseError(
                f"{where}: '{name}' has {rows[name].nunique()} values, too many to compare. Cut it into "
                f"bands first, for example with pd.cut(staff['{name}'], [0, 30, 45, 99])."
            )
    # One order, down to the groups: equal people of two groups must be dealt out alike in whatever order.
    rows = rows.sort_values([*([time] if time else []), *wanted, target, *split], ignore_index=True)
    named = [name for name in wanted if getattr(rows[name].dtype, "kind", "O") not in "iufb"]
    dummies = pd.get_dummies(rows[named].astype(str), drop_first=True) if named else rows[[]]
    features = pd.concat([rows[[name for name in wanted if name not in named]], dummies], axis=1).astype(
        float
    )
    told = list(features)
    features = features.assign(**{name: rows[name] for name in (target, *([time] if time else []))})
    report, foretold = judged(
        features, target, told, time=time, rule=None, test_share=test_share, seed=seed, level=level,
        where=where,
    )  # fmt: skip
    p, y = foretold["probability"].to_numpy(), foretold["happened"].to_numpy()
    people = rows.iloc[foretold["row"]].reset_index(drop=True)
    cut = float(np.sort(p)[::-1][max(round(flag_share * len(p)) - 1, 0)])
    flagged = p >= cut
    tables = [_even(people[name], name, p, y, flagged, level) for name in split]
    names = ["attribute", "group", "n", "flagged", "selection_rate", "ratio", "even"]
    stayed = int((flagged & (y == 0)).sum())
    return AttritionRisk(
        **vars(report),
        fairness=pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names),
        threshold=cut,
        warning=(
            f"Not for dismissal, pay or promotion: of {int(flagged.sum())} people flagged {stayed} stayed. "
            "The model knows what people like these did, not what this person will do. Use it to find what "
            "drives people out, and mend that for everybody."
        ),
    )


def _even(group: pd.Series, attribute: str, p: Any, y: Any, flagged: Any, level: float) -> pd.DataFrame:
    """Rates of each group of one attribute."""
    counts = pd.DataFrame(
        {"n": 1, "flagged": flagged, "left": y, "alarms": flagged & (y == 0), "misses": ~flagged & (y == 1)}
    ).astype("int64")
    sums = counts.groupby(group.to_numpy()).sum()
    table = pd.DataFrame({"n": sums["n"], "flagged": sums["flagged"]})

    def rate(name: str, part: Any, whole: Any, low: str, high: str) -> None:
        table[name] = part / whole.where(whole > 0)
        table[low], table[high] = wilson(part, whole, level)

    rate("selection_rate", sums["flagged"], sums["n"], "low", "high")
    most = table["selection_rate"].max()
    table["ratio"] = table["selection_rate"] / (most if most > 0 else np.nan)
    table["even"] = bool(table["ratio"].min() >= FOUR_FIFTHS)
    rate("fpr", sums["alarms"], sums["n"] - sums["left"], "fpr_low", "fpr_high")
    rate("fnr", sums["misses"], sums["left"], "fnr_low", "fnr_high")
    table["predicted"] = pd.Series(p).groupby(group.to_numpy()).mean()
    rate("observed", sums["left"], sums["n"], "observed_low", "observed_high")
    table = table.rename_axis("group").reset_index().astype({"group": "str"})
    table.insert(0, "attribute", pd.Series(attribute, table.index, dtype="str"))
    return table
