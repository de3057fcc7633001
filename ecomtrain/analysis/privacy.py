"""Personal data made safer: masking, pseudonyms, coarser values, and what k-anonymity is left.

None of these makes data anonymous for certain; each says what it leaves behind.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.errors import CourseError, nearest, require, require_numeric

__all__ = ["KAnonymity", "generalise", "k_anonymity", "mask", "pseudonymise"]

HIDDEN = "***"
PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北"
    "|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = re.compile(f"^(?:{PROVINCES})(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)?")
# A city's name holds no word for district, town, road or house, so nothing finer than the city slips through.
_CITY = re.compile(r"^[^\W\d区县镇乡街道路号村弄巷]{1,10}?(?:市|自治州|地区|盟)")
_MOBILE = re.compile(r"^(?:\+?86)?(1\d{10})$")
_EMAIL = re.compile(r"^([^@\s])[^@\s]*(@[^@\s]+\.[^@\s]+)$")
_ID_CARD = re.compile(r"^(\d{6})(?:\d{9}|\d{11}[\dXx])$")


def _mobile(text: str) -> str:
    match = _MOBILE.match(re.sub(r"[\s-]", "", text))
    return f"{match[1][:3]}****{match[1][7:]}" if match else HIDDEN


def _name(text: str) -> str:
    return f"{text[0]}*" if text else HIDDEN


def _email(text: str) -> str:
    match = _EMAIL.match(text)
    return f"{match[1]}{HIDDEN}{match[2]}" if match else HIDDEN


def _id_card(text: str) -> str:
    match = _ID_CARD.match(text)
    return f"{match[1]}{'*' * (len(text) - 6)}" if match else HIDDEN


def _address(text: str) -> str:
    province = _PROVINCE.match(text)
    start = province[0] if province else ""
    city = _CITY.match(text[len(start) :].lstrip())
    return start + (city[0] if city else "") or HIDDEN


RULES: dict[str, Callable[[str], str]] = {
    "mobile": _mobile, "name": _name, "email": _email, "id_card": _id_card, "address": _address,
}  # fmt: skip


def mask(frame: Any, rules: Mapping[str, str]) -> pd.DataFrame:
    """Hide the telling part of personal data, column by column (数据脱敏).

    Parameters
    ----------
    frame : DataFrame
        Any table. Missing values stay missing.
    rules : mapping of column to rule
        ``"mobile"``: 138****1234. ``"name"``: first character, 王*. ``"email"``: first character and domain,
        a***@example.com. ``"id_card"``: the first six digits (place of registration), 110101************.
        ``"address"``: province and city, 浙江省杭州市. ``"drop"``: the column is left out.

    Returns
    -------
    DataFrame
        A copy of `frame`; masked columns are str. A value that does not look like its rule becomes ``"***"``:
        what is not understood is not shown.

    Raises
    ------
    CourseError
        If a column is missing or a rule is not in the list above.

    Notes
    -----
    Of an identity card only the place is kept. With the usual last four shown as well, the check digit leaves
    one in eleven birth dates. A masked table is still personal data: 138****1234 in Hangzhou, born 1990, may
    be one person; see `k_anonymity`.

    Examples
    --------
    >>> people = pd.DataFrame({"name": ["王女士"], "mobile": ["15412345678"], "email": ["wang@example.com"]})
    >>> mask(people, {"name": "name", "mobile": "mobile", "email": "drop"})
      name       mobile
    0   王*  154****5678
    >>> mask(people, {"mobile": "phone"})
    Traceback (most recent call last):
        ...
    CourseError: privacy.mask: rule 'phone' for column 'mobile' is unknown; the rules are mobile, ...
    """
    require(frame, rules, "privacy.mask")
    known = [*RULES, "drop"]
    for column, rule in rules.items():
        if rule not in known:
            raise CourseError(
                f"privacy.mask: rule {rule!r} for column '{column}' is unknown; "
                f"the rules are {', '.join(known)}.{nearest(rule, known)}"
            )
    result = frame.drop(columns=[column for column, rule in rules.items() if rule == "drop"])
    masked = {column: _each(frame[column], RULES[rule]) for column, rule in rules.items() if rule != "drop"}
    return result.assign(**masked)


def pseudonymise(series: Any, key: str | bytes) -> pd.Series:
    """Replace ids by pseudonyms that only the holder of `key` can make again (假名化).

    Parameters
    ----------
    series : Series
        Ids, mobile numbers, e-mail addresses. 12 and "12" get the same pseudonym; missing values stay
        missing.
    key : str or bytes
        The secret, at least 16 bytes; keep it apart from the data, for example ``secrets.token_bytes(32)``.

    Returns
    -------
    Series of str
        16 hexadecimal digits each, on the index and under the name of `series`. Equal ids have equal
        pseudonyms, so tables still join.

    Raises
    ------
    CourseError
        If `key` is shorter than 16 bytes or `series` is not a Series.

    Notes
    -----
    HMAC-SHA256 [1]_, cut to 64 bits: two of a million ids meet with a chance of one in 37 million.

    A plain hash does not do: there are only some 10^10 mobile numbers, so anyone can hash them all in minutes
    and look the number up. Without the key that list cannot be made. Whoever has the key can, so by GDPR art.
    4(5) and PIPL art. 73 the result is still personal data.

    References
    ----------
    .. [1] H. Krawczyk, M. Bellare, R. Canetti (1997), RFC 2104.

    Examples
    --------
    >>> pseudonymise(pd.Series(["15412345678", None]), key="a secret of 16 bytes or more").tolist()
    ['9c2ae5dc28f5313a', nan]
    >>> pseudonymise(pd.Series(["15412345678"]), key="secret")
    Traceback (most recent call last):
        ...
    CourseError: privacy.pseudonymise: key has 6 bytes; give at least 16, for example secrets.token_bytes(32).
    """
    secret = key.encode() if isinstance(key, str) else key
    if not isinstance(secret, bytes) or len(secret) < 16:
        has = f"has {len(secret)} bytes" if isinstance(secret, bytes) else f"is a {type(key).__name__}"
        raise CourseError(
            f"privacy.pseudonymise: key {has}; give at least 16, for example secrets.token_bytes(32)."
        )
    if not isinstance(series, pd.Series):
        raise CourseError(
            f"privacy.pseudonymise: a Series is needed, a {type(series).__name__} was given; "
            "take one column, for example customers['mobile']."
        )
    return _each(series, lambda text: hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:16])


def generalise(frame: Any, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Make values coarser, so that more people share them.

    Parameters
    ----------
    frame : DataFrame
        Any table. Missing values stay missing.
    rules : mapping of column to width
        A number groups a numeric column into bands of that width, counted from 0; ``"drop"`` leaves the
        column out.

    Returns
    -------
    DataFrame
        A copy of `frame`; banded columns are str such as "1990-1999" (a band of other than whole numbers
        names its upper edge, which is not part of it: "0.5-1").

    Raises
    ------
    CourseError
        If a column is missing, a banded column holds no numbers, or a rule is neither a positive number nor
        "drop".

    Examples
    --------
    >>> people = pd.DataFrame({"birth_year": [1991, 1998, 2003], "city": ["杭州", "宁波", "杭州"]})
    >>> generalise(people, {"birth_year": 10, "city": "drop"})["birth_year"].tolist()
    ['1990-1999', '1990-1999', '2000-2009']
    >>> generalise(people, {"birth_year": "decade"})
    Traceback (most recent call last):
        ...
    CourseError: privacy.generalise: rule 'decade' for column 'birth_year' is unknown; ...
    """
    require(frame, rules, "privacy.generalise")
    coarse = {}
    for column, width in rules.items():
        if width == "drop":
            continue
        if isinstance(width, bool) or not isinstance(width, (int, float)) or not width > 0:
            raise CourseError(
                f"privacy.generalise: rule {width!r} for column '{column}' is unknown; "
                "give the width of a band, such as 10, or 'drop'."
            )
        require_numeric(frame, [column], "privacy.generalise")
        values = pd.Series(frame[column].to_numpy(dtype=float, na_value=np.nan), index=frame.index)
        low = (values // width) * width
        # Whole numbers: the last year of the band is 1999, not 2000.
        whole = float(width).is_integer() and bool(((values % 1 == 0) | values.isna()).all())
        names = {
            edge: f"{edge:.0f}-{edge + width - 1:.0f}" if whole else f"{edge:.10g}-{edge + width:.10g}"
            for edge in low.dropna().unique()
        }
        coarse[column] = low.map(names).astype("str")
    return frame.drop(columns=[column for column, rule in rules.items() if rule == "drop"]).assign(**coarse)


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
    k is the size of the smallest class [1]_. It protects from being picked out, not from being known: where
    all of a class bought the same thing, being one of k hides nothing.

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
    columns = [quasi] if isinstance(quasi, str) else list(quasi)
    if not columns:
        raise CourseError(
            "privacy.k_anonymity: quasi is empty; name the columns by which a person could be picked out."
        )
    require(frame, columns, "privacy.k_anonymity")
    if threshold < 1:
        raise CourseError(f"privacy.k_anonymity: threshold is {threshold}; give 1 or more.")
    combination = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        codes = pd.factorize(frame[column])[0] + 1
        # Numbered afresh after each column, so that the product never overflows.
        combination = pd.factorize(combination * (codes.max(initial=0) + 1) + codes)[0]
    sizes, classes = np.unique(np.bincount(combination), return_counts=True)
    table = pd.DataFrame({"class_size": sizes, "classes": classes, "rows": sizes * classes})
    table["share"] = table["rows"] / max(len(frame), 1)
    table["cumulative_share"] = table["rows"].cumsum() / max(len(frame), 1)
    below = int(table.loc[table["class_size"] < threshold, "rows"].sum())
    return KAnonymity(
        k=int(sizes.min(initial=len(frame))),
        threshold=threshold,
        rows=len(frame),
        classes=int(classes.sum()),
        rows_below=below,
        share_below=below / len(frame) if len(frame) else float("nan"),
        table=table,
    )


def _each(series: pd.Series, rule: Callable[[str], str]) -> pd.Series:
    """Apply `rule` to the text of each distinct value; missing values stay missing."""
    codes, values = pd.factorize(series)
    texts = [rule(_text(value)) for value in values]
    found = pd.array([*texts, None], dtype="str")
    return pd.Series(found.take(codes), index=series.index, name=series.name)


def _text(value: Any) -> str:
    # A column of whole numbers with a gap is read as floats: 15412345678.0 is meant without the point.
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value).strip()
