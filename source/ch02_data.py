# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "intro", "locked": true, "solution": false, "task": false, "schema_version": 3}
# # Assignment 2: June in the mother-and-baby shop (母婴店铺)
#
# You run a shop for mothers and babies.
# June is over, and before Monday's meeting seven people want an answer from you.
#
# | question | about | points |
# |---|---|---|
# | 1 | how many people came (访客数) | 2 |
# | 2 | why sales moved (销售额拆解) | 3 |
# | 3 | how long the home page holds them (停留时长) | 2 |
# | 4 | where buyers are lost (转化漏斗) | 3 |
# | 5 | the warehouse's week (星期指数) | 2 |
# | 6 | a customer list that names nobody (数据脱敏) | 2 |
# | 7 | memo: is 67 % accuracy good? (购买意向) | 6 |
#
# Write each answer in the cell below its question, under the name that the question gives, then run the test cell that follows.
# The test that you see looks at the form of an answer: its type, its shape, and whether it is plausible.
# The value is tested when the assignment is graded.
# Question 7 is read by your instructor.
# Use pandas alone or the functions of `ecomtrain.analysis`, as you like: only the answer counts.
# Money is in yuan, times are those of the shop (UTC+8), and a window includes its start and excludes its end.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "solution": false, "task": false, "schema_version": 3}
import pandas as pd

from ecomtrain import datasets
from ecomtrain.analysis import funnel, paths, privacy, sales, targeting
from ecomtrain.course import check

SHOP = "mother_baby"
MAY, JUNE, JULY = pd.to_datetime(["2026-05-02", "2026-06-01", "2026-07-01"]).tz_localize("Asia/Shanghai")

sessions = datasets.load("sessions", shop=SHOP)
events = datasets.load("events", shop=SHOP)
orders = datasets.load("orders", shop=SHOP)
customers = datasets.load("customers", shop=SHOP)
calendar = datasets.load("calendar")

# %% [markdown] nbgrader={"grade": false, "grade_id": "frames", "locked": true, "solution": false, "task": false, "schema_version": 3}
# The cell above gives you three moments and five frames.
# The click log begins on 2 May, so `MAY` to `JUNE` and `JUNE` to `JULY` are 30 days each.
#
# | frame | a row is | columns that you may need |
# |---|---|---|
# | `sessions` | a visit, from 2 May on | `session_id`, `visitor_id`, `started_at`, `channel` |
# | `events` | something a visitor did, from 2 May on | `session_id`, `visitor_id`, `ts`, `event`, `page` |
# | `orders` | an order of the last two years | `order_id`, `customer_id`, `paid_at` (empty if never paid), `paid_amount` |
# | `customers` | a registered customer | `customer_id`, `name`, `mobile`, `email`, `gender`, `birth_year`, `province`, `city` |
# | `calendar` | a day of the last two years | `date`, `promotion` (empty on an ordinary day) |

# %% [markdown] nbgrader={"grade": false, "grade_id": "q1", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 1 (2 points).** The traffic team reports the visitors (访客数, UV) of each channel and adds them up.
# The owner asks how many *people* came in June, and over which channels.
#
# Make `visitors`, a Series of counts: for each `channel` the people who began a session over it from `JUNE` to `JULY`, and under the label `"all"` the people who began any session in that time.

# %% nbgrader={"grade": false, "grade_id": "q1-answer", "locked": false, "solution": true, "task": false, "schema_version": 3}
### BEGIN SOLUTION
june = sessions[sessions["started_at"].ge(JUNE) & sessions["started_at"].lt(JULY)]
visitors = june.groupby("channel")["visitor_id"].nunique()
visitors["all"] = june["visitor_id"].nunique()
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q1-test", "locked": true, "points": 2, "solution": false, "task": false, "schema_version": 3} capability="C1.K2"
"""Question 1: visitors by channel"""
check.series(
    visitors,
    "visitors",
    index=["search", "feed", "content", "live", "paid_ads", "direct", "all"],
    above=0,
    unit="people",
    whole=True,
)
### BEGIN HIDDEN TESTS
def _q1():
    log = datasets.load("sessions", shop="mother_baby")
    june = log[log["started_at"] >= pd.Timestamp("2026-06-01", tz="Asia/Shanghai")]
    people = june.groupby("channel")["visitor_id"].nunique().to_dict()
    since_may = log.groupby("channel")["visitor_id"].nunique().to_dict()
    return people | {"all": june["visitor_id"].nunique()}, [
        (people | {"all": sum(people.values())}, "The channels were added up; a person who came over two of them counts twice."),
        (june["channel"].value_counts().to_dict() | {"all": len(june)}, "These are sessions; one person can begin many."),
        (since_may | {"all": log["visitor_id"].nunique()}, "These are the visitors since 2 May, not those of June."),
    ]


_right, _slips = _q1()
check.close_series(visitors, _right, "visitors", slips=_slips)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "q2", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 2 (3 points).** Paid sales from `JUNE` to `JULY` are above those from `MAY` to `JUNE`, and the brand team says that customers now spend more each.
# The owner wants the change split, without a rest, into its three causes: paid sales = visitors × conversion rate × value per buyer (客单价).
#
# Make `effects`, a Series in yuan with the labels `"visitors"`, `"conversion_rate"` and `"value_per_buyer"`: the log-mean bridge of the chapter (对数平均分解), whose effects add up to the change and do not depend on the order of the factors.
# Visitors are people who began a session in the window, buyers are customers with a payment (`paid_at`) in it, the conversion rate is buyers / visitors.

# %% nbgrader={"grade": false, "grade_id": "q2-answer", "locked": false, "solution": true, "task": false, "schema_version": 3}
### BEGIN SOLUTION
def factors(start, end):
    came = sessions[sessions["started_at"].ge(start) & sessions["started_at"].lt(end)]
    paid = orders[orders["paid_at"].ge(start) & orders["paid_at"].lt(end)]
    people, buyers = came["visitor_id"].nunique(), paid["customer_id"].nunique()
    return {
        "visitors": people,
        "conversion_rate": buyers / people,
        "value_per_buyer": paid["paid_amount"].sum() / buyers,
    }


effects = sales.bridge(factors(MAY, JUNE), factors(JUNE, JULY))["effect"].drop("total")
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q2-test", "locked": true, "points": 3, "solution": false, "task": false, "schema_version": 3} capability="C1.K1"
"""Question 2: what the change of sales is made of"""
check.series(effects, "effects", index=["visitors", "conversion_rate", "value_per_buyer"], unit="yuan")
### BEGIN HIDDEN TESTS
def _q2():
    from ecomtrain.analysis import sales as _sales

    came, sold = datasets.load("sessions", shop="mother_baby"), datasets.load("orders", shop="mother_baby")
    cut = pd.Timestamp("2026-06-01", tz="Asia/Shanghai")

    def factors(later, per="customer_id", time="paid_at", money="paid_amount"):
        windows = {True: ("2026-06-01", "2026-07-01"), False: ("2026-05-02", "2026-06-01")}
        start, end = (pd.Timestamp(day, tz="Asia/Shanghai") for day in windows[later])
        people = came.loc[came["started_at"].ge(cut) == later, "visitor_id"].nunique()
        part = sold[sold[time].ge(start) & sold[time].lt(end)]
        count = part[per].nunique()
        return {"visitors": people, "conversion_rate": count / people, "value_per_buyer": part[money].sum() / count}

    def split(**how):
        return _sales.bridge(factors(False, **how), factors(True, **how))["effect"].drop("total")

    (v0, c0, p0), (v1, c1, p1) = factors(False).values(), factors(True).values()
    in_turn = {"visitors": (v1 - v0) * c0 * p0, "conversion_rate": v1 * (c1 - c0) * p0, "value_per_buyer": v1 * c1 * (p1 - p0)}
    alone = in_turn | {"conversion_rate": v0 * (c1 - c0) * p0, "value_per_buyer": v0 * c0 * (p1 - p0)}
    return split(), [
        (split(per="order_id"), "Orders were counted instead of buyers; a buyer can order several times."),
        (in_turn, "The factors were changed one after the other, so the result depends on their order."),
        (alone, "Each factor was changed alone, so the effects do not add up to the change."),
        (-split(), "The signs are turned round: the effects lead from the first window to the second."),
        (split(time="ordered_at", money="amount"), "These are the amounts ordered; part of them was never paid."),
    ]


_right, _slips = _q2()
check.close_series(effects, _right, "effects", abs=0.5, slips=_slips)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "q3", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 3 (2 points).** The designer has read that a home page left within 15 seconds needs a new look, and measures an average just above that.
# You are not sure how she counted the visits that ended on the home page, for which nobody knows how long it stayed open.
#
# Make `home_seconds`, a number: the mean time in seconds from a view of the page `home` to the next page view of the same session, over the whole click log.
# Leave out the home views that no other view follows in their session (截尾, censored).

# %% nbgrader={"grade": false, "grade_id": "q3-answer", "locked": false, "solution": true, "task": false, "schema_version": 3}
### BEGIN SOLUTION
views = events[events["event"] == "view"].sort_values(["session_id", "ts"])
following = views.groupby("session_id")["ts"].shift(-1)
stay = (following - views["ts"]).dt.total_seconds()
home_seconds = stay[views["page"] == "home"].mean()
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q3-test", "locked": true, "points": 2, "solution": false, "task": false, "schema_version": 3} capability="C1.K1"
"""Question 3: time on the home page"""
check.number(home_seconds, "home_seconds", above=1, below=600, unit="seconds")
### BEGIN HIDDEN TESTS
def _q3():
    from ecomtrain.analysis import paths as _paths

    log = datasets.load("events", shop="mother_baby")
    views = _paths.dwell(log)
    home = views[views["page"] == "home"]
    seen = views[~views["censored"]]
    to_event = (log.groupby("session_id")["ts"].shift(-1) - log["ts"]).dt.total_seconds()
    return home.loc[~home["censored"], "seconds"].mean(), {
        home["seconds"].mean(): "Views that end their session were counted with a time of zero; their time is unknown.",
        home["seconds"].median(): "This is a median, and it counts views that end their session with a time of zero.",
        to_event[log["event"].eq("view") & log["page"].eq("home")].mean(): "This is the time to the next event, such as a click, not to the next page view.",
        seen["seconds"].mean(): "This is the mean over all pages.",
    }


_right, _slips = _q3()
check.close(home_seconds, _right, "home_seconds", abs=0.05, slips=_slips)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "q4", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 4 (3 points).** The owner can pay for one improvement and asks at which step the shop loses most of its buyers.
# The steps (转化漏斗) are: a view of the page `home`, a view of the page `detail`, then the events `cart`, `checkout` and `pay`.
#
# Use the events from `JUNE` to `JULY` and count *visitors*.
# A visitor reaches a step by doing all steps up to it in this order, each later than the one before, with anything in between, less than 7 days after the view of `home` with which the way began; every view of `home` may be that beginning.
# Make `reached`, a Series of counts with the labels `"home"`, `"detail"`, `"cart"`, `"checkout"` and `"pay"`, and `worst_step`, the label of the step that the smallest share of those *at the step before it* reaches.

# %% nbgrader={"grade": false, "grade_id": "q4-answer", "locked": false, "solution": true, "task": false, "schema_version": 3}
### BEGIN SOLUTION
june_events = events[events["ts"].ge(JUNE) & events["ts"].lt(JULY)]
is_page = june_events["event"].eq("view") & june_events["page"].isin(["home", "detail"])
log = june_events.assign(step=june_events["page"].where(is_page, june_events["event"]))
table = funnel.conversion(log, ["home", "detail", "cart", "checkout", "pay"], event="step", window="7D")
table = table.set_index("step")
reached = table["reached"]
worst_step = table["step_rate"].idxmin()
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q4-test", "locked": true, "points": 3, "solution": false, "task": false, "schema_version": 3} capability="C1.K1"
"""Question 4: the funnel and its worst step"""
check.series(
    reached,
    "reached",
    index=["home", "detail", "cart", "checkout", "pay"],
    above=-1,
    unit="visitors",
    whole=True,
)
check.choice(worst_step, "worst_step", ["detail", "cart", "checkout", "pay"])
### BEGIN HIDDEN TESTS
def _q4():
    from ecomtrain.analysis import funnel as _funnel

    log = datasets.load("events", shop="mother_baby")
    page = log["event"].eq("view") & log["page"].isin(["home", "detail"])
    log = log.assign(step=log["page"].where(page, log["event"]))
    june = log[log["ts"] >= pd.Timestamp("2026-06-01", tz="Asia/Shanghai")]
    steps = ["home", "detail", "cart", "checkout", "pay"]

    def count(events=june, **how):
        return _funnel.conversion(events, steps, event="step", **how).set_index("step")["reached"]

    alone = june[june["step"].isin(steps)].groupby("step")["visitor_id"].nunique()
    return count(window="7D"), [
        (count(), "The window of 7 days was left out."),
        (count(order="unordered"), "The order of the steps was left out, and so was the window."),
        (count(order="unordered", window="7D"), "The order of the steps was left out."),
        (alone, "Each step was counted on its own; who reaches it must have done the steps before it."),
        (count(by="session_id", window="7D"), "Sessions were counted; a visitor can buy on a later visit."),
        (count(log, window="7D"), "These are the visitors since 2 May, not those of June."),
    ]


_right, _slips = _q4()
check.close_series(reached, _right, "reached", slips=_slips)
_worst = (_right / _right.shift()).idxmin()
_last = "The last step always keeps the smallest share of all visitors; compare each step with the one before it."
check.same(worst_step, _worst, "worst_step", slips={"pay": _last})
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "q5", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 5 (2 points).** The warehouse has heard of a fast-moving-goods brand that sells 25 % more at weekends and asks for weekend shifts.
# You look at your own shop's week first, and leave out the promotions (促销), because a festival on a Sunday is no weekend effect.
#
# Make `week_index`, a Series with the labels `"Mon"`, `"Tue"`, `"Wed"`, `"Thu"`, `"Fri"`, `"Sat"` and `"Sun"`, from all `orders` that were paid.
# Count the orders by the day of `paid_at`, and keep the complete weeks, Monday to Sunday, in which no day has a promotion.
# Divide each day by the mean of the seven days of its own week, then average over the weeks: 1.10 is 10 % above the average day.

# %% nbgrader={"grade": false, "grade_id": "q5-answer", "locked": false, "solution": true, "task": false, "schema_version": 3}
### BEGIN SOLUTION
week_index = sales.day_of_week_index(orders, leave_out=calendar)["index"]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q5-test", "locked": true, "points": 2, "solution": false, "task": false, "schema_version": 3} capability="C1.K4"
"""Question 5: the index of each day of the week"""
check.series(
    week_index,
    "week_index",
    index=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    above=0.2,
    below=5,
)
### BEGIN HIDDEN TESTS
def _q5():
    from ecomtrain.analysis import sales as _sales

    sold, dates = datasets.load("orders", shop="mother_baby"), datasets.load("calendar")
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    day = sold["paid_at"].dropna().dt.tz_localize(None).dt.normalize()
    daily = day.groupby(day).size().reindex(dates["date"], fill_value=0)
    plain = daily[dates.set_index("date")["promotion"].isna()]
    pooled = plain.groupby(plain.index.day_of_week).mean().set_axis(days)
    week = plain.index.to_period("W")
    days_out = plain / plain.groupby(week).transform("mean")
    return _sales.day_of_week_index(sold, leave_out=dates)["index"], [
        (_sales.day_of_week_index(sold)["index"], "The weeks with a promotion are still in it."),
        (days_out.groupby(days_out.index.day_of_week).mean().set_axis(days), "Only the promotion days were left out, not their weeks; a week without some of its days is not complete."),
        (pooled / plain.mean(), "Each day was compared with the average of all days, not of its own week."),
        (_sales.day_of_week_index(sold, value="paid_amount", leave_out=dates)["index"], "This is the index of the money; the warehouse packs orders."),
        (_sales.day_of_week_index(sold, time="ordered_at", leave_out=dates)["index"], "These are all orders; those never paid are not packed."),
    ]


_right, _slips = _q5()
check.close_series(week_index, _right, "week_index", abs=0.0005, slips=_slips)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "q6", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 6 (2 points).** A media agency wants to know who your customers are, and no list may leave the house in which a person can be picked out.
# Your privacy officer asks for 5-anonymity (k-匿名): every combination of values in the list is shared by at least five customers.
#
# Make `release`, a DataFrame with one row per customer and the columns `gender`, `birth_decade` and `province`, and nothing else.
# `birth_decade` is the ten years of birth, written as `1990`, `"1990s"` or `"1990-1999"`.
# Leave out the customers whose combination is shared by fewer than five, themselves included, and nobody else.

# %% nbgrader={"grade": false, "grade_id": "q6-answer", "locked": false, "solution": true, "task": false, "schema_version": 3}
### BEGIN SOLUTION
coarse = pd.DataFrame(
    {
        "gender": customers["gender"],
        "birth_decade": customers["birth_year"] // 10 * 10,
        "province": customers["province"],
    }
)
shared_by = coarse.groupby(["gender", "birth_decade", "province"])["gender"].transform("size")
release = coarse[shared_by >= 5]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q6-test", "locked": true, "points": 2, "solution": false, "task": false, "schema_version": 3} capability="C1.K6"
"""Question 6: a list in which nobody can be picked out"""
check.table(release, "release", columns=["gender", "birth_decade", "province"])
check.true(
    set(release.columns) == {"gender", "birth_decade", "province"},
    "release has more columns than were asked for; each one more makes a person easier to find.",
)
check.true(len(release) > 0, "release has no rows.")
### BEGIN HIDDEN TESTS
def _q6(frame):
    keys = ["gender", "birth_decade", "province"]
    first = frame["birth_decade"].astype("str").str.slice(0, 4)
    return frame[keys].assign(birth_decade=first).groupby(keys).size().rename("customers").reset_index()


_people = datasets.load("customers", shop="mother_baby")
_people["birth_decade"] = _people["birth_year"] // 10 * 10
_single = _people.groupby(["gender", "birth_year", "province"])["gender"].transform("size")
_all, _given = _q6(_people), _q6(release)
check.true(
    not set(release.index) & set(_people["customer_id"]),
    "release names its rows by customer_id; whoever sees your customer table can look each person up.",
)
check.true(
    _given["birth_decade"].str.fullmatch("[12][0-9]{2}0").all(),
    "release: birth_decade still holds single years; a decade begins with a year that ends in 0.",
)
check.true(
    _given["customers"].min() >= 5,
    "release: a combination in it is shared by fewer than five customers.",
)
check.close_table(
    _given,
    _all[_all["customers"] >= 5],
    "release",
    by=["gender", "birth_decade", "province"],
    slips=[
        (_all[_all["customers"] > 5], "A combination shared by exactly five customers may stay."),
        (_q6(_people[_single >= 5]), "The combinations were counted with single years; count them with the decades."),
    ],
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "q7", "locked": true, "solution": false, "task": false, "schema_version": 3}
# **Question 7 (6 points).** A supplier offers you a rule: "likes and comments tell purchase intent (购买意向) with 67 % accuracy; treat every session with two interactions or more as a buyer".
# The marketing team wants to send each of those visitors a coupon of 20 yuan, starting tomorrow.
#
# Write a memo to the team of 150 to 300 words, with numbers from your own shop.
# `targeting.intent_features(events)` counts the interactions of each session before its checkout, and `targeting.intent_model` reports how well they tell who buys; add code cells above or below as you need them.
# Keep to the sessions with at least one interaction, as the supplier did.
#
# | your memo is marked on | points |
# |---|---|
# | what 67 % has to be compared with, and how a rule that says "nobody buys" does in your shop | 1 |
# | what "accuracy" counts here, and which mistakes it hides: coupons to people who do not buy, buyers missed | 1 |
# | at least two better measures with their numbers, denominators and intervals, read correctly | 2 |
# | a decision about the coupon that follows from the numbers, and the test that would show whether it pays | 1 |
# | what may be done with the data of a visitor, and what must be asked first | 1 |

# %% [markdown] nbgrader={"grade": true, "grade_id": "q7-memo", "locked": false, "points": 6, "solution": true, "task": false, "schema_version": 3} capability="C1.K3"
# ### BEGIN SOLUTION
# To the marketing team: please do not send the coupons tomorrow; let us test them first.
#
# The 67 % sounds good until it is held against doing nothing.
# In our click log 5,650 sessions have an interaction, and 16.5 % of them pay (95 % interval 15.6 to 17.5 %).
# A rule that says "nobody buys" is therefore right 83.5 % of the time.
# The supplier's rule is right 66.4 % of the time (65.1 to 67.6 %), so it makes twice as many mistakes.
# Accuracy adds up two mistakes of different cost: a coupon for someone who does not buy, and a buyer we miss.
#
# The rule does know something.
# Of the 2,019 sessions that it picks, 26.0 % pay (24.1 to 28.0 %), which is 1.6 times the share of all; but three in four coupons would go to sessions that buy nothing.
# A logistic model on likes, comments, shares and favourites ranks a buyer above a non-buyer 62 % of the time (AUC 0.62, 0.60 to 0.64), where a coin would do so half of the time.
# So there is some order in it, and no reading of minds.
#
# Neither figure says that a coupon changes anything: the likeliest buyers are those who would have bought without it, and 20 yuan is much of the margin of an order.
# I propose to draw lots among the visitors that the rule picks, coupon or none, to agree beforehand on the effect that would be worth its cost, and to compare the margin per visitor after four weeks.
#
# We use the interactions of visitors who were told of it and can refuse, and the supplier gets pseudonyms, never mobile numbers.
#
# === BEGIN MARK SCHEME ===
# One point each, two for the third; half points are allowed.
#
# 1. Base rate: names the share of sessions that pay (16.5 %) or the accuracy of "nobody buys" (83.5 %), and says that the rule is below it. A memo that calls 67 % good, or only "better than a coin", gets 0.
# 2. Mistakes: tells false alarms from missed buyers, and says that they cost differently.
# 3. Measures: two of precision with its lift (26.0 %, 1.6 times), AUC (0.62), average precision (0.23), calibration, Brier score against that of the base rate; 1 point each where the number is right, or its split of the data is named, and its denominator or interval is given. The accuracy of the model (83.5 %) does not count as one.
# 4. Decision: follows from the numbers, and asks for a test by lot with a group that gets no coupon, judged in money or buyers. "Send it to the best tenth" without a test gets half.
# 5. Data: consent or another legal ground for personalised marketing and a way to refuse it (PIPL, articles 13 and 24); as little personal data as will do, masked or under pseudonyms.
#
# Do not mark length, language or layout.
# === END MARK SCHEME ===
# ### END SOLUTION
