"""Content and what it moves: posts, followers, visits from platforms, audiences, invitations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr

from ecomtrain.shop import stores
from ecomtrain.shop.calendar import (
    DAY,
    DAYS,
    N_DAYS,
    day_number,
    promotion_gain,
    stamp,
    time_of_day,
)
from ecomtrain.shop.draw import autoregressive, by_weight, identifiers, repeat, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.truth import Truth

__all__ = ["tables"]

PLATFORMS = ("Douyin", "Xiaohongshu")
FORMS = ("short_video", "image_text", "live")
KINDS = ("knowledge", "emotional", "interactive", "product")
CLICK_RATE = np.array([0.034, 0.040, 0.029, 0.058])  # of plays, by kind
POSTS = 330  # a shop's ordinary posts
# The series of three shops: kind, platform, first day, days, posts.
SERIES = {
    "beauty": ("ingredient analysis", 0, 1, "2026-03-16", 104, 45),
    "home": ("scene decoration", 1, 1, "2025-07-07", 350, 130),
    "food": ("tasting challenge", 2, 0, "2026-03-02", 14, 40),
}
ACCOUNTS = 140  # of the trade, behind each benchmark

SOURCES = ("search", "recommended", "following")
WEEKS = 104  # whole weeks from the first day, a Monday
COMPARED = 12  # weeks on each side of the series' first post

KEPT_AFTER = 60  # days after the challenge
GROWTH = 0.005  # of followers, in a week

BANDS = ("under 25", "25-29", "30-34", "35-39", "40 and over")
BORN_UP_TO = np.array([1986, 1991, 1996, 2001])  # the bands' borders, oldest first
# Whom a platform adds to a shop's own customers: share of women, and of the bands from young to old.
DRAWN = {
    "Douyin": (0.34, np.array([0.16, 0.14, 0.15, 0.18, 0.37])),
    "Xiaohongshu": (0.97, np.array([0.94, 0.02, 0.02, 0.01, 0.01])),
}
SAMPLE = 6_000  # accounts behind a platform's profile

INVITED_FROM = day_number("2026-01-01")
CYCLE = 14  # days in which a new user may invite
ACCEPTED = 0.22  # of invitations
HOUR = 3600  # at least, from joining to the first who comes


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    profile, truth = scene.profile, scene.truth
    made = {
        "content_posts": posts(scene),
        "content_benchmarks": benchmarks(profile, truth, scene.random("content_benchmarks")),
        "content_traffic": traffic(profile, truth, scene.random("content_traffic")),
        "followers_daily": followers(profile, truth, scene.random("followers_daily")),
        "audiences": audiences(profile, truth, scene.random("audiences")),
        "product_pages": stores.pages(scene),
        "flagship_daily": stores.flagship(scene),
    }
    if profile.shop == "social":
        made["invite_cards"] = cards(scene)
        made["invitations"] = invitations(scene)
    return made


def usual(profile: Profile) -> float:
    """Give the click rates of a shop's trade as a ratio to those of all trades."""
    return 1 + 0.04 * (profile.number - 3)


def posts(scene: Scene) -> pd.DataFrame:
    """Publish two years of posts, and the shop's series if it has one."""
    profile, truth, rng = scene.profile, scene.truth, scene.random("content_posts")
    n = POSTS
    platform = rng.integers(2, size=n)
    form = by_weight(rng, [0.5, 0.4, 0.1], n)
    kind = by_weight(rng, [0.25, 0.2, 0.2, 0.35], n)
    at = rng.integers(0, N_DAYS, n) * DAY + time_of_day(rng, n)
    rate = CLICK_RATE[kind] * usual(profile)
    series, named = np.full(n, -1), [""]
    if profile.shop in SERIES:
        name, its_kind, its_platform, first, days, more = SERIES[profile.shop]
        begin = day_number(first)
        its_day = begin + np.r_[0, np.sort(rng.integers(0, days, more - 1))]
        at = np.r_[at, its_day * DAY + rng.integers(9 * 3600, 21 * 3600, more)]
        platform, kind = np.r_[platform, [its_platform] * more], np.r_[kind, [its_kind] * more]
        form, series, named = (
            np.r_[form, np.zeros(more, "int64")],
            np.r_[series, np.zeros(more, "int64")],
            [name],
        )
        its_rate = truth.scene_click_rate if profile.shop == "home" else CLICK_RATE[its_kind] * usual(profile)
        rate, n = np.r_[rate, [its_rate] * more], n + more
    order = np.argsort(at, kind="stable")
    at, platform, form, kind, series, rate = (x[order] for x in (at, platform, form, kind, series, rate))
    plays = rng.poisson(6_000 * np.exp(0.55 * rng.normal(size=n)) * np.array([1.3, 0.8, 0.5])[form]) + 1
    full = rng.binomial(plays, rng.beta(6, 14, n))
    liked = np.array([0.030, 0.045, 0.040, 0.018])[kind]
    commented = np.array([0.004, 0.005, 0.014, 0.003])[kind]
    reactions = {
        name: rng.binomial(plays, np.minimum(share * rng.gamma(8, 1 / 8, n), 0.9))
        for name, share in (
            ("likes", liked), ("comments", commented), ("shares", liked / 8), ("favourites", liked / 3)
        )
    }  # fmt: skip
    clicks = rng.binomial(plays, rng.beta(12, 12 / rate - 12))
    shown = np.where(kind == 3, rng.integers(len(scene.goods.names), size=n), -1)
    launched = scene.goods.frame["launched_on"].to_numpy()[np.maximum(shown, 0)]
    shown = np.where(launched <= DAYS.to_numpy()[at // DAY], shown, -1)
    return pd.DataFrame(
        {
            "post_id": identifiers(profile, n),
            "shop": repeat(profile.shop, n),
            "platform": text(platform, PLATFORMS),
            "form": text(form, FORMS),
            "kind": text(kind, KINDS),
            "series": text(series, named),
            "product_id": text(shown, scene.goods.names),
            "published_at": stamp(at),
            "plays": plays,
            "full_plays": pd.array(full, "Int64"),
            **reactions,
            "clicks": clicks,
            "orders": rng.binomial(clicks, 0.016),
        }
    ).assign(full_plays=lambda frame: frame["full_plays"].mask(frame["form"] == "image_text"))


def benchmarks(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Publish the mean click rate of a sample of the trade's accounts, by platform and kind of post."""
    platform, kind = (grid.ravel() for grid in np.indices((2, len(KINDS))))
    rate = CLICK_RATE[kind] * usual(profile)
    if profile.shop == "home":
        rate = np.where((platform == 1) & (kind == 1), truth.industry_click_rate, rate)
    accounts = rate[:, None] * rng.gamma(8, 1 / 8, (len(rate), ACCOUNTS))
    return pd.DataFrame(
        {
            "shop": repeat(profile.shop, len(rate)),
            "platform": text(platform, PLATFORMS),
            "kind": text(kind, KINDS),
            "accounts": np.full(len(rate), ACCOUNTS),
            "click_rate": accounts.mean(axis=1).round(6),
            "click_rate_se": (accounts.std(axis=1, ddof=1) / np.sqrt(ACCOUNTS)).round(6),
        }
    )


def traffic(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Count the visits that platforms sent, week by week; season and promotions move all categories alike."""
    names = list(profile.categories)
    week = np.arange(WEEKS)
    start = day_number(SERIES["beauty"][3]) // 7
    after = week >= start
    year = np.cos(2 * np.pi * (7 * week + 3 - day_number("2025-04-20")) / 365.25)
    steady = 0.08 * week / 52 + 0.25 * np.log(promotion_gain()[: 7 * WEEKS].reshape(WEEKS, 7).mean(axis=1))

    def spring(strength: float) -> float:
        level = np.exp(strength * year + steady)
        return float(level[start : start + COMPARED].mean() / level[start - COMPARED : start].mean())

    wanted = (1 + truth.series_before_after) / (1 + truth.series_effect)
    strength = brentq(lambda x: spring(x) - wanted, -2, 2) if profile.shop == "beauty" else 0.1
    shape = (len(SOURCES) * len(names), WEEKS)
    source, category = np.divmod(np.arange(shape[0]), len(names))
    busy = 9 * 7 * profile.sessions * np.array([0.9, 1.6, 0.5])[source]
    share = (0.75 ** np.arange(len(names)))[category]
    log = strength * year + steady + autoregressive(rng, (1, WEEKS), 0.03, 0.5)
    own = autoregressive(rng, shape, 1.0, 0.4) * np.array([0.025, 0.08, 0.05])[source][:, None]
    mean = (busy * share / share[: len(names)].sum())[:, None] * np.exp(log + own)
    if profile.shop == "beauty":
        mean[(source == 0) & (category == 0)] *= np.where(after, 1 + truth.series_effect, 1)
    visits = rng.poisson(mean)
    when, which = (grid.ravel() for grid in np.indices(visits.T.shape))
    return pd.DataFrame(
        {
            "week": DAYS[7 * when],
            "shop": repeat(profile.shop, len(when)),
            "source": text(source[which], SOURCES),
            "category": text(category[which], names),
            "visits": visits.T.ravel(),
        }
    )


def followers(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Count followers day by day; food's challenge brings many, of whom some stay."""
    size = 9_000 * (profile.sessions / 200) * np.exp(0.15 * rng.normal(size=2))
    drift = rng.normal(GROWTH / 7, 0.0015, (2, N_DAYS))
    log = np.log(size)[:, None] + np.cumsum(drift, axis=1)
    if profile.shop == "food":
        _, _, _, first, days, _ = SERIES["food"]
        since = np.arange(N_DAYS) - day_number(first)
        top = np.log1p(truth.fans_peak) - GROWTH / 7 * days
        kept = np.log1p(truth.fans_kept)
        left = np.clip((since - days + 1) / KEPT_AFTER, 0, 1)
        rise = np.clip((since + 1) / days, 0, 1)
        log[0] += np.where(since < days, top * np.sqrt(rise), kept + (top - kept) * (1 - left) ** 2)
    count = np.rint(np.exp(log)).astype("int64")
    net = np.diff(count, axis=1, prepend=np.rint(size)[:, None].astype("int64"))
    lost = np.maximum(rng.poisson(0.0012 * count), -net)
    day, which = (grid.ravel() for grid in np.indices((N_DAYS, 2)))
    return pd.DataFrame(
        {
            "date": DAYS[day],
            "shop": repeat(profile.shop, len(day)),
            "platform": text(which, PLATFORMS),
            "gained": (net + lost).T.ravel(),
            "lost": lost.T.ravel(),
            "followers": count.T.ravel(),
        }
    )


def customer_shares(profile: Profile) -> np.ndarray:
    """Give the expected shares of a shop's customers by gender (F, M) and age band (young to old)."""
    older = ndtr((BORN_UP_TO + 0.5 - profile.born) / 7)
    bands = np.diff(np.r_[0, older, 1])[::-1]
    return np.outer([profile.women, 1 - profile.women], bands).ravel()


def audiences(profile: Profile, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Profile who watches on each platform: the shop's own kind of people, mixed with the platform's."""
    own = customer_shares(profile)
    counts = []
    for name in PLATFORMS:
        women, bands = DRAWN[name]
        drawn = np.outer([women, 1 - women], bands).ravel()
        fit = 0.72
        if profile.shop == "mother_baby":
            fit = truth.fit_douyin if name == "Douyin" else truth.fit_xiaohongshu
        mixed = min((1 - fit) / (np.abs(drawn - own).sum() / 2), 1.0)
        counts.append(rng.multinomial(SAMPLE, own + mixed * (drawn - own)))
    platform, gender, band = (grid.ravel() for grid in np.indices((2, 2, len(BANDS))))
    return pd.DataFrame(
        {
            "shop": repeat(profile.shop, len(platform)),
            "platform": text(platform, PLATFORMS),
            "gender": text(gender, ["F", "M"]),
            "age_band": text(band, BANDS),
            "accounts": np.concatenate(counts),
        }
    )


def cards(scene: Scene) -> pd.DataFrame:
    """Say who got a card to invite others with: whoever joined since the programme began."""
    new = scene.people.registered >= INVITED_FROM * DAY
    frame = scene.people.frame[new]
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"].to_numpy(),
            "shop": repeat("social", len(frame)),
            "issued_at": stamp(scene.people.registered[new]),
        }
    )


def invitations(scene: Scene) -> pd.DataFrame:
    """Say who of the programme's new users was brought by whom, and which invitations came to nothing."""
    truth, rng, people = scene.truth, scene.random("invitations"), scene.people
    ids = people.frame["customer_id"].to_numpy()
    joined = people.registered
    begin = INVITED_FROM * DAY
    # Who joined in the fortnight before takes part in the draw, so that the first users bring no more than
    # the later ones; what they bring is struck out.
    user = np.flatnonzero(joined >= begin - CYCLE * DAY)
    n, at = len(user), joined[user]
    sender = np.flatnonzero(rng.random(n) < truth.invite_senders)
    oldest, newest = at - CYCLE * DAY, at - HOUR
    low = np.searchsorted(at[sender], oldest, side="right")
    free = np.searchsorted(at[sender], newest) - low
    everyone = np.searchsorted(at, newest) - np.searchsorted(at, oldest, side="right")
    # Each of the N users of the last fortnight is to bring K / N, and those who send bring it for all.
    chance = truth.invite_k * free / np.maximum(truth.invite_senders * everyone, 1e-9)
    brought = np.flatnonzero((rng.random(n) < chance) & (free > 0))
    parent = sender[low[brought] + (rng.random(len(brought)) * free[brought]).astype("int64")]
    brought, parent = brought[at[parent] >= begin], parent[at[parent] >= begin]
    sender = sender[at[sender] >= begin]
    vain = np.repeat(
        sender, rng.poisson(truth.invite_k / truth.invite_senders * (1 / ACCEPTED - 1), len(sender))
    )
    taken = rng.random(len(brought)) ** 2 * (at[brought] - at[parent] - 120)
    wait = rng.random(len(vain)) ** 1.5 * CYCLE * DAY
    who = np.concatenate([parent, vain])
    when = np.concatenate([at[brought] - 60 - taken.astype("int64"), at[vain] + 60 + wait.astype("int64")])
    accepted = np.concatenate([at[brought], np.full(len(vain), -1)])
    invitee = pd.array(np.concatenate([ids[user[brought]], np.zeros(len(vain), "int64")]), "Int64")
    invitee[accepted < 0] = pd.NA
    order = np.flatnonzero(when < N_DAYS * DAY)
    order = order[np.argsort(when[order], kind="stable")]
    return pd.DataFrame(
        {
            "invitation_id": identifiers(scene.profile, len(order)),
            "shop": repeat("social", len(order)),
            "customer_id": ids[user][who[order]],
            "invited_at": stamp(when[order]),
            "accepted_at": stamp(np.maximum(accepted[order], 0)).where(accepted[order] >= 0),
            "invitee_id": invitee[order],
        }
    )
