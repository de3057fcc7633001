"""How well the rows of a table hide among each other, and what is told of those who hide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError, require

__all__ = ["KAnonymity", "LDiversity", "k_anonymity", "l_diversity"]


@dataclass(frozen=True)
class KAnonymity:
    """How well rows hide among each other.

    Attributes
    ----------
    k : int
        Size of the smallest class: the k of k-anonymity; 0 for an empty table. 1 / k is the highest risk of
        picking out a person.
    threshold : int
        The size that was asked for.
    rows, classes, rows_below : int
        Rows, distinct combinations, and rows in classes smaller than `threshold`.
    share_below : float
        rows_below / rows, a fraction of this table (a count of all rows, so no interval); NaN for an empty
        table.
    table : DataFrame
        One row per size of class, smallest first: ``class_size``, ``classes``, ``rows`` (counts), ``share``
        (of all rows), ``cumulative_share`` (rows in classes of this size or smaller).
    """

    k: int
    threshold: int
    rows: int
    classes: int
    rows_below: int
    share_below: float
    table: pd.DataFrame = field(repr=False)

    @property
    def highest_risk(self) -> float:
        """Chance of picking out a person of the smallest class by a guess within it: 1 / k."""
        return 1 / self.k if self.k else float("nan")

    @property
    def average_risk(self) -> float:
        """The same chance, on average over all rows: classes / rows."""
        return self.classes / self.rows if self.rows else float("nan")


def k_anonymity(frame: Any, quasi: Iterable[str], *, threshold: int = 5) -> KAnonymity:
    """Count how many rows share each combination of quasi-identifiers (k-匿名).

    Parameters
    ----------
    frame : DataFrame
        One row per person.
    quasi : iterable of str
        Columns that others may know and so could pick a person out by, such as gender, birth year and city. A
        missing value counts as a value of its own.
    threshold : int, default 5
        Classes smaller than this are counted as too small.

    Returns
    -------
    KAnonymity
        ``k``, ``rows``, ``classes``, ``rows_below``, ``share_below`` and ``.table``.

    Raises
    ------
    CourseError
        If `quasi` is empty, a column is missing or `threshold` is below 1.

    Notes
    -----
    k is the size of the smallest class [1]_. Who knows that a person is in the table finds them with a chance
    of 1 / class size (re-identification risk): ``highest_risk``, ``average_risk``. It protects from being
    picked out, not from being known: where all of a class bought the same thing, being one of k hides
    nothing; see `l_diversity`.

    References
    ----------
    .. [1] L. Sweeney (2002), Int. J. Uncertain. Fuzz. 10(5), 557-570.

    Examples
    --------
    >>> people = pd.DataFrame({"gender": ["F", "F", "M"], "city": ["杭州", "杭州", "宁波"]})
    >>> result = k_anonymity(people, ["gender", "city"], threshold=2)
    >>> result.k, result.classes, round(result.share_below, 3)
    (1, 2, 0.333)
    >>> k_anonymity(people, [])
    Traceback (most recent call last):
        ...
    CourseError: privacy.k_anonymity: quasi is empty; name the columns by which a person could be picked out.
    """
    sizes = np.bincount(_classes(frame, quasi, threshold, "privacy.k_anonymity"))
    return KAnonymity(k=int(sizes.min(initial=len(frame))), **_counted(sizes, sizes, "class_size", threshold))


@dataclass(frozen=True)
class LDiversity:
    """How much those who hide among each other differ in what nobody should learn.

    Attributes
    ----------
    l : int
        Fewest different values of the sensitive column in a class; 0 for an empty table. 1: all people of
        some class share one value, so it is known of each of them.
    entropy_l : float
        The same, each value weighed by how common it is: exp(entropy) of the class where it is least. 2 means
        as open as two values in equal shares; NaN for an empty table.
    threshold : int
        The number that was asked for.
    rows, classes, rows_below : int
        Rows, classes, and rows in classes of fewer than `threshold` values.
    share_below : float
        rows_below / rows, a fraction of this table (a count of all rows, so no interval); NaN for an empty
        table.
    table : DataFrame
        One row per number of different values, fewest first: ``values``, ``classes``, ``rows`` (counts),
        ``share`` (of all rows), ``cumulative_share`` (rows in classes of so many values or fewer).
    """

    l: int  # noqa: E741 - the field's name for it
    entropy_l: float
    threshold: int
    rows: int
    classes: int
    rows_below: int
    share_below: float
    table: pd.DataFrame = field(repr=False)


def l_diversity(frame: Any, quasi: Iterable[str], sensitive: str, *, threshold: int = 2) -> LDiversity:
    """Count how many different secrets there are in each group of people who look alike (l-多样性).

    Parameters
    ----------
    frame : DataFrame
        One row per person.
    quasi : iterable of str
        Columns that a person could be picked out by, as for `k_anonymity`.
    sensitive : str
        The column that nobody should learn of a person, such as what they bought. A missing value counts as a
        value of its own.
    threshold : int, default 2
        Classes of fewer different values than this are counted as too plain.

    Returns
    -------
    LDiversity
        ``l``, ``entropy_l``, ``rows``, ``classes``, ``rows_below``, ``share_below`` and ``.table``.

    Raises
    ------
    CourseError
        If `quasi` is empty or holds `sensitive`, a column is missing, or `threshold` is below 1.

    Notes
    -----
    l is the fewest different values within a class [1]_. Two values in shares of 99 to 1 are two, yet a guess
    is nearly always right: entropy_l = exp(−Σ p ln p) says 1.06 there, not 2. And different is not far apart:
    three kinds of baby food tell of a baby all the same.

    References
    ----------
    .. [1] A. Machanavajjhala, D. Kifer, J. Gehrke, M. Venkitasubramaniam (2007), l-diversity: privacy beyond
       k-anonymity, ACM Trans. Knowl. Discov. Data 1(1), article 3.

    Examples
    --------
    >>> people = pd.DataFrame({"city": ["杭州", "杭州", "宁波", "宁波"],
    ...                        "bought": ["serum", "mask", "test kit", "test kit"]})
    >>> result = l_diversity(people, ["city"], "bought")
    >>> result.l, result.entropy_l, result.share_below
    (1, 1.0, 0.5)
    >>> l_diversity(people, ["city"], "city")
    Traceback (most recent call last):
        ...
    CourseError: privacy.l_diversity: 'city' is in quasi and is the sensitive column; what others know is ...
    """
    where = "privacy.l_diversity"
    columns = [quasi] if isinstance(quasi, str) else list(quasi)
    if sensitive in columns:
        raise CourseError(
            f"{where}: '{sensitive}' is in quasi and is the sensitive column; what others know is no secret."
        )
    require(frame, [sensitive], where)
    group = _classes(frame, columns, threshold, where)
    secret = pd.factorize(frame[sensitive])[0] + 1
    pairs, counts = np.unique(group * (secret.max(initial=0) + 1) + secret, return_counts=True)
    owner = pairs // (secret.max(initial=0) + 1)
    sizes, values = np.bincount(group), np.bincount(owner)
    share = counts / sizes[owner]
    entropy = np.bincount(owner, -share * np.log(share), len(sizes))
    return LDiversity(
        l=int(values.min(initial=len(frame))),
        entropy_l=float(np.exp(entropy.min())) if len(frame) else float("nan"),
        **_counted(values, sizes, "values", threshold),
    )


def _classes(frame: Any, quasi: Iterable[str], threshold: int, where: str) -> Any:
    """Give each row the number of its combination of `quasi`."""
    columns = [quasi] if isinstance(quasi, str) else list(quasi)
    if not columns:
        raise CourseError(f"{where}: quasi is empty; name the columns by which a person could be picked out.")
    require(frame, columns, where)
    if threshold < 1:
        raise CourseError(f"{where}: threshold is {threshold}; give 1 or more.")
    combination = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        codes = pd.factorize(frame[column])[0] + 1
        # Numbered afresh after each column, so that the product never overflows.
        combination = pd.factorize(combination * (codes.max(initial=0) + 1) + codes)[0]
    return combination


def _counted(measure: Any, sizes: Any, name: str, threshold: int) -> dict[str, Any]:
    """Count classes and their rows by a measure of each class, and those below the threshold."""
    rows = int(sizes.sum())
    values, place = np.unique(measure, return_inverse=True)
    table = pd.DataFrame({name: values, "classes": np.bincount(place, minlength=len(values))})
    table["rows"] = np.bincount(place, sizes, len(values)).astype("int64")
    table["share"] = table["rows"] / max(rows, 1)
    table["cumulative_share"] = table["rows"].cumsum() / max(rows, 1)
    below = int(table.loc[table[name] < threshold, "rows"].sum())
    return {
        "threshold": threshold,
        "rows": rows,
        "classes": len(sizes),
        "rows_below": below,
        "share_below": below / rows if rows else float("nan"),
        "table": table,
    }
