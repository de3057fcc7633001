"""What sets the shops apart: their trade, prices, seasons and visitors, read from ``shops.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["CHANNELS", "DEVICES", "Profile", "profiles"]

CHANNELS = ("search", "feed", "content", "live", "paid_ads", "direct")
DEVICES = ("app", "mini_program", "web")


@dataclass(frozen=True)
class Profile:
    """One shop's constants; ``shops.toml`` says what each means."""

    shop: str
    number: int
    title: str
    title_zh: str
    vertical: str
    opened_on: str
    sessions: float
    customers: float
    products: int
    launches: int
    price: float
    price_spread: float
    margin: float
    discount: float
    pay_rate: float
    interacting: float
    next_detail: float
    ever_detail: float
    lines: float
    quantity: float
    returned: float
    shipping: float
    free_from: float
    cover: float
    trend: float
    promotion: float
    women: float
    born: float
    season: tuple[float, ...]
    week: tuple[float, ...]
    channels: tuple[float, ...]
    categories: dict[str, list[str]]
    terms: tuple[dict[str, Any], ...]
    first: int = 0  # ids of the shop begin after this one; shards of a big shop share its room


@cache
def profiles() -> dict[str, Profile]:
    """Read the shops by name, in their order."""
    text = Path(__file__).with_name("shops.toml").read_text(encoding="utf-8")
    made = {}
    for shop, row in tomllib.loads(text).items():
        fixed: dict[str, Any] = {name: tuple(x) if isinstance(x, list) else x for name, x in row.items()}
        made[shop] = Profile(shop=shop, **fixed)
    return made
