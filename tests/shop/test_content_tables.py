"""The tables of content and growth: their keys and laws, and that another truth is planted as well."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from ecomtrain import shop
from ecomtrain.errors import CourseError
from ecomtrain.shop import Truth, calendar, content, stores
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import conform, schema

ALL = (
    "content_posts", "content_benchmarks", "content_traffic", "followers_daily", "audiences",
    "product_pages", "flagship_daily",
)  # fmt: skip
SOCIAL = ("invite_cards", "invitations")


@cache
def made(name, truth=None, scale=1.0):
    return shop.make_shop(profiles()[name], 3, scale, truth or Truth())


@pytest.mark.parametrize("name", ["home", "social"])
@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_the_tables_keep_to_their_schema_and_key_at_any_size(name, scale):
    tables = made(name, scale=scale)
    for table in ALL + SOCIAL * (name == "social"):
        frame, key = conform(table, tables[table]), list(schema()[table].key)
        assert not frame.duplicated(key).any()
        assert frame[key].notna().all(axis=None)
        assert (frame.select_dtypes("number").fillna(0) >= 0).all(axis=None)


def test_the_office_does_not_grow_and_invitations_are_the_social_shops_own():
    small, whole = made("home", scale=1e-6), made("home")
    for table in ALL:
        pd.testing.assert_frame_equal(small[table], whole[table])
    assert not set(SOCIAL) & set(whole)
    assert {name: schema()[name].grows for name in ALL + SOCIAL} == dict.fromkeys(ALL, False) | dict.fromkeys(
        SOCIAL, True
    )


def test_posts_count_parts_of_their_plays_and_show_products_on_sale():
    tables = made("home")
    posts = tables["content_posts"].merge(
        tables["products"][["product_id", "launched_on"]], on="product_id", how="left"
    )
    for part in ("full_plays", "likes", "comments", "shares", "favourites", "clicks"):
        assert (posts[part].dropna() <= posts.loc[posts[part].notna(), "plays"]).all()
    assert (posts["orders"] <= posts["clicks"]).all()
    assert (posts["full_plays"].isna() == (posts["form"] == "image_text")).all()
    shown = posts.dropna(subset=["product_id"])
    assert (shown["launched_on"] <= shown["published_at"].dt.tz_localize(None)).all()
    assert posts["published_at"].is_monotonic_increasing


def test_followers_balance_from_day_to_day():
    for _, daily in made("food")["followers_daily"].groupby("platform"):
        assert (daily["followers"].diff().dropna() == (daily["gained"] - daily["lost"]).iloc[1:]).all()


def test_who_accepts_an_invitation_is_a_customer_who_joins_at_that_second():
    tables = made("social")
    cards, sent = tables["invite_cards"], tables["invitations"]
    joined = tables["customers"].set_index("customer_id")["registered_at"]
    assert (cards["issued_at"].to_numpy() == joined[cards["customer_id"]].to_numpy()).all()
    assert sent["customer_id"].isin(cards["customer_id"]).all()
    came = sent.dropna(subset=["invitee_id"])
    assert sent["accepted_at"].notna().equals(sent["invitee_id"].notna())
    assert not came["invitee_id"].duplicated().any()
    assert (came["accepted_at"].to_numpy() == joined[came["invitee_id"].astype("int64")].to_numpy()).all()
    assert (came["invited_at"] < came["accepted_at"]).all()
    since = sent["invited_at"] - sent["customer_id"].map(joined)
    assert since.between(pd.Timedelta(0), pd.Timedelta(days=content.CYCLE), inclusive="neither").all()


def test_flash_sales_are_clear_of_the_platforms_promotions_and_of_each_other():
    starts = stores.flash_starts()
    assert len(starts) >= 10
    assert (calendar.weekday()[starts] == 4).all()
    busy = calendar.promotion_gain() > 1
    for start in starts:
        assert not busy[start - 7 : start + stores.FLASH_DAYS + stores.AFTER_DAYS + 7].any()
    assert (np.diff(starts) >= stores.FLASH_EVERY).all()


def test_a_lot_gave_half_of_homes_pages_a_video_and_took_none_away():
    pages = made("home")["product_pages"]
    video = pages.pivot_table("video", "product_id", "week", aggfunc="first").astype(bool)
    assert not video.iloc[:, : stores.VIDEO_WEEK].any(axis=None)
    late = video.iloc[:, stores.VIDEO_WEEK :]
    assert (late.all(axis=1) == late.any(axis=1)).all()
    assert late.any(axis=1).sum() == len(video) // 2
    assert (pages["buyers"] <= pages["visitors"]).all()


OTHER = Truth(
    video_gain=0.8, fit_xiaohongshu=0.6, fit_douyin=0.9, series_before_after=0.1, series_effect=0.05,
    scene_click_rate=0.08, industry_click_rate=0.02, fans_peak=1.5, fans_kept=0.9, invite_k=0.3,
    invite_senders=0.8, flash_gross=2.0, flash_net=1.0, flash_margin=0.5,
)  # fmt: skip


@pytest.mark.parametrize("truth", [Truth(), OTHER], ids=["usual", "other"])
def test_what_is_planted_is_found_by_counting(truth):
    home, beauty, food = (made(name, truth) for name in ("home", "beauty", "food"))
    series = home["content_posts"].query("series == 'scene decoration'")
    assert series["clicks"].sum() / series["plays"].sum() == pytest.approx(truth.scene_click_rate, rel=0.15)
    trade = home["content_benchmarks"].query("platform == 'Xiaohongshu' and kind == 'emotional'")
    assert trade["click_rate"].iloc[0] == pytest.approx(truth.industry_click_rate, rel=0.12)
    found = beauty["content_traffic"].query("source == 'search' and category == 'skincare'")
    begin = pd.Timestamp(content.SERIES["beauty"][3])
    after = found[found["week"] >= begin].head(12)["visits"].sum()
    before = found[found["week"] < begin].tail(12)["visits"].sum()
    assert after / before - 1 == pytest.approx(truth.series_before_after, abs=0.12)
    fans = food["followers_daily"].query("platform == 'Douyin'").set_index("date")["followers"]
    assert fans["2026-03-15"] / fans["2026-03-01"] - 1 == pytest.approx(truth.fans_peak, abs=0.06)
    kept = fans["2026-05-14"] / fans["2026-03-01"] / np.exp(74 / 7 * content.GROWTH) - 1
    assert kept == pytest.approx(truth.fans_kept, abs=0.12)


@pytest.mark.parametrize("truth", [Truth(), OTHER], ids=["usual", "other"])
def test_what_is_planted_in_audiences_and_invitations_is_found_by_counting(truth):
    own = content.customer_shares(profiles()["mother_baby"])
    audiences = made("mother_baby", truth)["audiences"]
    for platform, fit in (("Xiaohongshu", truth.fit_xiaohongshu), ("Douyin", truth.fit_douyin)):
        share = audiences.loc[audiences["platform"] == platform, "accounts"].to_numpy() / content.SAMPLE
        assert 1 - np.abs(share - own).sum() / 2 == pytest.approx(fit, abs=0.025)
    tables = made("social", truth)
    brought = tables["invitations"]["invitee_id"].notna().sum()
    n = len(tables["invite_cards"])
    assert brought / n == pytest.approx(truth.invite_k, rel=0.15)
    assert tables["invitations"]["customer_id"].nunique() / n == pytest.approx(truth.invite_senders, rel=0.3)


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ({"fans_kept": 0.7}, "fans_kept is 0.7, above fans_peak 0.63"),
        ({"flash_net": 2.0}, "flash_gross less flash_net is -0.8"),
        ({"series_effect": 1.5}, "leave the season a factor of 0.564"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(planted, words):
    with pytest.raises(CourseError, match=words):
        Truth(**planted)
