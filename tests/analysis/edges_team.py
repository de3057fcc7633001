"""The edge cases of the analyses of teams, and of differences in differences."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import causal, team

CASES: dict[str, Case] = {
    "causal.difference_in_differences": Case(
        ("team_panel",),
        lambda team_panel: causal.difference_in_differences(
            team_panel, outcome="output", unit="team", time="month", treated="coached"
        ),
    ),
    "team.attrition": Case(
        ("team_staff",),
        lambda team_staff: team.attrition(
            team_staff, "2026-01-01", "2026-04-01", by="function", kind="voluntary"
        ),
        times=("team_staff.hired_on", "team_staff.left_on"),
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
    "team.response_rate": Case(
        ("team_chats",),
        lambda team_chats: team.response_rate(team_chats, bots="include", by="shop"),
        times=("team_chats.ts",),
        ids=("team_chats.chat_id",),
    ),
}


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
    staff["left_on"] = staff["left_on"].where(n % 5 < 3)
    staff["reason"] = staff["reason"].where(n % 5 < 3)
    chats = pd.DataFrame(
        {"chat_id": n // 2, "shop": np.where(n % 4 < 2, "tea", "silk"),
         "handler": np.array(["person", "assist", "bot"])[n % 3],
         "ts": pd.Timestamp("2026-06-01 06:00", tz="Asia/Shanghai") + pd.to_timedelta(47 * n, unit="min"),
         "first_response_seconds": pd.array(30 * (n % 9), "Int64")}
    )  # fmt: skip
    chats.loc[n % 11 == 0, "first_response_seconds"] = pd.NA
    return {"team_panel": panel, "team_staff": staff, "team_chats": chats}
