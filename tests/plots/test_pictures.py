"""The plots that carry the course look as they did when they were last looked at.

After a change that is meant: ``ECOMTRAIN_PICTURES=write pytest tests/plots/test_pictures.py``. Look at the
pictures in ``tests/plots/pictures/`` before they are committed.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.image import imread
from plot_cases import CASES

from ecomtrain import plots

PICTURES = Path(__file__).with_name("pictures")
CARRYING = [
    *("funnel", "bridge", "experiment", "claim", "attribution", "allocation", "life_stages", "forecast_fan"),
    *("rfm", "cohorts", "qini", "staffing", "weighted_scores"),
]
FIRST = {case.plot: case for case in reversed(CASES)}


@pytest.mark.parametrize("name", CARRYING)
def test_a_plot_that_carries_the_course_looks_as_it_did(name, tmp_path):
    case, kept, drawn = FIRST[name], PICTURES / f"{name}.png", tmp_path / "drawn.png"
    axes = getattr(plots, name)(case.make(), **(case.options or {}))
    figure = np.atleast_1d(np.array(axes, dtype=object)).ravel()[0].figure
    figure.savefig(drawn, dpi=40, metadata={"Software": None})
    plt.close(figure)
    if os.environ.get("ECOMTRAIN_PICTURES") == "write":
        kept.write_bytes(drawn.read_bytes())
    one, other = (coarse(imread(path)[..., :3]) for path in (kept, drawn))
    assert one.shape == other.shape
    assert np.abs(one - other).mean() < 0.01
    assert np.abs(one - other).max() < 0.25


def coarse(picture):
    """Mean colour of each square of eight pixels: another system's fonts move no more than that."""
    height, width = (size // 8 * 8 for size in picture.shape[:2])
    squares = picture[:height, :width].reshape(height // 8, 8, width // 8, 8, 3)
    return squares.mean(axis=(1, 3))
