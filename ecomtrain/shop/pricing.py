"""Products over their life: prices, launches, demand and supply in the market, the rhythm of the stores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.shop.calendar import DAYS, N_DAYS, PROMOTIONS, day_number
from ecomtrain.shop.catalogue import MATURE
from ecomtrain.shop.draw import cents, identifiers, repeat, text
from ecomtrain.shop.office import monthly
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.truth import Truth

__all__ = ["tables"]

KINDS = ("list", "promotion", "cost")

TEAMS = ("A", "B", "C")
ELSEWHERE = (70.0, 150.0)  # median and 90th percentile, in days, of a launch outside apparel
PATIENCE = 8.0  # mean time to a cancellation, in median launch times
TRIES = 48  # draws for each launch, of which the first that is not cancelled counts

MARKET = 3.2  # searches of the whole market, in searches of the platform of the table searches
STEADY = 400  # the higher, the less a month's searches scatter beyond chance
WORDS = {"recommended": "推荐", "low-price": "平价", "latest": "新款", "branded": "品牌"}
NICHE, NICHE_ZH = "baby-food maker", "辅食机"
FORMS = {
    "steam blender": "蒸搅一体机", "hand blender": "手持搅拌棒", "grinder": "研磨器", "mini cooker": "小煮锅",
    "steamer": "蒸锅", "mincer": "绞肉机", "juicer": "榨汁机", "cereal maker": "米糊机",
    "tool set": "工具套装", "warmer": "温食器",
}  # fmt: skip
FEATURES = {
    "glass": "玻璃", "portable": "便携", "rechargeable": "充电式", "large": "大容量", "timer": "定时",
    "quiet": "静音", "washable": "可拆洗", "multi-purpose": "多功能", "ceramic": "陶瓷", "steel": "不锈钢",
}  # fmt: skip

REGIONS = ("east", "south", "north")
RHYTHMS = ("old", "changing", "new")
MOVES = ("2025-08-25", "2025-09-08", "2025-09-22")  # the lines that move do so in three groups
CHANGING = 4  # weeks until the new rhythm is all there
WEEKS = N_DAYS // 7


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    made = {
        "prices": prices(scene),
        "launches": launches(scene, scene.random("launches")),
        "keywords_monthly": keywords(scene.profile, scene.truth, scene.random("keywords_monthly")),
    }
    if scene.profile.shop == "apparel":
        made["clearance_weekly"] = clearance(scene, scene.random("clearance_weekly"))
    return made


def prices(scene: Scene) -> pd.DataFrame:
    """List what each product cost and was sold for, one row per period in which nothing changed."""
    goods = scene.goods
    windows = np.array([[day_number(first), day_number(last)] for _, _, first, last, _ in PROMOTIONS])
    promoted = np.rint(goods.price * scene.profile.discount / 10).astype("int64") * 10
    begins = np.flatnonzero(np.r_[True, np.diff(goods.cost_level) != 0])
    ends = np.r_[begins[1:], N_DAYS] - 1
    costs = np.rint(goods.cost[:, None] * goods.cost_level[begins]).astype("int64")
    if scene.profile.discount == 1:
        windows = windows[:0]
    first = np.concatenate([[0], windows[:, 0], begins])
    last = np.concatenate([[N_DAYS - 1], windows[:, 1], ends])
    kind = np.repeat([0, 1, 2], [1, len(windows), len(begins)])
    amount = np.concatenate(
        [goods.price[:, None], np.repeat(promoted[:, None], len(windows), axis=1), costs], axis=1
    )
    start = np.maximum(first[None, :], goods.launch[:, None])
    product, period = np.nonzero(start <= last[None, :])
    return pd.DataFrame(
        {
            "shop": repeat(scene.profile.shop, len(product)),
            "product_id": text(product, goods.names),
            "kind": text(kind[period], KINDS),
            "valid_from": DAYS[start[product, period]],
            "valid_to": DAYS[last[period]],
            "price": amount[product, period] / 100,
        }
    )


def launches(scene: Scene, rng: np.random.Generator) -> pd.DataFrame:
    """List the projects that were begun within the two years, whatever became of them.

    The projects that reached the shop are those of its products, so their dates are given and the ideas are
    dated back from them. Projects are begun at an even pace, and when one is cancelled does not depend on
    when it would have been ready; so each launched one took a time drawn among those that beat the
    cancellation, and the others are drawn from all that were begun.
    """
    profile, goods, truth = scene.profile, scene.goods, scene.truth
    apparel = profile.shop == "apparel"
    median, slow = (truth.launch_median, truth.launch_p90) if apparel else ELSEWHERE
    last = (N_DAYS - 8 if apparel else MATURE) - 1

    def take(*size: int) -> tuple[np.ndarray, np.ndarray]:
        spread = np.log(slow / median) / ndtri(0.9)
        ready = np.maximum(np.rint(median * np.exp(spread * rng.normal(size=size))), 3)
        given_up = np.ceil(rng.exponential(PATIENCE * median, size))
        return ready.astype("int64"), given_up.astype("int64")

    sold = np.flatnonzero(goods.launch >= 0)
    tried, refused = take(len(sold), TRIES)
    lasts = tried <= refused
    took = tried[np.arange(len(sold)), lasts.argmax(axis=1)]
    known = goods.launch[sold] - took >= 0
    sold, took = sold[known], took[known]

    begun = rng.poisson(len(lasts) / last / max(lasts.mean(), 0.01) * (last + 1))
    ready, given_up = take(begun)
    start = rng.integers(0, last + 1, begun)
    open_ = (given_up < ready) | (start + ready > last)
    ready, given_up, start = ready[open_], given_up[open_], start[open_]
    like = rng.integers(len(goods.names), size=len(start))

    never = np.full(len(sold), N_DAYS)
    start = np.concatenate([goods.launch[sold] - took, start])
    ready = np.concatenate([took, ready])
    end = np.concatenate(
        [never, np.where(given_up < ready[len(sold) :], start[len(sold) :] + given_up, N_DAYS)]
    )
    product = np.concatenate([sold, like])
    launched = np.arange(len(start)) < len(sold)
    cancelled = end <= last
    until = np.where(cancelled, end, last)
    share = np.array([[0.15], [0.4], [0.65]]) + 0.2 * rng.random((3, len(start)))
    steps = start + np.rint(share * ready).astype("int64")
    team = rng.integers(len(TEAMS), size=len(start))
    order = np.lexsort((product, start))

    def date(day: np.ndarray, seen: np.ndarray) -> pd.Series:
        dates = pd.Series(DAYS[np.clip(day, 0, N_DAYS - 1)])
        return dates.where(seen)[order].reset_index(drop=True)

    n = len(start)
    everyone = np.ones(n, bool)
    return pd.DataFrame(
        {
            "project_id": identifiers(profile, n),
            "shop": repeat(profile.shop, n),
            "category": goods.frame["category"].to_numpy()[product[order]],
            "team": text(team[order], TEAMS),
            "started_on": date(start, everyone),
            "designed_on": date(steps[0], steps[0] <= until),
            "sampled_on": date(steps[1], steps[1] <= until),
            "tested_on": date(steps[2], steps[2] <= until),
            "launched_on": date(start + ready, launched),
            "cancelled_on": date(end, cancelled),
            "known_until": date(np.full(n, last), everyone),
            "status": text(
                np.select([launched, cancelled], [0, 1], 2)[order], ["launched", "cancelled", "running"]
            ),
            "product_id": text(np.where(launched, product, -1)[order], goods.names),
        }
    ).astype({"category": "str"})


def keywords(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Count what the market searches, clicks and buys for each phrase, and what is on offer, by month."""
    rows = [(word, zh, term) for term in profile.terms for word, zh in {"": "", **WORDS}.items()]
    names = [f"{word} {term['term']}".strip() for word, _, term in rows]
    names_zh = [zh + term["term_zh"] for _, zh, term in rows]
    niche = [term["term"] for *_, term in rows]
    niche_zh = [term["term_zh"] for *_, term in rows]
    head = np.array([word == "" for word, *_ in rows])
    size = np.where(head, 1.0, rng.uniform(0.05, 0.3, len(rows)))
    mean = MARKET * size[:, None] * np.array([monthly(grown(term, truth), truth) for *_, term in rows])
    clicked, bought = rng.uniform(0.35, 0.6, len(rows)), rng.uniform(0.03, 0.12, len(rows))
    offered = mean[:, 12:].mean(axis=1) * clicked * bought * np.exp(0.2 + 0.8 * rng.normal(size=len(rows)))
    if profile.shop == "mother_baby":
        names += [f"{feature} {form}" for feature in FEATURES for form in FORMS]
        names_zh += [feature + form for feature in FEATURES.values() for form in FORMS.values()]
        niche += [NICHE] * (len(names) - len(niche))
        niche_zh += [NICHE_ZH] * (len(names) - len(niche_zh))
        buyers, listings = ocean(truth, len(names) - len(rows), rng)
        clicked = np.r_[clicked, rng.uniform(0.35, 0.6, len(buyers))]
        bought = np.r_[bought, rng.uniform(0.03, 0.12, len(buyers))]
        path = 1.04 ** (np.arange(24) / 12) * np.exp(0.15 * np.cos(2 * np.pi * (np.arange(24) + 1) / 12))
        rate = (buyers / (clicked * bought)[len(rows) :])[:, None] * path / path[12:].mean()
        mean, offered = np.vstack([mean, rate]), np.r_[offered, listings]
    searched = rng.poisson(mean * rng.gamma(STEADY, 1 / STEADY, mean.shape))
    clicks = rng.binomial(searched, clicked[:, None])
    buyers = rng.binomial(clicks, bought[:, None])
    growing = 1.06 ** (np.arange(24) / 12)
    listed = np.maximum(np.rint(offered[:, None] * growing / growing[12:].mean()), 1)
    term, month = (grid.ravel() for grid in np.indices(mean.shape))
    months = pd.date_range(DAYS[0], periods=24, freq="MS").as_unit("us")
    return pd.DataFrame(
        {
            "month": months[month],
            "shop": repeat(profile.shop, len(term)),
            "niche": text(term, niche),
            "niche_zh": text(term, niche_zh),
            "term": text(term, names),
            "term_zh": text(term, names_zh),
            "searches": searched.ravel(),
            "clicks": clicks.ravel(),
            "buyers": buyers.ravel(),
            "listings": listed.ravel().astype("int64"),
        }
    )


def grown(term: dict[str, Any], truth: Truth) -> dict[str, Any]:
    """Give a term its growth in the whole market, which is planted for one of them."""
    planted = term["term"] == "portable coffee machine"
    return term | {"growth": truth.coffee_growth} if planted else term


def ocean(truth: Truth, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Give the sub-niches' expected buyers and listings a month.

    Ranks are dealt so that the planted share of niches lies in the upper two fifths of demand and the lower
    two fifths of supply; then listings are scaled so that the planted share has a buyer a month for each.
    """
    score = np.exp(0.9 * ndtri((np.arange(n) + 0.5) / n))
    fifths = round(0.4 * n)
    both = round(truth.blue_ocean_ranks * n)
    few, many = rng.permutation(fifths), fifths + rng.permutation(n - fifths)
    upper = np.concatenate([few[:both], many[: fifths - both]])
    lower = np.concatenate([few[both:], many[fifths - both :]])
    supply = np.concatenate([rng.permutation(lower), rng.permutation(upper)])
    ratio = np.sort(score / score[supply])[::-1]
    edges = np.r_[2 * ratio[0], ratio, ratio[-1] / 2]
    k = round(truth.blue_ocean_ratio * n)
    scale = np.sqrt(edges[k] * edges[k + 1])
    shuffled = rng.permutation(n)
    return 60 * score[shuffled], 60 * scale * score[supply][shuffled]


def clearance(scene: Scene, rng: np.random.Generator) -> pd.DataFrame:
    """Follow the product lines of the stores by region and week, half of which move to the new rhythm.

    Turnover is cost of goods sold over average stock. Lines share their season; what is their own scatters
    from week to week and lasts for some weeks. The lines that turn slowest are moved.
    """
    items = [(kind, item) for kind, goods in scene.profile.categories.items() for item in goods]
    n = len(items) * len(REGIONS)
    item, region = np.divmod(np.arange(n), len(REGIONS))
    demand = scene.demand[: 7 * WEEKS].reshape(WEEKS, 7).mean(axis=1)
    size, slow = np.exp(0.5 * rng.normal(size=n)), 0.25 * rng.normal(size=n)
    moved = np.argsort(np.argsort(slow)) >= n // 2
    group = np.where(moved, rng.permutation(n) % len(MOVES), len(MOVES))
    begin = np.array([day_number(date) // 7 for date in MOVES] + [WEEKS])[group]
    since = np.arange(WEEKS)[:, None] - begin[None, :]
    gain = np.log1p(scene.truth.clearance_gain) * np.clip((since + 1) / (CHANGING + 1), 0, 1)
    own = lasting(rng.normal(size=(2, WEEKS, n)), 0.6)
    sold = 4_000 * size * demand[:, None] * np.exp(0.12 * own[0] + 0.4 * gain)
    held = 4_000 * size * np.exp(slow) * 8 * demand[:, None] ** 0.3 * np.exp(0.08 * own[1] - 0.6 * gain)
    new = since >= CHANGING
    # In the old rhythm something is always on clearance; in the new one, in the last weeks of a season.
    closing = np.isin(np.arange(WEEKS) % 26, [5, 6, 7])[:, None]
    cut = np.where(new, np.where(closing, 0.5, 0.03), 0.12) * np.exp(0.3 * rng.normal(size=(WEEKS, n)))
    styles = rng.poisson(np.where(new, 2.4, 1.5))
    week, line = (grid.ravel() for grid in np.indices((WEEKS, n)))
    return pd.DataFrame(
        {
            "week": DAYS[7 * week],
            "shop": repeat(scene.profile.shop, len(line)),
            "category": text(item[line], [kind for kind, _ in items]),
            "product_line": text(item[line], [name for _, name in items]),
            "region": text(region[line], REGIONS),
            "rhythm": text(np.select([new, since >= 0], [2, 1], 0).ravel(), RHYTHMS),
            "new_styles": styles.ravel(),
            "cogs": cents(sold.ravel()) / 100,
            "clearance_cogs": cents((np.minimum(cut, 0.9) * sold).ravel()) / 100,
            "average_stock": cents(held.ravel()) / 100,
        }
    )


def lasting(noise: np.ndarray, memory: float) -> np.ndarray:
    """Give noise along its second last axis a memory; each value keeps a standard deviation of 1."""
    steps = np.arange(noise.shape[-2])
    apart = steps[:, None] - steps[None, :]
    weights = np.where(apart >= 0, memory ** np.abs(apart), 0.0)
    weights[:, 1:] *= np.sqrt(1 - memory**2)
    remembered: np.ndarray = weights @ noise
    return remembered
