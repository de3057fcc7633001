"""Adjusted p values: the library's, and what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from ecomtrain.analysis.experiment import adjust
from ecomtrain.errors import CourseError

NAMES = {"holm": "holm", "bh": "fdr_bh"}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from(list(NAMES)))
@settings(max_examples=20, deadline=None)
def test_they_are_those_of_statsmodels(p, method):
    reject, adjusted, *_ = multipletests(p, 0.05, NAMES[method])
    found = adjust(p, method)
    assert found["p_adjusted"].tolist() == pytest.approx(adjusted.tolist(), rel=1e-12, abs=1e-300)
    assert found["significant"].tolist() == reject.tolist()


def test_holm_by_hand():
    assert adjust([0.01, 0.04, 0.03, 0.005])["p_adjusted"].tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_bh_by_hand():
    assert adjust([0.01, 0.04, 0.03, 0.005], "bh")["p_adjusted"].tolist() == pytest.approx(
        [0.02, 0.04, 0.04, 0.02]
    )


def test_a_test_without_a_p_does_not_count():
    found = adjust({"a": 0.02, "b": np.nan, "c": 0.9})
    assert found["p_adjusted"].tolist() == pytest.approx([0.04, np.nan, 0.9], nan_ok=True)
    assert found["significant"].tolist() == [True, False, False]


def test_holm_keeps_the_chance_of_any_false_alarm():
    rng = np.random.default_rng(1)
    alarms = [adjust(rng.random(8))["significant"].any() for _ in range(600)]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize(
    ("call", "says"),
    [(lambda: adjust([0.1], "hoLm"), "Did you mean 'holm'"), (lambda: adjust([-0.1]), "-0.1 is no p value"),
     (lambda: adjust(["a"]), "not numbers")],
)  # fmt: skip
def test_slips_get_a_clear_sentence(call, says):
    with pytest.raises(CourseError, match=f"experiment.adjust: .*{says}"):
        call()
