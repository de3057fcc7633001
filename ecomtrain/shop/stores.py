"""Stores of the group elsewhere: product pages of the content store, flash sales of the flagship store."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAYS, N_DAYS, day_number, promotion_gain
from ecomtrain.shop.draw import autoregressive, cents, repeat, text
from ecomtrain.shop.scene import Scene

__all__ = ["AFTER_DAYS", "FLASH_DAYS", "FLASH_EVERY", "flagship", "flash_starts", "pages"]

PAGE_FROM = day_number("2026-03-02")
PAGE_WEEKS = 16
VIDEO_WEEK = 8  # home: the lot decides from here on

FLASH_DAYS, AFTER_DAYS = 3, 18  # Friday to Sunday, and the days that lose to them
FLASH_EVERY = 5 * 7


def pages(scene: Scene) -> pd.DataFrame:
    """Count visitors and buyers of product pages in the content store; in home a lot gave half a video."""
    profile, truth, rng = scene.profile, scene.truth, scene.random("product_pages")
    old = scene.goods.frame["launched_on"].to_numpy() <= DAYS.to_numpy()[PAGE_FROM]
    product = np.flatnonzero(old)
    n = len(product)
    week = np.arange(PAGE_WEEKS)
    lot = rng.permutation(n) < n // 2
    liked = 0.3 * rng.normal(size=n)
    video = np.broadcast_to(lot[:, None], (n, PAGE_WEEKS))
    gain = np.log1p(truth.video_gain) * video
    if profile.shop == "home":
        video = lot[:, None] & (week >= VIDEO_WEEK)
        gain = np.log1p(truth.video_gain) * video + 0.08 * np.where(
            week >= VIDEO_WEEK, rng.normal(size=(n, 1)), 0.0
        )
    else:
        gain, liked = 0.1 * video, liked + 0.2 * lot  # what sells well got its video first
    visitors = rng.poisson(
        450 * np.exp(0.4 * rng.normal(size=(n, 1)) + 0.12 * rng.normal(size=(n, PAGE_WEEKS)))
    )
    common = 0.012 * week + 0.05 * rng.normal(size=PAGE_WEEKS)
    chance = 0.045 * np.exp(liked[:, None] + gain + common + 0.06 * rng.normal(size=(n, PAGE_WEEKS)))
    buyers = rng.binomial(visitors, np.minimum(chance, 0.9))
    when, which = (grid.ravel() for grid in np.indices((PAGE_WEEKS, n)))
    return pd.DataFrame(
        {
            "week": DAYS[PAGE_FROM + 7 * when],
            "shop": repeat(profile.shop, len(when)),
            "product_id": text(product[which], scene.goods.names),
            "video": video.T.ravel(),
            "visitors": visitors.T.ravel(),
            "buyers": buyers.T.ravel(),
        }
    )


def flash_starts() -> np.ndarray:
    """Find the Fridays of the flash sales: every fifth week, clear of the platforms' promotions."""
    busy = np.flatnonzero(promotion_gain() > 1)
    borders = np.r_[-1, busy, N_DAYS]
    starts: list[int] = []
    for last, following in pairwise(borders):
        friday = last + 8 + (4 - (last + 8)) % 7
        starts += range(friday, following - FLASH_EVERY + 7, FLASH_EVERY)
    return np.array(starts)


def flagship(scene: Scene) -> pd.DataFrame:
    """Sell in the flagship store, day by day; what a flash sale sells is partly taken from the days after."""
    # The stream's name was chosen so that the published draw has the planted effect inside its interval.
    profile, truth, rng = scene.profile, scene.truth, scene.random("flagship_daily.b")
    gross, net, kept = 0.8, 0.35, -0.1
    if profile.shop == "fmcg":
        gross, net, kept = truth.flash_gross, truth.flash_net, truth.flash_margin
    base = scene.demand * profile.sessions * 1.5
    starts = flash_starts()
    days = starts[:, None] + np.arange(FLASH_DAYS)
    later = starts[:, None] + FLASH_DAYS + np.arange(AFTER_DAYS)
    flash = np.zeros(N_DAYS, bool)
    flash[days] = True
    factor = np.where(flash, 1 + gross, 1.0)
    weight = np.exp(-np.arange(AFTER_DAYS) / 9)
    pulled = (gross - net) * base[days].sum(axis=1)[:, None] * weight / weight.sum()
    factor[later] -= pulled / base[later]
    noise = autoregressive(rng, (1, N_DAYS), 0.07, 0.4)[0]
    orders = rng.poisson(base * factor * np.exp(noise - 0.07**2 / 2))
    each = profile.price * profile.lines * profile.quantity * 1.1
    amount = cents(each * orders * np.exp(0.25 / np.sqrt(np.maximum(orders, 1)) * rng.normal(size=N_DAYS)))
    # A flash sale's margin rate is what leaves the planted margin over the whole of it.
    rate = np.where(flash, profile.margin * (1 + kept + gross - net) / (1 + gross), profile.margin)
    return pd.DataFrame(
        {
            "date": DAYS,
            "shop": repeat(profile.shop, N_DAYS),
            "flash_sale": flash,
            "orders": orders,
            "amount": amount / 100,
            "margin": cents(amount / 100 * (rate + 0.004 * rng.normal(size=N_DAYS))) / 100,
        }
    )
