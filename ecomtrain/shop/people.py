"""Customers, and who they are in each channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, N_DAYS, day_number, stamp, time_of_day
from ecomtrain.shop.draw import by_weight, identifiers, repeat, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.truth import Truth

__all__ = ["People", "customers", "identities", "newcomers"]

SURNAMES = {
    "王": "wang", "李": "li", "张": "zhang", "刘": "liu", "陈": "chen", "杨": "yang", "黄": "huang",
    "赵": "zhao", "吴": "wu", "周": "zhou", "徐": "xu", "孙": "sun", "马": "ma", "朱": "zhu",
    "胡": "hu", "郭": "guo", "何": "he", "林": "lin", "高": "gao", "罗": "luo", "郑": "zheng",
    "梁": "liang", "谢": "xie", "宋": "song", "唐": "tang", "许": "xu", "韩": "han", "冯": "feng",
    "邓": "deng", "曹": "cao", "彭": "peng", "曾": "zeng", "萧": "xiao", "田": "tian", "董": "dong",
    "潘": "pan", "袁": "yuan", "蔡": "cai", "蒋": "jiang", "余": "yu",
}  # fmt: skip
CITIES: dict[str, dict[str, float]] = {
    "上海": {"上海": 9}, "北京": {"北京": 8}, "广东": {"广州": 7, "深圳": 7, "佛山": 3, "东莞": 3},
    "浙江": {"杭州": 6, "宁波": 3, "温州": 2}, "江苏": {"南京": 4, "苏州": 5, "无锡": 2},
    "四川": {"成都": 6, "绵阳": 1},
    "湖北": {"武汉": 4, "宜昌": 1}, "山东": {"济南": 2, "青岛": 3, "烟台": 1}, "福建": {"福州": 2, "厦门": 2},
    "重庆": {"重庆": 4}, "陕西": {"西安": 3}, "河南": {"郑州": 3, "洛阳": 1}, "湖南": {"长沙": 3},
    "辽宁": {"沈阳": 2, "大连": 2}, "安徽": {"合肥": 2}, "河北": {"石家庄": 2}, "云南": {"昆明": 1.5},
    "海南": {"海口": 0.6},
    "甘肃": {"兰州": 0.6}, "新疆": {"乌鲁木齐": 0.6},
}  # fmt: skip
TOWNS = [(province, town, weight) for province, row in CITIES.items() for town, weight in row.items()]
# No operator uses the prefix; a stride coprime to 10**8 keeps the numbers of a shop all different.
PREFIX, STRIDE = 15_400_000_000, 68_111_117
SURVEYED = 0.28
IDENTITY_CHANNELS = ("app", "mini_program", "live")


@dataclass(frozen=True)
class People:
    """A shop's customers in the order of registration, and how often each buys."""

    frame: pd.DataFrame
    registered: np.ndarray  # seconds
    running: np.ndarray  # added-up buying rates

    def who(self, rng: np.random.Generator, at: np.ndarray) -> np.ndarray:
        """Draw who is behind each purchase among those registered by then, the newer ones more often."""
        known = np.searchsorted(self.registered, at, side="right")
        reach = self.running[known - 1] * rng.random(len(at)) ** 0.7
        drawn: np.ndarray = np.minimum(np.searchsorted(self.running, reach, side="right"), known - 1)
        return drawn


def customers(profile: Profile, scale: float, rng: np.random.Generator) -> People:
    """Make a shop's customers: few buy often, most once or twice."""
    n = max(5, round(profile.customers * scale))
    opened = day_number(profile.opened_on)
    # Registrations thicken with the years; the first is on the opening day, so every order has one.
    day = opened + ((N_DAYS - opened) * rng.random(n) ** 0.75).astype("int64")
    day[0] = opened
    registered = np.sort(day * DAY + np.where(np.arange(n) == 0, 0, time_of_day(rng, n)))
    rate = rng.gamma(0.45, size=n) + 0.02
    woman = rng.random(n) < profile.women
    surname = by_weight(rng, 1 / (np.arange(len(SURNAMES)) + 4), n)
    city = by_weight(rng, [weight for *_, weight in TOWNS], n)
    survey = np.full(n, -1)
    kinds = list(profile.categories)
    if profile.shop == "beauty":
        answer = by_weight(rng, 1 / (np.arange(len(kinds)) + 1.5), n)
        survey = np.where(rng.random(n) < SURVEYED, answer, -1)
    ids = identifiers(profile, n)
    first = rng.integers(10**8)
    born = rng.normal(profile.born, 7, n)
    frame = portraits(profile, ids, registered, woman, surname, city, survey, first + STRIDE * ids, born)
    return People(frame, registered, np.cumsum(rate))


def newcomers(
    profile: Profile, people: People, registered: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Make more customers, with ids and mobile numbers that follow those of `people`."""
    n, known = len(registered), people.frame
    ids = identifiers(profile, len(known) + n)[len(known) :]
    last = int(known["mobile"].iloc[-1]) - PREFIX
    mobile = last + STRIDE * (ids - int(known["customer_id"].iloc[-1]))
    woman = rng.random(n) < profile.women
    surname = by_weight(rng, 1 / (np.arange(len(SURNAMES)) + 4), n)
    city = by_weight(rng, [weight for *_, weight in TOWNS], n)
    born = rng.normal(profile.born, 7, n)
    return portraits(profile, ids, registered, woman, surname, city, np.full(n, -1), mobile, born)


def portraits(
    profile: Profile,
    ids: np.ndarray,
    registered: np.ndarray,
    woman: np.ndarray,
    surname: np.ndarray,
    city: np.ndarray,
    survey: np.ndarray,
    mobile: np.ndarray,
    born: np.ndarray,
) -> pd.DataFrame:
    """Write the customers' rows out of what was drawn for them."""
    n, names = len(ids), list(SURNAMES)
    mail = pd.Series(text(surname, list(SURNAMES.values()))) + pd.Series(ids).astype("str") + "@example.com"
    return pd.DataFrame(
        {
            "customer_id": ids,
            "shop": repeat(profile.shop, n),
            "registered_at": stamp(registered),
            "name": text(surname * 2 + woman, [name + title for name in names for title in ("先生", "女士")]),
            "gender": text(woman.astype(int), ["M", "F"]),
            "birth_year": np.clip(np.rint(born), 1950, 2007).astype("int64"),
            "province": text(city, [province for province, *_ in TOWNS]),
            "city": text(city, [name for _, name, _ in TOWNS]),
            "mobile": pd.Series(PREFIX + mobile % 10**8).astype("str"),
            "email": mail,
            "survey_category": text(survey, list(profile.categories)),
        }
    )


def identities(profile: Profile, people: People, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Make each customer's accounts in the three channels and the category looked at most in each.

    Whether the app alone and the three together name the surveyed category is drawn first, with the planted
    shares; the accounts are then made to say so, both by total views and by a vote of the channels.
    """
    frame, kinds = people.frame, list(profile.categories)
    n, many = len(frame), len(kinds)
    named = pd.Categorical(frame["survey_category"], kinds).codes.astype("int64")
    surveyed = named >= 0
    liked = np.where(surveyed, named, rng.integers(many, size=n))
    wrong = (liked + rng.integers(1, many - 1, n)) % many
    other = (wrong + 1) % many
    other = np.where(other == liked, (other + 1) % many, other)

    spoiled = 0.3 * truth.precision_app * (1 - truth.precision_fused)
    right = truth.precision_app - spoiled
    case = by_weight(
        rng, [right, spoiled, truth.precision_fused - right, 1 - truth.precision_fused - spoiled], n
    )
    agree = rng.random((2, n))
    app = np.where(case <= 1, liked, wrong)
    mini = np.select(
        [case == 0, case == 1, case == 2], [np.where(agree[0] < 0.6, liked, wrong), wrong, liked], other
    )
    live = np.select(
        [case == 0, case == 1, case == 2],
        [np.where(agree[1] < 0.6, liked, other), wrong, np.where(agree[1] < 0.6, liked, other)],
        np.where(agree[1] < 0.6, wrong, other),
    )
    winner = np.select([case == 0, case == 1, case == 2], [liked, wrong, liked], wrong)

    chosen = np.stack([app, mini, live])
    views = 3 + rng.geometric(0.09, (3, n))
    has = np.stack([np.ones(n, bool), np.ones(n, bool), rng.random(n) < 0.7])
    has[:, ~surveyed] = rng.random((3, int((~surveyed).sum()))) < np.array([[0.5], [0.4], [0.3]])
    # The category that shall win gets more views than all others of the customer together.
    losing = np.where(has & (chosen != winner), views, 0).sum(axis=0)
    views = np.where(chosen == winner, views + losing, views)

    channel, customer = np.nonzero(has)
    stray = max(3, n // 5)
    channel = np.concatenate([channel, rng.integers(3, size=stray)])
    category = np.concatenate([chosen[has], rng.integers(many, size=stray)])
    seen = np.concatenate([views[has], 1 + rng.geometric(0.15, stray)])
    ids = np.concatenate([frame["customer_id"].to_numpy()[customer], np.zeros(stray, "int64")])
    linked = np.arange(len(ids)) < len(customer)
    order = np.lexsort((rng.random(len(ids)), channel))
    table = pd.DataFrame(
        {
            "shop": repeat(profile.shop, len(ids)),
            "channel": text(channel[order], IDENTITY_CHANNELS),
            "channel_user_id": identifiers(profile, len(ids)),
            "customer_id": pd.array(ids[order], "Int64"),
            "category": text(category[order], kinds),
            "views": seen[order].astype("int64"),
        }
    )
    table.loc[~linked[order], "customer_id"] = pd.NA
    return table
