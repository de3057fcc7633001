"""Loading, and what is said when it cannot be done."""

import json
import shutil
import time

import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from ecomtrain import datasets, shop
from ecomtrain.datasets import package
from ecomtrain.errors import CourseError
from ecomtrain.shop.schema import DTYPES, schema


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Give a copy of the data that a test may damage, laid out as in an installed wheel."""
    installed = tmp_path / "site-packages" / "ecomtrain"
    shutil.copytree(datasets.folder(), installed / "_data")
    monkeypatch.setattr(datasets, "__file__", str(installed / "datasets" / "__init__.py"))
    return installed / "_data"


@pytest.mark.parametrize("name", datasets.names())
def test_a_table_has_the_columns_and_dtypes_of_its_datasheet(name):
    frame = datasets.load(name)
    expected = {column.name: DTYPES[column.kind] for column in schema()[name].columns}
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == expected
    assert len(frame) == datasets.describe(name).attrs["rows"] > 0


def test_the_published_data_are_what_make_and_write_give_byte_for_byte(tmp_path):
    written = datasets.write(tmp_path, shop.make())
    published = sorted(path.name for path in datasets.folder().iterdir())
    assert sorted(path.name for path in written) == published
    different = [
        path.name for path in written if path.read_bytes() != (datasets.folder() / path.name).read_bytes()
    ]
    assert different == []


def test_what_is_written_is_what_is_loaded(tmp_path, monkeypatch):
    tables = shop.make(seed=3, scale=0.01)
    datasets.write(tmp_path / "data", tables)
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "ecomtrain" / "datasets" / "__init__.py"))
    for name, frame in tables.items():
        assert_frame_equal(datasets.load(name), frame)


def test_one_shop_is_a_part_of_the_whole():
    whole = datasets.load("orders")
    part = datasets.load("orders", shop="fmcg")
    assert_frame_equal(part, whole[whole["shop"] == "fmcg"].reset_index(drop=True))


@pytest.mark.parametrize(
    "columns",
    [["paid_at", "session_id"], ["session_id"], "amount", ["order_id", "session_id", "order_id"]],
)
def test_only_the_asked_columns_are_loaded_in_the_asked_order(columns):
    wanted = [columns] if isinstance(columns, str) else list(dict.fromkeys(columns))
    whole = datasets.load("orders", shop="home")
    assert_frame_equal(datasets.load("orders", shop="home", columns=columns), whole[wanted])


def test_a_loaded_table_can_be_changed_without_changing_the_next():
    first = datasets.load("shops")
    first["currency"] = "EUR"
    assert set(datasets.load("shops")["currency"]) == {"CNY"}


def test_the_largest_table_loads_at_once():
    largest = max(datasets.names(), key=lambda name: datasets.describe(name).attrs["rows"])
    # The processor's time, as other tests may run beside this one; reading uses up to two threads.
    begun = time.process_time()
    datasets.load(largest)
    assert time.process_time() - begun < 0.6


@pytest.mark.parametrize("name", ["order", "Orders", "", None, 3])
def test_an_unknown_table_is_answered_with_the_list(name):
    with pytest.raises(CourseError, match=r"load: there is no table .*; the tables are shops, products, "):
        datasets.load(name)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(CourseError, match=r"Did you mean 'order_lines'\?"):
        datasets.load("order_line")
    with pytest.raises(CourseError, match=r"no shop 'Fmcg'; the shops are apparel, .*Did you mean 'fmcg'\?"):
        datasets.load("orders", shop="Fmcg")
    with pytest.raises(CourseError, match=r"no column 'paid'; it has order_id, .*Did you mean 'paid_at'\?"):
        datasets.load("orders", columns=["order_id", "paid"])
    with pytest.raises(CourseError, match=r"describe: there is no table 'event'.*Did you mean 'events'\?"):
        datasets.describe("event")


def test_a_shop_cannot_be_asked_of_a_table_that_all_share():
    with pytest.raises(
        CourseError, match=r"table 'calendar' is the same for all shops; leave shop='home' out"
    ):
        datasets.load("calendar", shop="home")


def test_an_installed_copy_is_found_and_verified(copy):
    assert datasets.folder() == copy
    assert datasets.verify().index.tolist() == datasets.names()
    assert len(datasets.load("shops")) == 10


def test_a_missing_file_is_named_with_the_command_that_makes_it(copy):
    (copy / "returns.parquet").unlink()
    with pytest.raises(CourseError, match=r"returns\.parquet is missing; `ecomtrain build` makes it again"):
        datasets.load("returns")
    with pytest.raises(
        CourseError, match=r"verify: .*returns\.parquet is missing; `ecomtrain build` makes them"
    ):
        datasets.verify()
    assert len(datasets.load("shops")) == 10


def test_a_file_cut_short_is_named(copy):
    path = copy / "returns.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(
        CourseError, match=r"returns\.parquet is damaged: \d+ bytes, not \d+; `ecomtrain build`"
    ):
        datasets.load("returns")


def test_a_file_that_is_no_parquet_is_named(copy):
    path = copy / "returns.parquet"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(CourseError, match=r"returns\.parquet is damaged \(.*`ecomtrain build`"):
        datasets.load("returns")


def test_a_single_changed_byte_is_found_by_verify(copy):
    path = copy / "decisions.parquet"
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(CourseError, match=r"verify: .*decisions\.parquet is damaged"):
        datasets.verify()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"resources": [{}]}'])
def test_a_descriptor_that_cannot_be_read_is_named(copy, text):
    (copy / "datapackage.json").write_text(text)
    with pytest.raises(CourseError, match=r"datapackage\.json cannot be read .*`ecomtrain build`"):
        datasets.load("shops")


def test_no_data_at_all_is_answered_with_the_places_searched(copy):
    shutil.rmtree(copy)
    with pytest.raises(
        CourseError, match=r"there is no datapackage\.json in .*_data or .*data; `ecomtrain build`"
    ):
        datasets.load("shops")


def test_the_descriptor_tells_bytes_checksum_rows_and_licence():
    made = json.loads((datasets.folder() / "datapackage.json").read_text(encoding="utf-8"))
    assert [licence["name"] for licence in made["licenses"]] == ["CC-BY-4.0"]
    for entry in made["resources"]:
        path = datasets.folder() / entry["path"]
        assert entry["bytes"] == path.stat().st_size
        assert entry["hash"] == f"sha256:{package.digest(path)}"
        frame = datasets.load(path.stem)
        assert entry["rows"] == len(frame)
        assert [field["name"] for field in entry["schema"]["fields"]] == list(frame.columns)
        assert [field["missing"] for field in entry["schema"]["fields"]] == frame.isna().sum().tolist()
        assert all(field["description"] for field in entry["schema"]["fields"])


def test_the_data_fit_the_room_they_were_given():
    assert sum(path.stat().st_size for path in datasets.folder().iterdir()) < 10_000_000


def test_every_table_has_a_datasheet():
    text = (datasets.folder() / "README.md").read_text(encoding="utf-8")
    assert all(f"## {name}\n" in text for name in datasets.names())


def test_describe_lists_the_columns_with_what_is_missing():
    table = datasets.describe("orders")
    assert table.loc["session_id", "dtype"] == "Int64"
    assert table.loc["paid_at", "missing"] == datasets.load("orders")["paid_at"].isna().sum()
    assert table.attrs["claims"] == ["C2.F3a", "C2.F3b"]


def test_writing_an_unknown_or_wrong_table_writes_nothing(tmp_path):
    shops = datasets.load("shops")
    with pytest.raises(
        CourseError, match=r"datasets\.write: there is no table 'shop'; .*Did you mean 'shops'\?"
    ):
        datasets.write(tmp_path / "a", {"shop": shops})
    with pytest.raises(CourseError, match=r"column 'currency' is not in the frame"):
        datasets.write(tmp_path / "b", {"shops": shops.drop(columns="currency")})
    with pytest.raises(CourseError, match=r"column 'title' holds int64, not str"):
        datasets.write(tmp_path / "c", {"shops": shops.assign(title=1)})
    assert list(tmp_path.iterdir()) == []


def test_no_file_carries_the_metadata_of_the_pandas_that_made_it():
    assert all(pq.read_schema(path).metadata is None for path in datasets.folder().glob("*.parquet"))
