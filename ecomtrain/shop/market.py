"""The market around the shops; what people answer when asked is in ``surveys``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.shop import surveys
from ecomtrain.shop.draw import cents, repeat, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.truth import Truth

__all__ = ["tables"]

MONTHS = pd.date_range("2024-07-01", periods=24, freq="MS", unit="us")
YEAR = 12  # the last twelve months, which the yearly figures are of
# Sales of all sellers in a shop's market in the last twelve months, billion yuan; no statistic, an order of
# magnitude.
MARKET_SIZE = {
    "apparel": 2100, "beauty": 520, "home": 900, "fmcg": 86, "mother_baby": 400, "food": 1150,
    "shoes": 480, "electronics": 2000, "cross_border": 610, "social": 320,
}  # fmt: skip
RETAIL = 48e12  # yuan in the last twelve months
POPULATION = 1.41e9
REGIONS = ("North", "Northeast", "East", "Shandong", "Central", "South", "Southwest", "Northwest", "Delta")
SWITCH = pd.Timestamp("2025-07-01").as_unit("us")  # fmcg: half of the lines begin with quick response
DRIFT = 0.0075  # fmcg: the brand's share in the second year over the first, where nothing was changed
KEYWORDS = {
    "standing desk": 1290, "ergonomic chair": 790, "meeting camera": 880, "conference phone": 540,
    "paper-like tablet": 1650, "electronic whiteboard": 4200, "smart printer": 930, "document scanner": 690,
    "docking station": 260, "monitor arm": 230, "noise-cancelling headset": 470, "voice recorder": 350,
    "desk lamp": 180, "office projector": 2400, "label printer": 210, "smart door lock": 1150,
    "attendance terminal": 390, "cable box": 45,
}  # fmt: skip  # and the usual price of a unit, yuan
SELLERS = 80


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    profile, truth = scene.profile, scene.truth
    rng = scene.random("market_monthly")
    parts = [lines(profile, truth, rng) if profile.shop == "fmcg" else categories(profile, rng)]
    if profile.shop == "electronics":
        # The name of the nation's stream is chosen so that the published draw shows all that is planted.
        parts = [nation(truth, scene.random("market_monthly.people")), *parts]
        parts += smart_office(truth, scene.random("market_monthly.smart_office"))
    return {"market_monthly": pd.concat(parts, ignore_index=True), "surveys": surveys.responses(scene)}


def rows(level: str, market: str, region: Any, segment: Any, month: Any, **columns: Any) -> pd.DataFrame:
    """Lay out rows of the market; what a level does not have is missing."""
    n = len(month)
    missing = np.full(n, np.nan)
    whole = pd.array([pd.NA] * n, dtype="Int64")
    frame = {
        "date": MONTHS[month],
        "level": repeat(level, n),
        "market": repeat(market, n),
        "region": repeat(region, n) if isinstance(region, str) else region,
        "segment": repeat(segment, n) if isinstance(segment, str) else segment,
        "shop": text(np.full(n, -1), ["none"]),
        **dict.fromkeys(("population", "netizens", "online_shoppers"), whole),
        **dict.fromkeys(("retail_value", "online_retail_value", "gmv", "brand_gmv"), missing),
        **dict.fromkeys(("listings", "units"), whole),
        "price": missing,
        "quick_response_since": pd.DatetimeIndex([pd.NaT] * n).as_unit("us"),
    }
    return pd.DataFrame(frame | columns)


def season(profile: Profile) -> np.ndarray:
    """Give the shop's season month by month, the last twelve months 1 on average."""
    level = np.array(profile.season)[MONTHS.month - 1]
    return level / level[-YEAR:].mean()


def nation(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Count people and retail value of the whole nation."""
    month = np.arange(24)
    since = month - (24 - YEAR) - (YEAR - 1) / 2
    population = POPULATION * (1 - 0.0008 * since / YEAR)

    def part(level: float, growth: float, spread: float) -> np.ndarray:
        return level * (1 + growth * since / YEAR) * (1 + spread * rng.normal(size=24))

    netizens = population * part(truth.netizens, 0.006, 0.003)
    shoppers = netizens * np.minimum(part(truth.online_shoppers, 0.02, 0.003), 1)
    shape = np.array([0.96, 0.93, 0.95, 0.96, 0.98, 1.03, 0.97, 0.98, 1.02, 1.05, 1.10, 1.07])
    retail = RETAIL / YEAR * shape[MONTHS.month - 1] * part(1.0, 0.04, 0.006)
    tilt = np.array([0.90, 0.88, 0.97, 0.97, 1.03, 1.13, 0.96, 0.95, 0.98, 1.02, 1.20, 1.06])[
        MONTHS.month - 1
    ]
    # Weighted with the retail value of the last twelve months the tilt is 1.
    tilt = tilt / np.average(tilt[-YEAR:], weights=shape[MONTHS.month - 1][-YEAR:])
    online = retail * part(truth.online_retail, 0.03, 0.006) * tilt
    counts = {"population": population, "netizens": netizens, "online_shoppers": shoppers}
    money = {"retail_value": retail, "online_retail_value": online}
    return rows(
        "nation",
        "all goods",
        "all",
        "all",
        month,
        **{name: pd.array(np.rint(x / 1e4).astype("int64") * 10_000, "Int64") for name, x in counts.items()},
        **{name: np.rint(x / 1e6) * 1e6 for name, x in money.items()},
    )


def categories(profile: Profile, rng: np.random.Generator) -> pd.DataFrame:
    """Add up all sellers of the shop's categories, and what its brand sells of them."""
    names = list(profile.categories)
    weight = 1 / (np.arange(len(names)) + 1.5)
    growth = np.log1p(rng.uniform(-0.02, 0.08, len(names)))
    level = MARKET_SIZE[profile.shop] * 1e9 / YEAR * weight / weight.sum()
    years = (np.arange(24) - (24 - YEAR) - (YEAR - 1) / 2) / YEAR
    noise = np.exp(0.015 * rng.normal(size=(len(names), 24)))
    gmv = level[:, None] * season(profile) * np.exp(np.outer(growth, years)) * noise
    share = rng.uniform(0.0002, 0.0012, len(names))[:, None] * np.exp(
        np.outer(rng.normal(0, 0.05, len(names)), years) + 0.04 * rng.normal(size=gmv.shape)
    )
    which, month = (grid.ravel() for grid in np.indices(gmv.shape))
    return rows(
        "category",
        profile.shop,
        "all",
        text(which, names),
        month,
        shop=repeat(profile.shop, len(month)),
        gmv=in_tens_of_thousands(gmv),
        brand_gmv=in_tens_of_thousands(gmv * share),
    )


def lines(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Do the same region by region: 36 lines, half of which got quick response for the second year."""
    names = list(profile.categories)
    many = len(REGIONS) * len(names)
    region, which = np.divmod(np.arange(many), len(names))
    weight = (1 / (which + 1.5)) * rng.uniform(0.6, 1.6, len(REGIONS))[region]
    level = MARKET_SIZE["fmcg"] * 1e9 / YEAR * weight / weight.sum()
    years = (np.arange(24) - (24 - YEAR) - (YEAR - 1) / 2) / YEAR
    growth = np.log1p(truth.category_growth) + 0.015 * rng.normal(size=many)
    noise = np.exp(0.015 * rng.normal(size=(many, 24)))
    gmv = level[:, None] * season(profile) * np.exp(np.outer(growth, years)) * noise
    base = np.log(rng.uniform(0.02, 0.06, many))
    # The management began where the brand was strong already; a base that stays does no harm.
    strong = np.argsort(np.argsort(-base - 0.4 * rng.normal(size=many)))
    chosen = strong < many // 2
    second = np.arange(24) >= 24 - YEAR
    own_way = 0.04 * rng.normal(size=many)
    months = 0.01 * rng.normal(size=24)
    shock = 0.04 * rng.normal(size=(many, 24))
    shock[:, 1:] += 0.4 * shock[:, :-1]
    change = np.log1p(DRIFT) + own_way + np.where(chosen, np.log1p(truth.quick_response_share), 0)
    share = np.exp(base[:, None] + np.outer(change, second) + months + shock)
    line, month = (grid.ravel() for grid in np.indices(gmv.shape))
    since = pd.Series(SWITCH, index=range(len(line))).where(pd.Series(chosen[line]))
    return rows(
        "category",
        profile.shop,
        text(region[line], REGIONS),
        text(which[line], names),
        month,
        shop=repeat(profile.shop, len(month)),
        gmv=in_tens_of_thousands(gmv),
        brand_gmv=in_tens_of_thousands(gmv * np.minimum(share, 0.9)),
        quick_response_since=since,
    )


def smart_office(truth: Truth, rng: np.random.Generator) -> list[pd.DataFrame]:
    """List a small market twice, by keyword and by seller; both add up to the same money every month."""
    many = len(KEYWORDS)
    years = (np.arange(24) - (24 - YEAR) - (YEAR - 1) / 2) / YEAR
    shape = np.array([0.86, 0.75, 1.12, 1.0, 0.98, 1.12, 0.94, 0.95, 1.05, 1.0, 1.25, 0.98])[MONTHS.month - 1]
    trend = shape * np.exp(0.12 * years)
    weight = 1 / (np.arange(many) + 3.0)
    size = truth.smart_office_listed * 1e9 * weight / weight.sum()
    expected = size[:, None] * trend / trend[-YEAR:].sum() * np.exp(0.05 * rng.normal(size=(many, 24)))
    usual = np.array(list(KEYWORDS.values()))
    price = cents(usual[:, None] * np.exp(0.02 * rng.normal(size=(many, 24)) - 0.03 * years)) / 100
    units = np.maximum(1, np.rint(expected / price)).astype("int64")
    gmv = cents(price) * units
    listings = np.maximum(1, units / rng.uniform(15, 90, many)[:, None]).astype("int64")
    which, month = (grid.ravel() for grid in np.indices(gmv.shape))
    every = "smart office", "all"
    about = {"shop": repeat("electronics", many * 24)}
    keywords = rows(
        "keyword",
        *every,
        text(which, list(KEYWORDS)),
        month,
        **about,
        gmv=gmv.ravel() / 100,
        listings=pd.array(listings.ravel(), "Int64"),
        units=pd.array(units.ravel(), "Int64"),
        price=price.ravel(),
    )
    rank = np.arange(SELLERS) + 1.0
    steep = np.linspace(0.85, 1.1, 24)  # the head pulls away
    share = rank[:, None] ** -steep * np.exp(0.06 * rng.normal(size=(SELLERS, 24)))
    sold = np.floor(gmv.sum(axis=0) * share / share.sum(axis=0)).astype("int64")
    sold[-1] += gmv.sum(axis=0) - sold.sum(axis=0)
    seller, month = (grid.ravel() for grid in np.indices(sold.shape))
    names = [f"seller {number:02d}" for number in range(1, SELLERS + 1)]
    sellers = rows(
        "seller",
        *every,
        text(seller, names),
        month,
        shop=repeat("electronics", len(month)),
        gmv=sold.ravel() / 100,
    )
    return [keywords, sellers]


def in_tens_of_thousands(yuan: np.ndarray) -> np.ndarray:
    """Round to 10,000 yuan, as such sources publish it."""
    rounded: np.ndarray = np.rint(yuan.ravel() / 1e4) * 1e4
    return rounded
