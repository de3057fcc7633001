"""The audits of the market, surveys and laws; each function is named after its claim, as in ``data``."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from ecomtrain.analysis import intervals, privacy
from ecomtrain.course.readings import Analysis, Reading, Tables, aside, reading
from ecomtrain.shop.truth import Truth

# The claims of the world market: trillions rounded to whole ones, growth to whole per cent.
MARKET, GROWTH, YEARS = 7.0, 0.12, 5
ROUNDED: dict[str, Any] = {"value_step": 1.0, "rate_step": 0.01}
# Assumed, not measured; least, usual and most.
CUTS = {"connected goods": (0.45, 0.65, 0.75), "bought for offices": (0.70, 0.85, 0.95)}
COVERAGE = (0.4, 0.5, 0.6)
BILLION = 1e9
RANGE = ["value", "low", "high"]


def c1_t0a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """World market: the figure as it stands, and what its own growth rate makes of a rounded start."""
    stands = naive(MARKET, GROWTH, 0).iloc[0]
    _, year, start = naive(MARKET, GROWTH, [0, 1, YEARS], **ROUNDED)[RANGE].to_numpy()
    again = sound(round(float(start[0])), GROWTH, YEARS, **ROUNDED).iloc[0]
    unit = "USD trn"
    return [
        reading("the figure as it stands", stands[RANGE], 1),
        reading("five years at the claimed rate, from the start in whole trillions", again[RANGE], 2),
        aside("where it must have come from a year ago", year, 2, unit=unit),
        aside("where it must have come from five years ago", start, 2, unit=unit),
    ]


def c1_t0b(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Growth: between two sizes taken as exact, or as rounded."""
    start = round(MARKET / (1 + GROWTH) ** YEARS)
    last_year = round(MARKET / (1 + GROWTH))
    steps = {"first_step": 1.0, "last_step": 1.0}
    return [
        reading("from 4 to 7 trillion in five years, taken as exact", naive(start, MARKET, YEARS), 2),
        reading("from 4 to 7 trillion in five years, as rounded", sound(start, MARKET, YEARS, **steps), 2),
        aside(
            "from 6 to 7 in one year, as rounded", sound(last_year, MARKET, 1, **steps), 2, unit="relative"
        ),
    ]


def c1_t0c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Penetration: of the users, of the people, of the money."""
    nation = _last_year(t["market_monthly"], "nation")

    def share(of: Analysis, part: str, whole: str) -> tuple[Any, Any]:
        row = of(nation, part, whole, level=level).iloc[0]
        return row[["penetration", "low", "high"]], row["periods"]

    people = truth.online_shoppers * truth.netizens
    return [
        reading(
            "online shoppers of the users of the internet",
            *share(naive, "online_shoppers", "netizens"),
            truth.online_shoppers,
        ),
        reading(
            "online sales of all retail sales",
            *share(sound, "online_retail_value", "retail_value"),
            truth.online_retail,
        ),
        reading("online shoppers of all people", *share(sound, "online_shoppers", "population"), people),
    ]


def c1_t3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Preference: who comes by themselves and hears a leading question, or a weighted panel."""
    asked = t["surveys"][t["surveys"]["survey"] == "certified_goods"]
    asked = asked.assign(yes=asked["score"] >= 4)

    def of(recruitment: str, wording: str) -> pd.DataFrame:
        return asked[asked["recruitment"].eq(recruitment) & asked["wording"].eq(wording)]

    def plain(rows: pd.DataFrame) -> tuple[Any, int]:
        yes, n = int(rows["yes"].sum()), len(rows)
        return (yes / n if n else math.nan, *naive(yes, n, level)), n

    def weighted(rows: pd.DataFrame) -> tuple[Any, Any]:
        how = {"success": "yes", "weight": "weight", "strata": ["age_group", "city_tier"], "level": level}
        row = sound(rows, **how).iloc[0]
        return row[["share", "low", "high"]], row["n"]

    planted = truth.certified_preferred
    return [
        reading(
            "came by themselves, asked with the leading question", *plain(of("opt_in", "leading")), planted
        ),
        reading("the panel, asked neutrally, weighted", *weighted(of("panel", "neutral")), planted),
        aside("the panel, asked with the leading question, weighted", *weighted(of("panel", "leading"))),
        aside("came by themselves, asked neutrally", *plain(of("opt_in", "neutral"))),
    ]


def c1_k4(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Market share: the brand's sales year on year, or its share against lines without quick response."""
    lines = t["market_monthly"].query("level == 'category'")
    lines = lines.assign(
        line=lines["segment"] + ", " + lines["region"],
        share=lines["brand_gmv"] / lines["gmv"],
        treated=lines["date"] >= lines["quick_response_since"],
        year=lines["date"] >= lines["quick_response_since"].min(),
        switched=lines["quick_response_since"].notna(),
    )
    sums = {
        "index": ["switched", "line"],
        "columns": "year",
        "values": ["brand_gmv", "gmv"],
        "aggfunc": "sum",
    }
    years = lines.pivot_table(**sums)

    def over(of: Analysis, rows: pd.DataFrame, column: str) -> tuple[Any, int]:
        # Sales of both years are sums over the same lines.
        found = of(rows[column, True], rows[column, False], level=level)
        return (found.value - 1, found.low - 1, found.high - 1), len(rows)

    how = {"unit": "line", "time": "date", "treated": "treated", "level": level}
    effect = sound(lines, outcome="share", relative=True, **how).iloc[0]
    points = sound(lines, outcome="share", **how).iloc[0]
    ends, planted = ["effect", "low", "high"], truth.quick_response_share
    return [
        reading(
            "the brand's sales in these lines, year on year",
            *over(naive, years.loc[True], "brand_gmv"),
            planted,
        ),
        reading("its share in these lines against the others", effect[ends], effect["units"], planted),
        aside(
            "sales of all sellers, year on year",
            *over(intervals.ratio, years, "gmv"),
            truth.category_growth,
            unit="relative",
        ),
        aside("the effect in points of market share", points[ends], points["units"], unit="points"),
    ]


def c1_k6(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Exposure: records that can be singled out with what is masked, coarsened or left out."""
    people = t["customers"]
    masked = privacy.mask(people, {"name": "name", "mobile": "mobile", "email": "email"})
    coarse = privacy.generalise(people, {"birth_year": 10})
    known = ["gender", "birth_year", "city"]

    def exposed(of: Analysis, frame: pd.DataFrame, columns: list[str]) -> tuple[Any, int]:
        found = of(frame, columns, threshold=5)
        return (found.share_below, *intervals.wilson(found.rows_below, found.rows, level)), found.rows

    direct = ["name", "mobile", "email"]
    return [
        reading("names, numbers and mail masked, all else kept", *exposed(naive, masked, [*direct, *known])),
        reading("only gender, decade of birth and city kept", *exposed(sound, coarse, known)),
        aside("only gender, year of birth and city kept", *exposed(sound, people, known)),
        aside("as the table stands", *exposed(sound, people, [*direct, *known])),
    ]


def c4_a1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Smart office: cut from the category, or added up from the listings."""
    category = _last_year(t["market_monthly"], "category").query("segment == 'office'")
    above = naive(category["gmv"].sum() / BILLION, CUTS)
    keywords = _last_year(t["market_monthly"], "keyword")
    below = sound(keywords, coverage=COVERAGE).iloc[0]
    listed, unit = below["listed"] / BILLION, "CNY bn"
    return [
        reading("cut from the category office", above.iloc[-1][RANGE], len(category)),
        reading("added up from the listings", below[RANGE] / BILLION, below["rows"]),
        aside(
            "the listings alone",
            (listed, math.nan, math.nan),
            below["rows"],
            truth.smart_office_listed,
            unit=unit,
        ),
        aside("the category office", above.iloc[0][RANGE], len(category), unit=unit),
    ]


def _last_year(market: pd.DataFrame, what: str) -> pd.DataFrame:
    rows = market[market["level"] == what]
    return rows[rows["date"] > rows["date"].max() - pd.DateOffset(years=1)]
