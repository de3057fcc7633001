"""The formulas behind `channels.channel_metrics`: five each for public, private and content traffic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import between, days, require_not_negative, require_same_ids
from ecomtrain.analysis._twenty import Figure, Metric, _count, _divide, _ratio, _share
from ecomtrain.analysis._window import Window, by_unit
from ecomtrain.errors import require_numeric

METRICS: dict[str, Metric] = {}
COMPANIONS: dict[str, Metric] = {}
FORMULAS: dict[str, Callable[[Any], Figure]] = {}

WEEK, CUSTOMER, POST, VISITOR = "delta, by week", "delta, by customer", "delta, by post", "delta, by visitor"
PUBLIC = ("search", "feed", "live", "paid_ads")
COUNTS = {
    *("impressions", "clicks", "spend", "attributed_orders", "attributed_amount", "new_customers"),
    *("plays", "full_plays", "likes", "comments", "shares", "favourites", "orders"),
    *("gained", "lost", "followers", "delivered", "opened", "clicked", "unsubscribed"),
}


class Traffic(Window):
    """What the shop's channels did in the window."""

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Table `name`, with its counts checked."""
        frame = super().table(name, *columns)
        where, counts = f"{self.where}, table '{name}'", [c for c in columns if c in COUNTS]
        require_numeric(frame, counts, where)
        require_not_negative(frame, counts, where)
        return frame

    @cached_property
    def ads(self) -> pd.DataFrame:
        """Ads of the window, added up by its weeks."""
        counts = ["impressions", "clicks", "spend", "attributed_orders", "attributed_amount", "new_customers"]
        frame = self.inside(self.table("ad_spend_daily", "date", *counts), "date", "ad_spend_daily")
        day = days(frame["date"], f"{self.where}, table 'ad_spend_daily'")
        week = (day - self.start.tz_localize(None).normalize()).dt.days // 7
        return pd.DataFrame(dict(zip(counts, by_unit(week, *(frame[c] for c in counts)), strict=True)))

    def members_at(self, moment: Any) -> Any:
        """Find the customers who are in a programme at a moment, each once."""
        where = f"{self.where}, table 'memberships'"
        frame = self.table("memberships", "customer_id", "joined_at", "left_at")
        inside = between(frame["joined_at"], "1900-01-01", moment, where) & ~between(
            frame["left_at"], "1900-01-01", moment, where
        )
        return frame.loc[inside, "customer_id"].dropna().drop_duplicates()

    @cached_property
    def members(self) -> Any:
        """Members at the start of the window."""
        return self.members_at(self.start)

    def of_members(self, orders: pd.DataFrame) -> pd.DataFrame:
        """Keep the orders of those who were members at the start of the window."""
        if len(self.members) and len(orders):
            require_same_ids("customer_id", self.where, self.members.to_frame(), orders)
        return orders[orders["customer_id"].isin(self.members)]

    @cached_property
    def messages(self) -> pd.DataFrame:
        """Messages sent in the window, added up by customer."""
        flags = ["delivered", "opened", "clicked", "unsubscribed"]
        frame = self.inside(self.table("messages", "customer_id", "sent_at", *flags), "sent_at", "messages")
        sums = by_unit(
            frame["customer_id"], *(frame[flag].fillna(False) for flag in flags), np.ones(len(frame))
        )
        return pd.DataFrame(dict(zip([*flags, "sent"], sums, strict=True)))

    def posts(self, *columns: str) -> pd.DataFrame:
        """Cut out the posts published in the window."""
        frame = self.table("content_posts", "published_at", "plays", *columns)
        return self.inside(frame, "published_at", "content_posts")

    @cached_property
    def fans(self) -> pd.DataFrame:
        """Followers gained and lost in the window and, per account, the stock at its start."""
        frame = self.table("followers_daily", "date", "platform", "gained", "lost", "followers")
        frame = self.inside(frame, "date", "followers_daily").sort_values("date", kind="stable")
        per = frame.groupby("platform").agg(
            gained=("gained", "sum"), lost=("lost", "sum"), first=("followers", "first"),
            came=("gained", "first"), went=("lost", "first"),
        )  # fmt: skip
        return per.assign(before=per["first"] - per["came"] + per["went"]).astype(float)

    def visits(self, channels: Sequence[str]) -> pd.DataFrame:
        """Sessions of the window that came through one of these channels."""
        channel = self.table("sessions", "session_id", "channel")
        mine = channel.loc[channel["channel"].isin(channels), "session_id"]
        return self.sessions[self.sessions["session_id"].isin(mine)]


def _metric(
    id: str, name: str, name_zh: str, unit: str, interval: str, formula: str, note: str
) -> Callable[[Callable[[Any], Figure]], Callable[[Any], Figure]]:
    """Register a formula; ``"public.cpm"`` is one of the fifteen, ``"public:cpc"`` a companion."""

    def register(function: Callable[[Any], Figure]) -> Callable[[Any], Figure]:
        one = "." in id
        domain, short = id.split("." if one else ":")
        (METRICS if one else COMPANIONS)[short] = Metric(
            short, domain, name, name_zh, formula, unit, interval, note
        )
        FORMULAS[short] = function
        return function

    return register


# --- public: what the ads of the platforms bring ---


def _ads(top: str, base: str, *, share: bool = False) -> Callable[[Any], Figure]:
    return lambda w: _ratio((w.ads[top], w.ads[base]), w.level, share=share)


_metric(
    "public.cpm", "Cost per 1000 impressions (CPM)", "千次展现成本", "yuan per thousand", WEEK,
    "1000 · spend / impressions",
    "Days of one week hang together, so the week of the window is the unit; a month has few of them.",
)(lambda w: _ratio((1000 * w.ads["spend"], w.ads["impressions"]), w.level)._replace(
    numerator=float(w.ads["spend"].sum())
))  # fmt: skip
_metric(
    "public.ctr", "Click-through rate (CTR)", "点击率", "share", WEEK, "clicks / impressions",
    "Impressions are counted by the platform, a second showing to one person again.",
)(_ads("clicks", "impressions", share=True))  # fmt: skip
_metric(
    "public.cac", "Cost of a new customer (paid CAC)", "获客成本", "yuan per customer", WEEK,
    "ad spend / new customers that the platforms attribute to their ads",
    "Ads only; `acquisition_cost` takes the other costs too and allows for a lag. Over all orders in "
    "place of new customers it would look lower.",
)(_ads("spend", "new_customers"))  # fmt: skip
_metric(
    "public.cvr", "Click conversion (CVR)", "点击转化率", "share", WEEK,
    "attributed orders / clicks",
    "Platforms report orders, not buyers, and each credits itself, so two orders may follow one click.",
)(_ads("attributed_orders", "clicks"))  # fmt: skip
_metric(
    "public.roas", "Return on ad spend (ROAS)", "投产比", "yuan per yuan", WEEK, "attributed amount / spend",
    "What reports call ROI 1:8. What is left after the goods: `returns_on_spend`; what the ads caused: "
    "`incremental_return`.",
)(_ads("attributed_amount", "spend"))  # fmt: skip
_metric(
    "public:impressions", "Impressions", "展现量", "impressions", "none", "Σ impressions of the ads",
    "A count, so it has no interval.",
)(lambda w: _count(w.ads["impressions"].sum()))  # fmt: skip
_metric(
    "public:cpc", "Cost per click (CPC)", "点击成本", "yuan per click", WEEK, "spend / clicks",
    "An outcome of an auction: it rises with what others bid.",
)(_ads("spend", "clicks"))  # fmt: skip


@_metric(
    "public:uv_value", "Value per visitor (UV value)", "UV价值", "yuan per visitor", VISITOR,
    "paid amount of the orders placed in public sessions / visitors of those sessions",
    f"Public are the channels {', '.join(PUBLIC)}, of the shop's own log, not of the platforms' stores.",
)  # fmt: skip
def _uv_value(w: Traffic) -> Figure:
    visits = w.visits(PUBLIC)
    sessions = w.table("orders", "order_id", "session_id")
    require_same_ids("session_id", w.where, visits, sessions.dropna(subset="session_id"))
    of = w.paid.merge(sessions, on="order_id")
    paid = of.groupby("session_id")["paid_amount"].sum()
    worth = visits["session_id"].map(paid).fillna(0.0)
    sums = by_unit(visits["visitor_id"], worth)
    return _ratio((sums[0], np.ones(len(sums[0]))), w.level)


# --- private: members whom the shop can reach itself ---


@_metric(
    "private.pool_growth", "Net growth of the private pool", "私域净增率", "share", "none",
    "(members at the end - members at the start) / members at the start",
    "Members of any programme, each customer once; who left is not in the pool. All are counted, none "
    "sampled, so there is no interval.",
)  # fmt: skip
def _pool_growth(w: Traffic) -> Figure:
    return _divide(len(w.members_at(w.end)) - len(w.members), len(w.members))


def _sent(top: str, base: str) -> Callable[[Any], Figure]:
    return lambda w: _ratio((w.messages[top], w.messages[base]), w.level, share=True)


_metric(
    "private.reach_rate", "Reach rate", "触达率", "share", CUSTOMER, "messages delivered / messages sent",
    "Delivered is not read.",
)(_sent("delivered", "sent"))  # fmt: skip
_metric(
    "private.open_rate", "Open rate", "打开率", "share", CUSTOMER, "messages opened / messages delivered",
    "Counted by the sender's system: who reads without loading the pictures is not in it.",
)(_sent("opened", "delivered"))  # fmt: skip


@_metric(
    "private.member_repurchase", "Repurchase rate of members", "私域复购率", "share", "Wilson",
    "members with two paid orders or more in the window / members with one or more",
    "Members at the start of the window. Who buys often joins: compare with others by "
    "`causal.matched_change`, not by this rate alone.",
)  # fmt: skip
def _member_repurchase(w: Traffic) -> Figure:
    paid = w.of_members(w.paid)["customer_id"].value_counts()
    return _share(int((paid >= 2).sum()), len(paid), w.level)


@_metric(
    "private.member_revenue", "Revenue per member", "会员人均支付", "yuan per member", CUSTOMER,
    "paid amount of members in the window / members at its start",
    "Those who bought nothing count with 0; who joined in the window is left out.",
)  # fmt: skip
def _member_revenue(w: Traffic) -> Figure:
    paid = w.of_members(w.paid).groupby("customer_id")["paid_amount"].sum()
    worth = w.members.map(paid).fillna(0.0).to_numpy(dtype=float)
    return _ratio((worth, np.ones(len(worth))), w.level)


_metric(
    "private:pool", "Private pool", "私域池规模", "members", "none", "members at the end of the window",
    "A count, so it has no interval. Fans of an account on a platform are not in it.",
)(lambda w: _count(len(w.members_at(w.end))))  # fmt: skip
_metric(
    "private:response_rate", "Response rate", "响应率", "share", CUSTOMER,
    "messages clicked / messages delivered", "Only what was opened can be clicked.",
)(_sent("clicked", "delivered"))  # fmt: skip


@_metric(
    "private:purchase_interval", "Purchase interval of members", "复购周期", "days", "none",
    "median days between two paid orders of a member, the later one in the window",
    "Who has not come back yet is not in it, so it is too short, and an interval around it would mislead: "
    "use `survival.kaplan_meier` where it matters.",
)  # fmt: skip
def _purchase_interval(w: Traffic) -> Figure:
    orders = w.of_members(w.orders[w.orders["paid_at"].notna()]).sort_values("paid_at", kind="stable")
    gap = orders.groupby("buyer")["paid_at"].diff() / pd.Timedelta(days=1)
    gaps = gap[orders["order_id"].isin(w.paid["order_id"])].dropna()
    return Figure(float(gaps.median()) if len(gaps) else np.nan, np.nan, float(len(gaps)))


_metric(
    "private:unsubscribe_rate", "Unsubscribe rate", "退订率", "share", CUSTOMER,
    "messages that were answered with no more / messages delivered",
    "Small per message, but every one is a member lost.",
)(_sent("unsubscribed", "delivered"))  # fmt: skip


# --- content: posts and the accounts that carry them ---

_metric(
    "content.plays", "Plays", "播放量", "plays", "none", "Σ plays of the posts published in the window",
    "A count, so it has no interval. Young posts are still growing.",
)(lambda w: _count(w.posts()["plays"].sum()))  # fmt: skip


@_metric(
    "content.completion_rate", "Completion rate", "完播率", "share", POST,
    "plays to the end / plays, of the posts that have an end",
    "Images have no end and are left out. Short videos are finished more often, so compare like with like.",
)  # fmt: skip
def _completion(w: Traffic) -> Figure:
    posts = w.posts("full_plays").dropna(subset="full_plays")
    return _ratio((posts["full_plays"].astype(float), posts["plays"]), w.level, share=True)


@_metric(
    "content.interaction_rate", "Interaction rate", "互动率", "share", POST,
    "(likes + comments + shares + favourites) / plays",
    "One play can be liked and kept, so it could exceed 1.",
)  # fmt: skip
def _interaction(w: Traffic) -> Figure:
    kinds = ["likes", "comments", "shares", "favourites"]
    posts = w.posts(*kinds)
    return _ratio((posts[kinds].sum(axis=1, skipna=False), posts["plays"]), w.level)


@_metric(
    "content.gpm", "Amount per thousand plays (GPM)", "千次播放成交额", "yuan per thousand", POST,
    "1000 · orders attributed to the posts · paid amount per order of the channel content / plays",
    "Platforms give the orders of a post, the shop's own log their usual worth, which is taken as known.",
)  # fmt: skip
def _gpm(w: Traffic) -> Figure:
    posts = w.posts("orders")
    channel = w.table("orders", "order_id", "channel")
    paid = w.paid.merge(channel, on="order_id")
    worth = paid.loc[paid["channel"] == "content", "paid_amount"].mean()
    figure = _ratio((1000 * worth * posts["orders"], posts["plays"]), w.level)
    return figure._replace(numerator=figure.numerator / 1000)


@_metric(
    "content.fan_growth", "Fan growth", "涨粉率", "share", "none",
    "(followers gained - followers lost) / followers at the start, all accounts",
    "All are counted, so there is no interval. What a campaign leaves of it: `growth.retained_growth`.",
)  # fmt: skip
def _fan_growth(w: Traffic) -> Figure:
    return _divide(float((w.fans["gained"] - w.fans["lost"]).sum()), float(w.fans["before"].sum()))


@_metric(
    "content:item_click_rate", "Item click rate", "商品点击率", "share", POST,
    "clicks through to a product / plays",
    "Of all plays, also those that show no product.",
)  # fmt: skip
def _item_clicks(w: Traffic) -> Figure:
    posts = w.posts("clicks")
    return _ratio((posts["clicks"], posts["plays"]), w.level)


@_metric(
    "content:visit_rate", "Visits to the shop per play", "内容引流率", "share", "none",
    "sessions of the shop that came through content / plays of the posts published in the window",
    "Two logs side by side: nobody knows which play led to which visit, so there is no unit to take an "
    "interval over.",
)  # fmt: skip
def _visit_rate(w: Traffic) -> Figure:
    return _divide(len(w.visits(["content"])), float(w.posts()["plays"].sum()))
