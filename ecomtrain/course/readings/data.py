"""The audits of chapter 2: what goes into the naive and the sound analysis of each claim, and how to read it.

Each function is named after its claim (C2.F1c is ``c2_f1c``) and takes the claim's tables, its two analyses,
the planted truth and the confidence level. The first reading is the naive one, the second the sound one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ecomtrain.analysis import intervals, paths, targeting
from ecomtrain.course.readings import Analysis, Reading, Tables, aside, change, median, reading
from ecomtrain.shop.stock import SWITCHED
from ecomtrain.shop.truth import Truth

QUARTER = pd.Timedelta(days=91)


def c2_t1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Precision of the profile: two groups of customers, or the same ones in pairs."""
    table = sound(t["identities"], t["customers"], level=level)
    single, fused = (table.iloc[row] for row in range(2))
    p, n = table["precision"], single["n"]
    se = np.sqrt(p * (1 - p) / n)
    gain = truth.precision_fused / truth.precision_app - 1
    apart = naive(p[0], se[0], p[1], se[1], level=level)
    pairs = fused[["relative_change", "relative_low", "relative_high"]]
    rate = ["precision", "low", "high"]
    return [
        reading("as if the two profiles were of different customers", apart, n, gain),
        reading("the same customers in pairs", pairs, n, gain),
        aside("precision with the app alone", single[rate], n, truth.precision_app),
        aside("precision with all linked channels", fused[rate], n, truth.precision_fused),
    ]


def c2_t2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Turnover: the last quarter over the quarter before the first switch, or warehouse by warehouse."""
    stock, products = t["inventory_daily"], t["products"]
    first, end = pd.Timestamp(min(SWITCHED.values())), stock["date"].max() + pd.Timedelta(days=1)
    quarters = [stock[stock["date"].ge(stop - QUARTER) & stock["date"].lt(stop)] for stop in (first, end)]
    rows = [naive(quarter, products, level=level).iloc[0] for quarter in quarters]
    spread = [(row["high"] - row["low"]) / (2 * ndtri(0.5 + level / 2)) for row in rows]
    values = [row["turnover"] for row in rows]
    over = intervals.relative_change(values[0], spread[0], values[1], spread[1], level=level)
    # Two weeks after a switch the stock that was ordered before it is still being sold off.
    effect = sound(stock, products, SWITCHED, settle_weeks=2, level=level)
    steps = (effect.effect, effect.low, effect.high)
    gain, days = truth.turnover_gain, sum(map(len, quarters))
    return [
        reading("the last quarter over the quarter before the first switch", over, days, gain),
        reading("each warehouse over those that had not switched yet", steps, effect.weeks, gain),
    ]


def c2_t3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Hits: the horizon of the forecast, the lead it really has, and how many of the named become hits."""
    horizon = naive(t["inventory_daily"], t["products"], level=level).horizon
    hits = sound(t["inventory_daily"], t["products"], level=level)
    lead = median(hits.table["lead_days"], level)
    precision = (hits.precision_at_k, hits.low, hits.high)
    base = (hits.base_rate, *intervals.wilson(hits.hits, hits.n, level))
    recall = (hits.recall_at_k, *intervals.wilson(hits.hits_found, hits.hits, level))
    return [
        reading("the horizon that was asked for", (horizon, math.nan, math.nan), hits.n),
        reading("until the sales themselves show it, median of the hits", lead, hits.hits),
        aside(f"hits among the {hits.k} named (precision)", precision, hits.k),
        aside("hits among all launches (base rate)", base, hits.n),
        aside("hits that were named, of all hits (recall)", recall, hits.hits),
    ]


def c2_t4(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Decisions: the time they take, or their speed."""
    decided = t["decisions"].dropna(subset=["decided_at"])
    days = (decided["decided_at"] - decided["raised_at"]).dt.total_seconds() / 86_400
    frame = pd.DataFrame({"dashboard": decided["dashboard"], "days": days, "decisions": 1.0})
    lots = {"arm": "dashboard", "control": False, "level": level}
    time = naive(frame, numerator="days", **lots).iloc[0]
    speed = sound(frame, numerator="decisions", denominator="days", **lots).iloc[0]
    gain, usual = truth.decision_speed, truth.decision_median
    without, with_ = (days[decided["dashboard"] == lot] for lot in (False, True))
    return [
        change("time from question to decision", time, 1 / (1 + gain) - 1),
        change("speed: decisions per day of waiting", speed, gain),
        aside("median without the dashboard", median(without, level), len(without), usual, unit="days"),
        aside("median with the dashboard", median(with_, level), len(with_), usual / (1 + gain), unit="days"),
    ]


def c2_f1a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Dwell on the home page: the last page as zero or as censored, the median or the mean."""
    views = naive(t["events"])
    home = views[views["page"] == "home"]
    row = sound(home, level=level).iloc[0]
    zero = home["seconds"].where(~home["censored"], 0.0)
    seen = home.loc[~home["censored"], "seconds"]
    mean = intervals.ratio(seen, level=level)
    curve = paths.survival_curve(home, level=level)
    under = 1 - curve[curve["seconds"] < 15].iloc[-1][["survival", "high", "low"]]
    buyers = t["events"].loc[t["events"]["event"] == "pay", "session_id"].unique()
    bands = paths.dwell_conversion(views, buyers, bins=(0, 15), level=level).head(2)
    return [
        reading("median, the last page counted as zero", median(zero, level), len(home)),
        reading("median, the last page censored", row[["median", "low", "high"]], len(home)),
        reading("mean, the last page left out", (mean.value, mean.low, mean.high), len(seen)),
        aside("share of home views under 15 s", under, len(home), truth.home_short_share),
        *(
            aside(
                f"conversion after {band['band']} on the home page",
                band[["conversion_rate", "low", "high"]],
                band["sessions"],
            )
            for _, band in bands.iterrows()
        ),
    ]


def c2_f1c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Loss in the checkout: by session, or by the visitor who was given a checkout."""
    arms = t["experiments"].set_index("visitor_id")["arm"]
    begun, ordered = (t["events"][t["events"]["event"] == step] for step in ("checkout", "order"))

    def losses(unit: str) -> pd.DataFrame:
        units = begun.drop_duplicates(unit)
        return pd.DataFrame({"arm": units["visitor_id"].map(arms), "lost": ~units[unit].isin(ordered[unit])})

    by_session = naive(losses("session_id"), success="lost", level=level).iloc[0]
    row = sound(losses("visitor_id"), success="lost", level=level).iloc[0]
    gain = truth.loss_long / truth.loss_short - 1
    both = [("short", "control", truth.loss_short), ("long", "treatment", truth.loss_long)]
    shares = []
    for name, arm, planted in both:
        n = row[f"n_{arm}"]
        ends = intervals.wilson(row[arm] * n, n, level)
        shares.append(aside(f"loss in the {name} checkout", (row[arm], *ends), n, planted))
    return [change("by session", by_session, gain), change("by visitor", row, gain), *shares]


def c2_f2a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """From the home page to a detail page: as the next page, or ever."""
    next_page = naive(t["events"], "home", "detail", level=level).set_index("meaning").loc["next_page"]
    ever = sound(t["events"], "home", "detail", level=level).set_index("meaning").loc["ever"]
    rate = ["rate", "low", "high"]
    return [
        reading("as the next page, of home views", next_page[rate], next_page["n"], truth.home_next_detail),
        reading(
            "later on, of sessions that saw the home page", ever[rate], ever["n"], truth.home_ever_detail
        ),
    ]


def c2_f2b(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Growth of a search term: over the month before, or over the same month of last year."""
    month = str(t["searches"]["date"].max().to_period("M"))
    asked = {"month": month, "level": level}
    season, year = (found(t["searches"], **asked).loc["summer dress"] for found in (naive, sound))
    return [
        reading(
            "over the month before",
            season[["month_on_month", "month_on_month_low", "month_on_month_high"]],
            season["searches"] + season["previous_month"],
            truth.dress_on_month,
        ),
        reading(
            "over the same month of last year",
            year[["year_on_year", "year_on_year_low", "year_on_year_high"]],
            year["searches"] + year["last_year"],
            truth.dress_on_year,
        ),
    ]


def c2_f2c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Intent: the accuracy of the rule, that of always saying no, and what tells more."""
    sessions = targeting.intent_features(t["events"])
    sessions = sessions[sessions["interactions"] > 0]
    how = {"rule": "interactions >= 2", "level": level}
    rule = naive(sessions, **how).table.set_index("metric")
    model = rule if sound is naive else sound(sessions, **how).table.set_index("metric")
    picked = truth.intent_many_share * truth.intent_many_rate
    # The rule is right about its buyers, and about all it leaves but the buyers among them.
    right = picked + (1 - truth.intent_many_share) - (truth.intent_base - picked)

    def of(table: pd.DataFrame, metric: str) -> tuple[Any, Any]:
        row = table.loc[metric]
        return row[["value", "low", "high"]], row["n"]

    return [
        reading("right with the rule: two interactions or more will buy", *of(rule, "accuracy_rule"), right),
        reading(
            "right with the rule that nobody buys", *of(model, "accuracy_always_no"), 1 - truth.intent_base
        ),
        aside(
            "buyers among those the rule picks (precision)",
            *of(rule, "rule_precision"),
            truth.intent_many_rate,
        ),
        aside("buyers among all (base rate)", *of(rule, "base_rate"), truth.intent_base),
        aside("a logistic model ranks a buyer above a non-buyer (AUC)", *of(model, "auc")),
    ]


def c2_f3a(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Weekend sales: with the promotions, without them, and against working days."""
    index = ["index", "low", "high"]
    left_in = naive(t["orders"], by="weekend", level=level).loc["weekend"]
    left_out = sound(t["orders"], by="weekend", leave_out=t["calendar"], level=level).loc["weekend"]
    planted = truth.weekend_index - 1

    def over_working_days(more: Any) -> Any:
        # Two days at 1 + x times the mean of their week leave (5 - 2x) / 5 for each of the other five.
        return (1 + more) / ((5 - 2 * more) / 5) - 1

    more, weeks = left_out[index] - 1, left_out["weeks"]
    return [
        reading("promotion weeks left in", left_in[index] - 1, left_in["weeks"], planted),
        reading("promotion weeks left out", more, weeks, planted),
        aside(
            "over the average working day",
            over_working_days(more),
            weeks,
            over_working_days(planted),
            unit="relative",
        ),
    ]


def c2_f3b(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Order value: after over before, or with the recommendation over without."""
    orders = t["orders"][t["orders"]["status"] == "paid"].assign(one=1.0)
    tested = orders.merge(t["sessions"][["session_id", "visitor_id"]], on="session_id")
    tested = tested.merge(t["experiments"][["visitor_id", "arm"]], on="visitor_id")
    begin = t["experiments"]["assigned_at"].min()
    length = orders["ordered_at"].max() - begin
    before = orders[orders["ordered_at"].between(begin - length, begin, inclusive="left")]
    after = tested[tested["arm"] == "treatment"]
    history = pd.concat([before.assign(arm="before"), after.assign(arm="after")])
    value = {"numerator": "paid_amount", "denominator": "one", "level": level}
    earlier = naive(history, control="before", **value).iloc[0]
    lots = sound(tested, unit="visitor_id", **value).iloc[0]
    gain = truth.recommendation_aov
    return [
        change("with the recommendation over the weeks before it", earlier, gain),
        change("with over without it, in the same weeks", lots, gain),
    ]


def c2_f3c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Margin rate: after over before, the dynamic over the list price, and the same in points."""
    paid = t["orders"].loc[t["orders"]["status"] == "paid", ["order_id", "ordered_at"]]
    lines = t["order_lines"].merge(paid, on="order_id")
    lines["margin"] = lines["amount"] - lines["quantity"] * lines["unit_cost"]
    dynamic = lines["price_rule"] == "dynamic"
    begin = lines.loc[dynamic, "ordered_at"].min().normalize()
    length = lines["ordered_at"].max() - begin
    before = lines["ordered_at"].between(begin - length, begin, inclusive="left")
    rate = {"arm": "price_rule", "control": "list", "numerator": "margin", "denominator": "amount"}
    earlier = naive(lines[before | dynamic], level=level, **rate).iloc[0]
    lots = sound(lines[lines["ordered_at"] >= begin], level=level, **rate).iloc[0]
    gain = truth.margin_dynamic / truth.margin_list - 1
    return [
        change("dynamic prices over the weeks before the test", earlier, gain),
        change("dynamic over list prices, in the same weeks", lots, gain),
        aside(
            "the same in points of margin",
            lots[["change", "change_low", "change_high"]],
            lots["n_control"] + lots["n_treatment"],
            truth.margin_dynamic - truth.margin_list,
        ),
    ]
