"""Funnels and sessions beside retentioneering."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis import funnel, paths

STEPS = ["view", "cart", "checkout", "pay"]
CODE = """
import pandas as pd
from retentioneering import Eventstream
log = pd.DataFrame({"visitor_id": given["who"], "event": given["event"]})
log["ts"] = pd.to_datetime(given["ts"], unit="s")
stream = Eventstream(log, {"path_cols": ["visitor_id"], "event_col": "event", "timestamp_col": "ts"})
steps = stream.funnel_data(["view", "cart", "checkout", "pay"])["steps"]
split = stream.split_sessions(timeout="30m").to_dataframe()
result = {"reached": [s["unique_paths"] for s in steps], "sessions": int(split["session_id"].nunique())}
"""


@pytest.mark.parametrize("seed", [0, 1])
def test_an_ordered_funnel_and_sessions_are_those_of_retentioneering(peer, seed):
    rng = np.random.default_rng(seed)
    n = 4_000
    second = rng.choice(86_400 * 3, n, replace=False)
    log = pd.DataFrame({"visitor_id": rng.integers(0, 300, n), "second": second})
    log["event"] = rng.choice([*STEPS, "search"], n, p=[0.4, 0.2, 0.15, 0.05, 0.2])
    theirs = peer(
        "retentioneering",
        CODE,
        who=log["visitor_id"].tolist(),
        ts=log["second"].tolist(),
        event=log["event"].tolist(),
    )
    log["ts"] = pd.to_datetime(log["second"], unit="s")
    assert funnel.conversion(log, STEPS)["reached"].tolist() == theirs["reached"]
    assert paths.sessionise(log).nunique() == theirs["sessions"]
