"""Staff, goals, indicators, tickets and chats: their laws, and that what is planted can be found in them."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain import shop
from ecomtrain.errors import CourseError
from ecomtrain.shop import Truth, making, team
from ecomtrain.shop.crew import crew
from ecomtrain.shop.draw import stream
from ecomtrain.shop.profiles import profiles
from ecomtrain.shop.schema import schema
from ecomtrain.shop.truth._team import TeamTruth

NAMES = ("staff", "okrs", "kpis", "tickets", "chats")
OTHER = Truth(
    okr_execution=-0.25, three_on_output=0.4, three_on_attrition=0.1, talent_output=-0.2, game_points=0.9,
    game_profit=0.35, attrition_monthly=0.05, response_before=0.6, response_before_night=0.4,
    response_person=0.5, response_assist=0.7, response_bot=0.85, rounds_bot=0.3, rounds_assist=0.5,
    rounds_night=0.25,
)  # fmt: skip


def office(names, seed, truth):
    """The tables of which no customer is a part, of several shops."""
    made = []
    for name in names:
        profile = profiles()[name]
        people = crew(profile, truth, stream(seed, profile, "staff"))
        made.append(team.office(profile, seed, truth, people))
    return {name: pd.concat([tables[name] for tables in made], ignore_index=True) for name in made[0]}


@pytest.fixture(scope="module")
def offices():
    return office(profiles(), 2026, Truth())


@pytest.fixture(scope="module")
def trading():
    return {name: shop.make_shop(profiles()[name], 2026, 1.0, Truth()) for name in ("home", "social")}


def days(times):
    return times.dt.tz_localize(None).dt.normalize()


def test_everyone_works_in_one_team_from_the_first_day_to_the_last(offices):
    staff, kpis = offices["staff"], offices["kpis"]
    rows = kpis.merge(staff, on="staff_id", suffixes=("", "_of_staff"), validate="many_to_one")
    assert len(rows) == len(kpis)
    assert set(kpis["staff_id"]) == set(staff["staff_id"])
    assert (rows["team"] == rows["team_of_staff"]).all()
    assert (rows["shop"] == rows["shop_of_staff"]).all()
    assert (rows["team"].str.split("-").str[0] == rows["shop"]).all()
    assert (rows["month"] + pd.offsets.MonthEnd(0) >= rows["hired_on"]).all()
    assert (rows["left_on"].isna() | (rows["month"] <= rows["left_on"])).all()
    first = staff["hired_on"].clip(lower=pd.Timestamp("2024-07-01")).dt.to_period("M")
    last = staff["left_on"].fillna(pd.Timestamp("2026-06-30")).dt.to_period("M")
    months = staff["staff_id"].map(kpis["staff_id"].value_counts())
    assert (last.astype("int64") - first.astype("int64") + 1 == months).all()
    assert (staff["left_on"] >= staff["hired_on"])[staff["left_on"].notna()].all()
    assert staff["reason"].notna().equals(staff["left_on"].notna())


def test_a_team_has_one_lead_at_a_time_and_nobody_manages_in_a_circle(offices):
    staff = offices["staff"]
    leads = staff[staff["role"] == "lead"].sort_values(["team", "hired_on"])
    following = leads.groupby("team")["hired_on"].shift(-1)
    assert (following.isna() | (following > leads["left_on"])).all()
    manager = staff.set_index("staff_id")["manager_id"].dropna().astype("int64")
    assert manager.isin(staff["staff_id"]).all()
    boss = staff.set_index("staff_id").loc[manager]
    there = staff.set_index("staff_id").loc[manager.index, "left_on"].fillna(pd.Timestamp("2026-06-30"))
    assert (boss["role"] == "lead").all()
    assert (boss["hired_on"].to_numpy() <= there.to_numpy()).all()
    assert (boss["left_on"].fillna(pd.Timestamp("2027-01-01")).to_numpy() >= there.to_numpy()).all()
    above = manager
    for _ in range(3):
        above = above.map(manager).dropna()
    assert above.empty


def test_the_spans_of_control_that_the_datasheet_names_are_there(offices):
    staff = offices["staff"]
    seats = staff[staff["left_on"].isna()].groupby(["shop", "team"]).size()
    assert seats["home"].max() > 12
    assert seats["food"].min() <= 2
    assert seats.drop(["home", "food"]).between(1, 7).all()


def test_nobody_does_more_tasks_than_are_due_and_ratings_are_of_five_steps(offices):
    kpis, staff = offices["kpis"], offices["staff"]
    assert (kpis["tasks_done"] <= kpis["tasks_due"]).all()
    assert (kpis[["hours", "output"]] > 0).all().all()
    ratings = staff[["data", "digital", "system", "intelligence"]]
    assert (ratings.isna() | ((ratings >= 1) & (ratings <= 5))).all().all()
    served = (staff["left_on"].fillna(pd.Timestamp("2026-07-01")) - staff["hired_on"]).dt.days
    assert ratings.isna().any(axis=1).equals(served < 90)
    week = kpis["hours"].groupby(kpis["pattern"]).median() * 12 / 52
    assert week["6+1"] > 44 > week["5+2"] > 0


def test_a_programme_begins_once_for_a_whole_team_and_reaches_as_many_as_the_datasheet_says(offices):
    kpis = offices["kpis"].assign(three=offices["kpis"]["pattern"] == "3+3")
    flags = ["okr", "talent_model", "game", "three"]
    by_month = kpis.groupby(["team", "month"])[flags]
    assert (by_month.max() == by_month.min()).all().all()
    assert (by_month.max().astype(int).groupby("team").diff().fillna(0) >= 0).all().all()
    reached = kpis.groupby("team")[["talent_model", "game", "three"]].max().sum()
    assert reached.to_dict() == {"talent_model": 12, "game": 12, "three": 36}
    early = kpis[kpis["month"] == "2025-07-01"].groupby("team")["okr"].max()
    assert early.sum() == 7 * 2 + 4 + 4 + 8
    assert kpis[kpis["month"] >= "2026-01-01"]["okr"].all()


def test_those_who_began_with_objectives_were_among_the_weakest_third(offices):
    kpis = offices["kpis"]
    judged = kpis[kpis["month"].between("2025-04-01", "2025-06-01")]
    sums = judged.groupby(["shop", "team"])[["tasks_done", "tasks_due"]].sum()
    share = sums["tasks_done"] / sums["tasks_due"]
    place = share.groupby("shop").rank() / share.groupby("shop").transform("size")
    early = kpis[kpis["month"] == "2025-07-01"].groupby(["shop", "team"])["okr"].max()
    assert (place[early] <= 1 / 3 + 1e-9).all()


def test_before_the_talent_model_the_two_least_able_of_each_team_were_dismissed(offices):
    staff = offices["staff"].query("shop == 'electronics'")
    gone = staff[staff["left_on"].between("2025-12-25", "2025-12-31")]
    assert (gone["reason"] == "dismissed").all()
    assert gone.groupby("team").size().between(1, 2).all()
    assert gone["team"].nunique() == 12
    kpis = offices["kpis"].query("month < '2026-01-01'")
    rate = kpis.groupby("staff_id")[["output", "hours"]].sum().eval("output / hours")
    others = staff[staff["team"].isin(gone["team"]) & ~staff["staff_id"].isin(gone["staff_id"])]
    assert rate[gone["staff_id"]].median() < 0.75 * rate.reindex(others["staff_id"]).median()


def test_objectives_form_a_tree_but_for_the_three_planted_faults(offices):
    okrs = offices["okrs"].set_index("okr_id")
    results = okrs[okrs["kind"] == "key_result"]
    objectives = okrs.drop(results.index)
    above = objectives.loc[results["parent_id"].astype("int64")]
    assert (above["quarter"].to_numpy() == results["quarter"].to_numpy()).all()
    assert results.groupby("parent_id")["weight"].sum().round(9).eq(1).all()
    assert results.groupby("parent_id").size().eq(3).all()
    kept = results["target"] == results["start"]
    assert results.loc[kept, "shop"].tolist() == ["food"]
    better = np.where(results["target"] < results["start"], "down", "up")
    assert (results["direction"] == better)[~kept].all()
    assert objectives[["start", "target", "current", "direction"]].isna().all().all()

    teams = objectives[objectives["team"].notna()]
    orphans = teams[teams["parent_id"].isna()]
    assert orphans["shop"].tolist() == ["food"]
    lost = teams[teams["parent_id"].notna() & ~teams["parent_id"].isin(objectives.index)]
    assert lost["shop"].tolist() == ["shoes"]
    linked = teams.drop([*orphans.index, *lost.index])
    circle = linked[linked["parent_id"].isin(teams.index)]
    assert circle["shop"].tolist() == ["home", "home"]
    assert set(circle["parent_id"]) == set(circle.index)
    parent = objectives.loc[linked.drop(circle.index)["parent_id"].astype("int64")]
    assert parent["team"].isna().all()
    assert (parent["quarter"].to_numpy() == linked.drop(circle.index)["quarter"].to_numpy()).all()


def test_a_team_has_an_objective_in_each_quarter_that_it_works_with_them(offices):
    kpis, okrs = offices["kpis"], offices["okrs"]
    starts = kpis[kpis["month"].isin(okrs["quarter"].unique()) & kpis["okr"]]
    works = set(zip(starts["team"], starts["month"], strict=True))
    own = okrs[(okrs["kind"] == "objective") & okrs["team"].notna()]
    assert set(zip(own["team"], own["quarter"], strict=True)) == works


def test_a_ticket_is_about_an_order_and_its_agent_was_there(trading):
    for tables in trading.values():
        tickets = tables["tickets"].merge(tables["orders"], on="order_id", suffixes=("", "_of_order"))
        assert len(tickets) == len(tables["tickets"]) > 100
        assert (tickets["customer_id"] == tickets["customer_id_of_order"]).all()
        assert (tickets["opened_at"] > tickets["ordered_at"]).all()
        assert (tickets["closed_at"].dropna() >= tickets["opened_at"][tickets["closed_at"].notna()]).all()
        assert not tickets.loc[tickets["closed_at"].isna(), "reopened"].any()
        agents = tables["staff"].set_index("staff_id").loc[tickets["staff_id"].dropna()]
        at = days(tickets.loc[tickets["staff_id"].notna(), "opened_at"]).to_numpy()
        assert (agents["function"] == "service").all()
        assert (agents["hired_on"].to_numpy() <= at).all()
        assert (agents["left_on"].fillna(pd.Timestamp("2027-01-01")).to_numpy() > at).all()


def test_a_chat_is_of_a_customer_and_its_rounds_follow_one_another(trading):
    for tables in trading.values():
        chats = tables["chats"]
        who = tables["customers"].set_index("customer_id").loc[chats["customer_id"], "registered_at"]
        assert (who.to_numpy() <= chats["ts"].to_numpy()).all()
        one = chats.groupby("chat_id")
        assert (one.cumcount() + 1 == chats["round"]).all()
        assert one["ts"].is_monotonic_increasing.all()
        assert one[["ai", "customer_id"]].nunique().eq(1).all().all()
        assert chats.drop_duplicates("chat_id")["ts"].is_monotonic_increasing
        assert chats["ts"].min() >= pd.Timestamp("2026-06-03", tz="Asia/Shanghai")
        assert (chats.loc[~chats["ai"], "handler"] == "person").all()
        bot = chats["handler"] == "bot"
        silent = chats["first_response_seconds"].isna()
        assert chats["handling_seconds"].isna().equals(bot | silent)
        assert chats.loc[bot | silent, "staff_id"].isna().all()


def test_keys_are_unique_and_columns_are_those_of_the_datasheet(trading):
    for tables in trading.values():
        for name in NAMES:
            table = schema()[name]
            assert set(tables[name]) == {column.name for column in table.columns}
            assert not tables[name].duplicated(list(table.key)).any()
            assert not tables[name][list(table.key)].isna().any().any()


@pytest.mark.parametrize("scale", [1e-6, 0.02])
def test_the_office_does_not_grow_or_shrink_with_the_shop(offices, scale):
    small = shop.make_shop(profiles()["food"], 2026, scale, Truth())
    for name in ("staff", "okrs", "kpis"):
        one = offices[name].query("shop == 'food'").reset_index(drop=True)
        assert_frame_equal(small[name], one)


def test_agents_of_every_part_of_a_big_shop_are_of_the_same_staff(monkeypatch):
    monkeypatch.setattr(making, "SHARD", 0.02)
    made = making.make_shop(profiles()["food"], 3, 0.06, Truth())
    for name in ("chats", "tickets"):
        agents = made[name]["staff_id"].dropna()
        assert len(agents) > 0
        assert agents.isin(made["staff"]["staff_id"]).all()


# The direct estimates: (estimate, its standard error) of the tables, and what the truth is on that scale.


def log_change(frame, y, x, unit="team"):
    """Log of the change of a pooled ratio from before 2026 to it, by units, with its error."""
    sums = frame.assign(after=frame["month"] >= "2026-01-01").groupby(["after", unit])[[y, x]].sum()
    pull, ratio = 0.0, {}
    for after in (False, True):
        part = sums.loc[after]
        ratio[after] = part[y].sum() / part[x].sum()
        residual = (part[y] - ratio[after] * part[x]) / part[y].sum()
        pull = residual.sub(pull, fill_value=0.0)
    return np.log(ratio[True] / ratio[False]), np.sqrt(len(pull) * pull.var())


def against_others(frame, flag, y, x="hours"):
    """Change in the teams of a programme less that in the others, over the last twelve months."""
    frame = frame[frame["month"] >= "2025-07-01"]
    inside = frame["team"].isin(frame.loc[frame[flag], "team"])
    (one, error), (two, other) = (log_change(part, y, x) for part in (frame[inside], frame[~inside]))
    return one - two, np.hypot(error, other)


def talent_output(t):
    kpis = t["kpis"].query("shop == 'electronics' and month >= '2025-07-01'")
    stayed = kpis[kpis.groupby("staff_id")["month"].transform("size") == 12]
    return against_others(stayed, "talent_model", "output")


def okr_execution(t):
    kpis = t["kpis"].query("month >= '2025-04-01' and month < '2026-01-01'")
    early = kpis["month"] < "2025-07-01"
    judged = kpis[early].groupby(["shop", "team"])[["tasks_done", "tasks_due"]].sum()
    share = judged["tasks_done"] / judged["tasks_due"]
    listed = share[share.groupby("shop").rank(method="first") <= share.groupby("shop").transform("size") // 3]
    later = kpis[~early & kpis["team"].isin(listed.index.get_level_values("team"))]
    found = []
    for began in (True, False):
        part = later[later["okr"] == began].groupby("team")[["tasks_done", "tasks_due"]].sum()
        rate = part["tasks_done"].sum() / part["tasks_due"].sum()
        residual = part["tasks_done"] - rate * part["tasks_due"]
        found.append((np.log(rate), residual.std() * np.sqrt(len(part)) / part["tasks_done"].sum()))
    return found[0][0] - found[1][0], np.hypot(found[0][1], found[1][1])


def three_on_output(t):
    kpis = t["kpis"].query("shop == 'beauty'")
    kpis = kpis.assign(three=kpis["pattern"] == "3+3")
    return against_others_long(kpis[(kpis["month"] < "2025-01-01") | (kpis["month"] >= "2025-11-01")])


def against_others_long(kpis):
    dated = kpis.assign(month=np.where(kpis["month"] < "2025-01-01", "2025-12-01", "2026-01-01"))
    return against_others(dated, "three", "output")


def leaving(t, name):
    left = t["staff"].set_index("staff_id")["left_on"].dt.to_period("M").dt.start_time
    hired = t["staff"].set_index("staff_id")["hired_on"]
    kpis = t["kpis"].query("shop == @name")
    kpis = kpis[kpis["staff_id"].map(hired) <= kpis["month"]]
    return kpis["staff_id"].map(left) == kpis["month"], kpis["pattern"]


def share(hits):
    p = hits.mean()
    return p, np.sqrt(p * (1 - p) / len(hits))


def three_on_attrition(t):
    leaves, pattern = leaving(t, "beauty")
    (one, error), (two, other) = (share(leaves[(pattern == "3+3") == on]) for on in (True, False))
    return one - two, np.hypot(error, other)


def in_time(query):
    return lambda t: share(
        clocked(t).query(query)["first_response_seconds"].le(180).fillna(False).astype(bool)
    )


def goes_to(handler):
    return lambda t: share(clocked(t).query("ai and day")["handler"] == handler)


def clocked(t):
    return t["chats"].assign(hour=t["chats"]["ts"].dt.hour, day=t["chats"]["ts"].dt.hour.between(8, 22))


def rounds_night(t):
    chats = clocked(t).groupby("chat_id")["day"].agg(["sum", "size"])
    rate = chats["sum"].sum() / chats["size"].sum()
    residual = chats["sum"] - rate * chats["size"]
    return 1 - rate, residual.std() * np.sqrt(len(chats)) / chats["size"].sum()


def of_programme(name, flag, y):
    return lambda t: against_others(t["kpis"].query("shop == @name", local_dict={"name": name}), flag, y)


ESTIMATES = {
    "okr_execution": (okr_execution, lambda w: np.log(1 + w.okr_execution)),
    "three_on_output": (three_on_output, lambda w: np.log(1 + w.three_on_output)),
    "three_on_attrition": (three_on_attrition, lambda w: w.three_on_attrition),
    "talent_output": (talent_output, lambda w: np.log(1 + w.talent_output)),
    "game_points": (of_programme("apparel", "game", "points"), lambda w: np.log(1 + w.game_points)),
    "game_profit": (of_programme("apparel", "game", "profit"), lambda w: np.log(1 + w.game_profit)),
    "attrition_monthly": (lambda t: share(leaving(t, "social")[0]), lambda w: w.attrition_monthly),
    "response_before": (in_time("not ai and day"), lambda w: w.response_before),
    "response_before_night": (in_time("not ai and not day"), lambda w: w.response_before_night),
    "response_person": (in_time("ai and handler == 'person'"), lambda w: w.response_person),
    "response_assist": (in_time("handler == 'assist'"), lambda w: w.response_assist),
    "response_bot": (in_time("handler == 'bot'"), lambda w: w.response_bot),
    "rounds_bot": (goes_to("bot"), lambda w: w.rounds_bot),
    "rounds_assist": (goes_to("assist"), lambda w: w.rounds_assist),
    "rounds_night": (rounds_night, lambda w: w.rounds_night),
}  # fmt: skip


def test_every_planted_number_of_the_topic_has_an_estimate():
    assert set(ESTIMATES) == {item.name for item in fields(TeamTruth)}


@pytest.fixture(scope="module")
def otherwise():
    chats = shop.make_shop(profiles()["mother_baby"], 7, 1.0, OTHER)["chats"]
    return office(profiles(), 7, OTHER) | {"chats": chats}


@pytest.mark.parametrize("name", ESTIMATES)
def test_another_truth_is_found_as_well(otherwise, name):
    estimate, expected = ESTIMATES[name]
    value, error = estimate(otherwise)
    assert abs(value - expected(OTHER)) < 4 * error
    assert abs(value - expected(Truth())) > 4 * error


@pytest.mark.parametrize("name", [name for name in ESTIMATES if name[0] != "r"])
def test_the_published_draw_shows_the_planted_truth_within_the_interval(offices, name):
    estimate, expected = ESTIMATES[name]
    value, error = estimate(offices)
    assert abs(value - expected(Truth())) < 1.96 * error


def test_bot_and_suggested_texts_leave_people_some_rounds():
    with pytest.raises(CourseError, match=r"rounds_bot and rounds_assist add up to 1\.15"):
        Truth(rounds_bot=0.9)
