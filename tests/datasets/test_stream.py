"""A shop written as it comes: the same rows as one made in memory, and never half of it taken for whole."""

import json

import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain import datasets, shop
from ecomtrain.datasets.package import DESCRIPTOR
from ecomtrain.errors import CourseError


@pytest.fixture(scope="module")
def streamed(tmp_path_factory):
    folder, steps = tmp_path_factory.mktemp("shop"), []
    datasets.stream(folder, seed=3, scale=0.02, step=lambda: steps.append(1))
    return folder, len(steps)


def test_it_holds_the_rows_that_make_gives(streamed):
    for name, frame in shop.make(seed=3, scale=0.02).items():
        stored = pq.read_table(streamed[0] / f"{name}.parquet").to_pandas()
        assert len(stored) == len(frame)
        for column in frame:
            assert_frame_equal(stored[[column]], frame[[column]], check_dtype=False, check_index_type=False)


def test_its_descriptor_counts_rows_and_gaps(streamed):
    rows = json.loads((streamed[0] / DESCRIPTOR).read_text(encoding="utf-8"))["resources"]
    assert [row["name"] for row in rows] == datasets.names()
    orders = next(row for row in rows if row["name"] == "orders")
    stored = pq.read_table(streamed[0] / "orders.parquet").to_pandas()
    assert orders["rows"] == len(stored)
    missing = {field["name"]: field["missing"] for field in orders["schema"]["fields"]}
    assert missing == stored.isna().sum().to_dict()


def test_it_takes_as_many_steps_as_it_said(streamed):
    assert streamed[1] == shop.count_pieces(0.02)


def test_a_run_that_is_cut_off_leaves_no_descriptor(tmp_path):
    datasets.stream(tmp_path, seed=1, scale=0.001)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        datasets.stream(tmp_path, seed=1, scale=0.001, step=stop)
    assert not (tmp_path / DESCRIPTOR).exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"scale": 0}, "scale is 0; give a number above 0"),
        ({"scale": 101}, "room for the ids of scale 100 at most"),
        ({"seed": -1}, "seed is -1; give a whole number"),
        ({"truth": {}}, "truth is a dict"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path, asked, words):
    with pytest.raises(CourseError, match=words):
        datasets.stream(tmp_path / "shop", **asked)
    assert not (tmp_path / "shop").exists()
