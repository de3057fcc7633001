"""Small direct estimates of the planted truths: plain pandas, nothing of ecomtrain.analysis.

Each takes the tables and gives an estimate and its standard error: of the log for ratios and relative
changes, of the quantity itself for shares. ``ESTIMATES`` says what the truth is on that scale.
"""

import numpy as np
import pandas as pd

from ecomtrain import shop


def share(hits):
    """A proportion with its standard error."""
    p = hits.mean()
    return p, np.sqrt(p * (1 - p) / len(hits))


def log_ratio_of_means(treated, control):
    """Log of the ratio of two means and its delta-method standard error."""
    error = np.sqrt(
        treated.var() / treated.mean() ** 2 / len(treated)
        + control.var() / control.mean() ** 2 / len(control)
    )
    return np.log(treated.mean() / control.mean()), error


def weekend_index(t):
    orders = t["orders"].query("shop == 'fmcg' and status == 'paid'")
    day = orders["paid_at"].dt.tz_localize(None).dt.normalize()
    calendar = t["calendar"].set_index("date")["promotion"]
    daily = day.value_counts().reindex(calendar.index, fill_value=0)
    week = daily.index.to_period("W-SUN").start_time
    whole = daily.groupby(week).transform("size") == 7
    ordinary = calendar.isna().groupby(week).transform("all")
    index = (daily / daily.groupby(week).transform("mean"))[whole & ordinary]
    weekend = (
        index[index.index.day_of_week >= 5]
        .groupby(week[whole & ordinary][index.index.day_of_week >= 5])
        .mean()
    )
    return weekend.mean(), weekend.std() / np.sqrt(len(weekend))


def log_ratio_of_arms(frame, unit, value):
    """Log of the treatment's mean per row over the control's, rows of one unit counted together."""
    per = frame.groupby(["arm", unit])[value].agg(["sum", "size"])

    def arm(name):
        rows = per.loc[name]
        mean = rows["sum"].sum() / rows["size"].sum()
        residual = rows["sum"] - mean * rows["size"]
        return mean, residual.std() * np.sqrt(len(rows)) / rows["size"].sum() / mean

    (a, ea), (b, eb) = arm("treatment"), arm("control")
    return np.log(a / b), np.hypot(ea, eb)


def arms(t, name, unit):
    rows = t["experiments"].query("experiment == @name")
    return rows.astype({unit: "int64"}).set_index(unit)["arm"]


def recommendation_aov(t):
    orders = t["orders"].merge(t["sessions"][["session_id", "visitor_id"]], on="session_id")
    orders["arm"] = orders["visitor_id"].map(arms(t, "recommendation", "visitor_id"))
    return log_ratio_of_arms(orders, "visitor_id", "amount")


def margin(t, rule, shop="cross_border"):
    """Margin rate of one price rule, by the delta method; promotions are left out where they cost margin."""
    lines = t["order_lines"].query("shop == @shop and price_rule == @rule")
    lines = lines.merge(t["orders"][["order_id", "ordered_at"]], on="order_id")
    lines = lines[lines["ordered_at"] >= "2026-04-01"]
    if shop == "electronics":
        day = lines["ordered_at"].dt.tz_localize(None).dt.normalize()
        lines = lines[~day.isin(t["calendar"].dropna()["date"])]
    cost = lines["unit_cost"] * lines["quantity"]
    rate = 1 - cost.sum() / lines["amount"].sum()
    residual = lines["amount"] - cost - rate * lines["amount"]
    return rate, residual.std() * np.sqrt(len(lines)) / lines["amount"].sum()


def margin_list(t):
    return margin(t, "list")


def margin_dynamic(t):
    return margin(t, "dynamic")


def margin_change(t):
    (a, ea), (b, eb) = margin(t, "dynamic"), margin(t, "list")
    return np.log(a / b), np.hypot(ea / a, eb / b)


def electronics_margin_list(t):
    return margin(t, "list", "electronics")


def electronics_margin_dynamic(t):
    return margin(t, "dynamic", "electronics")


def layout_clicks(t):
    events = t["events"].query("shop == 'electronics'")
    view = (events["event"] == "view").cumsum()
    clicked = view[events["element"].isin(["gallery", "reviews", "size_guide"])]
    seen = (events["event"] == "view") & (events["page"] == "detail")
    views = events[seen].assign(clicked=view[seen].isin(clicked))
    views["arm"] = views["visitor_id"].map(arms(t, "detail_layout", "visitor_id"))
    return log_ratio_of_arms(views, "visitor_id", "clicked")


def retention(t, arm):
    sessions = t["sessions"].query("shop == 'social'").sort_values("started_at")
    first = sessions.groupby("visitor_id").first()
    first = first[first["is_new"] & (first["started_at"] < "2026-05-31")]
    age = sessions["started_at"] - sessions["visitor_id"].map(first["started_at"])
    back = sessions.loc[age.between("24D", "31D", inclusive="left"), "visitor_id"]
    mine = first.index[arms(t, "interaction_design", "visitor_id")[first.index] == arm]
    return share(mine.isin(back))


def retention_old(t):
    return retention(t, "control")


def retention_new(t):
    return retention(t, "treatment")


def conversion(t, name, shop):
    events = t["events"].query("shop == @shop")
    rows = events[events["page"] == "detail"].drop_duplicates("session_id")
    rows = rows.assign(paid=rows["session_id"].isin(events.loc[events["event"] == "pay", "session_id"]))
    rows["arm"] = rows["visitor_id"].map(arms(t, name, "visitor_id"))
    return log_ratio_of_arms(rows, "visitor_id", "paid")


def collection_conversion(t):
    return conversion(t, "collection", "beauty")


def offer_conversion(t):
    return conversion(t, "personal_offer", "social")


def shoe_lines(t):
    orders = t["orders"].query("shop == 'shoes' and status == 'paid'")
    lines = t["order_lines"].merge(orders[["order_id", "customer_id", "ordered_at"]], on="order_id")
    lines["arm"] = lines["customer_id"].map(arms(t, "ar_try_on", "customer_id"))
    return lines.assign(returned=lines["line_id"].isin(t["returns"]["line_id"]))


def try_on_returns(t):
    lines = shoe_lines(t)
    during = lines["ordered_at"].between("2025-09-01", "2026-05-01", inclusive="left")
    return log_ratio_of_arms(lines[during], "customer_id", "returned")


def try_on_careful(t):
    """Before the test, customers who tried on later against those who bought without, both treated."""
    lines = shoe_lines(t).query("arm == 'treatment'")
    during = lines["ordered_at"].between("2025-09-01", "2026-05-01", inclusive="left")
    tries = lines[during].groupby("customer_id")["tried_on"].any()
    before = lines[lines["ordered_at"] < "2025-09-01"]
    before = before[before["customer_id"].isin(tries.index)]
    before["arm"] = np.where(before["customer_id"].map(tries), "treatment", "control")
    return log_ratio_of_arms(before, "customer_id", "returned")


def cross_sell_aov(t):
    orders = t["orders"].query("shop == 'food'")
    orders = orders[orders["ordered_at"] >= "2025-09-01"]
    orders = orders.assign(goods=orders["amount"] - orders["shipping"])
    orders["arm"] = orders["customer_id"].map(arms(t, "cross_sell", "customer_id"))
    return log_ratio_of_arms(orders, "customer_id", "goods")


def checkout_losses(t):
    events = t["events"].query("shop == 'cross_border'")
    begun = events.loc[events["event"] == "checkout", "visitor_id"].unique()
    bought = events.loc[events["event"] == "order", "visitor_id"].unique()
    arm = t["experiments"].query("experiment == 'checkout_steps'").set_index("visitor_id")["arm"]
    frame = pd.DataFrame({"lost": ~pd.Index(begun).isin(bought), "arm": arm.loc[begun].to_numpy()})
    return frame.groupby("arm")["lost"]


def loss_short(t):
    return share(checkout_losses(t).get_group("control"))


def loss_long(t):
    return share(checkout_losses(t).get_group("treatment"))


def loss_change(t):
    groups = checkout_losses(t)
    return log_ratio_of_means(
        groups.get_group("treatment").astype(float), groups.get_group("control").astype(float)
    )


def home_views(t, shop):
    views = t["events"].query("shop == @shop and event == 'view'")
    following = views["page"].shift(-1).where(views["session_id"].eq(views["session_id"].shift(-1)), "(exit)")
    return views.assign(following=following)


def home_next_detail(t):
    views = home_views(t, "beauty")
    return share(views.loc[views["page"] == "home", "following"] == "detail")


def home_ever_detail(t):
    views = home_views(t, "beauty")
    pages = views.groupby("session_id")["page"].agg(set)
    return share(pages[pages.map(lambda p: "home" in p)].map(lambda p: "detail" in p))


def dress(t):
    """Monthly totals, and the standard error of the log of a ratio of two."""
    daily = t["searches"].query("term == 'summer dress'").set_index("date")["searches"]
    monthly = daily.groupby(daily.index.to_period("M")).sum()
    # Spread from day to day in those months: each day against the same weekday a week before and after.
    # The median is not moved by 618.
    logs = np.log(daily["2026-05":"2026-06"])
    spread = (logs - (logs.shift(7) + logs.shift(-7)) / 2).dropna()
    daily_error = 1.4826 * spread.abs().median() / np.sqrt(1.5)
    return monthly, daily_error / np.sqrt(30) * np.sqrt(2)


def dress_on_month(t):
    monthly, error = dress(t)
    return np.log(monthly["2026-06"] / monthly["2026-05"]), error


def dress_on_year(t):
    monthly, error = dress(t)
    return np.log(monthly["2026-06"] / monthly["2025-06"]), error


def intent(t):
    events = t["events"].query("shop == 'mother_baby'")
    count = (
        events["event"].isin(["like", "comment", "share", "favourite"]).groupby(events["session_id"]).sum()
    )
    paid = events["event"].eq("pay").groupby(events["session_id"]).any()
    return count[count > 0], paid[count > 0]


def intent_base(t):
    return share(intent(t)[1])


def intent_many_share(t):
    return share(intent(t)[0] >= 2)


def intent_many_rate(t):
    count, paid = intent(t)
    return share(paid[count >= 2])


def home_short_share(t):
    views = home_views(t, "home")
    seconds = (views["ts"].shift(-1) - views["ts"]).dt.total_seconds()
    return share(seconds[(views["page"] == "home") & (views["following"] != "(exit)")] < 15)


def home_dwell_scale(t):
    """Log of conversion after home views under 8 s over after 24 s or more, less what the truth expects."""
    views = home_views(t, "home")
    seconds = (views["ts"].shift(-1) - views["ts"]).dt.total_seconds()
    first = views[(views["page"] == "home") & (views["following"] != "(exit)")].assign(seconds=seconds)
    first = first.drop_duplicates("session_id")
    paid = (
        first["session_id"].isin(t["events"].loc[t["events"]["event"] == "pay", "session_id"]).astype(float)
    )
    short, long = first["seconds"] < 8, first["seconds"] >= 24
    plateau = 1 - np.exp(-first["seconds"] / shop.Truth().home_dwell_scale)
    ratio, error = log_ratio_of_means(paid[short], paid[long])
    return ratio - np.log(plateau[short].mean() / plateau[long].mean()), error


def profiles(t):
    known = t["identities"].merge(t["customers"][["customer_id", "survey_category"]], on="customer_id")
    known = known[known["survey_category"].notna()]
    app = known[known["channel"] == "app"].set_index("customer_id")
    total = known.groupby(["customer_id", "category"])["views"].sum().reset_index()
    fused = total.sort_values("views").groupby("customer_id").tail(1).set_index("customer_id")["category"]
    truth = app["survey_category"]
    return app["category"] == truth, fused.loc[truth.index] == truth


def precision_app(t):
    return share(profiles(t)[0])


def precision_fused(t):
    return share(profiles(t)[1])


SWITCHED = {"W1": "2025-09-01", "W2": "2025-11-24", "W3": "2026-01-19", "W4": "2026-03-30"}


def turnover_gain(t):
    stock = (
        t["inventory_daily"]
        .query("shop == 'fmcg'")
        .merge(t["products"][["product_id", "unit_cost", "warehouse"]], on="product_id")
    )
    stock = stock.assign(
        sold=stock["sold"] * stock["unit_cost"], closing=stock["closing"] * stock["unit_cost"]
    )
    stock["week"] = stock["date"].dt.to_period("W-SUN").dt.start_time
    weekly = stock.groupby(["warehouse", "week"])[["sold", "closing"]].sum().reset_index()
    weekly = weekly[(weekly["week"] > "2024-07-07") & (weekly["week"] < "2026-06-29")]
    after = weekly["week"] - pd.to_datetime(weekly["warehouse"].map(SWITCHED))
    weekly = weekly[(after < "0D") | (after >= "7D")]
    y = np.log(weekly["sold"] / weekly["closing"]).to_numpy()
    fixed = pd.get_dummies(
        weekly[["warehouse"]].assign(week=weekly["week"].astype(str)), drop_first=True
    ).to_numpy(float)
    x = np.column_stack([(after >= "7D")[weekly.index].to_numpy(float), np.ones(len(y)), fixed])
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    residual = y - x @ beta
    bread = np.linalg.pinv(x.T @ x)
    return beta[0], np.sqrt((bread * (residual @ residual) / (len(y) - np.linalg.matrix_rank(x)))[0, 0])


def decision_days(t):
    rows = t["decisions"].dropna(subset=["decided_at"])
    return np.log((rows["decided_at"] - rows["raised_at"]).dt.total_seconds() / 86_400), rows["dashboard"]


def decision_speed(t):
    days, dashboard = decision_days(t)
    with_, without = days[dashboard], days[~dashboard]
    return without.mean() - with_.mean(), np.sqrt(with_.var() / len(with_) + without.var() / len(without))


def decision_median(t):
    days, dashboard = decision_days(t)
    without = days[~dashboard]
    return without.mean(), without.std() / np.sqrt(len(without))


# name: (estimate, value the truth gives on the same scale)
ESTIMATES = {
    "weekend_index": (weekend_index, lambda w: w.weekend_index),
    "recommendation_aov": (recommendation_aov, lambda w: np.log(1 + w.recommendation_aov)),
    "margin_list": (margin_list, lambda w: w.margin_list),
    "margin_dynamic": (margin_dynamic, lambda w: w.margin_dynamic),
    "margin_change": (margin_change, lambda w: np.log(w.margin_dynamic / w.margin_list)),
    "loss_short": (loss_short, lambda w: w.loss_short),
    "loss_long": (loss_long, lambda w: w.loss_long),
    "loss_change": (loss_change, lambda w: np.log(w.loss_long / w.loss_short)),
    "home_next_detail": (home_next_detail, lambda w: w.home_next_detail),
    "home_ever_detail": (home_ever_detail, lambda w: w.home_ever_detail),
    "dress_on_month": (dress_on_month, lambda w: np.log(1 + w.dress_on_month)),
    "dress_on_year": (dress_on_year, lambda w: np.log(1 + w.dress_on_year)),
    "intent_base": (intent_base, lambda w: w.intent_base),
    "intent_many_share": (intent_many_share, lambda w: w.intent_many_share),
    "intent_many_rate": (intent_many_rate, lambda w: w.intent_many_rate),
    "home_short_share": (home_short_share, lambda w: w.home_short_share),
    "home_dwell_scale": (home_dwell_scale, lambda w: 0.0),
    "precision_app": (precision_app, lambda w: w.precision_app),
    "precision_fused": (precision_fused, lambda w: w.precision_fused),
    "turnover_gain": (turnover_gain, lambda w: np.log(1 + w.turnover_gain)),
    "decision_speed": (decision_speed, lambda w: np.log(1 + w.decision_speed)),
    "decision_median": (decision_median, lambda w: np.log(w.decision_median)),
    "layout_clicks": (layout_clicks, lambda w: np.log(1 + w.layout_clicks)),
    "electronics_margin_list": (electronics_margin_list, lambda w: w.electronics_margin_list),
    "electronics_margin_dynamic": (electronics_margin_dynamic, lambda w: w.electronics_margin_dynamic),
    "retention_old": (retention_old, lambda w: w.retention_old),
    "retention_new": (retention_new, lambda w: w.retention_new),
    "collection_conversion": (collection_conversion, lambda w: np.log(1 + w.collection_conversion)),
    "offer_conversion": (offer_conversion, lambda w: np.log(1 + w.offer_conversion)),
    "try_on_returns": (try_on_returns, lambda w: np.log(1 + w.try_on_returns)),
    "try_on_careful": (try_on_careful, lambda w: np.log(1 + w.try_on_careful)),
    "cross_sell_aov": (cross_sell_aov, lambda w: np.log(1 + w.cross_sell_aov)),
}
