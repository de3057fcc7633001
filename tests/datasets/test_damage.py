"""Damaged and missing files: each kind is named, with the command that mends it."""

import json
import random
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecomtrain import datasets
from ecomtrain.datasets import package
from ecomtrain.errors import CourseError

BUILD = r"`ecomtrain build` makes it again\."
ALL = r"`ecomtrain build` makes them again\."


def rewritten(folder, name):
    """Bring the descriptor up to date with a file that a test has changed."""
    path, file = folder / "datapackage.json", folder / f"{name}.parquet"
    made = json.loads(path.read_text(encoding="utf-8"))
    entry = next(row for row in made["resources"] if row["name"] == name)
    entry |= {"bytes": file.stat().st_size, "hash": f"sha256:{package.digest(file)}"}
    path.write_text(json.dumps(made), encoding="utf-8")


def test_a_missing_file(copy):
    (copy / "returns.parquet").unlink()
    with pytest.raises(CourseError, match=rf"returns\.parquet is missing\. {BUILD}"):
        datasets.load("returns")
    with pytest.raises(CourseError, match=rf"verify: .*returns\.parquet is missing\. {ALL}"):
        datasets.verify()
    assert len(datasets.load("shops")) == 10


def test_a_folder_in_the_place_of_a_file(copy):
    (copy / "returns.parquet").unlink()
    (copy / "returns.parquet").mkdir()
    with pytest.raises(CourseError, match=rf"returns\.parquet is missing\. {BUILD}"):
        datasets.load("returns")


@pytest.mark.parametrize("left", [0, 1, 1000])
def test_a_file_cut_short(copy, left):
    path = copy / "returns.parquet"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(
        CourseError, match=rf"returns\.parquet is damaged: {left} bytes, not {size}\. {BUILD}"
    ):
        datasets.load("returns")
    with pytest.raises(
        CourseError, match=rf"verify: .*returns\.parquet is damaged: {left} bytes, not {size}"
    ):
        datasets.verify()


def test_as_many_bytes_that_are_no_parquet(copy):
    path = copy / "returns.parquet"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(CourseError, match=rf"returns\.parquet is damaged \(.*\)\. {BUILD}"):
        datasets.load("returns")


def test_any_single_changed_bit_of_the_rows_is_found_while_loading(copy):
    path = copy / "returns.parquet"
    whole, draw = path.read_bytes(), random.Random(1)
    footer = int.from_bytes(whole[-8:-4], "little")
    for _ in range(50):
        changed = bytearray(whole)
        changed[draw.randrange(4, len(whole) - footer - 8)] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        with pytest.raises(CourseError, match=rf"returns\.parquet is damaged \(.*\)\. {BUILD}"):
            datasets.load("returns")


def test_a_single_changed_byte_is_found_by_verify(copy):
    path = copy / "decisions.parquet"
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    told = rf"verify: .*decisions\.parquet is damaged: its checksum differs\. {ALL}"
    with pytest.raises(CourseError, match=told):
        datasets.verify()


def test_verify_names_every_file_at_once(copy):
    (copy / "returns.parquet").unlink()
    (copy / "shops.parquet").write_bytes(b"")
    with pytest.raises(
        CourseError, match=r"shops\.parquet is damaged: 0 bytes.*; .*returns\.parquet is missing"
    ):
        datasets.verify()


def test_a_wrong_checksum_in_the_descriptor(copy):
    path = copy / "datapackage.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    made["resources"][0]["hash"] = "sha256:" + "0" * 64
    path.write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(
        CourseError, match=rf"verify: .*shops\.parquet is damaged: its checksum differs\. {ALL}"
    ):
        datasets.verify()


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"resources": 3}', '{"resources": [3]}', '{"resources": [{}]}',
     '{"resources": [{"path": "shops.parquet", "bytes": "9", "hash": "", "rows": 1, "schema": {}}]}'],
)  # fmt: skip
def test_a_descriptor_that_cannot_be_read(copy, text):
    (copy / "datapackage.json").write_text(text)
    for call in (lambda: datasets.load("shops"), lambda: datasets.describe("shops"), datasets.verify):
        with pytest.raises(CourseError, match=rf"datapackage\.json cannot be read \(.*\)\. {BUILD}"):
            call()


def test_a_descriptor_of_bytes_that_are_no_text(copy):
    (copy / "datapackage.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CourseError, match=r"datapackage\.json cannot be read \(UnicodeDecodeError"):
        datasets.load("shops")


def test_a_missing_descriptor_is_answered_with_the_places_searched(copy):
    (copy / "datapackage.json").unlink()
    told = rf"there is no datapackage\.json in .*_data or .*data\. {BUILD}"
    for call in (lambda: datasets.load("shops"), datasets.verify, datasets.folder):
        with pytest.raises(CourseError, match=told):
            call()


def test_no_data_at_all(copy):
    shutil.rmtree(copy)
    with pytest.raises(CourseError, match=rf"there is no datapackage\.json in .*_data or .*data\. {BUILD}"):
        datasets.load("shops")


def test_a_file_that_the_descriptor_does_not_list(copy):
    path = copy / "datapackage.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    made["resources"] = [row for row in made["resources"] if row["name"] != "returns"]
    path.write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(CourseError, match=rf"returns\.parquet is not in datapackage\.json\. {BUILD}"):
        datasets.load("returns")


def test_a_table_of_another_version_lacks_a_column(copy):
    path = copy / "shops.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["currency"]), path)
    rewritten(copy, "shops")
    with pytest.raises(CourseError, match=rf"shops\.parquet is damaged \(.*currency.*\)\. {BUILD}"):
        datasets.load("shops")


def test_a_table_of_another_version_holds_another_type(copy):
    path = copy / "decisions.parquet"
    stored = pq.read_table(path)
    place = stored.schema.get_field_index("decision_id")
    pq.write_table(stored.set_column(place, "decision_id", stored["decision_id"].cast(pa.string())), path)
    rewritten(copy, "decisions")
    with pytest.raises(
        CourseError, match=rf"another version: column 'decision_id' holds string, not int64\. {BUILD}"
    ):
        datasets.load("decisions")


def test_a_descriptor_of_another_version(copy):
    path = copy / "datapackage.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    made["resources"][0]["schema"]["fields"].pop()
    path.write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(CourseError, match=rf"describes another version of table 'shops'\. {BUILD}"):
        datasets.describe("shops")


def test_an_installed_copy_is_mended_by_installing_it_again(installed):
    assert datasets.folder() == installed
    assert datasets.verify().index.tolist() == datasets.names()
    (installed / "returns.parquet").unlink()
    with pytest.raises(
        CourseError, match=r"is missing\. `pip install --force-reinstall .*ecomtrain` brings it again"
    ):
        datasets.load("returns")
