"""The plots of experiments, of changes without one, and of spend: results on the course's own data."""

import numpy as np
import pandas as pd
from plot_case import Case, table

from ecomtrain import datasets
from ecomtrain.analysis import causal, experiment, response, sales


def curves() -> response.ResponseFit:
    """Sales of a shop whose curves are known; the course's shops sell in proportion to what they spend."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"date": pd.date_range("2025-07-01", periods=365), "amount": 6000.0})
    for channel, beta, decay, half in (
        ("live", 3000, 0.6, 700),
        ("feed", 2000, 0.2, 300),
        ("search", 1000, 0, 900),
    ):
        frame[channel] = half * rng.gamma(0.8, 1.3, 365)
        at_work = response.adstock(frame[channel].to_numpy(), decay, normalised=True)
        frame["amount"] += beta * response.hill(at_work, half) + rng.normal(0, 120, 365)
    return response.fit_response(frame, spend=["live", "feed", "search"], warm_up=14)


def in_proportion() -> response.ResponseFit:
    ads = table("ad_spend_daily", "apparel")
    wide = ads.pivot_table(index="date", columns="format", values="spend", aggfunc="sum")
    amount = ads.groupby("date")["attributed_amount"].sum().rename("amount")
    return response.fit_response(wide.join(amount).reset_index(), spend=list(wide.columns))


def visitors(shop: str, success: pd.Series) -> pd.DataFrame:
    arms = table("experiments", shop)
    return arms.assign(success=arms["visitor_id"].isin(success))


def paying(shop: str) -> pd.Series:
    events = table("events", shop)
    return events.loc[events["event"] == "pay", "visitor_id"]


def layout() -> experiment.FiveSteps:
    events = table("events", "electronics")
    clicks = (events["event"] == "click") & events["element"].isin(["gallery", "reviews", "size_guide"])
    test = visitors("electronics", events.loc[clicks, "visitor_id"])
    test["paid"] = test["visitor_id"].isin(paying("electronics"))
    return experiment.five_steps(
        test,
        hypothesis="A clear layout is clicked more",
        baseline=0.35,
        change=0.1,
        guardrails={"paid": "higher"},
    )


def followed() -> pd.DataFrame:
    test = visitors("social", paying("social"))
    return experiment.always_valid(test[test["experiment"] == "personal_offer"], tau=0.02)


def cross_sell() -> pd.DataFrame:
    test, orders = table("experiments", "food"), table("orders", "food")
    paid = orders[orders["status"] == "paid"]
    during = paid["ordered_at"] >= test["assigned_at"].min().normalize()
    spent = {name: paid[rows].groupby("customer_id")["amount"].sum() for name, rows in
             (("after", during), ("before", ~during))}  # fmt: skip
    people = test.set_index("customer_id")[["arm"]].assign(**spent).fillna(0.0)
    return experiment.cuped(people, outcome="after", covariate="before")


def many_tests() -> pd.DataFrame:
    tests = datasets.load("experiments")
    p = {}
    for (shop, name), units in tests.dropna(subset="visitor_id").groupby(["shop", "experiment"]):
        units = units.assign(success=units["visitor_id"].isin(paying(shop)))
        p[f"{shop}: {name}"] = experiment.compare_rates(units)["p"].iloc[0]
    return experiment.adjust(p)


def three_days() -> causal.EventStudy:
    """Output per hour of the teams, around their change to the 3+3 week."""
    kpis = datasets.load("kpis")
    kpis["three"] = kpis["pattern"] == "3+3"
    teams = kpis.groupby(["team", "month"]).agg(
        output=("output", "sum"), hours=("hours", "sum"), three=("three", "max")
    )
    teams = teams.assign(value=teams["output"] / teams["hours"]).reset_index()
    return causal.event_study(
        teams, outcome="value", unit="team", time="month", treated="three", window=5, relative=True
    )


def skincare() -> pd.DataFrame:
    traffic = table("content_traffic", "beauty")
    found = traffic[traffic["source"] == "search"]
    visits = found.pivot_table("visits", index="week", columns="category", aggfunc="sum").astype(float)
    posts = table("content_posts", "beauty")
    start = posts.loc[posts["series"] == "ingredient analysis", "published_at"].min()
    week = start.tz_localize(None).to_period("W-SUN").start_time
    return causal.counterfactual(
        visits["skincare"],
        start=week,
        end=week + pd.Timedelta(weeks=12),
        controls=visits.drop(columns="skincare"),
    )


def alike() -> pd.DataFrame:
    joined = table("memberships", "beauty")
    joined = joined[joined["programme"] == "private_group"].set_index("customer_id")["joined_at"].dropna()
    orders = table("orders", "beauty")
    past = orders[orders["paid_at"] < "2025-07-01"].groupby("customer_id")
    people = pd.DataFrame({"orders": past.size(), "amount": past["amount"].sum()})
    people["member"] = people.index.isin(joined.index)
    people = people.join(table("customers", "beauty").set_index("customer_id")[["gender", "birth_year"]])
    return causal.balance(
        people, treated="member", on=["orders", "amount", "gender"], also="birth_year",
        bins={"orders": [0, 2, 3, 5], "amount": [0, 200, 400, 800]},
    )  # fmt: skip


def flash_sales() -> pd.DataFrame:
    daily = table("flagship_daily", "fmcg")
    return sales.promotion_lift(daily, promotion="flash_sale", leave_out=datasets.load("calendar"))


def _percent(*values: float) -> list[float]:
    return [100 * float(value) for value in values]


CASES = [
    Case(
        "response_curve",
        curves,
        lambda r: [r.table.loc["live", "marginal_return"], r.table.loc["live", "half"]],
        "analysis.response.fit_response",
        {"channel": "live"},
        whole=True,
    ),
    Case(
        "response_curve",
        in_proportion,
        lambda r: [r.table.loc[r.table["spend"].idxmax(), "marginal_return"]],
        "analysis.response.fit_response",
        whole=True,
    ),
    Case(
        "allocation",
        lambda: response.allocate(curves().table),
        lambda r: [
            100 * (r["response"].iloc[-1] / r["present_response"].iloc[-1] - 1),
            r["marginal_return"].iloc[-1],
        ],
        "analysis.response.allocate",
        number="spend",
    ),
    Case(
        "allocation",
        lambda: response.allocate(curves().table[["beta", "half", "slope"]], 3000, bounds={"live": (0, 900)}),
        lambda r: [r["marginal_return"].iloc[-1]],
        "analysis.response.allocate",
        number="spend",
    ),
    Case(
        "power_curve",
        lambda: experiment.power(0.10, n=np.arange(1, 13) * 2500, change=[0.05, 0.1, 0.2]),
        lambda r: [10, 20, 10, 15_000],
        "analysis.experiment.power",
        {"what": "visitors"},
        number="power",
    ),
    Case(
        "five_steps",
        layout,
        lambda r: _percent(*r.result.loc["success", ["control", "treatment"]]),
        "analysis.experiment.five_steps",
        whole=True,
    ),
    Case(
        "cuped",
        cross_sell,
        lambda r: r[["change", "change_low", "change_high", "unadjusted_low"]].iloc[0].tolist(),
        "analysis.experiment.cuped",
        number="change",
    ),
    Case(
        "adjusted_p",
        many_tests,
        lambda r: [len(r), (r["p"] <= 0.05).sum(), r["significant"].sum()],
        "analysis.experiment.adjust",
        number="p",
    ),
    Case(
        "sequential",
        followed,
        lambda r: [r.loc[r["decided"], "date"].iloc[0].day],
        "analysis.experiment.always_valid",
        number="p",
    ),
    Case(
        "peeking",
        lambda: experiment.peeking(trials=4000, seed=1),
        lambda r: [20, *_percent(r["rate"].iloc[-4])],
        "analysis.experiment.peeking",
        number="rate",
    ),
    Case(
        "event_study",
        three_days,
        lambda r: _percent(r.effect, r.low, r.high),
        "analysis.causal.event_study",
        {"share": True},
        whole=True,
    ),
    Case(
        "counterfactual",
        skincare,
        lambda r: _percent(*r[["effect", "effect_low", "effect_high"]].iloc[-1]),
        "analysis.causal.counterfactual",
        {"what": "Search visits to skincare"},
        number="actual",
    ),
    Case(
        "balance", alike, lambda r: [r["alike"].sum(), len(r)], "analysis.causal.balance", number="smd_after"
    ),
    Case(
        "promotion_lift",
        flash_sales,
        lambda r: _percent(r.loc["gross", "lift"], *r.loc["net", ["lift", "low"]]),
        "analysis.sales.promotion_lift",
        number="low",
    ),
]
