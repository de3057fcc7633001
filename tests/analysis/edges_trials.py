"""Edge cases of planning an experiment and of its adjustment by what was known before."""

import numpy as np
import pandas as pd
from edges import Case

from ecomtrain.analysis import experiment

CASES = {
    "experiment.cuped": Case(
        ("trials_units",),
        lambda trials_units: experiment.cuped(trials_units, outcome="paid", covariate="before"),
        refuses_currencies=("trials_units",),
    ),
    "experiment.sample_size": Case((), lambda: experiment.sample_size(0.1, change=0.1)),
}


def frames():
    i = np.arange(60)
    before = 20.0 + (7 * i) % 23
    arm = np.where(i % 2, "treatment", "control")
    paid = before + 3 * (i % 2) + i % 5
    return {"trials_units": pd.DataFrame({"visitor_id": i, "arm": arm, "before": before, "paid": paid})}
