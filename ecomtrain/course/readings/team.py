"""The audits of people, goals and service; each function is named after its claim, as in ``data``."""

from __future__ import annotations

import math

import pandas as pd

from ecomtrain.analysis import intervals
from ecomtrain.course.readings import Analysis, Reading, Tables, aside, reading
from ecomtrain.shop.truth import Truth

EFFECT = ["effect", "low", "high"]
PANEL = {"outcome": "value", "unit": "team", "time": "month"}
HALVES = {"before": ("2025-07-01", "2026-01-01"), "after": ("2026-01-01", "2026-07-01")}


def c1_k5(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Judge execution with OKR: the weakest teams after over before, or against those as weak that waited."""
    kpis = t["kpis"][t["kpis"]["month"] < "2026-01-01"]
    quarters = _panel(
        kpis.assign(month=kpis["month"].dt.to_period("Q").dt.start_time), "tasks_done", "tasks_due"
    )
    judged = quarters[quarters["month"] == "2025-04-01"]
    places = judged.groupby("shop")["value"]
    weakest = judged.loc[places.rank(method="first") <= places.transform("size") // 3, "team"]
    listed = quarters[quarters["team"].isin(weakest)]
    began = listed.loc[listed["okr"], "team"]
    windows = {"before": ("2025-04-01", "2025-07-01"), "after": ("2025-07-01", "2026-01-01")}
    chosen = kpis[kpis["team"].isin(began)]
    after = naive(chosen, numerator="tasks_done", denominator="tasks_due", level=level, **windows).iloc[0]
    lots = sound(listed, treated="okr", relative=True, level=level, **PANEL).iloc[0]
    gain = truth.okr_execution
    return [
        _changed("the weakest teams, over the quarter that they were chosen for", after, gain),
        reading("against teams as weak that drew a later start", lots[EFFECT], lots["units"], gain),
    ]


def c6_t1(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Take the 3+3 week: after over before, or against teams whose turn had not come."""
    left = t["staff"].set_index("staff_id")["left_on"].dt.to_period("M").dt.start_time
    kpis = t["kpis"].assign(three=t["kpis"]["pattern"] == "3+3", one=1)
    kpis["leaves"] = (kpis["staff_id"].map(left) == kpis["month"]).astype(int)
    # Every team's months are counted from its own change, as if all had changed in January 2025.
    number = kpis["month"].dt.to_period("M").astype("int64")
    begins = number.where(kpis["three"]).groupby(kpis["team"]).transform("min")
    changed = kpis.assign(month=_month(number - begins))[begins.notna()]
    windows = {"before": ("2024-07-01", "2025-01-01"), "after": ("2025-01-01", "2025-07-01")}
    after = naive(changed, numerator="output", denominator="hours", level=level, **windows).iloc[0]
    how = {"treated": "three", "level": level, **PANEL}
    output = sound(_panel(kpis, "output", "hours"), relative=True, **how).iloc[0]
    leaving = sound(_panel(kpis, "leaves", "one"), **how).iloc[0]
    return [
        _changed(
            "output per hour, half a year after a team's change over half a year before",
            after,
            truth.three_on_output,
        ),
        reading(
            "output per hour, against teams whose turn had not come",
            output[EFFECT],
            output["units"],
            truth.three_on_output,
        ),
        aside(
            "chance to leave within a month, against the same teams",
            leaving[EFFECT],
            leaving["units"],
            truth.three_on_attrition,
            unit="points",
        ),
    ]


def c6_t2(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Output per head with the talent model: whoever is there, or the same people against other teams."""
    kpis = t["kpis"][t["kpis"]["month"] >= HALVES["before"][0]]
    trained = kpis[kpis["team"].isin(kpis.loc[kpis["talent_model"], "team"])]
    everybody = naive(trained, numerator="output", denominator="hours", level=level, **HALVES).iloc[0]
    months = kpis.groupby("staff_id")["month"].transform("nunique")
    stayed = _panel(kpis[months == kpis["month"].nunique()], "output", "hours")
    same = sound(stayed, treated="talent_model", relative=True, level=level, **PANEL).iloc[0]
    gain = truth.talent_output
    teams = everybody["units"]

    def moved(text: str, sums: str) -> Reading:
        more = everybody[f"{sums}_after"] / everybody[f"{sums}_before"] - 1
        return aside(text, (more, math.nan, math.nan), teams, unit="relative")

    return [
        _changed("whoever was there, with the model over before", everybody, gain),
        reading("the same people, against teams without it", same[EFFECT], same["units"], gain),
        moved("heads of the teams with it", "denominator"),
        moved("their output in all", "numerator"),
    ]


def c6_t3(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Judge the indicator game: by the points that it pays for, or by the profit that it does not."""
    kpis = t["kpis"]
    playing = kpis[kpis["team"].isin(kpis.loc[kpis["game"], "team"])]
    points = naive(playing, numerator="points", denominator="hours", level=level, **HALVES).iloc[0]
    profit = sound(_panel(kpis, "profit", "hours"), treated="game", relative=True, level=level, **PANEL).iloc[
        0
    ]
    return [
        _changed("points per hour, with the game over before", points, truth.game_points),
        reading(
            "profit per hour, against teams that do not play",
            profit[EFFECT],
            profit["units"],
            truth.game_profit,
        ),
    ]


def c6_t4(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Attrition: in a month, of a closed group in a year, or departures of a year over the headcount."""
    window = t["staff"], "2024-07-01", "2026-07-01"
    month = naive(*window, level=level).iloc[0]
    year = month if sound is naive else sound(*window, level=level).iloc[0]
    own = sound(*window, kind="voluntary", level=level).iloc[0]
    people = round(month["headcount"] * month["months"])
    rate = truth.attrition_monthly
    return [
        reading("a month, over the average headcount", month[["monthly_rate", "low", "high"]], people, rate),
        reading(
            "gone after a year, of a closed group",
            year[["closed_year", "closed_low", "closed_high"]],
            people,
            1 - (1 - rate) ** 12,
        ),
        reading(
            "departures of a year, over the average headcount",
            year[["added_year", "added_low", "added_high"]],
            people,
            12 * rate,
        ),
        reading(
            "a month, only those who went by their own wish", own[["monthly_rate", "low", "high"]], people
        ),
    ]


def c6_t5(t: Tables, naive: Analysis, sound: Analysis, truth: Truth, level: float) -> list[Reading]:
    """Response with AI service over without: who counts as answering, and at which hours."""
    chats, day = t["chats"], truth.response_before
    alone, night = 1 - truth.rounds_bot - truth.rounds_assist, truth.rounds_night
    helped = truth.rounds_assist * truth.response_assist + alone * truth.response_person
    everyone = helped + truth.rounds_bot * truth.response_bot
    people = 1 - truth.rounds_bot
    clock = (1 - night) * everyone + night * truth.response_bot
    clock_before = (1 - night) * day + night * truth.response_before_night

    def gain(text: str, analysis: Analysis, after: float, before: float = day, **rule: object) -> Reading:
        rate = analysis(chats, by="ai", level=level, **rule).reindex([False, True])
        found = [rate.loc[ai, column] for ai in (False, True) for column in ("response_rate", "se")]
        planted = after / before - 1 if before else math.nan
        return reading(text, intervals.relative_change(*found, level=level), rate["rounds"].sum(), planted)

    before = sound(chats[~chats["ai"]], level=level).iloc[0]
    return [
        gain("bots counted, round the clock", naive, clock, clock_before, bots="include", hours=None),
        gain(
            "people with suggested texts counted, 8:00 to 23:00",
            sound,
            helped / people,
            bots="assist",
        ),
        gain("bots counted, 8:00 to 23:00", sound, everyone, bots="include"),
        gain("people alone, 8:00 to 23:00", sound, truth.response_person, bots="exclude"),
        aside(
            "answered without AI, 8:00 to 23:00",
            before[["response_rate", "low", "high"]],
            before["rounds"],
            day,
        ),
    ]


def _month(since: pd.Series) -> pd.Series:
    """Turn months since January 2025 into dates."""
    first = pd.Period("2025-01", "M").ordinal
    return pd.Series(
        pd.PeriodIndex.from_ordinals(since.fillna(0).astype("int64") + first, freq="M").start_time,
        since.index,
    )


def _panel(kpis: pd.DataFrame, numerator: str, denominator: str) -> pd.DataFrame:
    """Add people up to teams and periods; ``value`` is the ratio, and a team is in what its people are in."""
    programmes = [name for name in ("okr", "talent_model", "game", "three") if name in kpis]
    groups = kpis.groupby(["shop", "team", "month"])
    sums = groups[[numerator, denominator]].sum().join(groups[programmes].max()).reset_index()
    return sums.assign(value=sums[numerator] / sums[denominator])


def _changed(text: str, row: pd.Series, truth: float) -> Reading:
    """Read the relative change of a row of `team.before_after`."""
    return reading(text, row[["relative_change", "relative_low", "relative_high"]], row["units"], truth)
