"""The audits of the randomised tests inside the shops: chapters 1, 3, 4 and 5."""

from __future__ import annotations

import math

import pandas as pd

from ecomtrain.analysis import experiment, intervals
from ecomtrain.course.readings import Analysis, Reading, Tables, aside, change, reading
from ecomtrain.shop.traffic import RETURN_DAYS
from ecomtrain.shop.trials import trial
from ecomtrain.shop.truth import Truth

LAYOUT = ("gallery", "reviews", "size_guide")  # what the layout of a detail page offers to a click


def lots(t: Tables, name: str) -> pd.DataFrame:
    """Return a test's units with their arms."""
    return t["experiments"][t["experiments"]["experiment"] == name]


def share_of(text: str, row: pd.Series, arm: str, level: float, truth: float) -> Reading:
    """Read an arm's share of successes from a row of `experiment.compare_rates`."""
    n = row[f"n_{arm}"]
    return aside(text, (row[arm], *intervals.wilson(row[arm] * n, n, level)), n, truth)


def c1_k1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Clicks on detail pages: in the first week, view by view; or in the whole test, by visitor."""
    events, test = t["events"], lots(t, "detail_layout")
    number = (events["event"] == "view").cumsum()
    hits = number[(events["event"] == "click") & events["element"].isin(LAYOUT)]
    seen = (events["event"] == "view") & (events["page"] == "detail")
    views = events.loc[seen, ["visitor_id", "ts"]].assign(clicked=number[seen].isin(hits), one=1)
    views["arm"] = views["visitor_id"].map(test.set_index("visitor_id")["arm"])
    week = views["ts"] < test["assigned_at"].min().normalize() + pd.Timedelta(days=7)
    early = naive(views[week], success="clicked", level=level).iloc[0]
    row = sound(views, numerator="clicked", denominator="one", unit="visitor_id", level=level).iloc[0]
    treated = int((test["arm"] == "treatment").sum())
    # The size that was planned for: 80 % power to see a tenth more, from the rate of the old layout.
    planned = experiment.sample_size(row["control"], change=0.1)["n"].item()
    days = planned / len(views) * (t["events"]["ts"].max() - test["assigned_at"].min()).days
    split = (treated / len(test), *intervals.wilson(treated, len(test), level))
    return [
        change("after the first week, each view by itself", early, truth.layout_clicks),
        change("the whole test, by visitor", row, truth.layout_clicks),
        aside("visitors who got the new layout (sample ratio)", split, len(test), 0.5),
        aside(
            "days of traffic until a tenth more would show (80 % power)",
            (days, math.nan, math.nan),
            planned,
            unit="days",
        ),
    ]


def c1_t2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Margin rate: after over before, the dynamic over the list price, in points, and per unit sold."""
    paid = t["orders"].loc[t["orders"]["status"] == "paid", ["order_id", "ordered_at"]]
    lines = t["order_lines"].merge(paid, on="order_id")
    lines["margin"] = lines["amount"] - lines["quantity"] * lines["unit_cost"]
    promoted = t["calendar"].loc[t["calendar"]["promotion"].notna(), "date"]
    day = lines["ordered_at"].dt.tz_localize(None).dt.normalize()
    dynamic = lines["price_rule"] == "dynamic"
    begin = lines.loc[dynamic, "ordered_at"].min().normalize()
    length = lines["ordered_at"].max() - begin
    before = lines["ordered_at"].between(begin - length, begin, inclusive="left")
    tested = lines[(lines["ordered_at"] >= begin) & ~day.isin(promoted)]
    rate = {"arm": "price_rule", "control": "list", "numerator": "margin", "level": level}
    earlier = naive(lines[before | dynamic], denominator="amount", **rate).iloc[0]
    row = sound(tested, denominator="amount", **rate).iloc[0]
    unit = sound(tested, denominator="quantity", **rate).iloc[0]
    n = row["n_control"] + row["n_treatment"]
    list_, dynamic_ = truth.electronics_margin_list, truth.electronics_margin_dynamic
    return [
        change("dynamic prices over the weeks before the test", earlier, dynamic_ / list_ - 1),
        change("dynamic over list prices, in the same weeks", row, dynamic_ / list_ - 1),
        reading(
            "the same in points of margin",
            row[["change", "change_low", "change_high"]],
            n,
            dynamic_ - list_,
            unit="points",
        ),
        aside(
            "the same in yuan per unit sold",
            unit[["relative_change", "relative_low", "relative_high"]],
            n,
            dynamic_ / list_ * (1 - list_) / (1 - dynamic_) - 1,
            unit="relative",
        ),
    ]


def c1_t4(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Coming back: ever until the end, whoever it is; or of new visitors, 24 to 30 days later."""
    visits = t["sessions"].sort_values(["visitor_id", "started_at"])
    arms = lots(t, "interaction_design").set_index("visitor_id")["arm"]
    first = visits.drop_duplicates("visitor_id").set_index("visitor_id")
    came = pd.DataFrame({"arm": arms.reindex(first.index)})
    since = visits["started_at"] - visits["visitor_id"].map(first["started_at"])
    came["ever"] = came.index.isin(visits.loc[since > pd.Timedelta(0), "visitor_id"])
    came["back"] = came.index.isin(
        visits.loc[since.dt.days.between(*RETURN_DAYS, inclusive="left"), "visitor_id"]
    )
    end = visits["started_at"].max().normalize() + pd.Timedelta(days=1)
    whole = first["is_new"] & (first["started_at"] + pd.Timedelta(days=RETURN_DAYS[1]) <= end)
    ever = naive(came, success="ever", level=level).iloc[0]
    row = sound(came[whole], success="back", level=level).iloc[0]
    gain = truth.retention_new / truth.retention_old - 1
    return [
        change("came back at all before the end, whoever it was and however late they came", ever, gain),
        change("new visitors who came back 24 to 30 days later", row, gain),
        share_of("retention with the old design", row, "control", level, truth.retention_old),
        share_of("retention with the new design", row, "treatment", level, truth.retention_new),
    ]


c3_t4 = c1_t4  # the outline repeats the claim


def c4_t2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Conversion: with the collection over without."""
    return conversion(t, naive, sound, "collection", truth.collection_conversion, level)


def c5_t2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Conversion: with the personal offer over without."""
    return conversion(t, naive, sound, "personal_offer", truth.offer_conversion, level)


def conversion(
    t: Tables, naive: Analysis, sound: Analysis, name: str, gain: float, level: float
) -> list[Reading]:
    """Read the paying share of sessions with a detail view: in the first week, or in the whole test."""
    events, test = t["events"], lots(t, name)
    seen = (events["page"] == "detail") & (events["event"] == "view")
    sessions = (
        events.loc[seen, ["session_id", "visitor_id", "ts"]].drop_duplicates("session_id").assign(one=1)
    )
    sessions["paid"] = sessions["session_id"].isin(events.loc[events["event"] == "pay", "session_id"])
    sessions["arm"] = sessions["visitor_id"].map(test.set_index("visitor_id")["arm"])
    week = sessions["ts"] < test["assigned_at"].min().normalize() + pd.Timedelta(days=7)
    early = naive(sessions[week], success="paid", level=level).iloc[0]
    row = sound(sessions, numerator="paid", denominator="one", unit="visitor_id", level=level).iloc[0]
    return [
        change("after the first week, each session by itself", early, gain),
        change("the whole test, by visitor", row, gain),
    ]


def c4_t3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Goods sent back: lines tried on against the others, or customers offered it against the rest."""
    test = trial("ar_try_on")
    since, until = (pd.Timestamp(day, tz="Asia/Shanghai") for day in (test.first, test.last))
    orders = t["orders"][t["orders"]["status"] == "paid"]
    orders = orders[orders["ordered_at"].between(since, until + pd.Timedelta(days=1), inclusive="left")]
    arms = lots(t, test.name).astype({"customer_id": "int64"}).set_index("customer_id")["arm"]
    # Customers of other programmes were offered nothing and have no lot.
    orders = orders[["order_id", "customer_id"]].assign(arm=orders["customer_id"].map(arms)).dropna()
    lines = t["order_lines"][["line_id", "order_id", "tried_on"]].merge(orders, on="order_id").assign(one=1)
    lines["returned"] = lines["line_id"].isin(t["returns"]["line_id"])
    tried = naive(lines, arm="tried_on", control=False, success="returned", level=level).iloc[0]
    how = {"denominator": "one", "unit": "customer_id", "level": level}
    row = sound(lines, numerator="returned", **how).iloc[0]
    offered = lines[lines["arm"] == "treatment"]
    used = intervals.ratio(
        *(offered.groupby("customer_id")[c].sum() for c in ("tried_on", "one")), level=level
    )
    return [
        change("lines that were tried on over those that were not", tried, truth.try_on_returns),
        change("customers who were offered it over those who were not", row, truth.try_on_returns),
        aside("lines tried on, where it was offered", (used.value, used.low, used.high), len(offered)),
    ]


def c5_f3c(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Order value with cross-selling over without, order by order or by customer; and all they spend."""
    arms = lots(t, "cross_sell").astype({"customer_id": "int64"}).set_index("customer_id")[["arm"]]
    begin = t["experiments"]["assigned_at"].min().normalize()
    paid = t["orders"][t["orders"]["status"] == "paid"]
    paid = paid.assign(goods=paid["amount"] - paid["shipping"], one=1.0).join(arms, on="customer_id")
    during = paid["ordered_at"] >= begin
    orders = paid[during & paid["arm"].notna()]
    gain = truth.cross_sell_aov
    single = naive(orders, numerator="goods", level=level).iloc[0]
    row = sound(orders, numerator="goods", denominator="one", unit="customer_id", level=level).iloc[0]
    spent = {name: paid[rows].groupby("customer_id")["goods"].sum() for name, rows in
             (("after", during), ("before", ~during))}  # fmt: skip
    people = arms.assign(**spent).fillna(0.0)
    whole = sound(people, numerator="after", level=level).iloc[0]
    known = experiment.cuped(people, outcome="after", covariate="before", level=level).iloc[0]
    relative = ["relative_change", "relative_low", "relative_high"]
    return [
        change("each order by itself", single, gain),
        change("orders of a customer together", row, gain),
        aside("all that a customer spends", whole[relative], len(people), gain, unit="relative"),
        aside(
            "the same, less what the time before foretells (CUPED)",
            known[relative],
            len(people),
            gain,
            unit="relative",
        ),
    ]
