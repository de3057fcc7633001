"""Words and numbers on a plot: fonts that can draw them, lines that fit, amounts as people write them."""

from __future__ import annotations

import functools
import math
import os
import re
from collections.abc import Sequence
from typing import Any

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

TITLE, TEXT, NOTE = 13.0, 10.0, 9.0  # points

_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)


@functools.cache
def fonts() -> tuple[str, ...]:
    """DejaVu Sans, which comes with matplotlib, then the first Chinese font that is installed, if any."""
    installed = {font.name for font in font_manager.fontManager.ttflist if os.path.exists(font.fname)}
    return ("DejaVu Sans", *[name for name in _CHINESE if name in installed][:1])


@functools.cache
def _glyphs() -> frozenset[int]:
    """Return every character that the fonts in use can draw."""
    files = [font_manager.findfont(name) for name in fonts()]
    return frozenset().union(*(FT2Font(file).get_charmap() for file in files))


def has_chinese() -> bool:
    """Tell whether Chinese labels can be drawn here."""
    return len(fonts()) > 1


def safe(text: object) -> str:
    """Return `text` with each character that no font here can draw replaced, so that drawing never warns."""
    text = str(text)
    return text if text.isascii() else "".join(c if c == "\n" or ord(c) in _glyphs() else "□" for c in text)


def inches_of(text: str, size: float, weight: str) -> float:
    """Return the width of one line of text."""
    font = font_manager.FontProperties(family=list(fonts()), size=size, weight=weight)
    width: float = text_to_path.get_text_width_height_descent(text, font, False)[0]
    return width / 72


def wrapped(
    text: str, inches: float, size: float = TEXT, weight: str = "normal", *, even: bool = False
) -> str:
    """Break `text` into lines no wider than `inches`; a word wider than that is broken too.

    With `even`, the lines are made of about equal length. A number stays with its unit, and what is in short
    brackets stays together.
    """
    text = re.sub(r"(?<=[\d.]) (?=(%|k|m|bn|pp|s|×)(?!\w))", "\u00a0", text)
    text = re.sub(r"\([^()]{,24}\)", lambda found: found[0].replace(" ", "\u00a0"), text)
    lines = _lines(text, inches, size, weight)
    width = inches
    while even and len(lines) > 1 and len(narrower := _lines(text, width - 0.2, size, weight)) == len(lines):
        width, lines = width - 0.2, narrower
    return "\n".join(lines).replace("\u00a0", " ")


def _lines(text: str, inches: float, size: float, weight: str) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        line = f"{lines[-1]} {word}" if lines[-1] else word
        if inches_of(line, size, weight) <= inches:
            lines[-1] = line
            continue
        lines.append("")
        for character in word:  # Chinese has no spaces to break at
            if lines[-1] and inches_of(lines[-1] + character, size, weight) > inches:
                lines.append("")
            lines[-1] += character
    return [line for line in lines if line]


def listed(items: Sequence[str]) -> str:
    """Join items as a sentence does: ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def capital(text: str) -> str:
    """Return `text` with its first letter in upper case and the rest untouched."""
    return text[:1].upper() + text[1:]


def number(value: Any, digits: int | None = None, *, sign: bool = False) -> str:
    """Return a number as text: thousands with commas, as many decimals as matter, a true minus."""
    value = float(value)
    if not math.isfinite(value):
        return "n/a"
    if digits is None:
        size = abs(value)
        digits = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2
    value = round(value, digits)
    return f"{value or 0.0:{'+' if sign and value else ''},.{digits}f}".replace("-", "−")


def percent(value: Any, digits: int | None = None, *, sign: bool = False) -> str:
    """Return a fraction as per cent: ``0.583`` gives ``58 %``, small ones with one decimal."""
    value = float(value) * 100
    if not math.isfinite(value):
        return "n/a"
    if digits is None:
        digits = 0 if abs(value) >= 10 or value == 0 else 1 if abs(value) >= 1 else 2
    return f"{number(value, digits, sign=sign)} %"


def _digits(low: float, high: float) -> int:
    """Decimals that show an interval: 55-61, 4.5-8.0, 3.1-3.4, 0.12-0.15."""
    width, size = high - low, max(abs(low), abs(high))
    if width == 0 and low == round(low):
        return 0
    return 0 if width >= 2 and size >= 10 else 1 if width >= 0.2 else 2


def interval(low: Any, high: Any, *, share: bool = True, sign: bool = False) -> str:
    """Return an interval as text: ``55-61 %``; with `sign`, ``+3 to +5 %``."""
    scale = 100 if share else 1
    low, high = float(low) * scale, float(high) * scale
    digits = _digits(low, high)
    unit = " %" if share else ""
    signed = sign or low < 0
    ends = [number(end, digits, sign=sign) for end in (low, high)]
    return f"{ends[0]}{' to ' if signed else '-'}{ends[1]}{unit}"


def measured(
    value: Any,
    low: Any = math.nan,
    high: Any = math.nan,
    what: str = "",
    *,
    share: bool = True,
    sign: bool = False,
) -> str:
    """Return an estimate with its interval, ``58 % of views (55-61 %)``, or alone where there is none."""
    value, low, high = float(value), float(low), float(high)
    known = math.isfinite(low + high + value)
    scale = 100 if share else 1
    digits = _digits(low * scale, high * scale) if known else None
    text = percent(value, digits, sign=sign) if share else number(value, digits, sign=sign)
    between = f" ({interval(low, high, share=share, sign=sign)})" if known else ""
    return f"{text}{' ' if what else ''}{what}{between}"


def compact(value: Any, prefix: str = "", *, sign: bool = False) -> str:
    """Return a large number in short: ``¥1.24 m``, ``38.2 k``, ``9,500``."""
    value = float(value)
    if not math.isfinite(value):
        return "n/a"
    mark = "−" if value < 0 else "+" if sign and value > 0 else ""
    size = abs(value)
    thousands = 999.5 if prefix else 9_999.5  # a count of some thousands is read as it stands
    for limit, unit in ((999_500_000, 1e9), (999_500, 1e6), (thousands, 1e3)):
        if size >= limit:
            scaled = size / unit
            digits = 2 if scaled < 10 else 1 if scaled < 100 else 0
            return f"{mark}{prefix}{scaled:.{digits}f} {({1e9: 'bn', 1e6: 'm', 1e3: 'k'})[unit]}"
    return f"{mark}{prefix}{number(size)}"


def plain(value: Any, *, sign: bool = False) -> str:
    """Return a number as it stands, with no decimals that are zero: ``2.5``, ``15``, ``1,200``."""
    value = float(value)
    text = f"{value:{'+' if sign and value else ''},.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "−") if math.isfinite(value) else "n/a"
