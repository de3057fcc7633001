"""Personal data made safer: masking, pseudonyms, coarser values, and what k-anonymity is left.

None of these makes data anonymous for certain; each says what it leaves behind.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._anonymity import KAnonymity, LDiversity, k_anonymity, l_diversity
from ecomtrain.errors import CourseError, nearest, require, require_numeric

__all__ = [
    "KAnonymity",
    "LDiversity",
    "generalise",
    "k_anonymity",
    "l_diversity",
    "mask",
    "pseudonymise",
]

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
_ID_CARD = re.compile(r"^(\d{6})(?:\d{9}|\d{11}[\dXx])$", re.ASCII)


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
    if not match or (len(text) == 18 and _check_digit(text[:17]) != text[17].upper()):
        return HIDDEN
    return f"{match[1]}{'*' * (len(text) - 6)}"


def _check_digit(digits: str) -> str:
    """Last place of an identity card of 18 places, from the first 17 (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits))
    return "10X98765432"[total % 11]


def _province(text: str) -> str:
    match = _PROVINCE.match(text)
    return match[0] if match else HIDDEN


def _address(text: str) -> str:
    province = _PROVINCE.match(text)
    start = province[0] if province else ""
    city = _CITY.match(text[len(start) :].lstrip())
    return start + (city[0] if city else "") or HIDDEN


RULES: dict[str, Callable[[str], str]] = {
    "mobile": _mobile, "name": _name, "email": _email, "id_card": _id_card, "address": _address,
    "province": _province,
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
        ``"address"``: province and city, 浙江省杭州市. ``"province"``: of an address, 浙江省.
        ``"drop"``: the column is left out.

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
    An identity card of 18 places must have the right check digit (GB 11643), else it is none. Of it only the
    place is kept. With the usual last four shown as well, the check digit leaves
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
