"""The plots of teams and of the service desk, on the course's own data."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
from plot_case import Case, table

from ecomtrain.analysis import service, team

YEAR, JUNE = ("2025-07-01", "2026-07-01"), ("2026-06-03", "2026-07-01")
HALVES = {"before": ("2025-07-01", "2026-01-01"), "after": ("2026-01-01", "2026-07-01")}


def quarter(shop: str, column: str = "2026-04-01") -> pd.DataFrame:
    okrs = table("okrs", shop)
    return okrs[okrs["quarter"] == column]


def at_work(shop: str) -> pd.DataFrame:
    staff = table("staff", shop)
    return staff[staff["left_on"].isna()]


def required() -> pd.DataFrame:
    return pd.DataFrame(
        {"function": ["data", "design", "live", "operations", "service", "warehouse"],
         "data": [4.5, 3, 3, 4, 3, 2.5], "digital": [4, 4, 4, 3.5, 3, 2.5],
         "system": [3.5, 3, 3, 3.5, 3.5, 4], "intelligence": [4, 3.5, 3, 3, 3, 2]}
    )  # fmt: skip


def changes() -> pd.DataFrame:
    kpis = table("kpis", "electronics")
    model = kpis.groupby("team")["talent_model"].transform("any")
    found = {
        name: team.before_after(kpis[rows], numerator="output", denominator="hours", **HALVES)
        for name, rows in {"talent model": model, "other teams": ~model}.items()
    }
    return pd.concat(found.values()).set_axis(list(found))


def months() -> pd.DataFrame:
    staff = table("staff", "social")
    edges = pd.date_range("2026-01-01", "2026-07-01", freq="MS")
    found = [team.attrition(staff, *pair) for pair in pairwise(edges)]
    return pd.concat(found).set_axis([f"{day:%b %Y}" for day in edges[:-1]])


def tenure() -> pd.DataFrame:
    staff = pd.concat([table("staff", "electronics"), table("staff", "social")])
    return team.tenure_curve(staff, "2024-07-01", "2026-07-01", by="shop")


def risk() -> Any:
    staff, day = table("staff", "beauty"), pd.Timestamp("2026-01-01")
    staff = staff[(staff["hired_on"] < day) & ~(staff["left_on"] < day)]
    staff = staff.dropna(subset=["data", "system"])
    band = pd.cut(staff["salary"], [0, 7000, 9000, 99_999], labels=["low pay", "middle", "high pay"])
    staff = staff.assign(left=staff["left_on"].notna(), pay=band.astype(str))
    return team.attrition_risk(staff, columns=["data", "system", "pattern", "salary"], groups=["role", "pay"])


def game() -> Any:
    kpis = table("kpis", "apparel")
    return team.gaming_check(kpis[kpis["month"] >= "2026-01-01"], per="hours", by="game")


def answers() -> Any:
    chats, orders = table("chats", "home"), table("orders", "home")
    return service.response_metrics(chats[chats["ai"]], orders)


def curve() -> pd.DataFrame:
    chats = table("chats", "home")
    busy = pd.concat([chats] * 12)  # a desk for twelve such shops
    return service.staffing(busy, *JUNE, shrinkage=0.3, max_occupancy=0.85)


def shifts() -> Any:
    return service.roster(curve().assign(staff=lambda f: (f["staff"] / 3).round()), "3+3")


def _top(result: pd.DataFrame) -> list[float]:
    row = result.loc[result["monthly_rate"].idxmax()]
    return [100 * row["monthly_rate"], 100 * row["closed_year"], 100 * row["low"], 100 * row["high"]]


def _gap(result: Any) -> list[float]:
    row = result.table.loc[result.table["gap"].idxmin()]
    return [row["gap"], row["required"], 100 * row["coverage"]]


def _bands(result: pd.DataFrame) -> list[float]:
    goals = result[result["kind"] == "objective"]
    return [goals["score"].mean(), *(n for n in goals["band"].value_counts() if n)]


def _stayed(result: Any) -> list[float]:
    fair = result.fairness[result.fairness["attribute"] == "role"]
    return [fair["flagged"].sum(), (fair["fpr"] * fair["n"] * (1 - fair["observed"])).sum()]


CASES: list[Case] = [
    Case("okr", lambda: team.okr_score(quarter("home")), _bands, "analysis.team.okr_score", number="score"),
    Case(
        "okr_alignment",
        lambda: team.okr_alignment(table("okrs", "home"), by="quarter"),
        lambda r: [r.table["linked"].sum(), r.table["team_objectives"].sum()],
        "analysis.team.okr_alignment",
        whole=True,
    ),
    Case(
        "competency_gap",
        lambda: team.competency_gap(at_work("electronics"), required()),
        _gap,
        "analysis.team.competency_gap",
        whole=True,
    ),
    Case(
        "bus_factor",
        lambda: team.bus_factor(at_work("electronics")),
        lambda r: [len(r.table), *((r.table["bus_factor"] == n).sum() for n in (0, 1))],
        "analysis.team.bus_factor",
        whole=True,
    ),
    Case(
        "span_of_control",
        lambda: team.span_of_control(table("staff", "home"), at="2026-06-30"),
        lambda r: [r.managers, r.table["direct_reports"].mean(), 100 * r.management_cost],
        "analysis.team.span_of_control",
        whole=True,
    ),
    Case(
        "before_after",
        changes,
        lambda r: (100 * r[["relative_change", "relative_low", "relative_high"]]).to_numpy().ravel().tolist(),
        "analysis.team.before_after",
    ),
    Case("attrition", months, _top, "analysis.team.attrition", number="monthly_rate"),
    Case(
        "attrition",
        lambda: team.attrition(table("staff", "beauty"), *YEAR, by="function"),
        _top,
        "analysis.team.attrition",
        number="monthly_rate",
    ),
    Case("tenure_curve", tenure, lambda r: [12], "analysis.team.tenure_curve"),
    Case("attrition_risk", risk, _stayed, "analysis.team.attrition_risk", panels=2, whole=True),
    Case(
        "gaming",
        game,
        lambda r: r.table[["spearman", "low", "high"]].to_numpy().ravel().tolist(),
        "analysis.team.gaming_check",
        {"unit": "hour"},
        whole=True,
    ),
    Case(
        "response_metrics",
        answers,
        lambda r: (100 * r.table["response_rate"]).tolist(),
        "analysis.service.response_metrics",
        whole=True,
    ),
    Case(
        "hand_off",
        answers,
        lambda r: (100 * r.chats.loc[0, ["value", "low", "high"]]).tolist(),
        "analysis.service.response_metrics",
        whole=True,
    ),
    Case(
        "staffing",
        curve,
        lambda r: (
            r.loc[[r["load"].idxmax(), r["load"].idxmin()], ["agents", "staff"]].to_numpy().ravel().tolist()
        ),
        "analysis.service.staffing",
        number="load",
    ),
    Case(
        "service_level",
        lambda: service.erlang_c(100, 180, range(9, 19)),
        lambda r: [14, 80, 20, 88.8, 13],
        "analysis.service.erlang_c",
        number="load",
    ),
    Case(
        "roster",
        shifts,
        lambda r: [r.people, 28, 100 * r.spare],
        "analysis.service.roster",
        whole=True,
    ),
]
