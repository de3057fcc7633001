"""The edge cases of the analyses of teams, and of differences in differences."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import causal, service, team

HALF_YEAR = ("2026-01-01", "2026-07-01")
SKILLS = ["data", "system"]

CASES: dict[str, Case] = {
    "causal.difference_in_differences": Case(
        ("team_panel",),
        lambda team_panel: causal.difference_in_differences(
            team_panel, outcome="output", unit="team", time="month", treated="coached"
        ),
    ),
    "service.agents_needed": Case(
        ("team_desk",),
        lambda team_desk: service.agents_needed(
            team_desk["calls"], team_desk["aht"], shrinkage=0.3, patience=team_desk["patience"]
        ).set_axis(team_desk.index),
        refuses_negative=("team_desk.calls",),
        aligned=True,
    ),
    "service.ai_case": Case(
        ("team_desk",),
        lambda team_desk: service.ai_case(
            10_000, team_desk["containment"], cost_person=4, cost_bot=0.3, csat_person=0.9, csat_bot=0.8,
            value_of_csat=2,
        ).set_axis(team_desk.index),
        aligned=True,
    ),
    "service.erlang_a": Case(
        ("team_desk",),
        lambda team_desk: service.erlang_a(
            team_desk["calls"], team_desk["aht"], team_desk["agents"], team_desk["patience"]
        ).set_axis(team_desk.index),
        refuses_negative=("team_desk.calls",),
        aligned=True,
    ),
    "service.erlang_c": Case(
        ("team_desk",),
        lambda team_desk: service.erlang_c(
            team_desk["calls"], team_desk["aht"], team_desk["agents"]
        ).set_axis(team_desk.index),
        refuses_negative=("team_desk.calls",),
        aligned=True,
    ),
    "service.response_metrics": Case(
        ("team_chats", "team_orders"),
        lambda team_chats, team_orders: service.response_metrics(team_chats, team_orders),
        times=("team_chats.ts", "team_orders.paid_at"),
        ids=("team_chats.chat_id", "team_chats.customer_id", "team_orders.customer_id"),
    ),
    "service.roster": Case(
        ("team_demand",),
        lambda team_demand: service.roster(team_demand, "3+3", shift_hours=4),
        refuses_negative=("team_demand.staff",),
    ),
    "service.staffing": Case(
        ("team_chats",),
        lambda team_chats: service.staffing(team_chats, "2026-06-01", "2026-06-04", minutes=60),
        times=("team_chats.ts",),
        refuses_negative=("team_chats.handling_seconds",),
    ),
    "team.attrition": Case(
        ("team_staff",),
        lambda team_staff: team.attrition(
            team_staff, "2026-01-01", "2026-04-01", by="function", kind="voluntary"
        ),
        times=("team_staff.hired_on", "team_staff.left_on"),
    ),
    "team.attrition_cost": Case(
        ("team_staff",),
        lambda team_staff: team.attrition_cost(
            team_staff, *HALF_YEAR, months_of_pay={"recruiting": 1}, per_leaver={"desk": 500}, by="function"
        ),
        times=("team_staff.hired_on", "team_staff.left_on"),
        refuses_negative=("team_staff.salary",),
        refuses_currencies=("team_staff",),
    ),
    "team.attrition_risk": Case(
        ("team_leavers",),
        lambda team_leavers: team.attrition_risk(
            team_leavers, columns=["overtime", "pay"], groups=["gender"]
        ),
    ),
    "team.before_after": Case(
        ("team_panel",),
        lambda team_panel: team.before_after(
            team_panel,
            numerator="output",
            denominator="hours",
            before=("2026-01-01", "2026-03-01"),
            after=("2026-03-01", "2026-05-01"),
        ),
        times=("team_panel.month",),
    ),
    "team.bus_factor": Case(
        ("team_staff",),
        lambda team_staff: team.bus_factor(team_staff, by="function", skills=SKILLS),
        ids=("team_staff.staff_id",),
    ),
    "team.competency_gap": Case(
        ("team_staff", "team_required"),
        lambda team_staff, team_required: team.competency_gap(team_staff, team_required, skills=SKILLS),
    ),
    "team.gaming_check": Case(
        ("team_months",),
        lambda team_months: team.gaming_check(team_months, per="hours", by="game"),
        times=("team_months.month",),
        ids=("team_months.staff_id",),
    ),
    "team.kpi_points": Case(
        ("team_scores", "team_rules"),
        lambda team_scores, team_rules: team.kpi_points(team_scores, team_rules),
        times=("team_scores.month",),
        ids=("team_scores.staff_id",),
    ),
    "team.okr_alignment": Case(
        ("team_okrs",),
        lambda team_okrs: team.okr_alignment(team_okrs, by="shop"),
        ids=("team_okrs.okr_id", "team_okrs.parent_id"),
    ),
    "team.okr_score": Case(
        ("team_okrs",),
        team.okr_score,
        ids=("team_okrs.okr_id", "team_okrs.parent_id"),
        refuses_negative=("team_okrs.weight",),
    ),
    "team.output_per_head": Case(
        ("team_months",),
        lambda team_months: team.output_per_head(team_months, output="profit", by="game"),
        times=("team_months.month",),
        ids=("team_months.staff_id",),
        refuses_negative=("team_months.hours",),
    ),
    "team.response_rate": Case(
        ("team_chats",),
        lambda team_chats: team.response_rate(team_chats, bots="include", by="shop"),
        times=("team_chats.ts",),
        ids=("team_chats.chat_id",),
    ),
    "team.span_of_control": Case(
        ("team_staff",),
        lambda team_staff: team.span_of_control(team_staff, at="2026-03-01", few=2, dotted="mentor_id"),
        times=("team_staff.hired_on", "team_staff.left_on"),
        ids=("team_staff.staff_id", "team_staff.manager_id"),
        refuses_negative=("team_staff.salary",),
        refuses_shops=("team_staff",),
        refuses_currencies=("team_staff",),
    ),
    "team.tenure_curve": Case(
        ("team_staff",),
        lambda team_staff: team.tenure_curve(
            team_staff, "2025-07-01", "2026-07-01", by="function", kind="voluntary"
        ),
        times=("team_staff.hired_on", "team_staff.left_on"),
    ),
}  # fmt: skip


def frames():
    """The frames that the calls above name."""
    i, t = (grid.ravel() for grid in np.indices((8, 4)))
    month = pd.date_range("2026-01-01", periods=4, freq="MS", tz="Asia/Shanghai")
    panel = pd.DataFrame(
        {"team": np.array(list("abcdefgh"))[i], "month": month[t], "coached": (i < 4) & (t >= 2),
         "output": 100 + 10 * i + 3 * t + (i * t) % 5, "hours": 90 + i + t % 2}
    )  # fmt: skip
    n = np.arange(40)
    staff = pd.DataFrame(
        {"staff_id": n, "function": np.where(n % 2, "live", "service"),
         "hired_on": pd.Timestamp("2025-06-01", tz="Asia/Shanghai") + pd.to_timedelta(7 * n, unit="D"),
         "left_on": pd.Timestamp("2026-03-20", tz="Asia/Shanghai") + pd.to_timedelta(5 * n, unit="D"),
         "reason": np.where(n % 3, "voluntary", "dismissed")}
    )  # fmt: skip
    staff["manager_id"] = pd.array(np.maximum((n - 1) // 4, 0), "Int64")
    staff.loc[0, "manager_id"] = pd.NA
    staff["mentor_id"] = pd.array(n // 10, "Int64")
    staff["salary"] = 6000.0 + 100 * n
    staff["data"] = pd.array(1 + n % 5, "Int64")
    staff["system"] = pd.array(1 + (n * 3) % 4, "Int64")
    staff.loc[n % 9 == 4, ["data", "system"]] = pd.NA
    staff["left_on"] = staff["left_on"].where(n % 5 < 3)
    staff["reason"] = staff["reason"].where(n % 5 < 3)
    chats = pd.DataFrame(
        {"chat_id": n // 2, "round": 1 + n % 2, "customer_id": 100 + n // 4,
         "handling_seconds": pd.array(120 + n, "Int64"), "shop": np.where(n % 4 < 2, "tea", "silk"),
         "handler": np.array(["person", "assist", "bot"])[n % 3],
         "ts": pd.Timestamp("2026-06-01 06:00", tz="Asia/Shanghai") + pd.to_timedelta(47 * n, unit="min"),
         "first_response_seconds": pd.array(30 * (n % 9), "Int64")}
    )  # fmt: skip
    chats.loc[n % 11 == 0, "first_response_seconds"] = pd.NA
    chats.loc[n % 11 == 0, "handling_seconds"] = pd.NA
    orders = pd.DataFrame(
        {"customer_id": 100 + np.arange(0, 10, 2),
         "paid_at": pd.date_range("2026-06-01 20:00", periods=5, freq="h", tz="Asia/Shanghai")}
    )  # fmt: skip
    demand = pd.DataFrame({"hour": range(9, 17), "staff": [1, 1, 2, 2, 2, 1, 1, 1]})
    desk = pd.DataFrame(
        {"calls": [100, 60, 10], "aht": [180.0, 240.0, 200.0], "agents": [14, 8, 3],
         "patience": [120.0, 90.0, 60.0], "containment": [0.2, 0.4, 0.6]}
    )  # fmt: skip
    leavers = pd.DataFrame(
        {"overtime": np.where(n % 3, "no", "yes"), "pay": 50 + n % 4,
         "left": (n % 3 == 0) & (n % 2 == 0) | (n % 13 == 1), "gender": np.where(n % 5 < 2, "f", "m")}
    )  # fmt: skip
    okrs = pd.DataFrame(
        {"okr_id": [1, 2, 3, 4, 5, 6], "shop": "tea", "team": [None, None, "live", "live", "live", "desk"],
         "kind": ["objective", "key_result", "objective", "key_result", "key_result", "objective"],
         "parent_id": pd.array([None, 1, 1, 3, 3, 3], "Int64"), "weight": [1.0, 1.0, 1.0, 0.6, 0.4, 1.0],
         "start": [None, 2.0, None, 10.0, 5.0, None], "target": [None, 3.0, None, 5.0, 9.0, None],
         "current": [None, 2.5, None, 6.0, 9.5, None],
         "direction": [None, "up", None, "down", "up", None]}
    )  # fmt: skip
    who, when = (grid.ravel() for grid in np.indices((6, 4)))
    months = pd.DataFrame(
        {"staff_id": who, "month": month[when], "hours": 160 + who, "game": np.where(who % 2, "on", "off"),
         "points": 100 + 7 * who + (who * when) % 5 * 9 + 200 * ((who == 3) & (when == 2)),
         "profit": 900 + 60 * who + (who + when) % 3 * 50}
    )  # fmt: skip
    scores = pd.DataFrame(
        {"staff_id": np.repeat(who, 3), "month": month[np.repeat(when, 3)],
         "kpi": np.tile(["sales", "refunds", "replies"], len(who)), "opportunity": 50 + np.repeat(who, 3)}
    )  # fmt: skip
    scores["value"] = np.where(
        scores["kpi"] == "refunds", 0.01 * (1 + scores["staff_id"]), 80.0 + 9 * np.repeat(when, 3)
    )
    rules = pd.DataFrame(
        {"kpi": ["sales", "refunds", "replies"], "threshold": [80, 0.05, 1.0], "target": [100, 0.03, 1.5],
         "stretch": [120, 0.01, 2.0], "points": [60, 0, 40], "cap": [1.5, 1.0, 1.2],
         "per_opportunity": [False, False, True], "guardrail": [False, True, False]}
    )  # fmt: skip
    required = pd.DataFrame({"function": ["live", "service"], "data": [3, 4], "system": [4, 2]})
    return {
        "team_panel": panel, "team_staff": staff, "team_chats": chats, "team_orders": orders,
        "team_demand": demand, "team_desk": desk, "team_leavers": leavers, "team_okrs": okrs,
        "team_months": months, "team_scores": scores, "team_rules": rules, "team_required": required,
    }  # fmt: skip
