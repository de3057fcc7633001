"""Attribution against ChannelAttribution: the rules exactly, its simulated chain within its error."""

import numpy as np
import pandas as pd
import pytest

from ecomtrain.analysis.attribution import attribute, compare, removal_effects

PATHS = """
import ChannelAttribution as ca, pandas as pd
frame = pd.DataFrame(given)
frame["null"] = 1 - frame["conv"]
"""


@pytest.fixture(scope="module")
def walks():
    """Journeys of five channels, and the paths that the peer takes."""
    rng = np.random.default_rng(5)
    size = 1 + rng.geometric(0.4, size=3000)
    row = np.repeat(np.arange(3000), size)
    channel = np.array(list("abcde"))[rng.choice(5, p=[0.35, 0.25, 0.2, 0.15, 0.05], size=len(row))]
    last = np.append(row[1:] != row[:-1], True)
    chance = np.where(np.char.equal(channel, "d"), 0.5, 0.15)
    touches = pd.DataFrame(
        {
            "journey_id": row,
            "ts": pd.Timestamp("2026-06-01") + pd.to_timedelta(np.arange(len(row)), unit="min"),
            "channel": channel,
            "converted": last & (rng.random(len(row)) < chance),
        }
    )
    by = touches.groupby("journey_id")
    return touches, by["channel"].agg(" > ".join).tolist(), by["converted"].max().astype(int).tolist()


def test_first_last_and_linear_are_theirs(peer, walks):
    touches, path, conv = walks
    code = PATHS + "result = ca.heuristic_models(frame, 'path', 'conv', flg_pro=False).to_dict('list')"
    theirs = pd.DataFrame(peer("ChannelAttribution", code, path=path, conv=conv)).set_index("channel_name")
    ours = compare(touches, ["first", "last", "linear"], measure="conversions")
    for model in ours:
        column = next(
            name for name in theirs if name.startswith(f"{model}_touch") or name == f"{model}_touch"
        )
        assert ours[model].to_numpy() == pytest.approx(theirs[column].loc[ours.index].to_numpy(), rel=1e-9)


def test_the_exact_chain_lies_within_the_error_of_their_simulation(peer, walks):
    touches, path, conv = walks
    code = (
        PATHS
        + """
found = ca.markov_model(frame, "path", "conv", var_null="null", out_more=True, nsim_start=1e6,
                        conv_par=0.01, verbose=False, flg_pro=False)
result = {"conversions": found["result"].set_index("channel_name").iloc[:, 0].to_dict(),
          "effects": found["removal_effects"].set_index("channel_name").iloc[:, 0].to_dict()}
"""
    )
    theirs = peer("ChannelAttribution", code, path=path, conv=conv)
    ours = attribute(touches)["conversions"]
    assert ours.to_dict() == pytest.approx(theirs["conversions"], abs=0.005 * sum(conv))
    assert removal_effects(touches)["removal_effect"].to_dict() == pytest.approx(theirs["effects"], abs=0.01)
