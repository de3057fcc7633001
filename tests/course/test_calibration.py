"""A small calibration: over a few seeds, sound intervals cover the truth, naive ones of spurious claims miss.

The whole one, over 200 seeds and with its bands, is ``benchmarks/calibration.py``.
"""

import calibration
import pandas as pd
import pytest

from ecomtrain.course import claims

SEEDS = range(1000, 1006)
SHOPS = sorted({claims.claim(key).shop for key in calibration.calibrated()})


@pytest.mark.parametrize("shop", SHOPS)
def test_sound_intervals_cover_the_truth_and_naive_ones_of_spurious_claims_miss_it(shop):
    keys = [key for key in calibration.calibrated() if claims.claim(key).shop == shop]
    found = calibration.summary(
        pd.DataFrame([row for seed in SEEDS for row in calibration.trial(seed, keys)])
    )
    # Of six, two misses of an interval that covers 19 times in 20 are rare, three next to impossible.
    assert found.loc[found["covers"] < 4 / 6].empty
    spurious = found[found["kind"] == "spurious"]
    assert spurious.loc[spurious["naive_misses"] < 4 / 6].empty


CASES = [("C2.F2b", 95, 80), ("C2.F3a", 91, 0), ("C2.F1c", 90, 0), ("C2.T1", 99, 0)]


def test_the_bands_are_what_calibration_means():
    rows = [
        {"claim": key, "seed": seed, "truth": 1.0, "naive": 2.0, "sound": 1.0, "covers": seed < covers,
         "naive_misses": seed < misses}
        for key, covers, misses in CASES
        for seed in range(100)
    ]  # fmt: skip
    assert calibration.summary(pd.DataFrame(rows))["calibrated"].tolist() == [True, True, False, False]


def test_the_committed_calibration_has_every_claim_within_its_bands():
    text = calibration.RESULT.read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in text.splitlines()
        if line.startswith("| C")
    ]
    table = pd.DataFrame(rows).set_index(0)
    assert list(table.index) == calibration.calibrated()
    assert (table[2].astype(int) >= 200).all()
    covers, misses = (table[column].str.rstrip("%").astype(float) / 100 for column in (6, 7))
    assert covers.between(*calibration.COVERS).all()
    assert (misses[table[1] == "spurious"] >= calibration.MISSES).all()
