"""Assignment 2: every right way passes, no message tells a value, the memo's numbers are the data's."""

import re

import pytest
import running

from ecomtrain import datasets
from ecomtrain.analysis import targeting

NAME = "ch02_data"

# Other ways to the right answer: other functions, other types, other orders, rounded, and careless of names.
RIGHT = {
    "q1": {
        "a dict in another order": """
june = sessions.query("started_at >= @JUNE and started_at < @JULY")
visitors = {"all": len(set(june["visitor_id"]))}
for channel in reversed(sorted(june["channel"].unique())):
    visitors[channel] = len(set(june.loc[june["channel"] == channel, "visitor_id"]))
""",
        "a frame from a pivot table": """
june = sessions[sessions["started_at"].between(JUNE, JULY, inclusive="left")]
visitors = june.pivot_table(
    index="channel", values="visitor_id", aggfunc="nunique", margins=True, margins_name="all"
)
""",
        "the library's table": """
from ecomtrain.analysis import channels
visitors = channels.visitor_sources(sessions, orders, end=JULY, days=30)["uv"]
""",
        "floats with the key in a column": """
june = sessions[sessions["started_at"].dt.month == 6]
pairs = june.groupby("channel")["visitor_id"].nunique().astype(float).reset_index()
pairs.loc[len(pairs)] = ["all", float(june["visitor_id"].nunique())]
visitors = pairs
""",
    },
    "q2": {
        "the library's tree": """
tree = sales.gmv_tree({"sessions": sessions, "orders": orders}, before=(MAY, JUNE), after=(JUNE, JULY))
effects = tree["effect"].drop("paid_amount")
""",
        "by hand, rounded to the yuan": """
import math
values = []
for start, end in ((MAY, JUNE), (JUNE, JULY)):
    uv = sessions.loc[sessions["started_at"].between(start, end, inclusive="left"), "visitor_id"].nunique()
    paid = orders[orders["paid_at"].between(start, end, inclusive="left")]
    buyers = paid["customer_id"].nunique()
    values.append((uv, buyers / uv, paid["paid_amount"].sum() / buyers, paid["paid_amount"].sum()))
(*a, before), (*b, after) = values
mean = (after - before) / math.log(after / before)
names = ["value_per_buyer", "conversion_rate", "visitors"]
effects = {name: round(mean * math.log(y / x)) for name, x, y in zip(names, a[::-1], b[::-1])}
""",
        "names of the set-up taken for something else": """
sales_now = sales
sessions = sessions[sessions["started_at"] >= MAY]
tree = sales_now.gmv_tree({"sessions": sessions, "orders": orders}, before=(MAY, JUNE), after=(JUNE, JULY))
effects = tree[["effect"]].drop("paid_amount")
sales = orders["paid_amount"].sum()
""",
    },
    "q3": {
        "the library's dwell": """
views = paths.dwell(events)
home_seconds = views[(views["page"] == "home") & ~views["censored"]]["seconds"].mean()
""",
        "the library's summary, rounded": """
home_seconds = round(paths.dwell_summary(paths.dwell(events)).set_index("page").loc["home", "mean_seen"], 1)
""",
        "one element of a Series": """
views = paths.dwell(events).query("not censored")
home_seconds = views.groupby("page")["seconds"].mean().loc[["home"]]
""",
    },
    "q4": {
        "plain Python, visitor by visitor": """
names = {"home": 0, "detail": 1, "cart": 2, "checkout": 3, "pay": 4}
counts = dict.fromkeys(names, 0)
june_events = events[(events["ts"] >= JUNE) & (events["ts"] < JULY)].sort_values(["visitor_id", "ts"])
page = june_events["event"].eq("view") & june_events["page"].isin(["home", "detail"])
step = june_events["page"].where(page, june_events["event"]).map(names)
moves = june_events.assign(step=step).dropna(subset="step")
moves = moves[moves["visitor_id"].isin(moves.loc[moves["step"] == 0, "visitor_id"])]
for _, person in moves.groupby("visitor_id"):
    way = list(zip(person["step"].astype(int), person["ts"]))
    best = -1
    for place, (first, begun) in enumerate(way):
        if first != 0:
            continue
        done, last = 0, begun
        for step, when in way[place + 1:]:
            if step == done + 1 and when > last and when - begun < pd.Timedelta("7D"):
                done, last = step, when
        best = max(best, done)
    for name, number in names.items():
        counts[name] += number <= best
reached = counts
shares = {b: counts[b] / counts[a] for a, b in zip(list(names), list(names)[1:])}
worst_step = min(shares, key=shares.get)
""",
        "steps named otherwise": """
named = events.assign(step=events["event"] + " " + events["page"])
named["step"] = named["step"].replace({"view home": "home", "view detail": "detail", "cart detail": "cart"})
named["step"] = named["step"].where(named["step"].isin(["home", "detail", "cart"]), named["event"])
inside = named[named["ts"].between(JUNE, JULY, inclusive="left")]
table = funnel.conversion(inside, ["home", "detail", "cart", "checkout", "pay"], event="step", window="168h")
reached = pd.Series(table["reached"].tolist(), index=table["step"], dtype="Int64")
worst_step = table.sort_values("step_rate")["step"].iloc[:1]
events = inside
""",
    },
    "q5": {
        "plain pandas": """
day = orders["paid_at"].dropna().dt.tz_localize(None).dt.normalize()
daily = day.value_counts().reindex(calendar["date"], fill_value=0).sort_index()
week = daily.index.to_period("W-SUN")
busy = set(week[calendar["promotion"].notna()])
whole = daily.groupby(week).transform("size") == 7
share = (daily / daily.groupby(week).transform("mean"))[whole & ~week.isin(busy)]
week_index = share.groupby(share.index.day_name().str[:3]).mean()
""",
        "rounded to three places": """
table = sales.day_of_week_index(orders, leave_out=calendar.dropna(subset="promotion")["date"])
week_index = table["index"].round(3).to_dict()
""",
    },
    "q6": {
        "the library, decades as text": """
coarse = privacy.generalise(customers, {"birth_year": 10}).rename(columns={"birth_year": "birth_decade"})
coarse = coarse[["province", "gender", "birth_decade"]]
size = coarse.groupby(list(coarse.columns)).transform("size")
release = coarse[size >= 5].sample(frac=1, random_state=1).reset_index(drop=True)
""",
        "decades as 1990s, by groupby.filter": """
coarse = customers[["gender", "province"]].assign(
    birth_decade=(customers["birth_year"] // 10).astype(str) + "0s"
).astype("category")
release = coarse.groupby(list(coarse.columns), observed=True).filter(lambda group: len(group) >= 5)
""",
    },
}
WAYS = [(question, way) for question, ways in RIGHT.items() for way in ways]


@pytest.mark.parametrize(("question", "way"), WAYS, ids=[" - ".join(way) for way in WAYS])
def test_every_right_way_passes_and_disturbs_no_other_question(question, way):
    notebook, answer = running.source(NAME), {running.answer_of(question): RIGHT[question][way]}
    errors = running.run(notebook, answer)
    assert errors[f"{question}-test"] is None
    assert not {key for key, error in errors.items() if error and key < f"{question}-test"}
    # a later solution may use what was overwritten; the tests themselves must not
    broken = {key for key, error in errors.items() if isinstance(error, AssertionError)}
    assert not broken


def test_no_sentence_about_a_planted_slip_contains_a_right_value():
    names = {}
    for cell in running.source(NAME).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    right = [*names["visitors"], *names["effects"].round(), names["home_seconds"], *names["reached"]]
    digits = {re.sub(r"[^0-9]", "", f"{abs(value):.2f}")[:4] for value in right}
    for (question, _), wrong in running.planted(NAME).items():
        answer = {running.answer_of(question): wrong["code"]}
        errors = running.run(running.source(NAME), answer, only=question)
        told = re.sub(r"[^0-9]", "", str(errors[wrong["caught_by"]]))
        assert not [value for value in digits if value in told]


def test_the_numbers_of_the_memo_are_those_of_the_data():
    (memo,) = [
        cell.source for cell in running.source(NAME).cells if running.marks(cell).get("grade_id") == "q7-memo"
    ]
    sessions = targeting.intent_features(datasets.load("events", shop="mother_baby"))
    sessions = sessions[sessions["interactions"] > 0]
    table = targeting.intent_model(sessions, rule="interactions >= 2").table.set_index("metric")

    def percent(metric):
        value, low, high = 100 * table.loc[metric, ["value", "low", "high"]]
        return f"{value:.1f} %", f"{low:.1f} to {high:.1f} %"

    (base, base_ends), (rule, rule_ends), (hits, hits_ends) = map(
        percent, ["base_rate", "accuracy_rule", "rule_precision"]
    )
    auc, low, high = table.loc["auc", ["value", "low", "high"]]
    lift = table.loc["rule_precision", "value"] / table.loc["base_rate", "value"]
    for words in (
        f"{len(sessions):,} sessions have an interaction, and {base} of them pay (95 % interval {base_ends})",
        f'"nobody buys" is therefore right {percent("accuracy_always_no")[0]} of the time',
        f"rule is right {rule} of the time ({rule_ends})",
        f"Of the {table.loc['rule_precision', 'n']:,} sessions that it picks, {hits} pay ({hits_ends})",
        f"which is {lift:.1f} times",
        f"(AUC {auc:.2f}, {low:.2f} to {high:.2f})",
        f"average precision ({table.loc['average_precision', 'value']:.2f})",
        f"The accuracy of the model ({percent('accuracy')[0]})",
    ):
        assert words in memo
    assert 150 <= len(memo.partition("=== BEGIN MARK SCHEME")[0].split()) <= 300
    mistakes = (1 - table.loc["accuracy_rule", "value"]) / (1 - table.loc["accuracy_always_no", "value"])
    assert mistakes == pytest.approx(2, abs=0.2)
