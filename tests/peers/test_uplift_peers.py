"""Uplift beside scikit-uplift, on the same scores."""

import numpy as np
import pytest

from ecomtrain.analysis import _uplift

CODE = """
import numpy as np
from sklift.metrics import qini_auc_score, qini_curve, uplift_at_k
y, u, w = (np.array(given[k]) for k in ("y", "u", "w"))
x, gain = qini_curve(y, u, w)
result = {
    "auc": qini_auc_score(y, u, w),
    "top": uplift_at_k(y, u, w, strategy="overall", k=0.3),
    "x": x.tolist(),
    "gain": gain.tolist(),
}
"""


@pytest.mark.parametrize("ties", [False, True])
def test_curve_coefficient_and_uplift_at_k_are_those_of_scikit_uplift(peer, ties):
    rng = np.random.default_rng(3)
    n = 2000
    score = rng.integers(0, 7, n).astype(float) if ties else rng.normal(size=n)
    w = rng.random(n) < 0.4
    y = (rng.random(n) < 0.1 + 0.1 * w * (score > np.median(score))).astype(float)
    theirs = peer(
        "sklift.metrics", CODE, y=y.astype(int).tolist(), u=score.tolist(), w=w.astype(int).tolist()
    )
    curve = _uplift._curve(score, y, w)
    assert (curve["share"] * n).to_numpy() == pytest.approx(theirs["x"])
    assert (curve["gain"] * w.sum()).to_numpy() == pytest.approx(theirs["gain"])
    blind = float(np.trapezoid(curve["blind"], curve["share"]))
    area = float(np.trapezoid(curve["gain"], curve["share"])) - blind
    assert _uplift._coefficient(area, blind, y, w) == pytest.approx(theirs["auc"])
    if not ties:  # with ties, theirs takes the first of equal scores; ours takes all of them
        assert _uplift._top(score, y, w, 0.3, 1.96)[1] == pytest.approx(theirs["top"])
